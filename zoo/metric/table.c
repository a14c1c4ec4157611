/*
 * table.c: makes a table of results, row by row (table.h).  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/metric/table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

gop_status zoo_table_new(zoo_table **out, const zoo_protocol *protocol, size_t actions,
                         gop_error *err)
{
    const bool labels = protocol->task == ZOO_RECOGNITION;
    zoo_table *t = calloc(1, sizeof *t);
    *out = t;
    if (t != NULL) {
        t->protocol = protocol;
        t->actions = actions;
        t->row = calloc(actions + 1, sizeof *t->row);
        t->trained = calloc(actions + 1, sizeof *t->trained);
        t->tested = calloc(actions + 1, sizeof *t->tested);
        t->left_out_of = calloc(actions + 1, sizeof *t->left_out_of);
        t->confusion = labels ? calloc(actions * actions, sizeof *t->confusion) : NULL;
    }
    if (t == NULL || t->row == NULL || t->trained == NULL || t->tested == NULL ||
        t->left_out_of == NULL || (labels && t->confusion == NULL))
        return gop_fail(err, GOP_ENOMEM, "out of memory for the table of protocol %s",
                        protocol->name);
    return GOP_OK;
}

zoo_needs zoo_needs_of(const zoo_protocol *protocol)
{
    switch (protocol->count) {
    case ZOO_COUNT_LABELS:
        return ZOO_NEEDS_SCORES;
    case ZOO_COUNT_FUTURE_ANGLES:
    case ZOO_COUNT_CLIP_ANGLES:
        return ZOO_NEEDS_ANGLES;
    default:
        return ZOO_NEEDS_PLACES;
    }
}

void zoo_tally_open(zoo_tally *tally, zoo_table *t, const zoo_measure *asked)
{
    *tally = (zoo_tally){.table = t};
    for (const zoo_metric *m = zoo_metric_list(); m->column.unit != NULL; m++) {
        zoo_column column = m->column;
        if (m->needs != zoo_needs_of(t->protocol) || t->metrics == ZOO_MAX_METRICS ||
            (m->fit != NULL && !m->fit(&column, asked)))
            continue;
        tally->metric[t->metrics] = m;
        t->metric[t->metrics++] = column;
    }
}

/* A guess's numbers in a row, or their standard deviations: [horizons]. */
static double *means(zoo_result *r, int guess)
{
    return guess == ZOO_GUESS_MODEL ? r->model : guess == ZOO_GUESS_STILL ? r->still : r->steady;
}

static double *deviations(zoo_result *r, int guess)
{
    return guess == ZOO_GUESS_MODEL   ? r->model_std
           : guess == ZOO_GUESS_STILL ? r->still_std
                                      : r->steady_std;
}

/* -------------------------------------------------------------------- clips */

zoo_row *zoo_tally_row(zoo_tally *tally, size_t action, const char *name)
{
    zoo_row *row = &tally->table->row[tally->table->rows++];
    row->actions = 1;
    row->class_index = action;
    snprintf(row->action, sizeof row->action, "%s", name);
    return row;
}

/* Adds x, the n-th value, to a horizon's sum and squared distances from the mean (Youngs and
 * Cramer, Technometrics 1971). */
static void add(double n, double *sum, double *squares, double x)
{
    double d;
    *sum += x;
    d = n * x - *sum;
    if (n > 1)
        *squares += d * d / (n * (n - 1));
}

void zoo_tally_add(zoo_tally *tally, zoo_row *row, size_t h, zoo_guess guess, bool missing,
                   zoo_comparison *c)
{
    c->measure = &tally->table->measure;
    for (size_t m = 0; m < tally->table->metrics; m++) {
        zoo_result *r = &row->result[m];
        size_t *lacking = &tally->lacking[m][guess][h];
        if (tally->metric[m]->compute == NULL)
            continue;
        const double x = tally->metric[m]->compute(c);
        if (isnan(x) && missing)
            ++*lacking;
        else
            add((double)(row->clips + 1 - *lacking), &means(r, guess)[h], &deviations(r, guess)[h],
                x);
    }
}

void zoo_tally_label(zoo_tally *tally, zoo_row *row, const gop_real *score)
{
    const size_t n = tally->table->actions, action = row->class_index;
    const size_t answer = zoo_answer(score, n, action);
    zoo_comparison c = {.score = score, .classes = n, .label = action};
    row->accuracy += zoo_top_k(score, n, action, 1);
    zoo_calibration_add(&row->calibration, score, n, action);
    zoo_tally_add(tally, row, 0, ZOO_GUESS_MODEL, false, &c);
    if (answer < n)
        tally->table->confusion[action * n + answer]++;
}

void zoo_tally_end_row(zoo_tally *tally, zoo_row *row)
{
    for (size_t m = 0; m < tally->table->metrics; m++)
        for (size_t h = 0; h < tally->table->horizons; h++)
            for (int g = 0; g < ZOO_GUESSES; g++) {
                zoo_result *r = &row->result[m];
                const double n = (double)row->clips, has = n - (double)tally->lacking[m][g][h];
                if (has == n)
                    continue;
                means(r, g)[h] *= has > 0 ? n / has : NAN;
                deviations(r, g)[h] *= has > 1 ? (n - 1) / (has - 1) : NAN;
            }
    memset(tally->lacking, 0, sizeof tally->lacking);
}

/* --------------------------------------------------------------------- rows */

static double deviation(double squares, double n)
{
    return n > 1 ? sqrt(squares / (n - 1)) : NAN;
}

/* Converts sums over n to means, and squared distances to standard deviations. */
static void finish_row(const zoo_table *t, zoo_row *row, double n)
{
    for (size_t m = 0; m < t->metrics; m++)
        for (size_t h = 0; h < t->horizons; h++) {
            zoo_result *r = &row->result[m];
            for (int g = 0; g < ZOO_GUESSES; g++) {
                means(r, g)[h] /= n;
                deviations(r, g)[h] = deviation(deviations(r, g)[h], n);
            }
        }
}

/* Adds a row's means to those of the average. */
static void add_row(const zoo_table *t, zoo_row *mean, zoo_row *row)
{
    for (size_t m = 0; m < t->metrics; m++)
        for (int g = 0; g < ZOO_GUESSES; g++)
            for (size_t h = 0; h < t->horizons; h++)
                means(&mean->result[m], g)[h] += means(&row->result[m], g)[h];
    mean->accuracy += row->accuracy * (double)row->clips;
    zoo_calibration_join(&mean->calibration, &row->calibration);
    mean->clips += row->clips;
    mean->actions++;
}

/* Variance within an action, and square of its distance from the mean. */
static double spread(double std, double x, double mean)
{
    return std * std + (x - mean) * (x - mean);
}

/* The standard deviations of the average. */
static void add_spread(const zoo_table *t, zoo_row *mean)
{
    const double n = (double)mean->actions;
    for (size_t m = 0; m < t->metrics; m++)
        for (int g = 0; g < ZOO_GUESSES; g++)
            for (size_t h = 0; h < t->horizons; h++) {
                zoo_result *of = &mean->result[m];
                double sum = 0;
                for (size_t i = 0; i < t->rows; i++) {
                    zoo_result *r = &t->row[i].result[m];
                    if (t->row[i].marks == 0)
                        sum += spread(deviations(r, g)[h], means(r, g)[h], means(of, g)[h]);
                }
                deviations(of, g)[h] = sqrt(sum / n);
            }
}

/* Sets a row's metrics of all clips together: they have no value for an action. */
static void pool(const zoo_tally *tally, zoo_row *row)
{
    for (size_t m = 0; m < tally->table->metrics; m++) {
        zoo_result *r = &row->result[m];
        if (tally->metric[m]->pool == NULL)
            continue;
        for (size_t h = 0; h < ZOO_MAX_HORIZONS; h++)
            for (int g = 0; g < ZOO_GUESSES; g++)
                means(r, g)[h] = deviations(r, g)[h] = NAN;
        if (row->average)
            r->model[0] = tally->metric[m]->pool(&row->calibration);
    }
}

/* Appends the plain mean over the actions without a mark to the rows. */
static void add_average(zoo_tally *tally)
{
    zoo_table *t = tally->table;
    zoo_row mean;
    memset(&mean, 0, sizeof mean);
    for (size_t i = 0; i < t->rows; i++)
        if (t->row[i].marks == 0)
            add_row(t, &mean, &t->row[i]);
    if (mean.actions == 0)
        return;
    finish_row(t, &mean, (double)mean.actions);
    add_spread(t, &mean);
    mean.accuracy /= (double)mean.clips;
    mean.average = true;
    mean.class_index = SIZE_MAX;
    snprintf(mean.action, sizeof mean.action, "average");
    pool(tally, &mean);
    t->row[t->rows++] = mean;
}

void zoo_tally_end(zoo_tally *tally)
{
    zoo_table *t = tally->table;
    for (size_t i = 0; i < t->rows; i++) {
        zoo_row *row = &t->row[i];
        finish_row(t, row, (double)row->clips);
        row->accuracy /= (double)row->clips;
        pool(tally, row);
    }
    add_average(tally);
}

const zoo_result *zoo_table_result(const zoo_table *t, size_t row, const char *key)
{
    for (size_t m = 0; t != NULL && key != NULL && row < t->rows && m < t->metrics; m++)
        if (strcmp(t->metric[m].key, key) == 0)
            return &t->row[row].result[m];
    return NULL;
}

void zoo_table_free(zoo_table *table)
{
    if (table == NULL)
        return;
    free(table->row);
    free(table->trained);
    free(table->tested);
    free(table->left_out_of);
    free(table->confusion);
    free(table);
}
