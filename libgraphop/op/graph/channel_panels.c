/*
 * channel_panels.c: packing of panels and the products of two of them, for grouped_product.c.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "op/graph/channel_panels.h"

#include <string.h>

#include "core/sizes.h"
#include "core/vector.h"

typedef gop_real half __attribute__((vector_size(32), aligned(sizeof(gop_real)), may_alias));

/* Whether GOP_VECTOR has vectors of 64 bytes here. */
static bool wide(void)
{
#if defined(HAVE_TARGET_CLONES) && defined(__x86_64__)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl");
#else
    return false;
#endif
}

gop_panels gop_panels_at(gop_real *at, size_t rows, size_t depth, size_t high)
{
    const gop_panels p = {at, rows, depth, high, wide() ? GOP_BLOCK : GOP_BLOCK / 2};
    const size_t panels = (rows + high - 1) / high;
    for (size_t h = 0; rows < panels * high && h < GOP_BLOCK / p.lanes; h++)
        for (size_t r = rows; r < panels * high; r++)
            for (size_t d = 0; d < depth; d++)
                memset(gop_panels_row(&p, r, d) + h * gop_panels_half(&p), 0, p.lanes * sizeof *at);
    return p;
}

/* Static: the clones of a public name are exported. */
GOP_VECTOR static void pack(gop_real *restrict to, size_t next, size_t other, size_t lanes,
                            const gop_real *restrict from, size_t step, size_t n, size_t left,
                            size_t ahead)
{
    for (size_t i = 0; i < n && left >= GOP_BLOCK; i++, to += next, from += step) {
        __builtin_prefetch(from + ahead);
        gop_panels_put(to, other, lanes, from);
    }
    for (size_t i = 0; i < n && left < GOP_BLOCK; i++, to += next, from += step) {
        gop_real some[GOP_BLOCK] = {0};
        memcpy(some, from, left * sizeof *to);
        gop_panels_put(to, other, lanes, some);
    }
}

void gop_panels_pack(const gop_panels *p, size_t r, size_t d, const gop_real *from, size_t step,
                     size_t n, size_t left, size_t ahead)
{
    pack(gop_panels_row(p, r, d), p->high * p->lanes, gop_panels_half(p), p->lanes, from, step, n,
         left, ahead);
}

/* Writes a function that computes a tile of vectors of one type; see gop_panels_multiply. */
#define MULTIPLY(name, lanes)                                                                      \
    GOP_FUSED GOP_VECTOR static void name(const gop_real *restrict a, const gop_real *restrict b,  \
                                          size_t depth, gop_real *const to[GOP_LEFT], size_t step, \
                                          bool add)                                                \
    {                                                                                              \
        enum { N = sizeof(lanes) / sizeof(gop_real) };                                             \
        gop_real *const row[GOP_LEFT] = {to[0], to[1], to[2]};                                     \
        lanes sum[GOP_LEFT][GOP_RIGHT];                                                            \
        for (int r = 0; r < GOP_LEFT; r++)                                                         \
            for (int s = 0; s < GOP_RIGHT; s++)                                                    \
                sum[r][s] = add ? *(const lanes *)(row[r] + (size_t)s * step) : (lanes){0};        \
        for (size_t d = 0; d < depth; d++, a += GOP_LEFT * N, b += GOP_RIGHT * N) {                \
            lanes v[GOP_RIGHT];                                                                    \
            for (int s = 0; s < GOP_RIGHT; s++)                                                    \
                v[s] = *(const lanes *)(b + s * N);                                                \
            for (int r = 0; r < GOP_LEFT; r++) {                                                   \
                const lanes u = *(const lanes *)(a + r * N);                                       \
                for (int s = 0; s < GOP_RIGHT; s++)                                                \
                    sum[r][s] += u * v[s];                                                         \
            }                                                                                      \
        }                                                                                          \
        for (int r = 0; r < GOP_LEFT; r++)                                                         \
            for (int s = 0; s < GOP_RIGHT; s++)                                                    \
                *(lanes *)(row[r] + (size_t)s * step) = sum[r][s];                                 \
    }
MULTIPLY(multiply_whole, gop_block)
MULTIPLY(multiply_half, half)

/* Through a tile of its own, of which some rows, columns or channels are dropped. */
static void multiply_some(void (*multiply)(const gop_real *restrict, const gop_real *restrict,
                                           size_t, gop_real *const[GOP_LEFT], size_t, bool),
                          const gop_real *a, const gop_real *b, size_t depth,
                          gop_real *const to[GOP_LEFT], size_t step, size_t n, size_t channels,
                          bool add)
{
    gop_real tile[GOP_LEFT * GOP_RIGHT * GOP_BLOCK] = {0}, *rows[GOP_LEFT];
    for (size_t r = 0; r < GOP_LEFT; r++) {
        rows[r] = tile + r * GOP_RIGHT * GOP_BLOCK;
        for (size_t s = 0; s < n && add && to[r] != NULL; s++)
            memcpy(rows[r] + s * GOP_BLOCK, to[r] + s * step, channels * sizeof *tile);
    }
    multiply(a, b, depth, rows, GOP_BLOCK, add);
    for (size_t r = 0; r < GOP_LEFT; r++)
        for (size_t s = 0; s < n && to[r] != NULL; s++)
            memcpy(to[r] + s * step, rows[r] + s * GOP_BLOCK, channels * sizeof *tile);
}

void gop_panels_multiply(const gop_panels *left, size_t l, const gop_panels *right, size_t r,
                         gop_real *const to[GOP_LEFT], size_t step, size_t n, size_t channels,
                         bool add)
{
    const size_t lanes = left->lanes, depth = left->depth;
    bool all = n == GOP_RIGHT;
    for (size_t a = 0; a < GOP_LEFT; a++)
        all = all && to[a] != NULL;
    for (size_t h = 0; h < GOP_BLOCK && h < channels; h += lanes) {
        const gop_real *a = left->at + h / lanes * gop_panels_half(left) +
                            l * depth * GOP_LEFT * lanes;
        const gop_real *b = right->at + h / lanes * gop_panels_half(right) +
                            r * depth * GOP_RIGHT * lanes;
        gop_real *rows[GOP_LEFT];
        for (size_t q = 0; q < GOP_LEFT; q++)
            rows[q] = to[q] != NULL ? to[q] + h : NULL;
        if (!all || channels - h < lanes)
            multiply_some(lanes == GOP_BLOCK ? multiply_whole : multiply_half, a, b, depth, rows,
                          step, n, gop_size_min(channels - h, lanes), add);
        else if (lanes == GOP_BLOCK)
            multiply_whole(a, b, depth, rows, step, add);
        else
            multiply_half(a, b, depth, rows, step, add);
    }
}
