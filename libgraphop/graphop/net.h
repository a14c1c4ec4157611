/*
 * net.h: recording, planning and running a network.
 */
#ifndef GRAPHOP_NET_H
#define GRAPHOP_NET_H

#include "graphop/context.h"
#include "graphop/graph.h"
#include "graphop/params.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gop_net gop_net;

/* A value in a net.  id < 0 stands for "none" or, after an error, "invalid". */
typedef struct gop_var {
    int32_t id;
} gop_var;
static inline gop_var gop_none(void)
{
    gop_var v = {-1};
    return v;
}

/* A training net keeps what backward needs, draws dropout and updates
 * statistics; an inference net reuses buffers and does neither.  The context
 * and the params must outlive the net.  Several nets may share params; inference
 * nets over closed ones may do so in several threads (see Threads above). */
/* A training net keeps what gradients need and moves running statistics. */
typedef enum gop_net_mode { GOP_INFERENCE, GOP_TRAINING } gop_net_mode;

GOP_API gop_status gop_net_new(gop_net **net, gop_ctx *ctx, gop_params *params, gop_net_mode mode,
                               gop_error *err);
GOP_API void gop_net_free(gop_net *net);
GOP_API bool gop_net_training(const gop_net *net);

/* Names inside push("agim") ... pop() are prefixed "agim.". */
GOP_API void gop_net_push(gop_net *net, const char *format, ...) GOP_PRINTF(2, 3);
GOP_API void gop_net_pop(gop_net *net);

/* Leaves.  An input is filled by the caller through gop_net_value before a run; a
 * constant's data are copied now. */
GOP_API gop_var gop_input(gop_net *net, const char *name, gop_shape shape);
GOP_API gop_var gop_constant(gop_net *net, const char *name, gop_shape shape, const gop_real *data);
/* The data of a graph as a constant, with the errors of gop_graph_fill, which stick to the net.
 * The graph may be freed afterwards. */
GOP_API gop_var gop_graph_constant(gop_net *net, const char *name, const gop_graph *g,
                                   gop_graph_data what);
/* A trained tensor, created by the first net that names it, found by the next
 * (whose shape must be the same). */
GOP_API gop_var gop_param(gop_net *net, const char *name, gop_shape shape, gop_init init);
/* A statistic: updated by training runs, never differentiated. */
GOP_API gop_var gop_stat(gop_net *net, const char *name, gop_shape shape, double value);
/* Operators recorded from here on leave statistics of this name and under it ("branch.0"
 * holds "branch.0.bn.running_mean") as they are, in training too: batch norms normalise
 * by them, as in an inference net, and do not move them.  Names have the scope before
 * them; one that no statistic has does nothing.  GOP_EINVAL (sticky) without a name. */
GOP_API void gop_net_fix_stats(gop_net *net, const char *name);

GOP_API gop_shape gop_net_shape(const gop_net *net, gop_var v);
/* Makes a value, and in a training net its gradient, readable after a run. */
GOP_API void gop_net_keep(gop_net *net, gop_var v);
/* Gives an operator's result a name (with its scope) for messages and profiles; until then
 * it has the operator's name.  GOP_EINVAL (sticky) for leaves, which have names. */
GOP_API void gop_net_name(gop_net *net, gop_var v, const char *format, ...) GOP_PRINTF(3, 4);
/* The sticky status, for recorders of composite operators. */
GOP_API gop_status gop_net_status(const gop_net *net);
/* Makes the net's status sticky with a sentence; the first one stays. */
GOP_API gop_var gop_net_fail(gop_net *net, gop_status status, const char *format, ...)
    GOP_PRINTF(3, 4);
/* As gop_net_fail, for a composite called `name` whose n_in inputs do not fit.  The sentence
 * begins as those of gop_apply: "scope.name(x [2, 5], none): ". */
GOP_API gop_var gop_net_refuse(gop_net *net, const char *name, const gop_var *in, size_t n_in,
                               gop_status status, const char *format, ...) GOP_PRINTF(6, 7);

/* Reports the first recording error, or places all buffers and allocates them at once.
 * After it nothing can be recorded, and runs, including the first, allocate nothing (OpenMP
 * makes its threads in gop_ctx_new, and again for another thread of the caller that uses
 * the context).  An inference net folds batch norms into the weights before them and packs
 * weights once: here if the params are closed, otherwise in the first run; and again in the
 * run after the params have changed. */
GOP_API gop_status gop_net_plan(gop_net *net, gop_error *err);

/* The data of an input, constant, parameter or kept value (NULL otherwise),
 * and of its gradient after gop_net_backward. */
GOP_API gop_real *gop_net_value(const gop_net *net, gop_var v);
GOP_API gop_real *gop_net_grad(const gop_net *net, gop_var v);

/* Keys the random draws of the next forward run (dropout): the same seed and
 * step give the same draws. */
GOP_API void gop_net_random(gop_net *net, uint64_t seed, uint64_t step);
GOP_API gop_status gop_net_forward(gop_net *net, gop_error *err);
/* As gop_net_forward, but checks every input, parameter and result.  It stops with
 * GOP_ENUMERIC at the first NaN or infinity and names the value and its operator. */
GOP_API gop_status gop_net_forward_finite(gop_net *net, gop_error *err);

/* Where gradients start, and where they stop. */
typedef struct gop_pass {
    const gop_var *from;
    /* dL/dv for each of the n_from values, which are scalars then; NULL: gradients are what the
     * caller wrote to gop_net_grad(from[i]), which must have been kept. */
    const gop_real *seed;
    size_t n_from;
    const gop_var *stop; /* kept; their gradients are left in gop_net_grad */
    size_t n_stop;
} gop_pass;
/* Propagates gradients.  Those of trained parameters are added to `grads`
 * (gop_params_size elements, which the caller zeroes; NULL leaves them out).  Several passes
 * may follow one forward run. */
GOP_API gop_status gop_net_backward(gop_net *net, const gop_pass *pass, gop_real *grads,
                                    gop_error *err);

/* Trained elements of the params the net records into. */
GOP_API size_t gop_net_params_size(const gop_net *net);
/* mask[i] (gop_params_size elements) = 1 for each trained element on which a value of
 * pass->from depends by a way without a value of pass->stop, else 0: all elements to which
 * gop_net_backward may add in this pass.  Seeds are not read. */
GOP_API gop_status gop_net_upstream(uint8_t *mask, const gop_net *net, const gop_pass *pass,
                                    gop_error *err);

typedef struct gop_net_cost {
    size_t ops;              /* recorded operators */
    size_t bytes;            /* allocated by gop_net_plan: values, gradients, scratch */
    uint64_t madds;          /* multiply-adds of one forward run (products only) */
    uint64_t madds_backward; /* of one backward run that reaches every operator and is asked for
                                the parameters' gradients; 0 before gop_net_plan */
} gop_net_cost;
GOP_API gop_net_cost gop_net_costs(const gop_net *net);

#ifdef __cplusplus
}
#endif
#endif
