/*
 * bom.h: the byte order mark that some editors put before a text.  Internal to the zoo.
 */
#ifndef ZOO_BOM_H
#define ZOO_BOM_H

#include <stddef.h>
#include <string.h>

/* The length of the byte order mark that begins a text of n bytes: 3, or 0 without one. */
static inline size_t zoo_bom(const char *text, size_t n)
{
    return n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

#endif
