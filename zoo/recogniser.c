/*
 * recogniser.c: see recogniser.h.  Records operators; computes nothing but constant
 * graphs of a layout.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif
#include "zoo/recogniser.h"

#include <stdlib.h>

/* A constant from `n` numbers that `fill` writes. */
static gop_var constant(gop_net *net, const char *name, gop_shape shape, const zoo_layout *l,
                        gop_status (*fill)(gop_real *A, const zoo_layout *l, gop_error *err))
{
    gop_error err = {GOP_OK, ""};
    gop_real *A = calloc(gop_shape_size(shape), sizeof *A);
    gop_var v = gop_none();
    if (A == NULL)
        return gop_net_fail(net, GOP_ENOMEM, "out of memory for the graph of layout %s", l->name);
    if (fill(A, l, &err) == GOP_OK)
        v = gop_constant(net, name, shape, A);
    else
        gop_net_fail(net, err.status, "layout %s: %s", l->name, err.message);
    free(A);
    return v;
}

static gop_status partition(gop_real *A, const zoo_layout *l, gop_error *err)
{
    return gop_spatial_partition(A, l->nodes, l->edges, l->n_edges, l->centre, err);
}

static gop_status partition_apart(gop_real *A, const zoo_layout *l, gop_error *err)
{
    gop_status s = partition(A, l, err);
    for (size_t k = 0; k < 3 && s == GOP_OK; k++)
        gop_normalise_rows(A + k * l->nodes * l->nodes, l->nodes);
    return s;
}

gop_var zoo_spatial_partition(gop_net *net, const zoo_layout *l, bool apart)
{
    return constant(net, "partition", gop_shape3(3, l->nodes, l->nodes), l,
                    apart ? partition_apart : partition);
}

/* I - P, P[i, j] = 1 where j is one hop nearer to the centre than its neighbour i. */
static gop_status differences(gop_real *B, const zoo_layout *l, gop_error *err)
{
    const size_t M = l->nodes;
    uint32_t *hops = calloc(M * M, sizeof *hops);
    if (hops == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for bones");
    gop_hop_distances(hops, M, l->edges, l->n_edges);
    for (uint32_t e = 0; e < l->n_edges; e++) {
        size_t in = l->edges[e].a, out = l->edges[e].b;
        if (hops[in * M + l->centre] > hops[out * M + l->centre]) {
            in = l->edges[e].b;
            out = l->edges[e].a;
        }
        B[out * M + out] = 1;
        B[out * M + in] = -1;
    }
    free(hops);
    return GOP_OK;
}

gop_var zoo_bones(gop_net *net, const zoo_layout *l, gop_var x)
{
    const gop_shape shape = gop_shape2(l->nodes, l->nodes);
    return gop_graph_product(net, constant(net, "bones", shape, l, differences), x);
}

gop_var zoo_node_batch_norm(gop_net *net, const char *name, gop_var x)
{
    static const int by_frame[4] = {0, 2, 1, 3};
    const gop_shape s = gop_shape_of(net, x);
    if (gop_net_status(net) != GOP_OK)
        return gop_none();
    const gop_shape wide = gop_shape2(s.dim[0] * s.dim[2], s.dim[1] * s.dim[3]);
    const gop_shape split = gop_shape4(s.dim[0], s.dim[2], s.dim[1], s.dim[3]);
    x = gop_reshape(net, gop_permute(net, x, by_frame), wide);
    x = gop_layer_batch_norm(net, name, x, 1e-5, 0.1);
    return gop_permute(net, gop_reshape(net, x, split), by_frame);
}

void zoo_classify(gop_net *net, const gop_var *logits, size_t n, size_t batch, zoo_ports *p)
{
    for (size_t i = 0; i < n; i++) {
        gop_var y = gop_softmax(net, logits[i]);
        p->scores = i == 0 ? y : gop_add(net, p->scores, y);
    }
    if (n > 1)
        p->scores = gop_scale(net, p->scores, 1 / (double)n);
    gop_keep(net, p->scores);
    if (!gop_net_training(net))
        return;
    p->labels = gop_input(net, "labels", gop_shape1(batch));
    for (size_t i = 0; i < n; i++) {
        gop_var loss = gop_cross_entropy(net, logits[i], p->labels);
        p->loss_recognition = i == 0 ? loss : gop_add(net, p->loss_recognition, loss);
    }
    gop_keep(net, p->loss_recognition);
}

gop_status zoo_check_blocks(const zoo_list *widths, const zoo_list *strides, uint32_t taps,
                            gop_error *err)
{
    if (widths->n == 0)
        return gop_fail(err, GOP_EINVAL, "widths: at least one block is needed");
    if (strides->n != widths->n)
        return gop_fail(err, GOP_EINVAL, "widths and strides have %u and %u entries, but there is "
                        "one of each for every block", (unsigned)widths->n,
                        (unsigned)strides->n);
    if (taps % 2 == 0)
        return gop_fail(err, GOP_EINVAL, "taps: %u is even", (unsigned)taps);
    return GOP_OK;
}

size_t zoo_predicts_nothing(const void *config)
{
    (void)config;
    return 0;
}
