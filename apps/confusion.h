/*
 * confusion.h: confusion matrices as a file: text, comma-separated values or a picture.
 * Knows nothing of models and data.
 */
#ifndef APPS_CONFUSION_H
#define APPS_CONFUSION_H

#include <stdbool.h>
#include <stddef.h>

#include "graphop.h"

/* How often each of n classes was answered where each was true: rows truth, columns
 * answer. */
typedef struct confusion_matrix {
    const char *title;   /* the protocol */
    const size_t *count; /* [n, n] */
} confusion_matrix;

typedef struct confusion {
    const char *model;       /* the model's file */
    size_t classes;          /* at most ZOO_MAX_ACTIONS */
    const char *const *name; /* [classes] */
    size_t n;
    const confusion_matrix *matrix; /* [n] */
} confusion;

/* Whether a path ends as one of the three: .txt, .csv, .svg. */
bool confusion_can_write(const char *path);
/* Whether a file that begins so is one of the three. */
bool confusion_begins(const char *head);
/* Writes all of them to one file, in the form that its ending says. */
gop_status confusion_write(const char *path, const confusion *c, gop_error *err);

#endif
