/*
 * repeat.c: repeats an axis of size 1.
 *
 *     y[o, l, i] = x[o, 0, i],    0 <= l < count
 *     dx[o, 0, i] = sum_l dy[o, l, i]    in the order of l
 *
 * x of any shape with size 1 on `axis`; y has size `count` there.
 *
 * Source: the label that eq. 10b of Sym-GNN gives to every joint.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/indexed.h"

typedef struct attributes {
    int axis;
    size_t count;
} attributes;

static gop_indexed measure(const gop_shape *in, const attributes *a)
{
    const gop_span x = gop_span_of(in[0], a->axis);
    return (gop_indexed){.samples = x.outer, .items = a->count, .places = 1, .row = x.inner};
}

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    gop_try(gop_op_count(p, 1, 1));
    gop_try(gop_op_axis(p, a->axis));
    if (p->in[0].dim[a->axis] != 1)
        return gop_fail(p->err, GOP_ESHAPE, "axis %d must have size 1 to be repeated, not %zu",
                        a->axis, p->in[0].dim[a->axis]);
    if (a->count == 0 || a->count > SIZE_MAX / 64 / gop_shape_size(p->in[0]))
        return gop_fail(p->err, GOP_EINVAL, "count must be at least 1 and fit memory, not %zu",
                        a->count);
    p->out = p->in[0];
    p->out.dim[a->axis] = a->count;
    return gop_indexed_plan(p, measure(p->in, a));
}

static void forward(const gop_run *r)
{
    gop_gather_forward(r, measure(r->in_shape, r->attr));
}

static void backward(const gop_run *r)
{
    gop_gather_backward(r, measure(r->in_shape, r->attr));
}

/* ------------------------------------------------------------------------- cases */

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const attributes *a = attr;
    const gop_span s = gop_span_of(y.shape, a->axis);
    for (size_t k = 0; k < gop_shape_size(y.shape); k++)
        y.v[k] = in[0].v[k / s.inner / s.length * s.inner + k % s.inner];
}

static const gop_case cases[] = {
    {"nodes", .in = {{3, {3, 1, 7}}}, .attr = &(attributes){1, 5}},
    {0},
};

const gop_op gop_op_repeat = {
    .name = "repeat",
    .attr_size = sizeof(attributes),
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
};

/*: Repeats an axis of size 1.
 *
 *     y[o, l, i] = x[o, 0, i],   0 <= l < count
 *
 * x of any shape with size 1 on `axis`; y has size `count` >= 1 there.
 */
GOP_API gop_var gop_repeat(gop_net *net, gop_var x, int axis, size_t count)
{
    attributes a = {axis, count};
    return gop_apply(net, &gop_op_repeat, &a, &x, 1);
}
