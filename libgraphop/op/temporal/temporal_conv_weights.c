/*
 * temporal_conv_weights.c: the gradient of the weights of a convolution along frames.
 * Internal; touches what its callers pass.
 *
 *     dW[:,k,:] = sum_(n,m,t') dy[n,m,t',:] x[n,m, s t' + k - p, :]^T
 *
 * dW is cut into blocks of columns and, where those are few, into groups of sequences,
 * whose partial sums are added in order.  Where panels of columns lie within a tap, dy is
 * packed and x is read where it lies, sequence by sequence; else windows are copied.
 * Convolutions that temporal_fast.c and temporal_half.c do have gradients there too.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "core/packed.h"
#include "op/temporal/frames.h"
#include "op/temporal/temporal_conv.h"

/* Rows of dy packed at once, elements of all shares of dW, and panels that must read what
 * was packed. */
enum { DEPTH = 256, PARTS = 1 << 20, FEW = 6 };

void gop_conv_measure_weights(const gop_ctx *ctx, gop_conv_sizes *s)
{
    const size_t width = gop_packed_width(ctx), panels = gop_packed_panels(ctx, s->deep);

    s->aligned = gop_left_works(ctx) && s->c_in % width == 0;
    s->part = gop_line(s->c_out * s->deep);
    s->w_groups = gop_size_min(
        gop_parts(s->seqs * s->t_out, 1024, gop_size_max(4, gop_size_min(16, PARTS / s->part))),
        s->seqs);
    s->w_blocks = gop_parts(s->aligned ? panels : s->taps, s->aligned ? 4 : 1,
                            gop_pieces(GOP_CONV_PIECES, s->w_groups));
    s->w_chunk = gop_size_max(1, DEPTH / s->t_out);
    const size_t rows = s->w_chunk * s->t_out;
    s->thread = gop_size_max(s->thread, s->aligned
                                            ? gop_left_size(ctx, s->c_out, rows)
                                            : rows * gop_cut_most(s->taps, s->w_blocks) * s->c_in);
    if (s->fast) {
        s->w_blocks = s->f.rows * s->f.cols;
        s->thread = gop_size_max(s->thread, s->f.back);
    }
    if (s->half) {
        s->w_blocks = s->h.rows * s->h.cols;
        s->thread = gop_size_max(s->thread, s->h.scratch);
    }
}

/* Columns [col, col + cols) of a share of dW from sequences [q, q + n), whole panels
 * that lie within taps; `left` holds dy^T [C', n t_out], packed, or dy with lda = C'.
 * x is read where it lies. */
static void windows_of_x(const gop_conv_job *j, const gop_real *left, size_t lda, size_t q,
                         size_t n, size_t col, size_t cols, bool add, gop_real *dw)
{
    const gop_conv_sizes *s = &j->s;
    const gop_ctx *ctx = j->r->ctx;
    const size_t width = gop_packed_width(ctx);
    for (size_t p = 0; p < cols; p += width) {
        const size_t tap = (col + p) / s->c_in, c = (col + p) % s->c_in;
        /* Rows lo <= t < hi meet frames of x, the others padding. */
        size_t lo = tap < s->pad ? (s->pad - tap + s->stride - 1) / s->stride : 0;
        size_t hi = s->t_in + s->pad > tap ? (s->t_in + s->pad - tap - 1) / s->stride + 1 : 0;
        hi = gop_size_min(hi, s->t_out);
        lo = gop_size_min(lo, hi);
        const size_t frame = lo < hi ? lo * s->stride + tap - s->pad : 0;
        gop_left_gemm(ctx, s->c_out, width, n * s->t_out, left, lda, lo, hi - lo, n, s->t_out,
                      j->r->in[0] + (q * s->t_in + frame) * s->c_in + c,
                      (ptrdiff_t)(s->stride * s->c_in), (ptrdiff_t)(s->t_in * s->c_in), add, dw + p,
                      s->deep);
    }
}

/* Taps [tap, tap + taps) of the windows of sequences [q, q + n) into `to` [n t_out, taps c];
 * frames outside are zeros. */
static void gather(const gop_conv_job *j, gop_real *to, size_t q, size_t n, size_t tap, size_t taps)
{
    const gop_conv_sizes *s = &j->s;
    const ptrdiff_t c = (ptrdiff_t)s->c_in;
    for (size_t row = 0; row < n * s->t_out; row++, to += taps * s->c_in) {
        const size_t at = row % s->t_out * s->stride + tap; /* of the padded frames */
        const size_t lo = at < s->pad ? s->pad - at : 0;
        const size_t hi = at < s->pad + s->t_in ? s->pad + s->t_in - at : 0;
        const gop_real *x = j->r->in[0] + (q + row / s->t_out) * s->t_in * s->c_in;
        gop_take_frames(to, x + ((ptrdiff_t)at - (ptrdiff_t)s->pad) * c, c, lo, hi, taps, s->c_in);
    }
}

/* Block b of the share of dW of group g, by temporal_fast.c or temporal_half.c. */
static void in_fewer_products(const gop_conv_job *j, size_t g, size_t b)
{
    const gop_run *r = j->r;
    const gop_conv_sizes *s = &j->s;
    const size_t first = gop_cut(s->seqs, s->w_groups, g);
    const size_t n = gop_cut(s->seqs, s->w_groups, g + 1) - first;
    const gop_real *x = r->in[0] + first * s->t_in * s->c_in;
    const gop_real *dy = r->dout + first * s->t_out * s->c_out;
    gop_real *dw = gop_part(r->din[1], j->parts, s->w_groups, s->part, g);
    gop_real *scratch = gop_op_work(r, s->thread);
    const bool add = s->w_groups == 1 && r->add[1];
    if (s->fast)
        gop_fast_weights(r->ctx, &s->f, b, n, x, dy, add, dw, scratch);
    else
        gop_half_weights(r->ctx, &s->h, b, n, x, dy, add, dw, scratch);
}

static void backward_w(void *arg, size_t i)
{
    const gop_conv_job *j = arg;
    const gop_run *r = j->r;
    const gop_conv_sizes *s = &j->s;
    const size_t g = i / s->w_blocks, b = i % s->w_blocks;
    const size_t end = gop_cut(s->seqs, s->w_groups, g + 1);
    if (s->fast || s->half) {
        in_fewer_products(j, g, b);
        return;
    }
    const size_t unit = s->aligned ? gop_packed_width(r->ctx) : s->c_in;
    const size_t col = gop_cut(s->deep / unit, s->w_blocks, b) * unit;
    const size_t cols = gop_cut(s->deep / unit, s->w_blocks, b + 1) * unit - col;
    gop_real *tile = gop_op_work(r, s->thread);
    gop_real *dw = gop_part(r->din[1], j->parts, s->w_groups, s->part, g) + col;
    bool add = s->w_groups == 1 && r->add[1];

    for (size_t q = gop_cut(s->seqs, s->w_groups, g), n; q < end; q += n, add = true) {
        n = gop_size_min(s->w_chunk, end - q);
        const size_t rows = n * s->t_out;
        const gop_real *dy = r->dout + q * s->t_out * s->c_out;
        if (s->aligned) {
            /* Packing pays when some panels read what was packed. */
            const bool pack = cols >= FEW * unit;
            if (pack)
                gop_left_pack(r->ctx, tile, s->c_out, rows, dy, 1, (ptrdiff_t)s->c_out);
            windows_of_x(j, pack ? tile : dy, pack ? 0 : s->c_out, q, n, col, cols, add, dw);
        } else {
            gather(j, tile, q, n, col / s->c_in, cols / s->c_in);
            gop_gemm(r->ctx, s->c_out, cols, rows, dy, 1, (ptrdiff_t)s->c_out, tile,
                     (ptrdiff_t)cols, 1, add, dw, s->deep);
        }
    }
}

void gop_conv_weights(gop_conv_job *j)
{
    const gop_run *r = j->r;
    const gop_conv_sizes *s = &j->s;
    gop_parallel(r->ctx, s->w_groups * s->w_blocks, backward_w, j);
    gop_sum_parts(r->ctx, r->din[1], r->add[1], j->parts, s->w_groups, s->part, s->c_out * s->deep);
}
