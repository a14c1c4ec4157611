/*
 * train_run.h: the runs of `graphop train`: their start, their steps and their reports.
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
    gop_ctx *ctx; /* several runs share it, and the data */
    zoo_dataset *data;
    zoo_model *model;
    zoo_model *from; /* the model of --init-from, or NULL */
    zoo_trainer *trainer;
    zoo_training training;
    train_plan plan;
    lengths lengths;   /* of the training sequences */
    bool passes_over;  /* a run that is finished stays as it is */
    char *output_path; /* with a seed's number; NULL without --seeds */
    char *log_path;    /* the default name or one with a number; NULL with --log alone */
    char *best_path; /* file of the best model on the held-out sequences; NULL without --validate */
    /* Why the last save of the model or its log, and of the best model, failed; empty: it did not. */
    char unsaved[GOP_MESSAGE_SIZE], best_unsaved[GOP_MESSAGE_SIZE];
    zoo_validation last; /* the last measurement; step 0: none */
    trainlog log;
} train_run;

/* Name the log and the best model beside the model, unless they have names, and check these outputs.
 * Return an exit status. */
int train_place_log(train_run *run);
int train_place_best(train_run *run);
/* Starts, takes the steps of and reports a run whose settings, names, context and data are there.
 * Returns an exit status. */
int train_once(train_run *run, const zoo_model_type *type);
/* Trains with each seed of --seeds by the settings of `base`, and prints and logs the figures of
 * all runs. */
int train_seeds(const train_run *base, const zoo_model_type *type);
/* Frees what train_start made, and all names. */
void train_end(train_run *run);
void train_free_names(train_run *run);

/* One of the next two, by --resume. */
int train_start(train_run *run, const zoo_model_type *type);
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
