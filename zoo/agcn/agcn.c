/*
 * agcn.c: 2s-AGCN, two-stream adaptive graph convolutional networks (L. Shi, Y. Zhang, J. Cheng, H.
 * Lu, CVPR 2019): recognition by convolutions over fixed, trained and inferred graphs, on joints,
 * on bones, or on both, as on their motion.
 *
 *     Z = sum_k (A_k + B_k + C_k) X W_k^T + b_k            eq. 3
 *     C_k = softmax(theta_k(X)^T phi_k(X) / (C_e T))       eq. 4
 *     X' = relu(bn(TC(relu(bn(Z) + residual))) + residual) section 4.2
 *
 * A_k is GOP_GRAPH_SPATIAL with rows that sum to 1, B_k is trained from near 0, theta_k and phi_k
 * are linear maps to C_e = C' / 4 channels.  With two streams the probabilities are averaged
 * (section 4.3).  Where the text is ambiguous, this file follows the authors' published code.
 * Records operators of libgraphop; computes nothing but the graph of the layout.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/streams.h"
#include "zoo/types.h"
#include "zoo/weights/import.h"

#include <math.h>

enum { SUBSETS = 3 };

typedef struct config {
    uint32_t observed;
    zoo_stream_set set;
    zoo_list widths, strides; /* of each block */
    uint32_t taps;            /* frames of a temporal convolution */
    uint32_t shrink;          /* C' / C_e */
} config;

/* State that the blocks share while the network is recorded. */
typedef struct agcn {
    gop_net *net;
    const config *c;
    gop_var A; /* [SUBSETS, M, M] */
} agcn;

static gop_var norm(const agcn *s, const char *name, gop_var x)
{
    return gop_layer_batch_norm(s->net, name, x, 1e-5, 0.1);
}

/* (4) C_k [N, M, M]: row i is a softmax over the source nodes j. */
static gop_var inferred(const agcn *s, gop_var x, size_t k, size_t out)
{
    gop_net *net = s->net;
    const gop_shape in = gop_net_shape(net, x);
    if (gop_net_status(net) != GOP_OK)
        return gop_none();
    const size_t wide = out / s->c->shrink > 0 ? out / s->c->shrink : 1, D = in.dim[2] * wide;
    const gop_shape flat = gop_shape3(in.dim[0], in.dim[1], D);
    gop_net_push(net, "graph.%zu", k);
    gop_var theta = gop_reshape(net, gop_layer_linear(net, "theta", x, wide, true), flat);
    gop_var phi = gop_reshape(net, gop_layer_linear(net, "phi", x, wide, true), flat);
    gop_net_pop(net);
    return gop_softmax_adjacency(net, gop_scale(net, phi, 1 / (double)D), theta);
}

/* (3), with a bias for each k as published. */
static gop_var graph_convolution(const agcn *s, gop_var x, size_t out)
{
    gop_net *net = s->net;
    const gop_shape in = gop_net_shape(net, x), stack = gop_net_shape(net, s->A);
    if (gop_net_status(net) != GOP_OK)
        return gop_none();
    const size_t N = in.dim[0], M = in.dim[1];
    gop_var B = gop_param(net, "B", stack, gop_init_constant(1e-6));
    gop_var fixed = gop_add(net, s->A, B), G[SUBSETS], W[SUBSETS], b[SUBSETS];
    for (size_t k = 0; k < SUBSETS; k++) {
        gop_var one = gop_repeat(net, gop_slice(net, fixed, 0, k, 1), 0, N);
        G[k] = gop_add(net, inferred(s, x, k, out), gop_reshape(net, one, gop_shape3(N, M, M)));
        gop_net_push(net, "conv.%zu", k);
        W[k] = gop_param(net, "weight", gop_shape2(out, in.dim[3]),
                         gop_init_normal(sqrt(2.0 / (double)(SUBSETS * out * in.dim[3]))));
        b[k] = gop_param(net, "bias", gop_shape1(out), gop_init_constant(0));
        gop_net_pop(net);
    }
    gop_var z = gop_graph_conv(net, x, G, W, NULL, SUBSETS);
    return gop_bias(net, z, gop_add(net, gop_add(net, b[0], b[1]), b[2]));
}

/* The input, or a 1x1 convolution with batch norm if shapes change. */
static gop_var residual(const agcn *s, const char *name, gop_var x, size_t out, size_t stride)
{
    gop_net *net = s->net;
    if (gop_net_status(net) != GOP_OK)
        return gop_none();
    if (gop_net_shape(net, x).dim[3] == out && stride == 1)
        return x;
    gop_net_push(net, "%s", name);
    gop_var y = gop_layer_temporal_conv(net, "conv", x, out, 1, (gop_conv){.stride = stride}, true);
    y = norm(s, "bn", y);
    gop_net_pop(net);
    return y;
}

static gop_var block(const agcn *s, size_t i, gop_var x)
{
    gop_net *net = s->net;
    const size_t out = s->c->widths.v[i], stride = s->c->strides.v[i], taps = s->c->taps;
    gop_net_push(net, "block.%zu", i);
    /* bn1's weight starts near 0, so that the block begins as its residual. */
    gop_param(net, "bn1.weight", gop_shape1(out), gop_init_constant(1e-6));
    gop_var y = norm(s, "bn1", graph_convolution(s, x, out));
    y = gop_relu(net, gop_add(net, y, residual(s, "down", x, out, 1)));
    y = gop_layer_temporal_conv(net, "tcn", y, out, taps,
                                (gop_conv){.stride = stride, .pad = (taps - 1) / 2}, true);
    y = norm(s, "bn2", y);
    if (i > 0)
        y = gop_add(net, y, residual(s, "res", x, out, stride));
    gop_net_pop(net);
    return gop_relu(net, y);
}

/* Class scores [N, classes] of one stream, before the softmax.  The parameters of a single network
 * have its stream's name before theirs, too. */
static gop_var network(gop_net *net, const void *configuration, const zoo_use *use,
                       zoo_ports *ports, gop_var x)
{
    const config *c = configuration;
    const agcn s = {net, c, zoo_spatial_partition(net, &use->domain->layout, true)};
    const char *single = zoo_stream_name(c->set.streams);
    if (single != NULL)
        gop_net_push(net, "%s", single);
    x = zoo_node_batch_norm(net, "data_bn", x, use->view->bodies);
    for (size_t i = 0; i < c->widths.n; i++)
        x = block(&s, i, x);
    x = zoo_mean_clip(net, use, ports, x); /* [N, C] */
    x = zoo_classifier(net, use, ports, "fc", x);
    if (single != NULL)
        gop_net_pop(net);
    return x;
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
    {"shrink", ZOO_SETTING_COUNT, AT(shrink), 1, 64, NULL, "4",
     "channels out of a block divided by the channels that its graph is inferred from", NULL},
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
    gop_try(zoo_check_streams(&c->set, err));
    return zoo_check_blocks(&c->widths, &c->strides, c->taps, err);
}

/* The parameters' names already contain their stream. */
static gop_status fuse(const zoo_model_type *type, void *configuration,
                       char (*prefix)[ZOO_NAME_SIZE], const void *const *configs, size_t n,
                       size_t *which, gop_error *err)
{
    gop_try(zoo_stream_fusion.fuse(type, configuration, prefix, configs, n, which, err));
    for (size_t i = 0; i < n; i++)
        prefix[i][0] = '\0';
    return GOP_OK;
}

static const zoo_fusion fusion = {fuse};

/* ---------------------------------------------------------------------- imports */

/* The authors' names, for the network of one stream. */
#define AUTHORS(stream)                                                                           \
    {"data_bn", stream "data_bn", NULL}, {"l#.gcn1.PA", stream "block.#.B", "graph"},             \
        {"l#.gcn1.conv_d.$", stream "block.#.conv.$", NULL},                                      \
        {"l#.gcn1.conv_a.$", stream "block.#.graph.$.theta", NULL},                               \
        {"l#.gcn1.conv_b.$", stream "block.#.graph.$.phi", NULL},                                 \
        {"l#.gcn1.bn", stream "block.#.bn1", NULL},                                               \
        {"l#.gcn1.down.0", stream "block.#.down.conv", "tc"},                                     \
        {"l#.gcn1.down.1", stream "block.#.down.bn", NULL},                                       \
        {"l#.tcn1.conv", stream "block.#.tcn", "tc"}, {"l#.tcn1.bn", stream "block.#.bn2", NULL}, \
        {"l#.residual.conv", stream "block.#.res.conv", "tc"},                                    \
        {"l#.residual.bn", stream "block.#.res.bn", NULL},                                        \
    {                                                                                             \
        "fc", stream "fc", NULL                                                                   \
    }

static const zoo_import_row authors_rows[] = {AUTHORS("joint."),
                                              AUTHORS("bone."),
                                              AUTHORS("joint_motion."),
                                              AUTHORS("bone_motion."),
                                              {NULL, NULL, NULL}};

static const zoo_import_rule authors_rules[] = {
    {"widths", ZOO_IMPORT_SIZE, "l#.gcn1.bn.weight", 0, NULL, 0},
    {"strides", ZOO_IMPORT_STRIDES, "l#.residual.conv.weight", 0, NULL, 0},
    {"taps", ZOO_IMPORT_SIZE, "l#.tcn1.conv.weight", 2, NULL, 0},
    {"shrink", ZOO_IMPORT_RATIO, "l#.gcn1.bn.weight", 0, "l#.gcn1.conv_a.0.weight", 0},
    {NULL, ZOO_IMPORT_VALUE, NULL, 0, NULL, 0},
};

static const char *const assumes[] = {
    "the fixed graphs, which the file lacks, are those of the layout", NULL};

static const zoo_import imports[] = {
    {.name = "authors",
     .rows = authors_rows,
     .rules = authors_rules,
     .classes = "joint.fc.weight",
     .nodes = "joint.data_bn.weight",
     .each_body = true,
     .first = 1,
     .assumes = assumes},
    {.name = NULL},
};

const zoo_model_type agcn_type = {
    .name = "agcn",
    .text = "Two-Stream Adaptive Graph Convolutional Network: recognises an action",
    .reference = "L. Shi, Y. Zhang, J. Cheng, H. Lu, Two-Stream Adaptive Graph Convolutional "
                 "Networks for Skeleton-Based Action Recognition, CVPR 2019",
    .config_size = sizeof(config),
    .options = options,
    .presets = presets,
    .check = check,
    .record = record,
    .fusion = &fusion,
    .widths = "widths",
    .imports = imports,
};
