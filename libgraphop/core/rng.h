/*
 * rng.h: the block function of gop_rng, inline, and many draws at once.
 */
#ifndef GOP_CORE_RNG_H
#define GOP_CORE_RNG_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include "graphop.h"

/* Philox 4x32-10: out = ten rounds over the counter under the key.
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as
 * 1, 2, 3" (SC 2011), section 4. */
static inline void gop_philox(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2])
{
    uint32_t x0 = counter[0], x1 = counter[1], x2 = counter[2], x3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];

    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)0xD2511F53u * x0;
        uint64_t p1 = (uint64_t)0xCD9E8D57u * x2;
        x0 = (uint32_t)(p1 >> 32) ^ x1 ^ k0;
        x1 = (uint32_t)p1;
        x2 = (uint32_t)(p0 >> 32) ^ x3 ^ k1;
        x3 = (uint32_t)p0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    out[0] = x0;
    out[1] = x1;
    out[2] = x2;
    out[3] = x3;
}

/* The next n draws of the stream, each as two numbers in [0, 1): u[i] is the result of
 * gop_rng_uniform, and gop_box_muller(u[i], v[i]) that of gop_rng_normal. */
void gop_rng_units(double *u, double *v, size_t n, gop_rng *rng);

/* A standard normal number from two uniform ones. */
static inline double gop_box_muller(double u, double v)
{
    const double two_pi = 6.283185307179586476925;
    /* 1 - u lies in (0, 1], where the logarithm is finite. */
    return sqrt(-2.0 * log(1.0 - u)) * cos(two_pi * v);
}

#endif
