/*
 * fastmath.h: exp, tanh and the logistic function for inner loops, written so
 * that a compiler can vectorise a loop over them; within 2 units in the last
 * place in float.  In the double build they call the C library.  Internal.
 *
 * The coefficients are least-maximum fits made for this file: of exp(r) on
 * |r| <= log(2)/2, and of (tanh(x)/x - 1)/x^2 in x^2 on |x| <= 0.625.
 */
#ifndef GOP_OP_FASTMATH_H
#define GOP_OP_FASTMATH_H

#include "graphop.h"

#include <math.h>
#include <string.h>

#ifdef GOP_REAL_IS_DOUBLE

static inline double gop_exp(double x)
{
    return exp(x);
}

static inline double gop_tanh_at(double x)
{
    return tanh(x);
}

#else

/* exp(x) for |x| < 87.3, where neither exp(x) nor 1 / exp(x) is denormal, because denormals are
 * slow; outside, the value at the nearest end; NaN for NaN. */
static inline float gop_exp(float x)
{
    const float shift = 12582912.0f; /* 1.5 * 2^23: the sum's low bits hold the nearest integer */
    uint32_t bits;
    float scale;
    x = x < -87.3f ? -87.3f : x;
    x = x > 87.3f ? 87.3f : x;
    float z = x * 1.44269504f + shift;
    float n = z - shift;
    /* log(2) in two parts, so that n times the first is exact */
    float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    float p = 0.00138145394f;
    p = p * r + 0.00836874545f;
    p = p * r + 0.0416683890f;
    p = p * r + 0.166665211f;
    p = p * r + 0.499999940f;
    p = p * (r * r) + r + 1.0f;
    memcpy(&bits, &z, sizeof bits);
    bits = (bits + 127) << 23;
    memcpy(&scale, &bits, sizeof scale);
    return p * scale;
}

static inline float gop_tanh_at(float x)
{
    float a = x < 0 ? -x : x, u = x * x;
    float p = -0.00571704516f;
    p = p * u + 0.0206505880f;
    p = p * u - 0.0537434965f;
    p = p * u + 0.133314908f;
    p = p * u - 0.333332837f;
    float small = p * u * x + x;
    float large = 1.0f - 2.0f / (gop_exp(2.0f * a) + 1.0f);
    large = x < 0 ? -large : large;
    return a < 0.625f ? small : large;
}

#endif

/* 1 / (1 + exp(-x)) */
static inline gop_real gop_sigmoid_at(gop_real x)
{
    return 1 / (1 + gop_exp(-x));
}

#endif
