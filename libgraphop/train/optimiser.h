/*
 * optimiser.h: the inside of an optimiser, for checkpoints.
 */
#ifndef GOP_TRAIN_OPTIMISER_H
#define GOP_TRAIN_OPTIMISER_H

#include "graphop.h"

typedef enum gop_optimiser_kind { GOP_ADAM, GOP_SGD } gop_optimiser_kind;

struct gop_optimiser {
    gop_optimiser_kind kind;
    gop_ctx *ctx;
    gop_params *params;
    size_t size; /* trained elements */
    uint64_t steps;
    double beta1, beta2, eps, weight_decay; /* SGD: beta1 is the momentum */
    bool nesterov;
    gop_real *m; /* Adam: first moment; SGD: velocity */
    gop_real *v; /* Adam: second moment; SGD: NULL */
};

/* "adam" or "sgd", as files have it. */
const char *gop_optimiser_name(const gop_optimiser *opt);

#endif
