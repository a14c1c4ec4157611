/*
 * prepare_report.c: fills the report of a preparation.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/dataset/store/prepare_report.h"

#define ROOM 16

void zoo_report_clear(zoo_report *report)
{
    if (report == NULL)
        return;
    free(report->finding);
    free(report->missing);
    memset(report, 0, sizeof *report);
}

static void add(zoo_report *report, zoo_finding_kind kind, const char *format, va_list args)
{
    if (report->found[kind]++ >= ZOO_MAX_FINDINGS)
        return;
    if (report->findings % ROOM == 0) {
        zoo_finding *grown = realloc(report->finding, (report->findings + ROOM) * sizeof *grown);
        if (grown == NULL)
            return;
        report->finding = grown;
    }
    zoo_finding *f = &report->finding[report->findings++];
    f->kind = kind;
    vsnprintf(f->text, sizeof f->text, format, args);
    for (char *p = f->text; *p != '\0'; p++) { /* file names may contain any byte */
        size_t n = gop_character(p, strnlen(p, 4));
        if (n == 0)
            *p = '?';
        p += n > 1 ? n - 1 : 0;
    }
}

void zoo_report_add(zoo_report *report, zoo_finding_kind kind, const char *format, ...)
{
    if (report == NULL)
        return;
    va_list args;
    va_start(args, format);
    add(report, kind, format, args);
    va_end(args);
}

void zoo_report_drop(zoo_report *report, zoo_drop why, const char *format, ...)
{
    if (report == NULL)
        return;
    report->dropped[why]++;
    va_list args;
    va_start(args, format);
    add(report, ZOO_DROPPED, format, args);
    va_end(args);
}

bool zoo_report_whole(const zoo_report *report)
{
    size_t all = 0;
    for (int k = 0; k < ZOO_KINDS; k++)
        all += report->found[k] < ZOO_MAX_FINDINGS ? report->found[k] : ZOO_MAX_FINDINGS;
    return all == report->findings;
}

const char *zoo_drop_name(zoo_drop why)
{
    static const char *const name[ZOO_DROPS] = {
        [ZOO_DROP_KIND] = "another kind of file", [ZOO_DROP_UNREADABLE] = "unreadable",
        [ZOO_DROP_FORMAT] = "malformed",          [ZOO_DROP_NAME] = "uninformative name",
        [ZOO_DROP_TWICE] = "duplicate name",      [ZOO_DROP_LISTED] = "on the skip list",
        [ZOO_DROP_LABEL] = "without a class",     [ZOO_DROP_JOINTS] = "another number of joints",
        [ZOO_DROP_EMPTY] = "without a body",      [ZOO_DROP_NON_FINITE] = "not finite",
        [ZOO_DROP_SHORT] = "too short",           [ZOO_DROP_SPLIT] = "outside of the split",
        [ZOO_DROP_TIME] = "back in time",
    };
    return (unsigned)why < ZOO_DROPS ? name[why] : NULL;
}

bool zoo_report_nodes(zoo_report *report, size_t nodes)
{
    if (report == NULL)
        return true;
    report->missing = calloc(nodes, sizeof *report->missing);
    report->missing_nodes = report->missing == NULL ? 0 : nodes;
    return report->missing != NULL;
}

void zoo_report_finish(zoo_report *report, const zoo_dataset *data)
{
    const zoo_domain *d = &data->domain;
    report->actions = d->actions;
    for (size_t i = 0; i < data->sequences; i++) {
        report->sequences[data->sequence[i].split]++;
        report->frames[data->sequence[i].split] += data->sequence[i].frames;
    }
    for (size_t c = 0; c < d->layout.columns; c++)
        report->constant += d->constant[c];
    for (size_t a = 0; a < d->actions; a++) {
        bool train = zoo_dataset_has(data, a, ZOO_TRAIN), test = zoo_dataset_has(data, a, ZOO_TEST);
        if (!train || !test)
            zoo_report_add(report, ZOO_ABSENT, "%s has no %s data", d->action[a],
                           train  ? "test"
                           : test ? "training"
                                  : "training or test");
    }
}
