/*
 * assignment.c: the shares of each node in the parts, from trained scores.
 *
 *     forward    B[n,m,p]  = exp(S[n,p,m]) / sum_q exp(S[n,q,m])
 *     backward   dS[n,p,m] = B[n,m,p] (dB[n,m,p] - sum_q dB[n,m,q] B[n,m,q])
 *
 * S [P, M] or [N, P, M], a score for each part and node; B [M, P] or [N, M, P], its rows sum to 1.
 * The largest score of a node is subtracted before exp, so that nothing overflows.
 * Source: after the soft assignment of DiffPool, Ying et al. 2018, with the weights of a part
 * normalised over nodes so that a part stays an average.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/op.h"
#include "op/rows.h"
#include "op/soften.h"

#include <math.h>

typedef struct sizes {
    size_t samples, nodes, parts;
    size_t at_once; /* nodes of a chunk */
} sizes;

typedef struct job {
    const gop_run *r;
    sizes s;
} job;

static gop_status plan(gop_op_plan *p)
{
    char a[80];
    gop_try(gop_op_count(p, 1, 1));
    int rank = p->in[0].rank;
    if (rank != 2 && rank != 3)
        return gop_fail(p->err, GOP_ESHAPE, "S %s must be [P, M] or [N, P, M]",
                        gop_shape_text(a, sizeof a, p->in[0]));
    p->out = p->in[0];
    p->out.dim[rank - 2] = p->in[0].dim[rank - 1];
    p->out.dim[rank - 1] = p->in[0].dim[rank - 2];
    return GOP_OK;
}

static sizes measure(gop_shape scores)
{
    const int rank = scores.rank;
    const size_t parts = scores.dim[rank - 2];
    return (sizes){.samples = rank == 3 ? scores.dim[0] : 1,
                   .nodes = scores.dim[rank - 1],
                   .parts = parts,
                   .at_once = gop_rows(parts)};
}

static void forward_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const sizes *s = &j->s;
    const size_t end = gop_size_min((i + 1) * s->at_once, s->samples * s->nodes);
    for (size_t row = i * s->at_once; row < end; row++) {
        const gop_real *x = j->r->in[0] + row / s->nodes * s->parts * s->nodes + row % s->nodes;
        gop_real *b = j->r->out + row * s->parts;
        for (size_t p = 0; p < s->parts; p++)
            b[p] = x[p * s->nodes];
    }
    const size_t first = i * s->at_once;
    gop_soften_rows(j->r->out + first * s->parts, j->r->out + first * s->parts, 1, end - first,
                    s->parts);
}

static void backward_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const sizes *s = &j->s;
    const size_t end = gop_size_min((i + 1) * s->at_once, s->samples * s->nodes);
    for (size_t row = i * s->at_once; row < end; row++) {
        const gop_real *b = j->r->out + row * s->parts, *db = j->r->dout + row * s->parts;
        gop_real *dx = j->r->din[0] + row / s->nodes * s->parts * s->nodes + row % s->nodes;
        const gop_real dot = gop_row_dot(b, db, s->parts);
        for (size_t p = 0; p < s->parts; p++)
            GOP_PUT(dx[p * s->nodes], j->r->add[0], b[p] * (db[p] - dot));
    }
}

static void run(const gop_run *r, void (*chunk)(void *arg, size_t i))
{
    job j = {r, measure(r->in_shape[0])};
    gop_parallel(r->ctx, gop_pieces(j.s.samples * j.s.nodes, j.s.at_once), chunk, &j);
}

static void forward(const gop_run *r)
{
    run(r, forward_chunk);
}

static void backward(const gop_run *r)
{
    if (r->din[0] != NULL)
        run(r, backward_chunk);
}

/* ------------------------------------------------------------------------- cases */

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const gop_span s = gop_span_of(in[0].shape, in[0].shape.rank - 2);
    (void)attr;
    for (size_t row = 0; row < s.outer * s.inner; row++) {
        const gop_real *scores = in[0].v + row / s.inner * s.length * s.inner + row % s.inner;
        for (size_t p = 0; p < s.length; p++) {
            double sum = 0;
            for (size_t q = 0; q < s.length; q++)
                sum += exp((double)scores[q * s.inner] - (double)scores[p * s.inner]);
            y.v[row * s.length + p] = (gop_real)(1 / sum);
        }
    }
}

static const gop_case cases[] = {
    {"shared", .in = {{2, {3, 7}}}, .range = {{-3, 3}}},
    {"one a sample, large scores", .in = {{3, {2, 3, 5}}}, .range = {{100, 103}},
     .bench = {{3, {512, 10, 26}}}},
    {0},
};

const gop_op gop_op_assignment = {
    .name = "assignment",
    .flags = GOP_OP_NEEDS_OUT,
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
};

/*: The shares of each node in the parts, from trained scores.
 *
 *     B[n, m, :] = softmax over p of S[n, p, m]
 *
 * S [P, M] or [N, P, M]; B [M, P] or [N, M, P].
 * Errors: GOP_ESHAPE for another rank.
 */
GOP_API gop_var gop_assignment(gop_net *net, gop_var S)
{
    return gop_apply(net, &gop_op_assignment, NULL, &S, 1);
}
