/*
 * axpby.c: weighted sums of one or two values of one shape.
 *
 *     y  = alpha a + beta b            (y = alpha a with one input)
 *     da = alpha dy
 *     db = beta dy
 *
 * a and b have the same shape, any shape; y has it, too, and may overwrite a.
 *
 * Source: the residuals and eq. 5 of Sym-GNN, JGC = lambda_act AGC + SGC.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/op.h"
#include "op/per_frame.h"

typedef struct weights {
    double alpha, beta;
} weights;

static gop_status plan(gop_op_plan *p)
{
    gop_status s = gop_op_count(p, 1, 2);
    p->out = p->in[0];
    return s == GOP_OK && p->n_in == 2 ? gop_op_same(p, 0, 1) : s;
}

GOP_VECTOR static void sum(gop_real *y, gop_real alpha, const gop_real *a, gop_real beta,
                           const gop_real *b, size_t n)
{
    GOP_INDEPENDENT
    for (size_t i = 0; i < n; i++)
        y[i] = alpha * a[i] + beta * b[i];
}

GOP_VECTOR static void scale(gop_real *y, gop_real alpha, const gop_real *a, size_t n, bool add)
{
    GOP_INDEPENDENT
    for (size_t i = 0; i < n; i++)
        GOP_PUT(y[i], add, alpha * a[i]);
}

static void rows(const gop_run *r, size_t from, size_t to)
{
    const weights *w = r->attr;
    if (r->n_in == 2)
        sum(r->out + from, (gop_real)w->alpha, r->in[0] + from, (gop_real)w->beta, r->in[1] + from,
            to - from);
    else
        scale(r->out + from, (gop_real)w->alpha, r->in[0] + from, to - from, false);
}

static void rows_back(const gop_run *r, size_t from, size_t to)
{
    const weights *w = r->attr;
    /* One input at a time: if a and b are the same value, add[1] is set.  The first comes last,
     * because its gradient may overwrite dout. */
    const bool twice = r->n_in == 2 && r->din[0] == r->din[1];
    for (size_t k = 0; k < r->n_in; k++) {
        const size_t i = twice ? k : r->n_in - 1 - k;
        const gop_real factor = (gop_real)(i == 0 ? w->alpha : w->beta);
        gop_real *to_i = r->din[i];
        if (to_i != NULL && !(to_i == r->dout && factor == 1))
            scale(to_i + from, factor, r->dout + from, to - from, r->add[i]);
    }
}

/* ------------------------------------------------------------------------- cases */

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const weights *w = attr;
    for (size_t i = 0; i < gop_shape_size(y.shape); i++)
        y.v[i] = (gop_real)w->alpha * in[0].v[i] + (in[1].v ? (gop_real)w->beta * in[1].v[i] : 0);
}

/* A value used twice by one operator and once by another. */
static gop_var build_twice(gop_net *net, const gop_var *in, const void *attr)
{
    const weights *w = attr;
    return gop_add(net, gop_axpby(net, w->alpha, in[0], w->beta, in[0]), gop_scale(net, in[0], -3));
}

static void naive_twice(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const weights *w = attr;
    for (size_t i = 0; i < gop_shape_size(y.shape); i++)
        y.v[i] = (gop_real)(w->alpha + w->beta - 3) * in[0].v[i];
}

static const gop_case axpby_cases[] = {
    {"weights", .in = {{4, {2, 3, 5, 7}}, {4, {2, 3, 5, 7}}}, .attr = &(weights){0.75, -1.5}},
    {"one value twice", .in = {{2, {3, 3}}}, .attr = &(weights){2, 0.5}, .build = build_twice,
     .naive = naive_twice},
    {0},
};

static const gop_case scale_cases[] = {
    {"rank 2", .in = {{2, {3, 7}}}, .attr = &(weights){-2.5, 0}},
    {0},
};

/* Two tables with the same functions, so that errors name the function that was called. */
const gop_op gop_op_axpby = {
    .name = "axpby",
    .flags = GOP_OP_INPLACE | GOP_OP_ELEMENTWISE | GOP_OP_INPLACE_GRAD,
    .attr_size = sizeof(weights),
    .plan = plan,
    .rows = rows,
    .rows_back = rows_back,
    .cases = axpby_cases,
    .naive = naive,
    .step = gop_step_elements,
};

const gop_op gop_op_scale = {
    .name = "scale",
    .flags = GOP_OP_INPLACE | GOP_OP_ELEMENTWISE | GOP_OP_INPLACE_GRAD,
    .attr_size = sizeof(weights),
    .plan = plan,
    .rows = rows,
    .rows_back = rows_back,
    .cases = scale_cases,
    .naive = naive,
    .step = gop_step_elements,
};

static gop_var apply(gop_net *net, const gop_op *op, double alpha, gop_var a, double beta,
                     gop_var b, size_t n_in)
{
    weights w = {alpha, beta};
    gop_var in[2] = {a, b};
    return gop_apply(net, op, &w, in, n_in);
}

/*: Weighted sum of two values.
 *
 *     y = alpha a + beta b
 *
 * a and b have the same shape; y has it, too.
 */
GOP_API gop_var gop_axpby(gop_net *net, double alpha, gop_var a, double beta, gop_var b)
{
    return apply(net, &gop_op_axpby, alpha, a, beta, b, 2);
}

/*: A value times a constant, y = factor a; y has the shape of a. */
GOP_API gop_var gop_scale(gop_net *net, gop_var a, double factor)
{
    return apply(net, &gop_op_scale, factor, a, 0, gop_none(), 1);
}
