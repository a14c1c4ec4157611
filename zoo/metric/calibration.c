/*
 * calibration.c: compares the confidence of answers with how often they are right (metric.h).
 * Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/metric/metric.h"

#include <math.h>

#define ROUNDING 1e-5 /* of a sum of probabilities in single precision */

void zoo_calibration_add(zoo_calibration *c, const gop_real *p, size_t n, size_t label)
{
    double best = -1;
    if (c == NULL)
        return;
    for (size_t i = 0; p != NULL && i < n; i++)
        best = (double)p[i] > best || isnan((double)p[i]) ? (double)p[i] : best;
    if (!(best >= 0 && best <= 1 + ROUNDING) || label >= n) {
        c->others++;
        return;
    }
    best = best > 1 ? 1 : best;
    const double place = ceil(best * ZOO_CALIBRATION_BINS);
    const size_t bin = place > 0 ? (size_t)place - 1 : 0;
    c->clips[bin]++;
    c->hits[bin] += zoo_top_k(p, n, label, 1);
    c->confidence[bin] += best;
}

void zoo_calibration_join(zoo_calibration *c, const zoo_calibration *more)
{
    if (c == NULL || more == NULL)
        return;
    for (size_t k = 0; k < ZOO_CALIBRATION_BINS; k++) {
        c->clips[k] += more->clips[k];
        c->hits[k] += more->hits[k];
        c->confidence[k] += more->confidence[k];
    }
    c->others += more->others;
}

double zoo_calibration_error(const zoo_calibration *c)
{
    double sum = 0;
    size_t clips = 0;
    for (size_t k = 0; c != NULL && k < ZOO_CALIBRATION_BINS; k++) {
        sum += fabs((double)c->hits[k] - c->confidence[k]);
        clips += c->clips[k];
    }
    return clips == 0 || c->others > 0 ? NAN : sum / (double)clips;
}
