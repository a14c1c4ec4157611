/*
 * tanh.c: the hyperbolic tangent.
 *
 *     y  = tanh(x)
 *     dx = (1 - y^2) dy
 *
 * x of any shape; y has the same shape and may overwrite x: backward reads only y.  A NaN passes
 * through.
 *
 * Source: the candidate states of Hochreiter & Schmidhuber 1997 and Cho et al.
 * 2014.
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
        y[i] = gop_tanh_at(x[i]);
}

GOP_VECTOR static void slope(gop_real *dx, const gop_real *y, const gop_real *dy, size_t n,
                             bool add)
{
    GOP_INDEPENDENT
    for (size_t i = 0; i < n; i++)
        GOP_PUT(dx[i], add, dy[i] * ((1 - y[i]) * (1 + y[i])));
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

/* By the definition, which differs from the computation. */
static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    (void)attr;
    for (size_t i = 0; i < gop_shape_size(y.shape); i++) {
        const double up = exp((double)in[0].v[i]), down = exp(-(double)in[0].v[i]);
        y.v[i] = (gop_real)((up - down) / (up + down));
    }
}

/* In a chain of operators whose results share memory. */
static gop_var build_chain(gop_net *net, const gop_var *in, const void *attr)
{
    (void)attr;
    return gop_tanh(net, gop_scale(net, gop_tanh(net, gop_scale(net, in[0], 3)), 0.5));
}

static void naive_chain(gop_tensor y, const gop_tensor *in, const void *attr)
{
    (void)attr;
    for (size_t i = 0; i < gop_shape_size(y.shape); i++)
        y.v[i] = (gop_real)tanh(0.5 * tanh(3 * (double)in[0].v[i]));
}

static const gop_case cases[] = {
    {"rank 3", .in = {{3, {3, 5, 7}}}, .range = {{-3, 3}}},
    {"in a chain", .in = {{2, {5, 7}}}, .build = build_chain, .naive = naive_chain},
    {0},
};

const gop_op gop_op_tanh = {
    .name = "tanh",
    .flags = GOP_OP_INPLACE | GOP_OP_NEEDS_OUT | GOP_OP_ELEMENTWISE | GOP_OP_INPLACE_GRAD,
    .plan = plan,
    .rows = rows,
    .rows_back = rows_back,
    .cases = cases,
    .naive = naive,
};

/*: The hyperbolic tangent.
 *
 *     y = tanh(x)
 *
 * x of any shape; y has the same shape.
 */
GOP_API gop_var gop_tanh(gop_net *net, gop_var x)
{
    return gop_apply(net, &gop_op_tanh, NULL, &x, 1);
}
