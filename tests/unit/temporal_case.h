/*
 * temporal_case.h: convolutions along frames in plain loops and double, for the tests of
 * those in fewer products, and their shapes and data.  Static inline only; fails through
 * Check's assertions.
 */
#ifndef GOP_TESTS_TEMPORAL_CASE_H
#define GOP_TESTS_TEMPORAL_CASE_H

#include "graphop.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static gop_ctx *ctx;

static inline void setup(void)
{
    ck_assert_int_eq(gop_ctx_new(&ctx, 1, 0, NULL), GOP_OK);
}

static inline void teardown(void)
{
    gop_ctx_free(ctx);
}

/* STRIDE is the including test's. */
typedef struct shape {
    size_t seqs, t, pad, taps, c_in, c_out;
} shape;

/* Exactly as long as needed, so that a reach past the end can be caught. */
static inline gop_real *draw(gop_rng *rng, size_t n)
{
    gop_real *x = malloc((n > 0 ? n : 1) * sizeof *x);
    ck_assert_ptr_nonnull(x);
    for (size_t i = 0; i < n; i++)
        x[i] = (gop_real)gop_rng_normal(rng);
    return x;
}

static inline gop_real *room(size_t n)
{
    gop_real *x = malloc(n * sizeof *x);
    ck_assert_ptr_nonnull(x);
    memset(x, 0xff, n * sizeof *x);
    return x;
}

static inline size_t frames_out(const shape *s)
{
    return (s->t + 2 * s->pad - s->taps) / STRIDE + 1;
}

/* Whether tap k of row t meets a frame of x. */
static inline bool meets(const shape *s, size_t t, size_t k)
{
    return STRIDE * t + k >= s->pad && STRIDE * t + k - s->pad < s->t;
}

static inline void plain_forward(double *y, const shape *s, const gop_real *x, const gop_real *w)
{
    for (size_t q = 0; q < s->seqs; q++)
        for (size_t t = 0; t < frames_out(s); t++)
            for (size_t o = 0; o < s->c_out; o++) {
                double sum = 0;
                for (size_t k = 0; k < s->taps; k++)
                    for (size_t c = 0; meets(s, t, k) && c < s->c_in; c++)
                        sum += (double)w[(o * s->taps + k) * s->c_in + c] *
                               (double)x[(q * s->t + STRIDE * t + k - s->pad) * s->c_in + c];
                y[(q * frames_out(s) + t) * s->c_out + o] = sum;
            }
}

static inline void plain_gradients(double *dx, double *dw, const shape *s, const gop_real *x,
                                   const gop_real *w, const gop_real *dy)
{
    memset(dx, 0, s->seqs * s->t * s->c_in * sizeof *dx);
    memset(dw, 0, s->c_out * s->taps * s->c_in * sizeof *dw);
    for (size_t q = 0; q < s->seqs; q++)
        for (size_t t = 0; t < frames_out(s); t++)
            for (size_t o = 0; o < s->c_out; o++)
                for (size_t k = 0; k < s->taps; k++)
                    for (size_t c = 0; meets(s, t, k) && c < s->c_in; c++) {
                        const size_t at = (q * s->t + STRIDE * t + k - s->pad) * s->c_in + c;
                        const size_t wt = (o * s->taps + k) * s->c_in + c;
                        const double g = (double)dy[(q * frames_out(s) + t) * s->c_out + o];
                        dx[at] += g * (double)w[wt];
                        dw[wt] += g * (double)x[at];
                    }
}

/* Apart by at most `tolerance` of the largest element of the result. */
static inline void compare(const char *what, const shape *s, const gop_real *got,
                           const double *want, const gop_real *before, size_t n,
                           double tolerance)
{
    double largest = 0;
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs(want[i]) + (before ? fabs((double)before[i]) : 0));
    for (size_t i = 0; i < n; i++) {
        const double right = want[i] + (before ? (double)before[i] : 0);
        ck_assert_msg(fabs((double)got[i] - right) <= tolerance * largest,
                      "%s of %zu seqs, %zu frames, pad %zu, %zu taps, %zu to %zu channels: [%zu] "
                      "is %g, not %g (largest %g)", what, s->seqs, s->t, s->pad, s->taps, s->c_in,
                      s->c_out, i, (double)got[i], right, largest);
    }
}

#endif
