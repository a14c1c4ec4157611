/*
 * softplus.c: a smooth relu.
 *
 *     y  = log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|))
 *     dx = dy / (1 + exp(-x)) = (1 - exp(-y)) dy
 *
 * x of any shape; y has the same shape and may overwrite x: backward reads only y.  A NaN passes
 * through.
 *
 * Source: Dugas et al. 2001.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/elementwise.h"
#include "op/fastmath.h"

#include <math.h>

GOP_ELEMENTWISE(gop_no_attributes, y, ((x > 0 ? x : 0) + gop_log1p_at(gop_exp_down(-GOP_FABS(x)))),
                (dy * -gop_expm1_at(-y)))

/* ------------------------------------------------------------------------- cases */

GOP_ELEMENTWISE_NAIVE(gop_no_attributes, (log(1 + exp(x))))

static const gop_case cases[] = {
    {"rank 3", .in = {{3, {3, 5, 7}}}, .range = {{-6, 6}}},
    {"far below 0", .in = {{2, {5, 7}}}, .range = {{-12, -8}}},
    {"far above 0", .in = {{2, {5, 7}}}, .range = {{20, 30}}},
    {0},
};

const gop_op gop_op_softplus = {
    .name = "softplus",
    GOP_ELEMENTWISE_TABLE(y),
    .plan = gop_elementwise_plan,
    .cases = cases,
    .naive = naive,
};

/*: Softplus, a smooth relu (Dugas et al. 2001).
 *
 *     y = log(1 + exp(x))
 *
 * x of any shape; y has the same shape.  y is x for a large x, and 0 below -87.3.  A NaN passes
 * through.
 */
GOP_API gop_var gop_softplus(gop_net *net, gop_var x)
{
    return gop_apply(net, &gop_op_softplus, NULL, &x, 1);
}
