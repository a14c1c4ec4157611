/*
 * graph_parts.c: the parts of a graph.
 *
 * Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "graph/graph.h"

#include <stdlib.h>

/* Memory for the part of each node. */
static gop_status new_parts(uint32_t **part, const gop_graph *g, size_t parts, gop_error *err)
{
    if (parts == 0 || parts > g->nodes)
        return gop_fail(err, GOP_EINVAL, "a graph of %zu nodes must have 1 to %zu parts, not %zu",
                        g->nodes, g->nodes, parts);
    *part = malloc(g->nodes * sizeof **part);
    if (*part == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for %zu parts of a graph", parts);
    return GOP_OK;
}

/* Gives `part` to the graph and drops the names of its earlier parts.  After a failure `s` it frees
 * `part` and returns `s`. */
static gop_status take_parts(gop_graph *g, uint32_t *part, size_t parts, gop_status s)
{
    if (s != GOP_OK) {
        free(part);
        return s;
    }
    free(g->part);
    free(g->part_name);
    g->part = part;
    g->part_name = NULL;
    g->parts = parts;
    return GOP_OK;
}

static gop_status fill_numbers(uint32_t *part, const gop_graph *g, const uint32_t *from,
                               size_t parts, gop_error *err)
{
    char a[GOP_NODE_TEXT];
    gop_status s = GOP_OK;
    bool *used = calloc(parts, sizeof *used);

    if (used == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for %zu parts of a graph", parts);
    for (size_t i = 0; i < g->nodes && s == GOP_OK; i++) {
        part[i] = from[i];
        if (from[i] < parts)
            used[from[i]] = true;
        else
            s = gop_fail(err, GOP_EINVAL, "the part of %s must be below %zu, not %lu",
                         gop_node_text(a, g, i), parts, (unsigned long)from[i]);
    }
    for (size_t p = 0; p < parts && s == GOP_OK; p++)
        if (!used[p])
            s = gop_fail(err, GOP_EINVAL, "part %zu has no nodes", p);
    free(used);
    return s;
}

static gop_status fill_lists(uint32_t *part, const gop_graph *g, const uint32_t *nodes,
                             const size_t *sizes, size_t parts, gop_error *err)
{
    char a[GOP_NODE_TEXT];

    for (size_t i = 0; i < g->nodes; i++)
        part[i] = UINT32_MAX;
    for (size_t p = 0; p < parts; p++) {
        if (sizes[p] == 0)
            return gop_fail(err, GOP_EINVAL, "part %zu has no nodes", p);
        for (size_t k = 0; k < sizes[p]; k++, nodes++) {
            if (*nodes >= g->nodes)
                return gop_fail(err, GOP_EINVAL,
                                "part %zu lists node %lu, but the graph has %zu nodes", p,
                                (unsigned long)*nodes, g->nodes);
            if (part[*nodes] != UINT32_MAX)
                return gop_fail(err, GOP_EINVAL, "%s is in parts %lu and %zu",
                                gop_node_text(a, g, *nodes), (unsigned long)part[*nodes], p);
            part[*nodes] = (uint32_t)p;
        }
    }
    for (size_t i = 0; i < g->nodes; i++)
        if (part[i] == UINT32_MAX)
            return gop_fail(err, GOP_EINVAL, "%s is in none of the %zu parts",
                            gop_node_text(a, g, i), parts);
    return GOP_OK;
}

GOP_API gop_status gop_graph_set_parts(gop_graph *g, const uint32_t *part, size_t parts,
                                       gop_error *err)
{
    uint32_t *copy;

    gop_try(gop_graph_given(g, part, err));
    gop_try(new_parts(&copy, g, parts, err));
    return take_parts(g, copy, parts, fill_numbers(copy, g, part, parts, err));
}

GOP_API gop_status gop_graph_set_part_lists(gop_graph *g, const uint32_t *nodes,
                                            const size_t *sizes, size_t parts, gop_error *err)
{
    uint32_t *part;

    gop_try(gop_graph_given(g, nodes, err));
    gop_try(gop_graph_given(g, sizes, err));
    gop_try(new_parts(&part, g, parts, err));
    return take_parts(g, part, parts, fill_lists(part, g, nodes, sizes, parts, err));
}
