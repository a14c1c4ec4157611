/*
 * silu.c: the sigmoid linear unit, also called swish.
 *
 *     y  = x s,                    s = 1 / (1 + exp(-x))
 *     dx = s (1 + x (1 - s)) dy
 *
 * x of any shape; y has the same shape.  A NaN passes through.  Below -87.3, s is 0.
 *
 * Source: Elfwing, Uchibe & Doya 2018; Hendrycks & Gimpel 2016.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/elementwise.h"
#include "op/fastmath.h"

#include <math.h>

/* 1 / (1 + exp(-x)), and 0 where that is too small for products with x to be exact. */
static inline gop_real gate(gop_real x)
{
    const gop_real s = gop_sigmoid_at(x);
    return x < (gop_real)-87.3 ? 0 : s;
}

static inline gop_real slope(gop_real x)
{
    const gop_real s = gate(x);
    return s * (1 + x * (1 - s));
}

GOP_ELEMENTWISE(gop_no_attributes, x, (x * gate(x)), (dy * slope(x)))

/* ------------------------------------------------------------------------- cases */

GOP_ELEMENTWISE_NAIVE(gop_no_attributes, (x / (1 + exp(-x))))

static const gop_case cases[] = {
    {"rank 3", .in = {{3, {3, 5, 7}}}, .range = {{-6, 6}}},
    {"far below 0", .in = {{2, {5, 7}}}, .range = {{-30, -20}}},
    {0},
};

const gop_op gop_op_silu = {
    .name = "silu",
    GOP_ELEMENTWISE_TABLE(x),
    .plan = gop_elementwise_plan,
    .cases = cases,
    .naive = naive,
};

/*: Sigmoid linear unit, also called swish (Elfwing, Uchibe & Doya 2018).
 *
 *     y = x / (1 + exp(-x))
 *
 * x of any shape; y has the same shape.  A NaN and -infinity give NaN.
 */
GOP_API gop_var gop_silu(gop_net *net, gop_var x)
{
    return gop_apply(net, &gop_op_silu, NULL, &x, 1);
}
