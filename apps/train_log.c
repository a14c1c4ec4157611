/*
 * train_log.c: writes and cuts the log of a training run.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "train_log.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report.h"

static gop_status fail(gop_error *err, const char *path)
{
    return gop_fail(err, GOP_ESYSTEM, "%s: %s", path, strerror(errno));
}

static gop_status open_log(trainlog *log, const char *path, const char *mode, gop_error *err)
{
    log->path = strdup(path);
    if (!log->path)
        return gop_fail(err, GOP_ENOMEM, "out of memory");
    log->file = fopen(path, mode);
    return log->file ? GOP_OK : fail(err, path);
}

bool trainlog_may_write(const char *path)
{
    /* How our own first lines begin, also where a run was gone on with without its log. */
    static const char start[] = "{\"event\":\"";
    char found[sizeof start - 1];
    struct stat st;

    if (stat(path, &st) || !S_ISREG(st.st_mode) || st.st_size == 0)
        return true; /* or open_log says why not */
    FILE *file = fopen(path, "r");
    bool own = file && fread(found, 1, sizeof found, file) == sizeof found &&
               memcmp(found, start, sizeof found) == 0;
    if (file)
        fclose(file);
    return own;
}

gop_status trainlog_new(trainlog *log, const char *path, bool keep, gop_error *err)
{
    struct stat st;

    /* A device has nothing to keep. */
    if (!keep || stat(path, &st) || !S_ISREG(st.st_mode))
        return open_log(log, path, "w", err);
    log->path = strdup(path);
    if (!log->path)
        return gop_fail(err, GOP_ENOMEM, "out of memory");
    gop_status status = gop_file_new(&log->beside, path, err);
    log->file = gop_file_stream(log->beside);
    return status;
}

gop_status trainlog_replace(trainlog *log, gop_error *err)
{
    gop_file *beside = log->beside;

    if (!beside)
        return GOP_OK;
    log->beside = NULL;
    log->file = NULL;
    gop_status status = gop_file_commit(beside, err);
    if (status)
        return status;
    log->file = fopen(log->path, "a");
    return log->file ? GOP_OK : fail(err, log->path);
}

/* Whether a line is a step after `done`; only our own lines start so. */
static bool is_later(const char *line, uint64_t done)
{
    static const char start[] = "{\"step\":";

    return strncmp(line, start, sizeof start - 1) == 0 &&
           strtoull(line + sizeof start - 1, NULL, 10) > done;
}

gop_status trainlog_continue(trainlog *log, const char *path, uint64_t done, gop_error *err)
{
    char *line = NULL;
    size_t room = 0;
    off_t keep = 0;
    ssize_t length;
    gop_status status = open_log(log, path, "a+", err);

    if (status)
        return status;
    struct stat st;
    if (fstat(fileno(log->file), &st) == 0 && !S_ISREG(st.st_mode))
        return GOP_OK; /* a device or a pipe: nothing to cut */
    rewind(log->file);
    while ((length = getline(&line, &room, log->file)) > 0) {
        if (is_later(line, done) || line[length - 1] != '\n')
            break;
        keep += length;
    }
    free(line);
    if (ferror(log->file) || ftruncate(fileno(log->file), keep) || fseeko(log->file, 0, SEEK_END))
        return fail(err, path);
    return GOP_OK;
}

void trainlog_close(trainlog *log)
{
    if (log->file && !log->beside)
        fclose(log->file);
    gop_file_discard(log->beside);
    free(log->path);
    *log = (trainlog){.file = NULL};
}

gop_status trainlog_flush(trainlog *log, gop_error *err)
{
    if (fflush(log->file) || ferror(log->file))
        return fail(err, log->path);
    return GOP_OK;
}

const char *trainlog_optimiser(zoo_optimiser optimiser)
{
    return optimiser == ZOO_ADAM ? "adam" : "sgd";
}

const char *trainlog_schedule(zoo_schedule schedule)
{
    return schedule == ZOO_CONSTANT ? "constant" : schedule == ZOO_STEP ? "step" : "cosine";
}

char *trainlog_lambda(char *buf, size_t size, const zoo_training *training)
{
    switch (training->lambda_mode) {
    case GOP_MGDA_EXACT:
        snprintf(buf, size, "exact");
        break;
    case GOP_MGDA_UB:
        snprintf(buf, size, "ub");
        break;
    case GOP_MGDA_UB_NORMALISED:
        snprintf(buf, size, "ub-normalised");
        break;
    case GOP_MGDA_FIXED:
        snprintf(buf, size, "%.10g", training->lambda);
        break;
    }
    return buf;
}

/* Settings that only some runs have. */
static void log_more(report_json *json, const zoo_model *model, const zoo_training *t,
                     const char *init_from, const zoo_model *from)
{
    if (t->noisy_labels > 0)
        report_number(json, "noisy_labels", t->noisy_labels);
    if (t->noisy_targets > 0)
        report_number(json, "noisy_targets", t->noisy_targets);
    if (t->clip_frames > 0)
        report_count(json, "clip_frames", t->clip_frames);
    if (t->validation > 0) {
        report_number(json, "validation", t->validation);
        report_count(json, "validate_every", t->validate_every);
    }
    if (*t->frozen)
        report_text(json, "frozen", t->frozen);
    if (!from)
        return;
    report_text(json, "init_from", init_from);
    report_array(json, "made_anew");
    for (size_t i = 0; i < gop_params_count(model->params); i++) {
        if (zoo_model_match(model, i, from) == SIZE_MAX)
            report_text(json, NULL, gop_params_info(model->params, i).name);
    }
    report_end_array(json);
}

void trainlog_run(trainlog *log, const zoo_model *model, const zoo_dataset *data,
                  const zoo_training *t, const char *init_from, const zoo_model *from)
{
    report_json json = report_json_on(log->file);
    char lambda[32];

    report_object(&json, NULL);
    report_text(&json, "event", "start");
    report_text(&json, "model", model->type->name);
    report_text(&json, "preset", model->preset);
    report_object(&json, "options");
    for (const zoo_option *o = model->type->options; o->key; o++) {
        char value[ZOO_VALUE_SIZE];
        zoo_model_get(model, o, value, sizeof value);
        report_text(&json, o->key, value);
    }
    report_end_object(&json);
    report_text(&json, "data", data->source);
    if (t->steps < TRAINLOG_OPEN)
        report_count(&json, "steps", t->steps);
    report_count(&json, "batch", t->batch);
    report_count(&json, "seed", t->seed);
    report_text(&json, "optimiser", trainlog_optimiser(t->optimiser));
    report_number(&json, "lr", t->lr);
    report_number(&json, "weight_decay", t->weight_decay);
    report_number(&json, "momentum", t->momentum);
    report_text(&json, "schedule", trainlog_schedule(t->schedule));
    report_count(&json, "warmup", t->warmup);
    report_count(&json, "decay_every", t->decay_every);
    report_number(&json, "decay", t->decay);
    report_number(&json, "floor", t->floor);
    report_number(&json, "clip", t->clip);
    if (zoo_model_predicted(model) > 0 && zoo_model_recognises(model))
        report_text(&json, "lambda", trainlog_lambda(lambda, sizeof lambda, t));
    log_more(&json, model, t, init_from, from);
    report_end_object(&json);
}

void trainlog_resumed(trainlog *log, uint64_t step)
{
    report_json json = report_json_on(log->file);

    report_object(&json, NULL);
    report_text(&json, "event", "resume");
    report_count(&json, "at", step);
    report_end_object(&json);
}

void trainlog_step(trainlog *log, const zoo_progress *p, double samples_per_second)
{
    report_json json = report_json_on(log->file);

    report_object(&json, NULL);
    report_count(&json, "step", p->step);
    const bool recognises = !isnan(p->loss_recognition), predicts = !isnan(p->loss_prediction);
    if (recognises)
        report_number(&json, "loss_recognition", p->loss_recognition);
    if (predicts)
        report_number(&json, "loss_prediction", p->loss_prediction);
    if (recognises && predicts)
        report_number(&json, "lambda", p->lambda);
    report_number(&json, "lr", p->lr);
    report_number(&json, "gradient_norm", p->gradient_norm);
    report_number(&json, "samples_per_second", samples_per_second);
    report_end_object(&json);
}

void trainlog_validation(trainlog *log, const zoo_validation *v, bool best)
{
    report_json json = report_json_on(log->file);

    report_object(&json, NULL);
    report_count(&json, "step", v->step);
    report_text(&json, "event", "validation");
    report_number(&json, "loss", v->loss);
    if (!isnan(v->loss_recognition)) {
        report_number(&json, "loss_recognition", v->loss_recognition);
        report_number(&json, "top1", v->top1);
    }
    if (!isnan(v->loss_prediction))
        report_number(&json, "loss_prediction", v->loss_prediction);
    report_bool(&json, "best", best);
    report_end_object(&json);
}
