/*
 * test_prepare_pyskl.c: annotations of pyskl become data sets: points in images with scores, and in
 * space, bodies, splits, labels, and the reasons of what is dropped or refused.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include "zoo/dataset/transform/transform.h"

#include "numpy_sets.h"

static const double in_space[3] = {1, 1, 1}, in_image[2] = {200, 100};

static zoo_raw pyskl(const char *file, const char *split)
{
    return (zoo_raw){.source = "pyskl", .dir = numpy_set(file), .split = split};
}

START_TEST(points_in_space_are_taken)
{
    zoo_report report;
    zoo_dataset *data = prepared(pyskl("pyskl-3d.pkl", NULL), &report);
    ck_assert_str_eq(data->domain.layout.name, "ntu25");
    ck_assert_str_eq(data->domain.origin, "pyskl");
    ck_assert(data->domain.rate == 30);
    ck_assert_uint_eq(data->sequences, 4);
    ck_assert_uint_eq(data->domain.actions, 3);
    ck_assert(strstr(data->source, "split xsub") != NULL);
    for (size_t i = 0; i < 4; i++) {
        char name[32];
        snprintf(name, sizeof name, "S001C00%zuP00%zuR002A003", 1 + i % 3, i);
        const size_t at = find_sequence(data, name);
        ck_assert_uint_eq(data->sequence[at].action, i % 3);
        ck_assert_int_eq(data->sequence[at].split, i < 3 ? ZOO_TRAIN : ZOO_TEST);
        ck_assert_str_eq(data->sequence[at].repetition, "R002");
        ck_assert_str_eq(data->sequence[at].file, "pyskl-3d.pkl");
        expect_clip(data, at, i, in_space, 3);
    }
    ck_assert_uint_eq(report.dropped[ZOO_DROP_SPLIT], 1);
    ck_assert(found(&report, ZOO_DROPPED, "S001C002P004R002A003: in neither list"));
    ck_assert(found(&report, ZOO_ABSENT, "1 identifiers of the split have no annotation"));
    ck_assert_uint_eq(report.empty_frames, 1);
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(points_in_images_have_scores)
{
    zoo_report report;
    zoo_dataset *data = prepared(pyskl("pyskl-2d.pkl", "xview"), &report);
    gop_error err = {GOP_OK, ""};
    float v[54];
    ck_assert_str_eq(data->domain.layout.name, "kinetics18");
    ck_assert_uint_eq(data->sequences, 5);
    for (size_t i = 1; i < 5; i++) {
        char name[32];
        snprintf(name, sizeof name, "S001C00%zuP00%zuR002A003", 1 + i % 3, i);
        const size_t at = find_sequence(data, name);
        ck_assert_int_eq(data->sequence[at].split, i < 3 ? ZOO_TEST : ZOO_TRAIN);
        expect_clip(data, at, i, in_image, 2);
        ck_assert_int_eq(zoo_dataset_read(v, data, at, 0, 0, 1, &err), GOP_OK);
        ck_assert(v[2] == 0.5f);
    }
    /* The joint that was not found. */
    const size_t first = find_sequence(data, "S001C001P000R002A003");
    ck_assert_int_eq(zoo_dataset_read(v, data, first, 0, 0, 1, &err), GOP_OK);
    ck_assert(isnan(v[9]) && isnan(v[10]) && isnan(v[11]));
    ck_assert(v[12] == (float)(9. / 200) && v[14] == 0.5f);
    ck_assert_uint_eq(report.found[ZOO_DROPPED], 0);
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

/* The size of the image is img_shape, unless it is given. */
START_TEST(the_size_of_the_image_is_a_step)
{
    static const struct {
        const char *given, *step;
        double width;
    } sizes[] = {
        {NULL, "image clip", 200}, {"image 400x50", "image 400:50", 400}, {"image none", NULL, 1}};
    gop_error err = {GOP_OK, ""};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        zoo_raw raw = pyskl("pyskl-2d.pkl", "xsub");
        float v[128];
        raw.steps = sizes[i].given;
        zoo_dataset *data = prepared(raw, NULL);
        const char *step = zoo_steps_find(&data->domain.steps, "image");
        ck_assert(sizes[i].step == NULL ? step == NULL : strcmp(step, sizes[i].step) == 0);
        const size_t first = find_sequence(data, "S001C001P000R002A003");
        ck_assert_uint_le(data->domain.layout.columns, 128);
        ck_assert_int_eq(zoo_dataset_read(v, data, first, 0, 0, 1, &err), GOP_OK);
        ck_assert(v[12] == (float)(9 / sizes[i].width) && v[14] == 0.5f);
        zoo_dataset_free(data);
    }
    zoo_dataset *data = prepared(pyskl("pyskl-3d.pkl", "xsub"), NULL);
    ck_assert_ptr_null(zoo_steps_find(&data->domain.steps, "image"));
    zoo_dataset_free(data);
}
END_TEST

/* A rule splits in the place of the file's lists, and a table has the classes. */
START_TEST(rules_and_tables_come_first)
{
    zoo_report report;
    zoo_raw raw = pyskl("pyskl-2d.pkl", NULL);
    scratch_text("labels.csv", "S001C001P000R002A003,nod\nS001C001P003R002A003,bow\n");
    raw.split_rule = "camera:1";
    raw.labels = scratch_path("labels.csv");
    zoo_dataset *data = prepared(raw, &report);
    ck_assert_uint_eq(data->sequences, 2);
    ck_assert_str_eq(data->domain.action[data->sequence[0].action], "nod");
    ck_assert_uint_eq(report.dropped[ZOO_DROP_LABEL], 3);
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(splits_are_named)
{
    refused(pyskl("pyskl-2d.pkl", NULL), GOP_EINVAL, "has the splits xsub, xview; name one");
    refused(pyskl("pyskl-2d.pkl", "xset"), GOP_EINVAL, "has no split xset; it has xsub, xview");
    refused(pyskl("pyskl-3d.pkl", "xview"), GOP_EINVAL, "has no split xview; it has xsub");
}
END_TEST

/* ----------------------------------------------------------- annotations by hand */

/* Two frames of tiny5. */
#define POINTS        ARRAY("(I1\nI2\nI5\nI3\nt", "123456789012345678901234567890")
#define GOOD          "S'frame_dir'\nS'a'\nS'label'\nI1\nS'keypoint'\n" POINTS
#define FILE_OF(list) "(S'annotations'\n" list "d."

static const struct {
    const char *text;
    gop_status status;
    size_t dropped; /* a zoo_drop, with GOP_OK */
    const char *words;
} rows[] = {
    {FILE_OF("((" GOOD "dl"), GOP_OK, ZOO_DROPS, ""},
    {"((" GOOD "dl.", GOP_OK, ZOO_DROPS, ""},
    {FILE_OF("((" GOOD "dNl"), GOP_OK, ZOO_DROP_FORMAT, "annotation 1: it is no dictionary"},
    {FILE_OF("((" GOOD "d(" GOOD "dl"), GOP_OK, ZOO_DROP_TWICE, "there was a sequence a before"},
    {FILE_OF("((" GOOD "d(S'frame_dir'\nS'b'\ndl"), GOP_OK, ZOO_DROP_FORMAT,
     "annotation 1, b, keypoint must be an array, not nothing"},
    {FILE_OF("((" GOOD "d(S'label'\nI1\ndl"), GOP_OK, ZOO_DROP_FORMAT, "frame_dir must be a text"},
    {FILE_OF("((" GOOD "d(S'frame_dir'\nS''\ndl"), GOP_OK, ZOO_DROP_NAME, "the name is empty"},
    {FILE_OF("((" GOOD "d(S'frame_dir'\nS'b'\nS'keypoint'\n" POINTS "dl"), GOP_OK, ZOO_DROP_LABEL,
     "b, label must be a whole number, not nothing"},
    {FILE_OF("((" GOOD "d(S'frame_dir'\nS'b'\nS'label'\n(I1\nlS'keypoint'\n" POINTS "dl"), GOP_OK,
     ZOO_DROP_LABEL, "b, label must be a whole number, not a list"},
    {FILE_OF("((" GOOD "d(S'frame_dir'\nS'b'\nS'label'\nI4096\nS'keypoint'\n" POINTS "dl"), GOP_OK,
     ZOO_DROP_LABEL, "label 4096 is not from 0"},
    {FILE_OF("((" GOOD "d(" GOOD "S'frame_dir'\nS'b'\nS'total_frames'\nI3\ndl"), GOP_OK,
     ZOO_DROP_FORMAT, "2 frames of keypoints, but total_frames 3"},
    {FILE_OF("((" GOOD "d(" GOOD "S'frame_dir'\nS'b'\nS'keypoint_score'\n" POINTS "dl"), GOP_OK,
     ZOO_DROP_FORMAT, "keypoint_score has another shape"},
    {FILE_OF("((" GOOD "d(" GOOD
             "S'frame_dir'\nS'b'\nS'keypoint'\n" ARRAY("(I1\nI1\nI4\nI3\nt", "123456789012") "dl"),
     GOP_OK, ZOO_DROP_JOINTS, "4 nodes of 3 channels; layout tiny5 has 5 of 3"},
    {FILE_OF("((" GOOD "d(" GOOD
             "S'frame_dir'\nS'b'\nS'keypoint'\n" ARRAY("(I0\nI1\nI5\nI3\nt", "") "dl"),
     GOP_OK, ZOO_DROP_EMPTY, "no body in any of 1 frames"},
    {FILE_OF("((" GOOD "d(" GOOD
             "S'frame_dir'\nS'b'\nS'keypoint'\n" ARRAY("(I1\nI0\nI5\nI3\nt", "") "dl"),
     GOP_OK, ZOO_DROP_EMPTY, "no body in any of 0 frames"},
    {FILE_OF("((" GOOD "d(" GOOD
             "S'frame_dir'\nS'b'\nS'keypoint'\n" ARRAY("(I5\nI3\nt", "123456789012345") "dl"),
     GOP_OK, ZOO_DROP_FORMAT, "keypoint must have the axes"},
    {FILE_OF("((" GOOD "d(" GOOD "S'frame_dir'\nS'b'\nS'label'\nS''\ndl"), GOP_OK, ZOO_DROP_LABEL,
     "its label is an empty text"},
    {FILE_OF("((" GOOD "d(" GOOD
             "S'frame_dir'\nS'b'\nS'keypoint'\n" ARRAY("(I0\nL99999999999L\nI5\nI3\nt", "") "dl"),
     GOP_OK, ZOO_DROP_FORMAT, "99999999999 frames is too large"},
    {FILE_OF("(l"), GOP_EFORMAT, 0, "no usable annotation"},
    {FILE_OF("(Nl"), GOP_EFORMAT, 0, "no usable annotation, 1 dropped, first"},
    {FILE_OF("N"), GOP_EFORMAT, 0, "is no pickle of annotations"},
    {"N.", GOP_EFORMAT, 0, "is no pickle of annotations"},
    {"cos\nsystem\n(S'ls'\ntR.", GOP_EFORMAT, 0, "names os.system, which is not read"},
    {"(S'split'\n(dS'annotations'\n((" GOOD "dld.", GOP_EINVAL, 0, "has the splits none"},
    {"(S'split'\n(S'train'\n(S'a'\nlS'x'\n(ldS'annotations'\n((" GOOD "dld.", GOP_OK, ZOO_DROPS,
     "left out split x"},
    {"(S'split'\n(S'train'\n(S'a'\nS'a'\nlS'test'\n(S'a'\nldS'annotations'\n((" GOOD "dld.", GOP_OK,
     ZOO_DROPS, "in both lists of the split; taken for training"},
    {"(S'split'\n(S'train'\n(S'a'\nlS'val'\n(lS'test'\n(S'b'\nldS'annotations'\n((" GOOD "dld.",
     GOP_OK, ZOO_DROPS, "left out split test; an earlier one has the test data"},
    {"(S'split'\n(S'train'\n(NldS'annotations'\n((" GOOD "dld.", GOP_EFORMAT, 0,
     "an identifier in a split must be a text"},
};

START_TEST(the_layout_must_fit)
{
    scratch_text("a.pkl", FILE_OF("((" GOOD "dl"));
    zoo_raw none = {.source = "pyskl", .dir = scratch_path("a.pkl")};
    refused(none, GOP_EINVAL, "has 5 nodes of 3 channels; their layout must be given");
    none.layout = zoo_layout_find("kinetics18");
    scratch_text("a.pkl", FILE_OF("((S'frame_dir'\nS'a'\nS'label'\nI1\nS'keypoint'\n" ARRAY(
                              "(I1\nI1\nI18\nI3\nt",
                              "123456789012345678901234567890123456789012345678901234") "dl"));
    refused(none, GOP_EFORMAT, "a: img_shape must be the image's height and width");
    scratch_text("a.pkl", FILE_OF("((S'frame_dir'\nS'a'\ndl"));
    none.layout = NULL;
    refused(none, GOP_EFORMAT, "no annotation has keypoints");
    zoo_raw raw = pyskl("pyskl-3d.pkl", NULL);
    raw.layout = zoo_layout_find("kinetics18");
    refused(raw, GOP_EFORMAT, "25 nodes of 3 channels; layout kinetics18 has 18 of 3");
}
END_TEST

/* As many pairs of lists as there is room for, and one more. */
START_TEST(splits_are_bounded)
{
    char text[4000] = "(S'annotations'\n(lS'split'\n(";
    for (int i = 0; i < 33; i++)
        sprintf(text + strlen(text), "S'train%d'\n(l", i);
    strcat(text, "dd.");
    scratch_text("a.pkl", text);
    const zoo_raw raw = {.source = "pyskl", .dir = scratch_path("a.pkl")};
    refused(raw, GOP_EFORMAT, "more than 32 splits");
}
END_TEST

START_TEST(annotations_are_checked)
{
    zoo_report report;
    scratch_text("train.pkl", rows[_i].text);
    const zoo_raw raw = {
        .source = "pyskl", .dir = scratch_path("train.pkl"), .layout = zoo_layout_find("tiny5")};
    if (rows[_i].status != GOP_OK) {
        refused(raw, rows[_i].status, rows[_i].words);
        return;
    }
    zoo_dataset *data = prepared(raw, &report);
    float v[15];
    ck_assert_uint_eq(data->sequences, 1);
    ck_assert_int_eq(data->sequence[0].split, ZOO_TRAIN);
    ck_assert_int_eq(zoo_dataset_read(v, data, 0, 0, 1, 1, NULL), GOP_OK);
    ck_assert(v[0] == '6' && v[14] == '0');
    ck_assert_uint_eq(report.found[ZOO_DROPPED], rows[_i].dropped != ZOO_DROPS);
    if (rows[_i].dropped != ZOO_DROPS)
        ck_assert_uint_eq(report.dropped[rows[_i].dropped], 1);
    if (rows[_i].words[0] != '\0')
        ck_assert_msg(found(&report, ZOO_DROPPED, rows[_i].words) ||
                          found(&report, ZOO_ALTERED, rows[_i].words),
                      "%s", report.findings > 0 ? report.finding[0].text : "no finding");
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

/* A single annotation for a model has the values that prepare gives. */
START_TEST(one_annotation_is_read_for_a_model)
{
    zoo_report report;
    gop_error err = {GOP_OK, ""};
    zoo_dataset *clip;
    float v[30], w[30];
    scratch_text("a.pkl", FILE_OF("((" GOOD "dl"));
    const zoo_raw raw = {
        .source = "pyskl", .dir = scratch_path("a.pkl"), .layout = zoo_layout_find("tiny5")};
    zoo_dataset *data = prepared(raw, &report);
    zoo_report_clear(&report);
    ck_assert_int_eq(data->sequence[0].split, ZOO_TEST);
    ck_assert_msg(zoo_read_one(&clip, NULL, NULL, &data->domain, scratch_path("a.pkl"), &err) ==
                      GOP_OK,
                  "%s", err.message);
    ck_assert_uint_eq(clip->sequences, 1);
    ck_assert_int_eq(zoo_dataset_read(v, data, 0, 0, 0, 2, &err), GOP_OK);
    ck_assert_int_eq(zoo_dataset_read(w, clip, 0, 0, 0, 2, &err), GOP_OK);
    ck_assert_mem_eq(v, w, sizeof v);
    zoo_dataset_free(clip);
    scratch_text("a.pkl", FILE_OF("((" GOOD "d(" GOOD "dl"));
    ck_assert_int_eq(zoo_read_one(&clip, NULL, "pyskl", &data->domain, scratch_path("a.pkl"), &err),
                     GOP_EFORMAT);
    ck_assert_msg(strstr(err.message, "has 2 annotations instead of one") != NULL, "%s",
                  err.message);
    zoo_dataset_free(data);
}
END_TEST

TEST_MAIN("prepare_pyskl")
{
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
    tcase_add_test(t, points_in_space_are_taken);
    tcase_add_test(t, points_in_images_have_scores);
    tcase_add_test(t, splits_are_named);
    tcase_add_test(t, the_size_of_the_image_is_a_step);
    tcase_add_test(t, rules_and_tables_come_first);
    tcase_add_test(t, the_layout_must_fit);
    tcase_add_test(t, splits_are_bounded);
    tcase_add_loop_test(t, annotations_are_checked, 0, (int)COUNT(rows));
    tcase_add_test(t, one_annotation_is_read_for_a_model);
}
