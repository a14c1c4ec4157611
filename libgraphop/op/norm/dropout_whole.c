/*
 * dropout_whole.c: sets whole channels or whole frames to zero at random while
 * training.
 *
 *     y[n,m,t,c]  = keep x[n,m,t,c] / (1 - p),   keep = 0 with probability p, else 1
 *     dx[n,m,t,c] = keep dy[n,m,t,c] / (1 - p)
 *
 * x [N, M, T, C], y has the same shape and may be written over x.  There is one
 * draw for each sample and channel, keep[n,c], or for each sample and frame,
 * keep[n,t]: at a frame all nodes are kept or none.  The mask is not stored: place
 * i of sample n draws from a hash of i under two words that the counter-based
 * generator gives for (key, n), so that backward finds the same mask and any number
 * of threads draws the same.  The probability is p to within 2^-32.
 *
 * Source: channels, Tompson et al. 2015; frames likewise.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/norm/dropout.h"

enum { FRAMES = 2, CHANNELS = 3 };

typedef struct attributes {
    double p;
    int axis;
} attributes;

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    gop_status s = gop_op_count(p, 1, 1);
    if (s == GOP_OK)
        s = gop_op_rank(p, 0, 4);
    if (s != GOP_OK)
        return s;
    p->out = p->in[0];
    s = gop_dropout_chance(p, a->p);
    if (s != GOP_OK)
        return s;
    if (p->out.dim[a->axis] > UINT32_MAX)
        return gop_fail(p->err, GOP_ESHAPE, "%zu draws for a sample are too many",
                        p->out.dim[a->axis]);
    return GOP_OK;
}

GOP_VECTOR static void multiply(gop_real *y, const gop_real *x, gop_real scale, size_t n, bool add)
{
    if (add)
        GOP_INDEPENDENT
    for (size_t i = 0; i < n; i++)
        y[i] += x[i] * scale;
    else GOP_INDEPENDENT
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] * scale;
}

static void run(const gop_run *r, gop_real *y, const gop_real *x, bool add, size_t from, size_t to)
{
    const attributes *a = r->attr;
    gop_dropout_draw d = gop_dropout_take(r, a->p);
    const size_t frames = r->out_shape.dim[2], width = r->out_shape.dim[3];
    const size_t sample = r->out_shape.dim[1] * frames * width;

    for (size_t drawn = SIZE_MAX, n; from < to; from += n) {
        n = gop_size_min(to - from, width - from % width);
        if (drawn != from / sample) {
            drawn = from / sample;
            gop_dropout_stream(&d, r, drawn);
        }
        if (a->axis == CHANNELS)
            gop_dropout_mask(&d, y + from, x + from, (uint32_t)(from % width), n, add);
        else if (gop_draw((uint32_t)(from / width % frames), d.k0, d.k1) >= d.below)
            multiply(y + from, x + from, d.scale, n, add);
        else if (!add)
            memset(y + from, 0, n * sizeof *y);
    }
}

static void rows(const gop_run *r, size_t from, size_t to)
{
    run(r, r->out, r->in[0], false, from, to);
}

static void rows_back(const gop_run *r, size_t from, size_t to)
{
    if (r->din[0] != NULL)
        run(r, r->din[0], r->dout, r->add[0], from, to);
}

/* ------------------------------------------------------------------------- cases */

static gop_var build_channels(gop_net *net, const gop_var *in)
{
    return gop_dropout_channels(net, in[0], 0.4);
}

static gop_var build_frames(gop_net *net, const gop_var *in)
{
    return gop_dropout_frames(net, in[0], 0.4);
}

static gop_var flat(gop_net *net, gop_var x)
{
    return gop_reshape(net, x, gop_shape1(gop_shape_size(gop_net_shape(net, x))));
}

/* What all of the elements that share a draw must share: with x equal in them, y is
 * the same at all nodes, and at all frames or channels.  And what each y must be:
 * 0 or 2x, so that y (y - 2x) = 0. */
static gop_var differences(gop_net *net, gop_var x, gop_var y, int axis, size_t n)
{
    gop_var nodes = gop_sub(net, gop_slice(net, y, 1, 0, 2), gop_slice(net, y, 1, 1, 2));
    gop_var others = gop_sub(net, gop_slice(net, y, axis, 0, n - 1),
                             gop_slice(net, y, axis, 1, n - 1));
    gop_var either = gop_mul(net, y, gop_axpby(net, 1, y, -2, x));
    gop_var all[3] = {flat(net, nodes), flat(net, others), flat(net, either)};
    return gop_concat(net, all, 3, 0);
}

static gop_var build_same_channels(gop_net *net, const gop_var *in)
{
    gop_var x = gop_repeat(net, gop_repeat(net, in[0], 1, 3), 2, 5);
    return differences(net, x, gop_dropout_channels(net, x, 0.5), 2, 5);
}

static gop_var build_same_frames(gop_net *net, const gop_var *in)
{
    gop_var x = gop_repeat(net, gop_repeat(net, in[0], 1, 3), 3, 7);
    return differences(net, x, gop_dropout_frames(net, x, 0.5), 3, 7);
}

static void naive_nothing(gop_real *out, const gop_real *const *in)
{
    (void)out;
    (void)in;
}

/* So rarely that the mask is known: the formula with keep = 1. */
static gop_var build_rare(gop_net *net, const gop_var *in)
{
    return gop_dropout_frames(net, gop_dropout_channels(net, in[0], 1e-12), 1e-12);
}

static void naive_rare(gop_real *out, const gop_real *const *in)
{
    for (int i = 0; i < 2 * 3 * 5 * 7; i++)
        out[i] = (gop_real)((double)in[0][i] / (1 - 1e-12) / (1 - 1e-12));
}

static const gop_case cases[] = {
    {.name = "channels, p = 0.4",
     .in = {{4, {2, 3, 5, 7}}},
     .build_old = build_channels,
     .training = true},
    {.name = "frames, p = 0.4",
     .in = {{4, {2, 3, 5, 7}}},
     .build_old = build_frames,
     .training = true},
    {.name = "whole channels",
     .in = {{4, {4, 1, 1, 7}}},
     .build_old = build_same_channels,
     .naive_old = naive_nothing,
     .training = true},
    {.name = "whole frames",
     .in = {{4, {4, 1, 5, 1}}},
     .build_old = build_same_frames,
     .naive_old = naive_nothing,
     .training = true},
    {.name = "p = 1e-12",
     .in = {{4, {2, 3, 5, 7}}},
     .build_old = build_rare,
     .naive_old = naive_rare,
     .training = true},
    {.name = NULL},
};

const gop_op gop_op_dropout_whole = {
    .name = "dropout_whole",
    .flags = GOP_OP_INPLACE | GOP_OP_ELEMENTWISE | GOP_OP_INPLACE_GRAD,
    .attr_size = sizeof(attributes),
    .plan = plan,
    .rows = rows,
    .rows_back = rows_back,
    .cases = cases,
};

static gop_var record(gop_net *net, gop_var x, double p, int axis)
{
    attributes a = {p, axis};
    if (gop_dropout_idle(net, x, p))
        return x;
    return gop_apply(net, &gop_op_dropout_whole, &a, &x, 1);
}

/*: Dropout of whole channels (Tompson et al. 2015).
 *
 *     y[n,m,t,c] = keep[n,c] x[n,m,t,c] / (1 - p),   keep = 0 with probability p, else 1
 *
 * x [N, M, T, C], y has the same shape; one draw for each sample and channel.
 * 0 <= p < 1.  In an inference net, and with p = 0, nothing is recorded and y is x.
 * gop_net_random decides the draws.
 * Errors: GOP_EINVAL for p out of range, GOP_ESHAPE for another rank.
 */
GOP_API gop_var gop_dropout_channels(gop_net *net, gop_var x, double p)
{
    return record(net, x, p, CHANNELS);
}

/*: Dropout of whole frames.
 *
 *     y[n,m,t,c] = keep[n,t] x[n,m,t,c] / (1 - p),   keep = 0 with probability p, else 1
 *
 * As gop_dropout_channels, with one draw for each sample and frame: all nodes of a
 * frame are kept or none.
 */
GOP_API gop_var gop_dropout_frames(gop_net *net, gop_var x, double p)
{
    return record(net, x, p, FRAMES);
}
