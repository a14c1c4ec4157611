/*
 * graph_conv_terms.c: graph convolution whose terms may be refined by channel.
 *
 *     y = sum_k s_k sum_g (A_kg + alpha_k P_kg) (x W_kg^T + b_kg)
 *
 * with P_kg [N, M', M, C'] different in each channel of the result.  Terms without P are one
 * graph_conv.  A term with P is a linear, which computes the features of all its adjacencies side by
 * side, and a grouped_product of them: one operator that made the features again in backward would
 * have as much more to compute as it saves in memory traffic.
 * Source: channel-wise topology refinement, Chen et al. 2021 (CTR-GCN), eqs. 3 to 5.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "op/graph/graph_slab.h"

/* Members that a caller left zero are absent. */
static bool given(gop_var v)
{
    return v.id >= 0 && v.net != 0;
}
static gop_var optional(gop_var v)
{
    return given(v) ? v : gop_none();
}

/* The scaled sum of products with a term's refined adjacencies. */
static gop_var refined(gop_net *net, gop_var x, const gop_graph_term *t)
{
    const gop_var in[] = {x, optional(t->A), optional(t->W)};
    const gop_shape W = gop_net_shape(net, in[2]);
    char text[64];
    if (W.rank != 2 && W.rank != 3)
        return gop_net_refuse(net, "graph_conv_terms", in, 3, GOP_ESHAPE,
                              "W %s must be [G, C', C] or [C', C]",
                              gop_shape_text(text, sizeof text, W));
    const size_t G = W.rank == 3 ? W.dim[0] : 1, out = W.dim[W.rank - 2];
    if (G > GOP_GRAPH_TERMS)
        return gop_net_refuse(net, "graph_conv_terms", in, 3, GOP_ESHAPE,
                              "a term with parts has 1 to %d adjacencies, not %zu", GOP_GRAPH_TERMS,
                              G);
    gop_var all[GOP_GRAPH_TERMS] = {{0}}, bias = optional(t->bias);
    if (given(bias))
        bias = gop_reshape(net, bias, gop_shape1(G * out));
    all[0] = gop_linear(net, x, gop_reshape(net, t->W, gop_shape2(G * out, W.dim[W.rank - 1])),
                        bias);
    for (size_t g = 1; g < G; g++)
        all[g] = gop_none();
    const gop_var y = gop_grouped_product(net, all, t->part, G, optional(t->A), optional(t->alpha));
    return t->scale == 0 || t->scale == 1 ? y : gop_scale(net, y, t->scale);
}

/* ------------------------------------------------------------------------- cases */

/* in: x, then A, W, bias, alpha and `parts` of a refined term, then A and W of a plain one. */
typedef struct sample {
    size_t parts;
    double scale;
    bool plain;
} sample;

static gop_var build(gop_net *net, const gop_var *in, const void *attr)
{
    const sample *s = attr;
    const gop_var *plain = in + 5 + s->parts;
    const gop_graph_term terms[2] = {
        {.A = in[1], .W = in[2], .bias = in[3], .alpha = in[4], .part = in + 5, .scale = s->scale},
        {.A = plain[0], .W = plain[1], .scale = 0.5}};
    return gop_graph_conv_terms(net, in[0], terms, s->plain ? 2 : 1);
}

static double feature(const gop_tensor *in, size_t g, size_t o, const gop_real *x)
{
    const gop_tensor W = in[2], b = in[3];
    const size_t c = in[0].shape.dim[3], out = W.shape.dim[W.shape.rank - 2];
    double sum = b.v != NULL ? (double)b.v[g * out + o] : 0;
    for (size_t k = 0; k < c; k++)
        sum += (double)x[k] * (double)W.v[(g * out + o) * c + k];
    return sum;
}

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const sample *s = attr;
    const size_t mi = in[0].shape.dim[1], frames = in[0].shape.dim[2], c = in[0].shape.dim[3];
    const size_t mo = y.shape.dim[1], co = y.shape.dim[3];
    for (size_t e = 0; e < gop_shape_size(y.shape); e++) {
        const size_t o = e % co, t = e / co % frames, i = e / (co * frames) % mo;
        const size_t n = e / (co * frames * mo);
        double all = 0;
        for (size_t j = 0; j < mi; j++) {
            const gop_real *x = in[0].v + ((n * mi + j) * frames + t) * c;
            for (size_t g = 0; g < s->parts; g++) {
                double a = (double)in[5 + g].v[((n * mo + i) * mi + j) * co + o];
                a *= in[4].v != NULL ? (double)in[4].v[0] : 1;
                a += in[1].v != NULL ? (double)in[1].v[(g * mo + i) * mi + j] : 0;
                all += s->scale * a * feature(in, g, o, x);
            }
            const gop_real *A = in[5 + s->parts].v, *W = in[6 + s->parts].v;
            for (size_t k = 0; s->plain && k < c; k++)
                all += 0.5 * (double)A[i * mi + j] * (double)W[o * c + k] * (double)x[k];
        }
        y.v[e] = (gop_real)all;
    }
}

static const gop_case cases[] = {
    {"three refined adjacencies", .build = build, .attr = &(sample){3, 1, false},
     .in = {{4, {2, 4, 3, 5}},
            {3, {3, 5, 4}},
            {3, {3, 6, 5}},
            {2, {3, 6}},
            {1, {1}},
            {4, {2, 5, 4, 6}},
            {4, {2, 5, 4, 6}},
            {4, {2, 5, 4, 6}}},
     .bench = {{4, {16, 25, 64, 64}},
               {3, {3, 25, 25}},
               {3, {3, 64, 64}},
               {2, {3, 64}},
               {1, {1}},
               {4, {16, 25, 25, 64}},
               {4, {16, 25, 25, 64}},
               {4, {16, 25, 25, 64}}}},
    {"one refined, one plain", .build = build, .attr = &(sample){1, -0.7, true},
     .in = {{4, {2, 4, 3, 5}},
            {2, {4, 4}},
            {2, {6, 5}},
            {-1, {0}},
            {-1, {0}},
            {4, {2, 4, 4, 6}},
            {2, {4, 4}},
            {2, {6, 5}}}},
    {0},
};

const gop_op gop_op_graph_conv_terms = {
    .name = "graph_conv_terms",
    .flags = GOP_OP_COMPOSITE,
    .cases = cases,
    .naive = naive,
};

#ifndef GRAPHOP_OPS_H
/*: A term of gop_graph_conv_terms.  Members that are left zero are absent. */
typedef struct gop_graph_term {
    gop_var A, W;        /* as in gop_graph_conv */
    double scale;        /* 0 means 1 */
    const gop_var *part; /* P, one value for each of the term's adjacencies */
    gop_var alpha;       /* of one number; only with part */
    gop_var bias;        /* [C'] or [G, C']; only with part */
} gop_graph_term;
#endif

/*: Graph convolution whose terms may be refined by channel (CTR-GCN, eqs. 3 to 5).
 *
 *     y = sum_k scale_k sum_g (A_kg + alpha_k P_kg) (x W_kg^T + bias_kg)
 *
 * A term without `part` is one of gop_graph_conv, of any of its three kinds.  A term with `part` has
 * 1 to 4 shared adjacencies: A [G, M', M] with W [G, C', C], or [M', M] with [C', C]; an absent A is
 * 0, an absent alpha 1.  Its P_kg are [N, M', M, C'], or [N, M', M, H] for H groups of channels of
 * the same size, or without N, shared by all samples.  x [N, M, T, C]; y [N, M', T, C']; at most 4
 * terms.
 * Errors: as gop_graph_conv, gop_linear and gop_grouped_product; GOP_EINVAL for alpha or bias
 * without part.
 */
GOP_API gop_var gop_graph_conv_terms(gop_net *net, gop_var x, const gop_graph_term *terms, size_t n)
{
    gop_var A[GOP_GRAPH_TERMS], W[GOP_GRAPH_TERMS], y = gop_none();
    double scale[GOP_GRAPH_TERMS];
    size_t plain = 0;
    if (n < 1 || n > GOP_GRAPH_TERMS)
        return gop_net_refuse(net, "graph_conv_terms", &x, 1, GOP_EINVAL,
                              "takes 1 to %d terms, not %zu", GOP_GRAPH_TERMS, n);
    if (terms == NULL)
        return gop_net_refuse(net, "graph_conv_terms", &x, 1, GOP_EINVAL, "the list is NULL");
    for (size_t k = 0; k < n; k++) {
        if (terms[k].part != NULL)
            continue;
        if (given(terms[k].alpha) || given(terms[k].bias))
            return gop_net_refuse(net, "graph_conv_terms", &x, 1, GOP_EINVAL,
                                  "term %zu has %s, which only a term with parts takes", k + 1,
                                  given(terms[k].alpha) ? "alpha" : "a bias");
        A[plain] = terms[k].A;
        W[plain] = terms[k].W;
        scale[plain++] = terms[k].scale == 0 ? 1 : terms[k].scale;
    }
    if (plain > 0)
        y = gop_graph_conv(net, x, A, W, scale, plain);
    for (size_t k = 0; k < n; k++)
        if (terms[k].part != NULL) {
            const gop_var one = refined(net, x, &terms[k]);
            y = plain > 0 || given(y) ? gop_add(net, y, one) : one;
        }
    return y;
}
