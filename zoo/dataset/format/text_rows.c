/*
 * text_rows.c: makes frames of the lines of a text.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/dataset/format/text_rows.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_FRAMES 256
#define MOST_VALUES  ((size_t)1 << 26) /* of a table in which a line may begin a frame */
#define SHOWN        24

static bool has(const zoo_rows *r, int role)
{
    return r->columns.at[-role] != SIZE_MAX;
}

/* Whether lines say to which frame, body or node they belong. */
static bool is_table(const zoo_rows *r)
{
    return has(r, ZOO_COLUMN_BODY) || has(r, ZOO_COLUMN_JOINT);
}

/* ------------------------------------------------------------------------ open */

/* Nodes are numbered from 1 if their numbers say so, else from 0. */
static size_t find_base(const zoo_rows *r, const zoo_sample *s)
{
    const size_t at = r->columns.at[-ZOO_COLUMN_JOINT];
    const char *p = s->text, *line, *past;
    double least = INFINITY, most = 0, v;
    while (zoo_sample_line(&line, &past, &p, s->end)) {
        if (zoo_cells_cut(r->cell, r->columns.n, &s->dialect, line, past) <= at)
            continue;
        if (zoo_cell_double(&v, &s->dialect, &r->cell[at]) != ZOO_CELL_NUMBER)
            continue;
        least = v < least ? v : least;
        most = v > most ? v : most;
    }
    return least >= 1 && most == r->layout->nodes;
}

static gop_status unclear(zoo_rows *r, size_t width, size_t line, gop_error *err)
{
    r->why = ZOO_DROP_JOINTS;
    return gop_fail(
        err, GOP_EFORMAT, "%s:%zu: %zu columns instead of %u%s", r->path, line, width,
        (unsigned)r->layout->columns,
        width > r->layout->columns ? "; the option columns names others, as in 'frame,*'" : "");
}

/* Finds the columns by their list, or the list too; a last empty cell of each line may be none. */
static gop_status find_columns(zoo_rows *r, const char *list, const zoo_sample *sample, size_t line,
                               gop_error *err)
{
    char found[ZOO_COLUMNS_SIZE] = "*";
    zoo_sample s = *sample;
    bool clear = list != NULL || s.width == 0 || zoo_columns_guess(found, &s, r->layout);
    if (clear)
        gop_try(zoo_columns_read(&r->columns, list == NULL ? found : list, r->layout, err));
    if (s.may_end && (!clear || (list != NULL && s.width != r->columns.n))) {
        r->dialect.ends = s.dialect.ends = true;
        s.width--;
        if (!clear && (clear = zoo_columns_guess(found, &s, r->layout)))
            gop_try(zoo_columns_read(&r->columns, found, r->layout, err));
    }
    if (!clear)
        return unclear(r, sample->width, line, err);
    if (list == NULL || s.width == 0 || s.width == r->columns.n)
        return GOP_OK;
    r->why = ZOO_DROP_JOINTS;
    return gop_fail(err, GOP_EFORMAT, "%s:%zu: %zu columns; the option columns has %zu", r->path,
                    line, sample->width, r->columns.n);
}

gop_status zoo_rows_open(zoo_rows *r, const zoo_layout *layout, const char *list,
                         const zoo_sample *s, const char *path, size_t line, gop_error *err)
{
    *r = (zoo_rows){.layout = layout,
                    .path = path,
                    .dialect = s->dialect,
                    .slots = 1,
                    .why = ZOO_DROP_FORMAT,
                    .key = -1,
                    .time = -INFINITY};
    gop_try(find_columns(r, list, s, line, err));
    r->slots = has(r, ZOO_COLUMN_BODY) ? ZOO_MAX_BODIES : 1;
    r->cell = malloc(r->columns.n * sizeof *r->cell);
    r->seen = calloc(r->slots * layout->nodes, sizeof *r->seen);
    if (r->cell == NULL || r->seen == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", path);
    if (has(r, ZOO_COLUMN_JOINT))
        r->base = find_base(r, s);
    return GOP_OK;
}

void zoo_rows_close(zoo_rows *r)
{
    zoo_columns_clear(&r->columns);
    free(r->cell);
    free(r->seen);
    free(r->values);
    free(r->number);
    r->cell = NULL;
    r->seen = NULL;
    r->values = NULL;
    r->number = NULL;
}

/* ---------------------------------------------------------------------- frames */

static gop_status no_memory(const zoo_rows *r, gop_error *err)
{
    return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", r->path);
}

static bool grow(zoo_rows *r)
{
    const size_t size = r->slots * r->layout->columns * sizeof *r->values;
    const size_t room = r->room == 0 ? FIRST_FRAMES : 2 * r->room;
    if (room > SIZE_MAX / size)
        return false;
    float *values = realloc(r->values, room * size);
    if (values == NULL)
        return false;
    r->values = values;
    if (has(r, ZOO_COLUMN_FRAME)) {
        uint32_t *number = realloc(r->number, room * sizeof *number);
        if (number == NULL)
            return false;
        r->number = number;
    }
    r->room = room;
    return true;
}

float *zoo_rows_next(zoo_rows *r)
{
    if (r->frames == r->room && !grow(r))
        return NULL;
    return r->values + r->frames * r->slots * r->layout->columns;
}

/* Begins a frame in which every value is missing. */
static gop_status begin_frame(zoo_rows *r, gop_error *err)
{
    const size_t n = r->slots * r->layout->columns;
    if (is_table(r) && (r->frames + 1) > MOST_VALUES / n)
        return gop_fail(err, GOP_EFORMAT, "%s: more than %zu frames are too many", r->path,
                        r->frames);
    float *v = zoo_rows_next(r);
    if (v == NULL)
        return no_memory(r, err);
    for (size_t i = 0; i < n; i++)
        v[i] = NAN;
    if (has(r, ZOO_COLUMN_FRAME))
        r->number[r->frames] = (uint32_t)r->key;
    r->frames++;
    return GOP_OK;
}

/* ------------------------------------------------------------------------ cells */

/* The offending entry for a message: printable, not too long. */
static void show(char buf[SHOWN + 1], const zoo_cell *cell)
{
    size_t n = 0;
    for (; n < cell->n && n < SHOWN; n++)
        buf[n] = cell->text[n] > 0x20 && cell->text[n] < 0x7f ? cell->text[n] : '?';
    buf[n] = '\0';
}

static gop_status bad_cell(const zoo_rows *r, size_t column, size_t line, const char *what,
                           gop_error *err)
{
    char shown[SHOWN + 1];
    show(shown, &r->cell[column]);
    return gop_fail(err, GOP_EFORMAT, "%s:%zu: column %zu is %s (%s)", r->path, line, column + 1,
                    what, shown);
}

static gop_status back_in_time(zoo_rows *r, const char *what, double now, double before,
                               size_t line, gop_error *err)
{
    r->why = ZOO_DROP_TIME;
    return gop_fail(err, GOP_EFORMAT, "%s:%zu: %s %.12g follows %.12g: frames go back in time",
                    r->path, line, what, now, before);
}

/* Reads the frame's number and time; *changed: the line belongs to another frame than the last. */
static gop_status take_time(zoo_rows *r, bool *changed, size_t line, gop_error *err)
{
    const bool frames = has(r, ZOO_COLUMN_FRAME), times = has(r, ZOO_COLUMN_TIME);
    double v;
    *changed = false;
    if (frames) {
        const size_t at = r->columns.at[-ZOO_COLUMN_FRAME];
        if (zoo_cell_double(&v, &r->dialect, &r->cell[at]) != ZOO_CELL_NUMBER || v < 0 ||
            v > UINT32_MAX || v != floor(v))
            return bad_cell(r, at, line, "not the number of a frame", err);
        if (r->lines > 0 && v < r->key)
            return back_in_time(r, "frame", v, r->key, line, err);
        *changed = v != r->key;
        r->key = v;
    }
    if (!times)
        return GOP_OK;
    const size_t at = r->columns.at[-ZOO_COLUMN_TIME];
    if (zoo_cell_double(&v, &r->dialect, &r->cell[at]) != ZOO_CELL_NUMBER)
        return bad_cell(r, at, line, "not a time", err);
    if (r->lines > 0 && v < r->time)
        return back_in_time(r, "time", v, r->time, line, err);
    *changed = frames ? *changed : v != r->time;
    r->time = v;
    return GOP_OK;
}

/* Finds the place of the line's body by its id. */
static gop_status take_body(zoo_rows *r, size_t *slot, size_t line, gop_error *err)
{
    const size_t at = r->columns.at[-ZOO_COLUMN_BODY];
    *slot = 0;
    if (at == SIZE_MAX)
        return GOP_OK;
    const zoo_cell *c = &r->cell[at];
    if (c->n == 0 || c->n >= ZOO_NAME_SIZE)
        return bad_cell(r, at, line, "not the id of a body", err);
    for (; *slot < r->bodies; ++*slot)
        if (strlen(r->id[*slot]) == c->n && memcmp(r->id[*slot], c->text, c->n) == 0)
            return GOP_OK;
    if (r->bodies == ZOO_MAX_BODIES)
        return gop_fail(err, GOP_EFORMAT, "%s:%zu: bodies have more than %d ids", r->path, line,
                        ZOO_MAX_BODIES);
    memcpy(r->id[r->bodies], c->text, c->n);
    r->id[r->bodies++][c->n] = '\0';
    return GOP_OK;
}

/* Finds the line's node by its number or name; SIZE_MAX: the layout has no such name. */
static gop_status take_node(zoo_rows *r, size_t *node, size_t line, gop_error *err)
{
    const size_t at = r->columns.at[-ZOO_COLUMN_JOINT], nodes = r->layout->nodes;
    double v;
    *node = r->columns.nodes ? r->lines % nodes : 0;
    if (at == SIZE_MAX)
        return GOP_OK;
    const zoo_cell_kind kind = zoo_cell_double(&v, &r->dialect, &r->cell[at]);
    if (kind == ZOO_CELL_TEXT) {
        *node = zoo_columns_node(r->layout, &r->cell[at]);
        return GOP_OK;
    }
    r->why = ZOO_DROP_JOINTS;
    if (kind != ZOO_CELL_NUMBER || v != floor(v) || v < (double)r->base ||
        v >= (double)(r->base + nodes))
        return bad_cell(r, at, line, "not a node of the layout", err);
    r->why = ZOO_DROP_FORMAT;
    *node = (size_t)v - r->base;
    return GOP_OK;
}

/* Puts the line's numbers where they belong in a frame of a body. */
static gop_status take_values(zoo_rows *r, float *to, size_t node, size_t line, gop_error *err)
{
    const zoo_columns *c = &r->columns;
    const uint32_t *column = r->layout->column + node * r->layout->channels;
    for (size_t i = 0; i < c->n; i++) {
        if (c->role[i] < 0)
            continue;
        float *v = &to[c->nodes ? column[c->role[i]] : (uint32_t)c->role[i]];
        const zoo_cell_kind kind = zoo_cell_float(v, &r->dialect, &r->cell[i]);
        if (kind == ZOO_CELL_TEXT)
            return bad_cell(r, i, line, "not a number", err);
        if (kind == ZOO_CELL_INFINITE && !r->counts)
            return bad_cell(r, i, line, "not finite", err);
        if (kind == ZOO_CELL_INFINITE) {
            r->infinite++;
            *v = 0;
        }
    }
    return GOP_OK;
}

/* ------------------------------------------------------------------------ lines */

/* Whether a line begins a frame, by its frame or, without, by what the last frame has. */
static gop_status place(zoo_rows *r, bool *begins, bool changed, size_t slot, size_t node,
                        size_t line, gop_error *err)
{
    const bool keys = has(r, ZOO_COLUMN_FRAME) || has(r, ZOO_COLUMN_TIME);
    if (!is_table(r)) {
        *begins = !r->columns.nodes || node == 0;
        if (*begins || !keys || !changed)
            return GOP_OK;
        return gop_fail(err, GOP_EFORMAT, "%s:%zu: a frame has %zu lines instead of %u", r->path,
                        line, node, (unsigned)r->layout->nodes);
    }
    const size_t seen = node == SIZE_MAX ? 0 : r->seen[slot * r->layout->nodes + node];
    const bool again = r->frames > 0 && seen == r->frames;
    *begins = r->frames == 0 || (keys ? changed : again);
    if (!again || *begins)
        return GOP_OK;
    return gop_fail(err, GOP_EFORMAT,
                    "%s:%zu: the frame has %s twice; a column named body must tell bodies apart",
                    r->path, line, r->columns.nodes ? r->layout->node_name[node] : "a body");
}

static gop_status other_width(zoo_rows *r, size_t n, size_t line, gop_error *err)
{
    r->why = ZOO_DROP_JOINTS;
    return n > r->columns.n ? gop_fail(err, GOP_EFORMAT, "%s:%zu: more than %zu columns", r->path,
                                       line, r->columns.n)
                            : gop_fail(err, GOP_EFORMAT, "%s:%zu: %zu columns instead of %zu",
                                       r->path, line, n, r->columns.n);
}

/* A bad cell takes precedence over a wrong number of them: a text of another kind has both. */
static gop_status take_cells(zoo_rows *r, const char *line, const char *end, size_t number,
                             gop_error *err)
{
    const size_t n = zoo_cells_cut(r->cell, r->columns.n, &r->dialect, line, end);
    for (size_t i = 0; i < n && i < r->columns.n && n != r->columns.n; i++) {
        float v;
        if (r->columns.role[i] >= 0 &&
            zoo_cell_float(&v, &r->dialect, &r->cell[i]) == ZOO_CELL_TEXT)
            return bad_cell(r, i, number, "not a number", err);
    }
    return n == r->columns.n ? GOP_OK : other_width(r, n, number, err);
}

gop_status zoo_rows_line(zoo_rows *r, const char *line, const char *end, size_t number,
                         gop_error *err)
{
    const size_t row = r->layout->columns;
    size_t slot, node;
    bool changed, begins;
    gop_try(take_cells(r, line, end, number, err));
    gop_try(take_time(r, &changed, number, err));
    gop_try(take_body(r, &slot, number, err));
    gop_try(take_node(r, &node, number, err));
    gop_try(place(r, &begins, changed, slot, node, number, err));
    if (begins && !is_table(r) && has(r, ZOO_COLUMN_FRAME)) {
        r->repeats = r->frames > 0 && !changed;
        r->repeated += r->repeats;
    }
    if (begins && !r->repeats)
        gop_try(begin_frame(r, err));
    r->lines++;
    if (r->repeats)
        return GOP_OK;
    if (node == SIZE_MAX) {
        r->strangers++;
        return GOP_OK;
    }
    r->seen[slot * r->layout->nodes + node] = r->frames;
    const gop_status s = take_values(r, r->values + ((r->frames - 1) * r->slots + slot) * row, node,
                                     number, err);
    if (s != GOP_OK) { /* a last line may be incomplete */
        r->frames -= begins;
        r->lines--;
    }
    return s;
}

/* ----------------------------------------------------------------------- finish */

/* Moves bodies out of frames. */
static gop_status part(zoo_rows *r, size_t bodies, gop_error *err)
{
    const size_t row = r->layout->columns;
    float *v = malloc(bodies * r->frames * row * sizeof *v);
    if (v == NULL)
        return no_memory(r, err);
    for (size_t b = 0; b < bodies; b++)
        for (size_t t = 0; t < r->frames; t++)
            memcpy(v + (b * r->frames + t) * row, r->values + (t * r->slots + b) * row,
                   row * sizeof *v);
    free(r->values);
    r->values = v;
    return GOP_OK;
}

gop_status zoo_rows_finish(zoo_rows *r, float **values, size_t *bodies, size_t *frames, bool *cut,
                           gop_error *err)
{
    const bool blocks = r->columns.nodes && !is_table(r);
    if (blocks && r->frames > 0 && r->lines % r->layout->nodes != 0) {
        *cut = true;
        r->frames -= !r->repeats;
    }
    *bodies = r->bodies == 0 ? 1 : r->bodies;
    *frames = r->frames;
    if (r->slots > 1 && r->frames > 0)
        gop_try(part(r, *bodies, err));
    if (r->slots == 1 && r->frames > 0) {
        float *tight = realloc(r->values, r->frames * r->layout->columns * sizeof *tight);
        r->values = tight != NULL ? tight : r->values;
    }
    *values = r->values;
    r->values = NULL;
    return GOP_OK;
}
