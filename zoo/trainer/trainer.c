/*
 * trainer.c: a training step for any model of the zoo.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/dataset/dataset_frames.h"
#include "zoo/fingerprint.h"
#include "zoo/trainer/internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

gop_status zoo_data_hash(uint64_t *hash, const zoo_dataset *data, bool subjects,
                         const gop_stop *stop, gop_error *err)
{
    uint64_t h = GOP_HASH_START;
    for (size_t i = 0; i < data->sequences; i++) {
        const zoo_sequence *s = &data->sequence[i];
        gop_try(gop_stopped(stop, "zoo_trainer_new", err));
        h = zoo_hash_word(h, s->action);
        h = zoo_hash_word(h, (uint64_t)s->split);
        h = zoo_hash_word(h, s->frames);
        h = zoo_hash_word(h, s->bodies);
        h = zoo_hash_word(h, zoo_sequence_sum(data, i));
        if (subjects)
            h = gop_hash(h, s->subject, strlen(s->subject) + 1);
    }
    *hash = h;
    return GOP_OK;
}

gop_status zoo_former_hash(uint64_t *hash, const zoo_dataset *data, gop_error *err)
{
    const size_t columns = data->domain.layout.columns;
    zoo_pieces p;
    gop_status s = zoo_pieces_open(&p, data, err);
    *hash = GOP_HASH_START;
    for (size_t i = 0; i < data->sequences && s == GOP_OK; i++) {
        const zoo_sequence *q = &data->sequence[i];
        *hash = zoo_hash_word(*hash, q->action);
        *hash = zoo_hash_word(*hash, (uint64_t)q->split);
        *hash = zoo_hash_word(*hash, q->frames);
        zoo_pieces_begin(&p, i);
        while ((s = zoo_pieces_next(&p, err)) == GOP_OK && p.n > 0)
            *hash = zoo_hash_floats(*hash, p.frames, p.n * columns);
    }
    zoo_pieces_close(&p);
    return s;
}

gop_status zoo_run_optimiser(gop_optimiser **optimiser, gop_ctx *ctx, const zoo_model *model,
                             const zoo_training *c, gop_error *err)
{
    gop_adam adam = gop_adam_default();
    gop_sgd sgd = gop_sgd_default();

    adam.weight_decay = c->weight_decay;
    if (c->optimiser == ZOO_ADAM)
        return gop_adam_new(optimiser, ctx, model->params, &adam, err);
    if (c->optimiser == ZOO_ADAMW)
        return gop_adamw_new(optimiser, ctx, model->params, &adam, err);
    sgd.momentum = c->momentum;
    sgd.weight_decay = c->weight_decay;
    return gop_sgd_new(optimiser, ctx, model->params, &sgd, err);
}

/* The weight of class c: n / (C n_c), for n sequences, of which n_c have the class.  A class without
 * any has no loss to weigh. */
static void weigh_classes(float *weight, const zoo_trainer *t, size_t *of)
{
    const size_t classes = t->model->domain.actions;
    const size_t n = zoo_sampler_count(t->sampler, of);
    for (size_t c = 0; c < classes; c++)
        weight[c] = of[c] > 0 ? (float)((double)n / (double)classes / (double)of[c]) : 1;
}

/* Records the training net with its loss. */
static gop_status record(zoo_trainer *t, gop_error *err)
{
    const size_t classes = t->model->domain.actions;
    zoo_use use = {.batch = t->training.batch, .smoothing = t->training.smoothing};
    float *weight = NULL;
    size_t *of = NULL;
    gop_status s = GOP_OK;
    if (t->training.class_weights > 0) {
        use.class_weight = weight = calloc(classes + 1, sizeof *weight);
        of = calloc(classes + 1, sizeof *of);
        if (weight == NULL || of == NULL)
            s = gop_fail(err, GOP_ENOMEM, "out of memory for the weights of classes");
        else
            weigh_classes(weight, t, of);
    }
    if (s == GOP_OK)
        s = zoo_model_record(t->model, t->net, &use, &t->ports, err);
    free(weight);
    free(of);
    return s;
}

static zoo_windows windows_of(const zoo_model *m, const zoo_training *c, const gop_stop *stop)
{
    const size_t observed = zoo_model_observed(m), predicted = zoo_model_predicted(m);
    return (zoo_windows){.view = c->view,
                         .observed = observed,
                         .predicted = predicted,
                         .clip = c->clip_frames > observed + predicted ? c->clip_frames : 0,
                         .noisy_labels = c->noisy_labels,
                         .noisy_targets = c->noisy_targets,
                         .draw = (zoo_draws)c->draw,
                         .augment = c->augment,
                         .seed = c->seed,
                         .held_out = c->validate,
                         .hold = (zoo_hold)c->validate_by,
                         .stop = stop};
}

static gop_status build_parts(zoo_trainer *t, gop_error *err)
{
    const zoo_training *c = &t->training;
    const zoo_model *m = t->model;
    const zoo_windows windows = windows_of(m, c, gop_ctx_stopper(t->ctx));
    gop_try(zoo_data_hash(&t->data_hash, t->data, true, windows.stop, err));
    gop_try(zoo_domain_fits(&m->domain, &t->data->domain, err));
    gop_try(zoo_sampler_new(&t->sampler, t->data, &windows, err));
    /* After the sampler, whose message about missing sequences is better. */
    gop_try(zoo_training_check(c, err));
    gop_try(gop_net_new(&t->net, t->ctx, m->params, GOP_TRAINING, err));
    zoo_trainer_fix_stats(t);
    gop_try(record(t, err));
    if (t->ports.loss_recognition.id < 0 && t->ports.loss_prediction.id < 0)
        return gop_fail(err, GOP_EINVAL, "type %s sets no loss in a training net", m->type->name);
    gop_try(zoo_run_optimiser(&t->optimiser, t->ctx, m, c, err));
    gop_try(zoo_trainer_freeze(t, err));
    gop_try(zoo_trainer_factors(t, err));
    gop_try(zoo_trainer_start_average(t, err));
    if (t->ports.loss_recognition.id >= 0 && t->ports.loss_prediction.id >= 0)
        gop_try(gop_mgda_new(&t->mgda, t->ctx, t->net, t->optimiser, t->ports.shared,
                             t->ports.n_shared, err));
    t->grads = calloc(gop_params_size(m->params) + 1, sizeof *t->grads);
    t->n_stats = gop_params_stats_size(m->params);
    t->stats = calloc(t->n_stats + 1, sizeof *t->stats);
    if (c->accumulate > 1)
        t->part = calloc(gop_params_size(m->params) + 1, sizeof *t->part);
    if (t->grads == NULL || t->stats == NULL || (c->accumulate > 1 && t->part == NULL))
        return gop_fail(err, GOP_ENOMEM, "out of memory for gradients");
    return c->validate > 0 ? zoo_trainer_hold_out(t, &windows, err) : GOP_OK;
}

gop_status zoo_trainer_build(zoo_trainer **out, gop_ctx *ctx, zoo_model *model,
                             const zoo_dataset *data, const zoo_training *training, gop_error *err)
{
    *out = NULL;
    zoo_trainer *t = calloc(1, sizeof *t);
    if (t == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for a trainer");
    t->ctx = ctx;
    t->model = model;
    t->data = data;
    t->training = *training;
    model->view = training->view;
    gop_status s = build_parts(t, err);
    if (s != GOP_OK) {
        zoo_trainer_free(t);
        return s;
    }
    *out = t;
    return GOP_OK;
}

gop_status zoo_trainer_new(zoo_trainer **trainer, gop_ctx *ctx, zoo_model *model,
                           const zoo_dataset *data, const zoo_training *training, gop_error *err)
{
    if (trainer != NULL)
        *trainer = NULL;
    if (trainer == NULL || ctx == NULL || model == NULL || data == NULL || training == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_trainer_new: an argument is missing");
    const zoo_windows windows = windows_of(model, training, gop_ctx_stopper(ctx));
    gop_try(zoo_domain_fits(&model->domain, &data->domain, err));
    gop_try(zoo_trainer_learn(model, data, &windows, err));
    return zoo_trainer_build(trainer, ctx, model, data, training, err);
}

void zoo_trainer_free(zoo_trainer *t)
{
    if (t == NULL)
        return;
    zoo_trainer_held_out_free(t->held_out);
    gop_mgda_free(t->mgda);
    gop_ema_free(t->ema);
    gop_optimiser_free(t->optimiser);
    gop_net_free(t->net);
    zoo_sampler_free(t->sampler);
    free(t->grads);
    free(t->stats);
    free(t->part);
    free(t);
}

const char *zoo_trainer_kernel(const zoo_trainer *t)
{
    return t == NULL ? "" : t->kernel;
}

uint64_t zoo_trainer_steps(const zoo_trainer *t)
{
    return t == NULL ? 0 : t->step;
}

void zoo_trainer_set_length(zoo_trainer *t, uint64_t steps)
{
    if (t != NULL)
        t->training.steps = steps;
}

gop_net_cost zoo_trainer_stats(const zoo_trainer *t)
{
    return gop_net_costs(t == NULL ? NULL : t->net);
}

gop_net *zoo_trainer_net(zoo_trainer *t)
{
    return t == NULL ? NULL : t->net;
}

static double rate(const zoo_training *c, uint64_t step)
{
    double lr = c->lr;
    const char *at = c->decay_at;
    uint64_t decay;
    if (c->schedule == ZOO_STEP && *at == '\0')
        lr = gop_schedule_step(c->lr, step, c->decay_every, c->decay);
    while (c->schedule == ZOO_STEP && zoo_next_decay(&decay, &at) && step >= decay)
        lr *= c->decay;
    if (c->schedule == ZOO_COSINE)
        return gop_schedule_cosine(c->lr, step, c->warmup, c->steps, c->floor);
    return step < c->warmup ? lr * (double)(step + 1) / (double)(c->warmup + 1) : lr;
}

static double scalar(const zoo_trainer *t, gop_var v)
{
    const gop_real *p = gop_net_value(t->net, v);
    return p == NULL ? NAN : (double)*p;
}

static gop_status backward(zoo_trainer *t, gop_real *grads, double *lambda, gop_error *err)
{
    const zoo_training *c = &t->training;
    *lambda = c->lambda.number;
    if (t->mgda != NULL)
        return gop_mgda_backward(t->mgda, (gop_mgda_mode)c->lambda.choice,
                                 t->ports.loss_recognition, t->ports.loss_prediction, lambda, grads,
                                 err);
    const gop_real one = 1;
    const bool recognises = t->ports.loss_recognition.id >= 0;
    const gop_var loss = recognises ? t->ports.loss_recognition : t->ports.loss_prediction;
    *lambda = recognises ? 1 : 0;
    memset(grads, 0, gop_params_size(t->model->params) * sizeof *grads);
    return gop_net_backward(t->net, &(gop_pass){.from = &loss, .seed = &one, .n_from = 1}, grads,
                            err);
}

/* Reports the first NaN or infinity. */
static gop_status not_finite(zoo_trainer *t, gop_error *err)
{
    gop_error where = {GOP_OK, ""};
    unsigned long long step = (unsigned long long)t->step + 1;
    if (gop_net_forward_finite(t->net, &where) != GOP_OK)
        return gop_fail(err, where.status, "step %llu: %s", step, where.message);
    for (size_t i = 0; i < gop_params_count(t->model->params); i++) {
        gop_param_info p = gop_params_info(t->model->params, i);
        for (size_t k = 0; p.trained && k < gop_shape_size(p.shape); k++)
            if (!isfinite(t->grads[p.offset + k]))
                return gop_fail(err, GOP_ENUMERIC,
                                "step %llu: the gradient of %s is not finite "
                                "at element %zu",
                                step, p.name, k);
    }
    return gop_fail(err, GOP_ENUMERIC, "step %llu: the gradient's length is not finite", step);
}

static bool finite_losses(const zoo_trainer *t, const zoo_progress *p)
{
    return (t->ports.loss_recognition.id < 0 || isfinite(p->loss_recognition)) &&
           (t->ports.loss_prediction.id < 0 || isfinite(p->loss_prediction));
}

/* Draws batch k of a step and computes its losses and its gradient. */
static gop_status run_batch(zoo_trainer *t, uint32_t k, gop_real *grads, zoo_progress *p,
                            gop_error *err)
{
    const uint32_t batches = t->training.accumulate > 1 ? t->training.accumulate : 1;
    const zoo_batch batch = {.x = gop_net_value(t->net, t->ports.x),
                             .target = gop_net_value(t->net, t->ports.target),
                             .labels = gop_net_value(t->net, t->ports.labels),
                             .bodies = gop_net_value(t->net, t->ports.bodies),
                             .mask = gop_net_value(t->net, t->ports.mask)};
    gop_try(zoo_sampler_next(t->sampler, t->training.batch, &batch, err));
    gop_net_random(t->net, t->training.seed, t->step * batches + k);
    gop_try(gop_net_forward(t->net, err));
    gop_try(backward(t, grads, &p->lambda, err));
    p->loss_recognition = scalar(t, t->ports.loss_recognition);
    p->loss_prediction = scalar(t, t->ports.loss_prediction);
    return finite_losses(t, p) ? GOP_OK : not_finite(t, err);
}

/* The sum of the gradients of all batches of a step, and the means of the rest. */
static gop_status run_batches(zoo_trainer *t, uint32_t batches, zoo_progress *mean, gop_error *err)
{
    const size_t size = gop_params_size(t->model->params);
    *mean = (zoo_progress){0};
    for (uint32_t k = 0; k < batches; k++) {
        zoo_progress p;
        gop_try(run_batch(t, k, k == 0 ? t->grads : t->part, &p, err));
        for (size_t i = 0; i < size && k > 0; i++)
            t->grads[i] += t->part[i];
        mean->loss_recognition += p.loss_recognition / batches;
        mean->loss_prediction += p.loss_prediction / batches;
        mean->lambda += p.lambda / batches;
    }
    return GOP_OK;
}

static gop_status step(zoo_trainer *t, zoo_progress *progress, gop_error *err)
{
    zoo_progress p;
    const uint32_t batches = t->training.accumulate > 1 ? t->training.accumulate : 1;
    if (t->step == t->thaw)
        gop_try(zoo_trainer_freeze(t, err));
    gop_try(run_batches(t, batches, &p, err));
    p.lr = rate(&t->training, t->step);
    gop_optimiser_mask(t->optimiser, t->grads);
    p.gradient_norm = gop_norm(t->ctx, t->grads, gop_params_size(t->model->params)) / batches;
    if (!isfinite(p.gradient_norm))
        return not_finite(t, err);
    const double clip = t->training.clip;
    const double scale = clip > 0 && p.gradient_norm > clip ? clip / p.gradient_norm : 1;
    gop_optimiser_step(t->optimiser, t->grads, scale / batches, p.lr);
    gop_ema_update(t->ema);
    p.step = ++t->step;
    if (progress != NULL)
        *progress = p;
    return GOP_OK;
}

gop_status zoo_trainer_step(zoo_trainer *t, zoo_progress *progress, gop_error *err)
{
    if (t == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_trainer_step: the trainer is NULL");
    const zoo_sampler_place drawn = zoo_sampler_state(t->sampler);
    const size_t bytes = t->n_stats * sizeof *t->stats;
    if (bytes > 0)
        memcpy(t->stats, gop_params_stats(t->model->params), bytes);
    const gop_status s = step(t, progress, err);
    if (s != GOP_ESTOPPED)
        return s;
    /* Parameters and the optimiser change only at the step's end, where nothing stops it. */
    zoo_sampler_restore(t->sampler, drawn);
    if (bytes > 0)
        memcpy(gop_params_stats(t->model->params), t->stats, bytes);
    return s;
}
