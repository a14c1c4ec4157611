/*
 * trainer.h: trains any model of the zoo on a data set, step by step.  One file holds all that a
 * run needs to continue later.
 * May use zoo/model.h, zoo/dataset and, for validation, zoo/inference.h.
 */
#ifndef ZOO_TRAINER_TRAINER_H
#define ZOO_TRAINER_TRAINER_H

#include "zoo/dataset/sampler.h"
#include "zoo/model.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum zoo_schedule { ZOO_CONSTANT, ZOO_STEP, ZOO_COSINE } zoo_schedule;
typedef enum zoo_optimiser { ZOO_ADAM, ZOO_SGD, ZOO_ADAMW } zoo_optimiser;

#define ZOO_FREEZE_SIZE  512
#define ZOO_FACTOR_SIZE  512
#define ZOO_AUGMENT_SIZE 512
#define ZOO_DECAYS_SIZE  128

/* Settings of a run, made by zoo_training_default.  The table below has a row for every field. */
typedef struct zoo_training {
    uint64_t steps; /* length of the run and of the cosine.  ZOO_OPEN: not known yet */
    uint32_t batch;
    uint64_t seed; /* of sampling, dropout and initial parameters */
    zoo_view view; /* what the model sees of a clip */
    zoo_optimiser optimiser;
    double lr, weight_decay, momentum;
    zoo_schedule schedule;
    uint64_t warmup;                    /* steps of linear rise */
    uint64_t decay_every;               /* STEP: steps between decays */
    char decay_at[ZOO_DECAYS_SIZE];     /* STEP: steps of decays instead: "30,40"; empty: none */
    double decay;                       /* STEP: factor of a decay */
    double floor;                       /* COSINE: last rate as a share of lr */
    double clip;                        /* maximum length of the gradient; 0: no limit */
    zoo_mixed lambda;                   /* a fixed number, or a gop_mgda_mode */
    uint32_t draw;                      /* a zoo_draws, not EACH */
    char augment[ZOO_AUGMENT_SIZE];     /* random changes of windows (zoo_windows) */
    double smoothing;                   /* of labels (gop_cross_entropy) */
    uint32_t class_weights;             /* 0: none; 1: the inverse of a class's sequences */
    double noisy_labels, noisy_targets; /* see zoo_windows */
    /* Frames of the clips whose beginnings are the windows; a longer window is its own clip.
     * 0: the window's length. */
    uint64_t clip_frames;
    /* Names whose parameters stay fixed, separated by commas; "NAME:100", for 100 steps. */
    char freeze[ZOO_FREEZE_SIZE];
    char recipe[ZOO_NAME_SIZE]; /* its name, for people */
    uint64_t init;              /* zoo_model_fingerprint of the initial model; 0: none */
    double validate;            /* share of the training sequences held out (zoo_windows) */
    uint64_t validate_every;    /* steps, for the caller's loop; not 0 if validate > 0 */
    uint32_t validate_by;       /* a zoo_hold */
    uint32_t patience;          /* measurements without a better one, for the caller's loop */
    uint32_t accumulate;        /* batches in each step; 0: one */
    double average;             /* decay of the average of the parameters (gop_ema); 0: none */
    /* Factors of rate and decay (gop_optimiser_factor): "NAME=RATE" or "NAME=RATE:DECAY", separated
     * by commas. */
    char factor[ZOO_FACTOR_SIZE];
} zoo_training;

/* The table of these settings. */
GOP_API const zoo_setting *zoo_training_settings(void);

/* A named way to train. */
typedef struct zoo_recipe {
    const char *name;
    const char *settings; /* of the run: "key=value key=value ..." */
    const char *options;  /* of the model, those that its type has: likewise */
    const char *text;
} zoo_recipe;
/* All recipes; the last has a NULL name.  "auto" stands for the one that zoo_recipe_choose finds. */
GOP_API const zoo_recipe *zoo_recipes(void);
/* What suits a model and the training sequences of a data set. */
typedef struct zoo_choice {
    zoo_recipe recipe;
    const char *preset; /* unless the user names one; NULL, or one that the type lacks: its first */
    uint32_t bodies;    /* 0: as the recipe's settings say */
    bool
        no_poses; /* sequences are too short for predicted poses: the model should only recognise */
} zoo_choice;
/* Models that recognise and predict poses get "plain".  GOP_EINVAL for NULL; GOP_ENOMEM. */
GOP_API gop_status zoo_recipe_choose(zoo_choice *choice, const zoo_dataset *data,
                                     const zoo_model *model, gop_error *err);
/* The defaults of all settings: Adam with a rate of 1e-3 that falls along a cosine after 50 steps
 * of warm-up, batch 32, gradients clipped to 0.5, and the default lambda. */
GOP_API zoo_training zoo_training_default(void);
/* Converts settings given in epochs of `sequences` windows into steps of zoo_training_windows. */
GOP_API void zoo_training_count_epochs(zoo_training *training, size_t sequences);
/* The number of steps in `epochs` epochs, rounded up.  An epoch is one window for each training
 * sequence that is long enough.  0 if an argument is 0; UINT64_MAX if the result would be
 * larger. */
GOP_API uint64_t zoo_epoch_steps(uint64_t epochs, uint64_t sequences, uint32_t batch);
/* The windows of one step: batch times accumulate; 0 for NULL. */
GOP_API uint32_t zoo_training_windows(const zoo_training *training);

typedef struct zoo_trainer zoo_trainer;

/* The results of one step. */
typedef struct zoo_progress {
    uint64_t step;                            /* steps done, this one included */
    double loss_recognition, loss_prediction; /* NaN without that head */
    double lambda, lr, gradient_norm;
} zoo_progress;

/* Begins a run of `model` (not recorded yet) on the training split of `data`.  The model gets the
 * run's view.  Model, data and context must outlive the trainer.  GOP_ESHAPE if model and data do not
 * fit.
 *
 * `freeze` lists names that select parameters by gop_name_matches ("branch.0", "cls", "*.bias").
 * These parameters keep their bytes, also under weight decay; their gradients count neither in the
 * length that is clipped nor in exact lambda.  Statistics under these names stay fixed too, and
 * their batch norms use them: except for dropout, frozen layers compute the same in training as in
 * inference.  A name with a number of steps concerns parameters alone, until that many steps are
 * done.  GOP_EINVAL if a name matches no parameter or nothing is left to train.
 *
 * With `accumulate` a step sums the gradients of several batches and divides by their number: as one
 * batch of all their windows, but for what a model computes over a batch (batch norms, a computed
 * lambda) and for the draws of dropout.  With `average`, zoo_trainer_validate measures the average
 * of the parameters, and zoo_trainer_save saves it as the model; the parameters themselves go into
 * the run.  `model` has the parameters themselves. */
GOP_API gop_status zoo_trainer_new(zoo_trainer **trainer, gop_ctx *ctx, zoo_model *model,
                                   const zoo_dataset *data, const zoo_training *training,
                                   gop_error *err);
/* Resumes the run that zoo_trainer_save wrote to `path`; the model's type is found in `types` as by
 * zoo_model_load.  The caller owns *model; `training` gets
 * the run's settings.  GOP_EFORMAT if the file has no training state or the run was trained on
 * other data. */
GOP_API gop_status zoo_trainer_resume(zoo_trainer **trainer, zoo_model **model,
                                      const zoo_model_type *const *types, gop_ctx *ctx,
                                      const char *path, const zoo_dataset *data,
                                      zoo_training *training, gop_error *err);
GOP_API void zoo_trainer_free(zoo_trainer *trainer);
/* Before the first step: copies to the run's model every tensor that zoo_model_match finds in
 * `from`.  The rest, such as heads for other classes, keeps its random values.  *taken gets the
 * number of tensors.  GOP_ESTATE after a step; GOP_EINVAL for a model of another type or one
 * without a matching tensor; GOP_ESHAPE for another layout. */
GOP_API gop_status zoo_trainer_init_from(zoo_trainer *trainer, const zoo_model *from, size_t *taken,
                                         gop_error *err);

/* The matrix kernel of a resumed run when it was last saved (see gop_ctx_kernel).  With another
 * kernel the run does not reproduce the same bytes.  Empty in a new run. */
GOP_API const char *zoo_trainer_kernel(const zoo_trainer *trainer);
GOP_API uint64_t zoo_trainer_steps(const zoo_trainer *trainer);
/* Sets the run's length after its start, during warm-up, while the rate does not depend on it. */
GOP_API void zoo_trainer_set_length(zoo_trainer *trainer, uint64_t steps);
/* Does one step.  GOP_ENUMERIC for a NaN or an infinity, naming step, operator and value; do not
 * save the trainer after it.  GOP_ESTOPPED by the context's gop_stop: the step was not made, and
 * the run is as before it. */
GOP_API gop_status zoo_trainer_step(zoo_trainer *trainer, zoo_progress *progress, gop_error *err);
/* The model's results on the held-out sequences. */
typedef struct zoo_validation {
    uint64_t step;                            /* steps done; 0: not measured yet */
    double loss_recognition, loss_prediction; /* NaN without that head */
    double top1;                              /* share of the windows recognised; NaN likewise */
    /* lambda loss_recognition + (1 - lambda) loss_prediction, with lambda 1/2 if it is computed at
     * every step; with one head, its loss. */
    double loss;
} zoo_validation;

/* Measures cross-entropy (11) and the mean absolute difference of normalised poses (12) on windows
 * of the held-out sequences: at least 256 in whole batches, the same in every call and every run
 * with this seed.  The model runs in inference mode, and the run is not affected.  *best is set if
 * this is the smallest loss so far; the best is saved and resumed with the run.
 * Errors: GOP_ESTATE if nothing is held out; GOP_ENUMERIC; GOP_ESTOPPED. */
GOP_API gop_status zoo_trainer_validate(zoo_trainer *trainer, zoo_validation *validation,
                                        bool *best, gop_error *err);
/* The best validation so far; its step is 0 without one. */
GOP_API zoo_validation zoo_trainer_best(const zoo_trainer *trainer);
/* Writes model and training state.  The previous file survives until the new one is complete.
 * GOP_ENUMERIC if a parameter or the optimiser's state is not finite; no file may hold such
 * values. */
GOP_API gop_status zoo_trainer_save(const zoo_trainer *trainer, const char *path, gop_error *err);
GOP_API gop_net_cost zoo_trainer_stats(const zoo_trainer *trainer);
/* The training net, for its profile. */
GOP_API gop_net *zoo_trainer_net(zoo_trainer *trainer);

/* The training state in a model file, for people; all zero without one.  The type may be missing in
 * the list, as for zoo_model_inspect. */
typedef struct zoo_provenance {
    bool trained;
    uint64_t steps; /* done, out of training.steps */
    char data[256];
    zoo_training training;
    zoo_validation best;
} zoo_provenance;
GOP_API gop_status zoo_provenance_load(zoo_provenance *provenance,
                                       const zoo_model_type *const *types, const char *path,
                                       gop_error *err);

#ifdef __cplusplus
}
#endif
#endif
