/*
 * gather.c: elements of an axis selected by index, and embedding, the same for the rows of a table.
 *
 *     y[o, k, i]  = x[o, index[k], i]
 *     dx[o, l, i] = sum over the k with index[k] = l of dy[o, k, i]
 *
 * gather: x of any shape with an axis, index [K], or [N, K] with a list for each element of axis 0,
 * y with size K on that axis.  embedding: table [V,
 * C] for x, index of any shape of rank up to 3, y of that shape and C channels.
 *
 * An index that is not an integer in [0, L) gives zeros and passes no gradient; see op/indexed.h.
 * An index may occur several times; its gradients are added in the order of k.
 *
 * Source: table look-ups as in Bengio et al. 2003; subsets of joints.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/indexed.h"
#include "op/per_frame.h"

typedef struct attributes {
    int axis;
} attributes;

static gop_indexed measure(const gop_shape *in, const attributes *a)
{
    const gop_span x = gop_span_of(in[0], a->axis);
    const size_t lists = a->axis > 0 && in[1].rank == 2 ? in[1].dim[0] : 1;
    return (gop_indexed){.samples = x.outer,
                         .items = gop_shape_size(in[1]) / lists,
                         .places = x.length,
                         .row = x.inner,
                         .step = 1,
                         .lists = lists};
}

static gop_status plan_gather(gop_op_plan *p)
{
    const attributes *a = p->attr;
    char k[80], t[80];
    gop_try(gop_op_count(p, 2, 2));
    gop_try(gop_op_axis(p, a->axis));
    const gop_shape x = p->in[0], index = p->in[1];
    if (index.rank != 1 && !(index.rank == 2 && index.dim[0] == x.dim[0] && a->axis > 0))
        return gop_fail(p->err, GOP_ESHAPE,
                        "index %s must be [K], or [N, K] and the axis not the first, for x %s",
                        gop_shape_text(k, sizeof k, index), gop_shape_text(t, sizeof t, x));
    p->out = x;
    p->out.dim[a->axis] = index.dim[index.rank - 1];
    return gop_indexed_plan(p, measure(p->in, p->attr));
}

static gop_status plan_embedding(gop_op_plan *p)
{
    char text[80];
    gop_try(gop_op_count(p, 2, 2));
    gop_try(gop_op_rank(p, 0, 2));
    if (p->in[1].rank >= GOP_MAX_RANK)
        return gop_fail(p->err, GOP_ESHAPE,
                        "index %s has too many axes for another one of channels",
                        gop_shape_text(text, sizeof text, p->in[1]));
    p->out = p->in[1];
    p->out.dim[p->out.rank++] = p->in[0].dim[1];
    return gop_indexed_plan(p, measure(p->in, p->attr));
}

static void forward(const gop_run *r)
{
    gop_gather_forward(r, measure(r->in_shape, r->attr));
}

static void backward(const gop_run *r)
{
    gop_gather_backward(r, measure(r->in_shape, r->attr));
}

static gop_status step(gop_op_step *s)
{
    const attributes *a = s->attr;
    return gop_step_along(s, a->axis);
}

/* ------------------------------------------------------------------------- cases */

/* A table is gathered along axis 0. */
static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const attributes *a = attr;
    const gop_span s = gop_span_of(in[0].shape, a->axis);
    const size_t lists = a->axis > 0 && in[1].shape.rank == 2 ? in[1].shape.dim[0] : 1;
    const size_t count = gop_shape_size(in[1].shape) / lists;
    for (size_t k = 0; k < s.outer * count; k++)
        for (size_t l = 0; l < s.length; l++)
            if (in[1].v[k / count / (s.outer / lists) * count + k % count] == (gop_real)l)
                memcpy(y.v + k * s.inner, in[0].v + (k / count * s.length + l) * s.inner,
                       s.inner * sizeof *y.v);
}

/* In several blocks, and with a single index. */
static gop_var build_wide(gop_net *net, const gop_var *in, const void *attr)
{
    const size_t c = gop_net_shape(net, in[0]).dim[1];
    (void)attr;
    gop_var many = gop_embedding(net, in[0], in[1]);
    gop_var one = gop_embedding(net, in[0], gop_reshape(net, in[2], gop_shape0()));
    return gop_mul(net, gop_reshape(net, gop_slice(net, many, 0, 12, 1), gop_shape1(c)), one);
}

static void naive_wide(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const size_t c = y.shape.dim[0];
    (void)attr;
    for (size_t i = 0; i < c; i++)
        y.v[i] = in[0].v[(size_t)in[1].v[12] * c + i] * in[0].v[(size_t)in[2].v[0] * c + i];
}

static const attributes rows = {0}, nodes = {1}, channels = {2};

static const gop_case gather_cases[] = {
    {"nodes", .in = {{4, {2, 7, 5, 3}}, {1, {9}}}, .range = {[1] = {0, 7}}, .integers = 1 << 1,
     .attr = &nodes, .bench = {{4, {32, 26, 25, 64}}, {1, {26}}}},
    {"numbers out of range", .in = {{4, {2, 7, 5, 3}}, {1, {9}}}, .range = {[1] = {-5, 12}},
     .integers = 1 << 1, .attr = &nodes},
    {"nodes of each sample", .in = {{4, {3, 7, 2, 3}}, {2, {3, 5}}}, .range = {[1] = {-2, 8}},
     .integers = 1 << 1, .attr = &nodes, .bench = {{4, {32, 26, 25, 64}}, {2, {32, 26}}}},
    {"channels of each sample", .in = {{3, {3, 5, 7}}, {2, {3, 4}}}, .range = {[1] = {-1, 7}},
     .integers = 1 << 1, .attr = &channels},
    {"channels", .in = {{3, {3, 5, 7}}, {1, {4}}}, .range = {[1] = {0, 7}}, .integers = 1 << 1,
     .attr = &channels, .bench = {{3, {64, 500, 64}}, {1, {64}}}},
    {"more numbers than places", .in = {{3, {2, 3, 7}}, {1, {600}}}, .range = {[1] = {-1, 8}},
     .integers = 1 << 1, .attr = &channels},
    {0},
};

static const gop_case embedding_cases[] = {
    {"table", .in = {{2, {11, 6}}, {2, {3, 5}}}, .range = {[1] = {-1, 11}}, .integers = 1 << 1,
     .attr = &rows, .bench = {{2, {1000, 64}}, {2, {32, 512}}}},
    {"wide table", .in = {{2, {40, 400}}, {1, {50}}, {1, {1}}},
     .range = {[1] = {0, 40}, [2] = {0, 40}}, .integers = 6, .attr = &rows, .build = build_wide,
     .naive = naive_wide},
    {0},
};

const gop_op gop_op_gather = {
    .name = "gather",
    .attr_size = sizeof(attributes),
    .plan = plan_gather,
    .forward = forward,
    .backward = backward,
    .cases = gather_cases,
    .naive = naive,
    .step = step,
};

const gop_op gop_op_embedding = {
    .name = "embedding",
    .attr_size = sizeof(attributes),
    .plan = plan_embedding,
    .forward = forward,
    .backward = backward,
    .cases = embedding_cases,
    .naive = naive,
};

/*: Elements of an axis, selected by index.
 *
 *     y[o, k, i] = x[o, index[k], i]
 *
 * x of any shape, 0 <= axis < rank, or -1 for the last; index [K], or for axis > 0 also [N, K] with
 * a list for each of the N elements of x's first axis, such as a result of gop_topk; indices as
 * reals; y has x's shape with size K on the axis.  An index that is not an integer in [0, L), where L
 * is the size of x's axis, gives zeros.  The gradient of an element is the sum over all indices that
 * select it.  No gradient to `index`.
 * Errors: GOP_EINVAL for no such axis, GOP_ESHAPE if index does not fit x.
 */
GOP_API gop_var gop_gather(gop_net *net, gop_var x, int axis, gop_var index)
{
    attributes a = {gop_axis_of(net, x, axis)};
    gop_var in[2] = {x, index};
    return gop_apply(net, &gop_op_gather, &a, in, 2);
}

/*: Rows of a table, selected by index.
 *
 *     y[..., c] = table[index[...], c]
 *
 * table [V, C], commonly a parameter; index of any shape of rank up to 3, row numbers as reals; y
 * has the shape of index, followed by C channels.  A number that is not an integer in [0, V) gives
 * zeros, so that -1 can mark gaps.  No gradient to `index`.
 */
GOP_API gop_var gop_embedding(gop_net *net, gop_var table, gop_var index)
{
    gop_var in[2] = {table, index};
    return gop_apply(net, &gop_op_embedding, &rows, in, 2);
}
