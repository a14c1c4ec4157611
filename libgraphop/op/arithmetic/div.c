/*
 * div.c: the quotient of two values, element by element.
 *
 *     y  = a / b
 *     da = dy / b
 *     db = -dy a / b^2
 *
 * The shapes of a and b are broadcast (op/broadcast.h); y has the result.
 *
 * Source: normalisation by sums, such as the degrees of nodes.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/broadcast.h"
#include "op/per_frame.h"

GOP_BROADCAST_TWO((a / b), (dy[i] / b), (-dy[i] * (a / b) / b))

/* ------------------------------------------------------------------------- cases */

GOP_BROADCAST_NAIVE((a / b))

static const gop_case cases[] = {
    {"one shape", .in = {{4, {2, 3, 5, 7}}, {4, {2, 3, 5, 7}}}, .range = {{0}, {0.5, 2}}},
    {"channels", .in = {{2, {9000, 5}}, {1, {5}}}, .range = {{0}, {0.5, 2}}},
    {"rows and columns", .in = {{2, {13, 1}}, {2, {1, 29}}}, .range = {{0}, {0.5, 2}}},
    {0},
};

const gop_op gop_op_div = {
    .name = "div",
    GOP_BROADCAST_TABLE(GOP_OP_NEEDS_IN),
    .cases = cases,
    .naive = naive,
    .step = gop_step_elements,
};

/*: Quotient of two values, element by element.
 *
 *     y = a / b
 *
 * A division by 0 gives an infinity or NaN.
 * The shapes of a and b are broadcast: aligned at the last axis, where an axis that one lacks or
 * has with size 1 repeats.  y has the resulting shape.
 * Errors: GOP_ESHAPE if two sizes differ and neither is 1; GOP_ENOMEM if y is too large.
 */
GOP_API gop_var gop_div(gop_net *net, gop_var a, gop_var b)
{
    gop_var in[2] = {a, b};
    return gop_apply(net, &gop_op_div, NULL, in, 2);
}
