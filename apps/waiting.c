/*
 * waiting.c: see waiting.h.  Touches only the environment of this process.
 *
 * GNU OpenMP spins for milliseconds at the end of every parallel loop.  On a
 * machine with other work, where one thread is often off its processor, a
 * training run on two threads was measured at 1/60 of the speed that it has when
 * idle threads sleep.  Waking a sleeping thread costs tens of microseconds,
 * though, and a single inference has some two hundred parallel loops.  So threads
 * spin for some microseconds (a millisecond with LLVM's OpenMP), and then sleep.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "waiting.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

void app_wait_politely(char **argv)
{
    static const char *const said[] = {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME"};

    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        if (getenv(said[i]) != NULL)
            return;
    }
    if (setenv("GOMP_SPINCOUNT", "1000", true) == 0 && setenv("KMP_BLOCKTIME", "1", true) == 0)
        execv("/proc/self/exe", argv);
}
