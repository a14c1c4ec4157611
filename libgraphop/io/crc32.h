/*
 * crc32.h: the checksum of files, CRC-32 of ISO-HDLC (as in zlib, PNG, xz).
 *
 * Polynomial 0x04C11DB7 reflected, start and final XOR of all ones; the check value of "123456789"
 * is 0xCBF43926.  Reads and writes only its arguments.
 */
#ifndef GOP_IO_CRC32_H
#define GOP_IO_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* Tables for eight bytes at a time and factors for larger blocks, made once for each
 * open file. */
typedef struct gop_crc32 {
    uint32_t table[8][256];
    uint64_t power[2];
    int width; /* carry-less products per instruction of this CPU; 0: none */
} gop_crc32;

void gop_crc32_init(gop_crc32 *crc);
/* Extends the checksum `sum` (0 for no bytes) by the n bytes at `data`. */
uint32_t gop_crc32_add(const gop_crc32 *crc, uint32_t sum, const void *data, size_t n);

#endif
