/*
 * toom_cook_tiles.c: tiles of frames, and x at the points of toom_cook.c; see there for the
 * names.  Internal; reads and writes only its arguments.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "op/temporal/toom_cook_tiles.h"

#include "op/temporal/frames.h"

enum {
    TILE = GOP_TOOM_COOK_TILE,
    REACH = GOP_TOOM_COOK_REACH,
    PIECE = 28,  /* tiles at once: enough to reuse the weights of many channels, */
    WORTH = 2688 /* but more if a piece of x would have fewer elements per frame */
};

gop_toom_cook_sizes gop_toom_cook_of(const gop_ctx *ctx, const gop_conv_sizes *s)
{
    gop_toom_cook_sizes f = {.t_in = s->t_from,
                             .t_out = s->t_to,
                             .pad = s->back ? s->taps - 1 - s->a.pad : s->a.pad,
                             .taps = s->taps,
                             .c_in = s->c_from,
                             .c_out = s->c_to};

    f.tiles = gop_pieces(f.t_out, TILE);
    f.groups = gop_pieces(f.taps, TILE);
    f.piece = gop_size_max(PIECE, WORTH / f.c_in);
    f.gap = gop_conv_gap((f.piece + f.groups - 1) * f.c_in);
    f.panels = gop_packed_panels(ctx, f.c_out);
    f.matrix = gop_packed_size(ctx, f.groups * f.c_in,
                               gop_size_min(gop_packed_width(ctx), f.c_out));
    return f;
}

/* Names 5 values: those of B^T d. */
#define SPREAD(v, d0, d1, d2, d3, d4)                                                    \
    const gop_real v##3 = (d3) - (d1), v##0 = 2 * ((d0) - (d2)) + v##3,                  \
                   v##1 = 2 * (d1) + ((d2) - (d3)), v##2 = (3 * (d2) - (d3)) - 2 * (d1), \
                   v##4 = ((d4) - (d2)) - 2 * v##3

/* X of one tile: 25 vectors, `gap` apart, from n channels of 17 frames of x, c apart. */
GOP_VECTOR static void spread_tile(gop_real *restrict to, size_t gap, const gop_real *restrict x,
                                   size_t c, size_t n)
{
    GOP_INDEPENDENT
    for (size_t i = 0; i < n; i++) {
        const gop_real *d = x + i;
        gop_real *t = to + i;
        SPREAD(p, d[0], d[c], d[2 * c], d[3 * c], d[4 * c]);
        SPREAD(q, d[3 * c], d[4 * c], d[5 * c], d[6 * c], d[7 * c]);
        SPREAD(r, d[6 * c], d[7 * c], d[8 * c], d[9 * c], d[10 * c]);
        SPREAD(s, d[9 * c], d[10 * c], d[11 * c], d[12 * c], d[13 * c]);
        SPREAD(u, d[12 * c], d[13 * c], d[14 * c], d[15 * c], d[16 * c]);
#define COLUMN(k)                                \
    {                                            \
        SPREAD(v, p##k, q##k, r##k, s##k, u##k); \
        t[k * gap] = v0;                         \
        t[(5 + k) * gap] = v1;                   \
        t[(10 + k) * gap] = v2;                  \
        t[(15 + k) * gap] = v3;                  \
        t[(20 + k) * gap] = v4;                  \
    }
        COLUMN(0) COLUMN(1) COLUMN(2) COLUMN(3) COLUMN(4)
#undef COLUMN
    }
}

void gop_toom_cook_spread(const gop_toom_cook_sizes *f, gop_real *to, size_t gap, const gop_real *x,
                          size_t row, size_t rows, size_t col, size_t n, gop_real *edge)
{
    const size_t c = f->c_in, each = f->tiles + f->groups - 1;

    for (size_t i = 0; i < rows; i++, to += n) {
        const gop_real *seq = x + (row + i) / each * f->t_in * c + col;
        const size_t at = (row + i) % each * TILE; /* of the padded sequence */
        if (at >= f->pad && at + REACH <= f->t_in + f->pad) {
            spread_tile(to, gap, seq + (at - f->pad) * c, c, n);
            continue;
        }
        const size_t lo = at < f->pad ? f->pad - at : 0;
        const size_t hi = at < f->t_in + f->pad ? f->t_in + f->pad - at : 0;
        gop_take_frames(edge, seq + ((ptrdiff_t)at - (ptrdiff_t)f->pad) * (ptrdiff_t)c,
                        (ptrdiff_t)c, lo, hi, REACH, n);
        spread_tile(to, gap, edge, n, n);
    }
}
