/*
 * case_run.h: memory, an input of a case and a relative error, for the tests of
 * operators.  Static inline only; fails through Check's assertions.
 */
#ifndef GOP_TESTS_CASE_RUN_H
#define GOP_TESTS_CASE_RUN_H

#include "graphop.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

static inline gop_real *reals(size_t n)
{
    gop_real *v = calloc(n, sizeof *v);
    ck_assert_ptr_nonnull(v);
    return v;
}

/* Input i of case c, drawn from its range. */
static inline void case_draw(gop_real *v, const gop_case *c, size_t i, uint64_t seed)
{
    gop_rng rng = gop_rng_new(seed, i);
    double lo = c->range[i].lo, hi = c->range[i].hi;
    if (lo == 0 && hi == 0) {
        lo = -1;
        hi = 1;
    }
    for (size_t k = 0; k < gop_shape_size(c->in[i]); k++) {
        double x = lo + (hi - lo) * gop_rng_uniform(&rng);
        v[k] = (gop_real)(c->integers >> i & 1 ? floor(x) : x);
    }
}

/* |a - b| / max(1, |a|, |b|); infinite for a NaN. */
static inline double relative(double a, double b)
{
    double e = fabs(a - b) / fmax(1, fmax(fabs(a), fabs(b)));
    return isnan(e) ? INFINITY : e;
}

#endif
