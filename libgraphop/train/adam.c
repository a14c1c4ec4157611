/*
 * adam.c: Adam, Kingma & Ba 2015, algorithm 1, bias-corrected, and AdamW, Loshchilov & Hutter
 * 2019, algorithm 2.
 *
 * At step t = 1, 2, ...
 *     g = scale g + decay p;  m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2
 *     p = keep p - lr / (1 - b1^t) m / (sqrt(v / (1 - b2^t)) + eps)
 * where keep is 1 for Adam; for AdamW, decay is 0 here and keep = 1 - lr weight_decay.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "core/vector.h"
#include "train/optimiser.h"

#include <math.h>

typedef struct adam_step {
    gop_real *p, *m, *v;
    const gop_real *g;
    gop_real scale, b1, b2, eps, decay;
    gop_real lr;   /* divided by the first moment's correction */
    gop_real root; /* 1 / sqrt of the second moment's correction */
    double shrink; /* AdamW: lr weight_decay; else 0 */
} adam_step;

GOP_VECTOR static void update(gop_real *restrict p, gop_real *restrict m, gop_real *restrict v,
                              const gop_real *restrict g, size_t n, gop_real scale, gop_real b1,
                              gop_real b2, gop_real eps, gop_real decay, gop_real lr, gop_real root,
                              gop_real keep)
{
    const gop_real c1 = 1 - b1, c2 = 1 - b2;

    for (size_t i = 0; i < n; i++) {
        const gop_real d = scale * g[i] + decay * p[i];
        m[i] = b1 * m[i] + c1 * d;
        v[i] = b2 * v[i] + c2 * d * d;
        p[i] = keep * p[i] - lr * m[i] / (GOP_SQRT(v[i]) * root + eps);
    }
}

static void range(const void *arg, size_t at, size_t n, gop_factors by)
{
    const adam_step *s = arg;
    update(s->p + at, s->m + at, s->v + at, s->g + at, n, s->scale, s->b1, s->b2, s->eps,
           s->decay * (gop_real)by.decay, s->lr * (gop_real)by.rate, s->root,
           (gop_real)(1 - s->shrink * by.rate * by.decay));
}

static void run(gop_optimiser *opt, const gop_real *grads, double scale, double lr, bool decoupled)
{
    const gop_adam *a = opt->options;
    const double t = (double)opt->steps;
    const adam_step s = {
        .p = gop_params_values(opt->params),
        .m = opt->moment[0],
        .v = opt->moment[1],
        .g = grads,
        .scale = (gop_real)scale,
        .b1 = (gop_real)a->beta1,
        .b2 = (gop_real)a->beta2,
        .eps = (gop_real)a->eps,
        .decay = decoupled ? 0 : (gop_real)a->weight_decay,
        .shrink = decoupled ? lr * a->weight_decay : 0,
        .lr = (gop_real)(lr / (1 - pow(a->beta1, t))),
        .root = (gop_real)(1 / sqrt(1 - pow(a->beta2, t))),
    };
    gop_optimiser_run(opt, range, &s);
}

static void step(gop_optimiser *opt, const gop_real *grads, double scale, double lr)
{
    run(opt, grads, scale, lr, false);
}

static void step_decoupled(gop_optimiser *opt, const gop_real *grads, double scale, double lr)
{
    run(opt, grads, scale, lr, true);
}

static gop_status check_as(const gop_adam *a, const char *beta1, const char *beta2, const char *eps,
                           gop_error *err)
{
    gop_try(gop_check_below_one(beta1, a->beta1, err));
    gop_try(gop_check_below_one(beta2, a->beta2, err));
    if (!(a->eps > 0) || !isfinite(a->eps))
        return gop_fail(err, GOP_EINVAL, "%s must be positive, not %g", eps, a->eps);
    return gop_check_decay(a->weight_decay, err);
}

static gop_status check(const void *options, gop_error *err)
{
    return check_as(options, "Adam's beta1", "Adam's beta2", "Adam's eps", err);
}

static gop_status check_decoupled(const void *options, gop_error *err)
{
    return check_as(options, "AdamW's beta1", "AdamW's beta2", "AdamW's eps", err);
}

static const gop_algorithm adam = {
    .name = "adam",
    .options = sizeof(gop_adam),
    .moments = 2,
    .least = {-INFINITY, 0},
    .check = check,
    .step = step,
};

static const gop_algorithm adamw = {
    .name = "adamw",
    .options = sizeof(gop_adam),
    .moments = 2,
    .least = {-INFINITY, 0},
    .check = check_decoupled,
    .step = step_decoupled,
};

GOP_API gop_adam gop_adam_default(void)
{
    return (gop_adam){.beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8};
}

GOP_API gop_status gop_adam_new(gop_optimiser **opt, gop_ctx *ctx, gop_params *params,
                                const gop_adam *options, gop_error *err)
{
    const gop_adam usual = gop_adam_default();
    return gop_optimiser_new(opt, &adam, options == NULL ? &usual : options, ctx, params, err);
}

GOP_API gop_adam gop_adamw_default(void)
{
    return (gop_adam){.beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .weight_decay = 0.01};
}

GOP_API gop_status gop_adamw_new(gop_optimiser **opt, gop_ctx *ctx, gop_params *params,
                                 const gop_adam *options, gop_error *err)
{
    const gop_adam usual = gop_adamw_default();
    return gop_optimiser_new(opt, &adamw, options == NULL ? &usual : options, ctx, params, err);
}
