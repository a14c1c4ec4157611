/*
 * reading.c: the options that say how files are read, as a text.  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/dataset/store/reading.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Fields of zoo_raw, each a text. */
static const struct {
    const char *name;
    size_t at;
} fields[] = {{"axes", offsetof(zoo_raw, axes)}, {"columns", offsetof(zoo_raw, columns)}};

#define FIELDS (sizeof fields / sizeof fields[0])

static const char **field_of(zoo_raw *raw, size_t i)
{
    return (const char **)(void *)((char *)raw + fields[i].at);
}

gop_status zoo_reading_write(char text[ZOO_READING_SIZE], const zoo_raw *raw, gop_error *err)
{
    zoo_raw copy = *raw;
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < FIELDS; i++) {
        const char *value = *field_of(&copy, i);
        if (value == NULL)
            continue;
        if (value[0] == '\0' || strchr(value, ';') != NULL || !gop_is_text(value, strlen(value)) ||
            used + strlen(fields[i].name) + strlen(value) + 3 >= ZOO_READING_SIZE)
            return gop_fail(err, GOP_EINVAL, "%s: '%.100s' is empty, too long or has a semicolon",
                            fields[i].name, value);
        used += (size_t)snprintf(text + used, ZOO_READING_SIZE - used, "%s%s %s",
                                 used > 0 ? "; " : "", fields[i].name, value);
    }
    return GOP_OK;
}

/* Sets the field of one option, "NAME VALUE". */
static bool take(zoo_raw *raw, char *option)
{
    char *blank = strchr(option, ' ');
    if (blank == NULL || blank[1] == '\0')
        return false;
    *blank = '\0';
    for (size_t i = 0; i < FIELDS; i++)
        if (strcmp(fields[i].name, option) == 0) {
            *field_of(raw, i) = blank + 1;
            return true;
        }
    return false;
}

gop_status zoo_reading_read(zoo_raw *raw, char memory[ZOO_READING_SIZE], const char *text,
                            gop_error *err)
{
    snprintf(memory, ZOO_READING_SIZE, "%s", text);
    for (char *p = text[0] == '\0' ? NULL : memory, *next; p != NULL; p = next) {
        next = strstr(p, "; ");
        if (next != NULL) {
            *next = '\0';
            next += 2;
        }
        if (!take(raw, p))
            return gop_fail(err, GOP_EFORMAT,
                            "the model's files are read by '%s', which is unknown", text);
    }
    return GOP_OK;
}
