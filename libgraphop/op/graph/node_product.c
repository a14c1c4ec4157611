/*
 * node_product.c: see node_product.h.  A row of the result is a sum of the few rows of x that its
 * row of A has entries for; it stays in registers, some vectors at a time, while the sum runs.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "op/graph/node_product.h"

#include "core/gemm.h"
#include "core/sizes.h"
#include "core/vector.h"
#include "op/graph/channel_panels.h"

enum {
    SPARSE = 6, /* of the entries of A one at most is not 0 */
    MOST = 32,  /* entries of a row that are added at a time */
    WIDE = 4    /* vectors in registers */
};

/* A row of x and its entry of A. */
typedef struct entry {
    const gop_real *x;
    gop_real a;
} entry;

static bool sparse(size_t rows, size_t depth, const gop_real *A, ptrdiff_t row, ptrdiff_t col)
{
    size_t left = rows * depth / SPARSE;
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < depth; j++)
            if (A[(ptrdiff_t)i * row + (ptrdiff_t)j * col] != 0 && left-- == 0)
                return false;
    return true;
}

GOP_FUSED GOP_VECTOR static void sum_rows(gop_real *restrict y, size_t width, const entry *e,
                                          size_t n, bool add)
{
    size_t c = 0;
    for (; c + WIDE * GOP_BLOCK <= width; c += WIDE * GOP_BLOCK) {
        gop_block *to = (gop_block *)(y + c), sum[WIDE];
        for (int w = 0; w < WIDE; w++)
            sum[w] = add ? to[w] : (gop_block){0};
        for (size_t k = 0; k < n; k++) {
            const gop_block *x = (const gop_block *)(e[k].x + c);
            for (int w = 0; w < WIDE; w++)
                sum[w] += e[k].a * x[w];
        }
        for (int w = 0; w < WIDE; w++)
            to[w] = sum[w];
    }
    for (; c < width; c++) {
        gop_real sum = add ? y[c] : 0;
        for (size_t k = 0; k < n; k++)
            sum += e[k].a * e[k].x[c];
        y[c] = sum;
    }
}

void gop_node_product(gop_ctx *ctx, size_t rows, size_t width, size_t depth, const gop_real *A,
                      ptrdiff_t row, ptrdiff_t col, const gop_real *x, size_t from, bool add,
                      gop_real *y, size_t to)
{
    if (!sparse(rows, depth, A, row, col)) {
        gop_gemm(ctx, rows, width, depth, A, row, col, x, (ptrdiff_t)from, 1, add, y, to);
        return;
    }
    for (size_t i = 0; i < rows; i++) {
        const gop_real *a = A + (ptrdiff_t)i * row;
        bool more = add;
        size_t n = 0;
        entry e[MOST];
        for (size_t j = 0; j < depth; j++) {
            if (a[(ptrdiff_t)j * col] == 0)
                continue;
            if (n == MOST) {
                sum_rows(y + i * to, width, e, n, more);
                more = true;
                n = 0;
            }
            e[n++] = (entry){x + j * from, a[(ptrdiff_t)j * col]};
        }
        if (n > 0 || !more)
            sum_rows(y + i * to, width, e, n, more);
    }
}
