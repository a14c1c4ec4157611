/*
 * block.c: a matrix product as tiles of packed blocks.
 *
 * Source: Goto & van de Geijn, "Anatomy of high-performance matrix
 * multiplication" (ACM TOMS 2008): B is packed [kc, nc] at a time, A [mc, kc],
 * each as panels that the kernel reads front to back.  If an operand would be read too few times to
 * pay for the copy, a kernel that can read it in place does so.  All cuts depend only on m, n, k
 * and the kernel, and so does the order of summation.
 *
 * Writes only C and the given scratch.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "core/gemm.h"
#include "core/sizes.h"

/* The number of panels of the other operand that must read a panel of A, of B, for packing it to
 * pay.  An element of A is broadcast and may come from anywhere in the nearest cache; B is read in
 * whole cache lines, which may conflict in the cache unless all of B lies within NEAREST
 * elements. */
enum { FEW_A = 16, FEW_B = 4, NEAREST = 4096 };

/* Elements that a kernel may read, or a packer may write, past a panel. */
enum { SLACK = 1024 };

/* The start of panel q of `panels`, into which m rows are cut.  Panels are nearly equal if any
 * height is allowed, else full except the last. */
static size_t panel(const gop_kernel *kernel, size_t m, size_t panels, size_t q)
{
    if (kernel->in_place)
        return gop_cut(m, panels, q);
    return q < panels ? q * kernel->mr : m;
}

/* B's packed block, A's, and the kernel's spare tile follow each other. */
static size_t room_b(const gop_kernel *kernel)
{
    return kernel->kc * kernel->nc + SLACK;
}

static size_t room_a(const gop_kernel *kernel)
{
    return kernel->kc * (kernel->mc + kernel->mr) + SLACK;
}

size_t gop_kernel_pack_bytes(const gop_kernel *kernel)
{
    const size_t n = room_b(kernel) + room_a(kernel) + kernel->mr * kernel->nr;
    return gop_round_up(n * sizeof(gop_real), GOP_PACK_ALIGN);
}

void gop_pack_plain(gop_real *dst, size_t ld, size_t width, size_t k, const gop_real *src,
                    ptrdiff_t ws, ptrdiff_t ks)
{
    for (size_t p = 0; p < k; p++, src += ks, dst += ld) {
        for (size_t j = 0; j < width; j++)
            dst[j] = src[(ptrdiff_t)j * ws];
        for (size_t j = width; j < ld; j++)
            dst[j] = 0;
    }
}

/* The state of the loops below. */
typedef struct product {
    const gop_kernel *kernel;
    gop_real *packed_a, *packed_b, *spare;
    bool pack_a, pack_b;
    const gop_real *A, *B;
    ptrdiff_t rsa, csa, rsb, csb;
    gop_real *C;
    size_t ldc;
} product;

/* Columns [j0, j0 + n) of B, rows [p0, p0 + k). */
static void pack_b(const product *s, size_t j0, size_t n, size_t p0, size_t k)
{
    const gop_kernel *kernel = s->kernel;
    gop_real *dst = s->packed_b;

    for (size_t j = 0; j < n; j += kernel->nr) {
        const size_t width = n - j < kernel->nr ? n - j : kernel->nr;
        const size_t ld = gop_round_up(width, kernel->lanes);
        kernel->pack(dst, ld, width, k,
                     s->B + (ptrdiff_t)(j0 + j) * s->csb + (ptrdiff_t)p0 * s->rsb, s->csb, s->rsb);
        dst += ld * k;
    }
}

/* Rows [i0, i0 + m) of A in `panels` panels, columns [p0, p0 + k). */
static void pack_a(const product *s, size_t i0, size_t m, size_t panels, size_t p0, size_t k)
{
    gop_real *dst = s->packed_a;

    for (size_t q = 0; q < panels; q++) {
        const size_t i = panel(s->kernel, m, panels, q);
        const size_t width = panel(s->kernel, m, panels, q + 1) - i;
        const size_t ld = s->kernel->in_place ? width : s->kernel->mr;
        s->kernel->pack(dst, ld, width, k,
                        s->A + (ptrdiff_t)(i0 + i) * s->rsa + (ptrdiff_t)p0 * s->csa, s->rsa,
                        s->csa);
        dst += ld * k;
    }
}

/* The tiles of rows [i0, i0 + m) and columns [j0, j0 + n). */
static void tiles(const product *s, size_t i0, size_t m, size_t panels, size_t j0, size_t n,
                  size_t p0, size_t k, bool add)
{
    const gop_kernel *kernel = s->kernel;
    gop_tile t = {.k = k, .add = add, .ldc = s->ldc, .spare = s->spare};
    const gop_real *b = s->packed_b;

    for (size_t j = 0; j < n; j += kernel->nr) {
        const gop_real *a = s->packed_a;
        t.cols = gop_size_min(n - j, kernel->nr);
        const size_t ld = gop_round_up(t.cols, kernel->lanes);
        t.b = s->pack_b ? b : s->B + (ptrdiff_t)p0 * s->rsb + (ptrdiff_t)(j0 + j);
        t.ldb = s->pack_b ? (ptrdiff_t)ld : s->rsb;
        for (size_t q = 0; q < panels; q++) {
            const size_t i = panel(kernel, m, panels, q);
            const size_t rows = panel(kernel, m, panels, q + 1) - i;
            const size_t lda = kernel->in_place ? rows : kernel->mr;
            t.rows = rows;
            t.a = s->pack_a ? a : s->A + (ptrdiff_t)(i0 + i) * s->rsa + (ptrdiff_t)p0 * s->csa;
            t.rsa = s->pack_a ? 1 : s->rsa;
            t.csa = s->pack_a ? (ptrdiff_t)lda : s->csa;
            t.c = s->C + (i0 + i) * s->ldc + j0 + j;
            kernel->tile(kernel, &t);
            a += lda * k;
        }
        b += ld * k;
    }
}

void gop_gemm_blocked(const gop_kernel *kernel, gop_real *pack, size_t m, size_t n, size_t k,
                      const gop_real *A, ptrdiff_t rsa, ptrdiff_t csa, const gop_real *B,
                      ptrdiff_t rsb, ptrdiff_t csb, bool add, gop_real *C, size_t ldc)
{
    const product s = {.kernel = kernel,
                       .packed_b = pack,
                       .packed_a = pack + room_b(kernel),
                       .spare = pack + room_b(kernel) + room_a(kernel),
                       .pack_a = !kernel->in_place || n > FEW_A * kernel->nr,
                       .pack_b = !kernel->in_place || csb != 1 ||
                                 (m > FEW_B * kernel->mr && (k - 1) * (size_t)rsb + n > NEAREST),
                       .A = A,
                       .B = B,
                       .rsa = rsa,
                       .csa = csa,
                       .rsb = rsb,
                       .csb = csb,
                       .C = C,
                       .ldc = ldc};
    const size_t deep = gop_pieces(k, kernel->kc), high = gop_pieces(m, kernel->mc);

    for (size_t j0 = 0; j0 < n; j0 += kernel->nc) {
        const size_t nb = n - j0 < kernel->nc ? n - j0 : kernel->nc;
        for (size_t d = 0; d < deep; d++) {
            const size_t p0 = gop_cut(k, deep, d), kb = gop_cut(k, deep, d + 1) - p0;
            if (s.pack_b)
                pack_b(&s, j0, nb, p0, kb);
            for (size_t h = 0; h < high; h++) {
                const size_t i0 = gop_cut(m, high, h), mb = gop_cut(m, high, h + 1) - i0;
                const size_t panels = gop_pieces(mb, kernel->mr);
                if (s.pack_a)
                    pack_a(&s, i0, mb, panels, p0, kb);
                tiles(&s, i0, mb, panels, j0, nb, p0, kb, add || d > 0);
            }
        }
    }
}
