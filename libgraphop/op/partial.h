/*
 * partial.h: cutting the work of operators into pieces that do not depend on the number of threads,
 * and adding their partial sums.  Internal.
 */
#ifndef GOP_OP_PARTIAL_H
#define GOP_OP_PARTIAL_H

#include "graphop.h"
#include "op/op.h"

/* Elements rounded up so that the next array starts on its own cache line. */
static inline size_t gop_line(size_t n)
{
    return gop_round_up(n, 16);
}

/* The number of parts into which `items` are cut: at most `most`, each with at least `least` items
 * unless there is only one. */
static inline size_t gop_parts(size_t items, size_t least, size_t most)
{
    size_t n = items / gop_size_max(least, 1);
    return gop_size_max(gop_size_min(n, most), 1);
}

/* The size of the largest part. */
static inline size_t gop_cut_most(size_t items, size_t parts)
{
    return gop_pieces(items, parts);
}

/* The number of pieces into which this many multiply-adds are cut for threads: `most`, or 1 if
 * handing over the work costs too much of the time it saves. */
static inline size_t gop_shares(size_t madds, size_t most)
{
    return madds < GOP_SHARE_MADDS ? 1 : most;
}

/* Pieces of rows and of columns. */
typedef struct gop_grid {
    size_t rows, cols;
} gop_grid;

/* Where part i of `count` writes its share of a sum: beside the others, or directly to the target
 * if there is only one. */
static inline gop_real *gop_part(gop_real *target, gop_real *parts, size_t count, size_t stride,
                                 size_t i)
{
    return count == 1 ? target : parts + i * stride;
}

/* target (+)= parts[0] + parts[1] + ..., each of n elements, `stride` apart, in that order.  Does
 * nothing if count is 1. */
void gop_sum_parts(gop_ctx *ctx, gop_real *target, bool add, const gop_real *parts, size_t count,
                   size_t stride, size_t n);

/* target[c] (+)= sum over rows of x[row * ld + c], c < n. */
void gop_sum_rows(gop_real *target, bool add, const gop_real *x, size_t rows, size_t n, size_t ld);

/* y[i] += alpha x[i] */
void gop_add_scaled(gop_real *y, double alpha, const gop_real *x, size_t n);

#endif
