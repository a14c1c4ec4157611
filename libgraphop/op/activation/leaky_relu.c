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
#include "op/op.h"

#include <math.h>

typedef struct attributes {
    double slope;
} attributes;

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    p->out = p->in[0];
    if (!(a->slope >= 0 && isfinite(a->slope)))
        return gop_fail(p->err, GOP_EINVAL, "slope must be finite and not negative, not %g",
                        a->slope);
    return gop_op_count(p, 1, 1);
}

GOP_VECTOR static void rectify(gop_real *y, const gop_real *x, gop_real by, size_t n)
{
    GOP_INDEPENDENT
    for (size_t i = 0; i < n; i++) {
        gop_real v = x[i], low = by * v;
        y[i] = v < 0 ? low : v;
    }
}

GOP_VECTOR static void pass(gop_real *dx, const gop_real *y, const gop_real *dy, gop_real by,
                            size_t n, bool add)
{
    GOP_INDEPENDENT
    for (size_t i = 0; i < n; i++) {
        gop_real d = dy[i], low = by * d;
        GOP_PUT(dx[i], add, y[i] > 0 ? d : low);
    }
}

static void rows(const gop_run *r, size_t from, size_t to)
{
    const attributes *a = r->attr;
    rectify(r->out + from, r->in[0] + from, (gop_real)a->slope, to - from);
}

static void rows_back(const gop_run *r, size_t from, size_t to)
{
    const attributes *a = r->attr;
    if (r->din[0] != NULL)
        pass(r->din[0] + from, r->out + from, r->dout + from, (gop_real)a->slope, to - from,
             r->add[0]);
}

/* ------------------------------------------------------------------------- cases */

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const attributes *a = attr;
    for (size_t i = 0; i < gop_shape_size(y.shape); i++)
        y.v[i] = (gop_real)((in[0].v[i] < 0 ? a->slope : 1) * (double)in[0].v[i]);
}

static const gop_case cases[] = {
    {"rank 3", .in = {{3, {3, 5, 7}}}, .attr = &(attributes){0.2}},
    {"a slope above 1", .in = {{2, {5, 7}}}, .attr = &(attributes){2.5}},
    {0},
};

const gop_op gop_op_leaky_relu = {
    .name = "leaky_relu",
    .flags = GOP_OP_INPLACE | GOP_OP_NEEDS_OUT | GOP_OP_ELEMENTWISE | GOP_OP_INPLACE_GRAD,
    .attr_size = sizeof(attributes),
    .plan = plan,
    .rows = rows,
    .rows_back = rows_back,
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
