/*
 * gru_step.c: one step of a gated recurrent unit.
 *
 *     forward    r = sigmoid(W_r x + b_r + U_r h + c_r)
 *                z = sigmoid(W_z x + b_z + U_z h + c_z)
 *                m = U_n h + c_n
 *                n = tanh(W_n x + b_n + r m)
 *                y = (1 - z) n + z k
 *     backward   dan = dy (1 - z) (1 - n^2),  dm = dan r
 *                dar = dan m r (1 - r),       daz = dy (k - n) z (1 - z)
 *                dx = W^T [dar, daz, dan],    dW = [dar, daz, dan] x^T,  db = their sums
 *                dh = U^T [dar, daz, dm],     dU = [dar, daz, dm] h^T,   dc = their sums
 *                dk = dy z
 *
 * Per row: x [..., I], h [..., H], carry k [..., H]; W = [W_r; W_z; W_n] [3H, I], U [3H, H], b, c
 * [3H]; y [..., H].  k = h is the usual cell.
 * Source: GRU of eq. 10b of Sym-GNN (Cho et al. 2014, with the reset gate after the product, as in
 * cuDNN).
 *
 * Kept for backward: r, z, n, m, [rows, 4, H].
 *
 * The weights of each gate are packed once, and forward computes all gates of several rows and one
 * panel of columns together.  In backward a row holds dan, dar, daz, dm, so that the factors of W
 * and those of U are contiguous.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "core/packed.h"
#include "graphop.h"
#include "op/fastmath.h"
#include "op/partial.h"
#include "op/recurrent/cells.h"

#include <math.h>
#include <string.h>

enum { X, H, CARRY, W, U, B, C };

typedef struct sizes {
    size_t rows, in, h;
    size_t tiles, cols;    /* of rows, and in forward of the panels of every gate */
    size_t tile;           /* elements of one panel's gates for a tile of rows */
    size_t ld, d;          /* from row to row in backward; elements of all rows */
    size_t blocks, groups; /* of gates and of rows, for dW, dU, db, dc */
    size_t u, b, c;        /* offsets of a group's dU, db, dc, after dW */
    size_t part;           /* elements of a group */
    size_t pack_w, pack_u; /* elements of one gate's packed W, U */
    size_t back_w, back_u; /* of W and U packed for backward, 0 if there are few rows */
} sizes;

static sizes measure(const gop_ctx *ctx, const gop_shape *in)
{
    sizes s;
    s.in = in[W].dim[1];
    s.h = in[U].dim[1];
    s.rows = gop_shape_size(in[H]) / s.h;
    size_t pieces = gop_shares(s.rows * 3 * s.h * (s.h + s.in), 4);
    s.tiles = gop_pieces(s.rows, GOP_HALF_TILE_ROWS);
    s.tiles += s.tiles > 1 && s.tiles < 16 && s.tiles % 2;
    s.cols = s.tiles < pieces
                 ? gop_size_min(gop_pieces(pieces, s.tiles), gop_packed_panels(ctx, s.h))
                 : 1;
    /* Products with later panels start before the tile; see forward_chunk. */
    s.tile = gop_line(s.h) + gop_line(gop_cut_most(s.rows, s.tiles) * 4 * gop_packed_width(ctx));
    /* A power of two would map a column's elements to few cache sets. */
    s.ld = gop_line(4 * s.h) + 16;
    s.d = gop_line(s.rows * s.ld);
    s.groups = gop_parts(s.rows, 1024, 16);
    s.blocks = gop_size_min(gop_parts(3 * s.h, 192, gop_pieces(16, s.groups)), pieces);
    s.u = gop_line(3 * s.h * s.in);
    s.b = s.u + gop_line(3 * s.h * s.h);
    s.c = s.b + gop_line(3 * s.h);
    s.part = s.c + gop_line(3 * s.h);
    s.pack_w = gop_packed_size(ctx, s.in, s.h);
    s.pack_u = gop_packed_size(ctx, s.h, s.h);
    s.back_w = s.rows < GOP_PACK_ROWS ? 0 : gop_packed_size(ctx, 3 * s.h, s.in);
    s.back_u = s.rows < GOP_PACK_ROWS ? 0 : gop_packed_size(ctx, 3 * s.h, s.h);
    return s;
}

static gop_status plan(gop_op_plan *p)
{
    static const char *const name[] = {"x", "h", "carry", "w_ih", "w_hh", "b_ih", "b_hh"};
    char a[64], b[64];
    const gop_shape *in = p->in;
    int last = in[H].rank - 1;
    if (in[H].rank < 1 || !gop_shape_equal(in[H], in[CARRY]))
        return gop_fail(p->err, GOP_ESHAPE, "h %s and carry %s must have the same shape [..., H]",
                        gop_shape_text(a, sizeof a, in[H]), gop_shape_text(b, sizeof b, in[CARRY]));
    gop_shape x = in[X];
    if (x.rank != in[H].rank)
        return gop_fail(p->err, GOP_ESHAPE, "x %s must have the axes of h %s except the last",
                        gop_shape_text(a, sizeof a, x), gop_shape_text(b, sizeof b, in[H]));
    size_t h = in[H].dim[last], width = x.dim[last];
    x.dim[last] = h;
    if (!gop_shape_equal(x, in[H]))
        return gop_fail(p->err, GOP_ESHAPE, "x %s must have the axes of h %s except the last",
                        gop_shape_text(a, sizeof a, in[X]), gop_shape_text(b, sizeof b, in[H]));
    gop_shape want[] = {gop_shape2(3 * h, width), gop_shape2(3 * h, h), gop_shape1(3 * h),
                        gop_shape1(3 * h)};
    for (int i = W; i <= C; i++)
        if (!(i >= B && in[i].rank < 0) && !gop_shape_equal(in[i], want[i - W]))
            return gop_fail(p->err, GOP_ESHAPE, "%s %s must be %s", name[i],
                            gop_shape_text(a, sizeof a, in[i]),
                            gop_shape_text(b, sizeof b, want[i - W]));
    sizes s = measure(p->ctx, in);
    p->out = in[H];
    p->saved = p->training ? s.rows * 4 * h : 0;
    p->work = (size_t)gop_ctx_threads(p->ctx) * s.tile;
    if (p->training)
        p->work = gop_size_max(p->work,
                               s.d + s.back_w + s.back_u + (s.groups > 1 ? s.groups * s.part : 0));
    p->prepared = 3 * (s.pack_w + s.pack_u) + gop_line(4 * h);
    p->prepared_from = 1u << W | 1u << U | 1u << B | 1u << C;
    p->madds = (uint64_t)s.rows * 3 * h * (width + h);
    return GOP_OK;
}

/* Each product has one product for the gradient of each of its factors. */
static uint64_t madds_backward(const gop_op_plan *p, const bool *wanted)
{
    sizes s = measure(p->ctx, p->in);
    uint64_t gates = (uint64_t)s.rows * 3 * s.h;
    return gates *
           (s.in * ((uint64_t)wanted[X] + wanted[W]) + s.h * ((uint64_t)wanted[H] + wanted[U]));
}

typedef struct job {
    const gop_run *r;
    sizes s;
    gop_real *w, *u, *parts; /* backward's packed W and U, and shares of sums */
} job;

/* The gates at g, g + w, ... are sums without biases; r, z, n, m are written to `kept`, h apart,
 * which may be g itself. */
GOP_VECTOR static void gates_forward(gop_real *restrict y, gop_real *kept, size_t h,
                                     const gop_real *g, size_t w, const gop_real *restrict carry,
                                     const gop_real *restrict bias, size_t bias_step, size_t n)
{
    GOP_INDEPENDENT
    for (size_t i = 0; i < n; i++) {
        gop_real r = gop_sigmoid_at(g[i] + bias[i]);
        gop_real z = gop_sigmoid_at(g[w + i] + bias[bias_step + i]);
        gop_real m = g[3 * w + i] + bias[3 * bias_step + i];
        gop_real v = gop_tanh_at(g[2 * w + i] + bias[2 * bias_step + i] + r * m);
        kept[i] = r;
        kept[h + i] = z;
        kept[2 * h + i] = v;
        kept[3 * h + i] = m;
        y[i] = v + z * (carry[i] - v);
    }
}

/* d [4, h] = dan, dar, daz, dm */
GOP_VECTOR static void gates_backward(gop_real *restrict d, const gop_real *restrict g,
                                      const gop_real *restrict carry, const gop_real *restrict dy,
                                      size_t h)
{
    for (size_t i = 0; i < h; i++) {
        gop_real r = g[i], z = g[h + i], n = g[2 * h + i], m = g[3 * h + i];
        gop_real dan = dy[i] * (1 - z) * (1 - n * n);
        d[i] = dan;
        d[h + i] = dan * m * r * (1 - r);
        d[2 * h + i] = dy[i] * (carry[i] - n) * z * (1 - z);
        d[3 * h + i] = dan * r;
    }
}

GOP_VECTOR static void carry_backward(gop_real *restrict dk, const gop_real *restrict dy,
                                      const gop_real *restrict z, size_t h, bool add)
{
    if (add)
        for (size_t i = 0; i < h; i++)
            dk[i] += dy[i] * z[i];
    else
        for (size_t i = 0; i < h; i++)
            dk[i] = dy[i] * z[i];
}

/* The start of a gate's packed weights in forward. */
static gop_real *packed_w(const job *j, size_t gate)
{
    return j->r->prepared + gate * j->s.pack_w;
}

static gop_real *packed_u(const job *j, size_t gate)
{
    return j->r->prepared + 3 * j->s.pack_w + gate * j->s.pack_u;
}

static const gop_real *biases(const job *j)
{
    return packed_u(j, 3);
}

static void pack_chunk(void *arg, size_t gate)
{
    const job *j = arg;
    const gop_run *r = j->r;
    size_t in = j->s.in, h = j->s.h, panels = gop_packed_panels(r->ctx, h);
    gop_pack_rows(r->ctx, packed_w(j, gate), in, h, 0, in, r->in[W] + gate * h * in, 1,
                  (ptrdiff_t)in, 0, panels);
    gop_pack_rows(r->ctx, packed_u(j, gate), h, h, 0, h, r->in[U] + gate * h * h, 1, (ptrdiff_t)h,
                  0, panels);
}

static void prepare(const gop_run *r)
{
    job j = {.r = r, .s = measure(r->ctx, r->in_shape)};
    size_t h = j.s.h;
    gop_real *bias = packed_u(&j, 3);
    gop_parallel(r->ctx, 3, pack_chunk, &j);
    memset(bias, 0, 4 * h * sizeof *bias);
    if (r->in[B])
        memcpy(bias, r->in[B], 3 * h * sizeof *bias);
    if (r->in[C]) {
        gop_add_scaled(bias, 1, r->in[C], 2 * h);
        memcpy(bias + 3 * h, r->in[C] + 2 * h, h * sizeof *bias);
    }
}

static void forward_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const sizes *s = &j->s;
    size_t row = gop_cut(s->rows, s->tiles, i / s->cols), h = s->h, in = s->in;
    size_t rows = gop_cut(s->rows, s->tiles, i / s->cols + 1) - row;
    size_t panels = gop_packed_panels(r->ctx, h), width = gop_packed_width(r->ctx);
    size_t end = gop_cut(panels, s->cols, i % s->cols + 1);
    const gop_real *x = r->in[X] + row * in, *hidden = r->in[H] + row * h;
    size_t ld = 4 * width;
    gop_real *tile = gop_op_work(r, s->tile) + gop_line(h);
    for (size_t p = gop_cut(panels, s->cols, i % s->cols); p < end; p++) {
        size_t col = p * width, n = gop_size_min(width, h - col);
        for (size_t gate = 0; gate < 3; gate++) {
            gop_real *to = tile + gate * width - col;
            gop_gemm_packed(r->ctx, rows, h, in, x, (ptrdiff_t)in, 1, packed_w(j, gate), p, p + 1,
                            false, to, ld);
            gop_gemm_packed(r->ctx, rows, h, h, hidden, (ptrdiff_t)h, 1, packed_u(j, gate), p,
                            p + 1, gate < 2, gate < 2 ? to : to + width, ld);
        }
        for (size_t k = 0; k < rows; k++) {
            gop_real *g = tile + k * ld;
            gop_real *kept = r->saved ? r->saved + (row + k) * 4 * h + col : g;
            gates_forward(r->out + (row + k) * h + col, kept, r->saved ? h : width, g, width,
                          r->in[CARRY] + (row + k) * h + col, biases(j) + col, h, n);
        }
    }
    if (s->cols == 1)
        gop_run_produced(r, row * h, (row + rows) * h);
}

static void forward(const gop_run *r)
{
    job j = {.r = r, .s = measure(r->ctx, r->in_shape)};
    gop_parallel(r->ctx, j.s.tiles * j.s.cols, forward_chunk, &j);
    if (j.s.cols > 1) /* few rows */
        gop_run_produced(r, 0, j.s.rows * j.s.h);
}

/* dx = [dan, dar, daz] [W_n; W_r; W_z] */
static void backward_x(const job *j, size_t row, size_t rows, const gop_real *d)
{
    const gop_run *r = j->r;
    const sizes *s = &j->s;
    size_t h = s->h, in = s->in;
    ptrdiff_t ld = (ptrdiff_t)s->ld, li = (ptrdiff_t)in;
    gop_real *dx = r->din[X] + row * in;
    if (s->back_w > 0) {
        gop_gemm_packed(r->ctx, rows, in, 3 * h, d, ld, 1, j->w, 0, gop_packed_panels(r->ctx, in),
                        r->add[X], dx, in);
        return;
    }
    gop_gemm(r->ctx, rows, in, h, d, ld, 1, r->in[W] + 2 * h * in, li, 1, r->add[X], dx, in);
    gop_gemm(r->ctx, rows, in, 2 * h, d + h, ld, 1, r->in[W], li, 1, true, dx, in);
}

/* dh = [dar, daz, dm] U */
static void backward_h(const job *j, size_t row, size_t rows, const gop_real *d)
{
    const gop_run *r = j->r;
    const sizes *s = &j->s;
    size_t h = s->h;
    ptrdiff_t ld = (ptrdiff_t)s->ld;
    gop_real *dh = r->din[H] + row * h;
    if (s->back_u > 0)
        gop_gemm_packed(r->ctx, rows, h, 3 * h, d + h, ld, 1, j->u, 0, gop_packed_panels(r->ctx, h),
                        r->add[H], dh, h);
    else
        gop_gemm(r->ctx, rows, h, 3 * h, d + h, ld, 1, r->in[U], (ptrdiff_t)h, 1, r->add[H], dh, h);
}

static void backward_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const sizes *s = &j->s;
    size_t from = gop_cut(s->rows, s->tiles, i), to = gop_cut(s->rows, s->tiles, i + 1);
    size_t h = s->h;
    gop_real *d = r->work + from * s->ld;
    const gop_real *g = r->saved + from * 4 * h;
    for (size_t k = 0; k < to - from; k++)
        gates_backward(d + k * s->ld, g + k * 4 * h, r->in[CARRY] + (from + k) * h,
                       r->dout + (from + k) * h, h);
    if (r->din[X])
        backward_x(j, from, to - from, d);
    if (r->din[H])
        backward_h(j, from, to - from, d);
    if (r->din[CARRY])
        for (size_t k = from; k < to; k++)
            carry_backward(r->din[CARRY] + k * h, r->dout + k * h, r->saved + k * 4 * h + h, h,
                           r->add[CARRY]);
}

/* Gates [from, to) of the three, r, z, n; that of W and b is at dan. */
static void backward_gates(const job *j, size_t group, size_t from, size_t to, bool hidden)
{
    const gop_run *r = j->r;
    const sizes *s = &j->s;
    size_t row = gop_cut(s->rows, s->groups, group), n = s->h;
    size_t rows = gop_cut(s->rows, s->groups, group + 1) - row;
    const gop_real *d = r->work + row * s->ld + (hidden || from < 2 * n ? n + from : from - 2 * n);
    int w = hidden ? U : W, b = hidden ? C : B;
    size_t width = hidden ? n : s->in;
    const gop_real *x = hidden ? r->in[H] + row * n : r->in[X] + row * s->in;
    bool one = s->groups == 1;
    if (to <= from)
        return;
    if (r->din[w]) {
        gop_real *dw = gop_part(r->din[w], j->parts + (hidden ? s->u : 0), s->groups, s->part,
                                group);
        gop_gemm(r->ctx, to - from, width, rows, d, 1, (ptrdiff_t)s->ld, x, (ptrdiff_t)width, 1,
                 one && r->add[w], dw + from * width, width);
    }
    if (r->din[b]) {
        gop_real *db = gop_part(r->din[b], j->parts + (hidden ? s->c : s->b), s->groups, s->part,
                                group);
        gop_sum_rows(db + from, one && r->add[b], d, rows, to - from, s->ld);
    }
}

static void weights_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const sizes *s = &j->s;
    size_t group = i / s->blocks, b = i % s->blocks, two = 2 * s->h;
    size_t from = gop_cut(3 * s->h, s->blocks, b), to = gop_cut(3 * s->h, s->blocks, b + 1);
    backward_gates(j, group, from, to, true);
    backward_gates(j, group, from, gop_size_min(to, two), false);
    backward_gates(j, group, gop_size_max(from, two), to, false);
}

/* A third of U, or W with W_n first. */
static void pack_back_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const gop_run *r = j->r;
    size_t h = j->s.h, in = j->s.in;
    if (i < 3) {
        gop_pack_rows(r->ctx, j->u, 3 * h, h, i * h, h, r->in[U] + i * h * h, (ptrdiff_t)h, 1, 0,
                      gop_packed_panels(r->ctx, h));
        return;
    }
    gop_pack_rows(r->ctx, j->w, 3 * h, in, 0, h, r->in[W] + 2 * h * in, (ptrdiff_t)in, 1, 0,
                  gop_packed_panels(r->ctx, in));
    gop_pack_rows(r->ctx, j->w, 3 * h, in, h, 2 * h, r->in[W], (ptrdiff_t)in, 1, 0,
                  gop_packed_panels(r->ctx, in));
}

static void backward(const gop_run *r)
{
    job j = {.r = r, .s = measure(r->ctx, r->in_shape)};
    const sizes *s = &j.s;
    const size_t at[] = {0, s->u, s->b, s->c};
    const size_t size[] = {3 * s->h * s->in, 3 * s->h * s->h, 3 * s->h, 3 * s->h};
    j.w = r->work + s->d;
    j.u = j.w + s->back_w;
    j.parts = j.u + s->back_u;
    if (s->rows >= GOP_PACK_ROWS)
        gop_parallel(r->ctx, 4, pack_back_chunk, &j);
    gop_parallel(r->ctx, s->tiles, backward_chunk, &j);
    if (r->din[W] || r->din[U] || r->din[B] || r->din[C])
        gop_parallel(r->ctx, s->groups * s->blocks, weights_chunk, &j);
    for (int i = W; i <= C; i++)
        if (r->din[i])
            gop_sum_parts(r->ctx, r->din[i], r->add[i], j.parts + at[i - W], s->groups, s->part,
                          size[i - W]);
}

/* ------------------------------------------------------------------------- cases */

/* h is also the carry, unless there is a separate one. */
static gop_var build_usual(gop_net *net, const gop_var *in, const void *attr)
{
    (void)attr;
    return gop_gru_step(net, in[X], in[H], in[H], in[W], in[U], in[B], in[C]);
}

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    (void)attr;
    const size_t ni = in[W].shape.dim[1], n = in[U].shape.dim[1];
    const gop_real *carry = in[CARRY].v != NULL ? in[CARRY].v : in[H].v;
    for (size_t i = 0; i < gop_shape_size(y.shape); i++)
        y.v[i] = (gop_real)gop_plain_gru(in + W, i % n, in[X].v + i / n * ni, in[H].v + i / n * n,
                                         (double)carry[i]);
}

static const gop_case cases[] = {
    {"carry apart",
     .in = {{3, {2, 3, 3}},
            {3, {2, 3, 5}},
            {3, {2, 3, 5}},
            {2, {15, 3}},
            {2, {15, 5}},
            {1, {15}},
            {1, {15}}},
     .range = {{-2, 2}, {-2, 2}},
     .bench = {{3, {32, 26, 64}},
               {3, {32, 26, 256}},
               {3, {32, 26, 256}},
               {2, {768, 64}},
               {2, {768, 256}},
               {1, {768}},
               {1, {768}}}},
    {"usual cell, no biases, several groups",
     .in = {{2, {2050, 1}},
            {2, {2050, 2}},
            {-1, {0}},
            {2, {6, 1}},
            {2, {6, 2}},
            {-1, {0}},
            {-1, {0}}},
     .build = build_usual},
    {"usual cell, gates cut by columns",
     .in = {{2, {100, 32}},
            {2, {100, 130}},
            {-1, {0}},
            {2, {390, 32}},
            {2, {390, 130}},
            {-1, {0}},
            {-1, {0}}},
     .range = {[W] = {-0.2, 0.2}, [U] = {-0.2, 0.2}}, .build = build_usual},
    {0},
};

const gop_op gop_op_gru_step = {
    .name = "gru_step",
    .flags = GOP_OP_NEEDS_IN | GOP_OP_STREAMS_OUT,
    .plan = plan,
    .prepare = prepare,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
    .madds_backward = madds_backward,
};

/*: One step of a gated recurrent unit (Sym-GNN, eq. 10b).
 *
 *     r = sigmoid(W_r x + b_r + U_r h + c_r)
 *     z = sigmoid(W_z x + b_z + U_z h + c_z)
 *     n = tanh(W_n x + b_n + r (U_n h + c_n))
 *     y = (1 - z) n + z carry
 *
 * x [..., I]; h and carry [..., H]; w_ih = W [3H, I] and w_hh = U [3H, H], with rows in the order
 * r, z, n; b_ih = b and b_hh = c, [3H] or gop_none(); y [..., H].  For the usual cell, pass h as
 * carry.
 * Errors: GOP_ESHAPE if a shape does not fit.
 */
GOP_API gop_var gop_gru_step(gop_net *net, gop_var x, gop_var h, gop_var carry, gop_var w_ih,
                             gop_var w_hh, gop_var b_ih, gop_var b_hh)
{
    gop_var in[7] = {x, h, carry, w_ih, w_hh, b_ih, b_hh};
    return gop_apply(net, &gop_op_gru_step, NULL, in, 7);
}
