/*
 * reader.h: functions of gop_reader for files of the library only.
 */
#ifndef GOP_IO_READER_H
#define GOP_IO_READER_H

#include "graphop.h"

/* As gop_read_floats, for gop_real. */
void gop_read_reals(gop_reader *r, gop_real *v, size_t n);

#endif
