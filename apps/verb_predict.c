/*
 * verb_predict.c: graphop predict: runs a model on a sequence of poses.  Reads a model and
 * poses, writes to stdout and with --svg one file.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif

#include <dirent.h>
#include <errno.h>
#include <stddef.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "graphop.h"
#include "horizon.h"
#include "options.h"
#include "plugins.h"
#include "predict_class.h"
#include "predict_print.h"
#include "predict_save.h"
#include "report.h"
#include "sequence.h"
#include "strip.h"
#include "verbs.h"
#include "zoo/zoo.h"

struct settings {
    const char *data, *source, *svg, *horizon, *output, *action;
    uint64_t from, threads;
    bool json, truth, features;
    uint64_t samples, seed; /* NO_SAMPLES: none */
    app_given choice;       /* of the most probable class: none, reject */
    app_plugins plugins;
};

#define NO_SAMPLES UINT64_MAX

#define AT(field)  offsetof(struct settings, field)

static const app_option options[] = {
    {"json", 'j', APP_FLAG, AT(json), NULL, "Write one JSON object.", 0, 0, NULL, false, NULL},
    {"data", 'd', APP_INPUT, AT(data), "FILE",
     "Take the poses from this data set (.gds); POSES is then the name of a sequence.", 0, 0, NULL,
     false, NULL},
    {"source", 0, APP_TEXT, AT(source), "NAME",
     "The format of POSES: {sources}.  By default that of the model's data, or the one that can "
     "read the file.",
     0, 0, NULL, false, "!data"},
    {"from", 'f', APP_COUNT, AT(from), "N",
     "Begin to observe at line N of POSES, counted from 1.  By default, begin as late as "
     "possible.",
     1, 1e9, NULL, false, NULL},
    {"action", 0, APP_TEXT, AT(action), "NAME",
     "The action of the poses, for a model that takes it as an input.  By default, that of the "
     "sequence of --data.",
     0, 0, NULL, false, NULL},
    {"horizon", 0, APP_TEXT, AT(horizon), "TIME",
     "Predict this far, in frames or as in 2s or 400ms: the model goes on from its own "
     "predictions.",
     0, 0, NULL, false, "!features"},
    {"output", 'o', APP_OUT_DATASET, AT(output), "FILE",
     "Write the predicted poses, and those that are known of the same time, as sequences of a data "
     "set (.gds).",
     0, 0, NULL, false, "!features"},
    {"truth", 't', APP_FLAG, AT(truth), NULL,
     "Hold back the poses after the observed ones and show them as the truth.", 0, 0, NULL, false,
     NULL},
    {"features", 0, APP_FLAG, AT(features), NULL,
     "Print what the layer of class scores reads, instead of the probabilities; with --json, "
     "besides them.",
     0, 0, NULL, false, "!truth"},
    {"samples", 0, APP_COUNT, AT(samples), "N",
     "Predict N times with dropout that draws, and show the means and the standard deviations; 0: "
     "of an ensemble, those of its members' predictions.",
     0, ZOO_MAX_SAMPLES, NULL, false, "!features"},
    {"seed", 0, APP_COUNT, AT(seed), "N", "The seed of dropout (default 0).", 0, 4294967295.0, NULL,
     false, "samples"},
    {"reject", 0, APP_STREAM_SETTING, AT(choice), "P", NULL, 0, 0, NULL, false, "!features"},
    {"none", 0, APP_STREAM_SETTING, AT(choice), "CLASS", NULL, 0, 0, NULL, false, "!features"},
    {"svg", 's', APP_OUT_DRAWING, AT(svg), "FILE",
     "Draw the observed, true and predicted poses "
     "to FILE (.svg).",
     0, 0, NULL, false, NULL},
    {"threads", 'T', APP_COUNT, AT(threads), "N",
     "Threads to use; 0 (default) is one per processor.  Results do not depend on it.", 0, 1024,
     NULL, false, NULL},
    APP_PLUGIN_ROW(AT(plugins), NULL),
    {0},
};

static const app_usage usage = {
    "predict",
    "MODEL POSES [OPTION]...",
    "Reads poses from a file of any format that prepare reads, from a folder that is one recording, "
    "from each file of another folder, or from standard input (-): one pose a line, as comma-separated numbers.  Prints the probability of "
    "each action and, if the model predicts poses, those that come next; for a folder, the most "
    "probable action of each file.",
    options,
    2,
    2,
    0};

static int fail(int status, const gop_error *err)
{
    return app_fail_error(&usage, status, err);
}

/* -------------------------------------------------------------------- poses */

static void *room(size_t n, size_t size)
{
    return calloc(n ? n : 1, size);
}

/* Takes a set, and the frames of its sequence i, of the first body, whose poses are shown. */
static gop_status take_frames(predict_answer *a, zoo_dataset *data, size_t i, gop_error *err)
{
    a->data = data;
    a->sequence = i;
    a->frames = data->sequence[i].frames;
    a->raw = room(a->frames * a->columns, sizeof *a->raw);
    if (!a->raw)
        return gop_fail(err, GOP_ENOMEM, "out of memory");
    return zoo_dataset_read(a->raw, data, i, 0, 0, a->frames, err);
}

static int from_dataset(predict_answer *a, const struct settings *set, const char *name)
{
    gop_error err = {GOP_OK, ""};
    zoo_dataset *data;
    int status = APP_OK;

    if (zoo_dataset_load(&data, set->data, &err))
        return fail(APP_DATA, &err);
    size_t i = app_sequence(data, name);
    if (i == data->sequences) {
        status = app_fail(&usage, APP_USE,
                          "%s has no sequence '%s'; 'graphop info --sequences' lists them",
                          set->data, name);
    } else if (zoo_domain_observes(&a->model->domain, &data->domain, &err)) {
        status = fail(APP_DATA, &err);
    } else {
        const zoo_sequence *s = &data->sequence[i];
        snprintf(a->title, sizeof a->title, "%s (%s)", data->domain.action[s->action], s->name);
        a->labelled = true;
        return take_frames(a, data, i, &err) ? fail(APP_DATA, &err) : APP_OK;
    }
    zoo_dataset_free(data);
    return status;
}

static int from_file(predict_answer *a, const struct settings *set, const char *path)
{
    const char *slash = strrchr(path, '/');
    gop_error err = {GOP_OK, ""};
    zoo_dataset *data;
    zoo_report report;

    if (zoo_read_one(&data, &report, set->source, &a->model->domain, path, &err))
        return fail(err.status == GOP_EINVAL ? APP_USE : APP_DATA, &err);
    for (size_t i = 0; i < report.findings; i++)
        app_fail(&usage, APP_OK, "%s", report.finding[i].text);
    zoo_report_clear(&report);
    if (take_frames(a, data, 0, &err))
        return fail(APP_DATA, &err);
    snprintf(a->title, sizeof a->title, "%s",
             strcmp(path, "-") == 0 ? "standard input"
             : slash                ? slash + 1
                                    : path);
    return APP_OK;
}

/* Whether an answer is about the whole recording. */
static bool by_clip(const predict_answer *a)
{
    return zoo_view_by_clip(&a->model->view) && a->predicted == 0;
}

/* Finds the first line of the window. */
static int place_window(predict_answer *a, const struct settings *set, const char *path)
{
    size_t used = a->observed + (set->truth ? a->predicted : 0);
    size_t needed = zoo_raw_frames(&a->model->domain, used);
    size_t first = set->from ? (size_t)set->from - 1 : 0;

    if (by_clip(a) && set->from)
        return app_fail(&usage, APP_USE,
                        "--from cannot be used: the model sees whole recordings, not windows");
    if (by_clip(a))
        return APP_OK;
    if (a->frames < needed || first > a->frames - needed) {
        char where[48] = "";
        if (set->from)
            snprintf(where, sizeof where, " from line %zu on", first + 1);
        return app_fail(&usage, APP_DATA, "%s: %zu poses%s, but %zu are needed", path,
                        a->frames - (first < a->frames ? first : a->frames), where, needed);
    }
    a->first = set->from ? first : a->frames - needed;
    return APP_OK;
}

/* ---------------------------------------------------------------- inference */

static void copy_frames(float *to, const predict_answer *a, size_t from, size_t n)
{
    size_t factor = a->model->domain.factor;

    for (size_t t = 0; t < n && from + t * factor < a->frames; t++)
        memcpy(to + t * a->columns, a->raw + (from + t * factor) * a->columns,
               a->columns * sizeof *to);
}

static void sort_classes(predict_answer *a)
{
    for (size_t i = 0; i < a->classes; i++) {
        size_t k = i;
        for (; k > 0 && a->scores[i] > a->scores[a->order[k - 1]]; k--)
            a->order[k] = a->order[k - 1];
        a->order[k] = i;
    }
}

/* The memory of a run of the model. */
struct inputs {
    zoo_viewer *viewer;
    double *time;             /* [observed] */
    gop_real *x, *bodies;     /* of one view */
    gop_real *scores, *poses; /* likewise */
    gop_real *features;       /* likewise */
    gop_real *deviation;      /* of the poses */
};

static void clear_inputs(struct inputs *in)
{
    zoo_viewer_free(in->viewer);
    free(in->time);
    free(in->x);
    free(in->bodies);
    free(in->scores);
    free(in->poses);
    free(in->features);
    free(in->deviation);
}

static gop_status open_inputs(struct inputs *in, const predict_answer *a, gop_error *err)
{
    const zoo_layout *l = &a->model->domain.layout;
    const size_t bodies = a->model->view.bodies, pose = bodies * l->nodes * l->channels;

    in->time = room(a->observed, sizeof *in->time);
    in->x = room(a->observed * pose, sizeof *in->x);
    in->bodies = room(bodies, sizeof *in->bodies);
    in->scores = room(a->classes, sizeof *in->scores);
    in->poses = room(a->predicted * pose, sizeof *in->poses);
    in->features = room(a->n_features, sizeof *in->features);
    in->deviation = room(a->predicted * pose, sizeof *in->deviation);
    if (!in->time || !in->x || !in->bodies || !in->scores || !in->poses || !in->features ||
        !in->deviation)
        return gop_fail(err, GOP_ENOMEM, "out of memory");
    return zoo_viewer_new(&in->viewer, a->data, &a->model->domain, &a->model->view, a->observed,
                          err);
}

/* Runs the model on view k of `views`. */
static gop_status run_view(predict_answer *a, struct inputs *in, size_t k, size_t views,
                           gop_error *err)
{
    const size_t n = zoo_sequence_length(a->data, a->sequence);

    if (by_clip(a))
        zoo_view_place(in->time, a->observed, &a->model->view, n, k, views);
    for (size_t t = 0; t < a->observed && !by_clip(a); t++)
        in->time[t] = (double)t;
    gop_status status = zoo_viewer_read(in->viewer, a->sequence, 0, by_clip(a) ? 0 : a->first,
                                        in->time, NULL, err);
    if (status)
        return status;
    zoo_viewer_show(in->viewer, in->x, NULL, in->bodies);
    status = predict_runner_run(&a->runner, in->x, in->bodies, in->scores, in->poses, in->deviation,
                                err);
    return status || !a->n_features
               ? status
               : zoo_inference_features(a->runner.inference[0], in->features, err);
}

/* Prepares the model, once for all files. */
static int open_model(predict_answer *a, const struct settings *set)
{
    const predict_way way = {.threads = (int)set->threads,
                             .features = set->features,
                             .frames = set->horizon ? a->predicted : 0,
                             .samples = a->samples,
                             .draws = set->samples != 0 && set->samples != NO_SAMPLES,
                             .seed = set->seed};
    gop_error err = {GOP_OK, ""};

    if (a->runner.n)
        return APP_OK;
    if (predict_runner_open(&a->runner, a->model, &way, &err))
        return fail(APP_DATA, &err);
    a->n_features = zoo_inference_n_features(a->runner.inference[0]);
    if (way.draws && !zoo_inference_draws(a->runner.inference[0]))
        return app_fail(&usage, APP_USE,
                        "--samples: no dropout lies before the poses that the model predicts, so "
                        "all predictions would be equal%s",
                        a->model->members > 1 ? "; --samples 0 takes the ensemble's members" : "");
    return APP_OK;
}

/* Converts deviations to the units of the data; values that the model does not predict have none. */
static void scale_deviations(predict_answer *a, const gop_real *deviation)
{
    const zoo_domain *d = &a->model->domain;
    const size_t D = d->layout.channels;

    for (size_t i = 0; i < d->layout.nodes * D; i++)
        for (size_t t = 0; t < a->predicted; t++) {
            const size_t c = d->layout.column[i];
            const gop_real normal = deviation[(i / D * a->predicted + t) * D + i % D];
            a->deviation[t * a->columns + c] = d->constant[c] ? 0 : (float)normal * d->std[c];
        }
}

/* Runs it on every view; scores and features are the means over these. */
static gop_status run_model(predict_answer *a, gop_error *err)
{
    const zoo_domain *d = &a->model->domain;
    const size_t asked = a->model->view.test_clips, views = by_clip(a) && asked > 1 ? asked : 1;
    struct inputs in = {.viewer = NULL};
    gop_status status = open_inputs(&in, a, err);

    for (size_t k = 0; k < views && !status; k++) {
        status = run_view(a, &in, k, views, err);
        for (size_t i = 0; i < a->classes; i++)
            a->scores[i] += in.scores[i];
        for (size_t i = 0; i < a->n_features; i++)
            a->features[i] += in.features[i];
    }
    for (size_t i = 0; i < a->classes && views > 1; i++)
        a->scores[i] /= (gop_real)views;
    for (size_t i = 0; i < a->n_features && views > 1; i++)
        a->features[i] /= (gop_real)views;
    if (!status) {
        /* Columns outside of the nodes keep their last observed values. */
        for (size_t t = 0; t < a->predicted; t++)
            memcpy(a->future + t * a->columns, a->past + (a->observed - 1) * a->columns,
                   a->columns * sizeof *a->future);
        zoo_denormalise(d, in.poses, a->predicted, a->future);
        if (a->samples)
            scale_deviations(a, in.deviation);
        sort_classes(a);
    }
    clear_inputs(&in);
    return status;
}

static int answer_window(predict_answer *a, const struct settings *set)
{
    gop_error err = {GOP_OK, ""};
    int status = open_model(a, set);

    if (!status)
        status = predict_class_give(a, &usage, set->action);
    if (status)
        return status;
    a->features = room(a->n_features, sizeof *a->features);
    a->past = room(a->observed * a->columns, sizeof *a->past);
    a->future = room(a->predicted * a->columns, sizeof *a->future);
    a->deviation = room(a->predicted * a->columns, sizeof *a->deviation);
    a->scores = room(a->classes, sizeof *a->scores);
    a->order = room(a->classes, sizeof *a->order);
    if (set->truth)
        a->truth = room(a->predicted * a->columns, sizeof *a->truth);
    if (!a->features || !a->past || !a->future || !a->deviation || !a->scores || !a->order ||
        (set->truth && !a->truth))
        return app_fail(&usage, APP_DATA, "out of memory");
    copy_frames(a->past, a, a->first, a->observed);
    if (set->truth)
        copy_frames(a->truth, a, a->first + a->observed * a->model->domain.factor, a->predicted);
    if (run_model(a, &err))
        return fail(APP_DATA, &err);
    return APP_OK;
}

/* ------------------------------------------------------------------- output */

static int draw(const predict_answer *a, const char *path)
{
    const zoo_domain *d = &a->model->domain;
    gop_error err = {GOP_OK, ""};
    char caption[512] = "";

    for (size_t i = 0, used = 0; i < a->classes && i < 4 && used < sizeof caption; i++)
        used += (size_t)snprintf(caption + used, sizeof caption - used, "%s%s %.0f %%",
                                 i ? ",  " : "", d->action[a->order[i]],
                                 100 * (double)a->scores[a->order[i]]);
    strip s = {.layout = &d->layout,
               .rate = d->rate / d->factor,
               .observed = a->observed,
               .predicted = a->predicted,
               .past = a->past,
               .future = a->future,
               .truth = a->truth,
               .deviation = a->samples ? a->deviation : NULL,
               .title = a->title,
               .caption = caption};
    if (strip_write(path, &s, &err))
        return fail(err.status == GOP_EINVAL ? APP_USE : APP_DATA, &err);
    return APP_OK;
}

static void clear_poses(predict_answer *a)
{
    free(a->past);
    free(a->truth);
    free(a->future);
    free(a->deviation);
    free(a->scores);
    free(a->features);
    free(a->order);
    free(a->raw);
    zoo_dataset_free(a->data);
    a->data = NULL;
    a->labelled = false;
    a->past = a->truth = a->future = a->deviation = a->raw = NULL;
    a->scores = a->features = NULL;
    a->order = NULL;
}

/* Keeps the answer for --output. */
static int keep(predict_answer *a, const struct settings *set)
{
    gop_error err = {GOP_OK, ""};

    if (set->output && predict_save_add(&a->kept, a, &err))
        return fail(APP_DATA, &err);
    return APP_OK;
}

/* Reads one file or sequence and runs the model on it. */
static int answer_one(predict_answer *a, const struct settings *set, const char *poses)
{
    int status = set->data ? from_dataset(a, set, poses) : from_file(a, set, poses);

    if (!status)
        status = place_window(a, set, poses);
    if (!status)
        status = answer_window(a, set);
    return status ? status : keep(a, set);
}

/* ------------------------------------------------------------------ folders */

static bool is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Answers a file of a folder, or a folder that is one recording.  A pipe there would block, another
 * folder is not searched. */
static int answer_file(predict_answer *a, const struct settings *set, const char *path)
{
    struct stat st;

    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !zoo_folder_is_one(set->source, path))
        return app_fail(&usage, APP_DATA, "%s: not a regular file", path);
    return answer_one(a, set, path);
}

static int no_dots(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* Adds a file's row, after a heading if it is the first, or prints what has no place in a row. */
static void show_row(predict_answer *a, const struct settings *set, report_table *table, bool first)
{
    if (set->json) {
        predict_print_json(a);
    } else if (a->classes && !set->features) {
        if (first) {
            report_cell(table, "file");
            report_cell(table, "action");
            report_cell(table, "probability");
        }
        report_cell(table, "%s", a->title);
        const size_t action = a->chooses ? predict_action(a) : a->order[0];
        report_cell(table, "%s", action != SIZE_MAX ? a->model->domain.action[action] : "-");
        report_cell(table, "%.3f", (double)a->scores[a->order[0]]);
    } else {
        app_printable(a->title);
        printf("%s: ", a->title);
        predict_print_text(a);
    }
}

/* Answers each file of a folder.  A bad file is reported and the others are answered. */
static int answer_folder(predict_answer *a, const struct settings *set, const char *dir)
{
    struct dirent **entry;
    report_table table = report_table_new("llr");
    const int n = scandir(dir, &entry, no_dots, by_bytes);
    int worst = APP_OK, status = APP_OK;
    size_t good = 0;

    if (n < 0)
        return app_fail(&usage, APP_DATA, "cannot read folder %s: %s", dir, strerror(errno));
    for (int i = 0; i < n; i++) {
        const size_t size = strlen(dir) + strlen(entry[i]->d_name) + 2;
        char *path = malloc(size);
        if (!path || status == APP_USE) {
            status = path ? status : app_fail(&usage, APP_DATA, "out of memory");
        } else {
            snprintf(path, size, "%s/%s", dir, entry[i]->d_name);
            status = answer_file(a, set, path);
        }
        if (!status)
            show_row(a, set, &table, good == 0);
        good += !status;
        worst = status > worst ? status : worst;
        clear_poses(a);
        free(path);
        free(entry[i]);
    }
    free(entry);
    if (n == 0)
        worst = app_fail(&usage, APP_DATA, "%s: the folder has no files", dir);
    if (a->classes && !set->json && !set->features && good > 0)
        report_table_print(&table, stdout);
    return worst;
}

/* ------------------------------------------------------------------- verb */

/* Checks the options that need a model which predicts, and how far it is to predict. */
static int check_predicts(predict_answer *a, const struct settings *set, const char *path)
{
    const char *const option = set->truth                   ? "truth"
                               : set->horizon               ? "horizon"
                               : set->output                ? "output"
                               : set->samples != NO_SAMPLES ? "samples"
                                                            : NULL;

    if (option && a->predicted == 0)
        return app_fail(&usage, APP_USE, "--%s cannot be used with %s, which predicts no poses",
                        option, path);
    if (set->samples == 0 && a->model->members < 2)
        return app_fail(&usage, APP_USE,
                        "--samples 0 takes the members of an ensemble, and %s is none; give the "
                        "number of predictions",
                        path);
    if (set->samples != NO_SAMPLES)
        a->samples = set->samples ? (size_t)set->samples : a->model->members;
    return set->horizon ? app_horizon(&a->predicted, &usage, set->horizon, &a->model->domain)
                        : APP_OK;
}

/* Writes what was kept; a bad file of a folder does not keep the others from being written. */
static int write_kept(const predict_answer *a, const struct settings *set, int status)
{
    gop_error err = {GOP_OK, ""};

    if (a->kept && status != APP_USE && zoo_dataset_save(a->kept, set->output, &err))
        return fail(APP_DATA, &err);
    return status;
}

/* Sets by what an action is named. */
static int check_choice(predict_answer *a, const struct settings *set, const char *path)
{
    gop_error err = {GOP_OK, ""};

    a->by = zoo_stream_default();
    if (app_given_apply(&set->choice, zoo_stream_settings(), &a->by, &err))
        return fail(APP_USE, &err);
    a->chooses = a->by.reject > 0 || a->by.none[0] != '\0';
    if (a->chooses && a->classes == 0)
        return app_fail(&usage, APP_USE, "--%s cannot be used with %s, which recognises no actions",
                        a->by.reject > 0 ? "reject" : "none", path);
    if (a->by.none[0] != '\0' && zoo_domain_action(&a->model->domain, a->by.none) == SIZE_MAX)
        return app_fail(&usage, APP_USE, "--none: the model has no class '%s'", a->by.none);
    return APP_OK;
}

static int answer_all(predict_answer *a, const struct settings *set, char **operand)
{
    gop_error err = {GOP_OK, ""};

    if (zoo_model_load(&a->model, app_types(&set->plugins), operand[0], &err))
        return fail(APP_DATA, &err);
    a->observed = zoo_model_observed(a->model);
    a->predicted = zoo_model_predicted(a->model);
    a->classes = zoo_model_recognises(a->model) ? a->model->domain.actions : 0;
    a->columns = a->model->domain.layout.columns;
    int unfit = check_predicts(a, set, operand[0]);
    if (!unfit)
        unfit = check_choice(a, set, operand[0]);
    if (unfit)
        return unfit;
    if (set->features && a->classes == 0)
        return app_fail(&usage, APP_USE,
                        "--features cannot be used with %s, which recognises no actions",
                        operand[0]);
    const bool folder = !set->data && is_folder(operand[1]) &&
                        !zoo_folder_is_one(set->source, operand[1]);
    if (folder && set->svg)
        return app_fail(&usage, APP_USE, "--svg cannot be used with a folder");
    if (folder)
        return write_kept(a, set, answer_folder(a, set, operand[1]));
    int status = answer_one(a, set, operand[1]);
    if (!status && set->svg)
        status = draw(a, set->svg);
    status = write_kept(a, set, status);
    if (status)
        return status;
    if (set->json)
        predict_print_json(a);
    else
        predict_print_text(a);
    return APP_OK;
}

static int run(int argc, char **argv)
{
    struct settings set = {.samples = NO_SAMPLES};
    predict_answer a = {.model = NULL};
    app_operands operands;

    if (app_parse(&usage, &set, argc, argv, &operands))
        return app_parse_status(&operands);
    int status = set.source ? app_check_source(&usage, set.source) : APP_OK;
    if (!status)
        status = answer_all(&a, &set, operands.item);
    clear_poses(&a);
    zoo_dataset_free(a.kept);
    predict_runner_clear(&a.runner);
    zoo_model_free(a.model);
    return status;
}

const app_verb app_verb_predict = {"predict", "Recognise the action and predict the next poses.",
                                   run};
