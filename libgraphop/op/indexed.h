/*
 * indexed.h: moving rows between items and places by an index.  Internal to the operators that
 * gather, match, embed, repeat, scatter and pool.
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
    size_t step; /* from one item's number to the next; 0: all items are at place 0 */
    bool own;    /* each sample has its own index */
    bool mask;   /* the index is a mask: place 0 where it is not 0, else none */
    gop_reduce kind;
} gop_indexed;

/* Sets saved and work; out must be set.  The index, if any, is input 1. */
gop_status gop_indexed_plan(gop_op_plan *p, gop_indexed x);

/* Places are in[0], items out. */
void gop_gather_forward(const gop_run *r, gop_indexed x);
void gop_gather_backward(const gop_run *r, gop_indexed x);

/* Items are in[0], places out. */
void gop_scatter_forward(const gop_run *r, gop_indexed x);
void gop_scatter_backward(const gop_run *r, gop_indexed x);

#endif
