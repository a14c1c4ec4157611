/*
 * msrgcn.c: MSR-GCN (L. Dang, Y. Nie, C. Long, Q. Zhang, G. Li, MSR-GCN: Multi-Scale Residual Graph
 * Convolution Networks for Human Motion Prediction, ICCV 2021): LTD's graph convolutions on several
 * scales of the body, descending and ascending, each scale with an output and a loss.
 *
 * Scale 0 has all joints; a joint of scale s + 1 is the mean of a group of joints of scale s.  Of
 * each scale's poses
 *
 *     X_s = 2 ([x_1 .. x_T, x_T .. x_T] D^T - low) / (high - low) - 1
 *
 * [V_s, k] with a row for each channel of each joint, and with gcn_n(x) = x + n blocks (x), blocks
 * of LTD with leaky ReLUs (zoo_gc_block):
 *
 *     L_0     = gcn_b(act(bn(gc(X_0))))                          descending
 *     L_s     = gcn_b(act(bn(gc(down(L_(s-1))))))
 *     R_(S-1) = gcn_b(L_(S-1))                                   ascending
 *     R_s     = gcn_b(crop([L_s; up(R_(s+1))]))
 *     Y_s     = X_s + gc(gcn_e(R_s)),  Y_(S-1) = X_(S-1) + gc(gcn_e(L_(S-1)))
 *     y_s     = ((Y_s + 1) / 2 (high - low) + low) D             T + T' frames
 *     L       = sum over the scales of mean |y_s - true_s| over all T + T' frames
 *
 * down, crop and the first half of up are act(bn(W x + b)) over the rows, the second half of up is
 * the same over the features; dropout follows each act.  Where the text is silent, this file
 * follows the authors' published code: the network sees X_0 alone, and the coarsest output is of L.
 * Records operators of libgraphop; computes the means of groups and, of training data, low and high:
 * one minimum and one maximum of all coordinates and coefficients of all scales.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/msrgcn/scales.h"
#include "zoo/predictor.h"
#include "zoo/trajectory.h"
#include "zoo/types.h"
#include "zoo/weights/import.h"
#include "zoo/weights/mao.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOPE 0.2

/* A bound that training sets.  In a network that was never trained it is -1 or 1, or at least 2 from
 * the other bound if that is given. */
enum { OF_DATA = 1 };

typedef struct config {
    zoo_horizon horizon;
    uint32_t coefficients; /* k */
    zoo_list widths;       /* F_s */
    uint32_t blocks;       /* b */
    zoo_list extra;        /* e of each scale */
    char groups[512];
    zoo_mixed low, high; /* OF_DATA: as learnt */
    double dropout;
    zoo_loss loss;
} config;

/* State while a network is recorded. */
typedef struct msrgcn {
    const config *c;
    size_t scales, last;
    msrgcn_scale scale[MSRGCN_SCALES];
    gop_var mean[MSRGCN_SCALES]; /* G_s: scale s + 1 from s, [M_(s+1), M_s] */
    gop_var y[MSRGCN_SCALES];    /* poses of each scale, T + T' frames */
} msrgcn;

static double low(const config *c)
{
    if (c->low.choice != OF_DATA)
        return c->low.number;
    return c->high.choice != OF_DATA ? fmin(-1, c->high.number - 2) : -1;
}

static double high(const config *c)
{
    if (c->high.choice != OF_DATA)
        return c->high.number;
    return c->low.choice != OF_DATA ? fmax(1, c->low.number + 2) : 1;
}

static gop_var act(gop_net *net, gop_var x)
{
    return gop_leaky_relu(net, x, SLOPE);
}

/* x + n blocks (x) */
static gop_var gcn(gop_net *net, const config *c, gop_var x, size_t n)
{
    const zoo_gc_style style = {act, c->dropout};
    gop_var y = x;
    for (size_t i = 0; i < n; i++) {
        char name[32];
        snprintf(name, sizeof name, "block.%zu", i);
        y = zoo_gc_block(net, name, y, &style);
    }
    return gop_add(net, x, y);
}

/* act(bn(x)) */
static gop_var activate(gop_net *net, const config *c, const char *bn, gop_var x)
{
    x = act(net, zoo_feature_norm(net, bn, x));
    return gop_dropout(net, x, c->dropout, GOP_DROP_ELEMENTS);
}

/* act(bn(W x + b)) over the rows. */
static gop_var over_rows(gop_net *net, const config *c, const char *name, gop_var x, size_t out)
{
    const size_t in = gop_net_dim(net, x, 1);
    const gop_init begin = gop_init_uniform(1 / sqrt((double)in));
    gop_net_push(net, "%s", name);
    const gop_var W = gop_param(net, "weight", gop_shape2(out, in), begin);
    const gop_var b = gop_param(net, "bias", gop_shape1(out), begin);
    gop_var y = gop_add(net, gop_graph_product(net, W, x),
                        gop_reshape(net, b, gop_shape3(out, 1, 1)));
    y = activate(net, c, "bn", y);
    gop_net_pop(net);
    return y;
}

/* From the rows and features of scale s + 1 to those of scale s. */
static gop_var up(gop_net *net, const msrgcn *m, size_t s, gop_var x, size_t rows)
{
    gop_net_push(net, "right.%zu.up", s + 1);
    x = over_rows(net, m->c, "nodes", x, rows);
    x = gop_layer_linear(net, "width", x, m->c->widths.v[s], true);
    x = activate(net, m->c, "width.bn", x);
    gop_net_pop(net);
    return x;
}

static void descend(gop_net *net, const msrgcn *m, const gop_var *into, gop_var *left)
{
    gop_var y = into[0];
    for (size_t s = 0; s < m->scales; s++) {
        gop_net_push(net, "left.%zu", s);
        y = activate(net, m->c, "in.bn", zoo_dense_gc(net, "in.gc", y, m->c->widths.v[s]));
        left[s] = gcn(net, m->c, y, m->c->blocks);
        if (s < m->last)
            y = over_rows(net, m->c, "down", left[s], gop_net_dim(net, into[s + 1], 1));
        gop_net_pop(net);
    }
}

static void ascend(gop_net *net, const msrgcn *m, const gop_var *into, const gop_var *left,
                   gop_var *right)
{
    for (size_t s = m->scales; s-- > 0;) {
        const size_t rows = gop_net_dim(net, into[s], 1);
        gop_var y = left[s];
        if (s < m->last)
            y = gop_concat(net, (gop_var[]){y, up(net, m, s, right[s + 1], rows)}, 2, 1);
        gop_net_push(net, "right.%zu", s);
        if (s < m->last)
            y = over_rows(net, m->c, "crop", y, rows);
        right[s] = gcn(net, m->c, y, m->c->blocks);
        gop_net_pop(net);
    }
}

/* scale x + shift */
static gop_var affine(gop_net *net, gop_var x, double scale, double shift)
{
    return gop_add(net, gop_scale(net, x, scale), gop_fill(net, "shift", gop_shape0(), shift));
}

static gop_var network(gop_net *net, void *user, gop_var poses)
{
    msrgcn *m = user;
    const config *c = m->c;
    const size_t T = c->horizon.observed + c->horizon.predicted, k = c->coefficients;
    const double half = (high(c) - low(c)) / 2;
    const size_t channels = gop_net_dim(net, poses, -1);
    const gop_var D = zoo_cosines(net, T, k), inverse = zoo_inverse_cosines(net, T, k);
    gop_var into[MSRGCN_SCALES], left[MSRGCN_SCALES], right[MSRGCN_SCALES], x = poses;
    for (size_t s = 0; s < m->scales; s++) {
        x = s == 0 ? x : gop_graph_product(net, m->mean[s - 1], x);
        const gop_var held = zoo_hold_last(net, zoo_trajectories(net, x), c->horizon.predicted);
        into[s] = affine(net, gop_linear(net, held, D, gop_none()), 1 / half, -low(c) / half - 1);
    }
    descend(net, m, into, left);
    ascend(net, m, into, left, right);
    for (size_t s = 0; s < m->scales; s++) {
        gop_net_push(net, "out.%zu", s);
        gop_var y = gcn(net, c, s == m->last ? left[s] : right[s], c->extra.v[s]);
        y = gop_add(net, into[s], zoo_dense_gc(net, "gc", y, k));
        gop_net_pop(net);
        y = gop_linear(net, affine(net, y, half, half + low(c)), inverse, gop_none());
        m->y[s] = zoo_poses(net, y, channels);
    }
    return m->y[0];
}

/* ------------------------------------------------------------------------- loss */

/* A coarser joint is there if all of its group are. */
static gop_var all_there(gop_net *net, const msrgcn_scale *s, gop_var there)
{
    const gop_var one = gop_fill(net, "one", gop_shape0(), 1);
    gop_real *sum = malloc(s->to * s->from * sizeof *sum);
    if (sum == NULL)
        return gop_net_fail(net, GOP_ENOMEM, "out of memory for the scales of joints");
    for (size_t i = 0; i < s->to * s->from; i++)
        sum[i] = s->mean[i] > 0;
    const gop_var S = gop_constant(net, "groups", gop_shape2(s->to, s->from), sum);
    free(sum);
    const gop_var missing = gop_graph_product(net, S, gop_sub(net, one, there));
    return gop_relu(net, gop_sub(net, one, missing));
}

static void learn(gop_net *net, const zoo_use *use, const msrgcn *m, zoo_ports *p)
{
    const zoo_horizon *h = &m->c->horizon;
    zoo_truth t = zoo_expect_poses(net, use, h, &m->c->loss, (size_t)h->observed + h->predicted, p);
    for (size_t s = 0; s < m->scales; s++) {
        const gop_var loss = zoo_prediction_loss(net, &m->c->loss, m->y[s], t);
        p->loss_prediction = s == 0 ? loss : gop_add(net, p->loss_prediction, loss);
        if (s == m->last)
            break;
        gop_var *each[] = {&t.poses, &t.weights, &t.unit};
        for (size_t i = 0; i < 3; i++)
            if (each[i]->id >= 0)
                *each[i] = gop_graph_product(net, m->mean[s], *each[i]);
        if (t.there.id >= 0)
            t.there = all_there(net, &m->scale[s], t.there);
    }
    gop_net_keep(net, p->loss_prediction);
}

static void record(gop_net *net, const void *configuration, const zoo_use *use, zoo_ports *ports)
{
    const config *c = configuration;
    gop_error err = {GOP_OK, ""};
    msrgcn m = {.c = c, .scales = c->widths.n, .last = c->widths.n - 1};
    if (msrgcn_scales(m.scale, m.scales, c->groups, &use->domain->layout, &err) != GOP_OK) {
        gop_net_fail(net, err.status, "%s", err.message);
        return;
    }
    for (size_t s = 0; s < m.last; s++)
        m.mean[s] = gop_constant(net, "means", gop_shape2(m.scale[s].to, m.scale[s].from),
                                 m.scale[s].mean);
    zoo_predict(net, use, &c->horizon, false, network, &m, ports);
    if (gop_net_training(net) && gop_net_status(net) == GOP_OK)
        learn(net, use, &m, ports);
    msrgcn_scales_free(m.scale, m.scales);
}

/* ---------------------------------------------------------------------- options */

#define AT(field) offsetof(config, field)

static const zoo_setting options[] = {
    ZOO_HORIZON_OPTIONS(config, horizon, "10", "25"),
    {"coefficients", ZOO_SETTING_COUNT, AT(coefficients), 1, 8192, NULL, "35",
     "coefficients of the cosine transform of observed and predicted frames", NULL},
    {"widths", ZOO_SETTING_LIST, AT(widths), 1, 4096, NULL, "64,128,256,512",
     "features of each scale, the finest first", NULL},
    {"blocks", ZOO_SETTING_COUNT, AT(blocks), 0, 64, NULL, "3",
     "blocks of two graph convolutions on the way down and up", NULL},
    {"extra", ZOO_SETTING_LIST, AT(extra), 0, 64, NULL, "6,1,1,1",
     "blocks before the output of each scale", NULL},
    {"groups", ZOO_SETTING_TEXT, AT(groups), 0, 511, NULL, "",
     "joints of the coarser scales, such as 0/1,2,3/4;0/1,2; empty: the published ones of h36m22 and "
     "cmu25 if there are four scales, else the layout's parts, then pairs of these",
     NULL},
    {"low", ZOO_SETTING_MIXED, AT(low), -1e9, 1e9, "data", "data",
     "least value and coefficient of the training data; data: as a new run finds it", NULL},
    {"high", ZOO_SETTING_MIXED, AT(high), -1e9, 1e9, "data", "data",
     "largest value and coefficient of the training data; data: as a new run finds it", NULL},
    {"dropout", ZOO_SETTING_NUMBER, AT(dropout), 0, 0.99, NULL, "0.1",
     "dropout after each activation", NULL},
    ZOO_LOSS_OPTIONS(config, loss, "position", "0", NULL),
    {0},
};

static const zoo_preset presets[] = {
    {"published", "", "10 frames to 25, four scales"},
    {"short", "predicted=10 coefficients=15 widths=256,256,256,256", "10 frames to 10"},
    {"small", "widths=32,64 blocks=2 extra=2,1", "two scales, for small data"},
    {NULL, NULL, NULL},
};

/* What holds of any bounds. */
static gop_status check_sizes(const config *c, gop_error *err)
{
    const uint32_t frames = c->horizon.observed + c->horizon.predicted;
    if (c->coefficients > frames)
        return gop_fail(err, GOP_EINVAL,
                        "coefficients must be at most observed + predicted, %u, not %u",
                        (unsigned)frames, (unsigned)c->coefficients);
    if (c->widths.n == 0 || c->widths.n > MSRGCN_SCALES)
        return gop_fail(err, GOP_EINVAL, "widths: 1 to %d scales are possible, not %u",
                        MSRGCN_SCALES, (unsigned)c->widths.n);
    if (c->extra.n != c->widths.n)
        return gop_fail(err, GOP_EINVAL,
                        "widths and extra have %u and %u entries; each scale needs one of each",
                        (unsigned)c->widths.n, (unsigned)c->extra.n);
    return GOP_OK;
}

static gop_status check(const void *configuration, const zoo_domain *domain, gop_error *err)
{
    const config *c = configuration;
    msrgcn_scale scale[MSRGCN_SCALES];
    gop_try(check_sizes(c, err));
    if (!(low(c) < high(c)))
        return gop_fail(err, GOP_EINVAL, "low must be below high, and %g is not below %g", low(c),
                        high(c));
    gop_try(msrgcn_scales(scale, c->widths.n, c->groups, &domain->layout, err));
    msrgcn_scales_free(scale, c->widths.n);
    return zoo_check_loss(&c->loss, &domain->layout, err);
}

/* ----------------------------------------------------------------------- bounds */

/* The least and the largest of all values so far. */
typedef struct bounds {
    double least, most;
} bounds;

static void include(bounds *b, double v)
{
    b->least = v < b->least ? v : b->least;
    b->most = v > b->most ? v : b->most;
}

/* [coefficients, observed]: the transform of the observed frames and of the last one held. */
static double *held_cosines(const config *c)
{
    const size_t observed = c->horizon.observed, all = observed + c->horizon.predicted;
    double *D = calloc(c->coefficients * observed, sizeof *D);
    for (size_t k = 0; D != NULL && k < c->coefficients; k++)
        for (size_t t = 0; t < all; t++)
            D[k * observed + (t < observed ? t : observed - 1)] +=
                sqrt((k > 0 ? 2.0 : 1.0) / (double)all) *
                cos(acos(-1) * (double)k * ((double)t + 0.5) / (double)all);
    return D;
}

/* Of one trajectory: all its frames, every `step`-th of v, and the coefficients that the network
 * sees. */
static void include_trajectory(bounds *b, const config *c, const double *D, const double *v,
                               size_t frames, size_t step)
{
    const size_t observed = c->horizon.observed;
    for (size_t t = 0; t < frames; t++)
        include(b, v[t * step]);
    for (size_t k = 0; k < c->coefficients; k++) {
        double sum = 0;
        for (size_t t = 0; t < observed; t++)
            sum += D[k * observed + t] * v[t * step];
        include(b, sum);
    }
}

/* One window x [M, frames, C]: the trajectories of all scales. */
static void include_window(bounds *b, const config *c, const double *D, const msrgcn_scale *scale,
                           const gop_real *x, size_t frames, size_t channels, double *fine,
                           double *coarse)
{
    const size_t row = frames * channels;
    size_t nodes = scale[0].from;
    for (size_t i = 0; i < nodes * row; i++)
        fine[i] = (double)x[i];
    for (size_t s = 0;; s++) {
        for (size_t j = 0; j < nodes; j++)
            for (size_t k = 0; k < channels; k++)
                include_trajectory(b, c, D, fine + j * row + k, frames, channels);
        if (s + 1 >= c->widths.n)
            return;
        nodes = scale[s].to;
        memset(coarse, 0, nodes * row * sizeof *coarse);
        for (size_t j = 0; j < nodes; j++)
            for (size_t i = 0; i < scale[s].from; i++)
                for (size_t k = 0; k < row && scale[s].mean[j * scale[s].from + i] > 0; k++)
                    coarse[j * row + k] += (double)scale[s].mean[j * scale[s].from + i] *
                                           fine[i * row + k];
        double *swap = fine;
        fine = coarse;
        coarse = swap;
    }
}

/* One minimum and one maximum of all coordinates and coefficients of all scales. */
static gop_status learn_bounds(void *configuration, const void *asked, const zoo_domain *domain,
                               const gop_real *x, size_t n, gop_error *err)
{
    config *c = configuration;
    const config *given = asked;
    const zoo_layout *l = &domain->layout;
    const size_t frames = c->horizon.observed + zoo_horizon_frames(c);
    const size_t size = (size_t)l->nodes * l->channels * frames;
    msrgcn_scale scale[MSRGCN_SCALES] = {{.from = l->nodes}};
    bounds b = {c->low.choice == OF_DATA ? INFINITY : c->low.number,
                c->high.choice == OF_DATA ? -INFINITY : c->high.number};
    gop_try(check_sizes(c, err)); /* the bounds are checked when all windows were seen */
    gop_try(msrgcn_scales(scale, c->widths.n, c->groups, l, err));
    size_t most = l->nodes;
    for (size_t s = 0; s + 1 < c->widths.n; s++)
        most = scale[s].to > most ? scale[s].to : most;
    double *D = held_cosines(c), *fine = malloc(most * frames * l->channels * sizeof *fine);
    double *coarse = malloc(most * frames * l->channels * sizeof *coarse);
    const bool room = D != NULL && fine != NULL && coarse != NULL;
    for (size_t i = 0; i < n && room; i++)
        include_window(&b, c, D, scale, x + i * size, frames, l->channels, fine, coarse);
    free(D);
    free(fine);
    free(coarse);
    msrgcn_scales_free(scale, c->widths.n);
    if (!room)
        return gop_fail(err, GOP_ENOMEM, "out of memory for the bounds of the training windows");
    if (given->low.choice == OF_DATA)
        c->low = (zoo_mixed){.number = b.least};
    if (given->high.choice == OF_DATA)
        c->high = (zoo_mixed){.number = b.most};
    return GOP_OK;
}

/* ---------------------------------------------------------------------- imports */

static const zoo_import_row authors_rows[] = {
    MAO_GC("$_enhance.gcn", "left.$.in.gc"),
    {"$_enhance.bn1d", "left.$.in.bn", NULL},
    MAO_BLOCK("$_left.#", "left.$.block.#"),
    {"$_down.0.bn", "left.$.down.bn", "by node"},
    {"$_down.0.linear", "left.$.down", NULL},
    MAO_BLOCK("$_right.#", "right.$.block.#"),
    {"$_up.0.bn", "right.$.up.nodes.bn", "by node"},
    {"$_up.0.linear", "right.$.up.nodes", NULL},
    {"$_up.1.bn", "right.$.up.width.bn", NULL},
    {"$_up.1.linear", "right.$.up.width", NULL},
    {"$_right_crop.0.bn", "right.$.crop.bn", "by node"},
    {"$_right_crop.0.linear", "right.$.crop", NULL},
    MAO_BLOCK("$_extra.#", "out.$.block.#"),
    MAO_GC("$_out.gcn", "out.$.gc"),
    {NULL, NULL, NULL},
};

static const zoo_import_rule authors_rules[] = {
    {"coefficients", ZOO_IMPORT_SIZE, "first_enhance.gcn.weight", 0, NULL, 0},
    {"widths", ZOO_IMPORT_SIZE, "$_enhance.gcn.weight", 1, NULL, 0},
    {"blocks", ZOO_IMPORT_BLOCKS, "first_left.#.gc1.weight", 0, NULL, 0},
    {"extra", ZOO_IMPORT_BLOCKS, "$_extra.#.gc1.weight", 0, NULL, 0},
    /* The 12, 7 and 4 joints of Human3.6M's 22. */
    {"groups", ZOO_IMPORT_VALUE,
     "0,1/2/3,4,5/6/7,8/9,10/11,12,13,14/15/16,17,18,19/20/21;"
     "0/1,2/3,4/5,6/7,7/8,9/10,10/11;0/2,1/2,3/4,5/6",
     0, NULL, 0},
    {NULL, ZOO_IMPORT_VALUE, NULL, 0, NULL, 0},
};

static const char *const words[] = {"first", "second", "third", "fourth", NULL};
static const char *const assumes[] = {
    ZOO_ASSUMES_PREDICTED,
    "no tensor has the least and the largest coefficient of the training data; --set low=N and "
    "high=N have them, else they are -1 and 1",
    NULL};

static const zoo_import imports[] = {
    {.name = "authors",
     .rows = authors_rows,
     .rules = authors_rules,
     .nodes = "left.0.in.gc.A",
     .words = words,
     .assumes = assumes},
    {.name = NULL},
};

const zoo_model_type msrgcn_type = {
    .name = "msrgcn",
    .text = "MSR-GCN, trained graphs on several scales of the body: predicts poses",
    .reference = "L. Dang et al., MSR-GCN: Multi-Scale Residual Graph Convolution Networks for "
                 "Human Motion Prediction, ICCV 2021",
    .config_size = sizeof(config),
    .options = options,
    .presets = presets,
    .check = check,
    .record = record,
    .predicted = zoo_horizon_frames,
    .recognises = zoo_only_predicts,
    .widths = "widths",
    .imports = imports,
    .learn = learn_bounds,
};
