/*
 * edge_scatter.c: reduces the features of the edges in a list at their nodes.
 *
 *     forward    y[n, i, :] = sum, mean or max over the edges e at i of q[n, e, :]
 *     backward   sum dq[n, e, :] = dy[n, i_e, :],  mean the same / (edges at i_e),
 *                max: dy goes to the first edge that holds the maximum
 *
 * q [N, E, C]; index [E], or [E, 2], where the first number of each edge is used, as the pairs (i,
 * j) of edge_reduce.c belong to i, or [N, E, 1] or [N, E, 2] with a list for each sample; y [N, M,
 * C].  An edge whose number is not an integer in [0, M)
 * has no node, and a node without edges gets zeros; see op/indexed.h.
 *
 * Source: message passing, Gilmer et al. 2017.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/indexed.h"
#include "op/per_frame.h"

typedef struct attributes {
    size_t nodes;
    gop_reduce kind;
} attributes;

static gop_indexed measure(const gop_shape *in, const attributes *a)
{
    const gop_edge_list list = gop_edge_list_of(in[1]);
    return (gop_indexed){.samples = in[0].dim[0],
                         .items = in[0].dim[1],
                         .places = a->nodes,
                         .row = in[0].dim[2],
                         .step = list.step,
                         .lists = list.lists,
                         .kind = a->kind};
}

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    gop_try(gop_op_count(p, 2, 2));
    gop_try(gop_op_rank(p, 0, 3));
    gop_try(gop_op_reduce(p, a->kind));
    gop_try(gop_edge_list_check(p, 1, 0, false));
    const gop_shape x = p->in[0];
    if (a->nodes == 0 || a->nodes > SIZE_MAX / 64 / gop_shape_size(x))
        return gop_fail(p->err, GOP_EINVAL, "nodes must be at least 1 and fit memory, not %zu",
                        a->nodes);
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

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const attributes *a = attr;
    const size_t edges = in[0].shape.dim[1], c = in[0].shape.dim[2];
    const bool own = in[1].shape.rank == 3;
    const size_t step = in[1].shape.rank == 1 ? 1 : in[1].shape.dim[in[1].shape.rank - 1];
    for (size_t k = 0; k < gop_shape_size(y.shape); k++) {
        const size_t n = k / c / a->nodes, i = k / c % a->nodes;
        double sum = 0, most = 0, count = 0;
        for (size_t e = 0; e < edges; e++)
            if (in[1].v[((own ? n * edges : 0) + e) * step] == (gop_real)i) {
                const double v = (double)in[0].v[(n * edges + e) * c + k % c];
                sum += v;
                most = count == 0 || v > most ? v : most;
                count++;
            }
        if (a->kind == GOP_REDUCE_MEAN && count > 0)
            sum /= count;
        y.v[k] = (gop_real)(a->kind == GOP_REDUCE_MAX ? most : sum);
    }
}

/* Some numbers are beyond the five nodes, and some nodes have no edge. */
static const gop_case cases[] = {
    {"sum", .in = {{3, {2, 11, 3}}, {1, {11}}}, .range = {[1] = {-1, 7}}, .integers = 1 << 1,
     .attr = &(attributes){5, GOP_REDUCE_SUM}, .bench = {{3, {32, 650, 64}}, {1, {650}}}},
    {"mean, numbers of both ends", .in = {{3, {2, 11, 3}}, {2, {11, 2}}}, .range = {[1] = {-1, 7}},
     .integers = 1 << 1, .attr = &(attributes){5, GOP_REDUCE_MEAN}},
    {"max", .in = {{3, {2, 11, 3}}, {1, {11}}}, .range = {[1] = {-1, 7}}, .integers = 1 << 1,
     .attr = &(attributes){5, GOP_REDUCE_MAX}},
    {"mean, edges of each sample", .in = {{3, {3, 11, 2}}, {3, {3, 11, 1}}},
     .range = {[1] = {-1, 7}}, .integers = 1 << 1, .attr = &(attributes){5, GOP_REDUCE_MEAN}},
    {"max, both ends of each sample", .in = {{3, {3, 11, 2}}, {3, {3, 11, 2}}},
     .range = {[1] = {-1, 7}}, .integers = 1 << 1, .attr = &(attributes){5, GOP_REDUCE_MAX}},
    {0},
};

const gop_op gop_op_edge_scatter = {
    .name = "edge_scatter",
    .attr_size = sizeof(attributes),
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
    .step = gop_step_nodes,
};

/*: Reduces the features of the edges in a list at their nodes.
 *
 *     y[n, i, :] = sum, mean or max of q[n, e, :] over the edges e with index[e] = i
 *
 * q [N, E, C]; index [E], or [E, 2], where the first number of each edge is used, or [N, E, 1] or
 * [N, E, 2] with a list for each sample; M = nodes; y [N, M, C].  An edge whose number is not an
 * integer in [0, M) has no node; a node without edges gets zeros.  The gradient of a maximum goes to
 * the first edge that holds it.  No gradient to `index`.
 * Errors: GOP_ESHAPE if index does not fit q, GOP_EINVAL for 0 nodes or no such kind.
 */
GOP_API gop_var gop_edge_scatter(gop_net *net, gop_var q, gop_var index, size_t nodes,
                                 gop_reduce kind)
{
    attributes a = {nodes, kind};
    gop_var in[2] = {q, index};
    return gop_apply(net, &gop_op_edge_scatter, &a, in, 2);
}
