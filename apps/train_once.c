/*
 * train_once.c: one run of graphop train, from its start to its reports.  Writes the model and its
 * log, and with --validate the best model.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output.h"
#include "progress.h"
#include "report.h"
#include "signals.h"
#include "train_run.h"

static int fail(int status, const gop_error *err)
{
    return app_fail_error(&train_usage, status, err);
}

/* -------------------------------------------------------------------- files */

/* Names a file beside the model, with `ending` added, and checks that it overwrites no other
 * file of the command. */
static int place_beside(char **path, const train_run *run, const char *ending, const char *name,
                        app_kind kind)
{
    const size_t size = strlen(run->set.output) + strlen(ending) + 1;

    *path = malloc(size);
    if (!*path)
        return app_fail(&train_usage, APP_DATA, "out of memory");
    snprintf(*path, size, "%s%s", run->set.output, ending);
    const app_output out = {.name = name, .path = *path, .kind = kind};
    return app_check_output(&train_usage, &run->set, &run->operands, &out);
}

int train_place_log(train_run *run)
{
    if (run->set.log)
        return APP_OK;
    const int status = place_beside(&run->log_path, run, ".jsonl", "the log", APP_OUT_LOG);
    run->set.log = run->log_path;
    return status;
}

int train_place_best(train_run *run)
{
    if (run->best_path)
        return APP_OK;
    return place_beside(&run->best_path, run, ".best", "the best model", APP_OUT_MODEL);
}

/* Checks before training that a model can be written to `path`. */
static gop_status probe(const char *path, gop_error *err)
{
    gop_file *file;
    gop_status status = gop_file_new(&file, path, err);

    gop_file_discard(file);
    return status;
}

/* Opens the log, after everything else was checked. */
static int open_log(train_run *run)
{
    gop_error err = {GOP_OK, ""};
    const bool former = access(run->set.output, F_OK) == 0;

    if (probe(run->set.output, &err) || (run->best_path && probe(run->best_path, &err)))
        return fail(APP_DATA, &err);
    gop_status status = run->set.resume ? trainlog_continue(&run->log, run->set.log,
                                                            zoo_trainer_steps(run->trainer), &err)
                                        : trainlog_new(&run->log, run->set.log, former, &err);
    if (status)
        return fail(APP_DATA, &err);
    run->log.stopping = app_signal_noted;
    if (run->set.resume)
        trainlog_resumed(&run->log, zoo_trainer_steps(run->trainer));
    else
        trainlog_run(&run->log, run->model, run->data, &run->lengths, &run->training,
                     run->set.init_from, run->from);
    return APP_OK;
}

/* --------------------------------------------------------------------- loop */

static gop_status save(train_run *run, gop_error *err)
{
    /* The log goes first: --resume cuts off extra lines but cannot restore missing ones.  The
     * model is saved even if the log cannot be written. */
    gop_status logged = trainlog_flush(&run->log, err);
    gop_status saved = zoo_trainer_save(run->trainer, run->set.output, logged ? NULL : err);
    gop_status placed = saved ? GOP_OK : trainlog_replace(&run->log, logged ? NULL : err);
    return logged ? logged : saved ? saved : placed;
}

/* Reports a save that failed and does not end the run: once, until it succeeds or fails for another
 * reason.  `last` is the reason of its last failure, or empty. */
static void report_unsaved(const train_run *run, char last[GOP_MESSAGE_SIZE], gop_status status,
                           const gop_error *err, progress *bar)
{
    const bool ends = zoo_trainer_steps(run->trainer) >= run->training.steps;
    const char *reason = status ? err->message : "";
    const bool reported = strcmp(last, reason) == 0;

    snprintf(last, GOP_MESSAGE_SIZE, "%s", reason);
    if (!status || reported)
        return;
    progress_clear(bar);
    app_fail(&train_usage, APP_DATA, "%s%s", reason, ends ? "" : "; the training continues");
}

/* Saves the model and the log, and goes on if that fails. */
static void save_meanwhile(train_run *run, progress *bar)
{
    gop_error err = {GOP_OK, ""};
    const gop_status status = save(run, &err);

    report_unsaved(run, run->unsaved, status, &err, bar);
}

/* If a validation is due, measures the model on the held-out sequences and saves it if it is the
 * best so far. */
static int validate(train_run *run, progress *bar)
{
    gop_error err = {GOP_OK, ""};
    const uint64_t done = zoo_trainer_steps(run->trainer);
    zoo_validation v;
    bool best = false;

    if (!run->best_path ||
        (done % run->training.validate_every != 0 && done != run->training.steps))
        return APP_OK;
    if (zoo_trainer_validate(run->trainer, &v, &best, &err))
        return fail(APP_DATA, &err);
    run->last = v;
    trainlog_validation(&run->log, &v, best);
    if (!best)
        return APP_OK;
    const gop_status status = zoo_trainer_save(run->trainer, run->best_path, &err);
    report_unsaved(run, run->best_unsaved, status, &err, bar);
    /* Saves the current model too if the best one could not be written, so that the training is
     * not lost, or if the file still holds a former run's model, which must not stay beside a
     * new best. */
    if (status || run->log.beside)
        save_meanwhile(run, bar);
    return APP_OK;
}

/* Fixes the number of steps of a run by time.  This happens after a tenth of the time and a few
 * steps, or one step before a cosine's warm-up ends.  The first step took `first_step` seconds
 * and is not counted, because it touches the memory for the first time. */
static void settle_length(train_run *run, double elapsed, double first_step, uint64_t steps_now)
{
    enum { FEW = 5 };
    uint64_t done = zoo_trainer_steps(run->trainer);
    bool known = elapsed >= 0.1 * run->set.time && steps_now >= FEW;
    bool open = run->training.schedule != ZOO_COSINE || done + 1 < run->training.warmup;

    if (run->training.steps != ZOO_OPEN || (!known && open && elapsed < run->set.time))
        return;
    double rate = steps_now > 1 ? (double)(steps_now - 1) / (elapsed - first_step) : 1 / first_step;
    double left = (run->set.time - elapsed) * rate;
    run->training.steps = done + (left > 1 ? (uint64_t)left : 1);
    zoo_trainer_set_length(run->trainer, run->training.steps);
}

static void show(progress *bar, const train_run *run, const zoo_progress *p, double elapsed,
                 double rate)
{
    char losses[96], memory[32];
    bool open = run->training.steps == ZOO_OPEN;
    double share = open ? elapsed / run->set.time : (double)p->step / (double)run->training.steps;

    if (!zoo_model_recognises(run->model))
        snprintf(losses, sizeof losses, "prediction %.4f", p->loss_prediction);
    else if (zoo_model_predicted(run->model) > 0)
        snprintf(losses, sizeof losses, "recognition %.3f  prediction %.4f  lambda %.2f",
                 p->loss_recognition, p->loss_prediction, p->lambda);
    else
        snprintf(losses, sizeof losses, "recognition %.3f", p->loss_recognition);
    report_bytes(memory, sizeof memory, progress_peak_memory());
    progress_show(bar, share, "step %" PRIu64 "  %s  %.1f samples/s  %s", p->step, losses, rate,
                  memory);
}

/* Whether as many measurements as the run's patience brought nothing better. */
static bool is_out_of_patience(const train_run *run)
{
    const zoo_training *t = &run->training;
    const uint64_t best = zoo_trainer_best(run->trainer).step;

    return t->patience > 0 && best > 0 &&
           zoo_trainer_steps(run->trainer) - best >= t->patience * t->validate_every;
}

static int train(train_run *run)
{
    gop_error err = {GOP_OK, ""};
    uint64_t first = zoo_trainer_steps(run->trainer);
    bool open = run->training.steps == ZOO_OPEN;
    progress bar = progress_start(open ? 0 : (double)first / (double)run->training.steps);
    double start = progress_clock(), before = start, saved = start, first_step = 0;
    int status = APP_OK;

    app_signals_note(true);
    while (status == APP_OK && !app_signal_noted() && !is_out_of_patience(run) &&
           zoo_trainer_steps(run->trainer) < run->training.steps) {
        zoo_progress p;
        if (zoo_trainer_step(run->trainer, &p, &err)) {
            progress_clear(&bar);
            trainlog_flush(&run->log, NULL);
            return fail(APP_DATA, &err);
        }
        double now = progress_clock();
        trainlog_step(&run->log, &p, zoo_training_windows(&run->training) / (now - before));
        if (p.step - first == 1)
            first_step = now - start;
        settle_length(run, now - start, first_step, p.step - first);
        show(&bar, run, &p, now - start,
             (double)zoo_training_windows(&run->training) * (double)(p.step - first) /
                 (now - start));
        status = validate(run, &bar);
        before = progress_clock();
        if (status == APP_OK && now - saved >= run->set.save_every) {
            save_meanwhile(run, &bar);
            saved = progress_clock();
        }
    }
    progress_clear(&bar);
    if (status == APP_OK && save(run, &err))
        status = fail(APP_DATA, &err);
    if (status == APP_OK && *run->best_unsaved)
        status = app_fail(&train_usage, APP_DATA, "%s", run->best_unsaved);
    if (status == APP_OK && trainlog_pending(&run->log))
        app_fail(&train_usage, APP_OK, "nobody reads %s; its last lines were not written",
                 run->set.log);
    app_signals_note(false);
    return status;
}

/* --------------------------------------------------------------------- run */

static bool is_finished(const train_run *run)
{
    return zoo_trainer_steps(run->trainer) >= run->training.steps || is_out_of_patience(run);
}

/* Measures a finished run again, with the same figures as at its last step. */
static int pass_over(train_run *run)
{
    gop_error err = {GOP_OK, ""};
    bool best;

    printf("%s is complete: %" PRIu64 " steps.\n", run->set.output,
           zoo_trainer_steps(run->trainer));
    if (run->training.validate > 0 && zoo_trainer_validate(run->trainer, &run->last, &best, &err))
        return fail(APP_DATA, &err);
    return APP_OK;
}

int train_start(train_run *run, const zoo_model_type *type)
{
    return run->set.resume ? train_start_resumed(run, type) : train_start_new(run, type);
}

int train_once(train_run *run, const zoo_model_type *type)
{
    gop_error err = {GOP_OK, ""};

    int status = train_start(run, type);
    if (status == APP_OK && run->set.resume && run->passes_over && is_finished(run))
        return pass_over(run);
    if (status == APP_OK && run->training.validate > 0)
        status = train_place_best(run);
    if (status == APP_OK)
        status = open_log(run);
    if (status != APP_OK)
        return status;
    if (run->set.profile && gop_net_profile(zoo_trainer_net(run->trainer), true, &err))
        return fail(APP_DATA, &err);
    uint64_t first = zoo_trainer_steps(run->trainer);
    double start = progress_clock();
    train_print_start(run);
    status = train(run);
    double seconds = progress_clock() - start;
    if (status == APP_OK)
        train_print_end(run, seconds, first, app_signal_noted() != 0);
    if (status == APP_OK)
        train_print_best(run);
    if (status == APP_OK && run->set.profile)
        train_print_profile(run, seconds, first);
    return status;
}

void train_end(train_run *run)
{
    trainlog_close(&run->log);
    zoo_trainer_free(run->trainer);
    zoo_model_free(run->model);
    zoo_model_free(run->from);
    lengths_clear(&run->lengths);
    run->trainer = NULL;
    run->model = run->from = NULL;
}

void train_free_names(train_run *run)
{
    free(run->output_path);
    free(run->log_path);
    free(run->best_path);
}
