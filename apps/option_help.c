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
#include "words.h"

static void print_option(const app_option *o)
{
    enum { COLUMN = 28 };
    char text[2048];
    setting_words words;
    const zoo_setting *setting = option_setting(o->kind, o->name);
    const char *const *choices = setting ? option_choices(&words, setting) : o->choices;
    int at = o->letter ? printf("  -%c, --%s", o->letter, o->name) : printf("      --%s", o->name);

    if (o->value)
        at += printf(" %s", o->value);
    if (at > COLUMN - 2) {
        putchar('\n');
        at = 0;
    }
    printf("%*s", COLUMN - at, "");
    words_expand(text, sizeof text, o->help);
    size_t used = strlen(text);
    for (const char *const *c = choices; c && *c && used < sizeof text; c++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s%s",
                                 c == choices ? " One of " : ", ", *c, c[1] ? "" : ".");
    report_paragraph(stdout, text, COLUMN, COLUMN);
}

void option_help(const app_usage *usage, const app_option *options)
{
    char text[2048];

    printf("Usage: graphop%s%s %s\n", *usage->verb ? " " : "", usage->verb, usage->synopsis);
    words_expand(text, sizeof text, usage->summary);
    report_paragraph(stdout, text, 0, 0);
    printf("\nOptions:\n");
    for (const app_option *o = options; o->name; o++)
        print_option(o);
}
