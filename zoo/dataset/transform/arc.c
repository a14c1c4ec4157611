/*
 * arc.c: rotations between two rotations, on the shortest arc.
 *
 * Each kind of rotation becomes a unit quaternion (w, x, y, z).  With a b >= 0, by the sign of b,
 * and angle = acos(a b), the one at share s of the way is
 *
 *     (sin((1 - s) angle) a + sin(s angle) b) / sin(angle)
 *
 * (Shoemake 1985).  Values of which no rotation can be made lie on a straight line.  Touches its
 * arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <string.h>

#include "zoo/dataset/transform/transform.h"

#define LEAST   1e-9
#define MOST    6 /* channels */
#define TWICEPI 6.283185307179586

/* ----------------------------------------------------------------- quaternions */

static double norm(const double *v, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += v[i] * v[i];
    return sqrt(sum);
}

static double product(const double *a, const double *b, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Divides by the norm; false if it is 0. */
static bool unit(double *v, int n)
{
    const double length = norm(v, n);
    for (int i = 0; i < n && length >= LEAST; i++)
        v[i] /= length;
    return length >= LEAST;
}

static void on_arc(double q[4], const double a[4], const double b[4], double share)
{
    const double cosine = product(a, b, 4), sign = cosine < 0 ? -1 : 1;
    double rest[4];
    for (int i = 0; i < 4; i++)
        rest[i] = sign * b[i] - fabs(cosine) * a[i];
    const double angle = atan2(norm(rest, 4), fabs(cosine));
    const bool close = angle < LEAST;
    const double first = close ? 1 - share : sin((1 - share) * angle) / sin(angle);
    const double second = close ? share : sin(share * angle) / sin(angle);
    for (int i = 0; i < 4; i++)
        q[i] = first * a[i] + sign * second * b[i];
    unit(q, 4);
}

/* ------------------------------------------------------------- exponential maps */

static bool from_expmap(double q[4], const double *v)
{
    const double angle = norm(v, 3), s = angle < LEAST ? 0.5 : sin(angle / 2) / angle;
    q[0] = cos(angle / 2);
    for (int i = 0; i < 3; i++)
        q[1 + i] = s * v[i];
    return true;
}

/* Of the vectors of this rotation, which differ by whole turns, the nearest to `near`. */
static void to_expmap(double *v, const double q[4], const double *near)
{
    double axis[3] = {q[1], q[2], q[3]};
    double angle = 2 * atan2(norm(axis, 3), q[0]);
    if (!unit(axis, 3)) {
        memcpy(axis, near, sizeof axis);
        unit(axis, 3);
        angle = 0;
    }
    angle += TWICEPI * round((product(axis, near, 3) - angle) / TWICEPI);
    for (int i = 0; i < 3; i++)
        v[i] = angle * axis[i];
}

/* ------------------------------------------------------- two columns of a matrix */

/* The quaternion of the rotation whose first two columns are these, made orthonormal. */
static bool from_columns(double q[4], const double *v)
{
    double x[3] = {v[0], v[1], v[2]}, y[3] = {v[3], v[4], v[5]};
    if (!unit(x, 3))
        return false;
    const double along = product(x, y, 3);
    for (int i = 0; i < 3; i++)
        y[i] -= along * x[i];
    if (!unit(y, 3))
        return false;
    const double R[3][3] = {{x[0], y[0], x[1] * y[2] - x[2] * y[1]},
                            {x[1], y[1], x[2] * y[0] - x[0] * y[2]},
                            {x[2], y[2], x[0] * y[1] - x[1] * y[0]}};
    const double trace = R[0][0] + R[1][1] + R[2][2];
    int i = R[1][1] > R[0][0];
    if (R[2][2] > R[i][i])
        i = 2;
    const int j = (i + 1) % 3, k = (i + 2) % 3;
    if (trace > R[i][i]) {
        q[0] = 1 + trace;
        q[1] = R[2][1] - R[1][2];
        q[2] = R[0][2] - R[2][0];
        q[3] = R[1][0] - R[0][1];
    } else {
        q[0] = R[k][j] - R[j][k];
        q[1 + i] = 1 + R[i][i] - R[j][j] - R[k][k];
        q[1 + j] = R[j][i] + R[i][j];
        q[1 + k] = R[k][i] + R[i][k];
    }
    return unit(q, 4);
}

static void to_columns(double *v, const double q[4])
{
    const double w = q[0], x = q[1], y = q[2], z = q[3];
    v[0] = 1 - 2 * (y * y + z * z);
    v[1] = 2 * (x * y + w * z);
    v[2] = 2 * (x * z - w * y);
    v[3] = 2 * (x * y - w * z);
    v[4] = 1 - 2 * (x * x + z * z);
    v[5] = 2 * (y * z + w * x);
}

/* ----------------------------------------------------------------------- nodes */

bool zoo_is_rotation(const zoo_layout *layout)
{
    return layout->feature == ZOO_EXPMAP || layout->feature == ZOO_QUATERNION ||
           layout->feature == ZOO_ROTATION6D;
}

static bool to_quaternion(double q[4], const double *v, zoo_feature feature)
{
    if (feature == ZOO_EXPMAP)
        return from_expmap(q, v);
    if (feature == ZOO_ROTATION6D)
        return from_columns(q, v);
    memcpy(q, v, 4 * sizeof *q);
    return unit(q, 4);
}

void zoo_arc(float *out, const float *a, const float *b, double share, const zoo_layout *layout,
             size_t node)
{
    const uint32_t *column = layout->column + node * layout->channels, n = layout->channels;
    double from[MOST] = {0}, to[MOST] = {0}, v[MOST] = {0}, p[4], q[4], r[4];
    bool missing = false;
    for (uint32_t k = 0; k < n; k++) {
        from[k] = a[column[k]];
        to[k] = b[column[k]];
        missing = missing || isnan(from[k]) || isnan(to[k]);
        v[k] = (1 - share) * from[k] + share * to[k];
    }
    if (!missing && to_quaternion(p, from, layout->feature) &&
        to_quaternion(q, to, layout->feature)) {
        on_arc(r, p, q, share);
        if (layout->feature == ZOO_EXPMAP)
            to_expmap(v, r, share <= 0.5 ? from : to);
        else if (layout->feature == ZOO_ROTATION6D)
            to_columns(v, r);
        else
            memcpy(v, r, sizeof r);
    }
    for (uint32_t k = 0; k < n; k++)
        out[column[k]] = missing ? NAN : (float)v[k];
}
