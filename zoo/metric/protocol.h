/*
 * protocol.h: named ways of measuring a model on a data set.
 *
 * A protocol fixes the test clips, what is predicted, and how errors are
 * counted; the model is a callback.  May use graphop.h and zoo/dataset.
 *
 *   cmu-dmgnn  prediction, exponential maps: 8 clips an action drawn by the legacy
 *              generator (seed 1234567890, again for every action) with the
 *              predicted length in the bound; mean Euclidean distance of Euler
 *              angles (radians) over columns that move in the future frames and
 *              in the training data
 *   cmu-csm    the same, but the bound always has 25 predicted frames, and
 *              columns count that move anywhere in the 75 frames.  Columns that
 *              no node of the model carries are taken as the last observed frame
 *   windows    prediction, positions: windows of the test sequences every 10
 *              frames; mean distance of the joints in millimetres
 *   8-seed     recognition of the observed frames of the 8 clips (always drawn
 *              with 25 predicted frames in the bound)
 *   dense      recognition of every window of observed frames, every 5 frames;
 *              averaged within an action, then over actions
 *
 * Clips are cut from sequences reduced to every factor-th frame.  Where an
 * action has several test sequences, the i-th clip comes from the (i mod
 * count)-th.  An action without training data is marked `untrained` and left
 * out of averages.
 *
 * Both expmap protocols: columns 0-5 (the root) never count, constant columns
 * are at the training mean in truth and prediction, angles are not wrapped.
 * The zero-velocity reference repeats the last observed frame in all columns.
 */
#ifndef ZOO_METRIC_PROTOCOL_H
#define ZOO_METRIC_PROTOCOL_H

#include "zoo/dataset/dataset.h"
#include "zoo/metric/metric.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ZOO_MAX_HORIZONS 8

/* A model.  `run` gets `batch` clips x [batch, M, observed, D], normalised (the
 * last ones are copies where fewer are left), and fills scores [batch, classes]
 * (any increasing function of probability) and poses [batch, M, predicted, D],
 * normalised.  A `run` of NULL measures the zero-velocity errors only. */
typedef struct zoo_predictor {
    gop_status (*run)(void *user, const gop_real *x, gop_real *scores, gop_real *poses,
                      gop_error *err);
    void *user;
    size_t batch;
    size_t observed;  /* 50 in the published protocols */
    size_t predicted; /* 10 or 25 */
    bool no_scores;   /* run leaves the scores alone: the model only predicts */
    /* The model's own domain, whose normalisation x and poses have; NULL: the
     * data's. */
    const zoo_domain *domain;
} zoo_predictor;

typedef enum zoo_task { ZOO_PREDICTION, ZOO_RECOGNITION } zoo_task;

typedef struct zoo_row {
    zoo_task task;
    const char *protocol;
    char action[ZOO_NAME_SIZE]; /* or "average" */
    bool average;
    bool untrained;             /* no training data: not in the average */
    bool predicted;             /* error[], top1, top5 hold a model's results */
    size_t actions;             /* an average's number of actions, else 1 */
    size_t clips;
    /* prediction */
    const char *unit;           /* "rad", "mm" */
    size_t horizons;
    size_t frame[ZOO_MAX_HORIZONS];        /* predicted frame, from 1 */
    double ms[ZOO_MAX_HORIZONS];           /* as the literature labels it (25 Hz) */
    double true_ms[ZOO_MAX_HORIZONS];
    double error[ZOO_MAX_HORIZONS];
    double zero_velocity[ZOO_MAX_HORIZONS];
    /* recognition: shares of 1; a tie counts against the model */
    double top1, top5;
} zoo_row;

typedef struct zoo_table {
    size_t rows;
    zoo_row *row; /* an average, where there is one, comes last */
} zoo_table;

typedef struct zoo_protocol {
    const char *name;
    zoo_task task;
    zoo_feature feature; /* 0: any */
    const char *text;    /* one sentence: how its numbers are computed */
} zoo_protocol;

/* All protocols, ends with a NULL name. */
GOP_API const zoo_protocol *zoo_protocol_list(void);
GOP_API const zoo_protocol *zoo_protocol_find(const char *name);
/* Whether a protocol means something for this data. */
GOP_API bool zoo_protocol_suits(const zoo_protocol *protocol, const zoo_domain *domain);

/* Measures.  GOP_EFORMAT when there is no test sequence long enough; an action
 * whose test sequences are all too short has no row. */
GOP_API gop_status zoo_evaluate(zoo_table **table, const zoo_protocol *protocol,
                                const zoo_dataset *data, const zoo_predictor *model,
                                gop_error *err);
GOP_API void zoo_table_free(zoo_table *table);

#ifdef __cplusplus
}
#endif
#endif
