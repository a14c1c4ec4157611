/*
 * state.c: writes a run's state to the model's file, resumes it and describes it.  Nothing written
 * depends on the clock or on the number of threads, so equal runs give equal files.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/zoo_file.h"
#include "zoo/trainer/internal.h"
#include "zoo/types.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { RUN_ENTRIES = 9, BEST_ENTRIES = 4 };

static void write_best(gop_writer *w, const zoo_validation *best)
{
    gop_write_map(w, BEST_ENTRIES);
    gop_write_key(w, "step");
    gop_write_uint(w, best->step);
    gop_write_key(w, "loss_recognition");
    gop_write_double(w, best->step > 0 ? best->loss_recognition : NAN);
    gop_write_key(w, "loss_prediction");
    gop_write_double(w, best->step > 0 ? best->loss_prediction : NAN);
    gop_write_key(w, "top1");
    gop_write_double(w, best->step > 0 ? best->top1 : NAN);
}

static double read_entry(gop_reader *r, const char *key)
{
    gop_read_key(r, key);
    return gop_read_double(r);
}

/* A head's number: NaN if the model lacks the head. */
static bool can_be(double measured, bool head, double most)
{
    return head ? measured >= 0 && measured <= most : isnan(measured);
}

bool zoo_trainer_can_be_best(const zoo_validation *v, const zoo_model *m)
{
    const bool recognises = zoo_model_recognises(m), predicts = zoo_model_predicted(m) > 0;
    return can_be(v->loss_recognition, recognises, DBL_MAX) &&
           can_be(v->loss_prediction, predicts, DBL_MAX) && can_be(v->top1, recognises, 1);
}

static void read_best(gop_reader *r, const zoo_model *model, const zoo_run *run,
                      zoo_validation *best)
{
    gop_read_key(r, "best");
    if (gop_read_map(r) != BEST_ENTRIES)
        gop_reader_fail(r, "the best validation must have %d entries", BEST_ENTRIES);
    gop_read_key(r, "step");
    best->step = gop_read_uint(r, run->step);
    best->loss_recognition = read_entry(r, "loss_recognition");
    best->loss_prediction = read_entry(r, "loss_prediction");
    best->top1 = read_entry(r, "top1");
    if (best->step > 0 && model->unknown == NULL && !zoo_trainer_can_be_best(best, model))
        gop_reader_fail(r,
                        "this model cannot have losses of %g and %g and a share of %g recognised",
                        best->loss_recognition, best->loss_prediction, best->top1);
    best->loss = zoo_trainer_weighed(&run->training, best->loss_recognition, best->loss_prediction);
}

gop_status zoo_run_save(const char *path, const zoo_model *model, const zoo_run *run,
                        const gop_optimiser *optimiser, const gop_ema *ema, gop_error *err)
{
    gop_writer *w = NULL;
    gop_try(gop_writer_open(&w, path, ZOO_MODEL_KIND, ZOO_MODEL_VERSION, err));
    gop_write_map(w, 2);
    gop_write_key(w, "model");
    zoo_model_write(w, model);
    gop_write_key(w, "run");
    gop_write_array(w, 1);
    gop_write_map(w, RUN_ENTRIES + (ema != NULL));
    gop_write_key(w, "software");
    gop_write_text(w, run->software);
    gop_write_key(w, "kernel");
    gop_write_text(w, run->kernel);
    gop_write_key(w, "data");
    gop_write_text(w, run->data);
    gop_write_key(w, "data_hash");
    gop_write_uint(w, run->data_hash);
    gop_write_key(w, "step");
    gop_write_uint(w, run->step);
    gop_write_key(w, "settings");
    zoo_settings_write(w, zoo_training_settings(), &run->training);
    gop_write_key(w, "best");
    write_best(w, &run->best);
    gop_write_key(w, "sampler");
    gop_write_array(w, 4);
    gop_write_uint(w, run->sampler.rng.key);
    gop_write_uint(w, run->sampler.rng.stream);
    gop_write_uint(w, run->sampler.rng.counter);
    gop_write_uint(w, run->sampler.drawn);
    gop_write_key(w, "optimiser");
    gop_write_optimiser(w, optimiser);
    if (ema != NULL) {
        gop_write_key(w, "parameters");
        gop_write_ema(w, ema);
    }
    gop_error why = {GOP_OK, ""};
    gop_status s = gop_writer_commit(w, &why);
    if (s == GOP_ENUMERIC)
        return gop_fail(err, s, "step %llu: %s", (unsigned long long)run->step, why.message);
    return s == GOP_OK ? s : gop_fail(err, s, "%s", why.message);
}

gop_status zoo_trainer_save(const zoo_trainer *t, const char *path, gop_error *err)
{
    if (t == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_trainer_save: the trainer is NULL");
    zoo_run run = {.data_hash = t->data_hash,
                   .step = t->step,
                   .training = t->training,
                   .best = t->best,
                   .sampler = zoo_sampler_state(t->sampler)};
    snprintf(run.software, sizeof run.software, "%s", gop_version());
    snprintf(run.kernel, sizeof run.kernel, "%s", gop_ctx_kernel(t->ctx));
    snprintf(run.data, sizeof run.data, "%s", t->data->source);
    gop_ema_swap(t->ema);
    const gop_status s = zoo_run_save(path, t->model, &run, t->optimiser, t->ema, err);
    gop_ema_swap(t->ema);
    return s;
}

bool zoo_run_read(gop_reader *r, const zoo_model *model, zoo_run *run)
{
    gop_read_key(r, "run");
    if (gop_read_array(r) != 1)
        return false;
    const size_t entries = gop_read_map(r);
    if (entries != RUN_ENTRIES && entries != RUN_ENTRIES + 1)
        gop_reader_fail(r, "a run must have %d entries, or one more with an average", RUN_ENTRIES);
    gop_read_key(r, "software");
    gop_read_text(r, run->software, sizeof run->software);
    gop_read_key(r, "kernel");
    gop_read_text(r, run->kernel, sizeof run->kernel);
    gop_read_key(r, "data");
    gop_read_text(r, run->data, sizeof run->data);
    gop_read_key(r, "data_hash");
    run->data_hash = gop_read_uint(r, UINT64_MAX);
    gop_read_key(r, "step");
    run->step = gop_read_uint(r, UINT64_MAX);
    gop_read_key(r, "settings");
    zoo_settings_read(r, zoo_training_settings(), &run->training);
    if (entries != RUN_ENTRIES + (size_t)(run->training.average > 0))
        gop_reader_fail(r, "a run has parameters beside the model's if, and only if, it averages");
    read_best(r, model, run, &run->best);
    gop_read_key(r, "sampler");
    /* Three in files of version 4 and before, which draw at random. */
    const size_t numbers = gop_read_array(r);
    if (numbers != 3 && numbers != 4)
        gop_reader_fail(r, "a sampler's state must have four numbers");
    run->sampler.rng.key = gop_read_uint(r, UINT64_MAX);
    run->sampler.rng.stream = gop_read_uint(r, UINT64_MAX);
    run->sampler.rng.counter = gop_read_uint(r, UINT64_MAX);
    run->sampler.drawn = numbers == 4 ? gop_read_uint(r, UINT64_MAX) : 0;
    gop_read_key(r, "optimiser");
    return true;
}

/* Opens a model file and reads model and run, up to the optimiser. */
static gop_status open_run(gop_reader **r, zoo_model **model, zoo_run *run, bool *has_run,
                           const zoo_reading *how, const char *path, gop_error *err)
{
    memset(run, 0, sizeof *run);
    gop_try(zoo_file_open(r, NULL, path, ZOO_MODEL_KIND, ZOO_MODEL_VERSION, err));
    if (gop_read_map(*r) != 2)
        gop_reader_fail(*r, "a model file must have two entries");
    gop_read_key(*r, "model");
    gop_status s = zoo_model_read_by(model, *r, how, err);
    if (s == GOP_OK) {
        *has_run = zoo_run_read(*r, *model, run);
        s = gop_reader_status(*r, err);
    }
    return s;
}

/* A run of an older program has a hash without subjects, one that was converted the former hash. */
static gop_status check_data(const zoo_trainer *t, const zoo_run *run, const char *path,
                             gop_error *err)
{
    uint64_t former = t->data_hash;
    if (former != run->data_hash)
        gop_try(zoo_data_hash(&former, t->data, false, NULL, err));
    if (former == run->data_hash)
        return GOP_OK;
    gop_try(zoo_former_hash(&former, t->data, err));
    return former == run->data_hash
               ? GOP_OK
               : gop_fail(err, GOP_EFORMAT, "%s was trained on other data (%s)", path, run->data);
}

gop_status zoo_trainer_resume(zoo_trainer **trainer, zoo_model **model,
                              const zoo_model_type *const *types, gop_ctx *ctx, const char *path,
                              const zoo_dataset *data, zoo_training *training, gop_error *err)
{
    gop_reader *r = NULL;
    zoo_run run;
    bool has_run = false;
    zoo_trainer *t = NULL;
    if (trainer != NULL)
        *trainer = NULL;
    if (model != NULL)
        *model = NULL;
    if (trainer == NULL || model == NULL || ctx == NULL || data == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_trainer_resume: an argument is missing");
    gop_status s = open_run(&r, model, &run, &has_run, &(zoo_reading){.types = types}, path, err);
    if (s == GOP_OK && !has_run)
        s = gop_fail(err, GOP_EFORMAT, "%s holds a model but no training state to resume", path);
    if (s == GOP_OK)
        s = zoo_trainer_build(&t, ctx, *model, data, &run.training, err);
    if (s == GOP_OK)
        s = check_data(t, &run, path, err);
    if (s == GOP_OK) {
        gop_read_optimiser(r, t->optimiser);
        if (gop_optimiser_steps(t->optimiser) != run.step)
            gop_reader_fail(r, "the optimiser has taken %llu steps, the run %llu",
                            (unsigned long long)gop_optimiser_steps(t->optimiser),
                            (unsigned long long)run.step);
        if (t->ema != NULL) {
            /* The model has the average, and the run the parameters themselves. */
            gop_read_key(r, "parameters");
            gop_read_ema(r, t->ema);
            gop_ema_swap(t->ema);
        }
        s = gop_reader_status(r, err);
    }
    gop_reader_free(r);
    if (s == GOP_OK) {
        t->step = run.step;
        s = zoo_trainer_freeze(t, err);
    }
    if (s != GOP_OK) {
        zoo_trainer_free(t);
        zoo_model_free(*model);
        *model = NULL;
        return s;
    }
    zoo_sampler_restore(t->sampler, run.sampler);
    t->best = run.best;
    memcpy(t->kernel, run.kernel, sizeof t->kernel);
    if (training != NULL)
        *training = run.training;
    *trainer = t;
    return GOP_OK;
}

gop_status zoo_provenance_load(zoo_provenance *p, const zoo_model_type *const *types,
                               const char *path, gop_error *err)
{
    gop_reader *r = NULL;
    zoo_model *model = NULL;
    zoo_run run;
    if (p == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_provenance_load: the result pointer is NULL");
    memset(p, 0, sizeof *p);
    gop_status s = open_run(&r, &model, &run, &p->trained,
                            &(zoo_reading){.types = types, .inspect = true}, path, err);
    if (s == GOP_OK && p->trained) {
        p->steps = run.step;
        p->training = run.training;
        p->best = run.best;
        snprintf(p->data, sizeof p->data, "%s", run.data);
    }
    zoo_model_free(model);
    gop_reader_free(r);
    return s;
}
