/*
 * evaluate.c: runs a model over the clips of a protocol and adds up.
 *
 * Clips are sorted by action; each adds to its action's row, and at the end the
 * rows are divided by their clips and averaged.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/metric/clips.h"
#include "zoo/metric/score.h"

/* Observed frames that published clips have. */
#define OBSERVED 50

/* What the literature counts as 80, 160, 320, 400, 560 and 1000 ms. */
static const size_t horizon_frame[] = {2, 4, 8, 10, 14, 25};
#define HORIZONS      (sizeof horizon_frame / sizeof horizon_frame[0])
#define LITERATURE_MS 40.0 /* a frame at 25 Hz */

/* -------------------------------------------------------------------- clips */

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Clips of Human3.6M are drawn its way whatever is counted. */
static const zoo_rules *drawn_by(const zoo_rules *rules, const zoo_domain *domain)
{
    const zoo_protocol *h36m = zoo_protocol_find("h36m-csm");
    bool is = rules->stride == 0 && zoo_protocol_suits(h36m, domain);
    return is ? zoo_protocol_rules(h36m) : rules;
}

/* The length of a clip goes to *length, and to *least the frames that a sequence must have
 * more than. */
static gop_status find_clips(zoo_clips *clips, const zoo_rules *rules, const zoo_dataset *data,
                             const zoo_predictor *model, size_t count, size_t *length,
                             size_t *least, gop_error *err)
{
    size_t obs = model->observed, pred = larger(model->predicted, rules->least_predicted);
    bool labels = rules->count == ZOO_COUNT_LABELS;
    *length = labels && rules->stride > 0 ? obs : obs + pred;
    *least = *length - 1;
    if (rules->stride > 0)
        return zoo_clips_dense(clips, data, *length, rules->stride, err);
    if (count == ZOO_EVERY_CLIP)
        return zoo_clips_dense(clips, data, *length, 1, err);
    rules = drawn_by(rules, &data->domain);
    size_t seen = rules->aligned ? larger(obs, OBSERVED) : obs;
    zoo_draw draw = {count, rules->first, larger(rules->reserve, seen + pred)};
    gop_status s = zoo_clips_draw(clips, data, &draw, err);
    for (size_t k = 0; k < clips->n; k++)
        clips->clip[k].start += seen - obs;
    *least = draw.first + draw.reserve;
    return s;
}

/* --------------------------------------------------------------------- rows */

static void start_row(zoo_row *row, const zoo_protocol *p, const zoo_score *score, size_t action)
{
    const zoo_domain *d = &score->data->domain;
    zoo_count count = score->rules->count;
    memset(row, 0, sizeof *row);
    row->task = p->task;
    row->protocol = p->name;
    row->actions = 1;
    row->predicted = score->model.run != NULL;
    row->untrained = !zoo_dataset_has(score->data, action, ZOO_TRAIN);
    row->drawn = p->drawn ? score->measure.clips : 0;
    row->class_index = action;
    memcpy(row->action, d->action[action], ZOO_NAME_SIZE);
    if (p->task == ZOO_RECOGNITION)
        return;
    bool angles = count == ZOO_COUNT_FUTURE_ANGLES || count == ZOO_COUNT_CLIP_ANGLES;
    bool no_std = score->chain != NULL && score->measure.pck_scale == ZOO_PCK_STD;
    row->unit = angles ? "rad" : "mm";
    for (size_t h = 0; h < HORIZONS && horizon_frame[h] <= score->model.predicted; h++) {
        row->frame[h] = horizon_frame[h];
        row->ms[h] = LITERATURE_MS * (double)horizon_frame[h];
        row->true_ms[h] = 1000.0 * (double)(horizon_frame[h] * d->factor) / d->rate;
        row->pck[h] = row->zero_velocity_pck[h] = angles || no_std ? NAN : 0;
        row->horizons++;
    }
}

/* Turns sums into means, and squared distances into standard deviations. */
static void finish_row(zoo_row *row)
{
    double n = (double)row->clips;
    for (size_t h = 0; h < row->horizons; h++) {
        row->error[h] /= n;
        row->zero_velocity[h] /= n;
        row->error_std[h] = n > 1 ? sqrt(row->error_std[h] / (n - 1)) : NAN;
        row->zero_velocity_std[h] = n > 1 ? sqrt(row->zero_velocity_std[h] / (n - 1)) : NAN;
        row->pck[h] /= n;
        row->zero_velocity_pck[h] /= n;
    }
    row->top1 /= n;
    row->top5 /= n;
    row->topk /= n;
    row->accuracy = row->top1;
}

/* Adds a row's means to those of the average, and its spread: variance and square of the
 * mean. */
static void add_row(zoo_row *mean, const zoo_row *row)
{
    for (size_t h = 0; h < mean->horizons; h++) {
        mean->error[h] += row->error[h];
        mean->zero_velocity[h] += row->zero_velocity[h];
        mean->pck[h] += row->pck[h];
        mean->zero_velocity_pck[h] += row->zero_velocity_pck[h];
    }
    mean->top1 += row->top1;
    mean->top5 += row->top5;
    mean->topk += row->topk;
    mean->accuracy += row->accuracy * (double)row->clips;
    mean->clips += row->clips;
    mean->actions++;
}

/* mean and std over the n trained rows' means at `at` and standard deviations at `std_at`,
 * which are offsets of arrays in a row. */
static void add_spread(zoo_row *mean, const zoo_table *table, size_t at, size_t std_at)
{
    const double *average = (const double *)((const char *)mean + at);
    double *std = (double *)((char *)mean + std_at);
    for (size_t h = 0; h < mean->horizons; h++) {
        double sum = 0;
        for (size_t i = 0; i < table->rows; i++) {
            const char *row = (const char *)&table->row[i];
            double m = ((const double *)(row + at))[h], s = ((const double *)(row + std_at))[h];
            if (!table->row[i].untrained)
                sum += s * s + (m - average[h]) * (m - average[h]);
        }
        std[h] = sqrt(sum / (double)mean->actions);
    }
}

/* The plain mean over trained actions, behind the rows of the actions. */
static void add_average(zoo_table *table)
{
    zoo_row mean;
    memset(&mean, 0, sizeof mean);
    for (size_t i = 0; i < table->rows; i++) {
        const zoo_row *row = &table->row[i];
        if (row->untrained)
            continue;
        if (mean.actions == 0) {
            mean.task = row->task;
            mean.protocol = row->protocol;
            mean.predicted = row->predicted;
            mean.unit = row->unit;
            mean.horizons = row->horizons;
            mean.drawn = row->drawn;
            memcpy(mean.frame, row->frame, sizeof mean.frame);
            memcpy(mean.ms, row->ms, sizeof mean.ms);
            memcpy(mean.true_ms, row->true_ms, sizeof mean.true_ms);
        }
        add_row(&mean, row);
    }
    if (mean.actions == 0)
        return;
    size_t clips = mean.clips;
    double recognised = mean.accuracy;
    mean.clips = mean.actions;
    finish_row(&mean);
    mean.clips = clips;
    mean.accuracy = recognised / (double)clips;
    add_spread(&mean, table, offsetof(zoo_row, error), offsetof(zoo_row, error_std));
    add_spread(&mean, table, offsetof(zoo_row, zero_velocity),
               offsetof(zoo_row, zero_velocity_std));
    mean.average = true;
    mean.class_index = SIZE_MAX;
    snprintf(mean.action, sizeof mean.action, "average");
    table->row[table->rows++] = mean;
}

/* ---------------------------------------------------------------------- run */

static gop_status run_clips(zoo_table *table, zoo_score *score, const zoo_clips *clips,
                            const zoo_protocol *p, gop_error *err)
{
    const zoo_dataset *data = score->data;
    const zoo_predictor *model = &score->model;
    size_t batch = model->batch, classes = data->domain.actions;
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
            start_row(&table->row[table->rows++], p, score, action);
        }
        zoo_row *row = &table->row[table->rows - 1];
        zoo_score_clip(score, row, k % batch, clip);
        row->clips++;
        if (table->confusion == NULL)
            continue;
        size_t answer = zoo_answer(score->scores + k % batch * classes, classes, action);
        if (answer < classes)
            table->confusion[action * classes + answer]++;
    }
    return GOP_OK;
}

static gop_status check(const zoo_protocol *p, const zoo_dataset *data, const zoo_predictor *model,
                        gop_error *err)
{
    const zoo_rules *rules = zoo_protocol_rules(p);
    if (rules == NULL)
        return gop_fail(err, GOP_EINVAL, "protocol %s is not in the list", p->name);
    if (!zoo_protocol_suits(p, &data->domain) && p->feature == data->domain.layout.feature)
        return gop_fail(err, GOP_EINVAL, "protocol %s is not for data set %s with its %u columns",
                        p->name, data->domain.name, (unsigned)data->domain.layout.columns);
    if (!zoo_protocol_suits(p, &data->domain))
        return gop_fail(err, GOP_EINVAL, "protocol %s is not for data set %s: it wants %s", p->name,
                        data->domain.name,
                        p->feature == ZOO_EXPMAP ? "exponential maps" : "positions");
    if (p->feature == ZOO_EXPMAP && data->domain.layout.columns % 3 != 0)
        return gop_fail(err, GOP_EINVAL, "protocol %s wants triples of columns, not %u columns",
                        p->name, (unsigned)data->domain.layout.columns);
    if (p->task == ZOO_RECOGNITION && model->run == NULL)
        return gop_fail(err, GOP_EINVAL, "protocol %s measures recognition and needs a model",
                        p->name);
    if (p->task == ZOO_RECOGNITION && model->no_scores)
        return gop_fail(err, GOP_EINVAL,
                        "protocol %s measures recognition, and the model gives no"
                        " class scores",
                        p->name);
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

static gop_status check_measure(zoo_measure *measure, const zoo_measure *asked, gop_error *err)
{
    static const zoo_measure nothing = {0, 0, 0, ZOO_PCK_BOX};
    *measure = asked != NULL ? *asked : nothing;
    if (measure->clips == 0)
        measure->clips = ZOO_DRAWN_CLIPS;
    if (measure->top == 0)
        measure->top = 1;
    if (!(measure->pck_limit >= 0) || isinf(measure->pck_limit))
        return gop_fail(err, GOP_EINVAL, "a limit of %g for the share of near joints",
                        measure->pck_limit);
    if (measure->pck_scale != ZOO_PCK_BOX && measure->pck_scale != ZOO_PCK_STD &&
        measure->pck_scale != ZOO_PCK_METRE)
        return gop_fail(err, GOP_EINVAL, "scale %d of the share of near joints is unknown",
                        (int)measure->pck_scale);
    if (measure->pck_limit == 0)
        measure->pck_limit = ZOO_PCK_LIMIT;
    return GOP_OK;
}

static gop_status new_table(zoo_table **out, const zoo_protocol *protocol, size_t actions,
                            gop_error *err)
{
    zoo_table *table = calloc(1, sizeof *table);
    *out = table;
    if (table != NULL) {
        table->actions = actions;
        table->row = calloc(actions + 1, sizeof *table->row);
        if (protocol->task == ZOO_RECOGNITION)
            table->confusion = calloc(actions * actions, sizeof *table->confusion);
    }
    if (table == NULL || table->row == NULL ||
        (protocol->task == ZOO_RECOGNITION && table->confusion == NULL))
        return gop_fail(err, GOP_ENOMEM, "out of memory for the table of protocol %s",
                        protocol->name);
    return GOP_OK;
}

gop_status zoo_evaluate_with(zoo_table **out, const zoo_protocol *protocol, const zoo_dataset *data,
                             const zoo_predictor *model, const zoo_measure *measure, gop_error *err)
{
    if (out == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_evaluate: no place for the table");
    *out = NULL;
    if (protocol == NULL || protocol->name == NULL || data == NULL || model == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_evaluate: a protocol, data and a model are needed");
    zoo_clips clips = {0, NULL, 0};
    zoo_table *table = NULL;
    zoo_score score;
    size_t least = 0;
    memset(&score, 0, sizeof score);
    gop_status s = check_measure(&score.measure, measure, err);
    if (s == GOP_OK)
        s = check(protocol, data, model, err);
    if (s != GOP_OK)
        return s;
    score.data = data;
    score.model = *model;
    score.rules = zoo_protocol_rules(protocol);
    score.chain = zoo_chain_find(score.rules->chain);
    s = find_clips(&clips, score.rules, data, model, score.measure.clips, &score.length, &least,
                   err);
    if (s == GOP_OK && clips.n == 0)
        s = gop_fail(err, GOP_EFORMAT, "data set %s has no test sequence of more than %zu frames",
                     data->domain.name, least);
    if (s == GOP_OK)
        s = new_table(&table, protocol, data->domain.actions, err);
    if (s == GOP_OK)
        s = zoo_score_open(&score, err);
    if (s == GOP_OK)
        s = run_clips(table, &score, &clips, protocol, err);
    if (table != NULL)
        table->left_out = clips.left_out;
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

gop_status zoo_evaluate(zoo_table **out, const zoo_protocol *protocol, const zoo_dataset *data,
                        const zoo_predictor *model, gop_error *err)
{
    return zoo_evaluate_with(out, protocol, data, model, NULL, err);
}

void zoo_table_free(zoo_table *table)
{
    if (table == NULL)
        return;
    free(table->row);
    free(table->confusion);
    free(table);
}
