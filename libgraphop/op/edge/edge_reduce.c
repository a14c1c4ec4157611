/*
 * edge_reduce.c: the sum, or the largest, of the features of each node's outgoing
 * pairs.  (The mean is edge_mean.c.)
 *
 *     sum    y[n,i,h] = sum over the pairs (i,j) of q[n,(i,j),h],  dq = dy[n,i,h]
 *     max    y[n,i,h] = max over them;  dq: dy goes to the first that holds it
 *
 * q [N, M(M-1), H], its pairs (i, j), j != i, ordered by i, then j, or [N, M M, H]
 * with the pairs (i, i); y [N, M, H].  A NaN among the pairs is their maximum.
 *
 * Kept for the backward of max: which pair it was, one number an element of y.
 * Source: message passing, Gilmer et al. 2017; pairs as in eq. 1b of Sym-GNN.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "graphop.h"
#include "op/partial.h"

typedef struct attributes {
    size_t nodes;
    bool self;
} attributes;

static gop_status plan_pairs(gop_op_plan *p)
{
    const attributes *a = p->attr;
    char q[64];
    gop_status s = gop_op_count(p, 1, 1);
    size_t m = a->nodes, pairs = a->self ? m : m - 1;
    if (s != GOP_OK)
        return s;
    if (m < 1 || pairs < 1 || m > 1 << 24)
        return gop_fail(p->err, GOP_EINVAL, "%zu nodes have no pairs", m);
    if (p->in[0].rank != 3 || p->in[0].dim[1] % m != 0 || p->in[0].dim[1] / m != pairs)
        return gop_fail(p->err, GOP_ESHAPE, "q %s must be [N, %s, H] for M = %zu nodes",
                        gop_shape_text(q, sizeof q, p->in[0]), a->self ? "M M" : "M (M - 1)", m);
    p->out = p->in[0];
    p->out.dim[1] = m;
    return GOP_OK;
}

static gop_status plan_max(gop_op_plan *p)
{
    gop_status s = plan_pairs(p);
    if (s == GOP_OK && p->training)
        p->saved = gop_shape_size(p->out);
    return s;
}

GOP_VECTOR static void sum_rows(gop_real *restrict y, const gop_real *restrict q, size_t rows,
                                size_t n)
{
    for (size_t c = 0; c < n; c++)
        y[c] = q[c];
    for (size_t k = 1; k < rows; k++)
        for (size_t c = 0; c < n; c++)
            y[c] += q[k * n + c];
}

GOP_VECTOR static void max_rows(gop_real *restrict y, const gop_real *restrict q, size_t rows,
                                size_t n)
{
    for (size_t c = 0; c < n; c++)
        y[c] = q[c];
    for (size_t k = 1; k < rows; k++)
        for (size_t c = 0; c < n; c++)
            y[c] = q[k * n + c] > y[c] || q[k * n + c] != q[k * n + c] ? q[k * n + c] : y[c];
}

GOP_VECTOR static void max_rows_at(gop_real *restrict y, gop_real *restrict at,
                                   const gop_real *restrict q, size_t rows, size_t n)
{
    for (size_t c = 0; c < n; c++) {
        y[c] = q[c];
        at[c] = 0;
    }
    for (size_t k = 1; k < rows; k++) {
        const gop_real number = (gop_real)k;
        for (size_t c = 0; c < n; c++) {
            const gop_real v = q[k * n + c];
            const bool take = v > y[c] || (v != v && y[c] == y[c]);
            at[c] = take ? number : at[c];
            y[c] = take ? v : y[c];
        }
    }
}

GOP_VECTOR static void spread_rows(gop_real *restrict dq, const gop_real *restrict dy, size_t rows,
                                   size_t n, int add)
{
    for (size_t k = 0; k < rows; k++)
        for (size_t c = 0; c < n; c++)
            dq[k * n + c] = (add ? dq[k * n + c] : 0) + dy[c];
}

GOP_VECTOR static void give_rows(gop_real *restrict dq, const gop_real *restrict dy,
                                 const gop_real *restrict at, size_t rows, size_t n, int add)
{
    for (size_t k = 0; k < rows; k++) {
        const gop_real number = (gop_real)k;
        for (size_t c = 0; c < n; c++)
            dq[k * n + c] = (add ? dq[k * n + c] : 0) + (at[c] == number ? dy[c] : 0);
    }
}

/* Nodes of all samples in chunks of 8. */
enum { CHUNK = 8 };

typedef struct job {
    const gop_run *r;
    size_t nodes, pairs, h; /* nodes of all samples */
} job;

static void run(const gop_run *r, void (*chunk)(void *arg, size_t i))
{
    job j = {r, r->out_shape.dim[0] * r->out_shape.dim[1],
             r->in_shape[0].dim[1] / r->out_shape.dim[1], r->out_shape.dim[2]};
    gop_parallel(r->ctx, gop_pieces(j.nodes, CHUNK), chunk, &j);
}

static void sum_chunk(void *arg, size_t i)
{
    const job *j = arg;
    for (size_t k = i * CHUNK; k < gop_size_min((i + 1) * CHUNK, j->nodes); k++)
        sum_rows(j->r->out + k * j->h, j->r->in[0] + k * j->pairs * j->h, j->pairs, j->h);
}

static void max_chunk(void *arg, size_t i)
{
    const job *j = arg;
    for (size_t k = i * CHUNK; k < gop_size_min((i + 1) * CHUNK, j->nodes); k++) {
        const gop_real *q = j->r->in[0] + k * j->pairs * j->h;
        if (j->r->saved != NULL)
            max_rows_at(j->r->out + k * j->h, j->r->saved + k * j->h, q, j->pairs, j->h);
        else
            max_rows(j->r->out + k * j->h, q, j->pairs, j->h);
    }
}

static void sum_back_chunk(void *arg, size_t i)
{
    const job *j = arg;
    for (size_t k = i * CHUNK; k < gop_size_min((i + 1) * CHUNK, j->nodes); k++)
        spread_rows(j->r->din[0] + k * j->pairs * j->h, j->r->dout + k * j->h, j->pairs, j->h,
                    j->r->add[0]);
}

static void max_back_chunk(void *arg, size_t i)
{
    const job *j = arg;
    for (size_t k = i * CHUNK; k < gop_size_min((i + 1) * CHUNK, j->nodes); k++)
        give_rows(j->r->din[0] + k * j->pairs * j->h, j->r->dout + k * j->h, j->r->saved + k * j->h,
                  j->pairs, j->h, j->r->add[0]);
}

static void sum_forward(const gop_run *r)
{
    run(r, sum_chunk);
}

static void sum_backward(const gop_run *r)
{
    if (r->din[0] != NULL)
        run(r, sum_back_chunk);
}

static void max_forward(const gop_run *r)
{
    run(r, max_chunk);
}

static void max_backward(const gop_run *r)
{
    if (r->din[0] != NULL)
        run(r, max_back_chunk);
}

/* ------------------------------------------------------------------- tests */

static void naive_pairs(gop_real *out, const gop_real *q, int nodes, int pairs, int h, bool max)
{
    for (int k = 0; k < nodes; k++)
        for (int c = 0; c < h; c++) {
            double sum = 0, most = -1e300;
            for (int e = 0; e < pairs; e++) {
                double v = (double)q[(k * pairs + e) * h + c];
                sum += v;
                most = v > most ? v : most;
            }
            out[k * h + c] = (gop_real)(max ? most : sum);
        }
}

static gop_var build_sum(gop_net *net, const gop_var *in)
{
    return gop_edge_sum(net, in[0], 4, false);
}

static gop_var build_sum_self(gop_net *net, const gop_var *in)
{
    return gop_edge_sum(net, in[0], 3, true);
}

static gop_var build_max(gop_net *net, const gop_var *in)
{
    return gop_edge_max(net, in[0], 4, false);
}

static gop_var build_max_self(gop_net *net, const gop_var *in)
{
    return gop_edge_max(net, in[0], 3, true);
}

static void naive_sum(gop_real *out, const gop_real *const *in)
{
    naive_pairs(out, in[0], 3 * 4, 3, 5, false);
}

static void naive_max(gop_real *out, const gop_real *const *in)
{
    naive_pairs(out, in[0], 3 * 4, 3, 5, true);
}

static void naive_sum_self(gop_real *out, const gop_real *const *in)
{
    naive_pairs(out, in[0], 2 * 3, 3, 5, false);
}

static void naive_max_self(gop_real *out, const gop_real *const *in)
{
    naive_pairs(out, in[0], 2 * 3, 3, 5, true);
}

static const gop_case sum_cases[] = {
    {.name = "four nodes",
     .n_in = 1,
     .in = {{3, {3, 12, 5, 1}}},
     .build = build_sum,
     .naive = naive_sum},
    {.name = "with self",
     .n_in = 1,
     .in = {{3, {2, 9, 5, 1}}},
     .build = build_sum_self,
     .naive = naive_sum_self},
    {.name = NULL},
};

static const gop_case max_cases[] = {
    {.name = "four nodes",
     .n_in = 1,
     .in = {{3, {3, 12, 5, 1}}},
     .build = build_max,
     .naive = naive_max},
    {.name = "with self",
     .n_in = 1,
     .in = {{3, {2, 9, 5, 1}}},
     .build = build_max_self,
     .naive = naive_max_self},
    {.name = NULL},
};

const gop_op gop_op_edge_sum = {
    .name = "edge_sum",
    .attr_size = sizeof(attributes),
    .plan = plan_pairs,
    .forward = sum_forward,
    .backward = sum_backward,
    .cases = sum_cases,
};

const gop_op gop_op_edge_max = {
    .name = "edge_max",
    .attr_size = sizeof(attributes),
    .plan = plan_max,
    .forward = max_forward,
    .backward = max_backward,
    .cases = max_cases,
};

/*: Sum of the features of each node's outgoing pairs.
 *
 *     y[n, i, h] = sum_(j != i) q[n, (i,j), h],   with self over all j
 *
 * q [N, M (M-1), H] with pairs (i, j), j != i, ordered by i, then j (as
 * gop_edge_linear makes them), or with self [N, M M, H] with all pairs;
 * M = nodes; y [N, M, H].  gop_edge_mean is the mean.
 * Errors: GOP_EINVAL for nodes without pairs, GOP_ESHAPE when q does not fit.
 */
GOP_API gop_var gop_edge_sum(gop_net *net, gop_var q, size_t nodes, bool self)
{
    attributes a = {.nodes = nodes, .self = self};
    return gop_apply(net, &gop_op_edge_sum, &a, &q, 1);
}

/*: The largest of the features of each node's outgoing pairs.
 *
 *     y[n, i, h] = max_(j != i) q[n, (i,j), h],   with self over all j
 *
 * Shapes and errors as gop_edge_sum.  The gradient goes to the first pair that
 * holds the maximum.
 */
GOP_API gop_var gop_edge_max(gop_net *net, gop_var q, size_t nodes, bool self)
{
    attributes a = {.nodes = nodes, .self = self};
    return gop_apply(net, &gop_op_edge_max, &a, &q, 1);
}
