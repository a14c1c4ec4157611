/*
 * neighbours.c: see neighbours.h.  Time and memory are proportional to nodes + edges.
 *
 * Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "graph/neighbours.h"

#include <stdlib.h>
#include <string.h>

static gop_status check_sizes(size_t n, const gop_edge *edges, size_t n_edges, gop_error *err)
{
    if (n == 0)
        return gop_fail(err, GOP_EINVAL, "a graph must have at least one node");
    if (edges == NULL && n_edges > 0)
        return gop_fail(err, GOP_EINVAL, "the list of %zu edges is NULL", n_edges);
    if (n > GOP_MAX_NODES)
        return gop_fail(err, GOP_EINVAL, "a graph can have at most %d nodes, not %zu",
                        GOP_MAX_NODES, n);
    if (n_edges > GOP_MAX_NODES)
        return gop_fail(err, GOP_EINVAL, "a graph can have at most %d edges, not %zu",
                        GOP_MAX_NODES, n_edges);
    return GOP_OK;
}

static gop_status check_ends(size_t n, const gop_edge *edges, size_t n_edges, gop_error *err)
{
    for (size_t e = 0; e < n_edges; e++) {
        const unsigned long a = edges[e].a, b = edges[e].b;
        if (a >= n || b >= n)
            return gop_fail(err, GOP_EINVAL,
                            "edge %zu joins nodes %lu and %lu, but the graph has %zu nodes", e, a,
                            b, n);
        if (a == b)
            return gop_fail(err, GOP_EINVAL, "edge %zu joins node %lu to itself", e, a);
    }
    return GOP_OK;
}

/* begin[i + 1] first counts the ends at node i, then becomes a running sum, and advances while
 * filling. */
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

/* Whether an edge is one of node i's: directed, those from i. */
static bool belongs(gop_edge edge, size_t i, bool directed)
{
    return edge.a == i || (!directed && edge.b == i);
}

/* The first edge of the list that joins the same nodes as an edge *earlier, or n_edges.  last [n]
 * is the last visited edge whose other end is the node. */
static size_t twice(size_t *earlier, const gop_neighbours *of, const gop_edge *edges,
                    size_t n_edges, bool directed, uint32_t *last)
{
    size_t found = n_edges;

    for (size_t i = 0; i < of->nodes; i++)
        last[i] = UINT32_MAX;
    for (size_t i = 0; i < of->nodes; i++)
        for (size_t k = of->begin[i]; k < of->begin[i + 1]; k++) {
            const uint32_t j = of->node[k], before = last[j];
            if (!belongs(edges[of->edge[k]], i, directed))
                continue;
            /* Entries left by the neighbours of another node are not edges of i. */
            if (before == UINT32_MAX || !belongs(edges[before], i, directed)) {
                last[j] = of->edge[k];
            } else if (of->edge[k] < found) {
                found = of->edge[k];
                *earlier = before;
            }
        }
    return found;
}

static gop_status check_twice(const gop_neighbours *of, const gop_edge *edges, size_t n_edges,
                              bool directed, gop_error *err)
{
    size_t earlier = 0, later;
    uint32_t *last = malloc(of->nodes * sizeof *last);

    if (last == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory to check a graph of %zu nodes", of->nodes);
    later = twice(&earlier, of, edges, n_edges, directed, last);
    free(last);
    if (later < n_edges)
        return gop_fail(err, GOP_EINVAL, "edges %zu and %zu both join nodes %lu and %lu", earlier,
                        later, (unsigned long)edges[later].a, (unsigned long)edges[later].b);
    return GOP_OK;
}

void gop_neighbours_clear(gop_neighbours *of)
{
    free(of->begin);
    free(of->node);
    free(of->edge);
    memset(of, 0, sizeof *of);
}

static gop_status allocate(gop_neighbours *of, size_t n, size_t n_edges, gop_error *err)
{
    of->nodes = n;
    of->begin = calloc(n + 1, sizeof *of->begin);
    of->node = malloc((2 * n_edges + 1) * sizeof *of->node);
    of->edge = malloc((2 * n_edges + 1) * sizeof *of->edge);
    if (of->begin == NULL || of->node == NULL || of->edge == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for a graph of %zu nodes and %zu edges", n,
                        n_edges);
    return GOP_OK;
}

gop_status gop_neighbours_new(gop_neighbours *of, size_t n, const gop_edge *edges, size_t n_edges,
                              bool directed, gop_error *err)
{
    *of = (gop_neighbours){0};
    gop_try(check_sizes(n, edges, n_edges, err));
    gop_try(check_ends(n, edges, n_edges, err));
    gop_status s = allocate(of, n, n_edges, err);
    if (s == GOP_OK) {
        fill(of, edges, n_edges);
        s = check_twice(of, edges, n_edges, directed, err);
    }
    if (s != GOP_OK)
        gop_neighbours_clear(of);
    return s;
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
