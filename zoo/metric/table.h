/*
 * table.h: adds up the results of clips to the rows of a zoo_table.  Private to zoo/metric.
 */
#ifndef ZOO_METRIC_TABLE_H
#define ZOO_METRIC_TABLE_H

#include "zoo/metric/metrics.h"

/* What is compared with the truth: the predictions of the model, of zero and of constant velocity. */
typedef enum zoo_guess { ZOO_GUESS_MODEL, ZOO_GUESS_STILL, ZOO_GUESS_STEADY } zoo_guess;
#define ZOO_GUESSES 3

/* Until the end a row holds sums, and squared distances from the mean instead of standard
 * deviations. */
typedef struct zoo_tally {
    zoo_table *table;                          /* its measure has the defaults filled in */
    const zoo_metric *metric[ZOO_MAX_METRICS]; /* in the order of the table's */
    /* Of the present row: clips without a value, because nothing was there. */
    size_t lacking[ZOO_MAX_METRICS][ZOO_GUESSES][ZOO_MAX_HORIZONS];
} zoo_tally;

/* A table without rows or horizons, with room for `actions` and an average. */
gop_status zoo_table_new(zoo_table **table, const zoo_protocol *protocol, size_t actions,
                         gop_error *err);
/* What a protocol compares. */
zoo_needs zoo_needs_of(const zoo_protocol *protocol);
/* Chooses the metrics of a table. */
void zoo_tally_open(zoo_tally *tally, zoo_table *table, const zoo_measure *asked);
/* Begins the row of an action. */
zoo_row *zoo_tally_row(zoo_tally *tally, size_t action, const char *name);
/* Adds the values of all metrics for a comparison at horizon h; with `missing` a clip may have
 * none. */
void zoo_tally_add(zoo_tally *tally, zoo_row *row, size_t h, zoo_guess guess, bool missing,
                   zoo_comparison *c);
/* Adds a clip of the row's action by the scores of all classes. */
void zoo_tally_label(zoo_tally *tally, zoo_row *row, const gop_real *score);
/* Ends a row: scales its sums as if clips without a value had the mean of the others. */
void zoo_tally_end_row(zoo_tally *tally, zoo_row *row);
/* Makes means of all rows, and the average of those without a mark. */
void zoo_tally_end(zoo_tally *tally);

#endif
