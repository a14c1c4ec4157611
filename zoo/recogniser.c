/*
 * recogniser.c: see recogniser.h.  Records operators; computes nothing.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/recogniser.h"

#include <stdlib.h>

/* The layout's nodes and edges, without parts; on failure NULL, and the net gets the error. */
static gop_graph *graph_of(gop_net *net, const zoo_layout *l)
{
    gop_error err = {GOP_OK, ""};
    gop_graph *g = NULL;
    if (l == NULL)
        gop_net_fail(net, GOP_EINVAL, "the layout is NULL");
    else if (gop_net_status(net) == GOP_OK &&
             (gop_graph_new(&g, l->nodes, l->edges, l->n_edges, &err) != GOP_OK ||
              gop_graph_name_nodes(g, l->node_name, &err) != GOP_OK))
        gop_net_fail(net, err.status, "layout %s: %s", l->name, err.message);
    return g;
}

static gop_graph_data partition(const zoo_layout *l, bool apart)
{
    return (gop_graph_data){GOP_GRAPH_SPATIAL, .norm = GOP_GRAPH_ROWS, .loops = true,
                            .apart = apart, .root = l->centre};
}

gop_var zoo_spatial_partition(gop_net *net, const zoo_layout *l, bool apart)
{
    gop_graph *g = graph_of(net, l);
    if (g == NULL)
        return gop_none();
    gop_var A = gop_graph_constant(net, "partition", g, partition(l, apart));
    gop_graph_free(g);
    return A;
}

/* Exchanges the last two axes of A [3, M, M]. */
static void transpose_each(gop_real *A, size_t M)
{
    for (size_t k = 0; k < 3; k++, A += M * M)
        for (size_t i = 0; i < M; i++)
            for (size_t j = 0; j < i; j++) {
                const gop_real a = A[i * M + j];
                A[i * M + j] = A[j * M + i];
                A[j * M + i] = a;
            }
}

gop_var zoo_trained_partition(gop_net *net, const char *name, const zoo_layout *l, bool columns)
{
    gop_error err = {GOP_OK, ""};
    gop_graph *g = graph_of(net, l);
    if (g == NULL)
        return gop_none();
    const size_t M = l->nodes;
    gop_var A = gop_none();
    gop_real *begin = malloc(3 * M * M * sizeof *begin);
    if (begin == NULL) {
        gop_net_fail(net, GOP_ENOMEM, "out of memory for the graphs of layout %s", l->name);
    } else if (gop_graph_fill(begin, g, partition(l, true), &err) != GOP_OK) {
        gop_net_fail(net, err.status, "%s", err.message);
    } else {
        if (columns)
            transpose_each(begin, M);
        A = gop_param(net, name, gop_shape3(3, M, M), gop_init_data(begin));
    }
    free(begin);
    gop_graph_free(g);
    return A;
}

/* b_k reaches node i by sum_j A_k[i, j] b_k. */
gop_var zoo_subset_conv(gop_net *net, const char *name, gop_var x, gop_var A, size_t out)
{
    static const int nodes_first[2] = {1, 0};
    const gop_shape a = gop_net_shape(net, A);
    if (gop_net_status(net) != GOP_OK)
        return gop_none();
    if (name == NULL || a.rank != 3)
        return gop_net_fail(net, GOP_EINVAL, "zoo_subset_conv: a name and A [K, M, M] are needed");
    gop_net_push(net, "%s", name);
    gop_var b = gop_param(net, "bias", gop_shape2(out, a.dim[0]), gop_init_constant(0));
    gop_var z = gop_layer_graph_conv(net, "conv", x, A, out, false);
    gop_net_pop(net);
    gop_var rows = gop_permute(net, gop_sum(net, A, 2), nodes_first); /* [M, K] */
    return gop_bias(net, z, gop_linear(net, rows, b, gop_none()));
}

gop_var zoo_bones(gop_net *net, const zoo_layout *l, gop_var x)
{
    gop_error err = {GOP_OK, ""};
    gop_graph *g = NULL;
    if (l == NULL)
        gop_net_fail(net, GOP_EINVAL, "the layout is NULL");
    else if (gop_net_status(net) == GOP_OK && zoo_layout_bones(&g, l, &err) != GOP_OK)
        gop_net_fail(net, err.status, "%s", err.message);
    if (g == NULL)
        return gop_none();
    const gop_graph_data bones = {GOP_GRAPH_NODE_BONES, .root = l->centre};
    gop_var B = gop_graph_constant(net, "bones", g, bones);
    gop_graph_free(g);
    return gop_graph_product(net, B, x);
}

gop_var zoo_observe(gop_net *net, const zoo_use *use, size_t observed, zoo_ports *p)
{
    if (use == NULL || p == NULL)
        return gop_net_fail(net, GOP_EINVAL, "zoo_observe: a use and ports are needed");
    const zoo_layout *l = &use->domain->layout;
    const size_t bodies = use->view->bodies;
    if (use->inputs != NULL) {
        p->bodies = use->inputs->bodies;
        return p->x = use->inputs->x;
    }
    p->x = gop_input(net, "x", gop_shape4(use->batch * bodies, l->nodes, observed, l->channels));
    if (bodies > 1 && use->view->average == ZOO_PRESENT_BODIES)
        p->bodies = gop_input(net, "bodies", gop_shape2(use->batch, bodies));
    return p->x;
}

gop_var zoo_node_batch_norm(gop_net *net, const char *name, gop_var x, size_t bodies)
{
    static const int by_frame[4] = {0, 2, 1, 3};
    const gop_shape s = gop_net_shape(net, x);
    if (gop_net_status(net) != GOP_OK)
        return gop_none();
    if (s.rank != 4 || bodies == 0 || s.dim[0] % bodies != 0)
        return gop_net_refuse(net, "zoo_node_batch_norm", &x, 1, GOP_ESHAPE,
                              "x must be [N B, M, T, C], with B bodies");
    const size_t N = s.dim[0] / bodies, M = bodies * s.dim[1], T = s.dim[2], C = s.dim[3];
    if (bodies > 1) /* they lie side by side, as nodes do */
        x = gop_reshape(net, x, gop_shape4(N, M, T, C));
    x = gop_reshape(net, gop_permute(net, x, by_frame), gop_shape2(N * T, M * C));
    x = gop_layer_batch_norm(net, name, x, 1e-5, 0.1);
    x = gop_permute(net, gop_reshape(net, x, gop_shape4(N, T, M, C)), by_frame);
    return bodies > 1 ? gop_reshape(net, x, s) : x;
}

gop_var zoo_mean_bodies(gop_net *net, const zoo_use *use, const zoo_ports *p, gop_var x)
{
    if (use == NULL || p == NULL)
        return gop_net_fail(net, GOP_EINVAL, "zoo_mean_bodies: a use and ports are needed");
    const size_t N = use->batch, B = use->view->bodies;
    const gop_shape s = gop_net_shape(net, x);
    if (gop_net_status(net) != GOP_OK || B == 1)
        return x;
    if (s.rank != 2 || s.dim[0] != N * B)
        return gop_net_refuse(net, "zoo_mean_bodies", &x, 1, GOP_ESHAPE, "x must be [N B, C]");
    x = gop_reshape(net, x, gop_shape3(N, B, s.dim[1]));
    if (p->bodies.id < 0)
        return gop_mean(net, x, 1);
    x = gop_mul(net, x, gop_reshape(net, p->bodies, gop_shape3(N, B, 1)));
    return gop_sum(net, x, 1);
}

gop_var zoo_mean_clip(gop_net *net, const zoo_use *use, const zoo_ports *p, gop_var x)
{
    return zoo_mean_bodies(net, use, p, gop_mean(net, gop_mean(net, x, 2), 1));
}

gop_var zoo_recognition_loss(gop_net *net, const zoo_use *use, const zoo_ports *p, gop_var logits)
{
    if (use == NULL || p == NULL)
        return gop_net_fail(net, GOP_EINVAL, "zoo_recognition_loss: a use and ports are needed");
    gop_var weight = gop_none();
    if (use->class_weight != NULL && gop_net_status(net) == GOP_OK) {
        const size_t classes = use->domain->actions;
        gop_real *w = calloc(classes, sizeof *w);
        for (size_t i = 0; w != NULL && i < classes; i++)
            w[i] = (gop_real)use->class_weight[i];
        if (w == NULL)
            return gop_net_fail(net, GOP_ENOMEM, "out of memory for the weights of classes");
        weight = gop_constant(net, "class_weights", gop_shape1(classes), w);
        free(w);
    }
    return gop_cross_entropy(net, logits, p->labels, weight, use->smoothing);
}

void zoo_expect_labels(gop_net *net, const zoo_use *use, zoo_ports *p)
{
    if (use == NULL || p == NULL)
        gop_net_fail(net, GOP_EINVAL, "zoo_expect_labels: a use and ports are needed");
    else
        p->labels = use->inputs != NULL ? use->inputs->labels
                                        : gop_input(net, "labels", gop_shape1(use->batch));
}

gop_var zoo_classifier(gop_net *net, const zoo_use *use, zoo_ports *p, const char *name, gop_var x)
{
    if (use == NULL || p == NULL)
        return gop_net_fail(net, GOP_EINVAL, "zoo_classifier: a use and ports are needed");
    if (use->features) {
        const gop_var both[2] = {p->features, x};
        p->features = p->features.id < 0 ? x : gop_concat(net, both, 2, 1);
    }
    return gop_layer_linear(net, name, x, use->domain->actions, true);
}

/* The mean of n probabilities, by weights. */
static gop_var mean_of(gop_net *net, const gop_var *logits, size_t n, const zoo_list *weights)
{
    double sum = 0;
    gop_var mean = gop_none();
    for (size_t i = 0; i < n; i++)
        sum += weights == NULL ? 1 : weights->v[i];
    for (size_t i = 0; i < n; i++) {
        gop_var y = gop_softmax(net, logits[i], -1);
        if (weights != NULL && n > 1)
            y = gop_scale(net, y, weights->v[i]);
        mean = i == 0 ? y : gop_add(net, mean, y);
    }
    return n > 1 ? gop_scale(net, mean, 1 / sum) : mean;
}

void zoo_classify(gop_net *net, const zoo_use *use, const gop_var *logits, size_t n,
                  const zoo_list *weights, zoo_ports *p)
{
    if (use == NULL || logits == NULL || n == 0 || p == NULL) {
        gop_net_fail(net, GOP_EINVAL, "zoo_classify: a use, class scores or ports are missing");
        return;
    }
    p->scores = mean_of(net, logits, n, weights);
    gop_net_keep(net, p->scores);
    if (!gop_net_training(net))
        return;
    if (p->labels.id < 0)
        zoo_expect_labels(net, use, p);
    for (size_t i = 0; i < n; i++) {
        gop_var loss = zoo_recognition_loss(net, use, p, logits[i]);
        p->loss_recognition = p->loss_recognition.id < 0 ? loss
                                                         : gop_add(net, p->loss_recognition, loss);
    }
    gop_net_keep(net, p->loss_recognition);
}

gop_status zoo_check_blocks(const zoo_list *widths, const zoo_list *strides, uint32_t taps,
                            gop_error *err)
{
    if (widths == NULL || strides == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_check_blocks: a list is NULL");
    if (widths->n == 0)
        return gop_fail(err, GOP_EINVAL, "widths: at least one block is needed");
    if (strides->n != widths->n)
        return gop_fail(err, GOP_EINVAL,
                        "widths and strides have %u and %u entries; each block needs one of each",
                        (unsigned)widths->n, (unsigned)strides->n);
    if (taps % 2 == 0)
        return gop_fail(err, GOP_EINVAL, "taps must be odd, not %u", (unsigned)taps);
    return GOP_OK;
}
