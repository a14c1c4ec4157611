/*
 * test_metric.c: angles, distances and ranks on cases done by hand, and the
 * protocols on models whose results are known.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif

#include "zoo/metric/metric.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/metric/clips.h"
#include "zoo/metric/protocol.h"

#define HALF_PI 1.57079632679489661923

/* -------------------------------------------------------------------- angles */

static const zoo_axis_rule rules[] = {ZOO_AXIS_PLUS_EPS, ZOO_AXIS_MAX_EPS};

/* A turn about one axis is that Euler angle, with the other sign. */
START_TEST(turns_about_one_axis)
{
    static const double angle[] = {0, 1e-9, 0.3, -0.3, 1.2, -1.5, 1.57};
    for (size_t i = 0; i < sizeof angle / sizeof angle[0]; i++)
        for (int axis = 0; axis < 3; axis++) {
            double r[3] = {0, 0, 0}, e[3];
            r[axis] = angle[i];
            zoo_euler(e, r, rules[_i]);
            for (int k = 0; k < 3; k++)
                ck_assert_double_eq_tol(e[k], k == axis ? -angle[i] : 0, 4e-4);
        }
}
END_TEST

/* R from a unit quaternion, another way than the code's. */
static void quaternion_rotation(double R[3][3], const double r[3])
{
    double theta = sqrt(r[0] * r[0] + r[1] * r[1] + r[2] * r[2]);
    double w = cos(theta / 2), f = theta > 0 ? sin(theta / 2) / theta : 0.5;
    double x = f * r[0], y = f * r[1], z = f * r[2];
    const double q[3][3] = {
        {1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)},
        {2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)},
        {2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)}};
    memcpy(R, q, sizeof q);
}

START_TEST(angles_rebuild_the_rotation)
{
    gop_rng rng = gop_rng_new(3, 0);
    double worst = 0;
    for (int i = 0; i < 2000; i++) {
        double r[3], e[3], R[3][3];
        for (int k = 0; k < 3; k++)
            r[k] = 4 * gop_rng_uniform(&rng) - 2;
        zoo_euler(e, r, rules[_i]);
        quaternion_rotation(R, r);
        double c = cos(e[1]);
        worst = fmax(worst, fabs(-sin(e[1]) - R[0][2]));
        worst = fmax(worst, fabs(c * sin(e[0]) - R[1][2]));
        worst = fmax(worst, fabs(c * cos(e[0]) - R[2][2]));
        worst = fmax(worst, fabs(c * sin(e[2]) - R[0][1]));
        worst = fmax(worst, fabs(c * cos(e[2]) - R[0][0]));
    }
    /* The shortened axis of the first rule is no exact rotation. */
    ck_assert_double_lt(worst, _i == 0 ? 2e-5 : 1e-12);
}
END_TEST

/* At a quarter turn about y the first and third axis fall together. */
START_TEST(quarter_turns_lock)
{
    double e[3];
    const double up[3] = {0, HALF_PI, 0}, down[3] = {0, -HALF_PI, 0};
    zoo_euler(e, up, ZOO_AXIS_MAX_EPS);
    ck_assert(e[0] == 0 && e[1] == -HALF_PI && e[2] == 0);
    zoo_euler(e, down, ZOO_AXIS_MAX_EPS);
    ck_assert(fabs(e[0]) == 2 * HALF_PI && e[1] == HALF_PI && e[2] == 0);
    /* theta + eps makes the axis a little too short to lock. */
    zoo_euler(e, up, ZOO_AXIS_PLUS_EPS);
    ck_assert_double_lt(fabs(e[1] + HALF_PI), 1e-3);
    ck_assert(e[1] != -HALF_PI);
}
END_TEST

START_TEST(small_rotations_follow_the_rule)
{
    /* theta = eps: half the rotation by the first rule, all of it by the second;
     * below eps the second goes down with theta^2. */
    double e[3];
    const double r[3] = {0x1p-23, 0, 0}, s[3] = {0x1p-25, 0, 0};
    zoo_euler(e, r, ZOO_AXIS_PLUS_EPS);
    ck_assert_double_eq_tol(e[0], -0x1p-24, 1e-15);
    zoo_euler(e, r, ZOO_AXIS_MAX_EPS);
    ck_assert_double_eq_tol(e[0], -0x1p-23, 1e-15);
    zoo_euler(e, s, ZOO_AXIS_MAX_EPS);
    ck_assert_double_eq_tol(e[0], -0x1p-27, 1e-15);
}
END_TEST

START_TEST(frames_are_taken_by_triples)
{
    const float raw[12] = {0, 0, 0, 0.5f, 0, 0, 0, -0.25f, 0, 0, 0, 1};
    double e[12];
    zoo_euler_frames(e, raw, 2, 6, ZOO_AXIS_MAX_EPS);
    for (int i = 0; i < 12; i++)
        ck_assert_double_eq_tol(e[i], -(double)raw[i], 1e-7);
}
END_TEST

START_TEST(columns_that_move_are_counted)
{
    /* columns: moves, still, moves too little, moves but constant in training */
    const double e[3 * 4] = {1, 2, 0, 1, 1.1, 2, 1e-4, 5, 1, 2, 0, 1};
    const uint8_t constant[4] = {0, 0, 0, 1};
    uint8_t counted[4];
    zoo_angle_columns(counted, e, 3, 4, constant);
    ck_assert_mem_eq(counted, "\1\0\0\0", 4);
    zoo_angle_columns(counted, e, 3, 4, NULL);
    ck_assert_mem_eq(counted, "\1\0\0\1", 4);
    const double a[4] = {3, 1, 1, 0}, b[4] = {0, 9, 9, 4};
    ck_assert_double_eq_tol(zoo_angle_error(a, b, counted, 4), 5, 1e-12);
}
END_TEST

/* ---------------------------------------------------------- distances and ranks */

START_TEST(distances_are_averaged_over_nodes)
{
    const float a[7] = {9, 0, 0, 0, 1, 1, 1}, b[7] = {0, 3, 4, 0, 1, 1, 3};
    const uint32_t column[6] = {1, 2, 3, 6, 5, 4};
    ck_assert_double_eq_tol(zoo_position_error(a, b, column, 2), 3.5, 1e-12);
}
END_TEST

START_TEST(ties_count_against_the_hit)
{
    const gop_real score[6] = {5, 3, 3, 1, 0, (gop_real)NAN};
    ck_assert(zoo_top_k(score, 5, 0, 1));
    ck_assert(!zoo_top_k(score, 5, 1, 1));
    ck_assert(!zoo_top_k(score, 5, 1, 2));
    ck_assert(zoo_top_k(score, 5, 1, 3));
    ck_assert(zoo_top_k(score, 5, 3, 4));
    ck_assert(!zoo_top_k(score, 5, 4, 4));
    ck_assert(zoo_top_k(score, 5, 4, 5));
    ck_assert(!zoo_top_k(score, 6, 5, 5));
    ck_assert(!zoo_top_k(score, 6, 0, 1));
}
END_TEST

/* ------------------------------------------------------------------ protocols */

/* A model that always says `label` and repeats the last pose; counts its calls. */
typedef struct fake {
    const zoo_domain *domain;
    size_t batch, observed, predicted, label, calls;
} fake;

static gop_status repeat(void *user, const gop_real *x, gop_real *scores, gop_real *poses,
                         gop_error *err)
{
    fake *f = user;
    size_t nodes = f->domain->layout.nodes, classes = f->domain->actions;
    f->calls++;
    if (f->calls == 1000)
        return gop_fail(err, GOP_ENUMERIC, "the model is tired");
    for (size_t i = 0; i < f->batch; i++) {
        for (size_t c = 0; c < classes; c++)
            scores[i * classes + c] = c == f->label;
        for (size_t m = 0; m < nodes; m++)
            for (size_t t = 0; t < f->predicted; t++)
                memcpy(poses + ((i * nodes + m) * f->predicted + t) * 3,
                       x + ((i * nodes + m) * f->observed + f->observed - 1) * 3,
                       3 * sizeof *x);
    }
    return GOP_OK;
}

static zoo_table *evaluate(const char *protocol, const zoo_dataset *data, fake *f)
{
    zoo_predictor model = {repeat, f, f->batch, f->observed, f->predicted, NULL};
    zoo_table *table;
    gop_error err = {GOP_OK, ""};
    f->domain = &data->domain;
    gop_status s = zoo_evaluate(&table, zoo_protocol_find(protocol), data, &model, &err);
    ck_assert_msg(s == GOP_OK, "%s", err.message);
    return table;
}

static zoo_dataset *synth(void)
{
    zoo_dataset *data;
    ck_assert_int_eq(zoo_synth(&data, NULL, 1, NULL), GOP_OK);
    return data;
}

START_TEST(repeating_the_last_pose_is_zero_velocity)
{
    zoo_dataset *data = synth();
    fake f = {NULL, 7, 50, 25, 0, 0};
    zoo_table *table = evaluate("windows", data, &f);
    ck_assert_uint_eq(table->rows, data->domain.actions + 1);
    for (size_t i = 0; i < table->rows; i++) {
        const zoo_row *row = &table->row[i];
        ck_assert_uint_eq(row->horizons, 6);
        ck_assert_str_eq(row->unit, "mm");
        ck_assert(row->predicted && !row->untrained);
        ck_assert_double_eq_tol(row->ms[5], 1000, 1e-9);
        ck_assert_double_eq_tol(row->true_ms[5], 1000, 1e-9);
        ck_assert_double_gt(row->zero_velocity[0], 5);
        ck_assert_double_gt(row->zero_velocity[2], row->zero_velocity[0]);
        for (size_t h = 0; h < row->horizons; h++)
            ck_assert_double_eq_tol(row->error[h], row->zero_velocity[h], 1e-3);
    }
    const zoo_row *mean = &table->row[table->rows - 1];
    ck_assert(mean->average && strcmp(mean->action, "average") == 0);
    ck_assert_uint_eq(mean->actions, data->domain.actions);
    double sum = 0;
    size_t clips = 0;
    for (size_t i = 0; i + 1 < table->rows; i++) {
        sum += table->row[i].error[3];
        clips += table->row[i].clips;
    }
    ck_assert_double_eq_tol(mean->error[3], sum / (double)data->domain.actions, 1e-9);
    ck_assert_uint_eq(mean->clips, clips);
    ck_assert_uint_eq(f.calls, (clips + 6) / 7);
    zoo_table_free(table);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(the_batch_does_not_matter)
{
    zoo_dataset *data = synth();
    fake one = {NULL, 1, 50, 10, 3, 0}, many = {NULL, 31, 50, 10, 3, 0};
    static const char *const name[] = {"windows", "8-seed", "dense"};
    zoo_table *a = evaluate(name[_i], data, &one), *b = evaluate(name[_i], data, &many);
    ck_assert_uint_eq(a->rows, b->rows);
    for (size_t i = 0; i < a->rows; i++) {
        ck_assert_mem_eq(a->row[i].error, b->row[i].error, sizeof a->row[i].error);
        ck_assert(a->row[i].top1 == b->row[i].top1 && a->row[i].clips == b->row[i].clips);
    }
    zoo_table_free(a);
    zoo_table_free(b);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(always_the_same_label_hits_its_own_action)
{
    zoo_dataset *data = synth();
    fake f = {NULL, 16, 50, 10, 2, 0};
    zoo_table *table = evaluate(_i ? "dense" : "8-seed", data, &f);
    for (size_t i = 0; i + 1 < table->rows; i++) {
        ck_assert(table->row[i].top1 == (i == 2 ? 1 : 0));
        /* Seven labels share the second place: a tie, so none is among five. */
        ck_assert(table->row[i].top5 == (i == 2 ? 1 : 0));
        /* 6 test subjects; windows at 0, 5, ..., 50 of 100 frames. */
        ck_assert_uint_eq(table->row[i].clips, _i ? 66 : 8);
    }
    ck_assert_double_eq_tol(table->row[table->rows - 1].top1, 1.0 / 8, 1e-12);
    zoo_table_free(table);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(untrained_actions_are_marked_and_left_out)
{
    zoo_dataset *data = synth();
    fake f = {NULL, 16, 50, 10, 2, 0};
    zoo_table *all = evaluate("windows", data, &f);
    for (size_t i = 0; i < data->sequences; i++)
        if (data->sequence[i].action == 1 && data->sequence[i].split == ZOO_TRAIN)
            data->sequence[i].action = 0;
    zoo_table *table = evaluate("windows", data, &f);
    ck_assert_uint_eq(table->rows, all->rows);
    double sum = 0;
    for (size_t i = 0; i + 1 < table->rows; i++) {
        ck_assert(table->row[i].untrained == (i == 1));
        ck_assert_mem_eq(table->row[i].error, all->row[i].error, sizeof all->row[i].error);
        sum += i == 1 ? 0 : table->row[i].error[0];
    }
    const zoo_row *mean = &table->row[table->rows - 1];
    ck_assert_uint_eq(mean->actions, 7);
    ck_assert(!mean->untrained);
    ck_assert_double_eq_tol(mean->error[0], sum / 7, 1e-9);
    zoo_table_free(all);
    zoo_table_free(table);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(what_cannot_be_measured_is_said)
{
    zoo_dataset *data = synth();
    zoo_table *table;
    gop_error err;
    fake f = {&data->domain, 4, 50, 10, 0, 998};
    zoo_predictor model = {repeat, &f, 4, 50, 10, NULL}, none = {NULL, NULL, 4, 50, 10, NULL};
    ck_assert_ptr_null(zoo_protocol_find("cmu"));
    ck_assert_int_eq(zoo_evaluate(&table, zoo_protocol_find("cmu-csm"), data, &model, &err),
                     GOP_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "exponential maps"));
    ck_assert_int_eq(zoo_evaluate(&table, zoo_protocol_find("dense"), data, &none, &err),
                     GOP_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "needs a model"));
    ck_assert_int_eq(zoo_evaluate(&table, zoo_protocol_find("windows"), data, &none, &err),
                     GOP_OK);
    ck_assert(!table->row[0].predicted && table->row[0].zero_velocity[0] > 5);
    zoo_table_free(table);
    ck_assert_int_eq(zoo_evaluate(&table, zoo_protocol_find("windows"), data, &model, &err),
                     GOP_ENUMERIC);
    ck_assert_str_eq(err.message, "the model is tired");
    ck_assert_ptr_null(table);
    model.observed = 95;
    ck_assert_int_eq(zoo_evaluate(&table, zoo_protocol_find("windows"), data, &model, &err),
                     GOP_EFORMAT);
    ck_assert_ptr_nonnull(strstr(err.message, "no test sequence"));
    zoo_dataset_free(data);
}
END_TEST

START_TEST(clips_take_test_sequences_in_turn)
{
    zoo_dataset *data = synth();
    zoo_clips clips;
    const zoo_draw draw = {8, 0, 75};
    ck_assert_int_eq(zoo_clips_draw(&clips, data, &draw, NULL), GOP_OK);
    ck_assert_uint_eq(clips.n, 64);
    for (size_t k = 0; k < clips.n; k++) {
        const zoo_sequence *s = &data->sequence[clips.clip[k].sequence];
        ck_assert_int_eq(s->split, ZOO_TEST);
        ck_assert_uint_eq(s->action, k / 8);
        ck_assert_uint_lt(clips.clip[k].start, 25);
        ck_assert_uint_eq(clips.clip[k].start, clips.clip[k % 8].start);
        ck_assert((k % 8 < 6) == (clips.clip[k].sequence == 160 + 8 * (k % 8) + k / 8));
    }
    zoo_clips_clear(&clips);
    zoo_dataset_free(data);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metric");
    TCase *t = tcase_create("metric");
    tcase_add_loop_test(t, turns_about_one_axis, 0, 2);
    tcase_add_loop_test(t, angles_rebuild_the_rotation, 0, 2);
    tcase_add_test(t, quarter_turns_lock);
    tcase_add_test(t, small_rotations_follow_the_rule);
    tcase_add_test(t, frames_are_taken_by_triples);
    tcase_add_test(t, columns_that_move_are_counted);
    tcase_add_test(t, distances_are_averaged_over_nodes);
    tcase_add_test(t, ties_count_against_the_hit);
    tcase_add_test(t, repeating_the_last_pose_is_zero_velocity);
    tcase_add_loop_test(t, the_batch_does_not_matter, 0, 3);
    tcase_add_loop_test(t, always_the_same_label_hits_its_own_action, 0, 2);
    tcase_add_test(t, untrained_actions_are_marked_and_left_out);
    tcase_add_test(t, what_cannot_be_measured_is_said);
    tcase_add_test(t, clips_take_test_sequences_in_turn);
    suite_add_tcase(suite, t);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
