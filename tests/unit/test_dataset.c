/*
 * test_dataset.c: layouts, numbers from text, raw folders good and bad, the
 * procedural set, data set files, normalisation, training windows.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif

#include "zoo/dataset/dataset.h"

#include <float.h>
#include <math.h>

#include "scratch.h"
#include "zoo/dataset/build.h"
#include "zoo/dataset/decimal.h"

#define COLUMNS 117

/* ------------------------------------------------------------------- layouts */

START_TEST(built_in_layouts_make_sense)
{
    gop_error err = {GOP_OK, ""};
    for (const zoo_layout *const *l = zoo_layout_list(); *l != NULL; l++) {
        ck_assert_msg(zoo_layout_check(*l, &err) == GOP_OK, "%s", err.message);
        ck_assert_ptr_eq(zoo_layout_find((*l)->name), *l);
        zoo_layout copy;
        ck_assert_int_eq(zoo_layout_copy(&copy, *l, &err), GOP_OK);
        ck_assert(zoo_layout_equal(&copy, *l));
        ck_assert_str_eq(copy.node_name[copy.nodes - 1], (*l)->node_name[copy.nodes - 1]);
        zoo_layout_clear(&copy);
    }
    ck_assert_ptr_null(zoo_layout_find("nobody"));
}
END_TEST

START_TEST(cmu26_uses_the_columns_of_the_literature)
{
    static const uint32_t range[][2] = {{9, 20}, {27, 38}, {42, 59}, {66, 80},
                                        {84, 86}, {93, 107}, {111, 113}};
    const zoo_layout *l = zoo_layout_find("cmu26");
    size_t n = 0;
    for (size_t k = 0; k < sizeof range / sizeof range[0]; k++)
        for (uint32_t c = range[k][0]; c <= range[k][1]; c++)
            ck_assert_uint_eq(l->column[n++], c);
    ck_assert_uint_eq(n, l->nodes * l->channels);
}
END_TEST

/* Each breaks a copy of tiny5 in one way. */
static void break_name(zoo_layout *l) { l->name = ""; }
static void break_column(zoo_layout *l) { ((uint32_t *)l->column)[4] = 3; }
static void break_columns(zoo_layout *l) { l->columns = 14; }
static void break_edge(zoo_layout *l) { ((gop_edge *)l->edges)[1].b = 5; }
static void break_tree(zoo_layout *l) { ((gop_edge *)l->edges)[3] = l->edges[0]; }
static void break_count(zoo_layout *l) { l->n_edges = 3; }
static void break_part(zoo_layout *l) { ((uint32_t *)l->part)[4] = 3; }
static void break_empty(zoo_layout *l) { ((uint32_t *)l->part)[4] = 1; }
static void break_parts(zoo_layout *l) { l->n_part_edges = 1; }
static void break_centre(zoo_layout *l) { l->centre = 5; }
static void break_pair(zoo_layout *l) { ((gop_edge *)l->pairs)[0].a = 9; }
static void break_feature(zoo_layout *l) { l->feature = (zoo_feature)9; }
static void break_channels(zoo_layout *l) { l->channels = 2; }
static void break_nodes(zoo_layout *l) { l->nodes = 0; }

static const struct {
    void (*break_it)(zoo_layout *l);
    const char *words;
} broken[] = {
    {break_name, "no name"},          {break_column, "column 3 of node b is used twice"},
    {break_columns, "column 14 of node e does not exist"},
    {break_edge, "edge 1 joins"},     {break_tree, "do not connect all nodes"},
    {break_count, "3 edges"},         {break_part, "node e is in part 3 of 3"},
    {break_empty, "part e has no node"}, {break_parts, "do not connect all parts"},
    {break_centre, "centre 5"},       {break_pair, "pair 0 joins 9"},
    {break_feature, "feature"},       {break_channels, "2 channels"},
    {break_nodes, "0 nodes"},
};

START_TEST(broken_layouts_are_named)
{
    gop_error err = {GOP_OK, ""};
    zoo_layout l;
    ck_assert_int_eq(zoo_layout_copy(&l, zoo_layout_find("tiny5"), NULL), GOP_OK);
    broken[_i].break_it(&l);
    ck_assert_int_eq(zoo_layout_check(&l, &err), GOP_EINVAL);
    ck_assert_msg(strstr(err.message, broken[_i].words) != NULL, "%s", err.message);
    zoo_layout_clear(&l);
}
END_TEST

/* ------------------------------------------------------------------ decimals */

/* Asserts nothing where all is well: Check reports every assertion to its parent. */
static void same_as_library(const char *text)
{
    float ours = 0, theirs = strtof(text, NULL);
    const char *end = text + strlen(text);
    if (zoo_decimal(&ours, text, end) != end || memcmp(&ours, &theirs, sizeof ours) != 0)
        ck_abort_msg("%s: %a, not %a", text, (double)ours, (double)theirs);
}

START_TEST(decimals_are_rounded_correctly)
{
    static const char *const text[] = {
        "0", "-0", "1", "-1.5", "+2.25", ".5", "5.", "1e3", "1E+3", "1e-3", "8.71262664e-07",
        "10.4194", "0.366519143", "-30.1003", "3.4028235e38", "3.5e38", "-1e400", "1e-46",
        "1.4e-45", "7e-46", "1.17549435e-38", "1.17549428e-38",
        /* half-way between two floats, just above and just below it */
        "1.000000059604644775390625", "1.0000000596046447753906250000000000000000000001",
        "1.00000005960464477539062499999999999999999999", "16777217", "16777217.0000000001",
        "16777216.9999999999", "9007199254740993", "123456789012345678901234567890",
        "0.000000000000000000000000000000000000000000000000000000001e50",
        "100000000000000000000000000000000000000000000000000000e-50"};
    for (size_t i = 0; i < sizeof text / sizeof text[0]; i++)
        same_as_library(text[i]);
    gop_rng rng = gop_rng_new(1, 2);
    for (int i = 0; i < 200000; i++) {
        char buf[64];
        uint32_t bits = gop_rng_u32(&rng);
        float v;
        memcpy(&v, &bits, sizeof v);
        double d = i % 2 == 0 ? (double)v : 10 * gop_rng_uniform(&rng) - 5;
        if (!isfinite(d))
            continue;
        snprintf(buf, sizeof buf, i % 3 == 0 ? "%.*g" : i % 3 == 1 ? "%.*e" : "%.*g",
                 1 + (int)gop_rng_below(&rng, 18), d);
        same_as_library(buf);
    }
}
END_TEST

START_TEST(what_is_no_decimal_is_not_taken)
{
    static const char *const text[] = {"", "-", ".", "e5", "1e", "1e+", "nan", "inf", "x", "--1"};
    float v;
    for (size_t i = 0; i < sizeof text / sizeof text[0]; i++)
        ck_assert_msg(zoo_decimal(&v, text[i], text[i] + strlen(text[i])) == NULL, "%s", text[i]);
    const char *hex = "0x10";
    ck_assert_ptr_eq(zoo_decimal(&v, hex, hex + 4), hex + 1);
}
END_TEST

/* --------------------------------------------------------------- legacy draws */

START_TEST(legacy_generator_gives_the_known_outputs)
{
    static const uint32_t known[] = {2657703298u, 1462474751u, 2541004134u, 640082991u,
                                     3816866956u, 998313779u,  3829628193u, 1854614443u,
                                     1965237353u, 3628085564u, 3342292366u, 728520329u};
    zoo_legacy_random random;
    zoo_legacy_seed(&random, 1234567890);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        ck_assert_uint_eq(zoo_legacy_u32(&random), known[i]);
}
END_TEST

/* The published clips: reduced length, predicted frames, starts. */
static const struct {
    uint64_t n, predicted, start[8];
} drawn[] = {
    {289, 25, {130, 102, 47, 140, 51, 33, 171, 105}},
    {289, 10, {130, 102, 47, 140, 51, 33, 171, 105}},
    {1043, 25, {386, 358, 47, 140, 819, 289, 939, 105}},
    {1043, 10, {386, 358, 47, 140, 819, 289, 939, 105}},
    {82, 25, {2, 6, 4, 3, 1, 3, 1, 4}},
    {82, 10, {2, 6, 15, 12, 19, 1, 11, 9}},
    {299, 25, {130, 102, 47, 140, 51, 33, 171, 105}},
    {299, 10, {130, 102, 47, 140, 51, 33, 171, 105}},
    {180, 25, {2, 102, 47, 12, 51, 33, 43, 60}},
    {180, 10, {2, 102, 47, 12, 51, 33, 43, 105}},
    {1377, 25, {1071, 1164, 939, 1129, 316, 644, 288, 185}},
    {1377, 10, {1071, 1164, 1313, 939, 1129, 316, 644, 288}},
};

START_TEST(legacy_draws_give_the_published_starts)
{
    zoo_legacy_random random;
    zoo_legacy_seed(&random, 1234567890);
    for (int i = 0; i < 8; i++)
        ck_assert_uint_eq(zoo_legacy_randint(&random, 0, drawn[_i].n - 50 - drawn[_i].predicted),
                          drawn[_i].start[i]);
}
END_TEST

START_TEST(legacy_draws_keep_their_bounds)
{
    zoo_legacy_random random;
    zoo_legacy_seed(&random, 7);
    ck_assert_uint_eq(zoo_legacy_randint(&random, 5, 6), 5);
    ck_assert_uint_eq(random.position, 624);
    for (int i = 0; i < 1000; i++) {
        uint64_t v = zoo_legacy_randint(&random, 16, 21);
        ck_assert(v >= 16 && v < 21);
    }
}
END_TEST

/* ------------------------------------------------------------------ CMU folders */

static void make_folder(const char *name)
{
    ck_assert_int_eq(mkdir(scratch_path(name), 0777), 0);
}

/* A good file: column c of frame t is a number that depends on both. */
static void make_file(const char *name, size_t frames, double salt)
{
    FILE *f = fopen(scratch_path(name), "w");
    ck_assert_ptr_nonnull(f);
    for (size_t t = 0; t < frames; t++)
        for (size_t c = 0; c < COLUMNS; c++)
            fprintf(f, "%.9g%c", c == 8 ? 0.25 : sin(salt + (double)(t * 31 + c * 7)),
                    c + 1 < COLUMNS ? ',' : '\n');
    ck_assert_int_eq(fclose(f), 0);
}

static void make_set(void)
{
    make_folder("train");
    make_folder("test");
    make_folder("train/walking");
    make_folder("test/walking");
    make_file("train/walking/walking_2.txt", 150, 2);
    make_file("train/walking/walking_1.txt", 121, 1);
    make_file("test/walking/walking_1.txt", 130, 3);
}

/* Puts `text` in place of line `line` (from 1) of a file of `frames` lines. */
static void spoil(const char *name, size_t frames, size_t line, const char *text)
{
    size_t n;
    make_file(name, frames, 4);
    unsigned char *data = scratch_read(scratch_path(name), &n);
    FILE *f = fopen(scratch_path(name), "wb");
    ck_assert_ptr_nonnull(f);
    size_t at = 1;
    bool put = false;
    for (size_t i = 0; i < n; i++) {
        if (at != line)
            fputc(data[i], f);
        else if (!put)
            fputs(text, f);
        put = at == line;
        at += data[i] == '\n';
    }
    ck_assert_int_eq(fclose(f), 0);
    free(data);
}

/* 117 columns with `text` in the last. */
static const char *row(const char *text)
{
    static char buf[1024];
    char *p = buf;
    for (int c = 0; c + 1 < COLUMNS; c++)
        p += sprintf(p, "1.5,");
    sprintf(p, "%s\n", text);
    return buf;
}

#define BAD "test/walking/bad.txt"
static void bad_ragged(void) { spoil(BAD, 130, 7, "1,2,3\n"); }
static void bad_long(void) { spoil(BAD, 130, 8, row("1,2")); }
static void bad_word(void) { spoil(BAD, 130, 9, row("1.5x")); }
static void bad_empty_entry(void) { spoil(BAD, 130, 10, row("")); }
static void bad_nan(void) { spoil(BAD, 130, 1, row("NaN")); }
static void bad_inf(void) { spoil(BAD, 130, 130, row("-inf")); }
static void bad_huge(void) { spoil(BAD, 130, 2, row("1e39")); }
static void bad_blank(void) { spoil(BAD, 130, 3, "\n"); }
static void bad_binary(void) { spoil(BAD, 130, 4, "\x01\x02,\x80\n"); }
static void bad_return(void) { spoil(BAD, 130, 5, row("1\r2")); }
static void bad_short(void) { make_file(BAD, 118, 1); }
static void bad_empty(void) { scratch_write(scratch_path(BAD), "", 0); }
static void bad_action(void) { make_folder("test/flying"); }
static void bad_no_files(void) { make_folder("train/soccer"); }
static void bad_not_folder(void) { scratch_write(scratch_path("train/soccer"), "x", 1); }
static void bad_no_test(void) { scratch_remove(scratch_path("test")); }
static void bad_no_actions(void) { bad_no_test(); make_folder("test"); }

static const struct {
    void (*make)(void);
    gop_status status;
    const char *words;
} bad[] = {
    {bad_ragged, GOP_EFORMAT, BAD ":7: 3 columns where 117 were expected"},
    {bad_long, GOP_EFORMAT, BAD ":8: more than 117 columns"},
    {bad_word, GOP_EFORMAT, BAD ":9: column 117 is not a number (1.5x)"},
    {bad_empty_entry, GOP_EFORMAT, BAD ":10: column 117 is empty"},
    {bad_nan, GOP_EFORMAT, BAD ":1: column 117 is not finite (NaN)"},
    {bad_inf, GOP_EFORMAT, BAD ":130: column 117 is not finite (-inf)"},
    {bad_huge, GOP_EFORMAT, BAD ":2: column 117 is too large"},
    {bad_blank, GOP_EFORMAT, BAD ":3: the line is empty"},
    {bad_binary, GOP_EFORMAT, BAD ":4: column 1 is not a number (?\?)"},
    {bad_return, GOP_EFORMAT, BAD ":5: a carriage return inside the line"},
    {bad_short, GOP_EFORMAT, BAD ":118: the file ends after 118 frames, a window needs 119"},
    {bad_empty, GOP_EFORMAT, BAD ": an empty file"},
    {bad_action, GOP_EFORMAT, "test/flying: unknown action flying (known: basketball, "},
    {bad_no_files, GOP_EFORMAT, "train/soccer: a folder without .txt files"},
    {bad_not_folder, GOP_ESYSTEM, "train/soccer: Not a directory"},
    {bad_no_test, GOP_ESYSTEM, "/test: No such file or directory"},
    {bad_no_actions, GOP_EFORMAT, "/test: an empty folder"},
};

START_TEST(bad_folders_get_one_sentence)
{
    zoo_dataset *data;
    zoo_report report;
    gop_error err = {GOP_OK, ""};
    make_set();
    bad[_i].make();
    ck_assert_int_eq(zoo_cmu_read(&data, &report, scratch_folder, "literature", &err),
                     bad[_i].status);
    ck_assert_ptr_null(data);
    ck_assert_msg(strstr(err.message, bad[_i].words) != NULL, "%s", err.message);
    ck_assert_ptr_null(strchr(err.message, '\n'));
}
END_TEST

START_TEST(a_good_folder_is_read_in_order)
{
    zoo_dataset *data;
    zoo_report report;
    gop_error err = {GOP_OK, ""};
    make_set();
    make_file("test/walking/copy.txt", 150, 2);
    scratch_write(scratch_path("test/walking/notes.md"), "x", 1);
    ck_assert_msg(zoo_cmu_read(&data, &report, scratch_folder, "literature", &err) == GOP_OK,
                  "%s", err.message);
    ck_assert_uint_eq(data->sequences, 4);
    static const char *const name[] = {"walking_1", "walking_2", "copy", "walking_1"};
    for (size_t i = 0; i < 4; i++)
        ck_assert_str_eq(data->sequence[i].name, name[i]);
    ck_assert_uint_eq(data->domain.actions, 8);
    ck_assert_uint_eq(data->sequence[0].action, 6);
    ck_assert_uint_eq(data->sequence[0].frames, 121);
    ck_assert_uint_eq(zoo_sequence_length(data, 0), 61);
    ck_assert(data->sequence[0].data[5 * COLUMNS + 4] == (float)sin(1.0 + 5 * 31 + 4 * 7));
    ck_assert_uint_eq(report.files, 4);
    ck_assert_uint_eq(report.frames[ZOO_TRAIN], 271);
    ck_assert_uint_eq(report.constant, 1);
    ck_assert_uint_eq(data->domain.constant[8], 1);
    ck_assert(data->domain.std[8] == 1 && data->domain.mean[8] == 0.25f);
    size_t dropped = 0, identical = 0, absent = 0;
    for (size_t i = 0; i < report.findings; i++) {
        dropped += report.finding[i].kind == ZOO_DROPPED;
        identical += report.finding[i].kind == ZOO_IDENTICAL;
        absent += report.finding[i].kind == ZOO_ABSENT;
    }
    ck_assert_uint_eq(dropped, 1);
    ck_assert_uint_eq(identical, 1);
    ck_assert_uint_eq(absent, 7);
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(the_partial_split_stands_in)
{
    zoo_dataset *data;
    gop_error err = {GOP_OK, ""};
    make_set();
    make_folder("train/basketball_signal");
    make_folder("train/directing_traffic");
    make_folder("test/washwindow");
    make_file("train/basketball_signal/a.txt", 120, 1);
    make_file("train/basketball_signal/b.txt", 140, 2);
    make_file("train/directing_traffic/only.txt", 120, 3);
    make_file("test/washwindow/w.txt", 301, 4);
    ck_assert_msg(zoo_cmu_read(&data, NULL, scratch_folder, "partial", &err) == GOP_OK, "%s",
                  err.message);
    ck_assert_str_eq(data->domain.name, "cmu-partial");
    size_t seen = 0;
    for (size_t i = 0; i < data->sequences; i++) {
        const zoo_sequence *s = &data->sequence[i];
        if (strcmp(s->name, "b") == 0)
            seen += s->split == ZOO_TEST;
        if (strcmp(s->name, "a") == 0 || strcmp(s->name, "only") == 0)
            seen += s->split == ZOO_TRAIN;
        if (strcmp(s->name, "w") == 0 && s->split == ZOO_TRAIN)
            seen += s->frames == 150 && s->data[0] == (float)sin(4.0);
        if (strcmp(s->name, "w") == 0 && s->split == ZOO_TEST)
            seen += s->frames == 151 && s->data[1] == (float)sin(4.0 + 150 * 31 + 7);
    }
    ck_assert_uint_eq(seen, 5);
    zoo_dataset_free(data);
    ck_assert_int_eq(zoo_cmu_read(&data, NULL, scratch_folder, "half", &err), GOP_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "half"));
}
END_TEST

START_TEST(poses_are_read_with_or_without_a_last_line_end)
{
    float *raw;
    size_t n;
    gop_error err = {GOP_OK, ""};
    const char *text = "1, 2 ,3\r\n-4,5e0,.6";
    scratch_write(scratch_path("poses"), text, strlen(text));
    ck_assert_msg(zoo_poses_read(&raw, &n, 3, scratch_path("poses"), &err) == GOP_OK, "%s",
                  err.message);
    ck_assert_uint_eq(n, 2);
    ck_assert(raw[1] == 2 && raw[2] == 3 && raw[3] == -4 && raw[4] == 5 && raw[5] == 0.6f);
    free(raw);
    ck_assert_int_eq(zoo_poses_read(&raw, &n, 4, scratch_path("poses"), &err), GOP_EFORMAT);
    ck_assert_ptr_null(raw);
    ck_assert_ptr_nonnull(strstr(err.message, ":1: 3 columns where 4"));
}
END_TEST

/* ------------------------------------------------------------- procedural set */

static zoo_dataset *synth(uint64_t seed)
{
    zoo_dataset *data;
    gop_error err = {GOP_OK, ""};
    ck_assert_msg(zoo_synth(&data, NULL, seed, &err) == GOP_OK, "%s", err.message);
    return data;
}

START_TEST(the_procedural_set_follows_its_seed)
{
    zoo_dataset *a = synth(5), *b = synth(5), *c = synth(6);
    size_t n, m;
    ck_assert_int_eq(zoo_dataset_save(a, scratch_path("a"), NULL), GOP_OK);
    ck_assert_int_eq(zoo_dataset_save(b, scratch_path("b"), NULL), GOP_OK);
    unsigned char *x = scratch_read(scratch_path("a"), &n), *y = scratch_read(scratch_path("b"), &m);
    ck_assert_uint_eq(n, m);
    ck_assert_mem_eq(x, y, n);
    ck_assert_uint_eq(n > 2000000 && n < 8000000, 1);
    for (size_t i = 0; i < a->sequences; i++)
        ck_assert(memcmp(a->sequence[i].data, c->sequence[i].data, 66 * sizeof(float)) != 0);
    free(x);
    free(y);
    zoo_dataset_free(a);
    zoo_dataset_free(b);
    zoo_dataset_free(c);
}
END_TEST

static double distance(const float *frame, int a, int b)
{
    double sum = 0;
    for (int k = 0; k < 3; k++) {
        double d = (double)frame[3 * a + k] - (double)frame[3 * b + k];
        sum += d * d;
    }
    return sqrt(sum);
}

/* Mean length of the left thigh over a sequence. */
static double thigh(const zoo_sequence *s)
{
    double sum = 0;
    for (size_t t = 0; t < s->frames; t++)
        sum += distance(s->data + t * 66, 14, 15);
    return sum / (double)s->frames;
}

START_TEST(procedural_people_are_people)
{
    zoo_dataset *data = synth(1);
    double least = 10, most = 0;
    ck_assert_uint_ge(data->domain.layout.nodes, 20);
    ck_assert_uint_ge(data->domain.actions, 6);
    for (size_t i = 0; i < data->sequences; i++) {
        const zoo_sequence *s = &data->sequence[i], *first = &data->sequence[i - i % 8];
        double length = thigh(s);
        least = fmin(least, length);
        most = fmax(most, length);
        ck_assert_double_eq_tol(length, thigh(first), 0.004);
        ck_assert_uint_eq(s->split, first->split);
        size_t odd = 0;
        for (size_t k = 0; k < s->frames * 66; k++)
            odd += !(fabsf(s->data[k]) < 4);
        for (size_t t = 0; t < s->frames; t++) {
            const float *f = s->data + t * 66;
            float lowest = fminf(f[3 * 17 + 1], f[3 * 21 + 1]);
            odd += !(lowest > -0.03f && lowest < 0.8f && f[3 * 5 + 1] > 0.5f);
        }
        ck_assert_uint_eq(odd, 0);
    }
    ck_assert(most > 1.1 * least);
    zoo_dataset_free(data);
}
END_TEST

/* ---------------------------------------------------------------- data set files */

START_TEST(data_sets_come_back)
{
    zoo_dataset *a = synth(2), *b;
    gop_error err = {GOP_OK, ""};
    const char *path = scratch_path("set.gds");
    ck_assert_int_eq(zoo_dataset_save(a, path, &err), GOP_OK);
    ck_assert_msg(zoo_dataset_load(&b, path, &err) == GOP_OK, "%s", err.message);
    ck_assert_msg(zoo_domain_fits(&a->domain, &b->domain, &err) == GOP_OK, "%s", err.message);
    ck_assert_str_eq(a->source, b->source);
    ck_assert_str_eq(a->domain.name, b->domain.name);
    ck_assert_uint_eq(a->sequences, b->sequences);
    ck_assert_mem_eq(a->domain.mean, b->domain.mean, 66 * sizeof(float));
    ck_assert_mem_eq(a->domain.std, b->domain.std, 66 * sizeof(float));
    for (size_t i = 0; i < a->sequences; i++) {
        const zoo_sequence *s = &a->sequence[i], *t = &b->sequence[i];
        ck_assert_str_eq(s->name, t->name);
        ck_assert(s->action == t->action && s->split == t->split && s->frames == t->frames);
        ck_assert_mem_eq(s->data, t->data, s->frames * 66 * sizeof(float));
    }
    zoo_dataset_free(b);
    a->sequence[3].data[70] = NAN;
    ck_assert_int_eq(zoo_dataset_save(a, path, &err), GOP_OK);
    ck_assert_int_eq(zoo_dataset_load(&b, path, &err), GOP_EFORMAT);
    ck_assert_ptr_null(b);
    ck_assert_msg(strstr(err.message, "frame 1 of sequence reach_01") != NULL, "%s", err.message);
    a->sequence[3].data[70] = 0;
    a->sequence[2].action = 8;
    ck_assert_int_eq(zoo_dataset_save(a, path, &err), GOP_OK);
    ck_assert_int_eq(zoo_dataset_load(&b, path, &err), GOP_EFORMAT);
    ck_assert_msg(strstr(err.message, "key sequences[2].action") != NULL, "%s", err.message);
    a->sequence[2].action = 2;
    a->domain.std[9] = 0;
    ck_assert_int_eq(zoo_dataset_save(a, path, &err), GOP_OK);
    ck_assert_int_eq(zoo_dataset_load(&b, path, &err), GOP_EFORMAT);
    ck_assert_msg(strstr(err.message, "column 9") != NULL, "%s", err.message);
    zoo_dataset_free(a);
}
END_TEST

START_TEST(other_data_do_not_fit)
{
    zoo_dataset *data = synth(2);
    zoo_domain other;
    gop_error err;
    ck_assert_int_eq(zoo_domain_copy(&other, &data->domain, NULL), GOP_OK);
    ck_assert_int_eq(zoo_domain_fits(&other, &data->domain, &err), GOP_OK);
    strcpy(other.action[7], "fly");
    ck_assert_int_eq(zoo_domain_fits(&other, &data->domain, &err), GOP_ESHAPE);
    ck_assert_ptr_nonnull(strstr(err.message, "wave"));
    other.factor = 2;
    ck_assert_int_eq(zoo_domain_fits(&other, &data->domain, &err), GOP_ESHAPE);
    ck_assert_ptr_nonnull(strstr(err.message, "every 2"));
    zoo_layout_clear(&other.layout);
    ck_assert_int_eq(zoo_layout_copy(&other.layout, zoo_layout_find("cmu26"), NULL), GOP_OK);
    ck_assert_int_eq(zoo_domain_fits(&other, &data->domain, &err), GOP_ESHAPE);
    ck_assert_ptr_nonnull(strstr(err.message, "cmu26"));
    zoo_domain_clear(&other);
    zoo_dataset_free(data);
}
END_TEST

/* ------------------------------------------------------------ windows */

/* Two tiny training sequences whose numbers say where they are from, a short
 * one and a test one, every second frame to be taken. */
static zoo_dataset *tiny(void)
{
    static const size_t frames[] = {41, 60, 8, 50};
    static const char *const action[] = {"a", "b"};
    zoo_dataset *data = calloc(1, sizeof *data);
    ck_assert_ptr_nonnull(data);
    ck_assert_int_eq(zoo_domain_create(&data->domain, "tiny", zoo_layout_find("tiny5"), 50, 2,
                                       action, 2, NULL), GOP_OK);
    for (size_t i = 0; i < 4; i++) {
        float *v = malloc(frames[i] * 15 * sizeof *v);
        ck_assert_ptr_nonnull(v);
        for (size_t k = 0; k < frames[i] * 15; k++)
            v[k] = k % 15 == 7 ? 3 : (float)(1000 * i + k / 15) + (float)(k % 15) / 16;
        ck_assert_int_eq(zoo_dataset_add(data, "s", i % 2, i == 3 ? ZOO_TEST : ZOO_TRAIN, v,
                                         frames[i], NULL), GOP_OK);
    }
    ck_assert_int_eq(zoo_domain_measure(data, NULL), GOP_OK);
    return data;
}

START_TEST(statistics_follow_their_formula)
{
    zoo_dataset *data = tiny();
    double sum = 0, square = 0, n = 41 + 60 + 8;
    for (size_t i = 0; i < 3; i++)
        for (size_t t = 0; t < data->sequence[i].frames; t++) {
            sum += data->sequence[i].data[t * 15 + 4];
            square += pow(data->sequence[i].data[t * 15 + 4], 2);
        }
    ck_assert_double_eq_tol(data->domain.mean[4], sum / n, 1e-4);
    ck_assert_double_eq_tol(data->domain.std[4], sqrt(square / n - sum * sum / n / n), 1e-3);
    for (size_t c = 0; c < 15; c++)
        ck_assert_uint_eq(data->domain.constant[c], c == 7);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(normalising_goes_there_and_back)
{
    zoo_dataset *data = tiny();
    const zoo_domain *d = &data->domain;
    gop_real x[5 * 6 * 3];
    float back[6 * 15];
    memset(back, 0, sizeof back);
    zoo_normalise(d, data->sequence[1].data + 3 * 15, 6, x, 6 * 3);
    zoo_denormalise(d, x, 6, back);
    for (size_t t = 0; t < 6; t++)
        for (size_t c = 0; c < 15; c++) {
            double raw = data->sequence[1].data[(3 + 2 * t) * 15 + c];
            double at = (double)x[(c / 3 * 6 + t) * 3 + c % 3];
            ck_assert_double_eq_tol(at, c == 7 ? 0 : (raw - d->mean[c]) / d->std[c], 1e-5);
            ck_assert_double_eq_tol(back[t * 15 + c], c == 7 ? 0 : raw, 1e-3);
        }
    zoo_dataset_free(data);
}
END_TEST

START_TEST(windows_are_cut_from_training_data)
{
    zoo_dataset *data = tiny();
    zoo_sampler *s;
    enum { N = 400, OBS = 12, PRED = 4 };
    static gop_real x[N * 5 * OBS * 3], y[N * 5 * PRED * 3], label[N];
    ck_assert_int_eq(zoo_sampler_new(&s, data, OBS, PRED, 9, NULL), GOP_OK);
    zoo_sampler_next(s, N, x, y, label);
    size_t seen[2] = {0, 0}, start_seen[2][16] = {{0}};
    for (size_t k = 0; k < N; k++) {
        size_t from = (size_t)label[k], n = zoo_sequence_length(data, from);
        ck_assert(from < 2);
        double first = (double)x[k * 5 * OBS * 3] * data->domain.std[0] + data->domain.mean[0];
        size_t start = (size_t)lround((first - 1000.0 * (double)from) / 2);
        ck_assert_uint_lt(start, n - OBS - PRED);
        seen[from]++;
        start_seen[from][start]++;
        const float *raw = data->sequence[from].data + 2 * start * 15;
        gop_real wx[5 * OBS * 3], wy[5 * PRED * 3];
        zoo_normalise(&data->domain, raw, OBS, wx, OBS * 3);
        zoo_normalise(&data->domain, raw + 2 * OBS * 15, PRED, wy, PRED * 3);
        ck_assert_mem_eq(wx, x + k * 5 * OBS * 3, sizeof wx);
        ck_assert_mem_eq(wy, y + k * 5 * PRED * 3, sizeof wy);
    }
    ck_assert_uint_gt(seen[0], N / 3);
    ck_assert_uint_gt(seen[1], N / 3);
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < zoo_sequence_length(data, i) - OBS - PRED; k++)
            ck_assert_uint_gt(start_seen[i][k], 0);
    zoo_sampler_free(s);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(a_restored_sampler_goes_on_as_before)
{
    zoo_dataset *data = tiny();
    zoo_sampler *s, *t;
    gop_real a[5 * 12 * 3 * 7], b[5 * 12 * 3 * 7], c[5 * 12 * 3 * 7];
    ck_assert_int_eq(zoo_sampler_new(&s, data, 12, 4, 1, NULL), GOP_OK);
    ck_assert_int_eq(zoo_sampler_new(&t, data, 12, 4, 2, NULL), GOP_OK);
    zoo_sampler_next(s, 5, a, NULL, NULL);
    gop_rng state = zoo_sampler_state(s);
    zoo_sampler_next(s, 7, a, NULL, NULL);
    zoo_sampler_next(t, 7, c, NULL, NULL);
    zoo_sampler_restore(t, state);
    zoo_sampler_next(t, 3, b, NULL, NULL);
    zoo_sampler_next(t, 4, b + 3 * 5 * 12 * 3, NULL, NULL);
    ck_assert_mem_eq(a, b, sizeof a);
    ck_assert(memcmp(a, c, sizeof a) != 0);
    zoo_sampler_free(s);
    zoo_sampler_free(t);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(windows_that_do_not_fit_are_refused)
{
    zoo_dataset *data = tiny();
    zoo_sampler *s;
    gop_error err;
    ck_assert_int_eq(zoo_sampler_new(&s, data, 20, 11, 1, &err), GOP_EFORMAT);
    ck_assert_ptr_null(s);
    ck_assert_ptr_nonnull(strstr(err.message, "31 frames"));
    ck_assert_int_eq(zoo_sampler_new(&s, data, 20, 10, 1, &err), GOP_OK);
    gop_real label[20];
    zoo_sampler_next(s, 20, NULL, NULL, label);
    for (int i = 0; i < 20; i++)
        ck_assert(label[i] == 1);
    zoo_sampler_free(s);
    ck_assert_int_eq(zoo_sampler_new(&s, data, 0, 10, 1, &err), GOP_EINVAL);
    zoo_dataset_free(data);
}
END_TEST

#define COUNT(a) (int)(sizeof(a) / sizeof(a)[0])

int main(void)
{
    Suite *suite = suite_create("dataset");
    TCase *t = tcase_create("dataset");
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
    tcase_add_test(t, built_in_layouts_make_sense);
    tcase_add_test(t, cmu26_uses_the_columns_of_the_literature);
    tcase_add_loop_test(t, broken_layouts_are_named, 0, COUNT(broken));
    tcase_add_test(t, decimals_are_rounded_correctly);
    tcase_add_test(t, what_is_no_decimal_is_not_taken);
    tcase_add_test(t, legacy_generator_gives_the_known_outputs);
    tcase_add_loop_test(t, legacy_draws_give_the_published_starts, 0, COUNT(drawn));
    tcase_add_test(t, legacy_draws_keep_their_bounds);
    tcase_add_loop_test(t, bad_folders_get_one_sentence, 0, COUNT(bad));
    tcase_add_test(t, a_good_folder_is_read_in_order);
    tcase_add_test(t, the_partial_split_stands_in);
    tcase_add_test(t, poses_are_read_with_or_without_a_last_line_end);
    tcase_add_test(t, the_procedural_set_follows_its_seed);
    tcase_add_test(t, procedural_people_are_people);
    tcase_add_test(t, data_sets_come_back);
    tcase_add_test(t, other_data_do_not_fit);
    tcase_add_test(t, statistics_follow_their_formula);
    tcase_add_test(t, normalising_goes_there_and_back);
    tcase_add_test(t, windows_are_cut_from_training_data);
    tcase_add_test(t, a_restored_sampler_goes_on_as_before);
    tcase_add_test(t, windows_that_do_not_fit_are_refused);
    suite_add_tcase(suite, t);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
