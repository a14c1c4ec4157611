/*
 * train.h: optimisers, schedules, clipping and two losses at once.
 */
#ifndef GRAPHOP_TRAIN_H
#define GRAPHOP_TRAIN_H

#include "graphop/net.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Optimisers.  grads and the parameters' flat vector have the same order. */
typedef struct gop_optimiser gop_optimiser;

/* Adam (Kingma & Ba 2015), bias-corrected; weight_decay is added to the
 * gradient. */
GOP_API gop_status gop_adam_new(gop_optimiser **opt, gop_ctx *ctx, gop_params *params, double beta1,
                                double beta2, double eps, double weight_decay, gop_error *err);
/* SGD: v = momentum v + g; p -= lr (nesterov ? g + momentum v : v). */
GOP_API gop_status gop_sgd_new(gop_optimiser **opt, gop_ctx *ctx, gop_params *params,
                               double momentum, bool nesterov, double weight_decay, gop_error *err);
GOP_API void gop_optimiser_free(gop_optimiser *opt);
GOP_API void gop_optimiser_step(gop_optimiser *opt, const gop_real *grads, double lr);
/* A step on scale * grads, without a pass over memory for the product: with
 * scale = max / gop_clip(.., 0) it is clipping and stepping at once. */
GOP_API void gop_optimiser_step_scaled(gop_optimiser *opt, const gop_real *grads, double scale,
                                       double lr);
/* Steps taken so far. */
GOP_API uint64_t gop_optimiser_steps(const gop_optimiser *opt);

/* lr = base * factor^(step / every). */
GOP_API double gop_schedule_step(double base, uint64_t step, uint64_t every, double factor);
/* Linear rise over `warmup` steps, then a half cosine from base down to base * floor at
 * `total`. */
GOP_API double gop_schedule_cosine(double base, uint64_t step, uint64_t warmup, uint64_t total,
                                   double floor);
/* Scales g to the Euclidean norm `max_norm` when it is longer (0: only measures).
 * Returns the norm before. */
GOP_API double gop_clip(gop_ctx *ctx, gop_real *g, size_t n, double max_norm);

/* Multiple-gradient descent (Desideri 2012; Sym-GNN eq. 15; Sener & Koltun 2018
 * for the upper bound) for two losses:
 *   lambda = argmin over [0,1] of |lambda g1 + (1 - lambda) g2|^2. */
typedef enum gop_mgda {
    GOP_MGDA_FIXED,        /* the given lambda */
    GOP_MGDA_EXACT,        /* g: gradients on the parameters upstream of `shared` */
    GOP_MGDA_UB,           /* g: gradients on the shared representation itself */
    GOP_MGDA_UB_NORMALISED /* as UB, each gradient scaled to unit length first */
} gop_mgda;

typedef struct gop_mgda_work gop_mgda_work;
GOP_API gop_status gop_mgda_new(gop_mgda_work **w, gop_ctx *ctx, const gop_net *net,
                                const gop_var *shared, size_t n_shared, gop_error *err);
GOP_API void gop_mgda_free(gop_mgda_work *w);
/* Elements [offset, offset + n) of the trained parameters do not count in mode EXACT, as
 * those that stay as they are should not; what is behind their end is ignored. */
GOP_API void gop_mgda_leave_out(gop_mgda_work *w, size_t offset, size_t n);
/* After a forward run: fills grads (gop_params_size elements) with the gradient
 * of lambda loss1 + (1 - lambda) loss2, and *lambda (which holds the given one
 * in mode FIXED).  The `shared` vars must have been kept. */
GOP_API gop_status gop_mgda_backward(gop_mgda_work *w, gop_net *net, gop_mgda mode, gop_var loss1,
                                     gop_var loss2, double *lambda, gop_real *grads,
                                     gop_error *err);
/* The minimum-norm point from the three dot products g1.g1, g1.g2, g2.g2. */
GOP_API double gop_mgda_lambda(double s11, double s12, double s22);

#ifdef __cplusplus
}
#endif
#endif
