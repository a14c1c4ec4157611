/*
 * partial.h: how operators cut their work into pieces that do not depend on the
 * number of threads, and how they add what the pieces found.  Internal.
 */
#ifndef GOP_OP_PARTIAL_H
#define GOP_OP_PARTIAL_H

#include "graphop.h"
#include "op/op.h"

/* Elements rounded up so that what follows starts on a cache line of its own. */
static inline size_t gop_line(size_t n)
{
    return gop_round_up(n, 16);
}

/* Into how many parts `items` are cut: each has at least `least` items, unless
 * that leaves one part, and there are at most `most`. */
static inline size_t gop_parts(size_t items, size_t least, size_t most)
{
    size_t n = items / gop_size_max(least, 1);
    return gop_size_max(gop_size_min(n, most), 1);
}

/* The longest of the parts. */
static inline size_t gop_cut_most(size_t items, size_t parts)
{
    return gop_pieces(items, parts);
}

/* Into how many pieces so many multiply-adds are cut for threads to share: `most`, or one
 * where handing work over costs too much of what it saves. */
static inline size_t gop_shares(size_t madds, size_t most)
{
    return madds < GOP_SHARE_MADDS ? 1 : most;
}

/* Pieces of rows and of columns. */
typedef struct gop_grid {
    size_t rows, cols;
} gop_grid;

/* Where part i of `count` writes its share of a sum: beside the others, or at
 * once to the target when there is only one. */
static inline gop_real *gop_part(gop_real *target, gop_real *parts, size_t count, size_t stride,
                                 size_t i)
{
    return count == 1 ? target : parts + i * stride;
}

/* target (+)= parts[0] + parts[1] + ..., each of n elements, `stride` apart, in
 * that order.  Nothing to do when count is 1. */
void gop_sum_parts(gop_ctx *ctx, gop_real *target, bool add, const gop_real *parts, size_t count,
                   size_t stride, size_t n);

/* target[c] (+)= sum over rows of x[row * ld + c], c < n. */
void gop_sum_rows(gop_real *target, bool add, const gop_real *x, size_t rows, size_t n, size_t ld);

/* y[i] += alpha x[i] */
void gop_add_scaled(gop_real *y, double alpha, const gop_real *x, size_t n);

#endif
