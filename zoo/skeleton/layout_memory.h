/*
 * layout_memory.h: the one block behind a layout that was copied or read.
 * Private to zoo/skeleton.
 */
#ifndef ZOO_SKELETON_LAYOUT_MEMORY_H
#define ZOO_SKELETON_LAYOUT_MEMORY_H

#include "zoo/skeleton/layout.h"

/* The layout's arrays, writable while they are filled. */
typedef struct zoo_layout_memory {
    const char **node_name, **part_name;
    uint32_t *column, *part;
    gop_edge *edges, *parents, *part_edges, *pairs;
    float *draw;                 /* not set in the layout yet */
    char (*text)[ZOO_NAME_SIZE]; /* the names of the layout, the nodes, the parts */
} zoo_layout_memory;

/* Allocates arrays for the counts in `l` (within the limits of layout.h) and points `l` to them,
 * zeroed and with empty names.  It does not set l->draw. */
bool zoo_layout_allocate(zoo_layout *l, zoo_layout_memory *m);

#endif
