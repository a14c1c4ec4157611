/*
 * toom_cook_stride2_tiles.h: the tiles of frames and the points of toom_cook_stride2.c and
 * toom_cook_stride2_weights.c.  Internal to these; see the first for the mathematics.
 */
#ifndef GOP_OP_TEMPORAL_TOOM_COOK_STRIDE2_TILES_H
#define GOP_OP_TEMPORAL_TOOM_COOK_STRIDE2_TILES_H

#include "op/temporal/conv.h"

/* The most points and taps of a phase; points where a window has five taps. */
enum { GOP_STRIDE2_POINTS = 10, GOP_STRIDE2_TAPS = 5, GOP_STRIDE2_NINE = 9 };

/* The even or the odd frames of x. */
typedef struct gop_stride2_phase {
    size_t frames; /* in a sequence */
    size_t tap;    /* the first tap that reads them; then every other tap */
    size_t taps;   /* how many */
    size_t shift;  /* index of the first among those of the window */
    size_t before; /* frames of the first window before the phase's first */
} gop_stride2_phase;

typedef struct gop_stride2_sizes {
    bool back; /* dx from dy rather than y from x */
    size_t t_in, t_out, taps, c_in, c_out;
    gop_stride2_phase phase[2];
    size_t window; /* the most taps of a phase, with the shift */
    size_t top;    /* backward: the frame of dy at which the first window of a frame of dx starts */
    size_t tile;   /* frames of the result that a tile has */
    size_t points;
    size_t tiles;  /* in a sequence */
    size_t piece;  /* tiles worked on at once */
    size_t deep;   /* elements of a tile at one point */
    size_t gap;    /* from one point's to the next's */
    size_t panels; /* of channels of the result */
    size_t matrix; /* elements of one panel's packed weights at one point */
} gop_stride2_sizes;

gop_stride2_sizes gop_stride2_of(const gop_ctx *ctx, const gop_conv_sizes *s);

/* Whether there are enough points for these taps and this padding. */
bool gop_stride2_works(const gop_stride2_sizes *h);
/* Row pt of G, for at most GOP_STRIDE2_TAPS taps. */
void gop_stride2_factors(const gop_stride2_sizes *h, size_t pt, double *g);
/* Whether the phase has nonzero weights at the point. */
bool gop_stride2_used(const gop_stride2_sizes *h, size_t phase, size_t pt);
/* X of tiles [row, row + rows), counted through all sequences, channels
 * [col, col + n): `to` holds [rows, 2 n] for each point, `gap` apart, even frames
 * first; back, [rows, n].  `edge` is scratch of GOP_STRIDE2_POINTS n elements. */
void gop_stride2_spread(const gop_stride2_sizes *h, gop_real *to, size_t gap, const gop_real *from,
                        size_t row, size_t rows, size_t col, size_t n, gop_real *edge);

#endif
