/*
 * test_temporal_half.c: convolutions along frames with stride 2 in fewer products
 * (op/temporal/temporal_half.h) against plain loops in double, over odd shapes, and byte for byte
 * however the work is shared out.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include "op/temporal/temporal_half.h"

enum { STRIDE = 2 };

/* Of the largest element of the result. */
#ifdef GOP_REAL_IS_DOUBLE
static const double TOLERANCE = 2e-14;
#else
static const double TOLERANCE = 2e-5;
#endif

#include "temporal_case.h"

/* y of x, or dx of dy: from sequence `cut` on in a second call and likewise from panel
 * panels / 2. */
static void run(const shape *s, bool back, const gop_real *from, const gop_real *w, size_t cut,
                bool add, gop_real *to)
{
    const gop_half h = gop_half_measure(ctx, back, s->t, s->pad, s->taps, s->c_in, s->c_out);
    gop_real *prepared = room(h.prepared), *scratch = room(h.thread);
    const size_t half = h.panels / 2, sx = s->t * s->c_in, sy = h.t_out * s->c_out;
    const gop_real *later = from + cut * (back ? sy : sx);
    gop_real *last = to + cut * (back ? sx : sy);

    ck_assert_uint_eq(h.t_out, frames_out(s));
    gop_half_prepare(ctx, &h, w, prepared);
    gop_half_run(ctx, &h, prepared, cut, from, 0, h.panels, add, to, scratch);
    gop_half_run(ctx, &h, prepared, s->seqs - cut, later, half, h.panels, add, last, scratch);
    gop_half_run(ctx, &h, prepared, s->seqs - cut, later, 0, half, add, last, scratch);
    free(prepared);
    free(scratch);
}

static void run_forward(const shape *s, const gop_real *x, const gop_real *w, size_t cut, bool add,
                        gop_real *y)
{
    run(s, false, x, w, cut, add, y);
}

static void run_back(const shape *s, const gop_real *dy, const gop_real *w, size_t cut, bool add,
                     gop_real *dx)
{
    run(s, true, dy, w, cut, add, dx);
}

static void run_weights(const shape *s, const gop_real *x, const gop_real *dy, size_t cut, bool add,
                        gop_real *dw)
{
    const gop_half h = gop_half_measure(ctx, false, s->t, s->pad, s->taps, s->c_in, s->c_out);
    const size_t sx = s->t * s->c_in, sy = h.t_out * s->c_out;
    gop_real *scratch = room(h.scratch);

    for (size_t block = h.rows * h.cols; block-- > 0;) {
        gop_half_weights(ctx, &h, block, cut, x, dy, add, dw, scratch);
        gop_half_weights(ctx, &h, block, s->seqs - cut, x + cut * sx, dy + cut * sy, true, dw,
                         scratch);
    }
    free(scratch);
}

START_TEST(odd_shapes)
{
    gop_rng rng = gop_rng_new(1, (uint64_t)_i);
    for (int r = 0; r < 6; r++) {
        /* With ten taps and odd padding dx needs six taps. */
        const shape s = odd_shape(&rng, (size_t)_i, r, _i == 10);
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
    static const shape shapes[] = {{40, 50, 4, 9, 32, 64},
                                   {5, 300, 4, 9, 128, 128},
                                   {45, 13, 3, 7, 256, 256},
                                   {3, 61, 4, 10, 256, 33}};
    gop_rng rng = gop_rng_new(3, (uint64_t)_i);
    check_shape(&rng, &shapes[_i], false);
}
END_TEST

/* ----------------------------------------------------------------- threads */

typedef struct batch {
    gop_ctx *ctx;
    gop_half h;
    const gop_real *from;
    gop_real *prepared, *to, *scratch;
    size_t from_size, to_size; /* of a sequence */
} batch;

static void convolve(void *arg, size_t i)
{
    const batch *b = arg;
    gop_half_run(b->ctx, &b->h, b->prepared, 1, b->from + i * b->from_size, 0, b->h.panels, false,
                 b->to + i * b->to_size, b->scratch + gop_ctx_thread(b->ctx) * b->h.thread);
}

/* One sequence at a time on several threads, or all at once. */
START_TEST(same_bytes)
{
    enum { SEQS = 12 };
    static const shape shapes[] = {{SEQS, 95, 4, 9, 40, 70}, {SEQS, 13, 3, 7, 70, 40}};
    const shape s = shapes[_i / 2];
    const bool back = _i % 2;
    gop_rng rng = gop_rng_new(4, 0);
    const size_t sx = s.t * s.c_in, sy = frames_out(&s) * s.c_out;
    const size_t from_size = back ? sy : sx, to_size = back ? sx : sy;
    gop_real *from = draw(&rng, SEQS * from_size), *w = draw(&rng, s.c_out * s.taps * s.c_in);
    gop_real *one = room(SEQS * to_size), *many = room(SEQS * to_size);

    run(&s, back, from, w, 5, false, one);
    for (int threads = 1; threads <= 4; threads++) {
        batch b = {.from = from, .to = many, .from_size = from_size, .to_size = to_size};
        ck_assert_int_eq(gop_ctx_new(&b.ctx, threads, 0, NULL), GOP_OK);
        b.h = gop_half_measure(b.ctx, back, s.t, s.pad, s.taps, s.c_in, s.c_out);
        b.prepared = room(b.h.prepared);
        b.scratch = room((size_t)threads * b.h.thread);
        gop_half_prepare(b.ctx, &b.h, w, b.prepared);
        gop_parallel(b.ctx, SEQS, convolve, &b);
        ck_assert_int_eq(memcmp(one, many, SEQS * to_size * sizeof *one), 0);
        gop_ctx_free(b.ctx);
        free(b.prepared);
        free(b.scratch);
    }
    free(from);
    free(w);
    free(one);
    free(many);
}
END_TEST

START_TEST(what_works)
{
    for (int back = 0; back < 2; back++)
        for (size_t taps = 1; taps <= 12; taps++)
            for (size_t pad = 0; pad < taps; pad++) {
                const gop_half h = gop_half_measure(ctx, back, 40, pad, taps, 32, 32);
                ck_assert_int_eq(gop_half_works(&h), taps + (back ? pad % 2 : 0) <= 10);
            }
}
END_TEST

TEST_MAIN("temporal_half")
{
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, odd_shapes, 1, 11);
    tcase_add_loop_test(t, every_length, 1, 30);
    tcase_add_loop_test(t, large_shapes, 0, 4);
    tcase_add_loop_test(t, same_bytes, 0, 4);
    tcase_add_test(t, what_works);
}
