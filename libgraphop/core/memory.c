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
