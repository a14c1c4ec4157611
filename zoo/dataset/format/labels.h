/*
 * labels.h: tables of classes.  Private to zoo/dataset.
 */
#ifndef ZOO_DATASET_FORMAT_LABELS_H
#define ZOO_DATASET_FORMAT_LABELS_H

#include "zoo/dataset/store/store.h"

/* A line of a table of labels: NAME,CLASS[,SPLIT]. */
typedef struct zoo_label {
    char *name; /* owned */
    char action[ZOO_NAME_SIZE];
    int split; /* a zoo_split, or -1 */
    bool used;
} zoo_label;

typedef struct zoo_labels {
    size_t n;
    zoo_label *item; /* sorted by name */
} zoo_labels;

/* GOP_EFORMAT names file and line. */
gop_status zoo_labels_read(zoo_labels *labels, const char *path, gop_error *err);
/* The label of a sequence; marks it as used.  GOP_EFORMAT without one names `path`, whose file is
 * `file`. */
gop_status zoo_labels_find(zoo_label **label, const zoo_labels *labels, const char *name,
                           const char *path, const char *file, gop_error *err);
/* Reports how many names had no file. */
void zoo_labels_unused(const zoo_labels *labels, zoo_report *report, const char *path);
void zoo_labels_clear(zoo_labels *labels);

#endif
