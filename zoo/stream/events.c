/*
 * events.c: see events.h.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/stream/events.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of `hold`, against rounding of times. */
#define CLOSE 1e-6

gop_status zoo_events_open(zoo_events *e, const zoo_domain *domain,
                           const zoo_stream_options *options, size_t length, gop_error *err)
{
    *e = (zoo_events){
        .domain = domain, .options = options, .classes = domain->actions, .length = length};
    zoo_events_clear(e);
    if (length <= SIZE_MAX / sizeof *e->kept / (e->classes + 1))
        e->kept = calloc(length * e->classes + 1, sizeof *e->kept);
    e->mean = calloc(e->classes + 1, sizeof *e->mean);
    return e->kept != NULL && e->mean != NULL
               ? GOP_OK
               : gop_fail(err, GOP_ENOMEM, "out of memory for means of %zu answers", length);
}

void zoo_events_close(zoo_events *e)
{
    free(e->kept);
    free(e->mean);
    e->kept = e->mean = NULL;
}

void zoo_events_clear(zoo_events *e)
{
    e->n = e->head = 0;
    e->choice = e->active = SIZE_MAX;
    e->p = 0;
    e->last = -INFINITY;
}

/* The mean over the answers that are kept, the oldest first. */
static void average(zoo_events *e, const gop_real *p)
{
    const size_t K = e->classes;
    memcpy(e->kept + e->head * K, p, K * sizeof *p);
    e->head = (e->head + 1) % e->length;
    e->n += e->n < e->length;
    for (size_t c = 0; c < K; c++) {
        double sum = 0;
        for (size_t i = 0; i < e->n; i++)
            sum += (double)e->kept[(e->head + e->length - e->n + i) % e->length * K + c];
        e->mean[c] = (gop_real)(sum / (double)e->n);
    }
}

zoo_change zoo_events_take(zoo_events *e, double time, const gop_real *p)
{
    zoo_change change = {.off = SIZE_MAX, .on = SIZE_MAX};
    const zoo_stream_options *o = e->options;
    average(e, p);
    const size_t best = zoo_stream_choose(e->domain, o->none, o->reject, e->mean);
    const bool begins = best != SIZE_MAX && best != e->active && (double)e->mean[best] >= o->on;
    e->choice = best;
    if (e->active != SIZE_MAX)
        e->p = (double)e->mean[e->active];
    if (time - e->last < o->hold - CLOSE)
        return change;
    if (e->active != SIZE_MAX && (begins || e->p < o->off)) {
        change.off = e->active;
        change.p_off = e->p;
        e->active = SIZE_MAX;
        e->last = time;
    }
    if (begins) {
        change.on = e->active = best;
        change.p_on = e->p = (double)e->mean[best];
        e->last = time;
    }
    return change;
}
