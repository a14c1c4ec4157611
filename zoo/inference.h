/*
 * inference.h: a trained model ready to answer, for a fixed batch.
 * May use zoo/model.h and zoo/metric/protocol.h.
 */
#ifndef ZOO_INFERENCE_H
#define ZOO_INFERENCE_H

#include "zoo/metric/protocol.h"
#include "zoo/model.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct zoo_inference zoo_inference;

/* The model and the context must outlive it. */
GOP_API gop_status zoo_inference_new(zoo_inference **inference, gop_ctx *ctx,
                                     const zoo_model *model, size_t batch, gop_error *err);
GOP_API void zoo_inference_free(zoo_inference *inference);
/* x [batch, M, observed, D] normalised -> scores [batch, classes] (probabilities)
 * and poses [batch, M, predicted, D] normalised; either may be NULL.
 * GOP_ENUMERIC when a result is not finite. */
GOP_API gop_status zoo_inference_run(zoo_inference *inference, const gop_real *x,
                                     gop_real *scores, gop_real *poses, gop_error *err);
/* The same as a callback for zoo_evaluate. */
GOP_API zoo_predictor zoo_inference_predictor(zoo_inference *inference);
GOP_API gop_net_stats zoo_inference_stats(const zoo_inference *inference);
/* The net that a run runs, for its profile. */
GOP_API gop_net *zoo_inference_net(zoo_inference *inference);

#ifdef __cplusplus
}
#endif
#endif
