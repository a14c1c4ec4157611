/*
 * graph_derived.c: graphs derived from a graph: of its parts, of its nodes in several frames, and of
 * its edges (the dual).
 *
 * Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "graph/graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------- the graph of parts */

static int by_ends(const void *a, const void *b)
{
    const gop_edge *x = a, *y = b;
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    return x->b < y->b ? -1 : x->b > y->b;
}

/* The edges between parts, sorted, each once; returns how many. */
static size_t between_parts(gop_edge *out, const gop_graph *g)
{
    size_t found = 0, kept = 0;

    for (size_t e = 0; e < g->n_edges; e++) {
        const uint32_t p = g->part[g->edges[e].a], q = g->part[g->edges[e].b];
        if (p != q)
            out[found++] = p < q ? (gop_edge){p, q} : (gop_edge){q, p};
    }
    qsort(out, found, sizeof *out, by_ends);
    for (size_t k = 0; k < found; k++)
        if (kept == 0 || by_ends(&out[kept - 1], &out[k]) != 0)
            out[kept++] = out[k];
    return kept;
}

GOP_API gop_status gop_graph_of_parts(gop_graph **parts, const gop_graph *g, gop_error *err)
{
    if (parts != NULL)
        *parts = NULL;
    gop_try(gop_graph_given(g, parts, err));
    if (g->parts == 0)
        return gop_fail(err, GOP_ESTATE, "the graph has no parts");
    gop_edge *edges = malloc((g->n_edges + 1) * sizeof *edges);
    if (edges == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for a graph of %zu parts", g->parts);
    gop_status s = gop_graph_new(parts, g->parts, edges, between_parts(edges, g), err);
    free(edges);
    if (s == GOP_OK && g->part_name != NULL)
        s = gop_names_copy(&(*parts)->node_name, (const char *const *)g->part_name, g->parts,
                           "part", err);
    if (s == GOP_OK && g->centre != SIZE_MAX)
        (*parts)->centre = g->part[g->centre];
    if (s != GOP_OK) {
        gop_graph_free(*parts);
        *parts = NULL;
    }
    return s;
}

/* ----------------------------------------------------------------- several frames */

/* A window of one node and more frames has more than GOP_MAX_NODES edges. */
enum { MOST_FRAMES = 5793 };

/* The edges of the window and their weights. */
static void fill_window(gop_edge *out, gop_real *weight, const gop_graph *g, size_t frames)
{
    const size_t M = g->nodes;

    for (size_t t = 0; t < frames; t++)
        for (size_t s = 0; s < frames; s++) {
            for (size_t e = 0; e < g->n_edges; e++) {
                *out++ = (gop_edge){(uint32_t)(t * M + g->edges[e].a),
                                    (uint32_t)(s * M + g->edges[e].b)};
                *weight++ = g->weights != NULL ? g->weights[e] : 1;
            }
            for (size_t i = 0; i < M && (t < s || (g->directed && t != s)); i++) {
                *out++ = (gop_edge){(uint32_t)(t * M + i), (uint32_t)(s * M + i)};
                *weight++ = 1;
            }
        }
}

/* "NAME@FRAME" for each node. */
static gop_status name_frames(gop_graph *window, const gop_graph *g, size_t frames, gop_error *err)
{
    enum { DIGITS = 24 };
    size_t bytes = window->nodes * sizeof *window->node_name;
    char *at;

    for (size_t i = 0; i < g->nodes; i++)
        bytes += frames * (strlen(g->node_name[i]) + DIGITS);
    window->node_name = malloc(bytes);
    if (window->node_name == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for the names of %zu nodes", window->nodes);
    at = (char *)(window->node_name + window->nodes);
    for (size_t k = 0; k < window->nodes; k++) {
        window->node_name[k] = at;
        at += sprintf(at, "%s@%zu", g->node_name[k % g->nodes], k / g->nodes) + 1;
    }
    return GOP_OK;
}

static gop_status part_frames(gop_graph *window, const gop_graph *g, gop_error *err)
{
    uint32_t *part = malloc(window->nodes * sizeof *part);
    gop_status s;

    if (part == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for %zu parts of a graph", g->parts);
    for (size_t k = 0; k < window->nodes; k++)
        part[k] = g->part[k % g->nodes];
    s = gop_graph_set_parts(window, part, g->parts, err);
    if (s == GOP_OK && g->part_name != NULL)
        s = gop_names_copy(&window->part_name, (const char *const *)g->part_name, g->parts, "part",
                           err);
    free(part);
    return s;
}

GOP_API gop_status gop_graph_of_frames(gop_graph **window, const gop_graph *g, size_t frames,
                                       gop_error *err)
{
    if (window != NULL)
        *window = NULL;
    gop_try(gop_graph_given(g, window, err));
    if (frames == 0 || frames > GOP_MAX_NODES / g->nodes)
        return gop_fail(err, GOP_EINVAL,
                        "a window of %zu frames of %zu nodes must have 1 to %d nodes", frames,
                        g->nodes, GOP_MAX_NODES);
    const uint64_t pairs = (uint64_t)frames * (frames - 1) / (g->directed ? 1 : 2);
    const uint64_t most = frames > MOST_FRAMES
                              ? UINT64_MAX
                              : (uint64_t)frames * frames * g->n_edges + pairs * g->nodes;
    const size_t count = (size_t)most;
    if (most > GOP_MAX_NODES)
        return gop_fail(err, GOP_EINVAL, "a window of %zu frames has more than %d edges", frames,
                        GOP_MAX_NODES);
    gop_edge *edges = malloc((count + 1) * sizeof *edges);
    gop_real *weights = malloc((count + 1) * sizeof *weights);
    gop_status s = GOP_OK;
    if (edges == NULL || weights == NULL) {
        s = gop_fail(err, GOP_ENOMEM, "out of memory for a window of %zu frames", frames);
    } else {
        fill_window(edges, weights, g, frames);
        s = (g->directed ? gop_graph_new_directed : gop_graph_new)(window, frames * g->nodes, edges,
                                                                   count, err);
    }
    if (s == GOP_OK && g->weights != NULL)
        s = gop_graph_set_weights(*window, weights, err);
    if (s == GOP_OK && g->node_name != NULL)
        s = name_frames(*window, g, frames, err);
    if (s == GOP_OK && g->parts > 0)
        s = part_frames(*window, g, err);
    free(edges);
    free(weights);
    if (s != GOP_OK) {
        gop_graph_free(*window);
        *window = NULL;
    }
    return s;
}

/* ------------------------------------------------------------------------ the dual */

/* The edges from `begin` to `end`, in the order of the list, that come after e. */
static const uint32_t *after(const uint32_t *begin, const uint32_t *end, size_t e)
{
    while (begin < end && *begin <= e)
        begin++;
    return begin;
}

/* Each pair of edges at one node, sorted.  No edge is listed twice, so two edges share at most one
 * end, and merging the pairs of both ends gives no pair twice. */
static void fill_meetings(gop_edge *out, const gop_graph *g)
{
    const gop_neighbours *at = &g->at;

    for (size_t e = 0; e < g->n_edges; e++) {
        const uint32_t a = g->edges[e].a, b = g->edges[e].b;
        const uint32_t *a_end = at->edge + at->begin[a + 1], *b_end = at->edge + at->begin[b + 1];
        const uint32_t *f = after(at->edge + at->begin[a], a_end, e);
        const uint32_t *h = after(at->edge + at->begin[b], b_end, e);
        while (f < a_end || h < b_end) {
            const bool first = h == b_end || (f < a_end && *f < *h);
            *out++ = (gop_edge){(uint32_t)e, first ? *f++ : *h++};
        }
    }
}

static gop_status line_graph(gop_graph **dual, const gop_graph *g, gop_error *err)
{
    uint64_t count = 0;
    gop_edge *edges;
    gop_status s;

    for (size_t i = 0; i < g->nodes; i++) {
        const uint64_t degree = gop_graph_degree(g, i);
        if (degree > 0)
            count += degree * (degree - 1) / 2;
        if (count > GOP_MAX_NODES)
            return gop_fail(err, GOP_EINVAL, "the dual has more than %d edges", GOP_MAX_NODES);
    }
    edges = malloc(((size_t)count + 1) * sizeof *edges);
    if (edges == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for the dual of %zu edges", g->n_edges);
    fill_meetings(edges, g);
    s = gop_graph_new(dual, g->n_edges, edges, (size_t)count, err);
    free(edges);
    return s;
}

/* "INNER-OUTER" for each edge. */
static gop_status name_bones(gop_graph *dual, const gop_graph *g, const gop_edge *outward,
                             gop_error *err)
{
    size_t bytes = g->n_edges * sizeof *dual->node_name;
    char *at;

    for (size_t e = 0; e < g->n_edges; e++)
        bytes += strlen(g->node_name[outward[e].a]) + strlen(g->node_name[outward[e].b]) + 2;
    dual->node_name = malloc(bytes);
    if (dual->node_name == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for the names of %zu edges", g->n_edges);
    at = (char *)(dual->node_name + g->n_edges);
    for (size_t e = 0; e < g->n_edges; e++) {
        const char *inner = g->node_name[outward[e].a], *outer = g->node_name[outward[e].b];
        dual->node_name[e] = at;
        at += sprintf(at, "%s-%s", inner, outer) + 1;
    }
    return GOP_OK;
}

/* Puts each edge into the part of its outer node. */
static gop_status give_parts(gop_graph *dual, const gop_graph *g, const gop_edge *outward,
                             gop_error *err)
{
    char a[GOP_NODE_TEXT];
    uint32_t *part, *count;
    gop_status s = GOP_OK;

    if (g->parts > g->n_edges)
        return gop_fail(err, GOP_EINVAL, "the dual of %zu edges has too few nodes for %zu parts",
                        g->n_edges, g->parts);
    part = calloc(g->n_edges + g->parts, sizeof *part);
    if (part == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for %zu parts of a graph", g->parts);
    count = part + g->n_edges;
    for (size_t e = 0; e < g->n_edges; e++)
        count[part[e] = g->part[outward[e].b]]++;
    for (size_t p = 0; p < g->parts && s == GOP_OK; p++)
        if (count[p] == 0)
            s = gop_fail(err, GOP_EINVAL,
                         "%s would be empty in the dual: no edge has its outer node in it",
                         gop_part_text(a, g, p));
    if (s == GOP_OK)
        s = gop_graph_set_parts(dual, part, g->parts, err);
    if (s == GOP_OK && g->part_name != NULL)
        s = gop_names_copy(&dual->part_name, (const char *const *)g->part_name, g->parts, "part",
                           err);
    free(part);
    return s;
}

GOP_API gop_status gop_graph_dual(gop_graph **dual, const gop_graph *g, size_t root, gop_error *err)
{
    if (dual != NULL)
        *dual = NULL;
    gop_try(gop_graph_given_node(g, dual, "root", root, err));
    if (g->n_edges == 0)
        return gop_fail(err, GOP_EINVAL, "a graph without edges has no dual");
    if (g->directed)
        return gop_fail(err, GOP_EINVAL, "a directed graph has no dual");
    gop_edge *outward = malloc(g->n_edges * sizeof *outward);
    if (outward == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for the dual of %zu edges", g->n_edges);
    gop_status s = gop_graph_outward(outward, g, root, err);
    if (s == GOP_OK)
        s = line_graph(dual, g, err);
    if (s == GOP_OK && g->node_name != NULL)
        s = name_bones(*dual, g, outward, err);
    if (s == GOP_OK && g->parts > 0)
        s = give_parts(*dual, g, outward, err);
    free(outward);
    if (s != GOP_OK) {
        gop_graph_free(*dual);
        *dual = NULL;
    }
    return s;
}
