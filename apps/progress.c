/*
 * progress.c: the progress line.  Writes to stderr only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "report.h"

double progress_clock(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double progress_processor(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double progress_peak_memory(void)
{
    struct rusage usage;

    if (getrusage(RUSAGE_SELF, &usage))
        return 0;
#ifdef __APPLE__
    return (double)usage.ru_maxrss;
#else
    return 1024.0 * (double)usage.ru_maxrss;
#endif
}

progress progress_start(double done)
{
    progress p = {
        .shown = isatty(STDERR_FILENO), .start = progress_clock(), .first = done, .last = -1};
    return p;
}

static int terminal_width(void)
{
    struct winsize size;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) || size.ws_col < 20)
        return 80;
    return size.ws_col;
}

void progress_show(progress *p, double done, const char *format, ...)
{
    char words[256], left[32], line[320];
    double now = progress_clock();
    va_list args;

    if (!p->shown || now - p->last < 0.1)
        return;
    p->last = now;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    double rate = (done - p->first) / (now - p->start);
    report_duration(left, sizeof left, rate > 0 ? (1 - done) / rate : -1);
    if (done < 0)
        snprintf(line, sizeof line, "%s", words);
    else
        snprintf(line, sizeof line, "%3.0f %%  %s left  %s", 100 * done, left, words);
    /* A wrapped line could not be erased. */
    fprintf(stderr, "\r\033[K%.*s", terminal_width() - 1, line);
    fflush(stderr);
    p->dirty = true;
}

void progress_clear(progress *p)
{
    if (p->dirty)
        fputs("\r\033[K", stderr);
    p->dirty = false;
}
