/*
 * config.c: the options of Sym-GNN, its presets, and what goes together.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif
#include "zoo/symgnn/symgnn.h"
#include "zoo/types.h"

#define AT(field) offsetof(symgnn_config, field)

static const zoo_option options[] = {
    {"observed", ZOO_OPTION_COUNT, AT(observed), 3, 4096, NULL, "50", "frames observed"},
    {"predicted", ZOO_OPTION_COUNT, AT(predicted), 1, 4096, NULL, "10", "frames predicted"},
    {"gamma", ZOO_OPTION_COUNT, AT(gamma), 1, 16, NULL, "3",
     "hops of the structural graphs (Gamma, eq. 4)"},
    {"agim_k", ZOO_OPTION_COUNT, AT(agim_k), 0, 16, NULL, "2",
     "iterations of the actional graph inference (K, eq. 1)"},
    {"agim_dim", ZOO_OPTION_COUNT, AT(agim_dim), 1, 4096, NULL, "128",
     "features of joints and edges in it"},
    {"lambda_act", ZOO_OPTION_NUMBER, AT(lambda_act), 0, 1000, NULL, "1",
     "weight of the actional graph (eq. 5)"},
    {"widths", ZOO_OPTION_LIST, AT(widths), 1, 4096, NULL, "32,64,128,256",
     "channels out of each block"},
    {"graph_widths", ZOO_OPTION_LIST, AT(graph_widths), 1, 4096, NULL, "",
     "channels between graph and temporal convolution; empty: the smaller of in and out, "
     "out in block 1"},
    {"strides", ZOO_OPTION_LIST, AT(strides), 1, 16, NULL, "1,2,2,2",
     "stride of each temporal convolution"},
    {"kernels", ZOO_OPTION_LIST, AT(kernels), 1, 99, NULL, "9,9,9,7",
     "frames each temporal convolution covers; odd"},
    {"fuse_after", ZOO_OPTION_LIST, AT(fuse_after), 1, 16, NULL, "2,3",
     "blocks followed by bidirectional fusion"},
    {"orders", ZOO_OPTION_LIST, AT(orders), 0, 8, NULL, "0,1,2",
     "orders of differences, one branch each (eq. 9)"},
    {"hidden", ZOO_OPTION_COUNT, AT(hidden), 1, 4096, NULL, "256",
     "features of the heads, the GRU and the output network"},
    {"out_hidden_layers", ZOO_OPTION_COUNT, AT(out_hidden_layers), 0, 8, NULL, "2",
     "hidden layers of the output network"},
    {"first_residual", ZOO_OPTION_SWITCH, AT(first_residual), 0, 1, NULL, "0",
     "a residual connection around the first block too"},
    {"gru_carry", ZOO_OPTION_CHOICE, AT(gru_carry), 0, 0, "jgc|hidden", "jgc",
     "what the GRU carries: JGC(H) (eq. 10b) or H"},
    {"yhat_input", ZOO_OPTION_SWITCH, AT(yhat_input), 0, 1, NULL, "1",
     "give the class probabilities to the prediction head"},
    {"detach_yhat", ZOO_OPTION_SWITCH, AT(detach_yhat), 0, 1, NULL, "0",
     "stop the prediction loss's gradient at those probabilities"},
    {"pred_reduction", ZOO_OPTION_CHOICE, AT(pred_reduction), 0, 0, "mean|sum", "mean",
     "prediction loss: mean over elements, or the sum of eq. 12"},
    {"p_tc", ZOO_OPTION_NUMBER, AT(p_tc), 0, 0.99, NULL, "0.5",
     "dropout after the temporal convolutions"},
    {"p_agim", ZOO_OPTION_NUMBER, AT(p_agim), 0, 0.99, NULL, "0.2",
     "dropout in the actional graph inference"},
    {"p_out", ZOO_OPTION_NUMBER, AT(p_out), 0, 0.99, NULL, "0.3",
     "dropout in the output network"},
    {"bn_eps", ZOO_OPTION_NUMBER, AT(bn_eps), 1e-12, 1, NULL, "1e-5", "epsilon of batch norms"},
    {"bn_momentum", ZOO_OPTION_NUMBER, AT(bn_momentum), 0, 1, NULL, "0.1",
     "share of a new batch in the running statistics"},
    {NULL, ZOO_OPTION_COUNT, 0, 0, 0, NULL, NULL, NULL},
};

static const zoo_preset presets[] = {
    {"light", "", "Table 18: four blocks, Human3.6M and CMU Mocap"},
    {"full",
     "observed=290 gamma=4 lambda_act=0.5 widths=64,64,128,128,128,256,256,256,256 "
     "strides=1,1,2,1,1,2,1,1,1 kernels=9,9,9,9,9,9,9,9,9 fuse_after=3,6",
     "Table 17: nine blocks, NTU RGB+D and Kinetics"},
    {"small", "widths=8,16,32,64 agim_dim=32 hidden=64 p_tc=0.1 p_agim=0.1 p_out=0.1",
     "a quarter of light's width, for small data"},
    {NULL, NULL, NULL},
};

/* Frames after a temporal convolution with padding (kernel - 1) / 2. */
static size_t frames_after(size_t frames, size_t kernel, size_t stride)
{
    return (frames + 2 * ((kernel - 1) / 2) - kernel) / stride + 1;
}

static gop_status check(const void *config, const zoo_domain *domain, gop_error *err)
{
    const symgnn_config *c = config;
    size_t blocks = c->widths.n, frames = c->observed;
    if (blocks == 0)
        return gop_fail(err, GOP_EINVAL, "widths: at least one block is needed");
    if (c->strides.n != blocks || c->kernels.n != blocks)
        return gop_fail(err, GOP_EINVAL, "widths, strides and kernels have %zu, %u and %u "
                        "entries, but there is one of each for every block", blocks,
                        (unsigned)c->strides.n, (unsigned)c->kernels.n);
    if (c->graph_widths.n != 0 && c->graph_widths.n != blocks)
        return gop_fail(err, GOP_EINVAL, "graph_widths has %u entries for %zu blocks",
                        (unsigned)c->graph_widths.n, blocks);
    for (size_t b = 0; b < blocks; b++) {
        if (c->kernels.v[b] % 2 == 0)
            return gop_fail(err, GOP_EINVAL, "kernels: %u is even", (unsigned)c->kernels.v[b]);
        frames = frames_after(frames, c->kernels.v[b], c->strides.v[b]);
    }
    for (uint32_t i = 0; i < c->fuse_after.n; i++)
        if (c->fuse_after.v[i] < 2 || c->fuse_after.v[i] >= blocks)
            return gop_fail(err, GOP_EINVAL, "fuse_after: fusion is possible after blocks 2 to "
                            "%zu, not %u", blocks - 1, (unsigned)c->fuse_after.v[i]);
    if (c->orders.n == 0)
        return gop_fail(err, GOP_EINVAL, "orders: at least one branch is needed");
    if (domain != NULL && domain->layout.nodes < 2)
        return gop_fail(err, GOP_ESHAPE, "layout %s has a single node, and a graph needs two",
                        domain->layout.name);
    return GOP_OK;
}

static size_t observed(const void *config)
{
    return ((const symgnn_config *)config)->observed;
}

static size_t predicted(const void *config)
{
    return ((const symgnn_config *)config)->predicted;
}

const zoo_model_type symgnn_type = {
    .name = "symgnn",
    .text = "Symbiotic Graph Neural Network: recognises an action and predicts the next poses",
    .reference = "M. Li et al., Symbiotic Graph Neural Networks for 3D Skeleton-based Human "
                 "Action Recognition and Motion Prediction, IEEE TPAMI 44 (2022) 3316",
    .config_size = sizeof(symgnn_config),
    .options = options,
    .presets = presets,
    .check = check,
    .record = symgnn_record,
    .observed = observed,
    .predicted = predicted,
    .frames = "observed",
    .widths = "widths graph_widths agim_dim hidden",
};
