/*
 * train_log.c: writes and cuts the log of a training run.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "train_log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report.h"

#define MANY 4096 /* bytes that wait for a save at most, if they can be written */

static gop_status fail(gop_error *err, const char *what, const char *path)
{
    return gop_fail(err, GOP_ESYSTEM, "cannot %s %s: %s", what, path, strerror(errno));
}

static gop_status open_log(trainlog *log, const char *path, int flags, gop_error *err)
{
    log->fd = -1;
    log->path = strdup(path);
    log->file = log->path ? open_memstream(&log->text, &log->size) : NULL;
    if (!log->file)
        return gop_fail(err, GOP_ENOMEM, "out of memory");
    if (flags == 0)
        return GOP_OK;
    log->fd = open(path, flags | O_CREAT | O_CLOEXEC, 0666);
    return log->fd >= 0 ? GOP_OK : fail(err, "write", path);
}

bool trainlog_begins(const char *head)
{
    /* "resume" may come first, if a run was resumed without its log. */
    static const char start[] = "{\"event\":\"";

    return strncmp(head, start, sizeof start - 1) == 0;
}

gop_status trainlog_new(trainlog *log, const char *path, bool keep, gop_error *err)
{
    struct stat st;

    /* A device holds nothing to keep. */
    if (!keep || stat(path, &st) || !S_ISREG(st.st_mode))
        return open_log(log, path, O_WRONLY | O_TRUNC, err);
    gop_try(open_log(log, path, 0, err));
    gop_try(gop_file_new(&log->beside, path, err));
    log->fd = fileno(gop_file_stream(log->beside));
    return GOP_OK;
}

gop_status trainlog_replace(trainlog *log, gop_error *err)
{
    gop_file *beside = log->beside;

    if (!beside)
        return GOP_OK;
    log->beside = NULL;
    log->fd = -1;
    gop_try(gop_file_commit(beside, err));
    log->fd = open(log->path, O_WRONLY | O_APPEND | O_CLOEXEC);
    return log->fd >= 0 ? GOP_OK : fail(err, "write", log->path);
}

/* Whether a line is a step after `done`; only lines of this log start so. */
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
    gop_status status = open_log(log, path, O_WRONLY | O_APPEND, err);

    if (status)
        return status;
    struct stat st;
    if (fstat(log->fd, &st) == 0 && !S_ISREG(st.st_mode))
        return GOP_OK; /* a device or a pipe: nothing to cut */
    FILE *old = fopen(path, "r");
    if (!old)
        return fail(err, "read", path);
    while ((length = getline(&line, &room, old)) > 0) {
        if (is_later(line, done) || line[length - 1] != '\n')
            break;
        keep += length;
    }
    free(line);
    if (ferror(old))
        status = fail(err, "read", path);
    else if (ftruncate(log->fd, keep))
        status = fail(err, "write", path);
    fclose(old);
    return status;
}

bool trainlog_pending(const trainlog *log)
{
    return log->done < log->size;
}

void trainlog_close(trainlog *log)
{
    if (log->file) {
        fclose(log->file);
        if (log->fd >= 0 && !log->beside)
            close(log->fd);
    }
    gop_file_discard(log->beside);
    free(log->text);
    free(log->path);
    *log = (trainlog){.fd = -1};
}

/* As write(), but a pipe whose reader has gone is an error and not SIGPIPE, which would end the
 * command before it saves. */
static ssize_t write_text(int fd, const char *text, size_t n)
{
    sigset_t pipe, before, pending;
    int number;

    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, &before);
    const ssize_t k = write(fd, text, n);
    const int code = errno;
    if (k < 0 && code == EPIPE && !sigismember(&before, SIGPIPE) && sigpending(&pending) == 0 &&
        sigismember(&pending, SIGPIPE))
        sigwait(&pipe, &number);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = code;
    return k;
}

gop_status trainlog_flush(trainlog *log, gop_error *err)
{
    enum { WAIT = 1000 }; /* milliseconds */
    struct pollfd ready = {.fd = log->fd, .events = POLLOUT};

    if (fflush(log->file) || ferror(log->file))
        return gop_fail(err, GOP_ENOMEM, "out of memory");
    while (trainlog_pending(log)) {
        const size_t left = log->size - log->done;
        /* A pipe that is ready takes this many bytes without waiting. */
        const size_t n = left < _POSIX_PIPE_BUF ? left : _POSIX_PIPE_BUF;
        const int is = log->fd < 0 ? 1 : poll(&ready, 1, WAIT);
        if (is <= 0) {
            if (is == 0 && log->stopping && log->stopping())
                return GOP_OK;
            continue;
        }
        const ssize_t k = write_text(log->fd, log->text + log->done, n);
        if (k < 0 && errno != EINTR)
            return fail(err, "write", log->path);
        log->done += k > 0 ? (size_t)k : 0;
    }
    rewind(log->file);
    log->done = log->size = 0;
    return GOP_OK;
}

bool trainlog_setting(char *buf, size_t size, const zoo_setting *s, const zoo_training *t,
                      const zoo_model *model)
{
    const bool weighs = zoo_model_predicted(model) > 0 && zoo_model_recognises(model);

    zoo_setting_get(s, t, buf, size);
    return *buf && (t->steps != ZOO_OPEN || strcmp(s->key, "steps")) &&
           (weighs || strcmp(s->key, "lambda"));
}

void trainlog_settings(report_json *json, const zoo_training *t, const zoo_model *model)
{
    char value[ZOO_VALUE_SIZE];

    for (const zoo_setting *s = zoo_training_settings(); s->key; s++) {
        if (!trainlog_setting(value, sizeof value, s, t, model))
            continue;
        if (s->kind == ZOO_SETTING_NUMBER)
            report_number(json, s->key, strtod(value, NULL));
        else if (s->kind == ZOO_SETTING_COUNT || s->kind == ZOO_SETTING_LONG ||
                 s->kind == ZOO_SETTING_STEPS)
            report_count(json, s->key, strtoull(value, NULL, 10));
        else
            report_text(json, s->key, value);
    }
}

/* Logs the file of the initial parameters, and the tensors that are not in it. */
static void log_beginning(report_json *json, const zoo_model *model, const char *init_from,
                          const zoo_model *from)
{
    if (!from)
        return;
    report_text(json, "init_from", init_from);
    report_array(json, "initialised");
    for (size_t i = 0; i < gop_params_count(model->params); i++) {
        if (zoo_model_match(model, i, from) == SIZE_MAX)
            report_text(json, NULL, gop_params_info(model->params, i).name);
    }
    report_end_array(json);
}

void trainlog_run(trainlog *log, const zoo_model *model, const zoo_dataset *data, const lengths *l,
                  const zoo_training *t, const char *init_from, const zoo_model *from)
{
    report_json json = report_json_on(log->file);

    report_object(&json, NULL);
    report_text(&json, "event", "start");
    report_text(&json, "model", model->type->name);
    report_text(&json, "preset", model->preset);
    report_object(&json, "options");
    for (const zoo_setting *o = model->type->options; o->key; o++) {
        char value[ZOO_VALUE_SIZE];
        zoo_model_get(model, o, value, sizeof value);
        report_text(&json, o->key, value);
    }
    report_end_object(&json);
    report_text(&json, "data", data->source);
    trainlog_settings(&json, t, model);
    log_beginning(&json, model, init_from, from);
    lengths_log(&json, l, &data->domain);
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
    if (ftell(log->file) - (long)log->done > MANY)
        trainlog_flush(log, NULL); /* a failure is reported when the model is saved */
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
