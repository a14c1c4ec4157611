/*
 * options.h: command lines described by tables.
 *
 * A verb describes its options once; parsing, range checks and --help all use the table.  For
 * every verb; depends on none.
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
#include "zoo/zoo.h"

typedef enum app_kind {
    APP_FLAG,    /* bool; takes no value */
    APP_TEXT,    /* const char * */
    APP_INPUT,   /* const char *: an input file */
    APP_COUNT,   /* uint64_t in [min, max] */
    APP_REAL,    /* double in [min, max] */
    APP_SECONDS, /* double in [min, max] seconds: 90, 90s, 20m, 1.5h */
    APP_CHOICE,  /* int: index of the word in `choices` */
    APP_PAIRS,   /* app_pairs: key=value, may be repeated */
    APP_PLUGINS, /* app_plugins: shared objects with types of models, may be repeated (plugins.h) */
    /* app_given: the setting `name` of a training run, or with "*" all settings for users that
     * no other row names.  The range comes from zoo_training_settings; value and help do too,
     * unless the row has its own. */
    APP_SETTING,
    /* The same for a setting of zoo_stream_settings. */
    APP_STREAM_SETTING,
    /* const char *: an output file, not standard output.  A file of another kind is never
     * overwritten; output.c recognises each kind. */
    APP_OUT_DATASET,
    APP_OUT_MODEL,
    APP_OUT_RUN, /* a model; with --resume its reader checks it */
    APP_OUT_LAYOUT,
    APP_OUT_DRAWING,
    APP_OUT_CONFUSION,
    APP_OUT_SCORES,
    APP_OUT_LOG,
    APP_OUT_SAME /* a file of the same kind as the first operand */
} app_kind;

/* `offset` is the offset of the value in the verb's settings; the value before parsing is the
 * default. */
typedef struct app_option {
    const char *name; /* long, without the dashes; NULL ends the table */
    char letter;      /* short, or 0 */
    app_kind kind;
    size_t offset;
    const char *value; /* name of the value in --help */
    const char *help;  /* one sentence or more */
    double min, max;
    const char *const *choices; /* ends with NULL */
    bool required;              /* must be given; for texts and files only */
    /* What the option has an effect with, as conditions separated by blanks, all of which must hold;
     * NULL: always.  A condition is the name of another option, "NAME=WORD" for one of its choices,
     * an operand in capitals as in the synopsis, or several of these joined by '|'.  With '!' in
     * front it must not be given: an option, a choice, an operand, "*" for every other option except
     * --plugin, or a first operand in small letters. */
    const char *needs;
} app_option;

#define APP_MAX_PAIRS 128

typedef struct app_pairs {
    size_t count;
    struct {
        char key[64];
        const char *value;
    } item[APP_MAX_PAIRS];
} app_pairs;

#define APP_MAX_PLUGINS 32
#define APP_MAX_TYPES   128

/* Plugins, and the list of types that they and the zoo have once app_parse has loaded them. */
typedef struct app_plugins {
    size_t count;
    const char *path[APP_MAX_PLUGINS];
    const zoo_model_type *type[APP_MAX_TYPES + 1];
} app_plugins;

#define APP_MAX_SETTINGS 64

/* The settings of a table as typed, in its order; NULL is unset. */
typedef struct app_given {
    const char *text[APP_MAX_SETTINGS];
} app_given;

/* Copies a setting's key to buf as an option name, with dashes for underscores. */
char *app_option_name(char *buf, size_t size, const char *key);
/* The text given for a setting of a training run; NULL if unset. */
const char *app_given_text(const app_given *given, const char *key);

/* Sets those that were given in `values`, the struct of their table. */
gop_status app_given_apply(const app_given *given, const zoo_setting *table, void *values,
                           gop_error *err);

typedef struct app_usage {
    const char *verb;     /* "train", or "" for the command itself */
    const char *synopsis; /* what follows the verb in the usage line */
    const char *summary;  /* one sentence or more; words.h expands lists here and in help */
    const app_option *options;
    size_t min_operands, max_operands;
    size_t words; /* number of leading operands that are not file names */
} app_usage;

/* The arguments that are not options, in order, pointing into argv. */
typedef struct app_operands {
    size_t count;
    char **item;
    int status;
} app_operands;

/* Parses argv[1..argc) into `settings`, checks the outputs (output.h) and loads the plugins.  Returns true if the
 * verb must return app_parse_status at once, because --help or an error was printed. */
bool app_parse(const app_usage *usage, void *settings, int argc, char **argv,
               app_operands *operands);
int app_parse_status(const app_operands *operands);

#endif
