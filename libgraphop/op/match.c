/*
 * match.c: the features of parts copied to their nodes.
 *
 *     y[n, m, t, c]  = p[n, part[m], t, c]
 *     dp[n, q, t, c] = sum over the nodes m with part[m] = q of dy[n, m, t, c]
 *
 * p [N, P, T, C], part [M], y [N, M, T, C].  A node whose number is not an
 * integer in [0, P) gets zeros (see pool.c).
 *
 * Source: part2joint matching, Sym-GNN section 5.1.2.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif
#include "op/op.h"

/* A chunk is one sample's block of at most BLOCK columns of the rows [T C]. */
enum { BLOCK = 2048 };

typedef struct job {
    const gop_run *r;
    size_t nodes, parts, row, blocks;
} job;

static gop_status plan(gop_op_plan *p)
{
    gop_status s = gop_op_count(p, 2, 2);
    if (s == GOP_OK)
        s = gop_op_rank(p, 0, 4);
    if (s == GOP_OK)
        s = gop_op_rank(p, 1, 1);
    if (s != GOP_OK)
        return s;
    if (p->in[1].dim[0] > SIZE_MAX / 64 / gop_shape_size(p->in[0]))
        return gop_fail(p->err, GOP_ESHAPE, "%zu nodes are too many", p->in[1].dim[0]);
    p->out = p->in[0];
    p->out.dim[1] = p->in[1].dim[0];
    return GOP_OK;
}

static job prepare(const gop_run *r)
{
    gop_shape p = r->in_shape[0];
    job j = {.r = r, .nodes = r->out_shape.dim[1], .parts = p.dim[1], .row = p.dim[2] * p.dim[3]};
    j.blocks = gop_pieces(j.row, BLOCK);
    return j;
}

GOP_VECTOR static void accumulate(gop_real *restrict to, const gop_real *restrict from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] += from[i];
}

static void copy(void *arg, size_t i, int thread)
{
    const job *j = arg;
    size_t sample = i / j->blocks, at = i % j->blocks * BLOCK, n = gop_min(BLOCK, j->row - at);
    const gop_real *x = j->r->in[0] + sample * j->parts * j->row + at;
    gop_real *y = j->r->out + sample * j->nodes * j->row + at;
    (void)thread;
    for (size_t m = 0; m < j->nodes; m++) {
        size_t p = gop_index(j->r->in[1][m], j->parts);
        if (p < j->parts)
            memcpy(y + m * j->row, x + p * j->row, n * sizeof *y);
        else
            memset(y + m * j->row, 0, n * sizeof *y);
    }
}

static void gather(void *arg, size_t i, int thread)
{
    const job *j = arg;
    size_t sample = i / j->blocks, at = i % j->blocks * BLOCK, n = gop_min(BLOCK, j->row - at);
    gop_real *dx = j->r->din[0] + sample * j->parts * j->row + at;
    const gop_real *dy = j->r->dout + sample * j->nodes * j->row + at;
    (void)thread;
    for (size_t p = 0; p < j->parts && !j->r->add[0]; p++)
        memset(dx + p * j->row, 0, n * sizeof *dx);
    for (size_t m = 0; m < j->nodes; m++) {
        size_t p = gop_index(j->r->in[1][m], j->parts);
        if (p < j->parts)
            accumulate(dx + p * j->row, dy + m * j->row, n);
    }
}

static void forward(const gop_run *r)
{
    job j = prepare(r);
    gop_parallel(r->ctx, r->out_shape.dim[0] * j.blocks, copy, &j);
}

static void backward(const gop_run *r)
{
    job j = prepare(r);
    if (r->din[0] != NULL)
        gop_parallel(r->ctx, r->out_shape.dim[0] * j.blocks, gather, &j);
    gop_no_gradient(r, 1);
}

/* ------------------------------------------------------------------------- cases */

static gop_var build(gop_net *net, const gop_var *in)
{
    return gop_match(net, in[0], in[1]);
}

static void naive(gop_real *out, const gop_real *const *in)
{
    for (int n = 0; n < 2; n++)
        for (int m = 0; m < 7; m++)
            for (int k = 0; k < 5 * 3; k++)
                for (int p = 0; p < 3; p++)
                    if (in[1][m] == p)
                        out[(n * 7 + m) * 15 + k] = in[0][(n * 3 + p) * 15 + k];
}

static const gop_case cases[] = {
    {.name = "parts", .n_in = 2, .in = {{4, {2, 3, 5, 3}}, {1, {7, 1, 1, 1}}},
     .range = {{.lo = 0}, {.lo = 0, .hi = 3, .fixed = true, .integer = true}},
     .build = build, .naive = naive},
    {.name = "numbers out of range", .n_in = 2, .in = {{4, {2, 3, 5, 3}}, {1, {7, 1, 1, 1}}},
     .range = {{.lo = 0}, {.lo = -3, .hi = 6, .fixed = true, .integer = true}},
     .build = build, .naive = naive},
    {.name = NULL},
};

const gop_op gop_op_match = {
    .name = "match",
    .flags = GOP_OP_NEEDS_IN,
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
};

/*: The features of parts copied to their nodes.
 *
 *     y[n, m, t, c] = p[n, part[m], t, c]
 *
 * p [N, P, T, C], part [M] holding each node's part number, y [N, M, T, C].  A
 * node whose number is not an integer in [0, P) gets zeros.  No gradient to
 * `part`.
 * Source: part2joint matching, Sym-GNN section 5.1.2.
 */
GOP_API gop_var gop_match(gop_net *net, gop_var p, gop_var part)
{
    gop_var in[2] = {p, part};
    return gop_apply(net, &gop_op_match, NULL, in, 2);
}
