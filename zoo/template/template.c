/*
 * template.c: the smallest complete model of the zoo; copy it to start your own (HACKING has the
 * steps).
 *
 *     X_1  = relu(bn(A X W_1^T))             nodes look at their neighbours
 *     X_2  = relu(bn(TC(X_1)))               frames look at those around them
 *     p    = softmax(W_2 mean(X_2) + b_2)    one score for each action
 *
 * A is the layout's graph with self loops and rows that sum to 1.  Put your paper's reference and
 * equations here.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/recogniser.h"
#include "zoo/types.h"

/* The options of `graphop train template --set KEY=VALUE`: uint32_t for whole numbers, switches and
 * choices, double for numbers, zoo_list for lists.  The table below maps names to fields.  A file
 * holds options as text, so fields may move. */
typedef struct config {
    uint32_t observed;
    uint32_t width;
    uint32_t taps;
    double dropout;
} config;

#define AT(field) offsetof(config, field)

static const zoo_setting options[] = {
    {"observed", ZOO_SETTING_COUNT, AT(observed), 1, 4096, NULL, "50", "frames observed", NULL},
    {"width", ZOO_SETTING_COUNT, AT(width), 1, 4096, NULL, "32", "channels", NULL},
    {"taps", ZOO_SETTING_COUNT, AT(taps), 1, 99, NULL, "9",
     "frames that the temporal convolution covers, odd", NULL},
    {"dropout", ZOO_SETTING_NUMBER, AT(dropout), 0, 0.99, NULL, "0", "dropout before the scores",
     NULL},
    {0},
};

/* The first is the default. */
static const zoo_preset presets[] = {
    {"plain", "", "the defaults of all options"},
    {"wide", "width=128 dropout=0.2", "more channels"},
    {NULL, NULL, NULL},
};

/* Checks that the options fit each other and the layout. */
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

/* Records the network for a use.  It computes nothing and checks no errors: the net keeps the first
 * one, and gop_net_plan reports it.  The same function serves training and inference. */
static void record(gop_net *net, const void *configuration, const zoo_use *use, zoo_ports *ports)
{
    const config *c = configuration;

    /* Normalised poses [N B, M, T, D]: clips and their bodies, nodes, frames, channels. */
    zoo_ports p = zoo_ports_none();
    gop_var x = zoo_observe(net, use, c->observed, &p);

    /* Layers make parameters under their own name: "graph_conv.weight" and so on. */
    x = gop_layer_graph_conv(net, "graph_conv", x, graph(net, &use->domain->layout), c->width,
                             false);
    x = gop_relu(net, gop_layer_batch_norm(net, "bn1", x, 1e-5, 0.1));
    x = gop_layer_temporal_conv(net, "temporal_conv", x, c->width, c->taps,
                                (gop_conv){.pad = (c->taps - 1) / 2}, false);
    x = gop_relu(net, gop_layer_batch_norm(net, "bn2", x, 1e-5, 0.1));

    /* The mean over frames, nodes and bodies: [N, width].  zoo_classifier's input is the features that
     * graphop predict shows. */
    x = gop_dropout(net, zoo_mean_clip(net, use, &p, x), c->dropout, GOP_DROP_ELEMENTS);
    gop_var logits = zoo_classifier(net, use, &p, "scores", x);

    /* Probabilities and, in a training net, labels and cross-entropy.  A model that predicts poses
     * has zoo_predict and zoo_learn_poses here; see zoo/ltd. */
    zoo_classify(net, use, &logits, 1, NULL, &p);
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
