/*
 * check_op.c: what every operator is held to, on its own cases.  Uses nets through their
 * public functions only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "check/trial.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    SEED = 3,
    THREADS = 3,
    LARGE = 50000 /* elements that are cut into several chunks */
};

static const trial_how plain = {.threads = 1, .training = true, .copies = 1, .seed = SEED};

/* |a - b| / max(1, |a|, |b|); infinite for a NaN. */
static double relative(double a, double b)
{
    const double e = fabs(a - b) / fmax(1, fmax(fabs(a), fabs(b)));
    return isnan(e) ? (double)INFINITY : e;
}

static bool same(const gop_real *a, const gop_real *b, size_t n)
{
    return memcmp(a, b, n * sizeof *a) == 0;
}

static gop_real *reals(size_t n, gop_error *err)
{
    gop_real *v = calloc(n, sizeof *v);
    if (v == NULL)
        gop_fail(err, GOP_ENOMEM, "gop_check_op: out of memory");
    return v;
}

/* --------------------------------------------------------- against the formula */

static gop_status compare_naive(trial *t, double *worst, gop_error *err)
{
    const gop_real *got = gop_net_value(t->net, t->out[0]), *in[GOP_MAX_INPUTS];
    gop_real *want = reals(t->size, err);
    double error = 0;

    if (want == NULL)
        return GOP_ENOMEM;
    for (size_t i = 0; i < t->c->n_in; i++)
        in[i] = t->value[i];
    t->c->naive(want, in);
    for (size_t e = 0; e < t->size; e++)
        error = fmax(error, relative((double)got[e], (double)want[e]));
    free(want);
    *worst = fmax(*worst, error);
    if (error > GOP_FORMULA_TOLERANCE)
        return gop_fail(err, GOP_ENUMERIC,
                        "case \"%s\": the result is off its naive reference "
                        "by %g",
                        t->c->name, error);
    return GOP_OK;
}

/* In the kind of net that the case asks for. */
static gop_status check_formula(const gop_case *c, double *worst, gop_error *err)
{
    trial_how how = plain;
    trial t;

    how.training = c->training;
    gop_status s = gop_trial_open(&t, c, how, err);
    /* Twice: the second finds what the first left in memory. */
    for (int k = 0; k < 2 && s == GOP_OK; k++)
        s = gop_trial_forward(&t, err);
    if (s == GOP_OK)
        s = compare_naive(&t, worst, err);
    gop_trial_close(&t);
    return s;
}

/* --------------------------------------------------------------- the same bytes */

static bool same_results(const trial *t, const trial *want)
{
    const gop_real *a = gop_net_value(t->net, t->out[0]),
                   *b = gop_net_value(want->net, want->out[0]);
    for (size_t e = 0; e < t->size; e++) {
        const gop_real x = a[e] / t->factor, y = b[e] / want->factor;
        if (!same(&x, &y, 1))
            return false;
    }
    return true;
}

/* The result of `t` and its gradients are those of `want`. */
static gop_status expect(const trial *t, const trial *want, bool forward, const char *when,
                         gop_error *err)
{
    const gop_case *c = t->c;

    if (forward && !same_results(t, want))
        return gop_fail(err, GOP_ENUMERIC, "case \"%s\": the result is another %s", c->name, when);
    for (size_t i = 0; i < c->n_in && gop_trial_differentiable(want); i++) {
        const gop_real *a = gop_trial_grad(t, i), *b = gop_trial_grad(want, i);
        if (a != NULL && b != NULL && !same(a, b, gop_shape_size(c->in[i])))
            return gop_fail(err, GOP_ENUMERIC,
                            "case \"%s\": the gradient of input %zu is "
                            "another %s",
                            c->name, i + 1, when);
    }
    return GOP_OK;
}

static gop_status run_both(trial *t, gop_error *err)
{
    gop_status s = gop_trial_forward(t, err);
    if (s == GOP_OK && gop_trial_differentiable(t))
        s = gop_trial_backward(t, 0, 1, err);
    return s;
}

static gop_status check_way(const trial *want, trial_how how, const char *when, gop_error *err)
{
    trial t;
    gop_status s = gop_trial_open(&t, want->c, how, err);

    if (s == GOP_OK)
        s = run_both(&t, err);
    if (s == GOP_OK)
        s = expect(&t, want, true, when, err);
    gop_trial_close(&t);
    return s;
}

static gop_status check_inputs(const trial *t, gop_error *err)
{
    for (size_t i = 0; i < t->c->n_in; i++)
        if (!t->c->range[i].fixed &&
            !same(gop_net_value(t->net, t->in[i]), t->value[i], gop_shape_size(t->c->in[i])))
            return gop_fail(err, GOP_ENUMERIC, "case \"%s\": a run changes input %zu", t->c->name,
                            i + 1);
    return GOP_OK;
}

static void spoil(gop_real *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        v[i] = (gop_real)NAN;
}

/* Values that backward does not ask for by its flags are gone when it runs.  Only a
 * case that records the operator and nothing else tells which these are. */
static gop_status check_flags(const trial *want, const gop_op *op, gop_error *err)
{
    trial t;
    gop_status s = gop_trial_open(&t, want->c, plain, err);

    if (s == GOP_OK && gop_trial_differentiable(&t) && gop_net_costs(t.net).ops == 1 &&
        !(op->flags & GOP_OP_VIEW)) {
        s = gop_trial_forward(&t, err);
        for (size_t i = 0; i < t.c->n_in && !(op->flags & GOP_OP_NEEDS_IN); i++)
            spoil(gop_net_value(t.net, t.in[i]), gop_shape_size(t.c->in[i]));
        if (!(op->flags & GOP_OP_NEEDS_OUT))
            spoil(gop_net_value(t.net, t.out[0]), t.size);
        if (s == GOP_OK)
            s = gop_trial_backward(&t, 0, 1, err);
        if (s == GOP_OK)
            s = expect(&t, want, false, "when what the flags do not ask for is gone", err);
    }
    gop_trial_close(&t);
    return s;
}

/* Whether the results are others at another step.  Draws depend on the operator's place
 * in the net, which is another between neighbours. */
static gop_status find_draws(bool *draws, const gop_case *c, gop_error *err)
{
    trial a, b;
    gop_status s = gop_trial_open(&a, c, plain, err);

    memset(&b, 0, sizeof b);
    if (s == GOP_OK)
        s = gop_trial_forward(&a, err);
    if (s == GOP_OK)
        s = gop_trial_open(&b, c, plain, err);
    if (s == GOP_OK) {
        gop_trial_fill(&b);
        gop_net_random(b.net, 6, 8);
        s = gop_net_forward(b.net, err);
    }
    *draws = s == GOP_OK && !same_results(&a, &b);
    gop_trial_close(&a);
    gop_trial_close(&b);
    return s;
}

static gop_status check_bytes(const gop_case *c, const gop_op *op, gop_error *err)
{
    bool draws = false;
    trial want;
    trial_how threads = plain, apart = plain, inference = plain;
    gop_status s = gop_trial_open(&want, c, plain, err);

    threads.threads = THREADS;
    apart.apart = true;
    if (s == GOP_OK)
        s = run_both(&want, err);
    if (s == GOP_OK)
        s = check_inputs(&want, err);
    if (s == GOP_OK)
        s = check_way(&want, threads, "on three threads", err);
    if (s == GOP_OK)
        s = find_draws(&draws, c, err);
    if (s == GOP_OK && !draws)
        s = check_way(&want, apart, "between other operators", err);
    if (s == GOP_OK)
        s = check_flags(&want, op, err);
    gop_trial_close(&want);
    if (s != GOP_OK)
        return s;

    inference.training = false;
    s = gop_trial_open(&want, c, inference, err);
    if (s == GOP_OK)
        s = gop_trial_forward(&want, err);
    if (s == GOP_OK)
        s = check_inputs(&want, err);
    inference.apart = true;
    if (s == GOP_OK)
        s = check_way(&want, inference, "between other operators in an inference net", err);
    gop_trial_close(&want);
    return s;
}

/* ----------------------------------------------------------------------- adding */

static gop_status add_gradients(const trial *t, gop_real **sum, gop_error *err)
{
    for (size_t i = 0; i < t->c->n_in; i++) {
        const gop_real *g = gop_trial_grad(t, i);
        const size_t n = gop_shape_size(t->c->in[i]);
        if (g != NULL && sum[i] == NULL && (sum[i] = reals(n, err)) == NULL)
            return GOP_ENOMEM;
        for (size_t e = 0; g != NULL && e < n; e++)
            sum[i][e] += g[e];
    }
    return GOP_OK;
}

static gop_status compare_sums(const trial *t, gop_real *const *sum, gop_error *err)
{
    for (size_t i = 0; i < t->c->n_in; i++) {
        const gop_real *both = gop_trial_grad(t, i);
        const size_t n = sum[i] != NULL ? gop_shape_size(t->c->in[i]) : 0;
        /* A weight's gradient may be a sum of thousands of terms that nearly cancel: what
         * can be asked for is relative to the largest. */
        double scale = 1;
        for (size_t e = 0; e < n; e++)
            scale = fmax(scale, fabs((double)sum[i][e]));
        for (size_t e = 0; e < n; e++)
            if (!(fabs((double)both[e] - (double)sum[i][e]) <= GOP_FORMULA_TOLERANCE * scale))
                return gop_fail(err, GOP_ENUMERIC,
                                "case \"%s\": element %zu of the gradient of "
                                "input %zu, added to another, is %g, where the sum is %g",
                                t->c->name, e, i + 1, (double)both[e], (double)sum[i][e]);
    }
    return GOP_OK;
}

/* An input that two operators use gets the sum of the gradients that each alone gives
 * it: the second to come finds add[] set. */
static gop_status check_adding(const gop_case *c, gop_error *err)
{
    gop_real *sum[GOP_MAX_INPUTS] = {NULL};
    trial_how twice = plain;
    trial t;

    twice.copies = 2;
    gop_status s = gop_trial_open(&t, c, twice, err);
    if (s == GOP_OK && gop_trial_differentiable(&t)) {
        s = gop_trial_forward(&t, err);
        for (size_t k = 0; k < 2 && s == GOP_OK; k++) {
            s = gop_trial_backward(&t, k, k + 1, err);
            if (s == GOP_OK)
                s = add_gradients(&t, sum, err);
        }
        if (s == GOP_OK)
            s = gop_trial_backward(&t, 0, 2, err);
        if (s == GOP_OK)
            s = compare_sums(&t, sum, err);
    }
    for (size_t i = 0; i < GOP_MAX_INPUTS; i++)
        free(sum[i]);
    gop_trial_close(&t);
    return s;
}

/* ------------------------------------------------------------------------ whole */

static gop_status check_gradient(const gop_case *c, double *worst, gop_error *err)
{
    for (uint64_t seed = 1; seed <= 2; seed++) {
        double error = 0;
        gop_status s = gop_gradcheck(&error, c, seed, err);
        *worst = fmax(*worst, error);
        if (s != GOP_OK)
            return s;
        if (!(error <= GOP_GRADCHECK_TOLERANCE))
            return gop_fail(err, GOP_ENUMERIC,
                            "case \"%s\": the gradient is off central "
                            "differences by %g",
                            c->name, error);
    }
    return GOP_OK;
}

static gop_status check_case(gop_op_report *r, const gop_op *op, const gop_case *c, gop_error *err)
{
    gop_case big;
    gop_status s = gop_trial_sound(c, op->name, err);

    r->cases++;
    if (s == GOP_OK && c->naive != NULL) {
        r->naive++;
        s = check_formula(c, &r->formula, err);
    }
    if (s == GOP_OK)
        s = check_bytes(c, op, err);
    if (s == GOP_OK)
        s = check_adding(c, err);
    if (s == GOP_OK && gop_enlarge(&big, c, LARGE)) {
        r->enlarged++;
        s = check_bytes(&big, op, err);
    }
    return s == GOP_OK ? check_gradient(c, &r->gradient, err) : s;
}

static gop_status check_table(const gop_op *op, gop_error *err)
{
    const char *lacks = op == NULL                                     ? "table"
                        : op->name == NULL                             ? "name"
                        : op->plan == NULL                             ? "plan"
                        : op->cases == NULL || op->cases->name == NULL ? "case"
                        : !(op->flags & GOP_OP_VIEW) && op->forward == NULL && op->rows == NULL
                            ? "forward or rows"
                            : NULL;
    if (lacks == NULL)
        return GOP_OK;
    return gop_fail(err, GOP_EINVAL, "gop_check_op: %s has no %s",
                    op == NULL || op->name == NULL ? "the operator" : op->name, lacks);
}

gop_status gop_check_op(gop_op_report *r, const gop_op *op, gop_error *err)
{
    gop_op_report own;
    gop_status s = check_table(op, err);

    r = r != NULL ? r : &own;
    memset(r, 0, sizeof *r);
    for (const gop_case *c = s == GOP_OK ? op->cases : NULL; s == GOP_OK && c->name != NULL; c++)
        s = check_case(r, op, c, err);
    return s;
}
