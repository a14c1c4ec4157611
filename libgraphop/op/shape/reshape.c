/*
 * reshape.c: the same elements with another shape, without a copy.
 *
 *     y[k] = x[k],  dx[k] = dy[k]    in row-major order
 *
 * Source: vec(.) in Sym-GNN's AGIM: with [N, M, T, C] a joint's whole history
 * is one row of [N, M, T C].
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/op.h"
#include "op/per_frame.h"

typedef struct attributes {
    gop_shape shape;
} attributes;

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    gop_try(gop_op_count(p, 1, 1));
    char text[80];
    size_t want = gop_shape_size(p->in[0]), size = 1;
    bool fits = a->shape.rank >= 0 && a->shape.rank <= GOP_MAX_RANK;
    for (int i = 0; fits && i < a->shape.rank; i++) {
        fits = a->shape.dim[i] > 0 && size <= want / a->shape.dim[i];
        size *= fits ? a->shape.dim[i] : 1;
    }
    if (!fits || size != want)
        return gop_fail(p->err, GOP_ESHAPE, "shape %s does not have %zu elements",
                        gop_shape_text(text, sizeof text, a->shape), want);
    /* Dimensions beyond the rank are set to 1. */
    p->out = gop_shape0();
    p->out.rank = a->shape.rank;
    for (int i = 0; i < a->shape.rank; i++)
        p->out.dim[i] = a->shape.dim[i];
    return GOP_OK;
}

static gop_status step(gop_op_step *s)
{
    gop_frame_axis f;
    if (!gop_step_find_axis(&f, s->out_shape, s->at[0]))
        return gop_fail(s->err, GOP_EINVAL, "it spreads the frames over several axes");
    ((attributes *)s->one)->shape.dim[f.axis] /= s->at[0].frames;
    return GOP_OK;
}

/* ------------------------------------------------------------------------- cases */

/* Between two operators, and with a second use of its input. */
static gop_var build(gop_net *net, const gop_var *in, const void *attr)
{
    const gop_shape flat = gop_net_shape(net, in[0]), shape = gop_net_shape(net, in[1]);
    gop_var x = gop_scale(net, in[0], 2);
    gop_var y = gop_mul(net, gop_reshape(net, x, shape), in[1]);
    (void)attr;
    return gop_add(net, gop_reshape(net, y, flat), x);
}

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    (void)attr;
    for (size_t i = 0; i < gop_shape_size(y.shape); i++)
        y.v[i] = 2 * in[0].v[i] * in[1].v[i] + 2 * in[0].v[i];
}

static const gop_case cases[] = {
    {"views", .in = {{1, {30}}, {3, {5, 2, 3}}}, .build = build},
    {0},
};

const gop_op gop_op_reshape = {
    .name = "reshape",
    .flags = GOP_OP_VIEW,
    .attr_size = sizeof(attributes),
    .plan = plan,
    .cases = cases,
    .naive = naive,
    .step = step,
};

/*: The same elements with another shape.
 *
 *     y[k] = x[k]    in row-major order
 *
 * `shape` must have as many elements as x.  Nothing is copied.
 */
GOP_API gop_var gop_reshape(gop_net *net, gop_var x, gop_shape shape)
{
    attributes a = {shape};
    return gop_apply(net, &gop_op_reshape, &a, &x, 1);
}
