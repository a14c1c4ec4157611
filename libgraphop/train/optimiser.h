/*
 * optimiser.h: the members of an optimiser, for the algorithms and for checkpoints.  An algorithm
 * is one file with one gop_algorithm: its name, its options, its moments and its step.
 */
#ifndef GOP_TRAIN_OPTIMISER_H
#define GOP_TRAIN_OPTIMISER_H

#include "core/memory.h"
#include "graphop.h"

enum { GOP_MAX_MOMENTS = 2 };

typedef struct gop_algorithm {
    const char *name;                /* in files */
    size_t options;                  /* bytes of its options */
    size_t moments;                  /* the number of state vectors of the parameters' size */
    gop_real least[GOP_MAX_MOMENTS]; /* the smallest valid element of each moment */
    gop_status (*check)(const void *options, gop_error *err);
    /* One step, already counted in opt->steps.  Calls gop_optimiser_run. */
    void (*step)(gop_optimiser *opt, const gop_real *grads, double scale, double lr);
} gop_algorithm;

/* What the learning rate and the weight decay of an element are multiplied by. */
typedef struct gop_factors {
    double rate, decay;
} gop_factors;

struct gop_optimiser {
    const gop_algorithm *algorithm;
    void *options; /* a copy */
    gop_ctx *ctx;
    gop_params *params;
    size_t size; /* trained elements */
    uint64_t steps;
    gop_block block[GOP_MAX_MOMENTS];
    gop_real *moment[GOP_MAX_MOMENTS]; /* their memory */
    /* Frozen ranges, sorted by start; they may overlap. */
    struct gop_frozen {
        size_t from, n;
    } * frozen;
    size_t n_frozen;
    /* The factors of the trained parameters, in their order; NULL: all are 1. */
    struct gop_factored {
        size_t end; /* of the parameter's elements */
        gop_factors by;
    } * factored;
    size_t n_factored;
};

/* For the constructor of an algorithm. */
gop_status gop_optimiser_new(gop_optimiser **opt, const gop_algorithm *algorithm,
                             const void *options, gop_ctx *ctx, gop_params *params, gop_error *err);
/* Runs `range` over all elements except the frozen ones, in parts [at, at + n) of any size, each
 * with the same factors, on any thread. */
typedef void gop_optimiser_range(const void *step, size_t at, size_t n, gop_factors by);
void gop_optimiser_run(gop_optimiser *opt, gop_optimiser_range *range, const void *step);

/* GOP_EINVAL for an option `name` outside [0, 1), and for a negative weight decay. */
gop_status gop_check_below_one(const char *name, double x, gop_error *err);
gop_status gop_check_decay(double weight_decay, gop_error *err);

#endif
