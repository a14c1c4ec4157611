/*
 * crc32.c: CRC-32 with eight table look-ups for eight bytes ("slicing"), after io/kernel_crc32.c
 * has processed whole blocks.  Reads and writes only its arguments.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "io/crc32.h"

#include "io/kernel_crc32.h"

/* A reflected polynomial times x, modulo the generator. */
static uint32_t times_x(uint32_t c)
{
    return (c >> 1) ^ (0xEDB88320u & (0u - (c & 1u)));
}

#ifdef GOP_CRC32_X86
/* The remainder of x^n, shifted up by one for a product of reflected factors. */
static uint64_t power_of_x(int n)
{
    uint32_t c = 0x80000000u;
    for (int i = 0; i < n; i++)
        c = times_x(c);
    return (uint64_t)c << 1;
}
#endif

void gop_crc32_init(gop_crc32 *crc)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int bit = 0; bit < 8; bit++)
            c = times_x(c);
        crc->table[0][i] = c;
    }
    for (uint32_t i = 0; i < 256; i++)
        for (int k = 1; k < 8; k++) {
            uint32_t before = crc->table[k - 1][i];
            crc->table[k][i] = (before >> 8) ^ crc->table[0][before & 0xFFu];
        }
    crc->width = 0;
#ifdef GOP_CRC32_X86
    crc->power[0] = power_of_x(8 * GOP_CRC32_BLOCK + 32);
    crc->power[1] = power_of_x(8 * GOP_CRC32_BLOCK - 32);
    crc->width = gop_crc32_width();
#endif
}

static uint32_t load32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* The register after n bytes, computed by tables. */
static uint32_t by_tables(const gop_crc32 *crc, uint32_t c, const uint8_t *p, size_t n)
{
    const uint32_t(*t)[256] = crc->table;
    for (; n >= 8; n -= 8, p += 8) {
        uint32_t a = c ^ load32(p), b = load32(p + 4);
        c = t[7][a & 0xFFu] ^ t[6][a >> 8 & 0xFFu] ^ t[5][a >> 16 & 0xFFu] ^ t[4][a >> 24] ^
            t[3][b & 0xFFu] ^ t[2][b >> 8 & 0xFFu] ^ t[1][b >> 16 & 0xFFu] ^ t[0][b >> 24];
    }
    for (; n > 0; n--, p++)
        c = (c >> 8) ^ t[0][(c ^ *p) & 0xFFu];
    return c;
}

uint32_t gop_crc32_add(const gop_crc32 *crc, uint32_t sum, const void *data, size_t n)
{
    const uint8_t *p = data;
    uint32_t c = ~sum;
#ifdef GOP_CRC32_X86
    if (crc->width > 0 && n >= 4 * GOP_CRC32_BLOCK) {
        uint8_t rest[GOP_CRC32_BLOCK];
        const size_t taken = gop_crc32_fold(rest, crc->power, c, p, n, crc->width);
        c = by_tables(crc, 0, rest, sizeof rest);
        p += taken;
        n -= taken;
    }
#endif
    return ~by_tables(crc, c, p, n);
}
