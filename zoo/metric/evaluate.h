/*
 * evaluate.h: measures a model by a protocol, action by action.
 * May use zoo/metric/protocol.h and metric.h.
 */
#ifndef ZOO_METRIC_EVALUATE_H
#define ZOO_METRIC_EVALUATE_H

#include "zoo/metric/metric.h"
#include "zoo/metric/protocol.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ZOO_MAX_HORIZONS 16
#define ZOO_MAX_METRICS  8

/* A model.  `run` gets `batch` clips x [batch B, M, observed, D], normalised, for the view's B
 * bodies with weights bodies [batch, B]; copies fill up the last batch.  It writes scores
 * [batch, classes] (NULL if nobody asks for them; probabilities; for all metrics but calibration any increasing function of them)
 * and poses [batch B, M, predicted, D],
 * normalised.  Of the poses those of each clip's first body are measured.  With `run` NULL only the
 * errors of zero and constant velocity are measured. */
typedef struct zoo_predictor {
    gop_status (*run)(void *user, const gop_real *x, const gop_real *bodies, gop_real *scores,
                      gop_real *poses, gop_error *err);
    void *user;
    zoo_view view; /* all zeros: zoo_view_default */
    size_t batch;
    size_t observed;  /* 50 in the published protocols */
    size_t predicted; /* 10 or 25, more with feedback.h; 0: run does not write poses */
    bool recognises;  /* run writes scores */
    /* Frames of a training window: an action without a training sequence of that many is untrained.
     * 0: without any training sequence. */
    size_t window;
    /* The domain whose normalisation x and poses have: the model's; NULL: the data's. */
    const zoo_domain *domain;
    const gop_stop *stop; /* can end zoo_evaluate between two clips; NULL: nothing does */
    /* Takes the classes [batch] of the clips of further runs, numbers of `domain`; another number
     * stands for an unknown class.  NULL: the class is no input of the model. */
    gop_status (*classes)(void *user, const gop_real *classes, gop_error *err);
} zoo_predictor;

/* A column of a table: one metric. */
typedef struct zoo_column {
    char key[ZOO_NAME_SIZE];   /* key of the model's numbers in eval --json: "error", "top1" */
    const char *still_key;     /* key of zero velocity's; NULL: it has none */
    const char *steady_key;    /* likewise of constant velocity's */
    char label[ZOO_NAME_SIZE]; /* in tables for people */
    const char *unit;          /* "rad", "mm"; "%": a share of 1, shown as per cent */
    int digits;                /* after the decimal point in tables for people */
    bool spread;               /* it has standard deviations */
    bool limited;              /* it depends on zoo_measure.pck_limit */
    bool aside;                /* in tables for people only on request */
    bool pooled;               /* of all clips of an average together; rows of actions have NaN */
} zoo_column;

/* A metric's numbers in a row, one for each horizon; recognition has only [0].
 *
 * Standard deviations are across clips and divide by n - 1.  In an average each action has the same
 * weight: the root of the mean variance within actions plus the variance of their means.  NaN for a
 * single clip. */
typedef struct zoo_result {
    double model[ZOO_MAX_HORIZONS];
    double still[ZOO_MAX_HORIZONS];  /* of zero velocity */
    double steady[ZOO_MAX_HORIZONS]; /* of constant velocity */
    double model_std[ZOO_MAX_HORIZONS], still_std[ZOO_MAX_HORIZONS], steady_std[ZOO_MAX_HORIZONS];
} zoo_result;

/* Why an action is not in the average. */
typedef enum zoo_mark {
    ZOO_UNTRAINED = 1,  /* no training window */
    ZOO_OTHER_FILES = 2 /* not exactly the protocol's test files, so its clips are others */
} zoo_mark;

typedef struct zoo_row {
    char action[ZOO_NAME_SIZE]; /* or "average" */
    bool average;
    unsigned marks; /* a sum of zoo_mark; 0: it is in the average */
    /* The first of the protocol's test files that is missing or too short for a clip, or empty. */
    char lacks[ZOO_SEQUENCE_NAME_SIZE];
    size_t actions; /* number of actions averaged, else 1 */
    size_t clips;
    size_t class_index; /* the action's; SIZE_MAX in an average */
    /* Recognition: the share of all clips that were recognised.  In an average the result of "top1"
     * is the mean class accuracy, and this field the overall accuracy. */
    double accuracy;
    zoo_calibration calibration;        /* recognition: of its clips' answers */
    zoo_result result[ZOO_MAX_METRICS]; /* in the order of the table's metrics */
} zoo_row;

typedef struct zoo_table {
    const zoo_protocol *protocol;
    zoo_measure measure; /* with its defaults filled in */
    bool predicted;      /* a model was run: results include its numbers */
    size_t metrics;
    zoo_column metric[ZOO_MAX_METRICS]; /* the first is the protocol's own */
    size_t horizons;                    /* of prediction; 1 in recognition */
    size_t frame[ZOO_MAX_HORIZONS];     /* predicted frame, from 1 */
    /* Labels: those of the literature (25 Hz) if `files` is set, else true_ms. */
    double ms[ZOO_MAX_HORIZONS];
    double true_ms[ZOO_MAX_HORIZONS];
    size_t rows;
    zoo_row *row;    /* an average, if any, comes last */
    size_t left_out; /* test sequences too short for a clip, over all actions */
    size_t training; /* training sequences of the data; without any, no row is untrained */
    bool saved;      /* of saved scores (zoo_scores_fuse): nothing is known about the data */
    size_t window;   /* the model's */
    const zoo_test_files *files; /* the protocol's for this data set; NULL: any */
    /* By action: test sequences, and those too short for a clip, also of actions without a row. */
    size_t *tested, *left_out_of; /* [actions] */
    size_t *trained;              /* [actions]: training sequences of at least `window` frames */
    /* Recognition: number of clips by action (rows) and answer (columns, zoo_answer); NULL for
     * prediction. */
    size_t actions;
    size_t *confusion; /* [actions, actions] */
} zoo_table;

/* Checks that a model can be measured on data: zoo_domain_fits for a model that gives or takes
 * classes, zoo_domain_observes for others; without a domain, it has that of the data.  GOP_EINVAL
 * for NULL. */
GOP_API gop_status zoo_predictor_fits(const zoo_predictor *model, const zoo_domain *data,
                                      gop_error *err);
/* Measures a model.  `measure` NULL stands for all zeros.  An action whose test sequences are all
 * too short has no row.
 * Errors: GOP_EINVAL for a protocol that is not in the list, for data or a model that it does not
 * suit, for a limit below 0 and for an unknown scale; GOP_EFORMAT if no test sequence is long
 * enough; GOP_ESTOPPED. */
GOP_API gop_status zoo_evaluate(zoo_table **table, const zoo_protocol *protocol,
                                const zoo_dataset *data, const zoo_predictor *model,
                                const zoo_measure *measure, gop_error *err);
GOP_API void zoo_table_free(zoo_table *table);
/* A row's numbers for the metric with this key, or NULL. */
GOP_API const zoo_result *zoo_table_result(const zoo_table *table, size_t row, const char *key);

#ifdef __cplusplus
}
#endif
#endif
