/*
 * file.h: a file that appears whole or not at all.
 *
 * Bytes go to a new temporary beside the target (so that renaming stays on one
 * file system); committing syncs it, renames it over the target and syncs the
 * folder.  Until then whatever the target was stays.  Uses POSIX only.
 */
#ifndef GOP_IO_FILE_H
#define GOP_IO_FILE_H

#include "graphop.h"

typedef struct gop_file {
    int fd;       /* -1 when there is none */
    char *target; /* with symbolic links followed */
    char *temporary;
} gop_file;

/* Refuses a target that exists and is not a regular file.  The mode is 0666
 * less the umask. */
gop_status gop_file_create(gop_file *f, const char *path, gop_error *err);
gop_status gop_file_write(gop_file *f, const void *data, size_t n, gop_error *err);
/* Overwrites bytes from `offset` on. */
gop_status gop_file_patch(gop_file *f, uint64_t offset, const void *data, size_t n, gop_error *err);
/* Ends with the file in place, or discarded and the target as it was. */
gop_status gop_file_commit(gop_file *f, gop_error *err);
/* Removes the temporary; nothing when already committed or discarded. */
void gop_file_discard(gop_file *f);

#endif
