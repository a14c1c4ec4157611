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

static gop_status take_one(gop_block *b, const gop_kernel *kernel, const gop_allocator *from,
                           gop_error *err)
{
    return gop_block_aligned(b, from, gop_kernel_pack_bytes(kernel), GOP_PACK_ALIGN,
                             "a context's scratch", err);
}

/* Fewer threads where memory is short: the bytes of a run do not depend on them. */
static gop_status take_scratch(gop_ctx *c, int threads, gop_error *err)
{
    c->scratch = calloc((size_t)threads, sizeof *c->scratch);
    while (c->scratch != NULL && c->threads < threads) {
        if (take_one(&c->scratch[c->threads], &c->kernel, NULL, NULL) != GOP_OK)
            break;
        c->threads++;
    }
    return c->threads > 0 ? GOP_OK : gop_fail(err, GOP_ENOMEM, "out of memory for a context");
}

static void drop_scratch(gop_ctx *c, int threads)
{
    while (c->threads > threads)
        gop_block_free(&c->scratch[--c->threads]);
}

GOP_API gop_status gop_ctx_allocator(gop_ctx *ctx, const gop_allocator *allocator, gop_error *err)
{
    if (ctx == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_ctx_allocator: the context is NULL");
    gop_try(gop_allocator_check(allocator, "gop_ctx_allocator", err));
    if (ctx->nets > 0)
        return gop_fail(err, GOP_ESTATE, "gop_ctx_allocator: the context already has nets");
    const int threads = ctx->threads;
    gop_status s = GOP_OK;
    gop_block *scratch = calloc((size_t)threads, sizeof *scratch);
    if (scratch == NULL)
        return gop_fail(err, GOP_ENOMEM, "gop_ctx_allocator: out of memory");
    for (int i = 0; i < threads && s == GOP_OK; i++)
        s = take_one(&scratch[i], &ctx->kernel, allocator, err);
    /* Of the two sets of scratch, the old one goes, or after a failure the new one. */
    for (int i = 0; i < threads; i++)
        gop_block_free(s == GOP_OK ? &ctx->scratch[i] : &scratch[i]);
    if (s != GOP_OK) {
        free(scratch);
        return s;
    }
    free(ctx->scratch);
    ctx->scratch = scratch;
    ctx->allocator = allocator != NULL ? *allocator : (gop_allocator){NULL, NULL, NULL};
    return GOP_OK;
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
    c->memory_limit = memory_limit;
    gop_status status = gop_kernel_choose(&c->kernel, err);
    if (status == GOP_OK)
        status = take_scratch(c, threads, err);
    if (status != GOP_OK) {
        gop_ctx_free(c);
        return status;
    }
    drop_scratch(c, gop_team(c->threads));
    gop_parallel(c, (size_t)c->threads, warm_up, c);
    *ctx = c;
    return GOP_OK;
}

GOP_API void gop_ctx_free(gop_ctx *ctx)
{
    if (ctx == NULL)
        return;
    drop_scratch(ctx, 0);
    free(ctx->scratch);
    free(ctx);
}

GOP_API void gop_ctx_stop(gop_ctx *ctx, const gop_stop *stop)
{
    if (ctx != NULL)
        ctx->stop = stop != NULL ? *stop : (gop_stop){NULL, NULL};
}

GOP_API const gop_stop *gop_ctx_stopper(const gop_ctx *ctx)
{
    return ctx == NULL ? NULL : &ctx->stop;
}

GOP_API gop_status gop_stopped(const gop_stop *stop, const char *what, gop_error *err)
{
    if (stop == NULL || stop->asked == NULL || !stop->asked(stop->user))
        return GOP_OK;
    return gop_fail(err, GOP_ESTOPPED, "%s was stopped by the caller",
                    what != NULL ? what : "the call");
}

GOP_API int gop_ctx_threads(const gop_ctx *ctx)
{
    return ctx == NULL ? 0 : ctx->threads;
}

GOP_API const char *gop_ctx_kernel(const gop_ctx *ctx)
{
    return ctx == NULL ? "" : ctx->kernel.name;
}
