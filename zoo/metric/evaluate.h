/*
 * evaluate.h: a protocol's numbers for a model, action by action.
 * May use zoo/metric/protocol.h.
 */
#ifndef ZOO_METRIC_EVALUATE_H
#define ZOO_METRIC_EVALUATE_H

#include "zoo/metric/protocol.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ZOO_MAX_HORIZONS 8
#define ZOO_MAX_METRICS  8

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
    size_t predicted; /* 10 or 25; 0: run leaves the poses alone */
    bool recognises;  /* run fills the scores, else it leaves them alone */
    /* The model's own domain, whose normalisation x and poses have; NULL: the
     * data's. */
    const zoo_domain *domain;
} zoo_predictor;

/* A metric as a table has it. */
typedef struct zoo_column {
    char key[ZOO_NAME_SIZE];   /* of the model's numbers in eval --json: "error", "top1" */
    const char *still_key;     /* of zero velocity's; NULL: that has none */
    char label[ZOO_NAME_SIZE]; /* in tables for people */
    const char *unit;          /* "rad", "mm"; "%": shares of 1, shown by the hundred */
    int digits;                /* behind the point in tables for people */
    bool spread;               /* standard deviations belong to it */
    bool limited;              /* by zoo_measure.pck_limit */
    bool aside;                /* in tables for people where it is asked for only */
} zoo_column;

/* A metric's numbers in a row, one for each horizon; a recognition has one, [0].
 *
 * Standard deviations are those across clips, by n - 1; of an average, each action weighing
 * the same: the root of the mean variance within actions plus the variance of their means.
 * NaN where there is but one clip. */
typedef struct zoo_result {
    double model[ZOO_MAX_HORIZONS], still[ZOO_MAX_HORIZONS]; /* still: zero velocity */
    double model_std[ZOO_MAX_HORIZONS], still_std[ZOO_MAX_HORIZONS];
} zoo_result;

typedef struct zoo_row {
    char action[ZOO_NAME_SIZE]; /* or "average" */
    bool average;
    bool untrained; /* no training data: not in the average */
    size_t actions; /* an average's number of actions, else 1 */
    size_t clips;
    size_t class_index; /* the action's; SIZE_MAX of an average */
    /* Recognition: the share of all clips that were recognised.  Of an average the result of
     * "top1" is the mean class accuracy and this the overall accuracy. */
    double accuracy;
    zoo_result result[ZOO_MAX_METRICS]; /* in the order of the table's metrics */
} zoo_row;

typedef struct zoo_table {
    const zoo_protocol *protocol;
    zoo_measure measure; /* with its defaults filled in */
    bool predicted;      /* a model has run: results have its numbers */
    size_t metrics;
    zoo_column metric[ZOO_MAX_METRICS]; /* the first is the protocol's own */
    size_t horizons;                    /* of predictions; 1 of a recognition */
    size_t frame[ZOO_MAX_HORIZONS];     /* predicted frame, from 1 */
    double ms[ZOO_MAX_HORIZONS];        /* as the literature labels it (25 Hz) */
    double true_ms[ZOO_MAX_HORIZONS];
    size_t rows;
    zoo_row *row;    /* an average, where there is one, comes last */
    size_t left_out; /* test sequences of all actions that are too short for a clip */
    /* Recognition: clips of each action (rows) by the answer (columns), zoo_answer;
     * NULL of predictions. */
    size_t actions;
    size_t *confusion; /* [actions, actions] */
} zoo_table;

/* Measures; NULL for `measure` is all zeros.  GOP_EINVAL for a protocol that is not in the
 * list, data or a model that it is not for, a limit below 0 and an unknown scale.  GOP_EFORMAT
 * when there is no test sequence long enough; an action whose test sequences are all too short
 * has no row. */
GOP_API gop_status zoo_evaluate(zoo_table **table, const zoo_protocol *protocol,
                                const zoo_dataset *data, const zoo_predictor *model,
                                const zoo_measure *measure, gop_error *err);
GOP_API void zoo_table_free(zoo_table *table);
/* The numbers in a row of the metric with this key, or NULL. */
GOP_API const zoo_result *zoo_table_result(const zoo_table *table, size_t row, const char *key);

#ifdef __cplusplus
}
#endif
#endif
