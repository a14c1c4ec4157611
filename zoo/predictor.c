/*
 * predictor.c: see predictor.h.  Records operators; computes only constants: weights and units.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/predictor.h"

#include <stdlib.h>

gop_status zoo_check_loss(const zoo_loss *loss, const zoo_layout *layout, gop_error *err)
{
    double sum = 0;
    if (loss == NULL || layout == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_check_loss: a loss and a layout are needed");
    for (size_t i = 0; i < loss->joint_weights.n; i++)
        sum += loss->joint_weights.v[i];
    if (loss->joint_weights.n == 0 || (loss->joint_weights.n == layout->nodes && sum > 0))
        return GOP_OK;
    return gop_fail(err, GOP_EINVAL,
                    "joint_weights: layout %s needs %u weights, not all 0, or none; there are %u",
                    layout->name, (unsigned)layout->nodes, (unsigned)loss->joint_weights.n);
}

size_t zoo_horizon_frames(const void *horizon)
{
    const zoo_horizon *h = horizon;
    return h == NULL ? 0 : (size_t)h->predicted * h->steps;
}

bool zoo_only_predicts(const void *config)
{
    (void)config;
    return false;
}

/* ------------------------------------------------------------------------- steps */

static gop_var last(gop_net *net, gop_var x, size_t frames)
{
    const size_t all = gop_net_dim(net, x, 2);
    if (gop_net_status(net) != GOP_OK || all == frames)
        return x;
    if (all < frames)
        return gop_net_refuse(net, "zoo_predict", &x, 1, GOP_ESHAPE,
                              "poses [N, M, S, D] must have at least %zu frames", frames);
    return gop_slice(net, x, 2, all - frames, frames);
}

static gop_var join(gop_net *net, gop_var a, gop_var b)
{
    return gop_concat(net, (gop_var[]){a, b}, 2, 2);
}

gop_var zoo_predict(gop_net *net, const zoo_use *use, const zoo_horizon *h, bool grow,
                    zoo_network network, void *user, zoo_ports *p)
{
    if (use == NULL || h == NULL || network == NULL || p == NULL || zoo_horizon_frames(h) == 0)
        return gop_net_fail(net, GOP_EINVAL,
                            "zoo_predict: a use, a horizon, a network and ports are needed");
    gop_var x = zoo_observe(net, use, h->observed, p);
    const gop_var first = network(net, user, x);
    if (gop_net_training(net) && h->steps > 1)
        return first;
    gop_var y = p->poses = last(net, first, h->predicted);
    for (size_t k = 1; k < h->steps && gop_net_status(net) == GOP_OK; k++) {
        x = join(net, x, y);
        x = grow ? x : last(net, x, h->observed);
        y = last(net, network(net, user, x), h->predicted);
        p->poses = join(net, p->poses, y);
    }
    gop_net_keep(net, p->poses);
    return first;
}

/* ------------------------------------------------------------------------- truth */

static gop_var constant(gop_net *net, const char *name, gop_shape shape, const double *v)
{
    const size_t n = gop_shape_size(shape);
    gop_real *data = malloc(n * sizeof *data);
    gop_var c = gop_none();
    if (data == NULL)
        return gop_net_fail(net, GOP_ENOMEM, "out of memory for %s", name);
    for (size_t i = 0; i < n; i++)
        data[i] = (gop_real)v[i];
    c = gop_constant(net, name, shape, data);
    free(data);
    return c;
}

static gop_var joint_weights(gop_net *net, const zoo_loss *loss)
{
    double v[ZOO_LIST_MAX];
    const size_t n = loss->joint_weights.n;
    for (size_t i = 0; i < n; i++)
        v[i] = loss->joint_weights.v[i];
    return n == 0 ? gop_none() : constant(net, "joint_weights", gop_shape4(1, n, 1, 1), v);
}

/* The deviations by which values were normalised, 0 in constant columns, which no prediction
 * reaches; none if all are 1. */
static gop_var unit(gop_net *net, const zoo_domain *domain)
{
    const zoo_layout *l = &domain->layout;
    const size_t n = (size_t)l->nodes * l->channels;
    double *v = malloc(n * sizeof *v);
    bool one = true;
    if (v == NULL)
        return gop_net_fail(net, GOP_ENOMEM, "out of memory for the units of %zu columns", n);
    for (size_t i = 0; i < n; i++) {
        v[i] = domain->constant[l->column[i]] ? 0 : (double)domain->std[l->column[i]];
        one = one && v[i] == 1;
    }
    gop_var u = one ? gop_none()
                    : constant(net, "unit", gop_shape4(1, l->nodes, 1, l->channels), v);
    free(v);
    return u;
}

static gop_var first_step(gop_net *net, gop_var poses, const zoo_horizon *h)
{
    return h->steps > 1 ? gop_slice(net, poses, 2, 0, h->predicted) : poses;
}

zoo_truth zoo_expect_poses(gop_net *net, const zoo_use *use, const zoo_horizon *h,
                           const zoo_loss *loss, size_t frames, zoo_ports *p)
{
    const zoo_truth none = {gop_none(), gop_none(), gop_none(), gop_none()};
    if (use == NULL || h == NULL || loss == NULL || p == NULL || !gop_net_training(net)) {
        gop_net_fail(net, GOP_EINVAL,
                     "zoo_expect_poses: a training net, a use, a horizon, a loss and ports are "
                     "needed");
        return none;
    }
    const zoo_layout *l = &use->domain->layout;
    const bool gaps = use->domain->missing || use->view->bodies > 1;
    if (frames < h->predicted || frames - h->predicted > h->observed) {
        gop_net_fail(net, GOP_ESHAPE,
                     "zoo_expect_poses: %zu frames are not %u predicted ones after at most %u "
                     "observed ones",
                     frames, (unsigned)h->predicted, (unsigned)h->observed);
        return none;
    }
    const gop_shape all = gop_shape4(use->batch * use->view->bodies, l->nodes,
                                     zoo_horizon_frames(h), l->channels);
    zoo_truth t = {.weights = joint_weights(net, loss), .unit = unit(net, use->domain)};
    p->target = gop_input(net, "target", all);
    p->mask = gaps ? gop_input(net, "mask", all) : gop_none();
    t.poses = first_step(net, p->target, h);
    t.there = gaps ? first_step(net, p->mask, h) : gop_none();
    if (frames == h->predicted || gop_net_status(net) != GOP_OK)
        return t;
    const gop_var seen = last(net, p->x, frames - h->predicted);
    t.poses = join(net, seen, t.poses);
    if (gaps)
        t.there = join(net, gop_fill(net, "seen", gop_net_shape(net, seen), 1), t.there);
    return t;
}

/* ------------------------------------------------------------------------ losses */

/* a b, of which either may be none. */
static gop_var times(gop_net *net, gop_var a, gop_var b)
{
    return a.id < 0 ? b : b.id < 0 ? a : gop_mul(net, a, b);
}

static gop_var mean(gop_net *net, gop_var x)
{
    while (gop_net_status(net) == GOP_OK && gop_net_shape(net, x).rank > 0)
        x = gop_mean(net, x, -1);
    return x;
}

static gop_var by_kind(gop_net *net, uint32_t kind, gop_var a, gop_var b)
{
    switch (kind) {
    case ZOO_DISTANCE_POSITION:
        return gop_joint_distance(net, a, b);
    case ZOO_DISTANCE_ANGLE:
        return gop_scale(net, gop_l1(net, a, b, GOP_PER_SAMPLE),
                         1 / (double)gop_net_dim(net, a, 2));
    case ZOO_DISTANCE_ABSOLUTE:
        return gop_l1(net, a, b, GOP_PER_ELEMENT);
    case ZOO_DISTANCE_SQUARED:
        return gop_l2(net, a, b, GOP_PER_ELEMENT);
    case ZOO_DISTANCE_SUM:
        return gop_l1(net, a, b, GOP_PER_SAMPLE);
    default:
        return gop_net_fail(net, GOP_EINVAL, "no distance has the number %u", (unsigned)kind);
    }
}

/* The distance of a and b: a factor in front of both weighs their distance, because no distance has
 * an additive term.  The share of weights that are there divides a mean, but no sum. */
static gop_var distance(gop_net *net, uint32_t kind, gop_var a, gop_var b, const zoo_truth *t)
{
    const bool in_unit = kind == ZOO_DISTANCE_POSITION || kind == ZOO_DISTANCE_ANGLE;
    const bool squared = kind == ZOO_DISTANCE_SQUARED && t->weights.id >= 0;
    gop_var factor = times(net, t->there, squared ? gop_sqrt(net, t->weights) : t->weights);
    if (in_unit)
        factor = times(net, factor, t->unit);
    if (factor.id >= 0) {
        a = gop_mul(net, a, factor);
        b = gop_mul(net, b, factor);
    }
    const gop_var d = by_kind(net, kind, a, b), weights = times(net, t->there, t->weights);
    if (kind == ZOO_DISTANCE_SUM || weights.id < 0)
        return d;
    return gop_div(
        net, d, gop_maximum(net, mean(net, weights), gop_fill(net, "least", gop_shape0(), 1e-6)));
}

/* Frames 1 .. S - 1 and frames 0 .. S - 2. */
static gop_var later(gop_net *net, gop_var x)
{
    return gop_slice(net, x, 2, 1, gop_net_dim(net, x, 2) - 1);
}

static gop_var earlier(gop_net *net, gop_var x)
{
    return gop_slice(net, x, 2, 0, gop_net_dim(net, x, 2) - 1);
}

gop_var zoo_prediction_loss(gop_net *net, const zoo_loss *loss, gop_var y, zoo_truth t)
{
    const gop_shape s = gop_net_shape(net, y);
    if (gop_net_status(net) != GOP_OK)
        return gop_none();
    if (loss == NULL || s.rank != 4)
        return gop_net_fail(net, GOP_EINVAL,
                            "zoo_prediction_loss: a loss and poses [N, M, S, D] are needed");
    gop_var sum = distance(net, loss->distance, y, t.poses, &t);
    if (!(loss->velocity > 0) || s.dim[2] < 2)
        return sum;
    const gop_var v = gop_sub(net, later(net, y), earlier(net, y)),
                  w = gop_sub(net, later(net, t.poses), earlier(net, t.poses));
    if (t.there.id >= 0)
        t.there = gop_mul(net, later(net, t.there), earlier(net, t.there));
    const gop_var d = distance(net, loss->distance, v, w, &t);
    return gop_add(net, sum, loss->velocity == 1 ? d : gop_scale(net, d, loss->velocity));
}

void zoo_learn_poses(gop_net *net, const zoo_use *use, const zoo_horizon *h, const zoo_loss *loss,
                     gop_var y, zoo_ports *p)
{
    if (!gop_net_training(net) || gop_net_status(net) != GOP_OK)
        return;
    if (p == NULL) {
        gop_net_fail(net, GOP_EINVAL, "zoo_learn_poses: ports are needed");
        return;
    }
    const zoo_truth truth = zoo_expect_poses(net, use, h, loss, gop_net_dim(net, y, 2), p);
    p->loss_prediction = zoo_prediction_loss(net, loss, y, truth);
    gop_net_keep(net, p->loss_prediction);
}
