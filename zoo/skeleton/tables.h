/*
 * tables.h: the built-in layouts, one file each.  Private to zoo/skeleton.
 */
#ifndef ZOO_SKELETON_TABLES_H
#define ZOO_SKELETON_TABLES_H

#include "zoo/skeleton/layout.h"

extern const zoo_layout zoo_layout_cmu26;
extern const zoo_layout zoo_layout_h36m20;
extern const zoo_layout zoo_layout_h36m21;
extern const zoo_layout zoo_layout_kinetics18;
extern const zoo_layout zoo_layout_ntu25;
extern const zoo_layout zoo_layout_procedural22;
extern const zoo_layout zoo_layout_tiny5;

#define ZOO_COUNT(a) (sizeof(a) / sizeof(a)[0])

#endif
