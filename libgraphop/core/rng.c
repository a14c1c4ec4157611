/*
 * rng.c: draws from the counter-based generator, and the hash that names
 * streams.
 *
 * Every draw takes one block of Philox 4x32-10, whose counter is the pair
 * (gop_rng.counter, gop_rng.stream) and whose key is gop_rng.key, and increments the counter: to
 * get draw i of a stream, set the counter to i.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "core/rng.h"

#include "core/vector.h"

enum { LANES = 32 };

static void draw(uint32_t block[4], gop_rng *rng)
{
    const uint32_t counter[4] = {(uint32_t)rng->counter, (uint32_t)(rng->counter >> 32),
                                 (uint32_t)rng->stream, (uint32_t)(rng->stream >> 32)};
    const uint32_t key[2] = {(uint32_t)rng->key, (uint32_t)(rng->key >> 32)};

    gop_philox(block, counter, key);
    rng->counter++;
}

static uint64_t join(uint32_t low, uint32_t high)
{
    return (uint64_t)high << 32 | low;
}

/* [0, 1) in steps of 2^-53. */
static double unit(uint32_t low, uint32_t high)
{
    return (double)(join(low, high) >> 11) * 0x1p-53;
}

GOP_API gop_rng gop_rng_new(uint64_t seed, uint64_t stream)
{
    gop_rng rng = {seed, stream, 0};
    return rng;
}

GOP_API uint32_t gop_rng_u32(gop_rng *rng)
{
    uint32_t b[4];
    if (rng == NULL)
        return 0;
    draw(b, rng);
    return b[0];
}

GOP_API double gop_rng_uniform(gop_rng *rng)
{
    uint32_t b[4];
    if (rng == NULL)
        return 0;
    draw(b, rng);
    return unit(b[0], b[1]);
}

GOP_API double gop_rng_normal(gop_rng *rng)
{
    uint32_t b[4];
    if (rng == NULL)
        return 0;
    draw(b, rng);
    return gop_box_muller(unit(b[0], b[1]), unit(b[2], b[3]));
}

/* gop_philox on LANES successive counters from `counter` on. */
GOP_VECTOR static void draw_lanes(uint32_t x[4][LANES], gop_rng rng)
{
    uint32_t k0 = (uint32_t)rng.key, k1 = (uint32_t)(rng.key >> 32);

    for (uint32_t l = 0; l < LANES; l++) {
        const uint64_t counter = rng.counter + l;
        x[0][l] = (uint32_t)counter;
        x[1][l] = (uint32_t)(counter >> 32);
        x[2][l] = (uint32_t)rng.stream;
        x[3][l] = (uint32_t)(rng.stream >> 32);
    }
    for (int round = 0; round < 10; round++) {
        for (int l = 0; l < LANES; l++) {
            const uint64_t p0 = (uint64_t)0xD2511F53u * x[0][l];
            const uint64_t p1 = (uint64_t)0xCD9E8D57u * x[2][l];
            x[0][l] = (uint32_t)(p1 >> 32) ^ x[1][l] ^ k0;
            x[1][l] = (uint32_t)p1;
            x[2][l] = (uint32_t)(p0 >> 32) ^ x[3][l] ^ k1;
            x[3][l] = (uint32_t)p0;
        }
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
}

void gop_rng_units(double *u, double *v, size_t n, gop_rng *rng)
{
    uint32_t x[4][LANES];

    for (size_t i = 0; i < n;) {
        const size_t k = n - i < LANES ? n - i : LANES;
        draw_lanes(x, *rng);
        for (size_t l = 0; l < k; l++) {
            u[i + l] = unit(x[0][l], x[1][l]);
            v[i + l] = unit(x[2][l], x[3][l]);
        }
        rng->counter += k;
        i += k;
    }
}

GOP_API uint64_t gop_rng_below(gop_rng *rng, uint64_t n)
{
    uint64_t reject, v;
    uint32_t b[4];

    if (rng == NULL || n == 0)
        return 0;
    /* The 2^64 mod n lowest values are drawn again: the rest are a multiple of n. */
    reject = (0 - n) % n;
    do {
        draw(b, rng);
        v = join(b[0], b[1]);
    } while (v < reject);
    return v % n;
}

GOP_API uint64_t gop_hash(uint64_t h, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;

    for (size_t i = 0; p != NULL && i < n; i++)
        h = (h ^ p[i]) * UINT64_C(0x100000001b3);
    return h;
}
