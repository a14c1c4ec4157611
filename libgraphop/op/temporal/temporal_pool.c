/*
 * temporal_pool.c: the sum, mean or maximum of each window of frames.
 *
 *     y[n,m,t',c] = sum, mean or max over k of x[n,m, s t' + k - p, c]
 *     sum    dx: dy goes to each frame of the window
 *     mean   dx: dy / (frames in the window) goes to each
 *     max    dx: dy goes to the first frame of the window that holds the maximum
 *
 * x [N, M, T, C], k < kernel; frames outside x are excluded, so that padding adds windows but no
 * values; y [N, M, T', C], T' = (T + 2 p - kernel) / s + 1 rounded down.  A maximum over values
 * with a NaN is NaN.
 *
 * Kept for the backward of max: its k, one number per element of y.
 * Source: temporal pooling of ST-GCN-like models.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/partial.h"
#include "op/rows.h"
#include "op/per_frame.h"

#include <math.h>

typedef struct attributes {
    size_t kernel, stride, pad;
    gop_reduce kind;
} attributes;

typedef struct sizes {
    size_t seqs, at_once, t_in, t_out, c; /* a chunk is at_once sequences */
    attributes a;
} sizes;

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    gop_try(gop_op_count(p, 1, 1));
    gop_try(gop_op_rank(p, 0, 4));
    gop_try(gop_op_reduce(p, a->kind));
    if (a->kernel < 1 || a->kernel > 1 << 24 || a->stride < 1)
        return gop_fail(p->err, GOP_EINVAL,
                        "kernel must be 1 to 2^24 frames and stride at least 1, not %zu and %zu",
                        a->kernel, a->stride);
    if (a->pad >= a->kernel)
        return gop_fail(p->err, GOP_EINVAL,
                        "padding must be less than the window of %zu frames, not %zu", a->kernel,
                        a->pad);
    const size_t frames = p->in[0].dim[2];
    if (frames + 2 * a->pad < a->kernel)
        return gop_fail(p->err, GOP_ESHAPE,
                        "a window of %zu frames does not fit %zu frames padded by %zu", a->kernel,
                        frames, a->pad);
    p->out = p->in[0];
    p->out.dim[2] = (frames + 2 * a->pad - a->kernel) / a->stride + 1;
    if (p->training && a->kind == GOP_REDUCE_MAX)
        p->saved = gop_shape_size(p->out);
    return GOP_OK;
}

static sizes measure(gop_shape x, gop_shape y, const attributes *a)
{
    return (sizes){.seqs = x.dim[0] * x.dim[1],
                   .at_once = gop_rows(x.dim[2] * x.dim[3]),
                   .t_in = x.dim[2],
                   .t_out = y.dim[2],
                   .c = x.dim[3],
                   .a = *a};
}

/* The taps [first, last) of window t that read frames; tap k reads the frame at + k - pad. */
typedef struct window {
    size_t first, last, at;
} window;

static window window_of(const sizes *s, size_t t)
{
    window w = {0, s->a.kernel, t * s->a.stride};
    if (w.at < s->a.pad)
        w.first = s->a.pad - w.at;
    w.last = gop_size_min(w.last, s->t_in + s->a.pad - w.at);
    return w;
}

/* The offset of tap k's frame in a sequence. */
static size_t frame_of(const sizes *s, window w, size_t k)
{
    return (w.at + k - s->a.pad) * s->c;
}

/* The weight of each frame in a sum or mean. */
static gop_real share_of(const sizes *s, window w)
{
    return s->a.kind == GOP_REDUCE_MEAN ? 1 / (gop_real)(w.last - w.first) : 1;
}

GOP_VECTOR static void give_back(gop_real *restrict dx, const gop_real *restrict dy,
                                 const gop_real *restrict at, gop_real k, size_t n)
{
    for (size_t i = 0; i < n; i++)
        dx[i] += at[i] == k ? dy[i] : 0;
}

GOP_VECTOR static void scale(gop_real *y, gop_real by, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] *= by;
}

/* One window of x; `at` is NULL if nothing is kept. */
static void reduce(const sizes *s, window w, const gop_real *x, gop_real *y, gop_real *at)
{
    memcpy(y, x + frame_of(s, w, w.first), s->c * sizeof *y);
    for (size_t c = 0; c < s->c && at != NULL; c++)
        at[c] = (gop_real)w.first;
    for (size_t k = w.first + 1; k < w.last; k++) {
        const gop_real *frame = x + frame_of(s, w, k);
        if (s->a.kind != GOP_REDUCE_MAX)
            gop_add_scaled(y, 1, frame, s->c);
        else
            gop_row_larger(y, at, frame, (gop_real)k, s->c);
    }
    if (s->a.kind == GOP_REDUCE_MEAN)
        scale(y, share_of(s, w), s->c);
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
    const size_t end = gop_size_min((i + 1) * s->at_once, s->seqs);
    for (size_t q = i * s->at_once; q < end; q++)
        for (size_t t = 0; t < s->t_out; t++) {
            const size_t row = (q * s->t_out + t) * s->c;
            reduce(s, window_of(s, t), r->in[0] + q * s->t_in * s->c, r->out + row,
                   r->saved != NULL ? r->saved + row : NULL);
        }
}

static void backward_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const sizes *s = &j->s;
    const size_t end = gop_size_min((i + 1) * s->at_once, s->seqs);
    for (size_t q = i * s->at_once; q < end; q++) {
        gop_real *dx = r->din[0] + q * s->t_in * s->c;
        if (!r->add[0])
            memset(dx, 0, s->t_in * s->c * sizeof *dx);
        for (size_t t = 0; t < s->t_out; t++) {
            const size_t row = (q * s->t_out + t) * s->c;
            const window w = window_of(s, t);
            for (size_t k = w.first; k < w.last; k++)
                if (s->a.kind == GOP_REDUCE_MAX)
                    give_back(dx + frame_of(s, w, k), r->dout + row, r->saved + row, (gop_real)k,
                              s->c);
                else
                    gop_add_scaled(dx + frame_of(s, w, k), share_of(s, w), r->dout + row, s->c);
        }
    }
}

static void run(const gop_run *r, void (*chunk)(void *arg, size_t i))
{
    job j = {r, measure(r->in_shape[0], r->out_shape, r->attr)};
    gop_parallel(r->ctx, gop_pieces(j.s.seqs, j.s.at_once), chunk, &j);
}

static void forward(const gop_run *r)
{
    run(r, forward_chunk);
}

static void backward(const gop_run *r)
{
    if (r->din[0] != NULL)
        run(r, backward_chunk);
}

static gop_status step(gop_op_step *s)
{
    const attributes *a = s->attr;
    s->excludes = true;
    s->reduce = a->kind;
    return gop_step_taps(s, a->kernel, a->stride, 1, a->pad);
}

/* ------------------------------------------------------------------------- cases */

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const attributes *a = attr;
    const size_t c = y.shape.dim[3], frames = in[0].shape.dim[2], rows = y.shape.dim[2];
    for (size_t i = 0; i < gop_shape_size(y.shape); i++) {
        const gop_real *x = in[0].v + i / c / rows * frames * c + i % c;
        const size_t first = i / c % rows * a->stride; /* of the padded frames */
        double sum = 0, most = -HUGE_VAL;
        size_t count = 0;
        for (size_t f = first; f < first + a->kernel; f++)
            if (f >= a->pad && f - a->pad < frames) {
                const double v = (double)x[(f - a->pad) * c];
                sum += v;
                most = v > most ? v : most;
                count++;
            }
        y.v[i] = (gop_real)(a->kind == GOP_REDUCE_MAX    ? most
                            : a->kind == GOP_REDUCE_MEAN ? sum / (double)count
                                                         : sum);
    }
}

static const gop_case cases[] = {
    {"max, stride 2", .in = {{4, {2, 3, 8, 5}}}, .attr = &(attributes){3, 2, 1, GOP_REDUCE_MAX},
     .bench = {{4, {32, 26, 25, 64}}}},
    {"max, longer than the sequence", .in = {{4, {2, 3, 2, 5}}},
     .attr = &(attributes){4, 1, 3, GOP_REDUCE_MAX}},
    {"mean, stride 2", .in = {{4, {2, 3, 8, 5}}}, .attr = &(attributes){3, 2, 1, GOP_REDUCE_MEAN},
     .bench = {{4, {32, 26, 25, 64}}}},
    {"mean, frames in no window", .in = {{4, {2, 3, 7, 1}}},
     .attr = &(attributes){2, 3, 0, GOP_REDUCE_MEAN}},
    {"sum, overlapping windows", .in = {{4, {2, 3, 8, 5}}},
     .attr = &(attributes){4, 1, 2, GOP_REDUCE_SUM}},
    {0},
};

const gop_op gop_op_temporal_pool = {
    .name = "temporal_pool",
    .attr_size = sizeof(attributes),
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
    .step = step,
};

/*: The sum, mean or maximum of each window of frames.
 *
 *     y[n, m, t, c] = sum, mean or max over k < kernel of x[n, m, stride t + k - pad, c]
 *
 * x [N, M, T, C], pad < kernel; y [N, M, (T + 2 pad - kernel) / stride + 1, C].  Frames outside x
 * are excluded, also from the count of a mean.  A maximum over values with a NaN is NaN.  The
 * gradient of a maximum goes to the first frame that holds it.
 * Errors: GOP_EINVAL for a kernel or stride of 0, too much padding or no such kind, GOP_ESHAPE if
 * the window is longer than the padded frames.
 */
GOP_API gop_var gop_temporal_pool(gop_net *net, gop_var x, size_t kernel, size_t stride, size_t pad,
                                  gop_reduce kind)
{
    attributes a = {kernel, stride, pad, kind};
    return gop_apply(net, &gop_op_temporal_pool, &a, &x, 1);
}
