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
    size_t piece;        /* windows that go through the net at once; divides batch */
    uint64_t seed, runs; /* of draws */
    bool ran;            /* the net has the results of a run */
    gop_real *classes;   /* [batch], if the model takes them */
    gop_real *features;  /* [batch, F], of the last run, if they are wanted */
};

/* Values of this size stay in the caches of a core: of 2 to 16 windows of the zoo's recognisers the
 * processor took up to 1.6 times as long as of one after the other (AMD Zen 5, 32 MB of L3). */
enum { CACHED = 12 << 20 };

/* Records and plans the net for so many windows. */
static gop_status plan(zoo_inference *inf, gop_ctx *ctx, const zoo_use *use, size_t windows,
                       gop_error *err)
{
    zoo_use some = *use;
    some.batch = inf->piece = windows;
    gop_net_free(inf->net);
    inf->net = NULL;
    gop_try(gop_net_new(&inf->net, ctx, inf->model->params,
                        use->samples ? GOP_SAMPLING : GOP_INFERENCE, err));
    return zoo_model_record(inf->model, inf->net, &some, &inf->ports, err);
}

/* Plans for the most windows, a divisor of the batch, whose values fit the caches.  What a window
 * takes is the difference of one and two: packed weights do not grow. */
static gop_status plan_pieces(zoo_inference *inf, gop_ctx *ctx, const zoo_use *use, gop_error *err)
{
    gop_try(plan(inf, ctx, use, use->batch > 0, err));
    if (use->batch == 1)
        return GOP_OK;
    const size_t one = gop_net_costs(inf->net).bytes;
    gop_try(plan(inf, ctx, use, 2, err));
    const size_t two = gop_net_costs(inf->net).bytes, window = two > one ? two - one : 1;
    size_t piece = 1;
    for (size_t n = 2; n <= use->batch && n * window <= CACHED; n++)
        if (use->batch % n == 0)
            piece = n;
    return piece == 2 ? GOP_OK : plan(inf, ctx, use, piece, err);
}

/* What is kept for a whole batch beside the net's own values of a piece. */
static gop_status make_room(zoo_inference *inf, gop_error *err)
{
    const size_t features = zoo_inference_n_features(inf);
    if (gop_net_value(inf->net, inf->ports.labels) != NULL)
        inf->classes = malloc(inf->batch * sizeof *inf->classes);
    if (features > 0)
        inf->features = malloc(inf->batch * features * sizeof *inf->features);
    if ((gop_net_value(inf->net, inf->ports.labels) != NULL && inf->classes == NULL) ||
        (features > 0 && inf->features == NULL))
        return gop_fail(err, GOP_ENOMEM, "out of memory for the results of %zu windows",
                        inf->batch);
    return GOP_OK;
}

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
    gop_status s = plan_pieces(inf, ctx, use, err);
    if (s == GOP_OK)
        s = make_room(inf, err);
    if (s != GOP_OK) {
        zoo_inference_free(inf);
        return s;
    }
    *out = inf;
    return zoo_inference_classes(inf, NULL, err);
}

gop_status zoo_inference_classes(zoo_inference *inf, const gop_real *classes, gop_error *err)
{
    if (inf == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_inference_classes: an inference is needed");
    for (size_t i = 0; inf->classes != NULL && i < inf->batch; i++)
        inf->classes[i] = classes != NULL ? classes[i] : -1;
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
    free(inf->classes);
    free(inf->features);
    free(inf);
}

/* The size of a port's value of one window. */
static size_t window_size(const zoo_inference *inf, gop_var port)
{
    return gop_shape_size(gop_net_shape(inf->net, port)) / inf->piece;
}

/* Copies a result of the piece that begins with window `first`. */
static gop_status take(const zoo_inference *inf, gop_var v, size_t first, gop_real *to,
                       gop_error *err)
{
    const gop_real *from = gop_net_value(inf->net, v);
    if (to == NULL || from == NULL)
        return GOP_OK;
    const size_t each = window_size(inf, v), n = each * inf->piece;
    for (size_t i = 0; i < n; i++)
        if (!isfinite(from[i])) {
            gop_status status = gop_net_forward_finite(inf->net, err); /* names the operator */
            return status != GOP_OK ? status
                                    : gop_fail(err, GOP_ENUMERIC, "a result is not finite");
        }
    memcpy(to + first * each, from, n * sizeof *to);
    return GOP_OK;
}

/* Copies a piece's part of an input of the model, if it takes that; NULL: `otherwise`. */
static void give(zoo_inference *inf, gop_var port, size_t first, const gop_real *from,
                 gop_real otherwise)
{
    gop_real *to = gop_net_value(inf->net, port);
    if (to == NULL)
        return;
    const size_t each = window_size(inf, port), n = each * inf->piece;
    for (size_t i = 0; i < n; i++)
        to[i] = from != NULL ? from[first * each + i] : otherwise;
}

gop_status zoo_inference_run(zoo_inference *inf, const gop_real *x, const gop_real *bodies,
                             gop_real *scores, gop_real *poses, gop_error *err)
{
    if (inf == NULL || x == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_inference_run: an inference and poses are needed");
    inf->ran = false;
    for (size_t i = 0; i < inf->batch; i += inf->piece) {
        give(inf, inf->ports.x, i, x, 0);
        give(inf, inf->ports.bodies, i, bodies, (gop_real)(1 / (double)inf->model->view.bodies));
        give(inf, inf->ports.labels, i, inf->classes, -1);
        gop_net_random(inf->net, inf->seed, inf->runs++);
        gop_try(gop_net_forward(inf->net, err));
        gop_try(take(inf, inf->ports.scores, i, scores, err));
        gop_try(take(inf, inf->ports.poses, i, poses, err));
        gop_try(take(inf, inf->ports.features, i, inf->features, err));
    }
    inf->ran = true;
    return GOP_OK;
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
    memcpy(features, inf->features, inf->batch * zoo_inference_n_features(inf) * sizeof *features);
    return GOP_OK;
}

static gop_status run(void *user, const gop_real *x, const gop_real *bodies, gop_real *scores,
                      gop_real *poses, gop_error *err)
{
    return zoo_inference_run(user, x, bodies, scores, poses, err);
}

static gop_status take_classes(void *user, const gop_real *classes, gop_error *err)
{
    return zoo_inference_classes(user, classes, err);
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
    p.classes = inf->ports.labels.id >= 0 ? take_classes : NULL;
    return p;
}

gop_net_cost zoo_inference_stats(const zoo_inference *inf)
{
    gop_net_cost cost = gop_net_costs(inf == NULL ? NULL : inf->net);
    if (inf != NULL)
        cost.madds *= inf->batch / inf->piece;
    return cost;
}

gop_net *zoo_inference_net(zoo_inference *inf)
{
    return inf == NULL ? NULL : inf->net;
}

/* ---------------------------------------------------------------------- one frame a run */

static void fill(const gop_stepper *s, const gop_net *net, gop_var port, gop_real value)
{
    gop_real *to = gop_stepper_value(s, port);
    for (size_t i = 0; to != NULL && i < gop_shape_size(gop_net_shape(net, port)); i++)
        to[i] = value;
}

gop_status zoo_inference_stepper(gop_stepper **out, zoo_ports *ports, gop_ctx *ctx,
                                 const zoo_model *model, const zoo_use *use, size_t window,
                                 gop_error *err)
{
    zoo_ports p = zoo_ports_none();
    gop_net *net = NULL;
    if (out == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_inference_stepper: the result pointer is NULL");
    *out = NULL;
    if (ctx == NULL || model == NULL || use == NULL)
        return gop_fail(err, GOP_EINVAL,
                        "zoo_inference_stepper: a context, a model and a use are needed");
    gop_status s = gop_net_new(&net, ctx, model->params, GOP_INFERENCE, err);
    if (s == GOP_OK)
        s = zoo_model_record(model, net, use, &p, err);
    if (s == GOP_OK && p.scores.id < 0)
        s = gop_fail(err, GOP_EINVAL, "zoo_inference_stepper: the model gives no class scores");
    if (s == GOP_OK) {
        const gop_var results[2] = {p.scores, p.features};
        const gop_stepping how = {p.x, results, p.features.id < 0 ? 1 : 2, window};
        s = gop_stepper_plan(out, net, &how, err);
    }
    if (s == GOP_OK) {
        fill(*out, net, p.bodies, (gop_real)(1 / (double)model->view.bodies));
        fill(*out, net, p.labels, -1);
    }
    gop_net_free(net);
    if (ports != NULL)
        *ports = p;
    return s;
}
