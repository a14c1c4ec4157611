/*
 * state.c: a run's state in the model's file: written, resumed, described.
 * Nothing that depends on the clock or on the number of threads is written, so
 * that equal runs give equal files.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif
#include "zoo/trainer/internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_training(gop_writer *w, const zoo_training *c)
{
    gop_write_map(w, 15);
    gop_write_key(w, "steps");
    gop_write_uint(w, c->steps);
    gop_write_key(w, "batch");
    gop_write_uint(w, c->batch);
    gop_write_key(w, "seed");
    gop_write_uint(w, c->seed);
    gop_write_key(w, "optimiser");
    gop_write_uint(w, (uint64_t)c->optimiser);
    gop_write_key(w, "lr");
    gop_write_double(w, c->lr);
    gop_write_key(w, "weight_decay");
    gop_write_double(w, c->weight_decay);
    gop_write_key(w, "momentum");
    gop_write_double(w, c->momentum);
    gop_write_key(w, "schedule");
    gop_write_uint(w, (uint64_t)c->schedule);
    gop_write_key(w, "warmup");
    gop_write_uint(w, c->warmup);
    gop_write_key(w, "decay_every");
    gop_write_uint(w, c->decay_every);
    gop_write_key(w, "decay");
    gop_write_double(w, c->decay);
    gop_write_key(w, "floor");
    gop_write_double(w, c->floor);
    gop_write_key(w, "clip");
    gop_write_double(w, c->clip);
    gop_write_key(w, "lambda_mode");
    gop_write_uint(w, (uint64_t)c->lambda_mode);
    gop_write_key(w, "lambda");
    gop_write_double(w, c->lambda);
}

/* A finite number in [low, high]. */
static double number(gop_reader *r, const char *key, double low, double high)
{
    gop_read_key(r, key);
    double v = gop_read_double(r);
    if (!(v >= low && v <= high))
        gop_reader_fail(r, "%s is %g, not in [%g, %g]", key, v, low, high);
    return v;
}

static uint64_t count(gop_reader *r, const char *key, uint64_t max)
{
    gop_read_key(r, key);
    return gop_read_uint(r, max);
}

static void read_training(gop_reader *r, zoo_training *c)
{
    memset(c, 0, sizeof *c);
    if (gop_read_map(r) != 15)
        gop_reader_fail(r, "a run has fifteen settings");
    c->steps = count(r, "steps", UINT64_MAX);
    c->batch = (uint32_t)count(r, "batch", 1u << 20);
    c->seed = count(r, "seed", UINT64_MAX);
    c->optimiser = (zoo_optimiser)count(r, "optimiser", ZOO_SGD);
    c->lr = number(r, "lr", 0, 1e6);
    c->weight_decay = number(r, "weight_decay", 0, 1e6);
    c->momentum = number(r, "momentum", 0, 1);
    c->schedule = (zoo_schedule)count(r, "schedule", ZOO_COSINE);
    c->warmup = count(r, "warmup", UINT64_MAX);
    c->decay_every = count(r, "decay_every", UINT64_MAX);
    c->decay = number(r, "decay", 0, 1);
    c->floor = number(r, "floor", 0, 1);
    c->clip = number(r, "clip", 0, 1e12);
    c->lambda_mode = (gop_mgda)count(r, "lambda_mode", GOP_MGDA_UB_NORMALISED);
    c->lambda = number(r, "lambda", 0, 1);
}

gop_status zoo_trainer_save(const zoo_trainer *t, const char *path, gop_error *err)
{
    gop_writer *w = NULL;
    gop_status s = gop_writer_open(&w, path, ZOO_MODEL_KIND, ZOO_MODEL_VERSION, err);
    if (s != GOP_OK)
        return s;
    gop_rng sampler = zoo_sampler_state(t->sampler);
    gop_write_map(w, 2);
    gop_write_key(w, "model");
    zoo_model_write(w, t->model);
    gop_write_key(w, "run");
    gop_write_array(w, 1);
    gop_write_map(w, 8);
    gop_write_key(w, "software");
    gop_write_text(w, gop_version());
    gop_write_key(w, "kernel");
    gop_write_text(w, gop_ctx_kernel(t->ctx));
    gop_write_key(w, "data");
    gop_write_text(w, t->data->source);
    gop_write_key(w, "data_hash");
    gop_write_uint(w, t->data_hash);
    gop_write_key(w, "step");
    gop_write_uint(w, t->step);
    gop_write_key(w, "settings");
    write_training(w, &t->training);
    gop_write_key(w, "sampler");
    gop_write_array(w, 3);
    gop_write_uint(w, sampler.key);
    gop_write_uint(w, sampler.stream);
    gop_write_uint(w, sampler.counter);
    gop_write_key(w, "optimiser");
    gop_write_optimiser(w, t->optimiser);
    return gop_writer_commit(w, err);
}

typedef struct run_head {
    char software[64], kernel[128], data[256];
    uint64_t data_hash, step;
    zoo_training training;
    gop_rng sampler;
} run_head;

/* Reads up to the optimiser.  False when the file holds a model only. */
static bool read_run(gop_reader *r, run_head *h)
{
    gop_read_key(r, "run");
    if (gop_read_array(r) != 1)
        return false;
    if (gop_read_map(r) != 8)
        gop_reader_fail(r, "a run has eight entries");
    gop_read_key(r, "software");
    gop_read_text(r, h->software, sizeof h->software);
    gop_read_key(r, "kernel");
    gop_read_text(r, h->kernel, sizeof h->kernel);
    gop_read_key(r, "data");
    gop_read_text(r, h->data, sizeof h->data);
    h->data_hash = count(r, "data_hash", UINT64_MAX);
    h->step = count(r, "step", UINT64_MAX);
    gop_read_key(r, "settings");
    read_training(r, &h->training);
    gop_read_key(r, "sampler");
    if (gop_read_array(r) != 3)
        gop_reader_fail(r, "a sampler's state has three numbers");
    h->sampler.key = gop_read_uint(r, UINT64_MAX);
    h->sampler.stream = gop_read_uint(r, UINT64_MAX);
    h->sampler.counter = gop_read_uint(r, UINT64_MAX);
    gop_read_key(r, "optimiser");
    return true;
}

/* Opens a model file and reads model and run; the reader stands at the optimiser. */
static gop_status open_run(gop_reader **r, zoo_model **model, run_head *h, bool *has_run,
                           const char *path, gop_error *err)
{
    memset(h, 0, sizeof *h);
    gop_status s = gop_reader_open(r, path, ZOO_MODEL_KIND, ZOO_MODEL_VERSION, err);
    if (s != GOP_OK)
        return s;
    if (gop_read_map(*r) != 2)
        gop_reader_fail(*r, "a model file has two entries");
    gop_read_key(*r, "model");
    s = zoo_model_read(model, *r, err);
    if (s == GOP_OK) {
        *has_run = read_run(*r, h);
        s = gop_reader_status(*r, err);
    }
    return s;
}

gop_status zoo_trainer_resume(zoo_trainer **trainer, zoo_model **model, gop_ctx *ctx,
                              const char *path, const zoo_dataset *data,
                              zoo_training *training, gop_error *err)
{
    gop_reader *r = NULL;
    run_head h;
    bool has_run = false;
    zoo_trainer *t = NULL;
    *trainer = NULL;
    *model = NULL;
    gop_status s = open_run(&r, model, &h, &has_run, path, err);
    if (s == GOP_OK && !has_run)
        s = gop_fail(err, GOP_EFORMAT, "%s holds a model but no training state to resume", path);
    if (s == GOP_OK)
        s = zoo_trainer_build(&t, ctx, *model, data, &h.training, err);
    if (s == GOP_OK && t->data_hash != h.data_hash)
        s = gop_fail(err, GOP_EFORMAT, "%s was trained on other data (%s)", path, h.data);
    if (s == GOP_OK) {
        gop_read_optimiser(r, t->optimiser);
        s = gop_reader_status(r, err);
    }
    gop_reader_free(r);
    if (s != GOP_OK) {
        zoo_trainer_free(t);
        zoo_model_free(*model);
        *model = NULL;
        return s;
    }
    zoo_sampler_restore(t->sampler, h.sampler);
    t->step = h.step;
    if (training != NULL)
        *training = h.training;
    *trainer = t;
    return GOP_OK;
}

gop_status zoo_provenance_load(zoo_provenance *p, const char *path, gop_error *err)
{
    gop_reader *r = NULL;
    zoo_model *model = NULL;
    run_head h;
    memset(p, 0, sizeof *p);
    gop_status s = open_run(&r, &model, &h, &p->trained, path, err);
    if (s == GOP_OK && p->trained) {
        p->steps = h.step;
        p->length = h.training.steps;
        p->training = h.training;
        snprintf(p->data, sizeof p->data, "%s", h.data);
    }
    zoo_model_free(model);
    gop_reader_free(r);
    return s;
}
