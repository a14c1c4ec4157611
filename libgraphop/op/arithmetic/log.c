/*
 * log.c: the natural logarithm.
 *
 *     y  = log(x)
 *     dx = dy / x
 *
 * x of any shape; y has the same shape.  log(0) is -infinity, and of a negative number NaN.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/elementwise.h"
#include "op/fastmath.h"

#include <math.h>

GOP_ELEMENTWISE(gop_no_attributes, x, (gop_log_at(x)), (dy / x))

/* ------------------------------------------------------------------------- cases */

GOP_ELEMENTWISE_NAIVE(gop_no_attributes, (log1p(x - 1)))

static const gop_case cases[] = {
    {"rank 3", .in = {{3, {3, 5, 7}}}, .range = {{0.2, 3}}},
    {"large", .in = {{2, {5, 7}}}, .range = {{900, 1100}}},
    {"near 1", .in = {{2, {5, 7}}}, .range = {{0.98, 1.02}}},
    {0},
};

const gop_op gop_op_log = {
    .name = "log",
    GOP_ELEMENTWISE_TABLE(x),
    .plan = gop_elementwise_plan,
    .cases = cases,
    .naive = naive,
};

/*: The natural logarithm.
 *
 *     y = log(x)
 *
 * x of any shape; y has the same shape.  As IEEE 754 has it, y is -infinity for 0, and NaN for
 * a negative x and for NaN.  The gradient is dy / x, infinite at 0.
 */
GOP_API gop_var gop_log(gop_net *net, gop_var x)
{
    return gop_apply(net, &gop_op_log, NULL, &x, 1);
}
