/*
 * concat.c: values joined along one axis.
 *
 *     y[o, ., i]  = [x_1[o, ., i], ..., x_n[o, ., i]]    along `axis`
 *     dx_k        = the k-th piece of dy
 *
 * x_k of the same shape but for that axis; y's axis is as long as theirs
 * together.  One call of the operator takes up to GOP_MAX_INPUTS values; the
 * constructor nests calls for more.
 *
 * Source: [.,.] in Sym-GNN's eqs. 1 and 10b and the bidirectional fusion.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/op.h"

typedef struct attributes {
    int axis;
} attributes;

typedef struct job {
    const gop_run *r;
    size_t rows, at_once, width; /* of y: rows, rows of a chunk, a row's elements */
    size_t part[GOP_MAX_INPUTS]; /* a row's elements of each input */
} job;

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    gop_status s = gop_op_count(p, 1, GOP_MAX_INPUTS);
    if (s == GOP_OK)
        s = gop_op_axis(p, a->axis);
    p->out = p->in[0];
    for (size_t k = 1; k < p->n_in && s == GOP_OK; k++) {
        char first[80], other[80];
        gop_shape want = p->in[0];
        if (p->in[k].rank == want.rank)
            want.dim[a->axis] = p->in[k].dim[a->axis];
        if (!gop_shape_equal(want, p->in[k]))
            return gop_fail(p->err, GOP_ESHAPE, "%s cannot be joined to %s along axis %d",
                            gop_shape_text(other, sizeof other, p->in[k]),
                            gop_shape_text(first, sizeof first, p->in[0]), a->axis);
        p->out.dim[a->axis] += p->in[k].dim[a->axis];
    }
    return s;
}

static job prepare(const gop_run *r)
{
    const attributes *a = r->attr;
    gop_span y = gop_span_of(r->out_shape, a->axis);
    job j = {.r = r, .rows = y.outer, .width = y.length * y.inner};
    j.at_once = gop_rows(j.width);
    for (size_t k = 0; k < r->n_in; k++)
        j.part[k] = r->in_shape[k].dim[a->axis] * y.inner;
    return j;
}

static void join(void *arg, size_t i)
{
    const job *j = arg;
    size_t begin = i * j->at_once, end = gop_size_min(begin + j->at_once, j->rows), at = 0;
    for (size_t k = 0; k < j->r->n_in; at += j->part[k++])
        for (size_t o = begin; o < end; o++)
            memcpy(j->r->out + o * j->width + at, j->r->in[k] + o * j->part[k],
                   j->part[k] * sizeof(gop_real));
}

static void part(void *arg, size_t i)
{
    const job *j = arg;
    size_t begin = i * j->at_once, end = gop_size_min(begin + j->at_once, j->rows), at = 0;
    for (size_t k = 0; k < j->r->n_in; at += j->part[k++])
        for (size_t o = begin; o < end && j->r->din[k] != NULL; o++)
            gop_move(j->r->din[k] + o * j->part[k], j->r->dout + o * j->width + at, j->part[k],
                     j->r->add[k]);
}

static void forward(const gop_run *r)
{
    job j = prepare(r);
    gop_parallel(r->ctx, gop_pieces(j.rows, j.at_once), join, &j);
}

static void backward(const gop_run *r)
{
    job j = prepare(r);
    gop_parallel(r->ctx, gop_pieces(j.rows, j.at_once), part, &j);
}

/* ------------------------------------------------------------------------- cases */

static gop_var build_channels(gop_net *net, const gop_var *in)
{
    return gop_concat(net, in, 3, 3);
}

static void naive_channels(gop_real *out, const gop_real *const *in)
{
    static const int width[3] = {1, 4, 2};
    for (int row = 0; row < 2 * 3 * 5; row++)
        for (int k = 0, at = 0; k < 3; at += width[k++])
            for (int c = 0; c < width[k]; c++)
                out[row * 7 + at + c] = in[k][row * width[k] + c];
}

/* More values than one operator takes, one of them many times, along axis 1. */
static gop_var build_many(gop_net *net, const gop_var *in)
{
    gop_var x[GOP_MAX_INPUTS + 3];
    for (int k = 0; k < GOP_MAX_INPUTS + 3; k++)
        x[k] = in[k % 2];
    return gop_concat(net, x, GOP_MAX_INPUTS + 3, 1);
}

static void naive_many(gop_real *out, const gop_real *const *in)
{
    int at = 0;
    for (int n = 0; n < 3; n++)
        for (int k = 0; k < GOP_MAX_INPUTS + 3; k++)
            for (int i = 0; i < (k % 2 ? 1 : 2) * 5; i++)
                out[at++] = in[k % 2][n * (k % 2 ? 1 : 2) * 5 + i];
}

static const gop_case cases[] = {
    {.name = "channels",
     .in = {{4, {2, 3, 5, 1}}, {4, {2, 3, 5, 4}}, {4, {2, 3, 5, 2}}},
     .build_old = build_channels,
     .naive_old = naive_channels},
    {.name = "more than GOP_MAX_INPUTS",
     .in = {{3, {3, 2, 5}}, {3, {3, 1, 5}}},
     .build_old = build_many,
     .naive_old = naive_many},
    {.name = NULL},
};

const gop_op gop_op_concat = {
    .name = "concat",
    .attr_size = sizeof(attributes),
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
};

/*: Values joined along an axis.
 *
 *     y[o, ., i] = [x[0][o, ., i], ..., x[n-1][o, ., i]]
 *
 * n >= 1 values of the same shape but for `axis` (0 <= axis < rank); y's axis is
 * as long as theirs together.
 */
GOP_API gop_var gop_concat(gop_net *net, const gop_var *x, size_t n, int axis)
{
    attributes a = {axis};
    gop_var group[GOP_MAX_INPUTS];
    if (x == NULL || n == 0)
        return gop_net_refuse(net, "concat", NULL, 0, GOP_EINVAL, "no values to join");
    if (n <= GOP_MAX_INPUTS)
        return gop_apply(net, &gop_op_concat, &a, x, n);
    /* Equal groups, so that no value is copied more often than log n. */
    for (size_t g = 0; g < GOP_MAX_INPUTS; g++) {
        size_t begin = n / GOP_MAX_INPUTS * g + gop_size_min(g, n % GOP_MAX_INPUTS);
        size_t count = n / GOP_MAX_INPUTS + (g < n % GOP_MAX_INPUTS);
        group[g] = count == 1 ? x[begin] : gop_concat(net, x + begin, count, axis);
    }
    return gop_apply(net, &gop_op_concat, &a, group, GOP_MAX_INPUTS);
}
