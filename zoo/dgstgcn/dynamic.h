/*
 * dynamic.h: DG-STGCN's spatial part, with graphs that are inferred from the clip, for the models
 * that use it.  Internal to the zoo.
 * May use zoo/temporal.h and zoo/settings.h.
 */
#ifndef ZOO_DGSTGCN_DYNAMIC_H
#define ZOO_DGSTGCN_DYNAMIC_H

#include "zoo/settings.h"
#include "zoo/temporal.h"

/* The spatial part of a block, x [N, M, T, C], result [N, M, T, out]:
 *
 *     H = relu(bn(W_pre x)),  `groups` groups of mid = out / groups channels
 *     E = A + alpha S + beta P                          a graph for each channel of H
 *     Y = relu(bn(W_post (E H)) + down(x))
 *
 * The parameters are under `name`: A [groups, M, M], alpha, beta [1], pre, pre_bn, theta, phi, post,
 * bn, down.  *inferred, unless NULL, becomes alpha S + beta P [N, M M, groups mid], node pairs
 * ordered [to, from]. */
gop_var dynamic_graph_conv(gop_net *net, const char *name, gop_var x, size_t out, size_t groups,
                           gop_var *inferred);

/* Checks that every width holds a channel for each group; GOP_EINVAL. */
gop_status dynamic_check(const zoo_list *widths, uint32_t groups, gop_error *err);

#endif
