/*
 * indexed.h: moving rows between items and places by an index.  Internal to the operators that
 * gather, match, embed, scatter and pool.
 *
 *     gather     item[i, :]  = place[index[i], :]
 *     scatter    place[p, :] = sum, mean or max over the items i with index[i] = p of item[i, :]
 *
 * Each is the backward of the other, for every kind of reduction; a plain gather is the backward of
 * a sum.  The index is data, unknown while recording, so any value is accepted: an item whose
 * number is not an integer in [0, places) has no place; a gather gives it zeros, and a scatter
 * ignores it.  A place without items is zero.  A maximum over items with a NaN is NaN; its gradient
 * goes to the first item that holds it.
 */
#ifndef GOP_OP_INDEXED_H
#define GOP_OP_INDEXED_H

#include "op/op.h"

/* Sizes and kind of one operator's moves. */
typedef struct gop_indexed {
    size_t samples, items, places; /* items and places per sample */
    size_t row;                    /* elements of each */
    size_t step;                   /* from one item's number to the next */
    size_t lists; /* of numbers, each for as many consecutive samples; 0: one for all */
    bool mask;    /* the index is a mask: place 0 where it is not 0, else none */
    gop_reduce kind;
} gop_indexed;

/* The numbers of edges: [E], [E, 2], or with a list for each sample [N, E, 1] or [N, E, 2]. */
typedef struct gop_edge_list {
    size_t edges, step, lists; /* as in gop_indexed */
} gop_edge_list;

gop_edge_list gop_edge_list_of(gop_shape index);
/* Checks that input i is such a list for the [N, E, ...] of input `of`; with `both` it has two
 * numbers for each edge and any E, and fits the N of that input. */
gop_status gop_edge_list_check(const gop_op_plan *p, size_t i, size_t of, bool both);

/* Sets saved and work; out must be set.  The index is input 1. */
gop_status gop_indexed_plan(gop_op_plan *p, gop_indexed x);

/* Places are in[0], items out. */
void gop_gather_forward(const gop_run *r, gop_indexed x);
void gop_gather_backward(const gop_run *r, gop_indexed x);

/* Items are in[0], places out. */
void gop_scatter_forward(const gop_run *r, gop_indexed x);
void gop_scatter_backward(const gop_run *r, gop_indexed x);

#endif
