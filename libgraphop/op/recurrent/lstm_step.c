/*
 * lstm_step.c: one step of a long short-term memory.
 *
 *     forward    [i, f, g, o] before their functions = W x + b + U h + d
 *                i, f, o = sigmoid,  g = tanh
 *                c' = f c + i g,     h' = o tanh(c'),   y = [h', c']
 *     backward   dc = (dc' + dh' o (1 - tanh(c')^2)) f,  and with e = dc / f
 *                dai = e g i (1 - i),    daf = e c f (1 - f)
 *                dag = e i (1 - g^2),    dao = dh' tanh(c') o (1 - o)
 *                dx = W^T da,  dW = da x^T,  db = dd = their sums
 *                dh = U^T da,  dU = da h^T
 *
 * Per row: x [..., I], state [h, c] [..., 2H]; W [4H, I], U [4H, H] with rows in the order i, f, g,
 * o; b, d [4H]; y [..., 2H].  h and c are side by side, so that a step has a single result, which
 * the next step takes unchanged.
 * Source: Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000.
 *
 * Kept for backward: i, f, g, o, [rows, 4, H].
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "graphop.h"
#include "op/fastmath.h"
#include "op/partial.h"
#include "op/recurrent/cells.h"

#include <math.h>
#include <string.h>

enum { X, S, W, U, B, D };

typedef struct sizes {
    size_t rows, in, h;
    size_t tiles;          /* of rows */
    size_t gates, back;    /* elements of the gates of all rows, of their gradients */
    size_t blocks, groups; /* of gates and of rows, for dW, dU, db, dd */
    size_t u, b, d;        /* offsets of a group's dU, db, dd, after dW */
    size_t part;           /* elements of a group */
} sizes;

static sizes measure(const gop_shape *in)
{
    sizes s;
    s.in = in[W].dim[1];
    s.h = in[U].dim[1];
    s.rows = gop_shape_size(in[S]) / (2 * s.h);
    s.tiles = gop_pieces(s.rows, GOP_TILE_ROWS);
    s.gates = gop_line(s.rows * 4 * s.h);
    s.back = gop_line(s.rows * 5 * s.h);
    s.groups = gop_parts(s.rows, 1024, 16);
    s.blocks = gop_parts(4 * s.h, 64, gop_pieces(16, s.groups));
    s.u = gop_line(4 * s.h * s.in);
    s.b = s.u + gop_line(4 * s.h * s.h);
    s.d = s.b + gop_line(4 * s.h);
    s.part = s.d + gop_line(4 * s.h);
    return s;
}

static gop_status plan(gop_op_plan *p)
{
    static const char *const name[] = {"x", "state", "w_ih", "w_hh", "b_ih", "b_hh"};
    char a[64], b[64];
    const gop_shape *in = p->in;
    int last = in[S].rank - 1;
    if (last < 0 || in[S].dim[last] % 2 != 0)
        return gop_fail(p->err, GOP_ESHAPE, "state %s must be [..., 2 H], h and c side by side",
                        gop_shape_text(a, sizeof a, in[S]));
    gop_shape x = in[X];
    size_t h = in[S].dim[last] / 2, width = 0;
    if (x.rank == in[S].rank) {
        width = x.dim[last];
        x.dim[last] = 2 * h;
    }
    if (!gop_shape_equal(x, in[S]))
        return gop_fail(p->err, GOP_ESHAPE, "x %s must have the axes of state %s except the last",
                        gop_shape_text(a, sizeof a, in[X]), gop_shape_text(b, sizeof b, in[S]));
    gop_shape want[] = {gop_shape2(4 * h, width), gop_shape2(4 * h, h), gop_shape1(4 * h),
                        gop_shape1(4 * h)};
    for (int i = W; i <= D; i++)
        if (!(i >= B && in[i].rank < 0) && !gop_shape_equal(in[i], want[i - W]))
            return gop_fail(p->err, GOP_ESHAPE, "%s %s must be %s", name[i],
                            gop_shape_text(a, sizeof a, in[i]),
                            gop_shape_text(b, sizeof b, want[i - W]));
    sizes s = measure(in);
    p->out = in[S];
    if (p->training) {
        p->saved = s.gates;
        p->work = s.back + (s.groups > 1 ? s.groups * s.part : 0);
    } else {
        p->work = s.gates;
    }
    p->madds = (uint64_t)s.rows * 4 * h * (width + h);
    return GOP_OK;
}

/* Each product has one product for the gradient of each of its factors. */
static uint64_t madds_backward(const gop_op_plan *p, const bool *wanted)
{
    sizes s = measure(p->in);
    return (uint64_t)s.rows * 4 * s.h *
           (s.in * ((uint64_t)wanted[X] + wanted[W]) + s.h * ((uint64_t)wanted[S] + wanted[U]));
}

typedef struct job {
    const gop_run *r;
    sizes s;
    gop_real *parts;
} job;

/* g first holds the sums before the gates, then i, f, g, o. */
GOP_VECTOR static void gates_forward(gop_real *restrict y, gop_real *restrict g,
                                     const gop_real *restrict c, size_t h)
{
    gop_real *gi = g, *gf = g + h, *gg = g + 2 * h, *go = g + 3 * h;
    GOP_INDEPENDENT
    for (size_t k = 0; k < h; k++) {
        gop_real i = gop_sigmoid_at(gi[k]), f = gop_sigmoid_at(gf[k]);
        gop_real v = gop_tanh_at(gg[k]), o = gop_sigmoid_at(go[k]);
        gop_real next = f * c[k] + i * v;
        gi[k] = i;
        gf[k] = f;
        gg[k] = v;
        go[k] = o;
        y[k] = o * gop_tanh_at(next);
        y[h + k] = next;
    }
}

/* d [5, h] = dai, daf, dag, dao, dc; y and dy [2, h] */
GOP_VECTOR static void gates_backward(gop_real *restrict d, const gop_real *restrict g,
                                      const gop_real *restrict c, const gop_real *restrict y,
                                      const gop_real *restrict dy, size_t h)
{
    for (size_t k = 0; k < h; k++) {
        gop_real i = g[k], f = g[h + k], v = g[2 * h + k], o = g[3 * h + k];
        gop_real t = gop_tanh_at(y[h + k]);
        gop_real e = dy[h + k] + dy[k] * o * (1 - t * t);
        d[k] = e * v * i * (1 - i);
        d[h + k] = e * c[k] * f * (1 - f);
        d[2 * h + k] = e * i * (1 - v * v);
        d[3 * h + k] = dy[k] * t * o * (1 - o);
        d[4 * h + k] = e * f;
    }
}

static void forward_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const sizes *s = &j->s;
    size_t from = gop_cut(s->rows, s->tiles, i), h = s->h;
    size_t rows = gop_cut(s->rows, s->tiles, i + 1) - from;
    ptrdiff_t lh = (ptrdiff_t)h, li = (ptrdiff_t)s->in;
    gop_real *g = (r->saved ? r->saved : r->work) + from * 4 * h;
    for (size_t c = 0; c < 4 * h; c++)
        g[c] = (r->in[B] ? r->in[B][c] : 0) + (r->in[D] ? r->in[D][c] : 0);
    for (size_t k = 1; k < rows; k++)
        memcpy(g + k * 4 * h, g, 4 * h * sizeof *g);
    gop_gemm(r->ctx, rows, 4 * h, s->in, r->in[X] + from * s->in, li, 1, r->in[W], 1, li, true, g,
             4 * h);
    gop_gemm(r->ctx, rows, 4 * h, h, r->in[S] + from * 2 * h, 2 * lh, 1, r->in[U], 1, lh, true, g,
             4 * h);
    for (size_t k = 0; k < rows; k++)
        gates_forward(r->out + (from + k) * 2 * h, g + k * 4 * h, r->in[S] + (from + k) * 2 * h + h,
                      h);
}

static void forward(const gop_run *r)
{
    job j = {r, measure(r->in_shape), NULL};
    gop_parallel(r->ctx, j.s.tiles, forward_chunk, &j);
}

static void backward_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const gop_run *r = j->r;
    size_t h = j->s.h, in = j->s.in;
    ptrdiff_t lh = (ptrdiff_t)h, li = (ptrdiff_t)in;
    size_t from = gop_cut(j->s.rows, j->s.tiles, i);
    size_t rows = gop_cut(j->s.rows, j->s.tiles, i + 1) - from;
    gop_real *d = r->work + from * 5 * h;
    for (size_t k = 0; k < rows; k++) {
        size_t at = (from + k) * 2 * h;
        gates_backward(d + k * 5 * h, r->saved + (from + k) * 4 * h, r->in[S] + at + h, r->out + at,
                       r->dout + at, h);
        if (r->din[S])
            gop_move(r->din[S] + at + h, d + k * 5 * h + 4 * h, h, r->add[S]);
    }
    if (r->din[X])
        gop_gemm(r->ctx, rows, in, 4 * h, d, 5 * lh, 1, r->in[W], li, 1, r->add[X],
                 r->din[X] + from * in, in);
    if (r->din[S])
        gop_gemm(r->ctx, rows, h, 4 * h, d, 5 * lh, 1, r->in[U], lh, 1, r->add[S],
                 r->din[S] + from * 2 * h, 2 * h);
}

static void weights_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const sizes *s = &j->s;
    size_t group = i / s->blocks, b = i % s->blocks, h = s->h;
    size_t from = gop_cut(4 * h, s->blocks, b), n = gop_cut(4 * h, s->blocks, b + 1) - from;
    size_t row = gop_cut(s->rows, s->groups, group);
    size_t rows = gop_cut(s->rows, s->groups, group + 1) - row;
    const gop_real *d = r->work + row * 5 * h + from;
    const ptrdiff_t ld = (ptrdiff_t)(5 * h);
    const bool one = s->groups == 1;
    if (r->din[W]) {
        gop_real *dw = gop_part(r->din[W], j->parts, s->groups, s->part, group);
        gop_gemm(r->ctx, n, s->in, rows, d, 1, ld, r->in[X] + row * s->in, (ptrdiff_t)s->in, 1,
                 one && r->add[W], dw + from * s->in, s->in);
    }
    if (r->din[U]) {
        gop_real *du = gop_part(r->din[U], j->parts + s->u, s->groups, s->part, group);
        gop_gemm(r->ctx, n, h, rows, d, 1, ld, r->in[S] + row * 2 * h, (ptrdiff_t)(2 * h), 1,
                 one && r->add[U], du + from * h, h);
    }
    for (int k = B; k <= D; k++)
        if (r->din[k]) {
            gop_real *db = gop_part(r->din[k], j->parts + (k == B ? s->b : s->d), s->groups,
                                    s->part, group);
            gop_sum_rows(db + from, one && r->add[k], d, rows, n, 5 * h);
        }
}

static void backward(const gop_run *r)
{
    job j = {r, measure(r->in_shape), NULL};
    const sizes *s = &j.s;
    const size_t at[] = {0, s->u, s->b, s->d};
    const size_t size[] = {4 * s->h * s->in, 4 * s->h * s->h, 4 * s->h, 4 * s->h};
    j.parts = r->work + s->back;
    gop_parallel(r->ctx, s->tiles, backward_chunk, &j);
    if (r->din[W] || r->din[U] || r->din[B] || r->din[D])
        gop_parallel(r->ctx, s->groups * s->blocks, weights_chunk, &j);
    for (int i = W; i <= D; i++)
        if (r->din[i])
            gop_sum_parts(r->ctx, r->din[i], r->add[i], j.parts + at[i - W], s->groups, s->part,
                          size[i - W]);
}

/* ------------------------------------------------------------------------- cases */

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    (void)attr;
    const size_t ni = in[W].shape.dim[1], h = in[U].shape.dim[1];
    for (size_t row = 0; row < gop_shape_size(y.shape) / (2 * h); row++)
        for (size_t k = 0; k < h; k++) {
            const gop_real *state = in[S].v + row * 2 * h;
            double c = (double)state[h + k];
            y.v[row * 2 * h + k] = (gop_real)gop_plain_lstm(in + W, k, in[X].v + row * ni, state,
                                                            &c);
            y.v[row * 2 * h + h + k] = (gop_real)c;
        }
}

static const gop_case cases[] = {
    {"biases",
     .in = {{3, {2, 3, 3}}, {3, {2, 3, 10}}, {2, {20, 3}}, {2, {20, 5}}, {1, {20}}, {1, {20}}},
     .range = {{-2, 2}, {-2, 2}},
     .bench = {{3, {32, 26, 64}},
               {3, {32, 26, 512}},
               {2, {1024, 64}},
               {2, {1024, 256}},
               {1, {1024}},
               {1, {1024}}}},
    {"no biases, several groups",
     .in = {{2, {2050, 1}}, {2, {2050, 4}}, {2, {8, 1}}, {2, {8, 2}}, {-1, {0}}, {-1, {0}}}},
    {0},
};

const gop_op gop_op_lstm_step = {
    .name = "lstm_step",
    .flags = GOP_OP_NEEDS_IN | GOP_OP_NEEDS_OUT,
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
    .madds_backward = madds_backward,
};

/*: One step of a long short-term memory.
 *
 *     i = sigmoid(W_i x + b_i + U_i h + d_i)     f, o likewise
 *     g = tanh(W_g x + b_g + U_g h + d_g)
 *     c' = f c + i g,   h' = o tanh(c'),   y = [h', c']
 *
 * x [..., I]; state [..., 2H], h and c side by side (gop_lstm_state joins them, gop_lstm_hidden and
 * gop_lstm_cell split them); w_ih = W [4H, I] and w_hh = U [4H, H], with rows in the order i, f, g,
 * o; b_ih = b and b_hh = d, [4H] or gop_none(); y [..., 2H], the state of the next step.
 * Errors: GOP_ESHAPE if a shape does not fit.
 * Source: Hochreiter & Schmidhuber 1997, Gers et al. 2000.
 */
GOP_API gop_var gop_lstm_step(gop_net *net, gop_var x, gop_var state, gop_var w_ih, gop_var w_hh,
                              gop_var b_ih, gop_var b_hh)
{
    gop_var in[6] = {x, state, w_ih, w_hh, b_ih, b_hh};
    return gop_apply(net, &gop_op_lstm_step, NULL, in, 6);
}
