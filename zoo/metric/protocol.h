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
 *   cmu-3d     prediction, exponential maps of 117 columns: the clips of cmu-csm,
 *              observed frames ending with the 50th; mean distance in millimetres of
 *              the joints that chain cmu38 counts (metric.h); cmu-3d-38 of all joints
 *   h36m-dmgnn, h36m-csm, h36m-3d, h36m-3d-32
 *              prediction, exponential maps of 99 columns (Human3.6M): the same errors on
 *              8 clips an action, drawn from its test sequences in turn in [16, n - 150),
 *              observed frames ending with the 50th
 *   windows    prediction, positions: windows of the test sequences every 10
 *              frames; mean distance of the joints in millimetres
 *   8-seed     recognition of the observed frames of the 8 clips (always drawn
 *              with 25 predicted frames in the bound)
 *   dense      recognition of every window of observed frames, every 5 frames;
 *              averaged within an action, then over actions
 *   beginning  recognition of the first observed frames of each test sequence,
 *              averaged likewise; for sets of positions, whose sequences are whole
 *              clips, and for others by name
 *
 * Clips are cut from sequences reduced to every factor-th frame.  Where an
 * action has several test sequences, the i-th clip comes from the (i mod
 * count)-th.  An action without training data is marked `untrained` and left
 * out of averages.
 *
 * Protocols of angles: columns 0-5 (the root) never count, constant columns
 * are at the training mean in truth and prediction, angles are not wrapped.
 * The zero-velocity reference repeats the last observed frame in all columns.
 *
 * Where clips are drawn, zoo_measure may ask for another number of them: the first
 * eight stay the same.  Or for every window: each start there is, none drawn.
 */
#ifndef ZOO_METRIC_PROTOCOL_H
#define ZOO_METRIC_PROTOCOL_H

#include "zoo/dataset/dataset.h"
#include "zoo/metric/metric.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ZOO_MAX_HORIZONS 8
/* Clips that a protocol draws of an action, unless told otherwise; and instead of a
 * number: all that there are, at every start. */
#define ZOO_DRAWN_CLIPS  8
#define ZOO_EVERY_CLIP   SIZE_MAX
#define ZOO_PCK_LIMIT    0.05

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

/* What a limit of zoo_pck is a share of. */
typedef enum zoo_pck_scale {
    ZOO_PCK_BOX,  /* of the longest side of the box around the true pose */
    ZOO_PCK_STD,  /* of each column's standard deviation in the training data */
    ZOO_PCK_METRE /* of one metre */
} zoo_pck_scale;

/* What is measured beside what a protocol fixes; all zeros: what zoo_evaluate does. */
typedef struct zoo_measure {
    size_t clips;     /* of an action, where they are drawn; 0: ZOO_DRAWN_CLIPS */
    size_t top;       /* k of topk; 0: 1 */
    double pck_limit; /* 0: ZOO_PCK_LIMIT */
    zoo_pck_scale pck_scale;
} zoo_measure;

/* Standard deviations are those across clips, by n - 1; of an average, each action weighing
 * the same: the root of the mean variance within actions plus the variance of their means.
 * NaN where there is but one clip. */
typedef struct zoo_row {
    zoo_task task;
    const char *protocol;
    char action[ZOO_NAME_SIZE]; /* or "average" */
    bool average;
    bool untrained; /* no training data: not in the average */
    bool predicted; /* error[], top1, top5 hold a model's results */
    size_t actions; /* an average's number of actions, else 1 */
    size_t clips;
    /* prediction */
    const char *unit; /* "rad", "mm" */
    size_t horizons;
    size_t frame[ZOO_MAX_HORIZONS]; /* predicted frame, from 1 */
    double ms[ZOO_MAX_HORIZONS];    /* as the literature labels it (25 Hz) */
    double true_ms[ZOO_MAX_HORIZONS];
    double error[ZOO_MAX_HORIZONS];
    double zero_velocity[ZOO_MAX_HORIZONS];
    double error_std[ZOO_MAX_HORIZONS], zero_velocity_std[ZOO_MAX_HORIZONS];
    /* zoo_pck, shares of 1; NaN for angles, and for joints of a chain by ZOO_PCK_STD */
    double pck[ZOO_MAX_HORIZONS], zero_velocity_pck[ZOO_MAX_HORIZONS];
    size_t drawn; /* zoo_measure.clips; 0 where none are drawn */
    /* recognition: shares of 1; a tie counts against the model */
    double top1, top5, topk;
    /* Share of all clips that were recognised.  Of an average top1 is the mean class
     * accuracy and this the overall accuracy. */
    double accuracy;
    size_t class_index; /* the action's; SIZE_MAX of an average */
} zoo_row;

typedef struct zoo_table {
    size_t rows;
    zoo_row *row;    /* an average, where there is one, comes last */
    size_t left_out; /* test sequences of all actions that are too short for a clip */
    /* Recognition: clips of each action (rows) by the answer (columns), zoo_answer;
     * NULL of predictions. */
    size_t actions;
    size_t *confusion; /* [actions, actions] */
} zoo_table;

typedef struct zoo_protocol {
    const char *name;
    zoo_task task;
    zoo_feature feature; /* 0: any */
    const char *text;    /* one sentence: how its numbers are computed */
    bool drawn;          /* zoo_measure.clips says how many clips */
    bool on_request;     /* a variant, measured where it is asked for by name */
} zoo_protocol;

/* All protocols, ends with a NULL name. */
GOP_API const zoo_protocol *zoo_protocol_list(void);
GOP_API const zoo_protocol *zoo_protocol_find(const char *name);
/* Whether a protocol means something for this data. */
GOP_API bool zoo_protocol_suits(const zoo_protocol *protocol, const zoo_domain *domain);
/* Whether it is measured on this data without being asked for by name. */
GOP_API bool zoo_protocol_usual(const zoo_protocol *protocol, const zoo_domain *domain);

/* The protocol's text, up to `size` bytes, with the clips of a zoo_measure; empty without a
 * protocol. */
GOP_API void zoo_protocol_describe(char *text, size_t size, const zoo_protocol *protocol,
                                   size_t clips);

/* Measures.  GOP_EFORMAT when there is no test sequence long enough; an action
 * whose test sequences are all too short has no row. */
GOP_API gop_status zoo_evaluate(zoo_table **table, const zoo_protocol *protocol,
                                const zoo_dataset *data, const zoo_predictor *model,
                                gop_error *err);
/* The same with more to say; NULL for `measure` is all zeros.  GOP_EINVAL also for a limit
 * below 0 and for an unknown scale. */
GOP_API gop_status zoo_evaluate_with(zoo_table **table, const zoo_protocol *protocol,
                                     const zoo_dataset *data, const zoo_predictor *model,
                                     const zoo_measure *measure, gop_error *err);
GOP_API void zoo_table_free(zoo_table *table);

#ifdef __cplusplus
}
#endif
#endif
