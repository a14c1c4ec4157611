/*
 * columns.h: what the columns of a text hold: a list of names, given or found.  Private to
 * zoo/dataset.
 *
 * The names are frame, time, body, joint, those of a node's channels (x, y, z, score, w, or v1, v2
 * and so on) and - for a column to skip.  * stands for all columns of the layout.  ... at the end
 * repeats the channels before it for every node.  With neither, a line has one node: the one that
 * joint names, or the next one.
 */
#ifndef ZOO_DATASET_FORMAT_COLUMNS_H
#define ZOO_DATASET_FORMAT_COLUMNS_H

#include "zoo/dataset/format/dialect.h"
#include "zoo/skeleton/layout.h"

/* The longest list with its end. */
#define ZOO_COLUMNS_SIZE 256

/* What a column is, if not a place: a column of the layout, or a channel of a line's node. */
enum {
    ZOO_COLUMN_SKIP = -1,
    ZOO_COLUMN_FRAME = -2,
    ZOO_COLUMN_TIME = -3,
    ZOO_COLUMN_BODY = -4,
    ZOO_COLUMN_JOINT = -5
};

typedef struct zoo_columns {
    size_t n;
    int32_t *role; /* [n], owned */
    bool nodes;    /* a line has one node; otherwise all */
    bool whole;    /* each line has every column of the layout, in order, and no other */
    bool score;    /* a score was skipped, since the layout has none */
    size_t at[6];  /* the column with role -i; SIZE_MAX: none */
} zoo_columns;

/* Reads a list.  GOP_EINVAL names what is wrong; GOP_ENOMEM. */
gop_status zoo_columns_read(zoo_columns *columns, const char *list, const zoo_layout *layout,
                            gop_error *err);
void zoo_columns_clear(zoo_columns *columns);
/* Finds the list of a text from its first lines: by names in the heading, by the number of columns,
 * and by the numbers in the first ones.  False if that leaves a doubt. */
bool zoo_columns_guess(char list[ZOO_COLUMNS_SIZE], const zoo_sample *sample,
                       const zoo_layout *layout);
/* The node with a name, whose case and marks do not count, or SIZE_MAX. */
size_t zoo_columns_node(const zoo_layout *layout, const zoo_cell *name);

#endif
