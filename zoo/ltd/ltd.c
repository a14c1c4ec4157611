/*
 * ltd.c: LTD (W. Mao, M. Liu, M. Salzmann, H. Li, Learning Trajectory Dependencies for Human Motion
 * Prediction, ICCV 2019): the cosine transform of each coordinate's trajectory, and graph
 * convolutions over the coordinates whose graphs are dense and trained.
 *
 *     X  = [x_1 .. x_T, x_T .. x_T] D^T            the last place held for T' frames
 *     Z  = tanh(bn(A X W^T + b))
 *     Z' = Z + two times tanh(bn(A Z W^T + b))     `blocks` times
 *     y  = (X + A Z W^T + b) D                     frames 1 .. T + T'
 *     L  = mean |y - true| over all T + T' frames
 *
 * X [V, k] has a row for each channel of each node and the first k coefficients of T + T' frames; Z
 * [V, F]; every A [V, V] is trained as it stands.  Where the text is silent, this file follows the
 * authors' published code: the bias is added after A, every feature of every node has a batch norm
 * of its own, and dropout follows each tanh. Records operators of libgraphop; computes nothing.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/predictor.h"
#include "zoo/trajectory.h"
#include "zoo/types.h"
#include "zoo/weights/import.h"
#include "zoo/weights/mao.h"

typedef struct config {
    zoo_horizon horizon;
    uint32_t coefficients; /* k */
    uint32_t hidden, blocks;
    double dropout;
    zoo_loss loss;
} config;

static gop_var network(gop_net *net, void *user, gop_var poses)
{
    const config *c = user;
    const size_t T = c->horizon.observed + c->horizon.predicted, k = c->coefficients;
    const gop_var x = zoo_hold_last(net, zoo_trajectories(net, poses), c->horizon.predicted);
    gop_var y = gop_linear(net, x, zoo_cosines(net, T, k), gop_none());
    y = zoo_residual_gcn(net, y, c->hidden, c->blocks, c->dropout);
    y = gop_linear(net, y, zoo_inverse_cosines(net, T, k), gop_none());
    return zoo_poses(net, y, gop_net_dim(net, poses, -1));
}

static void record(gop_net *net, const void *configuration, const zoo_use *use, zoo_ports *ports)
{
    config c = *(const config *)configuration;
    const gop_var y = zoo_predict(net, use, &c.horizon, false, network, &c, ports);
    zoo_learn_poses(net, use, &c.horizon, &c.loss, y, ports);
}

/* ---------------------------------------------------------------------- options */

#define AT(field) offsetof(config, field)

static const zoo_setting options[] = {
    ZOO_HORIZON_OPTIONS(config, horizon, "10", "25"),
    {"coefficients", ZOO_SETTING_COUNT, AT(coefficients), 1, 8192, NULL, "35",
     "coefficients of the cosine transform of observed and predicted frames", NULL},
    {"hidden", ZOO_SETTING_COUNT, AT(hidden), 1, 4096, NULL, "256",
     "features between the graph convolutions", NULL},
    {"blocks", ZOO_SETTING_COUNT, AT(blocks), 0, 256, NULL, "12",
     "blocks of two graph convolutions", NULL},
    {"dropout", ZOO_SETTING_NUMBER, AT(dropout), 0, 0.99, NULL, "0.5",
     "dropout after each activation", NULL},
    ZOO_LOSS_OPTIONS(config, loss, "position", "0", NULL),
    {0},
};

static const zoo_preset presets[] = {
    {"published", "", "10 frames to 25 of positions, all coefficients"},
    {"short", "predicted=10 coefficients=15", "10 frames to 10 of positions"},
    {"small", "hidden=64 blocks=4 dropout=0.2", "for small data"},
    {NULL, NULL, NULL},
};

static gop_status check(const void *configuration, const zoo_domain *domain, gop_error *err)
{
    const config *c = configuration;
    const uint32_t frames = c->horizon.observed + c->horizon.predicted;
    if (c->coefficients > frames)
        return gop_fail(err, GOP_EINVAL,
                        "coefficients must be at most observed + predicted, %u, not %u",
                        (unsigned)frames, (unsigned)c->coefficients);
    return zoo_check_loss(&c->loss, &domain->layout, err);
}

/* ---------------------------------------------------------------------- imports */

static const zoo_import_row authors_rows[] = {MAO_GCN(""), {NULL, NULL, NULL}};

static const zoo_import_rule authors_rules[] = {
    {"coefficients", ZOO_IMPORT_SIZE, "gc1.weight", 0, NULL, 0},
    MAO_SIZES(""),
    {NULL, ZOO_IMPORT_VALUE, NULL, 0, NULL, 0},
};

static const char *const assumes[] = {ZOO_ASSUMES_PREDICTED, NULL};

static const zoo_import imports[] = {
    {.name = "authors",
     .rows = authors_rows,
     .rules = authors_rules,
     .nodes = "in.gc.A",
     .assumes = assumes},
    {.name = NULL},
};

const zoo_model_type ltd_type = {
    .name = "ltd",
    .text = "LTD, trained graphs of trajectories' cosine transforms: predicts poses",
    .reference = "W. Mao, M. Liu, M. Salzmann, H. Li, Learning Trajectory Dependencies for Human "
                 "Motion Prediction, ICCV 2019",
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
