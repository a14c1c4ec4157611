/*
 * sampler.c: draws random training windows in the layout of a net's inputs.
 *
 * Training sequences are normalised and laid out [M, n, D] once, so that a window is M copies of
 * T*D numbers.  Noise is a table of the sequences that labels and targets come from, made at the
 * start.  Touches memory only.
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

typedef struct source {
    gop_real *x; /* [M, n, D] */
    size_t n;
    uint32_t action;
    size_t target; /* index of the source of its targets */
} source;

struct zoo_sampler {
    size_t nodes, channels, observed, predicted, clip;
    size_t sources;
    source *source;
    gop_rng rng;
};

static gop_status take(zoo_sampler *s, const zoo_dataset *data, size_t i, gop_error *err)
{
    size_t n = zoo_sequence_length(data, i), columns = s->nodes * s->channels;
    gop_real *x = malloc(n * columns * sizeof *x);
    if (x == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for training sequence %s",
                        data->sequence[i].name);
    zoo_normalise(&data->domain, data->sequence[i].data, n, x, n * s->channels);
    source *to = &s->source[s->sources++];
    to->x = x;
    to->n = n;
    to->action = data->sequence[i].action;
    to->target = s->sources - 1;
    return GOP_OK;
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
                status = take(s, data, i, err);
        }
    free(held);
    return status;
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
    if (s != NULL)
        s->source = calloc(data->sequences + 1, sizeof *s->source);
    if (s == NULL || s->source == NULL) {
        zoo_sampler_free(s);
        return gop_fail(err, GOP_ENOMEM, "out of memory for the training windows");
    }
    s->nodes = data->domain.layout.nodes;
    s->channels = data->domain.layout.channels;
    s->observed = windows->observed;
    s->predicted = windows->predicted;
    s->clip = windows->clip != 0 ? windows->clip : windows->observed + windows->predicted;
    s->rng = gop_rng_new(windows->seed, gop_hash(GOP_HASH_START, "sampler", 7));
    gop_status status = take_all(s, data, windows, err);
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
    for (size_t i = 0; i < s->sources; i++)
        free(s->source[i].x);
    free(s->source);
    free(s);
}

/* Copies frames [start, start + count) of all nodes to `to` [M, count, D]. */
static void copy_frames(gop_real *to, const zoo_sampler *s, const source *from, size_t start,
                        size_t count)
{
    size_t row = count * s->channels;
    for (size_t i = 0; i < s->nodes; i++)
        memcpy(to + i * row, from->x + (i * from->n + start) * s->channels, row * sizeof *to);
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

void zoo_sampler_next(zoo_sampler *s, size_t n, gop_real *x, gop_real *target, gop_real *labels)
{
    if (s == NULL)
        return;
    size_t pose = s->nodes * s->channels;
    for (size_t k = 0; k < n; k++) {
        const source *from = &s->source[gop_rng_below(&s->rng, s->sources)];
        size_t start = (size_t)gop_rng_below(&s->rng, starts(s, from));
        if (x != NULL)
            copy_frames(x + k * pose * s->observed, s, from, start, s->observed);
        if (target != NULL && s->predicted > 0)
            copy_frames(target + k * pose * s->predicted, s, &s->source[from->target],
                        target_start(s, from, start), s->predicted);
        if (labels != NULL)
            labels[k] = (gop_real)from->action;
    }
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
