/*
 * slice.c: a run of places along one axis.
 *
 *     y[o, l, i]          = x[o, start + l, i],   0 <= l < length
 *     dx[o, start + l, i] = dy[o, l, i], zero elsewhere
 *
 * x of any shape; y's `axis` has `length` places.
 *
 * Source: the last three observed poses that start Sym-GNN's eq. 10.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/op.h"

typedef struct attributes {
    int axis;
    size_t start, length;
} attributes;

typedef struct job {
    const gop_run *r;
    size_t rows, at_once, width, before, part; /* a row of x: before, part of y, the rest */
} job;

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    gop_status s = gop_op_count(p, 1, 1);
    if (s == GOP_OK)
        s = gop_op_axis(p, a->axis);
    if (s != GOP_OK)
        return s;
    size_t dim = p->in[0].dim[a->axis];
    if (a->length == 0 || a->length > dim || a->start > dim - a->length)
        return gop_fail(p->err, GOP_ESHAPE, "%zu places from %zu on do not lie in axis %d's %zu",
                        a->length, a->start, a->axis, dim);
    p->out = p->in[0];
    p->out.dim[a->axis] = a->length;
    return GOP_OK;
}

static job prepare(const gop_run *r)
{
    const attributes *a = r->attr;
    gop_span x = gop_span_of(r->in_shape[0], a->axis);
    job j = {.r = r,
             .rows = x.outer,
             .width = x.length * x.inner,
             .before = a->start * x.inner,
             .part = a->length * x.inner};
    j.at_once = gop_rows(j.width);
    return j;
}

static void cut(void *arg, size_t i)
{
    const job *j = arg;
    size_t begin = i * j->at_once, end = gop_size_min(begin + j->at_once, j->rows);
    for (size_t o = begin; o < end; o++)
        memcpy(j->r->out + o * j->part, j->r->in[0] + o * j->width + j->before,
               j->part * sizeof(gop_real));
}

static void put_back(void *arg, size_t i)
{
    const job *j = arg;
    size_t begin = i * j->at_once, end = gop_size_min(begin + j->at_once, j->rows);
    for (size_t o = begin; o < end; o++) {
        gop_real *dx = j->r->din[0] + o * j->width;
        if (!j->r->add[0]) {
            memset(dx, 0, j->before * sizeof *dx);
            memset(dx + j->before + j->part, 0, (j->width - j->before - j->part) * sizeof *dx);
        }
        gop_move(dx + j->before, j->r->dout + o * j->part, j->part, j->r->add[0]);
    }
}

static void forward(const gop_run *r)
{
    job j = prepare(r);
    gop_parallel(r->ctx, gop_pieces(j.rows, j.at_once), cut, &j);
}

static void backward(const gop_run *r)
{
    job j = prepare(r);
    if (r->din[0] != NULL)
        gop_parallel(r->ctx, gop_pieces(j.rows, j.at_once), put_back, &j);
}

/* ------------------------------------------------------------------------- cases */

static gop_var build_frames(gop_net *net, const gop_var *in)
{
    return gop_slice(net, in[0], 2, 3, 2);
}

static void naive_frames(gop_real *out, const gop_real *const *in)
{
    for (int row = 0; row < 2 * 3; row++)
        for (int i = 0; i < 2 * 5; i++)
            out[row * 10 + i] = in[0][row * 7 * 5 + 3 * 5 + i];
}

/* Overlapping slices: the middle of x gets two gradients. */
static gop_var build_overlap(gop_net *net, const gop_var *in)
{
    return gop_sub(net, gop_slice(net, in[0], 0, 1, 4), gop_slice(net, in[0], 0, 0, 4));
}

static void naive_overlap(gop_real *out, const gop_real *const *in)
{
    for (int i = 0; i < 4; i++)
        out[i] = in[0][i + 1] - in[0][i];
}

static const gop_case cases[] = {
    {.name = "frames",
     .in = {{4, {2, 3, 7, 5}}},
     .build_old = build_frames,
     .naive_old = naive_frames},
    {.name = "overlapping",
     .in = {{1, {5}}},
     .build_old = build_overlap,
     .naive_old = naive_overlap},
    {.name = NULL},
};

const gop_op gop_op_slice = {
    .name = "slice",
    .attr_size = sizeof(attributes),
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
};

/*: A run of places along an axis.
 *
 *     y[o, l, i] = x[o, start + l, i],   0 <= l < length
 *
 * x of any shape, 0 <= axis < rank; y's axis has `length` places.
 */
GOP_API gop_var gop_slice(gop_net *net, gop_var x, int axis, size_t start, size_t length)
{
    attributes a = {axis, start, length};
    return gop_apply(net, &gop_op_slice, &a, &x, 1);
}
