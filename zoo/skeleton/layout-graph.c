/*
 * layout-graph.c: layouts as graphs.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif

#include "zoo/skeleton/layout.h"

static gop_status begin(gop_graph **graph, const zoo_layout *layout, gop_error *err)
{
    if (graph == NULL || layout == NULL)
        return gop_fail(err, GOP_EINVAL, "a layout, or the place for its graph, is NULL");
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

gop_status zoo_layout_graph(gop_graph **graph, const zoo_layout *layout, gop_error *err)
{
    gop_status s = begin(graph, layout, err);
    if (s != GOP_OK)
        return s;
    s = gop_graph_new(graph, layout->nodes, layout->edges, layout->n_edges, err);
    if (s == GOP_OK)
        s = gop_graph_name_nodes(*graph, layout->node_name, err);
    if (s == GOP_OK)
        s = gop_graph_set_parts(*graph, layout->part, layout->parts, err);
    if (s == GOP_OK)
        s = gop_graph_name_parts(*graph, layout->part_name, err);
    if (s == GOP_OK)
        s = gop_graph_set_centre(*graph, layout->centre, err);
    return end(graph, s);
}

gop_status zoo_layout_part_graph(gop_graph **graph, const zoo_layout *layout, gop_error *err)
{
    gop_status s = begin(graph, layout, err);
    if (s != GOP_OK)
        return s;
    s = gop_graph_new(graph, layout->parts, layout->part_edges, layout->n_part_edges, err);
    if (s == GOP_OK)
        s = gop_graph_name_nodes(*graph, layout->part_name, err);
    if (s == GOP_OK)
        s = gop_graph_set_centre(*graph, layout->part[layout->centre], err);
    return end(graph, s);
}
