/*
 * stream.c: the input of a network, paper section 5.5: joints or the bones between them, poses or
 * their motion, frames or their cosine transform; and the conversion of bones to poses.  Records operators; computes nothing but the
 * constant graphs of the layout.
 *
 * Bones are the edges of the layout, b = x_outer - x_inner, of normalised poses.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/symgnn/symgnn.h"
#include "zoo/trajectory.h"

#include <stdlib.h>

static bool of_bones(const symgnn *s)
{
    return s->stream == SYMGNN_BONE || s->stream == SYMGNN_BONE_MOTION;
}

static bool of_motion(const symgnn *s)
{
    return s->stream == SYMGNN_JOINT_MOTION || s->stream == SYMGNN_BONE_MOTION;
}

/* A~^g = (D^-1 A)^g, g = 1..Gamma (4.1.2); or for each g the nodes exactly g or at most g hops
 * apart, with rows that sum to 1. */
static gop_var hop_graphs(const symgnn *s, const gop_graph *nodes)
{
    const symgnn_config *c = s->c;
    const gop_graph_data powers = {GOP_GRAPH_POWERS, .norm = GOP_GRAPH_ROWS, .loops = true,
                                   .hops = c->gamma};
    const gop_graph_data hops = {c->hop_graphs == SYMGNN_EXACT ? GOP_GRAPH_EXACT_HOPS
                                                               : GOP_GRAPH_WITHIN_HOPS,
                                 .hops = c->gamma};
    if (c->hop_graphs == SYMGNN_POWERS)
        return gop_graph_constant(s->net, "hops", nodes, powers);
    gop_var apart = gop_graph_constant(s->net, "hops", nodes, hops);
    return gop_khop_adjacency(s->net, apart, apart, GOP_GRAPH_ROWS); /* 1 x 1 = 1 */
}

/* A with the network's mask, if it has one. */
static gop_var network_masked(const symgnn *s, const char *scope, gop_var A)
{
    if (s->c->edge_masks != SYMGNN_MASK_NETWORK)
        return A;
    gop_net_push(s->net, "%s", scope);
    A = symgnn_masked(s, A);
    gop_net_pop(s->net);
    return A;
}

/* A~^g, g = 1..Gamma; D_p^-1 A_p (4.2.1); the part of each node; only the ones that the
 * configuration uses. */
static void record_graphs(symgnn *s, const gop_graph *joints, const gop_graph *nodes,
                          const gop_graph *parts)
{
    gop_net *net = s->net;
    const symgnn_config *c = s->c;
    const gop_graph_data mean = {GOP_GRAPH_ADJACENCY, .norm = GOP_GRAPH_ROWS, .loops = true};
    const gop_graph_data bones = {GOP_GRAPH_BONES, .root = s->domain->layout.centre};
    s->M = gop_graph_nodes(nodes);
    if (symgnn_has_hops(c))
        s->hops = network_masked(s, "hops", hop_graphs(s, nodes));
    if (symgnn_has_parts(c)) {
        s->part_norm = network_masked(s, "parts",
                                      gop_graph_constant(net, "part_norm", parts, mean));
        s->part = gop_graph_constant(net, "part", nodes,
                                     (gop_graph_data){.kind = GOP_GRAPH_PART_NUMBERS});
    }
    if (of_bones(s))
        s->bones = gop_graph_constant(net, "bones", joints, bones);
}

static void find_graphs(symgnn *s)
{
    const zoo_layout *l = &s->domain->layout;
    gop_error err = {GOP_OK, ""};
    gop_graph *joints = NULL, *nodes = NULL, *parts = NULL;
    if ((of_bones(s) ? zoo_layout_bones(&joints, l, &err) : zoo_layout_graph(&joints, l, &err)) !=
            GOP_OK ||
        zoo_layout_part_graph(&parts, l, &err) != GOP_OK ||
        (of_bones(s) && zoo_layout_bone_graph(&nodes, l, &err) != GOP_OK))
        gop_net_fail(s->net, err.status, "%s", err.message);
    else
        record_graphs(s, joints, of_bones(s) ? nodes : joints, parts);
    gop_graph_free(joints);
    gop_graph_free(nodes);
    gop_graph_free(parts);
}

/* Replaces the first frames of x by those of `first`. */
static gop_var begin_with(const symgnn *s, gop_var first, gop_var x)
{
    const size_t n = gop_net_shape(s->net, first).dim[2];
    gop_var frames[2] = {first, gop_slice(s->net, x, 2, n, s->c->observed - n)};
    return gop_concat(s->net, frames, 2, 2);
}

/* (9)  Delta^0 X = X, Delta^(b+1) X^(t) = Delta^b X^(t) - Delta^b X^(t-1), where the first
 * frame of gop_difference is zero. */
gop_var symgnn_difference(const symgnn *s, gop_var x, uint32_t order)
{
    gop_net *net = s->net;
    const uint32_t edge = s->c->difference_edge;
    for (uint32_t b = 0; b < order; b++) {
        gop_var d = gop_difference(net, x);
        x = edge == SYMGNN_EDGE_POSE ? begin_with(s, gop_slice(net, x, 2, 0, 1), d) : d;
    }
    if (order == 0 || edge == SYMGNN_EDGE_ZERO || edge == SYMGNN_EDGE_POSE)
        return x;
    gop_var first = edge == SYMGNN_EDGE_COPY
                        ? gop_repeat(net, gop_slice(net, x, 2, order, 1), 2, order)
                        : gop_scale(net, gop_slice(net, x, 2, 0, order), 0);
    return begin_with(s, first, x);
}

gop_var symgnn_transform(const symgnn *s, gop_var x)
{
    gop_net *net = s->net;
    const size_t T = gop_net_dim(net, x, 2);
    x = gop_linear(net, zoo_trajectories(net, x), zoo_cosines(net, T, T), gop_none());
    return zoo_poses(net, x, s->D);
}

void symgnn_observe(symgnn *s, gop_var poses)
{
    s->bones = s->hops = s->part_norm = s->part = s->A_act = s->H = gop_none();
    find_graphs(s);
    s->x = of_bones(s) ? gop_graph_product(s->net, s->bones, poses) : poses;
    if (of_motion(s))
        s->x = symgnn_difference(s, s->x, 1);
}

gop_var symgnn_aim(const symgnn *s, gop_var poses)
{
    return of_bones(s) ? gop_graph_product(s->net, s->bones, poses) : poses;
}

/* A bone is there if both of its ends are: the minimum of their masks. */
gop_var symgnn_aim_mask(const symgnn *s, gop_var mask)
{
    gop_net *net = s->net;
    if (!of_bones(s) || gop_net_status(net) != GOP_OK)
        return mask;
    const zoo_layout *l = &s->domain->layout;
    gop_error err = {GOP_OK, ""};
    gop_graph *g = NULL;
    gop_var end[2] = {gop_none(), gop_none()};
    if (zoo_layout_bones(&g, l, &err) != GOP_OK) {
        gop_net_fail(net, err.status, "%s", err.message);
        return mask;
    }
    const gop_edge *bone = gop_graph_edge_list(g);
    const size_t bones = gop_graph_edges(g);
    for (int k = 0; k < 2; k++) {
        gop_real *pick = calloc((size_t)l->nodes * bones, sizeof *pick);
        for (size_t e = 0; pick != NULL && e < bones; e++)
            pick[e * l->nodes + (k == 0 ? bone[e].a : bone[e].b)] = 1;
        if (pick == NULL)
            gop_net_fail(net, GOP_ENOMEM, "out of memory for the ends of bones");
        else
            end[k] = gop_graph_product(
                net,
                gop_constant(net, k == 0 ? "outer" : "inner", gop_shape2(bones, l->nodes), pick),
                mask);
        free(pick);
    }
    gop_graph_free(g);
    return gop_minimum(net, end[0], end[1]);
}

/* way[i, e] = 1 for each bone e on the path from the centre to node i; gives poses from bones. */
static bool fill_ways(gop_real *way, const zoo_layout *l, gop_error *err)
{
    gop_graph *g = NULL;
    uint32_t *parent = malloc(l->nodes * sizeof *parent);
    bool ok = parent != NULL && zoo_layout_bones(&g, l, err) == GOP_OK &&
              gop_graph_parents(parent, g, l->centre, err) == GOP_OK;
    const gop_edge *bone = gop_graph_edge_list(g);
    const size_t bones = gop_graph_edges(g);
    for (size_t i = 0; ok && i < l->nodes; i++)
        for (uint32_t at = (uint32_t)i; at != l->centre; at = parent[at])
            for (size_t e = 0; e < bones; e++)
                if ((bone[e].a == at && bone[e].b == parent[at]) ||
                    (bone[e].b == at && bone[e].a == parent[at]))
                    way[i * bones + e] = 1;
    if (parent == NULL)
        gop_fail(err, GOP_ENOMEM, "out of memory for the paths of layout %s", l->name);
    gop_graph_free(g);
    free(parent);
    return ok;
}

gop_var symgnn_poses(const symgnn *s, gop_var predicted, gop_var observed)
{
    gop_net *net = s->net;
    const zoo_layout *l = &s->domain->layout;
    gop_error err = {GOP_ENOMEM, "out of memory"};
    if (!of_bones(s) || gop_net_status(net) != GOP_OK)
        return predicted;
    const size_t bones = l->nodes - 1;
    gop_real *way = calloc((size_t)l->nodes * bones, sizeof *way);
    gop_var ways = gop_none();
    if (way == NULL || !fill_ways(way, l, &err))
        gop_net_fail(net, err.status, "%s", err.message);
    else
        ways = gop_constant(net, "ways", gop_shape2(l->nodes, bones), way);
    free(way);
    gop_var centre = gop_slice(net, observed, 1, l->centre, 1);
    centre = gop_slice(net, centre, 2, s->c->observed - 1, 1);
    centre = gop_repeat(net, gop_repeat(net, centre, 1, l->nodes), 2, s->c->predicted);
    return gop_add(net, gop_graph_product(net, ways, predicted), centre);
}
