/*
 * sampler.c: draws random training windows in the layout of a net's inputs.
 *
 * Frames are read and normalised when they are drawn, so that memory does not depend on the set's
 * size.  Noise is a table of the sequences that labels and targets come from, made at the start.
 * Touches memory, and the set's file through zoo_dataset_read.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/dataset/windows.h"
#include "zoo/dataset/sampler.h"

/* A body of a training sequence. */
typedef struct source {
    size_t sequence, body;
    size_t n; /* frames that a model sees */
    uint32_t action;
    size_t target; /* index of the source of its targets */
} source;

struct zoo_sampler {
    const zoo_dataset *data;
    size_t observed, predicted, clip;
    size_t sources;
    source *source;
    float *raw; /* of one window */
    gop_rng rng;
};

/* Enters the bodies of sequence i. */
static void take(zoo_sampler *s, size_t i)
{
    const zoo_sequence *q = &s->data->sequence[i];
    for (size_t b = 0; b < q->bodies; b++) {
        s->source[s->sources] = (source){.sequence = i,
                                         .body = b,
                                         .n = zoo_sequence_length(s->data, i),
                                         .action = q->action,
                                         .target = s->sources};
        s->sources++;
    }
}

static void swap(size_t *order, size_t a, size_t b)
{
    size_t kept = order[a];
    order[a] = order[b];
    order[b] = kept;
}

/* from[i]: the source whose label or targets source i gets.  A share of the sources is drawn
 * without replacement and permuted in one cycle (Sattolo), so that none keeps its own. */
static gop_status exchange(size_t *from, size_t n, double share, const char *what, uint64_t seed,
                           gop_error *err)
{
    size_t k = (size_t)floor(share * (double)n + 0.5);
    gop_rng rng = gop_rng_new(seed, gop_hash(GOP_HASH_START, what, strlen(what)));
    size_t *drawn = malloc((n + 1) * sizeof *drawn);
    if (drawn == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for noise in %s", what);
    for (size_t i = 0; i < n; i++)
        from[i] = drawn[i] = i;
    if (share > 0 && k < 2) {
        free(drawn);
        return gop_fail(err, GOP_EINVAL,
                        "noise in %s: a share of %g of %zu training sequences is fewer than two"
                        " sequences",
                        what, share, n);
    }
    for (size_t i = 0; i < k; i++)
        swap(drawn, i, i + (size_t)gop_rng_below(&rng, n - i));
    for (size_t i = 0; i < k; i++)
        from[drawn[i]] = drawn[(i + 1) % k];
    free(drawn);
    return GOP_OK;
}

static gop_status add_noise(zoo_sampler *s, const zoo_windows *w, gop_error *err)
{
    if (w->only_held_out || (!(w->noisy_labels > 0) && !(w->noisy_targets > 0)))
        return GOP_OK;
    size_t *from = malloc((s->sources + 1) * sizeof *from);
    uint32_t *action = malloc((s->sources + 1) * sizeof *action);
    gop_status status = GOP_OK;
    if (from == NULL || action == NULL)
        status = gop_fail(err, GOP_ENOMEM, "out of memory for noise");
    if (status == GOP_OK)
        status = exchange(from, s->sources, w->noisy_labels, "labels", w->seed, err);
    for (size_t i = 0; i < s->sources && status == GOP_OK; i++)
        action[i] = s->source[from[i]].action;
    for (size_t i = 0; i < s->sources && status == GOP_OK; i++)
        s->source[i].action = action[i];
    if (status == GOP_OK)
        status = exchange(from, s->sources, w->noisy_targets, "targets", w->seed, err);
    for (size_t i = 0; i < s->sources && status == GOP_OK; i++)
        s->source[i].target = from[i];
    free(from);
    free(action);
    return status;
}

static gop_status check_windows(const zoo_windows *w, gop_error *err)
{
    if (w->observed == 0 || w->observed > SIZE_MAX / 2 || w->predicted > SIZE_MAX / 2)
        return gop_fail(err, GOP_EINVAL,
                        "windows cannot have %zu observed and %zu predicted frames", w->observed,
                        w->predicted);
    if (w->clip != 0 && w->clip < w->observed + w->predicted)
        return gop_fail(
            err, GOP_EINVAL,
            "clips of %zu frames are shorter than windows of %zu observed and %zu predicted frames",
            w->clip, w->observed, w->predicted);
    if (!(w->noisy_labels >= 0 && w->noisy_labels <= 1) ||
        !(w->noisy_targets >= 0 && w->noisy_targets <= 1))
        return gop_fail(
            err, GOP_EINVAL,
            "noise in a share of %g of the labels and %g of the targets; shares must be in [0, 1]",
            w->noisy_labels, w->noisy_targets);
    return GOP_OK;
}

/* held[i]: whether sequence i is held out. */
static gop_status hold_out(bool *held, const zoo_sampler *s, const zoo_dataset *data,
                           const zoo_windows *w, gop_error *err)
{
    size_t n = 0;
    gop_try(zoo_dataset_hold_out(&n, held, data, s->clip, w->held_out, w->seed, err));
    if (n == 0 && (w->held_out > 0 || w->only_held_out))
        return gop_fail(err, GOP_EINVAL,
                        "no training sequence can be held out: no action of "
                        "data set %s has two of %zu frames",
                        data->domain.name, zoo_raw_frames(&data->domain, s->clip));
    return GOP_OK;
}

static gop_status no_window(const zoo_sampler *s, const zoo_dataset *data, gop_error *err)
{
    char what[96];
    snprintf(what, sizeof what, "%zu observed and %zu predicted", s->observed, s->predicted);
    return zoo_too_short(data, ZOO_TRAIN, s->clip, what, err);
}

static gop_status take_all(zoo_sampler *s, const zoo_dataset *data, const zoo_windows *w,
                           gop_error *err)
{
    if (zoo_dataset_count(NULL, data, ZOO_TRAIN, s->clip) == 0)
        return no_window(s, data, err);
    bool *held = calloc(data->sequences + 1, sizeof *held);
    if (held == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for the training windows");
    gop_status status = hold_out(held, s, data, w, err);
    for (size_t i = 0; i < data->sequences && status == GOP_OK; i++)
        if (data->sequence[i].split == ZOO_TRAIN && zoo_sequence_length(data, i) >= s->clip &&
            held[i] == w->only_held_out) {
            status = gop_stopped(w->stop, "zoo_sampler_new", err);
            if (status == GOP_OK)
                take(s, i);
        }
    free(held);
    return status;
}

static gop_status make_room(zoo_sampler *s, gop_error *err)
{
    const zoo_domain *d = &s->data->domain;
    const size_t longest = s->observed > s->predicted ? s->observed : s->predicted;
    size_t bodies = 0, held = 0;
    for (size_t i = 0; i < s->data->sequences; i++) {
        bodies += s->data->sequence[i].bodies;
        held = s->data->sequence[i].frames > held ? s->data->sequence[i].frames : held;
    }
    /* A window that is longer than every sequence is refused later. */
    const size_t raw = longest <= held ? zoo_raw_frames(d, longest) : SIZE_MAX;
    const size_t frames = raw <= held ? raw : 0;
    s->source = calloc(bodies + 1, sizeof *s->source);
    s->raw = malloc((frames + 1) * d->layout.columns * sizeof *s->raw);
    return s->source != NULL && s->raw != NULL
               ? GOP_OK
               : gop_fail(err, GOP_ENOMEM, "out of memory for the training windows");
}

gop_status zoo_sampler_new(zoo_sampler **out, const zoo_dataset *data, const zoo_windows *windows,
                           gop_error *err)
{
    if (out == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_sampler_new: the result pointer is NULL");
    *out = NULL;
    if (data == NULL || windows == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_sampler_new: the data set or the windows are NULL");
    gop_try(check_windows(windows, err));
    zoo_sampler *s = calloc(1, sizeof *s);
    if (s == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for the training windows");
    s->data = data;
    s->observed = windows->observed;
    s->predicted = windows->predicted;
    s->clip = windows->clip != 0 ? windows->clip : windows->observed + windows->predicted;
    s->rng = gop_rng_new(windows->seed, gop_hash(GOP_HASH_START, "sampler", 7));
    gop_status status = make_room(s, err);
    if (status == GOP_OK)
        status = take_all(s, data, windows, err);
    if (status == GOP_OK)
        status = add_noise(s, windows, err);
    if (status != GOP_OK)
        zoo_sampler_free(s);
    else
        *out = s;
    return status;
}

void zoo_sampler_free(zoo_sampler *s)
{
    if (s == NULL)
        return;
    free(s->source);
    free(s->raw);
    free(s);
}

/* mask [M, count, D]: where the raw frames have values. */
static void fill_mask(gop_real *mask, const zoo_domain *d, const float *raw, size_t count)
{
    const zoo_layout *l = &d->layout;
    for (size_t i = 0; i < l->nodes; i++)
        for (size_t t = 0; t < count; t++)
            for (size_t k = 0; k < l->channels; k++)
                *mask++ = isnan(raw[t * d->factor * l->columns + l->column[i * l->channels + k]])
                              ? 0
                              : 1;
}

/* Reads frames [start, start + count) of all nodes into `to` [M, count, D] and its mask; one of them
 * may be NULL. */
static gop_status read_frames(gop_real *to, gop_real *mask, zoo_sampler *s, const source *from,
                              size_t start, size_t count, gop_error *err)
{
    const zoo_domain *d = &s->data->domain;
    gop_try(zoo_dataset_read(s->raw, s->data, from->sequence, from->body, start * d->factor,
                             zoo_raw_frames(d, count), err));
    zoo_normalise(d, s->raw, count, to, count * d->layout.channels);
    if (mask != NULL)
        fill_mask(mask, d, s->raw, count);
    return GOP_OK;
}

/* The number of starts of a clip. */
static size_t starts(const zoo_sampler *s, const source *from)
{
    return from->n > s->clip ? from->n - s->clip : 1;
}

/* The first target frame for a window at `start`: after the window, or at the same relative
 * position in another source. */
static size_t target_start(const zoo_sampler *s, const source *from, size_t start)
{
    const source *other = &s->source[from->target];
    if (other != from)
        start = (size_t)((double)start / (double)starts(s, from) * (double)starts(s, other));
    return start + s->observed;
}

gop_status zoo_sampler_next(zoo_sampler *s, size_t n, const zoo_batch *to, gop_error *err)
{
    if (s == NULL || to == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_sampler_next: an argument is NULL");
    const size_t pose = (size_t)s->data->domain.layout.nodes * s->data->domain.layout.channels;
    for (size_t k = 0; k < n; k++) {
        const source *from = &s->source[gop_rng_below(&s->rng, s->sources)];
        const size_t start = (size_t)gop_rng_below(&s->rng, starts(s, from));
        gop_real *x = to->x == NULL ? NULL : to->x + k * pose * s->observed;
        gop_real *target = to->target == NULL ? NULL : to->target + k * pose * s->predicted;
        gop_real *mask = to->mask == NULL ? NULL : to->mask + k * pose * s->predicted;
        if (x != NULL)
            gop_try(read_frames(x, NULL, s, from, start, s->observed, err));
        if ((target != NULL || mask != NULL) && s->predicted > 0)
            gop_try(read_frames(target, mask, s, &s->source[from->target],
                                target_start(s, from, start), s->predicted, err));
        if (to->labels != NULL)
            to->labels[k] = (gop_real)from->action;
    }
    return GOP_OK;
}

gop_rng zoo_sampler_state(const zoo_sampler *s)
{
    return s == NULL ? gop_rng_new(0, 0) : s->rng;
}

void zoo_sampler_restore(zoo_sampler *s, gop_rng state)
{
    if (s != NULL)
        s->rng = state;
}
