/*
 * rows.h: operations on rows of reals: the maximum that keeps a NaN, and sums.  Internal.
 */
#ifndef GOP_OP_ROWS_H
#define GOP_OP_ROWS_H

#include "graphop.h"

enum { GOP_SUM_LANES = 8 };

/* y[i] = the larger of y[i] and x[i]; if at is not NULL, at[i] = item if that is x[i].  Among equal
 * values, and among several NaN, the first one stays. */
void gop_row_larger(gop_real *restrict y, gop_real *restrict at, const gop_real *restrict x,
                    gop_real item, size_t n);

/* y[i] = the maximum of x[l ld + i], l < rows; if at is not NULL, at[i] = the first such l. */
void gop_rows_max(gop_real *restrict y, gop_real *restrict at, const gop_real *restrict x,
                  size_t rows, size_t ld, size_t n);

/* The maximum of n >= 1 reals. */
gop_real gop_row_max(const gop_real *x, size_t n);

/* A sum in double and in lanes: element i is added to lane i mod GOP_SUM_LANES, and the lanes are
 * added in order. */
double gop_row_sum(const gop_real *x, size_t n);

/* The dot product in gop_real, summed in order. */
gop_real gop_row_dot(const gop_real *x, const gop_real *y, size_t n);

#endif
