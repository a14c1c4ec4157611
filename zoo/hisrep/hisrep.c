/*
 * hisrep.c: HisRep (W. Mao, M. Liu, M. Salzmann, History Repeats Itself: Human Motion Prediction
 * via Motion Attention, ECCV 2020): the last frames look for similar ones in the history, what
 * followed those is averaged, and the graph convolutions of LTD predict from both.
 *
 *     q   = f_q(the last K of L frames)
 *     k_i = f_k(frames i .. i + K - 1)                  i = 0 .. L - K - T'
 *     a_i = (q . k_i + 1e-15) / sum_j (q . k_j + 1e-15)
 *     U   = sum_i a_i (frames i .. i + K + T' - 1) D^T
 *     X   = [the last K frames, the last frame T' times] D^T
 *     y   = ([X, U] + GCN([X, U]))_(0..k-1) D           K + T' frames
 *     L   = mean |y - true| over all K + T' frames
 *
 * D [k, K + T'] has the first k rows of the cosine transform; X and U [V, k] have a row for each
 * channel of each node.  f is two times (convolution over the frames, ReLU), with all V channels of
 * a frame and without padding; K is the sum of both kernels minus 1.  The GCN is LTD's
 * (zoo_residual_gcn) with 2 k coefficients.  The scores, not negative through the ReLUs, are
 * divided by their sum instead of a softmax.  Where the text is silent, this file follows the
 * authors' published code: f gets poses in another unit (`unit`, metres from millimetres) and has
 * no biases. Records operators of libgraphop; computes nothing.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/predictor.h"
#include "zoo/trajectory.h"
#include "zoo/types.h"
#include "zoo/weights/import.h"
#include "zoo/weights/mao.h"

#include <math.h>

typedef struct config {
    zoo_horizon horizon;
    uint32_t coefficients; /* k */
    uint32_t hidden, blocks;
    zoo_list kernels; /* of both convolutions */
    double unit;
    double dropout;
    zoo_loss loss;
} config;

/* K */
static size_t window(const config *c)
{
    return (size_t)c->kernels.v[0] + c->kernels.v[1] - 1;
}

/* f_q or f_k: x [N, 1, frames, V], result [N, 1, frames - K + 1, hidden]. */
static gop_var embed(gop_net *net, const config *c, const char *name, gop_var x)
{
    gop_net_push(net, "%s", name);
    for (size_t i = 0; i < 2; i++) {
        const size_t in = gop_net_dim(net, x, -1), taps = c->kernels.v[i];
        gop_net_push(net, "conv%zu", i + 1);
        const gop_var W = gop_param(net, "weight", gop_shape3(c->hidden, taps, in),
                                    gop_init_uniform(1 / sqrt((double)(in * taps))));
        gop_net_pop(net);
        x = gop_relu(net, gop_temporal_conv(net, x, W, (gop_conv){0}));
    }
    gop_net_pop(net);
    return x;
}

/* a [N, 1, windows], from x [N, 1, L, V] */
static gop_var attention(gop_net *net, const config *c, gop_var x)
{
    const size_t L = gop_net_dim(net, x, 2), K = window(c), N = gop_net_dim(net, x, 0);
    x = gop_scale(net, x, c->unit);
    const gop_var q = embed(net, c, "query", gop_slice(net, x, 2, L - K, K));
    const gop_var k = embed(net, c, "key", gop_slice(net, x, 2, 0, L - c->horizon.predicted));
    const gop_var least = gop_fill(net, "least", gop_shape0(), 1e-15);
    const gop_var s = gop_add(net, gop_matmul(net, q, k, GOP_TRANSPOSE_B), least);
    const size_t windows = gop_net_dim(net, s, -1);
    const gop_var sum = gop_reshape(net, gop_sum(net, s, -1), gop_shape4(N, 1, 1, 1));
    return gop_reshape(net, gop_div(net, s, sum), gop_shape3(N, 1, windows));
}

/* U [N, V, 1, k]: the mean of the windows' transforms, from trajectories x [N, V, 1, L]. */
static gop_var recall(gop_net *net, const config *c, gop_var x, gop_var a, gop_var D)
{
    static const int by_window[4] = {0, 2, 1, 3};
    const size_t N = gop_net_dim(net, x, 0), V = gop_net_dim(net, x, 1);
    const size_t L = gop_net_dim(net, x, -1), k = c->coefficients, S = gop_net_dim(net, D, -1);
    /* D x of every window is a convolution over the frames. */
    gop_var v = gop_temporal_conv(net, gop_reshape(net, x, gop_shape4(N, V, L, 1)),
                                  gop_reshape(net, D, gop_shape3(k, S, 1)), (gop_conv){0});
    v = gop_reshape(net, gop_permute(net, v, by_window),
                    gop_shape3(N, gop_net_dim(net, a, -1), V * k));
    return gop_reshape(net, gop_matmul(net, a, v, 0), gop_shape4(N, V, 1, k));
}

static gop_var network(gop_net *net, void *user, gop_var poses)
{
    static const int by_frame[4] = {0, 2, 3, 1};
    const config *c = user;
    const size_t K = window(c), future = c->horizon.predicted, k = c->coefficients;
    const size_t L = gop_net_dim(net, poses, 2);
    const gop_var x = zoo_trajectories(net, poses), D = zoo_cosines(net, K + future, k);
    const gop_var U = recall(net, c, x, attention(net, c, gop_permute(net, x, by_frame)), D);
    const gop_var last = zoo_hold_last(net, gop_slice(net, x, -1, L - K, K), future);
    gop_var y = gop_concat(net, (gop_var[]){gop_linear(net, last, D, gop_none()), U}, 2, -1);
    y = zoo_residual_gcn(net, y, c->hidden, c->blocks, c->dropout);
    y = gop_linear(net, gop_slice(net, y, -1, 0, k), zoo_inverse_cosines(net, K + future, k),
                   gop_none());
    return zoo_poses(net, y, gop_net_dim(net, poses, -1));
}

static void record(gop_net *net, const void *configuration, const zoo_use *use, zoo_ports *ports)
{
    config c = *(const config *)configuration;
    const gop_var y = zoo_predict(net, use, &c.horizon, true, network, &c, ports);
    zoo_learn_poses(net, use, &c.horizon, &c.loss, y, ports);
}

/* ---------------------------------------------------------------------- options */

#define AT(field) offsetof(config, field)

static const zoo_setting options[] = {
    ZOO_HORIZON_OPTIONS(config, horizon, "50", "10"),
    {"coefficients", ZOO_SETTING_COUNT, AT(coefficients), 1, 8192, NULL, "20",
     "coefficients of the cosine transform of a window and the predicted frames", NULL},
    {"hidden", ZOO_SETTING_COUNT, AT(hidden), 1, 4096, NULL, "256",
     "features of queries, keys and between the graph convolutions", NULL},
    {"blocks", ZOO_SETTING_COUNT, AT(blocks), 0, 256, NULL, "12",
     "blocks of two graph convolutions", NULL},
    {"kernels", ZOO_SETTING_LIST, AT(kernels), 1, 1024, NULL, "6,5",
     "frames that both convolutions of queries and keys cover", NULL},
    {"unit", ZOO_SETTING_NUMBER, AT(unit), 1e-9, 1e9, NULL, "0.001",
     "factor of the poses for queries and keys", NULL},
    {"dropout", ZOO_SETTING_NUMBER, AT(dropout), 0, 0.99, NULL, "0.3",
     "dropout after each activation", NULL},
    ZOO_LOSS_OPTIONS(config, loss, "position", "0", NULL),
    {0},
};

static const zoo_preset presets[] = {
    {"published", "", "50 frames to 10 of positions"},
    {"small", "hidden=64 blocks=4 dropout=0.2", "for small data"},
    {NULL, NULL, NULL},
};

static gop_status check(const void *configuration, const zoo_domain *domain, gop_error *err)
{
    const config *c = configuration;
    if (c->kernels.n != 2)
        return gop_fail(err, GOP_EINVAL, "kernels: two are needed, not %u", (unsigned)c->kernels.n);
    const size_t all = window(c) + c->horizon.predicted;
    if (c->horizon.observed < all)
        return gop_fail(err, GOP_EINVAL,
                        "observed must be at least %zu, the sum of both kernels - 1 and of "
                        "predicted, not %u",
                        all, (unsigned)c->horizon.observed);
    if (c->coefficients > all)
        return gop_fail(err, GOP_EINVAL,
                        "coefficients must be at most %zu, the sum of both kernels - 1 and of "
                        "predicted, not %u",
                        all, (unsigned)c->coefficients);
    return zoo_check_loss(&c->loss, &domain->layout, err);
}

/* ---------------------------------------------------------------------- imports */

static const zoo_import_row authors_rows[] = {
    {"convQ.0", "query.conv1", "tc"},
    {"convQ.2", "query.conv2", "tc"},
    {"convK.0", "key.conv1", "tc"},
    {"convK.2", "key.conv2", "tc"},
    MAO_GCN("gcn."),
    {NULL, NULL, NULL},
};

static const zoo_import_rule authors_rules[] = {
    MAO_SIZES("gcn."),
    {NULL, ZOO_IMPORT_VALUE, NULL, 0, NULL, 0},
};

static const char *const assumes[] = {
    ZOO_ASSUMES_PREDICTED,
    "coefficients are half of the rows of gcn.gc1.weight; --set coefficients=N has others than 20",
    NULL};

static const zoo_import imports[] = {
    {.name = "authors",
     .rows = authors_rows,
     .rules = authors_rules,
     .nodes = "in.gc.A",
     .assumes = assumes},
    {.name = NULL},
};

const zoo_model_type hisrep_type = {
    .name = "hisrep",
    .text = "HisRep, attention to similar motions of the past before LTD's graphs: predicts poses",
    .reference = "W. Mao, M. Liu, M. Salzmann, History Repeats Itself: Human Motion Prediction via "
                 "Motion Attention, ECCV 2020",
    .config_size = sizeof(config),
    .options = options,
    .presets = presets,
    .check = check,
    .record = record,
    .predicted = zoo_horizon_frames,
    .recognises = zoo_only_predicts,
    .widths = "hidden",
    .imports = imports,
};
