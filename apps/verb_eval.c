/*
 * verb_eval.c: graphop eval: measures a model on the test sequences of a data set.
 * Reads both, writes to stdout and with --confusion and --scores a file each.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "confusion.h"
#include "eval_choice.h"
#include "eval_early.h"
#include "eval_report.h"
#include "graphop.h"
#include "horizon.h"
#include "number.h"
#include "options.h"
#include "plugins.h"
#include "progress.h"
#include "verbs.h"
#include "zoo/zoo.h"

struct settings {
    const char *data, *protocol, *clips, *horizon, *confusion, *scores;
    uint64_t observed, predicted, batch, threads, top;
    double pck;
    int pck_of;
    bool json, std, early;
    app_plugins plugins;
};

#define AT(field) offsetof(struct settings, field)

static const app_option options[] = {
    {"data", 'd', APP_INPUT, AT(data), "FILE", "The data set (.gds) to measure on.", 0, 0, NULL,
     true, NULL},
    {"protocol", 'p', APP_TEXT, AT(protocol), "NAME",
     "The evaluation protocol: {protocols}.  By default, every protocol that suits the data, "
     "except variants of others.",
     0, 0, NULL, false, NULL},
    {"clips", 0, APP_TEXT, AT(clips), "LIST",
     "Clips to draw of each action, for the prediction protocols that draw them: a number "
     "(default 8, or the protocol's), or 'all' for every window.  Several values, separated by commas, are measured "
     "one after the other.",
     0, 0, NULL, false, NULL},
    {"horizon", 0, APP_TEXT, AT(horizon), "TIME",
     "Measure predictions of this length, in frames or as in 2s or 400ms.  A model that predicts "
     "fewer frames goes on from its own predictions.",
     0, 0, NULL, false, "MODEL"},
    {"std", 0, APP_FLAG, AT(std), NULL, "Show standard deviations across clips.", 0, 0, NULL, false,
     "!json"},
    {"top", 0, APP_COUNT, AT(top), "K",
     "Also show top-K accuracy, the share of clips whose action is among the K most probable.", 1,
     ZOO_MAX_ACTIONS, NULL, false, "MODEL"},
    {"early", 0, APP_FLAG, AT(early), NULL,
     "Measure recognition when only the first 10, 20, ... 100 % of each clip are observed.", 0, 0,
     NULL, false, "MODEL !protocol !clips !horizon !std !top !confusion !scores !pck"},
    {"confusion", 0, APP_OUT_CONFUSION, AT(confusion), "FILE",
     "Write the confusion matrices: FILE ends in .txt for a table, .csv for values or .svg for a "
     "picture.",
     0, 0, NULL, false, "MODEL"},
    {"scores", 0, APP_OUT_SCORES, AT(scores), "FILE",
     "Write the probabilities of each clip of recognition as comma-separated values.", 0, 0, NULL,
     false, "MODEL"},
    {"pck", 0, APP_REAL, AT(pck), "LIMIT",
     "Also show PCK, the share of joints whose error is at most this.  JSON always has it "
     "(default 0.05).",
     1e-6, 1e6, NULL, false, NULL},
    {"pck-of", 0, APP_CHOICE, AT(pck_of), "WHAT",
     "Unit of the limit: the longest side of the box around the true pose, each column's standard "
     "deviation, or a metre.",
     0, 0, eval_pck_scales, false, "pck|json"},
    {"json", 'j', APP_FLAG, AT(json), NULL, "Write one JSON object a line.", 0, 0, NULL, false,
     NULL},
    {"observed", 0, APP_COUNT, AT(observed), "N", "Without a model: frames observed (default 50).",
     1, 4096, NULL, false, "!MODEL"},
    {"predicted", 0, APP_COUNT, AT(predicted), "N",
     "Without a model: frames predicted (default 25).", 2, 256, NULL, false, "!MODEL"},
    {"batch", 'b', APP_COUNT, AT(batch), "N",
     "Clips in a run (default 16); results do not depend "
     "on it.",
     1, 65536, NULL, false, "MODEL"},
    {"threads", 'T', APP_COUNT, AT(threads), "N",
     "Threads to use; 0 (default) is one per processor.  Results do not depend on it.", 0, 1024,
     NULL, false, "MODEL"},
    APP_PLUGIN_ROW(AT(plugins), NULL),
    {0},
};

static const app_usage usage = {
    "eval",
    "[MODEL] --data FILE [OPTION]...",
    "Measures a model on the test sequences of a data set: the errors of its predicted poses next "
    "to those of zero velocity (the last observed pose, repeated), and the share of clips whose "
    "action it recognises.  Without a model, measures zero velocity alone.",
    options,
    0,
    1,
    0};

/* --------------------------------------------------------------------- runs */

static int fail(int status, const gop_error *err)
{
    return app_fail_error(&usage, status, err);
}

/* What a run measures, and the results that it keeps for the end. */
#define MAX_SETS 16
#define EVERY    SIZE_MAX
#define MAX_KEPT 8

typedef struct measuring {
    const struct settings *set;
    const zoo_dataset *data;
    const zoo_predictor *model;
    size_t sets, clips[MAX_SETS]; /* numbers of clips to draw; 0: the protocol's, EVERY: all */
    bool unasked;      /* no protocol was named: those without a long enough sequence are skipped */
    size_t measured;   /* protocols with a result */
    gop_error first;   /* why the first skipped protocol has none */
    char without[256]; /* names of the skipped protocols */
    size_t kept;
    zoo_table *table[MAX_KEPT]; /* results whose confusion matrices are to be written */
    gop_file *scores;           /* of --scores, or NULL */
} measuring;

/* Writes the scores of a clip. */
static gop_status save_scores(void *user, const zoo_scored *clip, gop_error *err)
{
    const measuring *m = user;

    (void)err; /* gop_file_commit reports what could not be written */
    zoo_scores_line(gop_file_stream(m->scores), clip, &m->data->domain);
    return GOP_OK;
}

/* The file of scores while it is written: a table without memory ends the process. */
static gop_file *unfinished;

static void discard_unfinished(void)
{
    gop_file_discard(unfinished);
}

/* Completes it if the measuring did not fail. */
static int close_scores(measuring *m, int status)
{
    gop_error err = {GOP_OK, ""};

    if (!m->scores || status != APP_OK)
        gop_file_discard(m->scores);
    else if (gop_file_commit(m->scores, &err))
        status = fail(APP_DATA, &err);
    m->scores = unfinished = NULL;
    return status;
}

/* Begins the file of scores. */
static int open_scores(measuring *m)
{
    gop_error err = {GOP_OK, ""};

    if (!m->set->scores)
        return APP_OK;
    if (gop_file_new(&m->scores, m->set->scores, &err))
        return fail(APP_DATA, &err);
    unfinished = m->scores;
    if (atexit(discard_unfinished)) {
        close_scores(m, APP_DATA);
        return app_fail(&usage, APP_DATA, "out of memory");
    }
    zoo_scores_heading(gop_file_stream(m->scores), &m->data->domain);
    return APP_OK;
}

/* Records a protocol that has no sequences to measure. */
static void pass_over(measuring *m, const zoo_protocol *protocol, const gop_error *err)
{
    size_t used = strlen(m->without);

    if (m->first.status == GOP_OK)
        m->first = *err;
    if (strstr(m->without, protocol->name) == NULL)
        snprintf(m->without + used, sizeof m->without - used, "%s%s", used ? ", " : "",
                 protocol->name);
}

static int measure_clips(measuring *m, const zoo_protocol *protocol, size_t clips)
{
    const struct settings *set = m->set;
    zoo_measure measure = {.clips = clips == EVERY ? 0 : clips,
                           .every_clip = clips == EVERY,
                           .top = set->top,
                           .pck_limit = set->pck,
                           .pck_scale = (zoo_pck_scale)set->pck_of,
                           .seen = m->scores ? save_scores : NULL,
                           .user = m};
    gop_error err = {GOP_OK, ""};
    progress bar = progress_start(0);
    zoo_table *table;

    progress_show(&bar, -1, "measuring %s", protocol->name);
    gop_status status = zoo_evaluate(&table, protocol, m->data, m->model, &measure, &err);
    progress_clear(&bar);
    if (status == GOP_EFORMAT && m->unasked) {
        pass_over(m, protocol, &err);
        return APP_OK;
    }
    m->measured++;
    if (status)
        return fail(err.status == GOP_EINVAL ? APP_USE : APP_DATA, &err);
    if (set->json)
        eval_json(table, &m->data->domain);
    else if (table->rows)
        eval_print(table, &m->data->domain, set->std);
    fflush(stdout);
    if (set->confusion && table->confusion && table->rows && m->kept < MAX_KEPT)
        m->table[m->kept++] = table;
    else
        zoo_table_free(table);
    return APP_OK;
}

static int measure(measuring *m, const zoo_protocol *protocol)
{
    int status = APP_OK;

    for (size_t i = 0; i < m->sets && status == APP_OK; i++) {
        status = measure_clips(m, protocol, m->clips[i]);
        if (protocol->cut != ZOO_CUT_DRAWN)
            break;
    }
    return status;
}

/* Parses "8,256,all". */
static int parse_clips(measuring *m, const char *list)
{
    const char *at = list;

    m->sets = 0;
    do {
        char word[24];
        size_t n = strcspn(at, ",");
        uint64_t count = 0;
        snprintf(word, sizeof word, "%.*s", n < sizeof word ? (int)n : (int)sizeof word - 1, at);
        if (strcmp(word, "all") == 0)
            m->clips[m->sets] = EVERY;
        else if (app_count(&count, word) && count >= 1 && count <= 1000000)
            m->clips[m->sets] = (size_t)count;
        else
            return app_fail(&usage, APP_USE,
                            "--clips takes numbers from 1 to 1000000 or 'all', separated by "
                            "commas, not '%.64s'",
                            list);
        m->sets++;
        at += n;
    } while (*at++ == ',' && m->sets < MAX_SETS);
    if (at[-1] != '\0')
        return app_fail(&usage, APP_USE, "--clips takes at most %d values", MAX_SETS);
    return APP_OK;
}

static int write_confusion(const measuring *m, const char *model)
{
    const zoo_domain *domain = &m->data->domain;
    confusion_matrix matrix[MAX_KEPT];
    confusion c = {.model = model, .classes = domain->actions, .n = m->kept, .matrix = matrix};
    const char **name = malloc((domain->actions + 1) * sizeof *name);
    gop_error err = {GOP_OK, ""};

    if (!name)
        return app_fail(&usage, APP_DATA, "out of memory");
    for (size_t i = 0; i < domain->actions; i++)
        name[i] = domain->action[i];
    for (size_t i = 0; i < m->kept; i++) {
        matrix[i].title = m->table[i]->protocol->name;
        matrix[i].count = m->table[i]->confusion;
    }
    c.name = name;
    gop_status status = confusion_write(m->set->confusion, &c, &err);
    free(name);
    return status ? fail(APP_DATA, &err) : APP_OK;
}

static int find_protocol(const zoo_protocol **protocol, const char *name)
{
    enum { MAX = 32 };
    const char *names[MAX + 1];
    size_t n = 0;

    *protocol = zoo_protocol_find(name);
    if (*protocol)
        return APP_OK;
    for (const zoo_protocol *p = zoo_protocol_list(); p->name && n < MAX; p++)
        names[n++] = p->name;
    names[n] = NULL;
    return app_fail_unknown(&usage, "protocol", name, names);
}

/* ------------------------------------------------------------------ options */

static bool draws(const zoo_protocol *p)
{
    return p->cut == ZOO_CUT_DRAWN;
}

static bool recognises(const zoo_protocol *p)
{
    return p->task == ZOO_RECOGNITION;
}

static bool predicts(const zoo_protocol *p)
{
    return p->task == ZOO_PREDICTION;
}

static bool places(const zoo_protocol *p)
{
    return p->count == ZOO_COUNT_POSITIONS || p->count == ZOO_COUNT_JOINTS ||
           p->count == ZOO_COUNT_ALL_JOINTS;
}

/* Checks that each option has an effect on the named protocol or, with NULL, on one of those that
 * are measured. */
static int check_options(const measuring *m, const zoo_protocol *named)
{
    const struct settings *set = m->set;
    const struct {
        const char *name;
        bool given;
        bool (*effect)(const zoo_protocol *p);
        const char *verb, *object;
    } option[] = {{"clips", set->clips != NULL, draws, "draws", "clips"},
                  {"horizon", set->horizon != NULL, predicts, "predicts", "poses"},
                  {"confusion", set->confusion != NULL, recognises, "recognises", "actions"},
                  {"scores", set->scores != NULL, recognises, "recognises", "actions"},
                  {"top", set->top > 0, recognises, "recognises", "actions"},
                  {"std", set->std, predicts, "predicts", "poses"},
                  {"pck", set->pck > 0, places, "compares", "places of joints"},
                  {"pck-of", set->pck_of > 0, places, "compares", "places of joints"}};

    for (size_t i = 0; i < sizeof option / sizeof *option; i++) {
        char names[256] = "";
        size_t used = 0;
        bool effect = !option[i].given;
        for (const zoo_protocol *p = zoo_protocol_list(); p->name && !effect; p++) {
            if (named ? p != named : !eval_applies(p, m->data, m->model))
                continue;
            effect = option[i].effect(p);
            if (used < sizeof names)
                used += (size_t)snprintf(names + used, sizeof names - used, "%s%s",
                                         used ? ", " : "", p->name);
        }
        if (!effect && named)
            return app_fail(&usage, APP_USE, "--%s cannot be used with protocol %s, which %s no %s",
                            option[i].name, named->name, option[i].verb, option[i].object);
        if (!effect && used)
            return app_fail(&usage, APP_USE, "--%s has no effect: none of the protocols %s %s %s",
                            option[i].name, names, option[i].verb, option[i].object);
    }
    return APP_OK;
}

static int measure_named(measuring *m, const zoo_protocol *one)
{
    if (eval_lacks(one, m->model))
        return app_fail(&usage, APP_USE, "protocol %s measures %s", one->name,
                        m->model->recognises ? "predicted poses, but the model predicts none"
                                             : "recognition, but the model only predicts");
    int status = check_options(m, one);
    return status == APP_OK ? measure(m, one) : status;
}

/* No protocol has to do with the data and the model. */
static int nothing_to_measure(const measuring *m)
{
    const bool one = m->model->predicted == 1 && !m->model->recognises;

    return app_fail(&usage, APP_USE, "no protocol measures this model on these data%s",
                    one ? ": errors are given from the second predicted frame on, and it predicts "
                          "one; --horizon has more"
                        : "");
}

static int measure_all(measuring *m)
{
    const zoo_protocol *one;
    int status = APP_OK;

    if (m->set->protocol) {
        status = find_protocol(&one, m->set->protocol);
        return status ? status : measure_named(m, one);
    }
    m->unasked = true;
    status = check_options(m, NULL);
    for (const zoo_protocol *p = zoo_protocol_list(); p->name && status == APP_OK; p++) {
        if (eval_applies(p, m->data, m->model))
            status = measure(m, p);
    }
    if (status == APP_OK && m->measured == 0)
        return m->first.status != GOP_OK ? fail(APP_DATA, &m->first) : nothing_to_measure(m);
    if (status == APP_OK && !m->set->json) {
        eval_print_left_out(m->data, m->model);
        if (m->without[0] != '\0')
            printf("No test sequence is long enough; left out: %s.\n", m->without);
    }
    return status;
}

static int run_measuring(const struct settings *set, const zoo_dataset *data,
                         const zoo_predictor *model, const char *path)
{
    measuring m = {.set = set, .data = data, .model = model, .sets = 1};
    int status = set->clips ? parse_clips(&m, set->clips) : APP_OK;

    if (status == APP_OK)
        status = open_scores(&m);
    if (status == APP_OK)
        status = measure_all(&m);
    if (status == APP_OK && set->confusion)
        status = write_confusion(&m, path);
    status = close_scores(&m, status);
    for (size_t i = 0; i < m.kept; i++)
        zoo_table_free(m.table[i]);
    return status;
}

/* Lets the model predict as far as --horizon says. */
static int lengthen(zoo_feedback **longer, zoo_predictor *model, const char *horizon)
{
    gop_error err = {GOP_OK, ""};
    size_t frames;

    if (model->predicted == 0)
        return app_fail(&usage, APP_USE,
                        "--horizon cannot be used with a model that predicts no poses");
    int status = app_horizon(&frames, &usage, horizon, model->domain);
    if (status != APP_OK)
        return status;
    if (zoo_feedback_new(longer, model, model->domain, frames, &err))
        return fail(APP_USE, &err);
    *model = zoo_feedback_predictor(*longer);
    return APP_OK;
}

static int measure_early(const struct settings *set, const zoo_dataset *data,
                         const zoo_predictor *model)
{
    gop_error err = {GOP_OK, ""};

    if (!model->recognises)
        return app_fail(&usage, APP_USE, "--early needs a model that recognises actions");
    return eval_early(data, model, set->json, &err)
               ? fail(err.status == GOP_EINVAL ? APP_USE : APP_DATA, &err)
               : APP_OK;
}

static int with_model(const struct settings *set, const zoo_dataset *data, const char *path)
{
    gop_error err = {GOP_OK, ""};
    gop_ctx *ctx = NULL;
    zoo_model *model = NULL;
    zoo_inference *inference = NULL;
    zoo_feedback *longer = NULL;
    zoo_provenance run;
    const zoo_model_type *const *types = app_types(&set->plugins);
    int status = APP_OK;

    if (zoo_model_load(&model, types, path, &err) || zoo_provenance_load(&run, types, path, &err) ||
        gop_ctx_new(&ctx, (int)set->threads, gop_memory_available(), &err) ||
        zoo_inference_new(&inference, ctx, model, set->batch, &err))
        status = fail(APP_DATA, &err);
    zoo_predictor predictor = zoo_inference_predictor(inference);
    if (status == APP_OK && zoo_predictor_fits(&predictor, &data->domain, &err))
        status = fail(APP_DATA, &err);
    if (status == APP_OK) {
        if (run.training.clip_frames > predictor.window)
            predictor.window = (size_t)run.training.clip_frames;
        if (set->early)
            status = measure_early(set, data, &predictor);
        else if (set->horizon)
            status = lengthen(&longer, &predictor, set->horizon);
        if (status == APP_OK && !set->early)
            status = run_measuring(set, data, &predictor, path);
    }
    zoo_feedback_free(longer);
    zoo_inference_free(inference);
    gop_ctx_free(ctx);
    zoo_model_free(model);
    return status;
}

static int check_confusion(const struct settings *set)
{
    gop_error err = {GOP_OK, ""};
    gop_file *file;

    if (!confusion_can_write(set->confusion))
        return app_fail(&usage, APP_USE,
                        "--confusion takes a file name that ends in .txt, .csv or .svg, not %s",
                        set->confusion);
    /* Checks now that the file can be written: measuring may take long. */
    gop_status status = gop_file_new(&file, set->confusion, &err);
    gop_file_discard(file);
    return status ? fail(APP_DATA, &err) : APP_OK;
}

static int run(int argc, char **argv)
{
    struct settings set = {.batch = 16};
    gop_error err = {GOP_OK, ""};
    app_operands operands;
    zoo_dataset *data;
    const zoo_protocol *protocol;
    int status;

    if (app_parse(&usage, &set, argc, argv, &operands))
        return app_parse_status(&operands);
    if (set.confusion && (status = check_confusion(&set)))
        return status;
    if (set.protocol && (status = find_protocol(&protocol, set.protocol)))
        return status;
    if (zoo_dataset_load(&data, set.data, &err))
        return fail(APP_DATA, &err);
    if (operands.count) {
        status = with_model(&set, data, operands.item[0]);
    } else {
        zoo_predictor none = {.batch = 1,
                              .observed = set.observed ? set.observed : 50,
                              .predicted = set.predicted ? set.predicted : 25};
        status = run_measuring(&set, data, &none, NULL);
    }
    zoo_dataset_free(data);
    return status;
}

const app_verb app_verb_eval = {"eval", "Measure a model on test sequences.", run};
