/*
 * attention_adjacency.c: adjacencies of several heads from two embeddings of the
 * nodes, with nodes left out and symmetric if asked for.
 *
 *     forward    s[h,i,j] = f_hi . g_hj / sqrt(D),   f_hi = f[n, i, h D .. h D + D)
 *                P[h,i,:] = softmax over the nodes j that are there, 0 elsewhere
 *                A = P,  or symmetric  A = (P + P^T) / 2
 *     backward   dP = dA,  or  (dA + dA^T) / 2
 *                ds[i,j] = P[i,j] (dP[i,j] - sum_k dP[i,k] P[i,k]) / sqrt(D)
 *                df_i = sum_j ds[i,j] g_j,  dg_j = sum_i ds[i,j] f_i
 *
 * f, g [N, M, H D], mask [N, M], [M] or absent; A [N, H, M, M].  A node that is not
 * there has a row and a column of zeros.  The largest s of a row is taken off
 * before exp, so that nothing overflows.
 *
 * Kept for backward when symmetric: P.
 * Source: scaled dot product, Vaswani et al. 2017; as an adjacency eq. 2 of
 * Sym-GNN and Shi et al. 2019.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "graphop.h"
#include "op/partial.h"
#include "op/rows.h"

#include <math.h>

typedef struct attributes {
    size_t heads;
    bool symmetric;
} attributes;

enum { F, G, MASK };

typedef struct job {
    const gop_run *r;
    size_t heads, m, width, d, square;
    bool symmetric;
    gop_real scale;
} job;

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    char x[64], y[64];
    gop_shape f = p->in[F], mask = p->in[MASK];
    if (f.rank != 3 || !gop_shape_equal(f, p->in[G]))
        return gop_fail(p->err, GOP_ESHAPE, "f %s and g %s must both be [N, M, H D]",
                        gop_shape_text(x, sizeof x, f), gop_shape_text(y, sizeof y, p->in[G]));
    if (a->heads < 1 || f.dim[2] % a->heads != 0)
        return gop_fail(p->err, GOP_EINVAL, "%zu heads do not share %zu channels", a->heads,
                        f.dim[2]);
    if (mask.rank >= 0 && !gop_shape_equal(mask, gop_shape1(f.dim[1])) &&
        !gop_shape_equal(mask, gop_shape2(f.dim[0], f.dim[1])))
        return gop_fail(p->err, GOP_ESHAPE, "mask %s must be [N, M] or [M] for f %s",
                        gop_shape_text(x, sizeof x, mask), gop_shape_text(y, sizeof y, f));
    p->out = gop_shape4(f.dim[0], a->heads, f.dim[1], f.dim[1]);
    gop_status s = gop_op_size(p, p->out);
    if (s != GOP_OK)
        return s;
    size_t m = f.dim[1], square = gop_line(m * m);
    if (p->training && a->symmetric)
        p->saved = gop_shape_size(p->out);
    p->work = (size_t)gop_ctx_threads(p->ctx) * square;
    p->madds = (uint64_t)f.dim[0] * m * m * f.dim[2];
    return GOP_OK;
}

static job prepare(const gop_run *r)
{
    const attributes *a = r->attr;
    gop_shape f = r->in_shape[F];
    job j = {r,
             a->heads,
             f.dim[1],
             f.dim[2],
             f.dim[2] / a->heads,
             gop_line(f.dim[1] * f.dim[1]),
             a->symmetric,
             0};
    j.scale = 1 / GOP_SQRT((gop_real)j.d);
    return j;
}

/* The nodes that are there come to stand together, so that the others cannot
 * reach the softmax, and go back to their places. */
static void soften_some(const job *j, gop_real *row, const gop_real *there)
{
    size_t n = 0;
    for (size_t k = 0; k < j->m; k++)
        if (there[k] != 0)
            row[n++] = row[k];
    if (n > 0)
        gop_row_softmax(row, row, j->scale, n);
    for (size_t k = j->m; k-- > 0;)
        row[k] = there[k] != 0 ? row[--n] : 0;
}

static const gop_real *mask_of(const job *j, size_t n)
{
    const gop_real *mask = j->r->in[MASK];
    return mask != NULL && j->r->in_shape[MASK].rank == 2 ? mask + n * j->m : mask;
}

/* to = (from + from^T) / 2 */
static void symmetric_part(gop_real *to, const gop_real *from, size_t m)
{
    for (size_t i = 0; i < m; i++)
        for (size_t k = 0; k < m; k++)
            to[i * m + k] = (from[i * m + k] + from[k * m + i]) / 2;
}

static void forward_head(void *arg, size_t i)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const size_t m = j->m, n = i / j->heads, at = n * m * j->width + i % j->heads * j->d;
    const gop_real *there = mask_of(j, n);
    const ptrdiff_t ld = (ptrdiff_t)j->width;
    gop_real *a = r->out + i * m * m;
    if (j->symmetric)
        a = r->saved ? r->saved + i * m * m : gop_op_work(r, j->square);
    gop_gemm(r->ctx, m, m, j->d, r->in[F] + at, ld, 1, r->in[G] + at, 1, ld, false, a, m);
    for (size_t k = 0; k < m; k++)
        if (there == NULL)
            gop_row_softmax(a + k * m, a + k * m, j->scale, m);
        else if (there[k] != 0)
            soften_some(j, a + k * m, there);
        else
            memset(a + k * m, 0, m * sizeof *a);
    if (j->symmetric)
        symmetric_part(r->out + i * m * m, a, m);
}

static void forward(const gop_run *r)
{
    job j = prepare(r);
    gop_parallel(r->ctx, r->out_shape.dim[0] * j.heads, forward_head, &j);
}

static void backward_head(void *arg, size_t i)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const size_t m = j->m, n = i / j->heads, at = n * m * j->width + i % j->heads * j->d;
    const ptrdiff_t ld = (ptrdiff_t)j->width, lm = (ptrdiff_t)m;
    const gop_real *p = (j->symmetric ? r->saved : r->out) + i * m * m;
    gop_real *ds = gop_op_work(r, j->square);
    if (j->symmetric)
        symmetric_part(ds, r->dout + i * m * m, m);
    else
        memcpy(ds, r->dout + i * m * m, m * m * sizeof *ds);
    for (size_t k = 0; k < m; k++)
        gop_row_softmax_back(ds + k * m, p + k * m, ds + k * m, j->scale, m, false);
    if (r->din[F])
        gop_gemm(r->ctx, m, j->d, m, ds, lm, 1, r->in[G] + at, ld, 1, r->add[F], r->din[F] + at,
                 j->width);
    if (r->din[G])
        gop_gemm(r->ctx, m, j->d, m, ds, 1, lm, r->in[F] + at, ld, 1, r->add[G], r->din[G] + at,
                 j->width);
}

static void backward(const gop_run *r)
{
    job j = prepare(r);
    if (r->din[F] || r->din[G])
        gop_parallel(r->ctx, r->out_shape.dim[0] * j.heads, backward_head, &j);
    if (r->n_in > MASK && r->in[MASK] != NULL)
        gop_no_gradient(r, MASK);
}

/* ------------------------------------------------------------------- tests */

enum { SAMPLES = 2, NODES = 5, HEADS = 2, D = 3, WIDE = HEADS * D };

static gop_var build(gop_net *net, const gop_var *in)
{
    return gop_attention_adjacency(net, in[F], in[G], HEADS, gop_none(), false);
}

static gop_var build_masked(gop_net *net, const gop_var *in)
{
    return gop_attention_adjacency(net, in[F], in[G], HEADS, in[MASK], false);
}

static gop_var build_symmetric(gop_net *net, const gop_var *in)
{
    return gop_attention_adjacency(net, in[F], in[G], HEADS, in[MASK], true);
}

/* P of sample n and head h; there NULL: all nodes. */
static double naive_p(const gop_real *f, const gop_real *g, const gop_real *there, int n, int h,
                      int i, int k)
{
    double sum = 0, own = 0;
    if (there && (there[i] == 0 || there[k] == 0))
        return 0;
    for (int l = 0; l < NODES; l++) {
        double s = 0;
        for (int c = 0; c < D; c++)
            s += (double)f[(n * NODES + i) * WIDE + h * D + c] *
                 (double)g[(n * NODES + l) * WIDE + h * D + c];
        if (there == NULL || there[l] != 0)
            sum += exp(s / sqrt(D));
        if (l == k)
            own = exp(s / sqrt(D));
    }
    return own / sum;
}

static void naive_all(gop_real *out, const gop_real *const *in, const gop_real *mask,
                      bool per_sample, bool symmetric)
{
    for (int n = 0; n < SAMPLES; n++)
        for (int h = 0; h < HEADS; h++)
            for (int i = 0; i < NODES; i++)
                for (int k = 0; k < NODES; k++) {
                    const gop_real *there = mask && per_sample ? mask + n * NODES : mask;
                    double p = naive_p(in[F], in[G], there, n, h, i, k);
                    if (symmetric)
                        p = (p + naive_p(in[F], in[G], there, n, h, k, i)) / 2;
                    *out++ = (gop_real)p;
                }
}

static void naive(gop_real *out, const gop_real *const *in)
{
    naive_all(out, in, NULL, false, false);
}

static void naive_masked(gop_real *out, const gop_real *const *in)
{
    naive_all(out, in, in[MASK], true, false);
}

static void naive_symmetric(gop_real *out, const gop_real *const *in)
{
    naive_all(out, in, in[MASK], false, true);
}

static const gop_case cases[] = {
    {.name = "two heads",
     .in = {{3, {SAMPLES, NODES, WIDE}}, {3, {SAMPLES, NODES, WIDE}}},
     .range = {{-2, 2}, {-2, 2}},
     .build_old = build,
     .naive_old = naive,
     .bench = {{3, {32, 26, 128}}, {3, {32, 26, 128}}}},
    {.name = "masked",
     .in = {{3, {SAMPLES, NODES, WIDE}}, {3, {SAMPLES, NODES, WIDE}}, {2, {SAMPLES, NODES}}},
     .range = {[2] = {0, 2}},
     .integers = 1 << 2,
     .build_old = build_masked,
     .naive_old = naive_masked},
    {.name = "symmetric, shared mask",
     .in = {{3, {SAMPLES, NODES, WIDE}}, {3, {SAMPLES, NODES, WIDE}}, {1, {NODES}}},
     .range = {[2] = {0, 2}},
     .integers = 1 << 2,
     .build_old = build_symmetric,
     .naive_old = naive_symmetric},
    {.name = NULL},
};

const gop_op gop_op_attention_adjacency = {
    .name = "attention_adjacency",
    .flags = GOP_OP_NEEDS_IN | GOP_OP_NEEDS_OUT,
    .attr_size = sizeof(attributes),
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
};

/*: Adjacencies of several heads from two embeddings of the nodes.
 *
 *     P[n, h, i, :] = softmax over j of f[n, i, h, :] . g[n, j, h, :] / sqrt(D)
 *     A = P, or (P + P^T) / 2 when symmetric
 *
 * f, g [N, M, heads D]; mask [N, M], [M] for all samples, or gop_none(); A
 * [N, heads, M, M].  A node whose mask is 0 has a row and a column of zeros.  No
 * gradient to `mask`.
 * Errors: GOP_ESHAPE when f, g and mask do not fit each other, GOP_EINVAL when the
 * heads do not divide the channels.
 * Source: Vaswani et al. 2017; Sym-GNN eq. 2 for one head without the scale.
 */
GOP_API gop_var gop_attention_adjacency(gop_net *net, gop_var f, gop_var g, size_t heads,
                                        gop_var mask, bool symmetric)
{
    attributes a = {.heads = heads, .symmetric = symmetric};
    gop_var in[3] = {f, g, mask};
    return gop_apply(net, &gop_op_attention_adjacency, &a, in, 3);
}
