/*
 * ema.c: the exponential moving average of the trained parameters, Polyak & Juditsky 1992 in the
 * form of Kingma & Ba 2015, section 7.2.
 *
 *     average = average + (1 - decay) (p - average)
 *
 * In this form a parameter that stays the same, because it is frozen, has an average of its bytes.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "train/ema.h"

#include "core/ctx.h"
#include "core/tuning.h"
#include "core/vector.h"

#include <stdlib.h>
#include <string.h>

GOP_API gop_status gop_ema_new(gop_ema **ema, gop_ctx *ctx, gop_params *params, double decay,
                               gop_error *err)
{
    if (ema == NULL)
        return gop_fail(err, GOP_EINVAL, "the result pointer is NULL");
    *ema = NULL;
    if (ctx == NULL || params == NULL)
        return gop_fail(err, GOP_EINVAL, "the context or the params are NULL");
    if (!(decay >= 0 && decay < 1))
        return gop_fail(err, GOP_EINVAL, "the average's decay must be in [0, 1), not %g", decay);
    const size_t size = gop_params_size(params);
    gop_ema *e = calloc(1, sizeof *e);
    if (e == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for an average of %zu parameters", size);
    *e = (gop_ema){.ctx = ctx, .params = params, .decay = decay, .size = size};
    const gop_status s = gop_block_take(&e->block, &ctx->allocator, size * sizeof *e->average,
                                        "an average of parameters", err);
    if (s != GOP_OK) {
        free(e);
        return s;
    }
    e->average = e->block.memory;
    if (size > 0)
        memcpy(e->average, gop_params_values(params), size * sizeof *e->average);
    *ema = e;
    return GOP_OK;
}

GOP_API void gop_ema_free(gop_ema *ema)
{
    if (ema != NULL)
        gop_block_free(&ema->block);
    free(ema);
}

GOP_VECTOR static void blend(gop_real *restrict average, const gop_real *restrict p, gop_real take,
                             size_t n)
{
    for (size_t i = 0; i < n; i++)
        average[i] += take * (p[i] - average[i]);
}

GOP_VECTOR static void exchange(gop_real *restrict a, gop_real *restrict b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const gop_real v = a[i];
        a[i] = b[i];
        b[i] = v;
    }
}

static size_t chunk_at(const gop_ema *e, size_t chunk, size_t *n)
{
    const size_t at = chunk * GOP_CHUNK;
    *n = e->size - at < GOP_CHUNK ? e->size - at : GOP_CHUNK;
    return at;
}

static void blend_chunk(void *arg, size_t chunk)
{
    const gop_ema *e = arg;
    size_t n;
    const size_t at = chunk_at(e, chunk, &n);
    blend(e->average + at, gop_params_values(e->params) + at, (gop_real)(1 - e->decay), n);
}

static void exchange_chunk(void *arg, size_t chunk)
{
    const gop_ema *e = arg;
    size_t n;
    const size_t at = chunk_at(e, chunk, &n);
    exchange(e->average + at, gop_params_values(e->params) + at, n);
}

GOP_API void gop_ema_update(gop_ema *ema)
{
    if (ema != NULL)
        gop_parallel(ema->ctx, (ema->size + GOP_CHUNK - 1) / GOP_CHUNK, blend_chunk, ema);
}

GOP_API void gop_ema_swap(gop_ema *ema)
{
    if (ema == NULL)
        return;
    gop_parallel(ema->ctx, (ema->size + GOP_CHUNK - 1) / GOP_CHUNK, exchange_chunk, ema);
    gop_params_changed(ema->params);
}
