/*
 * folder.h: the names in a folder, sorted.  Private to zoo/dataset.
 */
#ifndef ZOO_DATASET_FORMAT_FOLDER_H
#define ZOO_DATASET_FORMAT_FOLDER_H

#include "graphop.h"

typedef struct zoo_folder {
    size_t n;
    char **name; /* [n], sorted by byte value; names that begin with a dot are left out */
} zoo_folder;

/* GOP_ESYSTEM when it is missing or not a folder. */
gop_status zoo_folder_read(zoo_folder *folder, const char *path, gop_error *err);
void zoo_folder_clear(zoo_folder *folder);
/* "a/b", or NULL without memory.  The caller frees it. */
char *zoo_path_join(const char *a, const char *b);

#endif
