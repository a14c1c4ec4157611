/*
 * info_model.c: graphop info of a model: configuration, size, cost, training.
 * Reads one file and writes to stdout only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "info_model.h"
#include "train_log.h"

/* What one forward run of one clip costs. */
static gop_status measure(gop_net_cost *stats, const zoo_model *model, gop_error *err)
{
    gop_ctx *ctx = NULL;
    gop_net *net = NULL;
    zoo_ports ports;
    gop_status status = gop_ctx_new(&ctx, 1, 0, err);

    if (!status)
        status = gop_net_new(&net, ctx, model->params, GOP_INFERENCE, err);
    if (!status)
        status = zoo_model_record(model, net, 1, &ports, err);
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

/* Settings that only some runs have. */
static void print_more(const zoo_provenance *p)
{
    const zoo_training *t = &p->training;

    if (t->noisy_labels > 0 || t->noisy_targets > 0)
        printf("           noise in %g of the labels and %g of the targets\n", t->noisy_labels,
               t->noisy_targets);
    if (t->clip_frames > 0)
        printf("           at the beginning of clips of %" PRIu64 " frames\n", t->clip_frames);
    if (*t->frozen)
        printf("           frozen %s\n", t->frozen);
    if (t->init != 0)
        printf("           begun with the parameters of model %016" PRIx64 "\n", t->init);
    if (t->validation > 0)
        printf("           %g held out, measured every %" PRIu64 " steps\n", t->validation,
               t->validate_every);
    if (p->best.step > 0) {
        printf("           best there at step %" PRIu64 ": loss %.4g", p->best.step, p->best.loss);
        if (!isnan(p->best.top1))
            printf(", top-1 %.1f %%", 100 * p->best.top1);
        putchar('\n');
    }
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

static void json_more(report_json *json, const zoo_provenance *p)
{
    const zoo_training *t = &p->training;
    char init[20];

    if (t->noisy_labels > 0)
        report_number(json, "noisy_labels", t->noisy_labels);
    if (t->noisy_targets > 0)
        report_number(json, "noisy_targets", t->noisy_targets);
    if (t->clip_frames > 0)
        report_count(json, "clip_frames", t->clip_frames);
    if (*t->frozen)
        report_text(json, "frozen", t->frozen);
    snprintf(init, sizeof init, "%016" PRIx64, t->init);
    if (t->init != 0)
        report_text(json, "init", init);
    if (t->validation > 0) {
        report_number(json, "validation", t->validation);
        report_count(json, "validate_every", t->validate_every);
    }
    if (p->best.step > 0)
        json_best(json, &p->best);
}

static void print_provenance(const zoo_provenance *p, bool weighs)
{
    const zoo_training *t = &p->training;
    char lambda[32];

    if (!p->trained)
        return;
    trainlog_lambda(lambda, sizeof lambda, t);
    printf("training   step %" PRIu64, p->steps);
    if (p->length >= p->steps && p->length < TRAINLOG_OPEN)
        printf(" of %" PRIu64, p->length);
    printf(" on %s\n", p->data);
    printf("           batch %u, %s %g %s%s%s, seed %" PRIu64 "\n", (unsigned)t->batch,
           trainlog_optimiser(t->optimiser), t->lr, trainlog_schedule(t->schedule),
           weighs ? ", lambda " : "", weighs ? lambda : "", t->seed);
    print_more(p);
}

static void json_provenance(report_json *json, const zoo_provenance *p, bool weighs)
{
    const zoo_training *t = &p->training;
    char lambda[32];

    if (!p->trained)
        return;
    trainlog_lambda(lambda, sizeof lambda, t);
    report_object(json, "training");
    report_text(json, "data", p->data);
    report_count(json, "step", p->steps);
    if (p->length < TRAINLOG_OPEN)
        report_count(json, "steps", p->length);
    report_count(json, "batch", t->batch);
    report_text(json, "optimiser", trainlog_optimiser(t->optimiser));
    report_number(json, "lr", t->lr);
    report_text(json, "schedule", trainlog_schedule(t->schedule));
    if (weighs)
        report_text(json, "lambda", lambda);
    report_count(json, "seed", t->seed);
    json_more(json, p);
    report_end_object(json);
}

static void print_model(const zoo_model *model, const gop_net_cost *stats,
                        const zoo_provenance *provenance)
{
    const bool predicts = zoo_model_predicted(model) > 0;
    char a[64], b[64];

    printf("model      %s, preset %s\n", model->type->name, model->preset);
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
    printf("parameters %s trained, %s statistics\n",
           report_grouped(a, sizeof a, gop_params_size(model->params)),
           report_grouped(b, sizeof b, gop_params_stats_size(model->params)));
    printf("one clip   %.4g M multiply-adds in %zu operators, %s\n", 1e-6 * (double)stats->madds,
           stats->ops, report_bytes(a, sizeof a, (double)stats->bytes));
    print_provenance(provenance, predicts && zoo_model_recognises(model));
    printf("options   ");
    int at = 10;
    for (const zoo_option *o = model->type->options; o->key; o++) {
        char value[ZOO_VALUE_SIZE];
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

static void json_model(const zoo_model *model, const gop_net_cost *stats,
                       const zoo_provenance *provenance, bool tensors)
{
    report_json json = report_json_on(stdout);

    report_object(&json, NULL);
    report_text(&json, "kind", "model");
    report_text(&json, "model", model->type->name);
    report_text(&json, "preset", model->preset);
    report_text(&json, "reference", model->type->reference);
    report_text(&json, "dataset", model->domain.name);
    info_json_domain(&json, &model->domain);
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
        char value[ZOO_VALUE_SIZE];
        zoo_model_get(model, o, value, sizeof value);
        report_text(&json, o->key, value);
    }
    report_end_object(&json);
    json_provenance(&json, provenance,
                    zoo_model_predicted(model) > 0 && zoo_model_recognises(model));
    if (tensors)
        json_tensors(&json, model);
    report_end_object(&json);
}

int info_model(const char *path, bool json, bool tensors)
{
    gop_error err = {GOP_OK, ""};
    gop_net_cost stats;
    zoo_provenance provenance;
    zoo_model *model;

    if (zoo_provenance_load(&provenance, path, &err) || zoo_model_load(&model, path, &err))
        return app_fail_error(&info_usage, APP_DATA, &err);
    int status = APP_OK;
    if (measure(&stats, model, &err)) {
        status = app_fail_error(&info_usage, APP_DATA, &err);
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
