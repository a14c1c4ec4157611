/*
 * signals.c: handlers of signals.  A handler removes files of output.c.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "signals.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>

#include "output.h"

static const int stops[] = {SIGINT, SIGTERM, SIGHUP};
static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGXCPU};

static volatile sig_atomic_t noted;

/* Sets a handler, except for a signal that the caller of the command ignores. */
static void set(int number, void (*handler)(int))
{
    struct sigaction action, old;

    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    if (sigaction(number, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
        sigaction(number, &action, NULL);
}

static void end(int number)
{
    app_abort_outputs();
    set(number, SIG_DFL);
    raise(number); /* ends the process when this handler returns */
}

/* Interrupts a write that waits, without SA_RESTART: the log may be a pipe that nobody reads. */
static void note(int number)
{
    noted = number;
    set(number, end);
}

void app_signals_start(void)
{
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        set(ends[i], end);
    set(SIGXFSZ, SIG_IGN);
}

void app_signals_note(bool on)
{
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++)
        set(stops[i], on ? note : end);
}

int app_signal_noted(void)
{
    return noted;
}
