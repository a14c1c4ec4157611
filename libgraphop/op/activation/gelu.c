/*
 * gelu.c: the Gaussian error linear unit in its exact form.
 *
 *     y  = x Phi(x),                Phi(x) = (1 + erf(x / sqrt 2)) / 2
 *     dx = (Phi(x) + x phi(x)) dy,  phi(x) = exp(-x^2 / 2) / sqrt(2 pi)
 *
 * x of any shape; y has the same shape.  This is not the tanh approximation.
 *
 * In float the tail Phi(-|x|) is exp(-x^2 / 2) t p(t) with t = 1 / (1 + 0.26 |x|)
 * and a polynomial p of degree 8, a least-maximum fit of its relative error (2e-8)
 * on |x| <= 13.3 made for this file; evaluated in float its relative error is within 4e-7, as long
 * as that of the exponential is, so that the tail loses no digits to 1 + erf.  Beyond |x| = 12.9,
 * where it would be denormal, it is 0.  In the double build it is the C library's erfc.
 *
 * Source: Hendrycks & Gimpel 2016.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/elementwise.h"
#include "op/fastmath.h"

#include <math.h>

/* Phi(x), and exp(-x^2 / 2) in *bell. */
static inline gop_real normal_share(gop_real x, gop_real *bell)
{
#ifdef GOP_REAL_IS_DOUBLE
    *bell = exp(x * x * -0.5);
    return 0.5 * erfc(x * -0.70710678118654752440);
#else
    /* 0 where the tail would be denormal, because denormals are slow */
    float h = x * x * -0.5f, e = gop_exp_near(h);
    e = h < -83.5f ? 0 : e;
    *bell = e;
    float t = 1 / (1 + 0.26f * (x < 0 ? -x : x));
    float p = 0.030896084f;
    p = p * t - 0.15474018f;
    p = p * t + 0.25546655f;
    p = p * t - 0.15553583f;
    p = p * t + 0.1641524f;
    p = p * t + 0.049642503f;
    p = p * t + 0.103391334f;
    p = p * t + 0.10296493f;
    p = p * t + 0.103762195f;
    float tail = e * (t * p);
    return x < 0 ? tail : 1 - tail;
#endif
}

static inline gop_real slope_at(gop_real x)
{
    gop_real bell, share = normal_share(x, &bell);
    return share + x * (bell * (gop_real)0.39894228040143267794);
}

GOP_ELEMENTWISE(gop_no_attributes, x, (x * normal_share(x, &(gop_real){0})), (dy * slope_at(x)))

/* ------------------------------------------------------------------------- cases */

GOP_ELEMENTWISE_NAIVE(gop_no_attributes, (x * erfc(-x / sqrt(2)) / 2))

/* The tails: Phi(x) itself, scaled up so that its digits are significant. */
static gop_var build_tail(gop_net *net, const gop_var *in, const void *attr)
{
    (void)attr;
    return gop_scale(net, gop_gelu(net, in[0]), 1e6);
}

static void naive_tail(gop_tensor y, const gop_tensor *in, const void *attr)
{
    (void)attr;
    for (size_t i = 0; i < gop_shape_size(y.shape); i++) {
        const double x = (double)in[0].v[i];
        y.v[i] = (gop_real)(1e6 * x * (erfc(-x / sqrt(2)) / 2));
    }
}

static const gop_case cases[] = {
    {"rank 3", .in = {{3, {3, 5, 7}}}, .range = {{-4, 4}}},
    {"tail", .in = {{2, {5, 7}}}, .range = {{-7, -3}}, .build = build_tail, .naive = naive_tail},
    {0},
};

const gop_op gop_op_gelu = {
    .name = "gelu",
    GOP_ELEMENTWISE_TABLE(x),
    .plan = gop_elementwise_plan,
    .cases = cases,
    .naive = naive,
};

/*: Gaussian error linear unit, exact form (Hendrycks & Gimpel 2016).
 *
 *     y = x (1 + erf(x / sqrt 2)) / 2
 *
 * x of any shape; y has the same shape.  This is not the tanh approximation.
 */
GOP_API gop_var gop_gelu(gop_net *net, gop_var x)
{
    return gop_apply(net, &gop_op_gelu, NULL, &x, 1);
}
