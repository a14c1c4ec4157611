/*
 * body_size.h: whether the bodies of a set have a size that positions in metres can have.  Private
 * to zoo/dataset.
 */
#ifndef ZOO_DATASET_STORE_BODY_SIZE_H
#define ZOO_DATASET_STORE_BODY_SIZE_H

#include "zoo/dataset/store/prepare_report.h"
#include "zoo/dataset/transform/transform.h"

/* Of the clips so far. */
typedef struct zoo_body_size {
    double sum; /* of the first bodies' sizes */
    size_t n;
} zoo_body_size;

/* Adds a clip: the greatest extent along an axis of the first body's first frame. */
void zoo_body_size_add(zoo_body_size *size, const zoo_layout *layout, const zoo_recording *clip);
/* Adds a finding if the mean is above 100 m or below 1 cm, with the unit that mends it. */
void zoo_body_size_report(const zoo_body_size *size, const zoo_domain *domain, zoo_report *report);

#endif
