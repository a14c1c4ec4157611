/*
 * output.h: files that a verb writes: none is written over another file of the command, nor
 * over a file of another kind.
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
    bool read; /* it is continued, so its reader checks what it is */
} app_output;

/* Fails as APP_USE where `out` is an input of the command or another of its outputs, or where
 * there is a file that is not of its kind; an empty file may be written.  app_parse does so for
 * each option; a verb does for an output whose name no option gives. */
int app_check_output(const app_usage *usage, const void *settings, const app_operands *operands,
                     const app_output *out);
/* The same for the outputs of all options. */
int app_check_outputs(const app_usage *usage, const void *settings, const app_operands *operands);

#endif
