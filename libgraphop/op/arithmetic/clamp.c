/*
 * clamp.c: limits each element to a range.
 *
 *     y  = min where x < min, max where x > max, else x
 *     dx = dy where min < y < max, else 0
 *
 * x of any shape; y has the same shape and may overwrite x: backward reads only y, which is why
 * the gradient at a bound itself is 0, as relu's.  A NaN passes through.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/elementwise.h"

#include <math.h>

typedef struct attributes {
    double min, max;
} attributes;

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    if (!(a->min <= a->max))
        return gop_fail(p->err, GOP_EINVAL, "min %g must not be above max %g, and neither NaN",
                        a->min, a->max);
    return gop_elementwise_plan(p);
}

GOP_ELEMENTWISE(attributes, y,
                (x < (gop_real)a.min   ? (gop_real)a.min
                 : x > (gop_real)a.max ? (gop_real)a.max
                                       : x),
                (y > (gop_real)a.min && y < (gop_real)a.max ? dy : 0))

/* ------------------------------------------------------------------------- cases */

GOP_ELEMENTWISE_NAIVE(attributes, (fmin(fmax(x, a->min), a->max)))

static const gop_case cases[] = {
    {"rank 3", .in = {{3, {3, 5, 7}}}, .range = {{-1, 1}}, .attr = &(attributes){-0.5, 0.25}},
    {"one bound", .in = {{2, {5, 7}}}, .range = {{-1, 1}}, .attr = &(attributes){-INFINITY, 0.25}},
    {"everything outside", .in = {{2, {5, 7}}}, .range = {{-1, 1}}, .attr = &(attributes){2, 2}},
    {0},
};

const gop_op gop_op_clamp = {
    .name = "clamp",
    GOP_ELEMENTWISE_TABLE(y),
    .attr_size = sizeof(attributes),
    .plan = plan,
    .cases = cases,
    .naive = naive,
};

/*: Limits each element to [min, max].
 *
 *     y = min where x < min, max where x > max, else x
 *
 * x of any shape; y has the same shape.  A bound may be infinite.  The gradient is dy where
 * min < y < max, and 0 elsewhere, at the bounds, too.  A NaN passes through, and its gradient is
 * 0.
 * Errors: GOP_EINVAL if min is above max or a bound is NaN.
 */
GOP_API gop_var gop_clamp(gop_net *net, gop_var x, double min, double max)
{
    const attributes a = {min, max};
    return gop_apply(net, &gop_op_clamp, &a, &x, 1);
}
