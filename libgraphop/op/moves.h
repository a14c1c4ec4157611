/*
 * moves.h: copies of rows that lie apart, and transposes.  Internal.
 *
 * With `add` the result is accumulated, else overwritten.  `to` and `from` do not overlap.
 */
#ifndef GOP_OP_MOVES_H
#define GOP_OP_MOVES_H

#include "op/op.h"

/* to[r ldt + i] = from[r ldf + i], r < rows, i < n. */
void gop_move_rows(gop_real *restrict to, size_t ldt, const gop_real *restrict from, size_t ldf,
                   size_t rows, size_t n, bool add);

/* to[c ldt + r] = from[r ldf + c], r < rows, c < n. */
void gop_transpose(gop_real *restrict to, size_t ldt, const gop_real *restrict from, size_t ldf,
                   size_t rows, size_t n, bool add);

#endif
