/*
 * verb_train.c: graphop train: trains a model of the zoo on a data set.  Reads the
 * data set (with --resume the model, with --init-from another one), writes the model
 * and its log.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "graphop.h"
#include "output.h"
#include "profile_table.h"
#include "progress.h"
#include "report.h"
#include "train_log.h"
#include "train_options.h"
#include "verbs.h"
#include "zoo/zoo.h"

/* A run and what it stands on. */
struct run {
    train_settings set;
    app_operands operands;
    gop_ctx *ctx;
    zoo_dataset *data;
    zoo_model *model;
    zoo_model *from; /* what a new run begins with, NULL for nothing */
    zoo_trainer *trainer;
    zoo_training training;
    char *log_path;  /* where no option gives it */
    char *best_path; /* of the model that did best on what is held out; NULL for nothing */
    trainlog log;
};

static int fail(int status, const gop_error *err)
{
    return app_fail_error(&train_usage, status, err);
}

/* What is wrong with a value that makes no sense came from an option. */
static int blame(const gop_error *err)
{
    return err->status == GOP_EINVAL ? APP_USE : APP_DATA;
}

/* ------------------------------------------------------------- new, resumed */

/* Frames of which a training sequence must have as many. */
static size_t clip_frames(const struct run *run, const zoo_training *t)
{
    const size_t window = zoo_model_observed(run->model) + zoo_model_predicted(run->model);

    return t->clip_frames > window ? (size_t)t->clip_frames : window;
}

/* Training sequences that are held out. */
static size_t held_out(const struct run *run, const zoo_training *t)
{
    size_t n = 0;

    zoo_dataset_hold_out(&n, NULL, run->data, clip_frames(run, t), t->validate, t->seed, NULL);
    return n;
}

/* Windows of an epoch: the training sequences that hold one and are not held out. */
static size_t epoch(const struct run *run, const zoo_training *t)
{
    return zoo_dataset_count(run->data, ZOO_TRAIN, clip_frames(run, t)) - held_out(run, t);
}

/* The parameters that --init-from names, for a run that has not begun. */
static int begin_with(struct run *run)
{
    gop_error err = {GOP_OK, ""};

    if (!run->set.init_from)
        return APP_OK;
    if (zoo_model_load(&run->from, run->set.init_from, &err) ||
        zoo_trainer_init_from(run->trainer, run->from, NULL, &err))
        return fail(APP_DATA, &err);
    return APP_OK;
}

static int start_new(struct run *run, const zoo_model_type *type)
{
    gop_error err = {GOP_OK, ""};
    zoo_training *t = &run->training;

    *t = zoo_training_default();
    int status = train_overlay(&train_usage, t, &run->set);
    if (status == APP_OK)
        status = train_build_model(&train_usage, &run->model, &run->set, type, &run->data->domain,
                                   t->seed);
    if (status == APP_OK)
        status = train_set_frames(&train_usage, run->model, &t->clip_frames, &run->set);
    if (status == APP_OK)
        status = train_check_losses(&train_usage, t, &run->set, run->model);
    if (status)
        return status;
    zoo_training_count_epochs(t, epoch(run, t));
    if (run->set.time > 0) {
        if (t->schedule == ZOO_COSINE && t->warmup == 0)
            return app_fail(&train_usage, APP_USE,
                            "--time needs a --warmup of at least one step, for a cosine's length "
                            "must be known when it begins");
        t->steps = ZOO_OPEN;
    }
    if (zoo_trainer_new(&run->trainer, run->ctx, run->model, run->data, t, &err))
        return fail(blame(&err), &err);
    return begin_with(run);
}

/* Whether what the run began with is what --init-from names now. */
static int check_beginning(struct run *run)
{
    gop_error err = {GOP_OK, ""};
    zoo_model *from;

    if (!run->set.init_from)
        return APP_OK;
    if (zoo_model_load(&from, run->set.init_from, &err))
        return fail(APP_DATA, &err);
    uint64_t fingerprint = zoo_model_fingerprint(from);
    zoo_model_free(from);
    if (fingerprint != run->training.init)
        return app_fail(&train_usage, APP_USE, "%s is a run that did not begin with %s",
                        run->set.output, run->set.init_from);
    return APP_OK;
}

/* The model's options, laid over the run's own, must not change them; --observe and --predict
 * are of the run's own clip. */
static int check_model(const struct run *run, uint64_t *clip)
{
    const train_settings *set = &run->set;
    zoo_model *model = NULL;
    gop_error err = {GOP_OK, ""};
    char have[ZOO_VALUE_SIZE];

    if (set->preset && strcmp(set->preset, run->model->preset))
        return app_fail(&train_usage, APP_USE, "%s is a run with preset %s, which --resume keeps",
                        set->output, run->model->preset);
    if (zoo_model_new(&model, run->model->type, NULL, &run->data->domain, 0, &err))
        return fail(APP_DATA, &err);
    model->config = run->model->config;
    int status = train_overlay_options(&train_usage, model, set);
    if (status == APP_OK)
        status = train_set_frames(&train_usage, model, clip, set);
    const zoo_setting *o = zoo_settings_difference(model->type->options, model->config.bytes,
                                                   run->model->config.bytes, NULL);
    if (status == APP_OK && o) {
        zoo_model_get(run->model, o, have, sizeof have);
        status = app_fail(&train_usage, APP_USE, "%s is a run with %s=%s, which --resume keeps",
                          set->output, o->key, have);
    }
    zoo_model_free(model);
    return status;
}

/* Options may be given again with --resume, but not changed. */
static int check_unchanged(struct run *run, const zoo_model_type *type)
{
    zoo_training asked = run->training;
    char name[64];

    if (run->model->type != type)
        return app_fail(&train_usage, APP_USE, "%s is a run of %s, not of %s", run->set.output,
                        run->model->type->name, type->name);
    int status = train_overlay(&train_usage, &asked, &run->set);
    if (status == APP_OK)
        status = train_check_losses(&train_usage, &asked, &run->set, run->model);
    if (status)
        return status;
    zoo_training_count_epochs(&asked, epoch(run, &run->training));
    const zoo_setting *other = zoo_settings_difference(zoo_training_settings(), &asked,
                                                       &run->training, NULL);
    if (other)
        return app_fail(&train_usage, APP_USE,
                        "%s is a run with another --%s, which --resume keeps", run->set.output,
                        app_option_name(name, sizeof name, other->key));
    status = check_model(run, &asked.clip_frames);
    if (status == APP_OK && asked.clip_frames != run->training.clip_frames)
        status = app_fail(&train_usage, APP_USE,
                          "%s is a run with another --observe, which --resume keeps",
                          run->set.output);
    return status == APP_OK ? check_beginning(run) : status;
}

static int start_resumed(struct run *run, const zoo_model_type *type)
{
    gop_error err = {GOP_OK, ""};

    if (zoo_trainer_resume(&run->trainer, &run->model, run->ctx, run->set.output, run->data,
                           &run->training, &err))
        return fail(APP_DATA, &err);
    if (strcmp(zoo_trainer_kernel(run->trainer), gop_ctx_kernel(run->ctx)))
        fprintf(stderr,
                "graphop train: %s was trained with kernel %s; with %s here, the bytes will not "
                "be those of a run that stayed there.\n",
                run->set.output, zoo_trainer_kernel(run->trainer), gop_ctx_kernel(run->ctx));
    int status = check_unchanged(run, type);
    if (status)
        return status;
    if (run->training.steps == ZOO_OPEN && run->set.time <= 0)
        return app_fail(&train_usage, APP_USE,
                        "%s stopped before its length was known; --time is needed again",
                        run->set.output);
    return APP_OK;
}

/* A file beside the model whose name ends so; over no other file of the command. */
static int place_beside(char **path, const struct run *run, const char *ending, const char *name,
                        app_kind kind)
{
    const size_t size = strlen(run->set.output) + strlen(ending) + 1;

    *path = malloc(size);
    if (!*path)
        return app_fail(&train_usage, APP_DATA, "out of memory");
    snprintf(*path, size, "%s%s", run->set.output, ending);
    const app_output out = {name, *path, kind};
    return app_check_output(&train_usage, &run->set, &run->operands, &out);
}

/* Whether a model could be written there, before time is spent on one. */
static gop_status probe(const char *path, gop_error *err)
{
    gop_file *file;
    gop_status status = gop_file_new(&file, path, err);

    gop_file_discard(file);
    return status;
}

/* The log's file, which is only touched once everything else is known to be right. */
static int open_log(struct run *run)
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
    if (run->set.resume)
        trainlog_resumed(&run->log, zoo_trainer_steps(run->trainer));
    else
        trainlog_run(&run->log, run->model, run->data, &run->training, run->set.init_from,
                     run->from);
    return APP_OK;
}

/* --------------------------------------------------------------------- loop */

static volatile sig_atomic_t caught;

static void on_signal(int number)
{
    caught = number;
}

static void catch_signals(bool on)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_handler = on ? on_signal : SIG_DFL;
    /* A second signal while the file is being written does not wait for it. */
    action.sa_flags = (int)SA_RESETHAND;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct sigaction old;
        if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    }
}

static int save(struct run *run)
{
    gop_error err = {GOP_OK, ""};

    /* The log first: lines too many are cut off by --resume, missing ones stay missing.  A log
     * that cannot be written does not cost the model. */
    gop_status logged = trainlog_flush(&run->log, &err);
    gop_status saved = zoo_trainer_save(run->trainer, run->set.output, logged ? NULL : &err);
    gop_status placed = saved ? GOP_OK : trainlog_replace(&run->log, logged ? NULL : &err);
    return logged || saved || placed ? fail(APP_DATA, &err) : APP_OK;
}

/* Where it is time to: measures what is held out, and keeps the model that does best. */
static int validate(struct run *run)
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
    trainlog_validation(&run->log, &v, best);
    if (!best)
        return APP_OK;
    const int status = zoo_trainer_save(run->trainer, run->best_path, &err) ? fail(APP_DATA, &err)
                                                                            : APP_OK;
    /* What was trained is not lost where the best cannot be written, and a new run's best is
     * not left beside a former run's model. */
    if (status == APP_OK && !run->log.beside)
        return APP_OK;
    const int saved = save(run);
    return status ? status : saved;
}

/* Fixes the length of a run by time once a tenth of the time and a few steps, or
 * all but one step of a cosine's warm-up, have passed.  The first step, which touches
 * the memory for the first time, took `first_step` seconds and does not count. */
static void settle_length(struct run *run, double elapsed, double first_step, uint64_t steps_now)
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

static void show(progress *bar, const struct run *run, const zoo_progress *p, double elapsed,
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

static int train(struct run *run)
{
    gop_error err = {GOP_OK, ""};
    uint64_t first = zoo_trainer_steps(run->trainer);
    bool open = run->training.steps == ZOO_OPEN;
    progress bar = progress_start(open ? 0 : (double)first / (double)run->training.steps);
    double start = progress_clock(), before = start, saved = start, first_step = 0;
    int status = APP_OK;

    catch_signals(true);
    while (status == APP_OK && !caught && zoo_trainer_steps(run->trainer) < run->training.steps) {
        zoo_progress p;
        if (zoo_trainer_step(run->trainer, &p, &err)) {
            progress_clear(&bar);
            trainlog_flush(&run->log, NULL);
            return fail(APP_DATA, &err);
        }
        double now = progress_clock();
        trainlog_step(&run->log, &p, run->training.batch / (now - before));
        if (p.step - first == 1)
            first_step = now - start;
        settle_length(run, now - start, first_step, p.step - first);
        show(&bar, run, &p, now - start,
             (double)run->training.batch * (double)(p.step - first) / (now - start));
        status = validate(run);
        before = progress_clock();
        if (status == APP_OK && now - saved >= run->set.save_every) {
            status = save(run);
            saved = progress_clock();
        }
    }
    progress_clear(&bar);
    if (status == APP_OK)
        status = save(run);
    catch_signals(false);
    return status;
}

/* ------------------------------------------------------------------- report */

/* Names of a list with commas, and how many more there are. */
static void print_initialised(const struct run *run)
{
    enum { FEW = 8 };
    const gop_params *params = run->model->params;
    size_t fresh = 0, all = gop_params_count(params);
    char text[1024];
    int used = 0;

    for (size_t i = 0; i < all; i++) {
        if (zoo_model_match(run->model, i, run->from) != SIZE_MAX)
            continue;
        if (fresh++ < FEW && used < (int)sizeof text)
            used += snprintf(text + used, sizeof text - (size_t)used, "%s%s", used ? ", " : "",
                             gop_params_info(params, i).name);
    }
    if (fresh > FEW && used < (int)sizeof text)
        snprintf(text + used, sizeof text - (size_t)used, " and %zu more", fresh - FEW);
    int at = printf("Of %zu tensors %zu are taken from %s; initialised: ", all, all - fresh,
                    run->set.init_from);
    report_paragraph(stdout, fresh ? text : "none", at, 0);
}

/* What was asked for beyond the plain run. */
static void print_more(const struct run *run)
{
    const zoo_training *t = &run->training;
    size_t sequences = epoch(run, t);

    if (run->from)
        print_initialised(run);
    if (*t->freeze)
        printf("Frozen: %s.\n", t->freeze);
    if (t->clip_frames > zoo_model_observed(run->model) + zoo_model_predicted(run->model))
        printf("The model sees %zu and predicts %zu of %" PRIu64 " frames.\n",
               zoo_model_observed(run->model), zoo_model_predicted(run->model), t->clip_frames);
    if (t->noisy_labels > 0)
        printf("%.0f of %zu training sequences have exchanged their labels.\n",
               floor(t->noisy_labels * (double)sequences + 0.5), sequences);
    if (t->noisy_targets > 0)
        printf("%.0f of %zu training sequences have exchanged their targets.\n",
               floor(t->noisy_targets * (double)sequences + 0.5), sequences);
    if (run->best_path)
        printf("%zu training sequences are held out and measured every %" PRIu64 " steps.\n",
               held_out(run, t), t->validate_every);
    if (run->set.epochs > 0)
        printf("%" PRIu64 " epochs of %zu windows are %" PRIu64 " steps.\n", run->set.epochs,
               sequences, t->steps);
}

static void print_start(const struct run *run)
{
    char params[32], madds[32], bytes[32];
    gop_net_cost stats = zoo_trainer_stats(run->trainer);

    report_grouped(params, sizeof params, gop_params_size(run->model->params));
    snprintf(madds, sizeof madds, "%.4g", 1e-6 * (double)stats.madds / (double)run->training.batch);
    report_bytes(bytes, sizeof bytes, (double)stats.bytes);
    printf("%s %s on %s: %s parameters, %s M multiply-adds a window, %s for batches of %u.\n",
           run->model->type->name, run->model->preset, run->data->domain.name, params, madds, bytes,
           (unsigned)run->training.batch);
    print_more(run);
    fflush(stdout);
}

static void print_end(const struct run *run, double seconds, uint64_t first)
{
    char time[32], memory[32];
    uint64_t done = zoo_trainer_steps(run->trainer);

    report_duration(time, sizeof time, seconds);
    report_bytes(memory, sizeof memory, progress_peak_memory());
    if (caught)
        printf("Stopped at step %" PRIu64 "; --resume goes on from %s.\n", done, run->set.output);
    else
        printf("%" PRIu64 " steps in %s, %.1f samples a second, %s of memory; saved as %s.\n",
               done - first, time,
               seconds > 0 ? (double)run->training.batch * (double)(done - first) / seconds : 0,
               memory, run->set.output);
}

/* "Best on what is held out, after step 300: loss 0.21, top-1 91.0 %; saved as m.gop.best." */
static void print_best(const struct run *run)
{
    const zoo_validation best = zoo_trainer_best(run->trainer);

    if (!run->best_path || best.step == 0)
        return;
    printf("Best on what is held out, after step %" PRIu64 ": loss %.4g", best.step, best.loss);
    if (!isnan(best.top1))
        printf(", top-1 %.1f %%", 100 * best.top1);
    if (access(run->best_path, F_OK) == 0)
        printf("; saved as %s.\n", run->best_path);
    else
        printf("; %s, as which it was saved, is gone.\n", run->best_path);
}

static void print_profile(const struct run *run, double seconds, uint64_t first)
{
    profile_table table = profile_gather(zoo_trainer_net(run->trainer),
                                         zoo_trainer_steps(run->trainer) - first, seconds, false);
    fflush(stdout);
    profile_print(&table, stderr);
    profile_free(&table);
}

static int train_verb(struct run *run, const zoo_model_type *type)
{
    gop_error err = {GOP_OK, ""};

    if (gop_ctx_new(&run->ctx, (int)run->set.threads, progress_machine_memory(), &err) ||
        zoo_dataset_load(&run->data, run->set.data, &err))
        return fail(APP_DATA, &err);
    int status = run->set.resume ? start_resumed(run, type) : start_new(run, type);
    if (status == APP_OK && run->training.validate > 0)
        status = place_beside(&run->best_path, run, ".best", "the best model", APP_OUT_MODEL);
    if (status == APP_OK)
        status = open_log(run);
    if (status != APP_OK)
        return status;
    if (run->set.profile && gop_net_profile(zoo_trainer_net(run->trainer), true, &err))
        return fail(APP_DATA, &err);
    uint64_t first = zoo_trainer_steps(run->trainer);
    double start = progress_clock();
    print_start(run);
    status = train(run);
    double seconds = progress_clock() - start;
    if (status == APP_OK)
        print_end(run, seconds, first);
    if (status == APP_OK)
        print_best(run);
    if (status == APP_OK && run->set.profile)
        print_profile(run, seconds, first);
    return status;
}

static void free_run(struct run *run)
{
    trainlog_close(&run->log);
    zoo_trainer_free(run->trainer);
    zoo_model_free(run->model);
    zoo_model_free(run->from);
    zoo_dataset_free(run->data);
    gop_ctx_free(run->ctx);
    free(run->log_path);
    free(run->best_path);
}

static int run_verb(int argc, char **argv)
{
    struct run run = {.set = {.save_every = 300}};

    if (app_parse(&train_usage, &run.set, argc, argv, &run.operands))
        return app_parse_status(&run.operands);
    const zoo_model_type *type = train_find_model(&train_usage, run.operands.item[0]);
    if (!type)
        return APP_USE;
    if (run.set.list) {
        train_list_model(type);
        return APP_OK;
    }
    if (!run.set.data || !run.set.output)
        return app_fail(&train_usage, APP_USE, "--%s FILE is missing",
                        run.set.data ? "output" : "data");
    const bool steps = app_given_text(&run.set.given, "steps"), epochs = run.set.epochs > 0;
    if (steps + epochs + (run.set.time > 0) > 1)
        return app_fail(&train_usage, APP_USE, "--%s and --%s exclude each other",
                        steps ? "steps" : "epochs", run.set.time > 0 ? "time" : "epochs");
    if (run.set.recipe && !train_find_recipe(&train_usage, run.set.recipe))
        return APP_USE;
    int status = APP_OK;
    if (!run.set.log)
        status = place_beside(&run.log_path, &run, ".jsonl", "the log", APP_OUT_LOG);
    if (!run.set.log)
        run.set.log = run.log_path;
    if (status == APP_OK)
        status = train_verb(&run, type);
    free_run(&run);
    if (status == APP_OK && caught) {
        fflush(stdout);
        raise(caught);
    }
    return status;
}

const app_verb app_verb_train = {"train", "Train a model on a data set.", run_verb};
