/*
 * train_report.c: prints the reports of graphop train to stdout, and profiles to stderr.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "profile_table.h"
#include "progress.h"
#include "report.h"
#include "train_run.h"

/* Prints how many tensors were copied from --init-from, and the first of the others. */
static void print_initialised(const train_run *run)
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
    int at = printf("%zu of %zu tensors are copied from %s; initialised: ", all - fresh, all,
                    run->set.init_from);
    report_paragraph(stdout, fresh ? text : "none", at, 0);
}

/* Prints what the run is too short for.  A run by time has its length at the end only. */
static void print_too_short(const train_run *run)
{
    const zoo_training *t = &run->training;
    const uint64_t decay = t->schedule == ZOO_STEP ? t->decay_every : 0;
    const uint64_t measured = run->best_path ? t->validate_every : 0;
    const struct {
        bool late;
        uint64_t steps;
        const char *what, *effect;
    } row[] = {
        {t->warmup > 0 && t->steps <= t->warmup, t->warmup, "warm-up takes",
         "the learning rate stays below --lr"},
        {decay > 0 && t->steps <= decay, decay, "first decay comes after",
         "the learning rate never decays"},
        {t->steps < measured, measured, "first validation comes after",
         "the held-out sequences are measured once, at the end"},
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        if (row[i].late)
            printf("The %s %" PRIu64 " steps, and the run has %" PRIu64 ": %s.\n", row[i].what,
                   row[i].steps, t->steps, row[i].effect);
    }
}

/* Prints the options that go beyond a plain run. */
static void print_more(const train_run *run)
{
    const zoo_training *t = &run->training;
    const lengths *l = &run->lengths;
    const size_t sequences = l->n_usable - l->n_held;

    lengths_print(l, &run->data->domain, run->best_path != NULL);
    if (run->from)
        print_initialised(run);
    if (*t->freeze)
        printf("Frozen: %s.\n", t->freeze);
    if (t->clip_frames > zoo_model_observed(run->model) + zoo_model_predicted(run->model))
        printf("The model observes %zu and predicts %zu of %" PRIu64 " frames.\n",
               zoo_model_observed(run->model), zoo_model_predicted(run->model), t->clip_frames);
    if (t->noisy_labels > 0)
        printf("%.0f of %zu training sequences have exchanged their labels.\n",
               floor(t->noisy_labels * (double)sequences + 0.5), sequences);
    if (t->noisy_targets > 0)
        printf("%.0f of %zu training sequences have exchanged their targets.\n",
               floor(t->noisy_targets * (double)sequences + 0.5), sequences);
    if (run->best_path)
        printf("%zu training sequences are held out and measured every %" PRIu64 " steps.\n",
               l->n_held, t->validate_every);
    if (run->set.epochs > 0)
        printf("%" PRIu64 " epochs of %zu windows are %" PRIu64 " steps.\n", run->set.epochs,
               sequences, t->steps);
}

/* Prints what was chosen for the run. */
static void print_recipe(const train_run *run)
{
    const zoo_choice *c = &run->plan.choice;

    if (!run->plan.automatic || c->recipe.settings[0] == '\0')
        return;
    report_paragraph(stdout, c->recipe.settings, printf("Recipe auto, %s: ", c->recipe.name), 2);
    if (c->no_poses)
        printf("Most sequences are too short for predicted poses, so the model only recognises.\n");
}

void train_print_start(const train_run *run)
{
    char params[32], madds[32], bytes[32];
    gop_net_cost stats = zoo_trainer_stats(run->trainer);

    report_grouped(params, sizeof params, gop_params_size(run->model->params));
    snprintf(madds, sizeof madds, "%.4g", 1e-6 * (double)stats.madds / (double)run->training.batch);
    report_bytes(bytes, sizeof bytes, (double)stats.bytes);
    printf("%s %s on %s: %s parameters, %s M multiply-adds a window, %s for batches of %u.\n",
           run->model->type->name, run->model->preset, run->data->domain.name, params, madds, bytes,
           (unsigned)run->training.batch);
    print_recipe(run);
    print_more(run);
    if (run->training.steps != ZOO_OPEN)
        print_too_short(run);
    fflush(stdout);
}

void train_print_end(const train_run *run, double seconds, uint64_t first, bool stopped)
{
    char time[32], memory[32];
    uint64_t done = zoo_trainer_steps(run->trainer);

    if (run->set.time > 0 && run->training.steps != ZOO_OPEN)
        print_too_short(run);
    report_duration(time, sizeof time, seconds);
    report_bytes(memory, sizeof memory, progress_peak_memory());
    if (stopped)
        printf("Stopped at step %" PRIu64 "; --resume continues from %s.\n", done, run->set.output);
    else
        printf("%" PRIu64 " steps in %s, %.1f samples a second, %s of memory; saved as %s.\n",
               done - first, time,
               seconds > 0
                   ? (double)zoo_training_windows(&run->training) * (double)(done - first) / seconds
                   : 0,
               memory, run->set.output);
}

/* "Best on the held-out sequences, after step 300: loss 0.21, top-1 91.0 %; saved as
 * m.gop.best." */
void train_print_best(const train_run *run)
{
    const zoo_validation best = zoo_trainer_best(run->trainer);

    if (!run->best_path || best.step == 0)
        return;
    printf("Best on the held-out sequences, after step %" PRIu64 ": loss %.4g", best.step,
           best.loss);
    if (!isnan(best.top1))
        printf(", top-1 %.1f %%", 100 * best.top1);
    if (access(run->best_path, F_OK) == 0)
        printf("; saved as %s.\n", run->best_path);
    else
        printf("; its file %s is gone.\n", run->best_path);
}

void train_print_profile(const train_run *run, double seconds, uint64_t first)
{
    profile_table table = profile_gather(zoo_trainer_net(run->trainer),
                                         zoo_trainer_steps(run->trainer) - first, seconds, false);
    fflush(stdout);
    profile_print(&table, stderr);
    profile_free(&table);
}
