/*
 * pool.h: what operators between nodes and their parts share: the checks, which part
 * a node is in, and how the work is cut.  Internal to pool.c, pool_max.c and match.c.
 *
 * `part` is [M], or [N, M] where each sample has its own.  The numbers are data, which
 * are not known while recording, so any value is taken: a node whose number is not an
 * integer in [0, P) belongs to no part.  Everything here is static inline and without
 * state.
 */
#ifndef GOP_OP_POOL_POOL_H
#define GOP_OP_POOL_POOL_H

#include "op/partial.h"

/* A chunk is one sample's block of at most GOP_POOL_BLOCK columns of the rows [T C];
 * so many nodes can be counted in a float. */
enum { GOP_POOL_BLOCK = 2048, GOP_POOL_NODES = 1 << 24 };

typedef struct gop_pool_attributes {
    size_t parts;
    bool mask; /* the numbers are 0 for a node that is not there, else it is in part 0 */
} gop_pool_attributes;

typedef struct gop_pool_job {
    const gop_run *r;
    size_t nodes, parts, row, blocks;
    bool mask;
} gop_pool_job;

/* One chunk: a sample, and n columns from `at` on. */
typedef struct gop_pool_chunk {
    size_t sample, at, n;
} gop_pool_chunk;

static inline gop_status gop_pool_fits(const gop_op_plan *p, const char *name, size_t nodes)
{
    char a[80], b[80];
    const gop_shape x = p->in[0], part = p->in[1];
    if (gop_shape_equal(part, gop_shape1(nodes)) ||
        gop_shape_equal(part, gop_shape2(x.dim[0], nodes)))
        return GOP_OK;
    return gop_fail(p->err, GOP_ESHAPE, "%s %s must be [M] or [N, M] for x %s = [N, M, T, C]", name,
                    gop_shape_text(a, sizeof a, part), gop_shape_text(b, sizeof b, x));
}

static inline gop_status gop_pool_plan(gop_op_plan *p)
{
    const gop_pool_attributes *a = p->attr;
    gop_status s = gop_op_count(p, 2, 2);
    if (s == GOP_OK)
        s = gop_op_rank(p, 0, 4);
    if (s == GOP_OK)
        s = gop_pool_fits(p, a->mask ? "mask" : "part", p->in[0].dim[1]);
    if (s != GOP_OK)
        return s;
    if (a->parts == 0)
        return gop_fail(p->err, GOP_EINVAL, "%zu parts", a->parts);
    if (p->in[0].dim[1] > GOP_POOL_NODES)
        return gop_fail(p->err, GOP_ESHAPE, "%zu nodes are too many", p->in[0].dim[1]);
    p->out = p->in[0];
    p->out.dim[1] = a->parts;
    return gop_op_size(p, p->out);
}

static inline gop_pool_job gop_pool_take(const gop_run *r, size_t nodes, size_t parts, bool mask)
{
    const gop_shape x = r->in_shape[0];
    gop_pool_job j = {
        .r = r, .nodes = nodes, .parts = parts, .row = x.dim[2] * x.dim[3], .mask = mask};
    j.blocks = gop_pieces(j.row, GOP_POOL_BLOCK);
    return j;
}

static inline gop_pool_chunk gop_pool_at(const gop_pool_job *j, size_t i)
{
    gop_pool_chunk c = {.sample = i / j->blocks, .at = i % j->blocks * GOP_POOL_BLOCK};
    c.n = gop_size_min(GOP_POOL_BLOCK, j->row - c.at);
    return c;
}

/* The part that node m of a sample is in, or `parts` for none. */
static inline size_t gop_pool_part(const gop_pool_job *j, size_t sample, size_t m)
{
    const gop_real v = j->r->in[1][j->r->in_shape[1].rank == 2 ? sample * j->nodes + m : m];
    return j->mask ? (v != 0 ? 0 : j->parts) : gop_index(v, j->parts);
}

static inline void gop_pool_run(const gop_pool_job *j, void (*chunk)(void *arg, size_t i))
{
    gop_pool_job copy = *j;
    gop_parallel(j->r->ctx, j->r->in_shape[0].dim[0] * j->blocks, chunk, &copy);
}

#endif
