/*
 * file.h: writing bytes to a gop_file without its stream.  For io/writer.c.
 */
#ifndef GOP_IO_FILE_H
#define GOP_IO_FILE_H

#include "graphop.h"

/* The target's name for messages, with symbolic links followed. */
const char *gop_file_target(const gop_file *f);
/* Bypasses the stream, which must be empty. */
gop_status gop_file_write(gop_file *f, const void *data, size_t n, gop_error *err);
/* Overwrites bytes from `offset` on. */
gop_status gop_file_patch(gop_file *f, uint64_t offset, const void *data, size_t n, gop_error *err);

#endif
