/*
 * zoo_file.c: the parts that the zoo's files share, through graphop's writer and reader.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/zoo_file.h"

#include <string.h>

gop_status zoo_file_open(gop_reader **r, gop_data **data, const char *path, const char kind[4],
                         uint32_t version, gop_error *err)
{
    char found[5];
    uint32_t old;
    const gop_status s = data == NULL ? gop_reader_open(r, path, kind, version, err)
                                      : gop_reader_open_data(r, data, path, kind, version, err);
    if (s != GOP_EFORMAT || gop_file_kind(found, &old, path, NULL) != GOP_OK ||
        memcmp(found, kind, 4) != 0 || old >= version)
        return s;
    return gop_fail(err, s,
                    "%s has version %lu of the format; 'graphop convert %s -o NEW' turns it into "
                    "version %lu",
                    path, (unsigned long)old, path, (unsigned long)version);
}

void zoo_settings_write(gop_writer *w, const zoo_setting *table, const void *values)
{
    char value[ZOO_VALUE_SIZE];
    size_t n = 0;
    for (const zoo_setting *s = table; s->key != NULL; s++) {
        zoo_setting_get(s, values, value, sizeof value);
        n += s->standard != NULL || *value != '\0';
    }
    gop_write_map(w, n);
    for (const zoo_setting *s = table; s->key != NULL; s++) {
        zoo_setting_get(s, values, value, sizeof value);
        if (s->standard == NULL && *value == '\0')
            continue;
        gop_write_key(w, s->key);
        gop_write_text(w, value);
    }
}

void zoo_settings_read(gop_reader *r, const zoo_setting *table, void *values)
{
    zoo_settings_read_by(r, table, values, "", NULL);
}

void zoo_settings_read_by(gop_reader *r, const zoo_setting *table, void *values, const char *owner,
                          zoo_amend *amend)
{
    char key[64], value[ZOO_VALUE_SIZE];
    bool seen[ZOO_SETTINGS_MAX] = {false};
    gop_error err = {GOP_OK, ""};
    if (zoo_settings_default(table, values, &err) != GOP_OK)
        gop_reader_refuse(r, &err);
    const size_t n = gop_read_map(r);
    for (size_t i = 0; i < n && gop_reader_status(r, NULL) == GOP_OK; i++) {
        gop_read_any_key(r, key, sizeof key);
        gop_read_text(r, value, sizeof value);
        const zoo_setting *s = zoo_setting_find(table, key);
        if (gop_reader_status(r, NULL) != GOP_OK)
            return;
        if (s == NULL)
            gop_reader_fail(r, "unknown option '%s'", key);
        else if (seen[s - table])
            gop_reader_fail(r, "%s occurs twice", key);
        else if (zoo_settings_set(table, values, "", key,
                                  amend == NULL ? value : amend(owner, key, value), &err) != GOP_OK)
            gop_reader_refuse(r, &err);
        if (s != NULL)
            seen[s - table] = true;
    }
}
