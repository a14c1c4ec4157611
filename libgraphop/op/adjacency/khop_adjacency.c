/*
 * khop_adjacency.c: normalised k-hop adjacencies with trained weights on their edges.
 *
 *     forward    w = hops * mask element by element, for each of the K matrices
 *                rows       A[i,j] = w[i,j] / r_i,              r_i = sum_j |w[i,j]|
 *                symmetric  A[i,j] = w[i,j] / sqrt(r_i c_j),    c_j = sum_i |w[i,j]|
 *     backward   with q = dA * A element by element and s = sign(w)
 *                rows       dw[i,j] = (dA[i,j] - s sum_k q[i,k]) / r_i
 *                symmetric  dw[i,j] = dA[i,j] / sqrt(r_i c_j)
 *                                     - s/2 (sum_k q[i,k] / r_i + sum_k q[k,j] / c_j)
 *                dmask = dw * hops
 *
 * hops, mask, A [K, M, M].  A row or column of zeros stays zero; a node without edges has no
 * neighbours.  The sums are of absolute values, so that negative mask values cannot cancel them: no
 * |A| is above 1.  For non-negative weights, "rows" is D^-1 W; for symmetric ones, "symmetric" is
 * D^-1/2 W D^-1/2.
 *
 * Source: edge masks of ST-GCN (Yan et al. 2018) and eq. 4 of Sym-GNN, the
 * normalisations of Kipf & Welling 2017.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/partial.h"

#include <math.h>

typedef struct attributes {
    gop_graph_norm norm;
} attributes;

enum { HOPS, MASK };

typedef struct job {
    const gop_run *r;
    size_t m, stride; /* elements of scratch of one matrix */
    bool symmetric;
} job;

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    char h[64], k[64];
    gop_status s = gop_op_count(p, 2, 2);
    if (s != GOP_OK)
        return s;
    if (a->norm != GOP_GRAPH_ROWS && a->norm != GOP_GRAPH_SYMMETRIC)
        return gop_fail(p->err, GOP_EINVAL,
                        "norm must be GOP_GRAPH_ROWS or GOP_GRAPH_SYMMETRIC, not %d", (int)a->norm);
    gop_shape hops = p->in[HOPS];
    if (hops.rank != 3 || hops.dim[1] != hops.dim[2] || !gop_shape_equal(hops, p->in[MASK]))
        return gop_fail(p->err, GOP_ESHAPE, "hops %s and mask %s must both be [K, M, M]",
                        gop_shape_text(h, sizeof h, hops),
                        gop_shape_text(k, sizeof k, p->in[MASK]));
    p->out = hops;
    p->work = hops.dim[0] * gop_line(4 * hops.dim[1]);
    return GOP_OK;
}

/* 1 / v, but 0 for an empty sum; a NaN stays. */
static gop_real inverse(gop_real v)
{
    return v == 0 ? 0 : 1 / v;
}

/* to[0, m): 1 / r_i, to[m, 2m): 1 / c_j */
static void degrees(const job *j, gop_real *to, const gop_real *hops, const gop_real *mask)
{
    const size_t m = j->m;
    memset(to, 0, 2 * m * sizeof *to);
    for (size_t i = 0; i < m; i++)
        for (size_t k = 0; k < m; k++) {
            const gop_real w = GOP_FABS(hops[i * m + k] * mask[i * m + k]);
            to[i] += w;
            to[m + k] += w;
        }
    for (size_t i = 0; i < 2 * m; i++)
        to[i] = inverse(to[i]);
}

static void forward_chunk(void *arg, size_t g)
{
    const job *j = arg;
    const size_t m = j->m, at = g * m * m;
    const gop_real *hops = j->r->in[HOPS] + at, *mask = j->r->in[MASK] + at;
    gop_real *A = j->r->out + at, *d = j->r->work + g * j->stride;
    degrees(j, d, hops, mask);
    for (size_t i = 0; i < m; i++)
        for (size_t k = 0; k < m; k++)
            A[i * m + k] = hops[i * m + k] * mask[i * m + k] *
                           (j->symmetric ? GOP_SQRT(d[i]) * GOP_SQRT(d[m + k]) : d[i]);
}

static void backward_chunk(void *arg, size_t g)
{
    const job *j = arg;
    const size_t m = j->m, at = g * m * m;
    const gop_real *hops = j->r->in[HOPS] + at, *mask = j->r->in[MASK] + at;
    const gop_real *A = j->r->out + at, *dA = j->r->dout + at;
    gop_real *dm = j->r->din[MASK] + at, *d = j->r->work + g * j->stride, *q = d + 2 * m;
    degrees(j, d, hops, mask);
    memset(q, 0, 2 * m * sizeof *q);
    for (size_t i = 0; i < m; i++)
        for (size_t k = 0; k < m; k++) {
            q[i] += dA[i * m + k] * A[i * m + k];
            q[m + k] += dA[i * m + k] * A[i * m + k];
        }
    for (size_t i = 0; i < m; i++)
        for (size_t k = 0; k < m; k++) {
            const gop_real w = hops[i * m + k] * mask[i * m + k];
            const gop_real sign = (gop_real)((w > 0) - (w < 0));
            gop_real dw;
            if (j->symmetric)
                dw = dA[i * m + k] * GOP_SQRT(d[i]) * GOP_SQRT(d[m + k]) -
                     sign / 2 * (q[i] * d[i] + q[m + k] * d[m + k]);
            else
                dw = (dA[i * m + k] - sign * q[i]) * d[i];
            GOP_PUT(dm[i * m + k], j->r->add[MASK], dw * hops[i * m + k]);
        }
}

static job start(const gop_run *r)
{
    const attributes *a = r->attr;
    job j = {r, r->out_shape.dim[1], gop_line(4 * r->out_shape.dim[1]),
             a->norm == GOP_GRAPH_SYMMETRIC};
    return j;
}

static void forward(const gop_run *r)
{
    job j = start(r);
    gop_parallel(r->ctx, r->out_shape.dim[0], forward_chunk, &j);
}

static void backward(const gop_run *r)
{
    job j = start(r);
    if (r->din[MASK] != NULL)
        gop_parallel(r->ctx, r->out_shape.dim[0], backward_chunk, &j);
    gop_no_gradient(r, HOPS);
}

/* ------------------------------------------------------------------------- cases */

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const attributes *a = attr;
    const size_t m = y.shape.dim[1];
    for (size_t e = 0; e < gop_shape_size(y.shape); e++) {
        const size_t row = e / m * m, column = e / (m * m) * m * m + e % m;
        const double w = (double)in[HOPS].v[e] * (double)in[MASK].v[e];
        double r = 0, c = 0;
        for (size_t l = 0; l < m; l++) {
            r += fabs((double)in[HOPS].v[row + l] * (double)in[MASK].v[row + l]);
            c += fabs((double)in[HOPS].v[column + l * m] * (double)in[MASK].v[column + l * m]);
        }
        if (w != 0)
            y.v[e] = (gop_real)(w / (a->norm == GOP_GRAPH_SYMMETRIC ? sqrt(r * c) : r));
    }
}

/* Masks near 1, where training starts, and masks of both signs. */
static const gop_case cases[] = {
    {"rows", .in = {{3, {3, 5, 5}}, {3, {3, 5, 5}}}, .range = {{0, 2}, {0.5, 1.5}},
     .integers = 1 << HOPS, .attr = &(attributes){GOP_GRAPH_ROWS},
     .bench = {{3, {256, 26, 26}}, {3, {256, 26, 26}}}},
    {"symmetric", .in = {{3, {3, 5, 5}}, {3, {3, 5, 5}}}, .range = {{0, 2}, {0.5, 1.5}},
     .integers = 1 << HOPS, .attr = &(attributes){GOP_GRAPH_SYMMETRIC}},
    {"rows, both signs", .in = {{3, {3, 5, 5}}, {3, {3, 5, 5}}}, .range = {{0.5, 1}},
     .fixed = 1 << HOPS, .attr = &(attributes){GOP_GRAPH_ROWS}},
    {"symmetric, both signs", .in = {{3, {3, 5, 5}}, {3, {3, 5, 5}}}, .range = {{0.5, 1}},
     .fixed = 1 << HOPS, .attr = &(attributes){GOP_GRAPH_SYMMETRIC}},
    {0},
};

const gop_op gop_op_khop_adjacency = {
    .name = "khop_adjacency",
    .flags = GOP_OP_NEEDS_IN | GOP_OP_NEEDS_OUT,
    .attr_size = sizeof(attributes),
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
};

/*: Normalised k-hop adjacencies with trained weights on their edges.
 *
 *     w = hops * mask                                            element by element
 *     GOP_GRAPH_ROWS      A[k, i, j] = w[k, i, j] / r_i,         r_i = sum_j |w[k, i, j]|
 *     GOP_GRAPH_SYMMETRIC  A[k, i, j] = w[k, i, j] / sqrt(r_i c_j),
 *                                                                c_j = sum_i |w[k, i, j]|
 *
 * hops [K, M, M], from GOP_GRAPH_POWERS or GOP_GRAPH_WITHIN_HOPS; mask [K, M, M], the trained
 * weights; A [K, M, M].  Rows and columns of zeros stay zero.  No gradient to `hops`.
 * Errors: GOP_ESHAPE if hops and mask do not both have the same shape [K, M, M], GOP_EINVAL for
 * another norm.
 * Source: Yan et al. 2018 (masks), Kipf & Welling 2017 (normalisation).
 */
GOP_API gop_var gop_khop_adjacency(gop_net *net, gop_var hops, gop_var mask, gop_graph_norm norm)
{
    attributes a = {norm};
    gop_var in[2] = {hops, mask};
    return gop_apply(net, &gop_op_khop_adjacency, &a, in, 2);
}
