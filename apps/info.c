/*
 * info.c: graphop info: says what a data set or a model is.  Reads one file and
 * writes to stdout only.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graphop.h"
#include "options.h"
#include "report.h"
#include "verbs.h"
#include "zoo/zoo.h"

struct settings {
    bool json, tensors;
};

static const app_option options[] = {
    {"json", 'j', APP_FLAG, offsetof(struct settings, json), NULL,
     "Write one JSON object on one line.", 0, 0, NULL, false},
    {"tensors", 't', APP_FLAG, offsetof(struct settings, tensors), NULL,
     "List every tensor of a model with its shape and the range of its values.", 0, 0, NULL,
     false},
    {0},
};

static const app_usage usage = {
    "info", "FILE [OPTION]...",
    "Says what a data set (.gds) or a model (.gop) is: layout, actions, configuration, "
    "parameters and where it came from.",
    options, 1, 1};

/* ------------------------------------------------------------------ domains */

static const char *feature_name(zoo_feature feature)
{
    return feature == ZOO_EXPMAP ? "rotation" : "position";
}

static size_t constant_columns(const zoo_domain *d)
{
    size_t n = 0;
    for (uint32_t c = 0; c < d->layout.columns; c++)
        n += d->constant[c];
    return n;
}

static void print_domain(const zoo_domain *d)
{
    const zoo_layout *l = &d->layout;

    printf("layout     %s: %u nodes of %u %s channels, %u edges, %u parts\n", l->name,
           (unsigned)l->nodes, (unsigned)l->channels, feature_name(l->feature),
           (unsigned)l->n_edges, (unsigned)l->parts);
    printf("columns    %u a frame, %zu of them constant in training\n", (unsigned)l->columns,
           constant_columns(d));
    printf("rate       %g Hz", d->rate);
    if (d->factor > 1)
        printf(", of which every %u. frame is used (%g Hz)", (unsigned)d->factor,
               d->rate / d->factor);
    putchar('\n');
}

static void json_domain(report_json *json, const zoo_domain *d)
{
    const zoo_layout *l = &d->layout;

    report_object(json, "layout");
    report_text(json, "name", l->name);
    report_text(json, "feature", feature_name(l->feature));
    report_count(json, "nodes", l->nodes);
    report_count(json, "channels", l->channels);
    report_count(json, "columns", l->columns);
    report_count(json, "edges", l->n_edges);
    report_count(json, "parts", l->parts);
    report_end_object(json);
    report_number(json, "rate", d->rate);
    report_count(json, "factor", d->factor);
    report_count(json, "constant_columns", constant_columns(d));
}

/* ---------------------------------------------------------------- data sets */

struct amount {
    size_t sequences, frames;
};

/* amount[action][split] */
static struct amount (*count_actions(const zoo_dataset *data))[2]
{
    struct amount(*amount)[2] = calloc(data->domain.actions, sizeof *amount);

    for (size_t s = 0; amount && s < data->sequences; s++) {
        struct amount *a = &amount[data->sequence[s].action][data->sequence[s].split];
        a->sequences++;
        a->frames += data->sequence[s].frames;
    }
    return amount;
}

static void json_dataset(const zoo_dataset *data, struct amount (*amount)[2])
{
    report_json json = report_json_on(stdout);

    report_object(&json, NULL);
    report_text(&json, "kind", "dataset");
    report_text(&json, "name", data->domain.name);
    report_text(&json, "source", data->source);
    json_domain(&json, &data->domain);
    report_array(&json, "actions");
    for (size_t i = 0; i < data->domain.actions; i++) {
        report_object(&json, NULL);
        report_text(&json, "action", data->domain.action[i]);
        report_count(&json, "train_sequences", amount[i][ZOO_TRAIN].sequences);
        report_count(&json, "train_frames", amount[i][ZOO_TRAIN].frames);
        report_count(&json, "test_sequences", amount[i][ZOO_TEST].sequences);
        report_count(&json, "test_frames", amount[i][ZOO_TEST].frames);
        report_end_object(&json);
    }
    report_end_array(&json);
    report_end_object(&json);
}

static void table_row(report_table *table, const char *name, const struct amount amount[2])
{
    report_cell(table, "%s", name);
    for (int split = 0; split < 2; split++) {
        report_cell(table, "%zu", amount[split].sequences);
        report_cell(table, "%zu", amount[split].frames);
    }
}

static void print_dataset(const zoo_dataset *data, struct amount (*amount)[2])
{
    report_table table = report_table_new("lrrrr");
    struct amount sum[2] = {{0, 0}, {0, 0}};

    printf("data set   %s\nsource     %s\n", data->domain.name, data->source);
    print_domain(&data->domain);
    putchar('\n');
    report_cell(&table, "action");
    report_cell(&table, "training");
    report_cell(&table, "frames");
    report_cell(&table, "test");
    report_cell(&table, "frames");
    for (size_t i = 0; i < data->domain.actions; i++) {
        table_row(&table, data->domain.action[i], amount[i]);
        for (int split = 0; split < 2; split++) {
            sum[split].sequences += amount[i][split].sequences;
            sum[split].frames += amount[i][split].frames;
        }
    }
    table_row(&table, "all", sum);
    report_table_print(&table, stdout);
}

static int info_dataset(const char *path, bool json)
{
    gop_error err = {GOP_OK, ""};
    zoo_dataset *data;

    if (zoo_dataset_load(&data, path, &err))
        return app_fail_error(&usage, APP_DATA, &err);
    struct amount(*amount)[2] = count_actions(data);
    int status = APP_OK;
    if (!amount)
        status = app_fail(&usage, APP_DATA, "out of memory");
    else if (json)
        json_dataset(data, amount);
    else
        print_dataset(data, amount);
    free(amount);
    zoo_dataset_free(data);
    return status;
}

/* ------------------------------------------------------------------- models */

/* What one forward run of one clip costs. */
static gop_status measure(gop_net_stats *stats, const zoo_model *model, gop_error *err)
{
    gop_ctx *ctx = NULL;
    gop_net *net = NULL;
    zoo_ports ports;
    gop_status status = gop_ctx_new(&ctx, 1, 0, err);

    if (!status)
        status = gop_net_new(&net, ctx, model->params, false, err);
    if (!status)
        status = zoo_model_record(model, net, 1, &ports, err);
    if (!status)
        *stats = gop_net_get_stats(net);
    gop_net_free(net);
    gop_ctx_free(ctx);
    return status;
}

static void range_of(const gop_param_info *p, double *low, double *high)
{
    size_t n = gop_shape_size(p->shape);

    *low = *high = n ? (double)p->data[0] : 0;
    for (size_t i = 1; i < n; i++) {
        if (p->data[i] < *low)
            *low = (double)p->data[i];
        if (p->data[i] > *high)
            *high = (double)p->data[i];
    }
}

static void print_tensors(const zoo_model *model)
{
    report_table table = report_table_new("llrr");

    report_cell(&table, "tensor");
    report_cell(&table, "shape");
    report_cell(&table, "least");
    report_cell(&table, "greatest");
    for (size_t i = 0; i < gop_params_count(model->params); i++) {
        gop_param_info p = gop_params_get(model->params, i);
        char shape[64];
        double low, high;
        range_of(&p, &low, &high);
        report_cell(&table, "%s", p.name);
        report_cell(&table, "%s%s", gop_shape_text(shape, sizeof shape, p.shape),
                    p.trained ? "" : " statistic");
        report_cell(&table, "%.4g", low);
        report_cell(&table, "%.4g", high);
    }
    putchar('\n');
    report_table_print(&table, stdout);
}

static void json_tensors(report_json *json, const zoo_model *model)
{
    report_array(json, "tensors");
    for (size_t i = 0; i < gop_params_count(model->params); i++) {
        gop_param_info p = gop_params_get(model->params, i);
        double low, high;
        range_of(&p, &low, &high);
        report_object(json, NULL);
        report_text(json, "name", p.name);
        report_array(json, "shape");
        for (int d = 0; d < p.shape.rank; d++)
            report_count(json, NULL, p.shape.dim[d]);
        report_end_array(json);
        report_bool(json, "trained", p.trained);
        report_number(json, "least", low);
        report_number(json, "greatest", high);
        report_end_object(json);
    }
    report_end_array(json);
}

static void print_model(const zoo_model *model, const gop_net_stats *stats)
{
    char a[64], b[64];

    printf("model      %s, preset %s\n", model->type->name, model->preset);
    printf("reference  %s\n", model->type->reference);
    printf("data set   %s\n", model->domain.name);
    print_domain(&model->domain);
    printf("actions   ");
    for (size_t i = 0; i < model->domain.actions; i++)
        printf(" %s", model->domain.action[i]);
    printf("\nframes     %zu observed, %zu predicted\n", zoo_model_observed(model),
           zoo_model_predicted(model));
    printf("parameters %s trained, %s statistics\n",
           report_grouped(a, sizeof a, gop_params_size(model->params)),
           report_grouped(b, sizeof b, gop_params_stats_size(model->params)));
    printf("one clip   %.4g M multiply-adds in %zu operators, %s\n", 1e-6 * (double)stats->madds,
           stats->ops, report_bytes(a, sizeof a, (double)stats->bytes));
    printf("options   ");
    int at = 10;
    for (const zoo_option *o = model->type->options; o->key; o++) {
        char value[256];
        zoo_model_get(model, o, value, sizeof value);
        int length = 2 + (int)strlen(o->key) + (int)strlen(value);
        if (at + length > 79) {
            printf("\n%*s", 10, "");
            at = 10;
        }
        at += printf(" %s=%s", o->key, value);
    }
    putchar('\n');
}

static void json_model(const zoo_model *model, const gop_net_stats *stats, bool tensors)
{
    report_json json = report_json_on(stdout);

    report_object(&json, NULL);
    report_text(&json, "kind", "model");
    report_text(&json, "model", model->type->name);
    report_text(&json, "preset", model->preset);
    report_text(&json, "reference", model->type->reference);
    report_text(&json, "dataset", model->domain.name);
    json_domain(&json, &model->domain);
    report_array(&json, "actions");
    for (size_t i = 0; i < model->domain.actions; i++)
        report_text(&json, NULL, model->domain.action[i]);
    report_end_array(&json);
    report_count(&json, "observed", zoo_model_observed(model));
    report_count(&json, "predicted", zoo_model_predicted(model));
    report_count(&json, "parameters", gop_params_size(model->params));
    report_count(&json, "statistics", gop_params_stats_size(model->params));
    report_count(&json, "multiply_adds", stats->madds);
    report_count(&json, "operators", stats->ops);
    report_count(&json, "bytes", stats->bytes);
    report_object(&json, "options");
    for (const zoo_option *o = model->type->options; o->key; o++) {
        char value[256];
        zoo_model_get(model, o, value, sizeof value);
        report_text(&json, o->key, value);
    }
    report_end_object(&json);
    if (tensors)
        json_tensors(&json, model);
    report_end_object(&json);
}

static int info_model(const char *path, const struct settings *set)
{
    gop_error err = {GOP_OK, ""};
    gop_net_stats stats;
    zoo_model *model;

    if (zoo_model_load(&model, path, &err))
        return app_fail_error(&usage, APP_DATA, &err);
    int status = APP_OK;
    if (measure(&stats, model, &err)) {
        status = app_fail_error(&usage, APP_DATA, &err);
    } else if (set->json) {
        json_model(model, &stats, set->tensors);
    } else {
        print_model(model, &stats);
        if (set->tensors)
            print_tensors(model);
    }
    zoo_model_free(model);
    return status;
}

static int run(int argc, char **argv)
{
    struct settings set = {false, false};
    gop_error err = {GOP_OK, ""};
    app_operands operands;
    char kind[5];

    if (app_parse(&usage, &set, argc, argv, &operands))
        return app_parse_status(&operands);
    const char *path = operands.item[0];
    if (gop_file_kind(kind, path, &err))
        return app_fail_error(&usage, APP_DATA, &err);
    if (strcmp(kind, "GDS1") == 0)
        return info_dataset(path, set.json);
    if (strcmp(kind, ZOO_MODEL_KIND) == 0)
        return info_model(path, &set);
    return app_fail(&usage, APP_DATA, "%s: a file of kind '%s', which this version does not know",
                    path, kind);
}

const app_verb app_verb_info = {"info", "Say what a data set or a model is.", run};
