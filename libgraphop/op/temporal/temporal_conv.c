/*
 * temporal_conv.c: convolution along the frames of each node.
 *
 *     forward    y[n,m,t',o] = sum_(k,c) W[o,k,c] x[n,m, s t' + d k - p, g C/G + c]
 *     backward   dx[n,m, s t' + d k - p, g C/G + c] += sum_o W[o,k,c] dy[n,m,t',o]
 *                dW[o,k,c] = sum_(n,m,t') dy[n,m,t',o] x[n,m, s t' + d k - p, g C/G + c]
 *
 * x [N, M, T, C] with zeros outside its frames, W [C', tau, C/G], k < tau, o in group
 * g = o / (C'/G), stride s, dilation d, padding p before and q after; y [N, M, T', C'],
 * T' = (T + p + q - d (tau - 1) - 1) / s + 1 rounded down; q = p, or 0 if causal.
 * Source: TC in eqs. 6b and 8b of Sym-GNN; dilation of Yu & Koltun 2016, groups and depthwise
 * of MobileNet (Howard et al. 2017).
 *
 * Windows side by side are a matrix, and their convolution a product.  There are several methods, each in its own file (conv.h); y, dx and dW each use the first one
 * that pays for the shapes.  Work is cut into batches of sequences and, if these are few, into
 * blocks of columns.  dW is summed over batches, whose shares are added in order.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "op/per_frame.h"
#include "op/temporal/conv.h"

#ifndef GRAPHOP_OPS_H
/*: Options of gop_temporal_conv.  A stride, dilation or number of groups of 0 means 1, so that {0}
 * is the usual convolution without padding. */
typedef struct gop_conv {
    size_t stride;   /* frames from one window to the next */
    size_t pad;      /* frames of zeros before and after */
    size_t dilation; /* frames from one tap to the next */
    size_t groups;   /* of channels: each output channel reads only its group */
    bool causal;     /* no frames of zeros after the last one */
} gop_conv;
#endif

/* Methods for special cases come first; the last one handles all other cases. */
static const gop_conv_method *const methods[] = {
    &gop_depthwise, &gop_slices, &gop_grouped, &gop_toom_cook, &gop_toom_cook_stride2, &gop_direct,
};

enum { MOST_TAPS = 1 << 24 };

static gop_conv usual(const gop_conv *a)
{
    gop_conv u = *a;
    u.stride = gop_size_max(1, a->stride);
    u.dilation = gop_size_max(1, a->dilation);
    u.groups = gop_size_max(1, a->groups);
    return u;
}

typedef enum result { Y, DX, DW } result;

/* Whether windows lie side by side, without gaps: taps that are all frames, patches, a single tap. */
static bool apart(const gop_conv_sizes *s)
{
    const bool side_by_side = s->t_in == s->t_out * s->taps;
    return side_by_side && (s->t_out == 1 || s->a.stride == s->taps) && s->a.pad == 0 &&
           s->a.dilation == 1 && s->a.groups == 1;
}

/* Such windows are rows of a matrix: sequences of one frame, with the channels of all taps. */
static void join_windows(gop_conv_sizes *s)
{
    s->seqs *= s->t_out;
    s->c_in *= s->taps;
    s->ci = s->c_in;
    s->t_in = s->t_out = s->taps = s->a.stride = 1;
}

static gop_conv_sizes measure(const gop_ctx *ctx, const gop_shape *in, gop_shape out,
                              const void *attr, bool training, result what)
{
    const gop_conv a = usual(attr);
    gop_conv_sizes s = {.back = what == DX, .training = training, .a = a};
    s.seqs = in[0].dim[0] * in[0].dim[1];
    s.t_in = in[0].dim[2];
    s.c_in = in[0].dim[3];
    s.c_out = in[1].dim[0];
    s.taps = in[1].dim[1];
    s.t_out = out.dim[2];
    s.ci = s.c_in / a.groups;
    s.co = s.c_out / a.groups;
    s.a.stride = gop_size_min(a.stride, s.t_in + 2 * a.pad); /* a longer one makes no difference */
    s.a.dilation = s.taps > 1 ? a.dilation : 1;
    if (apart(&s))
        join_windows(&s);
    s.t_from = s.back ? s.t_out : s.t_in;
    s.c_from = s.back ? s.c_out : s.c_in;
    s.t_to = s.back ? s.t_in : s.t_out;
    s.c_to = s.back ? s.c_in : s.c_out;

    size_t m = 0;
    while (!methods[m]->pays(ctx, &s))
        m++;
    s.method = methods[m];
    (what == DW ? s.method->measure_weights : s.method->measure)(ctx, &s);
    s.scratch = gop_line(s.scratch);
    s.work = (size_t)gop_ctx_threads(ctx) * s.scratch + (s.back ? s.prepared : 0) +
             s.part * s.batches;
    return s;
}

static gop_status plan(gop_op_plan *p)
{
    char xs[64], ws[64];
    gop_try(gop_op_count(p, 2, 2));
    const gop_conv a = usual(p->attr);
    const gop_shape x = p->in[0], w = p->in[1];
    if (x.rank != 4 || w.rank != 3 || x.dim[3] % a.groups != 0 || w.dim[2] != x.dim[3] / a.groups ||
        w.dim[0] % a.groups != 0)
        return gop_fail(p->err, GOP_ESHAPE,
                        "W %s must be [C', tau, C / groups] for x %s = [N, M, T, C] and %zu groups",
                        gop_shape_text(ws, sizeof ws, w), gop_shape_text(xs, sizeof xs, x),
                        a.groups);
    if (w.dim[1] > MOST_TAPS)
        return gop_fail(p->err, GOP_ESHAPE, "%zu taps are too many", w.dim[1]);
    if (w.dim[1] > 1 && a.dilation > (SIZE_MAX / 4) / (w.dim[1] - 1))
        return gop_fail(p->err, GOP_EINVAL, "a dilation of %zu frames is too large", a.dilation);
    const size_t span = a.dilation * (w.dim[1] - 1) + 1, after = a.causal ? 0 : a.pad;
    if (a.pad >= span)
        return gop_fail(p->err, GOP_EINVAL,
                        "padding must be less than the %zu frames that the taps span, not %zu",
                        span, a.pad);
    if (x.dim[2] + a.pad + after < span)
        return gop_fail(p->err, GOP_ESHAPE,
                        "taps that span %zu frames do not fit the frames of x %s padded by %zu",
                        span, gop_shape_text(xs, sizeof xs, x), a.pad);
    p->out = x;
    p->out.dim[2] = (x.dim[2] + a.pad + after - span) / a.stride + 1;
    p->out.dim[3] = w.dim[0];
    gop_try(gop_op_size(p, p->out));
    const gop_conv_sizes y = measure(p->ctx, p->in, p->out, &a, p->training, Y);
    p->prepared = y.prepared;
    p->prepared_from = y.prepared > 0 ? 1u << 1 : 0;
    p->channels[1] = 0;
    p->work = y.work;
    if (p->training)
        p->work = gop_size_max(p->work,
                               gop_size_max(measure(p->ctx, p->in, p->out, &a, true, DX).work,
                                            measure(p->ctx, p->in, p->out, &a, true, DW).work));
    p->madds = gop_conv_madds(&y);
    return GOP_OK;
}

typedef struct job {
    const gop_run *r;
    gop_conv_sizes s;
    const gop_real *weights; /* prepared, or W itself */
    gop_real *parts;         /* shares of dW */
} job;

static job start(const gop_run *r, result what, bool training)
{
    job j = {.r = r, .s = measure(r->ctx, r->in_shape, r->out_shape, r->attr, training, what)};
    return j;
}

/* The weights for the method: prepared in `to`, or W itself. */
static const gop_real *weights_in(const job *j, gop_real *to)
{
    const gop_conv_sizes *s = &j->s;
    if (s->prepared == 0)
        return j->r->in[1];
    j->s.method->prepare(j->r->ctx, s, j->r->in[1], to);
    return to;
}

static void prepare(const gop_run *r)
{
    const job j = start(r, Y, r->training);
    weights_in(&j, r->prepared);
}

/* Sequences and columns of y or dx. */
static void columns(const job *j, size_t i, const gop_real *from, bool add, gop_real *to)
{
    const gop_conv_sizes *s = &j->s;
    const size_t q = gop_cut(s->seqs, s->batches, i / s->blocks);
    const size_t n = gop_cut(s->seqs, s->batches, i / s->blocks + 1) - q;
    const size_t panels = gop_packed_panels(j->r->ctx, s->c_to);
    j->s.method->chunk(j->r->ctx, s, j->weights, n, from + q * s->t_from * s->c_from,
                       gop_cut(panels, s->blocks, i % s->blocks),
                       gop_cut(panels, s->blocks, i % s->blocks + 1), add,
                       to + q * s->t_to * s->c_to, gop_op_work(j->r, s->scratch));
}

/* Sequences [q, end) of y are final. */
static void produced(const job *j, size_t pieces, size_t i)
{
    const gop_conv_sizes *s = &j->s;
    const size_t size = s->t_out * s->c_out;
    gop_run_produced(j->r, gop_cut(s->seqs, pieces, i) * size,
                     gop_cut(s->seqs, pieces, i + 1) * size);
}

static void y_chunk(void *arg, size_t i)
{
    const job *j = arg;
    columns(j, i, j->r->in[0], false, j->r->out);
    if (j->s.blocks == 1)
        produced(j, j->s.batches, i);
}

static void produced_chunk(void *arg, size_t i)
{
    produced(arg, GOP_CONV_PIECES, i);
}

static void forward(const gop_run *r)
{
    job j = start(r, Y, r->training);
    j.weights = j.s.prepared > 0 ? r->prepared : r->in[1];
    gop_parallel(r->ctx, j.s.batches * j.s.blocks, y_chunk, &j);
    if (j.s.blocks > 1 && r->chain != NULL)
        gop_parallel(r->ctx, GOP_CONV_PIECES, produced_chunk, &j);
}

static void dx_chunk(void *arg, size_t i)
{
    const job *j = arg;
    columns(j, i, j->r->dout, j->r->add[0], j->r->din[0]);
}

static void dw_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const gop_conv_sizes *s = &j->s;
    const size_t batch = i / s->blocks, q = gop_cut(s->seqs, s->batches, batch);
    const size_t n = gop_cut(s->seqs, s->batches, batch + 1) - q;
    gop_real *dw = s->part > 0 ? j->parts + batch * s->part : r->din[1];
    j->s.method->weights(r->ctx, s, i % s->blocks, n, r->in[0] + q * s->t_in * s->c_in,
                         r->dout + q * s->t_out * s->c_out, s->part == 0 && r->add[1], dw,
                         gop_op_work(r, s->scratch));
}

/* dx is finished before dW starts, so both can use all of `work`. */
static void backward(const gop_run *r)
{
    const size_t threads = (size_t)gop_ctx_threads(r->ctx);
    if (r->din[0] != NULL) {
        job j = start(r, DX, true);
        j.weights = weights_in(&j, r->work + threads * j.s.scratch);
        gop_parallel(r->ctx, j.s.batches * j.s.blocks, dx_chunk, &j);
    }
    if (r->din[1] != NULL) {
        job j = start(r, DW, true);
        const gop_conv_sizes *s = &j.s;
        j.parts = r->work + threads * s->scratch;
        gop_parallel(r->ctx, s->batches * s->blocks, dw_chunk, &j);
        if (j.s.method->sum != NULL)
            j.s.method->sum(s, j.parts, r->add[1], r->din[1]);
        else
            gop_sum_parts(r->ctx, r->din[1], r->add[1], j.parts, s->batches, s->part,
                          s->c_out * s->taps * s->ci);
    }
}

static gop_status step(gop_op_step *s)
{
    const gop_conv a = usual(s->attr);
    *(gop_conv *)s->one = (gop_conv){.groups = a.groups};
    return gop_step_taps(s, s->in[1].dim[1], a.stride, a.dilation, a.pad);
}

/* ------------------------------------------------------------------------- cases */

/* Reads a 0 as 1 by itself, so that a mistake in `usual` shows. */
static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    gop_conv a = *(const gop_conv *)attr;
    a.stride += a.stride == 0;
    a.dilation += a.dilation == 0;
    a.groups += a.groups == 0;
    const size_t frames = in[0].shape.dim[2], c_in = in[0].shape.dim[3];
    const size_t taps = in[1].shape.dim[1], ci = in[1].shape.dim[2];
    const size_t rows = y.shape.dim[2], c_out = y.shape.dim[3], co = c_out / a.groups;
    for (size_t i = 0; i < gop_shape_size(y.shape); i++) {
        const size_t o = i % c_out, first = i / c_out % rows * a.stride; /* of the padded frames */
        const gop_real *x = in[0].v + i / c_out / rows * frames * c_in + o / co * ci;
        double sum = 0;
        for (size_t k = 0; k < taps; k++) {
            const size_t f = first + a.dilation * k;
            if (f < a.pad || f - a.pad >= frames)
                continue;
            for (size_t c = 0; c < ci; c++)
                sum += (double)in[1].v[(o * taps + k) * ci + c] * (double)x[(f - a.pad) * c_in + c];
        }
        y.v[i] = (gop_real)sum;
    }
}

static const gop_case cases[] = {
    {"same length", .in = {{4, {2, 3, 7, 3}}, {3, {4, 3, 3}}}, .attr = &(gop_conv){.pad = 1},
     .bench = {{4, {32, 26, 25, 64}}, {3, {64, 3, 64}}}},
    {"stride 2", .in = {{4, {3, 2, 8, 2}}, {3, {3, 5, 2}}},
     .attr = &(gop_conv){.stride = 2, .pad = 2}},
    {"one tap, stride 3", .in = {{4, {2, 2, 8, 5}}, {3, {2, 1, 5}}},
     .attr = &(gop_conv){.stride = 3}},
    {"several tiles", .in = {{4, {2, 1, 2061, 1}}, {3, {1, 5, 1}}},
     .attr = &(gop_conv){.stride = 2, .pad = 2}},
    {"dilation 2", .in = {{4, {2, 3, 7, 3}}, {3, {4, 3, 3}}},
     .attr = &(gop_conv){.pad = 2, .dilation = 2},
     .bench = {{4, {32, 26, 25, 64}}, {3, {64, 3, 64}}}},
    {"dilation 2, one tap", .in = {{4, {2, 2, 4, 3}}, {3, {2, 1, 3}}},
     .attr = &(gop_conv){.dilation = 2}},
    {"dilation 3, panels within taps", .in = {{4, {2, 2, 11, 32}}, {3, {17, 3, 32}}},
     .attr = &(gop_conv){.pad = 2, .dilation = 3}},
    {"dilation 2, stride 2", .in = {{4, {2, 3, 8, 3}}, {3, {4, 3, 3}}},
     .attr = &(gop_conv){.stride = 2, .pad = 2, .dilation = 2}},
    {"two groups, dilation 3, stride 2", .in = {{4, {3, 2, 8, 4}}, {3, {6, 3, 2}}},
     .attr = &(gop_conv){.stride = 2, .pad = 3, .dilation = 3, .groups = 2}},
    {"depthwise, stride 2", .in = {{4, {2, 2, 9, 5}}, {3, {5, 5, 1}}},
     .attr = &(gop_conv){.stride = 2, .pad = 2, .groups = 5}},
    {"two results a channel", .in = {{4, {2, 2, 6, 3}}, {3, {6, 3, 1}}},
     .attr = &(gop_conv){.pad = 1, .groups = 3}},
    {"taps beside the frames", .in = {{4, {1, 2, 3, 2}}, {3, {2, 3, 2}}},
     .attr = &(gop_conv){.pad = 5, .dilation = 5}},
    {"depthwise, several shares", .in = {{4, {70, 3, 11, 2}}, {3, {2, 3, 1}}},
     .attr = &(gop_conv){.pad = 1, .groups = 2}},
    {"panels within taps, read several times", .in = {{4, {2, 2, 5, 32}}, {3, {17, 7, 32}}},
     .attr = &(gop_conv){.pad = 3}},
    {"taps that are all frames", .in = {{4, {5, 3, 4, 3}}, {3, {7, 4, 3}}}, .attr = &(gop_conv){0},
     .bench = {{4, {32, 26, 25, 64}}, {3, {64, 25, 64}}}},
    {"patches", .in = {{4, {2, 2, 9, 4}}, {3, {5, 3, 4}}}, .attr = &(gop_conv){.stride = 3}},
    {"one frame, padded", .in = {{4, {3, 2, 1, 16}}, {3, {5, 3, 16}}},
     .attr = &(gop_conv){.pad = 1}, .bench = {{4, {32, 26, 1, 64}}, {3, {64, 3, 64}}}},
    {"stride 4, dilation 6", .in = {{4, {2, 3, 19, 3}}, {3, {4, 3, 3}}},
     .attr = &(gop_conv){.stride = 4, .pad = 5, .dilation = 6}},
    {"two groups, stride and dilation 2", .in = {{4, {2, 3, 9, 4}}, {3, {6, 3, 2}}},
     .attr = &(gop_conv){.stride = 2, .pad = 1, .dilation = 2, .groups = 2}},
    {"groups, panels within taps", .in = {{4, {3, 2, 11, 64}}, {3, {34, 3, 32}}},
     .attr = &(gop_conv){.pad = 1, .groups = 2},
     .bench = {{4, {32, 26, 25, 64}}, {3, {64, 3, 32}}}},
    {"groups, several shares", .in = {{4, {70, 3, 11, 4}}, {3, {2, 3, 2}}},
     .attr = &(gop_conv){.pad = 1, .groups = 2}},
    {"causal", .in = {{4, {2, 3, 7, 3}}, {3, {4, 3, 3}}},
     .attr = &(gop_conv){.pad = 2, .causal = true},
     .bench = {{4, {32, 26, 25, 64}}, {3, {64, 3, 64}}}},
    {"causal, nine taps", .in = {{4, {2, 2, 12, 3}}, {3, {4, 9, 3}}},
     .attr = &(gop_conv){.pad = 8, .causal = true}},
    {"causal, fewer frames than taps", .in = {{4, {2, 2, 3, 3}}, {3, {4, 9, 3}}},
     .attr = &(gop_conv){.pad = 8, .causal = true}},
    {"causal, stride 2", .in = {{4, {3, 2, 9, 2}}, {3, {3, 5, 2}}},
     .attr = &(gop_conv){.stride = 2, .pad = 4, .causal = true}},
    {"causal, dilation 3, stride 2", .in = {{4, {2, 3, 11, 3}}, {3, {4, 3, 3}}},
     .attr = &(gop_conv){.stride = 2, .pad = 6, .dilation = 3, .causal = true}},
    {"causal, dilation 2", .in = {{4, {2, 3, 9, 3}}, {3, {4, 3, 3}}},
     .attr = &(gop_conv){.pad = 4, .dilation = 2, .causal = true}},
    {"causal, depthwise", .in = {{4, {2, 2, 9, 5}}, {3, {5, 5, 1}}},
     .attr = &(gop_conv){.pad = 4, .groups = 5, .causal = true}},
    {"causal, two groups, stride 2", .in = {{4, {3, 2, 8, 4}}, {3, {6, 3, 2}}},
     .attr = &(gop_conv){.stride = 2, .pad = 2, .groups = 2, .causal = true}},
    {0},
};

const gop_op gop_op_temporal_conv = {
    .name = "temporal_conv",
    .flags = GOP_OP_NEEDS_IN | GOP_OP_STREAMS_OUT,
    .attr_size = sizeof(gop_conv),
    .plan = plan,
    .prepare = prepare,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
    .step = step,
};

/*: Convolution along the frames of each node (Sym-GNN, eqs. 6b, 8b).
 *
 *     y[n, m, t, o] = sum_(k, c) W[o, k, c] x[n, m, stride t + dilation k - pad, g C/groups + c]
 *
 * x [N, M, T, C] with zeros outside its frames, W [C', tau, C / groups], channel o in group g = o /
 * (C' / groups), pad < dilation (tau - 1) + 1; y [N, M, T', C'], T' = (T + 2 pad - dilation (tau -
 * 1) - 1) / stride + 1.  groups = C = C' is depthwise.  A causal one is padded before x only: T' has
 * pad in place of 2 pad, and with pad = dilation (tau - 1) no result reads a later frame.
 * Errors: GOP_ESHAPE if W does not fit x and the groups, or the taps do not fit the padded frames;
 * GOP_EINVAL for too much padding or dilation.
 * Source: Yu & Koltun 2016 (dilation), Howard et al. 2017 (depthwise).
 */
GOP_API gop_var gop_temporal_conv(gop_net *net, gop_var x, gop_var W, gop_conv options)
{
    gop_var in[2] = {x, W};
    return gop_apply(net, &gop_op_temporal_conv, &options, in, 2);
}
