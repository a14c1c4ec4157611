/*
 * bench_run.h: the subject of `graphop bench`, a model with data for training or inference, and
 * the timing of its runs.  Shared by bench*.c.
 */
#ifndef APPS_BENCH_RUN_H
#define APPS_BENCH_RUN_H

#include "train_options.h"

enum { BENCH_TRAIN, BENCH_INFER, BENCH_STEP };

/* Options as given; UINT64_MAX, a negative value or NULL is unset. */
typedef struct bench_settings {
    train_settings run; /* the options shared with train */
    const char *layout;
    uint64_t nodes, classes, repeat, warm_up;
    int what;
    bool json, each, scaling;
} bench_settings;

extern const app_usage bench_usage;
extern const char *const bench_whats[]; /* "train", "infer", "step" */

/* Sizes that override the settings; 0 is unset. */
typedef struct bench_sizes {
    size_t batch, frames, nodes;
    double width; /* factor */
} bench_sizes;

typedef struct bench_subject {
    gop_ctx *ctx;
    zoo_domain domain;
    zoo_dataset *data;
    zoo_model *model;
    zoo_training training;    /* batch also for inference */
    zoo_trainer *trainer;     /* NULL for inference */
    zoo_inference *inference; /* also beside steps */
    gop_stepper *stepper;     /* NULL but for steps */
    bool windows;             /* runs are inferences, although there is a stepper */
    gop_net *net;
    gop_real *x, *bodies, *scores, *poses, *frame;
} bench_subject;

/* Makes a network of the given sizes; `name` is a model of the zoo or, for inference, a file.
 * Returns an exit status.  The caller calls bench_close even after a failure. */
int bench_open(bench_subject *s, const bench_settings *set, const char *name,
               const bench_sizes *sizes);
void bench_close(bench_subject *s);
/* Runs one complete training step or inference, or the steps of as many frames as a window has. */
gop_status bench_once(bench_subject *s, gop_error *err);

/* Times of runs in seconds. */
typedef struct bench_times {
    size_t count;
    double first;         /* the first warm-up run; NaN without one */
    double p50, p90, p99; /* percentiles; p50 is the median */
    double min, max, mean;
    double processor; /* of all threads, the median */
} bench_times;

/* Times `repeat` runs after `warm_up` untimed ones.  UINT64_MAX stands for as many as fit in
 * `seconds`, from 5 to 1000. */
gop_status bench_measure(bench_times *times, bench_subject *s, uint64_t warm_up, uint64_t repeat,
                         double seconds, gop_error *err);

#define BENCH_WARM_UP 3

/* Measures how the cost grows with batch, frames, nodes and width.  Returns an exit status. */
int bench_scaling(const bench_settings *set, const char *name);

/* Measures all cases of the named operators, or one case of every operator.  Returns an exit
 * status. */
int bench_ops(const bench_settings *set, char **names, size_t n_names);

#endif
