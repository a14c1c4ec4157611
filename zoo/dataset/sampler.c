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

#include "zoo/dataset/augment/augment.h"
#include "zoo/dataset/windows.h"
#include "zoo/dataset/sampler.h"

/* A training sequence, or one of its bodies. */
typedef struct source {
    size_t sequence, body;
    size_t n; /* frames that a model sees */
    uint32_t action;
    size_t target; /* index of the source of its targets */
} source;

struct zoo_sampler {
    const zoo_dataset *data;
    zoo_view view;
    size_t observed, predicted, clip;
    size_t sources;
    source *source;
    zoo_viewer *observes, *predicts; /* predicts: NULL without predicted frames */
    double *time;                    /* of a window's frames */
    zoo_draws draw;
    zoo_augment augment;
    double middle[3];  /* of the observed frames that were read last, for augment */
    size_t *order;     /* [sources]: SHUFFLED: the present epoch; BALANCED: by class */
    size_t *class_end; /* [classes]: BALANCED: where each class ends in the order */
    uint64_t seed;
    zoo_sampler_place at;
};

/* Enters sequence i, or each of its bodies. */
static void take(zoo_sampler *s, size_t i)
{
    const zoo_sequence *q = &s->data->sequence[i];
    const size_t n = s->view.bodies > 1 ? 1 : q->bodies;
    for (size_t b = 0; b < n; b++) {
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
    if (w->view.sample != ZOO_SAMPLE_WINDOW && w->predicted > 0)
        return gop_fail(err, GOP_EINVAL,
                        "frames that follow exist for windows only, not for another sample of a "
                        "clip");
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
    const size_t least = zoo_view_least(&s->view, s->clip);
    gop_try(zoo_dataset_hold_out(&n, held, data, least, w->held_out, w->hold, w->seed, err));
    if (n == 0 && w->hold == ZOO_HOLD_SUBJECTS && (w->held_out > 0 || w->only_held_out))
        return gop_fail(err, GOP_EINVAL,
                        "no subject can be held out: the training sequences of data set %s have "
                        "fewer than two subjects",
                        data->domain.name);
    if (n == 0 && (w->held_out > 0 || w->only_held_out))
        return gop_fail(err, GOP_EINVAL,
                        "no training sequence can be held out: no action of "
                        "data set %s has two of %zu frames",
                        data->domain.name, zoo_raw_frames(&data->domain, least));
    return GOP_OK;
}

static gop_status no_window(const zoo_sampler *s, const zoo_dataset *data, gop_error *err)
{
    char what[96];
    snprintf(what, sizeof what, "%zu observed and %zu predicted", s->observed, s->predicted);
    return zoo_too_short(data, ZOO_TRAIN, zoo_view_least(&s->view, s->clip), what, err);
}

/* A window that is longer than every sequence is refused before memory is made for it. */
static gop_status check_length(const zoo_sampler *s, const zoo_dataset *data, gop_error *err)
{
    return zoo_dataset_count(NULL, data, ZOO_TRAIN, zoo_view_least(&s->view, s->clip)) > 0
               ? GOP_OK
               : no_window(s, data, err);
}

static gop_status take_all(zoo_sampler *s, const zoo_dataset *data, const zoo_windows *w,
                           gop_error *err)
{
    const size_t least = zoo_view_least(&s->view, s->clip);
    bool *held = calloc(data->sequences + 1, sizeof *held);
    if (held == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for the training windows");
    gop_status status = hold_out(held, s, data, w, err);
    for (size_t i = 0; i < data->sequences && status == GOP_OK; i++)
        if (data->sequence[i].split == ZOO_TRAIN && zoo_sequence_length(data, i) >= least &&
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
    const zoo_dataset *data = s->data;
    const size_t longest = s->observed > s->predicted ? s->observed : s->predicted;
    size_t bodies = 0;
    for (size_t i = 0; i < data->sequences; i++)
        bodies += data->sequence[i].bodies;
    s->source = calloc(bodies + 1, sizeof *s->source);
    s->time = longest < SIZE_MAX / sizeof *s->time ? calloc(longest, sizeof *s->time) : NULL;
    if (s->source == NULL || s->time == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for the training windows");
    gop_try(zoo_viewer_new(&s->observes, data, &data->domain, &s->view, s->observed, err));
    return s->predicted == 0
               ? GOP_OK
               : zoo_viewer_new(&s->predicts, data, &data->domain, &s->view, s->predicted, err);
}

/* The order of epoch `epoch`: a permutation that depends on the seed alone (Fisher and Yates). */
static void shuffle(zoo_sampler *s, uint64_t epoch)
{
    gop_rng rng = gop_rng_new(s->seed,
                              gop_hash(gop_hash(GOP_HASH_START, "epoch", 5), &epoch, sizeof epoch));
    for (size_t i = 0; i < s->sources; i++)
        s->order[i] = i;
    for (size_t i = s->sources; i > 1; i--)
        swap(s->order, i - 1, (size_t)gop_rng_below(&rng, i));
}

/* Sorts the sources by class. */
static void sort_by_class(zoo_sampler *s)
{
    size_t n = 0;
    for (size_t a = 0; a < s->data->domain.actions; a++) {
        for (size_t i = 0; i < s->sources; i++)
            if (s->source[i].action == a)
                s->order[n++] = i;
        s->class_end[a] = n;
    }
}

static gop_status begin_order(zoo_sampler *s, gop_error *err)
{
    if (s->draw != ZOO_DRAW_SHUFFLED && s->draw != ZOO_DRAW_BALANCED)
        return GOP_OK;
    s->order = malloc((s->sources + 1) * sizeof *s->order);
    s->class_end = malloc((s->data->domain.actions + 1) * sizeof *s->class_end);
    if (s->order == NULL || s->class_end == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for the order of training windows");
    if (s->draw == ZOO_DRAW_BALANCED)
        sort_by_class(s);
    else
        shuffle(s, 0);
    return GOP_OK;
}

/* A source of a class that has some, each class with the same probability. */
static size_t draw_balanced(zoo_sampler *s)
{
    const size_t *end = s->class_end;
    size_t classes = 0, a = 0;
    for (size_t k = 0; k < s->data->domain.actions; k++)
        classes += end[k] > (k > 0 ? end[k - 1] : 0);
    size_t skip = (size_t)gop_rng_below(&s->at.rng, classes);
    while (end[a] == (a > 0 ? end[a - 1] : 0) || skip-- > 0)
        a++;
    const size_t begin = a > 0 ? end[a - 1] : 0;
    return s->order[begin + (size_t)gop_rng_below(&s->at.rng, end[a] - begin)];
}

static size_t draw_source(zoo_sampler *s)
{
    const uint64_t drawn = s->at.drawn++;
    if (s->draw == ZOO_DRAW_BALANCED)
        return draw_balanced(s);
    if (s->draw == ZOO_DRAW_EACH)
        return (size_t)(drawn % s->sources);
    if (s->draw != ZOO_DRAW_SHUFFLED)
        return (size_t)gop_rng_below(&s->at.rng, s->sources);
    if (drawn % s->sources == 0)
        shuffle(s, drawn / s->sources);
    return s->order[drawn % s->sources];
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
    const size_t whole = zoo_dataset_whole(data, ZOO_TRAIN);
    if (whole != SIZE_MAX)
        return gop_fail(err, GOP_EFORMAT,
                        "training sequence %s is a whole recording of several classes; windows are "
                        "drawn from clips of one",
                        data->sequence[whole].name);
    zoo_sampler *s = calloc(1, sizeof *s);
    if (s == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for the training windows");
    s->data = data;
    s->view = windows->view.bodies > 0 ? windows->view : zoo_view_default();
    s->observed = windows->observed;
    s->predicted = windows->predicted;
    s->clip = windows->clip != 0 ? windows->clip : windows->observed + windows->predicted;
    s->draw = windows->draw;
    s->seed = windows->seed;
    s->at.rng = gop_rng_new(windows->seed, gop_hash(GOP_HASH_START, "sampler", 7));
    gop_status status = check_length(s, data, err);
    if (status == GOP_OK)
        status = make_room(s, err);
    if (status == GOP_OK)
        status = take_all(s, data, windows, err);
    if (status == GOP_OK)
        status = add_noise(s, windows, err);
    if (status == GOP_OK)
        status = zoo_augment_read(&s->augment, windows->only_held_out ? NULL : windows->augment,
                                  &data->domain.layout, err);
    if (status == GOP_OK)
        status = begin_order(s, err);
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
    zoo_viewer_free(s->observes);
    zoo_viewer_free(s->predicts);
    free(s->order);
    free(s->class_end);
    free(s->time);
    free(s->source);
    free(s);
}

/* The first target frame for a window at `start`: after the window, or at the same relative
 * position in another source. */
static size_t target_start(const zoo_sampler *s, const source *from, size_t start)
{
    const source *other = &s->source[from->target];
    const size_t n = from->n > s->clip ? from->n - s->clip + 1 : 1;
    const size_t others = other->n > s->clip ? other->n - s->clip + 1 : 1;
    if (other != from)
        start = (size_t)((double)start / (double)n * (double)others);
    return start + s->observed;
}

/* Changes the times of a window whose first frame is `first`. */
static void change_times(zoo_sampler *s, uint64_t key, size_t n, double first, size_t clip)
{
    zoo_times times = {.time = s->time, .n = n, .first = first, .clip = clip};
    const bool window = s->view.sample == ZOO_SAMPLE_WINDOW;
    times.first = window ? first : 0;
    times.span = (double)((window ? s->observed + s->predicted : clip) - 1);
    if (s->augment.n > 0)
        zoo_augment_times(&s->augment, key, &times);
}

/* Reads the targets of a window at `start`; they change with its observed frames, which are read
 * before. */
static gop_status read_targets(zoo_sampler *s, uint64_t key, const source *from, size_t start,
                               gop_real *target, gop_real *mask, gop_error *err)
{
    const size_t first = target_start(s, from, start);
    zoo_scene scene = {.bodies = s->view.bodies, .frames = s->predicted};
    memcpy(scene.middle, s->middle, sizeof scene.middle);
    from = &s->source[from->target];
    for (size_t t = 0; t < s->predicted; t++)
        s->time[t] = (double)(first + t);
    change_times(s, key, s->predicted, (double)(first - s->observed), from->n);
    gop_try(zoo_viewer_read(s->predicts, from->sequence, from->body, 0, s->time, &scene.raw, err));
    zoo_augment_frames(&s->augment, key, false, &scene);
    zoo_viewer_show(s->predicts, target, mask, NULL);
    return GOP_OK;
}

/* Reads the observed frames of a window. */
static gop_status read_observed(zoo_sampler *s, uint64_t key, const source *from, size_t start,
                                gop_real *x, gop_real *bodies, gop_error *err)
{
    zoo_scene scene = {.bodies = s->view.bodies, .frames = s->observed};
    change_times(s, key, s->observed, (double)start, from->n);
    gop_try(zoo_viewer_read(s->observes, from->sequence, from->body, 0, s->time, &scene.raw, err));
    zoo_augment_frames(&s->augment, key, true, &scene);
    memcpy(s->middle, scene.middle, sizeof s->middle);
    zoo_viewer_show(s->observes, x, NULL, bodies);
    return GOP_OK;
}

/* The key of a window's changes; without any, nothing is drawn. */
static uint64_t draw_key(zoo_sampler *s)
{
    const uint64_t high = s->augment.n > 0 ? gop_rng_u32(&s->at.rng) : 0;
    return s->augment.n > 0 ? high << 32 | gop_rng_u32(&s->at.rng) : 0;
}

/* Window k of a batch. */
static gop_status next(zoo_sampler *s, size_t k, const zoo_batch *to, gop_error *err)
{
    const zoo_layout *l = &s->data->domain.layout;
    const size_t pose = s->view.bodies * l->nodes * l->channels;
    const size_t x = k * pose * s->observed, y = k * pose * s->predicted;
    const source *from = &s->source[draw_source(s)];
    if (s->draw == ZOO_DRAW_EACH)
        zoo_view_place(s->time, s->observed, &s->view, from->n, 0, 1);
    else
        zoo_view_draw(s->time, s->observed, &s->view, from->n, s->clip, &s->at.rng);
    const uint64_t key = draw_key(s);
    const size_t start = (size_t)s->time[0];
    const bool follow = (to->target != NULL || to->mask != NULL) && s->predicted > 0;
    if (to->x != NULL || to->bodies != NULL || (follow && s->augment.n > 0))
        gop_try(read_observed(s, key, from, start, to->x == NULL ? NULL : to->x + x,
                              to->bodies == NULL ? NULL : to->bodies + k * s->view.bodies, err));
    if (follow)
        gop_try(read_targets(s, key, from, start, to->target == NULL ? NULL : to->target + y,
                             to->mask == NULL ? NULL : to->mask + y, err));
    if (to->labels != NULL)
        to->labels[k] = (gop_real)from->action;
    return GOP_OK;
}

gop_status zoo_sampler_next(zoo_sampler *s, size_t n, const zoo_batch *to, gop_error *err)
{
    if (s == NULL || to == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_sampler_next: an argument is NULL");
    for (size_t k = 0; k < n; k++)
        gop_try(next(s, k, to, err));
    return GOP_OK;
}

zoo_sampler_place zoo_sampler_state(const zoo_sampler *s)
{
    return s == NULL ? (zoo_sampler_place){.drawn = 0} : s->at;
}

void zoo_sampler_restore(zoo_sampler *s, zoo_sampler_place state)
{
    if (s == NULL)
        return;
    s->at = state;
    if (s->draw == ZOO_DRAW_SHUFFLED)
        shuffle(s, state.drawn / s->sources);
}

size_t zoo_sampler_count(const zoo_sampler *s, size_t *of)
{
    if (s == NULL)
        return 0;
    for (size_t a = 0; of != NULL && a < s->data->domain.actions; a++)
        of[a] = 0;
    for (size_t i = 0; of != NULL && i < s->sources; i++)
        of[s->source[i].action]++;
    return s->sources;
}
