/*
 * ceiling.h: the speed that matrix products reach on this machine now, as a yardstick for models
 * and operators.
 */
#ifndef APPS_CEILING_H
#define APPS_CEILING_H

#include "graphop.h"

typedef struct ceiling {
    double gflops;  /* of all threads together; 0 before the first measurement */
    size_t m, n, k; /* sizes of the fastest products */
} ceiling;

/* Times gop_gemm on a few sizes that fit in caches, several times about ten milliseconds each.
 * Every thread of the context computes its own product.  Raises *best to the fastest rate. */
gop_status ceiling_measure(ceiling *best, gop_ctx *ctx, gop_error *err);

#endif
