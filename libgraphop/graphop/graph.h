/*
 * graph.h: graphs as data: checks, matrices, parts, the dual.  No learning.
 */
#ifndef GRAPHOP_GRAPH_H
#define GRAPHOP_GRAPH_H

#include "graphop/shape.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Edges have no direction: {a, b} and {b, a} are the same. */
typedef struct gop_edge {
    uint32_t a, b;
} gop_edge;

/* Most nodes, and most edges, of a graph: 2^24, for their numbers travel through nets
 * as reals (gop_pool, gop_edge_gather), and a float holds integers up to there. */
#define GOP_MAX_NODES 16777216

/* How a matrix A [n, n] is normalised: not at all; each row by its sum (D^-1 A, a mean over
 * neighbours); each column by its sum (A D^-1); both by the square roots of the rows' sums
 * (D^-1/2 A D^-1/2, Kipf & Welling 2017).  Rows and columns of zeros stay. */
typedef enum gop_graph_norm {
    GOP_GRAPH_BINARY,
    GOP_GRAPH_ROWS,
    GOP_GRAPH_COLUMNS,
    GOP_GRAPH_SYMMETRIC
} gop_graph_norm;

/* Normalises any matrix in place.  GOP_EINVAL for NULL, n 0, no such norm, and in SYMMETRIC for a
 * row whose sum is negative; GOP_ENOMEM.  A is then unchanged. */
GOP_API gop_status gop_graph_normalise(gop_real *A, size_t n, gop_graph_norm norm, gop_error *err);

/* A graph: nodes 0..nodes-1, edges without direction, and optionally names of nodes, parts (each
 * node in one), names of parts and a centre.  After it is built, several threads may read it.
 *
 * Functions that return a status fail with GOP_EINVAL for NULL, and with GOP_ENOMEM.  On failure
 * the graph is unchanged and the output is unspecified.  Messages use the names of nodes and
 * parts where they are set. */
typedef struct gop_graph gop_graph;

/* Copies the edges.  GOP_EINVAL for a graph without nodes, for more than GOP_MAX_NODES nodes or
 * edges, and for an edge with an end that is no node, from a node to itself, or listed twice;
 * *graph is then NULL.  Time and memory grow with nodes + edges. */
GOP_API gop_status gop_graph_new(gop_graph **graph, size_t nodes, const gop_edge *edges,
                                 size_t n_edges, gop_error *err);
GOP_API void gop_graph_free(gop_graph *g);
/* Copies the names [nodes].  GOP_EINVAL names a node without one, or a name that two have. */
GOP_API gop_status gop_graph_name_nodes(gop_graph *g, const char *const *names, gop_error *err);
/* Sets the part number of each node, part [nodes].  Former parts and their names are dropped.
 * GOP_EINVAL names a node whose number is not below `parts`, or a part without nodes. */
GOP_API gop_status gop_graph_set_parts(gop_graph *g, const uint32_t *part, size_t parts,
                                       gop_error *err);
/* The same from lists of nodes: part p has the next sizes[p] of `nodes`.  GOP_EINVAL names a part
 * that is empty or lists no such node, a node in two parts, or a node in none. */
GOP_API gop_status gop_graph_set_part_lists(gop_graph *g, const uint32_t *nodes,
                                            const size_t *sizes, size_t parts, gop_error *err);
/* As gop_graph_name_nodes, for [parts] names.  GOP_ESTATE without parts. */
GOP_API gop_status gop_graph_name_parts(gop_graph *g, const char *const *names, gop_error *err);
/* GOP_EINVAL for no such node. */
GOP_API gop_status gop_graph_set_centre(gop_graph *g, size_t node, gop_error *err);

/* Counts; 0 of NULL. */
GOP_API size_t gop_graph_nodes(const gop_graph *g);
GOP_API size_t gop_graph_edges(const gop_graph *g);
GOP_API size_t gop_graph_parts(const gop_graph *g);
/* All edges, as they were given; NULL without edges. */
GOP_API const gop_edge *gop_graph_edge_list(const gop_graph *g);
/* The name, valid until it is replaced; NULL where none is set. */
GOP_API const char *gop_graph_node_name(const gop_graph *g, size_t node);
GOP_API const char *gop_graph_part_name(const gop_graph *g, size_t part);
/* The number of a name; SIZE_MAX for no such name. */
GOP_API size_t gop_graph_find_node(const gop_graph *g, const char *name);
GOP_API size_t gop_graph_find_part(const gop_graph *g, const char *name);
/* The part of a node; SIZE_MAX without parts or for no such node. */
GOP_API size_t gop_graph_part_of(const gop_graph *g, size_t node);
/* The number of a node's edges. */
GOP_API size_t gop_graph_degree(const gop_graph *g, size_t node);

/* Below, no such root, and a graph in pieces where a root or a centre counts, are GOP_EINVAL;
 * sizes are M nodes, E edges. */

/* The centre that was set, else the first node whose farthest node is nearest (the
 * graph's centre), which takes time of nodes times edges. */
GOP_API gop_status gop_graph_centre(size_t *node, const gop_graph *g, gop_error *err);
/* GOP_EINVAL names a node that no path joins to node 0. */
GOP_API gop_status gop_graph_connected(const gop_graph *g, gop_error *err);
/* The shortest-path tree from `root`: parent [M], for each node its neighbour on a shortest path
 * to the root, which is its own parent.  Ties go to the neighbour that the search from the root
 * meets first, neighbours in the order of the edges. */
GOP_API gop_status gop_graph_parents(uint32_t *parent, const gop_graph *g, size_t root,
                                     gop_error *err);
/* Hop distances d [M, M]; UINT32_MAX where no path leads. */
GOP_API gop_status gop_graph_distances(uint32_t *d, const gop_graph *g, gop_error *err);

/* Matrices and lists of a graph, as operators take them.  In [M, M] row i is what node i gathers,
 * so that gop_graph_product is y_i = sum_j A[i,j] x_j. */
typedef enum gop_graph_kind {
    /* A [M, M]: 1 for each edge, in both directions, and on the diagonal with `loops`; then
     * normalised by `norm`. */
    GOP_GRAPH_ADJACENCY,
    /* P [hops, M, M]: P[k] = A^(k+1) of that A. */
    GOP_GRAPH_POWERS,
    /* H [hops, M, M]: 1 for nodes that are k+1 hops apart, else 0. */
    GOP_GRAPH_EXACT_HOPS,
    /* H [hops, M, M]: 1 for nodes that are at most k+1 hops apart, the nodes themselves too. */
    GOP_GRAPH_WITHIN_HOPS,
    /* S [3, M, M]: the entries of that A parted by the neighbour's distance from `root`, so that
     * S[k][i,j] is of the neighbours j of node i that are
     *   k = 0  as far from the root as i: with `loops` i itself, and on a tree no other (root)
     *   k = 1  nearer to the root (centripetal)
     *   k = 2  farther from it (centrifugal)
     * A is normalised before it is parted, or with `apart` each S[k] by itself, as where every
     * subset has weights of its own (2s-AGCN, Shi et al. 2019).
     * Source: spatial configuration partitioning, ST-GCN, Yan et al. 2018, section 3.3.  Its
     * program writes x A: its matrices are the transposes of these, with columns that sum to 1.
     * It has the subsets in the order 0, 2, 1, puts neighbours at the same distance into the
     * centrifugal one, and takes all nodes two or more hops from the centre as equally far. */
    GOP_GRAPH_SPATIAL,
    /* B [E, M]: (B x)_e = x_outer - x_inner, where the outer end of edge e is the one farther
     * from `root`, or the second of the list where both are as far.  Without signs it is the
     * incidence matrix. */
    GOP_GRAPH_BONES,
    /* B [M, M]: (B x)_i = x_i - x_parent(i) by gop_graph_parents from `root`, 0 at the root
     * (2s-AGCN's second stream). */
    GOP_GRAPH_NODE_BONES,
    /* The part of each node [M], as gop_pool and gop_match take it.  GOP_ESTATE without parts. */
    GOP_GRAPH_PART_NUMBERS,
    /* Rows [a, b], as gop_edge_gather and gop_edge_scatter take them: the edges of the list, with
     * `both` then all of them as [b, a], with `loops` then [i, i] for each node. */
    GOP_GRAPH_EDGE_INDEX
} gop_graph_kind;

/* Which data of a graph.  GOP_EINVAL for a member that is set and not of this kind, for 0 hops of
 * a kind that has hops, and for no such kind, norm or root. */
typedef struct gop_graph_data {
    gop_graph_kind kind;
    gop_graph_norm norm; /* ADJACENCY, POWERS, SPATIAL */
    bool loops;          /* ADJACENCY, POWERS, SPATIAL, EDGE_INDEX */
    bool apart;          /* SPATIAL */
    bool both;           /* EDGE_INDEX */
    size_t hops;         /* POWERS, EXACT_HOPS, WITHIN_HOPS */
    size_t root;         /* SPATIAL, BONES, NODE_BONES */
} gop_graph_data;

/* The shape of the data.  GOP_EINVAL also for one that no memory can hold. */
GOP_API gop_status gop_graph_shape(gop_shape *shape, const gop_graph *g, gop_graph_data what,
                                   gop_error *err);
/* Writes the data, as many elements as the shape has.  gop_graph_constant records them. */
GOP_API gop_status gop_graph_fill(gop_real *data, const gop_graph *g, gop_graph_data what,
                                  gop_error *err);

/* The graph of parts: its nodes are the parts, with their names; two are joined where
 * an edge of g joins nodes of both; edges are sorted, each {p, q} with p < q.  Its centre is
 * the part of the centre that was set.  GOP_ESTATE without parts. */
GOP_API gop_status gop_graph_of_parts(gop_graph **parts, const gop_graph *g, gop_error *err);
/* The dual (line graph): node e is edge e of g, and {e, f}, e < f, is an edge where edges e and f
 * have an end in common; edges are sorted.  Node e is named "INNER-OUTER" where nodes have names,
 * and is in the part of its outer node (GOP_GRAPH_BONES) where there are parts.  GOP_EINVAL for
 * a graph without edges, for a part that is then without any (give a graph without parts, and
 * parts to the result), and for more than GOP_MAX_NODES edges. */
GOP_API gop_status gop_graph_dual(gop_graph **dual, const gop_graph *g, size_t root,
                                  gop_error *err);

#ifdef __cplusplus
}
#endif
#endif
