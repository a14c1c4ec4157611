/*
 * joint_distance.c: the mean distance of points, such as joints.
 *
 *     d_r = sqrt(sum_c (a[r,c] - b[r,c])^2),   y = 1/R sum_r d_r
 *     da[r,c] = (a[r,c] - b[r,c]) / (R d_r) dy,   db = -da
 *
 * a and b of one shape [..., C] with R rows, each a point of C coordinates; y a
 * scalar in the unit of a and b.  Where two points are the same the distance has no
 * gradient: 0 is taken, the middle of its subgradients.  Nothing is added under the
 * root; squares are in double, so that they do not vanish before the points meet.
 * Sums are in double: rows of a chunk, then chunks, in order.
 *
 * Source: mean per joint position error, as in Ionescu et al. 2014 (Human3.6M).
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/op.h"

#include <math.h>

typedef struct job {
    size_t rows, at_once, width;
    const gop_real *a, *b;
    gop_real *work, *to;
    double by;
    bool add;
} job;

static job measure(gop_shape x)
{
    gop_span s = gop_span_of(x, x.rank - 1);
    job j = {.rows = s.outer, .at_once = gop_rows(s.length), .width = s.length};
    return j;
}

static gop_status plan(gop_op_plan *p)
{
    gop_status s = gop_op_count(p, 2, 2);
    if (s == GOP_OK)
        s = gop_op_same(p, 0, 1);
    if (s != GOP_OK)
        return s;
    if (p->in[0].rank == 0)
        return gop_fail(p->err, GOP_ESHAPE, "a scalar is not a point, it must have a last axis");
    const job j = measure(p->in[0]);
    p->out = gop_shape0();
    p->work = GOP_REALS_PER_DOUBLE * gop_pieces(j.rows, j.at_once);
    return GOP_OK;
}

static double distance(const gop_real *a, const gop_real *b, size_t n)
{
    double sum = 0;
    for (size_t c = 0; c < n; c++) {
        double d = (double)a[c] - (double)b[c];
        sum += d * d;
    }
    return sqrt(sum);
}

static void add_up(void *arg, size_t i)
{
    const job *j = arg;
    size_t begin = i * j->at_once, end = gop_size_min(begin + j->at_once, j->rows);
    double sum = 0;
    for (size_t row = begin; row < end; row++)
        sum += distance(j->a + row * j->width, j->b + row * j->width, j->width);
    gop_put_double(j->work, i, sum);
}

/* A distance that is a NaN is not 0 and stays one. */
static void back(void *arg, size_t i)
{
    const job *j = arg;
    size_t begin = i * j->at_once, end = gop_size_min(begin + j->at_once, j->rows);
    for (size_t row = begin; row < end; row++) {
        const gop_real *a = j->a + row * j->width, *b = j->b + row * j->width;
        gop_real *to = j->to + row * j->width;
        double d = distance(a, b, j->width), by = d == 0 ? 0 : j->by / d;
        for (size_t c = 0; c < j->width; c++)
            to[c] = (j->add ? to[c] : 0) + (gop_real)(by * ((double)a[c] - (double)b[c]));
    }
}

static job prepare(const gop_run *r)
{
    job j = measure(r->in_shape[0]);
    j.a = r->in[0];
    j.b = r->in[1];
    j.work = r->work;
    return j;
}

static void forward(const gop_run *r)
{
    job j = prepare(r);
    size_t chunks = gop_pieces(j.rows, j.at_once);
    gop_parallel(r->ctx, chunks, add_up, &j);
    r->out[0] = (gop_real)(gop_sum_doubles(r->work, chunks) / (double)j.rows);
}

static void backward(const gop_run *r)
{
    job j = prepare(r);
    /* One input at a time: a and b may be the same value, then add[1] is set. */
    for (size_t i = 0; i < 2; i++) {
        j.by = (i == 0 ? 1 : -1) * (double)r->dout[0] / (double)j.rows;
        j.to = r->din[i];
        j.add = r->add[i];
        if (j.to != NULL)
            gop_parallel(r->ctx, gop_pieces(j.rows, j.at_once), back, &j);
    }
}

/* ------------------------------------------------------------------------- cases */

static gop_var build(gop_net *net, const gop_var *in)
{
    return gop_joint_distance(net, in[0], in[1]);
}

static void naive(gop_real *out, const gop_real *const *in)
{
    double sum = 0;
    for (int row = 0; row < 2 * 3 * 5; row++) {
        double x = (double)in[0][row * 3] - (double)in[1][row * 3];
        double y = (double)in[0][row * 3 + 1] - (double)in[1][row * 3 + 1];
        double z = (double)in[0][row * 3 + 2] - (double)in[1][row * 3 + 2];
        sum += hypot(hypot(x, y), z);
    }
    out[0] = (gop_real)(sum / (2 * 3 * 5));
}

/* Points that are the same: no distance, and a gradient of 0, to the value as to
 * itself; added to one that has a gradient. */
static gop_var build_same(gop_net *net, const gop_var *in)
{
    return gop_add(net, gop_joint_distance(net, in[0], in[0]), gop_l2(net, in[0], in[1], true));
}

static void naive_same(gop_real *out, const gop_real *const *in)
{
    double sum = 0;
    for (int i = 0; i < 5 * 2; i++)
        sum += ((double)in[0][i] - (double)in[1][i]) * ((double)in[0][i] - (double)in[1][i]);
    out[0] = (gop_real)(sum / 10);
}

static const gop_case cases[] = {
    {.name = "joints",
     .in = {{4, {2, 3, 5, 3}}, {4, {2, 3, 5, 3}}},
     .build_old = build,
     .naive_old = naive},
    {.name = "of itself",
     .in = {{2, {5, 2}}, {2, {5, 2}}},
     .build_old = build_same,
     .naive_old = naive_same},
    {.name = NULL},
};

const gop_op gop_op_joint_distance = {
    .name = "joint_distance",
    .flags = GOP_OP_NEEDS_IN,
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
};

/*: The mean distance of points over the last axis, such as joints.
 *
 *     y = 1/R sum_r sqrt(sum_c (a[r,c] - b[r,c])^2)
 *
 * a and b of one shape [..., C] with R rows, commonly [N, M, T, 3]; y a scalar in
 * their unit.  Nothing is added under the root; where two points are the same the
 * gradient is 0.  Source: mean per joint position error, Ionescu et al. 2014.
 */
GOP_API gop_var gop_joint_distance(gop_net *net, gop_var a, gop_var b)
{
    gop_var in[2] = {a, b};
    return gop_apply(net, &gop_op_joint_distance, NULL, in, 2);
}
