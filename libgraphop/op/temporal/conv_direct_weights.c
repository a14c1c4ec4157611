/*
 * conv_direct_weights.c: the gradient of the weights of a convolution along frames.
 * Internal; reads and writes only its arguments.
 *
 *     dW[:,k,:] = sum_(n,m,t') dy[n,m,t',:] x[n,m, s t' + d k - p, :]^T
 *
 * dW is cut into blocks of columns.  If panels of columns are within a tap, dy is packed and x is
 * read in place, sequence by sequence; else windows are copied.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "op/temporal/conv.h"
#include "op/temporal/frames.h"

/* Rows of dy packed at once, and the number of panels that must read them for packing to pay. */
enum { DEPTH = 256, FEW = 6 };

/* Whether each panel of dW's columns is within a tap. */
static bool aligned(const gop_ctx *ctx, const gop_conv_sizes *s)
{
    return gop_left_works(ctx) && s->c_in % gop_packed_width(ctx) == 0;
}

/* Sequences whose dy is packed, or whose windows are copied, at once. */
static size_t at_once(const gop_conv_sizes *s)
{
    return gop_size_max(1, DEPTH / s->t_out);
}

void gop_direct_measure_weights(const gop_ctx *ctx, gop_conv_sizes *s)
{
    const size_t rows = at_once(s) * s->t_out;
    const bool within = aligned(ctx, s);
    gop_conv_cut_shares(s, GOP_CONV_PARTS);
    s->blocks = gop_parts(within ? gop_packed_panels(ctx, s->taps * s->c_in) : s->taps,
                          within ? 4 : 1, gop_pieces(GOP_CONV_PIECES, s->batches));
    s->scratch = within ? gop_left_size(ctx, s->c_out, rows)
                        : rows * gop_cut_most(s->taps, s->blocks) * s->c_in;
}

/* Columns [col, col + cols) of a share of dW from n sequences, whole panels within taps; `left`
 * holds dy^T [C', n t_out], packed, or dy with lda = C'.  x is read in place. */
static void windows_of_x(gop_ctx *ctx, const gop_conv_sizes *s, const gop_real *left, size_t lda,
                         size_t n, const gop_real *x, size_t col, size_t cols, bool add,
                         gop_real *dw)
{
    const size_t width = gop_packed_width(ctx);
    for (size_t p = 0; p < cols; p += width) {
        const size_t tap = (col + p) / s->c_in, c = (col + p) % s->c_in;
        const gop_conv_meeting m = gop_conv_meet(s, tap);
        /* Windows of all sequences, if they are equally far apart. */
        const bool one = s->t_out == 1 && m.last > m.first;
        const ptrdiff_t apart = (ptrdiff_t)(s->t_in * s->c_in);
        gop_left_gemm(ctx, s->c_out, width, n * s->t_out, left, lda, m.first,
                      one ? n : m.last - m.first, one ? 1 : n, s->t_out, x + m.frame * s->c_in + c,
                      one ? apart : (ptrdiff_t)(s->a.stride * s->c_in), apart, add, dw + p,
                      s->taps * s->c_in);
    }
}

/* Taps [tap, tap + taps) of the windows of n sequences into `to` [n t_out, taps c]; frames
 * outside are zeros. */
static void gather(const gop_conv_sizes *s, gop_real *to, size_t n, const gop_real *x, size_t tap,
                   size_t taps)
{
    const ptrdiff_t c = (ptrdiff_t)s->c_in;
    const size_t pad = s->a.pad, d = s->a.dilation;
    for (size_t row = 0; row < n * s->t_out; row++, to += taps * s->c_in) {
        const size_t at = row % s->t_out * s->a.stride + d * tap; /* of the padded frames */
        const size_t lo = at < pad ? gop_pieces(pad - at, d) : 0;
        const size_t hi = at < pad + s->t_in ? gop_pieces(pad + s->t_in - at, d) : 0;
        const gop_real *seq = x + row / s->t_out * s->t_in * s->c_in;
        gop_take_frames(to, seq + ((ptrdiff_t)at - (ptrdiff_t)pad) * c, (ptrdiff_t)d * c, lo, hi,
                        taps, s->c_in);
    }
}

void gop_direct_weights(gop_ctx *ctx, const gop_conv_sizes *s, size_t block, size_t n,
                        const gop_real *x, const gop_real *dy, bool add, gop_real *dw,
                        gop_real *scratch)
{
    const bool within = aligned(ctx, s);
    const size_t unit = within ? gop_packed_width(ctx) : s->c_in, deep = s->taps * s->c_in;
    const size_t col = gop_cut(deep / unit, s->blocks, block) * unit;
    const size_t cols = gop_cut(deep / unit, s->blocks, block + 1) * unit - col;

    for (size_t q = 0, some; q < n; q += some, add = true) {
        some = gop_size_min(at_once(s), n - q);
        const size_t rows = some * s->t_out;
        if (within) {
            /* Packing pays if several panels read the packed rows. */
            const bool pack = cols >= FEW * unit;
            if (pack)
                gop_left_pack(ctx, scratch, s->c_out, rows, dy, 1, (ptrdiff_t)s->c_out);
            windows_of_x(ctx, s, pack ? scratch : dy, pack ? 0 : s->c_out, some, x, col, cols, add,
                         dw + col);
        } else {
            gather(s, scratch, some, x, col / s->c_in, cols / s->c_in);
            gop_gemm(ctx, s->c_out, cols, rows, dy, 1, (ptrdiff_t)s->c_out, scratch,
                     (ptrdiff_t)cols, 1, add, dw + col, deep);
        }
        x += some * s->t_in * s->c_in;
        dy += rows * s->c_out;
    }
}
