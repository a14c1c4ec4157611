/*
 * graph_object.c: a graph as an object: nodes, edges, names, and what can be asked of
 * it.  Parts are in graph_parts.c, matrices in graph_data.c.
 *
 * Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "graph/graph_object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

GOP_API gop_status gop_graph_new(gop_graph **graph, size_t nodes, const gop_edge *edges,
                                 size_t n_edges, gop_error *err)
{
    gop_status s;
    gop_graph *g;

    if (graph == NULL)
        return gop_fail(err, GOP_EINVAL, "no place is given for a new graph");
    *graph = NULL;
    gop_try(gop_check_graph(nodes, edges, n_edges, false, err));
    g = calloc(1, sizeof *g);
    if (g != NULL)
        g->edges = malloc((n_edges + 1) * sizeof *g->edges);
    if (g == NULL || g->edges == NULL) {
        free(g);
        return gop_fail(err, GOP_ENOMEM, "out of memory for a graph of %zu nodes", nodes);
    }
    if (n_edges > 0)
        memcpy(g->edges, edges, n_edges * sizeof *g->edges);
    g->nodes = nodes;
    g->n_edges = n_edges;
    g->centre = SIZE_MAX;
    s = gop_neighbours_new(&g->at, nodes, g->edges, n_edges, err);
    if (s != GOP_OK) {
        gop_graph_free(g);
        return s;
    }
    *graph = g;
    return GOP_OK;
}

GOP_API void gop_graph_free(gop_graph *g)
{
    if (g == NULL)
        return;
    gop_neighbours_clear(&g->at);
    free(g->edges);
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
        return gop_fail(err, GOP_EINVAL, "what is to be read or written for a graph is NULL");
    return GOP_OK;
}

gop_status gop_graph_given_node(const gop_graph *g, const void *result, const char *what,
                                size_t node, gop_error *err)
{
    gop_try(gop_graph_given(g, result, err));
    if (node >= g->nodes)
        return gop_fail(err, GOP_EINVAL, "the %s is node %zu of a graph of %zu", what, node,
                        g->nodes);
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

/* ------------------------------------------------------------------------- names */

gop_status gop_names_copy(char ***copy, const char *const *names, size_t n, const char *of,
                          gop_error *err)
{
    size_t bytes = n * sizeof **copy;
    char *at;

    for (size_t i = 0; i < n; i++) {
        if (names[i] == NULL || names[i][0] == '\0')
            return gop_fail(err, GOP_EINVAL, "%s %zu of the graph has no name", of, i);
        bytes += strlen(names[i]) + 1;
    }
    *copy = malloc(bytes);
    if (*copy == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for the names of %zu %ss", n, of);
    at = (char *)(*copy + n);
    for (size_t i = 0; i < n; i++) {
        const size_t size = strlen(names[i]) + 1;
        (*copy)[i] = memcpy(at, names[i], size);
        at += size;
    }
    return GOP_OK;
}

static int by_text(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;
    return strcmp(*x, *y);
}

/* Sorted, equal names lie side by side. */
static gop_status check_different(char *const *names, size_t n, const char *of, gop_error *err)
{
    gop_status s = GOP_OK;
    const char **sorted = malloc(n * sizeof *sorted);

    if (sorted == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for the names of %zu %ss", n, of);
    for (size_t i = 0; i < n; i++)
        sorted[i] = names[i];
    qsort(sorted, n, sizeof *sorted, by_text);
    for (size_t i = 1; i < n && s == GOP_OK; i++)
        if (strcmp(sorted[i - 1], sorted[i]) == 0)
            s = gop_fail(err, GOP_EINVAL, "two %ss of the graph have the name %.200s", of,
                         sorted[i]);
    free(sorted);
    return s;
}

/* Replaces what was there, or leaves it and fails. */
static gop_status set_names(char ***to, const char *const *names, size_t n, const char *of,
                            gop_error *err)
{
    char **copy;
    gop_try(gop_names_copy(&copy, names, n, of, err));
    gop_status s = check_different(copy, n, of, err);
    if (s != GOP_OK) {
        free(copy);
        return s;
    }
    free(*to);
    *to = copy;
    return GOP_OK;
}

GOP_API gop_status gop_graph_name_nodes(gop_graph *g, const char *const *names, gop_error *err)
{
    gop_status s = gop_graph_given(g, names, err);
    return s != GOP_OK ? s : set_names(&g->node_name, names, g->nodes, "node", err);
}

GOP_API gop_status gop_graph_name_parts(gop_graph *g, const char *const *names, gop_error *err)
{
    gop_status s = gop_graph_given(g, names, err);
    if (s == GOP_OK && g->parts == 0)
        s = gop_fail(err, GOP_ESTATE, "the graph has no parts to name");
    return s != GOP_OK ? s : set_names(&g->part_name, names, g->parts, "part", err);
}

static size_t find(char *const *names, size_t n, const char *name)
{
    if (names != NULL && name != NULL)
        for (size_t i = 0; i < n; i++)
            if (strcmp(names[i], name) == 0)
                return i;
    return SIZE_MAX;
}

GOP_API size_t gop_graph_find_node(const gop_graph *g, const char *name)
{
    return g == NULL ? SIZE_MAX : find(g->node_name, g->nodes, name);
}

GOP_API size_t gop_graph_find_part(const gop_graph *g, const char *name)
{
    return g == NULL ? SIZE_MAX : find(g->part_name, g->parts, name);
}

GOP_API const char *gop_graph_node_name(const gop_graph *g, size_t node)
{
    return g == NULL || g->node_name == NULL || node >= g->nodes ? NULL : g->node_name[node];
}

GOP_API const char *gop_graph_part_name(const gop_graph *g, size_t part)
{
    return g == NULL || g->part_name == NULL || part >= g->parts ? NULL : g->part_name[part];
}

/* ----------------------------------------------------------------------- queries */

GOP_API size_t gop_graph_nodes(const gop_graph *g)
{
    return g == NULL ? 0 : g->nodes;
}

GOP_API size_t gop_graph_edges(const gop_graph *g)
{
    return g == NULL ? 0 : g->n_edges;
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

/* ----------------------------------------------------------------- ways and trees */

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
            return gop_fail(err, GOP_EINVAL, "the graph is in pieces: no path joins %s and %s",
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
    gop_status s = gop_graph_spread(g, 0, d, NULL, err);
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
    gop_status s = gop_graph_spread(g, root, d, parent, err);
    free(d);
    return s;
}

GOP_API gop_status gop_graph_set_centre(gop_graph *g, size_t node, gop_error *err)
{
    gop_try(gop_graph_given_node(g, g, "centre", node, err));
    g->centre = node;
    return GOP_OK;
}

/* The distance of the node that is farthest from `from`. */
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
    gop_status s = gop_graph_given(g, node, err);
    uint32_t *d, least = UINT32_MAX;

    if (s != GOP_OK)
        return s;
    if (g->centre != SIZE_MAX) {
        *node = g->centre;
        return GOP_OK;
    }
    d = malloc(2 * g->nodes * sizeof *d);
    if (d == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for a graph of %zu nodes", g->nodes);
    s = gop_graph_spread(g, 0, d, NULL, err);
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
