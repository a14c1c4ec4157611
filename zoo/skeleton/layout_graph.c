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

static gop_status make_nodes(gop_graph **graph, const zoo_layout *l, const gop_edge *edges,
                             size_t n, gop_error *err)
{
    gop_try(gop_graph_new(graph, l->nodes, edges, n, err));
    return gop_graph_name_nodes(*graph, l->node_name, err);
}

static gop_status add_parts(gop_graph **graph, const zoo_layout *l, gop_error *err)
{
    gop_try(gop_graph_set_parts(*graph, l->part, l->parts, err));
    gop_try(gop_graph_name_parts(*graph, l->part_name, err));
    return gop_graph_set_centre(*graph, l->centre, err);
}

gop_status zoo_layout_graph(gop_graph **graph, const zoo_layout *layout, gop_error *err)
{
    gop_try(begin(graph, layout, err));
    gop_status s = make_nodes(graph, layout, layout->edges, layout->n_edges, err);
    return end(graph, s == GOP_OK ? add_parts(graph, layout, err) : s);
}

/* The tree of bones, without parts. */
static gop_status make_bones(gop_graph **tree, const zoo_layout *l, gop_error *err)
{
    if (l->n_parents > 0)
        return make_nodes(tree, l, l->parents, l->n_parents, err);
    gop_try(make_nodes(tree, l, l->edges, l->n_edges, err));
    gop_error why = {GOP_OK, ""};
    const gop_status s = gop_graph_connected(*tree, &why);
    if (s == GOP_ENOMEM)
        return gop_fail(err, s, "%s", why.message);
    if (l->n_edges + 1 != l->nodes || s != GOP_OK)
        return gop_fail(err, GOP_EINVAL,
                        "layout %s: its edges form no tree, so that bones need \"parents\"",
                        l->name);
    return GOP_OK;
}

gop_status zoo_layout_bones(gop_graph **tree, const zoo_layout *layout, gop_error *err)
{
    gop_try(begin(tree, layout, err));
    gop_status s = make_bones(tree, layout, err);
    return end(tree, s == GOP_OK ? add_parts(tree, layout, err) : s);
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

/* The bones of a layout: edge e of `tree` leads from inner[e] to its outer end, whose part is
 * part[e]. */
typedef struct bones {
    const zoo_layout *l;
    gop_graph *tree;
    uint32_t *parent, *part, *inner;
} bones;

static size_t count_in(const bones *b, uint32_t p)
{
    size_t count = 0;
    for (size_t e = 0; e < gop_graph_edges(b->tree); e++)
        count += b->part[e] == p;
    return count;
}

/* Gives part p, which has no bone, a bone that begins in it. */
static gop_status give_bone(bones *b, uint32_t p, gop_error *err)
{
    for (size_t e = 0; e < gop_graph_edges(b->tree); e++) {
        if (b->l->part[b->inner[e]] == p && count_in(b, b->part[e]) > 1) {
            b->part[e] = p;
            return GOP_OK;
        }
    }
    return gop_fail(err, GOP_EINVAL, "layout %s: part %s has no bone", b->l->name,
                    b->l->part_name[p]);
}

static gop_status find_parts(bones *b, gop_error *err)
{
    const gop_edge *edge = gop_graph_edge_list(b->tree);
    gop_status s = gop_graph_parents(b->parent, b->tree, b->l->centre, err);
    for (size_t e = 0; e < gop_graph_edges(b->tree) && s == GOP_OK; e++) {
        const gop_edge d = edge[e];
        const uint32_t outer = b->parent[d.b] == d.a ? d.b : d.a;
        b->inner[e] = outer == d.b ? d.a : d.b;
        b->part[e] = b->l->part[outer];
    }
    for (uint32_t p = 0; p < b->l->parts && s == GOP_OK; p++)
        if (count_in(b, p) == 0)
            s = give_bone(b, p, err);
    return s;
}

static gop_status make_bone_graph(gop_graph **graph, bones *b, gop_error *err)
{
    gop_try(gop_graph_dual(graph, b->tree, b->l->centre, err));
    gop_try(find_parts(b, err));
    gop_try(gop_graph_set_parts(*graph, b->part, b->l->parts, err));
    return gop_graph_name_parts(*graph, b->l->part_name, err);
}

gop_status zoo_layout_bone_graph(gop_graph **graph, const zoo_layout *layout, gop_error *err)
{
    bones b = {.l = layout};
    gop_try(begin(graph, layout, err));
    if (layout->nodes == 1)
        return gop_fail(err, GOP_EINVAL, "layout %s has no bones", layout->name);
    gop_status s = make_bones(&b.tree, layout, err);
    const size_t n = layout->nodes;
    b.parent = s == GOP_OK ? malloc(3 * n * sizeof *b.parent) : NULL;
    if (s == GOP_OK && b.parent == NULL)
        s = gop_fail(err, GOP_ENOMEM, "out of memory for the bones of layout %s", layout->name);
    if (s == GOP_OK) {
        b.part = b.parent + n;
        b.inner = b.part + n;
        s = make_bone_graph(graph, &b, err);
    }
    gop_graph_free(b.tree);
    free(b.parent);
    return end(graph, s);
}
