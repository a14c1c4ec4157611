/*
 * edge_mean.c: the mean of the features of each node's outgoing pairs.
 *
 *     forward    y[n,i,h]     = 1/(M-1) sum_(j != i) q[n,(i,j),h]
 *     backward   dq[n,(i,j),h] = dy[n,i,h] / (M-1)
 *
 * q [N, M(M-1), H], its pairs (i, j), j != i, ordered by i, then j; y [N, M, H].  With
 * q [N, M M, H] pairs are all (i, j), and M takes the place of M - 1.
 * Source: eq. 1b of Sym-GNN, before f_v.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "graphop.h"
#include "op/partial.h"

typedef struct attributes {
    size_t nodes;
} attributes;

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    char q[64];
    size_t m = a->nodes;
    gop_status s = gop_op_count(p, 1, 1);
    if (s != GOP_OK)
        return s;
    if (m < 1)
        return gop_fail(p->err, GOP_EINVAL, "%zu nodes have no pairs", m);
    const size_t pairs = p->in[0].dim[1] / m;
    if (p->in[0].rank != 3 || p->in[0].dim[1] % m != 0 || (pairs != m - 1 && pairs != m))
        return gop_fail(p->err, GOP_ESHAPE,
                        "q %s must be [N, M (M - 1), H] or [N, M M, H] for "
                        "M = %zu nodes",
                        gop_shape_text(q, sizeof q, p->in[0]), m);
    p->out = p->in[0];
    p->out.dim[1] = m;
    return GOP_OK;
}

GOP_VECTOR static void mean_rows(gop_real *restrict y, const gop_real *restrict q, size_t rows,
                                 size_t n)
{
    gop_real inv = 1 / (gop_real)rows;
    for (size_t c = 0; c < n; c++)
        y[c] = q[c];
    for (size_t r = 1; r < rows; r++)
        for (size_t c = 0; c < n; c++)
            y[c] += q[r * n + c];
    for (size_t c = 0; c < n; c++)
        y[c] *= inv;
}

GOP_VECTOR static void spread_rows(gop_real *restrict dq, const gop_real *restrict dy, size_t rows,
                                   size_t n, int add)
{
    gop_real inv = 1 / (gop_real)rows;
    for (size_t r = 0; r < rows; r++)
        if (add)
            for (size_t c = 0; c < n; c++)
                dq[r * n + c] += inv * dy[c];
        else
            for (size_t c = 0; c < n; c++)
                dq[r * n + c] = inv * dy[c];
}

/* Nodes of all samples in chunks of 8. */
enum { CHUNK = 8 };

static void forward_chunk(void *arg, size_t i)
{
    const gop_run *r = arg;
    size_t h = r->out_shape.dim[2], pairs = r->in_shape[0].dim[1] / r->out_shape.dim[1];
    size_t n = r->out_shape.dim[0] * r->out_shape.dim[1];
    for (size_t k = i * CHUNK; k < gop_size_min((i + 1) * CHUNK, n); k++)
        mean_rows(r->out + k * h, r->in[0] + k * pairs * h, pairs, h);
}

static void backward_chunk(void *arg, size_t i)
{
    const gop_run *r = arg;
    size_t h = r->out_shape.dim[2], pairs = r->in_shape[0].dim[1] / r->out_shape.dim[1];
    size_t n = r->out_shape.dim[0] * r->out_shape.dim[1];
    for (size_t k = i * CHUNK; k < gop_size_min((i + 1) * CHUNK, n); k++)
        spread_rows(r->din[0] + k * pairs * h, r->dout + k * h, pairs, h, r->add[0]);
}

static size_t chunks(const gop_run *r)
{
    return (r->out_shape.dim[0] * r->out_shape.dim[1] + CHUNK - 1) / CHUNK;
}

static void forward(const gop_run *r)
{
    gop_run copy = *r;
    gop_parallel(r->ctx, chunks(r), forward_chunk, &copy);
}

static void backward(const gop_run *r)
{
    gop_run copy = *r;
    if (r->din[0])
        gop_parallel(r->ctx, chunks(r), backward_chunk, &copy);
}

/* ------------------------------------------------------------------- tests */

static gop_var build(gop_net *net, const gop_var *in)
{
    return gop_edge_mean(net, in[0], 4);
}

static gop_var build_two(gop_net *net, const gop_var *in)
{
    return gop_edge_mean(net, in[0], 2);
}

static gop_var build_one(gop_net *net, const gop_var *in)
{
    return gop_edge_mean(net, in[0], 1);
}

static void naive_sizes(gop_real *out, const gop_real *q, size_t n, size_t m, size_t pairs,
                        size_t h)
{
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < m; i++)
            for (size_t c = 0; c < h; c++) {
                double sum = 0;
                for (size_t e = 0; e < pairs; e++)
                    sum += (double)q[((k * m + i) * pairs + e) * h + c];
                out[(k * m + i) * h + c] = (gop_real)(sum / (double)pairs);
            }
}

static void naive(gop_real *out, const gop_real *const *in)
{
    naive_sizes(out, in[0], 3, 4, 3, 5);
}

static void naive_two(gop_real *out, const gop_real *const *in)
{
    naive_sizes(out, in[0], 2, 2, 1, 3);
}

static void naive_self(gop_real *out, const gop_real *const *in)
{
    naive_sizes(out, in[0], 3, 4, 4, 5);
}

static void naive_one(gop_real *out, const gop_real *const *in)
{
    naive_sizes(out, in[0], 2, 1, 1, 3);
}

static const gop_case cases[] = {
    {.name = "four nodes", .n_in = 1, .in = {{3, {3, 12, 5, 1}}}, .build = build, .naive = naive},
    {.name = "two nodes",
     .n_in = 1,
     .in = {{3, {2, 2, 3, 1}}},
     .build = build_two,
     .naive = naive_two},
    {.name = "with self",
     .n_in = 1,
     .in = {{3, {3, 16, 5, 1}}},
     .build = build,
     .naive = naive_self},
    {.name = "one node with self",
     .n_in = 1,
     .in = {{3, {2, 1, 3, 1}}},
     .build = build_one,
     .naive = naive_one},
    {.name = NULL},
};

const gop_op gop_op_edge_mean = {
    .name = "edge_mean",
    .attr_size = sizeof(attributes),
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
};

/*: Mean of the features of each node's outgoing pairs (Sym-GNN, eq. 1b).
 *
 *     y[n, i, h] = 1/(M-1) sum_(j != i) q[n, (i,j), h]
 *
 * q [N, M (M-1), H] with pairs (i, j), j != i, ordered by i, then j (as
 * gop_edge_linear makes them); M = nodes; y [N, M, H].  With q [N, M M, H], as
 * gop_edge_linear_self makes it, the mean is over all M pairs of a node.
 * Errors: GOP_EINVAL for no nodes, GOP_ESHAPE when q does not fit.
 */
GOP_API gop_var gop_edge_mean(gop_net *net, gop_var q, size_t nodes)
{
    attributes a = {nodes};
    return gop_apply(net, &gop_op_edge_mean, &a, &q, 1);
}
