/*
 * profile_table.c: see profile_table.h.  Reads a net's profile, writes to the given stream.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "profile_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "report.h"

double profile_gflops(uint64_t madds, double seconds)
{
    return seconds > 0 ? 2e-9 * (double)madds / seconds : 0;
}

/* "relu", or "batch_norm+relu+dropout" for one call that runs three operators. */
static void kind_of(char *kind, size_t size, const gop_net *net, size_t index, size_t fused)
{
    size_t used = 0;

    for (size_t i = index; i < index + fused && used < size; i++)
        used += (size_t)snprintf(kind + used, size - used, "%s%s", i > index ? "+" : "",
                                 gop_net_profile_row(net, i).op);
}

/* Finds or adds the line of a kind; an operator with a name always gets a new line. */
static profile_line *line_of(profile_table *t, const char *kind, const char *name, bool backward)
{
    for (size_t i = 0; i < t->lines && !name; i++) {
        if (t->line[i].backward == backward && strcmp(t->line[i].op, kind) == 0)
            return &t->line[i];
    }
    profile_line *fresh = &t->line[t->lines++];
    snprintf(fresh->op, sizeof fresh->op, "%s", kind);
    fresh->name = name;
    fresh->backward = backward;
    return fresh;
}

static void add(profile_table *t, const gop_net *net, size_t index, bool backward, bool each)
{
    gop_profile_row row = gop_net_profile_row(net, index);
    const gop_profile_work *w = backward ? &row.backward : &row.forward;
    char kind[sizeof t->line->op];

    if (w->calls == 0)
        return;
    kind_of(kind, sizeof kind, net, index, w->fused);
    profile_line *line = line_of(t, kind, each ? row.name : NULL, backward);
    line->operators += w->fused;
    line->sum.calls += w->calls;
    line->sum.seconds += w->seconds;
    line->sum.madds += w->madds;
    line->sum.bytes += w->bytes;
    t->madds[backward] += w->madds;
    t->rest -= w->seconds;
}

/* Breaks ties so that the order does not depend on the sort. */
static int longer_first(const void *a, const void *b)
{
    const profile_line *x = a, *y = b;

    if (x->sum.seconds != y->sum.seconds)
        return x->sum.seconds < y->sum.seconds ? 1 : -1;
    int names = strcmp(x->name ? x->name : x->op, y->name ? y->name : y->op);
    return names ? names : (int)x->backward - (int)y->backward;
}

profile_table profile_gather(const gop_net *net, uint64_t runs, double wall, bool each)
{
    profile_table t = {.runs = runs, .wall = wall, .rest = wall};
    size_t rows = gop_net_profile_rows(net);

    t.line = calloc(2 * rows + 1, sizeof *t.line);
    if (!t.line) {
        fputs("graphop: out of memory.\n", stderr);
        exit(APP_DATA);
    }
    for (size_t i = 0; i < rows; i++) {
        add(&t, net, i, false, each);
        add(&t, net, i, true, each);
    }
    qsort(t.line, t.lines, sizeof *t.line, longer_first);
    return t;
}

void profile_free(profile_table *t)
{
    free(t->line);
    t->line = NULL;
    t->lines = 0;
}

static double per_run(const profile_table *t, double sum)
{
    return t->runs ? sum / (double)t->runs : 0;
}

static double share(const profile_table *t, double seconds)
{
    return t->wall > 0 ? seconds / t->wall : 0;
}

/* NaN, which JSON writes as null, if the divisor is 0. */
static double rate(double amount, double seconds)
{
    return seconds > 0 ? 1e-9 * amount / seconds : NAN;
}

void profile_print(const profile_table *t, FILE *out)
{
    static const char *const head[] = {"name", "operator", "pass",    "calls",
                                       "ms",   "share",    "GFLOP/s", "GB/s"};
    bool each = t->lines && t->line[0].name;
    report_table table = report_table_new(each ? "lllrrrrr" : "llrrrrr");

    fprintf(out, "Time of a run: %.3f ms, the mean of %llu run%s.\n", 1e3 * per_run(t, t->wall),
            (unsigned long long)t->runs, t->runs == 1 ? "" : "s");
    for (size_t i = each ? 0 : 1; i < sizeof head / sizeof *head; i++)
        report_cell(&table, "%s", head[i]);
    for (size_t i = 0; i < t->lines; i++) {
        const profile_line *l = &t->line[i];
        if (each)
            report_cell(&table, "%s", l->name);
        report_cell(&table, "%s", l->op);
        report_cell(&table, "%s", l->backward ? "backward" : "forward");
        report_cell(&table, "%.6g", per_run(t, (double)l->sum.calls));
        report_cell(&table, "%.3f", 1e3 * per_run(t, l->sum.seconds));
        report_cell(&table, "%.1f %%", 100 * share(t, l->sum.seconds));
        if (l->sum.madds)
            report_cell(&table, "%.1f", profile_gflops(l->sum.madds, l->sum.seconds));
        else
            report_cell(&table, "%s", "");
        report_cell(&table, "%.1f", rate((double)l->sum.bytes, l->sum.seconds));
    }
    report_cell(&table, "rest");
    for (int i = each ? 0 : 1; i < 2; i++)
        report_cell(&table, "%s", "");
    report_cell(&table, "%s", "");
    report_cell(&table, "%.3f", 1e3 * per_run(t, t->rest));
    report_cell(&table, "%.1f %%", 100 * share(t, t->rest));
    report_table_print(&table, out);
}

void profile_print_json(const profile_table *t, FILE *out)
{
    report_json json = report_json_on(out);

    for (size_t i = 0; i < t->lines; i++) {
        const profile_line *l = &t->line[i];
        report_object(&json, NULL);
        report_text(&json, "operator", l->op);
        if (l->name)
            report_text(&json, "name", l->name);
        report_text(&json, "pass", l->backward ? "backward" : "forward");
        report_count(&json, "operators", l->operators);
        report_number(&json, "calls", per_run(t, (double)l->sum.calls));
        report_number(&json, "seconds", per_run(t, l->sum.seconds));
        report_number(&json, "share", share(t, l->sum.seconds));
        report_number(&json, "madds", per_run(t, (double)l->sum.madds));
        report_number(&json, "bytes", per_run(t, (double)l->sum.bytes));
        report_number(&json, "gflops", rate(2 * (double)l->sum.madds, l->sum.seconds));
        report_number(&json, "gbs", rate((double)l->sum.bytes, l->sum.seconds));
        report_end_object(&json);
    }
    report_object(&json, NULL);
    report_number(&json, "rest", per_run(t, t->rest));
    report_number(&json, "share", share(t, t->rest));
    report_number(&json, "wall", per_run(t, t->wall));
    report_count(&json, "runs", t->runs);
    report_end_object(&json);
}
