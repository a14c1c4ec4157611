/*
 * option_help.c: prints --help from a verb's table.  Writes to stdout only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "option_help.h"

#include <stdio.h>
#include <string.h>

#include "report.h"

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
                                     ? option_choices(&words, option_setting(o->name))
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

void option_help(const app_usage *usage, const app_option *options)
{
    printf("Usage: graphop%s%s %s\n", *usage->verb ? " " : "", usage->verb, usage->synopsis);
    print_summary(usage->summary);
    printf("\nOptions:\n");
    for (const app_option *o = options; o->name; o++)
        print_option(o);
}
