/*
 * mask_nodes.c: missing nodes, and bodies, put to zero.
 *
 *     y[n, m, ...]  = x[n, m, ...]  where mask is not 0, else 0
 *     dx[n, m, ...] = dy[n, m, ...] where mask is not 0, else 0
 *
 * x [N, M, T, C], mask [N, M], or [M] for all samples; y as x, and may be written
 * over it.  What a missing node holds does not matter, not even a NaN.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif
#include "op/op.h"

static gop_status plan(gop_op_plan *p)
{
    char a[80], b[80];
    gop_status s = gop_op_count(p, 2, 2);
    if (s == GOP_OK)
        s = gop_op_rank(p, 0, 4);
    if (s != GOP_OK)
        return s;
    gop_shape x = p->in[0], mask = p->in[1];
    if (!gop_shape_equal(mask, gop_shape1(x.dim[1])) &&
        !gop_shape_equal(mask, gop_shape2(x.dim[0], x.dim[1])))
        return gop_fail(p->err, GOP_ESHAPE, "mask %s must be [N, M] or [M] for x %s = [N, M, T, C]",
                        gop_shape_text(a, sizeof a, mask), gop_shape_text(b, sizeof b, x));
    p->out = x;
    p->ways = GOP_BY_ROWS;
    return GOP_OK;
}

/* to (+)= from where there is a node, for elements [begin, end); to may be from. */
static void pass(const gop_run *r, gop_real *to, const gop_real *from, size_t begin, size_t end,
                 bool add)
{
    const gop_shape x = r->in_shape[0];
    const size_t row = x.dim[2] * x.dim[3];
    while (begin < end) {
        const size_t node = begin / row, n = gop_min(end, (node + 1) * row) - begin;
        const bool there = r->in[1][r->in_shape[1].rank == 2 ? node : node % x.dim[1]] != 0;
        if (there && to != from)
            gop_move(to + begin, from + begin, n, add);
        if (!there && !add)
            memset(to + begin, 0, n * sizeof *to);
        begin += n;
    }
}

static void rows(const gop_run *r, size_t from, size_t to)
{
    pass(r, r->out, r->in[0], from, to, false);
}

static void rows_back(const gop_run *r, size_t from, size_t to)
{
    if (r->din[0] != NULL)
        pass(r, r->din[0], r->dout, from, to, r->add[0]);
    if (from == 0)
        gop_no_gradient(r, 1);
}

/* ------------------------------------------------------------------------- cases */

static gop_var build(gop_net *net, const gop_var *in)
{
    return gop_mask_nodes(net, in[0], in[1]);
}

static void naive(gop_real *out, const gop_real *const *in)
{
    for (int node = 0; node < 3 * 4; node++)
        for (int k = 0; k < 2 * 5; k++)
            out[node * 10 + k] = in[1][node] != 0 ? in[0][node * 10 + k] : 0;
}

static void naive_shared(gop_real *out, const gop_real *const *in)
{
    for (int node = 0; node < 3 * 4; node++)
        for (int k = 0; k < 2 * 5; k++)
            out[node * 10 + k] = in[1][node % 4] != 0 ? in[0][node * 10 + k] : 0;
}

static const gop_case cases[] = {
    {.name = "one a sample", .n_in = 2, .in = {{4, {3, 4, 2, 5}}, {2, {3, 4, 1, 1}}},
     .range = {{.lo = 0}, {.lo = 0, .hi = 2, .fixed = true, .integer = true}},
     .build = build, .naive = naive},
    {.name = "shared", .n_in = 2, .in = {{4, {3, 4, 2, 5}}, {1, {4, 1, 1, 1}}},
     .range = {{.lo = 0}, {.lo = 0, .hi = 2, .fixed = true, .integer = true}},
     .build = build, .naive = naive_shared},
    {.name = NULL},
};

const gop_op gop_op_mask_nodes = {
    .name = "mask_nodes",
    .flags = GOP_OP_INPLACE | GOP_OP_NEEDS_IN,
    .plan = plan,
    .rows = rows,
    .rows_back = rows_back,
    .cases = cases,
};

/*: Missing nodes, and bodies, put to zero.
 *
 *     y[n, m, t, c] = x[n, m, t, c] where mask is not 0, else 0
 *
 * x [N, M, T, C], mask [N, M], or [M] for all samples; y [N, M, T, C].  A missing
 * node may hold anything, a NaN too.  No gradient to `mask`.
 * Errors: GOP_ESHAPE when mask does not fit x.
 */
GOP_API gop_var gop_mask_nodes(gop_net *net, gop_var x, gop_var mask)
{
    gop_var in[2] = {x, mask};
    return gop_apply(net, &gop_op_mask_nodes, NULL, in, 2);
}
