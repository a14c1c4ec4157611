/*
 * relu.c: the rectified linear unit.
 *
 *     y  = max(x, 0)
 *     dx = dy where y > 0, else 0
 *
 * x of any shape; y has the same shape.  A NaN passes through.  At x = 0 the gradient is 0.
 * Backward reads only y, so that y may overwrite x.
 *
 * Source: Sym-GNN's rho in eqs. 6 to 8 (Li et al. 2021); Nair & Hinton 2010.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/op.h"

static gop_status plan(gop_op_plan *p)
{
    p->out = p->in[0];
    return gop_op_count(p, 1, 1);
}

GOP_VECTOR static void rectify(gop_real *y, const gop_real *x, size_t n)
{
    GOP_INDEPENDENT
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] < 0 ? 0 : x[i];
}

GOP_VECTOR static void pass(gop_real *dx, const gop_real *y, const gop_real *dy, size_t n, bool add)
{
    GOP_INDEPENDENT
    for (size_t i = 0; i < n; i++) {
        gop_real d = dy[i];
        GOP_PUT(dx[i], add, y[i] > 0 ? d : 0);
    }
}

static void rows(const gop_run *r, size_t from, size_t to)
{
    rectify(r->out + from, r->in[0] + from, to - from);
}

static void rows_back(const gop_run *r, size_t from, size_t to)
{
    if (r->din[0] != NULL)
        pass(r->din[0] + from, r->out + from, r->dout + from, to - from, r->add[0]);
}

/* ------------------------------------------------------------------------- cases */

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    (void)attr;
    for (size_t i = 0; i < gop_shape_size(y.shape); i++)
        if (in[0].v[i] > 0)
            y.v[i] = in[0].v[i];
}

static const gop_case cases[] = {
    {"rank 3", .in = {{3, {3, 5, 7}}}},
    {0},
};

const gop_op gop_op_relu = {
    .name = "relu",
    .flags = GOP_OP_INPLACE | GOP_OP_NEEDS_OUT | GOP_OP_ELEMENTWISE | GOP_OP_INPLACE_GRAD,
    .plan = plan,
    .rows = rows,
    .rows_back = rows_back,
    .cases = cases,
    .naive = naive,
};

/*: Rectified linear unit.
 *
 *     y = max(x, 0)
 *
 * x of any shape; y has the same shape.
 */
GOP_API gop_var gop_relu(gop_net *net, gop_var x)
{
    return gop_apply(net, &gop_op_relu, NULL, &x, 1);
}
