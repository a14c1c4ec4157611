/*
 * position_error.c: distances of joints (metric.h).  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>

#include "zoo/metric/metric.h"

static double distance(const double *p, const double *q)
{
    double square = 0;
    for (size_t k = 0; k < 3; k++)
        square += (p[k] - q[k]) * (p[k] - q[k]);
    return sqrt(square);
}

/* Whether the place of a joint is known. */
static bool is_there(const double *q)
{
    return !isnan(q[0]) && !isnan(q[1]) && !isnan(q[2]);
}

double zoo_mean_distance(const double *p, const double *q, size_t n)
{
    double sum = 0;
    size_t there = 0;
    if (p == NULL || q == NULL || n == 0)
        return 0;
    for (size_t i = 0; i < n; i++) {
        if (!is_there(q + 3 * i))
            continue;
        sum += distance(p + 3 * i, q + 3 * i);
        there++;
    }
    return there > 0 ? sum / (double)there : NAN;
}

double zoo_pck(const double *p, const double *q, size_t n, double limit)
{
    size_t near = 0, there = 0;
    if (p == NULL || q == NULL || n == 0)
        return 0;
    for (size_t i = 0; i < n; i++) {
        if (!is_there(q + 3 * i))
            continue;
        near += distance(p + 3 * i, q + 3 * i) <= limit;
        there++;
    }
    return there > 0 ? (double)near / (double)there : NAN;
}

double zoo_box_side(const double *q, size_t n)
{
    double side = 0;
    if (q == NULL || n == 0)
        return 0;
    for (size_t k = 0; k < 3; k++) {
        double low = q[k], high = q[k];
        for (size_t i = 1; i < n; i++) {
            low = fmin(low, q[3 * i + k]);
            high = fmax(high, q[3 * i + k]);
        }
        side = fmax(side, high - low);
    }
    return side;
}
