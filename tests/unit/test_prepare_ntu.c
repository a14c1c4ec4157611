/*
 * test_prepare_ntu.c: converts clips of NTU RGB+D to a data set's file: the bodies taken, how they
 * are centred, rotated and filled, and the reasons of dropped files.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"
#include <math.h>

#include "prepare_run.h"

#define JOINTS 25

/* A body that sways: standing upright with the shoulders along x, its spine's middle at 0, so that
 * the usual normalisation must return it unchanged. */
static void stand(double v[3], size_t joint, size_t t, double sway)
{
    v[0] = 0.1 * sin((double)joint) + sway * sin(0.3 * (double)t + (double)joint);
    v[1] = 0.2 * cos((double)joint) + sway * cos(0.2 * (double)t + (double)joint);
    v[2] = 0.05 * (double)joint - 0.3;
    bool first = t == 0;
    if (joint == 1)
        v[0] = v[1] = v[2] = 0; /* spine mid, in every frame */
    if (joint == 0 && first) {
        v[0] = v[1] = 0; /* spine base */
        v[2] = -0.4;
    }
    if ((joint == 4 || joint == 8) && first) {
        v[0] = joint == 4 ? -0.2 : 0.2;
        v[1] = 0;
        v[2] = 0.3;
    }
}

/* As the camera sees it: rotated about two axes and moved, differently in every frame. */
static void seen(double v[3], size_t t)
{
    double a = 0.7, b = -0.4, x = v[0], y = v[1], z = v[2];
    v[0] = cos(a) * x - sin(a) * y;
    v[1] = sin(a) * x + cos(a) * y;
    double w = v[1];
    v[1] = cos(b) * w - sin(b) * z + 0.9;
    v[2] = sin(b) * w + cos(b) * z + 3 + 0.01 * (double)t;
}

static void write_joint(FILE *f, const double v[3], const char *end)
{
    fprintf(f, "%.9f %.9f %.9f 200.5 180.1 900 500 0.1 0.2 0.9 0.05 2%s", v[0], v[1], v[2], end);
}

static void write_body(FILE *f, size_t t, double sway, double aside, const char *end)
{
    fprintf(f, "72057594037931101 0 1 1 1 1 0 0.02 -0.2 2%s%d%s", end, JOINTS, end);
    for (size_t j = 0; j < JOINTS; j++) {
        double v[3];
        stand(v, j, t, sway);
        v[0] += aside;
        seen(v, t);
        write_joint(f, v, end);
    }
}

/* `bodies` has one digit a frame; the last body of a frame moves most, the others stand aside. */
static void make_clip(const char *name, const char *bodies, const char *end)
{
    FILE *f = fopen(scratch_path(name), "wb");
    ck_assert_ptr_nonnull(f);
    fprintf(f, "%zu%s", strlen(bodies), end);
    for (size_t t = 0; bodies[t] != '\0'; t++) {
        int n = bodies[t] - '0';
        fprintf(f, "%d%s", n, end);
        for (int b = 0; b < n; b++)
            write_body(f, t, b == 1 || n == 1 ? 0.15 : 0.01, b == 1 || n == 1 ? 0 : 0.8 + b, end);
    }
    ck_assert_int_eq(fclose(f), 0);
}

/* Frame t of the file must be frame `at` of the sequence. */
static void same_pose(const zoo_sequence *q, size_t at, size_t t, double sway, double aside)
{
    for (size_t j = 0; j < JOINTS; j++) {
        double v[3];
        stand(v, j, t, sway);
        v[0] += aside;
        for (size_t k = 0; k < 3; k++)
            ck_assert_msg(fabs(q->data[75 * at + 3 * j + k] - v[k]) < 2e-6,
                          "frame %zu joint %zu axis %zu: %g, not %g", at, j, k,
                          q->data[75 * at + 3 * j + k], v[k]);
    }
}

START_TEST(ntu_bodies_are_centred_and_turned)
{
    zoo_report report;
    make_clip("S001C002P001R001A003.skeleton", "111101", "\r\n");
    make_clip("S001C001P003R002A060.skeleton", "0221", "\n");
    zoo_dataset *data = prepared((zoo_raw){.source = "ntu"}, &report);
    ck_assert_str_eq(data->domain.name, "ntu-cross-subject");
    ck_assert_str_eq(data->domain.layout.name, "ntu25");
    ck_assert(data->domain.rate == 30 && data->domain.factor == 1);
    /* Upright along z with the right at +x looks along +y. */
    ck_assert_int_eq(zoo_layout_up(&data->domain.layout), ZOO_PLUS_Z);
    ck_assert_int_eq(zoo_layout_ahead(&data->domain.layout), ZOO_PLUS_Y);
    ck_assert_uint_eq(data->sequences, 2);
    const zoo_sequence *a = &data->sequence[1], *b = &data->sequence[0];
    ck_assert_str_eq(a->name, "S001C002P001R001A003");
    ck_assert_int_eq(a->split, ZOO_TRAIN);
    ck_assert_int_eq(b->split, ZOO_TEST);
    ck_assert_uint_eq(a->action, 2);
    ck_assert_uint_eq(b->action, 59);
    ck_assert_str_eq(data->domain.action[59], "A060_walk_apart_from_each_other");
    ck_assert_uint_eq(a->frames, 5);
    for (size_t at = 0; at < 5; at++)
        same_pose(a, at, at < 4 ? at : 5, 0.15, 0);
    ck_assert_uint_eq(report.files, 2);
    ck_assert_uint_eq(report.empty_frames, 1 + 1);
    ck_assert_uint_eq(report.other_bodies, 0);
    ck_assert_uint_eq(report.missing_nodes, JOINTS);
    ck_assert_uint_eq(report.missing[7], 0);
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

/* A body whose spine and shoulders already lie along the axes is moved, not turned. */
START_TEST(ntu_bodies_along_the_axes_are_moved)
{
    FILE *f = fopen(scratch_path("S001C002P001R001A003.skeleton"), "wb");
    ck_assert_ptr_nonnull(f);
    fprintf(f, "1\n1\n1 0 1 1 1 1 0 0 0 2\n%d\n", JOINTS);
    for (int j = 0; j < JOINTS; j++)
        write_joint(f, (const double[3]){j == 8 ? 0.5 : 0, 0, 1 + 0.5 * (j == 8 ? 4 : j)}, "\n");
    ck_assert_int_eq(fclose(f), 0);
    zoo_dataset *data = prepared((zoo_raw){.source = "ntu"}, NULL);
    ck_assert_uint_eq(data->sequences, 1);
    const float *at = data->sequence[0].data;
    ck_assert(at[0] == 0 && at[1] == 0 && at[2] == -0.5f && at[5] == 0);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(ntu_second_body_is_seen_from_the_first)
{
    make_clip("S001C003P001R001A050.skeleton", "22212", "\n");
    zoo_dataset *data = prepared((zoo_raw){.source = "ntu", .bodies = 2, .split = "cross-view"},
                                 NULL);
    ck_assert_str_eq(data->domain.name, "ntu-cross-view");
    ck_assert_uint_eq(data->sequences, 1);
    const zoo_sequence *q = &data->sequence[0];
    ck_assert_str_eq(q->name, "S001C003P001R001A050");
    ck_assert_str_eq(q->subject, "P001");
    ck_assert_str_eq(q->camera, "C003");
    ck_assert_str_eq(q->setup, "S001");
    ck_assert_str_eq(q->repetition, "R001");
    ck_assert_str_eq(q->file, "S001C003P001R001A050.skeleton");
    ck_assert_uint_eq(q->action, 49);
    ck_assert_uint_eq(q->frames, 5);
    ck_assert_uint_eq(q->bodies, 2);
    ck_assert(data->domain.missing);
    /* The first body moves most: it steps from aside to the middle and back. */
    for (size_t t = 0; t < 5; t++)
        same_pose(q, t, t, t == 3 ? 0.15 : 0.01, 0);
    for (size_t t = 0; t < 5; t++)
        if (t != 3)
            same_pose(q, 5 + t, t, 0.15, -0.8);
    for (size_t c = 0; c < 75; c++)
        ck_assert(isnan(q->data[(5 + 3) * 75 + c]));
    zoo_dataset_free(data);
}
END_TEST

/* The most active body is second in every frame of the file. */
START_TEST(ntu_bodies_are_ranked_by_movement)
{
    make_clip("S001C002P001R001A050.skeleton", "2222", "\n");
    zoo_dataset *data = prepared((zoo_raw){.source = "ntu", .bodies = 2, .split = "cross-view"},
                                 NULL);
    ck_assert_uint_eq(data->sequence[0].split, ZOO_TRAIN);
    ck_assert(!data->domain.missing);
    for (size_t t = 0; t < 4; t++) {
        same_pose(&data->sequence[0], t, t, 0.15, 0);
        same_pose(&data->sequence[0], 4 + t, t, 0.01, 0.8);
    }
    zoo_dataset_free(data);
    data = prepared((zoo_raw){.source = "ntu", .as_recorded = true, .split = "cross-view"}, NULL);
    ck_assert_uint_eq(data->sequences, 1);
    double v[3];
    stand(v, 7, 2, 0.15);
    seen(v, 2);
    for (size_t k = 0; k < 3; k++)
        ck_assert(fabs(data->sequence[0].data[75 * 2 + 21 + k] - v[k]) < 1e-6);
    zoo_dataset_free(data);
}
END_TEST

/* Sequences repeat from their beginning.  A long enough sequence stays as it is, and one that was
 * too short is still dropped. */
START_TEST(short_sequences_are_filled)
{
    zoo_report report;
    make_clip("S001C002P001R001A003.skeleton", "111101", "\n"); /* five frames with a body */
    make_clip("S001C002P001R001A004.skeleton", "111111111111", "\n");
    make_clip("S001C002P001R001A005.skeleton", "11", "\n");
    zoo_dataset *data = prepared(
        (zoo_raw){.source = "ntu", .split = "cross-view", .shortest = 3, .fill = 12}, &report);
    ck_assert_uint_eq(data->sequences, 2);
    ck_assert_uint_eq(report.filled, 12 - 5);
    ck_assert_uint_eq(report.frames[ZOO_TRAIN], 24);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_SHORT], 1);
    const zoo_sequence *filled = &data->sequence[0];
    ck_assert_uint_eq(filled->frames, 12);
    for (size_t t = 0; t < 12; t++) {
        size_t from = t % 5;
        same_pose(filled, t, from < 4 ? from : 5, 0.15, 0);
        same_pose(&data->sequence[1], t, t, 0.15, 0);
    }
    zoo_report_clear(&report);
    zoo_dataset_free(data);
    refused((zoo_raw){.source = "ntu", .fill = 1000001}, GOP_EINVAL, "cannot be filled to");
    refused((zoo_raw){.source = "cmu", .fill = 4}, GOP_EINVAL, "cmu takes no length to fill");
}
END_TEST

/* The second most active body is there in one frame only. */
START_TEST(ntu_second_body_may_be_absent)
{
    zoo_report report;
    FILE *f = fopen(scratch_path("S001C002P001R001A050.skeleton"), "wb");
    ck_assert_ptr_nonnull(f);
    fputs("4\n", f);
    for (size_t t = 0; t < 4; t++) {
        fputs("3\n", f);
        write_body(f, t, 0.01, 3.0 * (double)t, "\n");
        fputs("1 0 1 1 1 1 0 0 0 2\n25\n", f);
        for (size_t j = 0; j < JOINTS; j++) {
            double far = t == 0 ? 0.1 * (double)j : 0;
            write_joint(f, (double[]){far, far, far}, "\n");
        }
        write_body(f, t, 0.001, 0, "\n");
    }
    fclose(f);
    zoo_dataset *data = prepared(
        (zoo_raw){.source = "ntu", .bodies = 2, .split = "cross-view", .shortest = 2}, &report);
    ck_assert_uint_eq(data->sequences, 1);
    ck_assert_uint_eq(data->sequence[0].frames, 4);
    ck_assert_uint_eq(data->sequence[0].bodies, 2);
    ck_assert_uint_eq(report.other_bodies, 1);
    const float *second = data->sequence[0].data + 4 * 75;
    for (size_t t = 0; t < 4; t++) /* its first joint is at the origin: not found */
        for (size_t c = 0; c < 75; c++)
            ck_assert(!isnan(second[t * 75 + c]) == (t == 0 && c >= 3));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

#define GOOD "S001C001P001R001A001.skeleton"
#define ALSO "S001C001P002R001A001.skeleton"
#define BAD  "S001C001P004R001A002.skeleton"
#define ROW  " 0 0 0 0 0 0 0 0 2\n"

/* Replaces line `line` (from 1) of a good clip of two frames by `text`; NULL cuts the clip
 * there. */
static void spoil_clip(const char *name, size_t line, const char *text)
{
    make_clip(name, "11", "\n");
    scratch_spoil(name, line, text);
}

static const struct {
    size_t line;
    const char *text;
    zoo_drop why;
    const char *words;
} bad_clip[] = {
    {1, "many\n", ZOO_DROP_FORMAT, ":1: not a count of frames (many)"},
    {1, "-2\n", ZOO_DROP_FORMAT, ":1: not a count of frames (-2)"},
    {1, "99999999999999999999\n", ZOO_DROP_FORMAT, ":1: not a count of frames"},
    {2, "one\n", ZOO_DROP_FORMAT, ":2: not a count of bodies (one)"},
    {3, "1 2 3\n", ZOO_DROP_FORMAT, ":3: a body's line has ten entries"},
    {4, "24\n", ZOO_DROP_JOINTS, ":4: the number of joints is not 25 (24)"},
    {4, "\n", ZOO_DROP_FORMAT, ":5: not a count of joints"},
    {5, "1.0 left 2.0" ROW, ZOO_DROP_FORMAT, ":5: the joint's position is not three numbers"},
    {6, "1.0 1.0 2.0 2\n", ZOO_DROP_FORMAT, ":6: a joint's line has twelve entries"},
    {7, "1.0 1.0 2.0 0 0 0 0 0 0 0 0 yes\n", ZOO_DROP_FORMAT, ":7: the joint's state"},
    {9, "\n\n1.0 left 2.0" ROW, ZOO_DROP_FORMAT, ":11: the joint's position is not three numbers"},
    {8, "nan inf 2.0" ROW, ZOO_DROP_NON_FINITE, "2 values are not finite"},
    {8, "1 1e99 2.0" ROW, ZOO_DROP_NON_FINITE, "1 values are not finite"},
    {1, NULL, ZOO_DROP_FORMAT, ":1: the file ends where the number of frames"},
    {8, "1 nano 2.0" ROW, ZOO_DROP_FORMAT, ":8: the joint's position is not three numbers"},
    {8, "1 -3e38 2.0" ROW, ZOO_DROP_NON_FINITE, "1 values are not finite or too large"},
    {1, "100001\n", ZOO_DROP_FORMAT, ":1: not a count of frames"},
    {20, NULL, ZOO_DROP_FORMAT, ":20: the file ends inside a frame"},
    {3, NULL, ZOO_DROP_FORMAT, ":3: the file ends inside a frame"},
};

START_TEST(bad_clips_are_dropped_with_their_reason)
{
    zoo_report report;
    make_clip(GOOD, "1111", "\n");
    spoil_clip(BAD, bad_clip[_i].line, bad_clip[_i].text);
    zoo_dataset *data = prepared((zoo_raw){.source = "ntu"}, &report);
    ck_assert_uint_eq(data->sequences, 1);
    for (int why = 0; why < ZOO_DROPS; why++)
        ck_assert_uint_eq(report.dropped[why], why == (int)bad_clip[_i].why);
    ck_assert_uint_eq(report.found[ZOO_DROPPED], 1);
    ck_assert_msg(found(&report, ZOO_DROPPED, bad_clip[_i].words), "%s", report.finding[0].text);
    zoo_report_clear(&report);
    zoo_dataset_free(data);
    refused((zoo_raw){.source = "ntu", .strict = true}, GOP_EFORMAT, bad_clip[_i].words);
}
END_TEST

START_TEST(a_folder_of_clips_holds_all_sorts)
{
    zoo_report report;
    make_clip(GOOD, "1111", "\n");
    make_clip(ALSO, "1116", "\n");                           /* six bodies */
    make_clip("S001C001P005R001A001.skeleton", "000", "\n"); /* none at all */
    make_clip("S001C001P008R001A001.skeleton", "1", "\n");   /* too short */
    make_clip("S001C001P001R001A061.skeleton", "111", "\n");
    make_clip("S001C001P002R001A007.skeleton", "111", "\n"); /* listed */
    make_clip("clip.skeleton", "111", "\n");
    make_clip("S001C001P002R001Axyz.skeleton", "111", "\n");
    scratch_mkdir("more");
    make_clip("more/" GOOD, "111", "\n");                          /* a second file of this name */
    make_clip("more/S001C001P003R001A001.skeleton", "1111", "\n"); /* same frames, in test */
    scratch_mkdir("more/S001C001P003R001A002.skeleton");
    scratch_text("README", "x");
    ck_assert_int_eq(symlink("nowhere", scratch_path("S001C001P009R001A001.skeleton")), 0);
    ck_assert_int_eq(mkfifo(scratch_path("S001C001P013R001A001.skeleton"), 0666), 0);
    scratch_text("S001C001P016R001A001.skeleton", "1\n");
    ck_assert_int_eq(truncate(scratch_path("S001C001P016R001A001.skeleton"), (64 << 20) + 1), 0);
    spoil_clip("S001C001P014R001A001.skeleton", 40, NULL); /* cut in the second frame */
    spoil_clip("S001C001P015R001A001.skeleton", 1, "1\n"); /* goes on */
    scratch_text("skip", "Samples with missing bodies\r\nS001C001P002R001A007\r\n"
                         "S001C001P003R001A009.skeleton\r\nS001C001P002R001Axyz\r\n");
    char skip[SCRATCH_PATH];
    snprintf(skip, sizeof skip, "%s", scratch_path("skip"));
    zoo_dataset *data = prepared((zoo_raw){.source = "ntu", .shortest = 1, .skip_list = skip},
                                 &report);
    ck_assert_uint_eq(data->sequences, 6);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_EMPTY], 1);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_SHORT], 0);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_SPLIT], 1);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_LISTED], 1);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_NAME], 2);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_TWICE], 1);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_KIND], 3); /* README, skip, a folder too deep */
    ck_assert_uint_eq(report.dropped[ZOO_DROP_UNREADABLE], 3);
    ck_assert(found(&report, ZOO_DROPPED, "a file of 67108865 bytes is too large"));
    ck_assert(found(&report, ZOO_ALTERED, "6 bodies; read the first 4"));
    ck_assert(found(&report, ZOO_ALTERED, "is incomplete; took 1 of 2 frames"));
    ck_assert(found(&report, ZOO_ALTERED, "ignored what follows the last of 1 frames"));
    ck_assert(found(&report, ZOO_DROPPED, "not a regular file"));
    ck_assert(found(&report, ZOO_IDENTICAL,
                    "training sequence S001C001P001R001A001 and test"
                    " sequence S001C001P003R001A001 are identical"));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
    data = prepared((zoo_raw){.source = "ntu", .shortest = 3}, &report);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_SHORT], 3);
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

/* No data, and invalid skip lists. */
START_TEST(ntu_sets_that_cannot_be)
{
    scratch_text("loose.csv", "1,2\n");
    refused((zoo_raw){.source = "ntu"}, GOP_EFORMAT, "no usable .skeleton file, 1 dropped, first ");
    make_clip("S001C001P003R001A001.skeleton", "11", "\n");
    scratch_text("skip", "nothing\n");
    char skip[SCRATCH_PATH];
    snprintf(skip, sizeof skip, "%s", scratch_path("skip"));
    refused((zoo_raw){.source = "ntu", .skip_list = skip}, GOP_EFORMAT, "not the name of a sample");
    refused((zoo_raw){.source = "ntu", .skip_list = "nowhere"}, GOP_ESYSTEM, "cannot open nowhere");
}
END_TEST

TEST_MAIN("prepare")
{
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
    tcase_add_test(t, ntu_bodies_are_centred_and_turned);
    tcase_add_test(t, ntu_bodies_along_the_axes_are_moved);
    tcase_add_test(t, ntu_second_body_is_seen_from_the_first);
    tcase_add_test(t, ntu_bodies_are_ranked_by_movement);
    tcase_add_test(t, short_sequences_are_filled);
    tcase_add_test(t, ntu_second_body_may_be_absent);
    tcase_add_loop_test(t, bad_clips_are_dropped_with_their_reason, 0, (int)COUNT(bad_clip));
    tcase_add_test(t, a_folder_of_clips_holds_all_sorts);
    tcase_add_test(t, ntu_sets_that_cannot_be);
}
