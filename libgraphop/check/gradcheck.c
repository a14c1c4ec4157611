/*
 * gradcheck.c: compares an operator's gradients with central differences.
 *
 * Uses only the public functions of nets.
 *
 * The error of a difference comes from rounding, which a long step makes small, and from curvature
 * and kinks, which a short step makes small.  Several steps h are therefore tried, longest first,
 * until one agrees:
 *
 *     D(h)   = (L(x + h) - L(x - h)) / 2h         to the second order
 *     R(h)   = (4 D(h/2) - D(h)) / 3              to the fourth (Richardson 1911)
 *     S(+-h) = 2 S1(+-h/2) - S1(+-h),             to the second, on one side of x,
 *     S1(h)  = (L(x + h) - L(x)) / h              for a kink that is close on the other
 *
 * S is tried only with the shortest step, for which the error from curvature is small.
 *
 * At a large size all elements of an input move at once, each by +h or -h at random.  D(h)
 * and R(h) of the loss are then compared with the sum of the gradient's elements with these
 * signs, relative to the Euclidean norm of the gradient.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "check/trial.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Steps for elements of magnitude 1 and below, and the agreement at which no further step is
 * tried. */
#ifdef GOP_REAL_IS_DOUBLE
static const double steps[] = {0x1p-14, 0x1p-9, 0x1p-20};
static const double ENOUGH = 1e-9;
#else
static const double steps[] = {0x1p-1, 0x1p-3, 0x1p-5, 0x1p-7, 0x1p-9};
static const double ENOUGH = 1e-5;
#endif
enum { STEPS = sizeof steps / sizeof *steps };

/* Steps of all elements at once, the agreement at which no further one is tried, and the least norm,
 * over the root of the result's size. */
#ifdef GOP_REAL_IS_DOUBLE
static const double strides[] = {0x1p-14, 0x1p-19, 0x1p-24};
static const double ENOUGH_ALONG = 1e-8;
#else
static const double strides[] = {0x1p-3, 0x1p-5, 0x1p-7, 0x1p-9, 0x1p-11, 0x1p-15};
static const double ENOUGH_ALONG = 1e-3;
#endif
enum { STRIDES = sizeof strides / sizeof *strides };
static const double LEAST_NORM = 1e-3;

/* Elements checked per input; in larger inputs, this many random ones. */
enum { MOST = 300 };

/* L = sum_i weight_i out_i. */
static gop_status loss(trial *t, double *sum, gop_error *err)
{
    const gop_real *out = gop_net_value(t->net, t->out[0]);
    gop_status s;

    gop_trial_fill(t);
    s = gop_net_forward_finite(t->net, err);
    *sum = 0;
    for (size_t e = 0; s == GOP_OK && e < t->size; e++)
        *sum += (double)t->weight[0][e] * (double)out[e];
    return s;
}

static double apart(double a, double b)
{
    return fabs(a - b) / fmax(1, fmax(fabs(a), fabs(b)));
}

/* One element x, and its smallest error so far. */
typedef struct element {
    trial *t;
    gop_real *x;
    double gradient; /* the operator's */
    double here;     /* L(x) */
    double error;
} element;

static bool settled(element *e, double slope)
{
    e->error = fmin(e->error, apart(e->gradient, slope));
    return e->error <= ENOUGH;
}

/* L and x one step away, with x rounded to the number type. */
static gop_status look(const element *e, double h, double *at, double *value, gop_error *err)
{
    const gop_real old = *e->x;
    gop_status s;

    *e->x = (gop_real)((double)old + h);
    *at = (double)*e->x;
    s = loss(e->t, value, err);
    *e->x = old;
    return s;
}

static gop_status try_step(element *e, double h, bool sides, bool *done, gop_error *err)
{
    const double x = (double)*e->x;
    double at[4], value[4], d[2], side[4];

    for (int k = 0; k < 2; k++) { /* h / 2, then h */
        const double step = k == 0 ? h / 2 : h;
        gop_try(look(e, step, &at[2 * k], &value[2 * k], err));
        gop_try(look(e, -step, &at[2 * k + 1], &value[2 * k + 1], err));
        d[k] = (value[2 * k] - value[2 * k + 1]) / (at[2 * k] - at[2 * k + 1]);
        if ((*done = settled(e, k == 0 ? d[0] : (4 * d[0] - d[1]) / 3)))
            return GOP_OK;
    }
    if (!sides)
        return GOP_OK;
    for (int k = 0; k < 4; k++)
        side[k] = (value[k] - e->here) / (at[k] - x);
    *done = settled(e, 2 * side[0] - side[2]) || settled(e, 2 * side[1] - side[3]);
    return GOP_OK;
}

static gop_status compare(element *e, gop_error *err)
{
    const double scale = fmax(1, fabs((double)*e->x));
    bool done = false;
    gop_status s = GOP_OK;

    e->error = INFINITY;
    for (int k = 0; k < STEPS && !done; k++) {
        const bool last = k == STEPS - 1;
        s = try_step(e, steps[k] * scale, last, &done, last ? err : NULL);
        /* A long step may leave the operator's domain. */
        if (s != GOP_OK && s != GOP_ENUMERIC)
            return gop_fail(err, s, "case \"%s\": %s", e->t->s.c->name, gop_status_string(s));
    }
    return s;
}

static gop_status compare_input(trial *t, size_t i, double here, gop_rng *rng, double *worst,
                                gop_error *err)
{
    const gop_real *g = gop_trial_grad(t, i);
    const size_t n = gop_shape_size(t->s.in[i]), tries = n < MOST ? n : MOST;

    if (g == NULL)
        return gop_fail(err, GOP_EINVAL, "case \"%s\": input %zu has no gradient", t->s.c->name,
                        i + 1);
    for (size_t k = 0; k < tries; k++) {
        const size_t at = n <= MOST ? k : (size_t)gop_rng_below(rng, n);
        element e = {.t = t, .x = &t->value[i][at], .gradient = (double)g[at], .here = here};

        if (!isfinite(e.gradient)) {
            *worst = (double)NAN;
            return gop_fail(err, GOP_ENUMERIC,
                            "case \"%s\": the gradient of input %zu is %g at "
                            "element %zu",
                            t->s.c->name, i + 1, e.gradient, at);
        }
        gop_try(compare(&e, err));
        *worst = fmax(*worst, e.error);
    }
    return GOP_OK;
}

static gop_status check(trial *t, uint64_t seed, double *worst, gop_error *err)
{
    gop_rng rng = gop_rng_new(seed, gop_hash(GOP_HASH_START, "gradcheck", 9));
    bool any = false;
    double here;
    gop_status s = loss(t, &here, err);

    for (size_t i = 0; i < t->s.n_in; i++)
        any |= gop_subject_free(&t->s, i);
    if (s != GOP_OK || !any)
        return s;
    if (!gop_trial_differentiable(t))
        return gop_fail(err, GOP_EINVAL,
                        "case \"%s\": the case has no gradient; "
                        "for an operator without backward, mark the inputs as fixed",
                        t->s.c->name);
    gop_try(gop_trial_backward(t, 0, 1, err));
    for (size_t i = 0; i < t->s.n_in; i++)
        if (gop_subject_free(&t->s, i))
            gop_try(compare_input(t, i, here, &rng, worst, err));
    return GOP_OK;
}

gop_status gop_gradcheck(double *worst, const gop_op *op, const gop_case *c, uint64_t seed,
                         gop_error *err)
{
    const trial_how how = {.threads = 1, .training = true, .copies = 1, .seed = seed};
    gop_status s;
    subject of;
    trial t;

    if (worst == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_gradcheck: the result pointer is NULL");
    *worst = 0;
    gop_try(gop_subject_new(&of, op, c, "gop_gradcheck", err));
    s = gop_trial_open(&t, &of, how, err);
    if (s == GOP_OK)
        s = check(&t, seed, worst, err);
    gop_trial_close(&t);
    return s;
}

/* ---------------------------------------------------------------- at a large size */

/* Input i, and where its elements were. */
typedef struct moved {
    trial *t;
    size_t i, n;
    const gop_real *from;
} moved;

/* L with all elements h away. */
static gop_status look_along(const moved *m, double h, double *value, gop_error *err)
{
    gop_rng rng = gop_rng_new(m->i, gop_hash(GOP_HASH_START, "along", 5));
    gop_real *x = m->t->value[m->i];

    for (size_t e = 0; e < m->n; e++)
        x[e] = (gop_real)((double)m->from[e] + (gop_rng_u32(&rng) & 1 ? h : -h));
    const gop_status s = loss(m->t, value, err);
    memcpy(x, m->from, m->n * sizeof *x);
    return s;
}

static gop_status slope_along(const moved *m, double h, double *slope, gop_error *err)
{
    double up, down;

    gop_try(look_along(m, h, &up, err));
    gop_try(look_along(m, -h, &down, err));
    *slope = (up - down) / (2 * h);
    return GOP_OK;
}

static gop_status compare_along(const moved *m, double *error, gop_error *err)
{
    const gop_real *g = gop_trial_grad(m->t, m->i);
    gop_rng rng = gop_rng_new(m->i, gop_hash(GOP_HASH_START, "along", 5));
    double want = 0, norm = 0;
    gop_status s = GOP_OK;

    for (size_t e = 0; e < m->n; e++) {
        want += gop_rng_u32(&rng) & 1 ? (double)g[e] : -(double)g[e];
        norm += (double)g[e] * (double)g[e];
    }
    norm = fmax(sqrt(norm), LEAST_NORM * sqrt((double)m->t->size));
    *error = INFINITY;
    for (size_t k = 0; k < STRIDES && !(*error <= ENOUGH_ALONG); k++) {
        double whole = 0, half = 0;
        s = slope_along(m, strides[k], &whole, err);
        if (s == GOP_OK)
            s = slope_along(m, strides[k] / 2, &half, err);
        if (s == GOP_OK)
            *error = fmin(*error, fmin(fabs(half - want), fabs((4 * half - whole) / 3 - want)) /
                                      fmax(norm, fabs(half)));
        else if (s != GOP_ENUMERIC) /* a long step may leave the operator's domain */
            return s;
    }
    return s;
}

gop_status gop_gradcheck_along(double *worst, const subject *of, size_t *input, gop_error *err)
{
    const trial_how how = {.threads = 1, .training = true, .copies = 1, .seed = 1};
    gop_real *from = NULL;
    double here;
    trial t;
    gop_status s = gop_trial_open(&t, of, how, err);

    *worst = 0;
    if (s == GOP_OK && gop_trial_differentiable(&t)) {
        s = loss(&t, &here, err);
        if (s == GOP_OK)
            s = gop_trial_backward(&t, 0, 1, err);
        for (size_t i = 0; s == GOP_OK && i < of->n_in; i++) {
            double error = 0;
            if (gop_trial_grad(&t, i) == NULL)
                continue;
            moved m = {&t, i, gop_shape_size(of->in[i]), NULL};
            m.from = from = malloc(m.n * sizeof *from);
            if (from == NULL)
                s = gop_fail(err, GOP_ENOMEM, "out of memory for case \"%s\"", of->c->name);
            else {
                memcpy(from, t.value[i], m.n * sizeof *from);
                s = compare_along(&m, &error, err);
            }
            if (s == GOP_OK && !(error <= *worst)) {
                *worst = error;
                *input = i;
            }
            free(from);
        }
    }
    gop_trial_close(&t);
    return s;
}
