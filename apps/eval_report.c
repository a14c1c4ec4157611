/*
 * eval_report.c: prints the results of graphop eval as tables and as JSON.
 * Writes to stdout only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "eval_report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lengths.h"
#include "report.h"

const char *const eval_pck_scales[] = {"box", "std", "metre", NULL};

/* ------------------------------------------------------------------- tables */

static const char *const pck_what[] = {"of the longest side of the box around the true pose",
                                       "standard deviations of the training data", "m"};

/* Whether the tables show a metric; one of all clips together has a sentence. */
static bool shown(const zoo_column *m)
{
    return !m->aside && !m->pooled;
}

/* A value in the metric's format, or "-" if it does not exist. */
static void cell(report_table *table, const zoo_column *m, double value, const char *unit)
{
    if (isnan(value))
        report_cell(table, "-");
    else
        report_cell(table, "%.*f%s", m->digits, strcmp(m->unit, "%") == 0 ? 100 * value : value,
                    unit);
}

/* One cell for each horizon. */
static void cells(report_table *table, const zoo_table *t, const zoo_column *m, const double *value)
{
    for (size_t h = 0; h < t->horizons; h++)
        cell(table, m, value[h], "");
}

/* A further row with a metric of the model or of zero velocity. */
static void more_cells(report_table *table, const zoo_table *t, const zoo_column *m,
                       const char *label, const double *value)
{
    report_cell(table, "%s", "");
    report_cell(table, "  %s", label);
    cells(table, t, m, value);
    report_row_end(table);
}

static const char *mark_of(const zoo_row *row)
{
    const bool untrained = row->marks & ZOO_UNTRAINED, others = row->marks & ZOO_OTHER_FILES;

    return untrained && others ? " *+" : untrained ? " *" : others ? " +" : "";
}

/* The model, zero velocity and constant velocity, in the order of their rows. */
#define GUESSES 3
static const char *const guess_name[GUESSES] = {"model", "zero velocity", "constant velocity"};

static const double *means(const zoo_result *r, int guess)
{
    return guess == 0 ? r->model : guess == 1 ? r->still : r->steady;
}

static const double *deviations(const zoo_result *r, int guess)
{
    return guess == 0 ? r->model_std : guess == 1 ? r->still_std : r->steady_std;
}

static void table_prediction(report_table *table, const zoo_table *t, const zoo_row *row, bool std)
{
    for (int g = t->predicted ? 0 : 1; g < GUESSES; g++) {
        bool first = g == 0 || (g == 1 && !t->predicted);
        for (size_t k = 0; k < t->metrics; k++) {
            const zoo_column *m = &t->metric[k];
            const zoo_result *r = &row->result[k];
            const double *value = means(r, g);
            if (!shown(m))
                continue;
            if (k == 0) {
                report_cell(table, "%s%s", first ? row->action : "", first ? mark_of(row) : "");
                report_cell(table, "%s", guess_name[g]);
                cells(table, t, m, value);
                if (first)
                    report_cell(table, "%zu", row->clips);
                report_row_end(table);
            } else {
                more_cells(table, t, m, m->label, value);
            }
            if (std && m->spread)
                more_cells(table, t, m, "std", deviations(r, g));
        }
    }
}

static void print_prediction(const zoo_table *t, bool std)
{
    char align[ZOO_MAX_HORIZONS + 4] = "ll";

    memset(align + 2, 'r', t->horizons + 1);
    align[t->horizons + 3] = '\0';
    report_table table = report_table_new(align);
    report_cell(&table, "action");
    report_cell(&table, "%s", t->metric[0].unit);
    for (size_t h = 0; h < t->horizons; h++)
        report_cell(&table, "%.0f ms", t->ms[h]);
    report_cell(&table, "clips");
    for (size_t i = 0; i < t->rows; i++)
        table_prediction(&table, t, &t->row[i], std);
    report_table_print(&table, stdout);
    for (size_t k = 0; k < t->metrics; k++)
        if (t->metric[k].limited && shown(&t->metric[k]))
            printf("PCK: the share of joints within %g %s.\n", t->measure.pck_limit,
                   pck_what[t->measure.pck_scale]);
    if (t->true_ms[0] == t->ms[0])
        return;
    printf("The columns have the literature's labels; the true times are");
    for (size_t h = 0; h < t->horizons; h++)
        printf("%s %.0f", h ? "," : "", t->true_ms[h]);
    printf(" ms.\n");
}

static void print_recognition(const zoo_table *t)
{
    char align[ZOO_MAX_METRICS + 3] = "lr";
    for (size_t k = 0; k < t->metrics; k++)
        strcat(align, shown(&t->metric[k]) ? "r" : "");
    report_table table = report_table_new(align);

    report_cell(&table, "action");
    for (size_t k = 0; k < t->metrics; k++)
        if (shown(&t->metric[k]))
            report_cell(&table, "%s", t->metric[k].label);
    report_cell(&table, "clips");
    for (size_t i = 0; i < t->rows; i++) {
        const zoo_row *row = &t->row[i];
        report_cell(&table, "%s%s", row->action, mark_of(row));
        for (size_t k = 0; k < t->metrics; k++)
            if (shown(&t->metric[k]))
                cell(&table, &t->metric[k], row->result[k].model[0], " %");
        report_cell(&table, "%zu", row->clips);
    }
    report_table_print(&table, stdout);
}

/* The metrics of all clips of an average together. */
static void print_pooled(const zoo_table *t, const zoo_row *row)
{
    for (size_t k = 0; k < t->metrics; k++) {
        const zoo_column *m = &t->metric[k];
        if (m->pooled && !isnan(row->result[k].model[0]))
            printf("%s %.*f %%.\n", m->label, m->digits, 100 * row->result[k].model[0]);
    }
}

/* "Left out: 3 test sequences, too short for a clip: nod 1 of 4, wave 2 of 2." */
static void print_left_out(const zoo_table *t, const zoo_domain *domain)
{
    char list[LENGTHS_SIZE];

    int at = printf("Left out: %zu test sequence%s, too short for a clip: ", t->left_out,
                    t->left_out == 1 ? "" : "s");
    lengths_list(list, domain, t->left_out_of, t->tested);
    report_paragraph(stdout, list, at, 0);
}

/* Explains the mark of actions whose test files are not the protocol's. */
static void print_other_files(const zoo_table *t, bool averaged)
{
    const zoo_test_files *f = t->files;
    char text[2048];
    size_t used = (size_t)snprintf(text, sizeof text, "+ has other test files than the protocol, ");
    bool any = false;

    for (size_t k = 1; k <= f->takes; k++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%sACTION_%zu",
                                 k > 1 ? " and " : "", f->before, k);
    used += (size_t)snprintf(text + used, sizeof text - used, "%s.",
                             averaged ? ", and is left out of the average" : "");
    for (size_t i = 0; i < t->rows && used < sizeof text; i++) {
        if (t->row[i].lacks[0] == '\0')
            continue;
        used += (size_t)snprintf(
            text + used, sizeof text - used, "%s%s",
            any ? ", " : "  Missing or too short for a clip: ", t->row[i].lacks);
        any = true;
    }
    if (any && used < sizeof text - 1)
        strcat(text, ".");
    report_paragraph(stdout, text, 0, 0);
}

void eval_print(const zoo_table *t, const zoo_domain *domain, bool std)
{
    const bool recognition = t->protocol->task == ZOO_RECOGNITION;
    bool averaged = false;
    unsigned marks = 0;
    char text[1024];
    size_t named = (size_t)snprintf(text, sizeof text, "%s: ", t->protocol->name);

    zoo_protocol_describe(text + named, sizeof text - named - 1, t->protocol, &t->measure);
    strcat(text, ".");
    report_paragraph(stdout, text, 0, 0);
    putchar('\n');
    if (recognition)
        print_recognition(t);
    else
        print_prediction(t, std);
    for (size_t i = 0; i < t->rows; i++) {
        const zoo_row *row = &t->row[i];
        marks |= row->marks;
        if (row->average) {
            printf("The average is over %zu action%s.\n", row->actions,
                   row->actions == 1 ? "" : "s");
            if (recognition)
                printf("Mean class accuracy %.1f %%, overall accuracy %.1f %% of %zu clips.\n",
                       100 * zoo_table_result(t, i, "top1")->model[0], 100 * row->accuracy,
                       row->clips);
            print_pooled(t, row);
            averaged = true;
        }
    }
    if (t->left_out)
        print_left_out(t, domain);
    if ((marks & ZOO_UNTRAINED) && t->window > 0)
        printf("* has no training sequence of %zu frames%s.\n", zoo_raw_frames(domain, t->window),
               averaged ? " and is left out of the average" : "");
    else if (marks & ZOO_UNTRAINED)
        printf("* has no training data%s.\n", averaged ? " and is left out of the average" : "");
    if (marks & ZOO_OTHER_FILES)
        print_other_files(t, averaged);
    if (t->files && t->files->takes == 0)
        printf("Data set %s has substitutes for test files of the protocol.\n", t->files->set);
    if (t->training == 0 && !t->saved)
        printf("The data have no training sequences, so untrained actions are not marked.\n");
    putchar('\n');
}

/* --------------------------------------------------------------------- JSON */

/* The values of a metric, or their standard deviations, of the model and of both references. */
static void json_numbers(report_json *json, const zoo_table *t, const zoo_column *m,
                         const char *ending, const zoo_result *r,
                         const double *(*of)(const zoo_result *r, int guess))
{
    const char *const names[GUESSES] = {m->key, m->still_key, m->steady_key};
    char key[ZOO_NAME_SIZE + 8];

    for (int g = t->predicted ? 0 : 1; g < GUESSES; g++) {
        snprintf(key, sizeof key, "%s%s", names[g], ending);
        report_numbers(json, key, of(r, g), t->horizons);
    }
}

static void json_prediction(report_json *json, const zoo_table *t, const zoo_row *row)
{
    report_numbers(json, "ms", t->ms, t->horizons);
    report_numbers(json, "true_ms", t->true_ms, t->horizons);
    for (size_t k = 0; k < t->metrics; k++) {
        const zoo_column *m = &t->metric[k];
        const zoo_result *r = &row->result[k];
        if (m->limited) {
            report_number(json, "pck_limit", t->measure.pck_limit);
            report_text(json, "pck_of", eval_pck_scales[t->measure.pck_scale]);
        }
        json_numbers(json, t, m, "", r, means);
        if (m->spread)
            json_numbers(json, t, m, "_std", r, deviations);
    }
}

static void json_recognition(report_json *json, const zoo_table *t, const zoo_row *row,
                             const zoo_domain *domain)
{
    for (size_t k = 0; k < t->metrics; k++)
        if (row->average || !t->metric[k].pooled)
            report_number(json, t->metric[k].key, row->result[k].model[0]);
    if (row->average) {
        size_t last = t->rows - 1;
        report_number(json, "mean_class_accuracy", zoo_table_result(t, last, "top1")->model[0]);
        report_number(json, "overall_accuracy", row->accuracy);
        return;
    }
    /* Answers that never occurred are left out. */
    report_object(json, "confusion");
    for (size_t k = 0; k < t->actions; k++) {
        size_t count = t->confusion[row->class_index * t->actions + k];
        if (count)
            report_count(json, domain->action[k], count);
    }
    report_end_object(json);
}

static void json_row(const zoo_table *t, const zoo_row *row, const zoo_domain *domain)
{
    report_json json = report_json_on(stdout);
    bool prediction = t->protocol->task == ZOO_PREDICTION;

    report_object(&json, NULL);
    report_text(&json, "task", prediction ? "prediction" : "recognition");
    report_text(&json, "protocol", t->protocol->name);
    report_text(&json, "action", row->action);
    if (prediction)
        json_prediction(&json, t, row);
    else
        json_recognition(&json, t, row, domain);
    if (t->protocol->cut == ZOO_CUT_DRAWN) {
        char number[24];
        snprintf(number, sizeof number, "%zu", t->measure.clips);
        report_text(&json, "clip_set", t->measure.every_clip ? "all" : number);
    }
    report_count(&json, "clips", row->clips);
    if (prediction)
        report_text(&json, "unit", t->metric[0].unit);
    if (row->average) {
        report_count(&json, "actions", row->actions);
        if (!t->saved) {
            report_count(&json, "left_out", t->left_out);
            lengths_json(&json, "left_out_of", domain, t->left_out_of);
        }
    } else {
        if (row->marks & ZOO_OTHER_FILES)
            report_bool(&json, "protocol_files", false);
        if (row->lacks[0] != '\0')
            report_text(&json, "lacks", row->lacks);
        if (t->training > 0)
            report_bool(&json, "trained", !(row->marks & ZOO_UNTRAINED));
    }
    report_end_object(&json);
}

void eval_json(const zoo_table *t, const zoo_domain *domain)
{
    for (size_t i = 0; i < t->rows; i++)
        json_row(t, &t->row[i], domain);
}
