/*
 * payload.h: a file's payload, read on demand.  Private to io/.
 */
#ifndef GOP_IO_PAYLOAD_H
#define GOP_IO_PAYLOAD_H

#include "graphop.h"
#include "io/crc32.h"

/* A file with one piece in memory, so that reading needs the same memory for any file size. */
typedef struct gop_payload {
    int fd;        /* owned */
    uint64_t base; /* where the payload begins in the file */
    size_t length;
    uint8_t *window; /* bytes [from, from + used) of the payload */
    size_t from, used;
} gop_payload;

/* Takes ownership of fd, also on failure.  Reads the `length` bytes from `base` on once and compares
 * their checksum; GOP_EFORMAT for a damaged file. */
gop_status gop_payload_open(gop_payload *p, int fd, uint64_t base, size_t length,
                            const gop_crc32 *crc, uint32_t sum, const char *path, gop_error *err);
/* n bytes from `at` on; requires at + n <= length. */
gop_status gop_payload_copy(gop_payload *p, void *to, size_t at, size_t n, const char *path,
                            gop_error *err);
void gop_payload_close(gop_payload *p);

#endif
