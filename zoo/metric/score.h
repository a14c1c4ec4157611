/*
 * score.h: one clip of a protocol: the model's input, and its errors.
 * Private to zoo/metric.
 */
#ifndef ZOO_METRIC_SCORE_H
#define ZOO_METRIC_SCORE_H

#include "zoo/metric/clips.h"
#include "zoo/metric/metric.h"
#include "zoo/metric/table.h"

typedef struct zoo_score {
    const zoo_dataset *data;
    zoo_predictor model;
    const zoo_protocol *protocol;
    const zoo_chain *chain;                /* of the protocol, or NULL */
    size_t length;                         /* frames of a clip */
    zoo_tally tally;                       /* of the rows */
    zoo_viewer *viewer;                    /* of the observed frames */
    double *time;                          /* [observed] */
    gop_real *x, *bodies, *scores, *poses; /* a batch; shapes as in zoo_predictor */
    gop_real *classes;                     /* [batch], of a model that takes them */
    gop_real *sum;                         /* of the scores of several views */
    float *raw;                            /* of a clip, at the raw rate */
    float *truth, *guess;                  /* raw [length, columns], [predicted, columns] */
    double *true_angle, *angle;            /* in Euler angles [length, columns], [columns] */
    uint8_t *counted;                      /* [columns] */
    double *true_place, *place;            /* joints of one frame [., 3] */
    double *work;                          /* twice as much */
} zoo_score;

/* Chooses the metrics and allocates.  The caller has set the fields down to `tally`, with its table. */
gop_status zoo_score_open(zoo_score *score, const zoo_measure *asked, gop_error *err);
void zoo_score_close(zoo_score *score);
/* Runs the model on the clips clip[0], ..., clip[batch - 1], for each of the views that an answer
 * averages.  `last` is the last clip there is, which fills up the batch.  Errors as for
 * zoo_dataset_read, and those of the model. */
gop_status zoo_score_run(zoo_score *score, const zoo_clip *clip, const zoo_clip *last,
                         gop_error *err);
/* Adds the model's result for slot i of the batch to the row, whose `clips` is the number of
 * clips added before. */
gop_status zoo_score_clip(zoo_score *score, zoo_row *row, size_t i, const zoo_clip *clip,
                          gop_error *err);

#endif
