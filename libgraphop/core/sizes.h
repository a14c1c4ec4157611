/*
 * sizes.h: arithmetic of sizes that many files need, and how large anything may be.
 * Static inline only.
 */
#ifndef GOP_CORE_SIZES_H
#define GOP_CORE_SIZES_H

#include <stddef.h>
#include <stdint.h>

/* Elements of a tensor, or of what an operator keeps or works in, at most.  It is more
 * than machines address, and far enough below SIZE_MAX that small multiples, sums and
 * rounding up cannot wrap. */
#define GOP_MOST_ELEMENTS (SIZE_MAX > 0xffffffffu ? SIZE_MAX >> 16 : SIZE_MAX / 64)

static inline size_t gop_size_min(size_t a, size_t b)
{
    return a < b ? a : b;
}

static inline size_t gop_size_max(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* a b, or SIZE_MAX where that does not fit. */
static inline size_t gop_times(size_t a, size_t b)
{
    return b != 0 && a > SIZE_MAX / b ? SIZE_MAX : a * b;
}

/* How many pieces of `size` cover n. */
static inline size_t gop_pieces(size_t n, size_t size)
{
    return n / size + (n % size != 0);
}

/* n rounded up to a multiple of `unit`. */
static inline size_t gop_round_up(size_t n, size_t unit)
{
    return gop_pieces(n, unit) * unit;
}

/* Where part i of `parts` nearly equal parts of n begins; part i ends where part i + 1
 * begins. */
static inline size_t gop_cut(size_t n, size_t parts, size_t i)
{
    return n / parts * i + gop_size_min(i, n % parts);
}

#endif
