/*
 * npy.h: files of numpy's own format, .npy.  Internal to the zoo.
 */
#ifndef ZOO_NUMPY_NPY_H
#define ZOO_NUMPY_NPY_H

#include "zoo/numpy/array.h"

/* Reads the head of a .npy file, versions 1 to 3; `a` then reads its array.  The blob stays the
 * caller's and must outlive `a`.  GOP_EFORMAT, GOP_ESYSTEM. */
gop_status zoo_npy_read(zoo_array *a, zoo_blob *blob, gop_error *err);

#endif
