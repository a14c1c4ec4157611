/*
 * kernel_avx512.c: the micro-kernel for AVX-512, tiles of 14 x 32.
 *
 * 28 of the 32 registers hold the tile, two hold B, one a broadcast.
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

#define TARGET __attribute__((target("avx512f")))
#define VEC __m512
#define LANES 16
#define ROWS 14
#define MASK __mmask16
#define MASK_FIRST(n) ((__mmask16)((1u << (n)) - 1))
/* Masks cost nothing. */
#define UNMASKED(t) ((void)(t), false)
#define ZERO() _mm512_setzero_ps()
#define ADD(a, b) _mm512_add_ps(a, b)
#define FMADD(a, b, c) _mm512_fmadd_ps(a, b, c)
#define BROADCAST(p) _mm512_set1_ps(*(p))
#define LOAD(p) _mm512_loadu_ps(p)
#define MASKED_LOAD(p, m) _mm512_maskz_loadu_ps(m, p)
#define STORE(p, v) _mm512_storeu_ps(p, v)
#define STORE_FIRST(p, m, n, v) ((void)(n), _mm512_mask_storeu_ps(p, m, v))

#include "core/kernel_tile.h"

INSTANCE(1) INSTANCE(2) INSTANCE(3) INSTANCE(4) INSTANCE(5) INSTANCE(6) INSTANCE(7)
INSTANCE(8) INSTANCE(9) INSTANCE(10) INSTANCE(11) INSTANCE(12) INSTANCE(13) INSTANCE(14)

static void run_tile(const gop_kernel *kernel, const gop_tile *t)
{
    static void (*const instance[ROWS][2])(const gop_tile *) = {
        {tile_1_1, tile_1_2},   {tile_2_1, tile_2_2},   {tile_3_1, tile_3_2},
        {tile_4_1, tile_4_2},   {tile_5_1, tile_5_2},   {tile_6_1, tile_6_2},
        {tile_7_1, tile_7_2},   {tile_8_1, tile_8_2},   {tile_9_1, tile_9_2},
        {tile_10_1, tile_10_2}, {tile_11_1, tile_11_2}, {tile_12_1, tile_12_2},
        {tile_13_1, tile_13_2}, {tile_14_1, tile_14_2}};
    (void)kernel;
    instance[t->rows - 1][t->cols > LANES](t);
}

bool gop_kernel_avx512(gop_kernel *kernel)
{
    if (!__builtin_cpu_supports("avx512f") || !gop_pack_avx2(kernel))
        return false;
    kernel->mr = ROWS;
    kernel->nr = 2 * LANES;
    kernel->mc = 12 * ROWS;
    kernel->kc = 512;
    kernel->nc = 32 * 2 * LANES;
    kernel->lanes = LANES;
    kernel->in_place = true;
    kernel->tile = run_tile;
    snprintf(kernel->name, sizeof kernel->name, "graphop/avx512 %dx%d", ROWS, 2 * LANES);
    return true;
}

#else
typedef int gop_no_avx512;
#endif
