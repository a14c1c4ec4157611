/*
 * distance.h: losses of two values: the sum of a penalty of their difference over all elements,
 * divided by a number.  Internal to l1.c, l2.c and huber.c.
 *
 *     y  = w sum_i h(a_i - b_i),   w = 1 / (number of elements)  or  1 / N
 *     da = w h'(a - b) dy,         db = -da
 *
 * a and b have the same shape; y is a scalar.  N is the first dimension, the batch.  Sums are in
 * double: lanes, then chunks, in a fixed order.  An operator provides the two inner loops;
 * everything here is static inline and has no state.
 */
#ifndef GOP_OP_LOSS_DISTANCE_H
#define GOP_OP_LOSS_DISTANCE_H

#include "op/op.h"

#include <math.h>

/* The lanes of a chunk's sum; element i belongs to lane i mod GOP_LANES. */
enum { GOP_LANES = 8 };

typedef struct gop_distance {
    gop_average over;
    double delta; /* where the penalty changes its form, if it does */
} gop_distance;

typedef struct gop_distance_loops {
    /* The sum of the penalties of n differences. */
    double (*sum)(const gop_real *a, const gop_real *b, size_t n, gop_real delta);
    /* to (+)= by h'(a - b). */
    void (*slope)(gop_real *to, const gop_real *a, const gop_real *b, size_t n, gop_real delta,
                  gop_real by, bool add);
} gop_distance_loops;

static inline gop_status gop_distance_plan(gop_op_plan *p)
{
    const gop_distance *a = p->attr;
    gop_status s = gop_op_count(p, 2, 2);
    if (s == GOP_OK)
        s = gop_op_same(p, 0, 1);
    if (s != GOP_OK)
        return s;
    if (a->over != GOP_PER_ELEMENT && a->over != GOP_PER_SAMPLE)
        return gop_fail(p->err, GOP_EINVAL, "no such gop_average: %d", (int)a->over);
    if (a->over == GOP_PER_SAMPLE && p->in[0].rank == 0)
        return gop_fail(p->err, GOP_ESHAPE, "x is a scalar, but GOP_PER_SAMPLE needs a batch axis");
    p->out = gop_shape0();
    p->work = GOP_REALS_PER_DOUBLE * gop_pieces(gop_shape_size(p->in[0]), GOP_CHUNK);
    return GOP_OK;
}

typedef struct gop_distance_job {
    const gop_run *r;
    const gop_distance_loops *loops;
    size_t size;
    gop_real delta, *to, by;
    bool add;
} gop_distance_job;

static inline gop_distance_job gop_distance_start(const gop_run *r, const gop_distance_loops *loops)
{
    const gop_distance *a = r->attr;
    gop_distance_job j = {.r = r,
                          .loops = loops,
                          .size = gop_shape_size(r->in_shape[0]),
                          .delta = (gop_real)a->delta};
    return j;
}

static inline double gop_distance_divisor(const gop_run *r)
{
    const gop_distance *a = r->attr;
    return (double)(a->over == GOP_PER_ELEMENT ? gop_shape_size(r->in_shape[0])
                                               : r->in_shape[0].dim[0]);
}

static inline void gop_distance_sum_chunk(void *arg, size_t i)
{
    const gop_distance_job *j = arg;
    const size_t at = i * GOP_CHUNK, n = gop_size_min(GOP_CHUNK, j->size - at);
    gop_put_double(j->r->work, i, j->loops->sum(j->r->in[0] + at, j->r->in[1] + at, n, j->delta));
}

static inline void gop_distance_slope_chunk(void *arg, size_t i)
{
    const gop_distance_job *j = arg;
    const size_t at = i * GOP_CHUNK, n = gop_size_min(GOP_CHUNK, j->size - at);
    j->loops->slope(j->to + at, j->r->in[0] + at, j->r->in[1] + at, n, j->delta, j->by, j->add);
}

static inline void gop_distance_forward(const gop_run *r, const gop_distance_loops *loops)
{
    gop_distance_job j = gop_distance_start(r, loops);
    const size_t chunks = gop_pieces(j.size, GOP_CHUNK);
    gop_parallel(r->ctx, chunks, gop_distance_sum_chunk, &j);
    r->out[0] = (gop_real)(gop_sum_doubles(r->work, chunks) / gop_distance_divisor(r));
}

/* `factor`: the factor that the loop omits from h', such as 2 for a square. */
static inline void gop_distance_backward(const gop_run *r, const gop_distance_loops *loops,
                                         int factor)
{
    gop_distance_job j = gop_distance_start(r, loops);
    /* One input at a time: if a and b are the same value, add[1] is set. */
    for (size_t i = 0; i < 2; i++) {
        j.by = (gop_real)((i == 0 ? factor : -factor) * (double)r->dout[0] /
                          gop_distance_divisor(r));
        j.to = r->din[i];
        j.add = r->add[i];
        if (j.to != NULL)
            gop_parallel(r->ctx, gop_pieces(j.size, GOP_CHUNK), gop_distance_slope_chunk, &j);
    }
}

/* For references: the penalty of |in[0] - in[1]| of one element. */
static inline void gop_distance_naive(gop_tensor y, const gop_tensor *in, const gop_distance *a,
                                      double (*penalty)(double d, double delta))
{
    const size_t size = gop_shape_size(in[0].shape);
    double sum = 0;
    for (size_t i = 0; i < size; i++)
        sum += penalty(fabs((double)in[0].v[i] - (double)in[1].v[i]), a->delta);
    y.v[0] = (gop_real)(sum / (double)(a->over == GOP_PER_ELEMENT ? size : in[0].shape.dim[0]));
}

#endif
