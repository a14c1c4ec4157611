/*
 * bench_case.c: times a case of an operator.  Runs nets through their public functions; net/pack.h
 * returns the inputs that are packed beforehand.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "check/trial.h"
#include "core/clock.h"
#include "net/pack.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FEWEST = 5, MOST = 1000 };

/* A sample of a single run would measure the clock. */
#define SAMPLE_SECONDS 2e-5

/* Bit i: the operators prepare something from input i. */
static unsigned packed_inputs(const trial *t)
{
    unsigned mask = 0;

    for (size_t i = 0; i < t->s.n_in; i++)
        mask |= gop_net_packs(t->net, t->in[i]) ? 1u << i : 0;
    return mask;
}

static gop_status open_trial(trial *t, const subject *of, int threads, bool training,
                             gop_error *err)
{
    trial_how how = {.threads = threads, .training = training, .copies = 1, .seed = 1};
    gop_status s = gop_trial_open(t, of, how, err);

    if (s != GOP_OK || (how.param = packed_inputs(t)) == 0)
        return s;
    gop_trial_close(t);
    return gop_trial_open(t, of, how, err);
}

static gop_status run(trial *t, bool backward, gop_error *err)
{
    if (!backward)
        return gop_net_forward(t->net, err);
    return gop_net_backward(t->net, &(gop_pass){.from = t->out, .n_from = 1}, t->grads, err);
}

static gop_status sample(double *seconds, trial *t, bool backward, size_t times, gop_error *err)
{
    gop_status s = GOP_OK;
    double start = gop_clock();

    for (size_t i = 0; i < times && s == GOP_OK; i++)
        s = run(t, backward, err);
    *seconds = (gop_clock() - start) / (double)times;
    return s;
}

static int in_order(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* The median of samples taken for `seconds`; *runs counts runs. */
static gop_status measure(double *median, size_t *runs, trial *t, bool backward, double seconds,
                          gop_error *err)
{
    double once, start, *all = malloc(MOST * sizeof *all);
    size_t n = 0, times;
    gop_status s;

    if (all == NULL)
        return gop_fail(err, GOP_ENOMEM, "gop_bench_case: out of memory for times");
    s = sample(&once, t, backward, 2, err);
    if (s == GOP_OK)
        s = sample(&once, t, backward, 1, err);
    /* Limits the samples to the room for them. */
    times = (size_t)(fmax(SAMPLE_SECONDS, seconds / MOST) / fmax(once, 1e-9)) + 1;
    start = gop_clock();
    while (s == GOP_OK && n < MOST && (n < FEWEST || gop_clock() - start < seconds))
        s = sample(&all[n++], t, backward, times, err);
    if (s == GOP_OK) {
        qsort(all, n, sizeof *all, in_order);
        *median = (all[(n - 1) / 2] + all[n / 2]) / 2;
        *runs = n * times;
    }
    free(all);
    return s;
}

/* Counts of one run of a net that has run before. */
static gop_status count(uint64_t *madds, uint64_t *bytes, trial *t, bool backward, gop_error *err)
{
    gop_status s = gop_net_profile(t->net, true, err);

    if (s == GOP_OK)
        s = run(t, backward, err);
    *madds = *bytes = 0;
    for (size_t i = 0; i < gop_net_profile_rows(t->net); i++) {
        const gop_profile_row r = gop_net_profile_row(t->net, i);
        *madds += (backward ? r.backward : r.forward).madds;
        *bytes += (backward ? r.backward : r.forward).bytes;
    }
    return s == GOP_OK ? gop_net_profile(t->net, false, err) : s;
}

static gop_status forward(gop_bench *b, const subject *of, int threads, double seconds,
                          gop_error *err)
{
    trial t;
    gop_status s = open_trial(&t, of, threads, of->c->training, err);

    if (s == GOP_OK) {
        b->out = gop_net_shape(t.net, t.out[0]);
        s = gop_trial_forward(&t, err);
    }
    if (s == GOP_OK)
        s = measure(&b->forward, &b->runs, &t, false, seconds, err);
    if (s == GOP_OK)
        s = count(&b->madds, &b->bytes, &t, false, err);
    gop_trial_close(&t);
    return s;
}

static gop_status backward(gop_bench *b, const subject *of, int threads, double seconds,
                           gop_error *err)
{
    size_t runs;
    trial t;
    gop_status s = open_trial(&t, of, threads, true, err);

    if (s == GOP_OK && gop_trial_differentiable(&t)) {
        s = gop_trial_forward(&t, err);
        if (s == GOP_OK)
            s = gop_trial_backward(&t, 0, 1, err);
        if (s == GOP_OK)
            s = measure(&b->backward, &runs, &t, true, seconds, err);
        if (s == GOP_OK)
            s = count(&b->madds_backward, &b->bytes_backward, &t, true, err);
    }
    gop_trial_close(&t);
    return s;
}

gop_status gop_bench_case(gop_bench *b, const gop_op *op, const gop_case *c, int threads,
                          double seconds, gop_error *err)
{
    subject of;
    gop_status s;

    if (b == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_bench_case: the result pointer is NULL");
    memset(b, 0, sizeof *b);
    if (!(seconds >= 0 && seconds <= 3600))
        return gop_fail(err, GOP_EINVAL, "gop_bench_case: seconds must be 0 to 3600, not %g",
                        seconds);
    gop_try(gop_subject_new(&of, op, c, "gop_bench_case", err));
    of = gop_timed_shapes(&of);
    b->n_in = of.n_in;
    memcpy(b->in, of.in, of.n_in * sizeof *b->in);
    s = gop_subject_check(&of, "gop_bench_case", err);
    if (s == GOP_OK)
        s = forward(b, &of, threads, seconds, err);
    return s == GOP_OK ? backward(b, &of, threads, seconds, err) : s;
}
