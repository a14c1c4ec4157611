/*
 * options.c: parses a command line by a verb's table and prints its --help.
 * Writes to stdout (help) and, through fail.c, to stderr only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "options.h"

#include <stdio.h>
#include <string.h>

#include "number.h"
#include "output.h"
#include "report.h"
#include "zoo/zoo.h"

/* Options of a verb, bytes of a setting's name, words to choose from, at most. */
enum { MOST = 96, NAME = 32, WORDS = 16 };

static const app_option help_option = {
    .name = "help", .letter = 'h', .kind = APP_FLAG, .help = "Print this text and exit."};

/* --------------------------------------------------------------------- help */

typedef struct setting_words {
    char text[128];
    const char *word[WORDS + 1];
} setting_words;

char *app_option_name(char *buf, size_t size, const char *key)
{
    snprintf(buf, size, "%s", key);
    for (char *c = buf; *c; c++)
        *c = *c == '_' ? '-' : *c;
    return buf;
}

static const zoo_setting *find_setting(const char *name)
{
    char option[NAME];

    for (const zoo_setting *s = zoo_training_settings(); s->key; s++) {
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

/* The choices of a setting, as an option's are; NULL where it has none. */
static const char *const *setting_choices(setting_words *w, const zoo_setting *s)
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

/* What --help calls a setting's value. */
static const char *setting_value(const zoo_setting *s)
{
    return s->kind == ZOO_SETTING_NUMBER   ? "X"
           : s->kind == ZOO_SETTING_CHOICE ? "NAME"
           : s->kind == ZOO_SETTING_MIXED  ? "HOW"
           : s->kind == ZOO_SETTING_TEXT   ? "NAMES"
                                           : "N";
}

/* A verb's options with --help, and each setting in a row of its own. */
typedef struct option_table {
    app_option option[MOST + 1]; /* ends with a NULL name */
    char name[MOST][NAME];       /* of settings */
} option_table;

static bool named(const app_usage *usage, const char *name)
{
    for (const app_option *o = usage->options; o->name; o++) {
        if (strcmp(o->name, name) == 0)
            return true;
    }
    return false;
}

static void add_setting(option_table *t, size_t *n, const app_option *row, const zoo_setting *s)
{
    app_option *o = &t->option[*n];

    if (*n == MOST)
        return;
    *o = *row;
    app_option_name(t->name[*n], sizeof t->name[*n], s->key);
    o->name = t->name[*n];
    o->value = o->value ? o->value : setting_value(s);
    o->help = o->help ? o->help : s->text;
    ++*n;
}

static void make_table(option_table *t, const app_usage *usage)
{
    size_t n = 0;

    memset(t, 0, sizeof *t);
    for (const app_option *o = usage->options; o->name && n < MOST; o++) {
        if (o->kind != APP_SETTING) {
            t->option[n++] = *o;
        } else if (strcmp(o->name, "*")) {
            add_setting(t, &n, o, find_setting(o->name));
        } else {
            for (const zoo_setting *s = zoo_training_settings(); s->key; s++) {
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

/* The i-th name that "{what}" in a text stands for, or NULL. */
static const char *name_at(const char *what, size_t i)
{
    if (strcmp(what, "models") == 0)
        return zoo_model_types()[i] ? zoo_model_types()[i]->name : NULL;
    if (strcmp(what, "protocols") == 0)
        return zoo_protocol_list()[i].name;
    return NULL;
}

/* A text with "a, b or c" in place of "{what}". */
static void expand(char *text, size_t size, const char *from)
{
    size_t used = 0;

    while (*from && used < size) {
        char what[16];
        size_t plain = strcspn(from, "{");
        used += (size_t)snprintf(text + used, size - used, "%.*s", (int)plain, from);
        from += plain;
        if (sscanf(from, "{%15[a-z]}", what) != 1)
            break;
        for (size_t i = 0; name_at(what, i) && used < size; i++)
            used += (size_t)snprintf(text + used, size - used, "%s%s",
                                     i == 0                 ? ""
                                     : name_at(what, i + 1) ? ", "
                                                            : " or ",
                                     name_at(what, i));
        from += strlen(what) + 2;
    }
}

static void print_option(const app_option *o)
{
    enum { COLUMN = 28 };
    char text[2048];
    setting_words words;
    const char *const *choices = o->kind == APP_SETTING
                                     ? setting_choices(&words, find_setting(o->name))
                                     : o->choices;
    int at = o->letter ? printf("  -%c, --%s", o->letter, o->name) : printf("      --%s", o->name);

    if (o->value)
        at += printf(" %s", o->value);
    if (at > COLUMN - 2) {
        putchar('\n');
        at = 0;
    }
    printf("%*s", COLUMN - at, "");
    expand(text, sizeof text, o->help);
    size_t used = strlen(text);
    for (const char *const *c = choices; c && *c && used < sizeof text; c++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s%s",
                                 c == choices ? " One of " : ", ", *c, c[1] ? "" : ".");
    report_paragraph(stdout, text, COLUMN, COLUMN);
}

static void print_summary(const char *summary)
{
    char text[2048];
    expand(text, sizeof text, summary);
    report_paragraph(stdout, text, 0, 0);
}

static void print_help(const app_usage *usage, const app_option *options)
{
    printf("Usage: graphop%s%s %s\n", *usage->verb ? " " : "", usage->verb, usage->synopsis);
    print_summary(usage->summary);
    printf("\nOptions:\n");
    for (const app_option *o = options; o->name; o++)
        print_option(o);
}

/* ------------------------------------------------------------------ parsing */

/* The option called `name` (length n): in full, or by a beginning that no
 * other has.  NULL with *ambiguous set when several begin so. */
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
    return o->name == help_option.name;
}

static int fail_unknown_option(const app_usage *usage, const app_option *options, const char *name,
                               size_t n)
{
    const char *words[MOST + 1];
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
    return app_fail(usage, APP_USE, "unknown option '--%s'; 'graphop%s%s --help' lists them", typed,
                    *usage->verb ? " " : "", usage->verb);
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

/* A setting is checked as it is read; it is set where the others are known. */
static int set_setting(const app_usage *usage, const app_option *o, app_given *given,
                       const char *text)
{
    const zoo_setting *table = zoo_training_settings(), *s = find_setting(o->name);
    zoo_training scratch = zoo_training_default();
    setting_words words;
    char takes[ZOO_VALUE_SIZE];

    if (!*text || zoo_settings_set(table, &scratch, "", s->key, text, NULL)) {
        if (setting_choices(&words, s))
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
    case APP_OUT_LAYOUT:
    case APP_OUT_DRAWING:
    case APP_OUT_CONFUSION:
    case APP_OUT_LOG:
    case APP_OUT_SAME:
        if (app_is_output(o->kind) && strcmp(text, "-") == 0)
            return app_fail(usage, APP_USE,
                            "--%s does not write to standard output; ./- is a file called -",
                            o->name);
        if (!*text)
            return app_fail(usage, APP_USE, "--%s is given an empty value", o->name);
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
    case APP_SETTING:
        return set_setting(usage, o, to, text);
    }
    return APP_OK;
}

/* One argument "--name[=value]" at argv[*i]. */
static int parse_long(const app_usage *usage, const app_option *options, void *settings, int argc,
                      char **argv, int *i, bool *help)
{
    const char *name = argv[*i] + 2;
    size_t n = strcspn(name, "=");
    const char *value = name[n] ? name + n + 1 : NULL;
    bool ambiguous;
    const app_option *o = find_long(options, name, n, &ambiguous);

    if (ambiguous)
        return app_fail(usage, APP_USE, "option '--%.*s' could be several; write it out", (int)n,
                        name);
    if (!o)
        return fail_unknown_option(usage, options, name, n);
    if (o->kind == APP_FLAG) {
        if (value)
            return app_fail(usage, APP_USE, "--%s takes no value", o->name);
        if (is_help(o))
            *help = true;
        else
            return set_value(usage, o, settings, NULL);
        return APP_OK;
    }
    if (!value) {
        if (*i + 1 >= argc)
            return app_fail(usage, APP_USE, "--%s needs a value (%s)", o->name, o->value);
        value = argv[++*i];
    }
    return set_value(usage, o, settings, value);
}

/* One argument "-abc" at argv[*i]: flags, the last of which may take a value. */
static int parse_short(const app_usage *usage, const app_option *options, void *settings, int argc,
                       char **argv, int *i, bool *help)
{
    for (const char *c = argv[*i] + 1; *c; c++) {
        const app_option *o = find_short(options, *c);
        if (!o)
            return app_fail(usage, APP_USE, "unknown option '-%c'; 'graphop%s%s --help' lists them",
                            *c, *usage->verb ? " " : "", usage->verb);
        if (is_help(o)) {
            *help = true;
        } else if (o->kind == APP_FLAG) {
            set_value(usage, o, settings, NULL);
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

    make_table(&table, usage);

    /* Operands move to the front of argv, over what was parsed before them. */
    operands->item = argv + 1;
    operands->count = 0;
    for (int i = 1; i < argc && status == APP_OK && !help; i++) {
        char *arg = argv[i];
        if (!only_operands && strcmp(arg, "--") == 0)
            only_operands = true;
        else if (!only_operands && strncmp(arg, "--", 2) == 0)
            status = parse_long(usage, table.option, settings, argc, argv, &i, &help);
        else if (!only_operands && arg[0] == '-' && arg[1])
            status = parse_short(usage, table.option, settings, argc, argv, &i, &help);
        else if (operands->count == usage->max_operands)
            status = app_fail(usage, APP_USE, "one argument too many: '%.64s'", arg);
        else
            operands->item[operands->count++] = arg;
    }
    if (status == APP_OK && help)
        print_help(usage, table.option);
    else if (status == APP_OK)
        status = check_complete(usage, settings, operands->count);
    if (status == APP_OK && !help)
        status = app_check_outputs(usage, settings, operands);
    operands->status = status;
    return help || status != APP_OK;
}

int app_parse_status(const app_operands *operands)
{
    return operands->status;
}
