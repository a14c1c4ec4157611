/*
 * state.c: a run's state in the model's file: written, resumed, described.
 * Nothing that depends on the clock or on the number of threads is written, so
 * that equal runs give equal files.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/trainer/internal.h"

#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* The run's settings, in the order of the file. */
typedef struct setting {
    const char *key;
    enum { WIDE, WORD, CHOICE, NUMBER } kind; /* uint64_t, uint32_t, an enum, double */
    size_t offset;
    double low, high; /* of a NUMBER; high is the last value of a CHOICE */
} setting;

#define AT(field) offsetof(zoo_training, field)

static const setting settings[] = {
    {"steps", WIDE, AT(steps), 0, 0},
    {"batch", WORD, AT(batch), 0, 0},
    {"seed", WIDE, AT(seed), 0, 0},
    {"optimiser", CHOICE, AT(optimiser), 0, ZOO_SGD},
    {"lr", NUMBER, AT(lr), 0, 1e6},
    {"weight_decay", NUMBER, AT(weight_decay), 0, 1e6},
    {"momentum", NUMBER, AT(momentum), 0, 1},
    {"schedule", CHOICE, AT(schedule), 0, ZOO_COSINE},
    {"warmup", WIDE, AT(warmup), 0, 0},
    {"decay_every", WIDE, AT(decay_every), 0, 0},
    {"decay", NUMBER, AT(decay), 0, 1},
    {"floor", NUMBER, AT(floor), 0, 1},
    {"clip", NUMBER, AT(clip), 0, 1e12},
    {"lambda_mode", CHOICE, AT(lambda_mode), 0, GOP_MGDA_UB_NORMALISED},
    {"lambda", NUMBER, AT(lambda), 0, 1},
};
#define SETTINGS (sizeof settings / sizeof *settings)

_Static_assert(sizeof(zoo_schedule) == sizeof(uint32_t) &&
                   sizeof(gop_mgda_mode) == sizeof(uint32_t) &&
                   sizeof(zoo_optimiser) == sizeof(uint32_t),
               "enums are read and written as words");

/* Whether a run has a setting that only some have. */
static bool has_more(const zoo_training *c)
{
    return c->noisy_labels > 0 || c->noisy_targets > 0 || c->clip_frames > 0 ||
           *c->frozen != '\0' || c->init != 0 || c->validation > 0;
}

static void write_more(gop_writer *w, const zoo_training *c)
{
    gop_write_map(w, 5);
    gop_write_key(w, "noisy_labels");
    gop_write_double(w, c->noisy_labels);
    gop_write_key(w, "noisy_targets");
    gop_write_double(w, c->noisy_targets);
    gop_write_key(w, "clip_frames");
    gop_write_uint(w, c->clip_frames);
    gop_write_key(w, "frozen");
    gop_write_text(w, c->frozen);
    gop_write_key(w, "init");
    gop_write_uint(w, c->init);
}

static double read_share(gop_reader *r, const char *key)
{
    gop_read_key(r, key);
    double share = gop_read_double(r);
    if (!(share >= 0 && share <= 1))
        gop_reader_fail(r, "%s is %g, not in [0, 1]", key, share);
    return share;
}

static void read_more(gop_reader *r, zoo_training *c)
{
    gop_read_key(r, "more");
    if (gop_read_map(r) != 5)
        gop_reader_fail(r, "a run has five more settings");
    c->noisy_labels = read_share(r, "noisy_labels");
    c->noisy_targets = read_share(r, "noisy_targets");
    gop_read_key(r, "clip_frames");
    c->clip_frames = gop_read_uint(r, UINT32_MAX);
    gop_read_key(r, "frozen");
    gop_read_text(r, c->frozen, sizeof c->frozen);
    gop_read_key(r, "init");
    c->init = gop_read_uint(r, UINT64_MAX);
}

static void write_validation(gop_writer *w, const zoo_trainer *t)
{
    gop_write_map(w, 6);
    gop_write_key(w, "share");
    gop_write_double(w, t->training.validation);
    gop_write_key(w, "every");
    gop_write_uint(w, t->training.validate_every);
    gop_write_key(w, "best_step");
    gop_write_uint(w, t->best.step);
    gop_write_key(w, "loss_recognition");
    gop_write_double(w, t->best.loss_recognition);
    gop_write_key(w, "loss_prediction");
    gop_write_double(w, t->best.loss_prediction);
    gop_write_key(w, "top1");
    gop_write_double(w, t->best.top1);
}

static double read_entry(gop_reader *r, const char *key)
{
    gop_read_key(r, key);
    return gop_read_double(r);
}

/* Of a head: NaN where the model has none. */
static bool can_be(double measured, bool head, double most)
{
    return head ? measured >= 0 && measured <= most : isnan(measured);
}

static bool best_can_be(const zoo_validation *v, const zoo_model *m)
{
    const bool recognises = zoo_model_recognises(m), predicts = zoo_model_predicted(m) > 0;
    return can_be(v->loss_recognition, recognises, DBL_MAX) &&
           can_be(v->loss_prediction, predicts, DBL_MAX) && can_be(v->top1, recognises, 1);
}

static void read_validation(gop_reader *r, const zoo_model *model, uint64_t step, zoo_training *c,
                            zoo_validation *best)
{
    gop_read_key(r, "validation");
    if (gop_read_map(r) != 6)
        gop_reader_fail(r, "what is held out has six entries");
    c->validation = read_share(r, "share");
    gop_read_key(r, "every");
    c->validate_every = gop_read_uint(r, UINT64_MAX);
    if (!(c->validation > 0 && c->validation < 1) || c->validate_every == 0)
        gop_reader_fail(r, "a share of %g is held out and measured every %llu steps", c->validation,
                        (unsigned long long)c->validate_every);
    gop_read_key(r, "best_step");
    best->step = gop_read_uint(r, step);
    best->loss_recognition = read_entry(r, "loss_recognition");
    best->loss_prediction = read_entry(r, "loss_prediction");
    best->top1 = read_entry(r, "top1");
    if (best->step > 0 && !best_can_be(best, model))
        gop_reader_fail(r,
                        "losses of %g and %g and a share of %g recognised, which this model "
                        "cannot have",
                        best->loss_recognition, best->loss_prediction, best->top1);
    best->loss = zoo_trainer_weighed(c, best->loss_recognition, best->loss_prediction);
}

static void write_training(gop_writer *w, const zoo_training *c)
{
    gop_write_map(w, SETTINGS);
    for (const setting *s = settings; s < settings + SETTINGS; s++) {
        const char *from = (const char *)c + s->offset;
        uint64_t wide = 0;
        uint32_t word = 0;
        double number = 0;
        gop_write_key(w, s->key);
        if (s->kind == NUMBER) {
            memcpy(&number, from, sizeof number);
            gop_write_double(w, number);
        } else if (s->kind == WIDE) {
            memcpy(&wide, from, sizeof wide);
            gop_write_uint(w, wide);
        } else {
            memcpy(&word, from, sizeof word);
            gop_write_uint(w, word);
        }
    }
}

static void read_training(gop_reader *r, zoo_training *c)
{
    memset(c, 0, sizeof *c);
    if (gop_read_map(r) != SETTINGS)
        gop_reader_fail(r, "a run has %zu settings", SETTINGS);
    for (const setting *s = settings; s < settings + SETTINGS; s++) {
        char *to = (char *)c + s->offset;
        gop_read_key(r, s->key);
        if (s->kind == NUMBER) {
            double number = gop_read_double(r);
            if (!(number >= s->low && number <= s->high))
                gop_reader_fail(r, "%s is %g, not in [%g, %g]", s->key, number, s->low, s->high);
            memcpy(to, &number, sizeof number);
        } else if (s->kind == WIDE) {
            uint64_t wide = gop_read_uint(r, UINT64_MAX);
            memcpy(to, &wide, sizeof wide);
        } else {
            uint64_t max = s->kind == CHOICE ? (uint64_t)s->high : UINT32_MAX;
            uint32_t word = (uint32_t)gop_read_uint(r, max);
            memcpy(to, &word, sizeof word);
        }
    }
}

gop_status zoo_trainer_save(const zoo_trainer *t, const char *path, gop_error *err)
{
    gop_writer *w = NULL;
    if (t == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_trainer_save: no trainer");
    gop_status s = gop_writer_open(&w, path, ZOO_MODEL_KIND, ZOO_MODEL_VERSION, err);
    if (s != GOP_OK)
        return s;
    gop_rng sampler = zoo_sampler_state(t->sampler);
    gop_write_map(w, 2);
    gop_write_key(w, "model");
    zoo_model_write(w, t->model);
    gop_write_key(w, "run");
    gop_write_array(w, 1);
    gop_write_map(w, t->training.validation > 0 ? 10 : has_more(&t->training) ? 9 : 8);
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
    if (has_more(&t->training)) {
        gop_write_key(w, "more");
        write_more(w, &t->training);
    }
    if (t->training.validation > 0) {
        gop_write_key(w, "validation");
        write_validation(w, t);
    }
    gop_write_key(w, "sampler");
    gop_write_array(w, 3);
    gop_write_uint(w, sampler.key);
    gop_write_uint(w, sampler.stream);
    gop_write_uint(w, sampler.counter);
    gop_write_key(w, "optimiser");
    gop_write_optimiser(w, t->optimiser);
    gop_error why = {GOP_OK, ""};
    s = gop_writer_commit(w, &why);
    if (s == GOP_ENUMERIC)
        return gop_fail(err, s, "step %llu: %s", (unsigned long long)t->step, why.message);
    return s == GOP_OK ? s : gop_fail(err, s, "%s", why.message);
}

typedef struct run_head {
    char software[64], kernel[128], data[256];
    uint64_t data_hash, step;
    zoo_training training;
    zoo_validation best;
    gop_rng sampler;
} run_head;

/* Reads up to the optimiser.  False when the file holds a model only. */
static bool read_run(gop_reader *r, const zoo_model *model, run_head *h)
{
    gop_read_key(r, "run");
    if (gop_read_array(r) != 1)
        return false;
    const size_t entries = gop_read_map(r);
    if (entries < 8 || entries > 10)
        gop_reader_fail(r, "a run has eight entries, or more with more settings");
    gop_read_key(r, "software");
    gop_read_text(r, h->software, sizeof h->software);
    gop_read_key(r, "kernel");
    gop_read_text(r, h->kernel, sizeof h->kernel);
    gop_read_key(r, "data");
    gop_read_text(r, h->data, sizeof h->data);
    gop_read_key(r, "data_hash");
    h->data_hash = gop_read_uint(r, UINT64_MAX);
    gop_read_key(r, "step");
    h->step = gop_read_uint(r, UINT64_MAX);
    gop_read_key(r, "settings");
    read_training(r, &h->training);
    if (entries > 8)
        read_more(r, &h->training);
    if (entries == 10)
        read_validation(r, model, h->step, &h->training, &h->best);
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
        *has_run = read_run(*r, *model, h);
        s = gop_reader_status(*r, err);
    }
    return s;
}

gop_status zoo_trainer_resume(zoo_trainer **trainer, zoo_model **model, gop_ctx *ctx,
                              const char *path, const zoo_dataset *data, zoo_training *training,
                              gop_error *err)
{
    gop_reader *r = NULL;
    run_head h;
    bool has_run = false;
    zoo_trainer *t = NULL;
    if (trainer != NULL)
        *trainer = NULL;
    if (model != NULL)
        *model = NULL;
    if (trainer == NULL || model == NULL || ctx == NULL || data == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_trainer_resume: an argument is missing");
    gop_status s = open_run(&r, model, &h, &has_run, path, err);
    if (s == GOP_OK && !has_run)
        s = gop_fail(err, GOP_EFORMAT, "%s holds a model but no training state to resume", path);
    if (s == GOP_OK)
        s = zoo_trainer_build(&t, ctx, *model, data, &h.training, err);
    if (s == GOP_OK && t->data_hash != h.data_hash)
        s = gop_fail(err, GOP_EFORMAT, "%s was trained on other data (%s)", path, h.data);
    if (s == GOP_OK) {
        gop_read_optimiser(r, t->optimiser);
        if (gop_optimiser_steps(t->optimiser) != h.step)
            gop_reader_fail(r, "the optimiser has taken %llu steps, the run %llu",
                            (unsigned long long)gop_optimiser_steps(t->optimiser),
                            (unsigned long long)h.step);
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
    t->best = h.best;
    memcpy(t->kernel, h.kernel, sizeof t->kernel);
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
    if (p == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_provenance_load: no place for what is found");
    memset(p, 0, sizeof *p);
    gop_status s = open_run(&r, &model, &h, &p->trained, path, err);
    if (s == GOP_OK && p->trained) {
        p->steps = h.step;
        p->length = h.training.steps;
        p->training = h.training;
        p->best = h.best;
        snprintf(p->data, sizeof p->data, "%s", h.data);
    }
    zoo_model_free(model);
    gop_reader_free(r);
    return s;
}
