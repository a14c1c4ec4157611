/*
 * store.c: builds a set from its sequences: statistics, identical sequences, the file.  Touches
 * memory, the target through graphop's writer and a nameless file beside it.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* O_TMPFILE, where the system has it */
#endif

#include "zoo/dataset/store/store.h"
#include "zoo/fingerprint.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* Opens a nameless file in the folder of `path`; it disappears when closed. */
static int nameless(const char *path)
{
    static const char base[] = ".frames.XXXXXX";
    const char *slash = strrchr(path, '/');
    size_t n = slash == NULL ? 0 : (size_t)(slash + 1 - path);
    char *name = malloc(n + sizeof base);
    if (name == NULL)
        return -1;
    memcpy(name, path, n);
    memcpy(name + n, base, sizeof base);
    int fd = -1;
#ifdef O_TMPFILE
    /* A process that is killed leaves nothing.  Not every file system can. */
    const char kept = name[n];
    name[n] = '\0';
    fd = open(n > 0 ? name : ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    name[n] = kept;
#endif
    if (fd < 0) {
        fd = mkstemp(name);
        if (fd >= 0)
            unlink(name);
    }
    free(name);
    return fd;
}

gop_status zoo_store_open(zoo_store *store, zoo_report *report, const char *path, gop_error *err)
{
    *store = (zoo_store){.report = report, .path = path, .fd = -1, .shortest = 1};
    if (report != NULL)
        memset(report, 0, sizeof *report);
    store->data = calloc(1, sizeof *store->data);
    if (store->data == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for a data set");
    if (path == NULL)
        return GOP_OK;
    gop_try(gop_writer_open(&store->writer, path, ZOO_DATASET_KIND, ZOO_DATASET_VERSION, err));
    store->fd = nameless(path);
    if (store->fd < 0)
        return gop_fail(err, GOP_ESYSTEM, "cannot create a file beside %s: %s", path,
                        strerror(errno));
    return GOP_OK;
}

void zoo_store_close(zoo_store *store, zoo_dataset **data)
{
    gop_writer_abandon(store->writer);
    if (store->fd >= 0)
        close(store->fd);
    free(store->place);
    free(store->name);
    free(store->back);
    if (data != NULL)
        *data = store->data;
    else
        zoo_dataset_free(store->data);
    *store = (zoo_store){.fd = -1};
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

/* ---------------------------------------------------------------------- frames */

static bool more_places(zoo_store *store)
{
    size_t have = store->data->sequences;
    if ((have & (have - 1)) != 0)
        return true;
    zoo_place *grown = realloc(store->place, (have == 0 ? 1 : 2 * have) * sizeof *grown);
    if (grown != NULL)
        store->place = grown;
    return grown != NULL;
}

static gop_status write_out(zoo_store *store, const float *frames, size_t bytes, gop_error *err)
{
    const char *from = (const char *)frames;
    while (bytes > 0) {
        ssize_t k = pwrite(store->fd, from, bytes, (off_t)store->end);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0) {
            store->broken = true;
            return gop_fail(err, GOP_ESYSTEM, "cannot write the frames beside %s: %s", store->path,
                            strerror(k < 0 ? errno : ENOSPC));
        }
        from += k;
        bytes -= (size_t)k;
        store->end += (uint64_t)k;
    }
    return GOP_OK;
}

/* A sequence without frames of its own. */
static gop_status enter(zoo_store *store, const char *name, size_t action, zoo_split split,
                        size_t n, uint64_t at, gop_error *err)
{
    if (!more_places(store) || !more_names(store))
        return no_memory(store, name, err);
    size_t k = find_name(store, name, split), i = store->data->sequences;
    gop_status s = zoo_dataset_add(store->data, name, action, split, NULL, n, err);
    if (s != GOP_OK) {
        store->broken = true;
        return s;
    }
    if (store->name[k] == SIZE_MAX)
        store->name[k] = i;
    store->place[i] = (zoo_place){.at = at};
    return GOP_OK;
}

/* Repeats the *n frames from the first on until they are store->fill frames. */
static gop_status fill(zoo_store *store, const char *name, float **frames, size_t *n,
                       gop_error *err)
{
    size_t columns = store->data->domain.layout.columns, have = *n;
    if (have == 0 || have >= store->fill)
        return GOP_OK;
    float *longer = realloc(*frames, store->fill * columns * sizeof *longer);
    if (longer == NULL)
        return no_memory(store, name, err);
    for (size_t k = have * columns; k < store->fill * columns; k++)
        longer[k] = longer[k - have * columns];
    if (store->report != NULL)
        store->report->filled += store->fill - have;
    *frames = longer;
    *n = store->fill;
    return GOP_OK;
}

gop_status zoo_store_add(zoo_store *store, const char *name, size_t action, zoo_split split,
                         float *frames, size_t n, gop_error *err)
{
    uint64_t at = store->end;
    gop_status s = look_up(store, err);
    if (s == GOP_OK)
        s = fill(store, name, &frames, &n, err);
    if (s == GOP_OK && store->fd >= 0)
        s = write_out(store, frames, n * store->data->domain.layout.columns * sizeof *frames, err);
    if (s == GOP_OK)
        s = enter(store, name, action, split, n, at, err);
    if (s == GOP_OK && store->fd < 0)
        store->data->sequence[store->data->sequences - 1].data = frames;
    else
        free(frames);
    return s;
}

static gop_status read_back(zoo_store *store, uint64_t at, size_t bytes, gop_error *err)
{
    if (bytes > store->back_room) {
        free(store->back);
        store->back = malloc(bytes);
        store->back_room = store->back == NULL ? 0 : bytes;
        if (store->back == NULL)
            return gop_fail(err, GOP_ENOMEM, "out of memory reading frames back");
    }
    char *to = (char *)store->back;
    while (bytes > 0) {
        ssize_t k = pread(store->fd, to, bytes, (off_t)at);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return gop_fail(err, GOP_ESYSTEM, "cannot read the frames beside %s: %s", store->path,
                            k < 0 ? strerror(errno) : "it has become shorter");
        to += k;
        at += (uint64_t)k;
        bytes -= (size_t)k;
    }
    return GOP_OK;
}

gop_status zoo_store_frames(const float **frames, zoo_store *store, size_t i, gop_error *err)
{
    const zoo_sequence *s = &store->data->sequence[i];
    size_t bytes = s->frames * store->data->domain.layout.columns * sizeof(float);
    *frames = s->data;
    gop_try(look_up(store, err));
    if (store->fd < 0)
        return GOP_OK;
    gop_try(read_back(store, store->place[i].at, bytes, err));
    *frames = store->back;
    return GOP_OK;
}

gop_status zoo_store_cut(zoo_store *store, size_t i, size_t n, zoo_split split, gop_error *err)
{
    const zoo_sequence whole = store->data->sequence[i];
    gop_try(enter(store, whole.name, whole.action, split, n, store->place[i].at, err));
    store->data->sequence[i].frames = whole.frames - n;
    store->place[i].at += n * store->data->domain.layout.columns * sizeof(float);
    return GOP_OK;
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

/* sum[c] += (v - centre[c])^power over all training frames; *n counts them. */
static gop_status add_up(zoo_store *store, const double *centre, int power, double *sum, size_t *n,
                         gop_error *err)
{
    size_t columns = store->data->domain.layout.columns;
    *n = 0;
    for (size_t i = 0; i < store->data->sequences; i++) {
        const zoo_sequence *s = &store->data->sequence[i];
        if (s->split != ZOO_TRAIN)
            continue;
        const float *frames;
        gop_try(zoo_store_frames(&frames, store, i, err));
        for (size_t t = 0; t < s->frames; t++)
            for (size_t c = 0; c < columns; c++) {
                double v = frames[t * columns + c] - centre[c];
                sum[c] += power == 2 ? v * v : v;
            }
        *n += s->frames;
    }
    return GOP_OK;
}

static gop_status measure(zoo_store *store, gop_error *err)
{
    zoo_domain *d = &store->data->domain;
    size_t columns = d->layout.columns, n;
    double *centre = calloc(2 * columns, sizeof *centre);
    if (centre == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory measuring data set %s", d->name);
    double *sum = centre + columns;
    gop_status s = add_up(store, centre, 1, sum, &n, err);
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
        s = add_up(store, centre, 2, sum, &n, err);
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
    zoo_store store = {.data = data, .fd = -1};
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
static gop_status equal_frames(bool *equal, zoo_store *store, size_t i, size_t k, gop_error *err)
{
    const zoo_sequence *a = &store->data->sequence[i], *b = &store->data->sequence[k];
    size_t bytes = a->frames * store->data->domain.layout.columns * sizeof(float);
    *equal = a->frames == b->frames && (store->fd >= 0 || memcmp(a->data, b->data, bytes) == 0);
    if (!*equal || store->fd < 0)
        return GOP_OK;
    const float *frames;
    float *copy = malloc(bytes);
    gop_status s = copy != NULL ? zoo_store_frames(&frames, store, i, err)
                                : gop_fail(err, GOP_ENOMEM, "out of memory comparing sequences");
    if (s == GOP_OK) {
        memcpy(copy, frames, bytes);
        s = zoo_store_frames(&frames, store, k, err);
    }
    *equal = s == GOP_OK && memcmp(copy, frames, bytes) == 0;
    free(copy);
    return s;
}

/* Reports only the first twin of each training sequence: a folder of copies has too many pairs. */
static gop_status find_identical(zoo_store *store, gop_error *err)
{
    const zoo_dataset *data = store->data;
    gop_status s = GOP_OK;
    size_t n = 0;
    twin *test = malloc((data->sequences + 1) * sizeof *test);
    if (test == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory comparing sequences");
    for (size_t i = 0; i < data->sequences; i++)
        if (data->sequence[i].split == ZOO_TEST)
            test[n++] = (twin){store->place[i].hash, i};
    qsort(test, n, sizeof *test, by_hash);
    for (size_t i = 0; i < data->sequences && n > 0; i++) {
        uint64_t hash = store->place[i].hash;
        bool equal = data->sequence[i].split != ZOO_TRAIN;
        for (size_t k = first_of(test, n, hash);
             k < n && test[k].hash == hash && !equal && s == GOP_OK; k++) {
            s = equal_frames(&equal, store, i, test[k].index, err);
            if (equal)
                zoo_report_add(store->report, ZOO_IDENTICAL,
                               "training sequence %s and test sequence %s are identical",
                               data->sequence[i].name, data->sequence[test[k].index].name);
        }
    }
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

/* Reads all frames once, writes the file's sequences and computes the hashes. */
static gop_status pass_over(zoo_store *store, gop_error *err)
{
    gop_writer *w = store->writer;
    size_t columns = store->data->domain.layout.columns;
    if (w != NULL)
        zoo_set_write_head(w, store->data);
    for (size_t i = 0; i < store->data->sequences; i++) {
        const zoo_sequence *q = &store->data->sequence[i];
        const float *frames;
        gop_try(zoo_store_frames(&frames, store, i, err));
        if (store->report != NULL)
            store->place[i].hash = zoo_hash_floats(GOP_HASH_START, frames, q->frames * columns);
        if (w != NULL)
            zoo_set_write_sequence(w, q, frames, columns);
    }
    return GOP_OK;
}

gop_status zoo_store_finish(zoo_store *store, gop_error *err)
{
    gop_try(measure(store, err));
    gop_try(pass_over(store, err));
    if (store->report != NULL) {
        zoo_report_finish(store->report, store->data);
        gop_try(find_identical(store, err));
        if (!zoo_report_whole(store->report))
            return gop_fail(err, GOP_ENOMEM, "out of memory for the report");
    }
    if (store->writer == NULL)
        return GOP_OK;
    gop_writer *w = store->writer;
    store->writer = NULL;
    return gop_writer_commit(w, err);
}
