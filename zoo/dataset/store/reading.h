/*
 * reading.h: the options that say how files are read, as a text of a domain, so that a model reads
 * files as its data were.  Private to zoo/dataset.
 */
#ifndef ZOO_DATASET_STORE_READING_H
#define ZOO_DATASET_STORE_READING_H

#include "zoo/dataset/prepare.h"

/* Writes the options as "axes NTVC; columns frame,*".  GOP_EINVAL if one cannot be written. */
gop_status zoo_reading_write(char text[ZOO_READING_SIZE], const zoo_raw *raw, gop_error *err);
/* Sets the options of a text, which point into `memory`.  GOP_EFORMAT for others. */
gop_status zoo_reading_read(zoo_raw *raw, char memory[ZOO_READING_SIZE], const char *text,
                            gop_error *err);

#endif
