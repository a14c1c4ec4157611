/*
 * text_take.c: takes files of text into the store, for sources and for models.  Touches files by
 * reading them.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <stdlib.h>

#include "zoo/dataset/format/files.h"
#include "zoo/dataset/format/text.h"

/* Counts the frames in which no body has a value. */
static size_t count_empty(const float *v, size_t bodies, size_t frames, size_t columns)
{
    size_t empty = 0;
    for (size_t t = 0; t < frames; t++) {
        bool any = false;
        for (size_t b = 0; b < bodies && !any; b++)
            for (size_t c = 0; c < columns && !any; c++)
                any = !isnan(v[(b * frames + t) * columns + c]);
        empty += !any;
    }
    return empty;
}

static gop_status check_text(zoo_store *store, const zoo_text *found, const float *frames, size_t n,
                             const char *path, zoo_drop *why, gop_error *err)
{
    if (found->non_finite > 0) {
        *why = ZOO_DROP_NON_FINITE;
        if (store->report != NULL)
            store->report->non_finite += found->non_finite;
        return gop_fail(err, GOP_EFORMAT, "%s: %zu values are not finite", path, found->non_finite);
    }
    const size_t columns = zoo_domain_recorded(&store->data->domain)->columns;
    const size_t empty = count_empty(frames, found->bodies, n, columns);
    if (empty == n) {
        *why = ZOO_DROP_EMPTY;
        return gop_fail(err, GOP_EFORMAT, "%s: no body in any of %zu frames", path, n);
    }
    if (n < store->shortest) {
        *why = ZOO_DROP_SHORT;
        return gop_fail(err, GOP_EFORMAT, "%s: %zu frames; at least %zu are needed", path, n,
                        store->shortest);
    }
    return GOP_OK;
}

/* Adds a text's frames, which the store takes. */
static gop_status add_text(zoo_store *store, const zoo_sequence *like, float *frames,
                           zoo_text *found, gop_error *err)
{
    zoo_sequence q = *like;
    q.bodies = (uint32_t)found->bodies;
    store->numbers = found->number;
    const gop_status s = zoo_store_add(store, &q, frames, err);
    store->numbers = NULL;
    free(found->number);
    found->number = NULL;
    return s;
}

gop_status zoo_text_take(zoo_store *store, const char *path, const zoo_sequence *like,
                         const zoo_text *how, gop_error *err)
{
    float *frames = NULL;
    size_t n = 0;
    zoo_sequence q = *like;
    zoo_text found = *how;
    gop_error bad = {GOP_OK, ""};
    found.counts = true;
    gop_status s = zoo_text_read(&frames, &n, zoo_domain_recorded(&store->data->domain)->columns,
                                 path, &found, &bad);
    zoo_drop why = found.other_width ? ZOO_DROP_JOINTS : found.why;
    if (s == GOP_EINVAL) { /* of all files */
        return gop_fail(err, s, "%s", bad.message);
    }
    if (s == GOP_OK)
        s = check_text(store, &found, frames, n, path, &why, &bad);
    if (s != GOP_OK) {
        free(frames);
        free(found.number);
        return zoo_store_drop(store, why, s, &bad, err);
    }
    zoo_text_report(store->report, &found, path, n);
    q.frames = n;
    q.file = zoo_base_name(path);
    return add_text(store, &q, frames, &found, err);
}

gop_status zoo_text_one(zoo_store *store, size_t columns, const char *path, const zoo_text *how,
                        gop_error *err)
{
    const zoo_layout *layout = zoo_domain_recorded(&store->data->domain);
    zoo_text found = *how;
    float *frames;
    size_t n;
    if (columns != layout->columns)
        return gop_fail(err, GOP_ESHAPE, "%s: the source has %zu columns, layout %s %u", path,
                        columns, layout->name, (unsigned)layout->columns);
    gop_try(zoo_text_read_any(&frames, &n, columns, path, store->report, &found, err));
    const char *name = zoo_base_name(path);
    return add_text(store,
                    &(zoo_sequence){.name = name, .split = ZOO_TEST, .frames = n, .file = name},
                    frames, &found, err);
}
