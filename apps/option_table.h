/*
 * option_table.h: the expanded table of a verb's options, for parsing and for --help.  Used by
 * options.c and option_help.c.
 */
#ifndef APPS_OPTION_TABLE_H
#define APPS_OPTION_TABLE_H

#include "options.h"
#include "zoo/zoo.h"

/* Maximum number of options of a verb, bytes of a setting's name and of a help text, choices of a setting. */
enum { OPTION_MOST = 96, OPTION_NAME = 32, OPTION_HELP = 512, OPTION_WORDS = 16 };

/* A verb's options, including --help, with one row for each setting. */
typedef struct option_table {
    app_option option[OPTION_MOST + 1];  /* ends with a NULL name */
    char name[OPTION_MOST][OPTION_NAME]; /* names of settings */
    char help[OPTION_MOST][OPTION_HELP]; /* with what they need */
} option_table;

void option_table_make(option_table *t, const app_usage *usage);

typedef struct setting_words {
    char text[128];
    const char *word[OPTION_WORDS + 1];
} setting_words;

/* A condition [n] of a setting's needs in words: "scales=both or joint" or, as typed options,
 * "--schedule step". */
char *option_condition(char *buf, size_t size, const char *condition, size_t n, bool typed);
/* Adds "  Needs ..., and ...." to a help text. */
void option_add_needs(char *buf, size_t size, const char *needs, bool typed);
/* The table that an option's settings are of, or NULL for an option of another kind. */
const zoo_setting *option_settings(app_kind kind);
/* The setting with this option name, or NULL. */
const zoo_setting *option_setting(app_kind kind, const char *name);
/* The choices of a setting in the form of app_option; NULL if it has none. */
const char *const *option_choices(setting_words *w, const zoo_setting *s);

#endif
