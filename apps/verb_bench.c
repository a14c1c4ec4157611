/*
 * verb_bench.c: graphop bench: measures how fast a model trains or answers on this machine,
 * compares it with matrix products, and breaks the time down by operator. Writes to stdout only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench_run.h"
#include "ceiling.h"
#include "profile_table.h"
#include "progress.h"
#include "report.h"
#include "verbs.h"

/* All results; times are in seconds per run. */
typedef struct findings {
    bench_times times;
    uint64_t warm_up;
    ceiling top;
    profile_table profile;
    double madds[2], gflops;
    double planned, peak;
    bench_times window; /* beside steps: inferences, and their multiply-adds */
    double window_madds;
} findings;

static int fail(const gop_error *err)
{
    return app_fail_error(&bench_usage, APP_DATA, err);
}

/* ------------------------------------------------------------------ measuring */

/* Profiles separate runs, so that profiling does not disturb the timed ones.  The first run only
 * refills the caches after the ceiling was measured. */
static gop_status break_down(findings *f, bench_subject *s, bool each, gop_error *err)
{
    enum { MOST = 20 };
    size_t runs = f->times.count < MOST ? f->times.count : MOST;
    gop_status status = bench_once(s, err);

    if (!status)
        status = gop_net_profile(s->net, true, err);
    double start = progress_clock();

    for (size_t i = 0; i < runs && !status; i++)
        status = bench_once(s, err);
    if (status)
        return status;
    f->profile = profile_gather(s->net, runs, progress_clock() - start, each);
    for (int k = 0; k < 2; k++)
        f->madds[k] = (double)f->profile.madds[k] / (double)runs;
    f->gflops = 2e-9 * (f->madds[0] + f->madds[1]) / f->times.p50;
    return gop_net_profile(s->net, false, err);
}

static int measure(findings *f, bench_subject *s, const bench_settings *set)
{
    gop_error err = {GOP_OK, ""};

    f->warm_up = set->warm_up == UINT64_MAX ? BENCH_WARM_UP : set->warm_up;
    f->planned = (double)gop_net_costs(s->net).bytes;
    if (bench_measure(&f->times, s, f->warm_up, set->repeat, 2, &err))
        return fail(&err);
    f->peak = progress_peak_memory();
    if (s->stepper) {
        s->windows = true;
        f->window_madds = (double)zoo_inference_stats(s->inference).madds;
        if (bench_measure(&f->window, s, f->warm_up, set->repeat, 2, &err))
            return fail(&err);
        s->windows = false;
    }
    if (ceiling_measure(&f->top, s->ctx, &err) || break_down(f, s, set->each, &err) ||
        ceiling_measure(&f->top, s->ctx, &err))
        return fail(&err);
    return APP_OK;
}

/* ------------------------------------------------------------------- printing */

static char *lambda_text(char *buf, size_t size, const zoo_training *t)
{
    zoo_setting_get(zoo_setting_find(zoo_training_settings(), "lambda"), t, buf, size);
    return buf;
}

/* The steps of a frame beside a window that slides by a frame. */
typedef struct step_figures {
    double frame, window;                     /* seconds, the median */
    double frame_processor, window_processor; /* of all threads */
    double madds;                             /* of a frame */
    double time, work;                        /* what the window costs in frames */
    gop_step_reach reach;
} step_figures;

static step_figures figures_of(const findings *f, const bench_subject *s)
{
    step_figures t = {.frame = f->times.p50 / (double)zoo_model_observed(s->model),
                      .window = f->window.p50,
                      .frame_processor = f->times.processor / (double)zoo_model_observed(s->model),
                      .window_processor = f->window.processor,
                      .madds = gop_stepper_costs(s->stepper).madds,
                      .reach = gop_stepper_reach(s->stepper, 0)};
    t.time = t.window / t.frame;
    t.work = f->window_madds / t.madds;
    return t;
}

static void print_steps(const findings *f, const bench_subject *s)
{
    const step_figures t = figures_of(f, s);
    printf("A frame takes %.4f ms (of the processors %.4f) and %.4g M multiply-adds, a window of "
           "%zu frames %.3f ms (%.3f) and %.4g M: sliding it by a frame takes %.1f times the time "
           "and %.1f times the work.\n"
           "Scores come every %llu frames and look %llu frames ahead.\n",
           1e3 * t.frame, 1e3 * t.frame_processor, 1e-6 * t.madds, zoo_model_observed(s->model),
           1e3 * t.window, 1e3 * t.window_processor, 1e-6 * f->window_madds, t.time, t.work,
           (unsigned long long)t.reach.every, (unsigned long long)t.reach.ahead);
}

static void print(const findings *f, const bench_subject *s)
{
    char text[32], more[32];
    const bench_times *t = &f->times;
    const size_t predicted = zoo_model_predicted(s->model);
    int threads = gop_ctx_threads(s->ctx);

    printf("%s %s, %s", s->model->type->name, s->model->preset,
           s->trainer   ? "training step"
           : s->stepper ? "steps of a frame, as many as a window has"
                        : "inference");
    if (s->trainer && predicted)
        printf(" with lambda %s", lambda_text(text, sizeof text, &s->training));
    printf(": layout %s, %u nodes, %zu", s->domain.layout.name, (unsigned)s->domain.layout.nodes,
           zoo_model_observed(s->model));
    if (predicted)
        printf(" + %zu", predicted);
    printf(" frames, %zu classes, batch %u, %d thread%s; %s parameters.\n", s->domain.actions,
           (unsigned)s->training.batch, threads, threads == 1 ? "" : "s",
           report_grouped(more, sizeof more, gop_params_size(s->model->params)));
    printf("%zu runs after %llu to warm up, ms: median %.3f, p90 %.3f, p99 %.3f, min %.3f, max "
           "%.3f",
           t->count, (unsigned long long)f->warm_up, 1e3 * t->p50, 1e3 * t->p90, 1e3 * t->p99,
           1e3 * t->min, 1e3 * t->max);
    printf("; of the processors %.3f", 1e3 * t->processor);
    if (isfinite(t->first))
        printf("; first warm-up run %.3f", 1e3 * t->first);
    printf(".\n%.1f samples/s; %.4g M multiply-adds forward and %.4g M backward a run: %.1f "
           "GFLOP/s.\n",
           s->training.batch / t->p50, 1e-6 * f->madds[0], 1e-6 * f->madds[1], f->gflops);
    printf("Ceiling %.1f GFLOP/s (kernel %s, products of %zu x %zu x %zu on each thread); the "
           "runs reach %.1f %% of it.\n",
           f->top.gflops, gop_ctx_kernel(s->ctx), f->top.m, f->top.k, f->top.n,
           100 * f->gflops / f->top.gflops);
    if (s->stepper)
        print_steps(f, s);
    printf("Memory: %s planned, %s resident at the peak.\n\n",
           report_bytes(text, sizeof text, f->planned), report_bytes(more, sizeof more, f->peak));
    profile_print(&f->profile, stdout);
}

static void print_json(const findings *f, const bench_subject *s)
{
    report_json json = report_json_on(stdout);
    const bench_times *t = &f->times;
    char text[64];

    report_object(&json, NULL);
    report_text(&json, "model", s->model->type->name);
    report_text(&json, "preset", s->model->preset);
    report_text(&json, "what",
                bench_whats[s->trainer   ? BENCH_TRAIN
                            : s->stepper ? BENCH_STEP
                                         : BENCH_INFER]);
    if (s->trainer && zoo_model_predicted(s->model))
        report_text(&json, "lambda", lambda_text(text, sizeof text, &s->training));
    report_text(&json, "layout", s->domain.layout.name);
    report_count(&json, "nodes", s->domain.layout.nodes);
    report_count(&json, "observed", zoo_model_observed(s->model));
    report_count(&json, "predicted", zoo_model_predicted(s->model));
    report_count(&json, "classes", s->domain.actions);
    report_count(&json, "batch", s->training.batch);
    report_count(&json, "threads", (uint64_t)gop_ctx_threads(s->ctx));
    report_text(&json, "kernel", gop_ctx_kernel(s->ctx));
    report_count(&json, "parameters", gop_params_size(s->model->params));
    report_count(&json, "warm_up", f->warm_up);
    report_count(&json, "runs", t->count);
    report_number(&json, "first", t->first);
    report_number(&json, "p50", t->p50);
    report_number(&json, "p90", t->p90);
    report_number(&json, "p99", t->p99);
    report_number(&json, "min", t->min);
    report_number(&json, "max", t->max);
    report_number(&json, "mean", t->mean);
    report_number(&json, "processor", t->processor);
    report_number(&json, "samples_per_second", s->training.batch / t->p50);
    report_number(&json, "madds_forward", f->madds[0]);
    report_number(&json, "madds_backward", f->madds[1]);
    report_number(&json, "gflops", f->gflops);
    report_number(&json, "ceiling_gflops", f->top.gflops);
    snprintf(text, sizeof text, "%zux%zux%zu", f->top.m, f->top.k, f->top.n);
    report_text(&json, "ceiling_shape", text);
    report_number(&json, "ceiling_share", f->gflops / f->top.gflops);
    report_number(&json, "planned_bytes", f->planned);
    report_number(&json, "peak_bytes", f->peak);
    if (s->stepper) {
        const step_figures step = figures_of(f, s);
        report_number(&json, "frame_p50", step.frame);
        report_number(&json, "frame_processor", step.frame_processor);
        report_number(&json, "frame_madds", step.madds);
        report_number(&json, "window_p50", step.window);
        report_number(&json, "window_processor", step.window_processor);
        report_number(&json, "window_madds", f->window_madds);
        report_number(&json, "time_ratio", step.time);
        report_number(&json, "work_ratio", step.work);
        report_count(&json, "every", step.reach.every);
        report_count(&json, "ahead", step.reach.ahead);
        report_count(&json, "state_bytes", gop_stepper_costs(s->stepper).state);
    }
    report_end_object(&json);
    profile_print_json(&f->profile, stdout);
}

/* ----------------------------------------------------------------------- verb */

static int check(const bench_settings *set, const app_operands *operands)
{
    if (operands->count > 1)
        return app_fail(&bench_usage, APP_USE, "unexpected argument '%.64s'", operands->item[1]);
    if (set->scaling && set->nodes != UINT64_MAX && set->nodes > ZOO_MAX_NODES / 2)
        return app_fail(&bench_usage, APP_USE,
                        "--nodes takes at most %d with --scaling, which doubles it",
                        ZOO_MAX_NODES / 2);
    return APP_OK;
}

static int run(int argc, char **argv)
{
    bench_settings set = {.nodes = UINT64_MAX,
                          .classes = UINT64_MAX,
                          .repeat = UINT64_MAX,
                          .warm_up = UINT64_MAX,
                          .what = -1};
    const bench_sizes as_set = {0, 0, 0, 0};
    app_operands operands;
    bench_subject s;
    findings f;

    if (app_parse(&bench_usage, &set, argc, argv, &operands))
        return app_parse_status(&operands);
    if (strcmp(operands.item[0], "ops") == 0)
        return bench_ops(&set, operands.item + 1, operands.count - 1);
    int status = check(&set, &operands);
    if (status != APP_OK)
        return status;
    if (set.scaling)
        return bench_scaling(&set, operands.item[0]);
    memset(&f, 0, sizeof f);
    status = bench_open(&s, &set, operands.item[0], &as_set);
    if (status == APP_OK)
        status = measure(&f, &s, &set);
    if (status == APP_OK)
        (set.json ? print_json : print)(&f, &s);
    profile_free(&f.profile);
    bench_close(&s);
    return status;
}

const app_verb app_verb_bench = {"bench", "Measure the speed of a model or an operator.", run};
