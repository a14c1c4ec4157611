/*
 * memory.h: memory for what is large.
 */
#ifndef GOP_CORE_MEMORY_H
#define GOP_CORE_MEMORY_H

#include <stddef.h>

enum { GOP_MEMORY_PAGED = 67108864 };

/* At least `bytes` bytes at a multiple of 64, not zeroed, to be freed by free();
 * NULL without memory.  From 2 MB to GOP_MEMORY_PAGED of large pages, where the
 * system gives them: each page costs a fault when it is first touched, which is
 * much of the time of reading a model and asking it once.  More than that is in
 * use for long, where large pages were measured to gain nothing, and finding so
 * many of them took a virtual machine a second. */
void *gop_memory(size_t bytes);

#endif
