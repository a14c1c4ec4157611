/*
 * reciprocal.c: the reciprocal.
 *
 *     y  = 1 / x
 *     dx = -y^2 dy
 *
 * x of any shape; y has the same shape and may overwrite x: backward reads only y.
 * y is infinite at 0, with its sign.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/elementwise.h"

#include <math.h>

GOP_ELEMENTWISE(gop_no_attributes, y, (1 / x), (dy * -(y * y)))

/* ------------------------------------------------------------------------- cases */

GOP_ELEMENTWISE_NAIVE(gop_no_attributes, (pow(x, -1)))

static const gop_case cases[] = {
    {"rank 3", .in = {{3, {3, 5, 7}}}, .range = {{0.4, 3}}},
    {"negative", .in = {{2, {5, 7}}}, .range = {{-3, -0.4}}},
    {0},
};

const gop_op gop_op_reciprocal = {
    .name = "reciprocal",
    GOP_ELEMENTWISE_TABLE(y),
    .plan = gop_elementwise_plan,
    .cases = cases,
    .naive = naive,
};

/*: The reciprocal.
 *
 *     y = 1 / x
 *
 * x of any shape; y has the same shape.  As IEEE 754 has it, y is infinite for 0, with the sign of
 * the 0.  The gradient at 0 is infinite.
 */
GOP_API gop_var gop_reciprocal(gop_net *net, gop_var x)
{
    return gop_apply(net, &gop_op_reciprocal, NULL, &x, 1);
}
