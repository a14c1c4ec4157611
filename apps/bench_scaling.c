/*
 * bench_scaling.c: graphop bench --scaling: measures how the cost of a run grows with batch,
 * frames, nodes and width.  Doubles each three times while the others stay the same.
 * Writes to stdout only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <stdio.h>

#include "bench_run.h"
#include "progress.h"
#include "report.h"

enum { POINTS = 4 };

typedef struct axis {
    const char *name;
    double size[POINTS];
    double seconds[POINTS], madds[POINTS]; /* per run */
    double batch[POINTS];
    double exponent, work; /* exponents of seconds and of madds */
} axis;

/* The slope of the least-squares line through (log x, log y); NaN if all x are equal. */
static double exponent(const double *x, const double *y)
{
    double mx = 0, my = 0, xx = 0, xy = 0;

    for (int i = 0; i < POINTS; i++) {
        mx += log(x[i]) / POINTS;
        my += log(y[i]) / POINTS;
    }
    for (int i = 0; i < POINTS; i++) {
        xx += (log(x[i]) - mx) * (log(x[i]) - mx);
        xy += (log(x[i]) - mx) * (log(y[i]) - my);
    }
    return xx > 0 ? xy / xx : NAN;
}

static int measure(axis *a, int i, const bench_settings *set, const char *name,
                   const bench_sizes *sizes)
{
    gop_error err = {GOP_OK, ""};
    bench_subject s;
    bench_times times;
    int status = bench_open(&s, set, name, sizes);

    if (status == APP_OK) {
        uint64_t warm_up = set->warm_up == UINT64_MAX ? 1 : set->warm_up;
        gop_status failed = bench_measure(&times, &s, warm_up, set->repeat, 0.5, &err);
        if (!failed)
            failed = gop_net_profile(s.net, true, &err);
        if (!failed)
            failed = bench_once(&s, &err);
        if (failed) {
            status = app_fail_error(&bench_usage, APP_DATA, &err);
        } else {
            a->seconds[i] = times.p50;
            a->batch[i] = s.training.batch;
            a->madds[i] = 0;
            for (size_t k = 0; k < gop_net_profile_rows(s.net); k++) {
                gop_profile_row row = gop_net_profile_row(s.net, k);
                a->madds[i] += (double)(row.forward.madds + row.backward.madds);
            }
        }
    }
    bench_close(&s);
    return status;
}

static void print(const axis *a)
{
    report_table table = report_table_new("rrrr");

    report_cell(&table, "%s", a->name);
    report_cell(&table, "ms a run");
    report_cell(&table, "ms a sample");
    report_cell(&table, "M multiply-adds a sample");
    for (int i = 0; i < POINTS; i++) {
        report_cell(&table, "%g", a->size[i]);
        report_cell(&table, "%.3f", 1e3 * a->seconds[i]);
        report_cell(&table, "%.4f", 1e3 * a->seconds[i] / a->batch[i]);
        report_cell(&table, "%.4g", 1e-6 * a->madds[i] / a->batch[i]);
    }
    report_table_print(&table, stdout);
    printf("The time of a run grows as %s^%.2f, its multiply-adds as %s^%.2f.\n\n", a->name,
           a->exponent, a->name, a->work);
}

static void print_json(const axis *a)
{
    report_json json = report_json_on(stdout);

    for (int i = 0; i < POINTS; i++) {
        report_object(&json, NULL);
        report_text(&json, "axis", a->name);
        report_number(&json, "size", a->size[i]);
        report_number(&json, "seconds", a->seconds[i]);
        report_number(&json, "seconds_per_sample", a->seconds[i] / a->batch[i]);
        report_number(&json, "madds_per_sample", a->madds[i] / a->batch[i]);
        report_end_object(&json);
    }
    report_object(&json, NULL);
    report_text(&json, "axis", a->name);
    report_number(&json, "exponent", a->exponent);
    report_number(&json, "madds_exponent", a->work);
    report_end_object(&json);
}

static size_t quarter(size_t n, size_t least)
{
    return n / 4 > least ? n / 4 : least;
}

/* Sets the sizes, from a quarter of the model's own to twice its own. */
static int find_base(axis axes[4], const bench_settings *set, const char *name, size_t batch)
{
    const bench_sizes as_set = {batch, 0, 0, 0};
    bench_subject s;
    int status = bench_open(&s, set, name, &as_set);

    if (status == APP_OK) {
        const size_t first[] = {quarter(s.training.batch, 1),
                                quarter(zoo_model_observed(s.model), 3),
                                quarter(s.domain.layout.nodes, 2)};
        for (int i = 0; i < POINTS; i++) {
            for (int k = 0; k < 3; k++)
                axes[k].size[i] = (double)(first[k] << i);
            axes[3].size[i] = 0.25 * (double)(1 << i);
        }
    }
    bench_close(&s);
    return status;
}

int bench_scaling(const bench_settings *set, const char *name)
{
    axis axes[4] = {{.name = "batch"}, {.name = "frames"}, {.name = "nodes"}, {.name = "width"}};
    const size_t batch = app_given_text(&set->run.given, "batch") ? 0 : 8;
    progress bar = progress_start(0);

    int status = find_base(axes, set, name, batch);
    for (int k = 0; k < 4 && status == APP_OK; k++) {
        for (int i = 0; i < POINTS && status == APP_OK; i++) {
            size_t whole = (size_t)axes[k].size[i];
            const bench_sizes sizes = {k == 0 ? whole : batch, k == 1 ? whole : 0,
                                       k == 2 ? whole : 0, k == 3 ? axes[k].size[i] : 0};
            progress_show(&bar, (4 * k + i) / 16.0, "measuring %s %g", axes[k].name,
                          axes[k].size[i]);
            status = measure(&axes[k], i, set, name, &sizes);
        }
        progress_clear(&bar);
        if (status != APP_OK)
            break;
        axes[k].exponent = exponent(axes[k].size, axes[k].seconds);
        axes[k].work = exponent(axes[k].size, axes[k].madds);
        (set->json ? print_json : print)(&axes[k]);
        fflush(stdout);
    }
    progress_clear(&bar);
    return status;
}
