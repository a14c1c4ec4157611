/*
 * toom_cook_stride2_tiles.c: tiles of frames, and x or dy at the points of
 * toom_cook_stride2.c; see there for the names.  Internal; reads and writes only its arguments.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "op/temporal/toom_cook_stride2_tiles.h"

#include "op/temporal/frames.h"

enum {
    LONG = GOP_STRIDE2_TAPS,
    SHORT = 4, /* taps of the window */
    NINE = GOP_STRIDE2_NINE,
    TEN = GOP_STRIDE2_POINTS,
    ROOM = 180000, /* elements of a piece and its products; they fit the second-level cache */
    LEAST = 28     /* tiles in a piece */
};

static const double points9[4] = {0.25, 0.75, 1, 2.5}, points10[4] = {0.5, 0.75, 1.25, 2.5};

/* Points 2 i and 2 i + 1 are +-a[i]; then come infinity and 0. */
enum { INFINITE = 8, ZERO = 9 };

gop_stride2_sizes gop_stride2_of(const gop_ctx *ctx, const gop_conv_sizes *s)
{
    gop_stride2_sizes h = {.back = s->back,
                           .t_in = s->t_in,
                           .t_out = s->t_out,
                           .taps = s->taps,
                           .c_in = s->c_in,
                           .c_out = s->c_out};
    const size_t width = gop_packed_width(ctx), pad = s->a.pad;
    size_t frames = 0;

    h.top = (pad + 1) / 2;
    for (size_t i = 0; i < 2; i++) {
        gop_stride2_phase *p = &h.phase[i];
        p->frames = (s->t_in + 1 - i) / 2;
        p->tap = (i + pad) % 2;
        p->taps = p->tap < s->taps ? (s->taps - p->tap + 1) / 2 : 0;
        p->before = (pad + i - p->tap) / 2;
        p->shift = s->back ? h.top - p->before : 0;
        h.window = gop_size_max(h.window, p->shift + p->taps);
        frames = gop_size_max(frames, p->frames);
    }
    h.points = h.window > SHORT ? NINE : TEN;
    h.tile = h.points + 1 - (h.window > SHORT ? LONG : SHORT);
    h.tiles = gop_pieces(s->back ? frames : h.t_out, h.tile);
    h.deep = s->back ? s->c_out : 2 * s->c_in;
    h.piece = gop_size_max(1, ROOM / (h.points * (h.deep + width)) / LEAST) * LEAST;
    h.gap = gop_conv_gap(h.piece * h.deep);
    h.panels = gop_packed_panels(ctx, s->c_to);
    h.matrix = gop_packed_size(ctx, h.deep, gop_size_min(width, s->c_to));
    return h;
}

bool gop_stride2_works(const gop_stride2_sizes *h)
{
    return h->window <= LONG;
}

/* ---------------------------------------------------------------------- points */

void gop_stride2_factors(const gop_stride2_sizes *h, size_t pt, double *g)
{
    const double *a = h->points == NINE ? points9 : points10;
    const size_t n = h->points == NINE ? LONG : SHORT;
    const double p = pt == ZERO ? 0 : pt % 2 ? -a[pt / 2] : a[pt / 2 % 4];
    double divisor = h->points == NINE || pt == ZERO ? 1 : p, power = 1;

    for (size_t i = 0; i < 4; i++)
        divisor *= i == pt / 2 ? 2 * p : p * p - a[i] * a[i];
    for (size_t j = 0; j < n; j++, power *= p)
        g[j] = pt == INFINITE ? j + 1 == n : power / divisor;
}

bool gop_stride2_used(const gop_stride2_sizes *h, size_t phase, size_t pt)
{
    const gop_stride2_phase *p = &h->phase[phase];

    if (p->taps == 0)
        return false;
    return pt == INFINITE ? p->shift + p->taps == (h->points == NINE ? LONG : SHORT)
                          : pt != ZERO || p->shift == 0;
}

/* ---------------------------------------------------------------------- tiles */

#define REAL(x) ((gop_real)(x))
/* Rows +-a of B for squares s, t, u of the other points, on eight frames. */
#define SPREAD_PAIR(k, a, s, t, u, e0, d1, e2, d3, e4, d5, e6, d7)       \
    {                                                                    \
        const gop_real even = ((e6)-REAL((s) + (t) + (u)) * (e4)) +      \
                              (REAL((s) * (t) + (t) * (u) + (u) * (s)) * \
                               (e2)-REAL((s) * (t) * (u)) * (e0));       \
        const gop_real odd = ((d7)-REAL((s) + (t) + (u)) * (d5)) +       \
                             (REAL((s) * (t) + (t) * (u) + (u) * (s)) *  \
                              (d3)-REAL((s) * (t) * (u)) * (d1));        \
        o[(k)*gap] = odd + REAL(a) * even;                               \
        o[((k) + 1) * gap] = odd - REAL(a) * even;                       \
    }
/* The row of all squares. */
#define SPREAD_ALL(s, t, u, v, d0, d2, d4, d6, d8)                     \
    (((d8)-REAL((s) + (t) + (u) + (v)) * (d6)) +                       \
     (REAL((s) * (t) + (u) * (v) + ((s) + (t)) * ((u) + (v))) * (d4) + \
      (REAL((s) * (t) * (u) * (v)) *                                   \
       (d0)-REAL((s) * (t) * ((u) + (v)) + (u) * (v) * ((s) + (t))) * (d2))))

/* X of one tile, `gap` apart, from frames `ld` apart. */
GOP_VECTOR static void spread9(gop_real *restrict to, size_t gap, const gop_real *restrict x,
                               ptrdiff_t ld, size_t c)
{
    GOP_INDEPENDENT
    for (size_t i = 0; i < c; i++) {
        const gop_real *d = x + i;
        gop_real *o = to + i;
        const gop_real d0 = d[0], d1 = d[ld], d2 = d[2 * ld], d3 = d[3 * ld], d4 = d[4 * ld],
                       d5 = d[5 * ld], d6 = d[6 * ld], d7 = d[7 * ld], d8 = d[8 * ld];
        SPREAD_PAIR(0, 0.25, 0.5625, 1., 6.25, d0, d1, d2, d3, d4, d5, d6, d7)
        SPREAD_PAIR(2, 0.75, 0.0625, 1., 6.25, d0, d1, d2, d3, d4, d5, d6, d7)
        SPREAD_PAIR(4, 1., 0.0625, 0.5625, 6.25, d0, d1, d2, d3, d4, d5, d6, d7)
        SPREAD_PAIR(6, 2.5, 0.0625, 0.5625, 1., d0, d1, d2, d3, d4, d5, d6, d7)
        o[8 * gap] = SPREAD_ALL(0.0625, 0.5625, 1., 6.25, d0, d2, d4, d6, d8);
    }
}

GOP_VECTOR static void spread10(gop_real *restrict to, size_t gap, const gop_real *restrict x,
                                ptrdiff_t ld, size_t c)
{
    GOP_INDEPENDENT
    for (size_t i = 0; i < c; i++) {
        const gop_real *d = x + i;
        gop_real *o = to + i;
        const gop_real d0 = d[0], d1 = d[ld], d2 = d[2 * ld], d3 = d[3 * ld], d4 = d[4 * ld],
                       d5 = d[5 * ld], d6 = d[6 * ld], d7 = d[7 * ld], d8 = d[8 * ld],
                       d9 = d[9 * ld];
        SPREAD_PAIR(0, 0.5, 0.5625, 1.5625, 6.25, d1, d2, d3, d4, d5, d6, d7, d8)
        SPREAD_PAIR(2, 0.75, 0.25, 1.5625, 6.25, d1, d2, d3, d4, d5, d6, d7, d8)
        SPREAD_PAIR(4, 1.25, 0.25, 0.5625, 6.25, d1, d2, d3, d4, d5, d6, d7, d8)
        SPREAD_PAIR(6, 2.5, 0.25, 0.5625, 1.5625, d1, d2, d3, d4, d5, d6, d7, d8)
        o[8 * gap] = SPREAD_ALL(0.25, 0.5625, 1.5625, 6.25, d1, d3, d5, d7, d9);
        o[9 * gap] = SPREAD_ALL(0.25, 0.5625, 1.5625, 6.25, d0, d2, d4, d6, d8);
    }
}

/* One tile from frames `step` apart, of which only lo <= i < hi exist; `from` is the address of
 * frame 0. */
static void spread_tile(const gop_stride2_sizes *h, gop_real *to, size_t gap, const gop_real *from,
                        ptrdiff_t step, size_t lo, size_t hi, size_t n, gop_real *edge)
{
    if (lo > 0 || hi < h->points) {
        gop_take_frames(edge, from, step, lo, hi, h->points, n);
        from = edge;
        step = (ptrdiff_t)n;
    }
    (h->points == NINE ? spread9 : spread10)(to, gap, from, step, n);
}

/* The frames lo <= i < hi of a window that starts at frame `at` of `frames`. */
static size_t clip(ptrdiff_t at, size_t most)
{
    return at < 0 ? 0 : gop_size_min((size_t)at, most);
}

void gop_stride2_spread(const gop_stride2_sizes *h, gop_real *to, size_t gap, const gop_real *from,
                        size_t row, size_t rows, size_t col, size_t n, gop_real *edge)
{
    const size_t points = h->points, step = h->back ? n : 2 * n;

    for (size_t i = 0; i < rows; i++, to += step) {
        const size_t seq = (row + i) / h->tiles, at = (row + i) % h->tiles * h->tile;
        if (h->back) {
            const ptrdiff_t frame = (ptrdiff_t)(h->top + at + h->tile - 1);
            const ptrdiff_t c = (ptrdiff_t)h->c_out, frames = (ptrdiff_t)h->t_out;
            const size_t lo = clip(frame + 1 - frames, points);
            const size_t hi = gop_size_max(lo, clip(frame + 1, points));
            spread_tile(h, to, gap, from + (ptrdiff_t)(seq * h->t_out * h->c_out + col) + frame * c,
                        -c, lo, hi, n, edge);
            continue;
        }
        for (size_t k = 0; k < 2; k++) {
            const gop_stride2_phase *p = &h->phase[k];
            const ptrdiff_t frame = (ptrdiff_t)at - (ptrdiff_t)p->before, c = (ptrdiff_t)h->c_in;
            const size_t lo = clip(-frame, points);
            const size_t hi = gop_size_max(lo, clip((ptrdiff_t)p->frames - frame, points));
            spread_tile(h, to + k * n, gap,
                        from + (ptrdiff_t)(seq * h->t_in * h->c_in + col) +
                            (2 * frame + (ptrdiff_t)k) * c,
                        2 * c, lo, hi, n, edge);
        }
    }
}
