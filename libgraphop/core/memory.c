/*
 * memory.c: see memory.h.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1 /* madvise */
#endif

#include "core/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { LINE = 64, LARGE_PAGE = 2097152 };

void *gop_memory(size_t bytes)
{
    if (bytes > SIZE_MAX - LINE)
        return NULL;
#ifdef MADV_HUGEPAGE
    if (bytes >= LARGE_PAGE && bytes <= GOP_MEMORY_PAGED) {
        void *p = NULL;
        if (posix_memalign(&p, LARGE_PAGE, bytes) != 0)
            return NULL;
        /* Only advice: everything works without it. */
        (void)madvise(p, bytes / LARGE_PAGE * LARGE_PAGE, MADV_HUGEPAGE);
        return p;
    }
#endif
    return aligned_alloc(LINE, bytes == 0 ? LINE : (bytes + LINE - 1) / LINE * LINE);
}

void *gop_memory_zeroed(size_t bytes, void **block)
{
    void *p = NULL;
    if (bytes <= GOP_MEMORY_PAGED) {
        p = *block = gop_memory(bytes);
        return p == NULL ? NULL : memset(p, 0, bytes);
    }
    *block = bytes > SIZE_MAX - LINE ? NULL : calloc(bytes + LINE, 1);
    if (*block != NULL)
        p = (char *)*block + (LINE - (uintptr_t)*block % LINE) % LINE;
    return p;
}
