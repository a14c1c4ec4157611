/*
 * context.h: threads, limits and scratch memory of runs.
 */
#ifndef GRAPHOP_CONTEXT_H
#define GRAPHOP_CONTEXT_H

#include "graphop/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Threads, limits and the scratch memory that runs share.  One context serves
 * one thread of the caller at a time. */
typedef struct gop_ctx gop_ctx;

/* `threads` 0 takes the number of processors; `memory_limit` in bytes, 0 for
 * none, bounds what one gop_net_plan may ask for. */
GOP_API gop_status gop_ctx_new(gop_ctx **ctx, int threads, size_t memory_limit, gop_error *err);
GOP_API void gop_ctx_free(gop_ctx *ctx);
GOP_API int gop_ctx_threads(const gop_ctx *ctx);
/* The name of this CPU's matrix kernel, for reports: "blis/zen3 6x16". */
GOP_API const char *gop_ctx_kernel(const gop_ctx *ctx);

#ifdef __cplusplus
}
#endif
#endif
