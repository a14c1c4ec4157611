/*
 * output.h: checks and locks the files that a verb writes.  An output never overwrites an input
 * or another output of the same command, nor a file of another kind or one that another process is
 * writing.
 */
#ifndef APPS_OUTPUT_H
#define APPS_OUTPUT_H

#include "options.h"

static inline bool app_is_output(app_kind kind)
{
    return kind >= APP_OUT_DATASET;
}

typedef struct app_output {
    const char *name; /* "--log", "the best model" */
    const char *path;
    app_kind kind;
    bool read; /* the run continues it, so its reader checks it */
} app_output;

/* Fails as APP_USE if `out` is an input of the command or another of its outputs, or if a file
 * of another kind is there, and as APP_DATA if another process has locked it.  An empty file may
 * be overwritten.  The lock lasts until the process ends.  app_parse checks every option; a verb
 * checks the outputs whose names no option gives. */
int app_check_output(const app_usage *usage, const void *settings, const app_operands *operands,
                     const app_output *out);
/* The same for the outputs of all options. */
int app_check_outputs(const app_usage *usage, const void *settings, const app_operands *operands);
/* Whether the command has an output. */
bool app_has_outputs(void);
/* Removes temporary files and the files of locks.  Safe in a handler of a signal that ends the
 * process. */
void app_abort_outputs(void);

#endif
