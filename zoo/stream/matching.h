/*
 * matching.h: which body of a frame is which of those that are followed.  Private to zoo/stream.
 */
#ifndef ZOO_STREAM_MATCHING_H
#define ZOO_STREAM_MATCHING_H

#include "zoo/skeleton/layout.h"
#include "zoo/stream/stream.h"

/* Bodies of a frame that are considered, at most. */
#define ZOO_STREAM_CROWD 256

/* A body that is followed. */
typedef struct zoo_followed {
    bool alive;
    bool given;        /* the number is an id of the frames */
    int64_t number;    /* id, or number among those without */
    double seen;       /* time of the last frame that had it */
    size_t now;        /* its place in the present frame, or SIZE_MAX */
    const float *last; /* [columns]: its last known values; NaN: none */
} zoo_followed;

typedef struct zoo_matching {
    const zoo_layout *layout;
    size_t coordinates; /* of a node; 0: no positions */
    double reach;
    double *distance; /* [crowd, tracks]: in sizes of the track's body */
    size_t tracks;    /* places for bodies that are followed */
    zoo_followed *track;
    int64_t next; /* number of the next body without an id */
} zoo_matching;

/* Makes room.  GOP_ENOMEM. */
gop_status zoo_matching_open(zoo_matching *m, const zoo_layout *layout, size_t tracks, double reach,
                             gop_error *err);
void zoo_matching_close(zoo_matching *m);
/* Sets `now` of each track that is alive, and lets the bodies without one begin in free places.
 * begun[tracks] says which did; *dropped gets the number of bodies that are in no track. */
void zoo_matching_take(zoo_matching *m, const zoo_frame *frame, bool *begun, uint64_t *dropped);

#endif
