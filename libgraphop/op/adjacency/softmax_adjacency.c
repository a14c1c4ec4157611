/*
 * softmax_adjacency.c: an adjacency from two embeddings of the nodes.
 *
 *     forward    A[i,j] = exp(s_ij) / sum_k exp(s_ik),  s_ij = f_i . g_j
 *     backward   ds[i,j] = A[i,j] (dA[i,j] - sum_k dA[i,k] A[i,k])
 *                df_i = sum_j ds[i,j] g_j,  dg_j = sum_i ds[i,j] f_i
 *
 * f, g [N, M, D]; A [N, M, M], its rows sum to 1.  The largest s of a row is subtracted before exp,
 * so that nothing overflows.
 * Source: eq. 2 of Sym-GNN.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "graphop.h"
#include "op/partial.h"
#include "op/soften.h"

#include <math.h>

static gop_status plan(gop_op_plan *p)
{
    char a[64], b[64];
    if (p->in[0].rank != 3 || !gop_shape_equal(p->in[0], p->in[1]))
        return gop_fail(p->err, GOP_ESHAPE, "f %s and g %s must both be [N, M, D]",
                        gop_shape_text(a, sizeof a, p->in[0]),
                        gop_shape_text(b, sizeof b, p->in[1]));
    size_t n = p->in[0].dim[0], m = p->in[0].dim[1], d = p->in[0].dim[2];
    p->out = gop_shape3(n, m, m);
    gop_status s = gop_op_size(p, p->out);
    if (s != GOP_OK)
        return s;
    p->work = p->training ? (size_t)gop_ctx_threads(p->ctx) * gop_line(m * m) : 0;
    p->madds = (uint64_t)n * m * m * d;
    return GOP_OK;
}

static void forward_chunk(void *arg, size_t n)
{
    const gop_run *r = arg;
    size_t m = r->in_shape[0].dim[1], d = r->in_shape[0].dim[2];
    gop_real *a = r->out + n * m * m;
    gop_gemm(r->ctx, m, m, d, r->in[0] + n * m * d, (ptrdiff_t)d, 1, r->in[1] + n * m * d, 1,
             (ptrdiff_t)d, false, a, m);
    gop_soften_rows(a, a, 1, m, m);
}

static void forward(const gop_run *r)
{
    gop_run copy = *r;
    gop_parallel(r->ctx, r->in_shape[0].dim[0], forward_chunk, &copy);
}

static void backward_chunk(void *arg, size_t n)
{
    const gop_run *r = arg;
    size_t m = r->in_shape[0].dim[1], d = r->in_shape[0].dim[2];
    gop_real *ds = gop_op_work(r, gop_line(m * m));
    const gop_real *a = r->out + n * m * m, *da = r->dout + n * m * m;
    gop_soften_rows_back(ds, a, da, 1, m, m, false);
    if (r->din[0])
        gop_gemm(r->ctx, m, d, m, ds, (ptrdiff_t)m, 1, r->in[1] + n * m * d, (ptrdiff_t)d, 1,
                 r->add[0], r->din[0] + n * m * d, d);
    if (r->din[1])
        gop_gemm(r->ctx, m, d, m, ds, 1, (ptrdiff_t)m, r->in[0] + n * m * d, (ptrdiff_t)d, 1,
                 r->add[1], r->din[1] + n * m * d, d);
}

static void backward(const gop_run *r)
{
    gop_run copy = *r;
    gop_parallel(r->ctx, r->in_shape[0].dim[0], backward_chunk, &copy);
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
