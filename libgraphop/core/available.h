/*
 * available.h: gop_memory_available with the root of the files it reads, for its test.
 */
#ifndef GOP_CORE_AVAILABLE_H
#define GOP_CORE_AVAILABLE_H

#include <stddef.h>

/* As gop_memory_available; reads root/proc and root/sys. */
size_t gop_memory_available_at(const char *root);

#endif
