/*
 * stgcn.c: ST-GCN, spatial temporal graph convolutional networks (S. Yan, Y. Xiong, D. Lin, AAAI
 * 2018): recognition by convolutions over a fixed graph, partitioned by the distance to the body's
 * centre, with trained edge weights.
 *
 *     Z = sum_k (A_k (.) M_k) (X W_k^T + b_k)              eq. 10, section 3.6
 *     X' = relu(dropout(bn(TC(relu(bn(Z))))) + residual)   section 3.5
 *
 * A_k, k = root, centripetal, centrifugal, is GOP_GRAPH_SPATIAL (section 3.3); M_k starts at 1.  As
 * in the authors' published code, each row of sum_k A_k sums to 1 (eq. 10 normalises each A_k by
 * rows and columns), the first block has neither residual nor dropout, and there is a tenth block
 * before the nine of the paper; preset `paper` has nine.  With importance=offset, as in a form of
 * pyskl's, A_k + M_k takes the place of A_k (.) M_k, and M_k starts at random within 1e-6.
 * Without padding the residual is cropped to the frames of the convolution (Hedegaard et al. 2023).
 * Records operators of libgraphop; computes nothing but the graph of the layout.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/streams.h"
#include "zoo/temporal.h"
#include "zoo/types.h"
#include "zoo/weights/import.h"

enum { LAYOUT, STORED };
enum { NO_IMPORTANCE, IMPORTANCE, OFFSET };

typedef struct config {
    uint32_t observed;
    zoo_stream_set set;
    zoo_list widths, strides; /* of each block */
    uint32_t taps;            /* frames of a temporal convolution */
    uint32_t importance; /* trained M, IMPORTANCE: A (.) M; OFFSET, as pyskl has it, too: A + M */
    uint32_t graph;      /* of the layout, or stored in the model */
    uint32_t padding;    /* a zoo_padding */
    double dropout;
} config;

/* State that the blocks share while the network is recorded. */
typedef struct stgcn {
    gop_net *net;
    const config *c;
    gop_var A; /* [3, M, M] */
} stgcn;

static gop_var norm(const stgcn *s, const char *name, gop_var x)
{
    return gop_layer_batch_norm(s->net, name, x, 1e-5, 0.1);
}

/* A_k of a model of another program, whose partition is not the layout's: a statistic that nothing
 * updates. */
static gop_var stored_graph(const stgcn *s)
{
    gop_net_push(s->net, "gcn");
    gop_var A = gop_stat(s->net, "A", gop_net_shape(s->net, s->A), 0);
    gop_net_pop(s->net);
    return A;
}

/* Z = sum_k (A_k (.) M_k) (X W_k^T + b_k) */
static gop_var graph_convolution(const stgcn *s, gop_var x, size_t out)
{
    gop_net *net = s->net;
    gop_var A = s->A;
    if (s->c->graph == STORED)
        A = stored_graph(s);
    const gop_shape graphs = gop_net_shape(net, A);
    if (s->c->importance == IMPORTANCE)
        A = gop_mul(net, A, gop_param(net, "importance", graphs, gop_init_constant(1)));
    else if (s->c->importance == OFFSET)
        A = gop_add(net, A, gop_param(net, "importance", graphs, gop_init_uniform(1e-6)));
    return zoo_subset_conv(net, "gcn", x, A, out);
}

/* The input, or a strided 1x1 convolution with batch norm if shapes change. */
static gop_var residual(const stgcn *s, gop_var x, size_t out, size_t stride)
{
    if (gop_net_shape(s->net, x).dim[3] == out && stride == 1)
        return x;
    return norm(
        s, "res_bn",
        gop_layer_temporal_conv(s->net, "res", x, out, 1, (gop_conv){.stride = stride}, true));
}

static gop_var block(const stgcn *s, size_t i, gop_var x)
{
    gop_net *net = s->net;
    const size_t out = s->c->widths.v[i], stride = s->c->strides.v[i], taps = s->c->taps;
    const zoo_padding padding = (zoo_padding)s->c->padding;
    gop_net_push(net, "block.%zu", i);
    gop_var y = gop_relu(net, norm(s, "bn1", graph_convolution(s, x, out)));
    y = gop_layer_temporal_conv(net, "tcn", y, out, taps,
                                zoo_padded((gop_conv){.stride = stride}, taps, padding), true);
    y = norm(s, "bn2", y);
    if (i > 0 && gop_net_status(net) == GOP_OK)
        y = gop_add(net, gop_dropout(net, y, s->c->dropout, GOP_DROP_ELEMENTS),
                    residual(s, zoo_beside(net, x, taps, padding), out, stride));
    gop_net_pop(net);
    return gop_relu(net, y);
}

static gop_var network(gop_net *net, const void *configuration, const zoo_use *use,
                       zoo_ports *ports, gop_var x)
{
    const config *c = configuration;
    const stgcn s = {net, c, zoo_spatial_partition(net, &use->domain->layout, false)};
    x = zoo_node_batch_norm(net, "data_bn", x, 1);
    for (size_t i = 0; i < c->widths.n; i++)
        x = block(&s, i, x);
    x = zoo_mean_clip(net, use, ports, x); /* [N, C] */
    return zoo_classifier(net, use, ports, "fc", x);
}

static void record(gop_net *net, const void *configuration, const zoo_use *use, zoo_ports *ports)
{
    const config *c = configuration;
    zoo_record_streams(net, c, use, &c->set, c->observed, network, ports);
}

/* ---------------------------------------------------------------------- options */

#define AT(field) offsetof(config, field)

static const zoo_setting options[] = {
    {"observed", ZOO_SETTING_COUNT, AT(observed), 1, 4096, NULL, "50", "frames observed", NULL},
    ZOO_STREAM_OPTIONS(config, set),
    {"widths", ZOO_SETTING_LIST, AT(widths), 1, 4096, NULL, "64,64,64,64,128,128,128,256,256,256",
     "channels out of each block", NULL},
    {"strides", ZOO_SETTING_LIST, AT(strides), 1, 16, NULL, "1,1,1,1,2,1,1,2,1,1",
     "stride of each temporal convolution", NULL},
    {"taps", ZOO_SETTING_COUNT, AT(taps), 1, 99, NULL, "9",
     "frames that each temporal convolution covers, odd", NULL},
    {"importance", ZOO_SETTING_CHOICE, AT(importance), 0, 0, "0|1|offset", "1",
     "trained edge weights in each block; offset: added to those of the graph", NULL},
    {"graph", ZOO_SETTING_CHOICE, AT(graph), 0, 0, "layout|stored", "layout",
     "the layout's graph, or constant ones stored in the model, which an import fills", NULL},
    {"dropout", ZOO_SETTING_NUMBER, AT(dropout), 0, 0.99, NULL, "0.5",
     "dropout after the temporal convolutions", NULL},
    ZOO_PADDING_OPTION(config, padding),
    {0},
};

static const zoo_preset presets[] = {
    {"published", "", "the ten blocks of the authors' code"},
    {"paper", "widths=64,64,64,128,128,128,256,256,256 strides=1,1,1,2,1,1,2,1,1",
     "the nine blocks of the paper's text"},
    {"small", "widths=32,32,64,64,128,128 strides=1,1,2,1,2,1 dropout=0.1", "for small data"},
    {NULL, NULL, NULL},
};

static gop_status check(const void *configuration, const zoo_domain *domain, gop_error *err)
{
    const config *c = configuration;
    (void)domain;
    gop_try(zoo_check_streams(&c->set, err));
    gop_try(zoo_check_blocks(&c->widths, &c->strides, c->taps, err));
    return zoo_check_padding((zoo_padding)c->padding, &c->strides, c->taps, c->observed, err);
}

/* ---------------------------------------------------------------------- imports */

static const zoo_import_row pyskl_rows[] = {
    {"backbone.data_bn", "data_bn", NULL},
    {"backbone.gcn.#.gcn.A", "block.#.gcn.A", "graph"},
    {"backbone.gcn.#.gcn.PA", "block.#.importance", "graph"},
    {"backbone.gcn.#.gcn.conv.weight", "block.#.gcn.conv.weight", "stack"},
    {"backbone.gcn.#.gcn.conv.bias", "block.#.gcn.bias", "stack bias"},
    {"backbone.gcn.#.gcn.bn", "block.#.bn1", NULL},
    {"backbone.gcn.#.tcn.conv", "block.#.tcn", "tc"},
    {"backbone.gcn.#.tcn.bn", "block.#.bn2", NULL},
    {"backbone.gcn.#.residual.conv", "block.#.res", "tc"},
    {"backbone.gcn.#.residual.bn", "block.#.res_bn", NULL},
    {"cls_head.fc_cls", "fc", NULL},
    {"cls_head.fc", "fc", NULL}, /* of mmaction */
    {NULL, NULL, NULL},
};

static const zoo_import_rule pyskl_rules[] = {
    {"widths", ZOO_IMPORT_SIZE, "backbone.gcn.#.tcn.conv.weight", 0, NULL, 0},
    {"strides", ZOO_IMPORT_STRIDES, "backbone.gcn.#.residual.conv.weight", 0, NULL, 0},
    {"taps", ZOO_IMPORT_SIZE, "backbone.gcn.#.tcn.conv.weight", 2, NULL, 0},
    {"importance", ZOO_IMPORT_PRESENT, "backbone.gcn.#.gcn.PA", 0, NULL, 0},
    {"graph", ZOO_IMPORT_PRESENT, "backbone.gcn.#.gcn.A", 0, NULL, 0},
    {"dropout", ZOO_IMPORT_VALUE, "0", 0, NULL, 0},
    {NULL, ZOO_IMPORT_VALUE, NULL, 0, NULL, 0},
};

/* The rows of the authors' program, and of mmaction before its version 1. */
#define AUTHORS(prefix)                                                                   \
    {prefix "data_bn", "data_bn", NULL}, {prefix "A", "block.#.gcn.A", "graph"},          \
        {prefix "edge_importance.#", "block.#.importance", "graph"},                      \
        {prefix "st_gcn_networks.#.gcn.conv.weight", "block.#.gcn.conv.weight", "stack"}, \
        {prefix "st_gcn_networks.#.gcn.conv.bias", "block.#.gcn.bias", "stack bias"},     \
        {prefix "st_gcn_networks.#.tcn.0", "block.#.bn1", NULL},                          \
        {prefix "st_gcn_networks.#.tcn.2", "block.#.tcn", "tc"},                          \
        {prefix "st_gcn_networks.#.tcn.3", "block.#.bn2", NULL},                          \
        {prefix "st_gcn_networks.#.residual.0", "block.#.res", "tc"},                     \
    {                                                                                     \
        prefix "st_gcn_networks.#.residual.1", "block.#.res_bn", NULL                     \
    }
#define AUTHORS_RULES(prefix)                                                                      \
    {"widths", ZOO_IMPORT_SIZE, prefix "st_gcn_networks.#.tcn.2.weight", 0, NULL, 0},              \
        {"strides", ZOO_IMPORT_STRIDES, prefix "st_gcn_networks.#.residual.0.weight", 0, NULL, 0}, \
        {"taps", ZOO_IMPORT_SIZE, prefix "st_gcn_networks.#.tcn.2.weight", 2, NULL, 0},            \
        {"importance", ZOO_IMPORT_PRESENT, prefix "edge_importance.#", 0, NULL, 0},                \
        {"graph", ZOO_IMPORT_PRESENT, prefix "A", 0, NULL, 0},                                     \
    {                                                                                              \
        NULL, ZOO_IMPORT_VALUE, NULL, 0, NULL, 0                                                   \
    }

static const zoo_import_row authors_rows[] = {AUTHORS(""), {"fcn", "fc", NULL}, {NULL, NULL, NULL}};
static const zoo_import_rule authors_rules[] = {AUTHORS_RULES("")};
static const zoo_import_row mmaction_rows[] = {
    AUTHORS("backbone."), {"cls_head.fc", "fc", NULL}, {NULL, NULL, NULL}};
static const zoo_import_rule mmaction_rules[] = {AUTHORS_RULES("backbone.")};

static const char *const stored[] = {
    "graph=stored: the constant graphs of the file take the place of the layout's", NULL};

static const zoo_import imports[] = {
    {.name = "pyskl", .rows = pyskl_rows, .rules = pyskl_rules, .assumes = stored},
    {.name = "authors", .rows = authors_rows, .rules = authors_rules, .assumes = stored},
    {.name = "mmaction", .rows = mmaction_rows, .rules = mmaction_rules, .assumes = stored},
    {.name = NULL},
};

const zoo_model_type stgcn_type = {
    .name = "stgcn",
    .text = "Spatial Temporal Graph Convolutional Network: recognises an action",
    .reference = "S. Yan, Y. Xiong, D. Lin, Spatial Temporal Graph Convolutional Networks for "
                 "Skeleton-Based Action Recognition, AAAI 2018",
    .config_size = sizeof(config),
    .options = options,
    .presets = presets,
    .check = check,
    .record = record,
    .fusion = &zoo_stream_fusion,
    .widths = "widths",
    .imports = imports,
};
