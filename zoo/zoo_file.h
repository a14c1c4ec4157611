/*
 * zoo_file.h: the parts that the zoo's files share: opening a file of the present version, and
 * settings as a map of texts.
 */
#ifndef ZOO_ZOO_FILE_H
#define ZOO_ZOO_FILE_H

#include "zoo/settings.h"

/* As gop_reader_open, or gop_reader_open_data unless `data` is NULL; for a file of an older version
 * the message names the command that converts it. */
gop_status zoo_file_open(gop_reader **r, gop_data **data, const char *path, const char kind[4],
                         uint32_t version, gop_error *err);

/* Writes a map from key to text of all values that are set. */
void zoo_settings_write(gop_writer *w, const zoo_setting *table, const void *values);
/* Reads such a map in any order; a missing key gets its default. */
void zoo_settings_read(gop_reader *r, const zoo_setting *table, void *values);
/* The value of today for one of an older version: of the setting `key` of `owner`. */
typedef const char *zoo_amend(const char *owner, const char *key, const char *value);
/* The same with every value amended (NULL: none). */
void zoo_settings_read_by(gop_reader *r, const zoo_setting *table, void *values, const char *owner,
                          zoo_amend *amend);

#endif
