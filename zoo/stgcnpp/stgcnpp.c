/*
 * stgcnpp.c: ST-GCN++ (H. Duan, J. Wang, K. Chen, D. Lin, PYSKL: Towards Good Practices for
 * Skeleton Action Recognition, ACM MM 2022): ST-GCN with trained graphs, a residual inside the
 * spatial part, and temporal convolutions of several dilations side by side.
 *
 *     Z  = sum_k A_k (X W_k^T + b_k)
 *     Y  = relu(bn(Z) + down(X))                    section 3.2, the spatial module
 *     X' = relu(tcn(Y) + res(X))
 *
 * The A_k [3, M, M] are trained as they stand and begin as GOP_GRAPH_SPATIAL with rows that sum to 1
 * in each.  tcn is zoo_temporal_branches: four convolutions of three taps with dilations 1 to 4, a
 * maximum of three frames, one tap; they are joined, normalised and mixed (section 3.2, the temporal
 * module).  down and res are projections where channels or frames change.  Where the text is silent,
 * this file follows the authors' published code: the first branch has the channels that the division
 * by six leaves over, the first block has no res, b_k is added before A_k, and nothing is dropped.
 * Records operators of libgraphop; computes nothing but the graph of the layout.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/streams.h"
#include "zoo/temporal.h"
#include "zoo/types.h"
#include "zoo/weights/import.h"
#include "zoo/weights/pyskl.h"

#include <math.h>

typedef struct config {
    uint32_t observed;
    zoo_stream_set streams;
    zoo_list widths, strides; /* of each block */
    uint32_t padding;         /* a zoo_padding */
} config;

/* State that the blocks share while a network is recorded. */
typedef struct stgcnpp {
    gop_net *net;
    const config *c;
    const zoo_layout *layout;
} stgcnpp;

/* Y = relu(bn(sum_k A_k (X W_k^T + b_k)) + down(X)) */
static gop_var spatial(const stgcnpp *s, gop_var x, size_t out)
{
    gop_net *net = s->net;
    const gop_shape in = gop_net_shape(net, x);
    if (gop_net_status(net) != GOP_OK)
        return gop_none();
    const gop_init begin = gop_init_uniform(1 / sqrt((double)in.dim[3]));
    gop_net_push(net, "gcn");
    gop_var A = zoo_trained_partition(net, "A", s->layout, false);
    gop_param(net, "conv.weight", gop_shape3(3, out, in.dim[3]), begin);
    gop_param(net, "bias", gop_shape2(out, 3), begin);
    gop_net_pop(net);
    gop_var z = zoo_subset_conv(net, "gcn", x, A, out);
    gop_net_push(net, "gcn");
    z = gop_layer_batch_norm(net, "bn", z, 1e-5, 0.1);
    z = gop_add(net, z, zoo_project(net, "down", x, out, 1, ZOO_FAN_IN));
    gop_net_pop(net);
    return gop_relu(net, z);
}

static const zoo_branch branches[] = {{3, 1}, {3, 2}, {3, 3}, {3, 4}, {0, 1}, {1, 1}};

static zoo_branches temporal(const config *c, size_t i)
{
    return (zoo_branches){branches,
                          6,
                          c->widths.v[i],
                          c->strides.v[i],
                          .mix = true,
                          .begin = ZOO_FAN_IN,
                          .padding = (zoo_padding)c->padding};
}

static gop_var block(const stgcnpp *s, size_t i, gop_var x)
{
    gop_net *net = s->net;
    const size_t out = s->c->widths.v[i], stride = s->c->strides.v[i];
    gop_net_push(net, "block.%zu", i);
    const zoo_branches tcn = temporal(s->c, i);
    gop_var y = zoo_temporal_branches(net, "tcn", spatial(s, x, out), &tcn);
    if (i > 0) {
        x = zoo_beside(net, x, zoo_branches_span(&tcn), tcn.padding);
        y = gop_add(net, y, zoo_project(net, "res", x, out, stride, ZOO_FAN_IN));
    }
    gop_net_pop(net);
    return gop_relu(net, y);
}

/* Class scores [N, classes] of one stream, before the softmax. */
static gop_var network(gop_net *net, const void *configuration, const zoo_use *use,
                       zoo_ports *ports, gop_var x)
{
    const stgcnpp s = {net, configuration, &use->domain->layout};
    x = zoo_node_batch_norm(net, "data_bn", x, 1);
    for (size_t i = 0; i < s.c->widths.n; i++)
        x = block(&s, i, x);
    x = zoo_mean_clip(net, use, ports, x);
    return zoo_classifier(net, use, ports, "fc", x);
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
    {"widths", ZOO_SETTING_LIST, AT(widths), 6, 4096, NULL, "64,64,64,64,128,128,128,256,256,256",
     "channels out of each block", NULL},
    {"strides", ZOO_SETTING_LIST, AT(strides), 1, 16, NULL, "1,1,1,1,2,1,1,2,1,1",
     "stride of each temporal part", NULL},
    ZOO_PADDING_OPTION(config, padding),
    {0},
};

static const zoo_preset presets[] = {
    {"published", "", "the ten blocks of the authors' code"},
    {"small", "widths=32,32,64,64,128,128 strides=1,1,2,1,2,1", "for small data"},
    {NULL, NULL, NULL},
};

static gop_status check(const void *configuration, const zoo_domain *domain, gop_error *err)
{
    const config *c = configuration;
    (void)domain;
    gop_try(zoo_check_streams(&c->streams, err));
    gop_try(zoo_check_blocks(&c->widths, &c->strides, 3, err));
    const zoo_branches tcn = temporal(c, 0);
    return zoo_check_padding((zoo_padding)c->padding, &c->strides, zoo_branches_span(&tcn),
                             c->observed, err);
}

/* ---------------------------------------------------------------------- imports */

static const zoo_import_row pyskl_rows[] = {
    PYSKL_ENDS,
    {"backbone.gcn.#.gcn.A", "block.#.gcn.A", "graph"},
    {"backbone.gcn.#.gcn.conv.weight", "block.#.gcn.conv.weight", "stack"},
    {"backbone.gcn.#.gcn.conv.bias", "block.#.gcn.bias", "stack bias"},
    {"backbone.gcn.#.gcn.bn", "block.#.gcn.bn", NULL},
    PYSKL_PROJECTIONS,
    PYSKL_BRANCHES,
    {NULL, NULL, NULL},
};

static const zoo_import_rule pyskl_rules[] = {
    PYSKL_WIDTHS,
    {NULL, ZOO_IMPORT_VALUE, NULL, 0, NULL, 0},
};

static const zoo_import imports[] = {
    {.name = "pyskl", .rows = pyskl_rows, .rules = pyskl_rules},
    {.name = NULL},
};

const zoo_model_type stgcnpp_type = {
    .name = "stgcnpp",
    .text = "ST-GCN++, trained graphs and several dilations: recognises an action",
    .reference = "H. Duan, J. Wang, K. Chen, D. Lin, PYSKL: Towards Good Practices for Skeleton "
                 "Action Recognition, ACM MM 2022",
    .config_size = sizeof(config),
    .options = options,
    .presets = presets,
    .check = check,
    .record = record,
    .fusion = &zoo_stream_fusion,
    .widths = "widths",
    .imports = imports,
};
