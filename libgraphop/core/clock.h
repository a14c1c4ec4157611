/*
 * clock.h: the clock of profiles and benchmarks.
 */
#ifndef GOP_CORE_CLOCK_H
#define GOP_CORE_CLOCK_H

#include <time.h>

/* Seconds of CLOCK_MONOTONIC. */
static inline double gop_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#endif
