/*
 * minimum.c: the smaller of two values, element by element.
 *
 *     y  = min(a, b)
 *     da = dy where a <= b or a is NaN, else 0
 *     db = dy elsewhere
 *
 * The shapes of a and b are broadcast (op/broadcast.h); y has the result.  A NaN in
 * a or b is the result.
 *
 * Source: bounds that depend on data.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/broadcast.h"
#include "op/per_frame.h"

GOP_BROADCAST_TWO((a <= b || a != a ? a : b), (a <= b || a != a ? dy[i] : 0),
                  (a <= b || a != a ? 0 : dy[i]))

/* ------------------------------------------------------------------------- cases */

GOP_BROADCAST_NAIVE((b < a ? b : a))

/* Away from a = b, where the slope jumps: the integers of one are at least 0.1 from the other. */
#define A_SLOPES .range = {{0.1, 0.9}, {0, 2}}, .integers = 1 << 1
#define B_SLOPES .range = {{0, 2}, {0.1, 0.9}}, .integers = 1 << 0

static const gop_case cases[] = {
    {"one shape, a", .in = {{4, {2, 3, 5, 7}}, {4, {2, 3, 5, 7}}}, A_SLOPES,
     .bench = {{4, {32, 26, 25, 64}}, {4, {32, 26, 25, 64}}}},
    {"both", .in = {{2, {3, 5}}, {2, {3, 5}}}, .bench = {{2, {3, 5}}, {2, {3, 5}}}},
    {"one shape, b", .in = {{4, {2, 3, 5, 7}}, {4, {2, 3, 5, 7}}}, B_SLOPES},
    {"a number for each edge, b", .in = {{2, {1301, 19}}, {2, {1301, 1}}}, B_SLOPES},
    {"rows and columns, a", .in = {{2, {13, 1}}, {2, {1, 29}}}, A_SLOPES},
    {"channels, b", .in = {{2, {9000, 5}}, {1, {5}}}, B_SLOPES},
    {0},
};

const gop_op gop_op_minimum = {
    .name = "minimum",
    GOP_BROADCAST_TABLE(GOP_OP_NEEDS_IN),
    .cases = cases,
    .naive = naive,
    .step = gop_step_elements,
};

/*: The smaller of two values, element by element.
 *
 *     y = min(a, b)
 *
 * Where a = b the gradient goes to a.  The result is NaN if a or b is.
 * The shapes of a and b are broadcast: aligned at the last axis, where an axis that one lacks or
 * has with size 1 repeats.  y has the resulting shape.
 * Errors: GOP_ESHAPE if two sizes differ and neither is 1; GOP_ENOMEM if y is too large.
 */
GOP_API gop_var gop_minimum(gop_net *net, gop_var a, gop_var b)
{
    gop_var in[2] = {a, b};
    return gop_apply(net, &gop_op_minimum, NULL, in, 2);
}
