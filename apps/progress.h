/*
 * progress.h: the clock, memory, and one line on stderr that is rewritten while
 * work goes on, and only when stderr is a terminal.  Knows nothing of the work.
 */
#ifndef APPS_PROGRESS_H
#define APPS_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "graphop.h"

typedef struct progress {
    bool shown;   /* stderr is a terminal */
    bool dirty;   /* a line stands there unfinished */
    double start; /* seconds of the monotonic clock */
    double first; /* share that was done at the start */
    double last;  /* when the line was last written */
} progress;

/* Seconds of a clock that is never set. */
double progress_clock(void);
/* Most memory the process has held so far, in bytes. */
double progress_peak_memory(void);
/* Bytes of memory of this machine, so that a network that cannot fit is refused
 * with a sentence rather than killed; 0 where that is not known. */
size_t progress_machine_memory(void);

/* `done` is the share in [0, 1] that was done before (a resumed run). */
progress progress_start(double done);
/* Rewrites the line, ten times a second at most: the share, the time left as
 * the work so far predicts it, and the caller's words (alone where `done` is
 * negative: unknown). */
void progress_show(progress *p, double done, const char *format, ...) GOP_PRINTF(3, 4);
/* Erases the line: before other output to the terminal, and at the end. */
void progress_clear(progress *p);

#endif
