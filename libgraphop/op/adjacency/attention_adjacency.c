/*
 * attention_adjacency.c: adjacencies with several heads, from two embeddings of the nodes,
 * optionally masked and symmetric.
 *
 *     forward    s[h,i,j] = f_hi . g_hj / sqrt(D),   f_hi = f[n, i, h D .. h D + D)
 *                P[h,i,:] = softmax over the nodes j that are there, 0 elsewhere
 *                A = P,  or symmetric  A = (P + P^T) / 2
 *     backward   dP = dA,  or  (dA + dA^T) / 2
 *                ds[i,j] = P[i,j] (dP[i,j] - sum_k dP[i,k] P[i,k]) / sqrt(D)
 *                df_i = sum_j ds[i,j] g_j,  dg_j = sum_i ds[i,j] f_i
 *
 * f, g [N, M, H D], mask [N, M], [M] or absent; A [N, H, M, M].  A missing node has a row and a
 * column of zeros.  The largest s of a row is subtracted before exp, so that nothing overflows.
 *
 * Kept for backward if symmetric: P.
 * Source: scaled dot product, Vaswani et al. 2017; as an adjacency eq. 2 of Sym-GNN and Shi et al.
 * 2019.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "graphop.h"
#include "op/partial.h"
#include "op/soften.h"

#include <math.h>

typedef struct attributes {
    size_t heads;
    bool symmetric;
} attributes;

enum { F, G, MASK };

typedef struct sizes {
    size_t heads, m, width, d;
    size_t square; /* elements of a matrix, whole lines */
} sizes;

typedef struct job {
    const gop_run *r;
    sizes s;
    bool symmetric;
    gop_real scale;
} job;

static sizes measure(gop_shape f, size_t heads)
{
    return (sizes){.heads = heads,
                   .m = f.dim[1],
                   .width = f.dim[2],
                   .d = f.dim[2] / heads,
                   .square = gop_line(f.dim[1] * f.dim[1])};
}

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    char x[64], y[64];
    gop_shape f = p->in[F], mask = p->in[MASK];
    if (f.rank != 3 || !gop_shape_equal(f, p->in[G]))
        return gop_fail(p->err, GOP_ESHAPE, "f %s and g %s must both be [N, M, H D]",
                        gop_shape_text(x, sizeof x, f), gop_shape_text(y, sizeof y, p->in[G]));
    if (a->heads < 1 || f.dim[2] % a->heads != 0)
        return gop_fail(p->err, GOP_EINVAL, "%zu channels are not divisible by %zu heads", f.dim[2],
                        a->heads);
    if (mask.rank >= 0 && !gop_shape_equal(mask, gop_shape1(f.dim[1])) &&
        !gop_shape_equal(mask, gop_shape2(f.dim[0], f.dim[1])))
        return gop_fail(p->err, GOP_ESHAPE, "mask %s must be [N, M] or [M] for f %s",
                        gop_shape_text(x, sizeof x, mask), gop_shape_text(y, sizeof y, f));
    p->out = gop_shape4(f.dim[0], a->heads, f.dim[1], f.dim[1]);
    gop_status s = gop_op_size(p, p->out);
    if (s != GOP_OK)
        return s;
    const sizes z = measure(f, a->heads);
    if (p->training && a->symmetric)
        p->saved = gop_shape_size(p->out);
    p->work = (size_t)gop_ctx_threads(p->ctx) * z.square;
    p->madds = (uint64_t)f.dim[0] * z.m * z.m * z.width;
    return GOP_OK;
}

/* Present nodes are moved together, so that missing ones cannot reach the softmax, and are moved
 * back afterwards. */
static void soften_some(const job *j, gop_real *row, const gop_real *there)
{
    size_t n = 0;
    for (size_t k = 0; k < j->s.m; k++)
        if (there[k] != 0)
            row[n++] = row[k];
    if (n > 0)
        gop_soften_rows(row, row, j->scale, 1, n);
    for (size_t k = j->s.m; k-- > 0;)
        row[k] = there[k] != 0 ? row[--n] : 0;
}

static const gop_real *mask_of(const job *j, size_t n)
{
    const gop_real *mask = j->r->in[MASK];
    return mask != NULL && j->r->in_shape[MASK].rank == 2 ? mask + n * j->s.m : mask;
}

/* to = (from + from^T) / 2 */
static void symmetric_part(gop_real *to, const gop_real *from, size_t m)
{
    for (size_t i = 0; i < m; i++)
        for (size_t k = 0; k < m; k++)
            to[i * m + k] = (from[i * m + k] + from[k * m + i]) / 2;
}

static void forward_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const size_t m = j->s.m, n = i / j->s.heads, at = n * m * j->s.width + i % j->s.heads * j->s.d;
    const gop_real *there = mask_of(j, n);
    const ptrdiff_t ld = (ptrdiff_t)j->s.width;
    gop_real *a = r->out + i * m * m;
    if (j->symmetric)
        a = r->saved ? r->saved + i * m * m : gop_op_work(r, j->s.square);
    gop_gemm(r->ctx, m, m, j->s.d, r->in[F] + at, ld, 1, r->in[G] + at, 1, ld, false, a, m);
    if (there == NULL)
        gop_soften_rows(a, a, j->scale, m, m);
    for (size_t k = 0; k < m && there != NULL; k++)
        if (there[k] != 0)
            soften_some(j, a + k * m, there);
        else
            memset(a + k * m, 0, m * sizeof *a);
    if (j->symmetric)
        symmetric_part(r->out + i * m * m, a, m);
}

static void backward_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const size_t m = j->s.m, n = i / j->s.heads, at = n * m * j->s.width + i % j->s.heads * j->s.d;
    const ptrdiff_t ld = (ptrdiff_t)j->s.width, lm = (ptrdiff_t)m;
    const gop_real *p = (j->symmetric ? r->saved : r->out) + i * m * m;
    gop_real *ds = gop_op_work(r, j->s.square);
    if (j->symmetric)
        symmetric_part(ds, r->dout + i * m * m, m);
    else
        memcpy(ds, r->dout + i * m * m, m * m * sizeof *ds);
    gop_soften_rows_back(ds, p, ds, j->scale, m, m, false);
    if (r->din[F])
        gop_gemm(r->ctx, m, j->s.d, m, ds, lm, 1, r->in[G] + at, ld, 1, r->add[F], r->din[F] + at,
                 j->s.width);
    if (r->din[G])
        gop_gemm(r->ctx, m, j->s.d, m, ds, 1, lm, r->in[F] + at, ld, 1, r->add[G], r->din[G] + at,
                 j->s.width);
}

static void run(const gop_run *r, void (*chunk)(void *arg, size_t i))
{
    const attributes *a = r->attr;
    job j = {.r = r, .s = measure(r->in_shape[F], a->heads), .symmetric = a->symmetric};
    j.scale = 1 / GOP_SQRT((gop_real)j.s.d);
    gop_parallel(r->ctx, r->out_shape.dim[0] * j.s.heads, chunk, &j);
}

static void forward(const gop_run *r)
{
    run(r, forward_chunk);
}

static void backward(const gop_run *r)
{
    if (r->din[F] || r->din[G])
        run(r, backward_chunk);
    if (r->n_in > MASK && r->in[MASK] != NULL)
        gop_no_gradient(r, MASK);
}

/* ------------------------------------------------------------------------- cases */

/* P of sample n and head h; there NULL: all nodes. */
static double naive_p(const gop_tensor *in, size_t heads, const gop_real *there, size_t n, size_t h,
                      size_t i, size_t k)
{
    const size_t m = in[F].shape.dim[1], width = in[F].shape.dim[2], d = width / heads;
    const gop_real *f = in[F].v + (n * m + i) * width + h * d, *g = in[G].v + n * m * width + h * d;
    double sum = 0, own = 0;
    if (there != NULL && (there[i] == 0 || there[k] == 0))
        return 0;
    for (size_t l = 0; l < m; l++) {
        double s = 0;
        for (size_t c = 0; c < d; c++)
            s += (double)f[c] * (double)g[l * width + c];
        s = exp(s / sqrt((double)d));
        sum += there == NULL || there[l] != 0 ? s : 0;
        own = l == k ? s : own;
    }
    return own / sum;
}

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const attributes *a = attr;
    const size_t m = y.shape.dim[2];
    for (size_t e = 0; e < gop_shape_size(y.shape); e++) {
        const size_t n = e / (a->heads * m * m), h = e / (m * m) % a->heads;
        const size_t i = e / m % m, k = e % m;
        const gop_real *there = in[MASK].v ? in[MASK].v + (in[MASK].shape.rank == 2 ? n * m : 0)
                                           : NULL;
        double p = naive_p(in, a->heads, there, n, h, i, k);
        if (a->symmetric)
            p = (p + naive_p(in, a->heads, there, n, h, k, i)) / 2;
        y.v[e] = (gop_real)p;
    }
}

static const gop_case cases[] = {
    {"two heads", .in = {{3, {2, 5, 6}}, {3, {2, 5, 6}}, {.rank = -1}}, .range = {{-2, 2}, {-2, 2}},
     .attr = &(attributes){2, false}, .bench = {{3, {32, 26, 128}}, {3, {32, 26, 128}}}},
    {"masked", .in = {{3, {2, 5, 6}}, {3, {2, 5, 6}}, {2, {2, 5}}}, .range = {[MASK] = {0, 2}},
     .integers = 1 << MASK, .attr = &(attributes){2, false}},
    {"symmetric, shared mask", .in = {{3, {2, 5, 6}}, {3, {2, 5, 6}}, {1, {5}}},
     .range = {[MASK] = {0, 2}}, .integers = 1 << MASK, .attr = &(attributes){2, true}},
    {0},
};

const gop_op gop_op_attention_adjacency = {
    .name = "attention_adjacency",
    .flags = GOP_OP_NEEDS_IN | GOP_OP_NEEDS_OUT,
    .attr_size = sizeof(attributes),
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
};

/*: Adjacencies with several heads, from two embeddings of the nodes.
 *
 *     P[n, h, i, :] = softmax over j of f[n, i, h, :] . g[n, j, h, :] / sqrt(D)
 *     A = P, or (P + P^T) / 2 when symmetric
 *
 * f, g [N, M, heads D]; mask [N, M], [M] for all samples, or gop_none(); A [N, heads, M, M].  A
 * node whose mask is 0 has a row and a column of zeros, and the softmax of other rows excludes it.
 * No gradient to `mask`.
 * Errors: GOP_ESHAPE if f, g and mask do not fit each other, GOP_EINVAL if `heads` does not divide
 * the channels.
 * Source: Vaswani et al. 2017; Sym-GNN eq. 2 for one head without the scale.
 */
GOP_API gop_var gop_attention_adjacency(gop_net *net, gop_var f, gop_var g, size_t heads,
                                        gop_var mask, bool symmetric)
{
    attributes a = {.heads = heads, .symmetric = symmetric};
    gop_var in[3] = {f, g, mask};
    return gop_apply(net, &gop_op_attention_adjacency, &a, in, 3);
}
