/*
 * packed.h: products with a right-hand matrix that is packed once and used many
 * times, such as weights.  Internal to libgraphop.
 *
 * A packed matrix [k, n] is a row of panels of several columns each (the last may be narrower).
 * Panels are packed and used independently, so that threads can share the work.
 */
#ifndef GOP_CORE_PACKED_H
#define GOP_CORE_PACKED_H

#include "graphop.h"

/* Elements of a packed [k, n], a multiple of a cache line. */
size_t gop_packed_size(const gop_ctx *ctx, size_t k, size_t n);
/* Columns of a panel, and how many panels n columns make. */
size_t gop_packed_width(const gop_ctx *ctx);
size_t gop_packed_panels(const gop_ctx *ctx, size_t n);

/* Rows [p, p + rows) of the panels [first, last) of a packed [k, n]: row p + i,
 * column j is B[i rsb + j csb], or zeros if B is NULL.  B points at row p, column 0 of the whole
 * matrix. */
void gop_pack_rows(const gop_ctx *ctx, gop_real *packed, size_t k, size_t n, size_t p, size_t rows,
                   const gop_real *B, ptrdiff_t rsb, ptrdiff_t csb, size_t first, size_t last);

/* Packs a whole B [k, n] on the context's threads. */
void gop_pack_all(gop_ctx *ctx, gop_real *packed, size_t k, size_t n, const gop_real *B,
                  ptrdiff_t rsb, ptrdiff_t csb);

/* The columns of the panels [first, last) of C [m, n] = A B (+ C when add), B
 * packed; on the calling thread.  A and C are as in gop_gemm, C at column 0.  Rows of A may
 * overlap.  An element is summed in the order of k, independent of m, n and the panels. */
void gop_gemm_packed(gop_ctx *ctx, size_t m, size_t n, size_t k, const gop_real *A, ptrdiff_t rsa,
                     ptrdiff_t csa, const gop_real *packed, size_t first, size_t last, bool add,
                     gop_real *C, size_t ldc);

/* A left-hand matrix [m, k] packed once, for products with right-hand matrices read in place.  Only
 * if gop_left_works. */
bool gop_left_works(const gop_ctx *ctx);
/* Elements of the packed matrix. */
size_t gop_left_size(const gop_ctx *ctx, size_t m, size_t k);
void gop_left_pack(const gop_ctx *ctx, gop_real *left, size_t m, size_t k, const gop_real *A,
                   ptrdiff_t rsa, ptrdiff_t csa);
/* C [m, n] = sum over spans g < spans and p < rows of A[:, at + g step + p] times row p
 * of B_g (+ C when add): A packed, [m, k], or, with lda > 0, its columns in rows of lda;
 * B_g begins at B + g span and has rows of ldb; n is at most gop_packed_width. */
void gop_left_gemm(const gop_ctx *ctx, size_t m, size_t n, size_t k, const gop_real *left,
                   size_t lda, size_t at, size_t rows, size_t spans, size_t step, const gop_real *B,
                   ptrdiff_t ldb, ptrdiff_t span, bool add, gop_real *C, size_t ldc);

#endif
