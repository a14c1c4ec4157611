/*
 * rows.c: see rows.h.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/rows.h"

#include "op/op.h"

enum { MAX_LANES = 16 };

/* The larger of two reals.  A NaN is larger than any number. */
static inline gop_real larger(gop_real a, gop_real b)
{
    return b > a || b != b ? b : a;
}

static inline void keep_larger(gop_real *restrict y, const gop_real *restrict x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = larger(y[i], x[i]);
}

static inline void keep_larger_at(gop_real *restrict y, gop_real *restrict at,
                                  const gop_real *restrict x, gop_real item, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const bool take = x[i] > y[i] || (x[i] != x[i] && y[i] == y[i]);
        at[i] = take ? item : at[i];
        y[i] = take ? x[i] : y[i];
    }
}

GOP_VECTOR static void keep_larger_row(gop_real *restrict y, gop_real *restrict at,
                                       const gop_real *restrict x, gop_real item, size_t n)
{
    if (at != NULL)
        keep_larger_at(y, at, x, item, n);
    else
        keep_larger(y, x, n);
}

GOP_VECTOR static void max_rows(gop_real *restrict y, gop_real *restrict at,
                                const gop_real *restrict x, size_t rows, size_t ld, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = x[i];
    for (size_t i = 0; i < n && at != NULL; i++)
        at[i] = 0;
    for (size_t l = 1; l < rows; l++)
        if (at != NULL)
            keep_larger_at(y, at, x + l * ld, (gop_real)l, n);
        else
            keep_larger(y, x + l * ld, n);
}

#ifdef GOP_REALS8
static inline void keep_larger_lanes(gop_reals8 *a, const gop_real *x)
{
    gop_reals8 b;
    memcpy(&b, x, sizeof b);
    const __typeof__(b > *a) take = (b > *a) | (b != b);
    *a = (gop_reals8)(((__typeof__(take))b & take) | ((__typeof__(take))*a & ~take));
}
#endif

static inline gop_real most_of(const gop_real *x, size_t n)
{
    gop_real lane[MAX_LANES], most = x[0];
    size_t i = 0;
    if (n < 2 * MAX_LANES) {
        for (i = 1; i < n; i++)
            most = larger(most, x[i]);
        return most;
    }
    memcpy(lane, x, sizeof lane);
#ifdef GOP_REALS8
    gop_reals8 a, b;
    memcpy(&a, lane, sizeof a);
    memcpy(&b, lane + MAX_LANES / 2, sizeof b);
    for (i = MAX_LANES; i + MAX_LANES <= n; i += MAX_LANES) {
        keep_larger_lanes(&a, x + i);
        keep_larger_lanes(&b, x + i + MAX_LANES / 2);
    }
    memcpy(lane, &a, sizeof a);
    memcpy(lane + MAX_LANES / 2, &b, sizeof b);
#else
    for (i = MAX_LANES; i + MAX_LANES <= n; i += MAX_LANES)
        for (size_t k = 0; k < MAX_LANES; k++)
            lane[k] = larger(lane[k], x[i + k]);
#endif
    for (; i < n; i++)
        most = larger(most, x[i]);
    for (size_t k = 0; k < MAX_LANES; k++)
        most = larger(most, lane[k]);
    return most;
}

GOP_VECTOR static gop_real max_row(const gop_real *x, size_t n)
{
    return most_of(x, n);
}

GOP_VECTOR static double sum_row(const gop_real *x, size_t n)
{
    double lane[GOP_SUM_LANES] = {0}, sum = 0;
    size_t i = 0;
    if (n <= GOP_SUM_LANES) {
        for (; i < n; i++)
            sum += (double)x[i];
        return sum;
    }
    for (; i + GOP_SUM_LANES <= n; i += GOP_SUM_LANES)
        for (size_t k = 0; k < GOP_SUM_LANES; k++)
            lane[k] += (double)x[i + k];
    for (; i < n; i++)
        lane[i % GOP_SUM_LANES] += (double)x[i];
    for (size_t k = 0; k < GOP_SUM_LANES; k++)
        sum += lane[k];
    return sum;
}

static inline gop_real dot_of(const gop_real *x, const gop_real *y, size_t n)
{
    gop_real dot = 0;
    for (size_t i = 0; i < n; i++)
        dot += x[i] * y[i];
    return dot;
}

GOP_VECTOR static gop_real dot_row(const gop_real *x, const gop_real *y, size_t n)
{
    return dot_of(x, y, n);
}

/* These are not GOP_VECTOR themselves, because the resolvers of its clones cannot be hidden. */

void gop_row_larger(gop_real *restrict y, gop_real *restrict at, const gop_real *restrict x,
                    gop_real item, size_t n)
{
    keep_larger_row(y, at, x, item, n);
}

void gop_rows_max(gop_real *restrict y, gop_real *restrict at, const gop_real *restrict x,
                  size_t rows, size_t ld, size_t n)
{
    max_rows(y, at, x, rows, ld, n);
}

gop_real gop_row_max(const gop_real *x, size_t n)
{
    return max_row(x, n);
}

double gop_row_sum(const gop_real *x, size_t n)
{
    return sum_row(x, n);
}

gop_real gop_row_dot(const gop_real *x, const gop_real *y, size_t n)
{
    return dot_row(x, y, n);
}
