/*
 * temporal_half.h: convolutions along frames with stride 2, and their gradients,
 * in fewer products.  Internal to the operators; see temporal_half.c for the
 * mathematics.
 *
 *     y[q,t,:] = sum_k W[:,k,:] x[q, 2 t + k - pad, :]
 *
 * x [seqs, t_in, c_in] with zeros outside its frames, W [c_out, taps, c_in],
 * y [seqs, t_out, c_out].
 *
 * Results do not depend on how sequences and panels are shared out among calls.
 */
#ifndef GOP_OP_TEMPORAL_TEMPORAL_HALF_H
#define GOP_OP_TEMPORAL_TEMPORAL_HALF_H

#include "graphop.h"

/* The most points and taps of a phase. */
enum { GOP_HALF_POINTS = 10, GOP_HALF_TAPS = 5 };

/* The even or the odd frames of x. */
typedef struct gop_half_phase {
    size_t frames; /* in a sequence */
    size_t tap;    /* the first of the taps that meet them; every other one does */
    size_t taps;   /* how many */
    size_t shift;  /* place of the first among those of the window */
    size_t before; /* frames of the first window before the phase's first */
} gop_half_phase;

typedef struct gop_half {
    bool back; /* dx from dy rather than y from x */
    size_t t_in, t_out, pad, taps, c_in, c_out;
    gop_half_phase phase[2];
    size_t window; /* taps of a phase at most, with the shift */
    size_t top;    /* back: the frame of dy where the first window of one frame of dx begins */
    size_t tile;   /* frames of the result that a tile has */
    size_t points;
    size_t tiles;      /* in a sequence */
    size_t piece;      /* tiles worked on at once */
    size_t deep;       /* elements of a tile at one point */
    size_t gap;        /* from one point's to the next's */
    size_t panels;     /* of channels of the result */
    size_t matrix;     /* elements of one panel's packed weights at one point */
    size_t prepared;   /* elements of all */
    size_t thread;     /* elements of scratch for gop_half_run */
    size_t rows, cols; /* blocks of dW: of c_out, of c_in */
    size_t scratch;    /* elements for gop_half_weights */
} gop_half;

gop_half gop_half_measure(const gop_ctx *ctx, bool back, size_t t_in, size_t pad, size_t taps,
                          size_t c_in, size_t c_out);

/* Whether gop_half_run can do it; and whether it beats products of the full depth
 * with packed weights clearly, for so many sequences in all; `often`: the weights are
 * prepared for each run. */
bool gop_half_works(const gop_half *h);
bool gop_half_pays(const gop_half *h, size_t seqs, bool often);

/* Fills `prepared` from W, on the context's threads. */
void gop_half_prepare(gop_ctx *ctx, const gop_half *h, const gop_real *W, gop_real *prepared);

/* y (+)= the convolution of x, or dx (+)= its gradient from dy, for n sequences and
 * the panels [first, last) of the result's channels; on the calling thread.  `from`
 * and `to` begin at the first of the sequences. */
void gop_half_run(gop_ctx *ctx, const gop_half *h, const gop_real *prepared, size_t n,
                  const gop_real *from, size_t first, size_t last, bool add, gop_real *to,
                  gop_real *scratch);

/* dW [c_out, taps, c_in] (+)= sum over n sequences and the frames t of
 * dy[q,t,:] x[q, 2 t + k - pad, :]^T, block `block` of rows * cols; on the calling
 * thread; h of the forward convolution.  x, dy and dW begin at the first sequence
 * and at the whole of dW. */
void gop_half_weights(gop_ctx *ctx, const gop_half *h, size_t block, size_t n, const gop_real *x,
                      const gop_real *dy, bool add, gop_real *dw, gop_real *scratch);

/* For temporal_half.c and temporal_half_weights.c.  Fills rows, cols and scratch. */
void gop_half_measure_weights(gop_half *h);
/* Row pt of G, for GOP_HALF_TAPS taps at most. */
void gop_half_factors(const gop_half *h, size_t pt, double *g);
/* Whether the phase has weights at the point other than 0. */
bool gop_half_used(const gop_half *h, size_t phase, size_t pt);
/* X of tiles [row, row + rows), counted through all sequences, channels
 * [col, col + n): `to` holds [rows, 2 n] for each point, `gap` apart, even frames
 * first; back, [rows, n].  `edge` is scratch of GOP_HALF_POINTS n elements. */
void gop_half_spread(const gop_half *h, gop_real *to, size_t gap, const gop_real *from, size_t row,
                     size_t rows, size_t col, size_t n, gop_real *edge);

#endif
