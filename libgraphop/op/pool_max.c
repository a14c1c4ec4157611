/*
 * pool_reduce.c: nodes summed into the parts that they belong to, or the largest
 * of each part taken.  (The mean is pool.c, which has a file of its own.)
 *
 *     sum    y[n, p, t, c] = sum over the nodes m with part[m] = p of x[n, m, t, c]
 *            dx[n, m, t, c] = dy[n, part[m], t, c]
 *     max    y[n, p, t, c] = max over them;  dx: dy goes to the first that holds it
 *
 * x [N, M, T, C], part [M], y [N, P, T, C].  A node whose number is not an
 * integer in [0, P) belongs to no part, and a part without nodes is zero, as in
 * pool.c.  A NaN in a part is its maximum.
 *
 * Kept for the backward of max: which node it was, one number an element of y.
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

static gop_status plan_parts(gop_op_plan *p)
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
    if (p->in[0].dim[1] > 1 << 24)
        return gop_fail(p->err, GOP_ESHAPE, "%zu nodes are too many", p->in[0].dim[1]);
    p->out = p->in[0];
    p->out.dim[1] = a->parts;
    return GOP_OK;
}

static gop_status plan_max(gop_op_plan *p)
{
    gop_status s = plan_parts(p);
    if (s == GOP_OK && p->training)
        p->saved = gop_shape_size(p->out);
    return s;
}

static job prepare(const gop_run *r)
{
    gop_shape x = r->in_shape[0];
    job j = {.r = r, .nodes = x.dim[1], .parts = r->out_shape.dim[1], .row = x.dim[2] * x.dim[3]};
    j.blocks = gop_pieces(j.row, BLOCK);
    return j;
}

GOP_VECTOR static void accumulate(gop_real *restrict to, const gop_real *restrict from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] += from[i];
}

/* at[i] < 0: there is no value in y[i] yet. */
GOP_VECTOR static void larger_at(gop_real *restrict y, gop_real *restrict at,
                                 const gop_real *restrict x, gop_real node, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const bool take = at[i] < 0 || x[i] > y[i] || (x[i] != x[i] && y[i] == y[i]);
        at[i] = take ? node : at[i];
        y[i] = take ? x[i] : y[i];
    }
}

GOP_VECTOR static void larger(gop_real *restrict y, const gop_real *restrict x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] > y[i] || x[i] != x[i] ? x[i] : y[i];
}

GOP_VECTOR static void give_back(gop_real *restrict dx, const gop_real *restrict dy,
                                 const gop_real *restrict at, gop_real node, size_t n)
{
    for (size_t i = 0; i < n; i++)
        dx[i] += at[i] == node ? dy[i] : 0;
}

static void sum_chunk(void *arg, size_t i, int thread)
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
}

static void sum_back_chunk(void *arg, size_t i, int thread)
{
    const job *j = arg;
    size_t sample = i / j->blocks, at = i % j->blocks * BLOCK, n = gop_min(BLOCK, j->row - at);
    gop_real *dx = j->r->din[0] + sample * j->nodes * j->row + at;
    const gop_real *dy = j->r->dout + sample * j->parts * j->row + at;
    (void)thread;
    for (size_t m = 0; m < j->nodes; m++) {
        size_t p = gop_index(j->r->in[1][m], j->parts);
        if (p < j->parts)
            gop_move(dx + m * j->row, dy + p * j->row, n, j->r->add[0]);
        else if (!j->r->add[0])
            memset(dx + m * j->row, 0, n * sizeof *dx);
    }
}

/* Whether node m is the first of its part. */
static bool leads(const job *j, size_t m)
{
    size_t p = gop_index(j->r->in[1][m], j->parts);
    for (size_t k = 0; k < m; k++)
        if (gop_index(j->r->in[1][k], j->parts) == p)
            return false;
    return true;
}

static void max_chunk(void *arg, size_t i, int thread)
{
    const job *j = arg;
    size_t sample = i / j->blocks, at = i % j->blocks * BLOCK, n = gop_min(BLOCK, j->row - at);
    const gop_real *x = j->r->in[0] + sample * j->nodes * j->row + at;
    gop_real *y = j->r->out + sample * j->parts * j->row + at;
    gop_real *who = j->r->saved ? j->r->saved + sample * j->parts * j->row + at : NULL;
    (void)thread;
    for (size_t p = 0; p < j->parts; p++) {
        memset(y + p * j->row, 0, n * sizeof *y);
        for (size_t k = 0; k < n && who != NULL; k++)
            who[p * j->row + k] = -1;
    }
    for (size_t m = 0; m < j->nodes; m++) {
        size_t p = gop_index(j->r->in[1][m], j->parts);
        if (p == j->parts)
            continue;
        if (who != NULL)
            larger_at(y + p * j->row, who + p * j->row, x + m * j->row, (gop_real)m, n);
        else if (leads(j, m))
            memcpy(y + p * j->row, x + m * j->row, n * sizeof *y);
        else
            larger(y + p * j->row, x + m * j->row, n);
    }
}

static void max_back_chunk(void *arg, size_t i, int thread)
{
    const job *j = arg;
    size_t sample = i / j->blocks, at = i % j->blocks * BLOCK, n = gop_min(BLOCK, j->row - at);
    gop_real *dx = j->r->din[0] + sample * j->nodes * j->row + at;
    const gop_real *dy = j->r->dout + sample * j->parts * j->row + at;
    const gop_real *who = j->r->saved + sample * j->parts * j->row + at;
    (void)thread;
    for (size_t m = 0; m < j->nodes; m++) {
        size_t p = gop_index(j->r->in[1][m], j->parts);
        if (!j->r->add[0])
            memset(dx + m * j->row, 0, n * sizeof *dx);
        if (p < j->parts)
            give_back(dx + m * j->row, dy + p * j->row, who + p * j->row, (gop_real)m, n);
    }
}

static void run(const gop_run *r, void (*chunk)(void *arg, size_t i, int thread))
{
    job j = prepare(r);
    gop_parallel(r->ctx, r->out_shape.dim[0] * j.blocks, chunk, &j);
}

static void sum_forward(const gop_run *r)
{
    run(r, sum_chunk);
}

static void max_forward(const gop_run *r)
{
    run(r, max_chunk);
}

static void sum_backward(const gop_run *r)
{
    if (r->din[0] != NULL)
        run(r, sum_back_chunk);
    gop_no_gradient(r, 1);
}

static void max_backward(const gop_run *r)
{
    if (r->din[0] != NULL)
        run(r, max_back_chunk);
    gop_no_gradient(r, 1);
}

/* ------------------------------------------------------------------------- cases */

static gop_var build_sum(gop_net *net, const gop_var *in)
{
    return gop_pool_sum(net, in[0], in[1], 3);
}

static gop_var build_max(gop_net *net, const gop_var *in)
{
    return gop_pool_max(net, in[0], in[1], 3);
}

static void naive_parts(gop_real *out, const gop_real *const *in, bool sum)
{
    for (int n = 0; n < 2; n++)
        for (int p = 0; p < 3; p++)
            for (int k = 0; k < 5 * 3; k++) {
                double total = 0, most = -1e300;
                int count = 0;
                for (int m = 0; m < 7; m++)
                    if (in[1][m] == p) {
                        double v = (double)in[0][(n * 7 + m) * 15 + k];
                        total += v;
                        most = v > most ? v : most;
                        count++;
                    }
                out[(n * 3 + p) * 15 + k] = (gop_real)(count == 0 ? 0 : sum ? total : most);
            }
}

static void naive_sum(gop_real *out, const gop_real *const *in)
{
    naive_parts(out, in, true);
}

static void naive_max(gop_real *out, const gop_real *const *in)
{
    naive_parts(out, in, false);
}

#define CASES(build_it, naive_it)                                                             \
    {                                                                                         \
        {.name = "parts", .n_in = 2, .in = {{4, {2, 7, 5, 3}}, {1, {7, 1, 1, 1}}},            \
         .range = {{.lo = 0}, {.lo = 0, .hi = 3, .fixed = true, .integer = true}},            \
         .build = build_it, .naive = naive_it},                                               \
        {.name = "numbers out of range", .n_in = 2,                                           \
         .in = {{4, {2, 7, 5, 3}}, {1, {7, 1, 1, 1}}},                                        \
         .range = {{.lo = 0}, {.lo = -3, .hi = 6, .fixed = true, .integer = true}},           \
         .build = build_it, .naive = naive_it},                                               \
        {.name = NULL},                                                                       \
    }

static const gop_case sum_cases[] = CASES(build_sum, naive_sum);
static const gop_case max_cases[] = CASES(build_max, naive_max);

const gop_op gop_op_pool_sum = {
    .name = "pool_sum",
    .flags = GOP_OP_NEEDS_IN,
    .attr_size = sizeof(attributes),
    .plan = plan_parts,
    .forward = sum_forward,
    .backward = sum_backward,
    .cases = sum_cases,
};

const gop_op gop_op_pool_max = {
    .name = "pool_max",
    .flags = GOP_OP_NEEDS_IN,
    .attr_size = sizeof(attributes),
    .plan = plan_max,
    .forward = max_forward,
    .backward = max_backward,
    .cases = max_cases,
};

/*: Nodes summed into parts.
 *
 *     y[n, p, t, c] = sum over the nodes m with part[m] = p of x[n, m, t, c]
 *
 * Shapes, part numbers, empty parts and errors as gop_pool, which is the mean.
 */
GOP_API gop_var gop_pool_sum(gop_net *net, gop_var x, gop_var part, size_t parts)
{
    attributes a = {parts};
    gop_var in[2] = {x, part};
    return gop_apply(net, &gop_op_pool_sum, &a, in, 2);
}

/*: The largest of the nodes of each part.
 *
 *     y[n, p, t, c] = max over the nodes m with part[m] = p of x[n, m, t, c]
 *
 * Shapes, part numbers, empty parts and errors as gop_pool, which is the mean.
 * The gradient goes to the first node that holds the maximum.
 */
GOP_API gop_var gop_pool_max(gop_net *net, gop_var x, gop_var part, size_t parts)
{
    attributes a = {parts};
    gop_var in[2] = {x, part};
    return gop_apply(net, &gop_op_pool_max, &a, in, 2);
}
