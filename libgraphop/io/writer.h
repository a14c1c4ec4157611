/*
 * writer.h: what files of the library beside writer.c tell a gop_writer.
 */
#ifndef GOP_IO_WRITER_H
#define GOP_IO_WRITER_H

#include "graphop.h"

/* Nothing more is written, and gop_writer_commit fails so; the first reason stays.  NULL is
 * passed over. */
void gop_writer_fail(gop_writer *w, gop_status status, const char *message);

#endif
