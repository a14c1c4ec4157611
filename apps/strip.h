/*
 * strip.h: draws a row of observed, true and predicted poses as SVG.  Depends on layouts, not on
 * models.
 */
#ifndef APPS_STRIP_H
#define APPS_STRIP_H

#include "zoo/zoo.h"

typedef struct strip {
    const zoo_layout *layout;   /* of any feature but ZOO_EXPMAP */
    double rate;                /* of the frames below, Hz */
    size_t observed, predicted; /* predicted may be 0 */
    const float *past;          /* [observed, columns] */
    const float *future;        /* [predicted, columns] */
    const float *truth;         /* [predicted, columns], or NULL */
    const float *deviation;     /* of the predicted values, [predicted, columns], or NULL */
    const char *title;
    const char *caption;
} strip;

/* Draws the last observed poses grey, the true ones green, and the predicted ones orange and
 * dashed, each labelled with its time.  With deviations, an ellipse around each predicted joint has
 * one standard deviation as its half axes.  On failure the file at `path` is unchanged. */
gop_status strip_write(const char *path, const strip *s, gop_error *err);

#endif
