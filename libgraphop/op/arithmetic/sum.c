/*
 * sum.c: the sum along one axis, which is removed.
 *
 *     y[o, i]     = sum_l x[o, l, i]
 *     dx[o, l, i] = dy[o, i]
 *
 * x of any shape, with size L on `axis`; y has x's shape without it.  Sums are in double: in the
 * order of l, or along the last axis in lanes of fixed order.
 *
 * Source: as mean.c.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/arithmetic/reduce.h"
#include "op/rows.h"
#include "op/per_frame.h"

/* y[k] = sum of x[l, k] over `length` rows that are `row` apart. */
GOP_VECTOR static void sum_rows(gop_real *restrict y, const gop_real *restrict x, size_t length,
                                size_t row, size_t n)
{
    double sum[GOP_REDUCE_BLOCK];
    for (size_t k = 0; k < n; k++)
        sum[k] = 0;
    for (size_t l = 0; l < length; l++)
        for (size_t k = 0; k < n; k++)
            sum[k] += (double)x[l * row + k];
    for (size_t k = 0; k < n; k++)
        y[k] = (gop_real)sum[k];
}

GOP_VECTOR static void spread_line(gop_real *dx, gop_real dy, size_t n, bool add)
{
    for (size_t i = 0; i < n; i++)
        GOP_PUT(dx[i], add, dy);
}

static void add_up(const gop_run *r, const gop_reduce_at *at)
{
    const gop_real *x = r->in[0] + at->x;
    if (at->inner == 1)
        r->out[at->y] = (gop_real)gop_row_sum(x, at->length);
    else
        sum_rows(r->out + at->y, x, at->length, at->inner, at->n);
}

static void spread(const gop_run *r, const gop_reduce_at *at)
{
    gop_real *dx = r->din[0] + at->x;
    const gop_real *dy = r->dout + at->y;
    if (at->inner == 1)
        spread_line(dx, *dy, at->length, r->add[0]);
    else
        for (size_t l = 0; l < at->length; l++)
            gop_move(dx + l * at->inner, dy, at->n, r->add[0]);
}

static void forward(const gop_run *r)
{
    gop_reduce_run(r, add_up);
}

static void backward(const gop_run *r)
{
    if (r->din[0] != NULL)
        gop_reduce_run(r, spread);
}

static gop_status step(gop_op_step *s)
{
    return gop_step_reduce(s, ((const gop_reduce_attributes *)s->attr)->axis, GOP_REDUCE_SUM);
}

/* ------------------------------------------------------------------------- cases */

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const gop_reduce_attributes *a = attr;
    const int last = in[0].shape.rank - 1;
    const gop_span s = gop_span_of(in[0].shape, a->axis < 0 ? last : a->axis);
    for (size_t o = 0; o < s.outer; o++)
        for (size_t i = 0; i < s.inner; i++) {
            double sum = 0;
            for (size_t l = 0; l < s.length; l++)
                sum += (double)in[0].v[(o * s.length + l) * s.inner + i];
            y.v[o * s.inner + i] = (gop_real)(sum);
        }
}

static const gop_case cases[] = {
    {"nodes", .in = {{4, {2, 3, 5, 7}}}, .attr = &(gop_reduce_attributes){1},
     .bench = {{4, {32, 26, 25, 64}}}},
    {"channels", .in = {{3, {3, 5, 19}}}, .attr = &(gop_reduce_attributes){2}},
    {"more inner places than one block", .in = {{2, {3, 301}}},
     .attr = &(gop_reduce_attributes){0}},
    {"to a scalar", .in = {{1, {301}}}, .attr = &(gop_reduce_attributes){0}},
    {0},
};

const gop_op gop_op_sum = {
    .name = "sum",
    .attr_size = sizeof(gop_reduce_attributes),
    .plan = gop_reduce_plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
    .step = step,
};

/*: The sum along an axis.
 *
 *     y[o, i] = sum_l x[o, l, i]
 *
 * x of any shape, 0 <= axis < rank, or -1 for the last; y has x's shape without the axis.
 */
GOP_API gop_var gop_sum(gop_net *net, gop_var x, int axis)
{
    gop_reduce_attributes a = {gop_axis_of(net, x, axis)};
    return gop_apply(net, &gop_op_sum, &a, &x, 1);
}
