/*
 * toom_cook_stride2.c: convolutions along frames with stride 2 by the Toom-Cook method.  Internal;
 * reads and writes only its arguments.
 *
 * A convolution of stride 2 is the sum of two of stride 1, of the even frames
 * with every other tap and of the odd frames with the others.  m frames of a filter of r taps, from
 * m + r - 1 frames of input, take m + r - 1 products rather than m r: those of two polynomials at
 * as many points, transposed,
 *
 *     y[i] = sum_p A[p,i] Y_p,  Y_p = We_p Xe_p + Wo_p Xo_p,  X_p = sum_j B[p,j] x[j],
 *     W_p = sum_j G[p,j] w[j],
 *
 * x and y vectors of channels, w and W_p matrices.  Both phases share the points,
 * so that Y_p of all tiles, of many sequences, is one product of depth 2 c_in.
 * The points are +-a for four a, infinity, and for short filters also 0:
 *
 *     up to 5 taps   +-1/4 +-3/4 +-1   +-5/2 inf    5 frames, 18 products for 50
 *     up to 4 taps   +-1/2 +-3/4 +-5/4 +-5/2 inf 0  7 frames, 20 products for 56
 *
 * less one if a phase has no tap for infinity or 0.  With M the product of all x - p for finite p,
 * row p of B has the coefficients of M_p = M / (x - p), and the row of infinity those of M; G[p,j]
 * = p^j / M_p(p); A[p,i] = p^i.
 *
 * dx is computed likewise: its even and odd frames are convolutions of dy, which is transformed
 * once for both.  Windows of dy are read backwards: the taps are then in order, and the shorter
 * filter lacks the same ends as in forward.
 *
 * Source: Winograd, "Arithmetic complexity of computations" (SIAM 1980).  Of the sets of points
 * with few bits, these have the smallest errors: about three and eight times those of the plain
 * sum.  G is applied in double.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "op/temporal/frames.h"
#include "op/temporal/toom_cook_stride2_tiles.h"

enum {
    LONG = GOP_STRIDE2_TAPS,
    NINE = GOP_STRIDE2_NINE,
    READ = 100,
    PREPARED = 220, /* see pays */
    CHANNELS = 32,  /* rows of W, while these are prepared */
    WIDTH = 64      /* the most columns of a panel */
};

/* As measured, products and transforms run at 0.7 of the speed of long products.  Weights take
 * `points` elements for every two taps; reading or preparing them takes the time of this many
 * products with an element of W. */
static bool pays(const gop_ctx *ctx, const gop_conv_sizes *s)
{
    if (s->a.stride != 2)
        return false;
    const gop_stride2_sizes h = gop_stride2_of(ctx, s);
    const size_t direct = h.taps * h.t_out;

    return gop_stride2_works(&h) && gop_size_min(h.c_in, h.c_out) >= 24 &&
           2 * h.points * h.tiles * 3 < direct * 2 &&
           s->seqs * direct >= h.points * (s->training ? PREPARED : READ);
}

static void measure(const gop_ctx *ctx, gop_conv_sizes *s)
{
    const gop_stride2_sizes h = gop_stride2_of(ctx, s);
    const size_t width = gop_packed_width(ctx);
    s->batches = gop_size_min(s->seqs, gop_pieces(s->seqs * h.tiles, h.piece));
    gop_conv_cut_columns(s, h.panels);
    s->prepared = (h.back ? 2 : 1) * h.points * h.panels * h.matrix;
    s->scratch = h.points * (h.gap + h.piece * width) +
                 gop_size_max(h.points * gop_size_max(h.c_in, h.c_out), h.tile * width);
}

/* ----------------------------------------------------------------- weights */

/* to[i] = sum_j g[j] w[j][i]; in double, which costs little here. */
GOP_VECTOR static void combine(gop_real *restrict to, const double *restrict g,
                               const gop_real *const *restrict w, size_t c)
{
    GOP_INDEPENDENT
    for (size_t i = 0; i < c; i++)
        to[i] = (gop_real)((g[0] * (double)w[0][i] + g[1] * (double)w[1][i]) +
                           (g[2] * (double)w[2][i] + g[3] * (double)w[3][i]) +
                           g[4] * (double)w[4][i]);
}

typedef struct prepare_job {
    const gop_ctx *ctx;
    const gop_stride2_sizes *h;
    const gop_real *W;
    gop_real *prepared;
} prepare_job;

/* The weights of one phase, panel and point: c_in rows forward, c_out rows backward, from row `at`
 * of the panel's matrix of `deep` rows. */
static void prepare_phase(const prepare_job *j, gop_real *to, size_t panel, size_t pt, size_t phase,
                          size_t at, size_t deep)
{
    const gop_stride2_sizes *h = j->h;
    const gop_stride2_phase *p = &h->phase[phase];
    const size_t width = gop_packed_width(j->ctx), col = panel * width, c = h->c_in;
    const size_t cols = gop_size_min(width, (h->back ? h->c_in : h->c_out) - col);
    const size_t all = h->back ? h->c_out : h->c_in;
    gop_real block[CHANNELS * WIDTH];
    double g[2 * LONG];

    gop_stride2_factors(h, pt, g);
    for (size_t i = p->shift + p->taps; i < p->shift + LONG; i++)
        g[i] = 0;
    for (size_t r = 0; r < all; r += CHANNELS) {
        const size_t n = gop_size_min(CHANNELS, all - r);
        for (size_t k = 0; k < (h->back ? n : cols); k++) {
            const gop_real *W = j->W + p->tap * c, *w[LONG];
            W += h->back ? (r + k) * h->taps * c + col : (col + k) * h->taps * c + r;
            for (size_t i = 0; i < LONG; i++)
                w[i] = W + 2 * gop_size_min(i, p->taps - 1) * c;
            combine(block + k * (h->back ? WIDTH : CHANNELS), g + p->shift, w, h->back ? cols : n);
        }
        gop_pack_rows(j->ctx, to, deep, cols, at + r, n, block, h->back ? WIDTH : 1,
                      h->back ? 1 : CHANNELS, 0, 1);
    }
}

/* One panel at one point; for dx, of one phase. */
static void prepare_chunk(void *arg, size_t i)
{
    const prepare_job *j = arg;
    const gop_stride2_sizes *h = j->h;
    const size_t pt = i % h->points, panel = i / h->points;
    gop_real *to = j->prepared + i * h->matrix;

    if (h->back) {
        if (gop_stride2_used(h, panel % 2, pt))
            prepare_phase(j, to, panel / 2, pt, panel % 2, 0, h->deep);
        return;
    }
    const bool even = gop_stride2_used(h, 0, pt), odd = gop_stride2_used(h, 1, pt);
    const size_t deep = (even + odd) * h->c_in;
    if (even)
        prepare_phase(j, to, panel, pt, 0, 0, deep);
    if (odd)
        prepare_phase(j, to, panel, pt, 1, even ? h->c_in : 0, deep);
}

static void prepare(gop_ctx *ctx, const gop_conv_sizes *s, const gop_real *W, gop_real *prepared)
{
    const gop_stride2_sizes h = gop_stride2_of(ctx, s);
    prepare_job j = {ctx, &h, W, prepared};
    gop_parallel(ctx, (h.back ? 2 : 1) * h.points * h.panels, prepare_chunk, &j);
}

/* -------------------------------------------------------------- transforms */

#define REAL(x) ((gop_real)(x))

/* The sums, and a times the differences, of the four pairs of products. */
#define PAIRS(a, b, c, d)                                                                          \
    const gop_real s0 = m[0] + m[gap], s1 = m[2 * gap] + m[3 * gap], s2 = m[4 * gap] + m[5 * gap], \
                   s3 = m[6 * gap] + m[7 * gap], t0 = REAL(a) * (m[0] - m[gap]),                   \
                   t1 = REAL(b) * (m[2 * gap] - m[3 * gap]),                                       \
                   t2 = REAL(c) * (m[4 * gap] - m[5 * gap]),                                       \
                   t3 = REAL(d) * (m[6 * gap] - m[7 * gap]);
#define SUM(v, a, b, c, d) ((REAL(a) * v##0 + REAL(b) * v##1) + (REAL(c) * v##2 + REAL(d) * v##3))

/* Frames of the result, ldy apart, from the products of one tile, `gap` apart. */
GOP_VECTOR static void merge9(gop_real *restrict to, ptrdiff_t ldy, const gop_real *restrict from,
                              size_t gap, size_t n)
{
    GOP_INDEPENDENT
    for (size_t i = 0; i < n; i++) {
        const gop_real *m = from + i;
        gop_real *y = to + i;
        PAIRS(0.25, 0.75, 1., 2.5)
        y[0] = (s0 + s1) + (s2 + s3);
        y[ldy] = (t0 + t1) + (t2 + t3);
        y[2 * ldy] = SUM(s, 0.0625, 0.5625, 1., 6.25);
        y[3 * ldy] = SUM(t, 0.0625, 0.5625, 1., 6.25);
        y[4 * ldy] = SUM(s, 0.00390625, 0.31640625, 1., 39.0625) + m[8 * gap];
    }
}

GOP_VECTOR static void merge10(gop_real *restrict to, ptrdiff_t ldy, const gop_real *restrict from,
                               size_t gap, size_t n)
{
    GOP_INDEPENDENT
    for (size_t i = 0; i < n; i++) {
        const gop_real *m = from + i;
        gop_real *y = to + i;
        PAIRS(0.5, 0.75, 1.25, 2.5)
        y[0] = (s0 + s1) + (s2 + s3) + m[9 * gap];
        y[ldy] = (t0 + t1) + (t2 + t3);
        y[2 * ldy] = SUM(s, 0.25, 0.5625, 1.5625, 6.25);
        y[3 * ldy] = SUM(t, 0.25, 0.5625, 1.5625, 6.25);
        y[4 * ldy] = SUM(s, 0.0625, 0.31640625, 2.44140625, 39.0625);
        y[5 * ldy] = SUM(t, 0.0625, 0.31640625, 2.44140625, 39.0625);
        y[6 * ldy] = SUM(s, 0.015625, 0.177978515625, 3.814697265625, 244.140625) + m[8 * gap];
    }
}

/* --------------------------------------------------------------------- y and dx */

/* Columns [col, col + n) of the result's phase from the products of tiles
 * [row, row + rows). */
static void collect(const gop_stride2_sizes *h, gop_real *to, size_t phase, size_t col, size_t n,
                    bool add, const gop_real *from, size_t gap, size_t row, size_t rows,
                    gop_real *edge)
{
    const size_t frames = h->back ? h->phase[phase].frames : h->t_out;
    const size_t c = h->back ? h->c_in : h->c_out, ld = h->back ? 2 * c : c;
    const size_t length = h->back ? h->t_in : h->t_out;

    for (size_t i = 0; i < rows; i++, from += n) {
        const size_t seq = (row + i) / h->tiles, at = (row + i) % h->tiles * h->tile;
        gop_real *y = to + (seq * length + phase) * c + at * ld + col;
        const bool whole = at + h->tile <= frames && !add;
        gop_real *out = whole ? y : edge;
        const size_t step = whole ? ld : n, last = (h->tile - 1) * step;
        if (at >= frames)
            continue;
        (h->points == NINE ? merge9 : merge10)(
            h->back ? out + last : out, h->back ? -(ptrdiff_t)step : (ptrdiff_t)step, from, gap, n);
        if (!whole)
            gop_put_frames(y, ld, edge, gop_size_min(h->tile, frames - at), n, add);
    }
}

/* The products of a panel with every point's weights. */
static void multiply(gop_ctx *ctx, const gop_stride2_sizes *h, const gop_real *prepared,
                     size_t phase, const gop_real *from, size_t rows, size_t cols, gop_real *to)
{
    for (size_t pt = 0; pt < h->points; pt++) {
        const gop_real *left = from + pt * h->gap;
        gop_real *out = to + pt * rows * cols;
        size_t deep;
        if (h->back) {
            deep = gop_stride2_used(h, phase, pt) ? h->c_out : 0;
        } else {
            deep = (gop_stride2_used(h, 0, pt) + gop_stride2_used(h, 1, pt)) * h->c_in;
            if (!gop_stride2_used(h, 0, pt))
                left += h->c_in;
        }
        if (deep == 0)
            memset(out, 0, rows * cols * sizeof *out);
        else
            gop_gemm_packed(ctx, rows, cols, deep, left, (ptrdiff_t)h->deep, 1,
                            prepared + pt * h->matrix, 0, 1, false, out, cols);
    }
}

static void chunk(gop_ctx *ctx, const gop_conv_sizes *s, const gop_real *weights, size_t n,
                  const gop_real *from, size_t first, size_t last, bool add, gop_real *to,
                  gop_real *scratch)
{
    const gop_stride2_sizes h = gop_stride2_of(ctx, s);
    const size_t width = gop_packed_width(ctx), all = n * h.tiles, phases = h.back ? 2 : 1;
    const size_t pieces = gop_pieces(all, h.piece);
    gop_real *products = scratch + h.points * h.gap;
    gop_real *edge = products + h.points * h.piece * width;

    for (size_t p = 0; p < pieces; p++) {
        const size_t row = gop_cut(all, pieces, p), rows = gop_cut(all, pieces, p + 1) - row;
        gop_stride2_spread(&h, scratch, h.gap, from, row, rows, 0, s->c_from, edge);
        for (size_t j = first; j < last; j++) {
            const size_t cols = gop_size_min(width, s->c_to - j * width);
            for (size_t k = 0; k < phases; k++) {
                multiply(ctx, &h, weights + (j * phases + k) * h.points * h.matrix, k, scratch,
                         rows, cols, products);
                collect(&h, to, k, j * width, cols, add, products, rows * cols, row, rows, edge);
            }
        }
    }
}

const gop_conv_method gop_toom_cook_stride2 = {
    .name = "Toom-Cook of stride 2",
    .pays = pays,
    .measure = measure,
    .prepare = prepare,
    .chunk = chunk,
    .measure_weights = gop_toom_cook_stride2_measure_weights,
    .weights = gop_toom_cook_stride2_weights,
};
