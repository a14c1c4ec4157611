/*
 * text.c: reads frames from text: comma-separated decimals, one frame a line, or, for a layout, lines
 * of any dialect (text_rows.h).  graphop-files(5) has the grammar, which all sources of text and `graphop
 * predict` share.
 *
 * A file passes through a buffer that stays in the cache, whole lines at a time.  Touches memory,
 * and files by reading them.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif

#include "zoo/dataset/format/text.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "zoo/bom.h"
#include "zoo/dataset/format/decimal.h"
#include "zoo/dataset/format/files.h"
#include "zoo/dataset/format/text_rows.h"

#define PIECE        262144
#define FIRST_FRAMES 256
#define SHOWN        24
#define ENTRY        512 /* bytes of a line for each column, at most */

/* ----------------------------------------------------------------------- lines */

/* The offending entry for a message: printable, not too long. */
static void show(char *buf, const char *p, const char *end)
{
    int n = 0;
    for (; p < end && n < SHOWN && *p != ',' && *p != '\n' && *p != '\r'; p++)
        buf[n++] = *p > 0x20 && *p < 0x7f ? *p : '?';
    buf[n] = '\0';
}

static const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t'))
        p++;
    return p;
}

/* Whether a number begins the text and something other than a comma separates it from more. */
static bool has_other_separator(const char *p, const char *end)
{
    float v;
    const char *after = zoo_decimal(&v, p, end);
    p = after == NULL ? end : skip_blanks(after, end);
    return p < end && (*p == ';' || zoo_decimal(&v, p, end) != NULL);
}

static gop_status bad_entry(const char *p, const char *end, size_t column, size_t line,
                            const char *path, gop_error *err)
{
    char shown[SHOWN + 1];
    show(shown, p, end);
    if (shown[0] == '\0')
        return gop_fail(err, GOP_EFORMAT, "%s:%zu: column %zu is empty", path, line, column);
    if (zoo_non_finite(p, end) != NULL)
        return gop_fail(err, GOP_EFORMAT, "%s:%zu: column %zu is not finite (%s)", path, line,
                        column, shown);
    return gop_fail(err, GOP_EFORMAT, "%s:%zu: column %zu is not a number (%s)%s", path, line,
                    column, shown,
                    has_other_separator(p, end) ? "; commas must separate the numbers" : "");
}

/* The end of a NaN or infinite entry, if these are only counted. */
static const char *pass_non_finite(float *v, const char *p, const char *end, zoo_text *found)
{
    if (!found->counts || zoo_non_finite(p, end) == NULL)
        return NULL;
    while (p < end && *p != ',' && *p != '\n' && *p != '\r')
        p++;
    found->non_finite++;
    *v = 0;
    return p;
}

/* Parses one line; *at moves past its end. */
static gop_status parse_line(float *row, size_t columns, const char **at, const char *end,
                             size_t line, const char *path, zoo_text *found, gop_error *err)
{
    const char *p = *at;
    for (size_t c = zoo_decimals(row, columns - 1, &p, end); c < columns; c++) {
        p = skip_blanks(p, end);
        const char *begin = p;
        if (p < end && (*p == '\n' || *p == '\r') && c == 0)
            return gop_fail(err, GOP_EFORMAT, "%s:%zu: the line is empty", path, line);
        p = zoo_decimal(&row[c], begin, end);
        if (p == NULL)
            p = pass_non_finite(&row[c], begin, end, found);
        if (p != NULL)
            p = skip_blanks(p, end);
        if (p == NULL || (p < end && *p != ',' && *p != '\n' && *p != '\r'))
            return bad_entry(begin, end, c + 1, line, path, err);
        if (!isfinite(row[c]))
            return gop_fail(err, GOP_EFORMAT, "%s:%zu: column %zu is too large", path, line, c + 1);
        bool more = p < end && *p == ',';
        found->other_width = more == (c + 1 == columns);
        if (!more && c + 1 < columns)
            return gop_fail(err, GOP_EFORMAT, "%s:%zu: %zu columns instead of %zu", path, line,
                            c + 1, columns);
        if (more && c + 1 == columns)
            return gop_fail(err, GOP_EFORMAT, "%s:%zu: more than %zu columns", path, line, columns);
        p += more;
    }
    if (p < end && *p == '\r')
        p++;
    if (p < end && *p != '\n')
        return gop_fail(err, GOP_EFORMAT, "%s:%zu: a carriage return inside the line", path, line);
    *at = p < end ? p + 1 : p;
    return GOP_OK;
}

/* ---------------------------------------------------------------------- pieces */

/* The part of a file read but not parsed yet, and the frames so far. */
typedef struct text {
    const char *path;
    zoo_text *found;
    size_t line; /* number of the last line */
    int fd;
    bool ended;
    char *piece;
    size_t used, room; /* bytes; ZOO_DECIMAL_PAD more are allocated */
    float *frames;
    size_t columns, n, frames_room;
    zoo_rows rows; /* of a text of any dialect */
    bool open;     /* its dialect is known */
    bool plain;    /* lines are as without a layout, if nothing is missing */
    bool headed;   /* the next line is a heading */
} text;

static gop_status no_memory(const text *t, gop_error *err)
{
    return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", t->path);
}

/* Reads until the buffer is full or the file ends. */
static gop_status fill(text *t, gop_error *err)
{
    while (t->used < t->room && !t->ended) {
        ssize_t k = read(t->fd, t->piece + t->used, t->room - t->used);
        if (k < 0 && errno != EINTR) {
            t->found->why = zoo_drop_of(errno);
            return gop_fail(err, GOP_ESYSTEM, "cannot read %s: %s", t->path, strerror(errno));
        }
        t->ended = k == 0;
        t->used += k > 0 ? (size_t)k : 0;
    }
    memset(t->piece + t->used, 0, ZOO_DECIMAL_PAD);
    return GOP_OK;
}

static gop_status grow_piece(text *t, gop_error *err)
{
    size_t room = t->room == 0 ? PIECE : 2 * t->room;
    char *grown = room < SIZE_MAX / 4 ? realloc(t->piece, room + ZOO_DECIMAL_PAD) : NULL;
    if (grown == NULL)
        return no_memory(t, err);
    t->piece = grown;
    t->room = room;
    return GOP_OK;
}

static gop_status grow_frames(text *t, gop_error *err)
{
    size_t room = t->frames_room == 0 ? FIRST_FRAMES : 2 * t->frames_room;
    size_t size = t->columns * sizeof *t->frames;
    float *grown = room <= SIZE_MAX / size ? realloc(t->frames, room * size) : NULL;
    if (grown == NULL)
        return no_memory(t, err);
    t->frames = grown;
    t->frames_room = room;
    return GOP_OK;
}

/* Whether no entry of the line is a number. */
static bool is_heading(const char *p, const char *end)
{
    while (p < end) {
        const char *comma = memchr(p, ',', (size_t)(end - p)), *stop = comma ? comma : end;
        if (zoo_is_numeral(skip_blanks(p, stop), stop))
            return false;
        p = comma != NULL ? comma + 1 : end;
    }
    return true;
}

/* Whether a first frame is 0, 1, 2, ..., which is how programs number columns without names. */
static bool is_numbered(const float *row, size_t columns)
{
    size_t c = 0;
    while (c < columns && row[c] == (float)c)
        c++;
    return c == columns && columns > 1;
}

/* The end of a line that is no frame, or NULL. */
static const char *pass_line(text *t, const char *p, const char *end)
{
    const char *eol = memchr(p, '\n', (size_t)(end - p)), *q = p;
    const char *stop = eol != NULL ? eol : end;
    while (q < stop && isspace((unsigned char)*q))
        q++;
    if (q < stop) {
        if (t->n > 0 || t->found->heading != NULL || !is_heading(p, stop))
            return NULL;
        t->found->heading = "a heading";
    }
    return eol != NULL ? eol + 1 : end;
}

/* Parses the next line into a frame. */
static gop_status take_line(text *t, const char **p, const char *end, gop_error *err)
{
    gop_status s = t->n == t->frames_room ? grow_frames(t, err) : GOP_OK;
    const char *begin = *p;
    float *row = t->frames + t->n * t->columns;
    if (s != GOP_OK)
        return s;
    if (t->line++ == 0)
        begin += zoo_bom(begin, (size_t)(end - begin));
    if (!t->found->exact && (*p = pass_line(t, begin, end)) != NULL)
        return GOP_OK;
    *p = begin;
    s = parse_line(row, t->columns, p, end, t->line, t->path, t->found, err);
    if (s == GOP_OK && t->n == 0 && t->found->heading == NULL && is_numbered(row, t->columns)) {
        t->found->heading = "0, 1, 2, ...: the numbers of the columns";
        return t->found->exact
                   ? gop_fail(err, GOP_EFORMAT,
                              "%s:%zu: the line is 0, 1, 2, ..., the numbers of the columns",
                              t->path, t->line)
                   : GOP_OK;
    }
    t->n += s == GOP_OK;
    if (s == GOP_EFORMAT && !t->found->exact && t->ended && t->n > 0 &&
        memchr(begin, '\n', (size_t)(end - begin)) == NULL) {
        t->found->cut = true;
        *p = end;
        s = GOP_OK;
    }
    return s;
}

/* ------------------------------------------------------------------ any dialect */

/* Reads a line of plain numbers; false for any other. */
static bool take_plain(float *row, size_t columns, const char **at, const char *end)
{
    const char *p = *at;
    if (zoo_decimals(row, columns - 1, &p, end) != columns - 1)
        return false;
    p = zoo_decimal(&row[columns - 1], p, end);
    if (p == NULL || !isfinite(row[columns - 1]))
        return false;
    p += p < end && *p == '\r';
    if (p < end && *p != '\n')
        return false;
    *at = p < end ? p + 1 : p;
    return true;
}

/* Whether the first line of data has plain numbers only: no other dialect has as many. */
static bool is_plain(text *t, const char *p, const char *end)
{
    const char *line, *past;
    bool plain = false;
    for (int i = 0; i < 2 && !plain && zoo_sample_line(&line, &past, &p, end); i++)
        plain = take_plain(t->frames, t->columns, &line, end);
    return plain;
}

/* Finds dialect and columns from the first lines. */
static gop_status open_rows(text *t, const char *p, const char *end, gop_error *err)
{
    const char *list = t->found->list, *line = p, *past = p, *next;
    zoo_sample s = {.dialect = {',', false, false}, .width = t->columns, .text = p, .end = end};
    size_t number = 1;
    if (t->frames == NULL)
        gop_try(grow_frames(t, err));
    next = p += zoo_bom(p, (size_t)(end - p));
    if (list == NULL && is_plain(t, p, end))
        s.heading = zoo_sample_line(&line, &past, &next, end) && is_heading(line, past);
    else
        zoo_sample_take(&s, p, end);
    next = p;
    for (size_t i = 0; i <= s.heading && zoo_sample_line(&line, &past, &next, end); i++)
        continue;
    for (; p < line; p++)
        number += *p == '\n';
    t->open = true;
    t->headed = s.heading;
    const gop_status st = zoo_rows_open(&t->rows, t->found->layout, list, &s, t->path, number, err);
    t->rows.counts = t->found->counts;
    t->plain = st == GOP_OK && t->rows.columns.whole && s.dialect.separator == ',' &&
               !s.dialect.comma && !s.dialect.ends;
    return st;
}

/* Whether a line has nothing, or a comment. */
static bool is_idle(const char *p, const char *end)
{
    p = skip_blanks(p, end);
    return p == end || *p == '\r' || *p == '#';
}

/* What is wrong with the last line may be that it is incomplete. */
static bool may_be_cut(const text *t, gop_status s)
{
    return s == GOP_EFORMAT && t->ended && t->rows.frames > 0 && t->rows.why != ZOO_DROP_TIME;
}

/* Takes the next line of a text of any dialect. */
static gop_status take_row(text *t, const char **at, const char *end, gop_error *err)
{
    zoo_rows *r = &t->rows;
    const char *p = *at;
    if (t->line++ == 0)
        p += zoo_bom(p, (size_t)(end - p));
    float *row = t->plain ? zoo_rows_next(r) : NULL;
    if (t->plain && row == NULL)
        return no_memory(t, err);
    const char *eol = NULL;
    gop_status s = GOP_OK;
    if (t->plain && take_plain(row, t->columns, &p, end)) {
        r->frames++;
        r->lines++;
    } else {
        eol = memchr(p, '\n', (size_t)(end - p));
        const char *past = eol != NULL ? eol : end;
        const bool idle = is_idle(p, past);
        if (!idle && t->headed)
            t->found->heading = "a heading";
        else if (!idle)
            s = zoo_rows_line(r, p, past, t->line, err);
        t->headed = t->headed && idle;
        p = eol != NULL ? eol + 1 : end;
    }
    if (s == GOP_OK && r->frames == 1 && r->lines == 1 && r->columns.whole &&
        t->found->heading == NULL && is_numbered(r->values, t->columns)) {
        t->found->heading = "0, 1, 2, ...: the numbers of the columns";
        r->frames = r->lines = 0;
    }
    *at = p;
    if (!may_be_cut(t, s) || eol != NULL)
        return s;
    t->found->cut = true;
    return GOP_OK;
}

/* ----------------------------------------------------------------------- a text */

/* Parses the complete lines; the rest moves to the front. */
static gop_status parse_piece(text *t, gop_error *err)
{
    const char *p = t->piece, *end = t->piece + t->used;
    gop_status s = GOP_OK;
    while (!t->ended && end > p && end[-1] != '\n')
        end--;
    if (end == p && !t->ended && t->used / ENTRY > t->columns)
        return gop_fail(err, GOP_EFORMAT, "%s:%zu: the line has more than %zu bytes", t->path,
                        t->line + 1, ENTRY * t->columns);
    if (end == p && !t->ended)
        return grow_piece(t, err);
    if (t->found->layout != NULL && !t->open && end > p)
        s = open_rows(t, p, end, err);
    while (p < end && s == GOP_OK)
        s = t->open ? take_row(t, &p, end, err) : take_line(t, &p, end, err);
    t->used = (size_t)(t->piece + t->used - end);
    memmove(t->piece, end, t->used);
    return s;
}

/* Ends a text of any dialect. */
static gop_status finish_rows(text *t, gop_error *err)
{
    zoo_text *found = t->found;
    free(t->frames);
    t->frames = NULL;
    gop_try(zoo_rows_finish(&t->rows, &t->frames, &found->bodies, &t->n, &found->block, err));
    found->number = t->rows.number;
    t->rows.number = NULL;
    found->score = t->rows.columns.score;
    found->repeated = t->rows.repeated;
    found->strangers = t->rows.strangers;
    return GOP_OK;
}

static gop_status read_all(text *t, gop_error *err)
{
    gop_status s = grow_piece(t, err);
    while (s == GOP_OK && !t->ended) {
        s = fill(t, err);
        if (s == GOP_OK)
            s = parse_piece(t, err);
    }
    free(t->piece);
    if (s == GOP_OK && t->open)
        s = finish_rows(t, err);
    if (s == GOP_OK && t->n == 0)
        s = gop_fail(err, GOP_EFORMAT, "%s: %s", t->path,
                     t->found->block             ? "the first frame is incomplete"
                     : t->found->heading != NULL ? "no frames follow the heading"
                                                 : "the file is empty");
    return s;
}

static gop_status read_text(float **raw, size_t *frames, text *t, gop_error *err)
{
    const gop_status s = read_all(t, err);
    t->found->non_finite += t->rows.infinite;
    if (t->open && s != GOP_OK)
        t->found->why = t->rows.why;
    if (t->open)
        zoo_rows_close(&t->rows);
    if (s != GOP_OK) {
        free(t->frames);
        free(t->found->number);
        t->found->number = NULL;
        return s;
    }
    float *tight = t->open ? NULL : realloc(t->frames, t->n * t->columns * sizeof *tight);
    *raw = tight != NULL ? tight : t->frames;
    *frames = t->n;
    return GOP_OK;
}

void zoo_text_report(zoo_report *report, const zoo_text *found, const char *path, size_t n)
{
    if (found->heading != NULL)
        zoo_report_add(report, ZOO_ALTERED, "%s: skipped the first line, %s", path, found->heading);
    if (found->cut)
        zoo_report_add(report, ZOO_ALTERED, "%s: the last line is incomplete; took %zu frames",
                       path, n);
    if (found->block)
        zoo_report_add(report, ZOO_ALTERED, "%s: the last frame is incomplete; took %zu frames",
                       path, n);
    if (found->score)
        zoo_report_add(report, ZOO_ALTERED, "%s: left out the scores, which the layout lacks",
                       path);
    if (found->repeated > 0)
        zoo_report_add(report, ZOO_ALTERED,
                       "%s: left out %zu frames with the number of the frame before", path,
                       found->repeated);
    if (found->strangers > 0)
        zoo_report_add(report, ZOO_ALTERED, "%s: left out %zu lines of nodes that the layout lacks",
                       path, found->strangers);
}

static gop_status read_from(float **raw, size_t *frames, size_t columns, int fd, const char *path,
                            zoo_text *found, gop_error *err)
{
    text t = {.path = path, .columns = columns, .found = found, .fd = fd};
    found->why = ZOO_DROP_FORMAT;
    found->bodies = 1;
    return read_text(raw, frames, &t, err);
}

gop_status zoo_text_read_any(float **raw, size_t *frames, size_t columns, const char *path,
                             zoo_report *report, zoo_text *found, gop_error *err)
{
    bool standard = strcmp(path, "-") == 0;
    *raw = NULL;
    *frames = 0;
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC); /* a pipe may block */
    if (fd < 0)
        return gop_fail(err, GOP_ESYSTEM, "cannot open %s: %s", path, strerror(errno));
    path = standard ? "standard input" : path;
    gop_status s = read_from(raw, frames, columns, fd, path, found, err);
    if (!standard)
        close(fd);
    if (s != GOP_OK)
        return s;
    zoo_text_report(report, found, path, *frames);
    if (report == NULL || zoo_report_whole(report))
        return GOP_OK;
    free(*raw);
    free(found->number);
    found->number = NULL;
    *raw = NULL;
    return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", path);
}

gop_status zoo_poses_read(float **raw, size_t *frames, size_t columns, const char *path,
                          zoo_report *report, gop_error *err)
{
    zoo_text found = {.counts = false};
    if (report != NULL)
        memset(report, 0, sizeof *report);
    if (raw == NULL || frames == NULL || path == NULL || columns == 0)
        return gop_fail(
            err, GOP_EINVAL,
            "zoo_poses_read: a path, result pointers and at least one column are needed");
    return zoo_text_read_any(raw, frames, columns, path, report, &found, err);
}

gop_status zoo_text_read(float **raw, size_t *frames, size_t columns, const char *path,
                         zoo_text *found, gop_error *err)
{
    int fd;
    *raw = NULL;
    *frames = 0;
    gop_try(zoo_regular_open(&fd, &found->why, path, err));
    gop_status s = read_from(raw, frames, columns, fd, path, found, err);
    close(fd);
    return s;
}
