/*
 * open.h: opening files, for the reader and gop_file_kind.  Private to io/.
 */
#ifndef GOP_IO_OPEN_H
#define GOP_IO_OPEN_H

#include "graphop.h"
#include "io/crc32.h"
#include "io/format.h"

/* Opens `path`, reads its header and checks it.  *fd is -1 or must be closed, also on failure. */
gop_status gop_open_header(int *fd, uint8_t head[GOP_HEADER_SIZE], const char *path,
                           const gop_crc32 *crc, gop_error *err);
/* Reads exactly n bytes from `offset` on. */
gop_status gop_read_at(int fd, void *data, size_t n, uint64_t offset, const char *path,
                       gop_error *err);

#endif
