/*
 * huber.c: a distance that is squared near zero and absolute far from it.
 *
 *     d  = a - b
 *     y  = w sum_i h(d_i),   h(d) = d^2 / 2                    where |d| <= delta
 *                                   delta (|d| - delta / 2)    elsewhere
 *     da = w min(max(d, -delta), delta) dy,   db = -da
 *
 * w = 1 / (number of elements) or 1 / N; a and b of one shape; y a scalar.  N is
 * the first dimension, the batch.  Sums are in double: lanes, then chunks, in a
 * fixed order.
 *
 * Source: Huber 1964.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif
#include "op/op.h"

#include <math.h>

typedef struct attributes {
    double delta;
    bool mean;
} attributes;

typedef struct job {
    size_t size;
    const gop_real *a, *b;
    gop_real *work, *to, delta, by;
    bool add;
} job;

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    gop_status s = gop_op_count(p, 2, 2);
    if (s == GOP_OK)
        s = gop_op_same(p, 0, 1);
    if (s != GOP_OK)
        return s;
    if (!a->mean && p->in[0].rank == 0)
        return gop_fail(p->err, GOP_ESHAPE, "a scalar has no batch to divide by");
    if (!(a->delta > 0 && isfinite(a->delta)))
        return gop_fail(p->err, GOP_EINVAL, "delta %g is not positive or not finite", a->delta);
    p->out = gop_shape0();
    p->work = GOP_REALS_PER_DOUBLE * gop_pieces(gop_shape_size(p->in[0]), GOP_CHUNK);
    return GOP_OK;
}

enum { LANES = 8 };

/* Inside delta, and at a NaN, the parabola; outside the line. */
static inline double penalty(gop_real d, double delta)
{
    double size = fabs((double)d);
    return size > delta ? delta * (size - 0.5 * delta) : 0.5 * size * size;
}

GOP_VECTOR static double distance(const gop_real *restrict a, const gop_real *restrict b,
                                  gop_real delta, size_t n)
{
    double lane[LANES] = {0}, sum = 0;
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            lane[k] += penalty(a[i + k] - b[i + k], (double)delta);
    for (; i < n; i++)
        lane[i % LANES] += penalty(a[i] - b[i], (double)delta);
    for (size_t k = 0; k < LANES; k++)
        sum += lane[k];
    return sum;
}

/* Keeps a NaN of d, which no comparison holds for. */
static inline gop_real bounded(gop_real d, gop_real delta)
{
    return d > delta ? delta : d < -delta ? -delta : d;
}

GOP_VECTOR static void slope(gop_real *to, const gop_real *a, const gop_real *b, gop_real delta,
                             gop_real by, size_t n, bool add)
{
    if (add)
        GOP_INDEPENDENT
        for (size_t i = 0; i < n; i++)
            to[i] += by * bounded(a[i] - b[i], delta);
    else
        GOP_INDEPENDENT
        for (size_t i = 0; i < n; i++)
            to[i] = by * bounded(a[i] - b[i], delta);
}

static void measure(void *arg, size_t i, int thread)
{
    const job *j = arg;
    size_t at = i * GOP_CHUNK, n = gop_min(GOP_CHUNK, j->size - at);
    (void)thread;
    gop_put_double(j->work, i, distance(j->a + at, j->b + at, j->delta, n));
}

static void back(void *arg, size_t i, int thread)
{
    const job *j = arg;
    size_t at = i * GOP_CHUNK, n = gop_min(GOP_CHUNK, j->size - at);
    (void)thread;
    slope(j->to + at, j->a + at, j->b + at, j->delta, j->by, n, j->add);
}

static job prepare(const gop_run *r)
{
    const attributes *a = r->attr;
    job j = {.size = gop_shape_size(r->in_shape[0]), .a = r->in[0], .b = r->in[1],
             .work = r->work, .delta = (gop_real)a->delta};
    return j;
}

static double divisor(const gop_run *r)
{
    const attributes *a = r->attr;
    return (double)(a->mean ? gop_shape_size(r->in_shape[0]) : r->in_shape[0].dim[0]);
}

static void forward(const gop_run *r)
{
    job j = prepare(r);
    size_t chunks = gop_pieces(j.size, GOP_CHUNK);
    gop_parallel(r->ctx, chunks, measure, &j);
    r->out[0] = (gop_real)(gop_sum_doubles(r->work, chunks) / divisor(r));
}

static void backward(const gop_run *r)
{
    job j = prepare(r);
    /* One input at a time: a and b may be the same value, then add[1] is set. */
    for (size_t i = 0; i < 2; i++) {
        j.by = (gop_real)((i == 0 ? 1 : -1) * (double)r->dout[0] / divisor(r));
        j.to = r->din[i];
        j.add = r->add[i];
        if (j.to != NULL)
            gop_parallel(r->ctx, gop_pieces(j.size, GOP_CHUNK), back, &j);
    }
}

/* ------------------------------------------------------------------------- cases */

static double naive_elements(const gop_real *a, const gop_real *b, int n, double delta)
{
    double sum = 0;
    for (int i = 0; i < n; i++) {
        double d = fabs((double)a[i] - (double)b[i]);
        if (d <= delta)
            sum += d * d / 2;
        else
            sum += delta * delta / 2 + delta * (d - delta);
    }
    return sum;
}

static gop_var build_mean(gop_net *net, const gop_var *in)
{
    return gop_huber(net, in[0], in[1], 0.5, true);
}

static void naive_mean(gop_real *out, const gop_real *const *in)
{
    out[0] = (gop_real)(naive_elements(in[0], in[1], 2 * 3 * 5 * 7, 0.5) / (2 * 3 * 5 * 7));
}

static gop_var build_sum(gop_net *net, const gop_var *in)
{
    return gop_huber(net, in[0], in[1], 1.5, false);
}

static void naive_sum(gop_real *out, const gop_real *const *in)
{
    out[0] = (gop_real)(naive_elements(in[0], in[1], 3 * 5, 1.5) / 3);
}

static const gop_case cases[] = {
    {.name = "mean", .n_in = 2, .in = {{4, {2, 3, 5, 7}}, {4, {2, 3, 5, 7}}}, .build = build_mean,
     .naive = naive_mean},
    {.name = "sum over N", .n_in = 2, .in = {{2, {3, 5, 1, 1}}, {2, {3, 5, 1, 1}}},
     .range = {{.lo = -3, .hi = 3}, {.lo = -1, .hi = 1}}, .build = build_sum, .naive = naive_sum},
    {.name = NULL},
};

const gop_op gop_op_huber = {
    .name = "huber",
    .flags = GOP_OP_NEEDS_IN,
    .attr_size = sizeof(attributes),
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
};

/*: The Huber distance of two values (Huber 1964).
 *
 *     y    = sum_i h(a_i - b_i) / (mean ? number of elements : N)
 *     h(d) = d^2 / 2 where |d| <= delta, else delta (|d| - delta / 2)
 *
 * a and b of one shape, N its first dimension; y a scalar.
 * Errors: GOP_ESHAPE when the shapes differ, GOP_EINVAL unless delta is positive.
 */
GOP_API gop_var gop_huber(gop_net *net, gop_var a, gop_var b, double delta, bool mean)
{
    attributes attr = {delta, mean};
    gop_var in[2] = {a, b};
    return gop_apply(net, &gop_op_huber, &attr, in, 2);
}
