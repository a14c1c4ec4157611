/*
 * test_core.c: status, shapes, random numbers, contexts and parallel loops.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include "core/rng.h"
#include "graphop.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------ status */

START_TEST(status_phrases)
{
    for (int a = GOP_OK; a <= GOP_ESTOPPED; a++) {
        ck_assert_uint_gt(strlen(gop_status_string((gop_status)a)), 0);
        for (int b = a + 1; b <= GOP_ESTOPPED; b++)
            ck_assert_str_ne(gop_status_string((gop_status)a), gop_status_string((gop_status)b));
    }
}
END_TEST

START_TEST(fail_formats_and_returns)
{
    char text[2 * GOP_MESSAGE_SIZE];
    gop_error err = {GOP_OK, ""};

    ck_assert_int_eq(gop_fail(&err, GOP_ESHAPE, "%s has %d", "x", 3), GOP_ESHAPE);
    ck_assert_int_eq(err.status, GOP_ESHAPE);
    ck_assert_str_eq(err.message, "x has 3");
    ck_assert_int_eq(gop_fail(NULL, GOP_ENOMEM, "nowhere to write"), GOP_ENOMEM);

    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = 0;
    gop_fail(&err, GOP_EINVAL, "%s", text);
    ck_assert_uint_eq(strlen(err.message), GOP_MESSAGE_SIZE - 1);
    /* A long path loses its middle; the reason stays, and no character is cut. */
    gop_fail(&err, GOP_ESYSTEM, "cannot open %s: no such file", text);
    ck_assert_uint_eq(strlen(err.message), GOP_MESSAGE_SIZE - 1);
    ck_assert_int_eq(strncmp(err.message, "cannot open aaa", 15), 0);
    ck_assert_ptr_nonnull(strstr(err.message, "aaa...aaa"));
    ck_assert_str_eq(err.message + strlen(err.message) - 16, "aa: no such file");
    for (size_t i = 0; i + 1 < sizeof text; i += 3)
        memcpy(text + i, "\xe5\x8a\xa8", sizeof text - 1 - i < 3 ? sizeof text - 1 - i : 3);
    for (size_t shift = 0; shift < 3; shift++) {
        text[sizeof text - 1 - (sizeof text - 1) % 3] = 0;
        gop_fail(&err, GOP_ESYSTEM, "%.*s%s: no such file", (int)shift, "aaa", text);
        ck_assert(gop_is_text(err.message, strlen(err.message)));
    }
}
END_TEST

START_TEST(version_has_three_numbers)
{
    int a = -1, b = -1, c = -1, end = 0;
    ck_assert_int_ge(sscanf(gop_version(), "%d.%d.%d%n", &a, &b, &c, &end), 3);
    ck_assert_int_ge(a, 0);
    ck_assert_int_ge(b, 0);
    ck_assert_int_ge(c, 0);
}
END_TEST

/* ------------------------------------------------------------------- shape */

START_TEST(shape_sizes)
{
    gop_shape absent = {-1, {1, 1, 1, 1}};
    ck_assert_uint_eq(gop_shape_size(gop_shape0()), 1);
    ck_assert_uint_eq(gop_shape_size(gop_shape1(7)), 7);
    ck_assert_uint_eq(gop_shape_size(gop_shape4(2, 26, 50, 3)), 7800);
    ck_assert_uint_eq(gop_shape_size(gop_shape3(SIZE_MAX, 0, SIZE_MAX)), 0);
    ck_assert_uint_eq(gop_shape_size(absent), 0);
    ck_assert_uint_eq(gop_shape_size(gop_shape2(SIZE_MAX / 2, 3)), SIZE_MAX);
    ck_assert(gop_shape_equal(gop_shape2(3, 4), gop_shape2(3, 4)));
    ck_assert(!gop_shape_equal(gop_shape2(3, 4), gop_shape2(4, 3)));
    ck_assert(!gop_shape_equal(gop_shape1(3), gop_shape2(3, 1)));
}
END_TEST

START_TEST(shape_texts)
{
    char buf[64], small[6];
    ck_assert_str_eq(gop_shape_text(buf, sizeof buf, gop_shape0()), "[]");
    ck_assert_str_eq(gop_shape_text(buf, sizeof buf, gop_shape4(2, 26, 50, 3)), "[2, 26, 50, 3]");
    ck_assert_str_eq(gop_shape_text(small, sizeof small, gop_shape3(12, 34, 56)), "[12, ");
    ck_assert_str_eq(gop_shape_text(small, 5, gop_shape1(123)), "[123");
    ck_assert_str_eq(gop_shape_text(small, 1, gop_shape1(123)), "");
}
END_TEST

/* ------------------------------------------------------------------ random */

/* The test vectors published by the authors of Philox. */
START_TEST(philox_published)
{
    static const struct {
        uint32_t counter[4], key[2], out[4];
    } known[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    const size_t i = (size_t)_i;
    uint32_t out[4];
    gop_rng rng = {known[i].key[0] | (uint64_t)known[i].key[1] << 32,
                   known[i].counter[2] | (uint64_t)known[i].counter[3] << 32,
                   known[i].counter[0] | (uint64_t)known[i].counter[1] << 32};

    gop_philox(out, known[i].counter, known[i].key);
    for (int w = 0; w < 4; w++)
        ck_assert_uint_eq(out[w], known[i].out[w]);
    ck_assert_uint_eq(gop_rng_u32(&rng), known[i].out[0]);
}
END_TEST

START_TEST(rng_position_decides)
{
    gop_rng a = gop_rng_new(5, 6), b = gop_rng_new(5, 6), other = gop_rng_new(5, 7);
    double first[10];
    int same = 0;

    for (int i = 0; i < 10; i++)
        first[i] = gop_rng_uniform(&a);
    for (int i = 9; i >= 0; i--) {
        b.counter = (uint64_t)i;
        ck_assert(gop_rng_uniform(&b) == first[i]);
    }
    for (int i = 0; i < 10; i++)
        same += gop_rng_uniform(&other) == first[i];
    ck_assert_int_eq(same, 0);
}
END_TEST

START_TEST(many_draws_are_those_one_by_one)
{
    enum { MOST = 70 };
    double u[MOST], v[MOST];

    for (size_t n = 0; n <= MOST; n++) {
        /* Near the overflow of the counter's low word. */
        gop_rng many = {11, UINT64_C(0x123456789abcdef), UINT32_MAX - 20}, one = many;
        gop_rng_units(u, v, n, &many);
        ck_assert_uint_eq(many.counter, one.counter + n);
        for (size_t i = 0; i < n; i++) {
            gop_rng again = one;
            if (gop_rng_uniform(&again) != u[i] ||
                gop_rng_normal(&one) != gop_box_muller(u[i], v[i]))
                ck_abort_msg("draw %zu of %zu", i, n);
        }
    }
}
END_TEST

START_TEST(rng_uniform_moments)
{
    const int n = 100000;
    gop_rng rng = gop_rng_new(1, 2);
    double sum = 0, squares = 0, least = 1, most = 0;

    for (int i = 0; i < n; i++) {
        const double u = gop_rng_uniform(&rng);
        sum += u;
        squares += u * u;
        least = fmin(least, u);
        most = fmax(most, u);
    }
    ck_assert(least >= 0 && most < 1);
    ck_assert(least < 1e-3 && most > 1 - 1e-3);
    ck_assert_double_eq_tol(sum / n, 0.5, 0.005);
    ck_assert_double_eq_tol(squares / n, 1.0 / 3, 0.005);
}
END_TEST

START_TEST(rng_normal_moments)
{
    const int n = 100000;
    gop_rng rng = gop_rng_new(3, 4);
    double m1 = 0, m2 = 0, m3 = 0, m4 = 0;

    for (int i = 0; i < n; i++) {
        const double z = gop_rng_normal(&rng);
        ck_assert(isfinite(z));
        m1 += z;
        m2 += z * z;
        m3 += z * z * z;
        m4 += z * z * z * z;
    }
    ck_assert_double_eq_tol(m1 / n, 0, 0.02);
    ck_assert_double_eq_tol(m2 / n, 1, 0.03);
    ck_assert_double_eq_tol(m3 / n, 0, 0.06);
    ck_assert_double_eq_tol(m4 / n, 3, 0.2);
}
END_TEST

START_TEST(rng_below_is_even)
{
    const int n = 60000;
    gop_rng rng = gop_rng_new(8, 9);
    int count[6] = {0};

    for (int i = 0; i < n; i++)
        count[gop_rng_below(&rng, 6)]++;
    for (int i = 0; i < 6; i++)
        ck_assert_int_lt(abs(count[i] - n / 6), 500);
    for (int i = 0; i < 100; i++)
        ck_assert_uint_eq(gop_rng_below(&rng, 1), 0);
}
END_TEST

/* Three quarters of 2^64: without rejection the lowest third of the results would be twice as
 * frequent as the rest. */
START_TEST(rng_below_has_no_bias)
{
    const uint64_t n = UINT64_C(3) << 62;
    gop_rng rng = gop_rng_new(10, 11);
    int low = 0;

    for (int i = 0; i < 30000; i++) {
        const uint64_t v = gop_rng_below(&rng, n);
        ck_assert(v < n);
        low += v < n / 3;
    }
    ck_assert_int_lt(abs(low - 10000), 400);
}
END_TEST

START_TEST(hash_known)
{
    ck_assert(gop_hash(GOP_HASH_START, "", 0) == UINT64_C(0xcbf29ce484222325));
    ck_assert(gop_hash(GOP_HASH_START, "a", 1) == UINT64_C(0xaf63dc4c8601ec8c));
    ck_assert(gop_hash(GOP_HASH_START, "foobar", 6) == UINT64_C(0x85944171f73967e8));
    ck_assert(gop_hash(gop_hash(GOP_HASH_START, "foo", 3), "bar", 3) ==
              UINT64_C(0x85944171f73967e8));
}
END_TEST

/* ---------------------------------------------------------------- parallel */

START_TEST(context_arguments)
{
    gop_error err = {GOP_OK, ""};
    gop_ctx *ctx;

    ck_assert_int_eq(recorded(gop_ctx_new(&ctx, -1, 0, &err), &err), GOP_EINVAL);
    ck_assert_ptr_null(ctx);
    ck_assert_ptr_nonnull(strstr(err.message, "-1"));
    ck_assert_int_eq(gop_ctx_new(&ctx, 1000000, 0, NULL), GOP_EINVAL);
    ck_assert_int_eq(gop_ctx_new(&ctx, 0, 0, &err), GOP_OK);
    ck_assert_int_ge(gop_ctx_threads(ctx), 1);
    ck_assert_uint_gt(strlen(gop_ctx_kernel(ctx)), 0);
    gop_ctx_free(ctx);
    gop_ctx_free(NULL);
}
END_TEST

enum { ITEMS = 1000 };

typedef struct visits {
    gop_ctx *ctx;
    int count[ITEMS], thread[ITEMS], inner[ITEMS];
    int inner_thread[ITEMS];
} visits;

static void visit(void *arg, size_t i)
{
    visits *v = arg;
    v->count[i]++;
    v->thread[i] = (int)gop_ctx_thread(v->ctx);
}

START_TEST(parallel_visits_each_once)
{
    visits *v = calloc(1, sizeof *v);

    ck_assert_int_eq(gop_ctx_new(&v->ctx, _i, 0, NULL), GOP_OK);
    ck_assert_int_eq(gop_ctx_threads(v->ctx), _i);
    gop_parallel(v->ctx, 0, visit, v);
    ck_assert_int_eq(v->count[0], 0);
    gop_parallel(v->ctx, 1, visit, v);
    ck_assert_int_eq(v->count[0], 1);
    v->count[0] = 0;
    gop_parallel(v->ctx, ITEMS, visit, v);
    for (size_t i = 0; i < ITEMS; i++) {
        ck_assert_int_eq(v->count[i], 1);
        ck_assert(v->thread[i] >= 0 && v->thread[i] < _i);
    }
    gop_ctx_free(v->ctx);
    free(v);
}
END_TEST

typedef struct inner {
    visits *v;
    size_t item;
} inner;

static void visit_inner(void *arg, size_t i)
{
    const inner *in = arg;
    (void)i;
    in->v->inner[in->item]++;
    in->v->inner_thread[in->item] = (int)gop_ctx_thread(in->v->ctx);
}

static void visit_outer(void *arg, size_t i)
{
    inner in = {arg, i};
    visit(arg, i);
    gop_parallel(in.v->ctx, 3, visit_inner, &in);
}

/* An inner loop stays on its thread and keeps the thread's number, which selects scratch memory. */
START_TEST(parallel_nests)
{
    visits *v = calloc(1, sizeof *v);

    ck_assert_int_eq(gop_ctx_new(&v->ctx, _i, 0, NULL), GOP_OK);
    gop_parallel(v->ctx, ITEMS, visit_outer, v);
    for (size_t i = 0; i < ITEMS; i++) {
        ck_assert_int_eq(v->count[i], 1);
        ck_assert_int_eq(v->inner[i], 3);
        ck_assert_int_eq(v->inner_thread[i], v->thread[i]);
    }
    gop_parallel(v->ctx, ITEMS, visit, v);
    for (size_t i = 0; i < ITEMS; i++)
        ck_assert_int_eq(v->count[i], 2);
    gop_ctx_free(v->ctx);
    free(v);
}
END_TEST

TEST_MAIN("core")
{
    tcase_add_test(t, status_phrases);
    tcase_add_test(t, fail_formats_and_returns);
    tcase_add_test(t, version_has_three_numbers);
    tcase_add_test(t, shape_sizes);
    tcase_add_test(t, shape_texts);
    tcase_add_loop_test(t, philox_published, 0, 3);
    tcase_add_test(t, rng_position_decides);
    tcase_add_test(t, many_draws_are_those_one_by_one);
    tcase_add_test(t, rng_uniform_moments);
    tcase_add_test(t, rng_normal_moments);
    tcase_add_test(t, rng_below_is_even);
    tcase_add_test(t, rng_below_has_no_bias);
    tcase_add_test(t, hash_known);
    tcase_add_test(t, context_arguments);
    tcase_add_loop_test(t, parallel_visits_each_once, 1, 5);
    tcase_add_loop_test(t, parallel_nests, 1, 4);
}
