/*
 * axes.h: the meaning of an array's axes, and how a clip is taken from it.  Private to
 * zoo/dataset.
 *
 * Axes are letters: N clips, C channels, T frames, V nodes, M bodies.  T and V are there always.
 * Without N the array is one clip.  Without C an element of V is a column; without M the bodies
 * follow each other along V.
 */
#ifndef ZOO_DATASET_FORMAT_AXES_H
#define ZOO_DATASET_FORMAT_AXES_H

#include "zoo/dataset/format/raw_clip.h"
#include "zoo/numpy/array.h"

typedef struct zoo_axes {
    size_t clip, channel, frame, node, body; /* the array's axes, SIZE_MAX: none */
    uint64_t clips, frames;
    size_t bodies;
} zoo_axes;

/* Sets the axes of an array from letters, such as "NCTVM", or by its rank if they are NULL: "TV",
 * "NTV" and "NCTVM".  Counts the array's entries along N.  GOP_EINVAL for other letters; GOP_EFORMAT
 * if they or the layout do not fit the array. */
gop_status zoo_axes_set(zoo_axes *axes, zoo_array *a, const char *letters, const zoo_layout *layout,
                        gop_error *err);
/* Reads clip i.  `entry` is memory for the values as they lie in the array, reused from call to
 * call.  GOP_EFORMAT, GOP_ESYSTEM, GOP_ENOMEM. */
typedef struct zoo_entry {
    float *values;
    size_t room;
} zoo_entry;
gop_status zoo_axes_read(zoo_clip *clip, const zoo_axes *axes, zoo_array *a, uint64_t i,
                         const zoo_layout *layout, zoo_entry *entry, gop_error *err);

#endif
