/*
 * parallel.h: the machine's processors, for the context.
 */
#ifndef GOP_CORE_PARALLEL_H
#define GOP_CORE_PARALLEL_H

/* The number of processors that this process may use; 1 without OpenMP. */
int gop_processors(void);

#endif
