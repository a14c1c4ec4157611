/*
 * reader.h: what a gop_reader gives files of the library besides the public functions.
 */
#ifndef GOP_IO_READER_H
#define GOP_IO_READER_H

#include "graphop.h"

/* As gop_read_floats, whatever gop_real is. */
void gop_read_reals(gop_reader *r, gop_real *v, size_t n);

#endif
