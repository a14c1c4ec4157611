/*
 * names.h: valid names of sequences and classes.  Private to zoo/dataset.
 */
#ifndef ZOO_DATASET_FORMAT_NAMES_H
#define ZOO_DATASET_FORMAT_NAMES_H

#include "zoo/dataset/store/store.h"

/* Why a name cannot be that of a class (size ZOO_NAME_SIZE) or a sequence (ZOO_SEQUENCE_NAME_SIZE),
 * such as "is longer than 63 bytes"; NULL if it can.  Names are UTF-8 without control characters.
 * A longer name is refused, not cut: two names may begin alike. */
const char *zoo_name_fault(const char *name, size_t size);
/* Whether a file with this sequence name can be taken; if not, reports why. */
bool zoo_name_new(zoo_store *store, const char *path, const char *name, zoo_split split);
#endif
