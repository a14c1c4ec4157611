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
/* Numbers of a sequence that are hashed. */
#define SAMPLES 512

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

/* A test sequence and what its frames have in common with those equal to them. */
typedef struct twin {
    uint64_t hash;
    size_t index;
} twin;

/* Of a few of the frames' numbers: it only sorts out candidates, whose bytes are
 * compared before anything is said. */
static uint64_t hash_frames(const zoo_sequence *s, size_t columns)
{
    size_t n = s->frames * columns, step = n / SAMPLES + 1;
    uint64_t h = 0x9e3779b97f4a7c15u ^ s->frames;
    for (size_t i = 0; i < n; i += step) {
        uint32_t bits;
        memcpy(&bits, &s->data[i], sizeof bits);
        h = (h ^ bits) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    return h;
}

static int by_hash(const void *a, const void *b)
{
    const twin *s = a, *t = b;
    if (s->hash != t->hash)
        return s->hash < t->hash ? -1 : 1;
    return s->index < t->index ? -1 : s->index > t->index;
}

/* Where the hashes that are at least `hash` begin. */
static size_t first_of(const twin *test, size_t n, uint64_t hash)
{
    size_t low = 0;
    while (low < n) {
        size_t middle = low + (n - low) / 2;
        if (test[middle].hash < hash)
            low = middle + 1;
        else
            n = middle;
    }
    return low;
}

static void find_identical(zoo_report *report, const zoo_dataset *data)
{
    size_t n = 0, columns = data->domain.layout.columns;
    twin *test = malloc((data->sequences + 1) * sizeof *test);
    if (test == NULL)
        return;
    for (size_t i = 0; i < data->sequences; i++)
        if (data->sequence[i].split == ZOO_TEST)
            test[n++] = (twin){hash_frames(&data->sequence[i], columns), i};
    qsort(test, n, sizeof *test, by_hash);
    for (size_t i = 0; i < data->sequences; i++) {
        const zoo_sequence *a = &data->sequence[i];
        if (a->split != ZOO_TRAIN)
            continue;
        uint64_t hash = hash_frames(a, columns);
        for (size_t k = first_of(test, n, hash); k < n && test[k].hash == hash; k++) {
            const zoo_sequence *b = &data->sequence[test[k].index];
            if (a->frames == b->frames
                && memcmp(a->data, b->data, a->frames * columns * sizeof *a->data) == 0)
                zoo_report_add(report, ZOO_IDENTICAL,
                               "training sequence %s and test sequence %s are identical", a->name,
                               b->name);
        }
    }
    free(test);
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
