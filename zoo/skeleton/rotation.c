/*
 * rotation.c: the rotation of an exponential map, by the formula of zoo_euler (metric.h).  Touches its
 * arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>

#include "zoo/skeleton/rotation.h"

#define EPS 0x1p-23

void zoo_rotation(double R[3][3], const double r[3], zoo_axis_rule rule)
{
    double theta = sqrt(r[0] * r[0] + r[1] * r[1] + r[2] * r[2]);
    double by = rule == ZOO_AXIS_PLUS_EPS ? theta + EPS : theta > EPS ? theta : EPS;
    const double k[3] = {r[0] / by, r[1] / by, r[2] / by};
    const double K[3][3] = {{0, -k[2], k[1]}, {k[2], 0, -k[0]}, {-k[1], k[0], 0}};
    double s = sin(theta), c = 1 - cos(theta);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            double square = 0;
            for (int m = 0; m < 3; m++)
                square += K[i][m] * K[m][j];
            R[i][j] = (i == j) + s * K[i][j] + c * square;
        }
}
