/*
 * files.h: visits the files of a folder in a fixed order and reads one into memory.  Private to
 * zoo/dataset.
 */
#ifndef ZOO_DATASET_FORMAT_FILES_H
#define ZOO_DATASET_FORMAT_FILES_H

#include "zoo/dataset/store/store.h"

/* Whether `name` ends in one of `endings`, which blanks separate, and is longer. */
bool zoo_ends_in(const char *name, const char *endings);
/* The length of that ending, 0 without one. */
size_t zoo_ending(const char *name, const char *endings);
/* What follows the last slash. */
const char *zoo_base_name(const char *path);
/* The reason to drop a file for which a system call failed with this errno: ZOO_DROP_UNREADABLE if
 * the file is missing, closed or of a wrong kind.  ZOO_NO_DROP for all else, such as EIO or EMFILE:
 * then the system has failed, and the preparation must end. */
zoo_drop zoo_drop_of(int code);
/* Whether the path is a folder.  GOP_ESYSTEM if that is unknown; a path that is missing or closed
 * is no folder. */
gop_status zoo_is_folder(bool *folder, const char *path, gop_error *err);
/* Opens a regular file; the caller closes *fd.  GOP_ESYSTEM, with the reason to drop the file in
 * *why. */
gop_status zoo_regular_open(int *fd, zoo_drop *why, const char *path, gop_error *err);

/* Called for each file; `file` is its name in its folder, `folder` the name of a folder inside, or
 * NULL. */
typedef gop_status zoo_visit(void *user, const char *path, const char *folder, const char *file,
                             gop_error *err);
/* Visits the files of a folder, sorted by name, and the folders that the store's source takes as one
 * recording.  Files that do not end in one of `endings` are dropped.  Other folders inside are visited
 * too, one level deep, if `inner` is set; otherwise they are dropped. */
gop_status zoo_files_visit(zoo_store *store, const char *dir, const char *endings, bool inner,
                           zoo_visit *visit, void *user, gop_error *err);
/* Whether a folder is one recording of the store's source.  GOP_ESYSTEM, GOP_ENOMEM. */
gop_status zoo_files_is_one(bool *one, const zoo_store *store, const char *dir, gop_error *err);
/* Drops every entry of `dir` that is not in `names` (NULL at the end), with the message "...: not
 * `what`". */
gop_status zoo_files_strangers(zoo_store *store, const char *dir, const char *const *names,
                               const char *what, gop_error *err);
/* GOP_EFORMAT if an entry of `dir`, if that exists, differs from one of `names` only in its case:
 * "Train". */
gop_status zoo_folder_misspelt(const char *dir, const char *const *names, gop_error *err);
/* *path is that of the first of `names` (NULL at the end) that is a folder in `dir`, or NULL.  The
 * caller frees it.  GOP_ENOMEM, GOP_ESYSTEM. */
gop_status zoo_folder_find(char **path, const char *dir, const char *const *names, gop_error *err);

/* A file in memory without its byte order mark, followed by ZOO_DECIMAL_PAD zeros.  The next file
 * reuses the memory. */
typedef struct zoo_bytes {
    char *data;
    size_t n, room;
} zoo_bytes;

/* Reads a regular file of up to 64 MiB.  GOP_ESYSTEM, GOP_EFORMAT, GOP_ENOMEM, with the reason to
 * drop the file in *why. */
gop_status zoo_bytes_read(zoo_bytes *bytes, const char *path, zoo_drop *why, gop_error *err);
void zoo_bytes_clear(zoo_bytes *bytes);

#endif
