/*
 * edge_gather.c: the features of both ends of each edge of a list.
 *
 *     forward    y[n, e, :] = [x[n, a_e, :], x[n, b_e, :]]
 *     backward   dx[n, i, :] = sum over e with a_e = i of dy[n, e, :C]
 *                            + sum over e with b_e = i of dy[n, e, C:]
 *
 * x [N, M, C], index [E, 2] holding a_e, b_e; y [N, E, 2C].  The numbers are
 * data, which are not known while recording: one that is not an integer in
 * [0, M) stands for no node, whose features are zeros.
 * Source: the edge features of message passing, Gilmer et al. 2017.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/op.h"

typedef struct job {
    const gop_run *r;
    size_t nodes, edges, c, at_once;
} job;

static gop_status plan(gop_op_plan *p)
{
    char a[80];
    gop_status s = gop_op_count(p, 2, 2);
    if (s == GOP_OK)
        s = gop_op_rank(p, 0, 3);
    if (s != GOP_OK)
        return s;
    gop_shape x = p->in[0], index = p->in[1];
    if (index.rank != 2 || index.dim[1] != 2)
        return gop_fail(p->err, GOP_ESHAPE, "index %s must be [E, 2]",
                        gop_shape_text(a, sizeof a, index));
    if (index.dim[0] > SIZE_MAX / 64 / gop_shape_size(x))
        return gop_fail(p->err, GOP_ESHAPE, "%zu edges are too many", index.dim[0]);
    p->out = gop_shape3(x.dim[0], index.dim[0], 2 * x.dim[2]);
    return GOP_OK;
}

static job prepare(const gop_run *r)
{
    gop_shape x = r->in_shape[0];
    job j = {r, x.dim[1], r->out_shape.dim[1], x.dim[2], 0};
    j.at_once = gop_rows(2 * j.c);
    return j;
}

GOP_VECTOR static void accumulate(gop_real *restrict to, const gop_real *restrict from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] += from[i];
}

/* Ends of edges of all samples. */
static void gather(void *arg, size_t i)
{
    const job *j = arg;
    size_t begin = i * j->at_once,
           end = gop_size_min(begin + j->at_once, j->r->out_shape.dim[0] * j->edges);
    for (size_t e = 2 * begin; e < 2 * end; e++) {
        size_t node = gop_index(j->r->in[1][e % (2 * j->edges)], j->nodes);
        gop_real *y = j->r->out + e * j->c;
        if (node < j->nodes)
            memcpy(y, j->r->in[0] + (e / (2 * j->edges) * j->nodes + node) * j->c,
                   j->c * sizeof *y);
        else
            memset(y, 0, j->c * sizeof *y);
    }
}

/* One sample, so that a node's sum has one order. */
static void scatter(void *arg, size_t n)
{
    const job *j = arg;
    gop_real *dx = j->r->din[0] + n * j->nodes * j->c;
    const gop_real *dy = j->r->dout + n * 2 * j->edges * j->c;
    if (!j->r->add[0])
        memset(dx, 0, j->nodes * j->c * sizeof *dx);
    for (size_t e = 0; e < 2 * j->edges; e++) {
        size_t node = gop_index(j->r->in[1][e], j->nodes);
        if (node < j->nodes)
            accumulate(dx + node * j->c, dy + e * j->c, j->c);
    }
}

static void forward(const gop_run *r)
{
    job j = prepare(r);
    gop_parallel(r->ctx, gop_pieces(r->out_shape.dim[0] * j.edges, j.at_once), gather, &j);
}

static void backward(const gop_run *r)
{
    job j = prepare(r);
    if (r->din[0] != NULL)
        gop_parallel(r->ctx, r->out_shape.dim[0], scatter, &j);
    gop_no_gradient(r, 1);
}

/* ------------------------------------------------------------------------- cases */

static gop_var build(gop_net *net, const gop_var *in)
{
    return gop_edge_gather(net, in[0], in[1]);
}

static void naive(gop_real *out, const gop_real *const *in)
{
    for (int n = 0; n < 2; n++)
        for (int e = 0; e < 6; e++)
            for (int end = 0; end < 2; end++)
                for (int c = 0; c < 3; c++)
                    for (int m = 0; m < 5; m++)
                        if (in[1][e * 2 + end] == m)
                            out[((n * 6 + e) * 2 + end) * 3 + c] = in[0][(n * 5 + m) * 3 + c];
}

static const gop_case cases[] = {
    {.name = "edges",
     .n_in = 2,
     .in = {{3, {2, 5, 3, 1}}, {2, {6, 2, 1, 1}}},
     .range = {{.lo = 0}, {.lo = 0, .hi = 5, .fixed = true, .integer = true}},
     .build = build,
     .naive = naive},
    {.name = "numbers out of range",
     .n_in = 2,
     .in = {{3, {2, 5, 3, 1}}, {2, {6, 2, 1, 1}}},
     .range = {{.lo = 0}, {.lo = -3, .hi = 8, .fixed = true, .integer = true}},
     .build = build,
     .naive = naive},
    {.name = NULL},
};

const gop_op gop_op_edge_gather = {
    .name = "edge_gather",
    .flags = GOP_OP_NEEDS_IN,
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
};

/*: The features of both ends of each edge of a list.
 *
 *     y[n, e, :] = [x[n, index[e, 0], :], x[n, index[e, 1], :]]
 *
 * x [N, M, C], index [E, 2]; y [N, E, 2C].  A number that is not an integer in
 * [0, M) stands for a node of zeros.  No gradient to `index`.
 * Errors: GOP_ESHAPE when x or index has another rank.
 */
GOP_API gop_var gop_edge_gather(gop_net *net, gop_var x, gop_var index)
{
    gop_var in[2] = {x, index};
    return gop_apply(net, &gop_op_edge_gather, NULL, in, 2);
}
