/*
 * train_run.h: a run of `graphop train`: its start and its reports.
 */
#ifndef APPS_TRAIN_RUN_H
#define APPS_TRAIN_RUN_H

#include "lengths.h"
#include "train_log.h"
#include "train_options.h"
#include "zoo/zoo.h"

/* A run and everything that it uses. */
typedef struct train_run {
    train_settings set;
    app_operands operands;
    gop_ctx *ctx;
    zoo_dataset *data;
    zoo_model *model;
    zoo_model *from; /* the model of --init-from, or NULL */
    zoo_trainer *trainer;
    zoo_training training;
    train_plan plan;
    lengths lengths; /* of the training sequences */
    char *log_path;  /* the default name; NULL with --log */
    char *best_path; /* file of the best model on the held-out sequences; NULL without --validate */
    /* Why the last save of the model or its log, and of the best model, failed; empty: it did not. */
    char unsaved[GOP_MESSAGE_SIZE], best_unsaved[GOP_MESSAGE_SIZE];
    trainlog log;
} train_run;

/* Make the trainer of a new run, or of the run in the output file, whose settings may be given
 * again but not changed.  Return an exit status. */
int train_start_new(train_run *run, const zoo_model_type *type);
int train_start_resumed(train_run *run, const zoo_model_type *type);

/* Print before and after a run, which took `seconds` from step `first` on. */
void train_print_start(const train_run *run);
void train_print_end(const train_run *run, double seconds, uint64_t first, bool stopped);
void train_print_best(const train_run *run);
void train_print_profile(const train_run *run, double seconds, uint64_t first);

#endif
