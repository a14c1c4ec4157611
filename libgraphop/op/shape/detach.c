/*
 * detach.c: a value without its history.
 *
 *     y = x,    dx = 0
 *
 * For a head that reads another head's result without training that head.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/op.h"
#include "op/per_frame.h"

static gop_status plan(gop_op_plan *p)
{
    p->out = p->in[0];
    return gop_op_count(p, 1, 1);
}

static void forward(const gop_run *r)
{
    memmove(r->out, r->in[0], gop_shape_size(r->out_shape) * sizeof *r->out);
}

/* ------------------------------------------------------------------------- cases */

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    (void)attr;
    memcpy(y.v, in[0].v, gop_shape_size(y.shape) * sizeof *y.v);
}

static const gop_case cases[] = {
    {"copy", .in = {{2, {3, 5}}}, .fixed = 1},
    {0},
};

const gop_op gop_op_detach = {
    .name = "detach",
    .flags = GOP_OP_INPLACE,
    .plan = plan,
    .forward = forward,
    .cases = cases,
    .naive = naive,
    .step = gop_step_elements,
};

/*: A value without its history: y = x, and no gradient goes back to x.
 *
 * x of any shape; y has the same shape.
 */
GOP_API gop_var gop_detach(gop_net *net, gop_var x)
{
    return gop_apply(net, &gop_op_detach, NULL, &x, 1);
}
