/*
 * sgd.c: stochastic gradient descent with momentum.
 *
 *     g = scale g + decay p;  v = momentum v + g;  p -= lr (nesterov ? g + momentum v : v)
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "core/vector.h"
#include "train/optimiser.h"

#include <math.h>

typedef struct sgd_step {
    gop_real *p, *v;
    const gop_real *g;
    gop_real scale, momentum, decay, lr;
    gop_real from_g, from_v; /* the change of p is from_g g + from_v v */
} sgd_step;

GOP_VECTOR static void update(gop_real *restrict p, gop_real *restrict v,
                              const gop_real *restrict g, size_t n, gop_real scale,
                              gop_real momentum, gop_real decay, gop_real lr, gop_real from_g,
                              gop_real from_v)
{
    for (size_t i = 0; i < n; i++) {
        const gop_real d = scale * g[i] + decay * p[i];
        v[i] = momentum * v[i] + d;
        p[i] -= lr * (from_g * d + from_v * v[i]);
    }
}

static void range(const void *arg, size_t at, size_t n, gop_factors by)
{
    const sgd_step *s = arg;
    update(s->p + at, s->v + at, s->g + at, n, s->scale, s->momentum, s->decay * (gop_real)by.decay,
           s->lr * (gop_real)by.rate, s->from_g, s->from_v);
}

static void step(gop_optimiser *opt, const gop_real *grads, double scale, double lr)
{
    const gop_sgd *o = opt->options;
    const sgd_step s = {
        .p = gop_params_values(opt->params),
        .v = opt->moment[0],
        .g = grads,
        .scale = (gop_real)scale,
        .momentum = (gop_real)o->momentum,
        .decay = (gop_real)o->weight_decay,
        .lr = (gop_real)lr,
        .from_g = o->nesterov ? 1 : 0,
        .from_v = o->nesterov ? (gop_real)o->momentum : 1,
    };
    gop_optimiser_run(opt, range, &s);
}

static gop_status check(const void *options, gop_error *err)
{
    const gop_sgd *o = options;

    gop_try(gop_check_below_one("momentum", o->momentum, err));
    return gop_check_decay(o->weight_decay, err);
}

static const gop_algorithm sgd = {
    .name = "sgd",
    .options = sizeof(gop_sgd),
    .moments = 1,
    .least = {-INFINITY},
    .check = check,
    .step = step,
};

GOP_API gop_sgd gop_sgd_default(void)
{
    return (gop_sgd){.momentum = 0.9, .nesterov = true};
}

GOP_API gop_status gop_sgd_new(gop_optimiser **opt, gop_ctx *ctx, gop_params *params,
                               const gop_sgd *options, gop_error *err)
{
    const gop_sgd usual = gop_sgd_default();
    return gop_optimiser_new(opt, &sgd, options == NULL ? &usual : options, ctx, params, err);
}
