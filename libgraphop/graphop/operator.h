/*
 * operator.h: writing an operator: its plan, its arguments while it runs, its table.
 */
#ifndef GRAPHOP_OPERATOR_H
#define GRAPHOP_OPERATOR_H

#include "graphop/net.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GOP_MAX_INPUTS 12

/* What the net may do with an operator.  gop_op.flags holds the flags of every use.  `plan`
 * receives them in gop_op_plan.flags, and adds or removes those that depend on shapes, attributes
 * or training. */
enum {
    /* out may share memory with in[0]. */
    GOP_OP_INPLACE = 1,
    /* backward reads in[]. */
    GOP_OP_NEEDS_IN = 2,
    /* backward reads out. */
    GOP_OP_NEEDS_OUT = 4,
    /* out is in[0] with another shape; the operator has no forward and no backward. */
    GOP_OP_VIEW = 8,
    /* Element-wise: elements [from, to) of out depend only on the same elements of those inputs
     * that have the shape of out, and likewise backward.  `rows` and `rows_back` compute them,
     * without scratch: `work` belongs to the first operator of a chain.  Ranges are whole rows of
     * the last axis.  `backward` replaces `rows_back` for gradients that are not element-wise, such
     * as the sum for a bias; an operator with both has `rows_back` called, except in the uses with
     * GOP_OP_WHOLE_GRAD. */
    GOP_OP_ELEMENTWISE = 16,
    /* forward calls gop_run_produced for each range of out as soon as it is final.  The
     * operators after it process only these ranges. */
    GOP_OP_STREAMS_OUT = 32,
    /* backward calls gop_run_needs for each range of dout before it first reads that range, and for
     * all of dout before it first writes to din: later operators may accumulate there. */
    GOP_OP_STREAMS_GRAD = 64,
    /* With GOP_OP_ELEMENTWISE: din[0] may share memory with dout. */
    GOP_OP_INPLACE_GRAD = 128,
    /* With GOP_OP_ELEMENTWISE: out[..., c] = scale[c] in[0][..., c] + shift[c], and `affine`
     * computes scale and shift from the inputs after the first.  If these are parameters,
     * statistics and constants and nothing else reads in[0], an inference net folds the
     * operator into the weights of the operator that computes in[0] (see `channels`). */
    GOP_OP_AFFINE = 256,
    /* A function records it as other operators.  The table has only a name, cases with `build`,
     * and a reference; gop_apply refuses it. */
    GOP_OP_COMPOSITE = 512,
    /* With GOP_OP_ELEMENTWISE, set by `plan`: the gradients of this use are not element-wise;
     * `backward` computes them, although the operator has `rows_back`. */
    GOP_OP_WHOLE_GRAD = 1024,
    /* out depends on random draws in a net that draws (gop_run.draws). */
    GOP_OP_RANDOM = 2048
};

/* The arguments and results of `plan`, while the net is recorded. */
typedef struct gop_op_plan {
    const gop_ctx *ctx;
    const void *attr;
    size_t n_in;
    gop_shape in[GOP_MAX_INPUTS];
    bool training;
    /* Bit i: input i is a statistic that this net does not update (gop_net_fix_stats); the operator
     * uses its value, in training too. */
    unsigned fixed;
    unsigned flags; /* gop_op.flags; `plan` changes them to those of this use */
    gop_shape out;  /* `plan` must set it */
    size_t saved;   /* elements kept from forward to backward */
    size_t work;    /* elements of scratch for one call */
    /* Elements that `prepare` computes before forward from the inputs in prepared_from (bit i:
     * input i), and that are kept until these change: packed weights. */
    size_t prepared;
    unsigned prepared_from;
    /* How an inference net may fold later operators (GOP_OP_AFFINE) into this one.
     * channels[i]: if input i is a weight, its axis that runs over the channels of out (the last
     * axis of out): multiplying slice c of all weights by a number multiplies out[..., c] by it.
     * added: the input b [C] that is added, out[..., c] + b[c].  It does not count as a weight,
     * and runs may have it although it was recorded as absent.  The default of both is -1 (none);
     * without weights nothing is folded.  Folding needs weights and b that are parameters,
     * statistics or constants; prepare and forward then read scaled copies. */
    int channels[GOP_MAX_INPUTS];
    int added;
    uint64_t madds; /* multiply-adds of one forward */
    gop_error *err;
} gop_op_plan;

/* The arguments of an operator while it runs.  Pointers are to whole contiguous tensors. */
typedef struct gop_run {
    gop_ctx *ctx;
    const void *attr;
    size_t n_in;
    const gop_shape *in_shape;
    gop_shape out_shape;
    gop_real *const *in; /* values; forward may write statistics */
    gop_real *out;
    gop_real *saved, *work;
    gop_real *prepared;
    bool training;
    bool draws;                    /* random draws count: a training or a sampling net */
    uint64_t random_key;           /* of this operator at this step */
    const struct gop_chain *chain; /* for gop_run_produced and gop_run_needs */
    /* backward only */
    gop_real *const *din; /* gradients to write; NULL if not wanted */
    const bool *add;      /* accumulate into din[i] instead of overwriting it */
    const gop_real *dout;
} gop_run;

/* Where the frames of a value lie: its elements are [before, frames, after], row-major.  0 frames:
 * the value is the same at all frames. */
typedef struct gop_frames {
    size_t before, frames, after;
} gop_frames;

/* How an operator of a net that was recorded for a window of frames computes one frame. */
typedef enum gop_step_kind {
    /* It runs on one frame: frame t of the result depends on frame t of the inputs. */
    GOP_STEP_FRAME,
    /* It runs on `taps` frames side by side: frame t of the result depends on the frames stride t +
     * dilation k - pad, k < taps, of the first input; those before the first frame are 0, or with
     * `excludes` left out of the reduction `reduce`, which then replaces the operator. */
    GOP_STEP_TAPS,
    /* Frame t of the result is frame t + pad of the first input. */
    GOP_STEP_SHIFT,
    /* The reduction `reduce` of all frames of the window; the result has no frames. */
    GOP_STEP_WINDOW
} gop_step_kind;

/* The arguments and results of `step`, called while a net is planned for steps, for an operator
 * with an input that has frames. */
typedef struct gop_op_step {
    const void *attr; /* of the recorded use, as are the shapes */
    size_t n_in;
    const gop_shape *in; /* rank -1: absent */
    gop_shape out_shape;
    const gop_frames *at; /* of each input */
    gop_step_kind kind;   /* GOP_STEP_FRAME before the call */
    size_t taps, stride, dilation, pad;
    bool excludes;
    int reduce;     /* a gop_reduce */
    gop_frames out; /* `step` sets before and after; frames is the recorded number */
    void *one;      /* attributes of the use on one frame, or on `taps`: a copy of attr */
    gop_error *err;
} gop_op_step;

typedef struct gop_case gop_case;

/* A tensor of a reference: contiguous, dimensions beyond the rank are 1. */
typedef struct gop_tensor {
    gop_real *v;
    gop_shape shape;
} gop_tensor;

typedef struct gop_op {
    const char *name;
    unsigned flags;
    size_t attr_size;
    /* Checks shapes, sets out and the sizes.  Its sentences need not name the operator: the net
     * adds the name. */
    gop_status (*plan)(gop_op_plan *p);
    void (*forward)(const gop_run *r);  /* NULL: uses `rows` */
    void (*backward)(const gop_run *r); /* NULL: uses `rows_back`, or not differentiable */
    /* Fills `prepared`; must not use out or work. */
    void (*prepare)(const gop_run *r);
    /* Compute elements [from, to) of out, of din.  Several threads may call them at the same
     * time. */
    void (*rows)(const gop_run *r, size_t from, size_t to);
    void (*rows_back)(const gop_run *r, size_t from, size_t to);
    const gop_case *cases; /* ends with a case without a name; may be NULL */
    /* The reference of the check kit: the formula in plain loops.  out is zeroed beforehand.
     * in[i].v is NULL for an absent input and after the last one. */
    void (*naive)(gop_tensor out, const gop_tensor *in, const void *attr);
    /* Multiply-adds of one backward run that computes the gradients wanted[i]; p is as `plan` left
     * it.  NULL: `madds` for each wanted gradient of rank 2 or more (backward has one product for
     * each factor of a forward product; rank 1 is a bias). */
    uint64_t (*madds_backward)(const gop_op_plan *p, const bool *wanted);
    /* With GOP_OP_AFFINE: fills scale and shift, for all channels of out. */
    void (*affine)(const gop_run *r, double *scale, double *shift);
    /* How the operator steps (gop_stepper_plan).  A failure's sentence continues "the operator cannot
     * step: ".  NULL: it cannot. */
    gop_status (*step)(gop_op_step *s);
} gop_op;

/* Called by operators that stream, before they read elements [from, to) of dout (gop_run_needs) and
 * after these elements of out are final (gop_run_produced).  Ranges are whole rows of the last
 * axis, in any order and from any thread, and contain each element once. */
GOP_API void gop_run_produced(const gop_run *r, size_t from, size_t to);
GOP_API void gop_run_needs(const gop_run *r, size_t from, size_t to);

/* Records an operator; `attr` (attr_size bytes) is copied.  Inputs with id < 0 are absent (shape of
 * rank -1, data NULL). */
GOP_API gop_var gop_apply(gop_net *net, const gop_op *op, const void *attr, const gop_var *in,
                          size_t n_in);

/* All built-in operators and composites, terminated by NULL. */
GOP_API const gop_op *const *gop_op_list(void);

/* Runs fn(arg, i) for i in [0, n) on the context's threads.  Results are the same at any number of
 * threads if chunk i depends on i and the shapes only.  A call from inside a chunk runs on the
 * chunk's thread.  With ctx NULL all chunks run on the calling thread. */
GOP_API void gop_parallel(gop_ctx *ctx, size_t n, void (*fn)(void *arg, size_t i), void *arg);
/* The number of the thread that runs the current chunk, below gop_ctx_threads, to select its
 * scratch memory; 0 outside gop_parallel. */
GOP_API size_t gop_ctx_thread(const gop_ctx *ctx);

/* C [m, n] = A B (+ C with `add`), on the calling thread, for use inside gop_parallel.  A is m x k
 * with strides (rsa, csa), B is k x n with strides (rsb, csb), C has the row stride ldc.  The order
 * of summation depends on m, n, k and the CPU only.  Pointers and strides are not checked.  With k
 * = 0 the product is 0; with m = 0 or n = 0 nothing is done. */
GOP_API void gop_gemm(gop_ctx *ctx, size_t m, size_t n, size_t k, const gop_real *A, ptrdiff_t rsa,
                      ptrdiff_t csa, const gop_real *B, ptrdiff_t rsb, ptrdiff_t csb, bool add,
                      gop_real *C, size_t ldc);

#ifdef __cplusplus
}
#endif
#endif
