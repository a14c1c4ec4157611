/*
 * windows.h: sequences that are too short for a window.  Private to the zoo.
 */
#ifndef ZOO_DATASET_WINDOWS_H
#define ZOO_DATASET_WINDOWS_H

#include "zoo/dataset/dataset.h"

/* Fails because no sequence of the split has a window of `frames` frames.  `what` follows that
 * number in the message: "10 observed and 10 predicted". */
gop_status zoo_too_short(const zoo_dataset *data, zoo_split split, size_t frames, const char *what,
                         gop_error *err);

#endif
