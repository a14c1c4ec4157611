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

/* A value in a net.  id < 0 means "none" or, after an error, "invalid".  `net` marks the net: a
 * value of another net, and zeroed memory, are errors. */
typedef struct gop_var {
    int32_t id;
    uint32_t net;
} gop_var;
/* An absent value. */
GOP_API gop_var gop_none(void);

/* A training net keeps the values that backward needs, draws dropout and updates statistics.  An
 * inference net does none of this and needs less memory.  A sizing net is an inference net without
 * memory: it creates parameters, reports errors and has the costs of an inference net, but it keeps
 * no constants, has no values and does not run.  A sampling net is an inference net that draws
 * dropout. */
typedef enum gop_net_mode { GOP_INFERENCE, GOP_TRAINING, GOP_SIZING, GOP_SAMPLING } gop_net_mode;

/* Makes an empty net.  The context and the params must outlive it.  Several nets may share params;
 * inference nets over closed params may run in several threads (see Threads in graphop.h).
 * GOP_EINVAL for NULL or no such mode; GOP_ENOMEM; *net is then NULL. */
GOP_API gop_status gop_net_new(gop_net **net, gop_ctx *ctx, gop_params *params, gop_net_mode mode,
                               gop_error *err);
GOP_API void gop_net_free(gop_net *net);
GOP_API bool gop_net_training(const gop_net *net);
/* Whether the net draws random numbers: a training or a sampling net. */
GOP_API bool gop_net_draws(const gop_net *net);

/* Between gop_net_push(net, "agim") and gop_net_pop(net), names get the prefix "agim.".  GOP_ESTATE
 * (sticky) for a pop without a push, and in gop_net_plan for a push without a pop. */
GOP_API void gop_net_push(gop_net *net, const char *format, ...) GOP_PRINTF(2, 3);
GOP_API void gop_net_pop(gop_net *net);

/* Leaves.  The caller fills an input through gop_net_value before a run, or gives it memory of its
 * own (gop_net_bind); no two inputs have the same name.  The data of a constant are copied here. */
GOP_API gop_var gop_input(gop_net *net, const char *name, gop_shape shape);
GOP_API gop_var gop_constant(gop_net *net, const char *name, gop_shape shape, const gop_real *data);
/* Constants with one number in all elements. */
GOP_API gop_var gop_fill(gop_net *net, const char *name, gop_shape shape, double value);
GOP_API gop_var gop_zeros(gop_net *net, const char *name, gop_shape shape);
/* The data of a graph as a constant.  Errors are those of gop_graph_fill and sticky.  The graph may
 * be freed afterwards. */
GOP_API gop_var gop_graph_constant(gop_net *net, const char *name, const gop_graph *g,
                                   gop_graph_data what);
/* A trained tensor.  The first net that names it creates it; later ones find it and must give the
 * same shape. */
GOP_API gop_var gop_param(gop_net *net, const char *name, gop_shape shape, gop_init init);
/* A statistic: updated by training runs, never differentiated. */
GOP_API gop_var gop_stat(gop_net *net, const char *name, gop_shape shape, double value);
/* Replaces the first values of the parameters and statistics that `name` selects (gop_name_matches)
 * and that are created after this call, whatever the layer that creates them takes.  The scope is a
 * prefix of the name; a later call wins.  Parameters that exist keep their values.  With
 * gop_init_data all of them must have the size of the data.  GOP_EINVAL (sticky) for a missing or
 * empty name, and in gop_net_plan for a name that selects nothing recorded after the call. */
GOP_API void gop_net_first_values(gop_net *net, const char *name, gop_init init);
/* Fixes the statistics that `name` selects (gop_name_matches) for the operators recorded after this
 * call: in training, too, batch norms normalise by them without updating them, as in an inference
 * net.  The scope is a prefix of the name.  A name that selects no statistic has no effect.
 * GOP_EINVAL (sticky) for a missing or empty name. */
GOP_API void gop_net_fix_stats(gop_net *net, const char *name);

/* The shape of a value; rank -1 for an invalid value, such as all are after an error: test it before
 * you compute with the sizes. */
GOP_API gop_shape gop_net_shape(const gop_net *net, gop_var v);
/* The size of one axis of a value, counted from 0, or from -1 for the last one.  After an error it
 * is 1, so that recording can go on.  GOP_EINVAL (sticky) for no value of this net and for an axis
 * that the value lacks. */
GOP_API size_t gop_net_dim(gop_net *net, gop_var v, int axis);
/* Makes a value, and in a training net its gradient, readable after a run. */
GOP_API void gop_net_keep(gop_net *net, gop_var v);
/* Names an operator's result, prefixed with the scope, for messages and profiles.  The default is
 * the operator's name.  GOP_EINVAL (sticky) for leaves, which have a name. */
GOP_API void gop_net_name(gop_net *net, gop_var v, const char *format, ...) GOP_PRINTF(3, 4);
/* The sticky status, for functions that record several operators. */
GOP_API gop_status gop_net_status(const gop_net *net);
/* Sets the net's sticky status and sentence, unless one is set.  Returns an invalid value. */
GOP_API gop_var gop_net_fail(gop_net *net, gop_status status, const char *format, ...)
    GOP_PRINTF(3, 4);
/* As gop_net_fail, for a composite called `name` whose n_in inputs do not fit.  The sentence begins
 * like those of gop_apply: "scope.name(x [2, 5], none): ". */
GOP_API gop_var gop_net_refuse(gop_net *net, const char *name, const gop_var *in, size_t n_in,
                               gop_status status, const char *format, ...) GOP_PRINTF(6, 7);

/* Reports the first recording error, or places all buffers and allocates them at once.
 * Afterwards nothing can be recorded, and no run, not even the first, allocates memory (OpenMP
 * starts its threads in gop_ctx_new, and again if another thread uses the context).  An
 * inference net folds batch norms into the weights before them and packs the weights once: here
 * if the params are closed, otherwise in the first run.  It packs again in the first run after
 * the params have changed.
 * GOP_EINVAL for NULL; GOP_ESTATE if nothing was recorded or the net is already planned;
 * GOP_ENOMEM also above the context's memory limit: it holds for the net's buffers, its constants
 * and the parameters that it has created. */
GOP_API gop_status gop_net_plan(gop_net *net, gop_error *err);

/* The data of an input, constant, parameter or kept value, and after gop_net_backward its gradient;
 * NULL for other values. */
GOP_API gop_real *gop_net_value(const gop_net *net, gop_var v);
GOP_API gop_real *gop_net_grad(const gop_net *net, gop_var v);
/* Puts an input or a kept result into memory of the caller: gop_shape_size elements, aligned to
 * GOP_ALIGNMENT bytes, that the caller frees after the net.  Runs read the input, or write the
 * result, there, and gop_net_value returns it.  Memory of two values, except views of each other,
 * must not overlap.  NULL puts the value back into the net's memory.  What it held is not copied, so
 * run forward again before gop_net_backward.
 * GOP_ESTATE before gop_net_plan and for sizing nets; GOP_EINVAL for a value of another net, for
 * other values, for a view of an input or parameter, and for memory that is not aligned. */
GOP_API gop_status gop_net_bind(gop_net *net, gop_var v, gop_real *memory, gop_error *err);

/* Whether a value depends on random draws (dropout); false for no value of this net. */
GOP_API bool gop_net_drawn(const gop_net *net, gop_var v);
/* Sets the key of the next forward run's random draws (dropout): the same seed and step give the
 * same draws. */
GOP_API void gop_net_random(gop_net *net, uint64_t seed, uint64_t step);
/* GOP_ESTOPPED by the context's gop_stop: the next run gives the same bytes as without it, but a
 * training net has moved some of its statistics. */
GOP_API gop_status gop_net_forward(gop_net *net, gop_error *err);
/* As gop_net_forward, but checks every input, parameter and result.  It stops with
 * GOP_ENUMERIC at the first NaN or infinity and names the value and its operator. */
GOP_API gop_status gop_net_forward_finite(gop_net *net, gop_error *err);

/* Where gradients start and stop. */
typedef struct gop_pass {
    const gop_var *from;
    /* dL/dv for each of the n_from values, which must be scalars.  NULL: the caller has written the
     * gradients to gop_net_grad(from[i]), and from[i] are kept values. */
    const gop_real *seed;
    size_t n_from;
    const gop_var *stop; /* kept values; their gradients stay in gop_net_grad */
    size_t n_stop;
} gop_pass;
/* Propagates gradients.  Those of trained parameters are accumulated into `grads` (gop_params_size
 * elements, which the caller zeroes), or not computed if `grads` is NULL.  Several passes may
 * follow one forward run that has ended.  After GOP_ESTOPPED `grads` holds a part of the sums. */
GOP_API gop_status gop_net_backward(gop_net *net, const gop_pass *pass, gop_real *grads,
                                    gop_error *err);

/* gop_params_size of the net's params. */
GOP_API size_t gop_net_params_size(const gop_net *net);
/* Sets mask[i] (gop_params_size elements) to 1 if a value of pass->from depends on trained element
 * i by a path that avoids the values of pass->stop, else to 0.  These are the elements to which
 * gop_net_backward may add in this pass.  Seeds are not read. */
GOP_API gop_status gop_net_upstream(uint8_t *mask, const gop_net *net, const gop_pass *pass,
                                    gop_error *err);

typedef struct gop_net_cost {
    size_t ops;              /* recorded operators */
    size_t bytes;            /* that gop_net_plan allocates: values, gradients, scratch */
    uint64_t madds;          /* multiply-adds of one forward run (products only) */
    uint64_t madds_backward; /* multiply-adds of one backward run through all operators, with the
                                parameters' gradients; 0 before gop_net_plan */
} gop_net_cost;
GOP_API gop_net_cost gop_net_costs(const gop_net *net);

#ifdef __cplusplus
}
#endif
#endif
