/*
 * sigmoid.c: the logistic function.
 *
 *     y  = 1 / (1 + exp(-x))
 *     dx = y (1 - y) dy
 *
 * x of any shape, y has the same and may be written over x: backward reads y
 * only.  A NaN passes through.
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

GOP_VECTOR static void slope(gop_real *dx, const gop_real *y, const gop_real *dy, size_t n)
{
    GOP_INDEPENDENT
    for (size_t i = 0; i < n; i++)
        dx[i] = dy[i] * (y[i] * (1 - y[i]));
}

GOP_VECTOR static void slope_add(gop_real *dx, const gop_real *y, const gop_real *dy, size_t n)
{
    GOP_INDEPENDENT
    for (size_t i = 0; i < n; i++)
        dx[i] += dy[i] * (y[i] * (1 - y[i]));
}

static void rows(const gop_run *r, size_t from, size_t to)
{
    squash(r->out + from, r->in[0] + from, to - from);
}

static void rows_back(const gop_run *r, size_t from, size_t to)
{
    if (r->din[0] != NULL)
        (r->add[0] ? slope_add : slope)(r->din[0] + from, r->out + from, r->dout + from, to - from);
}

/* ------------------------------------------------------------------------- cases */

static gop_var build(gop_net *net, const gop_var *in)
{
    return gop_sigmoid(net, in[0]);
}

static void naive(gop_real *out, const gop_real *const *in)
{
    for (int i = 0; i < 3 * 5 * 7; i++)
        out[i] = (gop_real)(1 / (1 + exp(-(double)in[0][i])));
}

/* Where exp(-x) alone would overflow a float, or vanish. */
static void naive_far(gop_real *out, const gop_real *const *in)
{
    for (int i = 0; i < 5 * 7; i++)
        out[i] = in[0][i] > 0 ? 1 : 0;
}

/* On either side, at 100 or more from zero. */
static gop_var build_far(gop_net *net, const gop_var *in)
{
    return gop_sigmoid(net, gop_axpby(net, 400, in[0], -200, in[1]));
}

static const gop_case cases[] = {
    {.name = "rank 3",
     .n_in = 1,
     .in = {{3, {3, 5, 7, 1}}},
     .range = {{.lo = -6, .hi = 6}},
     .build = build,
     .naive = naive},
    {.name = "far from zero",
     .n_in = 2,
     .in = {{2, {5, 7, 1, 1}}, {2, {5, 7, 1, 1}}},
     .range = {{.lo = 0, .hi = 2, .fixed = true, .integer = true}, {.lo = 1, .hi = 1.5}},
     .build = build_far,
     .naive = naive_far},
    {.name = NULL},
};

const gop_op gop_op_sigmoid = {
    .name = "sigmoid",
    .flags = GOP_OP_INPLACE | GOP_OP_NEEDS_OUT | GOP_OP_ELEMENTWISE | GOP_OP_INPLACE_GRAD,
    .plan = plan,
    .rows = rows,
    .rows_back = rows_back,
    .cases = cases,
};

/*: The logistic function.
 *
 *     y = 1 / (1 + exp(-x))
 *
 * x of any shape; y has the same.
 */
GOP_API gop_var gop_sigmoid(gop_net *net, gop_var x)
{
    return gop_apply(net, &gop_op_sigmoid, NULL, &x, 1);
}
