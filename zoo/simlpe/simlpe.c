/*
 * simlpe.c: siMLPe (W. Guo, Y. Du, X. Shen, V. Lepetit, X. Alameda-Pineda, F. Moreno-Noguer, Back
 * to MLP: A Simple Baseline for Human Motion Prediction, WACV 2023): linear maps of the coordinates
 * and of the frames' cosine transform, and layer norms; no activation.
 *
 *     z  = W_0 D x + b_0                         into the transform's coefficients, over V
 *     z' = z + LN(W_i z + b_i)                   i = 1 .. blocks
 *     y  = x_T + D^-1 (W z + b)                  frames T + 1 .. T + T'
 *     L  = mean |y - true| + mean |dy - d true|
 *
 * x [T, V] has a row for each observed frame, z [T, V] for each coefficient; V are all channels of
 * all nodes.  D [T, T] is the cosine transform of the frames.  W_0 and W [V, V] map rows, with b_0
 * and b [V]; W_i [T, T] mixes the coefficients, with one number of b_i [T] for each.  LN normalises
 * a row. T' <= T, because the inverse transform has T rows.  dy are differences of the predicted
 * frames. Where the text is silent, this file follows the authors' published code: no residual
 * around all blocks, W_i and W begin within 1e-8 of 0, so that the first prediction is the last
 * pose, and 25 frames are predicted by steps of 10, each from the last T frames. Records operators
 * of libgraphop; computes nothing.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/predictor.h"
#include "zoo/trajectory.h"
#include "zoo/types.h"
#include "zoo/weights/import.h"

#include <math.h>

typedef struct config {
    zoo_horizon horizon;
    uint32_t blocks;
    zoo_loss loss;
} config;

/* Xavier's uniform values with a gain of 1e-8, of a matrix [n, n]. */
static gop_init near_zero(size_t n)
{
    return gop_init_uniform(1e-8 * sqrt(3 / (double)n));
}

/* z + LN(W z + b) */
static gop_var block(gop_net *net, size_t i, gop_var z)
{
    const size_t T = gop_net_dim(net, z, 1);
    gop_net_push(net, "block.%zu", i);
    gop_net_push(net, "time");
    const gop_var W = gop_param(net, "weight", gop_shape2(T, T), near_zero(T));
    const gop_var b = gop_param(net, "bias", gop_shape1(T), gop_init_constant(0));
    gop_net_pop(net);
    gop_var y = gop_add(net, gop_graph_product(net, W, z),
                        gop_reshape(net, b, gop_shape3(T, 1, 1)));
    y = gop_layer_layer_norm(net, "norm", y, 1e-5);
    gop_net_pop(net);
    return gop_add(net, z, y);
}

/* W z + b, from the beginning nearly 0. */
static gop_var out(gop_net *net, gop_var z)
{
    const size_t V = gop_net_dim(net, z, -1);
    gop_net_push(net, "out");
    const gop_var W = gop_param(net, "weight", gop_shape2(V, V), near_zero(V));
    const gop_var b = gop_param(net, "bias", gop_shape1(V), gop_init_constant(0));
    gop_net_pop(net);
    return gop_linear(net, z, W, b);
}

static gop_var network(gop_net *net, void *user, gop_var poses)
{
    static const int by_frame[4] = {0, 2, 1, 3};
    const config *c = user;
    const gop_shape s = gop_net_shape(net, poses);
    if (gop_net_status(net) != GOP_OK)
        return gop_none();
    const size_t N = s.dim[0], M = s.dim[1], T = s.dim[2], C = s.dim[3], V = M * C;
    /* Frames and coefficients are the nodes of a graph, whose channels are the V coordinates. */
    const gop_var x = gop_reshape(net, gop_permute(net, poses, by_frame), gop_shape4(N, T, 1, V));
    gop_var z = gop_graph_product(net, zoo_cosines(net, T, T), x);
    z = gop_layer_linear(net, "in", z, V, true);
    for (size_t i = 0; i < c->blocks; i++)
        z = block(net, i, z);
    const gop_var inverse = gop_slice(net, zoo_inverse_cosines(net, T, T), 0, 0,
                                      c->horizon.predicted);
    gop_var y = gop_graph_product(net, inverse, out(net, z));
    y = gop_add(net, y, gop_slice(net, x, 1, T - 1, 1));
    return gop_permute(net, gop_reshape(net, y, gop_shape4(N, c->horizon.predicted, M, C)),
                       by_frame);
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
    ZOO_HORIZON_OPTIONS(config, horizon, "50", "10"),
    {"blocks", ZOO_SETTING_COUNT, AT(blocks), 1, 1024, NULL, "48",
     "blocks, each a map of the coefficients with a layer norm", NULL},
    ZOO_LOSS_OPTIONS(config, loss, "position", "1", NULL),
    {0},
};

static const zoo_preset presets[] = {
    {"published", "", "the 48 blocks of the paper, for positions"},
    {"small", "blocks=12", "for small data"},
    {NULL, NULL, NULL},
};

static gop_status check(const void *configuration, const zoo_domain *domain, gop_error *err)
{
    const config *c = configuration;
    if (c->horizon.predicted > c->horizon.observed)
        return gop_fail(err, GOP_EINVAL,
                        "predicted must be at most observed, %u, not %u; steps has more frames",
                        (unsigned)c->horizon.observed, (unsigned)c->horizon.predicted);
    return zoo_check_loss(&c->loss, &domain->layout, err);
}

/* ---------------------------------------------------------------------- imports */

/* The authors' program, whose blocks have had three names. */
#define ROWS(blocks)                                                                 \
    {                                                                                \
        {"motion_fc_in", "in", NULL}, {"motion_fc_out", "out", NULL},                \
            {blocks ".#.fc0.fc", "block.#.time", NULL},                              \
            {blocks ".#.norm0.alpha", "block.#.norm.weight", NULL},                  \
            {blocks ".#.norm0.beta", "block.#.norm.bias", NULL}, {NULL, NULL, NULL}, \
    }
#define RULES(blocks)                                                             \
    {                                                                             \
        {"observed", ZOO_IMPORT_SIZE, blocks ".#.fc0.fc.weight", 0, NULL, 0},     \
            {"blocks", ZOO_IMPORT_BLOCKS, blocks ".#.fc0.fc.weight", 0, NULL, 0}, \
            {NULL, ZOO_IMPORT_VALUE, NULL, 0, NULL, 0},                           \
    }
#define MLPS         "motion_mlp.mlps"
#define TRANSFORMER  "motion_transformer.transformer"
#define MLPS_BETWEEN "motion_transformer.mlps"

static const zoo_import_row mlps_rows[] = ROWS(MLPS), transformer_rows[] = ROWS(TRANSFORMER),
                            between_rows[] = ROWS(MLPS_BETWEEN);
static const zoo_import_rule mlps_rules[] = RULES(MLPS), transformer_rules[] = RULES(TRANSFORMER),
                             between_rules[] = RULES(MLPS_BETWEEN);

static const char *const assumes[] = {ZOO_ASSUMES_PREDICTED, NULL};

static const zoo_import imports[] = {
    {.name = "authors",
     .rows = mlps_rows,
     .rules = mlps_rules,
     .nodes = "in.bias",
     .assumes = assumes},
    {.name = "authors-transformer",
     .rows = transformer_rows,
     .rules = transformer_rules,
     .nodes = "in.bias",
     .assumes = assumes},
    {.name = "authors-mlps",
     .rows = between_rows,
     .rules = between_rules,
     .nodes = "in.bias",
     .assumes = assumes},
    {.name = NULL},
};

const zoo_model_type simlpe_type = {
    .name = "simlpe",
    .text = "siMLPe, linear maps of coordinates and of their cosine transform: predicts poses",
    .reference = "W. Guo et al., Back to MLP: A Simple Baseline for Human Motion Prediction, WACV "
                 "2023",
    .config_size = sizeof(config),
    .options = options,
    .presets = presets,
    .check = check,
    .record = record,
    .predicted = zoo_horizon_frames,
    .recognises = zoo_only_predicts,
    .imports = imports,
};
