/*
 * test_raw.c: numbers from text, good and bad folders of raw data, and the legacy draws.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include <math.h>

#include "prepare_run.h"
#include "zoo/dataset/format/decimal.h"
#include "zoo/metric/legacy_random.h"

#define COLUMNS 117

/* ------------------------------------------------------------------ decimals */

/* Asserts only on failure: Check reports every assertion to its parent, which takes time. */
static void same_as_library(const char *text)
{
    float ours = 0, theirs = strtof(text, NULL);
    const char *end = text + strlen(text);
    if (zoo_decimal(&ours, text, end) != end || memcmp(&ours, &theirs, sizeof ours) != 0)
        ck_abort_msg("%s: %a, not %a", text, (double)ours, (double)theirs);
    /* The same as an entry of a row, which zoo_decimals may refuse but must not misread. */
    char entry[128 + ZOO_DECIMAL_PAD] = "";
    size_t n = (size_t)snprintf(entry, 128, "%s,", text);
    const char *at = entry;
    size_t taken = zoo_decimals(&ours, 1, &at, entry + n);
    if (at != entry + (taken ? n : 0) || memcmp(&ours, &theirs, sizeof ours) != 0)
        ck_abort_msg("%s in a row: %a, not %a", text, (double)ours, (double)theirs);
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
        snprintf(buf, sizeof buf,
                 i % 3 == 0   ? "%.*g"
                 : i % 3 == 1 ? "%.*e"
                              : "%.*g",
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

START_TEST(rows_are_taken_up_to_what_is_not_plain)
{
    static const struct {
        const char *text;
        size_t taken, at;
    } row[] = {{"1,-2.5,0.125,-0,", 4, 16},
               {"1,2 ,3,", 1, 2},
               {"12345,", 0, 0},
               {"1,nan,", 1, 2},
               {"1,2\n", 1, 2},
               {",1,", 0, 0},
               {"-,", 0, 0},
               {"1.5e,", 0, 0},
               {"1,2", 1, 2},
               {"1.5e-3,", 1, 7},
               {"", 0, 0},
               {"1e5,1e50,", 1, 4},
               {"1.12345678901234567,2,", 0, 0}};
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        char text[64 + ZOO_DECIMAL_PAD] = "";
        float v[4];
        const char *at = text;
        snprintf(text, 64, "%s", row[i].text);
        size_t taken = zoo_decimals(v, 4, &at, text + strlen(text));
        ck_assert_msg(taken == row[i].taken && at == text + row[i].at, "%s: %zu, %zu", row[i].text,
                      taken, (size_t)(at - text));
    }
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
    scratch_mkdir("train");
    scratch_mkdir("test");
    scratch_mkdir("train/walking");
    scratch_mkdir("test/walking");
    make_file("train/walking/walking_2.txt", 150, 2);
    make_file("train/walking/walking_1.txt", 121, 1);
    make_file("test/walking/walking_1.txt", 130, 3);
}

/* Puts `text` in place of line `line` (from 1) of a file of `frames` lines. */
static void spoil(const char *name, size_t frames, size_t line, const char *text)
{
    make_file(name, frames, 4);
    scratch_spoil(name, line, text);
}

/* A line of 117 columns with `text` in the last. */
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
static void bad_ragged(void)
{
    spoil(BAD, 130, 7, "1,2,3\n");
}
static void bad_long(void)
{
    spoil(BAD, 130, 8, row("1,2"));
}
static void bad_word(void)
{
    spoil(BAD, 130, 9, row("1.5x"));
}
static void bad_empty_entry(void)
{
    spoil(BAD, 130, 10, row(""));
}
static void bad_nan(void)
{
    spoil(BAD, 130, 1, row("NaN"));
}
static void bad_inf(void)
{
    spoil(BAD, 130, 130, row("-inf"));
}
static void bad_huge(void)
{
    spoil(BAD, 130, 2, row("1e39"));
}
static void bad_blank(void)
{
    spoil(BAD, 130, 3, "\n");
}
static void bad_binary(void)
{
    spoil(BAD, 130, 4, "\x01\x02,\x80\n");
}
static void bad_return(void)
{
    spoil(BAD, 130, 5, row("1\r2"));
}
static void bad_short(void)
{
    make_file(BAD, 118, 1);
}
static void bad_empty(void)
{
    scratch_write(scratch_path(BAD), "", 0);
}
static void bad_action(void)
{
    scratch_mkdir("test/flying");
}
static void bad_no_files(void)
{
    scratch_mkdir("train/soccer");
}
static void bad_not_folder(void)
{
    scratch_write(scratch_path("train/soccer"), "x", 1);
}
static void bad_no_test(void)
{
    scratch_remove(scratch_path("test"));
}
static void bad_no_actions(void)
{
    bad_no_test();
    scratch_mkdir("test");
}

static void bad_numbers(void)
{
    char line[1024], *p = line;
    for (int c = 0; c < COLUMNS; c++)
        p += sprintf(p, "%d%c", c, c + 1 < COLUMNS ? ',' : '\n');
    spoil(BAD, 130, 1, line);
}
static void bad_name(void)
{
    make_file("test/walking/a\xff.txt", 130, 1);
}
static void bad_case(void)
{
    ck_assert_int_eq(rename(scratch_path("test"), scratch_path("Test")), 0);
}

static const struct {
    void (*make)(void);
    gop_status status;
    const char *words;
} bad[] = {
    {bad_ragged, GOP_EFORMAT, BAD ":7: 3 columns instead of 117"},
    {bad_long, GOP_EFORMAT, BAD ":8: more than 117 columns"},
    {bad_word, GOP_EFORMAT, BAD ":9: column 117 is not a number (1.5x)"},
    {bad_empty_entry, GOP_EFORMAT, BAD ":10: column 117 is empty"},
    {bad_nan, GOP_EFORMAT, BAD ":1: column 117 is not finite (NaN)"},
    {bad_inf, GOP_EFORMAT, BAD ":130: column 117 is not finite (-inf)"},
    {bad_huge, GOP_EFORMAT, BAD ":2: column 117 is too large"},
    {bad_blank, GOP_EFORMAT, BAD ":3: the line is empty"},
    {bad_binary, GOP_EFORMAT, BAD ":4: column 1 is not a number (?\?)"},
    {bad_return, GOP_EFORMAT, BAD ":5: a carriage return inside the line"},
    {bad_short, GOP_EFORMAT, BAD ":118: the file ends after 118 frames; a window needs 119"},
    {bad_empty, GOP_EFORMAT, BAD ": the file is empty"},
    {bad_action, GOP_EFORMAT, "test/flying: unknown action flying (known: basketball, "},
    {bad_no_files, GOP_EFORMAT, "train/soccer: the folder has no .txt files"},
    {bad_not_folder, GOP_ESYSTEM, "train/soccer: Not a directory"},
    {bad_no_test, GOP_ESYSTEM, "/test: No such file or directory"},
    {bad_no_actions, GOP_EFORMAT, "/test: the folder is empty"},
    {bad_numbers, GOP_EFORMAT, BAD ":1: the line is 0, 1, 2, ..., the numbers of the columns"},
    {bad_name, GOP_EFORMAT, ".txt: the name is not UTF-8 or has control characters"},
    {bad_case, GOP_EFORMAT, "/Test: the folder's name must be test"},
};

START_TEST(bad_folders_get_one_sentence)
{
    zoo_dataset *data;
    zoo_report report;
    gop_error err = {GOP_OK, ""};
    make_set();
    bad[_i].make();
    ck_assert_int_eq(read_cmu(&data, &report, scratch_folder, "literature", &err), bad[_i].status);
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
    ck_assert_msg(read_cmu(&data, &report, scratch_folder, "literature", &err) == GOP_OK, "%s",
                  err.message);
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
    ck_assert_uint_eq(absent, 8); /* seven actions, and three of the training files */
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(the_partial_split_stands_in)
{
    zoo_dataset *data;
    gop_error err = {GOP_OK, ""};
    make_set();
    scratch_mkdir("train/basketball_signal");
    scratch_mkdir("train/directing_traffic");
    scratch_mkdir("test/washwindow");
    make_file("train/basketball_signal/a.txt", 120, 1);
    make_file("train/basketball_signal/b.txt", 140, 2);
    make_file("train/directing_traffic/only.txt", 120, 3);
    make_file("test/washwindow/w.txt", 301, 4);
    ck_assert_msg(read_cmu(&data, NULL, scratch_folder, "partial", &err) == GOP_OK, "%s",
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
    /* Nothing stands in for an action that has no file at all. */
    scratch_remove(scratch_path("test/washwindow"));
    ck_assert_msg(read_cmu(&data, NULL, scratch_folder, "partial", &err) == GOP_OK, "%s",
                  err.message);
    ck_assert_uint_eq(data->sequences, 6);
    zoo_dataset_free(data);
    ck_assert_int_eq(recorded(read_cmu(&data, NULL, scratch_folder, "half", &err), &err),
                     GOP_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "half"));
}
END_TEST

/* As many sequences as fit before the halves of washwindow enlarge the list. */
START_TEST(the_split_file_keeps_its_name)
{
    zoo_dataset *data;
    gop_error err = {GOP_OK, ""};
    size_t named = 0;
    make_set();
    scratch_mkdir("test/washwindow");
    make_file("test/washwindow/pane.txt", 301, 4);
    ck_assert_msg(read_cmu(&data, NULL, scratch_folder, "partial", &err) == GOP_OK, "%s",
                  err.message);
    ck_assert_uint_eq(data->sequences, 5);
    for (size_t i = 0; i < data->sequences; i++)
        named += strcmp(data->sequence[i].name, "pane") == 0;
    ck_assert_uint_eq(named, 2);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(poses_are_read_with_or_without_a_last_line_end)
{
    float *raw;
    size_t n;
    gop_error err = {GOP_OK, ""};
    const char *text = "1, 2 ,3\r\n-4,5e0,.6";
    scratch_write(scratch_path("poses"), text, strlen(text));
    ck_assert_msg(zoo_poses_read(&raw, &n, 3, scratch_path("poses"), NULL, &err) == GOP_OK, "%s",
                  err.message);
    ck_assert_uint_eq(n, 2);
    ck_assert(raw[1] == 2 && raw[2] == 3 && raw[3] == -4 && raw[4] == 5 && raw[5] == 0.6f);
    free(raw);
    ck_assert_int_eq(recorded(zoo_poses_read(&raw, &n, 4, scratch_path("poses"), NULL, &err), &err),
                     GOP_EFORMAT);
    ck_assert_ptr_null(raw);
    ck_assert_ptr_nonnull(strstr(err.message, ":1: 3 columns instead of 4"));
}
END_TEST

/* Lines longer than the buffer, as long as no entry has more than 512 bytes on average. */
START_TEST(long_lines_are_read)
{
    enum { WIDE = 2000, DIGITS = 250 };
    float *raw;
    size_t n;
    gop_error err = {GOP_OK, ""};
    FILE *f = fopen(scratch_path("wide"), "wb");
    ck_assert_ptr_nonnull(f);
    for (int t = 0; t < 2; t++)
        for (int c = 0; c < WIDE; c++)
            fprintf(f, "%d.%0*d%c", c, DIGITS, 0, c + 1 < WIDE ? ',' : '\n');
    ck_assert_int_eq(fclose(f), 0);
    ck_assert_msg(zoo_poses_read(&raw, &n, WIDE, scratch_path("wide"), NULL, &err) == GOP_OK, "%s",
                  err.message);
    ck_assert_uint_eq(n, 1); /* the first line is 0, 1, 2, ...: the numbers of the columns */
    ck_assert(raw[WIDE - 1] == WIDE - 1);
    free(raw);
    ck_assert_int_eq(recorded(zoo_poses_read(&raw, &n, 3, scratch_path("wide"), NULL, &err), &err),
                     GOP_EFORMAT);
    ck_assert_ptr_nonnull(strstr(err.message, ":1: the line has more than 1536 bytes"));
}
END_TEST

TEST_MAIN("raw")
{
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
    tcase_add_test(t, decimals_are_rounded_correctly);
    tcase_add_test(t, what_is_no_decimal_is_not_taken);
    tcase_add_test(t, rows_are_taken_up_to_what_is_not_plain);
    tcase_add_test(t, legacy_generator_gives_the_known_outputs);
    tcase_add_loop_test(t, legacy_draws_give_the_published_starts, 0, COUNT(drawn));
    tcase_add_test(t, legacy_draws_keep_their_bounds);
    tcase_add_loop_test(t, bad_folders_get_one_sentence, 0, COUNT(bad));
    tcase_add_test(t, a_good_folder_is_read_in_order);
    tcase_add_test(t, the_partial_split_stands_in);
    tcase_add_test(t, the_split_file_keeps_its_name);
    tcase_add_test(t, poses_are_read_with_or_without_a_last_line_end);
    tcase_add_test(t, long_lines_are_read);
}
