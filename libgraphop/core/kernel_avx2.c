/*
 * kernel_avx2.c: the micro-kernel for AVX2 with FMA, tiles of 6 x 16, and the
 * packing that all x86 kernels share.
 */
/* Macros that write functions. */
/* clang-format off */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif

#include "core/gemm.h"

#ifdef GOP_KERNEL_X86

#include <immintrin.h>
#include <stdio.h>
#include <string.h>

#define TARGET __attribute__((target("avx2,fma")))
#define VEC __m256
#define LANES 8
#define ROWS 6
#define MASK __m256i
#define MASK_FIRST(n) first_lanes(n)
/* Masked stores take a dozen cycles on AMD's processors. */
#define UNMASKED(t) ((t)->cols % LANES == 0)
#define ZERO() _mm256_setzero_ps()
#define ADD(a, b) _mm256_add_ps(a, b)
#define FMADD(a, b, c) _mm256_fmadd_ps(a, b, c)
#define BROADCAST(p) _mm256_broadcast_ss(p)
#define LOAD(p) _mm256_loadu_ps(p)
#define MASKED_LOAD(p, m) _mm256_maskload_ps(p, m)
#define STORE(p, v) _mm256_storeu_ps(p, v)
#define STORE_FIRST(p, m, n, v) store_first(p, n, v)

TARGET static __m256i first_lanes(int n)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

TARGET static inline void store_first(float *p, int n, __m256 v)
{
    __m128 w = _mm256_castps256_ps128(v);

    if (n & 4) {
        _mm_storeu_ps(p, w);
        w = _mm256_extractf128_ps(v, 1);
        p += 4;
    }
    if (n & 2) {
        _mm_storel_pi((__m64 *)(void *)p, w);
        w = _mm_movehl_ps(w, w);
        p += 2;
    }
    if (n & 1)
        _mm_store_ss(p, w);
}

#include "core/kernel_tile.h"

INSTANCE(1) INSTANCE(2) INSTANCE(3) INSTANCE(4) INSTANCE(5) INSTANCE(6)

static void run_tile(const gop_kernel *kernel, const gop_tile *t)
{
    static void (*const instance[ROWS][2])(const gop_tile *) = {
        {tile_1_1, tile_1_2}, {tile_2_1, tile_2_2}, {tile_3_1, tile_3_2},
        {tile_4_1, tile_4_2}, {tile_5_1, tile_5_2}, {tile_6_1, tile_6_2}};
    (void)kernel;
    instance[t->rows - 1][t->cols > LANES](t);
}

bool gop_kernel_avx2(gop_kernel *kernel)
{
    if (!gop_pack_avx2(kernel))
        return false;
    kernel->mr = ROWS;
    kernel->nr = 2 * LANES;
    kernel->mc = 28 * ROWS;
    kernel->kc = 256;
    kernel->nc = 64 * 2 * LANES;
    kernel->lanes = LANES;
    kernel->in_place = true;
    kernel->tile = run_tile;
    snprintf(kernel->name, sizeof kernel->name, "graphop/avx2 %dx%d", ROWS, 2 * LANES);
    return true;
}

/* Eight rows of eight become eight columns: element p of row r[j], from `at`
 * on, goes to dst[p ld + j], or zero if its lane is not in `there`. */
INLINE void transpose8(float *dst, size_t ld, const float *const r[8], size_t at, const bool full,
                       __m256i there)
{
    __m256 a[8], b[8];

    /* Rows j and j + 4 side by side: the remaining shuffles stay within halves. */
#define PAIR(j, o)                                                                                \
    _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(r[j] + at + (o))),                   \
                         _mm_loadu_ps(r[(j) + 4] + at + (o)), 1)
    for (int j = 0; j < 4; j++) {
        a[j] = PAIR(j, 0);
        a[j + 4] = PAIR(j, 4);
    }
#undef PAIR
    for (int h = 0; h < 8; h += 4) {
        b[h] = _mm256_unpacklo_ps(a[h], a[h + 1]);
        b[h + 1] = _mm256_unpackhi_ps(a[h], a[h + 1]);
        b[h + 2] = _mm256_unpacklo_ps(a[h + 2], a[h + 3]);
        b[h + 3] = _mm256_unpackhi_ps(a[h + 2], a[h + 3]);
        a[h] = _mm256_shuffle_ps(b[h], b[h + 2], 0x44);
        a[h + 1] = _mm256_shuffle_ps(b[h], b[h + 2], 0xee);
        a[h + 2] = _mm256_shuffle_ps(b[h + 1], b[h + 3], 0x44);
        a[h + 3] = _mm256_shuffle_ps(b[h + 1], b[h + 3], 0xee);
    }
    for (size_t p = 0; p < 8; p++)
        _mm256_storeu_ps(dst + p * ld,
                         full ? a[p] : _mm256_and_ps(a[p], _mm256_castsi256_ps(there)));
}

/* `depth` columns, a multiple of eight, of a group of eight rows; rows from `width` on are zeros. */
INLINE void transpose_group(float *dst, size_t ld, size_t width, const float *src, ptrdiff_t ws,
                            const size_t depth)
{
    const float *r[8];

    if (width >= 8) {
        for (ptrdiff_t j = 0; j < 8; j++)
            r[j] = src + j * ws;
        for (size_t p = 0; p < depth; p += 8)
            transpose8(dst + p * ld, ld, r, p, true, _mm256_setzero_si256());
        return;
    }
    for (size_t j = 0; j < 8; j++)
        r[j] = src + (ptrdiff_t)(j < width ? j : width - 1) * ws;
    for (size_t p = 0; p < depth; p += 8)
        transpose8(dst + p * ld, ld, r, p, false, first_lanes((int)width));
}

/* src[j ws + p]: each row of the panel lies along p.
 *
 * A group of eight columns that is not full spills over the end of its rows into
 * the beginnings of the next, which are written after it.  Sixteen rows at a time use a whole cache
 * line, which might be evicted before its next use: in many matrices the columns are a power of two
 * apart. */
TARGET static void pack_across(float *dst, size_t ld, size_t width, size_t k, const float *src,
                               ptrdiff_t ws)
{
    const size_t groups = (width - 1) / 8 + 1;
    size_t p = 0;

    for (; p + 16 <= k; p += 16)
        for (size_t g = groups; g-- > 0;)
            transpose_group(dst + p * ld + 8 * g, ld, width - 8 * g,
                            src + (ptrdiff_t)(8 * g) * ws + p, ws, 16);
    for (; p + 8 <= k; p += 8)
        for (size_t g = groups; g-- > 0;)
            transpose_group(dst + p * ld + 8 * g, ld, width - 8 * g,
                            src + (ptrdiff_t)(8 * g) * ws + p, ws, 8);
    gop_pack_plain(dst + p * ld, ld, width, k - p, src + p, ws, 1);
}

/* src[j + p ks]: each row of the panel's transpose lies along j. */
TARGET static void pack_along(float *dst, size_t ld, size_t width, size_t k, const float *src,
                              ptrdiff_t ks)
{
    const __m256i rest = first_lanes((int)(width % 8));

    if (width == 32)
        for (size_t p = 0; p < k; p++, src += ks, dst += ld)
            for (size_t j = 0; j < 32; j += 8)
                _mm256_storeu_ps(dst + j, _mm256_loadu_ps(src + j));
    else
        for (size_t p = 0; p < k; p++, src += ks, dst += ld) {
            size_t j = 0;
            for (; j + 8 <= width; j += 8)
                _mm256_storeu_ps(dst + j, _mm256_loadu_ps(src + j));
            /* Elements spilled past the row's end are overwritten later or not read. */
            if (j < width)
                _mm256_storeu_ps(dst + j, _mm256_maskload_ps(src + j, rest));
        }
}

/* Both functions above also write the zeros up to the next multiple of eight, if a row of dst has
 * room for them. */
static void pack(float *dst, size_t ld, size_t width, size_t k, const float *src, ptrdiff_t ws,
                 ptrdiff_t ks)
{
    const size_t done = (width + 7) / 8 * 8;

    if (ks == 1)
        pack_across(dst, ld, width, k, src, ws);
    else if (ws == 1)
        pack_along(dst, ld, width, k, src, ks);
    else {
        gop_pack_plain(dst, ld, width, k, src, ws, ks);
        return;
    }
    for (size_t p = 0; p < k && ld > done; p++)
        memset(dst + p * ld + done, 0, (ld - done) * sizeof *dst);
}

bool gop_pack_avx2(gop_kernel *kernel)
{
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
        return false;
    kernel->pack = pack;
    return true;
}

#else
typedef int gop_no_avx2;
#endif
