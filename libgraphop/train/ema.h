/*
 * ema.h: the members of an average, for checkpoints.
 */
#ifndef GOP_TRAIN_EMA_H
#define GOP_TRAIN_EMA_H

#include "core/memory.h"
#include "graphop.h"

struct gop_ema {
    gop_ctx *ctx;
    gop_params *params;
    double decay;
    size_t size; /* trained elements */
    gop_block block;
    gop_real *average; /* its memory */
};

#endif
