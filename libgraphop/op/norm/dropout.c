/*
 * dropout.c: sets elements, or all elements along shared axes, to zero at random, in training
 * and in sampling nets.
 *
 *     y  = keep * x / (1 - p),   keep = 0 with probability p, else 1
 *     dx = keep * dy / (1 - p)
 *
 * x of any shape; y has the same shape and may overwrite x.  All elements along the shared axes
 * have one draw: sharing nodes and frames of [N, M, T, C] keeps or drops whole channels of a
 * sample.  The first axis, the samples, is never shared.
 *
 * The mask is not stored: a draw is a hash of its number with two words from the counter-based
 * generator for (key, stream), so that backward computes the same mask, at any number of threads.
 * A stream is a chunk of elements if each has its own draw, else a sample, whose draws are numbered
 * along its other axes.  The probability is p to within 2^-32.
 *
 * Source: Srivastava et al. 2014; channels, Tompson et al. 2015.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/op.h"
#include "op/per_frame.h"

typedef struct attributes {
    double p;
    unsigned axes; /* bit i: elements along axis i share a draw */
} attributes;

/* The draws of a sample. */
typedef struct sizes {
    size_t rows, width;        /* of a sample; the width of a row */
    size_t dim[GOP_MAX_RANK];  /* of the axes between the first and the last */
    size_t step[GOP_MAX_RANK]; /* draws from one index of an axis to the next; 0 if shared */
    size_t draws;
    bool whole; /* a row shares one draw */
} sizes;

static sizes measure(gop_shape x, unsigned axes)
{
    sizes s = {.width = x.dim[x.rank - 1], .draws = 1, .whole = axes >> (x.rank - 1) & 1};
    s.draws = s.whole ? 1 : s.width;
    s.rows = 1;
    for (int i = x.rank - 2; i > 0; i--) {
        s.dim[i] = x.dim[i];
        s.step[i] = axes >> i & 1 ? 0 : s.draws;
        s.draws *= axes >> i & 1 ? 1 : x.dim[i];
        s.rows *= x.dim[i];
    }
    return s;
}

/* Only axes of x, without the first. */
static bool possible(unsigned axes, gop_shape x)
{
    return axes == 0 || (!(axes & 1) && x.rank > 0 && axes >> x.rank == 0);
}

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    char text[80];
    gop_try(gop_op_count(p, 1, 1));
    p->out = p->in[0];
    if (!(a->p >= 0 && a->p < 1))
        return gop_fail(p->err, GOP_EINVAL, "p must be in [0, 1), not %g", a->p);
    if (a->axes == 0)
        return GOP_OK;
    if (!possible(a->axes, p->out))
        return gop_fail(p->err, GOP_EINVAL,
                        "axes %#x must contain only bits of the axes after the first of x %s",
                        a->axes, gop_shape_text(text, sizeof text, p->out));
    const sizes s = measure(p->out, a->axes);
    if (s.draws > UINT32_MAX)
        return gop_fail(p->err, GOP_ESHAPE, "%zu draws per sample are too many", s.draws);
    return GOP_OK;
}

/* The threshold for a run's draws, and the factor of kept elements. */
typedef struct draw {
    gop_real scale;
    int32_t below;
    uint32_t k0, k1; /* of the draws of a stream */
} draw;

static draw start(const gop_run *r, double chance)
{
    const double p = r->draws ? chance : 0;
    return (draw){.scale = (gop_real)(1 / (1 - p)), .below = gop_draw_bound(p)};
}

static void set_stream(draw *d, const gop_run *r, size_t stream)
{
    gop_rng rng = gop_rng_new(r->random_key, stream);
    d->k0 = gop_rng_u32(&rng);
    d->k1 = gop_rng_u32(&rng);
}

/* Uses the stream's draws from `first` on, one for each element.  y may be x. */
GOP_VECTOR static void mask(gop_real *y, const gop_real *x, gop_real scale, int32_t below,
                            uint32_t k0, uint32_t k1, uint32_t first, size_t n, bool add)
{
    GOP_INDEPENDENT
    for (uint32_t i = 0; i < (uint32_t)n; i++) {
        gop_real v = x[i] * scale;
        GOP_PUT(y[i], add, gop_draw(first + i, k0, k1) < below ? 0 : v);
    }
}

GOP_VECTOR static void multiply(gop_real *y, const gop_real *x, gop_real scale, size_t n, bool add)
{
    GOP_INDEPENDENT
    for (size_t i = 0; i < n; i++)
        GOP_PUT(y[i], add, x[i] * scale);
}

static void run_elements(draw d, const gop_run *r, gop_real *y, const gop_real *x, bool add,
                         size_t from, size_t to)
{
    while (from < to) {
        const size_t chunk = from / GOP_CHUNK, first = from % GOP_CHUNK;
        const size_t n = gop_size_min(to - from, GOP_CHUNK - first);
        set_stream(&d, r, chunk);
        mask(y + from, x + from, d.scale, d.below, d.k0, d.k1, (uint32_t)first, n, add);
        from += n;
    }
}

/* The first draw of a sample's row. */
static uint32_t draw_of(const sizes *s, int rank, size_t row)
{
    size_t at = 0;
    for (int i = rank - 2; i > 0; row /= s->dim[i--])
        at += row % s->dim[i] * s->step[i];
    return (uint32_t)at;
}

static void run_rows(draw d, const gop_run *r, gop_real *y, const gop_real *x, bool add,
                     size_t from, size_t to)
{
    const attributes *a = r->attr;
    const sizes s = measure(r->out_shape, a->axes);

    for (size_t drawn = SIZE_MAX; from < to; from += s.width) {
        const size_t row = from / s.width, sample = row / s.rows;
        const uint32_t at = draw_of(&s, r->out_shape.rank, row % s.rows);
        if (drawn != sample)
            set_stream(&d, r, drawn = sample);
        if (!s.whole)
            mask(y + from, x + from, d.scale, d.below, d.k0, d.k1, at, s.width, add);
        else if (gop_draw(at, d.k0, d.k1) >= d.below)
            multiply(y + from, x + from, d.scale, s.width, add);
        else if (!add)
            memset(y + from, 0, s.width * sizeof *y);
    }
}

static void run(const gop_run *r, gop_real *y, const gop_real *x, bool add, size_t from, size_t to)
{
    const attributes *a = r->attr;
    (a->axes ? run_rows : run_elements)(start(r, a->p), r, y, x, add, from, to);
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

static gop_var flat(gop_net *net, gop_var x)
{
    return gop_reshape(net, x, gop_shape1(gop_shape_size(gop_net_shape(net, x))));
}

/* Elements that share a draw must agree: with x repeated along two axes, y is the same along them.
 * With p = 1/2 each y must be 0 or 2x, so that y (y - 2x) = 0. */
static gop_var build_shared(gop_net *net, const gop_var *in, const void *attr)
{
    const attributes *a = attr;
    gop_var x = in[0], all[GOP_MAX_RANK];
    size_t n = 0;
    for (int axis = 1; axis < GOP_MAX_RANK; axis++)
        if (a->axes >> axis & 1)
            x = gop_repeat(net, x, axis, 5);
    gop_var y = gop_dropout(net, x, a->p, a->axes);
    for (int axis = 1; axis < GOP_MAX_RANK; axis++)
        if (a->axes >> axis & 1)
            all[n++] = flat(
                net, gop_sub(net, gop_slice(net, y, axis, 0, 4), gop_slice(net, y, axis, 1, 4)));
    all[n++] = flat(net, gop_mul(net, y, gop_axpby(net, 1, y, -2, x)));
    return gop_concat(net, all, n, 0);
}

static void naive_nothing(gop_tensor y, const gop_tensor *in, const void *attr)
{
    (void)y, (void)in, (void)attr;
}

/* p is so small that the mask is known: the formula with keep = 1. */
static void naive_kept(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const attributes *a = attr;
    for (size_t i = 0; i < gop_shape_size(y.shape); i++)
        y.v[i] = in[0].v[i] / (gop_real)(1 - a->p);
}

static const gop_case cases[] = {
    {"p = 0.4", .in = {{4, {2, 3, 5, 7}}}, .attr = &(attributes){0.4, 0}, .training = true},
    {"channels, p = 0.4", .in = {{4, {2, 3, 5, 7}}}, .attr = &(attributes){0.4, GOP_DROP_CHANNELS},
     .training = true},
    {"frames, p = 0.4", .in = {{4, {2, 3, 5, 7}}}, .attr = &(attributes){0.4, GOP_DROP_FRAMES},
     .training = true},
    {"whole channels", .in = {{4, {4, 1, 1, 7}}}, .attr = &(attributes){0.5, GOP_DROP_CHANNELS},
     .training = true, .build = build_shared, .naive = naive_nothing},
    {"whole frames", .in = {{4, {4, 1, 5, 1}}}, .attr = &(attributes){0.5, GOP_DROP_FRAMES},
     .training = true, .build = build_shared, .naive = naive_nothing},
    {"whole nodes", .in = {{4, {4, 3, 1, 1}}}, .attr = &(attributes){0.5, 1 << 2 | 1 << 3},
     .training = true, .build = build_shared, .naive = naive_nothing},
    {"frames of nodes", .in = {{4, {4, 3, 5, 1}}}, .attr = &(attributes){0.5, 1 << 3},
     .training = true, .build = build_shared, .naive = naive_nothing},
    {"p = 1e-12", .in = {{2, {5, 7}}}, .attr = &(attributes){1e-12, 0}, .training = true,
     .naive = naive_kept},
    {"channels, p = 1e-12", .in = {{4, {2, 3, 5, 7}}},
     .attr = &(attributes){1e-12, GOP_DROP_CHANNELS}, .training = true, .naive = naive_kept},
    {"frames, p = 1e-12", .in = {{4, {2, 3, 5, 7}}}, .attr = &(attributes){1e-12, GOP_DROP_FRAMES},
     .training = true, .naive = naive_kept},
    {0},
};

const gop_op gop_op_dropout = {
    .name = "dropout",
    .flags = GOP_OP_INPLACE | GOP_OP_ELEMENTWISE | GOP_OP_INPLACE_GRAD | GOP_OP_RANDOM,
    .attr_size = sizeof(attributes),
    .plan = plan,
    .rows = rows,
    .rows_back = rows_back,
    .cases = cases,
    .step = gop_step_elements,
};

#ifndef GRAPHOP_OPS_H
/*: Axes of x [N, M, T, C] along which elements share a draw of gop_dropout: none; nodes and frames,
 * which drops whole channels; nodes and channels, which drops whole frames. */
enum {
    GOP_DROP_ELEMENTS = 0,
    GOP_DROP_CHANNELS = 1 << 1 | 1 << 2,
    GOP_DROP_FRAMES = 1 << 1 | 1 << 3
};
#endif

/*: Dropout (Srivastava et al. 2014; for channels, Tompson et al. 2015).
 *
 *     y = keep * x / (1 - p),   keep = 0 with probability p, else 1
 *
 * x of any shape; y has the same shape; 0 <= p < 1.  If bit i of `axes` is set, elements along axis
 * i share a draw: GOP_DROP_ELEMENTS, GOP_DROP_CHANNELS, GOP_DROP_FRAMES or any other axes except
 * the first.  In a net that does not draw (gop_net_draws), and with p = 0, nothing is recorded and
 * y is x.  gop_net_random sets the key of the draws.
 * Errors: GOP_EINVAL for p out of range and for no such axis.
 */
GOP_API gop_var gop_dropout(gop_net *net, gop_var x, double p, unsigned axes)
{
    attributes a = {p, axes};
    const gop_shape s = gop_net_shape(net, x);
    if (gop_net_status(net) == GOP_OK && s.rank >= 0 && possible(axes, s) &&
        (p == 0 || (p > 0 && p < 1 && !gop_net_draws(net))))
        return x;
    return gop_apply(net, &gop_op_dropout, &a, &x, 1);
}
