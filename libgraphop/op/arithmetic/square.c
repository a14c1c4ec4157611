/*
 * square.c: the square.
 *
 *     y  = x^2
 *     dx = 2 x dy
 *
 * x of any shape; y has the same shape.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/elementwise.h"

#include <math.h>

GOP_ELEMENTWISE(gop_no_attributes, x, (x * x), (dy * (2 * x)))

/* ------------------------------------------------------------------------- cases */

GOP_ELEMENTWISE_NAIVE(gop_no_attributes, (pow(x, 2)))

static const gop_case cases[] = {
    {"rank 3", .in = {{3, {3, 5, 7}}}, .range = {{-3, 3}}},
    {0},
};

const gop_op gop_op_square = {
    .name = "square",
    GOP_ELEMENTWISE_TABLE(x),
    .plan = gop_elementwise_plan,
    .cases = cases,
    .naive = naive,
};

/*: The square.
 *
 *     y = x^2
 *
 * x of any shape; y has the same shape.
 */
GOP_API gop_var gop_square(gop_net *net, gop_var x)
{
    return gop_apply(net, &gop_op_square, NULL, &x, 1);
}
