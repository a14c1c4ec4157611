/*
 * bench_run.c: see bench_run.h.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "bench_run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bench_data.h"
#include "plugins.h"
#include "progress.h"

static int fail(const gop_error *err)
{
    return app_fail_error(&bench_usage, err->status == GOP_EINVAL ? APP_USE : APP_DATA, err);
}

/* ------------------------------------------------------------------- opening */

static int make_domain(bench_subject *s, const bench_settings *set, const bench_sizes *sizes)
{
    gop_error err = {GOP_OK, ""};
    zoo_layout layout;
    size_t classes = set->classes == UINT64_MAX ? 8 : set->classes;
    size_t nodes = sizes->nodes ? sizes->nodes : set->nodes == UINT64_MAX ? 0 : set->nodes;
    gop_status status;

    if (set->run.data) {
        status = zoo_dataset_load(&s->data, set->run.data, &err);
        if (!status)
            status = zoo_domain_copy(&s->domain, &s->data->domain, &err);
    } else if (nodes) {
        status = bench_chain(&s->domain, nodes, classes, &err);
    } else {
        const char *name = set->layout ? set->layout : "cmu26";
        if (zoo_layout_open(&layout, name, &err))
            return app_fail_layout(&bench_usage, name, &err);
        status = bench_domain(&s->domain, &layout, classes, &err);
        zoo_layout_clear(&layout);
    }
    return status ? fail(&err) : APP_OK;
}

/* Multiplies the numbers of an option by a factor; results below 1 become 1. */
static gop_status widen(zoo_model *model, const zoo_setting *option, double by, gop_error *err)
{
    char have[ZOO_VALUE_SIZE], want[2 * ZOO_VALUE_SIZE];
    size_t used = 0;

    zoo_model_get(model, option, have, sizeof have);
    want[0] = '\0';
    for (char *at = have; *at && used + 24 < sizeof want;) {
        double v = floor(strtod(at, &at) * by);
        used += (size_t)snprintf(want + used, sizeof want - used, "%.0f%s", v > 1 ? v : 1,
                                 *at ? "," : "");
        at += *at == ',';
    }
    return zoo_model_set(model, option->key, want, err);
}

static bool among(const char *key, const char *words)
{
    size_t n = strlen(key);

    while (words && *words) {
        if (strncmp(words, key, n) == 0 && (words[n] == ' ' || !words[n]))
            return true;
        words += strcspn(words, " ");
        words += strspn(words, " ");
    }
    return false;
}

static int resize(zoo_model *model, const bench_sizes *sizes)
{
    gop_error err = {GOP_OK, ""};
    gop_status status = GOP_OK;
    char text[32];

    snprintf(text, sizeof text, "%zu", sizes->frames);
    if (sizes->frames)
        status = zoo_model_set(model, "observed", text, &err);
    for (const zoo_setting *o = model->type->options; o->key && sizes->width > 0 && !status; o++) {
        if (among(o->key, model->type->widths))
            status = widen(model, o, sizes->width, &err);
    }
    return status ? fail(&err) : APP_OK;
}

/* A name that looks like a path counts as a file, so that the error for a missing file is not
 * "unknown model". */
static bool is_file(const char *name)
{
    struct stat st;
    return strpbrk(name, "./") || stat(name, &st) == 0;
}

static int make_model(bench_subject *s, const bench_settings *set, const char *name,
                      const bench_sizes *sizes)
{
    gop_error err = {GOP_OK, ""};
    const zoo_model_type *const *types = app_types(&set->run.plugins);
    const zoo_model_type *type = zoo_model_type_find(types, name);

    if (!type && is_file(name)) {
        if (set->what == BENCH_TRAIN || set->layout || set->run.data || set->run.preset ||
            set->run.variant || set->run.set.count || set->nodes != UINT64_MAX ||
            set->classes != UINT64_MAX || app_given_text(&set->run.given, "bodies") || set->scaling)
            return app_fail(&bench_usage, APP_USE,
                            "%s is a trained model; only its inference can be measured, and "
                            "without changes",
                            name);
        if (zoo_model_load(&s->model, types, name, &err) ||
            zoo_domain_copy(&s->domain, &s->model->domain, &err))
            return fail(&err);
        return APP_OK;
    }
    type = train_find_model(&bench_usage, types, name);
    if (!type)
        return APP_USE;
    int status = make_domain(s, set, sizes);
    if (status == APP_OK)
        status = train_build_model(&bench_usage, &s->model, &set->run,
                                   &(train_plan){.automatic = false}, type, &s->domain,
                                   &s->training);
    return status == APP_OK ? resize(s->model, sizes) : status;
}

/* The first windows of the data, for inference. */
static gop_status fill_inputs(bench_subject *s, gop_error *err)
{
    const zoo_layout *l = &s->domain.layout;
    const size_t bodies = s->model->view.bodies;
    size_t batch = s->training.batch, pose = bodies * l->nodes * l->channels;
    size_t observed = zoo_model_observed(s->model), predicted = zoo_model_predicted(s->model);
    zoo_sampler *sampler;

    s->x = calloc(batch * pose * observed, sizeof *s->x);
    s->scores = calloc(batch * s->domain.actions, sizeof *s->scores);
    s->poses = calloc(batch * pose * (predicted + 1), sizeof *s->poses);
    s->bodies = calloc(batch * bodies, sizeof *s->bodies);
    s->frame = calloc(batch * pose, sizeof *s->frame);
    if (!s->x || !s->frame || !s->bodies || !s->scores || !s->poses)
        return gop_fail(err, GOP_ENOMEM, "out of memory for windows");
    gop_status status = zoo_sampler_new(&sampler, s->data,
                                        &(zoo_windows){.view = s->model->view,
                                                       .observed = observed,
                                                       .predicted = predicted,
                                                       .seed = s->training.seed},
                                        err);
    if (status)
        return status;
    status = zoo_sampler_next(sampler, batch, &(zoo_batch){.x = s->x, .bodies = s->bodies}, err);
    zoo_sampler_free(sampler);
    return status;
}

int bench_open(bench_subject *s, const bench_settings *set, const char *name,
               const bench_sizes *sizes)
{
    gop_error err = {GOP_OK, ""};

    static const char *const of_training[] = {"lambda", "optimiser", NULL};

    memset(s, 0, sizeof *s);
    s->training = zoo_training_default();
    const train_plan none = {.automatic = false};
    int status = train_overlay(&bench_usage, &s->training, &set->run, &none);
    if (status == APP_OK)
        status = make_model(s, set, name, sizes);
    if (status != APP_OK)
        return status;
    bool infer = set->what == BENCH_INFER || set->what == BENCH_STEP ||
                 !zoo_model_type_find(app_types(&set->run.plugins), name);
    for (size_t i = 0; of_training[i] && infer; i++) {
        if (app_given_text(&set->run.given, of_training[i]))
            return app_fail(&bench_usage, APP_USE,
                            "--%s cannot be used with inference, only with training",
                            of_training[i]);
    }
    status = train_check_losses(&bench_usage, &s->training, &set->run, s->model);
    if (status != APP_OK)
        return status;
    if (infer && !app_given_text(&set->run.given, "batch"))
        s->training.batch = 1;
    if (sizes->batch)
        s->training.batch = (uint32_t)sizes->batch;
    if (!s->data && bench_data(&s->data, &s->domain,
                               zoo_model_observed(s->model) + zoo_model_predicted(s->model),
                               s->model->view.bodies, &err))
        return fail(&err);
    if (gop_ctx_new(&s->ctx, (int)set->run.threads, gop_memory_available(), &err))
        return fail(&err);
    if (infer) {
        if (zoo_inference_new(&s->inference, s->ctx, s->model, s->training.batch, &err) ||
            fill_inputs(s, &err))
            return fail(&err);
        s->net = zoo_inference_net(s->inference);
        const zoo_use use = {.batch = s->training.batch};
        if (set->what == BENCH_STEP) {
            if (zoo_inference_stepper(&s->stepper, NULL, s->ctx, s->model, &use, 0, &err))
                return fail(&err);
            s->net = gop_stepper_net(s->stepper);
        }
    } else {
        if (zoo_trainer_new(&s->trainer, s->ctx, s->model, s->data, &s->training, &err))
            return fail(&err);
        s->net = zoo_trainer_net(s->trainer);
    }
    return APP_OK;
}

void bench_close(bench_subject *s)
{
    zoo_trainer_free(s->trainer);
    zoo_inference_free(s->inference);
    gop_stepper_free(s->stepper);
    zoo_model_free(s->model);
    zoo_dataset_free(s->data);
    zoo_domain_clear(&s->domain);
    gop_ctx_free(s->ctx);
    free(s->x);
    free(s->bodies);
    free(s->frame);
    free(s->scores);
    free(s->poses);
}

/* -------------------------------------------------------------------- timing */

/* Pushes the frames of the first windows. */
static gop_status push_window(bench_subject *s, gop_error *err)
{
    const zoo_layout *l = &s->domain.layout;
    const size_t frames = zoo_model_observed(s->model), pose = l->channels;
    const size_t nodes = s->training.batch * s->model->view.bodies * l->nodes;
    gop_status status = GOP_OK;

    for (size_t t = 0; t < frames && !status; t++) {
        for (size_t i = 0; i < nodes; i++)
            memcpy(s->frame + i * pose, s->x + (i * frames + t) * pose, pose * sizeof *s->x);
        status = gop_stepper_push(s->stepper, s->frame, nodes * pose, err);
    }
    return status;
}

gop_status bench_once(bench_subject *s, gop_error *err)
{
    if (s->stepper && !s->windows)
        return push_window(s, err);
    if (s->trainer)
        return zoo_trainer_step(s->trainer, NULL, err);
    return zoo_inference_run(s->inference, s->x, s->bodies, s->scores, s->poses, err);
}

static int in_order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* The smallest of n sorted values such that at least this share of them is not above it. */
static double percentile(const double *sorted, size_t n, double share)
{
    size_t rank = (size_t)ceil(share * (double)n);
    return sorted[rank > 0 ? rank - 1 : 0];
}

static double median(const double *sorted, size_t n)
{
    return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
}

static void summarise(bench_times *t, double *seconds, double *processor, size_t n)
{
    double sum = 0;

    qsort(seconds, n, sizeof *seconds, in_order);
    for (size_t i = 0; i < n; i++)
        sum += seconds[i];
    t->count = n;
    t->p50 = median(seconds, n);
    t->p90 = percentile(seconds, n, 0.9);
    t->p99 = percentile(seconds, n, 0.99);
    t->min = seconds[0];
    t->max = seconds[n - 1];
    t->mean = sum / (double)n;
    qsort(processor, n, sizeof *processor, in_order);
    t->processor = median(processor, n);
}

gop_status bench_measure(bench_times *times, bench_subject *s, uint64_t warm_up, uint64_t repeat,
                         double seconds, gop_error *err)
{
    enum { FEWEST = 5, MOST = 1000 };
    bool open = repeat == UINT64_MAX;
    size_t room = open ? MOST : (size_t)repeat, n = 0;
    double *run = calloc(2 * room, sizeof *run), start = 0;
    gop_status status = GOP_OK;

    if (!run)
        return gop_fail(err, GOP_ENOMEM, "out of memory for times");
    double *used = run + room; /* seconds of processor */
    times->first = NAN;
    for (uint64_t i = 0; i < warm_up && !status; i++) {
        double before = progress_clock();
        status = bench_once(s, err);
        if (i == 0)
            times->first = progress_clock() - before;
    }
    start = progress_clock();
    while (!status && n < room && (!open || n < FEWEST || progress_clock() - start < seconds)) {
        double before = progress_clock(), used_before = progress_processor();
        status = bench_once(s, err);
        used[n] = progress_processor() - used_before;
        run[n++] = progress_clock() - before;
    }
    if (!status)
        summarise(times, run, used, n);
    free(run);
    return status;
}
