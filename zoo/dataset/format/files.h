/*
 * files.h: visits the files of a folder in a fixed order and reads one into memory.  Private to
 * zoo/dataset.
 */
#ifndef ZOO_DATASET_FORMAT_FILES_H
#define ZOO_DATASET_FORMAT_FILES_H

#include "zoo/dataset/store/store.h"

/* Whether `name` ends in `ending` and is longer. */
bool zoo_ends_in(const char *name, const char *ending);
bool zoo_is_folder(const char *path);
/* GOP_ESYSTEM unless the path can be opened and is a regular file. */
gop_status zoo_file_check(const char *path, gop_error *err);

/* Called for each file of a folder; `file` is its name in the folder. */
typedef gop_status zoo_visit(void *user, const char *path, const char *file, gop_error *err);
/* Visits the files of a folder, sorted by name.  Files that do not end in `ending` are dropped.
 * Folders inside are visited too, one level deep, if `inner` is set; otherwise they are dropped. */
gop_status zoo_files_visit(zoo_store *store, const char *dir, const char *ending, bool inner,
                           zoo_visit *visit, void *user, gop_error *err);
/* Drops every entry of `dir` that is not in `names` (NULL at the end), with the message "...: not
 * `what`". */
gop_status zoo_files_strangers(zoo_store *store, const char *dir, const char *const *names,
                               const char *what, gop_error *err);
/* The path of the first of `names` (NULL at the end) that is a folder in `dir`, or NULL.  The
 * caller frees it. */
char *zoo_folder_find(const char *dir, const char *const *names);

/* A file in memory without its byte order mark, followed by ZOO_DECIMAL_PAD zeros.  The next file
 * reuses the memory. */
typedef struct zoo_bytes {
    char *data;
    size_t n, room;
} zoo_bytes;

/* Reads a regular file of up to 64 MiB; GOP_ESYSTEM, GOP_EFORMAT, GOP_ENOMEM. */
gop_status zoo_bytes_read(zoo_bytes *bytes, const char *path, gop_error *err);
void zoo_bytes_clear(zoo_bytes *bytes);

#endif
