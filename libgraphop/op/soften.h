/*
 * soften.h: the softmax along the middle axis of [outer, length, inner], and its gradient.
 * Internal.
 *
 *     y[o,l,i]  = exp(scale (x[o,l,i] - m)) / sum_k exp(scale (x[o,k,i] - m)),  m = max_k x[o,k,i]
 *     dx[o,l,i] (+)= scale y[o,l,i] (dy[o,l,i] - sum_k dy[o,k,i] y[o,k,i])
 *
 * scale >= 0.  Sums are in order, except those of a contiguous row (inner = 1) of more than
 * GOP_SOFTEN_ROW elements, which are in lanes.  y may be x, and dx may be dy.  Where x - m is NaN
 * for one x, each y of its sum is NaN.
 */
#ifndef GOP_OP_SOFTEN_H
#define GOP_OP_SOFTEN_H

#include "op/op.h"

enum {
    GOP_SOFTEN_ROW = 31,
    /* The most inner elements of one call. */
    GOP_SOFTEN_COLUMNS = 64
};

/* The first n <= GOP_SOFTEN_COLUMNS inner elements: all of s.inner, or those from x on of a single
 * outer one. */
void gop_soften(gop_real *y, const gop_real *x, gop_real scale, gop_span s, size_t n);
void gop_soften_back(gop_real *dx, const gop_real *y, const gop_real *dy, gop_real scale,
                     gop_span s, size_t n, bool add);

/* Of contiguous rows of n elements. */
static inline void gop_soften_rows(gop_real *y, const gop_real *x, gop_real scale, size_t rows,
                                   size_t n)
{
    gop_soften(y, x, scale, (gop_span){rows, n, 1}, 1);
}

static inline void gop_soften_rows_back(gop_real *dx, const gop_real *y, const gop_real *dy,
                                        gop_real scale, size_t rows, size_t n, bool add)
{
    gop_soften_back(dx, y, dy, scale, (gop_span){rows, n, 1}, 1, add);
}

#endif
