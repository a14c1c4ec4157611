/*
 * internal.h: the inside of a zoo_trainer, shared by the files of this folder. zoo/convert shares
 * the state of a run in a file.
 */
#ifndef ZOO_TRAINER_INTERNAL_H
#define ZOO_TRAINER_INTERNAL_H

#include "zoo/dataset/sampler.h"
#include "zoo/inference.h"
#include "zoo/trainer/trainer.h"

/* The state of a run in a file, without its model and its optimiser. */
typedef struct zoo_run {
    char software[64], kernel[128], data[256];
    uint64_t data_hash, step;
    zoo_training training;
    zoo_validation best; /* step 0: nothing measured yet */
    zoo_sampler_place sampler;
} zoo_run;

struct zoo_trainer {
    gop_ctx *ctx;
    zoo_model *model; /* the caller's */
    const zoo_dataset *data;
    zoo_training training;
    zoo_sampler *sampler;
    gop_net *net;
    zoo_ports ports;
    gop_optimiser *optimiser;
    gop_mgda *mgda; /* NULL for a model with one head */
    gop_ema *ema;   /* NULL without an average */
    gop_real *grads;
    gop_real *part;  /* the gradient of one of several batches; NULL if a step has one */
    gop_real *stats; /* the model's statistics before the step */
    size_t n_stats;
    struct zoo_held_out *held_out; /* NULL if nothing is held out */
    zoo_validation best;
    uint64_t step; /* steps done */
    uint64_t thaw; /* when the next parameters thaw; UINT64_MAX: never */
    uint64_t data_hash;
    char kernel[128]; /* used by the run when last saved; empty in a new run */
};

/* Takes the next of the decays in a text; a number of epochs has ZOO_EPOCHS.  False at the end, and
 * for any other text, where *at stays. */
bool zoo_next_decay(uint64_t *step, const char **at);
/* Checks that all settings are in range and counted in steps. */
gop_status zoo_training_check(const zoo_training *t, gop_error *err);
/* Whether a model can have these results: losses and a share in range, NaN for a missing head. */
bool zoo_trainer_can_be_best(const zoo_validation *best, const zoo_model *model);
/* The fingerprint of a data set, so that a run is not resumed on other data: frames, labels and
 * splits; without `subjects`, as in runs that did not hold theirs. */
gop_status zoo_data_hash(uint64_t *hash, const zoo_dataset *data, bool subjects,
                         const gop_stop *stop, gop_error *err);
/* That in runs of models of version 3 and before. */
gop_status zoo_former_hash(uint64_t *hash, const zoo_dataset *data, gop_error *err);
/* A new optimiser as the settings describe it. */
gop_status zoo_run_optimiser(gop_optimiser **optimiser, gop_ctx *ctx, const zoo_model *model,
                             const zoo_training *training, gop_error *err);
/* Writes a file of a model and its run.  With an average (`ema`, else NULL), the model has the
 * average and `ema` the parameters themselves. */
gop_status zoo_run_save(const char *path, const zoo_model *model, const zoo_run *run,
                        const gop_optimiser *optimiser, const gop_ema *ema, gop_error *err);

/* Reads a run up to its optimiser, which the average follows if training.average is set.  False if the file has only a model; the reader keeps errors. */
bool zoo_run_read(gop_reader *r, const zoo_model *model, zoo_run *run);

/* Builds everything before the first step: net, sampler, optimiser.  *t is freed on failure. */
gop_status zoo_trainer_build(zoo_trainer **t, gop_ctx *ctx, zoo_model *model,
                             const zoo_dataset *data, const zoo_training *training, gop_error *err);

/* Fixes the statistics under the names in training.freeze that never thaw.  Call it before the model is
 * recorded. */
void zoo_trainer_fix_stats(zoo_trainer *t);
/* The next part of training.freeze: a name and the step at which it thaws.  *until is UINT64_MAX
 * for a name alone, a number of epochs has ZOO_EPOCHS, and 0 is none.  Returns the rest, or NULL
 * after the last part. */
const char *zoo_next_frozen(char name[ZOO_FREEZE_SIZE], uint64_t *until, const char *list);
/* Freezes, in the optimiser, the parameters that training.freeze names for the present step, and
 * no others. */
gop_status zoo_trainer_freeze(zoo_trainer *t, gop_error *err);
/* Whether `name` selects a trained parameter: else an error, "no parameter to `what` has ...". */
gop_status zoo_trainer_selects(const zoo_trainer *t, const char *what, const char *name,
                               gop_error *err);
/* Starts the average of training.average, if any, with the present parameters. */
gop_status zoo_trainer_start_average(zoo_trainer *t, gop_error *err);
/* Sets the factors of training.factor in the optimiser. */
gop_status zoo_trainer_factors(zoo_trainer *t, gop_error *err);

/* Lets a new model learn the options that follow from the training windows. */
gop_status zoo_trainer_learn(zoo_model *model, const zoo_dataset *data, const zoo_windows *windows,
                             gop_error *err);
/* Sets up the measurement of the held-out sequences. */
gop_status zoo_trainer_hold_out(zoo_trainer *t, const zoo_windows *windows, gop_error *err);
/* The weighted sum of a validation's losses; a NaN marks a missing head. */
double zoo_trainer_weighed(const zoo_training *training, double recognition, double prediction);
void zoo_trainer_held_out_free(struct zoo_held_out *held_out);

#endif
