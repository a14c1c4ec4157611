/*
 * parallel.h: what the context needs to know about the machine's threads.
 */
#ifndef GOP_CORE_PARALLEL_H
#define GOP_CORE_PARALLEL_H

/* The number of processors that this process may use; 1 without OpenMP. */
int gop_processors(void);

#endif
