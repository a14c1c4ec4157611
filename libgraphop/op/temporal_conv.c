/*
 * temporal_conv.c: convolution along the frames of every node.
 *
 *     forward    y[n,m,t',:] = sum_k W[:,k,:] x[n,m, s t' + k - p, :]
 *     backward   dx[n,m,t,:] = sum over k, t' with s t' + k - p = t of W[:,k,:]^T dy[n,m,t',:]
 *                dW[:,k,:]   = sum_(n,m,t') dy[n,m,t',:] x[n,m, s t' + k - p, :]^T
 *
 * x [N, M, T, C], W [C', tau, C], k < tau, stride s, padding p with zeros on
 * both sides; y [N, M, T', C'], T' = (T + 2 p - tau) / s + 1 rounded down.
 * Source: TC in eqs. 6b and 8b of Sym-GNN.
 *
 * A row of y needs a window of tau frames, which is contiguous in x.  Rows of
 * windows are gathered into a tile, some taps at a time, and multiplied.  dx is
 * the same thing the other way round: the frames t with (t + p) mod s = f need
 * the taps k = f, f + s, ... only, and those meet a window of contiguous frames
 * of dy, latest tap first; W is rearranged so once a call.  dW is cut into
 * blocks of taps and, where there are many rows, into groups of rows, whose
 * partial sums are added in order.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "graphop.h"
#include "op/partial.h"

#include <string.h>

typedef struct attributes {
    size_t stride, pad;
} attributes;

enum { TILE = 256, DEPTH = 512, TILE_W = 512 };

typedef struct sizes {
    size_t seqs, t_in, t_out, c_in, c_out, taps, stride, pad;
    size_t groups, blocks; /* of rows and taps, for dW */
    size_t part;
    size_t thread;
} sizes;

/* Windows of consecutive frames: row r is frames start + step (r mod count) ...
 * of sequence r / count of src [seqs, frames, c]. */
typedef struct windows {
    const gop_real *src;
    size_t frames, c, count, step, taps;
    ptrdiff_t start;
} windows;

/* Taps at a time, for c channels. */
static size_t taps_at_once(size_t taps, size_t c)
{
    return gop_min(taps, gop_max(1, DEPTH / c));
}

static sizes measure(const gop_shape *in, gop_shape out, const attributes *a)
{
    sizes s;
    s.seqs = in[0].dim[0] * in[0].dim[1];
    s.t_in = in[0].dim[2];
    s.c_in = in[0].dim[3];
    s.c_out = in[1].dim[0];
    s.taps = in[1].dim[1];
    s.stride = a->stride;
    s.pad = a->pad;
    s.t_out = out.dim[2];
    size_t rows = s.seqs * s.t_out;
    s.groups = gop_parts(rows, 1024, 16);
    s.blocks = gop_min(s.taps, (16 + s.groups - 1) / s.groups);
    s.blocks = gop_max(s.blocks, (s.taps * s.c_in + DEPTH - 1) / DEPTH);
    s.blocks = gop_min(s.blocks, s.taps);
    s.part = gop_line(s.c_out * s.taps * s.c_in);
    size_t y = TILE * taps_at_once(s.taps, s.c_in) * s.c_in;
    size_t x = TILE * (taps_at_once(s.taps, s.c_out) * s.c_out + s.c_in);
    size_t w = TILE_W * gop_cut_most(s.taps, s.blocks) * s.c_in;
    s.thread = gop_line(gop_max(y, gop_max(x, w)));
    return s;
}

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    char xs[64], ws[64];
    gop_shape x = p->in[0], w = p->in[1];
    if (x.rank != 4 || w.rank != 3 || w.dim[2] != x.dim[3])
        return gop_fail(p->err, GOP_ESHAPE, "W %s must be [C', tau, C] for x %s = [N, M, T, C]",
                        gop_shape_text(ws, sizeof ws, w), gop_shape_text(xs, sizeof xs, x));
    if (a->stride < 1)
        return gop_fail(p->err, GOP_EINVAL, "a stride of 0 frames");
    if (a->pad >= w.dim[1])
        return gop_fail(p->err, GOP_EINVAL, "padding of %zu frames must be less than the %zu taps",
                        a->pad, w.dim[1]);
    if (x.dim[2] + 2 * a->pad < w.dim[1])
        return gop_fail(p->err, GOP_ESHAPE, "%zu taps of W %s do not fit the frames of x %s padded "
                        "by %zu", w.dim[1], gop_shape_text(ws, sizeof ws, w),
                        gop_shape_text(xs, sizeof xs, x), a->pad);
    p->out = x;
    p->out.dim[2] = (x.dim[2] + 2 * a->pad - w.dim[1]) / a->stride + 1;
    p->out.dim[3] = w.dim[0];
    sizes s = measure(p->in, p->out, a);
    p->work = (size_t)p->threads * s.thread;
    if (p->training)
        p->work += s.part * gop_max(1, s.groups > 1 ? s.groups : 0);
    p->madds = (uint64_t)s.seqs * s.t_out * s.c_out * s.taps * s.c_in;
    return GOP_OK;
}

/* Rows [row, row + rows) of the windows, taps [tap, tap + taps) of each, into dst
 * [rows, taps, c]; frames outside are zeros. */
static void gather(gop_real *dst, const windows *w, size_t row, size_t rows, size_t tap,
                   size_t taps)
{
    size_t seq = row / w->count, k = row % w->count, width = taps * w->c;
    for (size_t r = 0; r < rows; r++, dst += width) {
        ptrdiff_t from = w->start + (ptrdiff_t)(k * w->step + tap), to = from + (ptrdiff_t)taps;
        ptrdiff_t lo = from < 0 ? 0 : from;
        ptrdiff_t hi = to > (ptrdiff_t)w->frames ? (ptrdiff_t)w->frames : to;
        if (hi <= lo) {
            memset(dst, 0, width * sizeof *dst);
        } else {
            size_t before = (size_t)(lo - from) * w->c, held = (size_t)(hi - lo) * w->c;
            memset(dst, 0, before * sizeof *dst);
            memcpy(dst + before, w->src + (seq * w->frames + (size_t)lo) * w->c,
                   held * sizeof *dst);
            memset(dst + before + held, 0, (width - before - held) * sizeof *dst);
        }
        if (++k == w->count) {
            k = 0;
            seq++;
        }
    }
}

/* y [rows, n], rows ldy apart, (+)= windows [rows, taps c] B [taps c, n] */
static void multiply(gop_ctx *ctx, int thread, gop_real *y, size_t ldy, bool add,
                     const windows *w, size_t row, size_t rows, const gop_real *B, ptrdiff_t rsb,
                     ptrdiff_t csb, size_t n, gop_real *tile)
{
    size_t most = taps_at_once(w->taps, w->c);
    size_t parts = (w->taps + most - 1) / most;
    for (size_t i = 0; i < parts; i++) {
        size_t tap = gop_cut(w->taps, parts, i), taps = gop_cut(w->taps, parts, i + 1) - tap;
        gather(tile, w, row, rows, tap, taps);
        gop_gemm(ctx, thread, rows, n, taps * w->c, tile, (ptrdiff_t)(taps * w->c), 1,
                 B + (ptrdiff_t)(tap * w->c) * rsb, rsb, csb, add || i > 0, y, ldy);
    }
}

typedef struct job {
    const gop_run *r;
    sizes s;
    windows w;
    size_t rows, tiles;
    size_t cols;       /* of channels of y, where there are few tiles */
    size_t first;      /* the first frame of this phase of dx */
    size_t phase;
    gop_real *weights; /* rearranged, [tau, C', C] */
    gop_real *parts;
} job;

static windows windows_of_x(const gop_run *r, const sizes *s)
{
    windows w = {r->in[0], s->t_in, s->c_in, s->t_out, s->stride, s->taps, -(ptrdiff_t)s->pad};
    return w;
}

static void forward_tile(void *arg, size_t i, int thread)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const sizes *s = &j->s;
    size_t row = gop_cut(j->rows, j->tiles, i / j->cols);
    size_t rows = gop_cut(j->rows, j->tiles, i / j->cols + 1) - row;
    size_t col = gop_cut(s->c_out, j->cols, i % j->cols), deep = s->taps * s->c_in;
    size_t cols = gop_cut(s->c_out, j->cols, i % j->cols + 1) - col;
    multiply(r->ctx, thread, r->out + row * s->c_out + col, s->c_out, false, &j->w, row, rows,
             r->in[1] + col * deep, 1, (ptrdiff_t)deep, cols,
             r->work + (size_t)thread * s->thread);
}

static void forward(const gop_run *r)
{
    job j = {.r = r, .s = measure(r->in_shape, r->out_shape, r->attr)};
    const sizes *s = &j.s;
    j.w = windows_of_x(r, s);
    j.rows = s->seqs * s->t_out;
    gop_grid grid = gop_grid_of(j.rows, s->c_out, s->taps * s->c_in);
    j.tiles = gop_max(grid.rows, gop_pieces(j.rows, TILE));
    j.cols = grid.cols;
    gop_parallel(r->ctx, j.tiles * j.cols, forward_tile, &j);
}

/* Number of taps f, f + s, ... below tau. */
static size_t taps_of_phase(const sizes *s, size_t phase)
{
    return phase < s->taps ? (s->taps - phase + s->stride - 1) / s->stride : 0;
}

/* Copies W[:, tap, :] to its place: phase by phase, latest tap first. */
static void arrange_tap(void *arg, size_t tap, int thread)
{
    const job *j = arg;
    const sizes *s = &j->s;
    size_t phase = tap % s->stride, at = taps_of_phase(s, phase) - 1 - tap / s->stride;
    (void)thread;
    for (size_t f = 0; f < phase; f++)
        at += taps_of_phase(s, f);
    for (size_t o = 0; o < s->c_out; o++)
        memcpy(j->weights + (at * s->c_out + o) * s->c_in,
               j->r->in[1] + (o * s->taps + tap) * s->c_in, s->c_in * sizeof(gop_real));
}

static void backward_x(void *arg, size_t i, int thread)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const sizes *s = &j->s;
    size_t from = gop_cut(j->rows, j->tiles, i), to = gop_cut(j->rows, j->tiles, i + 1);
    size_t c = s->c_in;
    gop_real *tile = r->work + (size_t)thread * s->thread, *dx = r->din[0] + from * c;
    if (s->stride == 1) {
        multiply(r->ctx, thread, dx, c, r->add[0], &j->w, from, to - from, j->weights, (ptrdiff_t)c,
                 1, c, tile);
        return;
    }
    gop_real *rows = tile + TILE * taps_at_once(s->taps, s->c_out) * s->c_out;
    if (j->w.taps > 0)
        multiply(r->ctx, thread, rows, c, false, &j->w, from, to - from, j->weights,
                 (ptrdiff_t)c, 1, c, tile);
    else
        memset(rows, 0, (to - from) * c * sizeof *rows);
    for (size_t row = from; row < to; row++, rows += c) {
        size_t frame = j->first + row % j->w.count * s->stride;
        dx = r->din[0] + (row / j->w.count * s->t_in + frame) * c;
        if (r->add[0])
            gop_add_scaled(dx, 1, rows, c);
        else
            memcpy(dx, rows, c * sizeof *dx);
    }
}

static void backward_phase(job *j, size_t phase)
{
    const sizes *s = &j->s;
    size_t pad = s->pad % s->stride;
    size_t first = (phase + s->stride - pad) % s->stride;
    size_t taps = taps_of_phase(s, phase);
    if (first >= s->t_in || (taps == 0 && j->r->add[0])) {
        j->weights += taps * s->c_out * s->c_in;
        return;
    }
    size_t count = (s->t_in - first + s->stride - 1) / s->stride;
    windows w = {j->r->dout, s->t_out, s->c_out, count, 1, taps,
                 (ptrdiff_t)((first + s->pad) / s->stride) - (ptrdiff_t)taps + 1};
    j->w = w;
    j->first = first;
    j->rows = s->seqs * count;
    j->tiles = gop_pieces(j->rows, TILE);
    gop_parallel(j->r->ctx, j->tiles, backward_x, j);
    j->weights += taps * s->c_out * s->c_in;
}

static void backward_w(void *arg, size_t i, int thread)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const sizes *s = &j->s;
    size_t g = i / s->blocks, b = i % s->blocks;
    size_t from = gop_cut(j->rows, s->groups, g), to = gop_cut(j->rows, s->groups, g + 1);
    size_t tap = gop_cut(s->taps, s->blocks, b), taps = gop_cut(s->taps, s->blocks, b + 1) - tap;
    gop_real *tile = r->work + (size_t)thread * s->thread;
    gop_real *dw = gop_part(r->din[1], j->parts, s->groups, s->part, g) + tap * s->c_in;
    size_t tiles = gop_pieces(to - from, TILE_W);
    for (size_t k = 0; k < tiles; k++) {
        size_t row = from + gop_cut(to - from, tiles, k);
        size_t rows = from + gop_cut(to - from, tiles, k + 1) - row;
        gather(tile, &j->w, row, rows, tap, taps);
        gop_gemm(r->ctx, thread, s->c_out, taps * s->c_in, rows, r->dout + row * s->c_out, 1,
                 (ptrdiff_t)s->c_out, tile, (ptrdiff_t)(taps * s->c_in), 1,
                 k > 0 || (s->groups == 1 && r->add[1]), dw, s->taps * s->c_in);
    }
}

static void backward(const gop_run *r)
{
    job j = {.r = r, .s = measure(r->in_shape, r->out_shape, r->attr)};
    const sizes *s = &j.s;
    gop_real *after = r->work + (size_t)gop_ctx_threads(r->ctx) * s->thread;
    if (r->din[0]) {
        j.weights = after;
        gop_parallel(r->ctx, s->taps, arrange_tap, &j);
        for (size_t phase = 0; phase < s->stride; phase++)
            backward_phase(&j, phase);
    }
    if (r->din[1]) {
        j.parts = after;
        j.w = windows_of_x(r, s);
        j.rows = s->seqs * s->t_out;
        gop_parallel(r->ctx, s->groups * s->blocks, backward_w, &j);
        gop_sum_parts(r->ctx, r->din[1], r->add[1], j.parts, s->groups, s->part,
                      s->c_out * s->taps * s->c_in);
    }
}

/* ------------------------------------------------------------------- tests */

static gop_var build_same(gop_net *net, const gop_var *in)
{
    return gop_temporal_conv(net, in[0], in[1], 1, 1);
}

static gop_var build_strided(gop_net *net, const gop_var *in)
{
    return gop_temporal_conv(net, in[0], in[1], 2, 2);
}

static gop_var build_point(gop_net *net, const gop_var *in)
{
    return gop_temporal_conv(net, in[0], in[1], 3, 0);
}

static void naive_sizes(gop_real *y, const gop_real *x, const gop_real *w, size_t seqs, size_t t_in,
                        size_t c_in, size_t c_out, size_t taps, size_t stride, size_t pad)
{
    size_t t_out = (t_in + 2 * pad - taps) / stride + 1;
    for (size_t q = 0; q < seqs; q++)
        for (size_t t = 0; t < t_out; t++)
            for (size_t o = 0; o < c_out; o++) {
                double sum = 0;
                for (size_t k = 0; k < taps; k++) {
                    size_t f = t * stride + k;
                    if (f < pad || f - pad >= t_in)
                        continue;
                    for (size_t c = 0; c < c_in; c++)
                        sum += (double)w[(o * taps + k) * c_in + c] *
                               (double)x[(q * t_in + f - pad) * c_in + c];
                }
                y[(q * t_out + t) * c_out + o] = (gop_real)sum;
            }
}

static void naive_same(gop_real *out, const gop_real *const *in)
{
    naive_sizes(out, in[0], in[1], 2 * 3, 7, 3, 4, 3, 1, 1);
}

static void naive_strided(gop_real *out, const gop_real *const *in)
{
    naive_sizes(out, in[0], in[1], 3 * 2, 8, 2, 3, 5, 2, 2);
}

static void naive_point(gop_real *out, const gop_real *const *in)
{
    naive_sizes(out, in[0], in[1], 2 * 2, 8, 5, 2, 1, 3, 0);
}

static void naive_long(gop_real *out, const gop_real *const *in)
{
    naive_sizes(out, in[0], in[1], 2 * 1, 2061, 1, 1, 5, 2, 2);
}

static const gop_case cases[] = {
    {.name = "same length", .n_in = 2, .in = {{4, {2, 3, 7, 3}}, {3, {4, 3, 3, 1}}},
     .build = build_same, .naive = naive_same},
    {.name = "stride 2", .n_in = 2, .in = {{4, {3, 2, 8, 2}}, {3, {3, 5, 2, 1}}},
     .build = build_strided, .naive = naive_strided},
    {.name = "one tap, stride 3", .n_in = 2, .in = {{4, {2, 2, 8, 5}}, {3, {2, 1, 5, 1}}},
     .build = build_point, .naive = naive_point},
    {.name = "several tiles", .n_in = 2, .in = {{4, {2, 1, 2061, 1}}, {3, {1, 5, 1, 1}}},
     .build = build_strided, .naive = naive_long},
    {.name = NULL},
};

const gop_op gop_op_temporal_conv = {
    .name = "temporal_conv", .flags = GOP_OP_NEEDS_IN, .attr_size = sizeof(attributes),
    .plan = plan, .forward = forward, .backward = backward, .cases = cases,
};

/*: Convolution along the frames of every node (Sym-GNN, eqs. 6b, 8b).
 *
 *     y[n, m, t, o] = sum_(k, c) W[o, k, c] x[n, m, stride t + k - pad, c]
 *
 * x [N, M, T, C] with zeros outside its frames, W [C', tau, C], pad < tau;
 * y [N, M, (T + 2 pad - tau) / stride + 1, C'].
 * Errors: GOP_ESHAPE when W does not fit x, GOP_EINVAL for a stride of 0 or too
 * much padding.
 */
GOP_API gop_var gop_temporal_conv(gop_net *net, gop_var x, gop_var W, size_t stride, size_t pad)
{
    attributes a = {stride, pad};
    gop_var in[2] = {x, W};
    return gop_apply(net, &gop_op_temporal_conv, &a, in, 2);
}
