/*
 * graph.h: graphs as data: checks, matrices, parts, the dual graph.  No learning.
 */
#ifndef GRAPHOP_GRAPH_H
#define GRAPHOP_GRAPH_H

#include "graphop/shape.h"

#ifdef __cplusplus
extern "C" {
#endif

/* In an undirected graph {a, b} and {b, a} are the same; in a directed one {a, b} leads from a to
 * b. */
typedef struct gop_edge {
    uint32_t a, b;
} gop_edge;

/* The most nodes, and the most edges, of a graph: 2^24.  Nets hold their numbers as reals
 * (gop_pool, gop_edge_gather), and a float holds integers exactly up to 2^24. */
#define GOP_MAX_NODES 16777216

/* How to normalise a matrix A [n, n], with D the row sums on a diagonal: not at all; rows to sum 1
 * (D^-1 A, a mean over neighbours); columns to sum 1 (A D^-1 with the column sums); symmetrically
 * (D^-1/2 A D^-1/2, Kipf & Welling 2017).  Rows and columns of zeros stay zero. */
typedef enum gop_graph_norm {
    GOP_GRAPH_BINARY,
    GOP_GRAPH_ROWS,
    GOP_GRAPH_COLUMNS,
    GOP_GRAPH_SYMMETRIC
} gop_graph_norm;

/* Normalises any matrix in place.  GOP_EINVAL for NULL, n = 0, no such norm, and for a negative row
 * sum with GOP_GRAPH_SYMMETRIC; GOP_ENOMEM.  On failure A is unchanged. */
GOP_API gop_status gop_graph_normalise(gop_real *A, size_t n, gop_graph_norm norm, gop_error *err);

/* A graph: nodes 0..nodes-1, edges, and optionally weights of the edges, node names, parts (each
 * node in one), part names and a centre.  After it is built, several threads may read it.
 *
 * Functions that return a status fail with GOP_EINVAL for NULL and with GOP_ENOMEM out of memory.
 * On failure the graph is unchanged and the output is unspecified.  Messages name the node, edge or
 * part that is wrong, by its name if one is set. */
typedef struct gop_graph gop_graph;

/* Copies the edges.  GOP_EINVAL for a graph without nodes, for more than GOP_MAX_NODES nodes or
 * edges, for an edge to no such node or from a node to itself, and for an edge that is listed
 * twice; *graph is then NULL.  Time and memory are proportional to nodes + edges. */
GOP_API gop_status gop_graph_new(gop_graph **graph, size_t nodes, const gop_edge *edges,
                                 size_t n_edges, gop_error *err);
/* The same for a directed graph, where {a, b} and {b, a} are two edges.  Degrees, paths, distances,
 * connectedness, the centre, hops, bones and the graph of parts take no account of directions. */
GOP_API gop_status gop_graph_new_directed(gop_graph **graph, size_t nodes, const gop_edge *edges,
                                          size_t n_edges, gop_error *err);
GOP_API void gop_graph_free(gop_graph *g);
/* Copies the weights [E] of the edges, which are 1 before.  An edge of weight 0 remains an edge.
 * GOP_EINVAL for a weight that is not finite. */
GOP_API gop_status gop_graph_set_weights(gop_graph *g, const gop_real *weights, gop_error *err);
/* Copies the names [nodes].  GOP_EINVAL for a node without a name and for two nodes of one name. */
GOP_API gop_status gop_graph_name_nodes(gop_graph *g, const char *const *names, gop_error *err);
/* Sets the part number of each node, part [nodes].  Earlier parts and their names are dropped.
 * GOP_EINVAL for a part number that is not below `parts` and for a part without nodes. */
GOP_API gop_status gop_graph_set_parts(gop_graph *g, const uint32_t *part, size_t parts,
                                       gop_error *err);
/* The same from lists of nodes: part p has the next sizes[p] elements of `nodes`.  GOP_EINVAL for
 * an empty part, for no such node, and for a node in two parts or in none. */
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
/* All edges, in the order given; NULL without edges. */
GOP_API const gop_edge *gop_graph_edge_list(const gop_graph *g);
/* Whether edges have a direction; false of NULL. */
GOP_API bool gop_graph_directed(const gop_graph *g);
/* The weights of all edges, valid until they are replaced; NULL if none are set. */
GOP_API const gop_real *gop_graph_weights(const gop_graph *g);
/* The name, valid until it is replaced; NULL if none is set. */
GOP_API const char *gop_graph_node_name(const gop_graph *g, size_t node);
GOP_API const char *gop_graph_part_name(const gop_graph *g, size_t part);
/* The number of a name; SIZE_MAX for no such name. */
GOP_API size_t gop_graph_find_node(const gop_graph *g, const char *name);
GOP_API size_t gop_graph_find_part(const gop_graph *g, const char *name);
/* The part of a node; SIZE_MAX without parts or for no such node. */
GOP_API size_t gop_graph_part_of(const gop_graph *g, size_t node);
/* The number of a node's edges. */
GOP_API size_t gop_graph_degree(const gop_graph *g, size_t node);

/* The functions below also fail with GOP_EINVAL for no such root, and for a graph that is not
 * connected if they use a root or a centre.  M is the number of nodes, E of edges. */

/* The centre that was set, or else the first node with the smallest eccentricity (its distance to
 * the farthest node).  Finding that takes time proportional to nodes times edges. */
GOP_API gop_status gop_graph_centre(size_t *node, const gop_graph *g, gop_error *err);
/* GOP_EINVAL if the graph is not connected; the sentence names a node without a path to node 0. */
GOP_API gop_status gop_graph_connected(const gop_graph *g, gop_error *err);
/* The shortest-path tree from `root`: parent [M] is each node's neighbour on a shortest path to the
 * root.  The root is its own parent.  Ties go to the neighbour that a breadth-first search from the
 * root visits first, taking neighbours in the order of the edges. */
GOP_API gop_status gop_graph_parents(uint32_t *parent, const gop_graph *g, size_t root,
                                     gop_error *err);
/* Hop distances d [M, M]; UINT32_MAX without a path. */
GOP_API gop_status gop_graph_distances(uint32_t *d, const gop_graph *g, gop_error *err);

/* From where a node of a directed graph gathers: along its incoming edges from their sources, A[b,a]
 * for an edge {a, b}, or along its outgoing edges from their targets, A[a,b].  Both are the same in
 * an undirected graph. */
typedef enum gop_graph_side { GOP_GRAPH_IN, GOP_GRAPH_OUT } gop_graph_side;

/* Matrices and lists of a graph in the form that operators take.  Row i of a matrix [M, M] holds
 * the weights with which node i gathers: gop_graph_product is y_i = sum_j A[i,j] x_j. */
typedef enum gop_graph_kind {
    /* A [M, M]: the weight of each edge, 1 unless set, on the `side` of a directed graph, in both
     * directions of an undirected one; with `loops` 1 on the diagonal; then normalised by `norm`.
     * With GOP_GRAPH_ROWS it is the transition matrix of a random walk. */
    GOP_GRAPH_ADJACENCY,
    /* P [hops, M, M]: P[k] = A^(k+1) of that A. */
    GOP_GRAPH_POWERS,
    /* P [M, M] = A^hops of that A. */
    GOP_GRAPH_POWER,
    /* P [2 hops + 1, M, M]: the identity, the first `hops` powers of that A with GOP_GRAPH_ROWS by
     * GOP_GRAPH_OUT, and those by GOP_GRAPH_IN; of an undirected graph [hops + 1, M, M], without the
     * latter.  A stack for gop_graph_conv.
     * Source: diffusion convolution, DCRNN, Li et al. 2018, eq. 2. */
    GOP_GRAPH_DIFFUSION,
    /* H [hops, M, M]: H[k] is 1 for nodes k+1 hops apart and with `loops` on the diagonal, else 0;
     * then each H[k] is normalised by `norm`.
     * Source: disentangled aggregation, MS-G3D, Liu et al. 2020, section 3.2 (with loops). */
    GOP_GRAPH_EXACT_HOPS,
    /* H [hops, M, M]: H[k] is 1 for nodes at most k+1 hops apart and on the diagonal, else 0; then
     * each H[k] is normalised by `norm`. */
    GOP_GRAPH_WITHIN_HOPS,
    /* S [3, M, M]: the entries of that A split by distance from `root`.  S[k][i,j] holds those
     * neighbours j of node i that are
     *   k = 0  as far from the root as i: with `loops` i itself, and on a tree no other (root)
     *   k = 1  nearer to the root (centripetal)
     *   k = 2  farther from the root (centrifugal)
     * A is normalised before the split; with `apart` each S[k] is normalised by itself, for
     * models with weights for each subset (2s-AGCN, Shi et al. 2019).
     * Source: spatial configuration partitioning, ST-GCN, Yan et al. 2018, section 3.3.  The
     * authors' program computes x A: its matrices are the transposes of these, with columns that
     * sum to 1.  Its subsets have the order 0, 2, 1.  It puts neighbours at the same distance
     * into the centrifugal subset, and treats all nodes two or more hops from the centre as
     * equally far. */
    GOP_GRAPH_SPATIAL,
    /* B [E, M]: (B x)_e = x_outer - x_inner, where the outer end of edge e is the one farther from
     * `root`, or the edge's second node if both are equally far.  |B| is the incidence matrix. */
    GOP_GRAPH_BONES,
    /* B [M, M]: (B x)_i = x_i - x_parent(i) by gop_graph_parents from `root`, 0 at the root
     * (2s-AGCN's second stream). */
    GOP_GRAPH_NODE_BONES,
    /* The part number of each node [M], for gop_pool and gop_match.  GOP_ESTATE without parts. */
    GOP_GRAPH_PART_NUMBERS,
    /* Rows [i, j], for gop_edge_gather, gop_edge_scatter and gop_sparse_product, where node i
     * gathers from node j: the edges in the order given, as [a, b], or in a directed graph by
     * GOP_GRAPH_IN as [b, a]; then with `both` all of them with their ends exchanged, then with
     * `loops` [i, i] for each node. */
    GOP_GRAPH_EDGE_INDEX,
    /* The weights of that list, those of loops 1, normalised by `norm` as the matrix with these
     * entries. */
    GOP_GRAPH_EDGE_WEIGHTS,
    /* The sum of each row of ADJACENCY [M], before it is normalised: in-degrees, or by GOP_GRAPH_OUT
     * out-degrees, with weights. */
    GOP_GRAPH_DEGREES
} gop_graph_kind;

/* Selects data of a graph.  GOP_EINVAL for a member that is set but not used by the kind, for 0
 * hops where the kind uses hops, and for no such kind, norm, side or root. */
typedef struct gop_graph_data {
    gop_graph_kind kind;
    gop_graph_norm norm; /* ADJACENCY, POWERS, POWER, SPATIAL, EDGE_WEIGHTS, EXACT_, WITHIN_HOPS */
    gop_graph_side side; /* ADJACENCY, POWERS, POWER, SPATIAL, EDGE_WEIGHTS, EDGE_INDEX, DEGREES */
    bool loops;          /* the same, DIFFUSION, EXACT_HOPS */
    bool apart;          /* SPATIAL */
    bool both;           /* EDGE_INDEX, EDGE_WEIGHTS */
    size_t hops;         /* POWERS, POWER, DIFFUSION, EXACT_HOPS, WITHIN_HOPS */
    size_t root;         /* SPATIAL, BONES, NODE_BONES */
} gop_graph_data;

/* The shape of the data.  GOP_EINVAL also for data larger than the address space. */
GOP_API gop_status gop_graph_shape(gop_shape *shape, const gop_graph *g, gop_graph_data what,
                                   gop_error *err);
/* Writes the data, as many elements as the shape has.  gop_graph_constant records the same data in
 * a net. */
GOP_API gop_status gop_graph_fill(gop_real *data, const gop_graph *g, gop_graph_data what,
                                  gop_error *err);

/* The graph of parts: its nodes are the parts, with their names.  Two parts have an edge if an edge
 * of g joins nodes of both.  Edges are sorted, each {p, q} with p < q.  Its centre is the part that
 * holds the centre of g, if that was set.  GOP_ESTATE without parts. */
GOP_API gop_status gop_graph_of_parts(gop_graph **parts, const gop_graph *g, gop_error *err);
/* The graph of a window of `frames` frames: node i of frame t is node t M + i.  Each edge of g joins
 * its ends in all pairs of frames, with its weight, and each node is joined to itself in all other
 * frames, with weight 1: with loops, its adjacency is frames x frames blocks of A + I.  Nodes are
 * named "NAME@FRAME", from 0, and are in the parts of their nodes; the centre is not kept.
 * GOP_EINVAL for 0 frames and for more than GOP_MAX_NODES nodes or edges.
 * Source: the windows of G3D, MS-G3D, Liu et al. 2020, section 3.3. */
GOP_API gop_status gop_graph_of_frames(gop_graph **window, const gop_graph *g, size_t frames,
                                       gop_error *err);
/* The dual (line graph): node e is edge e of g, and {e, f}, e < f, is an edge if edges e and f
 * share an end.  Edges are sorted.  If g has names, node e is named "INNER-OUTER"; if g has parts,
 * node e is in the part of its outer node (see GOP_GRAPH_BONES).  GOP_EINVAL for a graph without
 * edges, for a directed graph, for a part that would be empty (set parts on the result instead),
 * and for more than GOP_MAX_NODES edges. */
GOP_API gop_status gop_graph_dual(gop_graph **dual, const gop_graph *g, size_t root,
                                  gop_error *err);

#ifdef __cplusplus
}
#endif
#endif
