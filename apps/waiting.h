/*
 * waiting.h: sets how OpenMP threads of this process wait for each other.
 */
#ifndef APPS_WAITING_H
#define APPS_WAITING_H

/* Makes idle threads sleep soon instead of spinning, unless the environment already sets how
 * they wait.  OpenMP reads its environment before main, so the process executes itself again; if
 * that fails, nothing changes. */
void app_wait_politely(char **argv);

#endif
