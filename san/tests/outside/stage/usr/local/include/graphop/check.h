/*
 * check.h: the check kit: test cases of an operator, their checks and their timings.
 */
#ifndef GRAPHOP_CHECK_H
#define GRAPHOP_CHECK_H

#include "graphop/operator.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A test case of an operator: its inputs and attributes. */
struct gop_case {
    const char *name;
    /* Shapes of the inputs, up to the first that is all zero; a scalar is {0, {1}} and an
     * absent input {-1}. */
    gop_shape in[GOP_MAX_INPUTS];
    /* Inputs are drawn uniformly from [lo, hi); lo = hi = 0 means [-1, 1). */
    struct {
        double lo, hi;
    } range[GOP_MAX_INPUTS];
    unsigned fixed;    /* bit i: input i is not differentiated (statistics, weights of samples) */
    unsigned integers; /* bit i: likewise, and input i is rounded down (labels, node numbers) */
    /* The operator's attributes; NULL if it has none.  `build` and `naive` receive it, so that for
     * a case with `build` it may point to anything. */
    const void *attr;
    bool training; /* record in a training net (batch statistics) */
    /* Larger shapes, for gop_bench_case to time and for gop_check_op to cut into chunks.  An unset
     * entry keeps the shape of in[]; if bench[0] is unset, in[] are enlarged. */
    gop_shape bench[GOP_MAX_INPUTS];
    /* Records the case if gop_apply alone cannot: several operators, or a constructor that does
     * more than copy its arguments. */
    gop_var (*build)(gop_net *net, const gop_var *in, const void *attr);
    /* Replaces the operator's reference if `build` records more than the operator. */
    void (*naive)(gop_tensor out, const gop_tensor *in, const void *attr);
};

/* The number of inputs of a case, absent ones included; 0 for NULL. */
GOP_API size_t gop_case_inputs(const gop_case *c);

/* Records a case of `op` on the inputs `in` of a net, by `build` or else by gop_apply with the
 * case's attributes.  op may be NULL if the case has `build`.  Errors: GOP_EINVAL if the case is
 * NULL or cannot be recorded. */
GOP_API gop_var gop_case_record(gop_net *net, const gop_op *op, const gop_case *c,
                                const gop_var *in);

/* Compares the gradients of a case of `op` with central differences.  The function that is
 * differentiated is the sum of the results with random weights.  *worst is the largest
 * |analytic - numeric| / max(1, |analytic|, |numeric|) over up to 300 elements of each input
 * that is not fixed.  `seed` draws the inputs and the weights.  Steps are tried from long to
 * short until rounding, curvature and kinks do not disturb the difference: correct operators
 * stay far below GOP_GRADCHECK_TOLERANCE in both number types.  The status is GOP_OK whatever
 * *worst is; the caller compares.  A correct block may be above the tolerance: where one element
 * moves thousands of inputs of a kink (a batch norm before a ReLU), each step that float can
 * resolve crosses kinks, and 4e-3 to 7e-3 are usual.  Check such a block in parts, without the
 * kink, or by gop_net_gradcheck.  Parameters that `build` records are not checked here.
 * Errors: GOP_EINVAL if the case cannot be recorded or has no gradient, GOP_ENUMERIC for a
 * gradient that is not finite (*worst is then NaN), and the errors of recording and running. */
GOP_API gop_status gop_gradcheck(double *worst, const gop_op *op, const gop_case *c, uint64_t seed,
                                 gop_error *err);

/* Compares the gradients of all trained parameters of a planned training net with central
 * differences of a loss, a kept scalar.  For each parameter all elements move at once, each by +h or
 * -h at random, drawn from `seed`; the slope along this direction is compared with the gradient's:
 *   |slope - sum_e g_e d_e| / max(|g|, 1e-2 |whole gradient|),  d_e = +-1
 * *worst is the largest of these errors, and *param (may be NULL) the parameter that has it
 * (gop_params_info).  The caller has filled the inputs and called gop_net_random; several seeds
 * are several directions.  A wrong or missing term usually gives 0.1 or more.  In float, correct
 * nets stay below 1e-2 without kinks.  Kinks (ReLU, maxima, L1) that a step crosses add errors of
 * the order of the step, which here average out over the elements that move together; a parameter
 * whose loss is dominated by few elements at a kink can still be above.  Values, statistics and
 * the random draws are the same afterwards; values of the last run are not.
 * Errors: GOP_EINVAL for NULL, for a net that does not train and for a loss that is not a kept
 * scalar of a planned net, GOP_ENUMERIC for a gradient that is 0 or not finite,
 * GOP_ENOMEM, and the errors of running. */
GOP_API gop_status gop_net_gradcheck(double *worst, size_t *param, gop_net *net, gop_var loss,
                                     uint64_t seed, gop_error *err);

/* The same with the numbers of each parameter: each [gop_params_count], in the order of
 * gop_params_info, all zero for a statistic. */
typedef struct gop_param_check {
    const char *name; /* as long as the params live */
    double gradient;  /* along the direction: sum_e g_e d_e */
    double slope;     /* of the loss along it, by the step that came nearest */
    double norm;      /* max(|g|, 1e-2 |whole gradient|) */
    double error;     /* |slope - gradient| / norm */
} gop_param_check;
GOP_API gop_status gop_net_gradcheck_each(gop_param_check *each, gop_net *net, gop_var loss,
                                          uint64_t seed, gop_error *err);

#ifdef GOP_REAL_IS_DOUBLE
#define GOP_GRADCHECK_TOLERANCE 1e-6
#define GOP_FORMULA_TOLERANCE   1e-12
#else
#define GOP_GRADCHECK_TOLERANCE 5e-4
#define GOP_FORMULA_TOLERANCE   1e-5
#endif

/* What gop_check_op found on all cases of an operator. */
typedef struct gop_op_report {
    size_t cases, naive;   /* all cases, and those with a naive reference */
    size_t enlarged;       /* cases that also ran at a size that is cut into chunks */
    size_t large;          /* comparisons with the reference at that size or at `bench` */
    size_t reduced;        /* of these, those made smaller to limit the reference's time */
    double formula;        /* worst |result - naive| / max(1, |result|, |naive|) */
    double formula_large;  /* worst |result - naive| / max(1, largest |naive|) of `large` */
    double gradient;       /* worst of gop_gradcheck with seeds 1 and 2 */
    double gradient_large; /* worst |slope - gradient| / norm of the gradient at these sizes, of the
                              loss along a random direction */
} gop_op_report;

/* Checks a custom operator as the built-in ones are checked.  Each of its cases, at its own size
 * and enlarged,
 *   - matches its naive reference to GOP_FORMULA_TOLERANCE, in two runs; at a size that is cut
 *     into chunks and at `bench`, to GOP_FORMULA_TOLERANCE max(1, sqrt(d) / 64) of the largest
 *     result, where d is the number of terms in an element's sum
 *   - gives the same bytes, result and gradients, on one thread and on three
 *   - gives the same bytes between neighbours that it may run together with or share memory
 *     with, and if backward finds only the values that its flags declare
 *   - does not change inputs that are not fixed
 *   - accumulates into a gradient where add[] is set
 *   - matches central differences: of each element at its own size, to GOP_GRADCHECK_TOLERANCE; at
 *     the large sizes of all elements of an input at once, each by a step up or down at random, to
 *     a tenth of the gradient's norm in float and 1e-6 of it in double.
 * Errors: GOP_EINVAL for an incomplete table; GOP_ENUMERIC for a failed check, whose sentence
 * names the case.  *r (r may be NULL) then holds the findings so far. */
GOP_API gop_status gop_check_op(gop_op_report *r, const gop_op *op, gop_error *err);

/* The cost of one run of a case. */
typedef struct gop_bench {
    size_t n_in;
    gop_shape in[GOP_MAX_INPUTS], out;
    double forward;  /* median, in seconds: of a training net if the case sets `training` */
    double backward; /* median, in seconds; 0 without gradients */
    size_t runs;     /* timed forward runs */
    uint64_t madds, madds_backward; /* multiply-adds, of products only */
    uint64_t bytes, bytes_backward; /* read and written by the operators: see gop_profile_work */
} gop_bench;

/* Times a case of a built-in or custom operator `op` on `threads` threads (0: one per
 * processor).  Forward and backward each run for about `seconds` after warming up, at least
 * five times.  The shapes are c->bench or else c->in with the first dimensions enlarged, where
 * the operator allows it, up to about a million elements.  Inputs that an operator packs
 * beforehand (weights) are parameters.
 * Errors: GOP_EINVAL if the case cannot be recorded, and the errors of recording, planning and
 * running. */
GOP_API gop_status gop_bench_case(gop_bench *b, const gop_op *op, const gop_case *c, int threads,
                                  double seconds, gop_error *err);

#ifdef __cplusplus
}
#endif
#endif
