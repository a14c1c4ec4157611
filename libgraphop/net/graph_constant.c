/*
 * graph_constant.c: what gop_graph knows, recorded as constants of a net.
 * Touches nothing of the net but through public functions.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "net/net.h"

#include <stdlib.h>

/* One constant on its way into a net. */
typedef struct draft {
    gop_net *net;
    const char *name;
    gop_shape shape;
    gop_real *data; /* NULL: nothing is to be done, or it failed */
    gop_error err;
} draft;

static draft begin(gop_net *net, const char *name, const gop_graph *g, gop_shape shape)
{
    draft c = {net, name != NULL ? name : "constant", shape, NULL, {GOP_OK, ""}};
    size_t size = 1;

    if (gop_net_status(net) != GOP_OK)
        return c;
    if (g == NULL) {
        gop_net_fail(net, GOP_EINVAL, "%s%s: the graph is NULL", net->recording.scope, c.name);
        return c;
    }
    for (int i = 0; i < shape.rank; i++) {
        if (shape.dim[i] == 0 || size > SIZE_MAX / 64 / shape.dim[i]) {
            char text[80];
            gop_net_fail(net, GOP_EINVAL,
                         "%s%s: the shape %s of this constant is empty or too large",
                         net->recording.scope, c.name, gop_shape_text(text, sizeof text, shape));
            return c;
        }
        size *= shape.dim[i];
    }
    c.data = malloc(size * sizeof *c.data);
    if (c.data == NULL)
        gop_net_fail(net, GOP_ENOMEM, "%s%s: out of memory", net->recording.scope, c.name);
    return c;
}

static gop_var end(draft *c, gop_status s)
{
    gop_var v = gop_none();

    if (c->data != NULL && s == GOP_OK)
        v = gop_constant(c->net, c->name, c->shape, c->data);
    else if (c->data != NULL)
        gop_net_fail(c->net, s, "%s%s: %s", c->net->recording.scope, c->name, c->err.message);
    free(c->data);
    return v;
}

/* [M, M], or [planes, M, M]. */
static gop_shape square(const gop_graph *g)
{
    return gop_shape2(gop_graph_nodes(g), gop_graph_nodes(g));
}

static gop_shape cube(size_t planes, const gop_graph *g)
{
    return gop_shape3(planes, gop_graph_nodes(g), gop_graph_nodes(g));
}

GOP_API gop_var gop_constant_adjacency(gop_net *net, const char *name, const gop_graph *g,
                                       bool loops, gop_graph_norm norm)
{
    draft c = begin(net, name, g, square(g));
    return end(&c, gop_graph_adjacency(c.data, g, loops, norm, &c.err));
}

GOP_API gop_var gop_constant_powers(gop_net *net, const char *name, const gop_graph *g,
                                    gop_graph_norm norm, size_t hops)
{
    draft c = begin(net, name, g, cube(hops, g));
    return end(&c, gop_graph_powers(c.data, g, norm, hops, &c.err));
}

GOP_API gop_var gop_constant_indicators(gop_net *net, const char *name, const gop_graph *g,
                                        size_t hops, bool exact)
{
    draft c = begin(net, name, g, cube(hops, g));
    return end(&c, gop_graph_indicators(c.data, g, hops, exact, &c.err));
}

GOP_API gop_var gop_constant_spatial(gop_net *net, const char *name, const gop_graph *g,
                                     size_t centre)
{
    draft c = begin(net, name, g, cube(3, g));
    return end(&c, gop_graph_spatial(c.data, g, centre, &c.err));
}

GOP_API gop_var gop_constant_bones(gop_net *net, const char *name, const gop_graph *g, size_t root)
{
    draft c = begin(net, name, g, gop_shape2(gop_graph_edges(g), gop_graph_nodes(g)));
    return end(&c, gop_graph_bones(c.data, g, root, &c.err));
}

GOP_API gop_var gop_constant_node_bones(gop_net *net, const char *name, const gop_graph *g,
                                        size_t root)
{
    draft c = begin(net, name, g, square(g));
    return end(&c, gop_graph_node_bones(c.data, g, root, &c.err));
}

GOP_API gop_var gop_constant_part_numbers(gop_net *net, const char *name, const gop_graph *g)
{
    draft c = begin(net, name, g, gop_shape1(gop_graph_nodes(g)));
    return end(&c, gop_graph_part_numbers(c.data, g, &c.err));
}

GOP_API gop_var gop_constant_edge_index(gop_net *net, const char *name, const gop_graph *g,
                                        bool both, bool self)
{
    const size_t rows = gop_graph_edge_index(NULL, 0, g, both, self);
    draft c = begin(net, name, g, gop_shape2(rows, 2));
    gop_graph_edge_index(c.data, rows, g, both, self);
    return end(&c, GOP_OK);
}
