/*
 * layer.c: operators together with their named parameters.
 *
 * A layer creates its parameters and records the operator that uses them; it computes nothing.
 * Uses only the public functions of nets and operators.  After an error a layer records nothing,
 * like all recording functions.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "graphop.h"

#include <math.h>
#include <stdio.h>

/* The channels of x; 0 after a failure, which it reports. */
static size_t channels(gop_net *net, const char *layer, const char *name, gop_var x, size_t out)
{
    const gop_shape s = gop_net_shape(net, x);
    if (name == NULL || *name == '\0')
        gop_net_fail(net, GOP_EINVAL, "%s: the name is missing or empty", layer);
    else if (s.rank < 1)
        gop_net_fail(net, GOP_ESHAPE, "%s %s: x has no channels", layer, name);
    else if (out == 0)
        gop_net_fail(net, GOP_EINVAL, "%s %s: the number of channels must not be 0", layer, name);
    return gop_net_status(net) == GOP_OK ? s.dim[s.rank - 1] : 0;
}

static gop_init fan_in(size_t n)
{
    return gop_init_uniform(1 / sqrt((double)n));
}

gop_var gop_layer_linear(gop_net *net, const char *name, gop_var x, size_t out, bool bias)
{
    const size_t in = channels(net, "gop_layer_linear", name, x, out);
    if (in == 0)
        return gop_none();
    gop_net_push(net, "%s", name);
    gop_var W = gop_param(net, "weight", gop_shape2(out, in), fan_in(in));
    gop_var b = bias ? gop_param(net, "bias", gop_shape1(out), fan_in(in)) : gop_none();
    gop_net_pop(net);
    return gop_linear(net, x, W, b);
}

gop_var gop_layer_mlp(gop_net *net, const char *name, gop_var x, const size_t *widths, size_t n,
                      double p)
{
    const size_t in = channels(net, "gop_layer_mlp", name, x, 1);
    if (in == 0)
        return gop_none();
    if (widths == NULL || n == 0)
        return gop_net_fail(net, GOP_EINVAL,
                            "gop_layer_mlp %s: the list of widths is NULL or empty", name);
    gop_net_push(net, "%s", name);
    for (size_t i = 0; i < n; i++) {
        char layer[24];
        snprintf(layer, sizeof layer, "%zu", i);
        x = gop_layer_linear(net, layer, x, widths[i], true);
        if (i + 1 < n)
            x = gop_dropout(net, gop_relu(net, x), p, GOP_DROP_ELEMENTS);
    }
    gop_net_pop(net);
    return x;
}

gop_var gop_layer_batch_norm(gop_net *net, const char *name, gop_var x, double eps, double momentum)
{
    const size_t n = channels(net, "gop_layer_batch_norm", name, x, 1);
    if (n == 0)
        return gop_none();
    const gop_shape c = gop_shape1(n);
    gop_net_push(net, "%s", name);
    gop_var weight = gop_param(net, "weight", c, gop_init_constant(1));
    gop_var bias = gop_param(net, "bias", c, gop_init_constant(0));
    gop_var mean = gop_stat(net, "running_mean", c, 0);
    gop_var var = gop_stat(net, "running_var", c, 1);
    gop_net_pop(net);
    return gop_batch_norm(net, x, weight, bias, mean, var, eps, momentum);
}

/* Weight 1 and bias 0 of x's channels. */
static bool scale_and_shift(gop_net *net, const char *layer, const char *name, gop_var x,
                            gop_var v[2])
{
    const size_t n = channels(net, layer, name, x, 1);
    if (n == 0)
        return false;
    gop_net_push(net, "%s", name);
    v[0] = gop_param(net, "weight", gop_shape1(n), gop_init_constant(1));
    v[1] = gop_param(net, "bias", gop_shape1(n), gop_init_constant(0));
    gop_net_pop(net);
    return true;
}

gop_var gop_layer_layer_norm(gop_net *net, const char *name, gop_var x, double eps)
{
    gop_var v[2];
    if (!scale_and_shift(net, "gop_layer_layer_norm", name, x, v))
        return gop_none();
    return gop_layer_norm(net, x, v[0], v[1], eps);
}

gop_var gop_layer_group_norm(gop_net *net, const char *name, gop_var x, size_t groups, double eps)
{
    gop_var v[2];
    if (!scale_and_shift(net, "gop_layer_group_norm", name, x, v))
        return gop_none();
    return gop_group_norm(net, x, groups, v[0], v[1], eps);
}

gop_var gop_layer_temporal_conv(gop_net *net, const char *name, gop_var x, size_t out, size_t taps,
                                gop_conv options, bool bias)
{
    const size_t in = channels(net, "gop_layer_temporal_conv", name, x, out);
    if (in == 0)
        return gop_none();
    const size_t groups = options.groups > 0 ? options.groups : 1;
    const size_t each = in > groups ? in / groups : 1; /* the operator refuses shapes that do not
                                                        * fit */
    const double fan_out = (double)taps * (double)out / (double)groups;
    gop_net_push(net, "%s", name);
    gop_var W = gop_param(net, "weight", gop_shape3(out, taps, each),
                          gop_init_normal(sqrt(2.0 / fan_out)));
    gop_var b = bias ? gop_param(net, "bias", gop_shape1(out), fan_in(taps * each)) : gop_none();
    gop_net_pop(net);
    gop_var y = gop_temporal_conv(net, x, W, options);
    return bias ? gop_bias(net, y, b) : y;
}

gop_var gop_layer_graph_conv(gop_net *net, const char *name, gop_var x, gop_var A, size_t out,
                             bool bias)
{
    const size_t in = channels(net, "gop_layer_graph_conv", name, x, out);
    const gop_shape a = gop_net_shape(net, A);
    if (in == 0)
        return gop_none();
    if (a.rank != 2 && a.rank != 3)
        return gop_net_fail(net, GOP_ESHAPE,
                            "gop_layer_graph_conv %s: A is neither [M, M] nor "
                            "[G, M, M]",
                            name);
    const size_t stack = a.rank == 3 ? a.dim[0] : 1;
    const gop_init init = gop_init_normal(sqrt(2.0 / ((double)stack * (double)(in + out))));
    gop_net_push(net, "%s", name);
    gop_var W = gop_param(net, "weight",
                          a.rank == 3 ? gop_shape3(stack, out, in) : gop_shape2(out, in), init);
    gop_var b = bias ? gop_param(net, "bias", gop_shape1(out), gop_init_constant(0)) : gop_none();
    gop_net_pop(net);
    gop_var y = gop_graph_conv(net, x, &A, &W, NULL, 1);
    return bias ? gop_bias(net, y, b) : y;
}

/* Weights and biases of a recurrent cell: w_ih, w_hh, b_ih, b_hh. */
static void cell(gop_net *net, const char *name, size_t rows, size_t in, size_t hidden,
                 gop_var v[4])
{
    gop_net_push(net, "%s", name);
    v[0] = gop_param(net, "weight_ih", gop_shape2(rows, in), fan_in(hidden));
    v[1] = gop_param(net, "weight_hh", gop_shape2(rows, hidden), fan_in(hidden));
    v[2] = gop_param(net, "bias_ih", gop_shape1(rows), fan_in(hidden));
    v[3] = gop_param(net, "bias_hh", gop_shape1(rows), fan_in(hidden));
    gop_net_pop(net);
}

gop_var gop_layer_gru(gop_net *net, const char *name, gop_var x, gop_var state, size_t hidden)
{
    const size_t in = channels(net, "gop_layer_gru", name, x, hidden);
    gop_var v[4];
    if (in == 0)
        return gop_none();
    cell(net, name, 3 * hidden, in, hidden, v);
    return gop_gru(net, x, state, v[0], v[1], v[2], v[3]);
}

gop_var gop_layer_lstm(gop_net *net, const char *name, gop_var x, gop_var state, size_t hidden)
{
    const size_t in = channels(net, "gop_layer_lstm", name, x, hidden);
    gop_var v[4];
    if (in == 0)
        return gop_none();
    cell(net, name, 4 * hidden, in, hidden, v);
    return gop_lstm(net, x, state, v[0], v[1], v[2], v[3]);
}

gop_var gop_layer_embedding(gop_net *net, const char *name, gop_var index, size_t rows, size_t out)
{
    if (gop_net_status(net) != GOP_OK)
        return gop_none();
    if (name == NULL || *name == '\0' || rows == 0 || out == 0)
        return gop_net_fail(net, GOP_EINVAL,
                            "gop_layer_embedding: the name is missing, or rows or channels are 0");
    gop_net_push(net, "%s", name);
    gop_var table = gop_param(net, "weight", gop_shape2(rows, out), gop_init_normal(1));
    gop_net_pop(net);
    return gop_embedding(net, table, index);
}
