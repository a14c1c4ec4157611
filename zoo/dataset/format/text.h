/*
 * text.h: files of frames as text.  Private to zoo/dataset.
 */
#ifndef ZOO_DATASET_FORMAT_TEXT_H
#define ZOO_DATASET_FORMAT_TEXT_H

#include "zoo/dataset/store/store.h"

/* How a text of frames is read, and what was found. */
typedef struct zoo_text {
    bool exact;  /* in: an empty line, a heading or an incomplete line is an error at its line */
    bool counts; /* in: entries that are NaN or infinite are counted, and are no errors */
    const char *heading; /* the words for it; NULL without one */
    bool cut;            /* an incomplete last line: left out */
    bool other_width;    /* reading failed at another number of columns */
    zoo_drop why;        /* the reason to drop the file, after a failure */
    size_t non_finite;   /* with `counts`; the frames hold 0 */
} zoo_text;

/* As zoo_poses_read, for regular files; *text has the findings. */
gop_status zoo_text_read(float **raw, size_t *frames, size_t columns, const char *path,
                         zoo_text *text, gop_error *err);
/* Reads one file into the store: text of the domain's columns.  A bad file is dropped. */
gop_status zoo_text_take(zoo_store *store, const char *path, const zoo_sequence *like,
                         gop_error *err);

/* read_one of the sources of text, whose files have `columns` columns.  Path "-" is standard
 * input. */
gop_status zoo_text_one(zoo_store *store, size_t columns, const char *path, gop_error *err);

#endif
