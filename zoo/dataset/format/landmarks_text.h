/*
 * landmarks_text.h: landmarks as text: what the heading of a file says of its columns.  Private to
 * zoo/dataset.
 */
#ifndef ZOO_DATASET_FORMAT_LANDMARKS_TEXT_H
#define ZOO_DATASET_FORMAT_LANDMARKS_TEXT_H

#include "zoo/dataset/format/columns.h"
#include "zoo/dataset/format/people.h"

/* The columns of a table of landmarks, one frame or one landmark a line. */
typedef struct zoo_landmarks {
    size_t nodes;
    bool depth, scored;           /* whether there are z and scores */
    bool world;                   /* the heading says so */
    char image[ZOO_COLUMNS_SIZE]; /* the list of columns (columns.h) for x, y and score */
    char space[ZOO_COLUMNS_SIZE]; /* the same for x, y and z */
} zoo_landmarks;

/* Reads the beginning of a file.  GOP_EFORMAT if its heading names no x and y; GOP_ESYSTEM,
 * GOP_ENOMEM, with the reason to drop the file. */
gop_status zoo_landmarks_look(zoo_landmarks *l, const char *path, zoo_drop *why, gop_error *err);

#endif
