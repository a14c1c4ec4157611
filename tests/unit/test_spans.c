/*
 * test_spans.c: frames, segments and events of whole recordings, against tables computed by hand.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include <math.h>

#include "zoo/metric/spans.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* 20 frames at 10 Hz.  Right: frames 0, 1, 4 to 7, 12 to 14 and 19.
 *
 *     predicted       true        frames in common   in either   IoU
 *     1 from 4 to 9   2 to 7      4                  8           1/2
 *     2 from 12 to 14 10 to 15    3                  6           1/2
 *     1 from 16 to 18 none
 *
 * Events in frames 4 and 13 notice the segments after 0.2 and 0.3 s; those in 9 and 17 are false. */
static const zoo_span true_a[] = {{1, 2, 6}, {2, 10, 6}};
static const uint32_t action_a[20] = {0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 2, 2, 2, 0, 1, 1, 1, 0};
static const zoo_event event_a[] = {{1, 5}, {2, 13}, {1, 17}, {2, 9}, {1, 4}};
static const zoo_spans_truth truth_a = {20, 0, 2, true_a, 10};
static const zoo_spans_found found_a = {action_a, 5, event_a};

/* 10 frames at 5 Hz.  Right: frames 0, 1, 3 and 5 to 7.
 *
 *     predicted       true        frames in common   in either   IoU
 *     1 from 0 to 1   0 to 7      2                  8           1/4
 *     1 in 3          the same    1                  8           1/8, but it is taken
 *     1 from 5 to 9   the same    3                  10          3/10, but it is taken
 *
 * The event is false, and nothing is noticed. */
static const zoo_span true_b[] = {{1, 0, 8}};
static const uint32_t action_b[10] = {1, 1, 0, 1, 0, 1, 1, 1, 1, 1};
static const zoo_event event_b[] = {{2, 3}};
static const zoo_spans_truth truth_b = {10, 0, 1, true_b, 5};
static const zoo_spans_found found_b = {action_b, 1, event_b};

static void add(zoo_spans_score *s, const zoo_spans_truth *t, const zoo_spans_found *f)
{
    gop_error err = {GOP_OK, ""};
    ck_assert_msg(zoo_spans_add(s, t, f, &err) == GOP_OK, "%s", err.message);
}

static void near(double v, double want)
{
    ck_assert_double_eq_tol(v, want, 1e-12);
}

START_TEST(one_recording)
{
    zoo_spans_score s = {.recordings = 0};
    add(&s, &truth_a, &found_a);
    ck_assert_uint_eq(s.right, 10);
    ck_assert_uint_eq(s.acting, 12);
    ck_assert_uint_eq(s.right_acting, 7);
    ck_assert_uint_eq(s.found, 3);
    for (size_t i = 0; i < ZOO_OVERLAPS; i++) {
        ck_assert_uint_eq(s.hits[i], 2);
        near(zoo_spans_f1(&s, i), 0.8);
    }
    near(zoo_spans_accuracy(&s), 0.5);
    near(zoo_spans_acting_accuracy(&s), 7.0 / 12);
    near(zoo_spans_alarms(&s), 60);
    zoo_spans_clear(&s);
    ck_assert_ptr_null(s.delay);
}
END_TEST

START_TEST(recordings_are_counted_together)
{
    zoo_spans_score s = {.recordings = 0};
    add(&s, &truth_b, &found_b);
    ck_assert(isnan(zoo_spans_delay(&s, 0.5)));
    ck_assert_uint_eq(s.hits[0], 1);
    ck_assert_uint_eq(s.hits[1], 1);
    ck_assert_uint_eq(s.hits[2], 0);
    add(&s, &truth_a, &found_a);
    ck_assert_uint_eq(s.recordings, 2);
    near(zoo_spans_accuracy(&s), 16.0 / 30);
    near(zoo_spans_acting_accuracy(&s), 13.0 / 20);
    near(zoo_spans_f1(&s, 0), 6.0 / 9);
    near(zoo_spans_f1(&s, 1), 6.0 / 9);
    near(zoo_spans_f1(&s, 2), 4.0 / 9);
    near(zoo_spans_alarms(&s), 3 * 15); /* 2 s and 2 s */
    ck_assert_uint_eq(s.segments, 3);
    ck_assert_uint_eq(s.noticed, 2);
    near(zoo_spans_mean_delay(&s), 0.25);
    near(zoo_spans_delay(&s, 0), 0.2);
    near(zoo_spans_delay(&s, 0.5), 0.25);
    near(zoo_spans_delay(&s, 0.9), 0.29);
    near(zoo_spans_delay(&s, 1), 0.3);
    zoo_spans_clear(&s);
}
END_TEST

START_TEST(the_truth_is_perfect)
{
    zoo_spans_score s = {.recordings = 0};
    uint32_t action[20] = {0};
    const zoo_event event[] = {{1, 2}, {2, 10}};
    for (size_t k = 0; k < 2; k++)
        for (size_t t = 0; t < true_a[k].frames; t++)
            action[true_a[k].first + t] = true_a[k].action;
    add(&s, &truth_a, &(zoo_spans_found){action, 2, event});
    near(zoo_spans_accuracy(&s), 1);
    near(zoo_spans_f1(&s, 2), 1);
    near(zoo_spans_alarms(&s), 0);
    near(zoo_spans_mean_delay(&s), 0);
    zoo_spans_clear(&s);
}
END_TEST

/* Two neighbours of one class are two true segments, and one predicted one. */
START_TEST(neighbours_of_one_class_stay_two)
{
    static const zoo_span pair[] = {{1, 0, 5}, {1, 5, 5}};
    static const uint32_t all[10] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    const zoo_spans_truth truth = {10, 0, 2, pair, 10};
    zoo_spans_score s = {.recordings = 0};
    add(&s, &truth, &(zoo_spans_found){all, 0, NULL});
    ck_assert_uint_eq(s.found, 1);
    near(zoo_spans_f1(&s, 2), 2.0 / 3);
    near(zoo_spans_accuracy(&s), 1);
    zoo_spans_clear(&s);
}
END_TEST

START_TEST(nothing_is_no_number)
{
    zoo_spans_score s = {.recordings = 0};
    near(zoo_overlap(0), 0.1);
    near(zoo_overlap(1), 0.25);
    near(zoo_overlap(2), 0.5);
    ck_assert(isnan(zoo_overlap(3)));
    for (int empty = 0; empty < 2; empty++) {
        zoo_spans_score *none = empty ? &s : NULL;
        ck_assert(isnan(zoo_spans_accuracy(none)) && isnan(zoo_spans_acting_accuracy(none)));
        ck_assert(isnan(zoo_spans_f1(none, 0)) && isnan(zoo_spans_alarms(none)));
        ck_assert(isnan(zoo_spans_mean_delay(none)) && isnan(zoo_spans_delay(none, 0.5)));
    }
    add(&s, &truth_a, &found_a);
    ck_assert(isnan(zoo_spans_f1(&s, ZOO_OVERLAPS)));
    ck_assert(isnan(zoo_spans_delay(&s, 1.5)) && isnan(zoo_spans_delay(&s, NAN)));
    zoo_spans_clear(&s);
    zoo_spans_clear(NULL);
}
END_TEST

START_TEST(bad_arguments_add_nothing)
{
    static const zoo_span late[] = {{1, 15, 6}}, crossed[] = {{1, 5, 3}, {2, 7, 2}},
                          empty[] = {{1, 5, 0}};
    static const zoo_event behind[] = {{1, 20}};
    const zoo_spans_truth bad[] = {{20, 0, 1, late, 10},        {20, 0, 2, crossed, 10},
                                   {20, 0, 1, empty, 10},       {20, 0, 1, NULL, 10},
                                   {20, 0, 2, true_a, 0},       {20, 0, 2, true_a, NAN},
                                   {20, 0, 2, true_a, INFINITY}};
    const zoo_spans_found wrong[] = {{NULL, 0, NULL}, {action_a, 1, NULL}, {action_a, 1, behind}};
    zoo_spans_score s = {.recordings = 0};
    gop_error err;
    for (size_t i = 0; i < COUNT(bad); i++)
        ck_assert_int_eq(zoo_spans_add(&s, &bad[i], &found_a, &err), GOP_EINVAL);
    for (size_t i = 0; i < COUNT(wrong); i++)
        ck_assert_int_eq(zoo_spans_add(&s, &truth_a, &wrong[i], &err), GOP_EINVAL);
    ck_assert_int_eq(zoo_spans_add(NULL, &truth_a, &found_a, &err), GOP_EINVAL);
    ck_assert_int_eq(zoo_spans_add(&s, NULL, &found_a, &err), GOP_EINVAL);
    ck_assert_int_eq(zoo_spans_add(&s, &truth_a, NULL, &err), GOP_EINVAL);
    ck_assert_uint_eq(s.recordings + s.frames + s.events + s.found, 0);
    ck_assert_ptr_null(s.delay);
}
END_TEST

TEST_MAIN("spans")
{
    tcase_add_test(t, one_recording);
    tcase_add_test(t, recordings_are_counted_together);
    tcase_add_test(t, the_truth_is_perfect);
    tcase_add_test(t, neighbours_of_one_class_stay_two);
    tcase_add_test(t, nothing_is_no_number);
    tcase_add_test(t, bad_arguments_add_nothing);
}
