/*
 * layout_memory.h: the one block behind a layout that was copied or read.
 * Private to zoo/skeleton.
 */
#ifndef ZOO_SKELETON_LAYOUT_MEMORY_H
#define ZOO_SKELETON_LAYOUT_MEMORY_H

#include "zoo/skeleton/layout.h"

/* The layout's arrays, writable while it is being filled. */
typedef struct zoo_layout_memory {
    const char **node_name, **part_name;
    uint32_t *column, *part;
    gop_edge *edges, *part_edges, *pairs;
    float *draw;                 /* not yet the layout's */
    char (*text)[ZOO_NAME_SIZE]; /* the layout's name, the nodes', the parts' */
} zoo_layout_memory;

/* Allocates for the counts in `l` (within the limits of layout.h) and points it
 * to zeroed arrays and empty names, but not to `draw`. */
bool zoo_layout_allocate(zoo_layout *l, zoo_layout_memory *m);

#endif
