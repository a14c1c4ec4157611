/*
 * moves.c: see moves.h.
 *
 * A transpose consists of tiles of FOUR x FOUR elements, turned in registers.  They are taken in
 * blocks of HIGH x WIDE, so that both sides are read and written in whole cache lines.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/moves.h"

#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#define HAVE_SHUFFLES
#endif
#endif

enum {
    FOUR = 4,
    HIGH = 16,
    WIDE = 64,
    LONG = 64 /* elements from which on a row is copied by a call */
};

#define INLINE __attribute__((always_inline)) static inline

/* ---------------------------------------------------------------------------- rows */

/* Rows of n elements, h <= n <= 2 h, h a constant. */
INLINE void copy_some(gop_real *restrict to, size_t ldt, const gop_real *restrict from, size_t ldf,
                      size_t rows, size_t n, size_t h)
{
    for (size_t r = 0; r < rows; r++)
        gop_copy_ends(to + r * ldt, from + r * ldf, n, h);
}

static void copy_rows(gop_real *restrict to, size_t ldt, const gop_real *restrict from, size_t ldf,
                      size_t rows, size_t n)
{
    if (n >= LONG)
        for (size_t r = 0; r < rows; r++)
            memcpy(to + r * ldt, from + r * ldf, n * sizeof *to);
    else if (n >= 32)
        copy_some(to, ldt, from, ldf, rows, n, 32);
    else if (n >= 16)
        copy_some(to, ldt, from, ldf, rows, n, 16);
    else if (n >= 8)
        copy_some(to, ldt, from, ldf, rows, n, 8);
    else if (n >= 4)
        copy_some(to, ldt, from, ldf, rows, n, 4);
    else if (n >= 2)
        copy_some(to, ldt, from, ldf, rows, n, 2);
    else
        copy_some(to, ldt, from, ldf, rows, 1, 1);
}

GOP_VECTOR static void add_rows(gop_real *restrict to, size_t ldt, const gop_real *restrict from,
                                size_t ldf, size_t rows, size_t n)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < n; i++)
            to[r * ldt + i] += from[r * ldf + i];
}

void gop_move_rows(gop_real *restrict to, size_t ldt, const gop_real *restrict from, size_t ldf,
                   size_t rows, size_t n, bool add)
{
    if (ldt == n && ldf == n) {
        n *= rows;
        rows = 1;
    }
    if (add)
        add_rows(to, ldt, from, ldf, rows, n);
    else if (n > 0)
        copy_rows(to, ldt, from, ldf, rows, n);
}

/* ----------------------------------------------------------------------- transposes */

/* to[c ldt + r] = from[r ldf + c], r and c < FOUR. */
#ifdef HAVE_SHUFFLES
typedef gop_real four __attribute__((vector_size(FOUR * sizeof(gop_real))));

#define MIX(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)

INLINE void turn_tile(gop_real *restrict to, size_t ldt, const gop_real *restrict from, size_t ldf,
                      bool add)
{
    four a[FOUR], b[FOUR];
    for (size_t i = 0; i < FOUR; i++)
        memcpy(&a[i], from + i * ldf, sizeof a[i]);
    for (size_t i = 0; i < FOUR; i += 2) {
        b[i] = MIX(a[i], a[i + 1], 0, 4, 1, 5);
        b[i + 1] = MIX(a[i], a[i + 1], 2, 6, 3, 7);
    }
    for (size_t i = 0; i < 2; i++) {
        a[2 * i] = MIX(b[i], b[i + 2], 0, 1, 4, 5);
        a[2 * i + 1] = MIX(b[i], b[i + 2], 2, 3, 6, 7);
    }
    for (size_t i = 0; i < FOUR; i++) {
        if (add) {
            memcpy(&b[i], to + i * ldt, sizeof b[i]);
            a[i] += b[i];
        }
        memcpy(to + i * ldt, &a[i], sizeof a[i]);
    }
}
#else
INLINE void turn_tile(gop_real *restrict to, size_t ldt, const gop_real *restrict from, size_t ldf,
                      bool add)
{
    for (size_t c = 0; c < FOUR; c++)
        for (size_t r = 0; r < FOUR; r++)
            GOP_PUT(to[c * ldt + r], add, from[r * ldf + c]);
}
#endif

/* Rows [first, rows) of columns [begin, n), one by one. */
INLINE void turn_single(gop_real *restrict to, size_t ldt, const gop_real *restrict from,
                        size_t ldf, size_t first, size_t rows, size_t begin, size_t n, bool add)
{
    for (size_t c = begin; c < n; c++)
        for (size_t r = first; r < rows; r++)
            GOP_PUT(to[c * ldt + r], add, from[r * ldf + c]);
}

INLINE void turn_block(gop_real *restrict to, size_t ldt, const gop_real *restrict from, size_t ldf,
                       size_t rows, size_t n, bool add)
{
    const size_t tall = rows - rows % FOUR, wide = n - n % FOUR;
    for (size_t c = 0; c < wide; c += FOUR)
        for (size_t r = 0; r < tall; r += FOUR)
            turn_tile(to + c * ldt + r, ldt, from + r * ldf + c, ldf, add);
    turn_single(to, ldt, from, ldf, tall, rows, 0, wide, add);
    turn_single(to, ldt, from, ldf, 0, rows, wide, n, add);
}

INLINE void turn(gop_real *restrict to, size_t ldt, const gop_real *restrict from, size_t ldf,
                 size_t rows, size_t n, bool add)
{
    for (size_t c = 0; c < n; c += WIDE)
        for (size_t r = 0; r < rows; r += HIGH)
            turn_block(to + c * ldt + r, ldt, from + r * ldf + c, ldf, gop_size_min(HIGH, rows - r),
                       gop_size_min(WIDE, n - c), add);
}

/* Two or three columns or rows that lie side by side: the compiler unrolls these. */
INLINE bool turn_few(gop_real *restrict to, size_t ldt, const gop_real *restrict from, size_t ldf,
                     size_t rows, size_t n, bool add)
{
    if (n == 2 && ldf == 2)
        turn_single(to, ldt, from, 2, 0, rows, 0, 2, add);
    else if (n == 3 && ldf == 3)
        turn_single(to, ldt, from, 3, 0, rows, 0, 3, add);
    else if (rows == 2 && ldt == 2)
        turn_single(to, 2, from, ldf, 0, 2, 0, n, add);
    else if (rows == 3 && ldt == 3)
        turn_single(to, 3, from, ldf, 0, 3, 0, n, add);
    else
        return false;
    return true;
}

GOP_VECTOR static void transpose(gop_real *restrict to, size_t ldt, const gop_real *restrict from,
                                 size_t ldf, size_t rows, size_t n)
{
    if (!turn_few(to, ldt, from, ldf, rows, n, false))
        turn(to, ldt, from, ldf, rows, n, false);
}

GOP_VECTOR static void transpose_add(gop_real *restrict to, size_t ldt,
                                     const gop_real *restrict from, size_t ldf, size_t rows,
                                     size_t n)
{
    if (!turn_few(to, ldt, from, ldf, rows, n, true))
        turn(to, ldt, from, ldf, rows, n, true);
}

void gop_transpose(gop_real *restrict to, size_t ldt, const gop_real *restrict from, size_t ldf,
                   size_t rows, size_t n, bool add)
{
    (add ? transpose_add : transpose)(to, ldt, from, ldf, rows, n);
}
