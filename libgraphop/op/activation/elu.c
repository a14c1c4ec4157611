/*
 * elu.c: the exponential linear unit.
 *
 *     y  = x where x > 0, else alpha (exp(x) - 1)
 *     dx = dy where y > 0, else (y + alpha) dy
 *
 * x of any shape; y has the same shape and may overwrite x: y has x's sign because alpha is not
 * negative, so that backward reads only y.  A NaN passes through.
 *
 * Source: Clevert, Unterthiner & Hochreiter 2016.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/elementwise.h"
#include "op/fastmath.h"

#include <math.h>

typedef struct attributes {
    double alpha;
} attributes;

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    if (!(a->alpha >= 0 && isfinite(a->alpha)))
        return gop_fail(p->err, GOP_EINVAL, "alpha must be finite and not negative, not %g",
                        a->alpha);
    return gop_elementwise_plan(p);
}

GOP_ELEMENTWISE(attributes, y, (x > 0 ? x : (gop_real)a.alpha * gop_expm1_at(x)),
                (y > 0 ? dy : dy * (y + (gop_real)a.alpha)))

/* ------------------------------------------------------------------------- cases */

GOP_ELEMENTWISE_NAIVE(attributes, (x > 0 ? x : a->alpha * (exp(x) - 1)))

static const gop_case cases[] = {
    {"rank 3", .in = {{3, {3, 5, 7}}}, .range = {{-4, 2}}, .attr = &(attributes){1}},
    {"another alpha", .in = {{2, {5, 7}}}, .range = {{-4, 2}}, .attr = &(attributes){0.3}},
    {0},
};

const gop_op gop_op_elu = {
    .name = "elu",
    GOP_ELEMENTWISE_TABLE(y),
    .attr_size = sizeof(attributes),
    .plan = plan,
    .cases = cases,
    .naive = naive,
};

/*: Exponential linear unit (Clevert, Unterthiner & Hochreiter 2016).
 *
 *     y = x where x > 0, else alpha (exp(x) - 1)
 *
 * x of any shape; y has the same shape.
 * Errors: GOP_EINVAL for an alpha that is negative or not finite.
 */
GOP_API gop_var gop_elu(gop_net *net, gop_var x, double alpha)
{
    const attributes a = {alpha};
    return gop_apply(net, &gop_op_elu, &a, &x, 1);
}
