/*
 * cross_entropy_weighted.c: cross entropy with weights for the classes and smoothed
 * labels.
 *
 *     l[n,c]  = x[n,c] - log sum_k exp x[n,k]
 *     q[n,c]  = w[c] ((1 - s) (c = label[n]) + s / C)
 *     y       = - sum_n sum_c q[n,c] l[n,c] / W,   W = sum_n w[label[n]]
 *     dx[n,c] = (softmax(x[n])_c sum_k q[n,k] - q[n,c]) dy / W
 *
 * x [N, C] logits, label [N] holding class numbers, w [C] or absent (1), 0 <= s <= 1,
 * y a scalar.  With s = 0 and no weights this is cross_entropy.c.  Note that W, not
 * N, divides, and that the smoothed share of every class carries the class's own
 * weight while W counts those of the labels alone; this is how PyTorch's
 * CrossEntropyLoss means weight and label_smoothing with reduction "mean".
 *
 * The logarithm of the sum is taken after subtracting the row's maximum; saved
 * keeps both for each row.  Rows are added in double in their order.  The labels
 * are data: a sample whose label is not an integer in [0, C) contributes NaN to the
 * loss and to its row of the gradient; where W is 0 both are NaN.
 *
 * Source: Szegedy et al. 2016, section 7 (label smoothing).
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/op.h"

#include <math.h>

enum { X, LABELS, WEIGHTS };

typedef struct attributes {
    double smoothing;
} attributes;

typedef struct job {
    const gop_run *r;
    size_t rows, at_once, classes;
    double hit, miss;  /* 1 - s, s / C */
    double all, count; /* sum of w, and W */
    double by;
} job;

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    char at[80], xt[80];
    const gop_shape *in = p->in;
    if (in[LABELS].rank < 0)
        return gop_fail(p->err, GOP_EINVAL, "the labels are missing");
    gop_status s = gop_op_rank(p, X, 2);
    if (s == GOP_OK)
        s = gop_op_rank(p, LABELS, 1);
    if (s != GOP_OK)
        return s;
    if (in[X].dim[0] != in[LABELS].dim[0])
        return gop_fail(p->err, GOP_ESHAPE, "%zu labels for %zu samples", in[LABELS].dim[0],
                        in[X].dim[0]);
    if (in[WEIGHTS].rank >= 0 && !gop_shape_equal(in[WEIGHTS], gop_shape1(in[X].dim[1])))
        return gop_fail(p->err, GOP_ESHAPE, "weights %s must be [C] for logits %s = [N, C]",
                        gop_shape_text(at, sizeof at, in[WEIGHTS]),
                        gop_shape_text(xt, sizeof xt, in[X]));
    if (!(a->smoothing >= 0 && a->smoothing <= 1))
        return gop_fail(p->err, GOP_EINVAL, "the smoothing %g is not in [0, 1]", a->smoothing);
    p->out = gop_shape0();
    p->saved = 2 * in[X].dim[0];
    p->work = GOP_REALS_PER_DOUBLE * in[X].dim[0];
    return GOP_OK;
}

static double weight(const job *j, size_t c)
{
    return j->r->in[WEIGHTS] != NULL ? (double)j->r->in[WEIGHTS][c] : 1;
}

static job prepare(const gop_run *r)
{
    const attributes *a = r->attr;
    job j = {.r = r, .rows = r->in_shape[X].dim[0], .classes = r->in_shape[X].dim[1]};
    j.at_once = gop_rows(j.classes);
    j.hit = 1 - a->smoothing;
    j.miss = a->smoothing / (double)j.classes;
    for (size_t c = 0; c < j.classes; c++)
        j.all += weight(&j, c);
    for (size_t n = 0; n < j.rows; n++) {
        size_t label = gop_index(r->in[LABELS][n], j.classes);
        j.count += label < j.classes ? weight(&j, label) : 0;
    }
    return j;
}

/* - sum_c q[n,c] l[n,c], where `most` + `rest` is the logarithm of the sum. */
static double row_loss(const job *j, const gop_real *x, size_t label, double most, double rest)
{
    if (label >= j->classes)
        return (double)NAN;
    double loss = j->hit * weight(j, label) * (rest + (most - (double)x[label]));
    /* Without smoothing a class that is ruled out (-inf) must not turn 0 into NaN. */
    for (size_t c = 0; c < j->classes && j->miss > 0; c++)
        loss += j->miss * weight(j, c) * (rest + (most - (double)x[c]));
    return loss;
}

static void measure(void *arg, size_t i)
{
    const job *j = arg;
    size_t begin = i * j->at_once, end = gop_size_min(begin + j->at_once, j->rows);
    for (size_t n = begin; n < end; n++) {
        const gop_real *x = j->r->in[X] + n * j->classes;
        gop_real most = x[0];
        double sum = 0;
        for (size_t c = 1; c < j->classes; c++)
            most = x[c] > most ? x[c] : most;
        for (size_t c = 0; c < j->classes; c++)
            sum += (double)GOP_EXP(x[c] - most);
        j->r->saved[2 * n] = most;
        j->r->saved[2 * n + 1] = (gop_real)log(sum);
        gop_put_double(
            j->r->work, n,
            row_loss(j, x, gop_index(j->r->in[LABELS][n], j->classes), (double)most, log(sum)));
    }
}

static void back(void *arg, size_t i)
{
    const job *j = arg;
    size_t begin = i * j->at_once, end = gop_size_min(begin + j->at_once, j->rows);
    for (size_t n = begin; n < end; n++) {
        const gop_real *x = j->r->in[X] + n * j->classes, *saved = j->r->saved + 2 * n;
        gop_real *dx = j->r->din[X] + n * j->classes;
        size_t label = gop_index(j->r->in[LABELS][n], j->classes);
        double hit = label < j->classes ? j->hit * weight(j, label) : (double)NAN;
        double all = hit + j->miss * j->all;
        for (size_t c = 0; c < j->classes; c++) {
            double share = (double)GOP_EXP(x[c] - saved[0] - saved[1]);
            double d = all * share - (c == label ? hit : 0) - j->miss * weight(j, c);
            dx[c] = (j->r->add[X] ? dx[c] : 0) + (gop_real)(d * j->by);
        }
    }
}

static void forward(const gop_run *r)
{
    job j = prepare(r);
    gop_parallel(r->ctx, gop_pieces(j.rows, j.at_once), measure, &j);
    r->out[0] = (gop_real)(gop_sum_doubles(r->work, j.rows) / j.count);
}

static void backward(const gop_run *r)
{
    job j = prepare(r);
    j.by = (double)r->dout[0] / j.count;
    if (r->din[X] != NULL)
        gop_parallel(r->ctx, gop_pieces(j.rows, j.at_once), back, &j);
    gop_no_gradient(r, LABELS);
    if (r->in[WEIGHTS] != NULL)
        gop_no_gradient(r, WEIGHTS);
}

/* ------------------------------------------------------------------------- cases */

/* As the two losses that smoothing mixes: of the label, and of all classes alike. */
static void naive_loss(gop_real *out, const gop_real *x, const gop_real *labels, const gop_real *w,
                       double s)
{
    double of_label = 0, of_all = 0, count = 0;
    for (int n = 0; n < 5; n++) {
        double sum = 0;
        for (int c = 0; c < 7; c++)
            sum += exp((double)x[n * 7 + c]);
        for (int c = 0; c < 7; c++) {
            double l = log(exp((double)x[n * 7 + c]) / sum), by = w != NULL ? (double)w[c] : 1;
            of_all -= by * l / 7;
            of_label -= labels[n] == c ? by * l : 0;
            count += labels[n] == c ? by : 0;
        }
    }
    out[0] = (gop_real)(((1 - s) * of_label + s * of_all) / count);
}

static gop_var build(gop_net *net, const gop_var *in)
{
    return gop_cross_entropy_weighted(net, in[0], in[1], in[2], 0.1);
}

static void naive(gop_real *out, const gop_real *const *in)
{
    naive_loss(out, in[0], in[1], in[2], 0.1);
}

static gop_var build_weights(gop_net *net, const gop_var *in)
{
    return gop_cross_entropy_weighted(net, in[0], in[1], in[2], 0);
}

static void naive_weights(gop_real *out, const gop_real *const *in)
{
    naive_loss(out, in[0], in[1], in[2], 0);
}

static gop_var build_smooth(gop_net *net, const gop_var *in)
{
    return gop_cross_entropy_weighted(net, in[0], in[1], gop_none(), 0.3);
}

static void naive_smooth(gop_real *out, const gop_real *const *in)
{
    naive_loss(out, in[0], in[1], NULL, 0.3);
}

static const gop_case cases[] = {
    {.name = "both",
     .in = {{2, {5, 7}}, {1, {5}}, {1, {7}}},
     .range = {{-3, 3}, {0, 7}, {0.2, 2}},
     .integers = 1 << 1,
     .fixed = 1 << 2,
     .build_old = build,
     .naive_old = naive},
    {.name = "weights",
     .in = {{2, {5, 7}}, {1, {5}}, {1, {7}}},
     .range = {{-3, 3}, {0, 7}, {0.2, 2}},
     .integers = 1 << 1,
     .fixed = 1 << 2,
     .build_old = build_weights,
     .naive_old = naive_weights},
    {.name = "smoothing",
     .in = {{2, {5, 7}}, {1, {5}}},
     .range = {{-3, 3}, {0, 7}},
     .integers = 1 << 1,
     .build_old = build_smooth,
     .naive_old = naive_smooth},
    {.name = NULL},
};

const gop_op gop_op_cross_entropy_weighted = {
    .name = "cross_entropy_weighted",
    .flags = GOP_OP_NEEDS_IN,
    .attr_size = sizeof(attributes),
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
};

/*: Cross entropy with weights for the classes and smoothed labels.
 *
 *     l[n,c] = logits[n,c] - log sum_k exp logits[n,k]
 *     q[n,c] = weights[c] ((1 - smoothing) (c = labels[n]) + smoothing / C)
 *     y      = - sum_n sum_c q[n,c] l[n,c] / sum_n weights[labels[n]]
 *
 * logits [N, C], labels [N] holding class numbers, weights [C] or gop_none() (1),
 * 0 <= smoothing <= 1; y a scalar.  This is PyTorch's CrossEntropyLoss with weight,
 * label_smoothing and the reduction "mean".  A sample whose label is not an integer
 * in [0, C) makes the loss NaN.  No gradient to `labels` and `weights`.
 * Errors: GOP_ESHAPE when a shape does not fit, GOP_EINVAL for the smoothing.
 * Source: Szegedy et al. 2016, section 7.
 */
GOP_API gop_var gop_cross_entropy_weighted(gop_net *net, gop_var logits, gop_var labels,
                                           gop_var weights, double smoothing)
{
    attributes a = {smoothing};
    gop_var in[3] = {logits, labels, weights};
    return gop_apply(net, &gop_op_cross_entropy_weighted, &a, in, 3);
}
