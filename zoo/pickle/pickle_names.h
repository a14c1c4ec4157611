/*
 * pickle_names.h: the functions and classes that a pickle may name.  Internal to the zoo.
 *
 * To take another one, add a row to pickle_names.c and, unless it makes one of Python's own
 * containers, a value of zoo_name by which its reader recognises it.
 */
#ifndef ZOO_PICKLE_NAMES_H
#define ZOO_PICKLE_NAMES_H

#include <stddef.h>

typedef enum zoo_name {
    ZOO_NAME_UNKNOWN,
    ZOO_NAME_PLAIN,       /* one of Python's own types */
    ZOO_NAME_NDARRAY,     /* the class of arrays */
    ZOO_NAME_DTYPE,       /* (type, align, copy), state (version, byte order, ...) */
    ZOO_NAME_RECONSTRUCT, /* (class, shape, type), state (version, shape, dtype, order, bytes) */
    ZOO_NAME_FROMBUFFER,  /* (bytes, dtype, shape, order) */
    ZOO_NAME_SCALAR,      /* (dtype, bytes) */
    ZOO_NAME_TENSOR,      /* (storage, offset, shape, strides, ...) */
    ZOO_NAME_PARAMETER,   /* (tensor, ...) */
    /* Types of storages: reals, brain floats, whole numbers with and without sign, truth values, by
     * their bytes. */
    ZOO_NAME_STORAGE_F8,
    ZOO_NAME_STORAGE_F4,
    ZOO_NAME_STORAGE_F2,
    ZOO_NAME_STORAGE_B2,
    ZOO_NAME_STORAGE_I8,
    ZOO_NAME_STORAGE_I4,
    ZOO_NAME_STORAGE_I2,
    ZOO_NAME_STORAGE_I1,
    ZOO_NAME_STORAGE_U1,
    ZOO_NAME_STORAGE_TRUTH
} zoo_name;

/* What a call makes. */
typedef enum zoo_made {
    ZOO_MADE_NOTHING, /* it may be named, but not called */
    ZOO_MADE_OBJECT,
    ZOO_MADE_LIST,
    ZOO_MADE_TUPLE,
    ZOO_MADE_SET,
    ZOO_MADE_DICT,
    ZOO_MADE_BYTES
} zoo_made;

typedef struct zoo_name_row {
    const char *module, *name;
    zoo_name meaning;
    zoo_made made;
} zoo_name_row;

/* The row of a name, or NULL. */
const zoo_name_row *zoo_name_find(const char *module, const char *name);
/* The table and a row's index in it. */
extern const zoo_name_row zoo_name_rows[];

#endif
