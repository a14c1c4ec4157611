/*
 * maximum.c: the larger of two values, element by element.
 *
 *     y  = max(a, b)
 *     da = dy where a >= b or a is NaN, else 0
 *     db = dy elsewhere
 *
 * The shapes of a and b are broadcast (op/arithmetic/broadcast.h); y has the result.  A NaN in
 * a or b is the result.
 *
 * Source: maxout (Goodfellow et al. 2013).
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/arithmetic/broadcast.h"

static gop_status plan(gop_op_plan *p)
{
    gop_try(gop_op_count(p, 2, 2));
    return gop_broadcast_plan(p);
}

GOP_TILE_LOOP(value, a >= b || a != a ? a : b)
GOP_TILE_LOOP(slope_a, a >= b || a != a ? dy[i] : 0)
GOP_TILE_LOOP(slope_b, a >= b || a != a ? 0 : dy[i])

static const gop_tile_fn slope[2] = {slope_a, slope_b};

static void rows(const gop_run *r, size_t from, size_t to)
{
    gop_broadcast_rows(r, from, to, value);
}

static void rows_back(const gop_run *r, size_t from, size_t to)
{
    gop_broadcast_rows_back(r, from, to, slope);
}

static void backward(const gop_run *r)
{
    gop_broadcast_backward(r, slope);
}

/* ------------------------------------------------------------------------- cases */

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    (void)attr;
    for (size_t k = 0; k < gop_shape_size(y.shape); k++) {
        const gop_real a = in[0].v[gop_broadcast_at(in[0].shape, y.shape, k)];
        const gop_real b = in[1].v[gop_broadcast_at(in[1].shape, y.shape, k)];
        y.v[k] = b > a ? b : a;
    }
}

/* Away from a = b, where the slope jumps: the integers of one are at least 0.1 from the other. */
#define A_SLOPES .range = {{0.1, 0.9}, {0, 2}}, .integers = 1 << 1
#define B_SLOPES .range = {{0, 2}, {0.1, 0.9}}, .integers = 1 << 0

static const gop_case cases[] = {
    {"both", .in = {{2, {3, 5}}, {2, {3, 5}}}, .bench = {{2, {3, 5}}, {2, {3, 5}}}},
    {"one shape, a", .in = {{4, {2, 3, 5, 7}}, {4, {2, 3, 5, 7}}}, A_SLOPES},
    {"one shape, b", .in = {{4, {2, 3, 5, 7}}, {4, {2, 3, 5, 7}}}, B_SLOPES},
    {"a number for each edge, b", .in = {{2, {1301, 19}}, {2, {1301, 1}}}, B_SLOPES},
    {"rows and columns, a", .in = {{2, {13, 1}}, {2, {1, 29}}}, A_SLOPES},
    {"channels, b", .in = {{2, {9000, 5}}, {1, {5}}}, B_SLOPES},
    {0},
};

const gop_op gop_op_maximum = {
    .name = "maximum",
    .flags = GOP_OP_INPLACE | GOP_OP_ELEMENTWISE | GOP_OP_INPLACE_GRAD | GOP_OP_NEEDS_IN,
    .plan = plan,
    .rows = rows,
    .rows_back = rows_back,
    .backward = backward,
    .cases = cases,
    .naive = naive,
};

/*: The larger of two values, element by element.
 *
 *     y = max(a, b)
 *
 * Where a = b the gradient goes to a.  The result is NaN if a or b is.
 * The shapes of a and b are broadcast: aligned at the last axis, where an axis that one lacks or
 * has with size 1 repeats.  y has the resulting shape.
 * Errors: GOP_ESHAPE if two sizes differ and neither is 1; GOP_ENOMEM if y is too large.
 */
GOP_API gop_var gop_maximum(gop_net *net, gop_var a, gop_var b)
{
    gop_var in[2] = {a, b};
    return gop_apply(net, &gop_op_maximum, NULL, in, 2);
}
