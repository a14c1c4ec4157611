/*
 * test_fold.c: batch norms folded into the weights before them (net/fold.c): same values as
 * unfolded, for every operator that takes part and for a custom one; cases that must not be folded;
 * weights that change; shared weights.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"
#include "net_fixture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Relative to the largest value: rounding, and the error of Toom-Cook convolutions, once for each
 * of the two nets. */
static const double rounding = sizeof(gop_real) == sizeof(double) ? 1e-14 : 1e-6;
static const double toom_cook = sizeof(gop_real) == sizeof(double) ? 1e-13 : 2.5e-5;

/* ------------------------------------------------------------ operators of one's own */

/* y[..., c] = w[c] x[..., c]; naming the axis is enough to be folded. */
static gop_status plan_diagonal(gop_op_plan *p)
{
    p->out = p->in[0];
    p->channels[1] = 0;
    return GOP_OK;
}

static gop_status plan_same(gop_op_plan *p)
{
    p->out = p->in[0];
    return GOP_OK;
}

static void diagonal(const gop_run *r)
{
    const size_t n = gop_shape_size(r->in_shape[1]);
    for (size_t i = 0; i < gop_shape_size(r->out_shape); i++)
        r->out[i] = r->in[1][i % n] * r->in[0][i];
}

/* y[..., c] = x[..., c] + b[c], which can be folded together with a batch norm after it. */
static void row_rows(const gop_run *r, size_t from, size_t to)
{
    const size_t n = gop_shape_size(r->in_shape[1]);
    for (size_t i = from; i < to; i++)
        r->out[i] = r->in[0][i] + r->in[1][i % n];
}

static void row_affine(const gop_run *r, double *scale, double *shift)
{
    for (size_t c = 0; c < gop_shape_size(r->in_shape[1]); c++) {
        scale[c] = 1;
        shift[c] = (double)r->in[1][c];
    }
}

static const gop_op op_diagonal = {.name = "diagonal", .plan = plan_diagonal, .forward = diagonal};
static const gop_op op_apart = {.name = "apart", .plan = plan_same, .forward = diagonal};
static const gop_op op_row = {.name = "row",
                              .flags = GOP_OP_ELEMENTWISE | GOP_OP_AFFINE,
                              .plan = plan_same,
                              .rows = row_rows,
                              .affine = row_affine};

/* ------------------------------------------------------------------------ recording */

/* Inputs recorded but not filled yet. */
static struct {
    const char *name;
    gop_var var;
} inputs[8];
static size_t n_inputs;

static gop_var input(gop_net *net, const char *name, gop_shape shape)
{
    ck_assert_uint_lt(n_inputs, sizeof inputs / sizeof *inputs);
    inputs[n_inputs].name = name;
    return inputs[n_inputs++].var = gop_input(net, name, shape);
}

static gop_var param(gop_net *net, const char *name, gop_shape shape)
{
    return gop_param(net, name, shape, gop_init_uniform(0.7));
}

static gop_var apply2(gop_net *net, const gop_op *op, gop_var x, gop_var w)
{
    gop_var in[2] = {x, w};
    return gop_apply(net, op, NULL, in, 2);
}

static gop_shape channels(const gop_net *net, gop_var x)
{
    const gop_shape s = gop_net_shape(net, x);
    return gop_shape1(s.dim[s.rank - 1]);
}

static gop_var norm(gop_net *net, const char *name, gop_var x)
{
    const gop_shape c = channels(net, x);
    gop_net_push(net, "%s", name);
    gop_var y = gop_batch_norm(net, x, param(net, "w", c), param(net, "b", c),
                               gop_stat(net, "mean", c, 0), gop_stat(net, "var", c, 1), 1e-3, 0.1);
    gop_net_pop(net);
    return y;
}

static gop_var of_linear(gop_net *net)
{
    return gop_linear(net, input(net, "x", gop_shape3(2, 9, 11)),
                      param(net, "W", gop_shape2(17, 11)), gop_none());
}

static gop_var of_linear_bias(gop_net *net)
{
    return gop_linear(net, input(net, "x", gop_shape2(70, 11)), param(net, "W", gop_shape2(17, 11)),
                      param(net, "b", gop_shape1(17)));
}

static gop_var of_edges(gop_net *net)
{
    return gop_edge_linear(net, input(net, "x", gop_shape3(2, 5, 6)),
                           param(net, "W", gop_shape2(7, 12)), gop_none(), false);
}

static gop_var convolved(gop_net *net, size_t frames, size_t c, size_t taps, size_t stride)
{
    return gop_temporal_conv(net, input(net, "x", gop_shape4(2, 13, frames, c)),
                             param(net, "W", gop_shape3(c + 3, taps, c)),
                             (gop_conv){.stride = stride, .pad = taps / 2});
}

static gop_var of_conv(gop_net *net)
{
    return convolved(net, 9, 5, 3, 1);
}

static gop_var of_toom_cook(gop_net *net)
{
    return convolved(net, 50, 64, 7, 1);
}

static gop_var of_stride2(gop_net *net)
{
    return convolved(net, 50, 64, 7, 2);
}

static gop_var grouped(gop_net *net, size_t groups, size_t out)
{
    return gop_temporal_conv(net, input(net, "x", gop_shape4(2, 3, 9, 6)),
                             param(net, "W", gop_shape3(out, 3, 6 / groups)),
                             (gop_conv){.pad = 2, .dilation = 2, .groups = groups});
}

static gop_var of_groups(gop_net *net)
{
    return grouped(net, 2, 8);
}

static gop_var of_depthwise(gop_net *net)
{
    return grouped(net, 6, 6);
}

/* A stack, and one adjacency for each sample. */
static gop_var graph(gop_net *net, size_t in, size_t out)
{
    static const double scale[2] = {1, -0.4};
    gop_var x = input(net, "x", gop_shape4(2, 5, 6, in));
    gop_var A[2] = {param(net, "A", gop_shape3(3, 5, 5)),
                    gop_softmax(net, input(net, "scores", gop_shape3(2, 5, 5)), -1)};
    gop_var W[2] = {param(net, "W0", gop_shape3(3, out, in)),
                    param(net, "W1", gop_shape2(out, in))};
    return gop_graph_conv(net, x, A, W, scale, 2);
}

static gop_var of_graph_wide(gop_net *net)
{
    return graph(net, 3, 18);
}

static gop_var of_graph_narrow(gop_net *net)
{
    return graph(net, 18, 3);
}

static gop_var of_viewed_weight(gop_net *net)
{
    gop_var W = gop_reshape(net, param(net, "W", gop_shape3(4, 5, 6)), gop_shape2(20, 6));
    return gop_linear(net, input(net, "x", gop_shape2(30, 6)), W, gop_none());
}

static gop_var of_own(gop_net *net)
{
    return apply2(net, &op_diagonal, input(net, "x", gop_shape3(4, 3, 7)),
                  param(net, "W", gop_shape1(7)));
}

static gop_var of_conv_and_row(gop_net *net)
{
    gop_var y = of_conv(net);
    return apply2(net, &op_row, y, param(net, "row", channels(net, y)));
}

static gop_var of_linear_and_row(gop_net *net)
{
    gop_var y = of_linear_bias(net);
    return apply2(net, &op_row, y, param(net, "row", channels(net, y)));
}

static gop_var of_conv_and_bias(gop_net *net)
{
    gop_var y = of_conv(net);
    return gop_bias(net, y, param(net, "b", channels(net, y)));
}

static const struct {
    const char *name;
    gop_var (*leader)(gop_net *net);
    const char *left; /* the batch norm's name in the profile */
    const double *bound;
} leaders[] = {
    {"linear", of_linear, "folded", &rounding},
    {"linear with a bias", of_linear_bias, "folded", &rounding},
    {"edge_linear", of_edges, "folded", &rounding},
    {"temporal_conv", of_conv, "shift", &rounding},
    {"temporal_conv, Toom-Cook", of_toom_cook, "shift", &toom_cook},
    {"temporal_conv, Toom-Cook of stride 2", of_stride2, "shift", &toom_cook},
    {"temporal_conv, groups", of_groups, "shift", &rounding},
    {"temporal_conv, depthwise", of_depthwise, "shift", &rounding},
    {"graph_conv, nodes first", of_graph_wide, "shift", &rounding},
    {"graph_conv, channels first", of_graph_narrow, "shift", &rounding},
    {"a view of a weight", of_viewed_weight, "folded", &rounding},
    {"an operator of one's own", of_own, "shift", &rounding},
    {"temporal_conv, a row, a batch norm", of_conv_and_row, "shift", &rounding},
    {"temporal_conv, bias, a batch norm", of_conv_and_bias, "shift", &rounding},
    {"linear, a row, a batch norm", of_linear_and_row, "folded", &rounding},
};

/* --------------------------------------------------------------------------- running */

/* Draws in [-1, 1) that depend on a name and a number. */
static void draw(gop_real *v, size_t n, const char *name, uint64_t seed, bool positive)
{
    gop_rng rng = gop_rng_new(seed, gop_hash(GOP_HASH_START, name, strlen(name)));
    for (size_t i = 0; i < n; i++)
        v[i] = (gop_real)(positive ? 0.2 + gop_rng_uniform(&rng) : 2 * gop_rng_uniform(&rng) - 1);
}

static void draw_params(gop_params *params, uint64_t seed)
{
    for (size_t i = 0; i < gop_params_count(params); i++) {
        const gop_param_info p = gop_params_info(params, i);
        draw(p.data, gop_shape_size(p.shape), p.name, seed, strstr(p.name, "var") != NULL);
    }
    gop_params_changed(params);
}

/* Fills the inputs recorded since the last call. */
static void fill_inputs(gop_net *net, uint64_t seed)
{
    for (size_t i = 0; i < n_inputs; i++)
        draw(gop_net_value(net, inputs[i].var), gop_shape_size(gop_net_shape(net, inputs[i].var)),
             inputs[i].name, seed, false);
    n_inputs = 0;
}

/* A net with y = relu(norm(leader)) kept.  It folds, unless it also keeps the leader's result. */
typedef struct side {
    gop_net *net;
    gop_var y;
    size_t size;
} side;

static side side_new(fixture *f, gop_var (*leader)(gop_net *net), bool folds)
{
    side s = {.net = NULL};
    assert_ok(*f, gop_net_new(&s.net, f->ctx, f->params, GOP_INFERENCE, &f->err));
    gop_var x = leader(s.net);
    if (!folds)
        gop_net_keep(s.net, x);
    s.y = gop_relu(s.net, norm(s.net, "bn", x));
    gop_net_keep(s.net, s.y);
    assert_ok(*f, gop_net_plan(s.net, &f->err));
    s.size = gop_shape_size(gop_net_shape(s.net, s.y));
    fill_inputs(s.net, 5);
    return s;
}

/* The number of operators with this name in the profile. */
static size_t count_rows(gop_net *net, const char *op)
{
    size_t n = 0;
    gop_error err;
    ck_assert_int_eq(gop_net_profile(net, true, &err), GOP_OK);
    for (size_t i = 0; i < gop_net_profile_rows(net); i++)
        n += strcmp(gop_net_profile_row(net, i).op, op) == 0;
    return n;
}

/* Runs both; returns the largest difference over the largest value. */
static double difference(fixture *f, const side *a, const side *b)
{
    double worst = 0, most = 0;
    assert_ok(*f, gop_net_forward(a->net, &f->err));
    assert_ok(*f, gop_net_forward(b->net, &f->err));
    const gop_real *u = gop_net_value(a->net, a->y), *v = gop_net_value(b->net, b->y);
    for (size_t i = 0; i < a->size; i++) {
        worst = fmax(worst, fabs((double)u[i] - (double)v[i]));
        most = fmax(most, fabs((double)v[i]));
    }
    ck_assert(most > 0);
    return worst / most;
}

/* ------------------------------------------------------------------------------ tests */

START_TEST(values_are_those_kept_apart)
{
    fixture f = fixture_new(false);
    const side a = side_new(&f, leaders[_i].leader, true),
               b = side_new(&f, leaders[_i].leader, false);
    draw_params(f.params, 3);
    ck_assert_uint_eq(count_rows(a.net, "batch_norm"), 0);
    ck_assert_uint_ge(count_rows(a.net, leaders[_i].left), 1);
    ck_assert_uint_eq(count_rows(b.net, "batch_norm"), 1);
    const double off = difference(&f, &a, &b);
    printf("%-36s %.1e\n", leaders[_i].name, off);
    ck_assert_msg(off <= *leaders[_i].bound, "%s: off by %g", leaders[_i].name, off);

    gop_real *together = malloc(a.size * sizeof *together);
    ck_assert_ptr_nonnull(together);
    memcpy(together, gop_net_value(a.net, a.y), a.size * sizeof *together);
    assert_ok(f, gop_net_forward_finite(a.net, &f.err));
    ck_assert_msg(memcmp(together, gop_net_value(a.net, a.y), a.size * sizeof *together) == 0,
                  "%s: gop_net_forward_finite gives other bytes", leaders[_i].name);
    free(together);
    gop_net_free(a.net);
    gop_net_free(b.net);
    fixture_free(&f);
}
END_TEST

START_TEST(changes_are_followed)
{
    fixture f = fixture_new(true); /* a training net on the same parameters */
    gop_var loss = gop_l2(f.net, norm(f.net, "bn", of_conv(f.net)),
                          input(f.net, "target", gop_shape4(2, 13, 9, 8)), GOP_PER_ELEMENT);
    gop_net_keep(f.net, loss);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    fill_inputs(f.net, 9);
    const side a = side_new(&f, of_conv, true), b = side_new(&f, of_conv, false);

    draw_params(f.params, 3);
    ck_assert(difference(&f, &a, &b) <= rounding);
    draw_params(f.params, 4); /* everything, and gop_params_changed */
    ck_assert(difference(&f, &a, &b) <= rounding);
    gop_params_stats(f.params)[0] += 3; /* a mean */
    ck_assert(difference(&f, &a, &b) <= rounding);

    gop_real before = gop_net_value(a.net, a.y)[5], one = 1;
    gop_real *grads = calloc(gop_params_size(f.params), sizeof *grads);
    gop_optimiser *opt;
    ck_assert_ptr_nonnull(grads);
    assert_ok(f, gop_sgd_new(&opt, f.ctx, f.params, &(gop_sgd){.momentum = 0}, &f.err));
    assert_ok(f, gop_net_forward(f.net, &f.err)); /* updates the statistics */
    ck_assert(difference(&f, &a, &b) <= rounding);
    ck_assert(gop_net_value(a.net, a.y)[5] != before);
    before = gop_net_value(a.net, a.y)[5];
    assert_ok(f, gop_net_backward(f.net, &(gop_pass){.from = &loss, .seed = &one, .n_from = 1},
                                  grads, &f.err));
    gop_optimiser_step(opt, grads, 1, 0.1);
    ck_assert(difference(&f, &a, &b) <= rounding);
    ck_assert(gop_net_value(a.net, a.y)[5] != before);
    gop_optimiser_free(opt);
    free(grads);
    gop_net_free(a.net);
    gop_net_free(b.net);
    fixture_free(&f);
}
END_TEST

/* An operator's own case with all inputs but the first as parameters, so that all its weights take
 * part. */
static gop_var of_case(gop_net *net, const gop_op *op, const gop_case *c)
{
    gop_var in[GOP_MAX_INPUTS];
    char name[32];
    for (size_t i = 0; i < gop_case_inputs(c); i++) {
        snprintf(name, sizeof name, "in%zu", i);
        in[i] = c->in[i].rank < 0 ? gop_none()
                : i == 0          ? input(net, "x", c->in[i])
                                  : param(net, name, c->in[i]);
    }
    return gop_case_record(net, op, c, in);
}

/* In the case's range, if the case has one. */
static void draw_case(gop_real *v, size_t n, const gop_case *c, size_t i)
{
    const bool ranged = c->range[i].lo != 0 || c->range[i].hi != 0;
    const double lo = ranged ? c->range[i].lo : -1, hi = ranged ? c->range[i].hi : 1;
    gop_rng rng = gop_rng_new(17, i);
    for (size_t k = 0; k < n; k++) {
        const double u = lo + (hi - lo) * gop_rng_uniform(&rng);
        v[k] = (gop_real)(c->integers >> i & 1 ? floor(u) : u);
    }
}

/* Whether the case was recorded; b keeps the operator's result. */
static bool case_side(fixture *f, const gop_op *op, const gop_case *c, bool folds, side *s)
{
    assert_ok(*f, gop_net_new(&s->net, f->ctx, f->params, GOP_INFERENCE, &f->err));
    n_inputs = 0;
    gop_var x = of_case(s->net, op, c);
    if (gop_net_shape(s->net, x).rank < 1) {
        gop_net_free(s->net);
        return false;
    }
    if (!folds)
        gop_net_keep(s->net, x);
    gop_net_keep(s->net, s->y = norm(s->net, "bn", x));
    assert_ok(*f, gop_net_plan(s->net, &f->err));
    s->size = gop_shape_size(gop_net_shape(s->net, s->y));
    draw_case(gop_net_value(s->net, inputs[0].var), gop_shape_size(c->in[0]), c, 0);
    n_inputs = 0;
    return true;
}

START_TEST(every_operator_keeps_its_word)
{
    size_t folded = 0;
    for (const gop_op *const *op = gop_op_list(); *op != NULL; op++)
        for (const gop_case *c = (*op)->cases; c != NULL && c->name != NULL; c++) {
            fixture f = fixture_new(false);
            side a, b;
            if (case_side(&f, *op, c, true, &a)) {
                ck_assert(case_side(&f, *op, c, false, &b));
                draw_params(f.params, 3);
                for (size_t i = 1; i < gop_case_inputs(c); i++) {
                    char name[32];
                    if (c->in[i].rank < 0)
                        continue;
                    snprintf(name, sizeof name, "in%zu", i);
                    const size_t p = gop_params_find(f.params, name);
                    draw_case(gop_params_info(f.params, p).data, gop_shape_size(c->in[i]), c, i);
                }
                folded += count_rows(a.net, "batch_norm") == 0;
                const double off = difference(&f, &a, &b);
                ck_assert_msg(off <= 4 * rounding, "%s, %s: off by %g", (*op)->name, c->name, off);
                gop_net_free(a.net);
                gop_net_free(b.net);
            }
            fixture_free(&f);
        }
    ck_assert_uint_ge(folded, 20);
}
END_TEST

/* Two convolutions that share a weight, with separate batch norms or a shared one. */
static side shared_new(fixture *f, bool one_norm, bool folds)
{
    side s = {.net = NULL};
    assert_ok(*f, gop_net_new(&s.net, f->ctx, f->params, GOP_INFERENCE, &f->err));
    gop_var x = input(s.net, "x", gop_shape2(40, 31)), W = param(s.net, "W", gop_shape2(31, 31));
    gop_var b = param(s.net, "b", gop_shape1(31));
    for (int i = 0; i < 2; i++) {
        x = gop_linear(s.net, x, W, b);
        if (!folds)
            gop_net_keep(s.net, x);
        x = gop_relu(s.net, norm(s.net, i > 0 && !one_norm ? "second" : "first", x));
    }
    gop_net_keep(s.net, s.y = x);
    assert_ok(*f, gop_net_plan(s.net, &f->err));
    s.size = 40 * 31;
    fill_inputs(s.net, 5);
    return s;
}

START_TEST(weights_are_shared_only_with_their_norm)
{
    fixture f = fixture_new(false);
    side two = shared_new(&f, false, true), one = shared_new(&f, true, true);
    side two_apart = shared_new(&f, false, false), one_apart = shared_new(&f, true, false);
    draw_params(f.params, 3);
    ck_assert(difference(&f, &two, &two_apart) <= 4 * rounding);
    ck_assert(difference(&f, &one, &one_apart) <= 4 * rounding);
    /* The weights have a second copy only if it differs. */
    const size_t copy = 31 * 31 * sizeof(gop_real);
    ck_assert_uint_ge(gop_net_costs(two.net).bytes, gop_net_costs(one.net).bytes + copy);
    gop_net_free(two.net);
    gop_net_free(one.net);
    gop_net_free(two_apart.net);
    gop_net_free(one_apart.net);
    fixture_free(&f);
}
END_TEST

START_TEST(folded_params_may_move)
{
    fixture f = fixture_new(false);
    side a = shared_new(&f, false, true), b = shared_new(&f, false, false);
    draw_params(f.params, 3);
    ck_assert(difference(&f, &a, &b) <= 4 * rounding);
    gop_real before[40 * 31];
    memcpy(before, gop_net_value(a.net, a.y), sizeof before);
    const gop_real *values = gop_params_values(f.params), *stats = gop_params_stats(f.params);
    gop_net *other = NULL;
    assert_ok(f, gop_net_new(&other, f.ctx, f.params, GOP_INFERENCE, &f.err));
    gop_param(other, "more", gop_shape1(1 << 20), gop_init_constant(1));
    gop_stat(other, "more.mean", gop_shape1(1 << 20), 1);
    ck_assert(gop_params_values(f.params) != values && gop_params_stats(f.params) != stats);
    draw_params(f.params, 4);
    ck_assert(difference(&f, &a, &b) <= 4 * rounding);
    ck_assert(memcmp(gop_net_value(a.net, a.y), before, sizeof before) != 0);
    gop_net_free(other);
    gop_net_free(a.net);
    gop_net_free(b.net);
    fixture_free(&f);
}
END_TEST

/* ------------------------------------------------------------- what must stay apart */

static gop_var read_twice(gop_net *net)
{
    gop_var x = of_conv(net);
    return gop_add(net, norm(net, "bn", x), x);
}

static gop_var kept(gop_net *net)
{
    gop_var x = of_conv(net);
    gop_net_keep(net, x);
    return norm(net, "bn", x);
}

static gop_var viewed(gop_net *net)
{
    gop_var x = of_linear(net);
    return norm(net, "bn", gop_reshape(net, x, gop_shape2(18, 17)));
}

static gop_var computed_weight(gop_net *net)
{
    gop_var W = gop_scale(net, param(net, "W", gop_shape2(4, 6)), 2);
    return norm(net, "bn", gop_linear(net, input(net, "x", gop_shape2(5, 6)), W, gop_none()));
}

static gop_var given_weight(gop_net *net)
{
    gop_var W = input(net, "W", gop_shape2(4, 6));
    return norm(net, "bn", gop_linear(net, input(net, "x", gop_shape2(5, 6)), W, gop_none()));
}

static gop_var given_bias(gop_net *net)
{
    gop_var W = param(net, "W", gop_shape2(4, 6)), b = input(net, "b", gop_shape1(4));
    return norm(net, "bn", gop_linear(net, input(net, "x", gop_shape2(5, 6)), W, b));
}

/* The batch norm's own scale is not known before the run. */
static gop_var given_scale(gop_net *net)
{
    gop_var x = of_conv(net), mean = gop_stat(net, "mean", channels(net, x), 0);
    gop_var var = gop_stat(net, "var", channels(net, x), 1);
    return gop_batch_norm(net, x, input(net, "w", channels(net, x)), gop_none(), mean, var, 1e-3,
                          0.1);
}

static gop_var own_apart(gop_net *net)
{
    return norm(
        net, "bn",
        apply2(net, &op_apart, input(net, "x", gop_shape2(6, 7)), param(net, "W", gop_shape1(7))));
}

static gop_var behind_relu(gop_net *net)
{
    return norm(net, "bn", gop_relu(net, of_linear(net)));
}

/* A different number for each node is no shift of a channel. */
static gop_var bias_of_nodes(gop_net *net)
{
    gop_var y = of_conv(net);
    const gop_shape s = gop_net_shape(net, y);
    return norm(net, "bn", gop_bias(net, y, param(net, "b", gop_shape2(s.dim[1], s.dim[3]))));
}

static const struct {
    const char *name;
    gop_var (*record)(gop_net *net);
} apart[] = {
    {"read twice", read_twice},
    {"kept", kept},
    {"viewed", viewed},
    {"a computed weight", computed_weight},
    {"a given weight", given_weight},
    {"a given bias", given_bias},
    {"a given scale", given_scale},
    {"an operator that takes no part", own_apart},
    {"behind a ReLU", behind_relu},
    {"behind a bias of nodes", bias_of_nodes},
};

START_TEST(what_must_stay_apart_does)
{
    fixture f = fixture_new(false);
    gop_var y = apart[_i].record(f.net);
    gop_net_keep(f.net, y);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    ck_assert_msg(count_rows(f.net, "batch_norm") == 1, "%s: folded", apart[_i].name);
    n_inputs = 0;
    fixture_free(&f);
}
END_TEST

START_TEST(training_nets_do_not_fold)
{
    fixture f = fixture_new(true);
    gop_net_keep(f.net, norm(f.net, "bn", of_conv(f.net)));
    assert_ok(f, gop_net_plan(f.net, &f.err));
    ck_assert_uint_eq(count_rows(f.net, "batch_norm"), 1);
    n_inputs = 0;
    fixture_free(&f);
}
END_TEST

/* Scaled weights lie in memory that values of the run use later. */
START_TEST(memory_does_not_grow)
{
    size_t bytes[2];
    for (int folds = 0; folds < 2; folds++) {
        fixture f = fixture_new(false);
        const gop_shape c = gop_shape1(31);
        gop_var x = gop_linear(f.net, input(f.net, "x", gop_shape2(400, 31)),
                               param(f.net, "W", gop_shape2(31, 31)), param(f.net, "bias", c));
        gop_var w = param(f.net, "w", c);
        if (!folds)
            w = gop_scale(f.net, w, 1);
        x = gop_relu(f.net, gop_batch_norm(f.net, x, w, gop_none(), gop_stat(f.net, "mean", c, 0),
                                           gop_stat(f.net, "var", c, 1), 1e-3, 0.1));
        gop_net_keep(f.net, gop_sum(f.net, x, 0));
        assert_ok(f, gop_net_plan(f.net, &f.err));
        ck_assert_uint_eq(count_rows(f.net, "folded"), (size_t)folds);
        bytes[folds] = gop_net_costs(f.net).bytes;
        n_inputs = 0;
        fixture_free(&f);
    }
    ck_assert_msg(bytes[1] <= bytes[0], "%zu bytes, and %zu without", bytes[1], bytes[0]);
}
END_TEST

TEST_MAIN("fold")
{
    tcase_add_loop_test(t, values_are_those_kept_apart, 0, sizeof leaders / sizeof *leaders);
    tcase_add_test(t, every_operator_keeps_its_word);
    tcase_add_test(t, changes_are_followed);
    tcase_add_test(t, weights_are_shared_only_with_their_norm);
    tcase_add_test(t, folded_params_may_move);
    tcase_add_loop_test(t, what_must_stay_apart_does, 0, sizeof apart / sizeof *apart);
    tcase_add_test(t, training_nets_do_not_fold);
    tcase_add_test(t, memory_does_not_grow);
}
