/*
 * test_prepare.c: raw data of every source into a data set's file: what is taken, with which
 * numbers, what is dropped and why, and the same bytes however it was made.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif

#include "zoo/dataset/dataset.h"

#include <math.h>
#include <stdarg.h>

#include "scratch.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static void make_folder(const char *name)
{
    ck_assert_int_eq(mkdir(scratch_path(name), 0777), 0);
}

static void make_text(const char *name, const char *text)
{
    scratch_write(scratch_path(name), text, strlen(text));
}

/* Prepares `raw` from the scratch folder, which must succeed, and loads the file.  The
 * index that was given must say the same as the file. */
static zoo_dataset *prepared(zoo_raw raw, zoo_report *report)
{
    zoo_dataset *index, *data;
    gop_error err = {GOP_OK, ""};
    raw.dir = scratch_folder;
    ck_assert_msg(zoo_prepare(&index, report, &raw, scratch_path("out.gds"), &err) == GOP_OK, "%s",
                  err.message);
    ck_assert_msg(zoo_dataset_load(&data, scratch_path("out.gds"), &err) == GOP_OK, "%s",
                  err.message);
    ck_assert_uint_eq(index->sequences, data->sequences);
    for (size_t i = 0; i < data->sequences; i++) {
        ck_assert_str_eq(index->sequence[i].name, data->sequence[i].name);
        ck_assert_uint_eq(index->sequence[i].frames, data->sequence[i].frames);
        ck_assert_uint_eq(index->sequence[i].action, data->sequence[i].action);
        ck_assert_ptr_null(index->sequence[i].data);
    }
    ck_assert_str_eq(index->domain.name, data->domain.name);
    zoo_dataset_free(index);
    unlink(scratch_path("out.gds"));
    return data;
}

static bool found(const zoo_report *report, zoo_finding_kind kind, const char *words)
{
    for (size_t i = 0; i < report->findings; i++)
        if (report->finding[i].kind == kind && strstr(report->finding[i].text, words) != NULL)
            return true;
    return false;
}

/* Fails with these words, and nothing is left of the file. */
static void refused(zoo_raw raw, gop_status status, const char *words)
{
    zoo_dataset *index;
    zoo_report report;
    gop_error err = {GOP_OK, ""};
    size_t before = scratch_entries();
    raw.dir = raw.dir == NULL ? scratch_folder : raw.dir;
    ck_assert_int_eq(zoo_prepare(&index, &report, &raw, scratch_path("out.gds"), &err), status);
    ck_assert_msg(strstr(err.message, words) != NULL, "%s", err.message);
    ck_assert_ptr_null(index);
    ck_assert_uint_eq(report.findings, 0);
    ck_assert_uint_eq(scratch_entries(), before);
}

/* ------------------------------------------------------------------------- ntu */

#define JOINTS 25

/* A body that sways: standing upright with the shoulders along x, its spine's middle at 0,
 * so that the usual normalisation must give it back. */
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

/* Where the camera sees it: turned about two axes and moved, differently in every frame. */
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

/* `bodies`: a digit a frame; the last body of a frame moves most, the others stand aside. */
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

/* Frame t of the file's is frame `at` of the sequence. */
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
    ck_assert_str_eq(data->domain.action[59], "A060");
    ck_assert_uint_eq(a->frames, 5);
    for (size_t at = 0; at < 5; at++)
        same_pose(a, at, at < 4 ? at : 5, 0.15, 0);
    ck_assert_uint_eq(report.files, 2);
    ck_assert_uint_eq(report.empty_frames, 1 + 1);
    ck_assert_uint_eq(report.other_bodies, 1);
    ck_assert_uint_eq(report.missing_nodes, JOINTS);
    ck_assert_uint_eq(report.missing[7], 0);
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(ntu_second_body_is_seen_from_the_first)
{
    make_clip("S001C003P001R001A050.skeleton", "22212", "\n");
    zoo_dataset *data = prepared((zoo_raw){.source = "ntu", .bodies = 2, .split = "cross-view"},
                                 NULL);
    ck_assert_str_eq(data->domain.name, "ntu-cross-view");
    ck_assert_uint_eq(data->sequences, 2);
    ck_assert_str_eq(data->sequence[1].name, "S001C003P001R001A050-2");
    ck_assert_uint_eq(data->sequence[1].action, 49);
    ck_assert_uint_eq(data->sequence[0].frames, 5);
    ck_assert_uint_eq(data->sequence[1].frames, 4);
    /* The one in the first place steps from aside to the middle and back: most movement. */
    for (size_t t = 0; t < 5; t++)
        same_pose(&data->sequence[0], t, t, t == 3 ? 0.15 : 0.01, 0);
    for (size_t at = 0; at < 4; at++)
        same_pose(&data->sequence[1], at, at < 3 ? at : 4, 0.15, -0.8);
    zoo_dataset_free(data);
}
END_TEST

/* The most active one is second in the file, in all its frames. */
START_TEST(ntu_bodies_are_ranked_by_movement)
{
    make_clip("S001C002P001R001A050.skeleton", "2222", "\n");
    zoo_dataset *data = prepared((zoo_raw){.source = "ntu", .bodies = 2, .split = "cross-view"},
                                 NULL);
    ck_assert_uint_eq(data->sequence[0].split, ZOO_TRAIN);
    for (size_t t = 0; t < 4; t++) {
        same_pose(&data->sequence[0], t, t, 0.15, 0);
        same_pose(&data->sequence[1], t, t, 0.01, 0.8);
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

/* Sequences are repeated from their beginning; what has the length stays as it is, and what
 * was too short before is not saved by it. */
START_TEST(short_sequences_are_filled)
{
    zoo_report report;
    make_clip("S001C002P001R001A003.skeleton", "111101", "\n"); /* five frames with a body */
    make_clip("S001C002P001R001A004.skeleton", "111111111111", "\n");
    make_clip("S001C002P001R001A005.skeleton", "11", "\n");
    zoo_dataset *data =
        prepared((zoo_raw){.source = "ntu", .split = "cross-view", .shortest = 3, .fill = 12}, &report);
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
    refused((zoo_raw){.source = "ntu", .fill = 1000001}, GOP_EINVAL, "up to 1000000 are possible");
    refused((zoo_raw){.source = "cmu", .fill = 4}, GOP_EINVAL, "cmu takes no length to fill");
}
END_TEST

/* The second most active one is too short: the third does not take its place. */
START_TEST(ntu_second_body_that_is_too_short_is_left_out)
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
    for (size_t shortest = 1; shortest <= 2; shortest++) {
        zoo_dataset *data = prepared((zoo_raw){.source = "ntu", .bodies = 2, .split = "cross-view",
                                               .shortest = shortest}, &report);
        ck_assert_uint_eq(data->sequences, shortest == 1 ? 2 : 1);
        ck_assert_uint_eq(data->sequence[0].frames, 4);
        if (shortest == 1)
            ck_assert_uint_eq(data->sequence[1].frames, 1);
        ck_assert_uint_eq(report.other_bodies, shortest);
        zoo_report_clear(&report);
        zoo_dataset_free(data);
    }
}
END_TEST

/* Line `line` (from 1) of a good clip of two frames becomes `text`; NULL cuts there. */
static void spoil_clip(const char *name, size_t line, const char *text)
{
    size_t n, at = 1;
    make_clip(name, "11", "\n");
    unsigned char *data = scratch_read(scratch_path(name), &n);
    FILE *f = fopen(scratch_path(name), "wb");
    ck_assert_ptr_nonnull(f);
    for (size_t i = 0; i < n && (text != NULL || at < line); i++) {
        if (at == line && (i == 0 || data[i - 1] == '\n'))
            fputs(text, f);
        if (at != line)
            fputc(data[i], f);
        at += data[i] == '\n';
    }
    ck_assert_int_eq(fclose(f), 0);
    free(data);
}

#define GOOD "S001C001P001R001A001.skeleton"
#define ALSO "S001C001P002R001A001.skeleton"
#define BAD "S001C001P004R001A002.skeleton"
#define ROW " 0 0 0 0 0 0 0 0 2\n"

static const struct {
    size_t line;
    const char *text;
    zoo_drop why;
    const char *words;
} bad_clip[] = {
    {1, "many\n", ZOO_DROP_FORMAT, ":1: not a number of frames (many)"},
    {1, "-2\n", ZOO_DROP_FORMAT, ":1: not a number of frames (-2)"},
    {1, "99999999999999999999\n", ZOO_DROP_FORMAT, ":1: not a number of frames"},
    {2, "one\n", ZOO_DROP_FORMAT, ":2: not a number of bodies (one)"},
    {3, "1 2 3\n", ZOO_DROP_FORMAT, ":3: a body's line has ten entries"},
    {4, "24\n", ZOO_DROP_JOINTS, ":4: another number of joints than 25 (24)"},
    {4, "\n", ZOO_DROP_FORMAT, ":4: not a number of joints"},
    {5, "1.0 left 2.0" ROW, ZOO_DROP_FORMAT, ":5: the joint's position is not three numbers"},
    {6, "1.0 1.0 2.0 2\n", ZOO_DROP_FORMAT, ":6: a joint's line has twelve entries"},
    {7, "1.0 1.0 2.0 0 0 0 0 0 0 0 0 yes\n", ZOO_DROP_FORMAT, ":7: the joint's state"},
    {8, "nan inf 2.0" ROW, ZOO_DROP_NON_FINITE, "2 values are not finite"},
    {8, "1 1e99 2.0" ROW, ZOO_DROP_NON_FINITE, "1 values are not finite"},
    {1, NULL, ZOO_DROP_FORMAT, ":1: the file ends where the number of frames"},
    {8, "1 nano 2.0" ROW, ZOO_DROP_FORMAT, ":8: the joint's position is not three numbers"},
    {8, "1 -3e38 2.0" ROW, ZOO_DROP_NON_FINITE, "1 values are not finite or too large"},
    {1, "100001\n", ZOO_DROP_FORMAT, ":1: not a number of frames"},
    {20, NULL, ZOO_DROP_FORMAT, ":20: the file ends inside a frame"},
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
    make_clip(ALSO, "1116", "\n");                     /* six bodies */
    make_clip("S001C001P005R001A001.skeleton", "000", "\n"); /* none at all */
    make_clip("S001C001P008R001A001.skeleton", "1", "\n");   /* too short */
    make_clip("S001C001P001R001A061.skeleton", "111", "\n");
    make_clip("S001C001P002R001A007.skeleton", "111", "\n"); /* listed */
    make_clip("clip.skeleton", "111", "\n");
    make_folder("more");
    make_clip("more/" GOOD, "111", "\n"); /* a second one of the name */
    make_clip("more/S001C001P003R001A001.skeleton", "1111", "\n"); /* same frames, in test */
    make_folder("more/S001C001P003R001A002.skeleton");
    make_text("README", "x");
    ck_assert_int_eq(symlink("nowhere", scratch_path("S001C001P009R001A001.skeleton")), 0);
    ck_assert_int_eq(mkfifo(scratch_path("S001C001P013R001A001.skeleton"), 0666), 0);
    make_text("S001C001P016R001A001.skeleton", "1\n");
    ck_assert_int_eq(truncate(scratch_path("S001C001P016R001A001.skeleton"), (64 << 20) + 1), 0);
    spoil_clip("S001C001P014R001A001.skeleton", 40, NULL); /* breaks off in the second frame */
    spoil_clip("S001C001P015R001A001.skeleton", 1, "1\n"); /* goes on */
    make_text("skip", "Samples with missing bodies\r\nS001C001P002R001A007\r\n"
              "S001C001P003R001A009.skeleton\r\n");
    char skip[SCRATCH_PATH];
    snprintf(skip, sizeof skip, "%s", scratch_path("skip"));
    zoo_dataset *data = prepared((zoo_raw){.source = "ntu", .shortest = 1, .skip_list = skip},
                                 &report);
    ck_assert_uint_eq(data->sequences, 6);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_EMPTY], 1);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_SHORT], 0);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_SPLIT], 1);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_LISTED], 1);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_NAME], 1);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_TWICE], 1);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_KIND], 3); /* README, skip, a folder too deep */
    ck_assert_uint_eq(report.dropped[ZOO_DROP_UNREADABLE], 3);
    ck_assert(found(&report, ZOO_DROPPED, "a file of 67108865 bytes is too large"));
    ck_assert(found(&report, ZOO_ALTERED, "6 bodies, the first 4 looked at"));
    ck_assert(found(&report, ZOO_ALTERED, "breaks off, 1 of 2 frames taken"));
    ck_assert(found(&report, ZOO_ALTERED, "what follows the last of 1 frames is ignored"));
    ck_assert(found(&report, ZOO_DROPPED, "not a regular file"));
    ck_assert(found(&report, ZOO_IDENTICAL, "training sequence S001C001P001R001A001 and test"
                    " sequence S001C001P003R001A001 are identical"));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
    data = prepared((zoo_raw){.source = "ntu", .shortest = 3}, &report);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_SHORT], 3);
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

/* -------------------------------------------------------------------- kinetics */

/* "[x0, y0, ...]" of 18 joints at (x, y) but for the last, which was not found. */
static const char *body(double x, double y, double score)
{
    static char text[4][2048];
    static int next;
    char *p = text[next = (next + 1) % 4];
    p += sprintf(p, "{\"pose\": [");
    for (int j = 0; j < 17; j++)
        p += sprintf(p, "%g, %g, ", x + 0.001 * j, y);
    p += sprintf(p, "0, 0], \"score\": [");
    for (int j = 0; j < 17; j++)
        p += sprintf(p, "%g, ", score);
    sprintf(p, "0.0]}");
    return text[next];
}

static void make_json(const char *name, const char *format, ...)
{
    FILE *f = fopen(scratch_path(name), "wb");
    va_list args;
    ck_assert_ptr_nonnull(f);
    va_start(args, format);
    vfprintf(f, format, args);
    va_end(args);
    ck_assert_int_eq(fclose(f), 0);
}

static void make_kinetics(void)
{
    make_folder("kinetics_train");
    make_folder("kinetics_val");
    make_json("kinetics_train/b.json", "{\"data\": [{\"frame_index\": 1, \"skeleton\": []},"
              "{\"skeleton\": [%s, %s], \"frame_index\": 2}, {\"frame_index\": 4, \"skeleton\":"
              " [%s]}], \"label\": \"yawning\", \"label_index\": 3}",
              body(0.2, 0.3, 0.5), body(0.6, 0.7, 0.75), body(1.02, 0.5, 0.1));
    make_json("kinetics_val/a.json", "{\"label_index\": 1, \"label\": \"abseiling\", \"data\":"
              " [{\"frame_index\": 1, \"skeleton\": [%s]}]}", body(0.1, 0.1, 1));
}

START_TEST(kinetics_takes_the_best_body)
{
    zoo_report report;
    make_kinetics();
    zoo_dataset *data = prepared((zoo_raw){.source = "kinetics"}, &report);
    const zoo_sequence *q = &data->sequence[0];
    ck_assert_uint_eq(data->sequences, 2);
    ck_assert_str_eq(data->domain.layout.name, "kinetics18");
    ck_assert_uint_eq(data->domain.actions, 4);
    ck_assert_str_eq(data->domain.action[1], "abseiling");
    ck_assert_str_eq(data->domain.action[2], "class_2");
    ck_assert_str_eq(data->domain.action[3], "yawning");
    ck_assert_str_eq(q->name, "b");
    ck_assert_uint_eq(q->action, 3);
    ck_assert_uint_eq(q->frames, 4);
    const float *f = q->data;
    for (size_t c = 0; c < 54; c++)
        ck_assert(f[c] == 0 && f[2 * 54 + c] == 0);
    ck_assert(f[54] == 0.6f - 0.5f && f[55] == 0.7f - 0.5f && f[56] == 0.75f);
    ck_assert(f[54 + 51] == 0 && f[54 + 52] == 0 && f[54 + 53] == 0);
    ck_assert(f[3 * 54] == 1.02f - 0.5f);
    ck_assert_uint_eq(report.empty_frames, 2);
    ck_assert_uint_eq(report.other_bodies, 1);
    ck_assert_uint_eq(report.missing[0], 2);
    ck_assert_uint_eq(report.missing[17], 5);
    ck_assert(found(&report, ZOO_ABSENT, "class_2 has no training or test data"));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
    data = prepared((zoo_raw){.source = "kinetics", .bodies = 2, .as_recorded = true}, NULL);
    ck_assert_uint_eq(data->sequences, 3);
    ck_assert_str_eq(data->sequence[1].name, "b-2");
    ck_assert(data->sequence[1].data[54] == 0.2f && data->sequence[1].data[56] == 0.5f);
    ck_assert(data->sequence[0].data[54] == 0.6f);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(kinetics_of_other_hands)
{
    zoo_report report;
    make_kinetics();
    make_folder("kinetics_train/juggling");
    make_json("kinetics_train/juggling/z.json", "{\"data\": [{\"frame_index\": 1, \"skeleton\":"
              " [%s]}], \"label\": \"\", \"label_index\": \"\"}", body(0.3, 0.3, 0));
    zoo_dataset *data = prepared((zoo_raw){.source = "kinetics"}, &report);
    ck_assert_uint_eq(data->sequences, 3);
    const zoo_sequence *q = &data->sequence[1];
    ck_assert_str_eq(q->name, "z");
    ck_assert_str_eq(data->domain.action[q->action], "juggling");
    ck_assert_uint_eq(q->action, 4);
    ck_assert(q->data[0] == 0.3f - 0.5f && q->data[2] == 0 && q->data[51] == 0);
    ck_assert(found(&report, ZOO_ALTERED, "z.json: all scores are 0"));
    ck_assert(found(&report, ZOO_ALTERED, "names no class, juggling by its folder"));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
    make_text("table", "b,one\nz , two\r\na,one\nmore,two\n");
    char table[SCRATCH_PATH];
    snprintf(table, sizeof table, "%s", scratch_path("table"));
    data = prepared((zoo_raw){.source = "kinetics", .labels = table}, &report);
    ck_assert_uint_eq(data->domain.actions, 2);
    ck_assert_uint_eq(data->sequence[1].action, 1);
    ck_assert(found(&report, ZOO_ABSENT, "1 of 4 names have no file"));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

#define FRAME(skeleton) \
    "{\"data\": [{\"frame_index\": 1, \"skeleton\": " skeleton "}], \"label\": \"x\"}"

static const struct {
    const char *text;
    zoo_drop why;
    const char *words;
} bad_json[] = {
    {"", ZOO_DROP_FORMAT, "not JSON"},
    {"[1, 2", ZOO_DROP_FORMAT, "not JSON"},
    {"[]", ZOO_DROP_FORMAT, "\"data\" is not an array"},
    {"{\"data\": [], \"data\": []}", ZOO_DROP_FORMAT, "duplicate"},
    {"{\"data\": [], \"label\": \"a\"}", ZOO_DROP_EMPTY, "no body in any of 0 frames"},
    {FRAME("[]"), ZOO_DROP_EMPTY, "no body in any of 1 frames"},
    {FRAME("{}"), ZOO_DROP_FORMAT, "\"skeleton\" is not an array"},
    {FRAME("[1]"), ZOO_DROP_FORMAT, "a body is not an object"},
    {FRAME("[{\"pose\": [1, 2], \"score\": []}]"), ZOO_DROP_JOINTS, "array of 36 numbers"},
    {FRAME("[{\"pose\": 3}]"), ZOO_DROP_FORMAT, "array of 36 numbers"},
    {"{\"data\": [{\"frame_index\": 0, \"skeleton\": []}]}", ZOO_DROP_FORMAT, "no \"frame_index\""},
    {"{\"data\": [{\"frame_index\": 9000000000, \"skeleton\": []}]}", ZOO_DROP_FORMAT,
     "no \"frame_index\""},
    {"{\"data\": [{\"frame_index\": \"1\", \"skeleton\": []}]}", ZOO_DROP_FORMAT,
     "no \"frame_index\""},
    {"\xff\xfe", ZOO_DROP_FORMAT, "not JSON"},
};

START_TEST(bad_json_is_dropped_with_its_reason)
{
    zoo_report report;
    make_kinetics();
    make_text("kinetics_train/bad.json", bad_json[_i].text);
    zoo_dataset *data = prepared((zoo_raw){.source = "kinetics"}, &report);
    ck_assert_uint_eq(data->sequences, 2);
    ck_assert_uint_eq(report.dropped[bad_json[_i].why], 1);
    ck_assert_uint_eq(report.found[ZOO_DROPPED], 1);
    ck_assert_msg(found(&report, ZOO_DROPPED, bad_json[_i].words), "%s", report.finding[0].text);
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(deep_json_and_odd_classes_are_dropped)
{
    zoo_report report;
    make_kinetics();
    FILE *f = fopen(scratch_path("kinetics_train/deep.json"), "wb");
    ck_assert_ptr_nonnull(f);
    for (int i = 0; i < 1000000; i++)
        fputc('[', f);
    fclose(f);
    const char *one = "{\"data\": [{\"frame_index\": 1, \"skeleton\": [%s]}], %s}";
    make_json("kinetics_train/none.json", one, body(0.1, 0.2, 1), "\"label\": 7");
    make_json("kinetics_train/line.json", one, body(0.1, 0.2, 1), "\"label\": \"a\\nb\"");
    make_json("kinetics_train/clash.json", one, body(0.1, 0.2, 1),
              "\"label\": \"yodelling\", \"label_index\": 3");
    make_json("kinetics_train/word.json", one, "{\"pose\": [\"left\", 1, 2, 3, 4, 5, 6, 7, 8, 9,"
              " 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,"
              " 30, 31, 32, 33, 34, 35]}", "\"label\": \"yawning\"");
    zoo_dataset *data = prepared((zoo_raw){.source = "kinetics"}, &report);
    ck_assert_uint_eq(data->sequences, 2);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_FORMAT], 2);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_LABEL], 3);
    ck_assert(found(&report, ZOO_DROPPED, "maximum parsing depth"));
    ck_assert(found(&report, ZOO_DROPPED, "class 3 is yodelling here"));
    ck_assert(found(&report, ZOO_DROPPED, "entry 1 of \"pose\" is not a number"));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

#define ONE "{\"data\": [{\"frame_index\": 1, \"skeleton\": [%s]}]%s}"

/* A file may give a class's name, its number or both, in any order of files. */
START_TEST(kinetics_classes_by_name_and_number)
{
    static const char *const label[] = {
        ", \"label_index\": 0",                          /* a number, not yet named */
        ", \"label\": \"bow\"",                          /* a name without a number */
        ", \"label\": \"bow\", \"label_index\": 0",      /* which belong together */
        ", \"label\": \"nod\", \"label_index\": 2",
        ", \"label\": \"\", \"label_index\": 2",
        ", \"label\": \"wave\"",
        ", \"label\": \"wave\", \"label_index\": 2",     /* dropped: 2 is nod */
        ", \"label\": \"nod\", \"label_index\": 3",      /* dropped: nod is 2 */
        ", \"label\": \"nod\", \"label_index\": 2.0"};   /* told: no number of a class */
    static const size_t is[] = {0, 0, 0, 2, 2, 3, 2};
    zoo_report report;
    make_folder("train");
    make_folder("val");
    for (size_t i = 0; i < COUNT(label); i++) {
        char name[32];
        snprintf(name, sizeof name, "train/%zu.json", i);
        make_json(name, ONE, body(0.1 * (double)i, 0.2, 1), label[i]);
    }
    zoo_dataset *data = prepared((zoo_raw){.source = "kinetics"}, &report);
    ck_assert_uint_eq(data->sequences, COUNT(is));
    for (size_t i = 0; i < COUNT(is); i++)
        ck_assert_uint_eq(data->sequence[i].action, is[i]);
    static const char *const name[] = {"bow", "class_1", "nod", "wave"};
    ck_assert_uint_eq(data->domain.actions, COUNT(name));
    for (size_t a = 0; a < COUNT(name); a++)
        ck_assert_str_eq(data->domain.action[a], name[a]);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_LABEL], 2);
    ck_assert(found(&report, ZOO_DROPPED, "6.json: class 2 is wave here"));
    ck_assert(found(&report, ZOO_DROPPED, "7.json: class 3 is nod here"));
    ck_assert(found(&report, ZOO_ALTERED, "8.json: \"label_index\" is not a number from 0"));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

#define LONG "a class whose name is longer than what a data set can hold of it " /* 65 */

START_TEST(kinetics_names_that_do_not_fit)
{
    zoo_report report;
    make_kinetics();
    make_json("kinetics_train/long.json", ONE, body(0.1, 0.2, 1), ", \"label\": \"" LONG "1\"");
    /* Its second body would be called as this is. */
    make_json("kinetics_train/b-2.json", ONE, body(0.1, 0.2, 1), ", \"label\": \"yawning\"");
    make_text("kinetics_label.json", "{}");
    zoo_dataset *data = prepared((zoo_raw){.source = "kinetics", .bodies = 2}, &report);
    ck_assert_uint_eq(data->sequences, 3);
    ck_assert(found(&report, ZOO_DROPPED, "long.json: the class's name is too long"));
    ck_assert(found(&report, ZOO_DROPPED, "kinetics_label.json: not a folder that is read"));
    ck_assert(found(&report, ZOO_ALTERED, "b.json: the second body left out, there was a sequence"
                    " b-2 before"));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

/* ------------------------------------------------------------------------ text */

/* A frame a line, `columns` of them; a number that depends on all. */
static void make_rows(const char *name, size_t rows, size_t columns, double salt, const char *end)
{
    FILE *f = fopen(scratch_path(name), "wb");
    ck_assert_ptr_nonnull(f);
    for (size_t t = 0; t < rows; t++)
        for (size_t c = 0; c < columns; c++)
            fprintf(f, "%.7f%s", sin(salt + (double)(t * 31 + c * 7)),
                    c + 1 < columns ? "," : end);
    ck_assert_int_eq(fclose(f), 0);
}

START_TEST(h36m_tests_on_subject_five)
{
    zoo_report report;
    for (int i = 0; i < 4; i++) {
        static const char *const who[] = {"S1", "S5", "S6", "S11"};
        char name[64];
        make_folder(who[i]);
        snprintf(name, sizeof name, "%s/walking_1.txt", who[i]);
        make_rows(name, 130, 99, i, "\n");
        snprintf(name, sizeof name, "%s/posing_2.txt", who[i]);
        make_rows(name, 40, 99, i == 2 ? 11 : 10 + i, "\r\n"); /* S6's is S5's */
    }
    make_text("S5/notes.txt", "x");
    make_text("readme", "x");
    zoo_dataset *data = prepared((zoo_raw){.source = "h36m"}, &report);
    static const char *const order[] = {"S1_posing_2", "S1_walking_1", "S5_posing_2",
                                        "S5_walking_1", "S6_posing_2", "S6_walking_1",
                                        "S11_posing_2", "S11_walking_1"};
    ck_assert_uint_eq(data->sequences, COUNT(order));
    for (size_t i = 0; i < COUNT(order); i++) {
        ck_assert_str_eq(data->sequence[i].name, order[i]);
        ck_assert_int_eq(data->sequence[i].split, i / 2 == 1 ? ZOO_TEST : ZOO_TRAIN);
    }
    ck_assert_uint_eq(data->domain.actions, 15);
    ck_assert_uint_eq(data->domain.layout.columns, 99);
    ck_assert_uint_eq(data->domain.layout.nodes, 20);
    ck_assert(data->domain.rate == 50 && data->domain.factor == 2);
    ck_assert(fabs(data->sequence[3].data[99 * 3 + 5] - sin(1 + 3 * 31 + 5 * 7.0)) < 1e-6);
    ck_assert(found(&report, ZOO_IDENTICAL, "S6_posing_2 and test sequence S5_posing_2"));
    ck_assert_uint_eq(report.found[ZOO_IDENTICAL], 1);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_NAME], 1);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_KIND], 1);
    ck_assert(found(&report, ZOO_ABSENT, "S9: there is no such folder"));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
    data = prepared((zoo_raw){.source = "h36m", .split = "clean",
                              .layout = zoo_layout_find("h36m21")}, &report);
    ck_assert_uint_eq(data->sequences, COUNT(order) - 1);
    ck_assert_uint_eq(report.found[ZOO_IDENTICAL], 0);
    ck_assert_uint_eq(data->domain.layout.nodes, 21);
    ck_assert_str_eq(data->domain.name, "h36m-clean");
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

static zoo_raw csv(void)
{
    return (zoo_raw){.source = "csv", .layout = zoo_layout_find("tiny5"), .rate = 60, .factor = 3};
}

START_TEST(csv_by_folders)
{
    zoo_report report;
    const size_t columns = zoo_layout_find("tiny5")->columns;
    char text[512] = "time,left,right\r\n", *p = text + strlen(text);
    make_folder("train");
    make_folder("test");
    make_folder("train/walk");
    make_folder("train/jump");
    make_folder("test/walk");
    make_rows("train/walk/a.csv", 5, columns, 1, "\n");
    make_rows("train/jump/a.csv", 6, columns, 2, "\r\n");
    make_rows("test/walk/a.csv", 7, columns, 3, "\n");
    make_rows("train/walk/wide.csv", 5, columns + 1, 1, "\n");
    make_rows("train/walk/thin.csv", 5, columns - 1, 1, "\n");
    for (int t = 0; t < 2; t++)
        for (size_t c = 0; c < columns; c++)
            p += sprintf(p, "%d%s", t, c + 1 < columns ? "," : "\r\n");
    strcpy(p, "\r\n1,2"); /* an empty line, and one that breaks off */
    make_text("train/jump/heading.csv", text);
    p = text;
    for (size_t c = 0; c < columns; c++)
        p += sprintf(p, "%s%s", c == 0 ? "NaN" : c == 1 ? "-inf" : "1", c + 1 < columns ? "," : "\n");
    make_text("train/jump/nan.csv", text);
    p = text;
    for (size_t c = 0; c < 2 * columns; c++)
        p += sprintf(p, "%s%s", c == columns ? "walk" : "1", c % columns + 1 < columns ? "," : "\n");
    make_text("train/jump/word.csv", text);
    make_text("train/loose.csv", "1,2\n");
    make_text("train/walk/notes", "x");
    zoo_dataset *data = prepared(csv(), &report);
    static const char *const order[] = {"jump/a", "jump/heading", "walk/a", "walk/a"};
    ck_assert_uint_eq(data->sequences, COUNT(order));
    for (size_t i = 0; i < COUNT(order); i++)
        ck_assert_str_eq(data->sequence[i].name, order[i]);
    ck_assert_uint_eq(data->domain.actions, 2);
    ck_assert_str_eq(data->domain.action[0], "jump");
    ck_assert_uint_eq(data->sequence[2].action, 1);
    ck_assert_int_eq(data->sequence[3].split, ZOO_TEST);
    ck_assert(data->domain.rate == 60 && data->domain.factor == 3);
    ck_assert_uint_eq(data->sequence[1].frames, 2);
    ck_assert(data->sequence[1].data[columns] == 1);
    ck_assert_uint_eq(report.files, 9);
    ck_assert_uint_eq(report.non_finite, 2);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_NON_FINITE], 1);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_JOINTS], 2);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_FORMAT], 1);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_LABEL], 1);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_KIND], 1);
    ck_assert(found(&report, ZOO_DROPPED, "word.csv:2: column 1 is not a number (walk)"));
    ck_assert(found(&report, ZOO_ALTERED, "heading.csv: the first line is a heading"));
    ck_assert(found(&report, ZOO_ALTERED, "heading.csv: the last line breaks off, 2 frames"));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

/* The bytes of a mark, of words that begin as nan and inf do, of lines without end. */
START_TEST(csv_as_others_write_it)
{
    zoo_report report;
    const size_t columns = zoo_layout_find("tiny5")->columns;
    char text[512], *p = text;
    make_folder("train");
    make_folder("val");
    make_folder("train/walk");
    make_folder("train/" LONG);
    make_rows("train/" LONG "/a.csv", 5, columns, 1, "\n");
    p += sprintf(p, "\xef\xbb\xbf");
    for (size_t c = 0; c < 2 * columns; c++)
        p += sprintf(p, "%zu%s", c, c % columns + 1 < columns ? "," : "\n");
    make_text("train/walk/mark.csv", text);
    memcpy(text, "inf", 3); /* "inf0,1,...": not finite would be "inf,1,..." */
    make_text("train/walk/word.csv", text);
    snprintf(text, sizeof text, "info,nano,nan_1\n%zu", (size_t)0);
    p = text + strlen(text);
    for (size_t c = 1; c < columns; c++)
        p += sprintf(p, ",%zu", c);
    make_text("train/walk/heading.csv", text);
    FILE *f = fopen(scratch_path("train/walk/endless.csv"), "wb");
    ck_assert_ptr_nonnull(f);
    for (int i = 0; i < 1000000; i++)
        fputc(' ', f);
    fclose(f);
    zoo_dataset *data = prepared(csv(), &report);
    ck_assert_uint_eq(data->sequences, 2);
    ck_assert_uint_eq(data->domain.actions, 1);
    ck_assert_str_eq(data->sequence[1].name, "walk/mark");
    ck_assert_uint_eq(data->sequence[1].frames, 2);
    ck_assert(data->sequence[1].data[columns] == (float)columns);
    ck_assert(found(&report, ZOO_ALTERED, "heading.csv: the first line is a heading"));
    ck_assert(found(&report, ZOO_DROPPED, "word.csv:1: column 1 is not a number (inf0)"));
    ck_assert(found(&report, ZOO_DROPPED, "endless.csv:1: the line has more than"));
    ck_assert(found(&report, ZOO_DROPPED, "a.csv: the class's name has more than 63 bytes"));
    ck_assert(found(&report, ZOO_DROPPED, "val: not train or test"));
    ck_assert_uint_eq(report.non_finite, 0);
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

/* Frames of a sequence that is too short come again in their order, the last time in part;
 * a longer one stays, one that is too short to be taken is not filled. */
START_TEST(csv_short_sequences_are_filled)
{
    static const size_t rows[] = {7, 10, 11, 2};
    zoo_report report;
    const size_t columns = zoo_layout_find("tiny5")->columns;
    make_folder("train");
    make_folder("train/walk");
    for (size_t i = 0; i < COUNT(rows); i++) {
        char name[32];
        snprintf(name, sizeof name, "train/walk/%zu.csv", i);
        make_rows(name, rows[i], columns, (double)i, "\n");
    }
    zoo_raw raw = csv();
    raw.shortest = 3;
    raw.fill = 10;
    zoo_dataset *data = prepared(raw, &report), *plain;
    ck_assert_uint_eq(data->sequences, 3);
    ck_assert_uint_eq(report.filled, 3);
    ck_assert_uint_eq(report.frames[ZOO_TRAIN], 31);
    zoo_report_clear(&report);
    raw.fill = 0;
    plain = prepared(raw, &report);
    ck_assert_uint_eq(report.filled, 0);
    for (size_t i = 0; i < 3; i++) {
        const zoo_sequence *f = &data->sequence[i], *p = &plain->sequence[i];
        ck_assert_uint_eq(p->frames, rows[i]);
        ck_assert_uint_eq(f->frames, rows[i] < 10 ? 10 : rows[i]);
        for (size_t t = 0; t < f->frames; t++)
            ck_assert_int_eq(memcmp(f->data + t * columns, p->data + t % rows[i] * columns,
                                    columns * sizeof *f->data), 0);
    }
    zoo_report_clear(&report);
    zoo_dataset_free(data);
    zoo_dataset_free(plain);
}
END_TEST

START_TEST(csv_by_a_table)
{
    zoo_report report;
    const size_t columns = zoo_layout_find("tiny5")->columns;
    char table[SCRATCH_PATH];
    snprintf(table, sizeof table, "%s", scratch_path("table"));
    make_rows("a.csv", 5, columns, 1, "\n");
    make_rows("b.csv", 6, columns, 2, "\n");
    make_rows("c.csv", 6, columns, 2, "\n");
    make_folder("deeper");
    make_rows("deeper/a.csv", 6, columns, 3, "\n");
    make_text("table", "\xef\xbb\xbf" "a,walk\r\n\r\nb, a long walk ,test\r\nx,walk,train\r\n");
    zoo_raw raw = csv();
    raw.labels = table;
    zoo_dataset *data = prepared(raw, &report);
    ck_assert_uint_eq(data->sequences, 2);
    ck_assert_str_eq(data->sequence[1].name, "b");
    ck_assert_str_eq(data->domain.action[data->sequence[1].action], "a long walk");
    ck_assert_int_eq(data->sequence[1].split, ZOO_TEST);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_LABEL], 1);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_TWICE], 1);
    ck_assert(found(&report, ZOO_ABSENT, "1 of 3 names have no file"));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
    static const char *const wrong[][2] = {
        {"a\n", "table:1: not NAME,CLASS"}, {"a,b,c\n", "table:1: not"}, {",b\n", "table:1: not"},
        {"a,b\na,c\n", "a has two lines"}, {"a,b,test,more\n", "table:1: not"},
        {"\n \n", "an empty table"}, {"a,b\nb," LONG "\n", "table:2: the class's name has more"}};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        make_text("table", wrong[i][0]);
        refused(raw, GOP_EFORMAT, wrong[i][1]);
    }
    raw.labels = scratch_folder;
    refused(raw, GOP_ESYSTEM, "not a regular file");
}
END_TEST

/* ------------------------------------------------------------------------- all */

/* However a set is made, its file is the same. */
START_TEST(streamed_and_kept_sets_have_the_same_bytes)
{
    static const char *const split[] = {"literature", "partial"};
    make_folder("train");
    make_folder("test");
    make_folder("train/walking");
    make_folder("train/basketball_signal");
    make_folder("test/washwindow");
    make_rows("train/walking/a.txt", 130, 117, 1, "\n");
    make_rows("train/basketball_signal/a.txt", 140, 117, 2, "\n");
    make_rows("train/basketball_signal/b.txt", 141, 117, 3, "\n");
    make_rows("test/washwindow/w.txt", 301, 117, 4, "\n");
    for (size_t i = 0; i < COUNT(split); i++) {
        zoo_dataset *kept, *index;
        zoo_report report;
        gop_error err = {GOP_OK, ""};
        zoo_raw raw = {.source = "cmu", .dir = scratch_folder, .split = split[i]};
        size_t n, m;
        ck_assert_int_eq(zoo_cmu_read(&kept, &report, scratch_folder, split[i], &err), GOP_OK);
        ck_assert_int_eq(zoo_dataset_save(kept, scratch_path("kept.gds"), &err), GOP_OK);
        zoo_report_clear(&report);
        zoo_dataset_free(kept);
        ck_assert_msg(zoo_prepare(&index, NULL, &raw, scratch_path("out.gds"), &err) == GOP_OK,
                      "%s", err.message);
        zoo_dataset_free(index);
        unsigned char *a = scratch_read(scratch_path("kept.gds"), &n);
        unsigned char *b = scratch_read(scratch_path("out.gds"), &m);
        ck_assert_uint_eq(n, m);
        ck_assert_int_eq(memcmp(a, b, n), 0);
        free(a);
        free(b);
    }
}
END_TEST

START_TEST(cmu_does_not_wait_for_a_pipe)
{
    make_folder("train");
    make_folder("test");
    make_folder("train/walking");
    make_rows("train/walking/a.txt", 130, 117, 1, "\n");
    ck_assert_int_eq(mkfifo(scratch_path("train/walking/b.txt"), 0666), 0);
    refused((zoo_raw){.source = "cmu"}, GOP_ESYSTEM, "b.txt: not a regular file");
}
END_TEST

START_TEST(options_that_a_source_does_not_have)
{
    const zoo_layout *tiny = zoo_layout_find("tiny5");
    refused((zoo_raw){.source = "cmd"}, GOP_EINVAL, "unknown source cmd");
    refused((zoo_raw){.source = "ntu", .labels = "x"}, GOP_EINVAL, "ntu takes no table of classes");
    refused((zoo_raw){.source = "cmu", .strict = true}, GOP_EINVAL, "cmu takes no strictness");
    refused((zoo_raw){.source = "cmu", .shortest = 4}, GOP_EINVAL, "cmu takes no least length");
    refused((zoo_raw){.source = "cmu", .fill = 4}, GOP_EINVAL, "cmu takes no length to fill");
    refused((zoo_raw){.source = "ntu", .fill = 1000001}, GOP_EINVAL,
            "sequences filled to 1000001 frames");
    refused((zoo_raw){.source = "csv", .split = "clean"}, GOP_EINVAL, "csv takes no way of splitting");
    refused((zoo_raw){.source = "h36m", .bodies = 2}, GOP_EINVAL, "h36m takes no number of bodies");
    refused((zoo_raw){.source = "ntu", .bodies = 3}, GOP_EINVAL, "3 bodies, 1 or 2");
    refused((zoo_raw){.source = "ntu", .split = "literature"}, GOP_EINVAL, "unknown split");
    refused((zoo_raw){.source = "h36m", .split = "partial"}, GOP_EINVAL, "unknown split");
    refused((zoo_raw){.source = "h36m", .layout = tiny}, GOP_EINVAL, "Human3.6M 99");
    refused((zoo_raw){.source = "csv", .layout = tiny}, GOP_EINVAL, "csv needs a layout and a rate");
    refused((zoo_raw){.source = "csv", .layout = tiny, .rate = 30, .factor = 2000}, GOP_EINVAL,
            "every 2000-th frame");
    refused((zoo_raw){.source = "ntu", .dir = "nowhere"}, GOP_ESYSTEM, "cannot open folder nowhere");
    refused((zoo_raw){.source = "ntu"}, GOP_EFORMAT, "no .skeleton file that can be taken");
    refused((zoo_raw){.source = "h36m"}, GOP_EFORMAT, "no file that can be taken");
    refused((zoo_raw){.source = "kinetics"}, GOP_ESYSTEM, "no folder kinetics_train or train");
    refused(csv(), GOP_EFORMAT, "no .csv file that can be taken");
    make_text("loose.csv", "1,2\n");
    refused(csv(), GOP_EFORMAT, "no .csv file that can be taken, 1 dropped, first ");
    refused(csv(), GOP_EFORMAT, "loose.csv: in no folder of a class");
    make_clip("S001C001P003R001A001.skeleton", "11", "\n"); /* test data alone */
    refused((zoo_raw){.source = "ntu"}, GOP_EFORMAT, "no training frames, 1 dropped, first ");
    make_text("skip", "nothing\n");
    char skip[SCRATCH_PATH];
    snprintf(skip, sizeof skip, "%s", scratch_path("skip"));
    refused((zoo_raw){.source = "ntu", .skip_list = skip}, GOP_EFORMAT, "no name of a sample");
    refused((zoo_raw){.source = "ntu", .skip_list = "nowhere"}, GOP_ESYSTEM, "cannot open nowhere");
    for (size_t i = 0; zoo_raw_list()[i] != NULL; i++)
        ck_assert_ptr_nonnull(strstr("cmu csv h36m kinetics ntu", zoo_raw_list()[i]));
    ck_assert_str_eq(zoo_drop_name(ZOO_DROP_TWICE), "a name that was there before");
    ck_assert_ptr_null(zoo_drop_name((zoo_drop)ZOO_DROPS));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("prepare");
    TCase *t = tcase_create("prepare");
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
    tcase_add_test(t, ntu_bodies_are_centred_and_turned);
    tcase_add_test(t, ntu_second_body_is_seen_from_the_first);
    tcase_add_test(t, ntu_bodies_are_ranked_by_movement);
    tcase_add_test(t, ntu_second_body_that_is_too_short_is_left_out);
    tcase_add_test(t, short_sequences_are_filled);
    tcase_add_loop_test(t, bad_clips_are_dropped_with_their_reason, 0, (int)COUNT(bad_clip));
    tcase_add_test(t, a_folder_of_clips_holds_all_sorts);
    tcase_add_test(t, kinetics_takes_the_best_body);
    tcase_add_test(t, kinetics_of_other_hands);
    tcase_add_loop_test(t, bad_json_is_dropped_with_its_reason, 0, (int)COUNT(bad_json));
    tcase_add_test(t, deep_json_and_odd_classes_are_dropped);
    tcase_add_test(t, kinetics_classes_by_name_and_number);
    tcase_add_test(t, kinetics_names_that_do_not_fit);
    tcase_add_test(t, h36m_tests_on_subject_five);
    tcase_add_test(t, csv_by_folders);
    tcase_add_test(t, csv_as_others_write_it);
    tcase_add_test(t, csv_short_sequences_are_filled);
    tcase_add_test(t, csv_by_a_table);
    tcase_add_test(t, streamed_and_kept_sets_have_the_same_bytes);
    tcase_add_test(t, cmu_does_not_wait_for_a_pipe);
    tcase_add_test(t, options_that_a_source_does_not_have);
    suite_add_tcase(suite, t);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
