/*
 * seeds_report.c: see seeds_report.h.  Writes to stdout and to the log that it is given.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "seeds_report.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "report.h"

/* The figures of a measurement, by their keys in logs. */
enum { LOSS, RECOGNITION, PREDICTION, TOP1, FIGURES };
static const char *const keys[FIGURES] = {"loss", "loss_recognition", "loss_prediction", "top1"};
static const char *const titles[FIGURES] = {"loss", "recognition", "prediction", "top-1"};

static double figure(const zoo_validation *v, int which)
{
    return which == LOSS          ? v->loss
           : which == RECOGNITION ? v->loss_recognition
           : which == PREDICTION  ? v->loss_prediction
                                  : v->top1;
}

static const zoo_validation *measured(const seed_result *r, bool best)
{
    return best ? &r->best : &r->last;
}

/* The mean of a figure over the runs, and the root of sum (x - mean)^2 / (n - 1), NaN for one run. */
static double mean_of(double *deviation, const seed_result *r, size_t n, int which, bool best)
{
    double mean = 0, squares = 0;

    for (size_t i = 0; i < n; i++)
        mean += figure(measured(&r[i], best), which) / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += pow(figure(measured(&r[i], best), which) - mean, 2);
    *deviation = n > 1 ? sqrt(squares / (double)(n - 1)) : NAN;
    return mean;
}

/* -------------------------------------------------------------------- tables */

/* With one head its loss is the loss, and has one column. */
static bool has_column(const zoo_validation *v, int which)
{
    const bool both = !isnan(v->loss_recognition) && !isnan(v->loss_prediction);

    return which == RECOGNITION || which == PREDICTION ? both : !isnan(figure(v, which));
}

static void add_figure(report_table *table, double value, int which)
{
    if (isnan(value))
        report_cell(table, "-");
    else if (which == TOP1)
        report_cell(table, "%.1f %%", 100 * value);
    else
        report_cell(table, "%.4g", value);
}

static void print_table(const seed_result *r, size_t n, bool best)
{
    const zoo_validation *first = measured(&r[0], best);
    const char *align = has_column(first, RECOGNITION) ? "lrrrrr"
                        : has_column(first, TOP1)      ? "lrrr"
                                                       : "lrr";
    report_table table = report_table_new(align);
    double mean[FIGURES], deviation[FIGURES];

    report_cell(&table, "seed");
    report_cell(&table, "step");
    for (int k = 0; k < FIGURES; k++) {
        mean[k] = mean_of(&deviation[k], r, n, k, best);
        if (has_column(first, k))
            report_cell(&table, "%s", titles[k]);
    }
    for (size_t i = 0; i < n; i++) {
        report_cell(&table, "%" PRIu64, r[i].seed);
        report_cell(&table, "%" PRIu64, measured(&r[i], best)->step);
        for (int k = 0; k < FIGURES; k++)
            if (has_column(first, k))
                add_figure(&table, figure(measured(&r[i], best), k), k);
    }
    for (int row = 0; row < 2; row++) {
        report_cell(&table, row == 0 ? "mean" : "deviation");
        report_cell(&table, "%s", "");
        for (int k = 0; k < FIGURES; k++)
            if (has_column(first, k))
                add_figure(&table, row == 0 ? mean[k] : deviation[k], k);
    }
    report_table_print(&table, stdout);
}

void seeds_print(const seed_result *r, size_t n)
{
    if (r[0].last.step == 0) {
        printf("\nNothing is held out (--validate), so the runs have no figures to compare.\n");
        return;
    }
    printf("\nHeld-out sequences after the last step:\n");
    print_table(r, n, false);
    printf("\nBest on the held-out sequences:\n");
    print_table(r, n, true);
}

/* ----------------------------------------------------------------------- log */

static void log_measured(report_json *json, const zoo_validation *v)
{
    for (int k = 0; k < FIGURES; k++)
        if (!isnan(figure(v, k)))
            report_number(json, keys[k], figure(v, k));
}

static void log_means(report_json *json, const seed_result *r, size_t n, bool best)
{
    for (int k = 0; k < FIGURES; k++) {
        double deviation, mean = mean_of(&deviation, r, n, k, best);
        if (isnan(mean))
            continue;
        report_object(json, keys[k]);
        report_number(json, "mean", mean);
        report_number(json, "deviation", deviation);
        report_end_object(json);
    }
}

static void log_all(report_json *json, const seed_result *r, size_t n)
{
    const bool held_out = r[0].last.step > 0;

    for (size_t i = 0; i < n; i++) {
        report_object(json, NULL);
        report_text(json, "event", "run");
        report_count(json, "seed", r[i].seed);
        report_text(json, "model", r[i].model);
        report_count(json, "steps", r[i].steps);
        if (held_out) {
            log_measured(json, &r[i].last);
            report_object(json, "best");
            report_count(json, "step", r[i].best.step);
            log_measured(json, &r[i].best);
            report_end_object(json);
        }
        report_end_object(json);
    }
    report_object(json, NULL);
    report_text(json, "event", "summary");
    report_count(json, "runs", n);
    if (held_out) {
        log_means(json, r, n, false);
        report_object(json, "best");
        log_means(json, r, n, true);
        report_end_object(json);
    }
    report_end_object(json);
}

gop_status seeds_log(const char *path, const seed_result *r, size_t n, gop_error *err)
{
    gop_file *file;

    gop_try(gop_file_new(&file, path, err));
    report_json json = report_json_on(gop_file_stream(file));
    log_all(&json, r, n);
    return gop_file_commit(file, err);
}
