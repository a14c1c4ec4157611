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

/* Mean over n joints of |p_i - q_i|, positions [n, 3]; 0 for n = 0. */
GOP_API double zoo_mean_distance(const double *p, const double *q, size_t n);
/* Share of n joints whose predicted position p [n, 3] is not farther than `limit` from the
 * true one q [n, 3], 0 .. 1: "percentage of correct keypoints".  0 for n = 0; a distance
 * that is no number is too far.  What the limit is a share of is the caller's choice;
 * zoo_box_side is the usual one (Yang and Ramanan, PAMI 2013). */
GOP_API double zoo_pck(const double *p, const double *q, size_t n, double limit);
/* The longest side of the box, along the axes, around n joints q [n, 3]; 0 for n = 0. */
GOP_API double zoo_box_side(const double *q, size_t n);

/* The most joints that a chain may have. */
#define ZOO_MAX_JOINTS 64

/* A tree of joints that turn against their parents.  A raw frame holds the root's
 * position and then an exponential map for each joint: 3 + 3 * joints columns. */
typedef struct zoo_chain {
    const char *name;
    uint32_t joints;        /* at most ZOO_MAX_JOINTS; joint 0 is the root */
    uint32_t columns;       /* of a raw frame */
    double unit;            /* mm in a unit of the offsets */
    const uint32_t *parent; /* [joints], parent[j] < j */
    const double *offset;   /* [joints, 3]: from the parent, where no joint is turned */
    const uint8_t *counted; /* [joints]: 1 where errors count: it can move against the
                              * root, and no joint before it always is at its place */
} zoo_chain;

/* "cmu38" (CMU Mocap) or "h36m32" (Human3.6M), as published evaluations have them, or
 * NULL. */
GOP_API const zoo_chain *zoo_chain_find(const char *name);
/* Positions p [joints, 3] in mm of one raw frame, the root at 0 and not turned:
 *
 *     G_0 = I,  G_j = R_j G_parent,  p_0 = 0,  p_j = p_parent + unit offset_j G_parent
 *
 * with rows as vectors, and R_j that of zoo_euler by ZOO_AXIS_MAX_EPS (the evaluations of
 * Martinez et al. 2017 and Mao et al. 2019). */
GOP_API void zoo_chain_positions(double *p, const zoo_chain *chain, const float *frame);

/* Whether `label` is among the k largest of n scores; a tie counts against it,
 * and so does a NaN. */
GOP_API bool zoo_top_k(const gop_real *score, size_t n, size_t label, size_t k);
/* The answer that n scores give where `label` is the truth: `label` if it alone is the
 * largest, else the first of the largest others, so that it agrees with zoo_top_k for k = 1.
 * n without scores or where label >= n. */
GOP_API size_t zoo_answer(const gop_real *score, size_t n, size_t label);

#ifdef __cplusplus
}
#endif
#endif
