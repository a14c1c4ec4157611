/*
 * parallel.h: processors and teams, for the context.
 */
#ifndef GOP_CORE_PARALLEL_H
#define GOP_CORE_PARALLEL_H

/* The number of processors that this process may use; 1 without OpenMP. */
int gop_processors(void);
/* The size of the team that the calling thread can have, at most `threads`: fewer where the system
 * allows no more threads, 1 in a child of fork() whose parent had a team. */
int gop_team(int threads);

#endif
