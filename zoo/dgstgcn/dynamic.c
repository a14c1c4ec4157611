/*
 * dynamic.c: DG-STGCN's spatial part (section 3.2): graphs of three kinds, trained for each group of
 * channels and inferred from the clip for each channel and each group.
 *
 *     S[i,j,c] = tanh(theta(x)[i,c] - phi(x)[j,c])                    a graph for each channel
 *     P[i,j,k] = softmax over j of sum_(c in k) theta(x)[i,c] phi(x)[j,c]   one for each group k
 *     y[i,t,c] = sum_j (A[k,i,j] + alpha S[i,j,c] + beta P[i,j,k]) h[j,t,c],   c in group k
 *
 * theta and phi are linear maps of the mean over the frames, which is the mean of their results.
 * As in the authors' published code they are the same for S and P, and one alpha and one beta serve
 * all groups.  S is written taker minus giver; the published code has the opposite sign.
 * Records operators; computes nothing.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/dgstgcn/dynamic.h"

#include <math.h>

/* The sizes of one spatial part. */
typedef struct sizes {
    size_t N, M, groups, mid;
} sizes;

static gop_var parameter(gop_net *net, const char *name)
{
    return gop_param(net, name, gop_shape1(1), gop_init_constant(0));
}

/* [N, K, M, M] or [K, M, M], graphs of the groups, as [., M M, K, 1] beside the channels' graphs. */
static gop_var beside_channels(gop_net *net, gop_var graphs, const sizes *s)
{
    static const int last[4] = {0, 2, 3, 1};
    const size_t n = gop_shape_size(gop_net_shape(net, graphs)) / (s->groups * s->M * s->M);
    graphs = gop_reshape(net, graphs, gop_shape4(n, s->groups, s->M, s->M));
    return gop_reshape(net, gop_permute(net, graphs, last),
                       gop_shape4(n, s->M * s->M, s->groups, 1));
}

/* alpha S [N, M M, K, mid] and, as [N, K, M, M], beta P. */
static void infer(gop_net *net, gop_var x, const sizes *s, gop_var *S, gop_var *P)
{
    const size_t N = s->N, M = s->M, C = s->groups * s->mid;
    gop_var mean = gop_mean(net, x, 2); /* over frames: [N, M, C] */
    gop_var theta = gop_layer_linear(net, "theta", mean, C, true);
    gop_var phi = gop_layer_linear(net, "phi", mean, C, true);
    gop_var taker = gop_reshape(net, theta, gop_shape4(N, M, 1, C));
    gop_var giver = gop_reshape(net, phi, gop_shape4(N, 1, M, C));
    *S = gop_mul(net, gop_tanh(net, gop_sub(net, taker, giver)), parameter(net, "alpha"));
    *S = gop_reshape(net, *S, gop_shape4(N, M * M, s->groups, s->mid));
    /* gop_attention_adjacency divides by sqrt(mid). */
    *P = gop_attention_adjacency(net, gop_scale(net, theta, sqrt((double)s->mid)), phi, s->groups,
                                 gop_none(), false);
    *P = gop_mul(net, *P, parameter(net, "beta"));
}

/* The sum over nodes: (A + alpha S + beta P) h. */
static gop_var gather(gop_net *net, gop_var x, gop_var h, const sizes *s, gop_var *inferred)
{
    const gop_init begin = {GOP_INIT_NORMAL, 0.02, .mean = 0.04};
    const size_t C = s->groups * s->mid;
    gop_var A = gop_param(net, "A", gop_shape3(s->groups, s->M, s->M), begin), S, P;
    infer(net, x, s, &S, &P);
    if (inferred != NULL)
        *inferred = gop_reshape(net, gop_add(net, S, beside_channels(net, P, s)),
                                gop_shape3(s->N, s->M * s->M, C));
    gop_var E = gop_add(net, S, beside_channels(net, gop_add(net, P, A), s));
    E = gop_reshape(net, E, gop_shape4(s->N, s->M, s->M, C));
    return gop_grouped_product(net, &h, &E, 1, gop_none(), gop_none());
}

gop_var dynamic_graph_conv(gop_net *net, const char *name, gop_var x, size_t out, size_t groups,
                           gop_var *inferred)
{
    const gop_shape in = gop_net_shape(net, x);
    if (gop_net_status(net) != GOP_OK)
        return gop_none();
    const sizes s = {in.dim[0], in.dim[1], groups, out / groups};
    gop_net_push(net, "%s", name);
    gop_var h = gop_layer_linear(net, "pre", x, groups * s.mid, true);
    h = gop_relu(net, gop_layer_batch_norm(net, "pre_bn", h, 1e-5, 0.1));
    gop_var y = gop_layer_linear(net, "post", gather(net, x, h, &s, inferred), out, true);
    y = gop_layer_batch_norm(net, "bn", y, 1e-5, 0.1);
    y = gop_relu(net, gop_add(net, y, zoo_project(net, "down", x, out, 1, ZOO_FAN_IN)));
    gop_net_pop(net);
    return y;
}

gop_status dynamic_check(const zoo_list *widths, uint32_t groups, gop_error *err)
{
    for (size_t i = 0; i < widths->n; i++)
        if (widths->v[i] < groups)
            return gop_fail(err, GOP_EINVAL,
                            "widths: %u groups need as many channels in each block, not %u",
                            (unsigned)groups, (unsigned)widths->v[i]);
    return GOP_OK;
}
