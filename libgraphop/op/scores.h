/*
 * scores.h: the softmax of the products of two embeddings of the nodes, and its gradient.  Internal.
 *
 *     s[h,i,j] = scale f_hi . g_hj,   f_hi = f[n, i, h D .. h D + D)
 *     P[h,i,:] = softmax over the nodes j that are there, 0 elsewhere
 *     A = P,  or symmetric  A = (P + P^T) / 2
 *
 * f, g [N, M, H D] are inputs 0 and 1; A has N H M M elements.  A node is there if its mask is not
 * 0.  The largest s of a row is subtracted before exp, so that nothing overflows.
 */
#ifndef GOP_OP_SCORES_H
#define GOP_OP_SCORES_H

#include "op/op.h"

typedef struct gop_scores {
    size_t pairs, heads, m, width, d; /* pairs of a sample and a head; width = heads d */
    size_t blocks;                    /* of rows of one pair, so that scores stay near */
    bool spread;                      /* backward divides blocks of one pair at a time, not pairs */
    bool symmetric;
    gop_real scale;
    size_t square, packed; /* elements of scratch: a matrix, a packed embedding */
} gop_scores;

gop_scores gop_scores_of(const gop_ctx *ctx, gop_shape f, size_t heads, gop_real scale,
                         bool symmetric);

/* Sets saved (P, if symmetric), work and madds; out must be set. */
gop_status gop_scores_plan(gop_op_plan *p, gop_scores s);

/* mask [M], or [N, M] if it is of each sample, or NULL. */
void gop_scores_forward(const gop_run *r, gop_scores s, const gop_real *mask, bool of_each);
void gop_scores_backward(const gop_run *r, gop_scores s);

#endif
