/*
 * layout_graph.c: layouts as graphs.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/skeleton/layout.h"

#include <stdlib.h>

static gop_status begin(gop_graph **graph, const zoo_layout *layout, gop_error *err)
{
    if (graph == NULL || layout == NULL)
        return gop_fail(err, GOP_EINVAL, "the layout or the result pointer is NULL");
    *graph = NULL;
    return zoo_layout_check(layout, err);
}

static gop_status end(gop_graph **graph, gop_status s)
{
    if (s != GOP_OK) {
        gop_graph_free(*graph);
        *graph = NULL;
    }
    return s;
}

static gop_status make_graph(gop_graph **graph, const zoo_layout *l, gop_error *err)
{
    gop_try(gop_graph_new(graph, l->nodes, l->edges, l->n_edges, err));
    gop_try(gop_graph_name_nodes(*graph, l->node_name, err));
    gop_try(gop_graph_set_parts(*graph, l->part, l->parts, err));
    gop_try(gop_graph_name_parts(*graph, l->part_name, err));
    return gop_graph_set_centre(*graph, l->centre, err);
}

gop_status zoo_layout_graph(gop_graph **graph, const zoo_layout *layout, gop_error *err)
{
    gop_try(begin(graph, layout, err));
    return end(graph, make_graph(graph, layout, err));
}

static gop_status make_part_graph(gop_graph **graph, const zoo_layout *l, gop_error *err)
{
    gop_try(gop_graph_new(graph, l->parts, l->part_edges, l->n_part_edges, err));
    gop_try(gop_graph_name_nodes(*graph, l->part_name, err));
    return gop_graph_set_centre(*graph, l->part[l->centre], err);
}

gop_status zoo_layout_part_graph(gop_graph **graph, const zoo_layout *layout, gop_error *err)
{
    gop_try(begin(graph, layout, err));
    return end(graph, make_part_graph(graph, layout, err));
}

/* -------------------------------------------------------------------------- the dual */

static size_t count_in(const uint32_t *part, size_t n, uint32_t p)
{
    size_t count = 0;
    for (size_t e = 0; e < n; e++)
        count += part[e] == p;
    return count;
}

/* Gives part p, which has no edge, an edge that begins in it. */
static gop_status give_edge(uint32_t *part, const uint32_t *inner, const zoo_layout *l, uint32_t p,
                            gop_error *err)
{
    for (size_t e = 0; e < l->n_edges; e++) {
        if (l->part[inner[e]] == p && count_in(part, l->n_edges, part[e]) > 1) {
            part[e] = p;
            return GOP_OK;
        }
    }
    return gop_fail(err, GOP_EINVAL, "layout %s: part %s has no bone", l->name, l->part_name[p]);
}

/* part[e]: the part of edge e's outer end; inner[e]: its other end. */
static gop_status bone_parts(uint32_t *part, uint32_t *inner, const zoo_layout *l,
                             const uint32_t *parent, gop_error *err)
{
    gop_status s = GOP_OK;
    for (size_t e = 0; e < l->n_edges; e++) {
        const gop_edge d = l->edges[e];
        const uint32_t outer = parent[d.b] == d.a ? d.b : d.a;
        inner[e] = outer == d.b ? d.a : d.b;
        part[e] = l->part[outer];
    }
    for (uint32_t p = 0; p < l->parts && s == GOP_OK; p++)
        if (count_in(part, l->n_edges, p) == 0)
            s = give_edge(part, inner, l, p, err);
    return s;
}

/* `parent` has room for one number per node and two per edge. */
static gop_status make_bone_graph(gop_graph **graph, gop_graph **joints, uint32_t *parent,
                                  const zoo_layout *l, gop_error *err)
{
    uint32_t *part = parent + l->nodes, *inner = part + l->n_edges;
    gop_try(gop_graph_new(joints, l->nodes, l->edges, l->n_edges, err));
    gop_try(gop_graph_name_nodes(*joints, l->node_name, err));
    gop_try(gop_graph_parents(parent, *joints, l->centre, err));
    gop_try(gop_graph_dual(graph, *joints, l->centre, err));
    gop_try(bone_parts(part, inner, l, parent, err));
    gop_try(gop_graph_set_parts(*graph, part, l->parts, err));
    return gop_graph_name_parts(*graph, l->part_name, err);
}

gop_status zoo_layout_bone_graph(gop_graph **graph, const zoo_layout *layout, gop_error *err)
{
    gop_graph *joints = NULL;
    gop_try(begin(graph, layout, err));
    if (layout->n_edges == 0)
        return gop_fail(err, GOP_EINVAL, "layout %s has no bones", layout->name);
    const size_t room = (size_t)layout->nodes + 2 * (size_t)layout->n_edges;
    uint32_t *parent = malloc(room * sizeof *parent);
    if (parent == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for the bones of layout %s", layout->name);
    gop_status s = make_bone_graph(graph, &joints, parent, layout, err);
    gop_graph_free(joints);
    free(parent);
    return end(graph, s);
}
