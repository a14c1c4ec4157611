/*
 * array.h: numbers of an array of numpy that lies in a blob, read some entries at a time.  Internal
 * to the zoo.
 *
 * An array of any type, byte order and order of axes is read without loading the whole.  `axis` is
 * the axis along which entries are counted.  An entry has all elements at one place of that axis;
 * they come in the order of the other axes, the last of which is the fastest, however the array
 * lies in the file.
 */
#ifndef ZOO_NUMPY_ARRAY_H
#define ZOO_NUMPY_ARRAY_H

#include "zoo/blob.h"

#define ZOO_ARRAY_RANK 8

typedef struct zoo_array {
    zoo_blob *blob;
    bool owned;   /* zoo_array_clear closes the blob */
    uint64_t at;  /* of the first element */
    char kind;    /* numpy's: 'f', 'i', 'u', 'b' (true or false); 'B': a float's upper half */
    size_t width; /* bytes of an element: 1, 2, 4, 8 */
    bool swapped; /* bytes of an element are in the other order than this machine's */
    bool fortran; /* the first axis is the fastest */
    size_t rank;
    uint64_t shape[ZOO_ARRAY_RANK];
    size_t axis; /* set by zoo_array_shape and zoo_array_along */
    uint64_t entries;
    uint64_t entry; /* elements of each */
    /* Entries [held, held + holds) as they lie in the file, if neighbours are not contiguous. */
    unsigned char *window;
    size_t room;
    uint64_t held, holds;
} zoo_array;

/* Sets kind, width and swapped from a type of numpy's, such as "<f4" or "u1".  GOP_EFORMAT for one
 * that has no numbers, such as objects, texts and structures; `name` is the array's in messages. */
gop_status zoo_array_type(zoo_array *a, const char *type, const char *name, gop_error *err);
/* Sets the shape, along axis 0, and checks that `bytes` bytes are exactly those of its elements.
 * GOP_EFORMAT. */
gop_status zoo_array_shape(zoo_array *a, const uint64_t *shape, size_t rank, uint64_t bytes,
                           const char *name, gop_error *err);
/* Counts entries along another axis, which is less than the rank. */
void zoo_array_along(zoo_array *a, size_t axis);
/* Write entries [first, first + n), each of a->entry elements.  Numbers beyond float become
 * infinite.  GOP_EFORMAT, for integers also if an element is not a whole number; GOP_ESYSTEM,
 * GOP_ENOMEM. */
gop_status zoo_array_floats(float *out, zoo_array *a, uint64_t first, uint64_t n, gop_error *err);
gop_status zoo_array_integers(int64_t *out, zoo_array *a, uint64_t first, uint64_t n,
                              gop_error *err);
/* Frees the window, and closes the blob if it is the array's. */
void zoo_array_clear(zoo_array *a);

#endif
