/*
 * pool_max.c: the largest of the nodes of each part.
 *
 *     y[n, p, t, c] = max over the nodes m with part[n, m] = p of x[n, m, t, c]
 *     dx: dy goes to the first that holds it
 *
 * x [N, M, T, C]; part [M] or [N, M], see pool.h; y [N, P, T, C].  A node of no part is
 * left out, and a part without nodes is zero, as in pool.c.  A NaN in a part is its
 * maximum.
 *
 * Kept for the backward: which node it was, one number an element of y.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/pool/pool.h"

static gop_status plan(gop_op_plan *p)
{
    gop_status s = gop_pool_plan(p);
    if (s == GOP_OK && p->training)
        p->saved = gop_shape_size(p->out);
    return s;
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

/* Whether node m is the first of its part. */
static bool leads(const gop_pool_job *j, size_t sample, size_t m)
{
    const size_t p = gop_pool_part(j, sample, m);
    for (size_t k = 0; k < m; k++)
        if (gop_pool_part(j, sample, k) == p)
            return false;
    return true;
}

static void find(void *arg, size_t i)
{
    const gop_pool_job *j = arg;
    const gop_pool_chunk c = gop_pool_at(j, i);
    const size_t to = c.sample * j->parts * j->row + c.at;
    const gop_real *x = j->r->in[0] + c.sample * j->nodes * j->row + c.at;
    gop_real *y = j->r->out + to, *who = j->r->saved ? j->r->saved + to : NULL;
    for (size_t p = 0; p < j->parts; p++) {
        memset(y + p * j->row, 0, c.n * sizeof *y);
        for (size_t k = 0; k < c.n && who != NULL; k++)
            who[p * j->row + k] = -1;
    }
    for (size_t m = 0; m < j->nodes; m++) {
        const size_t p = gop_pool_part(j, c.sample, m);
        if (p == j->parts)
            continue;
        if (who != NULL)
            larger_at(y + p * j->row, who + p * j->row, x + m * j->row, (gop_real)m, c.n);
        else if (leads(j, c.sample, m))
            memcpy(y + p * j->row, x + m * j->row, c.n * sizeof *y);
        else
            larger(y + p * j->row, x + m * j->row, c.n);
    }
}

static void give(void *arg, size_t i)
{
    const gop_pool_job *j = arg;
    const gop_pool_chunk c = gop_pool_at(j, i);
    const size_t from = c.sample * j->parts * j->row + c.at;
    const gop_real *dy = j->r->dout + from, *who = j->r->saved + from;
    gop_real *dx = j->r->din[0] + c.sample * j->nodes * j->row + c.at;
    for (size_t m = 0; m < j->nodes; m++) {
        const size_t p = gop_pool_part(j, c.sample, m);
        if (!j->r->add[0])
            memset(dx + m * j->row, 0, c.n * sizeof *dx);
        if (p < j->parts)
            give_back(dx + m * j->row, dy + p * j->row, who + p * j->row, (gop_real)m, c.n);
    }
}

static gop_pool_job prepare(const gop_run *r)
{
    return gop_pool_take(r, r->in_shape[0].dim[1], r->out_shape.dim[1], false);
}

static void forward(const gop_run *r)
{
    const gop_pool_job j = prepare(r);
    gop_pool_run(&j, find);
}

static void backward(const gop_run *r)
{
    const gop_pool_job j = prepare(r);
    if (r->din[0] != NULL)
        gop_pool_run(&j, give);
    gop_no_gradient(r, 1);
}

/* ------------------------------------------------------------------------- cases */

static gop_var build(gop_net *net, const gop_var *in)
{
    return gop_pool_max(net, in[0], in[1], 3);
}

static void naive_parts(gop_real *out, const gop_real *const *in, bool own)
{
    for (int n = 0; n < 2; n++)
        for (int p = 0; p < 3; p++)
            for (int k = 0; k < 5 * 3; k++) {
                double most = -1e300;
                int count = 0;
                for (int m = 0; m < 7; m++)
                    if (in[1][own ? n * 7 + m : m] == p) {
                        double v = (double)in[0][(n * 7 + m) * 15 + k];
                        most = v > most ? v : most;
                        count++;
                    }
                out[(n * 3 + p) * 15 + k] = (gop_real)(count == 0 ? 0 : most);
            }
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
     .n_in = 2,
     .in = {{4, {2, 7, 5, 3}}, {1, {7, 1, 1, 1}}},
     .range = {{.lo = 0}, {.lo = 0, .hi = 3, .fixed = true, .integer = true}},
     .build = build,
     .naive = naive},
    {.name = "numbers out of range",
     .n_in = 2,
     .in = {{4, {2, 7, 5, 3}}, {1, {7, 1, 1, 1}}},
     .range = {{.lo = 0}, {.lo = -3, .hi = 6, .fixed = true, .integer = true}},
     .build = build,
     .naive = naive},
    {.name = "parts of each sample",
     .n_in = 2,
     .in = {{4, {2, 7, 5, 3}}, {2, {2, 7, 1, 1}}},
     .range = {{.lo = 0}, {.lo = -1, .hi = 4, .fixed = true, .integer = true}},
     .build = build,
     .naive = naive_own},
    {.name = NULL},
};

const gop_op gop_op_pool_max = {
    .name = "pool_max",
    .flags = GOP_OP_NEEDS_IN,
    .attr_size = sizeof(gop_pool_attributes),
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
};

/*: The largest of the nodes of each part.
 *
 *     y[n, p, t, c] = max over the nodes m with part[n, m] = p of x[n, m, t, c]
 *
 * Shapes, part numbers, empty parts and errors as gop_pool, which is the mean.
 * The gradient goes to the first node that holds the maximum.
 */
GOP_API gop_var gop_pool_max(gop_net *net, gop_var x, gop_var part, size_t parts)
{
    gop_pool_attributes a = {.parts = parts};
    gop_var in[2] = {x, part};
    return gop_apply(net, &gop_op_pool_max, &a, in, 2);
}
