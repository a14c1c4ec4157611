/*
 * relu.c: the rectified linear unit.
 *
 *     y  = max(x, 0)
 *     dx = dy where y > 0, else 0
 *
 * x of any shape; y has the same shape.  A NaN passes through.  At x = 0 the gradient is 0.
 * Backward reads only y, so that y may overwrite x.
 *
 * Source: Sym-GNN's rho in eqs. 6 to 8 (Li et al. 2021); Nair & Hinton 2010.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/elementwise.h"

GOP_ELEMENTWISE(gop_no_attributes, y, (x < 0 ? 0 : x), (y > 0 ? dy : 0))

/* ------------------------------------------------------------------------- cases */

GOP_ELEMENTWISE_NAIVE(gop_no_attributes, x > 0 ? x : 0)

static const gop_case cases[] = {
    {"rank 3", .in = {{3, {3, 5, 7}}}},
    {0},
};

const gop_op gop_op_relu = {
    .name = "relu",
    GOP_ELEMENTWISE_TABLE(y),
    .plan = gop_elementwise_plan,
    .cases = cases,
    .naive = naive,
};

/*: Rectified linear unit.
 *
 *     y = max(x, 0)
 *
 * x of any shape; y has the same shape.
 */
GOP_API gop_var gop_relu(gop_net *net, gop_var x)
{
    return gop_apply(net, &gop_op_relu, NULL, &x, 1);
}
