/*
 * validate.c: measures a run on its held-out sequences.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/trainer/internal.h"

#include <math.h>
#include <stdlib.h>

enum { LEAST_WINDOWS = 256 };

/* An inference on the run's own parameters, and the windows to run it on. */
struct zoo_held_out {
    zoo_sampler *sampler;
    zoo_sampler_place begin; /* every call draws the windows from this state */
    zoo_inference *inference;
    size_t windows; /* that are measured, in batches of which the last may be filled up */
    /* Of one batch; no mask: NULL. */
    gop_real *x, *target, *mask, *labels, *bodies, *scores, *poses;
};

/* Sums over windows. */
typedef struct sums {
    double recognition, prediction, right;
} sums;

static size_t pose_size(const zoo_trainer *t, size_t frames)
{
    const zoo_layout *l = &t->model->domain.layout;
    return t->model->view.bodies * l->nodes * l->channels * frames;
}

static gop_status reserve(struct zoo_held_out *m, const zoo_trainer *t, gop_error *err)
{
    const size_t batch = t->training.batch, classes = t->model->domain.actions;
    const size_t x = batch * pose_size(t, zoo_model_observed(t->model));
    const size_t poses = batch * pose_size(t, zoo_model_predicted(t->model));
    m->windows = (LEAST_WINDOWS + batch - 1) / batch * batch;
    if (zoo_view_by_clip(&t->model->view))
        m->windows = zoo_sampler_count(m->sampler, NULL);
    m->x = calloc(x + 1, sizeof *m->x);
    m->target = calloc(poses + 1, sizeof *m->target);
    const bool masks = t->model->domain.missing || t->model->view.bodies > 1;
    m->mask = masks ? calloc(poses + 1, sizeof *m->mask) : NULL;
    m->bodies = calloc(batch * t->model->view.bodies, sizeof *m->bodies);
    m->poses = calloc(poses + 1, sizeof *m->poses);
    m->labels = calloc(batch, sizeof *m->labels);
    m->scores = calloc(batch * classes + 1, sizeof *m->scores);
    return m->x != NULL && m->target != NULL && (m->mask != NULL || !masks) && m->bodies != NULL &&
                   m->poses != NULL && m->labels != NULL && m->scores != NULL
               ? GOP_OK
               : gop_fail(err, GOP_ENOMEM, "out of memory for the windows held out");
}

gop_status zoo_trainer_hold_out(zoo_trainer *t, const zoo_windows *windows, gop_error *err)
{
    zoo_windows held = *windows;
    held.only_held_out = true;
    held.draw = zoo_view_by_clip(&windows->view) ? ZOO_DRAW_EACH : ZOO_DRAW_RANDOM;
    struct zoo_held_out *m = t->held_out = calloc(1, sizeof *m);
    if (m == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for a validation");
    gop_status s = zoo_sampler_new(&m->sampler, t->data, &held, err);
    if (s == GOP_OK)
        s = zoo_inference_new(&m->inference, t->ctx, t->model, t->training.batch, err);
    if (s == GOP_OK)
        s = reserve(m, t, err);
    m->begin = zoo_sampler_state(m->sampler);
    return s;
}

void zoo_trainer_held_out_free(struct zoo_held_out *m)
{
    if (m == NULL)
        return;
    zoo_sampler_free(m->sampler);
    zoo_inference_free(m->inference);
    free(m->x);
    free(m->target);
    free(m->mask);
    free(m->labels);
    free(m->bodies);
    free(m->scores);
    free(m->poses);
    free(m);
}

/* Adds -ln of the label's probability, which float may have rounded to 0, and whether no class is
 * likelier. */
static void add_scores(sums *sum, const gop_real *scores, size_t classes, size_t label)
{
    bool right = true;
    for (size_t c = 0; c < classes; c++)
        right = right && !(scores[c] > scores[label]);
    sum->right += right;
    sum->recognition -= log(fmax((double)scores[label], 1e-38));
}

/* mask: which targets are there; NULL: all. */
static void add_poses(sums *sum, const gop_real *poses, const gop_real *target,
                      const gop_real *mask, size_t n)
{
    double off = 0, there = mask == NULL ? (double)n : 0;
    for (size_t i = 0; i < n; i++) {
        const double d = fabs((double)poses[i] - (double)target[i]);
        off += mask == NULL ? d : d * (double)mask[i];
        there += mask == NULL ? 0 : (double)mask[i];
    }
    sum->prediction += there > 0 ? off / there : 0;
}

/* Adds the first n windows of the next batch. */
static gop_status add_batch(const zoo_trainer *t, sums *sum, size_t n, gop_error *err)
{
    struct zoo_held_out *m = t->held_out;
    const size_t classes = t->model->domain.actions;
    const size_t pose = pose_size(t, zoo_model_predicted(t->model));
    const zoo_batch batch = {
        .x = m->x, .target = m->target, .labels = m->labels, .mask = m->mask, .bodies = m->bodies};
    gop_try(zoo_sampler_next(m->sampler, t->training.batch, &batch, err));
    gop_try(zoo_inference_classes(m->inference, m->labels, err));
    gop_status s = zoo_inference_run(m->inference, m->x, m->bodies, m->scores, m->poses, err);
    for (size_t i = 0; i < n && s == GOP_OK; i++) {
        if (zoo_model_recognises(t->model))
            add_scores(sum, m->scores + i * classes, classes, (size_t)m->labels[i]);
        if (pose > 0)
            add_poses(sum, m->poses + i * pose, m->target + i * pose,
                      m->mask == NULL ? NULL : m->mask + i * pose, pose);
    }
    return s;
}

double zoo_trainer_weighed(const zoo_training *c, double recognition, double prediction)
{
    const double lambda = c->lambda.choice == 0 ? c->lambda.number : 0.5;
    if (isnan(prediction))
        return recognition;
    return isnan(recognition) ? prediction : lambda * recognition + (1 - lambda) * prediction;
}

/* Means over windows. */
static zoo_validation conclude(const zoo_trainer *t, const sums *sum)
{
    const double n = (double)t->held_out->windows;
    zoo_validation v = {t->step, NAN, NAN, NAN, NAN};
    if (zoo_model_recognises(t->model)) {
        v.loss_recognition = sum->recognition / n;
        v.top1 = sum->right / n;
    }
    if (zoo_model_predicted(t->model) > 0)
        v.loss_prediction = sum->prediction / n;
    v.loss = zoo_trainer_weighed(&t->training, v.loss_recognition, v.loss_prediction);
    return v;
}

gop_status zoo_trainer_validate(zoo_trainer *t, zoo_validation *validation, bool *best,
                                gop_error *err)
{
    if (t == NULL || validation == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_trainer_validate: an argument is missing");
    if (t->held_out == NULL)
        return gop_fail(err, GOP_ESTATE, "zoo_trainer_validate: the run holds out no sequences");
    sums sum = {0, 0, 0};
    zoo_sampler_restore(t->held_out->sampler, t->held_out->begin);
    gop_ema_swap(t->ema);
    gop_status s = GOP_OK;
    const size_t windows = t->held_out->windows, batch = t->training.batch;
    for (size_t i = 0; i < windows && s == GOP_OK; i += batch)
        s = add_batch(t, &sum, windows - i < batch ? windows - i : batch, err);
    gop_ema_swap(t->ema);
    gop_try(s);
    *validation = conclude(t, &sum);
    const bool better = t->best.step == 0 || validation->loss < t->best.loss;
    if (better)
        t->best = *validation;
    if (best != NULL)
        *best = better;
    return GOP_OK;
}

zoo_validation zoo_trainer_best(const zoo_trainer *t)
{
    const zoo_validation none = {0, NAN, NAN, NAN, NAN};
    return t == NULL || t->best.step == 0 ? none : t->best;
}
