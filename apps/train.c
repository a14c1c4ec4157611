/*
 * train.c: graphop train: trains a model of the zoo on a data set.  Reads the
 * data set (and with --resume the model), writes the model and its log.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif

#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graphop.h"
#include "options.h"
#include "progress.h"
#include "report.h"
#include "trainlog.h"
#include "verbs.h"
#include "zoo/zoo.h"

/* "Not given": below what any option takes. */
#define NO_COUNT UINT64_MAX
#define NO_REAL -1.0
#define NO_CHOICE -1

/* A run that was asked for by time has no length until its speed is known. */
#define OPEN_LENGTH (UINT64_C(1) << 62)

struct settings {
    const char *data, *output, *preset, *log, *lambda;
    app_pairs set;
    uint64_t steps, batch, warmup, decay_every, seed, threads;
    double time, lr, weight_decay, momentum, decay, floor, clip, save_every;
    int optimiser, schedule;
    bool resume, list;
};

static const char *const optimisers[] = {"adam", "sgd", NULL};
static const char *const schedules[] = {"constant", "step", "cosine", NULL};

#define AT(field) offsetof(struct settings, field)

static const app_option options[] = {
    {"data", 'd', APP_TEXT, AT(data), "FILE", "The data set (.gds) to train on.", 0, 0, NULL,
     false},
    {"output", 'o', APP_TEXT, AT(output), "FILE", "The model (.gop) to write.", 0, 0, NULL,
     false},
    {"preset", 'p', APP_TEXT, AT(preset), "NAME", "A named configuration of the model.", 0, 0,
     NULL, false},
    {"set", 's', APP_PAIRS, AT(set), "KEY=VALUE",
     "Change one option of the model; may be repeated.", 0, 0, NULL, false},
    {"list", 0, APP_FLAG, AT(list), NULL,
     "List the model's presets and options with their defaults, and exit.", 0, 0, NULL, false},
    {"steps", 'n', APP_COUNT, AT(steps), "N", "Train for N steps.", 1, 1e9, NULL, false},
    {"time", 't', APP_SECONDS, AT(time), "TIME",
     "Train for about this long (90s, 20m, 1.5h): the number of steps is fixed once the speed is "
     "known.",
     1, 1e7, NULL, false},
    {"batch", 'b', APP_COUNT, AT(batch), "N", "Windows in a step.", 2, 65536, NULL, false},
    {"lr", 'l', APP_REAL, AT(lr), "X", "Learning rate.", 1e-12, 1e3, NULL, false},
    {"lambda", 'L', APP_TEXT, AT(lambda), "HOW",
     "Weight of the recognition loss against the prediction loss: a number from 0 to 1, or found "
     "at every step by multiple-gradient descent: exact, ub (upper bound) or ub-normalised.",
     0, 0, NULL, false},
    {"optimiser", 0, APP_CHOICE, AT(optimiser), "NAME", "How parameters move.", 0, 0, optimisers,
     false},
    {"momentum", 0, APP_REAL, AT(momentum), "X", "Momentum of sgd.", 0, 0.9999, NULL, false},
    {"weight-decay", 0, APP_REAL, AT(weight_decay), "X", "Added to gradients, times the weights.",
     0, 1, NULL, false},
    {"clip", 0, APP_REAL, AT(clip), "X", "Longest gradient, 0 for any.", 0, 1e9, NULL, false},
    {"schedule", 0, APP_CHOICE, AT(schedule), "NAME", "How the learning rate falls.", 0, 0,
     schedules, false},
    {"warmup", 0, APP_COUNT, AT(warmup), "N", "Steps over which the learning rate first rises.",
     0, 1e9, NULL, false},
    {"decay-every", 0, APP_COUNT, AT(decay_every), "N", "Steps between decays (step).", 1, 1e9,
     NULL, false},
    {"decay", 0, APP_REAL, AT(decay), "X", "Factor of a decay (step).", 0, 1, NULL, false},
    {"floor", 0, APP_REAL, AT(floor), "X", "Last learning rate as a share of the first (cosine).",
     0, 1, NULL, false},
    {"seed", 0, APP_COUNT, AT(seed), "N", "Seed of initial values, sampling and dropout.", 0,
     9e15, NULL, false},
    {"threads", 'j', APP_COUNT, AT(threads), "N",
     "Threads to use, 0 for one per processor; results do not depend on it.", 0, 1024, NULL,
     false},
    {"save-every", 0, APP_SECONDS, AT(save_every), "TIME", "Time between saves.", 0, 1e7, NULL,
     false},
    {"log", 0, APP_TEXT, AT(log), "FILE", "The log, instead of the model's name with .jsonl.", 0,
     0, NULL, false},
    {"resume", 'r', APP_FLAG, AT(resume), NULL,
     "Go on with the run in the output file, as if it had never stopped.", 0, 0, NULL, false},
    {0},
};

static const app_usage usage = {
    "train", "MODEL --data FILE --output FILE [OPTION]...",
    "Trains a model (symgnn) on the training sequences of a data set.  The same data, options and "
    "seed give the same bytes on one kind of CPU with any number of threads, and after any number "
    "of interruptions.",
    options, 1, 1};

/* A run and what it stands on. */
struct run {
    struct settings set;
    gop_ctx *ctx;
    zoo_dataset *data;
    zoo_model *model;
    zoo_trainer *trainer;
    zoo_training training;
    trainlog log;
};

/* Library errors: a value that makes no sense came from an option. */
static int fail(const gop_error *err)
{
    return app_fail_error(&usage, err->status == GOP_EINVAL ? APP_USE : APP_DATA, err);
}

/* ------------------------------------------------------------------ options */

static int list_model(const zoo_model_type *type)
{
    report_table presets = report_table_new("ll"), keys = report_table_new("lll");

    printf("%s: %s.\n%s\n\n", type->name, type->text, type->reference);
    report_cell(&presets, "preset");
    report_cell(&presets, "%s", "");
    for (const zoo_preset *p = type->presets; p->name; p++) {
        report_cell(&presets, "%s", p->name);
        report_cell(&presets, "%s%s%s%s", p->text, *p->settings ? " (" : "", p->settings,
                    *p->settings ? ")" : "");
    }
    report_table_print(&presets, stdout);
    putchar('\n');
    report_cell(&keys, "option");
    report_cell(&keys, "default");
    report_cell(&keys, "%s", "");
    for (const zoo_option *o = type->options; o->key; o++) {
        report_cell(&keys, "%s", o->key);
        report_cell(&keys, "%s", *o->standard ? o->standard : "-");
        if (o->choices)
            report_cell(&keys, "%s (%s)", o->text, o->choices);
        else if (o->kind == ZOO_OPTION_SWITCH)
            report_cell(&keys, "%s (0 or 1)", o->text);
        else
            report_cell(&keys, "%s (%g to %g)", o->text, o->low, o->high);
    }
    report_table_print(&keys, stdout);
    return APP_OK;
}

static int unknown_model(const char *typed)
{
    enum { MAX = 32 };
    const char *names[MAX + 1];
    size_t n = 0;

    for (const zoo_model_type *const *t = zoo_model_types(); *t && n < MAX; t++)
        names[n++] = (*t)->name;
    names[n] = NULL;
    return app_fail_unknown(&usage, "model", typed, names);
}

static int unknown_preset(const zoo_model_type *type, const char *typed)
{
    enum { MAX = 32 };
    const char *names[MAX + 1];
    size_t n = 0;

    for (const zoo_preset *p = type->presets; p->name && n < MAX; p++)
        names[n++] = p->name;
    names[n] = NULL;
    return app_fail_unknown(&usage, "preset", typed, names);
}

static int set_lambda(zoo_training *t, const char *text)
{
    if (strcmp(text, "exact") == 0) {
        t->lambda_mode = GOP_MGDA_EXACT;
    } else if (strcmp(text, "ub") == 0) {
        t->lambda_mode = GOP_MGDA_UB;
    } else if (strcmp(text, "ub-normalised") == 0) {
        t->lambda_mode = GOP_MGDA_UB_NORMALISED;
    } else {
        double v;
        if (!app_real(&v, text) || v < 0 || v > 1)
            return app_fail(&usage, APP_USE,
                            "--lambda takes a number from 0 to 1, exact, ub or ub-normalised, not "
                            "'%.64s'",
                            text);
        t->lambda_mode = GOP_MGDA_FIXED;
        t->lambda = v;
    }
    return APP_OK;
}

/* Overlays what was given on a run's settings. */
static int overlay(zoo_training *t, const struct settings *s)
{
    if (s->steps != NO_COUNT)
        t->steps = s->steps;
    if (s->batch != NO_COUNT)
        t->batch = (uint32_t)s->batch;
    if (s->seed != NO_COUNT)
        t->seed = s->seed;
    if (s->warmup != NO_COUNT)
        t->warmup = s->warmup;
    if (s->decay_every != NO_COUNT)
        t->decay_every = s->decay_every;
    if (s->lr >= 0)
        t->lr = s->lr;
    if (s->weight_decay >= 0)
        t->weight_decay = s->weight_decay;
    if (s->momentum >= 0)
        t->momentum = s->momentum;
    if (s->decay >= 0)
        t->decay = s->decay;
    if (s->floor >= 0)
        t->floor = s->floor;
    if (s->clip >= 0)
        t->clip = s->clip;
    if (s->optimiser >= 0)
        t->optimiser = s->optimiser == 0 ? ZOO_ADAM : ZOO_SGD;
    if (s->schedule >= 0)
        t->schedule = s->schedule == 0 ? ZOO_CONSTANT : s->schedule == 1 ? ZOO_STEP : ZOO_COSINE;
    return s->lambda ? set_lambda(t, s->lambda) : APP_OK;
}

/* The first option in which two runs differ, or NULL. */
static const char *difference(const zoo_training *a, const zoo_training *b)
{
    const struct {
        const char *name;
        bool differs;
    } check[] = {
        {"steps", a->steps != b->steps},
        {"batch", a->batch != b->batch},
        {"seed", a->seed != b->seed},
        {"optimiser", a->optimiser != b->optimiser},
        {"lr", a->lr != b->lr},
        {"weight-decay", a->weight_decay != b->weight_decay},
        {"momentum", a->momentum != b->momentum},
        {"schedule", a->schedule != b->schedule},
        {"warmup", a->warmup != b->warmup},
        {"decay-every", a->decay_every != b->decay_every},
        {"decay", a->decay != b->decay},
        {"floor", a->floor != b->floor},
        {"clip", a->clip != b->clip},
        {"lambda", a->lambda_mode != b->lambda_mode || a->lambda != b->lambda},
    };
    for (size_t i = 0; i < sizeof check / sizeof *check; i++) {
        if (check[i].differs)
            return check[i].name;
    }
    return NULL;
}

/* ------------------------------------------------------------- new, resumed */

static int build_model(zoo_model **model, const struct run *run, const zoo_model_type *type,
                       uint64_t seed)
{
    const struct settings *s = &run->set;
    gop_error err = {GOP_OK, ""};

    if (s->preset) {
        const zoo_preset *p = type->presets;
        while (p->name && strcmp(p->name, s->preset))
            p++;
        if (!p->name)
            return unknown_preset(type, s->preset);
    }
    if (zoo_model_new(model, type, s->preset, &run->data->domain, seed, &err))
        return fail(&err);
    for (size_t i = 0; i < s->set.count; i++) {
        if (zoo_model_set(*model, s->set.item[i].key, s->set.item[i].value, &err))
            return fail(&err);
    }
    return APP_OK;
}

static int start_new(struct run *run, const zoo_model_type *type)
{
    gop_error err = {GOP_OK, ""};

    run->training = zoo_training_default();
    int status = overlay(&run->training, &run->set);
    if (status)
        return status;
    if (run->set.time > 0) {
        if (run->training.warmup == 0)
            return app_fail(&usage, APP_USE, "--time needs a --warmup of at least one step");
        run->training.steps = OPEN_LENGTH;
    }
    status = build_model(&run->model, run, type, run->training.seed);
    if (status)
        return status;
    if (zoo_trainer_new(&run->trainer, run->ctx, run->model, run->data, &run->training, &err))
        return fail(&err);
    return APP_OK;
}

/* Options may be given again with --resume, but not changed. */
static int check_unchanged(struct run *run, const zoo_model_type *type)
{
    zoo_training asked = run->training;
    zoo_model *model = NULL;
    int status = overlay(&asked, &run->set);

    if (status)
        return status;
    const char *name = difference(&asked, &run->training);
    if (name)
        return app_fail(&usage, APP_USE, "%s is a run with another --%s, which --resume keeps",
                        run->set.output, name);
    if (run->model->type != type)
        return app_fail(&usage, APP_USE, "%s is a run of %s, not of %s", run->set.output,
                        run->model->type->name, type->name);
    if (!run->set.preset && run->set.set.count == 0)
        return APP_OK;
    status = build_model(&model, run, type, 0);
    for (const zoo_option *o = type->options; !status && o->key; o++) {
        char want[256], have[256];
        zoo_model_get(model, o, want, sizeof want);
        zoo_model_get(run->model, o, have, sizeof have);
        if (strcmp(want, have))
            status = app_fail(&usage, APP_USE, "%s is a run with %s=%s, which --resume keeps",
                              run->set.output, o->key, have);
    }
    zoo_model_free(model);
    return status;
}

static int start_resumed(struct run *run, const zoo_model_type *type)
{
    gop_error err = {GOP_OK, ""};

    if (zoo_trainer_resume(&run->trainer, &run->model, run->ctx, run->set.output, run->data,
                           &run->training, &err))
        return fail(&err);
    int status = check_unchanged(run, type);
    if (status)
        return status;
    if (run->training.steps == OPEN_LENGTH && run->set.time <= 0)
        return app_fail(&usage, APP_USE,
                        "%s stopped before its length was known; --time is needed again",
                        run->set.output);
    return APP_OK;
}

/* The log's file, which is only touched once everything else is known to be right. */
static int open_log(struct run *run)
{
    gop_error err = {GOP_OK, ""};
    char *path = NULL;
    gop_writer *probe;

    if (gop_writer_open(&probe, run->set.output, ZOO_MODEL_KIND, ZOO_MODEL_VERSION, &err))
        return fail(&err);
    gop_writer_abandon(probe);
    if (run->set.log) {
        path = strdup(run->set.log);
    } else {
        size_t size = strlen(run->set.output) + sizeof ".jsonl";
        path = malloc(size);
        if (path)
            snprintf(path, size, "%s.jsonl", run->set.output);
    }
    if (!path)
        return app_fail(&usage, APP_DATA, "out of memory");
    gop_status status =
        run->set.resume
            ? trainlog_continue(&run->log, path, zoo_trainer_steps(run->trainer), &err)
            : trainlog_new(&run->log, path, &err);
    free(path);
    if (status)
        return fail(&err);
    if (run->set.resume)
        trainlog_resumed(&run->log, zoo_trainer_steps(run->trainer));
    else
        trainlog_run(&run->log, run->model, run->data, &run->training);
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

    if (zoo_trainer_save(run->trainer, run->set.output, &err) || trainlog_flush(&run->log, &err))
        return fail(&err);
    return APP_OK;
}

/* Fixes the length of a run by time once a tenth of the time or all but one
 * step of the warm-up has passed. */
static void settle_length(struct run *run, double elapsed, uint64_t steps_now)
{
    uint64_t done = zoo_trainer_steps(run->trainer);

    if (run->training.steps != OPEN_LENGTH ||
        (elapsed < 0.1 * run->set.time && done + 1 < run->training.warmup))
        return;
    double left = (run->set.time - elapsed) * (double)steps_now / elapsed;
    run->training.steps = done + (left > 1 ? (uint64_t)left : 1);
    zoo_trainer_set_length(run->trainer, run->training.steps);
}

static void show(progress *bar, const struct run *run, const zoo_progress *p, double elapsed,
                 double rate)
{
    char memory[32];
    bool open = run->training.steps == OPEN_LENGTH;
    double share = open ? elapsed / run->set.time : (double)p->step / (double)run->training.steps;

    report_bytes(memory, sizeof memory, progress_peak_memory());
    progress_show(bar, share,
                  "step %" PRIu64 "  recognition %.3f  prediction %.4f  lambda %.2f  %.1f "
                  "samples/s  %s",
                  p->step, p->loss_recognition, p->loss_prediction, p->lambda, rate, memory);
}

static int train(struct run *run)
{
    gop_error err = {GOP_OK, ""};
    uint64_t first = zoo_trainer_steps(run->trainer);
    bool open = run->training.steps == OPEN_LENGTH;
    progress bar = progress_start(open ? 0 : (double)first / (double)run->training.steps);
    double start = progress_clock(), before = start, saved = start;
    int status = APP_OK;

    catch_signals(true);
    while (status == APP_OK && !caught && zoo_trainer_steps(run->trainer) < run->training.steps) {
        zoo_progress p;
        if (zoo_trainer_step(run->trainer, &p, &err)) {
            progress_clear(&bar);
            trainlog_flush(&run->log, NULL);
            return fail(&err);
        }
        double now = progress_clock();
        trainlog_step(&run->log, &p, run->training.batch / (now - before));
        before = now;
        settle_length(run, now - start, p.step - first);
        show(&bar, run, &p, now - start,
             (double)run->training.batch * (double)(p.step - first) / (now - start));
        if (now - saved >= run->set.save_every) {
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

static void print_start(const struct run *run)
{
    char params[32], madds[32], bytes[32];
    gop_net_stats stats = zoo_trainer_stats(run->trainer);

    report_grouped(params, sizeof params, gop_params_size(run->model->params));
    snprintf(madds, sizeof madds, "%.4g",
             1e-6 * (double)stats.madds / (double)run->training.batch);
    report_bytes(bytes, sizeof bytes, (double)stats.bytes);
    printf("%s %s on %s: %s parameters, %s M multiply-adds a window, %s for batches of %u.\n",
           run->model->type->name, run->model->preset, run->data->domain.name, params, madds,
           bytes, (unsigned)run->training.batch);
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

static int train_verb(struct run *run, const zoo_model_type *type)
{
    gop_error err = {GOP_OK, ""};

    if (gop_ctx_new(&run->ctx, (int)run->set.threads, 0, &err) ||
        zoo_dataset_load(&run->data, run->set.data, &err))
        return fail(&err);
    int status = run->set.resume ? start_resumed(run, type) : start_new(run, type);
    if (status == APP_OK)
        status = open_log(run);
    if (status != APP_OK)
        return status;
    uint64_t first = zoo_trainer_steps(run->trainer);
    double start = progress_clock();
    print_start(run);
    status = train(run);
    if (status == APP_OK)
        print_end(run, progress_clock() - start, first);
    return status;
}

static void free_run(struct run *run)
{
    trainlog_close(&run->log);
    zoo_trainer_free(run->trainer);
    zoo_model_free(run->model);
    zoo_dataset_free(run->data);
    gop_ctx_free(run->ctx);
}

static int run_verb(int argc, char **argv)
{
    struct run run = {
        .set = {.steps = NO_COUNT, .batch = NO_COUNT, .warmup = NO_COUNT, .decay_every = NO_COUNT,
                .seed = NO_COUNT, .time = NO_REAL, .lr = NO_REAL, .weight_decay = NO_REAL,
                .momentum = NO_REAL, .decay = NO_REAL, .floor = NO_REAL, .clip = NO_REAL,
                .save_every = 300, .optimiser = NO_CHOICE, .schedule = NO_CHOICE}};
    app_operands operands;

    if (app_parse(&usage, &run.set, argc, argv, &operands))
        return app_parse_status(&operands);
    const zoo_model_type *type = zoo_model_type_find(operands.item[0]);
    if (!type)
        return unknown_model(operands.item[0]);
    if (run.set.list)
        return list_model(type);
    if (!run.set.data || !run.set.output)
        return app_fail(&usage, APP_USE, "--%s FILE is missing",
                        run.set.data ? "output" : "data");
    if (run.set.steps != NO_COUNT && run.set.time > 0)
        return app_fail(&usage, APP_USE, "--steps and --time exclude each other");
    int status = train_verb(&run, type);
    free_run(&run);
    if (status == APP_OK && caught) {
        fflush(stdout);
        raise(caught);
    }
    return status;
}

const app_verb app_verb_train = {"train", "Train a model on a data set.", run_verb};
