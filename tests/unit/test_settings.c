/*
 * test_settings.c: named values: each kind read from text and written back, refused values,
 * defaults, comparison, and maps in files, in any order and incomplete.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "suite.h"

#include <locale.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scratch.h"
#include "zoo/zoo_file.h"
#include "zoo/zoo.h"

typedef struct values {
    uint32_t count, flag, choice, set;
    uint64_t wide, steps, hash;
    double number, share;
    zoo_mixed mixed;
    zoo_list list;
    char text[9];
} values;

#define AT(field) offsetof(values, field)

static const zoo_setting table[] = {
    {"count", ZOO_SETTING_COUNT, AT(count), 1, 99, NULL, "7", "a count", NULL},
    {"flag", ZOO_SETTING_SWITCH, AT(flag), 0, 1, NULL, "0", "a switch", NULL},
    {"wide", ZOO_SETTING_LONG, AT(wide), 0, 9e15, NULL, "1", "a long count", NULL},
    {"steps", ZOO_SETTING_STEPS, AT(steps), 1, 1e9, NULL, "10", "steps", NULL},
    {"hash", ZOO_SETTING_HASH, AT(hash), 0, 0, NULL, NULL, NULL, NULL},
    {"number", ZOO_SETTING_NUMBER, AT(number), -1, 1000, NULL, "0.5", "a number", NULL},
    {"choice", ZOO_SETTING_CHOICE, AT(choice), 0, 0, "one|two|three", "two", "a choice", NULL},
    {"set", ZOO_SETTING_SET, AT(set), 0, 0, "a|b|c", "a", "some of several", NULL},
    {"mixed", ZOO_SETTING_MIXED, AT(mixed), 0, 1, "best|worst", "0.25", "a number or a word", NULL},
    {"list", ZOO_SETTING_LIST, AT(list), 1, 16, NULL, "", "a list", NULL},
    {"text", ZOO_SETTING_TEXT, AT(text), 0, 8, NULL, NULL, "a text", NULL},
    {"share", ZOO_SETTING_NUMBER, AT(share), 0.25, 0.75, NULL, NULL, "unset unless set", NULL},
    {0},
};

static gop_error err;

static values defaults(void)
{
    values v;
    memset(&v, 0xff, sizeof v);
    ck_assert_msg(zoo_settings_default(table, &v, &err) == GOP_OK, "%s", err.message);
    return v;
}

static const char *get(const char *key, const values *v)
{
    static char text[ZOO_VALUE_SIZE];
    zoo_setting_get(zoo_setting_find(table, key), v, text, sizeof text);
    return text;
}

/* A text, and the text that it reads back as; NULL: it is refused. */
static const struct {
    const char *key, *text, *back;
} texts[] = {
    {"count", "1", "1"},
    {"count", "099", "99"},
    {"count", "0", NULL},
    {"count", "100", NULL},
    {"count", "-3", NULL},
    {"count", " 3", NULL},
    {"count", "3x", NULL},
    {"count", "", NULL},
    {"count", "99999999999999999999999", NULL},
    {"flag", "1", "1"},
    {"flag", "2", NULL},
    {"wide", "9000000000000000", "9000000000000000"},
    {"wide", "9000000000000001", NULL},
    {"steps", "5", "5"},
    {"steps", "5e", "5e"},
    {"steps", "0e", NULL},
    {"steps", "e", NULL},
    {"steps", "5e5", NULL},
    {"steps", "1.5e", NULL},
    {"steps", "5ee", NULL},
    {"steps", "2000000000", NULL},
    {"steps", "4611686018427387904", "4611686018427387904"}, /* ZOO_OPEN */
    {"steps", "-13835058055282163712", NULL},                /* that modulo 2^64 */
    {"steps", "4611686018427387904e", NULL},
    {"hash", "00000000000000ff", "00000000000000ff"},
    {"hash", "ff", NULL},
    {"hash", "0x000000000000ff", NULL},
    {"hash", "00000000000000FF", NULL},
    {"hash", "", ""},
    {"number", "1e-3", "0.001"},
    {"number", "0.1", "0.1"},
    {"number", "-1", "-1"},
    {"number", "100", "100"},
    {"number", "1e3", "1000"},
    {"number", "1e2", "100"},
    {"number", "12.5", "12.5"},
    {"number", "0.30000000000000004", "0.30000000000000004"},
    {"number", "1000.5", NULL},
    {"number", "nan", NULL},
    {"number", "inf", NULL},
    {"number", "0x1", NULL},
    {"number", "", NULL},
    {"number", "1 ", NULL},
    {"choice", "three", "three"},
    {"choice", "thre", NULL},
    {"choice", "one|two", NULL},
    {"choice", "", NULL},
    {"choice", "1", NULL},
    {"set", "c+a", "a+c"},
    {"set", "a+a", NULL},
    {"set", "a+", NULL},
    {"set", "", NULL},
    {"mixed", "worst", "worst"},
    {"mixed", "1", "1"},
    {"mixed", "1.5", NULL},
    {"mixed", "wors", NULL},
    {"list", "1,2,16", "1,2,16"},
    {"list", "", ""},
    {"list", "1,,2", NULL},
    {"list", "1,", NULL},
    {"list", "17", NULL},
    {"text", "eight by", "eight by"},
    {"text", "more than 8", NULL},
    {"text", "", ""},
};

START_TEST(texts_come_back)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        values v = defaults(), before = v;
        const gop_status s = recorded(
            zoo_settings_set(table, &v, "x", texts[i].key, texts[i].text, &err), &err);
        ck_assert_msg((s == GOP_OK) == (texts[i].back != NULL), "%s=%s: %s", texts[i].key,
                      texts[i].text, err.message);
        if (s == GOP_OK) {
            ck_assert_str_eq(get(texts[i].key, &v), texts[i].back);
            ck_assert_int_eq(zoo_settings_check(table, &v, &err), GOP_OK);
            continue;
        }
        ck_assert_int_eq(s, GOP_EINVAL);
        ck_assert_msg(strncmp(err.message, texts[i].key, strlen(texts[i].key)) == 0, "%s",
                      err.message);
        ck_assert_ptr_null(zoo_settings_difference(table, &v, &before, NULL));
    }
    values v = defaults();
    ck_assert_int_eq(zoo_settings_set(table, &v, "x", "steps", "5e", NULL), GOP_OK);
    ck_assert(v.steps == ZOO_EPOCHS + 5);
    ck_assert_int_eq(zoo_settings_set(table, &v, "x", "mixed", "worst", NULL), GOP_OK);
    ck_assert(v.mixed.choice == 2 && v.mixed.number == 0.25);
    ck_assert_int_eq(zoo_settings_set(table, &v, "x", "mixed", "0.75", NULL), GOP_OK);
    ck_assert(v.mixed.choice == 0 && v.mixed.number == 0.75);
    /* An unset value is unset again. */
    ck_assert_int_eq(zoo_settings_set(table, &v, "x", "share", "0", NULL), GOP_EINVAL);
    ck_assert_int_eq(zoo_settings_set(table, &v, "x", "share", "0.5", NULL), GOP_OK);
    ck_assert_str_eq(get("share", &v), "0.5");
    ck_assert_int_eq(zoo_settings_set(table, &v, "x", "share", "", NULL), GOP_OK);
    ck_assert_str_eq(get("share", &v), "");
}
END_TEST

START_TEST(sentences_say_what_is_taken)
{
    static const char *const takes[][2] = {
        {"count", "a whole number from 1 to 99"},
        {"flag", "a whole number from 0 to 1"},
        {"wide", "a whole number from 0 to 9e+15"},
        {"steps", "a whole number of steps from 1 to 1000000000, or of epochs with an e behind it"},
        {"hash", "16 hexadecimal digits"},
        {"number", "a number from -1 to 1000"},
        {"choice", "one, two or three"},
        {"set", "a, b or c, or several joined by '+'"},
        {"mixed", "a number from 0 to 1, best or worst"},
        {"list", "up to 64 whole numbers from 1 to 16, separated by commas"},
        {"text", "at most 8 bytes"},
    };
    char text[ZOO_VALUE_SIZE];
    for (size_t i = 0; i < sizeof takes / sizeof *takes; i++) {
        zoo_setting_takes(zoo_setting_find(table, takes[i][0]), text, sizeof text);
        ck_assert_str_eq(text, takes[i][1]);
        for (size_t size = 0; size < 20; size++)
            zoo_setting_takes(zoo_setting_find(table, takes[i][0]), text, size);
    }
}
END_TEST

START_TEST(several_at_once)
{
    values v = defaults(), w = v;
    ck_assert_int_eq(zoo_settings_apply(table, &v, "it", "count=9 choice=one  list=", &err),
                     GOP_OK);
    ck_assert(v.count == 9 && v.choice == 0);
    ck_assert_int_eq(zoo_settings_apply(table, &v, "it", "", &err), GOP_OK);
    ck_assert_str_eq(zoo_settings_difference(table, &v, &w, NULL)->key, "count");
    ck_assert_str_eq(zoo_settings_difference(table, &v, &w, "steps count")->key, "choice");
    ck_assert_ptr_null(zoo_settings_difference(table, &v, &w, "choice count"));
    ck_assert_str_eq(zoo_settings_difference(table, &v, &w, "choices count")->key, "choice");
    ck_assert_int_eq(recorded(zoo_settings_apply(table, &v, "it", "count", &err), &err),
                     GOP_EINVAL);
    ck_assert_int_eq(recorded(zoo_settings_apply(table, &v, "it", "cuont=1", &err), &err),
                     GOP_EINVAL);
    ck_assert_str_eq(err.message, "it has no option 'cuont'; did you mean 'count'?");
    ck_assert_int_eq(recorded(zoo_settings_apply(table, &v, "it", "something_else=1", &err), &err),
                     GOP_EINVAL);
    ck_assert_str_eq(err.message, "it has no option 'something_else'");
}
END_TEST

/* Written to the struct directly, bypassing the table. */
START_TEST(values_out_of_range)
{
    values v = defaults();
    v.number = NAN;
    ck_assert_int_eq(recorded(zoo_settings_check(table, &v, &err), &err), GOP_EINVAL);
    ck_assert_msg(strstr(err.message, "number=nan: ") != NULL, "%s", err.message);
    v = defaults();
    v.count = 0;
    ck_assert_int_eq(recorded(zoo_settings_check(table, &v, &err), &err), GOP_EINVAL);
    v = defaults();
    v.choice = 3;
    ck_assert_int_eq(recorded(zoo_settings_check(table, &v, &err), &err), GOP_EINVAL);
    ck_assert_str_eq(err.message, "choice=3: it must be one of one|two|three");
    v = defaults();
    v.mixed.choice = 3;
    ck_assert_int_eq(recorded(zoo_settings_check(table, &v, &err), &err), GOP_EINVAL);
    v = defaults();
    v.set = 0;
    ck_assert_int_eq(recorded(zoo_settings_check(table, &v, &err), &err), GOP_EINVAL);
    v = defaults();
    memset(v.text, 'a', sizeof v.text);
    ck_assert_int_eq(recorded(zoo_settings_check(table, &v, &err), &err), GOP_EINVAL);
    v = defaults();
    v.list.n = UINT32_MAX;
    get("list", &v);
}
END_TEST

START_TEST(a_locale_does_not_matter)
{
    values v = defaults();
    if (setlocale(LC_NUMERIC, "de_DE.UTF-8") == NULL)
        return; /* the locale is not installed */
    ck_assert_int_eq(zoo_settings_set(table, &v, "x", "number", "0.125", &err), GOP_OK);
    ck_assert(v.number == 0.125);
    ck_assert_str_eq(get("number", &v), "0.125");
    setlocale(LC_NUMERIC, "C");
}
END_TEST

/* ------------------------------------------------------------------------ files */

/* Writes a file of n pairs of key and text and reads it; returns the message, or NULL. */
static const char *read_back(values *v, const char *const *pairs, size_t n)
{
    const char *path = scratch_path("settings");
    gop_writer *w;
    gop_reader *r;
    ck_assert_int_eq(gop_writer_open(&w, path, "TEST", 1, &err), GOP_OK);
    gop_write_map(w, n);
    for (size_t i = 0; i < n; i++) {
        gop_write_key(w, pairs[2 * i]);
        gop_write_text(w, pairs[2 * i + 1]);
    }
    ck_assert_int_eq(gop_writer_commit(w, &err), GOP_OK);
    ck_assert_int_eq(gop_reader_open(&r, path, "TEST", 1, &err), GOP_OK);
    zoo_settings_read(r, table, v);
    const gop_status s = recorded(gop_reader_status(r, &err), &err);
    gop_reader_free(r);
    return s == GOP_OK ? NULL : err.message;
}

START_TEST(files_hold_what_is_set)
{
    const char *path = scratch_path("settings");
    values v = defaults(), back;
    gop_writer *w;
    gop_reader *r;
    ck_assert_int_eq(zoo_settings_apply(table, &v, "x",
                                        "count=3 flag=1 wide=5 steps=8 hash=0123456789abcdef "
                                        "number=0.1 choice=three set=b+c mixed=best list=3,4",
                                        &err),
                     GOP_OK);
    for (int i = 0; i < 2; i++) {
        size_t n = 0;
        ck_assert_int_eq(gop_writer_open(&w, path, "TEST", 1, &err), GOP_OK);
        zoo_settings_write(w, table, &v);
        ck_assert_int_eq(gop_writer_commit(w, &err), GOP_OK);
        for (const zoo_setting *s = table; s->key != NULL; s++)
            n += *get(s->key, &v) != '\0' || s->standard != NULL;
        ck_assert_int_eq(gop_reader_open(&r, path, "TEST", 1, &err), GOP_OK);
        ck_assert_uint_eq(gop_read_map(r), n);
        gop_reader_free(r);
        ck_assert_int_eq(gop_reader_open(&r, path, "TEST", 1, &err), GOP_OK);
        zoo_settings_read(r, table, &back);
        ck_assert_msg(gop_reader_status(r, &err) == GOP_OK, "%s", err.message);
        ck_assert_uint_eq(gop_reader_left(r), 0);
        gop_reader_free(r);
        ck_assert_ptr_null(zoo_settings_difference(table, &v, &back, NULL));
        v = defaults();
    }
}
END_TEST

START_TEST(files_in_any_order)
{
    static const char *const some[] = {"text", "abc", "count", "3"};
    static const char *const twice[] = {"count", "3", "choice", "one", "count", "3"};
    static const char *const unknown[] = {"count", "3", "cuont", "3"};
    static const char *const wrong[] = {"choice", "one", "count", "1000"};
    values v, w = defaults();
    memset(&v, 0xff, sizeof v);
    ck_assert_ptr_null(read_back(&v, some, 2));
    ck_assert_str_eq(get("text", &v), "abc");
    ck_assert_uint_eq(v.count, 3);
    ck_assert_ptr_null(zoo_settings_difference(table, &v, &w, "text count"));
    ck_assert_ptr_null(read_back(&v, some, 0));
    ck_assert_ptr_null(zoo_settings_difference(table, &v, &w, NULL));
    ck_assert_ptr_nonnull(strstr(read_back(&v, twice, 3), "count occurs twice"));
    ck_assert_ptr_nonnull(strstr(read_back(&v, unknown, 2), "unknown option 'cuont'"));
    ck_assert_ptr_nonnull(strstr(read_back(&v, wrong, 2), "count=1000: a whole number"));
}
END_TEST

/* The message about an older file names the command that converts it; one about a newer file does
 * not. */
START_TEST(files_of_another_version)
{
    const char *path = scratch_path("versions");
    gop_writer *w;
    gop_reader *r;
    for (uint32_t version = 2; version <= 4; version++) {
        ck_assert_int_eq(gop_writer_open(&w, path, "TEST", version, &err), GOP_OK);
        gop_write_uint(w, 1);
        ck_assert_int_eq(gop_writer_commit(w, &err), GOP_OK);
        const gop_status s = recorded(zoo_file_open(&r, NULL, path, "TEST", 3, &err), &err);
        ck_assert_int_eq(s, version == 3 ? GOP_OK : GOP_EFORMAT);
        if (version != 3) {
            ck_assert_int_eq(err.status, s);
            ck_assert_int_eq(strstr(err.message, "graphop convert") != NULL, version == 2);
        }
        gop_reader_free(r);
        ck_assert_int_eq(recorded(zoo_file_open(&r, NULL, path, "OTHR", 3, &err), &err),
                         GOP_EFORMAT);
        ck_assert_ptr_null(strstr(err.message, "convert"));
    }
}
END_TEST

/* -------------------------------------------------------------------------- models */

START_TEST(a_model_observes_frames)
{
    for (const zoo_model_type *const *t = zoo_model_types(); *t != NULL; t++) {
        const zoo_setting *o = zoo_setting_find((*t)->options, "observed");
        ck_assert_msg(o != NULL && o->kind == ZOO_SETTING_COUNT, "%s", (*t)->name);
        size_t rows = 0;
        for (o = (*t)->options; o->key != NULL; o++, rows++)
            ck_assert_msg(o->text != NULL && o->standard != NULL, "%s, %s", (*t)->name, o->key);
        ck_assert_uint_le(rows, ZOO_SETTINGS_MAX);
    }
}
END_TEST

/* A type may have neither checks nor variants. */
START_TEST(a_type_needs_no_checks)
{
    zoo_model_type type = *zoo_model_type_find(NULL, "template");
    zoo_dataset *data;
    zoo_inference *inference;
    gop_ctx *ctx;
    zoo_model *m;
    type.check = NULL;
    ck_assert_int_eq(zoo_synth(&data, NULL, 1, &err), GOP_OK);
    ck_assert_int_eq(gop_ctx_new(&ctx, 1, 0, &err), GOP_OK);
    ck_assert_int_eq(zoo_model_new(&m, &type, NULL, &data->domain, 1, &err), GOP_OK);
    ck_assert_int_eq(recorded(zoo_model_variant(m, "light", &err), &err), GOP_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "template has no variant 'light'"));
    ck_assert_int_eq(zoo_inference_new(&inference, ctx, m, 1, &err), GOP_OK);
    zoo_inference_free(inference);
    zoo_model_free(m);
    gop_ctx_free(ctx);
    zoo_dataset_free(data);
}
END_TEST

/* ------------------------------------------------------------------------- recipes */

START_TEST(recipes_are_runs)
{
    for (const zoo_recipe *p = zoo_recipes(); p->name != NULL; p++) {
        zoo_training t = zoo_training_default();
        ck_assert_msg(zoo_settings_apply(zoo_training_settings(), &t, p->name, p->settings, &err) ==
                          GOP_OK,
                      "%s: %s", p->name, err.message);
        zoo_training_count_epochs(&t, 160);
        ck_assert_int_eq(zoo_settings_check(zoo_training_settings(), &t, &err), GOP_OK);
        ck_assert(t.lambda.choice == GOP_MGDA_EXACT || strncmp(p->name, "paper", 5) != 0);
        if (strcmp(p->name, "agcn") == 0)
            ck_assert_str_eq(t.decay_at, "75,100");
        if (strcmp(p->name, "paper-ntu") == 0)
            ck_assert(t.optimiser == ZOO_SGD && t.schedule == ZOO_STEP && t.steps == 334 &&
                      t.decay_every == 100);
    }
}
END_TEST

/* A setting has an effect only beside the one that it needs. */
START_TEST(settings_that_need_another)
{
    static const char *const pair[][3] = {{"momentum", "optimiser", "sgd"},
                                          {"decay", "schedule", "step"},
                                          {"decay_every", "schedule", "step"},
                                          {"floor", "schedule", "cosine"},
                                          {"validate_every", "validate", "0.5"}};
    const zoo_setting *rows = zoo_training_settings();
    for (size_t i = 0; i < sizeof pair / sizeof pair[0]; i++) {
        const zoo_setting *s = zoo_setting_find(rows, pair[i][0]);
        zoo_training t = zoo_training_default();
        t.schedule = ZOO_CONSTANT;
        ck_assert_msg(zoo_setting_unmet(rows, s, &t, NULL) != NULL, "%s", s->key);
        ck_assert_int_eq(zoo_settings_set(rows, &t, "", pair[i][1], pair[i][2], NULL), GOP_OK);
        ck_assert_msg(zoo_setting_unmet(rows, s, &t, NULL) == NULL, "%s", s->key);
    }
}
END_TEST

/* Each form of a condition, on the options of a model. */
START_TEST(conditions)
{
    static const char *const rows[][4] = {
        /* option, settings, what is not met and what is */
        {"gru_carry", "heads=recognition", "heads=both|heads=prediction", "heads=prediction"},
        {"gru_carry", "stream=joint-motion+bone-motion", "stream=joint|stream=bone",
         "stream=bone+bone-motion"},
        {"bone_weight", "stream=joint", "stream=bone|stream=bone-motion", "stream=joint+bone"},
        {"bone_weight", "stream=bone", "stream=joint|stream=joint-motion",
         "stream=joint-motion+bone"},
        {"motion_weight", "stream=joint+bone-motion", "stream=joint-motion|stream=bone",
         "stream=joint+joint-motion"},
        {"motion_weight", "stream=joint+bone", "stream=joint-motion|stream=bone-motion",
         "stream=bone+bone-motion"},
        {"p_out", "out_hidden_layers=0", "out_hidden_layers!0", "out_hidden_layers=1"},
        {"fuse_from", "fuse_after=", "fuse_after", "fuse_after=2"},
        {"edge_masks", "scales=joint joint_graphs=actional",
         "scales=both|scales=part|joint_graphs=both|joint_graphs=structural", "scales=part"},
        {"yhat_from", "stream=joint", "stream!joint", "stream=joint+bone"},
    };
    const zoo_model_type *type = zoo_model_type_find(NULL, "symgnn");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const zoo_setting *s = zoo_setting_find(type->options, rows[i][0]);
        union {
            unsigned char bytes[ZOO_CONFIG_MAX];
            double align;
        } c;
        size_t n = 0;
        memset(&c, 0, sizeof c);
        ck_assert_int_eq(zoo_settings_default(type->options, &c, NULL), GOP_OK);
        ck_assert_int_eq(zoo_settings_apply(type->options, &c, "", rows[i][1], NULL), GOP_OK);
        const char *unmet = zoo_setting_unmet(type->options, s, &c, &n);
        ck_assert_msg(unmet != NULL && n == strlen(rows[i][2]) && !memcmp(unmet, rows[i][2], n),
                      "%s: %s", s->key, unmet != NULL ? unmet : "all are met");
        ck_assert_int_eq(zoo_settings_apply(type->options, &c, "", rows[i][3], NULL), GOP_OK);
        unmet = zoo_setting_unmet(type->options, s, &c, &n);
        ck_assert_msg(unmet == NULL, "%s: %s", s->key, unmet);
    }
}
END_TEST

/* A condition names a setting of its table and one of its values. */
START_TEST(conditions_name_settings)
{
    for (const zoo_model_type *const *t = zoo_model_types(); *t != NULL; t++)
        for (const zoo_setting *s = (*t)->options; s->key != NULL; s++) {
            char needs[512], scratch[ZOO_CONFIG_MAX];
            snprintf(needs, sizeof needs, "%s", s->needs != NULL ? s->needs : "");
            memset(scratch, 0, sizeof scratch);
            for (char *one = strtok(needs, " |"); one != NULL; one = strtok(NULL, " |")) {
                char *value = one + strcspn(one, "=!");
                const bool any = *value == '\0';
                *value = '\0';
                ck_assert_msg(zoo_setting_find((*t)->options, one) != NULL, "%s: %s", s->key, one);
                ck_assert_msg(any || zoo_settings_set((*t)->options, scratch, "", one, value + 1,
                                                      NULL) == GOP_OK,
                              "%s: %s", s->key, one);
            }
        }
}
END_TEST

START_TEST(nothing)
{
    char text[8] = "abc";
    values v = defaults();
    zoo_training_count_epochs(NULL, 3);
    ck_assert_ptr_null(zoo_setting_find(NULL, "count"));
    ck_assert_ptr_null(zoo_setting_find(table, NULL));
    ck_assert_ptr_null(zoo_setting_find(table, "coun"));
    zoo_setting_get(NULL, &v, text, sizeof text);
    ck_assert_str_eq(text, "");
    zoo_setting_get(table, NULL, text, sizeof text);
    zoo_setting_get(table, &v, NULL, 8);
    zoo_setting_get(table, &v, text, 0);
    zoo_setting_takes(NULL, text, sizeof text);
    ck_assert_str_eq(text, "");
    zoo_setting_takes(table, NULL, 8);
    ck_assert_ptr_null(zoo_setting_unmet(table, NULL, &v, NULL));
    ck_assert_ptr_null(zoo_setting_unmet(NULL, table, NULL, NULL));
    ck_assert_int_eq(recorded(zoo_settings_default(NULL, &v, &err), &err), GOP_EINVAL);
    ck_assert_int_eq(recorded(zoo_settings_default(table, NULL, &err), &err), GOP_EINVAL);
    ck_assert_int_eq(recorded(zoo_settings_set(NULL, &v, "x", "count", "1", &err), &err),
                     GOP_EINVAL);
    ck_assert_int_eq(recorded(zoo_settings_set(table, NULL, "x", "count", "1", &err), &err),
                     GOP_EINVAL);
    ck_assert_int_eq(recorded(zoo_settings_set(table, &v, NULL, "count", "1", &err), &err),
                     GOP_EINVAL);
    ck_assert_int_eq(recorded(zoo_settings_set(table, &v, "x", NULL, "1", &err), &err), GOP_EINVAL);
    ck_assert_int_eq(recorded(zoo_settings_set(table, &v, "x", "count", NULL, &err), &err),
                     GOP_EINVAL);
    ck_assert_int_eq(recorded(zoo_settings_apply(NULL, &v, "x", "count=1", &err), &err),
                     GOP_EINVAL);
    ck_assert_int_eq(recorded(zoo_settings_apply(table, NULL, "x", "count=1", &err), &err),
                     GOP_EINVAL);
    ck_assert_int_eq(recorded(zoo_settings_apply(table, &v, NULL, "count=1", &err), &err),
                     GOP_EINVAL);
    ck_assert_int_eq(recorded(zoo_settings_apply(table, &v, "x", NULL, &err), &err), GOP_EINVAL);
    ck_assert_int_eq(recorded(zoo_settings_check(NULL, &v, &err), &err), GOP_EINVAL);
    ck_assert_int_eq(recorded(zoo_settings_check(table, NULL, &err), &err), GOP_EINVAL);
    ck_assert_ptr_null(zoo_settings_difference(NULL, &v, &v, NULL));
    ck_assert_ptr_null(zoo_settings_difference(table, NULL, &v, NULL));
    ck_assert_ptr_null(zoo_settings_difference(table, &v, NULL, NULL));
    ck_assert_uint_eq(zoo_edit_distance(NULL, "a"), SIZE_MAX);
}
END_TEST

TEST_MAIN("settings")
{
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
    tcase_add_test(t, texts_come_back);
    tcase_add_test(t, sentences_say_what_is_taken);
    tcase_add_test(t, several_at_once);
    tcase_add_test(t, values_out_of_range);
    tcase_add_test(t, a_locale_does_not_matter);
    tcase_add_test(t, files_hold_what_is_set);
    tcase_add_test(t, files_in_any_order);
    tcase_add_test(t, files_of_another_version);
    tcase_add_test(t, a_model_observes_frames);
    tcase_add_test(t, a_type_needs_no_checks);
    tcase_add_test(t, recipes_are_runs);
    tcase_add_test(t, settings_that_need_another);
    tcase_add_test(t, conditions);
    tcase_add_test(t, conditions_name_settings);
    tcase_add_test(t, nothing);
}
