/*
 * position-error.c: mean distance of nodes (metric.h).  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif

#include <math.h>

#include "zoo/metric/metric.h"

double zoo_position_error(const float *a, const float *b, const uint32_t *column, size_t n)
{
    double sum = 0;
    if (a == NULL || b == NULL || column == NULL || n == 0)
        return 0;
    for (size_t i = 0; i < n; i++) {
        double square = 0;
        for (size_t k = 0; k < 3; k++) {
            double d = (double)a[column[3 * i + k]] - (double)b[column[3 * i + k]];
            square += d * d;
        }
        sum += sqrt(square);
    }
    return sum / (double)n;
}
