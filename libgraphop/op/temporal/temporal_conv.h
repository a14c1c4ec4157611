/*
 * temporal_conv.h: what the files of the convolution along frames share: its sizes and
 * which of the three ways it is done in.  Internal to temporal_conv.c and
 * temporal_conv_weights.c; see the first for the mathematics.
 */
#ifndef GOP_OP_TEMPORAL_TEMPORAL_CONV_H
#define GOP_OP_TEMPORAL_TEMPORAL_CONV_H

#include "op/partial.h"
#include "op/temporal/temporal_fast.h"
#include "op/temporal/temporal_half.h"

/* Pieces that any product of some size is cut into. */
enum { GOP_CONV_PIECES = 8 };

typedef struct gop_conv_sizes {
    size_t seqs, t_in, t_out, c_in, c_out, taps, stride, pad;
    size_t deep;                       /* taps c_in */
    size_t frames, dy_frames, dy_left; /* of a padded sequence of x, of dy; zeros before dy */
    size_t groups, cols;               /* of sequences and of panels of columns, forward */
    size_t x_groups, x_cols;
    size_t w_groups, w_blocks, w_chunk; /* of sequences, of columns; sequences packed at once */
    bool aligned;                       /* each panel of dW's columns lies within a tap */
    size_t part, back; /* elements of a share of dW, of the weights packed for dx */
    size_t thread;
    bool fast, fast_back; /* y and dW, dx by temporal_fast.c */
    gop_fast f, f_back;
    bool half, half_back; /* y and dW, dx by temporal_half.c */
    gop_half h, h_back;
} gop_conv_sizes;

typedef struct gop_conv_job {
    const gop_run *r;
    gop_conv_sizes s;
    gop_real *weights; /* packed for dx, phase by phase */
    gop_real *parts;
} gop_conv_job;

/* Fills w_groups, w_blocks, w_chunk, aligned and part, and makes `thread` large enough. */
void gop_conv_measure_weights(const gop_ctx *ctx, gop_conv_sizes *s);

/* dW, on the context's threads. */
void gop_conv_weights(gop_conv_job *j);

#endif
