/*
 * text_rows.h: makes frames of the lines of a text whose columns are known: a line a frame, a line a node,
 * or lines in tables with the numbers of frames, bodies and nodes.  Private to zoo/dataset.
 */
#ifndef ZOO_DATASET_FORMAT_TEXT_ROWS_H
#define ZOO_DATASET_FORMAT_TEXT_ROWS_H

#include "zoo/dataset/format/columns.h"
#include "zoo/dataset/prepare.h"

typedef struct zoo_rows {
    const zoo_layout *layout;
    const char *path;
    bool counts; /* infinite values are counted and no errors */
    zoo_dialect dialect;
    zoo_columns columns;
    zoo_cell *cell;   /* of the present line */
    size_t slots;     /* bodies that a frame has room for */
    float *values;    /* [frames, slots, layout->columns]; NaN: missing */
    uint32_t *number; /* [frames], if the text numbers frames */
    size_t frames, room;
    size_t infinite;  /* values */
    zoo_drop why;     /* of a failure */
    size_t lines;     /* taken */
    size_t base;      /* number of the first node */
    bool repeats;     /* the present frame has the number of the last: left out */
    size_t repeated;  /* frames left out */
    size_t strangers; /* lines of nodes that the layout lacks */
    double key, time; /* of the last line: its frame, or time without frames */
    size_t bodies;    /* ids seen */
    char id[ZOO_MAX_BODIES][ZOO_NAME_SIZE];
    size_t *seen; /* [slots, nodes]: the last frame that has the node, from 1 */
} zoo_rows;

/* Begins to read a text of this dialect.  `list` names the columns; NULL: they are found from the
 * sample.  GOP_EFORMAT if that leaves a doubt, with *rows.why; GOP_EINVAL, GOP_ENOMEM. */
gop_status zoo_rows_open(zoo_rows *rows, const zoo_layout *layout, const char *list,
                         const zoo_sample *sample, const char *path, size_t line, gop_error *err);
void zoo_rows_close(zoo_rows *rows);
/* Takes a line [line, end) without its end. */
gop_status zoo_rows_line(zoo_rows *rows, const char *line, const char *end, size_t number,
                         gop_error *err);
/* The place of a new frame of all columns, for a line that is read without zoo_rows_line.  NULL
 * without memory. */
float *zoo_rows_next(zoo_rows *rows);
/* Ends reading: *values gets [*bodies, *frames, columns], which the caller frees.  *cut: the last
 * frame lacked nodes and was left out. */
gop_status zoo_rows_finish(zoo_rows *rows, float **values, size_t *bodies, size_t *frames,
                           bool *cut, gop_error *err);

#endif
