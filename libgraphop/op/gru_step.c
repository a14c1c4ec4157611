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
 * Per row: x [..., I], h [..., H], carry k [..., H]; W = [W_r; W_z; W_n] [3H, I],
 * U [3H, H], b, c [3H]; y [..., H].  With k = h it is the usual cell.
 * Source: GRU of eq. 10b of Sym-GNN (Cho et al. 2014, with the reset gate after
 * the product, as in cuDNN).
 *
 * Kept for backward: r, z, n, m, [rows, 4, H].
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "graphop.h"
#include "op/fastmath.h"
#include "op/partial.h"

#include <math.h>
#include <string.h>

enum { X, H, CARRY, W, U, B, C };

typedef struct sizes {
    size_t rows, in, h;
    size_t tiles, cols;    /* of rows, and in forward of every gate */
    size_t gates;          /* elements of the gates of all rows */
    size_t blocks, groups; /* of gates and of rows, for dW, dU, db, dc */
    size_t u, b, c;        /* where a group's dU, db, dc begin, after dW */
    size_t part;           /* elements of a group */
} sizes;

static sizes measure(const gop_shape *in)
{
    sizes s;
    s.in = in[W].dim[1];
    s.h = in[U].dim[1];
    s.rows = gop_shape_size(in[H]) / s.h;
    gop_grid grid = gop_grid_of(s.rows, 4 * s.h, s.h);
    s.tiles = grid.rows;
    s.cols = gop_min(grid.cols, gop_max(s.h / 32, 1));
    s.gates = gop_line(s.rows * 4 * s.h);
    s.groups = gop_parts(s.rows, 1024, 16);
    s.blocks = gop_parts(3 * s.h, 64, (16 + s.groups - 1) / s.groups);
    s.u = gop_line(3 * s.h * s.in);
    s.b = s.u + gop_line(3 * s.h * s.h);
    s.c = s.b + gop_line(3 * s.h);
    s.part = s.c + gop_line(3 * s.h);
    return s;
}

static gop_status plan(gop_op_plan *p)
{
    static const char *const name[] = {"x", "h", "carry", "w_ih", "w_hh", "b_ih", "b_hh"};
    char a[64], b[64];
    const gop_shape *in = p->in;
    int last = in[H].rank - 1;
    if (in[H].rank < 1 || !gop_shape_equal(in[H], in[CARRY]))
        return gop_fail(p->err, GOP_ESHAPE, "h %s and carry %s must have one shape [..., H]",
                        gop_shape_text(a, sizeof a, in[H]),
                        gop_shape_text(b, sizeof b, in[CARRY]));
    gop_shape x = in[X];
    if (x.rank != in[H].rank)
        return gop_fail(p->err, GOP_ESHAPE, "x %s must have the axes of h %s but for the last",
                        gop_shape_text(a, sizeof a, x), gop_shape_text(b, sizeof b, in[H]));
    size_t h = in[H].dim[last], width = x.dim[last];
    x.dim[last] = h;
    if (!gop_shape_equal(x, in[H]))
        return gop_fail(p->err, GOP_ESHAPE, "x %s must have the axes of h %s but for the last",
                        gop_shape_text(a, sizeof a, in[X]), gop_shape_text(b, sizeof b, in[H]));
    gop_shape want[] = {gop_shape2(3 * h, width), gop_shape2(3 * h, h), gop_shape1(3 * h),
                        gop_shape1(3 * h)};
    for (int i = W; i <= C; i++)
        if (!(i >= B && in[i].rank < 0) && !gop_shape_equal(in[i], want[i - W]))
            return gop_fail(p->err, GOP_ESHAPE, "%s %s must be %s", name[i],
                            gop_shape_text(a, sizeof a, in[i]),
                            gop_shape_text(b, sizeof b, want[i - W]));
    sizes s = measure(in);
    p->out = in[H];
    if (p->training)
        p->saved = s.gates;
    p->work = s.gates + (p->training && s.groups > 1 ? s.groups * s.part : 0);
    p->madds = (uint64_t)s.rows * 3 * h * (width + h);
    return GOP_OK;
}

/* Each product gives the gradient of its weights and of what they met. */
static uint64_t madds_backward(const gop_op_plan *p, const bool *wanted)
{
    sizes s = measure(p->in);
    uint64_t gates = (uint64_t)s.rows * 3 * s.h;
    return gates * (s.in * ((uint64_t)wanted[X] + wanted[W]) +
                    s.h * ((uint64_t)wanted[H] + wanted[U]));
}

typedef struct job {
    const gop_run *r;
    sizes s;
    gop_real *parts;
} job;

/* The gates at g, g + h, ... hold the sums before them, and then r, z, n, m. */
GOP_VECTOR static void gates_forward(gop_real *restrict y, gop_real *restrict g,
                                     const gop_real *restrict carry, size_t h, size_t n)
{
    gop_real *gr = g, *gz = g + h, *gn = g + 2 * h, *gm = g + 3 * h;
    GOP_INDEPENDENT
    for (size_t i = 0; i < n; i++) {
        gop_real r = gop_sigmoid(gr[i]), z = gop_sigmoid(gz[i]);
        gop_real v = gop_tanh(gn[i] + r * gm[i]);
        gr[i] = r;
        gz[i] = z;
        gn[i] = v;
        y[i] = v + z * (carry[i] - v);
    }
}

/* d [4, h] = dar, daz, dan, dm */
GOP_VECTOR static void gates_backward(gop_real *restrict d, const gop_real *restrict g,
                                      const gop_real *restrict carry,
                                      const gop_real *restrict dy, size_t h)
{
    for (size_t i = 0; i < h; i++) {
        gop_real r = g[i], z = g[h + i], n = g[2 * h + i], m = g[3 * h + i];
        gop_real dan = dy[i] * (1 - z) * (1 - n * n);
        d[i] = dan * m * r * (1 - r);
        d[h + i] = dy[i] * (carry[i] - n) * z * (1 - z);
        d[2 * h + i] = dan;
        d[3 * h + i] = dan * r;
    }
}

GOP_VECTOR static void carry_backward(gop_real *restrict dk, const gop_real *restrict dy,
                                      const gop_real *restrict z, size_t h, int add)
{
    if (add)
        for (size_t i = 0; i < h; i++)
            dk[i] += dy[i] * z[i];
    else
        for (size_t i = 0; i < h; i++)
            dk[i] = dy[i] * z[i];
}

/* Columns [col, col + n) of one gate for some rows: g = W x + U h + b + c, or
 * only the part of x with b, or of h with c. */
static void gate(const job *j, int thread, size_t which, size_t row, size_t rows, size_t col,
                 size_t n, gop_real *g, bool of_x, bool of_h)
{
    const gop_run *r = j->r;
    size_t h = j->s.h, in = j->s.in, at = which * h + col;
    memset(g, 0, n * sizeof *g);
    if (of_x && r->in[B])
        gop_add_scaled(g, 1, r->in[B] + at, n);
    if (of_h && r->in[C])
        gop_add_scaled(g, 1, r->in[C] + at, n);
    for (size_t k = 1; k < rows; k++)
        memcpy(g + k * 4 * h, g, n * sizeof *g);
    if (of_x)
        gop_gemm(r->ctx, thread, rows, n, in, r->in[X] + row * in, (ptrdiff_t)in, 1,
                 r->in[W] + at * in, 1, (ptrdiff_t)in, true, g, 4 * h);
    if (of_h)
        gop_gemm(r->ctx, thread, rows, n, h, r->in[H] + row * h, (ptrdiff_t)h, 1,
                 r->in[U] + at * h, 1, (ptrdiff_t)h, true, g, 4 * h);
}

static void forward_tile(void *arg, size_t i, int thread)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const sizes *s = &j->s;
    size_t row = gop_cut(s->rows, s->tiles, i / s->cols), h = s->h;
    size_t rows = gop_cut(s->rows, s->tiles, i / s->cols + 1) - row;
    size_t col = gop_cut(h, s->cols, i % s->cols), n = gop_cut(h, s->cols, i % s->cols + 1) - col;
    gop_real *g = (r->saved ? r->saved : r->work) + row * 4 * h + col;
    if (s->cols == 1) { /* r and z lie side by side */
        gate(j, thread, 0, row, rows, 0, 2 * h, g, true, true);
    } else {
        gate(j, thread, 0, row, rows, col, n, g, true, true);
        gate(j, thread, 1, row, rows, col, n, g + h, true, true);
    }
    gate(j, thread, 2, row, rows, col, n, g + 2 * h, true, false);
    gate(j, thread, 2, row, rows, col, n, g + 3 * h, false, true);
    for (size_t k = 0; k < rows; k++)
        gates_forward(r->out + (row + k) * h + col, g + k * 4 * h,
                      r->in[CARRY] + (row + k) * h + col, h, n);
}

static void forward(const gop_run *r)
{
    job j = {r, measure(r->in_shape), NULL};
    gop_parallel(r->ctx, j.s.tiles * j.s.cols, forward_tile, &j);
}

static void backward_tile(void *arg, size_t i, int thread)
{
    const job *j = arg;
    const gop_run *r = j->r;
    size_t h = j->s.h, in = j->s.in;
    ptrdiff_t lh = (ptrdiff_t)h, li = (ptrdiff_t)in, lg = 4 * lh;
    size_t from = gop_cut(j->s.rows, j->s.tiles, i), to = gop_cut(j->s.rows, j->s.tiles, i + 1);
    size_t rows = to - from;
    gop_real *d = r->work + from * 4 * h;
    const gop_real *g = r->saved + from * 4 * h;
    for (size_t k = 0; k < rows; k++)
        gates_backward(d + k * 4 * h, g + k * 4 * h, r->in[CARRY] + (from + k) * h,
                       r->dout + (from + k) * h, h);
    if (r->din[X])
        gop_gemm(r->ctx, thread, rows, in, 3 * h, d, lg, 1, r->in[W], li, 1, r->add[X],
                 r->din[X] + from * in, in);
    if (r->din[H]) {
        gop_real *dh = r->din[H] + from * h;
        gop_gemm(r->ctx, thread, rows, h, 2 * h, d, lg, 1, r->in[U], lh, 1, r->add[H], dh, h);
        gop_gemm(r->ctx, thread, rows, h, h, d + 3 * h, lg, 1, r->in[U] + 2 * h * h, lh, 1, true,
                 dh, h);
    }
    if (r->din[CARRY])
        for (size_t k = 0; k < rows; k++)
            carry_backward(r->din[CARRY] + (from + k) * h, r->dout + (from + k) * h,
                           g + k * 4 * h + h, h, r->add[CARRY]);
}

/* Gates [from, to) of the three, of which the third of U and c is at dm. */
static void backward_gates(const job *j, size_t group, size_t from, size_t to, bool hidden,
                           int thread)
{
    const gop_run *r = j->r;
    const sizes *s = &j->s;
    size_t row = gop_cut(s->rows, s->groups, group), n = s->h;
    size_t rows = gop_cut(s->rows, s->groups, group + 1) - row;
    const gop_real *d = r->work + row * 4 * n + from + (hidden && from >= 2 * n ? n : 0);
    int w = hidden ? U : W, b = hidden ? C : B;
    size_t width = hidden ? n : s->in;
    const gop_real *x = hidden ? r->in[H] + row * n : r->in[X] + row * s->in;
    bool one = s->groups == 1;
    if (to <= from)
        return;
    if (r->din[w]) {
        gop_real *dw = gop_part(r->din[w], j->parts + (hidden ? s->u : 0), s->groups, s->part,
                                group);
        gop_gemm(r->ctx, thread, to - from, width, rows, d, 1, (ptrdiff_t)(4 * n), x,
                 (ptrdiff_t)width, 1, one && r->add[w], dw + from * width, width);
    }
    if (r->din[b]) {
        gop_real *db = gop_part(r->din[b], j->parts + (hidden ? s->c : s->b), s->groups, s->part,
                                group);
        gop_sum_rows(db + from, one && r->add[b], d, rows, to - from, 4 * n);
    }
}

static void backward_block(void *arg, size_t i, int thread)
{
    const job *j = arg;
    const sizes *s = &j->s;
    size_t group = i / s->blocks, b = i % s->blocks, two = 2 * s->h;
    size_t from = gop_cut(3 * s->h, s->blocks, b), to = gop_cut(3 * s->h, s->blocks, b + 1);
    backward_gates(j, group, from, to, false, thread);
    backward_gates(j, group, from, gop_min(to, two), true, thread);
    backward_gates(j, group, gop_max(from, two), to, true, thread);
}

static void backward(const gop_run *r)
{
    job j = {r, measure(r->in_shape), NULL};
    const sizes *s = &j.s;
    const size_t at[] = {0, s->u, s->b, s->c};
    const size_t size[] = {3 * s->h * s->in, 3 * s->h * s->h, 3 * s->h, 3 * s->h};
    j.parts = r->work + s->gates;
    gop_parallel(r->ctx, s->tiles, backward_tile, &j);
    if (r->din[W] || r->din[U] || r->din[B] || r->din[C])
        gop_parallel(r->ctx, s->groups * s->blocks, backward_block, &j);
    for (int i = W; i <= C; i++)
        if (r->din[i])
            gop_sum_parts(r->ctx, r->din[i], r->add[i], j.parts + at[i - W], s->groups, s->part,
                          size[i - W]);
}

/* ------------------------------------------------------------------- tests */

static gop_var build(gop_net *net, const gop_var *in)
{
    return gop_gru_step(net, in[X], in[H], in[CARRY], in[W], in[U], in[B], in[C]);
}

static gop_var build_usual(gop_net *net, const gop_var *in)
{
    return gop_gru_step(net, in[0], in[1], in[1], in[2], in[3], gop_none(), gop_none());
}

static void naive_sizes(gop_real *out, const gop_real *const *in, size_t rows, size_t ni, size_t n)
{
    for (size_t k = 0; k < rows; k++)
        for (size_t i = 0; i < n; i++) {
            double a[3], m[3];
            for (size_t g = 0; g < 3; g++) {
                size_t row = g * n + i;
                a[g] = in[B] ? (double)in[B][row] : 0;
                m[g] = in[C] ? (double)in[C][row] : 0;
                for (size_t c = 0; c < ni; c++)
                    a[g] += (double)in[W][row * ni + c] * (double)in[X][k * ni + c];
                for (size_t c = 0; c < n; c++)
                    m[g] += (double)in[U][row * n + c] * (double)in[H][k * n + c];
            }
            double r = 1 / (1 + exp(-a[0] - m[0])), z = 1 / (1 + exp(-a[1] - m[1]));
            double v = tanh(a[2] + r * m[2]);
            out[k * n + i] = (gop_real)((1 - z) * v + z * (double)in[CARRY][k * n + i]);
        }
}

static void naive(gop_real *out, const gop_real *const *in)
{
    naive_sizes(out, in, 2 * 3, 3, 5);
}

static void naive_usual(gop_real *out, const gop_real *const *in)
{
    const gop_real *all[] = {in[0], in[1], in[1], in[2], in[3], NULL, NULL};
    naive_sizes(out, all, 2050, 1, 2);
}

static const gop_case cases[] = {
    {.name = "carry apart", .n_in = 7,
     .in = {{3, {2, 3, 3, 1}}, {3, {2, 3, 5, 1}}, {3, {2, 3, 5, 1}}, {2, {15, 3, 1, 1}},
            {2, {15, 5, 1, 1}}, {1, {15, 1, 1, 1}}, {1, {15, 1, 1, 1}}},
     .range = {{-2, 2, false, false}, {-2, 2, false, false}},
     .build = build, .naive = naive},
    {.name = "usual cell, no biases, several groups", .n_in = 4,
     .in = {{2, {2050, 1, 1, 1}}, {2, {2050, 2, 1, 1}}, {2, {6, 1, 1, 1}}, {2, {6, 2, 1, 1}}},
     .build = build_usual, .naive = naive_usual},
    {.name = NULL},
};

const gop_op gop_op_gru_step = {
    .name = "gru_step", .flags = GOP_OP_NEEDS_IN, .plan = plan, .forward = forward,
    .backward = backward, .cases = cases, .madds_backward = madds_backward,
};

/*: One step of a gated recurrent unit (Sym-GNN, eq. 10b).
 *
 *     r = sigmoid(W_r x + b_r + U_r h + c_r)
 *     z = sigmoid(W_z x + b_z + U_z h + c_z)
 *     n = tanh(W_n x + b_n + r (U_n h + c_n))
 *     y = (1 - z) n + z carry
 *
 * x [..., I], h and carry [..., H], w_ih = W [3H, I], w_hh = U [3H, H], rows in
 * the order r, z, n; b_ih = b, b_hh = c [3H] or gop_none(); y [..., H].  Pass h
 * as carry for the usual cell.
 * Errors: GOP_ESHAPE when something does not fit.
 */
GOP_API gop_var gop_gru_step(gop_net *net, gop_var x, gop_var h, gop_var carry, gop_var w_ih,
                             gop_var w_hh, gop_var b_ih, gop_var b_hh)
{
    gop_var in[7] = {x, h, carry, w_ih, w_hh, b_ih, b_hh};
    return gop_apply(net, &gop_op_gru_step, NULL, in, 7);
}
