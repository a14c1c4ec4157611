/*
 * bench_run.h: what `graphop bench` measures, a model with data for training or
 * inference, and timing its runs.  Shared by bench*.c.
 */
#ifndef APPS_BENCH_RUN_H
#define APPS_BENCH_RUN_H

#include "train_options.h"

enum { BENCH_TRAIN, BENCH_INFER };

/* As given; what was not given is UINT64_MAX, negative or NULL. */
typedef struct bench_settings {
    train_settings run; /* those options that train has too */
    const char *layout;
    uint64_t nodes, classes, repeat, warm_up;
    int what;
    bool json, each, scaling;
} bench_settings;

extern const app_usage bench_usage;
extern const char *const bench_whats[]; /* "train", "infer" */

/* Sizes that differ from what the settings say; 0 where they do not. */
typedef struct bench_sizes {
    size_t batch, frames, nodes;
    double width; /* factor */
} bench_sizes;

typedef struct bench_subject {
    gop_ctx *ctx;
    zoo_domain domain;
    zoo_dataset *data;
    zoo_model *model;
    zoo_training training; /* batch also for inference */
    zoo_trainer *trainer;  /* one of the two */
    zoo_inference *inference;
    gop_net *net;
    gop_real *x, *scores, *poses;
} bench_subject;

/* A network on the given sizes; `name` is a model of the zoo or, for inference,
 * a file.  Returns an exit status; to be closed even after a failure. */
int bench_open(bench_subject *s, const bench_settings *set, const char *name,
               const bench_sizes *sizes);
void bench_close(bench_subject *s);
/* One training step or one inference, with all that belongs to it. */
gop_status bench_once(bench_subject *s, gop_error *err);

/* Seconds of runs. */
typedef struct bench_times {
    size_t count;
    double first;         /* the first warm-up run; NaN where there was none */
    double p50, p90, p99; /* the median; the smallest that so many are not above */
    double min, max, mean;
} bench_times;

/* `repeat` runs after `warm_up`; UINT64_MAX runs are as many as fit in `seconds`,
 * from 5 to 1000. */
gop_status bench_measure(bench_times *times, bench_subject *s, uint64_t warm_up, uint64_t repeat,
                         double seconds, gop_error *err);

#define BENCH_WARM_UP 3

/* How cost grows with batch, frames, nodes and width.  Returns an exit status. */
int bench_scaling(const bench_settings *set, const char *name);

/* Single operators: those named, with all their cases, or one case of each there is.
 * Returns an exit status. */
int bench_ops(const bench_settings *set, char **names, size_t n_names);

#endif
