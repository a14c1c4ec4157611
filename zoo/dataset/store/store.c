/*
 * store.c: builds a set from its sequences: statistics, identical sequences, the file.  Touches
 * memory, and the target through graphop's writer.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

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
    if (store->data != NULL && store->data->kept != NULL)
        store->data->kept->file = NULL; /* the writer's */
    if (data != NULL)
        *data = store->data;
    else
        zoo_dataset_free(store->data);
    *store = (zoo_store){.data = NULL};
}

gop_status zoo_store_take(zoo_store *store, const zoo_source *from, const zoo_raw *raw,
                          gop_error *err)
{
    zoo_domain *d = &store->data->domain;
    const bool normalises = from->takes != NULL && strstr(from->takes, "as_recorded") != NULL;
    gop_try(from->take(store, raw, err));
    snprintf(d->origin, sizeof d->origin, "%s", from->name);
    d->as_recorded = raw->as_recorded || !normalises;
    return GOP_OK;
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

bool zoo_store_has(const zoo_store *store, const char *name, zoo_split split)
{
    return store->names > 0 && store->name[find_name(store, name, split)] != SIZE_MAX;
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

/* Repeats the frames from the first on until they are store->fill frames. */
static gop_status fill(zoo_store *store, zoo_sequence *q, float **frames, gop_error *err)
{
    const size_t columns = store->data->domain.layout.columns, have = q->frames * columns;
    const size_t want = store->fill * columns;
    if (have == 0 || have >= want)
        return GOP_OK;
    float *longer = malloc(q->bodies * want * sizeof *longer);
    if (longer == NULL)
        return no_memory(store, q->name, err);
    for (size_t b = 0; b < q->bodies; b++)
        for (size_t k = 0; k < want; k++)
            longer[b * want + k] = (*frames)[b * have + k % have];
    if (store->report != NULL)
        store->report->filled += store->fill - q->frames;
    free(*frames);
    *frames = longer;
    q->frames = store->fill;
    return GOP_OK;
}

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

gop_status zoo_store_add(zoo_store *store, const zoo_sequence *like, float *frames, gop_error *err)
{
    zoo_sequence q = *like;
    q.bodies = q.bodies == 0 ? 1 : q.bodies;
    gop_status s = fill(store, &q, &frames, err);
    if (s == GOP_OK)
        q.sum = zoo_hash_floats(GOP_HASH_START, frames,
                                q.bodies * q.frames * store->data->domain.layout.columns);
    if (s == GOP_OK && store->writer == NULL)
        return enter(store, &q, frames, err);
    if (s == GOP_OK)
        s = write_out(store, &q, frames, err);
    free(frames);
    return s == GOP_OK ? enter(store, &q, NULL, err) : s;
}

gop_status zoo_store_drop(zoo_store *store, zoo_drop why, gop_status s, const gop_error *bad,
                          gop_error *err)
{
    if (store->strict || store->broken || why == ZOO_NO_DROP || s == GOP_ENOMEM)
        return gop_fail(err, s, "%s", bad->message);
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

/* sum[c] += (v - centre[c])^power over all training frames; *n counts them. */
static gop_status add_up(const zoo_dataset *data, const double *centre, int power, double *sum,
                         size_t *n, gop_error *err)
{
    const size_t columns = data->domain.layout.columns;
    zoo_pieces p;
    gop_status s = zoo_pieces_open(&p, data, err);
    *n = 0;
    for (size_t i = 0; i < data->sequences && s == GOP_OK; i++) {
        if (data->sequence[i].split != ZOO_TRAIN)
            continue;
        zoo_pieces_begin(&p, i);
        while ((s = zoo_pieces_next(&p, err)) == GOP_OK && p.n > 0) {
            for (size_t t = 0; t < p.n; t++)
                for (size_t c = 0; c < columns; c++) {
                    double v = p.frames[t * columns + c] - centre[c];
                    sum[c] += power == 2 ? v * v : v;
                }
            *n += p.n;
        }
    }
    zoo_pieces_close(&p);
    return s;
}

static gop_status measure(zoo_store *store, gop_error *err)
{
    zoo_domain *d = &store->data->domain;
    size_t columns = d->layout.columns, n;
    double *centre = calloc(2 * columns, sizeof *centre);
    if (centre == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory measuring data set %s", d->name);
    double *sum = centre + columns;
    gop_status s = add_up(store->data, centre, 1, sum, &n, err);
    if (s == GOP_OK && n == 0 && store->data->sequences > 0) {
        zoo_report_add(store->report, ZOO_ABSENT,
                       "no training sequences: the set can only be used with trained models");
        free(centre);
        return GOP_OK; /* zoo_domain_create has set mean 0 and deviation 1 */
    }
    if (s == GOP_OK && n == 0) {
        gop_error bare;
        gop_fail(&bare, GOP_EFORMAT, "data set %s has no training frames", d->name);
        s = wanting(store, bare.message, err);
    }
    for (size_t c = 0; c < columns && s == GOP_OK; c++) {
        centre[c] = sum[c] / (double)n;
        sum[c] = 0;
    }
    if (s == GOP_OK)
        s = add_up(store->data, centre, 2, sum, &n, err);
    for (size_t c = 0; c < columns && s == GOP_OK; c++) {
        double std = sqrt(sum[c] / (double)n);
        d->mean[c] = (float)centre[c];
        d->constant[c] = std < LEAST_STD;
        d->std[c] = d->constant[c] ? 1 : (float)std;
    }
    free(centre);
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

gop_status zoo_store_finish(zoo_store *store, gop_error *err)
{
    gop_try(measure(store, err));
    if (store->report != NULL) {
        zoo_report_finish(store->report, store->data);
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
