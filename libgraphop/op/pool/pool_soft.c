/*
 * pool_soft.c: averages nodes into parts with trained weights, and spreads parts over nodes.
 *
 *     pool    y[n,p,t,c] = sum_m A[n,p,m] x[n,m,t,c],   A = softmax of S along m
 *     match   y[n,m,t,c] = sum_p B[n,m,p] z[n,p,t,c],   B = softmax of S along p, transposed
 *
 * S [P, M] or [N, P, M] of scores.  Composites of softmax, assignment and graph_product.
 * Source: after the soft assignment of DiffPool, Ying et al. 2018, with the weights of a part
 * normalised over nodes so that a part stays an average.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/op.h"

#include <math.h>

/* Whether axis 1 of x has the size of S's axis `from_end` from the end, and their samples match. */
static bool scores_fit(const gop_net *net, gop_var x, gop_var S, int from_end)
{
    const gop_shape xs = gop_net_shape(net, x), s = gop_net_shape(net, S);
    return xs.rank == 4 && (s.rank == 2 || (s.rank == 3 && s.dim[0] == xs.dim[0])) &&
           s.dim[s.rank - from_end] == xs.dim[1];
}

/*: Averages nodes into parts with trained weights.
 *
 *     y[n, p, t, c] = sum_m A[n, p, m] x[n, m, t, c],   A[n, p, :] = softmax of S[n, p, :]
 *
 * x [N, M, T, C], S [P, M] or [N, P, M] of scores; y [N, P, T, C].
 * Errors: GOP_ESHAPE if S does not fit x.
 * Source: after Ying et al. 2018, with weights normalised over the nodes.
 */
GOP_API gop_var gop_pool_soft(gop_net *net, gop_var x, gop_var S)
{
    gop_var in[2] = {x, S};
    if (!scores_fit(net, x, S, 1))
        return gop_net_refuse(net, "pool_soft", in, 2, GOP_ESHAPE,
                              "S must be [P, M] or [N, P, M] for x = [N, M, T, C]");
    return gop_graph_product(net, gop_softmax(net, S, -1), x);
}

/*: Spreads the features of parts over their nodes with trained weights: the counterpart of
 * gop_pool_soft with the same scores.
 *
 *     y[n, m, t, c] = sum_p B[n, m, p] z[n, p, t, c],   B = gop_assignment(S)
 *
 * z [N, P, T, C], S [P, M] or [N, P, M] of scores; y [N, M, T, C].
 * Errors: GOP_ESHAPE if S does not fit z.
 */
GOP_API gop_var gop_match_soft(gop_net *net, gop_var z, gop_var S)
{
    gop_var in[2] = {z, S};
    if (!scores_fit(net, z, S, 2))
        return gop_net_refuse(net, "match_soft", in, 2, GOP_ESHAPE,
                              "S must be [P, M] or [N, P, M] for z = [N, P, T, C]");
    return gop_graph_product(net, gop_assignment(net, S), z);
}

/* ------------------------------------------------------------------------- cases */

static gop_var build_pool(gop_net *net, const gop_var *in, const void *attr)
{
    (void)attr;
    return gop_pool_soft(net, in[0], in[1]);
}

static gop_var build_match(gop_net *net, const gop_var *in, const void *attr)
{
    (void)attr;
    return gop_match_soft(net, in[0], in[1]);
}

/* Means over the nodes of a part, or over the parts of a node, with weights exp(S). */
static void naive_parts(gop_tensor y, const gop_tensor *in, bool pool)
{
    const gop_shape S = in[1].shape;
    const size_t parts = S.dim[S.rank - 2], nodes = S.dim[S.rank - 1];
    const size_t to = pool ? parts : nodes, from = pool ? nodes : parts;
    const size_t row = y.shape.dim[2] * y.shape.dim[3];
    for (size_t e = 0; e < gop_shape_size(y.shape); e++) {
        const size_t n = e / row / to, i = e / row % to;
        const gop_real *s = in[1].v + (S.rank == 3 ? n * parts * nodes : 0);
        double sum = 0, total = 0;
        for (size_t k = 0; k < from; k++) {
            const double w = exp((double)s[pool ? i * nodes + k : k * nodes + i]);
            sum += w * (double)in[0].v[(n * from + k) * row + e % row];
            total += w;
        }
        y.v[e] = (gop_real)(sum / total);
    }
}

static void naive_pool(gop_tensor y, const gop_tensor *in, const void *attr)
{
    (void)attr;
    naive_parts(y, in, true);
}

static void naive_match(gop_tensor y, const gop_tensor *in, const void *attr)
{
    (void)attr;
    naive_parts(y, in, false);
}

static const gop_case pool_cases[] = {
    {"shared", .in = {{4, {2, 5, 2, 3}}, {2, {3, 5}}}, .build = build_pool,
     .bench = {{4, {32, 26, 25, 64}}, {2, {10, 26}}}},
    {"one a sample", .in = {{4, {2, 5, 2, 3}}, {3, {2, 3, 5}}}, .build = build_pool},
    {0},
};

static const gop_case match_cases[] = {
    {"shared", .in = {{4, {2, 3, 2, 3}}, {2, {3, 5}}}, .build = build_match,
     .bench = {{4, {32, 10, 25, 64}}, {2, {10, 26}}}},
    {"one a sample", .in = {{4, {2, 3, 2, 3}}, {3, {2, 3, 5}}}, .build = build_match},
    {0},
};

const gop_op gop_op_pool_soft = {
    .name = "pool_soft",
    .flags = GOP_OP_COMPOSITE,
    .cases = pool_cases,
    .naive = naive_pool,
};

const gop_op gop_op_match_soft = {
    .name = "match_soft",
    .flags = GOP_OP_COMPOSITE,
    .cases = match_cases,
    .naive = naive_match,
};
