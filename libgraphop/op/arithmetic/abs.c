/*
 * abs.c: the absolute value.
 *
 *     y  = |x|
 *     dx = dy where x > 0, -dy where x < 0, else 0
 *
 * x of any shape; y has the same shape.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/elementwise.h"

#include <math.h>

GOP_ELEMENTWISE(gop_no_attributes, x, (GOP_FABS(x)), (x > 0 ? dy : x < 0 ? -dy : 0))

/* ------------------------------------------------------------------------- cases */

GOP_ELEMENTWISE_NAIVE(gop_no_attributes, (x < 0 ? -x : x))

static const gop_case cases[] = {
    {"rank 3", .in = {{3, {3, 5, 7}}}, .range = {{0, 0}}},
    {"negative", .in = {{2, {5, 7}}}, .range = {{-3, -1}}},
    {0},
};

const gop_op gop_op_abs = {
    .name = "abs",
    GOP_ELEMENTWISE_TABLE(x),
    .plan = gop_elementwise_plan,
    .cases = cases,
    .naive = naive,
};

/*: The absolute value.
 *
 *     y = |x|
 *
 * x of any shape; y has the same shape.  The gradient at 0 is 0.  A NaN passes through, and its
 * gradient is 0.
 */
GOP_API gop_var gop_abs(gop_net *net, gop_var x)
{
    return gop_apply(net, &gop_op_abs, NULL, &x, 1);
}
