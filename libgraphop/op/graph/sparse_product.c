/*
 * sparse_product.c: the product of a sparse adjacency, a list of weighted edges, and node features.
 *
 *     forward    y[n,i,t,c]  = sum over the edges e with a_e = i of w[n,e,h] x[n,b_e,t,c]
 *     backward   dx[n,j,t,c] = sum over the edges e with b_e = j of w[n,e,h] dy[n,a_e,t,c]
 *                dw[n,e,h]   = sum over t and the channels c of head h of dy[n,a_e,t,c] x[n,b_e,t,c]
 *
 * Channel c is in head h = c / (C / H).  x [N, M, T, C] or [N, M, C]; y has the nodes M'.  index [E,
 * 2] holds a_e, b_e, or [N, E, 2] has a list for each sample.  w [E], [N, E] or [N, E, H], with 1 in
 * the place of N if samples share it (dw is then summed over n); without w all weights are 1.  An
 * edge with a number that is not an integer in [0, M') and [0, M) is ignored, and its dw is 0.  An
 * edge that is listed several times adds as often.
 *
 * Sums are in the order of the edges, dw also in the order of n.  A chunk of y or dx is a block of
 * columns of several samples; one of dw is some edges.
 * Source: the messages of Velickovic et al. 2018, eq. 4, and Kipf & Welling 2017, eq. 2.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/indexed.h"
#include "op/partial.h"
#include "op/per_frame.h"

#include <math.h>

typedef struct attributes {
    size_t nodes;
} attributes;

enum { X, W, INDEX };

/* Columns of a block, such that a sample's nodes stay in a near cache; the number of blocks into
 * which few samples are cut, and their least number of columns. */
enum { COLUMNS = 2048, CUTS = 16, LEAST = 32 };

typedef struct sizes {
    size_t samples, m_in, m_out, edges, frames, heads;
    size_t channels;       /* of a head */
    size_t row;            /* a node's numbers, T C */
    size_t unit;           /* columns that are not cut: one, or a head's */
    size_t w_next, i_next; /* from one sample's weights and list to the next; 0 if shared */
    size_t at_once, blocks;
    size_t edges_at_once;
} sizes;

typedef struct job {
    const gop_run *r;
    sizes s;
    gop_real *to;
    const gop_real *from;
    size_t side; /* which number of an edge is that of `to` */
    bool add;
} job;

static sizes measure(const gop_shape *in, const attributes *a)
{
    const gop_shape x = in[X], w = in[W];
    const gop_edge_list list = gop_edge_list_of(in[INDEX]);
    const size_t c = x.dim[x.rank - 1];
    sizes s = {.samples = x.dim[0],
               .m_in = x.dim[1],
               .m_out = a->nodes,
               .edges = list.edges,
               .frames = x.rank == 4 ? x.dim[2] : 1,
               .heads = w.rank == 3 ? w.dim[2] : 1};
    s.channels = c / s.heads;
    s.row = s.frames * c;
    s.unit = s.heads == 1 ? 1 : s.channels;
    s.w_next = w.rank >= 2 && w.dim[0] > 1 ? s.edges * s.heads : 0;
    s.i_next = list.lists > 1 ? 2 * s.edges : 0;
    const size_t sample = gop_times(s.m_in + s.m_out + s.edges, s.row);
    s.at_once = gop_rows(sample);
    const size_t pieces = gop_pieces(s.samples, s.at_once), units = s.row / s.unit;
    s.blocks = gop_parts(units, gop_pieces(LEAST, s.unit),
                         gop_size_min(gop_pieces(sample, GOP_CHUNK), gop_pieces(CUTS, pieces)));
    s.blocks = gop_size_min(gop_size_max(s.blocks, gop_pieces(s.row, COLUMNS)), units);
    s.edges_at_once = gop_rows(s.row * (s.w_next > 0 ? 1 : s.samples));
    return s;
}

static gop_status check_weights(gop_op_plan *p, size_t edges)
{
    const gop_shape x = p->in[X], w = p->in[W];
    const size_t c = x.dim[x.rank - 1];
    char a[80], b[80];
    const bool fits = w.rank < 0 || (w.rank == 1 && w.dim[0] == edges) ||
                      ((w.rank == 2 || w.rank == 3) && w.dim[1] == edges &&
                       (w.dim[0] == 1 || w.dim[0] == x.dim[0]));
    if (!fits)
        return gop_fail(
            p->err, GOP_ESHAPE,
            "w %s must be [E], [N, E] or [N, E, H], N perhaps 1, for %zu edges and x %s",
            gop_shape_text(a, sizeof a, w), edges, gop_shape_text(b, sizeof b, x));
    if (w.rank == 3 && c % w.dim[2] != 0)
        return gop_fail(p->err, GOP_ESHAPE, "%zu channels of x %s are not divisible by %zu heads",
                        c, gop_shape_text(b, sizeof b, x), w.dim[2]);
    return GOP_OK;
}

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    char b[80];
    const gop_shape x = p->in[X];
    if (x.rank < 0)
        return gop_fail(p->err, GOP_EINVAL, "x is missing");
    if (x.rank != 3 && x.rank != 4)
        return gop_fail(p->err, GOP_ESHAPE, "x %s must be [N, M, T, C] or [N, M, C]",
                        gop_shape_text(b, sizeof b, x));
    gop_try(gop_edge_list_check(p, INDEX, X, true));
    gop_try(check_weights(p, gop_edge_list_of(p->in[INDEX]).edges));
    if (a->nodes == 0 || a->nodes > GOP_MAX_NODES)
        return gop_fail(p->err, GOP_EINVAL, "nodes must be 1 to %d, not %zu", GOP_MAX_NODES,
                        a->nodes);
    if (x.dim[1] > GOP_MAX_NODES)
        return gop_fail(p->err, GOP_ESHAPE, "x %s has more than %d nodes",
                        gop_shape_text(b, sizeof b, x), GOP_MAX_NODES);
    p->out = x;
    p->out.dim[1] = a->nodes;
    gop_try(gop_op_size(p, p->out));
    const sizes s = measure(p->in, a);
    p->madds = (uint64_t)s.samples * s.edges * s.row;
    return GOP_OK;
}

static uint64_t madds_backward(const gop_op_plan *p, const bool *wanted)
{
    return p->madds * ((uint64_t)wanted[X] + wanted[W]);
}

/* ---------------------------------------------------------------------- y and dx */

/* A block of one sample: `n` columns, or units of one head each, the first of head `head`. */
typedef struct part {
    gop_real *to;
    const gop_real *from, *w, *index;
    size_t side, to_nodes, from_nodes, edges, ld;
    size_t heads, head, unit, n;
} part;

/* One head's weight for some columns, a multiple of `lanes`. */
static inline void add_lanes(gop_real *restrict to, const gop_real *restrict from, gop_real w,
                             size_t n, const size_t lanes)
{
    for (size_t i = 0; i < n; i += lanes)
        for (size_t k = 0; k < lanes; k++)
            to[i + k] += w * from[i + k];
}

static inline void add_heads(gop_real *restrict to, const gop_real *restrict from,
                             const gop_real *restrict w, const part *p, const size_t lanes)
{
    size_t h = p->head;
    for (size_t u = 0; u < p->n; u++, to += p->unit, from += p->unit) {
        add_lanes(to, from, w[h], p->unit, lanes);
        h = h + 1 < p->heads ? h + 1 : 0;
    }
}

static inline void add_edges(const part *p, const size_t lanes)
{
    for (size_t e = 0; e < p->edges; e++) {
        const size_t i = gop_index(p->index[2 * e + p->side], p->to_nodes);
        const size_t k = gop_index(p->index[2 * e + 1 - p->side], p->from_nodes);
        if (i == p->to_nodes || k == p->from_nodes)
            continue;
        if (p->heads > 1)
            add_heads(p->to + i * p->ld, p->from + k * p->ld, p->w + e * p->heads, p, lanes);
        else
            add_lanes(p->to + i * p->ld, p->from + k * p->ld, p->w != NULL ? p->w[e] : 1, p->n, 1);
    }
}

GOP_VECTOR static void add_all(const part *p)
{
    if (p->heads > 1 && p->unit % 16 == 0)
        add_edges(p, 16);
    else if (p->heads > 1 && p->unit % 8 == 0)
        add_edges(p, 8);
    else
        add_edges(p, 1);
}

static void move_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const sizes *s = &j->s;
    const gop_run *r = j->r;
    const size_t begin = i / s->blocks * s->at_once, b = i % s->blocks;
    const size_t end = gop_size_min(begin + s->at_once, s->samples);
    const size_t units = s->row / s->unit, first = gop_cut(units, s->blocks, b);
    part p = {.side = j->side, .edges = s->edges, .ld = s->row, .heads = s->heads, .unit = s->unit};
    p.head = first % s->heads;
    p.n = gop_cut(units, s->blocks, b + 1) - first;
    p.to_nodes = j->side == 0 ? s->m_out : s->m_in;
    p.from_nodes = j->side == 0 ? s->m_in : s->m_out;
    for (size_t n = begin; n < end; n++) {
        p.to = j->to + n * p.to_nodes * s->row + first * s->unit;
        p.from = j->from + n * p.from_nodes * s->row + first * s->unit;
        p.w = r->in[W] != NULL ? r->in[W] + n * s->w_next : NULL;
        p.index = r->in[INDEX] + n * s->i_next;
        for (size_t k = 0; k < p.to_nodes && !j->add; k++)
            memset(p.to + k * s->row, 0, p.n * s->unit * sizeof *p.to);
        add_all(&p);
    }
}

static void move(const gop_run *r, gop_real *to, const gop_real *from, size_t side, bool add)
{
    job j = {r, measure(r->in_shape, r->attr), to, from, side, add};
    gop_parallel(r->ctx, gop_pieces(j.s.samples, j.s.at_once) * j.s.blocks, move_chunk, &j);
}

static void forward(const gop_run *r)
{
    move(r, r->out, r->in[X], 0, false);
}

/* ---------------------------------------------------------------------------- dw */

static inline gop_real dot_lanes(const gop_real *restrict a, const gop_real *restrict b, size_t n,
                                 const size_t lanes)
{
    gop_real lane[16] = {0};
    size_t i = 0;
    for (; i + lanes <= n; i += lanes)
        for (size_t k = 0; k < lanes; k++)
            lane[k] += a[i + k] * b[i + k];
    for (; i < n; i++)
        lane[i % lanes] += a[i] * b[i];
    for (size_t half = lanes / 2; half > 0; half /= 2)
        for (size_t k = 0; k < half; k++)
            lane[k] += lane[k + half];
    return lane[0];
}

/* dw of edges [from, to) of one sample. */
static inline void weigh_edges(gop_real *restrict dw, const gop_real *restrict dy,
                               const gop_real *restrict x, const gop_real *restrict index,
                               const sizes *s, size_t from, size_t to, bool add, const size_t lanes)
{
    for (size_t e = from; e < to; e++) {
        const size_t i = gop_index(index[2 * e], s->m_out);
        const size_t k = gop_index(index[2 * e + 1], s->m_in);
        const bool there = i < s->m_out && k < s->m_in;
        for (size_t h = 0; h < s->heads; h++) {
            gop_real sum = 0;
            if (there && s->heads == 1)
                sum = dot_lanes(dy + i * s->row, x + k * s->row, s->row, lanes);
            else if (there)
                for (size_t c = h * s->channels; c < s->row; c += s->heads * s->channels)
                    sum += dot_lanes(dy + i * s->row + c, x + k * s->row + c, s->channels, lanes);
            GOP_PUT(dw[e * s->heads + h], add, sum);
        }
    }
}

GOP_VECTOR static void weigh(gop_real *restrict dw, const gop_real *restrict dy,
                             const gop_real *restrict x, const gop_real *restrict index,
                             const sizes *s, size_t from, size_t to, bool add)
{
    if (s->heads == 1 || s->channels >= 16)
        weigh_edges(dw, dy, x, index, s, from, to, add, 16);
    else
        weigh_edges(dw, dy, x, index, s, from, to, add, 8);
}

static void weigh_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const sizes *s = &j->s;
    const gop_run *r = j->r;
    const size_t cuts = gop_pieces(s->edges, s->edges_at_once);
    const size_t from = i % cuts * s->edges_at_once;
    const size_t to = gop_size_min(from + s->edges_at_once, s->edges);
    const size_t begin = s->w_next > 0 ? i / cuts : 0;
    const size_t end = s->w_next > 0 ? begin + 1 : s->samples;
    for (size_t n = begin; n < end; n++)
        weigh(r->din[W] + n * s->w_next, r->dout + n * s->m_out * s->row,
              r->in[X] + n * s->m_in * s->row, r->in[INDEX] + n * s->i_next, s, from, to,
              n > begin || r->add[W]);
}

static void backward(const gop_run *r)
{
    job j = {.r = r, .s = measure(r->in_shape, r->attr)};
    if (r->din[X] != NULL)
        move(r, r->din[X], r->dout, 1, r->add[X]);
    if (r->din[W] != NULL)
        gop_parallel(r->ctx,
                     gop_pieces(j.s.edges, j.s.edges_at_once) * (j.s.w_next > 0 ? j.s.samples : 1),
                     weigh_chunk, &j);
    gop_no_gradient(r, INDEX);
}

/* ------------------------------------------------------------------------- cases */

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const gop_shape x = in[X].shape, w = in[W].shape;
    const bool own = in[INDEX].shape.rank == 3;
    const size_t edges = in[INDEX].shape.dim[own ? 1 : 0];
    const size_t c = x.dim[x.rank - 1], row = (x.rank == 4 ? x.dim[2] : 1) * c;
    (void)attr;
    for (size_t k = 0; k < gop_shape_size(y.shape); k++) {
        const size_t n = k / row / y.shape.dim[1], i = k / row % y.shape.dim[1];
        const size_t heads = in[W].v != NULL && w.rank == 3 ? w.dim[2] : 1;
        const size_t sample = in[W].v != NULL && w.rank > 1 && w.dim[0] > 1 ? n : 0;
        double sum = 0;
        for (size_t e = 0; e < edges; e++) {
            const gop_real *ends = in[INDEX].v + ((own ? n * edges : 0) + e) * 2;
            const double j = floor((double)ends[1]);
            if (ends[0] != (gop_real)i || (double)ends[1] != j || j < 0 || j >= (double)x.dim[1])
                continue;
            sum += (in[W].v == NULL
                        ? 1
                        : (double)in[W].v[(sample * edges + e) * heads + k % c * heads / c]) *
                   (double)in[X].v[(n * x.dim[1] + (size_t)j) * row + k % row];
        }
        y.v[k] = (gop_real)sum;
    }
}

static const attributes four = {4}, thousand = {1000};

static const gop_case cases[] = {
    {"shared weights", .in = {{4, {3, 5, 2, 3}}, {1, {9}}, {2, {9, 2}}}, .range = {[2] = {-1, 6}},
     .integers = 1 << 2, .attr = &four, .bench = {{4, {32, 26, 25, 64}}, {1, {78}}, {2, {78, 2}}}},
    {"weights of each sample", .in = {{4, {3, 5, 2, 3}}, {2, {3, 9}}, {2, {9, 2}}},
     .range = {[2] = {-1, 6}}, .integers = 1 << 2, .attr = &four},
    {"heads and edges of each sample", .in = {{4, {3, 5, 2, 6}}, {3, {3, 9, 2}}, {3, {3, 9, 2}}},
     .range = {[2] = {-1, 6}}, .integers = 1 << 2, .attr = &four},
    {"shared heads, no frames", .in = {{3, {2, 5, 9}}, {3, {1, 9, 3}}, {2, {9, 2}}},
     .range = {[2] = {-1, 6}}, .integers = 1 << 2, .attr = &four},
    {"sixteen channels a head", .in = {{3, {2, 5, 48}}, {3, {2, 7, 3}}, {2, {7, 2}}},
     .range = {[2] = {0, 4}}, .integers = 1 << 2, .attr = &four},
    {"no weights", .in = {{3, {2, 5, 3}}, {-1, {0}}, {2, {9, 2}}}, .range = {[2] = {-1, 6}},
     .integers = 1 << 2, .attr = &four},
    {"thousand nodes, eight heads", .in = {{3, {1, 1000, 64}}, {3, {1, 20, 8}}, {2, {20, 2}}},
     .range = {[2] = {0, 1000}}, .integers = 1 << 2, .attr = &thousand,
     .bench = {{3, {1, 1000, 64}}, {3, {1, 8000, 8}}, {2, {8000, 2}}}},
    {0},
};

const gop_op gop_op_sparse_product = {
    .name = "sparse_product",
    .flags = GOP_OP_NEEDS_IN,
    .attr_size = sizeof(attributes),
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
    .madds_backward = madds_backward,
    .step = gop_step_nodes,
};

/*: Product of a sparse adjacency, a list of weighted edges, and node features.
 *
 *     y[n, i, t, c] = sum over the edges e with index[e, 0] = i of w[n, e, h] x[n, index[e, 1], t, c]
 *
 * x [N, M, T, C] or [N, M, C]; index [E, 2], or [N, E, 2] with a list for each sample, node numbers
 * as reals; y has `nodes` in the place of M.  w [E], [N, E], or [N, E, H], where H divides C and
 * channel c is in head h = c / (C / H); 1 in the place of N means weights for all samples, and
 * gop_none() weights of 1.  An edge with a number that is not an integer in [0, nodes) and [0, M),
 * such as -1 to fill up lists, is ignored; its w gets no gradient.  Edges that are listed several
 * times add.  A node without edges gets zeros.  No gradient to `index`.
 * There may be any number of edges; M and nodes are at most GOP_MAX_NODES, because a float holds
 * integers exactly up to 2^24.
 * Errors: GOP_ESHAPE if w or index does not fit x, GOP_EINVAL for 0 nodes or too many.
 * Source: Velickovic et al. 2018, eq. 4.
 */
GOP_API gop_var gop_sparse_product(gop_net *net, gop_var w, gop_var index, gop_var x, size_t nodes)
{
    attributes a = {nodes};
    gop_var in[3] = {x, w, index};
    return gop_apply(net, &gop_op_sparse_product, &a, in, 3);
}
