/*
 * frame_build.h: a frame while it is read, body by body.  Private to zoo/stream.
 */
#ifndef ZOO_STREAM_FRAME_BUILD_H
#define ZOO_STREAM_FRAME_BUILD_H

#include "zoo/stream/frame_lines.h"

typedef struct zoo_frame_build {
    const zoo_layout *layout;
    double time; /* of the frame, if it states none */
    zoo_frame frame;
    size_t room; /* bodies */
    int64_t *id; /* [room] */
    float *values;
} zoo_frame_build;

/* Adds a body, whose values are missing, and sets *values to them.  GOP_EFORMAT beyond
 * ZOO_FRAME_BODIES; GOP_ENOMEM. */
gop_status zoo_frame_build_body(zoo_frame_build *b, int64_t id, float **values, gop_error *err);
/* Reads [text, end), an object {"t": seconds, "bodies": [{"id": 1, "pose": [..]}, ..]}, into a frame
 * that has no bodies yet.  GOP_EFORMAT, without a line's number; GOP_ENOMEM. */
gop_status zoo_frame_build_json(zoo_frame_build *b, const char *text, const char *end,
                                gop_error *err);

#endif
