/*
 * crc32.c: CRC-32, eight table look-ups for eight bytes ("slicing").
 * Touches nothing but its arguments.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif

#include "io/crc32.h"

void gop_crc32_init(gop_crc32 *crc)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int bit = 0; bit < 8; bit++)
            c = (c >> 1) ^ (0xEDB88320u & (0u - (c & 1u)));
        crc->table[0][i] = c;
    }
    for (uint32_t i = 0; i < 256; i++)
        for (int k = 1; k < 8; k++) {
            uint32_t before = crc->table[k - 1][i];
            crc->table[k][i] = (before >> 8) ^ crc->table[0][before & 0xFFu];
        }
}

static uint32_t load32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

uint32_t gop_crc32_add(const gop_crc32 *crc, uint32_t sum, const void *data, size_t n)
{
    const uint8_t *p = data;
    const uint32_t (*t)[256] = crc->table;
    uint32_t c = ~sum;
    for (; n >= 8; n -= 8, p += 8) {
        uint32_t a = c ^ load32(p), b = load32(p + 4);
        c = t[7][a & 0xFFu] ^ t[6][a >> 8 & 0xFFu] ^ t[5][a >> 16 & 0xFFu] ^ t[4][a >> 24]
            ^ t[3][b & 0xFFu] ^ t[2][b >> 8 & 0xFFu] ^ t[1][b >> 16 & 0xFFu] ^ t[0][b >> 24];
    }
    for (; n > 0; n--, p++)
        c = (c >> 8) ^ t[0][(c ^ *p) & 0xFFu];
    return ~c;
}
