/*
 * predict_runner.h: what graphop predict runs: a model, a model that goes on from its own
 * predictions, or several predictions of one motion.
 */
#ifndef APPS_PREDICT_RUNNER_H
#define APPS_PREDICT_RUNNER_H

#include "zoo/zoo.h"

/* How a model is run. */
typedef struct predict_way {
    int threads;
    bool features;
    size_t frames;  /* to predict; 0: those that the model predicts at once */
    size_t samples; /* predictions; 0: one, that of the model */
    bool draws;     /* dropout draws; else, with `samples`, each member of an ensemble runs once */
    uint64_t seed;  /* of dropout */
} predict_way;

typedef struct predict_runner {
    predict_way way;
    gop_ctx *ctx;
    zoo_inference *inference[ZOO_FUSE_MAX]; /* of the model, or with samples of each member */
    zoo_feedback *longer[ZOO_FUSE_MAX];     /* one for each, or NULL */
    size_t n;
} predict_runner;

/* Prepares a model, which must outlive the runner.  On failure the runner is empty. */
gop_status predict_runner_open(predict_runner *r, const zoo_model *model, const predict_way *way,
                               gop_error *err);
/* Answers one window, as zoo_inference_run does, or with samples as zoo_sample does: a window has the
 * same draws whatever came before it. */
gop_status predict_runner_run(predict_runner *r, const gop_real *x, const gop_real *bodies,
                              gop_real *scores, gop_real *poses, gop_real *deviation,
                              gop_error *err);
void predict_runner_clear(predict_runner *r);

#endif
