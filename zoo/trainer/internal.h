/*
 * internal.h: the inside of a zoo_trainer, shared by the files of this folder, and with
 * zoo/convert what a file holds of a run.
 */
#ifndef ZOO_TRAINER_INTERNAL_H
#define ZOO_TRAINER_INTERNAL_H

#include "zoo/dataset/sampler.h"
#include "zoo/inference.h"
#include "zoo/trainer/trainer.h"

/* What a file holds of a run, but for its model and its optimiser. */
typedef struct zoo_run {
    char software[64], kernel[128], data[256];
    uint64_t data_hash, step;
    zoo_training training;
    zoo_validation best; /* of step 0 where nothing was measured */
    gop_rng sampler;
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
    gop_mgda *mgda; /* NULL where the model has one head */
    gop_real *grads;
    struct zoo_held_out *held_out; /* NULL where nothing is held out */
    zoo_validation best;
    uint64_t step; /* steps done */
    uint64_t data_hash;
    char kernel[128]; /* that the run was last saved with; empty in a new run */
};

/* Whether all settings are in their ranges, and counted in steps. */
gop_status zoo_training_check(const zoo_training *t, gop_error *err);
/* Whether a model can have done so: losses and a share, NaN of a head that it has not. */
bool zoo_trainer_can_be_best(const zoo_validation *best, const zoo_model *model);
/* The optimiser that the settings ask for, without a step. */
gop_status zoo_run_optimiser(gop_optimiser **optimiser, gop_ctx *ctx, const zoo_model *model,
                             const zoo_training *training, gop_error *err);
/* A file of a model and its run. */
gop_status zoo_run_save(const char *path, const zoo_model *model, const zoo_run *run,
                        const gop_optimiser *optimiser, gop_error *err);

/* Everything but the first step: net, sampler, optimiser.  *t is freed on failure. */
gop_status zoo_trainer_build(zoo_trainer **t, gop_ctx *ctx, zoo_model *model,
                             const zoo_dataset *data, const zoo_training *training, gop_error *err);

/* Before the model is recorded: statistics under the names of training.freeze stay. */
void zoo_trainer_fix_stats(zoo_trainer *t);
/* Freezes what training.freeze names in the optimiser. */
gop_status zoo_trainer_freeze(zoo_trainer *t, gop_error *err);

/* What measures the sequences held out, and its end. */
gop_status zoo_trainer_hold_out(zoo_trainer *t, const zoo_windows *windows, gop_error *err);
/* What a validation's losses make together; NaN stands for a head that is not there. */
double zoo_trainer_weighed(const zoo_training *training, double recognition, double prediction);
void zoo_trainer_held_out_free(struct zoo_held_out *held_out);

#endif
