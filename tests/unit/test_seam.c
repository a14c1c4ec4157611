/*
 * test_seam.c: what the store does for every source: segments, classes by table, fields in names,
 * rules that split.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include "prepare_run.h"
#include "zoo/dataset/store/split_rule.h"

enum { ROW = 15 };

/* Recordings a_s1 and a_s2 of 20 frames, a_s10 of 4. */
static zoo_raw recordings(void)
{
    scratch_mkdir("train");
    make_rows("train/a_s1.csv", 20, ROW, 1, "\n");
    make_rows("train/a_s2.csv", 20, ROW, 2, "\n");
    make_rows("train/a_s10.csv", 4, ROW, 3, "\n");
    return (zoo_raw){.source = "csv", .layout = zoo_layout_find("tiny5"), .rate = 30};
}

START_TEST(segments_are_cut_and_split_by_subject)
{
    zoo_raw raw = recordings();
    zoo_report report;
    char path[SCRATCH_PATH];
    snprintf(path, sizeof path, "%s", scratch_path("cuts"));
    scratch_text("cuts", "s1\nwalk: 2 5\r\nsit : 7  7 \ncarry: NaN NaN\n\ns2\nwalk: 19 40\n"
                         "s10\nsit: 5 9\ns3\nwalk: 1 2\n");
    raw.segments = path;
    raw.pattern = "subject=_s(\\d+)";
    raw.split_rule = "subject:1,3-9";
    zoo_dataset *data = prepared(raw, &report);
    ck_assert_uint_eq(data->sequences, 3);
    ck_assert_uint_eq(data->domain.actions, 3 - 1);
    ck_assert_str_eq(data->domain.action[0], "sit");
    static const struct {
        const char *name, *subject;
        size_t action, frames, from;
        zoo_split split;
        double salt;
    } want[] = {{"a_s1-1", "1", 1, 4, 1, ZOO_TRAIN, 1},
                {"a_s1-2", "1", 0, 1, 6, ZOO_TRAIN, 1},
                {"a_s2", "2", 1, 2, 18, ZOO_TEST, 2}};
    for (size_t i = 0; i < 3; i++) {
        const zoo_sequence *q = &data->sequence[i];
        ck_assert_str_eq(q->name, want[i].name);
        ck_assert_str_eq(q->subject, want[i].subject);
        ck_assert_uint_eq(q->action, want[i].action);
        ck_assert_uint_eq(q->frames, want[i].frames);
        ck_assert_uint_eq(q->split, want[i].split);
        ck_assert(fabs(q->data[0] - sin(want[i].salt + (double)(31 * want[i].from))) < 1e-6);
    }
    ck_assert(found(&report, ZOO_DROPPED, "cuts:9: a_s10 has no frame from 5 to 9"));
    ck_assert(found(&report, ZOO_ABSENT, "cuts: 1 lines without a recording, first s3"));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(patterns_find_the_longest_first_match)
{
    static const struct {
        const char *pattern, *name, *value;
    } one[] = {{"s(\\d+)", "class_s12", "12"}, {"^s(\\d+)", "as12", ""},
               {"_(.)$", "a_b_c", "c"},        {"([^_]+)_", "ab_cd", "ab"},
               {"([a-c]*)d", "xabcd", "abc"},  {"a\\.(b?)c", "a.c", ""},
               {"a\\.(b?)c", "a.bc", "b"},     {"(x+)x", "xxxx", "xxx"},
               {"(]|[]x]+)", "x]", ""},        {".*.*.*.*.*.*.*.*(q)", "pppppppppppppppppppp", ""}};
    for (size_t i = 0; i < COUNT(one); i++) {
        zoo_patterns p;
        char text[80];
        zoo_sequence q = {.name = one[i].name, .subject = ""};
        gop_error err = {GOP_OK, ""};
        snprintf(text, sizeof text, "subject=%s", one[i].pattern);
        if (zoo_patterns_read(&p, text, &err) == GOP_OK)
            zoo_patterns_apply(&p, &q);
        ck_assert_msg(strcmp(q.subject, one[i].value) == 0, "%s: %s", text, q.subject);
    }
}
END_TEST

START_TEST(rules_split_by_lists_and_at_random)
{
    zoo_raw raw = recordings();
    char path[SCRATCH_PATH];
    size_t tests[2] = {0, 0};
    snprintf(path, sizeof path, "%s", scratch_path("classes"));
    scratch_text("classes", "a_s1,x\na_s2,y,test\na_s10,x\n");
    raw.labels = path;
    zoo_dataset *data = prepared(raw, NULL);
    ck_assert_uint_eq(data->sequence[2].split, ZOO_TEST);
    zoo_dataset_free(data);
    raw.pattern = "subject=(s\\d+)$";
    raw.split_rule = "leave-out:subject:s10";
    data = prepared(raw, NULL);
    for (size_t i = 0; i < 3; i++)
        ck_assert_uint_eq(data->sequence[i].split,
                          strcmp(data->sequence[i].name, "a_s10") == 0 ? ZOO_TEST : ZOO_TRAIN);
    zoo_dataset_free(data);
    raw.split_rule = "random:0.5";
    for (raw.seed = 1; raw.seed < 20; raw.seed++) {
        data = prepared(raw, NULL);
        for (size_t i = 0; i < 3; i++)
            tests[data->sequence[i].split]++;
        zoo_dataset_free(data);
    }
    ck_assert(tests[0] > 12 && tests[1] > 12);
}
END_TEST

static const struct {
    const char *cuts, *pattern, *rule, *words;
    gop_status status;
} bad[] = {
    {"s1,walk,2\n", NULL, NULL, "cuts:1: not NAME,CLASS,FIRST,LAST", GOP_EFORMAT},
    {"s1,walk,2,1\n", NULL, NULL, "cuts:1: '2' and '1' are not", GOP_EFORMAT},
    {"s1,walk,x,1\n", NULL, NULL, "'x' and '1' are not", GOP_EFORMAT},
    {"walk: 1 2\n", NULL, NULL, "cuts:1: not NAME", GOP_EFORMAT},
    {"s1,,1,2\n", NULL, NULL, "a name and a class of", GOP_EFORMAT},
    {"", NULL, NULL, "0 classes; 1 to", GOP_EFORMAT},
    {NULL, "subject=s(", NULL, "pattern s( has no group", GOP_EINVAL},
    {NULL, "subject=s", NULL, "has no group", GOP_EINVAL},
    {NULL, "actor=s(.)", NULL, "must be FIELD=EXPRESSION", GOP_EINVAL},
    {NULL, NULL, "random:2", "the share must be between 0 and 1", GOP_EINVAL},
    {NULL, NULL, "actor:2", "split actor:2: must be random:SHARE", GOP_EINVAL},
    {"s1,walk,1,9\n", NULL, "subject:2", "its subject is unknown", GOP_EFORMAT},
};

START_TEST(bad_tables_patterns_and_rules_are_named)
{
    zoo_raw raw = recordings();
    char path[SCRATCH_PATH];
    snprintf(path, sizeof path, "%s", scratch_path("cuts"));
    scratch_text("cuts", bad[_i].cuts == NULL ? "s1,walk,1,9\n" : bad[_i].cuts);
    raw.segments = path;
    raw.pattern = bad[_i].pattern;
    raw.split_rule = bad[_i].rule;
    raw.strict = true;
    refused(raw, bad[_i].status, bad[_i].words);
}
END_TEST

TEST_MAIN("seam")
{
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
    tcase_add_test(t, segments_are_cut_and_split_by_subject);
    tcase_add_test(t, patterns_find_the_longest_first_match);
    tcase_add_test(t, rules_split_by_lists_and_at_random);
    tcase_add_loop_test(t, bad_tables_patterns_and_rules_are_named, 0, (int)COUNT(bad));
}
