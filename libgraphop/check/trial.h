/*
 * trial.h: a case of an operator recorded, filled and run, for gradient checks,
 * checks and benchmarks.  Internal to check/ and its tests.
 */
#ifndef GOP_CHECK_TRIAL_H
#define GOP_CHECK_TRIAL_H

#include "graphop.h"

enum { TRIAL_COPIES = 2 };

/* A case of an operator in certain shapes: its own, larger or smaller ones. */
typedef struct subject {
    const gop_op *op; /* NULL: the case builds all by itself */
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
    gop_real factor;                 /* of results: 1, or 2 */
    gop_real *value[GOP_MAX_INPUTS]; /* what forward is given; floats, in the double build too */
    gop_real *weight[TRIAL_COPIES];  /* the gradients of a result that backward starts with */
    gop_real *grads;                 /* of parameters */
} trial;

/* The case in its own shapes.  GOP_EINVAL or GOP_ESHAPE where it cannot be recorded; `who`
 * begins the sentence. */
gop_status gop_subject_new(subject *s, const gop_op *op, const gop_case *c, const char *who,
                           gop_error *err);
/* The same of its present shapes. */
gop_status gop_subject_check(const subject *s, const char *who, gop_error *err);
/* Whether input i is differentiated. */
bool gop_subject_free(const subject *s, size_t i);

/* enlarge.c: the first dimension of the first input, and of as few others as the operator
 * asks for, made so long that input 0 has about `elements`.  False, and *big is s, where it
 * has that many or does not record so. */
bool gop_enlarge(subject *big, const subject *s, size_t elements);
/* These dimensions made shorter, until a run takes at most `madds` multiply-adds.  False,
 * and *small is s, where it takes no more or does not record so. */
bool gop_shorten(subject *small, const subject *s, uint64_t madds);
/* In the shapes of `bench`; false, and *big is s, where there are none. */
bool gop_bench_shapes(subject *big, const subject *s);
/* In the shapes that it is timed in: `bench`, or enlarged. */
subject gop_timed_shapes(const subject *s);

/* Records and plans; to be closed even after a failure. */
gop_status gop_trial_open(trial *t, const subject *s, trial_how how, gop_error *err);
void gop_trial_close(trial *t);
/* Whether a gradient goes through the operator at all. */
bool gop_trial_differentiable(const trial *t);
/* Writes the inputs, which forward may have changed where they are statistics. */
void gop_trial_fill(trial *t);
/* Fills and runs. */
gop_status gop_trial_forward(trial *t, gop_error *err);
/* From copies first .. last - 1, each with its weights. */
gop_status gop_trial_backward(trial *t, size_t first, size_t last, gop_error *err);
/* The gradient of input i; NULL where there is none. */
const gop_real *gop_trial_grad(const trial *t, size_t i);

#endif
