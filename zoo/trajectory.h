/*
 * trajectory.h: parts of models that predict by trajectories: each coordinate of each node is a
 * node of its own, whose features are its places or their cosine transform. May use graphop.h only.
 */
#ifndef ZOO_TRAJECTORY_H
#define ZOO_TRAJECTORY_H

#include "graphop.h"

#ifdef __cplusplus
extern "C" {
#endif

/* These functions record operators.  Errors are sticky, as for all recording functions: GOP_EINVAL
 * for NULL and counts out of range, GOP_ESHAPE if x does not fit. */

/* Poses [N, M, T, C] as trajectories [N, M C, 1, T]: node m's channel c is trajectory m C + c. */
GOP_API gop_var zoo_trajectories(gop_net *net, gop_var x);
/* The reverse: [N, M C, 1, T] as poses [N, M, T, C]. */
GOP_API gop_var zoo_poses(gop_net *net, gop_var x, size_t channels);
/* Trajectories followed by their last place, `frames` times. */
GOP_API gop_var zoo_hold_last(gop_net *net, gop_var x, size_t frames);

/* The first `count` rows of the orthonormal cosine transform, a constant [count, frames]:
 *
 *     D[k, t] = sqrt((1 + [k > 0]) / T) cos(pi k (t + 1/2) / T)
 *
 * gop_linear takes trajectories to their coefficients by it, and back by its transpose, which is
 * the inverse of the whole transform. Source: N. Ahmed, T. Natarajan, K. R. Rao, Discrete Cosine
 * Transform, IEEE Trans. Computers 1974. */
GOP_API gop_var zoo_cosines(gop_net *net, size_t frames, size_t count);
/* Its transpose, [frames, count]. */
GOP_API gop_var zoo_inverse_cosines(gop_net *net, size_t frames, size_t count);

/* A graph convolution whose graph is dense and trained: A (x W^T) + b, x [N, V, 1, F], result
 * [N, V, 1, out]; parameters A [V, V] (to, from), weight [out, F] and bias [out] under `name`, all
 * uniform within 1 / sqrt(out).
 * Source: LTD, Mao et al. 2019. */
GOP_API gop_var zoo_dense_gc(gop_net *net, const char *name, gop_var x, size_t out);
/* Batch norm of each feature of each node over the batch alone: V F channels, x and result
 * [N, V, 1, F]. */
GOP_API gop_var zoo_feature_norm(gop_net *net, const char *name, gop_var x);

/* What follows each batch norm: an activation, then dropout. */
typedef struct zoo_gc_style {
    gop_var (*activation)(gop_net *net, gop_var x);
    double dropout;
} zoo_gc_style;

/* x + two times (zoo_dense_gc, zoo_feature_norm, activation, dropout), x [N, V, 1, F]: gc1, bn1,
 * gc2 and bn2 under `name`. Source: LTD, Mao et al. 2019. */
GOP_API gop_var zoo_gc_block(gop_net *net, const char *name, gop_var x, const zoo_gc_style *style);
/* The network of LTD: x + gc(blocks(tanh(bn(gc(x))))), x and result [N, V, 1, k], `hidden` features
 * in between: in.gc, in.bn, block.i and out.gc.
 * Source: LTD, Mao et al. 2019. */
GOP_API gop_var zoo_residual_gcn(gop_net *net, gop_var x, size_t hidden, size_t blocks,
                                 double dropout);

#ifdef __cplusplus
}
#endif
#endif
