/*
 * names.h: valid names of sequences and classes.  Private to zoo/dataset.
 */
#ifndef ZOO_DATASET_FORMAT_NAMES_H
#define ZOO_DATASET_FORMAT_NAMES_H

#include "zoo/dataset/store/store.h"

/* Why a name cannot be that of a class, of ZOO_NAME_SIZE, or of a sequence, of
 * ZOO_SEQUENCE_NAME_SIZE, such as "is longer than 63 bytes"; or NULL.  Names are UTF-8 without control characters, and never cut: their parts may be equal. */
const char *zoo_name_fault(const char *name, size_t size);
/* Whether a file with this sequence name can be taken; if not, reports why. */
bool zoo_name_new(zoo_store *store, const char *path, const char *name, zoo_split split);
#endif
