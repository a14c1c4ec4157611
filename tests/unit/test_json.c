/*
 * test_json.c: the reader of JSON: what it takes, what it refuses, and where.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include <stdio.h>
#include <string.h>

#include "zoo/json.h"

static zoo_json reader(const char *text, size_t n)
{
    return (zoo_json){.p = text, .begin = text, .end = text + n};
}

static const char *const good[] = {
    "0",
    "-1.5e-3",
    " [ ] ",
    "{}",
    "[1, [2], {\"a\": {\"b\": [true, false, null]}}]",
    "\"\"",
    "1E5",
    "[0]\n",
    "\"\x7f\xc2\x80\"",
    "\"\\u00e4\\ud83c\\udfc3\\n\\\\\"",
};

static const struct {
    const char *text, *fault;
    size_t line;
} bad[] = {
    {"", "ends too early", 1},
    {"\n[1,\n2", "comma or ]", 3},
    {"[1 2]", "comma or ]", 1},
    {"[1,]", "a value is expected", 1},
    {"[,1]", "a value is expected", 1},
    {"{\"a\" 1}", "a colon", 1},
    {"{\"a\": 1,}", "a key", 1},
    {"{1: 2}", "a key", 1},
    {"{\"a\": 1]", "comma or }", 1},
    {"01", "something follows", 1},
    {"-", "a number", 1},
    {"1.", "a number", 1},
    {".5", "a value", 1},
    {"+1", "a value", 1},
    {"1e", "a number", 1},
    {"nul", "a value", 1},
    {"\"a", "no end", 1},
    {"\"\n\"", "control character", 1},
    {"\"\xff\"", "not UTF-8", 1},
    {"\"\xc2(\"", "not UTF-8", 1},
    {"\"\\x\"", "escape", 1},
    {"\"\\u12g4\"", "hexadecimal", 1},
    {"\"\\ud83c\"", "surrogate", 1},
    {"\"\\udfc3\"", "surrogate", 1},
    {"\"\\ud83c\\u0041\"", "surrogate", 1},
    {"1 1", "something follows", 1},
};

START_TEST(good_json_is_passed)
{
    zoo_json j = reader(good[_i], strlen(good[_i]));
    zoo_json_skip(&j);
    zoo_json_finish(&j);
    ck_assert_msg(j.fault == NULL, "%s: %s", good[_i], j.fault);
    ck_assert_ptr_eq(j.p, j.end);
    /* Every beginning of it but a number's is refused, and read to no byte beyond. */
    for (size_t n = 0; n < strlen(good[_i]); n++) {
        char copy[128];
        memcpy(copy, good[_i], n);
        j = reader(copy, n);
        zoo_json_skip(&j);
        zoo_json_finish(&j);
        ck_assert(j.p <= j.end);
    }
}
END_TEST

START_TEST(bad_json_has_a_fault_and_a_line)
{
    zoo_json j = reader(bad[_i].text, strlen(bad[_i].text));
    zoo_json_skip(&j);
    zoo_json_finish(&j);
    ck_assert_msg(j.fault != NULL && strstr(j.fault, bad[_i].fault) != NULL, "%s: %s", bad[_i].text,
                  j.fault == NULL ? "taken" : j.fault);
    ck_assert_uint_eq(zoo_json_line(&j), bad[_i].line);
    ck_assert_int_eq(zoo_json_kind(&j), 0);
}
END_TEST

START_TEST(depth_is_bounded)
{
    char text[2 * ZOO_JSON_DEPTH + 2];
    for (size_t depth = ZOO_JSON_DEPTH; depth <= ZOO_JSON_DEPTH + 1; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        zoo_json j = reader(text, 2 * depth);
        zoo_json_skip(&j);
        ck_assert((j.fault == NULL) == (depth == ZOO_JSON_DEPTH));
    }
}
END_TEST

START_TEST(entries_and_texts)
{
    static const char text[] =
        "{\"a\": \"\\u00e4\\ud83c\\udfc3\\n\", \"a long key\": 1, \"c\": \"abcd\","
        " \"d\": \"a\\u0000\", \"e\": -12.5}";
    char key[4], value[8];
    const char *end;
    zoo_json j = reader(text, strlen(text));
    zoo_json_enter(&j, '{');
    ck_assert(zoo_json_entry(&j, key, sizeof key));
    ck_assert_str_eq(key, "a");
    ck_assert(zoo_json_text(&j, value, sizeof value));
    ck_assert_str_eq(value, "\xc3\xa4\xf0\x9f\x8f\x83\n");
    ck_assert(zoo_json_entry(&j, key, sizeof key));
    ck_assert_str_eq(key, "");
    zoo_json_skip(&j);
    ck_assert(zoo_json_entry(&j, key, sizeof key));
    ck_assert(!zoo_json_text(&j, value, 4));
    ck_assert_str_eq(value, "");
    ck_assert(zoo_json_entry(&j, key, sizeof key));
    ck_assert(!zoo_json_text(&j, value, sizeof value));
    ck_assert(zoo_json_entry(&j, key, sizeof key));
    ck_assert_int_eq(zoo_json_kind(&j), '0');
    const char *p = zoo_json_number(&j, &end);
    ck_assert(end - p == 5 && memcmp(p, "-12.5", 5) == 0);
    ck_assert(!zoo_json_entry(&j, key, sizeof key));
    zoo_json_finish(&j);
    ck_assert_ptr_null(j.fault);
    ck_assert_uint_eq(j.depth, 0);
}
END_TEST

/* A value of another kind is a fault, and nothing is read after it. */
START_TEST(another_kind_is_a_fault)
{
    char text[4];
    const char *end;
    zoo_json j = reader("1", 1);
    zoo_json_enter(&j, '[');
    ck_assert_str_eq(j.fault, "an array is expected here");
    ck_assert_ptr_eq(zoo_json_number(&j, &end), end);
    ck_assert(!zoo_json_item(&j));
    j = reader("1", 1);
    zoo_json_enter(&j, '{');
    ck_assert_str_eq(j.fault, "an object is expected here");
    j = reader("1", 1);
    ck_assert(!zoo_json_text(&j, text, sizeof text));
    ck_assert_str_eq(j.fault, "a text is expected here");
}
END_TEST

TEST_MAIN("json")
{
    tcase_add_loop_test(t, good_json_is_passed, 0, (int)(sizeof good / sizeof good[0]));
    tcase_add_loop_test(t, bad_json_has_a_fault_and_a_line, 0, (int)(sizeof bad / sizeof bad[0]));
    tcase_add_test(t, depth_is_bounded);
    tcase_add_test(t, entries_and_texts);
    tcase_add_test(t, another_kind_is_a_fault);
}
