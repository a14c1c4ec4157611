/*
 * edge_linear.c: an affine map of the features of every ordered pair of nodes.
 *
 *     forward    q[n,(i,j),:] = W [x_i, x_j] + b = u_i + v_j
 *                u_i = W_a x_i + b,  v_j = W_b x_j,  W = [W_a, W_b]
 *     backward   du_i = sum_(j != i) dq[(i,j),:],  dv_j = sum_(i != j) dq[(i,j),:]
 *                dx_i = W_a^T du_i + W_b^T dv_i
 *                dW_a = sum_i du_i x_i^T,  dW_b = sum_i dv_i x_i^T,  db = sum_i du_i
 *
 * x [N, M, C], W [H, 2C], b [H] or absent; q [N, M(M-1), H], with the pairs (i, j), j != i, ordered
 * by i, then by j, or with self [N, M M, H], all pairs.
 * Source: the first layer of f_e in eq. 1a of Sym-GNN.  Splitting W needs 2M products of a row with
 * half of W instead of M(M-1) products with all of W.
 *
 * The halves of W are packed once.  A chunk is a block of samples forward, and a group of
 * blocks backward, which sums its share of dW and db in order; the shares of the groups are
 * added in order.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "core/packed.h"
#include "op/partial.h"
#include "op/per_frame.h"

typedef struct attributes {
    bool self; /* includes the pairs (i, i) */
} attributes;

typedef struct sizes {
    size_t n, m, c, h;
    size_t pairs; /* of a sample */
    size_t block; /* samples at a time */
    size_t blocks, groups;
    size_t rows;   /* of a full block */
    size_t part;   /* elements of one group's dW and db */
    size_t thread; /* elements of one thread's u and v, or du and dv */
    size_t half;   /* elements of a packed half of W */
    size_t back;   /* of one packed for backward, 0 if there are few rows */
} sizes;

static sizes measure(const gop_ctx *ctx, const gop_shape *in, const attributes *a)
{
    sizes s;
    s.n = in[0].dim[0];
    s.m = in[0].dim[1];
    s.c = in[0].dim[2];
    s.h = in[1].dim[0];
    s.pairs = s.m * (a->self ? s.m : s.m - 1);
    s.block = gop_size_min((95 + s.m) / s.m, gop_pieces(s.n, 4));
    s.blocks = gop_pieces(s.n, s.block);
    s.groups = gop_size_min(s.blocks, 16);
    s.rows = s.block * s.m;
    s.part = gop_line(s.h * 2 * s.c) + gop_line(s.h);
    s.thread = gop_line(2 * s.rows * s.h);
    s.half = gop_packed_size(ctx, s.c, s.h);
    s.back = s.n * s.m < GOP_PACK_ROWS ? 0 : gop_packed_size(ctx, s.h, s.c);
    return s;
}

static gop_status plan(gop_op_plan *p)
{
    const attributes *attr = p->attr;
    char a[64], b[64];
    gop_shape x = p->in[0], w = p->in[1];
    if (x.rank != 3 || (x.dim[1] < 2 && !attr->self))
        return gop_fail(p->err, GOP_ESHAPE, "x %s must be [N, M, C]%s",
                        gop_shape_text(a, sizeof a, x),
                        attr->self ? "" : " with at least two nodes");
    if (x.dim[1] > 1 << 24)
        return gop_fail(p->err, GOP_ESHAPE, "%zu nodes are too many", x.dim[1]);
    if (w.rank != 2 || w.dim[1] % 2 != 0 || w.dim[1] / 2 != x.dim[2])
        return gop_fail(p->err, GOP_ESHAPE, "W %s must be [H, 2 C] for x %s = [N, M, C]",
                        gop_shape_text(a, sizeof a, w), gop_shape_text(b, sizeof b, x));
    if (p->in[2].rank >= 0 && !gop_shape_equal(p->in[2], gop_shape1(w.dim[0])))
        return gop_fail(p->err, GOP_ESHAPE, "b %s must have one element per row of W %s",
                        gop_shape_text(a, sizeof a, p->in[2]), gop_shape_text(b, sizeof b, w));
    p->out = gop_shape3(x.dim[0], x.dim[1] * (attr->self ? x.dim[1] : x.dim[1] - 1), w.dim[0]);
    gop_try(gop_op_size(p, p->out));
    sizes s = measure(p->ctx, p->in, attr);
    p->work = (size_t)gop_ctx_threads(p->ctx) * s.thread;
    if (p->training)
        p->work += (s.groups > 1 ? s.groups * s.part : 0) + 2 * s.back;
    p->prepared = 2 * s.half;
    p->prepared_from = 1u << 1;
    p->channels[1] = 0;
    p->added = 2;
    p->madds = (uint64_t)s.n * s.m * s.h * 2 * s.c;
    return GOP_OK;
}

typedef struct job {
    const gop_run *r;
    sizes s;
    gop_real *back, *parts;
} job;

GOP_VECTOR static void add_pair(gop_real *restrict q, const gop_real *restrict u,
                                const gop_real *restrict v, size_t n)
{
    for (size_t c = 0; c < n; c++)
        q[c] = u[c] + v[c];
}

GOP_VECTOR static void sum_pair(gop_real *restrict du, gop_real *restrict dv,
                                const gop_real *restrict dq, size_t n)
{
    for (size_t c = 0; c < n; c++) {
        du[c] += dq[c];
        dv[c] += dq[c];
    }
}

static void prepare(const gop_run *r)
{
    const sizes s = measure(r->ctx, r->in_shape, r->attr);
    for (size_t i = 0; i < 2; i++)
        gop_pack_all(r->ctx, r->prepared + i * s.half, s.c, s.h, r->in[1] + i * s.c, 1,
                     (ptrdiff_t)(2 * s.c));
}

static void forward_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const sizes *s = &j->s;
    size_t from = i * s->block, to = gop_size_min(from + s->block, s->n);
    size_t rows = (to - from) * s->m, h = s->h;
    gop_real *u = gop_op_work(r, s->thread), *v = u + rows * h;
    const gop_real *x = r->in[0] + from * s->m * s->c;
    ptrdiff_t c = (ptrdiff_t)s->c;
    if (r->in[2])
        for (size_t k = 0; k < rows; k++)
            memcpy(u + k * h, r->in[2], h * sizeof *u);
    size_t panels = gop_packed_panels(r->ctx, h);
    gop_gemm_packed(r->ctx, rows, h, s->c, x, c, 1, r->prepared, 0, panels, r->in[2] != NULL, u, h);
    gop_gemm_packed(r->ctx, rows, h, s->c, x, c, 1, r->prepared + s->half, 0, panels, false, v, h);
    const attributes *attr = r->attr;
    size_t at = from * s->pairs * h, produced = at;
    for (size_t n = 0; n < to - from; n++)
        for (size_t a = 0; a < s->m; a++) {
            for (size_t b = 0; b < s->m; b++)
                if (b != a || attr->self) {
                    add_pair(r->out + at, u + (n * s->m + a) * h, v + (n * s->m + b) * h, h);
                    at += h;
                }
            if (at - produced >= GOP_CHUNK || (n + 1 == to - from && a + 1 == s->m)) {
                gop_run_produced(r, produced, at);
                produced = at;
            }
        }
}

static void forward(const gop_run *r)
{
    job j = {.r = r, .s = measure(r->ctx, r->in_shape, r->attr)};
    gop_parallel(r->ctx, j.s.blocks, forward_chunk, &j);
}

/* dx (+)= d W's left or right half */
static void through_half(const job *j, size_t half, const gop_real *d, size_t rows, bool add,
                         gop_real *dx)
{
    const gop_run *r = j->r;
    const sizes *s = &j->s;
    if (s->back > 0)
        gop_gemm_packed(r->ctx, rows, s->c, s->h, d, (ptrdiff_t)s->h, 1, j->back + half * s->back,
                        0, gop_packed_panels(r->ctx, s->c), add, dx, s->c);
    else
        gop_gemm(r->ctx, rows, s->c, s->h, d, (ptrdiff_t)s->h, 1, r->in[1] + half * s->c,
                 (ptrdiff_t)(2 * s->c), 1, add, dx, s->c);
}

static void backward_block(const job *j, size_t i, bool first, gop_real *dw, gop_real *db)
{
    const gop_run *r = j->r;
    const sizes *s = &j->s;
    size_t from = i * s->block, to = gop_size_min(from + s->block, s->n);
    size_t rows = (to - from) * s->m, h = s->h;
    gop_real *du = gop_op_work(r, s->thread), *dv = du + rows * h;
    const gop_real *x = r->in[0] + from * s->m * s->c;
    const attributes *attr = r->attr;
    const gop_real *dq = r->dout + from * s->pairs * h;
    ptrdiff_t c = (ptrdiff_t)s->c, lh = (ptrdiff_t)h;
    memset(du, 0, 2 * rows * h * sizeof *du);
    for (size_t n = 0; n < to - from; n++)
        for (size_t a = 0; a < s->m; a++)
            for (size_t b = 0; b < s->m; b++)
                if (b != a || attr->self) {
                    sum_pair(du + (n * s->m + a) * h, dv + (n * s->m + b) * h, dq, h);
                    dq += h;
                }
    if (r->din[0]) {
        gop_real *dx = r->din[0] + from * s->m * s->c;
        through_half(j, 0, du, rows, r->add[0], dx);
        through_half(j, 1, dv, rows, true, dx);
    }
    if (dw) {
        bool add = !first || (s->groups == 1 && r->add[1]);
        gop_gemm(r->ctx, h, s->c, rows, du, 1, lh, x, c, 1, add, dw, 2 * s->c);
        gop_gemm(r->ctx, h, s->c, rows, dv, 1, lh, x, c, 1, add, dw + c, 2 * s->c);
    }
    if (db)
        gop_sum_rows(db, !first || (s->groups == 1 && r->add[2]), du, rows, h, h);
}

static void backward_chunk(void *arg, size_t g)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const sizes *s = &j->s;
    size_t from = gop_cut(s->blocks, s->groups, g), to = gop_cut(s->blocks, s->groups, g + 1);
    gop_real *dw = r->din[1], *db = r->din[2];
    if (dw)
        dw = gop_part(dw, j->parts, s->groups, s->part, g);
    if (db)
        db = gop_part(db, j->parts + gop_line(s->h * 2 * s->c), s->groups, s->part, g);
    for (size_t i = from; i < to; i++)
        backward_block(j, i, i == from, dw, db);
}

static void backward(const gop_run *r)
{
    job j = {.r = r, .s = measure(r->ctx, r->in_shape, r->attr)};
    const sizes *s = &j.s;
    j.back = r->work + (size_t)gop_ctx_threads(r->ctx) * s->thread;
    j.parts = j.back + 2 * s->back;
    for (size_t i = 0; i < 2 && r->din[0] && s->back > 0; i++)
        gop_pack_all(r->ctx, j.back + i * s->back, s->h, s->c, r->in[1] + i * s->c,
                     (ptrdiff_t)(2 * s->c), 1);
    gop_parallel(r->ctx, s->groups, backward_chunk, &j);
    if (r->din[1])
        gop_sum_parts(r->ctx, r->din[1], r->add[1], j.parts, s->groups, s->part, s->h * 2 * s->c);
    if (r->din[2])
        gop_sum_parts(r->ctx, r->din[2], r->add[2], j.parts + gop_line(s->h * 2 * s->c), s->groups,
                      s->part, s->h);
}

/* ------------------------------------------------------------------------- cases */

static void naive(gop_tensor q, const gop_tensor *in, const void *attr)
{
    const attributes *a = attr;
    const gop_shape x = in[0].shape;
    const size_t m = x.dim[1], c = x.dim[2], h = in[1].shape.dim[0];
    size_t at = 0;
    for (size_t k = 0; k < x.dim[0] * m * m; k++) {
        const size_t i = k / m, j = k / m / m * m + k % m; /* of all samples */
        if (i == j && !a->self)
            continue;
        for (size_t e = 0; e < h; e++, at++) {
            const gop_real *w = in[1].v + e * 2 * c;
            double sum = in[2].v ? (double)in[2].v[e] : 0;
            for (size_t b = 0; b < c; b++)
                sum += (double)w[b] * (double)in[0].v[i * c + b] +
                       (double)w[c + b] * (double)in[0].v[j * c + b];
            q.v[at] = (gop_real)sum;
        }
    }
}

static const attributes others = {.self = false}, all = {.self = true};

static const gop_case cases[] = {
    {"bias", .in = {{3, {2, 4, 3}}, {2, {5, 6}}, {1, {5}}}, .attr = &others,
     .bench = {{3, {32, 26, 64}}, {2, {64, 128}}, {1, {64}}}},
    {"no bias, several groups", .in = {{3, {70, 3, 2}}, {2, {1, 4}}, {.rank = -1}},
     .attr = &others},
    {"with self", .in = {{3, {2, 4, 3}}, {2, {5, 6}}, {1, {5}}}, .attr = &all},
    {"one node with self", .in = {{3, {3, 1, 2}}, {2, {2, 4}}, {1, {2}}}, .attr = &all},
    {0},
};

const gop_op gop_op_edge_linear = {
    .name = "edge_linear",
    .flags = GOP_OP_NEEDS_IN | GOP_OP_STREAMS_OUT,
    .attr_size = sizeof(attributes),
    .plan = plan,
    .prepare = prepare,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
    .step = gop_step_nodes,
};

/*: Affine map of the features of every ordered pair of nodes (Sym-GNN, eq. 1a).
 *
 *     q[n, (i,j), :] = W[:, :C] x[n, i, :] + W[:, C:] x[n, j, :] + b
 *
 * x [N, M, C] with M >= 2, W [H, 2C], b [H] or gop_none(); q [N, M (M-1), H] with the pairs (i, j),
 * j != i, ordered by i, then by j.  With `self`, q also has the pairs (i, i): M >= 1, q
 * [N, M M, H].
 * Errors: GOP_ESHAPE if W or b does not fit x.
 */
GOP_API gop_var gop_edge_linear(gop_net *net, gop_var x, gop_var W, gop_var b, bool self)
{
    attributes a = {.self = self};
    gop_var in[3] = {x, W, b};
    return gop_apply(net, &gop_op_edge_linear, &a, in, 3);
}
