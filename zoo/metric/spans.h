/*
 * spans.h: how well actions are found in whole recordings: frames, segments, events.
 * May use zoo/dataset/dataset.h only.
 */
#ifndef ZOO_METRIC_SPANS_H
#define ZOO_METRIC_SPANS_H

#include "zoo/dataset/dataset.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Overlaps at which F1 is given: 0.1, 0.25 and 0.5, in the literature F1@10, F1@25 and F1@50. */
#define ZOO_OVERLAPS 3
GOP_API double zoo_overlap(size_t i);

/* An action that was recognised as begun, in frame `frame`. */
typedef struct zoo_event {
    uint32_t action;
    size_t frame;
} zoo_event;

/* Counts over recordings, and one more number for each true segment that was noticed.  All zeros: no
 * recording.  Free it with zoo_spans_clear. */
typedef struct zoo_spans_score {
    size_t recordings, frames;
    size_t right;              /* frames whose class was found */
    size_t acting;             /* frames in true segments */
    size_t right_acting;       /* those of them whose class was found */
    size_t segments;           /* true ones */
    size_t found;              /* predicted ones */
    size_t hits[ZOO_OVERLAPS]; /* predicted ones that match, at each overlap */
    double minutes;
    size_t events, false_events; /* those that lie in no true segment of their class */
    size_t noticed;              /* true segments with an event */
    double *delay; /* [noticed]: seconds from the segment's first frame to the event */
} zoo_spans_score;

/* What was found in a recording: the class of each frame, and events in any order. */
typedef struct zoo_spans_found {
    const uint32_t *action; /* [frames] */
    size_t events;
    const zoo_event *event;
} zoo_spans_found;

/* The true spans of a recording, with the class of all frames outside of them and its rate. */
typedef struct zoo_spans_truth {
    size_t frames;
    uint32_t background;
    size_t spans;
    const zoo_span *span; /* as in zoo_sequence: in order, without common frames */
    double rate;          /* Hz, of these frames */
} zoo_spans_truth;

/* Adds a recording.
 *
 * Frames: frame t is right if action[t] is the class of its true span, or of the background.
 * Segments: a predicted segment is a longest run of frames of one class; the background's are none.
 * In their order in time, each is compared with the true one of its class that has the largest
 *
 *     IoU = |predicted and true frames| / |predicted or true frames|
 *
 * and hits at overlap k if IoU >= k and no earlier one has hit that true segment; so Lea et al. 2017
 * count, and the programs after them.  Events: one is false unless it lies in a true segment of its
 * class.  The first one in a segment is noticed after (event's frame - first frame) / rate seconds.
 * Errors: GOP_EINVAL for NULL, a rate that is not above 0, spans that are empty, out of order or end
 * behind the recording, and events behind it, with nothing added; GOP_ENOMEM. */
GOP_API gop_status zoo_spans_add(zoo_spans_score *score, const zoo_spans_truth *truth,
                                 const zoo_spans_found *found, gop_error *err);
GOP_API void zoo_spans_clear(zoo_spans_score *score);

/* The share of right frames; NaN without frames. */
GOP_API double zoo_spans_accuracy(const zoo_spans_score *score);
/* The same of frames in true segments, as MS-TCN's program ignores the background. */
GOP_API double zoo_spans_acting_accuracy(const zoo_spans_score *score);
/* F1 at overlap i, of all recordings together: 2 hits / (predicted + true segments); NaN without any
 * segment or overlap. */
GOP_API double zoo_spans_f1(const zoo_spans_score *score, size_t i);
/* False events a minute; NaN without frames. */
GOP_API double zoo_spans_alarms(const zoo_spans_score *score);
/* The mean delay, and the delay at a share in [0, 1] of the noticed segments, in order of their
 * delays: between two of them on the straight line, at place share (noticed - 1).  Seconds; NaN
 * without one.  zoo_spans_delay sorts the delays. */
GOP_API double zoo_spans_mean_delay(const zoo_spans_score *score);
GOP_API double zoo_spans_delay(zoo_spans_score *score, double share);

#ifdef __cplusplus
}
#endif
#endif
