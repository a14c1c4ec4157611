/*
 * names.h: what sequences and classes may be called.  Private to zoo/dataset.
 */
#ifndef ZOO_DATASET_FORMAT_NAMES_H
#define ZOO_DATASET_FORMAT_NAMES_H

#include "zoo/dataset/store/store.h"

/* Whether a text is without control characters, which a set's file cannot hold. */
bool zoo_printable(const char *text);
/* Whether a file of this sequence's name may be taken; says so where not. */
bool zoo_name_new(zoo_store *store, const char *path, const char *name, zoo_split split);
/* Whether a class can be called so: 1 to 63 bytes, no control characters. */
bool zoo_class_fits(const char *name);

#endif
