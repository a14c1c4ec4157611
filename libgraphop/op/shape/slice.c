/*
 * slice.c: a contiguous range of an axis.
 *
 *     y[o, l, i]          = x[o, start + l, i],   0 <= l < length
 *     dx[o, start + l, i] = dy[o, l, i], zero elsewhere
 *
 * x of any shape; y has size `length` on `axis`.
 *
 * Source: the last three observed poses that start Sym-GNN's eq. 10.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/moves.h"
#include "op/per_frame.h"

/* Elements from which on the zeros of a row are written apart. */
enum { SHORT = 128 };

typedef struct attributes {
    int axis;
    size_t start, length;
} attributes;

typedef struct sizes {
    size_t rows, at_once;       /* of x, and of a chunk */
    size_t width, before, part; /* elements of a row: all, before the slice, in it */
} sizes;

typedef struct job {
    const gop_run *r;
    sizes s;
} job;

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    gop_try(gop_op_count(p, 1, 1));
    gop_try(gop_op_axis(p, a->axis));
    size_t dim = p->in[0].dim[a->axis];
    if (a->length == 0 || a->length > dim || a->start > dim - a->length)
        return gop_fail(p->err, GOP_ESHAPE,
                        "start %zu and length %zu do not fit axis %d of size %zu", a->start,
                        a->length, a->axis, dim);
    p->out = p->in[0];
    p->out.dim[a->axis] = a->length;
    return GOP_OK;
}

static sizes measure(gop_shape in, const attributes *a)
{
    const gop_span x = gop_span_of(in, a->axis);
    return (sizes){.rows = x.outer,
                   .at_once = gop_rows(x.length * x.inner),
                   .width = x.length * x.inner,
                   .before = a->start * x.inner,
                   .part = a->length * x.inner};
}

static void forward_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const sizes *s = &j->s;
    const size_t begin = i * s->at_once, end = gop_size_min(begin + s->at_once, s->rows);
    gop_move_rows(j->r->out + begin * s->part, s->part, j->r->in[0] + begin * s->width + s->before,
                  s->width, end - begin, s->part, false);
}

static void backward_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const sizes *s = &j->s;
    const size_t begin = i * s->at_once, end = gop_size_min(begin + s->at_once, s->rows);
    gop_real *dx = j->r->din[0] + begin * s->width;
    const size_t after = s->width - s->before - s->part;
    if (!j->r->add[0] && s->width < SHORT)
        memset(dx, 0, (end - begin) * s->width * sizeof *dx);
    for (size_t o = begin; o < end && !j->r->add[0] && s->width >= SHORT; o++) {
        gop_real *row = j->r->din[0] + o * s->width;
        memset(row, 0, s->before * sizeof *row);
        memset(row + s->before + s->part, 0, after * sizeof *row);
    }
    gop_move_rows(dx + s->before, s->width, j->r->dout + begin * s->part, s->part, end - begin,
                  s->part, j->r->add[0]);
}

static void run(const gop_run *r, void (*chunk)(void *arg, size_t i))
{
    job j = {r, measure(r->in_shape[0], r->attr)};
    gop_parallel(r->ctx, gop_pieces(j.s.rows, j.s.at_once), chunk, &j);
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
    if (!gop_step_is_axis(s, 0, a->axis))
        return gop_step_along(s, a->axis);
    s->kind = GOP_STEP_SHIFT;
    s->pad = a->start;
    return GOP_OK;
}

/* ------------------------------------------------------------------------- cases */

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const attributes *a = attr;
    const gop_span x = gop_span_of(in[0].shape, a->axis);
    const size_t part = a->length * x.inner;
    for (size_t k = 0; k < gop_shape_size(y.shape); k++)
        y.v[k] = in[0].v[(k / part * x.length + a->start) * x.inner + k % part];
}

/* Overlapping slices: the middle of x gets two gradients. */
static gop_var build_overlap(gop_net *net, const gop_var *in, const void *attr)
{
    const size_t n = gop_net_shape(net, in[0]).dim[0] - 1;
    (void)attr;
    return gop_sub(net, gop_slice(net, in[0], 0, 1, n), gop_slice(net, in[0], 0, 0, n));
}

static void naive_overlap(gop_tensor y, const gop_tensor *in, const void *attr)
{
    (void)attr;
    for (size_t i = 0; i < y.shape.dim[0]; i++)
        y.v[i] = in[0].v[i + 1] - in[0].v[i];
}

static const gop_case cases[] = {
    {"frames", .in = {{4, {2, 3, 7, 5}}}, .attr = &(attributes){2, 3, 2}},
    {"overlapping", .in = {{1, {5}}}, .build = build_overlap, .naive = naive_overlap},
    {0},
};

const gop_op gop_op_slice = {
    .name = "slice",
    .attr_size = sizeof(attributes),
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
    .step = step,
};

/*: A contiguous range of an axis.
 *
 *     y[o, l, i] = x[o, start + l, i],   0 <= l < length
 *
 * x of any shape, 0 <= axis < rank, or -1 for the last; y has size `length` on the axis.
 */
GOP_API gop_var gop_slice(gop_net *net, gop_var x, int axis, size_t start, size_t length)
{
    attributes a = {gop_axis_of(net, x, axis), start, length};
    return gop_apply(net, &gop_op_slice, &a, &x, 1);
}
