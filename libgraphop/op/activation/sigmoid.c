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
#include "op/fastmath.h"
#include "op/op.h"

#include <math.h>

static gop_status plan(gop_op_plan *p)
{
    p->out = p->in[0];
    return gop_op_count(p, 1, 1);
}

GOP_VECTOR static void squash(gop_real *y, const gop_real *x, size_t n)
{
    GOP_INDEPENDENT
    for (size_t i = 0; i < n; i++)
        y[i] = gop_sigmoid_at(x[i]);
}

GOP_VECTOR static void slope(gop_real *dx, const gop_real *y, const gop_real *dy, size_t n,
                             bool add)
{
    GOP_INDEPENDENT
    for (size_t i = 0; i < n; i++)
        GOP_PUT(dx[i], add, dy[i] * (y[i] * (1 - y[i])));
}

static void rows(const gop_run *r, size_t from, size_t to)
{
    squash(r->out + from, r->in[0] + from, to - from);
}

static void rows_back(const gop_run *r, size_t from, size_t to)
{
    if (r->din[0] != NULL)
        slope(r->din[0] + from, r->out + from, r->dout + from, to - from, r->add[0]);
}

/* ------------------------------------------------------------------------- cases */

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    (void)attr;
    for (size_t i = 0; i < gop_shape_size(y.shape); i++)
        y.v[i] = (gop_real)(1 / (1 + exp(-(double)in[0].v[i])));
}

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
    .flags = GOP_OP_INPLACE | GOP_OP_NEEDS_OUT | GOP_OP_ELEMENTWISE | GOP_OP_INPLACE_GRAD,
    .plan = plan,
    .rows = rows,
    .rows_back = rows_back,
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
