/*
 * test_toom_cook.c: Toom-Cook convolutions along frames (op/temporal/toom_cook.c,
 * op/temporal/toom_cook_stride2.c) against plain loops in double, for odd shapes, and byte for byte
 * however the work is divided.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "op/temporal/toom_cook_stride2_tiles.h"
#include "op/temporal/toom_cook_tiles.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct tested {
    const gop_conv_method *method;
    size_t stride;
    double tolerance; /* of the largest element of the result */
} tested;

#ifdef GOP_REAL_IS_DOUBLE
static const tested stride1 = {&gop_toom_cook, 1, 2e-14};
static const tested stride2 = {&gop_toom_cook_stride2, 2, 2e-14};
#else
static const tested stride1 = {&gop_toom_cook, 1, 1e-5};
static const tested stride2 = {&gop_toom_cook_stride2, 2, 2e-5};
#endif

static gop_ctx *ctx;

static void setup(void)
{
    ck_assert_int_eq(gop_ctx_new(&ctx, 1, 0, NULL), GOP_OK);
}

static void teardown(void)
{
    gop_ctx_free(ctx);
}

typedef struct shape {
    size_t seqs, t, pad, taps, c_in, c_out;
} shape;

/* Exactly as long as needed, so that an access past the end is caught. */
static gop_real *draw(gop_rng *rng, size_t n)
{
    gop_real *x = malloc((n > 0 ? n : 1) * sizeof *x);
    ck_assert_ptr_nonnull(x);
    for (size_t i = 0; i < n; i++)
        x[i] = (gop_real)gop_rng_normal(rng);
    return x;
}

static gop_real *room(size_t n)
{
    gop_real *x = malloc(n * sizeof *x);
    ck_assert_ptr_nonnull(x);
    memset(x, 0xff, n * sizeof *x);
    return x;
}

static size_t frames_out(const tested *m, const shape *s)
{
    return (s->t + 2 * s->pad - s->taps) / m->stride + 1;
}

static gop_conv_sizes sizes_of(const tested *m, const shape *s, bool back)
{
    const size_t t_out = frames_out(m, s);
    const gop_conv_sizes c = {.back = back,
                              .training = true,
                              .seqs = s->seqs,
                              .t_in = s->t,
                              .t_out = t_out,
                              .c_in = s->c_in,
                              .c_out = s->c_out,
                              .taps = s->taps,
                              .ci = s->c_in,
                              .co = s->c_out,
                              .a = {m->stride, s->pad, 1, 1},
                              .t_from = back ? t_out : s->t,
                              .c_from = back ? s->c_out : s->c_in,
                              .t_to = back ? s->t : t_out,
                              .c_to = back ? s->c_in : s->c_out};
    return c;
}

/* ------------------------------------------------------------- in plain loops */

/* Whether tap k of row t reads a frame of x. */
static bool meets(const tested *m, const shape *s, size_t t, size_t k)
{
    return m->stride * t + k >= s->pad && m->stride * t + k - s->pad < s->t;
}

static void plain_forward(double *y, const tested *m, const shape *s, const gop_real *x,
                          const gop_real *w)
{
    const size_t t_out = frames_out(m, s);
    for (size_t q = 0; q < s->seqs; q++)
        for (size_t t = 0; t < t_out; t++)
            for (size_t o = 0; o < s->c_out; o++) {
                double sum = 0;
                for (size_t k = 0; k < s->taps; k++)
                    for (size_t c = 0; meets(m, s, t, k) && c < s->c_in; c++)
                        sum += (double)w[(o * s->taps + k) * s->c_in + c] *
                               (double)x[(q * s->t + m->stride * t + k - s->pad) * s->c_in + c];
                y[(q * t_out + t) * s->c_out + o] = sum;
            }
}

static void plain_gradients(double *dx, double *dw, const tested *m, const shape *s,
                            const gop_real *x, const gop_real *w, const gop_real *dy)
{
    const size_t t_out = frames_out(m, s);
    memset(dx, 0, s->seqs * s->t * s->c_in * sizeof *dx);
    memset(dw, 0, s->c_out * s->taps * s->c_in * sizeof *dw);
    for (size_t q = 0; q < s->seqs; q++)
        for (size_t t = 0; t < t_out; t++)
            for (size_t o = 0; o < s->c_out; o++)
                for (size_t k = 0; k < s->taps; k++)
                    for (size_t c = 0; meets(m, s, t, k) && c < s->c_in; c++) {
                        const size_t at = (q * s->t + m->stride * t + k - s->pad) * s->c_in + c;
                        const size_t wt = (o * s->taps + k) * s->c_in + c;
                        const double g = (double)dy[(q * t_out + t) * s->c_out + o];
                        dx[at] += g * (double)w[wt];
                        dw[wt] += g * (double)x[at];
                    }
}

/* ------------------------------------------------------------- by the method */

/* y of x, or dx of dy; sequences from `cut` on, and panels from panels / 2 on, in further calls. */
static void run(const tested *m, const shape *s, bool back, const gop_real *from, const gop_real *w,
                size_t cut, bool add, gop_real *to)
{
    gop_conv_sizes c = sizes_of(m, s, back);
    const size_t panels = gop_packed_panels(ctx, c.c_to), half = panels / 2, rest = s->seqs - cut;
    const gop_real *later = from + cut * c.t_from * c.c_from;
    gop_real *last = to + cut * c.t_to * c.c_to;

    m->method->measure(ctx, &c);
    gop_real *prepared = room(c.prepared), *scratch = room(c.scratch);
    m->method->prepare(ctx, &c, w, prepared);
    m->method->chunk(ctx, &c, prepared, cut, from, 0, panels, add, to, scratch);
    m->method->chunk(ctx, &c, prepared, rest, later, half, panels, add, last, scratch);
    m->method->chunk(ctx, &c, prepared, rest, later, 0, half, add, last, scratch);
    free(prepared);
    free(scratch);
}

static void run_weights(const tested *m, const shape *s, const gop_real *x, const gop_real *dy,
                        size_t cut, bool add, gop_real *dw)
{
    gop_conv_sizes c = sizes_of(m, s, false);
    const gop_real *later = x + cut * c.t_in * c.c_in, *last = dy + cut * c.t_out * c.c_out;

    m->method->measure_weights(ctx, &c);
    gop_real *scratch = room(c.scratch);
    for (size_t block = c.blocks; block-- > 0;) {
        m->method->weights(ctx, &c, block, cut, x, dy, add, dw, scratch);
        m->method->weights(ctx, &c, block, s->seqs - cut, later, last, true, dw, scratch);
    }
    free(scratch);
}

/* ------------------------------------------------------------- comparisons */

/* Differences of at most the tolerance times the largest element of the result. */
static void compare(const char *what, const tested *m, const shape *s, const gop_real *got,
                    const double *want, const gop_real *before, size_t n)
{
    double largest = 0;
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs(want[i]) + (before ? fabs((double)before[i]) : 0));
    for (size_t i = 0; i < n; i++) {
        const double right = want[i] + (before ? (double)before[i] : 0);
        ck_assert_msg(fabs((double)got[i] - right) <= m->tolerance * largest,
                      "%s: %s of %zu seqs, %zu frames, pad %zu, %zu taps, %zu to %zu channels: "
                      "[%zu] is %g, not %g (largest %g)",
                      m->method->name, what, s->seqs, s->t, s->pad, s->taps, s->c_in, s->c_out, i,
                      (double)got[i], right, largest);
    }
}

static void check_shape(gop_rng *rng, const tested *m, const shape *s, bool add)
{
    const size_t nx = s->seqs * s->t * s->c_in, nw = s->c_out * s->taps * s->c_in;
    const size_t ny = s->seqs * frames_out(m, s) * s->c_out;
    gop_real *x = draw(rng, nx), *w = draw(rng, nw), *dy = draw(rng, ny), *y = draw(rng, ny);
    gop_real *dx = draw(rng, nx), *dw = draw(rng, nw);
    gop_real *before = malloc((nx + ny + nw) * sizeof *before);
    double *want = malloc((nx + ny + nw) * sizeof *want);
    const size_t cut = (size_t)gop_rng_below(rng, s->seqs + 1);

    ck_assert(want != NULL && before != NULL);
    memcpy(before, y, ny * sizeof *y);
    run(m, s, false, x, w, cut, add, y);
    plain_forward(want, m, s, x, w);
    compare("y", m, s, y, want, add ? before : NULL, ny);

    memcpy(before, dx, nx * sizeof *dx);
    run(m, s, true, dy, w, cut, add, dx);
    plain_gradients(want, want + nx, m, s, x, w, dy);
    compare("dx", m, s, dx, want, add ? before : NULL, nx);

    memcpy(before, dw, nw * sizeof *dw);
    run_weights(m, s, x, dy, cut, add, dw);
    compare("dW", m, s, dw, want + nx, add ? before : NULL, nw);
    free(x);
    free(w);
    free(dy);
    free(y);
    free(dx);
    free(dw);
    free(before);
    free(want);
}

/* ------------------------------------------------------------------- shapes */

/* The r-th of six shapes with this many taps, with even padding on request. */
static shape odd_shape(gop_rng *rng, size_t taps, int r, bool even)
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

static void check_odd_shapes(const tested *m, int taps, bool even)
{
    gop_rng rng = gop_rng_new(1, (uint64_t)taps);
    for (int r = 0; r < 6; r++) {
        const shape s = odd_shape(&rng, (size_t)taps, r, even);
        check_shape(&rng, m, &s, r % 2 == 1);
    }
}

START_TEST(odd_shapes)
{
    check_odd_shapes(&stride1, _i, false);
}
END_TEST

/* With ten taps and odd padding one phase of dx needs six taps. */
START_TEST(odd_shapes_of_stride_2)
{
    check_odd_shapes(&stride2, _i, _i == 10);
}
END_TEST

/* Every length of a last tile, and sequences shorter than the filter. */
START_TEST(every_length)
{
    const shape s = {2, (size_t)_i, 4, 9, 5, 4};
    gop_rng rng = gop_rng_new(2, (uint64_t)_i);
    check_shape(&rng, &stride1, &s, false);
    rng = gop_rng_new(2, (uint64_t)_i);
    check_shape(&rng, &stride2, &s, false);
}
END_TEST

/* Shapes of networks, with several pieces of a sequence, deep sums and many panels. */
START_TEST(large_shapes)
{
    static const struct {
        const tested *m;
        shape s;
    } large[] = {
        {&stride1, {3, 300, 4, 9, 32, 32}},   {&stride1, {1, 150, 4, 9, 256, 64}},
        {&stride1, {2, 75, 3, 7, 64, 256}},   {&stride1, {1, 61, 5, 11, 256, 33}},
        {&stride2, {40, 50, 4, 9, 32, 64}},   {&stride2, {5, 300, 4, 9, 128, 128}},
        {&stride2, {45, 13, 3, 7, 256, 256}}, {&stride2, {3, 61, 4, 10, 256, 33}},
    };
    gop_rng rng = gop_rng_new(3, (uint64_t)_i % 4);
    check_shape(&rng, large[_i].m, &large[_i].s, false);
}
END_TEST

START_TEST(what_has_points_enough)
{
    for (int back = 0; back < 2; back++)
        for (size_t taps = 1; taps <= 12; taps++)
            for (size_t pad = 0; pad < taps; pad++) {
                const shape s = {1, 40, pad, taps, 32, 32};
                const gop_conv_sizes c = sizes_of(&stride2, &s, back);
                const gop_stride2_sizes h = gop_stride2_of(ctx, &c);
                ck_assert_int_eq(gop_stride2_works(&h), taps + (back ? pad % 2 : 0) <= 10);
            }
}
END_TEST

/* ----------------------------------------------------------------- threads */

typedef struct batch {
    gop_ctx *ctx;
    const gop_conv_method *method;
    gop_conv_sizes c, w; /* y or dx, and dW */
    const gop_real *from, *dy;
    gop_real *prepared, *to, *dw, *scratch;
    size_t each; /* elements of a thread's scratch */
} batch;

static void convolve(void *arg, size_t i)
{
    const batch *b = arg;
    const gop_conv_sizes *c = &b->c;
    b->method->chunk(b->ctx, c, b->prepared, 1, b->from + i * c->t_from * c->c_from, 0,
                     gop_packed_panels(b->ctx, c->c_to), false, b->to + i * c->t_to * c->c_to,
                     b->scratch + gop_ctx_thread(b->ctx) * b->each);
}

static void block_of_weights(void *arg, size_t i)
{
    const batch *b = arg;
    b->method->weights(b->ctx, &b->w, i, b->w.seqs, b->from, b->dy, false, b->dw,
                       b->scratch + gop_ctx_thread(b->ctx) * b->each);
}

/* One sequence at a time on several threads, or all at once. */
START_TEST(same_bytes)
{
    enum { SEQS = 12 };
    static const struct {
        const tested *m;
        shape s;
        bool back;
    } tests[] = {
        {&stride1, {SEQS, 95, 4, 9, 40, 70}, false}, {&stride1, {SEQS, 95, 4, 9, 40, 70}, true},
        {&stride2, {SEQS, 95, 4, 9, 40, 70}, false}, {&stride2, {SEQS, 95, 4, 9, 40, 70}, true},
        {&stride2, {SEQS, 13, 3, 7, 70, 40}, false}, {&stride2, {SEQS, 13, 3, 7, 70, 40}, true},
    };
    const tested *m = tests[_i].m;
    const shape s = tests[_i].s;
    const bool back = tests[_i].back;
    batch b = {.method = m->method, .c = sizes_of(m, &s, back), .w = sizes_of(m, &s, false)};
    const size_t to_size = b.c.t_to * b.c.c_to, nw = s.c_out * s.taps * s.c_in;
    gop_rng rng = gop_rng_new(4, 0);
    gop_real *from = draw(&rng, SEQS * b.c.t_from * b.c.c_from), *w = draw(&rng, nw);
    gop_real *one = room(SEQS * to_size), *many = room(SEQS * to_size), *dw = room(2 * nw);

    run(m, &s, back, from, w, 5, false, one);
    if (!back)
        run_weights(m, &s, from, one, 0, false, dw);
    b.from = from;
    b.dy = one;
    b.to = many;
    b.dw = dw + nw;
    for (int threads = 1; threads <= 4; threads++) {
        ck_assert_int_eq(gop_ctx_new(&b.ctx, threads, 0, NULL), GOP_OK);
        m->method->measure(b.ctx, &b.c);
        m->method->measure_weights(b.ctx, &b.w);
        b.prepared = room(b.c.prepared);
        b.each = b.c.scratch > b.w.scratch ? b.c.scratch : b.w.scratch;
        b.scratch = room((size_t)threads * b.each);
        m->method->prepare(b.ctx, &b.c, w, b.prepared);
        gop_parallel(b.ctx, SEQS, convolve, &b);
        ck_assert_int_eq(memcmp(one, many, SEQS * to_size * sizeof *one), 0);
        if (!back) {
            gop_parallel(b.ctx, b.w.blocks, block_of_weights, &b);
            ck_assert_int_eq(memcmp(dw, dw + nw, nw * sizeof *dw), 0);
        }
        gop_ctx_free(b.ctx);
        free(b.prepared);
        free(b.scratch);
    }
    free(from);
    free(w);
    free(one);
    free(many);
    free(dw);
}
END_TEST

/* Each method pays for large work of its own kind, and not for the other's. */
START_TEST(what_pays)
{
    static const struct {
        size_t stride;
        shape s;
        bool pays;
    } tests[] = {
        {1, {832, 25, 4, 9, 64, 64}, true},  {1, {832, 25, 1, 3, 64, 64}, false},
        {1, {832, 25, 4, 9, 15, 64}, false}, {1, {832, 8, 4, 9, 64, 64}, true},
        {2, {832, 50, 4, 9, 32, 64}, true},  {2, {832, 50, 0, 1, 32, 64}, false},
        {2, {832, 50, 4, 9, 16, 64}, false}, {2, {1, 50, 4, 9, 64, 64}, false},
        {3, {832, 50, 4, 9, 64, 64}, false},
    };
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        for (int back = 0; back < 2; back++) {
            const tested m = {NULL, tests[i].stride, 0};
            const gop_conv_sizes c = sizes_of(&m, &tests[i].s, back);
            const bool first = tests[i].stride == 1;
            ck_assert_int_eq(gop_toom_cook.pays(ctx, &c), first && tests[i].pays);
            ck_assert_int_eq(gop_toom_cook_stride2.pays(ctx, &c), !first && tests[i].pays);
        }
}
END_TEST

TEST_MAIN("toom_cook")
{
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, odd_shapes, 1, 22);
    tcase_add_loop_test(t, odd_shapes_of_stride_2, 1, 11);
    tcase_add_loop_test(t, every_length, 1, 30);
    tcase_add_loop_test(t, large_shapes, 0, 8);
    tcase_add_loop_test(t, same_bytes, 0, 6);
    tcase_add_test(t, what_has_points_enough);
    tcase_add_test(t, what_pays);
}
