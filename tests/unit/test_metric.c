/*
 * test_metric.c: angles, distances and ranks on cases computed by hand, and the protocols on models
 * with known results.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include "zoo/metric/metric.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/dataset/store/store.h"
#include "zoo/metric/clips.h"
#include "zoo/metric/evaluate.h"

#define HALF_PI 1.57079632679489661923

/* -------------------------------------------------------------------- angles */

static const zoo_axis_rule rules[] = {ZOO_AXIS_PLUS_EPS, ZOO_AXIS_MAX_EPS};

/* A rotation about one axis is that Euler angle with the opposite sign. */
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

/* R from a unit quaternion, unlike the code. */
static void quaternion_rotation(double R[3][3], const double r[3])
{
    double theta = sqrt(r[0] * r[0] + r[1] * r[1] + r[2] * r[2]);
    double w = cos(theta / 2), f = theta > 0 ? sin(theta / 2) / theta : 0.5;
    double x = f * r[0], y = f * r[1], z = f * r[2];
    const double q[3][3] = {{1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)},
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

/* At a quarter turn about y the first and third axis coincide. */
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
    /* theta = eps: half the rotation by the first rule, all of it by the second; below eps the
     * second falls with theta^2. */
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

START_TEST(the_answer_agrees_with_the_first_place)
{
    const gop_real score[6] = {5, 3, 3, 1, 0, (gop_real)NAN}, tie[3] = {2, 7, 7};
    for (size_t label = 0; label < 5; label++) {
        ck_assert_uint_eq(zoo_answer(score, 5, label), 0);
        ck_assert((zoo_answer(score, 5, label) == label) == zoo_top_k(score, 5, label, 1));
    }
    /* With a tie the answer is another class. */
    ck_assert_uint_eq(zoo_answer(tie, 3, 0), 1);
    ck_assert_uint_eq(zoo_answer(tie, 3, 1), 2);
    ck_assert_uint_eq(zoo_answer(tie, 3, 2), 1);
    ck_assert_uint_eq(zoo_answer(score, 6, 0), 1); /* the NaN ties */
    ck_assert_uint_eq(zoo_answer(score, 5, 5), 5);
}
END_TEST

/* Six answers by hand.  Bin 14 has 0.95 (right), 0.97 (wrong) and 1 (right), bin 7 0.53125 (right),
 * bin 8 0.55 (wrong) and 0.59375 (right). */
START_TEST(calibration_compares_confidence_with_hits)
{
    static const struct {
        double best;
        bool hit;
        size_t bin;
    } answer[6] = {{0.95, true, 14},   {0.97, false, 14}, {1, true, 14},
                   {0.53125, true, 7}, {0.55, false, 8},  {0.59375, true, 8}};
    const gop_real raw[2] = {3, -1}, nothing[2] = {(gop_real)NAN, 0};
    zoo_calibration c = {{0}, {0}, {0}, 0}, half = c;
    double error = 0, of[ZOO_CALIBRATION_BINS] = {0};
    ck_assert(isnan(zoo_calibration_error(&c)));
    for (size_t i = 0; i < 6; i++) {
        const gop_real p[3] = {(gop_real)answer[i].best, (gop_real)(1 - answer[i].best), 0};
        zoo_calibration_add(i < 2 ? &half : &c, p, 3, answer[i].hit ? 0 : 2);
        of[answer[i].bin] += answer[i].hit - answer[i].best;
    }
    zoo_calibration_join(&c, &half);
    ck_assert(c.clips[14] == 3 && c.hits[14] == 2 && c.clips[7] == 1 && c.clips[8] == 2);
    for (size_t k = 0; k < ZOO_CALIBRATION_BINS; k++)
        error += fabs(of[k]) / 6;
    ck_assert_double_eq_tol(zoo_calibration_error(&c), error, 1e-6);
    /* |2 - 2.92| + |1 - 0.53125| + |1 - 1.14375|, by 6 */
    ck_assert_double_eq_tol(zoo_calibration_error(&c), (0.92 + 0.46875 + 0.14375) / 6, 1e-6);
    half = c;
    zoo_calibration_add(&c, raw, 2, 0); /* no probabilities */
    ck_assert(isnan(zoo_calibration_error(&c)));
    zoo_calibration_add(&half, nothing, 2, 0);
    ck_assert(isnan(zoo_calibration_error(&half)));
}
END_TEST

START_TEST(bins_have_equal_width)
{
    for (size_t k = 0; k < ZOO_CALIBRATION_BINS; k++) {
        zoo_calibration c = {{0}, {0}, {0}, 0};
        const gop_real p[1] = {(gop_real)(((double)k + 0.5) / ZOO_CALIBRATION_BINS)};
        zoo_calibration_add(&c, p, 1, 0);
        ck_assert_uint_eq(c.clips[k], 1);
    }
    zoo_calibration c = {{0}, {0}, {0}, 0};
    const gop_real end[3] = {0, 1, (gop_real)1.000001};
    for (size_t i = 0; i < 3; i++)
        zoo_calibration_add(&c, &end[i], 1, 0);
    ck_assert(c.clips[0] == 1 && c.clips[14] == 2 && c.others == 0);
    ck_assert(c.confidence[14] == 2);
}
END_TEST

START_TEST(joints_are_near_within_the_limit)
{
    const double q[12] = {0, 0, 0, 4, 0, 0, 0, -2, 0, 1, 1, 1};
    double p[12];
    memcpy(p, q, sizeof p);
    ck_assert_double_eq(zoo_box_side(q, 4), 4);
    ck_assert_double_eq(zoo_box_side(q + 6, 2), 3);
    ck_assert_double_eq(zoo_box_side(q, 1), 0);
    ck_assert_double_eq(zoo_pck(p, q, 4, 0), 1);
    p[0] = 0.5; /* joint 0 is 0.5 away */
    p[9] += 3;  /* joint 3 is 5 away */
    p[11] += 4;
    ck_assert_double_eq(zoo_pck(p, q, 4, 0.4), 0.5);
    ck_assert_double_eq(zoo_pck(p, q, 4, 0.5), 0.75);
    ck_assert_double_eq(zoo_pck(p, q, 4, 5), 1);
    ck_assert_double_eq_tol(zoo_mean_distance(p, q, 4), 5.5 / 4, 1e-12);
    p[3] = NAN;
    ck_assert_double_eq(zoo_pck(p, q, 4, 1e9), 0.75);
}
END_TEST

/* ------------------------------------------------------------------ protocols */

/* A model that always answers `label` and repeats the last pose; counts its calls. */
typedef struct fake {
    const zoo_domain *domain;
    size_t batch, observed, predicted, label, calls;
} fake;

static gop_status repeat(void *user, const gop_real *x, const gop_real *bodies, gop_real *scores,
                         gop_real *poses, gop_error *err)
{
    (void)bodies;
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
                       x + ((i * nodes + m) * f->observed + f->observed - 1) * 3, 3 * sizeof *x);
    }
    return GOP_OK;
}

/* A metric's numbers, which must exist. */
static const zoo_result *of(const zoo_table *table, size_t row, const char *key)
{
    const zoo_result *r = zoo_table_result(table, row, key);
    ck_assert_msg(r != NULL, "%s is not measured", key);
    return r;
}

static zoo_table *evaluate_with(const char *protocol, const zoo_dataset *data, fake *f,
                                const zoo_measure *measure)
{
    zoo_predictor model = {.run = repeat,
                           .user = f,
                           .batch = f->batch,
                           .observed = f->observed,
                           .predicted = f->predicted,
                           .recognises = true};
    zoo_table *table;
    gop_error err = {GOP_OK, ""};
    f->domain = &data->domain;
    gop_status s = recorded(
        zoo_evaluate(&table, zoo_protocol_find(protocol), data, &model, measure, &err), &err);
    ck_assert_msg(s == GOP_OK, "%s", err.message);
    return table;
}

static zoo_table *evaluate(const char *protocol, const zoo_dataset *data, fake *f)
{
    return evaluate_with(protocol, data, f, NULL);
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
    ck_assert_uint_eq(table->horizons, 8);
    ck_assert_str_eq(table->metric[0].unit, "mm");
    ck_assert(table->predicted);
    ck_assert_double_eq_tol(table->ms[7], 1000, 1e-9);
    ck_assert_double_eq_tol(table->true_ms[7], 1000, 1e-9);
    for (size_t i = 0; i < table->rows; i++) {
        const zoo_result *error = of(table, i, "error");
        ck_assert_uint_eq(table->row[i].marks, 0);
        ck_assert_double_gt(error->still[0], 5);
        ck_assert_double_gt(error->still[2], error->still[0]);
        for (size_t h = 0; h < table->horizons; h++)
            ck_assert_double_eq_tol(error->model[h], error->still[h], 1e-3);
    }
    const zoo_row *mean = &table->row[table->rows - 1];
    ck_assert(mean->average && strcmp(mean->action, "average") == 0);
    ck_assert_uint_eq(mean->actions, data->domain.actions);
    double sum = 0;
    size_t clips = 0;
    for (size_t i = 0; i + 1 < table->rows; i++) {
        sum += of(table, i, "error")->model[3];
        clips += table->row[i].clips;
    }
    ck_assert_double_eq_tol(of(table, table->rows - 1, "error")->model[3],
                            sum / (double)data->domain.actions, 1e-9);
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
    static const char *const name[] = {"windows", "8-seed", "dense", "beginning"};
    zoo_table *a = evaluate(name[_i], data, &one), *b = evaluate(name[_i], data, &many);
    ck_assert_uint_eq(a->rows, b->rows);
    for (size_t i = 0; i < a->rows; i++) {
        ck_assert_mem_eq(a->row[i].result, b->row[i].result, a->metrics * sizeof *a->row[i].result);
        ck_assert(a->row[i].accuracy == b->row[i].accuracy && a->row[i].clips == b->row[i].clips);
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
        ck_assert(of(table, i, "top1")->model[0] == (i == 2 ? 1 : 0));
        /* Seven labels tie for second place, so none is among the best five. */
        ck_assert(of(table, i, "top5")->model[0] == (i == 2 ? 1 : 0));
        /* 6 test subjects; windows at 0, 5, ..., 50 of 100 frames. */
        ck_assert_uint_eq(table->row[i].clips, _i ? 66 : 8);
    }
    ck_assert_double_eq_tol(of(table, table->rows - 1, "top1")->model[0], 1.0 / 8, 1e-12);
    zoo_table_free(table);
    zoo_dataset_free(data);
}
END_TEST

/* Of the whole average: a model that is sure and right for one of eight actions. */
START_TEST(only_the_average_has_a_calibration_error)
{
    zoo_dataset *data = synth();
    fake f = {NULL, 16, 50, 10, 2, 0};
    zoo_table *table = evaluate("8-seed", data, &f);
    for (size_t i = 0; i + 1 < table->rows; i++)
        ck_assert(isnan(of(table, i, "ece")->model[0]));
    ck_assert_double_eq_tol(of(table, table->rows - 1, "ece")->model[0], 7.0 / 8, 1e-12);
    zoo_table_free(table);
    zoo_dataset_free(data);
}
END_TEST

/* A model that recognises the action from the first observed frame: that of the test sequence with
 * this first frame. */
typedef struct memory {
    const zoo_dataset *data;
    size_t batch, observed;
} memory;

static gop_status recall(void *user, const gop_real *x, const gop_real *bodies, gop_real *scores,
                         gop_real *poses, gop_error *err)
{
    (void)bodies;
    const memory *f = user;
    const zoo_dataset *data = f->data;
    const size_t nodes = data->domain.layout.nodes, classes = data->domain.actions;
    gop_real first[ZOO_MAX_NODES * 3];
    (void)poses;
    (void)err;
    for (size_t i = 0; i < f->batch; i++)
        for (size_t c = 0; c < classes; c++)
            scores[i * classes + c] = 0;
    for (size_t k = 0; k < data->sequences; k++) {
        zoo_normalise(&data->domain, data->sequence[k].data, 1, first, 3);
        for (size_t i = 0; i < f->batch && data->sequence[k].split == ZOO_TEST; i++) {
            bool same = true;
            for (size_t m = 0; m < nodes; m++)
                same &= memcmp(first + 3 * m, x + (i * nodes + m) * f->observed * 3,
                               3 * sizeof *x) == 0;
            if (same)
                scores[i * classes + data->sequence[k].action] = 1;
        }
    }
    return GOP_OK;
}

/* One clip for each test sequence, from its first frame.  A sequence with exactly the observed
 * frames has a clip; one that is a frame shorter has none and is counted. */
START_TEST(beginnings_are_the_first_frames)
{
    zoo_dataset *data = synth();
    zoo_table *table;
    gop_error err = {GOP_OK, ""};
    memory f = {data, 5, 40};
    zoo_predictor model = {
        .run = recall, .user = &f, .batch = 5, .observed = 40, .predicted = 10, .recognises = true};
    size_t cut = 0;
    data->domain.factor = 2; /* 100 frames are 50 */
    for (size_t i = 0; i < data->sequences; i++)
        if (data->sequence[i].split == ZOO_TEST && data->sequence[i].action == 3 && cut < 3)
            data->sequence[i].frames = cut++ == 0 ? 79 : 78;
    gop_status s = recorded(
        zoo_evaluate(&table, zoo_protocol_find("beginning"), data, &model, NULL, &err), &err);
    ck_assert_msg(s == GOP_OK, "%s", err.message);
    ck_assert_uint_eq(table->rows, data->domain.actions + 1);
    ck_assert_uint_eq(table->left_out, 2);
    for (size_t i = 0; i + 1 < table->rows; i++) {
        ck_assert_uint_eq(table->row[i].clips, i == 3 ? 4 : 6);
        ck_assert(of(table, i, "top1")->model[0] == 1);
    }
    ck_assert_uint_eq(table->row[table->rows - 1].clips, 46);
    zoo_table_free(table);
    ck_assert(zoo_protocol_usual(zoo_protocol_find("beginning"), &data->domain));
    ck_assert(!zoo_protocol_usual(zoo_protocol_find("h36m-3d-32"), &data->domain));
    data->domain.layout.feature = ZOO_EXPMAP;
    ck_assert(zoo_protocol_suits(zoo_protocol_find("beginning"), &data->domain));
    ck_assert(!zoo_protocol_usual(zoo_protocol_find("beginning"), &data->domain));
    ck_assert(zoo_protocol_usual(zoo_protocol_find("dense"), &data->domain));
    zoo_dataset_free(data);
}
END_TEST

/* Clips have 50 frames, and windows 40: in 39 frames a window has no answer, in 40 it begins with the
 * clip, which `recall` knows, and in 45 it does not. */
START_TEST(windows_end_where_the_observed_share_ends)
{
    static const struct {
        double share, accuracy;
    } want[] = {{0.5, 0}, {0.77, 0}, {0.8, 1}, {0.9, 0}};
    static const double bad[] = {-0.1, 1.1, NAN};
    zoo_dataset *data = synth();
    gop_error err = {GOP_OK, ""};
    memory f = {data, 5, 40};
    zoo_table *table;
    const zoo_predictor model = {
        .run = recall, .user = &f, .batch = 5, .observed = 40, .recognises = true};
    data->domain.factor = 2;
    for (size_t k = 0; k < sizeof want / sizeof want[0]; k++) {
        const zoo_measure part = {.share = want[k].share};
        ck_assert_int_eq(
            zoo_evaluate(&table, zoo_protocol_find("beginning"), data, &model, &part, &err),
            GOP_OK);
        const zoo_row *all = &table->row[table->rows - 1];
        ck_assert_uint_eq(all->clips, 48);
        ck_assert_double_eq(all->accuracy, want[k].accuracy);
        zoo_table_free(table);
    }
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
        const zoo_measure part = {.share = bad[k]};
        ck_assert_int_eq(
            zoo_evaluate(&table, zoo_protocol_find("beginning"), data, &model, &part, &err),
            GOP_EINVAL);
    }
    ck_assert_int_eq(zoo_evaluate(&table, zoo_protocol_find("dense"), data, &model,
                                  &(zoo_measure){.share = 0.5}, &err),
                     GOP_EINVAL);
    ck_assert_msg(strstr(err.message, "dense does not measure shares") != NULL, "%s", err.message);
    zoo_dataset_free(data);
}
END_TEST

/* Finds after how many frames the first one comes again. */
typedef struct repeating {
    size_t classes, observed, period;
} repeating;

static gop_status find_period(void *user, const gop_real *x, const gop_real *bodies,
                              gop_real *scores, gop_real *poses, gop_error *err)
{
    repeating *f = user;
    (void)bodies;
    (void)poses;
    (void)err;
    for (size_t c = 0; c < f->classes; c++)
        scores[c] = 0;
    for (f->period = 1; f->period < f->observed; f->period++)
        if (memcmp(x, x + 3 * f->period, 3 * sizeof *x) == 0)
            break;
    return GOP_OK;
}

/* The first n of 50 frames are repeated after n. */
START_TEST(whole_clips_are_seen_in_part)
{
    zoo_dataset *data = synth();
    gop_error err = {GOP_OK, ""};
    zoo_table *table;
    data->domain.factor = 2;
    for (size_t n = 10; n <= 30; n += 10) {
        repeating f = {data->domain.actions, 40, 0};
        const zoo_predictor model = {
            .run = find_period,
            .user = &f,
            .view = {.bodies = 1, .sample = ZOO_SAMPLE_WHOLE, .shorter = ZOO_SHORT_LOOP},
            .batch = 1,
            .observed = 40,
            .recognises = true};
        const zoo_measure part = {.share = (double)n / 50};
        ck_assert_msg(zoo_evaluate(&table, zoo_protocol_find("clips"), data, &model, &part, &err) ==
                          GOP_OK,
                      "%s", err.message);
        ck_assert_uint_eq(f.period, n);
        zoo_table_free(table);
    }
    zoo_dataset_free(data);
}
END_TEST

/* S5_ACTION_take, which lasts as long as the test. */
static const char *name_of(const char *action, size_t take)
{
    static char name[64][ZOO_SEQUENCE_NAME_SIZE];
    static size_t n;
    snprintf(name[n % 64], sizeof *name, "S5_%.40s_%zu", action, take);
    return name[n++ % 64];
}

/* The procedural set as if it were Human3.6M: two test sequences an action, S5_ACTION_1 and
 * S5_ACTION_2; the others are training data. */
static zoo_dataset *two_takes(void)
{
    zoo_dataset *data = synth();
    size_t takes[ZOO_MAX_ACTIONS] = {0};
    snprintf(data->domain.name, sizeof data->domain.name, "h36m");
    for (size_t i = 0; i < data->sequences; i++) {
        zoo_sequence *s = &data->sequence[i];
        if (s->split == ZOO_TEST && ++takes[s->action] > 2)
            s->split = ZOO_TRAIN;
        else if (s->split == ZOO_TEST)
            s->name = name_of(data->domain.action[s->action], takes[s->action]);
    }
    return data;
}

/* The test sequence S5_ACTION_take. */
static zoo_sequence *take_of(zoo_dataset *data, size_t action, size_t take)
{
    char name[ZOO_SEQUENCE_NAME_SIZE];
    snprintf(name, sizeof name, "S5_%.40s_%zu", data->domain.action[action], take);
    for (size_t i = 0; i < data->sequences; i++)
        if (strcmp(data->sequence[i].name, name) == 0)
            return &data->sequence[i];
    ck_abort_msg("no sequence %s", name);
}

START_TEST(actions_with_other_test_files_are_marked_and_left_out)
{
    static const char *const measured[] = {"dense", "8-seed"};
    zoo_dataset *data = two_takes();
    fake f = {NULL, 16, 20, 10, 8, 0};
    zoo_table *all = evaluate(measured[_i], data, &f);
    for (size_t i = 0; i < all->rows; i++)
        ck_assert(all->row[i].marks == 0 && all->row[i].lacks[0] == '\0');
    ck_assert_uint_eq(all->row[all->rows - 1].actions, 8);
    take_of(data, 1, 2)->name = "another";       /* one is missing, another is there */
    take_of(data, 2, 1)->split = ZOO_TRAIN;      /* missing */
    take_of(data, 3, 2)->frames = 12;            /* too short for a clip */
    for (size_t i = 0; i < data->sequences; i++) /* one too many */
        if (data->sequence[i].action == 4 && data->sequence[i].split == ZOO_TRAIN) {
            data->sequence[i].split = ZOO_TEST;
            break;
        }
    for (size_t i = 0; i < data->sequences; i++) /* absent as a whole: no row */
        if (data->sequence[i].action == 5)
            data->sequence[i].split = ZOO_TRAIN;
    zoo_table *table = evaluate(measured[_i], data, &f);
    ck_assert_uint_eq(table->rows, 8);
    for (size_t i = 0; i + 1 < table->rows; i++) {
        const zoo_row *row = &table->row[i];
        const bool lacks = row->class_index >= 1 && row->class_index <= 3;
        ck_assert_uint_eq(row->marks, lacks || row->class_index == 4 ? ZOO_OTHER_FILES : 0);
        ck_assert_int_eq(row->lacks[0] != '\0', lacks);
        if (lacks)
            ck_assert_int_eq(row->lacks[strlen(row->lacks) - 1], row->class_index == 2 ? '1' : '2');
    }
    ck_assert_uint_eq(table->row[7].actions, 3);
    zoo_table_free(table);
    /* A data set without a list. */
    snprintf(data->domain.name, sizeof data->domain.name, "csv");
    table = evaluate(measured[_i], data, &f);
    ck_assert_uint_eq(table->row[7].actions, 7);
    zoo_table_free(table);
    zoo_table_free(all);
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
        ck_assert_uint_eq(table->row[i].marks, i == 1 ? ZOO_UNTRAINED : 0);
        ck_assert_mem_eq(of(table, i, "error"), of(all, i, "error"), sizeof(zoo_result));
        sum += i == 1 ? 0 : of(table, i, "error")->model[0];
    }
    const zoo_row *mean = &table->row[table->rows - 1];
    ck_assert_uint_eq(mean->actions, 7);
    ck_assert_uint_eq(mean->marks, 0);
    ck_assert_double_eq_tol(of(table, table->rows - 1, "error")->model[0], sum / 7, 1e-9);
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
    zoo_predictor model = {.run = repeat, .user = &f, .batch = 4, .observed = 50, .predicted = 10};
    zoo_predictor none = {.batch = 4, .observed = 50, .predicted = 10};
    ck_assert_ptr_null(zoo_protocol_find("cmu"));
    ck_assert_int_eq(
        recorded(zoo_evaluate(&table, zoo_protocol_find("cmu-csm"), data, &model, NULL, &err),
                 &err),
        GOP_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "exponential maps"));
    ck_assert_int_eq(
        recorded(zoo_evaluate(&table, zoo_protocol_find("dense"), data, &none, NULL, &err), &err),
        GOP_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "needs a model"));
    ck_assert_int_eq(zoo_evaluate(&table, zoo_protocol_find("windows"), data, &none, NULL, &err),
                     GOP_OK);
    ck_assert(!table->predicted && of(table, 0, "error")->still[0] > 5);
    zoo_table_free(table);
    ck_assert_int_eq(
        recorded(zoo_evaluate(&table, zoo_protocol_find("windows"), data, &model, NULL, &err),
                 &err),
        GOP_ENUMERIC);
    ck_assert_str_eq(err.message, "the model is tired");
    ck_assert_ptr_null(table);
    model.observed = 95;
    ck_assert_int_eq(
        recorded(zoo_evaluate(&table, zoo_protocol_find("windows"), data, &model, NULL, &err),
                 &err),
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

/* ------------------------------------------------------------- what is beside */

START_TEST(the_spread_is_that_of_the_clips)
{
    /* Compares walk's clips one by one, hiding all sequences but one, with all clips together. */
    zoo_dataset *data = synth();
    fake f = {NULL, 7, 50, 25, 0, 0};
    zoo_table *all = evaluate("windows", data, &f);
    double x[64], sum = 0, squares = 0;
    size_t n = 0;
    for (size_t i = 0; i < data->sequences; i++) {
        if (data->sequence[i].split != ZOO_TEST || data->sequence[i].action != 0)
            continue;
        for (size_t start = 0; start + 75 <= data->sequence[i].frames; start += 10) {
            const float *last = data->sequence[i].data + (start + 49) * 66;
            double p[66], q[66];
            for (size_t c = 0; c < 66; c++) {
                p[c] = last[data->domain.layout.column[c]];
                q[c] = last[4 * 66 + data->domain.layout.column[c]];
            }
            x[n++] = 1000 * zoo_mean_distance(p, q, 22);
        }
    }
    ck_assert_uint_eq(n, all->row[0].clips);
    for (size_t k = 0; k < n; k++)
        sum += x[k] / (double)n;
    for (size_t k = 0; k < n; k++)
        squares += (x[k] - sum) * (x[k] - sum);
    ck_assert_double_eq_tol(of(all, 0, "error")->still[1], sum, 1e-9);
    ck_assert_double_eq_tol(of(all, 0, "error")->still_std[1], sqrt(squares / (double)(n - 1)),
                            1e-9);
    ck_assert_double_gt(of(all, 0, "error")->still_std[1], 1);
    ck_assert_double_eq_tol(of(all, 0, "error")->model_std[1], of(all, 0, "error")->still_std[1],
                            1e-3);
    /* The average's standard deviations, from the actions'. */
    const zoo_result *mean = of(all, all->rows - 1, "error");
    double inside = 0, between = 0;
    for (size_t i = 0; i + 1 < all->rows; i++) {
        double d = of(all, i, "error")->still[1] - mean->still[1];
        inside += of(all, i, "error")->still_std[1] * of(all, i, "error")->still_std[1];
        between += d * d;
    }
    ck_assert_double_eq_tol(mean->still_std[1], sqrt((inside + between) / 8), 1e-9);
    zoo_table_free(all);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(one_clip_has_no_spread)
{
    zoo_dataset *data = synth();
    fake f = {NULL, 7, 50, 50, 0, 0}; /* 100 frames: one window in each sequence */
    for (size_t i = 0; i < data->sequences; i++)
        if (data->sequence[i].split == ZOO_TEST && i >= 168)
            data->sequence[i].split = ZOO_TRAIN;
    zoo_table *table = evaluate("windows", data, &f);
    ck_assert_uint_eq(table->row[0].clips, 1);
    ck_assert(isnan(of(table, 0, "error")->model_std[0]) &&
              isnan(of(table, 8, "error")->still_std[0]));
    zoo_table_free(table);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(shares_of_near_joints_follow_the_scale)
{
    zoo_dataset *data = synth();
    fake f = {NULL, 7, 50, 10, 0, 0};
    zoo_measure wide = {.pck_limit = 100}, metre = {.pck_scale = ZOO_PCK_METRE};
    zoo_measure narrow = {.pck_limit = 1e-9, .pck_scale = ZOO_PCK_METRE};
    zoo_measure std = {.pck_scale = ZOO_PCK_STD};
    zoo_table *box = evaluate("windows", data, &f), *t;
    t = evaluate_with("windows", data, &f, &wide);
    ck_assert_double_eq(of(t, 0, "pck")->model[3], 1);
    zoo_table_free(t);
    t = evaluate_with("windows", data, &f, &narrow);
    ck_assert_double_lt(of(t, 0, "pck")->model[3], 0.2);
    zoo_table_free(t);
    /* A body is taller than a metre, so a share of its box is a wider limit. */
    t = evaluate_with("windows", data, &f, &metre);
    for (size_t i = 0; i < t->rows; i++)
        for (size_t h = 0; h < 4; h++) {
            ck_assert(of(box, i, "pck")->model[h] >= of(t, i, "pck")->model[h]);
            ck_assert(of(box, i, "pck")->model[h] <= 1 && of(t, i, "pck")->model[h] >= 0);
            ck_assert_double_eq_tol(of(t, i, "pck")->model[h], of(t, i, "pck")->still[h], 0.02);
        }
    ck_assert_double_gt(of(box, 8, "pck")->model[0], of(t, 8, "pck")->model[0]);
    zoo_table_free(t);
    /* In standard deviations: by hand for the first window of walk. */
    t = evaluate_with("windows", data, &f, &std);
    ck_assert(of(t, 0, "pck")->model[0] > 0 && of(t, 0, "pck")->model[0] < 1);
    ck_assert(of(t, 0, "pck")->model[0] != of(box, 0, "pck")->model[0]);
    zoo_table_free(t);
    zoo_table_free(box);
    zoo_dataset_free(data);
}
END_TEST

/* Answers classes 0, 2 and 1 in turn. */
static gop_status turns(void *user, const gop_real *x, const gop_real *bodies, gop_real *scores,
                        gop_real *poses, gop_error *err)
{
    (void)bodies;
    fake *f = user;
    (void)x, (void)poses, (void)err;
    for (size_t i = 0; i < f->batch; i++, f->calls++)
        for (size_t c = 0; c < 8; c++)
            scores[i * 8 + c] = ((c + f->calls) % 3 == 0 ? 10 : 0) - (gop_real)c;
    return GOP_OK;
}

START_TEST(the_matrix_adds_up_to_the_accuracies)
{
    zoo_dataset *data = synth();
    /* Actions of different sizes, so that the two accuracies differ. */
    for (size_t i = 0; i < data->sequences; i++)
        if (data->sequence[i].split == ZOO_TEST && i >= 176 && data->sequence[i].action > 0)
            data->sequence[i].split = ZOO_TRAIN;
    fake f = {NULL, 5, 50, 10, 0, 0};
    zoo_predictor model = {
        .run = turns, .user = &f, .batch = 5, .observed = 50, .predicted = 10, .recognises = true};
    zoo_measure measure = {.top = 3};
    zoo_table *table;
    ck_assert_int_eq(zoo_evaluate(&table, zoo_protocol_find("dense"), data, &model, &measure, NULL),
                     GOP_OK);
    ck_assert_uint_eq(table->actions, 8);
    size_t hits = 0, clips = 0;
    double classes = 0;
    for (size_t i = 0; i < 8; i++) {
        const zoo_row *row = &table->row[i];
        size_t sum = 0, hit = table->confusion[i * 8 + i];
        for (size_t k = 0; k < 8; k++)
            sum += table->confusion[i * 8 + k];
        ck_assert_uint_eq(row->class_index, i);
        ck_assert_uint_eq(sum, row->clips);
        double top1 = of(table, i, "top1")->model[0], top3 = of(table, i, "top3")->model[0];
        ck_assert_double_eq_tol(top1, (double)hit / (double)sum, 1e-12);
        ck_assert_double_eq_tol(row->accuracy, top1, 1e-12);
        ck_assert(top3 >= top1 && top3 <= of(table, i, "top5")->model[0]);
        hits += hit;
        clips += sum;
        classes += top1 / 8;
    }
    const zoo_row *mean = &table->row[8];
    ck_assert(mean->average && mean->class_index == SIZE_MAX);
    double top1 = of(table, 8, "top1")->model[0];
    ck_assert_double_eq_tol(top1, classes, 1e-12);
    ck_assert_double_eq_tol(mean->accuracy, (double)hits / (double)clips, 1e-12);
    ck_assert_msg(fabs(top1 - mean->accuracy) > 1e-2, "%g %g", top1, mean->accuracy);
    ck_assert(of(table, 8, "top3")->model[0] > top1);
    ck_assert_str_eq(table->metric[2].label, "top-3");
    zoo_table_free(table);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(no_matrix_of_predictions)
{
    zoo_dataset *data = synth();
    fake f = {NULL, 7, 50, 10, 0, 0};
    zoo_table *table = evaluate("windows", data, &f);
    ck_assert_ptr_null(table->confusion);
    ck_assert_ptr_null(zoo_table_result(table, 0, "top1"));
    zoo_table_free(table);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(measures_out_of_range_are_refused)
{
    zoo_dataset *data = synth();
    fake f = {&data->domain, 4, 50, 10, 0, 0};
    zoo_predictor model = {.run = repeat, .user = &f, .batch = 4, .observed = 50, .predicted = 10};
    const zoo_protocol *windows = zoo_protocol_find("windows");
    zoo_measure measure = {.pck_limit = -1};
    zoo_table *table;
    gop_error err;
    ck_assert_int_eq(recorded(zoo_evaluate(&table, windows, data, &model, &measure, &err), &err),
                     GOP_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "not -1"));
    measure.pck_limit = NAN;
    ck_assert_int_eq(recorded(zoo_evaluate(&table, windows, data, &model, &measure, &err), &err),
                     GOP_EINVAL);
    measure.pck_limit = INFINITY;
    ck_assert_int_eq(recorded(zoo_evaluate(&table, windows, data, &model, &measure, &err), &err),
                     GOP_EINVAL);
    measure.pck_limit = 1;
    measure.pck_scale = (zoo_pck_scale)7;
    ck_assert_int_eq(recorded(zoo_evaluate(&table, windows, data, &model, &measure, &err), &err),
                     GOP_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "scale 7"));
    ck_assert_ptr_null(table);
    zoo_protocol mine = *windows;
    mine.name = "mine";
    ck_assert_int_eq(recorded(zoo_evaluate(&table, &mine, data, &model, NULL, &err), &err),
                     GOP_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "mine is not in the list"));
    zoo_dataset_free(data);
}
END_TEST

/* The sentences from before they were generated from the table's fields. */
START_TEST(descriptions_follow_the_table)
{
#define SEEDED    "by the legacy generator with seed 1234567890, "
#define ANGLES    "mean Euclidean distance of Euler angles in radians over columns that move in the "
#define PREDICTED "predicted frames and in the training data"
#define WHOLE     "whole clip; columns that no node carries repeat the last observed frame"
#define FORWARD   "joints that move and lie apart, by forward kinematics without the root's rotation"
#define PUBLISHED "joints, as the published evaluation takes the mean"
#define TURNS(n) \
    n " clips an action from its test sequences in turn " SEEDED "starts in [16, n - 150); "
#define IN_TURN TURNS("8")
#define GOES_ON "; a model that predicts fewer than 25 frames goes on from its own predictions"
#define ENDING  "25 predicted frames in its bound, observed frames ending with the 50th; "
    static const char *const all[][2] = {
        {"cmu-dmgnn",
         "8 clips an action " SEEDED "the predicted length in its bound; " ANGLES PREDICTED},
        {"cmu-csm", "8 clips an action " SEEDED "25 predicted frames in its bound; " ANGLES WHOLE},
        {"cmu-3d", "8 clips an action " SEEDED ENDING
                   "mean distance in millimetres of the 25 " FORWARD ", a unit being 70 mm"},
        {"cmu-3d-38", "8 clips an action " SEEDED ENDING "as cmu-3d over all 38 " PUBLISHED},
        {"h36m-dmgnn", IN_TURN ANGLES PREDICTED},
        {"h36m-csm", IN_TURN ANGLES WHOLE},
        {"h36m-3d", IN_TURN "mean distance in millimetres of the 22 " FORWARD},
        {"h36m-3d-32", IN_TURN "as h36m-3d over all 32 " PUBLISHED},
        {"h36m-simlpe", TURNS("256") "as h36m-3d over all 32 " PUBLISHED GOES_ON},
        {"h36m-msrgcn", "every window of the test sequences that starts in [0, n - 100); as h36m-3d"
                        " over all 32 " PUBLISHED GOES_ON},
        {"cmu-pgbig",
         "every window of the test sequences; as cmu-3d over all 38 " PUBLISHED GOES_ON},
        {"windows", "windows of the test sequences every 10 frames; mean distance of the joints in"
                    " millimetres"},
        {"8-seed", "the observed frames of 8 clips an action " SEEDED
                   "25 predicted frames in its bound; ties count against the model"},
        {"dense", "every window of observed frames of the test sequences, every 5 frames, averaged"
                  " within an action, then over actions; ties count against the model"},
        {"beginning", "the first observed frames of each test sequence, averaged within an action,"
                      " then over actions; ties count against the model"},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        char text[1024];
        zoo_protocol_describe(text, sizeof text, zoo_protocol_find(all[i][0]), NULL);
        ck_assert_str_eq(text, all[i][1]);
    }
}
END_TEST

START_TEST(descriptions_say_how_many_clips)
{
    const zoo_measure eight = {.clips = 8}, many = {.clips = 256}, every = {.every_clip = true};
    static const char seen[] = "the observed frames of ";
    char text[1024], usual[1024], few[8];
    for (const zoo_protocol *p = zoo_protocol_list(); p->name != NULL; p++) {
        bool drawn = p->cut == ZOO_CUT_DRAWN;
        size_t n = p->task == ZOO_RECOGNITION ? strlen(seen) : 0; /* before the number */
        zoo_protocol_describe(text, sizeof text, p, NULL);
        zoo_protocol_describe(usual, sizeof usual, p, &eight);
        ck_assert(p->clips > 0 || strcmp(text, usual) == 0);
        zoo_protocol_describe(text, sizeof text, p, &many);
        ck_assert(!drawn || strncmp(text, seen, n) == 0);
        ck_assert(!drawn || strncmp(text + n, "256 clips an action", 19) == 0);
        ck_assert(drawn || strcmp(text, usual) == 0);
        ck_assert(!drawn || strcmp(text + n + 3, usual + n + 1) == 0);
        zoo_protocol_describe(text, sizeof text, p, &every);
        ck_assert(drawn == (strncmp(text, "every window of the test sequences", 34) == 0 &&
                            strncmp(text + 34, p->rest > 0 ? " that starts in" : "; ",
                                    p->rest > 0 ? 15 : 2) == 0));
        ck_assert(!drawn || strcmp(strchr(text, ';'), strchr(usual, ';')) == 0);
    }
    zoo_protocol_describe(few, sizeof few, zoo_protocol_list(), NULL);
    ck_assert_str_eq(few, "8 clips");
    zoo_protocol_describe(few, sizeof few, NULL, NULL);
    ck_assert_str_eq(few, "");
}
END_TEST

/* -------------------------------------------------- exponential maps, made up */

/* Two takes of one action in 99 or 117 columns, of these lengths at the model's rate. */
static zoo_dataset *takes(uint32_t columns, size_t first, size_t second)
{
    static const char *const action[] = {"walking"};
    static const uint32_t column[] = {9, 10, 11, 12, 13, 14, 30, 31, 32};
    static const gop_edge edges[] = {{0, 1}, {0, 2}};
    static const char *const node[] = {"a", "b", "c"}, *const part_name[] = {"all"};
    static const uint32_t part[] = {0, 0, 0};
    const zoo_layout layout = {.name = "three",
                               .feature = ZOO_EXPMAP,
                               .nodes = 3,
                               .channels = 3,
                               .columns = columns,
                               .node_name = node,
                               .column = column,
                               .n_edges = 2,
                               .edges = edges,
                               .parts = 1,
                               .part_name = part_name,
                               .part = part};
    zoo_dataset *data = calloc(1, sizeof *data);
    size_t length[3] = {first, second, 200};
    ck_assert_int_eq(zoo_domain_create(&data->domain, "made up", &layout, 50, 2, action, 1, NULL),
                     GOP_OK);
    for (size_t i = 0; i < 3; i++) {
        size_t frames = 2 * length[i];
        float *x = calloc(frames * columns, sizeof *x);
        for (size_t t = 0; t < frames; t++)
            for (size_t c = 0; c < columns; c++)
                x[t * columns + c] = 0.4f * sinf(0.05f * (float)t * (float)(1 + c % 5) + (float)c);
        const zoo_sequence q = {.name = i ? "walking_2" : "walking_1",
                                .split = i == 2 ? ZOO_TRAIN : ZOO_TEST,
                                .frames = frames};
        ck_assert_int_eq(zoo_dataset_add(data, &q, x, NULL), GOP_OK);
    }
    ck_assert_int_eq(zoo_domain_measure(data, NULL), GOP_OK);
    return data;
}

/* The published starts on subject 5 of Human3.6M.  The takes' lengths at 25 Hz are not available;
 * other lengths with the same bounds give the same starts, and these do. */
static const struct published {
    const char *action;
    size_t length[2], start[8];
} published[] = {
    {"walking", {1422, 1264}, {1087, 955, 1145, 332, 660, 304, 201, 54}},
    {"eating", {1797, 1110}, {1426, 374, 1087, 156, 1329, 955, 1145, 332}},
    {"smoking", {1797, 1551}, {1426, 1398, 1087, 1180, 1329, 955, 1145, 332}},
    {"greeting", {833, 1880}, {402, 1398, 63, 1180, 305, 955, 121, 332}},
    {"phoning", {1797, 571}, {1426, 374, 1087, 156, 1329, 121, 332, 414}},
    {"posing", {1148, 858}, {402, 374, 63, 156, 835, 305, 955, 121}},
    {"purchases", {1358, 1460}, {1087, 1180, 955, 1145, 332, 660, 304, 201}},
    {"takingphoto", {2941, 1243}, {1426, 1087, 1180, 955, 1145, 332, 1438, 660}},
    {"walkingdog", {833, 879}, {402, 374, 63, 156, 305, 121, 332, 414}},
    {"walkingtogether", {1514, 1537}, {1087, 1180, 1329, 955, 1145, 332, 660, 304}},
};

START_TEST(clips_of_human36m_start_where_published)
{
    const struct published *p = &published[_i];
    const zoo_draw draw = {8, 16, 150};
    zoo_dataset *data = takes(99, p->length[0], p->length[1]);
    zoo_clips clips;
    ck_assert_int_eq(zoo_clips_draw(&clips, data, &draw, NULL), GOP_OK);
    ck_assert_uint_eq(clips.n, 8);
    for (size_t k = 0; k < 8; k++) {
        ck_assert_uint_eq(clips.clip[k].sequence, k % 2);
        ck_assert_msg(clips.clip[k].start == p->start[k], "%s, clip %zu: %zu, not %zu", p->action,
                      k, clips.clip[k].start, p->start[k]);
    }
    zoo_clips_clear(&clips);
    zoo_dataset_free(data);
}
END_TEST

/* Keeps each clip's first observed value of node 0's first channel. */
typedef struct recorder {
    size_t n, observed, batch;
    double first[64];
} recorder;

static gop_status record(void *user, const gop_real *x, const gop_real *bodies, gop_real *scores,
                         gop_real *poses, gop_error *err)
{
    (void)bodies;
    recorder *r = user;
    (void)poses, (void)err;
    for (size_t i = 0; i < r->batch; i++) {
        r->first[r->n++] = x[i * 3 * r->observed * 3];
        scores[i] = 1;
    }
    return GOP_OK;
}

/* A model sees the frames at the published starts, whatever it predicts; a model that observes
 * fewer frames sees the last of them. */
START_TEST(protocols_of_human36m_show_those_frames)
{
    static const char *const name[] = {"h36m-dmgnn", "h36m-csm", "h36m-3d", "h36m-3d-32", "8-seed"};
    static const size_t observed[] = {50, 50, 20}, predicted[] = {10, 25, 25};
    const struct published *p = &published[0];
    zoo_dataset *data = takes(99, p->length[0], p->length[1]);
    recorder r = {0, observed[_i], 8, {0}};
    zoo_predictor model = {.run = record,
                           .user = &r,
                           .batch = 8,
                           .observed = observed[_i],
                           .predicted = predicted[_i],
                           .recognises = true};
    for (size_t i = 0; i < 5; i++) {
        zoo_table *table;
        gop_error err = {GOP_OK, ""};
        r.n = 0;
        ck_assert_msg(zoo_evaluate(&table, zoo_protocol_find(name[i]), data, &model, NULL, &err) ==
                          GOP_OK,
                      "%s", err.message);
        ck_assert_uint_eq(table->row[0].clips, 8);
        ck_assert_uint_eq(r.n, 8);
        for (size_t k = 0; k < 8; k++) {
            size_t frame = p->start[k] + 50 - observed[_i];
            float raw = data->sequence[k % 2].data[2 * frame * 99 + 9];
            ck_assert_double_eq_tol(r.first[k], (raw - data->domain.mean[9]) / data->domain.std[9],
                                    1e-6);
        }
        zoo_table_free(table);
    }
    zoo_dataset_free(data);
}
END_TEST

/* Protocols of one set do not suit the other. */
START_TEST(columns_tell_cmu_from_human36m)
{
    static const uint32_t columns[] = {99, 117, 63};
    static const char *const fits[] = {
        "h36m-dmgnn h36m-csm h36m-3d h36m-3d-32 h36m-ltd h36m-hisrep h36m-simlpe h36m-msrgcn "
        "h36m-pgbig ",
        "cmu-dmgnn cmu-csm cmu-3d cmu-3d-38 cmu-ltd cmu-msrgcn cmu-pgbig ", "cmu-dmgnn cmu-csm "};
    zoo_dataset *data = takes(columns[_i], 300, 300);
    char found[256] = "";
    for (const zoo_protocol *p = zoo_protocol_list(); p->name != NULL; p++)
        if (p->task == ZOO_PREDICTION && zoo_protocol_suits(p, &data->domain)) {
            strcat(found, p->name);
            strcat(found, " ");
        }
    ck_assert_str_eq(found, fits[_i]);
    zoo_table *table;
    gop_error err;
    zoo_predictor none = {.batch = 4, .observed = 50, .predicted = 10};
    const zoo_protocol *other = zoo_protocol_find(_i ? "h36m-3d" : "cmu-dmgnn");
    ck_assert_int_eq(recorded(zoo_evaluate(&table, other, data, &none, NULL, &err), &err),
                     GOP_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "columns"));
    zoo_dataset_free(data);
}
END_TEST

START_TEST(more_clips_go_on_with_the_same_draws)
{
    zoo_dataset *data = takes(117, 400, 300);
    zoo_clips few, many;
    const zoo_draw eight = {8, 0, 75}, more = {256, 0, 75};
    ck_assert_int_eq(zoo_clips_draw(&few, data, &eight, NULL), GOP_OK);
    ck_assert_int_eq(zoo_clips_draw(&many, data, &more, NULL), GOP_OK);
    ck_assert(few.n == 8 && many.n == 256);
    ck_assert_mem_eq(few.clip, many.clip, 8 * sizeof *few.clip);
    zoo_clips_clear(&few);
    zoo_clips_clear(&many);
    fake f = {NULL, 16, 50, 10, 0, 0};
    static const char *const name[] = {"cmu-dmgnn", "cmu-csm", "cmu-3d", "cmu-3d-38"};
    for (size_t i = 0; i < 4; i++) {
        zoo_measure measure = {.clips = 256};
        zoo_table *table = evaluate_with(name[i], data, &f, &measure);
        ck_assert_uint_eq(table->row[0].clips, 256);
        ck_assert_uint_eq(table->measure.clips, 256);
        for (size_t h = 0; h < 4; h++)
            ck_assert_double_eq_tol(of(table, 0, "error")->model[h],
                                    of(table, 0, "error")->still[h], 1e-2);
        ck_assert((zoo_table_result(table, 0, "pck") == NULL) == (i < 2));
        zoo_table_free(table);
        /* Every start; clips have 25 predicted frames if the protocol requires it. */
        measure.every_clip = true;
        table = evaluate_with(name[i], data, &f, &measure);
        ck_assert_uint_eq(table->row[0].clips, i == 0 ? 341 + 241 : 326 + 226);
        ck_assert(table->measure.every_clip);
        zoo_table_free(table);
    }
    /* 8-seed does not change. */
    for (size_t i = 0; i < 2; i++) {
        zoo_measure measure = {.clips = 256, .every_clip = i == 1};
        zoo_table *table = evaluate_with("8-seed", data, &f, &measure);
        ck_assert_uint_eq(table->row[0].clips, 8);
        zoo_table_free(table);
    }
    zoo_dataset_free(data);
}
END_TEST

TEST_MAIN("metric")
{
    tcase_add_loop_test(t, turns_about_one_axis, 0, 2);
    tcase_add_loop_test(t, angles_rebuild_the_rotation, 0, 2);
    tcase_add_test(t, quarter_turns_lock);
    tcase_add_test(t, small_rotations_follow_the_rule);
    tcase_add_test(t, frames_are_taken_by_triples);
    tcase_add_test(t, columns_that_move_are_counted);
    tcase_add_test(t, ties_count_against_the_hit);
    tcase_add_test(t, repeating_the_last_pose_is_zero_velocity);
    tcase_add_loop_test(t, the_batch_does_not_matter, 0, 4);
    tcase_add_test(t, beginnings_are_the_first_frames);
    tcase_add_test(t, windows_end_where_the_observed_share_ends);
    tcase_add_test(t, whole_clips_are_seen_in_part);
    tcase_add_loop_test(t, always_the_same_label_hits_its_own_action, 0, 2);
    tcase_add_test(t, untrained_actions_are_marked_and_left_out);
    tcase_add_loop_test(t, actions_with_other_test_files_are_marked_and_left_out, 0, 2);
    tcase_add_test(t, what_cannot_be_measured_is_said);
    tcase_add_test(t, clips_take_test_sequences_in_turn);
    tcase_add_test(t, the_answer_agrees_with_the_first_place);
    tcase_add_test(t, joints_are_near_within_the_limit);
    tcase_add_test(t, calibration_compares_confidence_with_hits);
    tcase_add_test(t, bins_have_equal_width);
    tcase_add_test(t, only_the_average_has_a_calibration_error);
    tcase_add_test(t, the_spread_is_that_of_the_clips);
    tcase_add_test(t, one_clip_has_no_spread);
    tcase_add_test(t, shares_of_near_joints_follow_the_scale);
    tcase_add_test(t, the_matrix_adds_up_to_the_accuracies);
    tcase_add_test(t, no_matrix_of_predictions);
    tcase_add_test(t, measures_out_of_range_are_refused);
    tcase_add_test(t, descriptions_follow_the_table);
    tcase_add_test(t, descriptions_say_how_many_clips);
    tcase_add_loop_test(t, clips_of_human36m_start_where_published, 0,
                        sizeof published / sizeof published[0]);
    tcase_add_loop_test(t, protocols_of_human36m_show_those_frames, 0, 3);
    tcase_add_loop_test(t, columns_tell_cmu_from_human36m, 0, 3);
    tcase_add_test(t, more_clips_go_on_with_the_same_draws);
}
