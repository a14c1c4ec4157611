/*
 * golden_run.h: one golden case through a net: leaves from the case, results
 * and gradients against it; and what all programs of golden cases share.  For
 * Check programs; every function fails the running test rather than return an
 * error.
 */
#ifndef TESTS_GOLDEN_RUN_H
#define TESTS_GOLDEN_RUN_H

#include "golden.h"
#include "suite.h"

#include <check.h>

/* A call that has to succeed. */
#define OK(err, call) ck_assert_msg(recorded((call), &(err)) == GOP_OK, "%s", (err).message)
#define COUNT(a)      ((int)(sizeof(a) / sizeof((a)[0])))

enum { GOLDEN_RUN_MAX = 24 };

typedef struct golden_port {
    const char *kind, *name;
    gop_var var;
} golden_port;

/* The largest errors seen, and where. */
typedef struct golden_worst {
    double forward, gradient;
    char forward_at[160], gradient_at[160];
} golden_worst;

typedef struct golden_run {
    golden *g;
    gop_ctx *ctx;
    gop_params *params;
    gop_net *net;
    const char *prefix; /* of parameters' names in the net; "" when they are the case's */
    golden_port leaf[GOLDEN_RUN_MAX], out[GOLDEN_RUN_MAX];
    size_t n_leaves, n_outs;
} golden_run;

golden_run golden_run_open(const char *name, bool training);
void golden_run_close(golden_run *r);

/* An input of the net that gets the values of a tensor, and whose gradient is
 * compared. */
gop_var golden_leaf(golden_run *r, const char *kind, const char *name);
/* A constant of the net with the values of a tensor. */
gop_var golden_constant(golden_run *r, const char *kind, const char *name);
/* Marks a value as the result `name`. */
void golden_out(golden_run *r, const char *name, gop_var v);

/* Plans the net and sets inputs, parameters and statistics; runs forward and
 * compares results and statistics; in a training net runs backward and compares
 * gradients.  Every out, aft, gin and gpar of the case has to be among them.
 * Keeps the largest errors in `worst` (NULL: nowhere) and prints the case's. */
void golden_run_check(golden_run *r, double forward, double gradient, golden_worst *worst);

/* Sets every parameter and statistic to the tensor par or buf of its name
 * without the prefix. */
void golden_set_params(const golden *g, gop_params *params, const char *prefix);
/* Compares grads (gop_params_size elements) with every gpar, or by projection with
 * every gdot, and all statistics where the case has an aft; returns the number of
 * tensors compared. */
size_t golden_expect_params(const golden *g, const gop_params *params, const char *prefix,
                            const gop_real *grads, double forward, double gradient,
                            golden_worst *worst);
/* Gradients and statistics that a case has: gin, gpar, gdot, aft. */
size_t golden_count_trained(const golden *g);
/* Four projections of a parameter's gradient, as README has them. */
void golden_project(gop_real to[4], const char *name, const gop_real *grad, size_t size);

/* Compares, as golden_hold. */
void golden_expect(const golden *g, const char *kind, const char *name, const gop_real *got,
                   gop_shape shape, double tolerance, golden_worst *worst);
/* Fails when an error is above the tolerance; else keeps the largest in `worst` (NULL:
 * nowhere), that of a gradient where the kind begins with g. */
void golden_hold(const char *of, const char *kind, const char *name, double error, double tolerance,
                 golden_worst *worst);
/* Prints the two errors after `what`. */
void golden_report(const char *what, const golden_worst *worst);
/* The same, and keeps the larger errors of two in `all`. */
void golden_keep(golden_worst *all, const char *what, const golden_worst *w);

/* Runs the tests of "golden values of OF" in this process, so that the largest errors
 * are kept in `worst`, and prints these; what main returns. */
int golden_main(const char *of, TCase *tests, const golden_worst *worst);

#endif
