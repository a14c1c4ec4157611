/*
 * edge_reduce.c: the sum, mean or maximum of the features of each node's outgoing pairs.
 *
 *     sum    y[n,i,h] = sum over the pairs (i,j) of q[n,(i,j),h];  dq[n,(i,j),h] = dy[n,i,h]
 *     mean   both divided by the number of a node's pairs
 *     max    y[n,i,h] = max over them;  dq: dy goes to the first that holds it
 *
 * q [N, M(M-1), H], with the pairs (i, j), j != i, ordered by i, then by j, or with self [N, M M,
 * H], all pairs; y [N, M, H].  A maximum over pairs with a NaN is NaN.
 *
 * Kept for the backward of max: the pair that holds it, one number per element of y.
 * Source: message passing, Gilmer et al. 2017; pairs and mean as in eq. 1b of Sym-GNN, before f_v.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "op/op.h"
#include "op/rows.h"
#include "op/per_frame.h"

typedef struct attributes {
    size_t nodes;
    bool self;
    gop_reduce kind;
} attributes;

typedef struct sizes {
    size_t nodes; /* of all samples */
    size_t pairs; /* of a node */
    size_t h;
} sizes;

typedef struct job {
    const gop_run *r;
    sizes s;
    gop_reduce kind;
    gop_real scale; /* of the sum */
} job;

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    char q[64];
    const size_t m = a->nodes, pairs = a->self ? m : m - 1;
    gop_try(gop_op_count(p, 1, 1));
    gop_try(gop_op_reduce(p, a->kind));
    if (m < 1 || pairs < 1)
        return gop_fail(p->err, GOP_EINVAL, "%zu nodes are too few for a pair", m);
    if (m > 1 << 24)
        return gop_fail(p->err, GOP_EINVAL, "%zu nodes are too many", m);
    if (p->in[0].rank != 3 || p->in[0].dim[1] % m != 0 || p->in[0].dim[1] / m != pairs)
        return gop_fail(p->err, GOP_ESHAPE, "q %s must be [N, %s, H] for M = %zu nodes",
                        gop_shape_text(q, sizeof q, p->in[0]), a->self ? "M M" : "M (M - 1)", m);
    p->out = p->in[0];
    p->out.dim[1] = m;
    if (a->kind == GOP_REDUCE_MAX && p->training)
        p->saved = gop_shape_size(p->out);
    return GOP_OK;
}

static sizes measure(gop_shape q, size_t nodes)
{
    return (sizes){.nodes = q.dim[0] * nodes, .pairs = q.dim[1] / nodes, .h = q.dim[2]};
}

GOP_VECTOR static void sum_rows(gop_real *restrict y, const gop_real *restrict q, size_t rows,
                                size_t n, gop_real scale)
{
    for (size_t c = 0; c < n; c++)
        y[c] = q[c];
    for (size_t k = 1; k < rows; k++)
        for (size_t c = 0; c < n; c++)
            y[c] += q[k * n + c];
    for (size_t c = 0; c < n; c++)
        y[c] *= scale;
}

GOP_VECTOR static void spread_rows(gop_real *restrict dq, const gop_real *restrict dy, size_t rows,
                                   size_t n, gop_real scale, bool add)
{
    for (size_t k = 0; k < rows; k++)
        if (add)
            for (size_t c = 0; c < n; c++)
                dq[k * n + c] += scale * dy[c];
        else
            for (size_t c = 0; c < n; c++)
                dq[k * n + c] = scale * dy[c];
}

GOP_VECTOR static void give_rows(gop_real *restrict dq, const gop_real *restrict dy,
                                 const gop_real *restrict at, size_t rows, size_t n, bool add)
{
    for (size_t k = 0; k < rows; k++) {
        const gop_real number = (gop_real)k;
        for (size_t c = 0; c < n; c++)
            dq[k * n + c] = (add ? dq[k * n + c] : 0) + (at[c] == number ? dy[c] : 0);
    }
}

/* Nodes of all samples in chunks of 8. */
enum { CHUNK = 8 };

static void forward_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const sizes *s = &j->s;
    for (size_t k = i * CHUNK; k < gop_size_min((i + 1) * CHUNK, s->nodes); k++) {
        const gop_real *q = r->in[0] + k * s->pairs * s->h;
        gop_real *y = r->out + k * s->h;
        if (j->kind != GOP_REDUCE_MAX)
            sum_rows(y, q, s->pairs, s->h, j->scale);
        else
            gop_rows_max(y, r->saved ? r->saved + k * s->h : NULL, q, s->pairs, s->h, s->h);
    }
}

static void backward_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const sizes *s = &j->s;
    for (size_t k = i * CHUNK; k < gop_size_min((i + 1) * CHUNK, s->nodes); k++) {
        const gop_real *dy = r->dout + k * s->h;
        gop_real *dq = r->din[0] + k * s->pairs * s->h;
        if (j->kind != GOP_REDUCE_MAX)
            spread_rows(dq, dy, s->pairs, s->h, j->scale, r->add[0]);
        else
            give_rows(dq, dy, r->saved + k * s->h, s->pairs, s->h, r->add[0]);
    }
}

static void run(const gop_run *r, void (*chunk)(void *arg, size_t i))
{
    const attributes *a = r->attr;
    job j = {.r = r, .s = measure(r->in_shape[0], a->nodes), .kind = a->kind, .scale = 1};
    if (j.kind == GOP_REDUCE_MEAN)
        j.scale = 1 / (gop_real)j.s.pairs;
    gop_parallel(r->ctx, gop_pieces(j.s.nodes, CHUNK), chunk, &j);
}

static void forward(const gop_run *r)
{
    run(r, forward_chunk);
}

static void backward(const gop_run *r)
{
    if (r->din[0] != NULL)
        run(r, backward_chunk);
}

/* ------------------------------------------------------------------------- cases */

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const attributes *a = attr;
    const size_t h = y.shape.dim[2], pairs = in[0].shape.dim[1] / y.shape.dim[1];
    for (size_t k = 0; k < y.shape.dim[0] * y.shape.dim[1]; k++)
        for (size_t c = 0; c < h; c++) {
            double sum = 0, most = -1e300;
            for (size_t e = 0; e < pairs; e++) {
                const double v = (double)in[0].v[(k * pairs + e) * h + c];
                sum += v;
                most = v > most ? v : most;
            }
            y.v[k * h + c] = (gop_real)(a->kind == GOP_REDUCE_MAX    ? most
                                        : a->kind == GOP_REDUCE_MEAN ? sum / (double)pairs
                                                                     : sum);
        }
}

static const gop_case cases[] = {
    {"sum, four nodes", .in = {{3, {3, 12, 5}}}, .attr = &(attributes){4, false, GOP_REDUCE_SUM},
     .bench = {{3, {2000, 12, 64}}}},
    {"sum, with self", .in = {{3, {2, 9, 5}}}, .attr = &(attributes){3, true, GOP_REDUCE_SUM}},
    {"mean, four nodes", .in = {{3, {3, 12, 5}}}, .attr = &(attributes){4, false, GOP_REDUCE_MEAN}},
    {"mean, two nodes", .in = {{3, {2, 2, 3}}}, .attr = &(attributes){2, false, GOP_REDUCE_MEAN}},
    {"mean, with self", .in = {{3, {2, 9, 5}}}, .attr = &(attributes){3, true, GOP_REDUCE_MEAN}},
    {"mean, one node with self", .in = {{3, {2, 1, 3}}},
     .attr = &(attributes){1, true, GOP_REDUCE_MEAN}},
    {"max, four nodes", .in = {{3, {3, 12, 5}}}, .attr = &(attributes){4, false, GOP_REDUCE_MAX}},
    {"max, with self", .in = {{3, {2, 9, 5}}}, .attr = &(attributes){3, true, GOP_REDUCE_MAX}},
    {0},
};

const gop_op gop_op_edge_reduce = {
    .name = "edge_reduce",
    .attr_size = sizeof(attributes),
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
    .step = gop_step_nodes,
};

/*: The sum, mean or maximum of the features of each node's outgoing pairs.
 *
 *     y[n, i, h] = sum, mean or max over j of q[n, (i,j), h],   j != i unless self
 *
 * q [N, M (M-1), H], or with `self` [N, M M, H], with the pairs in the order of gop_edge_linear; M
 * = nodes; y [N, M, H].  The gradient of a maximum goes to the first pair that holds it.  The mean
 * is Sym-GNN's eq. 1b.
 * Errors: GOP_EINVAL for too few nodes or no such kind, GOP_ESHAPE if q does not fit.
 */
GOP_API gop_var gop_edge_reduce(gop_net *net, gop_var q, size_t nodes, bool self, gop_reduce kind)
{
    attributes a = {.nodes = nodes, .self = self, .kind = kind};
    return gop_apply(net, &gop_op_edge_reduce, &a, &q, 1);
}
