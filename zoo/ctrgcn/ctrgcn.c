/*
 * ctrgcn.c: CTR-GCN, channel-wise topology refinement graph convolutional networks (Y. Chen, Z.
 * Zhang, C. Yuan, B. Li, Y. Deng, W. Hu, ICCV 2021): recognition by convolutions whose graph is
 * trained, and refined for each channel of each sample.
 *
 *     q_ij = tanh(theta(mean_t x_i) - phi(mean_t x_j))        M_1, section 3.2
 *     R_c  = A + alpha (W_xi q + b_xi)_c                      a graph for each channel c
 *     z_ic = sum_k sum_j R_kijc (W_k x_j + b_k)_c             CTR-GC, of K = 3 graphs A_k
 *     Y    = relu(bn(Z) + X)
 *     X'   = relu(TC(Y) + X)                                  section 3.3
 *
 * theta and phi are linear maps to C / 8 channels, of each k its own, as is W_xi.  A_k begins as
 * the layout's spatial partition, alpha as 0.  TC is four branches side by side: five frames with
 * dilations 1 and 2, a maximum over three frames, one frame.  X is mapped where its width or stride
 * changes, and the first block has no outer residual.  Where the text is ambiguous, this file
 * follows the authors' published code; preset `pyskl` is the network of pyskl, with a ReLU after TC.
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

enum { SUBSETS = 3 };
enum { COLUMNS, ROWS };

typedef struct config {
    uint32_t observed;
    zoo_stream_set set;
    zoo_list widths, strides; /* of each block */
    uint32_t partition;       /* COLUMNS or ROWS sum to 1 in the graphs that A begins as */
    uint32_t inner_relu;      /* before the outer residual is added */
} config;

/* State that the blocks share while the network is recorded. */
typedef struct ctrgcn {
    gop_net *net;
    const config *c;
    const zoo_layout *layout;
} ctrgcn;

/* The parameters of a linear map. */
typedef struct linear {
    gop_var W, b;
} linear;

/* With the first values of He et al. 2015, fan-out. */
static linear linear_map(gop_net *net, const char *name, size_t in, size_t out)
{
    linear l;
    gop_net_push(net, "%s", name);
    l.W = gop_param(net, "weight", gop_shape2(out, in), gop_init_normal(sqrt(2.0 / (double)out)));
    l.b = gop_param(net, "bias", gop_shape1(out), gop_init_constant(0));
    gop_net_pop(net);
    return l;
}

/* W_xi q + b_xi [N, M, M, out] from the mean over frames [N, M, C]: [i, j] is what node i takes from
 * node j. */
static gop_var refinement(gop_net *net, gop_var mean, size_t out)
{
    const gop_shape s = gop_net_shape(net, mean);
    const size_t N = s.dim[0], M = s.dim[1], C = s.dim[2], R = C <= 16 ? 8 : C / 8;
    const linear theta = linear_map(net, "theta", C, R), phi = linear_map(net, "phi", C, R);
    gop_var to = gop_reshape(net, gop_linear(net, mean, theta.W, theta.b), gop_shape4(N, M, 1, R));
    gop_var from = gop_reshape(net, gop_linear(net, mean, phi.W, phi.b), gop_shape4(N, 1, M, R));
    gop_var q = gop_tanh(net, gop_sub(net, to, from));
    const linear xi = linear_map(net, "relate", R, out);
    return gop_linear(net, q, xi.W, xi.b);
}

/* Z, all three graphs in one operator. */
static gop_var graph_convolution(const ctrgcn *s, gop_var x, size_t out)
{
    gop_net *net = s->net;
    const gop_shape in = gop_net_shape(net, x);
    if (gop_net_status(net) != GOP_OK)
        return gop_none();
    const size_t C = in.dim[3];
    gop_var A = zoo_trained_partition(net, "A", s->layout, s->c->partition == COLUMNS);
    gop_var alpha = gop_param(net, "alpha", gop_shape1(1), gop_init_constant(0));
    gop_var mean = gop_mean(net, x, 2), R[SUBSETS], W[SUBSETS], b[SUBSETS];
    for (size_t k = 0; k < SUBSETS; k++) {
        gop_net_push(net, "%zu", k);
        R[k] = refinement(net, mean, out);
        const linear value = linear_map(net, "value", C, out);
        gop_net_pop(net);
        W[k] = value.W;
        b[k] = value.b;
    }
    const gop_graph_term term = {
        .A = A,
        .W = gop_reshape(net, gop_concat(net, W, SUBSETS, 0), gop_shape3(SUBSETS, out, C)),
        .bias = gop_reshape(net, gop_concat(net, b, SUBSETS, 0), gop_shape2(SUBSETS, out)),
        .part = R,
        .alpha = alpha};
    return gop_graph_conv_terms(net, x, &term, 1);
}

/* Y = relu(bn(Z) + X) */
static gop_var spatial(const ctrgcn *s, gop_var x, size_t out)
{
    gop_net *net = s->net;
    gop_net_push(net, "gcn");
    /* The weight starts near 0, so that the block begins as its residual. */
    gop_net_first_values(net, "bn.weight", gop_init_constant(1e-6));
    gop_var y = gop_layer_batch_norm(net, "bn", graph_convolution(s, x, out), 1e-5, 0.1);
    y = gop_relu(net, gop_add(net, y, zoo_project(net, "down", x, out, 1, ZOO_HE)));
    gop_net_pop(net);
    return y;
}

static gop_var block(const ctrgcn *s, size_t i, gop_var x)
{
    static const zoo_branch branches[] = {{5, 1}, {5, 2}, {0, 1}, {1, 1}};
    gop_net *net = s->net;
    const size_t out = s->c->widths.v[i], stride = s->c->strides.v[i];
    const zoo_branches side = {branches,       4, out, stride, .rest_last = true, .closing = true,
                               .begin = ZOO_HE};
    gop_net_push(net, "block.%zu", i);
    gop_var y = zoo_temporal_branches(net, "tcn", spatial(s, x, out), &side);
    if (s->c->inner_relu)
        y = gop_relu(net, y);
    if (i > 0)
        y = gop_add(net, y, zoo_project(net, "res", x, out, stride, ZOO_HE));
    gop_net_pop(net);
    return gop_relu(net, y);
}

static gop_var network(gop_net *net, const void *configuration, const zoo_use *use,
                       zoo_ports *ports, gop_var x)
{
    const config *c = configuration;
    const ctrgcn s = {net, c, &use->domain->layout};
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
    {"observed", ZOO_SETTING_COUNT, AT(observed), 1, 4096, NULL, "64", "frames observed", NULL},
    ZOO_STREAM_OPTIONS(config, set),
    {"widths", ZOO_SETTING_LIST, AT(widths), 4, 4096, NULL, "64,64,64,64,128,128,128,256,256,256",
     "channels out of each block", NULL},
    {"strides", ZOO_SETTING_LIST, AT(strides), 1, 16, NULL, "1,1,1,1,2,1,1,2,1,1",
     "stride of the temporal convolutions of each block", NULL},
    {"partition", ZOO_SETTING_CHOICE, AT(partition), 0, 0, "columns|rows", "columns",
     "the sums that are 1 in the graphs that training begins with", NULL},
    {"inner_relu", ZOO_SETTING_SWITCH, AT(inner_relu), 0, 1, NULL, "0",
     "ReLU after the temporal convolutions, before the residual", NULL},
    {0},
};

static const zoo_preset presets[] = {
    {"published", "", "the ten blocks of the paper and of the authors' code"},
    {"pyskl", "observed=100 partition=rows inner_relu=1", "the network of pyskl"},
    {"small", "widths=32,32,64,64,128,128 strides=1,1,2,1,2,1", "for small data"},
    {NULL, NULL, NULL},
};

static gop_status check(const void *configuration, const zoo_domain *domain, gop_error *err)
{
    const config *c = configuration;
    (void)domain;
    gop_try(zoo_check_streams(&c->set, err));
    return zoo_check_blocks(&c->widths, &c->strides, 5, err);
}

/* ---------------------------------------------------------------------- imports */

/* The rows of the authors' program and of pyskl.  The latter sums along the other axis of a graph, so
 * theta and phi change places, and relate its sign. */
#define ROWS(block, graph, how, theta, phi, sign)                                                 \
    {block "gcn1." graph, "block.#.gcn.A", how}, {block "gcn1.alpha", "block.#.gcn.alpha", NULL}, \
        {block "gcn1.convs.$." theta, "block.#.gcn.$.theta", NULL},                               \
        {block "gcn1.convs.$." phi, "block.#.gcn.$.phi", NULL},                                   \
        {block "gcn1.convs.$.conv4", "block.#.gcn.$.relate", sign},                               \
        {block "gcn1.convs.$.conv3", "block.#.gcn.$.value", NULL},                                \
        {block "gcn1.bn", "block.#.gcn.bn", NULL},                                                \
        {block "gcn1.down.0", "block.#.gcn.down.conv", "tc"},                                     \
        {block "gcn1.down.1", "block.#.gcn.down.bn", NULL},                                       \
        {block "tcn1.branches.$.0", "block.#.tcn.branch.$.in", NULL},                             \
        {block "tcn1.branches.$.1", "block.#.tcn.branch.$.bn1", NULL},                            \
        {block "tcn1.branches.$.3.conv", "block.#.tcn.branch.$.conv", "tc"},                      \
        {block "tcn1.branches.$.3.bn", "block.#.tcn.branch.$.bn2", NULL},                         \
        {block "tcn1.branches.2.4", "block.#.tcn.branch.2.bn2", NULL},                            \
        {block "tcn1.branches.3.0", "block.#.tcn.branch.3.conv", "tc"},                           \
        {block "tcn1.branches.3.1", "block.#.tcn.branch.3.bn2", NULL},                            \
        {block "residual.conv", "block.#.res.conv", "tc"},                                        \
        {block "residual.bn", "block.#.res.bn", NULL},                                            \
    {                                                                                             \
        NULL, NULL, NULL                                                                          \
    }
#define RULES(block, begins, inner)                                                \
    {"widths", ZOO_IMPORT_SIZE, block "gcn1.bn.weight", 0, NULL, 0},               \
        {"strides", ZOO_IMPORT_STRIDES, block "residual.conv.weight", 0, NULL, 0}, \
        {"partition", ZOO_IMPORT_VALUE, begins, 0, NULL, 0},                       \
        {"inner_relu", ZOO_IMPORT_VALUE, inner, 0, NULL, 0},                       \
    {                                                                              \
        NULL, ZOO_IMPORT_VALUE, NULL, 0, NULL, 0                                   \
    }

static const zoo_import_row pyskl_rows[] = {
    PYSKL_ENDS, ROWS("backbone.net.#.", "A", "graph", "conv2", "conv1", "-")};
static const zoo_import_rule pyskl_rules[] = {RULES("backbone.net.#.", "rows", "1")};
static const zoo_import_row authors_rows[] = {{"data_bn", "data_bn", NULL},
                                              {"fc", "fc", NULL},
                                              ROWS("l#.", "PA", NULL, "conv1", "conv2", NULL)};
static const zoo_import_rule authors_rules[] = {RULES("l#.", "columns", "0")};

static const zoo_import imports[] = {
    {.name = "pyskl", .rows = pyskl_rows, .rules = pyskl_rules, .each_body = true},
    {.name = "authors",
     .rows = authors_rows,
     .rules = authors_rules,
     .each_body = true,
     .first = 1},
    {.name = NULL},
};

const zoo_model_type ctrgcn_type = {
    .name = "ctrgcn",
    .text = "Channel-wise Topology Refinement Graph Convolutional Network: recognises an action",
    .reference = "Y. Chen, Z. Zhang, C. Yuan, B. Li, Y. Deng, W. Hu, Channel-wise Topology "
                 "Refinement Graph Convolution for Skeleton-Based Action Recognition, ICCV 2021",
    .config_size = sizeof(config),
    .options = options,
    .presets = presets,
    .check = check,
    .record = record,
    .fusion = &zoo_stream_fusion,
    .widths = "widths",
    .imports = imports,
};
