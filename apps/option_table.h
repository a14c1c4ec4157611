/*
 * option_table.h: a verb's options as they are parsed and printed.  For options.c and
 * option_help.c.
 */
#ifndef APPS_OPTION_TABLE_H
#define APPS_OPTION_TABLE_H

#include "options.h"
#include "zoo/zoo.h"

/* Options of a verb, bytes of a setting's name, words to choose from, at most. */
enum { OPTION_MOST = 96, OPTION_NAME = 32, OPTION_WORDS = 16 };

/* A verb's options with --help, and each setting in a row of its own. */
typedef struct option_table {
    app_option option[OPTION_MOST + 1];  /* ends with a NULL name */
    char name[OPTION_MOST][OPTION_NAME]; /* of settings */
} option_table;

void option_table_make(option_table *t, const app_usage *usage);

typedef struct setting_words {
    char text[128];
    const char *word[OPTION_WORDS + 1];
} setting_words;

/* The setting that an option is called after, or NULL. */
const zoo_setting *option_setting(const char *name);
/* The choices of a setting, as an option's are; NULL where it has none. */
const char *const *option_choices(setting_words *w, const zoo_setting *s);

#endif
