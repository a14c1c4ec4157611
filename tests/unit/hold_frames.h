/*
 * hold_frames.h: brings the frames of a data set into memory, for tests that look at their values.
 * Static inline only; fails through Check's assertions.
 */
#ifndef TESTS_UNIT_HOLD_FRAMES_H
#define TESTS_UNIT_HOLD_FRAMES_H

#include <check.h>
#include <stdlib.h>

#include "zoo/dataset/dataset.h"

static inline void hold_frames(zoo_dataset *data)
{
    const size_t columns = data->domain.layout.columns;
    gop_error err = {GOP_OK, ""};
    for (size_t i = 0; i < data->sequences; i++) {
        zoo_sequence *q = &data->sequence[i];
        float *v = malloc(q->bodies * q->frames * columns * sizeof *v);
        ck_assert(v != NULL && q->data == NULL);
        for (size_t b = 0; b < q->bodies; b++)
            ck_assert_msg(zoo_dataset_read(v + b * q->frames * columns, data, i, b, 0, q->frames,
                                           &err) == GOP_OK,
                          "%s", err.message);
        q->data = v;
    }
}

#endif
