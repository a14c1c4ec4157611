/*
 * conv_depthwise.c: convolutions along frames with one channel of x and of y in each
 * group.  Internal; reads and writes only its arguments.
 *
 * A tap is a loop over the channels of each frame that it reads, in y, dx and dW alike.  The loop
 * is also contiguous in W, which is transposed first: [tau, C].  A batch's share of dW has the same
 * layout.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "op/temporal/conv.h"

static bool pays(const gop_ctx *ctx, const gop_conv_sizes *s)
{
    (void)ctx;
    return (s->a.dilation != 1 || s->a.groups != 1) && s->ci == 1 && s->co == 1;
}

static void measure(const gop_ctx *ctx, gop_conv_sizes *s)
{
    (void)ctx;
    gop_conv_cut(s, s->t_from * s->c_from, 1);
    s->prepared = gop_line(s->taps * s->c_out);
}

static void prepare(gop_ctx *ctx, const gop_conv_sizes *s, const gop_real *W, gop_real *prepared)
{
    (void)ctx;
    for (size_t c = 0; c < s->c_out; c++)
        for (size_t k = 0; k < s->taps; k++)
            prepared[k * s->c_out + c] = W[c * s->taps + k];
}

/* to[t lt + c] += w[c] from[t lf + c] */
GOP_VECTOR static void add_tap(gop_real *restrict to, size_t lt, const gop_real *restrict from,
                               size_t lf, const gop_real *restrict w, size_t rows, size_t n)
{
    for (size_t t = 0; t < rows; t++)
        for (size_t c = 0; c < n; c++)
            to[t * lt + c] += w[c] * from[t * lf + c];
}

/* dw[c] += sum_t dy[t ldy + c] x[t lx + c] */
GOP_VECTOR static void add_sum(gop_real *restrict dw, const gop_real *restrict dy, size_t ldy,
                               const gop_real *restrict x, size_t lx, size_t rows, size_t n)
{
    for (size_t t = 0; t < rows; t++)
        for (size_t c = 0; c < n; c++)
            dw[c] += dy[t * ldy + c] * x[t * lx + c];
}

static void chunk(gop_ctx *ctx, const gop_conv_sizes *s, const gop_real *w, size_t n,
                  const gop_real *from, size_t first, size_t last, bool add, gop_real *to,
                  gop_real *scratch)
{
    const size_t c = s->c_out, step = s->a.stride * c;
    (void)ctx, (void)first, (void)last, (void)scratch;
    for (size_t q = 0; q < n; q++, from += s->t_from * c, to += s->t_to * c) {
        if (!add)
            memset(to, 0, s->t_to * c * sizeof *to);
        for (size_t k = 0; k < s->taps; k++) {
            const gop_conv_meeting m = gop_conv_meet(s, k);
            const size_t rows = m.last - m.first;
            if (rows == 0)
                continue;
            if (s->back)
                add_tap(to + m.frame * c, step, from + m.first * c, c, w + k * c, rows, c);
            else
                add_tap(to + m.first * c, c, from + m.frame * c, step, w + k * c, rows, c);
        }
    }
}

/* Even a single share is separate: shares do not have the layout of dW. */
static void measure_weights(const gop_ctx *ctx, gop_conv_sizes *s)
{
    (void)ctx;
    gop_conv_cut_shares(s, SIZE_MAX);
    s->blocks = 1;
    s->part = gop_line(s->taps * s->c_out);
}

static void weights(gop_ctx *ctx, const gop_conv_sizes *s, size_t block, size_t n,
                    const gop_real *x, const gop_real *dy, bool add, gop_real *dw,
                    gop_real *scratch)
{
    const size_t c = s->c_out, step = s->a.stride * c;
    (void)ctx, (void)block, (void)add, (void)scratch;
    memset(dw, 0, s->taps * c * sizeof *dw);
    for (size_t q = 0; q < n; q++, x += s->t_in * c, dy += s->t_out * c)
        for (size_t k = 0; k < s->taps; k++) {
            const gop_conv_meeting m = gop_conv_meet(s, k);
            if (m.first < m.last)
                add_sum(dw + k * c, dy + m.first * c, c, x + m.frame * c, step, m.last - m.first,
                        c);
        }
}

static void sum(const gop_conv_sizes *s, const gop_real *parts, bool add, gop_real *dw)
{
    for (size_t c = 0; c < s->c_out; c++)
        for (size_t k = 0; k < s->taps; k++, dw++) {
            gop_real all = 0;
            for (size_t i = 0; i < s->batches; i++)
                all += parts[i * s->part + k * s->c_out + c];
            *dw = (add ? *dw : 0) + all;
        }
}

const gop_conv_method gop_depthwise = {
    .name = "depthwise",
    .pays = pays,
    .measure = measure,
    .prepare = prepare,
    .chunk = chunk,
    .measure_weights = measure_weights,
    .weights = weights,
    .sum = sum,
};
