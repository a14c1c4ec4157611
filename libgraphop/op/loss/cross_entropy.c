/*
 * cross_entropy.c: the recognition loss.
 *
 *     y            = 1/N sum_n (log sum_c exp x[n, c] - x[n, label[n]])
 *     dx[n, c]     = (softmax(x[n])_c - (c = label[n])) dy / N
 *
 * x [N, C] logits, label [N] holding class numbers, y a scalar.  The logarithm
 * of the sum is taken after subtracting the row's maximum; saved keeps both
 * for each row.  Rows are added in double in their order.
 *
 * The labels are data, which are not known while recording: a sample whose
 * label is not an integer in [0, C) contributes NaN to the loss and to its row
 * of the gradient, so that a checked run stops and names this operator.
 *
 * Source: Sym-GNN eq. 11.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/op.h"

#include <math.h>

typedef struct job {
    const gop_run *r;
    size_t rows, at_once, classes;
    gop_real by;
} job;

static gop_status plan(gop_op_plan *p)
{
    gop_status s = gop_op_count(p, 2, 2);
    if (s == GOP_OK)
        s = gop_op_rank(p, 0, 2);
    if (s == GOP_OK)
        s = gop_op_rank(p, 1, 1);
    if (s != GOP_OK)
        return s;
    if (p->in[0].dim[0] != p->in[1].dim[0])
        return gop_fail(p->err, GOP_ESHAPE, "%zu labels for %zu samples", p->in[1].dim[0],
                        p->in[0].dim[0]);
    p->out = gop_shape0();
    p->saved = 2 * p->in[0].dim[0];
    p->work = GOP_REALS_PER_DOUBLE * p->in[0].dim[0];
    return GOP_OK;
}

static job prepare(const gop_run *r)
{
    job j = {.r = r, .rows = r->in_shape[0].dim[0], .classes = r->in_shape[0].dim[1]};
    j.at_once = gop_rows(j.classes);
    return j;
}

static void measure(void *arg, size_t i)
{
    const job *j = arg;
    size_t begin = i * j->at_once, end = gop_size_min(begin + j->at_once, j->rows);
    for (size_t n = begin; n < end; n++) {
        const gop_real *x = j->r->in[0] + n * j->classes;
        size_t label = gop_index(j->r->in[1][n], j->classes);
        gop_real most = x[0];
        double sum = 0;
        for (size_t c = 1; c < j->classes; c++)
            most = x[c] > most ? x[c] : most;
        for (size_t c = 0; c < j->classes; c++)
            sum += (double)GOP_EXP(x[c] - most);
        j->r->saved[2 * n] = most;
        j->r->saved[2 * n + 1] = (gop_real)log(sum);
        gop_put_double(j->r->work, n,
                       label < j->classes ? log(sum) + ((double)most - (double)x[label])
                                          : (double)NAN);
    }
}

static void back(void *arg, size_t i)
{
    const job *j = arg;
    size_t begin = i * j->at_once, end = gop_size_min(begin + j->at_once, j->rows);
    for (size_t n = begin; n < end; n++) {
        const gop_real *x = j->r->in[0] + n * j->classes, *saved = j->r->saved + 2 * n;
        gop_real *dx = j->r->din[0] + n * j->classes;
        size_t label = gop_index(j->r->in[1][n], j->classes);
        for (size_t c = 0; c < j->classes; c++) {
            gop_real d = GOP_EXP(x[c] - saved[0] - saved[1]) - (gop_real)(c == label);
            d = label < j->classes ? d * j->by : (gop_real)NAN;
            dx[c] = (j->r->add[0] ? dx[c] : 0) + d;
        }
    }
}

static void forward(const gop_run *r)
{
    job j = prepare(r);
    gop_parallel(r->ctx, gop_pieces(j.rows, j.at_once), measure, &j);
    r->out[0] = (gop_real)(gop_sum_doubles(r->work, j.rows) / (double)j.rows);
}

static void backward(const gop_run *r)
{
    job j = prepare(r);
    j.by = r->dout[0] / (gop_real)j.rows;
    if (r->din[0] != NULL)
        gop_parallel(r->ctx, gop_pieces(j.rows, j.at_once), back, &j);
    gop_no_gradient(r, 1);
}

/* ------------------------------------------------------------------------- cases */

static gop_var build(gop_net *net, const gop_var *in)
{
    return gop_cross_entropy(net, in[0], in[1]);
}

/* As eq. 11 is written: one-hot labels times the logarithm of the softmax. */
static void naive(gop_real *out, const gop_real *const *in)
{
    double loss = 0;
    for (int n = 0; n < 5; n++) {
        double sum = 0;
        for (int c = 0; c < 7; c++)
            sum += exp((double)in[0][n * 7 + c]);
        for (int c = 0; c < 7; c++)
            loss -= (in[1][n] == c) * log(exp((double)in[0][n * 7 + c]) / sum);
    }
    out[0] = (gop_real)(loss / 5);
}

static const gop_case cases[] = {
    {.name = "labels",
     .in = {{2, {5, 7}}, {1, {5}}},
     .range = {{-3, 3}, {0, 7}},
     .integers = 1 << 1,
     .build_old = build,
     .naive_old = naive},
    {.name = NULL},
};

const gop_op gop_op_cross_entropy = {
    .name = "cross_entropy",
    .flags = GOP_OP_NEEDS_IN,
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
};

/*: Cross entropy of logits and labels, averaged over the batch.
 *
 *     y = 1/N sum_n (log sum_c exp logits[n, c] - logits[n, label[n]])
 *
 * logits [N, C], labels [N] holding class numbers, y a scalar.  A sample whose
 * label is not an integer in [0, C) makes the loss NaN.  No gradient to
 * `labels`.  Source: Sym-GNN eq. 11.
 */
GOP_API gop_var gop_cross_entropy(gop_net *net, gop_var logits, gop_var labels)
{
    gop_var in[2] = {logits, labels};
    return gop_apply(net, &gop_op_cross_entropy, NULL, in, 2);
}
