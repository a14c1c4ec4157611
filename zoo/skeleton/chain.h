/*
 * chain.h: skeletons whose joints rotate relative to their parents, and the places of these joints.
 * May use graphop.h only.
 */
#ifndef ZOO_SKELETON_CHAIN_H
#define ZOO_SKELETON_CHAIN_H

#include "graphop.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How published evaluation programs turn r into an axis, with theta = |r| and eps = 2^-23: r /
 * (theta + eps), or r / max(theta, eps). */
typedef enum zoo_axis_rule { ZOO_AXIS_PLUS_EPS, ZOO_AXIS_MAX_EPS } zoo_axis_rule;

/* The maximum number of joints in a chain. */
#define ZOO_MAX_JOINTS 64

/* A tree of joints that rotate relative to their parents.  A raw frame has 3 + 3 * joints columns:
 * the root's position, then an exponential map for each joint. */
typedef struct zoo_chain {
    const char *name;
    uint32_t joints;        /* at most ZOO_MAX_JOINTS; joint 0 is the root */
    uint32_t columns;       /* of a raw frame */
    double unit;            /* mm in a unit of the offsets */
    const uint32_t *parent; /* [joints], parent[j] < j */
    const double *offset;   /* [joints, 3]: from the parent, with no joint rotated */
    const uint8_t *counted; /* [joints]: 1 where errors count: it can move against the
                              * root, and no joint before it always is at its place */
    const uint32_t *twin; /* [joints]: the counted joint at whose place it always is, else itself */
    const char *layout;   /* built-in layout of the counted joints' positions, in columns 3 j ..
                             * 3 j + 2 of joint j */
} zoo_chain;

/* The chain "cmu38" (CMU Mocap) or "h36m32" (Human3.6M) of published evaluations, or NULL. */
GOP_API const zoo_chain *zoo_chain_find(const char *name);
/* Positions p [joints, 3] in mm of one raw frame, the root at 0 and not rotated:
 *
 *     G_0 = I,  G_j = R_j G_parent,  p_0 = 0,  p_j = p_parent + unit offset_j G_parent
 *
 * with vectors as rows, and R_j as in zoo_euler with ZOO_AXIS_MAX_EPS (as in the evaluations of
 * Martinez et al. 2017 and Mao et al. 2019). */
GOP_API void zoo_chain_positions(double *p, const zoo_chain *chain, const float *frame);

#ifdef __cplusplus
}
#endif
#endif
