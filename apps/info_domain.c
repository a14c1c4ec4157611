/*
 * info_domain.c: graphop info: the domain that data sets and models have in common.
 * Writes to stdout only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdio.h>

#include "info.h"

static size_t constant_columns(const zoo_domain *d)
{
    size_t n = 0;
    for (uint32_t c = 0; c < d->layout.columns; c++)
        n += d->constant[c];
    return n;
}

void info_print_domain(const zoo_domain *d)
{
    const zoo_layout *l = &d->layout;

    printf("layout     %s: %u nodes of %u %s channels, %u edges, %u parts\n", l->name,
           (unsigned)l->nodes, (unsigned)l->channels, zoo_feature_name(l->feature),
           (unsigned)l->n_edges, (unsigned)l->parts);
    printf("columns    %u a frame, %zu of them constant in training\n", (unsigned)l->columns,
           constant_columns(d));
    printf("rate       %g Hz", d->rate);
    if (d->factor > 1)
        printf(", one frame in %u used (%g Hz)", (unsigned)d->factor, d->rate / d->factor);
    putchar('\n');
    if (d->origin[0] != '\0')
        printf("origin     %s\n", d->origin);
    if (d->reading[0] != '\0')
        printf("reading    %s\n", d->reading);
    for (size_t i = 0; i < d->steps.n; i++)
        printf("%s%s\n", i == 0 ? "steps      " : "           ", d->steps.step[i]);
    if (d->missing)
        printf("missing    some values are missing\n");
}

void info_json_domain(report_json *json, const zoo_domain *d)
{
    const zoo_layout *l = &d->layout;

    report_object(json, "layout");
    report_text(json, "name", l->name);
    report_text(json, "feature", zoo_feature_name(l->feature));
    report_count(json, "nodes", l->nodes);
    report_count(json, "channels", l->channels);
    report_count(json, "columns", l->columns);
    report_count(json, "edges", l->n_edges);
    report_count(json, "parts", l->parts);
    report_end_object(json);
    report_number(json, "rate", d->rate);
    report_count(json, "factor", d->factor);
    report_count(json, "constant_columns", constant_columns(d));
    report_text(json, "origin", d->origin);
    report_array(json, "steps");
    for (size_t i = 0; i < d->steps.n; i++)
        report_text(json, NULL, d->steps.step[i]);
    report_end_array(json);
    report_bool(json, "missing", d->missing);
    report_text(json, "reading", d->reading);
}
