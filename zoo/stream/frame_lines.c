/*
 * frame_lines.c: see frame_lines.h.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/stream/frame_lines.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "zoo/bom.h"
#include "zoo/dataset/format/dialect.h"
#include "zoo/dataset/format/files.h"
#include "zoo/dataset/format/people.h"
#include "zoo/json_feed.h"
#include "zoo/stream/frame_build.h"

#define PIECE ((size_t)1 << 16)
#define ENTRY 32 /* bytes of a value of a long line, at most */

struct zoo_frame_lines {
    zoo_frame_build build;
    double rate;
    uint64_t line;   /* of the text, from 1 */
    uint64_t frames; /* lines and files that stand for a frame */
    uint64_t bad;    /* of these, those that are none */
    char *data;      /* [room]; bytes [from, to) are to be read */
    size_t from, to, room, most;
    size_t looked; /* bytes from `from` on without an end of a line */
    bool ended, long_line;
    bool open;   /* the dialect is known */
    bool headed; /* a heading was passed */
    zoo_dialect dialect;
    zoo_cell *cell; /* [columns + 1] */
    zoo_json_feed feed;
    zoo_people people;
};

gop_status zoo_frame_lines_new(zoo_frame_lines **out, const zoo_layout *layout, double rate,
                               gop_error *err)
{
    if (out == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_frame_lines_new: the result pointer is NULL");
    *out = NULL;
    if (layout == NULL || layout->columns == 0 || !(rate > 0 && isfinite(rate)))
        return gop_fail(err, GOP_EINVAL,
                        "zoo_frame_lines_new: a layout and a rate above 0 are needed");
    zoo_frame_lines *l = calloc(1, sizeof *l);
    if (l != NULL) {
        l->build.layout = layout;
        l->rate = rate;
        l->most = PIECE + (size_t)ZOO_FRAME_BODIES * layout->columns * ENTRY;
        l->room = PIECE;
        l->data = malloc(l->room);
        l->cell = malloc((layout->columns + 1) * sizeof *l->cell);
    }
    if (l == NULL || l->data == NULL || l->cell == NULL) {
        zoo_frame_lines_free(l);
        return gop_fail(err, GOP_ENOMEM, "out of memory for lines of %u columns",
                        (unsigned)layout->columns);
    }
    *out = l;
    return GOP_OK;
}

void zoo_frame_lines_free(zoo_frame_lines *l)
{
    if (l == NULL)
        return;
    zoo_feed_clear(&l->feed);
    zoo_people_clear(&l->people);
    free(l->build.id);
    free(l->build.values);
    free(l->data);
    free(l->cell);
    free(l);
}

uint64_t zoo_frame_lines_bad(const zoo_frame_lines *l)
{
    return l != NULL ? l->bad : 0;
}

/* ----------------------------------------------------------------------- bytes */

char *zoo_frame_lines_room(zoo_frame_lines *l, size_t *size)
{
    if (l == NULL || size == NULL)
        return NULL;
    if (l->from > 0) {
        memmove(l->data, l->data + l->from, l->to - l->from);
        l->to -= l->from;
        l->from = 0;
    }
    if (l->to == l->room) { /* a long line: its beginning is enough to refuse it */
        const size_t room = l->room < l->most ? 2 * l->room : 0;
        char *grown = room > 0 ? realloc(l->data, room) : NULL;
        if (grown != NULL) {
            l->data = grown;
            l->room = room;
        } else {
            l->long_line = true;
            l->to = l->looked = 0;
        }
    }
    *size = l->room - l->to;
    return l->data + l->to;
}

void zoo_frame_lines_add(zoo_frame_lines *l, size_t n)
{
    if (l == NULL)
        return;
    l->to += n < l->room - l->to ? n : l->room - l->to;
    l->ended = l->ended || n == 0;
}

/* Takes the next line [*begin, *end); false if it is not complete. */
static bool take_line(zoo_frame_lines *l, const char **begin, const char **end)
{
    char *p = l->data + l->from;
    const size_t n = l->to - l->from;
    char *eol = n > l->looked ? memchr(p + l->looked, '\n', n - l->looked) : NULL;
    l->looked = n;
    if (eol == NULL && (!l->ended || n == 0))
        return false;
    *begin = p;
    *end = eol != NULL ? eol : p + n;
    l->from += (size_t)(*end - p) + (eol != NULL);
    l->looked = 0;
    if (l->line++ == 0)
        *begin += zoo_bom(*begin, (size_t)(*end - *begin));
    while (*end > *begin && ((*end)[-1] == '\r' || (*end)[-1] == ' ' || (*end)[-1] == '\t'))
        --*end;
    while (*begin < *end && (**begin == ' ' || (**begin == '\t' && l->dialect.separator != '\t')))
        ++*begin;
    return true;
}

/* ------------------------------------------------------------------------ text */

/* Reads the cells of a line in a dialect into a body; false if one is no number.  *n gets their
 * number. */
static bool take_cells(const zoo_frame_lines *l, const zoo_dialect *d, const char *p,
                       const char *end, float *values, size_t *n)
{
    const size_t columns = l->build.layout->columns;
    *n = zoo_cells_cut(l->cell, columns + 1, d, p, end);
    for (size_t c = 0; c < *n && c < columns; c++)
        if (zoo_cell_float(&values[c], d, &l->cell[c]) == ZOO_CELL_TEXT)
            return false;
    return true;
}

/* Whether a line has no cell that is a number, also not a spoilt one. */
static bool is_heading(const zoo_frame_lines *l, const zoo_dialect *d, const char *p,
                       const char *end)
{
    const size_t most = l->build.layout->columns + 1, n = zoo_cells_cut(l->cell, most, d, p, end);
    for (size_t c = 0; c < n && c < most; c++)
        if (zoo_is_numeral(l->cell[c].text, l->cell[c].text + l->cell[c].n))
            return false;
    return true;
}

/* Whether a first frame is 0, 1, 2, ..., the numbers of the columns. */
static bool is_numbered(const float *values, size_t columns)
{
    size_t c = 0;
    while (c < columns && values[c] == (float)c)
        c++;
    return c == columns && columns > 1;
}

/* Reads a line of numbers.  *heading: it is none, but no fault either. */
static gop_status take_text(zoo_frame_lines *l, const char *p, const char *end, bool *heading,
                            gop_error *err)
{
    const size_t columns = l->build.layout->columns;
    zoo_dialect d = l->dialect;
    float *values;
    size_t n;
    *heading = false;
    gop_try(zoo_frame_build_body(&l->build, 1, &values, err));
    if (!l->open) {
        zoo_sample s = {.dialect = {',', false, false}, .text = p, .end = end, .width = columns};
        if (zoo_cells_cut(l->cell, columns + 1, &s.dialect, p, end) != columns)
            zoo_sample_take(&s, p, end);
        d = s.dialect;
        *heading = l->frames == 1 && !l->headed && is_heading(l, &d, p, end);
        if (*heading)
            return GOP_OK;
    }
    const bool numbers = take_cells(l, &d, p, end, values, &n);
    if (n == columns + 1 && l->cell[columns].n == 0 && numbers)
        n--; /* a separator ends the line */
    if (!numbers || n != columns)
        return n > columns   ? gop_fail(err, GOP_EFORMAT, "more than %zu columns", columns)
               : n < columns ? gop_fail(err, GOP_EFORMAT, "%zu columns instead of %zu", n, columns)
                             : gop_fail(err, GOP_EFORMAT, "an entry is not a number");
    *heading = l->frames == 1 && !l->headed && is_numbered(values, columns);
    l->open = true;
    l->dialect = d;
    return GOP_OK;
}

/* ----------------------------------------------------------------------- frames */

static void begin_frame(zoo_frame_lines *l)
{
    l->build.frame.bodies = 0;
    l->build.time = (double)l->frames++ / l->rate;
    l->build.frame.time = l->build.time;
}

static gop_status refuse(zoo_frame_lines *l, const gop_error *why, gop_error *err)
{
    if (why->status != GOP_EFORMAT)
        return gop_fail(err, why->status, "%s", why->message);
    l->bad++;
    return gop_fail(err, GOP_EFORMAT, "line %llu: %s", (unsigned long long)l->line, why->message);
}

/* Refuses a line of which only the end is there. */
static gop_status refuse_long(zoo_frame_lines *l, gop_error *err)
{
    gop_error why;
    l->long_line = false;
    begin_frame(l);
    gop_fail(&why, GOP_EFORMAT, "the line has more than %zu bytes", l->room);
    return refuse(l, &why, err);
}

gop_status zoo_frame_lines_next(zoo_frame_lines *l, const zoo_frame **frame, gop_error *err)
{
    const char *p, *end;
    if (frame != NULL)
        *frame = NULL;
    if (l == NULL || frame == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_frame_lines_next: lines and a result are needed");
    while (take_line(l, &p, &end)) {
        gop_error why = {GOP_OK, ""};
        bool heading = false;
        if (l->long_line)
            return refuse_long(l, err);
        if (p == end || *p == '#')
            continue;
        begin_frame(l);
        const gop_status s = *p == '{' ? zoo_frame_build_json(&l->build, p, end, &why)
                                       : take_text(l, p, end, &heading, &why);
        if (s != GOP_OK)
            return refuse(l, &why, err);
        l->headed = l->headed || heading;
        l->frames -= heading;
        if (heading)
            continue;
        *frame = &l->build.frame;
        return GOP_OK;
    }
    if (!l->long_line || !l->ended)
        return GOP_OK;
    l->line++;
    return refuse_long(l, err);
}

/* ------------------------------------------------------------------------ files */

static gop_status read_people(zoo_frame_lines *l, const char *path, gop_error *err)
{
    zoo_people *p = &l->people;
    zoo_drop why;
    int fd;
    zoo_people_begin(p, path, l->build.layout);
    gop_try(zoo_regular_open(&fd, &why, path, err));
    const gop_status s = zoo_people_read(p, &l->feed, fd, err);
    close(fd);
    gop_try(s);
    if (p->frames > 1)
        return gop_fail(err, GOP_EFORMAT, "%s: %zu frames; a file of one is expected", path,
                        p->frames);
    for (size_t i = 0; i < p->n; i++) {
        float *values;
        const size_t columns = l->build.layout->columns;
        const int64_t id = p->found[i].id;
        gop_try(zoo_frame_build_body(&l->build, id >= 0 ? id : -1, &values, err));
        memcpy(values, p->values + i * columns, columns * sizeof *values);
    }
    return GOP_OK;
}

gop_status zoo_frame_lines_file(zoo_frame_lines *l, const char *path, const zoo_frame **frame,
                                gop_error *err)
{
    uint64_t around;
    if (frame != NULL)
        *frame = NULL;
    if (l == NULL || path == NULL || frame == NULL)
        return gop_fail(err, GOP_EINVAL,
                        "zoo_frame_lines_file: lines, a path and a result are needed");
    begin_frame(l);
    const gop_status s = read_people(l, path, err);
    l->bad += s == GOP_EFORMAT;
    gop_try(s);
    const char *slash = strrchr(path, '/');
    const uint64_t number = zoo_people_number(&around, slash != NULL ? slash + 1 : path);
    if (number != UINT64_MAX)
        l->build.frame.time = (double)number / l->rate;
    *frame = &l->build.frame;
    return GOP_OK;
}
