/*
 * symgnn.c: the whole network, from observed poses to scores, poses and losses.
 * Records operators; computes nothing but the constant graphs of the layout.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif
#include "zoo/symgnn/symgnn.h"

#include <stdlib.h>

/* A~^g = (D^-1 A)^g, g = 1..Gamma (4.1.2); D_p^-1 A_p (4.2.1); the part of each joint. */
static void layout_constants(symgnn *s)
{
    const zoo_layout *l = &s->domain->layout;
    gop_net *net = s->net;
    size_t M = s->M, P = s->P, G = s->c->gamma;
    gop_error err = {GOP_OK, ""};
    gop_real *A = calloc((G + 1) * M * M + P * P + M, sizeof *A);
    if (A == NULL) {
        gop_net_fail(net, GOP_ENOMEM, "symgnn: out of memory for the graphs of %s", l->name);
        return;
    }
    gop_real *powers = A + M * M, *Ap = powers + G * M * M, *part = Ap + P * P;
    if (gop_adjacency(A, M, l->edges, l->n_edges, &err) != GOP_OK ||
        gop_adjacency(Ap, P, l->part_edges, l->n_part_edges, &err) != GOP_OK) {
        gop_net_fail(net, err.status, "layout %s: %s", l->name, err.message);
    } else {
        gop_normalise_rows(A, M);
        gop_normalise_rows(Ap, P);
        gop_hop_powers(powers, A, M, G);
        for (size_t i = 0; i < M; i++)
            part[i] = (gop_real)l->part[i];
        s->hops = gop_constant(net, "hops", gop_shape3(G, M, M), powers);
        s->part_norm = gop_constant(net, "part_norm", gop_shape2(P, P), Ap);
        s->part = gop_constant(net, "part", gop_shape1(M), part);
    }
    free(A);
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
