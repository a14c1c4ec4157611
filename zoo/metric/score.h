/*
 * score.h: one clip of a protocol: what the model gets, and how it did.
 * Private to zoo/metric.
 */
#ifndef ZOO_METRIC_SCORE_H
#define ZOO_METRIC_SCORE_H

#include "zoo/metric/clips.h"
#include "zoo/metric/metric.h"
#include "zoo/metric/metrics.h"

typedef struct zoo_score {
    const zoo_dataset *data;
    zoo_predictor model;
    const zoo_protocol *protocol;
    const zoo_chain *chain; /* of the protocol, or NULL */
    size_t length;          /* frames of a clip */
    zoo_table *table;       /* that rows belong to; its measure has its defaults filled in */
    const zoo_metric *metric[ZOO_MAX_METRICS]; /* in the order of the table's */
    gop_real *x, *scores, *poses;              /* a batch, as in zoo_predictor */
    float *truth, *guess;                      /* raw [length, columns], [predicted, columns] */
    double *true_angle, *angle;                /* in Euler angles [length, columns], [columns] */
    uint8_t *counted;                          /* [columns] */
    double *true_place, *place;                /* joints of one frame [., 3] */
    double *work;                              /* twice as much */
} zoo_score;

/* The fields down to `table` are the caller's.  Chooses the metrics. */
gop_status zoo_score_open(zoo_score *score, const zoo_measure *asked, gop_error *err);
void zoo_score_close(zoo_score *score);
/* Writes the observed frames of a clip, normalised, to place i of the batch. */
void zoo_score_fill(zoo_score *score, size_t i, const zoo_clip *clip);
/* Adds to the row how the model did with what is in place i of the batch.  A row holds
 * sums, and squared distances from the mean in place of standard deviations; its `clips`
 * is the number of those before. */
void zoo_score_clip(zoo_score *score, zoo_row *row, size_t i, const zoo_clip *clip);

#endif
