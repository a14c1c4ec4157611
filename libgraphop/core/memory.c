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

enum { LARGE_PAGE = 2097152 };

/* Aligned to GOP_ALIGNMENT or more. */
static void *own(size_t bytes, size_t alignment)
{
    if (bytes > SIZE_MAX - alignment)
        return NULL;
#ifdef MADV_HUGEPAGE
    if (bytes >= LARGE_PAGE && bytes <= GOP_MEMORY_PAGED && alignment == GOP_ALIGNMENT) {
        void *p = NULL;
        if (posix_memalign(&p, LARGE_PAGE, bytes) != 0)
            return NULL;
        /* Only advice: everything works without it. */
        (void)madvise(p, bytes / LARGE_PAGE * LARGE_PAGE, MADV_HUGEPAGE);
        return p;
    }
#endif
    return aligned_alloc(alignment,
                         bytes == 0 ? alignment : (bytes + alignment - 1) / alignment * alignment);
}

static gop_status no_memory(size_t bytes, const char *what, gop_error *err)
{
    return gop_fail(err, GOP_ENOMEM, "out of memory for %s: %zu MiB", what, bytes >> 20);
}

gop_status gop_block_aligned(gop_block *b, const gop_allocator *from, size_t bytes,
                             size_t alignment, const char *what, gop_error *err)
{
    *b = (gop_block){.bytes = bytes == 0 ? 1 : bytes};
    if (from != NULL)
        b->from = *from;
    b->taken = b->from.alloc == NULL ? own(b->bytes, alignment)
                                     : b->from.alloc(b->bytes, alignment, b->from.user);
    b->memory = b->taken;
    if (b->taken == NULL)
        return no_memory(bytes, what, err);
    if ((uintptr_t)b->taken % alignment == 0)
        return GOP_OK;
    gop_block_free(b);
    return gop_fail(err, GOP_EINVAL,
                    "the caller's allocator: the memory for %s is not aligned to %zu bytes", what,
                    alignment);
}

gop_status gop_block_take(gop_block *b, const gop_allocator *from, size_t bytes, const char *what,
                          gop_error *err)
{
    return gop_block_aligned(b, from, bytes, GOP_ALIGNMENT, what, err);
}

gop_status gop_block_zeroed(gop_block *b, const gop_allocator *from, size_t bytes, const char *what,
                            gop_error *err)
{
    if (bytes <= GOP_MEMORY_PAGED || (from != NULL && from->alloc != NULL)) {
        gop_try(gop_block_take(b, from, bytes, what, err));
        memset(b->memory, 0, b->bytes);
        return GOP_OK;
    }
    *b = (gop_block){.bytes = bytes};
    b->taken = bytes > SIZE_MAX - GOP_ALIGNMENT ? NULL : calloc(bytes + GOP_ALIGNMENT, 1);
    if (b->taken == NULL)
        return no_memory(bytes, what, err);
    b->memory = (char *)b->taken +
                (GOP_ALIGNMENT - (uintptr_t)b->taken % GOP_ALIGNMENT) % GOP_ALIGNMENT;
    return GOP_OK;
}

void gop_block_free(gop_block *b)
{
    if (b->from.alloc == NULL)
        free(b->taken);
    else if (b->taken != NULL && b->from.free != NULL)
        b->from.free(b->taken, b->bytes, b->from.user);
    *b = (gop_block){0};
}

gop_status gop_allocator_check(const gop_allocator *allocator, const char *what, gop_error *err)
{
    return allocator == NULL || allocator->alloc != NULL
               ? GOP_OK
               : gop_fail(err, GOP_EINVAL, "%s: the allocator has no alloc", what);
}
