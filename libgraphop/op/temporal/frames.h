/*
 * frames.h: copies frames of a sequence, with zeros for frames that do not exist, and copies or
 * adds them back: for the ends of sequences, which the fast loops cannot read or write in place.
 * Internal to the convolutions along frames; static inline only.
 */
#ifndef GOP_OP_TEMPORAL_FRAMES_H
#define GOP_OP_TEMPORAL_FRAMES_H

#include "op/partial.h"

/* Copies `count` frames of n channels side by side: frame i is at from + i step if lo <= i < hi,
 * else zeros. */
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

/* Copies or adds `count` frames of n channels side by side to frames `ld` apart. */
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
