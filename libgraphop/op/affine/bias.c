/*
 * bias.c: adds a bias to each channel, or to each channel of each node.
 *
 *     forward    y[..., c] = x[..., c] + b[c],        y[n,m,t,c] = x[n,m,t,c] + b[m,c]
 *     backward   dx = dy,   db[c] = sum_(...) dy[..., c],   db[m,c] = sum_(n,t) dy[n,m,t,c]
 *
 * x [..., C] with b [C], or x [N, M, T, C] with b [M, C]; y has the shape of x and may overwrite
 * it.
 * Source: the biases of the convolutions of Yan et al. 2018 and Shi et al. 2019.
 *
 * db is summed over groups of rows first, then over the groups in order.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/partial.h"
#include "op/per_frame.h"

typedef struct sizes {
    size_t outer, nodes, rows, c; /* x is [outer, nodes, rows, c] */
    size_t groups, part;          /* of outer with nodes, else of rows; of one db */
} sizes;

static sizes measure(const gop_shape *in)
{
    sizes s = {1, 1, 0, in[0].dim[in[0].rank - 1], 0, 0};
    s.rows = gop_shape_size(in[0]) / s.c;
    if (in[1].rank == 2) {
        s.outer = in[0].dim[0];
        s.nodes = in[0].dim[1];
        s.rows = in[0].dim[2];
    }
    s.groups = in[1].rank == 2 ? gop_parts(s.outer, gop_rows(s.nodes * s.rows * s.c), 16)
                               : gop_parts(s.rows, gop_rows(s.c), 16);
    s.part = gop_line(s.nodes * s.c);
    return s;
}

static gop_status plan(gop_op_plan *p)
{
    char b[80], x[80];
    gop_status s = gop_op_count(p, 2, 2);
    if (s != GOP_OK)
        return s;
    const gop_shape in = p->in[0];
    const bool each = in.rank >= 1 && gop_shape_equal(p->in[1], gop_shape1(in.dim[in.rank - 1]));
    const bool nodes = in.rank == 4 && gop_shape_equal(p->in[1], gop_shape2(in.dim[1], in.dim[3]));
    if (!each && !nodes)
        return gop_fail(p->err, GOP_ESHAPE,
                        "b %s must be [C] for x %s = [..., C], or [M, C] for x "
                        "= [N, M, T, C]",
                        gop_shape_text(b, sizeof b, p->in[1]), gop_shape_text(x, sizeof x, in));
    const sizes z = measure(p->in);
    p->out = in;
    if (each)
        p->flags |= GOP_OP_AFFINE;
    p->work = p->training && z.groups > 1 ? z.groups * z.part : 0;
    return GOP_OK;
}

GOP_VECTOR static void add_row(gop_real *y, const gop_real *x, const gop_real *restrict b,
                               size_t rows, size_t n)
{
    for (size_t r = 0; r < rows; r++, x += n, y += n)
        GOP_INDEPENDENT
    for (size_t c = 0; c < n; c++)
        y[c] = x[c] + b[c];
}

/* Ranges are whole rows of C. */
static void rows(const gop_run *r, size_t from, size_t to)
{
    const sizes s = measure(r->in_shape);
    for (size_t row = from / s.c, end = to / s.c, n; row < end; row += n) {
        const size_t node = row / s.rows % s.nodes;
        n = gop_size_min(end, (row / s.rows + 1) * s.rows) - row;
        add_row(r->out + row * s.c, r->in[0] + row * s.c, r->in[1] + node * s.c, n, s.c);
    }
}

static void affine(const gop_run *r, double *scale, double *shift)
{
    for (size_t c = 0; c < r->in_shape[1].dim[0]; c++) {
        scale[c] = 1;
        shift[c] = (double)r->in[1][c];
    }
}

typedef struct job {
    const gop_run *r;
    sizes s;
} job;

static void pass_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const size_t n = j->s.outer * j->s.nodes * j->s.rows * j->s.c, from = i * GOP_CHUNK;
    gop_move(j->r->din[0] + from, j->r->dout + from, gop_size_min(GOP_CHUNK, n - from),
             j->r->add[0]);
}

static void sum_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const sizes *s = &j->s;
    const bool add = s->groups == 1 && j->r->add[1];
    gop_real *db = gop_part(j->r->din[1], j->r->work, s->groups, s->part, i);
    const bool of_nodes = j->r->in_shape[1].rank == 2;
    const size_t cut = of_nodes ? s->outer : s->rows;
    const size_t from = gop_cut(cut, s->groups, i), to = gop_cut(cut, s->groups, i + 1);
    if (!of_nodes) {
        gop_sum_rows(db, add, j->r->dout + from * s->c, to - from, s->c, s->c);
        return;
    }
    for (size_t n = from; n < to; n++)
        for (size_t m = 0; m < s->nodes; m++)
            gop_sum_rows(db + m * s->c, add || n > from,
                         j->r->dout + (n * s->nodes + m) * s->rows * s->c, s->rows, s->c, s->c);
}

static void backward(const gop_run *r)
{
    job j = {r, measure(r->in_shape)};
    const sizes *s = &j.s;
    if (r->din[1] != NULL) {
        gop_parallel(r->ctx, s->groups, sum_chunk, &j);
        gop_sum_parts(r->ctx, r->din[1], r->add[1], r->work, s->groups, s->part, s->nodes * s->c);
    }
    if (r->din[0] != NULL)
        gop_parallel(r->ctx, gop_pieces(gop_shape_size(r->out_shape), GOP_CHUNK), pass_chunk, &j);
}

static gop_status step(gop_op_step *s)
{
    return s->in[1].rank == 2 ? gop_step_clip(s) : gop_step_rows(s);
}

/* ------------------------------------------------------------------------- cases */

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const gop_shape x = in[0].shape;
    const size_t c = x.dim[x.rank - 1];
    (void)attr;
    for (size_t i = 0; i < gop_shape_size(x); i++) {
        const size_t node = in[1].shape.rank == 2 ? i / (x.dim[2] * c) % x.dim[1] : 0;
        y.v[i] = in[0].v[i] + in[1].v[node * c + i % c];
    }
}

static const gop_case cases[] = {
    {"channels", .in = {{4, {2, 3, 5, 7}}, {1, {7}}}, .bench = {{4, {32, 26, 25, 64}}, {1, {64}}}},
    {"channels, several groups", .in = {{2, {9000, 5}}, {1, {5}}}},
    {"channels of nodes", .in = {{4, {4, 3, 5, 2}}, {2, {3, 2}}}},
    {0},
};

const gop_op gop_op_bias = {
    .name = "bias",
    .flags = GOP_OP_INPLACE | GOP_OP_ELEMENTWISE,
    .plan = plan,
    .rows = rows,
    .backward = backward,
    .cases = cases,
    .naive = naive,
    .affine = affine,
    .step = step,
};

/*: Adds a bias to each channel.
 *
 *     y[..., c] = x[..., c] + b[c]             b [C], x [..., C]
 *     y[n, m, t, c] = x[n, m, t, c] + b[m, c]  b [M, C], x [N, M, T, C]
 *
 * y has the shape of x.
 * Errors: GOP_ESHAPE if b does not fit x.
 */
GOP_API gop_var gop_bias(gop_net *net, gop_var x, gop_var b)
{
    gop_var in[2] = {x, b};
    return gop_apply(net, &gop_op_bias, NULL, in, 2);
}
