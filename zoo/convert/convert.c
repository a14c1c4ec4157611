/*
 * convert.c: reads files of older versions and writes them in the present form.  Only this file
 * contains the older forms.
 *
 * Version 1 of .gop: the run's settings are in a fixed order, with "more" if a run uses one of
 * those, and "validation" if it holds sequences out.  Versions 1 and 2 of .gop and version 1 of
 * .gds: the domain has neither "origin" nor "as_recorded"; they follow from its name, and from the
 * text that describes the data.  Version 3 of .gop and 2 of .gds: the domain has these two instead
 * of the list of transformations.  Versions 1 to 4 of .gop: a model has no view,
 * and the stream of agcn is joint, bone or both.  Versions 1 and 2 of .gds: the frames of a
 * sequence of one body stand in the payload, in the sequence's map.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/convert/convert.h"
#include "zoo/dataset/build.h"
#include "zoo/dataset/prepare.h"
#include "zoo/trainer/internal.h"
#include "zoo/types.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MODEL_1 = 1,
    MODEL_2 = 2,
    MODEL_3 = 3,
    MODEL_4 = 4,
    DATASET_1 = 1,
    DATASET_2 = 2,
    DOMAIN_ENTRIES = 8
};

/* ------------------------------------------------- a domain without its origin */

/* The source of data sets with this name, such as "cmu-partial", or NULL. */
static const zoo_source *source_of(const char *name)
{
    for (const zoo_source *const *s = zoo_source_list(); *s != NULL; s++) {
        const size_t n = strlen((*s)->name);
        if (strncmp(name, (*s)->name, n) == 0 && (name[n] == '\0' || name[n] == '-'))
            return *s;
    }
    return NULL;
}

static void read_domain(gop_reader *r, zoo_domain *domain)
{
    memset(domain, 0, sizeof *domain);
    if (gop_read_map(r) != DOMAIN_ENTRIES)
        gop_reader_fail(r, "a domain of this version must have %d entries", DOMAIN_ENTRIES);
    zoo_domain_read_common(r, domain);
    if (gop_reader_status(r, NULL) != GOP_OK)
        zoo_domain_clear(domain);
}

/* The transformations of sources that could normalise.  Values that were not found were 0. */
static const struct {
    const char *source, *layout, *normalised, *as_recorded;
} former[] = {
    {"ntu", "ntu25", "bodies 1:motion\nmissing drop\nalign two-stream\nmissing zero",
     "bodies 1:motion\nmissing drop\nmissing zero"},
    {"kinetics", "kinetics18", "bodies 1:score\nmiddle image\nmissing zero",
     "bodies 1:score\nmissing zero"},
};

/* Sets the steps that a source of older versions took. */
static void find_steps(zoo_domain *d, bool as_recorded)
{
    d->recorded_rate = d->rate;
    for (size_t k = 0; k < sizeof former / sizeof *former; k++) {
        const char *list = as_recorded ? former[k].as_recorded : former[k].normalised;
        const zoo_layout *own = zoo_layout_find(former[k].layout);
        if (strcmp(d->origin, former[k].source) != 0)
            continue;
        for (; *list != '\0'; list += strcspn(list, "\n"), list += *list == '\n')
            snprintf(d->steps.step[d->steps.n++], ZOO_STEP_SIZE, "%.*s", (int)strcspn(list, "\n"),
                     list);
        if (!zoo_layout_equal(own, &d->layout))
            (void)zoo_layout_copy(&d->recorded, own, NULL);
    }
}

/* Sets where a domain came from; `text` describes the data, empty if that is unknown. */
static void find_origin(zoo_domain *d, const char *text)
{
    const zoo_source *from = source_of(d->name);
    snprintf(d->origin, sizeof d->origin, "%s", from != NULL ? from->name : "");
    find_steps(d, !zoo_source_takes(from, "as_recorded") || strstr(text, "as recorded") != NULL);
}

/* A domain with "origin" and "as_recorded". */
static void read_domain_2(gop_reader *r, zoo_domain *domain)
{
    memset(domain, 0, sizeof *domain);
    if (gop_read_map(r) != DOMAIN_ENTRIES + 2)
        gop_reader_fail(r, "a domain of this version must have %d entries", DOMAIN_ENTRIES + 2);
    zoo_domain_read_common(r, domain);
    gop_read_key(r, "origin");
    gop_read_text(r, domain->origin, sizeof domain->origin);
    gop_read_key(r, "as_recorded");
    const bool as_recorded = gop_read_bool(r);
    if (gop_reader_status(r, NULL) == GOP_OK)
        find_steps(domain, as_recorded);
    else
        zoo_domain_clear(domain);
}

/* ------------------------------------------------------ a run's settings, version 1 */

static uint64_t whole(gop_reader *r, const char *key, uint64_t max)
{
    gop_read_key(r, key);
    return gop_read_uint(r, max);
}

static double number(gop_reader *r, const char *key)
{
    gop_read_key(r, key);
    return gop_read_double(r);
}

static void read_settings(gop_reader *r, zoo_training *t)
{
    gop_read_key(r, "settings");
    if (gop_read_map(r) != 15)
        gop_reader_fail(r, "a run of version 1 must have fifteen settings");
    t->steps = whole(r, "steps", UINT64_MAX);
    t->batch = (uint32_t)whole(r, "batch", UINT32_MAX);
    t->seed = whole(r, "seed", UINT64_MAX);
    t->optimiser = (zoo_optimiser)whole(r, "optimiser", ZOO_SGD);
    t->lr = number(r, "lr");
    t->weight_decay = number(r, "weight_decay");
    t->momentum = number(r, "momentum");
    t->schedule = (zoo_schedule)whole(r, "schedule", ZOO_COSINE);
    t->warmup = whole(r, "warmup", UINT64_MAX);
    t->decay_every = whole(r, "decay_every", UINT64_MAX);
    t->decay = number(r, "decay");
    t->floor = number(r, "floor");
    t->clip = number(r, "clip");
    t->lambda.choice = (uint32_t)whole(r, "lambda_mode", GOP_MGDA_UB_NORMALISED);
    t->lambda.number = number(r, "lambda");
}

static void read_more(gop_reader *r, zoo_training *t)
{
    gop_read_key(r, "more");
    if (gop_read_map(r) != 5)
        gop_reader_fail(r, "a run of version 1 must have five more settings");
    t->noisy_labels = number(r, "noisy_labels");
    t->noisy_targets = number(r, "noisy_targets");
    t->clip_frames = whole(r, "clip_frames", UINT32_MAX);
    gop_read_key(r, "frozen");
    gop_read_text(r, t->freeze, sizeof t->freeze);
    t->init = whole(r, "init", UINT64_MAX);
}

static void read_validation(gop_reader *r, const zoo_model *model, zoo_run *run)
{
    zoo_validation *best = &run->best;
    gop_read_key(r, "validation");
    if (gop_read_map(r) != 6)
        gop_reader_fail(r, "the validation of version 1 must have six entries");
    run->training.validate = number(r, "share");
    run->training.validate_every = whole(r, "every", UINT64_MAX);
    best->step = whole(r, "best_step", run->step);
    best->loss_recognition = number(r, "loss_recognition");
    best->loss_prediction = number(r, "loss_prediction");
    best->top1 = number(r, "top1");
    if (best->step > 0 && !zoo_trainer_can_be_best(best, model))
        gop_reader_fail(r, "the model cannot have these losses");
}

/* False if the file has only a model. */
static bool read_run(gop_reader *r, const zoo_model *model, zoo_run *run)
{
    gop_error err = {GOP_OK, ""};
    gop_read_key(r, "run");
    const size_t runs = gop_read_array(r);
    if (runs > 1)
        gop_reader_fail(r, "a model can have only one run");
    if (runs != 1)
        return false;
    const size_t entries = gop_read_map(r);
    if (entries < 8 || entries > 10)
        gop_reader_fail(r, "a run of version 1 must have eight to ten entries");
    gop_read_key(r, "software");
    gop_read_text(r, run->software, sizeof run->software);
    gop_read_key(r, "kernel");
    gop_read_text(r, run->kernel, sizeof run->kernel);
    gop_read_key(r, "data");
    gop_read_text(r, run->data, sizeof run->data);
    run->data_hash = whole(r, "data_hash", UINT64_MAX);
    run->step = whole(r, "step", UINT64_MAX);
    read_settings(r, &run->training);
    if (entries > 8)
        read_more(r, &run->training);
    if (entries == 10)
        read_validation(r, model, run);
    if (gop_reader_status(r, NULL) == GOP_OK && zoo_training_check(&run->training, &err) != GOP_OK)
        gop_reader_refuse(r, &err);
    gop_read_key(r, "sampler");
    if (gop_read_array(r) != 3)
        gop_reader_fail(r, "a sampler's state must have three numbers");
    run->sampler.rng.key = gop_read_uint(r, UINT64_MAX);
    run->sampler.rng.stream = gop_read_uint(r, UINT64_MAX);
    run->sampler.rng.counter = gop_read_uint(r, UINT64_MAX);
    gop_read_key(r, "optimiser");
    return true;
}

/* ------------------------------------------------------------------------- models */

/* Reads the run after a model, if the file has one, and writes both to a new file. */
static gop_status convert_run(gop_reader *r, zoo_model *model, uint32_t version, const char *to,
                              gop_error *err)
{
    gop_optimiser *optimiser = NULL;
    gop_ema *ema = NULL;
    gop_ctx *ctx = NULL;
    zoo_run run;
    memset(&run, 0, sizeof run);
    run.training.view = zoo_view_default();
    const bool trained = version == MODEL_1 ? read_run(r, model, &run)
                                            : zoo_run_read(r, model, &run);
    gop_status s = gop_reader_status(r, err);
    if (version < MODEL_3)
        find_origin(&model->domain, run.data);
    if (s != GOP_OK || !trained)
        return s == GOP_OK ? zoo_model_save(model, to, err) : s;
    s = gop_ctx_new(&ctx, 1, gop_memory_available(), err);
    if (s == GOP_OK)
        s = zoo_run_optimiser(&optimiser, ctx, model, &run.training, err);
    if (s == GOP_OK && run.training.average > 0)
        s = gop_ema_new(&ema, ctx, model->params, run.training.average, err);
    if (s == GOP_OK) {
        gop_read_optimiser(r, optimiser);
        if (gop_optimiser_steps(optimiser) != run.step)
            gop_reader_fail(r, "the optimiser has not taken the %llu steps of the run",
                            (unsigned long long)run.step);
        if (ema != NULL) {
            gop_read_key(r, "parameters");
            gop_read_ema(r, ema);
        }
        s = gop_reader_status(r, err);
    }
    if (s == GOP_OK)
        s = zoo_run_save(to, model, &run, optimiser, ema, err);
    gop_ema_free(ema);
    gop_optimiser_free(optimiser);
    gop_ctx_free(ctx);
    return s;
}

static const char *amend(const char *type, const char *key, const char *value)
{
    const bool both = strcmp(type, "agcn") == 0 && strcmp(key, "stream") == 0 &&
                      strcmp(value, "both") == 0;
    return both ? "joint+bone" : value;
}

static gop_status convert_model(const char *path, uint32_t version, const char *to,
                                const zoo_model_type *const *types, gop_error *err)
{
    const zoo_reading how = {.types = types,
                             .no_view = true,
                             .amend = amend,
                             .read_domain = version == MODEL_4   ? zoo_domain_read
                                            : version == MODEL_3 ? read_domain_2
                                                                 : read_domain};
    gop_reader *r = NULL;
    zoo_model *model = NULL;
    gop_try(gop_reader_open(&r, path, ZOO_MODEL_KIND, version, err));
    if (gop_read_map(r) != 2)
        gop_reader_fail(r, "a model file must have two entries");
    gop_read_key(r, "model");
    gop_status s = zoo_model_read_by(&model, r, &how, err);
    if (s == GOP_OK)
        s = convert_run(r, model, version, to, err);
    zoo_model_free(model);
    gop_reader_free(r);
    return s;
}

/* ---------------------------------------------------------------------- data sets */

/* A sequence of one body, whose frames stand in its map. */
static void read_sequence(gop_reader *r, zoo_dataset *data)
{
    char name[ZOO_SEQUENCE_NAME_SIZE];
    const size_t columns = data->domain.layout.columns;
    zoo_sequence q = {.name = name};
    gop_error e;
    if (gop_read_map(r) != 5)
        gop_reader_fail(r, "a sequence must have 5 entries");
    gop_read_key(r, "name");
    gop_read_text(r, name, sizeof name);
    gop_read_key(r, "action");
    q.action = (uint32_t)gop_read_uint(r, data->domain.actions - 1);
    gop_read_key(r, "split");
    q.split = (zoo_split)gop_read_uint(r, ZOO_TEST);
    gop_read_key(r, "frames");
    q.frames = (size_t)gop_read_uint(r, gop_reader_left(r) / (columns * sizeof(float)));
    if (gop_reader_status(r, NULL) == GOP_OK && q.frames == 0)
        gop_reader_fail(r, "sequence %s has no frames", name);
    gop_read_key(r, "data");
    if (gop_reader_status(r, NULL) != GOP_OK)
        return;
    float *frames = malloc(q.frames * columns * sizeof *frames);
    if (frames == NULL) {
        gop_fail(&e, GOP_ENOMEM, "out of memory for sequence %s", name);
        gop_reader_refuse(r, &e);
        return;
    }
    gop_read_floats(r, frames, q.frames * columns);
    for (size_t i = 0; i < q.frames * columns && gop_reader_status(r, NULL) == GOP_OK; i++)
        if (!isfinite(frames[i]))
            gop_reader_fail(r, "frame %zu of sequence %s holds a NaN or an infinity", i / columns,
                            name);
    if (gop_reader_status(r, NULL) != GOP_OK)
        free(frames);
    else if (zoo_dataset_add(data, &q, frames, &e) != GOP_OK)
        gop_reader_refuse(r, &e);
}

/* Reads a set of version 1 or 2, whose payload has the frames too, into memory. */
static void read_set(gop_reader *r, zoo_dataset *data, uint32_t version)
{
    if (gop_read_map(r) != 3)
        gop_reader_fail(r, "a data set must have three entries");
    gop_read_key(r, "domain");
    if (version == DATASET_1)
        read_domain(r, &data->domain);
    else
        read_domain_2(r, &data->domain);
    gop_read_key(r, "source");
    gop_read_text(r, data->source, sizeof data->source);
    gop_read_key(r, "sequences");
    const size_t n = gop_read_array(r);
    for (size_t i = 0; i < n && gop_reader_status(r, NULL) == GOP_OK; i++)
        read_sequence(r, data);
    if (version == DATASET_1 && gop_reader_status(r, NULL) == GOP_OK)
        find_origin(&data->domain, data->source);
}

static gop_status convert_dataset(const char *path, uint32_t version, const char *to,
                                  gop_error *err)
{
    gop_reader *r = NULL;
    gop_try(gop_reader_open(&r, path, ZOO_DATASET_KIND, version, err));
    zoo_dataset *data = calloc(1, sizeof *data);
    gop_status s = GOP_OK;
    if (data == NULL) {
        s = gop_fail(err, GOP_ENOMEM, "out of memory for a data set");
    } else {
        read_set(r, data, version);
        s = gop_reader_status(r, err);
    }
    gop_reader_free(r);
    if (s == GOP_OK)
        s = zoo_dataset_save(data, to, err);
    zoo_dataset_free(data);
    return s;
}

gop_status zoo_convert(const char *path, const char *to, const zoo_model_type *const *types,
                       uint32_t *version, gop_error *err)
{
    char kind[5];
    uint32_t found = 0;
    if (path == NULL || to == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_convert: two files are needed");
    gop_try(gop_file_kind(kind, &found, path, err));
    if (version != NULL)
        *version = found;
    const bool model = strcmp(kind, ZOO_MODEL_KIND) == 0;
    if (!model && strcmp(kind, ZOO_DATASET_KIND) != 0)
        return gop_fail(err, GOP_EFORMAT, "%s is neither a model nor a data set", path);
    const uint32_t present = model ? ZOO_MODEL_VERSION : ZOO_DATASET_VERSION;
    if (found == present)
        return gop_fail(err, GOP_EINVAL, "%s already has version %lu, the present form", path,
                        (unsigned long)found);
    if (model && found >= MODEL_1 && found <= MODEL_4)
        return convert_model(path, found, to, types, err);
    if (!model && (found == DATASET_1 || found == DATASET_2))
        return convert_dataset(path, found, to, err);
    return gop_fail(err, GOP_EFORMAT,
                    "%s has version %lu of its format, which this program does not know", path,
                    (unsigned long)found);
}
