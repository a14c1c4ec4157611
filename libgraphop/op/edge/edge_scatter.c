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
 * Source: message passing, Gilmer et al. 2017.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/indexed.h"

typedef struct attributes {
    size_t nodes;
    gop_reduce kind;
} attributes;

static gop_indexed measure(const gop_shape *in, const attributes *a)
{
    return (gop_indexed){.samples = in[0].dim[0],
                         .items = in[0].dim[1],
                         .places = a->nodes,
                         .row = in[0].dim[2],
                         .step = (size_t)in[1].rank,
                         .kind = a->kind};
}

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
    p->out = gop_shape3(x.dim[0], a->nodes, x.dim[2]);
    return gop_indexed_plan(p, measure(p->in, a));
}

static void forward(const gop_run *r)
{
    gop_scatter_forward(r, measure(r->in_shape, r->attr));
}

static void backward(const gop_run *r)
{
    gop_scatter_backward(r, measure(r->in_shape, r->attr));
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
     .in = {{3, {2, 11, 3}}, {1, {11}}},
     .range = {[1] = {-1, 7}},
     .integers = 1 << 1,
     .build_old = build_sum,
     .naive_old = naive_sum},
    {.name = "mean, numbers of both ends",
     .in = {{3, {2, 11, 3}}, {2, {11, 2}}},
     .range = {[1] = {-1, 7}},
     .integers = 1 << 1,
     .build_old = build_mean,
     .naive_old = naive_mean},
    {.name = "max",
     .in = {{3, {2, 11, 3}}, {1, {11}}},
     .range = {[1] = {-1, 7}},
     .integers = 1 << 1,
     .build_old = build_max,
     .naive_old = naive_max},
    {.name = NULL},
};

const gop_op gop_op_edge_scatter = {
    .name = "edge_scatter",
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
