/*
 * trajectory.c: see trajectory.h.  Records operators; computes only the cosine transform.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/trajectory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const int turned[4] = {0, 1, 3, 2};

/* Whether x is [N, V, 1, F], which another function's result is. */
static bool is_rows(gop_net *net, const char *what, gop_var x)
{
    const gop_shape s = gop_net_shape(net, x);
    if (gop_net_status(net) != GOP_OK)
        return false;
    if (s.rank == 4 && s.dim[2] == 1)
        return true;
    gop_net_refuse(net, what, &x, 1, GOP_ESHAPE, "x must be [N, V, 1, F]");
    return false;
}

gop_var zoo_trajectories(gop_net *net, gop_var x)
{
    const gop_shape s = gop_net_shape(net, x);
    if (gop_net_status(net) != GOP_OK)
        return gop_none();
    if (s.rank != 4)
        return gop_net_refuse(net, "zoo_trajectories", &x, 1, GOP_ESHAPE, "x must be [N, M, T, C]");
    return gop_reshape(net, gop_permute(net, x, turned),
                       gop_shape4(s.dim[0], s.dim[1] * s.dim[3], 1, s.dim[2]));
}

gop_var zoo_poses(gop_net *net, gop_var x, size_t channels)
{
    const gop_shape s = gop_net_shape(net, x);
    if (!is_rows(net, "zoo_poses", x))
        return gop_none();
    if (channels == 0 || s.dim[1] % channels != 0)
        return gop_net_refuse(net, "zoo_poses", &x, 1, GOP_ESHAPE,
                              "x must be [N, M C, 1, T], C = %zu", channels);
    x = gop_reshape(net, x, gop_shape4(s.dim[0], s.dim[1] / channels, channels, s.dim[3]));
    return gop_permute(net, x, turned);
}

gop_var zoo_hold_last(gop_net *net, gop_var x, size_t frames)
{
    const size_t seen = gop_net_dim(net, x, -1);
    const gop_var still = gop_repeat(net, gop_slice(net, x, -1, seen - 1, 1), -1, frames);
    return gop_concat(net, (gop_var[]){x, still}, 2, -1);
}

/* D, or with `inverse` its transpose. */
static gop_var transform(gop_net *net, size_t frames, size_t count, bool inverse)
{
    const double pi = 3.14159265358979323846, T = (double)frames;
    if (gop_net_status(net) != GOP_OK)
        return gop_none();
    if (count == 0 || count > frames || frames > SIZE_MAX / sizeof(gop_real) / count)
        return gop_net_fail(net, GOP_EINVAL,
                            "zoo_cosines: %zu frames have 1 to %zu coefficients, not %zu", frames,
                            frames, count);
    gop_real *d = malloc(frames * count * sizeof *d);
    if (d == NULL)
        return gop_net_fail(net, GOP_ENOMEM, "out of memory for %zu cosines of %zu frames", count,
                            frames);
    for (size_t k = 0; k < count; k++)
        for (size_t t = 0; t < frames; t++)
            d[inverse ? t * count + k : k * frames + t] =
                (gop_real)(sqrt((k > 0 ? 2 : 1) / T) * cos(pi * (double)k * ((double)t + 0.5) / T));
    gop_var c = gop_constant(net, inverse ? "inverse_cosines" : "cosines",
                             inverse ? gop_shape2(frames, count) : gop_shape2(count, frames), d);
    free(d);
    return c;
}

gop_var zoo_cosines(gop_net *net, size_t frames, size_t count)
{
    return transform(net, frames, count, false);
}

gop_var zoo_inverse_cosines(gop_net *net, size_t frames, size_t count)
{
    return transform(net, frames, count, true);
}

gop_var zoo_dense_gc(gop_net *net, const char *name, gop_var x, size_t out)
{
    const gop_shape s = gop_net_shape(net, x);
    if (!is_rows(net, "zoo_dense_gc", x))
        return gop_none();
    if (name == NULL || out == 0)
        return gop_net_fail(net, GOP_EINVAL, "zoo_dense_gc: a name and features are needed");
    const gop_init begin = gop_init_uniform(1 / sqrt((double)out));
    gop_net_push(net, "%s", name);
    const gop_var A = gop_param(net, "A", gop_shape2(s.dim[1], s.dim[1]), begin);
    const gop_var W = gop_param(net, "weight", gop_shape2(out, s.dim[3]), begin);
    const gop_var b = gop_param(net, "bias", gop_shape1(out), begin);
    gop_net_pop(net);
    return gop_bias(net, gop_graph_conv(net, x, &A, &W, NULL, 1), b);
}

gop_var zoo_feature_norm(gop_net *net, const char *name, gop_var x)
{
    const gop_shape s = gop_net_shape(net, x);
    if (!is_rows(net, "zoo_feature_norm", x))
        return gop_none();
    x = gop_reshape(net, x, gop_shape2(s.dim[0], s.dim[1] * s.dim[3]));
    return gop_reshape(net, gop_layer_batch_norm(net, name, x, 1e-5, 0.1), s);
}

/* dropout(activation(bn(gc(x)))) */
static gop_var layer(gop_net *net, const char *gc, const char *bn, gop_var x, size_t out,
                     const zoo_gc_style *style)
{
    x = zoo_feature_norm(net, bn, zoo_dense_gc(net, gc, x, out));
    return gop_dropout(net, style->activation(net, x), style->dropout, GOP_DROP_ELEMENTS);
}

gop_var zoo_gc_block(gop_net *net, const char *name, gop_var x, const zoo_gc_style *style)
{
    const size_t F = gop_net_dim(net, x, -1);
    if (name == NULL || style == NULL || style->activation == NULL)
        return gop_net_fail(net, GOP_EINVAL, "zoo_gc_block: a name and an activation are needed");
    gop_net_push(net, "%s", name);
    gop_var y = layer(net, "gc1", "bn1", x, F, style);
    y = layer(net, "gc2", "bn2", y, F, style);
    gop_net_pop(net);
    return gop_add(net, x, y);
}

gop_var zoo_residual_gcn(gop_net *net, gop_var x, size_t hidden, size_t blocks, double dropout)
{
    const zoo_gc_style style = {gop_tanh, dropout};
    const size_t k = gop_net_dim(net, x, -1);
    gop_var y = layer(net, "in.gc", "in.bn", x, hidden, &style);
    gop_net_push(net, "block");
    for (size_t i = 0; i < blocks; i++) {
        char name[24];
        snprintf(name, sizeof name, "%zu", i);
        y = zoo_gc_block(net, name, y, &style);
    }
    gop_net_pop(net);
    return gop_add(net, x, zoo_dense_gc(net, "out.gc", y, k));
}
