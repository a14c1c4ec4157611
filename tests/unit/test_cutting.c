/*
 * test_cutting.c: recordings cut into segments and background, and recordings that stay whole with
 * their segments as spans: in the store, in files, and beside transformations.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include "prepare_run.h"
#include "zoo/dataset/build.h"
#include "zoo/dataset/sampler.h"
#include "zoo/dataset/store/store.h"

enum { ROW = 15, FRAMES = 80 };

static char table[SCRATCH_PATH];

/* Recordings a_s1 (training) and a_s2 (test) of 8 seconds with three segments each. */
static zoo_raw recordings(void)
{
    scratch_mkdir("train");
    make_rows("train/a_s1.csv", FRAMES, ROW, 1, "\n");
    make_rows("train/a_s2.csv", FRAMES, ROW, 2, "\n");
    scratch_text("cuts", "s1\nwalk: 11 20\nsit: 20 30\nstand: 34 60\n"
                         "s2\nstand: 34 60\nwalk: 11 20\nsit: 20 30\n");
    snprintf(table, sizeof table, "%s", scratch_path("cuts"));
    return (zoo_raw){.source = "csv",
                     .layout = zoo_layout_find("tiny5"),
                     .rate = 10,
                     .segments = table,
                     .pattern = "subject=_s(\\d+)",
                     .split_rule = "subject:1",
                     .background = "none:1.5:0.6"};
}

typedef struct wanted {
    const char *name;
    uint32_t action;
    size_t frames, from;
    double salt;
} wanted;

static void check_sequence(const zoo_sequence *q, const wanted *w)
{
    ck_assert_str_eq(q->name, w->name);
    ck_assert_uint_eq(q->action, w->action);
    ck_assert_uint_eq(q->frames, w->frames);
    ck_assert(fabs(q->data[0] - sin(w->salt + (double)(31 * w->from))) < 1e-6);
}

/* The classes are none, sit, stand, walk. */
static const wanted clips[] = {
    {"a_s1-1", 3, 10, 10, 1},     {"a_s1-2", 1, 11, 19, 1},      {"a_s1-3", 2, 27, 33, 1},
    {"a_s1-none-1", 0, 10, 0, 1}, {"a_s1-none-3", 0, 10, 60, 1}, {"a_s1-none-4", 0, 10, 70, 1},
    {"a_s2-1", 2, 27, 33, 2},     {"a_s2-2", 3, 10, 10, 2},      {"a_s2-3", 1, 11, 19, 2},
    {"a_s2-none-1", 0, 10, 0, 2}, {"a_s2-none-3", 0, 10, 60, 2}, {"a_s2-none-4", 0, 10, 70, 2}};

START_TEST(frames_between_segments_are_clips_of_a_further_class)
{
    zoo_report report;
    zoo_dataset *data = prepared(recordings(), &report);
    ck_assert_uint_eq(data->domain.actions, 4);
    ck_assert_str_eq(data->domain.action[0], "none");
    ck_assert_uint_eq(data->sequences, COUNT(clips));
    for (size_t i = 0; i < COUNT(clips); i++) {
        check_sequence(&data->sequence[i], &clips[i]);
        ck_assert_uint_eq(data->sequence[i].split, i < 6 ? ZOO_TRAIN : ZOO_TEST);
        ck_assert_uint_eq(data->sequence[i].spans, 0);
    }
    ck_assert_uint_eq(report.dropped[ZOO_DROP_SHORT], 2);
    ck_assert(found(&report, ZOO_DROPPED, "a_s1-none-2: 3 frames; at least 0.6 s are needed"));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(a_class_of_the_table_can_be_the_background)
{
    zoo_raw raw = recordings();
    raw.background = "sit";
    zoo_dataset *data = prepared(raw, NULL);
    ck_assert_uint_eq(data->domain.actions, 3);
    ck_assert_str_eq(data->sequence[3].name, "a_s1-sit-1");
    ck_assert_uint_eq(data->sequence[3].action, 0);
    zoo_dataset_free(data);
    raw.uncut = true; /* segments of the background's class are no spans */
    data = prepared(raw, NULL);
    ck_assert_uint_eq(data->sequence[data->sequences - 1].spans, 2);
    zoo_dataset_free(data);
}
END_TEST

static void check_spans(const zoo_sequence *q, const zoo_span *want, size_t n)
{
    ck_assert_uint_eq(q->spans, n);
    for (size_t k = 0; k < n; k++) {
        ck_assert_uint_eq(q->span[k].action, want[k].action);
        ck_assert_uint_eq(q->span[k].first, want[k].first);
        ck_assert_uint_eq(q->span[k].frames, want[k].frames);
    }
}

START_TEST(test_recordings_stay_whole)
{
    static const zoo_span at10[] = {{3, 10, 10}, {1, 20, 10}, {2, 33, 27}};
    static const zoo_span at5[] = {{3, 5, 5}, {1, 10, 5}, {2, 17, 13}};
    zoo_raw raw = recordings();
    zoo_report report;
    raw.uncut = true;
    zoo_dataset *data = prepared(raw, &report);
    ck_assert(!found(&report, ZOO_ABSENT, "no test data"));
    ck_assert(zoo_dataset_has(data, 3, ZOO_TEST) && !zoo_dataset_has(data, 4, ZOO_TEST));
    zoo_report_clear(&report);
    ck_assert_uint_eq(data->sequences, 7);
    for (size_t i = 0; i < 6; i++)
        check_sequence(&data->sequence[i], &clips[i]);
    check_sequence(&data->sequence[6], &(wanted){"a_s2", 0, FRAMES, 0, 2});
    check_spans(&data->sequence[6], at10, 3);
    ck_assert_uint_eq(zoo_dataset_whole(data, ZOO_TEST), 6);
    ck_assert_uint_eq(zoo_dataset_whole(data, ZOO_TRAIN), SIZE_MAX);
    zoo_dataset_free(data);
    raw.steps = "rate 5"; /* every second frame: 0, 2, ... */
    data = prepared(raw, NULL);
    ck_assert_uint_eq(data->sequence[6].frames, FRAMES / 2);
    check_spans(&data->sequence[6], at5, 3);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(data_sets_keep_spans)
{
    static const zoo_span only[] = {{1, 10, 10}, {2, 33, 27}};
    zoo_raw raw = recordings();
    zoo_dataset *set, *copy;
    gop_error err = {GOP_OK, ""};
    zoo_report report;
    raw.uncut = true;
    ck_assert_int_eq(zoo_prepare(&set, NULL,
                                 &(zoo_raw){.source = "csv",
                                            .dir = scratch_folder,
                                            .layout = raw.layout,
                                            .rate = 10,
                                            .segments = table,
                                            .pattern = raw.pattern,
                                            .split_rule = raw.split_rule,
                                            .background = raw.background,
                                            .uncut = true},
                                 scratch_path("one.gds"), &err),
                     GOP_OK);
    zoo_dataset_free(set);
    char path[SCRATCH_PATH];
    snprintf(path, sizeof path, "%s", scratch_path("one.gds"));
    /* Classes are renumbered; spans of classes that are left out become frames like any other. */
    const zoo_raw join = {.source = "gds", .dir = path, .only = "class:none,stand,walk"};
    copy = prepared(join, NULL);
    ck_assert_uint_eq(copy->domain.actions, 3);
    const zoo_sequence *q = &copy->sequence[copy->sequences - 1];
    ck_assert_str_eq(q->name, "a_s2");
    ck_assert_uint_eq(q->spans, 2);
    ck_assert_str_eq(copy->domain.action[q->span[0].action], "walk");
    ck_assert_str_eq(copy->domain.action[q->span[1].action], "stand");
    ck_assert_uint_eq(q->span[0].first, only[0].first);
    ck_assert_uint_eq(q->span[1].frames, only[1].frames);
    zoo_dataset_free(copy);
    /* What stays whole is no training data. */
    zoo_raw again = {.source = "gds", .dir = path, .split_rule = "leave-out:subject:1"};
    copy = prepared(again, &report);
    ck_assert(found(&report, ZOO_DROPPED, "a_s2: a recording that was kept whole cannot be"));
    ck_assert_uint_eq(zoo_dataset_whole(copy, ZOO_TEST), SIZE_MAX);
    zoo_report_clear(&report);
    zoo_dataset_free(copy);
}
END_TEST

START_TEST(marks_follow_frames)
{
    static const uint32_t want[12] = {0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3};
    const zoo_layout *tiny = zoo_layout_find("tiny5");
    zoo_steps steps = {.n = 0};
    zoo_plan *plan;
    gop_error err = {GOP_OK, ""};
    zoo_recording clip = {.bodies = 1, .frames = 6, .columns = ROW};
    ck_assert_int_eq(zoo_steps_put(&steps, "missing drop; fill 12", &err), GOP_OK);
    ck_assert_int_eq(zoo_plan_new(&plan, &steps, tiny, 10, NULL, &err), GOP_OK);
    clip.values = malloc(6 * ROW * sizeof *clip.values);
    clip.mark = calloc(6, sizeof *clip.mark);
    for (size_t i = 0; i < 6 * (size_t)ROW; i++)
        clip.values[i] = i / ROW == 1 || i / ROW == 4 ? NAN : 1;
    clip.mark[1] = 9;
    clip.mark[2] = 1;
    clip.mark[3] = 2;
    clip.mark[4] = 8;
    clip.mark[5] = 3;
    ck_assert_msg(zoo_plan_apply(plan, &clip, &err) == GOP_OK, "%s", err.message);
    ck_assert_uint_eq(clip.frames, 12);
    for (size_t t = 0; t < 12; t++)
        ck_assert_uint_eq(clip.mark[t], want[t]);
    free(clip.values);
    free(clip.mark);
    zoo_plan_free(plan);
}
END_TEST

/* A set in memory with one sequence of 10 frames and these spans. */
static zoo_dataset *with_spans(zoo_split split, const zoo_span *span, size_t n, gop_error *err)
{
    static const char *const action[] = {"a", "b"};
    zoo_domain domain;
    zoo_dataset *data;
    const zoo_sequence q = {.name = "long", .split = split, .frames = 10, .spans = n, .span = span};
    ck_assert_int_eq(
        zoo_domain_create(&domain, "tiny", zoo_layout_find("tiny5"), 50, 1, action, 2, NULL),
        GOP_OK);
    ck_assert_int_eq(zoo_dataset_new(&data, &domain, NULL), GOP_OK);
    zoo_domain_clear(&domain);
    if (zoo_dataset_add(data, &q, calloc(10 * ROW, sizeof(float)), err) == GOP_OK)
        return data;
    zoo_dataset_free(data);
    return NULL;
}

START_TEST(spans_that_overlap_are_refused)
{
    static const struct {
        zoo_span span[2];
        size_t n;
    } bad_spans[] = {{{{0, 0, 0}}, 1},
                     {{{0, 8, 3}}, 1},
                     {{{0, 11, 1}}, 1},
                     {{{0, 2, 4}, {1, 5, 1}}, 2},
                     {{{0, 5, 1}, {1, 2, 1}}, 2},
                     {{{0, 1, SIZE_MAX}}, 1}};
    static const zoo_span good[] = {{0, 0, 4}, {1, 4, 6}};
    gop_error err = {GOP_OK, ""};
    for (size_t i = 0; i < COUNT(bad_spans); i++) {
        ck_assert_ptr_null(with_spans(ZOO_TEST, bad_spans[i].span, bad_spans[i].n, &err));
        ck_assert_int_eq(err.status, GOP_EINVAL);
    }
    ck_assert_ptr_null(with_spans(ZOO_TEST, NULL, 1, &err));
    ck_assert_ptr_null(with_spans(ZOO_TEST, good, ZOO_MAX_SPANS + 1, &err));
    zoo_dataset *data = with_spans(ZOO_TEST, good, 2, &err);
    check_spans(&data->sequence[0], good, 2);
    zoo_dataset_free(data);
    ck_assert_uint_eq(zoo_dataset_whole(NULL, ZOO_TEST), SIZE_MAX);
}
END_TEST

START_TEST(whole_recordings_are_no_training_data)
{
    static const zoo_span span[] = {{1, 2, 3}};
    gop_error err = {GOP_OK, ""};
    zoo_dataset *data = with_spans(ZOO_TRAIN, span, 1, &err);
    zoo_sampler *sampler;
    const zoo_windows windows = {.observed = 4};
    ck_assert_int_eq(zoo_sampler_new(&sampler, data, &windows, &err), GOP_EFORMAT);
    ck_assert_msg(strstr(err.message, "long is a whole recording") != NULL, "%s", err.message);
    zoo_dataset_free(data);
}
END_TEST

static const struct {
    const char *cuts, *background, *words;
    gop_status status;
} bad[] = {
    {"s1,walk,2,9\ns1,sit,8,12\n", "none",
     "cuts:2: sit 8 to 12 of s1 and walk 2 to 9 of line 1 overlap by more than a frame",
     GOP_EFORMAT},
    {"s1,walk,2,9\ns1,sit,3,4\n", "none", "overlap by more than a frame", GOP_EFORMAT},
    {"s1,walk,5,5\ns1,sit,5,5\n", "none", "overlap by more than a frame", GOP_EFORMAT},
    {"s1,walk,9,2\n", "none", "'9' and '2' are not the first and last", GOP_EFORMAT},
    {"s1,walk,90,95\n", "none", "a_s1 has no frame from 90 to 95", GOP_EFORMAT},
    {"s1,walk,2,9\n", "", "is no class of 1 to", GOP_EINVAL},
    {"s1,walk,2,9\n", ":2", "is no class of 1 to", GOP_EINVAL},
    {"s1,walk,2,9\n", LONG, "is no class of 1 to", GOP_EINVAL},
    {"s1,walk,2,9\n", "none:", "is not NAME:MOST:LEAST", GOP_EINVAL},
    {"s1,walk,2,9\n", "none:x", "is not NAME:MOST:LEAST", GOP_EINVAL},
    {"s1,walk,2,9\n", "none:0", "is not NAME:MOST:LEAST", GOP_EINVAL},
    {"s1,walk,2,9\n", "none:1:2", "is not NAME:MOST:LEAST", GOP_EINVAL},
    {"s1,walk,2,9\n", "none:1:-1", "is not NAME:MOST:LEAST", GOP_EINVAL},
    {"s1,walk,2,9\n", "none:2:1:1", "is not NAME:MOST:LEAST", GOP_EINVAL},
    {NULL, "none", "a background needs segments", GOP_EINVAL},
};

START_TEST(bad_tables_and_backgrounds_are_named)
{
    zoo_raw raw = recordings();
    scratch_text("cuts", bad[_i].cuts == NULL ? "" : bad[_i].cuts);
    raw.segments = bad[_i].cuts == NULL ? NULL : table;
    raw.background = bad[_i].background;
    raw.strict = true;
    refused(raw, bad[_i].status, bad[_i].words);
    raw.uncut = true;
    refused(raw, bad[_i].status, bad[_i].words);
    raw.segments = table;
    raw.background = NULL;
    refused(raw, GOP_EINVAL, "need a background");
}
END_TEST

START_TEST(segments_outside_of_recordings_are_reported)
{
    zoo_raw raw = recordings();
    zoo_report report;
    scratch_text("cuts", "s1,walk,2,30\ns2,walk,70,90\ns2,sit,90,95\ns3,walk,1,2\n");
    raw.uncut = true;
    zoo_dataset *data = prepared(raw, &report);
    ck_assert(found(&report, ZOO_ALTERED,
                    "cuts:2: a_s2 ends with frame 80, before the segment's last frame, 90"));
    ck_assert(found(&report, ZOO_DROPPED, "cuts:3: a_s2 has no frame from 90 to 95"));
    ck_assert(found(&report, ZOO_ABSENT, "1 lines without a recording, first s3"));
    check_spans(&data->sequence[data->sequences - 1], &(zoo_span){2, 69, 11}, 1);
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

TEST_MAIN("cutting")
{
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
    tcase_add_test(t, frames_between_segments_are_clips_of_a_further_class);
    tcase_add_test(t, a_class_of_the_table_can_be_the_background);
    tcase_add_test(t, test_recordings_stay_whole);
    tcase_add_test(t, data_sets_keep_spans);
    tcase_add_test(t, marks_follow_frames);
    tcase_add_test(t, spans_that_overlap_are_refused);
    tcase_add_test(t, whole_recordings_are_no_training_data);
    tcase_add_loop_test(t, bad_tables_and_backgrounds_are_named, 0, (int)COUNT(bad));
    tcase_add_test(t, segments_outside_of_recordings_are_reported);
}
