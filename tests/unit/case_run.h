/*
 * case_run.h: an operator's case recorded, filled and run, for the tests of
 * operators.  Static inline only; fails through Check's assertions.
 */
#ifndef GOP_TESTS_CASE_RUN_H
#define GOP_TESTS_CASE_RUN_H

#include "graphop.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_COPIES 2

typedef struct case_run {
    const gop_case *c;
    gop_ctx *ctx;
    gop_params *params;
    gop_net *net;
    gop_var in[GOP_MAX_INPUTS], out[MAX_COPIES]; /* the case recorded once or twice */
    size_t copies, size;                         /* elements of one result */
    gop_real *values[GOP_MAX_INPUTS];            /* what forward is given */
} case_run;

static inline gop_real *reals(size_t n)
{
    gop_real *v = calloc(n, sizeof *v);
    ck_assert_ptr_nonnull(v);
    return v;
}

/* Input i of case c, drawn from its range. */
static inline void case_draw(gop_real *v, const gop_case *c, size_t i, uint64_t seed)
{
    gop_rng rng = gop_rng_new(seed, i);
    double lo = c->range[i].lo, hi = c->range[i].hi;
    if (lo == 0 && hi == 0) {
        lo = -1;
        hi = 1;
    }
    for (size_t k = 0; k < gop_shape_size(c->in[i]); k++) {
        double x = lo + (hi - lo) * gop_rng_uniform(&rng);
        v[k] = (gop_real)(c->range[i].integer ? floor(x) : x);
    }
}

/* Records the case `copies` times over the same inputs and plans. */
static inline void case_open(case_run *r, const char *op, const gop_case *c, int threads,
                             bool training, size_t copies, uint64_t seed)
{
    gop_error err = {GOP_OK, ""};
    memset(r, 0, sizeof *r);
    r->c = c;
    r->copies = copies;
    gop_status s = gop_ctx_new(&r->ctx, threads, 0, &err);
    if (s == GOP_OK)
        s = gop_params_new(&r->params, 1, &err);
    if (s == GOP_OK)
        s = gop_net_new(&r->net, r->ctx, r->params, training ? GOP_TRAINING : GOP_INFERENCE, &err);
    ck_assert_msg(s == GOP_OK, "%s, %s: %s", op, c->name, err.message);
    for (size_t i = 0; i < c->n_in; i++) {
        char name[32];
        snprintf(name, sizeof name, "x%zu", i);
        r->in[i] = gop_input(r->net, name, c->in[i]);
        if (training && !c->range[i].fixed)
            gop_net_keep(r->net, r->in[i]);
        r->values[i] = reals(gop_shape_size(c->in[i]));
        case_draw(r->values[i], c, i, seed);
    }
    for (size_t k = 0; k < copies; k++) {
        r->out[k] = c->build(r->net, r->in);
        gop_net_keep(r->net, r->out[k]);
    }
    r->size = gop_shape_size(gop_net_shape(r->net, r->out[0]));
    s = gop_net_plan(r->net, &err);
    ck_assert_msg(s == GOP_OK, "%s, %s: %s", op, c->name, err.message);
}

static inline void case_close(case_run *r)
{
    for (size_t i = 0; i < r->c->n_in; i++)
        free(r->values[i]);
    gop_net_free(r->net);
    gop_params_free(r->params);
    gop_ctx_free(r->ctx);
}

/* Inputs are filled anew: statistics among them are written by a training run. */
static inline void case_forward(case_run *r)
{
    gop_error err = {GOP_OK, ""};
    for (size_t i = 0; i < r->c->n_in; i++)
        memcpy(gop_net_value(r->net, r->in[i]), r->values[i],
               gop_shape_size(r->c->in[i]) * sizeof(gop_real));
    gop_net_random(r->net, 5, 7);
    ck_assert_msg(gop_net_forward(r->net, &err) == GOP_OK, "%s: %s", r->c->name, err.message);
}

/* Whether a gradient goes through the operator at all. */
static inline bool case_differentiable(const case_run *r)
{
    return gop_net_grad(r->net, r->out[0]) != NULL;
}

/* From copies first .. last - 1, each with a fixed made-up gradient. */
static inline void case_backward(case_run *r, size_t first, size_t last)
{
    gop_error err = {GOP_OK, ""};
    for (size_t k = first; k < last; k++) {
        gop_rng rng = gop_rng_new(11, k);
        gop_real *g = gop_net_grad(r->net, r->out[k]);
        for (size_t i = 0; i < r->size; i++)
            g[i] = (gop_real)(2 * gop_rng_uniform(&rng) - 1);
    }
    gop_status s = gop_net_backward(
        r->net, &(gop_pass){.from = r->out + first, .n_from = last - first}, NULL, &err);
    ck_assert_msg(s == GOP_OK, "%s: %s", r->c->name, err.message);
}

/* |a - b| / max(1, |a|, |b|); infinite for a NaN. */
static inline double relative(double a, double b)
{
    double e = fabs(a - b) / fmax(1, fmax(fabs(a), fabs(b)));
    return isnan(e) ? INFINITY : e;
}

#endif
