/*
 * conv_grouped.c: convolutions along frames that the other methods leave: stride and dilation
 * without a common divisor, in groups or not, or more dilation than frames.  Internal; reads and
 * writes only its arguments.
 *
 * Each group and tap is a matrix product over the frames that the tap reads, in y, dx and dW alike.
 * W is read in place.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "op/temporal/conv.h"

static bool pays(const gop_ctx *ctx, const gop_conv_sizes *s)
{
    (void)ctx;
    return s->a.groups != 1 || (s->a.dilation != 1 && !gop_conv_by_phases(s));
}

static void measure(const gop_ctx *ctx, gop_conv_sizes *s)
{
    (void)ctx;
    gop_conv_cut(s, s->t_from * s->c_from, 1);
}

static void chunk(gop_ctx *ctx, const gop_conv_sizes *s, const gop_real *W, size_t n,
                  const gop_real *from, size_t first, size_t last, bool add, gop_real *to,
                  gop_real *scratch)
{
    const size_t step = s->a.stride * s->c_in; /* from a row of y to the next, in x */
    const ptrdiff_t lw = (ptrdiff_t)(s->taps * s->ci);
    (void)first, (void)last, (void)scratch;
    for (size_t q = 0; q < n; q++, from += s->t_from * s->c_from, to += s->t_to * s->c_to) {
        if (!add)
            memset(to, 0, s->t_to * s->c_to * sizeof *to);
        for (size_t k = 0; k < s->taps; k++) {
            const gop_conv_meeting m = gop_conv_meet(s, k);
            const size_t rows = m.last - m.first, x = m.frame * s->c_in, y = m.first * s->c_out;
            for (size_t g = 0; g < s->a.groups && rows > 0; g++) {
                const gop_real *w = W + g * s->co * (size_t)lw + k * s->ci;
                if (s->back)
                    gop_gemm(ctx, rows, s->ci, s->co, from + y + g * s->co, (ptrdiff_t)s->c_out, 1,
                             w, lw, 1, true, to + x + g * s->ci, step);
                else
                    gop_gemm(ctx, rows, s->co, s->ci, from + x + g * s->ci, (ptrdiff_t)step, 1, w,
                             1, lw, true, to + y + g * s->co, s->c_out);
            }
        }
    }
}

static void measure_weights(const gop_ctx *ctx, gop_conv_sizes *s)
{
    (void)ctx;
    gop_conv_cut_shares(s, SIZE_MAX);
    s->blocks = 1;
}

static void weights(gop_ctx *ctx, const gop_conv_sizes *s, size_t block, size_t n,
                    const gop_real *x, const gop_real *dy, bool add, gop_real *dw,
                    gop_real *scratch)
{
    const size_t step = s->a.stride * s->c_in, lw = s->taps * s->ci;
    (void)block, (void)scratch;
    if (!add)
        memset(dw, 0, s->c_out * lw * sizeof *dw);
    for (size_t q = 0; q < n; q++, x += s->t_in * s->c_in, dy += s->t_out * s->c_out)
        for (size_t k = 0; k < s->taps; k++) {
            const gop_conv_meeting m = gop_conv_meet(s, k);
            for (size_t g = 0; g < s->a.groups && m.first < m.last; g++)
                gop_gemm(ctx, s->co, s->ci, m.last - m.first, dy + m.first * s->c_out + g * s->co,
                         1, (ptrdiff_t)s->c_out, x + m.frame * s->c_in + g * s->ci, (ptrdiff_t)step,
                         1, true, dw + g * s->co * lw + k * s->ci, lw);
        }
}

const gop_conv_method gop_grouped = {
    .name = "grouped",
    .pays = pays,
    .measure = measure,
    .chunk = chunk,
    .measure_weights = measure_weights,
    .weights = weights,
};
