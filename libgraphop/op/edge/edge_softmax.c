/*
 * edge_softmax.c: the softmax over the edges of each node.
 *
 *     y_e  = exp(q_e - m_i) / sum over the edges f at i of exp(q_f - m_i),   m_i = max of their q
 *     dq_e = y_e (dy_e - sum over f of y_f dy_f)
 *
 * for each sample and head; i is the node of e.  q, y [N, E, H]; index [E] or [E, 2], where the
 * first number of each edge is used, or [N, E, 1] or [N, E, 2] with a list for each sample.  An edge
 * whose number is not an integer in [0, M) has no node: its y is 0, and its q is not used.  Edges
 * with q = -inf weigh 0, even if a node has no others.  y may overwrite q.
 *
 * Kept for backward: the index.  Sums are in the order of the edges.
 * Source: the attention of Velickovic et al. 2018, eqs. 2 and 3.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/fastmath.h"
#include "op/indexed.h"
#include "op/partial.h"
#include "op/per_frame.h"

typedef struct attributes {
    size_t nodes;
} attributes;

/* Heads of a block, at least; so many blocks at most. */
enum { LEAST = 16, BLOCKS = 16 };

typedef struct sizes {
    size_t samples, edges, heads, nodes;
    gop_edge_list list;
    size_t blocks; /* of heads */
    size_t room;   /* elements of a thread's scratch: one per node and head of a block */
} sizes;

typedef struct job {
    const gop_run *r;
    sizes s;
    const gop_real *index;
} job;

/* One sample's list and block of n heads. */
typedef struct part {
    const gop_real *index;
    size_t step, edges, nodes;
    size_t ld, n; /* heads in memory, of the block */
} part;

static sizes measure(const gop_shape *in, const attributes *a)
{
    sizes s = {.samples = in[0].dim[0],
               .edges = in[0].dim[1],
               .heads = in[0].dim[2],
               .nodes = a->nodes,
               .list = gop_edge_list_of(in[1])};
    s.blocks = gop_parts(s.heads, LEAST, gop_pieces(BLOCKS, s.samples));
    s.room = gop_line(gop_times(s.nodes, gop_cut_most(s.heads, s.blocks)));
    return s;
}

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    gop_try(gop_op_count(p, 2, 2));
    gop_try(gop_op_rank(p, 0, 3));
    gop_try(gop_edge_list_check(p, 1, 0, false));
    if (a->nodes == 0 || a->nodes > GOP_MAX_NODES)
        return gop_fail(p->err, GOP_EINVAL, "nodes must be 1 to %d, not %zu", GOP_MAX_NODES,
                        a->nodes);
    p->out = p->in[0];
    p->work = gop_times((size_t)gop_ctx_threads(p->ctx), measure(p->in, a).room);
    if (p->training)
        p->saved = gop_shape_size(p->in[1]);
    return GOP_OK;
}

static inline size_t node_of(const part *p, size_t e)
{
    return gop_index(p->index[e * p->step], p->nodes);
}

/* at = the maxima of q by node and head. */
static inline void maxima(gop_real *restrict at, const gop_real *q, const part *p)
{
    for (size_t k = 0; k < p->nodes * p->n; k++)
        at[k] = -(gop_real)INFINITY;
    for (size_t e = 0; e < p->edges; e++, q += p->ld) {
        const size_t i = node_of(p, e);
        gop_real *most = at + i * p->n;
        if (i == p->nodes)
            continue;
        GOP_INDEPENDENT
        for (size_t h = 0; h < p->n; h++)
            most[h] = q[h] > most[h] || q[h] != q[h] ? q[h] : most[h];
    }
}

/* y = exp(y), y <= 0. */
static inline void all_exp(gop_real *y, size_t n)
{
    for (size_t k = 0; k < n; k++)
        y[k] = gop_exp_down(y[k]);
}

/* y = exp(q - at), and `at` becomes the sum of y. */
static inline void exponentials(gop_real *y, gop_real *restrict at, const gop_real *q,
                                const part *p)
{
    const gop_real none = -(gop_real)INFINITY;
    for (size_t e = 0; e < p->edges; e++) {
        const size_t i = node_of(p, e);
        const gop_real *most = at + i * p->n, *from = q + e * p->ld;
        gop_real *to = y + e * p->ld;
        if (i == p->nodes) {
            for (size_t h = 0; h < p->n; h++)
                to[h] = none;
            continue;
        }
        GOP_INDEPENDENT
        for (size_t h = 0; h < p->n; h++)
            to[h] = from[h] == none ? none : from[h] - most[h];
    }
    if (p->n == p->ld)
        all_exp(y, p->edges * p->n);
    else
        for (size_t e = 0; e < p->edges; e++)
            all_exp(y + e * p->ld, p->n);
    memset(at, 0, p->nodes * p->n * sizeof *at);
    for (size_t e = 0; e < p->edges; e++) {
        const size_t i = node_of(p, e);
        gop_real *sum = at + i * p->n;
        const gop_real *from = y + e * p->ld;
        if (i == p->nodes)
            continue;
        GOP_INDEPENDENT
        for (size_t h = 0; h < p->n; h++)
            sum[h] += from[h];
    }
}

GOP_VECTOR static void soften(gop_real *y, gop_real *restrict at, const gop_real *q, const part *p)
{
    maxima(at, q, p);
    exponentials(y, at, q, p);
    for (size_t k = 0; k < p->nodes * p->n; k++)
        at[k] = at[k] == 0 ? 0 : 1 / at[k];
    for (size_t e = 0; e < p->edges; e++, y += p->ld) {
        const size_t i = node_of(p, e);
        const gop_real *by = at + i * p->n;
        if (i == p->nodes)
            continue;
        GOP_INDEPENDENT
        for (size_t h = 0; h < p->n; h++)
            y[h] *= by[h];
    }
}

GOP_VECTOR static void soften_back(gop_real *restrict dq, gop_real *restrict at,
                                   const gop_real *restrict y, const gop_real *restrict dy,
                                   const part *p, bool add)
{
    memset(at, 0, p->nodes * p->n * sizeof *at);
    for (size_t e = 0; e < p->edges; e++) {
        const size_t i = node_of(p, e);
        for (size_t h = 0; h < p->n && i < p->nodes; h++)
            at[i * p->n + h] += y[e * p->ld + h] * dy[e * p->ld + h];
    }
    for (size_t e = 0; e < p->edges; e++) {
        const size_t i = node_of(p, e);
        gop_real *to = dq + e * p->ld;
        const gop_real *v = y + e * p->ld, *dv = dy + e * p->ld, *dot = at + i * p->n;
        if (i == p->nodes) {
            for (size_t h = 0; h < p->n && !add; h++)
                to[h] = 0;
            continue;
        }
        for (size_t h = 0; h < p->n; h++)
            GOP_PUT(to[h], add, v[h] * (dv[h] - dot[h]));
    }
}

/* The part of chunk i, and where its first element is. */
static part part_of(const job *j, size_t i, size_t *at)
{
    const sizes *s = &j->s;
    const size_t n = i / s->blocks, b = i % s->blocks, from = gop_cut(s->heads, s->blocks, b);
    *at = n * s->edges * s->heads + from;
    return (part){.index = j->index + (s->list.lists > 1 ? n * s->edges * s->list.step : 0),
                  .step = s->list.step,
                  .edges = s->edges,
                  .nodes = s->nodes,
                  .ld = s->heads,
                  .n = gop_cut(s->heads, s->blocks, b + 1) - from};
}

static void forward_chunk(void *arg, size_t i)
{
    const job *j = arg;
    size_t at;
    const part p = part_of(j, i, &at);
    soften(j->r->out + at, gop_op_work(j->r, j->s.room), j->r->in[0] + at, &p);
}

static void backward_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const gop_run *r = j->r;
    size_t at;
    const part p = part_of(j, i, &at);
    soften_back(r->din[0] + at, gop_op_work(r, j->s.room), r->out + at, r->dout + at, &p,
                r->add[0]);
}

static void forward(const gop_run *r)
{
    job j = {r, measure(r->in_shape, r->attr), r->in[1]};
    if (r->saved != NULL)
        memcpy(r->saved, r->in[1], gop_shape_size(r->in_shape[1]) * sizeof *r->saved);
    gop_parallel(r->ctx, j.s.samples * j.s.blocks, forward_chunk, &j);
}

static void backward(const gop_run *r)
{
    job j = {r, measure(r->in_shape, r->attr), r->saved};
    if (r->din[0] != NULL)
        gop_parallel(r->ctx, j.s.samples * j.s.blocks, backward_chunk, &j);
    gop_no_gradient(r, 1);
}

/* ------------------------------------------------------------------------- cases */

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const attributes *a = attr;
    const gop_shape index = in[1].shape;
    const size_t edges = y.shape.dim[1], heads = y.shape.dim[2];
    const size_t step = index.rank == 1 ? 1 : index.dim[index.rank - 1];
    for (size_t k = 0; k < gop_shape_size(y.shape); k++) {
        const size_t n = k / heads / edges, e = k / heads % edges;
        const gop_real *list = in[1].v + (index.rank == 3 ? n * edges * step : 0);
        double sum = 0;
        for (size_t f = 0; f < edges; f++)
            if (list[f * step] == list[e * step])
                sum += exp((double)in[0].v[(n * edges + f) * heads + k % heads] -
                           (double)in[0].v[k]);
        y.v[k] = list[e * step] >= 0 && list[e * step] < (gop_real)a->nodes ? (gop_real)(1 / sum)
                                                                            : 0;
    }
}

static const gop_case cases[] = {
    {"numbers out of range", .in = {{3, {2, 11, 3}}, {1, {11}}}, .range = {{-3, 3}, {-1, 7}},
     .integers = 1 << 1, .attr = &(attributes){5}},
    {"both ends, large", .in = {{3, {2, 9, 1}}, {2, {9, 2}}}, .range = {{190, 200}, {0, 3}},
     .integers = 1 << 1, .attr = &(attributes){3}},
    {"edges of each sample", .in = {{3, {3, 7, 2}}, {3, {3, 7, 1}}}, .range = {[1] = {-1, 4}},
     .integers = 1 << 1, .attr = &(attributes){4}},
    {"both ends of each sample", .in = {{3, {3, 7, 2}}, {3, {3, 7, 2}}}, .range = {[1] = {-1, 4}},
     .integers = 1 << 1, .attr = &(attributes){4}},
    {"heads cut", .in = {{3, {1, 6, 37}}, {1, {6}}}, .range = {[1] = {0, 3}}, .integers = 1 << 1,
     .attr = &(attributes){3}},
    {"thousand nodes", .in = {{3, {1, 20, 8}}, {1, {20}}}, .range = {[1] = {0, 1000}},
     .integers = 1 << 1, .attr = &(attributes){1000}, .bench = {{3, {1, 8000, 8}}, {1, {8000}}}},
    {0},
};

const gop_op gop_op_edge_softmax = {
    .name = "edge_softmax",
    .flags = GOP_OP_INPLACE | GOP_OP_NEEDS_OUT,
    .attr_size = sizeof(attributes),
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
    .step = gop_step_nodes,
};

/*: Softmax over the edges of each node.
 *
 *     y[n, e, h] = exp(q[n, e, h]) / sum of exp(q[n, f, h]) over the edges f with index[f] = index[e]
 *
 * q, y [N, E, H]; index [E], or [E, 2], where the first number of each edge is used, or [N, E, 1] or
 * [N, E, 2] with a list for each sample; M = nodes, at most GOP_MAX_NODES.  An edge whose number is
 * not an integer in [0, M) has no node: its y is 0, and its q is not used.  An edge with q =
 * -infinity has y 0, even if its node has no others.  No gradient to `index`.
 * Errors: GOP_ESHAPE if index does not fit q, GOP_EINVAL for 0 nodes or too many.
 * Source: graph attention, Velickovic et al. 2018.
 */
GOP_API gop_var gop_edge_softmax(gop_net *net, gop_var q, gop_var index, size_t nodes)
{
    attributes a = {nodes};
    gop_var in[2] = {q, index};
    return gop_apply(net, &gop_op_edge_softmax, &a, in, 2);
}
