/*
 * eval_early.c: recognition from the first part of each clip.  Writes to stdout only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "eval_early.h"

#include <stdio.h>

#include "progress.h"
#include "report.h"

#define SHARES 10

/* The protocol that measures clips as the model sees them. */
static const zoo_protocol *choose(const zoo_predictor *model)
{
    const zoo_protocol *whole = zoo_protocol_find("clips");

    return zoo_protocol_sees(whole, &model->view) ? whole : zoo_protocol_find("beginning");
}

/* The row of all clips: the average, or the only class. */
static const zoo_row *all_clips(const zoo_table *t)
{
    return &t->row[t->rows - 1];
}

static gop_status measure(zoo_table **table, size_t k, const zoo_protocol *protocol,
                          const zoo_dataset *data, const zoo_predictor *model, gop_error *err)
{
    const zoo_measure part = {.share = (double)(k + 1) / SHARES};
    progress bar = progress_start(0);

    progress_show(&bar, -1, "measuring %.0f %% of each clip", 100 * part.share);
    gop_status status = zoo_evaluate(table, protocol, data, model, &part, err);
    progress_clear(&bar);
    return status;
}

static void json_share(const zoo_table *t)
{
    report_json json = report_json_on(stdout);
    const zoo_row *all = all_clips(t);

    report_object(&json, NULL);
    report_text(&json, "task", "early");
    report_text(&json, "protocol", t->protocol->name);
    report_number(&json, "share", t->measure.share);
    report_number(&json, "mean_class_accuracy", zoo_table_result(t, t->rows - 1, "top1")->model[0]);
    report_number(&json, "overall_accuracy", all->accuracy);
    report_count(&json, "clips", all->clips);
    report_count(&json, "left_out", t->left_out);
    report_end_object(&json);
    fflush(stdout);
}

static void print_share(report_table *table, const zoo_table *t)
{
    const zoo_row *all = all_clips(t);

    report_cell(table, "%.0f %%", 100 * t->measure.share);
    report_cell(table, "%.1f %%", 100 * zoo_table_result(t, t->rows - 1, "top1")->model[0]);
    report_cell(table, "%.1f %%", 100 * all->accuracy);
    report_cell(table, "%zu", all->clips);
}

static void print_heading(report_table *table)
{
    report_cell(table, "observed");
    report_cell(table, "mean of classes");
    report_cell(table, "all clips");
    report_cell(table, "clips");
}

gop_status eval_early(const zoo_dataset *data, const zoo_predictor *model, bool json,
                      gop_error *err)
{
    const zoo_protocol *protocol = choose(model);
    report_table table = report_table_new("rrrr");
    gop_status status = GOP_OK;
    size_t k, left_out = 0;

    for (k = 0; k < SHARES && status == GOP_OK; k++) {
        zoo_table *t;
        status = measure(&t, k, protocol, data, model, err);
        if (status != GOP_OK)
            break;
        if (k == 0 && !json)
            print_heading(&table);
        left_out = t->left_out;
        if (json)
            json_share(t);
        else
            print_share(&table, t);
        zoo_table_free(t);
    }
    if (json || k == 0)
        return status;
    printf("early: the share of clips recognised when only their first part is observed.\n\n");
    report_table_print(&table, stdout);
    if (left_out > 0)
        printf("Left out: %zu test sequence%s, shorter than what the model observes.\n", left_out,
               left_out == 1 ? "" : "s");
    return status;
}
