/*
 * text.h: files of comma-separated decimals, a frame a line.  Private to
 * zoo/dataset.
 */
#ifndef ZOO_DATASET_TEXT_H
#define ZOO_DATASET_TEXT_H

#include "graphop.h"

/* The whole of a file ("-": standard input), to be freed. */
gop_status zoo_text_load(char **bytes, size_t *n, const char *path, gop_error *err);
/* Frames [*frames, columns], to be freed; `path` is for messages only.  Every
 * line has `columns` finite numbers; at least one line. */
gop_status zoo_text_parse(float **data, size_t *frames, size_t columns, const char *bytes,
                          size_t n, const char *path, gop_error *err);

#endif
