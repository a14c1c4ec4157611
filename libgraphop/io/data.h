/*
 * data.h: the plain numbers before the payload of a file.  Private to io/.
 */
#ifndef GOP_IO_DATA_H
#define GOP_IO_DATA_H

#include "graphop.h"

/* Pieces of data begin at multiples of this. */
#define GOP_DATA_ALIGN 64

struct gop_data {
    int fd;        /* owned */
    uint64_t size; /* bytes */
    char *path;
};

/* Duplicates the descriptor of a file with `size` bytes of data. */
gop_status gop_data_new(gop_data **data, int fd, uint64_t size, const char *path, gop_error *err);

#endif
