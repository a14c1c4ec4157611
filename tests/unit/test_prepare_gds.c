/*
 * test_prepare_gds.c: data sets from data sets: copies, parts, joined sets, new splits, further
 * transformations.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include "prepare_run.h"

#define NODES   5
#define COLUMNS (3 * NODES)

/* Prepares a set of the scratch folder from six files of csv: walk/P1_C1 and so on.  `salt` changes
 * the values of class run. */
static const char *make_set(const char *name, double salt, double rate, const char *steps)
{
    static char path[4][SCRATCH_PATH];
    static int next;
    char file[64];
    static const char *const kind[] = {"walk", "run", "jump"};
    zoo_dataset *index;
    gop_error err;
    scratch_mkdir("raw");
    scratch_mkdir("raw/train");
    scratch_mkdir("raw/test");
    for (int i = 0; i < 6; i++) {
        snprintf(file, sizeof file, "raw/%s/%s", i < 4 ? "train" : "test", kind[i % 3]);
        if (i < 3 || i > 3)
            scratch_mkdir(file);
        snprintf(file, sizeof file, "raw/%s/%s/P%d_C%d.csv", i < 4 ? "train" : "test", kind[i % 3],
                 1 + i / 2, 1 + i % 2);
        make_rows(file, 6 + (size_t)i, COLUMNS, i + (i % 3 == 1 ? salt : 0), "\n");
    }
    next = (next + 1) % 4;
    snprintf(path[next], SCRATCH_PATH, "%s", scratch_path(name));
    char raw_dir[SCRATCH_PATH];
    snprintf(raw_dir, sizeof raw_dir, "%s", scratch_path("raw"));
    const zoo_raw raw = {.source = "csv",
                         .dir = raw_dir,
                         .layout = zoo_layout_find("tiny5"),
                         .rate = rate,
                         .steps = steps,
                         .pattern = "subject=P(\\d) camera=C(\\d)"};
    ck_assert_msg(zoo_prepare(&index, NULL, &raw, path[next], &err) == GOP_OK, "%s", err.message);
    zoo_dataset_free(index);
    scratch_remove(raw_dir);
    return path[next];
}

static void copy_set(const char *to, const zoo_raw *raw)
{
    zoo_dataset *index;
    gop_error err;
    ck_assert_msg(zoo_prepare(&index, NULL, raw, scratch_path(to), &err) == GOP_OK, "%s",
                  err.message);
    zoo_dataset_free(index);
}

static void expect_same(const char *one, const char *other)
{
    size_t n, m;
    unsigned char *a = scratch_read(scratch_path(one), &n);
    unsigned char *b = scratch_read(scratch_path(other), &m);
    ck_assert_uint_eq(n, m);
    ck_assert_mem_eq(a, b, n);
    free(a);
    free(b);
}

START_TEST(a_copy_has_the_same_bytes)
{
    const char *a = make_set("a.gds", 0, 30, "centre a:each");
    copy_set("b.gds", &(zoo_raw){.source = "gds", .dir = a});
    expect_same("a.gds", "b.gds");
}
END_TEST

START_TEST(parts_of_a_set)
{
    static const struct {
        const char *only, *split, *pattern;
        size_t sequences, classes;
    } part[] = {
        {"class:walk,jump", NULL, NULL, 4, 2},
        {"class:*u*", NULL, NULL, 4, 2},
        {"subject:2-3", NULL, NULL, 4, 3},
        {"camera:2", NULL, NULL, 3, 3},
        {"camera:2", "train", NULL, 2, 3},
        {NULL, "train", NULL, 4, 3},
        {NULL, "test", NULL, 2, 3},
        {"setup:3", NULL, "setup=P(\\d)", 2, 3},
        {NULL, NULL, NULL, 6, 3},
    };
    const char *a = make_set("a.gds", 0, 30, NULL);
    for (size_t i = 0; i < COUNT(part); i++) {
        zoo_dataset *data = prepared((zoo_raw){.source = "gds",
                                               .dir = a,
                                               .only = part[i].only,
                                               .split = part[i].split,
                                               .pattern = part[i].pattern},
                                     NULL);
        ck_assert_msg(
            data->sequences == part[i].sequences && data->domain.actions == part[i].classes,
            "part %zu: %zu sequences, %zu classes", i, data->sequences, data->domain.actions);
        ck_assert_str_eq(data->domain.origin, "csv");
        for (size_t k = 0; k < data->sequences; k++)
            ck_assert(strncmp(data->sequence[k].name, data->domain.action[data->sequence[k].action],
                              3) == 0);
        zoo_dataset_free(data);
    }
    refused((zoo_raw){.source = "gds", .dir = a, .only = "class:fly"}, GOP_EFORMAT,
            "no usable sequence");
    refused((zoo_raw){.source = "gds", .dir = a, .only = "walk"}, GOP_EINVAL, "must be FIELD:LIST");
    refused((zoo_raw){.source = "gds", .dir = a, .only = "subject:"}, GOP_EINVAL,
            "must be FIELD:LIST");
    refused((zoo_raw){.source = "gds", .dir = a, .split = "valid"}, GOP_EINVAL, "unknown split");
    refused((zoo_raw){.source = "csv", .dir = a, .only = "subject:1"}, GOP_EINVAL,
            "csv takes no choice of sequences");
}
END_TEST

START_TEST(sets_are_split_anew)
{
    const char *a = make_set("a.gds", 0, 30, NULL);
    zoo_dataset *data = prepared(
        (zoo_raw){.source = "gds", .dir = a, .split_rule = "leave-out:subject:1"}, NULL);
    ck_assert(strstr(data->source, "split leave-out:subject:1") != NULL);
    for (size_t i = 0; i < data->sequences; i++)
        ck_assert_int_eq(data->sequence[i].split,
                         strcmp(data->sequence[i].subject, "1") == 0 ? ZOO_TEST : ZOO_TRAIN);
    zoo_dataset_free(data);
    scratch_text("labels", "walk/P1_C1,go,test\nrun/P1_C2,go\njump/P2_C1,leap\n");
    char labels[SCRATCH_PATH];
    snprintf(labels, sizeof labels, "%s", scratch_path("labels"));
    data = prepared((zoo_raw){.source = "gds", .dir = a, .labels = labels}, NULL);
    ck_assert_uint_eq(data->sequences, 3);
    ck_assert_uint_eq(data->domain.actions, 2);
    ck_assert_str_eq(data->domain.action[1], "leap");
    ck_assert_uint_eq(zoo_dataset_count(NULL, data, ZOO_TEST, 0), 1);
    zoo_dataset_free(data);
}
END_TEST

/* Sequences that both sets have stay once; others of the same name get another. */
START_TEST(sets_are_joined)
{
    zoo_report report;
    const char *a = make_set("a.gds", 0, 30, NULL), *b = make_set("b.gds", 9, 30, NULL);
    const char *only[] = {a, NULL}, *both[] = {b, a, NULL};
    copy_set("c.gds", &(zoo_raw){.source = "gds", .dir = a, .only = "class:jump"});
    char c[SCRATCH_PATH];
    snprintf(c, sizeof c, "%s", scratch_path("c.gds"));
    zoo_dataset *data = prepared((zoo_raw){.source = "gds", .dir = b, .also = only}, &report);
    ck_assert_uint_eq(data->sequences, 6 + 2);
    ck_assert_uint_eq(report.files, 2);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_TWICE], 4);
    ck_assert_uint_eq(report.found[ZOO_ALTERED], 2);
    ck_assert(found(&report, ZOO_ALTERED, "run/P1_C2 is named run/P1_C2-2, since an earlier set"));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
    /* Three sets; the first has one of their classes. */
    data = prepared((zoo_raw){.source = "gds", .dir = c, .also = both}, &report);
    ck_assert_uint_eq(data->sequences, 2 + 4 + 2);
    ck_assert_uint_eq(data->domain.actions, 3);
    ck_assert_str_eq(data->domain.action[0], "jump");
    ck_assert_str_eq(data->domain.action[1], "run");
    zoo_report_clear(&report);
    zoo_dataset_free(data);
    /* A further transformation, for all of them. */
    data = prepared(
        (zoo_raw){.source = "gds", .dir = b, .also = only, .steps = "centre a:each", .fill = 20},
        NULL);
    ck_assert_uint_eq(data->sequences, 6 + 2);
    ck_assert_uint_eq(data->domain.steps.n, 2);
    for (size_t i = 0; i < data->sequences; i++)
        ck_assert(data->sequence[i].frames == 20 && data->sequence[i].data[0] == 0);
    zoo_dataset_free(data);
    /* All sets of the folder: a, b, c, and another file. */
    scratch_text("notes", "x");
    data = prepared((zoo_raw){.source = "gds"}, &report);
    ck_assert_uint_eq(data->sequences, 8);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_KIND], 1);
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(sets_that_cannot_be_joined)
{
    const char *a = make_set("a.gds", 0, 30, NULL), *b = make_set("b.gds", 0, 25, NULL);
    const char *c = make_set("c.gds", 0, 30, "units mm");
    const char *more[] = {b, NULL};
    refused((zoo_raw){.source = "gds", .dir = a, .also = more}, GOP_EFORMAT, "their rates differ");
    more[0] = c;
    refused((zoo_raw){.source = "gds", .dir = a, .also = more}, GOP_EFORMAT,
            "their transformations differ");
    char synth[SCRATCH_PATH];
    snprintf(synth, sizeof synth, "%s", scratch_path("s.gds"));
    copy_set("s.gds", &(zoo_raw){.source = "synth", .seed = 1});
    more[0] = synth;
    refused((zoo_raw){.source = "gds", .dir = a, .also = more}, GOP_EFORMAT,
            "their layouts differ in");
    refused((zoo_raw){.source = "csv", .dir = a, .also = more}, GOP_EINVAL,
            "csv takes no further folder");
    refused((zoo_raw){.source = "gds", .dir = "nowhere.gds"}, GOP_ESYSTEM, "nowhere.gds");
    scratch_text("d.gds", "no set");
    char d[SCRATCH_PATH];
    snprintf(d, sizeof d, "%s", scratch_path("d.gds"));
    refused((zoo_raw){.source = "gds", .dir = d}, GOP_EFORMAT, "d.gds");
    scratch_mkdir("empty");
    snprintf(d, sizeof d, "%s", scratch_path("empty"));
    refused((zoo_raw){.source = "gds", .dir = d}, GOP_EFORMAT, "no usable .gds file");
}
END_TEST

/* Further transformations give what all of them together give from the raw data. */
START_TEST(transformations_follow_those_of_the_set)
{
    const char *all = make_set("all.gds", 0, 30, "units mm; centre a:each; scale a:b");
    const char *some = make_set("some.gds", 0, 30, "units mm; centre a:each");
    copy_set("more.gds", &(zoo_raw){.source = "gds", .dir = some, .steps = "scale a:b"});
    (void)all;
    expect_same("all.gds", "more.gds");
    copy_set("same.gds", &(zoo_raw){.source = "gds", .dir = some, .steps = "units mm"});
    expect_same("some.gds", "same.gds");
    static const char *const bad[] = {"missing drop", "units cm", "centre none", "centre b:each"};
    for (size_t i = 0; i < COUNT(bad); i++)
        refused((zoo_raw){.source = "gds", .dir = some, .steps = bad[i]}, GOP_EINVAL,
                "cannot be applied: the clips have undergone '");
    zoo_dataset *data = prepared((zoo_raw){.source = "gds", .dir = some, .fill = 9}, NULL);
    for (size_t i = 0; i < data->sequences; i++)
        ck_assert_uint_ge(data->sequence[i].frames, 9);
    ck_assert_str_eq(data->domain.steps.step[data->domain.steps.n - 1], "fill 9");
    zoo_dataset_free(data);
}
END_TEST

/* A damaged sequence is dropped, the others stay. */
START_TEST(damaged_sequences_are_dropped)
{
    zoo_report report;
    const char *a = make_set("a.gds", 0, 30, NULL);
    zoo_dataset *set;
    gop_error err;
    ck_assert_int_eq(zoo_dataset_load(&set, a, &err), GOP_OK);
    FILE *f = fopen(a, "r+b");
    ck_assert_ptr_nonnull(f);
    unsigned char file[8192];
    const size_t n = fread(file, 1, sizeof file, f);
    float first[COLUMNS];
    ck_assert_int_eq(zoo_dataset_read(first, set, 0, 0, 0, 1, &err), GOP_OK);
    size_t at = 0;
    while (at + sizeof first <= n && memcmp(file + at, first, sizeof first) != 0)
        at++;
    ck_assert_uint_lt(at, n);
    ck_assert_int_eq(fseek(f, (long)at, SEEK_SET), 0);
    ck_assert_int_ne(fputc(file[at] ^ 1, f), EOF);
    ck_assert_int_eq(fclose(f), 0);
    zoo_dataset_free(set);
    zoo_dataset *data = prepared((zoo_raw){.source = "gds", .dir = a}, &report);
    ck_assert_uint_eq(data->sequences, 5);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_FORMAT], 1);
    ck_assert(found(&report, ZOO_DROPPED, "is damaged: the checksum does not match"));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
    refused((zoo_raw){.source = "gds", .dir = a, .strict = true}, GOP_EFORMAT, "is damaged");
}
END_TEST

/* Sizes that are a thousand times too large or too small are reported with what to do. */
START_TEST(units_that_are_off_are_reported)
{
    static const struct {
        const char *steps, *words;
    } off[] = {
        {NULL, NULL},
        {"units 1000", "units (--units) may be others"},
        {"units 0.001", "units (--units) may be others"},
        {"units 1000; scale a:b", NULL},
        {"units 50", NULL},
    };
    for (size_t i = 0; i < COUNT(off); i++) {
        zoo_report report;
        const char *a = make_set("a.gds", 0, 30, off[i].steps);
        zoo_dataset *data = prepared((zoo_raw){.source = "gds", .dir = a}, &report);
        ck_assert_uint_eq(report.found[ZOO_DOUBTFUL], off[i].words != NULL);
        ck_assert(off[i].words == NULL || found(&report, ZOO_DOUBTFUL, off[i].words));
        zoo_report_clear(&report);
        zoo_dataset_free(data);
    }
    static const struct {
        double size;
        const char *words;
    } body[] = {{1700, "a size of 1.7e+03 on average, where positions should be in metres; "
                       "--units mm makes metres of them"},
                {170, "--units cm makes"},
                {0.0017, "--units 1000 makes"},
                {1e7, "may be others"}};
    for (size_t i = 0; i < COUNT(body); i++) {
        zoo_report report;
        scratch_mkdir("u");
        scratch_mkdir("u/train");
        scratch_mkdir("u/train/x");
        char text[256], dir[SCRATCH_PATH];
        snprintf(text, sizeof text, "0,0,0,0,0,0,0,0,0,0,0,0,0,%.9g,0\n", body[i].size);
        scratch_text("u/train/x/1.csv", text);
        snprintf(dir, sizeof dir, "%s", scratch_path("u"));
        zoo_dataset *data = prepared(
            (zoo_raw){.source = "csv", .dir = dir, .layout = zoo_layout_find("tiny5"), .rate = 30},
            &report);
        ck_assert_msg(found(&report, ZOO_DOUBTFUL, body[i].words), "%g", body[i].size);
        zoo_report_clear(&report);
        zoo_dataset_free(data);
        scratch_remove(dir);
    }
}
END_TEST

TEST_MAIN("prepare gds")
{
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
    tcase_add_test(t, a_copy_has_the_same_bytes);
    tcase_add_test(t, parts_of_a_set);
    tcase_add_test(t, sets_are_split_anew);
    tcase_add_test(t, sets_are_joined);
    tcase_add_test(t, sets_that_cannot_be_joined);
    tcase_add_test(t, transformations_follow_those_of_the_set);
    tcase_add_test(t, damaged_sequences_are_dropped);
    tcase_add_test(t, units_that_are_off_are_reported);
}
