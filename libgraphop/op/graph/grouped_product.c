/*
 * grouped_product.c: products with adjacencies that differ by channel, refined from a shared one.
 *
 *     forward    y[n,i,t,c]    = sum_k sum_j E_k[n,i,j,c] x_k[n,j,t,c]
 *                E_k[n,i,j,c]  = A_k[i,j] + alpha P_k[n,i,j,g],   g = c / (C / G)
 *     backward   dx_k[n,j,t,c] = sum_i E_k[n,i,j,c] dy[n,i,t,c]
 *                dE_k[n,i,j,c] = sum_t dy[n,i,t,c] x_k[n,j,t,c]
 *                dP_k = alpha (sum over the channels of g of dE_k)
 *                dA_k = sum_(n,c) dE_k,   dalpha = sum_(k,n,i,j,c) dE_k P_k
 *
 * K terms.  x_k [N, M, T, C], or all side by side, [N, M, T, K C]; y [N, M', T, C]; P_k
 * [N, M', M, G], or [M', M, G] for all samples (dP_k is then summed over n), where G divides C; A
 * [K, M', M], or [M', M] for one term, or absent: 0; alpha one number, or absent: 1.
 * Source: channel-wise topology refinement, Chen et al. 2021 (CTR-GCN), eqs. 3 to 5.
 *
 * A block of channels is computed together, as vectors (channel_panels.h).  Its E is made once for
 * all frames.  A tile of the result stays in registers while its sum runs: over all terms and nodes
 * for y, over nodes for dx, over frames for dE.  A chunk of forward is some channels of a sample; one
 * of backward is some channels of several samples, and its sums over samples are added in the order
 * of the chunks.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/graph/channel_panels.h"
#include "op/partial.h"
#include "op/per_frame.h"

enum {
    TERMS = 4,
    FRAMES = 32, /* of dE that are packed at a time */
    PIECES = 4,
    PARTS = 16, /* of forward with few samples; of backward */
    AHEAD = 24  /* pairs of nodes whose P is fetched early */
};

typedef struct attributes {
    size_t terms;
} attributes;

typedef struct sizes {
    size_t n, m_in, m_out, t, c, terms;
    size_t rows;              /* of all terms, K M */
    size_t x_c;               /* channels in memory: C, or K C side by side */
    bool beside;              /* the x_k lie side by side in the first */
    size_t groups[TERMS];     /* G */
    bool own[TERMS];          /* P_k for each sample */
    size_t blocks;            /* of channels */
    size_t splits;            /* of the blocks, in this direction */
    size_t batches;           /* of samples, in backward */
    size_t frames;            /* min(T, FRAMES) */
    size_t left, tall, wide;  /* elements at each place: M' left, M' and K M in panels */
    size_t thread;            /* elements of a thread's scratch */
    size_t a_at, p_at[TERMS]; /* sums of a chunk of backward: dalpha, dA, dP_k */
    size_t part;
} sizes;

typedef struct job {
    const gop_run *r;
    sizes s;
    gop_real alpha;
    gop_real *parts;
} job;

/* ------------------------------------------------------------------------ shapes */

static bool beside(const gop_shape *in, size_t terms)
{
    return terms > 1 && in[2].rank < 0;
}

/* x_k within one of the values that may hold all side by side, such as r->in. */
static size_t x_input(const sizes *s, size_t k)
{
    return s->beside ? 0 : 2 * k;
}
static size_t x_offset(const sizes *s, size_t k)
{
    return s->beside ? k * s->c : 0;
}

static sizes measure(const gop_shape *in, const attributes *a, bool backward)
{
    const gop_shape x = in[0], P = in[1];
    sizes s = {.n = x.dim[0], .m_in = x.dim[1], .t = x.dim[2], .c = x.dim[3], .terms = a->terms};
    bool whole = true; /* G = C everywhere */
    s.beside = beside(in, s.terms);
    s.x_c = s.c;
    if (s.beside)
        s.c /= s.terms;
    s.m_out = P.dim[P.rank - 3];
    s.rows = s.terms * s.m_in;
    s.blocks = gop_pieces(s.c, GOP_BLOCK);
    s.frames = gop_size_min(s.t, FRAMES);
    s.left = gop_panels_wide(s.m_out, GOP_LEFT);
    s.tall = gop_panels_wide(s.m_out, GOP_RIGHT);
    s.wide = gop_panels_wide(s.rows, GOP_LEFT);
    s.a_at = 2; /* after a double */
    s.part = s.a_at + gop_line(s.rows * s.m_out);
    for (size_t k = 0; k < s.terms; k++) {
        const gop_shape Pk = in[2 * k + 1];
        s.groups[k] = Pk.dim[Pk.rank - 1];
        s.own[k] = Pk.rank == 4;
        whole = whole && s.groups[k] == s.c;
        s.p_at[k] = s.part;
        s.part += s.own[k] ? 0 : gop_line(s.m_out * s.m_in * s.groups[k]);
    }
    s.part = gop_line(s.part);
    s.batches = gop_parts(s.n, 1, PARTS);
    const size_t most = gop_shares(s.n * s.rows * s.m_out * s.t * s.c, PIECES);
    const size_t splits = gop_parts(s.blocks, 1, gop_pieces(most, backward ? s.batches : s.n));
    s.splits = backward && !whole ? 1 : splits;
    if (backward) /* dx, and dE after it */
        s.thread = gop_size_max((s.wide + GOP_RIGHT * GOP_BLOCK) * s.m_out,
                                (s.wide + s.tall) * s.frames + s.wide * s.tall / GOP_BLOCK);
    else
        s.thread = (s.left + GOP_RIGHT * GOP_BLOCK) * s.rows;
    s.thread = gop_line(s.thread);
    return s;
}

static gop_status check_term(gop_op_plan *p, size_t terms, size_t k)
{
    const bool all = beside(p->in, terms);
    const gop_shape x0 = p->in[0], x = all ? x0 : p->in[2 * k], P0 = p->in[1];
    const gop_shape P = p->in[2 * k + 1];
    char a[64], b[64];
    if (x.rank != 4)
        return gop_fail(p->err, GOP_ESHAPE, "x %s of term %zu must be [N, M, T, C]",
                        gop_shape_text(a, sizeof a, x), k + 1);
    if (!gop_shape_equal(x, x0))
        return gop_fail(p->err, GOP_ESHAPE, "x %s of term %zu differs from the first x %s",
                        gop_shape_text(a, sizeof a, x), k + 1, gop_shape_text(b, sizeof b, x0));
    if (all && (x.dim[3] % terms != 0 || (k > 0 && p->in[2 * k].rank >= 0)))
        return gop_fail(p->err, GOP_ESHAPE,
                        "x %s must be [N, M, T, %zu C], all terms side by side, or each term must "
                        "have its own",
                        gop_shape_text(a, sizeof a, x), terms);
    if ((P.rank != 3 && P.rank != 4) || (P.rank == 4 && P.dim[0] != x.dim[0]) ||
        P.dim[P.rank - 2] != x.dim[1] || x.dim[3] / (all ? terms : 1) % P.dim[P.rank - 1] != 0)
        return gop_fail(p->err, GOP_ESHAPE,
                        "P %s of term %zu must be [N, M', M, G] or [M', M, G], where G divides C, "
                        "for x %s = [N, M, T, %s]",
                        gop_shape_text(a, sizeof a, P), k + 1, gop_shape_text(b, sizeof b, x),
                        all ? "n C" : "C");
    if (P.dim[P.rank - 3] != P0.dim[P0.rank - 3])
        return gop_fail(p->err, GOP_ESHAPE, "P %s of term %zu differs from the first P %s in M'",
                        gop_shape_text(a, sizeof a, P), k + 1, gop_shape_text(b, sizeof b, P0));
    return GOP_OK;
}

static gop_status plan(gop_op_plan *p)
{
    const attributes *at = p->attr;
    char a[64];
    const size_t K = at->terms;
    for (size_t k = 0; k < K; k++)
        gop_try(check_term(p, K, k));
    const gop_shape A = p->in[2 * K], alpha = p->in[2 * K + 1], x = p->in[0], P = p->in[1];
    const size_t m_out = P.dim[P.rank - 3], c = x.dim[3] / (beside(p->in, K) ? K : 1);
    if (A.rank >= 0 && !gop_shape_equal(A, gop_shape3(K, m_out, x.dim[1])) &&
        !(K == 1 && gop_shape_equal(A, gop_shape2(m_out, x.dim[1]))))
        return gop_fail(p->err, GOP_ESHAPE, "A %s must be [%zu, %zu, %zu], [K, M', M]",
                        gop_shape_text(a, sizeof a, A), K, m_out, x.dim[1]);
    if (alpha.rank >= 0 && gop_shape_size(alpha) != 1)
        return gop_fail(p->err, GOP_ESHAPE, "alpha %s must be one number",
                        gop_shape_text(a, sizeof a, alpha));
    p->out = gop_shape4(x.dim[0], m_out, x.dim[2], c);
    gop_try(gop_op_size(p, p->out));
    if (gop_times(gop_times(K * GOP_BLOCK * 4, m_out + 4), x.dim[1] + FRAMES) > GOP_MOST_ELEMENTS)
        return gop_fail(p->err, GOP_ENOMEM, "%zu by %zu nodes are too many", m_out, x.dim[1]);
    const sizes s = measure(p->in, at, false);
    p->work = (size_t)gop_ctx_threads(p->ctx) * s.thread;
    if (p->training) {
        const sizes b = measure(p->in, at, true);
        p->work = gop_size_max(p->work, gop_times((size_t)gop_ctx_threads(p->ctx), b.thread) +
                                            b.batches * b.splits * b.part);
    }
    if (s.splits == 1)
        p->flags |= GOP_OP_STREAMS_OUT;
    p->madds = (uint64_t)s.n * s.rows * s.m_out * s.t * s.c;
    return GOP_OK;
}

/* dx_k needs a product for each term, and dE_k too, once for dP_k, dA and dalpha. */
static uint64_t madds_backward(const gop_op_plan *p, const bool *wanted)
{
    const attributes *at = p->attr;
    const size_t K = at->terms;
    uint64_t products = 0;
    for (size_t k = 0; k < K; k++)
        products += (uint64_t)wanted[beside(p->in, K) ? 0 : 2 * k] +
                    (wanted[2 * k + 1] || wanted[2 * K] || wanted[2 * K + 1]);
    return p->madds / K * products;
}

/* ----------------------------------------------------------------------- packing */

/* A block of channels of an E_k: where its rows and columns go, and what it is made of. */
typedef struct refined {
    const gop_panels *to;
    size_t first;    /* of this term's nodes j among K M */
    bool transposed; /* rows are j and the places are i */
    const gop_real *A, *P;
    gop_real alpha;
    size_t m_in, m_out, groups, width; /* width: channels of a group */
    size_t c, n;                       /* the first channel; how many exist */
} refined;

GOP_VECTOR static void pack_refined(const refined *of)
{
    const refined e = *of;
    const gop_panels to = *e.to;
    const size_t last = e.m_out * e.m_in - 1, other = gop_panels_half(&to);
    for (size_t i = 0; i < e.m_out; i++)
        for (size_t j = 0; j < e.m_in; j++) {
            const size_t k = e.first + j, r = e.transposed ? k : i, d = e.transposed ? i : k;
            const size_t at = i * e.m_in + j;
            const gop_real *P = e.P + at * e.groups, a = e.A != NULL ? e.A[at] : 0;
            gop_real *row = to.at +
                            ((r / GOP_LEFT * to.depth + d) * GOP_LEFT + r % GOP_LEFT) * to.lanes;
            gop_block made;
            __builtin_prefetch(e.P + gop_size_min(at + AHEAD, last) * e.groups + e.c / e.width);
            if (e.width == 1 && e.n >= GOP_BLOCK)
                made = a + e.alpha * *(const gop_block *)(P + e.c);
            else
                for (size_t l = 0; l < GOP_BLOCK; l++)
                    made[l] = l < e.n ? a + e.alpha * P[(e.c + l) / e.width] : 0;
            gop_panels_put(row, other, to.lanes, &made);
        }
}

/* Sample n's A_k and P_k, for the channels from c on. */
static refined refine(const job *j, size_t k, size_t n, size_t c)
{
    const sizes *s = &j->s;
    const gop_real *A = j->r->in[2 * s->terms];
    const size_t square = s->m_out * s->m_in;
    return (refined){.first = k * s->m_in,
                     .A = A != NULL ? A + k * square : NULL,
                     .P = j->r->in[2 * k + 1] + (s->own[k] ? n * square * s->groups[k] : 0),
                     .alpha = j->alpha,
                     .m_in = s->m_in,
                     .m_out = s->m_out,
                     .groups = s->groups[k],
                     .width = s->c / s->groups[k],
                     .c = c,
                     .n = s->c - c};
}

/* ----------------------------------------------------------------------- forward */

static void forward_block(const job *j, size_t n, size_t c)
{
    const sizes *s = &j->s;
    const gop_run *r = j->r;
    gop_real *work = gop_op_work(r, s->thread);
    const gop_panels E = gop_panels_at(work, s->m_out, s->rows, GOP_LEFT);
    const size_t left = s->c - c, row = s->t * s->x_c;
    for (size_t k = 0; k < s->terms; k++) {
        refined e = refine(j, k, n, c);
        e.to = &E;
        pack_refined(&e);
    }
    for (size_t t = 0; t < s->t; t += GOP_RIGHT) {
        const size_t frames = gop_size_min(GOP_RIGHT, s->t - t);
        const gop_panels x = gop_panels_at(work + s->left * s->rows, frames, s->rows, GOP_RIGHT);
        for (size_t k = 0; k < s->terms; k++)
            for (size_t f = 0; f < frames; f++)
                gop_panels_pack(&x, f, k * s->m_in,
                                r->in[x_input(s, k)] + n * s->m_in * row + (t + f) * s->x_c +
                                    x_offset(s, k) + c,
                                row, s->m_in, left,
                                t + f + GOP_RIGHT < s->t ? GOP_RIGHT * s->x_c : 0);
        for (size_t i = 0; i < s->m_out; i += GOP_LEFT) {
            gop_real *to[GOP_LEFT] = {NULL};
            for (size_t q = i; q < gop_size_min(i + GOP_LEFT, s->m_out); q++)
                to[q - i] = r->out + ((n * s->m_out + q) * s->t + t) * s->c + c;
            gop_panels_multiply(&E, i / GOP_LEFT, &x, 0, to, s->c, frames, left, false);
        }
    }
}

static void forward_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const sizes *s = &j->s;
    const size_t n = i / s->splits, sample = s->m_out * s->t * s->c;
    const size_t end = gop_cut(s->blocks, s->splits, i % s->splits + 1);
    for (size_t b = gop_cut(s->blocks, s->splits, i % s->splits); b < end; b++)
        forward_block(j, n, b * GOP_BLOCK);
    if (s->splits == 1)
        gop_run_produced(j->r, n * sample, (n + 1) * sample);
}

static job start(const gop_run *r, bool backward)
{
    const attributes *a = r->attr;
    job j = {.r = r, .s = measure(r->in_shape, a, backward)};
    j.alpha = r->in[2 * a->terms + 1] != NULL ? *r->in[2 * a->terms + 1] : 1;
    j.parts = r->work + (size_t)gop_ctx_threads(r->ctx) * j.s.thread;
    return j;
}

static void forward(const gop_run *r)
{
    job j = start(r, false);
    gop_parallel(r->ctx, j.s.n * j.s.splits, forward_chunk, &j);
}

/* ---------------------------------------------------------------------- backward */

static bool wants(const gop_run *r, size_t first, size_t step, size_t end)
{
    bool any = false;
    for (size_t i = first; i < end; i += step)
        any = any || r->din[i] != NULL;
    return any;
}

static void backward_x(const job *j, size_t n, size_t c)
{
    const sizes *s = &j->s;
    const gop_run *r = j->r;
    gop_real *work = gop_op_work(r, s->thread);
    const gop_panels E = gop_panels_at(work, s->rows, s->m_out, GOP_LEFT);
    const size_t left = s->c - c, row = s->t * s->c;
    for (size_t k = 0; k < s->terms; k++) {
        refined e = refine(j, k, n, c);
        e.to = &E;
        e.transposed = true;
        pack_refined(&e);
    }
    for (size_t t = 0; t < s->t; t += GOP_RIGHT) {
        const size_t frames = gop_size_min(GOP_RIGHT, s->t - t);
        const gop_panels dy = gop_panels_at(work + s->wide * s->m_out, frames, s->m_out, GOP_RIGHT);
        for (size_t f = 0; f < frames; f++)
            gop_panels_pack(&dy, f, 0, r->dout + n * s->m_out * row + (t + f) * s->c + c, row,
                            s->m_out, left, t + f + GOP_RIGHT < s->t ? GOP_RIGHT * s->c : 0);
        for (size_t q = 0; q < s->rows; q += GOP_LEFT) {
            gop_real *to[GOP_LEFT] = {NULL};
            bool add = false;
            for (size_t p = q; p < gop_size_min(q + GOP_LEFT, s->rows); p++) {
                const size_t k = p / s->m_in, x = x_input(s, k);
                if (r->din[x] == NULL)
                    continue;
                to[p - q] = r->din[x] + ((n * s->m_in + p % s->m_in) * s->t + t) * s->x_c +
                            x_offset(s, k) + c;
                add = add || r->add[x];
            }
            /* rows of several terms of which only some accumulate */
            for (size_t p = q; add && p < gop_size_min(q + GOP_LEFT, s->rows); p++)
                for (size_t f = 0; f < frames && to[p - q] && !r->add[x_input(s, p / s->m_in)]; f++)
                    memset(to[p - q] + f * s->x_c, 0,
                           gop_size_min(left, GOP_BLOCK) * sizeof *to[0]);
            gop_panels_multiply(&E, q / GOP_LEFT, &dy, 0, to, s->x_c, frames, left, add);
        }
    }
}

/* Where dE_k goes: a block of channels of (j, i) is at from[(first + j) tall + i GOP_BLOCK]. */
typedef struct spread {
    const gop_real *from;
    size_t tall, first; /* the first row of this term */
    refined e;
    gop_real *dP, *dA;
    bool add;     /* to dP */
    double alpha; /* the sum of dE_k P_k */
    bool sums;    /* whether that is wanted */
} spread;

static inline gop_real sum_block(const gop_real *v)
{
    gop_real lane[GOP_BLOCK];
    for (size_t l = 0; l < GOP_BLOCK; l++)
        lane[l] = v[l];
    for (size_t half = GOP_BLOCK / 2; half > 0; half /= 2)
        for (size_t l = 0; l < half; l++)
            lane[l] += lane[l + half];
    return lane[0];
}

GOP_VECTOR static void spread_gradient(spread *to)
{
    const refined *e = &to->e;
    const size_t n = gop_size_min(e->n, GOP_BLOCK), last = e->m_out * e->m_in - 1;
    for (size_t i = 0; i < e->m_out; i++)
        for (size_t j = 0; j < e->m_in; j++) {
            const size_t q = to->first + j, at = (i * e->m_in + j) * e->groups;
            const gop_real *d = to->from + q * to->tall + i * GOP_BLOCK;
            const size_t next = gop_size_min(i * e->m_in + j + AHEAD, last) * e->groups;
            if (to->dP != NULL)
                __builtin_prefetch(to->dP + next + e->c / e->width, 1);
            if (to->sums)
                __builtin_prefetch(e->P + next + e->c / e->width);
            if (to->dA != NULL)
                to->dA[i * e->m_in + j] += sum_block(d);
            if (to->sums) {
                gop_real product[GOP_BLOCK] = {0};
                if (e->width == 1 && n == GOP_BLOCK)
                    *(gop_block *)product = *(const gop_block *)d *
                                            *(const gop_block *)(e->P + at + e->c);
                else
                    for (size_t l = 0; l < n; l++)
                        product[l] = d[l] * e->P[at + (e->c + l) / e->width];
                to->alpha += (double)sum_block(product);
            }
            if (to->dP == NULL)
                continue;
            if (e->width == 1 && n == GOP_BLOCK) {
                gop_block *dP = (gop_block *)(to->dP + at + e->c);
                GOP_PUT(*dP, to->add, e->alpha * *(const gop_block *)d);
            } else if (e->width == 1)
                for (size_t l = 0; l < n; l++)
                    GOP_PUT(to->dP[at + e->c + l], to->add, e->alpha * d[l]);
            else
                for (size_t l = 0; l < n; l++)
                    to->dP[at + (e->c + l) / e->width] += e->alpha * d[l];
        }
}

/* dE of all terms [K M, M'], with rows of `tall` elements. */
static const gop_real *gradients(const job *j, size_t n, size_t c)
{
    const sizes *s = &j->s;
    const gop_run *r = j->r;
    gop_real *work = gop_op_work(r, s->thread), *dE = work + (s->wide + s->tall) * s->frames;
    const size_t left = s->c - c, row = s->t * s->c;
    for (size_t t = 0; t < s->t; t += s->frames) {
        const size_t depth = gop_size_min(s->frames, s->t - t);
        const size_t ahead = t + depth < s->t ? depth * s->c : 0;
        const gop_panels x = gop_panels_at(work, s->rows, depth, GOP_LEFT);
        const gop_panels dy = gop_panels_at(work + s->wide * depth, s->m_out, depth, GOP_RIGHT);
        for (size_t q = 0; q < s->rows; q++) {
            const size_t k = q / s->m_in;
            gop_panels_pack(&x, q, 0,
                            r->in[x_input(s, k)] +
                                ((n * s->m_in + q % s->m_in) * s->t + t) * s->x_c + x_offset(s, k) +
                                c,
                            s->x_c, depth, left, ahead / s->c * s->x_c);
        }
        for (size_t i = 0; i < s->m_out; i++)
            gop_panels_pack(&dy, i, 0, r->dout + (n * s->m_out + i) * row + t * s->c + c, s->c,
                            depth, left, ahead);
        for (size_t q = 0; q < s->rows; q += GOP_LEFT)
            for (size_t i = 0; i < s->m_out; i += GOP_RIGHT) {
                gop_real *to[GOP_LEFT];
                for (size_t p = 0; p < GOP_LEFT; p++)
                    to[p] = dE + (q + p) * s->tall + i * GOP_BLOCK;
                gop_panels_multiply(&x, q / GOP_LEFT, &dy, i / GOP_RIGHT, to, GOP_BLOCK, GOP_RIGHT,
                                    GOP_BLOCK, t > 0);
            }
    }
    return dE;
}

static void backward_e(const job *j, size_t n, size_t c, gop_real *part)
{
    const sizes *s = &j->s;
    const gop_run *r = j->r;
    const size_t K = s->terms, square = s->m_out * s->m_in;
    const gop_real *dE = gradients(j, n, c);
    double alpha = gop_get_double(part, 0);
    for (size_t k = 0; k < K; k++) {
        gop_real *dP = r->din[2 * k + 1];
        spread to = {.from = dE, .e = refine(j, k, n, c), .first = k * s->m_in};
        to.tall = s->tall;
        to.dA = r->din[2 * K] != NULL ? part + s->a_at + k * square : NULL;
        to.sums = r->in[2 * K + 1] != NULL && r->din[2 * K + 1] != NULL;
        to.add = r->add[2 * k + 1];
        if (dP != NULL && !s->own[k]) {
            dP = part + s->p_at[k];
            to.add = true;
        } else if (dP != NULL) {
            dP += n * square * s->groups[k];
            if (to.e.width > 1 && c == 0 && !to.add)
                memset(dP, 0, square * s->groups[k] * sizeof *dP);
        }
        to.dP = dP;
        spread_gradient(&to);
        alpha += to.alpha;
    }
    gop_put_double(part, 0, alpha);
}

static void backward_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const sizes *s = &j->s;
    const gop_run *r = j->r;
    const size_t K = s->terms, batch = i / s->splits, split = i % s->splits;
    const size_t first = gop_cut(s->blocks, s->splits, split);
    const size_t last = gop_cut(s->blocks, s->splits, split + 1);
    const bool x = wants(r, 0, 2, 2 * K), e = wants(r, 1, 2, 2 * K) || wants(r, 2 * K, 1, r->n_in);
    gop_real *part = j->parts + i * s->part;
    memset(part, 0, s->part * sizeof *part);
    for (size_t n = gop_cut(s->n, s->batches, batch); n < gop_cut(s->n, s->batches, batch + 1); n++)
        for (size_t b = first; b < last; b++) {
            if (x)
                backward_x(j, n, b * GOP_BLOCK);
            if (e)
                backward_e(j, n, b * GOP_BLOCK, part);
        }
}

/* The gradient of input i (+)= the chunks' sums. */
static void sum_up(const job *j, size_t i, size_t at, size_t n)
{
    const gop_run *r = j->r;
    gop_real *to = r->din[i];
    if (to == NULL)
        return;
    if (!r->add[i])
        memset(to, 0, n * sizeof *to);
    for (size_t p = 0; p < j->s.batches * j->s.splits; p++)
        gop_add_scaled(to, 1, j->parts + p * j->s.part + at, n);
}

static void backward(const gop_run *r)
{
    job j = start(r, true);
    const sizes *s = &j.s;
    const size_t K = s->terms, parts = s->batches * s->splits;
    gop_parallel(r->ctx, parts, backward_chunk, &j);
    sum_up(&j, 2 * K, s->a_at, s->rows * s->m_out);
    for (size_t k = 0; k < K; k++)
        if (!s->own[k])
            sum_up(&j, 2 * k + 1, s->p_at[k], s->m_out * s->m_in * s->groups[k]);
    double alpha = 0;
    for (size_t p = 0; p < parts; p++)
        alpha += gop_get_double(j.parts + p * s->part, 0);
    gop_put_sum(r, 2 * K + 1, 0, alpha);
}

/* ------------------------------------------------------------------------- cases */

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const attributes *at = attr;
    const size_t K = at->terms, M = in[0].shape.dim[1], T = y.shape.dim[2], C = y.shape.dim[3];
    const bool beside = in[0].shape.dim[3] > C;
    for (size_t e = 0; e < gop_shape_size(y.shape); e++) {
        const size_t c = e % C, t = e / C % T, i = e / C / T % y.shape.dim[1];
        const size_t n = e / C / T / y.shape.dim[1];
        double sum = 0;
        for (size_t k = 0; k < K; k++) {
            const gop_tensor P = in[2 * k + 1], A = in[2 * K], alpha = in[2 * K + 1];
            const size_t G = P.shape.dim[P.shape.rank - 1], all = y.shape.dim[1] * M;
            for (size_t j = 0; j < M; j++) {
                double a = (double)
                               P.v[((P.shape.rank == 4 ? n * all : 0) + i * M + j) * G + c * G / C];
                a *= alpha.v != NULL ? (double)alpha.v[0] : 1;
                a += A.v != NULL ? (double)A.v[k * all + i * M + j] : 0;
                sum += a * (double)(beside ? in[0].v[(((n * M + j) * T + t) * K + k) * C + c]
                                           : in[2 * k].v[((n * M + j) * T + t) * C + c]);
            }
        }
        y.v[e] = (gop_real)sum;
    }
}

static const attributes one = {1}, two = {2}, three = {3};

static const gop_case cases[] = {
    {"channel-wise", .in = {{4, {2, 6, 7, 37}}, {4, {2, 5, 6, 37}}, {-1, {0}}, {-1, {0}}},
     .attr = &one, .bench = {{4, {16, 25, 64, 64}}, {4, {16, 25, 25, 64}}}},
    {"three terms refined", .attr = &three,
     .in = {{4, {2, 3, 5, 16}},
            {4, {2, 3, 3, 16}},
            {4, {2, 3, 5, 16}},
            {4, {2, 3, 3, 16}},
            {4, {2, 3, 5, 16}},
            {4, {2, 3, 3, 16}},
            {3, {3, 3, 3}},
            {1, {1}}},
     .bench = {{4, {16, 25, 64, 64}},
               {4, {16, 25, 25, 64}},
               {4, {16, 25, 64, 64}},
               {4, {16, 25, 25, 64}},
               {4, {16, 25, 64, 64}},
               {4, {16, 25, 25, 64}},
               {3, {3, 25, 25}}}},
    {"three terms side by side", .attr = &three,
     .in = {{4, {2, 3, 5, 63}},
            {4, {2, 4, 3, 21}},
            {-1, {0}},
            {4, {2, 4, 3, 21}},
            {-1, {0}},
            {4, {2, 4, 3, 21}},
            {3, {3, 4, 3}},
            {1, {1}}},
     .bench = {{4, {16, 25, 64, 192}},
               {4, {16, 25, 25, 64}},
               {-1, {0}},
               {4, {16, 25, 25, 64}},
               {-1, {0}},
               {4, {16, 25, 25, 64}},
               {3, {3, 25, 25}}}},
    {"groups, shared and not", .attr = &two,
     .in = {{4, {3, 4, 6, 12}},
            {3, {5, 4, 3}},
            {4, {3, 4, 6, 12}},
            {4, {3, 5, 4, 2}},
            {3, {2, 5, 4}},
            {0, {1, 1, 1, 1}}}},
    {"shared channel-wise", .in = {{4, {3, 4, 3, 18}}, {3, {5, 4, 18}}, {2, {5, 4}}, {-1, {0}}},
     .attr = &one},
    {"groups wider than a vector",
     .in = {{4, {2, 3, 2, 40}}, {4, {2, 4, 3, 2}}, {-1, {0}}, {1, {1}}}, .attr = &one},
    {"frames and channels cut",
     .in = {{4, {1, 5, 140, 70}}, {4, {1, 9, 5, 70}}, {2, {9, 5}}, {1, {1}}}, .attr = &one},
    {"one node, frame and channel",
     .in = {{4, {3, 1, 1, 1}}, {4, {3, 1, 1, 1}}, {2, {1, 1}}, {1, {1}}}, .attr = &one},
    {0},
};

const gop_op gop_op_grouped_product = {
    .name = "grouped_product",
    .flags = GOP_OP_NEEDS_IN,
    .attr_size = sizeof(attributes),
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
    .madds_backward = madds_backward,
    .step = gop_step_clip,
};

/*: Products with adjacencies that differ by channel or group of channels, refined from a shared one.
 *
 *     y[n, i, t, c] = sum_k sum_j (A[k, i, j] + alpha P_k[n, i, j, g]) x_k[n, j, t, c]
 *     g = c / (C / G)
 *
 * for each of the n <= 4 terms x_k [N, M, T, C]; y [N, M', T, C].  x[0] may be [N, M, T, n C], the
 * terms side by side, with x[1] and further gop_none().  P_k [N, M', M, G], or [M', M, G]
 * for all samples, where G divides C: channel-wise with G = C.  A [n, M', M], or [M', M] for one
 * term, or gop_none(): 0.  alpha of one number, or gop_none(): 1.
 * gop_edge_linear with `self`, reshaped from [N, M M, H] to [N, M, M, H], gives features of pairs
 * for P.
 * Errors: GOP_ESHAPE if P_k, A or alpha do not fit, or terms differ in shape, GOP_EINVAL for 0 terms
 * or more than four.
 * Source: channel-wise topology refinement, Chen et al. 2021 (CTR-GCN).
 */
GOP_API gop_var gop_grouped_product(gop_net *net, const gop_var *x, const gop_var *P, size_t n,
                                    gop_var A, gop_var alpha)
{
    attributes a = {n};
    gop_var in[2 * TERMS + 2];
    if (n < 1 || n > TERMS)
        return gop_net_refuse(net, "grouped_product", &A, 1, GOP_EINVAL,
                              "takes 1 to %d terms, not %zu", TERMS, n);
    if (x == NULL || P == NULL)
        return gop_net_refuse(net, "grouped_product", &A, 1, GOP_EINVAL, "the list of %s is NULL",
                              x == NULL ? "features" : "adjacencies");
    for (size_t k = 0; k < n; k++) {
        in[2 * k] = x[k];
        in[2 * k + 1] = P[k];
    }
    in[2 * n] = A;
    in[2 * n + 1] = alpha;
    return gop_apply(net, &gop_op_grouped_product, &a, in, 2 * n + 2);
}
