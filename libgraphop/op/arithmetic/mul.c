/*
 * mul.c: the element-wise product of two values.
 *
 *     y  = a * b
 *     da = dy * b
 *     db = dy * a
 *
 * a and b have the same shape, any shape; y has it, too.
 *
 * Source: the trained masks M on the adjacency in eq. 4 of Sym-GNN.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/op.h"

static gop_status plan(gop_op_plan *p)
{
    gop_status s = gop_op_count(p, 2, 2);
    p->out = p->in[0];
    return s == GOP_OK ? gop_op_same(p, 0, 1) : s;
}

GOP_VECTOR static void product(gop_real *y, const gop_real *a, const gop_real *b, size_t n,
                               bool add)
{
    GOP_INDEPENDENT
    for (size_t i = 0; i < n; i++)
        GOP_PUT(y[i], add, a[i] * b[i]);
}

static void rows(const gop_run *r, size_t from, size_t to)
{
    product(r->out + from, r->in[0] + from, r->in[1] + from, to - from, false);
}

static void rows_back(const gop_run *r, size_t from, size_t to)
{
    /* One input at a time: if a and b are the same value, add[1] is set. */
    for (size_t i = 0; i < 2; i++)
        if (r->din[i] != NULL)
            product(r->din[i] + from, r->dout + from, r->in[1 - i] + from, to - from, r->add[i]);
}

/* ------------------------------------------------------------------------- cases */

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    (void)attr;
    for (size_t i = 0; i < gop_shape_size(y.shape); i++)
        y.v[i] = in[0].v[i] * in[in[1].v ? 1 : 0].v[i];
}

static gop_var build_square(gop_net *net, const gop_var *in, const void *attr)
{
    (void)attr;
    return gop_mul(net, in[0], in[0]);
}

static const gop_case cases[] = {
    {"mask", .in = {{3, {3, 5, 5}}, {3, {3, 5, 5}}}},
    {"square", .in = {{1, {7}}}, .build = build_square},
    {0},
};

const gop_op gop_op_mul = {
    .name = "mul",
    .flags = GOP_OP_INPLACE | GOP_OP_NEEDS_IN | GOP_OP_ELEMENTWISE,
    .plan = plan,
    .rows = rows,
    .rows_back = rows_back,
    .cases = cases,
    .naive = naive,
};

/*: Element-wise product of two values.
 *
 *     y = a * b
 *
 * a and b have the same shape; y has it, too.
 */
GOP_API gop_var gop_mul(gop_net *net, gop_var a, gop_var b)
{
    gop_var in[2] = {a, b};
    return gop_apply(net, &gop_op_mul, NULL, in, 2);
}
