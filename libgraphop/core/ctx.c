/*
 * ctx.c: making and freeing contexts.
 *
 * A context owns the scratch memory of gop_gemm, one piece per thread, so that
 * products never allocate.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "core/ctx.h"
#include "core/parallel.h"

#include <stdlib.h>

enum { MAX_THREADS = 1024 };

/* A product in every thread makes BLIS set up its state per thread here and not during a run: BLIS
 * aborts the program if it cannot. */
static void warm_up(void *arg, size_t i)
{
    gop_real a[4] = {1, 2, 3, 4}, c[4];
    (void)i;
    gop_gemm(arg, 2, 2, 2, a, 2, 1, a, 2, 1, false, c, 2);
}

GOP_API gop_status gop_ctx_new(gop_ctx **ctx, int threads, size_t memory_limit, gop_error *err)
{
    gop_ctx *c;

    if (ctx == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_ctx_new: the result pointer is NULL");
    *ctx = NULL;
    if (threads < 0 || threads > MAX_THREADS)
        return gop_fail(err, GOP_EINVAL, "gop_ctx_new: threads must be 0 to %d, not %d",
                        (int)MAX_THREADS, threads);
    if (threads == 0)
        threads = gop_processors() < MAX_THREADS ? gop_processors() : MAX_THREADS;

    c = calloc(1, sizeof *c);
    if (c == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for a context");
    c->threads = threads;
    c->memory_limit = memory_limit;
    gop_kernel_choose(&c->kernel);

    c->pack = calloc((size_t)threads, sizeof *c->pack);
    for (int t = 0; c->pack != NULL && t < threads; t++) {
        c->pack[t] = aligned_alloc(GOP_PACK_ALIGN, gop_kernel_pack_bytes(&c->kernel));
        if (c->pack[t] == NULL)
            break;
    }
    if (c->pack == NULL || c->pack[threads - 1] == NULL) {
        gop_ctx_free(c);
        return gop_fail(err, GOP_ENOMEM, "out of memory for the scratch of %d threads", threads);
    }
    gop_parallel(c, (size_t)threads, warm_up, c);
    *ctx = c;
    return GOP_OK;
}

GOP_API void gop_ctx_free(gop_ctx *ctx)
{
    if (ctx == NULL)
        return;
    for (int t = 0; ctx->pack != NULL && t < ctx->threads; t++)
        free(ctx->pack[t]);
    free(ctx->pack);
    free(ctx);
}

GOP_API int gop_ctx_threads(const gop_ctx *ctx)
{
    return ctx == NULL ? 0 : ctx->threads;
}

GOP_API const char *gop_ctx_kernel(const gop_ctx *ctx)
{
    return ctx == NULL ? "" : ctx->kernel.name;
}
