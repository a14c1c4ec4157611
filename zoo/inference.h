/*
 * inference.h: a trained model planned for inference on a fixed batch.
 * May use zoo/model.h and zoo/metric/evaluate.h.
 *
 * A model is loaded once.  Any number of inferences, in any number of threads, share its parameters
 * and only read them.  Each thread makes its own context and its own inference:
 *
 *     gop_ctx *ctx = NULL;
 *     zoo_inference *inf = NULL;
 *     if (gop_ctx_new(&ctx, 1, 0, &err) || zoo_inference_new(&inf, ctx, model, 1, &err))
 *         puts(err.message);
 *     while (inf != NULL && next_window(x))
 *         if (zoo_inference_run(inf, x, NULL, scores, poses, &err) == GOP_OK)
 *             use(scores, poses);
 *     zoo_inference_free(inf);
 *     gop_ctx_free(ctx);
 *
 * zoo_model_load(&model, NULL, path, &err) comes before all of them, and zoo_model_free(model) after all
 * of them.  zoo_inference_new folds batch norms into weights and packs the weights.  Runs then
 * allocate nothing and, with one thread, take no lock.
 */
#ifndef ZOO_INFERENCE_H
#define ZOO_INFERENCE_H

#include "zoo/metric/evaluate.h"
#include "zoo/model.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct zoo_inference zoo_inference;

/* Records and plans the model for `batch` windows a run; as many of them go through its net at once
 * as the caches hold, at least one and a divisor of the batch.  The model and the context must outlive
 * the inference.  Several inferences of one thread may share a context.  Several threads may make,
 * run and free inferences of one loaded model at the same time, as long as none changes the model.
 * Errors: GOP_EINVAL without a model or a context or for a batch of 0; GOP_ESTATE when a loaded
 * model lacks a parameter, GOP_ESHAPE when one has another shape; GOP_ENOMEM, also over the
 * context's limit.  *inference is then NULL. */
GOP_API gop_status zoo_inference_new(zoo_inference **inference, gop_ctx *ctx,
                                     const zoo_model *model, size_t batch, gop_error *err);
/* As zoo_inference_new, for use->batch windows, with features if use->features, of one member of an
 * ensemble if use->member, and with dropout that draws if use->samples.  GOP_EINVAL also for
 * features of a model that has none, and for a member that the model lacks. */
GOP_API gop_status zoo_inference_new_for(zoo_inference **inference, gop_ctx *ctx,
                                         const zoo_model *model, const zoo_use *use,
                                         gop_error *err);
GOP_API void zoo_inference_free(zoo_inference *inference);
/* The classes [batch] of the windows of further runs, for models that take them as an input; other
 * models ignore them.  A number that is no class, and NULL for all of them, stands for an unknown
 * class, as before the first call.  GOP_EINVAL without an inference. */
GOP_API gop_status zoo_inference_classes(zoo_inference *inference, const gop_real *classes,
                                         gop_error *err);
/* Whether the predicted poses depend on draws: the inference was made for samples, and dropout lies
 * between the observed poses and them. */
GOP_API bool zoo_inference_draws(const zoo_inference *inference);
/* Numbers the runs from 0 again: run i draws by `seed` and i alone, at any number of threads.  A new
 * inference has the seed 0.  GOP_EINVAL without an inference. */
GOP_API gop_status zoo_inference_seed(zoo_inference *inference, uint64_t seed, gop_error *err);
/* x [batch B, M, observed, D] normalised, with the B bodies of the model's view -> scores
 * [batch, classes] (probabilities) and poses [batch B, M, predicted, D] normalised.  Either may be
 * NULL; an output whose head the model lacks is not written.  bodies [batch, B] has the weights of
 * bodies (zoo_viewer_show); NULL: equal ones.  Windows do not influence each other.
 * Errors: GOP_EINVAL without an inference or x; GOP_ENUMERIC when a result is not finite, naming
 * the operator that produced it; GOP_ESTOPPED by the context's gop_stop.  Results of earlier windows
 * may then be written. */
GOP_API gop_status zoo_inference_run(zoo_inference *inference, const gop_real *x,
                                     const gop_real *bodies, gop_real *scores, gop_real *poses,
                                     gop_error *err);
/* The number F of features of a window; 0 without an inference, or for one made without features. */
GOP_API size_t zoo_inference_n_features(const zoo_inference *inference);
/* Copies the features of the last run, [batch, F]: the values that the layer of the class scores reads,
 * means over frames, nodes and bodies.  A model of several networks has those of each, in the order
 * of its streams.
 * Errors: GOP_EINVAL without an inference or `features`; GOP_ESTATE for an inference made without
 * features, and before a run that succeeded; GOP_ENUMERIC as zoo_inference_run. */
GOP_API gop_status zoo_inference_features(zoo_inference *inference, gop_real *features,
                                          gop_error *err);
/* zoo_inference_run as a callback for zoo_evaluate.  Without an inference its runs fail. */
GOP_API zoo_predictor zoo_inference_predictor(zoo_inference *inference);
/* A stepper of a model that recognises (gop_stepper_plan), for use->batch streams: pushes take
 * frames [batch B, M, D] normalised, result 0 is the class scores [batch, classes] (probabilities),
 * with use->features result 1 the features.  `window` is that of gop_stepping: the frames that the
 * mean before the scores covers.  *ports, which may be NULL, has the inputs for gop_stepper_value;
 * the weights of bodies are equal at first.  The model and the context must outlive the stepper.
 * Errors: GOP_EINVAL without a model, a context or a use, for a model without class scores, and for
 * one with an operator that cannot step, which the sentence names; those of zoo_inference_new. */
GOP_API gop_status zoo_inference_stepper(gop_stepper **stepper, zoo_ports *ports, gop_ctx *ctx,
                                         const zoo_model *model, const zoo_use *use, size_t window,
                                         gop_error *err);
/* Size and cost of a run; all 0 without an inference. */
GOP_API gop_net_cost zoo_inference_stats(const zoo_inference *inference);
/* The inference net, which has a part of the batch, for its profile; NULL without an inference. */
GOP_API gop_net *zoo_inference_net(zoo_inference *inference);

#ifdef __cplusplus
}
#endif
#endif
