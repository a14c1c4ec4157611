/*
 * test_temporal_fast.c: convolutions along frames in fewer products (op/temporal/temporal_fast.h)
 * against plain loops in double, over odd shapes, and byte for byte however the work is
 * shared out.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include "op/temporal/temporal_fast.h"

enum { STRIDE = 1 };

/* Of the largest element of the result. */
#ifdef GOP_REAL_IS_DOUBLE
static const double TOLERANCE = 2e-14;
#else
static const double TOLERANCE = 1e-5;
#endif

#include "temporal_case.h"

/* The convolution, from sequence `cut` on in a second call and likewise from panel
 * panels / 2. */
static void run(const shape *s, const gop_real *x, const gop_real *w, bool flip, size_t cut,
                bool add, gop_real *y)
{
    const gop_fast f = gop_fast_measure(ctx, s->t, s->pad, s->taps, s->c_in, s->c_out);
    gop_real *prepared = room(f.prepared), *scratch = room(f.thread);
    const size_t half = f.panels / 2, sx = s->t * s->c_in, sy = f.t_out * s->c_out;

    ck_assert_uint_eq(f.t_out, frames_out(s));
    gop_fast_prepare(ctx, &f, w, flip, prepared);
    gop_fast_forward(ctx, &f, prepared, cut, x, 0, f.panels, add, y, scratch);
    gop_fast_forward(ctx, &f, prepared, s->seqs - cut, x + cut * sx, half, f.panels, add,
                     y + cut * sy, scratch);
    gop_fast_forward(ctx, &f, prepared, s->seqs - cut, x + cut * sx, 0, half, add, y + cut * sy,
                     scratch);
    free(prepared);
    free(scratch);
}

static void run_forward(const shape *s, const gop_real *x, const gop_real *w, size_t cut, bool add,
                        gop_real *y)
{
    run(s, x, w, false, cut, add, y);
}

static void run_back(const shape *s, const gop_real *dy, const gop_real *w, size_t cut, bool add,
                     gop_real *dx)
{
    const shape back = {s->seqs, frames_out(s), s->taps - 1 - s->pad, s->taps, s->c_out, s->c_in};
    run(&back, dy, w, true, cut, add, dx);
}

static void run_weights(const shape *s, const gop_real *x, const gop_real *dy, size_t cut, bool add,
                        gop_real *dw)
{
    const gop_fast f = gop_fast_measure(ctx, s->t, s->pad, s->taps, s->c_in, s->c_out);
    const size_t sx = s->t * s->c_in, sy = f.t_out * s->c_out;
    gop_real *scratch = room(f.back);

    for (size_t block = f.rows * f.cols; block-- > 0;) {
        gop_fast_weights(ctx, &f, block, cut, x, dy, add, dw, scratch);
        gop_fast_weights(ctx, &f, block, s->seqs - cut, x + cut * sx, dy + cut * sy, true, dw,
                         scratch);
    }
    free(scratch);
}

START_TEST(odd_shapes)
{
    gop_rng rng = gop_rng_new(1, (uint64_t)_i);
    for (int r = 0; r < 6; r++) {
        const shape s = odd_shape(&rng, (size_t)_i, r, false);
        check_shape(&rng, &s, r % 2 == 1);
    }
}
END_TEST

/* Every place of a last tile, and sequences shorter than the filter. */
START_TEST(every_length)
{
    gop_rng rng = gop_rng_new(2, (uint64_t)_i);
    const shape s = {2, (size_t)_i, 4, 9, 5, 4};
    check_shape(&rng, &s, false);
}
END_TEST

/* Those of networks, with several pieces of a sequence, deep sums and many panels. */
START_TEST(large_shapes)
{
    static const shape shapes[] = {{3, 300, 4, 9, 32, 32},
                                   {1, 150, 4, 9, 256, 64},
                                   {2, 75, 3, 7, 64, 256},
                                   {1, 61, 5, 11, 256, 33}};
    gop_rng rng = gop_rng_new(3, (uint64_t)_i);
    check_shape(&rng, &shapes[_i], false);
}
END_TEST

/* ----------------------------------------------------------------- threads */

typedef struct batch {
    gop_ctx *ctx;
    gop_fast f;
    size_t seqs, thread; /* elements of a thread's scratch */
    gop_real *prepared, *x, *y, *dw, *scratch;
} batch;

static void convolve(void *arg, size_t i)
{
    const batch *b = arg;
    gop_fast_forward(b->ctx, &b->f, b->prepared, 1, b->x + i * b->f.t_in * b->f.c_in, 0,
                     b->f.panels, false, b->y + i * b->f.t_out * b->f.c_out,
                     b->scratch + gop_ctx_thread(b->ctx) * b->thread);
}

static void block_of_weights(void *arg, size_t i)
{
    const batch *b = arg;
    gop_fast_weights(b->ctx, &b->f, i, b->seqs, b->x, b->y, false, b->dw,
                     b->scratch + gop_ctx_thread(b->ctx) * b->thread);
}

/* One sequence at a time on several threads, or all at once. */
START_TEST(same_bytes)
{
    enum { SEQS = 12 };
    const shape s = {SEQS, 95, 4, 9, 40, 70};
    gop_rng rng = gop_rng_new(4, 0);
    gop_real *x = draw(&rng, s.seqs * s.t * s.c_in), *w = draw(&rng, s.c_out * s.taps * s.c_in);
    const size_t size = s.seqs * frames_out(&s) * s.c_out;
    const size_t nw = s.c_out * s.taps * s.c_in;
    gop_real *one = room(size), *many = room(size), *dw = room(2 * nw);

    run(&s, x, w, false, 5, false, one);
    run_weights(&s, x, one, 0, false, dw);
    for (int threads = 1; threads <= 4; threads++) {
        batch b = {.seqs = SEQS, .x = x, .y = many, .dw = dw + nw};
        ck_assert_int_eq(gop_ctx_new(&b.ctx, threads, 0, NULL), GOP_OK);
        b.f = gop_fast_measure(b.ctx, s.t, s.pad, s.taps, s.c_in, s.c_out);
        b.prepared = room(b.f.prepared);
        b.thread = b.f.thread > b.f.back ? b.f.thread : b.f.back;
        b.scratch = room((size_t)threads * b.thread);
        gop_fast_prepare(b.ctx, &b.f, w, false, b.prepared);
        gop_parallel(b.ctx, SEQS, convolve, &b);
        ck_assert_int_eq(memcmp(one, many, size * sizeof *one), 0);
        gop_parallel(b.ctx, b.f.rows * b.f.cols, block_of_weights, &b);
        ck_assert_int_eq(memcmp(dw, dw + nw, nw * sizeof *dw), 0);
        gop_ctx_free(b.ctx);
        free(b.prepared);
        free(b.scratch);
    }
    free(x);
    free(w);
    free(one);
    free(many);
    free(dw);
}
END_TEST

TEST_MAIN("temporal_fast")
{
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, odd_shapes, 1, 22);
    tcase_add_loop_test(t, every_length, 1, 30);
    tcase_add_loop_test(t, large_shapes, 0, 4);
    tcase_add_test(t, same_bytes);
}
