/*
 * ceiling.h: how fast matrix products can be here and now, as the measure of
 * everything else.
 */
#ifndef APPS_CEILING_H
#define APPS_CEILING_H

#include "graphop.h"

typedef struct ceiling {
    double gflops;  /* of all threads together; 0 before anything was measured */
    size_t m, n, k; /* of the products that were the fastest */
} ceiling;

/* Times gop_gemm on some sizes that suit caches, a product of its own on each of the
 * context's threads, each size several times for about ten milliseconds, and raises
 * *best to the fastest. */
gop_status ceiling_measure(ceiling *best, gop_ctx *ctx, gop_error *err);

#endif
