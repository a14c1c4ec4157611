/*
 * weights.h: tensors by their names, in the files of other programs: PyTorch's archives (.pth, .pt),
 * .safetensors and archives of numpy's arrays (.npz).  Internal to the zoo.
 *
 * The list of tensors is in memory, their numbers stay in the file and are read one tensor at a
 * time.  Nothing that a file says is executed.
 */
#ifndef ZOO_WEIGHTS_H
#define ZOO_WEIGHTS_H

#include "graphop.h"

#define ZOO_WEIGHT_RANK 8
#define ZOO_WEIGHT_NAME 256    /* the size of the longest name, with its end */
#define ZOO_WEIGHTS_MAX 100000 /* tensors of a file */

typedef struct zoo_weight {
    const char *name;
    size_t rank;
    uint64_t shape[ZOO_WEIGHT_RANK];
    uint64_t elements;
    char type[8]; /* "f4": numpy's type without the byte order, or "bf2" for a float's upper half */
} zoo_weight;

typedef struct zoo_weights zoo_weights;

/* Opens a file by its content.  GOP_EFORMAT names what is wrong with it, or how a file of PyTorch
 * before 1.6 is converted; GOP_ESYSTEM, GOP_ENOMEM; GOP_ESTATE for an archive without libzip. */
gop_status zoo_weights_open(zoo_weights **w, const char *path, gop_error *err);
/* NULL is harmless. */
void zoo_weights_close(zoo_weights *w);
/* The format: "PyTorch", "safetensors", "npz". */
const char *zoo_weights_format(const zoo_weights *w);
/* The keys of the dictionary in which the tensors were, joined by points; "" for the outermost. */
const char *zoo_weights_part(const zoo_weights *w);
/* The tensors, sorted by name.  "module." before every name is left out. */
size_t zoo_weights_count(const zoo_weights *w);
const zoo_weight *zoo_weights_at(const zoo_weights *w, size_t i);
/* The tensor of a name, or SIZE_MAX. */
size_t zoo_weights_find(const zoo_weights *w, const char *name);
/* Reads tensor i, its last axis fastest, as numbers of float.  `out` has room for all its elements.
 * GOP_EFORMAT, GOP_ESYSTEM, GOP_ENOMEM. */
gop_status zoo_weights_read(gop_real *out, zoo_weights *w, size_t i, gop_error *err);

#endif
