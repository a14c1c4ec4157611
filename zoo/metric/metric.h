/*
 * metric.h: errors of poses and ranks of labels, one file for each.
 * May use graphop.h only.
 */
#ifndef ZOO_METRIC_METRIC_H
#define ZOO_METRIC_METRIC_H

#include "graphop.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How published evaluation codes turn r into an axis, theta = |r|, eps =
 * 2^-23: r / (theta + eps), or r / max(theta, eps). */
typedef enum zoo_axis_rule { ZOO_AXIS_PLUS_EPS, ZOO_AXIS_MAX_EPS } zoo_axis_rule;

/* Exponential map r [3] (axis times angle, radians) to Euler angles e [3]:
 *
 *     K = [[0, -k3, k2], [k3, 0, -k1], [-k2, k1, 0]],  k the axis
 *     R = I + sin(theta) K + (1 - cos(theta)) K^2
 *     |R13| < 1:  e2 = -asin R13, e1 = atan2(R23 / cos e2, R33 / cos e2),
 *                 e3 = atan2(R12 / cos e2, R11 / cos e2)
 *     else:       e3 = 0, e2 = -+ pi/2 for R13 = +-1, e1 = atan2(R12, R13)
 *
 * (the evaluation of Li et al. 2018 and Li et al. 2020). */
GOP_API void zoo_euler(double e[3], const double r[3], zoo_axis_rule rule);
/* The same for every triple of columns (0-2, 3-5, ...) of raw frames [frames,
 * columns], columns a multiple of 3. */
GOP_API void zoo_euler_frames(double *e, const float *raw, size_t frames, size_t columns,
                              zoo_axis_rule rule);

/* counted[c] = 1 where the standard deviation over time of the true angles e
 * [frames, columns] exceeds 1e-4 and, unless `constant` is NULL, column c is
 * not constant there. */
GOP_API void zoo_angle_columns(uint8_t *counted, const double *e, size_t frames, size_t columns,
                               const uint8_t *constant);
/* sqrt(sum of (a[c] - b[c])^2) over the counted columns of one frame, radians;
 * angles are not wrapped. */
GOP_API double zoo_angle_error(const double *a, const double *b, const uint8_t *counted,
                               size_t columns);

/* Mean over n nodes of |a_i - b_i|, in the unit of the positions: frames a, b
 * and column [n, 3], which says where x, y and z of each node are. */
GOP_API double zoo_position_error(const float *a, const float *b, const uint32_t *column,
                                  size_t n);

/* Whether `label` is among the k largest of n scores; a tie counts against it,
 * and so does a NaN. */
GOP_API bool zoo_top_k(const gop_real *score, size_t n, size_t label, size_t k);

#ifdef __cplusplus
}
#endif
#endif
