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
    /* In: NULL: numbers of all columns, separated by commas.  A layout: any dialect; values may be
     * missing, which is NaN, and only infinite ones are counted. */
    const zoo_layout *layout;
    const char *list;    /* in: names of the columns (columns.h); NULL: they are found */
    size_t bodies;       /* of the frames, 1 without a layout */
    uint32_t *number;    /* of the frames, if the text numbers them; the caller frees it */
    bool score;          /* scores of nodes were left out, since the layout has none */
    bool block;          /* the last frame lacks nodes: left out */
    size_t repeated;     /* frames with the number of the one before: left out */
    size_t strangers;    /* lines of nodes that the layout lacks: left out */
    const char *heading; /* the words for it; NULL without one */
    bool cut;            /* an incomplete last line: left out */
    bool other_width;    /* reading failed at another number of columns */
    zoo_drop why;        /* the reason to drop the file, after a failure */
    size_t non_finite;   /* with `counts`; the frames hold 0 */
} zoo_text;

/* As zoo_poses_read, for regular files; *text has the findings. */
gop_status zoo_text_read(float **raw, size_t *frames, size_t columns, const char *path,
                         zoo_text *text, gop_error *err);
/* The same for a file that may be a pipe, or "-" for standard input; reports the changes. */
gop_status zoo_text_read_any(float **raw, size_t *frames, size_t columns, const char *path,
                             zoo_report *report, zoo_text *text, gop_error *err);
/* Reports what was left out of a text of n frames. */
void zoo_text_report(zoo_report *report, const zoo_text *found, const char *path, size_t n);
/* Reads one file into the store: text of the domain's columns, as `how` says.  A bad file is
 * dropped. */
gop_status zoo_text_take(zoo_store *store, const char *path, const zoo_sequence *like,
                         const zoo_text *how, gop_error *err);

/* read_one of the sources of text, whose files have `columns` columns or, if `how` has a layout, any
 * dialect.  Path "-" is standard input. */
gop_status zoo_text_one(zoo_store *store, size_t columns, const char *path, const zoo_text *how,
                        gop_error *err);

#endif
