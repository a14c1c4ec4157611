/*
 * toom_cook_weights.c: the gradient of the weights, with as few products as toom_cook.c forward;
 * see there for the names.  Internal; reads and writes only its arguments.
 *
 * Forward is linear in w, so that its transpose gives the gradient:
 *
 *     dY_pq = sum_(k,r) A[p,k] A[q,r] dy[3 k + r],   dW_pq = sum over tiles of dY_pq X_pq^T,
 *     dw[3 j + i] = sum_(p,q) G[p,j] G[q,i] dW_pq.
 *
 * A block of dW is as large as the second-level cache allows for its 25 sums and several tiles of X
 * and dY.  It is transformed once, at the end.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "op/temporal/frames.h"
#include "op/temporal/toom_cook_tiles.h"

enum {
    TILE = GOP_TOOM_COOK_TILE,
    POINTS = GOP_TOOM_COOK_POINTS,
    ROWS = 56,
    COLS = 64, /* of a block of dW, at most */
    PIECE = 42 /* tiles at once: 0.8 MB with such a block */
};

/* Names 5 values: those of A d. */
#define SPREAD(v, d0, d1, d2)                                                        \
    const gop_real v##0 = (d0), v##4 = (d2), v##s = (d0) + (d2), v##1 = v##s + (d1), \
                   v##2 = v##s - (d1), v##3 = ((d0) + 2 * (d1)) + 4 * (d2)

/* Names 3 values: those of G^T m. */
#define MERGE(v, m0, m1, m2, m3, m4)                                                      \
    const gop_real v##h = (gop_real)0.5 * (m1), v##x = sixth * (m2), v##y = sixth * (m3), \
                   v##0 = ((gop_real)0.5 * (m0) + v##h) + (v##x + v##y),                  \
                   v##1 = (v##h - v##x) + 2 * v##y, v##2 = ((v##h + v##x) + 4 * v##y) + (m4)

/* dY of one tile: 25 vectors, `gap` apart, from n channels of 9 frames of dy, c apart. */
GOP_VECTOR static void spread_tile(gop_real *restrict to, size_t gap, const gop_real *restrict dy,
                                   size_t c, size_t n)
{
    GOP_INDEPENDENT
    for (size_t i = 0; i < n; i++) {
        const gop_real *d = dy + i;
        gop_real *t = to + i;
        SPREAD(p, d[0], d[c], d[2 * c]);
        SPREAD(q, d[3 * c], d[4 * c], d[5 * c]);
        SPREAD(r, d[6 * c], d[7 * c], d[8 * c]);
#define COLUMN(k)                    \
    {                                \
        SPREAD(v, p##k, q##k, r##k); \
        t[k * gap] = v0;             \
        t[(5 + k) * gap] = v1;       \
        t[(10 + k) * gap] = v2;      \
        t[(15 + k) * gap] = v3;      \
        t[(20 + k) * gap] = v4;      \
    }
        COLUMN(0) COLUMN(1) COLUMN(2) COLUMN(3) COLUMN(4)
#undef COLUMN
    }
}

/* Nine taps of dW, c apart, from the sums at the 25 points, `gap` apart. */
GOP_VECTOR static void merge_taps(gop_real *restrict dw, size_t c, const gop_real *restrict from,
                                  size_t gap, size_t n)
{
    const gop_real sixth = (gop_real)(1.0 / 6);
    GOP_INDEPENDENT
    for (size_t i = 0; i < n; i++) {
        const gop_real *m = from + i;
        gop_real *t = dw + i;
        MERGE(p, m[0], m[gap], m[2 * gap], m[3 * gap], m[4 * gap]);
        MERGE(q, m[5 * gap], m[6 * gap], m[7 * gap], m[8 * gap], m[9 * gap]);
        MERGE(r, m[10 * gap], m[11 * gap], m[12 * gap], m[13 * gap], m[14 * gap]);
        MERGE(s, m[15 * gap], m[16 * gap], m[17 * gap], m[18 * gap], m[19 * gap]);
        MERGE(u, m[20 * gap], m[21 * gap], m[22 * gap], m[23 * gap], m[24 * gap]);
#define COLUMN(k)                               \
    {                                           \
        MERGE(v, p##k, q##k, r##k, s##k, u##k); \
        t[k * c] = v0;                          \
        t[(3 + k) * c] = v1;                    \
        t[(6 + k) * c] = v2;                    \
    }
        COLUMN(0) COLUMN(1) COLUMN(2)
#undef COLUMN
    }
}

/* The division of dW, and the memory of the largest block. */
typedef struct layout {
    size_t down, across;           /* blocks: of c_out, of c_in */
    size_t rows, cols, x, dy, sum; /* of the largest; gaps */
} layout;

static layout layout_of(const gop_toom_cook_sizes *f)
{
    layout l = {.down = gop_pieces(f->c_out, ROWS), .across = gop_pieces(f->c_in, COLS)};
    l.rows = gop_cut_most(f->c_out, l.down);
    l.cols = gop_cut_most(f->c_in, l.across);
    l.x = gop_conv_gap((PIECE + f->groups - 1) * l.cols);
    l.dy = gop_conv_gap(PIECE * l.rows);
    l.sum = gop_conv_gap(l.rows * l.cols);
    return l;
}

void gop_toom_cook_measure_weights(const gop_ctx *ctx, gop_conv_sizes *s)
{
    const gop_toom_cook_sizes f = gop_toom_cook_of(ctx, s);
    const layout l = layout_of(&f);
    gop_conv_cut_shares(s, GOP_CONV_PARTS);
    s->blocks = l.down * l.across;
    s->scratch = POINTS * (l.x + l.dy + f.groups * l.sum) +
                 gop_size_max(GOP_TOOM_COOK_REACH * l.cols, TILE * gop_size_max(l.rows, l.cols));
}

/* dY of tiles [row, row + rows), channels [col, col + n); zeros between sequences. */
static void spread(const gop_toom_cook_sizes *f, gop_real *to, size_t gap, const gop_real *dy,
                   size_t row, size_t rows, size_t col, size_t n, gop_real *edge)
{
    const size_t c = f->c_out, each = f->tiles + f->groups - 1;

    for (size_t i = 0; i < rows; i++, to += n) {
        const size_t at = (row + i) % each * TILE;
        const gop_real *seq = dy + (row + i) / each * f->t_out * c + col;
        if (at + TILE <= f->t_out) {
            spread_tile(to, gap, seq + at * c, c, n);
            continue;
        }
        gop_take_frames(edge, seq + at * c, (ptrdiff_t)c, 0, at < f->t_out ? f->t_out - at : 0,
                        TILE, n);
        spread_tile(to, gap, edge, n, n);
    }
}

/* Row o of a block of dW, taps of group g, columns [col, col + n). */
static void put(const gop_toom_cook_sizes *f, gop_real *dw, size_t o, size_t g, size_t col,
                size_t n, const gop_real *from, size_t gap, bool add, gop_real *edge)
{
    const size_t taps = gop_size_min(TILE, f->taps - g * TILE);
    gop_real *to = dw + (o * f->taps + g * TILE) * f->c_in + col;

    if (taps == TILE && !add) {
        merge_taps(to, f->c_in, from, gap, n);
        return;
    }
    merge_taps(edge, n, from, gap, n);
    gop_put_frames(to, f->c_in, edge, taps, n, add);
}

void gop_toom_cook_weights(gop_ctx *ctx, const gop_conv_sizes *s, size_t block, size_t n,
                           const gop_real *x, const gop_real *dy, bool add, gop_real *dw,
                           gop_real *scratch)
{
    const gop_toom_cook_sizes f = gop_toom_cook_of(ctx, s);
    const layout l = layout_of(&f);
    const size_t o = gop_cut(f.c_out, l.down, block / l.across);
    const size_t rows = gop_cut(f.c_out, l.down, block / l.across + 1) - o;
    const size_t c = gop_cut(f.c_in, l.across, block % l.across);
    const size_t cols = gop_cut(f.c_in, l.across, block % l.across + 1) - c;
    const size_t extra = f.groups - 1, all = n == 0 ? 0 : n * (f.tiles + extra) - extra;
    const size_t pieces = gop_size_max(1, gop_pieces(all, PIECE));
    gop_real *tx = scratch, *ty = tx + POINTS * l.x, *sum = ty + POINTS * l.dy;
    gop_real *edge = sum + POINTS * f.groups * l.sum;

    for (size_t p = 0; p < pieces; p++) {
        const size_t tile = gop_cut(all, pieces, p), tiles = gop_cut(all, pieces, p + 1) - tile;
        gop_toom_cook_spread(&f, tx, l.x, x, tile, tiles > 0 ? tiles + extra : 0, c, cols, edge);
        spread(&f, ty, l.dy, dy, tile, tiles, o, rows, edge);
        for (size_t i = 0; i < POINTS; i++)
            for (size_t g = 0; g < f.groups; g++)
                gop_gemm(ctx, rows, cols, tiles, ty + i * l.dy, 1, (ptrdiff_t)rows,
                         tx + i * l.x + g * cols, (ptrdiff_t)cols, 1, p > 0,
                         sum + (i * f.groups + g) * l.sum, cols);
    }
    for (size_t k = 0; k < rows; k++)
        for (size_t g = 0; g < f.groups; g++)
            put(&f, dw, o + k, g, c, cols, sum + g * l.sum + k * cols, f.groups * l.sum, add, edge);
}
