/*
 * blob.h: bytes that can be read from any place on: a file, or a member of an archive.  Internal to
 * the zoo.
 *
 * A blob belongs to one thread.
 */
#ifndef ZOO_BLOB_H
#define ZOO_BLOB_H

#include "graphop.h"

typedef struct zoo_blob zoo_blob;
struct zoo_blob {
    char *name; /* for messages: "x.npy", "x.npz: y_train.npy" */
    uint64_t size;
    /* Reads n bytes that begin at `at`, both within `size`. */
    gop_status (*read)(zoo_blob *b, void *to, uint64_t at, size_t n, gop_error *err);
    void (*close)(zoo_blob *b); /* frees the blob, but not its name */
};

/* Opens a regular file.  GOP_ESYSTEM, GOP_ENOMEM. */
gop_status zoo_blob_open(zoo_blob **b, const char *path, gop_error *err);
/* Reads n bytes that begin at `at`.  GOP_EFORMAT if the blob ends before; GOP_ESYSTEM. */
gop_status zoo_blob_read(zoo_blob *b, void *to, uint64_t at, size_t n, gop_error *err);
/* NULL is harmless. */
void zoo_blob_close(zoo_blob *b);

#endif
