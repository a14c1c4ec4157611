/*
 * optimiser.c: Adam and stochastic gradient descent over the flat vector of
 * trained parameters.
 *
 * One pass over memory per step, in chunks of a fixed size on the context's
 * threads; elements do not depend on each other, so any number of threads gives
 * the same bytes.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "core/vector.h"
#include "train/optimiser.h"

#include <math.h>
#include <stdlib.h>

enum { CHUNK = 16384 };

typedef struct step {
    gop_optimiser *opt;
    gop_real *p;
    const gop_real *g;
    gop_real scale; /* of g */
    gop_real lr;    /* Adam: over the first moment's correction */
    gop_real root;  /* Adam: 1 / sqrt of the second moment's correction */
} step;

/* Adam, Kingma & Ba 2015, algorithm 1, with t steps taken before this one:
 *     g = scale g + decay p;  m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2
 *     p -= lr / (1 - b1^(t+1)) m / (sqrt(v / (1 - b2^(t+1))) + eps)
 */
GOP_VECTOR static void adam(gop_real *restrict p, gop_real *restrict m, gop_real *restrict v,
                            const gop_real *restrict g, size_t n, gop_real scale, gop_real b1,
                            gop_real b2, gop_real eps, gop_real decay, gop_real lr, gop_real root)
{
    const gop_real c1 = 1 - b1, c2 = 1 - b2;

    for (size_t i = 0; i < n; i++) {
        const gop_real d = scale * g[i] + decay * p[i];
        m[i] = b1 * m[i] + c1 * d;
        v[i] = b2 * v[i] + c2 * d * d;
        p[i] -= lr * m[i] / (GOP_SQRT(v[i]) * root + eps);
    }
}

/*     g = scale g + decay p;  v = momentum v + g;  p -= lr (nesterov ? g + momentum v : v)
 */
GOP_VECTOR static void sgd(gop_real *restrict p, gop_real *restrict v, const gop_real *restrict g,
                           size_t n, gop_real scale, gop_real momentum, gop_real decay, gop_real lr,
                           gop_real from_g, gop_real from_v)
{
    for (size_t i = 0; i < n; i++) {
        const gop_real d = scale * g[i] + decay * p[i];
        v[i] = momentum * v[i] + d;
        p[i] -= lr * (from_g * d + from_v * v[i]);
    }
}

static void run_chunk(void *arg, size_t chunk)
{
    const step *s = arg;
    const gop_optimiser *o = s->opt;
    const size_t at = chunk * CHUNK;
    const size_t n = o->size - at < CHUNK ? o->size - at : CHUNK;
    const gop_real b1 = (gop_real)o->beta1, decay = (gop_real)o->weight_decay;

    if (o->kind == GOP_ADAM)
        adam(s->p + at, o->m + at, o->v + at, s->g + at, n, s->scale, b1, (gop_real)o->beta2,
             (gop_real)o->eps, decay, s->lr, s->root);
    else
        sgd(s->p + at, o->m + at, s->g + at, n, s->scale, b1, decay, s->lr, o->nesterov ? 1 : 0,
            o->nesterov ? b1 : 1);
}

static gop_status make(gop_optimiser **opt, gop_optimiser_kind kind, gop_ctx *ctx,
                       gop_params *params, gop_error *err)
{
    const size_t n = gop_params_size(params);
    gop_optimiser *o = calloc(1, sizeof *o);

    if (o != NULL) {
        o->kind = kind;
        o->ctx = ctx;
        o->params = params;
        o->size = n;
        o->m = calloc(n > 0 ? n : 1, sizeof *o->m);
        if (kind == GOP_ADAM)
            o->v = calloc(n > 0 ? n : 1, sizeof *o->v);
    }
    if (o == NULL || o->m == NULL || (kind == GOP_ADAM && o->v == NULL)) {
        gop_optimiser_free(o);
        return gop_fail(err, GOP_ENOMEM, "out of memory for the optimiser of %zu parameters", n);
    }
    *opt = o;
    return GOP_OK;
}

static gop_status check_arguments(gop_optimiser **opt, const gop_ctx *ctx, const gop_params *params,
                                  gop_error *err)
{
    if (opt == NULL)
        return gop_fail(err, GOP_EINVAL, "no place for the optimiser");
    *opt = NULL;
    if (ctx == NULL || params == NULL)
        return gop_fail(err, GOP_EINVAL, "an optimiser needs a context and params");
    return GOP_OK;
}

static bool below_one(double x)
{
    return x >= 0 && x < 1;
}

static bool not_negative(double x)
{
    return x >= 0 && isfinite(x);
}

GOP_API gop_status gop_adam_new(gop_optimiser **opt, gop_ctx *ctx, gop_params *params, double beta1,
                                double beta2, double eps, double weight_decay, gop_error *err)
{
    if (check_arguments(opt, ctx, params, err) != GOP_OK)
        return GOP_EINVAL;
    if (!below_one(beta1) || !below_one(beta2))
        return gop_fail(err, GOP_EINVAL, "Adam's betas must be in [0, 1), not %g and %g", beta1,
                        beta2);
    if (!(eps > 0) || !isfinite(eps))
        return gop_fail(err, GOP_EINVAL, "Adam's epsilon must be positive, not %g", eps);
    if (!not_negative(weight_decay))
        return gop_fail(err, GOP_EINVAL, "weight decay must not be negative, as %g is",
                        weight_decay);
    if (make(opt, GOP_ADAM, ctx, params, err) != GOP_OK)
        return GOP_ENOMEM;
    (*opt)->beta1 = beta1;
    (*opt)->beta2 = beta2;
    (*opt)->eps = eps;
    (*opt)->weight_decay = weight_decay;
    return GOP_OK;
}

GOP_API gop_status gop_sgd_new(gop_optimiser **opt, gop_ctx *ctx, gop_params *params,
                               double momentum, bool nesterov, double weight_decay, gop_error *err)
{
    if (check_arguments(opt, ctx, params, err) != GOP_OK)
        return GOP_EINVAL;
    if (!below_one(momentum))
        return gop_fail(err, GOP_EINVAL, "momentum must be in [0, 1), not %g", momentum);
    if (!not_negative(weight_decay))
        return gop_fail(err, GOP_EINVAL, "weight decay must not be negative, as %g is",
                        weight_decay);
    if (make(opt, GOP_SGD, ctx, params, err) != GOP_OK)
        return GOP_ENOMEM;
    (*opt)->beta1 = momentum;
    (*opt)->nesterov = nesterov;
    (*opt)->weight_decay = weight_decay;
    return GOP_OK;
}

GOP_API void gop_optimiser_free(gop_optimiser *opt)
{
    if (opt == NULL)
        return;
    free(opt->m);
    free(opt->v);
    free(opt);
}

GOP_API void gop_optimiser_step(gop_optimiser *opt, const gop_real *grads, double lr)
{
    gop_optimiser_step_scaled(opt, grads, 1, lr);
}

GOP_API void gop_optimiser_step_scaled(gop_optimiser *opt, const gop_real *grads, double scale,
                                       double lr)
{
    if (opt == NULL || grads == NULL)
        return;
    step s = {opt, gop_params_values(opt->params), grads, (gop_real)scale, (gop_real)lr, 1};

    opt->steps++;
    if (opt->kind == GOP_ADAM) {
        const double t = (double)opt->steps;
        s.lr = (gop_real)(lr / (1 - pow(opt->beta1, t)));
        s.root = (gop_real)(1 / sqrt(1 - pow(opt->beta2, t)));
    }
    gop_parallel(opt->ctx, (opt->size + CHUNK - 1) / CHUNK, run_chunk, &s);
}

GOP_API uint64_t gop_optimiser_steps(const gop_optimiser *opt)
{
    return opt == NULL ? 0 : opt->steps;
}

const char *gop_optimiser_name(const gop_optimiser *opt)
{
    return opt->kind == GOP_ADAM ? "adam" : "sgd";
}
