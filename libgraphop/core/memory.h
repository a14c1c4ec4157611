/*
 * memory.h: memory for large buffers.
 */
#ifndef GOP_CORE_MEMORY_H
#define GOP_CORE_MEMORY_H

#include <stddef.h>

enum { GOP_MEMORY_PAGED = 67108864 };

/* At least `bytes` bytes, aligned to 64, not zeroed; free them with free().  NULL out of memory.
 * From 2 MB to GOP_MEMORY_PAGED, large pages are used if the system has them: each page costs a
 * fault at its first use, which is much of the time of reading a model and running it once.  Larger
 * buffers are used for long, where large pages gained nothing in measurements, and collecting that
 * many huge pages took a VM about a second. */
void *gop_memory(size_t bytes);
/* As gop_memory, but zeroed; *block is to be freed, not the result.  Above GOP_MEMORY_PAGED, pages
 * that are never touched take no memory. */
void *gop_memory_zeroed(size_t bytes, void **block);

#endif
