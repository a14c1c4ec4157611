/*
 * exp.c: the exponential.
 *
 *     y  = exp(x)
 *     dx = y dy
 *
 * x of any shape; y has the same shape and may overwrite x: backward reads only y.
 * y is infinite above 88.72 in float, 0 below -103.97, and NaN for NaN.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/elementwise.h"
#include "op/fastmath.h"

#include <math.h>

GOP_ELEMENTWISE(gop_no_attributes, y, (gop_exp_full(x)), (dy * y))

/* ------------------------------------------------------------------------- cases */

GOP_ELEMENTWISE_NAIVE(gop_no_attributes, (pow(2.71828182845904523536, x)))

static const gop_case cases[] = {
    {"rank 3", .in = {{3, {3, 5, 7}}}, .range = {{-3, 3}}},
    {"small results", .in = {{2, {5, 7}}}, .range = {{-20, -10}}},
    {0},
};

const gop_op gop_op_exp = {
    .name = "exp",
    GOP_ELEMENTWISE_TABLE(y),
    .plan = gop_elementwise_plan,
    .cases = cases,
    .naive = naive,
};

/*: The exponential.
 *
 *     y = exp(x)
 *
 * x of any shape; y has the same shape.  As IEEE 754 has it, y is infinite where it is too
 * large, 0 for -infinity, and NaN for NaN.
 */
GOP_API gop_var gop_exp(gop_net *net, gop_var x)
{
    return gop_apply(net, &gop_op_exp, NULL, &x, 1);
}
