/*
 * train_seeds.c: graphop train --seeds: one run for each seed, one after the other.  All outputs are
 * named, checked and locked before the first run.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "number.h"
#include "output.h"
#include "seeds_report.h"
#include "signals.h"
#include "train_run.h"

enum { DIGITS = 24 };

/* All runs. */
typedef struct seeds {
    train_run *run;       /* [n] */
    char (*text)[DIGITS]; /* [n], their seeds */
    seed_result *result;  /* [n] */
    size_t n;
    train_run summary; /* only its names, with "seeds" for a number */
} seeds;

static int out_of_memory(void)
{
    return app_fail(&train_usage, APP_DATA, "out of memory");
}

/* --------------------------------------------------------------------- names */

/* PATH with ".NUMBER" before the ending of its last part; NULL if there is no memory. */
static char *number_path(const char *path, const char *number)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    const char *dot = strrchr(base, '.');
    const int stem = (int)((dot && dot > base ? dot : path + strlen(path)) - path);
    const size_t size = strlen(path) + strlen(number) + 2;
    char *numbered = malloc(size);

    if (numbered)
        snprintf(numbered, size, "%.*s.%s%s", stem, path, number, path + stem);
    return numbered;
}

/* A device or a folder has no numbered neighbours that anybody wants. */
static int check_regular(const char *option, const char *path)
{
    struct stat st;

    if (!path || stat(path, &st) != 0 || S_ISREG(st.st_mode))
        return APP_OK;
    return app_fail(&train_usage, APP_USE,
                    "--%s %s is not a regular file, and --seeds writes one for each seed", option,
                    path);
}

/* Names the model and the log of a run, from those of `base`. */
static int name_run(train_run *run, const train_run *base, const char *number)
{
    *run = *base;
    run->output_path = number_path(base->set.output, number);
    run->log_path = base->set.log ? number_path(base->set.log, number) : NULL;
    if (!run->output_path || (base->set.log && !run->log_path))
        return out_of_memory();
    run->set.output = run->output_path;
    run->set.log = run->log_path;
    return APP_OK;
}

/* Checks the names.  The log's is checked here if it comes from an option. */
static int check_names(train_run *run, bool model)
{
    const app_output output = {"--output", run->set.output, APP_OUT_RUN, run->set.resume};
    const app_output log = {"--log", run->set.log, APP_OUT_LOG, false};
    int status = APP_OK;

    if (model)
        status = app_check_output(&train_usage, &run->set, &run->operands, &output);
    if (status == APP_OK && log.path)
        return app_check_output(&train_usage, &run->set, &run->operands, &log);
    return status == APP_OK ? train_place_log(run) : status;
}

static bool holds_out(const train_run *run)
{
    const char *text = app_given_text(&run->set.given, "validate");

    return text && strtod(text, NULL) > 0;
}

/* Finds the first seed. */
static int first_seed(uint64_t *seed, const train_run *base)
{
    const zoo_setting *s = zoo_setting_find(zoo_training_settings(), "seed");
    const char *text = app_given_text(&base->set.given, "seed");

    *seed = zoo_training_default().seed;
    if (text && !app_count(seed, text))
        return app_fail(&train_usage, APP_USE, "--seed takes a whole number, not '%.64s'", text);
    if ((double)*seed + (double)base->set.seeds - 1 > s->high)
        return app_fail(&train_usage, APP_USE,
                        "--seeds %" PRIu64 " from --seed %" PRIu64 " on goes beyond %.0f",
                        base->set.seeds, *seed, s->high);
    return APP_OK;
}

/* Makes the settings of all runs.  With --resume, those whose models are not there are new. */
static int name_runs(seeds *all, const train_run *base)
{
    const zoo_setting *settings = zoo_training_settings();
    const size_t at = (size_t)(zoo_setting_find(settings, "seed") - settings);
    bool resumes = false;
    uint64_t seed = 0;
    int status = first_seed(&seed, base);

    for (size_t i = 0; i < all->n && status == APP_OK; i++) {
        train_run *run = &all->run[i];
        all->result[i].seed = seed + i;
        snprintf(all->text[i], DIGITS, "%" PRIu64, seed + i);
        status = name_run(run, base, all->text[i]);
        run->set.given.text[at] = all->text[i];
        run->passes_over = true;
        if (status != APP_OK)
            break;
        run->set.resume = base->set.resume && access(run->set.output, F_OK) == 0;
        resumes = resumes || run->set.resume;
        all->result[i].model = run->set.output;
    }
    if (status == APP_OK && base->set.resume && !resumes)
        all->run[0].set.resume = true; /* its reader reports the missing file */
    for (size_t i = 0; i < all->n && status == APP_OK; i++) {
        status = check_names(&all->run[i], true);
        if (status == APP_OK && holds_out(&all->run[i]))
            status = train_place_best(&all->run[i]);
    }
    if (status == APP_OK)
        status = name_run(&all->summary, base, "seeds");
    return status == APP_OK ? check_names(&all->summary, false) : status;
}

/* -------------------------------------------------------------------- resume */

/* In what a new run would differ from a former one, beyond the seed; NULL: in nothing. */
static const char *difference(char *buf, size_t size, const train_run *new, const train_run *former)
{
    /* A seed chooses the subjects that are held out, and so the length of an epoch. */
    const char *except = new->training.validate_by == ZOO_HOLD_SUBJECTS
                             ? "init seed steps warmup decay_every decay_at validate_every"
                         : new->set.time > 0 ? "init seed steps"
                                             : "init seed";
    const zoo_setting *s = zoo_settings_difference(zoo_training_settings(), &new->training,
                                                   &former->training, except);
    const zoo_setting *o = zoo_settings_difference(
        new->model->type->options, new->model->config.bytes, former->model->config.bytes, NULL);
    char name[64];

    if (s)
        snprintf(buf, size, "--%s", app_option_name(name, sizeof name, s->key));
    else if (o)
        snprintf(buf, size, "--set %s", o->key);
    else if (former->training.init != (new->from ? zoo_model_fingerprint(new->from) : 0))
        snprintf(buf, size, "--init-from");
    else
        return NULL;
    return buf;
}

/* Checks that new runs have the settings of those that are resumed, before any of them takes hours. */
static int check_alike(seeds *all, const zoo_model_type *type)
{
    train_run *new = NULL, *former = NULL;
    char what[96];

    for (size_t i = all->n; i-- > 0;)
        *(all->run[i].set.resume ? &former : &new) = &all->run[i];
    if (!new || !former)
        return APP_OK;
    int status = train_start(former, type);
    if (status == APP_OK)
        status = train_start(new, type);
    if (status == APP_OK && difference(what, sizeof what, new, former))
        status = app_fail(&train_usage, APP_USE,
                          "%s is not there and would be trained with another %s than %s; give the "
                          "options of the first command again",
                          new->set.output, what, former->set.output);
    train_end(new);
    train_end(former);
    return status;
}

/* ---------------------------------------------------------------------- runs */

static int take_runs(seeds *all, const zoo_model_type *type)
{
    int status = check_alike(all, type);

    for (size_t i = 0; i < all->n && status == APP_OK && !app_signal_noted(); i++) {
        train_run *run = &all->run[i];
        seed_result *r = &all->result[i];
        printf("%sSeed %" PRIu64 ", %zu of %zu:\n", i ? "\n" : "", r->seed, i + 1, all->n);
        fflush(stdout);
        status = train_once(run, type);
        r->steps = zoo_trainer_steps(run->trainer);
        r->last = run->last;
        r->best = zoo_trainer_best(run->trainer);
        train_end(run);
    }
    return status;
}

int train_seeds(const train_run *base, const zoo_model_type *type)
{
    seeds all = {.n = (size_t)base->set.seeds};
    gop_error err = {GOP_OK, ""};
    int status = check_regular("output", base->set.output);

    if (status == APP_OK)
        status = check_regular("log", base->set.log);
    if (status != APP_OK)
        return status;
    all.run = calloc(all.n, sizeof *all.run);
    all.text = calloc(all.n, sizeof *all.text);
    all.result = calloc(all.n, sizeof *all.result);
    status = all.run && all.text && all.result ? name_runs(&all, base) : out_of_memory();
    if (status == APP_OK)
        status = take_runs(&all, type);
    if (status == APP_OK && !app_signal_noted()) {
        seeds_print(all.result, all.n);
        if (seeds_log(all.summary.set.log, all.result, all.n, &err))
            status = app_fail_error(&train_usage, APP_DATA, &err);
        else
            printf("\nThese figures are in %s.\n", all.summary.set.log);
    }
    for (size_t i = 0; i < all.n && all.run; i++)
        train_free_names(&all.run[i]);
    train_free_names(&all.summary);
    free(all.run);
    free(all.text);
    free(all.result);
    return status;
}
