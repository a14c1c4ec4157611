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
 *         {"data", 'd', APP_INPUT, offsetof(struct settings, data), "FILE",
 *          "The data set to train on.", .required = true},
 *         {"steps", 'n', APP_COUNT, offsetof(struct settings, steps), "N",
 *          "How many steps to take.", .min = 1, .max = 1e9},
 *         {"json", 'j', APP_FLAG, offsetof(struct settings, json), NULL,
 *          "Write JSON."},
 *         {0},
 *     };
 *     static const app_usage usage = {
 *         "train", "MODEL --data FILE", "Trains a model.", options, 1, 1, 1};
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

#include "fail.h"

typedef enum app_kind {
    APP_FLAG,    /* bool; takes no value */
    APP_TEXT,    /* const char * */
    APP_INPUT,   /* const char *: a file that is read */
    APP_COUNT,   /* uint64_t in [min, max] */
    APP_REAL,    /* double in [min, max] */
    APP_SECONDS, /* double in [min, max] seconds: 90, 90s, 20m, 1.5h */
    APP_CHOICE,  /* int: the place of the word in `choices` */
    APP_PAIRS,   /* app_pairs: key=value, may be repeated */
    /* app_given: the setting of a training run that is called `name`; with "*" all those that
     * users set and no other row names.  Range, value and help are those of
     * zoo_training_settings, the last two only where the row has none of its own. */
    APP_SETTING,
    /* const char *: a file to be written, which standard output is not.  What else lies there
     * is left alone; output.c knows each kind of file when it sees one. */
    APP_OUT_DATASET,
    APP_OUT_MODEL,
    APP_OUT_RUN, /* a model that --resume reads first, so that its reader checks it */
    APP_OUT_LAYOUT,
    APP_OUT_DRAWING,
    APP_OUT_CONFUSION,
    APP_OUT_LOG,
    APP_OUT_SAME /* a data set or a model, as the first operand is */
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
    bool required;              /* texts and files only: must be given */
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
    const char *summary;  /* one sentence or more; lists by words.h, here and in help */
    const app_option *options;
    size_t min_operands, max_operands;
    size_t words; /* operands, from the first, that name no file */
} app_usage;

/* The arguments that are not options, in order, pointing into argv. */
typedef struct app_operands {
    size_t count;
    char **item;
    int status;
} app_operands;

/* Parses argv[1..argc) into `settings` and checks the outputs (output.h).  Returns false to go on.  Returns true
 * when the verb is to return app_parse_status at once: --help was printed, or
 * the sentence that says what was wrong. */
bool app_parse(const app_usage *usage, void *settings, int argc, char **argv,
               app_operands *operands);
int app_parse_status(const app_operands *operands);

#endif
