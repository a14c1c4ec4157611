/*
 * sigmoid.c: the logistic function.
 *
 *     y  = 1 / (1 + exp(-x))
 *     dx = y (1 - y) dy
 *
 * x of any shape; y has the same shape and may overwrite x: backward reads only y.  A NaN passes
 * through.
 *
 * Source: the gates of Hochreiter & Schmidhuber 1997 and Cho et al. 2014.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/elementwise.h"
#include "op/fastmath.h"

#include <math.h>

GOP_ELEMENTWISE(gop_no_attributes, y, (gop_sigmoid_at(x)), (dy * (y * (1 - y))))

/* ------------------------------------------------------------------------- cases */

GOP_ELEMENTWISE_NAIVE(gop_no_attributes, 1 / (1 + exp(-x)))

/* On either side, at 100 or more from zero, where exp(-x) alone would overflow a float, or
 * vanish. */
static gop_var build_far(gop_net *net, const gop_var *in, const void *attr)
{
    (void)attr;
    return gop_sigmoid(net, gop_axpby(net, 400, in[0], -200, in[1]));
}

static void naive_far(gop_tensor y, const gop_tensor *in, const void *attr)
{
    (void)attr;
    for (size_t i = 0; i < gop_shape_size(y.shape); i++)
        y.v[i] = in[0].v[i] > 0 ? 1 : 0;
}

static const gop_case cases[] = {
    {"rank 3", .in = {{3, {3, 5, 7}}}, .range = {{-6, 6}}},
    {"far from zero", .in = {{2, {5, 7}}, {2, {5, 7}}}, .range = {{0, 2}, {1, 1.5}}, .integers = 1,
     .build = build_far, .naive = naive_far},
    {0},
};

const gop_op gop_op_sigmoid = {
    .name = "sigmoid",
    GOP_ELEMENTWISE_TABLE(y),
    .plan = gop_elementwise_plan,
    .cases = cases,
    .naive = naive,
};

/*: The logistic function.
 *
 *     y = 1 / (1 + exp(-x))
 *
 * x of any shape; y has the same shape.
 */
GOP_API gop_var gop_sigmoid(gop_net *net, gop_var x)
{
    return gop_apply(net, &gop_op_sigmoid, NULL, &x, 1);
}
