/*
 * test_json.c: the reader of JSON and the tree of a text: what they take, what they refuse, and
 * where.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/json_tree.h"

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

/* ------------------------------------------------------------------------ trees */

static zoo_json_value *parse(const char *text)
{
    zoo_json j = reader(text, strlen(text));
    zoo_json_value *root = zoo_json_parse(&j);
    ck_assert_msg(root != NULL, "%s: %s", text, j.fault);
    return root;
}

START_TEST(a_tree_has_all_values)
{
    zoo_json_value *root = parse("{\"a\\u00e4\": [-0, 1.5e-3, \"x\\n\", true, null, {}, []],"
                                 " \"\": 9223372036854775807, \"b\": -9223372036854775808}");
    ck_assert_int_eq(root->type, ZOO_JSON_OBJECT);
    ck_assert_uint_eq(root->n, 3);
    const zoo_json_value *a = zoo_json_get(root, "a\xc3\xa4");
    ck_assert_ptr_eq(root->first, a);
    ck_assert_uint_eq(a->n, 7);
    static const zoo_json_type type[] = {ZOO_JSON_INTEGER, ZOO_JSON_REAL, ZOO_JSON_STRING,
                                         ZOO_JSON_BOOLEAN, ZOO_JSON_NULL, ZOO_JSON_OBJECT,
                                         ZOO_JSON_ARRAY};
    for (size_t i = 0; i < 7; i++)
        ck_assert_int_eq(zoo_json_at(a, i)->type, type[i]);
    ck_assert_int_eq(zoo_json_at(a, 0)->integer, 0);
    ck_assert(zoo_json_at(a, 1)->real == 1.5e-3);
    ck_assert_str_eq(zoo_json_at(a, 2)->string, "x\n");
    ck_assert_uint_eq(zoo_json_at(a, 2)->n, 2);
    ck_assert_ptr_null(zoo_json_at(a, 7));
    ck_assert_ptr_null(zoo_json_at(a, 6)->next);
    ck_assert_ptr_null(zoo_json_at(a, 6)->first);
    ck_assert_ptr_null(zoo_json_at(root, 0));
    ck_assert_int_eq(zoo_json_get(root, "")->integer, INT64_MAX);
    ck_assert_int_eq(zoo_json_get(root, "b")->integer, INT64_MIN);
    ck_assert_ptr_null(zoo_json_get(root, "c"));
    ck_assert_ptr_null(zoo_json_get(a, "c"));
    ck_assert_ptr_null(zoo_json_get(NULL, "c"));
    ck_assert_str_eq(a->next->next->key, "b");
    free(root);
    root = parse("1E-400");
    ck_assert(root->type == ZOO_JSON_REAL && root->real == 0);
    free(root);
}
END_TEST

static const struct {
    const char *text, *fault;
    size_t line, column;
} no_tree[] = {
    {"", "ends too early", 1, 0},
    {"[1,\n", "ends too early", 2, 0},
    {"[1, 2", "comma or ]", 1, 5},
    {"[\"\xc3\xa4\", x]", "a value", 1, 7},
    {"{\"a\": 1,\n \"a\" : 2}", "duplicate object key", 2, 4},
    {"{\"\": 1, \"\": 2}", "duplicate object key", 1, 10},
    {"{\"a\": 1, \"a\\u0000\": 2}", "contains \\u0000", 1, 18},
    {"[\"\\u0000\"]", "contains \\u0000", 1, 9},
    {"[1, 9223372036854775808]", "an integer is too big", 1, 5},
    {"[-9223372036854775809]", "an integer is too big", 1, 2},
    {"-1e999", "a number is too big", 1, 1},
    {"{} {}", "something follows", 1, 4},
};

START_TEST(what_has_no_tree_has_a_place)
{
    zoo_json j = reader(no_tree[_i].text, strlen(no_tree[_i].text));
    ck_assert_ptr_null(zoo_json_parse(&j));
    ck_assert_msg(j.fault != NULL && strstr(j.fault, no_tree[_i].fault) != NULL, "%s: %s",
                  no_tree[_i].text, j.fault == NULL ? "no fault" : j.fault);
    ck_assert_uint_eq(zoo_json_line(&j), no_tree[_i].line);
    ck_assert_uint_eq(zoo_json_column(&j), no_tree[_i].column);
}
END_TEST

/* A number's digits are many, but not endless. */
START_TEST(long_numbers_are_bounded)
{
    char text[1024];
    for (int digits = 100; digits <= 600; digits += 500) {
        snprintf(text, sizeof text, "%0*d", digits, 0);
        text[1] = '.';
        zoo_json j = reader(text, strlen(text));
        zoo_json_value *root = zoo_json_parse(&j);
        if (digits < 512)
            ck_assert(root != NULL && root->real == 0);
        else
            ck_assert(root == NULL && strcmp(j.fault, "a number is too long") == 0);
        free(root);
    }
}
END_TEST

/* Keys are found fast among many, also where they have a long beginning in common. */
START_TEST(many_keys_are_found)
{
    enum { KEYS = 3000, SHARED = 330 };
    char *text = malloc(KEYS * (SHARED + 32)), key[SHARED + 16];
    for (size_t shared = 0; shared <= SHARED; shared += SHARED) {
        size_t n = 0;
        memset(key, 'k', shared);
        for (int i = 0; i < KEYS; i++) {
            snprintf(key + shared, 16, "%04d", i);
            n += (size_t)sprintf(text + n, "%s\"%s\": %d", i == 0 ? "{" : ",", key, i);
        }
        text[n++] = '}';
        text[n] = '\0';
        zoo_json_value *root = parse(text);
        ck_assert_uint_eq(root->n, KEYS);
        for (int i = 0; i < KEYS; i++) {
            snprintf(key + shared, 16, "%04d", i);
            ck_assert_int_eq(zoo_json_get(root, key)->integer, i);
        }
        free(root);
    }
    free(text);
}
END_TEST

TEST_MAIN("json")
{
    tcase_add_test(t, a_tree_has_all_values);
    tcase_add_loop_test(t, what_has_no_tree_has_a_place, 0,
                        (int)(sizeof no_tree / sizeof no_tree[0]));
    tcase_add_test(t, long_numbers_are_bounded);
    tcase_add_test(t, many_keys_are_found);
    tcase_add_loop_test(t, good_json_is_passed, 0, (int)(sizeof good / sizeof good[0]));
    tcase_add_loop_test(t, bad_json_has_a_fault_and_a_line, 0, (int)(sizeof bad / sizeof bad[0]));
    tcase_add_test(t, depth_is_bounded);
    tcase_add_test(t, entries_and_texts);
    tcase_add_test(t, another_kind_is_a_fault);
}
