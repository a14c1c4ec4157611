/*
 * tracks.c: follows bodies from frame to frame, by their ids or by their overlap.
 *
 * A body with an id belongs to the track of that id; of two with the same id in a frame, the first
 * does.  Others are joined to the tracks that had a body in the last GAP frames, in the order of
 * falling overlap of their boxes: intersection over union, at least LEAST, ties by the earlier track
 * and the earlier body.  A box spans the joints of a body and a tenth of its longer side on each
 * side.  A body without a track begins one.  If no frame has two bodies, all are one track unless
 * ids differ.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/dataset/format/tracks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define GAP         30
#define LEAST       0.1
#define MOST_ALIVE  1024 /* tracks that bodies of a frame are compared with */
#define MARGIN      0.1
/* Frames may be so much more than those with a record. */
#define SPARSE_FREE 10000
#define SPARSE      100

typedef struct box {
    float x0, y0, x1, y1;
} box;

typedef struct track_of {
    int64_t id;
    size_t last; /* frame */
    box at;
    double presence;
} track_of;

typedef struct following {
    zoo_people *p;
    size_t *place; /* [frames]: of each frame in the clip */
    size_t length; /* of the clip */
    size_t *order; /* [n]: bodies by frame */
    track_of *track;
    size_t n, room;
    uint32_t *alive; /* tracks, the earliest first */
    size_t n_alive, first_alive;
    bool ids, single;
} following;

/* ---------------------------------------------------------------------- frames */

typedef struct numbered {
    uint64_t number;
    uint32_t frame;
} numbered;

static int by_number(const void *a, const void *b)
{
    const numbered *x = a, *y = b;
    return x->number != y->number ? (x->number < y->number ? -1 : 1)
                                  : (x->frame > y->frame) - (x->frame < y->frame);
}

bool zoo_tracks_dense(size_t span, size_t frames)
{
    return span <= SPARSE_FREE + SPARSE * frames;
}

/* Gives each frame its place, and the clip its length and numbers. */
static bool place_frames(following *f, zoo_tracks *t, numbered *sorted)
{
    const size_t n = f->p->frames;
    bool usable = f->p->uniform;
    for (size_t i = 0; i < n; i++)
        sorted[i] = (numbered){f->p->frame[i].number, (uint32_t)i};
    if (usable)
        qsort(sorted, n, sizeof *sorted, by_number);
    for (size_t i = 0; i + 1 < n && usable; i++)
        usable = sorted[i].number != sorted[i + 1].number;
    t->by_order = !usable && f->p->named;
    const uint64_t first = sorted[0].number, span = sorted[n - 1].number - first;
    const bool fits = usable && sorted[n - 1].number < UINT32_MAX &&
                      zoo_tracks_dense((size_t)span, n);
    t->sparse = usable && !fits;
    f->length = fits ? (size_t)span + 1 : n;
    for (size_t i = 0; i < n; i++)
        f->place[sorted[i].frame] = fits ? (size_t)(sorted[i].number - first) : i;
    if (!fits)
        return true;
    t->numbers = malloc(f->length * sizeof *t->numbers);
    for (size_t i = 0; t->numbers != NULL && i < f->length; i++)
        t->numbers[i] = (uint32_t)(first + i);
    return t->numbers != NULL;
}

/* Sorts the bodies by their frames' places; equal ones keep their order. */
static bool sort_bodies(following *f)
{
    const zoo_people *p = f->p;
    size_t *begin = calloc(f->length + 1, sizeof *begin);
    if (begin == NULL)
        return false;
    for (size_t i = 0; i < p->n; i++)
        begin[f->place[p->found[i].frame] + 1]++;
    for (size_t t = 0; t < f->length; t++)
        begin[t + 1] += begin[t];
    for (size_t i = 0; i < p->n; i++)
        f->order[begin[f->place[p->found[i].frame]]++] = i;
    free(begin);
    return true;
}

static size_t place_of(const following *f, size_t k)
{
    return f->place[f->p->found[f->order[k]].frame];
}

/* The end of the bodies of the frame that begins with body k of the order. */
static size_t end_of_frame(const following *f, size_t k)
{
    size_t end = k + 1;
    while (end < f->p->n && place_of(f, end) == place_of(f, k))
        end++;
    return end;
}

/* ----------------------------------------------------------------------- boxes */

static const float *values_of(const following *f, size_t body)
{
    return f->p->values + body * f->p->layout->columns;
}

static box box_of(const following *f, size_t body)
{
    const zoo_layout *l = f->p->layout;
    const float *v = values_of(f, body);
    box b = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    for (size_t i = 0; i < l->nodes; i++) {
        const float x = v[l->column[i * l->channels]], y = v[l->column[i * l->channels + 1]];
        if (isnan(x) || isnan(y))
            continue;
        b = (box){fminf(b.x0, x), fminf(b.y0, y), fmaxf(b.x1, x), fmaxf(b.y1, y)};
    }
    const float margin = (float)MARGIN * fmaxf(b.x1 - b.x0, b.y1 - b.y0);
    return (box){b.x0 - margin, b.y0 - margin, b.x1 + margin, b.y1 + margin};
}

static double area(box b)
{
    return b.x1 > b.x0 && b.y1 > b.y0 ? ((double)b.x1 - b.x0) * ((double)b.y1 - b.y0) : 0;
}

/* Intersection over union; 1 for equal boxes, also without an area. */
static double overlap(box a, box b)
{
    if (a.x0 == b.x0 && a.y0 == b.y0 && a.x1 == b.x1 && a.y1 == b.y1)
        return 1;
    const double common = area(
        (box){fmaxf(a.x0, b.x0), fmaxf(a.y0, b.y0), fminf(a.x1, b.x1), fminf(a.y1, b.y1)});
    return common > 0 ? common / (area(a) + area(b) - common) : 0;
}

/* The mean score of a body's joints, or the share of them that is there. */
static double presence_of(const following *f, size_t body)
{
    const zoo_layout *l = f->p->layout;
    const float *v = values_of(f, body);
    const size_t k = l->feature == ZOO_SCORED ? 2 : 0;
    double sum = 0;
    for (size_t i = 0; i < l->nodes; i++) {
        const float score = v[l->column[i * l->channels + k]];
        sum += isnan(score) ? 0 : k == 2 ? score : 1;
    }
    return sum / l->nodes;
}

/* ---------------------------------------------------------------------- tracks */

static bool begin_track(following *f, uint32_t *k, int64_t id)
{
    if (f->n == f->room) {
        const size_t room = f->room == 0 ? 16 : 2 * f->room;
        track_of *grown = realloc(f->track, room * sizeof *grown);
        if (grown == NULL)
            return false;
        f->track = grown;
        uint32_t *alive = realloc(f->alive, room * sizeof *alive);
        if (alive == NULL)
            return false;
        f->alive = alive;
        f->room = room;
    }
    *k = (uint32_t)f->n;
    f->track[f->n++] = (track_of){.id = id, .last = SIZE_MAX};
    return true;
}

/* Puts a body into a track. */
static void join(following *f, uint32_t k, size_t body, size_t t)
{
    track_of *to = &f->track[k];
    to->at = box_of(f, body);
    to->last = t;
    to->presence += presence_of(f, body);
    f->p->found[body].track = k;
}

typedef struct id_track {
    int64_t id;
    uint32_t body; /* the first of the order with this id */
} id_track;

static int by_id(const void *a, const void *b)
{
    const id_track *x = a, *y = b;
    return x->id != y->id ? (x->id < y->id ? -1 : 1) : (x->body > y->body) - (x->body < y->body);
}

/* Counts bodies of a frame with an id of an earlier one, which lose it in `ids`. */
static size_t count_repeats(const following *f, int64_t *ids, size_t k, size_t end)
{
    size_t n = 0;
    for (size_t i = k; i < end; i++)
        for (size_t j = k; j < i && ids[i] != ZOO_NO_ID; j++)
            if (ids[j] == ids[i]) {
                ids[i] = ZOO_NO_ID;
                n++;
            }
    (void)f;
    return n;
}

/* Finds the tracks of ids: ids[k], of body k of the order, becomes the track or -1. */
static gop_status tracks_of_ids(following *f, zoo_tracks *t, int64_t *ids)
{
    const size_t n = f->p->n;
    size_t frames = 0, odd = 0, known = 0;
    for (size_t k = 0; k < n; k++) {
        ids[k] = f->p->found[f->order[k]].id;
        known += ids[k] != ZOO_NO_ID;
    }
    f->single = true;
    for (size_t k = 0, end; k < n; k = end) {
        end = end_of_frame(f, k);
        const size_t repeats = known > 0 ? count_repeats(f, ids, k, end) : 0;
        t->repeats += repeats;
        frames++;
        odd += repeats > 0;
        f->single &= end == k + 1;
    }
    t->by_overlap = 10 * odd > frames;
    t->repeats = t->by_overlap ? 0 : t->repeats;
    f->ids = known > 0 && !t->by_overlap;
    id_track *sorted = f->ids ? malloc(n * sizeof *sorted) : NULL;
    if (f->ids && sorted == NULL)
        return GOP_ENOMEM;
    size_t m = 0;
    for (size_t k = 0; k < n; k++) {
        if (f->ids && ids[k] != ZOO_NO_ID)
            sorted[m++] = (id_track){ids[k], (uint32_t)k};
        ids[k] = -1;
    }
    if (m > 0)
        qsort(sorted, m, sizeof *sorted, by_id);
    for (size_t i = 0, first = 0; i < m; i++) {
        first = i > 0 && sorted[i].id == sorted[i - 1].id ? first : sorted[i].body;
        ids[sorted[i].body] = (int64_t)first;
    }
    free(sorted);
    return GOP_OK;
}

typedef struct pair {
    double overlap;
    uint32_t track, body; /* body: in the frame */
} pair;

static int by_overlap(const void *a, const void *b)
{
    const pair *x = a, *y = b;
    if (x->overlap != y->overlap)
        return x->overlap > y->overlap ? -1 : 1;
    if (x->track != y->track)
        return x->track < y->track ? -1 : 1;
    return (x->body > y->body) - (x->body < y->body);
}

/* Forgets tracks without a body in the last GAP frames. */
static void bury(following *f, size_t t)
{
    size_t n = 0;
    for (size_t i = 0; i < f->n_alive; i++)
        if (t - f->track[f->alive[i]].last <= GAP)
            f->alive[n++] = f->alive[i];
    const size_t skip = n > MOST_ALIVE ? n - MOST_ALIVE : 0;
    if (skip > 0)
        memmove(f->alive, f->alive + skip, (n - skip) * sizeof *f->alive);
    f->n_alive = n - skip;
}

/* Joins the bodies [k, end) of a frame that have no track yet, taken[i], by overlap. */
static void join_by_overlap(following *f, bool *taken, size_t k, size_t end, pair *pairs)
{
    const size_t t = place_of(f, k);
    size_t n = 0;
    bury(f, t);
    for (size_t i = k; i < end; i++) {
        const box own = box_of(f, f->order[i]);
        for (size_t a = 0; a < f->n_alive && !taken[i - k]; a++) {
            const track_of *to = &f->track[f->alive[a]];
            const double share = to->last == t ? 0 : overlap(own, to->at);
            if (share >= LEAST)
                pairs[n++] = (pair){share, f->alive[a], (uint32_t)(i - k)};
        }
    }
    if (n > 1)
        qsort(pairs, n, sizeof *pairs, by_overlap);
    for (size_t i = 0; i < n; i++)
        if (!taken[pairs[i].body] && f->track[pairs[i].track].last != t) {
            join(f, pairs[i].track, f->order[k + pairs[i].body], t);
            taken[pairs[i].body] = true;
        }
}

static gop_status follow(following *f, int64_t *ids, pair *pairs)
{
    bool taken[ZOO_PEOPLE_CROWD];
    uint32_t track;
    for (size_t k = 0, end; k < f->p->n; k = end) {
        const size_t t = place_of(f, k);
        end = end_of_frame(f, k);
        for (size_t i = k; i < end; i++) {
            taken[i - k] = ids[i] >= 0;
            if (ids[i] < 0)
                continue;
            if ((size_t)ids[i] == i && !begin_track(f, &track, 0))
                return GOP_ENOMEM;
            track = (size_t)ids[i] == i ? track : f->p->found[f->order[ids[i]]].track;
            join(f, track, f->order[i], t);
        }
        if (f->single && !f->ids && f->n > 0) {
            join(f, 0, f->order[k], t);
            continue;
        }
        join_by_overlap(f, taken, k, end, pairs);
        for (size_t i = k; i < end; i++) {
            if (taken[i - k])
                continue;
            if (!begin_track(f, &track, ZOO_NO_ID))
                return GOP_ENOMEM;
            join(f, track, f->order[i], t);
            f->alive[f->n_alive++] = track;
        }
    }
    return GOP_OK;
}

/* ------------------------------------------------------------------------ clip */

/* The tracks of falling presence, ties by the earlier one. */
static size_t choose(uint32_t chosen[ZOO_MAX_BODIES], const following *f)
{
    size_t n = 0;
    for (uint32_t k = 0; k < f->n; k++) {
        size_t i = n < ZOO_MAX_BODIES ? n++ : ZOO_MAX_BODIES;
        for (; i > 0 && f->track[chosen[i - 1]].presence < f->track[k].presence; i--)
            if (i < ZOO_MAX_BODIES)
                chosen[i] = chosen[i - 1];
        if (i < ZOO_MAX_BODIES)
            chosen[i] = k;
    }
    return n;
}

static gop_status fill_clip(zoo_clip *c, const following *f, gop_error *err)
{
    const size_t columns = f->p->layout->columns;
    uint32_t chosen[ZOO_MAX_BODIES];
    const size_t n = choose(chosen, f);
    gop_try(zoo_clip_new(c, n, f->length, columns, err));
    for (size_t i = 0; i < f->p->n; i++)
        for (size_t b = 0; b < n; b++)
            if (chosen[b] == f->p->found[i].track)
                memcpy(c->values + (b * c->frames + f->place[f->p->found[i].frame]) * columns,
                       values_of(f, i), columns * sizeof *c->values);
    return GOP_OK;
}

gop_status zoo_tracks_clip(zoo_clip *c, zoo_tracks *t, zoo_people *p, gop_error *err)
{
    following f = {.p = p};
    memset(t, 0, sizeof *t);
    numbered *sorted = malloc((p->frames + 1) * sizeof *sorted);
    int64_t *ids = malloc((p->n + 1) * sizeof *ids);
    pair *pairs = malloc((size_t)ZOO_PEOPLE_CROWD * MOST_ALIVE * sizeof *pairs);
    f.place = malloc((p->frames + 1) * sizeof *f.place);
    f.order = malloc((p->n + 1) * sizeof *f.order);
    gop_status s = sorted != NULL && ids != NULL && pairs != NULL && f.place != NULL &&
                           f.order != NULL && place_frames(&f, t, sorted) && sort_bodies(&f)
                       ? GOP_OK
                       : GOP_ENOMEM;
    if (s == GOP_OK)
        s = tracks_of_ids(&f, t, ids);
    if (s == GOP_OK)
        s = follow(&f, ids, pairs);
    if (s != GOP_OK)
        gop_fail(err, s, "out of memory reading %s", p->path);
    else
        s = fill_clip(c, &f, err);
    t->n = f.n;
    t->left = f.n > ZOO_MAX_BODIES ? f.n - ZOO_MAX_BODIES : 0;
    free(sorted);
    free(ids);
    free(pairs);
    free(f.place);
    free(f.order);
    free(f.track);
    free(f.alive);
    return s;
}

void zoo_tracks_clear(zoo_tracks *t)
{
    free(t->numbers);
    t->numbers = NULL;
}
