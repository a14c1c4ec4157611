/*
 * memory.h: memory for large buffers.
 */
#ifndef GOP_CORE_MEMORY_H
#define GOP_CORE_MEMORY_H

#include "graphop.h"

enum { GOP_MEMORY_PAGED = 67108864 };

/* A large buffer and where it is from.  All zeros: none. */
typedef struct gop_block {
    void *memory;       /* for use */
    void *taken;        /* to give back */
    size_t bytes;       /* asked for */
    gop_allocator from; /* alloc NULL: the library's own */
} gop_block;

/* Takes `bytes` bytes (0: one at least), aligned to GOP_ALIGNMENT, from the allocator, which may be
 * NULL.  `what` is for the sentence of a failure, which leaves no block.
 *
 * The library's own memory uses large pages from 2 MB to GOP_MEMORY_PAGED, if the system has them:
 * each page costs a fault at its first use, which is much of the time of reading a model and running
 * it once.  Larger buffers are used for long, where large pages gained nothing in measurements, and
 * collecting that many huge pages took a VM about a second. */
gop_status gop_block_take(gop_block *b, const gop_allocator *from, size_t bytes, const char *what,
                          gop_error *err);
/* The same, zeroed.  Above GOP_MEMORY_PAGED, pages of the library's own that are never touched take
 * no memory. */
gop_status gop_block_zeroed(gop_block *b, const gop_allocator *from, size_t bytes, const char *what,
                            gop_error *err);
/* The same as gop_block_take, aligned to more; `bytes` is a multiple of `alignment`. */
gop_status gop_block_aligned(gop_block *b, const gop_allocator *from, size_t bytes,
                             size_t alignment, const char *what, gop_error *err);
/* Gives it back and leaves none. */
void gop_block_free(gop_block *b);

/* Whether an allocator can be used; the sentence begins with `what`. */
gop_status gop_allocator_check(const gop_allocator *allocator, const char *what, gop_error *err);

#endif
