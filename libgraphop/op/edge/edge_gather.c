/*
 * edge_gather.c: the features of both ends of each edge in a list.
 *
 *     forward    y[n, e, :] = [x[n, a_e, :], x[n, b_e, :]]
 *     backward   dx[n, i, :] = sum over e with a_e = i of dy[n, e, :C]
 *                            + sum over e with b_e = i of dy[n, e, C:]
 *
 * x [N, M, C], index [E, 2] holding a_e, b_e, or [N, E, 2] with a list for each sample; y [N, E,
 * 2C].  A number that is not an integer in [0, M) means no node and gives zeros; see op/indexed.h.
 * Source: the edge features of message passing, Gilmer et al. 2017.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/indexed.h"
#include "op/per_frame.h"

/* Each end of an edge is a separate row. */
static gop_indexed measure(const gop_shape *in)
{
    const gop_edge_list list = gop_edge_list_of(in[1]);
    return (gop_indexed){.samples = in[0].dim[0],
                         .items = 2 * list.edges,
                         .places = in[0].dim[1],
                         .row = in[0].dim[2],
                         .step = 1,
                         .lists = list.lists};
}

static gop_status plan(gop_op_plan *p)
{
    gop_try(gop_op_count(p, 2, 2));
    gop_try(gop_op_rank(p, 0, 3));
    gop_try(gop_edge_list_check(p, 1, 0, true));
    const gop_shape x = p->in[0];
    p->out = gop_shape3(x.dim[0], gop_edge_list_of(p->in[1]).edges, 2 * x.dim[2]);
    return gop_indexed_plan(p, measure(p->in));
}

static void forward(const gop_run *r)
{
    gop_gather_forward(r, measure(r->in_shape));
}

static void backward(const gop_run *r)
{
    gop_gather_backward(r, measure(r->in_shape));
}

/* ------------------------------------------------------------------------- cases */

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const gop_shape x = in[0].shape;
    const bool own = in[1].shape.rank == 3;
    const size_t ends = gop_shape_size(in[1].shape) / (own ? x.dim[0] : 1), c = x.dim[2];
    (void)attr;
    for (size_t n = 0; n < x.dim[0]; n++)
        for (size_t e = 0; e < ends; e++)
            for (size_t m = 0; m < x.dim[1]; m++)
                if (in[1].v[(own ? n * ends : 0) + e] == (gop_real)m)
                    memcpy(y.v + (n * ends + e) * c, in[0].v + (n * x.dim[1] + m) * c,
                           c * sizeof *y.v);
}

static const gop_case cases[] = {
    {"edges", .in = {{3, {2, 5, 3}}, {2, {6, 2}}}, .range = {[1] = {0, 5}}, .integers = 1 << 1,
     .bench = {{3, {16, 26, 64}}, {2, {650, 2}}}},
    {"numbers out of range", .in = {{3, {2, 5, 3}}, {2, {6, 2}}}, .range = {[1] = {-3, 8}},
     .integers = 1 << 1},
    {"edges of each sample", .in = {{3, {3, 5, 3}}, {3, {3, 4, 2}}}, .range = {[1] = {-1, 6}},
     .integers = 1 << 1},
    {0},
};

const gop_op gop_op_edge_gather = {
    .name = "edge_gather",
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
    .step = gop_step_nodes,
};

/*: The features of both ends of each edge in a list.
 *
 *     y[n, e, :] = [x[n, index[e, 0], :], x[n, index[e, 1], :]]
 *
 * x [N, M, C]; index [E, 2], or [N, E, 2] with a list for each sample; y [N, E, 2C].  A number that
 * is not an integer in [0, M) means no node and gives zeros.  No gradient to `index`.
 * Errors: GOP_ESHAPE if x has another rank or index does not fit it.
 */
GOP_API gop_var gop_edge_gather(gop_net *net, gop_var x, gop_var index)
{
    gop_var in[2] = {x, index};
    return gop_apply(net, &gop_op_edge_gather, NULL, in, 2);
}
