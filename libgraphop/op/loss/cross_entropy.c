/*
 * cross_entropy.c: the recognition loss, with optional class weights and label smoothing.
 *
 *     l[n,c]  = x[n,c] - log sum_k exp x[n,k]
 *     q[n,c]  = w[c] ((1 - s) (c = label[n]) + s / C)
 *     y       = - sum_n sum_c q[n,c] l[n,c] / W,   W = sum_n w[label[n]]
 *     dx[n,c] = (softmax(x[n])_c sum_k q[n,k] - q[n,c]) dy / W
 *
 * x [N, C] logits, label [N] holding class numbers, w [C] or absent (1), 0 <= s <= 1,
 * y is a scalar.  Without weights and smoothing it is
 *
 *     y       = 1/N sum_n (log sum_c exp x[n,c] - x[n,label[n]])
 *     dx[n,c] = (softmax(x[n])_c - (c = label[n])) dy / N
 *
 * whose gradient is computed in gop_real; with them it is in double.  The sum is divided by W, not
 * N.  The smoothed share of each class has the class's own weight, while W sums only the weights of
 * the labels: this is PyTorch's CrossEntropyLoss with weight, label_smoothing and reduction "mean".
 *
 * The logarithm of the sum is taken after subtracting the row's maximum; saved keeps both for each
 * row.  Rows are added in double, in order.  The labels are data, unknown while recording: a label
 * that is not an integer in [0, C) makes the loss and its row of the gradient NaN, so that a
 * checked run stops and names this operator.  If W is 0, both are NaN.
 *
 * Source: Sym-GNN eq. 11; Szegedy et al. 2016, section 7 (label smoothing).
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/op.h"
#include "op/rows.h"

#include <math.h>

enum { X, LABELS, WEIGHTS };

typedef struct attributes {
    double smoothing;
} attributes;

typedef struct sizes {
    size_t rows, classes;
    size_t at_once; /* rows of a chunk */
} sizes;

typedef struct job {
    const gop_run *r;
    sizes s;
    double hit, miss;  /* 1 - s, s / C */
    double all, count; /* sum of w, and W */
    double by;         /* dy / W */
} job;

static sizes measure(gop_shape x)
{
    return (sizes){.rows = x.dim[0], .classes = x.dim[1], .at_once = gop_rows(x.dim[1])};
}

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    char at[80], xt[80];
    const gop_shape *in = p->in;
    if (in[LABELS].rank < 0)
        return gop_fail(p->err, GOP_EINVAL, "the labels are missing");
    gop_try(gop_op_rank(p, X, 2));
    gop_try(gop_op_rank(p, LABELS, 1));
    if (in[X].dim[0] != in[LABELS].dim[0])
        return gop_fail(p->err, GOP_ESHAPE, "%zu samples need as many labels, not %zu",
                        in[X].dim[0], in[LABELS].dim[0]);
    if (in[WEIGHTS].rank >= 0 && !gop_shape_equal(in[WEIGHTS], gop_shape1(in[X].dim[1])))
        return gop_fail(p->err, GOP_ESHAPE, "weights %s must be [C] for logits %s = [N, C]",
                        gop_shape_text(at, sizeof at, in[WEIGHTS]),
                        gop_shape_text(xt, sizeof xt, in[X]));
    if (!(a->smoothing >= 0 && a->smoothing <= 1))
        return gop_fail(p->err, GOP_EINVAL, "smoothing must be in [0, 1], not %g", a->smoothing);
    p->out = gop_shape0();
    p->saved = 2 * in[X].dim[0];
    p->work = GOP_REALS_PER_DOUBLE * in[X].dim[0];
    return GOP_OK;
}

static double weight(const job *j, size_t c)
{
    return j->r->in[WEIGHTS] != NULL ? (double)j->r->in[WEIGHTS][c] : 1;
}

static job start(const gop_run *r)
{
    const attributes *a = r->attr;
    job j = {.r = r, .s = measure(r->in_shape[X])};
    j.hit = 1 - a->smoothing;
    j.miss = a->smoothing / (double)j.s.classes;
    for (size_t c = 0; c < j.s.classes; c++)
        j.all += weight(&j, c);
    for (size_t n = 0; n < j.s.rows; n++) {
        const size_t label = gop_index(r->in[LABELS][n], j.s.classes);
        j.count += label < j.s.classes ? weight(&j, label) : 0;
    }
    return j;
}

/* - sum_c q[n,c] l[n,c]; `most` + `rest` is the logarithm of the sum. */
static double row_loss(const job *j, const gop_real *x, size_t label, double most, double rest)
{
    if (label >= j->s.classes)
        return (double)NAN;
    double loss = j->hit * weight(j, label) * (rest + (most - (double)x[label]));
    /* Without smoothing, a logit of -inf must not turn 0 into NaN. */
    for (size_t c = 0; c < j->s.classes && j->miss > 0; c++)
        loss += j->miss * weight(j, c) * (rest + (most - (double)x[c]));
    return loss;
}

static void forward_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const size_t end = gop_size_min((i + 1) * j->s.at_once, j->s.rows), classes = j->s.classes;
    for (size_t n = i * j->s.at_once; n < end; n++) {
        const gop_real *x = j->r->in[X] + n * classes, most = gop_row_max(x, classes);
        const size_t label = gop_index(j->r->in[LABELS][n], classes);
        double sum = 0;
        for (size_t c = 0; c < classes; c++)
            sum += (double)GOP_EXP(x[c] - most);
        j->r->saved[2 * n] = most;
        j->r->saved[2 * n + 1] = (gop_real)log(sum);
        gop_put_double(j->r->work, n, row_loss(j, x, label, (double)most, log(sum)));
    }
}

/* Of one row; saved: the maximum, and the logarithm of the rest of the sum. */
static void plain_slope(const job *j, gop_real *dx, const gop_real *x, size_t label,
                        const gop_real *saved)
{
    const gop_real by = j->r->dout[0] / (gop_real)j->s.rows;
    for (size_t c = 0; c < j->s.classes; c++) {
        gop_real d = GOP_EXP(x[c] - saved[0] - saved[1]) - (gop_real)(c == label);
        d = label < j->s.classes ? d * by : (gop_real)NAN;
        GOP_PUT(dx[c], j->r->add[X], d);
    }
}

static void slope(const job *j, gop_real *dx, const gop_real *x, size_t label,
                  const gop_real *saved)
{
    const double hit = label < j->s.classes ? j->hit * weight(j, label) : (double)NAN;
    const double all = hit + j->miss * j->all;
    for (size_t c = 0; c < j->s.classes; c++) {
        const double share = (double)GOP_EXP(x[c] - saved[0] - saved[1]);
        const double d = all * share - (c == label ? hit : 0) - j->miss * weight(j, c);
        GOP_PUT(dx[c], j->r->add[X], (gop_real)(d * j->by));
    }
}

static void backward_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const size_t end = gop_size_min((i + 1) * j->s.at_once, j->s.rows), classes = j->s.classes;
    const bool plain = r->in[WEIGHTS] == NULL && j->miss == 0;
    for (size_t n = i * j->s.at_once; n < end; n++)
        (plain ? plain_slope : slope)(j, r->din[X] + n * classes, r->in[X] + n * classes,
                                      gop_index(r->in[LABELS][n], classes), r->saved + 2 * n);
}

static void forward(const gop_run *r)
{
    job j = start(r);
    gop_parallel(r->ctx, gop_pieces(j.s.rows, j.s.at_once), forward_chunk, &j);
    r->out[0] = (gop_real)(gop_sum_doubles(r->work, j.s.rows) / j.count);
}

static void backward(const gop_run *r)
{
    job j = start(r);
    j.by = (double)r->dout[0] / j.count;
    if (r->din[X] != NULL)
        gop_parallel(r->ctx, gop_pieces(j.s.rows, j.s.at_once), backward_chunk, &j);
    gop_no_gradient(r, LABELS);
    if (r->in[WEIGHTS] != NULL)
        gop_no_gradient(r, WEIGHTS);
}

/* ------------------------------------------------------------------------- cases */

/* As the two losses that smoothing mixes, of the label and of all classes equally, each in the form
 * of eq. 11: one-hot labels times the logarithm of the softmax. */
static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const attributes *a = attr;
    const size_t classes = in[X].shape.dim[1];
    double of_label = 0, of_all = 0, count = 0;
    for (size_t n = 0; n < in[X].shape.dim[0]; n++) {
        const gop_real *x = in[X].v + n * classes;
        double sum = 0;
        for (size_t c = 0; c < classes; c++)
            sum += exp((double)x[c]);
        for (size_t c = 0; c < classes; c++) {
            const double l = log(exp((double)x[c]) / sum);
            const double by = in[WEIGHTS].v != NULL ? (double)in[WEIGHTS].v[c] : 1;
            const bool hit = in[LABELS].v[n] == (gop_real)c;
            of_all -= by * l / (double)classes;
            of_label -= hit ? by * l : 0;
            count += hit ? by : 0;
        }
    }
    y.v[0] = (gop_real)(((1 - a->smoothing) * of_label + a->smoothing * of_all) / count);
}

static const gop_case cases[] = {
    {"labels", .in = {{2, {5, 7}}, {1, {5}}, {.rank = -1}}, .range = {{-3, 3}, {0, 7}},
     .integers = 1 << LABELS, .attr = &(attributes){0}, .bench = {{2, {4096, 60}}, {1, {4096}}}},
    {"weights and smoothing", .in = {{2, {5, 7}}, {1, {5}}, {1, {7}}},
     .range = {{-3, 3}, {0, 7}, {0.2, 2}}, .integers = 1 << LABELS, .fixed = 1 << WEIGHTS,
     .attr = &(attributes){0.1}},
    {"weights", .in = {{2, {5, 7}}, {1, {5}}, {1, {7}}}, .range = {{-3, 3}, {0, 7}, {0.2, 2}},
     .integers = 1 << LABELS, .fixed = 1 << WEIGHTS, .attr = &(attributes){0}},
    {"smoothing", .in = {{2, {5, 7}}, {1, {5}}, {.rank = -1}}, .range = {{-3, 3}, {0, 7}},
     .integers = 1 << LABELS, .attr = &(attributes){0.3}},
    {0},
};

const gop_op gop_op_cross_entropy = {
    .name = "cross_entropy",
    .flags = GOP_OP_NEEDS_IN,
    .attr_size = sizeof(attributes),
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
};

/*: Cross entropy of logits and labels, averaged over the batch.
 *
 *     l[n,c] = logits[n,c] - log sum_k exp logits[n,k]
 *     q[n,c] = weights[c] ((1 - smoothing) (c = labels[n]) + smoothing / C)
 *     y      = - sum_n sum_c q[n,c] l[n,c] / sum_n weights[labels[n]]
 *
 * logits [N, C]; labels [N], the class numbers; weights [C] or gop_none() for 1; 0 <= smoothing <=
 * 1; y is a scalar.  Without weights and smoothing, y is the mean of -l[n,labels[n]]; with them it
 * equals PyTorch's CrossEntropyLoss with weight, label_smoothing and the reduction "mean".  A label
 * that is not an integer in [0, C) makes the loss NaN.  No gradient to `labels` and `weights`.
 * Errors: GOP_ESHAPE if a shape does not fit, GOP_EINVAL for smoothing out of range.
 * Source: Sym-GNN eq. 11; Szegedy et al. 2016, section 7.
 */
GOP_API gop_var gop_cross_entropy(gop_net *net, gop_var logits, gop_var labels, gop_var weights,
                                  double smoothing)
{
    attributes a = {smoothing};
    gop_var in[3] = {logits, labels, weights};
    return gop_apply(net, &gop_op_cross_entropy, &a, in, 3);
}
