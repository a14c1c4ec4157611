/*
 * softmax.c: probabilities along an axis.
 *
 *     y[o,l,i]  = exp(x[o,l,i] - m) / sum_k exp(x[o,k,i] - m),   m = max_k x[o,k,i]
 *     dx[o,l,i] = y[o,l,i] (dy[o,l,i] - sum_k dy[o,k,i] y[o,k,i])
 *
 * x of any shape with an axis, l runs over `axis`; y has the same shape and may overwrite x.
 * Backward reads only y.
 *
 * Source: the label y-hat of Sym-GNN's section 5.2 and eq. 10b.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/op.h"
#include "op/soften.h"
#include "op/per_frame.h"

#include <math.h>

typedef struct attributes {
    int axis;
} attributes;

typedef struct sizes {
    gop_span x;
    size_t at_once; /* outer elements of a chunk */
    size_t blocks;  /* of inner elements, each a chunk */
} sizes;

typedef struct job {
    const gop_run *r;
    sizes s;
    bool back;
} job;

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    p->out = p->in[0];
    gop_try(gop_op_count(p, 1, 1));
    return gop_op_axis(p, a->axis);
}

static sizes measure(gop_shape x, int axis)
{
    sizes s = {.x = gop_span_of(x, axis)};
    const size_t block = gop_size_min(s.x.inner, GOP_SOFTEN_COLUMNS);
    s.blocks = gop_pieces(s.x.inner, GOP_SOFTEN_COLUMNS);
    s.at_once = gop_rows(s.x.length * block);
    return s;
}

static void soften_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const sizes *s = &j->s;
    const size_t begin = i / s->blocks * s->at_once, from = i % s->blocks * GOP_SOFTEN_COLUMNS;
    const size_t at = begin * s->x.length * s->x.inner + from;
    const size_t n = gop_size_min(GOP_SOFTEN_COLUMNS, s->x.inner - from);
    gop_span part = s->x;
    part.outer = gop_size_min(s->at_once, s->x.outer - begin);
    if (j->back)
        gop_soften_back(r->din[0] + at, r->out + at, r->dout + at, 1, part, n, r->add[0]);
    else
        gop_soften(r->out + at, r->in[0] + at, 1, part, n);
}

static void run(const gop_run *r, bool back)
{
    const attributes *a = r->attr;
    job j = {r, measure(r->out_shape, a->axis), back};
    gop_parallel(r->ctx, gop_pieces(j.s.x.outer, j.s.at_once) * j.s.blocks, soften_chunk, &j);
}

static void forward(const gop_run *r)
{
    run(r, false);
}

static void backward(const gop_run *r)
{
    if (r->din[0] != NULL)
        run(r, true);
}

static gop_status step(gop_op_step *s)
{
    const attributes *a = s->attr;
    return gop_step_along(s, a->axis);
}

/* ------------------------------------------------------------------------- cases */

/* The softmax of x - 1e9 masked; masked may be NULL. */
static double score(const gop_real *x, const gop_real *masked, size_t k)
{
    return (double)x[k] - 1e9 * (double)(masked != NULL ? masked[k] : 0);
}

static void plain(gop_tensor y, const gop_real *x, const gop_real *masked, int axis)
{
    const gop_span s = gop_span_of(y.shape, axis);
    for (size_t o = 0; o < s.outer; o++)
        for (size_t i = 0; i < s.inner; i++) {
            const size_t at = o * s.length * s.inner + i, end = at + s.length * s.inner;
            double most = -INFINITY, sum = 0;
            for (size_t k = at; k < end; k += s.inner)
                most = fmax(most, score(x, masked, k));
            for (size_t k = at; k < end; k += s.inner)
                sum += exp(score(x, masked, k) - most);
            for (size_t k = at; k < end; k += s.inner)
                y.v[k] = (gop_real)(exp(score(x, masked, k) - most) / sum);
        }
}

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const attributes *a = attr;
    plain(y, in[0].v, in[1].v, a->axis);
}

/* With -1e9 added where in[1] is 1, as a mask of scores is. */
static gop_var build_masked(gop_net *net, const gop_var *in, const void *attr)
{
    return gop_softmax(net, gop_axpby(net, 1, in[0], -1e9, in[1]),
                       ((const attributes *)attr)->axis);
}

static const gop_case cases[] = {
    {"rows", .in = {{3, {3, 5, 7}}}, .attr = &(attributes){2}, .range = {{-3, 3}},
     .bench = {{4, {32, 26, 25, 64}}}},
    {"long rows", .in = {{2, {3, 531}}}, .attr = &(attributes){1}, .range = {{-3, 3}},
     .bench = {{2, {1000, 1000}}}},
    {"short rows, several groups", .in = {{2, {37, 9}}}, .attr = &(attributes){1},
     .bench = {{2, {60000, 16}}}},
    {"large", .in = {{2, {3, 5}}}, .attr = &(attributes){1}, .range = {{190, 200}}},
    {"over nodes", .in = {{4, {2, 5, 3, 7}}}, .attr = &(attributes){1},
     .bench = {{4, {32, 26, 25, 64}}}},
    {"more columns than a block", .in = {{3, {2, 3, 67}}}, .attr = &(attributes){1}},
    {"first axis", .in = {{2, {19, 5}}}, .attr = &(attributes){0}, .bench = {{2, {1000, 1000}}}},
    {"masked rows", .in = {{2, {9, 37}}, {2, {9, 37}}}, .attr = &(attributes){1}, .integers = 2,
     .range = {{-1, 1}, {0, 2}}, .build = build_masked},
    {"masked columns", .in = {{3, {2, 37, 3}}, {3, {2, 37, 3}}}, .attr = &(attributes){1},
     .integers = 2, .range = {{-1, 1}, {0, 2}}, .build = build_masked},
    {0},
};

const gop_op gop_op_softmax = {
    .name = "softmax",
    .flags = GOP_OP_INPLACE | GOP_OP_NEEDS_OUT,
    .attr_size = sizeof(attributes),
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
    .step = step,
};

/*: Softmax along an axis.
 *
 *     y[o, l, i] = exp(x[o, l, i]) / sum_k exp(x[o, k, i])
 *
 * x of any shape of rank 1 or more, 0 <= axis < rank, or -1 for the last; y has the shape of x.  The
 * largest x of a sum is subtracted first.  An exponential below exp(-87.3) is then 0.  A NaN or an
 * infinite x makes each y of its sum NaN, except -infinity beside a finite x, where y is 0.
 * Errors: GOP_EINVAL for no such axis.
 */
GOP_API gop_var gop_softmax(gop_net *net, gop_var x, int axis)
{
    const attributes a = {gop_axis_of(net, x, axis)};
    return gop_apply(net, &gop_op_softmax, &a, &x, 1);
}
