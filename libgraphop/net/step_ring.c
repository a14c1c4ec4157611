/*
 * step_ring.c: the operator that keeps frames of its input, and gives them on: side by side, delayed,
 * or reduced.
 *
 *     side by side   y[b, k, a] = x_(s t + d k - p)[b, a], 0 for frames before the first
 *     reduced        y[b, a] = sum, mean or max of those, without frames before the first
 *     of all         y[b, a] = sum, mean or max of x_0, ..., x_t
 *
 * Frame i lies in slot i mod L of the ring [before, L, after]: the frames that a result needs are
 * never more than L apart.  A push that was stopped and is repeated writes the same slots again.
 * Sums of all frames are in double and alternate between two slots, so that such a repetition does
 * not add twice; 10^6 additions keep 9 digits.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "core/sizes.h"
#include "core/tuning.h"
#include "core/vector.h"
#include "net/step.h"

enum { PER_DOUBLE = sizeof(double) / sizeof(gop_real), BLOCK = 256 };

size_t gop_step_ring_size(const step_ring *r)
{
    const size_t frame = gop_times(r->before, r->after);
    const size_t n = r->whole ? gop_times(frame, 2 * PER_DOUBLE) : gop_times(frame, r->length);
    return gop_size_min(n, GOP_MOST_ELEMENTS + 1);
}

static gop_status plan(gop_op_plan *p)
{
    p->out = ((const step_ring *)p->attr)->shape;
    return GOP_OK;
}

/* ------------------------------------------------------------------- loops over channels */

GOP_VECTOR static void add(double *restrict sum, const gop_real *restrict x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sum[i] += (double)x[i];
}

/* A maximum over values with a NaN is NaN. */
GOP_VECTOR static void raise(double *restrict most, const gop_real *restrict x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        most[i] = (double)x[i] <= most[i] || most[i] != most[i] ? most[i] : (double)x[i];
}

static void take(const step_ring *r, double *sum, const gop_real *x, size_t n, bool first)
{
    if (first)
        for (size_t i = 0; i < n; i++)
            sum[i] = (double)x[i];
    else
        (r->reduce == GOP_REDUCE_MAX ? raise : add)(sum, x, n);
}

static void put(const step_ring *r, gop_real *y, const double *sum, uint64_t count, size_t n)
{
    const double by = r->reduce == GOP_REDUCE_MEAN ? (double)count : 1;
    for (size_t i = 0; i < n; i++)
        y[i] = (gop_real)(sum[i] / by);
}

/* ------------------------------------------------------------------------------- running */

typedef struct job {
    const gop_run *run;
    const step_ring *r;
    bool in, out;   /* a frame of x, of the result, appears */
    uint64_t i, t;  /* which */
    size_t at_once; /* elements of `before` in a chunk */
} job;

/* Frame k of the result's window; false before the first one. */
static bool frame_of(const job *j, size_t k, uint64_t *frame)
{
    const uint64_t at = j->r->stride * j->t + (uint64_t)j->r->dilation * k;
    *frame = at - j->r->pad;
    return at >= j->r->pad;
}

static void side_by_side(const job *j, size_t b)
{
    const step_ring *r = j->r;
    const gop_real *ring = j->run->in[1] + b * r->length * r->after;
    gop_real *y = j->run->out + b * r->taps * r->after;
    for (size_t k = 0; k < r->taps; k++, y += r->after) {
        uint64_t frame;
        if (frame_of(j, k, &frame))
            memcpy(y, ring + frame % r->length * r->after, r->after * sizeof *y);
        else
            memset(y, 0, r->after * sizeof *y);
    }
}

static void reduced(const job *j, size_t b)
{
    const step_ring *r = j->r;
    const gop_real *ring = j->run->in[1] + b * r->length * r->after;
    gop_real *y = j->run->out + b * r->after;
    double sum[BLOCK];
    for (size_t at = 0; at < r->after; at += BLOCK) {
        const size_t n = gop_size_min(BLOCK, r->after - at);
        uint64_t count = 0, frame;
        for (size_t k = 0; k < r->taps; k++)
            if (frame_of(j, k, &frame))
                take(r, sum, ring + frame % r->length * r->after + at, n, count++ == 0);
        put(r, y + at, sum, count, n);
    }
}

/* The sums of the frames up to i - 1 are in slot (i - 1) mod 2, and those up to i go to i mod 2. */
static void all(const job *j, size_t b)
{
    const step_ring *r = j->r;
    const size_t slot = r->before * r->after * PER_DOUBLE, row = b * r->after;
    const gop_real *was = j->run->in[1] + (j->i + 1) % 2 * slot + row * PER_DOUBLE;
    gop_real *is = j->run->in[1] + j->i % 2 * slot + row * PER_DOUBLE;
    double sum[BLOCK];
    for (size_t at = 0; at < r->after; at += BLOCK) {
        const size_t n = gop_size_min(BLOCK, r->after - at);
        memcpy(sum, was + at * PER_DOUBLE, n * sizeof *sum);
        take(r, sum, j->run->in[0] + row + at, n, j->i == 0);
        memcpy(is + at * PER_DOUBLE, sum, n * sizeof *sum);
        put(r, j->run->out + row + at, sum, j->i + 1, n);
    }
}

static void chunk(void *arg, size_t i)
{
    const job *j = arg;
    const step_ring *r = j->r;
    const size_t end = gop_size_min((i + 1) * j->at_once, r->before);
    for (size_t b = i * j->at_once; b < end; b++) {
        if (r->whole) {
            all(j, b);
            continue;
        }
        if (j->in)
            memcpy(j->run->in[1] + (b * r->length + j->i % r->length) * r->after,
                   j->run->in[0] + b * r->after, r->after * sizeof(gop_real));
        if (j->out)
            (r->reduces ? reduced : side_by_side)(j, b);
    }
}

static void forward(const gop_run *run)
{
    const step_ring *r = run->attr;
    job j = {.run = run, .r = r};
    j.in = gop_step_due(r->in, *r->now, &j.i);
    j.out = gop_step_due(r->out, *r->now, &j.t);
    j.at_once = gop_size_max(1, GOP_CHUNK / gop_size_max(1, gop_times(r->taps, r->after)));
    gop_parallel(run->ctx, gop_pieces(r->before, j.at_once), chunk, &j);
}

const gop_op gop_step_ring = {
    .name = "ring",
    .attr_size = sizeof(step_ring),
    .plan = plan,
    .forward = forward,
};
