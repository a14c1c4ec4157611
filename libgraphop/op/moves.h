/*
 * moves.h: copies of rows that lie apart, and transposes.  Internal.
 *
 * With `add` the result is accumulated, else overwritten.  `to` and `from` do not overlap.
 */
#ifndef GOP_OP_MOVES_H
#define GOP_OP_MOVES_H

#include "op/op.h"

/* The first and the last h of n elements, h <= n <= 2 h; h is a constant. */
__attribute__((always_inline)) static inline void gop_copy_ends(gop_real *restrict to,
                                                                const gop_real *restrict from,
                                                                size_t n, size_t h)
{
    memcpy(to, from, h * sizeof *to);
    if (n > h)
        memcpy(to + n - h, from + n - h, h * sizeof *to);
}

enum { GOP_SHORT = 16 };

/* n < GOP_SHORT elements, without a call. */
static inline void gop_copy_short(gop_real *restrict to, const gop_real *restrict from, size_t n)
{
    if (n >= 8)
        gop_copy_ends(to, from, n, 8);
    else if (n >= 4)
        gop_copy_ends(to, from, n, 4);
    else if (n >= 2)
        gop_copy_ends(to, from, n, 2);
    else if (n > 0)
        to[0] = from[0];
}

/* to[r ldt + i] = from[r ldf + i], r < rows, i < n. */
void gop_move_rows(gop_real *restrict to, size_t ldt, const gop_real *restrict from, size_t ldf,
                   size_t rows, size_t n, bool add);

/* to[c ldt + r] = from[r ldf + c], r < rows, c < n. */
void gop_transpose(gop_real *restrict to, size_t ldt, const gop_real *restrict from, size_t ldf,
                   size_t rows, size_t n, bool add);

#endif
