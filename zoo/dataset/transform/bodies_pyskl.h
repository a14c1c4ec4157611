/*
 * bodies_pyskl.h: the bodies of a clip as pyskl chooses and orders them.  Private to
 * zoo/dataset/transform.
 */
#ifndef ZOO_DATASET_TRANSFORM_BODIES_PYSKL_H
#define ZOO_DATASET_TRANSFORM_BODIES_PYSKL_H

#include "zoo/dataset/transform/transform.h"

/* Replaces the clip's bodies by at most `most` that are chosen, joined and ordered as pyskl does.
 * GOP_ENOMEM. */
gop_status zoo_bodies_as_pyskl(zoo_recording *clip, const zoo_layout *layout, size_t most,
                               gop_error *err);

#endif
