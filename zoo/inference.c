/*
 * inference.c: see inference.h.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/inference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct zoo_inference {
    const zoo_model *model;
    const gop_stop *stop; /* the context's */
    gop_net *net;
    zoo_ports ports;
    size_t batch;
    uint64_t seed, runs; /* of draws */
    bool ran;            /* the net has the results of a run */
};

gop_status zoo_inference_new_for(zoo_inference **out, gop_ctx *ctx, const zoo_model *model,
                                 const zoo_use *use, gop_error *err)
{
    if (out == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_inference_new: the result pointer is NULL");
    *out = NULL;
    if (ctx == NULL || model == NULL || use == NULL)
        return gop_fail(err, GOP_EINVAL,
                        "zoo_inference_new: a context, a model and a use are needed");
    zoo_inference *inf = calloc(1, sizeof *inf);
    if (inf == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for an inference");
    inf->model = model;
    inf->stop = gop_ctx_stopper(ctx);
    inf->batch = use->batch;
    gop_status s = gop_net_new(&inf->net, ctx, model->params,
                               use->samples ? GOP_SAMPLING : GOP_INFERENCE, err);
    if (s == GOP_OK)
        s = zoo_model_record(model, inf->net, use, &inf->ports, err);
    if (s != GOP_OK) {
        zoo_inference_free(inf);
        return s;
    }
    gop_try(zoo_inference_classes(inf, NULL, err));
    *out = inf;
    return GOP_OK;
}

gop_status zoo_inference_classes(zoo_inference *inf, const gop_real *classes, gop_error *err)
{
    if (inf == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_inference_classes: an inference is needed");
    gop_real *to = gop_net_value(inf->net, inf->ports.labels);
    for (size_t i = 0; to != NULL && i < inf->batch; i++)
        to[i] = classes != NULL ? classes[i] : -1;
    return GOP_OK;
}

bool zoo_inference_draws(const zoo_inference *inf)
{
    return inf != NULL && gop_net_drawn(inf->net, inf->ports.poses);
}

gop_status zoo_inference_seed(zoo_inference *inf, uint64_t seed, gop_error *err)
{
    if (inf == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_inference_seed: an inference is needed");
    inf->seed = seed;
    inf->runs = 0;
    return GOP_OK;
}

gop_status zoo_inference_new(zoo_inference **out, gop_ctx *ctx, const zoo_model *model,
                             size_t batch, gop_error *err)
{
    return zoo_inference_new_for(out, ctx, model, &(zoo_use){.batch = batch}, err);
}

void zoo_inference_free(zoo_inference *inf)
{
    if (inf == NULL)
        return;
    gop_net_free(inf->net);
    free(inf);
}

static gop_status take(const zoo_inference *inf, gop_var v, gop_real *to, gop_error *err)
{
    const gop_real *from = gop_net_value(inf->net, v);
    if (to == NULL || from == NULL)
        return GOP_OK;
    size_t n = gop_shape_size(gop_net_shape(inf->net, v));
    for (size_t i = 0; i < n; i++)
        if (!isfinite(from[i])) {
            gop_status status = gop_net_forward_finite(inf->net, err); /* names the operator */
            return status != GOP_OK ? status
                                    : gop_fail(err, GOP_ENUMERIC, "a result is not finite");
        }
    memcpy(to, from, n * sizeof *to);
    return GOP_OK;
}

/* Copies the weights of bodies, if the model has them. */
static void weigh(zoo_inference *inf, const gop_real *bodies)
{
    const size_t B = inf->model->view.bodies, n = inf->batch * B;
    gop_real *to = gop_net_value(inf->net, inf->ports.bodies);
    for (size_t i = 0; to != NULL && i < n; i++)
        to[i] = bodies != NULL ? bodies[i] : (gop_real)(1 / (double)B);
}

gop_status zoo_inference_run(zoo_inference *inf, const gop_real *x, const gop_real *bodies,
                             gop_real *scores, gop_real *poses, gop_error *err)
{
    if (inf == NULL || x == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_inference_run: an inference and poses are needed");
    gop_real *in = gop_net_value(inf->net, inf->ports.x);
    memcpy(in, x, gop_shape_size(gop_net_shape(inf->net, inf->ports.x)) * sizeof *in);
    weigh(inf, bodies);
    inf->ran = false;
    gop_net_random(inf->net, inf->seed, inf->runs++);
    gop_try(gop_net_forward(inf->net, err));
    inf->ran = true;
    gop_try(take(inf, inf->ports.scores, scores, err));
    return take(inf, inf->ports.poses, poses, err);
}

size_t zoo_inference_n_features(const zoo_inference *inf)
{
    return inf == NULL || inf->ports.features.id < 0
               ? 0
               : gop_net_shape(inf->net, inf->ports.features).dim[1];
}

gop_status zoo_inference_features(zoo_inference *inf, gop_real *features, gop_error *err)
{
    if (inf == NULL || features == NULL)
        return gop_fail(err, GOP_EINVAL,
                        "zoo_inference_features: an inference and room for features are needed");
    if (zoo_inference_n_features(inf) == 0)
        return gop_fail(err, GOP_ESTATE, "the inference was made without features");
    if (!inf->ran)
        return gop_fail(err, GOP_ESTATE, "the inference has not run; it has no features yet");
    return take(inf, inf->ports.features, features, err);
}

static gop_status run(void *user, const gop_real *x, const gop_real *bodies, gop_real *scores,
                      gop_real *poses, gop_error *err)
{
    return zoo_inference_run(user, x, bodies, scores, poses, err);
}

zoo_predictor zoo_inference_predictor(zoo_inference *inf)
{
    /* Without an inference `run` reports that; a NULL run would stand for zero velocity. */
    zoo_predictor p = {.run = run};
    if (inf == NULL)
        return p;
    p.user = inf;
    p.batch = inf->batch;
    p.view = inf->model->view;
    p.observed = zoo_model_observed(inf->model);
    p.predicted = zoo_model_predicted(inf->model);
    p.window = zoo_view_least(&p.view, p.observed + p.predicted);
    p.recognises = zoo_model_recognises(inf->model);
    p.domain = &inf->model->domain;
    p.stop = inf->stop;
    return p;
}

gop_net_cost zoo_inference_stats(const zoo_inference *inf)
{
    return gop_net_costs(inf == NULL ? NULL : inf->net);
}

gop_net *zoo_inference_net(zoo_inference *inf)
{
    return inf == NULL ? NULL : inf->net;
}
