/*
 * mask_adjacency.c: sets the rows and columns of missing nodes to zero.
 *
 *     y[n, ..., i, j] = A[n, ..., i, j] where mask[n, i] and mask[n, j] are not 0, else 0
 *
 * A [M, M], [N, M, M] or [N, H, M, M]; mask [M] or [N, M].  A composite of two masks, after a
 * repeat if A is shared and the mask is not.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/op.h"

/*: Sets the rows and columns of missing nodes to zero.
 *
 *     y[n, ..., i, j] = A[n, ..., i, j] where mask[n, i] and mask[n, j] are not 0, else 0
 *
 * A [M, M], [N, M, M] or [N, H, M, M]; mask [N, M], or [M] for all samples; y has the shape of A,
 * or [N, M, M] for A [M, M] with a mask [N, M].  Rows are not normalised again.  No gradient to
 * `mask`.
 * Errors: GOP_ESHAPE if mask does not fit A.
 */
GOP_API gop_var gop_mask_adjacency(gop_net *net, gop_var A, gop_var mask)
{
    const gop_shape a = gop_net_shape(net, A), m = gop_net_shape(net, mask);
    gop_var in[2] = {A, mask};
    const bool square = a.rank >= 2 && a.dim[a.rank - 1] == a.dim[a.rank - 2];
    const bool fits = m.rank == 1 || (m.rank == 2 && (a.rank == 2 || m.dim[0] == a.dim[0]));
    if (!square || !fits || m.dim[m.rank - 1] != a.dim[a.rank - 1])
        return gop_net_refuse(net, "mask_adjacency", in, 2, GOP_ESHAPE,
                              "mask must be [N, M] or [M] for A = [M, M], [N, M, M] or "
                              "[N, H, M, M]");
    if (a.rank == 2 && m.rank == 2)
        A = gop_repeat(net, gop_reshape(net, A, gop_shape3(1, a.dim[0], a.dim[1])), 0, m.dim[0]);
    const int rank = gop_net_shape(net, A).rank;
    return gop_mask(net, gop_mask(net, A, rank - 2, mask), rank - 1, mask);
}

/* ------------------------------------------------------------------------- cases */

static gop_var build(gop_net *net, const gop_var *in, const void *attr)
{
    (void)attr;
    return gop_mask_adjacency(net, in[0], in[1]);
}

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const gop_shape A = in[0].shape;
    const size_t m = A.dim[A.rank - 1], all = gop_shape_size(y.shape);
    const size_t sample = y.shape.rank > 2 ? all / y.shape.dim[0] : all;
    (void)attr;
    for (size_t k = 0; k < all; k++) {
        const gop_real *mask = in[1].v + (in[1].shape.rank == 2 ? k / sample * m : 0);
        if (mask[k / m % m] != 0 && mask[k % m] != 0)
            y.v[k] = in[0].v[k % gop_shape_size(A)];
    }
}

static const gop_case cases[] = {
    {"matrix", .in = {{2, {5, 5}}, {1, {5}}}, .range = {[1] = {0, 2}}, .integers = 1 << 1,
     .build = build},
    {"one a sample", .in = {{3, {3, 5, 5}}, {2, {3, 5}}}, .range = {[1] = {0, 2}},
     .integers = 1 << 1, .build = build, .bench = {{3, {256, 26, 26}}, {2, {256, 26}}}},
    {"heads", .in = {{4, {2, 3, 4, 4}}, {2, {2, 4}}}, .range = {[1] = {0, 2}}, .integers = 1 << 1,
     .build = build},
    {"heads, shared mask", .in = {{4, {2, 3, 4, 4}}, {1, {4}}}, .range = {[1] = {0, 2}},
     .integers = 1 << 1, .build = build},
    {"matrix, masks of samples", .in = {{2, {5, 5}}, {2, {3, 5}}}, .range = {[1] = {0, 2}},
     .integers = 1 << 1, .build = build},
    {0},
};

const gop_op gop_op_mask_adjacency = {
    .name = "mask_adjacency",
    .flags = GOP_OP_COMPOSITE,
    .cases = cases,
    .naive = naive,
};
