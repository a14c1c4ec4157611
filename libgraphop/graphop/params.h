/*
 * params.h: the parameters and statistics of a model, and their initial values.
 */
#ifndef GRAPHOP_PARAMS_H
#define GRAPHOP_PARAMS_H

#include "graphop/context.h"
#include "graphop/shape.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The trained parameters of a model: named tensors in one flat vector, in the order in which nets
 * first recorded them.  Statistics, such as a batch norm's running mean, are in a second vector,
 * which is not trained. */
typedef struct gop_params gop_params;

typedef enum gop_init_kind {
    GOP_INIT_CONSTANT,
    GOP_INIT_UNIFORM,
    GOP_INIT_NORMAL,
    GOP_INIT_DATA
} gop_init_kind;
typedef struct gop_init {
    gop_init_kind kind;
    double a;             /* the constant; the bound of [-a, a); the standard deviation */
    const gop_real *data; /* GOP_INIT_DATA: all elements, read when the parameter is created */
    double mean;          /* added to what UNIFORM and NORMAL draw */
} gop_init;
GOP_API gop_init gop_init_constant(double v);
GOP_API gop_init gop_init_uniform(double bound);
GOP_API gop_init gop_init_normal(double std);
GOP_API gop_init gop_init_data(const gop_real *data);

typedef struct gop_param_info {
    const char *name; /* such as "agim.f_v0.fc1.weight" */
    gop_shape shape;
    bool trained;  /* false: a statistic */
    size_t offset; /* of its first element in gop_params_values or gop_params_stats */
    gop_real *data;
} gop_param_info;

/* Initial values that are drawn depend only on `seed` and the parameter's name. */
GOP_API gop_status gop_params_new(gop_params **params, uint64_t seed, gop_error *err);
/* From now on a copy of `allocator` serves the two vectors; NULL is the library's own.  `user` must
 * outlive the params.  GOP_ESTATE after the first parameter; GOP_EINVAL for NULL and without
 * `alloc`. */
GOP_API gop_status gop_params_allocator(gop_params *params, const gop_allocator *allocator,
                                        gop_error *err);
GOP_API void gop_params_free(gop_params *params);
/* The number of tensors, parameters and statistics. */
GOP_API size_t gop_params_count(const gop_params *params);
/* For no such index the name and data are NULL and the shape has rank -1. */
GOP_API gop_param_info gop_params_info(const gop_params *params, size_t index);
/* The index of a name; SIZE_MAX for no such name. */
GOP_API size_t gop_params_find(const gop_params *params, const char *name);
/* Whether `pattern` selects the parameter or statistic `name`: it matches the whole name or its
 * beginning up to a point.  In the pattern * stands for any characters and ? for one; "block.0"
 * selects "block.0.bn.weight", and "*.bias" all biases.  All functions that take such a name use
 * this rule.  False for NULL and an empty pattern. */
GOP_API bool gop_name_matches(const char *pattern, const char *name);
/* The number of elements of all parameters, and of all statistics. */
GOP_API size_t gop_params_size(const gop_params *params);
GOP_API size_t gop_params_stats_size(const gop_params *params);
/* Makes recording a parameter that does not exist an error (GOP_ESTATE).  Use this for parameters
 * read from a file. */
GOP_API void gop_params_close(gop_params *params);
/* The two flat vectors; NULL if empty.  Recording a new parameter may move them. */
GOP_API gop_real *gop_params_values(gop_params *params);
GOP_API gop_real *gop_params_stats(gop_params *params);
/* Call this after writing values or statistics through a pointer obtained earlier, or through
 * gop_params_info or gop_net_value, because inference nets keep packed copies.
 * gop_params_values, gop_params_stats, optimisers, training runs and gop_read_params imply it. */
GOP_API void gop_params_changed(gop_params *params);

#ifdef __cplusplus
}
#endif
#endif
