/*
 * softmax.c: probabilities along the last axis, or along another axis by permutation.
 *
 *     y_c  = exp(x_c - m) / sum_k exp(x_k - m),   m = max_k x_k
 *     dx_c = y_c (dy_c - sum_k dy_k y_k)
 *
 * x of any shape with an axis; y has the same shape and may overwrite x.  Backward reads only y.
 *
 * Source: the label y-hat of Sym-GNN's section 5.2 and eq. 10b.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/op.h"
#include "op/rows.h"

#include <math.h>

typedef struct sizes {
    size_t rows, width;
    size_t at_once; /* rows of a chunk */
} sizes;

typedef struct job {
    const gop_run *r;
    sizes s;
} job;

static gop_status plan(gop_op_plan *p)
{
    gop_status s = gop_op_count(p, 1, 1);
    p->out = p->in[0];
    return s == GOP_OK ? gop_op_axis(p, p->in[0].rank > 0 ? p->in[0].rank - 1 : 0) : s;
}

static sizes measure(gop_shape x)
{
    const gop_span s = gop_span_of(x, x.rank - 1);
    return (sizes){.rows = s.outer, .width = s.length, .at_once = gop_rows(s.length)};
}

static void forward_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const size_t end = gop_size_min((i + 1) * j->s.at_once, j->s.rows), n = j->s.width;
    for (size_t row = i * j->s.at_once; row < end; row++)
        gop_row_softmax(j->r->out + row * n, j->r->in[0] + row * n, 1, n);
}

static void backward_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const size_t end = gop_size_min((i + 1) * j->s.at_once, j->s.rows), n = j->s.width;
    for (size_t row = i * j->s.at_once; row < end; row++)
        gop_row_softmax_back(r->din[0] + row * n, r->out + row * n, r->dout + row * n, 1, n,
                             r->add[0]);
}

static void run(const gop_run *r, void (*chunk)(void *arg, size_t i))
{
    job j = {r, measure(r->out_shape)};
    gop_parallel(r->ctx, gop_pieces(j.s.rows, j.s.at_once), chunk, &j);
}

static void forward(const gop_run *r)
{
    run(r, forward_chunk);
}

static void backward(const gop_run *r)
{
    if (r->din[0] != NULL)
        run(r, backward_chunk);
}

/* ------------------------------------------------------------------------- cases */

/* Along the last axis, or along attr's. */
static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const int *axis = attr;
    const gop_span s = gop_span_of(y.shape, axis ? *axis : y.shape.rank - 1);
    for (size_t o = 0; o < s.outer; o++)
        for (size_t i = 0; i < s.inner; i++) {
            const size_t at = o * s.length * s.inner + i;
            for (size_t l = 0; l < s.length; l++) {
                double sum = 0;
                for (size_t k = 0; k < s.length; k++)
                    sum += exp((double)in[0].v[at + k * s.inner] -
                               (double)in[0].v[at + l * s.inner]);
                y.v[at + l * s.inner] = (gop_real)(1 / sum);
            }
        }
}

static gop_var build_axis(gop_net *net, const gop_var *in, const void *attr)
{
    return gop_softmax(net, in[0], *(const int *)attr);
}

static const gop_case cases[] = {
    {"rows", .in = {{3, {3, 5, 7}}}, .range = {{-3, 3}}, .bench = {{4, {32, 26, 25, 64}}}},
    {"large", .in = {{2, {3, 5}}}, .range = {{190, 200}}},
    {"over nodes", .in = {{4, {2, 5, 3, 7}}}, .attr = &(int){1}, .build = build_axis},
    {"over the last axis", .in = {{3, {3, 5, 7}}}, .attr = &(int){2}, .build = build_axis},
    {0},
};

const gop_op gop_op_softmax = {
    .name = "softmax",
    .flags = GOP_OP_INPLACE | GOP_OP_NEEDS_OUT,
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
};

/*: Softmax along an axis.
 *
 *     y[o, l, i] = exp(x[o, l, i]) / sum_k exp(x[o, k, i])
 *
 * x of any shape of rank 1 or more, 0 <= axis < rank, or -1 for the last; y has the shape of x.  An
 * axis before the last takes two more operators (gop_permute).
 * Errors: GOP_EINVAL for no such axis.
 */
GOP_API gop_var gop_softmax(gop_net *net, gop_var x, int axis)
{
    const gop_shape s = gop_net_shape(net, x);
    int axes[GOP_MAX_RANK] = {0, 1, 2, 3};
    if (axis == -1 || (axis >= 0 && axis == s.rank - 1) || s.rank < 0)
        return gop_apply(net, &gop_op_softmax, NULL, &x, 1);
    if (axis < 0 || axis >= s.rank)
        return gop_net_refuse(net, "softmax", &x, 1, GOP_EINVAL, "no such axis: %d", axis);
    /* A swap of two axes is its own inverse. */
    axes[axis] = s.rank - 1;
    axes[s.rank - 1] = axis;
    x = gop_permute(net, x, axes);
    return gop_permute(net, gop_apply(net, &gop_op_softmax, NULL, &x, 1), axes);
}
