/*
 * dgstgcn.c: DG-STGCN (H. Duan, J. Wang, K. Chen, D. Lin, Dynamic Spatial-Temporal Modeling for
 * Skeleton-based Action Recognition, arXiv 2210.05895, 2022): recognition without a given graph, by
 * graphs that are trained and inferred, and temporal convolutions that also see the mean of the
 * nodes.
 *
 *     Y  = relu(bn(W_post ((A + alpha S + beta P) H)) + down(X)),  H = relu(bn(W_pre X))
 *     X' = relu(tcn(Y) + res(X))
 *
 * The first line, DG-GCN (section 3.2), is dynamic_graph_conv; A begins near 0.04 in all places, and
 * alpha and beta begin at 0.  tcn, DG-TCN (section 3.3), is zoo_temporal_branches: the branches of
 * ST-GCN++, through which the mean over the nodes passes as one more node; node m gets gamma[m]
 * times it.  res is a projection where channels or frames change.  Where the text is silent, this
 * file follows the authors' published code: the first block has no res, and the mean of the nodes
 * counts in the statistics of the branches' batch norms.
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
} config;

static gop_var block(gop_net *net, const config *c, size_t i, gop_var x)
{
    static const zoo_branch branches[] = {{3, 1}, {3, 2}, {3, 3}, {3, 4}, {0, 1}, {1, 1}};
    const size_t out = c->widths.v[i], stride = c->strides.v[i];
    gop_net_push(net, "block.%zu", i);
    gop_var y = dynamic_graph_conv(net, "gcn", x, out, c->groups, NULL);
    y = zoo_temporal_branches(
        net, "tcn", y, &(zoo_branches){branches, 6, out, stride, .mix = true, .mean_node = true});
    if (i > 0)
        y = gop_add(net, y, zoo_project(net, "res", x, out, stride, ZOO_FAN_IN));
    gop_net_pop(net);
    return gop_relu(net, y);
}

/* Class scores [N, classes] of one stream, before the softmax. */
static gop_var network(gop_net *net, const void *configuration, const zoo_use *use,
                       zoo_ports *ports, gop_var x)
{
    const config *c = configuration;
    x = zoo_node_batch_norm(net, "data_bn", x, 1);
    for (size_t i = 0; i < c->widths.n; i++)
        x = block(net, c, i, x);
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
    {"groups", ZOO_SETTING_COUNT, AT(groups), 1, 64, NULL, "8",
     "groups of channels, each with a trained graph", NULL},
    {0},
};

static const zoo_preset presets[] = {
    {"published", "", "the ten blocks of the paper and of the authors' code"},
    {"small", "widths=32,32,64,64,128,128 strides=1,1,2,1,2,1", "for small data"},
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

static const zoo_import_row pyskl_rows[] = {
    PYSKL_ENDS,
    DYNAMIC_ROWS,
    {"backbone.gcn.#.tcn.add_coeff", "block.#.tcn.gamma", NULL},
    {NULL, NULL, NULL},
};

static const zoo_import_rule pyskl_rules[] = {
    DYNAMIC_RULES,
    {NULL, ZOO_IMPORT_VALUE, NULL, 0, NULL, 0},
};

static const zoo_import imports[] = {
    {.name = "pyskl", .rows = pyskl_rows, .rules = pyskl_rules},
    {.name = NULL},
};

const zoo_model_type dgstgcn_type = {
    .name = "dgstgcn",
    .text = "DG-STGCN, trained and inferred graphs: recognises an action",
    .reference = "H. Duan, J. Wang, K. Chen, D. Lin, DG-STGCN: Dynamic Spatial-Temporal Modeling "
                 "for Skeleton-based Action Recognition, 2022",
    .config_size = sizeof(config),
    .options = options,
    .presets = presets,
    .check = check,
    .record = record,
    .fusion = &zoo_stream_fusion,
    .widths = "widths",
    .imports = imports,
};
