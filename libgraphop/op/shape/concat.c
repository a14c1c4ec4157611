/*
 * concat.c: concatenates values along one axis.
 *
 *     y[o, ., i]  = [x_1[o, ., i], ..., x_n[o, ., i]]    along `axis`
 *     dx_k        = the k-th piece of dy
 *
 * The shapes of the x_k differ only in that axis, and y has the sum of their sizes there.  One
 * operator takes up to GOP_MAX_INPUTS values; the constructor nests operators for more.
 *
 * Source: [.,.] in Sym-GNN's eqs. 1 and 10b and the bidirectional fusion.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/moves.h"
#include "op/per_frame.h"

typedef struct attributes {
    int axis;
} attributes;

typedef struct sizes {
    size_t rows, at_once, width; /* of y: rows, rows of a chunk, a row's elements */
    size_t part[GOP_MAX_INPUTS]; /* a row's elements of each input */
} sizes;

typedef struct job {
    const gop_run *r;
    sizes s;
} job;

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    gop_try(gop_op_count(p, 1, GOP_MAX_INPUTS));
    gop_try(gop_op_axis(p, a->axis));
    p->out = p->in[0];
    for (size_t k = 1; k < p->n_in; k++) {
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
    return GOP_OK;
}

static sizes measure(const gop_run *r)
{
    const attributes *a = r->attr;
    const gop_span y = gop_span_of(r->out_shape, a->axis);
    sizes s = {.rows = y.outer, .width = y.length * y.inner};
    s.at_once = gop_rows(s.width);
    for (size_t k = 0; k < r->n_in; k++)
        s.part[k] = r->in_shape[k].dim[a->axis] * y.inner;
    return s;
}

static void forward_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const sizes *s = &j->s;
    const size_t begin = i * s->at_once, end = gop_size_min(begin + s->at_once, s->rows);
    for (size_t k = 0, at = 0; k < j->r->n_in; at += s->part[k++])
        gop_move_rows(j->r->out + begin * s->width + at, s->width, j->r->in[k] + begin * s->part[k],
                      s->part[k], end - begin, s->part[k], false);
}

static void backward_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const sizes *s = &j->s;
    const size_t begin = i * s->at_once, end = gop_size_min(begin + s->at_once, s->rows);
    for (size_t k = 0, at = 0; k < j->r->n_in; at += s->part[k++])
        if (j->r->din[k] != NULL)
            gop_move_rows(j->r->din[k] + begin * s->part[k], s->part[k],
                          j->r->dout + begin * s->width + at, s->width, end - begin, s->part[k],
                          j->r->add[k]);
}

static void forward(const gop_run *r)
{
    job j = {r, measure(r)};
    gop_parallel(r->ctx, gop_pieces(j.s.rows, j.s.at_once), forward_chunk, &j);
}

static void backward(const gop_run *r)
{
    job j = {r, measure(r)};
    gop_parallel(r->ctx, gop_pieces(j.s.rows, j.s.at_once), backward_chunk, &j);
}

/* All values have frames, on the same axis, which is not the one that grows. */
static gop_status step(gop_op_step *s)
{
    const attributes *a = s->attr;
    gop_op_step one = *s;
    one.n_in = 1;
    gop_try(gop_step_along(&one, a->axis));
    for (size_t k = 1; k < s->n_in; k++) {
        gop_op_step next = *s;
        next.n_in = 1;
        next.in = s->in + k;
        next.at = s->at + k;
        gop_try(gop_step_along(&next, a->axis));
        if (next.out.before != one.out.before || next.out.after != one.out.after)
            return gop_fail(s->err, GOP_EINVAL, "the frames of its inputs lie on different axes");
    }
    s->out = one.out;
    return GOP_OK;
}

/* ------------------------------------------------------------------------- cases */

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const attributes *a = attr;
    const gop_span s = gop_span_of(y.shape, a->axis);
    size_t at = 0;
    for (size_t o = 0; o < s.outer; o++)
        for (size_t k = 0; in[k].v != NULL; k++) {
            const size_t part = in[k].shape.dim[a->axis] * s.inner;
            for (size_t i = 0; i < part; i++)
                y.v[at++] = in[k].v[o * part + i];
        }
}

/* More values than one operator takes, one of them repeated. */
enum { MANY = GOP_MAX_INPUTS + 3 };

static gop_var build_many(gop_net *net, const gop_var *in, const void *attr)
{
    const attributes *a = attr;
    gop_var x[MANY];
    for (int k = 0; k < MANY; k++)
        x[k] = in[k % 2];
    return gop_concat(net, x, MANY, a->axis);
}

static void naive_many(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const attributes *a = attr;
    const gop_span s = gop_span_of(y.shape, a->axis);
    size_t at = 0;
    for (size_t o = 0; o < s.outer; o++)
        for (int k = 0; k < MANY; k++) {
            const size_t part = in[k % 2].shape.dim[a->axis] * s.inner;
            for (size_t i = 0; i < part; i++)
                y.v[at++] = in[k % 2].v[o * part + i];
        }
}

static const gop_case cases[] = {
    {"channels", .in = {{4, {2, 3, 5, 1}}, {4, {2, 3, 5, 4}}, {4, {2, 3, 5, 2}}},
     .attr = &(attributes){3},
     .bench = {{4, {32, 25, 64, 3}}, {4, {32, 25, 64, 16}}, {4, {32, 25, 64, 5}}}},
    {"rows of several lengths", .in = {{2, {3, 9}}, {2, {3, 18}}, {2, {3, 33}}, {2, {3, 70}}},
     .attr = &(attributes){1}},
    {"more than GOP_MAX_INPUTS", .in = {{3, {3, 2, 5}}, {3, {3, 1, 5}}}, .attr = &(attributes){1},
     .build = build_many, .naive = naive_many},
    {0},
};

const gop_op gop_op_concat = {
    .name = "concat",
    .attr_size = sizeof(attributes),
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
    .step = step,
};

/*: Concatenates values along an axis.
 *
 *     y[o, ., i] = [x[0][o, ., i], ..., x[n-1][o, ., i]]
 *
 * n >= 1 values whose shapes differ only in `axis` (0 <= axis < rank, or -1 for the last); the size
 * of that axis in y is the sum of theirs.
 */
GOP_API gop_var gop_concat(gop_net *net, const gop_var *x, size_t n, int axis)
{
    gop_var group[GOP_MAX_INPUTS];
    if (x == NULL || n == 0)
        return gop_net_refuse(net, "concat", NULL, 0, GOP_EINVAL,
                              "the list of values is NULL or empty");
    const attributes a = {gop_axis_of(net, x[0], axis)};
    if (n <= GOP_MAX_INPUTS)
        return gop_apply(net, &gop_op_concat, &a, x, n);
    /* Equal groups, so that no value is copied more than log n times. */
    for (size_t g = 0; g < GOP_MAX_INPUTS; g++) {
        size_t begin = n / GOP_MAX_INPUTS * g + gop_size_min(g, n % GOP_MAX_INPUTS);
        size_t count = n / GOP_MAX_INPUTS + (g < n % GOP_MAX_INPUTS);
        group[g] = count == 1 ? x[begin] : gop_concat(net, x + begin, count, a.axis);
    }
    return gop_apply(net, &gop_op_concat, &a, group, GOP_MAX_INPUTS);
}
