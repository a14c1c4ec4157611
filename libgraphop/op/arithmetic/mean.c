/*
 * mean.c: the average along one axis, which is removed.
 *
 *     y[o, i]     = 1/L sum_l x[o, l, i]
 *     dx[o, l, i] = dy[o, i] / L
 *
 * x of any shape, with size L on `axis`; y has x's shape without it.  Sums are in double, in the
 * order of l.
 *
 * Source: the temporal and joint averages of Sym-GNN sections 5.1.2 and 5.2.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/arithmetic/reduce.h"
#include "op/per_frame.h"

GOP_VECTOR static void accumulate(double *restrict sum, const gop_real *restrict x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sum[i] += (double)x[i];
}

GOP_VECTOR static void multiply(gop_real *restrict to, const gop_real *restrict from, gop_real by,
                                size_t n, bool add)
{
    for (size_t i = 0; i < n; i++)
        GOP_PUT(to[i], add, by * from[i]);
}

static void average(const gop_run *r, const gop_reduce_at *at)
{
    const gop_real *x = r->in[0] + at->x;
    gop_real *y = r->out + at->y;
    double sum[GOP_REDUCE_BLOCK];
    memset(sum, 0, at->n * sizeof *sum);
    for (size_t l = 0; l < at->length; l++)
        accumulate(sum, x + l * at->inner, at->n);
    for (size_t k = 0; k < at->n; k++)
        y[k] = (gop_real)(sum[k] / (double)at->length);
}

static void spread(const gop_run *r, const gop_reduce_at *at)
{
    const gop_real by = 1 / (gop_real)at->length;
    for (size_t l = 0; l < at->length; l++)
        multiply(r->din[0] + at->x + l * at->inner, r->dout + at->y, by, at->n, r->add[0]);
}

static void forward(const gop_run *r)
{
    gop_reduce_run(r, average);
}

static void backward(const gop_run *r)
{
    if (r->din[0] != NULL)
        gop_reduce_run(r, spread);
}

static gop_status step(gop_op_step *s)
{
    return gop_step_reduce(s, ((const gop_reduce_attributes *)s->attr)->axis, GOP_REDUCE_MEAN);
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
            y.v[o * s.inner + i] = (gop_real)(sum / (double)s.length);
        }
}

static const gop_case cases[] = {
    {"frames", .in = {{4, {2, 3, 5, 7}}}, .attr = &(gop_reduce_attributes){2},
     .bench = {{4, {32, 26, 25, 64}}}},
    {"more inner places than one block", .in = {{2, {3, 301}}},
     .attr = &(gop_reduce_attributes){0}},
    {"to a scalar", .in = {{1, {301}}}, .attr = &(gop_reduce_attributes){0}},
    {0},
};

const gop_op gop_op_mean = {
    .name = "mean",
    .attr_size = sizeof(gop_reduce_attributes),
    .plan = gop_reduce_plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
    .step = step,
};

/*: The average along an axis.
 *
 *     y[o, i] = 1/L sum_l x[o, l, i]
 *
 * x of any shape, 0 <= axis < rank, or -1 for the last; y has x's shape without the axis.
 */
GOP_API gop_var gop_mean(gop_net *net, gop_var x, int axis)
{
    gop_reduce_attributes a = {gop_axis_of(net, x, axis)};
    return gop_apply(net, &gop_op_mean, &a, &x, 1);
}
