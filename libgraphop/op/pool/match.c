/*
 * match.c: copies the features of parts to their nodes.
 *
 *     y[n, m, t, c]  = p[n, part[n, m], t, c]
 *     dp[n, q, t, c] = sum over the nodes m with part[n, m] = q of dy[n, m, t, c]
 *
 * p [N, P, T, C]; part [M] or [N, M], see op/indexed.h; y [N, M, T, C].  A node without a part gets
 * zeros.
 *
 * Source: part2joint matching, Sym-GNN section 5.1.2.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/indexed.h"
#include "op/per_frame.h"

static gop_indexed measure(const gop_shape *in)
{
    const gop_shape x = in[0], part = in[1];
    return (gop_indexed){.samples = x.dim[0],
                         .items = part.dim[part.rank - 1],
                         .places = x.dim[1],
                         .row = x.dim[2] * x.dim[3],
                         .step = 1,
                         .lists = part.rank == 2 ? part.dim[0] : 1};
}

static gop_status plan(gop_op_plan *p)
{
    char a[80], b[80];
    gop_try(gop_op_count(p, 2, 2));
    gop_try(gop_op_rank(p, 0, 4));
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

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const size_t parts = in[0].shape.dim[1], nodes = y.shape.dim[1];
    const size_t row = y.shape.dim[2] * y.shape.dim[3];
    (void)attr;
    for (size_t n = 0; n < y.shape.dim[0]; n++)
        for (size_t m = 0; m < nodes; m++)
            for (size_t p = 0; p < parts; p++)
                if (in[1].v[(in[1].shape.rank == 2 ? n * nodes : 0) + m] == (gop_real)p)
                    memcpy(y.v + (n * nodes + m) * row, in[0].v + (n * parts + p) * row,
                           row * sizeof *y.v);
}

static const gop_case cases[] = {
    {"parts", .in = {{4, {2, 3, 5, 3}}, {1, {7}}}, .range = {[1] = {0, 3}}, .integers = 1 << 1,
     .bench = {{4, {32, 3, 25, 64}}, {1, {26}}}},
    {"numbers out of range", .in = {{4, {2, 3, 5, 3}}, {1, {7}}}, .range = {[1] = {-3, 6}},
     .integers = 1 << 1},
    {"parts of each sample", .in = {{4, {2, 3, 5, 3}}, {2, {2, 7}}}, .range = {[1] = {-1, 4}},
     .integers = 1 << 1},
    {0},
};

const gop_op gop_op_match = {
    .name = "match",
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
    .step = gop_step_clip,
};

/*: Copies the features of parts to their nodes.
 *
 *     y[n, m, t, c] = p[n, part[n, m], t, c]
 *
 * p [N, P, T, C]; part [M], or [N, M] with one list for each sample, the part number of each node;
 * y [N, M, T, C].  A node whose number is not an integer in [0, P) gets zeros.  No gradient to
 * `part`.
 * Errors: GOP_ESHAPE if part does not fit p.
 * Source: part2joint matching, Sym-GNN section 5.1.2.
 */
GOP_API gop_var gop_match(gop_net *net, gop_var p, gop_var part)
{
    gop_var in[2] = {p, part};
    return gop_apply(net, &gop_op_match, NULL, in, 2);
}
