/*
 * channel_panels.h: products that differ by channel, on blocks of channels.  Internal; see
 * grouped_product.c for the mathematics.
 *
 * GOP_BLOCK channels, a cache line, are worked on together, as one vector or as two halves where
 * vectors are narrower.  Both factors are packed as panels: three rows of the left one, four of the
 * right one, so that a tile of twelve vectors of the result and what it is made of stay in sixteen
 * registers while its sum runs.
 */
#ifndef GOP_OP_GRAPH_CHANNEL_PANELS_H
#define GOP_OP_GRAPH_CHANNEL_PANELS_H

#include "graphop.h"

enum {
    GOP_BLOCK = 64 / sizeof(gop_real), /* channels */
    GOP_LEFT = 3,                      /* rows of a panel */
    GOP_RIGHT = 4
};

/* A block of channels, whatever its alignment. */
typedef gop_real gop_block __attribute__((vector_size(64), aligned(sizeof(gop_real)), may_alias));

/* Panels of some rows, each with a block of channels at each of `depth` places:
 * [halves][panels][depth][rows of a panel][lanes]. */
typedef struct gop_panels {
    gop_real *at;
    size_t rows, depth;
    size_t high;  /* rows of a panel: GOP_LEFT or GOP_RIGHT */
    size_t lanes; /* channels of a vector */
} gop_panels;

/* Elements that rows take at each place, padded to whole panels. */
static inline size_t gop_panels_wide(size_t rows, size_t high)
{
    return (rows + high - 1) / high * high * GOP_BLOCK;
}

/* Rows that do not exist, up to a whole panel, become zeros. */
gop_panels gop_panels_at(gop_real *at, size_t rows, size_t depth, size_t high);

/* Row r at place d, and from one half of it to the next. */
static inline gop_real *gop_panels_row(const gop_panels *p, size_t r, size_t d)
{
    return p->at + ((r / p->high * p->depth + d) * p->high + r % p->high) * p->lanes;
}
static inline size_t gop_panels_half(const gop_panels *p)
{
    return (p->rows + p->high - 1) / p->high * p->high * p->depth * p->lanes;
}

/* A block goes to a row, and its other half `half` elements further. */
static inline void gop_panels_put(gop_real *row, size_t half, size_t lanes, const void *block)
{
    typedef gop_real part __attribute__((vector_size(32), aligned(sizeof(gop_real)), may_alias));
    if (lanes == GOP_BLOCK) {
        *(gop_block *)row = *(const gop_block *)block;
        return;
    }
    *(part *)row = *(const part *)block;
    *(part *)(row + half) = *((const part *)block + 1);
}

/* Row r at the places [d, d + n): blocks that are `step` elements apart, of which `left` channels
 * exist; the others become zeros.  What is `ahead` elements further is fetched. */
void gop_panels_pack(const gop_panels *p, size_t r, size_t d, const gop_real *from, size_t step,
                     size_t n, size_t left, size_t ahead);

/* The tile of left panel l and right panel r:
 *
 *     to[a][b step] (+)= sum over d of left[l GOP_LEFT + a][d] right[r GOP_RIGHT + b][d]
 *
 * for b < n and the first `channels` of a block; rows with to[a] NULL are dropped. */
void gop_panels_multiply(const gop_panels *left, size_t l, const gop_panels *right, size_t r,
                         gop_real *const to[GOP_LEFT], size_t step, size_t n, size_t channels,
                         bool add);

#endif
