/*
 * pool.c: reduces the features of nodes to parts, and averages nodes that a mask selects.
 *
 *     y[n, p, t, c]  = sum, mean or max over the nodes m with part[n, m] = p of x[n, m, t, c]
 *     sum   dx[n, m, t, c] = dy[n, part[n, m], t, c]
 *     mean  the same divided by the number of nodes of that part
 *     max   the same for the first node that holds the maximum, zero for the others
 *     masked mean: one part of all nodes whose mask is not 0, without its axis
 *
 * x [N, M, T, C]; part [M] or [N, M], see op/indexed.h; y [N, P, T, C].  The values of a node
 * without a part are not used, and its gradient is zero; a part without nodes is zero.
 *
 * Source: joint2part pooling, Sym-GNN section 5.1.2.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/indexed.h"
#include "op/per_frame.h"

typedef struct attributes {
    size_t parts;
    gop_reduce kind;
    bool mask;
} attributes;

static gop_indexed measure(const gop_shape *in, const attributes *a)
{
    return (gop_indexed){.samples = in[0].dim[0],
                         .items = in[0].dim[1],
                         .places = a->parts,
                         .row = in[0].dim[2] * in[0].dim[3],
                         .step = 1,
                         .lists = in[1].rank == 2 ? in[0].dim[0] : 1,
                         .mask = a->mask,
                         .kind = a->kind};
}

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    char k[80], t[80];
    gop_try(gop_op_count(p, 2, 2));
    gop_try(gop_op_rank(p, 0, 4));
    gop_try(gop_op_reduce(p, a->kind));
    const gop_shape x = p->in[0], part = p->in[1];
    if (!gop_shape_equal(part, gop_shape1(x.dim[1])) &&
        !gop_shape_equal(part, gop_shape2(x.dim[0], x.dim[1])))
        return gop_fail(p->err, GOP_ESHAPE, "%s %s must be [M] or [N, M] for x %s = [N, M, T, C]",
                        a->mask ? "mask" : "part", gop_shape_text(k, sizeof k, part),
                        gop_shape_text(t, sizeof t, x));
    if (a->parts == 0)
        return gop_fail(p->err, GOP_EINVAL, "parts must be at least 1, not %zu", a->parts);
    p->out = a->mask ? gop_shape3(x.dim[0], x.dim[2], x.dim[3])
                     : gop_shape4(x.dim[0], a->parts, x.dim[2], x.dim[3]);
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
    const gop_shape x = in[0].shape;
    const size_t row = x.dim[2] * x.dim[3];
    for (size_t n = 0; n < x.dim[0]; n++)
        for (size_t e = 0; e < a->parts * row; e++) {
            double sum = 0, most = 0, count = 0;
            for (size_t m = 0; m < x.dim[1]; m++) {
                const double v = (double)in[0].v[(n * x.dim[1] + m) * row + e % row];
                const gop_real part = in[1].v[(in[1].shape.rank == 2 ? n * x.dim[1] : 0) + m];
                if (a->mask ? part == 0 : part != (gop_real)(e / row))
                    continue;
                sum += v;
                most = count == 0 || v > most ? v : most;
                count++;
            }
            if (a->kind == GOP_REDUCE_MEAN && count > 0)
                sum /= count;
            y.v[n * a->parts * row + e] = (gop_real)(a->kind == GOP_REDUCE_MAX ? most : sum);
        }
}

static const gop_case cases[] = {
    {"sum", .in = {{4, {2, 7, 5, 3}}, {1, {7}}}, .range = {[1] = {0, 3}}, .integers = 1 << 1,
     .attr = &(attributes){3, GOP_REDUCE_SUM, false}, .bench = {{4, {32, 26, 25, 64}}, {1, {26}}}},
    {"sum, numbers out of range", .in = {{4, {2, 7, 5, 3}}, {1, {7}}}, .range = {[1] = {-3, 6}},
     .integers = 1 << 1, .attr = &(attributes){3, GOP_REDUCE_SUM, false}},
    {"sum, parts of each sample", .in = {{4, {2, 7, 5, 3}}, {2, {2, 7}}}, .range = {[1] = {-1, 4}},
     .integers = 1 << 1, .attr = &(attributes){3, GOP_REDUCE_SUM, false}},
    {"mean", .in = {{4, {2, 7, 5, 3}}, {1, {7}}}, .range = {[1] = {0, 3}}, .integers = 1 << 1,
     .attr = &(attributes){3, GOP_REDUCE_MEAN, false}},
    {"mean, numbers out of range", .in = {{4, {2, 7, 5, 3}}, {1, {7}}}, .range = {[1] = {-3, 6}},
     .integers = 1 << 1, .attr = &(attributes){3, GOP_REDUCE_MEAN, false}},
    {"mean, parts of each sample", .in = {{4, {2, 7, 5, 3}}, {2, {2, 7}}}, .range = {[1] = {-1, 4}},
     .integers = 1 << 1, .attr = &(attributes){3, GOP_REDUCE_MEAN, false}},
    {"max", .in = {{4, {2, 7, 5, 3}}, {1, {7}}}, .range = {[1] = {0, 3}}, .integers = 1 << 1,
     .attr = &(attributes){3, GOP_REDUCE_MAX, false}},
    {"max, numbers out of range", .in = {{4, {2, 7, 5, 3}}, {1, {7}}}, .range = {[1] = {-3, 6}},
     .integers = 1 << 1, .attr = &(attributes){3, GOP_REDUCE_MAX, false}},
    {"max, parts of each sample", .in = {{4, {2, 7, 5, 3}}, {2, {2, 7}}}, .range = {[1] = {-1, 4}},
     .integers = 1 << 1, .attr = &(attributes){3, GOP_REDUCE_MAX, false}},
    {0},
};

static const attributes masked = {1, GOP_REDUCE_MEAN, true};

static const gop_case masked_cases[] = {
    {"one a sample", .in = {{4, {3, 4, 2, 5}}, {2, {3, 4}}}, .range = {[1] = {0, 2}},
     .integers = 1 << 1, .attr = &masked, .bench = {{4, {32, 26, 25, 64}}, {2, {32, 26}}}},
    {"shared", .in = {{4, {3, 4, 2, 5}}, {1, {4}}}, .range = {[1] = {0, 2}}, .integers = 1 << 1,
     .attr = &masked},
    {"one node, there or not", .in = {{4, {5, 1, 1, 3}}, {2, {5, 1}}}, .range = {[1] = {0, 2}},
     .integers = 1 << 1, .attr = &masked},
    {0},
};

const gop_op gop_op_pool = {
    .name = "pool",
    .attr_size = sizeof(attributes),
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
    .step = gop_step_nodes,
};

const gop_op gop_op_masked_mean = {
    .name = "masked_mean",
    .attr_size = sizeof(attributes),
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = masked_cases,
    .naive = naive,
    .step = gop_step_nodes,
};

/*: Reduces the features of nodes to parts.
 *
 *     y[n, p, t, c] = sum, mean or max over the nodes m with part[n, m] = p of x[n, m, t, c]
 *
 * x [N, M, T, C]; part [M], or [N, M] with one list for each sample, the part number of each node;
 * y [N, parts, T, C].  A node whose number is not an integer in [0, parts), such as a missing node,
 * belongs to no part, and its values are not used.  A part without nodes is zero.  The gradient of
 * a maximum goes to the first node that holds it.  No gradient to `part`.
 * Errors: GOP_ESHAPE if part does not fit x, GOP_EINVAL for 0 parts or no such kind.
 * Source: joint2part pooling, Sym-GNN section 5.1.2.
 */
GOP_API gop_var gop_pool(gop_net *net, gop_var x, gop_var part, size_t parts, gop_reduce kind)
{
    attributes a = {.parts = parts, .kind = kind};
    gop_var in[2] = {x, part};
    return gop_apply(net, &gop_op_pool, &a, in, 2);
}

/*: The mean over the nodes that a mask selects.
 *
 *     y[n, t, c] = mean over the nodes m with mask[n, m] not 0 of x[n, m, t, c]
 *
 * x [N, M, T, C]; mask [N, M], or [M] for all samples, as for gop_mask; y [N, T, C], zeros if no
 * node is selected.  Missing nodes may have any values, even NaN.  No gradient to `mask`.
 * Errors: GOP_ESHAPE if mask does not fit x.
 */
GOP_API gop_var gop_masked_mean(gop_net *net, gop_var x, gop_var mask)
{
    gop_var in[2] = {x, mask};
    return gop_apply(net, &gop_op_masked_mean, &masked, in, 2);
}
