/*
 * trainer.h: training any model of the zoo on a data set, step by step, with
 * everything needed to go on later in one file.
 * May use zoo/model.h, zoo/dataset and, to measure what is held out, zoo/inference.h.
 */
#ifndef ZOO_TRAINER_TRAINER_H
#define ZOO_TRAINER_TRAINER_H

#include "zoo/dataset/dataset.h"
#include "zoo/model.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum zoo_schedule { ZOO_CONSTANT, ZOO_STEP, ZOO_COSINE } zoo_schedule;
typedef enum zoo_optimiser { ZOO_ADAM, ZOO_SGD } zoo_optimiser;

#define ZOO_FREEZE_SIZE 512

/* Made by zoo_training_default, of which the table below knows every field by name. */
typedef struct zoo_training {
    uint64_t steps; /* the run's length; the cosine ends there.  ZOO_OPEN: not known yet */
    uint32_t batch;
    uint64_t seed; /* of sampling, dropout and initial parameters */
    zoo_optimiser optimiser;
    double lr, weight_decay, momentum;
    zoo_schedule schedule;
    uint64_t warmup;                    /* steps of linear rise */
    uint64_t decay_every;               /* STEP: steps between decays */
    double decay;                       /* STEP: factor of a decay */
    double floor;                       /* COSINE: last rate as a share of lr */
    double clip;                        /* longest gradient, 0 for any */
    zoo_mixed lambda;                   /* a fixed one, or a gop_mgda_mode */
    double noisy_labels, noisy_targets; /* see zoo_windows */
    /* Frames of the clips that windows begin; a longer window is drawn as it is.  0: the
     * window's own. */
    uint64_t clip_frames;
    char freeze[ZOO_FREEZE_SIZE]; /* names under which nothing moves, with commas between */
    uint64_t init;                /* zoo_model_fingerprint of what it began with; 0: nothing */
    double validate;              /* share of the training sequences held out (zoo_windows) */
    uint64_t validate_every;      /* steps, for the caller's loop; not 0 where there is a share */
} zoo_training;

/* The table of these settings, and recipes over their defaults (the last has a NULL name). */
GOP_API const zoo_setting *zoo_training_settings(void);
GOP_API const zoo_preset *zoo_training_recipes(void);
/* All at their defaults: Adam, 1e-3 falling along a cosine after 50 steps of warm-up, batch 32,
 * gradients clipped to 0.5, lambda as the project ships it. */
GOP_API zoo_training zoo_training_default(void);
/* Turns settings in epochs of `sequences` windows each into steps. */
GOP_API void zoo_training_count_epochs(zoo_training *training, size_t sequences);
/* Steps in which `epochs` epochs of batches have drawn their windows, rounded up: an epoch
 * is as many windows as there are training sequences that hold one.  0 where a number is 0,
 * UINT64_MAX where the result would be larger. */
GOP_API uint64_t zoo_epoch_steps(uint64_t epochs, uint64_t sequences, uint32_t batch);

typedef struct zoo_trainer zoo_trainer;

/* What one step did. */
typedef struct zoo_progress {
    uint64_t step;                            /* done so far, this one included */
    double loss_recognition, loss_prediction; /* NaN where there is no such head */
    double lambda, lr, gradient_norm;
} zoo_progress;

/* A new run of `model` (not recorded yet) on the training split of `data`; both
 * and the context must outlive it.  GOP_ESHAPE when model and data do not fit.
 *
 * `freeze` holds names of parameters, or their beginnings up to a point ("branch.0",
 * "cls"): these keep their bytes, weight decay or not; their gradients count neither in
 * the length that is clipped nor in exact lambda.  Statistics under these names stay too,
 * and the batch norms that have them normalise by them, so that what is frozen computes
 * in training what it will outside of it, but for dropout.
 * GOP_EINVAL when a name holds no parameter or nothing is left to train. */
GOP_API gop_status zoo_trainer_new(zoo_trainer **trainer, gop_ctx *ctx, zoo_model *model,
                                   const zoo_dataset *data, const zoo_training *training,
                                   gop_error *err);
/* The run that zoo_trainer_save wrote to `path`, with its model, which is the
 * caller's.  GOP_EFORMAT when the file holds no training state or `data` is not
 * the data it was trained on.  `training` gets the run's settings. */
GOP_API gop_status zoo_trainer_resume(zoo_trainer **trainer, zoo_model **model, gop_ctx *ctx,
                                      const char *path, const zoo_dataset *data,
                                      zoo_training *training, gop_error *err);
GOP_API void zoo_trainer_free(zoo_trainer *trainer);
/* Before the first step: gives the run's model all that zoo_model_match finds in `from`,
 * and leaves the rest, such as the ends of networks for other classes, as the seed made
 * it; *taken counts the tensors.  GOP_ESTATE after a step; GOP_EINVAL for a model of another
 * type or one of which nothing can be taken; GOP_ESHAPE for another layout. */
GOP_API gop_status zoo_trainer_init_from(zoo_trainer *trainer, const zoo_model *from, size_t *taken,
                                         gop_error *err);

/* The matrix kernel a resumed run was last saved with (see gop_ctx_kernel): with
 * another one, the run does not go on to the bytes it would have had.  Empty in
 * a new run. */
GOP_API const char *zoo_trainer_kernel(const zoo_trainer *trainer);
GOP_API uint64_t zoo_trainer_steps(const zoo_trainer *trainer);
/* Fixes the run's length later than at its start, while still in warm-up (where
 * the rate does not depend on it). */
GOP_API void zoo_trainer_set_length(zoo_trainer *trainer, uint64_t steps);
/* One step.  On a NaN or an infinity: GOP_ENUMERIC naming step, operator and
 * value; the trainer must not be saved after it. */
GOP_API gop_status zoo_trainer_step(zoo_trainer *trainer, zoo_progress *progress, gop_error *err);
/* How the model does on what is held out. */
typedef struct zoo_validation {
    uint64_t step;                            /* steps done; 0: not measured yet */
    double loss_recognition, loss_prediction; /* NaN where there is no such head */
    double top1;                              /* share of the windows recognised; NaN likewise */
    /* lambda times the first and 1 - lambda times the second, a half each where lambda is
     * found at every step, or the one that there is. */
    double loss;
} zoo_validation;

/* Cross-entropy (11) and mean absolute difference of normalised poses (12) on windows of the
 * sequences held out: at least 256 in whole batches, the same in every call and every run
 * with this seed.  The model answers as outside of training, and the run goes on as if nobody
 * had asked.  *best tells whether no earlier call had so small a loss; saved and resumed
 * with the run.  Errors: GOP_ESTATE where nothing is held out; GOP_ENUMERIC. */
GOP_API gop_status zoo_trainer_validate(zoo_trainer *trainer, zoo_validation *validation,
                                        bool *best, gop_error *err);
/* The best so far; of step 0 where there is none. */
GOP_API zoo_validation zoo_trainer_best(const zoo_trainer *trainer);
/* Writes model and state; the previous file survives until that is complete.  GOP_ENUMERIC
 * where a parameter or the optimiser's state is not finite, which no file may hold. */
GOP_API gop_status zoo_trainer_save(const zoo_trainer *trainer, const char *path, gop_error *err);
GOP_API gop_net_cost zoo_trainer_stats(const zoo_trainer *trainer);
/* The net that a step runs, for its profile. */
GOP_API gop_net *zoo_trainer_net(zoo_trainer *trainer);

/* The training state of a model file, for people; empty when there is none. */
typedef struct zoo_provenance {
    bool trained;
    uint64_t steps; /* done, of training.steps */
    char data[256];
    zoo_training training;
    zoo_validation best;
} zoo_provenance;
GOP_API gop_status zoo_provenance_load(zoo_provenance *provenance, const char *path,
                                       gop_error *err);

#ifdef __cplusplus
}
#endif
#endif
