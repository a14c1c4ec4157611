/*
 * resample.h: the values of one body at the times of a grid, from values at any times.  Private to
 * zoo/stream.
 *
 * Each column has two knots, its last known values v0 at t0 and v1 at t1.  At a time g of the grid
 *
 *     t0 < g < t1    v0 + (v1 - v0) (g - t0) / (t1 - t0), if t1 - t0 <= gap    (or the arc)
 *     g >= t1        v1, if g - t1 <= gap
 *
 * and NaN otherwise.  A known value after a gap of several frames of the grid puts those on the line
 * afterwards, as long as they are kept.
 */
#ifndef ZOO_STREAM_RESAMPLE_H
#define ZOO_STREAM_RESAMPLE_H

#include "zoo/skeleton/layout.h"

typedef struct zoo_grid {
    double origin, step; /* seconds */
    uint64_t next;       /* frame that is written next */
} zoo_grid;

/* The last frames of a body. */
typedef struct zoo_ring {
    const zoo_layout *layout;
    size_t length, columns;
    double gap;
    uint64_t first; /* frame of the grid since which it is written */
    float *values;  /* [length, columns] */
    double *t0, *t1;
    float *v0, *v1;
} zoo_ring;

static inline double zoo_grid_time(const zoo_grid *g, uint64_t k)
{
    return g->origin + (double)k * g->step;
}

/* Whether frame k of the grid is not after a time, up to a thousandth of its step. */
bool zoo_grid_reached(const zoo_grid *g, uint64_t k, double time);

/* Makes room.  GOP_ENOMEM. */
gop_status zoo_ring_open(zoo_ring *r, const zoo_layout *layout, size_t length, double gap,
                         gop_error *err);
void zoo_ring_close(zoo_ring *r);
/* Forgets all values; frames from `first` on will be written. */
void zoo_ring_clear(zoo_ring *r, uint64_t first);
/* Takes the values [columns] of a time after all others; NaN and infinity: missing. */
void zoo_ring_observe(zoo_ring *r, const zoo_grid *g, double time, const float *values);
/* Writes frame g->next. */
void zoo_ring_write(zoo_ring *r, const zoo_grid *g);
/* The frame k of the grid, one of the last `length`; NULL before `first`. */
const float *zoo_ring_frame(const zoo_ring *r, uint64_t k);

#endif
