/*
 * sum.c: the sum along one axis, which disappears.
 *
 *     y[o, i]     = sum_l x[o, l, i]
 *     dx[o, l, i] = dy[o, i]
 *
 * x of any shape, L places on `axis`; y has x's shape without it.  Sums are in
 * double: in the order of l, or along the last axis in lanes of fixed order.
 *
 * Source: beside mean.c.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/arithmetic/reduce.h"

enum { LANES = 8 };

/* y[k] = sum of x[l, k] over `length` rows that lie `row` apart. */
GOP_VECTOR static void sum_rows(gop_real *restrict y, const gop_real *restrict x, size_t length,
                                size_t row, size_t n)
{
    double sum[GOP_REDUCE_BLOCK];
    for (size_t k = 0; k < n; k++)
        sum[k] = 0;
    for (size_t l = 0; l < length; l++)
        for (size_t k = 0; k < n; k++)
            sum[k] += (double)x[l * row + k];
    for (size_t k = 0; k < n; k++)
        y[k] = (gop_real)sum[k];
}

GOP_VECTOR static gop_real sum_line(const gop_real *x, size_t n)
{
    double lane[LANES] = {0}, sum = 0;
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            lane[k] += (double)x[i + k];
    for (; i < n; i++)
        lane[i % LANES] += (double)x[i];
    for (size_t k = 0; k < LANES; k++)
        sum += lane[k];
    return (gop_real)sum;
}

GOP_VECTOR static void spread_line(gop_real *dx, gop_real dy, size_t n, bool add)
{
    if (add)
        for (size_t i = 0; i < n; i++)
            dx[i] += dy;
    else
        for (size_t i = 0; i < n; i++)
            dx[i] = dy;
}

static void add_up(const gop_run *r, const gop_reduce_at *at)
{
    const gop_real *x = r->in[0] + at->x;
    if (at->inner == 1)
        r->out[at->y] = sum_line(x, at->length);
    else
        sum_rows(r->out + at->y, x, at->length, at->inner, at->n);
}

static void spread(const gop_run *r, const gop_reduce_at *at)
{
    gop_real *dx = r->din[0] + at->x;
    const gop_real *dy = r->dout + at->y;
    if (at->inner == 1)
        spread_line(dx, *dy, at->length, r->add[0]);
    else
        for (size_t l = 0; l < at->length; l++)
            gop_move(dx + l * at->inner, dy, at->n, r->add[0]);
}

static void forward(const gop_run *r)
{
    gop_reduce_run(r, add_up);
}

static void backward(const gop_run *r)
{
    if (r->din[0] != NULL)
        gop_reduce_run(r, spread);
}

/* ------------------------------------------------------------------------- cases */

static gop_var build_nodes(gop_net *net, const gop_var *in)
{
    return gop_sum(net, in[0], 1);
}

static void naive_nodes(gop_real *out, const gop_real *const *in)
{
    for (int n = 0; n < 2; n++)
        for (int i = 0; i < 5 * 7; i++) {
            double sum = 0;
            for (int m = 0; m < 3; m++)
                sum += (double)in[0][(n * 3 + m) * 35 + i];
            out[n * 35 + i] = (gop_real)sum;
        }
}

static gop_var build_channels(gop_net *net, const gop_var *in)
{
    return gop_sum(net, in[0], 2);
}

static void naive_channels(gop_real *out, const gop_real *const *in)
{
    for (int row = 0; row < 3 * 5; row++) {
        double sum = 0;
        for (int c = 0; c < 19; c++)
            sum += (double)in[0][row * 19 + c];
        out[row] = (gop_real)sum;
    }
}

/* More inner places than one block, and down to a scalar. */
static gop_var build_all(gop_net *net, const gop_var *in)
{
    return gop_sum(net, gop_sum(net, in[0], 0), 0);
}

static void naive_all(gop_real *out, const gop_real *const *in)
{
    double sum = 0;
    for (int i = 0; i < 3 * 301; i++)
        sum += (double)in[0][i];
    out[0] = (gop_real)sum;
}

static const gop_case cases[] = {
    {.name = "nodes",
     .n_in = 1,
     .in = {{4, {2, 3, 5, 7}}},
     .build = build_nodes,
     .naive = naive_nodes},
    {.name = "channels",
     .n_in = 1,
     .in = {{3, {3, 5, 19, 1}}},
     .build = build_channels,
     .naive = naive_channels},
    {.name = "to a scalar",
     .n_in = 1,
     .in = {{2, {3, 301, 1, 1}}},
     .build = build_all,
     .naive = naive_all},
    {.name = NULL},
};

const gop_op gop_op_sum = {
    .name = "sum",
    .attr_size = sizeof(gop_reduce_attributes),
    .plan = gop_reduce_plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
};

/*: The sum along an axis.
 *
 *     y[o, i] = sum_l x[o, l, i]
 *
 * x of any shape, 0 <= axis < rank; y has x's shape without the axis.
 */
GOP_API gop_var gop_sum(gop_net *net, gop_var x, int axis)
{
    gop_reduce_attributes a = {axis};
    return gop_apply(net, &gop_op_sum, &a, &x, 1);
}
