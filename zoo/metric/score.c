/*
 * score.c: cutting a clip, and scoring a model and zero velocity on it.
 * Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif

#include "zoo/metric/score.h"

#include <stdlib.h>
#include <string.h>

#include "zoo/metric/metric.h"

/* The root's position and rotation, which the literature never counts. */
#define ROOT_COLUMNS 6
#define MM 1000.0

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

gop_status zoo_score_open(zoo_score *s, const zoo_dataset *data, const zoo_predictor *model,
                          size_t length, gop_error *err)
{
    size_t columns = data->domain.layout.columns;
    size_t pose = (size_t)data->domain.layout.nodes * data->domain.layout.channels;
    size_t predicted = model->predicted;
    s->data = data;
    s->model = *model;
    s->length = length;
    s->x = room(model->batch, pose, model->observed, sizeof *s->x);
    s->scores = room(model->batch, data->domain.actions, 1, sizeof *s->scores);
    s->poses = room(model->batch, pose, predicted, sizeof *s->poses);
    s->truth = room(length, columns, 1, sizeof *s->truth);
    s->guess = room(predicted, columns, 1, sizeof *s->guess);
    s->true_angle = room(length, columns, 1, sizeof *s->true_angle);
    s->angle = room(predicted, columns, 1, sizeof *s->angle);
    s->counted = room(columns, 1, 1, 1);
    if (s->x == NULL || s->scores == NULL || s->poses == NULL || s->truth == NULL
        || s->guess == NULL || s->true_angle == NULL || s->angle == NULL || s->counted == NULL)
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

void zoo_score_label(const zoo_score *s, zoo_row *row, size_t i, size_t action)
{
    size_t n = s->data->domain.actions;
    const gop_real *score = s->scores + i * n;
    row->top1 += zoo_top_k(score, n, action, 1);
    row->top5 += zoo_top_k(score, n, action, 5);
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
                                            ? d->mean[c] : from[t * d->factor * columns + c];
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
        zoo_denormalise(domain_of(s),
                        s->poses + i * s->model.predicted * l->nodes * l->channels,
                        s->model.predicted, s->guess);
}

void zoo_score_positions(zoo_score *s, zoo_row *row, size_t i, const zoo_clip *clip)
{
    const zoo_layout *l = &s->data->domain.layout;
    cut_truth(s, clip, false);
    for (int still = 1; still >= 0; still--) {
        double *sum = still ? row->zero_velocity : row->error;
        if (!still && s->model.run == NULL)
            continue;
        cut_guess(s, i, still);
        for (size_t h = 0; h < row->horizons; h++) {
            size_t t = row->frame[h] - 1;
            sum[h] += MM * zoo_position_error(s->truth + (s->model.observed + t) * l->columns,
                                              s->guess + t * l->columns, l->column, l->nodes);
        }
    }
}

void zoo_score_angles(zoo_score *s, zoo_row *row, size_t i, const zoo_clip *clip, bool csm)
{
    const zoo_domain *d = &s->data->domain;
    size_t columns = d->layout.columns, observed = s->model.observed;
    size_t predicted = s->model.predicted;
    zoo_axis_rule rule = csm ? ZOO_AXIS_MAX_EPS : ZOO_AXIS_PLUS_EPS;
    cut_truth(s, clip, true);
    zoo_euler_frames(s->true_angle, s->truth, s->length, columns, rule);
    for (size_t t = 0; t < s->length; t++)
        for (size_t c = 0; c < ROOT_COLUMNS && c < columns; c++)
            s->true_angle[t * columns + c] = 0;
    const double *future = s->true_angle + observed * columns;
    if (csm)
        zoo_angle_columns(s->counted, s->true_angle, s->length, columns, NULL);
    else
        zoo_angle_columns(s->counted, future, predicted, columns, d->constant);
    for (int still = 1; still >= 0; still--) {
        double *sum = still ? row->zero_velocity : row->error;
        if (!still && s->model.run == NULL)
            continue;
        cut_guess(s, i, still);
        zoo_euler_frames(s->angle, s->guess, predicted, columns, rule);
        for (size_t h = 0; h < row->horizons; h++) {
            size_t t = row->frame[h] - 1;
            sum[h] += zoo_angle_error(future + t * columns, s->angle + t * columns, s->counted,
                                      columns);
        }
    }
}
