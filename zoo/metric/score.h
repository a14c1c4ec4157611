/*
 * score.h: one clip of a protocol: what the model gets, and how it did.
 * Private to zoo/metric.
 */
#ifndef ZOO_METRIC_SCORE_H
#define ZOO_METRIC_SCORE_H

#include "zoo/metric/clips.h"
#include "zoo/metric/protocol.h"

typedef struct zoo_score {
    const zoo_dataset *data;
    zoo_predictor model;
    size_t length;                  /* frames of a clip */
    gop_real *x, *scores, *poses;   /* a batch, as in zoo_predictor */
    float *truth, *guess;           /* raw [length, columns], [predicted, columns] */
    double *true_angle, *angle;     /* the same in Euler angles */
    uint8_t *counted;               /* [columns] */
} zoo_score;

gop_status zoo_score_open(zoo_score *score, const zoo_dataset *data, const zoo_predictor *model,
                          size_t length, gop_error *err);
void zoo_score_close(zoo_score *score);
/* Writes the observed frames of a clip, normalised, to place i of the batch. */
void zoo_score_fill(zoo_score *score, size_t i, const zoo_clip *clip);
/* Add the errors of what the model left in place i of the batch to the row. */
void zoo_score_label(const zoo_score *score, zoo_row *row, size_t i, size_t action);
void zoo_score_positions(zoo_score *score, zoo_row *row, size_t i, const zoo_clip *clip);
void zoo_score_angles(zoo_score *score, zoo_row *row, size_t i, const zoo_clip *clip, bool csm);

#endif
