/*
 * ctx.h: the members of a context, for core/ and the planner.
 */
#ifndef GOP_CORE_CTX_H
#define GOP_CORE_CTX_H

#include "core/gemm.h"
#include "core/memory.h"
#include "graphop.h"

struct gop_ctx {
    int threads;
    size_t memory_limit; /* bytes, 0 for none */
    bool in_parallel;    /* a gop_parallel of this context is running */
    uint32_t nets;       /* made so far */
    gop_stop stop;       /* asked NULL: none */
    gop_kernel kernel;
    gop_allocator allocator; /* alloc NULL: the library's own */
    gop_block *scratch;      /* of gop_gemm, one per thread */
};

#endif
