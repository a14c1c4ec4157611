/*
 * test_gemm.c: gop_gemm and its packed form against three loops, for random shapes and strides and
 * at the edges, and byte for byte at several thread counts.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include "core/packed.h"
#include "graphop.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#ifdef GOP_REAL_IS_DOUBLE
static const double TOLERANCE = 1e-14;
#else
static const double TOLERANCE = 2e-6;
#endif

static gop_ctx *ctx;

static void setup(void)
{
    ck_assert_int_eq(gop_ctx_new(&ctx, 1, 0, NULL), GOP_OK);
}

static void teardown(void)
{
    gop_ctx_free(ctx);
}

static gop_real *draw(gop_rng *rng, size_t n)
{
    gop_real *x = malloc((n > 0 ? n : 1) * sizeof *x);
    ck_assert_ptr_nonnull(x);
    for (size_t i = 0; i < n; i++)
        x[i] = (gop_real)(2 * gop_rng_uniform(rng) - 1);
    return x;
}

/* A matrix within a buffer: along rows, along columns, or with steps in both. */
typedef struct matrix {
    ptrdiff_t rs, cs;
    gop_real *x;
} matrix;

static matrix draw_matrix(gop_rng *rng, size_t rows, size_t cols)
{
    const size_t gap = (size_t)gop_rng_below(rng, 4);
    matrix a;

    switch (gop_rng_below(rng, 3)) {
    case 0:
        a.cs = 1;
        a.rs = (ptrdiff_t)(cols + gap);
        break;
    case 1:
        a.rs = 1;
        a.cs = (ptrdiff_t)(rows + gap);
        break;
    default:
        a.cs = 2;
        a.rs = (ptrdiff_t)(2 * cols + gap);
        break;
    }
    /* Exactly as long as needed, so that an access past the end is caught. */
    a.x = draw(rng, (rows - 1) * (size_t)a.rs + (cols - 1) * (size_t)a.cs + 1);
    return a;
}

/* The product with B packed in two pieces and used panel by panel. */
static void packed_product(size_t m, size_t n, size_t k, matrix A, matrix B, bool add, gop_real *C,
                           size_t ldc)
{
    const size_t panels = gop_packed_panels(ctx, n), size = gop_packed_size(ctx, k, n);
    gop_real *packed = malloc(size * sizeof *packed);

    ck_assert_ptr_nonnull(packed);
    memset(packed, 0xff, size * sizeof *packed);
    gop_pack_rows(ctx, packed, k, n, k / 2, k - k / 2, B.x + (ptrdiff_t)(k / 2) * B.rs, B.rs, B.cs,
                  0, panels);
    gop_pack_rows(ctx, packed, k, n, 0, k / 2, B.x, B.rs, B.cs, 0, panels);
    gop_gemm_packed(ctx, m, n, k, A.x, A.rs, A.cs, packed, panels / 2, panels, add, C, ldc);
    gop_gemm_packed(ctx, m, n, k, A.x, A.rs, A.cs, packed, 0, panels / 2, add, C, ldc);
    free(packed);
}

static void compare(gop_rng *rng, size_t m, size_t n, size_t k, bool add, bool packed)
{
    const size_t ldc = n + (size_t)gop_rng_below(rng, 4);
    const matrix A = draw_matrix(rng, m, k), B = draw_matrix(rng, k, n);
    gop_real *C = draw(rng, m * ldc), *before = malloc(m * ldc * sizeof *C);

    memcpy(before, C, m * ldc * sizeof *C);
    if (packed)
        packed_product(m, n, k, A, B, add, C, ldc);
    else
        gop_gemm(ctx, m, n, k, A.x, A.rs, A.cs, B.x, B.rs, B.cs, add, C, ldc);
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < ldc; j++) {
            double want = j >= n || add ? (double)before[i * ldc + j] : 0;
            for (size_t p = 0; j < n && p < k; p++)
                want += (double)A.x[(ptrdiff_t)i * A.rs + (ptrdiff_t)p * A.cs] *
                        (double)B.x[(ptrdiff_t)p * B.rs + (ptrdiff_t)j * B.cs];
            ck_assert_msg(fabs(want - (double)C[i * ldc + j]) <=
                              TOLERANCE * (j < n ? sqrt((double)k + 1) : 0),
                          "m %zu n %zu k %zu strides %td %td, %td %td, C[%zu,%zu] = %g, not %g", m,
                          n, k, A.rs, A.cs, B.rs, B.cs, i, j, (double)C[i * ldc + j], want);
        }
    free(A.x);
    free(B.x);
    free(C);
    free(before);
}

START_TEST(small_products)
{
    gop_rng rng = gop_rng_new(1, (uint64_t)_i);
    for (int r = 0; r < 40; r++) {
        const size_t m = 1 + (size_t)gop_rng_below(&rng, 50);
        const size_t n = 1 + (size_t)gop_rng_below(&rng, 70);
        const size_t k = 1 + (size_t)gop_rng_below(&rng, 50);
        compare(&rng, m, n, k, gop_rng_below(&rng, 2) == 1, r % 2 == 1);
    }
}
END_TEST

/* Every height and width of tile that a kernel may have. */
START_TEST(every_edge)
{
    gop_rng rng = gop_rng_new(2, (uint64_t)_i);
    for (size_t n = 1; n <= 66; n += 5)
        compare(&rng, (size_t)_i, n, 9, n % 2 == 0, n % 3 == 0);
}
END_TEST

/* Deeper, wider and higher than one packed block. */
START_TEST(several_blocks)
{
    static const size_t shape[][3] = {
        {20, 40, 1300}, {400, 30, 600}, {7, 2300, 40}, {130, 1100, 520}, {64, 2, 2304}};
    gop_rng rng = gop_rng_new(3, (uint64_t)_i);
    for (int add = 0; add < 2; add++)
        for (int packed = 0; packed < 2; packed++)
            compare(&rng, shape[_i][0], shape[_i][1], shape[_i][2], add == 1, packed == 1);
}
END_TEST

START_TEST(no_depth)
{
    const gop_real x = 1;
    gop_real C[6] = {1, 2, 3, 4, 5, 6};

    gop_gemm(ctx, 2, 2, 0, &x, 1, 1, &x, 1, 1, true, C, 3);
    for (int i = 0; i < 6; i++)
        ck_assert(C[i] == (gop_real)(i + 1));
    gop_gemm(ctx, 0, 2, 1, &x, 1, 1, &x, 1, 1, false, C, 3);
    gop_gemm(ctx, 2, 0, 1, &x, 1, 1, &x, 1, 1, false, C, 3);
    for (int i = 0; i < 6; i++)
        ck_assert(C[i] == (gop_real)(i + 1));
    gop_gemm(ctx, 2, 2, 0, &x, 1, 1, &x, 1, 1, false, C, 3);
    for (int i = 0; i < 6; i++)
        ck_assert(C[i] == (gop_real)(i % 3 == 2 ? i + 1 : 0));
}
END_TEST

/* Without `add` the former contents of C have no influence. */
START_TEST(overwrites_nan)
{
    gop_real A[40 * 8], B[8 * 50], C[40 * 50];

    for (size_t i = 0; i < 40 * 8; i++)
        A[i] = 1;
    for (size_t i = 0; i < 8 * 50; i++)
        B[i] = 2;
    for (size_t i = 0; i < 40 * 50; i++)
        C[i] = NAN;
    gop_gemm(ctx, 40, 50, 8, A, 8, 1, B, 50, 1, false, C, 50);
    for (size_t i = 0; i < 40 * 50; i++)
        ck_assert(C[i] == 16);
}
END_TEST

/* ----------------------------------------------------------------- threads */

enum { CHUNKS = 24, ROWS = 30, COLS = 90, DEPTH = 26 };

typedef struct batch {
    gop_ctx *ctx;
    gop_real *A, *B, *C;
} batch;

static void multiply(void *arg, size_t i)
{
    const batch *b = arg;
    gop_gemm(b->ctx, ROWS, COLS, DEPTH, b->A + i * ROWS * DEPTH, DEPTH, 1, b->B, 1, DEPTH, false,
             b->C + i * ROWS * COLS, COLS);
}

START_TEST(same_bytes_at_any_thread_count)
{
    const size_t size = (size_t)CHUNKS * ROWS * COLS;
    gop_rng rng = gop_rng_new(6, 0);
    batch b = {NULL, draw(&rng, (size_t)CHUNKS * ROWS * DEPTH), draw(&rng, (size_t)COLS * DEPTH),
               NULL};
    gop_real *one = malloc(size * sizeof *one), *many = malloc(size * sizeof *many);

    for (int threads = 1; threads <= 4; threads++) {
        b.C = threads == 1 ? one : many;
        memset(b.C, 0xff, size * sizeof *b.C);
        ck_assert_int_eq(gop_ctx_new(&b.ctx, threads, 0, NULL), GOP_OK);
        gop_parallel(b.ctx, CHUNKS, multiply, &b);
        gop_ctx_free(b.ctx);
        if (threads > 1)
            ck_assert_int_eq(memcmp(one, many, size * sizeof *one), 0);
    }
    free(b.A);
    free(b.B);
    free(one);
    free(many);
}
END_TEST

TEST_MAIN("gemm")
{
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, small_products, 0, 8);
    tcase_add_loop_test(t, every_edge, 1, 35);
    tcase_add_loop_test(t, several_blocks, 0, 5);
    tcase_add_test(t, no_depth);
    tcase_add_test(t, overwrites_nan);
    tcase_add_test(t, same_bytes_at_any_thread_count);
}
