/*
 * l2.c: the squared distance of two values.
 *
 *     y  = w sum_i (a_i - b_i)^2,   w = 1 / (number of elements)  or  1 / N
 *     da = 2 w (a - b) dy,          db = -da
 *
 * a and b have the same shape; y is a scalar.  N is the first dimension, the batch.  The mean over
 * all elements is the mean squared error; no root is taken.  For the order of the sum see
 * distance.h.
 *
 * Source: as l1.c.
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
    GOP_INDEPENDENT
    for (size_t i = 0; i < n; i++)
        GOP_PUT(to[i], add, by * (a[i] - b[i]));
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

static double naive_penalty(double d, double delta)
{
    (void)delta;
    return d * d;
}

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    gop_distance_naive(y, in, attr, naive_penalty);
}

static const gop_case cases[] = {
    {"mean", .in = {{4, {2, 3, 5, 7}}, {4, {2, 3, 5, 7}}},
     .attr = &(gop_distance){GOP_PER_ELEMENT, 0}},
    {"sum over N", .in = {{2, {3, 5}}, {2, {3, 5}}}, .attr = &(gop_distance){GOP_PER_SAMPLE, 0}},
    {0},
};

const gop_op gop_op_l2 = {
    .name = "l2",
    .flags = GOP_OP_NEEDS_IN,
    .attr_size = sizeof(gop_distance),
    .plan = gop_distance_plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
};

/*: The squared distance of two values.
 *
 *     y = sum_i (a_i - b_i)^2 / (number of elements, or N)
 *
 * a and b have the same shape, with first dimension N; y is a scalar.  With GOP_PER_ELEMENT it is
 * the mean squared error.  No root is taken.
 */
GOP_API gop_var gop_l2(gop_net *net, gop_var a, gop_var b, gop_average over)
{
    gop_distance attr = {.over = over};
    gop_var in[2] = {a, b};
    return gop_apply(net, &gop_op_l2, &attr, in, 2);
}
