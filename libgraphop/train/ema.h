/*
 * ema.h: the members of an average, for checkpoints.
 */
#ifndef GOP_TRAIN_EMA_H
#define GOP_TRAIN_EMA_H

#include "graphop.h"

struct gop_ema {
    gop_ctx *ctx;
    gop_params *params;
    double decay;
    size_t size; /* trained elements */
    gop_real *average;
};

#endif
