/*
 * events.h: makes events of the probabilities of one body: their mean over the last answers, an action
 * that begins above one probability and ends below another.  Private to zoo/stream.
 */
#ifndef ZOO_STREAM_EVENTS_H
#define ZOO_STREAM_EVENTS_H

#include "zoo/stream/stream.h"

typedef struct zoo_events {
    const zoo_domain *domain;
    const zoo_stream_options *options;
    size_t classes, length; /* answers of a mean */
    size_t n, head;         /* answers so far, at most `length`; where the next one goes */
    gop_real *kept;         /* [length, classes] */
    gop_real *mean;         /* [classes] */
    size_t choice;          /* the class that the mean names, or SIZE_MAX */
    size_t active;          /* the class that is on, or SIZE_MAX */
    double p;               /* its probability in the last mean */
    double last;            /* time of the last event; -INFINITY: none */
} zoo_events;

/* What an answer has changed: `off` ended, then `on` began; SIZE_MAX: none. */
typedef struct zoo_change {
    size_t off, on;
    double p_off, p_on;
} zoo_change;

/* Makes room for means of `length` answers.  GOP_ENOMEM. */
gop_status zoo_events_open(zoo_events *e, const zoo_domain *domain,
                           const zoo_stream_options *options, size_t length, gop_error *err);
void zoo_events_close(zoo_events *e);
/* Forgets all answers. */
void zoo_events_clear(zoo_events *e);
/* Takes the probabilities [classes] of the answer at a time.
 *
 * Class c, the largest of the means, begins if it is not `none` and its mean is at least `on` and
 * `reject`, and ends when its mean falls below `off`; while it lasts, another class that could begin
 * ends it.  Neither happens within `hold` of the last event. */
zoo_change zoo_events_take(zoo_events *e, double time, const gop_real *p);

#endif
