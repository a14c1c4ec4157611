/*
 * precision.c: compares results and gradients of every case of every operator in float with double,
 * on the same numbers.  Built twice and run by precision.sh: the double program writes its results
 * to a file; the float program reads them, prints the worst difference of each case relative to the
 * largest magnitude, and fails above the bound.
 *
 *     precision_double FILE    precision_float FILE
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "check/trial.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Inputs are floats, so that only the operator's rounding differs. */
#define BOUND 1e-5

static int failures;
static const char *op_name, *case_name;
static double worst; /* of the case */

static void give_up(const char *what)
{
    fprintf(stderr, "precision: %s, %s: %s\n", op_name, case_name, what);
    exit(1);
}

#ifdef GOP_REAL_IS_DOUBLE

static void tensor(FILE *file, const gop_real *v, size_t n)
{
    if (fwrite(v, sizeof *v, n, file) != n)
        give_up("the file cannot be written");
}

#else

static void tensor(FILE *file, const gop_real *v, size_t n)
{
    double *want = malloc(n * sizeof *want), off = 0, scale = 0;

    if (want == NULL || fread(want, sizeof *want, n, file) != n)
        give_up("the file is too short");
    for (size_t i = 0; i < n; i++) {
        const double e = fabs((double)v[i] - want[i]);
        off = isnan(e) ? (double)INFINITY : fmax(off, e);
        scale = fmax(scale, fabs(want[i]));
    }
    free(want);
    /* Zero in float: the terms of this sum have magnitude 1. */
    worst = fmax(worst, off / (scale >= (double)FLT_MIN ? scale : 1));
}

#endif

/* All results of a case in a fixed order. */
static void run_case(FILE *file, const gop_op *op, const gop_case *c)
{
    gop_error err = {GOP_OK, ""};
    const trial_how how = {.threads = 1, .training = true, .copies = 1, .seed = 3};
    subject of;
    trial t;

    op_name = op->name;
    case_name = c->name;
    worst = 0;
    gop_status s = gop_subject_new(&of, op, c, op->name, &err);
    if (s != GOP_OK)
        give_up(err.message);
    s = gop_trial_open(&t, &of, how, &err);
    if (s == GOP_OK)
        s = gop_trial_forward(&t, &err);
    if (s != GOP_OK)
        give_up(err.message);
    tensor(file, gop_net_value(t.net, t.out[0]), t.size);
    if (gop_trial_differentiable(&t)) {
        if (gop_trial_backward(&t, 0, 1, &err) != GOP_OK)
            give_up(err.message);
        for (size_t i = 0; i < of.n_in; i++)
            if (gop_trial_grad(&t, i) != NULL)
                tensor(file, gop_trial_grad(&t, i), gop_shape_size(of.in[i]));
    }
    gop_trial_close(&t);
    if (sizeof(gop_real) == sizeof(float))
        printf("precision %s %.1e %s\n", op_name, worst, c->name);
    if (!(worst <= BOUND)) {
        printf("FAIL: %s, %s: float is off double by %g of the largest\n", op_name, c->name, worst);
        failures++;
    }
}

int main(int argc, char **argv)
{
    FILE *file = argc == 2 ? fopen(argv[1], sizeof(gop_real) == sizeof(float) ? "rb" : "wb") : NULL;

    if (file == NULL) {
        fprintf(stderr, "precision: one file is needed\n");
        return 1;
    }
    for (const gop_op *const *op = gop_op_list(); *op != NULL; op++)
        for (const gop_case *c = (*op)->cases; c != NULL && c->name != NULL; c++)
            run_case(file, *op, c);
    if (fclose(file) != 0)
        give_up("the file cannot be written");
    return failures > 0;
}
