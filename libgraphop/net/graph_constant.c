/*
 * graph_constant.c: data of a gop_graph, recorded as a constant of a net.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "net/net.h"

#include <stdlib.h>

GOP_API gop_var gop_graph_constant(gop_net *net, const char *name, const gop_graph *g,
                                   gop_graph_data what)
{
    gop_error err;
    gop_shape shape;
    gop_status s = gop_net_status(net);
    gop_real *data = NULL;
    gop_var v = gop_none();

    if (s != GOP_OK)
        return v;
    s = gop_graph_shape(&shape, g, what, &err);
    if (s == GOP_OK) {
        data = malloc((gop_shape_size(shape) + 1) * sizeof *data);
        s = data == NULL ? gop_fail(&err, GOP_ENOMEM, "out of memory")
                         : gop_graph_fill(data, g, what, &err);
    }
    if (s == GOP_OK)
        v = gop_constant(net, name, shape, data);
    else
        gop_net_fail(net, s, "%s%s: %s", net->recording.scope, name != NULL ? name : "constant",
                     err.message);
    free(data);
    return v;
}
