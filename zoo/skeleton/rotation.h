/*
 * rotation.h: the rotation of an exponential map.  Private to the zoo.
 */
#ifndef ZOO_SKELETON_ROTATION_H
#define ZOO_SKELETON_ROTATION_H

#include "zoo/skeleton/chain.h"

/* R [3, 3] of the exponential map r; the formula is at zoo_euler. */
void zoo_rotation(double R[3][3], const double r[3], zoo_axis_rule rule);

#endif
