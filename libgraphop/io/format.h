/*
 * format.h: the 32-byte header before every file's payload.
 *
 *   0  magic     89 'G' 'O' 'P' 0D 0A 1A 0A: not text, and damaged by any
 *                transfer that changes line ends
 *   8  kind      four characters, such as "GDS1"
 *  12  version   uint32, from 1
 *  16  length    uint64, bytes of payload; the file ends there
 *  24  checksum  uint32, CRC-32 of the payload
 *  28  check     uint32, CRC-32 of the 28 bytes before
 *
 * All numbers are little-endian.  The payload is one MessagePack value.
 *
 * In a file with data, plain numbers stand before the payload, which is their index.  A block of
 * 32 bytes follows the header; the header's length counts everything after the header, and its
 * checksum is that of the block:
 *
 *  32  place     uint64, where the payload begins
 *  40  size      uint64, bytes of payload; the file ends there
 *  48  checksum  uint32, CRC-32 of the payload
 *  52  zeros     to byte 64, where the data begin
 *
 * Neither checksum covers the data: nothing reads them to open the file.
 */
#ifndef GOP_IO_FORMAT_H
#define GOP_IO_FORMAT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define GOP_MAGIC       "\x89GOP\r\n\x1a\n"
#define GOP_MAGIC_SIZE  8
#define GOP_HEADER_SIZE 32
/* The block of a file with data. */
#define GOP_BLOCK_SIZE  32
/* Where data begin. */
#define GOP_DATA_START  (GOP_HEADER_SIZE + GOP_BLOCK_SIZE)
/* The deepest nesting of maps and arrays, for writing and reading. */
#define GOP_MAX_DEPTH   16

/* Whether this machine stores numbers as files do. */
static inline bool gop_as_in_files(void)
{
    const uint32_t one = 1;
    uint8_t first;
    memcpy(&first, &one, 1);
    return first == 1;
}

static inline void gop_put_le(uint8_t *p, uint64_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

static inline uint64_t gop_get_le(const uint8_t *p, int bytes)
{
    uint64_t v = 0;
    for (int i = 0; i < bytes; i++)
        v |= (uint64_t)p[i] << 8 * i;
    return v;
}

static inline uint64_t gop_get_be(const uint8_t *p, int bytes)
{
    uint64_t v = 0;
    for (int i = 0; i < bytes; i++)
        v = v << 8 | p[i];
    return v;
}

#endif
