/*
 * graph_product.c: the product of an adjacency and node features.
 *
 *     forward    y[n,i,t,c] = sum_j A[i,j] x[n,j,t,c]
 *     backward   dx[n,j,t,c] = sum_i A[i,j] dy[n,i,t,c]
 *                dA[i,j]     = sum_(n,t,c) dy[n,i,t,c] x[n,j,t,c]
 *
 * x [N, M, T, C], y [N, M', T, C]; A [M', M] for all samples, [N, M', M] with one for each sample
 * (dA is then not summed over n), or [N, T, M', M] with one for each sample and frame (not over t
 * either).  A node's T C numbers are contiguous, so each sample is one product of matrices, M' x M
 * by M x T C, or T products whose columns are C of them.
 * Source: A X of eqs. 3, 4 and 7 of Sym-GNN, without their weights.
 *
 * Few samples are cut into blocks of columns for y and dx.  dA of a shared A is
 * summed over groups of samples first, then over the groups in order.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "op/graph/node_product.h"
#include "op/partial.h"
#include "op/per_frame.h"

typedef struct sizes {
    size_t n, m_in, m_out;
    size_t row;    /* a node's numbers, T C */
    size_t cols;   /* of these in one product: all, or one frame's */
    size_t mats;   /* products per sample: one, or one per frame */
    size_t step;   /* from one A to the next; 0 if shared */
    size_t blocks; /* of columns */
    size_t groups; /* of samples, for dA */
    size_t part;
} sizes;

static sizes measure(const gop_shape *in)
{
    sizes s;
    bool shared = in[0].rank == 2;
    s.n = in[1].dim[0];
    s.m_in = in[1].dim[1];
    s.m_out = in[0].dim[in[0].rank - 2];
    s.row = in[1].dim[2] * in[1].dim[3];
    s.mats = in[0].rank == 4 ? in[1].dim[2] : 1;
    s.cols = s.row / s.mats;
    s.step = shared ? 0 : s.m_out * s.m_in;
    size_t pieces = gop_shares(s.n * s.m_out * s.m_in * s.row, 4);
    s.blocks = s.mats > 1 ? 1 : gop_parts(s.cols, 256, gop_pieces(pieces, s.n));
    s.groups = shared ? gop_parts(s.n, 1, 16) : s.n;
    s.part = gop_line(s.m_out * s.m_in);
    return s;
}

static gop_status plan(gop_op_plan *p)
{
    char a[64], b[64];
    gop_shape A = p->in[0], x = p->in[1];
    bool fits = x.rank == 4 && A.rank >= 2 && A.dim[A.rank - 1] == x.dim[1] &&
                (A.rank < 3 || A.dim[0] == x.dim[0]) && (A.rank < 4 || A.dim[1] == x.dim[2]);
    if (!fits)
        return gop_fail(p->err, GOP_ESHAPE,
                        "A %s must be [M', M], [N, M', M] or [N, T, M', M] "
                        "for x %s = [N, M, T, C]",
                        gop_shape_text(a, sizeof a, A), gop_shape_text(b, sizeof b, x));
    p->out = x;
    p->out.dim[1] = A.dim[A.rank - 2];
    gop_try(gop_op_size(p, p->out));
    sizes s = measure(p->in);
    p->work = p->training && s.step == 0 && s.groups > 1 ? s.groups * s.part : 0;
    if (s.blocks == 1)
        p->flags |= GOP_OP_STREAMS_OUT;
    p->madds = (uint64_t)s.n * s.m_out * s.m_in * s.row;
    return GOP_OK;
}

typedef struct job {
    const gop_run *r;
    sizes s;
} job;

static void forward_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const sizes *s = &j->s;
    size_t n = i / s->blocks, b = i % s->blocks;
    size_t from = gop_cut(s->cols, s->blocks, b), to = gop_cut(s->cols, s->blocks, b + 1);
    const gop_real *A = r->in[0] + n * s->mats * s->step;
    const gop_real *x = r->in[1] + n * s->m_in * s->row + from;
    gop_real *y = r->out + n * s->m_out * s->row + from;
    for (size_t t = 0; t < s->mats; t++)
        gop_node_product(r->ctx, s->m_out, to - from, s->m_in, A + t * s->step, (ptrdiff_t)s->m_in,
                         1, x + t * s->cols, s->row, false, y + t * s->cols, s->row);
    if (s->blocks == 1)
        gop_run_produced(r, n * s->m_out * s->row, (n + 1) * s->m_out * s->row);
}

static void forward(const gop_run *r)
{
    job j = {r, measure(r->in_shape)};
    gop_parallel(r->ctx, j.s.n * j.s.blocks, forward_chunk, &j);
}

static void backward_x_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const sizes *s = &j->s;
    size_t n = i / s->blocks, b = i % s->blocks;
    size_t from = gop_cut(s->cols, s->blocks, b), to = gop_cut(s->cols, s->blocks, b + 1);
    const gop_real *A = r->in[0] + n * s->mats * s->step;
    const gop_real *dy = r->dout + n * s->m_out * s->row + from;
    gop_real *dx = r->din[1] + n * s->m_in * s->row + from;
    for (size_t t = 0; t < s->mats; t++)
        gop_node_product(r->ctx, s->m_in, to - from, s->m_out, A + t * s->step, 1,
                         (ptrdiff_t)s->m_in, dy + t * s->cols, s->row, r->add[1], dx + t * s->cols,
                         s->row);
}

static void backward_a_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const sizes *s = &j->s;
    bool own = s->step > 0 || s->groups == 1;
    gop_real *da = own ? r->din[0] + i * s->mats * s->step : r->work + i * s->part;
    size_t from = gop_cut(s->n, s->groups, i), to = gop_cut(s->n, s->groups, i + 1);
    for (size_t n = from; n < to; n++)
        for (size_t t = 0; t < s->mats; t++)
            gop_gemm(r->ctx, s->m_out, s->m_in, s->cols,
                     r->dout + n * s->m_out * s->row + t * s->cols, (ptrdiff_t)s->row, 1,
                     r->in[1] + n * s->m_in * s->row + t * s->cols, 1, (ptrdiff_t)s->row,
                     n > from || (own && r->add[0]), da + t * s->step, s->m_in);
}

static void backward(const gop_run *r)
{
    job j = {r, measure(r->in_shape)};
    const sizes *s = &j.s;
    if (r->din[0]) {
        gop_parallel(r->ctx, s->groups, backward_a_chunk, &j);
        if (s->step == 0)
            gop_sum_parts(r->ctx, r->din[0], r->add[0], r->work, s->groups, s->part,
                          s->m_out * s->m_in);
    }
    if (r->din[1])
        gop_parallel(r->ctx, s->n * s->blocks, backward_x_chunk, &j);
}

static gop_status step(gop_op_step *s)
{
    if (s->in[0].rank == 4 || s->at[1].frames == 0)
        return gop_fail(s->err, GOP_EINVAL, "its adjacency changes from frame to frame");
    return gop_step_clip(s);
}

/* ------------------------------------------------------------------------- cases */

/* One gop_graph_product for each sample and frame. */
static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const gop_shape A = in[0].shape, x = in[1].shape;
    const size_t mi = x.dim[1], mo = y.shape.dim[1], frames = x.dim[2], c = x.dim[3];
    (void)attr;
    for (size_t k = 0; k < gop_shape_size(y.shape); k++) {
        const size_t t = k / c % frames, i = k / c / frames % mo, n = k / c / frames / mo;
        const size_t matrix = A.rank == 4 ? n * frames + t : A.rank == 3 ? n : 0;
        double sum = 0;
        for (size_t j = 0; j < mi; j++)
            sum += (double)in[0].v[(matrix * mo + i) * mi + j] *
                   (double)in[1].v[((n * mi + j) * frames + t) * c + k % c];
        y.v[k] = (gop_real)sum;
    }
}

static const gop_case cases[] = {
    {"shared", .in = {{2, {4, 5}}, {4, {3, 5, 2, 3}}},
     .bench = {{2, {26, 26}}, {4, {32, 26, 25, 64}}}},
    {"one a sample", .in = {{3, {3, 5, 4}}, {4, {3, 4, 1, 7}}}},
    {"one sample, cut by columns", .in = {{2, {40, 40}}, {4, {1, 40, 4, 1000}}}},
    {"one a sample and frame", .in = {{4, {2, 3, 5, 4}}, {4, {2, 4, 3, 7}}}},
    {"one frame, one node each", .in = {{4, {3, 1, 1, 1}}, {4, {3, 1, 1, 1}}}},
    {"one node", .in = {{2, {1, 1}}, {4, {1, 1, 1, 3}}}},
    {"mostly zeros", .range = {{0, 1.1}}, .integers = 1, .in = {{2, {8, 9}}, {4, {3, 9, 4, 19}}}},
    {0},
};

const gop_op gop_op_graph_product = {
    .name = "graph_product",
    .flags = GOP_OP_NEEDS_IN,
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
    .step = step,
};

/*: Product of an adjacency and node features.
 *
 *     y[n, i, t, c] = sum_j A[n, t, i, j] x[n, j, t, c]
 *
 * A [M', M] for all samples, [N, M', M] with one for each sample, or [N, T, M', M] with one for
 * each sample and frame; x [N, M, T, C]; y [N, M', T, C].  Entries that are 0 take nothing of their
 * node, not even NaN, if at most a sixth of A is not 0.
 * Errors: GOP_ESHAPE if A does not fit x.
 */
GOP_API gop_var gop_graph_product(gop_net *net, gop_var A, gop_var x)
{
    gop_var in[2] = {A, x};
    return gop_apply(net, &gop_op_graph_product, NULL, in, 2);
}
