/*
 * eval.c: graphop eval: measures a model on the test sequences of a data set.
 * Reads both, writes to stdout only.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "graphop.h"
#include "options.h"
#include "progress.h"
#include "report.h"
#include "verbs.h"
#include "zoo/zoo.h"

struct settings {
    const char *data, *protocol;
    uint64_t observed, predicted, batch, threads;
    bool json;
};

#define AT(field) offsetof(struct settings, field)

static const app_option options[] = {
    {"data", 'd', APP_TEXT, AT(data), "FILE", "The data set (.gds) to measure on.", 0, 0, NULL,
     true},
    {"protocol", 'p', APP_TEXT, AT(protocol), "NAME",
     "How to measure; without it, every way that suits the data: cmu-dmgnn, cmu-csm, windows "
     "(prediction), 8-seed, dense (recognition).",
     0, 0, NULL, false},
    {"json", 'j', APP_FLAG, AT(json), NULL, "Write one JSON object a line.", 0, 0, NULL, false},
    {"observed", 0, APP_COUNT, AT(observed), "N",
     "Without a model: frames observed, 50 unless given.", 1, 4096, NULL, false},
    {"predicted", 0, APP_COUNT, AT(predicted), "N",
     "Without a model: frames predicted, 25 unless given.", 2, 256, NULL, false},
    {"batch", 'b', APP_COUNT, AT(batch), "N", "Clips in a run.", 1, 65536, NULL, false},
    {"threads", 'T', APP_COUNT, AT(threads), "N",
     "Threads to use, 0 for one per processor; results do not depend on it.", 0, 1024, NULL,
     false},
    {0},
};

static const app_usage usage = {
    "eval", "[MODEL] --data FILE [OPTION]...",
    "Measures a model on the test sequences of a data set: errors of the predicted poses beside "
    "those of zero velocity (the last observed pose, repeated), and the share of clips whose "
    "action is recognised.  Without a model, zero velocity alone.",
    options, 0, 1};

/* ------------------------------------------------------------------- tables */

static void table_prediction(report_table *table, const zoo_row *row)
{
    const double *numbers[2] = {row->error, row->zero_velocity};
    static const char *const what[2] = {"model", "zero velocity"};
    int digits = strcmp(row->unit, "mm") == 0 ? 1 : 3;

    for (int i = row->predicted ? 0 : 1; i < 2; i++) {
        bool first = i == (row->predicted ? 0 : 1);
        report_cell(table, "%s%s", first ? row->action : "",
                    first && row->untrained ? " *" : "");
        report_cell(table, "%s", what[i]);
        for (size_t h = 0; h < row->horizons; h++)
            report_cell(table, "%.*f", digits, numbers[i][h]);
        if (first)
            report_cell(table, "%zu", row->clips);
        report_row_end(table);
    }
}

static void print_prediction(const zoo_table *t)
{
    static const char aligned[] = "llrrrrrrrrr";
    const zoo_row *head = &t->row[0];
    char align[sizeof aligned];
    size_t columns = 3 + head->horizons;

    snprintf(align, sizeof align, "%.*s", (int)columns, aligned);
    report_table table = report_table_new(align);
    report_cell(&table, "action");
    report_cell(&table, "%s", head->unit);
    for (size_t h = 0; h < head->horizons; h++)
        report_cell(&table, "%.0f ms", head->ms[h]);
    report_cell(&table, "clips");
    for (size_t i = 0; i < t->rows; i++)
        table_prediction(&table, &t->row[i]);
    report_table_print(&table, stdout);
    if (head->true_ms[0] == head->ms[0])
        return;
    printf("The times are the literature's labels; here they are");
    for (size_t h = 0; h < head->horizons; h++)
        printf("%s %.0f", h ? "," : "", head->true_ms[h]);
    printf(" ms.\n");
}

static void print_recognition(const zoo_table *t)
{
    report_table table = report_table_new("lrrr");

    report_cell(&table, "action");
    report_cell(&table, "top-1");
    report_cell(&table, "top-5");
    report_cell(&table, "clips");
    for (size_t i = 0; i < t->rows; i++) {
        const zoo_row *row = &t->row[i];
        report_cell(&table, "%s%s", row->action, row->untrained ? " *" : "");
        report_cell(&table, "%.1f %%", 100 * row->top1);
        report_cell(&table, "%.1f %%", 100 * row->top5);
        report_cell(&table, "%zu", row->clips);
    }
    report_table_print(&table, stdout);
}

static void print_table(const zoo_protocol *protocol, const zoo_table *t)
{
    bool untrained = false, averaged = false;
    char text[1024];

    snprintf(text, sizeof text, "%s: %s.", protocol->name, protocol->text);
    report_paragraph(stdout, text, 0, 0);
    putchar('\n');
    if (protocol->task == ZOO_PREDICTION)
        print_prediction(t);
    else
        print_recognition(t);
    for (size_t i = 0; i < t->rows; i++) {
        untrained |= t->row[i].untrained;
        if (t->row[i].average) {
            printf("The average is over %zu action%s.\n", t->row[i].actions,
                   t->row[i].actions == 1 ? "" : "s");
            averaged = true;
        }
    }
    if (untrained)
        printf("* has no training data%s.\n", averaged ? " and is left out of the average" : "");
    putchar('\n');
}

/* --------------------------------------------------------------------- JSON */

static void json_row(const zoo_row *row)
{
    report_json json = report_json_on(stdout);
    bool prediction = row->task == ZOO_PREDICTION;

    report_object(&json, NULL);
    report_text(&json, "task", prediction ? "prediction" : "recognition");
    report_text(&json, "protocol", row->protocol);
    report_text(&json, "action", row->action);
    if (prediction) {
        report_numbers(&json, "ms", row->ms, row->horizons);
        report_numbers(&json, "true_ms", row->true_ms, row->horizons);
        if (row->predicted)
            report_numbers(&json, "error", row->error, row->horizons);
        report_numbers(&json, "zero_velocity", row->zero_velocity, row->horizons);
    } else {
        report_number(&json, "top1", row->top1);
        report_number(&json, "top5", row->top5);
    }
    report_count(&json, "clips", row->clips);
    if (prediction)
        report_text(&json, "unit", row->unit);
    if (row->average)
        report_count(&json, "actions", row->actions);
    else
        report_bool(&json, "trained", !row->untrained);
    report_end_object(&json);
}

/* --------------------------------------------------------------------- runs */

static int fail(int status, const gop_error *err)
{
    return app_fail_error(&usage, status, err);
}

static int measure(const zoo_protocol *protocol, const zoo_dataset *data,
                   const zoo_predictor *model, bool json)
{
    gop_error err = {GOP_OK, ""};
    progress bar = progress_start(0);
    zoo_table *table;

    progress_show(&bar, -1, "measuring %s", protocol->name);
    gop_status status = zoo_evaluate(&table, protocol, data, model, &err);
    progress_clear(&bar);
    if (status)
        return fail(err.status == GOP_EINVAL ? APP_USE : APP_DATA, &err);
    if (json) {
        for (size_t i = 0; i < table->rows; i++)
            json_row(&table->row[i]);
    } else if (table->rows) {
        print_table(protocol, table);
    }
    fflush(stdout);
    zoo_table_free(table);
    return APP_OK;
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

/* A model that only recognises, beside a protocol for predicted poses, or the other way
 * round. */
static bool lacks(const zoo_protocol *p, const zoo_predictor *model)
{
    return model->run && (p->task == ZOO_PREDICTION ? model->predicted == 0 : model->no_scores);
}

/* Says which of the ways to measure that suit the data were left out. */
static void print_left_out(const zoo_dataset *data, const zoo_predictor *model)
{
    char text[256];
    size_t used = 0;

    for (const zoo_protocol *p = zoo_protocol_list(); p->name && used < sizeof text; p++) {
        if (zoo_protocol_suits(p, &data->domain) && lacks(p, model))
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", used ? ", " : "",
                                     p->name);
    }
    if (used)
        printf("The model %s; left out: %s.\n",
               model->no_scores ? "recognises no actions" : "predicts no poses", text);
}

/* Whether a protocol can be measured without being asked for by name. */
static bool applies(const zoo_protocol *p, const zoo_dataset *data, const zoo_predictor *model)
{
    return zoo_protocol_suits(p, &data->domain) &&
           (p->task == ZOO_PREDICTION ? model->predicted > 1
                                      : model->run != NULL && !model->no_scores);
}

static int measure_all(const struct settings *set, const zoo_dataset *data,
                       const zoo_predictor *model)
{
    const zoo_protocol *one;
    int status = APP_OK;

    if (set->protocol) {
        status = find_protocol(&one, set->protocol);
        if (status == APP_OK && lacks(one, model))
            status = app_fail(&usage, APP_USE, "protocol %s measures %s", one->name,
                              model->no_scores ? "recognition, and the model only predicts"
                                               : "predicted poses, and the model predicts none");
        return status ? status : measure(one, data, model, set->json);
    }
    for (const zoo_protocol *p = zoo_protocol_list(); p->name && status == APP_OK; p++) {
        if (applies(p, data, model))
            status = measure(p, data, model, set->json);
    }
    if (status == APP_OK && !set->json)
        print_left_out(data, model);
    return status;
}

static int with_model(const struct settings *set, const zoo_dataset *data, const char *path)
{
    gop_error err = {GOP_OK, ""};
    gop_ctx *ctx = NULL;
    zoo_model *model = NULL;
    zoo_inference *inference = NULL;
    int status = APP_OK;

    if (zoo_model_load(&model, path, &err) ||
        zoo_domain_fits(&model->domain, &data->domain, &err) ||
        gop_ctx_new(&ctx, (int)set->threads, 0, &err) ||
        zoo_inference_new(&inference, ctx, model, set->batch, &err)) {
        status = fail(APP_DATA, &err);
    } else {
        zoo_predictor predictor = zoo_inference_predictor(inference);
        status = measure_all(set, data, &predictor);
    }
    zoo_inference_free(inference);
    gop_ctx_free(ctx);
    zoo_model_free(model);
    return status;
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
    if (operands.count && (set.observed || set.predicted))
        return app_fail(&usage, APP_USE,
                        "--%s is for runs without a model, which knows its own number of frames",
                        set.observed ? "observed" : "predicted");
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
        status = measure_all(&set, data, &none);
    }
    zoo_dataset_free(data);
    return status;
}

const app_verb app_verb_eval = {"eval", "Measure a model on test sequences.", run};
