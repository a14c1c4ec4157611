/*
 * test_prepare_kinetics.c: converts clips of Kinetics-Skeleton to a data set's file: the best
 * bodies, classes by name, number and folder, and the reasons of dropped files.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"
#include <stdarg.h>
#include <sys/resource.h>

#include "prepare_run.h"

/* "[x0, y0, ...]" of 18 joints at (x, y), except the last, which was not found. */
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
    scratch_mkdir("kinetics_train");
    scratch_mkdir("kinetics_val");
    make_json("kinetics_train/b.json",
              "{\"data\": [{\"frame_index\": 1, \"skeleton\": []},"
              "{\"skeleton\": [%s, %s], \"frame_index\": 2}, {\"frame_index\": 4, \"skeleton\":"
              " [%s]}], \"label\": \"yawning\", \"label_index\": 3}",
              body(0.2, 0.3, 0.5), body(0.6, 0.7, 0.75), body(1.02, 0.5, 0.1));
    make_json("kinetics_val/a.json",
              "{\"label_index\": 1, \"label\": \"abseiling\", \"data\":"
              " [{\"frame_index\": 1, \"skeleton\": [%s]}]}",
              body(0.1, 0.1, 1));
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
        ck_assert(isnan(f[c]) && isnan(f[2 * 54 + c]));
    ck_assert(f[54] == 0.6f - 0.5f && f[55] == 0.7f - 0.5f && f[56] == 0.75f);
    ck_assert(isnan(f[54 + 51]) && isnan(f[54 + 52]) && isnan(f[54 + 53]));
    ck_assert(data->domain.missing);
    ck_assert(f[3 * 54] == 1.02f - 0.5f);
    ck_assert_uint_eq(report.empty_frames, 2);
    ck_assert_uint_eq(report.other_bodies, 1);
    ck_assert_uint_eq(report.missing[0], 2);
    ck_assert_uint_eq(report.missing[17], 5);
    ck_assert(found(&report, ZOO_ABSENT, "class_2 has no training or test data"));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
    data = prepared((zoo_raw){.source = "kinetics", .bodies = 2, .as_recorded = true}, NULL);
    ck_assert_uint_eq(data->sequences, 2);
    ck_assert_uint_eq(data->sequence[0].bodies, 2);
    ck_assert_uint_eq(data->sequence[1].bodies, 1);
    f = data->sequence[0].data;
    ck_assert(f[54] == 0.6f && f[(4 + 1) * 54] == 0.2f && f[(4 + 1) * 54 + 2] == 0.5f);
    ck_assert(isnan(f[(4 + 3) * 54]));
    zoo_dataset_free(data);
}
END_TEST

START_TEST(kinetics_of_other_hands)
{
    zoo_report report;
    make_kinetics();
    scratch_mkdir("kinetics_train/juggling");
    make_json("kinetics_train/juggling/z.json",
              "{\"data\": [{\"frame_index\": 1, \"skeleton\":"
              " [%s]}], \"label\": \"\", \"label_index\": \"\"}",
              body(0.3, 0.3, 0));
    zoo_dataset *data = prepared((zoo_raw){.source = "kinetics"}, &report);
    ck_assert_uint_eq(data->sequences, 3);
    const zoo_sequence *q = &data->sequence[1];
    ck_assert_str_eq(q->name, "z");
    ck_assert_str_eq(data->domain.action[q->action], "juggling");
    ck_assert_uint_eq(q->action, 4);
    ck_assert(q->data[0] == 0.3f - 0.5f && q->data[2] == 0 && isnan(q->data[51]));
    ck_assert(found(&report, ZOO_ALTERED, "z.json: all scores are 0"));
    ck_assert(found(&report, ZOO_ALTERED, "names no class; its folder gives juggling"));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
    scratch_text("table", "b,one\nz , two\r\na,one\nmore,two\n");
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

#define ZEROS18 "0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0"

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
    {"{\"data\": [{\"frame_index\": 1, \"frame_index\": 1, \"skeleton\": []}]}", ZOO_DROP_FORMAT,
     "duplicate"},
    {"{\"data\": [[]]}", ZOO_DROP_FORMAT, "no \"frame_index\""},
    {FRAME("[{\"id\": 3}]"), ZOO_DROP_FORMAT, "\"pose\" is not an array of 36 numbers"},
    {FRAME("[{\"pose\": [" ZEROS18 ", " ZEROS18 "], \"pose\": []}]"), ZOO_DROP_FORMAT, "duplicate"},
    {"{\"data\": [{\"frame_index\": 1, \"skeleton\": [{\"pose\": [1e31, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,"
     " 0, 0, 0, 0, 0, 0, 0, " ZEROS18 "], \"score\": [" ZEROS18 "]}]}], \"label\": \"x\"}",
     ZOO_DROP_NON_FINITE, "1 values are too large"},
};

START_TEST(bad_json_is_dropped_with_its_reason)
{
    zoo_report report;
    make_kinetics();
    scratch_text("kinetics_train/bad.json", bad_json[_i].text);
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
    make_json("kinetics_train/word.json", one,
              "{\"pose\": [\"left\", 1, 2, 3, 4, 5, 6, 7, 8, 9,"
              " 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,"
              " 30, 31, 32, 33, 34, 35]}",
              "\"label\": \"yawning\"");
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

/* Memory is bounded by the file and the sequence, not by the number of values. */
START_TEST(json_is_read_value_by_value)
{
    zoo_report report;
    struct rusage before, after;
    make_kinetics();
    FILE *f = fopen(scratch_path("kinetics_train/large.json"), "wb");
    ck_assert_ptr_nonnull(f);
    fputs("{\"data\": [", f);
    for (int i = 0; i < 2000000; i++)
        fputs("{},", f);
    fputs("{}], \"more\": [", f);
    for (int i = 0; i < 2000000; i++)
        fputs("{},", f);
    fputs("{}]}", f);
    ck_assert_int_eq(fclose(f), 0);
    ck_assert_int_eq(getrusage(RUSAGE_SELF, &before), 0);
    zoo_dataset *data = prepared((zoo_raw){.source = "kinetics"}, &report);
    ck_assert_int_eq(getrusage(RUSAGE_SELF, &after), 0);
    ck_assert_int_lt(after.ru_maxrss - before.ru_maxrss, 64 << 10); /* KiB */
    ck_assert(found(&report, ZOO_DROPPED, "entry 1 of \"data\" has no \"frame_index\""));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

#define ONE "{\"data\": [{\"frame_index\": 1, \"skeleton\": [%s]}]%s}"

/* A file may give a class's name, its number or both, in any order of files. */
START_TEST(kinetics_classes_by_name_and_number)
{
    static const char *const label[] = {
        ", \"label_index\": 0",                     /* a number, not yet named */
        ", \"label\": \"bow\"",                     /* a name without a number */
        ", \"label\": \"bow\", \"label_index\": 0", /* the two belong together */
        ", \"label\": \"nod\", \"label_index\": 2",
        ", \"label\": \"\", \"label_index\": 2",
        ", \"label\": \"wave\"",
        ", \"label\": \"wave\", \"label_index\": 2",   /* dropped: 2 is nod */
        ", \"label\": \"nod\", \"label_index\": 3",    /* dropped: nod is 2 */
        ", \"label\": \"nod\", \"label_index\": 2.0"}; /* reported: not a class number */
    static const size_t is[] = {0, 0, 0, 2, 2, 3, 2};
    zoo_report report;
    scratch_mkdir("train");
    scratch_mkdir("val");
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

START_TEST(kinetics_names_that_do_not_fit)
{
    zoo_report report;
    make_kinetics();
    make_json("kinetics_train/long.json", ONE, body(0.1, 0.2, 1), ", \"label\": \"" LONG "1\"");
    make_json("kinetics_train/nul.json", ONE, body(0.1, 0.2, 1), ", \"label\": \"a\\u0000\"");
    scratch_text("kinetics_label.json", "{}");
    zoo_dataset *data = prepared((zoo_raw){.source = "kinetics", .bodies = 2}, &report);
    ck_assert_uint_eq(data->sequences, 2);
    ck_assert(found(&report, ZOO_DROPPED, "long.json: the class's name is longer than 63 bytes"));
    ck_assert(found(&report, ZOO_DROPPED, "nul.json: the class's name is longer than 63 bytes or"));
    ck_assert(found(&report, ZOO_DROPPED, "kinetics_label.json: not a folder that is read"));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

/* A table that lacks a file; files that repeat frames, are short, or hold worse bodies last. */
START_TEST(kinetics_clips_of_all_sorts)
{
    zoo_report report;
    make_kinetics();
    make_json("kinetics_train/twice.json",
              "{\"data\": [{\"frame_index\": 1, \"skeleton\": [%s, %s]},"
              " {\"frame_index\": 1, \"skeleton\": []}, {\"frame_index\": 2, \"skeleton\": []}]}",
              body(0.2, 0.3, 0.9), body(0.6, 0.7, 0.1));
    scratch_text("table", "b,one\ntwice,two\n");
    char table[SCRATCH_PATH];
    snprintf(table, sizeof table, "%s", scratch_path("table"));
    zoo_dataset *data = prepared(
        (zoo_raw){.source = "kinetics", .labels = table, .as_recorded = true, .shortest = 2},
        &report);
    ck_assert_uint_eq(data->sequences, 2);
    ck_assert(data->sequence[1].data[0] == 0.2f && data->sequence[1].data[2] == 0.9f);
    ck_assert(found(&report, ZOO_ALTERED, "twice.json: 1 frames repeat an index"));
    ck_assert(found(&report, ZOO_DROPPED, "a.json: 1 frames; at least 2 are needed"));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
    data = prepared((zoo_raw){.source = "kinetics", .labels = table}, &report);
    ck_assert(found(&report, ZOO_DROPPED, "a.json: not in the table of classes"));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
    refused((zoo_raw){.source = "kinetics", .shortest = 9}, GOP_EFORMAT,
            "no usable .json file, 4 dropped, first ");
}
END_TEST

TEST_MAIN("prepare")
{
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
    tcase_add_test(t, kinetics_takes_the_best_body);
    tcase_add_test(t, kinetics_of_other_hands);
    tcase_add_loop_test(t, bad_json_is_dropped_with_its_reason, 0, (int)COUNT(bad_json));
    tcase_add_test(t, deep_json_and_odd_classes_are_dropped);
    tcase_add_test(t, json_is_read_value_by_value);
    tcase_add_test(t, kinetics_classes_by_name_and_number);
    tcase_add_test(t, kinetics_names_that_do_not_fit);
    tcase_add_test(t, kinetics_clips_of_all_sorts);
}
