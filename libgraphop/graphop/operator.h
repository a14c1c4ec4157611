/*
 * operator.h: writing an operator: what it plans, what it sees while it runs, its table.
 */
#ifndef GRAPHOP_OPERATOR_H
#define GRAPHOP_OPERATOR_H

#include "graphop/net.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GOP_MAX_INPUTS 12

/* What the net may do with an operator.  What always holds stands in gop_op.flags; `plan` finds
 * that in gop_op_plan.flags, and adds or removes what depends on shapes, attributes or training. */
enum {
    /* out may be the memory of in[0]. */
    GOP_OP_INPLACE = 1,
    /* backward reads in[]. */
    GOP_OP_NEEDS_IN = 2,
    /* backward reads out. */
    GOP_OP_NEEDS_OUT = 4,
    /* out is in[0] under another shape; there is no forward and no backward. */
    GOP_OP_VIEW = 8,
    /* Element-wise: elements [from, to) of out need only these elements of the inputs that have
     * the shape of out, and likewise backward.  `rows` and `rows_back` compute them, without
     * scratch: `work` belongs to the operator that leads.  Ranges are whole rows of the last
     * axis.  `backward` replaces `rows_back` where a gradient is more than that, such as the
     * sum of a bias. */
    GOP_OP_ELEMENTWISE = 16,
    /* forward calls gop_run_produced for each range of out as soon as it is final.  The
     * operators after it process only these ranges. */
    GOP_OP_STREAMS_OUT = 32,
    /* backward calls gop_run_needs for each range of dout before it first reads that, and for
     * all of dout before it first writes to din: the operators after it may accumulate there. */
    GOP_OP_STREAMS_GRAD = 64,
    /* With GOP_OP_ELEMENTWISE: din[0] may be the memory of dout. */
    GOP_OP_INPLACE_GRAD = 128,
    /* With GOP_OP_ELEMENTWISE: out[..., c] = scale[c] in[0][..., c] + shift[c], and `affine`
     * computes both rows from the inputs after the first.  Where these are parameters,
     * statistics and constants and nothing else reads in[0], an inference net folds the
     * operator into the weights of the operator that computes in[0] (`channels`). */
    GOP_OP_AFFINE = 256,
    /* Recorded as other operators, by a function of its own.  The table has only a name, cases
     * that build it, and a reference; gop_apply refuses it. */
    GOP_OP_COMPOSITE = 512
};

/* What an operator sees while the net is recorded. */
typedef struct gop_op_plan {
    const gop_ctx *ctx;
    const void *attr;
    size_t n_in;
    gop_shape in[GOP_MAX_INPUTS];
    bool training;
    /* Bit i: input i is a statistic that this net does not update (gop_net_fix_stats); the
     * operator reads it, in training too. */
    unsigned fixed;
    unsigned flags; /* gop_op.flags; of this use when `plan` returns */
    gop_shape out;  /* to be set */
    size_t saved;   /* elements kept from forward to backward */
    size_t work;    /* elements of scratch for one call */
    /* Elements that `prepare` fills before forward from some inputs alone (bit i: input i),
     * and that are kept while these do not change: packed weights. */
    size_t prepared;
    unsigned prepared_from;
    /* Where an inference net may fold the operators after this one (GOP_OP_AFFINE).
     * channels[i]: the axis of input i that runs over the channels of out (its last axis), if
     * i is a weight: multiplying slice c of all weights by a number multiplies out[..., c] by
     * it.  added: the input b [C] that is added, out[..., c] + b[c]; it is no weight, and runs
     * may have it although it was recorded as absent.  Both are -1 (none) at first; without
     * weights nothing is folded.  Weights and b must be parameters, statistics or constants;
     * prepare and forward then read scaled copies. */
    int channels[GOP_MAX_INPUTS];
    int added;
    uint64_t madds; /* multiply-adds of one forward */
    gop_error *err;
} gop_op_plan;

/* What an operator sees while it runs.  Pointers are to whole contiguous tensors. */
typedef struct gop_run {
    gop_ctx *ctx;
    const void *attr;
    size_t n_in;
    const gop_shape *in_shape;
    gop_shape out_shape;
    gop_real *const *in; /* values; statistics may be written by forward */
    gop_real *out;
    gop_real *saved, *work;
    gop_real *prepared;
    bool training;
    uint64_t random_key;           /* of this operator at this step */
    const struct gop_chain *chain; /* for gop_run_produced and gop_run_needs */
    /* backward only */
    gop_real *const *din; /* gradients to write; NULL where not wanted */
    const bool *add;      /* accumulate into din[i] instead of overwriting it */
    const gop_real *dout;
} gop_run;

typedef struct gop_case gop_case;

/* A tensor as a reference sees it: contiguous, dimensions behind the rank are 1. */
typedef struct gop_tensor {
    gop_real *v;
    gop_shape shape;
} gop_tensor;

typedef struct gop_op {
    const char *name;
    unsigned flags;
    size_t attr_size;
    /* Checks shapes, sets out and the sizes; its sentence need not name the
     * operator, the net does. */
    gop_status (*plan)(gop_op_plan *p);
    void (*forward)(const gop_run *r);  /* NULL: by `rows` */
    void (*backward)(const gop_run *r); /* NULL: by `rows_back`, or not differentiable */
    /* Fills `prepared`; out and work are not there yet. */
    void (*prepare)(const gop_run *r);
    /* Elements [from, to) of out, of din.  Several threads may call it at the same time. */
    void (*rows)(const gop_run *r, size_t from, size_t to);
    void (*rows_back)(const gop_run *r, size_t from, size_t to);
    const gop_case *cases; /* ends with a case without a name; may be NULL */
    /* The reference of the check kit: the formula in plain loops.  out is zeroed before.
     * in[i].v is NULL for an absent input and behind the last one. */
    void (*naive)(gop_tensor out, const gop_tensor *in, const void *attr);
    /* Multiply-adds of one backward that is asked for the gradients wanted[i]; p is
     * as plan left it.  NULL: madds for each of rank 2 or more (a product of the
     * forward is one product for each factor's gradient; rank 1 is a bias). */
    uint64_t (*madds_backward)(const gop_op_plan *p, const bool *wanted);
    /* With GOP_OP_AFFINE: fills scale and shift, for all channels of out. */
    void (*affine)(const gop_run *r, double *scale, double *shift);
} gop_op;

/* Called by operators that stream: elements [from, to) of out are final; those of dout are
 * about to be read.  Ranges are whole rows of the last axis, in any order and from any
 * thread, but each element once. */
GOP_API void gop_run_produced(const gop_run *r, size_t from, size_t to);
GOP_API void gop_run_needs(const gop_run *r, size_t from, size_t to);

/* Records an operator; `attr` (attr_size bytes) is copied.  Inputs with id < 0
 * are passed as absent (shape of rank -1, data NULL). */
GOP_API gop_var gop_apply(gop_net *net, const gop_op *op, const void *attr, const gop_var *in,
                          size_t n_in);

/* All built-in operators and composites, NULL at the end. */
GOP_API const gop_op *const *gop_op_list(void);

/* Runs fn(arg, i) for i in [0, n) on the context's threads.  Results are the same at any
 * number of threads if what chunk i does depends on i and the shapes only.  A call from
 * inside a chunk runs on the chunk's thread.  ctx NULL: all on the calling thread. */
GOP_API void gop_parallel(gop_ctx *ctx, size_t n, void (*fn)(void *arg, size_t i), void *arg);
/* The number of the thread that runs the present chunk, below gop_ctx_threads, for scratch
 * memory of its own; 0 outside gop_parallel. */
GOP_API size_t gop_ctx_thread(const gop_ctx *ctx);

/* C [m, n] = A B (+ C when add), on the calling thread, for use inside gop_parallel.
 * A is m x k with strides (rsa, csa), B is k x n with (rsb, csb), C has rows of
 * ldc.  The order of summation depends on m, n, k and the CPU only.  Pointers
 * and strides are trusted; a size of zero is a sum over nothing. */
GOP_API void gop_gemm(gop_ctx *ctx, size_t m, size_t n, size_t k, const gop_real *A, ptrdiff_t rsa,
                      ptrdiff_t csa, const gop_real *B, ptrdiff_t rsb, ptrdiff_t csb, bool add,
                      gop_real *C, size_t ldc);

#ifdef __cplusplus
}
#endif
#endif
