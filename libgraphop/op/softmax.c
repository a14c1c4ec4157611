/*
 * softmax.c: probabilities along the last axis.
 *
 *     y_c  = exp(x_c - m) / sum_k exp(x_k - m),   m = max_k x_k
 *     dx_c = y_c (dy_c - sum_k dy_k y_k)
 *
 * x of any shape with an axis; y has the same and may be written over x.
 * Backward reads y only.
 *
 * Source: the label y-hat of Sym-GNN's section 5.2 and eq. 10b.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif
#include "op/op.h"

#include <math.h>

typedef struct job {
    const gop_run *r;
    size_t rows, at_once, width;
} job;

static gop_status plan(gop_op_plan *p)
{
    gop_status s = gop_op_count(p, 1, 1);
    p->out = p->in[0];
    return s == GOP_OK ? gop_op_axis(p, p->in[0].rank > 0 ? p->in[0].rank - 1 : 0) : s;
}

static job prepare(const gop_run *r)
{
    gop_span s = gop_span_of(r->out_shape, r->out_shape.rank - 1);
    job j = {.r = r, .rows = s.outer, .width = s.length};
    j.at_once = gop_rows(j.width);
    return j;
}

static void normalise(void *arg, size_t i, int thread)
{
    const job *j = arg;
    size_t begin = i * j->at_once, end = gop_min(begin + j->at_once, j->rows);
    (void)thread;
    for (size_t o = begin; o < end; o++) {
        const gop_real *x = j->r->in[0] + o * j->width;
        gop_real *y = j->r->out + o * j->width, most = x[0];
        double sum = 0;
        for (size_t c = 1; c < j->width; c++)
            most = x[c] > most ? x[c] : most;
        for (size_t c = 0; c < j->width; c++) {
            y[c] = GOP_EXP(x[c] - most);
            sum += (double)y[c];
        }
        gop_real by = (gop_real)(1 / sum);
        for (size_t c = 0; c < j->width; c++)
            y[c] *= by;
    }
}

static void back(void *arg, size_t i, int thread)
{
    const job *j = arg;
    size_t begin = i * j->at_once, end = gop_min(begin + j->at_once, j->rows);
    (void)thread;
    for (size_t o = begin; o < end; o++) {
        const gop_real *y = j->r->out + o * j->width, *dy = j->r->dout + o * j->width;
        gop_real *dx = j->r->din[0] + o * j->width;
        double dot = 0;
        for (size_t c = 0; c < j->width; c++)
            dot += (double)y[c] * (double)dy[c];
        for (size_t c = 0; c < j->width; c++)
            dx[c] = (j->r->add[0] ? dx[c] : 0) + y[c] * (dy[c] - (gop_real)dot);
    }
}

static void forward(const gop_run *r)
{
    job j = prepare(r);
    gop_parallel(r->ctx, gop_pieces(j.rows, j.at_once), normalise, &j);
}

static void backward(const gop_run *r)
{
    job j = prepare(r);
    if (r->din[0] != NULL)
        gop_parallel(r->ctx, gop_pieces(j.rows, j.at_once), back, &j);
}

/* ------------------------------------------------------------------------- cases */

static gop_var build(gop_net *net, const gop_var *in)
{
    return gop_softmax(net, in[0]);
}

static void naive(gop_real *out, const gop_real *const *in)
{
    for (int o = 0; o < 3 * 5; o++) {
        double sum = 0;
        for (int c = 0; c < 7; c++)
            sum += exp((double)in[0][o * 7 + c]);
        for (int c = 0; c < 7; c++)
            out[o * 7 + c] = (gop_real)(exp((double)in[0][o * 7 + c]) / sum);
    }
}

/* Where exp(x) alone would overflow a float. */
static void naive_large(gop_real *out, const gop_real *const *in)
{
    for (int o = 0; o < 3; o++)
        for (int c = 0; c < 5; c++) {
            double sum = 0;
            for (int k = 0; k < 5; k++)
                sum += exp((double)in[0][o * 5 + k] - (double)in[0][o * 5 + c]);
            out[o * 5 + c] = (gop_real)(1 / sum);
        }
}

static const gop_case cases[] = {
    {.name = "rows", .n_in = 1, .in = {{3, {3, 5, 7, 1}}}, .range = {{.lo = -3, .hi = 3}},
     .build = build, .naive = naive,
     .bench = {{4, {32, 26, 25, 64}}}},
    {.name = "large", .n_in = 1, .in = {{2, {3, 5, 1, 1}}}, .range = {{.lo = 190, .hi = 200}},
     .build = build, .naive = naive_large},
    {.name = NULL},
};

const gop_op gop_op_softmax = {
    .name = "softmax",
    .flags = GOP_OP_INPLACE | GOP_OP_NEEDS_OUT,
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
};

/*: Softmax along the last axis.
 *
 *     y_c = exp(x_c) / sum_k exp(x_k)
 *
 * x of any shape of rank 1 or more; y has the same.
 */
GOP_API gop_var gop_softmax(gop_net *net, gop_var x)
{
    return gop_apply(net, &gop_op_softmax, NULL, &x, 1);
}
