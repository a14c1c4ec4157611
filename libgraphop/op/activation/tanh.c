/*
 * tanh.c: the hyperbolic tangent.
 *
 *     y  = tanh(x)
 *     dx = (1 - y^2) dy
 *
 * x of any shape; y has the same shape and may overwrite x: backward reads only y.  A NaN passes
 * through.
 *
 * Source: the candidate states of Hochreiter & Schmidhuber 1997 and Cho et al.
 * 2014.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/elementwise.h"
#include "op/fastmath.h"

#include <math.h>

GOP_ELEMENTWISE(gop_no_attributes, y, (gop_tanh_at(x)), (dy * ((1 - y) * (1 + y))))

/* ------------------------------------------------------------------------- cases */

/* By the definition, which differs from the computation. */
GOP_ELEMENTWISE_NAIVE(gop_no_attributes, (exp(x) - exp(-x)) / (exp(x) + exp(-x)))

/* In a chain of operators whose results share memory. */
static gop_var build_chain(gop_net *net, const gop_var *in, const void *attr)
{
    (void)attr;
    return gop_tanh(net, gop_scale(net, gop_tanh(net, gop_scale(net, in[0], 3)), 0.5));
}

static void naive_chain(gop_tensor y, const gop_tensor *in, const void *attr)
{
    (void)attr;
    for (size_t i = 0; i < gop_shape_size(y.shape); i++)
        y.v[i] = (gop_real)tanh(0.5 * tanh(3 * (double)in[0].v[i]));
}

static const gop_case cases[] = {
    {"rank 3", .in = {{3, {3, 5, 7}}}, .range = {{-3, 3}}},
    {"in a chain", .in = {{2, {5, 7}}}, .build = build_chain, .naive = naive_chain},
    {0},
};

const gop_op gop_op_tanh = {
    .name = "tanh",
    GOP_ELEMENTWISE_TABLE(y),
    .plan = gop_elementwise_plan,
    .cases = cases,
    .naive = naive,
};

/*: The hyperbolic tangent.
 *
 *     y = tanh(x)
 *
 * x of any shape; y has the same shape.
 */
GOP_API gop_var gop_tanh(gop_net *net, gop_var x)
{
    return gop_apply(net, &gop_op_tanh, NULL, &x, 1);
}
