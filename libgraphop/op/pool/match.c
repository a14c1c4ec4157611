/*
 * match.c: the features of parts copied to their nodes.
 *
 *     y[n, m, t, c]  = p[n, part[n, m], t, c]
 *     dp[n, q, t, c] = sum over the nodes m with part[n, m] = q of dy[n, m, t, c]
 *
 * p [N, P, T, C]; part [M] or [N, M], see op/indexed.h; y [N, M, T, C].  A node of no part
 * gets zeros.
 *
 * Source: part2joint matching, Sym-GNN section 5.1.2.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/indexed.h"

static gop_indexed measure(const gop_shape *in)
{
    const gop_shape x = in[0], part = in[1];
    return (gop_indexed){.samples = x.dim[0],
                         .items = part.dim[part.rank - 1],
                         .places = x.dim[1],
                         .row = x.dim[2] * x.dim[3],
                         .step = 1,
                         .own = part.rank == 2};
}

static gop_status plan(gop_op_plan *p)
{
    char a[80], b[80];
    gop_status s = gop_op_count(p, 2, 2);
    if (s == GOP_OK)
        s = gop_op_rank(p, 0, 4);
    if (s != GOP_OK)
        return s;
    const gop_shape x = p->in[0], part = p->in[1];
    if (part.rank != 1 && !(part.rank == 2 && part.dim[0] == x.dim[0]))
        return gop_fail(p->err, GOP_ESHAPE, "part %s must be [M] or [N, M] for p %s = [N, P, T, C]",
                        gop_shape_text(a, sizeof a, part), gop_shape_text(b, sizeof b, x));
    p->out = x;
    p->out.dim[1] = part.dim[part.rank - 1];
    return gop_indexed_plan(p, measure(p->in));
}

static void forward(const gop_run *r)
{
    gop_gather_forward(r, measure(r->in_shape));
}

static void backward(const gop_run *r)
{
    gop_gather_backward(r, measure(r->in_shape));
}

/* ------------------------------------------------------------------------- cases */

static gop_var build(gop_net *net, const gop_var *in)
{
    return gop_match(net, in[0], in[1]);
}

static void naive_parts(gop_real *out, const gop_real *const *in, bool own)
{
    for (int n = 0; n < 2; n++)
        for (int m = 0; m < 7; m++)
            for (int k = 0; k < 5 * 3; k++)
                for (int p = 0; p < 3; p++)
                    if (in[1][own ? n * 7 + m : m] == p)
                        out[(n * 7 + m) * 15 + k] = in[0][(n * 3 + p) * 15 + k];
}

static void naive(gop_real *out, const gop_real *const *in)
{
    naive_parts(out, in, false);
}

static void naive_own(gop_real *out, const gop_real *const *in)
{
    naive_parts(out, in, true);
}

static const gop_case cases[] = {
    {.name = "parts",
     .in = {{4, {2, 3, 5, 3}}, {1, {7}}},
     .range = {[1] = {0, 3}},
     .integers = 1 << 1,
     .build_old = build,
     .naive_old = naive},
    {.name = "numbers out of range",
     .in = {{4, {2, 3, 5, 3}}, {1, {7}}},
     .range = {[1] = {-3, 6}},
     .integers = 1 << 1,
     .build_old = build,
     .naive_old = naive},
    {.name = "parts of each sample",
     .in = {{4, {2, 3, 5, 3}}, {2, {2, 7}}},
     .range = {[1] = {-1, 4}},
     .integers = 1 << 1,
     .build_old = build,
     .naive_old = naive_own},
    {.name = NULL},
};

const gop_op gop_op_match = {
    .name = "match",
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
};

/*: The features of parts copied to their nodes.
 *
 *     y[n, m, t, c] = p[n, part[n, m], t, c]
 *
 * p [N, P, T, C], part [M], or [N, M] where each sample has its own, holding each
 * node's part number, y [N, M, T, C].  A node whose number is not an integer in
 * [0, P) gets zeros.  No gradient to `part`.
 * Errors: GOP_ESHAPE when part does not fit p.
 * Source: part2joint matching, Sym-GNN section 5.1.2.
 */
GOP_API gop_var gop_match(gop_net *net, gop_var p, gop_var part)
{
    gop_var in[2] = {p, part};
    return gop_apply(net, &gop_op_match, NULL, in, 2);
}
