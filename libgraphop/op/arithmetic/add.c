/*
 * add.c: the sum of two values.
 *
 *     y  = a + b
 *     da = dy
 *     db = dy
 *
 * The shapes of a and b are broadcast (op/broadcast.h); y has the result.
 *
 * Source: residuals; biases of nodes.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/broadcast.h"
#include "op/per_frame.h"

GOP_BROADCAST_TWO((a + b), (dy[i]), (dy[i]))

/* ------------------------------------------------------------------------- cases */

GOP_BROADCAST_NAIVE((a + b))

static const gop_case cases[] = {
    {"one shape", .in = {{4, {2, 3, 5, 7}}, {4, {2, 3, 5, 7}}}},
    {"a scalar", .in = {{3, {3, 5, 7}}, {0, {1}}}},
    {"channels, several pieces", .in = {{2, {9000, 5}}, {1, {5}}}},
    {"nodes", .in = {{4, {2, 3, 5, 7}}, {3, {3, 1, 1}}}},
    {"channels of nodes, to the left", .in = {{3, {3, 1, 7}}, {4, {2, 3, 5, 7}}}},
    {"a number for each edge", .in = {{2, {1301, 19}}, {2, {1301, 1}}},
     .bench = {{2, {20000, 64}}, {2, {20000, 1}}}},
    {"rows and columns", .in = {{2, {13, 1}}, {2, {1, 29}}}},
    {"rows and columns, alternating", .in = {{4, {3, 1, 5, 1}}, {4, {1, 2, 1, 7}}}},
    {"more elements than are small", .in = {{3, {3, 5, 7000}}, {2, {5, 7000}}}},
    {0},
};

const gop_op gop_op_add = {
    .name = "add",
    GOP_BROADCAST_TABLE(0),
    .cases = cases,
    .naive = naive,
    .step = gop_step_elements,
};

/*: Sum of two values.
 *
 *     y = a + b
 *
 * The shapes of a and b are broadcast: aligned at the last axis, where an axis that one lacks or
 * has with size 1 repeats.  y has the resulting shape.
 * Errors: GOP_ESHAPE if two sizes differ and neither is 1; GOP_ENOMEM if y is too large.
 */
GOP_API gop_var gop_add(gop_net *net, gop_var a, gop_var b)
{
    gop_var in[2] = {a, b};
    return gop_apply(net, &gop_op_add, NULL, in, 2);
}
