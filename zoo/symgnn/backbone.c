/*
 * backbone.c: multi-branch multi-scale graph convolution, paper sections 4.3 and
 * 5.1, Tables 17 and 18.  Records operators; computes nothing.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/symgnn/symgnn.h"

/* Bidirectional fusion (5.1.2), both directions from the features before it, or parts from joints
 * fused already:
 *   joints <- [joints, match(parts)],  parts <- [parts, pool(joints)] */
static void fuse(const symgnn *s, gop_var *joint, gop_var *part)
{
    gop_net *net = s->net;
    const bool after = s->c->fuse_from == SYMGNN_FUSE_AFTER;
    gop_var to_joint[2] = {*joint, gop_match(net, *part, s->part)};
    gop_var to_part[2] = {*part, after ? gop_none()
                                       : gop_pool(net, *joint, s->part, s->P, GOP_REDUCE_MEAN)};
    *joint = gop_concat(net, to_joint, 2, 3);
    if (after)
        to_part[1] = gop_pool(net, *joint, s->part, s->P, GOP_REDUCE_MEAN);
    *part = gop_concat(net, to_part, 2, 3);
}

/* A part's features averaged over frames, for each of its nodes.  Averaging before matching gives
 * the same and is cheaper. */
static gop_var matched_mean(const symgnn *s, gop_var part)
{
    gop_net *net = s->net;
    gop_shape p = gop_net_shape(net, part);
    if (gop_net_status(net) != GOP_OK)
        return gop_none();
    gop_var pooled = gop_reshape(net, gop_mean(net, part, 2),
                                 gop_shape4(s->batch, s->P, 1, p.dim[3]));
    return gop_reshape(net, gop_match(net, pooled, s->part), gop_shape3(s->batch, s->M, p.dim[3]));
}

/* One scale alone: joints, or parts that begin with the means of their nodes. */
static gop_var joint_branch(const symgnn *s, gop_var x)
{
    for (size_t b = 0; b < s->c->widths.n; b++)
        x = symgnn_joint_block(s, b, x);
    return gop_mean(s->net, x, 2);
}

static gop_var part_branch(const symgnn *s, gop_var x)
{
    x = gop_pool(s->net, x, s->part, s->P, GOP_REDUCE_MEAN);
    for (size_t b = 0; b < s->c->widths.n; b++)
        x = symgnn_part_block(s, b, x);
    return matched_mean(s, x);
}

/* One multi-scale GCN (Fig. 6, right): x [N, M, T, D] -> [N, M, C]. */
static gop_var branch(const symgnn *s, gop_var x)
{
    gop_net *net = s->net;
    if (!symgnn_has_parts(s->c))
        return joint_branch(s, x);
    if (!symgnn_has_joints(s->c))
        return part_branch(s, x);
    gop_var joint = symgnn_joint_block(s, 0, x), part;
    if (symgnn_first_part_block(s->c) == 0)
        part = symgnn_part_block(s, 0, gop_pool(net, x, s->part, s->P, GOP_REDUCE_MEAN));
    else
        part = gop_pool(net, joint, s->part, s->P, GOP_REDUCE_MEAN); /* joint2part pooling */
    for (size_t b = 1; b < s->c->widths.n; b++) {
        joint = symgnn_joint_block(s, b, joint);
        part = symgnn_part_block(s, b, part);
        if (symgnn_fused_after(s->c, b))
            fuse(s, &joint, &part);
    }
    /* Both scales, averaged over time. */
    gop_var each[2] = {gop_none(), matched_mean(s, part)};
    each[0] = gop_mean(net, joint, 2);
    return s->c->join == SYMGNN_JOIN_CONCAT ? gop_concat(net, each, 2, 2)
                                            : gop_add(net, each[0], each[1]);
}

gop_var symgnn_backbone(symgnn *s)
{
    gop_net *net = s->net;
    gop_var H[ZOO_LIST_MAX];
    const zoo_list *orders = &s->c->orders;
    for (uint32_t i = 0; i < orders->n; i++) {
        gop_var d = symgnn_difference(s, s->x, orders->v[i]);
        symgnn own = *s;
        gop_net_push(net, "branch.%u", (unsigned)i);
        if (symgnn_infers(s->c) && s->c->agim_per == SYMGNN_PER_BRANCH)
            own.A_act = symgnn_agim(s, d);
        H[i] = branch(&own, s->c->input == SYMGNN_COSINES ? symgnn_transform(s, d) : d);
        gop_net_pop(net);
        if (i == 0)
            s->A_act = own.A_act;
    }
    return gop_concat(net, H, orders->n, 2);
}
