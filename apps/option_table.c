/*
 * option_table.c: expands a verb's table with one row for each setting that it refers to.
 * Touches only its arguments.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "option_table.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { MOST = OPTION_MOST, NAME = OPTION_NAME, WORDS = OPTION_WORDS };

static const app_option help_option = {
    .name = "help", .letter = 'h', .kind = APP_FLAG, .help = "Print this text and exit."};

char *app_option_name(char *buf, size_t size, const char *key)
{
    snprintf(buf, size, "%s", key);
    for (char *c = buf; *c; c++)
        *c = *c == '_' ? '-' : *c;
    return buf;
}

char *option_condition(char *buf, size_t size, const char *condition, size_t n, bool typed)
{
    char key[NAME], last[NAME] = "", name[NAME];
    size_t used = 0;

    for (size_t at = 0; at < n && used < size; at++) {
        const char *word = condition + at;
        const size_t length = strcspn(word, "| "), k = strcspn(word, "=!| ");
        snprintf(key, sizeof key, "%.*s", (int)k, word);
        const bool again = strcmp(key, last) == 0;
        const char *shown = again ? "" : typed ? app_option_name(name, sizeof name, key) : key;
        used += (size_t)snprintf(buf + used, size - used, "%s%s%s%s%.*s", at ? " or " : "",
                                 typed && !again && islower((unsigned char)*key) ? "--" : "", shown,
                                 word[k] == '!'         ? " other than "
                                 : again || k == length ? ""
                                 : typed                ? " "
                                                        : "=",
                                 k < length ? (int)(length - k - 1) : 0, word + k + 1);
        snprintf(last, sizeof last, "%s", key);
        at += length;
    }
    return buf;
}

void option_add_needs(char *buf, size_t size, const char *needs, bool typed)
{
    char text[OPTION_HELP];
    const char *before = typed ? "  Needs " : ".  Needs ";
    size_t used = strlen(buf);

    while (needs && *needs && used < size) {
        const size_t n = strcspn(needs, " ");
        if (*needs != '!') {
            used += (size_t)snprintf(buf + used, size - used, "%s%s", before,
                                     option_condition(text, sizeof text, needs, n, typed));
            before = ", and ";
        }
        needs += n;
        needs += strspn(needs, " ");
    }
    if (*before == ',' && used < size)
        snprintf(buf + used, size - used, ".");
}

const zoo_setting *option_settings(app_kind kind)
{
    return kind == APP_SETTING          ? zoo_training_settings()
           : kind == APP_STREAM_SETTING ? zoo_stream_settings()
                                        : NULL;
}

const zoo_setting *option_setting(app_kind kind, const char *name)
{
    char option[NAME];

    for (const zoo_setting *s = option_settings(kind); s && s->key; s++) {
        app_option_name(option, sizeof option, s->key);
        if (strcmp(option, name) == 0)
            return s;
    }
    return NULL;
}

const char *app_given_text(const app_given *given, const char *key)
{
    const zoo_setting *table = zoo_training_settings(), *s = zoo_setting_find(table, key);

    return s ? given->text[s - table] : NULL;
}

gop_status app_given_apply(const app_given *given, const zoo_setting *table, void *values,
                           gop_error *err)
{
    for (const zoo_setting *s = table; s->key; s++) {
        const char *text = given->text[s - table];
        if (text)
            gop_try(zoo_settings_set(table, values, "", s->key, text, err));
    }
    return GOP_OK;
}

const char *const *option_choices(setting_words *w, const zoo_setting *s)
{
    size_t n = 0;

    if (s->kind != ZOO_SETTING_CHOICE)
        return NULL;
    snprintf(w->text, sizeof w->text, "%s", s->choices);
    for (char *c = strtok(w->text, "|"); c && n < WORDS; c = strtok(NULL, "|"))
        w->word[n++] = c;
    w->word[n] = NULL;
    return w->word;
}

/* The name of a setting's value in --help. */
static const char *setting_value(const zoo_setting *s)
{
    return s->kind == ZOO_SETTING_NUMBER   ? "X"
           : s->kind == ZOO_SETTING_CHOICE ? "NAME"
           : s->kind == ZOO_SETTING_MIXED  ? "HOW"
           : s->kind == ZOO_SETTING_TEXT   ? "NAMES"
                                           : "N";
}

static bool named(const app_usage *usage, const char *name)
{
    for (const app_option *o = usage->options; o->name; o++) {
        if (strcmp(o->name, name) == 0)
            return true;
    }
    return false;
}

/* Adds a row whose help ends with what it needs. */
static void add_row(option_table *t, size_t *n, app_option o, const char *needs)
{
    if (*n == MOST)
        return;
    snprintf(t->help[*n], sizeof t->help[*n], "%s", o.help);
    option_add_needs(t->help[*n], sizeof t->help[*n], needs, true);
    o.help = t->help[*n];
    t->option[(*n)++] = o;
}

static void add_setting(option_table *t, size_t *n, const app_option *row, const zoo_setting *s)
{
    app_option o = *row;

    if (*n == MOST)
        return;
    o.name = app_option_name(t->name[*n], sizeof t->name[*n], s->key);
    o.value = o.value ? o.value : setting_value(s);
    o.help = o.help ? o.help : s->text;
    add_row(t, n, o, s->needs);
}

void option_table_make(option_table *t, const app_usage *usage)
{
    size_t n = 0;

    memset(t, 0, sizeof *t);
    for (const app_option *o = usage->options; o->name && n < MOST; o++) {
        if (!option_settings(o->kind)) {
            add_row(t, &n, *o, o->needs);
        } else if (strcmp(o->name, "*")) {
            add_setting(t, &n, o, option_setting(o->kind, o->name));
        } else {
            for (const zoo_setting *s = option_settings(o->kind); s->key; s++) {
                char name[NAME];
                app_option_name(name, sizeof name, s->key);
                if (s->text && !named(usage, name))
                    add_setting(t, &n, o, s);
            }
        }
    }
    if (n < MOST)
        t->option[n] = help_option;
}
