/*
 * internal.h: the inside of a zoo_trainer, shared by trainer.c and state.c only.
 */
#ifndef ZOO_TRAINER_INTERNAL_H
#define ZOO_TRAINER_INTERNAL_H

#include "zoo/trainer/trainer.h"

struct zoo_trainer {
    gop_ctx *ctx;
    zoo_model *model;       /* the caller's */
    const zoo_dataset *data;
    zoo_training training;
    zoo_sampler *sampler;
    gop_net *net;
    zoo_ports ports;
    gop_optimiser *optimiser;
    gop_mgda_work *mgda;    /* NULL where the model has one head */
    gop_real *grads;
    uint64_t step;          /* steps done */
    uint64_t data_hash;
    char kernel[128];       /* that the run was last saved with; empty in a new run */
};

/* Everything but the first step: net, sampler, optimiser.  *t is freed on failure. */
gop_status zoo_trainer_build(zoo_trainer **t, gop_ctx *ctx, zoo_model *model,
                             const zoo_dataset *data, const zoo_training *training,
                             gop_error *err);

#endif
