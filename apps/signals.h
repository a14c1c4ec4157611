/*
 * signals.h: signals that end the command or stop a training run.
 */
#ifndef APPS_SIGNALS_H
#define APPS_SIGNALS_H

#include <stdbool.h>

/* From now on, a signal that ends the command first removes its temporary files and locks.  A file
 * that reaches the limit of its size fails to be written instead of ending the command. */
void app_signals_start(void);
/* While `on`, the first SIGINT, SIGTERM or SIGHUP is only noted; a second one of the same kind
 * ends the command at once. */
void app_signals_note(bool on);
/* The signal that was noted last; 0: none. */
int app_signal_noted(void);

#endif
