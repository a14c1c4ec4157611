/*
 * op-registry.c: the list of the built-in operators, gathered from
 * libgraphop/op/ by build-aux/collect-ops.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif

#include "graphop.h"

extern const gop_op gop_op_elu;
extern const gop_op gop_op_gelu;
extern const gop_op gop_op_leaky_relu;
extern const gop_op gop_op_prelu;
extern const gop_op gop_op_relu;
extern const gop_op gop_op_sigmoid;
extern const gop_op gop_op_silu;
extern const gop_op gop_op_softmax;
extern const gop_op gop_op_softplus;
extern const gop_op gop_op_tanh;
extern const gop_op gop_op_attention_adjacency;
extern const gop_op gop_op_khop_adjacency;
extern const gop_op gop_op_mask_adjacency;
extern const gop_op gop_op_softmax_adjacency;
extern const gop_op gop_op_bias;
extern const gop_op gop_op_linear;
extern const gop_op gop_op_matmul;
extern const gop_op gop_op_abs;
extern const gop_op gop_op_add;
extern const gop_op gop_op_axpby;
extern const gop_op gop_op_scale;
extern const gop_op gop_op_clamp;
extern const gop_op gop_op_div;
extern const gop_op gop_op_exp;
extern const gop_op gop_op_log;
extern const gop_op gop_op_max;
extern const gop_op gop_op_maximum;
extern const gop_op gop_op_mean;
extern const gop_op gop_op_minimum;
extern const gop_op gop_op_mul;
extern const gop_op gop_op_reciprocal;
extern const gop_op gop_op_rsqrt;
extern const gop_op gop_op_sqrt;
extern const gop_op gop_op_square;
extern const gop_op gop_op_sub;
extern const gop_op gop_op_sum;
extern const gop_op gop_op_edge_gather;
extern const gop_op gop_op_edge_linear;
extern const gop_op gop_op_edge_reduce;
extern const gop_op gop_op_edge_scatter;
extern const gop_op gop_op_edge_softmax;
extern const gop_op gop_op_graph_conv;
extern const gop_op gop_op_graph_conv_terms;
extern const gop_op gop_op_graph_product;
extern const gop_op gop_op_grouped_product;
extern const gop_op gop_op_sparse_product;
extern const gop_op gop_op_cross_entropy;
extern const gop_op gop_op_huber;
extern const gop_op gop_op_joint_distance;
extern const gop_op gop_op_l1;
extern const gop_op gop_op_l2;
extern const gop_op gop_op_batch_norm;
extern const gop_op gop_op_dropout;
extern const gop_op gop_op_group_norm;
extern const gop_op gop_op_layer_norm;
extern const gop_op gop_op_assignment;
extern const gop_op gop_op_match;
extern const gop_op gop_op_pool;
extern const gop_op gop_op_masked_mean;
extern const gop_op gop_op_pool_soft;
extern const gop_op gop_op_match_soft;
extern const gop_op gop_op_gru_step;
extern const gop_op gop_op_lstm_step;
extern const gop_op gop_op_lstm;
extern const gop_op gop_op_gru;
extern const gop_op gop_op_roll_out;
extern const gop_op gop_op_concat;
extern const gop_op gop_op_detach;
extern const gop_op gop_op_gather;
extern const gop_op gop_op_embedding;
extern const gop_op gop_op_mask;
extern const gop_op gop_op_permute;
extern const gop_op gop_op_repeat;
extern const gop_op gop_op_reshape;
extern const gop_op gop_op_slice;
extern const gop_op gop_op_topk;
extern const gop_op gop_op_difference;
extern const gop_op gop_op_temporal_conv;
extern const gop_op gop_op_temporal_pool;

static const gop_op *const ops[] = {
    &gop_op_elu,
    &gop_op_gelu,
    &gop_op_leaky_relu,
    &gop_op_prelu,
    &gop_op_relu,
    &gop_op_sigmoid,
    &gop_op_silu,
    &gop_op_softmax,
    &gop_op_softplus,
    &gop_op_tanh,
    &gop_op_attention_adjacency,
    &gop_op_khop_adjacency,
    &gop_op_mask_adjacency,
    &gop_op_softmax_adjacency,
    &gop_op_bias,
    &gop_op_linear,
    &gop_op_matmul,
    &gop_op_abs,
    &gop_op_add,
    &gop_op_axpby,
    &gop_op_scale,
    &gop_op_clamp,
    &gop_op_div,
    &gop_op_exp,
    &gop_op_log,
    &gop_op_max,
    &gop_op_maximum,
    &gop_op_mean,
    &gop_op_minimum,
    &gop_op_mul,
    &gop_op_reciprocal,
    &gop_op_rsqrt,
    &gop_op_sqrt,
    &gop_op_square,
    &gop_op_sub,
    &gop_op_sum,
    &gop_op_edge_gather,
    &gop_op_edge_linear,
    &gop_op_edge_reduce,
    &gop_op_edge_scatter,
    &gop_op_edge_softmax,
    &gop_op_graph_conv,
    &gop_op_graph_conv_terms,
    &gop_op_graph_product,
    &gop_op_grouped_product,
    &gop_op_sparse_product,
    &gop_op_cross_entropy,
    &gop_op_huber,
    &gop_op_joint_distance,
    &gop_op_l1,
    &gop_op_l2,
    &gop_op_batch_norm,
    &gop_op_dropout,
    &gop_op_group_norm,
    &gop_op_layer_norm,
    &gop_op_assignment,
    &gop_op_match,
    &gop_op_pool,
    &gop_op_masked_mean,
    &gop_op_pool_soft,
    &gop_op_match_soft,
    &gop_op_gru_step,
    &gop_op_lstm_step,
    &gop_op_lstm,
    &gop_op_gru,
    &gop_op_roll_out,
    &gop_op_concat,
    &gop_op_detach,
    &gop_op_gather,
    &gop_op_embedding,
    &gop_op_mask,
    &gop_op_permute,
    &gop_op_repeat,
    &gop_op_reshape,
    &gop_op_slice,
    &gop_op_topk,
    &gop_op_difference,
    &gop_op_temporal_conv,
    &gop_op_temporal_pool,
    NULL
};

const gop_op *const *gop_op_list(void)
{
    return ops;
}
