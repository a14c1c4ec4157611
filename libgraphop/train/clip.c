/*
 * clip.c: the norm of a gradient, and clipping to a largest norm.
 *
 * Squares are summed in double, in lanes within a chunk and then over the chunks in order.  The
 * chunks depend only on the number of elements.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "core/vector.h"

#include <math.h>

enum { LANES = 16, CHUNKS = 256, CHUNK_LEAST = 16384 };

/* A vector, cut into at most CHUNKS chunks. */
typedef struct cut {
    size_t n, size, chunks;
} cut;

static cut cut_vector(size_t n)
{
    cut c = {.n = n, .size = (n + CHUNKS - 1) / CHUNKS};

    if (c.size < CHUNK_LEAST)
        c.size = CHUNK_LEAST;
    c.chunks = (n + c.size - 1) / c.size;
    return c;
}

static size_t length(const cut *c, size_t i)
{
    const size_t left = c->n - i * c->size;
    return left < c->size ? left : c->size;
}

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

typedef struct measuring {
    cut cut;
    const gop_real *g;
    double partial[CHUNKS];
} measuring;

static void measure_chunk(void *arg, size_t i)
{
    measuring *m = arg;
    m->partial[i] = squares(m->g + i * m->cut.size, length(&m->cut, i));
}

GOP_API double gop_norm(gop_ctx *ctx, const gop_real *g, size_t n)
{
    measuring m = {.cut = cut_vector(g == NULL ? 0 : n), .g = g};
    double sum = 0;

    gop_parallel(ctx, m.cut.chunks, measure_chunk, &m);
    for (size_t i = 0; i < m.cut.chunks; i++)
        sum += m.partial[i];
    return sqrt(sum);
}

GOP_VECTOR static void multiply(gop_real *restrict g, size_t n, gop_real scale)
{
    for (size_t i = 0; i < n; i++)
        g[i] *= scale;
}

typedef struct scaling {
    cut cut;
    gop_real *g;
    gop_real scale;
} scaling;

static void scale_chunk(void *arg, size_t i)
{
    const scaling *s = arg;
    multiply(s->g + i * s->cut.size, length(&s->cut, i), s->scale);
}

GOP_API double gop_clip(gop_ctx *ctx, gop_real *g, size_t n, double max_norm)
{
    const double norm = gop_norm(ctx, g, n);

    if (max_norm > 0 && norm > max_norm && isfinite(norm)) {
        scaling s = {cut_vector(n), g, (gop_real)(max_norm / norm)};
        gop_parallel(ctx, s.cut.chunks, scale_chunk, &s);
    }
    return norm;
}
