/*
 * sizes.h: arithmetic of sizes, and the largest size of a tensor.  Static inline only.
 */
#ifndef GOP_CORE_SIZES_H
#define GOP_CORE_SIZES_H

#include <stddef.h>
#include <stdint.h>

/* The most elements of a tensor, or of an operator's saved or scratch memory.  It is more than
 * machines address, and far enough below SIZE_MAX that small multiples, sums and rounding up cannot
 * wrap. */
#define GOP_MOST_ELEMENTS (SIZE_MAX > 0xffffffffu ? SIZE_MAX >> 16 : SIZE_MAX / 64)

static inline size_t gop_size_min(size_t a, size_t b)
{
    return a < b ? a : b;
}

static inline size_t gop_size_max(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* a b, or SIZE_MAX if that does not fit. */
static inline size_t gop_times(size_t a, size_t b)
{
    return b != 0 && a > SIZE_MAX / b ? SIZE_MAX : a * b;
}

/* The number of pieces of `size` that cover n. */
static inline size_t gop_pieces(size_t n, size_t size)
{
    return n / size + (n % size != 0);
}

/* n rounded up to a multiple of `unit`. */
static inline size_t gop_round_up(size_t n, size_t unit)
{
    return gop_pieces(n, unit) * unit;
}

/* The start of part i of `parts` nearly equal parts of n; part i ends at the start of part i +
 * 1. */
static inline size_t gop_cut(size_t n, size_t parts, size_t i)
{
    return n / parts * i + gop_size_min(i, n % parts);
}

#endif
