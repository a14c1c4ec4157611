/*
 * skeleton.h: clips of NTU RGB+D as read from .skeleton files.  Private to zoo/dataset.
 */
#ifndef ZOO_DATASET_FORMAT_SKELETON_H
#define ZOO_DATASET_FORMAT_SKELETON_H

#include "zoo/dataset/format/files.h"

#define ZOO_NTU_JOINTS 25
#define ZOO_NTU_BODIES 4 /* of a frame that are read by their index */

typedef struct zoo_ntu_joints {
    float xyz[3 * ZOO_NTU_JOINTS];
    uint8_t tracked[ZOO_NTU_JOINTS];
    uint8_t slot; /* index of the clip's body that these are of; ZOO_NTU_NOBODY: none */
    uint64_t id;  /* hash of what identifies the body in the file */
} zoo_ntu_joints;
#define ZOO_NTU_NOBODY 255

typedef struct zoo_ntu_frame {
    uint32_t bodies; /* that were read */
    uint32_t first;  /* index of the first in the clip's joints */
} zoo_ntu_frame;

typedef struct zoo_ntu_clip {
    size_t declared, frames, room;
    zoo_ntu_frame *frame; /* [frames] */
    size_t bodies, bodies_room;
    zoo_ntu_joints *body; /* [bodies] of all frames */
    size_t most_bodies;   /* in one frame of the file */
    size_t slots;         /* number of different bodies, at most ZOO_MAX_BODIES */
    size_t left_out;      /* bodies of the file without a slot */
    size_t non_finite;
    bool more; /* something follows the last frame */
} zoo_ntu_clip;

/* How bodies of different frames belong together. */
typedef enum zoo_ntu_bodies {
    ZOO_NTU_BY_INDEX, /* by their index in the frame; the first four are read */
    ZOO_NTU_BY_NAME   /* by what identifies them; the eight that are in most frames are kept */
} zoo_ntu_bodies;

/* Reads all complete frames.  `bytes` is memory for the file.  GOP_ESYSTEM, GOP_EFORMAT, GOP_ENOMEM,
 * with the reason to drop the file in *why. */
gop_status zoo_ntu_read(zoo_ntu_clip *clip, zoo_bytes *bytes, const char *path, zoo_ntu_bodies how,
                        zoo_drop *why, gop_error *err);
/* The joints of a body in frame t, or NULL if it is missing or has all of them at the origin. */
const zoo_ntu_joints *zoo_ntu_joints_of(const zoo_ntu_clip *clip, size_t t, size_t slot);
void zoo_ntu_clip_clear(zoo_ntu_clip *clip);

#endif
