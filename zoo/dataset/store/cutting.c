/*
 * cutting.c: cuts recordings into clips by the store's table of segments, or keeps them whole with
 * their segments as spans.  Touches memory only, and the target through the store.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/dataset/store/store.h"

/* A recording that is being cut. */
typedef struct cutting {
    zoo_store *store;
    zoo_sequence whole;
    const float *frames; /* [bodies, frames, columns] */
    bool split;          /* the recording's split is that of its clips */
    zoo_segment *part;   /* [parts] */
    size_t parts;
    zoo_span *span; /* [parts]: where they lie; 0 frames: nowhere */
} cutting;

/* ------------------------------------------------------------------- a segment */

static size_t number_of(const cutting *c, size_t t)
{
    return c->store->numbers == NULL ? t + 1 : c->store->numbers[t];
}

/* The frames of a segment: those from the first to the last number. */
static zoo_span find_frames(const cutting *c, const zoo_segment *part)
{
    zoo_span span = {part->class_index, 0, 0};
    for (size_t t = 0; t < c->whole.frames; t++) {
        const size_t number = number_of(c, t);
        if (number < part->first || number > part->last)
            continue;
        span.first = span.frames == 0 ? t : span.first;
        span.frames = t + 1 - span.first;
    }
    return span;
}

/* Finds all segments.  One without frames is dropped; one that ends behind the recording is
 * reported. */
static gop_status find_spans(cutting *c, gop_error *err)
{
    const zoo_sequence *q = &c->whole;
    size_t last = 0;
    for (size_t t = 0; t < q->frames; t++)
        last = number_of(c, t) > last ? number_of(c, t) : last;
    for (size_t k = 0; k < c->parts; k++) {
        zoo_segment *part = &c->part[k];
        part->used = true;
        c->span[k] = find_frames(c, part);
        if (c->span[k].frames == 0) {
            gop_error bad;
            gop_fail(&bad, GOP_EFORMAT, "%s:%zu: %s has no frame from %u to %u",
                     c->store->segments.path, part->line, q->name, (unsigned)part->first,
                     (unsigned)part->last);
            gop_try(zoo_store_drop(c->store, ZOO_DROP_EMPTY, bad.status, &bad, err));
        } else if (part->last > last && part->last != UINT32_MAX) {
            zoo_report_add(c->store->report, ZOO_ALTERED,
                           "%s:%zu: %s ends with frame %zu, before the segment's last frame, %u",
                           c->store->segments.path, part->line, q->name, last,
                           (unsigned)part->last);
        }
    }
    return GOP_OK;
}

/* Adds frames of the recording as a clip of the class and, unless it is -1, the split. */
static gop_status add_clip(cutting *c, const char *name, const zoo_span *span, int split,
                           gop_error *err)
{
    const zoo_sequence *whole = &c->whole;
    const size_t row = zoo_store_columns(c->store);
    const size_t bodies = whole->bodies == 0 ? 1 : whole->bodies;
    zoo_sequence q = *whole;
    bool good = true;
    q.name = name;
    q.action = span->action;
    q.split = split < 0 ? q.split : (zoo_split)split;
    q.frames = span->frames;
    q.spans = 0;
    if (!c->split)
        gop_try(zoo_store_split(&good, c->store, &q, err));
    if (!good)
        return GOP_OK;
    float *cut = malloc(bodies * q.frames * row * sizeof *cut);
    if (cut == NULL) {
        c->store->broken = true;
        return gop_fail(err, GOP_ENOMEM, "out of memory for sequence %s", whole->name);
    }
    for (size_t b = 0; b < bodies; b++)
        memcpy(cut + b * q.frames * row, c->frames + (b * whole->frames + span->first) * row,
               q.frames * row * sizeof *cut);
    return zoo_store_enter(c->store, &q, cut, err);
}

static gop_status add_segments(cutting *c, gop_error *err)
{
    char name[ZOO_SEQUENCE_NAME_SIZE];
    for (size_t k = 0; k < c->parts; k++) {
        if (c->span[k].frames == 0)
            continue;
        snprintf(name, sizeof name, c->parts > 1 ? "%s-%zu" : "%s", c->whole.name, k + 1);
        gop_try(add_clip(c, name, &c->span[k], c->part[k].split, err));
    }
    return GOP_OK;
}

/* ------------------------------------------------------------------ background */

static int by_first(const void *a, const void *b)
{
    const zoo_span *s = a, *t = b;
    return s->first < t->first ? -1 : s->first > t->first;
}

/* Sorts the spans.  The one that begins with the last frame of another begins behind it. */
static void sort_spans(cutting *c)
{
    size_t n = 0, end = 0;
    qsort(c->span, c->parts, sizeof *c->span, by_first);
    for (size_t k = 0; k < c->parts; k++) {
        zoo_span s = c->span[k];
        const size_t shared = s.first < end ? end - s.first : 0;
        if (s.frames <= shared)
            continue;
        c->span[n++] = (zoo_span){s.action, s.first + shared, s.frames - shared};
        end = s.first + s.frames;
    }
    c->parts = n;
}

/* Adds the frames [first, end) of no segment as clips of nearly equal length. */
static gop_status add_gap(cutting *c, size_t *number, size_t first, size_t end, gop_error *err)
{
    const zoo_segments *t = &c->store->segments;
    const double rate = zoo_plan_given_rate(c->store->plan);
    const size_t n = end - first;
    const size_t most = (size_t)fmax(floor(t->most * rate), 1), pieces = (n + most - 1) / most;
    char name[ZOO_SEQUENCE_NAME_SIZE];
    for (size_t k = 0; k < pieces; k++) {
        const size_t from = first + k * n / pieces, to = first + (k + 1) * n / pieces;
        const zoo_span span = {t->background_class, from, to - from};
        snprintf(name, sizeof name, "%s-%s-%zu", c->whole.name, t->background, ++*number);
        if ((double)span.frames >= t->least * rate && span.frames >= c->store->shortest)
            gop_try(add_clip(c, name, &span, -1, err));
        else
            zoo_report_drop(c->store->report, ZOO_DROP_SHORT,
                            "%s: %zu frames; at least %g s are needed", name, span.frames,
                            t->least);
    }
    return GOP_OK;
}

static gop_status add_background(cutting *c, gop_error *err)
{
    size_t number = 0, end = 0;
    for (size_t k = 0; k < c->parts; k++) {
        if (c->span[k].first > end)
            gop_try(add_gap(c, &number, end, c->span[k].first, err));
        end = c->span[k].first + c->span[k].frames;
    }
    return end < c->whole.frames ? add_gap(c, &number, end, c->whole.frames, err) : GOP_OK;
}

/* ----------------------------------------------------------------- a recording */

/* Adds the recording with its segments; *frames become the store's. */
static gop_status add_whole(cutting *c, float **frames, gop_error *err)
{
    zoo_sequence *q = &c->whole;
    const uint32_t background = c->store->segments.background_class;
    float *given = *frames;
    size_t n = 0;
    for (size_t k = 0; k < c->parts; k++)
        if (c->span[k].action != background)
            c->span[n++] = c->span[k];
    q->action = background;
    q->span = c->span;
    q->spans = n;
    if (n == 0 || n > ZOO_MAX_SPANS) {
        gop_error bad;
        gop_fail(&bad, GOP_EFORMAT, "%s: %s has %zu segments; 1 to %d are needed",
                 c->store->segments.path, q->name, n, ZOO_MAX_SPANS);
        return zoo_store_drop(c->store, ZOO_DROP_LABEL, bad.status, &bad, err);
    }
    *frames = NULL;
    return zoo_store_enter(c->store, q, given, err);
}

static gop_status cut(cutting *c, float **frames, gop_error *err)
{
    zoo_store *store = c->store;
    bool good = true;
    gop_try(find_spans(c, err));
    if (store->uncut) {
        c->split = true;
        gop_try(zoo_store_split(&good, store, &c->whole, err));
    }
    if (!good)
        return GOP_OK;
    if (store->uncut && c->whole.split == ZOO_TEST) {
        sort_spans(c);
        return add_whole(c, frames, err);
    }
    gop_try(add_segments(c, err));
    if (store->segments.background == NULL)
        return GOP_OK;
    sort_spans(c);
    return add_background(c, err);
}

/* Cuts a recording by the table; drops one that is not there. */
static gop_status add_recording(zoo_store *store, zoo_sequence *q, float **frames, gop_error *err)
{
    cutting c = {.store = store, .whole = *q, .frames = *frames};
    gop_try(zoo_store_plan(store, err));
    c.part = zoo_segments_find(&store->segments, q->name, &c.parts);
    if (c.part == NULL) {
        gop_error bad;
        gop_fail(&bad, GOP_EFORMAT, "%s: not in %s", q->name, store->segments.path);
        return zoo_store_drop(store, ZOO_DROP_LABEL, bad.status, &bad, err);
    }
    c.whole.spans = 0;
    c.span = calloc(c.parts, sizeof *c.span);
    if (c.span == NULL) {
        store->broken = true;
        return gop_fail(err, GOP_ENOMEM, "out of memory for sequence %s", q->name);
    }
    const gop_status s = cut(&c, frames, err);
    free(c.span);
    return s;
}

gop_status zoo_store_add(zoo_store *store, const zoo_sequence *like, float *frames, gop_error *err)
{
    zoo_sequence q = *like;
    bool good = true;
    gop_status s;
    zoo_patterns_apply(&store->patterns, &q);
    if (zoo_store_names_classes(store)) {
        s = add_recording(store, &q, &frames, err);
    } else {
        s = zoo_store_split(&good, store, &q, err);
        if (s == GOP_OK && good)
            return zoo_store_enter(store, &q, frames, err);
    }
    free(frames);
    return s;
}
