/*
 * sqrt.c: the square root.
 *
 *     y  = sqrt(x)
 *     dx = dy / (2 y)
 *
 * x of any shape; y has the same shape and may overwrite x: backward reads only y.
 * The root of a negative number is NaN.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/elementwise.h"

#include <math.h>

GOP_ELEMENTWISE(gop_no_attributes, y, (GOP_SQRT(x)), (dy / (2 * y)))

/* ------------------------------------------------------------------------- cases */

GOP_ELEMENTWISE_NAIVE(gop_no_attributes, (exp(log(x) / 2)))

static const gop_case cases[] = {
    {"rank 3", .in = {{3, {3, 5, 7}}}, .range = {{0.2, 3}}},
    {"large", .in = {{2, {5, 7}}}, .range = {{900, 1100}}},
    {0},
};

const gop_op gop_op_sqrt = {
    .name = "sqrt",
    GOP_ELEMENTWISE_TABLE(y),
    .plan = gop_elementwise_plan,
    .cases = cases,
    .naive = naive,
};

/*: The square root.
 *
 *     y = sqrt(x)
 *
 * x of any shape; y has the same shape.  As IEEE 754 has it, y is NaN for a negative x and for
 * NaN.  The gradient at 0 is infinite, and NaN where dy is 0, too.
 */
GOP_API gop_var gop_sqrt(gop_net *net, gop_var x)
{
    return gop_apply(net, &gop_op_sqrt, NULL, &x, 1);
}
