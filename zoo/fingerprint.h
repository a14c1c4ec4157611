/*
 * fingerprint.h: a hash of many numbers that identifies a data set or a model.
 *
 * The step is gop_hash's, applied to 64 bits instead of eight: hashing byte by byte takes longer
 * than reading.  The hash depends on the numbers, not on the machine's byte order.  Private to the
 * zoo.
 */
#ifndef ZOO_FINGERPRINT_H
#define ZOO_FINGERPRINT_H

#include <string.h>

#include "graphop.h"

static inline uint64_t zoo_float_bits(float v)
{
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

/* The multiplication moves bits up only; the shift brings some back. */
static inline uint64_t zoo_hash_word(uint64_t h, uint64_t word)
{
    h = (h ^ word) * UINT64_C(0x100000001b3);
    return h ^ h >> 29;
}

/* Hashes two numbers at a time; of an odd one at the end, its bytes, lowest first. */
static inline uint64_t zoo_hash_floats(uint64_t h, const float *v, size_t n)
{
    for (; n >= 2; n -= 2, v += 2)
        h = zoo_hash_word(h, zoo_float_bits(v[0]) | zoo_float_bits(v[1]) << 32);
    for (int shift = 0; n > 0 && shift < 32; shift += 8) {
        const unsigned char byte = (unsigned char)(zoo_float_bits(*v) >> shift);
        h = gop_hash(h, &byte, 1);
    }
    return h;
}

#endif
