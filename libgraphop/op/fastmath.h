/*
 * fastmath.h: exp, log, tanh and the logistic function for inner loops, written so
 * that a compiler can vectorise a loop over them; within 2 units in the last
 * place in float.  In the double build they call the C library.  Internal.
 *
 * The coefficients are least-maximum fits made for this file: of exp(r) on
 * |r| <= log(2)/2, of (log(1 + f) - f + f^2/2)/f^3 on sqrt(1/2) <= 1 + f <= sqrt(2), and of
 * (tanh(x)/x - 1)/x^2 in x^2 on |x| <= 0.625.
 *
 * A bound is a select after the computation, not a clamp before it: one compare and a blend, of
 * which a vector needs several for a clamp that keeps NaN.
 */
#ifndef GOP_OP_FASTMATH_H
#define GOP_OP_FASTMATH_H

#include "graphop.h"

#include <math.h>
#include <string.h>

#ifdef GOP_REAL_IS_DOUBLE

static inline double gop_exp_at(double x)
{
    return exp(x);
}

static inline double gop_exp_down(double x)
{
    return x < -87.3 ? 0 : exp(x);
}

static inline double gop_exp_full(double x)
{
    return exp(x);
}

static inline double gop_expm1_at(double x)
{
    return expm1(x);
}

static inline double gop_log_at(double x)
{
    return log(x);
}

static inline double gop_log1p_at(double u)
{
    return log1p(u);
}

static inline double gop_tanh_at(double x)
{
    return tanh(x);
}

#else

static inline float gop_float_of(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline uint32_t gop_bits_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* exp(x) = (1 + *rest) 2^n; the low bits of *n2 hold n. */
static inline float gop_exp_parts(float x, uint32_t *n2)
{
    const float shift = 12582912.0f; /* 1.5 * 2^23: the sum's low bits hold the nearest integer */
    float z = x * 1.44269504f + shift;
    float n = z - shift;
    /* log(2) in two parts, so that n times the first is exact */
    float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    float p = 0.00138145394f;
    p = p * r + 0.00836874545f;
    p = p * r + 0.0416683890f;
    p = p * r + 0.166665211f;
    p = p * r + 0.499999940f;
    *n2 = gop_bits_of(z);
    return p * (r * r) + r;
}

/* exp(x) for |x| < 87.3; garbage outside, NaN for NaN. */
static inline float gop_exp_near(float x)
{
    uint32_t n;
    float p = gop_exp_parts(x, &n) + 1.0f;
    return p * gop_float_of((n + 127) << 23);
}

/* exp(x) for |x| < 87.3, where neither exp(x) nor 1 / exp(x) is denormal, because denormals are
 * slow; outside, the value at the nearest end; NaN for NaN. */
static inline float gop_exp_at(float x)
{
    float e = gop_exp_near(x);
    e = x < -87.3f ? gop_exp_near(-87.3f) : e;
    return x > 87.3f ? gop_exp_near(87.3f) : e;
}

/* exp(x) for x <= 0; 0 below -87.3. */
static inline float gop_exp_down(float x)
{
    float e = gop_exp_near(x);
    return x < -87.3f ? 0 : e;
}

/* exp(x) for any x: denormal, 0 or infinite where a float is. */
static inline float gop_exp_full(float x)
{
    uint32_t z;
    float p = gop_exp_parts(x, &z) + 1.0f;
    int32_t n = (int32_t)(z - 0x4b400000u), half = n >> 1;
    /* 2^n alone may be neither normal nor finite */
    float e = p * gop_float_of((uint32_t)(half + 127) << 23);
    e *= gop_float_of((uint32_t)(n - half + 127) << 23);
    e = x < -104.0f ? 0 : e;
    return x > 89.0f ? INFINITY : e;
}

/* exp(x) - 1 for x <= 87.3, also near 0; NaN for NaN. */
static inline float gop_expm1_at(float x)
{
    uint32_t n;
    float p = gop_exp_parts(x, &n);
    float scale = gop_float_of((n + 127) << 23);
    float e = p * scale + (scale - 1.0f);
    return x < -87.3f ? -1.0f : e;
}

/* log(2^-e v) for normal v; garbage outside. */
static inline float gop_log_near(float v, int32_t e)
{
    uint32_t bits = gop_bits_of(v);
    int32_t n = (int32_t)(bits - 0x3f3504f3u) >> 23; /* 2^n sqrt(1/2) <= v < 2^n sqrt(2) */
    float f = gop_float_of(bits - ((uint32_t)n << 23)) - 1.0f;
    float m = (float)(n - e);
    float p = -0.0763450339f;
    p = p * f + 0.127615869f;
    p = p * f - 0.131601840f;
    p = p * f + 0.142017573f;
    p = p * f - 0.166233569f;
    p = p * f + 0.200012267f;
    p = p * f - 0.250008196f;
    p = p * f + 0.333333313f;
    float y = p * f * (f * f) - m * 2.12194440e-4f;
    return (f + (y - 0.5f * (f * f))) + m * 0.693359375f;
}

/* log(x) for any x: -infinity at 0, NaN below. */
static inline float gop_log_at(float x)
{
    const bool tiny = x < 0x1p-126f;
    float v = x * 0x1p25f;
    v = tiny ? v : x;
    float y = gop_log_near(v, tiny ? 25 : 0);
    y = x == 0 ? -INFINITY : y;
    y = x < 0 ? NAN : y;
    /* of infinity and NaN themselves */
    return x < INFINITY ? y : x;
}

/* log(1 + u) for 0 <= u <= 1, NaN for NaN; the second term is what the sum 1 + u lost. */
static inline float gop_log1p_at(float u)
{
    float w = 1.0f + u;
    return gop_log_near(w, 0) + (u - (w - 1.0f)) * (1.0f - 0.5f * u);
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
    float large = 1.0f - 2.0f / (gop_exp_near(2.0f * a) + 1.0f);
    large = a > 43.0f ? 1.0f : large;
    large = x < 0 ? -large : large;
    return a < 0.625f ? small : large;
}

#endif

/* 1 / (1 + exp(-x)) */
static inline gop_real gop_sigmoid_at(gop_real x)
{
    return 1 / (1 + gop_exp_at(-x));
}

#endif
