/*
 * frames.h: frames of a sequence copied to where those that do not exist are zeros, and
 * copied or added back: the ends of sequences, which the fast loops cannot read or write
 * where they lie.  Internal to the convolutions along frames; static inline only.
 */
#ifndef GOP_OP_TEMPORAL_FRAMES_H
#define GOP_OP_TEMPORAL_FRAMES_H

#include "op/partial.h"

/* `count` frames of n channels side by side: those with lo <= i < hi are at
 * from + i step, the others zeros. */
static inline void gop_take_frames(gop_real *to, const gop_real *from, ptrdiff_t step, size_t lo,
                                   size_t hi, size_t count, size_t n)
{
    hi = gop_size_min(hi, count);
    lo = gop_size_min(lo, hi);
    memset(to, 0, lo * n * sizeof *to);
    if (step == (ptrdiff_t)n)
        memcpy(to + lo * n, from + (ptrdiff_t)lo * step, (hi - lo) * n * sizeof *to);
    else
        for (size_t i = lo; i < hi; i++)
            memcpy(to + i * n, from + (ptrdiff_t)i * step, n * sizeof *to);
    memset(to + hi * n, 0, (count - hi) * n * sizeof *to);
}

/* `count` frames of n channels side by side to (or added to) frames of `ld`. */
static inline void gop_put_frames(gop_real *to, size_t ld, const gop_real *from, size_t count,
                                  size_t n, bool add)
{
    for (size_t i = 0; i < count; i++) {
        if (add)
            gop_add_scaled(to + i * ld, 1, from + i * n, n);
        else
            memcpy(to + i * ld, from + i * n, n * sizeof *to);
    }
}

#endif
