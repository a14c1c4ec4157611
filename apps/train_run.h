/*
 * train_run.h: a run of `graphop train`: how it starts and what is said of it.
 */
#ifndef APPS_TRAIN_RUN_H
#define APPS_TRAIN_RUN_H

#include "train_log.h"
#include "train_options.h"
#include "zoo/zoo.h"

/* A run and what it stands on. */
typedef struct train_run {
    train_settings set;
    app_operands operands;
    gop_ctx *ctx;
    zoo_dataset *data;
    zoo_model *model;
    zoo_model *from; /* what a new run begins with, NULL for nothing */
    zoo_trainer *trainer;
    zoo_training training;
    char *log_path;  /* where no option gives it */
    char *best_path; /* of the model that did best on what is held out; NULL for nothing */
    trainlog log;
} train_run;

/* The trainer of a new run, or of the one in the output file, whose settings may be given
 * again but not changed.  Return an exit status. */
int train_start_new(train_run *run, const zoo_model_type *type);
int train_start_resumed(train_run *run, const zoo_model_type *type);

/* Training sequences that are held out. */
size_t train_held_out(const train_run *run, const zoo_training *t);
/* Windows of an epoch: the training sequences that hold one and are not held out. */
size_t train_epoch(const train_run *run, const zoo_training *t);

/* Before and after the run, which took so long from step `first` on. */
void train_print_start(const train_run *run);
void train_print_end(const train_run *run, double seconds, uint64_t first, bool stopped);
void train_print_best(const train_run *run);
void train_print_profile(const train_run *run, double seconds, uint64_t first);

#endif
