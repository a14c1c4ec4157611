/*
 * packed.c: see packed.h.  Writes only its results and the thread's scratch in the context.
 *
 * With one of our own micro-kernels a panel has the order in which that kernel reads it, and A is
 * read in place: a tile's rows are broadcast element by element, so that overlapping windows of
 * frames need no copy.  With BLIS a packed matrix is a plain [k, n] for gop_gemm.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "core/ctx.h"
#include "core/packed.h"
#include "core/sizes.h"
#include "core/tuning.h"

#include <string.h>

/* Columns per panel if the matrix is plain. */
enum { PLAIN_WIDTH = 64 };

/* The columns of A are copied side by side if they are apart and this many panels read them. */
enum { FEW = 3 };

static bool plain(const gop_ctx *ctx)
{
    return ctx->kernel.tile == NULL || !ctx->kernel.in_place;
}

size_t gop_packed_width(const gop_ctx *ctx)
{
    return plain(ctx) ? PLAIN_WIDTH : ctx->kernel.nr;
}

size_t gop_packed_panels(const gop_ctx *ctx, size_t n)
{
    const size_t width = gop_packed_width(ctx);
    return gop_pieces(n, width);
}

size_t gop_packed_size(const gop_ctx *ctx, size_t k, size_t n)
{
    /* Kernels may read a vector past the end of a narrow panel. */
    return gop_round_up(k * (plain(ctx) ? n : gop_round_up(n, ctx->kernel.lanes)), 16) + 32;
}

/* Elements from one row of panel j to the next. */
static size_t stride_of(const gop_ctx *ctx, size_t n, size_t j)
{
    const gop_kernel *kernel = &ctx->kernel;
    return plain(ctx) ? n
                      : gop_round_up(gop_size_min(kernel->nr, n - j * kernel->nr), kernel->lanes);
}

void gop_pack_rows(const gop_ctx *ctx, gop_real *packed, size_t k, size_t n, size_t p, size_t rows,
                   const gop_real *B, ptrdiff_t rsb, ptrdiff_t csb, size_t first, size_t last)
{
    const size_t full = gop_packed_width(ctx);

    for (size_t j = first; j < last; j++) {
        const size_t col = j * full, width = gop_size_min(full, n - col), ld = stride_of(ctx, n, j);
        gop_real *to = packed + (plain(ctx) ? col : col * k) + p * ld;
        const gop_real *from = B == NULL ? NULL : B + (ptrdiff_t)col * csb;
        if (!plain(ctx) && B != NULL)
            ctx->kernel.pack(to, ld, width, rows, from, csb, rsb);
        else if (!plain(ctx))
            memset(to, 0, rows * ld * sizeof *to);
        else
            for (size_t i = 0; i < rows; i++)
                for (size_t c = 0; c < width; c++)
                    to[i * ld + c] = B == NULL ? 0 : from[(ptrdiff_t)i * rsb + (ptrdiff_t)c * csb];
    }
}

typedef struct pack_job {
    const gop_ctx *ctx;
    gop_real *packed;
    size_t k, n;
    const gop_real *B;
    ptrdiff_t rsb, csb;
} pack_job;

static void pack_panel(void *arg, size_t i)
{
    const pack_job *j = arg;
    gop_pack_rows(j->ctx, j->packed, j->k, j->n, 0, j->k, j->B, j->rsb, j->csb, i, i + 1);
}

void gop_pack_all(gop_ctx *ctx, gop_real *packed, size_t k, size_t n, const gop_real *B,
                  ptrdiff_t rsb, ptrdiff_t csb)
{
    pack_job j = {ctx, packed, k, n, B, rsb, csb};
    if (k * n <= GOP_PACK_ALONE)
        gop_pack_rows(ctx, packed, k, n, 0, k, B, rsb, csb, 0, gop_packed_panels(ctx, n));
    else
        gop_parallel(ctx, gop_packed_panels(ctx, n), pack_panel, &j);
}

/* The rows of panel q of m rows: panels differ by one row at most, and the higher ones come
 * first.  gop_gemm_packed counts alike without dividing for each tile. */
static size_t panel_rows(size_t m, size_t panels, size_t q)
{
    return m / panels + (q < m % panels);
}

/* Copies rows [i, i + m) of A to panels of the height of the tiles that read them. */
static void pack_left(const gop_kernel *kernel, gop_real *to, size_t m, size_t panels, size_t k,
                      const gop_real *A, ptrdiff_t rsa, ptrdiff_t csa)
{
    for (size_t q = 0; q < panels; q++) {
        const size_t rows = panel_rows(m, panels, q);
        kernel->pack(to, rows, rows, k, A, rsa, csa);
        A += (ptrdiff_t)rows * rsa;
        to += rows * k;
    }
}

/* A tile of any depth.  Sums of some hundred products each are added to C, which
 * is more accurate than one long sum; the tile stays in the nearest cache. */
static void deep_tile(const gop_kernel *kernel, gop_tile *t, size_t k, const gop_real *b, bool add)
{
    const size_t parts = gop_pieces(k, kernel->kc);
    const gop_real *a = t->a;

    for (size_t i = 0; i < parts; i++) {
        const size_t p = k * i / parts;
        t->k = k * (i + 1) / parts - p;
        t->a = a + (ptrdiff_t)p * t->csa;
        t->b = b + (ptrdiff_t)p * t->ldb;
        t->add = add || i > 0;
        kernel->tile(kernel, t);
    }
}

void gop_gemm_packed(gop_ctx *ctx, size_t m, size_t n, size_t k, const gop_real *A, ptrdiff_t rsa,
                     ptrdiff_t csa, const gop_real *packed, size_t first, size_t last, bool add,
                     gop_real *C, size_t ldc)
{
    const gop_kernel *kernel = &ctx->kernel;
    const size_t full = gop_packed_width(ctx);

    if (m == 0 || n == 0 || first >= last)
        return;
    if (plain(ctx)) {
        const size_t col = first * full, end = gop_size_min(n, last * full);
        gop_gemm(ctx, m, end - col, k, A, rsa, csa, packed + col, (ptrdiff_t)n, 1, add, C + col,
                 ldc);
        return;
    }

    const size_t room = (kernel->mc + kernel->mr) * kernel->kc;
    const bool copy = csa != 1 && last - first >= FEW && k * kernel->mr <= room;
    const size_t most = copy ? room / k : GOP_NEAR / (k + 1) + 4 * kernel->mr;
    const size_t blocks = gop_pieces(m, most);
    gop_real *left = ctx->scratch[gop_ctx_thread(ctx)].memory;
    gop_tile t = {.ldc = ldc, .k = k, .add = add};

    for (size_t b = 0; b < blocks; b++) {
        const size_t i0 = m * b / blocks, rows = m * (b + 1) / blocks - i0;
        const size_t panels = gop_pieces(rows, kernel->mr);
        const size_t low = rows / panels, high = rows % panels; /* rows of a panel; some have one
                                                                 * more */
        const gop_real *a = A + (ptrdiff_t)i0 * rsa;
        if (copy)
            pack_left(kernel, left, rows, panels, k, a, rsa, csa);
        for (size_t j = first; j < last; j++) {
            const gop_real *next = left;
            t.cols = gop_size_min(full, n - j * full);
            t.ldb = (ptrdiff_t)stride_of(ctx, n, j);
            for (size_t q = 0, i = 0; q < panels; q++, i += t.rows) {
                t.rows = low + (q < high);
                t.a = copy ? next : a + (ptrdiff_t)i * rsa;
                t.rsa = copy ? 1 : rsa;
                t.csa = copy ? (ptrdiff_t)t.rows : csa;
                t.b = packed + j * full * k;
                t.c = C + (i0 + i) * ldc + j * full;
                if (k > kernel->kc)
                    deep_tile(kernel, &t, k, t.b, add);
                else
                    kernel->tile(kernel, &t);
                next += t.rows * k;
            }
        }
    }
}

bool gop_left_works(const gop_ctx *ctx)
{
    return !plain(ctx);
}

size_t gop_left_size(const gop_ctx *ctx, size_t m, size_t k)
{
    (void)ctx;
    return m * k + 32; /* packing may write past the end */
}

void gop_left_pack(const gop_ctx *ctx, gop_real *left, size_t m, size_t k, const gop_real *A,
                   ptrdiff_t rsa, ptrdiff_t csa)
{
    pack_left(&ctx->kernel, left, m, gop_pieces(m, ctx->kernel.mr), k, A, rsa, csa);
}

void gop_left_gemm(const gop_ctx *ctx, size_t m, size_t n, size_t k, const gop_real *left,
                   size_t lda, size_t at, size_t rows, size_t spans, size_t step, const gop_real *B,
                   ptrdiff_t ldb, ptrdiff_t span, bool add, gop_real *C, size_t ldc)
{
    const gop_kernel *kernel = &ctx->kernel;
    const size_t panels = gop_pieces(m, kernel->mr);
    gop_tile t = {
        .k = rows, .cols = n, .b = B, .ldb = ldb, .more = spans - 1, .add = add, .ldc = ldc};

    t.b_gap = span - (ptrdiff_t)rows * ldb;
    for (size_t q = 0, i = 0; q < panels; q++, i += t.rows) {
        t.rows = panel_rows(m, panels, q);
        const size_t ld = lda > 0 ? lda : t.rows;
        t.a = left + (lda > 0 ? i : i * k) + at * ld;
        t.rsa = 1;
        t.csa = (ptrdiff_t)ld;
        t.a_gap = (ptrdiff_t)((step - rows) * ld);
        t.c = C + i * ldc;
        kernel->tile(kernel, &t);
    }
}
