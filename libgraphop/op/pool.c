/*
 * pool.c: nodes averaged into the parts that they belong to.
 *
 *     y[n, p, t, c]  = mean over the nodes m with part[m] = p of x[n, m, t, c]
 *     dx[n, m, t, c] = dy[n, part[m], t, c] / (number of nodes of that part)
 *
 * x [N, M, T, C], part [M], y [N, P, T, C].  The part numbers are data, which
 * are not known while recording, so any value is taken: a node whose number is
 * not an integer in [0, P) belongs to no part (its gradient is zero), and a part
 * without nodes is zero.
 *
 * Source: joint2part pooling, Sym-GNN section 5.1.2.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif
#include "op/op.h"

typedef struct attributes {
    size_t parts;
} attributes;

/* A chunk is one sample's block of at most BLOCK columns of the rows [T C]. */
enum { BLOCK = 2048 };

typedef struct job {
    const gop_run *r;
    size_t nodes, parts, row, blocks;
} job;

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    gop_status s = gop_op_count(p, 2, 2);
    if (s == GOP_OK)
        s = gop_op_rank(p, 0, 4);
    if (s == GOP_OK)
        s = gop_op_rank(p, 1, 1);
    if (s != GOP_OK)
        return s;
    if (p->in[1].dim[0] != p->in[0].dim[1])
        return gop_fail(p->err, GOP_ESHAPE, "%zu part numbers for %zu nodes", p->in[1].dim[0],
                        p->in[0].dim[1]);
    if (a->parts == 0 || a->parts > SIZE_MAX / 64 / gop_shape_size(p->in[0]))
        return gop_fail(p->err, GOP_EINVAL, "%zu parts", a->parts);
    p->out = p->in[0];
    p->out.dim[1] = a->parts;
    p->work = a->parts;
    return GOP_OK;
}

/* work[p] = 1 / (nodes of part p), or 0. */
static job prepare(const gop_run *r)
{
    gop_shape x = r->in_shape[0];
    job j = {.r = r, .nodes = x.dim[1], .parts = r->out_shape.dim[1], .row = x.dim[2] * x.dim[3]};
    j.blocks = gop_pieces(j.row, BLOCK);
    memset(r->work, 0, j.parts * sizeof *r->work);
    for (size_t m = 0; m < j.nodes; m++) {
        size_t p = gop_index(r->in[1][m], j.parts);
        if (p < j.parts)
            r->work[p] += 1;
    }
    for (size_t p = 0; p < j.parts; p++)
        r->work[p] = r->work[p] > 0 ? 1 / r->work[p] : 0;
    return j;
}

GOP_VECTOR static void accumulate(gop_real *restrict to, const gop_real *restrict from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] += from[i];
}

GOP_VECTOR static void multiply(gop_real *restrict to, gop_real by, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] *= by;
}

GOP_VECTOR static void set(gop_real *restrict to, const gop_real *restrict from, gop_real by,
                           size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = by * from[i];
}

GOP_VECTOR static void add(gop_real *restrict to, const gop_real *restrict from, gop_real by,
                           size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] += by * from[i];
}

static void average(void *arg, size_t i, int thread)
{
    const job *j = arg;
    size_t sample = i / j->blocks, at = i % j->blocks * BLOCK, n = gop_min(BLOCK, j->row - at);
    const gop_real *x = j->r->in[0] + sample * j->nodes * j->row + at;
    gop_real *y = j->r->out + sample * j->parts * j->row + at;
    (void)thread;
    for (size_t p = 0; p < j->parts; p++)
        memset(y + p * j->row, 0, n * sizeof *y);
    for (size_t m = 0; m < j->nodes; m++) {
        size_t p = gop_index(j->r->in[1][m], j->parts);
        if (p < j->parts)
            accumulate(y + p * j->row, x + m * j->row, n);
    }
    for (size_t p = 0; p < j->parts; p++)
        multiply(y + p * j->row, j->r->work[p], n);
}

static void spread(void *arg, size_t i, int thread)
{
    const job *j = arg;
    size_t sample = i / j->blocks, at = i % j->blocks * BLOCK, n = gop_min(BLOCK, j->row - at);
    gop_real *dx = j->r->din[0] + sample * j->nodes * j->row + at;
    const gop_real *dy = j->r->dout + sample * j->parts * j->row + at;
    (void)thread;
    for (size_t m = 0; m < j->nodes; m++) {
        size_t p = gop_index(j->r->in[1][m], j->parts);
        if (p < j->parts)
            (j->r->add[0] ? add : set)(dx + m * j->row, dy + p * j->row, j->r->work[p], n);
        else if (!j->r->add[0])
            memset(dx + m * j->row, 0, n * sizeof *dx);
    }
}

static void forward(const gop_run *r)
{
    job j = prepare(r);
    gop_parallel(r->ctx, r->out_shape.dim[0] * j.blocks, average, &j);
}

static void backward(const gop_run *r)
{
    job j = prepare(r);
    if (r->din[0] != NULL)
        gop_parallel(r->ctx, r->out_shape.dim[0] * j.blocks, spread, &j);
    gop_no_gradient(r, 1);
}

/* ------------------------------------------------------------------------- cases */

static gop_var build(gop_net *net, const gop_var *in)
{
    return gop_pool(net, in[0], in[1], 3);
}

/* As the head says, by the definition of the mean: one node after another. */
static void naive(gop_real *out, const gop_real *const *in)
{
    for (int n = 0; n < 2; n++)
        for (int p = 0; p < 3; p++)
            for (int k = 0; k < 5 * 3; k++) {
                double sum = 0;
                int count = 0;
                for (int m = 0; m < 7; m++)
                    if (in[1][m] == p) {
                        sum += (double)in[0][(n * 7 + m) * 15 + k];
                        count++;
                    }
                out[(n * 3 + p) * 15 + k] = (gop_real)(count ? sum / count : 0);
            }
}

static const gop_case cases[] = {
    {.name = "parts", .n_in = 2, .in = {{4, {2, 7, 5, 3}}, {1, {7, 1, 1, 1}}},
     .range = {{.lo = 0}, {.lo = 0, .hi = 3, .fixed = true, .integer = true}},
     .build = build, .naive = naive},
    {.name = "numbers out of range", .n_in = 2, .in = {{4, {2, 7, 5, 3}}, {1, {7, 1, 1, 1}}},
     .range = {{.lo = 0}, {.lo = -3, .hi = 6, .fixed = true, .integer = true}},
     .build = build, .naive = naive},
    {.name = NULL},
};

const gop_op gop_op_pool = {
    .name = "pool",
    .flags = GOP_OP_NEEDS_IN,
    .attr_size = sizeof(attributes),
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
};

/*: Nodes averaged into parts.
 *
 *     y[n, p, t, c] = mean over the nodes m with part[m] = p of x[n, m, t, c]
 *
 * x [N, M, T, C], part [M] holding each node's part number, y [N, parts, T, C].
 * A node whose number is not an integer in [0, parts) belongs to no part; a part
 * without nodes is zero.  No gradient to `part`.
 * Source: joint2part pooling, Sym-GNN section 5.1.2.
 */
GOP_API gop_var gop_pool(gop_net *net, gop_var x, gop_var part, size_t parts)
{
    attributes a = {parts};
    gop_var in[2] = {x, part};
    return gop_apply(net, &gop_op_pool, &a, in, 2);
}
