/*
 * ntu.h: a clip of NTU RGB+D as read, and its bodies as sequences.  Private to
 * zoo/dataset.
 */
#ifndef ZOO_DATASET_FORMAT_NTU_H
#define ZOO_DATASET_FORMAT_NTU_H

#include "graphop.h"

#define ZOO_NTU_JOINTS 25
#define ZOO_NTU_BODIES 4 /* of a frame that are read */

typedef struct zoo_ntu_joints {
    float xyz[3 * ZOO_NTU_JOINTS];
    uint8_t tracked[ZOO_NTU_JOINTS];
} zoo_ntu_joints;

typedef struct zoo_ntu_frame {
    uint32_t bodies; /* number of bodies, at most ZOO_NTU_BODIES */
    uint32_t first;  /* index of the first in the clip's bodies */
} zoo_ntu_frame;

typedef struct zoo_ntu_clip {
    size_t declared, frames, room;
    zoo_ntu_frame *frame; /* [frames] */
    size_t bodies, bodies_room;
    zoo_ntu_joints *body; /* [bodies] of all frames */
    size_t most_bodies;   /* in one frame */
    size_t non_finite;
    bool more; /* something follows the last frame */
} zoo_ntu_clip;

/* The joints of a body of frame t, or NULL if it is missing or has all of them at the origin. */
const zoo_ntu_joints *zoo_ntu_joints_of(const zoo_ntu_clip *clip, size_t t, size_t body);
/* Number of frames with the body. */
size_t zoo_ntu_frames(const zoo_ntu_clip *clip, size_t body);
/* Sorts the bodies that occur in the clip by falling sum of the standard deviations of x, y and z
 * over their frames and joints, ties by index.  Returns their number. */
size_t zoo_ntu_rank(size_t order[ZOO_NTU_BODIES], const zoo_ntu_clip *clip);
/* frames [zoo_ntu_frames(clip, body), 75]: the frames with the body.  With `normal`, positions are
 * relative to the spine's middle of body `main` in the same frame (if main is missing there, in its
 * last frame before or in its first), and rotated: in main's first frame the spine points along +z
 * and the line from the left to the right shoulder along +x, by the least rotation to each in this
 * order.  A joint at the origin stays there. */
void zoo_ntu_body(float *frames, const zoo_ntu_clip *clip, size_t main, size_t body, bool normal);

#endif
