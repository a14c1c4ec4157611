/*
 * graph_conv.c: graph convolution, the sum of products with several adjacencies.
 *
 *     forward    Y = sum_k s_k sum_g A_kg X W_kg^T
 *     backward   dX    = sum_kg s_k A_kg^T dY W_kg
 *                dA_kg = s_k sum_(t,c) (dY W_kg) X^T
 *                dW_kg = s_k sum_(n,i,t) dY^T (A_kg X)
 *
 * per sample and frame X [M, C], Y [M', C']; x [N, M, T, C], y [N, M', T, C'].
 * A term k is a shared stack, A [G, M', M] with W [G, C', C]; one shared
 * adjacency, A [M', M] with W [C', C]; or one a sample, A [N, M', M] with
 * W [C', C].  dA of a shared adjacency is summed over n as well.
 * Source: AGC, SGC, JGC and PGC of Sym-GNN (eqs. 3, 4, 5, 7).
 *
 * Each product is done in the cheaper order: nodes first, Z = A X then Z W^T, or
 * channels first, U = X W^T then A U.  Nothing is kept from forward: backward
 * makes Z or U again.  Work goes by slabs, some samples by all frames or one
 * sample by some frames, small enough for a cache; groups of slabs sum their
 * share of dW and of shared dA in order, and the shares are added in order.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "graphop.h"
#include "op/partial.h"

#include <string.h>

enum { MAX_TERMS = 4, ROWS = 208, SLAB = 131072 };

typedef struct attributes {
    size_t terms;
    double scale[MAX_TERMS];
} attributes;

typedef struct sizes {
    size_t n, m_in, m_out, t, c_in, c_out;
    size_t terms, stack[MAX_TERMS]; /* G of each term */
    bool own[MAX_TERMS];            /* one adjacency a sample */
    bool nodes_first;
    size_t blocks;          /* of samples; a slab is one by all or some frames */
    size_t cuts;            /* of the frames, in backward */
    size_t forward_cuts;
    size_t cols;            /* of c_out in forward, where there are few slabs */
    size_t groups;          /* of blocks, in backward */
    size_t wide, tall;      /* elements of a slab of Z or U, and of copied rows */
    size_t thread;
    size_t w_at[MAX_TERMS], a_at[MAX_TERMS], part; /* a group's shares */
} sizes;

static sizes measure(const gop_shape *in, const attributes *a)
{
    sizes s = {.terms = a->terms};
    s.n = in[0].dim[0];
    s.m_in = in[0].dim[1];
    s.t = in[0].dim[2];
    s.c_in = in[0].dim[3];
    s.m_out = in[1].dim[in[1].rank - 2];
    s.c_out = in[2].dim[in[2].rank - 2];
    s.nodes_first = s.m_out * s.c_in * (s.m_in + s.c_out) <= s.m_in * s.c_out * (s.c_in + s.m_out);
    size_t m = gop_max(s.m_in, s.m_out), c = gop_max(s.c_in, s.c_out);
    size_t rows = s.m_out * s.t; /* of a sample */
    s.blocks = gop_min(gop_pieces(s.n * rows, ROWS), s.n);
    s.blocks = gop_min(s.blocks + (s.blocks > 1 && s.blocks < 16 && s.blocks % 2), s.n);
    bool single = s.blocks == s.n;
    s.cuts = single ? gop_min(gop_pieces(m * s.t * c, SLAB), s.t) : 1;
    s.forward_cuts = gop_min(gop_pieces(8, s.n), gop_max(rows / ROWS, 1));
    s.forward_cuts = single ? gop_min(gop_max(s.cuts, s.forward_cuts), s.t) : 1;
    s.cols = 1;
    if (s.forward_cuts == 1 && s.blocks < 4 && s.nodes_first)
        s.cols = gop_parts(s.c_out, 64, gop_pieces(4, s.blocks));
    s.groups = gop_min(s.blocks, gop_parts(s.n * rows, ROWS, 16));
    rows = gop_cut_most(s.n, s.blocks) * m * gop_cut_most(s.t, s.cuts);
    s.wide = gop_line(rows * (s.nodes_first ? s.c_in : s.c_out));
    s.tall = s.cuts == 1 && s.forward_cuts == 1
                 ? 0 : gop_line(rows * (s.nodes_first ? s.c_out : s.c_in));
    s.thread = 2 * s.wide + 2 * s.tall + gop_line(s.m_out * s.m_in);
    for (size_t k = 0; k < s.terms; k++) {
        gop_shape A = in[1 + 2 * k], W = in[2 + 2 * k];
        s.stack[k] = W.rank == 3 ? W.dim[0] : 1;
        s.own[k] = A.rank == 3 && W.rank == 2;
        s.w_at[k] = s.part;
        s.part += gop_line(s.stack[k] * s.c_out * s.c_in);
        s.a_at[k] = s.part;
        s.part += s.own[k] ? 0 : gop_line(s.stack[k] * s.m_out * s.m_in);
    }
    return s;
}

static gop_status check_term(gop_op_plan *p, size_t k)
{
    gop_shape x = p->in[0], A = p->in[1 + 2 * k], W = p->in[2 + 2 * k];
    gop_shape A0 = p->in[1], W0 = p->in[2];
    char a[64], w[64], xt[64];
    bool fits = (A.rank == 3 && W.rank == 3 && A.dim[0] == W.dim[0]) ||
                (A.rank == 2 && W.rank == 2) ||
                (A.rank == 3 && W.rank == 2 && A.dim[0] == x.dim[0]);
    fits = fits && A.dim[A.rank - 1] == x.dim[1] && W.dim[W.rank - 1] == x.dim[3];
    if (!fits)
        return gop_fail(p->err, GOP_ESHAPE, "A %s and W %s of term %zu must be [G, M', M] and "
                        "[G, C', C], [M', M] and [C', C], or [N, M', M] and [C', C] for "
                        "x %s = [N, M, T, C]", gop_shape_text(a, sizeof a, A),
                        gop_shape_text(w, sizeof w, W), k + 1, gop_shape_text(xt, sizeof xt, x));
    if (A.dim[A.rank - 2] != A0.dim[A0.rank - 2] || W.dim[W.rank - 2] != W0.dim[W0.rank - 2])
        return gop_fail(p->err, GOP_ESHAPE, "A %s and W %s of term %zu give another M' or C' than "
                        "the first term", gop_shape_text(a, sizeof a, A),
                        gop_shape_text(w, sizeof w, W), k + 1);
    return GOP_OK;
}

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    char xt[64];
    if (p->in[0].rank != 4)
        return gop_fail(p->err, GOP_ESHAPE, "x %s must be [N, M, T, C]",
                        gop_shape_text(xt, sizeof xt, p->in[0]));
    for (size_t k = 0; k < a->terms; k++) {
        gop_status st = check_term(p, k);
        if (st != GOP_OK)
            return st;
    }
    sizes s = measure(p->in, a);
    p->out = gop_shape4(s.n, s.m_out, s.t, s.c_out);
    p->work = (size_t)p->threads * s.thread;
    if (p->training)
        p->work += s.groups * s.part;
    size_t once = s.nodes_first ? s.m_out * s.c_in * (s.m_in + s.c_out)
                                : s.m_in * s.c_out * (s.c_in + s.m_out);
    for (size_t k = 0; k < s.terms; k++)
        p->madds += (uint64_t)s.stack[k] * once * s.n * s.t;
    return GOP_OK;
}

typedef struct job {
    const gop_run *r;
    sizes s;
    gop_real *parts;
} job;

/* Samples [n, n + samples), frames [t, t + frames). */
typedef struct slab {
    const job *j;
    int thread;
    size_t n, samples, t, frames;
    gop_real *wide[2], *tall[2], *small; /* scratch */
} slab;

static slab take(const job *j, size_t block, size_t cut, size_t cuts, int thread)
{
    const sizes *s = &j->s;
    slab b = {.j = j, .thread = thread};
    b.n = gop_cut(s->n, s->blocks, block);
    b.samples = gop_cut(s->n, s->blocks, block + 1) - b.n;
    b.t = gop_cut(s->t, cuts, cut);
    b.frames = gop_cut(s->t, cuts, cut + 1) - b.t;
    b.wide[0] = j->r->work + (size_t)thread * s->thread;
    b.wide[1] = b.wide[0] + s->wide;
    b.tall[0] = b.wide[1] + s->wide;
    b.tall[1] = b.tall[0] + s->tall;
    b.small = b.tall[1] + s->tall;
    return b;
}

/* Sample i of the slab in v [N, nodes, T, c]. */
static gop_real *at(const slab *b, gop_real *v, size_t i, size_t nodes, size_t c)
{
    return v + ((b->n + i) * nodes * b->j->s.t + b->t) * c;
}

static const gop_real *at_const(const slab *b, const gop_real *v, size_t i, size_t nodes, size_t c)
{
    return v + ((b->n + i) * nodes * b->j->s.t + b->t) * c;
}

/* The slab of v as rows [samples nodes frames, c]: in place where it is so already. */
static const gop_real *rows_of(const slab *b, gop_real *copy, const gop_real *v, size_t nodes,
                               size_t c)
{
    size_t t = b->j->s.t;
    if (b->frames == t)
        return at_const(b, v, 0, nodes, c);
    for (size_t i = 0; i < b->samples * nodes; i++)
        memcpy(copy + i * b->frames * c, v + ((b->n * nodes + i) * t + b->t) * c,
               b->frames * c * sizeof *copy);
    return copy;
}

static void put_rows(const slab *b, gop_real *v, const gop_real *rows, size_t nodes, size_t c,
                     bool add)
{
    size_t t = b->j->s.t, width = b->frames * c;
    for (size_t i = 0; i < b->samples * nodes; i++, rows += width) {
        gop_real *to = v + ((b->n * nodes + i) * t + b->t) * c;
        if (add)
            gop_add_scaled(to, 1, rows, width);
        else
            memcpy(to, rows, width * sizeof *to);
    }
}

/* A_kg of sample i of the slab, times s_k. */
static const gop_real *adjacency(const slab *b, size_t k, size_t g, size_t i)
{
    const sizes *s = &b->j->s;
    const attributes *a = b->j->r->attr;
    size_t size = s->m_out * s->m_in;
    const gop_real *A = b->j->r->in[1 + 2 * k] + (s->own[k] ? b->n + i : g) * size;
    if (a->scale[k] == 1)
        return A;
    if (s->own[k] || i == 0) {
        memset(b->small, 0, size * sizeof *b->small);
        gop_add_scaled(b->small, a->scale[k], A, size);
    }
    return b->small;
}

static const gop_real *weight(const slab *b, size_t k, size_t g)
{
    return b->j->r->in[2 + 2 * k] + g * b->j->s.c_out * b->j->s.c_in;
}

/* y_i (+)= s A_i x_i for the slab's samples; x and y have c channels a frame and
 * are whole tensors, or scratch that holds the slab alone. */
static void mix_nodes(const slab *b, size_t k, size_t g, gop_real *y, bool whole_y,
                      const gop_real *x, bool whole_x, size_t c, bool add)
{
    const sizes *s = &b->j->s;
    size_t width = b->frames * c, ly = whole_y ? s->t * c : width, lx = whole_x ? s->t * c : width;
    for (size_t i = 0; i < b->samples; i++) {
        const gop_real *xi = whole_x ? at_const(b, x, i, s->m_in, c) : x + i * s->m_in * width;
        gop_real *yi = whole_y ? at(b, y, i, s->m_out, c) : y + i * s->m_out * width;
        gop_gemm(b->j->r->ctx, b->thread, s->m_out, width, s->m_in, adjacency(b, k, g, i),
                 (ptrdiff_t)s->m_in, 1, xi, (ptrdiff_t)lx, 1, add, yi, ly);
    }
}

/* The same with A_i transposed. */
static void mix_back(const slab *b, size_t k, size_t g, gop_real *dx, bool whole_x,
                     const gop_real *dy, bool whole_y, size_t c, bool add)
{
    const sizes *s = &b->j->s;
    size_t width = b->frames * c, ly = whole_y ? s->t * c : width, lx = whole_x ? s->t * c : width;
    for (size_t i = 0; i < b->samples; i++) {
        const gop_real *dyi = whole_y ? at_const(b, dy, i, s->m_out, c) : dy + i * s->m_out * width;
        gop_real *dxi = whole_x ? at(b, dx, i, s->m_in, c) : dx + i * s->m_in * width;
        gop_gemm(b->j->r->ctx, b->thread, s->m_in, width, s->m_out, adjacency(b, k, g, i), 1,
                 (ptrdiff_t)s->m_in, dyi, (ptrdiff_t)ly, 1, add, dxi, lx);
    }
}

/* dA_i (+)= s dy_i x_i^T; `first` says that a shared dA holds nothing yet. */
static void mix_gradient(const slab *b, size_t k, gop_real *da, bool first, const gop_real *dy,
                         bool whole_y, const gop_real *x, bool whole_x, size_t c)
{
    const sizes *s = &b->j->s;
    const attributes *a = b->j->r->attr;
    size_t size = s->m_out * s->m_in;
    size_t width = b->frames * c, ly = whole_y ? s->t * c : width, lx = whole_x ? s->t * c : width;
    for (size_t i = 0; i < b->samples; i++) {
        const gop_real *dyi = whole_y ? at_const(b, dy, i, s->m_out, c) : dy + i * s->m_out * width;
        const gop_real *xi = whole_x ? at_const(b, x, i, s->m_in, c) : x + i * s->m_in * width;
        gop_real *to = s->own[k] ? da + (b->n + i) * size : da;
        bool add = s->own[k] ? b->t > 0 || b->j->r->add[1 + 2 * k] : i > 0 || !first;
        bool plain = a->scale[k] == 1;
        gop_gemm(b->j->r->ctx, b->thread, s->m_out, s->m_in, width, dyi, (ptrdiff_t)ly, 1, xi, 1,
                 (ptrdiff_t)lx, plain && add, plain ? to : b->small, s->m_in);
        if (!plain && !add)
            memset(to, 0, size * sizeof *to);
        if (!plain)
            gop_add_scaled(to, a->scale[k], b->small, size);
    }
}

static void forward_slab(void *arg, size_t i, int thread)
{
    const job *j = arg;
    const sizes *s = &j->s;
    const gop_run *r = j->r;
    size_t col = gop_cut(s->c_out, s->cols, i % s->cols);
    size_t cols = gop_cut(s->c_out, s->cols, i % s->cols + 1) - col;
    i /= s->cols;
    slab b = take(j, i / s->forward_cuts, i % s->forward_cuts, s->forward_cuts, thread);
    size_t rows = b.samples * b.frames * (s->nodes_first ? s->m_out : s->m_in);
    ptrdiff_t c = (ptrdiff_t)s->c_in;
    bool add = false, direct = b.frames == s->t;
    const gop_real *x = s->nodes_first ? NULL : rows_of(&b, b.tall[0], r->in[0], s->m_in, s->c_in);
    gop_real *y = direct ? at(&b, r->out, 0, s->m_out, s->c_out) : b.tall[0];
    for (size_t k = 0; k < s->terms; k++)
        for (size_t g = 0; g < s->stack[k]; g++, add = true)
            if (s->nodes_first) {
                mix_nodes(&b, k, g, b.wide[0], false, r->in[0], true, s->c_in, false);
                gop_gemm(r->ctx, thread, rows, cols, s->c_in, b.wide[0], c, 1,
                         weight(&b, k, g) + col * s->c_in, 1, c, add, y + col, s->c_out);
            } else {
                gop_gemm(r->ctx, thread, rows, s->c_out, s->c_in, x, c, 1, weight(&b, k, g), 1, c,
                         false, b.wide[0], s->c_out);
                mix_nodes(&b, k, g, r->out, true, b.wide[0], false, s->c_out, add);
            }
    if (s->nodes_first && !direct)
        put_rows(&b, r->out, y, s->m_out, s->c_out, false);
}

static void forward(const gop_run *r)
{
    job j = {r, measure(r->in_shape, r->attr), NULL};
    gop_parallel(r->ctx, j.s.blocks * j.s.forward_cuts * j.s.cols, forward_slab, &j);
}

/* Where a group's dW_kg or shared dA_kg goes, NULL where not wanted; *add whether
 * what is there counts. */
static gop_real *share(const job *j, size_t group, size_t input, size_t where, size_t offset,
                       bool first, bool *add)
{
    gop_real *to = j->r->din[input];
    *add = !first || (j->s.groups == 1 && j->r->add[input]);
    return to ? gop_part(to, j->parts + where, j->s.groups, j->s.part, group) + offset : NULL;
}

static void backward_product(const slab *b, size_t k, size_t g, const gop_real *rows_in,
                             gop_real *dx, bool add_dx, size_t group, bool first)
{
    const job *j = b->j;
    const sizes *s = &j->s;
    const gop_run *r = j->r;
    ptrdiff_t c = (ptrdiff_t)s->c_in, co = (ptrdiff_t)s->c_out;
    size_t rows = b->samples * b->frames * (s->nodes_first ? s->m_out : s->m_in);
    bool add_w, add_a;
    gop_real *dw = share(j, group, 2 + 2 * k, s->w_at[k], g * s->c_out * s->c_in, first, &add_w);
    gop_real *da = r->din[1 + 2 * k];
    if (s->own[k])
        add_a = true;
    else
        da = share(j, group, 1 + 2 * k, s->a_at[k], g * s->m_out * s->m_in, first, &add_a);
    const gop_real *w = weight(b, k, g);
    gop_real *v = b->wide[0], *dv = b->wide[1];
    if (s->nodes_first) { /* rows_in are dY */
        if (dx || da)
            gop_gemm(r->ctx, b->thread, rows, s->c_in, s->c_out, rows_in, co, 1, w, c, 1, false,
                     dv, s->c_in);
        if (dx)
            mix_back(b, k, g, dx, true, dv, false, s->c_in, add_dx);
        if (da)
            mix_gradient(b, k, da, !add_a, dv, false, r->in[0], true, s->c_in);
        if (dw) {
            mix_nodes(b, k, g, v, false, r->in[0], true, s->c_in, false);
            gop_gemm(r->ctx, b->thread, s->c_out, s->c_in, rows, rows_in, 1, co, v, c, 1, add_w,
                     dw, s->c_in);
        }
        return;
    }
    if (dx || dw) /* rows_in are X, dx rows of scratch or in place */
        mix_back(b, k, g, dv, false, r->dout, true, s->c_out, false);
    if (dx)
        gop_gemm(r->ctx, b->thread, rows, s->c_in, s->c_out, dv, co, 1, w, c, 1, add_dx, dx,
                 s->c_in);
    if (dw)
        gop_gemm(r->ctx, b->thread, s->c_out, s->c_in, rows, dv, 1, co, rows_in, c, 1, add_w, dw,
                 s->c_in);
    if (da) {
        gop_gemm(r->ctx, b->thread, rows, s->c_out, s->c_in, rows_in, c, 1, w, 1, c, false, v,
                 s->c_out);
        mix_gradient(b, k, da, !add_a, r->dout, true, v, false, s->c_out);
    }
}

static void backward_slab(const job *j, size_t block, size_t cut, size_t group, bool first,
                          int thread)
{
    const sizes *s = &j->s;
    const gop_run *r = j->r;
    slab b = take(j, block, cut, s->cuts, thread);
    bool direct = b.frames == s->t, staged = r->din[0] && !s->nodes_first && !direct;
    const gop_real *rows = s->nodes_first ? rows_of(&b, b.tall[0], r->dout, s->m_out, s->c_out)
                                          : rows_of(&b, b.tall[0], r->in[0], s->m_in, s->c_in);
    gop_real *dx = r->din[0];
    if (dx && !s->nodes_first)
        dx = staged ? b.tall[1] : at(&b, dx, 0, s->m_in, s->c_in);
    bool add = !staged && r->add[0];
    for (size_t k = 0; k < s->terms; k++)
        for (size_t g = 0; g < s->stack[k]; g++, add = true)
            backward_product(&b, k, g, rows, dx, add, group, first);
    if (staged)
        put_rows(&b, r->din[0], dx, s->m_in, s->c_in, r->add[0]);
}

static void backward_group(void *arg, size_t group, int thread)
{
    const job *j = arg;
    const sizes *s = &j->s;
    size_t from = gop_cut(s->blocks, s->groups, group);
    size_t to = gop_cut(s->blocks, s->groups, group + 1);
    for (size_t block = from; block < to; block++)
        for (size_t cut = 0; cut < s->cuts; cut++)
            backward_slab(j, block, cut, group, block == from && cut == 0, thread);
}

static void backward(const gop_run *r)
{
    job j = {r, measure(r->in_shape, r->attr), NULL};
    const sizes *s = &j.s;
    j.parts = r->work + (size_t)gop_ctx_threads(r->ctx) * s->thread;
    gop_parallel(r->ctx, s->groups, backward_group, &j);
    for (size_t k = 0; k < s->terms; k++) {
        if (r->din[1 + 2 * k] && !s->own[k])
            gop_sum_parts(r->ctx, r->din[1 + 2 * k], r->add[1 + 2 * k], j.parts + s->a_at[k],
                          s->groups, s->part, s->stack[k] * s->m_out * s->m_in);
        if (r->din[2 + 2 * k])
            gop_sum_parts(r->ctx, r->din[2 + 2 * k], r->add[2 + 2 * k], j.parts + s->w_at[k],
                          s->groups, s->part, s->stack[k] * s->c_out * s->c_in);
    }
}

/* ------------------------------------------------------------------- tests */

static const double test_scale[] = {1, 0.7, -1.5};

static gop_var build(gop_net *net, const gop_var *in)
{
    gop_var A[] = {in[1], in[3]}, W[] = {in[2], in[4]};
    return gop_graph_conv(net, in[0], A, W, test_scale, 2);
}

static gop_var build_three(gop_net *net, const gop_var *in)
{
    gop_var A[] = {in[1], in[3], in[5]}, W[] = {in[2], in[4], in[6]};
    return gop_graph_conv(net, in[0], A, W, test_scale, 3);
}

static gop_var build_one(gop_net *net, const gop_var *in)
{
    return gop_graph_conv(net, in[0], &in[1], &in[2], NULL, 1);
}

/* y += s A x W^T; step: from one sample's A to the next */
static void naive_term(gop_real *y, const gop_real *x, const gop_real *A, size_t step,
                       const gop_real *w, double scale, size_t n, size_t mi, size_t mo, size_t t,
                       size_t c, size_t co)
{
    for (size_t e = 0; e < n * mo * t * co; e++) {
        size_t o = e % co, f = e / co % t, i = e / (co * t) % mo, k = e / (co * t * mo);
        double sum = 0;
        for (size_t j = 0; j < mi; j++)
            for (size_t a = 0; a < c; a++)
                sum += (double)A[k * step + i * mi + j] * (double)w[o * c + a] *
                       (double)x[((k * mi + j) * t + f) * c + a];
        y[e] += (gop_real)(scale * sum);
    }
}

static void naive_wider(gop_real *y, const gop_real *const *in)
{
    for (size_t g = 0; g < 2; g++)
        naive_term(y, in[0], in[1] + g * 16, 0, in[2] + g * 15, 1, 3, 4, 4, 2, 3, 5);
    naive_term(y, in[0], in[3], 16, in[4], 0.7, 3, 4, 4, 2, 3, 5);
}

static void naive_narrower(gop_real *y, const gop_real *const *in)
{
    naive_term(y, in[0], in[1], 15, in[2], 1, 2, 5, 3, 3, 7, 2);
    for (size_t g = 0; g < 2; g++)
        naive_term(y, in[0], in[3] + g * 15, 0, in[4] + g * 14, 0.7, 2, 5, 3, 3, 7, 2);
    naive_term(y, in[0], in[5], 0, in[6], -1.5, 2, 5, 3, 3, 7, 2);
}

static void naive_still(gop_real *y, const gop_real *const *in)
{
    naive_term(y, in[0], in[1], 0, in[2], 1, 150, 3, 3, 1, 1, 2);
}

static void naive_long(gop_real *y, const gop_real *const *in)
{
    naive_term(y, in[0], in[1], 0, in[2], 1, 1, 2, 2, 8200, 8, 8);
}

static void naive_long_narrower(gop_real *y, const gop_real *const *in)
{
    naive_term(y, in[0], in[1], 0, in[2], 1, 1, 2, 3, 8200, 8, 2);
}

static const gop_case cases[] = {
    {.name = "stack and one a sample, nodes first", .n_in = 5,
     .in = {{4, {3, 4, 2, 3}}, {3, {2, 4, 4, 1}}, {3, {2, 5, 3, 1}}, {3, {3, 4, 4, 1}},
            {2, {5, 3, 1, 1}}},
     .build = build, .naive = naive_wider},
    {.name = "all three kinds, channels first", .n_in = 7,
     .in = {{4, {2, 5, 3, 7}}, {3, {2, 3, 5, 1}}, {2, {2, 7, 1, 1}}, {3, {2, 3, 5, 1}},
            {3, {2, 2, 7, 1}}, {2, {3, 5, 1, 1}}, {2, {2, 7, 1, 1}}},
     .build = build_three, .naive = naive_narrower},
    {.name = "one frame, several groups", .n_in = 3,
     .in = {{4, {150, 3, 1, 1}}, {2, {3, 3, 1, 1}}, {2, {2, 1, 1, 1}}},
     .build = build_one, .naive = naive_still},
    {.name = "frames cut, nodes first", .n_in = 3,
     .in = {{4, {1, 2, 8200, 8}}, {2, {2, 2, 1, 1}}, {2, {8, 8, 1, 1}}},
     .build = build_one, .naive = naive_long},
    {.name = "frames cut, channels first", .n_in = 3,
     .in = {{4, {1, 2, 8200, 8}}, {2, {3, 2, 1, 1}}, {2, {2, 8, 1, 1}}},
     .build = build_one, .naive = naive_long_narrower},
    {.name = NULL},
};

const gop_op gop_op_graph_conv = {
    .name = "graph_conv", .flags = GOP_OP_NEEDS_IN, .attr_size = sizeof(attributes),
    .plan = plan, .forward = forward, .backward = backward, .cases = cases,
};

/*: Graph convolution over one or several adjacencies (Sym-GNN, eqs. 3, 4, 5, 7).
 *
 *     y[n, :, t, :] = sum_k scale_k sum_g A_kg x[n, :, t, :] W_kg^T
 *
 * x [N, M, T, C]; y [N, M', T, C'].  Each of the n <= 4 terms is
 *     A [G, M', M], W [G, C', C]   a stack shared by all samples
 *     A [M', M],    W [C', C]      one, shared
 *     A [N, M', M], W [C', C]      one a sample
 * scale NULL: all ones.
 * Errors: GOP_ESHAPE when a term fits neither x nor the first term, GOP_EINVAL
 * for no terms or more than four.
 */
GOP_API gop_var gop_graph_conv(gop_net *net, gop_var x, const gop_var *A, const gop_var *W,
                               const double *scale, size_t n)
{
    attributes a = {n, {1, 1, 1, 1}};
    gop_var in[1 + 2 * MAX_TERMS] = {x};
    if (n < 1 || n > MAX_TERMS)
        return gop_net_fail(net, GOP_EINVAL, "graph_conv: %zu terms, 1 to %d are possible", n,
                            MAX_TERMS);
    for (size_t k = 0; k < n; k++) {
        in[1 + 2 * k] = A[k];
        in[2 + 2 * k] = W[k];
        a.scale[k] = scale ? scale[k] : 1;
    }
    return gop_apply(net, &gop_op_graph_conv, &a, in, 1 + 2 * n);
}
