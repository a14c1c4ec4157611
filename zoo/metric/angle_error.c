/*
 * angle_error.c: selects the angles that count and measures their error (metric.h).  Touches its
 * arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>

#include "zoo/metric/metric.h"

#define LEAST_STD 1e-4

void zoo_angle_columns(uint8_t *counted, const double *e, size_t frames, size_t columns,
                       const uint8_t *constant)
{
    if (counted == NULL || e == NULL)
        return;
    for (size_t c = 0; c < columns; c++) {
        double mean = 0, var = 0;
        for (size_t t = 0; t < frames; t++)
            mean += e[t * columns + c];
        mean /= (double)frames;
        for (size_t t = 0; t < frames; t++) {
            double d = e[t * columns + c] - mean;
            var += d * d;
        }
        counted[c] = sqrt(var / (double)frames) > LEAST_STD && (constant == NULL || !constant[c]);
    }
}

double zoo_angle_error(const double *a, const double *b, const uint8_t *counted, size_t columns)
{
    double sum = 0;
    if (a == NULL || b == NULL || counted == NULL)
        return 0;
    for (size_t c = 0; c < columns; c++) {
        const double d = a[c] - b[c];
        if (counted[c] && !isnan(d))
            sum += d * d;
    }
    return sqrt(sum);
}
