/*
 * aagcn.c: AAGCN, the network of MS-AAGCN, multi-stream attention-enhanced adaptive graph
 * convolutional networks (L. Shi, Y. Zhang, J. Cheng, H. Lu, IEEE TIP 2020): 2s-AGCN with a trained
 * graph that begins as the skeleton's, a gate on the inferred graph, and attention to joints, frames
 * and channels.
 *
 *     Z   = sum_k (B_k + alpha C_k) X W_k^T + b_k             section III-B
 *     C_k = tanh(phi_k(X) theta_k(X)^T / (C_e T))
 *     Y   = relu(bn(Z) + X)
 *     Y   = Y + Y sigmoid(g_s(mean_t Y))                      joints, section III-C
 *     Y   = Y + Y sigmoid(g_t(mean_v Y))                      frames
 *     Y   = Y + Y sigmoid(W_2 relu(W_1 mean_tv Y))            channels
 *     X'  = relu(bn(TC(Y)) + X)                               section III-D
 *
 * B_k begins as GOP_GRAPH_SPATIAL with rows that sum to 1, alpha as 0.  theta_k and phi_k are
 * linear maps to C_e = C' / 4 channels, g_s and g_t convolutions along joints and frames to one
 * channel.  X is mapped where its width or stride changes, and the first block has no outer
 * residual.  Where the text is ambiguous, this file follows the authors' published code, as does
 * pyskl.  Records operators of libgraphop; computes nothing but the graph of the layout.
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

enum { SUBSETS = 3, ATTENDED_FRAMES = 9 };

typedef struct config {
    uint32_t observed;
    zoo_stream_set set;
    zoo_list widths, strides; /* of each block */
    uint32_t taps;            /* frames of a temporal convolution */
    uint32_t shrink;          /* C' / C_e */
} config;

/* State that the blocks share while the network is recorded. */
typedef struct aagcn {
    gop_net *net;
    const config *c;
    const zoo_layout *layout;
} aagcn;

static gop_var norm(const aagcn *s, const char *name, gop_var x)
{
    return gop_layer_batch_norm(s->net, name, x, 1e-5, 0.1);
}

/* theta_k or phi_k as [N, M, T C_e], with the first values of He et al. 2015, fan-out. */
static gop_var embedded(gop_net *net, const char *name, gop_var x, size_t wide)
{
    const gop_shape in = gop_net_shape(net, x);
    gop_net_push(net, "%s", name);
    gop_net_first_values(net, "weight", gop_init_normal(sqrt(2.0 / (double)wide)));
    gop_net_first_values(net, "bias", gop_init_constant(0));
    gop_net_pop(net);
    x = gop_layer_linear(net, name, x, wide, true);
    return gop_reshape(net, x, gop_shape3(in.dim[0], in.dim[1], in.dim[2] * wide));
}

/* alpha C_k [N, M, M]: row i is what node i takes. */
static gop_var inferred(const aagcn *s, gop_var x, size_t k, gop_var alpha, size_t out)
{
    gop_net *net = s->net;
    const size_t wide = out / s->c->shrink > 0 ? out / s->c->shrink : 1;
    gop_net_push(net, "graph.%zu", k);
    gop_var theta = embedded(net, "theta", x, wide), phi = embedded(net, "phi", x, wide);
    gop_net_pop(net);
    const double D = (double)(gop_net_shape(net, x).dim[2] * wide);
    gop_var C = gop_matmul(net, phi, theta, GOP_TRANSPOSE_B);
    return gop_mul(net, gop_tanh(net, gop_scale(net, C, 1 / D)), alpha);
}

/* Z, with a bias for each k as published. */
static gop_var graph_convolution(const aagcn *s, gop_var x, size_t out)
{
    gop_net *net = s->net;
    const gop_shape in = gop_net_shape(net, x);
    gop_var B = zoo_trained_partition(net, "B", s->layout, false);
    gop_var alpha = gop_param(net, "alpha", gop_shape1(1), gop_init_constant(0));
    gop_var G[SUBSETS], W[SUBSETS], b[SUBSETS];
    if (gop_net_status(net) != GOP_OK)
        return gop_none();
    for (size_t k = 0; k < SUBSETS; k++) {
        G[k] = gop_add(net, inferred(s, x, k, alpha, out), gop_slice(net, B, 0, k, 1));
        gop_net_push(net, "conv.%zu", k);
        W[k] = gop_param(net, "weight", gop_shape2(out, in.dim[3]),
                         gop_init_normal(sqrt(2.0 / (double)(SUBSETS * out * in.dim[3]))));
        b[k] = gop_param(net, "bias", gop_shape1(out), gop_init_constant(0));
        gop_net_pop(net);
    }
    gop_var z = gop_graph_conv(net, x, G, W, NULL, SUBSETS);
    return gop_bias(net, z, gop_add(net, gop_add(net, b[0], b[1]), b[2]));
}

/* Y + Y sigmoid(scores), which are broadcast from `shape`. */
static gop_var attend(gop_net *net, gop_var y, gop_var scores, gop_shape shape)
{
    gop_var gate = gop_sigmoid(net, gop_reshape(net, scores, shape));
    return gop_add(net, y, gop_mul(net, y, gate));
}

/* The attention to joints, then to frames, then to channels; each sees the result of the one
 * before. */
static gop_var attention(gop_net *net, gop_var y)
{
    const gop_shape s = gop_net_shape(net, y);
    if (gop_net_status(net) != GOP_OK)
        return gop_none();
    const size_t N = s.dim[0], M = s.dim[1], T = s.dim[2], C = s.dim[3];
    const size_t joints = M - 1 + M % 2, frames = ATTENDED_FRAMES; /* taps, odd */
    gop_net_push(net, "att");
    /* The convolution along the joints has Glorot & Bengio's first values. */
    gop_net_first_values(net, "joint.weight",
                         gop_init_normal(sqrt(2.0 / (double)((C + 1) * joints))));
    gop_net_first_values(net, "frame.*", gop_init_constant(0));
    gop_net_first_values(net, "excite.*", gop_init_constant(0));
    gop_net_first_values(net, "squeeze.weight", gop_init_normal(sqrt(2.0 / (double)C)));
    gop_net_first_values(net, "squeeze.bias", gop_init_constant(0));

    gop_var by_joint = gop_reshape(net, gop_mean(net, y, 2), gop_shape4(N, 1, M, C));
    gop_var g = gop_layer_temporal_conv(net, "joint", by_joint, 1, joints,
                                        (gop_conv){.pad = joints / 2}, true);
    y = attend(net, y, g, gop_shape4(N, M, 1, 1));

    gop_var by_frame = gop_reshape(net, gop_mean(net, y, 1), gop_shape4(N, 1, T, C));
    g = gop_layer_temporal_conv(net, "frame", by_frame, 1, frames, (gop_conv){.pad = frames / 2},
                                true);
    y = attend(net, y, g, gop_shape4(N, 1, T, 1));

    gop_var by_channel = gop_mean(net, gop_mean(net, y, 2), 1); /* [N, C] */
    g = gop_relu(net, gop_layer_linear(net, "squeeze", by_channel, C > 1 ? C / 2 : 1, true));
    g = gop_layer_linear(net, "excite", g, C, true);
    gop_net_pop(net);
    return attend(net, y, g, gop_shape4(N, 1, 1, C));
}

static gop_var block(const aagcn *s, size_t i, gop_var x)
{
    gop_net *net = s->net;
    const size_t out = s->c->widths.v[i], stride = s->c->strides.v[i], taps = s->c->taps;
    gop_net_push(net, "block.%zu", i);
    /* bn1's weight starts near 0, so that the block begins as its residual. */
    gop_net_first_values(net, "bn1.weight", gop_init_constant(1e-6));
    gop_var y = norm(s, "bn1", graph_convolution(s, x, out));
    y = gop_relu(net, gop_add(net, y, zoo_project(net, "down", x, out, 1, ZOO_HE)));
    y = attention(net, y);
    y = zoo_temporal_conv(net, "tcn", y, out, taps,
                          (gop_conv){.stride = stride, .pad = (taps - 1) / 2}, ZOO_HE);
    y = norm(s, "bn2", y);
    if (i > 0)
        y = gop_add(net, y, zoo_project(net, "res", x, out, stride, ZOO_HE));
    gop_net_pop(net);
    return gop_relu(net, y);
}

static gop_var network(gop_net *net, const void *configuration, const zoo_use *use,
                       zoo_ports *ports, gop_var x)
{
    const config *c = configuration;
    const aagcn s = {net, c, &use->domain->layout};
    x = zoo_node_batch_norm(net, "data_bn", x, use->view->bodies);
    for (size_t i = 0; i < c->widths.n; i++)
        x = block(&s, i, x);
    x = zoo_mean_clip(net, use, ports, x); /* [N, C] */
    gop_net_first_values(net, "fc.weight",
                         gop_init_normal(sqrt(2.0 / (double)use->domain->actions)));
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
    {"shrink", ZOO_SETTING_COUNT, AT(shrink), 1, 64, NULL, "4",
     "channels out of a block divided by the channels that its graph is inferred from", NULL},
    {0},
};

static const zoo_preset presets[] = {
    {"published", "", "the ten blocks of the paper and of the authors' code"},
    {"pyskl", "observed=100", "the same network, of as many frames as pyskl's"},
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

/* ---------------------------------------------------------------------- imports */

/* The rows of the authors' program and of pyskl, whose blocks and parts have other names. */
#define ROWS(block, gcn, tcn, graph)                                                              \
    {block gcn graph, "block.#.B", "graph"}, {block gcn "alpha", "block.#.alpha", NULL},          \
        {block gcn "conv_d.$", "block.#.conv.$", NULL},                                           \
        {block gcn "conv_a.$", "block.#.graph.$.theta", NULL},                                    \
        {block gcn "conv_b.$", "block.#.graph.$.phi", NULL},                                      \
        {block gcn "conv_sa", "block.#.att.joint", "tc"},                                         \
        {block gcn "conv_ta", "block.#.att.frame", "tc"},                                         \
        {block gcn "fc1c", "block.#.att.squeeze", NULL},                                          \
        {block gcn "fc2c", "block.#.att.excite", NULL}, {block gcn "bn", "block.#.bn1", NULL},    \
        {block gcn "down.0", "block.#.down.conv", "tc"},                                          \
        {block gcn "down.1", "block.#.down.bn", NULL}, {block tcn "conv", "block.#.tcn", "tc"},   \
        {block tcn "bn", "block.#.bn2", NULL}, {block "residual.conv", "block.#.res.conv", "tc"}, \
        {block "residual.bn", "block.#.res.bn", NULL},                                            \
    {                                                                                             \
        NULL, NULL, NULL                                                                          \
    }
#define RULES(block, gcn, tcn)                                                                  \
    {"widths", ZOO_IMPORT_SIZE, block tcn "bn.weight", 0, NULL, 0},                             \
        {"strides", ZOO_IMPORT_STRIDES, block "residual.conv.weight", 0, NULL, 0},              \
        {"taps", ZOO_IMPORT_SIZE, block tcn "conv.weight", 2, NULL, 0},                         \
        {"shrink", ZOO_IMPORT_RATIO, block gcn "bn.weight", 0, block gcn "conv_a.0.weight", 0}, \
    {                                                                                           \
        NULL, ZOO_IMPORT_VALUE, NULL, 0, NULL, 0                                                \
    }

static const zoo_import_row pyskl_rows[] = {PYSKL_ENDS,
                                            ROWS("backbone.gcn.#.", "gcn.", "tcn.", "A")};
static const zoo_import_rule pyskl_rules[] = {RULES("backbone.gcn.#.", "gcn.", "tcn.")};
static const zoo_import_row authors_rows[] = {
    {"data_bn", "data_bn", NULL}, {"fc", "fc", NULL}, ROWS("l#.", "gcn1.", "tcn1.", "PA")};
static const zoo_import_rule authors_rules[] = {RULES("l#.", "gcn1.", "tcn1.")};

static const zoo_import imports[] = {
    {.name = "pyskl", .rows = pyskl_rows, .rules = pyskl_rules, .each_body = true},
    {.name = "authors",
     .rows = authors_rows,
     .rules = authors_rules,
     .each_body = true,
     .first = 1},
    {.name = NULL},
};

const zoo_model_type aagcn_type = {
    .name = "aagcn",
    .text = "Attention-enhanced Adaptive Graph Convolutional Network: recognises an action",
    .reference = "L. Shi, Y. Zhang, J. Cheng, H. Lu, Skeleton-Based Action Recognition with "
                 "Multi-Stream Adaptive Graph Convolutional Networks, IEEE Transactions on Image "
                 "Processing 29, 2020",
    .config_size = sizeof(config),
    .options = options,
    .presets = presets,
    .check = check,
    .record = record,
    .fusion = &zoo_stream_fusion,
    .widths = "widths",
    .imports = imports,
};
