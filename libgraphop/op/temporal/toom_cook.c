/*
 * toom_cook.c: convolutions along frames with stride 1 by the Toom-Cook method.  Internal;
 * reads and writes only its arguments.
 *
 * Three frames of a three-tap filter, from five frames of input, take five products rather than
 * nine: y = A^T [(G w) . (B^T x)], the product of two polynomials through its values at 0, 1, -1, 2
 * and infinity, transposed.  This is nested twice: nine frames and nine taps are three blocks of
 * three each, so that a tile of nine frames of y needs 17 of x, x[3 a + b] for a, b < 5, and takes
 * 25 products instead of 81:
 *
 *     y[3 k + r] = sum_(p,q) A[p,k] A[q,r] Y_pq,       Y_pq = W_pq X_pq,
 *     X_pq = sum_(a,b) B[a,p] B[b,q] x[3 a + b],
 *     W_pq = sum_(j,i) G[p,j] G[q,i] w[3 j + i].
 *
 * Here x, y are vectors of channels and w, W_pq matrices, so that Y_pq of all
 * tiles is a matrix product.  Shorter filters are padded with zeros; longer ones are cut into
 * groups of nine taps, which read the next tiles of x: Y_pq[tile] = sum_g W_pqg X_pq[tile + g], one
 * product with overlapping rows.
 *
 * Source: Winograd, "Arithmetic complexity of computations" (SIAM 1980); nested
 * as in Lavin & Gray, "Fast algorithms for convolutional neural networks"
 * (CVPR 2016), who do it in two dimensions.  B and A are small integers and G is applied in double,
 * which limits the error to several units in the last place (about ten times that of the plain
 * sum).
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "op/temporal/frames.h"
#include "op/temporal/toom_cook_tiles.h"

enum {
    TILE = GOP_TOOM_COOK_TILE,
    POINTS = GOP_TOOM_COOK_POINTS,
    REACH = GOP_TOOM_COOK_REACH,
    CHANNELS = 32, /* of x, of W's rows while these are prepared */
    WIDTH = 64     /* the most columns of a panel */
};

/* Names 3 values: those of A^T m. */
#define MERGE(v, m0, m1, m2, m3, m4)                                \
    const gop_real v##s = (m1) + (m2), v##0 = (m0) + (v##s + (m3)), \
                   v##1 = ((m1) - (m2)) + 2 * (m3), v##2 = (v##s + 4 * (m3)) + (m4)

static const double G[5][3] = {{1.0 / 2, 0, 0},
                               {1.0 / 2, 1.0 / 2, 1.0 / 2},
                               {1.0 / 6, -1.0 / 6, 1.0 / 6},
                               {1.0 / 6, 1.0 / 3, 2.0 / 3},
                               {0, 0, 1}};

/* Products, including transforms, run at about 0.7 of the speed of long ones.  The method therefore
 * needs enough channels, taps and whole tiles. */
static bool pays(const gop_ctx *ctx, const gop_conv_sizes *s)
{
    if (s->a.stride != 1 || s->a.dilation != 1)
        return false;
    const gop_toom_cook_sizes f = gop_toom_cook_of(ctx, s);
    return gop_size_min(f.c_in, f.c_out) >= 16 && f.c_in * f.c_out >= 512 &&
           POINTS * f.groups * f.tiles * 3 < f.taps * f.t_out * 2;
}

static void measure(const gop_ctx *ctx, gop_conv_sizes *s)
{
    const gop_toom_cook_sizes f = gop_toom_cook_of(ctx, s);
    const size_t width = gop_packed_width(ctx);
    gop_conv_cut(s, (f.t_in + 2 * f.pad) * f.c_in, f.panels);
    s->prepared = POINTS * f.panels * f.matrix;
    s->scratch = POINTS * (f.gap + f.piece * width) + gop_size_max(REACH * f.c_in, TILE * width);
}

/* ----------------------------------------------------------------- weights */

typedef struct prepare_job {
    const gop_ctx *ctx;
    const gop_toom_cook_sizes *f;
    const gop_real *W;
    bool flip; /* this computes a dx, and W belongs to its convolution: [c_in, taps, c_out] */
    gop_real *prepared;
} prepare_job;

/* to[i] = sum_t factor[t] w[t][i]; in double, which costs little here. */
GOP_VECTOR static void combine(gop_real *restrict to, const double *restrict factor,
                               const gop_real *const *restrict w, size_t n)
{
    GOP_INDEPENDENT
    for (size_t i = 0; i < n; i++) {
#define TERM(t) factor[t] * (double)w[t][i]
        to[i] = (gop_real)((TERM(0) + TERM(1) + TERM(2)) + (TERM(3) + TERM(4) + TERM(5)) +
                           (TERM(6) + TERM(7) + TERM(8)));
#undef TERM
    }
}

/* W at a point, taps of group g: row `row`, channels [c, c + n) of the last axis. */
static void transform(const prepare_job *j, gop_real *to, size_t pt, size_t g, size_t row, size_t c,
                      size_t n)
{
    const gop_toom_cook_sizes *f = j->f;
    const size_t wide = j->flip ? f->c_out : f->c_in, taps = gop_size_min(TILE, f->taps - g * TILE);
    const gop_real *w[TILE], *filter = j->W + row * f->taps * wide + c;
    double factor[TILE];

    for (size_t t = 0; t < TILE; t++) {
        const size_t tap = gop_size_min(g * TILE + t, f->taps - 1);
        w[t] = filter + (j->flip ? f->taps - 1 - tap : tap) * wide;
        factor[t] = t < taps ? G[pt / 5][t / 3] * G[pt % 5][t % 3] : 0;
    }
    combine(to, factor, w, n);
}

/* One panel at one point, several channels of x at a time. */
static void prepare_chunk(void *arg, size_t i)
{
    const prepare_job *j = arg;
    const gop_toom_cook_sizes *f = j->f;
    const size_t width = gop_packed_width(j->ctx), pt = i % POINTS;
    const size_t col = i / POINTS * width, cols = gop_size_min(width, f->c_out - col);
    gop_real block[CHANNELS * WIDTH];

    for (size_t g = 0; g < f->groups; g++)
        for (size_t c = 0; c < f->c_in; c += CHANNELS) {
            const size_t n = gop_size_min(CHANNELS, f->c_in - c);
            if (j->flip)
                for (size_t k = 0; k < n; k++)
                    transform(j, block + k * WIDTH, pt, g, c + k, col, cols);
            else
                for (size_t k = 0; k < cols; k++)
                    transform(j, block + k * CHANNELS, pt, g, col + k, c, n);
            gop_pack_rows(j->ctx, j->prepared + i * f->matrix, f->groups * f->c_in, cols,
                          g * f->c_in + c, n, block, j->flip ? WIDTH : 1, j->flip ? 1 : CHANNELS, 0,
                          1);
        }
}

static void prepare(gop_ctx *ctx, const gop_conv_sizes *s, const gop_real *W, gop_real *prepared)
{
    const gop_toom_cook_sizes f = gop_toom_cook_of(ctx, s);
    prepare_job j = {ctx, &f, W, s->back, prepared};
    gop_parallel(ctx, POINTS * f.panels, prepare_chunk, &j);
}

/* ----------------------------------------------------------------- y and dx */

/* Nine frames of y, ldy apart, from the 25 products of one tile, `gap` apart. */
GOP_VECTOR static void merge_tile(gop_real *restrict y, size_t ldy, const gop_real *restrict from,
                                  size_t gap, size_t n)
{
    GOP_INDEPENDENT
    for (size_t i = 0; i < n; i++) {
        const gop_real *m = from + i;
        gop_real *t = y + i;
        MERGE(p, m[0], m[gap], m[2 * gap], m[3 * gap], m[4 * gap]);
        MERGE(q, m[5 * gap], m[6 * gap], m[7 * gap], m[8 * gap], m[9 * gap]);
        MERGE(r, m[10 * gap], m[11 * gap], m[12 * gap], m[13 * gap], m[14 * gap]);
        MERGE(s, m[15 * gap], m[16 * gap], m[17 * gap], m[18 * gap], m[19 * gap]);
        MERGE(u, m[20 * gap], m[21 * gap], m[22 * gap], m[23 * gap], m[24 * gap]);
#define COLUMN(k)                               \
    {                                           \
        MERGE(v, p##k, q##k, r##k, s##k, u##k); \
        t[k * ldy] = v0;                        \
        t[(3 + k) * ldy] = v1;                  \
        t[(6 + k) * ldy] = v2;                  \
    }
        COLUMN(0) COLUMN(1) COLUMN(2)
#undef COLUMN
    }
}

/* Columns [col, col + n) of y from the products of tiles [row, row + rows). */
static void collect(const gop_toom_cook_sizes *f, gop_real *y, size_t col, size_t n, bool add,
                    const gop_real *from, size_t gap, size_t row, size_t rows, gop_real *edge)
{
    const size_t ldy = f->c_out, each = f->tiles + f->groups - 1;

    for (size_t i = 0; i < rows; i++, from += n) {
        const size_t seq = (row + i) / each, at = (row + i) % each * TILE;
        gop_real *to = y + (seq * f->t_out + at) * ldy + col;
        if (at >= f->t_out)
            continue;
        if (at + TILE <= f->t_out && !add) {
            merge_tile(to, ldy, from, gap, n);
            continue;
        }
        merge_tile(edge, n, from, gap, n);
        gop_put_frames(to, ldy, edge, gop_size_min(TILE, f->t_out - at), n, add);
    }
}

static void chunk(gop_ctx *ctx, const gop_conv_sizes *s, const gop_real *weights, size_t n,
                  const gop_real *from, size_t first, size_t last, bool add, gop_real *to,
                  gop_real *scratch)
{
    const gop_toom_cook_sizes f = gop_toom_cook_of(ctx, s);
    const size_t width = gop_packed_width(ctx), deep = f.groups * f.c_in;
    const size_t all = n == 0 ? 0 : n * (f.tiles + f.groups - 1) - (f.groups - 1);
    const size_t pieces = gop_pieces(all, f.piece);
    gop_real *products = scratch + POINTS * f.gap, *edge = products + POINTS * f.piece * width;

    for (size_t p = 0; p < pieces; p++) {
        const size_t row = gop_cut(all, pieces, p), rows = gop_cut(all, pieces, p + 1) - row;
        gop_toom_cook_spread(&f, scratch, f.gap, from, row, rows + f.groups - 1, 0, f.c_in, edge);
        for (size_t j = first; j < last; j++) {
            const size_t cols = gop_size_min(width, f.c_out - j * width);
            for (size_t pt = 0; pt < POINTS; pt++)
                gop_gemm_packed(ctx, rows, cols, deep, scratch + pt * f.gap, (ptrdiff_t)f.c_in, 1,
                                weights + (j * POINTS + pt) * f.matrix, 0, 1, false,
                                products + pt * rows * cols, cols);
            collect(&f, to, j * width, cols, add, products, rows * cols, row, rows, edge);
        }
    }
}

const gop_conv_method gop_toom_cook = {
    .name = "Toom-Cook",
    .pays = pays,
    .measure = measure,
    .prepare = prepare,
    .chunk = chunk,
    .measure_weights = gop_toom_cook_measure_weights,
    .weights = gop_toom_cook_weights,
};
