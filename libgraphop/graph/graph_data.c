/*
 * graph_data.c: matrices and lists of a gop_graph, as operators take them.
 *
 * Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "graph/graph_object.h"

#include <stdlib.h>
#include <string.h>

GOP_API gop_status gop_graph_adjacency(gop_real *A, const gop_graph *g, bool loops,
                                       gop_graph_norm norm, gop_error *err)
{
    gop_status s = gop_graph_given(g, A, err);

    if (s == GOP_OK && (unsigned)norm > GOP_GRAPH_SYMMETRIC)
        s = gop_fail(err, GOP_EINVAL, "%d is no way to normalise a graph", (int)norm);
    if (s == GOP_OK)
        s = gop_adjacency(A, g->nodes, g->edges, g->n_edges, err);
    if (s != GOP_OK)
        return s;
    for (size_t i = 0; i < g->nodes && !loops; i++)
        A[i * g->nodes + i] = 0;
    if (norm == GOP_GRAPH_ROWS)
        gop_normalise_rows(A, g->nodes);
    else if (norm == GOP_GRAPH_COLUMNS)
        gop_normalise_columns(A, g->nodes);
    else if (norm == GOP_GRAPH_SYMMETRIC)
        s = gop_normalise_symmetric(A, g->nodes, err);
    return s;
}

static gop_status check_hops(const gop_graph *g, const void *result, size_t hops, gop_error *err)
{
    gop_try(gop_graph_given(g, result, err));
    if (hops == 0)
        return gop_fail(err, GOP_EINVAL, "graphs of 0 hops are asked for");
    return GOP_OK;
}

GOP_API gop_status gop_graph_powers(gop_real *P, const gop_graph *g, gop_graph_norm norm,
                                    size_t hops, gop_error *err)
{
    gop_try(check_hops(g, P, hops, err));
    gop_try(gop_graph_adjacency(P, g, true, norm, err));
    gop_hop_powers(P, P, g->nodes, hops);
    return GOP_OK;
}

GOP_API gop_status gop_graph_distances(uint32_t *d, const gop_graph *g, gop_error *err)
{
    gop_try(gop_graph_given(g, d, err));
    uint32_t *queue = malloc(g->nodes * sizeof *queue);
    if (queue == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for a graph of %zu nodes", g->nodes);
    for (size_t i = 0; i < g->nodes; i++)
        gop_spread(&g->at, i, d + i * g->nodes, NULL, queue);
    free(queue);
    return GOP_OK;
}

GOP_API gop_status gop_graph_indicators(gop_real *H, const gop_graph *g, size_t hops, bool exact,
                                        gop_error *err)
{
    gop_try(check_hops(g, H, hops, err));
    uint32_t *d = g->nodes > SIZE_MAX / sizeof *d / g->nodes
                      ? NULL
                      : malloc(g->nodes * g->nodes * sizeof *d);
    if (d == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for the hop distances of %zu nodes",
                        g->nodes);
    gop_status s = gop_graph_distances(d, g, err);
    if (s == GOP_OK)
        gop_hop_indicators(H, d, g->nodes, hops, exact);
    free(d);
    return s;
}

GOP_API gop_status gop_graph_spatial(gop_real *A, const gop_graph *g, size_t centre, gop_error *err)
{
    gop_status s = gop_graph_given_node(g, A, "centre", centre, err);
    if (s == GOP_OK)
        s = gop_graph_connected(g, err); /* whose sentence has names */
    if (s == GOP_OK)
        s = gop_spatial_partition(A, g->nodes, g->edges, g->n_edges, centre, err);
    return s;
}

GOP_API gop_status gop_graph_bones(gop_real *B, const gop_graph *g, size_t root, gop_error *err)
{
    gop_try(gop_graph_given_node(g, B, "root", root, err));
    gop_edge *outward = malloc((g->n_edges + 1) * sizeof *outward);
    if (outward == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for the bones of %zu edges", g->n_edges);
    gop_status s = gop_graph_outward(outward, g, root, err);
    if (s == GOP_OK)
        memset(B, 0, g->n_edges * g->nodes * sizeof *B);
    for (size_t e = 0; e < g->n_edges && s == GOP_OK; e++) {
        B[e * g->nodes + outward[e].b] = 1;
        B[e * g->nodes + outward[e].a] = -1;
    }
    free(outward);
    return s;
}

GOP_API gop_status gop_graph_node_bones(gop_real *B, const gop_graph *g, size_t root,
                                        gop_error *err)
{
    gop_try(gop_graph_given_node(g, B, "root", root, err));
    uint32_t *parent = malloc(g->nodes * sizeof *parent);
    if (parent == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for the bones of %zu nodes", g->nodes);
    gop_status s = gop_graph_parents(parent, g, root, err);
    if (s == GOP_OK)
        memset(B, 0, g->nodes * g->nodes * sizeof *B);
    for (size_t i = 0; i < g->nodes && s == GOP_OK; i++) {
        B[i * g->nodes + i] += 1; /* the root is its own parent: 1 - 1 */
        B[i * g->nodes + parent[i]] -= 1;
    }
    free(parent);
    return s;
}

GOP_API size_t gop_graph_edge_index(gop_real *index, size_t room, const gop_graph *g, bool both,
                                    bool self)
{
    size_t turned, loops, rows;

    if (g == NULL)
        return 0;
    turned = g->n_edges;
    loops = turned + (both ? g->n_edges : 0);
    rows = loops + (self ? g->nodes : 0);
    for (size_t k = 0; index != NULL && k < rows && k < room; k++) {
        size_t a = k - loops, b = a;
        if (k < turned) {
            a = g->edges[k].a;
            b = g->edges[k].b;
        } else if (k < loops) {
            a = g->edges[k - turned].b;
            b = g->edges[k - turned].a;
        }
        index[2 * k] = (gop_real)a;
        index[2 * k + 1] = (gop_real)b;
    }
    return rows;
}
