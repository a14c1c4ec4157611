/*
 * neighbours.h: the edges at each node, and breadth-first search.  Private to libgraphop/graph.
 */
#ifndef GOP_GRAPH_NEIGHBOURS_H
#define GOP_GRAPH_NEIGHBOURS_H

#include "graphop.h"

/* Those of node i are at [begin[i], begin[i + 1]), in the order of the edge list. */
typedef struct gop_neighbours {
    size_t nodes;
    size_t *begin;  /* [nodes + 1] */
    uint32_t *node; /* the edge's other end */
    uint32_t *edge; /* its place in the list */
} gop_neighbours;

/* For the edges of a simple graph.  Directed, {a, b} and {b, a} are different edges.  GOP_EINVAL for 0 nodes, for more than GOP_MAX_NODES nodes or
 * edges, for an edge to no such node or from a node to itself, and for an edge that is listed
 * twice; GOP_ENOMEM. */
gop_status gop_neighbours_new(gop_neighbours *of, size_t n, const gop_edge *edges, size_t n_edges,
                              bool directed, gop_error *err);
void gop_neighbours_clear(gop_neighbours *of);

/* Breadth-first search from `root`; nodes at the same distance are visited in the order found.
 * distance [n], UINT32_MAX without a path; parent [n] (or NULL), the neighbour from which a node
 * was found, the node itself for the root and without a path; queue [n] is scratch. */
void gop_spread(const gop_neighbours *of, size_t root, uint32_t *distance, uint32_t *parent,
                uint32_t *queue);

#endif
