/*
 * max.c: the maximum along one axis, which is removed.
 *
 *     y[o, i]     = max_l x[o, l, i]
 *     dx[o, l, i] = dy[o, i] for the first l with x[o, l, i] = y[o, i], else 0
 *
 * x of any shape, with size L on `axis`; y has x's shape without it.  A NaN counts as the maximum:
 * it is the result, and the first NaN gets the gradient.  Backward finds the element again from x
 * and y.
 *
 * Source: max pooling, such as over a part's nodes or a window's frames.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/arithmetic/reduce.h"
#include "op/rows.h"
#include "op/per_frame.h"

/* left[k] is dy until an element gets it, then 0. */
GOP_VECTOR static void give_rows(gop_real *restrict dx, const gop_real *restrict x,
                                 const gop_real *restrict y, const gop_real *restrict dy,
                                 size_t length, size_t row, size_t n, bool add)
{
    gop_real left[GOP_REDUCE_BLOCK];
    for (size_t k = 0; k < n; k++)
        left[k] = dy[k];
    for (size_t l = 0; l < length; l++)
        for (size_t k = 0; k < n; k++) {
            gop_real v = x[l * row + k], d = left[k];
            bool here = v == y[k] || v != v;
            gop_real given = here ? d : 0;
            left[k] = here ? 0 : d;
            GOP_PUT(dx[l * row + k], add, given);
        }
}

static void find(const gop_run *r, const gop_reduce_at *at)
{
    const gop_real *x = r->in[0] + at->x;
    if (at->inner == 1)
        r->out[at->y] = gop_row_max(x, at->length);
    else
        gop_rows_max(r->out + at->y, NULL, x, at->length, at->inner, at->n);
}

static void give(const gop_run *r, const gop_reduce_at *at)
{
    give_rows(r->din[0] + at->x, r->in[0] + at->x, r->out + at->y, r->dout + at->y, at->length,
              at->inner, at->n, r->add[0]);
}

static void forward(const gop_run *r)
{
    gop_reduce_run(r, find);
}

static void backward(const gop_run *r)
{
    if (r->din[0] != NULL)
        gop_reduce_run(r, give);
}

static gop_status step(gop_op_step *s)
{
    return gop_step_reduce(s, ((const gop_reduce_attributes *)s->attr)->axis, GOP_REDUCE_MAX);
}

/* ------------------------------------------------------------------------- cases */

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const gop_reduce_attributes *a = attr;
    const int last = in[0].shape.rank - 1;
    const gop_span s = gop_span_of(in[0].shape, a->axis < 0 ? last : a->axis);
    for (size_t o = 0; o < s.outer; o++)
        for (size_t i = 0; i < s.inner; i++) {
            const gop_real *x = in[0].v + o * s.length * s.inner + i;
            gop_real most = x[0];
            for (size_t l = 1; l < s.length; l++)
                most = x[l * s.inner] > most ? x[l * s.inner] : most;
            y.v[o * s.inner + i] = most;
        }
}

/* Each maximum occurs twice: a gradient to both would be twice the difference. */
static gop_var build_twice(gop_net *net, const gop_var *in, const void *attr)
{
    const gop_var two[2] = {in[0], in[0]};
    return gop_max(net, gop_concat(net, two, 2, 0), ((const gop_reduce_attributes *)attr)->axis);
}

static const gop_case cases[] = {
    {"frames", .in = {{4, {2, 3, 5, 7}}}, .attr = &(gop_reduce_attributes){2},
     .bench = {{4, {32, 26, 25, 64}}}},
    {"channels", .in = {{2, {11, 37}}}, .attr = &(gop_reduce_attributes){1}},
    {"each twice, more inner places than one block", .in = {{2, {4, 301}}},
     .attr = &(gop_reduce_attributes){0}, .build = build_twice},
    {0},
};

const gop_op gop_op_max = {
    .name = "max",
    .flags = GOP_OP_NEEDS_IN | GOP_OP_NEEDS_OUT,
    .attr_size = sizeof(gop_reduce_attributes),
    .plan = gop_reduce_plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
    .step = step,
};

/*: The maximum along an axis.
 *
 *     y[o, i] = max_l x[o, l, i]
 *
 * x of any shape, 0 <= axis < rank, or -1 for the last; y has x's shape without the axis.  The
 * gradient goes to the first element that is the maximum.  A maximum over values with a NaN is NaN.
 */
GOP_API gop_var gop_max(gop_net *net, gop_var x, int axis)
{
    gop_reduce_attributes a = {gop_axis_of(net, x, axis)};
    return gop_apply(net, &gop_op_max, &a, &x, 1);
}
