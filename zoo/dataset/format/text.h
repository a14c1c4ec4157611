/*
 * text.h: files of frames as text.  Private to zoo/dataset.
 */
#ifndef ZOO_DATASET_FORMAT_TEXT_H
#define ZOO_DATASET_FORMAT_TEXT_H

#include "zoo/dataset/store/store.h"

/* Irregularities of a text of frames; zoo_poses_read refuses them. */
typedef struct zoo_text {
    bool header;       /* a first line without a number: skipped */
    bool cut;          /* an incomplete last line: left out */
    bool other_width;  /* reading failed at another number of columns */
    size_t non_finite; /* entries that are NaN or infinite; the frames hold 0 */
} zoo_text;

/* As zoo_poses_read for a file, but tolerates empty lines and the irregularities of zoo_text. */
gop_status zoo_text_read(float **raw, size_t *frames, size_t columns, const char *path,
                         zoo_text *text, gop_error *err);
/* Reads one file into the store: text of the domain's columns.  A bad file is dropped. */
gop_status zoo_text_take(zoo_store *store, const char *path, const char *name, size_t action,
                         zoo_split split, gop_error *err);

#endif
