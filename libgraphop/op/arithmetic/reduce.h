/*
 * reduce.h: checks and the division of work for operators along one axis, which is removed.
 * Internal to max.c, mean.c and sum.c.
 *
 *     y[o, i] = something over l of x[o, l, i]
 *
 * x of any shape, with size L on `axis`; y has x's shape without it.  Everything here is static
 * inline and has no state.
 */
#ifndef GOP_OP_ARITHMETIC_REDUCE_H
#define GOP_OP_ARITHMETIC_REDUCE_H

#include "op/op.h"

typedef struct gop_reduce_attributes {
    int axis;
} gop_reduce_attributes;

/* The most inner elements in one call of an operator. */
enum { GOP_REDUCE_BLOCK = 256 };

static inline gop_status gop_reduce_plan(gop_op_plan *p)
{
    const int axis = ((const gop_reduce_attributes *)p->attr)->axis;
    gop_try(gop_op_count(p, 1, 1));
    gop_try(gop_op_axis(p, axis));
    p->out = gop_shape0();
    p->out.rank = p->in[0].rank - 1;
    for (int i = 0, k = 0; i < p->in[0].rank; i++)
        if (i != axis)
            p->out.dim[k++] = p->in[0].dim[i];
    return GOP_OK;
}

/* An operator's work on n inner elements, at index `y` in y and `x` in x, where `length` rows are
 * `inner` apart. */
typedef struct gop_reduce_at {
    size_t x, y, length, inner, n;
} gop_reduce_at;

typedef void gop_reduce_step(const gop_run *r, const gop_reduce_at *at);

typedef struct gop_reduce_job {
    const gop_run *r;
    gop_reduce_step *step;
    gop_span x;
    size_t at_once, blocks;
} gop_reduce_job;

/* A chunk is a block of inner elements for several outer ones. */
static inline void gop_reduce_chunk(void *arg, size_t i)
{
    const gop_reduce_job *j = arg;
    const size_t begin = i / j->blocks * j->at_once;
    const size_t end = gop_size_min(begin + j->at_once, j->x.outer);
    const size_t from = i % j->blocks * GOP_REDUCE_BLOCK;
    gop_reduce_at at = {.length = j->x.length,
                        .inner = j->x.inner,
                        .n = gop_size_min(GOP_REDUCE_BLOCK, j->x.inner - from)};
    for (size_t o = begin; o < end; o++) {
        at.x = o * j->x.length * j->x.inner + from;
        at.y = o * j->x.inner + from;
        j->step(j->r, &at);
    }
}

static inline void gop_reduce_run(const gop_run *r, gop_reduce_step *step)
{
    const int axis = ((const gop_reduce_attributes *)r->attr)->axis;
    gop_reduce_job j = {.r = r, .step = step, .x = gop_span_of(r->in_shape[0], axis)};
    j.blocks = gop_pieces(j.x.inner, GOP_REDUCE_BLOCK);
    j.at_once = gop_rows(j.x.length * gop_size_min(j.x.inner, GOP_REDUCE_BLOCK));
    gop_parallel(r->ctx, gop_pieces(j.x.outer, j.at_once) * j.blocks, gop_reduce_chunk, &j);
}

#endif
