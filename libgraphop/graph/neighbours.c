/*
 * neighbours.c: see neighbours.h.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "graph/neighbours.h"

#include <stdlib.h>
#include <string.h>

gop_status gop_graph_sizes(size_t n, const gop_edge *edges, size_t n_edges, gop_error *err)
{
    if (n == 0)
        return gop_fail(err, GOP_EINVAL, "a graph without nodes");
    if (edges == NULL && n_edges > 0)
        return gop_fail(err, GOP_EINVAL, "%zu edges of a graph are NULL", n_edges);
    if (n > GOP_MAX_NODES)
        return gop_fail(err, GOP_EINVAL, "a graph of %zu nodes, at most %d are possible", n,
                        GOP_MAX_NODES);
    if (n_edges > GOP_MAX_NODES)
        return gop_fail(err, GOP_EINVAL, "a graph of %zu edges, at most %d are possible", n_edges,
                        GOP_MAX_NODES);
    return GOP_OK;
}

gop_status gop_graph_ends(size_t n, const gop_edge *edges, size_t n_edges, gop_error *err)
{
    for (size_t e = 0; e < n_edges; e++)
        if (edges[e].a >= n || edges[e].b >= n)
            return gop_fail(err, GOP_EINVAL, "edge %zu joins nodes %lu and %lu of a graph of %zu",
                            e, (unsigned long)edges[e].a, (unsigned long)edges[e].b, n);
    return GOP_OK;
}

/* begin[i + 1] counts the ends at node i, then sums, and is moved along while filling. */
static void fill(gop_neighbours *of, const gop_edge *edges, size_t n_edges)
{
    size_t *at = of->begin;

    for (size_t e = 0; e < n_edges; e++) {
        at[edges[e].a + 1]++;
        at[edges[e].b + 1]++;
    }
    for (size_t i = 0; i < of->nodes; i++)
        at[i + 1] += at[i];
    for (size_t e = 0; e < n_edges; e++)
        for (int end = 0; end < 2; end++) {
            uint32_t here = end == 0 ? edges[e].a : edges[e].b;
            of->node[at[here]] = end == 0 ? edges[e].b : edges[e].a;
            of->edge[at[here]++] = (uint32_t)e;
        }
    /* at[i] has come to where node i + 1 begins. */
    memmove(at + 1, at, of->nodes * sizeof *at);
    at[0] = 0;
}

gop_status gop_neighbours_new(gop_neighbours *of, size_t n, const gop_edge *edges, size_t n_edges,
                              gop_error *err)
{
    of->nodes = n;
    of->begin = calloc(n + 1, sizeof *of->begin);
    of->node = malloc((2 * n_edges + 1) * sizeof *of->node);
    of->edge = malloc((2 * n_edges + 1) * sizeof *of->edge);
    if (of->begin == NULL || of->node == NULL || of->edge == NULL) {
        gop_neighbours_clear(of);
        return gop_fail(err, GOP_ENOMEM, "out of memory for a graph of %zu nodes and %zu edges", n,
                        n_edges);
    }
    fill(of, edges, n_edges);
    return GOP_OK;
}

void gop_neighbours_clear(gop_neighbours *of)
{
    free(of->begin);
    free(of->node);
    free(of->edge);
    memset(of, 0, sizeof *of);
}

void gop_spread(const gop_neighbours *of, size_t root, uint32_t *distance, uint32_t *parent,
                uint32_t *queue)
{
    size_t done = 0, met = 0;

    for (size_t i = 0; i < of->nodes; i++) {
        distance[i] = UINT32_MAX;
        if (parent != NULL)
            parent[i] = (uint32_t)i;
    }
    distance[root] = 0;
    queue[met++] = (uint32_t)root;
    while (done < met) {
        uint32_t i = queue[done++];
        for (size_t k = of->begin[i]; k < of->begin[i + 1]; k++) {
            uint32_t j = of->node[k];
            if (distance[j] != UINT32_MAX)
                continue;
            distance[j] = distance[i] + 1;
            if (parent != NULL)
                parent[j] = i;
            queue[met++] = j;
        }
    }
}
