/*
 * pool.c: nodes averaged, or summed, into the parts that they belong to; and averaged
 * over those that a mask says are there.
 *
 *     mean   y[n, p, t, c]  = mean over the nodes m with part[n, m] = p of x[n, m, t, c]
 *            dx[n, m, t, c] = dy[n, part[n, m], t, c] / (number of nodes of that part)
 *     sum    y and dx without the division
 *     masked mean: one part of all nodes whose mask is not 0, without its axis
 *
 * x [N, M, T, C]; part [M] or [N, M], see pool.h; y [N, P, T, C].  A node of no part
 * is left out, whatever it holds, and its gradient is zero; a part without nodes is
 * zero.
 *
 * Source: joint2part pooling, Sym-GNN section 5.1.2.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/pool/pool.h"

/* What a part's sum is multiplied with is kept in `work`, by samples where these have
 * their own parts. */
static gop_status plan(gop_op_plan *p)
{
    const gop_pool_attributes *a = p->attr;
    gop_status s = gop_pool_plan(p);
    if (s == GOP_OK)
        p->work = a->parts * (p->in[1].rank == 2 ? p->in[0].dim[0] : 1);
    return s;
}

static gop_status plan_masked(gop_op_plan *p)
{
    gop_status s = plan(p);
    if (s == GOP_OK)
        p->out = gop_shape3(p->in[0].dim[0], p->in[0].dim[2], p->in[0].dim[3]);
    return s;
}

static size_t factors(const gop_pool_job *j, size_t sample)
{
    return j->r->in_shape[1].rank == 2 ? sample * j->parts : 0;
}

/* work[p] = 1 / (nodes of part p), or 0 for none of them; or 1. */
static gop_pool_job prepare(const gop_run *r, bool mean)
{
    const gop_pool_attributes *a = r->attr;
    const gop_pool_job j = gop_pool_take(r, r->in_shape[0].dim[1], a->parts, a->mask);
    const size_t samples = r->in_shape[1].rank == 2 ? r->in_shape[0].dim[0] : 1;
    for (size_t n = 0; n < samples; n++) {
        gop_real *work = r->work + factors(&j, n);
        for (size_t p = 0; p < j.parts; p++)
            work[p] = mean ? 0 : 1;
        for (size_t m = 0; m < j.nodes && mean; m++) {
            const size_t p = gop_pool_part(&j, n, m);
            if (p < j.parts)
                work[p] += 1;
        }
        for (size_t p = 0; p < j.parts && mean; p++)
            work[p] = work[p] > 0 ? 1 / work[p] : 0;
    }
    return j;
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

static void bring(void *arg, size_t i)
{
    const gop_pool_job *j = arg;
    const gop_pool_chunk c = gop_pool_at(j, i);
    const gop_real *x = j->r->in[0] + c.sample * j->nodes * j->row + c.at;
    const gop_real *by = j->r->work + factors(j, c.sample);
    gop_real *y = j->r->out + c.sample * j->parts * j->row + c.at;
    for (size_t p = 0; p < j->parts; p++)
        memset(y + p * j->row, 0, c.n * sizeof *y);
    for (size_t m = 0; m < j->nodes; m++) {
        const size_t p = gop_pool_part(j, c.sample, m);
        if (p < j->parts)
            gop_add_scaled(y + p * j->row, 1, x + m * j->row, c.n);
    }
    for (size_t p = 0; p < j->parts; p++)
        if (by[p] != 1)
            multiply(y + p * j->row, by[p], c.n);
}

static void spread(void *arg, size_t i)
{
    const gop_pool_job *j = arg;
    const gop_pool_chunk c = gop_pool_at(j, i);
    const gop_real *by = j->r->work + factors(j, c.sample);
    const gop_real *dy = j->r->dout + c.sample * j->parts * j->row + c.at;
    gop_real *dx = j->r->din[0] + c.sample * j->nodes * j->row + c.at;
    for (size_t m = 0; m < j->nodes; m++) {
        const size_t p = gop_pool_part(j, c.sample, m);
        if (p < j->parts)
            (j->r->add[0] ? add : set)(dx + m * j->row, dy + p * j->row, by[p], c.n);
        else if (!j->r->add[0])
            memset(dx + m * j->row, 0, c.n * sizeof *dx);
    }
}

static void forward(const gop_run *r)
{
    const gop_pool_job j = prepare(r, true);
    gop_pool_run(&j, bring);
}

static void backward(const gop_run *r)
{
    const gop_pool_job j = prepare(r, true);
    if (r->din[0] != NULL)
        gop_pool_run(&j, spread);
    gop_no_gradient(r, 1);
}

static void sum_forward(const gop_run *r)
{
    const gop_pool_job j = prepare(r, false);
    gop_pool_run(&j, bring);
}

static void sum_backward(const gop_run *r)
{
    const gop_pool_job j = prepare(r, false);
    if (r->din[0] != NULL)
        gop_pool_run(&j, spread);
    gop_no_gradient(r, 1);
}

/* ------------------------------------------------------------------------- cases */

static gop_var build(gop_net *net, const gop_var *in)
{
    return gop_pool(net, in[0], in[1], 3);
}

static gop_var build_sum(gop_net *net, const gop_var *in)
{
    return gop_pool_sum(net, in[0], in[1], 3);
}

/* Parts by the definition of their mean or sum, one node after another; `own`: part
 * numbers are of each sample. */
static void naive_parts(gop_real *out, const gop_real *const *in, bool own, bool mean)
{
    for (int n = 0; n < 2; n++)
        for (int p = 0; p < 3; p++)
            for (int k = 0; k < 5 * 3; k++) {
                double sum = 0;
                int count = 0;
                for (int m = 0; m < 7; m++)
                    if (in[1][own ? n * 7 + m : m] == p) {
                        sum += (double)in[0][(n * 7 + m) * 15 + k];
                        count++;
                    }
                out[(n * 3 + p) * 15 + k] = (gop_real)(mean && count ? sum / count : sum);
            }
}

static void naive(gop_real *out, const gop_real *const *in)
{
    naive_parts(out, in, false, true);
}

static void naive_own(gop_real *out, const gop_real *const *in)
{
    naive_parts(out, in, true, true);
}

static void naive_sum(gop_real *out, const gop_real *const *in)
{
    naive_parts(out, in, false, false);
}

static void naive_sum_own(gop_real *out, const gop_real *const *in)
{
    naive_parts(out, in, true, false);
}

#define CASES(build_it, naive_it, naive_its_own)                                        \
    {                                                                                   \
        {.name = "parts",                                                               \
         .n_in = 2,                                                                     \
         .in = {{4, {2, 7, 5, 3}}, {1, {7, 1, 1, 1}}},                                  \
         .range = {{.lo = 0}, {.lo = 0, .hi = 3, .fixed = true, .integer = true}},      \
         .build = build_it,                                                             \
         .naive = naive_it},                                                            \
            {.name = "numbers out of range",                                            \
             .n_in = 2,                                                                 \
             .in = {{4, {2, 7, 5, 3}}, {1, {7, 1, 1, 1}}},                              \
             .range = {{.lo = 0}, {.lo = -3, .hi = 6, .fixed = true, .integer = true}}, \
             .build = build_it,                                                         \
             .naive = naive_it},                                                        \
            {.name = "parts of each sample",                                            \
             .n_in = 2,                                                                 \
             .in = {{4, {2, 7, 5, 3}}, {2, {2, 7, 1, 1}}},                              \
             .range = {{.lo = 0}, {.lo = -1, .hi = 4, .fixed = true, .integer = true}}, \
             .build = build_it,                                                         \
             .naive = naive_its_own},                                                   \
            {.name = NULL},                                                             \
    }

static const gop_case cases[] = CASES(build, naive, naive_own);
static const gop_case sum_cases[] = CASES(build_sum, naive_sum, naive_sum_own);

static gop_var build_masked(gop_net *net, const gop_var *in)
{
    return gop_masked_mean(net, in[0], in[1]);
}

static void naive_masked_by(gop_real *out, const gop_real *x, const gop_real *mask, size_t samples,
                            size_t nodes, size_t row, bool own)
{
    for (size_t n = 0; n < samples; n++)
        for (size_t k = 0; k < row; k++) {
            double sum = 0;
            size_t count = 0;
            for (size_t m = 0; m < nodes; m++)
                if (mask[own ? n * nodes + m : m] != 0) {
                    sum += (double)x[(n * nodes + m) * row + k];
                    count++;
                }
            out[n * row + k] = (gop_real)(count ? sum / (double)count : 0);
        }
}

static void naive_masked(gop_real *out, const gop_real *const *in)
{
    naive_masked_by(out, in[0], in[1], 3, 4, 2 * 5, true);
}

static void naive_masked_shared(gop_real *out, const gop_real *const *in)
{
    naive_masked_by(out, in[0], in[1], 3, 4, 2 * 5, false);
}

static void naive_masked_one(gop_real *out, const gop_real *const *in)
{
    naive_masked_by(out, in[0], in[1], 5, 1, 3, true);
}

static const gop_case masked_cases[] = {
    {.name = "one a sample",
     .n_in = 2,
     .in = {{4, {3, 4, 2, 5}}, {2, {3, 4, 1, 1}}},
     .range = {{.lo = 0}, {.lo = 0, .hi = 2, .fixed = true, .integer = true}},
     .build = build_masked,
     .naive = naive_masked},
    {.name = "shared",
     .n_in = 2,
     .in = {{4, {3, 4, 2, 5}}, {1, {4, 1, 1, 1}}},
     .range = {{.lo = 0}, {.lo = 0, .hi = 2, .fixed = true, .integer = true}},
     .build = build_masked,
     .naive = naive_masked_shared},
    {.name = "one node, there or not",
     .n_in = 2,
     .in = {{4, {5, 1, 1, 3}}, {2, {5, 1, 1, 1}}},
     .range = {{.lo = 0}, {.lo = 0, .hi = 2, .fixed = true, .integer = true}},
     .build = build_masked,
     .naive = naive_masked_one},
    {.name = NULL},
};

const gop_op gop_op_pool = {
    .name = "pool",
    .flags = GOP_OP_NEEDS_IN,
    .attr_size = sizeof(gop_pool_attributes),
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
};

const gop_op gop_op_pool_sum = {
    .name = "pool_sum",
    .flags = GOP_OP_NEEDS_IN,
    .attr_size = sizeof(gop_pool_attributes),
    .plan = plan,
    .forward = sum_forward,
    .backward = sum_backward,
    .cases = sum_cases,
};

const gop_op gop_op_masked_mean = {
    .name = "masked_mean",
    .flags = GOP_OP_NEEDS_IN,
    .attr_size = sizeof(gop_pool_attributes),
    .plan = plan_masked,
    .forward = forward,
    .backward = backward,
    .cases = masked_cases,
};

/*: Nodes averaged into parts.
 *
 *     y[n, p, t, c] = mean over the nodes m with part[n, m] = p of x[n, m, t, c]
 *
 * x [N, M, T, C], part [M], or [N, M] where each sample has its own, holding each
 * node's part number, y [N, parts, T, C].  A node whose number is not an integer in
 * [0, parts), such as one that is missing, belongs to no part and may hold anything;
 * a part without nodes is zero.  No gradient to `part`.
 * Errors: GOP_ESHAPE when part does not fit x, GOP_EINVAL for no parts.
 * Source: joint2part pooling, Sym-GNN section 5.1.2.
 */
GOP_API gop_var gop_pool(gop_net *net, gop_var x, gop_var part, size_t parts)
{
    gop_pool_attributes a = {.parts = parts};
    gop_var in[2] = {x, part};
    return gop_apply(net, &gop_op_pool, &a, in, 2);
}

/*: Nodes summed into parts.
 *
 *     y[n, p, t, c] = sum over the nodes m with part[n, m] = p of x[n, m, t, c]
 *
 * Shapes, part numbers, empty parts and errors as gop_pool, which is the mean.
 */
GOP_API gop_var gop_pool_sum(gop_net *net, gop_var x, gop_var part, size_t parts)
{
    gop_pool_attributes a = {.parts = parts};
    gop_var in[2] = {x, part};
    return gop_apply(net, &gop_op_pool_sum, &a, in, 2);
}

/*: The average of the nodes that are there.
 *
 *     y[n, t, c] = mean over the nodes m with mask[n, m] not 0 of x[n, m, t, c]
 *
 * x [N, M, T, C], mask [N, M], or [M] for all samples; y [N, T, C], zeros where there
 * is no node.  A missing node may hold anything, a NaN too.  No gradient to `mask`.
 * Errors: GOP_ESHAPE when mask does not fit x.
 */
GOP_API gop_var gop_masked_mean(gop_net *net, gop_var x, gop_var mask)
{
    gop_pool_attributes a = {.parts = 1, .mask = true};
    gop_var in[2] = {x, mask};
    return gop_apply(net, &gop_op_masked_mean, &a, in, 2);
}
