/*
 * softmax_adjacency.c: an adjacency from two embeddings of the nodes.
 *
 *     forward    A[i,j] = exp(s_ij) / sum_k exp(s_ik),  s_ij = f_i . g_j
 *     backward   ds[i,j] = A[i,j] (dA[i,j] - sum_k dA[i,k] A[i,k])
 *                df_i = sum_j ds[i,j] g_j,  dg_j = sum_i ds[i,j] f_i
 *
 * f, g [N, M, D]; A [N, M, M], its rows sum to 1.
 * Source: eq. 2 of Sym-GNN.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "graphop.h"
#include "op/scores.h"

#include <math.h>

static gop_scores measure(const gop_ctx *ctx, gop_shape f)
{
    return gop_scores_of(ctx, f, 1, 1, false);
}

static gop_status plan(gop_op_plan *p)
{
    char a[64], b[64];
    if (p->in[0].rank != 3 || !gop_shape_equal(p->in[0], p->in[1]))
        return gop_fail(p->err, GOP_ESHAPE, "f %s and g %s must both be [N, M, D]",
                        gop_shape_text(a, sizeof a, p->in[0]),
                        gop_shape_text(b, sizeof b, p->in[1]));
    p->out = gop_shape3(p->in[0].dim[0], p->in[0].dim[1], p->in[0].dim[1]);
    gop_try(gop_op_size(p, p->out));
    return gop_scores_plan(p, measure(p->ctx, p->in[0]));
}

static void forward(const gop_run *r)
{
    gop_scores_forward(r, measure(r->ctx, r->in_shape[0]), NULL, false);
}

static void backward(const gop_run *r)
{
    gop_scores_backward(r, measure(r->ctx, r->in_shape[0]));
}

/* ------------------------------------------------------------------------- cases */

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const size_t m = in[0].shape.dim[1], d = in[0].shape.dim[2];
    (void)attr;
    for (size_t row = 0; row < in[0].shape.dim[0] * m; row++) {
        const gop_real *f = in[0].v + row * d, *g = in[1].v + row / m * m * d;
        double sum = 0;
        for (int pass = 0; pass < 2; pass++)
            for (size_t j = 0; j < m; j++) {
                double s = 0;
                for (size_t c = 0; c < d; c++)
                    s += (double)f[c] * (double)g[j * d + c];
                if (pass == 0)
                    sum += exp(s);
                else
                    y.v[row * m + j] = (gop_real)(exp(s) / sum);
            }
    }
}

static const gop_case cases[] = {
    {"small", .in = {{3, {2, 5, 3}}, {3, {2, 5, 3}}},
     .bench = {{3, {32, 26, 128}}, {3, {32, 26, 128}}}},
    {"divided", .in = {{3, {1, 65, 5}}, {3, {1, 65, 5}}},
     .bench = {{3, {1, 1000, 64}}, {3, {1, 1000, 64}}}},
    {"sharp", .in = {{3, {1, 19, 7}}, {3, {1, 19, 7}}}, .range = {{-2, 2}, {-2, 2}}},
    {0},
};

const gop_op gop_op_softmax_adjacency = {
    .name = "softmax_adjacency",
    .flags = GOP_OP_NEEDS_IN | GOP_OP_NEEDS_OUT,
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
};

/*: Adjacency from two embeddings of the nodes (Sym-GNN, eq. 2).
 *
 *     A[n, i, :] = softmax over j of f[n, i, :] . g[n, j, :]
 *
 * f, g [N, M, D]; A [N, M, M].
 * Errors: GOP_ESHAPE if f and g differ in shape.
 */
GOP_API gop_var gop_softmax_adjacency(gop_net *net, gop_var f, gop_var g)
{
    gop_var in[2] = {f, g};
    return gop_apply(net, &gop_op_softmax_adjacency, NULL, in, 2);
}
