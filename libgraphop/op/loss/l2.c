/*
 * l2.c: the squared distance of two values.
 *
 *     y  = w sum_i (a_i - b_i)^2,   w = 1 / (number of elements)  or  1 / N
 *     da = 2 w (a - b) dy,          db = -da
 *
 * a and b of one shape; y a scalar.  N is the first dimension, the batch.  With
 * the mean over all elements it is the mean squared error; no root is taken.
 * How the sum is taken is in distance.h.
 *
 * Source: beside l1.c.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/loss/distance.h"

GOP_VECTOR static double sum(const gop_real *restrict a, const gop_real *restrict b, size_t n,
                             gop_real delta)
{
    double lane[GOP_LANES] = {0}, total = 0;
    size_t i = 0;
    (void)delta;
    for (; i + GOP_LANES <= n; i += GOP_LANES)
        for (size_t k = 0; k < GOP_LANES; k++) {
            double d = (double)(a[i + k] - b[i + k]);
            lane[k] += d * d;
        }
    for (; i < n; i++) {
        double d = (double)(a[i] - b[i]);
        lane[i % GOP_LANES] += d * d;
    }
    for (size_t k = 0; k < GOP_LANES; k++)
        total += lane[k];
    return total;
}

GOP_VECTOR static void slope(gop_real *to, const gop_real *a, const gop_real *b, size_t n,
                             gop_real delta, gop_real by, bool add)
{
    (void)delta;
    if (add)
        GOP_INDEPENDENT
    for (size_t i = 0; i < n; i++)
        to[i] += by * (a[i] - b[i]);
    else GOP_INDEPENDENT
    for (size_t i = 0; i < n; i++)
        to[i] = by * (a[i] - b[i]);
}

static const gop_distance_loops loops = {sum, slope};

static void forward(const gop_run *r)
{
    gop_distance_forward(r, &loops);
}

static void backward(const gop_run *r)
{
    gop_distance_backward(r, &loops, 2);
}

/* ------------------------------------------------------------------------- cases */

static gop_var build_mean(gop_net *net, const gop_var *in)
{
    return gop_l2(net, in[0], in[1], true);
}

static void naive_mean(gop_real *out, const gop_real *const *in)
{
    double sum = 0;
    for (int i = 0; i < 2 * 3 * 5 * 7; i++)
        sum += ((double)in[0][i] - (double)in[1][i]) * ((double)in[0][i] - (double)in[1][i]);
    out[0] = (gop_real)(sum / (2 * 3 * 5 * 7));
}

static gop_var build_sum(gop_net *net, const gop_var *in)
{
    return gop_l2(net, in[0], in[1], false);
}

/* As a^2 - 2ab + b^2, sample by sample. */
static void naive_sum(gop_real *out, const gop_real *const *in)
{
    double loss = 0;
    for (int n = 0; n < 3; n++) {
        double square = 0;
        for (int i = 0; i < 5; i++) {
            double a = (double)in[0][n * 5 + i], b = (double)in[1][n * 5 + i];
            square += a * a - 2 * a * b + b * b;
        }
        loss += square / 3;
    }
    out[0] = (gop_real)loss;
}

static const gop_case cases[] = {
    {.name = "mean",
     .in = {{4, {2, 3, 5, 7}}, {4, {2, 3, 5, 7}}},
     .build_old = build_mean,
     .naive_old = naive_mean},
    {.name = "sum over N",
     .in = {{2, {3, 5}}, {2, {3, 5}}},
     .build_old = build_sum,
     .naive_old = naive_sum},
    {.name = NULL},
};

const gop_op gop_op_l2 = {
    .name = "l2",
    .flags = GOP_OP_NEEDS_IN,
    .attr_size = sizeof(gop_distance),
    .plan = gop_distance_plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
};

/*: The squared distance of two values.
 *
 *     y = sum_i (a_i - b_i)^2 / (mean ? number of elements : N)
 *
 * a and b of one shape, N its first dimension; y a scalar.  With `mean` it is the
 * mean squared error.  No root is taken.
 */
GOP_API gop_var gop_l2(gop_net *net, gop_var a, gop_var b, bool mean)
{
    gop_distance attr = {.mean = mean};
    gop_var in[2] = {a, b};
    return gop_apply(net, &gop_op_l2, &attr, in, 2);
}
