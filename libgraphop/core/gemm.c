/*
 * gemm.c: gop_gemm, and the choice of its kernel.  The only file that uses BLIS.
 *
 * 1. One of our own micro-kernels on x86 with AVX-512 or AVX2: on the small and
 *    flat products of graph networks they are faster than BLIS's (26 x n x 26:
 *    157-199 against 83-115 GFLOP/s on AVX-512), equal on large ones, and do
 *    not depend on BLIS knowing the CPU (one it takes for generic runs plain C,
 *    at a fifth of the speed);
 * 2. else BLIS's micro-kernel, where BLIS has one for this CPU and exports it;
 * 3. else the whole product by BLIS on one thread.
 *
 * BLIS aborts the program where it cannot start, so the first kind never starts it.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "core/ctx.h"
#include "core/gemm.h"
#include "core/vector.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wtype-limits"
#include <blis.h>
#pragma GCC diagnostic pop

#if defined(HAVE_BLIS_UKR) && !defined(GOP_REAL_IS_DOUBLE)

enum { MAX_TILE = 64, MAX_BLOCK = 1024, MAX_DEPTH = 512 };

/* `a` and `b` are packed and full; a tile at the edge of C goes through the
 * spare memory. */
static void blis_tile(const gop_kernel *kernel, const gop_tile *t)
{
    const bool whole = t->rows == kernel->mr && t->cols == kernel->nr;
    const sgemm_ukr_vft ukr = (sgemm_ukr_vft)kernel->blis;
    float *c = whole ? t->c : t->spare;
    const inc_t ldc = (inc_t)(whole ? t->ldc : kernel->nr);
    float one = 1, beta = whole && t->add ? 1 : 0;
    float *a = (float *)(uintptr_t)t->a, *b = (float *)(uintptr_t)t->b;
    auxinfo_t aux;

    memset(&aux, 0, sizeof aux);
    bli_auxinfo_set_next_a(a, &aux);
    bli_auxinfo_set_next_b(b, &aux);
    if (kernel->swapped)
        ukr((dim_t)kernel->nr, (dim_t)kernel->mr, (dim_t)t->k, &one, b, a, &beta, c, 1, ldc, &aux,
            kernel->blis_cntx);
    else
        ukr((dim_t)kernel->mr, (dim_t)kernel->nr, (dim_t)t->k, &one, a, b, &beta, c, ldc, 1, &aux,
            kernel->blis_cntx);
    if (whole)
        return;
    for (size_t i = 0; i < t->rows; i++)
        for (size_t j = 0; j < t->cols; j++) {
            float *out = &t->c[i * t->ldc + j];
            *out = (t->add ? *out : 0) + c[i * kernel->nr + j];
        }
}

static size_t block(dim_t given, size_t most, size_t unit)
{
    size_t size = given > 0 && (size_t)given < most ? (size_t)given : most;
    return size / unit * unit > 0 ? size / unit * unit : unit;
}

static bool choose_blis(gop_kernel *kernel)
{
    const arch_t arch = bli_arch_query_id();
    cntx_t *cntx = bli_gks_query_cntx();
    const void *ukr;
    dim_t mr, nr;

    if (arch == BLIS_ARCH_GENERIC || cntx == NULL)
        return false;
    /* BLIS returns functions as object pointers, which C cannot cast. */
    ukr = bli_cntx_get_l3_nat_ukr_dt(BLIS_FLOAT, BLIS_GEMM_UKR, cntx);
    memcpy(&kernel->blis, &ukr, sizeof ukr);
    mr = bli_cntx_get_blksz_def_dt(BLIS_FLOAT, BLIS_MR, cntx);
    nr = bli_cntx_get_blksz_def_dt(BLIS_FLOAT, BLIS_NR, cntx);
    if (ukr == NULL || mr < 1 || nr < 1 || mr > MAX_TILE || nr > MAX_TILE)
        return false;
    /* Panels are packed exactly as wide as the tile. */
    if (bli_cntx_get_blksz_max_dt(BLIS_FLOAT, BLIS_MR, cntx) != mr ||
        bli_cntx_get_blksz_max_dt(BLIS_FLOAT, BLIS_NR, cntx) != nr)
        return false;
    kernel->blis_cntx = cntx;
    kernel->swapped = !bli_cntx_l3_nat_ukr_prefers_rows_dt(BLIS_FLOAT, BLIS_GEMM_UKR, cntx);
    kernel->mr = (size_t)(kernel->swapped ? nr : mr);
    kernel->nr = (size_t)(kernel->swapped ? mr : nr);
    kernel->kc = block(bli_cntx_get_blksz_def_dt(BLIS_FLOAT, BLIS_KC, cntx), MAX_DEPTH, 4);
    kernel->mc = block(bli_cntx_get_blksz_def_dt(BLIS_FLOAT, BLIS_MC, cntx), MAX_BLOCK, kernel->mr);
    kernel->nc = block(bli_cntx_get_blksz_def_dt(BLIS_FLOAT, BLIS_NC, cntx), MAX_BLOCK, kernel->nr);
    kernel->lanes = kernel->nr;
    kernel->in_place = false;
    kernel->tile = blis_tile;
    kernel->pack = gop_pack_plain;
#ifdef GOP_KERNEL_X86
    gop_pack_avx2(kernel);
#endif
    snprintf(kernel->name, sizeof kernel->name, "blis/%.24s %dx%d", bli_arch_string(arch), (int)mr,
             (int)nr);
    return true;
}

#endif

/* The configurations of BLIS: bli_config.h defines the macros of those that the library has, as
 * nothing, so that their text is empty. */
#define TEXT_OF(macro) #macro
#define TEXT(macro)    TEXT_OF(macro)
static const struct configuration {
    const char *name, *lacking;
} configurations[] = {
    {"skx", TEXT(BLIS_CONFIG_SKX)},
    {"knl", TEXT(BLIS_CONFIG_KNL)},
    {"knc", TEXT(BLIS_CONFIG_KNC)},
    {"haswell", TEXT(BLIS_CONFIG_HASWELL)},
    {"sandybridge", TEXT(BLIS_CONFIG_SANDYBRIDGE)},
    {"penryn", TEXT(BLIS_CONFIG_PENRYN)},
    {"zen3", TEXT(BLIS_CONFIG_ZEN3)},
    {"zen2", TEXT(BLIS_CONFIG_ZEN2)},
    {"zen", TEXT(BLIS_CONFIG_ZEN)},
    {"excavator", TEXT(BLIS_CONFIG_EXCAVATOR)},
    {"steamroller", TEXT(BLIS_CONFIG_STEAMROLLER)},
    {"piledriver", TEXT(BLIS_CONFIG_PILEDRIVER)},
    {"bulldozer", TEXT(BLIS_CONFIG_BULLDOZER)},
    {"armsve", TEXT(BLIS_CONFIG_ARMSVE)},
    {"a64fx", TEXT(BLIS_CONFIG_A64FX)},
    {"altramax", TEXT(BLIS_CONFIG_ALTRAMAX)},
    {"altra", TEXT(BLIS_CONFIG_ALTRA)},
    {"firestorm", TEXT(BLIS_CONFIG_FIRESTORM)},
    {"thunderx2", TEXT(BLIS_CONFIG_THUNDERX2)},
    {"cortexa57", TEXT(BLIS_CONFIG_CORTEXA57)},
    {"cortexa53", TEXT(BLIS_CONFIG_CORTEXA53)},
    {"cortexa15", TEXT(BLIS_CONFIG_CORTEXA15)},
    {"cortexa9", TEXT(BLIS_CONFIG_CORTEXA9)},
    {"power10", TEXT(BLIS_CONFIG_POWER10)},
    {"power9", TEXT(BLIS_CONFIG_POWER9)},
    {"power7", TEXT(BLIS_CONFIG_POWER7)},
    {"bgq", TEXT(BLIS_CONFIG_BGQ)},
    {"rv32iv", TEXT(BLIS_CONFIG_RV32IV)},
    {"rv64iv", TEXT(BLIS_CONFIG_RV64IV)},
    {"rv32i", TEXT(BLIS_CONFIG_RV32I)},
    {"rv64i", TEXT(BLIS_CONFIG_RV64I)},
    {"sifive_x280", TEXT(BLIS_CONFIG_SIFIVE_X280)},
    {"generic", TEXT(BLIS_CONFIG_GENERIC)},
};

/* bli_init aborts at a number that names no configuration, or one that the library lacks. */
static gop_status start_blis(gop_error *err)
{
    const char *text = getenv("BLIS_ARCH_TYPE");
    const long type = text == NULL ? -1 : strtol(text, NULL, 10);

    if (type < -1 || type >= BLIS_NUM_ARCHS)
        return gop_fail(err, GOP_EINVAL, "BLIS_ARCH_TYPE must be 0 to %d, not %.32s",
                        (int)BLIS_NUM_ARCHS - 1, text);
    for (size_t i = 0; type >= 0 && i < sizeof configurations / sizeof *configurations; i++) {
        const struct configuration *c = &configurations[i];
        if (*c->lacking != '\0' && strcmp(c->name, bli_arch_string((arch_t)type)) == 0)
            return gop_fail(err, GOP_EINVAL,
                            "BLIS_ARCH_TYPE is %ld, configuration %s, which this BLIS was built "
                            "without",
                            type, c->name);
    }
    bli_init();
    return GOP_OK;
}

static gop_status choose(gop_kernel *kernel, gop_error *err)
{
    memset(kernel, 0, sizeof *kernel);
#ifdef GOP_KERNEL_X86
    if (gop_kernel_avx512(kernel) || gop_kernel_avx2(kernel))
        return GOP_OK;
    memset(kernel, 0, sizeof *kernel);
#endif
    gop_try(start_blis(err));
#if defined(HAVE_BLIS_UKR) && !defined(GOP_REAL_IS_DOUBLE)
    if (choose_blis(kernel))
        return GOP_OK;
    memset(kernel, 0, sizeof *kernel);
#endif
    snprintf(kernel->name, sizeof kernel->name, "blis/%.24s", bli_arch_string(bli_arch_query_id()));
    return GOP_OK;
}

/* BLIS has kernels of one name for several machines, and the products are not all that differs
 * between machines. */
gop_status gop_kernel_choose(gop_kernel *kernel, gop_error *err)
{
    gop_try(choose(kernel, err));
#ifndef __x86_64__
    const size_t n = strlen(kernel->name);
    snprintf(kernel->name + n, sizeof kernel->name - n, " " GOP_MACHINE);
#endif
    return GOP_OK;
}

/* The thread count is in a local rntm_t, so that the caller's own BLIS settings are unchanged. */
static void whole_product(size_t m, size_t n, size_t k, const gop_real *A, ptrdiff_t rsa,
                          ptrdiff_t csa, const gop_real *B, ptrdiff_t rsb, ptrdiff_t csb, bool add,
                          gop_real *C, size_t ldc)
{
    gop_real one = 1, beta = add ? 1 : 0;
    gop_real *a = (gop_real *)(uintptr_t)A, *b = (gop_real *)(uintptr_t)B;
    rntm_t rntm;

    bli_rntm_init_from_global(&rntm);
    bli_rntm_set_num_threads(1, &rntm);
#ifdef GOP_REAL_IS_DOUBLE
    bli_dgemm_ex(
#else
    bli_sgemm_ex(
#endif
        BLIS_NO_TRANSPOSE, BLIS_NO_TRANSPOSE, (dim_t)m, (dim_t)n, (dim_t)k, &one, a, (inc_t)rsa,
        (inc_t)csa, b, (inc_t)rsb, (inc_t)csb, &beta, C, (inc_t)ldc, 1, NULL, &rntm);
}

#ifdef GOP_REAL_IS_DOUBLE
/* BLIS takes a microsecond for a product of any size, and the tests in double, which are all that
 * uses it, consist of small ones. */
enum { SMALL = 1 << 18 };

GOP_VECTOR
static void small_product(size_t m, size_t n, size_t k, const gop_real *A, ptrdiff_t rsa,
                          ptrdiff_t csa, const gop_real *B, ptrdiff_t rsb, ptrdiff_t csb, bool add,
                          gop_real *C, size_t ldc)
{
    for (size_t i = 0; i < m; i++) {
        gop_real *c = C + i * ldc;
        for (size_t j = 0; j < n && !add; j++)
            c[j] = 0;
        for (size_t l = 0; l < k; l++) {
            const gop_real a = A[(ptrdiff_t)i * rsa + (ptrdiff_t)l * csa];
            const gop_real *b = B + (ptrdiff_t)l * rsb;
            if (csb == 1) {
                GOP_INDEPENDENT
                for (size_t j = 0; j < n; j++)
                    c[j] += a * b[j];
            } else {
                for (size_t j = 0; j < n; j++)
                    c[j] += a * b[(ptrdiff_t)j * csb];
            }
        }
    }
}
#endif

GOP_API void gop_gemm(gop_ctx *ctx, size_t m, size_t n, size_t k, const gop_real *A, ptrdiff_t rsa,
                      ptrdiff_t csa, const gop_real *B, ptrdiff_t rsb, ptrdiff_t csb, bool add,
                      gop_real *C, size_t ldc)
{
    if (m == 0 || n == 0)
        return;
    if (k == 0) {
        for (size_t i = 0; i < m && !add; i++)
            memset(C + i * ldc, 0, n * sizeof *C);
        return;
    }
    if (ctx->kernel.tile != NULL)
        gop_gemm_blocked(&ctx->kernel, ctx->scratch[gop_ctx_thread(ctx)].memory, m, n, k, A, rsa,
                         csa, B, rsb, csb, add, C, ldc);
#ifdef GOP_REAL_IS_DOUBLE
    else if (m * n <= SMALL / k)
        small_product(m, n, k, A, rsa, csa, B, rsb, csb, add, C, ldc);
#endif
    else
        whole_product(m, n, k, A, rsa, csa, B, rsb, csb, add, C, ldc);
}
