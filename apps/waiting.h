/*
 * waiting.h: how OpenMP's threads wait for each other in this process.
 */
#ifndef APPS_WAITING_H
#define APPS_WAITING_H

/* Has idle threads sleep soon instead of spinning, unless the environment says
 * how they are to wait.  OpenMP reads its environment before main, so the
 * process starts itself once more; where that is not possible, nothing changes. */
void app_wait_politely(char **argv);

#endif
