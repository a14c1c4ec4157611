/*
 * node_product.h: the product of an adjacency and rows of nodes, by gop_gemm or, if the adjacency
 * is mostly zeros as those of a skeleton are, by its entries.  Internal.
 */
#ifndef GOP_OP_GRAPH_NODE_PRODUCT_H
#define GOP_OP_GRAPH_NODE_PRODUCT_H

#include "graphop.h"

/* y[i] (+)= sum_j A[i, j] x[j] for `rows` rows i and `depth` rows j of `width` elements, which are
 * `to` and `from` elements apart; A[i, j] is at A[i row + j col].  The way depends on A alone, so
 * that its result does not depend on threads.  An entry that is 0 takes nothing of its row of x, not
 * even NaN, if A is mostly zeros. */
void gop_node_product(gop_ctx *ctx, size_t rows, size_t width, size_t depth, const gop_real *A,
                      ptrdiff_t row, ptrdiff_t col, const gop_real *x, size_t from, bool add,
                      gop_real *y, size_t to);

#endif
