/*
 * dialect.c: cuts lines of text into cells, reads cells, and finds the dialect of a text from its
 * first lines.  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif

#include "zoo/dataset/format/dialect.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "zoo/dataset/format/decimal.h"
#include "zoo/numeral.h"

#define LINES 40  /* of a sample decide about the dialect */
#define ODD   4   /* of so many lines, one may have another number of cells */
#define LEAST 256 /* cells of a line that are looked at */

/* ------------------------------------------------------------------------ cells */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The end of the cell that begins at p; *cell is what it holds. */
static const char *take_cell(zoo_cell *cell, const zoo_dialect *d, const char *p, const char *end)
{
    const bool blanks = d->separator == ' ';
    const char *begin = p, *stop;
    if (p < end && *p == '"' && (stop = memchr(p + 1, '"', (size_t)(end - p - 1))) != NULL) {
        begin = p + 1;
        p = stop + 1;
        while (p < end && (blanks ? !is_blank(*p) : *p != d->separator)) {
            if (!is_blank(*p)) /* more than the quoted text: all of it is the cell */
                stop = p + 1;
            p++;
        }
    } else {
        while (p < end && (blanks ? !is_blank(*p) : *p != d->separator))
            p++;
        stop = p;
    }
    while (begin < stop && is_blank(*begin))
        begin++;
    while (stop > begin && is_blank(stop[-1]))
        stop--;
    *cell = (zoo_cell){begin, (size_t)(stop - begin)};
    return p;
}

static const char *skip(const zoo_dialect *d, const char *p, const char *end)
{
    while (p < end && is_blank(*p) && *p != d->separator)
        p++;
    while (d->separator == ' ' && p < end && is_blank(*p))
        p++;
    return p;
}

size_t zoo_cells_cut(zoo_cell *cell, size_t most, const zoo_dialect *d, const char *line,
                     const char *end)
{
    size_t n = 0;
    zoo_cell one = {NULL, 0};
    const char *p = skip(d, line, end);
    bool more = d->separator != ' ' || p < end;
    while (more) {
        p = take_cell(&one, d, skip(d, p, end), end);
        if (n < most)
            cell[n] = one;
        n++;
        if (d->separator == ' ') {
            p = skip(d, p, end);
            more = p < end;
        } else {
            more = p < end;
            p += more;
        }
    }
    return n - (d->ends && n > 1 && one.n == 0);
}

/* A word for what is missing. */
static bool is_missing(const char *text, size_t n)
{
    static const char *const word[] = {"-",    "na",   "n/a",      "#n/a",
                                       "null", "none", "nan(ind)", "-nan(ind)"};
    for (size_t i = 0; i < sizeof word / sizeof word[0]; i++)
        if (strlen(word[i]) == n && strncasecmp(text, word[i], n) == 0)
            return true;
    return n == 0;
}

/* The cell with a decimal point: itself, or a copy in `buf`. */
static zoo_cell with_point(char buf[ZOO_NUMERAL_SIZE], const zoo_dialect *d, const zoo_cell *cell)
{
    if (!d->comma || cell->n >= ZOO_NUMERAL_SIZE || memchr(cell->text, ',', cell->n) == NULL)
        return *cell;
    for (size_t i = 0; i < cell->n; i++)
        buf[i] = cell->text[i];
    *(char *)memchr(buf, ',', cell->n) = memchr(buf, '.', cell->n) == NULL ? '.' : ',';
    return (zoo_cell){buf, cell->n};
}

/* The kind of a cell that is no decimal. */
static zoo_cell_kind kind_of(const zoo_cell *cell)
{
    if (is_missing(cell->text, cell->n))
        return ZOO_CELL_MISSING;
    const char *end = cell->text + cell->n;
    if (zoo_non_finite(cell->text, end) != end)
        return ZOO_CELL_TEXT;
    const size_t sign = cell->text[0] == '-' || cell->text[0] == '+';
    return (cell->text[sign] | 0x20) == 'n' ? ZOO_CELL_MISSING : ZOO_CELL_INFINITE;
}

zoo_cell_kind zoo_cell_float(float *v, const zoo_dialect *d, const zoo_cell *cell)
{
    char buf[ZOO_NUMERAL_SIZE];
    const zoo_cell c = with_point(buf, d, cell);
    *v = NAN;
    if (c.n > 0 && zoo_decimal(v, c.text, c.text + c.n) == c.text + c.n)
        return isfinite(*v) ? ZOO_CELL_NUMBER : ZOO_CELL_INFINITE;
    *v = NAN;
    return kind_of(cell);
}

zoo_cell_kind zoo_cell_double(double *v, const zoo_dialect *d, const zoo_cell *cell)
{
    char buf[ZOO_NUMERAL_SIZE];
    const zoo_cell c = with_point(buf, d, cell);
    *v = NAN;
    return zoo_numeral_read(v, c.text, c.n) ? ZOO_CELL_NUMBER : kind_of(cell);
}

bool zoo_is_numeral(const char *p, const char *end)
{
    float v;
    if (zoo_non_finite(p, end) != NULL)
        return true;
    p = zoo_decimal(&v, p, end);
    while (p != NULL && p < end && strchr("0123456789.+-eE;:|/ \t\r", *p) != NULL)
        p++;
    return p != NULL && p == end;
}

/* ----------------------------------------------------------------------- sample */

bool zoo_sample_line(const char **line, const char **past, const char **p, const char *end)
{
    while (*p < end) {
        const char *eol = memchr(*p, '\n', (size_t)(end - *p)), *q = *p;
        *past = eol != NULL ? eol : end;
        *p = eol != NULL ? eol + 1 : end;
        *line = q;
        while (q < *past && is_blank(*q))
            q++;
        if (q < *past && *q != '#')
            return true;
    }
    return false;
}

/* What the lines of a sample are in one dialect. */
typedef struct trial {
    size_t width, numbers, texts;
} trial;

/* Counts the cells of lines from the `first` on.  False if they have different numbers; one in ODD,
 * which is an error of its own, may differ from the first. */
static bool try_dialect(trial *t, const zoo_sample *s, const zoo_dialect *d, size_t first)
{
    zoo_cell cell[LEAST];
    const char *p = s->text, *line, *past;
    size_t lines = 0, odd = 0;
    *t = (trial){0, 0, 0};
    for (size_t i = 0; i < LINES && zoo_sample_line(&line, &past, &p, s->end); i++) {
        if (i < first)
            continue;
        const size_t n = zoo_cells_cut(cell, LEAST, d, line, past);
        lines++;
        t->width = t->width == 0 ? n : t->width;
        odd += n != t->width;
        for (size_t k = 0; k < n && k < LEAST; k++) {
            float v;
            const zoo_cell_kind kind = zoo_cell_float(&v, d, &cell[k]);
            t->numbers += kind == ZOO_CELL_NUMBER;
            t->texts += kind == ZOO_CELL_TEXT;
        }
    }
    return t->width > 0 && odd * ODD <= lines;
}

/* Whether every line from the `first` on ends with a separator. */
static bool all_end(const zoo_sample *s, char separator, size_t first)
{
    const char *p = s->text, *line, *past;
    size_t n = 0;
    for (size_t i = 0; i < LINES && zoo_sample_line(&line, &past, &p, s->end); i++) {
        if (i < first)
            continue;
        while (past > line && is_blank(past[-1]) && past[-1] != separator)
            past--;
        if (past == line || past[-1] != separator)
            return false;
        n++;
    }
    return n > 0;
}

static size_t count_lines(const zoo_sample *s)
{
    const char *p = s->text, *line, *past;
    size_t n = 0;
    while (n < LINES && zoo_sample_line(&line, &past, &p, s->end))
        n++;
    return n;
}

/* Whether a line has words and no number. */
static bool is_heading(const zoo_dialect *d, const char *line, const char *past)
{
    zoo_cell cell[LEAST];
    const size_t n = zoo_cells_cut(cell, LEAST, d, line, past);
    bool words = false;
    for (size_t k = 0; k < n && k < LEAST; k++) {
        float v;
        const zoo_cell_kind kind = zoo_cell_float(&v, d, &cell[k]);
        if (kind == ZOO_CELL_NUMBER || zoo_is_numeral(cell[k].text, cell[k].text + cell[k].n))
            return false;
        words |= kind == ZOO_CELL_TEXT;
    }
    return words;
}

/* Whether a has more numbers than b for its texts, or as many in more cells. */
static bool is_better(const trial *a, const trial *b)
{
    const size_t mine = a->numbers + b->texts, other = b->numbers + a->texts;
    return b->width == 0 || mine > other || (mine == other && a->width > b->width);
}

/* Finds the best dialect for lines from the `first` on. */
static void choose(zoo_sample *s, size_t first)
{
    static const char separator[] = {',', ';', '\t', ' '};
    trial best = {0, 0, 0}, t;
    for (size_t i = 0; i < sizeof separator; i++)
        for (int comma = 0; comma < 2; comma++) {
            const zoo_dialect d = {separator[i], comma != 0, false};
            if (!try_dialect(&t, s, &d, first) || !is_better(&t, &best))
                continue;
            best = t;
            s->dialect = d;
        }
    s->width = best.width;
    s->may_end = s->dialect.separator != ' ' && all_end(s, s->dialect.separator, first);
}

void zoo_sample_take(zoo_sample *s, const char *text, const char *end)
{
    *s = (zoo_sample){.dialect = {',', false, false}, .text = text, .end = end};
    const char *p = text, *line, *past;
    const size_t lines = count_lines(s);
    /* A last line without an end may be incomplete. */
    while (lines > 2 && s->end > text && s->end[-1] != '\n')
        s->end--;
    choose(s, lines > 1);
    s->end = end;
    if (zoo_sample_line(&line, &past, &p, end))
        s->heading = is_heading(&s->dialect, line, past);
    if (s->heading && lines == 1)
        s->width = 0;
}
