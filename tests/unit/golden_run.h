/*
 * golden_run.h: runs one golden case through a net: takes leaves from the case and compares results
 * and gradients with it; and code shared by all programs of golden cases.  For Check programs;
 * every function fails the running test, none returns an error.
 */
#ifndef TESTS_GOLDEN_RUN_H
#define TESTS_GOLDEN_RUN_H

#include "golden.h"
#include "suite.h"

#include <check.h>

/* A call that must succeed. */
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
    const char *prefix; /* of parameters' names in the net; "" if they equal the case's */
    golden_port leaf[GOLDEN_RUN_MAX], out[GOLDEN_RUN_MAX];
    size_t n_leaves, n_outs;
} golden_run;

golden_run golden_run_open(const char *name, bool training);
void golden_run_close(golden_run *r);

/* An input of the net with the values of a tensor; its gradient is compared. */
gop_var golden_leaf(golden_run *r, const char *kind, const char *name);
/* A constant of the net with the values of a tensor. */
gop_var golden_constant(golden_run *r, const char *kind, const char *name);
/* Marks a value as the result `name`. */
void golden_out(golden_run *r, const char *name, gop_var v);

/* Plans the net and sets inputs, parameters and statistics; runs forward and compares results and
 * statistics; in a training net runs backward and compares gradients.  Every out, aft, gin and gpar
 * of the case must be compared.  Keeps the largest errors in `worst` (may be NULL) and prints the
 * case's. */
void golden_run_check(golden_run *r, double forward, double gradient, golden_worst *worst);

/* Sets every parameter and statistic to the tensor par or buf of its name
 * without the prefix. */
void golden_set_params(const golden *g, gop_params *params, const char *prefix);
/* Compares grads (gop_params_size elements) with every gpar, or by projection with every gdot, and
 * all statistics with every aft or adot; returns the number of tensors compared. */
size_t golden_expect_params(const golden *g, const gop_params *params, const char *prefix,
                            const gop_real *grads, double forward, double gradient,
                            golden_worst *worst);
/* The number of gradients and statistics of a case: gin, gpar, gdot, aft, adot. */
size_t golden_count_trained(const golden *g);
/* Four projections of a parameter's gradient, as in README. */
void golden_project(gop_real to[4], const char *name, const gop_real *grad, size_t size);

/* Compares, as golden_hold. */
void golden_expect(const golden *g, const char *kind, const char *name, const gop_real *got,
                   gop_shape shape, double tolerance, golden_worst *worst);
/* Fails if an error exceeds the tolerance; else keeps the largest in `worst` (may be NULL), as a
 * gradient's if the kind begins with g. */
void golden_hold(const char *of, const char *kind, const char *name, double error, double tolerance,
                 golden_worst *worst);
/* Prints the two errors after `what`. */
void golden_report(const char *what, const golden_worst *worst);
/* Prints them and keeps the larger errors in `all`. */
void golden_keep(golden_worst *all, const char *what, const golden_worst *w);

/* Runs the tests of "golden values of OF" in this process, so that `worst` keeps the largest
 * errors, and prints these.  Returns main's result. */
int golden_main(const char *of, TCase *tests, const golden_worst *worst);

#endif
