/*
 * temporal_conv_group.c: convolution along the frames of every node with gaps
 * between the taps and with channels in groups.
 *
 *     forward    y[n,m,t',o] = sum_(k,c) W[o,k,c] x[n,m, s t' + d k - p, g C/G + c]
 *     backward   dx[.., s t' + d k - p, g C/G + c] += sum_o W[o,k,c] dy[n,m,t',o]
 *                dW[o,k,c] = sum_(n,m,t') dy[n,m,t',o] x[n,m, s t' + d k - p, g C/G + c]
 *
 * x [N, M, T, C] with zeros outside its frames, W [C', tau, C/G], k < tau, o in
 * group g = o / (C'/G); y [N, M, T', C'], T' = (T + 2 p - d (tau - 1) - 1) / s + 1
 * rounded down.
 *
 * Each group and tap is a product of matrices over the frames that the tap
 * meets; with one channel a group on both sides (depthwise) it is a loop over
 * channels.  dW is summed over groups of sequences, whose shares are added in
 * order.
 * Source: dilation of Yu & Koltun 2016, depthwise of MobileNet (Howard et al. 2017).
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "graphop.h"
#include "op/partial.h"

#include <string.h>

typedef struct attributes {
    size_t stride, pad, dilation, groups;
} attributes;

typedef struct sizes {
    attributes a;
    size_t seqs, t_in, t_out, c_in, c_out, taps;
    size_t ci, co;       /* channels of a group */
    bool deep;           /* depthwise */
    size_t block;        /* sequences at a time */
    size_t shares, part; /* of dW */
    size_t weights;      /* elements of W turned round, for depthwise */
} sizes;

static sizes measure(const gop_shape *in, gop_shape out, const attributes *a)
{
    sizes s = {.a = *a};
    s.seqs = in[0].dim[0] * in[0].dim[1];
    s.t_in = in[0].dim[2];
    s.t_out = out.dim[2];
    s.c_in = in[0].dim[3];
    s.c_out = in[1].dim[0];
    s.taps = in[1].dim[1];
    s.ci = s.c_in / a->groups;
    s.co = s.c_out / a->groups;
    s.deep = s.ci == 1 && s.co == 1;
    s.block = gop_size_max(1, 192 / s.t_out);
    s.shares = gop_size_min(gop_parts(s.seqs * s.t_out, 1024, 16), s.seqs);
    s.part = gop_line(s.c_out * s.taps * s.ci);
    s.weights = s.deep ? s.part : 0;
    return s;
}

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    char xs[64], ws[64];
    gop_status st = gop_op_count(p, 2, 2);
    if (st != GOP_OK)
        return st;
    gop_shape x = p->in[0], w = p->in[1];
    if (a->stride < 1 || a->dilation < 1 || a->groups < 1)
        return gop_fail(p->err, GOP_EINVAL,
                        "stride %zu, dilation %zu and groups %zu must be 1 or "
                        "more",
                        a->stride, a->dilation, a->groups);
    if (x.rank != 4 || w.rank != 3 || x.dim[3] % a->groups != 0 ||
        w.dim[2] != x.dim[3] / a->groups || w.dim[0] % a->groups != 0)
        return gop_fail(p->err, GOP_ESHAPE,
                        "W %s must be [C', tau, C / groups] for x %s = "
                        "[N, M, T, C], C and C' multiples of the %zu groups",
                        gop_shape_text(ws, sizeof ws, w), gop_shape_text(xs, sizeof xs, x),
                        a->groups);
    if (w.dim[1] > 1 && a->dilation > (SIZE_MAX / 4) / (w.dim[1] - 1))
        return gop_fail(p->err, GOP_EINVAL, "a dilation of %zu frames", a->dilation);
    size_t span = a->dilation * (w.dim[1] - 1) + 1;
    if (a->pad >= span)
        return gop_fail(p->err, GOP_EINVAL,
                        "padding of %zu frames must be less than the %zu that "
                        "the taps span",
                        a->pad, span);
    if (x.dim[2] + 2 * a->pad < span)
        return gop_fail(p->err, GOP_ESHAPE,
                        "taps that span %zu frames do not fit the frames of "
                        "x %s padded by %zu",
                        span, gop_shape_text(xs, sizeof xs, x), a->pad);
    p->out = x;
    p->out.dim[2] = (x.dim[2] + 2 * a->pad - span) / a->stride + 1;
    p->out.dim[3] = w.dim[0];
    st = gop_op_size(p, p->out);
    if (st != GOP_OK)
        return st;
    p->channels[1] = 0;
    sizes s = measure(p->in, p->out, a);
    p->work = s.weights;
    if (p->training && (s.deep || s.shares > 1))
        p->work += s.shares * s.part;
    p->madds = (uint64_t)s.seqs * s.t_out * s.taps * s.c_out * s.ci;
    return GOP_OK;
}

typedef struct job {
    const gop_run *r;
    sizes s;
    const gop_real *w; /* depthwise: W turned round, [tau, C] */
    gop_real *parts;
} job;

/* Rows [first, last) of y whose tap k meets a frame; row `first` meets `frame`. */
typedef struct meeting {
    size_t first, last, frame;
} meeting;

static meeting meet(const sizes *s, size_t k)
{
    const size_t at = s->a.dilation * k, stride = s->a.stride;
    meeting m = {0, 0, 0};
    if (at < s->a.pad)
        m.first = gop_pieces(s->a.pad - at, stride);
    if (s->t_in + s->a.pad > at)
        m.last = gop_size_min(s->t_out, gop_pieces(s->t_in + s->a.pad - at, stride));
    m.last = gop_size_max(m.first, m.last);
    m.frame = m.first * stride + at - s->a.pad;
    return m;
}

/* y[t ly + c] += w[c] x[t lx + c] */
GOP_VECTOR static void deep_rows(gop_real *restrict y, size_t ly, const gop_real *restrict x,
                                 size_t lx, const gop_real *restrict w, size_t rows, size_t n)
{
    for (size_t t = 0; t < rows; t++)
        for (size_t c = 0; c < n; c++)
            y[t * ly + c] += w[c] * x[t * lx + c];
}

/* dw[c] += sum_t dy[t ldy + c] x[t lx + c] */
GOP_VECTOR static void deep_sum(gop_real *restrict dw, const gop_real *restrict dy, size_t ldy,
                                const gop_real *restrict x, size_t lx, size_t rows, size_t n)
{
    for (size_t t = 0; t < rows; t++)
        for (size_t c = 0; c < n; c++)
            dw[c] += dy[t * ldy + c] * x[t * lx + c];
}

static job prepare(const gop_run *r)
{
    job j = {r, measure(r->in_shape, r->out_shape, r->attr), r->work, NULL};
    const sizes *s = &j.s;
    for (size_t c = 0; c < s->c_out && s->deep; c++)
        for (size_t k = 0; k < s->taps; k++)
            r->work[k * s->c_out + c] = r->in[1][c * s->taps + k];
    j.parts = r->work + s->weights;
    return j;
}

static void forward_block(void *arg, size_t i)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const sizes *s = &j->s;
    const ptrdiff_t lx = (ptrdiff_t)(s->a.stride * s->c_in), lw = (ptrdiff_t)(s->taps * s->ci);
    for (size_t q = i * s->block; q < gop_size_min((i + 1) * s->block, s->seqs); q++) {
        gop_real *y = r->out + q * s->t_out * s->c_out;
        memset(y, 0, s->t_out * s->c_out * sizeof *y);
        for (size_t k = 0; k < s->taps; k++) {
            meeting m = meet(s, k);
            if (m.first == m.last)
                continue;
            const gop_real *x = r->in[0] + (q * s->t_in + m.frame) * s->c_in;
            gop_real *to = y + m.first * s->c_out;
            if (s->deep)
                deep_rows(to, s->c_out, x, (size_t)lx, j->w + k * s->c_out, m.last - m.first,
                          s->c_out);
            for (size_t g = 0; g < s->a.groups && !s->deep; g++)
                gop_gemm(r->ctx, m.last - m.first, s->co, s->ci, x + g * s->ci, lx, 1,
                         r->in[1] + g * s->co * (size_t)lw + k * s->ci, 1, lw, true, to + g * s->co,
                         s->c_out);
        }
    }
}

static void forward(const gop_run *r)
{
    job j = prepare(r);
    gop_parallel(r->ctx, gop_pieces(j.s.seqs, j.s.block), forward_block, &j);
}

static void backward_x(void *arg, size_t i)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const sizes *s = &j->s;
    const size_t lx = s->a.stride * s->c_in;
    const ptrdiff_t lw = (ptrdiff_t)(s->taps * s->ci);
    for (size_t q = i * s->block; q < gop_size_min((i + 1) * s->block, s->seqs); q++) {
        gop_real *dx = r->din[0] + q * s->t_in * s->c_in;
        if (!r->add[0])
            memset(dx, 0, s->t_in * s->c_in * sizeof *dx);
        for (size_t k = 0; k < s->taps; k++) {
            meeting m = meet(s, k);
            if (m.first == m.last)
                continue;
            gop_real *to = dx + m.frame * s->c_in;
            const gop_real *dy = r->dout + (q * s->t_out + m.first) * s->c_out;
            if (s->deep)
                deep_rows(to, lx, dy, s->c_out, j->w + k * s->c_out, m.last - m.first, s->c_out);
            for (size_t g = 0; g < s->a.groups && !s->deep; g++)
                gop_gemm(r->ctx, m.last - m.first, s->ci, s->co, dy + g * s->co,
                         (ptrdiff_t)s->c_out, 1, r->in[1] + g * s->co * (size_t)lw + k * s->ci, lw,
                         1, true, to + g * s->ci, lx);
        }
    }
}

/* A share of dW: [C', tau, C/G], or for depthwise [tau, C]. */
static void backward_w(void *arg, size_t i)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const sizes *s = &j->s;
    const bool own = s->shares == 1 && !s->deep;
    const size_t lx = s->a.stride * s->c_in, lw = s->taps * s->ci;
    gop_real *dw = own ? r->din[1] : j->parts + i * s->part;
    if (!own || !r->add[1])
        memset(dw, 0, s->c_out * lw * sizeof *dw);
    for (size_t q = gop_cut(s->seqs, s->shares, i); q < gop_cut(s->seqs, s->shares, i + 1); q++)
        for (size_t k = 0; k < s->taps; k++) {
            meeting m = meet(s, k);
            if (m.first == m.last)
                continue;
            const gop_real *x = r->in[0] + (q * s->t_in + m.frame) * s->c_in;
            const gop_real *dy = r->dout + (q * s->t_out + m.first) * s->c_out;
            if (s->deep)
                deep_sum(dw + k * s->c_out, dy, s->c_out, x, lx, m.last - m.first, s->c_out);
            for (size_t g = 0; g < s->a.groups && !s->deep; g++)
                gop_gemm(r->ctx, s->co, s->ci, m.last - m.first, dy + g * s->co, 1,
                         (ptrdiff_t)s->c_out, x + g * s->ci, (ptrdiff_t)lx, 1, true,
                         dw + g * s->co * lw + k * s->ci, lw);
        }
}

static void backward(const gop_run *r)
{
    job j = prepare(r);
    const sizes *s = &j.s;
    if (r->din[0])
        gop_parallel(r->ctx, gop_pieces(s->seqs, s->block), backward_x, &j);
    if (r->din[1] == NULL)
        return;
    gop_parallel(r->ctx, s->shares, backward_w, &j);
    if (!s->deep)
        gop_sum_parts(r->ctx, r->din[1], r->add[1], j.parts, s->shares, s->part,
                      s->c_out * s->taps * s->ci);
    for (size_t c = 0; c < s->c_out && s->deep; c++)
        for (size_t k = 0; k < s->taps; k++) {
            gop_real sum = 0, *dw = r->din[1] + c * s->taps + k;
            for (size_t i = 0; i < s->shares; i++)
                sum += j.parts[i * s->part + k * s->c_out + c];
            *dw = (r->add[1] ? *dw : 0) + sum;
        }
}

/* ------------------------------------------------------------------- tests */

static void naive_sizes(gop_real *y, const gop_real *x, const gop_real *w, long seqs, long frames,
                        long c_in, long c_out, long taps, long stride, long pad, long dilation,
                        long groups)
{
    long rows = (frames + 2 * pad - dilation * (taps - 1) - 1) / stride + 1;
    long ci = c_in / groups, co = c_out / groups;
    for (long q = 0; q < seqs; q++)
        for (long t = 0; t < rows; t++)
            for (long o = 0; o < c_out; o++) {
                double sum = 0;
                for (long k = 0; k < taps; k++) {
                    long f = stride * t + dilation * k - pad;
                    for (long c = 0; c < ci && f >= 0 && f < frames; c++)
                        sum += (double)w[(o * taps + k) * ci + c] *
                               (double)x[(q * frames + f) * c_in + o / co * ci + c];
                }
                y[(q * rows + t) * c_out + o] = (gop_real)sum;
            }
}

static gop_var build_dilated(gop_net *net, const gop_var *in)
{
    return gop_temporal_conv_group(net, in[0], in[1], 1, 2, 2, 1);
}

static void naive_dilated(gop_real *out, const gop_real *const *in)
{
    naive_sizes(out, in[0], in[1], 2 * 3, 7, 3, 4, 3, 1, 2, 2, 1);
}

static gop_var build_groups(gop_net *net, const gop_var *in)
{
    return gop_temporal_conv_group(net, in[0], in[1], 2, 3, 3, 2);
}

static void naive_groups(gop_real *out, const gop_real *const *in)
{
    naive_sizes(out, in[0], in[1], 3 * 2, 8, 4, 6, 3, 2, 3, 3, 2);
}

static gop_var build_deep(gop_net *net, const gop_var *in)
{
    return gop_temporal_conv_group(net, in[0], in[1], 2, 2, 1, 5);
}

static void naive_deep(gop_real *out, const gop_real *const *in)
{
    naive_sizes(out, in[0], in[1], 2 * 2, 9, 5, 5, 5, 2, 2, 1, 5);
}

/* Depthwise with two results a channel. */
static gop_var build_multiplied(gop_net *net, const gop_var *in)
{
    return gop_temporal_conv_group(net, in[0], in[1], 1, 1, 1, 3);
}

static void naive_multiplied(gop_real *out, const gop_real *const *in)
{
    naive_sizes(out, in[0], in[1], 2 * 2, 6, 3, 6, 3, 1, 1, 1, 3);
}

/* Padding and dilation so wide that some taps meet no frame at all. */
static gop_var build_wide(gop_net *net, const gop_var *in)
{
    return gop_temporal_conv_group(net, in[0], in[1], 1, 5, 5, 1);
}

static void naive_wide(gop_real *out, const gop_real *const *in)
{
    naive_sizes(out, in[0], in[1], 1 * 2, 3, 2, 2, 3, 1, 5, 5, 1);
}

static gop_var build_shares(gop_net *net, const gop_var *in)
{
    return gop_temporal_conv_group(net, in[0], in[1], 1, 1, 1, 2);
}

static void naive_shares(gop_real *out, const gop_real *const *in)
{
    naive_sizes(out, in[0], in[1], 70 * 3, 11, 2, 2, 3, 1, 1, 1, 2);
}

static void naive_group_shares(gop_real *out, const gop_real *const *in)
{
    naive_sizes(out, in[0], in[1], 70 * 3, 11, 4, 2, 3, 1, 1, 1, 2);
}

static const gop_case cases[] = {
    {.name = "dilation 2",
     .in = {{4, {2, 3, 7, 3}}, {3, {4, 3, 3}}},
     .build_old = build_dilated,
     .naive_old = naive_dilated,
     .bench = {{4, {32, 26, 25, 64}}, {3, {64, 3, 64}}}},
    {.name = "two groups, dilation 3, stride 2",
     .in = {{4, {3, 2, 8, 4}}, {3, {6, 3, 2}}},
     .build_old = build_groups,
     .naive_old = naive_groups},
    {.name = "depthwise, stride 2",
     .in = {{4, {2, 2, 9, 5}}, {3, {5, 5, 1}}},
     .build_old = build_deep,
     .naive_old = naive_deep},
    {.name = "two results a channel",
     .in = {{4, {2, 2, 6, 3}}, {3, {6, 3, 1}}},
     .build_old = build_multiplied,
     .naive_old = naive_multiplied},
    {.name = "taps beside the frames",
     .in = {{4, {1, 2, 3, 2}}, {3, {2, 3, 2}}},
     .build_old = build_wide,
     .naive_old = naive_wide},
    {.name = "depthwise, several shares",
     .in = {{4, {70, 3, 11, 2}}, {3, {2, 3, 1}}},
     .build_old = build_shares,
     .naive_old = naive_shares},
    {.name = "groups, several shares",
     .in = {{4, {70, 3, 11, 4}}, {3, {2, 3, 2}}},
     .build_old = build_shares,
     .naive_old = naive_group_shares},
    {.name = NULL},
};

const gop_op gop_op_temporal_conv_group = {
    .name = "temporal_conv_group",
    .flags = GOP_OP_NEEDS_IN,
    .attr_size = sizeof(attributes),
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
};

/*: Convolution along the frames of every node with dilation and groups.
 *
 *     y[n, m, t, o] = sum_(k, c) W[o, k, c] x[n, m, stride t + dilation k - pad, g C/groups + c]
 *
 * x [N, M, T, C] with zeros outside its frames, W [C', tau, C / groups], channel o
 * in group g = o / (C' / groups), pad < dilation (tau - 1) + 1; y [N, M, T', C'],
 * T' = (T + 2 pad - dilation (tau - 1) - 1) / stride + 1.  groups = C = C' is
 * depthwise; gop_temporal_conv is the fast one for dilation 1 and one group.
 * Errors: GOP_ESHAPE when W does not fit x and the groups, GOP_EINVAL for a
 * stride, dilation or number of groups of 0 or too much padding.
 * Source: Yu & Koltun 2016 (dilation), Howard et al. 2017 (depthwise).
 */
GOP_API gop_var gop_temporal_conv_group(gop_net *net, gop_var x, gop_var W, size_t stride,
                                        size_t pad, size_t dilation, size_t groups)
{
    attributes a = {stride, pad, dilation, groups};
    gop_var in[2] = {x, W};
    return gop_apply(net, &gop_op_temporal_conv_group, &a, in, 2);
}
