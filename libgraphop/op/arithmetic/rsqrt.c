/*
 * rsqrt.c: the reciprocal of the square root.
 *
 *     y  = 1 / sqrt(x)
 *     dx = -y^3 dy / 2
 *
 * x of any shape; y has the same shape and may overwrite x: backward reads only y.
 * y is infinite at 0, and NaN for a negative number.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/elementwise.h"

#include <math.h>

GOP_ELEMENTWISE(gop_no_attributes, y, (1 / GOP_SQRT(x)), (dy * ((gop_real)-0.5 * y * y * y)))

/* ------------------------------------------------------------------------- cases */

GOP_ELEMENTWISE_NAIVE(gop_no_attributes, (pow(x, -0.5)))

static const gop_case cases[] = {
    {"rank 3", .in = {{3, {3, 5, 7}}}, .range = {{0.3, 3}}},
    {"large", .in = {{2, {5, 7}}}, .range = {{900, 1100}}},
    {0},
};

const gop_op gop_op_rsqrt = {
    .name = "rsqrt",
    GOP_ELEMENTWISE_TABLE(y),
    .plan = gop_elementwise_plan,
    .cases = cases,
    .naive = naive,
};

/*: The reciprocal of the square root.
 *
 *     y = 1 / sqrt(x)
 *
 * x of any shape; y has the same shape.  As IEEE 754 has it, y is infinite for 0, 0 for infinity,
 * and NaN for a negative x and for NaN.  The gradient at 0 is infinite.
 */
GOP_API gop_var gop_rsqrt(gop_net *net, gop_var x)
{
    return gop_apply(net, &gop_op_rsqrt, NULL, &x, 1);
}
