/*
 * info_model.c: graphop info for a model: configuration, size, cost, training.
 * Reads one file and writes to stdout only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "info.h"
#include "train_log.h"

/* The cost of one forward run of one clip. */
static gop_status measure(gop_net_cost *stats, const zoo_model *model, gop_error *err)
{
    gop_ctx *ctx = NULL;
    gop_net *net = NULL;
    zoo_ports ports;
    gop_status status = gop_ctx_new(&ctx, 1, gop_memory_available(), err);

    if (!status)
        status = gop_net_new(&net, ctx, model->params, GOP_SIZING, err);
    if (!status)
        status = zoo_model_record(model, net, &(zoo_use){.batch = 1}, &ports, err);
    if (!status)
        *stats = gop_net_costs(net);
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
        gop_param_info p = gop_params_info(model->params, i);
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
        gop_param_info p = gop_params_info(model->params, i);
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

/* "options    KEY=VALUE ...", with continuation lines aligned under the first value. */
enum { INDENT = 10, WIDTH = 79 };

static int print_value(int at, const char *key, const char *value)
{
    int length = 2 + (int)strlen(key) + (int)strlen(value);

    if (at + length > WIDTH)
        at = printf("\n%*s", INDENT, "") - 1;
    return at + printf(" %s=%s", key, value);
}

static void print_best(const zoo_validation *best)
{
    if (best->step == 0)
        return;
    printf("held out   best at step %" PRIu64 ": loss %.4g", best->step, best->loss);
    if (!isnan(best->top1))
        printf(", top-1 %.1f %%", 100 * best->top1);
    putchar('\n');
}

static void json_best(report_json *json, const zoo_validation *v)
{
    report_object(json, "best");
    report_count(json, "step", v->step);
    report_number(json, "loss", v->loss);
    if (!isnan(v->loss_recognition)) {
        report_number(json, "loss_recognition", v->loss_recognition);
        report_number(json, "top1", v->top1);
    }
    if (!isnan(v->loss_prediction))
        report_number(json, "loss_prediction", v->loss_prediction);
    report_end_object(json);
}

static void print_provenance(const zoo_provenance *p, const zoo_model *model)
{
    const zoo_training *t = &p->training;
    char value[ZOO_VALUE_SIZE];
    int at = INDENT;

    if (!p->trained)
        return;
    printf("training   step %" PRIu64, p->steps);
    if (t->steps >= p->steps && t->steps < ZOO_OPEN)
        printf(" of %" PRIu64, t->steps);
    printf(" on %s\n", p->data);
    printf("settings  ");
    for (const zoo_setting *s = zoo_training_settings(); s->key; s++) {
        if (trainlog_setting(value, sizeof value, s, t, model))
            at = print_value(at, s->key, value);
    }
    putchar('\n');
    print_best(&p->best);
}

static void json_provenance(report_json *json, const zoo_provenance *p, const zoo_model *model)
{
    if (!p->trained)
        return;
    report_object(json, "training");
    report_text(json, "data", p->data);
    report_count(json, "step", p->steps);
    trainlog_settings(json, &p->training, model);
    if (p->best.step > 0)
        json_best(json, &p->best);
    report_end_object(json);
}

/* Prints the settings of a view that are not the default. */
static void print_view(const zoo_view *view)
{
    const zoo_setting *table = zoo_view_settings();
    const zoo_view plain = zoo_view_default();
    char value[ZOO_VALUE_SIZE], other[ZOO_VALUE_SIZE];
    int at = 0;
    for (const zoo_setting *s = table; s->key; s++) {
        zoo_setting_get(s, view, value, sizeof value);
        zoo_setting_get(s, &plain, other, sizeof other);
        if (strcmp(value, other) == 0)
            continue;
        at = print_value(at ? at : printf("view      "), s->key, value);
    }
    if (at)
        putchar('\n');
}

static void print_model(const zoo_model *model, const gop_net_cost *stats,
                        const zoo_provenance *provenance)
{
    const bool predicts = zoo_model_predicted(model) > 0;
    char a[64], b[64];

    printf("model      %s, preset %s\n", model->type->name, model->preset);
    if (model->members > 1)
        printf("ensemble   of %" PRIu32 " members\n", model->members);
    if (model->unknown)
        printf("type       unknown; --plugin FILE gives it, and then cost and predicted frames\n");
    else
        report_paragraph(stdout, model->type->reference, printf("reference  "), 11);
    printf("data set   %s\n", model->domain.name);
    info_print_domain(&model->domain);
    printf("actions   ");
    for (size_t i = 0; i < model->domain.actions; i++)
        printf(" %s", model->domain.action[i]);
    printf("\nframes     %zu observed", zoo_model_observed(model));
    if (predicts)
        printf(", %zu predicted", zoo_model_predicted(model));
    putchar('\n');
    print_view(&model->view);
    if (model->domain.missing && !model->unknown)
        printf("missing    values are %s\n",
               model->type->masks ? "masked" : "0 after normalisation, as the mean");
    printf("parameters %s trained, %s statistics\n",
           report_grouped(a, sizeof a, gop_params_size(model->params)),
           report_grouped(b, sizeof b, gop_params_stats_size(model->params)));
    if (!model->unknown)
        printf("one clip   %.4g M multiply-adds in %zu operators, %s\n",
               1e-6 * (double)stats->madds, stats->ops,
               report_bytes(a, sizeof a, (double)stats->bytes));
    print_provenance(provenance, model);
    printf("options   ");
    int at = INDENT;
    for (const zoo_setting *o = model->type->options; o->key; o++) {
        char value[ZOO_VALUE_SIZE];
        zoo_model_get(model, o, value, sizeof value);
        at = print_value(at, o->key, value);
    }
    putchar('\n');
}

static void json_model(const zoo_model *model, const gop_net_cost *stats,
                       const zoo_provenance *provenance, bool tensors)
{
    report_json json = report_json_on(stdout);

    report_object(&json, NULL);
    report_text(&json, "kind", "model");
    report_text(&json, "model", model->type->name);
    report_text(&json, "preset", model->preset);
    if (model->members > 1)
        report_count(&json, "members", model->members);
    if (!model->unknown)
        report_text(&json, "reference", model->type->reference);
    report_text(&json, "dataset", model->domain.name);
    info_json_domain(&json, &model->domain);
    report_array(&json, "actions");
    for (size_t i = 0; i < model->domain.actions; i++)
        report_text(&json, NULL, model->domain.action[i]);
    report_end_array(&json);
    report_count(&json, "observed", zoo_model_observed(model));
    if (!model->unknown) {
        report_count(&json, "predicted", zoo_model_predicted(model));
        report_bool(&json, "masks", model->type->masks);
    }
    report_count(&json, "parameters", gop_params_size(model->params));
    report_count(&json, "statistics", gop_params_stats_size(model->params));
    if (!model->unknown) {
        report_count(&json, "multiply_adds", stats->madds);
        report_count(&json, "operators", stats->ops);
        report_count(&json, "bytes", stats->bytes);
    }
    report_object(&json, "view");
    for (const zoo_setting *s = zoo_view_settings(); s->key; s++) {
        char value[ZOO_VALUE_SIZE];
        zoo_setting_get(s, &model->view, value, sizeof value);
        report_text(&json, s->key, value);
    }
    report_end_object(&json);
    report_object(&json, "options");
    for (const zoo_setting *o = model->type->options; o->key; o++) {
        char value[ZOO_VALUE_SIZE];
        zoo_model_get(model, o, value, sizeof value);
        report_text(&json, o->key, value);
    }
    report_end_object(&json);
    json_provenance(&json, provenance, model);
    if (tensors)
        json_tensors(&json, model);
    report_end_object(&json);
}

int info_model(const app_usage *usage, const char *path, const zoo_model_type *const *types,
               bool json, bool tensors)
{
    gop_error err = {GOP_OK, ""};
    gop_net_cost stats = {0};
    zoo_provenance provenance;
    zoo_model *model;

    if (zoo_provenance_load(&provenance, types, path, &err) ||
        zoo_model_inspect(&model, types, path, &err))
        return app_fail_error(usage, APP_DATA, &err);
    int status = APP_OK;
    if (!model->unknown && measure(&stats, model, &err)) {
        status = app_fail_error(usage, APP_DATA, &err);
    } else if (json) {
        json_model(model, &stats, &provenance, tensors);
    } else {
        print_model(model, &stats, &provenance);
        if (tensors)
            print_tensors(model);
    }
    zoo_model_free(model);
    return status;
}
