/*
 * layer.h: operators together with their parameters.
 */
#ifndef GRAPHOP_LAYER_H
#define GRAPHOP_LAYER_H

#include "graphop/net.h"
#include "graphop/ops.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A layer creates the parameters of an operator, under `name` in the current scope and with the
 * names given here, and records the operator.  "Fan-in" means initial values uniform in
 * [-1/sqrt(n), 1/sqrt(n)), where n is the number of inputs that are summed.  Errors are sticky, as
 * for all recording functions: GOP_EINVAL for a missing name or 0 channels, GOP_ESHAPE if x does
 * not fit. */

/* y = gop_linear(x, weight [out, C], bias [out]), fan-in. */
GOP_API gop_var gop_layer_linear(gop_net *net, const char *name, gop_var x, size_t out, bool bias);
/* A multilayer perceptron: n linear layers with biases, of widths[i] channels, named "0", "1", ...,
 * with ReLU and dropout p between them. */
GOP_API gop_var gop_layer_mlp(gop_net *net, const char *name, gop_var x, const size_t *widths,
                              size_t n, double p);
/* y = gop_batch_norm(x, weight 1, bias 0, running_mean 0, running_var 1). */
GOP_API gop_var gop_layer_batch_norm(gop_net *net, const char *name, gop_var x, double eps,
                                     double momentum);
/* y = gop_temporal_conv(x, weight [out, taps, C / groups], options) + bias [out]; weight
 * normal with variance 2 / (taps out / groups) (He et al. 2015, fan-out), bias fan-in. */
GOP_API gop_var gop_layer_temporal_conv(gop_net *net, const char *name, gop_var x, size_t out,
                                        size_t taps, gop_conv options, bool bias);
/* y = gop_graph_conv(x, A, weight) + bias [out]; A [M, M] with weight [out, C], or a
 * shared stack A [G, M, M] with [G, out, C]; weight normal with variance
 * 2 / (G (C + out)) (Glorot & Bengio 2010), bias 0. */
GOP_API gop_var gop_layer_graph_conv(gop_net *net, const char *name, gop_var x, gop_var A,
                                     size_t out, bool bias);
/* y = gop_gru(x, state, weight_ih, weight_hh, bias_ih, bias_hh), with a state [N, M, hidden]
 * or gop_none() for zeros; parameters uniform in [-1/sqrt(hidden), 1/sqrt(hidden)). */
GOP_API gop_var gop_layer_gru(gop_net *net, const char *name, gop_var x, gop_var state,
                              size_t hidden);
/* The same with gop_lstm and a state [N, M, 2 hidden] (h, then c). */
GOP_API gop_var gop_layer_lstm(gop_net *net, const char *name, gop_var x, gop_var state,
                               size_t hidden);
/* y = gop_layer_norm(x, weight 1, bias 0) over the last axis. */
GOP_API gop_var gop_layer_layer_norm(gop_net *net, const char *name, gop_var x, double eps);
/* y = gop_group_norm(x, groups, weight 1, bias 0). */
GOP_API gop_var gop_layer_group_norm(gop_net *net, const char *name, gop_var x, size_t groups,
                                     double eps);
/* One step of a gated recurrent unit whose linear maps are graph convolutions over A [M, M] or a
 * stack [G, M, M]:
 *     r, u = sigmoid(gates * [x, h]),   n = tanh(candidate * [x, r h]),   y = n + u (h - n)
 * x [N, M, C]; state h [N, M, hidden], or gop_none() for zeros; y [N, M, hidden].  `gates` and
 * `candidate` are layers gop_layer_graph_conv with biases.  (Li et al. 2018) */
GOP_API gop_var gop_layer_graph_gru_step(gop_net *net, const char *name, gop_var x, gop_var state,
                                         gop_var A, size_t hidden);
/* The same for an LSTM, with state and y [N, M, 2 hidden] (h, then c):
 *     i, f, g, o = gates * [x, h],   c' = sigmoid(f) c + sigmoid(i) tanh(g)
 *     h' = sigmoid(o) tanh(c') */
GOP_API gop_var gop_layer_graph_lstm_step(gop_net *net, const char *name, gop_var x, gop_var state,
                                          gop_var A, size_t hidden);
/* These cells along the frames of x [N, M, T, C]; y [N, M, T, hidden] is h of each frame. */
GOP_API gop_var gop_layer_graph_gru(gop_net *net, const char *name, gop_var x, gop_var state,
                                    gop_var A, size_t hidden);
GOP_API gop_var gop_layer_graph_lstm(gop_net *net, const char *name, gop_var x, gop_var state,
                                     gop_var A, size_t hidden);
/* Attention of several heads:
 *     q, k, v = query(x), key(context), value(context), each [N, heads, ., D], D = out / heads
 *     P[n, h]  = softmax over the rows of context of (q k^T / sqrt(D) + mask)
 *     y        = out(P v), heads side by side
 * x [N, L, C]; context [N, K, C'], or gop_none() for x itself; mask, broadcast to [N, heads, L, K]
 * and added, such as -1e9 where nothing may be read, or gop_none(); y [N, L, out].  Where no row of
 * the context may be read, -1e9 gives all of them equal shares, and -infinity gives NaN.  The
 * parameters are four layers gop_layer_linear with biases.  GOP_EINVAL if `heads` does not divide
 * `out`.
 * (Vaswani et al. 2017) */
GOP_API gop_var gop_layer_attention(gop_net *net, const char *name, gop_var x, gop_var context,
                                    gop_var mask, size_t heads, size_t out);
/* y = gop_embedding(weight [rows, out], index), standard normal. */
GOP_API gop_var gop_layer_embedding(gop_net *net, const char *name, gop_var index, size_t rows,
                                    size_t out);

#ifdef __cplusplus
}
#endif
#endif
