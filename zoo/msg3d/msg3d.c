/*
 * msg3d.c: MS-G3D, disentangling and unifying graph convolutions (Z. Liu, H. Zhang, Z. Chen, Z.
 * Wang, W. Ouyang, CVPR 2020): recognition by convolutions over the nodes at each distance, and over
 * windows of frames whose nodes are one graph.
 *
 *     A~_k      is 1 for nodes k edges apart, and on the diagonal              eq. 3
 *     GCN(X)  = bn(sum_k (norm(A~_k) + B_k) X W_k^T + b)                       eq. 4
 *     G3D(X)  = bn(relu(GCN(windows of X)) joined over the window)             eq. 5, 6, section 3.3
 *     Y       = relu(TC(relu(TC(relu(GCN(X))))) + sum over windows G3D(X))     figure 3
 *     X'      = relu(TC(Y))
 *
 * norm(A) is D^-1/2 A D^-1/2, and B_k is trained from near 0.  A window of w frames is a graph of w M
 * nodes, in which a node's neighbours, and itself, are its neighbours in all frames; its scales are
 * those of this graph.  A convolution over the window's frames makes M nodes of them.  TC is six
 * branches side by side, plus its input, which is mapped where width or stride changes: three frames
 * with dilations 1 to 4, a maximum over three frames, one frame.  Where the text is ambiguous, this
 * file follows the authors' published code; preset `pyskl` is the network of pyskl, which divides
 * by rows, and whose files have graphs of another skeleton for NTU RGB+D: the tips of the hands
 * are at the hands there, not at the thumbs.  Records operators of libgraphop; computes nothing but the graphs of the layout.
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
#include <stdio.h>
#include <stdlib.h>

enum { WINDOWS_MAX = 4, WINDOW_MAX = 15 };

typedef struct config {
    uint32_t observed;
    zoo_stream_set set;
    zoo_list widths, strides;    /* of each block */
    uint32_t scales, g3d_scales; /* distances: 0 to one less */
    zoo_list windows;            /* frames of each */
    uint32_t norm;               /* SYMMETRIC or ROWS */
    uint32_t graph;              /* of the layout, or STORED in the model */
} config;

enum { SYMMETRIC, ROWS };
enum { LAYOUT, STORED };

/* State that the blocks share while the network is recorded. */
typedef struct msg3d {
    gop_net *net;
    const config *c;
    const zoo_layout *layout;
    gop_var scales[1 + WINDOWS_MAX]; /* of the skeleton, and of each window; none until used */
} msg3d;

static gop_var norm(const msg3d *s, const char *name, gop_var x)
{
    return gop_layer_batch_norm(s->net, name, x, 1e-5, 0.1);
}

/* ------------------------------------------------------------------------ graphs */

/* A~_0 to A~_(scales - 1) of g, normalised: [scales, n, n]. */
static gop_status fill_scales(gop_real *A, const gop_graph *g, size_t scales, uint32_t how,
                              gop_error *err)
{
    const size_t n = gop_graph_nodes(g);
    const gop_graph_data hops = {.kind = GOP_GRAPH_EXACT_HOPS,
                                 .norm = how == ROWS ? GOP_GRAPH_ROWS : GOP_GRAPH_SYMMETRIC,
                                 .loops = true,
                                 .hops = scales - 1};
    for (size_t i = 0; i < n; i++)
        A[i * n + i] = 1;
    return scales > 1 ? gop_graph_fill(A + n * n, g, hops, err) : GOP_OK;
}

/* The graph k: that of the layout for k = 0, or of a window of its frames. */
static gop_shape graph_shape(const msg3d *s, size_t k)
{
    const size_t n = s->layout->nodes * (k == 0 ? 1 : s->c->windows.v[k - 1]);
    return gop_shape3(k == 0 ? s->c->scales : s->c->g3d_scales, n, n);
}

/* The scales of graph k, a constant that all blocks share. */
static gop_var scales_of(msg3d *s, size_t k)
{
    const gop_shape shape = graph_shape(s, k);
    gop_error err = {GOP_OK, ""};
    gop_graph *g = NULL, *window = NULL;
    if (s->scales[k].id >= 0 || gop_net_status(s->net) != GOP_OK)
        return s->scales[k];
    gop_real *A = calloc(gop_shape_size(shape), sizeof *A);
    if (A == NULL)
        gop_net_fail(s->net, GOP_ENOMEM, "out of memory for the graphs of layout %s",
                     s->layout->name);
    else if (zoo_layout_graph(&g, s->layout, &err) != GOP_OK ||
             gop_graph_of_frames(&window, g, shape.dim[1] / s->layout->nodes, &err) != GOP_OK ||
             fill_scales(A, window, shape.dim[0], s->c->norm, &err) != GOP_OK)
        gop_net_fail(s->net, err.status, "%s", err.message);
    else
        s->scales[k] = gop_constant(s->net, "scales", shape, A);
    gop_graph_free(window);
    gop_graph_free(g);
    free(A);
    return s->scales[k];
}

/* ------------------------------------------------------------------------ blocks */

/* norm(A~) of graph k; that of a model of another program, whose skeleton is not the layout's, is a
 * statistic that nothing updates. */
static gop_var fixed(msg3d *s, size_t k)
{
    return s->c->graph == STORED ? gop_stat(s->net, "A", graph_shape(s, k), 0) : scales_of(s, k);
}

/* bn(sum_j (A_j + B_j) X W_j^T + b) over the scales of graph k.  B comes first: a file whose
 * parameters do not fit is then refused before anything of their size is allocated. */
static gop_var graph_convolution(msg3d *s, gop_var x, size_t k, size_t out)
{
    gop_net *net = s->net;
    const gop_shape in = gop_net_shape(net, x), stack = graph_shape(s, k);
    if (gop_net_status(net) != GOP_OK)
        return gop_none();
    const double fan_in = (double)(stack.dim[0] * in.dim[3]);
    gop_var B = gop_param(net, "B", stack, gop_init_uniform(1e-6));
    gop_var A = gop_add(net, fixed(s, k), B);
    gop_net_first_values(net, "conv.*", gop_init_uniform(1 / sqrt(fan_in)));
    return norm(s, "bn", gop_layer_graph_conv(net, "conv", x, A, out, true));
}

/* Windows of `size` frames around every stride-th frame, with zeros outside the clip: x
 * [N, M, T, C], result [N, size M, T', C], whose node w M + i is node i, w frames into the window. */
static gop_var windows_of(gop_net *net, gop_var x, size_t size, size_t stride)
{
    gop_var at[WINDOW_MAX];
    const gop_shape s = gop_net_shape(net, x);
    if (gop_net_status(net) != GOP_OK || size == 1)
        return stride == 1 ? x : gop_temporal_pool(net, x, 1, stride, 0, GOP_REDUCE_SUM);
    gop_var none = gop_zeros(net, "outside",
                             gop_shape4(s.dim[0], s.dim[1], (size - 1) / 2, s.dim[3]));
    const gop_var parts[3] = {none, x, none};
    gop_var padded = gop_concat(net, parts, 3, 2);
    for (size_t w = 0; w < size; w++) {
        at[w] = gop_slice(net, padded, 2, w, s.dim[2]);
        if (stride > 1)
            at[w] = gop_temporal_pool(net, at[w], 1, stride, 0, GOP_REDUCE_SUM);
    }
    return gop_concat(net, at, size, 1);
}

/* G3D of one window size, [N, M, T', out]. */
static gop_var g3d(msg3d *s, size_t i, size_t w, gop_var x)
{
    static const int window_inside[4] = {0, 2, 1, 3};
    gop_net *net = s->net;
    const size_t out = s->c->widths.v[i], size = s->c->windows.v[w], M = s->layout->nodes;
    const size_t mid = i == 0 ? out : gop_net_shape(net, x).dim[3];
    gop_net_push(net, "g3d.%zu", w);
    gop_var y = windows_of(net, x, size, s->c->strides.v[i]);
    y = gop_relu(net, graph_convolution(s, y, 1 + w, mid));
    const gop_shape in = gop_net_shape(net, y);
    if (gop_net_status(net) == GOP_OK) {
        const size_t N = in.dim[0], T = in.dim[2];
        y = gop_reshape(net, y, gop_shape4(N, size, M * T, mid));
        /* [N, M T, 1, out] */
        y = zoo_temporal_conv(net, "out", gop_permute(net, y, window_inside), out, size,
                              (gop_conv){0}, ZOO_FAN_IN);
        y = gop_reshape(net, norm(s, "out_bn", y), gop_shape4(N, M, T, out));
    }
    gop_net_pop(net);
    return y;
}

/* TC(x) + x, before the ReLU. */
static gop_var temporal(const msg3d *s, size_t j, gop_var x, size_t out, size_t stride)
{
    static const zoo_branch branches[] = {{3, 1}, {3, 2}, {3, 3}, {3, 4}, {0, 1}, {1, 1}};
    const zoo_branches side = {branches, 6, out, stride, .rest_last = true, .closing = true};
    gop_net *net = s->net;
    char name[24];
    snprintf(name, sizeof name, "tcn.%zu", j);
    gop_var y = zoo_temporal_branches(net, name, x, &side);
    gop_net_push(net, "%s", name);
    y = gop_add(net, y, zoo_project(net, "res", x, out, stride, ZOO_FAN_IN));
    gop_net_pop(net);
    return y;
}

static gop_var block(msg3d *s, size_t i, gop_var x)
{
    gop_net *net = s->net;
    if (gop_net_status(net) != GOP_OK)
        return gop_none();
    const size_t out = s->c->widths.v[i], stride = s->c->strides.v[i];
    gop_net_push(net, "block.%zu", i);
    gop_net_push(net, "gcn");
    gop_var y = graph_convolution(s, x, 0, i == 0 ? out : gop_net_shape(net, x).dim[3]);
    gop_net_pop(net);
    y = gop_relu(net, temporal(s, 0, gop_relu(net, y), out, stride));
    y = temporal(s, 1, y, out, 1);
    for (size_t w = 0; w < s->c->windows.n; w++)
        y = gop_add(net, y, g3d(s, i, w, x));
    y = gop_relu(net, temporal(s, 2, gop_relu(net, y), out, 1));
    gop_net_pop(net);
    return y;
}

static gop_var network(gop_net *net, const void *configuration, const zoo_use *use,
                       zoo_ports *ports, gop_var x)
{
    const config *c = configuration;
    msg3d s = {.net = net, .c = c, .layout = &use->domain->layout};
    for (size_t k = 0; k <= WINDOWS_MAX; k++)
        s.scales[k] = gop_none();
    x = zoo_node_batch_norm(net, "data_bn", x, use->view->bodies);
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
    {"widths", ZOO_SETTING_LIST, AT(widths), 6, 4096, NULL, "96,192,384",
     "channels out of each block", NULL},
    {"strides", ZOO_SETTING_LIST, AT(strides), 1, 16, NULL, "1,2,2",
     "stride of the temporal convolutions of each block", NULL},
    {"scales", ZOO_SETTING_COUNT, AT(scales), 1, 64, NULL, "13",
     "graphs of nodes at each distance, from 0", NULL},
    {"g3d_scales", ZOO_SETTING_COUNT, AT(g3d_scales), 1, 64, NULL, "6",
     "graphs of nodes at each distance within a window, from 0", NULL},
    {"windows", ZOO_SETTING_LIST, AT(windows), 1, WINDOW_MAX, NULL, "3,5",
     "frames of each window, odd; none: no windows", NULL},
    {"norm", ZOO_SETTING_CHOICE, AT(norm), 0, 0, "symmetric|rows", "symmetric",
     "how graphs are normalised", "graph=layout"},
    {"graph", ZOO_SETTING_CHOICE, AT(graph), 0, 0, "layout|stored", "layout",
     "the layout's graphs, or constant ones stored in the model, which an import fills", NULL},
    {0},
};

static const zoo_preset presets[] = {
    {"published", "", "the three blocks of the paper and of the authors' code"},
    {"pyskl", "observed=100 norm=rows", "the network of pyskl"},
    {"small", "widths=32,64,128 scales=8 g3d_scales=4 windows=3", "for small data"},
    {NULL, NULL, NULL},
};

static gop_status check(const void *configuration, const zoo_domain *domain, gop_error *err)
{
    const config *c = configuration;
    (void)domain;
    gop_try(zoo_check_streams(&c->set, err));
    gop_try(zoo_check_blocks(&c->widths, &c->strides, 3, err));
    if (c->windows.n > WINDOWS_MAX)
        return gop_fail(err, GOP_EINVAL, "windows: at most %d are possible, not %u", WINDOWS_MAX,
                        (unsigned)c->windows.n);
    for (size_t w = 0; w < c->windows.n; w++)
        if (c->windows.v[w] % 2 == 0)
            return gop_fail(err, GOP_EINVAL, "windows: a window must be odd, not %u",
                            (unsigned)c->windows.v[w]);
    return GOP_OK;
}

/* ---------------------------------------------------------------------- imports */

/* One of the three temporal parts of a block. */
#define TEMPORAL(theirs, ours)                                    \
    {theirs "branches.$.0", ours "branch.$.in", NULL},            \
        {theirs "branches.$.1", ours "branch.$.bn1", NULL},       \
        {theirs "branches.$.3.conv", ours "branch.$.conv", "tc"}, \
        {theirs "branches.$.3.bn", ours "branch.$.bn2", NULL},    \
        {theirs "branches.4.4", ours "branch.4.bn2", NULL},       \
        {theirs "branches.5.0", ours "branch.5.conv", "tc"},      \
        {theirs "branches.5.1", ours "branch.5.bn2", NULL},       \
        {theirs "residual.conv", ours "res.conv", "tc"},          \
    {                                                             \
        theirs "residual.bn", ours "res.bn", NULL                 \
    }

/* The rows of the authors' program and of pyskl; `how` changes the trained graphs. */
#define ROWS(pre, graph, how)                                                                   \
    {pre "sgcn#.0." graph, "block.#.gcn.B", how},                                               \
        {pre "sgcn#.0.mlp.layers.0", "block.#.gcn.conv", "scales"},                             \
        {pre "sgcn#.0.mlp.layers.1", "block.#.gcn.bn", NULL},                                   \
        {pre "gcn3d#.gcn3d.$.gcn3d.1." graph, "block.#.g3d.$.B", how},                          \
        {pre "gcn3d#.gcn3d.$.gcn3d.1.mlp.layers.0", "block.#.g3d.$.conv", "scales"},            \
        {pre "gcn3d#.gcn3d.$.gcn3d.1.mlp.layers.1", "block.#.g3d.$.bn", NULL},                  \
        {pre "gcn3d#.gcn3d.$.out_conv", "block.#.g3d.$.out", "tc"},                             \
        {pre "gcn3d#.gcn3d.$.out_bn", "block.#.g3d.$.out_bn", NULL},                            \
        TEMPORAL(pre "sgcn#.1.", "block.#.tcn.0."), TEMPORAL(pre "sgcn#.2.", "block.#.tcn.1."), \
        TEMPORAL(pre "tcn#.", "block.#.tcn.2."),                                                \
    {                                                                                           \
        NULL, NULL, NULL                                                                        \
    }
/* pyskl's file has its constant graphs, too. */
#define PYSKL_GRAPHS                                                    \
    {"backbone.sgcn#.0.A", "block.#.gcn.A", "graph"},                   \
    {                                                                   \
        "backbone.gcn3d#.gcn3d.$.gcn3d.1.A", "block.#.g3d.$.A", "graph" \
    }
#define WIDTHS(pre)                                                                   \
    {"widths", ZOO_IMPORT_SIZE, pre "gcn3d#.gcn3d.0.out_bn.weight", 0, NULL, 0},      \
    {                                                                                 \
        "strides", ZOO_IMPORT_STRIDES, pre "sgcn#.1.residual.conv.weight", 0, NULL, 0 \
    }

static const zoo_import_row authors_rows[] = {{"data_bn", "data_bn", NULL},
                                              {"fc", "fc", NULL},
                                              {"sgcn*.0.A_powers", NULL, NULL},
                                              {"gcn3d*.gcn3d.*.gcn3d.1.A_scales", NULL, NULL},
                                              ROWS("", "A_res", "stack")};
static const zoo_import_rule authors_rules[] = {
    WIDTHS(""),
    {"scales", ZOO_IMPORT_RATIO, "sgcn#.0.A_res", 0, "sgcn#.0.A_res", 1},
    {"g3d_scales", ZOO_IMPORT_RATIO, "gcn3d#.gcn3d.0.gcn3d.1.A_res", 0,
     "gcn3d#.gcn3d.0.gcn3d.1.A_res", 1},
    {"windows", ZOO_IMPORT_RATIO, "gcn3d1.gcn3d.$.gcn3d.1.A_res", 1, "sgcn1.0.A_res", 1},
    {"norm", ZOO_IMPORT_VALUE, "symmetric", 0, NULL, 0},
    {NULL, ZOO_IMPORT_VALUE, NULL, 0, NULL, 0},
};
static const zoo_import_row pyskl_rows[] = {PYSKL_ENDS, PYSKL_GRAPHS,
                                            ROWS("backbone.", "PA", "graph")};
static const zoo_import_rule pyskl_rules[] = {
    WIDTHS("backbone."),
    {"scales", ZOO_IMPORT_SIZE, "backbone.sgcn#.0.PA", 0, NULL, 0},
    {"g3d_scales", ZOO_IMPORT_SIZE, "backbone.gcn3d#.gcn3d.0.gcn3d.1.PA", 0, NULL, 0},
    {"windows", ZOO_IMPORT_RATIO, "backbone.gcn3d1.gcn3d.$.gcn3d.1.PA", 1, "backbone.sgcn1.0.PA",
     1},
    {"norm", ZOO_IMPORT_VALUE, "rows", 0, NULL, 0},
    {"graph", ZOO_IMPORT_PRESENT, "backbone.sgcn#.0.A", 0, NULL, 0},
    {NULL, ZOO_IMPORT_VALUE, NULL, 0, NULL, 0},
};

static const char *const of_layout[] = {"the fixed graphs of distances are those of the layout",
                                        NULL};
static const char *const stored[] = {
    "graph=stored: the constant graphs of the file take the place of the layout's", NULL};

static const zoo_import imports[] = {
    {.name = "pyskl",
     .rows = pyskl_rows,
     .rules = pyskl_rules,
     .each_body = true,
     .first = 1,
     .assumes = stored},
    {.name = "authors",
     .rows = authors_rows,
     .rules = authors_rules,
     .each_body = true,
     .first = 1,
     .assumes = of_layout},
    {.name = NULL},
};

const zoo_model_type msg3d_type = {
    .name = "msg3d",
    .text = "Multi-Scale G3D, graphs of all distances and of windows: recognises an action",
    .reference = "Z. Liu, H. Zhang, Z. Chen, Z. Wang, W. Ouyang, Disentangling and Unifying Graph "
                 "Convolutions for Skeleton-Based Action Recognition, CVPR 2020",
    .config_size = sizeof(config),
    .options = options,
    .presets = presets,
    .check = check,
    .record = record,
    .fusion = &zoo_stream_fusion,
    .widths = "widths",
    .imports = imports,
};
