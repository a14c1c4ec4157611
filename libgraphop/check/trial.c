/*
 * trial.c: see trial.h.  Uses only the public functions of nets.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "check/trial.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------ cases */

/* Whether a shape of a case is unset. */
static bool unset(gop_shape s)
{
    return s.rank == 0 && s.dim[0] == 0;
}

size_t gop_case_inputs(const gop_case *c)
{
    size_t n = c != NULL ? GOP_MAX_INPUTS : 0;
    while (n > 0 && unset(c->in[n - 1]))
        n--;
    return n;
}

gop_var gop_case_record(gop_net *net, const gop_op *op, const gop_case *c, const gop_var *in)
{
    if (c == NULL || in == NULL)
        return gop_net_fail(net, GOP_EINVAL,
                            "gop_case_record: the case or the list of inputs is NULL");
    if (c->build != NULL)
        return c->build(net, in, c->attr);
    return gop_apply(net, op, c->attr, in, gop_case_inputs(c));
}

gop_status gop_subject_check(const subject *s, const char *who, gop_error *err)
{
    const gop_case *c = s->c;
    char shape[64];

    for (size_t i = 0; i < s->n_in; i++) {
        const double lo = c->range[i].lo, hi = c->range[i].hi;
        if (s->in[i].rank != -1 && (unset(c->in[i]) || gop_shape_size(s->in[i]) == 0))
            return gop_fail(err, GOP_ESHAPE, "%s: input %zu of case \"%s\" has the empty shape %s",
                            who, i + 1, c->name, gop_shape_text(shape, sizeof shape, s->in[i]));
        if (!(isfinite(lo) && isfinite(hi) && lo <= hi))
            return gop_fail(err, GOP_EINVAL,
                            "%s: input %zu of case \"%s\" has the invalid range %g to %g", who,
                            i + 1, c->name, lo, hi);
    }
    return GOP_OK;
}

static void set_shape(gop_shape *to, gop_shape from)
{
    *to = from;
    for (int k = from.rank < 0 ? 0 : from.rank; k < GOP_MAX_RANK; k++)
        to->dim[k] = 1;
}

gop_status gop_subject_new(subject *s, const gop_op *op, const gop_case *c, const char *who,
                           gop_error *err)
{
    *s = (subject){.op = op, .c = c, .n_in = gop_case_inputs(c)};
    if (c == NULL || c->name == NULL)
        return gop_fail(err, GOP_EINVAL, "%s: the case is NULL or has no name", who);
    if (c->build == NULL && (op == NULL || op->plan == NULL))
        return gop_fail(err, GOP_EINVAL, "%s: case \"%s\" has neither an operator nor `build`", who,
                        c->name);
    if (s->n_in == 0 || c->in[0].rank < 0)
        return gop_fail(err, GOP_EINVAL, "%s: case \"%s\" has no first input", who, c->name);
    for (size_t i = 0; i < s->n_in; i++)
        set_shape(&s->in[i], c->in[i]);
    return gop_subject_check(s, who, err);
}

bool gop_subject_free(const subject *s, size_t i)
{
    return s->in[i].rank >= 0 && !((s->c->fixed | s->c->integers) >> i & 1);
}

bool gop_bench_shapes(subject *big, const subject *s)
{
    *big = *s;
    for (size_t i = 0; i < s->n_in; i++)
        if (!unset(s->c->bench[i]))
            set_shape(&big->in[i], s->c->bench[i]);
    return !unset(s->c->bench[0]);
}

/* ----------------------------------------------------------------------- numbers */

/* Also rounded to float in the double build, so that both builds use the same numbers. */
static gop_real draw(gop_rng *rng, double lo, double hi, bool integer)
{
    double v = lo + (hi - lo) * gop_rng_uniform(rng);
    return (gop_real)(float)(integer ? floor(v) : v);
}

static gop_status draw_inputs(trial *t, uint64_t seed, gop_error *err)
{
    for (size_t i = 0; i < t->s.n_in; i++) {
        const gop_case *c = t->s.c;
        gop_rng rng = gop_rng_new(seed, i);
        double lo = c->range[i].lo, hi = c->range[i].hi;
        size_t n = gop_shape_size(t->s.in[i]);

        if (n == 0)
            continue;
        t->value[i] = malloc(n * sizeof(gop_real));
        if (t->value[i] == NULL)
            return gop_fail(err, GOP_ENOMEM, "out of memory for case \"%s\"", c->name);
        if (lo == 0 && hi == 0) {
            lo = -1;
            hi = 1;
        }
        for (size_t e = 0; e < n; e++)
            t->value[i][e] = draw(&rng, lo, hi, c->integers >> i & 1);
    }
    return GOP_OK;
}

static gop_status draw_weights(trial *t, gop_error *err)
{
    for (size_t k = 0; k < t->copies; k++) {
        gop_rng rng = gop_rng_new(11, k);
        t->weight[k] = malloc(t->size * sizeof(gop_real));
        if (t->weight[k] == NULL)
            return gop_fail(err, GOP_ENOMEM, "out of memory for case \"%s\"", t->s.c->name);
        for (size_t e = 0; e < t->size; e++)
            t->weight[k][e] = draw(&rng, -1, 1, false);
    }
    return GOP_OK;
}

static void record(trial *t, const trial_how *how)
{
    gop_var in[GOP_MAX_INPUTS];
    const subject *s = &t->s;

    for (size_t i = 0; i < s->n_in; i++) {
        char name[32];
        snprintf(name, sizeof name, "x%zu", i);
        in[i] = t->in[i] = gop_none();
        if (s->in[i].rank < 0)
            continue;
        if (how->param >> i & 1)
            t->in[i] = gop_param(t->net, name, s->in[i], gop_init_constant(0));
        else
            t->in[i] = gop_input(t->net, name, s->in[i]);
        if (how->training && gop_subject_free(s, i))
            gop_net_keep(t->net, t->in[i]);
        in[i] = how->apart && gop_subject_free(s, i) ? gop_scale(t->net, t->in[i], 1) : t->in[i];
    }
    for (size_t k = 0; k < how->copies; k++) {
        t->out[k] = gop_case_record(t->net, s->op, s->c, in);
        if (t->out[k].id < 0)
            gop_net_fail(t->net, GOP_EINVAL, "case \"%s\" builds nothing", s->c->name);
        if (how->apart)
            t->out[k] = gop_scale(t->net, t->out[k], t->factor);
        gop_net_keep(t->net, t->out[k]);
    }
}

/* Parameters that the operator creates are floats initially in both builds. */
static void round_params(gop_params *params)
{
    gop_real *v = gop_params_values(params);
    for (size_t i = 0; i < gop_params_size(params); i++)
        v[i] = (gop_real)(float)v[i];
}

gop_status gop_trial_open(trial *t, const subject *of, trial_how how, gop_error *err)
{
    memset(t, 0, sizeof *t);
    t->s = *of;
    t->copies = how.copies;
    t->factor = how.apart ? 2 : 1;
    gop_try(gop_ctx_new(&t->ctx, how.threads, gop_memory_available(), err));
    gop_try(gop_params_new(&t->params, 1, err));
    gop_try(
        gop_net_new(&t->net, t->ctx, t->params, how.training ? GOP_TRAINING : GOP_INFERENCE, err));
    record(t, &how);
    gop_try(gop_net_plan(t->net, err));
    round_params(t->params);
    t->size = gop_shape_size(gop_net_shape(t->net, t->out[0]));
    t->grads = calloc(gop_params_size(t->params) + 1, sizeof *t->grads);
    if (t->grads == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for case \"%s\"", of->c->name);
    gop_status s = draw_inputs(t, how.seed, err);
    return s == GOP_OK ? draw_weights(t, err) : s;
}

void gop_trial_close(trial *t)
{
    for (size_t i = 0; i < GOP_MAX_INPUTS; i++)
        free(t->value[i]);
    for (size_t k = 0; k < TRIAL_COPIES; k++)
        free(t->weight[k]);
    free(t->grads);
    gop_net_free(t->net);
    gop_params_free(t->params);
    gop_ctx_free(t->ctx);
    memset(t, 0, sizeof *t);
}

bool gop_trial_differentiable(const trial *t)
{
    return gop_net_grad(t->net, t->out[0]) != NULL;
}

void gop_trial_fill(trial *t)
{
    for (size_t i = 0; i < t->s.n_in; i++)
        if (t->value[i] != NULL)
            memcpy(gop_net_value(t->net, t->in[i]), t->value[i],
                   gop_shape_size(t->s.in[i]) * sizeof(gop_real));
    gop_params_changed(t->params);
    gop_net_random(t->net, 5, 7);
}

gop_status gop_trial_forward(trial *t, gop_error *err)
{
    gop_trial_fill(t);
    return gop_net_forward(t->net, err);
}

gop_status gop_trial_backward(trial *t, size_t first, size_t last, gop_error *err)
{
    for (size_t k = first; k < last; k++) {
        gop_real *g = gop_net_grad(t->net, t->out[k]);
        for (size_t e = 0; e < t->size; e++)
            g[e] = t->weight[k][e] / t->factor;
    }
    memset(t->grads, 0, gop_params_size(t->params) * sizeof *t->grads);
    return gop_net_backward(t->net, &(gop_pass){.from = t->out + first, .n_from = last - first},
                            t->grads, err);
}

const gop_real *gop_trial_grad(const trial *t, size_t i)
{
    return gop_subject_free(&t->s, i) ? gop_net_grad(t->net, t->in[i]) : NULL;
}
