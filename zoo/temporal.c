/*
 * temporal.c: see temporal.h.  Records operators; computes nothing.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/temporal.h"

#include <math.h>

/* The frames of a maximum. */
enum { POOLED = 3 };

/* Whether x is [N, M, T, C]; otherwise the net fails. */
static bool is_clip(gop_net *net, const char *function, gop_var x)
{
    const gop_shape s = gop_net_shape(net, x);
    if (gop_net_status(net) == GOP_OK && s.rank != 4)
        gop_net_refuse(net, function, &x, 1, GOP_ESHAPE, "x must be [N, M, T, C]");
    return gop_net_status(net) == GOP_OK;
}

static gop_var norm(gop_net *net, const char *name, gop_var x)
{
    return gop_layer_batch_norm(net, name, x, 1e-5, 0.1);
}

/* The parameters of a map with `taps` taps; 0: a linear map, whose weight has no axis of taps. */
static void weights(gop_net *net, const char *name, size_t in, size_t out, size_t taps,
                    zoo_beginning begin, gop_var *W, gop_var *b)
{
    const size_t n = taps > 0 ? taps : 1;
    const double bound = 1 / sqrt((double)(in * n));
    const gop_shape shape = taps > 0 ? gop_shape3(out, taps, in) : gop_shape2(out, in);
    const bool he = begin == ZOO_HE;
    gop_net_push(net, "%s", name);
    *W = gop_param(net, "weight", shape,
                   he ? gop_init_normal(sqrt(2 / (double)(n * out))) : gop_init_uniform(bound));
    *b = gop_param(net, "bias", gop_shape1(out),
                   he ? gop_init_constant(0) : gop_init_uniform(bound));
    gop_net_pop(net);
}

gop_var zoo_temporal_conv(gop_net *net, const char *name, gop_var x, size_t out, size_t taps,
                          gop_conv options, zoo_beginning begin)
{
    gop_var W, b;
    if (!is_clip(net, "zoo_temporal_conv", x))
        return gop_none();
    if (name == NULL || out == 0 || taps == 0)
        return gop_net_fail(net, GOP_EINVAL,
                            "zoo_temporal_conv: a name, channels and taps are needed");
    weights(net, name, gop_net_shape(net, x).dim[3], out, taps, begin, &W, &b);
    return gop_bias(net, gop_temporal_conv(net, x, W, options), b);
}

gop_var zoo_project(gop_net *net, const char *name, gop_var x, size_t out, size_t stride,
                    zoo_beginning begin)
{
    if (!is_clip(net, "zoo_project", x))
        return gop_none();
    if (name == NULL)
        return gop_net_fail(net, GOP_EINVAL, "zoo_project: the name is NULL");
    if (gop_net_shape(net, x).dim[3] == out && stride == 1)
        return x;
    gop_net_push(net, "%s", name);
    x = zoo_temporal_conv(net, "conv", x, out, 1, (gop_conv){.stride = stride}, begin);
    x = norm(net, "bn", x);
    gop_net_pop(net);
    return x;
}

/* ----------------------------------------------------------------------- padding */

gop_conv zoo_padded(gop_conv options, size_t taps, zoo_padding padding)
{
    const size_t dilation = options.dilation > 0 ? options.dilation : 1;
    const size_t reach = taps > 0 ? dilation * (taps - 1) : 0;
    options.causal = padding == ZOO_CAUSAL;
    options.pad = padding == ZOO_UNPADDED ? 0 : options.causal ? reach : reach / 2;
    return options;
}

gop_var zoo_crop(gop_net *net, gop_var x, size_t before, size_t after)
{
    if (!is_clip(net, "zoo_crop", x))
        return gop_none();
    const size_t frames = gop_net_shape(net, x).dim[2];
    if (before >= frames || after >= frames - before)
        return gop_net_refuse(net, "zoo_crop", &x, 1, GOP_ESHAPE,
                              "%zu and %zu frames cannot be taken from %zu", before, after, frames);
    return before + after == 0 ? x : gop_slice(net, x, 2, before, frames - before - after);
}

gop_var zoo_beside(gop_net *net, gop_var x, size_t span, zoo_padding padding)
{
    const size_t reach = padding == ZOO_UNPADDED && span > 0 ? span - 1 : 0;
    return zoo_crop(net, x, reach / 2, reach - reach / 2);
}

gop_status zoo_check_padding(zoo_padding padding, const zoo_list *strides, size_t span,
                             size_t observed, gop_error *err)
{
    double least = 1;
    if (strides == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_check_padding: the strides are NULL");
    if (padding != ZOO_UNPADDED)
        return GOP_OK;
    for (size_t i = strides->n; i-- > 0;)
        least = (least - 1) * strides->v[i] + (double)span;
    if ((double)observed < least)
        return gop_fail(err, GOP_EINVAL, "observed must be at least %.0f without padding, not %zu",
                        least, observed);
    return GOP_OK;
}

/* ---------------------------------------------------------------------- branches */

/* The frames that a branch spans, less one. */
static size_t reach_of(const zoo_branch *b)
{
    const size_t dilation = b->dilation > 0 ? b->dilation : 1;
    return b->taps == 0 ? POOLED - 1 : dilation * (b->taps - 1);
}

size_t zoo_branches_span(const zoo_branches *c)
{
    size_t most = 0;
    if (c == NULL || c->branch == NULL)
        return 0;
    for (size_t i = 0; i < c->n; i++)
        most = reach_of(&c->branch[i]) > most ? reach_of(&c->branch[i]) : most;
    return most + 1;
}

/* The maximum of the frames of a branch with 0 taps. */
static gop_var pooled(gop_net *net, const zoo_branches *c, gop_var x)
{
    const gop_conv how = zoo_padded((gop_conv){0}, POOLED, c->padding);
    const size_t frames = gop_net_dim(net, x, 2);
    x = gop_temporal_pool(net, x, POOLED, c->stride, how.pad, GOP_REDUCE_MAX);
    if (!how.causal || gop_net_status(net) != GOP_OK)
        return x;
    /* A causal one has no windows that end after the last frame. */
    return gop_slice(net, x, 2, 0, (frames - 1) / c->stride + 1);
}

/* The linear map, batch norm and ReLU that a branch begins with. */
static gop_var opening(gop_net *net, const zoo_branches *c, gop_var x, size_t width)
{
    gop_var W, b;
    weights(net, "in", gop_net_shape(net, x).dim[3], width, 0, c->begin, &W, &b);
    return gop_relu(net, norm(net, "bn1", gop_linear(net, x, W, b)));
}

static gop_var one_branch(gop_net *net, const zoo_branches *c, size_t i, gop_var x, size_t width)
{
    const size_t taps = c->branch[i].taps, apart = c->branch[i].dilation;
    const gop_conv how = {.stride = c->stride, .dilation = apart > 0 ? apart : 1};
    gop_net_push(net, "branch.%zu", i);
    /* Narrower branches leave out what the widest one needs beside their frames. */
    x = zoo_beside(net, x, zoo_branches_span(c) - reach_of(&c->branch[i]), c->padding);
    if (taps != 1)
        x = opening(net, c, x, width);
    if (taps == 0)
        x = pooled(net, c, x);
    else
        x = zoo_temporal_conv(net, "conv", x, width, taps, zoo_padded(how, taps, c->padding),
                              c->begin);
    if (c->closing)
        x = norm(net, "bn2", x);
    gop_net_pop(net);
    return x;
}

/* x [N, M, T, C] with the mean over its nodes as node M. */
static gop_var with_mean(gop_net *net, gop_var x)
{
    const gop_shape s = gop_net_shape(net, x);
    const gop_shape one = gop_shape4(s.dim[0], 1, s.dim[2], s.dim[3]);
    const gop_var nodes[2] = {x, gop_reshape(net, gop_mean(net, x, 1), one)};
    return gop_concat(net, nodes, 2, 1);
}

/* Node m plus gamma[m] times the last of the M + 1 nodes. */
static gop_var spread_mean(gop_net *net, gop_var y, size_t M)
{
    gop_var gamma = gop_param(net, "gamma", gop_shape1(M), gop_init_constant(0));
    gop_var mean = gop_slice(net, y, 1, M, 1);
    gamma = gop_reshape(net, gamma, gop_shape3(M, 1, 1));
    return gop_add(net, gop_slice(net, y, 1, 0, M), gop_mul(net, gamma, mean));
}

static gop_var mixed(gop_net *net, const zoo_branches *c, gop_var y)
{
    gop_var W, b;
    y = gop_relu(net, norm(net, "mix_bn", y));
    weights(net, "mix", c->out, c->out, 0, c->begin, &W, &b);
    return norm(net, "bn", gop_linear(net, y, W, b));
}

gop_var zoo_temporal_branches(gop_net *net, const char *name, gop_var x, const zoo_branches *c)
{
    if (!is_clip(net, "zoo_temporal_branches", x))
        return gop_none();
    if (name == NULL || c == NULL || c->branch == NULL || c->n == 0 || c->n > ZOO_BRANCHES_MAX)
        return gop_net_fail(net, GOP_EINVAL,
                            "zoo_temporal_branches: a name and 1 to %d branches are needed",
                            ZOO_BRANCHES_MAX);
    if (c->out < c->n)
        return gop_net_fail(net, GOP_EINVAL,
                            "zoo_temporal_branches %s: %zu branches need as many channels, not %zu",
                            name, c->n, c->out);
    const size_t M = gop_net_shape(net, x).dim[1], each = c->out / c->n, rest = c->out % c->n;
    gop_var y[ZOO_BRANCHES_MAX];
    gop_net_push(net, "%s", name);
    if (c->mean_node)
        x = with_mean(net, x);
    for (size_t i = 0; i < c->n && gop_net_status(net) == GOP_OK; i++)
        y[i] = one_branch(net, c, i, x, each + (i == (c->rest_last ? c->n - 1 : 0) ? rest : 0));
    x = gop_net_status(net) == GOP_OK ? gop_concat(net, y, c->n, 3) : gop_none();
    if (c->mean_node)
        x = spread_mean(net, x, M);
    if (c->mix)
        x = mixed(net, c, x);
    gop_net_pop(net);
    return x;
}
