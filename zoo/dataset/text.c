/*
 * text.c: loading a text file and parsing its numbers.
 * Touches files by reading them, memory otherwise.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif
#ifndef _XOPEN_SOURCE
#  define _XOPEN_SOURCE 700
#endif

#include "zoo/dataset/text.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "zoo/dataset/dataset.h"
#include "zoo/dataset/decimal.h"

#define FIRST_ROOM 65536
#define SHOWN 24

/* Reads to the end; room for one byte more, a terminator, is kept. */
static gop_status read_all(int fd, size_t room, char **bytes, size_t *n, const char *path,
                           gop_error *err)
{
    char *p = malloc(room);
    size_t used = 0;
    while (p != NULL) {
        if (used + 1 >= room) {
            char *grown = room <= SIZE_MAX / 2 ? realloc(p, 2 * room) : NULL;
            if (grown == NULL)
                break;
            p = grown;
            room *= 2;
        }
        ssize_t k = read(fd, p + used, room - used - 1);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0) {
            int code = errno;
            free(p);
            return gop_fail(err, GOP_ESYSTEM, "cannot read %s: %s", path, strerror(code));
        }
        if (k == 0) {
            p[used] = '\0';
            *bytes = p;
            *n = used;
            return GOP_OK;
        }
        used += (size_t)k;
    }
    free(p);
    return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", path);
}

gop_status zoo_text_load(char **bytes, size_t *n, const char *path, gop_error *err)
{
    *bytes = NULL;
    *n = 0;
    if (strcmp(path, "-") == 0)
        return read_all(STDIN_FILENO, FIRST_ROOM, bytes, n, "standard input", err);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return gop_fail(err, GOP_ESYSTEM, "cannot open %s: %s", path, strerror(errno));
    struct stat st;
    size_t room = FIRST_ROOM;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (uintmax_t)st.st_size < SIZE_MAX / 4)
        room = (size_t)st.st_size + 2;
    gop_status s = read_all(fd, room, bytes, n, path, err);
    close(fd);
    return s;
}

/* The offending entry for a message: printable, not too long. */
static void show(char *buf, const char *p, const char *end)
{
    int n = 0;
    for (; p < end && n < SHOWN && *p != ',' && *p != '\n' && *p != '\r'; p++)
        buf[n++] = *p > 0x20 && *p < 0x7f ? *p : '?';
    buf[n] = '\0';
}

static bool names_non_finite(const char *p, const char *end)
{
    char low[4] = "";
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    for (int i = 0; i < 3 && p + i < end; i++)
        low[i] = (char)tolower((unsigned char)p[i]);
    return strcmp(low, "nan") == 0 || strcmp(low, "inf") == 0;
}

static gop_status bad_entry(const char *p, const char *end, size_t column, size_t line,
                            const char *path, gop_error *err)
{
    char shown[SHOWN + 1];
    show(shown, p, end);
    if (shown[0] == '\0')
        return gop_fail(err, GOP_EFORMAT, "%s:%zu: column %zu is empty", path, line, column);
    if (names_non_finite(p, end))
        return gop_fail(err, GOP_EFORMAT, "%s:%zu: column %zu is not finite (%s)", path, line,
                        column, shown);
    return gop_fail(err, GOP_EFORMAT, "%s:%zu: column %zu is not a number (%s)", path, line,
                    column, shown);
}

static const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t'))
        p++;
    return p;
}

/* One line; *at moves behind its end. */
static gop_status parse_line(float *row, size_t columns, const char **at, const char *end,
                             size_t line, const char *path, gop_error *err)
{
    const char *p = *at;
    for (size_t c = 0; c < columns; c++) {
        p = skip_blanks(p, end);
        const char *begin = p;
        if (p < end && (*p == '\n' || *p == '\r') && c == 0)
            return gop_fail(err, GOP_EFORMAT, "%s:%zu: the line is empty", path, line);
        p = zoo_decimal(&row[c], begin, end);
        if (p != NULL)
            p = skip_blanks(p, end);
        if (p == NULL || (p < end && *p != ',' && *p != '\n' && *p != '\r'))
            return bad_entry(begin, end, c + 1, line, path, err);
        if (!isfinite(row[c]))
            return gop_fail(err, GOP_EFORMAT, "%s:%zu: column %zu is too large", path, line,
                            c + 1);
        bool more = p < end && *p == ',';
        if (!more && c + 1 < columns)
            return gop_fail(err, GOP_EFORMAT, "%s:%zu: %zu columns where %zu were expected", path,
                            line, c + 1, columns);
        if (more && c + 1 == columns)
            return gop_fail(err, GOP_EFORMAT, "%s:%zu: more than %zu columns", path, line,
                            columns);
        p += more;
    }
    if (p < end && *p == '\r')
        p++;
    if (p < end && *p != '\n')
        return gop_fail(err, GOP_EFORMAT, "%s:%zu: a carriage return inside the line", path, line);
    *at = p < end ? p + 1 : p;
    return GOP_OK;
}

gop_status zoo_text_parse(float **out, size_t *frames, size_t columns, const char *bytes,
                          size_t n, const char *path, gop_error *err)
{
    const char *p = bytes, *end = bytes + n;
    float *data = NULL;
    size_t used = 0, room = 0;
    gop_status s = GOP_OK;
    *out = NULL;
    *frames = 0;
    while (p < end && s == GOP_OK) {
        if (used == room) {
            size_t more = room == 0 ? 256 : 2 * room;
            float *grown = more <= SIZE_MAX / columns / sizeof *data
                               ? realloc(data, more * columns * sizeof *data) : NULL;
            if (grown == NULL) {
                s = gop_fail(err, GOP_ENOMEM, "out of memory reading %s", path);
                break;
            }
            data = grown;
            room = more;
        }
        s = parse_line(data + used * columns, columns, &p, end, used + 1, path, err);
        used += s == GOP_OK;
    }
    if (s == GOP_OK && used == 0)
        s = gop_fail(err, GOP_EFORMAT, "%s: an empty file", path);
    if (s != GOP_OK) {
        free(data);
        return s;
    }
    float *tight = realloc(data, used * columns * sizeof *data);
    *out = tight != NULL ? tight : data;
    *frames = used;
    return GOP_OK;
}

gop_status zoo_poses_read(float **raw, size_t *frames, size_t columns, const char *path,
                          gop_error *err)
{
    char *bytes;
    size_t n;
    *raw = NULL;
    *frames = 0;
    gop_status s = zoo_text_load(&bytes, &n, path, err);
    if (s == GOP_OK)
        s = zoo_text_parse(raw, frames, columns, bytes, n,
                           strcmp(path, "-") == 0 ? "standard input" : path, err);
    free(bytes);
    return s;
}
