/*
 * mean.c: the average along one axis, which disappears.
 *
 *     y[o, i]     = 1/L sum_l x[o, l, i]
 *     dx[o, l, i] = dy[o, i] / L
 *
 * x of any shape, L places on `axis`; y has x's shape without it.  Sums are in
 * double, in the order of l.
 *
 * Source: the temporal and joint averages of Sym-GNN sections 5.1.2 and 5.2.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif
#include "op/op.h"

typedef struct attributes {
    int axis;
} attributes;

/* A chunk is some outer places' block of at most BLOCK inner ones. */
enum { BLOCK = 256 };

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

GOP_VECTOR static void accumulate(double *restrict sum, const gop_real *restrict x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sum[i] += (double)x[i];
}

GOP_VECTOR static void multiply(gop_real *restrict to, const gop_real *restrict from, gop_real by,
                                size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = by * from[i];
}

GOP_VECTOR static void multiply_add(gop_real *restrict to, const gop_real *restrict from,
                                    gop_real by, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] += by * from[i];
}

static void average(void *arg, size_t i, int thread)
{
    const job *j = arg;
    size_t begin = i / j->blocks * j->at_once, end = gop_min(begin + j->at_once, j->x.outer);
    size_t at = i % j->blocks * BLOCK, n = gop_min(BLOCK, j->x.inner - at);
    (void)thread;
    for (size_t o = begin; o < end; o++) {
        const gop_real *x = j->r->in[0] + o * j->x.length * j->x.inner + at;
        gop_real *y = j->r->out + o * j->x.inner + at;
        double sum[BLOCK];
        memset(sum, 0, n * sizeof *sum);
        for (size_t l = 0; l < j->x.length; l++)
            accumulate(sum, x + l * j->x.inner, n);
        for (size_t k = 0; k < n; k++)
            y[k] = (gop_real)(sum[k] / (double)j->x.length);
    }
}

static void spread(void *arg, size_t i, int thread)
{
    const job *j = arg;
    size_t begin = i / j->blocks * j->at_once, end = gop_min(begin + j->at_once, j->x.outer);
    size_t at = i % j->blocks * BLOCK, n = gop_min(BLOCK, j->x.inner - at);
    gop_real by = 1 / (gop_real)j->x.length;
    (void)thread;
    for (size_t o = begin; o < end; o++)
        for (size_t l = 0; l < j->x.length; l++)
            (j->r->add[0] ? multiply_add : multiply)(
                j->r->din[0] + (o * j->x.length + l) * j->x.inner + at,
                j->r->dout + o * j->x.inner + at, by, n);
}

static void forward(const gop_run *r)
{
    job j = prepare(r);
    gop_parallel(r->ctx, gop_pieces(j.x.outer, j.at_once) * j.blocks, average, &j);
}

static void backward(const gop_run *r)
{
    job j = prepare(r);
    if (r->din[0] != NULL)
        gop_parallel(r->ctx, gop_pieces(j.x.outer, j.at_once) * j.blocks, spread, &j);
}

/* ------------------------------------------------------------------------- cases */

static gop_var build_frames(gop_net *net, const gop_var *in)
{
    return gop_mean(net, in[0], 2);
}

static void naive_frames(gop_real *out, const gop_real *const *in)
{
    for (int row = 0; row < 2 * 3; row++)
        for (int c = 0; c < 7; c++) {
            double sum = 0;
            for (int t = 0; t < 5; t++)
                sum += (double)in[0][(row * 5 + t) * 7 + c];
            out[row * 7 + c] = (gop_real)(sum / 5);
        }
}

/* More inner places than one block, and down to a scalar. */
static gop_var build_all(gop_net *net, const gop_var *in)
{
    return gop_mean(net, gop_mean(net, in[0], 0), 0);
}

static void naive_all(gop_real *out, const gop_real *const *in)
{
    double sum = 0;
    for (int i = 0; i < 3 * 301; i++)
        sum += (double)in[0][i];
    out[0] = (gop_real)(sum / (3 * 301));
}

static const gop_case cases[] = {
    {.name = "frames", .n_in = 1, .in = {{4, {2, 3, 5, 7}}}, .build = build_frames,
     .naive = naive_frames},
    {.name = "to a scalar", .n_in = 1, .in = {{2, {3, 301, 1, 1}}}, .build = build_all,
     .naive = naive_all},
    {.name = NULL},
};

const gop_op gop_op_mean = {
    .name = "mean",
    .attr_size = sizeof(attributes),
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
};

/*: The average along an axis.
 *
 *     y[o, i] = 1/L sum_l x[o, l, i]
 *
 * x of any shape, 0 <= axis < rank; y has x's shape without the axis.
 */
GOP_API gop_var gop_mean(gop_net *net, gop_var x, int axis)
{
    attributes a = {axis};
    return gop_apply(net, &gop_op_mean, &a, &x, 1);
}
