/*
 * repeat.c: repeats an axis of size 1.
 *
 *     y[o, l, i] = x[o, 0, i],    0 <= l < count
 *     dx[o, 0, i] = sum_l dy[o, l, i]    in double
 *
 * x of any shape with size 1 on `axis`; y has size `count` there.
 *
 * Source: the label that eq. 10b of Sym-GNN gives to every joint.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/broadcast.h"
#include "op/per_frame.h"

typedef struct attributes {
    int axis;
    size_t count;
} attributes;

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    gop_try(gop_op_count(p, 1, 1));
    gop_try(gop_op_axis(p, a->axis));
    if (p->in[0].dim[a->axis] != 1)
        return gop_fail(p->err, GOP_ESHAPE, "axis %d must have size 1 to be repeated, not %zu",
                        a->axis, p->in[0].dim[a->axis]);
    if (a->count == 0)
        return gop_fail(p->err, GOP_EINVAL, "count must be at least 1, not 0");
    p->out = p->in[0];
    p->out.dim[a->axis] = a->count;
    return gop_broadcast_plan(p);
}

GOP_TILE_LOOP(value, a)
GOP_TILE_LOOP(slope_x, dy[i])

static const gop_tile_fn slope[1] = {slope_x};

GOP_BROADCAST_RUNS

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
    for (size_t k = 0; k < gop_shape_size(y.shape); k++)
        y.v[k] = in[0].v[k / s.inner / s.length * s.inner + k % s.inner];
}

static const gop_case cases[] = {
    {"nodes", .in = {{3, {3, 1, 7}}}, .attr = &(attributes){1, 5}},
    {"the last axis", .in = {{2, {301, 1}}}, .attr = &(attributes){1, 64},
     .bench = {{2, {4096, 1}}}},
    {"the first axis", .in = {{2, {1, 301}}}, .attr = &(attributes){0, 64},
     .bench = {{2, {1, 4096}}}},
    {"once", .in = {{2, {1, 7}}}, .attr = &(attributes){0, 1}},
    {0},
};

const gop_op gop_op_repeat = {
    .name = "repeat",
    .attr_size = sizeof(attributes),
    GOP_BROADCAST_TABLE(0),
    .cases = cases,
    .naive = naive,
    .step = step,
};

/*: Repeats an axis of size 1.
 *
 *     y[o, l, i] = x[o, 0, i],   0 <= l < count
 *
 * x of any shape with size 1 on `axis`, where -1 is the last; y has size `count` >= 1 there.
 * Errors: GOP_EINVAL for no such axis or a count of 0; GOP_ESHAPE if the axis has another size than
 * 1; GOP_ENOMEM if y is too large.
 */
GOP_API gop_var gop_repeat(gop_net *net, gop_var x, int axis, size_t count)
{
    attributes a = {gop_axis_of(net, x, axis), count};
    return gop_apply(net, &gop_op_repeat, &a, &x, 1);
}
