/*
 * check_op.c: the checks of an operator on its own cases.  Uses only the public functions of nets.
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
    LARGE = 50000,            /* elements that are cut into several chunks */
    REFERENCE_MADDS = 1 << 23 /* of the operator; its reference then takes at most a second */
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

static gop_status reals(gop_real **v, size_t n, gop_error *err)
{
    *v = calloc(n, sizeof **v);
    return *v != NULL ? GOP_OK : gop_fail(err, GOP_ENOMEM, "gop_check_op: out of memory");
}

/* --------------------------------------------------------- against the formula */

/* The comparison with the reference: of elements, or at a large size. */
typedef struct measure {
    bool large;
    double *worst;
} measure;

static bool has_reference(const subject *s)
{
    return s->c->naive != NULL || (s->op != NULL && s->op->naive != NULL);
}

static void run_reference(const trial *t, gop_real *out)
{
    gop_tensor in[GOP_MAX_INPUTS + 1] = {{NULL, gop_shape0()}};
    const gop_tensor to = {out, gop_net_shape(t->net, t->out[0])};
    const subject *s = &t->s;

    for (size_t i = 0; i < s->n_in; i++)
        in[i] = (gop_tensor){t->value[i], s->in[i]};
    (s->c->naive != NULL ? s->c->naive : s->op->naive)(to, in, s->c->attr);
}

/* The number of terms in an element's sum: products, or all input elements. */
static double terms(const trial *t)
{
    double most = (double)gop_net_costs(t->net).madds, in = 0;
    for (size_t i = 0; i < t->s.n_in; i++)
        in += (double)gop_shape_size(t->s.in[i]);
    return fmax(most, in) / (double)t->size;
}

/* Rounding changes a sum of d terms like a random walk, by about sqrt(d) units in the last place of
 * its partial sums (Higham & Mary 2019), and the sum may be much smaller than these.  At a large
 * size errors are therefore relative to the largest result, and the tolerance, 168 units in float,
 * grows from d = 64^2 on. */
static double large_error(const trial *t, const gop_real *want, double *tolerance)
{
    const gop_real *got = gop_net_value(t->net, t->out[0]);
    double off = 0, scale = 1;

    for (size_t e = 0; e < t->size; e++) {
        const double d = fabs((double)got[e] - (double)want[e]);
        off = isnan(d) ? (double)INFINITY : fmax(off, d);
        scale = fmax(scale, fabs((double)want[e]));
    }
    *tolerance = GOP_FORMULA_TOLERANCE * fmax(1, sqrt(terms(t)) / 64);
    return off / scale;
}

static double small_error(const trial *t, const gop_real *want, double *tolerance)
{
    const gop_real *got = gop_net_value(t->net, t->out[0]);
    double error = 0;

    for (size_t e = 0; e < t->size; e++)
        error = fmax(error, relative((double)got[e], (double)want[e]));
    *tolerance = GOP_FORMULA_TOLERANCE;
    return error;
}

static gop_status compare_naive(trial *t, measure how, gop_error *err)
{
    char shape[64];
    gop_real *want;
    double tolerance;

    gop_try(reals(&want, t->size, err));
    run_reference(t, want);
    const double error = (how.large ? large_error : small_error)(t, want, &tolerance);
    free(want);
    *how.worst = fmax(*how.worst, error);
    if (!(error <= tolerance))
        return gop_fail(
            err, GOP_ENUMERIC,
            "case \"%s\": the result differs from its naive reference by %g, with a first input %s",
            t->s.c->name, error, gop_shape_text(shape, sizeof shape, t->s.in[0]));
    return GOP_OK;
}

/* In a training or inference net, as the case requires. */
static gop_status check_formula(const subject *of, measure how, gop_error *err)
{
    trial_how kind = plain;
    trial t;

    kind.training = of->c->training;
    gop_status s = gop_trial_open(&t, of, kind, err);
    /* Twice: the second run finds the values of the first in memory. */
    for (int k = 0; k < 2 && s == GOP_OK; k++)
        s = gop_trial_forward(&t, err);
    if (s == GOP_OK)
        s = compare_naive(&t, how, err);
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

/* Requires the result and gradients of `t` to equal those of `want`. */
static gop_status expect(const trial *t, const trial *want, bool forward, const char *when,
                         gop_error *err)
{
    const char *name = t->s.c->name;

    if (forward && !same_results(t, want))
        return gop_fail(err, GOP_ENUMERIC, "case \"%s\": the result differs %s", name, when);
    for (size_t i = 0; i < t->s.n_in && gop_trial_differentiable(want); i++) {
        const gop_real *a = gop_trial_grad(t, i), *b = gop_trial_grad(want, i);
        if (a != NULL && b != NULL && !same(a, b, gop_shape_size(t->s.in[i])))
            return gop_fail(err, GOP_ENUMERIC, "case \"%s\": the gradient of input %zu differs %s",
                            name, i + 1, when);
    }
    return GOP_OK;
}

static gop_status run_both(trial *t, gop_error *err)
{
    gop_try(gop_trial_forward(t, err));
    if (gop_trial_differentiable(t))
        gop_try(gop_trial_backward(t, 0, 1, err));
    return GOP_OK;
}

static gop_status check_way(const trial *want, trial_how how, const char *when, gop_error *err)
{
    trial t;
    gop_status s = gop_trial_open(&t, &want->s, how, err);

    if (s == GOP_OK)
        s = run_both(&t, err);
    if (s == GOP_OK)
        s = expect(&t, want, true, when, err);
    gop_trial_close(&t);
    return s;
}

static gop_status check_inputs(const trial *t, gop_error *err)
{
    for (size_t i = 0; i < t->s.n_in; i++)
        if (gop_subject_free(&t->s, i) &&
            !same(gop_net_value(t->net, t->in[i]), t->value[i], gop_shape_size(t->s.in[i])))
            return gop_fail(err, GOP_ENUMERIC, "case \"%s\": a run changes input %zu", t->s.c->name,
                            i + 1);
    return GOP_OK;
}

static void spoil(gop_real *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        v[i] = (gop_real)NAN;
}

/* Overwrites the values that the flags do not declare before backward runs.  These are known only
 * for cases that record just the operator. */
static gop_status check_flags(const trial *want, gop_error *err)
{
    const gop_op *op = want->s.op;
    trial t;
    gop_status s = gop_trial_open(&t, &want->s, plain, err);

    if (s == GOP_OK && gop_trial_differentiable(&t) && gop_net_costs(t.net).ops == 1 &&
        !(op->flags & (GOP_OP_VIEW | GOP_OP_COMPOSITE))) {
        s = gop_trial_forward(&t, err);
        for (size_t i = 0; i < t.s.n_in && !(op->flags & GOP_OP_NEEDS_IN); i++)
            if (t.in[i].id >= 0)
                spoil(gop_net_value(t.net, t.in[i]), gop_shape_size(t.s.in[i]));
        if (!(op->flags & GOP_OP_NEEDS_OUT))
            spoil(gop_net_value(t.net, t.out[0]), t.size);
        if (s == GOP_OK)
            s = gop_trial_backward(&t, 0, 1, err);
        if (s == GOP_OK)
            s = expect(&t, want, false, "without the values that the flags do not declare", err);
    }
    gop_trial_close(&t);
    return s;
}

/* Whether the results change with the step.  Draws depend on the operator's place in the net, which
 * neighbours change. */
static gop_status find_draws(bool *draws, const subject *of, gop_error *err)
{
    trial a, b;
    gop_status s = gop_trial_open(&a, of, plain, err);

    memset(&b, 0, sizeof b);
    if (s == GOP_OK)
        s = gop_trial_forward(&a, err);
    if (s == GOP_OK)
        s = gop_trial_open(&b, of, plain, err);
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

static gop_status check_bytes(const subject *of, gop_error *err)
{
    bool draws = false;
    trial want;
    trial_how threads = plain, apart = plain, inference = plain;
    gop_status s = gop_trial_open(&want, of, plain, err);

    threads.threads = THREADS;
    apart.apart = true;
    if (s == GOP_OK)
        s = run_both(&want, err);
    if (s == GOP_OK)
        s = check_inputs(&want, err);
    if (s == GOP_OK)
        s = check_way(&want, threads, "on three threads", err);
    if (s == GOP_OK)
        s = find_draws(&draws, of, err);
    if (s == GOP_OK && !draws)
        s = check_way(&want, apart, "between other operators", err);
    if (s == GOP_OK)
        s = check_flags(&want, err);
    gop_trial_close(&want);
    gop_try(s);

    inference.training = false;
    s = gop_trial_open(&want, of, inference, err);
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
    for (size_t i = 0; i < t->s.n_in; i++) {
        const gop_real *g = gop_trial_grad(t, i);
        const size_t n = gop_shape_size(t->s.in[i]);
        if (g != NULL && sum[i] == NULL)
            gop_try(reals(&sum[i], n, err));
        for (size_t e = 0; g != NULL && e < n; e++)
            sum[i][e] += g[e];
    }
    return GOP_OK;
}

static gop_status compare_sums(const trial *t, gop_real *const *sum, gop_error *err)
{
    for (size_t i = 0; i < t->s.n_in; i++) {
        const gop_real *both = gop_trial_grad(t, i);
        const size_t n = sum[i] != NULL ? gop_shape_size(t->s.in[i]) : 0;
        /* A weight's gradient may be a sum of thousands of terms that nearly cancel: the tolerance
         * is relative to the largest element. */
        double scale = 1;
        for (size_t e = 0; e < n; e++)
            scale = fmax(scale, fabs((double)sum[i][e]));
        for (size_t e = 0; e < n; e++)
            if (!(fabs((double)both[e] - (double)sum[i][e]) <= GOP_FORMULA_TOLERANCE * scale))
                return gop_fail(err, GOP_ENUMERIC,
                                "case \"%s\": element %zu of the gradient of input %zu, "
                                "added to another gradient, is %g, not the sum %g",
                                t->s.c->name, e, i + 1, (double)both[e], (double)sum[i][e]);
    }
    return GOP_OK;
}

/* An input of two operators gets the sum of the gradients that each alone computes: add[] is set
 * for the second one. */
static gop_status check_adding(const subject *of, gop_error *err)
{
    gop_real *sum[GOP_MAX_INPUTS] = {NULL};
    trial_how twice = plain;
    trial t;

    twice.copies = 2;
    gop_status s = gop_trial_open(&t, of, twice, err);
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

/* ----------------------------------------------------------------- at a large size */

/* In float, kinks that many elements step over disturb a slope: it finds a chunk that is wrong,
 * and in double an element. */
#ifdef GOP_REAL_IS_DOUBLE
static const double SLOPE_TOLERANCE = 1e-6;
#else
static const double SLOPE_TOLERANCE = 0.1;
#endif

static gop_status check_slope(gop_op_report *r, const subject *of, gop_error *err)
{
    char shape[64];
    double error = 0;
    size_t input = 0;

    gop_try(gop_gradcheck_along(&error, of, &input, err));
    r->gradient_large = fmax(r->gradient_large, error);
    if (!(error <= SLOPE_TOLERANCE))
        return gop_fail(err, GOP_ENUMERIC,
                        "case \"%s\": the gradient of input %zu, %s, differs from central "
                        "differences by %g of its norm",
                        of->c->name, input + 1, gop_shape_text(shape, sizeof shape, of->in[input]),
                        error);
    return GOP_OK;
}

/* At a size that is cut into chunks, or at a smaller one if the reference, which may take many
 * times the operator's work, would take too long. */
static gop_status check_large(gop_op_report *r, const subject *big, gop_error *err)
{
    subject small;
    const bool reduced = gop_shorten(&small, big, REFERENCE_MADDS);

    if (has_reference(big)) {
        r->large++;
        r->reduced += reduced;
        gop_try(check_formula(&small, (measure){true, &r->formula_large}, err));
    }
    gop_try(check_adding(&small, err));
    return check_slope(r, &small, err);
}

/* ------------------------------------------------------------------------ whole */

static gop_status check_gradient(const subject *of, double *worst, gop_error *err)
{
    for (uint64_t seed = 1; seed <= 2; seed++) {
        double error = 0;
        gop_status s = gop_gradcheck(&error, of->op, of->c, seed, err);
        *worst = fmax(*worst, error);
        gop_try(s);
        if (!(error <= GOP_GRADCHECK_TOLERANCE))
            return gop_fail(err, GOP_ENUMERIC,
                            "case \"%s\": the gradient differs from central differences by %g",
                            of->c->name, error);
    }
    return GOP_OK;
}

static gop_status check_case(gop_op_report *r, const gop_op *op, const gop_case *c, gop_error *err)
{
    subject of, big;
    gop_status s = gop_subject_new(&of, op, c, op->name, err);

    r->cases++;
    if (s == GOP_OK && has_reference(&of)) {
        r->naive++;
        s = check_formula(&of, (measure){false, &r->formula}, err);
    }
    if (s == GOP_OK)
        s = check_bytes(&of, err);
    if (s == GOP_OK)
        s = check_adding(&of, err);
    if (s == GOP_OK && gop_enlarge(&big, &of, LARGE)) {
        r->enlarged++;
        s = check_bytes(&big, err);
        if (s == GOP_OK)
            s = check_large(r, &big, err);
    }
    if (s == GOP_OK && gop_bench_shapes(&big, &of))
        s = check_large(r, &big, err);
    return s == GOP_OK ? check_gradient(&of, &r->gradient, err) : s;
}

static gop_status check_table(const gop_op *op, gop_error *err)
{
    const bool records = op != NULL && !(op->flags & GOP_OP_COMPOSITE);
    const bool runs = records && !(op->flags & GOP_OP_VIEW);
    const char *lacks = op == NULL                                        ? "table"
                        : op->name == NULL                                ? "name"
                        : records && op->plan == NULL                     ? "plan"
                        : op->cases == NULL || op->cases->name == NULL    ? "case"
                        : runs && op->forward == NULL && op->rows == NULL ? "forward or rows"
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
