/*
 * raw_clip.c: what becomes of a clip before it is stored: frames at its end and bodies that are never
 * there go, and values that no body has are marked.  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/dataset/format/raw_clip.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_VALUES ((size_t)1 << 26)

gop_status zoo_clip_new(zoo_clip *c, size_t bodies, size_t frames, size_t columns, gop_error *err)
{
    c->bodies = bodies;
    c->frames = frames;
    c->columns = columns;
    c->values = NULL;
    if (bodies > ZOO_MAX_BODIES || columns > ZOO_MAX_COLUMNS ||
        frames > MOST_VALUES / ((bodies + !bodies) * columns))
        return gop_fail(err, GOP_EFORMAT, "%s: a clip of %zu bodies and %zu frames is too large",
                        c->path, bodies, frames);
    c->values = calloc(bodies * frames * columns + 1, sizeof *c->values);
    return c->values != NULL ? GOP_OK
                             : gop_fail(err, GOP_ENOMEM, "out of memory reading %s", c->path);
}

void zoo_clip_clear(zoo_clip *c)
{
    free(c->values);
    c->values = NULL;
}

gop_status zoo_clip_drop(zoo_store *store, zoo_clip *c, zoo_drop why, const gop_error *bad,
                         gop_error *err)
{
    zoo_clip_clear(c);
    return zoo_store_drop(store, why, bad->status, bad, err);
}

static bool there(const zoo_clip *c, size_t body, size_t frame)
{
    const float *v = c->values + (body * c->frames + frame) * c->columns;
    for (size_t i = 0; i < c->columns; i++)
        if (v[i] != 0 && !isnan(v[i]))
            return true;
    return false;
}

static bool any_body(const zoo_clip *c, size_t frame)
{
    for (size_t b = 0; b < c->bodies; b++)
        if (there(c, b, frame))
            return true;
    return false;
}

/* Moves the bodies that are there together, each with the first `frames` frames. */
static void pack(zoo_clip *c, size_t frames)
{
    size_t bodies = 0;
    for (size_t b = 0; b < c->bodies; b++) {
        bool ever = false;
        for (size_t t = 0; t < frames && !ever; t++)
            ever = there(c, b, t);
        if (ever)
            memmove(c->values + bodies++ * frames * c->columns,
                    c->values + b * c->frames * c->columns,
                    frames * c->columns * sizeof *c->values);
    }
    c->bodies = bodies;
    c->frames = frames;
}

/* Whether a node of a layout with scores was not found: at the origin, with score 0. */
static bool lost(const float *v, const zoo_layout *layout, size_t node)
{
    const uint32_t *at = layout->column + node * layout->channels;
    return layout->feature == ZOO_SCORED && v[at[0]] == 0 && v[at[1]] == 0 && v[at[2]] == 0;
}

/* Marks what is missing by NaN: the bodies that are absent in a frame and the nodes that were not
 * found.  Counts the frames without a body. */
static size_t mark(zoo_clip *c, const zoo_layout *layout)
{
    size_t empty = 0;
    for (size_t t = 0; t < c->frames; t++)
        empty += !any_body(c, t);
    for (size_t b = 0; b < c->bodies; b++)
        for (size_t t = 0; t < c->frames; t++) {
            float *v = c->values + (b * c->frames + t) * c->columns;
            const bool absent = !there(c, b, t);
            for (size_t i = 0; i < c->columns && absent; i++)
                v[i] = NAN;
            for (size_t m = 0; m < layout->nodes && !absent; m++)
                if (lost(v, layout, m))
                    for (size_t k = 0; k < layout->channels; k++)
                        v[layout->column[m * layout->channels + k]] = NAN;
        }
    return empty;
}

static gop_status check(const zoo_clip *c, const zoo_store *store, size_t frames, zoo_drop *why,
                        gop_error *bad)
{
    size_t infinite = 0;
    for (size_t i = 0; i < c->bodies * c->frames * c->columns; i++)
        infinite += isinf(c->values[i]) != 0;
    if (infinite > 0) {
        *why = ZOO_DROP_NON_FINITE;
        if (store->report != NULL)
            store->report->non_finite += infinite;
        return gop_fail(bad, GOP_EFORMAT, "%s: %zu values are infinite or too large", c->path,
                        infinite);
    }
    *why = ZOO_DROP_EMPTY;
    if (frames == 0)
        return gop_fail(bad, GOP_EFORMAT, "%s: no body in any of %zu frames", c->path, c->frames);
    *why = ZOO_DROP_SHORT;
    if (frames < store->shortest)
        return gop_fail(bad, GOP_EFORMAT, "%s: %zu frames; at least %zu are needed", c->path,
                        frames, store->shortest);
    return GOP_OK;
}

gop_status zoo_clip_add(zoo_store *store, zoo_clip *c, const zoo_sequence *like, gop_error *err)
{
    gop_error bad = {GOP_OK, ""};
    zoo_drop why;
    zoo_sequence q = *like;
    size_t last = c->frames;
    while (last > 0 && !any_body(c, last - 1))
        last--;
    const size_t frames = c->padded || last == 0 ? last : c->frames;
    if (check(c, store, frames, &why, &bad) != GOP_OK)
        return zoo_clip_drop(store, c, why, &bad, err);
    pack(c, frames);
    const size_t empty = mark(c, zoo_domain_recorded(&store->data->domain));
    if (store->report != NULL)
        store->report->empty_frames += empty;
    q.bodies = (uint32_t)c->bodies;
    q.frames = c->frames;
    float *values = c->values;
    c->values = NULL;
    store->width = c->width;
    store->height = c->height;
    const gop_status s = zoo_store_add(store, &q, values, err);
    store->width = store->height = 0;
    return s;
}

void zoo_name_fields(zoo_sequence *q, zoo_name_texts *texts, const char *name)
{
    static const char letters[] = "SCPRA";
    const char **field[] = {&q->setup, &q->camera, &q->subject, &q->repetition};
    for (size_t i = 0; i < 20; i++)
        if (i % 4 == 0 ? name[i] != letters[i / 4] : !isdigit((unsigned char)name[i]))
            return;
    for (size_t i = 0; i < 4 && name[20] == '\0'; i++) {
        memcpy(texts->text[i], name + 4 * i, 4);
        texts->text[i][4] = '\0';
        *field[i] = texts->text[i];
    }
}
