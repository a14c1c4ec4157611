/*
 * template.c: the smallest complete model of the zoo, to be copied.
 *
 *     X_1  = relu(bn(A X W_1^T))             nodes look at their neighbours
 *     X_2  = relu(bn(TC(X_1)))               frames look at those around them
 *     p    = softmax(W_2 mean(X_2) + b_2)    one score for each action
 *
 * A is the layout's graph with self loops, its rows divided by their sums.  Put your
 * paper's reference and equations here.
 *
 * To make a model of your own:
 *   1. copy this file to zoo/NAME/NAME.c and put NAME for "template" in it;
 *   2. name NAME_type in zoo/types.h and in the list of zoo/model.c, and the file in
 *      zoo_sources of Makefile.am;
 *   3. ./bootstrap, make: `graphop train NAME` trains it, and eval, predict, info and
 *      bench know it;
 *   4. copy tests/unit/test_template.c as tests/unit/test_NAME.c and name it in
 *      Makefile.am, as test_template is there: it trains the model on data of its own;
 *   5. do the same with the page man/graphop-template.7, and name the model in
 *      man/graphop-train.1 and man/graphop-bench.1: tests/cli/help.sh wants it so.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/recogniser.h"
#include "zoo/types.h"

/* What `graphop train template --set KEY=VALUE` can change: uint32_t for whole numbers,
 * switches and choices, double for numbers, zoo_list for lists.  The table below ties
 * names to fields; a file holds them as text, so fields may move. */
typedef struct config {
    uint32_t observed;
    uint32_t width;
    uint32_t taps;
    double dropout;
} config;

#define AT(field) offsetof(config, field)

static const zoo_setting options[] = {
    {"observed", ZOO_SETTING_COUNT, AT(observed), 1, 4096, NULL, "50", "frames observed"},
    {"width", ZOO_SETTING_COUNT, AT(width), 1, 4096, NULL, "32", "channels"},
    {"taps", ZOO_SETTING_COUNT, AT(taps), 1, 99, NULL, "9",
     "frames that the temporal convolution covers, odd"},
    {"dropout", ZOO_SETTING_NUMBER, AT(dropout), 0, 0.99, NULL, "0", "dropout before the scores"},
    {0},
};

/* The first is what is taken when none is named. */
static const zoo_preset presets[] = {
    {"plain", "", "the defaults of all options"},
    {"wide", "width=128 dropout=0.2", "more channels"},
    {NULL, NULL, NULL},
};

/* What no single option can know: whether they go together, and with the layout. */
static gop_status check(const void *configuration, const zoo_domain *domain, gop_error *err)
{
    const config *c = configuration;
    (void)domain;
    if (c->taps % 2 == 0)
        return gop_fail(err, GOP_EINVAL, "taps must be odd, not %u", (unsigned)c->taps);
    return GOP_OK;
}

/* D^-1 (A + I), as a constant of the net: what is known before training. */
static gop_var graph(gop_net *net, const zoo_layout *layout)
{
    gop_error err = {GOP_OK, ""};
    gop_graph *g;
    if (zoo_layout_graph(&g, layout, &err) != GOP_OK)
        return gop_net_fail(net, err.status, "%s", err.message);
    const gop_graph_data mean = {GOP_GRAPH_ADJACENCY, .norm = GOP_GRAPH_ROWS, .loops = true};
    gop_var A = gop_graph_constant(net, "graph", g, mean);
    gop_graph_free(g);
    return A;
}

/* Records the network for `batch` windows.  Nothing is computed here, and no error is
 * asked for: the first one stays with the net, and whoever plans it is told.  The same
 * function serves training and inference. */
static void record(gop_net *net, const void *configuration, const zoo_domain *domain, size_t batch,
                   zoo_ports *ports)
{
    const config *c = configuration;
    const zoo_layout *l = &domain->layout;

    /* Normalised poses [N, M, T, D]: batch, nodes, frames, channels. */
    zoo_ports p = zoo_ports_none();
    p.x = gop_input(net, "x", gop_shape4(batch, l->nodes, c->observed, l->channels));

    /* Layers make their parameters under their name: "graph_conv.weight" and so on. */
    gop_var x = gop_layer_graph_conv(net, "graph_conv", p.x, graph(net, l), c->width, false);
    x = gop_relu(net, gop_layer_batch_norm(net, "bn1", x, 1e-5, 0.1));
    x = gop_layer_temporal_conv(net, "temporal_conv", x, c->width, c->taps,
                                (gop_conv){.pad = (c->taps - 1) / 2}, false);
    x = gop_relu(net, gop_layer_batch_norm(net, "bn2", x, 1e-5, 0.1));

    /* Mean over frames (axis 2), then over nodes (axis 1): [N, width]. */
    x = gop_dropout(net, gop_mean(net, gop_mean(net, x, 2), 1), c->dropout, GOP_DROP_ELEMENTS);
    gop_var logits = gop_layer_linear(net, "scores", x, domain->actions, true);

    /* Probabilities, and in a training net the labels and the cross entropy.  A model that
     * predicts poses fills p.poses, p.target and p.loss_prediction: see zoo/symgnn. */
    zoo_classify(net, &logits, 1, batch, &p);
    *ports = p;
}

const zoo_model_type template_type = {
    .name = "template",
    .text = "The smallest complete model: one graph convolution, one temporal convolution",
    .reference = "an example, not from the literature",
    .config_size = sizeof(config),
    .options = options,
    .presets = presets,
    .check = check,
    .record = record,
    .widths = "width",
};
