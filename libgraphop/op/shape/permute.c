/*
 * permute.c: puts the axes into another order.
 *
 *     out.dim[k] = in.dim[axes[k]],  y[i_0, i_1, ...] = x with i_k on axis axes[k]
 *     dx = dy with the axes put back
 *
 * x of rank up to 4; y of the same rank.  Axes that stay adjacent are processed as one.  If the
 * last axis stays, ranges of it are copied; else the axis that is last in x and the one that is last
 * in y are transposed.
 *
 * Source: the exchange of frames and channels between layouts.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/moves.h"
#include "op/per_frame.h"

/* Columns of a transpose that is cut are a multiple of this. */
enum { TILES = 16 };

typedef struct attributes {
    int axes[GOP_MAX_RANK];
    bool given;
} attributes;

/* The dimensions of the result, from the first axis to the last, and the step of each axis in the
 * source. */
typedef struct job {
    gop_real *to;
    const gop_real *from;
    bool add;
    size_t dim[GOP_MAX_RANK], step[GOP_MAX_RANK], own[GOP_MAX_RANK];
    int run;               /* the axis that is contiguous in the source */
    size_t pieces, piece;  /* of that axis, and elements of one, if the last axis does not stay */
    size_t count, at_once; /* runs or pieces: all, and those of a chunk */
} job;

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    gop_try(gop_op_count(p, 1, 1));
    if (!a->given)
        return gop_fail(p->err, GOP_EINVAL, "the list of axes is NULL");
    unsigned seen = 0;
    p->out = p->in[0];
    for (int k = 0; k < p->in[0].rank; k++) {
        const int axis = a->axes[k];
        if (axis < 0 || axis >= p->in[0].rank)
            return gop_fail(p->err, GOP_EINVAL, "axis %d is out of range for rank %d", axis,
                            p->in[0].rank);
        if (seen >> axis & 1)
            return gop_fail(p->err, GOP_EINVAL, "axis %d is named twice", axis);
        seen |= 1u << axis;
        p->out.dim[k] = p->in[0].dim[axis];
    }
    return GOP_OK;
}

/* Axes of size 1 are dropped and adjacent axes that stay adjacent are merged; the rest is at the
 * end of dim and step, after ones. */
static void set_walk(job *j, gop_shape shape, const int *axes)
{
    size_t apart[GOP_MAX_RANK], dim[GOP_MAX_RANK], step[GOP_MAX_RANK], n = 0;
    for (size_t k = (size_t)shape.rank, size = 1; k-- > 0; size *= shape.dim[k])
        apart[k] = size;
    for (int k = 0; k < shape.rank; k++) {
        const size_t d = shape.dim[axes[k]], s = apart[axes[k]];
        if (d == 1)
            continue;
        if (n > 0 && step[n - 1] == d * s) {
            dim[n - 1] *= d;
            step[n - 1] = s;
        } else {
            dim[n] = d;
            step[n++] = s;
        }
    }
    for (size_t k = 0; k < GOP_MAX_RANK; k++) {
        const bool some = k + n >= GOP_MAX_RANK;
        j->dim[k] = some ? dim[k + n - GOP_MAX_RANK] : 1;
        j->step[k] = some ? step[k + n - GOP_MAX_RANK] : 1;
        if (some && j->step[k] == 1)
            j->run = (int)k;
    }
    for (size_t k = GOP_MAX_RANK, size = 1; k-- > 0; size *= j->dim[k])
        j->own[k] = size;
    if (n == 0)
        j->run = GOP_MAX_RANK - 1;
}

/* Runs of the last axis, which stays. */
static void copy_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const size_t n = j->dim[3];
    const size_t end = gop_size_min((i + 1) * j->at_once, j->count);
    for (size_t at = i * j->at_once, some; at < end; at += some) {
        const size_t a = at / j->dim[2] / j->dim[1], b = at / j->dim[2] % j->dim[1];
        const size_t c = at % j->dim[2];
        some = gop_size_min(end - at, j->dim[2] - c);
        gop_move_rows(j->to + at * n, n, j->from + a * j->step[0] + b * j->step[1] + c * j->step[2],
                      j->step[2], some, n, j->add);
    }
}

/* The contiguous axis and the last one are transposed, for every index of the two others. */
static void turn_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const int other = j->run == 0 ? 1 : 0, third = 3 - j->run - other;
    const size_t end = gop_size_min((i + 1) * j->at_once, j->count);
    for (size_t k = i * j->at_once; k < end; k++) {
        const size_t at = k % j->pieces * j->piece, a = k / j->pieces / j->dim[third];
        const size_t b = k / j->pieces % j->dim[third];
        gop_transpose(j->to + a * j->own[other] + b * j->own[third] + at * j->own[j->run],
                      j->own[j->run], j->from + a * j->step[other] + b * j->step[third] + at,
                      j->step[3], j->dim[3], gop_size_min(j->piece, j->dim[j->run] - at), j->add);
    }
}

/* to (+)= from, which has the given shape, with its axes in the given order. */
static void move(const gop_run *r, gop_real *to, const gop_real *from, gop_shape shape,
                 const int *axes, bool add)
{
    job j = {.to = to, .from = from, .add = add};
    set_walk(&j, shape, axes);
    const size_t rows = j.dim[0] * j.dim[1] * j.dim[2];
    const bool stays = j.run == GOP_MAX_RANK - 1;
    if (stays) {
        j.count = rows;
        j.at_once = gop_rows(j.dim[3]);
    } else {
        j.piece = gop_round_up(gop_rows(j.dim[3]), TILES);
        j.pieces = gop_pieces(j.dim[j.run], j.piece);
        j.count = rows / j.dim[j.run] * j.pieces;
        j.at_once = gop_rows(j.dim[3] * gop_size_min(j.piece, j.dim[j.run]));
    }
    gop_parallel(r->ctx, gop_pieces(j.count, j.at_once), stays ? copy_chunk : turn_chunk, &j);
}

static void forward(const gop_run *r)
{
    const attributes *a = r->attr;
    move(r, r->out, r->in[0], r->in_shape[0], a->axes, false);
}

static void backward(const gop_run *r)
{
    const attributes *a = r->attr;
    int back[GOP_MAX_RANK] = {0};
    for (int k = 0; k < r->out_shape.rank; k++)
        back[a->axes[k]] = k;
    if (r->din[0] != NULL)
        move(r, r->din[0], r->dout, r->out_shape, back, r->add[0]);
}

static gop_status step(gop_op_step *s)
{
    const attributes *a = s->attr;
    gop_frame_axis f;
    if (!gop_step_find_axis(&f, s->in[0], s->at[0]))
        return gop_fail(s->err, GOP_EINVAL, "the frames of its input are spread over several axes");
    s->out.before = f.outer;
    s->out.after = f.inner;
    for (int k = 0, after = 0; k < s->out_shape.rank; k++) {
        if (a->axes[k] == f.axis)
            after = 1;
        else
            *(after ? &s->out.after : &s->out.before) *= s->out_shape.dim[k];
    }
    return GOP_OK;
}

/* ------------------------------------------------------------------------- cases */

/* By the definition, with every index explicit; axes beyond the rank stay. */
static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const attributes *a = attr;
    const size_t *x = in[0].shape.dim, *d = y.shape.dim;
    for (size_t e = 0; e < gop_shape_size(y.shape); e++) {
        const size_t i[4] = {e / d[3] / d[2] / d[1], e / d[3] / d[2] % d[1], e / d[3] % d[2],
                             e % d[3]};
        size_t of[4] = {0};
        for (int k = 0; k < y.shape.rank; k++)
            of[a->axes[k]] = i[k];
        y.v[e] = in[0].v[((of[0] * x[1] + of[1]) * x[2] + of[2]) * x[3] + of[3]];
    }
}

/* Two permutations with an axis of size 1: a reversal, then another order. */
static gop_var build_twice(gop_net *net, const gop_var *in, const void *attr)
{
    (void)attr;
    return gop_permute(net, gop_permute(net, in[0], (const int[4]){3, 2, 1, 0}),
                       (const int[4]){2, 3, 1, 0});
}

static const gop_case cases[] = {
    {"channels before nodes", .in = {{4, {2, 19, 5, 21}}},
     .attr = &(attributes){{0, 3, 2, 1}, true}, .bench = {{4, {8, 25, 64, 64}}}},
    {"channels first", .in = {{4, {2, 3, 5, 7}}}, .attr = &(attributes){{0, 3, 1, 2}, true},
     .bench = {{4, {8, 25, 64, 64}}}},
    {"nodes last", .in = {{4, {2, 3, 5, 7}}}, .attr = &(attributes){{0, 2, 3, 1}, true},
     .bench = {{4, {8, 25, 64, 64}}}},
    {"frames before nodes", .in = {{4, {2, 3, 5, 7}}}, .attr = &(attributes){{0, 2, 1, 3}, true},
     .bench = {{4, {8, 25, 64, 64}}}},
    {"samples third", .in = {{4, {2, 3, 5, 17}}}, .attr = &(attributes){{2, 1, 0, 3}, true},
     .bench = {{4, {8, 25, 64, 64}}}},
    {"pairs", .in = {{3, {3, 5, 2}}}, .attr = &(attributes){{0, 2, 1}, true},
     .bench = {{3, {8, 30000, 2}}}},
    {"planes of three", .in = {{3, {3, 5, 3}}}, .attr = &(attributes){{0, 2, 1}, true},
     .bench = {{3, {8, 30000, 3}}}},
    {"joined from planes of three", .in = {{3, {3, 3, 5}}}, .attr = &(attributes){{0, 2, 1}, true},
     .bench = {{3, {8, 3, 30000}}}},
    {"rows of three", .in = {{3, {19, 5, 3}}}, .attr = &(attributes){{1, 0, 2}, true},
     .bench = {{3, {800, 300, 3}}}},
    {"rows of six", .in = {{3, {19, 5, 6}}}, .attr = &(attributes){{1, 0, 2}, true}},
    {"two turns", .in = {{4, {4, 1, 5, 3}}}, .attr = &(attributes){{1, 0, 2, 3}, true},
     .build = build_twice},
    {"matrix", .in = {{2, {18, 37}}}, .attr = &(attributes){{1, 0}, true},
     .bench = {{2, {640, 640}}}},
    {0},
};

const gop_op gop_op_permute = {
    .name = "permute",
    .attr_size = sizeof(attributes),
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
    .step = step,
};

/*: The axes in another order.
 *
 *     dimension k of y is dimension axes[k] of x
 *     y[i_0, i_1, ...] = x with i_k on its axis axes[k]
 *
 * x of any shape; `axes` has one number for each axis of x, a permutation of 0 .. rank - 1, and is
 * copied.  {0, 3, 2, 1} turns [N, M, T, C] into [N, C, T, M].
 * Errors: GOP_EINVAL if axes is NULL, or a number is out of range or occurs twice.
 */
GOP_API gop_var gop_permute(gop_net *net, gop_var x, const int *axes)
{
    const gop_shape shape = gop_net_shape(net, x);
    attributes a = {{0}, axes != NULL};
    for (int k = 0; k < shape.rank && axes != NULL; k++)
        a.axes[k] = axes[k];
    return gop_apply(net, &gop_op_permute, &a, &x, 1);
}
