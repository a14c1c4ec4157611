/*
 * graph_slab.c: products with stacked adjacencies on slabs of samples and frames,
 * for graph_conv.c.  Writes only its results and the thread's scratch.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "op/graph/graph_slab.h"

#include "op/graph/node_product.h"

static void measure_terms(gop_graph_sizes *s, const gop_shape *in)
{
    for (size_t k = 0; k < s->terms; k++) {
        gop_shape A = in[1 + 2 * k], W = in[2 + 2 * k];
        s->stack[k] = W.rank == 3 ? W.dim[0] : 1;
        s->own[k] = A.rank == 3 && W.rank == 2;
        s->products += s->stack[k];
        s->w_at[k] = s->part;
        s->part += gop_line(s->stack[k] * s->c_out * s->c_in);
        s->a_at[k] = s->part;
        s->part += s->own[k] ? 0 : gop_line(s->stack[k] * s->m_out * s->m_in);
    }
}

/* If there are few slabs, more pieces: of frames, or of channels if there is only one frame. */
static void cut_forward(gop_graph_sizes *s, const gop_ctx *ctx, size_t madds)
{
    size_t rows = s->n * s->inner * s->t, pieces = gop_shares(madds, GOP_SLAB_PIECES);
    if (s->blocks * s->cuts >= pieces)
        return;
    if (s->t > 1 && s->blocks == s->n)
        s->cuts = gop_size_min(
            gop_size_max(s->cuts,
                         gop_size_min(gop_pieces(pieces, s->blocks),
                                      gop_size_max(rows / s->blocks / GOP_SLAB_PIECE_ROWS, 1))),
            s->t);
    else if (s->t == 1 && !s->nodes_first)
        s->cols = gop_size_min(gop_pieces(pieces, s->blocks), gop_packed_panels(ctx, s->c_out));
}

gop_graph_sizes gop_graph_measure(const gop_ctx *ctx, const gop_shape *in,
                                  const gop_graph_attributes *a, bool backward)
{
    gop_graph_sizes s = {.terms = a->terms, .cols = 1};
    s.n = in[0].dim[0];
    s.m_in = in[0].dim[1];
    s.t = in[0].dim[2];
    s.c_in = in[0].dim[3];
    s.m_out = in[1].dim[in[1].rank - 2];
    s.c_out = in[2].dim[in[2].rank - 2];
    measure_terms(&s, in);
    /* If both orders cost the same, forward uses the one that sums over products within a matrix
     * product, and backward the one that reads dy W_kg twice. */
    size_t nodes = s.m_out * s.c_in * (s.m_in + s.c_out);
    size_t channels = s.m_in * s.c_out * (s.c_in + s.m_out);
    s.nodes_first = backward || s.products == 1 ? nodes <= channels : nodes < channels;
    s.by_sample = !backward && !s.nodes_first;
    s.inner = s.nodes_first ? s.m_out : s.m_in;
    s.c_inner = s.nodes_first ? s.c_in : s.c_out;

    size_t rows = s.inner * s.t; /* of a sample */
    s.blocks = gop_size_min(gop_pieces(s.n * rows, GOP_TILE_ROWS), s.n);
    s.blocks = gop_size_min(s.blocks + (s.blocks > 1 && s.blocks < 16 && s.blocks % 2), s.n);
    s.cuts = s.blocks < s.n
                 ? 1
                 : gop_size_min(gop_pieces(rows * s.products * s.c_inner, GOP_SLAB), s.t);
    if (!backward)
        cut_forward(&s, ctx, s.products * gop_size_min(nodes, channels) * s.n * s.t);
    s.groups = gop_size_min(s.blocks, gop_size_max(4, gop_parts(s.n * rows, 1024, 16)));

    size_t frames = gop_cut_most(s.n, s.blocks) * gop_cut_most(s.t, s.cuts);
    /* Products with only some panels start before V; see make_channels. */
    s.wide = gop_line(frames * s.inner * s.products * s.c_inner) + gop_line(s.c_inner);
    s.tall = s.cuts == 1 ? 0 : gop_line(frames * s.inner * (s.nodes_first ? s.c_out : s.c_in));
    s.mats = gop_line(s.products * s.m_out * s.m_in);
    s.thread = s.wide + s.tall + s.mats + (backward ? s.tall + s.mats : 0);
    s.pack = !backward || s.n * rows >= GOP_PACK_ROWS;
    s.weight = backward ? gop_packed_size(ctx, s.c_out, s.c_in)
                        : gop_packed_size(ctx, s.c_in, s.c_out);
    return s;
}

gop_slab gop_slab_take(const gop_graph_job *j, size_t block, size_t cut, size_t cols)
{
    const gop_graph_sizes *s = &j->s;
    gop_slab b = {.j = j, .cols = cols};
    b.n = gop_cut(s->n, s->blocks, block);
    b.samples = gop_cut(s->n, s->blocks, block + 1) - b.n;
    b.t = gop_cut(s->t, s->cuts, cut);
    b.frames = gop_cut(s->t, s->cuts, cut + 1) - b.t;
    b.tall[0] = gop_op_work(j->r, s->thread);
    b.mats = b.tall[0] + s->tall;
    b.v = b.mats + s->mats + gop_line(s->c_inner);
    b.tall[1] = b.mats + s->mats + s->wide;
    b.dmats = b.tall[1] + s->tall;
    b.row = s->nodes_first ? (ptrdiff_t)s->m_in : 1;
    b.col = s->nodes_first ? 1 : (ptrdiff_t)(s->products * s->m_in);
    b.next = s->nodes_first ? s->m_out * s->m_in : s->m_in;
    size_t one = s->inner * b.frames * cols;
    b.v_product = s->by_sample ? one : b.samples * one;
    b.v_sample = s->by_sample ? s->products * one : one;
    return b;
}

const gop_real *gop_slab_get_rows(const gop_slab *b, gop_real *copy, const gop_real *x,
                                  size_t nodes, size_t c)
{
    size_t t = b->j->s.t, width = b->frames * c;
    if (b->frames == t)
        return x + gop_slab_offset(b, 0, nodes, c);
    for (size_t i = 0; i < b->samples * nodes; i++)
        memcpy(copy + i * width, x + ((b->n * nodes + i) * t + b->t) * c, width * sizeof *copy);
    return copy;
}

void gop_slab_put_rows(const gop_slab *b, gop_real *x, const gop_real *rows, size_t nodes, size_t c,
                       bool add)
{
    size_t t = b->j->s.t, width = b->frames * c;
    for (size_t i = 0; i < b->samples * nodes; i++, rows += width)
        gop_move(x + ((b->n * nodes + i) * t + b->t) * c, rows, width, add);
}

/* Stacks s_k A_kg of sample i: [products, M', M], or [M', products, M]. */
static void stack_matrices(const gop_slab *b, size_t i)
{
    const gop_graph_sizes *s = &b->j->s;
    const gop_graph_attributes *a = b->j->r->attr;
    gop_real *to = b->mats;
    for (size_t k = 0; k < s->terms; k++) {
        const gop_real *A = b->j->r->in[1 + 2 * k];
        if (s->own[k])
            A += (b->n + i) * s->m_out * s->m_in;
        for (size_t g = 0; g < s->stack[k]; g++, to += b->next)
            for (size_t row = 0; row < s->m_out; row++, A += s->m_in) {
                gop_real *mat = to + row * (s->nodes_first ? s->m_in : (size_t)b->col);
                for (size_t c = 0; c < s->m_in; c++)
                    mat[c] = (gop_real)a->scale[k] * A[c];
            }
    }
}

void gop_slab_expand(const gop_slab *b, const gop_real *x, size_t nodes)
{
    const gop_graph_sizes *s = &b->j->s;
    size_t width = b->frames * s->c_inner, ld = s->t * s->c_inner;
    size_t one = gop_slab_together(b);
    for (size_t i = 0; i < b->samples; i++) {
        stack_matrices(b, i);
        for (size_t e = 0; e < s->products; e += one)
            gop_node_product(b->j->r->ctx, one * s->inner, width, nodes, b->mats + e * b->next,
                             b->row, b->col, x + gop_slab_offset(b, i, nodes, s->c_inner), ld,
                             false, gop_slab_v_of(b, e, i), width);
    }
}

void gop_slab_combine(const gop_slab *b, gop_real *x, size_t nodes, size_t col, bool add)
{
    const gop_graph_sizes *s = &b->j->s;
    size_t width = b->frames * b->cols, ld = s->t * s->c_inner;
    size_t one = gop_slab_together(b);
    for (size_t i = 0; i < b->samples; i++) {
        stack_matrices(b, i);
        for (size_t e = 0; e < s->products; e += one)
            gop_node_product(b->j->r->ctx, nodes, width, one * s->inner, b->mats + e * b->next,
                             b->col, b->row, gop_slab_v_of(b, e, i), width, add || e > 0,
                             x + gop_slab_offset(b, i, nodes, s->c_inner) + col, ld);
    }
}

gop_real *gop_graph_share(const gop_graph_job *j, size_t group, size_t input, size_t where,
                          bool first, bool *add)
{
    gop_real *to = j->r->din[input];
    *add = !first || (j->s.groups == 1 && j->r->add[input]);
    return to ? gop_part(to, j->parts + where, j->s.groups, j->s.part, group) : NULL;
}

/* Accumulates sample i's dmats, times s_k, into the wanted dA. */
static void unstack_gradients(const gop_slab *b, size_t i, size_t group, bool first)
{
    const gop_graph_sizes *s = &b->j->s;
    const gop_run *r = b->j->r;
    const gop_graph_attributes *a = r->attr;
    const gop_real *from = b->dmats;
    size_t size = s->m_out * s->m_in;
    for (size_t k = 0; k < s->terms; k++) {
        bool add;
        gop_real *da = gop_graph_share(b->j, group, 1 + 2 * k, s->a_at[k], first && i == 0, &add);
        if (s->own[k]) {
            add = b->t > 0 || r->add[1 + 2 * k];
            da = r->din[1 + 2 * k] ? r->din[1 + 2 * k] + (b->n + i) * size : NULL;
        }
        if (da && !add)
            memset(da, 0, s->stack[k] * size * sizeof *da);
        for (size_t g = 0; g < s->stack[k]; g++, from += b->next) {
            if (da && s->nodes_first)
                gop_add_scaled(da + g * size, a->scale[k], from, size);
            else if (da)
                for (size_t row = 0; row < s->m_out; row++)
                    gop_add_scaled(da + g * size + row * s->m_in, a->scale[k],
                                   from + row * (size_t)b->col, s->m_in);
        }
    }
}

void gop_slab_matrix_gradients(const gop_slab *b, const gop_real *x, size_t nodes, size_t group,
                               bool first)
{
    const gop_graph_sizes *s = &b->j->s;
    gop_ctx *ctx = b->j->r->ctx;
    size_t width = b->frames * s->c_inner;
    ptrdiff_t lv = (ptrdiff_t)width, lx = (ptrdiff_t)(s->t * s->c_inner);
    size_t one = gop_slab_together(b);
    for (size_t i = 0; i < b->samples; i++) {
        const gop_real *xi = x + gop_slab_offset(b, i, nodes, s->c_inner);
        for (size_t e = 0; e < s->products; e += one) {
            const gop_real *v = gop_slab_v_of(b, e, i);
            gop_real *to = b->dmats + e * b->next;
            if (s->nodes_first)
                gop_gemm(ctx, one * s->inner, nodes, width, v, lv, 1, xi, 1, lx, false, to,
                         s->m_in);
            else
                gop_gemm(ctx, nodes, one * s->inner, width, xi, lx, 1, v, 1, lv, false, to,
                         (size_t)b->col);
        }
        unstack_gradients(b, i, group, first);
    }
}
