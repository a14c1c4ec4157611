/*
 * predict_print.c: prints the answers of graphop predict to standard output.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "predict_print.h"

#include <math.h>
#include <stdio.h>

#include "report.h"

static void json_poses(report_json *json, const char *key, const float *poses, size_t n,
                       size_t columns)
{
    report_array(json, key);
    for (size_t t = 0; t < n; t++) {
        report_array(json, NULL);
        for (size_t c = 0; c < columns; c++)
            report_number(json, NULL, (double)poses[t * columns + c]);
        report_end_array(json);
    }
    report_end_array(json);
}

size_t predict_action(const predict_answer *a)
{
    return zoo_stream_choose(&a->model->domain, a->by.none, a->by.reject, a->scores);
}

void predict_print_json(const predict_answer *a)
{
    const zoo_domain *d = &a->model->domain;
    report_json json = report_json_on(stdout);

    report_object(&json, NULL);
    report_text(&json, "poses", a->title);
    report_count(&json, "from", a->first + 1);
    report_count(&json, "observed", a->observed);
    report_number(&json, "rate", d->rate / d->factor);
    if (a->classes) {
        report_object(&json, "probabilities");
        for (size_t i = 0; i < a->classes; i++)
            report_number(&json, d->action[a->order[i]], (double)a->scores[a->order[i]]);
        report_end_object(&json);
    }
    if (a->chooses && predict_action(a) != SIZE_MAX)
        report_text(&json, "action", d->action[predict_action(a)]);
    else if (a->chooses)
        report_null(&json, "action");
    if (a->n_features) {
        report_array(&json, "features");
        for (size_t i = 0; i < a->n_features; i++)
            report_number(&json, NULL, (double)a->features[i]);
        report_end_array(&json);
    }
    if (a->predicted)
        json_poses(&json, "predicted", a->future, a->predicted, a->columns);
    if (a->samples) {
        report_count(&json, "samples", a->samples);
        json_poses(&json, "deviation", a->deviation, a->predicted, a->columns);
    }
    if (a->truth)
        json_poses(&json, "true", a->truth, a->predicted, a->columns);
    report_end_object(&json);
}

/* A missing value is an empty field. */
static void print_poses(const float *poses, size_t n, size_t columns)
{
    for (size_t t = 0; t < n; t++) {
        for (size_t c = 0; c < columns; c++) {
            const float v = poses[t * columns + c];
            if (c)
                putchar(',');
            if (!isnan(v))
                printf("%.9g", (double)v);
        }
        putchar('\n');
    }
}

static void print_probabilities(const predict_answer *a)
{
    const zoo_domain *d = &a->model->domain;
    report_table table = report_table_new("lr");

    report_cell(&table, "action");
    report_cell(&table, "probability");
    for (size_t i = 0; i < a->classes; i++) {
        report_cell(&table, "%s", d->action[a->order[i]]);
        report_cell(&table, "%.3f", (double)a->scores[a->order[i]]);
    }
    report_table_print(&table, stdout);
    if (a->chooses && predict_action(a) != SIZE_MAX)
        printf("\nThe action is %s.\n", d->action[predict_action(a)]);
    else if (a->chooses)
        printf("\nThere is no action.\n");
}

static void print_features(const predict_answer *a)
{
    for (size_t i = 0; i < a->n_features; i++)
        printf("%s%.9g", i ? "," : "", (double)a->features[i]);
    putchar('\n');
}

void predict_print_text(const predict_answer *a)
{
    const zoo_domain *d = &a->model->domain;

    if (a->n_features) {
        print_features(a);
        return;
    }
    if (a->classes)
        print_probabilities(a);
    if (a->predicted == 0)
        return;
    printf("%s%zu predicted pose%s, %.4g ms apart:\n", a->classes ? "\n" : "", a->predicted,
           a->predicted == 1 ? "" : "s", 1000 * d->factor / d->rate);
    print_poses(a->future, a->predicted, a->columns);
    if (a->samples) {
        printf("\nThe standard deviations of %zu predictions, whose means these poses are:\n",
               a->samples);
        print_poses(a->deviation, a->predicted, a->columns);
    }
    if (a->truth) {
        printf("\nThe true poses:\n");
        print_poses(a->truth, a->predicted, a->columns);
    }
}
