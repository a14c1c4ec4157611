/*
 * temporal_pool.c: windows of frames reduced to their largest or mean value.
 *
 *     max    y[n,m,t',c] = max over k of x[n,m, s t' + k - p, c]
 *            dx: dy goes to the first frame of the window that holds the maximum
 *     mean   y[n,m,t',c] = mean over k of x[n,m, s t' + k - p, c]
 *            dx: dy / (frames in the window) goes to each
 *
 * x [N, M, T, C], k < kernel; only frames that exist take part, so padding adds
 * windows and no values; y [N, M, T', C], T' = (T + 2 p - kernel) / s + 1 rounded
 * down.  A NaN in a window is its maximum.
 *
 * Kept for the backward of max: which k it was, one number an element of y.
 * Source: temporal pooling of ST-GCN-like models.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/op.h"

typedef struct attributes {
    size_t kernel, stride, pad;
} attributes;

/* A chunk is a number of sequences. */
typedef struct job {
    const gop_run *r;
    size_t seqs, at_once, t_in, t_out, c;
    attributes a;
} job;

static gop_status plan_windows(gop_op_plan *p)
{
    const attributes *a = p->attr;
    gop_status s = gop_op_count(p, 1, 1);
    if (s == GOP_OK)
        s = gop_op_rank(p, 0, 4);
    if (s != GOP_OK)
        return s;
    if (a->kernel < 1 || a->kernel > 1 << 24 || a->stride < 1)
        return gop_fail(p->err, GOP_EINVAL, "a window of %zu frames every %zu frames", a->kernel,
                        a->stride);
    if (a->pad >= a->kernel)
        return gop_fail(p->err, GOP_EINVAL,
                        "padding of %zu frames must be less than the window "
                        "of %zu",
                        a->pad, a->kernel);
    size_t frames = p->in[0].dim[2];
    if (frames + 2 * a->pad < a->kernel)
        return gop_fail(p->err, GOP_ESHAPE,
                        "a window of %zu frames does not fit %zu frames "
                        "padded by %zu",
                        a->kernel, frames, a->pad);
    p->out = p->in[0];
    p->out.dim[2] = (frames + 2 * a->pad - a->kernel) / a->stride + 1;
    return GOP_OK;
}

static gop_status plan_max(gop_op_plan *p)
{
    gop_status s = plan_windows(p);
    if (s == GOP_OK && p->training)
        p->saved = gop_shape_size(p->out);
    return s;
}

static job prepare(const gop_run *r)
{
    gop_shape x = r->in_shape[0];
    job j = {.r = r,
             .seqs = x.dim[0] * x.dim[1],
             .t_in = x.dim[2],
             .t_out = r->out_shape.dim[2],
             .c = x.dim[3]};
    memcpy(&j.a, r->attr, sizeof j.a);
    j.at_once = gop_rows(j.t_in * j.c);
    return j;
}

/* The taps [first, last) of window t that meet frames, and the frame of tap 0
 * counted from `pad` frames before the sequence. */
typedef struct window {
    size_t first, last, at;
} window;

static window window_of(const job *j, size_t t)
{
    window w = {0, j->a.kernel, t * j->a.stride};
    if (w.at < j->a.pad)
        w.first = j->a.pad - w.at;
    w.last = gop_size_min(w.last, j->t_in + j->a.pad - w.at);
    return w;
}

/* Frame of tap k. */
static size_t frame_of(const job *j, window w, size_t k)
{
    return w.at + k - j->a.pad;
}

GOP_VECTOR static void larger(gop_real *restrict y, const gop_real *restrict x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] > y[i] || x[i] != x[i] ? x[i] : y[i];
}

GOP_VECTOR static void larger_at(gop_real *restrict y, gop_real *restrict at,
                                 const gop_real *restrict x, gop_real k, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const bool take = x[i] > y[i] || (x[i] != x[i] && y[i] == y[i]);
        at[i] = take ? k : at[i];
        y[i] = take ? x[i] : y[i];
    }
}

GOP_VECTOR static void give_back(gop_real *restrict dx, const gop_real *restrict dy,
                                 const gop_real *restrict at, gop_real k, size_t n)
{
    for (size_t i = 0; i < n; i++)
        dx[i] += at[i] == k ? dy[i] : 0;
}

GOP_VECTOR static void add_scaled(gop_real *restrict y, const gop_real *restrict x, gop_real by,
                                  size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] += by * x[i];
}

GOP_VECTOR static void scale(gop_real *y, gop_real by, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] *= by;
}

static void max_chunk(void *arg, size_t i)
{
    const job *j = arg;
    size_t end = gop_size_min((i + 1) * j->at_once, j->seqs);
    for (size_t q = i * j->at_once; q < end; q++)
        for (size_t t = 0; t < j->t_out; t++) {
            const gop_real *x = j->r->in[0] + q * j->t_in * j->c;
            size_t row = (q * j->t_out + t) * j->c;
            gop_real *y = j->r->out + row, *at = j->r->saved ? j->r->saved + row : NULL;
            window w = window_of(j, t);
            memcpy(y, x + frame_of(j, w, w.first) * j->c, j->c * sizeof *y);
            for (size_t c = 0; c < j->c && at != NULL; c++)
                at[c] = (gop_real)w.first;
            for (size_t k = w.first + 1; k < w.last; k++)
                if (at != NULL)
                    larger_at(y, at, x + frame_of(j, w, k) * j->c, (gop_real)k, j->c);
                else
                    larger(y, x + frame_of(j, w, k) * j->c, j->c);
        }
}

static void max_back_chunk(void *arg, size_t i)
{
    const job *j = arg;
    size_t end = gop_size_min((i + 1) * j->at_once, j->seqs);
    for (size_t q = i * j->at_once; q < end; q++) {
        gop_real *dx = j->r->din[0] + q * j->t_in * j->c;
        if (!j->r->add[0])
            memset(dx, 0, j->t_in * j->c * sizeof *dx);
        for (size_t t = 0; t < j->t_out; t++) {
            size_t row = (q * j->t_out + t) * j->c;
            window w = window_of(j, t);
            for (size_t k = w.first; k < w.last; k++)
                give_back(dx + frame_of(j, w, k) * j->c, j->r->dout + row, j->r->saved + row,
                          (gop_real)k, j->c);
        }
    }
}

static void mean_chunk(void *arg, size_t i)
{
    const job *j = arg;
    size_t end = gop_size_min((i + 1) * j->at_once, j->seqs);
    for (size_t q = i * j->at_once; q < end; q++)
        for (size_t t = 0; t < j->t_out; t++) {
            const gop_real *x = j->r->in[0] + q * j->t_in * j->c;
            gop_real *y = j->r->out + (q * j->t_out + t) * j->c;
            window w = window_of(j, t);
            memcpy(y, x + frame_of(j, w, w.first) * j->c, j->c * sizeof *y);
            for (size_t k = w.first + 1; k < w.last; k++)
                add_scaled(y, x + frame_of(j, w, k) * j->c, 1, j->c);
            scale(y, 1 / (gop_real)(w.last - w.first), j->c);
        }
}

static void mean_back_chunk(void *arg, size_t i)
{
    const job *j = arg;
    size_t end = gop_size_min((i + 1) * j->at_once, j->seqs);
    for (size_t q = i * j->at_once; q < end; q++) {
        gop_real *dx = j->r->din[0] + q * j->t_in * j->c;
        if (!j->r->add[0])
            memset(dx, 0, j->t_in * j->c * sizeof *dx);
        for (size_t t = 0; t < j->t_out; t++) {
            window w = window_of(j, t);
            for (size_t k = w.first; k < w.last; k++)
                add_scaled(dx + frame_of(j, w, k) * j->c, j->r->dout + (q * j->t_out + t) * j->c,
                           1 / (gop_real)(w.last - w.first), j->c);
        }
    }
}

static void run(const gop_run *r, void (*chunk)(void *arg, size_t i))
{
    job j = prepare(r);
    gop_parallel(r->ctx, gop_pieces(j.seqs, j.at_once), chunk, &j);
}

static void max_forward(const gop_run *r)
{
    run(r, max_chunk);
}

static void max_backward(const gop_run *r)
{
    if (r->din[0] != NULL)
        run(r, max_back_chunk);
}

static void mean_forward(const gop_run *r)
{
    run(r, mean_chunk);
}

static void mean_backward(const gop_run *r)
{
    if (r->din[0] != NULL)
        run(r, mean_back_chunk);
}

/* ------------------------------------------------------------------------- cases */

static void naive_windows(gop_real *out, const gop_real *x, int seqs, int frames, int c, int kernel,
                          int stride, int pad, bool mean)
{
    int rows = (frames + 2 * pad - kernel) / stride + 1;
    for (int q = 0; q < seqs; q++)
        for (int t = 0; t < rows; t++)
            for (int i = 0; i < c; i++) {
                double sum = 0, most = -1e300;
                int count = 0;
                for (int f = t * stride - pad; f < t * stride - pad + kernel; f++)
                    if (f >= 0 && f < frames) {
                        double v = (double)x[(q * frames + f) * c + i];
                        sum += v;
                        most = v > most ? v : most;
                        count++;
                    }
                out[(q * rows + t) * c + i] = (gop_real)(mean ? sum / count : most);
            }
}

static gop_var build_max(gop_net *net, const gop_var *in)
{
    return gop_temporal_max(net, in[0], 3, 2, 1);
}

static void naive_max(gop_real *out, const gop_real *const *in)
{
    naive_windows(out, in[0], 2 * 3, 8, 5, 3, 2, 1, false);
}

static gop_var build_max_wide(gop_net *net, const gop_var *in)
{
    return gop_temporal_max(net, in[0], 4, 1, 3);
}

static void naive_max_wide(gop_real *out, const gop_real *const *in)
{
    naive_windows(out, in[0], 2 * 3, 2, 5, 4, 1, 3, false);
}

static gop_var build_mean(gop_net *net, const gop_var *in)
{
    return gop_temporal_mean(net, in[0], 3, 2, 1);
}

static void naive_mean(gop_real *out, const gop_real *const *in)
{
    naive_windows(out, in[0], 2 * 3, 8, 5, 3, 2, 1, true);
}

static gop_var build_mean_gaps(gop_net *net, const gop_var *in)
{
    return gop_temporal_mean(net, in[0], 2, 3, 0);
}

static void naive_mean_gaps(gop_real *out, const gop_real *const *in)
{
    naive_windows(out, in[0], 2 * 3, 7, 1, 2, 3, 0, true);
}

static const gop_case max_cases[] = {
    {.name = "stride 2",
     .in = {{4, {2, 3, 8, 5}}},
     .build_old = build_max,
     .naive_old = naive_max,
     .bench = {{4, {32, 26, 25, 64}}}},
    {.name = "longer than the sequence",
     .in = {{4, {2, 3, 2, 5}}},
     .build_old = build_max_wide,
     .naive_old = naive_max_wide},
    {.name = NULL},
};

static const gop_case mean_cases[] = {
    {.name = "stride 2",
     .in = {{4, {2, 3, 8, 5}}},
     .build_old = build_mean,
     .naive_old = naive_mean,
     .bench = {{4, {32, 26, 25, 64}}}},
    {.name = "frames in no window",
     .in = {{4, {2, 3, 7, 1}}},
     .build_old = build_mean_gaps,
     .naive_old = naive_mean_gaps},
    {.name = NULL},
};

const gop_op gop_op_temporal_max = {
    .name = "temporal_max",
    .attr_size = sizeof(attributes),
    .plan = plan_max,
    .forward = max_forward,
    .backward = max_backward,
    .cases = max_cases,
};

const gop_op gop_op_temporal_mean = {
    .name = "temporal_mean",
    .attr_size = sizeof(attributes),
    .plan = plan_windows,
    .forward = mean_forward,
    .backward = mean_backward,
    .cases = mean_cases,
};

/*: The largest value of each window of frames.
 *
 *     y[n, m, t, c] = max over k < kernel of x[n, m, stride t + k - pad, c]
 *
 * x [N, M, T, C], pad < kernel; frames outside x do not take part;
 * y [N, M, (T + 2 pad - kernel) / stride + 1, C].  The gradient goes to the first
 * frame that holds the maximum.
 * Errors: GOP_EINVAL for a kernel or stride of 0 or too much padding, GOP_ESHAPE
 * when the window is longer than the padded frames.
 */
GOP_API gop_var gop_temporal_max(gop_net *net, gop_var x, size_t kernel, size_t stride, size_t pad)
{
    attributes a = {kernel, stride, pad};
    return gop_apply(net, &gop_op_temporal_max, &a, &x, 1);
}

/*: The mean of each window of frames.
 *
 *     y[n, m, t, c] = mean over k < kernel of x[n, m, stride t + k - pad, c]
 *
 * Shapes and errors as gop_temporal_max; the mean is over the frames that exist.
 */
GOP_API gop_var gop_temporal_mean(gop_net *net, gop_var x, size_t kernel, size_t stride, size_t pad)
{
    attributes a = {kernel, stride, pad};
    return gop_apply(net, &gop_op_temporal_mean, &a, &x, 1);
}
