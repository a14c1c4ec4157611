/*
 * gradcheck.c: an operator's gradients against central differences.
 *
 * Uses nets through their public functions only.  Meant for the build in
 * double; in float the differences are good to two digits.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif

#include "graphop.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef GOP_REAL_IS_DOUBLE
static const double STEP = 1e-5;
#else
static const double STEP = 1e-2;
#endif

/* Elements looked at per input; of larger ones, that many drawn at random. */
enum { MOST = 300 };

typedef struct check {
    const gop_case *c;
    gop_rng rng;
    gop_ctx *ctx;
    gop_params *params;
    gop_net *net;
    gop_var in[GOP_MAX_INPUTS], out;
    gop_real *value[GOP_MAX_INPUTS]; /* copies: forward may write to statistics */
    gop_real *grad[GOP_MAX_INPUTS];
    gop_real *weight;                /* the loss is sum_i weight_i out_i */
    size_t size;                     /* of out */
} check;

static void release(check *k)
{
    for (size_t i = 0; i < GOP_MAX_INPUTS; i++) {
        free(k->value[i]);
        free(k->grad[i]);
    }
    free(k->weight);
    gop_net_free(k->net);
    gop_params_free(k->params);
    gop_ctx_free(k->ctx);
}

static void draw_input(check *k, size_t i)
{
    const bool given = k->c->range[i].lo != 0 || k->c->range[i].hi != 0;
    const double lo = given ? k->c->range[i].lo : -1, hi = given ? k->c->range[i].hi : 1;
    const size_t n = gop_shape_size(k->c->in[i]);

    for (size_t e = 0; e < n; e++) {
        const double v = lo + (hi - lo) * gop_rng_uniform(&k->rng);
        k->value[i][e] = (gop_real)(k->c->range[i].integer ? floor(v) : v);
    }
}

static gop_status record(check *k, uint64_t seed, gop_error *err)
{
    const gop_case *c = k->c;
    gop_status s = gop_ctx_new(&k->ctx, 1, 0, err);

    if (s == GOP_OK)
        s = gop_params_new(&k->params, seed, err);
    if (s == GOP_OK)
        s = gop_net_new(&k->net, k->ctx, k->params, true, err);
    if (s != GOP_OK)
        return s;
    for (size_t i = 0; i < c->n_in; i++) {
        char name[32];
        snprintf(name, sizeof name, "in%zu", i);
        k->in[i] = gop_input(k->net, name, c->in[i]);
        gop_keep(k->net, k->in[i]);
    }
    k->out = c->build(k->net, k->in);
    gop_keep(k->net, k->out);
    s = gop_plan(k->net, err);
    if (s == GOP_OK)
        gop_net_random(k->net, seed, 0);
    return s;
}

static gop_status fill(check *k, gop_error *err)
{
    for (size_t i = 0; i < k->c->n_in; i++) {
        const size_t n = gop_shape_size(k->c->in[i]);
        k->value[i] = malloc(n * sizeof(gop_real));
        k->grad[i] = malloc(n * sizeof(gop_real));
        if (k->value[i] == NULL || k->grad[i] == NULL)
            return gop_fail(err, GOP_ENOMEM, "out of memory for a gradient check");
        draw_input(k, i);
    }
    k->size = gop_shape_size(gop_shape_of(k->net, k->out));
    k->weight = malloc(k->size * sizeof(gop_real));
    if (k->weight == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for a gradient check");
    for (size_t e = 0; e < k->size; e++)
        k->weight[e] = (gop_real)(2 * gop_rng_uniform(&k->rng) - 1);
    return GOP_OK;
}

static gop_status forward(check *k, double *loss, gop_error *err)
{
    const gop_real *out = gop_value(k->net, k->out);
    gop_status s;

    for (size_t i = 0; i < k->c->n_in; i++)
        memcpy(gop_value(k->net, k->in[i]), k->value[i],
               gop_shape_size(k->c->in[i]) * sizeof(gop_real));
    s = gop_forward_checked(k->net, err);
    *loss = 0;
    for (size_t e = 0; s == GOP_OK && e < k->size; e++)
        *loss += (double)k->weight[e] * (double)out[e];
    return s;
}

/* The operator's own gradients, copied out of the net. */
static gop_status analytic(check *k, gop_error *err)
{
    double loss;
    gop_real *seed = gop_grad(k->net, k->out);
    gop_status s = forward(k, &loss, err);

    if (s != GOP_OK)
        return s;
    if (seed == NULL)
        return gop_fail(err, GOP_EINVAL, "case \"%s\": the result has no gradient", k->c->name);
    memcpy(seed, k->weight, k->size * sizeof *seed);
    s = gop_backward(k->net, &k->out, NULL, 1, NULL, 0, NULL, err);
    for (size_t i = 0; s == GOP_OK && i < k->c->n_in; i++) {
        const gop_real *g = gop_grad(k->net, k->in[i]);
        if (g != NULL)
            memcpy(k->grad[i], g, gop_shape_size(k->c->in[i]) * sizeof *g);
        else if (!k->c->range[i].fixed)
            s = gop_fail(err, GOP_EINVAL, "case \"%s\": input %zu has no gradient", k->c->name,
                         i + 1);
    }
    return s;
}

/* (L(x + h) - L(x - h)) / 2h, with h as the number type holds it. */
static gop_status numeric(check *k, size_t i, size_t e, double *slope, gop_error *err)
{
    gop_real *x = &k->value[i][e];
    const gop_real old = *x;
    const double h = STEP * fmax(1, fabs((double)old));
    double up, down, from, to;
    gop_status s;

    *x = (gop_real)((double)old + h);
    to = (double)*x;
    s = forward(k, &up, err);
    *x = (gop_real)((double)old - h);
    from = (double)*x;
    if (s == GOP_OK)
        s = forward(k, &down, err);
    *x = old;
    if (s == GOP_OK)
        *slope = (up - down) / (to - from);
    return s;
}

static gop_status compare(check *k, size_t i, double *worst, gop_error *err)
{
    const size_t n = gop_shape_size(k->c->in[i]), tries = n < MOST ? n : MOST;

    for (size_t t = 0; t < tries; t++) {
        const size_t e = n <= MOST ? t : (size_t)gop_rng_below(&k->rng, n);
        const double a = (double)k->grad[i][e];
        double b = 0, error;
        gop_status s = numeric(k, i, e, &b, err);
        if (s != GOP_OK)
            return s;
        error = fabs(a - b) / fmax(1, fmax(fabs(a), fabs(b)));
        /* Also true for a NaN, which no later error may hide. */
        if (!(error <= *worst))
            *worst = error;
        if (isnan(error))
            return gop_fail(err, GOP_ENUMERIC, "case \"%s\": the gradient of input %zu is NaN at "
                            "element %zu", k->c->name, i + 1, e);
    }
    return GOP_OK;
}

static bool differentiable(const gop_case *c)
{
    for (size_t i = 0; i < c->n_in; i++)
        if (!c->range[i].fixed)
            return true;
    return false;
}

static gop_status check_case(const gop_case *c, gop_error *err)
{
    if (c == NULL || c->build == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_gradcheck: no case, or one without `build`");
    if (c->n_in == 0 || c->n_in > GOP_MAX_INPUTS)
        return gop_fail(err, GOP_EINVAL, "case \"%s\": %zu inputs, where 1 to %d are possible",
                        c->name ? c->name : "", c->n_in, GOP_MAX_INPUTS);
    return GOP_OK;
}

GOP_API gop_status gop_gradcheck(double *worst, const gop_case *c, uint64_t seed, gop_error *err)
{
    check k = {.c = c, .rng = gop_rng_new(seed, gop_hash("gradcheck"))};
    gop_status s = check_case(c, err);

    if (worst == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_gradcheck: no place for the worst error");
    *worst = 0;
    if (s != GOP_OK)
        return s;
    s = record(&k, seed, err);
    if (s == GOP_OK)
        s = fill(&k, err);
    if (s == GOP_OK && differentiable(c))
        s = analytic(&k, err);
    for (size_t i = 0; s == GOP_OK && i < c->n_in; i++)
        if (!c->range[i].fixed)
            s = compare(&k, i, worst, err);
    release(&k);
    return s;
}
