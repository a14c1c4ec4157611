/*
 * protogcn.c: ProtoGCN (H. Liu, Y. Liu, M. Ren, H. Wang, Y. Wang, Z. Sun, Revealing Key Details to
 * See Differences: A Novel Prototypical Perspective for Skeleton-based Action Recognition, CVPR
 * 2025): recognition by trained and inferred graphs, whose last ones are rebuilt from prototypes in
 * training and contrasted between classes.
 *
 *     Y  = relu(bn(W_post ((A + alpha S + beta P) H)) + down(X)),  H = relu(bn(W_pre X))
 *     X' = relu(tcn(Y) + res(X))
 *
 * The first line, with motion topology enhancement (section 3.2), is DG-STGCN's dynamic_graph_conv;
 * tcn is zoo_temporal_branches as in ST-GCN++.  In training, of the last block's graphs:
 *
 *     G = mean over bodies of (alpha S + beta P)             [N, M M, C]
 *     R = softmax(G W_query^T) W_memory^T                    prototype reconstruction, section 3.3
 *     z = mean over C of relu(bn(W_post R + b))              [N, M M]
 *     f = W_f z + b_f                                        [N, hidden]
 *     L = cross-entropy(scores) + weight gop_class_contrast(f)        section 3.4
 *
 * Where the text is silent, this file follows the authors' published code: dropout follows the
 * memory, the contrast's means begin standard normal and move with momentum 0.9, and its temperature
 * is 0.125.  An inference net has no prototypes.
 * Records operators of libgraphop; computes nothing.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/dgstgcn/dynamic.h"
#include "zoo/dgstgcn/dynamic_names.h"
#include "zoo/streams.h"
#include "zoo/types.h"
#include "zoo/weights/import.h"

typedef struct config {
    uint32_t observed;
    zoo_stream_set streams;
    zoo_list widths, strides; /* of each block */
    uint32_t groups;          /* of channels with a trained graph each */
    uint32_t prototypes, hidden;
    double weight;         /* of the contrast in the loss */
    double memory_dropout; /* of the rebuilt graphs; recipes' `dropout` is one of networks */
} config;

static gop_var block(gop_net *net, const config *c, size_t i, gop_var x, gop_var *inferred)
{
    static const zoo_branch branches[] = {{3, 1}, {3, 2}, {3, 3}, {3, 4}, {0, 1}, {1, 1}};
    const size_t out = c->widths.v[i], stride = c->strides.v[i];
    gop_net_push(net, "block.%zu", i);
    gop_var y = dynamic_graph_conv(net, "gcn", x, out, c->groups, inferred);
    y = zoo_temporal_branches(net, "tcn", y,
                              &(zoo_branches){branches, 6, out, stride, .mix = true});
    if (i > 0)
        y = gop_add(net, y, zoo_project(net, "res", x, out, stride, ZOO_FAN_IN));
    gop_net_pop(net);
    return gop_relu(net, y);
}

/* z [N, M M] from the inferred graphs [N B, M M, C]. */
static gop_var rebuilt(gop_net *net, const config *c, const zoo_use *use, gop_var G)
{
    const gop_shape s = gop_net_shape(net, G);
    if (gop_net_status(net) != GOP_OK)
        return gop_none();
    const size_t bodies = use->view->bodies, pairs = s.dim[1], C = s.dim[2];
    if (bodies > 1)
        G = gop_mean(net, gop_reshape(net, G, gop_shape4(s.dim[0] / bodies, bodies, pairs, C)), 1);
    gop_net_push(net, "proto");
    gop_var R = gop_softmax(net, gop_layer_linear(net, "query", G, c->prototypes, false), -1);
    R = gop_layer_linear(net, "memory", R, C, false);
    R = gop_dropout(net, R, c->memory_dropout, GOP_DROP_ELEMENTS);
    R = gop_layer_linear(net, "post", R, C, true);
    R = gop_relu(net, gop_layer_batch_norm(net, "bn", R, 1e-5, 0.1));
    gop_net_pop(net);
    return gop_mean(net, R, -1);
}

/* Adds the contrast of the classes' graphs to the loss. */
static void contrast(gop_net *net, const config *c, const zoo_use *use, zoo_ports *ports, gop_var z,
                     gop_var scores)
{
    const gop_shape means = gop_shape2(use->domain->actions, c->hidden);
    gop_var f = gop_layer_linear(net, "contrast", z, c->hidden, true);
    gop_net_push(net, "contrast");
    gop_net_first_values(net, "running_mean", gop_init_normal(1));
    gop_var m = gop_stat(net, "running_mean", means, 0);
    gop_net_pop(net);
    gop_var loss = gop_class_contrast(net, f, scores, ports->labels, m, 0.1, 0.125);
    loss = gop_scale(net, loss, c->weight);
    ports->loss_recognition = ports->loss_recognition.id < 0
                                  ? loss
                                  : gop_add(net, ports->loss_recognition, loss);
}

/* Class scores [N, classes] of one stream, before the softmax. */
static gop_var network(gop_net *net, const void *configuration, const zoo_use *use,
                       zoo_ports *ports, gop_var x)
{
    const config *c = configuration;
    const bool contrasts = gop_net_training(net) && c->weight > 0;
    gop_var last = gop_none();
    x = zoo_node_batch_norm(net, "data_bn", x, 1);
    for (size_t i = 0; i < c->widths.n; i++)
        x = block(net, c, i, x, contrasts && i + 1 == c->widths.n ? &last : NULL);
    x = zoo_mean_clip(net, use, ports, x);
    gop_var scores = zoo_classifier(net, use, ports, "fc", x);
    if (contrasts)
        contrast(net, c, use, ports, rebuilt(net, c, use, last), scores);
    return scores;
}

static void record(gop_net *net, const void *configuration, const zoo_use *use, zoo_ports *ports)
{
    const config *c = configuration;
    zoo_record_streams(net, c, use, &c->streams, c->observed, network, ports);
}

/* ---------------------------------------------------------------------- options */

#define AT(field) offsetof(config, field)

static const zoo_setting options[] = {
    {"observed", ZOO_SETTING_COUNT, AT(observed), 1, 4096, NULL, "100", "frames observed", NULL},
    ZOO_STREAM_OPTIONS(config, streams),
    {"widths", ZOO_SETTING_LIST, AT(widths), 6, 4096, NULL, "96,96,96,96,192,192,192,384,384,384",
     "channels out of each block", NULL},
    {"strides", ZOO_SETTING_LIST, AT(strides), 1, 16, NULL, "1,1,1,1,2,1,1,2,1,1",
     "stride of each temporal part", NULL},
    {"groups", ZOO_SETTING_COUNT, AT(groups), 1, 64, NULL, "8",
     "groups of channels, each with a trained graph", NULL},
    {"prototypes", ZOO_SETTING_COUNT, AT(prototypes), 1, 65536, NULL, "400",
     "prototypes from which the last graphs are rebuilt in training", "weight!0"},
    {"hidden", ZOO_SETTING_COUNT, AT(hidden), 1, 4096, NULL, "256",
     "channels of the features that are contrasted", "weight!0"},
    {"weight", ZOO_SETTING_NUMBER, AT(weight), 0, 100, NULL, "0.2",
     "weight of the contrast in the loss; 0: none", NULL},
    {"memory_dropout", ZOO_SETTING_NUMBER, AT(memory_dropout), 0, 0.99, NULL, "0.1",
     "dropout after the memory of prototypes", "weight!0"},
    {0},
};

static const zoo_preset presets[] = {
    {"published", "", "the ten blocks of the authors' code"},
    {"small", "widths=32,32,64,64,128,128 strides=1,1,2,1,2,1 prototypes=100 hidden=64",
     "for small data"},
    {NULL, NULL, NULL},
};

static gop_status check(const void *configuration, const zoo_domain *domain, gop_error *err)
{
    const config *c = configuration;
    (void)domain;
    gop_try(zoo_check_streams(&c->streams, err));
    gop_try(zoo_check_blocks(&c->widths, &c->strides, 3, err));
    return dynamic_check(&c->widths, c->groups, err);
}

/* ---------------------------------------------------------------------- imports */

/* What only training reads is left out: training begins it anew. */
static const zoo_import_row authors_rows[] = {
    PYSKL_ENDS,
    DYNAMIC_ROWS,
    {"backbone.prn", NULL, NULL},
    {"backbone.post", NULL, NULL},
    {"backbone.bn", NULL, NULL},
    {"cls_head.csc_loss", NULL, NULL},
    {NULL, NULL, NULL},
};

static const zoo_import_rule authors_rules[] = {
    DYNAMIC_RULES,
    {NULL, ZOO_IMPORT_VALUE, NULL, 0, NULL, 0},
};

static const char *const assumes[] = {
    "the prototypes and the contrast, which only training reads, begin anew", NULL};

static const zoo_import imports[] = {
    {.name = "authors", .rows = authors_rows, .rules = authors_rules, .assumes = assumes},
    {.name = NULL},
};

const zoo_model_type protogcn_type = {
    .name = "protogcn",
    .text = "ProtoGCN, inferred graphs contrasted by prototypes: recognises an action",
    .reference = "H. Liu, Y. Liu, M. Ren, H. Wang, Y. Wang, Z. Sun, Revealing Key Details to See "
                 "Differences: A Novel Prototypical Perspective for Skeleton-based Action "
                 "Recognition, CVPR 2025",
    .config_size = sizeof(config),
    .options = options,
    .presets = presets,
    .check = check,
    .record = record,
    .fusion = &zoo_stream_fusion,
    .widths = "widths",
    .imports = imports,
};
