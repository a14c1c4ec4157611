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
#  include <config.h>
#endif
#include "op/op.h"

typedef struct attributes {
    int axis;
} attributes;

/* A chunk is some outer places' block of at most BLOCK inner ones. */
enum { BLOCK = 256, LANES = 8 };

typedef struct job {
    const gop_run *r;
    gop_span x;
    size_t at_once, blocks;
} job;

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    gop_status s = gop_op_count(p, 1, 1);
    if (s == GOP_OK)
        s = gop_op_axis(p, a->axis);
    if (s != GOP_OK)
        return s;
    p->out = gop_shape0();
    p->out.rank = p->in[0].rank - 1;
    for (int i = 0, k = 0; i < p->in[0].rank; i++)
        if (i != a->axis)
            p->out.dim[k++] = p->in[0].dim[i];
    return GOP_OK;
}

static job prepare(const gop_run *r)
{
    const attributes *a = r->attr;
    job j = {.r = r, .x = gop_span_of(r->in_shape[0], a->axis)};
    j.blocks = gop_pieces(j.x.inner, BLOCK);
    j.at_once = gop_rows(j.x.length * gop_min(j.x.inner, BLOCK));
    return j;
}

/* y[k] = sum of x[l, k] over `length` rows that lie `row` apart. */
GOP_VECTOR static void sum_rows(gop_real *restrict y, const gop_real *restrict x, size_t length,
                                size_t row, size_t n)
{
    double sum[BLOCK];
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

static void add_up(void *arg, size_t i, int thread)
{
    const job *j = arg;
    size_t begin = i / j->blocks * j->at_once, end = gop_min(begin + j->at_once, j->x.outer);
    size_t at = i % j->blocks * BLOCK, n = gop_min(BLOCK, j->x.inner - at);
    (void)thread;
    for (size_t o = begin; o < end; o++) {
        const gop_real *x = j->r->in[0] + o * j->x.length * j->x.inner + at;
        if (j->x.inner == 1)
            j->r->out[o] = sum_line(x, j->x.length);
        else
            sum_rows(j->r->out + o * j->x.inner + at, x, j->x.length, j->x.inner, n);
    }
}

static void spread(void *arg, size_t i, int thread)
{
    const job *j = arg;
    size_t begin = i / j->blocks * j->at_once, end = gop_min(begin + j->at_once, j->x.outer);
    size_t at = i % j->blocks * BLOCK, n = gop_min(BLOCK, j->x.inner - at);
    (void)thread;
    for (size_t o = begin; o < end; o++) {
        gop_real *dx = j->r->din[0] + o * j->x.length * j->x.inner + at;
        const gop_real *dy = j->r->dout + o * j->x.inner + at;
        if (j->x.inner == 1)
            spread_line(dx, *dy, j->x.length, j->r->add[0]);
        else
            for (size_t l = 0; l < j->x.length; l++)
                gop_move(dx + l * j->x.inner, dy, n, j->r->add[0]);
    }
}

static void forward(const gop_run *r)
{
    job j = prepare(r);
    gop_parallel(r->ctx, gop_pieces(j.x.outer, j.at_once) * j.blocks, add_up, &j);
}

static void backward(const gop_run *r)
{
    job j = prepare(r);
    if (r->din[0] != NULL)
        gop_parallel(r->ctx, gop_pieces(j.x.outer, j.at_once) * j.blocks, spread, &j);
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
    {.name = "nodes", .n_in = 1, .in = {{4, {2, 3, 5, 7}}}, .build = build_nodes,
     .naive = naive_nodes},
    {.name = "channels", .n_in = 1, .in = {{3, {3, 5, 19, 1}}}, .build = build_channels,
     .naive = naive_channels},
    {.name = "to a scalar", .n_in = 1, .in = {{2, {3, 301, 1, 1}}}, .build = build_all,
     .naive = naive_all},
    {.name = NULL},
};

const gop_op gop_op_sum = {
    .name = "sum",
    .attr_size = sizeof(attributes),
    .plan = plan,
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
    attributes a = {axis};
    return gop_apply(net, &gop_op_sum, &a, &x, 1);
}
