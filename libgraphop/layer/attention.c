/*
 * attention.c: multi-head attention with its parameters.
 *
 * As layer.c: creates parameters and records operators by their public functions; computes nothing.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "graphop.h"

#include <math.h>

/* [N, L, heads D] as [N, heads, L, D], and back. */
static gop_var apart(gop_net *net, gop_var x, size_t heads)
{
    static const int axes[4] = {0, 2, 1, 3};
    const gop_shape s = gop_net_shape(net, x);
    if (s.rank != 3)
        return gop_none();
    x = gop_reshape(net, x, gop_shape4(s.dim[0], s.dim[1], heads, s.dim[2] / heads));
    return gop_permute(net, x, axes);
}

static gop_var together(gop_net *net, gop_var x)
{
    static const int axes[4] = {0, 2, 1, 3};
    const gop_shape s = gop_net_shape(net, x);
    if (s.rank != 4)
        return gop_none();
    return gop_reshape(net, gop_permute(net, x, axes),
                       gop_shape3(s.dim[0], s.dim[2], s.dim[1] * s.dim[3]));
}

gop_var gop_layer_attention(gop_net *net, const char *name, gop_var x, gop_var context,
                            gop_var mask, size_t heads, size_t out)
{
    const gop_var in[2] = {x, context};
    const gop_shape s = gop_net_shape(net, x), c = gop_net_shape(net, context);
    if (gop_net_status(net) != GOP_OK)
        return gop_none();
    if (name == NULL || *name == '\0')
        return gop_net_fail(net, GOP_EINVAL, "gop_layer_attention: the name is missing or empty");
    if (heads == 0 || out == 0 || out % heads != 0)
        return gop_net_fail(net, GOP_EINVAL,
                            "gop_layer_attention %s: %zu heads must divide the %zu channels", name,
                            heads, out);
    if (s.rank != 3 || (c.rank >= 0 && (c.rank != 3 || c.dim[0] != s.dim[0])))
        return gop_net_refuse(net, "gop_layer_attention", in, 2, GOP_ESHAPE,
                              "x must be [N, L, C] and the context [N, K, C'] or absent");
    if (context.id < 0)
        context = x;
    gop_net_push(net, "%s", name);
    const gop_var q = apart(net, gop_layer_linear(net, "query", x, out, true), heads);
    const gop_var k = apart(net, gop_layer_linear(net, "key", context, out, true), heads);
    const gop_var v = apart(net, gop_layer_linear(net, "value", context, out, true), heads);
    gop_var P = gop_scale(net, gop_matmul(net, q, k, GOP_TRANSPOSE_B),
                          1 / sqrt((double)(out / heads)));
    if (mask.id >= 0)
        P = gop_add(net, P, mask);
    P = gop_softmax(net, P, 3);
    const gop_var y = gop_layer_linear(net, "out", together(net, gop_matmul(net, P, v, 0)), out,
                                       true);
    gop_net_pop(net);
    return y;
}
