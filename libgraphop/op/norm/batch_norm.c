/*
 * batch_norm.c: batch normalisation over the last axis.
 *
 *     forward    y[r,c] = w[c] (x[r,c] - mean[c]) / sqrt(var[c] + eps) + b[c]
 *     backward   xh = (x - mean) / sqrt(var + eps)
 *                db[c] = sum_r dy[r,c],  dw[c] = sum_r dy[r,c] xh[r,c]
 *                dx = w / sqrt(var + eps) (dy - db / R - xh dw / R)   in training
 *                dx = w / sqrt(var + eps) dy                          otherwise
 *
 * x [..., C] with R rows; w, b [C], either may be absent (1, 0).  In training mean and var are
 * those of the batch (var over R), and the running ones are updated: m <- (1 - momentum) m +
 * momentum mean, likewise var with the variance over R - 1.  Otherwise they are the running ones:
 * in inference, and in training if one of them is fixed (gop_net_fix_stats); neither is then
 * updated.
 * Source: Ioffe & Szegedy 2015; in every block of Sym-GNN (sec. 4.1.4, 4.2.2).
 *
 * Mean and squared deviations are computed per tile of rows (in two passes while it is in cache),
 * and tiles are combined by Chan, Golub & LeVeque's formula in double, within groups and then over
 * groups, in order.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/partial.h"
#include "op/per_frame.h"

#include <math.h>

enum { X, WEIGHT, BIAS, MEAN, VAR };

typedef struct attributes {
    double eps, momentum;
} attributes;

typedef struct sizes {
    size_t rows, c;
    size_t tile;   /* rows of a tile */
    size_t groups; /* of rows */
    size_t line;
} sizes;

static sizes measure(const gop_shape *in)
{
    sizes s;
    s.c = in[X].dim[in[X].rank - 1];
    s.rows = gop_shape_size(in[X]) / s.c;
    s.tile = gop_size_max(16, 4096 / s.c);
    s.groups = gop_parts(s.rows * s.c, GOP_CHUNK, 64);
    s.groups = gop_size_min(s.groups, s.rows);
    s.line = gop_line(s.c);
    return s;
}

/* Two doubles per channel and group, in gop_real elements; and the sums of a pass over one tile,
 * two reals per channel and group. */
static size_t group_size(const sizes *s)
{
    return 2 * s->line * GOP_REALS_PER_DOUBLE + 2 * s->line;
}

static gop_status plan(gop_op_plan *p)
{
    static const char *const name[] = {"x", "weight", "bias", "mean", "var"};
    const attributes *a = p->attr;
    char at[64], xt[64];
    if (p->in[X].rank < 1)
        return gop_fail(p->err, GOP_ESHAPE, "x is a scalar, but needs a last axis");
    sizes s = measure(p->in);
    for (int i = WEIGHT; i <= VAR; i++)
        if (!(i < MEAN && p->in[i].rank < 0) && !gop_shape_equal(p->in[i], gop_shape1(s.c)))
            return gop_fail(p->err, GOP_ESHAPE, "%s %s must be [C] for x %s = [..., C]", name[i],
                            gop_shape_text(at, sizeof at, p->in[i]),
                            gop_shape_text(xt, sizeof xt, p->in[X]));
    if (!(a->eps >= 0 && isfinite(a->eps)) || !(a->momentum >= 0 && a->momentum <= 1))
        return gop_fail(p->err, GOP_EINVAL,
                        "eps must be finite and not negative and momentum in [0, 1], not %g and %g",
                        a->eps, a->momentum);
    const bool moves = p->training && (p->fixed & (1u << MEAN | 1u << VAR)) == 0;
    if (moves && s.rows < 2)
        return gop_fail(p->err, GOP_ESHAPE,
                        "x %s has one row: training needs at least two for a variance",
                        gop_shape_text(xt, sizeof xt, p->in[X]));
    p->out = p->in[X];
    if (moves) /* backward detects this from the saved memory */
        p->saved = 2 * s.line;
    p->flags |= moves ? GOP_OP_STREAMS_OUT : GOP_OP_ELEMENTWISE | GOP_OP_AFFINE;
    p->prepared = moves ? 0 : 2 * s.line;
    p->prepared_from = 1u << WEIGHT | 1u << VAR;
    p->work = 3 * s.line + s.groups * group_size(&s);
    return GOP_OK;
}

/* work: three coefficients per channel, then the groups. */
typedef struct job {
    const gop_run *r;
    sizes s;
    gop_real *k0, *k1, *k2;
    const gop_real *mean, *inv; /* of backward's sums */
} job;

static job start(const gop_run *r)
{
    job j = {.r = r, .s = measure(r->in_shape)};
    j.k0 = r->work;
    j.k1 = j.k0 + j.s.line;
    j.k2 = j.k1 + j.s.line;
    return j;
}

static double *group_sums(const job *j, size_t g)
{
    return (double *)(void *)(j->k2 + j->s.line + g * group_size(&j->s));
}

static gop_real *tile_sums(const job *j, size_t g)
{
    return (gop_real *)(void *)(group_sums(j, g) + 2 * j->s.line);
}

GOP_VECTOR static void add_squares(gop_real *restrict sum, const gop_real *restrict mean,
                                   const gop_real *restrict x, size_t rows, size_t n)
{
    size_t r = 0;
    for (; r + 2 <= rows; r += 2, x += 2 * n)
        for (size_t c = 0; c < n; c++) {
            gop_real a = x[c] - mean[c], b = x[n + c] - mean[c];
            sum[c] += a * a + b * b;
        }
    for (; r < rows; r++, x += n)
        for (size_t c = 0; c < n; c++)
            sum[c] += (x[c] - mean[c]) * (x[c] - mean[c]);
}

/* Combines `more` rows with mean m and squares q into `rows` rows with mean `mean` and squares
 * sq. */
GOP_VECTOR static void join(double *restrict mean, double *restrict sq, double rows,
                            const double *restrict m, const double *restrict q, double more,
                            size_t n)
{
    double share = more / (rows + more), cross = rows * share;
    for (size_t c = 0; c < n; c++) {
        double d = m[c] - mean[c];
        mean[c] += d * share;
        sq[c] += q[c] + d * d * cross;
    }
}

GOP_VECTOR static void join_tile(double *restrict mean, double *restrict sq, double rows,
                                 const gop_real *restrict m, const gop_real *restrict q,
                                 double more, size_t n)
{
    double share = more / (rows + more), cross = rows * share;
    for (size_t c = 0; c < n; c++) {
        double d = (double)m[c] - mean[c];
        mean[c] += d * share;
        sq[c] += (double)q[c] + d * d * cross;
    }
}

GOP_VECTOR static void scale_by(gop_real *restrict y, gop_real a, size_t n)
{
    for (size_t c = 0; c < n; c++)
        y[c] *= a;
}

static void moments_chunk(void *arg, size_t g)
{
    const job *j = arg;
    const sizes *s = &j->s;
    double *mean = group_sums(j, g), *sq = mean + s->line;
    gop_real *m = tile_sums(j, g), *q = m + s->line;
    size_t from = gop_cut(s->rows, s->groups, g), to = gop_cut(s->rows, s->groups, g + 1);
    memset(mean, 0, 2 * s->line * sizeof *mean);
    for (size_t row = from; row < to; row += s->tile) {
        size_t rows = gop_size_min(s->tile, to - row);
        const gop_real *x = j->r->in[X] + row * s->c;
        gop_sum_rows(m, false, x, rows, s->c, s->c);
        scale_by(m, 1 / (gop_real)rows, s->c);
        memset(q, 0, s->c * sizeof *q);
        add_squares(q, m, x, rows, s->c);
        join_tile(mean, sq, (double)(row - from), m, q, (double)rows, s->c);
    }
}

/* Batch moments into saved (mean, 1/sqrt(var + eps)) and the running ones. */
static void find_moments(job *j)
{
    const gop_run *r = j->r;
    const sizes *s = &j->s;
    const attributes *a = r->attr;
    gop_parallel(r->ctx, s->groups, moments_chunk, j);
    double *mean = group_sums(j, 0), *sq = mean + s->line;
    for (size_t g = 1; g < s->groups; g++) {
        size_t before = gop_cut(s->rows, s->groups, g);
        size_t more = gop_cut(s->rows, s->groups, g + 1) - before;
        const double *m = group_sums(j, g);
        join(mean, sq, (double)before, m, m + s->line, (double)more, s->c);
    }
    double n = (double)s->rows, k = a->momentum;
    for (size_t c = 0; c < s->c; c++) {
        r->saved[c] = (gop_real)mean[c];
        r->saved[s->line + c] = (gop_real)(1 / sqrt(sq[c] / n + a->eps));
        r->in[MEAN][c] = (gop_real)((1 - k) * (double)r->in[MEAN][c] + k * mean[c]);
        r->in[VAR][c] = (gop_real)((1 - k) * (double)r->in[VAR][c] + k * sq[c] / (n - 1));
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

static void forward_chunk(void *arg, size_t g)
{
    const job *j = arg;
    const sizes *s = &j->s;
    size_t from = gop_cut(s->rows, s->groups, g), to = gop_cut(s->rows, s->groups, g + 1);
    /* In pieces that stay in cache for the operators that follow. */
    for (size_t row = from, rows; row < to; row += rows) {
        rows = gop_size_min(gop_rows(s->c), to - row);
        normalise(j->r->out + row * s->c, j->r->in[X] + row * s->c, j->mean, j->k0, j->k1, rows,
                  s->c);
        gop_run_produced(j->r, row * s->c, (row + rows) * s->c);
    }
}

static void set_moments(job *j)
{
    j->mean = j->r->saved;
    j->inv = j->r->saved + j->s.line;
}

static void forward(const gop_run *r)
{
    job j = start(r);
    find_moments(&j);
    set_moments(&j);
    for (size_t c = 0; c < j.s.c; c++) {
        j.k0[c] = j.inv[c] * (r->in[WEIGHT] ? r->in[WEIGHT][c] : 1);
        j.k1[c] = r->in[BIAS] ? r->in[BIAS][c] : 0;
    }
    gop_parallel(r->ctx, j.s.groups, forward_chunk, &j);
}

/* By running moments: weight / sqrt(var + eps). */
static void prepare(const gop_run *r)
{
    const attributes *a = r->attr;
    const sizes s = measure(r->in_shape);
    for (size_t c = 0; c < s.c; c++)
        r->prepared[c] = (gop_real)((r->in[WEIGHT] ? (double)r->in[WEIGHT][c] : 1) /
                                    sqrt((double)r->in[VAR][c] + a->eps));
    for (size_t c = 0; c < s.c; c++)
        r->prepared[s.line + c] = 0;
}

static void affine(const gop_run *r, double *scale, double *shift)
{
    const attributes *a = r->attr;
    const size_t n = r->out_shape.dim[r->out_shape.rank - 1];
    for (size_t c = 0; c < n; c++) {
        scale[c] = (r->in[WEIGHT] ? (double)r->in[WEIGHT][c] : 1) /
                   sqrt((double)r->in[VAR][c] + a->eps);
        shift[c] = (r->in[BIAS] ? (double)r->in[BIAS][c] : 0) - (double)r->in[MEAN][c] * scale[c];
    }
}

static void rows(const gop_run *r, size_t from, size_t to)
{
    const sizes s = measure(r->in_shape);
    normalise(r->out + from, r->in[X] + from, r->in[MEAN], r->prepared,
              r->in[BIAS] ? r->in[BIAS] : r->prepared + s.line, (to - from) / s.c, s.c);
}

/* sum += dy, dot += dy (x - mean) */
GOP_VECTOR static void add_products(gop_real *restrict sum, gop_real *restrict dot,
                                    const gop_real *restrict dy, const gop_real *restrict x,
                                    const gop_real *restrict mean, size_t rows, size_t n)
{
    size_t r = 0;
    for (; r + 2 <= rows; r += 2, x += 2 * n, dy += 2 * n)
        for (size_t c = 0; c < n; c++) {
            sum[c] += dy[c] + dy[n + c];
            dot[c] += dy[c] * (x[c] - mean[c]) + dy[n + c] * (x[n + c] - mean[c]);
        }
    for (; r < rows; r++, x += n, dy += n)
        for (size_t c = 0; c < n; c++) {
            sum[c] += dy[c];
            dot[c] += dy[c] * (x[c] - mean[c]);
        }
}

GOP_VECTOR static void add_reals(double *restrict y, const gop_real *restrict x, size_t n)
{
    for (size_t c = 0; c < n; c++)
        y[c] += (double)x[c];
}

static void products_chunk(void *arg, size_t g)
{
    const job *j = arg;
    const sizes *s = &j->s;
    double *total = group_sums(j, g);
    gop_real *sum = tile_sums(j, g), *dot = sum + s->line;
    size_t from = gop_cut(s->rows, s->groups, g), to = gop_cut(s->rows, s->groups, g + 1);
    memset(total, 0, 2 * s->line * sizeof *total);
    for (size_t row = from; row < to; row += s->tile) {
        memset(sum, 0, 2 * s->line * sizeof *sum);
        gop_run_needs(j->r, row * s->c, gop_size_min(row + s->tile, to) * s->c);
        add_products(sum, dot, j->r->dout + row * s->c, j->r->in[X] + row * s->c, j->mean,
                     gop_size_min(s->tile, to - row), s->c);
        add_reals(total, sum, s->c);
        add_reals(total + s->line, dot, s->c);
    }
}

/* dx (+)= k0 dy + k1 (x - mean) + k2 */
GOP_VECTOR static void spread(gop_real *restrict dx, const gop_real *restrict dy,
                              const gop_real *restrict x, const gop_real *restrict mean,
                              const gop_real *restrict k0, const gop_real *restrict k1,
                              const gop_real *restrict k2, size_t rows, size_t n, bool add)
{
    for (size_t r = 0; r < rows; r++, x += n, dx += n, dy += n)
        for (size_t c = 0; c < n; c++)
            GOP_PUT(dx[c], add, k0[c] * dy[c] + (k1[c] * (x[c] - mean[c]) + k2[c]));
}

static void backward_chunk(void *arg, size_t g)
{
    const job *j = arg;
    const sizes *s = &j->s;
    size_t from = gop_cut(s->rows, s->groups, g), to = gop_cut(s->rows, s->groups, g + 1);
    spread(j->r->din[X] + from * s->c, j->r->dout + from * s->c, j->r->in[X] + from * s->c, j->mean,
           j->k0, j->k1, j->k2, to - from, s->c, j->r->add[X]);
}

static void backward(const gop_run *r)
{
    job j = start(r);
    const sizes *s = &j.s;
    const attributes *a = r->attr;
    const bool moves = r->saved != NULL;
    if (moves)
        set_moments(&j);
    else
        j.mean = r->in[MEAN];
    gop_parallel(r->ctx, s->groups, products_chunk, &j);
    double *sum = group_sums(&j, 0), *dot = sum + s->line, n = (double)s->rows;
    for (size_t c = 0; c < s->c; c++) {
        double inv = moves ? (double)j.inv[c] : 1 / sqrt((double)r->in[VAR][c] + a->eps);
        double w = r->in[WEIGHT] ? (double)r->in[WEIGHT][c] : 1;
        for (size_t g = 1; g < s->groups; g++) {
            sum[c] += group_sums(&j, g)[c];
            dot[c] += group_sums(&j, g)[s->line + c];
        }
        gop_put_sum(r, BIAS, c, sum[c]);
        gop_put_sum(r, WEIGHT, c, dot[c] * inv);
        j.k0[c] = (gop_real)(w * inv);
        /* From the moments of the batch, which do not depend on the running ones. */
        j.k1[c] = moves ? (gop_real)(-w * inv * inv * inv * dot[c] / n) : 0;
        j.k2[c] = moves ? (gop_real)(-w * inv * sum[c] / n) : 0;
    }
    gop_no_gradient(r, MEAN);
    gop_no_gradient(r, VAR);
    if (r->din[X])
        gop_parallel(r->ctx, s->groups, backward_chunk, &j);
}

/* ------------------------------------------------------------------------- cases */

/* One channel, by its own or by given moments. */
static void naive_channel(gop_tensor y, const gop_tensor *in, const void *attr, size_t c,
                          double mean, double var)
{
    const attributes *a = attr;
    const size_t n = y.shape.dim[y.shape.rank - 1];
    for (size_t i = c; i < gop_shape_size(y.shape); i += n)
        y.v[i] = (gop_real)((in[WEIGHT].v ? (double)in[WEIGHT].v[c] : 1) *
                                ((double)in[X].v[i] - mean) / sqrt(var + a->eps) +
                            (in[BIAS].v ? (double)in[BIAS].v[c] : 0));
}

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const size_t n = y.shape.dim[y.shape.rank - 1], size = gop_shape_size(y.shape);
    const double rows = (double)(size / n);
    for (size_t c = 0; c < n; c++) {
        double mean = 0, var = 0;
        for (size_t i = c; i < size; i += n)
            mean += (double)in[X].v[i] / rows;
        for (size_t i = c; i < size; i += n)
            var += ((double)in[X].v[i] - mean) * ((double)in[X].v[i] - mean) / rows;
        naive_channel(y, in, attr, c, mean, var);
    }
}

static void naive_inference(gop_tensor y, const gop_tensor *in, const void *attr)
{
    for (size_t c = 0; c < y.shape.dim[y.shape.rank - 1]; c++)
        naive_channel(y, in, attr, c, (double)in[MEAN].v[c], (double)in[VAR].v[c]);
}

/* With fixed running moments, 0.25 and 1.5. */
static gop_var build_fixed(gop_net *net, const gop_var *in, const void *attr)
{
    const attributes *a = attr;
    const gop_shape x = gop_net_shape(net, in[X]);
    const gop_shape c = gop_shape1(x.rank > 0 ? x.dim[x.rank - 1] : 1);
    gop_net_fix_stats(net, "bn");
    gop_net_push(net, "bn");
    gop_var mean = gop_stat(net, "mean", c, 0.25), var = gop_stat(net, "var", c, 1.5);
    gop_net_pop(net);
    return gop_batch_norm(net, in[X], in[WEIGHT], in[BIAS], mean, var, a->eps, a->momentum);
}

static void naive_fixed(gop_tensor y, const gop_tensor *in, const void *attr)
{
    for (size_t c = 0; c < y.shape.dim[y.shape.rank - 1]; c++)
        naive_channel(y, in, attr, c, 0.25, 1.5);
}

static const gop_case cases[] = {
    {"training", .in = {{4, {2, 3, 2, 5}}, {1, {5}}, {1, {5}}, {1, {5}}, {1, {5}}},
     .range = {[MEAN] = {-1, 1}, [VAR] = {0.5, 2}}, .fixed = 1 << MEAN | 1 << VAR,
     .attr = &(attributes){1e-5, 0.1}, .training = true,
     .bench = {{4, {32, 26, 25, 64}}, {1, {64}}, {1, {64}}, {1, {64}}, {1, {64}}}},
    {"training, no weight, several groups",
     .in = {{2, {12289, 3}}, {.rank = -1}, {.rank = -1}, {1, {3}}, {1, {3}}},
     .range = {{3, 5}, [MEAN] = {-1, 1}, [VAR] = {0.5, 2}}, .fixed = 1 << MEAN | 1 << VAR,
     .attr = &(attributes){1e-3, 0.5}, .training = true},
    {"inference", .in = {{2, {7, 4}}, {1, {4}}, {1, {4}}, {1, {4}}, {1, {4}}},
     .range = {[MEAN] = {-1, 1}, [VAR] = {0.5, 2}}, .fixed = 1 << MEAN | 1 << VAR,
     .attr = &(attributes){1e-5, 0.1}, .naive = naive_inference},
    {"training, fixed statistics", .in = {{4, {2, 3, 2, 5}}, {1, {5}}, {1, {5}}},
     .attr = &(attributes){1e-5, 0.1}, .training = true,
     .bench = {{4, {32, 26, 25, 64}}, {1, {64}}, {1, {64}}}, .build = build_fixed,
     .naive = naive_fixed},
    {0},
};

const gop_op gop_op_batch_norm = {
    .name = "batch_norm",
    .flags = GOP_OP_INPLACE | GOP_OP_NEEDS_IN | GOP_OP_STREAMS_GRAD,
    .attr_size = sizeof(attributes),
    .plan = plan,
    .prepare = prepare,
    .forward = forward,
    .backward = backward,
    .rows = rows,
    .cases = cases,
    .naive = naive,
    .affine = affine,
    .step = gop_step_rows,
};

/*: Batch normalisation over the last axis (Ioffe & Szegedy 2015).
 *
 *     y[..., c] = weight[c] (x[..., c] - mean[c]) / sqrt(var[c] + eps) + bias[c]
 *
 * x [..., C]; weight, bias [C] or gop_none() (1, 0); mean, var [C], made by gop_stat; y has the
 * shape of x.  A training net normalises by the mean and variance of the batch, and moves the
 * running ones towards them by `momentum` (with the variance over R - 1 for R rows).  An inference
 * net normalises by the running ones, and so does a training net in which gop_net_fix_stats names
 * them; the gradient then treats them as constants.
 * Errors: GOP_ESHAPE if a shape does not fit, or for a single row in training, GOP_EINVAL for eps
 * or momentum out of range.
 */
GOP_API gop_var gop_batch_norm(gop_net *net, gop_var x, gop_var weight, gop_var bias, gop_var mean,
                               gop_var var, double eps, double momentum)
{
    attributes a = {eps, momentum};
    gop_var in[5] = {x, weight, bias, mean, var};
    return gop_apply(net, &gop_op_batch_norm, &a, in, 5);
}
