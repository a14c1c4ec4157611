/*
 * linear.c: the affine map of the last axis.
 *
 *     forward    y[r,:] = W x[r,:] + b
 *     backward   dx[r,:] = W^T dy[r,:]
 *                dW      = sum_r dy[r,:] x[r,:]^T
 *                db      = sum_r dy[r,:]
 *
 * x [..., C] (r counts its rows), W [C', C], b [C'] or absent, y [..., C'].
 * Source: the fully connected layers of the multilayer perceptrons f_v, f_e
 * (eq. 1), f_emb, g_emb (eq. 2), MLP_pred, and the output network f_pred
 * (eq. 10c) of Sym-GNN.
 *
 * W is packed once for y, and for dx if there are many rows.  y and dx are cut into pieces of rows,
 * and if there are few rows into pieces of channels.  dW is cut into blocks of output channels, and
 * if there are many rows also into groups of rows, whose partial sums are added in order.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "core/packed.h"
#include "graphop.h"
#include "op/partial.h"
#include "op/per_frame.h"

#include <string.h>

typedef struct sizes {
    size_t rows, in, out;
    gop_grid y, x;         /* of y and dx; y's columns are of panels, dx's too if packed */
    bool pack;             /* W for dx */
    size_t groups, blocks; /* of rows and of output channels, for dW */
    size_t part;           /* elements of one group's dW and db */
} sizes;

/* Pieces of rows for [rows, k] by [k, n] of this many panels: the operands of a piece stay in a
 * near cache, and a small product is one piece. */
static gop_grid grid(size_t rows, size_t k, size_t n, size_t panels)
{
    size_t pieces = gop_shares(rows * k * n, 4);
    gop_grid g = {gop_pieces(rows, gop_size_max(GOP_NEAR / (k + n), GOP_BIAS_ROWS)), 1};
    if (g.rows < pieces) {
        g.rows = gop_size_max(g.rows, gop_size_min(pieces, rows / (2 * GOP_BIAS_ROWS)));
        g.cols = gop_size_min(gop_pieces(pieces, g.rows), panels);
    }
    return g;
}

static sizes measure(const gop_ctx *ctx, const gop_shape *in)
{
    sizes s;
    s.in = in[1].dim[1];
    s.out = in[1].dim[0];
    s.rows = gop_shape_size(in[0]) / s.in;
    s.y = grid(s.rows, s.in, s.out, gop_packed_panels(ctx, s.out));
    s.x = grid(s.rows, s.out, s.in, gop_packed_panels(ctx, s.in));
    s.pack = s.rows >= GOP_PACK_ROWS;
    s.groups = gop_parts(s.rows, 1024, 16);
    s.blocks = gop_parts(s.out, 64, gop_shares(s.rows * s.in * s.out, gop_pieces(16, s.groups)));
    s.part = gop_line(s.out * s.in) + gop_line(s.out);
    return s;
}

static gop_status plan(gop_op_plan *p)
{
    char a[64], b[64];
    if (p->in[0].rank < 1)
        return gop_fail(p->err, GOP_ESHAPE, "x is a scalar, but needs a last axis");
    if (p->in[1].rank != 2 || p->in[1].dim[1] != p->in[0].dim[p->in[0].rank - 1])
        return gop_fail(p->err, GOP_ESHAPE, "W %s must be [C', C] for the last axis of x %s",
                        gop_shape_text(a, sizeof a, p->in[1]),
                        gop_shape_text(b, sizeof b, p->in[0]));
    if (p->in[2].rank >= 0 && !gop_shape_equal(p->in[2], gop_shape1(p->in[1].dim[0])))
        return gop_fail(p->err, GOP_ESHAPE, "b %s must have one element per row of W %s",
                        gop_shape_text(a, sizeof a, p->in[2]),
                        gop_shape_text(b, sizeof b, p->in[1]));
    sizes s = measure(p->ctx, p->in);
    p->out = p->in[0];
    p->out.dim[p->out.rank - 1] = s.out;
    p->prepared = gop_packed_size(p->ctx, s.in, s.out);
    p->prepared_from = 1u << 1;
    p->channels[1] = 0;
    p->added = 2;
    if (p->training)
        p->work = gop_size_max(s.groups > 1 ? s.groups * s.part : 0,
                               s.pack ? gop_packed_size(p->ctx, s.out, s.in) : 0);
    p->madds = (uint64_t)s.rows * s.in * s.out;
    return GOP_OK;
}

typedef struct job {
    const gop_run *r;
    sizes s;
} job;

static void prepare(const gop_run *r)
{
    const gop_shape w = r->in_shape[1];
    gop_pack_all(r->ctx, r->prepared, w.dim[1], w.dim[0], r->in[1], 1, (ptrdiff_t)w.dim[1]);
}

static void forward_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const sizes *s = &j->s;
    size_t panels = gop_packed_panels(r->ctx, s->out), width = gop_packed_width(r->ctx);
    size_t from = gop_cut(panels, s->y.cols, i % s->y.cols);
    size_t to = gop_cut(panels, s->y.cols, i % s->y.cols + 1);
    size_t col = from * width, cols = gop_size_min(to * width, s->out) - col;
    size_t first = gop_cut(s->rows, s->y.rows, i / s->y.cols);
    size_t last = gop_cut(s->rows, s->y.rows, i / s->y.cols + 1);
    size_t step = r->in[2] ? GOP_BIAS_ROWS : last - first;
    for (size_t row = first; row < last; row += step) {
        size_t rows = gop_size_min(step, last - row);
        gop_real *y = r->out + row * s->out;
        for (size_t k = 0; k < rows && r->in[2]; k++)
            memcpy(y + k * s->out + col, r->in[2] + col, cols * sizeof *y);
        gop_gemm_packed(r->ctx, rows, s->out, s->in, r->in[0] + row * s->in, (ptrdiff_t)s->in, 1,
                        r->prepared, from, to, r->in[2] != NULL, y, s->out);
    }
    if (s->y.cols == 1)
        gop_run_produced(r, first * s->out, last * s->out);
}

static void forward(const gop_run *r)
{
    job j = {r, measure(r->ctx, r->in_shape)};
    gop_parallel(r->ctx, j.s.y.rows * j.s.y.cols, forward_chunk, &j);
    if (j.s.y.cols > 1) /* few rows */
        gop_run_produced(r, 0, j.s.rows * j.s.out);
}

static void dx_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const sizes *s = &j->s;
    size_t row = gop_cut(s->rows, s->x.rows, i / s->x.cols);
    size_t rows = gop_cut(s->rows, s->x.rows, i / s->x.cols + 1) - row;
    size_t panels = gop_packed_panels(r->ctx, s->in), width = gop_packed_width(r->ctx);
    size_t from = gop_cut(panels, s->x.cols, i % s->x.cols);
    size_t to = gop_cut(panels, s->x.cols, i % s->x.cols + 1);
    size_t col = from * width, cols = gop_size_min(to * width, s->in) - col;
    const gop_real *dy = r->dout + row * s->out;
    gop_real *dx = r->din[0] + row * s->in;
    if (s->pack)
        gop_gemm_packed(r->ctx, rows, s->in, s->out, dy, (ptrdiff_t)s->out, 1, r->work, from, to,
                        r->add[0], dx, s->in);
    else
        gop_gemm(r->ctx, rows, cols, s->out, dy, (ptrdiff_t)s->out, 1, r->in[1] + col,
                 (ptrdiff_t)s->in, 1, r->add[0], dx + col, s->in);
}

static void dw_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const sizes *s = &j->s;
    size_t g = i / s->blocks, b = i % s->blocks;
    size_t from = gop_cut(s->rows, s->groups, g), to = gop_cut(s->rows, s->groups, g + 1);
    size_t c = gop_cut(s->out, s->blocks, b), n = gop_cut(s->out, s->blocks, b + 1) - c;
    const gop_real *dy = r->dout + from * s->out + c;
    if (r->din[1]) {
        gop_real *dw = gop_part(r->din[1], r->work, s->groups, s->part, g);
        gop_gemm(r->ctx, n, s->in, to - from, dy, 1, (ptrdiff_t)s->out, r->in[0] + from * s->in,
                 (ptrdiff_t)s->in, 1, s->groups == 1 && r->add[1], dw + c * s->in, s->in);
    }
    if (r->din[2]) {
        gop_real *db = gop_part(r->din[2], r->work + gop_line(s->out * s->in), s->groups, s->part,
                                g);
        gop_sum_rows(db + c, s->groups == 1 && r->add[2], dy, to - from, n, s->out);
    }
}

static void backward(const gop_run *r)
{
    job j = {r, measure(r->ctx, r->in_shape)};
    const sizes *s = &j.s;
    if (r->din[0] && s->pack)
        gop_pack_all(r->ctx, r->work, s->out, s->in, r->in[1], (ptrdiff_t)s->in, 1);
    if (r->din[0])
        gop_parallel(r->ctx, s->x.rows * s->x.cols, dx_chunk, &j);
    if (r->din[1] || r->din[2])
        gop_parallel(r->ctx, s->groups * s->blocks, dw_chunk, &j);
    if (r->din[1])
        gop_sum_parts(r->ctx, r->din[1], r->add[1], r->work, s->groups, s->part, s->out * s->in);
    if (r->din[2])
        gop_sum_parts(r->ctx, r->din[2], r->add[2], r->work + gop_line(s->out * s->in), s->groups,
                      s->part, s->out);
}

/* ------------------------------------------------------------------------- cases */

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const size_t c = in[1].shape.dim[1], n = in[1].shape.dim[0];
    (void)attr;
    for (size_t i = 0; i < gop_shape_size(y.shape); i++) {
        double sum = in[2].v ? (double)in[2].v[i % n] : 0;
        for (size_t k = 0; k < c; k++)
            sum += (double)in[0].v[i / n * c + k] * (double)in[1].v[i % n * c + k];
        y.v[i] = (gop_real)sum;
    }
}

static const gop_case cases[] = {
    {"bias", .in = {{3, {2, 3, 5}}, {2, {4, 5}}, {1, {4}}},
     .bench = {{4, {32, 26, 25, 64}}, {2, {64, 64}}, {1, {64}}}},
    {"no bias", .in = {{2, {7, 3}}, {2, {2, 3}}, {.rank = -1}}},
    {"several groups of rows", .in = {{2, {2051, 2}}, {2, {1, 2}}, {1, {1}}}},
    {"few rows, cut by columns", .in = {{2, {100, 250}}, {2, {255, 250}}, {1, {255}}}},
    {0},
};

const gop_op gop_op_linear = {
    .name = "linear",
    .flags = GOP_OP_NEEDS_IN | GOP_OP_STREAMS_OUT,
    .plan = plan,
    .prepare = prepare,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
    .step = gop_step_rows,
};

/*: Affine map of the last axis.
 *
 *     y[..., o] = sum_c W[o, c] x[..., c] + b[o]
 *
 * x [..., C], W [C', C], b [C'] or gop_none(); y [..., C'].
 * Errors: GOP_ESHAPE if W or b does not fit.
 */
GOP_API gop_var gop_linear(gop_net *net, gop_var x, gop_var W, gop_var b)
{
    gop_var in[3] = {x, W, b};
    return gop_apply(net, &gop_op_linear, NULL, in, 3);
}
