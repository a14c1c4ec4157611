/*
 * graph.h: graphs as data: checks, matrices, parts, the dual.  No learning.
 */
#ifndef GRAPHOP_GRAPH_H
#define GRAPHOP_GRAPH_H

#include "graphop/status.h"

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

/* Functions on plain arrays.  Those that return a status fail with GOP_EINVAL for NULL,
 * a graph without nodes or one with more than GOP_MAX_NODES nodes or edges; the others
 * leave everything as it is. */

/* Binary adjacency with self loops, A [n, n]: A[a,b] = A[b,a] = A[i,i] = 1.
 * GOP_EINVAL names an edge whose end is not below n. */
GOP_API gop_status gop_adjacency(gop_real *A, size_t n, const gop_edge *edges, size_t n_edges,
                                 gop_error *err);
/* Row normalisation D^-1 A in place; a row of zeros stays. */
GOP_API void gop_normalise_rows(gop_real *A, size_t n);
/* Column normalisation A D^-1 in place, D the sums of columns; a column of zeros stays. */
GOP_API void gop_normalise_columns(gop_real *A, size_t n);
/* Symmetric normalisation D^-1/2 A D^-1/2 in place (Kipf & Welling 2017), D the sums
 * of rows; a row and column of zeros stay.  GOP_EINVAL names a row whose sum is
 * negative, GOP_ENOMEM; A is then as it was. */
GOP_API gop_status gop_normalise_symmetric(gop_real *A, size_t n, gop_error *err);
/* Matrix powers P [hops, n, n] of A [n, n]: P[g] = A^(g+1), g = 0..hops-1. */
GOP_API void gop_hop_powers(gop_real *P, const gop_real *A, size_t n, size_t hops);
/* Hop distances d [n, n]; UINT32_MAX where there is no path. */
GOP_API void gop_hop_distances(uint32_t *d, size_t n, const gop_edge *edges, size_t n_edges);
/* Which nodes are k hops apart, H [hops, n, n], from hop distances d [n, n]:
 * H[g][i,j] = 1 where d = g+1 (exact) or d <= g+1 (the nodes themselves too), else 0,
 * g = 0..hops-1. */
GOP_API void gop_hop_indicators(gop_real *H, const uint32_t *d, size_t n, size_t hops, bool exact);
/* Each node's neighbours parted by their hop distance from a centre, A [3, n, n], so that
 * y_i = sum_j A[k][i,j] x_j gathers from subset k of the neighbours j of node i:
 *   k = 0  as far from the centre as i: i itself (root), and neighbours at i's distance
 *   k = 1  nearer to the centre (centripetal)
 *   k = 2  farther from it (centrifugal)
 * An entry is 1 / (1 + the degree of i), so the sum over k is D^-1 (adjacency with self
 * loops) of gop_adjacency and gop_normalise_rows.  gop_normalise_rows on each A[k] makes
 * of it the three graphs of 2s-AGCN, where every subset has weights of its own (A[0] is
 * then the identity, on a tree).
 * GOP_EINVAL names what gop_check_graph finds, pieces included, or a centre that there is
 * not; GOP_ENOMEM.
 * Source: spatial configuration partitioning, ST-GCN, Yan et al. 2018, section 3.3;
 * 2s-AGCN, Shi et al. 2019.  Their programs write x A: their matrices are the transposes
 * of these, with columns that sum to 1.  ST-GCN's program has the subsets in the order
 * 0, 2, 1, puts neighbours at the same distance into the centrifugal one, and takes all
 * nodes two or more hops from the centre as equally far. */
GOP_API gop_status gop_spatial_partition(gop_real *A, size_t n, const gop_edge *edges,
                                         size_t n_edges, size_t centre, gop_error *err);
/* The line graph (dual): its nodes are the edges, and {e, f}, e < f, is one of its edges
 * where edges e and f have an end in common.  Writes the first `room` of them in order
 * (out may be NULL for 0) and returns how many there are. */
GOP_API size_t gop_line_graph(gop_edge *out, size_t room, const gop_edge *edges, size_t n_edges);
/* Part numbers part [n], as gop_pool takes them, from lists of nodes: part p has the next
 * sizes[p] of `nodes`.  GOP_EINVAL names a part that is empty or has a node that there
 * is not, a node in two parts, a node in none. */
GOP_API gop_status gop_partition(gop_real *part, size_t n, const uint32_t *nodes,
                                 const size_t *sizes, size_t parts, gop_error *err);
/* GOP_EINVAL names an edge whose end is not below n, one from a node to itself, one that
 * is there twice, and with `connected` a node that no path joins to node 0.  Time and memory
 * grow with nodes + edges. */
GOP_API gop_status gop_check_graph(size_t n, const gop_edge *edges, size_t n_edges, bool connected,
                                   gop_error *err);

/* A graph as an object: nodes 0..nodes-1, edges without direction, and where they are
 * given, names of nodes, parts (each node in one), names of parts and a centre.  Once it
 * is made and named, several threads may read it at once.
 *
 * Functions with a status fail with GOP_EINVAL for NULL, and with GOP_ENOMEM; then the
 * graph and what is to be written are as they were, or the latter holds nothing of use.
 * Sentences have names of nodes and parts once those are known. */
typedef struct gop_graph gop_graph;

/* Copies the edges.  GOP_EINVAL as gop_check_graph finds, without `connected`; *graph is
 * then NULL.  Time and memory grow with nodes + edges. */
GOP_API gop_status gop_graph_new(gop_graph **graph, size_t nodes, const gop_edge *edges,
                                 size_t n_edges, gop_error *err);
GOP_API void gop_graph_free(gop_graph *g);
/* Copies the names [nodes].  GOP_EINVAL names a node without one, or a name that two have. */
GOP_API gop_status gop_graph_name_nodes(gop_graph *g, const char *const *names, gop_error *err);
/* Parts from each node's part number, part [nodes]; replaces parts that were there, and
 * drops their names.  GOP_EINVAL names a node whose number is not below `parts`, a part
 * without nodes. */
GOP_API gop_status gop_graph_set_parts(gop_graph *g, const uint32_t *part, size_t parts,
                                       gop_error *err);
/* Parts from lists of nodes, as gop_partition takes them: part p has the next sizes[p] of
 * `nodes`.  GOP_EINVAL names a part that is empty or has a node that there is not, a node
 * in two parts, a node in none. */
GOP_API gop_status gop_graph_set_part_lists(gop_graph *g, const uint32_t *nodes,
                                            const size_t *sizes, size_t parts, gop_error *err);
/* As gop_graph_name_nodes, for [parts] names.  GOP_ESTATE without parts. */
GOP_API gop_status gop_graph_name_parts(gop_graph *g, const char *const *names, gop_error *err);
/* GOP_EINVAL for a node that there is not. */
GOP_API gop_status gop_graph_set_centre(gop_graph *g, size_t node, gop_error *err);

/* How many there are; 0 of NULL. */
GOP_API size_t gop_graph_nodes(const gop_graph *g);
GOP_API size_t gop_graph_edges(const gop_graph *g);
GOP_API size_t gop_graph_parts(const gop_graph *g);
/* All edges, as they were given; NULL where there are none. */
GOP_API const gop_edge *gop_graph_edge_list(const gop_graph *g);
/* The name, which lives until it is replaced; NULL where there is none. */
GOP_API const char *gop_graph_node_name(const gop_graph *g, size_t node);
GOP_API const char *gop_graph_part_name(const gop_graph *g, size_t part);
/* The number of a name, SIZE_MAX where there is none. */
GOP_API size_t gop_graph_find_node(const gop_graph *g, const char *name);
GOP_API size_t gop_graph_find_part(const gop_graph *g, const char *name);
/* The part of a node, SIZE_MAX where there is none. */
GOP_API size_t gop_graph_part_of(const gop_graph *g, size_t node);
/* How many edges a node has. */
GOP_API size_t gop_graph_degree(const gop_graph *g, size_t node);
/* The centre that was set, else the first node whose farthest node is nearest (the
 * graph's centre), which takes time of nodes times edges; of a graph in pieces GOP_EINVAL
 * as gop_graph_connected. */
GOP_API gop_status gop_graph_centre(size_t *node, const gop_graph *g, gop_error *err);
/* GOP_EINVAL names a node that no path joins to node 0. */
GOP_API gop_status gop_graph_connected(const gop_graph *g, gop_error *err);

/* Below, a root or a centre that there is not, and a graph in pieces where a root or a
 * centre counts, are GOP_EINVAL; sizes are M nodes, E edges. */

/* The tree of shortest ways from `root`: parent [M], for each node the neighbour that is
 * next on a shortest way to it; the root is its own.  Where several are, it is the one
 * that is met first from the root, neighbours in the order of the edges. */
GOP_API gop_status gop_graph_parents(uint32_t *parent, const gop_graph *g, size_t root,
                                     gop_error *err);

/* How an adjacency matrix A is divided: not; each row by its sum (D^-1 A, a mean over
 * neighbours); each column by its sum (A D^-1); both by the square roots of the sums
 * (D^-1/2 A D^-1/2, Kipf & Welling 2017).  Rows and columns of zeros stay. */
typedef enum gop_graph_norm {
    GOP_GRAPH_BINARY,
    GOP_GRAPH_ROWS,
    GOP_GRAPH_COLUMNS,
    GOP_GRAPH_SYMMETRIC
} gop_graph_norm;

/* Adjacency A [M, M], with or without self loops, normalised. */
GOP_API gop_status gop_graph_adjacency(gop_real *A, const gop_graph *g, bool loops,
                                       gop_graph_norm norm, gop_error *err);
/* Powers P [hops, M, M] of the normalised adjacency with self loops: P[k] = A^(k+1).
 * GOP_EINVAL for 0 hops. */
GOP_API gop_status gop_graph_powers(gop_real *P, const gop_graph *g, gop_graph_norm norm,
                                    size_t hops, gop_error *err);
/* Hop distances d [M, M]; UINT32_MAX where there is no path. */
GOP_API gop_status gop_graph_distances(uint32_t *d, const gop_graph *g, gop_error *err);
/* H [hops, M, M]: 1 for nodes k+1 hops apart (exact), or at most k+1 hops (themselves
 * too), as gop_hop_indicators.  GOP_EINVAL for 0 hops. */
GOP_API gop_status gop_graph_indicators(gop_real *H, const gop_graph *g, size_t hops, bool exact,
                                        gop_error *err);
/* A [3, M, M], as gop_spatial_partition. */
GOP_API gop_status gop_graph_spatial(gop_real *A, const gop_graph *g, size_t centre,
                                     gop_error *err);
/* Bones B [E, M], for gop_graph_product: (B x)_e = x_outer - x_inner, where the outer end
 * of edge e is the one farther from `root`, the second of the list where both are as far.
 * Without signs it is the incidence matrix. */
GOP_API gop_status gop_graph_bones(gop_real *B, const gop_graph *g, size_t root, gop_error *err);
/* Bones at nodes B [M, M]: (B x)_i = x_i - x_parent(i) by gop_graph_parents, 0 at the
 * root (2s-AGCN's second stream, Shi et al. 2019). */
GOP_API gop_status gop_graph_node_bones(gop_real *B, const gop_graph *g, size_t root,
                                        gop_error *err);
/* Part numbers [M], as gop_pool and gop_match take them.  GOP_ESTATE without parts. */
GOP_API gop_status gop_graph_part_numbers(gop_real *part, const gop_graph *g, gop_error *err);
/* Edges as gop_edge_gather and gop_edge_scatter take them, rows [a, b]: those of the list,
 * with `both` then all of them as [b, a], with `self` then [i, i] for each node.  Writes
 * the first `room` rows (index may be NULL) and returns how many there are. */
GOP_API size_t gop_graph_edge_index(gop_real *index, size_t room, const gop_graph *g, bool both,
                                    bool self);

/* The graph of parts: its nodes are the parts, with their names, and two are joined where
 * an edge of g joins nodes of both; edges sorted, each {p, q} with p < q.  Its centre is
 * the part of the centre that was set.  GOP_ESTATE without parts. */
GOP_API gop_status gop_graph_of_parts(gop_graph **parts, const gop_graph *g, gop_error *err);
/* The dual (line graph), as gop_line_graph: node e is edge e of g, named "INNER-OUTER"
 * where nodes have names, and in the part of its outer node, as gop_graph_bones tells it,
 * where there are parts.  GOP_EINVAL for a graph without edges, for a part that is then
 * without any (give a graph without parts, and parts to the result), and for more than
 * GOP_MAX_NODES edges. */
GOP_API gop_status gop_graph_dual(gop_graph **dual, const gop_graph *g, size_t root,
                                  gop_error *err);

#ifdef __cplusplus
}
#endif
#endif
