/*
 * l1.c: the prediction loss.
 *
 *     y  = w sum_i |a_i - b_i|,   w = 1 / (number of elements)  or  1 / N
 *     da = w sign(a - b) dy,      db = -da,   sign(0) = 0
 *
 * a and b have the same shape; y is a scalar.  N is the first dimension, the batch: dividing by N
 * is the literal eq. 12; the models it is compared with minimise the mean over all elements.  For
 * the order of the sum see distance.h.
 *
 * Source: Sym-GNN eq. 12.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/loss/distance.h"

#include <math.h>

GOP_VECTOR static double sum(const gop_real *restrict a, const gop_real *restrict b, size_t n,
                             gop_real delta)
{
    double lane[GOP_LANES] = {0}, total = 0;
    size_t i = 0;
    (void)delta;
    for (; i + GOP_LANES <= n; i += GOP_LANES)
        for (size_t k = 0; k < GOP_LANES; k++)
            lane[k] += (double)GOP_FABS(a[i + k] - b[i + k]);
    for (; i < n; i++)
        lane[i % GOP_LANES] += (double)GOP_FABS(a[i] - b[i]);
    for (size_t k = 0; k < GOP_LANES; k++)
        total += lane[k];
    return total;
}

/* d keeps a NaN of a or b, which a comparison would lose. */
GOP_VECTOR static void slope(gop_real *to, const gop_real *a, const gop_real *b, size_t n,
                             gop_real delta, gop_real by, bool add)
{
    (void)delta;
    GOP_INDEPENDENT
    for (size_t i = 0; i < n; i++) {
        gop_real d = a[i] - b[i];
        GOP_PUT(to[i], add, d > 0 ? by : d < 0 ? -by : d);
    }
}

static const gop_distance_loops loops = {sum, slope};

static void forward(const gop_run *r)
{
    gop_distance_forward(r, &loops);
}

static void backward(const gop_run *r)
{
    gop_distance_backward(r, &loops, 1);
}

/* ------------------------------------------------------------------------- cases */

static double naive_penalty(double d, double delta)
{
    (void)delta;
    return d;
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

const gop_op gop_op_l1 = {
    .name = "l1",
    .flags = GOP_OP_NEEDS_IN,
    .attr_size = sizeof(gop_distance),
    .plan = gop_distance_plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
};

/*: The l1 distance of two values.
 *
 *     y = sum_i |a_i - b_i| / (number of elements, or N)
 *
 * a and b have the same shape, with first dimension N; y is a scalar.
 * Source: Sym-GNN eq. 12, with GOP_PER_SAMPLE.
 */
GOP_API gop_var gop_l1(gop_net *net, gop_var a, gop_var b, gop_average over)
{
    gop_distance attr = {.over = over};
    gop_var in[2] = {a, b};
    return gop_apply(net, &gop_op_l1, &attr, in, 2);
}
