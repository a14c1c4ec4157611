/*
 * type.c: Sym-GNN as a type of model: its options, presets and variants, their checks, and the
 * fusion of several networks into one.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/symgnn/symgnn.h"
#include "zoo/types.h"

#include <stdio.h>
#include <string.h>

#define AT(field)  offsetof(symgnn_config, field)

/* What options need: heads and parts of the network. */
#define PREDICTS   "heads=both|heads=prediction stream=joint|stream=bone"
#define RECOGNISES "heads=both|heads=recognition"
#define TOLD       "heads=both stream=joint|stream=bone yhat_input=1"
#define JOINTS     "scales=both|scales=joint"
#define HOPS       JOINTS " joint_graphs=both|joint_graphs=structural"
#define INFERS     JOINTS " joint_graphs=both|joint_graphs=actional"

static const zoo_setting options[] = {
    {"observed", ZOO_SETTING_COUNT, AT(observed), 3, 4096, NULL, "50", "frames observed", NULL},
    {"predicted", ZOO_SETTING_COUNT, AT(predicted), 1, 4096, NULL, "10", "frames predicted",
     PREDICTS},
    {"gamma", ZOO_SETTING_COUNT, AT(gamma), 1, 16, NULL, "3",
     "hops of the structural graphs (Gamma, eq. 4)", HOPS},
    {"agim_k", ZOO_SETTING_COUNT, AT(agim_k), 0, 16, NULL, "2",
     "iterations of the actional graph inference (K, eq. 1)", INFERS},
    {"agim_dim", ZOO_SETTING_COUNT, AT(agim_dim), 1, 4096, NULL, "128",
     "features of joints and edges in the actional graph inference", INFERS},
    {"lambda_act", ZOO_SETTING_NUMBER, AT(lambda_act), 0, 1000, NULL, "1",
     "weight of the actional graph (eq. 5)", INFERS},
    {"widths", ZOO_SETTING_LIST, AT(widths), 1, 4096, NULL, "32,64,128,256",
     "channels out of each block", NULL},
    {"graph_widths", ZOO_SETTING_LIST, AT(graph_widths), 1, 4096, NULL, "",
     "channels between graph and temporal convolution; empty: the smaller of the block's input "
     "and output, in block 1 its output",
     NULL},
    {"strides", ZOO_SETTING_LIST, AT(strides), 1, 16, NULL, "1,2,2,2",
     "stride of each temporal convolution", NULL},
    {"kernels", ZOO_SETTING_LIST, AT(kernels), 1, 99, NULL, "9,9,9,7",
     "frames that each temporal convolution covers, odd", NULL},
    {"fuse_after", ZOO_SETTING_LIST, AT(fuse_after), 1, ZOO_LIST_MAX, NULL, "2,3",
     "blocks followed by bidirectional fusion", "scales=both"},
    {"orders", ZOO_SETTING_LIST, AT(orders), 0, 8, NULL, "0,1,2",
     "orders of differences, one branch each (eq. 9)", NULL},
    {"hidden", ZOO_SETTING_COUNT, AT(hidden), 1, 4096, NULL, "256",
     "features of the heads, the GRU and the output network", NULL},
    {"out_hidden_layers", ZOO_SETTING_COUNT, AT(out_hidden_layers), 0, 8, NULL, "2",
     "hidden layers of the output network", PREDICTS},
    {"input", ZOO_SETTING_CHOICE, AT(input), 0, 0, "frames|dct", "frames",
     "input of the branches: the observed frames, or their cosine transform, whose coefficients "
     "take the place of frames",
     NULL},
    {"decoder", ZOO_SETTING_CHOICE, AT(decoder), 0, 0, "gru|dct", "gru",
     "how poses are predicted: a GRU gives one after the other (eq. 10), or the output network "
     "gives all at once, by their cosine transform",
     PREDICTS},
    {"coefficients", ZOO_SETTING_COUNT, AT(coefficients), 0, 4096, NULL, "0",
     "coefficients of the predicted frames' cosine transform; 0: as many as frames",
     PREDICTS " decoder=dct"},
    {"dec_trajectory", ZOO_SETTING_SWITCH, AT(dec_trajectory), 0, 1, NULL, "0",
     "the prediction head also takes the cosine transform of the observed poses, less the last",
     PREDICTS},
    {"residual", ZOO_SETTING_CHOICE, AT(residual), 0, 0, "previous|last", "previous",
     "what each predicted pose is added to: the pose before it (eq. 10c) or the last observed one; "
     "decoder=dct has the latter",
     PREDICTS " decoder=gru"},
    {"first_residual", ZOO_SETTING_SWITCH, AT(first_residual), 0, 1, NULL, "0",
     "residual connection around the first block too", NULL},
    {"gru_carry", ZOO_SETTING_CHOICE, AT(gru_carry), 0, 0, "jgc|hidden", "jgc",
     "what the GRU carries: JGC(H) (eq. 10b) or H", PREDICTS " decoder=gru"},
    {"yhat_input", ZOO_SETTING_SWITCH, AT(yhat_input), 0, 1, NULL, "1",
     "the prediction head takes the class probabilities as an input",
     "heads=both stream=joint|stream=bone"},
    {"detach_yhat", ZOO_SETTING_SWITCH, AT(detach_yhat), 0, 1, NULL, "0",
     "stop the gradient of the prediction loss at the class probabilities", TOLD},
    {"pred_reduction", ZOO_SETTING_CHOICE, AT(pred_reduction), 0, 0, "mean|sum", "mean",
     "prediction loss: mean over elements, or the sum of eq. 12", PREDICTS " loss=absolute"},
    ZOO_LOSS_OPTIONS(symgnn_config, loss, "absolute", "0", PREDICTS),
    {"p_tc", ZOO_SETTING_NUMBER, AT(p_tc), 0, 0.99, NULL, "0.5",
     "dropout after the temporal convolutions", NULL},
    {"p_agim", ZOO_SETTING_NUMBER, AT(p_agim), 0, 0.99, NULL, "0.2",
     "dropout in the actional graph inference", INFERS},
    {"p_out", ZOO_SETTING_NUMBER, AT(p_out), 0, 0.99, NULL, "0.3", "dropout in the output network",
     PREDICTS " out_hidden_layers!0"},
    {"bn_eps", ZOO_SETTING_NUMBER, AT(bn_eps), 1e-12, 1, NULL, "1e-5", "epsilon of batch norms",
     NULL},
    {"bn_momentum", ZOO_SETTING_NUMBER, AT(bn_momentum), 0, 1, NULL, "0.1",
     "share of a new batch in the running statistics", NULL},
    {"stream", ZOO_SETTING_SET, AT(stream), 0, 0, "joint|bone|joint-motion|bone-motion", "joint",
     "the input; several, such as joint+bone: a network for each, with fused class scores (sec. "
     "5.5)",
     NULL},
    {"bone_weight", ZOO_SETTING_NUMBER, AT(bone_weight), 0, 1, NULL, "0.5",
     "weight of the bones' class scores; the joints' have the rest",
     "stream=joint|stream=joint-motion stream=bone|stream=bone-motion"},
    {"motion_weight", ZOO_SETTING_NUMBER, AT(motion_weight), 0, 1, NULL, "0.5",
     "weight of the motions' class scores; the poses' have the rest",
     "stream=joint|stream=bone-motion stream=joint|stream=bone stream=joint-motion|stream=bone stream=joint-motion|stream=bone-motion"},
    {"heads", ZOO_SETTING_CHOICE, AT(heads), 0, 0, "both|recognition|prediction", "both",
     "heads of the network; networks of motions have no prediction head", NULL},
    {"joint_graphs", ZOO_SETTING_CHOICE, AT(joint_graphs), 0, 0, "both|structural|actional", "both",
     "graphs of joints (eq. 5)", JOINTS},
    {"scales", ZOO_SETTING_CHOICE, AT(scales), 0, 0, "both|joint|part", "both",
     "scales of the network; with parts alone, its input is the mean over the nodes of each part",
     NULL},
    {"recg_mean", ZOO_SETTING_CHOICE, AT(recg_mean), 0, 0, "after|before", "after",
     "where the recognition head averages over nodes: after MLP_recg or before it (sec. 5.2)",
     RECOGNISES},
    {"head_layers", ZOO_SETTING_COUNT, AT(head_layers), 1, 4, NULL, "1",
     "layers of MLP_recg and of MLP_pred", NULL},
    {"gc_repeat", ZOO_SETTING_COUNT, AT(gc_repeat), 1, 4, NULL, "1",
     "joint graph convolutions in a row in each block (\"x2\" in Tables 17, 18)", JOINTS},
    {"gc_bias", ZOO_SETTING_SWITCH, AT(gc_bias), 0, 1, NULL, "0",
     "a bias after each graph convolution", NULL},
    {"agim_per", ZOO_SETTING_CHOICE, AT(agim_per), 0, 0, "network|branch", "network",
     "actional graph inference: one for the network, from its input, or one for each branch, from "
     "its differences",
     INFERS},
    {"agim_shared", ZOO_SETTING_SWITCH, AT(agim_shared), 0, 1, NULL, "0",
     "iterations of the inference share the same two perceptrons", INFERS " agim_k!0 agim_k!1"},
    {"agim_bn", ZOO_SETTING_SWITCH, AT(agim_bn), 0, 1, NULL, "1",
     "batch norm in the inference (Table 16)", INFERS},
    {"agim_frames", ZOO_SETTING_COUNT, AT(agim_frames), 0, 4096, NULL, "0",
     "how many of the last observed frames the inference sees; 0: all", INFERS},
    {"hop_graphs", ZOO_SETTING_CHOICE, AT(hop_graphs), 0, 0, "powers|exact|within", "powers",
     "structural graph of g hops: the g-th power of the normalised adjacency, the nodes exactly g "
     "hops apart, or those within g hops",
     HOPS},
    {"edge_masks", ZOO_SETTING_CHOICE, AT(edge_masks), 0, 0, "layer|network|none", "layer",
     "trained masks of the structural graphs and the part graph: one set for each layer, one for "
     "the network, or none",
     "scales=both|scales=part|joint_graphs=both|joint_graphs=structural"},
    {"dec_differences", ZOO_SETTING_CHOICE, AT(dec_differences), 0, 0,
     "running|restart|frozen|none", "running",
     "differences that the GRU takes (eq. 10b): of the last three poses, observed or predicted; "
     "of predicted poses only; of the observed poses at every step; or none",
     PREDICTS},
    {"difference_edge", ZOO_SETTING_CHOICE, AT(difference_edge), 0, 0, "zero|zeros|pose|copy",
     "zero",
     "differences at the beginning (eq. 9): zero in the first frame at each order; zero in the "
     "first b frames at order b; as if the poses before were zero; or the first true difference "
     "copied",
     "orders!0|stream=joint-motion|stream=bone-motion"},
    {"residual_bn", ZOO_SETTING_SWITCH, AT(residual_bn), 0, 1, NULL, "1",
     "batch norm after a residual's convolution", NULL},
    {"yhat_from", ZOO_SETTING_CHOICE, AT(yhat_from), 0, 0, "fused|own", "fused",
     "class probabilities that the prediction head takes when there are several networks: the "
     "fused ones, or those of the network that predicts (sec. 5.5)",
     TOLD " stream!joint stream!bone"},
    {"residual_after", ZOO_SETTING_SWITCH, AT(residual_after), 0, 1, NULL, "0",
     "add a block's residual after its last relu instead of before it", NULL},
    {"part_from", ZOO_SETTING_CHOICE, AT(part_from), 0, 0, "block|input", "block",
     "input of the part scale beside joints: the pooled features of the first block, or the "
     "network's input through a first block of its own",
     "scales=both"},
    {"fuse_from", ZOO_SETTING_CHOICE, AT(fuse_from), 0, 0, "before|after", "before",
     "features of the joints that are fused into the parts: before or after their own fusion",
     "scales=both fuse_after"},
    {"join", ZOO_SETTING_CHOICE, AT(join), 0, 0, "add|concat", "add",
     "how the two scales are joined at the end: added or concatenated", "scales=both"},
    {"shared", ZOO_SETTING_CHOICE, AT(shared), 0, 0, "both|features", "both",
     "what counts as shared by both losses in lambda's upper bound: the backbone's features and "
     "the graphs that the prediction head takes from it, or the features alone",
     "heads=both stream=joint|stream=bone"},
    {0},
};

static const zoo_preset presets[] = {
    {"light", "", "Table 18: four blocks, Human3.6M and CMU Mocap"},
    {"full",
     "observed=290 gamma=4 lambda_act=0.5 widths=64,64,128,128,128,256,256,256,256 "
     "strides=1,1,2,1,1,2,1,1,1 kernels=9,9,9,9,9,9,9,9,9 fuse_after=3,6",
     "Table 17: nine blocks, NTU RGB+D and Kinetics"},
    {"small", "widths=8,16,32,64 agim_dim=32 hidden=64 p_tc=0.1 p_agim=0.1 p_out=0.1",
     "a quarter of light's width, for small data"},
    {"modern",
     "heads=prediction scales=joint orders=0 input=dct widths=16,32,64 strides=2,2,2 "
     "kernels=9,9,7 agim_k=1 agim_dim=32 hidden=128 out_hidden_layers=1 decoder=dct "
     "dec_trajectory=1 loss=position velocity=1 p_tc=0 p_agim=0 p_out=0.1",
     "predicts all poses at once, as LTD and siMLPe do"},
    {NULL, NULL, NULL},
};

/* Ablations of the paper's tables and figures, and the networks of section 5.5. */
static const zoo_preset variants[] = {
    {"only-js", "scales=joint joint_graphs=structural",
     "only joint-scale structural graphs (Tables 1, 3, 11, 12)"},
    {"only-ja", "scales=joint joint_graphs=actional",
     "only joint-scale actional graphs (Tables 1, 3, 11, 12)"},
    {"only-part", "scales=part", "only the part-scale graph (Tables 1, 3, 11, 12)"},
    {"no-part", "scales=joint", "no part scale"},
    {"no-bone", "stream=joint", "the joints' network alone (Tables 1, 3, 15)"},
    {"only-bone", "stream=bone", "the bones' network alone (Table 15)"},
    {"joint-motion", "stream=joint-motion", "a network of the joints' motion"},
    {"bone-motion", "stream=bone-motion", "a network of the bones' motion"},
    {"joint-bone", "stream=joint+bone", "joints and bones in one model, trained together"},
    {"no-pred", "heads=recognition", "no prediction (Tables 1, 2, 9)"},
    {"no-recg", "heads=prediction", "no recognition (Tables 4, 10)"},
    {"gamma-1", "gamma=1", "structural graphs of one hop (Tables 11, 12)"},
    {"gamma-2", "gamma=2", "two hops"},
    {"gamma-3", "gamma=3", "three hops"},
    {"gamma-4", "gamma=4", "four hops"},
    {"k-0", "agim_k=0", "no iteration of the actional graph inference (Fig. 8)"},
    {"k-1", "agim_k=1", "one iteration"},
    {"k-2", "agim_k=2", "two iterations"},
    {"k-3", "agim_k=3", "three iterations"},
    {"k-4", "agim_k=4", "four iterations"},
    {"act-0.1", "lambda_act=0.1", "weight of the actional graph (Fig. 10)"},
    {"act-0.3", "lambda_act=0.3", "the same"},
    {"act-0.5", "lambda_act=0.5", "the same"},
    {"act-0.7", "lambda_act=0.7", "the same"},
    {"act-0.9", "lambda_act=0.9", "the same"},
    {"act-1.0", "lambda_act=1", "the same"},
    {"diff-0", "orders=0", "positions only (Tables 13, 14)"},
    {"diff-01", "orders=0,1", "positions and velocities (Tables 13, 14)"},
    {"diff-012", "orders=0,1,2", "positions, velocities and accelerations"},
    {NULL, NULL, NULL},
};

/* The number of frames after a temporal convolution with padding (kernel - 1) / 2. */
static size_t frames_after(size_t frames, size_t kernel, size_t stride)
{
    return (frames + 2 * ((kernel - 1) / 2) - kernel) / stride + 1;
}

static gop_status check_heads(const symgnn_config *c, gop_error *err)
{
    if (c->stream == 0)
        return gop_fail(err, GOP_EINVAL, "stream: at least one is needed");
    if (c->heads == SYMGNN_PREDICTION && !symgnn_predicts(c))
        return gop_fail(err, GOP_EINVAL, "heads=prediction: a network of motions cannot predict");
    if (c->heads == SYMGNN_PREDICTION && (c->stream & (c->stream - 1)) != 0)
        return gop_fail(err, GOP_EINVAL,
                        "heads=prediction: fusing several networks needs class scores");
    return GOP_OK;
}

#define NO_INFERENCE "no graph is inferred"
#define NO_HOPS      "the model has no structural graph"
#define ONE_SCALE    "the model has only one scale"

/* The highest order of differences. */
static uint32_t most_differences(const symgnn_config *c)
{
    uint32_t most = c->stream >> SYMGNN_JOINT_MOTION != 0 ? 1 : 0;
    for (uint32_t i = 0; i < c->orders.n; i++)
        most = c->orders.v[i] > most ? c->orders.v[i] : most;
    return most;
}

/* Refuses options of parts that the network does not have. */
static gop_status check_sense(const symgnn_config *c, gop_error *err)
{
    const bool both_scales = symgnn_has_joints(c) && symgnn_has_parts(c);
    const struct {
        const char *option;
        bool set, sense;
        const char *why;
    } check[] = {
        {"recg_mean=before", c->recg_mean == SYMGNN_MEAN_BEFORE, symgnn_recognises(c),
         "the model has no recognition head"},
        {"yhat_from=own", c->yhat_from == SYMGNN_OWN_LABEL,
         symgnn_predicts(c) && symgnn_recognises(c) && c->yhat_input,
         "the prediction head gets no class probabilities"},
        {"yhat_from=own", c->yhat_from == SYMGNN_OWN_LABEL, (c->stream & (c->stream - 1)) != 0,
         "the model has only one network"},
        {"difference_edge", c->difference_edge != SYMGNN_EDGE_ZERO, most_differences(c) > 0,
         "the model has no differences"},
        {"difference_edge", c->difference_edge != SYMGNN_EDGE_ZERO,
         most_differences(c) < c->observed, "no frame has a true difference"},
        {"dec_differences", c->dec_differences != SYMGNN_RUNNING, symgnn_predicts(c),
         "the model has no prediction head"},
        {"dec_differences=restart", c->dec_differences == SYMGNN_RESTART,
         c->decoder == SYMGNN_STEPS, "decoder=dct predicts all poses at once"},
        {"coefficients", symgnn_predicts(c) && c->decoder == SYMGNN_AT_ONCE,
         c->coefficients <= c->predicted, "fewer frames are predicted"},
        {"hop_graphs", c->hop_graphs != SYMGNN_POWERS, symgnn_has_hops(c), NO_HOPS},
        {"edge_masks", c->edge_masks != SYMGNN_MASK_LAYER,
         symgnn_has_hops(c) || symgnn_has_parts(c), NO_HOPS},
        {"agim_per=branch", c->agim_per == SYMGNN_PER_BRANCH, symgnn_infers(c), NO_INFERENCE},
        {"agim_shared", c->agim_shared, symgnn_infers(c), NO_INFERENCE},
        {"agim_shared", c->agim_shared, c->agim_k > 1, "sharing needs at least two iterations"},
        {"agim_bn=0", !c->agim_bn, symgnn_infers(c), NO_INFERENCE},
        {"agim_frames", c->agim_frames > 0, symgnn_infers(c), NO_INFERENCE},
        {"agim_frames", c->agim_frames > 0, c->agim_frames <= c->observed,
         "fewer frames are observed"},
        {"gc_repeat", c->gc_repeat > 1, symgnn_has_joints(c), "the model has no joint scale"},
        {"residual_after=1", c->residual_after, c->widths.n > 1 || c->first_residual,
         "the model has no residuals"},
        {"part_from=input", c->part_from == SYMGNN_FROM_INPUT, both_scales, ONE_SCALE},
        {"join=concat", c->join == SYMGNN_JOIN_CONCAT, both_scales, ONE_SCALE},
        {"fuse_from=after", c->fuse_from == SYMGNN_FUSE_AFTER, both_scales, ONE_SCALE},
        {"fuse_from=after", c->fuse_from == SYMGNN_FUSE_AFTER, c->fuse_after.n > 0,
         "the model has no fusion"},
        {"fuse_from=after", c->fuse_from == SYMGNN_FUSE_AFTER && c->join == SYMGNN_JOIN_ADD,
         !symgnn_fused_after(c, c->widths.n - 1),
         "fusing after the last block leaves different widths; join=add cannot add them"},
        {"shared=features", c->shared == SYMGNN_SHARE_FEATURES,
         symgnn_recognises(c) && symgnn_predicts(c), "the model has only one loss"},
    };
    for (size_t i = 0; i < sizeof check / sizeof *check; i++)
        if (check[i].set && !check[i].sense)
            return gop_fail(err, GOP_EINVAL, "%s: %s", check[i].option, check[i].why);
    return GOP_OK;
}

static bool has(const symgnn_config *c, unsigned stream)
{
    return (c->stream >> stream & 1) != 0;
}

/* Whether a network has bones or their motion as input. */
static bool has_bones(const symgnn_config *c)
{
    return has(c, SYMGNN_BONE) || has(c, SYMGNN_BONE_MOTION);
}

static gop_status check_layout(const symgnn_config *c, const zoo_layout *l, gop_error *err)
{
    if (l->nodes < 2)
        return gop_fail(err, GOP_ESHAPE, "layout %s has a single node, but a graph needs two",
                        l->name);
    if (has_bones(c) && l->nodes < 3 && symgnn_infers(c) && c->agim_k > 0)
        return gop_fail(
            err, GOP_ESHAPE,
            "stream: layout %s has a single bone, but inferring a graph of bones needs two",
            l->name);
    if (c->loss.joint_weights.n > 0 && symgnn_first_stream(c) == SYMGNN_BONE)
        return gop_fail(err, GOP_EINVAL, "joint_weights: a network of bones predicts bones");
    return zoo_check_loss(&c->loss, l, err);
}

static gop_status check(const void *config, const zoo_domain *domain, gop_error *err)
{
    const symgnn_config *c = config;
    size_t blocks = c->widths.n, frames = c->observed;
    if (blocks == 0)
        return gop_fail(err, GOP_EINVAL, "widths: at least one block is needed");
    if (c->strides.n != blocks || c->kernels.n != blocks)
        return gop_fail(
            err, GOP_EINVAL,
            "widths, strides and kernels have %zu, %u and %u entries; each block needs one of each",
            blocks, (unsigned)c->strides.n, (unsigned)c->kernels.n);
    if (c->graph_widths.n != 0 && c->graph_widths.n != blocks)
        return gop_fail(err, GOP_EINVAL, "graph_widths has %u entries for %zu blocks",
                        (unsigned)c->graph_widths.n, blocks);
    for (size_t b = 0; b < blocks; b++) {
        if (c->kernels.v[b] % 2 == 0)
            return gop_fail(err, GOP_EINVAL, "kernels must be odd, not %u",
                            (unsigned)c->kernels.v[b]);
        frames = frames_after(frames, c->kernels.v[b], c->strides.v[b]);
    }
    for (uint32_t i = 0; i < c->fuse_after.n; i++)
        if (symgnn_has_joints(c) && symgnn_has_parts(c) &&
            (c->fuse_after.v[i] < 2 || c->fuse_after.v[i] > blocks))
            return gop_fail(err, GOP_EINVAL,
                            "fuse_after: fusion is possible after blocks 2 to "
                            "%zu, not %u",
                            blocks, (unsigned)c->fuse_after.v[i]);
    if (c->orders.n == 0)
        return gop_fail(err, GOP_EINVAL, "orders: at least one branch is needed");
    gop_status status = domain != NULL ? check_layout(c, &domain->layout, err) : GOP_OK;
    if (status == GOP_OK)
        status = check_heads(c, err);
    return status == GOP_OK ? check_sense(c, err) : status;
}

static bool recognises(const void *config)
{
    return symgnn_recognises(config);
}

static size_t predicted(const void *config)
{
    const symgnn_config *c = config;
    return symgnn_predicts(c) ? c->predicted : 0;
}

/* ------------------------------------------------------------------- several in one */

/* Options that may differ between the networks: those of the prediction head, of training, and of
 * the fusion of scores.  The fused model takes the predicting network's. */
static const char own[] =
    "predicted out_hidden_layers gru_carry decoder coefficients dec_trajectory residual "
    "yhat_input detach_yhat "
    "pred_reduction loss velocity joint_weights p_tc p_agim p_out bn_momentum stream bone_weight "
    "motion_weight heads dec_differences yhat_from shared";

static gop_status fuse(const zoo_model_type *type, void *config, char (*prefix)[ZOO_NAME_SIZE],
                       const void *const *configs, size_t n, size_t *which, gop_error *err)
{
    (void)type;
    size_t first = 0;
    uint32_t streams = 0;
    for (size_t i = 0; i < n; i++) {
        const symgnn_config *c = configs[i];
        const unsigned k = symgnn_first_stream(c);
        const zoo_setting *other = zoo_settings_difference(options, configs[0], c, own);
        *which = i;
        if (c->stream != UINT32_C(1) << k)
            return gop_fail(err, GOP_EINVAL, "it already has several networks");
        if (streams & c->stream)
            return gop_fail(err, GOP_EINVAL, "another model has a network of stream %s too",
                            symgnn_stream_name[k]);
        if (!symgnn_recognises(c))
            return gop_fail(err, GOP_EINVAL, "it gives no class scores to fuse");
        if (other != NULL)
            return gop_fail(err, GOP_EINVAL, "%s differs from the first model's", other->key);
        streams |= c->stream;
        if (k < symgnn_first_stream(configs[first]))
            first = i;
        snprintf(prefix[i], sizeof prefix[i], "%s.", symgnn_stream_name[k]);
    }
    symgnn_config *all = config;
    *all = *(const symgnn_config *)configs[first];
    all->stream = streams;
    *which = first;
    return GOP_OK;
}

static const zoo_fusion fusion = {fuse};

const zoo_model_type symgnn_type = {
    .name = "symgnn",
    .text = "Symbiotic Graph Neural Network: recognises an action and predicts the next poses",
    .reference = "M. Li et al., Symbiotic Graph Neural Networks for 3D Skeleton-based Human "
                 "Action Recognition and Motion Prediction, IEEE TPAMI 44 (2022) 3316",
    .config_size = sizeof(symgnn_config),
    .options = options,
    .presets = presets,
    .variants = variants,
    .fusion = &fusion,
    .recognises = recognises,
    .check = check,
    .record = symgnn_record,
    .predicted = predicted,
    .widths = "widths graph_widths agim_dim hidden",
};
