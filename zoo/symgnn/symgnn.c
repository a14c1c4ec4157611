/*
 * symgnn.c: the whole network, from observed poses to scores, poses and losses.
 * Records operators; computes nothing but the constant graphs of the layout.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif
#include "zoo/symgnn/symgnn.h"

/* A~^g = (D^-1 A)^g, g = 1..Gamma (4.1.2); D_p^-1 A_p (4.2.1); the part of each joint. */
static void layout_constants(symgnn *s)
{
    gop_net *net = s->net;
    gop_error err = {GOP_OK, ""};
    gop_graph *joints = NULL, *parts = NULL;
    if (zoo_layout_graph(&joints, &s->domain->layout, &err) != GOP_OK ||
        zoo_layout_part_graph(&parts, &s->domain->layout, &err) != GOP_OK) {
        gop_net_fail(net, err.status, "%s", err.message);
    } else {
        s->hops = gop_constant_powers(net, "hops", joints, GOP_GRAPH_ROWS, s->c->gamma);
        s->part_norm = gop_constant_adjacency(net, "part_norm", parts, true, GOP_GRAPH_ROWS);
        s->part = gop_constant_part_numbers(net, "part", joints);
    }
    gop_graph_free(joints);
    gop_graph_free(parts);
}

void symgnn_record(gop_net *net, const void *config, const zoo_domain *domain, size_t batch,
                   zoo_ports *ports)
{
    const symgnn_config *c = config;
    symgnn s = {.net = net, .c = c, .domain = domain, .batch = batch,
                .M = domain->layout.nodes, .P = domain->layout.parts,
                .D = domain->layout.channels};
    zoo_ports p = zoo_ports_none();
    p.x = gop_input(net, "x", gop_shape4(batch, s.M, c->observed, s.D));

    layout_constants(&s);
    s.A_act = symgnn_agim(&s, p.x);
    gop_var H = symgnn_backbone(&s, p.x);
    gop_var logits = symgnn_recognise(&s, H);
    p.scores = gop_softmax(net, logits);
    p.poses = symgnn_predict(&s, H, p.x, logits);
    gop_keep(net, p.scores);
    gop_keep(net, p.poses);

    if (gop_net_training(net)) {
        p.labels = gop_input(net, "labels", gop_shape1(batch));
        p.target = gop_input(net, "target", gop_shape4(batch, s.M, c->predicted, s.D));
        p.loss_recognition = gop_cross_entropy(net, logits, p.labels); /* (11) */
        p.loss_prediction =                                            /* (12) */
            gop_l1(net, p.poses, p.target, c->pred_reduction == SYMGNN_REDUCE_MEAN);
        p.shared[0] = H;
        p.shared[1] = s.A_act;
        p.n_shared = 2;
        gop_keep(net, p.loss_recognition);
        gop_keep(net, p.loss_prediction);
        gop_keep(net, H);
        gop_keep(net, s.A_act);
    }
    *ports = p;
}
