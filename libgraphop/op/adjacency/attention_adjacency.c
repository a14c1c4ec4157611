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
 * column of zeros.
 *
 * Kept for backward if symmetric: P.
 * Source: scaled dot product, Vaswani et al. 2017; as an adjacency eq. 2 of Sym-GNN and Shi et al.
 * 2019.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "graphop.h"
#include "op/scores.h"

#include <math.h>

typedef struct attributes {
    size_t heads;
    bool symmetric;
} attributes;

enum { F, G, MASK };

static gop_scores measure(const gop_ctx *ctx, gop_shape f, const attributes *a)
{
    const gop_real d = (gop_real)(f.dim[2] / a->heads);
    return gop_scores_of(ctx, f, a->heads, 1 / GOP_SQRT(d), a->symmetric);
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
    gop_try(gop_op_size(p, p->out));
    return gop_scores_plan(p, measure(p->ctx, f, a));
}

static void forward(const gop_run *r)
{
    gop_scores_forward(r, measure(r->ctx, r->in_shape[F], r->attr), r->in[MASK],
                       r->in_shape[MASK].rank == 2);
}

static void backward(const gop_run *r)
{
    gop_scores_backward(r, measure(r->ctx, r->in_shape[F], r->attr));
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
    {"divided", .in = {{3, {1, 65, 4}}, {3, {1, 65, 4}}, {.rank = -1}},
     .attr = &(attributes){2, false}, .bench = {{3, {1, 250, 64}}, {3, {1, 250, 64}}}},
    {"divided, masked, symmetric", .in = {{3, {1, 65, 4}}, {3, {1, 65, 4}}, {1, {65}}},
     .range = {[MASK] = {0, 2}}, .integers = 1 << MASK, .attr = &(attributes){2, true},
     .bench = {{3, {1, 250, 64}}, {3, {1, 250, 64}}, {1, {250}}}},
    {"many large", .in = {{3, {2, 17, 8}}, {3, {2, 17, 8}}, {.rank = -1}},
     .attr = &(attributes){8, false}, .bench = {{3, {2, 230, 16}}, {3, {2, 230, 16}}}},
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
