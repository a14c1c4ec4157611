/*
 * zoo_file.h: what the zoo's files have in common: opening one of the present version, and
 * settings as a map of texts.
 */
#ifndef ZOO_ZOO_FILE_H
#define ZOO_ZOO_FILE_H

#include "zoo/settings.h"

/* As gop_reader_open; of an older version the sentence names the command that converts it. */
gop_status zoo_file_open(gop_reader **r, const char *path, const char kind[4], uint32_t version,
                         gop_error *err);

/* A map of all values that are set, key and text. */
void zoo_settings_write(gop_writer *w, const zoo_setting *table, const void *values);
/* Such a map in any order; what it does not hold is at its default. */
void zoo_settings_read(gop_reader *r, const zoo_setting *table, void *values);

#endif
