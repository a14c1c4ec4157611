/*
 * clips.h: chooses the clips that a protocol tests on.  Private to zoo/metric.
 */
#ifndef ZOO_METRIC_CLIPS_H
#define ZOO_METRIC_CLIPS_H

#include "zoo/dataset/dataset.h"
#include "zoo/metric/protocol.h"

/* A clip begins at frame `start` of the reduced sequence. */
typedef struct zoo_clip {
    size_t sequence, start;
} zoo_clip;

typedef struct zoo_clips {
    size_t n;
    zoo_clip *clip; /* by action, then in drawing order */
} zoo_clips;

/* What was asked (NULL: nothing), with the protocol's clips filled in. */
zoo_measure zoo_protocol_clips(const zoo_protocol *protocol, const zoo_measure *measure);

/* How clips are drawn: `count` per action, starts in [first, n - reserve). */
typedef struct zoo_draw {
    size_t count, first, reserve;
} zoo_draw;

/* Draws starts by the legacy generator, seeded again for every action, from the action's test
 * sequences in turn.  Sequences without a possible start are skipped. */
gop_status zoo_clips_draw(zoo_clips *clips, const zoo_dataset *data, const zoo_draw *draw,
                          gop_error *err);
/* Takes every window of `frames` frames that begins at a multiple of `stride`; any stride up to
 * SIZE_MAX works. */
gop_status zoo_clips_dense(zoo_clips *clips, const zoo_dataset *data, size_t frames, size_t stride,
                           gop_error *err);
void zoo_clips_clear(zoo_clips *clips);

#endif
