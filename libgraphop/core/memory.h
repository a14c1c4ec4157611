/*
 * memory.h: memory for what is large.
 */
#ifndef GOP_CORE_MEMORY_H
#define GOP_CORE_MEMORY_H

#include <stddef.h>

/* At least `bytes` bytes at a multiple of 64, not zeroed, to be freed by free();
 * NULL without memory.  From a few MB on, of large pages where the system gives
 * them: a page costs a fault when it is first touched, and its address a look-up
 * each time. */
void *gop_memory(size_t bytes);

#endif
