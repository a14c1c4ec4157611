/*
 * mask.c: sets missing elements of an axis, such as nodes, edges or frames, to zero.
 *
 *     y[n, ..., l, i]  = x[n, ..., l, i]  where mask[n, l] is not 0, else 0
 *     dx[n, ..., l, i] = dy at the same places, else 0
 *
 * x [N, ...] with size L on the axis; mask [L], or for other axes than the first also [N, L] with
 * one mask for each sample; y has the shape of x and may overwrite it.  Missing elements may have
 * any values, even NaN.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/op.h"
#include "op/per_frame.h"

typedef struct attributes {
    int axis;
} attributes;

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    char m[80], t[80];
    gop_try(gop_op_count(p, 2, 2));
    gop_try(gop_op_axis(p, a->axis));
    const gop_shape x = p->in[0], mask = p->in[1];
    const size_t length = x.dim[a->axis];
    if (!gop_shape_equal(mask, gop_shape1(length)) &&
        (a->axis == 0 || !gop_shape_equal(mask, gop_shape2(x.dim[0], length))))
        return gop_fail(p->err, GOP_ESHAPE,
                        "mask %s must be [L]%s with L = %zu, the size of axis %d of x %s",
                        gop_shape_text(m, sizeof m, mask), a->axis > 0 ? " or [N, L]" : "", length,
                        a->axis, gop_shape_text(t, sizeof t, x));
    p->out = x;
    return GOP_OK;
}

/* Elements [begin, end), index by index: to (+)= from if it is not missing; to may be from. */
static void pass(const gop_run *r, gop_real *to, const gop_real *from, size_t begin, size_t end,
                 bool add)
{
    const attributes *a = r->attr;
    const gop_span x = gop_span_of(r->in_shape[0], a->axis);
    const size_t sample = r->in_shape[1].rank == 2 ? x.outer / r->in_shape[0].dim[0] : 0;
    while (begin < end) {
        const size_t place = begin / x.inner, n = gop_size_min(end, (place + 1) * x.inner) - begin;
        const size_t own = sample > 0 ? place / x.length / sample * x.length : 0;
        const bool there = r->in[1][own + place % x.length] != 0;
        if (there && to != from)
            gop_move(to + begin, from + begin, n, add);
        if (!there && !add)
            memset(to + begin, 0, n * sizeof *to);
        begin += n;
    }
}

static void rows(const gop_run *r, size_t from, size_t to)
{
    pass(r, r->out, r->in[0], from, to, false);
}

/* A mask of x's shape may be processed together with x, and others accumulate into its gradient
 * range by range. */
static void rows_back(const gop_run *r, size_t from, size_t to)
{
    if (r->din[0] != NULL)
        pass(r, r->din[0], r->dout, from, to, r->add[0]);
    if (!gop_shape_equal(r->in_shape[0], r->in_shape[1])) {
        if (from == 0)
            gop_no_gradient(r, 1);
    } else if (r->din[1] != NULL && !r->add[1]) {
        memset(r->din[1] + from, 0, (to - from) * sizeof(gop_real));
    }
}

static gop_status step(gop_op_step *s)
{
    const attributes *a = s->attr;
    return gop_step_along(s, a->axis);
}

/* ------------------------------------------------------------------------- cases */

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const attributes *a = attr;
    const gop_span s = gop_span_of(y.shape, a->axis);
    const size_t sample = gop_shape_size(y.shape) / y.shape.dim[0];
    for (size_t k = 0; k < gop_shape_size(y.shape); k++) {
        const size_t own = in[1].shape.rank == 2 ? k / sample * s.length : 0;
        y.v[k] = in[1].v[own + k / s.inner % s.length] != 0 ? in[0].v[k] : 0;
    }
}

static const gop_case cases[] = {
    {"nodes, one mask a sample", .in = {{4, {3, 4, 2, 5}}, {2, {3, 4}}}, .range = {[1] = {0, 2}},
     .integers = 1 << 1, .attr = &(attributes){1}, .bench = {{4, {32, 26, 25, 64}}, {2, {32, 26}}}},
    {"nodes, shared", .in = {{4, {3, 4, 2, 5}}, {1, {4}}}, .range = {[1] = {0, 2}},
     .integers = 1 << 1, .attr = &(attributes){1}},
    {"one node, without frames", .in = {{2, {5, 1}}, {2, {5, 1}}}, .range = {[1] = {0, 2}},
     .integers = 1 << 1, .attr = &(attributes){1}},
    {"edges, one mask a sample", .in = {{3, {2, 6, 3}}, {2, {2, 6}}}, .range = {[1] = {0, 2}},
     .integers = 1 << 1, .attr = &(attributes){1}},
    {"edges, shared", .in = {{3, {2, 6, 3}}, {1, {6}}}, .range = {[1] = {0, 2}}, .integers = 1 << 1,
     .attr = &(attributes){1}},
    {"frames, one mask a sample", .in = {{4, {3, 2, 4, 5}}, {2, {3, 4}}}, .range = {[1] = {0, 2}},
     .integers = 1 << 1, .attr = &(attributes){2}},
    {"columns, one mask a sample", .in = {{4, {2, 3, 4, 4}}, {2, {2, 4}}}, .range = {[1] = {0, 2}},
     .integers = 1 << 1, .attr = &(attributes){3}},
    {"samples", .in = {{2, {4, 5}}, {1, {4}}}, .range = {[1] = {0, 2}}, .integers = 1 << 1,
     .attr = &(attributes){0}},
    {0},
};

const gop_op gop_op_mask = {
    .name = "mask",
    .flags = GOP_OP_INPLACE | GOP_OP_NEEDS_IN | GOP_OP_ELEMENTWISE,
    .attr_size = sizeof(attributes),
    .plan = plan,
    .rows = rows,
    .rows_back = rows_back,
    .cases = cases,
    .naive = naive,
    .step = step,
};

/*: Sets missing elements of an axis, such as nodes, bodies, edges or frames, to zero.
 *
 *     y[n, ..., l, ...] = x[n, ..., l, ...] where mask[n, l] is not 0, else 0
 *
 * x of any shape, 0 <= axis < rank, or -1 for the last, with size L on the axis; mask [L], or if
 * axis >= 1 also [N, L] with one mask for each sample; y has the shape of x.  Nodes and edges are on
 * axis 1.  Missing elements may have any values, even NaN.  To exclude missing nodes from a
 * reduction, use gop_masked_mean, or gop_pool with the part number -1.  No gradient to `mask`.
 * Errors: GOP_EINVAL for no such axis, GOP_ESHAPE if mask does not fit x.
 */
GOP_API gop_var gop_mask(gop_net *net, gop_var x, int axis, gop_var mask)
{
    attributes a = {gop_axis_of(net, x, axis)};
    gop_var in[2] = {x, mask};
    return gop_apply(net, &gop_op_mask, &a, in, 2);
}
