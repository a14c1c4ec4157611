/*
 * window.h: runs a model on the last frames of bodies.  Private to zoo/stream.
 *
 * The frames are copied into a sequence of a set in memory, to which the model's transformations are
 * applied and of which a zoo_viewer shows the model its view: as zoo_read_one and `graphop predict`
 * do with a recording.
 */
#ifndef ZOO_STREAM_WINDOW_H
#define ZOO_STREAM_WINDOW_H

#include "zoo/dataset/dataset.h"
#include "zoo/dataset/transform/transform.h"
#include "zoo/dataset/view.h"
#include "zoo/inference.h"
#include "zoo/metric/feedback.h"
#include "zoo/stream/resample.h"
#include "zoo/stream/stream.h"

typedef struct zoo_window {
    const zoo_model *model;
    zoo_domain domain;        /* the model's, in which each frame is seen; owned */
    const zoo_layout *layout; /* of the frames that come */
    size_t frames, bodies;    /* of a window */
    size_t observed, predicted, classes, views;
    zoo_plan *plan;        /* NULL: no transformation */
    float *values, *spare; /* [bodies, frames, most columns] */
    zoo_dataset *set;      /* of one sequence: the window */
    zoo_viewer *viewer;
    zoo_inference *inference;
    zoo_feedback *longer; /* NULL: the model predicts by itself */
    double *time;         /* [observed] */
    gop_real *x, *weight; /* of one view */
    gop_real *one;        /* [classes], of one view */
    gop_real *scores;     /* [classes]; means over views */
    gop_real *normal;     /* [bodies, M, predicted, D] */
    float *poses;         /* [bodies, predicted, columns] */
} zoo_window;

/* Prepares the model.  The errors of zoo_stream_new. */
gop_status zoo_window_open(zoo_window *w, gop_ctx *ctx, const zoo_model *model,
                           const zoo_stream_options *options, gop_error *err);
void zoo_window_close(zoo_window *w);
/* Runs the model on the frames up to k of the grid of each body; NULL in `ring` and frames before a
 * ring's first are missing.  *blind is set, and nothing run, if a transformation cannot be applied to
 * the window.  The errors of zoo_inference_run. */
gop_status zoo_window_run(zoo_window *w, const zoo_ring *const *ring, uint64_t k, bool *blind,
                          gop_error *err);

#endif
