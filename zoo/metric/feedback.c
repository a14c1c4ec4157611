/*
 * feedback.c: lets a model go on from its own predictions (feedback.h).  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/metric/feedback.h"

#include <stdlib.h>
#include <string.h>

struct zoo_feedback {
    zoo_predictor model;
    size_t frames;   /* to predict */
    size_t channels; /* of a node */
    size_t nodes;    /* of a body */
    bool *constant;  /* [nodes, channels] */
    size_t rows;     /* nodes of all bodies of a batch: [rows, frames, channels] */
    gop_real *x;     /* [rows, observed, channels] */
    gop_real *poses; /* [rows, the model's predicted, channels] */
};

static gop_status room(zoo_feedback *f, gop_error *err)
{
    const size_t longest = f->model.observed > f->model.predicted ? f->model.observed
                                                                  : f->model.predicted;
    if (longest <= SIZE_MAX / sizeof *f->x / f->channels / (f->rows + 1)) {
        f->x = calloc(f->rows * f->model.observed * f->channels + 1, sizeof *f->x);
        f->poses = calloc(f->rows * f->model.predicted * f->channels + 1, sizeof *f->poses);
        f->constant = calloc(f->nodes * f->channels + 1, sizeof *f->constant);
    }
    return f->x != NULL && f->poses != NULL && f->constant != NULL
               ? GOP_OK
               : gop_fail(err, GOP_ENOMEM, "out of memory for predictions that are fed back");
}

static void find_constant(zoo_feedback *f, const zoo_domain *domain)
{
    for (size_t i = 0; i < f->nodes * f->channels; i++)
        f->constant[i] = domain->constant[domain->layout.column[i]] != 0;
}

gop_status zoo_feedback_new(zoo_feedback **feedback, const zoo_predictor *model,
                            const zoo_domain *domain, size_t frames, gop_error *err)
{
    if (feedback == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_feedback_new: the result pointer is NULL");
    *feedback = NULL;
    if (model == NULL || model->run == NULL || domain == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_feedback_new: a model and a domain are needed");
    if (model->predicted == 0 || model->observed == 0)
        return gop_fail(
            err, GOP_EINVAL,
            "a model that observes %zu frames and predicts %zu has nothing to feed back",
            model->observed, model->predicted);
    if (frames == 0 || frames > ZOO_MAX_FEEDBACK)
        return gop_fail(err, GOP_EINVAL, "%zu frames cannot be predicted; 1 to %d are allowed",
                        frames, ZOO_MAX_FEEDBACK);
    zoo_feedback *f = calloc(1, sizeof *f);
    if (f == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for predictions that are fed back");
    const size_t bodies = model->view.bodies > 0 ? model->view.bodies : 1;
    f->model = *model;
    f->frames = frames;
    f->channels = domain->layout.channels;
    f->nodes = domain->layout.nodes;
    f->rows = model->batch * bodies * f->nodes;
    gop_status s = room(f, err);
    if (s == GOP_OK)
        find_constant(f, domain);
    if (s == GOP_OK)
        *feedback = f;
    else
        zoo_feedback_free(f);
    return s;
}

void zoo_feedback_free(zoo_feedback *f)
{
    if (f == NULL)
        return;
    free(f->x);
    free(f->poses);
    free(f->constant);
    free(f);
}

/* Appends the predictions to the observed frames of each node, and drops the oldest. */
static void append(zoo_feedback *f)
{
    const size_t observed = f->model.observed, predicted = f->model.predicted;
    const size_t more = predicted < observed ? predicted : observed, left = observed - more;
    for (size_t i = 0; i < f->rows; i++) {
        gop_real *x = f->x + i * observed * f->channels;
        const gop_real *y = f->poses + (i * predicted + predicted - more) * f->channels;
        memmove(x, x + more * f->channels, left * f->channels * sizeof *x);
        const bool *constant = f->constant + i % f->nodes * f->channels;
        for (size_t k = 0; k < more * f->channels; k++)
            x[left * f->channels + k] = constant[k % f->channels] ? 0 : y[k];
    }
}

/* Copies n predicted frames to those of the result from `at` on. */
static void put(const zoo_feedback *f, gop_real *poses, size_t at, size_t n)
{
    for (size_t i = 0; i < f->rows; i++)
        memcpy(poses + (i * f->frames + at) * f->channels,
               f->poses + i * f->model.predicted * f->channels, n * f->channels * sizeof *poses);
}

static gop_status run(void *user, const gop_real *x, const gop_real *bodies, gop_real *scores,
                      gop_real *poses, gop_error *err)
{
    zoo_feedback *f = user;
    if (f == NULL)
        return gop_fail(err, GOP_EINVAL, "a prediction needs a model whose poses are fed back");
    memcpy(f->x, x, f->rows * f->model.observed * f->channels * sizeof *x);
    for (size_t at = 0; at < f->frames; at += f->model.predicted) {
        const size_t left = f->frames - at,
                     n = left < f->model.predicted ? left : f->model.predicted;
        gop_try(f->model.run(f->model.user, f->x, bodies, at == 0 ? scores : NULL, f->poses, err));
        if (poses == NULL)
            return GOP_OK;
        put(f, poses, at, n);
        append(f);
    }
    return GOP_OK;
}

static gop_status take_classes(void *user, const gop_real *classes, gop_error *err)
{
    zoo_feedback *f = user;
    return f->model.classes(f->model.user, classes, err);
}

zoo_predictor zoo_feedback_predictor(zoo_feedback *f)
{
    zoo_predictor p = {.run = run};
    if (f == NULL)
        return p;
    p = f->model;
    p.run = run;
    p.user = f;
    p.classes = f->model.classes != NULL ? take_classes : NULL;
    p.predicted = f->frames;
    return p;
}
