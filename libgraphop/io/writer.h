/*
 * writer.h: functions of gop_writer for files of the library only.
 */
#ifndef GOP_IO_WRITER_H
#define GOP_IO_WRITER_H

#include "graphop.h"

/* Makes the writer's status sticky, so that gop_writer_commit fails; the first reason stays.
 * NULL is ignored. */
void gop_writer_fail(gop_writer *w, gop_status status, const char *format, ...) GOP_PRINTF(3, 4);
/* As gop_write_floats, for gop_real. */
void gop_write_reals(gop_writer *w, const gop_real *v, size_t n);

#endif
