/*
 * agim.c: the actional graph inference module, paper section 4.1.1 and Table 16.
 * Records operators; computes nothing.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/symgnn/symgnn.h"

#include <math.h>

/* The layers after the first affine layer of each MLP of Table 16: relu - dropout - affine - relu -
 * bn. */
static gop_var mlp_tail(const symgnn *s, gop_var h)
{
    gop_net *net = s->net;
    h = gop_dropout(net, gop_relu(net, h), s->c->p_agim, GOP_DROP_ELEMENTS);
    h = gop_relu(net, gop_layer_linear(net, "fc2", h, s->c->agim_dim, true));
    return s->c->agim_bn ? symgnn_batch_norm(s, "bn", h) : h;
}

static gop_var mlp(const symgnn *s, gop_var x)
{
    return mlp_tail(s, gop_layer_linear(s->net, "fc1", x, s->c->agim_dim, true));
}

/* (1a)  q_ij = f_e([p_i, p_j]) for all ordered pairs i != j: [N, M(M-1), D_e] */
static gop_var edges(const symgnn *s, gop_var p)
{
    gop_net *net = s->net;
    size_t d = s->c->agim_dim;
    double bound = 1 / sqrt(2.0 * (double)d);
    gop_var W = gop_param(net, "fc1.weight", gop_shape2(d, 2 * d), gop_init_uniform(bound));
    gop_var b = gop_param(net, "fc1.bias", gop_shape1(d), gop_init_uniform(bound));
    return mlp_tail(s, gop_edge_linear(net, p, W, b, false));
}

/* f_emb or g_emb: an MLP and one more affine layer. */
static gop_var embed(const symgnn *s, const char *name, gop_var p)
{
    gop_net *net = s->net;
    gop_net_push(net, "%s", name);
    gop_var h = mlp(s, p);
    gop_net_pop(net);
    gop_net_push(net, "%s_out", name);
    size_t d = s->c->agim_dim;
    double bound = 1 / sqrt((double)d);
    gop_var b = gop_param(net, "bias", gop_shape1(d), gop_init_uniform(bound));
    gop_var W = gop_param(net, "weight", gop_shape2(d, d), gop_init_uniform(bound));
    gop_net_pop(net);
    return gop_linear(net, h, W, b);
}

/* The scope of f_e^<k> or f_v^<k>. */
static void iteration(const symgnn *s, const char *name, uint32_t k)
{
    if (s->c->agim_shared)
        gop_net_push(s->net, "%s", name);
    else
        gop_net_push(s->net, "%s.%u", name, (unsigned)k);
}

gop_var symgnn_agim(const symgnn *s, gop_var x)
{
    gop_net *net = s->net;
    gop_net_push(net, "agim");

    /* x_i = vec(X[:, i, :]), optionally of the last frames only; p_i^<0> = f_v^<0>(x_i) */
    size_t T = s->c->observed, seen = s->c->agim_frames > 0 ? s->c->agim_frames : T;
    if (seen < T)
        x = gop_slice(net, x, 2, T - seen, seen);
    gop_var xi = gop_reshape(net, x, gop_shape3(s->batch, s->M, seen * s->D));
    gop_net_push(net, "f_v0");
    gop_var p = mlp(s, xi);
    gop_net_pop(net);

    for (uint32_t k = 0; k < s->c->agim_k; k++) {
        iteration(s, "f_e", k);
        gop_var q = edges(s, p); /* (1a) */
        gop_net_pop(net);
        iteration(s, "f_v", k);
        p = mlp(s, gop_edge_reduce(net, q, s->M, false, GOP_REDUCE_MEAN)); /* (1b) */
        gop_net_pop(net);
    }

    /* (2)  A_act[i, j] = softmax_j(f_i . g_j) */
    gop_var g = embed(s, "g_emb", p); /* first, because files have parameters in this order */
    gop_var f = embed(s, "f_emb", p);
    gop_var A = gop_softmax_adjacency(net, f, g);
    gop_net_pop(net);
    return A;
}
