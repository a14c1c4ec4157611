/*
 * tracks.h: makes a clip of the bodies of a recording: each body is followed from frame to frame.
 * Private to zoo/dataset.
 */
#ifndef ZOO_DATASET_FORMAT_TRACKS_H
#define ZOO_DATASET_FORMAT_TRACKS_H

#include "zoo/dataset/format/people.h"
#include "zoo/dataset/format/raw_clip.h"

/* What became of a recording. */
typedef struct zoo_tracks {
    size_t n;          /* bodies that were followed */
    size_t left;       /* of these, beyond ZOO_MAX_BODIES */
    size_t repeats;    /* bodies whose id another one of their frame has */
    bool by_overlap;   /* ids were there, but repeat too often: they are no ids */
    bool by_order;     /* frames have no usable numbers: they follow each other as in the file */
    bool sparse;       /* numbers of frames are too far apart: frames follow each other */
    uint32_t *numbers; /* [clip->frames], owned; NULL: from 1 */
} zoo_tracks;

/* Makes the clip: bodies in the order of falling presence, the sum of their mean scores over all
 * frames, at most ZOO_MAX_BODIES.  GOP_EFORMAT if it is too large; GOP_ENOMEM. */
gop_status zoo_tracks_clip(zoo_clip *clip, zoo_tracks *tracks, zoo_people *people, gop_error *err);
/* Whether so many frames can have numbers over this span, as those of a video where nobody is found
 * at times. */
bool zoo_tracks_dense(size_t span, size_t frames);
void zoo_tracks_clear(zoo_tracks *tracks);

#endif
