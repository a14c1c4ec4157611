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
 * A row of y needs a window of tau frames, which is contiguous in x, and windows
 * of neighbouring rows overlap.  A product with packed weights reads its left
 * side where it lies, so the windows are read from x, or from a copy with its
 * padding where there is any: one copy of a frame instead of tau.  Work goes by
 * groups of sequences that fit a cache; a panel of weights serves a whole group.
 *
 * dx is the same thing the other way round: the frames t with (t + p) mod s = f
 * (phase f) need the taps k = f, f + s, ... only, and those meet a window of
 * contiguous frames of dy, latest tap first.  dW is in temporal_conv_weights.c.
 *
 * Long convolutions of stride 1 are done in fewer products, by temporal_fast.c, and
 * those of stride 2 by temporal_half.c.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "core/packed.h"
#include "op/temporal/frames.h"
#include "op/temporal/temporal_conv.h"

typedef struct attributes {
    size_t stride, pad;
} attributes;

/* Rows of y and elements of x that a group of sequences should have, and multiply-adds
 * from which any product is cut into pieces. */
enum { ROWS = 192, GROUP = 65536, SMALL = 400000, MOST_TAPS = 1 << 24 };

/* Cuts rows into groups of sequences and, where these are few, columns as well. */
static void cut(size_t *groups, size_t *cols, size_t seqs, size_t rows, size_t held, size_t panels,
                size_t madds)
{
    const size_t most = gop_size_max(1, GROUP / held); /* sequences in a group */
    *groups = gop_size_min(seqs,
                           gop_size_max(gop_pieces(seqs * rows, ROWS), gop_pieces(seqs, most)));
    *cols = 1;
    if (*groups < GOP_CONV_PIECES && madds >= SMALL) {
        const size_t pieces = gop_size_min(GOP_CONV_PIECES, seqs * rows / (ROWS / 2));
        *groups = gop_size_min(seqs, gop_size_max(*groups, pieces));
        *groups = gop_size_max(*groups, 1);
        *cols = gop_size_min(panels, gop_pieces(GOP_CONV_PIECES, *groups));
    }
}

/* The same by tiles of a convolution of stride 2, which has its own order in a group. */
static void cut_tiles(size_t *groups, size_t *cols, size_t seqs, const gop_half *h, size_t madds)
{
    *groups = gop_size_min(seqs, gop_pieces(seqs * h->tiles, h->piece));
    *cols = 1;
    if (*groups < GOP_CONV_PIECES && madds >= SMALL)
        *cols = gop_size_min(h->panels, gop_pieces(GOP_CONV_PIECES, *groups));
}

/* Frames of dy before the first that phase 0 .. s - 1 of dx may need, and after the last. */
static void measure_dy(gop_conv_sizes *s)
{
    size_t right = 0;
    s->dy_left = 0;
    for (size_t f = 0; f < s->stride; f++) {
        const size_t first = (f + s->stride - s->pad % s->stride) % s->stride;
        const size_t taps = f < s->taps ? (s->taps - f + s->stride - 1) / s->stride : 0;
        if (first >= s->t_in || taps == 0)
            continue;
        const size_t last = (s->t_in - 1 - first) / s->stride; /* row of this phase */
        const size_t at = (first + s->pad) / s->stride;        /* latest frame of row 0 */
        s->dy_left = gop_size_max(s->dy_left, taps - 1 > at ? taps - 1 - at : 0);
        right = gop_size_max(right, at + last + 1 > s->t_out ? at + last + 1 - s->t_out : 0);
    }
    s->dy_frames = s->dy_left + s->t_out + right;
}

static gop_conv_sizes measure(const gop_ctx *ctx, const gop_shape *in, gop_shape out,
                              const attributes *a, bool training)
{
    gop_conv_sizes s = {.pad = a->pad};
    s.seqs = in[0].dim[0] * in[0].dim[1];
    s.t_in = in[0].dim[2];
    s.c_in = in[0].dim[3];
    s.c_out = in[1].dim[0];
    s.taps = in[1].dim[1];
    s.t_out = out.dim[2];
    s.deep = s.taps * s.c_in;
    s.frames = s.t_in + 2 * s.pad;
    s.stride = gop_size_min(a->stride, s.frames); /* no longer stride gives another result */
    const size_t madds = s.seqs * s.t_out * s.deep * s.c_out;
    cut(&s.groups, &s.cols, s.seqs, s.t_out, s.frames * s.c_in, gop_packed_panels(ctx, s.c_out),
        madds);
    s.thread = s.pad ? gop_cut_most(s.seqs, s.groups) * s.frames * s.c_in : 0;
    s.f = gop_fast_measure(ctx, s.t_in, s.pad, s.taps, s.c_in, s.c_out);
    s.fast = s.stride == 1 && gop_fast_pays(&s.f);
    if (s.fast)
        s.thread = s.f.thread;
    s.h = gop_half_measure(ctx, false, s.t_in, s.pad, s.taps, s.c_in, s.c_out);
    s.half = s.stride == 2 && gop_half_pays(&s.h, s.seqs, training);
    if (s.half) {
        cut_tiles(&s.groups, &s.cols, s.seqs, &s.h, madds);
        s.thread = s.h.thread;
    }
    if (training) {
        measure_dy(&s);
        cut(&s.x_groups, &s.x_cols, s.seqs, s.t_in, s.dy_frames * s.c_out,
            gop_packed_panels(ctx, s.c_in), madds);
        s.thread = gop_size_max(s.thread, gop_cut_most(s.seqs, s.x_groups) * s.dy_frames * s.c_out);
        for (size_t f = 0; f < s.stride && f < s.taps; f++)
            s.back += gop_packed_size(ctx, (s.taps - f + s.stride - 1) / s.stride * s.c_out,
                                      s.c_in);
        s.f_back = gop_fast_measure(ctx, s.t_out, s.taps - 1 - s.pad, s.taps, s.c_out, s.c_in);
        s.fast_back = s.stride == 1 && gop_fast_pays(&s.f_back);
        if (s.fast_back) {
            s.back = s.f_back.prepared;
            s.thread = gop_size_max(s.thread, s.f_back.thread);
        }
        s.h_back = gop_half_measure(ctx, true, s.t_in, s.pad, s.taps, s.c_in, s.c_out);
        s.half_back = s.stride == 2 && gop_half_pays(&s.h_back, s.seqs, true);
        if (s.half_back) {
            cut_tiles(&s.x_groups, &s.x_cols, s.seqs, &s.h_back, madds);
            s.back = s.h_back.prepared;
            s.thread = gop_size_max(s.thread, s.h_back.thread);
        }
        gop_conv_measure_weights(ctx, &s);
    }
    s.thread = gop_line(s.thread);
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
    if (w.dim[1] > MOST_TAPS)
        return gop_fail(p->err, GOP_ESHAPE, "%zu taps are too many", w.dim[1]);
    if (x.dim[2] + 2 * a->pad < w.dim[1])
        return gop_fail(p->err, GOP_ESHAPE,
                        "%zu taps of W %s do not fit the frames of x %s padded "
                        "by %zu",
                        w.dim[1], gop_shape_text(ws, sizeof ws, w),
                        gop_shape_text(xs, sizeof xs, x), a->pad);
    p->out = x;
    p->out.dim[2] = (x.dim[2] + 2 * a->pad - w.dim[1]) / a->stride + 1;
    p->out.dim[3] = w.dim[0];
    gop_status st = gop_op_size(p, p->out);
    if (st != GOP_OK)
        return st;
    gop_conv_sizes s = measure(p->ctx, p->in, p->out, a, p->training);
    p->prepared = s.fast   ? s.f.prepared
                  : s.half ? s.h.prepared
                           : gop_packed_size(p->ctx, s.deep, s.c_out);
    p->prepared_from = 1u << 1;
    p->channels[1] = 0;
    p->work = (size_t)gop_ctx_threads(p->ctx) * s.thread;
    if (p->training)
        p->work += gop_size_max(s.back, s.part * (s.w_groups > 1 ? s.w_groups : 0));
    p->madds = (uint64_t)s.seqs * s.t_out * s.c_out * s.deep;
    return GOP_OK;
}

static void prepare(const gop_run *r)
{
    const gop_conv_sizes s = measure(r->ctx, r->in_shape, r->out_shape, r->attr, r->training);
    if (s.fast)
        gop_fast_prepare(r->ctx, &s.f, r->in[1], false, r->prepared);
    else if (s.half)
        gop_half_prepare(r->ctx, &s.h, r->in[1], r->prepared);
    else
        gop_pack_all(r->ctx, r->prepared, s.deep, s.c_out, r->in[1], 1, (ptrdiff_t)s.deep);
}

/* Sequences [q, q + n) of x [seqs, t, c] with `left` frames of zeros before each,
 * `frames` in all. */
static void copy_padded(gop_real *to, const gop_real *x, size_t q, size_t n, size_t t, size_t c,
                        size_t left, size_t frames)
{
    for (size_t i = 0; i < n; i++)
        gop_take_frames(to + i * frames * c, x + (q + i) * t * c - left * c, (ptrdiff_t)c, left,
                        left + t, frames, c);
}

static void forward_piece(void *arg, size_t i)
{
    const gop_conv_job *j = arg;
    const gop_run *r = j->r;
    const gop_conv_sizes *s = &j->s;
    const size_t q = gop_cut(s->seqs, s->groups, i / s->cols);
    const size_t n = gop_cut(s->seqs, s->groups, i / s->cols + 1) - q;
    const size_t panels = gop_packed_panels(r->ctx, s->c_out);
    const size_t end = gop_cut(panels, s->cols, i % s->cols + 1);
    const gop_real *x = r->in[0] + q * s->t_in * s->c_in;
    gop_real *tile = gop_op_work(r, s->thread), *y = r->out + q * s->t_out * s->c_out;

    if (s->fast || s->half) {
        const size_t begin = gop_cut(panels, s->cols, i % s->cols);
        if (s->fast)
            gop_fast_forward(r->ctx, &s->f, r->prepared, n, x, begin, end, false, y, tile);
        else
            gop_half_run(r->ctx, &s->h, r->prepared, n, x, begin, end, false, y, tile);
        if (s->cols == 1)
            gop_run_produced(r, q * s->t_out * s->c_out, (q + n) * s->t_out * s->c_out);
        return;
    }
    if (s->pad) {
        copy_padded(tile, r->in[0], q, n, s->t_in, s->c_in, s->pad, s->frames);
        x = tile;
    }
    for (size_t p = gop_cut(panels, s->cols, i % s->cols); p < end; p++)
        for (size_t k = 0; k < n; k++)
            gop_gemm_packed(r->ctx, s->t_out, s->c_out, s->deep, x + k * s->frames * s->c_in,
                            (ptrdiff_t)(s->stride * s->c_in), 1, r->prepared, p, p + 1, false,
                            y + k * s->t_out * s->c_out, s->c_out);
    if (s->cols == 1)
        gop_run_produced(r, q * s->t_out * s->c_out, (q + n) * s->t_out * s->c_out);
}

static void done_group(void *arg, size_t i)
{
    const gop_conv_job *j = arg;
    const gop_conv_sizes *s = &j->s;
    const size_t size = s->t_out * s->c_out;
    gop_run_produced(j->r, gop_cut(s->seqs, GOP_CONV_PIECES, i) * size,
                     gop_cut(s->seqs, GOP_CONV_PIECES, i + 1) * size);
}

static void forward(const gop_run *r)
{
    gop_conv_job j = {.r = r,
                      .s = measure(r->ctx, r->in_shape, r->out_shape, r->attr, r->training)};
    gop_parallel(r->ctx, j.s.groups * j.s.cols, forward_piece, &j);
    if (j.s.cols > 1 && r->chain != NULL)
        gop_parallel(r->ctx, GOP_CONV_PIECES, done_group, &j);
}

/* ------------------------------------------------------------------ backward */

/* Number of taps f, f + s, ... below tau. */
static size_t taps_of_phase(const gop_conv_sizes *s, size_t phase)
{
    return phase < s->taps ? (s->taps - phase + s->stride - 1) / s->stride : 0;
}

/* Where the packed weights of a phase begin: [taps C', C], latest tap first. */
static gop_real *weights_of_phase(const gop_conv_job *j, size_t phase)
{
    gop_real *w = j->weights;
    for (size_t f = 0; f < phase; f++)
        if (taps_of_phase(&j->s, f) > 0)
            w += gop_packed_size(j->r->ctx, taps_of_phase(&j->s, f) * j->s.c_out, j->s.c_in);
    return w;
}

static void pack_tap(void *arg, size_t tap)
{
    const gop_conv_job *j = arg;
    const gop_conv_sizes *s = &j->s;
    const gop_ctx *ctx = j->r->ctx;
    const size_t phase = tap % s->stride, taps = taps_of_phase(s, phase);
    gop_pack_rows(ctx, weights_of_phase(j, phase), taps * s->c_out, s->c_in,
                  (taps - 1 - tap / s->stride) * s->c_out, s->c_out, j->r->in[1] + tap * s->c_in,
                  (ptrdiff_t)s->deep, 1, 0, gop_packed_panels(ctx, s->c_in));
}

/* Frames of phase f in sequences [q, q + n): panels [from, to) of the channels. */
static void phase_of_x(const gop_conv_job *j, size_t f, const gop_real *dy, size_t q, size_t n,
                       size_t from, size_t to)
{
    const gop_run *r = j->r;
    const gop_conv_sizes *s = &j->s;
    const size_t taps = taps_of_phase(s, f);
    const size_t first = (f + s->stride - s->pad % s->stride) % s->stride;
    if (first >= s->t_in)
        return;
    const size_t rows = (s->t_in - first + s->stride - 1) / s->stride;
    gop_real *dx = r->din[0] + (q * s->t_in + first) * s->c_in;
    if (taps == 0) {
        for (size_t k = 0; k < n && from == 0 && !r->add[0]; k++)
            for (size_t row = 0; row < rows; row++)
                memset(dx + (k * s->t_in + row * s->stride) * s->c_in, 0, s->c_in * sizeof *dx);
        return;
    }
    /* s->dy_left is enough for this not to be negative. */
    dy += (s->dy_left + (first + s->pad) / s->stride + 1 - taps) * s->c_out;
    for (size_t p = from; p < to; p++)
        for (size_t k = 0; k < n; k++)
            gop_gemm_packed(r->ctx, rows, s->c_in, taps * s->c_out,
                            dy + k * s->dy_frames * s->c_out, (ptrdiff_t)s->c_out, 1,
                            weights_of_phase(j, f), p, p + 1, r->add[0], dx + k * s->t_in * s->c_in,
                            s->stride * s->c_in);
}

static void backward_x(void *arg, size_t i)
{
    const gop_conv_job *j = arg;
    const gop_run *r = j->r;
    const gop_conv_sizes *s = &j->s;
    const size_t q = gop_cut(s->seqs, s->x_groups, i / s->x_cols);
    const size_t n = gop_cut(s->seqs, s->x_groups, i / s->x_cols + 1) - q;
    const size_t panels = gop_packed_panels(r->ctx, s->c_in);
    const size_t from = gop_cut(panels, s->x_cols, i % s->x_cols);
    const size_t to = gop_cut(panels, s->x_cols, i % s->x_cols + 1);
    const gop_real *dy = r->dout + q * s->t_out * s->c_out;
    gop_real *tile = gop_op_work(r, s->thread);

    if (s->fast_back) {
        gop_fast_forward(r->ctx, &s->f_back, j->weights, n, dy, from, to, r->add[0],
                         r->din[0] + q * s->t_in * s->c_in, tile);
        return;
    }
    if (s->half_back) {
        gop_half_run(r->ctx, &s->h_back, j->weights, n, dy, from, to, r->add[0],
                     r->din[0] + q * s->t_in * s->c_in, tile);
        return;
    }
    if (s->dy_frames > s->t_out) {
        copy_padded(tile, r->dout, q, n, s->t_out, s->c_out, s->dy_left, s->dy_frames);
        dy = tile;
    }
    for (size_t f = 0; f < s->stride; f++)
        phase_of_x(j, f, dy, q, n, from, to);
}

static void backward(const gop_run *r)
{
    gop_conv_job j = {.r = r, .s = measure(r->ctx, r->in_shape, r->out_shape, r->attr, true)};
    const gop_conv_sizes *s = &j.s;
    j.weights = j.parts = r->work + (size_t)gop_ctx_threads(r->ctx) * s->thread;
    if (r->din[0]) {
        if (s->fast_back)
            gop_fast_prepare(r->ctx, &s->f_back, r->in[1], true, j.weights);
        else if (s->half_back)
            gop_half_prepare(r->ctx, &s->h_back, r->in[1], j.weights);
        else
            gop_parallel(r->ctx, s->taps, pack_tap, &j);
        gop_parallel(r->ctx, s->x_groups * s->x_cols, backward_x, &j);
    }
    if (r->din[1])
        gop_conv_weights(&j);
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
    {.name = "same length",
     .in = {{4, {2, 3, 7, 3}}, {3, {4, 3, 3}}},
     .build_old = build_same,
     .naive_old = naive_same,
     .bench = {{4, {32, 26, 25, 64}}, {3, {64, 3, 64}}}},
    {.name = "stride 2",
     .in = {{4, {3, 2, 8, 2}}, {3, {3, 5, 2}}},
     .build_old = build_strided,
     .naive_old = naive_strided},
    {.name = "one tap, stride 3",
     .in = {{4, {2, 2, 8, 5}}, {3, {2, 1, 5}}},
     .build_old = build_point,
     .naive_old = naive_point},
    {.name = "several tiles",
     .in = {{4, {2, 1, 2061, 1}}, {3, {1, 5, 1}}},
     .build_old = build_strided,
     .naive_old = naive_long},
    {.name = NULL},
};

const gop_op gop_op_temporal_conv = {
    .name = "temporal_conv",
    .flags = GOP_OP_NEEDS_IN | GOP_OP_STREAMS_OUT,
    .attr_size = sizeof(attributes),
    .plan = plan,
    .prepare = prepare,
    .forward = forward,
    .backward = backward,
    .cases = cases,
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
