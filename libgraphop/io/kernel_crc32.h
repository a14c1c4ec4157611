/*
 * kernel_crc32.h: the checksum's inner loop on CPUs with carry-less multiplication.  For
 * io/crc32.c.
 */
#ifndef GOP_IO_KERNEL_CRC32_H
#define GOP_IO_KERNEL_CRC32_H

#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__) && defined(__GNUC__)
#define GOP_CRC32_X86   1
#define GOP_CRC32_BLOCK 128
/* Carry-less products per instruction: 0 (none), 1 (PCLMUL) or 4 (VPCLMUL). */
int gop_crc32_width(void);
/* Folds whole blocks, at least one, of the n bytes at p into `rest`; returns how
 * many bytes that were.  `crc` is the register before them, and the table method
 * from a register of zero over `rest` leaves the register after them.  power =
 * remainders of x^(8 BLOCK + 32) and x^(8 BLOCK - 32), reflected and shifted up by
 * one; width = 1 or 4, at most what the CPU has. */
size_t gop_crc32_fold(uint8_t rest[GOP_CRC32_BLOCK], const uint64_t power[2], uint32_t crc,
                      const uint8_t *p, size_t n, int width);
#endif

#endif
