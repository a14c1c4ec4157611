/*
 * predict_runner.c: see predict_runner.h.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "predict_runner.h"

#include <string.h>

/* The members of an ensemble run apart, so that each feeds back its own predictions. */
gop_status predict_runner_open(predict_runner *r, const zoo_model *model, const predict_way *way,
                               gop_error *err)
{
    const bool apart = way->samples > 0 && model->members > 1;
    const size_t n = apart ? model->members : 1;

    r->way = *way;
    gop_status status = gop_ctx_new(&r->ctx, way->threads, gop_memory_available(), err);
    for (size_t k = 0; k < n && !status; k++) {
        const zoo_use use = {.batch = 1,
                             .features = way->features,
                             .member = apart ? k + 1 : 0,
                             .samples = way->draws};
        status = zoo_inference_new_for(&r->inference[k], r->ctx, model, &use, err);
        r->n += !status;
        if (!status && way->frames) {
            const zoo_predictor once = zoo_inference_predictor(r->inference[k]);
            status = zoo_feedback_new(&r->longer[k], &once, &model->domain, way->frames, err);
        }
    }
    if (status)
        predict_runner_clear(r);
    return status;
}

gop_status predict_runner_run(predict_runner *r, const gop_real *x, const gop_real *bodies,
                              gop_real *scores, gop_real *poses, gop_real *deviation,
                              gop_error *err)
{
    zoo_predictor by[ZOO_FUSE_MAX];
    gop_status status = GOP_OK;

    for (size_t k = 0; k < r->n && !status; k++) {
        by[k] = r->longer[k] ? zoo_feedback_predictor(r->longer[k])
                             : zoo_inference_predictor(r->inference[k]);
        /* Members draw independently. */
        status = zoo_inference_seed(r->inference[k], r->way.seed + ((uint64_t)k << 32), err);
    }
    if (status)
        return status;
    return r->way.samples
               ? zoo_sample(by, r->n, r->way.samples, x, bodies, scores, poses, deviation, err)
               : by[0].run(by[0].user, x, bodies, scores, poses, err);
}

void predict_runner_clear(predict_runner *r)
{
    for (size_t k = 0; k < ZOO_FUSE_MAX; k++) {
        zoo_feedback_free(r->longer[k]);
        zoo_inference_free(r->inference[k]);
    }
    gop_ctx_free(r->ctx);
    memset(r, 0, sizeof *r);
}
