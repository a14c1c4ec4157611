/*
 * bench_ops.c: graphop bench ops: times single operators, forward and backward, on cases that
 * are large enough.  Writes to stdout only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench_run.h"
#include "ceiling.h"
#include "progress.h"
#include "report.h"

enum { MOST_OPERATORS = 512 };
#define SECONDS 0.1 /* for each direction of a case */

typedef struct row {
    const gop_op *op;
    const gop_case *c;
    gop_bench b;
} row;

static double gflops(uint64_t madds, double seconds)
{
    return madds && seconds > 0 ? 2e-9 * (double)madds / seconds : 0;
}

static double gbs(uint64_t bytes, double seconds)
{
    return bytes && seconds > 0 ? 1e-9 * (double)bytes / seconds : 0;
}

/* ------------------------------------------------------------------- choosing */

static const gop_op *find(const char *name)
{
    for (const gop_op *const *op = gop_op_list(); *op; op++)
        if (strcmp((*op)->name, name) == 0)
            return *op;
    return NULL;
}

static int fail_unknown(const char *name)
{
    const char *names[MOST_OPERATORS + 1];
    size_t n = 0;

    for (const gop_op *const *op = gop_op_list(); *op && n < MOST_OPERATORS; op++)
        names[n++] = (*op)->name;
    names[n] = NULL;
    return app_fail_unknown(&bench_usage, "operator", name, names);
}

/* The first case with shapes for benchmarks, or else the first case. */
static const gop_case *pick(const gop_op *op)
{
    for (const gop_case *c = op->cases; c && c->name; c++)
        if (c->bench[0].rank > 0)
            return c;
    return op->cases && op->cases->name ? op->cases : NULL;
}

/* ------------------------------------------------------------------- printing */

static void shape_cell(report_table *table, gop_shape shape)
{
    char text[64];
    report_cell(table, "%s", gop_shape_text(text, sizeof text, shape));
}

/* The share of the ceiling or of the memory's speed, whichever limits more. */
static void rate_cells(report_table *table, uint64_t madds, uint64_t bytes, double seconds,
                       const ceiling *top)
{
    const double share = fmax(gflops(madds, seconds) / top->gflops, gbs(bytes, seconds) / top->gbs);
    if (seconds > 0)
        report_cell(table, "%.3f", 1e3 * seconds);
    else
        report_cell(table, "-");
    if (gflops(madds, seconds) > 0)
        report_cell(table, "%.1f", gflops(madds, seconds));
    else
        report_cell(table, "-");
    if (gbs(bytes, seconds) > 0)
        report_cell(table, "%.1f", gbs(bytes, seconds));
    else
        report_cell(table, "-");
    if (share > 0)
        report_cell(table, "%.0f", 100 * share);
    else
        report_cell(table, "-");
}

static void print(const row *rows, size_t n, const ceiling *top, gop_ctx *ctx)
{
    report_table table = report_table_new("lllrrrrrrrr");
    const char *heads[] = {"operator", "case",        "result",  "forward ms", "GFLOP/s", "GB/s",
                           "%",        "backward ms", "GFLOP/s", "GB/s",       "%"};

    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        report_cell(&table, "%s", heads[i]);
    for (size_t i = 0; i < n; i++) {
        const gop_bench *b = &rows[i].b;
        report_cell(&table, "%s", rows[i].op->name);
        report_cell(&table, "%s", rows[i].c->name);
        shape_cell(&table, b->out);
        rate_cells(&table, b->madds, b->bytes, b->forward, top);
        rate_cells(&table, b->madds_backward, b->bytes_backward, b->backward, top);
    }
    report_table_print(&table, stdout);
    printf("\nCeiling %.1f GFLOP/s (kernel %s, products of %zu x %zu x %zu on each of %d "
           "thread%s).\n",
           top->gflops, gop_ctx_kernel(ctx), top->m, top->k, top->n, gop_ctx_threads(ctx),
           gop_ctx_threads(ctx) == 1 ? "" : "s");
    printf("Memory %.1f GB/s (copies of %d MiB on each thread).  %% is of the nearer limit.\n",
           top->gbs, CEILING_COPY >> 20);
}

static void rates_json(report_json *json, const char *key, uint64_t madds, uint64_t bytes,
                       double seconds)
{
    report_object(json, key);
    report_number(json, "seconds", seconds);
    report_count(json, "madds", madds);
    report_count(json, "bytes", bytes);
    report_number(json, "gflops", gflops(madds, seconds));
    report_number(json, "gbs", gbs(bytes, seconds));
    report_end_object(json);
}

static void print_json(const row *rows, size_t n, const ceiling *top, gop_ctx *ctx)
{
    report_json json = report_json_on(stdout);
    char text[64];

    for (size_t i = 0; i < n; i++) {
        const gop_bench *b = &rows[i].b;
        report_object(&json, NULL);
        report_text(&json, "operator", rows[i].op->name);
        report_text(&json, "case", rows[i].c->name);
        report_array(&json, "in");
        for (size_t k = 0; k < b->n_in; k++)
            report_text(&json, NULL, gop_shape_text(text, sizeof text, b->in[k]));
        report_end_array(&json);
        report_text(&json, "out", gop_shape_text(text, sizeof text, b->out));
        report_count(&json, "runs", b->runs);
        rates_json(&json, "forward", b->madds, b->bytes, b->forward);
        if (b->backward > 0)
            rates_json(&json, "backward", b->madds_backward, b->bytes_backward, b->backward);
        report_end_object(&json);
    }
    report_object(&json, NULL);
    report_number(&json, "ceiling_gflops", top->gflops);
    report_number(&json, "memory_gbs", top->gbs);
    report_text(&json, "kernel", gop_ctx_kernel(ctx));
    report_count(&json, "threads", (uint64_t)gop_ctx_threads(ctx));
    report_end_object(&json);
}

/* ------------------------------------------------------------------ measuring */

static int measure(row *rows, size_t n, const bench_settings *set)
{
    gop_error err = {GOP_OK, ""};
    progress bar = progress_start(0);
    ceiling top = {0};
    gop_ctx *ctx = NULL;
    gop_status status = gop_ctx_new(&ctx, (int)set->run.threads, gop_memory_available(), &err);

    if (!status)
        status = ceiling_measure(&top, ctx, &err);
    for (size_t i = 0; i < n && !status; i++) {
        progress_show(&bar, (double)i / (double)n, "measuring %s", rows[i].op->name);
        status = gop_bench_case(&rows[i].b, rows[i].op, rows[i].c, (int)set->run.threads, SECONDS,
                                &err);
    }
    if (!status)
        status = ceiling_measure(&top, ctx, &err);
    progress_clear(&bar);
    if (!status)
        (set->json ? print_json : print)(rows, n, &top, ctx);
    gop_ctx_free(ctx);
    return status ? app_fail_error(&bench_usage, APP_DATA, &err) : APP_OK;
}

int bench_ops(const bench_settings *set, char **names, size_t n_names)
{
    row rows[MOST_OPERATORS];
    size_t n = 0;

    for (size_t i = 0; i < n_names && n < MOST_OPERATORS; i++) {
        const gop_op *op = find(names[i]);
        if (!op)
            return fail_unknown(names[i]);
        for (const gop_case *c = op->cases; c && c->name && n < MOST_OPERATORS; c++)
            rows[n++] = (row){.op = op, .c = c};
    }
    for (const gop_op *const *op = gop_op_list(); !n_names && *op && n < MOST_OPERATORS; op++)
        if (pick(*op))
            rows[n++] = (row){.op = *op, .c = pick(*op)};
    return measure(rows, n, set);
}
