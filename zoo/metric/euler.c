/*
 * euler.c: converts exponential maps to Euler angles as the published evaluations do.
 * The formulas are in metric.h.  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>

#include "zoo/metric/metric.h"
#include "zoo/skeleton/rotation.h"

#define HALF_PI 1.57079632679489661923

void zoo_euler(double e[3], const double r[3], zoo_axis_rule rule)
{
    if (e == NULL || r == NULL)
        return;
    double R[3][3];
    zoo_rotation(R, r, rule);
    if (R[0][2] >= 1 || R[0][2] <= -1) {
        e[0] = atan2(R[0][1], R[0][2]);
        e[1] = R[0][2] > 0 ? -HALF_PI : HALF_PI;
        e[2] = 0;
        return;
    }
    e[1] = -asin(R[0][2]);
    double c = cos(e[1]);
    e[0] = atan2(R[1][2] / c, R[2][2] / c);
    e[2] = atan2(R[0][1] / c, R[0][0] / c);
}

void zoo_euler_frames(double *e, const float *raw, size_t frames, size_t columns,
                      zoo_axis_rule rule)
{
    if (e == NULL || raw == NULL)
        return;
    for (size_t i = 0; i + 2 < frames * columns; i += 3) {
        const double r[3] = {raw[i], raw[i + 1], raw[i + 2]};
        zoo_euler(e + i, r, rule);
    }
}
