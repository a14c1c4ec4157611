/*
 * group_norm.c: normalisation over groups of channels of each sample.
 *
 *     forward    xh = (x - mean[n,g]) / sqrt(var[n,g] + eps),  y = w[c] xh + b[c]
 *     backward   s1[n,c] = sum dy,  s2[n,c] = sum dy xh        over the sample's rows
 *                m1[n,g] = 1/K sum_{c in g} w[c] s1[n,c],  m2 likewise of s2
 *                dx = (w[c] dy - m1 - xh m2) / sqrt(var + eps)
 *                dw[c] = sum_n s2[n,c],  db[c] = sum_n s1[n,c]
 *
 * x [N, ..., C], C channels in G consecutive groups, where channel c has g = c / (C / G); w, b [C],
 * either may be absent (1, 0).  Mean and var are over the K elements of a sample's group: its
 * channels at all nodes and frames.  Training and inference are the same.
 *
 * A sample's rows are cut into pieces, or into one if there are enough samples to share; sums over
 * a piece are kept for each channel in double, and added in order.  Variances come from a second
 * pass, about the mean.
 *
 * Kept for backward: mean and 1 / sqrt(var + eps) of each sample's channels (equal
 * within a group).
 * Source: Wu & He 2018.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/partial.h"

#include <math.h>

enum { X, WEIGHT, BIAS };

typedef struct attributes {
    size_t groups;
    double eps;
} attributes;

typedef struct sizes {
    size_t n, rows, c, line; /* rows of one sample */
    size_t groups, width;    /* channels of a group */
    size_t pieces;           /* of a sample's rows */
} sizes;

static sizes measure(gop_shape x, size_t groups)
{
    sizes s = {.n = x.dim[0], .c = x.dim[x.rank - 1], .groups = groups};
    s.rows = gop_shape_size(x) / s.n / s.c;
    s.line = gop_line(s.c);
    s.width = s.c / groups;
    s.pieces = s.n < GOP_NORM_SAMPLES ? gop_size_min(gop_parts(s.rows * s.c, GOP_CHUNK, 16), s.rows)
                                      : 1;
    return s;
}

static gop_status plan(gop_op_plan *p)
{
    static const char *const name[] = {"x", "weight", "bias"};
    const attributes *a = p->attr;
    char at[80], xt[80];
    const gop_shape x = p->in[X];
    if (x.rank < 2)
        return gop_fail(p->err, GOP_ESHAPE, "x %s must be [N, ..., C]",
                        gop_shape_text(xt, sizeof xt, x));
    const size_t c = x.dim[x.rank - 1];
    if (a->groups == 0 || c % a->groups != 0)
        return gop_fail(p->err, GOP_ESHAPE,
                        "the %zu channels of x %s are not divisible into %zu groups", c,
                        gop_shape_text(xt, sizeof xt, x), a->groups);
    for (int i = WEIGHT; i <= BIAS; i++)
        if (p->in[i].rank >= 0 && !gop_shape_equal(p->in[i], gop_shape1(c)))
            return gop_fail(p->err, GOP_ESHAPE, "%s %s must be [C] for x %s = [N, ..., C]", name[i],
                            gop_shape_text(at, sizeof at, p->in[i]),
                            gop_shape_text(xt, sizeof xt, x));
    if (!(a->eps >= 0 && isfinite(a->eps)))
        return gop_fail(p->err, GOP_EINVAL, "eps must be finite and not negative, not %g", a->eps);
    sizes s = measure(x, a->groups);
    p->out = x;
    p->saved = p->training ? s.n * 2 * s.line : 0;
    p->work = s.n * 4 * s.line + s.n * s.pieces * 2 * s.line * GOP_REALS_PER_DOUBLE;
    return GOP_OK;
}

/* The steps for one sample: each processes the pieces, and `joined` then adds their sums.  The last
 * step has nothing to add. */
typedef struct job job;
typedef struct step {
    void (*piece)(const job *j, size_t n, size_t piece);
    void (*joined)(const job *j, size_t n);
} step;

struct job {
    const gop_run *r;
    sizes s;
    double eps;
    const step *steps;
    size_t at; /* of the current step, if pieces run separately */
};

/* work: two lines per sample of mean and 1 / sqrt(var + eps) if these are not kept for backward,
 * two of coefficients, and then two lines of doubles per piece. */
static gop_real *moments(const job *j, size_t n)
{
    return (j->r->saved != NULL ? j->r->saved : j->r->work) + n * 2 * j->s.line;
}

static gop_real *coefficients(const job *j, size_t n)
{
    return j->r->work + (j->s.n + n) * 2 * j->s.line;
}

static double *sums(const job *j, size_t n, size_t piece)
{
    gop_real *first = j->r->work + j->s.n * 4 * j->s.line;
    return (double *)(void *)(first +
                              (n * j->s.pieces + piece) * 2 * j->s.line * GOP_REALS_PER_DOUBLE);
}

static void piece_chunk(void *arg, size_t i)
{
    const job *j = arg;
    j->steps[j->at].piece(j, i / j->s.pieces, i % j->s.pieces);
}

static void sample_chunk(void *arg, size_t n)
{
    const job *j = arg;
    for (const step *s = j->steps; s->piece != NULL; s++) {
        s->piece(j, n, 0);
        if (s->joined != NULL)
            s->joined(j, n);
    }
}

/* Each sample through all steps while it is in cache, or each step over the pieces of a few large
 * samples. */
static void run_steps(job *j, const step *steps)
{
    j->steps = steps;
    if (j->s.pieces == 1) {
        gop_parallel(j->r->ctx, j->s.n, sample_chunk, j);
        return;
    }
    for (j->at = 0; steps[j->at].piece != NULL; j->at++) {
        gop_parallel(j->r->ctx, j->s.n * j->s.pieces, piece_chunk, j);
        for (size_t n = 0; n < j->s.n && steps[j->at].joined != NULL; n++)
            steps[j->at].joined(j, n);
    }
}

/* The first row of a piece, and the number of its rows. */
typedef struct part {
    size_t at, rows;
} part;

static part rows_of(const job *j, size_t n, size_t piece)
{
    size_t from = gop_cut(j->s.rows, j->s.pieces, piece);
    part p = {(n * j->s.rows + from) * j->s.c, gop_cut(j->s.rows, j->s.pieces, piece + 1) - from};
    return p;
}

/* sum[0] += the sums of the other pieces. */
static double *join_pieces(const job *j, size_t n)
{
    double *sum = sums(j, n, 0);
    for (size_t k = 1; k < j->s.pieces; k++)
        for (size_t i = 0; i < 2 * j->s.line; i++)
            sum[i] += sums(j, n, k)[i];
    return sum;
}

/* 1/K sum of v over the channels of group g, each first multiplied by an optional factor. */
static double group_mean(const sizes *s, size_t g, const double *v, const gop_real *by)
{
    double sum = 0;
    for (size_t c = g * s->width; c < (g + 1) * s->width; c++)
        sum += by != NULL ? v[c] * (double)by[c] : v[c];
    return sum / ((double)s->width * (double)s->rows);
}

static void set_group(const sizes *s, size_t g, gop_real *to, double v)
{
    for (size_t c = g * s->width; c < (g + 1) * s->width; c++)
        to[c] = (gop_real)v;
}

/* ----------------------------------------------------------------------- forward */

GOP_VECTOR static void add_rows(double *restrict sum, const gop_real *restrict x, size_t rows,
                                size_t n)
{
    for (size_t r = 0; r < rows; r++, x += n)
        for (size_t c = 0; c < n; c++)
            sum[c] += (double)x[c];
}

GOP_VECTOR static void add_squares(double *restrict sum, const gop_real *restrict x,
                                   const gop_real *restrict mean, size_t rows, size_t n)
{
    for (size_t r = 0; r < rows; r++, x += n)
        for (size_t c = 0; c < n; c++) {
            double d = (double)(x[c] - mean[c]);
            sum[c] += d * d;
        }
}

/* y = (x - mean) scale + bias */
GOP_VECTOR static void normalise(gop_real *y, const gop_real *x, const gop_real *restrict mean,
                                 const gop_real *restrict scale, const gop_real *restrict bias,
                                 size_t rows, size_t n)
{
    for (size_t r = 0; r < rows; r++, x += n, y += n)
        GOP_INDEPENDENT
    for (size_t c = 0; c < n; c++)
        y[c] = (x[c] - mean[c]) * scale[c] + bias[c];
}

static void sum_piece(const job *j, size_t n, size_t piece)
{
    const part p = rows_of(j, n, piece);
    double *sum = sums(j, n, piece);
    memset(sum, 0, 2 * j->s.line * sizeof *sum);
    add_rows(sum, j->r->in[X] + p.at, p.rows, j->s.c);
}

static void square_piece(const job *j, size_t n, size_t piece)
{
    const part p = rows_of(j, n, piece);
    double *sum = sums(j, n, piece);
    memset(sum, 0, 2 * j->s.line * sizeof *sum);
    add_squares(sum, j->r->in[X] + p.at, moments(j, n), p.rows, j->s.c);
}

static void set_means(const job *j, size_t n)
{
    const double *sum = join_pieces(j, n);
    for (size_t g = 0; g < j->s.groups; g++)
        set_group(&j->s, g, moments(j, n), group_mean(&j->s, g, sum, NULL));
}

static void set_scales(const job *j, size_t n)
{
    const double *sum = join_pieces(j, n);
    const gop_run *r = j->r;
    gop_real *inv = moments(j, n) + j->s.line, *scale = coefficients(j, n);
    gop_real *bias = scale + j->s.line;
    for (size_t g = 0; g < j->s.groups; g++)
        set_group(&j->s, g, inv, 1 / sqrt(group_mean(&j->s, g, sum, NULL) + j->eps));
    for (size_t c = 0; c < j->s.c; c++) {
        scale[c] = r->in[WEIGHT] != NULL ? r->in[WEIGHT][c] * inv[c] : inv[c];
        bias[c] = r->in[BIAS] != NULL ? r->in[BIAS][c] : 0;
    }
}

static void write_piece(const job *j, size_t n, size_t piece)
{
    const part p = rows_of(j, n, piece);
    const gop_real *scale = coefficients(j, n);
    normalise(j->r->out + p.at, j->r->in[X] + p.at, moments(j, n), scale, scale + j->s.line, p.rows,
              j->s.c);
}

static job start(const gop_run *r)
{
    const attributes *a = r->attr;
    job j = {.r = r, .s = measure(r->in_shape[X], a->groups), .eps = a->eps};
    return j;
}

static void forward(const gop_run *r)
{
    static const step steps[] = {
        {sum_piece, set_means}, {square_piece, set_scales}, {write_piece, NULL}, {NULL, NULL}};
    job j = start(r);
    run_steps(&j, steps);
}

/* ---------------------------------------------------------------------- backward */

/* sum += dy, dot += dy (x - mean) */
GOP_VECTOR static void add_products(double *restrict sum, double *restrict dot,
                                    const gop_real *restrict dy, const gop_real *restrict x,
                                    const gop_real *restrict mean, size_t rows, size_t n)
{
    for (size_t r = 0; r < rows; r++, x += n, dy += n)
        for (size_t c = 0; c < n; c++) {
            sum[c] += (double)dy[c];
            dot[c] += (double)dy[c] * (double)(x[c] - mean[c]);
        }
}

/* dx (+)= inv w dy - k1 - (x - mean) k2;  w may be NULL */
GOP_VECTOR static void spread(gop_real *restrict dx, const gop_real *restrict dy,
                              const gop_real *restrict x, const gop_real *restrict mean,
                              const gop_real *restrict inv, const gop_real *restrict w,
                              const gop_real *restrict k1, const gop_real *restrict k2, size_t rows,
                              size_t n, bool add)
{
    for (size_t r = 0; r < rows; r++, x += n, dx += n, dy += n)
        for (size_t c = 0; c < n; c++) {
            gop_real d = inv[c] * (w != NULL ? w[c] : 1) * dy[c] - k1[c] - (x[c] - mean[c]) * k2[c];
            GOP_PUT(dx[c], add, d);
        }
}

static void products_piece(const job *j, size_t n, size_t piece)
{
    const part p = rows_of(j, n, piece);
    double *sum = sums(j, n, piece);
    memset(sum, 0, 2 * j->s.line * sizeof *sum);
    add_products(sum, sum + j->s.line, j->r->dout + p.at, j->r->in[X] + p.at, moments(j, n), p.rows,
                 j->s.c);
}

static void set_spreads(const job *j, size_t n)
{
    const sizes *s = &j->s;
    const gop_real *w = j->r->in[WEIGHT];
    const double *sum = join_pieces(j, n), *dot = sum + s->line;
    gop_real *k = coefficients(j, n);
    for (size_t g = 0; g < s->groups; g++) {
        const double inv = (double)moments(j, n)[s->line + g * s->width];
        set_group(s, g, k, inv * group_mean(s, g, sum, w));
        set_group(s, g, k + s->line, inv * inv * inv * group_mean(s, g, dot, w));
    }
}

static void spread_piece(const job *j, size_t n, size_t piece)
{
    const part p = rows_of(j, n, piece);
    const gop_real *k = coefficients(j, n), *m = moments(j, n);
    if (j->r->din[X] != NULL)
        spread(j->r->din[X] + p.at, j->r->dout + p.at, j->r->in[X] + p.at, m, m + j->s.line,
               j->r->in[WEIGHT], k, k + j->s.line, p.rows, j->s.c, j->r->add[X]);
}

static void backward(const gop_run *r)
{
    static const step steps[] = {{products_piece, set_spreads}, {spread_piece, NULL}, {NULL, NULL}};
    job j = start(r);
    run_steps(&j, steps);
    for (size_t c = 0; c < j.s.c; c++) {
        double dw = 0, db = 0;
        for (size_t n = 0; n < j.s.n; n++) {
            const double *sum = sums(&j, n, 0);
            db += sum[c];
            dw += sum[j.s.line + c] * (double)moments(&j, n)[j.s.line + c];
        }
        gop_put_sum(r, WEIGHT, c, dw);
        gop_put_sum(r, BIAS, c, db);
    }
}

/* ------------------------------------------------------------------------- cases */

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const attributes *a = attr;
    const size_t n = y.shape.dim[0], c = y.shape.dim[y.shape.rank - 1];
    const size_t rows = gop_shape_size(y.shape) / n / c, width = c / a->groups;
    for (size_t i = 0; i < n * a->groups; i++) {
        const size_t first = i / a->groups * rows * c + i % a->groups * width;
        const double count = (double)(rows * width);
        double mean = 0, var = 0;
        for (size_t k = 0; k < rows * width; k++)
            mean += (double)in[X].v[first + k / width * c + k % width] / count;
        for (size_t k = 0; k < rows * width; k++) {
            const double d = (double)in[X].v[first + k / width * c + k % width] - mean;
            var += d * d / count;
        }
        for (size_t k = 0; k < rows * width; k++) {
            const size_t at = first + k / width * c + k % width;
            y.v[at] = (gop_real)(((double)in[X].v[at] - mean) / sqrt(var + a->eps) *
                                     (in[WEIGHT].v ? (double)in[WEIGHT].v[at % c] : 1) +
                                 (in[BIAS].v ? (double)in[BIAS].v[at % c] : 0));
        }
    }
}

/* Many samples of one row each, between operators with which it shares memory. */
static gop_var build_rows(gop_net *net, const gop_var *in, const void *attr)
{
    const attributes *a = attr;
    gop_var x = gop_scale(net, in[0], 3);
    x = gop_group_norm(net, x, a->groups, gop_none(), gop_none(), 9 * a->eps);
    return gop_scale(net, gop_scale(net, x, -2), -0.5);
}

static const gop_case cases[] = {
    {"three groups", .in = {{4, {2, 3, 5, 6}}, {1, {6}}, {1, {6}}}, .attr = &(attributes){3, 1e-5},
     .bench = {{4, {32, 26, 25, 48}}, {1, {48}}, {1, {48}}}},
    {"one, bias, several pieces", .in = {{3, {2, 3001, 12}}, {.rank = -1}, {1, {12}}},
     .range = {{3, 5}}, .attr = &(attributes){1, 1e-3}},
    {"all, weight, several pieces", .in = {{3, {2, 3001, 12}}, {1, {12}}, {.rank = -1}},
     .range = {{3, 5}}, .attr = &(attributes){12, 1e-3}},
    {"rows", .in = {{2, {11, 10}}}, .attr = &(attributes){2, 1e-5}, .build = build_rows},
    {0},
};

const gop_op gop_op_group_norm = {
    .name = "group_norm",
    .flags = GOP_OP_INPLACE | GOP_OP_NEEDS_IN,
    .attr_size = sizeof(attributes),
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
};

/*: Group normalisation (Wu & He 2018).
 *
 *     y[n, ..., c] = weight[c] (x[n, ..., c] - mean[n, g]) / sqrt(var[n, g] + eps) + bias[c]
 *     g = c / (C / groups)
 *
 * x [N, ..., C], such as [N, M, T, C], of rank 2 or more; weight, bias [C] or gop_none() (1, 0); y
 * has the shape of x.  Mean and (biased) variance are taken over one sample, one group of channels
 * and all axes between, such as nodes and frames, in training and inference.  With one group this
 * is layer normalisation of a sample, with C groups instance normalisation.
 * Errors: GOP_ESHAPE if a shape does not fit or C is not a multiple of `groups`, GOP_EINVAL for a
 * negative eps.
 */
GOP_API gop_var gop_group_norm(gop_net *net, gop_var x, size_t groups, gop_var weight, gop_var bias,
                               double eps)
{
    attributes a = {groups, eps};
    gop_var in[3] = {x, weight, bias};
    return gop_apply(net, &gop_op_group_norm, &a, in, 3);
}
