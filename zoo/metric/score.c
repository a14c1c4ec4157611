/*
 * score.c: cutting a clip, and scoring a model and zero velocity on it.
 * Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/metric/score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/metric/metric.h"

/* The root's position and rotation, which the literature never counts. */
#define ROOT_COLUMNS 6
#define MM           1000.0

static const zoo_domain *domain_of(const zoo_score *s)
{
    return s->model.domain != NULL ? s->model.domain : &s->data->domain;
}

/* Room for a x b x c elements, or NULL (also when that overflows). */
static void *room(size_t a, size_t b, size_t c, size_t size)
{
    if (b > 0 && a > SIZE_MAX / b)
        return NULL;
    if (c > 0 && a * b > SIZE_MAX / c)
        return NULL;
    size_t n = a * b * c;
    return calloc(n > 0 ? n : 1, size);
}

gop_status zoo_score_open(zoo_score *s, gop_error *err)
{
    const zoo_predictor *model = &s->model;
    const zoo_layout *layout = &s->data->domain.layout;
    size_t columns = layout->columns, length = s->length, predicted = model->predicted;
    size_t pose = (size_t)layout->nodes * layout->channels, actions = s->data->domain.actions;
    size_t joints = layout->nodes > ZOO_MAX_JOINTS ? layout->nodes : ZOO_MAX_JOINTS;
    s->x = room(model->batch, pose, model->observed, sizeof *s->x);
    s->scores = room(model->batch, actions, 1, sizeof *s->scores);
    s->poses = room(model->batch, pose, predicted, sizeof *s->poses);
    s->truth = room(length, columns, 1, sizeof *s->truth);
    s->guess = room(predicted, columns, 1, sizeof *s->guess);
    s->true_angle = room(length, columns, 1, sizeof *s->true_angle);
    s->angle = room(columns, 1, 1, sizeof *s->angle);
    s->counted = room(columns, 1, 1, 1);
    s->true_place = room(joints, 3, 1, sizeof *s->true_place);
    s->place = room(joints, 3, 1, sizeof *s->place);
    if (s->x == NULL || s->scores == NULL || s->poses == NULL || s->truth == NULL ||
        s->guess == NULL || s->true_angle == NULL || s->angle == NULL || s->counted == NULL ||
        s->true_place == NULL || s->place == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for test batches of %zu clips",
                        model->batch);
    return GOP_OK;
}

void zoo_score_close(zoo_score *s)
{
    free(s->x);
    free(s->scores);
    free(s->poses);
    free(s->truth);
    free(s->guess);
    free(s->true_angle);
    free(s->angle);
    free(s->counted);
    free(s->true_place);
    free(s->place);
    memset(s, 0, sizeof *s);
}

static const float *first_frame(const zoo_score *s, const zoo_clip *clip)
{
    const zoo_domain *d = &s->data->domain;
    return s->data->sequence[clip->sequence].data + clip->start * d->factor * d->layout.columns;
}

void zoo_score_fill(zoo_score *s, size_t i, const zoo_clip *clip)
{
    const zoo_domain *d = domain_of(s);
    size_t row = s->model.observed * d->layout.channels;
    zoo_normalise(d, first_frame(s, clip), s->model.observed, s->x + i * d->layout.nodes * row,
                  row);
}

/* truth: the clip's raw frames, constant columns at the training mean where
 * `steady`. */
static void cut_truth(zoo_score *s, const zoo_clip *clip, bool steady)
{
    const zoo_domain *d = &s->data->domain;
    size_t columns = d->layout.columns;
    const float *from = first_frame(s, clip);
    for (size_t t = 0; t < s->length; t++)
        for (size_t c = 0; c < columns; c++)
            s->truth[t * columns + c] = steady && d->constant[c]
                                            ? d->mean[c]
                                            : from[t * d->factor * columns + c];
}

/* guess: the last observed frame throughout, then, unless `still`, what the
 * model predicted on top. */
static void cut_guess(zoo_score *s, size_t i, bool still)
{
    const zoo_layout *l = &s->data->domain.layout;
    const float *last = s->truth + (s->model.observed - 1) * l->columns;
    for (size_t t = 0; t < s->model.predicted; t++)
        memcpy(s->guess + t * l->columns, last, l->columns * sizeof *last);
    if (!still)
        zoo_denormalise(domain_of(s), s->poses + i * s->model.predicted * l->nodes * l->channels,
                        s->model.predicted, s->guess);
}

static void score_label(const zoo_score *s, zoo_row *row, size_t i, size_t action)
{
    size_t n = s->data->domain.actions;
    const gop_real *score = s->scores + i * n;
    row->top1 += zoo_top_k(score, n, action, 1);
    row->top5 += zoo_top_k(score, n, action, 5);
    row->topk += zoo_top_k(score, n, action, s->measure.top);
}

/* The frame of the truth that the h-th horizon of a row is at, and its number from 0. */
static const float *true_frame(const zoo_score *s, const zoo_row *row, size_t h, size_t *t)
{
    *t = row->frame[h] - 1;
    return s->truth + (s->model.observed + *t) * s->data->domain.layout.columns;
}

/* Adds an error x to a horizon's sum and squared distances from the mean (Youngs and
 * Cramer, Technometrics 1971). */
static void add_error(zoo_row *row, size_t h, int still, double x)
{
    double *sum = still ? row->zero_velocity : row->error;
    double *squares = still ? row->zero_velocity_std : row->error_std;
    double n = (double)(row->clips + 1), d;
    sum[h] += x;
    d = n * x - sum[h];
    if (row->clips > 0)
        squares[h] += d * d / (n * (n - 1));
}

/* Adds the share of n joints, in units of which a metre has `metre`, that are near. */
static void add_pck(const zoo_score *s, zoo_row *row, size_t h, int still, size_t n, double metre)
{
    double *sum = still ? row->zero_velocity_pck : row->pck;
    double of = s->measure.pck_scale == ZOO_PCK_BOX   ? zoo_box_side(s->true_place, n)
                : s->measure.pck_scale == ZOO_PCK_STD ? 1
                                                      : metre;
    sum[h] += zoo_pck(s->place, s->true_place, n, s->measure.pck_limit * of);
}

/* Positions of the layout's nodes, in metres or, by ZOO_PCK_STD, in standard deviations. */
static void place_nodes(const zoo_score *s, double *p, const float *frame)
{
    const zoo_layout *l = &s->data->domain.layout;
    const zoo_domain *d = domain_of(s);
    for (size_t i = 0; i < (size_t)l->nodes * 3; i++) {
        p[i] = frame[l->column[i]];
        if (s->measure.pck_scale == ZOO_PCK_STD)
            p[i] /= d->std[l->column[i]];
    }
}

static void score_positions(zoo_score *s, zoo_row *row, size_t i, const zoo_clip *clip)
{
    const zoo_layout *l = &s->data->domain.layout;
    cut_truth(s, clip, false);
    for (int still = 1; still >= 0; still--) {
        if (!still && s->model.run == NULL)
            continue;
        cut_guess(s, i, still);
        for (size_t h = 0; h < row->horizons; h++) {
            size_t t;
            const float *truth = true_frame(s, row, h, &t), *guess = s->guess + t * l->columns;
            add_error(row, h, still, MM * zoo_position_error(truth, guess, l->column, l->nodes));
            place_nodes(s, s->true_place, truth);
            place_nodes(s, s->place, guess);
            add_pck(s, row, h, still, l->nodes, 1);
        }
    }
}

/* Positions in mm of the joints that count; returns how many these are. */
static size_t place_joints(const zoo_score *s, double *p, const float *frame)
{
    size_t n = 0;
    zoo_chain_positions(p, s->chain, frame);
    for (size_t j = 0; j < s->chain->joints; j++)
        if (s->rules->count == ZOO_COUNT_ALL_JOINTS || s->chain->counted[j])
            memmove(p + 3 * n++, p + 3 * j, 3 * sizeof *p);
    return n;
}

static void score_joints(zoo_score *s, zoo_row *row, size_t i, const zoo_clip *clip)
{
    size_t columns = s->data->domain.layout.columns;
    cut_truth(s, clip, false);
    for (int still = 1; still >= 0; still--) {
        if (!still && s->model.run == NULL)
            continue;
        cut_guess(s, i, still);
        for (size_t h = 0; h < row->horizons; h++) {
            size_t t;
            const float *truth = true_frame(s, row, h, &t);
            size_t n = place_joints(s, s->true_place, truth);
            place_joints(s, s->place, s->guess + t * columns);
            add_error(row, h, still, zoo_mean_distance(s->place, s->true_place, n));
            add_pck(s, row, h, still, n, MM);
        }
    }
}

static void score_angles(zoo_score *s, zoo_row *row, size_t i, const zoo_clip *clip)
{
    const zoo_domain *d = &s->data->domain;
    size_t columns = d->layout.columns, predicted = s->model.predicted;
    bool whole = s->rules->count == ZOO_COUNT_CLIP_ANGLES;
    size_t before = whole ? s->model.observed : 0; /* frames in front of the future */
    size_t from = s->model.observed - before;
    zoo_axis_rule rule = whole ? ZOO_AXIS_MAX_EPS : ZOO_AXIS_PLUS_EPS;
    cut_truth(s, clip, true);
    zoo_euler_frames(s->true_angle, s->truth + from * columns, s->length - from, columns, rule);
    for (size_t t = 0; t < s->length - from; t++)
        for (size_t c = 0; c < ROOT_COLUMNS && c < columns; c++)
            s->true_angle[t * columns + c] = 0;
    const double *future = s->true_angle + before * columns;
    if (whole)
        zoo_angle_columns(s->counted, s->true_angle, s->length, columns, NULL);
    else
        zoo_angle_columns(s->counted, future, predicted, columns, d->constant);
    for (int still = 1; still >= 0; still--) {
        if (!still && s->model.run == NULL)
            continue;
        cut_guess(s, i, still);
        for (size_t h = 0; h < row->horizons; h++) {
            size_t t = row->frame[h] - 1;
            zoo_euler_frames(s->angle, s->guess + t * columns, 1, columns, rule);
            add_error(row, h, still,
                      zoo_angle_error(future + t * columns, s->angle, s->counted, columns));
        }
    }
}

void zoo_score_clip(zoo_score *s, zoo_row *row, size_t i, const zoo_clip *clip)
{
    switch (s->rules->count) {
    case ZOO_COUNT_LABELS:
        score_label(s, row, i, s->data->sequence[clip->sequence].action);
        break;
    case ZOO_COUNT_POSITIONS:
        score_positions(s, row, i, clip);
        break;
    case ZOO_COUNT_FUTURE_ANGLES:
    case ZOO_COUNT_CLIP_ANGLES:
        score_angles(s, row, i, clip);
        break;
    case ZOO_COUNT_JOINTS:
    case ZOO_COUNT_ALL_JOINTS:
        score_joints(s, row, i, clip);
        break;
    }
}
