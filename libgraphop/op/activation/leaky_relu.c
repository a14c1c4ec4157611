/*
 * leaky_relu.c: the rectified linear unit with a slope for negative x.
 *
 *     y  = x where x >= 0, else slope x
 *     dx = dy where y > 0, else slope dy
 *
 * x of any shape; y has the same shape and may overwrite x: y has x's sign because the slope is not
 * negative, so that backward reads only y.  A NaN passes through.  At x = 0 the gradient is slope
 * dy.
 *
 * Source: Maas, Hannun & Ng 2013.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/elementwise.h"

#include <math.h>

typedef struct attributes {
    double slope;
} attributes;

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    if (!(a->slope >= 0 && isfinite(a->slope)))
        return gop_fail(p->err, GOP_EINVAL, "slope must be finite and not negative, not %g",
                        a->slope);
    return gop_elementwise_plan(p);
}

GOP_ELEMENTWISE(attributes, y, (x < 0 ? (gop_real)a.slope * x : x),
                (y > 0 ? dy : (gop_real)a.slope * dy))

/* ------------------------------------------------------------------------- cases */

GOP_ELEMENTWISE_NAIVE(attributes, (x < 0 ? a->slope : 1) * x)

static const gop_case cases[] = {
    {"rank 3", .in = {{3, {3, 5, 7}}}, .attr = &(attributes){0.2}},
    {"a slope above 1", .in = {{2, {5, 7}}}, .attr = &(attributes){2.5}},
    {0},
};

const gop_op gop_op_leaky_relu = {
    .name = "leaky_relu",
    GOP_ELEMENTWISE_TABLE(y),
    .attr_size = sizeof(attributes),
    .plan = plan,
    .cases = cases,
    .naive = naive,
};

/*: Rectified linear unit with a slope for negative x (Maas, Hannun & Ng 2013).
 *
 *     y = x where x >= 0, else slope x
 *
 * x of any shape; y has the same shape.
 * Errors: GOP_EINVAL for a slope that is negative or not finite.
 */
GOP_API gop_var gop_leaky_relu(gop_net *net, gop_var x, double slope)
{
    attributes a = {slope};
    return gop_apply(net, &gop_op_leaky_relu, &a, &x, 1);
}
