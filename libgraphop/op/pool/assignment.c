/*
 * assignment.c: nodes assigned to parts by trained scores: each node's shares in
 * the parts, and pooling and matching with them.
 *
 *     forward    B[n,m,p]  = exp(S[n,p,m]) / sum_q exp(S[n,q,m])
 *     backward   dS[n,p,m] = B[n,m,p] (dB[n,m,p] - sum_q dB[n,m,q] B[n,m,q])
 *
 * S [P, M] or [N, P, M], a score for each part and node; B [M, P] or [N, M, P],
 * its rows sum to one.  The largest score of a node is taken off before exp, so
 * that nothing overflows.  gop_pool_soft and gop_match_soft are composites over
 * softmax, this and graph_product.
 * Source: after the soft assignment of DiffPool, Ying et al. 2018, with the
 * weights of a part normalised over nodes so that a part stays an average.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/op.h"

#include <math.h>

typedef struct job {
    const gop_run *r;
    size_t nodes, parts, at_once, samples;
} job;

static gop_status plan(gop_op_plan *p)
{
    char a[80];
    gop_status s = gop_op_count(p, 1, 1);
    if (s != GOP_OK)
        return s;
    int rank = p->in[0].rank;
    if (rank != 2 && rank != 3)
        return gop_fail(p->err, GOP_ESHAPE, "S %s must be [P, M] or [N, P, M]",
                        gop_shape_text(a, sizeof a, p->in[0]));
    p->out = p->in[0];
    p->out.dim[rank - 2] = p->in[0].dim[rank - 1];
    p->out.dim[rank - 1] = p->in[0].dim[rank - 2];
    return GOP_OK;
}

static job prepare(const gop_run *r)
{
    int rank = r->out_shape.rank;
    job j = {.r = r,
             .nodes = r->out_shape.dim[rank - 2],
             .parts = r->out_shape.dim[rank - 1],
             .samples = rank == 3 ? r->out_shape.dim[0] : 1};
    j.at_once = gop_rows(j.parts);
    return j;
}

static void soften(void *arg, size_t i)
{
    const job *j = arg;
    size_t end = gop_size_min((i + 1) * j->at_once, j->samples * j->nodes);
    for (size_t row = i * j->at_once; row < end; row++) {
        const gop_real *s = j->r->in[0] + row / j->nodes * j->parts * j->nodes + row % j->nodes;
        gop_real *b = j->r->out + row * j->parts, most = s[0];
        double sum = 0;
        for (size_t p = 1; p < j->parts; p++)
            most = s[p * j->nodes] > most ? s[p * j->nodes] : most;
        for (size_t p = 0; p < j->parts; p++) {
            b[p] = GOP_EXP(s[p * j->nodes] - most);
            sum += (double)b[p];
        }
        gop_real by = (gop_real)(1 / sum);
        for (size_t p = 0; p < j->parts; p++)
            b[p] *= by;
    }
}

static void soften_back(void *arg, size_t i)
{
    const job *j = arg;
    size_t end = gop_size_min((i + 1) * j->at_once, j->samples * j->nodes);
    for (size_t row = i * j->at_once; row < end; row++) {
        const gop_real *b = j->r->out + row * j->parts, *db = j->r->dout + row * j->parts;
        gop_real *ds = j->r->din[0] + row / j->nodes * j->parts * j->nodes + row % j->nodes;
        double dot = 0;
        for (size_t p = 0; p < j->parts; p++)
            dot += (double)b[p] * (double)db[p];
        for (size_t p = 0; p < j->parts; p++) {
            gop_real *to = ds + p * j->nodes;
            *to = (j->r->add[0] ? *to : 0) + b[p] * (db[p] - (gop_real)dot);
        }
    }
}

static void forward(const gop_run *r)
{
    job j = prepare(r);
    gop_parallel(r->ctx, gop_pieces(j.samples * j.nodes, j.at_once), soften, &j);
}

static void backward(const gop_run *r)
{
    job j = prepare(r);
    if (r->din[0] != NULL)
        gop_parallel(r->ctx, gop_pieces(j.samples * j.nodes, j.at_once), soften_back, &j);
}

/* ------------------------------------------------------------------------- cases */

static gop_var build(gop_net *net, const gop_var *in)
{
    return gop_assignment(net, in[0]);
}

static double share(const gop_real *s, int parts, int nodes, int p, int m)
{
    double sum = 0;
    for (int q = 0; q < parts; q++)
        sum += exp((double)s[q * nodes + m] - (double)s[p * nodes + m]);
    return 1 / sum;
}

static void naive_samples(gop_real *out, const gop_real *s, int samples, int parts, int nodes)
{
    for (int n = 0; n < samples; n++)
        for (int m = 0; m < nodes; m++)
            for (int p = 0; p < parts; p++)
                out[(n * nodes + m) * parts + p] = (gop_real)share(s + n * parts * nodes, parts,
                                                                   nodes, p, m);
}

static void naive(gop_real *out, const gop_real *const *in)
{
    naive_samples(out, in[0], 1, 3, 7);
}

static void naive_own(gop_real *out, const gop_real *const *in)
{
    naive_samples(out, in[0], 2, 3, 5);
}

static gop_var build_pool(gop_net *net, const gop_var *in)
{
    return gop_pool_soft(net, in[0], in[1]);
}

static void naive_pool(gop_real *out, const gop_real *const *in)
{
    for (int n = 0; n < 2; n++)
        for (int p = 0; p < 3; p++)
            for (int k = 0; k < 2 * 3; k++) {
                const gop_real *s = in[1] + p * 5;
                double sum = 0, total = 0;
                for (int m = 0; m < 5; m++) {
                    sum += exp((double)s[m]) * (double)in[0][(n * 5 + m) * 6 + k];
                    total += exp((double)s[m]);
                }
                out[(n * 3 + p) * 6 + k] = (gop_real)(sum / total);
            }
}

static gop_var build_match(gop_net *net, const gop_var *in)
{
    return gop_match_soft(net, in[0], in[1]);
}

static void naive_match(gop_real *out, const gop_real *const *in)
{
    for (int n = 0; n < 2; n++)
        for (int m = 0; m < 5; m++)
            for (int k = 0; k < 2 * 3; k++) {
                double sum = 0;
                for (int p = 0; p < 3; p++)
                    sum += share(in[1] + n * 15, 3, 5, p, m) * (double)in[0][(n * 3 + p) * 6 + k];
                out[(n * 5 + m) * 6 + k] = (gop_real)sum;
            }
}

static const gop_case cases[] = {
    {.name = "shared",
     .in = {{2, {3, 7}}},
     .range = {{-3, 3}},
     .build_old = build,
     .naive_old = naive},
    {.name = "one a sample, large scores",
     .in = {{3, {2, 3, 5}}},
     .range = {{100, 103}},
     .build_old = build,
     .naive_old = naive_own},
    {.name = "pool, shared",
     .in = {{4, {2, 5, 2, 3}}, {2, {3, 5}}},
     .build_old = build_pool,
     .naive_old = naive_pool},
    {.name = "match, one a sample",
     .in = {{4, {2, 3, 2, 3}}, {3, {2, 3, 5}}},
     .build_old = build_match,
     .naive_old = naive_match},
    {.name = NULL},
};

const gop_op gop_op_assignment = {
    .name = "assignment",
    .flags = GOP_OP_NEEDS_OUT,
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
};

/*: Each node's shares in parts, from trained scores.
 *
 *     B[n, m, :] = softmax over p of S[n, p, m]
 *
 * S [P, M] or [N, P, M]; B [M, P] or [N, M, P].
 * Errors: GOP_ESHAPE for another rank.
 */
GOP_API gop_var gop_assignment(gop_net *net, gop_var S)
{
    return gop_apply(net, &gop_op_assignment, NULL, &S, 1);
}

/* Whether axis 1 of x is S's axis `from_end` places from its end, and their samples match. */
static bool scores_fit(const gop_net *net, gop_var x, gop_var S, int from_end)
{
    const gop_shape xs = gop_net_shape(net, x), s = gop_net_shape(net, S);
    return xs.rank == 4 && (s.rank == 2 || (s.rank == 3 && s.dim[0] == xs.dim[0])) &&
           s.dim[s.rank - from_end] == xs.dim[1];
}

/*: Nodes averaged into parts with trained weights.
 *
 *     y[n, p, t, c] = sum_m A[n, p, m] x[n, m, t, c],   A[n, p, :] = softmax of S[n, p, :]
 *
 * x [N, M, T, C], S [P, M] or [N, P, M] of scores; y [N, P, T, C].
 * Errors: GOP_ESHAPE when S does not fit x.
 * Source: after Ying et al. 2018, with weights normalised over the nodes.
 */
GOP_API gop_var gop_pool_soft(gop_net *net, gop_var x, gop_var S)
{
    gop_var in[2] = {x, S};
    if (!scores_fit(net, x, S, 1))
        return gop_net_refuse(net, "pool_soft", in, 2, GOP_ESHAPE,
                              "S must be [P, M] or [N, P, M] for x = [N, M, T, C]");
    return gop_graph_product(net, gop_softmax(net, S), x);
}

/*: The features of parts spread over their nodes with trained weights, the way
 * back of gop_pool_soft with the same scores.
 *
 *     y[n, m, t, c] = sum_p B[n, m, p] z[n, p, t, c],   B = gop_assignment(S)
 *
 * z [N, P, T, C], S [P, M] or [N, P, M] of scores; y [N, M, T, C].
 * Errors: GOP_ESHAPE when S does not fit z.
 */
GOP_API gop_var gop_match_soft(gop_net *net, gop_var z, gop_var S)
{
    gop_var in[2] = {z, S};
    if (!scores_fit(net, z, S, 2))
        return gop_net_refuse(net, "match_soft", in, 2, GOP_ESHAPE,
                              "S must be [P, M] or [N, P, M] for z = [N, P, T, C]");
    return gop_graph_product(net, gop_assignment(net, S), z);
}
