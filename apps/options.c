/*
 * options.c: parses a command line with a verb's table. Writes to stdout and stderr only through
 * option_help.c and fail.c.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "options.h"

#include <stdio.h>
#include <string.h>

#include "number.h"
#include "option_help.h"
#include "output.h"
#include "plugins.h"

/* Finds an option by its name (length n) or by an unambiguous beginning of it.  Returns NULL and
 * sets *ambiguous if several options begin with it. */
static const app_option *find_long(const app_option *options, const char *name, size_t n,
                                   bool *ambiguous)
{
    const app_option *found = NULL;

    *ambiguous = false;
    for (const app_option *o = options; o->name; o++) {
        if (strncmp(o->name, name, n) != 0)
            continue;
        if (strlen(o->name) == n) {
            *ambiguous = false;
            return o;
        }
        *ambiguous = found != NULL;
        found = o;
    }
    return *ambiguous ? NULL : found;
}

static const app_option *find_short(const app_option *options, char letter)
{
    for (const app_option *o = options; o->name; o++) {
        if (o->letter == letter)
            return o;
    }
    return NULL;
}

static bool is_help(const app_option *o)
{
    return strcmp(o->name, "help") == 0;
}

static int fail_unknown_option(const app_usage *usage, const app_option *options, const char *name,
                               size_t n)
{
    const char *words[OPTION_MOST + 1];
    char typed[64];
    size_t count = 0;

    for (const app_option *o = options; o->name; o++)
        words[count++] = o->name;
    words[count] = NULL;
    snprintf(typed, sizeof typed, "%.*s", n < 60 ? (int)n : 60, name);
    const char *nearest = app_nearest(typed, words);
    if (nearest)
        return app_fail(usage, APP_USE, "unknown option '--%s'; did you mean '--%s'?", typed,
                        nearest);
    return app_fail(usage, APP_USE,
                    "unknown option '--%s'; 'graphop%s%s --help' lists the "
                    "options",
                    typed, *usage->verb ? " " : "", usage->verb);
}

static int fail_range(const app_usage *usage, const app_option *o, const char *text,
                      const char *kind)
{
    return app_fail(usage, APP_USE, "--%s takes %s from %.10g to %.10g, not '%.64s'", o->name, kind,
                    o->min, o->max, text);
}

static int set_pair(const app_usage *usage, const app_option *o, app_pairs *pairs, const char *text)
{
    const char *equal = strchr(text, '=');

    if (!equal || equal == text)
        return app_fail(usage, APP_USE, "--%s takes key=value, not '%.64s'", o->name, text);
    size_t length = (size_t)(equal - text);
    if (length >= sizeof pairs->item[0].key)
        return app_fail(usage, APP_USE, "--%s: the key '%.32s...' is too long", o->name, text);
    if (pairs->count == APP_MAX_PAIRS)
        return app_fail(usage, APP_USE, "--%s is given more than %d times", o->name, APP_MAX_PAIRS);
    memcpy(pairs->item[pairs->count].key, text, length);
    pairs->item[pairs->count].key[length] = '\0';
    pairs->item[pairs->count++].value = equal + 1;
    return APP_OK;
}

static int add_plugin(const app_usage *usage, const app_option *o, app_plugins *plugins,
                      const char *path)
{
    if (!*path)
        return app_fail(usage, APP_USE, "--%s: the value is empty", o->name);
    if (plugins->count == APP_MAX_PLUGINS)
        return app_fail(usage, APP_USE, "--%s is given more than %d times", o->name,
                        APP_MAX_PLUGINS);
    plugins->path[plugins->count++] = path;
    return APP_OK;
}

/* Whether the value is ZOO_OPEN, which only --time may set. */
static bool is_open(const zoo_setting *s, const void *values)
{
    uint64_t steps = 0;

    if (s->kind == ZOO_SETTING_STEPS)
        memcpy(&steps, (const char *)values + s->offset, sizeof steps);
    return steps == ZOO_OPEN;
}

/* Checks a setting and stores its text.  The verb sets it later, over the recipe and defaults. */
static int set_setting(const app_usage *usage, const app_option *o, app_given *given,
                       const char *text)
{
    const zoo_setting *table = option_settings(o->kind), *s = option_setting(o->kind, o->name);
    union {
        zoo_training training;
        zoo_stream_options stream;
    } scratch;
    setting_words words;
    char takes[ZOO_VALUE_SIZE];

    memset(&scratch, 0, sizeof scratch);
    if (!*text && s->kind == ZOO_SETTING_TEXT)
        return app_fail(usage, APP_USE, "--%s: the value is empty", o->name);
    if (!*text || zoo_settings_set(table, &scratch, "", s->key, text, NULL) ||
        is_open(s, &scratch)) {
        if (option_choices(&words, s))
            return app_fail_unknown(usage, o->name, text, words.word);
        zoo_setting_takes(s, takes, sizeof takes);
        return app_fail(usage, APP_USE, "--%s takes %s, not '%.64s'", o->name, takes, text);
    }
    given->text[s - table] = text;
    return APP_OK;
}

static int set_value(const app_usage *usage, const app_option *o, void *settings, const char *text)
{
    void *to = (char *)settings + o->offset;
    double real;

    switch (o->kind) {
    case APP_FLAG:
        *(bool *)to = true;
        return APP_OK;
    case APP_TEXT:
    case APP_INPUT:
    case APP_OUT_DATASET:
    case APP_OUT_MODEL:
    case APP_OUT_RUN:
    case APP_OUT_LAYOUT:
    case APP_OUT_DRAWING:
    case APP_OUT_CONFUSION:
    case APP_OUT_SCORES:
    case APP_OUT_LOG:
    case APP_OUT_SAME:
        if (app_is_output(o->kind) && strcmp(text, "-") == 0)
            return app_fail(usage, APP_USE,
                            "--%s cannot write to standard output; for a file named -, use ./-",
                            o->name);
        if (!*text)
            return app_fail(usage, APP_USE, "--%s: the value is empty", o->name);
        *(const char **)to = text;
        return APP_OK;
    case APP_COUNT:
        if (!app_count(to, text) || (double)*(uint64_t *)to < o->min ||
            (double)*(uint64_t *)to > o->max)
            return fail_range(usage, o, text, "a whole number");
        return APP_OK;
    case APP_REAL:
        if (!app_real(&real, text) || real < o->min || real > o->max)
            return fail_range(usage, o, text, "a number");
        *(double *)to = real;
        return APP_OK;
    case APP_SECONDS:
        if (!app_seconds(&real, text) || real < o->min || real > o->max)
            return fail_range(usage, o, text, "a time such as 90s, 20m or 1.5h, in seconds");
        *(double *)to = real;
        return APP_OK;
    case APP_CHOICE:
        for (int i = 0; o->choices[i]; i++) {
            if (strcmp(o->choices[i], text) == 0) {
                *(int *)to = i;
                return APP_OK;
            }
        }
        return app_fail_unknown(usage, o->name, text, o->choices);
    case APP_PAIRS:
        return set_pair(usage, o, to, text);
    case APP_PLUGINS:
        return add_plugin(usage, o, to, text);
    case APP_SETTING:
    case APP_STREAM_SETTING:
        return set_setting(usage, o, to, text);
    }
    return APP_OK;
}

/* Parses "--name[=value]" at argv[*i]; given[k] becomes true for row k. */
static int parse_long(const app_usage *usage, const app_option *options, void *settings, int argc,
                      char **argv, int *i, bool *help, bool *given)
{
    const char *name = argv[*i] + 2;
    size_t n = strcspn(name, "=");
    const char *value = name[n] ? name + n + 1 : NULL;
    bool ambiguous;
    const app_option *o = find_long(options, name, n, &ambiguous);

    if (ambiguous)
        return app_fail(usage, APP_USE, "option '--%.*s' is ambiguous; write it in full", (int)n,
                        name);
    if (!o)
        return fail_unknown_option(usage, options, name, n);
    given[o - options] = true;
    if (o->kind == APP_FLAG) {
        if (value)
            return app_fail(usage, APP_USE, "--%s takes no value", o->name);
        if (is_help(o))
            *help = true;
        else
            return set_value(usage, o, settings, "");
        return APP_OK;
    }
    if (!value) {
        if (*i + 1 >= argc)
            return app_fail(usage, APP_USE, "--%s needs a value (%s)", o->name, o->value);
        value = argv[++*i];
    }
    return set_value(usage, o, settings, value);
}

/* Parses "-abc" at argv[*i]: flags, and last possibly an option with a value. */
static int parse_short(const app_usage *usage, const app_option *options, void *settings, int argc,
                       char **argv, int *i, bool *help, bool *given)
{
    for (const char *c = argv[*i] + 1; *c; c++) {
        const app_option *o = find_short(options, *c);
        if (!o)
            return app_fail(usage, APP_USE,
                            "unknown option '-%c'; 'graphop%s%s --help' lists the "
                            "options",
                            *c, *usage->verb ? " " : "", usage->verb);
        given[o - options] = true;
        if (is_help(o)) {
            *help = true;
        } else if (o->kind == APP_FLAG) {
            set_value(usage, o, settings, "");
        } else {
            const char *value = c + 1;
            if (!*value) {
                if (*i + 1 >= argc)
                    return app_fail(usage, APP_USE, "-%c needs a value (%s)", *c, o->value);
                value = argv[++*i];
            }
            return set_value(usage, o, settings, value);
        }
    }
    return APP_OK;
}

/* What a command line has: the rows of its table that are given, their values, its operands. */
typedef struct command {
    const app_option *options;
    const bool *given;
    const void *settings;
    const app_operands *operands;
} command;

/* Whether option `o` is given; with a word [n], as that choice. */
static bool is_given(const command *c, const app_option *o, const char *word, size_t n)
{
    if (!c->given[o - c->options] || !word)
        return c->given[o - c->options];
    const void *at = (const char *)c->settings + o->offset;
    const char *choice = o->choices[*(const int *)at];
    return strlen(choice) == n && strncmp(choice, word, n) == 0;
}

/* Whether the command has what one word [n] of a condition of option `own` names; writes how it is
 * typed to `text`. */
static bool command_has(const command *c, const app_option *own, const char *what, size_t n,
                        char *text, size_t size)
{
    const size_t k = strcspn(what, "= |") < n ? strcspn(what, "= |") : n;
    const char *word = k < n ? what + k + 1 : NULL;
    const size_t length = word ? n - k - 1 : 0;

    for (const app_option *o = c->options; o->name; o++) {
        const bool any = *what == '*';
        if (any ? o == own || o->kind == APP_PLUGINS || !is_given(c, o, NULL, 0)
                : strlen(o->name) != k || strncmp(o->name, what, k) != 0)
            continue;
        snprintf(text, size, "--%s%s%.*s", o->name, word ? " " : "", (int)length, word ? word : "");
        return is_given(c, o, word, length);
    }
    snprintf(text, size, "%.*s", (int)n, what);
    if (*what >= 'A' && *what <= 'Z')
        return c->operands->count > 0;
    return c->operands->count > 0 && strlen(c->operands->item[0]) == n &&
           strncmp(c->operands->item[0], what, n) == 0;
}

/* Checks one condition of an option that is given. */
static int check_condition(const app_usage *usage, const command *c, const app_option *o,
                           const char *condition, size_t n)
{
    char list[128] = "", text[64];
    size_t used = 0;

    if (*condition == '!')
        return command_has(c, o, condition + 1, n - 1, text, sizeof text)
                   ? app_fail(usage, APP_USE, "--%s cannot be used with %s", o->name, text)
                   : APP_OK;
    for (size_t at = 0; at < n && used < sizeof list; at++) {
        const size_t k = strcspn(condition + at, "| ");
        if (command_has(c, o, condition + at, k, text, sizeof text))
            return APP_OK;
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", used ? " or " : "", text);
        at += k;
    }
    return app_fail(usage, APP_USE, "--%s needs %s", o->name, list);
}

/* Checks that each option that is given has an effect. */
static int check_needs(const app_usage *usage, const command *c)
{
    for (const app_option *o = c->options; o->name; o++) {
        const char *needs = c->given[o - c->options] && o->needs ? o->needs : "";
        while (*needs) {
            const size_t n = strcspn(needs, " ");
            int status = check_condition(usage, c, o, needs, n);
            if (status != APP_OK)
                return status;
            needs += n;
            needs += strspn(needs, " ");
        }
    }
    return APP_OK;
}

static int check_complete(const app_usage *usage, const void *settings, size_t operands)
{
    for (const app_option *o = usage->options; o->name; o++) {
        const void *at = (const char *)settings + o->offset;
        if (o->required && !*(const char *const *)at)
            return app_fail(usage, APP_USE, "--%s %s is missing", o->name, o->value);
    }
    if (operands < usage->min_operands)
        return app_fail(usage, APP_USE, "too few arguments; usage: graphop%s%s %s",
                        *usage->verb ? " " : "", usage->verb, usage->synopsis);
    return APP_OK;
}

bool app_parse(const app_usage *usage, void *settings, int argc, char **argv,
               app_operands *operands)
{
    bool help = false, only_operands = false;
    int status = APP_OK;
    option_table table;
    bool given[OPTION_MOST + 1] = {false};

    option_table_make(&table, usage);

    /* Operands move to the front of argv, over arguments that are already parsed. */
    operands->item = argv + 1;
    operands->count = 0;
    for (int i = 1; i < argc && status == APP_OK && !help; i++) {
        char *arg = argv[i];
        if (!only_operands && strcmp(arg, "--") == 0)
            only_operands = true;
        else if (!only_operands && strncmp(arg, "--", 2) == 0)
            status = parse_long(usage, table.option, settings, argc, argv, &i, &help, given);
        else if (!only_operands && arg[0] == '-' && arg[1])
            status = parse_short(usage, table.option, settings, argc, argv, &i, &help, given);
        else if (operands->count == usage->max_operands)
            status = app_fail(usage, APP_USE, "unexpected argument '%.64s'", arg);
        else
            operands->item[operands->count++] = arg;
    }
    if (status == APP_OK && help)
        option_help(usage, table.option);
    else if (status == APP_OK)
        status = check_complete(usage, settings, operands->count);
    if (status == APP_OK && !help)
        status = check_needs(usage, &(command){table.option, given, settings, operands});
    if (status == APP_OK && !help)
        status = app_check_outputs(usage, settings, operands);
    if (status == APP_OK && !help)
        status = app_load_plugins(usage, settings);
    operands->status = status;
    return help || status != APP_OK;
}

int app_parse_status(const app_operands *operands)
{
    return operands->status;
}
