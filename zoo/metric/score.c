/*
 * score.c: cuts a clip and scores a model and zero velocity on it.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/metric/score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Columns of the root's position and rotation, which the literature never counts. */
#define ROOT_COLUMNS 6
#define MM           1000.0
/* Of a product that is meant to be a whole number. */
#define CLOSE        1e-9

static const zoo_domain *domain_of(const zoo_score *s)
{
    return s->model.domain != NULL ? s->model.domain : &s->data->domain;
}

/* The domain whose statistics are those of training data: the data's if it has some. */
static const zoo_domain *measured_by(const zoo_score *s)
{
    return s->tally.table->training > 0 ? &s->data->domain : domain_of(s);
}

/* Allocates a x b x c elements; NULL also on overflow. */
static void *room(size_t a, size_t b, size_t c, size_t size)
{
    if (b > 0 && a > SIZE_MAX / b)
        return NULL;
    if (c > 0 && a * b > SIZE_MAX / c)
        return NULL;
    size_t n = a * b * c;
    return calloc(n > 0 ? n : 1, size);
}

gop_status zoo_score_open(zoo_score *s, const zoo_measure *asked, gop_error *err)
{
    const zoo_predictor *model = &s->model;
    const zoo_layout *layout = &s->data->domain.layout;
    size_t columns = layout->columns, length = s->length, predicted = model->predicted;
    const size_t bodies = model->view.bodies;
    size_t pose = (size_t)layout->nodes * layout->channels, actions = s->data->domain.actions;
    size_t joints = layout->nodes > ZOO_MAX_JOINTS ? layout->nodes : ZOO_MAX_JOINTS;
    s->x = room(model->batch * bodies, pose, model->observed, sizeof *s->x);
    s->time = room(model->observed, 1, 1, sizeof *s->time);
    s->bodies = room(model->batch, bodies, 1, sizeof *s->bodies);
    s->classes = room(model->batch, 1, 1, sizeof *s->classes);
    s->sum = room(model->batch, actions, 1, sizeof *s->sum);
    s->scores = room(model->batch, actions, 1, sizeof *s->scores);
    s->poses = room(model->batch * bodies, pose, predicted, sizeof *s->poses);
    s->raw = room(zoo_raw_frames(&s->data->domain, length), columns, 1, sizeof *s->raw);
    s->truth = room(length, columns, 1, sizeof *s->truth);
    s->guess = room(predicted, columns, 1, sizeof *s->guess);
    s->true_angle = room(length, columns, 1, sizeof *s->true_angle);
    s->angle = room(columns, 1, 1, sizeof *s->angle);
    s->counted = room(columns, 1, 1, 1);
    s->true_place = room(joints, 3, 1, sizeof *s->true_place);
    s->place = room(joints, 3, 1, sizeof *s->place);
    s->work = room(joints, 3, 2, sizeof *s->work);
    zoo_tally_open(&s->tally, s->tally.table, asked);
    if (s->x == NULL || s->time == NULL || s->bodies == NULL || s->classes == NULL ||
        s->sum == NULL || s->scores == NULL || s->poses == NULL || s->raw == NULL ||
        s->truth == NULL || s->guess == NULL || s->true_angle == NULL || s->angle == NULL ||
        s->counted == NULL || s->true_place == NULL || s->place == NULL || s->work == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for test batches of %zu clips",
                        model->batch);
    return zoo_viewer_new(&s->viewer, s->data, domain_of(s), &model->view, model->observed, err);
}

void zoo_score_close(zoo_score *s)
{
    zoo_viewer_free(s->viewer);
    free(s->time);
    free(s->bodies);
    free(s->classes);
    free(s->sum);
    free(s->x);
    free(s->scores);
    free(s->poses);
    free(s->raw);
    free(s->truth);
    free(s->guess);
    free(s->true_angle);
    free(s->angle);
    free(s->counted);
    free(s->true_place);
    free(s->place);
    free(s->work);
    memset(s, 0, sizeof *s);
}

/* Reads the first `frames` frames of a clip, of the first body, which is measured. */
static gop_status read_clip(zoo_score *s, const zoo_clip *clip, size_t frames, gop_error *err)
{
    const zoo_domain *d = &s->data->domain;
    return zoo_dataset_read(s->raw, s->data, clip->sequence, 0, clip->start * d->factor,
                            zoo_raw_frames(d, frames), err);
}

/* The frames of a clip's sequence that are observed. */
static size_t seen_frames(const zoo_score *s, const zoo_clip *clip)
{
    const double share = s->tally.table->measure.share;
    const size_t n = zoo_sequence_length(s->data, clip->sequence);
    const double part = ceil(share * (double)n - CLOSE);
    return share == 0 || part >= (double)n ? n : part < 1 ? 1 : (size_t)part;
}

/* Writes view k of `views` of a clip to slot i of the batch. */
static gop_status fill(zoo_score *s, size_t i, const zoo_clip *clip, size_t k, size_t views,
                       gop_error *err)
{
    const zoo_layout *l = &s->data->domain.layout;
    const size_t bodies = s->model.view.bodies;
    const size_t size = bodies * l->nodes * s->model.observed * l->channels;
    const size_t n = seen_frames(s, clip);
    size_t start = clip->start;
    if (s->tally.table->measure.share > 0 && n > s->model.observed)
        start = n - s->model.observed;
    if (s->protocol->cut == ZOO_CUT_WHOLE)
        zoo_view_place(s->time, s->model.observed, &s->model.view, n, k, views);
    for (size_t t = 0; t < s->model.observed && s->protocol->cut != ZOO_CUT_WHOLE; t++)
        s->time[t] = (double)(start + t);
    gop_try(zoo_viewer_read(s->viewer, clip->sequence, 0, 0, s->time, NULL, err));
    zoo_viewer_show(s->viewer, s->x + i * size, NULL, s->bodies + i * bodies);
    return GOP_OK;
}

/* Gives the classes of the clips to a model that takes them; its domain has those of the data. */
static gop_status give_classes(const zoo_score *s, const zoo_clip *clip, const zoo_clip *last,
                               gop_error *err)
{
    const zoo_predictor *m = &s->model;
    if (m->classes == NULL)
        return GOP_OK;
    for (size_t i = 0; i < m->batch; i++) {
        const zoo_clip *c = clip + i < last ? clip + i : last;
        s->classes[i] = (gop_real)s->data->sequence[c->sequence].action;
    }
    return m->classes(m->user, s->classes, err);
}

/* A clip without enough frames has no answer: NaN counts as wrong. */
static void forget(zoo_score *s, size_t i)
{
    const size_t n = s->data->domain.actions;
    for (size_t a = 0; a < n; a++)
        s->scores[i * n + a] = NAN;
}

gop_status zoo_score_run(zoo_score *s, const zoo_clip *clip, const zoo_clip *last, gop_error *err)
{
    const zoo_predictor *m = &s->model;
    const size_t batch = m->batch, size = batch * s->data->domain.actions;
    const bool whole = s->protocol->cut == ZOO_CUT_WHOLE;
    const size_t views = whole && m->view.test_clips > 1 ? m->view.test_clips : 1;
    memset(s->sum, 0, size * sizeof *s->sum);
    gop_try(give_classes(s, clip, last, err));
    for (size_t k = 0; k < views; k++) {
        for (size_t i = 0; i < batch; i++)
            gop_try(fill(s, i, clip + i < last ? clip + i : last, k, views, err));
        gop_try(m->run(m->user, s->x, s->bodies, s->scores, s->poses, err));
        for (size_t i = 0; i < size && views > 1; i++)
            s->sum[i] += s->scores[i];
    }
    for (size_t i = 0; i < size && views > 1; i++)
        s->scores[i] = s->sum[i] / (gop_real)views;
    for (size_t i = 0; i < batch && s->protocol->cut == ZOO_CUT_FIRST; i++)
        if (clip + i <= last && seen_frames(s, clip + i) < m->observed)
            forget(s, i);
    return GOP_OK;
}

/* truth: the clip's raw frames; if `steady`, constant columns are the training mean. */
static void cut_truth(zoo_score *s, bool steady)
{
    const zoo_domain *d = measured_by(s);
    size_t columns = d->layout.columns;
    for (size_t t = 0; t < s->length; t++)
        for (size_t c = 0; c < columns; c++)
            s->truth[t * columns + c] = steady && d->constant[c]
                                            ? d->mean[c]
                                            : s->raw[t * d->factor * columns + c];
}

/* guess: the last observed frame repeated, or continued with the last two frames' difference; the
 * model's prediction overwrites the former. */
static void cut_guess(zoo_score *s, size_t i, int guess)
{
    const zoo_layout *l = &s->data->domain.layout;
    const float *last = s->truth + (s->model.observed - 1) * l->columns;
    const float *before = s->model.observed > 1 ? last - l->columns : last;
    for (size_t t = 0; t < s->model.predicted && guess != ZOO_GUESS_STEADY; t++)
        memcpy(s->guess + t * l->columns, last, l->columns * sizeof *last);
    for (size_t t = 0; t < s->model.predicted && guess == ZOO_GUESS_STEADY; t++)
        for (size_t c = 0; c < l->columns; c++)
            s->guess[t * l->columns + c] = (float)(last[c] +
                                                   (double)(t + 1) * ((double)last[c] - before[c]));
    if (guess == ZOO_GUESS_MODEL)
        zoo_denormalise(domain_of(s),
                        s->poses +
                            i * s->model.view.bodies * s->model.predicted * l->nodes * l->channels,
                        s->model.predicted, s->guess);
}

/* Positions of the joints that count in one frame: the layout's nodes, in metres. */
static size_t place_nodes(const zoo_score *s, double *p, const float *frame)
{
    const zoo_layout *l = &s->data->domain.layout;
    for (size_t i = 0; i < (size_t)l->nodes * 3; i++)
        p[i] = frame[l->column[i]];
    return l->nodes;
}

/* The same for a chain, in mm.  Positions of joints that are no nodes are those of their twins. */
static size_t place_joints(const zoo_score *s, double *p, const float *frame)
{
    size_t n = 0;
    if (s->data->domain.layout.feature == ZOO_EXPMAP)
        zoo_chain_positions(p, s->chain, frame);
    else
        for (size_t i = 0; i < (size_t)s->chain->joints * 3; i++)
            p[i] = MM * frame[3 * s->chain->twin[i / 3] + i % 3];
    for (size_t j = 0; j < s->chain->joints; j++)
        if (s->protocol->count == ZOO_COUNT_ALL_JOINTS || s->chain->counted[j])
            memmove(p + 3 * n++, p + 3 * j, 3 * sizeof *p);
    return n;
}

/* A joint that the last observed pose lacks has no error. */
static void leave_out(zoo_score *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (isnan(s->place[i]))
            s->true_place[i] = NAN;
}

static void score_places(zoo_score *s, zoo_row *row, size_t i)
{
    size_t columns = s->data->domain.layout.columns;
    size_t (*place)(const zoo_score *, double *, const float *) = s->chain != NULL ? place_joints
                                                                                   : place_nodes;
    zoo_comparison c = {.domain = domain_of(s),
                        .place = s->place,
                        .true_place = s->true_place,
                        .metre = s->chain != NULL ? MM : 1,
                        .nodes = s->chain == NULL,
                        .work = s->work};
    cut_truth(s, false);
    for (int guess = 0; guess < ZOO_GUESSES; guess++) {
        if (guess == ZOO_GUESS_MODEL && s->model.run == NULL)
            continue;
        cut_guess(s, i, guess);
        for (size_t h = 0; h < s->tally.table->horizons; h++) {
            size_t t = s->tally.table->frame[h] - 1;
            c.joints = place(s, s->true_place, s->truth + (s->model.observed + t) * columns);
            place(s, s->place, s->guess + t * columns);
            if (guess != ZOO_GUESS_MODEL && s->data->domain.missing)
                leave_out(s, 3 * c.joints);
            zoo_tally_add(&s->tally, row, h, (zoo_guess)guess, s->data->domain.missing, &c);
        }
    }
}

static void score_angles(zoo_score *s, zoo_row *row, size_t i)
{
    const zoo_domain *d = measured_by(s);
    size_t columns = d->layout.columns, predicted = s->model.predicted;
    bool whole = s->protocol->count == ZOO_COUNT_CLIP_ANGLES;
    size_t before = whole ? s->model.observed : 0; /* frames before the future */
    size_t from = s->model.observed - before;
    zoo_axis_rule rule = whole ? ZOO_AXIS_MAX_EPS : ZOO_AXIS_PLUS_EPS;
    zoo_comparison c = {
        .domain = domain_of(s), .angle = s->angle, .counted = s->counted, .columns = columns};
    cut_truth(s, true);
    zoo_euler_frames(s->true_angle, s->truth + from * columns, s->length - from, columns, rule);
    for (size_t t = 0; t < s->length - from; t++)
        for (size_t k = 0; k < ROOT_COLUMNS && k < columns; k++)
            s->true_angle[t * columns + k] = 0;
    const double *future = s->true_angle + before * columns;
    if (whole)
        zoo_angle_columns(s->counted, s->true_angle, s->length, columns, NULL);
    else
        zoo_angle_columns(s->counted, future, predicted, columns, d->constant);
    for (int guess = 0; guess < ZOO_GUESSES; guess++) {
        if (guess == ZOO_GUESS_MODEL && s->model.run == NULL)
            continue;
        cut_guess(s, i, guess);
        for (size_t h = 0; h < s->tally.table->horizons; h++) {
            size_t t = s->tally.table->frame[h] - 1;
            zoo_euler_frames(s->angle, s->guess + t * columns, 1, columns, rule);
            c.true_angle = future + t * columns;
            zoo_tally_add(&s->tally, row, h, (zoo_guess)guess, s->data->domain.missing, &c);
        }
    }
}

gop_status zoo_score_clip(zoo_score *s, zoo_row *row, size_t i, const zoo_clip *clip,
                          gop_error *err)
{
    const zoo_needs needs = zoo_needs_of(s->protocol);
    if (needs != ZOO_NEEDS_SCORES)
        gop_try(read_clip(s, clip, s->length, err));
    switch (needs) {
    case ZOO_NEEDS_SCORES:
        zoo_tally_label(&s->tally, row, s->scores + i * s->data->domain.actions);
        break;
    case ZOO_NEEDS_PLACES:
        score_places(s, row, i);
        break;
    case ZOO_NEEDS_ANGLES:
        score_angles(s, row, i);
        break;
    }
    return GOP_OK;
}
