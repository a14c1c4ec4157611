/*
 * legacy_random.c: the draws behind the published test clips.
 *
 * MT19937 (Matsumoto & Nishimura 1998) seeded by init_genrand, and bounded
 * integers by masked rejection: with r = high - low - 1 and mask the smallest
 * 2^k - 1 >= r, draw v = u32 & mask until v <= r.  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/metric/legacy_random.h"

#include <stddef.h>

#define N 624
#define M 397

void zoo_legacy_seed(zoo_legacy_random *random, uint32_t seed)
{
    if (random == NULL)
        return;
    random->state[0] = seed;
    for (uint32_t i = 1; i < N; i++) {
        uint32_t before = random->state[i - 1];
        random->state[i] = 1812433253u * (before ^ before >> 30) + i;
    }
    random->position = N;
}

static void refill(zoo_legacy_random *random)
{
    uint32_t *s = random->state;
    for (uint32_t i = 0; i < N; i++) {
        uint32_t y = (s[i] & 0x80000000u) | (s[(i + 1) % N] & 0x7fffffffu);
        s[i] = s[(i + M) % N] ^ y >> 1 ^ ((y & 1u) ? 0x9908b0dfu : 0u);
    }
    random->position = 0;
}

uint32_t zoo_legacy_u32(zoo_legacy_random *random)
{
    if (random == NULL)
        return 0;
    if (random->position >= N)
        refill(random);
    uint32_t y = random->state[random->position++];
    y ^= y >> 11;
    y ^= y << 7 & 0x9d2c5680u;
    y ^= y << 15 & 0xefc60000u;
    return y ^ y >> 18;
}

uint64_t zoo_legacy_randint(zoo_legacy_random *random, uint64_t low, uint64_t high)
{
    uint64_t r = high - low - 1;
    if (random == NULL || high <= low || r == 0)
        return low;
    uint32_t mask = (uint32_t)r;
    for (int shift = 1; shift < 32; shift *= 2)
        mask |= mask >> shift;
    uint32_t v;
    do
        v = zoo_legacy_u32(random) & mask;
    while (v > r);
    return low + v;
}
