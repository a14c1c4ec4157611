/*
 * mean.c: the average along one axis, which disappears.
 *
 *     y[o, i]     = 1/L sum_l x[o, l, i]
 *     dx[o, l, i] = dy[o, i] / L
 *
 * x of any shape, L places on `axis`; y has x's shape without it.  Sums are in
 * double, in the order of l.
 *
 * Source: the temporal and joint averages of Sym-GNN sections 5.1.2 and 5.2.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/arithmetic/reduce.h"

GOP_VECTOR static void accumulate(double *restrict sum, const gop_real *restrict x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sum[i] += (double)x[i];
}

GOP_VECTOR static void multiply(gop_real *restrict to, const gop_real *restrict from, gop_real by,
                                size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = by * from[i];
}

GOP_VECTOR static void multiply_add(gop_real *restrict to, const gop_real *restrict from,
                                    gop_real by, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] += by * from[i];
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
        (r->add[0] ? multiply_add : multiply)(r->din[0] + at->x + l * at->inner, r->dout + at->y,
                                              by, at->n);
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

/* ------------------------------------------------------------------------- cases */

static gop_var build_frames(gop_net *net, const gop_var *in)
{
    return gop_mean(net, in[0], 2);
}

static void naive_frames(gop_real *out, const gop_real *const *in)
{
    for (int row = 0; row < 2 * 3; row++)
        for (int c = 0; c < 7; c++) {
            double sum = 0;
            for (int t = 0; t < 5; t++)
                sum += (double)in[0][(row * 5 + t) * 7 + c];
            out[row * 7 + c] = (gop_real)(sum / 5);
        }
}

/* More inner places than one block, and down to a scalar. */
static gop_var build_all(gop_net *net, const gop_var *in)
{
    return gop_mean(net, gop_mean(net, in[0], 0), 0);
}

static void naive_all(gop_real *out, const gop_real *const *in)
{
    double sum = 0;
    for (int i = 0; i < 3 * 301; i++)
        sum += (double)in[0][i];
    out[0] = (gop_real)(sum / (3 * 301));
}

static const gop_case cases[] = {
    {.name = "frames",
     .n_in = 1,
     .in = {{4, {2, 3, 5, 7}}},
     .build = build_frames,
     .naive = naive_frames},
    {.name = "to a scalar",
     .n_in = 1,
     .in = {{2, {3, 301, 1, 1}}},
     .build = build_all,
     .naive = naive_all},
    {.name = NULL},
};

const gop_op gop_op_mean = {
    .name = "mean",
    .attr_size = sizeof(gop_reduce_attributes),
    .plan = gop_reduce_plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
};

/*: The average along an axis.
 *
 *     y[o, i] = 1/L sum_l x[o, l, i]
 *
 * x of any shape, 0 <= axis < rank; y has x's shape without the axis.
 */
GOP_API gop_var gop_mean(gop_net *net, gop_var x, int axis)
{
    gop_reduce_attributes a = {axis};
    return gop_apply(net, &gop_op_mean, &a, &x, 1);
}
