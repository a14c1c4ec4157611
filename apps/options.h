/*
 * options.h: the command line of a verb as a table.
 *
 * A verb describes its options once: the parser, the checks of ranges and the
 * text of --help all come from the table.  May be used by every verb; knows
 * none of them.
 *
 *     struct settings { const char *data; uint64_t steps; bool json; };
 *
 *     static const app_option options[] = {
 *         {"data", 'd', APP_TEXT, offsetof(struct settings, data), "FILE",
 *          "The data set to train on.", .required = true},
 *         {"steps", 'n', APP_COUNT, offsetof(struct settings, steps), "N",
 *          "How many steps to take.", .min = 1, .max = 1e9},
 *         {"json", 'j', APP_FLAG, offsetof(struct settings, json), NULL,
 *          "Write JSON."},
 *         {0},
 *     };
 *     static const app_usage usage = {
 *         "train", "MODEL --data FILE", "Trains a model.", options, 1, 1};
 *
 *     struct settings set = {.steps = 1000};
 *     app_operands operands;
 *     if (app_parse(&usage, &set, argc, argv, &operands))
 *         return app_parse_status(&operands);
 */
#ifndef APPS_OPTIONS_H
#define APPS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graphop.h"

/* Exit status: done; the command was used wrongly; the data are bad or the work failed. */
enum { APP_OK = 0, APP_USE = 1, APP_DATA = 2 };

typedef enum app_kind {
    APP_FLAG,    /* bool; takes no value */
    APP_TEXT,    /* const char * */
    APP_OUTPUT,  /* const char *: a file to be written, which standard output is not */
    APP_COUNT,   /* uint64_t in [min, max] */
    APP_REAL,    /* double in [min, max] */
    APP_SECONDS, /* double in [min, max] seconds: 90, 90s, 20m, 1.5h */
    APP_CHOICE,  /* int: the place of the word in `choices` */
    APP_PAIRS,   /* app_pairs: key=value, may be repeated */
    /* app_given: the setting of a training run that is called `name`; with "*" all those that
     * users set and no other row names.  Range, value and help are those of
     * zoo_training_settings, the last two only where the row has none of its own. */
    APP_SETTING
} app_kind;

/* Where the option's value lies in the verb's settings is `offset`; what is
 * there before parsing is the default. */
typedef struct app_option {
    const char *name; /* long, without the dashes; NULL ends the table */
    char letter;      /* short, or 0 */
    app_kind kind;
    size_t offset;
    const char *value; /* what --help calls the value */
    const char *help;  /* one sentence or more */
    double min, max;
    const char *const *choices; /* ends with NULL */
    bool required;              /* APP_TEXT and APP_OUTPUT only: must be given */
} app_option;

#define APP_MAX_PAIRS 128

typedef struct app_pairs {
    size_t count;
    struct {
        char key[64];
        const char *value;
    } item[APP_MAX_PAIRS];
} app_pairs;

#define APP_MAX_SETTINGS 64

/* What was given of a training run's settings, as typed, in the order of
 * zoo_training_settings; NULL: not given. */
typedef struct app_given {
    const char *text[APP_MAX_SETTINGS];
} app_given;

/* A setting's key as an option: with dashes. */
char *app_option_name(char *buf, size_t size, const char *key);
/* What was given of one; NULL: nothing. */
const char *app_given_text(const app_given *given, const char *key);

typedef struct app_usage {
    const char *verb;     /* "train", or "" for the command itself */
    const char *synopsis; /* what follows the verb in the usage line */
    const char *summary;  /* one sentence or more; {models} and {protocols}, here and in
                              * an option's help, stand for their names */
    const app_option *options;
    size_t min_operands, max_operands;
} app_usage;

/* The arguments that are not options, in order, pointing into argv. */
typedef struct app_operands {
    size_t count;
    char **item;
    int status;
} app_operands;

/* Parses argv[1..argc) into `settings`.  Returns false to go on.  Returns true
 * when the verb is to return app_parse_status at once: --help was printed, or
 * the sentence that says what was wrong. */
bool app_parse(const app_usage *usage, void *settings, int argc, char **argv,
               app_operands *operands);
int app_parse_status(const app_operands *operands);

/* Prints "graphop VERB: sentence" on stderr, ended by a full stop if it has no
 * end, and returns `status`.  Without a verb (NULL) it prints nothing, nor do those that
 * fail through it: for what is only tried. */
int app_fail(const app_usage *usage, int status, const char *format, ...) GOP_PRINTF(3, 4);
/* The same for a library's error: APP_USE or APP_DATA as the caller knows. */
int app_fail_error(const app_usage *usage, int status, const gop_error *err);

/* The nearest of `words` (ends with NULL) to what was typed, or NULL when none
 * is near enough to be meant. */
const char *app_nearest(const char *typed, const char *const *words);
/* Fails as APP_USE with "unknown WHAT 'typed'", and the nearest word or, where
 * none is near, all of them. */
int app_fail_unknown(const app_usage *usage, const char *what, const char *typed,
                     const char *const *words);

/* Fails with what zoo_layout_open said of `name`, and the nearest name where it is near. */
int app_fail_layout(const app_usage *usage, const char *name, const gop_error *err);

/* Whether two paths name one file: the same text, the same file on disk or, where there is none
 * yet, the same name in the same folder. */
bool app_same_file(const char *a, const char *b);
/* A slip must not cost raw data, a table or a layout: false where there is a file that has not
 * the kind of the one that is to be written. */
bool app_may_write(const char *path, const char *kind);

/* Strict numbers: the whole text, finite, in decimal.  False otherwise. */
bool app_real(double *value, const char *text);
bool app_count(uint64_t *value, const char *text);
bool app_seconds(double *value, const char *text);

#endif
