/*
 * confusion.h: writes confusion matrices to a file as text, comma-separated values or a picture.
 * Independent of models and data.
 */
#ifndef APPS_CONFUSION_H
#define APPS_CONFUSION_H

#include <stdbool.h>
#include <stddef.h>

#include "graphop.h"

/* Counts of answers for n classes: rows are the true class, columns the answer. */
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

/* Whether a path ends in .txt, .csv or .svg. */
bool confusion_can_write(const char *path);
/* Whether a file with this beginning is a confusion matrix in one of the three forms. */
bool confusion_begins(const char *head);
/* Writes all matrices to one file, in the form given by its ending. */
gop_status confusion_write(const char *path, const confusion *c, gop_error *err);

#endif
