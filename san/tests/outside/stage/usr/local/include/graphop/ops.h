/*
 * ops.h: the constructors of the operators, by topic, gathered from
 * libgraphop/op/ by build-aux/collect-ops.
 */
#ifndef GRAPHOP_OPS_H
#define GRAPHOP_OPS_H

#include "graphop/kinds.h"
#include "graphop/net.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------- activation */

/* Exponential linear unit (Clevert, Unterthiner & Hochreiter 2016).
 *
 *     y = x where x > 0, else alpha (exp(x) - 1)
 *
 * x of any shape; y has the same shape.
 * Errors: GOP_EINVAL for an alpha that is negative or not finite.
 */
GOP_API gop_var gop_elu(gop_net *net, gop_var x, double alpha);

/* Gaussian error linear unit, exact form (Hendrycks & Gimpel 2016).
 *
 *     y = x (1 + erf(x / sqrt 2)) / 2
 *
 * x of any shape; y has the same shape.  This is not the tanh approximation.
 */
GOP_API gop_var gop_gelu(gop_net *net, gop_var x);

/* Rectified linear unit with a slope for negative x (Maas, Hannun & Ng 2013).
 *
 *     y = x where x >= 0, else slope x
 *
 * x of any shape; y has the same shape.
 * Errors: GOP_EINVAL for a slope that is negative or not finite.
 */
GOP_API gop_var gop_leaky_relu(gop_net *net, gop_var x, double slope);

/* Rectified linear unit with a trained slope for negative x (He et al. 2015).
 *
 *     y[..., c] = x[..., c] where x[..., c] >= 0, else slope[c] x[..., c]
 *
 * x [..., C]; the slope is [C], or [1] for all channels, and usually a parameter that starts at 0.25;
 * y has the shape of x.  A NaN passes through.
 * Errors: GOP_ESHAPE if the slope does not fit x.
 */
GOP_API gop_var gop_prelu(gop_net *net, gop_var x, gop_var slope);

/* Rectified linear unit.
 *
 *     y = max(x, 0)
 *
 * x of any shape; y has the same shape.
 */
GOP_API gop_var gop_relu(gop_net *net, gop_var x);

/* The logistic function.
 *
 *     y = 1 / (1 + exp(-x))
 *
 * x of any shape; y has the same shape.
 */
GOP_API gop_var gop_sigmoid(gop_net *net, gop_var x);

/* Sigmoid linear unit, also called swish (Elfwing, Uchibe & Doya 2018).
 *
 *     y = x / (1 + exp(-x))
 *
 * x of any shape; y has the same shape.  A NaN and -infinity give NaN.
 */
GOP_API gop_var gop_silu(gop_net *net, gop_var x);

/* Softmax along an axis.
 *
 *     y[o, l, i] = exp(x[o, l, i]) / sum_k exp(x[o, k, i])
 *
 * x of any shape of rank 1 or more, 0 <= axis < rank, or -1 for the last; y has the shape of x.  The
 * largest x of a sum is subtracted first.  An exponential below exp(-87.3) is then 0.  A NaN or an
 * infinite x makes each y of its sum NaN, except -infinity beside a finite x, where y is 0.
 * Errors: GOP_EINVAL for no such axis.
 */
GOP_API gop_var gop_softmax(gop_net *net, gop_var x, int axis);

/* Softplus, a smooth relu (Dugas et al. 2001).
 *
 *     y = log(1 + exp(x))
 *
 * x of any shape; y has the same shape.  y is x for a large x, and 0 below -87.3.  A NaN passes
 * through.
 */
GOP_API gop_var gop_softplus(gop_net *net, gop_var x);

/* The hyperbolic tangent.
 *
 *     y = tanh(x)
 *
 * x of any shape; y has the same shape.
 */
GOP_API gop_var gop_tanh(gop_net *net, gop_var x);

/* ----------------------------------------------------------------- adjacency */

/* Adjacencies with several heads, from two embeddings of the nodes.
 *
 *     P[n, h, i, :] = softmax over j of f[n, i, h, :] . g[n, j, h, :] / sqrt(D)
 *     A = P, or (P + P^T) / 2 when symmetric
 *
 * f, g [N, M, heads D]; mask [N, M], [M] for all samples, or gop_none(); A [N, heads, M, M].  A
 * node whose mask is 0 has a row and a column of zeros, and the softmax of other rows excludes it.
 * No gradient to `mask`.
 * Errors: GOP_ESHAPE if f, g and mask do not fit each other, GOP_EINVAL if `heads` does not divide
 * the channels.
 * Source: Vaswani et al. 2017; Sym-GNN eq. 2 for one head without the scale.
 */
GOP_API gop_var gop_attention_adjacency(gop_net *net, gop_var f, gop_var g, size_t heads,
                                        gop_var mask, bool symmetric);

/* Normalised k-hop adjacencies with trained weights on their edges.
 *
 *     w = hops * mask                                            element by element
 *     GOP_GRAPH_ROWS      A[k, i, j] = w[k, i, j] / r_i,         r_i = sum_j |w[k, i, j]|
 *     GOP_GRAPH_SYMMETRIC  A[k, i, j] = w[k, i, j] / sqrt(r_i c_j),
 *                                                                c_j = sum_i |w[k, i, j]|
 *
 * hops [K, M, M], from GOP_GRAPH_POWERS or GOP_GRAPH_WITHIN_HOPS; mask [K, M, M], the trained
 * weights; A [K, M, M].  Rows and columns of zeros stay zero.  No gradient to `hops`.
 * Errors: GOP_ESHAPE if hops and mask do not both have the same shape [K, M, M], GOP_EINVAL for
 * another norm.
 * Source: Yan et al. 2018 (masks), Kipf & Welling 2017 (normalisation).
 */
GOP_API gop_var gop_khop_adjacency(gop_net *net, gop_var hops, gop_var mask, gop_graph_norm norm);

/* Sets the rows and columns of missing nodes to zero.
 *
 *     y[n, ..., i, j] = A[n, ..., i, j] where mask[n, i] and mask[n, j] are not 0, else 0
 *
 * A [M, M], [N, M, M] or [N, H, M, M]; mask [N, M], or [M] for all samples; y has the shape of A,
 * or [N, M, M] for A [M, M] with a mask [N, M].  Rows are not normalised again.  No gradient to
 * `mask`.
 * Errors: GOP_ESHAPE if mask does not fit A.
 */
GOP_API gop_var gop_mask_adjacency(gop_net *net, gop_var A, gop_var mask);

/* Adjacency from two embeddings of the nodes (Sym-GNN, eq. 2).
 *
 *     A[n, i, :] = softmax over j of f[n, i, :] . g[n, j, :]
 *
 * f, g [N, M, D]; A [N, M, M].
 * Errors: GOP_ESHAPE if f and g differ in shape.
 */
GOP_API gop_var gop_softmax_adjacency(gop_net *net, gop_var f, gop_var g);

/* -------------------------------------------------------------------- affine */

/* Adds a bias to each channel.
 *
 *     y[..., c] = x[..., c] + b[c]             b [C], x [..., C]
 *     y[n, m, t, c] = x[n, m, t, c] + b[m, c]  b [M, C], x [N, M, T, C]
 *
 * y has the shape of x.
 * Errors: GOP_ESHAPE if b does not fit x.
 */
GOP_API gop_var gop_bias(gop_net *net, gop_var x, gop_var b);

/* Affine map of the last axis.
 *
 *     y[..., o] = sum_c W[o, c] x[..., c] + b[o]
 *
 * x [..., C], W [C', C], b [C'] or gop_none(); y [..., C'].
 * Errors: GOP_ESHAPE if W or b does not fit.
 */
GOP_API gop_var gop_linear(gop_net *net, gop_var x, gop_var W, gop_var b);

/* The sides of gop_matmul that are transposed. */
enum { GOP_TRANSPOSE_A = 1, GOP_TRANSPOSE_B = 2 };

/* Products of matrices, either side transposed.
 *
 *     y[..., i, j] = sum_k a'[..., i, k] b'[..., k, j]
 *
 * a' is a, or with GOP_TRANSPOSE_A in `transposed` the transpose of its last two axes, and b'
 * likewise with GOP_TRANSPOSE_B: a is [..., I, K] or [..., K, I], b [..., K, J] or [..., J, K], y
 * [..., I, J].  Leading axes, at most two, are equal in both, or one side has none and serves all
 * matrices of the other.
 * Errors: GOP_ESHAPE if a and b do not fit each other, GOP_EINVAL for no such sides.
 */
GOP_API gop_var gop_matmul(gop_net *net, gop_var a, gop_var b, unsigned transposed);

/* ---------------------------------------------------------------- arithmetic */

/* The absolute value.
 *
 *     y = |x|
 *
 * x of any shape; y has the same shape.  The gradient at 0 is 0.  A NaN passes through, and its
 * gradient is 0.
 */
GOP_API gop_var gop_abs(gop_net *net, gop_var x);

/* Sum of two values.
 *
 *     y = a + b
 *
 * The shapes of a and b are broadcast: aligned at the last axis, where an axis that one lacks or
 * has with size 1 repeats.  y has the resulting shape.
 * Errors: GOP_ESHAPE if two sizes differ and neither is 1; GOP_ENOMEM if y is too large.
 */
GOP_API gop_var gop_add(gop_net *net, gop_var a, gop_var b);

/* Weighted sum of two values.
 *
 *     y = alpha a + beta b
 *
 * a and b have the same shape; y has it, too.
 */
GOP_API gop_var gop_axpby(gop_net *net, double alpha, gop_var a, double beta, gop_var b);

/* A value times a constant, y = factor a; y has the shape of a. */
GOP_API gop_var gop_scale(gop_net *net, gop_var a, double factor);

/* Limits each element to [min, max].
 *
 *     y = min where x < min, max where x > max, else x
 *
 * x of any shape; y has the same shape.  A bound may be infinite.  The gradient is dy where
 * min < y < max, and 0 elsewhere, at the bounds, too.  A NaN passes through, and its gradient is
 * 0.
 * Errors: GOP_EINVAL if min is above max or a bound is NaN.
 */
GOP_API gop_var gop_clamp(gop_net *net, gop_var x, double min, double max);

/* Quotient of two values, element by element.
 *
 *     y = a / b
 *
 * A division by 0 gives an infinity or NaN.
 * The shapes of a and b are broadcast: aligned at the last axis, where an axis that one lacks or
 * has with size 1 repeats.  y has the resulting shape.
 * Errors: GOP_ESHAPE if two sizes differ and neither is 1; GOP_ENOMEM if y is too large.
 */
GOP_API gop_var gop_div(gop_net *net, gop_var a, gop_var b);

/* The exponential.
 *
 *     y = exp(x)
 *
 * x of any shape; y has the same shape.  As IEEE 754 has it, y is infinite where it is too
 * large, 0 for -infinity, and NaN for NaN.
 */
GOP_API gop_var gop_exp(gop_net *net, gop_var x);

/* The natural logarithm.
 *
 *     y = log(x)
 *
 * x of any shape; y has the same shape.  As IEEE 754 has it, y is -infinity for 0, and NaN for
 * a negative x and for NaN.  The gradient is dy / x, infinite at 0.
 */
GOP_API gop_var gop_log(gop_net *net, gop_var x);

/* The maximum along an axis.
 *
 *     y[o, i] = max_l x[o, l, i]
 *
 * x of any shape, 0 <= axis < rank, or -1 for the last; y has x's shape without the axis.  The
 * gradient goes to the first element that is the maximum.  A maximum over values with a NaN is NaN.
 */
GOP_API gop_var gop_max(gop_net *net, gop_var x, int axis);

/* The larger of two values, element by element.
 *
 *     y = max(a, b)
 *
 * Where a = b the gradient goes to a.  The result is NaN if a or b is.
 * The shapes of a and b are broadcast: aligned at the last axis, where an axis that one lacks or
 * has with size 1 repeats.  y has the resulting shape.
 * Errors: GOP_ESHAPE if two sizes differ and neither is 1; GOP_ENOMEM if y is too large.
 */
GOP_API gop_var gop_maximum(gop_net *net, gop_var a, gop_var b);

/* The average along an axis.
 *
 *     y[o, i] = 1/L sum_l x[o, l, i]
 *
 * x of any shape, 0 <= axis < rank, or -1 for the last; y has x's shape without the axis.
 */
GOP_API gop_var gop_mean(gop_net *net, gop_var x, int axis);

/* The smaller of two values, element by element.
 *
 *     y = min(a, b)
 *
 * Where a = b the gradient goes to a.  The result is NaN if a or b is.
 * The shapes of a and b are broadcast: aligned at the last axis, where an axis that one lacks or
 * has with size 1 repeats.  y has the resulting shape.
 * Errors: GOP_ESHAPE if two sizes differ and neither is 1; GOP_ENOMEM if y is too large.
 */
GOP_API gop_var gop_minimum(gop_net *net, gop_var a, gop_var b);

/* Product of two values, element by element.
 *
 *     y = a b
 *
 * The shapes of a and b are broadcast: aligned at the last axis, where an axis that one lacks or
 * has with size 1 repeats.  y has the resulting shape.
 * Errors: GOP_ESHAPE if two sizes differ and neither is 1; GOP_ENOMEM if y is too large.
 */
GOP_API gop_var gop_mul(gop_net *net, gop_var a, gop_var b);

/* The reciprocal.
 *
 *     y = 1 / x
 *
 * x of any shape; y has the same shape.  As IEEE 754 has it, y is infinite for 0, with the sign of
 * the 0.  The gradient at 0 is infinite.
 */
GOP_API gop_var gop_reciprocal(gop_net *net, gop_var x);

/* The reciprocal of the square root.
 *
 *     y = 1 / sqrt(x)
 *
 * x of any shape; y has the same shape.  As IEEE 754 has it, y is infinite for 0, 0 for infinity,
 * and NaN for a negative x and for NaN.  The gradient at 0 is infinite.
 */
GOP_API gop_var gop_rsqrt(gop_net *net, gop_var x);

/* The square root.
 *
 *     y = sqrt(x)
 *
 * x of any shape; y has the same shape.  As IEEE 754 has it, y is NaN for a negative x and for
 * NaN.  The gradient at 0 is infinite, and NaN where dy is 0, too.
 */
GOP_API gop_var gop_sqrt(gop_net *net, gop_var x);

/* The square.
 *
 *     y = x^2
 *
 * x of any shape; y has the same shape.
 */
GOP_API gop_var gop_square(gop_net *net, gop_var x);

/* Difference of two values.
 *
 *     y = a - b
 *
 * The shapes of a and b are broadcast: aligned at the last axis, where an axis that one lacks or
 * has with size 1 repeats.  y has the resulting shape.
 * Errors: GOP_ESHAPE if two sizes differ and neither is 1; GOP_ENOMEM if y is too large.
 */
GOP_API gop_var gop_sub(gop_net *net, gop_var a, gop_var b);

/* The sum along an axis.
 *
 *     y[o, i] = sum_l x[o, l, i]
 *
 * x of any shape, 0 <= axis < rank, or -1 for the last; y has x's shape without the axis.
 */
GOP_API gop_var gop_sum(gop_net *net, gop_var x, int axis);

/* ---------------------------------------------------------------------- edge */

/* The features of both ends of each edge in a list.
 *
 *     y[n, e, :] = [x[n, index[e, 0], :], x[n, index[e, 1], :]]
 *
 * x [N, M, C]; index [E, 2], or [N, E, 2] with a list for each sample; y [N, E, 2C].  A number that
 * is not an integer in [0, M) means no node and gives zeros.  No gradient to `index`.
 * Errors: GOP_ESHAPE if x has another rank or index does not fit it.
 */
GOP_API gop_var gop_edge_gather(gop_net *net, gop_var x, gop_var index);

/* Affine map of the features of every ordered pair of nodes (Sym-GNN, eq. 1a).
 *
 *     q[n, (i,j), :] = W[:, :C] x[n, i, :] + W[:, C:] x[n, j, :] + b
 *
 * x [N, M, C] with M >= 2, W [H, 2C], b [H] or gop_none(); q [N, M (M-1), H] with the pairs (i, j),
 * j != i, ordered by i, then by j.  With `self`, q also has the pairs (i, i): M >= 1, q
 * [N, M M, H].
 * Errors: GOP_ESHAPE if W or b does not fit x.
 */
GOP_API gop_var gop_edge_linear(gop_net *net, gop_var x, gop_var W, gop_var b, bool self);

/* The sum, mean or maximum of the features of each node's outgoing pairs.
 *
 *     y[n, i, h] = sum, mean or max over j of q[n, (i,j), h],   j != i unless self
 *
 * q [N, M (M-1), H], or with `self` [N, M M, H], with the pairs in the order of gop_edge_linear; M
 * = nodes; y [N, M, H].  The gradient of a maximum goes to the first pair that holds it.  The mean
 * is Sym-GNN's eq. 1b.
 * Errors: GOP_EINVAL for too few nodes or no such kind, GOP_ESHAPE if q does not fit.
 */
GOP_API gop_var gop_edge_reduce(gop_net *net, gop_var q, size_t nodes, bool self, gop_reduce kind);

/* Reduces the features of the edges in a list at their nodes.
 *
 *     y[n, i, :] = sum, mean or max of q[n, e, :] over the edges e with index[e] = i
 *
 * q [N, E, C]; index [E], or [E, 2], where the first number of each edge is used, or [N, E, 1] or
 * [N, E, 2] with a list for each sample; M = nodes; y [N, M, C].  An edge whose number is not an
 * integer in [0, M) has no node; a node without edges gets zeros.  The gradient of a maximum goes to
 * the first edge that holds it.  No gradient to `index`.
 * Errors: GOP_ESHAPE if index does not fit q, GOP_EINVAL for 0 nodes or no such kind.
 */
GOP_API gop_var gop_edge_scatter(gop_net *net, gop_var q, gop_var index, size_t nodes,
                                 gop_reduce kind);

/* Softmax over the edges of each node.
 *
 *     y[n, e, h] = exp(q[n, e, h]) / sum of exp(q[n, f, h]) over the edges f with index[f] = index[e]
 *
 * q, y [N, E, H]; index [E], or [E, 2], where the first number of each edge is used, or [N, E, 1] or
 * [N, E, 2] with a list for each sample; M = nodes, at most GOP_MAX_NODES.  An edge whose number is
 * not an integer in [0, M) has no node: its y is 0, and its q is not used.  An edge with q =
 * -infinity has y 0, even if its node has no others.  No gradient to `index`.
 * Errors: GOP_ESHAPE if index does not fit q, GOP_EINVAL for 0 nodes or too many.
 * Source: graph attention, Velickovic et al. 2018.
 */
GOP_API gop_var gop_edge_softmax(gop_net *net, gop_var q, gop_var index, size_t nodes);

/* --------------------------------------------------------------------- graph */

/* Graph convolution over one or several adjacencies (Sym-GNN, eqs. 3, 4, 5, 7).
 *
 *     y[n, :, t, :] = sum_k scale_k sum_g A_kg x[n, :, t, :] W_kg^T
 *
 * x [N, M, T, C]; y [N, M', T, C'].  Each of the n <= 4 terms is
 *     A [G, M', M], W [G, C', C]   a stack shared by all samples
 *     A [M', M],    W [C', C]      one, shared by all samples
 *     A [N, M', M], W [C', C]      one for each sample
 * scale NULL means all ones.
 * Errors: GOP_ESHAPE if a term does not fit x or differs from the first term in M' or C',
 * GOP_EINVAL for 0 terms or more than four.
 */
GOP_API gop_var gop_graph_conv(gop_net *net, gop_var x, const gop_var *A, const gop_var *W,
                               const double *scale, size_t n);

/* A term of gop_graph_conv_terms.  Members that are left zero are absent. */
typedef struct gop_graph_term {
    gop_var A, W;        /* as in gop_graph_conv */
    double scale;        /* 0 means 1 */
    const gop_var *part; /* P, one value for each of the term's adjacencies */
    gop_var alpha;       /* of one number; only with part */
    gop_var bias;        /* [C'] or [G, C']; only with part */
} gop_graph_term;

/* Graph convolution whose terms may be refined by channel (CTR-GCN, eqs. 3 to 5).
 *
 *     y = sum_k scale_k sum_g (A_kg + alpha_k P_kg) (x W_kg^T + bias_kg)
 *
 * A term without `part` is one of gop_graph_conv, of any of its three kinds.  A term with `part` has
 * 1 to 4 shared adjacencies: A [G, M', M] with W [G, C', C], or [M', M] with [C', C]; an absent A is
 * 0, an absent alpha 1.  Its P_kg are [N, M', M, C'], or [N, M', M, H] for H groups of channels of
 * the same size, or without N, shared by all samples.  x [N, M, T, C]; y [N, M', T, C']; at most 4
 * terms.
 * Errors: as gop_graph_conv, gop_linear and gop_grouped_product; GOP_EINVAL for alpha or bias
 * without part.
 */
GOP_API gop_var gop_graph_conv_terms(gop_net *net, gop_var x, const gop_graph_term *terms, size_t n);

/* Product of an adjacency and node features.
 *
 *     y[n, i, t, c] = sum_j A[n, t, i, j] x[n, j, t, c]
 *
 * A [M', M] for all samples, [N, M', M] with one for each sample, or [N, T, M', M] with one for
 * each sample and frame; x [N, M, T, C]; y [N, M', T, C].
 * Errors: GOP_ESHAPE if A does not fit x.
 */
GOP_API gop_var gop_graph_product(gop_net *net, gop_var A, gop_var x);

/* Products with adjacencies that differ by channel or group of channels, refined from a shared one.
 *
 *     y[n, i, t, c] = sum_k sum_j (A[k, i, j] + alpha P_k[n, i, j, g]) x_k[n, j, t, c]
 *     g = c / (C / G)
 *
 * for each of the n <= 4 terms x_k [N, M, T, C]; y [N, M', T, C].  x[0] may be [N, M, T, n C], the
 * terms side by side, with x[1] and further gop_none().  P_k [N, M', M, G], or [M', M, G]
 * for all samples, where G divides C: channel-wise with G = C.  A [n, M', M], or [M', M] for one
 * term, or gop_none(): 0.  alpha of one number, or gop_none(): 1.
 * gop_edge_linear with `self`, reshaped from [N, M M, H] to [N, M, M, H], gives features of pairs
 * for P.
 * Errors: GOP_ESHAPE if P_k, A or alpha do not fit, or terms differ in shape, GOP_EINVAL for 0 terms
 * or more than four.
 * Source: channel-wise topology refinement, Chen et al. 2021 (CTR-GCN).
 */
GOP_API gop_var gop_grouped_product(gop_net *net, const gop_var *x, const gop_var *P, size_t n,
                                    gop_var A, gop_var alpha);

/* Product of a sparse adjacency, a list of weighted edges, and node features.
 *
 *     y[n, i, t, c] = sum over the edges e with index[e, 0] = i of w[n, e, h] x[n, index[e, 1], t, c]
 *
 * x [N, M, T, C] or [N, M, C]; index [E, 2], or [N, E, 2] with a list for each sample, node numbers
 * as reals; y has `nodes` in the place of M.  w [E], [N, E], or [N, E, H], where H divides C and
 * channel c is in head h = c / (C / H); 1 in the place of N means weights for all samples, and
 * gop_none() weights of 1.  An edge with a number that is not an integer in [0, nodes) and [0, M),
 * such as -1 to fill up lists, is ignored; its w gets no gradient.  Edges that are listed several
 * times add.  A node without edges gets zeros.  No gradient to `index`.
 * There may be any number of edges; M and nodes are at most GOP_MAX_NODES, because a float holds
 * integers exactly up to 2^24.
 * Errors: GOP_ESHAPE if w or index does not fit x, GOP_EINVAL for 0 nodes or too many.
 * Source: Velickovic et al. 2018, eq. 4.
 */
GOP_API gop_var gop_sparse_product(gop_net *net, gop_var w, gop_var index, gop_var x, size_t nodes);

/* ---------------------------------------------------------------------- loss */

/* Cross entropy of logits and labels, averaged over the batch.
 *
 *     l[n,c] = logits[n,c] - log sum_k exp logits[n,k]
 *     q[n,c] = weights[c] ((1 - smoothing) (c = labels[n]) + smoothing / C)
 *     y      = - sum_n sum_c q[n,c] l[n,c] / sum_n weights[labels[n]]
 *
 * logits [N, C]; labels [N], the class numbers; weights [C] or gop_none() for 1; 0 <= smoothing <=
 * 1; y is a scalar.  Without weights and smoothing, y is the mean of -l[n,labels[n]]; with them it
 * equals PyTorch's CrossEntropyLoss with weight, label_smoothing and the reduction "mean".  A label
 * that is not an integer in [0, C) makes the loss NaN.  No gradient to `labels` and `weights`.
 * Errors: GOP_ESHAPE if a shape does not fit, GOP_EINVAL for smoothing out of range.
 * Source: Sym-GNN eq. 11; Szegedy et al. 2016, section 7.
 */
GOP_API gop_var gop_cross_entropy(gop_net *net, gop_var logits, gop_var labels, gop_var weights,
                                  double smoothing);

/* The Huber distance of two values (Huber 1964).
 *
 *     y    = sum_i h(a_i - b_i) / (number of elements, or N)
 *     h(d) = d^2 / 2 where |d| <= delta, else delta (|d| - delta / 2)
 *
 * a and b have the same shape, with first dimension N; y is a scalar.
 * Errors: GOP_ESHAPE if the shapes differ, GOP_EINVAL unless delta is positive and finite.
 */
GOP_API gop_var gop_huber(gop_net *net, gop_var a, gop_var b, double delta, gop_average over);

/* The mean Euclidean distance of points, such as joints, with their coordinates on the last axis.
 *
 *     y = 1/R sum_r sqrt(sum_c (a[r,c] - b[r,c])^2)
 *
 * a and b have the same shape [..., C] with R rows, commonly [N, M, T, 3]; y is a scalar in their
 * unit.  Nothing is added under the root; the gradient between equal points is 0.
 * Source: mean per joint position error, Ionescu et al. 2014.
 */
GOP_API gop_var gop_joint_distance(gop_net *net, gop_var a, gop_var b);

/* The l1 distance of two values.
 *
 *     y = sum_i |a_i - b_i| / (number of elements, or N)
 *
 * a and b have the same shape, with first dimension N; y is a scalar.
 * Source: Sym-GNN eq. 12, with GOP_PER_SAMPLE.
 */
GOP_API gop_var gop_l1(gop_net *net, gop_var a, gop_var b, gop_average over);

/* The squared distance of two values.
 *
 *     y = sum_i (a_i - b_i)^2 / (number of elements, or N)
 *
 * a and b have the same shape, with first dimension N; y is a scalar.  With GOP_PER_ELEMENT it is
 * the mean squared error.  No root is taken.
 */
GOP_API gop_var gop_l2(gop_net *net, gop_var a, gop_var b, gop_average over);

/* ---------------------------------------------------------------------- norm */

/* Batch normalisation over the last axis (Ioffe & Szegedy 2015).
 *
 *     y[..., c] = weight[c] (x[..., c] - mean[c]) / sqrt(var[c] + eps) + bias[c]
 *
 * x [..., C]; weight, bias [C] or gop_none() (1, 0); mean, var [C], made by gop_stat; y has the
 * shape of x.  A training net normalises by the mean and variance of the batch, and moves the
 * running ones towards them by `momentum` (with the variance over R - 1 for R rows).  An inference
 * net normalises by the running ones, and so does a training net in which gop_net_fix_stats names
 * them; the gradient then treats them as constants.
 * Errors: GOP_ESHAPE if a shape does not fit, or for a single row in training, GOP_EINVAL for eps
 * or momentum out of range.
 */
GOP_API gop_var gop_batch_norm(gop_net *net, gop_var x, gop_var weight, gop_var bias, gop_var mean,
                               gop_var var, double eps, double momentum);

/* Axes of x [N, M, T, C] along which elements share a draw of gop_dropout: none; nodes and frames,
 * which drops whole channels; nodes and channels, which drops whole frames. */
enum {
    GOP_DROP_ELEMENTS = 0,
    GOP_DROP_CHANNELS = 1 << 1 | 1 << 2,
    GOP_DROP_FRAMES = 1 << 1 | 1 << 3
};

/* Dropout (Srivastava et al. 2014; for channels, Tompson et al. 2015).
 *
 *     y = keep * x / (1 - p),   keep = 0 with probability p, else 1
 *
 * x of any shape; y has the same shape; 0 <= p < 1.  If bit i of `axes` is set, elements along axis
 * i share a draw: GOP_DROP_ELEMENTS, GOP_DROP_CHANNELS, GOP_DROP_FRAMES or any other axes except
 * the first.  In an inference net, and with p = 0, nothing is recorded and y is x.  gop_net_random
 * sets the key of the draws.
 * Errors: GOP_EINVAL for p out of range and for no such axis.
 */
GOP_API gop_var gop_dropout(gop_net *net, gop_var x, double p, unsigned axes);

/* Group normalisation (Wu & He 2018).
 *
 *     y[n, ..., c] = weight[c] (x[n, ..., c] - mean[n, g]) / sqrt(var[n, g] + eps) + bias[c]
 *     g = c / (C / groups)
 *
 * x [N, ..., C], such as [N, M, T, C], of rank 2 or more; weight, bias [C] or gop_none() (1, 0); y
 * has the shape of x.  Mean and (biased) variance are taken over one sample, one group of channels
 * and all axes between, such as nodes and frames, in training and inference.  With one group this
 * is layer normalisation of a sample, with C groups instance normalisation.
 * Errors: GOP_ESHAPE if a shape does not fit or C is not a multiple of `groups`, GOP_EINVAL for a
 * negative eps.
 */
GOP_API gop_var gop_group_norm(gop_net *net, gop_var x, size_t groups, gop_var weight, gop_var bias,
                               double eps);

/* Layer normalisation over the last axis (Ba, Kiros & Hinton 2016).
 *
 *     y[..., c] = weight[c] (x[..., c] - mean) / sqrt(var + eps) + bias[c]
 *
 * x [..., C]; weight, bias [C] or gop_none() (1, 0); y has the shape of x.  Mean and (biased)
 * variance are taken over each row of C elements, in training and inference.
 * Errors: GOP_ESHAPE if a shape does not fit, GOP_EINVAL for a negative eps.
 */
GOP_API gop_var gop_layer_norm(gop_net *net, gop_var x, gop_var weight, gop_var bias, double eps);

/* ---------------------------------------------------------------------- pool */

/* The shares of each node in the parts, from trained scores.
 *
 *     B[n, m, :] = softmax over p of S[n, p, m]
 *
 * S [P, M] or [N, P, M]; B [M, P] or [N, M, P].
 * Errors: GOP_ESHAPE for another rank.
 */
GOP_API gop_var gop_assignment(gop_net *net, gop_var S);

/* Copies the features of parts to their nodes.
 *
 *     y[n, m, t, c] = p[n, part[n, m], t, c]
 *
 * p [N, P, T, C]; part [M], or [N, M] with one list for each sample, the part number of each node;
 * y [N, M, T, C].  A node whose number is not an integer in [0, P) gets zeros.  No gradient to
 * `part`.
 * Errors: GOP_ESHAPE if part does not fit p.
 * Source: part2joint matching, Sym-GNN section 5.1.2.
 */
GOP_API gop_var gop_match(gop_net *net, gop_var p, gop_var part);

/* Reduces the features of nodes to parts.
 *
 *     y[n, p, t, c] = sum, mean or max over the nodes m with part[n, m] = p of x[n, m, t, c]
 *
 * x [N, M, T, C]; part [M], or [N, M] with one list for each sample, the part number of each node;
 * y [N, parts, T, C].  A node whose number is not an integer in [0, parts), such as a missing node,
 * belongs to no part, and its values are not used.  A part without nodes is zero.  The gradient of
 * a maximum goes to the first node that holds it.  No gradient to `part`.
 * Errors: GOP_ESHAPE if part does not fit x, GOP_EINVAL for 0 parts or no such kind.
 * Source: joint2part pooling, Sym-GNN section 5.1.2.
 */
GOP_API gop_var gop_pool(gop_net *net, gop_var x, gop_var part, size_t parts, gop_reduce kind);

/* The mean over the nodes that a mask selects.
 *
 *     y[n, t, c] = mean over the nodes m with mask[n, m] not 0 of x[n, m, t, c]
 *
 * x [N, M, T, C]; mask [N, M], or [M] for all samples, as for gop_mask; y [N, T, C], zeros if no
 * node is selected.  Missing nodes may have any values, even NaN.  No gradient to `mask`.
 * Errors: GOP_ESHAPE if mask does not fit x.
 */
GOP_API gop_var gop_masked_mean(gop_net *net, gop_var x, gop_var mask);

/* Averages nodes into parts with trained weights.
 *
 *     y[n, p, t, c] = sum_m A[n, p, m] x[n, m, t, c],   A[n, p, :] = softmax of S[n, p, :]
 *
 * x [N, M, T, C], S [P, M] or [N, P, M] of scores; y [N, P, T, C].
 * Errors: GOP_ESHAPE if S does not fit x.
 * Source: after Ying et al. 2018, with weights normalised over the nodes.
 */
GOP_API gop_var gop_pool_soft(gop_net *net, gop_var x, gop_var S);

/* Spreads the features of parts over their nodes with trained weights: the counterpart of
 * gop_pool_soft with the same scores.
 *
 *     y[n, m, t, c] = sum_p B[n, m, p] z[n, p, t, c],   B = gop_assignment(S)
 *
 * z [N, P, T, C], S [P, M] or [N, P, M] of scores; y [N, M, T, C].
 * Errors: GOP_ESHAPE if S does not fit z.
 */
GOP_API gop_var gop_match_soft(gop_net *net, gop_var z, gop_var S);

/* ----------------------------------------------------------------- recurrent */

/* One step of a gated recurrent unit (Sym-GNN, eq. 10b).
 *
 *     r = sigmoid(W_r x + b_r + U_r h + c_r)
 *     z = sigmoid(W_z x + b_z + U_z h + c_z)
 *     n = tanh(W_n x + b_n + r (U_n h + c_n))
 *     y = (1 - z) n + z carry
 *
 * x [..., I]; h and carry [..., H]; w_ih = W [3H, I] and w_hh = U [3H, H], with rows in the order
 * r, z, n; b_ih = b and b_hh = c, [3H] or gop_none(); y [..., H].  For the usual cell, pass h as
 * carry.
 * Errors: GOP_ESHAPE if a shape does not fit.
 */
GOP_API gop_var gop_gru_step(gop_net *net, gop_var x, gop_var h, gop_var carry, gop_var w_ih,
                             gop_var w_hh, gop_var b_ih, gop_var b_hh);

/* One step of a long short-term memory.
 *
 *     i = sigmoid(W_i x + b_i + U_i h + d_i)     f, o likewise
 *     g = tanh(W_g x + b_g + U_g h + d_g)
 *     c' = f c + i g,   h' = o tanh(c'),   y = [h', c']
 *
 * x [..., I]; state [..., 2H], h and c side by side (gop_lstm_state joins them, gop_lstm_hidden and
 * gop_lstm_cell split them); w_ih = W [4H, I] and w_hh = U [4H, H], with rows in the order i, f, g,
 * o; b_ih = b and b_hh = d, [4H] or gop_none(); y [..., 2H], the state of the next step.
 * Errors: GOP_ESHAPE if a shape does not fit.
 * Source: Hochreiter & Schmidhuber 1997, Gers et al. 2000.
 */
GOP_API gop_var gop_lstm_step(gop_net *net, gop_var x, gop_var state, gop_var w_ih, gop_var w_hh,
                              gop_var b_ih, gop_var b_hh);

/* An LSTM's state from its halves: h and c [..., H] give [..., 2H]. */
GOP_API gop_var gop_lstm_state(gop_net *net, gop_var h, gop_var c);

/* The hidden state h of an LSTM's state: the first half of the last axis, [..., H]. */
GOP_API gop_var gop_lstm_hidden(gop_net *net, gop_var state);

/* The cell c of an LSTM's state: the second half of the last axis, [..., H]. */
GOP_API gop_var gop_lstm_cell(gop_net *net, gop_var state);

/* A long short-term memory over the frames of each node, with one gop_lstm_step per frame.
 *
 *     s_{t+1} = lstm_step(x[n, m, t, :], s_t),   y[n, m, t, :] = h of s_{t+1}
 *
 * x [N, M, T, C]; state = s_0 [N, M, 2H], or gop_none() for zeros; weights and biases as for
 * gop_lstm_step; y [N, M, T, H].  A state is a single value, h and c side by side, so that
 * gop_roll_out and layers handle it like the state of a GRU.
 * Errors: GOP_ESHAPE if a shape does not fit.
 */
GOP_API gop_var gop_lstm(gop_net *net, gop_var x, gop_var state, gop_var w_ih, gop_var w_hh,
                         gop_var b_ih, gop_var b_hh);

/* A gated recurrent unit over the frames of each node, with one gop_gru_step per frame.
 *
 *     h_{t+1} = gru_step(x[n, m, t, :], h_t),   y[n, m, t, :] = h_{t+1}
 *
 * x [N, M, T, C]; h = h_0 [N, M, H], or gop_none() for zeros; weights and biases as for
 * gop_gru_step; y [N, M, T, H].
 * Errors: GOP_ESHAPE if a shape does not fit.
 */
GOP_API gop_var gop_gru(gop_net *net, gop_var x, gop_var h, gop_var w_ih, gop_var w_hh,
                        gop_var b_ih, gop_var b_hh);

/* One step of gop_roll_out: records *x_next and *h_next from x and h at time t.  `user` is the
 * pointer passed to gop_roll_out.
 */
typedef void (*gop_roll_step)(gop_net *net, void *user, size_t t, gop_var x, gop_var h,
                              gop_var *x_next, gop_var *h_next);

/* A roll-out with feedback.
 *
 *     (x_{t+1}, h_{t+1}) = step(x_t, h_t),   t = 0 .. steps-1
 *     y = [x_1, ..., x_steps]
 *
 * x [N, M, C] or [N, M, 1, C]; y [N, M, steps, C].  h has any shape that `step` takes.  `step` must
 * not change the shapes of x and h.  It is called only while recording.
 * Errors: GOP_EINVAL for 0 steps or no `step`, GOP_ESHAPE if a shape changes.
 * Source: Sym-GNN eq. 10.
 */
GOP_API gop_var gop_roll_out(gop_net *net, gop_var x, gop_var h, size_t steps, gop_roll_step step,
                             void *user);

/* --------------------------------------------------------------------- shape */

/* Concatenates values along an axis.
 *
 *     y[o, ., i] = [x[0][o, ., i], ..., x[n-1][o, ., i]]
 *
 * n >= 1 values whose shapes differ only in `axis` (0 <= axis < rank, or -1 for the last); the size
 * of that axis in y is the sum of theirs.
 */
GOP_API gop_var gop_concat(gop_net *net, const gop_var *x, size_t n, int axis);

/* A value without its history: y = x, and no gradient goes back to x.
 *
 * x of any shape; y has the same shape.
 */
GOP_API gop_var gop_detach(gop_net *net, gop_var x);

/* Elements of an axis, selected by index.
 *
 *     y[o, k, i] = x[o, index[k], i]
 *
 * x of any shape, 0 <= axis < rank, or -1 for the last; index [K], or for axis > 0 also [N, K] with
 * a list for each of the N elements of x's first axis, such as a result of gop_topk; indices as
 * reals; y has x's shape with size K on the axis.  An index that is not an integer in [0, L), where L
 * is the size of x's axis, gives zeros.  The gradient of an element is the sum over all indices that
 * select it.  No gradient to `index`.
 * Errors: GOP_EINVAL for no such axis, GOP_ESHAPE if index does not fit x.
 */
GOP_API gop_var gop_gather(gop_net *net, gop_var x, int axis, gop_var index);

/* Rows of a table, selected by index.
 *
 *     y[..., c] = table[index[...], c]
 *
 * table [V, C], commonly a parameter; index of any shape of rank up to 3, row numbers as reals; y
 * has the shape of index, followed by C channels.  A number that is not an integer in [0, V) gives
 * zeros, so that -1 can mark gaps.  No gradient to `index`.
 */
GOP_API gop_var gop_embedding(gop_net *net, gop_var table, gop_var index);

/* Sets missing elements of an axis, such as nodes, bodies, edges or frames, to zero.
 *
 *     y[n, ..., l, ...] = x[n, ..., l, ...] where mask[n, l] is not 0, else 0
 *
 * x of any shape, 0 <= axis < rank, or -1 for the last, with size L on the axis; mask [L], or if
 * axis >= 1 also [N, L] with one mask for each sample; y has the shape of x.  Nodes and edges are on
 * axis 1.  Missing elements may have any values, even NaN.  To exclude missing nodes from a
 * reduction, use gop_masked_mean, or gop_pool with the part number -1.  No gradient to `mask`.
 * Errors: GOP_EINVAL for no such axis, GOP_ESHAPE if mask does not fit x.
 */
GOP_API gop_var gop_mask(gop_net *net, gop_var x, int axis, gop_var mask);

/* The axes in another order.
 *
 *     dimension k of y is dimension axes[k] of x
 *     y[i_0, i_1, ...] = x with i_k on its axis axes[k]
 *
 * x of any shape; `axes` has one number for each axis of x, a permutation of 0 .. rank - 1, and is
 * copied.  {0, 3, 2, 1} turns [N, M, T, C] into [N, C, T, M].
 * Errors: GOP_EINVAL if axes is NULL, or a number is out of range or occurs twice.
 */
GOP_API gop_var gop_permute(gop_net *net, gop_var x, const int *axes);

/* Repeats an axis of size 1.
 *
 *     y[o, l, i] = x[o, 0, i],   0 <= l < count
 *
 * x of any shape with size 1 on `axis`, where -1 is the last; y has size `count` >= 1 there.
 * Errors: GOP_EINVAL for no such axis or a count of 0; GOP_ESHAPE if the axis has another size than
 * 1; GOP_ENOMEM if y is too large.
 */
GOP_API gop_var gop_repeat(gop_net *net, gop_var x, int axis, size_t count);

/* The same elements with another shape.
 *
 *     y[k] = x[k]    in row-major order
 *
 * `shape` must have as many elements as x.  Nothing is copied.
 */
GOP_API gop_var gop_reshape(gop_net *net, gop_var x, gop_shape shape);

/* A contiguous range of an axis.
 *
 *     y[o, l, i] = x[o, start + l, i],   0 <= l < length
 *
 * x of any shape, 0 <= axis < rank, or -1 for the last; y has size `length` on the axis.
 */
GOP_API gop_var gop_slice(gop_net *net, gop_var x, int axis, size_t start, size_t length);

/* The indices of the k largest elements of each row, largest first.
 *
 *     y[..., r] = the index of the r-th largest of x[..., :]
 *
 * x [..., L] of rank 1 or more, 1 <= k <= L <= 2^24; y [..., k], indices as reals, such as an index
 * of gop_gather for each sample.  Among equal elements the lower index comes first.  A NaN is larger
 * than any number.  No gradient.
 * Errors: GOP_ESHAPE for a scalar and for longer rows, GOP_EINVAL for k out of range.
 */
GOP_API gop_var gop_topk(gop_net *net, gop_var x, size_t k);

/* ------------------------------------------------------------------ temporal */

/* Differences of successive frames.
 *
 *     y[n, m, t, c] = x[n, m, t, c] - x[n, m, t-1, c],   y[n, m, 0, c] = 0
 *
 * x [N, M, T, C]; y has the same shape.
 * Source: Sym-GNN eq. 9.
 */
GOP_API gop_var gop_difference(gop_net *net, gop_var x);

/* Options of gop_temporal_conv.  A stride, dilation or number of groups of 0 means 1, so that {0}
 * is the usual convolution without padding. */
typedef struct gop_conv {
    size_t stride;   /* frames from one window to the next */
    size_t pad;      /* frames of zeros before and after */
    size_t dilation; /* frames from one tap to the next */
    size_t groups;   /* of channels: each output channel reads only its group */
} gop_conv;

/* Convolution along the frames of each node (Sym-GNN, eqs. 6b, 8b).
 *
 *     y[n, m, t, o] = sum_(k, c) W[o, k, c] x[n, m, stride t + dilation k - pad, g C/groups + c]
 *
 * x [N, M, T, C] with zeros outside its frames, W [C', tau, C / groups], channel o in group g = o /
 * (C' / groups), pad < dilation (tau - 1) + 1; y [N, M, T', C'], T' = (T + 2 pad - dilation (tau -
 * 1) - 1) / stride + 1.  groups = C = C' is depthwise.
 * Errors: GOP_ESHAPE if W does not fit x and the groups, or the taps do not fit the padded frames;
 * GOP_EINVAL for too much padding or dilation.
 * Source: Yu & Koltun 2016 (dilation), Howard et al. 2017 (depthwise).
 */
GOP_API gop_var gop_temporal_conv(gop_net *net, gop_var x, gop_var W, gop_conv options);

/* The sum, mean or maximum of each window of frames.
 *
 *     y[n, m, t, c] = sum, mean or max over k < kernel of x[n, m, stride t + k - pad, c]
 *
 * x [N, M, T, C], pad < kernel; y [N, M, (T + 2 pad - kernel) / stride + 1, C].  Frames outside x
 * are excluded, also from the count of a mean.  A maximum over values with a NaN is NaN.  The
 * gradient of a maximum goes to the first frame that holds it.
 * Errors: GOP_EINVAL for a kernel or stride of 0, too much padding or no such kind, GOP_ESHAPE if
 * the window is longer than the padded frames.
 */
GOP_API gop_var gop_temporal_pool(gop_net *net, gop_var x, size_t kernel, size_t stride, size_t pad,
                                  gop_reduce kind);

#ifdef __cplusplus
}
#endif
#endif
