/*
 * edge_scatter.c: the features of the edges of a list brought together at nodes.
 *
 *     forward    y[n, i, :] = sum, mean or max over the edges e at i of q[n, e, :]
 *     backward   sum dq[n, e, :] = dy[n, i_e, :],  mean the same / (edges at i_e),
 *                max: dy goes to the first edge that holds the maximum
 *
 * q [N, E, C], index [E], or [E, 2] of which the first number counts, as the
 * pairs (i, j) of edge_reduce.c belong to i; y [N, M, C].  An edge whose number is
 * not an integer in [0, M) is at no node, and a node without edges has zeros.  A
 * NaN among the edges is their maximum.
 *
 * Kept for the backward of max: which edge it was, one number an element of y.
 * Source: message passing, Gilmer et al. 2017.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/op.h"

typedef struct attributes {
    size_t nodes;
    gop_reduce kind;
} attributes;

typedef struct job {
    const gop_run *r;
    size_t nodes, edges, c, step; /* from one edge's number to the next */
    gop_reduce kind;
} job;

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    char q[80], k[80];
    gop_status s = gop_op_count(p, 2, 2);
    if (s == GOP_OK)
        s = gop_op_rank(p, 0, 3);
    if (s == GOP_OK)
        s = gop_op_reduce(p, a->kind);
    if (s != GOP_OK)
        return s;
    gop_shape x = p->in[0], index = p->in[1];
    if (!gop_shape_equal(index, gop_shape1(x.dim[1])) &&
        !gop_shape_equal(index, gop_shape2(x.dim[1], 2)))
        return gop_fail(p->err, GOP_ESHAPE, "index %s must be [E] or [E, 2] for q %s = [N, E, C]",
                        gop_shape_text(k, sizeof k, index), gop_shape_text(q, sizeof q, x));
    if (a->nodes == 0 || a->nodes > SIZE_MAX / 64 / gop_shape_size(x))
        return gop_fail(p->err, GOP_EINVAL, "%zu nodes", a->nodes);
    if (x.dim[1] > 1 << 24)
        return gop_fail(p->err, GOP_ESHAPE, "%zu edges are too many", x.dim[1]);
    p->out = gop_shape3(x.dim[0], a->nodes, x.dim[2]);
    p->work = a->nodes;
    if (a->kind == GOP_REDUCE_MAX && p->training)
        p->saved = gop_shape_size(p->out);
    return GOP_OK;
}

/* Node of an edge, or `nodes` for none. */
static size_t node_of(const job *j, size_t edge)
{
    return gop_index(j->r->in[1][edge * j->step], j->nodes);
}

/* work[i] = 1 / (edges at i) for the mean, 1 for the sum; the edge that comes
 * first at i, or -1, for the maximum. */
static job prepare(const gop_run *r)
{
    const attributes *a = r->attr;
    job j = {r,
             a->nodes,
             r->in_shape[0].dim[1],
             r->in_shape[0].dim[2],
             r->in_shape[1].rank == 2 ? 2 : 1,
             a->kind};
    gop_real *w = r->work;
    for (size_t i = 0; i < j.nodes; i++)
        w[i] = j.kind == GOP_REDUCE_MAX ? -1 : j.kind == GOP_REDUCE_SUM ? 1 : 0;
    for (size_t e = j.edges; e-- > 0;) {
        size_t i = node_of(&j, e);
        if (i < j.nodes && j.kind == GOP_REDUCE_MAX)
            w[i] = (gop_real)e;
        else if (i < j.nodes && j.kind == GOP_REDUCE_MEAN)
            w[i] += 1;
    }
    for (size_t i = 0; i < j.nodes && j.kind == GOP_REDUCE_MEAN; i++)
        w[i] = w[i] > 0 ? 1 / w[i] : 0;
    return j;
}

GOP_VECTOR static void add_scaled(gop_real *restrict to, const gop_real *restrict from, gop_real by,
                                  size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] += by * from[i];
}

GOP_VECTOR static void larger(gop_real *restrict y, const gop_real *restrict x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] > y[i] || x[i] != x[i] ? x[i] : y[i];
}

GOP_VECTOR static void larger_at(gop_real *restrict y, gop_real *restrict at,
                                 const gop_real *restrict x, gop_real edge, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const bool take = x[i] > y[i] || (x[i] != x[i] && y[i] == y[i]);
        at[i] = take ? edge : at[i];
        y[i] = take ? x[i] : y[i];
    }
}

GOP_VECTOR static void give_back(gop_real *restrict dx, const gop_real *restrict dy,
                                 const gop_real *restrict at, gop_real edge, size_t n)
{
    for (size_t i = 0; i < n; i++)
        dx[i] += at[i] == edge ? dy[i] : 0;
}

/* The first edge at a node is copied, later ones compared. */
static void bring_most(const job *j, gop_real *y, gop_real *at, const gop_real *q, size_t e,
                       bool first)
{
    if (first) {
        memcpy(y, q, j->c * sizeof *y);
        for (size_t c = 0; c < j->c && at != NULL; c++)
            at[c] = (gop_real)e;
    } else if (at != NULL) {
        larger_at(y, at, q, (gop_real)e, j->c);
    } else {
        larger(y, q, j->c);
    }
}

static void bring(void *arg, size_t n)
{
    const job *j = arg;
    const gop_real *q = j->r->in[0] + n * j->edges * j->c;
    gop_real *y = j->r->out + n * j->nodes * j->c;
    gop_real *at = j->r->saved ? j->r->saved + n * j->nodes * j->c : NULL;
    memset(y, 0, j->nodes * j->c * sizeof *y);
    for (size_t e = 0; e < j->edges; e++) {
        size_t i = node_of(j, e);
        if (i == j->nodes)
            continue;
        if (j->kind == GOP_REDUCE_MAX)
            bring_most(j, y + i * j->c, at ? at + i * j->c : NULL, q + e * j->c, e,
                       j->r->work[i] == (gop_real)e);
        else
            add_scaled(y + i * j->c, q + e * j->c, j->r->work[i], j->c);
    }
}

static void take_back(void *arg, size_t n)
{
    const job *j = arg;
    gop_real *dq = j->r->din[0] + n * j->edges * j->c;
    const gop_real *dy = j->r->dout + n * j->nodes * j->c;
    if (!j->r->add[0])
        memset(dq, 0, j->edges * j->c * sizeof *dq);
    for (size_t e = 0; e < j->edges; e++) {
        size_t i = node_of(j, e);
        if (i == j->nodes)
            continue;
        if (j->kind == GOP_REDUCE_MAX)
            give_back(dq + e * j->c, dy + i * j->c, j->r->saved + (n * j->nodes + i) * j->c,
                      (gop_real)e, j->c);
        else
            add_scaled(dq + e * j->c, dy + i * j->c, j->r->work[i], j->c);
    }
}

static void forward(const gop_run *r)
{
    job j = prepare(r);
    gop_parallel(r->ctx, r->out_shape.dim[0], bring, &j);
}

static void backward(const gop_run *r)
{
    job j = prepare(r);
    if (r->din[0] != NULL)
        gop_parallel(r->ctx, r->out_shape.dim[0], take_back, &j);
    gop_no_gradient(r, 1);
}

/* ------------------------------------------------------------------------- cases */

static gop_var build_sum(gop_net *net, const gop_var *in)
{
    return gop_edge_scatter(net, in[0], in[1], 5, GOP_REDUCE_SUM);
}

static gop_var build_mean(gop_net *net, const gop_var *in)
{
    return gop_edge_scatter(net, in[0], in[1], 5, GOP_REDUCE_MEAN);
}

static gop_var build_max(gop_net *net, const gop_var *in)
{
    return gop_edge_scatter(net, in[0], in[1], 5, GOP_REDUCE_MAX);
}

static void naive_kind(gop_real *out, const gop_real *const *in, gop_reduce kind, int step)
{
    for (int n = 0; n < 2; n++)
        for (int i = 0; i < 5; i++)
            for (int c = 0; c < 3; c++) {
                double sum = 0, most = -1e300;
                int count = 0;
                for (int e = 0; e < 11; e++)
                    if (in[1][e * step] == i) {
                        double v = (double)in[0][(n * 11 + e) * 3 + c];
                        sum += v;
                        most = v > most ? v : most;
                        count++;
                    }
                if (count > 0)
                    out[(n * 5 + i) * 3 + c] = (gop_real)(kind == GOP_REDUCE_SUM    ? sum
                                                          : kind == GOP_REDUCE_MEAN ? sum / count
                                                                                    : most);
            }
}

static void naive_sum(gop_real *out, const gop_real *const *in)
{
    naive_kind(out, in, GOP_REDUCE_SUM, 1);
}

static void naive_mean(gop_real *out, const gop_real *const *in)
{
    naive_kind(out, in, GOP_REDUCE_MEAN, 2);
}

static void naive_max(gop_real *out, const gop_real *const *in)
{
    naive_kind(out, in, GOP_REDUCE_MAX, 1);
}

/* Numbers reach beyond the five nodes, and some nodes get no edge. */
static const gop_case cases[] = {
    {.name = "sum",
     .n_in = 2,
     .in = {{3, {2, 11, 3, 1}}, {1, {11, 1, 1, 1}}},
     .range = {{.lo = 0}, {.lo = -1, .hi = 7, .fixed = true, .integer = true}},
     .build = build_sum,
     .naive = naive_sum},
    {.name = "mean, numbers of both ends",
     .n_in = 2,
     .in = {{3, {2, 11, 3, 1}}, {2, {11, 2, 1, 1}}},
     .range = {{.lo = 0}, {.lo = -1, .hi = 7, .fixed = true, .integer = true}},
     .build = build_mean,
     .naive = naive_mean},
    {.name = "max",
     .n_in = 2,
     .in = {{3, {2, 11, 3, 1}}, {1, {11, 1, 1, 1}}},
     .range = {{.lo = 0}, {.lo = -1, .hi = 7, .fixed = true, .integer = true}},
     .build = build_max,
     .naive = naive_max},
    {.name = NULL},
};

const gop_op gop_op_edge_scatter = {
    .name = "edge_scatter",
    .flags = GOP_OP_NEEDS_IN,
    .attr_size = sizeof(attributes),
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
};

/*: The features of the edges of a list brought together at nodes.
 *
 *     y[n, i, :] = sum, mean or max of q[n, e, :] over the edges e with index[e] = i
 *
 * q [N, E, C], index [E], or [E, 2] of which the first number counts; M = nodes;
 * y [N, M, C].  An edge whose number is not an integer in [0, M) is at no node; a
 * node without edges has zeros.  The gradient of a maximum goes to the first edge
 * that holds it.  No gradient to `index`.
 * Errors: GOP_ESHAPE when index does not fit q, GOP_EINVAL for no nodes or another
 * kind.
 */
GOP_API gop_var gop_edge_scatter(gop_net *net, gop_var q, gop_var index, size_t nodes,
                                 gop_reduce kind)
{
    attributes a = {nodes, kind};
    gop_var in[2] = {q, index};
    return gop_apply(net, &gop_op_edge_scatter, &a, in, 2);
}
