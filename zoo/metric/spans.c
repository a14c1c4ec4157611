/*
 * spans.c: counts frames, segments and events of whole recordings.  Touches its arguments and memory
 * only.
 *
 * C. Lea, M. D. Flynn, R. Vidal, A. Reiter, G. D. Hager: Temporal convolutional networks for action
 * segmentation and detection, CVPR 2017, section 4.1: segmental F1.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/metric/spans.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS 60 /* of a minute */

static const double overlap[ZOO_OVERLAPS] = {0.1, 0.25, 0.5};

double zoo_overlap(size_t i)
{
    return i < ZOO_OVERLAPS ? overlap[i] : NAN;
}

/* ---------------------------------------------------------------------- checks */

static gop_status check(const zoo_spans_truth *t, const zoo_spans_found *f, gop_error *err)
{
    size_t end = 0;
    if ((t->spans > 0 && t->span == NULL) || (t->frames > 0 && f->action == NULL) ||
        (f->events > 0 && f->event == NULL))
        return gop_fail(err, GOP_EINVAL, "zoo_spans_add: an argument is NULL");
    if (!(t->rate > 0) || isinf(t->rate))
        return gop_fail(err, GOP_EINVAL, "zoo_spans_add: the rate must be above 0, not %g",
                        t->rate);
    for (size_t k = 0; k < t->spans; k++) {
        const zoo_span *s = &t->span[k];
        if (s->frames == 0 || s->first < end || s->first > t->frames ||
            s->frames > t->frames - s->first)
            return gop_fail(err, GOP_EINVAL,
                            "zoo_spans_add: span %zu, %zu frames from frame %zu on: spans lie one "
                            "behind the other in the recording's %zu frames",
                            k, s->frames, s->first, t->frames);
        end = s->first + s->frames;
    }
    for (size_t i = 0; i < f->events; i++)
        if (f->event[i].frame >= t->frames)
            return gop_fail(err, GOP_EINVAL,
                            "zoo_spans_add: an event in frame %zu of a recording of %zu frames",
                            f->event[i].frame, t->frames);
    return GOP_OK;
}

/* ---------------------------------------------------------------------- frames */

static void add_frames(zoo_spans_score *s, const zoo_spans_truth *t, const uint32_t *action)
{
    size_t k = 0;
    for (size_t i = 0; i < t->frames; i++) {
        while (k < t->spans && i >= t->span[k].first + t->span[k].frames)
            k++;
        const bool inside = k < t->spans && i >= t->span[k].first;
        const bool right = action[i] == (inside ? t->span[k].action : t->background);
        s->right += right;
        s->acting += inside;
        s->right_acting += inside && right;
    }
    s->frames += t->frames;
    s->minutes += (double)t->frames / t->rate / SECONDS;
}

/* -------------------------------------------------------------------- segments */

static double shared(const zoo_span *a, const zoo_span *b)
{
    const size_t first = a->first > b->first ? a->first : b->first;
    const size_t a_end = a->first + a->frames, b_end = b->first + b->frames;
    const size_t end = a_end < b_end ? a_end : b_end;
    const double both = end > first ? (double)(end - first) : 0;
    return both / ((double)a->frames + (double)b->frames - both);
}

/* Matches a predicted segment; hit [overlaps, spans] has the true ones that were hit before. */
static void add_segment(zoo_spans_score *s, const zoo_spans_truth *t, const zoo_span *found,
                        bool *hit)
{
    size_t best = t->spans;
    double most = 0;
    for (size_t k = 0; k < t->spans; k++) {
        const double v = t->span[k].action == found->action ? shared(&t->span[k], found) : 0;
        if (v > most) {
            most = v;
            best = k;
        }
    }
    s->found++;
    for (size_t i = 0; i < ZOO_OVERLAPS && best < t->spans; i++) {
        bool *taken = &hit[i * t->spans + best];
        s->hits[i] += most >= overlap[i] && !*taken;
        *taken = *taken || most >= overlap[i];
    }
}

static void add_segments(zoo_spans_score *s, const zoo_spans_truth *t, const uint32_t *action,
                         bool *hit)
{
    for (size_t first = 0, end; first < t->frames; first = end) {
        for (end = first + 1; end < t->frames && action[end] == action[first];)
            end++;
        const zoo_span found = {action[first], first, end - first};
        if (found.action != t->background)
            add_segment(s, t, &found, hit);
    }
    s->segments += t->spans;
}

/* ---------------------------------------------------------------------- events */

static bool lies_in(const zoo_event *e, const zoo_span *span)
{
    return e->action == span->action && e->frame >= span->first &&
           e->frame - span->first < span->frames;
}

/* Counts events; `delay` has room for all true segments. */
static void add_events(zoo_spans_score *s, const zoo_spans_truth *t, const zoo_spans_found *f)
{
    for (size_t k = 0; k < t->spans; k++) {
        size_t first = SIZE_MAX;
        for (size_t i = 0; i < f->events; i++)
            if (lies_in(&f->event[i], &t->span[k]) && f->event[i].frame < first)
                first = f->event[i].frame;
        if (first != SIZE_MAX)
            s->delay[s->noticed++] = (double)(first - t->span[k].first) / t->rate;
    }
    for (size_t i = 0; i < f->events; i++) {
        bool right = false;
        for (size_t k = 0; k < t->spans && !right; k++)
            right = lies_in(&f->event[i], &t->span[k]);
        s->false_events += !right;
    }
    s->events += f->events;
}

/* ----------------------------------------------------------------------- score */

gop_status zoo_spans_add(zoo_spans_score *score, const zoo_spans_truth *truth,
                         const zoo_spans_found *found, gop_error *err)
{
    if (score == NULL || truth == NULL || found == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_spans_add: an argument is NULL");
    gop_try(check(truth, found, err));
    const size_t room = score->noticed + truth->spans;
    bool *hit = calloc(ZOO_OVERLAPS * truth->spans + 1, sizeof *hit);
    double *delay = realloc(score->delay, (room + 1) * sizeof *delay);
    score->delay = delay != NULL ? delay : score->delay;
    if (hit == NULL || delay == NULL) {
        free(hit);
        return gop_fail(err, GOP_ENOMEM, "out of memory for the segments of a recording");
    }
    score->recordings++;
    add_frames(score, truth, found->action);
    add_segments(score, truth, found->action, hit);
    add_events(score, truth, found);
    free(hit);
    return GOP_OK;
}

void zoo_spans_clear(zoo_spans_score *score)
{
    if (score == NULL)
        return;
    free(score->delay);
    memset(score, 0, sizeof *score);
}

static double ratio(double a, double b)
{
    return b > 0 ? a / b : NAN;
}

double zoo_spans_accuracy(const zoo_spans_score *s)
{
    return s == NULL ? NAN : ratio((double)s->right, (double)s->frames);
}

double zoo_spans_acting_accuracy(const zoo_spans_score *s)
{
    return s == NULL ? NAN : ratio((double)s->right_acting, (double)s->acting);
}

double zoo_spans_f1(const zoo_spans_score *s, size_t i)
{
    return s == NULL || i >= ZOO_OVERLAPS
               ? NAN
               : ratio(2 * (double)s->hits[i], (double)s->found + (double)s->segments);
}

double zoo_spans_alarms(const zoo_spans_score *s)
{
    return s == NULL ? NAN : ratio((double)s->false_events, s->minutes);
}

double zoo_spans_mean_delay(const zoo_spans_score *s)
{
    double sum = 0;
    for (size_t i = 0; s != NULL && i < s->noticed; i++)
        sum += s->delay[i];
    return s == NULL ? NAN : ratio(sum, (double)s->noticed);
}

static int by_size(const void *a, const void *b)
{
    const double v = *(const double *)a, w = *(const double *)b;
    return v < w ? -1 : v > w;
}

double zoo_spans_delay(zoo_spans_score *s, double share)
{
    if (s == NULL || s->noticed == 0 || !(share >= 0 && share <= 1))
        return NAN;
    qsort(s->delay, s->noticed, sizeof *s->delay, by_size);
    const double place = share * (double)(s->noticed - 1);
    const size_t k = (size_t)place;
    const double low = s->delay[k], high = s->delay[k + 1 < s->noticed ? k + 1 : k];
    return low + (place - (double)k) * (high - low);
}
