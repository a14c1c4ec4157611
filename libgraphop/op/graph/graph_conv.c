/*
 * graph_conv.c: graph convolution, the sum of products with several adjacencies.
 *
 *     forward    Y = sum_k s_k sum_g A_kg X W_kg^T
 *     backward   dX    = sum_kg s_k A_kg^T dY W_kg
 *                dA_kg = s_k sum_(t,c) (dY W_kg) X^T
 *                dW_kg = s_k sum_(n,i,t) dY^T (A_kg X)
 *
 * per sample and frame X [M, C], Y [M', C']; x [N, M, T, C], y [N, M', T, C'].  A term k is a
 * shared stack, A [G, M', M] with W [G, C', C]; one shared adjacency, A [M', M] with W [C', C]; or
 * one for each sample, A [N, M', M] with W [C', C].  dA of a shared adjacency is summed over n as
 * well.
 * Source: AGC, SGC, JGC and PGC of Sym-GNN (eqs. 3, 4, 5, 7).
 *
 * Each product is computed in the cheaper order: nodes first, V_kg = A_kg X and then V_kg W_kg^T,
 * or channels first, V_kg = X W_kg^T and then A_kg V_kg.  All V_kg of several rows are computed
 * together, so that the adjacencies act as one stacked matrix; weights are packed once for all
 * slabs.  Nothing is kept from forward: backward computes V again.  Work is cut into slabs, several
 * samples with all frames or one sample with several frames, small enough for a cache; groups of
 * slabs sum their share of dW and of shared dA in order, and the shares are added in order.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "op/graph/graph_slab.h"
#include "op/per_frame.h"

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
        return gop_fail(p->err, GOP_ESHAPE,
                        "A %s and W %s of term %zu must be [G, M', M] and "
                        "[G, C', C], [M', M] and [C', C], or [N, M', M] and [C', C] for "
                        "x %s = [N, M, T, C]",
                        gop_shape_text(a, sizeof a, A), gop_shape_text(w, sizeof w, W), k + 1,
                        gop_shape_text(xt, sizeof xt, x));
    if (A.dim[A.rank - 2] != A0.dim[A0.rank - 2] || W.dim[W.rank - 2] != W0.dim[W0.rank - 2])
        return gop_fail(p->err, GOP_ESHAPE,
                        "A %s and W %s of term %zu differ from the first term in M' or C'",
                        gop_shape_text(a, sizeof a, A), gop_shape_text(w, sizeof w, W), k + 1);
    return GOP_OK;
}

/* No intermediate result has more elements than frames times nodes times channels times
 * adjacencies. */
static gop_status check_size(gop_op_plan *p)
{
    const gop_graph_attributes *a = p->attr;
    gop_shape x = p->in[0], A = p->in[1], W = p->in[2];
    size_t count = 0, size = gop_times(x.dim[0], x.dim[2]);
    for (size_t k = 0; k < a->terms; k++)
        count += p->in[2 + 2 * k].rank == 3 ? p->in[2 + 2 * k].dim[0] : 1;
    size = gop_times(size, gop_size_max(x.dim[1], A.dim[A.rank - 2]));
    size = gop_times(size, gop_size_max(x.dim[3], W.dim[W.rank - 2]));
    size = gop_times(size, count);
    if (size <= GOP_MOST_ELEMENTS)
        return GOP_OK;
    return gop_fail(p->err, GOP_ENOMEM, "the products of %zu adjacencies are too large", count);
}

static gop_status plan(gop_op_plan *p)
{
    const gop_graph_attributes *a = p->attr;
    char xt[64];
    if (p->in[0].rank != 4)
        return gop_fail(p->err, GOP_ESHAPE, "x %s must be [N, M, T, C]",
                        gop_shape_text(xt, sizeof xt, p->in[0]));
    for (size_t k = 0; k < a->terms; k++)
        gop_try(check_term(p, k));
    gop_try(check_size(p));
    gop_graph_sizes s = gop_graph_measure(p->ctx, p->in, a, false);
    p->out = gop_shape4(s.n, s.m_out, s.t, s.c_out);
    p->work = (size_t)gop_ctx_threads(p->ctx) * s.thread;
    if (p->training) {
        gop_graph_sizes b = gop_graph_measure(p->ctx, p->in, a, true);
        p->work = gop_size_max(p->work, (size_t)gop_ctx_threads(p->ctx) * b.thread +
                                            b.groups * b.part +
                                            (b.pack ? b.products * b.weight : 0));
    }
    p->prepared = s.products * s.weight;
    for (size_t k = 0; k < a->terms; k++) {
        p->prepared_from |= 1u << (2 + 2 * k);
        p->channels[2 + 2 * k] = p->in[2 + 2 * k].rank - 2; /* the last but one */
    }
    size_t once = s.nodes_first ? s.m_out * s.c_in * (s.m_in + s.c_out)
                                : s.m_in * s.c_out * (s.c_in + s.m_out);
    p->madds = (uint64_t)s.products * once * s.n * s.t;
    return GOP_OK;
}

/* Nodes first computes dY W_kg once for dX and dA; channels first computes A_kg^T dY once for dX
 * and dW.  Computing V again is not counted. */
static uint64_t madds_backward(const gop_op_plan *p, const bool *wanted)
{
    gop_graph_sizes s = gop_graph_measure(p->ctx, p->in, p->attr, true);
    uint64_t graph = (uint64_t)s.n * s.t * s.m_in * s.m_out * s.c_inner, sum = 0;
    uint64_t channels = (uint64_t)s.n * s.t * s.inner * s.c_in * s.c_out;
    for (size_t k = 0; k < s.terms; k++) {
        bool x = wanted[0], a = wanted[1 + 2 * k], w = wanted[2 + 2 * k];
        uint64_t one = x ? graph + channels : 0;
        if (!x && (s.nodes_first ? a : w))
            one = s.nodes_first ? channels : graph;
        sum += s.stack[k] * (one + (a ? graph : 0) + (w ? channels : 0));
    }
    return sum;
}

/* Product e's W, [C', C]. */
static const gop_real *weight_of(const gop_graph_job *j, size_t e)
{
    size_t k = 0;
    while (e >= j->s.stack[k])
        e -= j->s.stack[k++];
    return j->r->in[2 + 2 * k] + e * j->s.c_out * j->s.c_in;
}

static void pack_transposed_chunk(void *arg, size_t e)
{
    const gop_graph_job *j = arg;
    const gop_graph_sizes *s = &j->s;
    gop_pack_rows(j->r->ctx, j->weights + e * s->weight, s->c_in, s->c_out, 0, s->c_in,
                  weight_of(j, e), 1, (ptrdiff_t)s->c_in, 0,
                  gop_packed_panels(j->r->ctx, s->c_out));
}

static void pack_plain_chunk(void *arg, size_t e)
{
    const gop_graph_job *j = arg;
    const gop_graph_sizes *s = &j->s;
    gop_pack_rows(j->r->ctx, j->weights + e * s->weight, s->c_out, s->c_in, 0, s->c_out,
                  weight_of(j, e), (ptrdiff_t)s->c_in, 1, 0, gop_packed_panels(j->r->ctx, s->c_in));
}

/* One chunk per product, unless packing finishes before another thread wakes up. */
static void pack(gop_graph_job *j, void (*chunk)(void *arg, size_t e))
{
    const gop_graph_sizes *s = &j->s;
    if (s->products * s->weight > GOP_PACK_ALONE)
        gop_parallel(j->r->ctx, s->products, chunk, j);
    else
        for (size_t e = 0; e < s->products; e++)
            chunk(j, e);
}

static void prepare(const gop_run *r)
{
    gop_graph_job j = {r, gop_graph_measure(r->ctx, r->in_shape, r->attr, false), NULL,
                       r->prepared};
    pack(&j, pack_transposed_chunk);
}

/* y [rows, C'] = sum_e V_e W_e^T. */
static void apply_weights(const gop_slab *b, gop_real *y)
{
    const gop_graph_job *j = b->j;
    const gop_graph_sizes *s = &j->s;
    for (size_t e = 0; e < s->products; e++)
        gop_gemm_packed(j->r->ctx, gop_slab_rows(b), s->c_out, s->c_in, gop_slab_v_of(b, e, 0),
                        (ptrdiff_t)s->c_in, 1, j->weights + e * s->weight, 0,
                        gop_packed_panels(j->r->ctx, s->c_out), e > 0, y, s->c_out);
}

/* V_e = x W_e^T channels first, the channels of the panels [from, to). */
static void make_channels(const gop_slab *b, const gop_real *x, const gop_real *weights,
                          size_t from, size_t to)
{
    const gop_graph_job *j = b->j;
    const gop_graph_sizes *s = &j->s;
    gop_ctx *ctx = j->r->ctx;
    size_t weight = gop_packed_size(ctx, s->c_in, s->c_out);
    size_t parts = s->by_sample ? b->samples : 1, rows = gop_slab_rows(b) / parts;
    for (size_t e = 0; e < s->products; e++)
        for (size_t i = 0; i < parts; i++)
            gop_gemm_packed(ctx, rows, s->c_out, s->c_in, x + i * rows * s->c_in,
                            (ptrdiff_t)s->c_in, 1, weights + e * weight, from, to, false,
                            gop_slab_v_of(b, e, i) - from * gop_packed_width(ctx), b->cols);
}

/* The slab's part of y is final. */
static void produced(const gop_slab *b)
{
    const gop_graph_sizes *s = &b->j->s;
    if (b->frames == s->t) {
        size_t from = gop_slab_offset(b, 0, s->m_out, s->c_out);
        gop_run_produced(b->j->r, from, from + b->samples * s->m_out * s->t * s->c_out);
        return;
    }
    for (size_t i = 0; i < b->samples * s->m_out; i++) {
        size_t from = ((b->n * s->m_out + i) * s->t + b->t) * s->c_out;
        gop_run_produced(b->j->r, from, from + b->frames * s->c_out);
    }
}

static void forward_chunk(void *arg, size_t i)
{
    const gop_graph_job *j = arg;
    const gop_graph_sizes *s = &j->s;
    const gop_run *r = j->r;
    size_t panels = gop_packed_panels(r->ctx, s->c_out), width = gop_packed_width(r->ctx);
    size_t from = gop_cut(panels, s->cols, i % s->cols);
    size_t to = gop_cut(panels, s->cols, i % s->cols + 1);
    size_t cols = s->nodes_first ? s->c_in : gop_size_min(to * width, s->c_out) - from * width;
    i /= s->cols;
    gop_slab b = gop_slab_take(j, i / s->cuts, i % s->cuts, cols);
    if (s->nodes_first) {
        bool direct = b.frames == s->t;
        gop_real *y = direct ? r->out + gop_slab_offset(&b, 0, s->m_out, s->c_out) : b.tall[0];
        gop_slab_expand(&b, r->in[0], s->m_in);
        apply_weights(&b, y);
        if (!direct)
            gop_slab_put_rows(&b, r->out, y, s->m_out, s->c_out, false);
    } else {
        make_channels(&b, gop_slab_get_rows(&b, b.tall[0], r->in[0], s->m_in, s->c_in), j->weights,
                      from, to);
        gop_slab_combine(&b, r->out, s->m_out, from * width, false);
    }
    if (s->cols == 1)
        produced(&b);
}

static void forward(const gop_run *r)
{
    gop_graph_job j = {r, gop_graph_measure(r->ctx, r->in_shape, r->attr, false), NULL,
                       r->prepared};
    gop_parallel(r->ctx, j.s.blocks * j.s.cuts * j.s.cols, forward_chunk, &j);
    if (j.s.cols > 1) /* one frame of few samples */
        gop_run_produced(r, 0, gop_shape_size(r->out_shape));
}

/* dW_e (+)= dy^T V_e nodes first, else V_e^T x, where V holds a gradient. */
static void weight_gradients(const gop_slab *b, const gop_real *rows, size_t group, bool first)
{
    const gop_graph_job *j = b->j;
    const gop_graph_sizes *s = &j->s;
    ptrdiff_t c = (ptrdiff_t)s->c_in, co = (ptrdiff_t)s->c_out;
    for (size_t e = 0, k = 0; k < s->terms; k++) {
        bool add;
        gop_real *dw = gop_graph_share(j, group, 2 + 2 * k, s->w_at[k], first, &add);
        for (size_t g = 0; g < s->stack[k]; g++, e++) {
            const gop_real *v = gop_slab_v_of(b, e, 0);
            if (dw)
                gop_gemm(j->r->ctx, s->c_out, s->c_in, gop_slab_rows(b), s->nodes_first ? rows : v,
                         1, co, s->nodes_first ? v : rows, c, 1, add, dw + g * s->c_out * s->c_in,
                         s->c_in);
        }
    }
}

static bool wanted(const gop_run *r, size_t from)
{
    bool any = false;
    for (size_t i = from; i < r->n_in; i += 2)
        any = any || r->din[i];
    return any;
}

/* to [rows, C] (+)= rows [rows, C'] W_e */
static void through_weights(const gop_slab *b, const gop_real *rows, size_t e, bool add,
                            gop_real *to)
{
    const gop_graph_job *j = b->j;
    const gop_graph_sizes *s = &j->s;
    ptrdiff_t c = (ptrdiff_t)s->c_in, co = (ptrdiff_t)s->c_out;
    if (s->pack)
        gop_gemm_packed(j->r->ctx, gop_slab_rows(b), s->c_in, s->c_out, rows, co, 1,
                        j->weights + e * s->weight, 0, gop_packed_panels(j->r->ctx, s->c_in), add,
                        to, s->c_in);
    else
        gop_gemm(j->r->ctx, gop_slab_rows(b), s->c_in, s->c_out, rows, co, 1, weight_of(j, e), c, 1,
                 add, to, s->c_in);
}

static void backward_nodes_first(const gop_slab *b, size_t group, bool first)
{
    const gop_graph_sizes *s = &b->j->s;
    const gop_run *r = b->j->r;
    const gop_real *dy = gop_slab_get_rows(b, b->tall[0], r->dout, s->m_out, s->c_out);
    bool matrices = wanted(r, 1);
    if (r->din[0] || matrices)
        for (size_t e = 0; e < s->products; e++)
            through_weights(b, dy, e, false, gop_slab_v_of(b, e, 0));
    if (r->din[0])
        gop_slab_combine(b, r->din[0], s->m_in, 0, r->add[0]);
    if (matrices)
        gop_slab_matrix_gradients(b, r->in[0], s->m_in, group, first);
    if (wanted(r, 2)) {
        gop_slab_expand(b, r->in[0], s->m_in);
        weight_gradients(b, dy, group, first);
    }
}

static void backward_channels_first(const gop_slab *b, size_t group, bool first)
{
    const gop_graph_sizes *s = &b->j->s;
    const gop_run *r = b->j->r;
    const gop_real *x = gop_slab_get_rows(b, b->tall[0], r->in[0], s->m_in, s->c_in);
    bool direct = b->frames == s->t, weights = wanted(r, 2);
    if (r->din[0] || weights)
        gop_slab_expand(b, r->dout, s->m_out);
    if (r->din[0]) {
        gop_real *dx = direct ? r->din[0] + gop_slab_offset(b, 0, s->m_in, s->c_in) : b->tall[1];
        for (size_t e = 0; e < s->products; e++)
            through_weights(b, gop_slab_v_of(b, e, 0), e, e > 0 || (direct && r->add[0]), dx);
        if (!direct)
            gop_slab_put_rows(b, r->din[0], dx, s->m_in, s->c_in, r->add[0]);
    }
    if (weights)
        weight_gradients(b, x, group, first);
    if (wanted(r, 1)) {
        make_channels(b, x, r->prepared, 0, gop_packed_panels(r->ctx, s->c_out));
        gop_slab_matrix_gradients(b, r->dout, s->m_out, group, first);
    }
}

static void backward_chunk(void *arg, size_t group)
{
    const gop_graph_job *j = arg;
    const gop_graph_sizes *s = &j->s;
    size_t from = gop_cut(s->blocks, s->groups, group);
    size_t to = gop_cut(s->blocks, s->groups, group + 1);
    for (size_t block = from; block < to; block++)
        for (size_t cut = 0; cut < s->cuts; cut++) {
            gop_slab b = gop_slab_take(j, block, cut, s->c_inner);
            bool first = block == from && cut == 0;
            if (s->nodes_first)
                backward_nodes_first(&b, group, first);
            else
                backward_channels_first(&b, group, first);
        }
}

static void backward(const gop_run *r)
{
    gop_graph_job j = {.r = r, .s = gop_graph_measure(r->ctx, r->in_shape, r->attr, true)};
    const gop_graph_sizes *s = &j.s;
    j.parts = r->work + (size_t)gop_ctx_threads(r->ctx) * s->thread;
    j.weights = j.parts + s->groups * s->part;
    if (s->pack && (r->din[0] || (s->nodes_first && wanted(r, 1))))
        pack(&j, pack_plain_chunk);
    gop_parallel(r->ctx, s->groups, backward_chunk, &j);
    for (size_t k = 0; k < s->terms; k++) {
        if (r->din[1 + 2 * k] && !s->own[k])
            gop_sum_parts(r->ctx, r->din[1 + 2 * k], r->add[1 + 2 * k], j.parts + s->a_at[k],
                          s->groups, s->part, s->stack[k] * s->m_out * s->m_in);
        if (r->din[2 + 2 * k])
            gop_sum_parts(r->ctx, r->din[2 + 2 * k], r->add[2 + 2 * k], j.parts + s->w_at[k],
                          s->groups, s->part, s->stack[k] * s->c_out * s->c_in);
    }
}

/* ------------------------------------------------------------------------- cases */

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const gop_graph_attributes *a = attr;
    const gop_shape x = in[0].shape;
    const size_t mi = x.dim[1], mo = y.shape.dim[1], frames = x.dim[2], c = x.dim[3],
                 co = y.shape.dim[3];
    for (size_t e = 0; e < gop_shape_size(y.shape); e++) {
        const size_t o = e % co, t = e / co % frames, i = e / (co * frames) % mo;
        const size_t n = e / (co * frames * mo);
        double all = 0;
        for (size_t k = 0; k < a->terms; k++) {
            const gop_tensor A = in[1 + 2 * k], W = in[2 + 2 * k];
            const bool own = A.shape.rank == 3 && W.shape.rank == 2;
            for (size_t g = 0; g < (W.shape.rank == 3 ? W.shape.dim[0] : 1); g++) {
                const gop_real *row = A.v + ((own ? n : g) * mo + i) * mi;
                const gop_real *w = W.v + (g * co + o) * c;
                double sum = 0;
                for (size_t j = 0; j < mi; j++)
                    for (size_t b = 0; b < c; b++)
                        sum += (double)row[j] * (double)w[b] *
                               (double)in[0].v[((n * mi + j) * frames + t) * c + b];
                all += a->scale[k] * sum;
            }
        }
        y.v[e] = (gop_real)all;
    }
}

static const gop_graph_attributes one = {1, {1}}, two = {2, {1, 0.7}}, three = {3, {1, 0.7, -1.5}};

static const gop_case cases[] = {
    {"stack and one a sample, nodes first",
     .in = {{4, {3, 4, 2, 3}}, {3, {2, 4, 4}}, {3, {2, 5, 3}}, {3, {3, 4, 4}}, {2, {5, 3}}},
     .attr = &two},
    {"all three kinds, channels first",
     .in = {{4, {2, 5, 3, 7}},
            {3, {2, 3, 5}},
            {2, {2, 7}},
            {3, {2, 3, 5}},
            {3, {2, 2, 7}},
            {2, {3, 5}},
            {2, {2, 7}}},
     .attr = &three},
    {"one frame, several groups", .in = {{4, {150, 3, 1, 1}}, {2, {3, 3}}, {2, {2, 1}}},
     .attr = &one, .bench = {{4, {32, 26, 25, 64}}, {2, {26, 26}}, {2, {64, 64}}}},
    {"frames cut, nodes first", .in = {{4, {1, 2, 8200, 8}}, {2, {2, 2}}, {2, {8, 8}}},
     .attr = &one},
    {"frames cut, one a sample", .in = {{4, {1, 2, 8200, 8}}, {3, {1, 2, 2}}, {2, {8, 8}}},
     .attr = &one},
    {"frames cut, channels first", .in = {{4, {1, 2, 13000, 8}}, {2, {3, 2}}, {2, {4, 8}}},
     .attr = &one},
    {"mostly zeros, nodes first", .range = {[1] = {0, 1.1}}, .integers = 1 << 1,
     .in = {{4, {2, 9, 7, 11}}, {3, {3, 8, 9}}, {3, {3, 13, 11}}}, .attr = &one},
    {"mostly zeros, channels first", .range = {[1] = {0, 1.1}}, .integers = 1 << 1,
     .in = {{4, {2, 9, 7, 13}}, {3, {3, 8, 9}}, {3, {3, 11, 13}}}, .attr = &one},
    {"rows of many entries among zeros", .range = {[1] = {0, 1.1}}, .integers = 1 << 1,
     .in = {{4, {1, 700, 2, 2}}, {3, {1, 2, 700}}, {3, {1, 2, 2}}}, .attr = &one},
    /* Sums of 2560 products, with small x so that rounding errors stay small. */
    {"one frame, channels cut", .range = {{-0.25, 0.25}},
     .in = {{4, {10, 5, 1, 256}},
            {3, {2, 5, 5}},
            {3, {2, 160, 256}},
            {3, {10, 5, 5}},
            {2, {160, 256}}},
     .attr = &two},
    {0},
};

const gop_op gop_op_graph_conv = {
    .name = "graph_conv",
    .flags = GOP_OP_NEEDS_IN | GOP_OP_STREAMS_OUT,
    .attr_size = sizeof(gop_graph_attributes),
    .plan = plan,
    .prepare = prepare,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
    .madds_backward = madds_backward,
    .step = gop_step_clip,
};

/*: Graph convolution over one or several adjacencies (Sym-GNN, eqs. 3, 4, 5, 7).
 *
 *     y[n, :, t, :] = sum_k scale_k sum_g A_kg x[n, :, t, :] W_kg^T
 *
 * x [N, M, T, C]; y [N, M', T, C'].  Each of the n <= 4 terms is
 *     A [G, M', M], W [G, C', C]   a stack shared by all samples
 *     A [M', M],    W [C', C]      one, shared by all samples
 *     A [N, M', M], W [C', C]      one for each sample
 * scale NULL means all ones.  Entries that are 0 take nothing of their node, not even NaN, if at most
 * a sixth of the stacked A is not 0.
 * Errors: GOP_ESHAPE if a term does not fit x or differs from the first term in M' or C',
 * GOP_EINVAL for 0 terms or more than four.
 */
GOP_API gop_var gop_graph_conv(gop_net *net, gop_var x, const gop_var *A, const gop_var *W,
                               const double *scale, size_t n)
{
    gop_graph_attributes a = {n, {1, 1, 1, 1}};
    gop_var in[1 + 2 * GOP_GRAPH_TERMS] = {x};
    if (n < 1 || n > GOP_GRAPH_TERMS)
        return gop_net_refuse(net, "graph_conv", &x, 1, GOP_EINVAL, "takes 1 to %d terms, not %zu",
                              GOP_GRAPH_TERMS, n);
    if (A == NULL || W == NULL)
        return gop_net_refuse(net, "graph_conv", &x, 1, GOP_EINVAL, "the list of %s is NULL",
                              A == NULL ? "adjacencies" : "weights");
    for (size_t k = 0; k < n; k++) {
        in[1 + 2 * k] = A[k];
        in[2 + 2 * k] = W[k];
        a.scale[k] = scale ? scale[k] : 1;
    }
    return gop_apply(net, &gop_op_graph_conv, &a, in, 1 + 2 * n);
}
