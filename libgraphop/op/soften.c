/*
 * soften.c: see soften.h.
 *
 * Vectors run over columns, so that each column is summed in order and nothing is added across a
 * vector.  Rows of up to GOP_SOFTEN_ROW elements are transposed, ACROSS at a time, into a block
 * whose columns they are.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/soften.h"

#include "core/vector.h"
#include "op/fastmath.h"
#include "op/op.h"

enum {
    ACROSS = 16,                    /* rows of a block */
    MOST_COLUMNS = ACROSS * ACROSS, /* and of its transposed form, if each row has ACROSS columns */
    TILE = 8,                       /* rows and columns that are transposed in registers */
    FEW = 4,                        /* rows that are not worth a block */
    MAX_LANES = 16
};

/* In front of a loop of few iterations: unrolled, GCC would not vectorise it. */
#if defined(__GNUC__) && !defined(__clang__)
#define KEEP_LOOP _Pragma("GCC unroll 1")
#else
#define KEEP_LOOP
#endif

/* ------------------------------------------------------------------------- columns */

/* A NaN loses against a number here, but reaches each y through the sum. */
static inline gop_real larger(gop_real a, gop_real b)
{
    return b > a ? b : a;
}

/* Softmax of n columns.  n may be a constant.  Always inlined, so that it becomes a part of each
 * clone. */
__attribute__((always_inline)) static inline void soften_columns(gop_real *y, const gop_real *x,
                                                                 gop_real scale, size_t length,
                                                                 size_t ld, size_t n)
{
    gop_real most[MOST_COLUMNS], sum[MOST_COLUMNS];
    /* Contiguous columns are one row for the exponential. */
    const size_t rows = ld == n ? 1 : length, row = ld == n ? length * n : n;
    for (size_t k = 0; k < n; k++) {
        most[k] = x[k];
        sum[k] = 0;
    }
    for (size_t l = 1; l < length; l++) {
        KEEP_LOOP
        for (size_t k = 0; k < n; k++)
            most[k] = larger(most[k], x[l * ld + k]);
    }
    for (size_t l = 0; l < length; l++) {
        GOP_INDEPENDENT
        for (size_t k = 0; k < n; k++)
            y[l * ld + k] = scale * (x[l * ld + k] - most[k]);
    }
    for (size_t l = 0; l < rows; l++) {
        GOP_INDEPENDENT
        for (size_t k = 0; k < row; k++)
            y[l * ld + k] = gop_exp_down(y[l * ld + k]);
    }
    for (size_t l = 0; l < length; l++) {
        KEEP_LOOP
        for (size_t k = 0; k < n; k++)
            sum[k] += y[l * ld + k];
    }
    for (size_t k = 0; k < n; k++)
        sum[k] = 1 / sum[k];
    for (size_t l = 0; l < length; l++) {
        KEEP_LOOP
        for (size_t k = 0; k < n; k++)
            y[l * ld + k] *= sum[k];
    }
}

GOP_VECTOR static void columns(gop_real *y, const gop_real *x, gop_real scale, size_t length,
                               size_t ld, size_t n)
{
    soften_columns(y, x, scale, length, ld, n);
}

GOP_VECTOR static void block_columns(gop_real *y, gop_real scale, size_t length)
{
    soften_columns(y, y, scale, length, ACROSS, ACROSS);
}

GOP_VECTOR static void columns_back(gop_real *dx, const gop_real *y, const gop_real *dy,
                                    gop_real scale, size_t length, size_t ld, size_t n, bool add)
{
    gop_real dot[MOST_COLUMNS];
    for (size_t k = 0; k < n; k++)
        dot[k] = 0;
    for (size_t l = 0; l < length; l++)
        for (size_t k = 0; k < n; k++)
            dot[k] += dy[l * ld + k] * y[l * ld + k];
    for (size_t l = 0; l < length; l++) {
        GOP_INDEPENDENT
        for (size_t k = 0; k < n; k++)
            GOP_PUT(dx[l * ld + k], add, scale * y[l * ld + k] * (dy[l * ld + k] - dot[k]));
    }
}

/* ---------------------------------------------------------------------------- rows */

#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#define HAVE_SHUFFLES
#endif
#endif

/* to[c ldt + r] = from[r ldf + c], r and c < TILE. */
#ifdef HAVE_SHUFFLES
typedef gop_real tile_row __attribute__((vector_size(TILE * sizeof(gop_real))));

#define MIX(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)

__attribute__((always_inline)) static inline void transpose_tile(gop_real *restrict to, size_t ldt,
                                                                 const gop_real *restrict from,
                                                                 size_t ldf)
{
    tile_row a[TILE], b[TILE];
    for (size_t i = 0; i < TILE; i++)
        memcpy(&a[i], from + i * ldf, sizeof a[i]);
    for (size_t i = 0; i < TILE; i += 2) {
        b[i] = MIX(a[i], a[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
        b[i + 1] = MIX(a[i], a[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
    for (size_t i = 0; i < TILE; i += 4)
        for (size_t k = 0; k < 2; k++) {
            a[i + 2 * k] = MIX(b[i + k], b[i + k + 2], 0, 1, 8, 9, 4, 5, 12, 13);
            a[i + 2 * k + 1] = MIX(b[i + k], b[i + k + 2], 2, 3, 10, 11, 6, 7, 14, 15);
        }
    for (size_t i = 0; i < TILE / 2; i++) {
        b[i] = MIX(a[i], a[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        b[i + 4] = MIX(a[i], a[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
    for (size_t i = 0; i < TILE; i++)
        memcpy(to + i * ldt, &b[i], sizeof b[i]);
}
#else
static inline void transpose_tile(gop_real *restrict to, size_t ldt, const gop_real *restrict from,
                                  size_t ldf)
{
    for (size_t r = 0; r < TILE; r++)
        for (size_t c = 0; c < TILE; c++)
            to[c * ldt + r] = from[r * ldf + c];
}
#endif

/* to[c ldt + r] = from[r ldf + c], r < rows, c < n. */
GOP_VECTOR static void transpose(gop_real *restrict to, size_t ldt, const gop_real *restrict from,
                                 size_t ldf, size_t rows, size_t n)
{
    const size_t tall = rows - rows % TILE, wide = n - n % TILE;
    for (size_t r = 0; r < tall; r += TILE)
        for (size_t c = 0; c < wide; c += TILE)
            transpose_tile(to + c * ldt + r, ldt, from + r * ldf + c, ldf);
    for (size_t r = 0; r < rows; r++)
        for (size_t c = r < tall ? wide : 0; c < n; c++)
            to[c * ldt + r] = from[r * ldf + c];
}

GOP_VECTOR static void one_row(gop_real *y, const gop_real *x, gop_real scale, size_t n)
{
    gop_real lane[MAX_LANES], most = x[0], sum = 0;
    const size_t lanes = n - n % MAX_LANES, summed = n > GOP_SOFTEN_ROW ? lanes : 0;
    for (size_t k = 0; k < MAX_LANES; k++)
        lane[k] = most;
    for (size_t i = 0; i < lanes; i += MAX_LANES)
        for (size_t k = 0; k < MAX_LANES; k++)
            lane[k] = larger(lane[k], x[i + k]);
    for (size_t i = lanes; i < n; i++)
        most = larger(most, x[i]);
    for (size_t k = 0; k < MAX_LANES; k++) {
        most = larger(most, lane[k]);
        lane[k] = 0;
    }
    GOP_INDEPENDENT
    for (size_t i = 0; i < n; i++)
        y[i] = gop_exp_down(scale * (x[i] - most));
    for (size_t i = 0; i < summed; i += MAX_LANES)
        for (size_t k = 0; k < MAX_LANES; k++)
            lane[k] += y[i + k];
    for (size_t k = 0; k < MAX_LANES; k++)
        sum += lane[k];
    for (size_t i = summed; i < n; i++)
        sum += y[i];
    const gop_real by = 1 / sum;
    for (size_t i = 0; i < n; i++)
        y[i] *= by;
}

/* m <= ACROSS contiguous samples [length, inner], which are columns of a block. */
static void soften_block(gop_real *y, const gop_real *x, gop_real scale, size_t m, gop_span s)
{
    gop_real block[GOP_SOFTEN_ROW * ACROSS];
    const size_t n = s.length * s.inner;
    if (m < ACROSS)
        memset(block, 0, n * ACROSS * sizeof *block);
    transpose(block, ACROSS, x, n, m, n);
    if (s.inner == 1)
        block_columns(block, scale, n);
    else
        columns(block, block, scale, s.length, ACROSS * s.inner, ACROSS * s.inner);
    transpose(y, n, block, ACROSS, n, m);
}

void gop_soften(gop_real *y, const gop_real *x, gop_real scale, gop_span s, size_t n)
{
    const size_t size = s.length * s.inner;
    const bool blocks = s.inner < ACROSS && size <= GOP_SOFTEN_ROW;
    for (size_t o = 0, m; o < s.outer; o += m, x += m * size, y += m * size) {
        m = blocks && s.outer - o >= FEW ? gop_size_min(s.outer - o, ACROSS) : 1;
        if (m > 1)
            soften_block(y, x, scale, m, s);
        else if (s.inner == 1)
            one_row(y, x, scale, s.length);
        else
            columns(y, x, scale, s.length, s.inner, n);
    }
}

static inline gop_real dot_of(const gop_real *x, const gop_real *y, size_t n)
{
    gop_real lane[MAX_LANES] = {0}, dot = 0;
    const size_t lanes = n > GOP_SOFTEN_ROW ? n - n % MAX_LANES : 0;
    for (size_t i = 0; i < lanes; i += MAX_LANES)
        for (size_t k = 0; k < MAX_LANES; k++)
            lane[k] += x[i + k] * y[i + k];
    for (size_t k = 0; k < MAX_LANES; k++)
        dot += lane[k];
    for (size_t i = lanes; i < n; i++)
        dot += x[i] * y[i];
    return dot;
}

/* Eight rows at once: each is summed in order, and none waits for its own sum. */
static inline void eight_dots(gop_real *dot, const gop_real *x, const gop_real *y, size_t n)
{
    gop_real a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0;
    for (size_t i = 0; i < n; i++) {
        a += x[i] * y[i];
        b += x[n + i] * y[n + i];
        c += x[2 * n + i] * y[2 * n + i];
        d += x[3 * n + i] * y[3 * n + i];
        e += x[4 * n + i] * y[4 * n + i];
        f += x[5 * n + i] * y[5 * n + i];
        g += x[6 * n + i] * y[6 * n + i];
        h += x[7 * n + i] * y[7 * n + i];
    }
    const gop_real all[8] = {a, b, c, d, e, f, g, h};
    memcpy(dot, all, sizeof all);
}

GOP_VECTOR static void rows_back(gop_real *dx, const gop_real *y, const gop_real *dy,
                                 gop_real scale, size_t rows, size_t n, bool add)
{
    gop_real dot[8];
    for (size_t r = 0; r < rows; r++, dx += n, y += n, dy += n) {
        const size_t k = r % 8;
        const bool eight = n <= GOP_SOFTEN_ROW && r - k + 8 <= rows;
        if (!eight)
            dot[k] = dot_of(dy, y, n);
        else if (k == 0)
            eight_dots(dot, dy, y, n);
        const gop_real own = dot[k];
        GOP_INDEPENDENT
        for (size_t i = 0; i < n; i++)
            GOP_PUT(dx[i], add, scale * y[i] * (dy[i] - own));
    }
}

void gop_soften_back(gop_real *dx, const gop_real *y, const gop_real *dy, gop_real scale,
                     gop_span s, size_t n, bool add)
{
    if (s.inner == 1) {
        rows_back(dx, y, dy, scale, s.outer, s.length, add);
        return;
    }
    for (size_t at = 0; at < s.outer * s.length * s.inner; at += s.length * s.inner)
        columns_back(dx + at, y + at, dy + at, scale, s.length, s.inner, n, add);
}
