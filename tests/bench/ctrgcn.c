/*
 * ctrgcn.c: CTR-GCN (Chen et al., ICCV 2021), joints of two bodies of 25 nodes, 64 frames, 60
 * classes.
 *
 *     CTR-GC    y[i,t,c] = sum_k sum_j (A_k[i,j] + alpha R_k[i,j,c]) (W3_k x)[j,t,c]
 *               R_k[i,j] = W4_k tanh(M_k mean_t x_i - N_k mean_t x_j)              eqs. 3 to 5
 *     MS-TCN    1x1 then 5 taps, with dilations 1 and 2; 1x1 then maximum of 3; 1x1  section 3.3
 */
#include "measure.h"

enum { V = 25, K = 3, BODIES = 2, FRAMES = 64, CLASSES = 60, ROOT = 20 };

static const gop_edge bones[V - 1] = {{0, 1},   {1, 20},  {2, 20},  {3, 2},   {4, 20},  {5, 4},
                                      {6, 5},   {7, 6},   {8, 20},  {9, 8},   {10, 9},  {11, 10},
                                      {12, 0},  {13, 12}, {14, 13}, {15, 14}, {16, 0},  {17, 16},
                                      {18, 17}, {19, 18}, {21, 22}, {22, 7},  {23, 24}, {24, 11}};

static gop_real topology[K * V * V];

static gop_var norm(gop_net *n, const char *name, gop_var x)
{
    return gop_layer_batch_norm(n, name, x, 1e-5, 0.1);
}

static gop_var ctr_gc(gop_net *n, gop_var x, size_t out)
{
    const gop_shape s = gop_net_shape(n, x);
    const size_t C = s.dim[3], R = C == 3 ? 8 : C / 8;
    const gop_var mean = gop_mean(n, x, 2);
    gop_var part[K];
    for (size_t k = 0; k < K; k++) {
        gop_net_push(n, "convs.%zu", k);
        gop_var W = gop_param(n, "conv12.weight", gop_shape2(R, 2 * C), gop_init_normal(0.3));
        gop_var b = gop_param(n, "conv12.bias", gop_shape1(R), gop_init_constant(0));
        gop_var q = gop_tanh(n, gop_edge_linear(n, mean, W, b, true));
        part[k] = gop_reshape(n, gop_layer_linear(n, "conv4", q, out, true),
                              gop_shape4(s.dim[0], V, V, out));
        gop_net_pop(n);
    }
    const gop_graph_term refined = {
        .A = gop_param(n, "A", gop_shape3(K, V, V), gop_init_data(topology)),
        .W = gop_param(n, "conv3.weight", gop_shape3(K, out, C),
                       gop_init_uniform(1 / sqrt((double)C))),
        .bias = gop_param(n, "conv3.bias", gop_shape2(K, out),
                          gop_init_uniform(1 / sqrt((double)C))),
        .part = part,
        .alpha = gop_param(n, "alpha", gop_shape1(1), gop_init_constant(0))};
    return gop_graph_conv_terms(n, x, &refined, 1);
}

static gop_var ms_tcn(gop_net *n, gop_var x, size_t out, size_t stride)
{
    gop_var b[4];
    for (size_t i = 0; i < 4; i++) {
        const size_t c = out / 4, d = i + 1;
        gop_net_push(n, "branches.%zu", i);
        const gop_conv one = {.stride = i == 3 ? stride : 1};
        b[i] = norm(n, "0.bn", gop_layer_temporal_conv(n, "0", x, c, 1, one, true));
        const gop_conv five = {.stride = stride, .pad = 2 * d, .dilation = d};
        if (i < 2)
            b[i] = gop_layer_temporal_conv(n, "1", gop_relu(n, b[i]), c, 5, five, true);
        else if (i == 2)
            b[i] = gop_temporal_pool(n, gop_relu(n, b[i]), 3, stride, 1, GOP_REDUCE_MAX);
        if (i < 3)
            b[i] = norm(n, "1.bn", b[i]);
        gop_net_pop(n);
    }
    return gop_concat(n, b, 4, 3);
}

static gop_var block(gop_net *n, size_t i, gop_var x, size_t out, size_t stride)
{
    const bool same = gop_net_shape(n, x).dim[3] == out;
    const gop_conv one = {.stride = stride};
    gop_net_push(n, "l%zu", i);
    gop_net_first_values(n, "gcn.bn.weight", gop_init_constant(1e-6));
    gop_var y = norm(n, "gcn.bn", ctr_gc(n, x, out));
    gop_var r = same ? x : norm(n, "gcn.down.bn", gop_layer_linear(n, "gcn.down", x, out, true));
    y = ms_tcn(n, gop_relu(n, gop_add(n, y, r)), out, stride);
    if (i > 1) {
        r = same && stride == 1
                ? x
                : norm(n, "res.bn", gop_layer_temporal_conv(n, "res", x, out, 1, one, true));
        y = gop_add(n, y, r);
    }
    gop_net_pop(n);
    return gop_relu(n, y);
}

static gop_var record(gop_net *n, size_t N)
{
    static const size_t width[10] = {64, 64, 64, 64, 128, 128, 128, 256, 256, 256};
    static const int swap[4] = {0, 2, 1, 3};
    gop_var x = input(n, "x", gop_shape4(N, BODIES * V, FRAMES, 3), 0);
    gop_var y = gop_reshape(n, gop_permute(n, x, swap), gop_shape3(N, FRAMES, BODIES * V * 3));
    y = gop_reshape(n, norm(n, "data_bn", y), gop_shape4(N, FRAMES, BODIES * V, 3));
    y = gop_reshape(n, gop_permute(n, y, swap), gop_shape4(N * BODIES, V, FRAMES, 3));
    for (size_t i = 0; i < 10; i++)
        y = block(n, i + 1, y, width[i], i == 4 || i == 7 ? 2 : 1);
    y = gop_reshape(n, y, gop_shape3(N, BODIES * V * FRAMES / 4, 256));
    y = gop_layer_linear(n, "fc", gop_mean(n, y, 1), CLASSES, true);
    if (!gop_net_training(n))
        return y;
    return gop_cross_entropy(n, y, input(n, "labels", gop_shape1(N), CLASSES), gop_none(), 0);
}

int main(int argc, char **argv)
{
    const gop_graph_data spatial = {.kind = GOP_GRAPH_SPATIAL,
                                    .norm = GOP_GRAPH_ROWS,
                                    .loops = true,
                                    .apart = true,
                                    .root = ROOT};
    gop_graph *g;
    gop_error err;
    must(gop_graph_new(&g, V, bones, V - 1, &err), &err);
    must(gop_graph_fill(topology, g, spatial, &err), &err);
    gop_graph_free(g);
    return measure(&(program){"CTR-GCN", 1, 8, 0, {{"channel-wise", record}}}, argc, argv);
}
