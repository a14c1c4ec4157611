/*
 * resample.c: see resample.h.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/stream/resample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/dataset/transform/transform.h"

#define CLOSE 1e-3 /* of a step: two times are the same */

bool zoo_grid_reached(const zoo_grid *g, uint64_t k, double time)
{
    return zoo_grid_time(g, k) <= time + CLOSE * g->step;
}

gop_status zoo_ring_open(zoo_ring *r, const zoo_layout *layout, size_t length, double gap,
                         gop_error *err)
{
    const size_t n = layout->columns;
    *r = (zoo_ring){.layout = layout, .length = length, .columns = n, .gap = gap};
    if (length <= SIZE_MAX / sizeof *r->values / n)
        r->values = calloc(length * n, sizeof *r->values);
    r->t0 = calloc(n, sizeof *r->t0);
    r->t1 = calloc(n, sizeof *r->t1);
    r->v0 = calloc(n, sizeof *r->v0);
    r->v1 = calloc(n, sizeof *r->v1);
    if (r->values == NULL || r->t0 == NULL || r->t1 == NULL || r->v0 == NULL || r->v1 == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for windows of %zu frames", length);
    zoo_ring_clear(r, 0);
    return GOP_OK;
}

void zoo_ring_close(zoo_ring *r)
{
    free(r->values);
    free(r->t0);
    free(r->t1);
    free(r->v0);
    free(r->v1);
    *r = (zoo_ring){.length = 0};
}

void zoo_ring_clear(zoo_ring *r, uint64_t first)
{
    r->first = first;
    for (size_t c = 0; c < r->columns; c++) {
        r->t0[c] = r->t1[c] = -INFINITY;
        r->v0[c] = r->v1[c] = NAN;
    }
}

const float *zoo_ring_frame(const zoo_ring *r, uint64_t k)
{
    return k < r->first ? NULL : r->values + k % r->length * r->columns;
}

/* Whether two times are no more than the gap apart. */
static bool bridges(const zoo_ring *r, const zoo_grid *g, double from, double to)
{
    return to - from <= r->gap + CLOSE * g->step;
}

/* Writes the columns at a time of the grid whose knots are around or before it. */
static void fill(const zoo_ring *r, const zoo_grid *g, double time, float *to)
{
    const double close = CLOSE * g->step;
    for (size_t c = 0; c < r->columns; c++) {
        if (time >= r->t1[c] - close)
            to[c] = bridges(r, g, r->t1[c], time) ? r->v1[c] : NAN;
        else if (time > r->t0[c] + close && bridges(r, g, r->t0[c], r->t1[c]))
            to[c] = (float)((double)r->v0[c] + ((double)r->v1[c] - (double)r->v0[c]) *
                                                   (time - r->t0[c]) / (r->t1[c] - r->t0[c]));
    }
    if (!zoo_is_rotation(r->layout))
        return;
    for (size_t i = 0; i < r->layout->nodes; i++) {
        const size_t c = r->layout->column[i * r->layout->channels];
        if (time > r->t0[c] + close && time < r->t1[c] - close && bridges(r, g, r->t0[c], r->t1[c]))
            zoo_arc(to, r->v0, r->v1, (time - r->t0[c]) / (r->t1[c] - r->t0[c]), r->layout, i);
    }
}

void zoo_ring_observe(zoo_ring *r, const zoo_grid *g, double time, const float *values)
{
    double earliest = time;
    for (size_t c = 0; c < r->columns; c++) {
        if (!isfinite(values[c]))
            continue;
        r->t0[c] = r->t1[c];
        r->v0[c] = r->v1[c];
        r->t1[c] = time;
        r->v1[c] = values[c];
        if (r->t0[c] < earliest && bridges(r, g, r->t0[c], time))
            earliest = r->t0[c];
    }
    /* Frames that were written with held values. */
    for (uint64_t k = g->next; k > r->first && g->next - k < r->length;) {
        k--;
        if (zoo_grid_reached(g, k, earliest))
            break;
        fill(r, g, zoo_grid_time(g, k), r->values + k % r->length * r->columns);
    }
}

void zoo_ring_write(zoo_ring *r, const zoo_grid *g)
{
    float *to = r->values + g->next % r->length * r->columns;
    for (size_t c = 0; c < r->columns; c++)
        to[c] = NAN;
    fill(r, g, zoo_grid_time(g, g->next), to);
}
