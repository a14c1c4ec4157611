/*
 * mask.c: nodes, edges and the parts of adjacencies that are missing put to zero.
 *
 *     nodes, edges   y[n, m, ...]     = x[n, m, ...]     where mask[n, m] is not 0, else 0
 *     adjacency      y[n, ..., i, j]  = A[n, ..., i, j]  where mask[n, i] and mask[n, j] are
 *                                                        not 0, else 0
 *     dx, dA: dy at the same places, else 0
 *
 * The mask is [N, M], or [M] for all samples; y has the shape of x or A and may be written
 * over it.  What is missing may hold anything, a NaN too.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/op.h"

/* Whether the mask is of n samples of m items, or of m items. */
static bool fits(gop_shape mask, size_t n, size_t m)
{
    return gop_shape_equal(mask, gop_shape1(m)) || gop_shape_equal(mask, gop_shape2(n, m));
}

static gop_status plan(gop_op_plan *p)
{
    char a[80], b[80];
    gop_status s = gop_op_count(p, 2, 2);
    if (s != GOP_OK)
        return s;
    gop_shape x = p->in[0], mask = p->in[1];
    if (x.rank < 2 || !fits(mask, x.dim[0], x.dim[1]))
        return gop_fail(p->err, GOP_ESHAPE, "mask %s must be [N, M] or [M] for x %s = [N, M, ...]",
                        gop_shape_text(a, sizeof a, mask), gop_shape_text(b, sizeof b, x));
    p->out = x;
    return GOP_OK;
}

static gop_status plan_adjacency(gop_op_plan *p)
{
    char a[80], b[80];
    gop_status s = gop_op_count(p, 2, 2);
    if (s != GOP_OK)
        return s;
    gop_shape A = p->in[0], mask = p->in[1];
    const bool square = A.rank >= 2 && A.dim[A.rank - 1] == A.dim[A.rank - 2];
    if (!square || !fits(mask, A.rank > 2 ? A.dim[0] : 1, A.dim[A.rank - 1]))
        return gop_fail(p->err, GOP_ESHAPE,
                        "mask %s must be [N, M] or [M] for A %s = [M, M], "
                        "[N, M, M] or [N, H, M, M]",
                        gop_shape_text(a, sizeof a, mask), gop_shape_text(b, sizeof b, A));
    p->out = A;
    return GOP_OK;
}

/* Elements [begin, end), from item to item: to (+)= from where there is one; to may be
 * from. */
static void pass(const gop_run *r, gop_real *to, const gop_real *from, size_t begin, size_t end,
                 bool add)
{
    const gop_shape x = r->in_shape[0];
    const size_t row = gop_span_of(x, 1).inner;
    while (begin < end) {
        const size_t item = begin / row, n = gop_size_min(end, (item + 1) * row) - begin;
        const bool there = r->in[1][r->in_shape[1].rank == 2 ? item : item % x.dim[1]] != 0;
        if (there && to != from)
            gop_move(to + begin, from + begin, n, add);
        if (!there && !add)
            memset(to + begin, 0, n * sizeof *to);
        begin += n;
    }
}

/* The same of an adjacency, from row to row. */
static void pass_rows(const gop_run *r, gop_real *to, const gop_real *from, size_t begin,
                      size_t end, bool add)
{
    const gop_shape A = r->in_shape[0];
    const size_t m = A.dim[A.rank - 1], rows = A.rank == 4 ? A.dim[1] * m : m; /* of a sample */
    while (begin < end) {
        const size_t row = begin / m, first = begin % m, n = gop_size_min(end - begin, m - first);
        const gop_real *mask = r->in[1] + (r->in_shape[1].rank == 2 ? row / rows * m : 0);
        const bool there = mask[row % m] != 0;
        for (size_t k = 0; k < n; k++) {
            const gop_real v = there && mask[first + k] != 0 ? from[begin + k] : 0;
            to[begin + k] = add ? to[begin + k] + v : v;
        }
        begin += n;
    }
}

/* A mask of x's shape may be worked on together with x, and others add to its gradient
 * range by range. */
static void mask_back(const gop_run *r, size_t from, size_t to)
{
    if (!gop_shape_equal(r->in_shape[0], r->in_shape[1])) {
        if (from == 0)
            gop_no_gradient(r, 1);
    } else if (r->din[1] != NULL && !r->add[1]) {
        memset(r->din[1] + from, 0, (to - from) * sizeof(gop_real));
    }
}

static void rows(const gop_run *r, size_t from, size_t to)
{
    pass(r, r->out, r->in[0], from, to, false);
}

static void rows_back(const gop_run *r, size_t from, size_t to)
{
    if (r->din[0] != NULL)
        pass(r, r->din[0], r->dout, from, to, r->add[0]);
    mask_back(r, from, to);
}

static void adjacency_rows(const gop_run *r, size_t from, size_t to)
{
    pass_rows(r, r->out, r->in[0], from, to, false);
}

static void adjacency_rows_back(const gop_run *r, size_t from, size_t to)
{
    if (r->din[0] != NULL)
        pass_rows(r, r->din[0], r->dout, from, to, r->add[0]);
    mask_back(r, from, to);
}

/* ------------------------------------------------------------------------- cases */

static gop_var build(gop_net *net, const gop_var *in)
{
    return gop_mask_nodes(net, in[0], in[1]);
}

static gop_var build_edges(gop_net *net, const gop_var *in)
{
    return gop_mask_edges(net, in[0], in[1]);
}

static gop_var build_adjacency(gop_net *net, const gop_var *in)
{
    return gop_mask_adjacency(net, in[0], in[1]);
}

static void naive_items(gop_real *out, const gop_real *const *in, int items, int of, int row)
{
    for (int item = 0; item < items; item++)
        for (int k = 0; k < row; k++)
            out[item * row + k] = in[1][item % of] != 0 ? in[0][item * row + k] : 0;
}

static void naive(gop_real *out, const gop_real *const *in)
{
    naive_items(out, in, 3 * 4, 3 * 4, 2 * 5);
}

static void naive_shared(gop_real *out, const gop_real *const *in)
{
    naive_items(out, in, 3 * 4, 4, 2 * 5);
}

static void naive_flat(gop_real *out, const gop_real *const *in)
{
    naive_items(out, in, 5 * 1, 5 * 1, 1);
}

static void naive_edges(gop_real *out, const gop_real *const *in)
{
    naive_items(out, in, 2 * 6, 2 * 6, 3);
}

static void naive_edges_shared(gop_real *out, const gop_real *const *in)
{
    naive_items(out, in, 2 * 6, 6, 3);
}

/* A of so many samples, or one that all share, and heads. */
static void naive_square(gop_real *out, const gop_real *const *in, int samples, int heads, int m,
                         bool own_A, bool own_mask)
{
    for (int n = 0; n < samples; n++)
        for (int h = 0; h < heads; h++)
            for (int i = 0; i < m; i++)
                for (int j = 0; j < m; j++) {
                    const gop_real *mask = in[1] + (own_mask ? n * m : 0);
                    const gop_real a = in[0][(((own_A ? n : 0) * heads + h) * m + i) * m + j];
                    out[((n * heads + h) * m + i) * m + j] = mask[i] != 0 && mask[j] != 0 ? a : 0;
                }
}

static void naive_matrix(gop_real *out, const gop_real *const *in)
{
    naive_square(out, in, 1, 1, 5, true, false);
}

static void naive_samples(gop_real *out, const gop_real *const *in)
{
    naive_square(out, in, 3, 1, 5, true, true);
}

static void naive_heads(gop_real *out, const gop_real *const *in)
{
    naive_square(out, in, 2, 3, 4, true, true);
}

static void naive_heads_shared(gop_real *out, const gop_real *const *in)
{
    naive_square(out, in, 2, 3, 4, true, false);
}

static void naive_matrix_own(gop_real *out, const gop_real *const *in)
{
    naive_square(out, in, 3, 1, 5, false, true);
}

static const gop_case cases[] = {
    {.name = "one a sample",
     .in = {{4, {3, 4, 2, 5}}, {2, {3, 4}}},
     .range = {[1] = {0, 2}},
     .integers = 1 << 1,
     .build_old = build,
     .naive_old = naive},
    {.name = "shared",
     .in = {{4, {3, 4, 2, 5}}, {1, {4}}},
     .range = {[1] = {0, 2}},
     .integers = 1 << 1,
     .build_old = build,
     .naive_old = naive_shared},
    {.name = "one node, without frames",
     .in = {{2, {5, 1}}, {2, {5, 1}}},
     .range = {[1] = {0, 2}},
     .integers = 1 << 1,
     .build_old = build,
     .naive_old = naive_flat},
    {.name = NULL},
};

static const gop_case edge_cases[] = {
    {.name = "one a sample",
     .in = {{3, {2, 6, 3}}, {2, {2, 6}}},
     .range = {[1] = {0, 2}},
     .integers = 1 << 1,
     .build_old = build_edges,
     .naive_old = naive_edges},
    {.name = "shared",
     .in = {{3, {2, 6, 3}}, {1, {6}}},
     .range = {[1] = {0, 2}},
     .integers = 1 << 1,
     .build_old = build_edges,
     .naive_old = naive_edges_shared},
    {.name = NULL},
};

static const gop_case adjacency_cases[] = {
    {.name = "matrix",
     .in = {{2, {5, 5}}, {1, {5}}},
     .range = {[1] = {0, 2}},
     .integers = 1 << 1,
     .build_old = build_adjacency,
     .naive_old = naive_matrix},
    {.name = "one a sample",
     .in = {{3, {3, 5, 5}}, {2, {3, 5}}},
     .range = {[1] = {0, 2}},
     .integers = 1 << 1,
     .build_old = build_adjacency,
     .naive_old = naive_samples},
    {.name = "heads",
     .in = {{4, {2, 3, 4, 4}}, {2, {2, 4}}},
     .range = {[1] = {0, 2}},
     .integers = 1 << 1,
     .build_old = build_adjacency,
     .naive_old = naive_heads},
    {.name = "heads, shared mask",
     .in = {{4, {2, 3, 4, 4}}, {1, {4}}},
     .range = {[1] = {0, 2}},
     .integers = 1 << 1,
     .build_old = build_adjacency,
     .naive_old = naive_heads_shared},
    {.name = "matrix, masks of samples",
     .in = {{2, {5, 5}}, {2, {3, 5}}},
     .range = {[1] = {0, 2}},
     .integers = 1 << 1,
     .build_old = build_adjacency,
     .naive_old = naive_matrix_own},
    {.name = NULL},
};

const gop_op gop_op_mask_nodes = {
    .name = "mask_nodes",
    .flags = GOP_OP_INPLACE | GOP_OP_NEEDS_IN | GOP_OP_ELEMENTWISE,
    .plan = plan,
    .rows = rows,
    .rows_back = rows_back,
    .cases = cases,
};

const gop_op gop_op_mask_edges = {
    .name = "mask_edges",
    .flags = GOP_OP_INPLACE | GOP_OP_NEEDS_IN | GOP_OP_ELEMENTWISE,
    .plan = plan,
    .rows = rows,
    .rows_back = rows_back,
    .cases = edge_cases,
};

const gop_op gop_op_mask_adjacency = {
    .name = "mask_adjacency",
    .flags = GOP_OP_INPLACE | GOP_OP_NEEDS_IN | GOP_OP_ELEMENTWISE,
    .plan = plan_adjacency,
    .rows = adjacency_rows,
    .rows_back = adjacency_rows_back,
    .cases = adjacency_cases,
};

/*: Missing nodes, and bodies, put to zero.
 *
 *     y[n, m, ...] = x[n, m, ...] where mask[n, m] is not 0, else 0
 *
 * x [N, M, ...], such as [N, M, T, C], mask [N, M], or [M] for all samples; y as x.  A
 * missing node may hold anything, a NaN too.  gop_masked_mean, and gop_pool with a part
 * number of -1, leave missing nodes out of a mean.  No gradient to `mask`.
 * Errors: GOP_ESHAPE when mask does not fit x.
 */
GOP_API gop_var gop_mask_nodes(gop_net *net, gop_var x, gop_var mask)
{
    gop_var in[2] = {x, mask};
    return gop_apply(net, &gop_op_mask_nodes, NULL, in, 2);
}

/*: Missing edges put to zero.
 *
 *     y[n, e, :] = q[n, e, :] where mask[n, e] is not 0, else 0
 *
 * q [N, E, C], mask [N, E], or [E] for all samples; y as q.  A missing edge may hold
 * anything, a NaN too.  No gradient to `mask`.
 * Errors: GOP_ESHAPE when mask does not fit q.
 */
GOP_API gop_var gop_mask_edges(gop_net *net, gop_var q, gop_var mask)
{
    gop_var in[2] = {q, mask};
    return gop_apply(net, &gop_op_mask_edges, NULL, in, 2);
}

/*: The rows and columns of missing nodes put to zero.
 *
 *     y[n, ..., i, j] = A[n, ..., i, j] where mask[n, i] and mask[n, j] are not 0, else 0
 *
 * A [M, M], [N, M, M] or [N, H, M, M], mask [N, M], or [M] for all samples; y as A, or
 * [N, M, M] of A [M, M] and a mask [N, M].  Rows are not normalised again.  No gradient
 * to `mask`.
 * Errors: GOP_ESHAPE when mask does not fit A.
 */
GOP_API gop_var gop_mask_adjacency(gop_net *net, gop_var A, gop_var mask)
{
    const gop_shape a = gop_net_shape(net, A), m = gop_net_shape(net, mask);
    if (a.rank == 2 && m.rank == 2 && a.dim[0] == a.dim[1] && m.dim[1] == a.dim[1])
        A = gop_repeat(net, gop_reshape(net, A, gop_shape3(1, a.dim[0], a.dim[1])), 0, m.dim[0]);
    gop_var in[2] = {A, mask};
    return gop_apply(net, &gop_op_mask_adjacency, NULL, in, 2);
}
