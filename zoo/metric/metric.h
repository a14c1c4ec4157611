/*
 * metric.h: errors of poses, ranks of labels and calibration, each in a file of its own.
 * May use graphop.h and zoo/skeleton/chain.h only.
 */
#ifndef ZOO_METRIC_METRIC_H
#define ZOO_METRIC_METRIC_H

#include "zoo/skeleton/chain.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Exponential map r [3] (axis times angle, radians) to Euler angles e [3]:
 *
 *     K = [[0, -k3, k2], [k3, 0, -k1], [-k2, k1, 0]],  k the axis
 *     R = I + sin(theta) K + (1 - cos(theta)) K^2
 *     |R13| < 1:  e2 = -asin R13, e1 = atan2(R23 / cos e2, R33 / cos e2),
 *                 e3 = atan2(R12 / cos e2, R11 / cos e2)
 *     else:       e3 = 0, e2 = -+ pi/2 for R13 = +-1, e1 = atan2(R12, R13)
 *
 * (as in the evaluations of Li et al. 2018 and Li et al. 2020). */
GOP_API void zoo_euler(double e[3], const double r[3], zoo_axis_rule rule);
/* zoo_euler for every triple of columns (0-2, 3-5, ...) of raw frames [frames, columns]; `columns`
 * is a multiple of 3. */
GOP_API void zoo_euler_frames(double *e, const float *raw, size_t frames, size_t columns,
                              zoo_axis_rule rule);

/* counted[c] = 1 if the standard deviation over time of the true angles e [frames, columns] exceeds
 * 1e-4 and constant[c] is 0; otherwise counted[c] = 0. `constant` may be NULL. */
GOP_API void zoo_angle_columns(uint8_t *counted, const double *e, size_t frames, size_t columns,
                               const uint8_t *constant);
/* sqrt(sum of (a[c] - b[c])^2) over the counted columns of one frame, radians;
 * angles are not wrapped. */
GOP_API double zoo_angle_error(const double *a, const double *b, const uint8_t *counted,
                               size_t columns);

/* Mean over n joints of |p_i - q_i|, positions [n, 3]; 0 for n = 0. */
GOP_API double zoo_mean_distance(const double *p, const double *q, size_t n);
/* Percentage of correct keypoints: the share, 0 .. 1, of n joints whose predicted position p [n, 3]
 * is at most `limit` from the true position q [n, 3]. 0 for n = 0; a NaN distance counts as too
 * far.  The caller scales the limit, usually by zoo_box_side (Yang and Ramanan, PAMI 2013). */
GOP_API double zoo_pck(const double *p, const double *q, size_t n, double limit);
/* The longest side of the axis-aligned box around n joints q [n, 3]; 0 for n = 0. */
GOP_API double zoo_box_side(const double *q, size_t n);

/* Whether `label` is among the k largest of n scores.  A tie or a NaN counts against it. */
GOP_API bool zoo_top_k(const gop_real *score, size_t n, size_t label, size_t k);
/* The class that n scores choose when the truth is `label`: `label` if it alone is the largest,
 * else the first of the largest others.  This agrees with zoo_top_k for k = 1. Returns n without
 * scores or for label >= n. */
GOP_API size_t zoo_answer(const gop_real *score, size_t n, size_t label);

#define ZOO_CALIBRATION_BINS 15

/* Answers, counted by their confidence, which is the largest probability: bin k has those in
 * (k / 15, (k + 1) / 15], the first also those of 0.  All zeros: no answer. */
typedef struct zoo_calibration {
    size_t clips[ZOO_CALIBRATION_BINS];
    size_t hits[ZOO_CALIBRATION_BINS];       /* the right ones among them, by zoo_top_k */
    double confidence[ZOO_CALIBRATION_BINS]; /* sums */
    size_t others; /* answers without probabilities: the largest score is not in [0, 1] */
} zoo_calibration;

/* Counts the answer that n probabilities give when the truth is `label`. */
GOP_API void zoo_calibration_add(zoo_calibration *c, const gop_real *p, size_t n, size_t label);
/* Adds the counts of other answers. */
GOP_API void zoo_calibration_join(zoo_calibration *c, const zoo_calibration *more);
/* The expected calibration error, 0 .. 1:
 *
 *     sum_k n_k / n |hits_k / n_k - confidence_k / n_k|
 *
 * over the bins with answers, n_k of all n (Guo et al. 2017).  NaN without answers and if one has no
 * probabilities. */
GOP_API double zoo_calibration_error(const zoo_calibration *c);

#ifdef __cplusplus
}
#endif
#endif
