/*
 * train.h: optimisers, schedules, clipping, and gradient descent on two losses.
 */
#ifndef GRAPHOP_TRAIN_H
#define GRAPHOP_TRAIN_H

#include "graphop/net.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An optimiser updates the trained parameters from a gradient, a vector in the order of
 * gop_params_values.  Parameters that are recorded after the constructor are never updated.  Each
 * algorithm has its options and its constructor; options NULL means the defaults.  Constructors
 * fail with GOP_EINVAL for NULL and for an option out of range, and with GOP_ENOMEM; *opt is then
 * NULL. */
typedef struct gop_optimiser gop_optimiser;

/* Adam (Kingma & Ba 2015), bias-corrected:
 *   g = grads + weight_decay p;  m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2
 *   p -= lr m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps),  t = 1, 2, ... */
typedef struct gop_adam {
    double beta1, beta2; /* in [0, 1) */
    double eps;          /* positive */
    double weight_decay; /* 0 or positive */
} gop_adam;

/* 0.9, 0.999, 1e-8, 0. */
GOP_API gop_adam gop_adam_default(void);
GOP_API gop_status gop_adam_new(gop_optimiser **opt, gop_ctx *ctx, gop_params *params,
                                const gop_adam *options, gop_error *err);

/* AdamW (Loshchilov & Hutter 2019): Adam with decoupled weight decay, which does not go through the
 * moments:
 *   g = grads;  m and v as above
 *   p = (1 - lr weight_decay) p - lr m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps)
 * The default is 0.9, 0.999, 1e-8, 0.01. */
GOP_API gop_adam gop_adamw_default(void);
GOP_API gop_status gop_adamw_new(gop_optimiser **opt, gop_ctx *ctx, gop_params *params,
                                 const gop_adam *options, gop_error *err);

/* Stochastic gradient descent:
 *   g = grads + weight_decay p;  v = momentum v + g;  p -= lr (nesterov ? g + momentum v : v) */
typedef struct gop_sgd {
    double momentum; /* in [0, 1) */
    bool nesterov;
    double weight_decay; /* 0 or positive */
} gop_sgd;

/* 0.9, true, 0. */
GOP_API gop_sgd gop_sgd_default(void);
GOP_API gop_status gop_sgd_new(gop_optimiser **opt, gop_ctx *ctx, gop_params *params,
                               const gop_sgd *options, gop_error *err);

GOP_API void gop_optimiser_free(gop_optimiser *opt);
/* Freezes elements [from, from + n) of the trained parameters (gop_param_info.offset): no step
 * changes them or their moments, with or without weight decay.  Files do not store this: freeze
 * again after reading.  GOP_EINVAL for a range beyond the trained parameters, GOP_ENOMEM. */
GOP_API gop_status gop_optimiser_freeze(gop_optimiser *opt, size_t from, size_t n, gop_error *err);
/* Ends all freezing.  The moments of elements go on from what they were. */
GOP_API void gop_optimiser_thaw(gop_optimiser *opt);
/* Multiplies the learning rate and the weight decay of each trained parameter that the pattern
 * selects (gop_name_matches): "*.bias", 1, 0 leaves biases without decay.  A parameter that several
 * calls select gets the product of their factors.  AdamW shrinks p by lr rate weight_decay decay.
 * Files do not store this: set it again after reading.
 * GOP_EINVAL for a negative or infinite factor and where no trained parameter matches,
 * GOP_ENOMEM. */
GOP_API gop_status gop_optimiser_factor(gop_optimiser *opt, const char *pattern, double rate,
                                        double decay, gop_error *err);
/* Sets the gradients of frozen elements to 0, so that gop_norm does not include them. */
GOP_API void gop_optimiser_mask(const gop_optimiser *opt, gop_real *grads);
/* Takes one step with the gradient scale * grads and the learning rate lr.  scale = max / norm
 * clips the gradient without another pass over memory.  scale = 1 / k averages a gradient that k
 * forward and backward runs have accumulated: zero grads, run k batches of B samples, and step as
 * with one batch of k B (except for what the net computes over a batch: batch norms). */
GOP_API void gop_optimiser_step(gop_optimiser *opt, const gop_real *grads, double scale, double lr);
/* Steps taken so far. */
GOP_API uint64_t gop_optimiser_steps(const gop_optimiser *opt);

/* The exponential moving average of the trained parameters, to be used in their place after
 * training (Polyak & Juditsky 1992):
 *   average = decay average + (1 - decay) p
 * It starts as the parameters are in gop_ema_new.  Statistics (of batch norms) are not averaged.
 * GOP_EINVAL for NULL and a decay outside [0, 1), GOP_ENOMEM; *ema is then NULL. */
typedef struct gop_ema gop_ema;
GOP_API gop_status gop_ema_new(gop_ema **ema, gop_ctx *ctx, gop_params *params, double decay,
                               gop_error *err);
GOP_API void gop_ema_free(gop_ema *ema);
/* After each step of an optimiser. */
GOP_API void gop_ema_update(gop_ema *ema);
/* Exchanges the parameters and the average (gop_params_changed): before validation or saving, and
 * again before training goes on, with the parameters as they were to the byte. */
GOP_API void gop_ema_swap(gop_ema *ema);

/* lr = base * factor^(step / every). */
GOP_API double gop_schedule_step(double base, uint64_t step, uint64_t every, double factor);
/* Linear rise over `warmup` steps, then a half cosine from base down to base * floor at
 * `total`. */
GOP_API double gop_schedule_cosine(double base, uint64_t step, uint64_t warmup, uint64_t total,
                                   double floor);
/* The Euclidean norm of g [n]. */
GOP_API double gop_norm(gop_ctx *ctx, const gop_real *g, size_t n);
/* Scales g [n] to the norm `max_norm` if its norm is larger, and returns the norm before.  g is
 * unchanged if its norm is not finite or max_norm is not positive. */
GOP_API double gop_clip(gop_ctx *ctx, gop_real *g, size_t n, double max_norm);

/* Multiple-gradient descent (Desideri 2012; Sym-GNN eq. 15; Sener & Koltun 2018
 * for the upper bound) for two losses:
 *   lambda = argmin over [0,1] of |lambda g1 + (1 - lambda) g2|^2. */
typedef enum gop_mgda_mode {
    GOP_MGDA_FIXED,        /* the given lambda */
    GOP_MGDA_EXACT,        /* g: gradients on the parameters upstream of `shared` */
    GOP_MGDA_UB,           /* g: gradients on the shared representation itself */
    GOP_MGDA_UB_NORMALISED /* as UB, each gradient scaled to unit length first */
} gop_mgda_mode;

typedef struct gop_mgda gop_mgda;
/* Allocates the memory for a planned training net.  `shared` are the 1 to 8 values, all kept
 * (gop_net_keep), through which both losses reach their common parameters.  Parameters that `opt`
 * (may be NULL) has frozen are excluded in mode GOP_MGDA_EXACT, and their gradients are 0.  ctx,
 * net and opt must outlive *m.  GOP_EINVAL, GOP_ENOMEM; *m is then NULL. */
GOP_API gop_status gop_mgda_new(gop_mgda **m, gop_ctx *ctx, gop_net *net, const gop_optimiser *opt,
                                const gop_var *shared, size_t n_shared, gop_error *err);
GOP_API void gop_mgda_free(gop_mgda *m);
/* After a forward run: sets grads (gop_params_size elements) to the gradient of lambda loss1 + (1 -
 * lambda) loss2, and *lambda to the weight; mode GOP_MGDA_FIXED reads *lambda instead.  GOP_EINVAL
 * for NULL or no such mode, GOP_ESTATE if parameters were added after gop_mgda_new, GOP_ENOMEM, and
 * the errors of gop_net_backward. */
GOP_API gop_status gop_mgda_backward(gop_mgda *m, gop_mgda_mode mode, gop_var loss1, gop_var loss2,
                                     double *lambda, gop_real *grads, gop_error *err);
/* The minimum-norm point from the three dot products g1.g1, g1.g2, g2.g2. */
GOP_API double gop_mgda_lambda(double s11, double s12, double s22);

#ifdef __cplusplus
}
#endif
#endif
