/*
 * import_configure.c: the configuration of a model that the shapes of a file's tensors show, by the
 * rules of a table.  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdio.h>
#include <string.h>

#include "zoo/weights/import_parts.h"

typedef struct rules {
    zoo_model *model;
    const zoo_import *table;
    const zoo_weights *w;
    gop_error *err;
} rules;

/* The tensor of a name with these numbers, counted from 0; NULL without it. */
static const zoo_weight *find_at(const rules *r, const char *pattern, zoo_numbers at)
{
    char name[ZOO_WEIGHT_NAME];
    if (!zoo_import_name(name, sizeof name, pattern, &at, "", r->table))
        return NULL;
    return zoo_weights_at(r->w, zoo_weights_find(r->w, name));
}

/* Likewise, of a name with one number. */
static const zoo_weight *find(const rules *r, const char *pattern, unsigned long block)
{
    return find_at(r, pattern, (zoo_numbers){block, block});
}

/* The size of an axis, or 0. */
static uint64_t size_of(const rules *r, const char *pattern, size_t axis, unsigned long block)
{
    const zoo_weight *t = find(r, pattern, block);
    return t != NULL && axis < t->rank && t->shape[axis] <= UINT32_MAX ? t->shape[axis] : 0;
}

/* What a rule gives for a block; 0 if the file does not show it. */
static uint64_t measured(const rules *r, const zoo_import_rule *rule, unsigned long block)
{
    const uint64_t size = size_of(r, rule->theirs, rule->axis, block);
    const uint64_t by = rule->kind == ZOO_IMPORT_RATIO ? size_of(r, rule->by, rule->by_axis, block)
                                                       : 1;
    return by == 0 ? 0 : (size + by / 2) / by;
}

/* The most tensors that a name may count. */
static unsigned long most_blocks(const char *pattern)
{
    return strpbrk(pattern, "#$") != NULL ? ZOO_LIST_MAX : 1;
}

/* Appends a number to a list of texts. */
static void append(char *text, size_t size, uint64_t v)
{
    const size_t used = strlen(text);
    snprintf(text + used, size - used, "%s%llu", used > 0 ? "," : "", (unsigned long long)v);
}

static void measure(char *text, size_t size, const rules *r, const zoo_import_rule *rule,
                    const zoo_setting *option)
{
    const unsigned long most = most_blocks(rule->theirs);
    for (unsigned long b = 0; b < most; b++) {
        const uint64_t v = measured(r, rule, b);
        if (v == 0 && option->kind == ZOO_SETTING_LIST)
            return;
        if (v == 0)
            continue;
        append(text, size, v);
        if (option->kind != ZOO_SETTING_LIST)
            return;
    }
}

/* The number of blocks from the first on, and of a list for each $; nothing if there are none. */
static void count_blocks(char *text, size_t size, const rules *r, const char *pattern,
                         const zoo_setting *option)
{
    const bool list = option->kind == ZOO_SETTING_LIST;
    for (unsigned long k = 0; k < (list ? ZOO_LIST_MAX : 1); k++) {
        zoo_numbers at = {0, k};
        while ((double)at.block < option->high && find_at(r, pattern, at) != NULL)
            at.block++;
        if (at.block == 0)
            return;
        append(text, size, at.block);
    }
}

static bool present(const rules *r, const char *pattern)
{
    for (unsigned long b = 0; b < most_blocks(pattern); b++)
        if (find(r, pattern, b) != NULL)
            return true;
    return false;
}

/* A choice's second word or first, or "0" and "1". */
static void word(char *text, size_t size, const zoo_setting *option, bool second)
{
    if (option->kind != ZOO_SETTING_CHOICE || option->choices == NULL) {
        snprintf(text, size, "%d", second);
        return;
    }
    const char *from = option->choices;
    if (second && strchr(from, '|') != NULL)
        from = strchr(from, '|') + 1;
    snprintf(text, size, "%.*s", (int)strcspn(from, "|"), from);
}

/* Strides by the widths that were set before. */
static void stride(char *text, size_t size, const rules *r, const char *pattern)
{
    const zoo_setting *o = zoo_setting_find(r->model->type->options, "widths");
    zoo_list widths;
    memcpy(&widths, r->model->config.bytes + o->offset, sizeof widths);
    for (uint32_t b = 0; b < widths.n; b++) {
        const bool grows = b > 0 && widths.v[b] > widths.v[b - 1];
        const bool turns = b > 0 && widths.v[b] == widths.v[b - 1] && find(r, pattern, b) != NULL;
        append(text, size, grows || turns ? 2 : 1);
    }
}

/* The choices behind the second, which a tensor's presence does not tell apart from it; or NULL. */
static const char *further(const zoo_setting *option)
{
    const char *more = option->choices == NULL ? NULL : strchr(option->choices, '|');
    more = more == NULL ? NULL : strchr(more + 1, '|');
    return more == NULL ? NULL : more + 1;
}

static gop_status set(const rules *r, const zoo_import_rule *rule, zoo_texts *assumed)
{
    char text[ZOO_VALUE_SIZE] = "";
    const zoo_setting *o = zoo_setting_find(r->model->type->options, rule->option);
    switch (rule->kind) {
    case ZOO_IMPORT_SIZE:
    case ZOO_IMPORT_RATIO:
        measure(text, sizeof text, r, rule, o);
        break;
    case ZOO_IMPORT_BLOCKS:
        count_blocks(text, sizeof text, r, rule->theirs, o);
        break;
    case ZOO_IMPORT_PRESENT:
        word(text, sizeof text, o, present(r, rule->theirs));
        break;
    case ZOO_IMPORT_STRIDES:
        stride(text, sizeof text, r, rule->theirs);
        break;
    case ZOO_IMPORT_VALUE:
        snprintf(text, sizeof text, "%s", rule->theirs);
        break;
    }
    if (text[0] == '\0')
        return gop_fail(r->err, GOP_EFORMAT,
                        "no tensor %s gives option %s of %s; the weights are those of another "
                        "network",
                        rule->theirs, rule->option, r->model->type->name);
    if (rule->kind == ZOO_IMPORT_STRIDES)
        gop_try(zoo_texts_add(assumed, r->err,
                              "%s=%s: 2 where a width grows; --set %s=... has others", rule->option,
                              text, rule->option));
    else if (rule->kind == ZOO_IMPORT_PRESENT && further(o) != NULL && present(r, rule->theirs))
        gop_try(zoo_texts_add(assumed, r->err,
                              "%s=%s: a file of %s has the same names and shapes; --set %s=... "
                              "sets it",
                              rule->option, text, further(o), rule->option));
    else if (rule->kind == ZOO_IMPORT_VALUE)
        gop_try(zoo_texts_add(assumed, r->err, "%s=%s: as %s has it", rule->option, text,
                              r->table->name));
    return zoo_model_set(r->model, rule->option, text, r->err);
}

bool zoo_import_given(const char *settings, const char *key)
{
    const size_t n = strlen(key);
    for (const char *p = settings; p != NULL && *p != '\0'; p += strcspn(p, " ")) {
        p += strspn(p, " ");
        if (strncmp(p, key, n) == 0 && p[n] == '=')
            return true;
    }
    return false;
}

bool zoo_import_rules(const zoo_import *table, const char *option)
{
    for (const zoo_import_rule *rule = table->rules; rule->option != NULL; rule++)
        if (strcmp(rule->option, option) == 0)
            return true;
    return false;
}

gop_status zoo_import_configure(zoo_model *model, const zoo_import *table, const zoo_weights *w,
                                const char *settings, zoo_texts *assumed, gop_error *err)
{
    const rules r = {model, table, w, err};
    if (settings != NULL)
        gop_try(zoo_settings_apply(model->type->options, model->config.bytes, model->type->name,
                                   settings, err));
    for (const zoo_import_rule *rule = table->rules; rule->option != NULL; rule++)
        if (!zoo_import_given(settings, rule->option))
            gop_try(set(&r, rule, assumed));
    for (const char *const *a = table->assumes; a != NULL && *a != NULL; a++)
        gop_try(zoo_texts_add(assumed, err, "%s", *a));
    return GOP_OK;
}
