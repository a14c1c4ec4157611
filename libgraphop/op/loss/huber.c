/*
 * huber.c: a distance that is squared near zero and absolute far from it.
 *
 *     d  = a - b
 *     y  = w sum_i h(d_i),   h(d) = d^2 / 2                    where |d| <= delta
 *                                   delta (|d| - delta / 2)    elsewhere
 *     da = w min(max(d, -delta), delta) dy,   db = -da
 *
 * w = 1 / (number of elements) or 1 / N; a and b have the same shape; y is a scalar.  N is the
 * first dimension, the batch.  For the order of the sum see distance.h.
 *
 * Source: Huber 1964.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/loss/distance.h"

#include <math.h>

static gop_status plan(gop_op_plan *p)
{
    const gop_distance *a = p->attr;
    if (!(a->delta > 0 && isfinite(a->delta)))
        return gop_fail(p->err, GOP_EINVAL, "delta must be positive and finite, not %g", a->delta);
    return gop_distance_plan(p);
}

/* The parabola inside delta and for a NaN, the line outside. */
static inline double penalty(gop_real d, double delta)
{
    double size = fabs((double)d);
    return size > delta ? delta * (size - 0.5 * delta) : 0.5 * size * size;
}

GOP_VECTOR static double sum(const gop_real *restrict a, const gop_real *restrict b, size_t n,
                             gop_real delta)
{
    double lane[GOP_LANES] = {0}, total = 0;
    size_t i = 0;
    for (; i + GOP_LANES <= n; i += GOP_LANES)
        for (size_t k = 0; k < GOP_LANES; k++)
            lane[k] += penalty(a[i + k] - b[i + k], (double)delta);
    for (; i < n; i++)
        lane[i % GOP_LANES] += penalty(a[i] - b[i], (double)delta);
    for (size_t k = 0; k < GOP_LANES; k++)
        total += lane[k];
    return total;
}

/* Keeps a NaN of d, for which every comparison is false. */
static inline gop_real bounded(gop_real d, gop_real delta)
{
    return d > delta ? delta : d < -delta ? -delta : d;
}

GOP_VECTOR static void slope(gop_real *to, const gop_real *a, const gop_real *b, size_t n,
                             gop_real delta, gop_real by, bool add)
{
    GOP_INDEPENDENT
    for (size_t i = 0; i < n; i++)
        GOP_PUT(to[i], add, by * bounded(a[i] - b[i], delta));
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
    return d <= delta ? d * d / 2 : delta * delta / 2 + delta * (d - delta);
}

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    gop_distance_naive(y, in, attr, naive_penalty);
}

static const gop_case cases[] = {
    {"mean", .in = {{4, {2, 3, 5, 7}}, {4, {2, 3, 5, 7}}},
     .attr = &(gop_distance){GOP_PER_ELEMENT, 0.5}},
    {"sum over N", .in = {{2, {3, 5}}, {2, {3, 5}}}, .range = {{-3, 3}, {-1, 1}},
     .attr = &(gop_distance){GOP_PER_SAMPLE, 1.5}},
    {0},
};

const gop_op gop_op_huber = {
    .name = "huber",
    .flags = GOP_OP_NEEDS_IN,
    .attr_size = sizeof(gop_distance),
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
};

/*: The Huber distance of two values (Huber 1964).
 *
 *     y    = sum_i h(a_i - b_i) / (number of elements, or N)
 *     h(d) = d^2 / 2 where |d| <= delta, else delta (|d| - delta / 2)
 *
 * a and b have the same shape, with first dimension N; y is a scalar.
 * Errors: GOP_ESHAPE if the shapes differ, GOP_EINVAL unless delta is positive and finite.
 */
GOP_API gop_var gop_huber(gop_net *net, gop_var a, gop_var b, double delta, gop_average over)
{
    gop_distance attr = {.over = over, .delta = delta};
    gop_var in[2] = {a, b};
    return gop_apply(net, &gop_op_huber, &attr, in, 2);
}
