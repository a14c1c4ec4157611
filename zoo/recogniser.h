/*
 * recogniser.h: the parts that models which only recognise have in common: the graph from the
 * layout, the first batch norm, bones, the head from class scores to the loss, and the check of
 * their blocks.  Models of plugins use them, too.
 * May use zoo/model.h.
 */
#ifndef ZOO_RECOGNISER_H
#define ZOO_RECOGNISER_H

#include "zoo/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* These functions record operators.  Errors are sticky, as for all recording functions: GOP_EINVAL
 * for NULL, GOP_ESHAPE if x does not fit. */

/* Root, centripetal and centrifugal neighbours, [3, M, M]: GOP_GRAPH_SPATIAL about the layout's
 * centre.  Rows sum to 1 over all three matrices, or in each of them if `apart`. */
GOP_API gop_var zoo_spatial_partition(gop_net *net, const zoo_layout *layout, bool apart);
/* A parameter [3, M, M] that begins as zoo_spatial_partition apart, or with `columns` as the
 * transpose of each of its matrices. */
GOP_API gop_var zoo_trained_partition(gop_net *net, const char *name, const zoo_layout *layout,
                                      bool columns);
/* sum_k A_k (x W_k^T + b_k), each bias before its graph: x [N, M, T, C], A [K, M, M], result
 * [N, M, T, out]; parameters conv.weight [K, out, C] as gop_layer_graph_conv's and bias [out, K], 0,
 * under `name`.  Source: ST-GCN, Yan et al. 2018, eq. 10. */
GOP_API gop_var zoo_subset_conv(gop_net *net, const char *name, gop_var x, gop_var A, size_t out);
/* Records the inputs that the use's view gives a model of `observed` frames: ports->x [N B, M, T, D],
 * the result, and ports->bodies if features are averaged over the bodies that are there. */
GOP_API gop_var zoo_observe(gop_net *net, const zoo_use *use, size_t observed, zoo_ports *ports);
/* Normalises every channel of every node by its own statistics: gop_layer_batch_norm over M C
 * channels, x and result [N B, M, T, C].  With `bodies` above 1, a divisor of the batch, each body of
 * a clip has statistics of its own: B M C channels. */
GOP_API gop_var zoo_node_batch_norm(gop_net *net, const char *name, gop_var x, size_t bodies);
/* The mean over the bodies of each clip, by the weights of ports->bodies if the use's view has them:
 * x [N B, C], result [N, C]. */
GOP_API gop_var zoo_mean_bodies(gop_net *net, const zoo_use *use, const zoo_ports *ports,
                                gop_var x);
/* The mean over frames, nodes and bodies: x [N B, M, T, C], result [N, C]. */
GOP_API gop_var zoo_mean_clip(gop_net *net, const zoo_use *use, const zoo_ports *ports, gop_var x);
/* Each node minus its neighbour towards the centre; the centre gets 0.  x and result [N, M, T,
 * C]. */
GOP_API gop_var zoo_bones(gop_net *net, const zoo_layout *layout, gop_var x);
/* Records the input ports->labels [N], for networks with a loss of their own. */
GOP_API void zoo_expect_labels(gop_net *net, const zoo_use *use, zoo_ports *ports);
/* The layer that gives class scores: gop_layer_linear with a bias, from x [N, C] to [N, classes],
 * before the softmax.  If the use asks for features, x is added to ports->features, after those of
 * earlier networks. */
GOP_API gop_var zoo_classifier(gop_net *net, const zoo_use *use, zoo_ports *ports, const char *name,
                               gop_var x);
/* Takes n class scores before the softmax, [N, classes] each, and sets ports->scores to the mean of
 * their softmaxes, by weights with a sum above 0 (NULL: equal ones).  In a training net it also sets
 * the labels and the loss: the sum of their cross-entropies with the use's class weights and
 * smoothing, added to a loss that is there. */
GOP_API void zoo_classify(gop_net *net, const zoo_use *use, const gop_var *logits, size_t n,
                          const zoo_list *weights, zoo_ports *ports);
/* The cross-entropy of class scores before the softmax [N, classes] with ports->labels, with the
 * use's class weights and smoothing. */
GOP_API gop_var zoo_recognition_loss(gop_net *net, const zoo_use *use, const zoo_ports *ports,
                                     gop_var logits);
/* Checks that each width has one stride and that taps is odd: GOP_EINVAL. */
GOP_API gop_status zoo_check_blocks(const zoo_list *widths, const zoo_list *strides, uint32_t taps,
                                    gop_error *err);

#ifdef __cplusplus
}
#endif
#endif
