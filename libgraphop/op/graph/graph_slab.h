/*
 * graph_slab.h: slabs, the pieces of work of graph_conv.c, and the products with
 * stacked adjacencies on one of them.  Internal; see graph_conv.c for the
 * mathematics and the names.
 */
#ifndef GOP_OP_GRAPH_GRAPH_SLAB_H
#define GOP_OP_GRAPH_GRAPH_SLAB_H

#include "core/packed.h"
#include "op/partial.h"

enum { GOP_GRAPH_TERMS = 4 };

typedef struct gop_graph_attributes {
    size_t terms;
    double scale[GOP_GRAPH_TERMS];
} gop_graph_attributes;

/* The sizes of one direction: forward and backward may use different orders. */
typedef struct gop_graph_sizes {
    size_t n, m_in, m_out, t, c_in, c_out;
    size_t terms, stack[GOP_GRAPH_TERMS]; /* G of each term */
    bool own[GOP_GRAPH_TERMS];            /* one adjacency for each sample */
    size_t products;                      /* of all terms */
    bool nodes_first;
    bool by_sample;          /* V's outer axis is the samples, not the products */
    size_t inner, c_inner;   /* nodes and channels of V */
    size_t blocks;           /* of samples; a slab is one with all or some frames */
    size_t cuts;             /* of the frames */
    size_t cols;             /* of the panels of c_out, forward with few slabs */
    size_t groups;           /* of blocks, in backward */
    size_t wide, tall, mats; /* elements of a slab's V, copied rows, stacked adjacencies */
    size_t thread;           /* elements of a thread's scratch */
    size_t weight;           /* elements of one product's packed W */
    bool pack;               /* enough rows for packing to pay */
    /* Offsets of a group's shares of dW and shared dA, and their total size. */
    size_t w_at[GOP_GRAPH_TERMS], a_at[GOP_GRAPH_TERMS], part;
} gop_graph_sizes;

typedef struct gop_graph_job {
    const gop_run *r;
    gop_graph_sizes s;
    gop_real *parts;
    gop_real *weights; /* packed for this direction, product by product */
} gop_graph_job;

/* Samples [n, n + samples), frames [t, t + frames), and scratch. */
typedef struct gop_slab {
    const gop_graph_job *j;
    size_t n, samples, t, frames;
    gop_real *v;                /* V [products, samples, inner, frames, cols], or by sample */
    size_t cols;                /* channels of V in memory */
    size_t v_product, v_sample; /* from one to the next */
    gop_real *tall[2];
    gop_real *mats, *dmats; /* s_k A_kg of one sample, and their gradients */
    ptrdiff_t row, col;     /* strides of mats, as [products inner, nodes on the other side] */
    size_t next;            /* from one product's matrix to the next */
} gop_slab;

/* Shapes must have been checked. */
gop_graph_sizes gop_graph_measure(const gop_ctx *ctx, const gop_shape *in,
                                  const gop_graph_attributes *a, bool backward);

/* Block `block`, part `cut` of the frames; V has `cols` channels. */
gop_slab gop_slab_take(const gop_graph_job *j, size_t block, size_t cut, size_t cols);

/* The start of sample i of the slab in a tensor [N, nodes, T, c]. */
static inline size_t gop_slab_offset(const gop_slab *b, size_t i, size_t nodes, size_t c)
{
    return ((b->n + i) * nodes * b->j->s.t + b->t) * c;
}

/* V of product e, for sample i. */
static inline gop_real *gop_slab_v_of(const gop_slab *b, size_t e, size_t i)
{
    return b->v + e * b->v_product + i * b->v_sample;
}

/* Products whose V are contiguous in one sample. */
static inline size_t gop_slab_together(const gop_slab *b)
{
    return b->samples == 1 || b->j->s.by_sample ? b->j->s.products : 1;
}

static inline size_t gop_slab_rows(const gop_slab *b)
{
    return b->samples * b->j->s.inner * b->frames;
}

/* The slab of a tensor [N, nodes, T, c] as rows: in place if they are contiguous, else copied. */
const gop_real *gop_slab_get_rows(const gop_slab *b, gop_real *copy, const gop_real *x,
                                  size_t nodes, size_t c);
/* The inverse. */
void gop_slab_put_rows(const gop_slab *b, gop_real *x, const gop_real *rows, size_t nodes, size_t c,
                       bool add);

/* V_e = A_e x, or A_e^T x channels first; x has the nodes of the other side of A_e. */
void gop_slab_expand(const gop_slab *b, const gop_real *x, size_t nodes);
/* x (+)= sum_e A_e^T V_e, or A_e V_e channels first; only the channels from `col` on
 * that V has. */
void gop_slab_combine(const gop_slab *b, gop_real *x, size_t nodes, size_t col, bool add);
/* dA_e (+)= V_e x^T, or x V_e^T channels first, where V or x holds a gradient; `first`: the group's
 * share of a shared dA is still unset. */
void gop_slab_matrix_gradients(const gop_slab *b, const gop_real *x, size_t nodes, size_t group,
                               bool first);

/* The target of a group's share of dW or of a shared dA, NULL if not wanted; *add is set if it must
 * accumulate. */
gop_real *gop_graph_share(const gop_graph_job *j, size_t group, size_t input, size_t where,
                          bool first, bool *add);

#endif
