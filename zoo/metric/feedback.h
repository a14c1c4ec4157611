/*
 * feedback.h: a model that predicts some frames, made to predict any number of them: its predictions
 * are appended to what it observed, as many of the oldest frames are dropped, and it predicts again.
 * May use zoo/metric/evaluate.h.
 *
 * This is how published evaluations let a model of 10 frames predict 25 (siMLPe), and the only way to
 * motion of any length.  Errors accumulate.
 */
#ifndef ZOO_METRIC_FEEDBACK_H
#define ZOO_METRIC_FEEDBACK_H

#include "zoo/metric/evaluate.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The most frames of a prediction. */
#define ZOO_MAX_FEEDBACK 100000

typedef struct zoo_feedback zoo_feedback;

/* Lets `model` predict `frames` frames, of which the first are those that it predicts by itself; fewer
 * than these are its first ones.  `domain` is that of its poses, the
 * model's or the data's: columns that are constant in it stay 0.  What `model` refers to must outlive the
 * feedback.  Errors: GOP_EINVAL for a model that predicts no poses or observes none, and for 0 or
 * more than ZOO_MAX_FEEDBACK frames; GOP_ENOMEM.  *feedback is then NULL. */
GOP_API gop_status zoo_feedback_new(zoo_feedback **feedback, const zoo_predictor *model,
                                    const zoo_domain *domain, size_t frames, gop_error *err);
GOP_API void zoo_feedback_free(zoo_feedback *feedback);
/* The model with its new number of predicted frames.  Scores are those of the observed frames.  It is
 * valid until the feedback is freed; its runs are not safe in two threads at once.  Without a feedback
 * its runs fail. */
GOP_API zoo_predictor zoo_feedback_predictor(zoo_feedback *feedback);

#ifdef __cplusplus
}
#endif
#endif
