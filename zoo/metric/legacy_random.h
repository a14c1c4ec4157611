/*
 * legacy_random.h: the draws behind the published test clips.  Private to zoo/metric.
 */
#ifndef ZOO_METRIC_LEGACY_RANDOM_H
#define ZOO_METRIC_LEGACY_RANDOM_H

#include <stdint.h>

/* numpy's RandomState(seed) with randint(low, high): MT19937 seeded by init_genrand, masked
 * rejection on 32-bit draws. */
typedef struct zoo_legacy_random {
    uint32_t state[624];
    uint32_t position;
} zoo_legacy_random;

void zoo_legacy_seed(zoo_legacy_random *random, uint32_t seed);
uint32_t zoo_legacy_u32(zoo_legacy_random *random);
/* Uniform in [low, high); high - low in 1 .. 2^32. */
uint64_t zoo_legacy_randint(zoo_legacy_random *random, uint64_t low, uint64_t high);

#endif
