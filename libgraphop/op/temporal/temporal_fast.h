/*
 * temporal_fast.h: convolutions along frames with stride 1 in fewer products.
 * Internal to the operators; see temporal_fast.c for the mathematics.
 *
 *     y[q,t,:] = sum_k W[:,k,:] x[q, t + k - pad, :]
 *
 * x [seqs, t_in, c_in] with zeros outside its frames, W [c_out, taps, c_in],
 * y [seqs, t_out, c_out], t_out = t_in + 2 pad - taps + 1.
 *
 * Results do not depend on how sequences and panels are shared out among calls.
 */
#ifndef GOP_OP_TEMPORAL_TEMPORAL_FAST_H
#define GOP_OP_TEMPORAL_TEMPORAL_FAST_H

#include "graphop.h"

/* Frames of y and of x that belong to a tile, and its products. */
enum { GOP_FAST_TILE = 9, GOP_FAST_REACH = 17, GOP_FAST_POINTS = 25 };

typedef struct gop_fast {
    size_t t_in, t_out, pad, taps, c_in, c_out;
    size_t tiles;      /* of frames of y, in a sequence */
    size_t groups;     /* of taps; one up to nine taps */
    size_t piece;      /* tiles worked on at once */
    size_t gap;        /* from one point's transformed x to the next's */
    size_t panels;     /* of channels of y */
    size_t matrix;     /* elements of one panel's packed weights at one point */
    size_t prepared;   /* elements of all */
    size_t thread;     /* elements of scratch for gop_fast_forward */
    size_t rows, cols; /* blocks of dW: of c_out, of c_in */
    size_t back;       /* elements of scratch for gop_fast_weights */
} gop_fast;

gop_fast gop_fast_measure(const gop_ctx *ctx, size_t t_in, size_t pad, size_t taps, size_t c_in,
                          size_t c_out);

/* Whether gop_fast_forward beats one product of depth taps c_in with packed
 * weights clearly.  It needs enough channels, taps and whole tiles. */
bool gop_fast_pays(const gop_fast *f);

/* Fills `prepared` from W [c_out, taps, c_in], on the context's threads.  With
 * `flip`, from the W [c_in, taps, c_out] of the convolution that this one is the
 * gradient of: its dx is this one's y, for x its dy and pad = taps - 1 - its pad. */
void gop_fast_prepare(gop_ctx *ctx, const gop_fast *f, const gop_real *W, bool flip,
                      gop_real *prepared);

/* y (+)= the convolution, for n sequences and the panels [first, last) of c_out;
 * on the calling thread.  x and y begin at the first of the sequences. */
void gop_fast_forward(gop_ctx *ctx, const gop_fast *f, const gop_real *prepared, size_t n,
                      const gop_real *x, size_t first, size_t last, bool add, gop_real *y,
                      gop_real *scratch);

/* dW [c_out, taps, c_in] (+)= sum over n sequences and the frames t of
 * dy[q,t,:] x[q, t + k - pad, :]^T, block `block` of rows * cols; on the calling
 * thread.  x, dy and dW begin at the first sequence and at the whole of dW. */
void gop_fast_weights(gop_ctx *ctx, const gop_fast *f, size_t block, size_t n, const gop_real *x,
                      const gop_real *dy, bool add, gop_real *dw, gop_real *scratch);

/* For temporal_fast.c and temporal_fast_weights.c: fills rows, cols and back; and X of tiles
 * [row, row + rows), counted through all sequences, channels [col, col + n) only:
 * `to` holds [rows, n] for each point, `gap` apart.  `edge` is scratch of
 * GOP_FAST_REACH n elements. */
void gop_fast_measure_weights(gop_fast *f);
void gop_fast_spread(const gop_fast *f, gop_real *to, size_t gap, const gop_real *x, size_t row,
                     size_t rows, size_t col, size_t n, gop_real *edge);

#endif
