/*
 * partial.c: sums over fixed pieces of work, always in the order of the pieces.
 * Internal to the operators; reads and writes only its arguments.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "op/partial.h"

#include "core/vector.h"

#include <string.h>

enum { BLOCK = 2048 };

typedef struct sum_job {
    gop_real *target;
    const gop_real *parts;
    size_t count, stride, n;
    bool add;
} sum_job;

GOP_VECTOR static void add_to(gop_real *restrict y, const gop_real *restrict x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] += x[i];
}

static void sum_block(void *arg, size_t i)
{
    const sum_job *j = arg;
    size_t from = i * BLOCK, n = gop_size_min(BLOCK, j->n - from);
    size_t k = 0;
    if (!j->add)
        memcpy(j->target + from, j->parts + k++ * j->stride + from, n * sizeof *j->target);
    for (; k < j->count; k++)
        add_to(j->target + from, j->parts + k * j->stride + from, n);
}

void gop_sum_parts(gop_ctx *ctx, gop_real *target, bool add, const gop_real *parts, size_t count,
                   size_t stride, size_t n)
{
    sum_job job = {target, parts, count, stride, n, add};
    if (count > 1)
        gop_parallel(ctx, gop_pieces(n, BLOCK), sum_block, &job);
}

GOP_VECTOR static void add_four(gop_real *restrict y, const gop_real *restrict x, size_t ld,
                                size_t n)
{
    for (size_t c = 0; c < n; c++)
        y[c] += (x[c] + x[ld + c]) + (x[2 * ld + c] + x[3 * ld + c]);
}

void gop_sum_rows(gop_real *target, bool add, const gop_real *x, size_t rows, size_t n, size_t ld)
{
    size_t row = 0;
    if (!add)
        memset(target, 0, n * sizeof *target);
    for (; row + 4 <= rows; row += 4)
        add_four(target, x + row * ld, ld, n);
    for (; row < rows; row++)
        add_to(target, x + row * ld, n);
}

GOP_VECTOR static void add_scaled(gop_real *restrict y, gop_real alpha, const gop_real *restrict x,
                                  size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] += alpha * x[i];
}

void gop_add_scaled(gop_real *y, double alpha, const gop_real *x, size_t n)
{
    add_scaled(y, (gop_real)alpha, x, n);
}
