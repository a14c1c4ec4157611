/*
 * conv_slices.c: convolutions along frames with groups of channels, or whose stride and dilation
 * have a common divisor.  Internal; reads and writes only its arguments.
 *
 * Windows of a group read only its channels.  With a common divisor g of stride and dilation they
 * read only every g-th frame, by stride / g and dilation / g.  Such a slice is copied, convolved
 * by conv_direct.c, and its result is copied or added back; dW is in place.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "op/moves.h"
#include "op/temporal/conv.h"

/* Frames of x whose slices are read at once for dW. */
enum { DEPTH = 256 };

/* A slice has the frames first, first + step, ... of x. */
typedef struct slice {
    gop_conv_sizes s;
    size_t first, step;
} slice;

static size_t common_divisor(size_t a, size_t b)
{
    while (b != 0) {
        const size_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static slice slice_of(const gop_conv_sizes *all)
{
    slice c = {.s = *all, .step = common_divisor(all->a.stride, all->a.dilation)};
    gop_conv_sizes *s = &c.s;
    s->a.stride /= c.step;
    s->a.dilation /= c.step;
    s->a.pad = gop_pieces(all->a.pad, c.step);
    c.first = s->a.pad * c.step - all->a.pad;
    s->t_in = all->t_in > c.first ? gop_pieces(all->t_in - c.first, c.step) : 0;
    s->a.groups = 1;
    s->c_in = s->ci;
    s->c_out = s->co;
    s->t_from = s->back ? s->t_out : s->t_in;
    s->c_from = s->back ? s->co : s->ci;
    s->t_to = s->back ? s->t_in : s->t_out;
    s->c_to = s->back ? s->ci : s->co;
    return c;
}

static bool pays(const gop_ctx *ctx, const gop_conv_sizes *s)
{
    const slice c = slice_of(s);
    return (s->a.groups > 1 || c.step > 1) && c.s.t_in > 0 && gop_direct.pays(ctx, &c.s);
}

/* Elements of a slice of a sequence. */
static size_t from_size(const slice *c)
{
    return c->s.t_from * c->s.c_from;
}

static size_t to_size(const slice *c)
{
    return c->s.t_to * c->s.c_to;
}

/* conv_direct.c's sizes for n sequences at once. */
static void measure_slice(const gop_ctx *ctx, slice *c, size_t n)
{
    gop_direct.measure(ctx, &c->s);
    c->s.scratch = c->s.scratch / gop_cut_most(c->s.seqs, c->s.batches) * n;
}

static void measure(const gop_ctx *ctx, gop_conv_sizes *s)
{
    slice c = slice_of(s);
    gop_conv_cut(s, s->t_from * s->c_from, 1);
    const size_t n = gop_cut_most(s->seqs, s->batches);
    measure_slice(ctx, &c, n);
    s->prepared = s->a.groups * c.s.prepared;
    s->scratch = n * (gop_line(from_size(&c)) + gop_line(to_size(&c))) + c.s.scratch;
}

static void prepare(gop_ctx *ctx, const gop_conv_sizes *s, const gop_real *W, gop_real *prepared)
{
    slice c = slice_of(s);
    measure_slice(ctx, &c, 1);
    for (size_t g = 0; g < s->a.groups; g++)
        gop_direct.prepare(ctx, &c.s, W + g * s->co * s->taps * s->ci, prepared + g * c.s.prepared);
}

/* The slices of n sequences of x, whose first channel is at `x`. */
static void take_x(const slice *c, const gop_conv_sizes *all, gop_real *to, const gop_real *x,
                   size_t n)
{
    const size_t c_in = all->c_in, t = c->s.t_in, ci = c->s.ci;
    if (c->step == 1)
        gop_move_rows(to, ci, x, c_in, n * t, ci, false);
    for (size_t q = 0; q < n && c->step > 1; q++)
        gop_move_rows(to + q * t * ci, ci, x + (q * all->t_in + c->first) * c_in, c->step * c_in, t,
                      ci, false);
}

static void put_dx(const slice *c, const gop_conv_sizes *all, gop_real *dx, const gop_real *from,
                   size_t n, bool add)
{
    const size_t c_in = all->c_in, t = c->s.t_in, ci = c->s.ci;
    if (c->step == 1)
        gop_move_rows(dx, c_in, from, ci, n * t, ci, add);
    for (size_t q = 0; q < n && c->step > 1; q++)
        gop_move_rows(dx + (q * all->t_in + c->first) * c_in, c->step * c_in, from + q * t * ci, ci,
                      t, ci, add);
}

static void chunk(gop_ctx *ctx, const gop_conv_sizes *s, const gop_real *weights, size_t n,
                  const gop_real *from, size_t first, size_t last, bool add, gop_real *to,
                  gop_real *scratch)
{
    slice c = slice_of(s);
    (void)first, (void)last;
    measure_slice(ctx, &c, n);
    gop_real *in = scratch, *out = in + n * gop_line(from_size(&c));
    gop_real *rest = out + n * gop_line(to_size(&c));
    /* Frames between those of the slices have no gradient. */
    if (s->back && c.step > 1 && !add)
        memset(to, 0, n * s->t_in * s->c_in * sizeof *to);
    for (size_t g = 0; g < s->a.groups; g++, weights += c.s.prepared) {
        if (s->back)
            gop_move_rows(in, s->co, from + g * s->co, s->c_out, n * s->t_out, s->co, false);
        else
            take_x(&c, s, in, from + g * s->ci, n);
        gop_direct.chunk(ctx, &c.s, weights, n, in, 0, gop_packed_panels(ctx, c.s.c_to), false, out,
                         rest);
        if (s->back)
            put_dx(&c, s, to + g * s->ci, out, n, add);
        else
            gop_move_rows(to + g * s->co, s->c_out, out, s->co, n * s->t_out, s->co, add);
    }
}

static size_t at_once(const gop_conv_sizes *s)
{
    return gop_size_max(1, DEPTH / s->t_in);
}

static void measure_weights(const gop_ctx *ctx, gop_conv_sizes *s)
{
    slice c = slice_of(s);
    gop_direct.measure_weights(ctx, &c.s);
    gop_conv_cut_shares(s, SIZE_MAX);
    s->blocks = 1;
    s->scratch = at_once(s) * (gop_line(c.s.t_in * s->ci) + gop_line(s->t_out * s->co)) +
                 c.s.scratch;
}

static void weights_of(gop_ctx *ctx, const gop_conv_sizes *s, size_t block, size_t n,
                       const gop_real *x, const gop_real *dy, bool add, gop_real *dw,
                       gop_real *scratch)
{
    slice c = slice_of(s);
    gop_direct.measure_weights(ctx, &c.s);
    (void)block;
    for (size_t q = 0, some; q < n; q += some, add = true) {
        some = gop_size_min(at_once(s), n - q);
        gop_real *a = scratch, *b = a + some * gop_line(c.s.t_in * s->ci);
        gop_real *rest = b + some * gop_line(s->t_out * s->co);
        for (size_t g = 0; g < s->a.groups; g++) {
            take_x(&c, s, a, x + g * s->ci, some);
            gop_move_rows(b, s->co, dy + g * s->co, s->c_out, some * s->t_out, s->co, false);
            for (size_t k = 0; k < c.s.blocks; k++)
                gop_direct.weights(ctx, &c.s, k, some, a, b, add, dw + g * s->co * s->taps * s->ci,
                                   rest);
        }
        x += some * s->t_in * s->c_in;
        dy += some * s->t_out * s->c_out;
    }
}

const gop_conv_method gop_slices = {
    .name = "slices",
    .pays = pays,
    .measure = measure,
    .prepare = prepare,
    .chunk = chunk,
    .measure_weights = measure_weights,
    .weights = weights_of,
};
