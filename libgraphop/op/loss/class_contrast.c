/*
 * class_contrast.c: a loss that compares features with the running mean of each class's features.
 *
 *     m'[c]   = (1 - k) m[c] + k mean of f[n] over R[c],  or m[c] if R[c] is empty
 *     R[c]    = the samples n with label[n] = c whose scores are largest at c
 *     s[n,c]  = f[n] . m'[c] / (|f[n]| |m'[c]| t)
 *     y       = 1/N sum_n (log sum_c exp s[n,c] - s[n,label[n]])
 *
 *     ds[n,c] = (softmax(s[n])_c - (c = label[n])) dy / N
 *     df[n]   = U_f[n] (sum_c ds[n,c] m^[c] / t) + (n in R[c]) k / |R[c]| dm'[c],  c = label[n]
 *     dm'[c]  = U_m'[c] (sum_n ds[n,c] f^[n] / t)
 *     U_v u   = (u - v^ (v^ . u)) / |v|,   v^ = v / |v|
 *
 * f [N, H]; scores [N, C] and labels [N], without gradient; m [C, H], a statistic; k the momentum, t
 * the temperature; y is a scalar.  In training m takes its step first, and the gradient flows through
 * it into f, not into m.  In inference, and if m is fixed (gop_net_fix_stats), m' = m.  A length below
 * 1e-12 counts as 1e-12.  A label that is not an integer in [0, C) makes the loss and its gradient
 * NaN.  A score that equals the label's leaves the label the largest if its class comes later.
 *
 * saved: m^ and 1 / |m'| if m moves (otherwise they are `prepared`), 1 / |f|, the softmax, and each
 * sample's share k / |R|, 0 outside R.  The sums over samples of each class are in order.
 * Source: the class-specific contrastive loss of ProtoGCN, Liu et al. 2025, section 3.4.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/op.h"
#include "op/rows.h"

#include <math.h>
#include <stdlib.h>

enum { F, SCORES, LABELS, MEAN };

static const double LEAST = 1e-12; /* length */

typedef struct attributes {
    double momentum, temperature;
} attributes;

typedef struct sizes {
    size_t rows, classes, wide; /* N, C, H */
    size_t at_once;             /* rows of a chunk, of N or C */
} sizes;

typedef struct job {
    const gop_run *r;
    sizes s;
    bool moves;
    gop_real *unit, *inverse;        /* m^ [C, H], 1 / |m'| [C] */
    gop_real *length, *share, *soft; /* 1 / |f| [N], k / |R| [N], softmax [N, C] */
    gop_real *right;                 /* 1 of the samples in R; work, before the losses */
    gop_real *slope, *dm, *df;       /* work of backward: [N, C], [C, H], [N, H] */
} job;

static sizes measure(const gop_shape *in)
{
    return (sizes){in[F].dim[0], in[SCORES].dim[1], in[F].dim[1], 16};
}

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    const gop_shape *in = p->in;
    char at[64], want[64];
    gop_try(gop_op_count(p, 4, 4));
    gop_try(gop_op_rank(p, F, 2));
    gop_try(gop_op_rank(p, SCORES, 2));
    const sizes s = measure(in);
    const gop_shape of[4] = {in[F], gop_shape2(s.rows, s.classes), gop_shape1(s.rows),
                             gop_shape2(s.classes, s.wide)};
    static const char *const name[4] = {"features", "scores", "labels", "means"};
    for (int i = SCORES; i <= MEAN; i++)
        if (!gop_shape_equal(in[i], of[i]))
            return gop_fail(p->err, GOP_ESHAPE, "%s %s must be %s", name[i],
                            gop_shape_text(at, sizeof at, in[i]),
                            gop_shape_text(want, sizeof want, of[i]));
    if (!(a->momentum >= 0 && a->momentum <= 1))
        return gop_fail(p->err, GOP_EINVAL, "momentum must be in [0, 1], not %g", a->momentum);
    if (!(a->temperature > 0 && isfinite(a->temperature)))
        return gop_fail(p->err, GOP_EINVAL, "the temperature must be positive and finite, not %g",
                        a->temperature);
    const bool moves = p->training && (p->fixed & 1u << MEAN) == 0;
    const size_t means = s.classes * (s.wide + 1);
    p->out = gop_shape0();
    p->saved = s.rows * (s.classes + 2) + (moves ? means : 0);
    p->prepared = moves ? 0 : means; /* forward and backward detect this */
    p->prepared_from = 1u << MEAN;
    p->work = s.rows * (GOP_REALS_PER_DOUBLE + s.classes + s.wide) + s.classes * s.wide;
    p->madds = (uint64_t)s.rows * s.classes * s.wide;
    return GOP_OK;
}

static uint64_t madds_backward(const gop_op_plan *p, const bool *wanted)
{
    return wanted[F] ? 2 * p->madds : 0;
}

static job start(const gop_run *r)
{
    job j = {.r = r, .s = measure(r->in_shape), .moves = r->prepared == NULL};
    j.length = r->saved;
    j.share = j.length + j.s.rows;
    j.soft = j.share + j.s.rows;
    j.right = r->work;
    j.unit = j.moves ? j.soft + j.s.rows * j.s.classes : r->prepared;
    j.inverse = j.unit + j.s.classes * j.s.wide;
    return j;
}

static gop_real inverse_length(const gop_real *v, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)v[i] * (double)v[i];
    return (gop_real)(1 / fmax(sqrt(sum), LEAST));
}

static void set_unit(job *j, size_t c)
{
    const gop_real *m = j->r->in[MEAN] + c * j->s.wide;
    j->inverse[c] = inverse_length(m, j->s.wide);
    for (size_t h = 0; h < j->s.wide; h++)
        j->unit[c * j->s.wide + h] = m[h] * j->inverse[c];
}

static void prepare(const gop_run *r)
{
    job j = start(r);
    for (size_t c = 0; c < j.s.classes; c++)
        set_unit(&j, c);
}

/* ----------------------------------------------------------------------- forward */

/* Whether the scores of a sample are largest at its label. */
static bool is_right(const gop_real *scores, size_t label, size_t classes)
{
    for (size_t c = 0; c < classes && label < classes; c++)
        if (c < label ? !(scores[c] < scores[label]) : !(scores[c] <= scores[label]))
            return false;
    return label < classes;
}

/* k / |R[c]| of the samples in R[c], c their label; 0 of the others. */
static void find_shares(job *j)
{
    const attributes *a = j->r->attr;
    const gop_real *label = j->r->in[LABELS];
    for (size_t n = 0; n < j->s.rows; n++) {
        const size_t c = gop_index(label[n], j->s.classes);
        const gop_real *scores = j->r->in[SCORES] + n * j->s.classes;
        j->right[n] = j->moves && is_right(scores, c, j->s.classes);
    }
    for (size_t n = 0; n < j->s.rows; n++) {
        size_t count = 0;
        for (size_t k = 0; k < j->s.rows; k++)
            count += j->right[k] > 0 && label[k] == label[n];
        j->share[n] = j->right[n] > 0 ? (gop_real)(a->momentum / (double)count) : 0;
    }
}

/* The step of the means of some classes, and their directions. */
static void step_chunk(void *arg, size_t i)
{
    job *j = arg;
    const attributes *a = j->r->attr;
    const size_t wide = j->s.wide;
    const size_t end = gop_size_min((i + 1) * j->s.at_once, j->s.classes);
    for (size_t c = i * j->s.at_once; c < end; c++) {
        gop_real *m = j->r->in[MEAN] + c * wide;
        bool moved = false;
        for (size_t n = 0; n < j->s.rows; n++) {
            if (!(j->right[n] > 0) || gop_index(j->r->in[LABELS][n], j->s.classes) != c)
                continue;
            const gop_real *f = j->r->in[F] + n * wide;
            const double keep = moved ? 1 : 1 - a->momentum;
            for (size_t h = 0; h < wide; h++)
                m[h] = (gop_real)(keep * (double)m[h] + (double)j->share[n] * (double)f[h]);
            moved = true;
        }
        set_unit(j, c);
    }
}

/* The softmax of a row, in place; the loss of its label. */
static double soften(gop_real *s, size_t label, size_t classes)
{
    const gop_real most = gop_row_max(s, classes);
    double sum = 0, at = label < classes ? (double)s[label] : (double)NAN;
    for (size_t c = 0; c < classes; c++)
        sum += exp((double)(s[c] - most));
    for (size_t c = 0; c < classes; c++)
        s[c] = (gop_real)(exp((double)(s[c] - most)) / sum);
    return log(sum) + (double)most - at;
}

static void forward_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const attributes *a = j->r->attr;
    const size_t from = i * j->s.at_once, wide = j->s.wide, classes = j->s.classes;
    const size_t rows = gop_size_min(j->s.at_once, j->s.rows - from);
    const gop_real *f = j->r->in[F] + from * wide;
    gop_real *s = j->soft + from * classes;
    gop_gemm(j->r->ctx, rows, classes, wide, f, (ptrdiff_t)wide, 1, j->unit, 1, (ptrdiff_t)wide,
             false, s, classes);
    for (size_t n = from; n < from + rows; n++, s += classes, f += wide) {
        j->length[n] = inverse_length(f, wide);
        const gop_real by = (gop_real)((double)j->length[n] / a->temperature);
        for (size_t c = 0; c < classes; c++)
            s[c] *= by;
        const size_t label = gop_index(j->r->in[LABELS][n], classes);
        gop_put_double(j->r->work, n, soften(s, label, classes));
    }
}

static void forward(const gop_run *r)
{
    job j = start(r);
    find_shares(&j);
    if (j.moves)
        gop_parallel(r->ctx, gop_pieces(j.s.classes, j.s.at_once), step_chunk, &j);
    gop_parallel(r->ctx, gop_pieces(j.s.rows, j.s.at_once), forward_chunk, &j);
    r->out[0] = (gop_real)(gop_sum_doubles(r->work, j.s.rows) / (double)j.s.rows);
}

/* ---------------------------------------------------------------------- backward */

/* u = U_v u, with the inverse of |v|. */
static void turn(gop_real *u, const gop_real *v, gop_real inverse, size_t n)
{
    const double by = (double)inverse;
    double dot = 0;
    for (size_t i = 0; i < n; i++)
        dot += (double)v[i] * by * (double)u[i];
    if (by >= 1 / LEAST) /* a constant length */
        dot = 0;
    for (size_t i = 0; i < n; i++)
        u[i] = (gop_real)(by * ((double)u[i] - (double)v[i] * by * dot));
}

/* ds / t of some rows, and df before the step's share. */
static void slope_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const attributes *a = j->r->attr;
    const size_t from = i * j->s.at_once, wide = j->s.wide, classes = j->s.classes;
    const size_t rows = gop_size_min(j->s.at_once, j->s.rows - from);
    const double by = (double)j->r->dout[0] / ((double)j->s.rows * a->temperature);
    gop_real *d = j->slope + from * classes;
    for (size_t n = from; n < from + rows; n++) {
        const size_t label = gop_index(j->r->in[LABELS][n], classes);
        for (size_t c = 0; c < classes; c++) {
            const double g = (double)j->soft[n * classes + c] - (c == label);
            j->slope[n * classes + c] = label < classes ? (gop_real)(g * by) : (gop_real)NAN;
        }
    }
    gop_gemm(j->r->ctx, rows, wide, classes, d, (ptrdiff_t)classes, 1, j->unit, (ptrdiff_t)wide, 1,
             false, j->df + from * wide, wide);
    for (size_t n = from; n < from + rows; n++) {
        turn(j->df + n * wide, j->r->in[F] + n * wide, j->length[n], wide);
        for (size_t c = 0; c < classes; c++) /* for dm: times 1 / |f| */
            j->slope[n * classes + c] *= j->length[n];
    }
}

/* dm' of some classes.  The direction m^ has the length 1. */
static void means_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const size_t from = i * j->s.at_once, wide = j->s.wide, classes = j->s.classes;
    const size_t some = gop_size_min(j->s.at_once, classes - from);
    gop_gemm(j->r->ctx, some, wide, j->s.rows, j->slope + from, 1, (ptrdiff_t)classes, j->r->in[F],
             (ptrdiff_t)wide, 1, false, j->dm + from * wide, wide);
    for (size_t c = from; c < from + some; c++) {
        gop_real *u = j->dm + c * wide;
        turn(u, j->unit + c * wide, 1, wide);
        for (size_t h = 0; h < wide; h++)
            u[h] *= j->inverse[c];
    }
}

static void backward(const gop_run *r)
{
    job j = start(r);
    const size_t wide = j.s.wide;
    gop_no_gradient(r, SCORES);
    gop_no_gradient(r, LABELS);
    gop_no_gradient(r, MEAN);
    if (r->din[F] == NULL)
        return;
    j.slope = r->work;
    j.dm = j.slope + j.s.rows * j.s.classes;
    j.df = j.dm + j.s.classes * wide;
    gop_parallel(r->ctx, gop_pieces(j.s.rows, j.s.at_once), slope_chunk, &j);
    if (j.moves)
        gop_parallel(r->ctx, gop_pieces(j.s.classes, j.s.at_once), means_chunk, &j);
    for (size_t n = 0; n < j.s.rows; n++) {
        const size_t c = gop_index(r->in[LABELS][n], j.s.classes);
        for (size_t h = 0; h < wide; h++) {
            gop_real d = j.df[n * wide + h];
            if (j.share[n] > 0)
                d += j.share[n] * j.dm[c * wide + h];
            GOP_PUT(r->din[F][n * wide + h], r->add[F], d);
        }
    }
}

/* ------------------------------------------------------------------------- cases */

/* Element h of the moved mean of class c. */
static double moved(const gop_tensor *in, const attributes *a, size_t c, size_t h)
{
    const size_t classes = in[SCORES].shape.dim[1], wide = in[F].shape.dim[1];
    const double m = (double)in[MEAN].v[c * wide + h];
    double sum = 0, count = 0;
    for (size_t n = 0; n < in[F].shape.dim[0]; n++) {
        const gop_real *scores = in[SCORES].v + n * classes;
        size_t best = 0;
        for (size_t k = 1; k < classes; k++)
            best = scores[k] > scores[best] ? k : best;
        if (best != c || in[LABELS].v[n] != (gop_real)c)
            continue;
        sum += (double)in[F].v[n * wide + h];
        count++;
    }
    return count > 0 ? (1 - a->momentum) * m + a->momentum * sum / count : m;
}

static double cosine(const gop_tensor *in, const attributes *a, size_t n, size_t c)
{
    const size_t wide = in[F].shape.dim[1];
    double dot = 0, ff = 0, mm = 0;
    for (size_t h = 0; h < wide; h++) {
        const double f = (double)in[F].v[n * wide + h], m = moved(in, a, c, h);
        dot += f * m;
        ff += f * f;
        mm += m * m;
    }
    return dot / sqrt(ff * mm);
}

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const attributes *a = attr;
    const size_t rows = in[F].shape.dim[0], classes = in[SCORES].shape.dim[1];
    double loss = 0;
    for (size_t n = 0; n < rows; n++) {
        double sum = 0, right = 0;
        for (size_t c = 0; c < classes; c++) {
            const double e = exp(cosine(in, a, n, c) / a->temperature);
            sum += e;
            right += in[LABELS].v[n] == (gop_real)c ? e : 0;
        }
        loss -= log(right / sum) / (double)rows;
    }
    y.v[0] = (gop_real)loss;
}

static void naive_still(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const attributes still = {0, ((const attributes *)attr)->temperature};
    naive(y, in, &still);
}

/* The fixed means of a case: sin(1), sin(2), ...; NULL without memory. */
static gop_real *fixed_means(size_t n)
{
    gop_real *m = malloc(n * sizeof *m);
    for (size_t i = 0; m != NULL && i < n; i++)
        m[i] = (gop_real)(float)sin((double)(i + 1));
    return m;
}

static gop_var build_fixed(gop_net *net, const gop_var *in, const void *attr)
{
    enum { MOST = 4096 };
    const attributes *a = attr;
    const gop_shape f = gop_net_shape(net, in[F]), scores = gop_net_shape(net, in[SCORES]);
    if (f.rank != 2 || scores.rank != 2 || f.dim[1] > MOST || scores.dim[1] > MOST) /* refused */
        return gop_class_contrast(net, in[F], in[SCORES], in[LABELS], gop_none(), a->momentum,
                                  a->temperature);
    const gop_shape s = gop_shape2(scores.dim[1], f.dim[1]);
    gop_real *values = fixed_means(gop_shape_size(s));
    gop_net_fix_stats(net, "means");
    if (values == NULL)
        return gop_net_fail(net, GOP_ENOMEM, "out of memory for a case");
    gop_net_first_values(net, "means", gop_init_data(values));
    gop_var m = gop_stat(net, "means", s, 0);
    free(values);
    return gop_class_contrast(net, in[F], in[SCORES], in[LABELS], m, a->momentum, a->temperature);
}

static void naive_fixed(gop_tensor y, const gop_tensor *in, const void *attr)
{
    gop_tensor with[4] = {in[F], in[SCORES], in[LABELS]};
    with[MEAN].v = fixed_means(in[SCORES].shape.dim[1] * in[F].shape.dim[1]);
    if (with[MEAN].v != NULL)
        naive_still(y, with, attr);
    free(with[MEAN].v);
}

#define UNTRAINED (1 << SCORES | 1 << MEAN)

static const gop_case cases[] = {
    {"training", .in = {{2, {9, 5}}, {2, {9, 3}}, {1, {9}}, {2, {3, 5}}},
     .range = {[LABELS] = {0, 3}}, .integers = 1 << LABELS, .fixed = UNTRAINED,
     .attr = &(attributes){0.1, 0.5}, .training = true,
     .bench = {{2, {64, 256}}, {2, {64, 60}}, {1, {64}}, {2, {60, 256}}}},
    {"a large step", .in = {{2, {6, 4}}, {2, {6, 2}}, {1, {6}}, {2, {2, 4}}},
     .range = {[LABELS] = {0, 2}}, .integers = 1 << LABELS, .fixed = UNTRAINED,
     .attr = &(attributes){0.9, 1}, .training = true},
    {"inference", .in = {{2, {5, 4}}, {2, {5, 3}}, {1, {5}}, {2, {3, 4}}},
     .range = {[LABELS] = {0, 3}}, .integers = 1 << LABELS, .fixed = UNTRAINED,
     .attr = &(attributes){0.1, 0.5}, .naive = naive_still},
    {"training, fixed means", .in = {{2, {5, 4}}, {2, {5, 3}}, {1, {5}}},
     .range = {[LABELS] = {0, 3}}, .integers = 1 << LABELS, .fixed = 1 << SCORES,
     .attr = &(attributes){0.1, 0.5}, .training = true, .build = build_fixed, .naive = naive_fixed},
    {0},
};

const gop_op gop_op_class_contrast = {
    .name = "class_contrast",
    .flags = GOP_OP_NEEDS_IN,
    .attr_size = sizeof(attributes),
    .plan = plan,
    .prepare = prepare,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
    .madds_backward = madds_backward,
};

/*: Contrast of features with the running mean of each class (ProtoGCN).
 *
 *     m'[c]  = (1 - momentum) means[c] + momentum (the mean of f[n] over R[c])
 *     s[n,c] = cosine(f[n], m'[c]) / temperature
 *     y      = 1/N sum_n (log sum_c exp s[n,c] - s[n,labels[n]])
 *
 * f [N, H]; scores [N, C], of a classifier; labels [N], the class numbers; means [C, H], made by
 * gop_stat; y is a scalar.  R[c] are the samples of class c whose score is largest at c, the first of
 * equal ones; with none, m'[c] = means[c].  In a training net `means` becomes m', and the gradient
 * flows through that step into f.  In an inference net, and if gop_net_fix_stats names `means`, m' =
 * means.  A length below 1e-12 counts as 1e-12.  A label that is not an integer in [0, C) makes the
 * loss NaN.  No gradient to `scores`, `labels` and `means`.
 * Errors: GOP_ESHAPE if a shape does not fit, GOP_EINVAL for a momentum outside [0, 1] and a
 * temperature that is not positive and finite.
 * Source: Liu et al. 2025, section 3.4.
 */
GOP_API gop_var gop_class_contrast(gop_net *net, gop_var f, gop_var scores, gop_var labels,
                                   gop_var means, double momentum, double temperature)
{
    attributes a = {momentum, temperature};
    gop_var in[4] = {f, scores, labels, means};
    return gop_apply(net, &gop_op_class_contrast, &a, in, 4);
}
