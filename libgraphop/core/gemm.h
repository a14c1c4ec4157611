/*
 * gemm.h: how gop_gemm, its driver and its micro-kernels fit together.
 *
 * A kernel computes one tile of C, at most mr x nr, from a panel of A and a panel of B.
 * core/gemm.c chooses one for the CPU, core/block.c cuts a product into tiles, core/kernel_*.c are
 * kernels for particular CPUs.
 */
#ifndef GOP_CORE_GEMM_H
#define GOP_CORE_GEMM_H

#include "graphop.h"

enum { GOP_PACK_ALIGN = 4096 };

/* One tile: C [rows, cols] = A B (+ C when add), with row stride ldc.  Element
 * (i, p) of A is a[i rsa + p csa], element (p, j) of B is b[p ldb + j]. */
typedef struct gop_tile {
    size_t rows, cols, k;
    const gop_real *a;
    ptrdiff_t rsa, csa;
    const gop_real *b;
    ptrdiff_t ldb;
    /* Our own kernels: `more` further products of the same form are added, each with A and B
     * starting a_gap and b_gap elements after the end of the previous ones. */
    size_t more;
    ptrdiff_t a_gap, b_gap;
    bool add;
    gop_real *c;
    size_t ldc;
    gop_real *spare; /* mr x nr elements for the kernel's use */
} gop_tile;

typedef struct gop_kernel gop_kernel;
struct gop_kernel {
    char name[48];
    size_t mr, nr;     /* the largest tile */
    size_t mc, kc, nc; /* the packed blocks: A [mc, kc], B [kc, nc] */
    size_t lanes;      /* packed panels of B have a multiple of this width */
    /* Accepts panels in the caller's matrices and narrower than mr and nr; otherwise panels are
     * packed and padded with zeros. */
    bool in_place;
    /* NULL: no kernel; BLIS computes the whole product. */
    void (*tile)(const gop_kernel *kernel, const gop_tile *tile);
    /* dst[p ld + j] = src[j ws + p ks] for j < width, p < k, and zeros for
     * width <= j < ld.  May write 16 elements past the end. */
    void (*pack)(gop_real *dst, size_t ld, size_t width, size_t k, const gop_real *src,
                 ptrdiff_t ws, ptrdiff_t ks);
    void (*blis)(void); /* BLIS's own micro-kernel and its context */
    void *blis_cntx;
    bool swapped; /* it works on the transposed product */
};

/* Picks the kernel for this build and CPU; starts BLIS only if that uses it.  GOP_EINVAL for a
 * BLIS_ARCH_TYPE that BLIS would abort at. */
gop_status gop_kernel_choose(gop_kernel *kernel, gop_error *err);
/* Bytes of scratch per thread, a multiple of GOP_PACK_ALIGN. */
size_t gop_kernel_pack_bytes(const gop_kernel *kernel);

/* gop_gemm by tiles, for m, n, k > 0. */
void gop_gemm_blocked(const gop_kernel *kernel, gop_real *pack, size_t m, size_t n, size_t k,
                      const gop_real *A, ptrdiff_t rsa, ptrdiff_t csa, const gop_real *B,
                      ptrdiff_t rsb, ptrdiff_t csb, bool add, gop_real *C, size_t ldc);

/* Packing in plain C. */
void gop_pack_plain(gop_real *dst, size_t ld, size_t width, size_t k, const gop_real *src,
                    ptrdiff_t ws, ptrdiff_t ks);

/* Our own kernels for x86-64 in float; each returns false if the CPU lacks the instructions. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(GOP_REAL_IS_DOUBLE)
#define GOP_KERNEL_X86 1
bool gop_kernel_avx512(gop_kernel *kernel);
bool gop_kernel_avx2(gop_kernel *kernel);
bool gop_pack_avx2(gop_kernel *kernel);
#endif

#endif
