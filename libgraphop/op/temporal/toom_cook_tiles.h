/*
 * toom_cook_tiles.h: the tiles of frames of toom_cook.c and toom_cook_weights.c.  Internal to
 * these; see the first for the mathematics.
 */
#ifndef GOP_OP_TEMPORAL_TOOM_COOK_TILES_H
#define GOP_OP_TEMPORAL_TOOM_COOK_TILES_H

#include "op/temporal/conv.h"

/* Frames of y and of x in a tile, and its products. */
enum { GOP_TOOM_COOK_TILE = 9, GOP_TOOM_COOK_REACH = 17, GOP_TOOM_COOK_POINTS = 25 };

/* y from x; dx is the y of the convolution of dy with the taps in reverse. */
typedef struct gop_toom_cook_sizes {
    size_t t_in, t_out, pad, taps, c_in, c_out;
    size_t tiles;  /* of frames of y, in a sequence */
    size_t groups; /* of taps; one up to nine taps */
    size_t piece;  /* tiles worked on at once */
    size_t gap;    /* from one point's transformed x to the next's */
    size_t panels; /* of channels of y */
    size_t matrix; /* elements of one panel's packed weights at one point */
} gop_toom_cook_sizes;

gop_toom_cook_sizes gop_toom_cook_of(const gop_ctx *ctx, const gop_conv_sizes *s);

/* X of tiles [row, row + rows), counted through all sequences, channels [col, col + n) only:
 * `to` holds [rows, n] for each point, `gap` apart.  `edge` is scratch of
 * GOP_TOOM_COOK_REACH n elements. */
void gop_toom_cook_spread(const gop_toom_cook_sizes *f, gop_real *to, size_t gap, const gop_real *x,
                          size_t row, size_t rows, size_t col, size_t n, gop_real *edge);

#endif
