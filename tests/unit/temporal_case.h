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

/* STRIDE and TOLERANCE are the including test's. */
typedef struct shape {
    size_t seqs, t, pad, taps, c_in, c_out;
} shape;

/* The including test's too: what is tested, from sequence `cut` on in a second call. */
static void run_forward(const shape *s, const gop_real *x, const gop_real *w, size_t cut, bool add,
                        gop_real *y);
static void run_back(const shape *s, const gop_real *dy, const gop_real *w, size_t cut, bool add,
                     gop_real *dx);
static void run_weights(const shape *s, const gop_real *x, const gop_real *dy, size_t cut, bool add,
                        gop_real *dw);

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

/* Apart by at most TOLERANCE of the largest element of the result. */
static inline void compare(const char *what, const shape *s, const gop_real *got,
                           const double *want, const gop_real *before, size_t n)
{
    double largest = 0;
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs(want[i]) + (before ? fabs((double)before[i]) : 0));
    for (size_t i = 0; i < n; i++) {
        const double right = want[i] + (before ? (double)before[i] : 0);
        ck_assert_msg(fabs((double)got[i] - right) <= TOLERANCE * largest,
                      "%s of %zu seqs, %zu frames, pad %zu, %zu taps, %zu to %zu channels: [%zu] "
                      "is %g, not %g (largest %g)",
                      what, s->seqs, s->t, s->pad, s->taps, s->c_in, s->c_out, i, (double)got[i],
                      right, largest);
    }
}

static inline void check_shape(gop_rng *rng, const shape *s, bool add)
{
    const size_t nx = s->seqs * s->t * s->c_in, nw = s->c_out * s->taps * s->c_in;
    const size_t ny = s->seqs * frames_out(s) * s->c_out;
    gop_real *x = draw(rng, nx), *w = draw(rng, nw), *dy = draw(rng, ny), *y = draw(rng, ny);
    gop_real *dx = draw(rng, nx), *dw = draw(rng, nw);
    gop_real *before = malloc((nx + ny + nw) * sizeof *before);
    double *want = malloc((nx + ny + nw) * sizeof *want);
    const size_t cut = (size_t)gop_rng_below(rng, s->seqs + 1);

    ck_assert(want != NULL && before != NULL);
    memcpy(before, y, ny * sizeof *y);
    run_forward(s, x, w, cut, add, y);
    plain_forward(want, s, x, w);
    compare("y", s, y, want, add ? before : NULL, ny);

    memcpy(before, dx, nx * sizeof *dx);
    run_back(s, dy, w, cut, add, dx);
    plain_gradients(want, want + nx, s, x, w, dy);
    compare("dx", s, dx, want, add ? before : NULL, nx);

    memcpy(before, dw, nw * sizeof *dw);
    run_weights(s, x, dy, cut, add, dw);
    compare("dW", s, dw, want + nx, add ? before : NULL, nw);
    free(x);
    free(w);
    free(dy);
    free(y);
    free(dx);
    free(dw);
    free(before);
    free(want);
}

/* The r-th of six with so many taps, padded by an even number of frames where it is wanted. */
static inline shape odd_shape(gop_rng *rng, size_t taps, int r, bool even)
{
    static const size_t channels[] = {1, 3, 32, 33, 70};
    shape s = {1 + (size_t)gop_rng_below(rng, 4), 0, 0, taps, channels[gop_rng_below(rng, 5)],
               channels[gop_rng_below(rng, 5)]};
    s.pad = r == 0 ? 0 : (size_t)gop_rng_below(rng, taps);
    if (even)
        s.pad &= ~(size_t)1;
    s.t = taps + (size_t)gop_rng_below(rng, 40);
    if (r == 1) /* a single frame of y */
        s.t = taps > 2 * s.pad ? taps - 2 * s.pad : 1;
    return s;
}

#endif
