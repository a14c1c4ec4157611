/*
 * l2.c: the squared distance of two values.
 *
 *     y  = w sum_i (a_i - b_i)^2,   w = 1 / (number of elements)  or  1 / N
 *     da = 2 w (a - b) dy,          db = -da
 *
 * a and b of one shape; y a scalar.  N is the first dimension, the batch.  With
 * the mean over all elements it is the mean squared error; no root is taken.
 * Sums are in double: lanes, then chunks, in a fixed order.
 *
 * Source: beside l1.c.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif
#include "op/op.h"

typedef struct attributes {
    bool mean;
} attributes;

typedef struct job {
    size_t size;
    const gop_real *a, *b;
    gop_real *work, *to, by;
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
    p->out = gop_shape0();
    p->work = GOP_REALS_PER_DOUBLE * gop_pieces(gop_shape_size(p->in[0]), GOP_CHUNK);
    return GOP_OK;
}

enum { LANES = 8 };

GOP_VECTOR static double distance(const gop_real *restrict a, const gop_real *restrict b, size_t n)
{
    double lane[LANES] = {0}, sum = 0;
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++) {
            double d = (double)(a[i + k] - b[i + k]);
            lane[k] += d * d;
        }
    for (; i < n; i++) {
        double d = (double)(a[i] - b[i]);
        lane[i % LANES] += d * d;
    }
    for (size_t k = 0; k < LANES; k++)
        sum += lane[k];
    return sum;
}

GOP_VECTOR static void slope(gop_real *to, const gop_real *a, const gop_real *b, gop_real by,
                             size_t n, bool add)
{
    if (add)
        GOP_INDEPENDENT
        for (size_t i = 0; i < n; i++)
            to[i] += by * (a[i] - b[i]);
    else
        GOP_INDEPENDENT
        for (size_t i = 0; i < n; i++)
            to[i] = by * (a[i] - b[i]);
}

static void measure(void *arg, size_t i, int thread)
{
    const job *j = arg;
    size_t at = i * GOP_CHUNK;
    (void)thread;
    gop_put_double(j->work, i, distance(j->a + at, j->b + at, gop_min(GOP_CHUNK, j->size - at)));
}

static void back(void *arg, size_t i, int thread)
{
    const job *j = arg;
    size_t at = i * GOP_CHUNK, n = gop_min(GOP_CHUNK, j->size - at);
    (void)thread;
    slope(j->to + at, j->a + at, j->b + at, j->by, n, j->add);
}

static job prepare(const gop_run *r)
{
    job j = {.size = gop_shape_size(r->in_shape[0]), .a = r->in[0], .b = r->in[1],
             .work = r->work};
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
        j.by = (gop_real)((i == 0 ? 2 : -2) * (double)r->dout[0] / divisor(r));
        j.to = r->din[i];
        j.add = r->add[i];
        if (j.to != NULL)
            gop_parallel(r->ctx, gop_pieces(j.size, GOP_CHUNK), back, &j);
    }
}

/* ------------------------------------------------------------------------- cases */

static gop_var build_mean(gop_net *net, const gop_var *in)
{
    return gop_l2(net, in[0], in[1], true);
}

static void naive_mean(gop_real *out, const gop_real *const *in)
{
    double sum = 0;
    for (int i = 0; i < 2 * 3 * 5 * 7; i++)
        sum += ((double)in[0][i] - (double)in[1][i]) * ((double)in[0][i] - (double)in[1][i]);
    out[0] = (gop_real)(sum / (2 * 3 * 5 * 7));
}

static gop_var build_sum(gop_net *net, const gop_var *in)
{
    return gop_l2(net, in[0], in[1], false);
}

/* As a^2 - 2ab + b^2, sample by sample. */
static void naive_sum(gop_real *out, const gop_real *const *in)
{
    double loss = 0;
    for (int n = 0; n < 3; n++) {
        double square = 0;
        for (int i = 0; i < 5; i++) {
            double a = (double)in[0][n * 5 + i], b = (double)in[1][n * 5 + i];
            square += a * a - 2 * a * b + b * b;
        }
        loss += square / 3;
    }
    out[0] = (gop_real)loss;
}

static const gop_case cases[] = {
    {.name = "mean", .n_in = 2, .in = {{4, {2, 3, 5, 7}}, {4, {2, 3, 5, 7}}}, .build = build_mean,
     .naive = naive_mean},
    {.name = "sum over N", .n_in = 2, .in = {{2, {3, 5, 1, 1}}, {2, {3, 5, 1, 1}}},
     .build = build_sum, .naive = naive_sum},
    {.name = NULL},
};

const gop_op gop_op_l2 = {
    .name = "l2",
    .flags = GOP_OP_NEEDS_IN,
    .attr_size = sizeof(attributes),
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
};

/*: The squared distance of two values.
 *
 *     y = sum_i (a_i - b_i)^2 / (mean ? number of elements : N)
 *
 * a and b of one shape, N its first dimension; y a scalar.  With `mean` it is the
 * mean squared error.  No root is taken.
 */
GOP_API gop_var gop_l2(gop_net *net, gop_var a, gop_var b, bool mean)
{
    attributes attr = {mean};
    gop_var in[2] = {a, b};
    return gop_apply(net, &gop_op_l2, &attr, in, 2);
}
