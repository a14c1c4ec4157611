/*
 * context.h: the threads, memory limit and scratch memory of runs.
 */
#ifndef GRAPHOP_CONTEXT_H
#define GRAPHOP_CONTEXT_H

#include "graphop/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Threads, a memory limit and the scratch memory that runs share.  A context serves one calling
 * thread at a time. */
typedef struct gop_ctx gop_ctx;

/* `threads`: at most 1024; 0 means one per processor.  The context has fewer where the system
 * allows no more threads or memory is short, and one in a child of fork() whose parent had several.
 * `memory_limit`: the most bytes that one net may take (gop_net_plan); 0 means no limit.
 * GOP_EINVAL for NULL, `threads` out of range, or a BLIS_ARCH_TYPE out of range where BLIS is used;
 * GOP_ENOMEM; *ctx is then NULL. */
GOP_API gop_status gop_ctx_new(gop_ctx **ctx, int threads, size_t memory_limit, gop_error *err);
GOP_API void gop_ctx_free(gop_ctx *ctx);
/* The number of threads that it has. */
GOP_API int gop_ctx_threads(const gop_ctx *ctx);
/* The name of this CPU's matrix kernel, for reports: "blis/zen3 6x16". */
GOP_API const char *gop_ctx_kernel(const gop_ctx *ctx);

/* The bytes that this process can still take, for memory_limit: the least of what the machine has
 * available, what its control groups (cgroup, versions 1 and 2) allow and what RLIMIT_AS allows,
 * less what is used.  At least 1; 0 if unknown. */
GOP_API size_t gop_memory_available(void);

#ifdef __cplusplus
}
#endif
#endif
