/*
 * test_prepare_keypoints.c: converts results of pose tools to a data set's file: every form, frames
 * by number, bodies by id and by overlap, and what is dropped.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"
#include "prepare_run.h"

#include <stdarg.h>

#include "zoo/dataset/format/files.h"
#include "zoo/dataset/format/tracks.h"

static char text[1 << 16];
static size_t used;

static void put(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    used += (size_t)vsnprintf(text + used, sizeof text - used, format, list);
    va_end(list);
    ck_assert_uint_lt(used, sizeof text);
}

static void save(const char *name)
{
    scratch_text(name, text);
    used = 0;
    text[0] = '\0';
}

/* Joints of a body around (x, y), 2 apart: x, y, score. */
static void joints(size_t n, double x, double y, double score, const char *between, const char *end)
{
    for (size_t i = 0; i < n; i++)
        put("%g,%g%s%g%s", x + (double)(i % 4) * 2, y + (double)(i / 4) * 2, between, score,
            i + 1 < n ? end : "");
}

static void folders(void)
{
    scratch_mkdir("train");
    scratch_mkdir("train/nod");
}

static zoo_raw keypoints(void)
{
    return (zoo_raw){.source = "keypoints"};
}

static void openpose(const char *name, int bodies, double x)
{
    put("{\"version\":1.3,\"people\":[");
    for (int b = 0; b < bodies; b++) {
        put("%s{\"person_id\":[-1],\"pose_keypoints_2d\":[", b > 0 ? "," : "");
        joints(25, x + 100 * b, 50, 0.9 - 0.1 * b, ",", ",");
        put("],\"face_keypoints_2d\":[],\"hand_left_keypoints_2d\":[");
        joints(21, x + 3 + 400 * b, 7, 0.5, ",", ",");
        put("],\"hand_right_keypoints_2d\":[");
        joints(21, x + 203 + 400 * b, 7, 0.4, ",", ",");
        put("]}");
    }
    put("]}");
    save(name);
}

static float at(const zoo_dataset *data, size_t i, size_t body, size_t t, size_t column)
{
    const zoo_sequence *q = &data->sequence[i];
    return q->data[(body * q->frames + t) * data->domain.layout.columns + column];
}

START_TEST(a_folder_of_openpose_is_one_recording)
{
    zoo_report report;
    folders();
    scratch_mkdir("train/nod/clip");
    openpose("train/nod/clip/clip_000000000007_keypoints.json", 2, 10);
    openpose("train/nod/clip/clip_000000000008_keypoints.json", 0, 0);
    openpose("train/nod/clip/clip_000000000010_keypoints.json", 2, 12);
    scratch_text("train/nod/clip/clip_000000000011_keypoints.json", "{\"people\": [{]}");
    scratch_text("train/nod/clip/clip_000000000007_rendered.png", "x");
    zoo_dataset *data = prepared((zoo_raw){.source = "keypoints", .bodies = 2}, &report);
    ck_assert_uint_eq(data->sequences, 1);
    ck_assert_str_eq(data->sequence[0].name, "nod/clip");
    ck_assert_str_eq(data->domain.layout.name, "openpose25");
    ck_assert_uint_eq(data->sequence[0].frames, 5); /* 7 to 11 */
    ck_assert_uint_eq(data->sequence[0].bodies, 2);
    ck_assert_uint_eq(report.tracks, 2);
    ck_assert_uint_eq(report.empty_frames, 3);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_FORMAT], 1);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_KIND], 1);
    ck_assert(found(&report, ZOO_DROPPED, "clip_000000000011_keypoints.json:1: not JSON"));
    ck_assert(found(&report, ZOO_ALTERED, "are pixels and stay so"));
    ck_assert_float_eq(at(data, 0, 0, 0, 0), 10);
    ck_assert_float_eq(at(data, 0, 0, 0, 2), 0.9f);
    ck_assert_float_nan(at(data, 0, 0, 1, 0));
    ck_assert_float_nan(at(data, 0, 0, 2, 0));
    ck_assert_float_eq(at(data, 0, 1, 3, 0), 112);
    zoo_report_clear(&report);
    zoo_dataset_free(data);

    /* The hands, by the layout. */
    data = prepared(
        (zoo_raw){.source = "keypoints", .layout = zoo_layout_find("hand21"), .bodies = 2},
        &report);
    ck_assert_uint_eq(data->sequences, 1);
    ck_assert_uint_eq(data->sequence[0].bodies, 2);
    ck_assert_float_eq(at(data, 0, 0, 0, 0), 13);
    ck_assert_float_eq(at(data, 0, 1, 0, 0), 413);
    ck_assert_uint_eq(report.tracks, 4);
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(frames_of_two_recordings_in_a_folder_are_dropped)
{
    zoo_report report;
    folders();
    scratch_mkdir("train/nod/a");
    scratch_mkdir("train/nod/b");
    openpose("train/nod/a/0_keypoints.json", 1, 10);
    openpose("train/nod/b/left_0_keypoints.json", 1, 10);
    openpose("train/nod/b/right_0_keypoints.json", 1, 10);
    zoo_dataset *data = prepared(keypoints(), &report);
    ck_assert_uint_eq(data->sequences, 1);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_FORMAT], 1);
    ck_assert(found(&report, ZOO_DROPPED, "frames of several recordings"));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

/* Two bodies in three frames; the first moves to the right by 2 a frame. */
static void coco(const char *image, const char *const id[6], const int order[3])
{
    put("[");
    for (int k = 0; k < 3; k++)
        for (int b = 0; b < 2; b++) {
            const int t = order[k];
            put("%s{\"image_id\":", k + b > 0 ? "," : "");
            put(image, t + 1);
            put(",\"category_id\":1,\"keypoints\":[");
            joints(17, b == 0 ? 100 + 2 * t : 300, 50, b == 0 ? 0.5 : 0.75, ",", ",");
            put("],\"score\":2.5,\"box\":[1,2,3,4]");
            if (id != NULL)
                put(",\"idx\":%s", id[2 * t + b]);
            put("}");
        }
    put("]");
}

static const int in_order[3] = {0, 1, 2};
static const int back[3] = {0, 2, 1};
static const char *const steady[6] = {"4", "9", "4.0", "[9]", "[[4],[5]]", "\"9\""};
static const char *const swapped[6] = {"4", "9", "9", "4", "9", "4"};
static const char *const equal[6] = {"0", "0", "0.0", "[0.0]", "0", "0"};

static const struct {
    const char *image;
    const char *const *id;
    const int *order;
    bool swap; /* the ids change in the second frame */
    const char *words;
} lists[] = {
    {"%d", NULL, in_order, false, NULL},
    {"%d", steady, in_order, false, NULL},
    {"%d", swapped, in_order, true, NULL},
    {"%d", equal, in_order, false, "followed by overlap"},
    {"%d", NULL, back, false, "1 frames come after later ones"},
    {"\"frame_%05d.jpg\"", steady, back, false, "1 frames come after later ones"},
    {"\"%d.jpg\"", steady, in_order, false, NULL},
    {"\"12_%d.5.png\"", steady, in_order, false, "follow each other in the order"},
    {"%d00000", steady, in_order, false, "too far apart"},
};

START_TEST(lists_of_bodies_are_followed)
{
    zoo_report report;
    folders();
    coco(lists[_i].image, lists[_i].id, lists[_i].order);
    save("train/nod/a.json");
    zoo_dataset *data = prepared((zoo_raw){.source = "keypoints", .bodies = 2}, &report);
    ck_assert_str_eq(data->domain.layout.name, "coco17");
    ck_assert_uint_eq(data->sequence[0].frames, 3);
    ck_assert_uint_eq(data->sequence[0].bodies, 2);
    ck_assert_uint_eq(report.tracks, 2);
    for (size_t t = 0; t < 3; t++) {
        const float first = at(data, 0, 0, t, 0), other = at(data, 0, 1, t, 0);
        ck_assert_float_eq(first, lists[_i].swap && t == 0 ? 100 : 300);
        ck_assert_float_eq(first + other, 400 + 2 * (float)t);
    }
    ck_assert_msg(lists[_i].words == NULL || found(&report, ZOO_ALTERED, lists[_i].words), "%d",
                  _i);
    ck_assert_uint_eq(report.found[ZOO_ALTERED], 1 + (lists[_i].words != NULL));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

/* Forms in which a body of 17 or 33 joints is at x 1 in its first joint, in two of three frames. */
#define MMPOSE(list, end)                                                                         \
    list "{\"frame_id\":0,\"instances\":[{\"keypoints\":[[$],[$],[$],[$],[$],[$],[$],[$],[$],"    \
         "[$],[$],[$],[$],[$],[$],[$],[$]],\"keypoint_scores\":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1," \
         "0.5],\"bbox\":[[0,0,9,9]],\"bbox_score\":0.9}]},{\"frame_id\":2,\"instances\":[{"       \
         "\"keypoints\":[[$],[$],[$],[$],[$],[$],[$],[$],[$],[$],[$],[$],[$],[$],[$],[$],[$]],"   \
         "\"keypoint_scores\":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}]}" end
#define L33 "%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%"

static const struct {
    const char *form, *layout;
    size_t frames;
} forms[] = {
    {MMPOSE("{\"meta_info\":{\"a\":[1,{\"b\":2}]},\"instance_info\":[", "]}"), "coco17", 3},
    {MMPOSE("[", "]"), "coco17", 3},
    {"[[" L33 "],null,[" L33 "]]", "mediapipe33", 3},
    {"[[],[" L33 "],[[" L33 "],[" L33 "]]]", "mediapipe33", 3},
    {"{\"fps\":30,\"frames\":[{\"frame\":4,\"landmarks\":[" L33
     "]},{\"frame\":6,\"landmarks\":[" L33 "]}]}",
     "mediapipe33", 3},
    {"[{\"poseLandmarks\":[" L33 "],\"poseWorldLandmarks\":[{\"x\":0,\"y\":0,\"z\":0}]},{},"
     "{\"poseLandmarks\":[" L33 "]}]",
     "mediapipe33", 3},
    {"[{\"worldLandmarks\":[[" L33 "]]},{\"worldLandmarks\":[]},{\"worldLandmarks\":[[" L33 "]]}]",
     "mediapipe33_world", 3},
    {"{\"pose_landmarks\":[[" L33 "],[],[" L33 "]]}", "mediapipe33", 3},
    {"{\"0\":{\"pose_landmarks\":{\"landmark\":[" L33 "]}},\"2\":{\"pose_landmarks\":{"
     "\"landmark\":[" L33 "]}}}",
     "mediapipe33", 3},
    {"{\"a_1.png\":{\"version\":0.1,\"bodies\":[{\"joints\":[@]}]},\"a_3.png\":{\"bodies\":[{"
     "\"joints\":[@]}]}}",
     "kinetics18", 3},
    {"{\"annotations\":[{\"id\":7,\"image_id\":1,\"keypoints\":[[1,2,1]&]},{\"image_id\":3,"
     "\"keypoints\":[[1,2,1]&]}],\"images\":[]}",
     "coco17", 3},
};

START_TEST(every_form_is_read)
{
    zoo_report report;
    folders();
    for (const char *c = forms[_i].form; *c != '\0'; c++)
        if (*c == '%')
            put("{\"x\":1,\"y\":0.5,\"z\":0.25,\"visibility\":0.75,\"name\":\"n\"}%s",
                c[1] == '%' ? "," : "");
        else if (*c == '$')
            put("1,0.5");
        else if (*c == '@')
            joints(18, 1, 0.5, 1, ",", ",");
        else if (*c == '&')
            for (int i = 0; i < 16; i++)
                put(",[1,2,1]");
        else
            put("%c", *c);
    save("train/nod/a.json");
    zoo_dataset *data = prepared(keypoints(), &report);
    ck_assert_str_eq(data->domain.layout.name, forms[_i].layout);
    ck_assert_uint_eq(data->sequence[0].frames, forms[_i].frames);
    ck_assert_uint_eq(data->sequence[0].bodies, 1);
    ck_assert_uint_eq(report.empty_frames, 1);
    ck_assert_float_eq(at(data, 0, 0, 2, 0), 1);
    ck_assert_uint_eq(report.found[ZOO_DROPPED], 0);
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

/* World landmarks without a name have the hips around the origin. */
START_TEST(world_landmarks_are_told_apart)
{
    zoo_report report;
    folders();
    for (int world = 0; world < 2; world++) {
        put("[[");
        for (int i = 0; i < 33; i++)
            put("%s[%g,%g,0.1,0.9]", i > 0 ? "," : "",
                (world ? 0 : 0.5) + (i % 2 == 0 ? 0.1 : -0.1),
                (world ? 0 : 0.5) - (i == 23 || i == 24 ? 0 : 0.01 * i));
        put("]]");
        save(world ? "train/nod/world.json" : "train/nod/a.json");
    }
    zoo_dataset *data = prepared(keypoints(), &report);
    ck_assert_str_eq(data->domain.layout.name, "mediapipe33");
    ck_assert_uint_eq(data->sequences, 1);
    ck_assert(found(&report, ZOO_DROPPED, "look like world landmarks"));
    ck_assert_uint_eq(report.dropped[ZOO_DROP_JOINTS], 1);
    ck_assert_float_eq(at(data, 0, 0, 0, 2), 0.9f);
    zoo_report_clear(&report);
    zoo_dataset_free(data);
    data = prepared(
        (zoo_raw){.source = "keypoints", .layout = zoo_layout_find("mediapipe33_world")}, &report);
    ck_assert_str_eq(data->sequence[0].name, "nod/world");
    ck_assert_float_eq(at(data, 0, 0, 0, 2), 0.1f);
    ck_assert(found(&report, ZOO_DROPPED, "look like image landmarks"));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

/* Tables of 21 landmarks: # stands for i from 0, @ from 1, and what is between < and > is repeated;
 * values are x, y, z and the score, which is 0.75. */
static const struct {
    const char *heading, *line;
    size_t each;        /* lines of a frame */
    const char *layout; /* given, or NULL */
    const char *found;
    bool scored;
} tables[] = {
    {"<x@,y@,z@,v@,>label", "<X,Y,Z,S,>nod", 1, NULL, NULL, true},
    {"class<,x@,y@,z@,v@>", "nod<,X,Y,Z,S>", 1, NULL, "hand21", true},
    {"frame;time<;P#_x;P#_y;P#_z;P#_visibility>", "F;0<;X;Y;Z;S>", 1, NULL, "hand21", true},
    {"frame<,wrist # x,wrist # y>", "F<,X,Y>", 1, NULL, "hand21", false},
    {"Frame,LandmarkID,X,Y", "F,#,X,Y", 21, NULL, "hand21", false},
    {"frame,landmark,x,y,z,visibility", "F,#,X,Y,Z,S", 21, "hand21", "hand21", true},
    {"frame<,world x#,world y#,world z#>", "F<,X,Y,Z>", 1, NULL, "hand21_world", false},
    {"frame<,x#,y#,z#>", "F<,W,W,Z>", 1, NULL, "hand21_world", false},
    {"frame<,x#,y#>", "F<,X,Y>", 1, "hand21_world", NULL, false},
};

static void put_cells(const char *form, int t, int i)
{
    for (const char *c = form; *c != '\0'; c++)
        if (*c == '<') {
            const char *end = strchr(c, '>');
            for (int k = 0; k < 21; k++) {
                char part[100];
                snprintf(part, sizeof part, "%.*s", (int)(end - c - 1), c + 1);
                put_cells(part, t, k);
            }
            c = end;
        } else if (*c == '#' || *c == '@') {
            put("%d", i + (*c == '@'));
        } else if (t < 0 || strchr("FXYZSW", *c) == NULL) {
            put("%c", *c);
        } else {
            put("%g", *c == 'F'   ? t
                      : *c == 'W' ? 0.01 * (i - 10)
                      : *c == 'S' ? 0.75
                                  : (*c - 'X' + 1) * 0.1 + 0.01 * i + t);
        }
}

START_TEST(tables_of_landmarks_are_read)
{
    zoo_report report;
    folders();
    for (int t = -1; t < 5; t += t < 0 ? 1 : 2)
        for (size_t i = 0; i < (t < 0 ? 1 : tables[_i].each); i++) {
            put_cells(t < 0 ? tables[_i].heading : tables[_i].line, t, (int)i);
            put("\n");
        }
    save("train/nod/a.csv");
    const bool numbered = strchr(tables[_i].line, 'F') != NULL;
    zoo_raw raw = keypoints();
    raw.layout = tables[_i].layout == NULL ? NULL : zoo_layout_find(tables[_i].layout);
    if (tables[_i].found == NULL) {
        refused(raw, GOP_EFORMAT,
                raw.layout != NULL ? "landmarks without z" : "no heading that names x and y");
        return;
    }
    zoo_dataset *data = prepared(raw, &report);
    ck_assert_str_eq(data->domain.layout.name, tables[_i].found);
    ck_assert_uint_eq(data->sequence[0].frames, numbered ? 5 : 3);
    ck_assert_uint_eq(report.empty_frames, numbered ? 2 : 0);
    const float *v = data->sequence[0].data + (numbered ? 2 : 1) * 63;
    if (strchr(tables[_i].line, 'W') == NULL)
        ck_assert(fabsf(v[3] - 2.11f) < 1e-6f && fabsf(v[4] - 2.21f) < 1e-6f);
    if (data->domain.layout.feature == ZOO_POSITION)
        ck_assert(fabsf(v[5] - 2.31f) < 1e-6f);
    else
        ck_assert(v[5] == (tables[_i].scored ? 0.75f : 1));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

static const struct {
    const char *text;
    zoo_drop why;
    const char *words;
} bad[] = {
    {"", ZOO_DROP_FORMAT, "bad.json:1: not JSON: the file ends too early"},
    {"[", ZOO_DROP_FORMAT, "ends too early"},
    {"[]", ZOO_DROP_EMPTY, "no body in any of 0 frames"},
    {"{}", ZOO_DROP_FORMAT, "not in a form of"},
    {"7", ZOO_DROP_FORMAT, "not in a form of"},
    {"[1,2]", ZOO_DROP_FORMAT, "not in a form of"},
    {"{\"people\": []}", ZOO_DROP_EMPTY, "no body"},
    {"{\"data\": [{\"frame_index\": 1, \"skeleton\": []}]}", ZOO_DROP_FORMAT, "not in a form of"},
    {"[{\"image_id\":1,\"keypoints\":[1,2,1]}]", ZOO_DROP_JOINTS, "a body of 1 joints"},
    {"[{\"image_id\":1,\"keypoints\":[1,2]}]", ZOO_DROP_JOINTS, "a body of 2 numbers"},
    {"[{\"image_id\":1,\"keypoints\":[1,2,\"x\"]}]", ZOO_DROP_FORMAT, "entry 3 of a body's joints"},
    {"[{\"image_id\":[],\"keypoints\":[1,2,1]}]", ZOO_DROP_FORMAT, "\"image_id\" is neither"},
    {"[{\"image_id\":1,\"keypoints\":[1,2,1]}\n,{\"keypoints\":[]}]", ZOO_DROP_JOINTS, "1 joints"},
    {"[{\"frame_id\":0,\"instances\":[{\"keypoints\":[[1,2]],\"keypoint_scores\":[1,2]}]}]",
     ZOO_DROP_FORMAT, "1 joints with 2 scores"},
    {"[{\"frame_id\":0,\"instances\":[{\"keypoints\":[[1]]}]}]", ZOO_DROP_FORMAT, "no x and y"},
    {"[{\"image_id\":1,\"keypoints\":[1,2,1}]", ZOO_DROP_FORMAT, "not JSON: a comma or ]"},
    {"[{\"image_id\":1,\n\"keypoints\":[0,0,0]}]x", ZOO_DROP_FORMAT, ":2: not JSON: something"},
};

START_TEST(bad_files_are_dropped_with_their_reason)
{
    zoo_report report;
    folders();
    coco("%d", NULL, in_order);
    save("train/nod/a.json");
    scratch_text("train/nod/bad.json", bad[_i].text);
    zoo_dataset *data = prepared(keypoints(), &report);
    ck_assert_uint_eq(data->sequences, 1);
    ck_assert_msg(found(&report, ZOO_DROPPED, bad[_i].words), "%s", report.finding[0].text);
    ck_assert_uint_eq(report.dropped[bad[_i].why], 1);
    ck_assert_uint_eq(report.found[ZOO_DROPPED], 1);
    zoo_report_clear(&report);
    zoo_dataset_free(data);
    refused((zoo_raw){.source = "keypoints", .strict = true}, GOP_EFORMAT, bad[_i].words);
}
END_TEST

START_TEST(nan_is_missing_and_infinity_is_dropped)
{
    zoo_report report;
    folders();
    for (int k = 0; k < 2; k++) {
        put("[{\"image_id\":1,\"keypoints\":[%s,5,1", k == 0 ? "NaN" : "-Infinity");
        for (int i = 1; i < 17; i++)
            put(",%s,2,1", i == 1 ? "null" : "1");
        put("]}]");
        save(k == 0 ? "train/nod/a.json" : "train/nod/b.json");
    }
    for (int i = 0; i < 10000; i++)
        put("[");
    save("train/nod/deep.json");
    zoo_dataset *data = prepared(keypoints(), &report);
    ck_assert_uint_eq(data->sequences, 1);
    for (size_t c = 0; c < 6; c++)
        ck_assert_float_nan(at(data, 0, 0, 0, c));
    ck_assert_float_eq(at(data, 0, 0, 0, 6), 1);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_NON_FINITE], 1);
    ck_assert(found(&report, ZOO_DROPPED, "deep.json:1: not JSON: maximum parsing depth reached"));
    ck_assert(data->domain.missing);
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

/* ------------------------------------------------------------------- real files */

static char formats[SCRATCH_PATH];

static const struct {
    const char *path;
    size_t frames, bodies, joints;
    double sum, first[3];
} real[] = {
    {"openpose/body25-sign-1", 30, 30, 25, 263060.4064, {299.388, 106.216, 0.889081}},
    {"openpose/coco18-candidates-1", 40, 40, 18, 314269.8599, {299.374, 172.755, 0.877269}},
    {"openpose/pose2sim-single-1", 12, 12, 25, 489675.0951, {1021.33, 602.371, 1}},
    {"alphapose/alphapose-fall-1.json", 195, 246, 17, 2813373.441, {418.168, 212.008, 0.968328}},
    {"alphapose/alphapose-images-1.json", 13, 15, 17, 131508.6854, {222.242, 164.453, 0.780557}},
    {"alphapose/alphapose-nested-idx-cut-1.json",
     14,
     183,
     17,
     1518674.629,
     {399.406, 186.417, 0.799976}},
    {"coco-results/coco-keypoints-fake100-1.json", 47, 125, 17, 1099522.9, {36, 181, 2}},
};

static gop_status read_real(zoo_people *p, zoo_json_feed *feed, const char *path, gop_error *err)
{
    char file[SCRATCH_PATH + 64];
    zoo_drop why;
    int fd;
    DIR *dir = opendir(path);
    struct dirent **entry;
    gop_status s = GOP_OK;
    if (dir != NULL)
        closedir(dir);
    const int n = dir == NULL ? 1 : scandir(path, &entry, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        uint64_t around;
        ck_assert_int_lt(snprintf(file, sizeof file, "%s%s%s", path, dir == NULL ? "" : "/",
                                  dir == NULL ? "" : entry[i]->d_name),
                         sizeof file);
        const bool dot = dir != NULL && entry[i]->d_name[0] == '.';
        if (!dot && s == GOP_OK && dir != NULL)
            s = zoo_people_frame_at(p, &p->now, zoo_people_number(&around, entry[i]->d_name), err);
        if (!dot && s == GOP_OK)
            s = zoo_regular_open(&fd, &why, file, err);
        if (!dot && s == GOP_OK) {
            s = zoo_people_read(p, feed, fd, err);
            close(fd);
        }
        if (dir != NULL)
            free(entry[i]);
    }
    if (dir != NULL)
        free(entry);
    return s;
}

START_TEST(real_files_have_the_known_values)
{
    static zoo_people p;
    zoo_json_feed feed = {.fd = -1};
    char path[SCRATCH_PATH + 64];
    gop_error err = {GOP_OK, ""};
    double sum = 0;
    snprintf(path, sizeof path, "%s/%s", formats, real[_i].path);
    zoo_people_begin(&p, path, NULL);
    ck_assert_msg(read_real(&p, &feed, path, &err) == GOP_OK, "%s", err.message);
    ck_assert_msg(zoo_people_check(&p, &err) == GOP_OK, "%s", err.message);
    ck_assert_uint_eq(p.frames, real[_i].frames);
    ck_assert_uint_eq(p.n, real[_i].bodies);
    ck_assert_uint_eq(p.layout->nodes, real[_i].joints);
    for (size_t i = 0; i < p.n * p.layout->columns; i++)
        sum += isnan(p.values[i]) ? 0 : (double)p.values[i];
    ck_assert_double_eq_tol(sum, real[_i].sum, 1e-6 * real[_i].sum);
    for (size_t k = 0; k < 3; k++)
        ck_assert_double_eq_tol((double)p.values[k], real[_i].first[k], 1e-5 * real[_i].first[k]);
    zoo_people_clear(&p);
    zoo_feed_clear(&feed);
}
END_TEST

/* Frames 0 to 299, of which one is absent. */
START_TEST(a_real_table_has_the_known_values)
{
    zoo_report report;
    char path[SCRATCH_PATH + 64];
    double sum[2] = {0, 0};
    size_t n;
    snprintf(path, sizeof path, "%s/mediapipe/mp-pose-long-xy-1.csv", formats);
    unsigned char *table = scratch_read(path, &n);
    folders();
    scratch_write(scratch_path("train/nod/a.csv"), table, n);
    free(table);
    zoo_dataset *data = prepared(keypoints(), &report);
    ck_assert_uint_eq(data->sequence[0].frames, 300);
    ck_assert_uint_eq(report.empty_frames, 1);
    for (size_t i = 0; i < 300 * 99; i++)
        if (i % 3 < 2 && !isnan(data->sequence[0].data[i]))
            sum[i % 3] += (double)data->sequence[0].data[i];
    ck_assert_double_eq_tol(sum[0], 5325.84267, 1e-3);
    ck_assert_double_eq_tol(sum[1], 4465.5831, 1e-3);
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

static bool find_data(void)
{
    const char *given = getenv("GRAPHOP_FORMATS"), *source = getenv("top_srcdir");
    struct stat st;
    if (given != NULL && *given != '\0')
        snprintf(formats, sizeof formats, "%s", given);
    else
        snprintf(formats, sizeof formats, "%s/../shared/data/formats",
                 source != NULL ? source : ".");
    return stat(formats, &st) == 0;
}

TEST_MAIN("prepare keypoints")
{
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
    tcase_add_test(t, a_folder_of_openpose_is_one_recording);
    tcase_add_test(t, frames_of_two_recordings_in_a_folder_are_dropped);
    tcase_add_loop_test(t, lists_of_bodies_are_followed, 0, COUNT(lists));
    tcase_add_loop_test(t, every_form_is_read, 0, COUNT(forms));
    tcase_add_test(t, world_landmarks_are_told_apart);
    tcase_add_loop_test(t, tables_of_landmarks_are_read, 0, COUNT(tables));
    tcase_add_loop_test(t, bad_files_are_dropped_with_their_reason, 0, COUNT(bad));
    tcase_add_test(t, nan_is_missing_and_infinity_is_dropped);
    const bool there = find_data();
    if (there)
        tcase_add_loop_test(t, real_files_have_the_known_values, 0, COUNT(real));
    if (there)
        tcase_add_test(t, a_real_table_has_the_known_values);
    else
        puts("skipped real files of pose tools: set GRAPHOP_FORMATS to their folder");
}
