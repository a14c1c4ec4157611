/*
 * write_file.h: files that appear whole or not at all.
 */
#ifndef APPS_WRITE_FILE_H
#define APPS_WRITE_FILE_H

#include <stdio.h>

#include "graphop.h"

/* Lets `put` write `what` to a new file, which then takes the place of `path`.  GOP_ESYSTEM
 * says what was in the way, and leaves what was there; so does anything but a regular file
 * at `path`. */
gop_status write_file(const char *path, void (*put)(FILE *out, const void *what), const void *what,
                      gop_error *err);
/* Whether write_file could, as far as can be known before; for what takes long to make. */
gop_status write_file_try(const char *path, gop_error *err);

/* `text` as the content of an XML element: ASCII, other bytes as '?'. */
void write_xml_text(FILE *out, const char *text);

#endif
