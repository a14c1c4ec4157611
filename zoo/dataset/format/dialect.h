/*
 * dialect.h: how a text separates its cells and writes its numbers, and what a cell holds.  Private
 * to zoo/dataset.
 */
#ifndef ZOO_DATASET_FORMAT_DIALECT_H
#define ZOO_DATASET_FORMAT_DIALECT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct zoo_dialect {
    char separator; /* ',', ';', a tab, or ' ': any number of blanks */
    bool comma;     /* decimals have a comma instead of a point */
    bool ends;      /* a separator also ends each line */
} zoo_dialect;

/* A part of a line, without the blanks and the quotes around it. */
typedef struct zoo_cell {
    const char *text;
    size_t n;
} zoo_cell;

/* What a cell holds: a finite number; nothing, or a word for that, as NaN, NA, null, none and -; an
 * infinite or too large number; any other text. */
typedef enum zoo_cell_kind {
    ZOO_CELL_NUMBER,
    ZOO_CELL_MISSING,
    ZOO_CELL_INFINITE,
    ZOO_CELL_TEXT
} zoo_cell_kind;

/* The first lines of a text. */
typedef struct zoo_sample {
    zoo_dialect dialect;
    size_t width;           /* cells of a line of data; 0: no dialect has as many in each */
    bool heading;           /* the first line is none of data */
    bool may_end;           /* the last cell of each line is empty: perhaps none */
    const char *text, *end; /* complete lines, without a byte order mark */
} zoo_sample;

/* Finds the dialect in which lines have equally many cells, the fewest of them texts. */
void zoo_sample_take(zoo_sample *sample, const char *text, const char *end);
/* The next line of a text that is neither empty nor a comment (#), [*line, *past); *p moves behind
 * it.  False at the end. */
bool zoo_sample_line(const char **line, const char **past, const char **p, const char *end);

/* Cuts the line [line, end), without its end, into cells; `cell` gets the first `most`.  Returns
 * their number. */
size_t zoo_cells_cut(zoo_cell *cell, size_t most, const zoo_dialect *d, const char *line,
                     const char *end);
/* Sets *v to a cell's number, NaN if it is missing. */
zoo_cell_kind zoo_cell_float(float *v, const zoo_dialect *d, const zoo_cell *cell);
/* The same for a frame's number or a time, in double. */
zoo_cell_kind zoo_cell_double(double *v, const zoo_dialect *d, const zoo_cell *cell);

/* Whether an entry is a number, or a spoilt one: it begins with a number and has no letters, so that
 * "0_x" is a word but "1;2" and "1.5-" are not. */
bool zoo_is_numeral(const char *text, const char *end);

#endif
