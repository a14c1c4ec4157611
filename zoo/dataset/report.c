/*
 * report.c: what a preparation found and did.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/dataset/build.h"

#define ROOM 16

void zoo_report_clear(zoo_report *report)
{
    if (report == NULL)
        return;
    free(report->finding);
    memset(report, 0, sizeof *report);
}

void zoo_report_add(zoo_report *report, zoo_finding_kind kind, const char *format, ...)
{
    if (report == NULL)
        return;
    if (report->findings % ROOM == 0) {
        zoo_finding *grown =
            realloc(report->finding, (report->findings + ROOM) * sizeof *grown);
        if (grown == NULL)
            return;
        report->finding = grown;
    }
    zoo_finding *f = &report->finding[report->findings++];
    f->kind = kind;
    va_list args;
    va_start(args, format);
    vsnprintf(f->text, sizeof f->text, format, args);
    va_end(args);
}

/* Only sorts out candidates; bytes are compared before anything is said. */
static uint64_t hash_frames(const zoo_sequence *s, size_t columns)
{
    uint64_t h = 0x9e3779b97f4a7c15u ^ s->frames;
    for (size_t i = 0; i < s->frames * columns; i++) {
        uint32_t bits;
        memcpy(&bits, &s->data[i], sizeof bits);
        h = (h ^ bits) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    return h;
}

static void find_identical(zoo_report *report, const zoo_dataset *data)
{
    size_t n = data->sequences, columns = data->domain.layout.columns;
    uint64_t *hash = malloc((n > 0 ? n : 1) * sizeof *hash);
    if (hash == NULL)
        return;
    for (size_t i = 0; i < n; i++)
        hash[i] = hash_frames(&data->sequence[i], columns);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            const zoo_sequence *a = &data->sequence[i], *b = &data->sequence[j];
            if (a->split == ZOO_TRAIN && b->split == ZOO_TEST && hash[i] == hash[j]
                && a->frames == b->frames
                && memcmp(a->data, b->data, a->frames * columns * sizeof *a->data) == 0)
                zoo_report_add(report, ZOO_IDENTICAL,
                               "training sequence %s and test sequence %s are identical", a->name,
                               b->name);
        }
    free(hash);
}

void zoo_report_finish(zoo_report *report, const zoo_dataset *data)
{
    if (report == NULL)
        return;
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
                           train ? "test" : test ? "training" : "training or test");
    }
    find_identical(report, data);
}
