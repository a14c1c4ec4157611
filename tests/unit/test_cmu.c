/*
 * test_cmu.c: the real CMU set: its contents, its constant columns, the test clips, and the
 * published zero-velocity errors to the third digit.  Skipped with a message if the data are not
 * available ($GRAPHOP_CMU, or ../shared/data/cmu_mocap beside the source).
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "prepare_run.h"
#include "zoo/metric/clips.h"
#include "zoo/metric/evaluate.h"

#define SKIPPED 77 /* Automake's exit status for a skipped test */

static char folder[1024];
static zoo_dataset *data;
static zoo_report report;

static void setup(void)
{
    gop_error err = {GOP_OK, ""};
    scratch_open();
    ck_assert_msg(read_cmu(&data, &report, folder, "literature", &err) == GOP_OK, "%s",
                  err.message);
}

static void teardown(void)
{
    zoo_report_clear(&report);
    zoo_dataset_free(data);
    scratch_close();
}

START_TEST(the_set_is_what_the_table_says)
{
    static const size_t frames[8][6] = {
        {722, 528, 397, 386, 403, 577}, {3120, 3151, 3232, 3158, 3239, 0},
        {3029, 3703, 0, 0, 0, 0},       {416, 1505, 427, 337, 352, 2086},
        {168, 190, 163, 166, 151, 163}, {802, 591, 363, 437, 573, 598},
        {344, 599, 495, 317, 330, 359}, {2754, 0, 0, 0, 0, 0}};
    size_t seen[8] = {0};
    ck_assert_uint_eq(report.files, 38);
    ck_assert_uint_eq(report.frames[ZOO_TRAIN], 33794);
    ck_assert_uint_eq(report.frames[ZOO_TEST], 6537);
    for (size_t i = 0; i < data->sequences; i++) {
        const zoo_sequence *s = &data->sequence[i];
        ck_assert_uint_eq(s->frames, frames[s->action][seen[s->action]++]);
    }
    /* Line 2 of walking 1, columns 9 and 112. */
    for (size_t i = 0; i < data->sequences; i++)
        if (strcmp(data->sequence[i].name, "walking_1") == 0 &&
            data->sequence[i].split == ZOO_TRAIN) {
            ck_assert(data->sequence[i].data[0] == 10.4194f);
            ck_assert(data->sequence[i].data[117 + 9] == 0.481213603f);
            ck_assert(data->sequence[i].data[117 + 112] == 0.199046728f);
        }
}
END_TEST

START_TEST(constant_columns_are_the_known_47)
{
    static const int known[] = {6,  7,   8,   14,  20,  21,  22,  23,  24,  25,  26, 32,
                                38, 39,  40,  41,  60,  61,  62,  63,  64,  65,  69, 73,
                                74, 78,  79,  81,  82,  83,  87,  88,  89,  90,  91, 92,
                                96, 100, 101, 105, 106, 108, 109, 110, 114, 115, 116};
    size_t k = 0;
    for (int c = 0; c < 117; c++) {
        bool is = k < sizeof known / sizeof known[0] && known[k] == c;
        ck_assert_msg(data->domain.constant[c] == is, "column %d", c);
        k += is;
    }
    ck_assert_uint_eq(report.constant, 47);
}
END_TEST

START_TEST(clips_start_where_they_should)
{
    /* basketball, jumping, running, soccer, walking, washwindow */
    static const size_t start[2][6][8] = {{{130, 102, 47, 140, 51, 33, 171, 105},
                                           {386, 358, 47, 140, 819, 289, 939, 105},
                                           {2, 6, 4, 3, 1, 3, 1, 4},
                                           {130, 102, 47, 140, 51, 33, 171, 105},
                                           {2, 102, 47, 12, 51, 33, 43, 60},
                                           {1071, 1164, 939, 1129, 316, 644, 288, 185}},
                                          {{130, 102, 47, 140, 51, 33, 171, 105},
                                           {386, 358, 47, 140, 819, 289, 939, 105},
                                           {2, 6, 15, 12, 19, 1, 11, 9},
                                           {130, 102, 47, 140, 51, 33, 171, 105},
                                           {2, 102, 47, 12, 51, 33, 43, 105},
                                           {1071, 1164, 1313, 939, 1129, 316, 644, 288}}};
    zoo_clips clips;
    const zoo_draw draw = {8, 0, _i ? 60 : 75};
    ck_assert_int_eq(zoo_clips_draw(&clips, data, &draw, NULL), GOP_OK);
    ck_assert_uint_eq(clips.n, 48);
    for (size_t k = 0; k < clips.n; k++)
        ck_assert_uint_eq(clips.clip[k].start, start[_i][k / 8][k % 8]);
    zoo_clips_clear(&clips);
}
END_TEST

/* Zero velocity at 80, 160, 320, 400, 560, 1000 ms; 0: not known. */
static const struct reference {
    const char *protocol;
    size_t predicted;
    const char *action;
    double error[6];
} reference[] = {
    {"cmu-dmgnn", 25, "basketball", {.459, .769, 1.318, 1.533, 1.884, 2.543}},
    {"cmu-dmgnn", 25, "jumping", {.357, .602, 1.455, 1.651, 1.954, 1.989}},
    {"cmu-dmgnn", 25, "running", {.534, .942, 1.342, 1.432, 1.554, 1.509}},
    {"cmu-dmgnn", 25, "soccer", {.271, .472, .908, 1.074, 1.316, 1.807}},
    {"cmu-dmgnn", 25, "walking", {.403, .596, .823, .942, 1.076, 1.324}},
    {"cmu-dmgnn", 25, "washwindow", {.337, .562, .887, 1.083, 1.294, 1.454}},
    {"cmu-dmgnn", 10, "running", {.435, .801, 1.361, 1.523}},
    {"cmu-dmgnn", 10, "walking", {.401, .575, .758, .883}},
    {"cmu-dmgnn", 10, "washwindow", {.318, .521, .891, 1.077}},
    {"cmu-csm", 25, "basketball", {.488, .821, 1.404, 1.640, 2.048, 2.831}},
    {"cmu-csm", 25, "jumping", {.363, .616, 1.484, 1.683, 1.988, 2.027}},
    {"cmu-csm", 25, "running", {.563, .995, 1.381, 1.459, 1.573, 1.543}},
    {"cmu-csm", 25, "soccer", {.274, .477, .922, 1.096, 1.362, 1.839}},
    {"cmu-csm", 25, "walking", {.407, .602, .832, .951, 1.085, 1.338}},
    {"cmu-csm", 25, "washwindow", {.340, .567, .896, 1.093, 1.301, 1.468}},
    {"cmu-csm", 10, "running", {.563, .995, 1.381, 1.459}},
};

/* Zero velocity of positions with 25 predicted frames, and for 8 clips its standard deviation and
 * PCK, all computed by another program. */
static const struct place_reference {
    const char *action;
    double error[6], std[6], pck[6], all_joints[6];
} place_reference[] = {
    {"basketball",
     {33.727, 62.965, 120.091, 146.707, 194.853, 259.920},
     {5.923, 11.823, 27.267, 35.992, 48.276, 71.871},
     {0.925, 0.725, 0.485, 0.450, 0.395, 0.315},
     {26.475, 49.242, 92.890, 112.805, 148.460, 199.549}},
    {"jumping",
     {29.762, 57.012, 113.337, 138.955, 176.989, 228.650},
     {15.015, 30.207, 68.667, 82.203, 111.057, 117.698},
     {0.905, 0.725, 0.425, 0.355, 0.350, 0.230},
     {23.998, 46.359, 91.995, 113.011, 144.201, 185.500}},
    {"running",
     {59.774, 112.661, 199.955, 240.302, 305.642, 301.490},
     {11.790, 6.050, 4.032, 5.176, 8.733, 53.043},
     {0.750, 0.525, 0.245, 0.240, 0.245, 0.370},
     {44.727, 84.171, 148.415, 177.307, 222.442, 213.820}},
    {"soccer",
     {32.521, 63.052, 116.432, 142.776, 185.430, 259.570},
     {26.019, 50.378, 94.991, 117.640, 158.964, 230.576},
     {0.895, 0.795, 0.610, 0.575, 0.550, 0.275},
     {25.364, 49.186, 89.965, 109.377, 142.548, 207.493}},
    {"walking",
     {28.245, 53.374, 99.370, 119.747, 154.374, 209.808},
     {1.811, 4.928, 17.430, 25.957, 44.491, 87.086},
     {0.935, 0.805, 0.625, 0.575, 0.485, 0.450},
     {20.727, 39.192, 73.049, 88.071, 113.858, 154.892}},
    {"washwindow",
     {16.501, 33.024, 65.966, 81.595, 99.945, 130.373},
     {4.354, 11.620, 34.146, 42.408, 53.500, 85.744},
     {1.000, 0.875, 0.805, 0.735, 0.725, 0.645},
     {14.155, 28.420, 56.584, 70.052, 85.471, 110.625}},
};

static const zoo_row *find_row(const zoo_table *table, const char *action)
{
    for (size_t i = 0; i < table->rows; i++)
        if (strcmp(table->row[i].action, action) == 0)
            return &table->row[i];
    ck_abort_msg("no row %s", action);
    return NULL;
}

static const zoo_result *find_result(const zoo_table *table, const char *action, const char *key)
{
    const zoo_result *r = zoo_table_result(table, (size_t)(find_row(table, action) - table->row),
                                           key);
    ck_assert_ptr_nonnull(r);
    return r;
}

START_TEST(zero_velocity_is_the_published_one)
{
    zoo_predictor none = {.batch = 1, .observed = 50};
    gop_error err = {GOP_OK, ""};
    for (size_t i = 0; i < sizeof reference / sizeof reference[0]; i++) {
        const struct reference *ref = &reference[i];
        zoo_table *table;
        none.predicted = ref->predicted;
        ck_assert_msg(zoo_evaluate(&table, zoo_protocol_find(ref->protocol), data, &none, NULL,
                                   &err) == GOP_OK,
                      "%s", err.message);
        const zoo_row *row = find_row(table, ref->action);
        const zoo_result *error = find_result(table, ref->action, "error");
        ck_assert_uint_eq(table->horizons, ref->predicted == 25 ? 6 : 4);
        ck_assert_uint_eq(row->clips, 8);
        ck_assert_uint_eq(row->marks, strcmp(ref->action, "washwindow") == 0 ? ZOO_UNTRAINED : 0);
        for (size_t h = 0; h < table->horizons; h++)
            ck_assert_msg(fabs(error->still[h] - ref->error[h]) < 0.000501,
                          "%s %s, horizon %zu: %.4f, not %.3f", ref->protocol, ref->action, h,
                          error->still[h], ref->error[h]);
        ck_assert_double_eq_tol(table->true_ms[0], 1000.0 / 30, 1e-9);
        ck_assert_double_eq_tol(table->ms[0], 80, 1e-9);
        ck_assert_uint_eq(find_row(table, "average")->actions, 5);
        zoo_table_free(table);
    }
}
END_TEST

START_TEST(zero_velocity_of_positions_is_known)
{
    zoo_predictor none = {.batch = 1, .observed = 50, .predicted = 25};
    gop_error err = {GOP_OK, ""};
    zoo_table *table, *all;
    ck_assert_msg(zoo_evaluate(&table, zoo_protocol_find("cmu-3d"), data, &none, NULL, &err) ==
                      GOP_OK,
                  "%s", err.message);
    ck_assert_msg(zoo_evaluate(&all, zoo_protocol_find("cmu-3d-38"), data, &none, NULL, &err) ==
                      GOP_OK,
                  "%s", err.message);
    for (size_t i = 0; i < sizeof place_reference / sizeof place_reference[0]; i++) {
        const struct place_reference *ref = &place_reference[i];
        const zoo_result *error = find_result(table, ref->action, "error");
        const zoo_result *pck = find_result(table, ref->action, "pck");
        const zoo_result *every = find_result(all, ref->action, "error");
        ck_assert_str_eq(table->metric[0].unit, "mm");
        ck_assert_uint_eq(table->horizons, 8);
        for (size_t h = 0; h < 6; h++) {
            static const size_t at[6] = {0, 1, 2, 3, 4, 7};
            const size_t k = at[h];
            ck_assert_double_eq_tol(error->still[k], ref->error[h], 2e-3);
            ck_assert_double_eq_tol(error->still_std[k], ref->std[h], 2e-3);
            ck_assert_double_eq_tol(pck->still[k], ref->pck[h], 1e-6);
            ck_assert_double_eq_tol(every->still[k], ref->all_joints[h], 2e-3);
        }
    }
    zoo_table_free(table);
    zoo_table_free(all);
}
END_TEST

START_TEST(clip_sets_of_every_size_are_measured)
{
    static const zoo_measure measure[] = {{.clips = 8}, {.clips = 256}, {.every_clip = true}};
    /* All n - 74 windows; running has 8. */
    static const size_t running[] = {8, 256, 8}, jumping[] = {8, 256, 969};
    zoo_predictor none = {.batch = 1, .observed = 50, .predicted = 25};
    gop_error err = {GOP_OK, ""};
    zoo_table *table;
    ck_assert_msg(zoo_evaluate(&table, zoo_protocol_find("cmu-dmgnn"), data, &none, &measure[_i],
                               &err) == GOP_OK,
                  "%s", err.message);
    ck_assert_uint_eq(find_row(table, "running")->clips, running[_i]);
    ck_assert_uint_eq(find_row(table, "jumping")->clips, jumping[_i]);
    zoo_table_free(table);
}
END_TEST

START_TEST(the_partial_split_fills_the_gaps)
{
    zoo_dataset *partial;
    zoo_report found;
    gop_error err = {GOP_OK, ""};
    ck_assert_msg(read_cmu(&partial, &found, folder, "partial", &err) == GOP_OK, "%s", err.message);
    for (size_t a = 0; a < partial->domain.actions; a++)
        ck_assert(zoo_dataset_has(partial, a, ZOO_TRAIN) && zoo_dataset_has(partial, a, ZOO_TEST));
    ck_assert_uint_eq(found.frames[ZOO_TRAIN], 33794 - 3239 - 3703 + 1377);
    ck_assert_uint_eq(found.frames[ZOO_TEST], 6537 + 3239 + 3703 - 1377);
    ck_assert_uint_eq(found.findings,
                      4); /* three moved files, and training files that are missing */
    zoo_report_clear(&found);
    zoo_dataset_free(partial);
}
END_TEST

static bool find_data(void)
{
    const char *given = getenv("GRAPHOP_CMU"), *source = getenv("top_srcdir");
    struct stat st;
    if (given != NULL && *given != '\0')
        snprintf(folder, sizeof folder, "%s", given);
    else
        snprintf(folder, sizeof folder, "%s/../shared/data/cmu_mocap",
                 source != NULL ? source : ".");
    return stat(folder, &st) == 0;
}

static void add_tests(TCase *t)
{
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, the_set_is_what_the_table_says);
    tcase_add_test(t, constant_columns_are_the_known_47);
    tcase_add_loop_test(t, clips_start_where_they_should, 0, 2);
    tcase_add_test(t, zero_velocity_is_the_published_one);
    tcase_add_test(t, zero_velocity_of_positions_is_known);
    tcase_add_loop_test(t, clip_sets_of_every_size_are_measured, 0, 3);
    tcase_add_test(t, the_partial_split_fills_the_gaps);
}

int main(void)
{
    if (!find_data()) {
        printf("test_cmu: skipped, no data at %s (set GRAPHOP_CMU)\n", folder);
        return SKIPPED;
    }
    return suite_run("cmu", add_tests);
}
