/*
 * clips.h: which frames a protocol tests on.  Private to zoo/metric.
 */
#ifndef ZOO_METRIC_CLIPS_H
#define ZOO_METRIC_CLIPS_H

#include "zoo/dataset/dataset.h"

/* A clip begins at frame `start` of the reduced sequence. */
typedef struct zoo_clip {
    size_t sequence, start;
} zoo_clip;

typedef struct zoo_clips {
    size_t n;
    zoo_clip *clip;  /* by action, then in the order drawn */
    size_t left_out; /* test sequences that are too short for one */
} zoo_clips;

/* How clips are drawn: `count` of each action, starts in [first, n - reserve). */
typedef struct zoo_draw {
    size_t count, first, reserve;
} zoo_draw;

/* Starts by the legacy generator, seeded again for every action, from its test sequences
 * in turn.  Sequences without a start are passed over. */
gop_status zoo_clips_draw(zoo_clips *clips, const zoo_dataset *data, const zoo_draw *draw,
                          gop_error *err);
/* Every window of `frames` frames that begins at a multiple of `stride`, which may be as
 * large as a size_t goes. */
gop_status zoo_clips_dense(zoo_clips *clips, const zoo_dataset *data, size_t frames, size_t stride,
                           gop_error *err);
void zoo_clips_clear(zoo_clips *clips);

#endif
