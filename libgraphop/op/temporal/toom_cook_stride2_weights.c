/*
 * toom_cook_stride2_weights.c: the gradient of the weights, with as few products as
 * toom_cook_stride2.c forward; see there for the names.  Internal; reads and writes only its
 * arguments.
 *
 * Forward is linear in w, so that its transpose gives the gradient:
 *
 *     dY_p = sum_i A[p,i] dy[i],   [dWe_p dWo_p] = sum over tiles of dY_p [Xe_p Xo_p]^T,
 *     dw[j] = sum_p G[p,j] dW_p.
 *
 * A block of dW is as large as the second-level cache allows for its sums at all points and several
 * tiles of X and dY.  It is transformed once, at the end.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "op/temporal/frames.h"
#include "op/temporal/toom_cook_stride2_tiles.h"

enum {
    TAPS = GOP_STRIDE2_TAPS,
    NINE = GOP_STRIDE2_NINE,
    TEN = GOP_STRIDE2_POINTS,
    ROWS = 128,
    COLS = 64, /* of a block of dW, at most */
    PIECE = 28 /* tiles at once: 0.9 MB with such a block */
};

#define REAL(x) ((gop_real)(x))

/* dY at +-a. */
#define PAIR(k, a, even, odd)                           \
    {                                                   \
        const gop_real e = (even), f = REAL(a) * (odd); \
        o[(k)*gap] = e + f;                             \
        o[((k) + 1) * gap] = e - f;                     \
    }

/* dY of one tile: vectors `gap` apart, from n channels of its frames, c apart. */
GOP_VECTOR static void spread9(gop_real *restrict to, size_t gap, const gop_real *restrict dy,
                               size_t c, size_t n)
{
    GOP_INDEPENDENT
    for (size_t i = 0; i < n; i++) {
        const gop_real *d = dy + i;
        gop_real *o = to + i;
        const gop_real d0 = d[0], d1 = d[c], d2 = d[2 * c], d3 = d[3 * c], d4 = d[4 * c];
#define ON(k, a, s) PAIR(k, a, d0 + REAL(s) * (d2 + REAL(s) * d4), d1 + REAL(s) * d3)
        ON(0, 0.25, 0.0625)
        ON(2, 0.75, 0.5625)
        ON(4, 1, 1)
        ON(6, 2.5, 6.25)
#undef ON
        o[8 * gap] = d4;
    }
}

GOP_VECTOR static void spread10(gop_real *restrict to, size_t gap, const gop_real *restrict dy,
                                size_t c, size_t n)
{
    GOP_INDEPENDENT
    for (size_t i = 0; i < n; i++) {
        const gop_real *d = dy + i;
        gop_real *o = to + i;
        const gop_real d0 = d[0], d1 = d[c], d2 = d[2 * c], d3 = d[3 * c], d4 = d[4 * c],
                       d5 = d[5 * c], d6 = d[6 * c];
#define ON(k, a, s)                                                 \
    PAIR(k, a, d0 + REAL(s) * (d2 + REAL(s) * (d4 + REAL(s) * d6)), \
         d1 + REAL(s) * (d3 + REAL(s) * d5))
        ON(0, 0.5, 0.25)
        ON(2, 0.75, 0.5625)
        ON(4, 1.25, 1.5625)
        ON(6, 2.5, 6.25)
#undef ON
        o[8 * gap] = d6;
        o[9 * gap] = d0;
    }
}

/* Taps of dW, n apart, from the sums at the points, `gap` apart.  Factors at +-a are equal
 * or opposite, in turns from tap to tap: g[j] has those of the four pairs, of infinity
 * and of 0. */
GOP_VECTOR static void merge_taps(gop_real *restrict to, const gop_real *restrict from, size_t gap,
                                  const gop_real (*restrict g)[6], bool ten, size_t n)
{
    const gop_real odd = ten ? -1 : 1;
    const size_t last = ten ? 9 : 8;
    GOP_INDEPENDENT
    for (size_t i = 0; i < n; i++) {
        const gop_real *m = from + i;
        gop_real *t = to + i;
        const gop_real a0 = m[0], b0 = m[gap], a1 = m[2 * gap], b1 = m[3 * gap], a2 = m[4 * gap],
                       b2 = m[5 * gap], a3 = m[6 * gap], b3 = m[7 * gap], inf = m[8 * gap],
                       zero = m[last * gap];
        /* Those of even j, then of odd j. */
        const gop_real e0 = a0 - odd * b0, e1 = a1 - odd * b1, e2 = a2 - odd * b2,
                       e3 = a3 - odd * b3, f0 = a0 + odd * b0, f1 = a1 + odd * b1,
                       f2 = a2 + odd * b2, f3 = a3 + odd * b3;
#define TAP(j, v)                                                                        \
    t[(j)*n] = ((g[j][0] * v##0 + g[j][1] * v##1) + (g[j][2] * v##2 + g[j][3] * v##3)) + \
               (g[j][4] * inf + g[j][5] * zero);
        TAP(0, e)
        TAP(1, f)
        TAP(2, e)
        TAP(3, f)
        TAP(4, e)
#undef TAP
    }
}

/* The division of dW, and the memory of the largest block. */
typedef struct layout {
    size_t down, across;           /* blocks: of c_out, of c_in */
    size_t rows, cols, x, dy, sum; /* of the largest; gaps */
} layout;

static layout layout_of(const gop_stride2_sizes *h)
{
    layout l = {.down = gop_pieces(h->c_out, ROWS), .across = gop_pieces(h->c_in, COLS)};
    l.rows = gop_cut_most(h->c_out, l.down);
    l.cols = gop_cut_most(h->c_in, l.across);
    l.x = gop_conv_gap(PIECE * 2 * l.cols);
    l.dy = gop_conv_gap(PIECE * l.rows);
    l.sum = gop_conv_gap(l.rows * 2 * l.cols);
    return l;
}

void gop_toom_cook_stride2_measure_weights(const gop_ctx *ctx, gop_conv_sizes *s)
{
    const gop_stride2_sizes h = gop_stride2_of(ctx, s);
    const layout l = layout_of(&h);
    gop_conv_cut_shares(s, GOP_CONV_PARTS);
    s->blocks = l.down * l.across;
    s->scratch = h.points * (l.x + l.dy + l.sum) + TEN * gop_size_max(l.rows, l.cols);
}

/* dY of tiles [row, row + rows), channels [col, col + n). */
static void spread(const gop_stride2_sizes *h, gop_real *to, size_t gap, const gop_real *dy,
                   size_t row, size_t rows, size_t col, size_t n, gop_real *edge)
{
    for (size_t i = 0; i < rows; i++, to += n) {
        const size_t at = (row + i) % h->tiles * h->tile;
        const gop_real *from = dy + ((row + i) / h->tiles * h->t_out + at) * h->c_out + col;
        size_t c = h->c_out;
        if (at + h->tile > h->t_out) {
            gop_take_frames(edge, from, (ptrdiff_t)c, 0, at < h->t_out ? h->t_out - at : 0, h->tile,
                            n);
            from = edge;
            c = n;
        }
        (h->points == NINE ? spread9 : spread10)(to, gap, from, c, n);
    }
}

/* G, for merge_taps. */
static void table(const gop_stride2_sizes *h, gop_real (*g)[6])
{
    memset(g, 0, TAPS * sizeof *g);
    for (size_t pt = 0; pt < h->points; pt++) {
        double row[TAPS] = {0};
        gop_stride2_factors(h, pt, row);
        if (pt >= 8 || pt % 2 == 0)
            for (size_t j = 0; j < TAPS; j++)
                g[j][pt < 8 ? pt / 2 : pt - 4] = (gop_real)row[j];
    }
}

/* dWe, dWo at all points (+)= those of several tiles. */
static void multiply(gop_ctx *ctx, const gop_stride2_sizes *h, const layout *l, const gop_real *tx,
                     const gop_real *ty, size_t tiles, size_t rows, size_t cols, bool add,
                     gop_real *sum)
{
    for (size_t pt = 0; pt < h->points; pt++) {
        const bool even = gop_stride2_used(h, 0, pt), odd = gop_stride2_used(h, 1, pt);
        const size_t first = even ? 0 : cols, n = (even + odd) * cols;
        gop_real *to = sum + pt * l->sum;
        if (n < 2 * cols && !add)
            memset(to, 0, rows * 2 * cols * sizeof *to);
        gop_gemm(ctx, rows, n, tiles, ty + pt * l->dy, 1, (ptrdiff_t)rows, tx + pt * l->x + first,
                 (ptrdiff_t)(2 * cols), 1, add, to + first, 2 * cols);
    }
}

void gop_toom_cook_stride2_weights(gop_ctx *ctx, const gop_conv_sizes *s, size_t block, size_t n,
                                   const gop_real *x, const gop_real *dy, bool add, gop_real *dw,
                                   gop_real *scratch)
{
    const gop_stride2_sizes h = gop_stride2_of(ctx, s);
    const layout l = layout_of(&h);
    const size_t o = gop_cut(h.c_out, l.down, block / l.across);
    const size_t rows = gop_cut(h.c_out, l.down, block / l.across + 1) - o;
    const size_t c = gop_cut(h.c_in, l.across, block % l.across);
    const size_t cols = gop_cut(h.c_in, l.across, block % l.across + 1) - c;
    const size_t all = n * h.tiles, pieces = gop_size_max(1, gop_pieces(all, PIECE));
    gop_real *tx = scratch, *ty = tx + h.points * l.x, *sum = ty + h.points * l.dy;
    gop_real *edge = sum + h.points * l.sum, g[TAPS][6];

    for (size_t p = 0; p < pieces; p++) {
        const size_t tile = gop_cut(all, pieces, p), tiles = gop_cut(all, pieces, p + 1) - tile;
        gop_stride2_spread(&h, tx, l.x, x, tile, tiles, c, cols, edge);
        spread(&h, ty, l.dy, dy, tile, tiles, o, rows, edge);
        multiply(ctx, &h, &l, tx, ty, tiles, rows, cols, p > 0, sum);
    }
    table(&h, g);
    for (size_t k = 0; k < rows; k++)
        for (size_t i = 0; i < 2; i++) {
            const gop_stride2_phase *phase = &h.phase[i];
            gop_real *to = dw + ((o + k) * h.taps + phase->tap) * h.c_in + c;
            merge_taps(edge, sum + (2 * k + i) * cols, l.sum, (const gop_real(*)[6])g,
                       h.points == TEN, cols);
            for (size_t j = 0; j < phase->taps; j++)
                gop_move(to + 2 * j * h.c_in, edge + j * cols, cols, add);
        }
}
