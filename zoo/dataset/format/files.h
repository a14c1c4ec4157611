/*
 * files.h: the files of a folder in a fixed order, and one of them in memory.  Private to
 * zoo/dataset.
 */
#ifndef ZOO_DATASET_FORMAT_FILES_H
#define ZOO_DATASET_FORMAT_FILES_H

#include "zoo/dataset/store/store.h"

/* Whether `name` ends in `ending` and has more than that. */
bool zoo_ends_in(const char *name, const char *ending);
bool zoo_is_folder(const char *path);
/* GOP_ESYSTEM unless it can be opened and is a regular file. */
gop_status zoo_file_check(const char *path, gop_error *err);

/* What is given each file of a folder; `file` is its name in the folder. */
typedef gop_status zoo_visit(void *user, const char *path, const char *file, gop_error *err);
/* Visits what is in the folder by sorted names; entries that do not end in `ending` and are
 * no folders are dropped.  With `inner` folders are visited too, one level deep, or dropped
 * where it is false. */
gop_status zoo_files_visit(zoo_store *store, const char *dir, const char *ending, bool inner,
                           zoo_visit *visit, void *user, gop_error *err);
/* Drops what lies in `dir` and is called by none of `names` (NULL at the end): "...: not
 * `what`". */
gop_status zoo_files_strangers(zoo_store *store, const char *dir, const char *const *names,
                               const char *what, gop_error *err);
/* The first of `names` (NULL at the end) that is a folder in `dir`, to be freed; NULL. */
char *zoo_folder_find(const char *dir, const char *const *names);

/* A file in memory, without its byte order mark, whose room is used again; ZOO_DECIMAL_PAD
 * zeros are behind it. */
typedef struct zoo_bytes {
    char *data;
    size_t n, room;
} zoo_bytes;

/* Regular files of up to 64 MiB; GOP_ESYSTEM, GOP_EFORMAT, GOP_ENOMEM. */
gop_status zoo_bytes_read(zoo_bytes *bytes, const char *path, gop_error *err);
void zoo_bytes_clear(zoo_bytes *bytes);

#endif
