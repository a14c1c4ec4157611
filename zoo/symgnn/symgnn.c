/*
 * symgnn.c: the whole model, from observed poses to scores, poses and losses: one
 * network, or several whose class scores are fused before the softmax (5.5).
 * Records operators; computes nothing.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/symgnn/symgnn.h"

/* The networks of a model. */
typedef struct networks {
    symgnn one[SYMGNN_STREAMS];
    gop_var logits[SYMGNN_STREAMS];
    size_t n;
} networks;

/* With several networks, each one's name is the prefix of its parameters' names. */
static void enter(const networks *all, const symgnn *s)
{
    if (all->n > 1)
        gop_net_push(s->net, "%s", symgnn_stream_name[s->stream]);
}

static void leave(const networks *all, const symgnn *s)
{
    if (all->n > 1)
        gop_net_pop(s->net);
}

/* Records graphs, backbone and, if configured, the recognition head of network i. */
static void record_network(networks *all, size_t i, gop_var poses)
{
    symgnn *s = &all->one[i];
    all->logits[i] = gop_none();
    enter(all, s);
    symgnn_observe(s, poses);
    if (gop_net_status(s->net) == GOP_OK) {
        if (symgnn_infers(s->c) && s->c->agim_per == SYMGNN_PER_NETWORK)
            s->A_act = symgnn_agim(s, s->x);
        s->H = symgnn_backbone(s);
        if (symgnn_recognises(s->c))
            all->logits[i] = symgnn_recognise(s);
    }
    leave(all, s);
}

/* (1 - weight) a + weight b, or the only one present. */
static gop_var mix(gop_net *net, gop_var a, gop_var b, double weight)
{
    return a.id < 0 ? b : b.id < 0 ? a : gop_axpby(net, 1 - weight, a, weight, b);
}

/* Mixes poses with their motion, then joints with bones. */
static gop_var fuse(gop_net *net, const networks *all, const symgnn_config *c)
{
    gop_var of[SYMGNN_STREAMS];
    for (size_t k = 0; k < SYMGNN_STREAMS; k++)
        of[k] = gop_none();
    for (size_t i = 0; i < all->n; i++)
        of[all->one[i].stream] = all->logits[i];
    gop_var joint = mix(net, of[SYMGNN_JOINT], of[SYMGNN_JOINT_MOTION], c->motion_weight);
    gop_var bone = mix(net, of[SYMGNN_BONE], of[SYMGNN_BONE_MOTION], c->motion_weight);
    return mix(net, joint, bone, c->bone_weight);
}

/* (12)  The mean or the sum of |predicted - target|, or another loss, over the values that are
 * there. The aim of a network of bones are normalised bones. */
static gop_var compare(const symgnn *s, gop_var predicted, zoo_ports *p)
{
    const symgnn_config *c = s->c;
    zoo_loss loss = c->loss;
    if (c->pred_reduction == SYMGNN_REDUCE_SUM && loss.distance == ZOO_DISTANCE_ABSOLUTE)
        loss.distance = ZOO_DISTANCE_SUM;
    const zoo_horizon h = {c->observed, c->predicted, 1};
    zoo_truth truth = zoo_expect_poses(s->net, s->use, &h, &loss, c->predicted, p);
    truth.poses = symgnn_aim(s, truth.poses);
    if (truth.there.id >= 0)
        truth.there = symgnn_aim_mask(s, truth.there);
    if (s->stream == SYMGNN_BONE)
        truth.unit = gop_none();
    return zoo_prediction_loss(s->net, &loss, predicted, truth);
}

/* The values through which both losses reach the networks, for MGDA. */
static void share(const networks *all, zoo_ports *p)
{
    const symgnn_config *c = all->one[0].c;
    for (size_t i = 0; i < all->n; i++)
        p->shared[p->n_shared++] = all->one[i].H;
    if (all->one[0].A_act.id >= 0 && c->shared == SYMGNN_SHARE_BOTH)
        p->shared[p->n_shared++] = all->one[0].A_act;
    /* Masked graphs that the prediction head shares with the backbone. */
    if (c->edge_masks == SYMGNN_MASK_NETWORK && c->shared == SYMGNN_SHARE_BOTH &&
        symgnn_predicts(c) && (symgnn_has_hops(c) || !symgnn_has_joints(c)))
        p->shared[p->n_shared++] = symgnn_has_hops(c) ? all->one[0].hops : all->one[0].part_norm;
    for (size_t i = 0; i < p->n_shared; i++)
        gop_net_keep(all->one[0].net, p->shared[i]);
}

void symgnn_record(gop_net *net, const void *config, const zoo_use *use, zoo_ports *ports)
{
    const symgnn_config *c = config;
    const zoo_layout *l = &use->domain->layout;
    const size_t rows = use->batch * use->view->bodies;
    const bool training = gop_net_training(net);
    zoo_ports p = zoo_ports_none();
    networks all = {.n = 0};
    gop_var logits = gop_none(), predicted = gop_none();

    zoo_observe(net, use, c->observed, &p);
    for (unsigned k = 0; k < SYMGNN_STREAMS; k++)
        if (c->stream >> k & 1)
            all.one[all.n++] = (symgnn){.net = net,
                                        .c = c,
                                        .use = use,
                                        .ports = &p,
                                        .domain = use->domain,
                                        .stream = k,
                                        .batch = rows,
                                        .P = l->parts,
                                        .D = l->channels};
    for (size_t i = 0; i < all.n; i++)
        record_network(&all, i, p.x);
    const symgnn *first = &all.one[0];
    if (symgnn_recognises(c)) {
        logits = fuse(net, &all, c);
        p.scores = gop_softmax(net, logits, -1);
        gop_net_keep(net, p.scores);
    }
    if (symgnn_predicts(c) && gop_net_status(net) == GOP_OK) {
        enter(&all, first);
        predicted = symgnn_predict(first,
                                   c->yhat_from == SYMGNN_OWN_LABEL ? all.logits[0] : logits);
        p.poses = symgnn_poses(first, predicted, p.x);
        leave(&all, first);
        gop_net_keep(net, p.poses);
    }
    if (training && symgnn_recognises(c)) {
        p.labels = gop_input(net, "labels", gop_shape1(use->batch));
        p.loss_recognition = zoo_recognition_loss(net, use, &p, logits); /* (11) */
        gop_net_keep(net, p.loss_recognition);
    }
    if (training && symgnn_predicts(c)) {
        p.loss_prediction = compare(first, predicted, &p); /* (12) */
        gop_net_keep(net, p.loss_prediction);
    }
    if (training)
        share(&all, &p);
    *ports = p;
}
