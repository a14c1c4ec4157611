/*
 * check.c: whether a list of edges is a simple graph, in one piece.
 *
 * Time and memory grow with nodes + edges.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "graph/neighbours.h"

#include <stdlib.h>

/* The first edge of the list that joins what an edge *earlier joins already, or n_edges.
 * last [n] is the last edge met that has a node as its other end. */
static size_t twice(size_t *earlier, const gop_neighbours *of, const gop_edge *edges,
                    size_t n_edges, uint32_t *last)
{
    size_t found = n_edges;

    for (size_t i = 0; i < of->nodes; i++)
        last[i] = UINT32_MAX;
    for (size_t i = 0; i < of->nodes; i++)
        for (size_t k = of->begin[i]; k < of->begin[i + 1]; k++) {
            const uint32_t j = of->node[k], before = last[j];
            /* What was left there by another node's neighbours is none of i's edges. */
            if (before == UINT32_MAX || (edges[before].a != i && edges[before].b != i)) {
                last[j] = of->edge[k];
            } else if (of->edge[k] < found) {
                found = of->edge[k];
                *earlier = before;
            }
        }
    return found;
}

static gop_status check_pieces(const gop_neighbours *of, uint32_t *distance, uint32_t *queue,
                               gop_error *err)
{
    gop_spread(of, 0, distance, NULL, queue);
    for (size_t i = 0; i < of->nodes; i++)
        if (distance[i] == UINT32_MAX)
            return gop_fail(err, GOP_EINVAL,
                            "the graph is in pieces: no path joins nodes 0 and %zu", i);
    return GOP_OK;
}

static gop_status check_neighbours(const gop_neighbours *of, const gop_edge *edges, size_t n_edges,
                                   bool connected, gop_error *err)
{
    gop_status s = GOP_OK;
    size_t earlier = 0, later;
    uint32_t *scratch = malloc(2 * of->nodes * sizeof *scratch);

    if (scratch == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory to check a graph of %zu nodes", of->nodes);
    later = twice(&earlier, of, edges, n_edges, scratch);
    if (later < n_edges)
        s = gop_fail(err, GOP_EINVAL, "edges %zu and %zu both join nodes %lu and %lu", earlier,
                     later, (unsigned long)edges[later].a, (unsigned long)edges[later].b);
    else if (connected)
        s = check_pieces(of, scratch, scratch + of->nodes, err);
    free(scratch);
    return s;
}

GOP_API gop_status gop_check_graph(size_t n, const gop_edge *edges, size_t n_edges, bool connected,
                                   gop_error *err)
{
    gop_neighbours of;
    gop_try(gop_graph_sizes(n, edges, n_edges, err));
    gop_try(gop_graph_ends(n, edges, n_edges, err));
    for (size_t e = 0; e < n_edges; e++)
        if (edges[e].a == edges[e].b)
            return gop_fail(err, GOP_EINVAL, "edge %zu joins node %lu to itself", e,
                            (unsigned long)edges[e].a);
    gop_try(gop_neighbours_new(&of, n, edges, n_edges, err));
    gop_status s = check_neighbours(&of, edges, n_edges, connected, err);
    gop_neighbours_clear(&of);
    return s;
}
