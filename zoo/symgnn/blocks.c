/*
 * blocks.c: graph convolutions and the J-GTC and P-GTC blocks, paper sections
 * 4.1.2 to 4.2.2.  Records operators; computes nothing.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/symgnn/symgnn.h"

#include <math.h>

static gop_var gc_bias(const symgnn *s, size_t out)
{
    return s->c->gc_bias ? gop_param(s->net, "bias", gop_shape1(out), gop_init_constant(0))
                         : gop_none();
}

gop_var symgnn_batch_norm(const symgnn *s, const char *name, gop_var x)
{
    return gop_layer_batch_norm(s->net, name, x, s->c->bn_eps, s->c->bn_momentum);
}

gop_var symgnn_masked(const symgnn *s, gop_var A)
{
    gop_shape shape = gop_net_shape(s->net, A);
    return gop_mul(s->net, A, gop_param(s->net, "mask", shape, gop_init_constant(1)));
}

/* A with the layer's own mask, or A if layers have none. */
static gop_var layer_masked(const symgnn *s, gop_var A)
{
    return s->c->edge_masks == SYMGNN_MASK_LAYER ? symgnn_masked(s, A) : A;
}

symgnn_gc symgnn_jgc_params(const symgnn *s, size_t in, size_t out)
{
    gop_net *net = s->net;
    const bool structural = s->c->joint_graphs != SYMGNN_ACTIONAL, actional = s->A_act.id >= 0;
    size_t G = structural ? s->c->gamma : 0, terms = G + (actional ? 1 : 0);
    gop_init w = gop_init_normal(sqrt(2.0 / ((double)terms * (double)(in + out))));
    symgnn_gc g = {.n = 0};

    if (structural) { /* A_str^(g) = A~^g (.) M^(g), for (4) */
        g.A[g.n] = layer_masked(s, s->hops);
        g.W[g.n] = gop_param(net, "w_str", gop_shape3(G, out, in), w);
        g.scale[g.n++] = 1;
    }
    if (actional) { /* A_act, for (3) */
        g.A[g.n] = s->A_act;
        g.W[g.n] = gop_param(net, "w_act", gop_shape2(out, in), w);
        g.scale[g.n++] = s->c->lambda_act;
    }
    g.bias = gc_bias(s, out);
    return g;
}

/* A_part = D_p^-1 A_p (.) M_p */
symgnn_gc symgnn_pgc_params(const symgnn *s, size_t in, size_t out)
{
    gop_net *net = s->net;
    symgnn_gc g = {.n = 1, .scale = {1}};
    g.A[0] = layer_masked(s, s->part_norm);
    g.W[0] = gop_param(net, "w", gop_shape2(out, in),
                       gop_init_normal(sqrt(2.0 / (double)(in + out))));
    g.bias = gc_bias(s, out);
    return g;
}

/* (5) JGC(X) = lambda_act A_act X W_act^T + sum_g A_str^(g) X W_str^(g)T (7) PGC(X_p) = A_part X_p
 * W_part^T, each with a bias if configured */
gop_var symgnn_gc_apply(const symgnn *s, const symgnn_gc *g, gop_var x)
{
    gop_var y = gop_graph_conv(s->net, x, g->A, g->W, g->scale, g->n);
    return g->bias.id >= 0 ? gop_bias(s->net, y, g->bias) : y;
}

/* A strided 1x1 convolution, with or without batch norm, if shapes change; else x itself.  As TC it
 * has no bias, since a batch norm follows. */
static gop_var residual(const symgnn *s, gop_var x, size_t out, size_t stride)
{
    gop_net *net = s->net;
    if (gop_net_shape(net, x).dim[3] == out && stride == 1)
        return x;
    x = gop_layer_temporal_conv(net, "res", x, out, 1, (gop_conv){.stride = stride}, false);
    return s->c->residual_bn ? symgnn_batch_norm(s, "res_bn", x) : x;
}

static size_t graph_width(const symgnn_config *c, size_t block, size_t in)
{
    size_t out = c->widths.v[block];
    if (c->graph_widths.n > 0)
        return c->graph_widths.v[block];
    return block == 0 || out < in ? out : in;
}

/* GC(X) of a block: a PGC, or gc_repeat JGCs in a row. */
static gop_var graph_convs(const symgnn *s, gop_var x, size_t in, size_t out, bool joint)
{
    const uint32_t n = joint ? s->c->gc_repeat : 1;
    for (uint32_t i = 0; i < n; i++, in = out) {
        if (i == 0)
            gop_net_push(s->net, "gc");
        else
            gop_net_push(s->net, "gc%u", (unsigned)i + 1);
        symgnn_gc g = joint ? symgnn_jgc_params(s, in, out) : symgnn_pgc_params(s, in, out);
        x = symgnn_gc_apply(s, &g, x);
        gop_net_pop(s->net);
    }
    return x;
}

/* (6) or (8): X' = relu(GC(X)); X_out = relu(TC(X')), with batch norms, dropout
 * and a residual connection. */
static gop_var gtc_block(const symgnn *s, size_t block, gop_var x, bool joint)
{
    gop_net *net = s->net;
    const symgnn_config *c = s->c;
    if (gop_net_status(net) != GOP_OK)
        return gop_none();
    size_t in = gop_net_shape(net, x).dim[3], mid = graph_width(c, block, in);
    size_t out = c->widths.v[block], stride = c->strides.v[block];

    gop_var y = graph_convs(s, x, in, mid, joint);
    y = gop_relu(net, symgnn_batch_norm(s, "bn1", y)); /* (6a), (8a) */
    if (gop_net_status(net) != GOP_OK)
        return gop_none();
    size_t kernel = c->kernels.v[block];
    y = gop_layer_temporal_conv(net, "tc", y, out, kernel,
                                (gop_conv){.stride = stride, .pad = (kernel - 1) / 2}, false);
    y = symgnn_batch_norm(s, "bn2", y);
    y = gop_dropout(net, y, c->p_tc, GOP_DROP_ELEMENTS);
    gop_var way = block > 0 || c->first_residual ? residual(s, x, out, stride) : gop_none();
    if (way.id < 0)
        return gop_relu(net, y); /* (6b), (8b) */
    return c->residual_after ? gop_add(net, gop_relu(net, y), way)
                             : gop_relu(net, gop_add(net, y, way));
}

gop_var symgnn_joint_block(const symgnn *s, size_t block, gop_var x)
{
    gop_net_push(s->net, "joint.%zu", block);
    gop_var y = gtc_block(s, block, x, true);
    gop_net_pop(s->net);
    return y;
}

gop_var symgnn_part_block(const symgnn *s, size_t block, gop_var x)
{
    gop_net_push(s->net, "part.%zu", block - symgnn_first_part_block(s->c));
    gop_var y = gtc_block(s, block, x, false);
    gop_net_pop(s->net);
    return y;
}
