/*
 * matmul.c: products of matrices, one for each index of the leading axes.
 *
 *     forward    y = a' b',   a' = a or a^T,   b' = b or b^T
 *     backward   da' = dy b'^T,   db' = a'^T dy
 *
 * a' [..., I, K], b' [..., K, J], y [..., I, J], with up to two leading axes, equal in both.  A
 * matrix of rank 2 serves all indices of the other side; its gradient is summed over them.
 * Source: the scores Q K^T and the values P V of attention, Vaswani et al. 2017, eq. 1.
 *
 * A chunk is a block of rows of one result.  A summed gradient is added over groups of indices
 * first, then over the groups in order.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/partial.h"
#include "op/per_frame.h"

typedef struct attributes {
    unsigned transposed;
} attributes;

#ifndef GRAPHOP_OPS_H
/*: The sides of gop_matmul that are transposed. */
enum { GOP_TRANSPOSE_A = 1, GOP_TRANSPOSE_B = 2 };
#endif

/* Rows of a block, at least; groups of a summed gradient, at most. */
enum { ROWS = 16, GROUPS = 16 };

/* A matrix of each index: element (i, j) is at v + index next + i rows + j cols. */
typedef struct matrix {
    const gop_real *v;
    size_t next; /* 0: one for all */
    ptrdiff_t rows, cols;
} matrix;

/* C = A B for each index, or with `sum` their sum; C has rows of n. */
typedef struct product {
    const gop_run *r;
    size_t batch, m, n, k;
    matrix a, b;
    gop_real *c;
    bool sum, add;
    size_t pieces, part; /* of each C, or of the sum; elements of a piece of the sum */
} product;

typedef struct sizes {
    size_t batch, i, j, k;
    matrix a, b; /* a' and b' */
    bool a_shared, b_shared;
} sizes;

static bool transposes(const attributes *at, unsigned side)
{
    return (at->transposed & side) != 0;
}

static matrix measure_side(gop_shape s, bool transposed)
{
    const size_t rows = s.dim[s.rank - 2], cols = s.dim[s.rank - 1];
    return (matrix){.next = s.rank == 2 ? 0 : rows * cols,
                    .rows = transposed ? 1 : (ptrdiff_t)cols,
                    .cols = transposed ? (ptrdiff_t)cols : 1};
}

static sizes measure(const gop_shape *in, const attributes *at)
{
    const gop_shape a = in[0], b = in[1];
    const bool ta = transposes(at, GOP_TRANSPOSE_A), tb = transposes(at, GOP_TRANSPOSE_B);
    sizes s = {.batch = 1,
               .i = a.dim[a.rank - (ta ? 1 : 2)],
               .k = a.dim[a.rank - (ta ? 2 : 1)],
               .j = b.dim[b.rank - (tb ? 2 : 1)],
               .a = measure_side(a, ta),
               .b = measure_side(b, tb)};
    const gop_shape *most = a.rank > b.rank ? &a : &b;
    for (int l = 0; l < most->rank - 2; l++)
        s.batch *= most->dim[l];
    if (b.rank == 2 && !ta) { /* all rows of a and y follow each other */
        s.i *= s.batch;
        s.batch = 1;
    }
    s.a_shared = a.rank == 2 && s.batch > 1;
    s.b_shared = b.rank == 2 && s.batch > 1;
    return s;
}

static void cut(product *p)
{
    const size_t most = gop_shares(p->batch * p->m * p->n * p->k, GROUPS);
    p->part = gop_line(p->m * p->n);
    p->pieces = p->sum ? gop_parts(p->batch, 1, GROUPS)
                       : gop_parts(p->m, ROWS, gop_pieces(most, p->batch));
}

static matrix turned(matrix m)
{
    const ptrdiff_t rows = m.rows;
    m.rows = m.cols;
    m.cols = rows;
    return m;
}

/* The gradient of one side, stored as that side is. */
static product gradient(const gop_run *r, const sizes *s, bool of_b)
{
    const attributes *at = r->attr;
    matrix dy = {r->dout, s->i * s->j, (ptrdiff_t)s->j, 1}, a = s->a, b = s->b;
    product p = {.r = r, .batch = s->batch, .c = r->din[of_b], .add = r->add[of_b]};
    a.v = r->in[0];
    b.v = r->in[1];
    p.sum = of_b ? s->b_shared : s->a_shared;
    p.m = of_b ? s->k : s->i;
    p.n = of_b ? s->j : s->k;
    p.k = of_b ? s->i : s->j;
    p.a = of_b ? turned(a) : dy;
    p.b = of_b ? dy : turned(b);
    if (transposes(at, of_b ? GOP_TRANSPOSE_B : GOP_TRANSPOSE_A)) {
        const matrix left = turned(p.b);
        const size_t m = p.n;
        p.b = turned(p.a);
        p.a = left;
        p.n = p.m;
        p.m = m;
    }
    cut(&p);
    return p;
}

static gop_status plan(gop_op_plan *p)
{
    const attributes *at = p->attr;
    char x[80], z[80];
    gop_try(gop_op_count(p, 2, 2));
    if (at->transposed > (GOP_TRANSPOSE_A | GOP_TRANSPOSE_B))
        return gop_fail(p->err, GOP_EINVAL, "no such sides: %u", at->transposed);
    const gop_shape a = p->in[0], b = p->in[1];
    const bool ta = transposes(at, GOP_TRANSPOSE_A), tb = transposes(at, GOP_TRANSPOSE_B);
    bool fits = a.rank >= 2 && b.rank >= 2 && (a.rank == b.rank || a.rank == 2 || b.rank == 2) &&
                a.dim[a.rank - (ta ? 2 : 1)] == b.dim[b.rank - (tb ? 1 : 2)];
    for (int l = 0; fits && a.rank == b.rank && l < a.rank - 2; l++)
        fits = a.dim[l] == b.dim[l];
    if (!fits)
        return gop_fail(
            p->err, GOP_ESHAPE,
            "a %s must be [..., %s] and b %s [..., %s], with equal leading axes or none",
            gop_shape_text(x, sizeof x, a), ta ? "K, I" : "I, K", gop_shape_text(z, sizeof z, b),
            tb ? "J, K" : "K, J");
    p->out = a.rank >= b.rank ? a : b;
    p->out.dim[p->out.rank - 2] = a.dim[a.rank - (ta ? 1 : 2)];
    p->out.dim[p->out.rank - 1] = b.dim[b.rank - (tb ? 2 : 1)];
    gop_try(gop_op_size(p, p->out));
    const sizes s = measure(p->in, at);
    p->madds = (uint64_t)s.batch * s.i * s.j * s.k;
    const size_t sum = s.a_shared ? s.i * s.k : s.b_shared ? s.k * s.j : 0;
    const size_t groups = gop_parts(s.batch, 1, GROUPS);
    p->work = p->training && sum > 0 && groups > 1 ? groups * gop_line(sum) : 0;
    return GOP_OK;
}

static void rows_chunk(void *arg, size_t i)
{
    const product *p = arg;
    const size_t n = i / p->pieces, from = gop_cut(p->m, p->pieces, i % p->pieces);
    const size_t to = gop_cut(p->m, p->pieces, i % p->pieces + 1);
    gop_gemm(p->r->ctx, to - from, p->n, p->k, p->a.v + n * p->a.next + (ptrdiff_t)from * p->a.rows,
             p->a.rows, p->a.cols, p->b.v + n * p->b.next, p->b.rows, p->b.cols, p->add,
             p->c + (n * p->m + from) * p->n, p->n);
    if (p->c == p->r->out)
        gop_run_produced(p->r, (n * p->m + from) * p->n, (n * p->m + to) * p->n);
}

static void sum_chunk(void *arg, size_t i)
{
    const product *p = arg;
    const bool own = p->pieces == 1;
    gop_real *c = gop_part(p->c, p->r->work, p->pieces, p->part, i);
    const size_t from = gop_cut(p->batch, p->pieces, i), to = gop_cut(p->batch, p->pieces, i + 1);
    for (size_t n = from; n < to; n++)
        gop_gemm(p->r->ctx, p->m, p->n, p->k, p->a.v + n * p->a.next, p->a.rows, p->a.cols,
                 p->b.v + n * p->b.next, p->b.rows, p->b.cols, n > from || (own && p->add), c,
                 p->n);
}

static void run(product p)
{
    gop_parallel(p.r->ctx, p.pieces * (p.sum ? 1 : p.batch), p.sum ? sum_chunk : rows_chunk, &p);
    if (p.sum)
        gop_sum_parts(p.r->ctx, p.c, p.add, p.r->work, p.pieces, p.part, p.m * p.n);
}

static void forward(const gop_run *r)
{
    const sizes s = measure(r->in_shape, r->attr);
    product p = {.r = r, .batch = s.batch, .m = s.i, .n = s.j, .k = s.k, .a = s.a, .b = s.b};
    p.a.v = r->in[0];
    p.b.v = r->in[1];
    p.c = r->out;
    cut(&p);
    run(p);
}

static void backward(const gop_run *r)
{
    const sizes s = measure(r->in_shape, r->attr);
    for (int side = 0; side < 2; side++)
        if (r->din[side] != NULL)
            run(gradient(r, &s, side == 1));
}

/* The frames lie on leading axes. */
static gop_status step(gop_op_step *s)
{
    for (size_t i = 0; i < 2; i++) {
        const gop_frames x = s->at[i];
        const gop_shape in = s->in[i];
        if (x.frames == 0)
            continue;
        if (x.after % (in.dim[in.rank - 2] * in.dim[in.rank - 1]) != 0)
            return gop_fail(s->err, GOP_EINVAL, "the frames are an axis of its matrices");
        s->out.before = x.before;
        s->out.after = gop_shape_size(s->out_shape) / x.frames / x.before;
    }
    return GOP_OK;
}

/* ------------------------------------------------------------------------- cases */

/* Element (i, k) of matrix l, or the only one. */
static double at_of(gop_tensor m, size_t l, size_t i, size_t k, bool transposed)
{
    const size_t rows = m.shape.dim[m.shape.rank - 2], cols = m.shape.dim[m.shape.rank - 1];
    const size_t at = transposed ? k * cols + i : i * cols + k;
    return (double)m.v[(m.shape.rank == 2 ? 0 : l * rows * cols) + at];
}

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const attributes *at = attr;
    const size_t i = y.shape.dim[y.shape.rank - 2], j = y.shape.dim[y.shape.rank - 1];
    const bool ta = (at->transposed & GOP_TRANSPOSE_A) != 0;
    const size_t depth = in[0].shape.dim[in[0].shape.rank - (ta ? 2 : 1)];
    for (size_t e = 0; e < gop_shape_size(y.shape); e++) {
        double sum = 0;
        for (size_t k = 0; k < depth; k++)
            sum += at_of(in[0], e / j / i, e / j % i, k, ta) *
                   at_of(in[1], e / j / i, k, e % j, (at->transposed & GOP_TRANSPOSE_B) != 0);
        y.v[e] = (gop_real)sum;
    }
}

static const attributes plain = {0}, left = {GOP_TRANSPOSE_A}, right = {GOP_TRANSPOSE_B},
                        both = {GOP_TRANSPOSE_A | GOP_TRANSPOSE_B};

static const gop_case cases[] = {
    {"plain", .in = {{3, {3, 4, 5}}, {3, {3, 5, 2}}}, .attr = &plain,
     .bench = {{3, {256, 50, 50}}, {3, {256, 50, 64}}}},
    {"a transposed", .in = {{3, {3, 5, 4}}, {3, {3, 5, 2}}}, .attr = &left},
    {"b transposed", .in = {{4, {2, 3, 4, 5}}, {4, {2, 3, 2, 5}}}, .attr = &right,
     .bench = {{4, {32, 8, 64, 32}}, {4, {32, 8, 64, 32}}}},
    {"both transposed", .in = {{3, {2, 5, 4}}, {3, {2, 3, 5}}}, .attr = &both},
    {"two matrices", .in = {{2, {70, 5}}, {2, {5, 3}}}, .attr = &plain},
    {"two matrices, both transposed", .in = {{2, {5, 7}}, {2, {3, 5}}}, .attr = &both},
    {"one b", .in = {{3, {3, 4, 5}}, {2, {2, 5}}}, .attr = &right},
    {"one b, both transposed", .in = {{3, {3, 5, 4}}, {2, {2, 5}}}, .attr = &both},
    {"one a", .in = {{2, {4, 5}}, {4, {2, 3, 5, 2}}}, .attr = &plain,
     .bench = {{2, {50, 50}}, {4, {16, 16, 50, 64}}}},
    {"one a, transposed", .in = {{2, {5, 4}}, {3, {3, 2, 5}}}, .attr = &both},
    {"one row and column", .in = {{3, {3, 1, 1}}, {3, {3, 1, 1}}}, .attr = &left},
    {0},
};

const gop_op gop_op_matmul = {
    .name = "matmul",
    .flags = GOP_OP_NEEDS_IN | GOP_OP_STREAMS_OUT,
    .attr_size = sizeof(attributes),
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
    .step = step,
};

/*: Products of matrices, either side transposed.
 *
 *     y[..., i, j] = sum_k a'[..., i, k] b'[..., k, j]
 *
 * a' is a, or with GOP_TRANSPOSE_A in `transposed` the transpose of its last two axes, and b'
 * likewise with GOP_TRANSPOSE_B: a is [..., I, K] or [..., K, I], b [..., K, J] or [..., J, K], y
 * [..., I, J].  Leading axes, at most two, are equal in both, or one side has none and serves all
 * matrices of the other.
 * Errors: GOP_ESHAPE if a and b do not fit each other, GOP_EINVAL for no such sides.
 */
GOP_API gop_var gop_matmul(gop_net *net, gop_var a, gop_var b, unsigned transposed)
{
    attributes at = {transposed};
    gop_var in[2] = {a, b};
    return gop_apply(net, &gop_op_matmul, &at, in, 2);
}
