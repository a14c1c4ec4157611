/*
 * metrics.h: the metrics that evaluate.c computes for each clip.  Private to zoo/metric.
 */
#ifndef ZOO_METRIC_METRICS_H
#define ZOO_METRIC_METRICS_H

#include "zoo/metric/evaluate.h"

/* What a metric compares.  A protocol's `count` determines which of them is available. */
typedef enum zoo_needs {
    ZOO_NEEDS_SCORES, /* class scores with the clip's action */
    ZOO_NEEDS_PLACES, /* places of joints in one frame */
    ZOO_NEEDS_ANGLES  /* Euler angles of one frame */
} zoo_needs;

/* One clip's scores, or one of its predicted frames, and the truth. */
typedef struct zoo_comparison {
    const zoo_measure *measure; /* with its defaults filled in */
    const zoo_domain *domain;   /* of the model's normalisation */
    /* ZOO_NEEDS_SCORES */
    const gop_real *score; /* [classes] */
    size_t classes, label;
    /* ZOO_NEEDS_PLACES: [joints, 3] in a unit that fits `metre` times into a metre */
    const double *place, *true_place;
    size_t joints;
    double metre;
    bool nodes;   /* joints are the layout's nodes */
    double *work; /* scratch [2, joints, 3] */
    /* ZOO_NEEDS_ANGLES: [columns], radians; columns with `counted` 1 count */
    const double *angle, *true_angle;
    const uint8_t *counted;
    size_t columns;
} zoo_comparison;

typedef struct zoo_metric {
    zoo_column column;
    zoo_needs needs;
    /* Of a clip; rows have the mean.  NULL for a metric of all clips together. */
    double (*compute)(const zoo_comparison *c);
    /* Adapts the column to the request; false: do not measure it.  NULL: always measure it. */
    bool (*fit)(zoo_column *column, const zoo_measure *asked);
    /* Of the counts of all clips of an average, for a column with `pooled`. */
    double (*pool)(const zoo_calibration *c);
} zoo_metric;

/* All metrics, ends with a column without a unit. */
const zoo_metric *zoo_metric_list(void);

#endif
