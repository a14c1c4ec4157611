/*
 * samples.h: mean and spread of several predictions of the same motion: by dropout that draws
 * (Gal & Ghahramani 2016), or by the members of an ensemble (Lakshminarayanan et al. 2017).
 * May use zoo/metric/evaluate.h.
 */
#ifndef ZOO_METRIC_SAMPLES_H
#define ZOO_METRIC_SAMPLES_H

#include "zoo/metric/evaluate.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Most runs of zoo_sample. */
#define ZOO_MAX_SAMPLES 1000000

/* Runs the n_by predictors in turn, n runs in all: run i is of by[i % n_by].  Of the answers y_i
 *
 *     scores    = sum_i scores_i / n                [batch, classes]
 *     poses     = sum_i y_i / n                     [batch B, M, predicted, D]
 *     deviation = sqrt(sum_i (y_i - poses)^2 / n)   likewise; 0 for n = 1
 *
 * computed in double.  x and bodies are those of zoo_predictor.run, values are normalised.  Any result
 * may be NULL.  Runs differ if the predictors are inferences that draw (zoo_inference_seed), or are
 * of different members.
 * Errors: GOP_EINVAL without predictors or x, for a predictor that has no domain or predicts no
 * poses, for predictors of different sizes, and for 0 or more than ZOO_MAX_SAMPLES runs; GOP_ENOMEM;
 * those of a run.  The results are then not written. */
GOP_API gop_status zoo_sample(const zoo_predictor *by, size_t n_by, size_t n, const gop_real *x,
                              const gop_real *bodies, gop_real *scores, gop_real *poses,
                              gop_real *deviation, gop_error *err);

#ifdef __cplusplus
}
#endif
#endif
