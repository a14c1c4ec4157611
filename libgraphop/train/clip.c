/*
 * clip.c: the length of a gradient, and cutting it down to a largest one.
 *
 * Squares are summed in double, in lanes within a chunk and chunk by chunk in
 * order; the chunks follow from the number of elements only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "core/vector.h"

#include <math.h>

enum { LANES = 16, CHUNKS = 256, CHUNK_LEAST = 16384 };

typedef struct clip {
    gop_real *g;
    size_t n, chunk;
    gop_real scale;
    double partial[CHUNKS];
} clip;

GOP_VECTOR static double squares(const gop_real *restrict g, size_t n)
{
    double lane[LANES] = {0}, sum = 0;
    size_t i = 0;

    for (; i + LANES <= n; i += LANES)
        for (size_t l = 0; l < LANES; l++)
            lane[l] += (double)g[i + l] * (double)g[i + l];
    for (; i < n; i++)
        sum += (double)g[i] * (double)g[i];
    for (size_t l = 0; l < LANES; l++)
        sum += lane[l];
    return sum;
}

GOP_VECTOR static void multiply(gop_real *restrict g, size_t n, gop_real scale)
{
    for (size_t i = 0; i < n; i++)
        g[i] *= scale;
}

static size_t length(const clip *c, size_t i)
{
    const size_t left = c->n - i * c->chunk;
    return left < c->chunk ? left : c->chunk;
}

static void measure_chunk(void *arg, size_t i)
{
    clip *c = arg;
    c->partial[i] = squares(c->g + i * c->chunk, length(c, i));
}

static void scale_chunk(void *arg, size_t i)
{
    clip *c = arg;
    multiply(c->g + i * c->chunk, length(c, i), c->scale);
}

/* norm = sqrt(sum g_i^2); where norm > max_norm > 0, g *= max_norm / norm.  A
 * norm that is not finite leaves g alone. */
GOP_API double gop_clip(gop_ctx *ctx, gop_real *g, size_t n, double max_norm)
{
    clip c = {.g = g, .n = n, .chunk = (n + CHUNKS - 1) / CHUNKS};
    size_t chunks;
    double sum = 0, norm;

    if (g == NULL)
        return 0;
    if (c.chunk < CHUNK_LEAST)
        c.chunk = CHUNK_LEAST;
    chunks = (n + c.chunk - 1) / c.chunk;
    gop_parallel(ctx, chunks, measure_chunk, &c);
    for (size_t i = 0; i < chunks; i++)
        sum += c.partial[i];
    norm = sqrt(sum);
    if (max_norm > 0 && norm > max_norm && isfinite(norm)) {
        c.scale = (gop_real)(max_norm / norm);
        gop_parallel(ctx, chunks, scale_chunk, &c);
    }
    return norm;
}
