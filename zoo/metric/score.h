/*
 * score.h: one clip of a protocol: what the model gets, and how it did.
 * Private to zoo/metric.
 */
#ifndef ZOO_METRIC_SCORE_H
#define ZOO_METRIC_SCORE_H

#include "zoo/metric/clips.h"
#include "zoo/metric/rules.h"

typedef struct zoo_score {
    const zoo_dataset *data;
    zoo_predictor model;
    const zoo_rules *rules;
    const zoo_chain *chain;       /* of the rules, or NULL */
    zoo_measure measure;          /* with its defaults filled in */
    size_t length;                /* frames of a clip */
    gop_real *x, *scores, *poses; /* a batch, as in zoo_predictor */
    float *truth, *guess;         /* raw [length, columns], [predicted, columns] */
    double *true_angle, *angle;   /* in Euler angles [length, columns], [columns] */
    uint8_t *counted;             /* [columns] */
    double *true_place, *place;   /* joints of one frame [., 3] */
} zoo_score;

/* The fields down to `length` are the caller's. */
gop_status zoo_score_open(zoo_score *score, gop_error *err);
void zoo_score_close(zoo_score *score);
/* Writes the observed frames of a clip, normalised, to place i of the batch. */
void zoo_score_fill(zoo_score *score, size_t i, const zoo_clip *clip);
/* Adds to the row how the model did with what is in place i of the batch.  A row holds
 * sums, and squared distances from the mean in place of standard deviations; its `clips`
 * is the number of those before. */
void zoo_score_clip(zoo_score *score, zoo_row *row, size_t i, const zoo_clip *clip);

#endif
