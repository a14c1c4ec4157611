/*
 * soften.c: see soften.h.
 *
 * Vectors run over columns, so that each column is summed in order and nothing is added across a
 * vector.  Rows of up to GOP_SOFTEN_ROW elements, and samples of few columns, are transposed, ACROSS
 * at a time, into a block whose columns they are; vectors run along longer rows.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/soften.h"

#include "core/vector.h"
#include "op/fastmath.h"
#include "op/moves.h"

enum {
    ACROSS = 16,                    /* rows of a block */
    MOST_COLUMNS = ACROSS * ACROSS, /* and of its transposed form, if each row has ACROSS columns */
    FEW = 4,                        /* rows that are not worth a block */
    MOST_BLOCK = 512,               /* elements of a row of a block */
    LANES = 8
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
        KEEP_LOOP
        for (size_t k = 0; k < n; k++) {
            const gop_real e = gop_exp_down(scale * (x[l * ld + k] - most[k]));
            y[l * ld + k] = e;
            sum[k] += e;
        }
    }
    for (size_t k = 0; k < n; k++)
        sum[k] = 1 / sum[k];
    for (size_t l = 0; l < length; l++) {
        KEEP_LOOP
        for (size_t k = 0; k < n; k++)
            y[l * ld + k] *= sum[k];
    }
}

GOP_FUSED GOP_VECTOR static void columns(gop_real *y, const gop_real *x, gop_real scale,
                                         size_t length, size_t ld, size_t n)
{
    soften_columns(y, x, scale, length, ld, n);
}

GOP_FUSED GOP_VECTOR static void block_columns(gop_real *y, gop_real scale, size_t length)
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

/* Joins the lanes of a vector in pairs. */
#define JOIN(lane, join)                                       \
    do {                                                       \
        for (size_t half = LANES / 2; half > 0; half /= 2)     \
            for (size_t k = 0; k < half; k++)                  \
                (lane)[k] = join((lane)[k], (lane)[k + half]); \
    } while (0)

static inline gop_real plus(gop_real a, gop_real b)
{
    return a + b;
}

static inline gop_real most_of(const gop_real *x, size_t n)
{
    gop_real lane[LANES], most = x[0];
    const size_t whole = n - n % LANES;
    for (size_t k = 0; k < LANES; k++)
        lane[k] = most;
#ifdef GOP_REALS8
    gop_reals8 a, b;
    memcpy(&a, lane, sizeof a);
    for (size_t i = 0; i < whole; i += LANES) {
        memcpy(&b, x + i, sizeof b);
        const __typeof__(b > a) take = b > a;
        a = (gop_reals8)(((__typeof__(take))b & take) | ((__typeof__(take))a & ~take));
    }
    memcpy(lane, &a, sizeof a);
#else
    for (size_t i = 0; i < whole; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            lane[k] = larger(lane[k], x[i + k]);
#endif
    for (size_t i = whole; i < n; i++)
        most = larger(most, x[i]);
    JOIN(lane, larger);
    return larger(most, lane[0]);
}

static inline gop_real sum_of(const gop_real *x, size_t n)
{
    gop_real lane[LANES] = {0}, rest = 0;
    const size_t whole = n > GOP_SOFTEN_ROW ? n - n % LANES : 0, even = whole - whole % (2 * LANES);
#ifdef GOP_REALS8
    gop_reals8 a = {0}, b = {0}, c;
    for (size_t i = 0; i < even; i += 2 * LANES) {
        memcpy(&c, x + i, sizeof c);
        a += c;
        memcpy(&c, x + i + LANES, sizeof c);
        b += c;
    }
    if (even < whole) {
        memcpy(&c, x + even, sizeof c);
        a += c;
    }
    a += b;
    memcpy(lane, &a, sizeof a);
#else
    gop_real other[LANES] = {0};
    for (size_t i = 0; i < whole; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            *(i < even && i / LANES % 2 == 1 ? &other[k] : &lane[k]) += x[i + k];
    for (size_t k = 0; k < LANES; k++)
        lane[k] += other[k];
#endif
    for (size_t i = whole; i < n; i++)
        rest += x[i];
    JOIN(lane, plus);
    return lane[0] + rest;
}

GOP_FUSED GOP_VECTOR static void soften_rows(gop_real *y, const gop_real *x, gop_real scale,
                                             size_t rows, size_t n)
{
    for (size_t r = 0; r < rows; r++, y += n, x += n) {
        const gop_real most = most_of(x, n);
        GOP_INDEPENDENT
        for (size_t i = 0; i < n; i++)
            y[i] = gop_exp_down(scale * (x[i] - most));
        const gop_real by = 1 / sum_of(y, n);
        for (size_t i = 0; i < n; i++)
            y[i] *= by;
    }
}

/* m <= ACROSS contiguous samples [length, inner], which are columns of a block. */
static void soften_block(gop_real *y, const gop_real *x, gop_real scale, size_t m, gop_span s)
{
    gop_real block[MOST_BLOCK * ACROSS];
    const size_t n = s.length * s.inner;
    if (m < ACROSS)
        memset(block, 0, n * ACROSS * sizeof *block);
    gop_transpose(block, ACROSS, x, n, m, n, false);
    if (s.inner == 1)
        block_columns(block, scale, n);
    else
        columns(block, block, scale, s.length, ACROSS * s.inner, ACROSS * s.inner);
    gop_transpose(y, n, block, ACROSS, n, m, false);
}

void gop_soften(gop_real *y, const gop_real *x, gop_real scale, gop_span s, size_t n)
{
    const size_t size = s.length * s.inner;
    if (s.inner == 1 && (s.length > GOP_SOFTEN_ROW || s.outer < FEW)) {
        soften_rows(y, x, scale, s.outer, s.length);
        return;
    }
    const bool blocks = s.inner < ACROSS && size <= MOST_BLOCK;
    for (size_t o = 0, m; o < s.outer; o += m, x += m * size, y += m * size) {
        m = blocks && s.outer - o >= FEW ? gop_size_min(s.outer - o, ACROSS) : 1;
        if (m > 1)
            soften_block(y, x, scale, m, s);
        else if (s.inner == 1)
            soften_rows(y, x, scale, 1, s.length);
        else
            columns(y, x, scale, s.length, s.inner, n);
    }
}

static inline gop_real dot_of(const gop_real *x, const gop_real *y, size_t n)
{
    gop_real lane[LANES] = {0}, rest = 0;
    const size_t whole = n > GOP_SOFTEN_ROW ? n - n % LANES : 0;
#ifdef GOP_REALS8
    gop_reals8 sum = {0}, a, b;
    for (size_t i = 0; i < whole; i += LANES) {
        memcpy(&a, x + i, sizeof a);
        memcpy(&b, y + i, sizeof b);
        sum += a * b;
    }
    memcpy(lane, &sum, sizeof sum);
#else
    for (size_t i = 0; i < whole; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            lane[k] += x[i + k] * y[i + k];
#endif
    for (size_t i = whole; i < n; i++)
        rest += x[i] * y[i];
    JOIN(lane, plus);
    return lane[0] + rest;
}

/* Eight short rows at once: each is summed in order, and none waits for its own sum. */
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
        if (n > GOP_SOFTEN_ROW || r - k + 8 > rows)
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
