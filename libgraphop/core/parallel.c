/*
 * parallel.c: the only file that uses threads.
 *
 * Writes the context's `in_parallel` mark.  Without OpenMP everything here is a plain loop.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "core/ctx.h"
#include "core/parallel.h"

#ifdef _OPENMP
#include <omp.h>
#endif

int gop_processors(void)
{
#ifdef _OPENMP
    return omp_get_num_procs();
#else
    return 1;
#endif
}

static void run_here(size_t n, void (*fn)(void *arg, size_t i), void *arg)
{
    for (size_t i = 0; i < n; i++)
        fn(arg, i);
}

GOP_API size_t gop_ctx_thread(const gop_ctx *ctx)
{
#ifdef _OPENMP
    if (ctx != NULL && ctx->in_parallel)
        return (size_t)omp_get_thread_num();
#endif
    (void)ctx;
    return 0;
}

GOP_API void gop_parallel(gop_ctx *ctx, size_t n, void (*fn)(void *arg, size_t i), void *arg)
{
    if (fn == NULL)
        return;
#ifdef _OPENMP
    /* A call from inside a chunk stays on the chunk's thread and keeps its number. */
    if (ctx != NULL && n > 1 && ctx->threads > 1 && !ctx->in_parallel && !omp_in_parallel()) {
        /* All threads, even for fewer chunks: whenever the size of a team changes, OpenMP allocates
         * memory and may end and start threads. */
        ctx->in_parallel = true;
#pragma omp parallel for num_threads(ctx->threads) schedule(dynamic, 1)
        for (size_t i = 0; i < n; i++)
            fn(arg, i);
        ctx->in_parallel = false;
        return;
    }
#else
    (void)ctx;
#endif
    run_here(n, fn, arg);
}
