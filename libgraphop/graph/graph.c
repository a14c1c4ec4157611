/*
 * graph.c: making a graph, and reading its nodes and edges.
 *
 * Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "graph/graph.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static gop_status make(gop_graph **graph, size_t nodes, const gop_edge *edges, size_t n_edges,
                       bool directed, gop_error *err)
{
    gop_status s;
    gop_graph *g;

    if (graph == NULL)
        return gop_fail(err, GOP_EINVAL, "the result pointer is NULL");
    *graph = NULL;
    g = calloc(1, sizeof *g);
    if (g == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for a graph");
    s = gop_neighbours_new(&g->at, nodes, edges, n_edges, directed, err);
    if (s == GOP_OK)
        g->edges = malloc((n_edges + 1) * sizeof *g->edges);
    if (s == GOP_OK && g->edges == NULL)
        s = gop_fail(err, GOP_ENOMEM, "out of memory for a graph of %zu nodes", nodes);
    if (s != GOP_OK) {
        gop_graph_free(g);
        return s;
    }
    if (n_edges > 0)
        memcpy(g->edges, edges, n_edges * sizeof *g->edges);
    g->nodes = nodes;
    g->n_edges = n_edges;
    g->directed = directed;
    g->centre = SIZE_MAX;
    *graph = g;
    return GOP_OK;
}

GOP_API gop_status gop_graph_new(gop_graph **graph, size_t nodes, const gop_edge *edges,
                                 size_t n_edges, gop_error *err)
{
    return make(graph, nodes, edges, n_edges, false, err);
}

GOP_API gop_status gop_graph_new_directed(gop_graph **graph, size_t nodes, const gop_edge *edges,
                                          size_t n_edges, gop_error *err)
{
    return make(graph, nodes, edges, n_edges, true, err);
}

GOP_API gop_status gop_graph_set_weights(gop_graph *g, const gop_real *weights, gop_error *err)
{
    gop_real *copy;

    gop_try(gop_graph_given(g, weights, err));
    for (size_t e = 0; e < g->n_edges; e++)
        if (!isfinite(weights[e]))
            return gop_fail(err, GOP_EINVAL, "the weight of edge %zu must be finite, not %g", e,
                            (double)weights[e]);
    copy = malloc((g->n_edges + 1) * sizeof *copy);
    if (copy == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for the weights of %zu edges", g->n_edges);
    memcpy(copy, weights, g->n_edges * sizeof *copy);
    free(g->weights);
    g->weights = copy;
    return GOP_OK;
}

GOP_API void gop_graph_free(gop_graph *g)
{
    if (g == NULL)
        return;
    gop_neighbours_clear(&g->at);
    free(g->edges);
    free(g->weights);
    free(g->node_name);
    free(g->part);
    free(g->part_name);
    free(g);
}

gop_status gop_graph_given(const gop_graph *g, const void *result, gop_error *err)
{
    if (g == NULL)
        return gop_fail(err, GOP_EINVAL, "the graph is NULL");
    if (result == NULL)
        return gop_fail(err, GOP_EINVAL, "an argument other than the graph is NULL");
    return GOP_OK;
}

gop_status gop_graph_given_node(const gop_graph *g, const void *result, const char *what,
                                size_t node, gop_error *err)
{
    gop_try(gop_graph_given(g, result, err));
    if (node >= g->nodes)
        return gop_fail(err, GOP_EINVAL, "the %s is node %zu, but the graph has %zu nodes", what,
                        node, g->nodes);
    return GOP_OK;
}

static const char *text(char buf[GOP_NODE_TEXT], char *const *names, const char *what, size_t i)
{
    if (names != NULL)
        snprintf(buf, GOP_NODE_TEXT, "%s %s", what, names[i]);
    else
        snprintf(buf, GOP_NODE_TEXT, "%s %zu", what, i);
    return buf;
}

const char *gop_node_text(char buf[GOP_NODE_TEXT], const gop_graph *g, size_t node)
{
    return text(buf, g->node_name, "node", node);
}

const char *gop_part_text(char buf[GOP_NODE_TEXT], const gop_graph *g, size_t part)
{
    return text(buf, g->part_name, "part", part);
}

GOP_API size_t gop_graph_nodes(const gop_graph *g)
{
    return g == NULL ? 0 : g->nodes;
}

GOP_API size_t gop_graph_edges(const gop_graph *g)
{
    return g == NULL ? 0 : g->n_edges;
}

GOP_API bool gop_graph_directed(const gop_graph *g)
{
    return g != NULL && g->directed;
}

GOP_API const gop_real *gop_graph_weights(const gop_graph *g)
{
    return g == NULL ? NULL : g->weights;
}

GOP_API size_t gop_graph_parts(const gop_graph *g)
{
    return g == NULL ? 0 : g->parts;
}

GOP_API const gop_edge *gop_graph_edge_list(const gop_graph *g)
{
    return g == NULL || g->n_edges == 0 ? NULL : g->edges;
}

GOP_API size_t gop_graph_part_of(const gop_graph *g, size_t node)
{
    return g == NULL || g->part == NULL || node >= g->nodes ? SIZE_MAX : g->part[node];
}

GOP_API size_t gop_graph_degree(const gop_graph *g, size_t node)
{
    return g == NULL || node >= g->nodes ? 0 : g->at.begin[node + 1] - g->at.begin[node];
}

GOP_API gop_status gop_graph_set_centre(gop_graph *g, size_t node, gop_error *err)
{
    gop_try(gop_graph_given_node(g, g, "centre", node, err));
    g->centre = node;
    return GOP_OK;
}
