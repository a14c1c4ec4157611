/*
 * conv_direct.c: a convolution along frames as products of windows of frames with weights
 * that are packed once.  Internal; reads and writes only its arguments.
 *
 * A row of y needs a window of tau frames, which is contiguous in x, and windows of
 * neighbouring rows overlap.  A product with packed weights reads its left side in place, so the
 * windows are read from x, or if there is padding from a padded copy: one copy of a frame instead
 * of tau.  A panel of weights is used for a whole batch of sequences, which fits a cache.
 *
 * dx is the same in reverse: the frames t with (t + p) mod s = f (phase f) need only the taps k =
 * f, f + s, ..., and these read a window of contiguous frames of dy, latest tap first.  dW is in
 * conv_direct_weights.c.
 *
 * With a dilation d, the copy has the frames f, f + d, ... (phase f) side by side, for each f < d.
 * The rows f, f + d, ... of y and dx then read windows of contiguous frames of phase f.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "op/temporal/conv.h"
#include "op/temporal/frames.h"

static bool pays(const gop_ctx *ctx, const gop_conv_sizes *s)
{
    (void)ctx;
    return s->a.groups == 1 && (s->a.dilation == 1 || gop_conv_by_phases(s));
}

/* ------------------------------------------------------------------ phases of dx */

/* The number of taps f, f + s, ... below tau. */
static size_t taps_of(const gop_conv_sizes *s, size_t f)
{
    return f < s->taps ? gop_pieces(s->taps - f, s->a.stride) : 0;
}

/* The first frame of phase f. */
static size_t first_of(const gop_conv_sizes *s, size_t f)
{
    return (f + s->a.stride - s->a.pad % s->a.stride) % s->a.stride;
}

/* Elements of the packed weights of the phases before f: [taps C', C] each, latest tap
 * first. */
static size_t weights_before(const gop_ctx *ctx, const gop_conv_sizes *s, size_t f)
{
    size_t n = 0;
    for (size_t i = 0; i < f && i < s->taps; i++)
        n += gop_packed_size(ctx, taps_of(s, i) * s->c_out, s->c_in);
    return n;
}

/* ------------------------------------------------------------------ sizes */

/* A source sequence, with zeros around its frames. */
typedef struct padded {
    size_t left, frames; /* zeros before it, and all; of a dilated one as many in each phase */
} padded;

static padded padded_of(const gop_conv_sizes *s)
{
    padded p = {s->a.pad, s->t_in + 2 * s->a.pad};
    if (s->a.dilation > 1) {
        const size_t span = s->a.dilation * (s->taps - 1);
        if (s->back)
            p = (padded){span - s->a.pad, s->t_in + span};
        p.frames = gop_round_up(p.frames, s->a.dilation);
        return p;
    }
    if (!s->back)
        return p;
    size_t right = 0;
    p.left = 0;
    for (size_t f = 0; f < s->a.stride; f++) {
        const size_t first = first_of(s, f), taps = taps_of(s, f);
        if (first >= s->t_in || taps == 0)
            continue;
        const size_t last = (s->t_in - 1 - first) / s->a.stride; /* row of this phase */
        const size_t at = (first + s->a.pad) / s->a.stride;      /* latest frame of row 0 */
        p.left = gop_size_max(p.left, taps - 1 > at ? taps - 1 - at : 0);
        right = gop_size_max(right, at + last + 1 > s->t_out ? at + last + 1 - s->t_out : 0);
    }
    p.frames = p.left + s->t_out + right;
    return p;
}

static void measure(const gop_ctx *ctx, gop_conv_sizes *s)
{
    const size_t frames = padded_of(s).frames;
    gop_conv_cut(s, frames * s->c_from, gop_packed_panels(ctx, s->c_to));
    const bool copy = frames > s->t_from || s->a.dilation > 1;
    s->scratch = copy ? gop_cut_most(s->seqs, s->batches) * frames * s->c_from : 0;
    s->prepared = s->back ? weights_before(ctx, s, s->a.stride)
                          : gop_packed_size(ctx, s->taps * s->c_in, s->c_out);
}

/* ------------------------------------------------------------------ weights */

typedef struct job {
    const gop_ctx *ctx;
    const gop_conv_sizes *s;
    const gop_real *W;
    gop_real *prepared;
} job;

static void pack_chunk(void *arg, size_t tap)
{
    const job *j = arg;
    const gop_conv_sizes *s = j->s;
    const size_t f = tap % s->a.stride, taps = taps_of(s, f);
    gop_pack_rows(j->ctx, j->prepared + weights_before(j->ctx, s, f), taps * s->c_out, s->c_in,
                  (taps - 1 - tap / s->a.stride) * s->c_out, s->c_out, j->W + tap * s->c_in,
                  (ptrdiff_t)(s->taps * s->c_in), 1, 0, gop_packed_panels(j->ctx, s->c_in));
}

static void prepare(gop_ctx *ctx, const gop_conv_sizes *s, const gop_real *W, gop_real *prepared)
{
    const size_t deep = s->taps * s->c_in;
    job j = {ctx, s, W, prepared};
    if (s->back)
        gop_parallel(ctx, s->taps, pack_chunk, &j);
    else
        gop_pack_all(ctx, prepared, deep, s->c_out, W, 1, (ptrdiff_t)deep);
}

/* ------------------------------------------------------------------ y and dx */

/* Rows of a sequence of the result, `ld` apart from `to` on, each from a window of `deep` elements;
 * windows start `step` apart, at `from` in the padded sequence. */
typedef struct product {
    size_t rows, deep, from, step, to, ld;
} product;

static product product_of_y(const gop_conv_sizes *s)
{
    product p = {s->t_out, s->taps * s->c_in, 0, s->a.stride * s->c_in, 0, s->c_out};
    return p;
}

static product product_of_phase(const gop_conv_sizes *s, padded dy, size_t f)
{
    const size_t first = first_of(s, f), taps = taps_of(s, f);
    product p = {.deep = taps * s->c_out, .step = s->c_out, .ld = s->a.stride * s->c_in};
    p.rows = first < s->t_in ? gop_pieces(s->t_in - first, s->a.stride) : 0;
    /* dy.left is large enough for this not to be negative, if there are rows and taps. */
    p.from = (dy.left + (first + s->a.pad) / s->a.stride + 1 - taps) * s->c_out;
    p.to = first * s->c_in;
    return p;
}

/* The same for phase f of a dilated convolution. */
static product product_of_dilated(const gop_conv_sizes *s, padded from, size_t f)
{
    const size_t d = s->a.dilation;
    product p = {.rows = f < s->t_to ? gop_pieces(s->t_to - f, d) : 0,
                 .deep = s->taps * s->c_from,
                 .from = f * from.frames / d * s->c_from,
                 .step = s->c_from,
                 .to = f * s->c_to,
                 .ld = d * s->c_to};
    return p;
}

/* A padded sequence, phase by phase. */
static void take_padded(gop_real *to, const gop_real *from, const gop_conv_sizes *s, padded p)
{
    const size_t d = s->a.dilation, c = s->c_from, count = p.frames / d, end = p.left + s->t_from;
    for (size_t f = 0; f < d; f++, to += count * c)
        gop_take_frames(to, from + ((ptrdiff_t)f - (ptrdiff_t)p.left) * (ptrdiff_t)c,
                        (ptrdiff_t)(d * c), f < p.left ? gop_pieces(p.left - f, d) : 0,
                        f < end ? gop_pieces(end - f, d) : 0, count, c);
}

static void chunk(gop_ctx *ctx, const gop_conv_sizes *s, const gop_real *weights, size_t n,
                  const gop_real *from, size_t first, size_t last, bool add, gop_real *to,
                  gop_real *scratch)
{
    const padded pad = padded_of(s);
    const size_t size = pad.frames * s->c_from, d = s->a.dilation;
    if (s->scratch > 0) {
        for (size_t k = 0; k < n; k++)
            take_padded(scratch + k * size, from + k * s->t_from * s->c_from, s, pad);
        from = scratch;
    }
    for (size_t f = 0; f < (d > 1 ? d : s->back ? s->a.stride : 1); f++) {
        const product p = d > 1     ? product_of_dilated(s, pad, f)
                          : s->back ? product_of_phase(s, pad, f)
                                    : product_of_y(s);
        if (p.deep == 0) { /* frames that no tap reads */
            for (size_t k = 0; k < n && first == 0 && !add; k++)
                for (size_t row = 0; row < p.rows; row++)
                    memset(to + k * s->t_to * s->c_to + p.to + row * p.ld, 0, s->c_to * sizeof *to);
            continue;
        }
        /* Rows of all sequences, if they are equally far apart. */
        const bool one = p.rows == 1 && d == 1;
        const size_t rows = one ? n : p.rows, step = one ? size : p.step;
        const size_t ld = one ? s->t_to * s->c_to : p.ld;
        for (size_t panel = first; panel < last && p.rows > 0; panel++)
            for (size_t k = 0; k < (one ? 1 : n); k++)
                gop_gemm_packed(ctx, rows, s->c_to, p.deep, from + k * size + p.from,
                                (ptrdiff_t)step, 1, weights, panel, panel + 1, add,
                                to + k * s->t_to * s->c_to + p.to, ld);
        if (d == 1)
            weights += gop_packed_size(ctx, p.deep, s->c_to);
    }
}

const gop_conv_method gop_direct = {
    .name = "direct",
    .pays = pays,
    .measure = measure,
    .prepare = prepare,
    .chunk = chunk,
    .measure_weights = gop_direct_measure_weights,
    .weights = gop_direct_weights,
};
