/*
 * conv.h: the common part of the methods of a convolution along frames: sizes, the division of
 * work, and the table with a row for each method.  Internal to the convolutions along frames; see
 * temporal_conv.c for the mathematics.
 *
 * A method computes y from x, dx from dy, and dW from both, for whole sequences: the operator cuts
 * them into batches, and calls the method for each on one of its threads.  Results do not depend on
 * how sequences and panels of columns are distributed over calls.
 */
#ifndef GOP_OP_TEMPORAL_CONV_H
#define GOP_OP_TEMPORAL_CONV_H

#include "core/packed.h"
#include "op/partial.h"

typedef struct gop_conv_sizes {
    bool back;     /* dx from dy; else y from x, or dW from both */
    bool training; /* weights are prepared in every run */
    size_t seqs, t_in, t_out, c_in, c_out, taps;
    size_t ci, co; /* channels of x and of y in a group */
    gop_conv a;
    /* Frames and channels of the source, x or dy, and of the result. */
    size_t t_from, c_from, t_to, c_to;
    /* The first method of the list that pays.  It sets the members below, except work. */
    const struct gop_conv_method *method;
    size_t batches, blocks; /* of sequences; of panels of columns, or of dW */
    size_t prepared;        /* elements of prepared weights; 0: W is read in place */
    size_t scratch;         /* elements for each thread */
    size_t part;            /* elements of a batch's share of dW, 0: dW itself is written */
    size_t work; /* elements: scratch of all threads, and prepared weights of dx or all shares */
} gop_conv_sizes;

typedef bool gop_conv_pays(const gop_ctx *ctx, const gop_conv_sizes *s);
typedef void gop_conv_measure(const gop_ctx *ctx, gop_conv_sizes *s);
typedef void gop_conv_prepare(gop_ctx *ctx, const gop_conv_sizes *s, const gop_real *W,
                              gop_real *prepared);
typedef void gop_conv_chunk(gop_ctx *ctx, const gop_conv_sizes *s, const gop_real *weights,
                            size_t n, const gop_real *from, size_t first, size_t last, bool add,
                            gop_real *to, gop_real *scratch);
typedef void gop_conv_weights(gop_ctx *ctx, const gop_conv_sizes *s, size_t block, size_t n,
                              const gop_real *x, const gop_real *dy, bool add, gop_real *dw,
                              gop_real *scratch);
typedef void gop_conv_sum(const gop_conv_sizes *s, const gop_real *parts, bool add, gop_real *dw);

typedef struct gop_conv_method {
    const char *name;
    /* Whether it can compute this convolution, and faster than the methods after it. */
    gop_conv_pays *pays;
    /* Sets batches, blocks, prepared and scratch, of y or dx. */
    gop_conv_measure *measure;
    /* Fills `prepared` from W, on the context's threads.  NULL: nothing to prepare. */
    gop_conv_prepare *prepare;
    /* to (+)= y or dx of n sequences, panels [first, last) of its channels; on the calling
     * thread.  `from` and `to` point to the first of the sequences. */
    gop_conv_chunk *chunk;
    /* Sets batches, blocks, scratch and part, of dW. */
    gop_conv_measure *measure_weights;
    /* dw (+)= block `block` of dW of n sequences; on the calling thread.  x and dy point to the
     * first of these, dw to all of dW or of a batch's share. */
    gop_conv_weights *weights;
    /* dw (+)= the batches' shares, `part` apart.  NULL: each has the layout of dW, and they are
     * added to dw in order. */
    gop_conv_sum *sum;
} gop_conv_method;

extern const gop_conv_method gop_depthwise, gop_slices, gop_grouped, gop_toom_cook,
    gop_toom_cook_stride2, gop_direct;

/* Functions in a separate file NAME_weights.c. */
gop_conv_measure gop_toom_cook_measure_weights, gop_toom_cook_stride2_measure_weights,
    gop_direct_measure_weights;
gop_conv_weights gop_toom_cook_weights, gop_toom_cook_stride2_weights, gop_direct_weights;

/* Whether conv_direct.c computes a dilated convolution: its copy of a padded sequence is not much
 * longer than the sequence. */
static inline bool gop_conv_by_phases(const gop_conv_sizes *s)
{
    return s->a.stride == 1 && s->a.dilation * (s->taps - 1) <= 2 * s->t_in;
}

/* ------------------------------------------------------------------- cutting work */

static inline size_t gop_conv_madds(const gop_conv_sizes *s)
{
    return s->seqs * s->t_out * s->taps * s->ci * s->c_out;
}

/* Cuts panels of columns if there are few batches. */
static inline void gop_conv_cut_columns(gop_conv_sizes *s, size_t panels)
{
    s->blocks = 1;
    if (s->batches < GOP_CONV_PIECES && gop_conv_madds(s) >= GOP_CONV_SMALL)
        s->blocks = gop_size_min(panels, gop_pieces(GOP_CONV_PIECES, s->batches));
}

/* Cuts sequences, given the elements read from each. */
static inline void gop_conv_cut(gop_conv_sizes *s, size_t read, size_t panels)
{
    const size_t most = gop_size_max(1, GOP_CONV_READ / read); /* sequences in a batch */
    const size_t rows = s->t_to;
    s->batches = gop_size_max(gop_pieces(s->seqs * rows, GOP_CONV_ROWS), gop_pieces(s->seqs, most));
    if (s->batches < GOP_CONV_PIECES && gop_conv_madds(s) >= GOP_CONV_SMALL)
        s->batches = gop_size_max(
            s->batches, gop_size_min(GOP_CONV_PIECES, s->seqs * rows / (GOP_CONV_ROWS / 2)));
    s->batches = gop_size_min(s->seqs, s->batches);
    gop_conv_cut_columns(s, panels);
}

/* Cuts sequences into batches with shares of dW, given their total elements. */
static inline void gop_conv_cut_shares(gop_conv_sizes *s, size_t elements)
{
    const size_t share = gop_line(s->c_out * s->taps * s->ci);
    const size_t most = gop_size_max(4, gop_size_min(16, elements / share));
    s->batches = gop_size_min(gop_parts(s->seqs * s->t_out, 1024, most), s->seqs);
    s->part = s->batches > 1 ? share : 0;
}

/* n rounded up to an odd number of cache lines: arrays this far apart do not map to the same cache
 * sets. */
static inline size_t gop_conv_gap(size_t n)
{
    return gop_line(n) | 16;
}

/* ------------------------------------------------------------------- single taps */

/* Rows [first, last) of y whose tap k reads a frame of x; row `first` reads `frame`.  All 0: no
 * such row. */
typedef struct gop_conv_meeting {
    size_t first, last, frame;
} gop_conv_meeting;

static inline gop_conv_meeting gop_conv_meet(const gop_conv_sizes *s, size_t k)
{
    const size_t at = s->a.dilation * k, pad = s->a.pad, stride = s->a.stride;
    gop_conv_meeting m = {0, 0, 0};
    if (at < pad)
        m.first = gop_pieces(pad - at, stride);
    if (s->t_in + pad > at)
        m.last = gop_size_min(s->t_out, gop_pieces(s->t_in + pad - at, stride));
    if (m.first < m.last)
        m.frame = m.first * stride + at - pad;
    else
        m.first = m.last;
    return m;
}

#endif
