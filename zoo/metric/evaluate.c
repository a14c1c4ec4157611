/*
 * evaluate.c: runs a model over the clips of a protocol and adds up.
 *
 * Clips are sorted by action; each adds to its action's row, and at the end the
 * rows are divided by their clips and averaged.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/metric/clips.h"
#include "zoo/metric/score.h"

#define CSM_PREDICTED 25
#define WINDOW_STRIDE 10
#define DENSE_STRIDE 5

/* What the literature counts as 80, 160, 320, 400, 560 and 1000 ms. */
static const size_t horizon_frame[] = {2, 4, 8, 10, 14, 25};
#define HORIZONS (sizeof horizon_frame / sizeof horizon_frame[0])
#define LITERATURE_MS 40.0 /* a frame at 25 Hz */

/* -------------------------------------------------------------------- clips */

static gop_status find_clips(zoo_clips *clips, const zoo_protocol *p, const zoo_dataset *data,
                             const zoo_predictor *model, size_t *length, gop_error *err)
{
    size_t obs = model->observed, pred = model->predicted;
    size_t csm = pred > CSM_PREDICTED ? pred : CSM_PREDICTED;
    if (strcmp(p->name, "windows") == 0) {
        *length = obs + pred;
        return zoo_clips_dense(clips, data, *length, WINDOW_STRIDE, err);
    }
    if (strcmp(p->name, "dense") == 0) {
        *length = obs;
        return zoo_clips_dense(clips, data, *length, DENSE_STRIDE, err);
    }
    *length = obs + (strcmp(p->name, "cmu-dmgnn") == 0 ? pred : csm);
    return zoo_clips_draw(clips, data, *length, err);
}

/* --------------------------------------------------------------------- rows */

static void start_row(zoo_row *row, const zoo_protocol *p, const zoo_dataset *data,
                      const zoo_predictor *model, size_t action)
{
    const zoo_domain *d = &data->domain;
    memset(row, 0, sizeof *row);
    row->task = p->task;
    row->protocol = p->name;
    row->actions = 1;
    row->predicted = model->run != NULL;
    row->untrained = !zoo_dataset_has(data, action, ZOO_TRAIN);
    memcpy(row->action, d->action[action], ZOO_NAME_SIZE);
    if (p->task == ZOO_RECOGNITION)
        return;
    row->unit = p->feature == ZOO_POSITION ? "mm" : "rad";
    for (size_t h = 0; h < HORIZONS && horizon_frame[h] <= model->predicted; h++) {
        row->frame[h] = horizon_frame[h];
        row->ms[h] = LITERATURE_MS * (double)horizon_frame[h];
        row->true_ms[h] = 1000.0 * (double)(horizon_frame[h] * d->factor) / d->rate;
        row->horizons++;
    }
}

/* Turns sums into means. */
static void finish_row(zoo_row *row)
{
    double n = (double)row->clips;
    for (size_t h = 0; h < row->horizons; h++) {
        row->error[h] /= n;
        row->zero_velocity[h] /= n;
    }
    row->top1 /= n;
    row->top5 /= n;
}

/* The plain mean over trained actions, behind the rows of the actions. */
static void add_average(zoo_table *table)
{
    zoo_row mean;
    size_t n = 0, clips = 0;
    for (size_t i = 0; i < table->rows; i++) {
        const zoo_row *row = &table->row[i];
        if (row->untrained)
            continue;
        if (n == 0) {
            mean = *row;
            memset(mean.error, 0, sizeof mean.error);
            memset(mean.zero_velocity, 0, sizeof mean.zero_velocity);
            mean.top1 = mean.top5 = 0;
        }
        for (size_t h = 0; h < mean.horizons; h++) {
            mean.error[h] += row->error[h];
            mean.zero_velocity[h] += row->zero_velocity[h];
        }
        mean.top1 += row->top1;
        mean.top5 += row->top5;
        clips += row->clips;
        n++;
    }
    if (n == 0)
        return;
    mean.clips = n;
    finish_row(&mean);
    mean.average = true;
    mean.clips = clips;
    mean.actions = n;
    snprintf(mean.action, sizeof mean.action, "average");
    table->row[table->rows++] = mean;
}

/* ---------------------------------------------------------------------- run */

static gop_status run_clips(zoo_table *table, zoo_score *score, const zoo_clips *clips,
                            const zoo_protocol *p, gop_error *err)
{
    const zoo_dataset *data = score->data;
    const zoo_predictor *model = &score->model;
    size_t batch = model->batch;
    uint32_t action = UINT32_MAX;
    for (size_t k = 0; k < clips->n; k++) {
        const zoo_clip *clip = &clips->clip[k];
        if (k % batch == 0 && model->run != NULL) {
            for (size_t i = 0; i < batch; i++)
                zoo_score_fill(score, i, &clips->clip[k + i < clips->n ? k + i : clips->n - 1]);
            gop_status s = model->run(model->user, score->x, score->scores, score->poses, err);
            if (s != GOP_OK)
                return s;
        }
        if (data->sequence[clip->sequence].action != action) {
            action = data->sequence[clip->sequence].action;
            start_row(&table->row[table->rows++], p, data, model, action);
        }
        zoo_row *row = &table->row[table->rows - 1];
        if (p->task == ZOO_RECOGNITION)
            zoo_score_label(score, row, k % batch, action);
        else if (p->feature == ZOO_POSITION)
            zoo_score_positions(score, row, k % batch, clip);
        else
            zoo_score_angles(score, row, k % batch, clip, strcmp(p->name, "cmu-csm") == 0);
        row->clips++;
    }
    return GOP_OK;
}

static gop_status check(const zoo_protocol *p, const zoo_dataset *data,
                        const zoo_predictor *model, gop_error *err)
{
    if (!zoo_protocol_suits(p, &data->domain))
        return gop_fail(err, GOP_EINVAL, "protocol %s is not for data set %s: it wants %s",
                        p->name, data->domain.name,
                        p->feature == ZOO_EXPMAP ? "exponential maps" : "positions");
    if (p->feature == ZOO_EXPMAP && data->domain.layout.columns % 3 != 0)
        return gop_fail(err, GOP_EINVAL, "protocol %s wants triples of columns, not %u columns",
                        p->name, (unsigned)data->domain.layout.columns);
    if (p->task == ZOO_RECOGNITION && model->run == NULL)
        return gop_fail(err, GOP_EINVAL, "protocol %s measures recognition and needs a model",
                        p->name);
    if (p->task == ZOO_RECOGNITION && model->no_scores)
        return gop_fail(err, GOP_EINVAL, "protocol %s measures recognition, and the model gives no"
                        " class scores", p->name);
    if (model->batch == 0 || model->observed == 0)
        return gop_fail(err, GOP_EINVAL, "a model with batches of %zu and %zu observed frames",
                        model->batch, model->observed);
    if (p->task == ZOO_PREDICTION && model->predicted < horizon_frame[0])
        return gop_fail(err, GOP_EINVAL, "protocol %s measures from frame %zu on, %zu predicted",
                        p->name, horizon_frame[0], model->predicted);
    if (model->domain != NULL)
        return zoo_domain_fits(model->domain, &data->domain, err);
    return GOP_OK;
}

gop_status zoo_evaluate(zoo_table **out, const zoo_protocol *protocol, const zoo_dataset *data,
                        const zoo_predictor *model, gop_error *err)
{
    if (out == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_evaluate: no place for the table");
    *out = NULL;
    if (protocol == NULL || protocol->name == NULL || data == NULL || model == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_evaluate: a protocol, data and a model are needed");
    zoo_clips clips = {0, NULL};
    zoo_score score;
    size_t length = 0;
    memset(&score, 0, sizeof score);
    gop_status s = check(protocol, data, model, err);
    if (s == GOP_OK)
        s = find_clips(&clips, protocol, data, model, &length, err);
    if (s == GOP_OK && clips.n == 0)
        s = gop_fail(err, GOP_EFORMAT, "data set %s has no test sequence of more than %zu frames",
                     data->domain.name, length);
    zoo_table *table = s == GOP_OK ? calloc(1, sizeof *table) : NULL;
    if (table != NULL)
        table->row = calloc(data->domain.actions + 1, sizeof *table->row);
    if (s == GOP_OK && (table == NULL || table->row == NULL))
        s = gop_fail(err, GOP_ENOMEM, "out of memory for the table of protocol %s",
                     protocol->name);
    if (s == GOP_OK)
        s = zoo_score_open(&score, data, model, length, err);
    if (s == GOP_OK)
        s = run_clips(table, &score, &clips, protocol, err);
    zoo_score_close(&score);
    zoo_clips_clear(&clips);
    if (s != GOP_OK) {
        zoo_table_free(table);
        return s;
    }
    for (size_t i = 0; i < table->rows; i++)
        finish_row(&table->row[i]);
    add_average(table);
    *out = table;
    return GOP_OK;
}

void zoo_table_free(zoo_table *table)
{
    if (table == NULL)
        return;
    free(table->row);
    free(table);
}
