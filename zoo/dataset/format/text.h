/*
 * text.h: files of frames as text.  Private to zoo/dataset.
 */
#ifndef ZOO_DATASET_FORMAT_TEXT_H
#define ZOO_DATASET_FORMAT_TEXT_H

#include "zoo/dataset/store/store.h"

/* What a text of frames had that zoo_poses_read refuses. */
typedef struct zoo_text {
    bool header;       /* a first line without a number: skipped */
    bool cut;          /* a last line that breaks off: left out */
    bool other_width;  /* why it failed: another number of columns */
    size_t non_finite; /* entries that are NaN or infinite, 0 in the frames */
} zoo_text;

/* As zoo_poses_read of a file, passing over what zoo_text says and empty lines. */
gop_status zoo_text_read(float **raw, size_t *frames, size_t columns, const char *path,
                         zoo_text *text, gop_error *err);
/* Reads one file into the store: text of the domain's columns.  Bad ones are dropped. */
gop_status zoo_text_take(zoo_store *store, const char *path, const char *name, size_t action,
                         zoo_split split, gop_error *err);

#endif
