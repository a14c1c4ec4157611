/*
 * layer_norm.c: normalisation of each row over the last axis.
 *
 *     forward    xh = (x - mean) / sqrt(var + eps),  y[r,c] = w[c] xh[r,c] + b[c]
 *     backward   g = w dy,  m1 = 1/C sum_c g,  m2 = 1/C sum_c g xh
 *                dx = (g - m1 - xh m2) / sqrt(var + eps)
 *                dw[c] = sum_r dy[r,c] xh[r,c],  db[c] = sum_r dy[r,c]
 *
 * x [..., C]; w, b [C], either may be absent (1, 0); mean and var of a row are
 * over its C elements (var over C, not C - 1).  Training and inference are the same.  Sums along a
 * row are in double, in lanes of fixed order; dw and db are summed in double within groups of rows
 * and then over the groups, in order.
 *
 * Kept for backward: mean and 1 / sqrt(var + eps) of each row.
 * Source: Ba, Kiros & Hinton 2016.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/partial.h"
#include "op/per_frame.h"

#include <math.h>

enum { X, WEIGHT, BIAS };

typedef struct attributes {
    double eps;
} attributes;

typedef struct sizes {
    size_t rows, c, line;
    size_t groups; /* of rows, for dw and db */
} sizes;

static sizes measure(gop_shape x)
{
    sizes s;
    s.c = x.dim[x.rank - 1];
    s.rows = gop_shape_size(x) / s.c;
    s.line = gop_line(s.c);
    s.groups = gop_size_min(gop_parts(s.rows * s.c, GOP_CHUNK, 64), s.rows);
    return s;
}

static gop_status plan(gop_op_plan *p)
{
    static const char *const name[] = {"x", "weight", "bias"};
    const attributes *a = p->attr;
    char at[80], xt[80];
    if (p->in[X].rank < 1)
        return gop_fail(p->err, GOP_ESHAPE, "x is a scalar, but needs a last axis");
    sizes s = measure(p->in[X]);
    for (int i = WEIGHT; i <= BIAS; i++)
        if (p->in[i].rank >= 0 && !gop_shape_equal(p->in[i], gop_shape1(s.c)))
            return gop_fail(p->err, GOP_ESHAPE, "%s %s must be [C] for x %s = [..., C]", name[i],
                            gop_shape_text(at, sizeof at, p->in[i]),
                            gop_shape_text(xt, sizeof xt, p->in[X]));
    if (!(a->eps >= 0 && isfinite(a->eps)))
        return gop_fail(p->err, GOP_EINVAL, "eps must be finite and not negative, not %g", a->eps);
    p->out = p->in[X];
    if (p->training) {
        p->saved = 2 * s.rows;
        p->work = s.groups * 2 * s.line * GOP_REALS_PER_DOUBLE;
    }
    return GOP_OK;
}

/* Sums along a row are in lanes; elements behind the last whole lanes have a sum of their own. */
enum { LANES = 8 };

static inline double join_lanes(const double *lane)
{
    return ((lane[0] + lane[4]) + (lane[1] + lane[5])) +
           ((lane[2] + lane[6]) + (lane[3] + lane[7]));
}

/* The mean of a row and the mean of the squared distances from it, by distances from its first
 * element, so that a mean far from 0 costs no digits. */
__attribute__((always_inline)) static inline void find_moments(double *mean, double *var,
                                                               const gop_real *x, size_t n)
{
    const double first = (double)x[0];
    double sum[LANES] = {0}, squares[LANES] = {0}, rest = 0, rest_squares = 0;
    const size_t whole = n / LANES * LANES;
#ifdef GOP_DOUBLES4
    gop_doubles4 one[2] = {{0}}, two[2] = {{0}};
    for (size_t i = 0; i < whole; i += LANES)
        for (size_t h = 0; h < 2; h++) {
            const gop_doubles4 d = GOP_FOUR(x + i + 4 * h) - first;
            one[h] += d;
            two[h] += d * d;
        }
    memcpy(sum, one, sizeof one);
    memcpy(squares, two, sizeof two);
#else
    for (size_t i = 0; i < whole; i += LANES)
        for (size_t k = 0; k < LANES; k++) {
            const double d = (double)x[i + k] - first;
            sum[k] += d;
            squares[k] += d * d;
        }
#endif
    for (size_t i = whole; i < n; i++) {
        const double d = (double)x[i] - first;
        rest += d;
        rest_squares += d * d;
    }
    const double m = (join_lanes(sum) + rest) / (double)n;
    const double v = (join_lanes(squares) + rest_squares) / (double)n - m * m;
    *mean = first + m;
    *var = v < 0 ? 0 : v;
}

/* w and b may be NULL; y may be x. */
__attribute__((always_inline)) static inline void normalise(gop_real *y, const gop_real *x,
                                                            const gop_real *w, const gop_real *b,
                                                            gop_real mean, gop_real inv, size_t n)
{
    if (w != NULL && b != NULL)
        GOP_INDEPENDENT
    for (size_t c = 0; c < n; c++)
        y[c] = (x[c] - mean) * inv * w[c] + b[c];
    else if (w != NULL) GOP_INDEPENDENT
    for (size_t c = 0; c < n; c++)
        y[c] = (x[c] - mean) * inv * w[c];
    else if (b != NULL) GOP_INDEPENDENT
    for (size_t c = 0; c < n; c++)
        y[c] = (x[c] - mean) * inv + b[c];
    else GOP_INDEPENDENT
    for (size_t c = 0; c < n; c++)
        y[c] = (x[c] - mean) * inv;
}

/* Several rows at a time, so that the CPU overlaps their roots and divisions. */
enum { AT_ONCE = 8 };

/* m <= AT_ONCE rows.  saved may be NULL. */
GOP_VECTOR static void normalise_rows(gop_real *y, const gop_real *x, const gop_real *w,
                                      const gop_real *b, double eps, gop_real *saved, size_t m,
                                      size_t n)
{
    double mean[AT_ONCE], var[AT_ONCE];
    for (size_t k = 0; k < m; k++)
        find_moments(&mean[k], &var[k], x + k * n, n);
    for (size_t k = 0; k < m; k++)
        var[k] = 1 / sqrt(var[k] + eps);
    for (size_t k = 0; k < m; k++) {
        const gop_real own = (gop_real)mean[k], inv = (gop_real)var[k];
        normalise(y + k * n, x + k * n, w, b, own, inv, n);
        if (saved != NULL) {
            saved[2 * k] = own;
            saved[2 * k + 1] = inv;
        }
    }
}

static void rows(const gop_run *r, size_t from, size_t to)
{
    const attributes *a = r->attr;
    const size_t c = r->out_shape.dim[r->out_shape.rank - 1];
    for (size_t at = from, n; at < to; at += n * c) {
        n = gop_size_min(AT_ONCE, (to - at) / c);
        normalise_rows(r->out + at, r->in[X] + at, r->in[WEIGHT], r->in[BIAS], a->eps,
                       r->saved != NULL ? r->saved + at / c * 2 : NULL, n, c);
    }
}

/* sum[0] = sum of g, sum[1] = sum of g xh; g = w dy.  w may be NULL. */
__attribute__((always_inline)) static inline void sum_gradients(double *sum,
                                                                const gop_real *restrict dy,
                                                                const gop_real *restrict x,
                                                                const gop_real *restrict w,
                                                                double mean, double inv, size_t n)
{
    double one[LANES] = {0}, two[LANES] = {0}, rest = 0, rest_two = 0;
    const size_t whole = n / LANES * LANES;
#ifdef GOP_DOUBLES4
    gop_doubles4 a[2] = {{0}}, b[2] = {{0}};
    for (size_t i = 0; i < whole; i += LANES)
        for (size_t h = 0; h < 2; h++) {
            const size_t at = i + 4 * h;
            gop_doubles4 g = GOP_FOUR(dy + at);
            if (w != NULL)
                g *= GOP_FOUR(w + at);
            a[h] += g;
            b[h] += g * ((GOP_FOUR(x + at) - mean) * inv);
        }
    memcpy(one, a, sizeof a);
    memcpy(two, b, sizeof b);
#else
    for (size_t i = 0; i < whole; i += LANES)
        for (size_t k = 0; k < LANES; k++) {
            const double g = (double)dy[i + k] * (w != NULL ? (double)w[i + k] : 1);
            one[k] += g;
            two[k] += g * (((double)x[i + k] - mean) * inv);
        }
#endif
    for (size_t i = whole; i < n; i++) {
        const double g = (double)dy[i] * (w != NULL ? (double)w[i] : 1);
        rest += g;
        rest_two += g * (((double)x[i] - mean) * inv);
    }
    sum[0] = join_lanes(one) + rest;
    sum[1] = join_lanes(two) + rest_two;
}

GOP_VECTOR static void find_sums(double *restrict sum, const gop_real *restrict dy,
                                 const gop_real *restrict x, const gop_real *restrict w,
                                 gop_real mean, gop_real inv, size_t n)
{
    if (w != NULL)
        sum_gradients(sum, dy, x, w, (double)mean, (double)inv, n);
    else
        sum_gradients(sum, dy, x, NULL, (double)mean, (double)inv, n);
}

/* dx (+)= inv (w dy - m1 - xh m2) */
GOP_VECTOR static void spread(gop_real *restrict dx, const gop_real *restrict dy,
                              const gop_real *restrict x, const gop_real *restrict w, gop_real mean,
                              gop_real inv, gop_real m1, gop_real m2, size_t n, bool add)
{
    if (w != NULL)
        for (size_t c = 0; c < n; c++) {
            gop_real d = inv * (w[c] * dy[c] - m1 - (x[c] - mean) * inv * m2);
            GOP_PUT(dx[c], add, d);
        }
    else
        for (size_t c = 0; c < n; c++) {
            gop_real d = inv * (dy[c] - m1 - (x[c] - mean) * inv * m2);
            GOP_PUT(dx[c], add, d);
        }
}

/* dw += dy xh, db += dy */
GOP_VECTOR static void add_products(double *restrict dw, double *restrict db,
                                    const gop_real *restrict dy, const gop_real *restrict x,
                                    gop_real mean, gop_real inv, size_t n)
{
    for (size_t c = 0; c < n; c++) {
        dw[c] += (double)dy[c] * (double)((x[c] - mean) * inv);
        db[c] += (double)dy[c];
    }
}

typedef struct job {
    const gop_run *r;
    sizes s;
} job;

/* Group g's sums of dw; those of db are one line further. */
static double *group_sums(const job *j, size_t g)
{
    return (double *)(void *)(j->r->work + g * 2 * j->s.line * GOP_REALS_PER_DOUBLE);
}

static void backward_chunk(void *arg, size_t g)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const size_t c = j->s.c, from = gop_cut(j->s.rows, j->s.groups, g);
    const size_t to = gop_cut(j->s.rows, j->s.groups, g + 1);
    const bool parameters = r->in[WEIGHT] != NULL || r->in[BIAS] != NULL;
    double *dw = group_sums(j, g), *db = dw + j->s.line;
    memset(dw, 0, 2 * j->s.line * sizeof *dw);
    for (size_t row = from; row < to; row++) {
        const gop_real *x = r->in[X] + row * c, *dy = r->dout + row * c;
        const gop_real mean = r->saved[2 * row], inv = r->saved[2 * row + 1];
        if (parameters)
            add_products(dw, db, dy, x, mean, inv, c);
        if (r->din[X] == NULL)
            continue;
        double sum[2];
        find_sums(sum, dy, x, r->in[WEIGHT], mean, inv, c);
        spread(r->din[X] + row * c, dy, x, r->in[WEIGHT], mean, inv, (gop_real)(sum[0] / (double)c),
               (gop_real)(sum[1] / (double)c), c, r->add[X]);
    }
}

/* Writes din[i] of a parameter from the groups' sums at `at`. */
static void join_groups(const job *j, size_t i, size_t at)
{
    const gop_run *r = j->r;
    for (size_t c = 0; r->din[i] != NULL && c < j->s.c; c++) {
        double sum = r->add[i] ? (double)r->din[i][c] : 0;
        for (size_t g = 0; g < j->s.groups; g++)
            sum += group_sums(j, g)[at + c];
        r->din[i][c] = (gop_real)sum;
    }
}

static void backward(const gop_run *r)
{
    job j = {r, measure(r->in_shape[X])};
    gop_parallel(r->ctx, j.s.groups, backward_chunk, &j);
    join_groups(&j, WEIGHT, 0);
    join_groups(&j, BIAS, j.s.line);
}

/* ------------------------------------------------------------------------- cases */

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const attributes *a = attr;
    const size_t n = y.shape.dim[y.shape.rank - 1];
    for (size_t at = 0; at < gop_shape_size(y.shape); at += n) {
        const gop_real *x = in[X].v + at;
        double mean = 0, var = 0;
        for (size_t c = 0; c < n; c++)
            mean += (double)x[c] / (double)n;
        for (size_t c = 0; c < n; c++)
            var += ((double)x[c] - mean) * ((double)x[c] - mean) / (double)n;
        for (size_t c = 0; c < n; c++)
            y.v[at + c] = (gop_real)(((double)x[c] - mean) / sqrt(var + a->eps) *
                                         (in[WEIGHT].v ? (double)in[WEIGHT].v[c] : 1) +
                                     (in[BIAS].v ? (double)in[BIAS].v[c] : 0));
    }
}

/* Far from zero, in several groups, between operators with which it shares memory. */
static gop_var build_plain(gop_net *net, const gop_var *in, const void *attr)
{
    const attributes *a = attr;
    gop_var x = gop_axpby(net, 0.5, in[0], 0.5, in[0]);
    x = gop_scale(net, gop_layer_norm(net, x, gop_none(), gop_none(), a->eps), -2);
    return gop_scale(net, x, -0.5);
}

static const gop_case cases[] = {
    {"weight and bias", .in = {{4, {2, 3, 5, 19}}, {1, {19}}, {1, {19}}},
     .attr = &(attributes){1e-5}, .bench = {{4, {32, 26, 25, 64}}, {1, {64}}, {1, {64}}}},
    {"weight", .in = {{2, {5, 7}}, {1, {7}}, {.rank = -1}}, .attr = &(attributes){1e-3}},
    {"bias, eps = 0", .in = {{3, {3, 5, 8}}, {.rank = -1}, {1, {8}}}, .attr = &(attributes){0}},
    {"neither, several groups", .in = {{2, {3001, 12}}}, .range = {{3, 5}},
     .attr = &(attributes){1e-5}, .build = build_plain},
    {0},
};

const gop_op gop_op_layer_norm = {
    .name = "layer_norm",
    .flags = GOP_OP_INPLACE | GOP_OP_NEEDS_IN | GOP_OP_ELEMENTWISE,
    .attr_size = sizeof(attributes),
    .plan = plan,
    .rows = rows,
    .backward = backward,
    .cases = cases,
    .naive = naive,
    .step = gop_step_rows,
};

/*: Layer normalisation over the last axis (Ba, Kiros & Hinton 2016).
 *
 *     y[..., c] = weight[c] (x[..., c] - mean) / sqrt(var + eps) + bias[c]
 *
 * x [..., C]; weight, bias [C] or gop_none() (1, 0); y has the shape of x.  Mean and (biased)
 * variance are taken over each row of C elements, in training and inference.
 * Errors: GOP_ESHAPE if a shape does not fit, GOP_EINVAL for a negative eps.
 */
GOP_API gop_var gop_layer_norm(gop_net *net, gop_var x, gop_var weight, gop_var bias, double eps)
{
    attributes a = {eps};
    gop_var in[3] = {x, weight, bias};
    return gop_apply(net, &gop_op_layer_norm, &a, in, 3);
}
