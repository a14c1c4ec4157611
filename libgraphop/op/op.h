/*
 * op.h: helpers of operator files: checks of inputs while recording, a shape seen from one axis,
 * fixed chunks for parallel loops, double sums in scratch memory, random bits for inner loops.
 * Everything here is static inline and has no state; only libgraphop/op/ includes it.
 */
#ifndef GOP_OP_OP_H
#define GOP_OP_OP_H

#include "core/sizes.h"
#include "core/tuning.h"
#include "core/vector.h"
#include "graphop.h"

#include <string.h>

/* ------------------------------------------------------------ while recording */

static inline gop_status gop_op_count(const gop_op_plan *p, size_t least, size_t most)
{
    if (p->n_in != least && least == most)
        return gop_fail(p->err, GOP_EINVAL, "takes %zu input%s, not %zu", least,
                        least == 1 ? "" : "s", p->n_in);
    if (p->n_in < least || p->n_in > most)
        return gop_fail(p->err, GOP_EINVAL, "takes %zu to %zu inputs, not %zu", least, most,
                        p->n_in);
    for (size_t i = 0; i < p->n_in; i++)
        if (p->in[i].rank < 0)
            return gop_fail(p->err, GOP_EINVAL, "input %zu is missing", i + 1);
    return GOP_OK;
}

static inline gop_status gop_op_same(const gop_op_plan *p, size_t i, size_t j)
{
    char a[80], b[80];
    if (gop_shape_equal(p->in[i], p->in[j]))
        return GOP_OK;
    return gop_fail(p->err, GOP_ESHAPE, "the shapes %s and %s differ",
                    gop_shape_text(a, sizeof a, p->in[i]), gop_shape_text(b, sizeof b, p->in[j]));
}

static inline gop_status gop_op_rank(const gop_op_plan *p, size_t i, int rank)
{
    char a[80];
    if (p->in[i].rank == rank)
        return GOP_OK;
    return gop_fail(p->err, GOP_ESHAPE, "the shape %s of input %zu has rank %d instead of %d",
                    gop_shape_text(a, sizeof a, p->in[i]), i + 1, p->in[i].rank, rank);
}

static inline gop_status gop_op_axis(const gop_op_plan *p, int axis)
{
    if (axis >= 0 && axis < p->in[0].rank)
        return GOP_OK;
    return gop_fail(p->err, GOP_EINVAL, "axis %d is out of range for rank %d", axis, p->in[0].rank);
}

/* The axis of x that a constructor's argument means: -1 is the last one. */
static inline int gop_axis_of(gop_net *net, gop_var x, int axis)
{
    return axis == -1 ? gop_net_shape(net, x).rank - 1 : axis;
}

static inline gop_status gop_op_reduce(const gop_op_plan *p, gop_reduce kind)
{
    if (kind == GOP_REDUCE_SUM || kind == GOP_REDUCE_MEAN || kind == GOP_REDUCE_MAX)
        return GOP_OK;
    return gop_fail(p->err, GOP_EINVAL, "no such gop_reduce: %d", (int)kind);
}

/* Checks that a value may be so large.  Call this before computing with its size, which may
 * wrap. */
static inline gop_status gop_op_size(const gop_op_plan *p, gop_shape s)
{
    char a[100];
    if (gop_shape_size(s) <= GOP_MOST_ELEMENTS)
        return GOP_OK;
    return gop_fail(p->err, GOP_ENOMEM, "%s is too large", gop_shape_text(a, sizeof a, s));
}

/* ----------------------------------------------------------------- while running */

/* A shape seen from one axis: [outer, length, inner]. */
typedef struct gop_span {
    size_t outer, length, inner;
} gop_span;

static inline gop_span gop_span_of(gop_shape s, int axis)
{
    gop_span v = {1, s.dim[axis], 1};
    for (int i = 0; i < axis; i++)
        v.outer *= s.dim[i];
    for (int i = axis + 1; i < s.rank; i++)
        v.inner *= s.dim[i];
    return v;
}

/* The number of rows of `length` elements in about one chunk. */
static inline size_t gop_rows(size_t length)
{
    return length < GOP_CHUNK ? GOP_CHUNK / length : 1;
}

/* The index in a real, or n if it is not an integer in [0, n) (also for NaN). */
static inline size_t gop_index(gop_real v, size_t n)
{
    if (!(v >= 0 && v < (gop_real)n))
        return n;
    size_t i = (size_t)v;
    return (gop_real)i == v && i < n ? i : n;
}

/* The calling thread's scratch, with `size` elements for each thread. */
static inline gop_real *gop_op_work(const gop_run *r, size_t size)
{
    return r->work + gop_ctx_thread(r->ctx) * size;
}

/* Doubles kept in scratch memory of gop_real. */
enum { GOP_REALS_PER_DOUBLE = sizeof(double) / sizeof(gop_real) };

static inline void gop_put_double(gop_real *work, size_t i, double v)
{
    memcpy(work + i * GOP_REALS_PER_DOUBLE, &v, sizeof v);
}

static inline double gop_get_double(const gop_real *work, size_t i)
{
    double v;
    memcpy(&v, work + i * GOP_REALS_PER_DOUBLE, sizeof v);
    return v;
}

/* The sum of n such doubles, in order. */
static inline double gop_sum_doubles(const gop_real *work, size_t n)
{
    double s = 0;
    for (size_t i = 0; i < n; i++)
        s += gop_get_double(work, i);
    return s;
}

/* Writes to a gradient: accumulates with `add`, else overwrites.  In a loop with a constant `add`
 * the compiler makes two loops. */
#define GOP_PUT(gradient, add, value) ((gradient) = (add) ? (gradient) + (value) : (value))

/* to = from, or with `add` to += from. */
static inline void gop_move(gop_real *restrict to, const gop_real *restrict from, size_t n,
                            bool add)
{
    if (add)
        for (size_t i = 0; i < n; i++)
            to[i] += from[i];
    else
        memcpy(to, from, n * sizeof *to);
}

/* Writes element c of the gradient of input i, a sum in double, if that gradient is wanted. */
static inline void gop_put_sum(const gop_run *r, size_t i, size_t c, double sum)
{
    if (r->din[i] != NULL)
        r->din[i][c] = (gop_real)((r->add[i] ? (double)r->din[i][c] : 0) + sum);
}

/* 31 random bits for index i: two rounds of multiply and fold, with a key word before each, so that
 * neighbouring indices and keys are unrelated.  The multipliers are those of MurmurHash3's
 * finaliser (Appleby). */
static inline int32_t gop_draw(uint32_t i, uint32_t k0, uint32_t k1)
{
    uint32_t h = i * 0x9e3779b1u + k0;
    h ^= h >> 16;
    h *= 0x85ebca6bu;
    h ^= (h >> 13) ^ k1;
    h *= 0xc2b2ae35u;
    h ^= h >> 16;
    return (int32_t)(h >> 1);
}

/* gop_draw is below this with probability p, to within 2^-32. */
static inline int32_t gop_draw_bound(double p)
{
    return p < 1 - 0x1p-31 ? (int32_t)(p * 0x1p31 + 0.5) : INT32_MAX;
}

/* For the gradient of an input that has none, such as labels. */
static inline void gop_no_gradient(const gop_run *r, size_t i)
{
    if (r->din[i] != NULL && !r->add[i])
        memset(r->din[i], 0, gop_shape_size(r->in_shape[i]) * sizeof(gop_real));
}

#endif
