/*
 * random.h: a counter-based random number generator, and the hash that selects its streams.
 */
#ifndef GRAPHOP_RANDOM_H
#define GRAPHOP_RANDOM_H

#include "graphop/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A counter-based generator (Philox 4x32-10, Salmon et al. 2011): a value depends only on the key,
 * the stream and the counter, so that any thread can draw any element.  `stream` separates
 * different uses of one seed. */
typedef struct gop_rng {
    uint64_t key, stream, counter;
} gop_rng;

GOP_API gop_rng gop_rng_new(uint64_t seed, uint64_t stream);
GOP_API uint32_t gop_rng_u32(gop_rng *rng);
/* Uniform in [0, 1) with 53 bits. */
GOP_API double gop_rng_uniform(gop_rng *rng);
/* Standard normal (Box-Muller, one value per call). */
GOP_API double gop_rng_normal(gop_rng *rng);
/* Uniform integer in [0, n), without bias; n > 0. */
GOP_API uint64_t gop_rng_below(gop_rng *rng, uint64_t n);
/* Extends the 64-bit hash h (FNV-1a) by n bytes.  A hash starts with GOP_HASH_START.  A stream is
 * the hash of its name, without the terminator. */
#define GOP_HASH_START UINT64_C(0xcbf29ce484222325)
GOP_API uint64_t gop_hash(uint64_t h, const void *bytes, size_t n);

#ifdef __cplusplus
}
#endif
#endif
