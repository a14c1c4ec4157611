/*
 * detach.c: a value without its history.
 *
 *     y = x,    dx = 0
 *
 * For heads that read another head's result without training it.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/op.h"

#include <string.h>

static gop_status detach_plan(gop_op_plan *p)
{
    p->out = p->in[0];
    return gop_op_count(p, 1, 1);
}

static void detach_forward(const gop_run *r)
{
    memmove(r->out, r->in[0], gop_shape_size(r->out_shape) * sizeof *r->out);
}

static gop_var build(gop_net *net, const gop_var *in)
{
    return gop_detach(net, in[0]);
}

static void naive(gop_real *out, const gop_real *const *in)
{
    for (size_t i = 0; i < 15; i++)
        out[i] = in[0][i];
}

static const gop_case cases[] = {
    {.name = "copy", .in = {{2, {3, 5}}}, .fixed = 1, .build_old = build, .naive_old = naive},
    {.name = NULL},
};

const gop_op gop_op_detach = {
    .name = "detach",
    .flags = GOP_OP_INPLACE,
    .plan = detach_plan,
    .forward = detach_forward,
    .cases = cases,
};

/*: A value without its history: y = x, and no gradient goes back to x.
 *
 * x of any shape; y has the same.
 */
GOP_API gop_var gop_detach(gop_net *net, gop_var x)
{
    return gop_apply(net, &gop_op_detach, NULL, &x, 1);
}
