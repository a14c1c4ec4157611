/*
 * stream_push.c: a stream of frames: takes them, follows their bodies, and gives what the model makes
 * of them.  Touches memory only.
 *
 * A push only sets the knots of the bodies (resample.h).  zoo_stream_next then goes through the frames
 * of the grid up to the present time: it writes each, runs the windows that end there, body by body,
 * and gives their items one at a time.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/stream/events.h"
#include "zoo/stream/matching.h"
#include "zoo/stream/resample.h"
#include "zoo/stream/window.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_TIME 1e12

/* What answers are about: a body, or all of a model that sees several together. */
typedef struct seat {
    bool alive;
    uint64_t first;  /* frame of the grid at which it began */
    double answered; /* time of the last answer */
    zoo_events events;
} seat;

struct zoo_stream {
    zoo_stream_options options;
    zoo_window window;
    bool together;
    size_t tracks, seats;
    zoo_matching matching;
    zoo_ring *ring; /* [tracks] */
    seat *seat;     /* [seats] */
    bool *begun;    /* [tracks] */
    zoo_grid grid;
    size_t hop;  /* frames of the grid */
    bool any;    /* a frame was taken */
    double now;  /* its time */
    size_t turn; /* the seat whose window is run next; `seats`: none */
    size_t items, given, room;
    zoo_stream_item *item; /* [room]: those that wait */
    int64_t *ids;          /* [bodies of a window] */
    zoo_stream_counts counts;
};

/* ------------------------------------------------------------------------ open */

static gop_status check(const zoo_model *model, const zoo_stream_options *o, gop_error *err)
{
    gop_try(zoo_settings_check(zoo_stream_settings(), o, err));
    if (o->on < o->off)
        return gop_fail(err, GOP_EINVAL,
                        "an action begins at %g and ends below %g: on must not be less than off",
                        o->on, o->off);
    if (o->none[0] != '\0' &&
        (!zoo_model_recognises(model) || zoo_domain_action(&model->domain, o->none) == SIZE_MAX))
        return gop_fail(err, GOP_EINVAL, "the model has no class '%s'", o->none);
    return GOP_OK;
}

static gop_status make_room(zoo_stream *s, gop_error *err)
{
    s->room = 2 * s->tracks + 3;
    s->ring = calloc(s->tracks, sizeof *s->ring);
    s->seat = calloc(s->seats, sizeof *s->seat);
    s->begun = calloc(s->tracks, sizeof *s->begun);
    s->item = calloc(s->room, sizeof *s->item);
    s->ids = calloc(s->window.bodies, sizeof *s->ids);
    return s->ring != NULL && s->seat != NULL && s->begun != NULL && s->item != NULL &&
                   s->ids != NULL
               ? GOP_OK
               : gop_fail(err, GOP_ENOMEM, "out of memory for a stream of %zu bodies", s->tracks);
}

static gop_status open(zoo_stream *s, gop_ctx *ctx, const zoo_model *model, gop_error *err)
{
    const double rate = model->domain.rate / model->domain.factor;
    gop_try(zoo_window_open(&s->window, ctx, model, &s->options, err));
    s->together = s->window.bodies > 1;
    s->tracks = s->together ? s->window.bodies : s->options.bodies;
    s->seats = s->together ? 1 : s->tracks;
    s->grid.step = 1 / rate;
    s->hop = (size_t)fmax(round(s->options.hop * rate), 1);
    const double mean = fmax(round(s->options.smooth * rate / (double)s->hop), 1);
    gop_try(make_room(s, err));
    gop_try(zoo_matching_open(&s->matching, s->window.layout, s->tracks, s->options.reach, err));
    for (size_t k = 0; k < s->tracks; k++) {
        gop_try(
            zoo_ring_open(&s->ring[k], s->window.layout, s->window.frames, s->options.gap, err));
        s->matching.track[k].last = s->ring[k].v1;
    }
    for (size_t k = 0; k < s->seats; k++)
        gop_try(
            zoo_events_open(&s->seat[k].events, &model->domain, &s->options, (size_t)mean, err));
    zoo_stream_reset(s);
    return GOP_OK;
}

gop_status zoo_stream_new(zoo_stream **out, gop_ctx *ctx, const zoo_model *model,
                          const zoo_stream_options *options, gop_error *err)
{
    if (out == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_stream_new: the result pointer is NULL");
    *out = NULL;
    if (ctx == NULL || model == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_stream_new: a context and a model are needed");
    zoo_stream *s = calloc(1, sizeof *s);
    if (s == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for a stream");
    s->options = options != NULL ? *options : zoo_stream_default();
    gop_status status = check(model, &s->options, err);
    if (status == GOP_OK)
        status = open(s, ctx, model, err);
    if (status == GOP_OK)
        *out = s;
    else
        zoo_stream_free(s);
    return status;
}

void zoo_stream_free(zoo_stream *s)
{
    if (s == NULL)
        return;
    for (size_t k = 0; k < s->tracks && s->ring != NULL; k++)
        zoo_ring_close(&s->ring[k]);
    for (size_t k = 0; k < s->seats && s->seat != NULL; k++)
        zoo_events_close(&s->seat[k].events);
    zoo_matching_close(&s->matching);
    zoo_window_close(&s->window);
    free(s->ring);
    free(s->seat);
    free(s->begun);
    free(s->item);
    free(s->ids);
    free(s);
}

/* ---------------------------------------------------------------------- bodies */

static zoo_stream_item *add(zoo_stream *s, zoo_stream_kind kind, size_t k, double time,
                            size_t action, double p)
{
    zoo_stream_item *item = &s->item[s->items++];
    *item = (zoo_stream_item){.kind = kind,
                              .time = time,
                              .body = s->together ? -1 : s->matching.track[k].number,
                              .action = action,
                              .p = p};
    return item;
}

/* Ends a seat, and the action that lasts. */
static void end_seat(zoo_stream *s, size_t k)
{
    seat *one = &s->seat[k];
    if (one->alive && one->events.active != SIZE_MAX)
        add(s, ZOO_STREAM_OFF, k, one->answered, one->events.active, one->events.p);
    one->alive = false;
    zoo_events_clear(&one->events);
}

static bool any_alive(const zoo_stream *s)
{
    for (size_t k = 0; k < s->tracks; k++)
        if (s->matching.track[k].alive)
            return true;
    return false;
}

/* Ends the bodies that were last seen before a time. */
static void end_before(zoo_stream *s, double time)
{
    for (size_t k = 0; k < s->tracks; k++) {
        zoo_followed *t = &s->matching.track[k];
        if (!t->alive || t->seen >= time)
            continue;
        if (!s->together)
            end_seat(s, k);
        t->alive = false;
    }
    if (s->together && s->seat[0].alive && !any_alive(s))
        end_seat(s, 0);
}

static void begin_seat(zoo_stream *s, size_t k)
{
    if (s->seat[k].alive)
        return;
    s->seat[k].alive = true;
    s->seat[k].first = s->grid.next;
    zoo_events_clear(&s->seat[k].events);
}

static void take_bodies(zoo_stream *s, const zoo_frame *frame)
{
    uint64_t dropped = 0;
    zoo_matching_take(&s->matching, frame, s->begun, &dropped);
    s->counts.dropped += dropped;
    for (size_t k = 0; k < s->tracks; k++) {
        const zoo_followed *t = &s->matching.track[k];
        if (s->begun[k]) {
            zoo_ring_clear(&s->ring[k], s->grid.next);
            begin_seat(s, s->together ? 0 : k);
            s->counts.bodies++;
        }
        if (t->alive && t->now != SIZE_MAX)
            zoo_ring_observe(&s->ring[k], &s->grid, frame->time,
                             frame->values + t->now * s->window.layout->columns);
        s->counts.missing += t->alive && t->now == SIZE_MAX;
    }
}

/* ----------------------------------------------------------------------- frames */

/* Whether windows are still to be run, or items to be given. */
static bool is_busy(const zoo_stream *s)
{
    return s->given < s->items || s->turn < s->seats ||
           (s->any && any_alive(s) && zoo_grid_reached(&s->grid, s->grid.next, s->now));
}

gop_status zoo_stream_push(zoo_stream *s, const zoo_frame *frame, gop_error *err)
{
    if (s == NULL || frame == NULL || (frame->bodies > 0 && frame->values == NULL))
        return gop_fail(err, GOP_EINVAL, "zoo_stream_push: a stream and a frame are needed");
    if (!(fabs(frame->time) <= MOST_TIME))
        return gop_fail(err, GOP_EINVAL, "a frame at %g s; times from -%g to %g are allowed",
                        frame->time, MOST_TIME, MOST_TIME);
    if (is_busy(s))
        return gop_fail(err, GOP_ESTATE,
                        "zoo_stream_push: zoo_stream_next has not given all of the last frame");
    s->items = s->given = 0;
    if (s->any && frame->time == s->now) {
        s->counts.repeated++;
        return GOP_OK;
    }
    if (s->any && frame->time < s->now && s->now - frame->time <= s->options.gap) {
        s->counts.late++;
        return GOP_OK;
    }
    s->counts.frames++;
    if (s->any && frame->time < s->now) {
        s->counts.restarts++;
        end_before(s, INFINITY);
    }
    end_before(s, frame->time - s->options.gap);
    if (!any_alive(s)) {
        s->grid.origin = frame->time;
        s->grid.next = 0;
    }
    s->any = true;
    s->now = frame->time;
    take_bodies(s, frame);
    return GOP_OK;
}

/* Runs the window of a seat that ends at the last frame of the grid. */
static gop_status answer(zoo_stream *s, size_t k, gop_error *err)
{
    const zoo_ring *ring[ZOO_MAX_BODIES];
    zoo_window *w = &s->window;
    seat *one = &s->seat[k];
    bool blind;
    for (size_t b = 0; b < w->bodies; b++) {
        const size_t track = s->together ? b : k;
        const bool there = s->matching.track[track].alive;
        ring[b] = there ? &s->ring[track] : NULL;
        s->ids[b] = there ? s->matching.track[track].number : -1;
    }
    gop_try(zoo_window_run(w, ring, s->grid.next - 1, &blind, err));
    s->counts.blind += blind;
    if (blind)
        return GOP_OK;
    const double time = zoo_grid_time(&s->grid, s->grid.next - 1);
    zoo_events *e = &one->events;
    zoo_change change = {.off = SIZE_MAX, .on = SIZE_MAX};
    double p = 0;
    one->answered = time;
    s->counts.answers++;
    if (w->classes > 0)
        change = zoo_events_take(e, time, w->scores);
    for (size_t c = 0; c < w->classes; c++)
        p = fmax(p, (double)e->mean[c]);
    zoo_stream_item *item = add(s, ZOO_STREAM_ANSWER, k, time,
                                w->classes > 0 ? e->choice : SIZE_MAX, p);
    item->probabilities = w->classes > 0 ? e->mean : NULL;
    item->poses = w->predicted > 0 ? w->poses : NULL;
    item->bodies = w->bodies;
    item->frames = w->predicted;
    item->ids = s->ids;
    if (change.off != SIZE_MAX)
        add(s, ZOO_STREAM_OFF, k, time, change.off, change.p_off);
    if (change.on != SIZE_MAX)
        add(s, ZOO_STREAM_ON, k, time, change.on, change.p_on);
    return GOP_OK;
}

/* Whether a window of the seat ends at the last frame of the grid, and its answer is due. */
static bool is_due(const zoo_stream *s, size_t k)
{
    const uint64_t have = s->grid.next - s->seat[k].first;
    return s->seat[k].alive && s->grid.next > s->seat[k].first && have >= s->window.frames &&
           (have - s->window.frames) % s->hop == 0;
}

/* Writes the next frame of the grid for all bodies; their windows are run in turn. */
static void advance(zoo_stream *s)
{
    for (size_t k = 0; k < s->tracks; k++)
        if (s->matching.track[k].alive)
            zoo_ring_write(&s->ring[k], &s->grid);
    s->grid.next++;
    s->turn = 0;
}

gop_status zoo_stream_next(zoo_stream *s, const zoo_stream_item **item, gop_error *err)
{
    if (item != NULL)
        *item = NULL;
    if (s == NULL || item == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_stream_next: a stream and a result are needed");
    while (is_busy(s)) {
        if (s->given < s->items) {
            *item = &s->item[s->given++];
            return GOP_OK;
        }
        s->items = s->given = 0;
        if (s->turn < s->seats) {
            const size_t k = s->turn++;
            if (is_due(s, k))
                gop_try(answer(s, k, err));
        } else {
            advance(s);
        }
    }
    return GOP_OK;
}

gop_status zoo_stream_finish(zoo_stream *s, gop_error *err)
{
    if (s == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_stream_finish: a stream is needed");
    if (is_busy(s))
        return gop_fail(err, GOP_ESTATE,
                        "zoo_stream_finish: zoo_stream_next has not given all of the last frame");
    s->items = s->given = 0;
    end_before(s, INFINITY);
    return GOP_OK;
}

void zoo_stream_reset(zoo_stream *s)
{
    if (s == NULL)
        return;
    for (size_t k = 0; k < s->tracks; k++)
        s->matching.track[k].alive = false;
    for (size_t k = 0; k < s->seats; k++) {
        s->seat[k].alive = false;
        zoo_events_clear(&s->seat[k].events);
    }
    s->matching.next = 1;
    s->grid.next = 0;
    s->any = false;
    s->turn = s->seats;
    s->items = s->given = 0;
    s->counts = (zoo_stream_counts){.frames = 0};
}

zoo_stream_counts zoo_stream_count(const zoo_stream *s)
{
    return s != NULL ? s->counts : (zoo_stream_counts){.frames = 0};
}

double zoo_stream_rate(const zoo_stream *s)
{
    return s != NULL ? 1 / s->grid.step : 0;
}

size_t zoo_stream_window(const zoo_stream *s)
{
    return s != NULL ? s->window.frames : 0;
}
