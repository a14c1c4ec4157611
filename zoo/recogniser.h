/*
 * recogniser.h: what models that only recognise have in common: their graph from
 * the layout, the first batch norm, bones, the end from class scores to the loss, and
 * the check of their blocks.  Internal to the zoo.
 * May use zoo/model.h.
 */
#ifndef ZOO_RECOGNISER_H
#define ZOO_RECOGNISER_H

#include "zoo/model.h"

/* Root, centripetal and centrifugal neighbours, [3, M, M]: GOP_GRAPH_SPATIAL about the layout's
 * centre, whose rows sum to 1 over all three, or in each of them (`apart`). */
gop_var zoo_spatial_partition(gop_net *net, const zoo_layout *layout, bool apart);
/* A batch norm of its own for every channel of every node: x [N, M, T, C]. */
gop_var zoo_node_batch_norm(gop_net *net, const char *name, gop_var x);
/* Each node minus its neighbour towards the centre, which itself gets 0; x and result
 * [N, M, T, C]. */
gop_var zoo_bones(gop_net *net, const zoo_layout *layout, gop_var x);
/* From n class scores before the softmax, [N, classes] each: ports->scores is the mean
 * of their softmaxes; in a training net labels and loss (the sum of their cross
 * entropies) too. */
void zoo_classify(gop_net *net, const gop_var *logits, size_t n, size_t batch, zoo_ports *ports);
/* One stride for each width, taps odd. */
gop_status zoo_check_blocks(const zoo_list *widths, const zoo_list *strides, uint32_t taps,
                            gop_error *err);

#endif
