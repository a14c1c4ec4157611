/*
 * ceiling.h: the speed that matrix products and copies reach on this machine now, as a yardstick for models
 * and operators.
 */
#ifndef APPS_CEILING_H
#define APPS_CEILING_H

#include "graphop.h"

typedef struct ceiling {
    double gflops;  /* of all threads together; 0 before the first measurement */
    size_t m, n, k; /* sizes of the fastest products */
    double gbs;     /* of copies, read and written, of all threads together */
} ceiling;

enum { CEILING_COPY = 4 << 20 }; /* bytes of a copy, as many as a value of a training net has */

/* Times gop_gemm on a few sizes that fit in caches, several times about ten milliseconds each.
 * Every thread of the context computes its own product.  Copies are timed in the same way.  Raises
 * *best to the fastest rates. */
gop_status ceiling_measure(ceiling *best, gop_ctx *ctx, gop_error *err);

#endif
