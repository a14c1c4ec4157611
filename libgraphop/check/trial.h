/*
 * trial.h: a case of an operator recorded, filled and run, for gradient checks,
 * checks and benchmarks.  Internal to check/ and its tests.
 */
#ifndef GOP_CHECK_TRIAL_H
#define GOP_CHECK_TRIAL_H

#include "graphop.h"

enum { TRIAL_COPIES = 2 };

/* A case of an operator with its own, larger or smaller shapes. */
typedef struct subject {
    const gop_op *op; /* NULL: the case has `build` */
    const gop_case *c;
    size_t n_in;
    gop_shape in[GOP_MAX_INPUTS];
} subject;

/* How a case is recorded. */
typedef struct trial_how {
    int threads;
    bool training;
    size_t copies;  /* over the same inputs, 1 or 2 */
    bool apart;     /* between operators that take inputs times 1 and results times 2: what goes in
                       and comes out is then not kept, may share memory, and runs together with
                       neighbours */
    unsigned param; /* bit i: input i is a parameter */
    uint64_t seed;
} trial_how;

typedef struct trial {
    subject s;
    gop_ctx *ctx;
    gop_params *params;
    gop_net *net;
    gop_var in[GOP_MAX_INPUTS], out[TRIAL_COPIES];
    size_t copies, size;             /* elements of one result */
    gop_real factor;                 /* of results: 1 or 2 */
    gop_real *value[GOP_MAX_INPUTS]; /* the inputs of forward; floats, also in the double build */
    gop_real *weight[TRIAL_COPIES];  /* the gradients of a result at which backward starts */
    gop_real *grads;                 /* of parameters */
} trial;

/* The case with its own shapes.  GOP_EINVAL or GOP_ESHAPE if it cannot be recorded, with a sentence
 * that begins with `who`. */
gop_status gop_subject_new(subject *s, const gop_op *op, const gop_case *c, const char *who,
                           gop_error *err);
/* The same check for its current shapes. */
gop_status gop_subject_check(const subject *s, const char *who, gop_error *err);
/* Whether input i is differentiated. */
bool gop_subject_free(const subject *s, size_t i);

/* enlarge.c: enlarges the first dimension of the first input, and of as few others as the operator
 * requires, so that input 0 has about `elements`.  Returns false and *big = *s if it already has
 * that many or cannot be recorded at that size. */
bool gop_enlarge(subject *big, const subject *s, size_t elements);
/* Reduces these dimensions until a run takes at most `madds` multiply-adds.  Returns false and
 * *small = *s if it takes no more or cannot be recorded at that size. */
bool gop_shorten(subject *small, const subject *s, uint64_t madds);
/* Sets the shapes of `bench`; returns false and *big = *s if these are unset. */
bool gop_bench_shapes(subject *big, const subject *s);
/* Returns the case with its shapes for timing: `bench`, or enlarged. */
subject gop_timed_shapes(const subject *s);

/* Records and plans; must be closed even after a failure. */
gop_status gop_trial_open(trial *t, const subject *s, trial_how how, gop_error *err);
void gop_trial_close(trial *t);
/* Whether the operator is differentiable. */
bool gop_trial_differentiable(const trial *t);
/* Writes the inputs; forward may have changed statistics. */
void gop_trial_fill(trial *t);
/* Fills and runs. */
gop_status gop_trial_forward(trial *t, gop_error *err);
/* Runs backward from copies first .. last - 1, each with its weights. */
gop_status gop_trial_backward(trial *t, size_t first, size_t last, gop_error *err);
/* The gradient of input i; NULL if it has none. */
const gop_real *gop_trial_grad(const trial *t, size_t i);

/* gradcheck.c: all elements of an input at once, for large sizes.  *worst is the largest
 * difference of slopes, relative to the norm of the gradient; *input is where it is.  0 where
 * there is no gradient. */
gop_status gop_gradcheck_along(double *worst, const subject *of, size_t *input, gop_error *err);

#endif
