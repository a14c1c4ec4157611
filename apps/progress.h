/*
 * progress.h: the clock, memory use, and a progress line on stderr, which is shown only if
 * stderr is a terminal.
 */
#ifndef APPS_PROGRESS_H
#define APPS_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "graphop.h"

typedef struct progress {
    bool shown;   /* stderr is a terminal */
    bool dirty;   /* an unfinished line is on the terminal */
    double start; /* seconds of the monotonic clock */
    double first; /* share done at the start */
    double last;  /* when the line was last written */
} progress;

/* Seconds of the monotonic clock. */
double progress_clock(void);
/* Seconds of processor that all threads of the process have used. */
double progress_processor(void);
/* Peak resident memory of the process so far, in bytes. */
double progress_peak_memory(void);

/* `done` is the share in [0, 1] that was done before, in a resumed run. */
progress progress_start(double done);
/* Rewrites the line, at most ten times a second: the share, the time left, extrapolated from the
 * work so far, and the caller's text.  With `done` negative (unknown), only the text. */
void progress_show(progress *p, double done, const char *format, ...) GOP_PRINTF(3, 4);
/* Erases the line.  Call it before other output to the terminal and at the end. */
void progress_clear(progress *p);

#endif
