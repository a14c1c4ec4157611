/*
 * names.h: valid names of sequences and classes.  Private to zoo/dataset.
 */
#ifndef ZOO_DATASET_FORMAT_NAMES_H
#define ZOO_DATASET_FORMAT_NAMES_H

#include "zoo/dataset/store/store.h"

/* Whether a text has no control characters; a set's file cannot hold them. */
bool zoo_printable(const char *text);
/* Whether a file with this sequence name can be taken; if not, reports why. */
bool zoo_name_new(zoo_store *store, const char *path, const char *name, zoo_split split);
/* Whether a class can have this name: 1 to 63 bytes, no control characters. */
bool zoo_class_fits(const char *name);

#endif
