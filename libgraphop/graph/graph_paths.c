/*
 * graph_paths.c: shortest paths: connectedness, distances, parents and the centre.
 *
 * Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "graph/graph.h"

#include <stdlib.h>

gop_status gop_graph_spread(const gop_graph *g, size_t root, uint32_t *distance, uint32_t *parent,
                            gop_error *err)
{
    char a[GOP_NODE_TEXT], b[GOP_NODE_TEXT];
    uint32_t *queue = malloc(g->nodes * sizeof *queue);

    if (queue == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for a graph of %zu nodes", g->nodes);
    gop_spread(&g->at, root, distance, parent, queue);
    free(queue);
    for (size_t i = 0; i < g->nodes; i++)
        if (distance[i] == UINT32_MAX)
            return gop_fail(err, GOP_EINVAL, "the graph is not connected: no path joins %s and %s",
                            gop_node_text(a, g, root), gop_node_text(b, g, i));
    return GOP_OK;
}

gop_status gop_graph_outward(gop_edge *out, const gop_graph *g, size_t root, gop_error *err)
{
    gop_status s;
    uint32_t *d = malloc(g->nodes * sizeof *d);

    if (d == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for a graph of %zu nodes", g->nodes);
    s = gop_graph_spread(g, root, d, NULL, err);
    for (size_t e = 0; e < g->n_edges && s == GOP_OK; e++) {
        const gop_edge f = g->edges[e];
        out[e] = d[f.a] <= d[f.b] ? f : (gop_edge){f.b, f.a};
    }
    free(d);
    return s;
}

GOP_API gop_status gop_graph_connected(const gop_graph *g, gop_error *err)
{
    gop_try(gop_graph_given(g, g, err));
    uint32_t *d = malloc(g->nodes * sizeof *d);
    if (d == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for a graph of %zu nodes", g->nodes);
    const gop_status s = gop_graph_spread(g, 0, d, NULL, err);
    free(d);
    return s;
}

GOP_API gop_status gop_graph_parents(uint32_t *parent, const gop_graph *g, size_t root,
                                     gop_error *err)
{
    gop_try(gop_graph_given_node(g, parent, "root", root, err));
    uint32_t *d = malloc(g->nodes * sizeof *d);
    if (d == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for a graph of %zu nodes", g->nodes);
    const gop_status s = gop_graph_spread(g, root, d, parent, err);
    free(d);
    return s;
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

/* The eccentricity of `from`: its distance to the farthest node. */
static uint32_t farthest(const gop_graph *g, size_t from, uint32_t *d, uint32_t *queue)
{
    uint32_t most = 0;

    gop_spread(&g->at, from, d, NULL, queue);
    for (size_t i = 0; i < g->nodes; i++)
        most = d[i] > most ? d[i] : most;
    return most;
}

GOP_API gop_status gop_graph_centre(size_t *node, const gop_graph *g, gop_error *err)
{
    uint32_t least = UINT32_MAX;

    gop_try(gop_graph_given(g, node, err));
    if (g->centre != SIZE_MAX) {
        *node = g->centre;
        return GOP_OK;
    }
    uint32_t *d = malloc(2 * g->nodes * sizeof *d);
    if (d == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for a graph of %zu nodes", g->nodes);
    gop_status s = gop_graph_spread(g, 0, d, NULL, err);
    for (size_t i = 0; i < g->nodes && s == GOP_OK; i++) {
        const uint32_t most = farthest(g, i, d, d + g->nodes);
        if (most < least) {
            least = most;
            *node = i;
        }
    }
    free(d);
    return s;
}
