/*
 * joint_distance.c: the mean distance of points, such as joints.
 *
 *     d_r = sqrt(sum_c (a[r,c] - b[r,c])^2),   y = 1/R sum_r d_r
 *     da[r,c] = (a[r,c] - b[r,c]) / (R d_r) dy,   db = -da
 *
 * a and b have the same shape [..., C] with R rows, each a point of C coordinates; y is a scalar in
 * the unit of a and b.  Between equal points the distance has no gradient: it is set to 0, the
 * middle of the subgradients.  Nothing is added under the root; squares are in double, so that they
 * do not underflow for different points.  Sums are in double: rows of a chunk, then chunks, in
 * order.
 *
 * Source: mean per joint position error, as in Ionescu et al. 2014 (Human3.6M).
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/op.h"

#include <math.h>

typedef struct sizes {
    size_t rows, width;
    size_t at_once; /* rows of a chunk */
} sizes;

typedef struct job {
    const gop_run *r;
    sizes s;
    gop_real *to;
    double by;
    bool add;
} job;

static sizes measure(gop_shape x)
{
    const gop_span s = gop_span_of(x, x.rank - 1);
    return (sizes){.rows = s.outer, .width = s.length, .at_once = gop_rows(s.length)};
}

static gop_status plan(gop_op_plan *p)
{
    gop_status s = gop_op_count(p, 2, 2);
    if (s == GOP_OK)
        s = gop_op_same(p, 0, 1);
    if (s != GOP_OK)
        return s;
    if (p->in[0].rank == 0)
        return gop_fail(p->err, GOP_ESHAPE,
                        "x is a scalar, but needs a last axis for the coordinates");
    const sizes z = measure(p->in[0]);
    p->out = gop_shape0();
    p->work = GOP_REALS_PER_DOUBLE * gop_pieces(z.rows, z.at_once);
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

static void forward_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const size_t end = gop_size_min((i + 1) * j->s.at_once, j->s.rows), n = j->s.width;
    double sum = 0;
    for (size_t row = i * j->s.at_once; row < end; row++)
        sum += distance(j->r->in[0] + row * n, j->r->in[1] + row * n, n);
    gop_put_double(j->r->work, i, sum);
}

/* A NaN distance is not 0 and stays NaN. */
static void backward_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const size_t end = gop_size_min((i + 1) * j->s.at_once, j->s.rows), n = j->s.width;
    for (size_t row = i * j->s.at_once; row < end; row++) {
        const gop_real *a = j->r->in[0] + row * n, *b = j->r->in[1] + row * n;
        gop_real *to = j->to + row * n;
        const double d = distance(a, b, n), by = d == 0 ? 0 : j->by / d;
        for (size_t c = 0; c < n; c++)
            GOP_PUT(to[c], j->add, (gop_real)(by * ((double)a[c] - (double)b[c])));
    }
}

static void forward(const gop_run *r)
{
    job j = {.r = r, .s = measure(r->in_shape[0])};
    const size_t chunks = gop_pieces(j.s.rows, j.s.at_once);
    gop_parallel(r->ctx, chunks, forward_chunk, &j);
    r->out[0] = (gop_real)(gop_sum_doubles(r->work, chunks) / (double)j.s.rows);
}

static void backward(const gop_run *r)
{
    job j = {.r = r, .s = measure(r->in_shape[0])};
    /* One input at a time: if a and b are the same value, add[1] is set. */
    for (size_t i = 0; i < 2; i++) {
        j.by = (i == 0 ? 1 : -1) * (double)r->dout[0] / (double)j.s.rows;
        j.to = r->din[i];
        j.add = r->add[i];
        if (j.to != NULL)
            gop_parallel(r->ctx, gop_pieces(j.s.rows, j.s.at_once), backward_chunk, &j);
    }
}

/* ------------------------------------------------------------------------- cases */

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const size_t n = in[0].shape.dim[in[0].shape.rank - 1], rows = gop_shape_size(in[0].shape) / n;
    double sum = 0;
    (void)attr;
    for (size_t row = 0; row < rows; row++) {
        double d = 0;
        for (size_t c = 0; c < n; c++)
            d = hypot(d, (double)in[0].v[row * n + c] - (double)in[1].v[row * n + c]);
        sum += d;
    }
    y.v[0] = (gop_real)(sum / (double)rows);
}

/* Equal points: distance and gradient are 0, for both arguments; accumulated into an existing
 * gradient. */
static gop_var build_same(gop_net *net, const gop_var *in, const void *attr)
{
    (void)attr;
    return gop_add(net, gop_joint_distance(net, in[0], in[0]),
                   gop_l2(net, in[0], in[1], GOP_PER_ELEMENT));
}

static void naive_same(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const size_t size = gop_shape_size(in[0].shape);
    double sum = 0;
    (void)attr;
    for (size_t i = 0; i < size; i++)
        sum += ((double)in[0].v[i] - (double)in[1].v[i]) *
               ((double)in[0].v[i] - (double)in[1].v[i]);
    y.v[0] = (gop_real)(sum / (double)size);
}

static const gop_case cases[] = {
    {"joints", .in = {{4, {2, 3, 5, 3}}, {4, {2, 3, 5, 3}}},
     .bench = {{4, {64, 26, 50, 3}}, {4, {64, 26, 50, 3}}}},
    {"of itself", .in = {{2, {5, 2}}, {2, {5, 2}}}, .build = build_same, .naive = naive_same},
    {0},
};

const gop_op gop_op_joint_distance = {
    .name = "joint_distance",
    .flags = GOP_OP_NEEDS_IN,
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
};

/*: The mean Euclidean distance of points, such as joints, with their coordinates on the last axis.
 *
 *     y = 1/R sum_r sqrt(sum_c (a[r,c] - b[r,c])^2)
 *
 * a and b have the same shape [..., C] with R rows, commonly [N, M, T, 3]; y is a scalar in their
 * unit.  Nothing is added under the root; the gradient between equal points is 0.
 * Source: mean per joint position error, Ionescu et al. 2014.
 */
GOP_API gop_var gop_joint_distance(gop_net *net, gop_var a, gop_var b)
{
    gop_var in[2] = {a, b};
    return gop_apply(net, &gop_op_joint_distance, NULL, in, 2);
}
