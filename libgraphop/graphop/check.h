/*
 * check.h: the check kit: cases of an operator, and what they are held to and cost.
 */
#ifndef GRAPHOP_CHECK_H
#define GRAPHOP_CHECK_H

#include "graphop/operator.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One way of using an operator, for its tests: what goes in, and the attributes. */
struct gop_case {
    const char *name;
    /* Shapes of the inputs, up to the first that is all zero; a scalar is {0, {1}} and an
     * absent input {-1}. */
    gop_shape in[GOP_MAX_INPUTS];
    /* Ranges the inputs are drawn from; lo = hi = 0 means [-1, 1). */
    struct {
        double lo, hi;
    } range[GOP_MAX_INPUTS];
    unsigned fixed;    /* bit i: input i is not differentiated (statistics, weights of samples) */
    unsigned integers; /* bit i: nor is input i, which is rounded down (labels, node numbers) */
    const void *attr;  /* the operator's attributes; NULL if it has none */
    bool training;     /* record in a training net (batch statistics) */
    /* Shapes of a size that is worth timing, for gop_bench_case, and large enough to be cut
     * into chunks, for gop_check_op.  An input that is left out keeps its shape; where
     * bench[0] is left out, in[] are enlarged. */
    gop_shape bench[GOP_MAX_INPUTS];
    /* Records the case where a single gop_apply would not: a constructor that does more than
     * copy its arguments, or several operators. */
    gop_var (*build)(gop_net *net, const gop_var *in, const void *attr);
    /* In place of the operator's reference, where `build` adds to the operator. */
    void (*naive)(gop_tensor out, const gop_tensor *in, const void *attr);
};

/* The number of inputs of a case, absent ones included; 0 for NULL. */
GOP_API size_t gop_case_inputs(const gop_case *c);

/* Records a case of `op` on inputs of a net: by `build`, or gop_apply with the case's
 * attributes.  op may be NULL where the case has `build`.
 * Errors: GOP_EINVAL for no case and for one that cannot be recorded. */
GOP_API gop_var gop_case_record(gop_net *net, const gop_op *op, const gop_case *c,
                                const gop_var *in);

/* Compares gradients with central differences on a case of `op`: *worst is the largest
 * |analytic - numeric| / max(1, |analytic|, |numeric|) over all inputs that are not
 * fixed, of up to 300 elements each.  Inputs, and the weights of the sum of results that
 * is differentiated, are drawn by `seed`.  Steps are tried from long to short, for one
 * that is not spoilt by rounding, curvature or a kink: correct operators stay far below
 * GOP_GRADCHECK_TOLERANCE in both number types.
 * Errors: GOP_EINVAL for a case that cannot be recorded or through which no gradient
 * goes, GOP_ENUMERIC for a gradient that is not finite (*worst is then NaN), and what
 * recording and running may fail with. */
GOP_API gop_status gop_gradcheck(double *worst, const gop_op *op, const gop_case *c, uint64_t seed,
                                 gop_error *err);

#ifdef GOP_REAL_IS_DOUBLE
#define GOP_GRADCHECK_TOLERANCE 1e-6
#define GOP_FORMULA_TOLERANCE   1e-12
#else
#define GOP_GRADCHECK_TOLERANCE 5e-4
#define GOP_FORMULA_TOLERANCE   1e-5
#endif

/* What gop_check_op found on all cases of an operator. */
typedef struct gop_op_report {
    size_t cases, naive;  /* cases, and those of them that have a naive reference */
    size_t enlarged;      /* cases that could also be run at a size that is cut into chunks */
    size_t large;         /* comparisons with the reference at such a size or at `bench` */
    size_t reduced;       /* of these, at a smaller size that the reference can do in time */
    double formula;       /* worst |result - naive| / max(1, |result|, |naive|) */
    double formula_large; /* worst |result - naive| / max(1, largest |naive|) of the large ones */
    double gradient;      /* worst of gop_gradcheck with seeds 1 and 2 */
} gop_op_report;

/* All that the built-in operators are held to, for an operator of one's own.  Each of
 * its cases, as it is and made longer,
 *   - gives what its naive reference gives, to GOP_FORMULA_TOLERANCE, twice over; at a
 *     size that is cut into chunks and at `bench`, to GOP_FORMULA_TOLERANCE
 *     max(1, sqrt(d) / 64) of the largest result, d being the terms of an element's sum
 *   - gives the same bytes, gradients too, on one thread and on three
 *   - gives the same bytes between neighbours that it may run together or share memory
 *     with, and where values that its flags do not ask for are gone in backward
 *   - leaves inputs alone that are not fixed
 *   - adds to a gradient where add[] says so
 *   - has the gradient of central differences, to GOP_GRADCHECK_TOLERANCE.
 * GOP_EINVAL where the table lacks something, GOP_ENUMERIC where a check fails, with a
 * sentence that names the case; r (may be NULL) then holds what was found so far. */
GOP_API gop_status gop_check_op(gop_op_report *r, const gop_op *op, gop_error *err);

/* What a run of a case costs. */
typedef struct gop_bench {
    size_t n_in;
    gop_shape in[GOP_MAX_INPUTS], out;
    double forward;  /* seconds, medians: of an inference net, or of a training net where */
    double backward; /* the case asks for one; of a training net, 0 where no gradient goes */
    size_t runs;     /* timed, of forward */
    uint64_t madds, madds_backward; /* multiply-adds, of products only */
    uint64_t bytes, bytes_backward; /* of what operators are given and give, see gop_profile_work */
} gop_bench;

/* Times a case of `op`, a built-in operator or of one's own, on `threads` threads (0: one per
 * processor): forward and backward each for about `seconds` after warming up, at least
 * five runs.  It has the shapes c->bench, or c->in with first dimensions made longer,
 * where the operator allows it, up to about a million elements.  Inputs that an operator
 * packs beforehand (weights) are parameters.
 * Errors: GOP_EINVAL for a case that cannot be recorded, and what recording, planning
 * and running may fail with. */
GOP_API gop_status gop_bench_case(gop_bench *b, const gop_op *op, const gop_case *c, int threads,
                                  double seconds, gop_error *err);

#ifdef __cplusplus
}
#endif
#endif
