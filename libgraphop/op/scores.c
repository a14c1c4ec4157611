/*
 * scores.c: see scores.h.
 *
 * Small matrices are divided among threads by pairs of a sample and a head.  Large ones are cut into
 * blocks of rows, so that a block is softened while it is in a near cache; their right-hand sides are
 * packed once.  Backward does so only if pairs are few, because it needs a matrix for each at work.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/scores.h"

#include "core/packed.h"
#include "op/partial.h"
#include "op/soften.h"

/* Pairs that are enough to be divided; blocks of rows of a pair, and rows of a block, at least; rows
 * and columns of a piece of a transposed matrix. */
enum { MANY = 4, LEAST_BLOCKS = 8, LEAST_ROWS = 24, SIDE = 16 };

typedef struct job {
    const gop_run *r;
    gop_scores s;
    const gop_real *mask;
    bool of_each;
    size_t pair; /* whose blocks run backward, if they are spread */
} job;

gop_scores gop_scores_of(const gop_ctx *ctx, gop_shape f, size_t heads, gop_real scale,
                         bool symmetric)
{
    gop_scores s = {.pairs = f.dim[0] * heads,
                    .heads = heads,
                    .m = f.dim[1],
                    .width = f.dim[2],
                    .d = f.dim[2] / heads,
                    .symmetric = symmetric,
                    .scale = scale};
    const size_t cells = s.m * s.m;
    s.blocks = gop_size_min(gop_pieces(cells, GOP_NEAR), s.m);
    if (s.pairs < MANY && cells * s.d >= GOP_SHARE_MADDS)
        s.blocks = gop_size_max(s.blocks, gop_size_min(LEAST_BLOCKS, s.m / LEAST_ROWS));
    s.spread = s.pairs < MANY && s.blocks > 1;
    s.square = gop_line(cells);
    s.packed = gop_line(
        gop_size_max(gop_packed_size(ctx, s.d, s.m), gop_packed_size(ctx, s.m, s.d)));
    return s;
}

gop_status gop_scores_plan(gop_op_plan *p, gop_scores s)
{
    const size_t back = s.spread ? s.packed + s.square
                                 : gop_times((size_t)gop_ctx_threads(p->ctx), s.square);
    if (p->training && s.symmetric)
        p->saved = gop_shape_size(p->out);
    p->work = gop_size_max(s.blocks > 1 ? gop_times(s.pairs, s.packed) : 0, p->training ? back : 0);
    p->madds = (uint64_t)s.pairs * s.m * s.m * s.d;
    return GOP_OK;
}

/* Where the embeddings of pair i begin. */
static size_t embedding_of(const gop_scores *s, size_t i)
{
    return i / s->heads * s->m * s->width + i % s->heads * s->d;
}

/* Present nodes are moved together, so that missing ones cannot reach the softmax, and are moved
 * back afterwards. */
static void soften_some(const gop_scores *s, gop_real *row, const gop_real *there)
{
    size_t n = 0;
    for (size_t k = 0; k < s->m; k++)
        if (there[k] != 0)
            row[n++] = row[k];
    if (n > 0)
        gop_soften_rows(row, row, s->scale, 1, n);
    for (size_t k = s->m; k-- > 0;)
        row[k] = there[k] != 0 ? row[--n] : 0;
}

/* Rows [from, to) of the scores a of pair i become P. */
static void soften(const job *j, size_t i, gop_real *a, size_t from, size_t to)
{
    const size_t m = j->s.m;
    const gop_real *there = j->mask != NULL && j->of_each ? j->mask + i / j->s.heads * m : j->mask;
    if (there == NULL)
        gop_soften_rows(a + from * m, a + from * m, j->s.scale, to - from, m);
    for (size_t k = from; k < to && there != NULL; k++)
        if (there[k] != 0)
            soften_some(&j->s, a + k * m, there);
        else
            memset(a + k * m, 0, m * sizeof *a);
}

/* Rows [from, to) of x = (y + y^T) / 2; or, with `half`, of the part from the diagonal on, and its
 * mirror image, for which x may be y. */
static void symmetric_part(gop_real *x, const gop_real *y, size_t m, size_t from, size_t to,
                           bool half)
{
    for (size_t i = from; i < to; i += SIDE)
        for (size_t k = half ? i : 0; k < m; k += SIDE)
            for (size_t p = i; p < gop_size_min(i + SIDE, to); p++)
                for (size_t q = half ? gop_size_max(k, p) : k; q < gop_size_min(k + SIDE, m); q++) {
                    const gop_real v = (y[p * m + q] + y[q * m + p]) / 2;
                    x[p * m + q] = v;
                    if (half)
                        x[q * m + p] = v;
                }
}

/* Where forward writes P of pair i. */
static gop_real *p_of(const job *j, size_t i)
{
    const gop_run *r = j->r;
    return (j->s.symmetric && r->saved ? r->saved : r->out) + i * j->s.m * j->s.m;
}

static void small_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const size_t m = j->s.m, at = embedding_of(&j->s, i);
    const ptrdiff_t ld = (ptrdiff_t)j->s.width;
    gop_real *p = p_of(j, i);
    gop_gemm(r->ctx, m, m, j->s.d, r->in[0] + at, ld, 1, r->in[1] + at, 1, ld, false, p, m);
    soften(j, i, p, 0, m);
    if (j->s.symmetric)
        symmetric_part(r->out + i * m * m, p, m, 0, m, true);
}

static void pack_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const gop_scores *s = &j->s;
    gop_pack_rows(j->r->ctx, j->r->work + i * s->packed, s->d, s->m, 0, s->d,
                  j->r->in[1] + embedding_of(s, i), 1, (ptrdiff_t)s->width, 0,
                  gop_packed_panels(j->r->ctx, s->m));
}

static void rows_chunk(void *arg, size_t k)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const gop_scores *s = &j->s;
    const size_t i = k / s->blocks, b = k % s->blocks;
    const size_t from = gop_cut(s->m, s->blocks, b), to = gop_cut(s->m, s->blocks, b + 1);
    gop_gemm_packed(r->ctx, to - from, s->m, s->d, r->in[0] + embedding_of(s, i) + from * s->width,
                    (ptrdiff_t)s->width, 1, r->work + i * s->packed, 0,
                    gop_packed_panels(r->ctx, s->m), false, p_of(j, i) + from * s->m, s->m);
    soften(j, i, p_of(j, i), from, to);
}

static void symmetric_chunk(void *arg, size_t k)
{
    const job *j = arg;
    const gop_scores *s = &j->s;
    const size_t i = k / s->blocks, b = k % s->blocks;
    symmetric_part(j->r->out + i * s->m * s->m, p_of(j, i), s->m, gop_cut(s->m, s->blocks, b),
                   gop_cut(s->m, s->blocks, b + 1), true);
}

void gop_scores_forward(const gop_run *r, gop_scores s, const gop_real *mask, bool of_each)
{
    job j = {.r = r, .s = s, .mask = mask, .of_each = of_each};
    if (s.blocks == 1) {
        gop_parallel(r->ctx, s.pairs, small_chunk, &j);
        return;
    }
    gop_parallel(r->ctx, s.pairs, pack_chunk, &j);
    gop_parallel(r->ctx, s.pairs * s.blocks, rows_chunk, &j);
    if (s.symmetric)
        gop_parallel(r->ctx, s.pairs * s.blocks, symmetric_chunk, &j);
}

/* ------------------------------------------------------------------------ backward */

/* Rows [from, to) of ds of pair i. */
static void ds_rows(const job *j, size_t i, gop_real *ds, size_t from, size_t to)
{
    const gop_run *r = j->r;
    const size_t m = j->s.m, n = to - from, at = i * m * m;
    const gop_real *p = (j->s.symmetric ? r->saved : r->out) + at + from * m;
    const gop_real *dp = r->dout + at + from * m;
    if (j->s.symmetric) {
        symmetric_part(ds, r->dout + at, m, from, to, false);
        dp = ds + from * m;
    }
    gop_soften_rows_back(ds + from * m, p, dp, j->s.scale, n, m, false);
}

static void backward_pair(void *arg, size_t i)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const gop_scores *s = &j->s;
    const size_t m = s->m, at = embedding_of(s, i);
    const ptrdiff_t ld = (ptrdiff_t)s->width, lm = (ptrdiff_t)m;
    gop_real *ds = gop_op_work(r, s->square);
    ds_rows(j, i, ds, 0, m);
    if (r->din[0])
        gop_gemm(r->ctx, m, s->d, m, ds, lm, 1, r->in[1] + at, ld, 1, r->add[0], r->din[0] + at,
                 s->width);
    if (r->din[1])
        gop_gemm(r->ctx, m, s->d, m, ds, 1, lm, r->in[0] + at, ld, 1, r->add[1], r->din[1] + at,
                 s->width);
}

/* ds, and its product with the packed g. */
static void df_block(void *arg, size_t b)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const gop_scores *s = &j->s;
    const size_t from = gop_cut(s->m, s->blocks, b), to = gop_cut(s->m, s->blocks, b + 1);
    gop_real *ds = r->work + s->packed;
    ds_rows(j, j->pair, ds, from, to);
    if (r->din[0])
        gop_gemm_packed(r->ctx, to - from, s->d, s->m, ds + from * s->m, (ptrdiff_t)s->m, 1,
                        r->work, 0, gop_packed_panels(r->ctx, s->d), r->add[0],
                        r->din[0] + embedding_of(s, j->pair) + from * s->width, s->width);
}

static void dg_block(void *arg, size_t b)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const gop_scores *s = &j->s;
    const size_t from = gop_cut(s->m, s->blocks, b), to = gop_cut(s->m, s->blocks, b + 1);
    gop_gemm_packed(r->ctx, to - from, s->d, s->m, r->work + s->packed + from, 1, (ptrdiff_t)s->m,
                    r->work, 0, gop_packed_panels(r->ctx, s->d), r->add[1],
                    r->din[1] + embedding_of(s, j->pair) + from * s->width, s->width);
}

void gop_scores_backward(const gop_run *r, gop_scores s)
{
    job j = {.r = r, .s = s};
    if (!r->din[0] && !r->din[1])
        return;
    if (!s.spread) {
        gop_parallel(r->ctx, s.pairs, backward_pair, &j);
        return;
    }
    for (j.pair = 0; j.pair < s.pairs; j.pair++) {
        const size_t at = embedding_of(&s, j.pair);
        if (r->din[0])
            gop_pack_all(r->ctx, r->work, s.m, s.d, r->in[1] + at, (ptrdiff_t)s.width, 1);
        gop_parallel(r->ctx, s.blocks, df_block, &j);
        if (!r->din[1])
            continue;
        gop_pack_all(r->ctx, r->work, s.m, s.d, r->in[0] + at, (ptrdiff_t)s.width, 1);
        gop_parallel(r->ctx, s.blocks, dg_block, &j);
    }
}
