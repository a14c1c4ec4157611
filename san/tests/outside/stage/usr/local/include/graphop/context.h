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

/* Stops a call that takes long.  The call runs `asked` with `user` on the calling thread, often
 * enough that less than a second passes in between unless one operator takes that long.  The call
 * ends with GOP_ESTOPPED when `asked` returns true.  NULL: nothing stops it.  `asked` must not use
 * the objects of the call. */
typedef struct gop_stop {
    bool (*asked)(void *user);
    void *user;
} gop_stop;
/* Sets a copy of `stop` for all calls that use the context; NULL removes it.  Nets
 * run `asked` before each operator, forward and backward, or before several that run together. */
GOP_API void gop_ctx_stop(gop_ctx *ctx, const gop_stop *stop);
/* What gop_ctx_stop has set, for functions that take a gop_stop.  It follows later calls of
 * gop_ctx_stop and lives as long as the context; NULL for NULL. */
GOP_API const gop_stop *gop_ctx_stopper(const gop_ctx *ctx);
/* GOP_ESTOPPED with a sentence that begins with `what` if `stop` says so, else GOP_OK.  `stop` may
 * be NULL. */
GOP_API gop_status gop_stopped(const gop_stop *stop, const char *what, gop_error *err);

/* Memory of the caller's for large blocks.  `alloc` returns at least `bytes` bytes, aligned to
 * `alignment` bytes, or NULL; the memory need not be zeroed.  `free` gets the same number of bytes;
 * NULL where nothing is given back before the end.  Both get `user` and run on the thread that calls
 * the library. */
#define GOP_ALIGNMENT 64
typedef struct gop_allocator {
    void *(*alloc)(size_t bytes, size_t alignment, void *user);
    void (*free)(void *memory, size_t bytes, void *user);
    void *user;
} gop_allocator;
/* From now on a copy of `allocator` serves the context's scratch, and the blocks of nets,
 * optimisers, averages and gop_mgda that use it; NULL is the library's own.  Runs allocate nothing.
 * The alignment is GOP_ALIGNMENT, for scratch 4096.  Small records stay with malloc.  `user` must
 * outlive all of these.
 * GOP_ESTATE after a net was made; GOP_EINVAL for NULL, without `alloc`, and for memory that is not
 * aligned; GOP_ENOMEM.  The context is then as before.  Later calls fail likewise where memory that
 * they get is not aligned. */
GOP_API gop_status gop_ctx_allocator(gop_ctx *ctx, const gop_allocator *allocator, gop_error *err);

/* The bytes that this process can still take, for memory_limit: the least of what the machine has
 * available, what its control groups (cgroup, versions 1 and 2) allow and what RLIMIT_AS allows,
 * less what is used.  At least 1; 0 if unknown. */
GOP_API size_t gop_memory_available(void);

#ifdef __cplusplus
}
#endif
#endif
