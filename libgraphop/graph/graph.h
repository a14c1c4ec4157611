/*
 * graph.h: the members of a gop_graph.  Private to libgraphop/graph.
 */
#ifndef GOP_GRAPH_GRAPH_H
#define GOP_GRAPH_GRAPH_H

#include "graph/neighbours.h"

struct gop_graph {
    size_t nodes, n_edges;
    gop_edge *edges;
    bool directed;
    gop_real *weights; /* [n_edges]; NULL: all 1 */
    gop_neighbours at;
    char **node_name; /* NULL: none; one block, see gop_names_copy */
    size_t parts;     /* 0: none */
    uint32_t *part;   /* [nodes] */
    char **part_name;
    size_t centre; /* SIZE_MAX: not set */
};

/* GOP_EINVAL if the graph or the result pointer is NULL. */
gop_status gop_graph_given(const gop_graph *g, const void *result, gop_error *err);
/* The same, and for no such node; `what` is its role ("root"). */
gop_status gop_graph_given_node(const gop_graph *g, const void *result, const char *what,
                                size_t node, gop_error *err);

enum { GOP_NODE_TEXT = 96 };
/* "node NAME" or "node 3", truncated to the buffer. */
const char *gop_node_text(char buf[GOP_NODE_TEXT], const gop_graph *g, size_t node);
const char *gop_part_text(char buf[GOP_NODE_TEXT], const gop_graph *g, size_t part);

/* Copies n names, none of which may be NULL or empty, into one block. */
gop_status gop_names_copy(char ***copy, const char *const *names, size_t n, const char *of,
                          gop_error *err);

/* Distances [nodes] from `root`, and parents if not NULL, as gop_spread.  GOP_EINVAL names a node
 * without a path to the root. */
gop_status gop_graph_spread(const gop_graph *g, size_t root, uint32_t *distance, uint32_t *parent,
                            gop_error *err);
/* Each edge as {nearer, farther} by the distance of its ends from `root`; in the order given if
 * both are equally far. */
gop_status gop_graph_outward(gop_edge *out, const gop_graph *g, size_t root, gop_error *err);

#endif
