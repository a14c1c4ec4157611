/*
 * test_prepare_npz.c: arrays of numpy become data sets: archives with x_train and y_train, folders
 * of arrays with pickles of labels, axes in any order, padding, bodies, and the reasons of what is
 * refused.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif
#include "suite.h"

#ifdef HAVE_LIBZIP
#include <zip.h>
#endif

#include "numpy_sets.h"

static const double one[3] = {1, 1, 1};

static zoo_raw tiny(const char *source, const char *dir)
{
    return (zoo_raw){.source = source, .dir = dir, .layout = zoo_layout_find("tiny5")};
}

/* Writes a .npy file of float32. */
static void make_npy(const char *name, const char *shape, const float *v, size_t n)
{
    char head[200];
    const int length = snprintf(head, sizeof head,
                                "{'descr': '%cf4', 'fortran_order': False, 'shape': %s, }",
                                *(const char *)&(const uint16_t){1} == 1 ? '<' : '>', shape);
    FILE *f = fopen(scratch_path(name), "wb");
    ck_assert_ptr_nonnull(f);
    fwrite("\x93NUMPY\x01\x00", 1, 8, f);
    fputc(length, f);
    fputc(0, f);
    fwrite(head, 1, (size_t)length, f);
    ck_assert_uint_eq(fwrite(v, sizeof *v, n, f), n);
    ck_assert_int_eq(fclose(f), 0);
}

#ifdef HAVE_LIBZIP
START_TEST(an_archive_gives_its_clips)
{
    zoo_report report;
    zoo_dataset *data = prepared(tiny("npz", numpy_set("set.npz")), &report);
    static const size_t train[] = {0, 2, 2, 0};
    ck_assert_uint_eq(data->sequences, 6);
    ck_assert_uint_eq(data->domain.actions, 4);
    ck_assert_str_eq(data->domain.action[3], "class_3");
    ck_assert_str_eq(data->domain.origin, "npz");
    ck_assert(data->domain.rate == 30);
    for (size_t i = 0; i < 4; i++) {
        char name[32];
        snprintf(name, sizeof name, "train-%06zu", i);
        ck_assert_str_eq(data->sequence[i].name, name);
        ck_assert_str_eq(data->sequence[i].file, "set.npz");
        ck_assert_int_eq(data->sequence[i].split, ZOO_TRAIN);
        ck_assert_uint_eq(data->sequence[i].action, train[i]);
        expect_clip(data, i, i, one, 3);
    }
    /* Clip 5 is not there. */
    ck_assert_str_eq(data->sequence[5].name, "test-000002");
    ck_assert_uint_eq(data->sequence[4].action, 2);
    ck_assert_uint_eq(data->sequence[5].action, 0);
    expect_clip(data, 4, 4, one, 3);
    expect_clip(data, 5, 6, one, 3);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_EMPTY], 1);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_KIND], 1);
    ck_assert(found(&report, ZOO_DROPPED, "test.npy: clip 1: no body in any of 6 frames"));
    ck_assert(found(&report, ZOO_DROPPED, "extra.npy: not x_train"));
    ck_assert_uint_eq(report.empty_frames, 1);
    ck_assert_uint_eq(report.files, 2);
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(an_archive_of_something_else_is_refused)
{
    refused(tiny("npz", numpy_set("stored.npz")), GOP_EFORMAT,
            "has no member x_train.npy; it has le_f2_C.npy");
    scratch_text("a.npz", "x_train");
    refused(tiny("npz", scratch_path("a.npz")), GOP_EFORMAT, "a.npz: Not a zip archive");
    refused(tiny("npz", scratch_path("none.npz")), GOP_ESYSTEM, "cannot open");
    zoo_raw raw = tiny("npz", numpy_set("set.npz"));
    raw.layout = zoo_layout_find("ntu25");
    refused(raw, GOP_EFORMAT, "has 30 columns; layout ntu25 has 75 a body");
    raw = tiny("npz", numpy_set("set.npz"));
    raw.shortest = 7;
    refused(raw, GOP_EFORMAT, "no usable clip");
}
END_TEST
/* Adds scratch files to an archive as members of the same name. */
static void make_npz(const char *const *names)
{
    zip_t *made = zip_open(scratch_path("a.npz"), ZIP_CREATE | ZIP_TRUNCATE, NULL);
    ck_assert_ptr_nonnull(made);
    for (; *names != NULL; names++)
        ck_assert(
            zip_file_add(made, *names, zip_source_file(made, scratch_path(*names), 0, -1), 0) >= 0);
    ck_assert_int_eq(zip_close(made), 0);
}

START_TEST(labels_of_an_archive_are_checked)
{
    static const char *const both[] = {"x_test.npy", "y_test.npy", NULL};
    static const float x[30] = {[0] = 1, [15] = 2};
    static const struct {
        float y[4];
        const char *shape;
        const char *words;
    } rows[] = {
        {{0, 1, 0, 1}, "(2,2)", NULL},
        {{0, 1, 1, 1}, "(2,2)", "clip 1: its row of labels has not a single 1"},
        {{0, 1, 0, 0}, "(2,2)", "clip 1: its row of labels has not a single 1"},
        {{0, 1, 0.5f, 1}, "(2,2)", "clip 1: its row of labels has not a single 1"},
        {{1, 0.5f}, "(2,)", "0.5 is not a whole number"},
        {{1, 1e9f}, "(2,)", "label 1000000000 is not from 0"},
    };
    make_npy("x_test.npy", "(2,1,15)", x, 30);
    for (size_t i = 0; i < COUNT(rows); i++) {
        zoo_report report;
        make_npy("y_test.npy", rows[i].shape, rows[i].y, rows[i].shape[3] == '2' ? 4 : 2);
        make_npz(both);
        zoo_dataset *data = prepared(tiny("npz", scratch_path("a.npz")), &report);
        ck_assert_uint_eq(data->sequences, rows[i].words == NULL ? 2 : 1);
        ck_assert_uint_eq(data->domain.actions, 2);
        ck_assert(found(&report, ZOO_ABSENT, "no member x_train.npy"));
        if (rows[i].words != NULL)
            ck_assert_msg(found(&report, ZOO_DROPPED, rows[i].words), "%s", report.finding[0].text);
        zoo_report_clear(&report);
        zoo_dataset_free(data);
    }
    make_npy("y_test.npy", "(2,1,2)", rows[0].y, 4);
    make_npz(both);
    refused(tiny("npz", scratch_path("a.npz")), GOP_EFORMAT, "labels must be numbers, or rows");
    make_npz((const char *[]){"x_test.npy", NULL});
    refused(tiny("npz", scratch_path("a.npz")), GOP_EFORMAT, "has no member y_test.npy");
}
END_TEST

/* The set's archive has three test clips; one with a single array has the clip for a model. */
START_TEST(an_archive_of_one_clip_is_read_for_a_model)
{
    zoo_report report;
    gop_error err = {GOP_OK, ""};
    zoo_dataset *data = prepared(tiny("npz", numpy_set("set.npz")), &report), *clip;
    float v[15];
    zoo_report_clear(&report);
    ck_assert_int_eq(zoo_read_one(&clip, NULL, NULL, &data->domain, numpy_set("set.npz"), &err),
                     GOP_EFORMAT);
    ck_assert_msg(strstr(err.message, "x_test.npy has 3 clips instead of one") != NULL, "%s",
                  err.message);
    ck_assert_msg(zoo_read_one(&clip, NULL, NULL, &data->domain, numpy_set("clip.npz"), &err) ==
                      GOP_OK,
                  "%s", err.message);
    ck_assert(clip->sequences == 1 && clip->sequence[0].bodies == 2);
    ck_assert_int_eq(zoo_dataset_read(v, clip, 0, 1, 4, 1, &err), GOP_OK);
    ck_assert(v[14] == set_value(1, 1, 4, 4, 2));
    zoo_dataset_free(clip);
    zoo_dataset_free(data);
}
END_TEST
#else
START_TEST(an_archive_needs_libzip)
{
    refused(tiny("npz", numpy_set("set.npz")), GOP_ESTATE, "without libzip");
}
END_TEST
#endif

/* -------------------------------------------------------------------- folders */

START_TEST(a_folder_of_arrays_gives_its_clips)
{
    zoo_report report;
    zoo_dataset *data = prepared(tiny("npy", numpy_set("arrays")), &report);
    static const size_t train[] = {0, 2, 2, 0};
    ck_assert_uint_eq(data->sequences, 6);
    ck_assert_uint_eq(data->domain.actions, 3);
    for (size_t i = 0; i < 4; i++) {
        char name[32];
        snprintf(name, sizeof name, "S001C00%zuP00%zuR001A001", 1 + i % 3, i);
        ck_assert_str_eq(data->sequence[i].name, name);
        ck_assert_uint_eq(data->sequence[i].action, train[i]);
        expect_clip(data, i, i, one, 3);
    }
    ck_assert_str_eq(data->sequence[1].setup, "S001");
    ck_assert_str_eq(data->sequence[1].camera, "C002");
    ck_assert_str_eq(data->sequence[1].subject, "P001");
    ck_assert_str_eq(data->sequence[1].repetition, "R001");
    expect_clip(data, 4, 4, one, 3);
    expect_clip(data, 5, 6, one, 3);
    ck_assert_int_eq(data->sequence[5].split, ZOO_TEST);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_EMPTY], 1);
    ck_assert(found(&report, ZOO_ABSENT, "class_1"));
    ck_assert_uint_eq(report.findings, 2);
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

/* A model of the set's domain reads the file of its only clip as the set was made. */
static void hold_model(const zoo_dataset *data, const char *name)
{
    const zoo_sequence *q = &data->sequence[0];
    zoo_dataset *alone;
    gop_error err = {GOP_OK, ""};
    ck_assert_msg(zoo_read_one(&alone, NULL, NULL, &data->domain, scratch_path(name), &err) ==
                      GOP_OK,
                  "%s: %s", data->domain.reading, err.message);
    ck_assert(alone->sequence[0].bodies == q->bodies && alone->sequence[0].frames == q->frames);
    ck_assert_mem_eq(alone->sequence[0].data, q->data,
                     q->bodies * q->frames * data->domain.layout.columns * sizeof *q->data);
    zoo_dataset_free(alone);
}

/* A clip alone may lack the axis of clips. */
START_TEST(a_model_reads_axes_as_its_data)
{
    static const char *const shape[] = {"(1,2,3,5)", "(2,3,5)"};
    float v[30];
    scratch_mkdir("set");
    scratch_text("set/val_label.pkl", "(I1\nl.");
    for (size_t i = 0; i < COUNT(v); i++)
        v[i] = (float)(i + 1);
    make_npy("set/val_data_joint.npy", shape[0], v, COUNT(v));
    zoo_raw raw = tiny("npy", scratch_path("set"));
    raw.axes = "NTCV";
    zoo_dataset *data = prepared(raw, NULL);
    ck_assert_str_eq(data->domain.reading, "axes NTCV");
    hold_model(data, "set/val_data_joint.npy");
    make_npy("alone.npy", shape[1], v, COUNT(v));
    hold_model(data, "alone.npy");
    strcpy(data->domain.reading, "axis NTCV");
    gop_error err = {GOP_OK, ""};
    zoo_dataset *alone;
    ck_assert_int_eq(
        recorded(zoo_read_one(&alone, NULL, "npy", &data->domain, scratch_path("alone.npy"), &err),
                 &err),
        GOP_EFORMAT);
    ck_assert_ptr_nonnull(strstr(err.message, "read by 'axis NTCV', which is unknown"));
    zoo_dataset_free(data);
}
END_TEST

/* An archive's model reads an array alone, with what was done to the archive's clips. */
START_TEST(a_model_of_an_archive_takes_arrays)
{
    float v[45];
    zoo_dataset *alone;
    gop_error err = {GOP_OK, ""};
    for (size_t i = 0; i < COUNT(v); i++)
        v[i] = (float)(i * i % 17) + 1;
    make_npy("x_test.npy", "(1,3,15)", v, COUNT(v));
    make_npy("y_test.npy", "(1,)", (const float[]){1}, 1);
    make_npz((const char *[]){"x_test.npy", "y_test.npy", NULL});
    zoo_raw raw = tiny("npz", scratch_path("a.npz"));
    raw.steps = "units cm; rate 45; fill 7";
    zoo_dataset *data = prepared(raw, NULL);
    ck_assert_uint_eq(data->sequence[0].frames, 7);
    hold_model(data, "x_test.npy");
    ck_assert_int_eq(
        recorded(zoo_read_one(&alone, NULL, "npy", &data->domain, scratch_path("x_test.npy"), &err),
                 &err),
        GOP_OK);
    ck_assert_uint_eq(alone->sequence[0].frames, 7);
    zoo_dataset_free(alone);
    zoo_dataset_free(data);
}
END_TEST

/* The same clip of two frames in all orders of its axes. */
START_TEST(axes_may_have_any_order)
{
    static const char letters[] = "NCTVM";
    static const size_t length[] = {1, 3, 2, 5, 2};
    size_t order[5], tried = 0;
    scratch_mkdir("set");
    scratch_text("set/val_label.pkl", "(I1\nl.");
    for (size_t code = 0; code < 3125; code++) {
        char axes[6] = "", shape[32] = "(";
        bool used[5] = {false}, twice = false;
        float v[60];
        for (size_t i = 0, c = code; i < 5; i++, c /= 5) {
            order[i] = c % 5;
            twice = twice || used[c % 5];
            used[c % 5] = true;
            axes[i] = letters[c % 5];
            sprintf(shape + strlen(shape), "%zu,", length[c % 5]);
        }
        if (twice || tried++ % 5 != 0) /* each fifth */
            continue;
        strcat(shape, ")");
        for (size_t at = 0; at < 60; at++) {
            size_t place[5], rest = at;
            for (size_t i = 5; i-- > 0; rest /= length[order[i]])
                place[order[i]] = rest % length[order[i]];
            v[at] = set_value(0, place[4], place[2], place[3], place[1]);
        }
        make_npy("set/val_data_joint.npy", shape, v, 60);
        zoo_raw raw = tiny("npy", scratch_path("set"));
        raw.axes = axes;
        zoo_report report;
        zoo_dataset *data = prepared(raw, &report);
        ck_assert(data->sequences == 1 && data->sequence[0].bodies == 2 &&
                  data->sequence[0].frames == 2);
        for (size_t b = 0; b < 2; b++)
            for (size_t t = 0; t < 2; t++) {
                gop_error err = {GOP_OK, ""};
                float row[15];
                ck_assert_int_eq(zoo_dataset_read(row, data, 0, b, t, 1, &err), GOP_OK);
                for (size_t m = 0; m < 5; m++)
                    for (size_t k = 0; k < 3; k++)
                        ck_assert_msg(row[3 * m + k] == set_value(0, b, t, m, k), "%s", axes);
            }
        hold_model(data, "set/val_data_joint.npy");
        zoo_report_clear(&report);
        zoo_dataset_free(data);
    }
    ck_assert_uint_eq(tried, 120);
}
END_TEST

static const struct {
    const char *shape, *axes, *labels;
    gop_status status;
    const char *words;
} wrong[] = {
    {"(1,3,2,5,2)", NULL, "(I1\nl.", GOP_OK, ""},
    {"(2,2,15)", NULL, "(I1\nI0\nl.", GOP_OK, ""},
    {"(4,15)", NULL, "(I1\nl.", GOP_OK, ""},
    {"(1,2,2,15)", "NMTV", "(I1\nl.", GOP_OK, ""},
    {"(2,10,3)", "TVC", "(I1\nl.", GOP_OK, ""},
    {"(1,2,2,15)", NULL, "(I1\nl.", GOP_EINVAL, "has 4 axes, whose order must be given"},
    {"(60,)", NULL, "(I1\nl.", GOP_EINVAL, "has 1 axes"},
    {"(4,15)", "NTVX", "(I1\nl.", GOP_EINVAL, "axes NTVX: each must be"},
    {"(4,15)", "TT", "(I1\nl.", GOP_EINVAL, "axes TT: each must be"},
    {"(4,15)", "NT", "(I1\nl.", GOP_EINVAL, "T and V must be among them"},
    {"(4,15)", "NTV", "(I1\nl.", GOP_EFORMAT, "has 2 axes, not 3 as NTV"},
    {"(1,2,3,5,2)", NULL, "(I1\nl.", GOP_EFORMAT, "has 2 channels; layout tiny5 has 3"},
    {"(1,3,1,10,2)", NULL, "(I1\nl.", GOP_EFORMAT, "has 10 nodes; layout tiny5 has 5"},
    {"(1,1,1,60)", "NMTV", "(I1\nl.", GOP_EFORMAT, "has 60 columns; layout tiny5 has 15"},
    {"(1,1,60)", NULL, "(I1\nI2\nl.", GOP_EFORMAT, "has 1 clips, "},
    {"(1,1,60)", NULL, "N.", GOP_EFORMAT, "its labels are None instead of a list"},
    {"(1,1,60)", NULL, "((S'a'\nl(I1\nI2\nlt.", GOP_EFORMAT, "has 1 names and 2 labels"},
    {"(1,1,60)", NULL, "(I-1\nl.", GOP_EFORMAT, "clip 0: label -1 is not from 0"},
    {"(1,1,60)", NULL, "(S''\nl.", GOP_EFORMAT, "its label is an empty text"},
    {"(1,1,60)", NULL, ARRAY("(I1\nt", "1") ".", GOP_OK, ""},
    {"(1,1,60)", NULL, ARRAY("(I1\nI1\nt", "1") ".", GOP_EFORMAT, "has 2 axes instead of one"},
    {"(1,1,60)", NULL, ARRAY("(I2\nt", "12") ".", GOP_EFORMAT, "has 1 clips, "},
    {"(4,15,1)", "TVM", "(I1\nl.", GOP_OK, ""},
    {"(1,1,60)", NULL, "(F0.5\nl.", GOP_EFORMAT, "must be a whole number, not a number"},
    {"(1,1,60)", NULL, "cos\nsystem\n.", GOP_EFORMAT, "names os.system, which is not read"},
    {"(2,2,15)", NULL, "((S'a'\nS'a'\nl(I1\nI1\nlt.", GOP_OK, ""},
    {"(1,1,60)", NULL, "((S'\\n'\nl(I1\nlt.", GOP_EFORMAT, "a clip's name is not UTF-8"},
};

START_TEST(what_does_not_fit_is_refused)
{
    float v[60];
    for (size_t i = 0; i < 60; i++)
        v[i] = (float)(i + 1);
    scratch_mkdir("set");
    scratch_text("set/val_label.pkl", wrong[_i].labels);
    make_npy("set/val_data_joint.npy", wrong[_i].shape, v, 60);
    zoo_raw raw = tiny("npy", scratch_path("set"));
    raw.axes = wrong[_i].axes;
    if (wrong[_i].status == GOP_OK) {
        zoo_report report;
        zoo_dataset_free(prepared(raw, &report));
        zoo_report_clear(&report);
    } else {
        refused(raw, wrong[_i].status, wrong[_i].words);
    }
}
END_TEST

START_TEST(folders_are_checked)
{
    static const float v[15] = {1};
    zoo_report report;
    scratch_mkdir("set");
    refused(tiny("npy", scratch_path("set")), GOP_EFORMAT, "no usable train_data_joint.npy");
    refused(tiny("npy", scratch_path("none")), GOP_ESYSTEM, "cannot open folder");
    make_npy("set/train_data.npy", "(1,1,15)", v, 15);
    refused(tiny("npy", scratch_path("set")), GOP_ESYSTEM, "no file train_label.pkl beside");
    scratch_text("set/train_label.pkl", "(S'nod'\nl.");
    scratch_text("set/notes.txt", "");
    zoo_dataset *data = prepared(tiny("npy", scratch_path("set")), &report);
    ck_assert_uint_eq(data->sequences, 1);
    ck_assert_str_eq(data->domain.action[0], "nod");
    ck_assert(found(&report, ZOO_ABSENT, "no file val_data_joint.npy"));
    ck_assert(found(&report, ZOO_DROPPED, "notes.txt: not an array or labels"));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
    make_npy("set/train_data_joint.npy", "(1,1,15)", v, 15);
    refused(tiny("npy", scratch_path("set")), GOP_EFORMAT,
            "has both train_data_joint.npy and train_data.npy");
}
END_TEST

/* A single clip that would not fit in memory, in a file that is a hole. */
START_TEST(a_clip_that_is_too_large_is_refused)
{
    static const float v[15] = {1};
    scratch_mkdir("set");
    scratch_text("set/train_label.pkl", "(I1\nl.");
    make_npy("set/train_data.npy", "(1,100000000,15)", v, 15);
    struct stat st;
    ck_assert_int_eq(stat(scratch_path("set/train_data.npy"), &st), 0);
    if (truncate(scratch_path("set/train_data.npy"),
                 st.st_size + (off_t)4 * (15 * (off_t)100000000 - 15)) == 0)
        refused(tiny("npy", scratch_path("set")), GOP_EFORMAT,
                "clips of 100000000 frames are too large");
    else
        printf("test_prepare_npz: a clip of 6 GB is skipped: this file system has no holes\n");
}
END_TEST

/* Where a table has the classes, arrays need no labels, and one may stand alone. */
START_TEST(a_table_may_have_the_classes)
{
    static const float v[30] = {[0] = 1, [15] = 2};
    make_npy("clips.npy", "(2,1,15)", v, 30);
    scratch_text("labels.csv", "test-000000,nod\ntest-000001,bow\n");
    zoo_raw raw = tiny("npy", scratch_path("clips.npy"));
    refused(raw, GOP_EINVAL, "clips.npy is an array alone: a table of classes is needed");
    scratch_mkdir("set");
    make_npy("set/val_data.npy", "(2,1,15)", v, 30);
    for (int i = 0; i < 3; i++) {
        zoo_report report;
        raw = tiny("npy", scratch_path(i == 0 ? "clips.npy" : "set"));
        raw.labels = scratch_path("labels.csv");
        if (i == 2) /* other labels, which do not count */
            scratch_text("set/val_label.pkl", "(N(ll.");
        zoo_dataset *data = prepared(raw, &report);
        ck_assert_uint_eq(data->sequences, 2);
        ck_assert_uint_eq(data->domain.actions, 2);
        ck_assert_str_eq(data->domain.action[data->sequence[0].action], "nod");
        ck_assert_str_eq(data->domain.action[data->sequence[1].action], "bow");
        ck_assert_uint_eq(report.found[ZOO_DROPPED], 0);
        zoo_report_clear(&report);
        zoo_dataset_free(data);
    }
}
END_TEST

/* Infinity is no value; NaN is a missing one. */
START_TEST(what_is_not_finite_is_dropped)
{
    float v[30] = {1}, row[15];
    zoo_report report;
    v[5] = NAN;
    v[16] = INFINITY;
    v[29] = 1;
    scratch_mkdir("set");
    make_npy("set/val_data_joint.npy", "(2,1,15)", v, 30);
    scratch_text("set/val_label.pkl", "(I0\nI1\nl.");
    zoo_dataset *data = prepared(tiny("npy", scratch_path("set")), &report);
    ck_assert_uint_eq(data->sequences, 1);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_NON_FINITE], 1);
    ck_assert_uint_eq(report.non_finite, 1);
    ck_assert(data->domain.missing);
    ck_assert_int_eq(zoo_dataset_read(row, data, 0, 0, 0, 1, NULL), GOP_OK);
    ck_assert(row[0] == 1 && row[4] == 0 && isnan(row[5]));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

/* Of an array of 100 clips, sparse on the disk, those with motion come out. */
START_TEST(places_without_a_clip_are_passed)
{
    static float v[100 * 2 * 15];
    char labels[700] = "(";
    zoo_report report;
    for (size_t i = 0; i < 100; i++) {
        strcat(labels, i % 10 == 0 ? "I7\n" : "N");
        v[i * 30 + 3] = i % 10 == 0 ? (float)i + 1 : 0;
    }
    strcat(labels, "l.");
    scratch_mkdir("set");
    make_npy("set/train_data_joint.npy", "(100,2,15)", v, COUNT(v));
    scratch_text("set/train_label.pkl", labels);
    zoo_dataset *data = prepared(tiny("npy", scratch_path("set")), &report);
    ck_assert_uint_eq(data->sequences, 10);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_EMPTY], 90);
    for (size_t i = 0; i < 10; i++) {
        float row[15];
        ck_assert_uint_eq(data->sequence[i].frames, 1);
        ck_assert_int_eq(zoo_dataset_read(row, data, i, 0, 0, 1, NULL), GOP_OK);
        ck_assert(row[3] == (float)(10 * i + 1));
    }
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

/* One clip for a model has the values that prepare gives, with transformations and without. */
START_TEST(one_clip_is_read_for_a_model)
{
    static const char *const steps[] = {NULL, "units 0.5", "centre c:each", "fill 9"};
    gop_error err = {GOP_OK, ""};
    zoo_dataset *data = NULL, *clip;
    float v[6 * 15] = {0}, w[9 * 15], x[9 * 15];
    for (size_t i = 0; i < 75; i++)
        v[i] = set_value(0, 0, i / 15, i % 15 / 3, i % 3);
    scratch_mkdir("set");
    scratch_text("set/val_label.pkl", "(I1\nl.");
    make_npy("set/val_data.npy", "(1,6,15)", v, 90);
    make_npy("clip.npy", "(6,15)", v, 90);
    for (size_t i = 0; i < COUNT(steps); i++) {
        zoo_report report;
        zoo_raw raw = tiny("npy", scratch_path("set"));
        raw.steps = steps[i];
        zoo_dataset_free(data);
        data = prepared(raw, &report);
        zoo_report_clear(&report);
        ck_assert_msg(zoo_read_one(&clip, NULL, NULL, &data->domain, scratch_path("clip.npy"),
                                   &err) == GOP_OK,
                      "%s", err.message);
        const size_t n = i == 3 ? 9 : 5;
        ck_assert(clip->sequences == 1 && clip->sequence[0].frames == n);
        ck_assert_int_eq(zoo_dataset_read(w, data, 0, 0, 0, n, &err), GOP_OK);
        ck_assert_int_eq(zoo_dataset_read(x, clip, 0, 0, 0, n, &err), GOP_OK);
        ck_assert_mem_eq(w, x, n * 15 * sizeof *w);
        ck_assert(memcmp(w, v, 75 * sizeof *w) == 0 || i == 1 || i == 2);
        zoo_dataset_free(clip);
    }
    make_npy("clip.npy", "(2,3,15)", v, 90);
    ck_assert_int_eq(
        zoo_read_one(&clip, NULL, "npy", &data->domain, scratch_path("clip.npy"), &err),
        GOP_EFORMAT);
    ck_assert_msg(strstr(err.message, "has 2 clips instead of one") != NULL, "%s", err.message);
    make_npy("clip.npy", "(1,1,6,15)", v, 90);
    ck_assert_int_eq(
        zoo_read_one(&clip, NULL, "npy", &data->domain, scratch_path("clip.npy"), &err),
        GOP_EFORMAT);
    make_npy("clip.npy", "(90,)", v, 90);
    ck_assert_int_eq(
        zoo_read_one(&clip, NULL, "npy", &data->domain, scratch_path("clip.npy"), &err),
        GOP_EFORMAT);
    ck_assert_msg(strstr(err.message, "has 1 axes; 2, 3 or 5 are read") != NULL, "%s", err.message);
    zoo_dataset_free(data);
}
END_TEST

TEST_MAIN("prepare_npz")
{
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
#ifdef HAVE_LIBZIP
    tcase_add_test(t, an_archive_gives_its_clips);
    tcase_add_test(t, an_archive_of_something_else_is_refused);
    tcase_add_test(t, labels_of_an_archive_are_checked);
    tcase_add_test(t, an_archive_of_one_clip_is_read_for_a_model);
#else
    tcase_add_test(t, an_archive_needs_libzip);
#endif
    tcase_add_test(t, a_folder_of_arrays_gives_its_clips);
    tcase_add_test(t, axes_may_have_any_order);
    tcase_add_test(t, a_model_reads_axes_as_its_data);
    tcase_add_test(t, a_model_of_an_archive_takes_arrays);
    tcase_add_loop_test(t, what_does_not_fit_is_refused, 0, (int)COUNT(wrong));
    tcase_add_test(t, folders_are_checked);
    tcase_add_test(t, a_clip_that_is_too_large_is_refused);
    tcase_add_test(t, a_table_may_have_the_classes);
    tcase_add_test(t, what_is_not_finite_is_dropped);
    tcase_add_test(t, places_without_a_clip_are_passed);
    tcase_add_test(t, one_clip_is_read_for_a_model);
}
