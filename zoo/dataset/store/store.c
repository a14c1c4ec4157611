/*
 * store.c: builds a set from its sequences: statistics, identical sequences, the file.  Touches
 * memory, and the target through graphop's writer.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/dataset/store/reading.h"
#include "zoo/dataset/store/store.h"
#include "zoo/dataset/dataset_frames.h"
#include "zoo/fingerprint.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Below this standard deviation a column is constant (the literature's rule). */
#define LEAST_STD 1e-4

static gop_status no_memory(zoo_store *store, const char *name, gop_error *err)
{
    store->broken = true;
    return gop_fail(err, GOP_ENOMEM, "out of memory for sequence %s", name);
}

/* Called once for each sequence added, file dropped and sequence read back. */
static gop_status look_up(zoo_store *store, gop_error *err)
{
    const gop_status s = gop_stopped(store->stop, "zoo_prepare", err);
    store->broken = store->broken || s != GOP_OK;
    return s;
}

/* ---------------------------------------------------------------- open, close */

gop_status zoo_store_open(zoo_store *store, zoo_report *report, const char *path, gop_error *err)
{
    *store = (zoo_store){.report = report, .shortest = 1};
    if (report != NULL)
        memset(report, 0, sizeof *report);
    store->data = calloc(1, sizeof *store->data);
    if (store->data == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for a data set");
    gop_try(zoo_frames_keep(store->data, err));
    if (path == NULL)
        return GOP_OK;
    gop_try(gop_writer_open_data(&store->writer, path, ZOO_DATASET_KIND, ZOO_DATASET_VERSION, err));
    store->data->kept->file = gop_writer_data(store->writer);
    return GOP_OK;
}

void zoo_store_close(zoo_store *store, zoo_dataset **data)
{
    gop_writer_abandon(store->writer);
    free(store->name);
    zoo_plan_free(store->plan);
    zoo_segments_clear(&store->segments);
    if (store->data != NULL && store->data->kept != NULL)
        store->data->kept->file = NULL; /* the writer's */
    if (data != NULL)
        *data = store->data;
    else
        zoo_dataset_free(store->data);
    *store = (zoo_store){.data = NULL};
}

/* ------------------------------------------------------------- transformations */

/* Whether layouts are equal, also in their names. */
static bool same_nodes(const zoo_layout *a, const zoo_layout *b)
{
    bool same = zoo_layout_equal(a, b) && strcmp(a->name, b->name) == 0;
    for (uint32_t i = 0; same && i < a->nodes; i++)
        same = strcmp(a->node_name[i], b->node_name[i]) == 0;
    return same;
}

/* Clips of sets have the domain's layout already, and these steps follow the set's. */
gop_status zoo_store_plan(zoo_store *store, gop_error *err)
{
    zoo_domain *d = &store->data->domain;
    if (store->plan != NULL || d->layout.nodes == 0)
        return GOP_OK;
    gop_try(zoo_plan_new(&store->plan, &store->steps,
                         store->from_sets ? &d->layout : zoo_domain_recorded(d),
                         store->from_sets ? d->rate : zoo_recorded_rate(d), store->named, err));
    const zoo_setting_of_clips *result = zoo_plan_result(store->plan);
    if (!store->from_sets)
        d->steps.n = 0;
    for (size_t i = 0; i < store->steps.n && d->steps.n < ZOO_MAX_STEPS; i++)
        memcpy(d->steps.step[d->steps.n++], store->steps.step[i], ZOO_STEP_SIZE);
    d->rate = result->rate;
    if (same_nodes(&result->layout, &d->layout))
        return GOP_OK;
    zoo_layout changed;
    gop_try(zoo_layout_copy(&changed, &result->layout, err));
    if (d->recorded.nodes == 0)
        d->recorded = d->layout;
    else
        zoo_layout_clear(&d->layout);
    d->layout = changed;
    return zoo_domain_room(d, err);
}

size_t zoo_store_columns(const zoo_store *store)
{
    return store->plan == NULL ? zoo_domain_recorded(&store->data->domain)->columns
                               : store->plan->setting[0].layout.columns;
}

gop_status zoo_store_take(zoo_store *store, const zoo_source *from, const zoo_raw *raw,
                          gop_error *err)
{
    zoo_domain *d = &store->data->domain;
    store->source = from;
    store->named = raw->joints;
    gop_try(zoo_choose_steps(&store->steps, from, raw, err));
    store->uncut = raw->uncut;
    if (raw->segments != NULL)
        gop_try(zoo_segments_read(&store->segments, raw->segments, false, raw->background, err));
    else if (raw->labels != NULL && (from->takes == NULL || strstr(from->takes, "labels") == NULL))
        gop_try(zoo_segments_read(&store->segments, raw->labels, true, NULL, err));
    if (raw->pattern != NULL)
        gop_try(zoo_patterns_read(&store->patterns, raw->pattern, err));
    if (raw->split_rule != NULL)
        gop_try(zoo_split_rule_read(&store->rule, raw->split_rule, raw->seed, err));
    gop_try(from->take(store, raw, err));
    if (!store->from_sets) {
        snprintf(d->origin, sizeof d->origin, "%s", from->name);
        gop_try(zoo_reading_write(d->reading, raw, err));
    }
    return zoo_store_plan(store, err);
}

/* Whether the steps of a source turn a layout into the domain's. */
static gop_status gives(bool *fits, zoo_steps *steps, const zoo_store *store, const zoo_layout *own,
                        bool as_recorded, gop_error *err)
{
    const zoo_domain *d = &store->data->domain;
    const zoo_raw raw = {.as_recorded = as_recorded};
    zoo_plan *p;
    *fits = false;
    memset(steps, 0, sizeof *steps);
    gop_try(zoo_choose_steps(steps, store->source, &raw, err));
    const gop_status s = zoo_plan_new(&p, steps, own, zoo_recorded_rate(d), NULL, err);
    if (s != GOP_OK)
        return s;
    *fits = zoo_layout_equal(&zoo_plan_result(p)->layout, &d->layout);
    zoo_plan_free(p);
    return GOP_OK;
}

gop_status zoo_store_from(zoo_store *store, const zoo_layout *own, const char *title,
                          gop_error *err)
{
    zoo_domain *d = &store->data->domain;
    const zoo_layout *wanted = zoo_domain_recorded(d);
    char differs[256];
    zoo_steps steps;
    bool fits = zoo_layout_equal(own, wanted);
    if (!zoo_source_is_of(store->source, d)) {
        gop_try(gives(&fits, &steps, store, own, false, err));
        if (!fits)
            gop_try(gives(&fits, &steps, store, own, true, err));
        if (fits) {
            store->steps = steps;
            zoo_layout_clear(&d->recorded);
            gop_try(zoo_layout_copy(&d->recorded, own, err));
        }
    }
    if (fits)
        return GOP_OK;
    zoo_layout_difference(differs, sizeof differs, wanted, own);
    return gop_fail(err, GOP_ESHAPE, "%s has layout %s, the model %s; they differ in: %s", title,
                    own->name, wanted->name, differs);
}

/* ----------------------------------------------------------------------- names */

static uint64_t hash_name(const char *name, zoo_split split)
{
    return gop_hash(GOP_HASH_START ^ (uint64_t)split, name, strlen(name));
}

/* The slot of the name in the table, used or free. */
static size_t find_name(const zoo_store *store, const char *name, zoo_split split)
{
    size_t k = (size_t)hash_name(name, split) & (store->names - 1);
    for (; store->name[k] != SIZE_MAX; k = (k + 1) & (store->names - 1)) {
        const zoo_sequence *s = &store->data->sequence[store->name[k]];
        if (s->split == split && strcmp(s->name, name) == 0)
            break;
    }
    return k;
}

const zoo_sequence *zoo_store_find(const zoo_store *store, const char *name, zoo_split split)
{
    const size_t i = store->names > 0 ? store->name[find_name(store, name, split)] : SIZE_MAX;
    return i == SIZE_MAX ? NULL : &store->data->sequence[i];
}

bool zoo_store_has(const zoo_store *store, const char *name, zoo_split split)
{
    return zoo_store_find(store, name, split) != NULL;
}

/* Grows the table so that it stays at most half full with one more name. */
static bool more_names(zoo_store *store)
{
    size_t have = store->data->sequences;
    if (2 * (have + 1) <= store->names)
        return true;
    size_t n = store->names == 0 ? 64 : 2 * store->names;
    size_t *table = malloc(n * sizeof *table);
    if (table == NULL)
        return false;
    free(store->name);
    store->name = table;
    store->names = n;
    for (size_t k = 0; k < n; k++)
        table[k] = SIZE_MAX;
    for (size_t i = 0; i < have; i++) {
        const zoo_sequence *s = &store->data->sequence[i];
        table[find_name(store, s->name, s->split)] = i;
    }
    return true;
}

/* ------------------------------------------------------------------- sequences */

/* Writes the frames to the file; *q gets their place. */
static gop_status write_out(zoo_store *store, zoo_sequence *q, const float *frames, gop_error *err)
{
    q->at = gop_write_data_begin(store->writer);
    gop_write_data(store->writer, frames,
                   q->bodies * q->frames * store->data->domain.layout.columns);
    const gop_status s = gop_writer_status(store->writer, err);
    store->broken |= s != GOP_OK;
    return s;
}

/* Enters a sequence; the set takes the frames, NULL if they are in the file. */
static gop_status enter(zoo_store *store, const zoo_sequence *q, float *frames, gop_error *err)
{
    if (!more_names(store)) {
        free(frames);
        return no_memory(store, q->name, err);
    }
    const size_t k = find_name(store, q->name, q->split), i = store->data->sequences;
    const gop_status s = zoo_dataset_add(store->data, q, frames, err);
    if (s != GOP_OK) {
        store->broken = true;
        return s;
    }
    if (store->name[k] == SIZE_MAX)
        store->name[k] = i;
    if (store->writer != NULL)
        zoo_frames_trust(store->data, i);
    return GOP_OK;
}

/* Transforms a clip.  False if it is dropped. */
static gop_status transform(bool *taken, zoo_store *store, zoo_recording *clip, const char *name,
                            gop_error *err)
{
    zoo_report *report = store->report;
    gop_error bad = {GOP_OK, ""};
    const size_t given = clip->frames;
    const gop_status s = zoo_plan_apply(store->plan, clip, &bad);
    const size_t frames = clip->frames - clip->filled;
    *taken = false;
    if (s == GOP_ENOMEM) {
        store->broken = true;
        return gop_fail(err, s, "%s", bad.message);
    }
    if (s != GOP_OK || clip->frames == 0) {
        const gop_error why = bad;
        gop_fail(&bad, GOP_EFORMAT, "%s: %.*s", name, (int)(sizeof bad.message / 2),
                 s != GOP_OK ? why.message : "no body in any frame");
        return zoo_store_drop(store, ZOO_DROP_EMPTY, GOP_EFORMAT, &bad, err);
    }
    if (frames < store->shortest) {
        gop_fail(&bad, GOP_EFORMAT, "%s: %zu frames; at least %zu are needed", name, frames,
                 store->shortest);
        return zoo_store_drop(store, ZOO_DROP_SHORT, GOP_EFORMAT, &bad, err);
    }
    *taken = true;
    if (report != NULL) {
        report->other_bodies += clip->other_bodies;
        report->empty_frames += clip->dropped_frames;
        report->recorded += given - clip->dropped_frames;
        report->filled += clip->filled;
    }
    return GOP_OK;
}

/* Marks the frames of span k with k + 1, and all others with 0. */
static gop_status mark_spans(zoo_recording *clip, const zoo_sequence *q, gop_error *err)
{
    if (q->spans == 0)
        return GOP_OK;
    clip->mark = calloc(q->frames + 1, sizeof *clip->mark);
    if (clip->mark == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for sequence %s", q->name);
    for (size_t k = 0; k < q->spans; k++)
        for (size_t t = 0; t < q->span[k].frames; t++)
            clip->mark[q->span[k].first + t] = (uint32_t)k + 1;
    return GOP_OK;
}

/* Sets the spans of *q to what the transformations have left of them, in *found. */
static gop_status find_spans(zoo_span **found, zoo_sequence *q, const zoo_recording *clip,
                             gop_error *err)
{
    const zoo_span *before = q->span;
    size_t n = 0;
    for (size_t t = 0; t < clip->frames; t++)
        n += clip->mark[t] != 0 && (t == 0 || clip->mark[t - 1] != clip->mark[t]);
    *found = calloc(n + 1, sizeof **found);
    if (*found == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for sequence %s", q->name);
    q->span = *found;
    q->spans = 0;
    for (size_t t = 0; t < clip->frames; t++) {
        if (clip->mark[t] == 0)
            continue;
        if (t == 0 || clip->mark[t - 1] != clip->mark[t])
            (*found)[q->spans++] = (zoo_span){before[clip->mark[t] - 1].action, t, 0};
        (*found)[q->spans - 1].frames++;
    }
    return GOP_OK;
}

gop_status zoo_store_enter(zoo_store *store, const zoo_sequence *like, float *frames,
                           gop_error *err)
{
    zoo_sequence q = *like;
    bool taken = false;
    gop_status s = look_up(store, err);
    if (s == GOP_OK)
        s = zoo_store_plan(store, err);
    zoo_recording clip = {.bodies = q.bodies == 0 ? 1 : q.bodies,
                          .frames = q.frames,
                          .columns = zoo_store_columns(store),
                          .values = frames,
                          .width = store->width,
                          .height = store->height};
    zoo_span *span = NULL;
    if (s == GOP_OK)
        s = mark_spans(&clip, &q, err);
    if (s == GOP_OK)
        s = transform(&taken, store, &clip, q.name, err);
    if (taken && clip.mark != NULL)
        s = find_spans(&span, &q, &clip, err);
    free(clip.mark);
    if (!taken || s != GOP_OK) {
        store->broken = store->broken || s == GOP_ENOMEM;
        free(clip.values);
        free(span);
        return s;
    }
    zoo_body_size_add(&store->size, &store->data->domain.layout, &clip);
    q.bodies = (uint32_t)clip.bodies;
    q.frames = clip.frames;
    const size_t size = q.bodies * q.frames * clip.columns;
    for (size_t i = 0; i < size && !store->data->domain.missing; i++)
        store->data->domain.missing = isnan(clip.values[i]);
    q.sum = zoo_hash_floats(GOP_HASH_START, clip.values, size);
    if (store->writer != NULL) {
        s = write_out(store, &q, clip.values, err);
        free(clip.values);
        clip.values = NULL;
    }
    s = s == GOP_OK ? enter(store, &q, clip.values, err) : s;
    free(span);
    return s;
}

bool zoo_store_names_classes(const zoo_store *store)
{
    return store->segments.classes > 0;
}

gop_status zoo_store_split(bool *good, zoo_store *store, zoo_sequence *q, gop_error *err)
{
    gop_error bad = {GOP_OK, ""};
    *good = zoo_split_rule_apply(&q->split, &store->rule, q, &bad) == GOP_OK;
    if (*good && q->split == ZOO_TRAIN && q->spans > 0)
        *good = gop_fail(&bad, GOP_EFORMAT,
                         "%s: a recording that was kept whole cannot be training data",
                         q->name) == GOP_OK;
    return *good ? GOP_OK : zoo_store_drop(store, ZOO_DROP_SPLIT, bad.status, &bad, err);
}

gop_status zoo_store_drop(zoo_store *store, zoo_drop why, gop_status s, const gop_error *bad,
                          gop_error *err)
{
    if (store->strict || store->broken || why == ZOO_NO_DROP || s == GOP_ENOMEM ||
        s == GOP_ESTOPPED)
        return gop_fail(err, s, "%s", bad->message);
    gop_try(look_up(store, err));
    zoo_report_drop(store->report, why, "%s", bad->message);
    return GOP_OK;
}

/* Fails for lack of files; the message has the first one dropped. */
static gop_status wanting(const zoo_store *store, const char *sentence, gop_error *err)
{
    const zoo_report *r = store->report;
    for (size_t i = 0; r != NULL && i < r->findings; i++)
        if (r->finding[i].kind == ZOO_DROPPED)
            return gop_fail(err, GOP_EFORMAT, "%s, %zu dropped, first %s", sentence,
                            r->found[ZOO_DROPPED], r->finding[i].text);
    return gop_fail(err, GOP_EFORMAT, "%s", sentence);
}

gop_status zoo_store_nothing(const zoo_store *store, const char *dir, const char *what,
                             gop_error *err)
{
    gop_error bare;
    gop_fail(&bare, GOP_EFORMAT, "%s: no usable %s", dir, what);
    return wanting(store, bare.message, err);
}

/* ------------------------------------------------------------------ statistics */

/* Sums over the training frames, one of each column. */
typedef struct sums {
    double *centre, *sum;
    size_t *n; /* values that are not missing */
    size_t frames;
} sums;

/* sum[c] += (v - centre[c])^power over all training frames that have v. */
static gop_status add_up(zoo_store *store, sums *of, int power, gop_error *err)
{
    const zoo_dataset *data = store->data;
    const size_t columns = data->domain.layout.columns;
    zoo_pieces p;
    gop_status s = zoo_pieces_open(&p, data, err);
    of->frames = 0;
    memset(of->n, 0, columns * sizeof *of->n);
    for (size_t i = 0; i < data->sequences && s == GOP_OK; i++) {
        if (data->sequence[i].split != ZOO_TRAIN)
            continue;
        if ((s = look_up(store, err)) != GOP_OK)
            break;
        zoo_pieces_begin(&p, i);
        while ((s = zoo_pieces_next(&p, err)) == GOP_OK && p.n > 0) {
            for (size_t t = 0; t < p.n; t++)
                for (size_t c = 0; c < columns; c++) {
                    const float f = p.frames[t * columns + c];
                    if (isnan(f))
                        continue;
                    const double v = f - of->centre[c];
                    of->sum[c] += power == 2 ? v * v : v;
                    of->n[c]++;
                }
            of->frames += p.n;
        }
    }
    zoo_pieces_close(&p);
    return s;
}

static gop_status measure_by(zoo_store *store, sums *of, gop_error *err)
{
    zoo_domain *d = &store->data->domain;
    const size_t columns = d->layout.columns;
    gop_try(add_up(store, of, 1, err));
    if (of->frames == 0 && store->data->sequences > 0) {
        zoo_report_add(store->report, ZOO_ABSENT,
                       "no training sequences: the set can only be used with trained models");
        return GOP_OK; /* zoo_domain_create has set mean 0 and deviation 1 */
    }
    if (of->frames == 0) {
        gop_error bare;
        gop_fail(&bare, GOP_EFORMAT, "data set %s has no training frames", d->name);
        return wanting(store, bare.message, err);
    }
    for (size_t c = 0; c < columns; c++) {
        of->centre[c] = of->n[c] > 0 ? of->sum[c] / (double)of->n[c] : 0;
        of->sum[c] = 0;
    }
    gop_try(add_up(store, of, 2, err));
    for (size_t c = 0; c < columns; c++) {
        const double std = of->n[c] > 0 ? sqrt(of->sum[c] / (double)of->n[c]) : 0;
        d->mean[c] = (float)of->centre[c];
        d->constant[c] = std < LEAST_STD;
        d->std[c] = d->constant[c] ? 1 : (float)std;
    }
    return GOP_OK;
}

static gop_status measure(zoo_store *store, gop_error *err)
{
    zoo_domain *d = &store->data->domain;
    const size_t columns = d->layout.columns;
    if (zoo_steps_find(&d->steps, "standardise") != NULL)
        return GOP_OK; /* zoo_domain_create has set mean 0 and deviation 1 */
    sums of = {.centre = calloc(2 * columns + 1, sizeof *of.centre),
               .n = calloc(columns + 1, sizeof *of.n)};
    of.sum = of.centre != NULL ? of.centre + columns : NULL;
    const gop_status s = of.centre == NULL || of.n == NULL
                             ? gop_fail(err, GOP_ENOMEM, "out of memory measuring data set %s",
                                        d->name)
                             : measure_by(store, &of, err);
    free(of.centre);
    free(of.n);
    return s;
}

gop_status zoo_domain_measure(zoo_dataset *data, gop_error *err)
{
    zoo_store store = {.data = data};
    return measure(&store, err);
}

/* ----------------------------------------------------------------------- twins */

typedef struct twin {
    uint64_t hash;
    size_t index;
} twin;

static int by_hash(const void *a, const void *b)
{
    const twin *s = a, *t = b;
    if (s->hash != t->hash)
        return s->hash < t->hash ? -1 : 1;
    return s->index < t->index ? -1 : s->index > t->index;
}

/* The first index whose hash is at least `hash`. */
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

/* Whether two sequences of equal hash have equal bytes. */
static gop_status equal_frames(bool *equal, zoo_pieces p[2], size_t i, size_t k, gop_error *err)
{
    const zoo_dataset *data = p->data;
    const size_t columns = data->domain.layout.columns;
    *equal = data->sequence[i].frames == data->sequence[k].frames &&
             data->sequence[i].bodies == data->sequence[k].bodies;
    zoo_pieces_begin(&p[0], i);
    zoo_pieces_begin(&p[1], k);
    while (*equal) {
        gop_try(zoo_pieces_next(&p[0], err));
        gop_try(zoo_pieces_next(&p[1], err));
        if (p->n == 0)
            return GOP_OK;
        *equal = memcmp(p[0].frames, p[1].frames, p->n * columns * sizeof *p->frames) == 0;
    }
    return GOP_OK;
}

/* Finds twins of the training sequences among the n test sequences. */
static gop_status compare_all(zoo_store *store, const twin *test, size_t n, zoo_pieces p[2],
                              gop_error *err)
{
    const zoo_dataset *data = store->data;
    for (size_t i = 0; i < data->sequences; i++) {
        const uint64_t hash = data->sequence[i].sum;
        bool equal = data->sequence[i].split != ZOO_TRAIN;
        for (size_t k = first_of(test, n, hash); k < n && test[k].hash == hash && !equal; k++) {
            gop_try(equal_frames(&equal, p, i, test[k].index, err));
            if (equal)
                zoo_report_add(store->report, ZOO_IDENTICAL,
                               "training sequence %s and test sequence %s are identical",
                               data->sequence[i].name, data->sequence[test[k].index].name);
        }
    }
    return GOP_OK;
}

/* Reports only the first twin of each training sequence: a folder of copies has too many pairs. */
static gop_status find_identical(zoo_store *store, gop_error *err)
{
    const zoo_dataset *data = store->data;
    zoo_pieces p[2] = {{.data = NULL}, {.data = NULL}};
    size_t n = 0;
    twin *test = malloc((data->sequences + 1) * sizeof *test);
    if (test == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory comparing sequences");
    for (size_t i = 0; i < data->sequences; i++)
        if (data->sequence[i].split == ZOO_TEST)
            test[n++] = (twin){data->sequence[i].sum, i};
    qsort(test, n, sizeof *test, by_hash);
    gop_status s = n == 0 ? GOP_OK : zoo_pieces_open(&p[0], data, err);
    if (s == GOP_OK && n > 0)
        s = zoo_pieces_open(&p[1], data, err);
    if (s == GOP_OK && n > 0)
        s = compare_all(store, test, n, p, err);
    zoo_pieces_close(&p[0]);
    zoo_pieces_close(&p[1]);
    free(test);
    return s;
}

/* --------------------------------------------------------------- missing files */

void zoo_store_expect(zoo_store *store, size_t action, zoo_split split, const char *const *before,
                      size_t takes)
{
    const char *what = store->data->domain.action[action];
    char list[GOP_MESSAGE_SIZE] = "";
    size_t used = 0, lacking = 0, all = 0;
    if (!zoo_dataset_has(store->data, action, split))
        return; /* zoo_report_finish reports it */
    for (; *before != NULL; before++)
        for (size_t k = 1; k <= takes; k++) {
            char name[ZOO_SEQUENCE_NAME_SIZE];
            snprintf(name, sizeof name, "%s%s_%zu", *before, what, k);
            all++;
            if (zoo_store_has(store, name, split))
                continue;
            if (used < sizeof list)
                used += (size_t)snprintf(list + used, sizeof list - used, "%s%s",
                                         lacking > 0 ? ", " : "", name);
            lacking++;
        }
    if (lacking > 0)
        zoo_report_add(store->report, ZOO_ABSENT, "%s lacks %zu of its %zu %s files: %s", what,
                       lacking, all, split == ZOO_TRAIN ? "training" : "test", list);
}

/* ------------------------------------------------------------------------- end */

/* Gives the domain the classes of the table, and reports its lines without a recording. */
static gop_status name_classes(zoo_store *store, gop_error *err)
{
    const zoo_segments *t = &store->segments;
    size_t unused = 0, first = 0;
    for (size_t i = 0; i < t->n; i++) {
        first = !t->item[i].used && unused == 0 ? i : first;
        unused += !t->item[i].used;
    }
    if (unused > 0)
        zoo_report_add(store->report, ZOO_ABSENT, "%s: %zu lines without a recording, first %s",
                       t->path, unused, t->item[first].name);
    return zoo_domain_classes(&store->data->domain, t->action, t->classes, err);
}

gop_status zoo_store_finish(zoo_store *store, gop_error *err)
{
    gop_try(zoo_store_plan(store, err));
    if (zoo_store_names_classes(store))
        gop_try(name_classes(store, err));
    gop_try(measure(store, err));
    if (store->report != NULL) {
        zoo_report_finish(store->report, store->data);
        zoo_body_size_report(&store->size, &store->data->domain, store->report);
        gop_try(find_identical(store, err));
        if (!zoo_report_whole(store->report))
            return gop_fail(err, GOP_ENOMEM, "out of memory for the report");
    }
    if (store->writer == NULL)
        return GOP_OK;
    gop_writer *w = store->writer;
    zoo_set_write_index(w, store->data);
    store->data->kept->file = NULL; /* the writer's */
    store->writer = NULL;
    return gop_writer_commit(w, err);
}
