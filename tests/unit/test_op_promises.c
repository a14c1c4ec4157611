/*
 * test_op_promises.c: promises of single operators beyond their formula: probabilities, values out
 * of range, wrong shapes, composites, shared memory.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"
#include "case_run.h"
#include "net_fixture.h"
#include "check/trial.h"

/* -------------------------------------------------------------- fixed statistics */

enum { CHANNELS = 3 };

/* Two batch norms, "a.bn" and "ab.bn", of x [rows, CHANNELS]. */
static void norms(fixture *f, size_t rows, gop_var *x, gop_var *a, gop_var *ab)
{
    *x = gop_input(f->net, "x", gop_shape2(rows, CHANNELS));
    gop_net_push(f->net, "a");
    *a = gop_layer_batch_norm(f->net, "bn", *x, 1e-5, 0.1);
    gop_net_pop(f->net);
    *ab = *a;
    if (rows > 1)
        *ab = gop_layer_batch_norm(f->net, "ab.bn", *x, 1e-5, 0.1);
    gop_net_keep(f->net, *x);
    gop_net_keep(f->net, *a);
    gop_net_keep(f->net, *ab);
}

static gop_real *stat(const fixture *f, const char *name)
{
    return gop_params_info(f->params, gop_params_find(f->params, name)).data;
}

/* In training a batch norm with fixed statistics gives the bytes of an inference net, also for one
 * row, and updates nothing; one whose name only begins alike trains as usual. */
START_TEST(fixed_statistics_stay)
{
    static const gop_real mean[CHANNELS] = {1, -2, 0.5f}, var[CHANNELS] = {4, 0.25f, 3};
    const size_t rows = _i ? 7 : 1;
    fixture f = fixture_new(true);
    gop_net *inference;
    gop_var x, a, ab, y;
    gop_net_push(f.net, "%s", "a");
    gop_net_fix_stats(f.net, "bn.running_mean");
    gop_net_pop(f.net);
    norms(&f, rows, &x, &a, &ab);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    memcpy(stat(&f, "a.bn.running_mean"), mean, sizeof mean);
    memcpy(stat(&f, "a.bn.running_var"), var, sizeof var);
    gop_params_values(f.params)[1] = -1.5f;
    gop_params_values(f.params)[CHANNELS + 1] = 0.75f;
    for (size_t i = 0; i < rows * CHANNELS; i++)
        gop_net_value(f.net, x)[i] = (gop_real)i * (gop_real)i / 7 - 2;
    assert_ok(f, gop_net_forward(f.net, &f.err));
    ck_assert_mem_eq(stat(&f, "a.bn.running_mean"), mean, sizeof mean);
    ck_assert_mem_eq(stat(&f, "a.bn.running_var"), var, sizeof var);
    if (rows > 1)
        ck_assert(stat(&f, "ab.bn.running_mean")[0] != 0);

    assert_ok(f, gop_net_new(&inference, f.ctx, f.params, GOP_INFERENCE, &f.err));
    y = gop_input(inference, "x", gop_shape2(rows, CHANNELS));
    gop_var z = gop_layer_batch_norm(inference, "a.bn", y, 1e-5, 0.1);
    gop_net_keep(inference, z);
    assert_ok(f, gop_net_plan(inference, &f.err));
    memcpy(gop_net_value(inference, y), gop_net_value(f.net, x),
           rows * CHANNELS * sizeof(gop_real));
    assert_ok(f, gop_net_forward(inference, &f.err));
    ck_assert_mem_eq(gop_net_value(inference, z), gop_net_value(f.net, a),
                     rows * CHANNELS * sizeof(gop_real));
    ck_assert(gop_net_value(f.net, a)[1] != 0);

    /* The moments pass no gradient: each element's gradient depends on that element alone. */
    for (size_t i = 0; i < rows * CHANNELS; i++)
        gop_net_grad(f.net, a)[i] = i == 1;
    assert_ok(f, gop_net_backward(f.net, &(gop_pass){.from = &a, .n_from = 1}, NULL, &f.err));
    for (size_t i = 0; i < rows * CHANNELS; i++)
        ck_assert_double_eq_tol((double)gop_net_grad(f.net, x)[i], i == 1 ? -1.5 / 0.50001 : 0,
                                1e-5);
    gop_net_free(inference);
    fixture_free(&f);
}
END_TEST

START_TEST(fixed_statistics_have_names)
{
    fixture f = fixture_new(true);
    gop_net_fix_stats(f.net, _i ? "" : NULL);
    ck_assert_int_eq(recorded(gop_net_plan(f.net, &f.err), &f.err), GOP_EINVAL);
    assert_says(&f, "the name is missing or empty");
    fixture_free(&f);

    f = fixture_new(true);
    gop_input(f.net, "x", gop_shape1(2));
    assert_ok(f, gop_net_plan(f.net, &f.err));
    gop_net_fix_stats(f.net, "late");
    ck_assert_int_eq(gop_net_status(f.net), GOP_ESTATE);
    fixture_free(&f);
}
END_TEST

/* ----------------------------------------------------------------------- dropout */

enum { DRAWS = 300000 };

static void draw_masks(gop_real *y, gop_real *dx, double p, uint64_t step)
{
    fixture f = fixture_new(true);
    gop_var x = gop_input(f.net, "x", gop_shape1(DRAWS));
    gop_net_keep(f.net, x);
    gop_var out = gop_dropout(f.net, x, p, GOP_DROP_ELEMENTS);
    gop_net_keep(f.net, out);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    for (size_t i = 0; i < DRAWS; i++)
        gop_net_value(f.net, x)[i] = gop_net_grad(f.net, out)[i] = 1;
    gop_net_random(f.net, 3, step);
    assert_ok(f, gop_net_forward(f.net, &f.err));
    assert_ok(f, gop_net_backward(f.net, &(gop_pass){.from = &out, .n_from = 1}, NULL, &f.err));
    memcpy(y, gop_net_value(f.net, out), DRAWS * sizeof *y);
    memcpy(dx, gop_net_grad(f.net, x), DRAWS * sizeof *dx);
    fixture_free(&f);
}

/* Within five standard deviations of n trials of probability p. */
static void assert_chance(double count, double n, double p, const char *what)
{
    double z = (count - n * p) / sqrt(n * p * (1 - p));
    ck_assert_msg(fabs(z) < 5, "%s: %g of %g at probability %g, z = %g", what, count, n, p, z);
}

START_TEST(dropout_has_its_probability)
{
    static const double chances[] = {0.001, 0.2, 0.5, 0.95};
    gop_real *y = reals(DRAWS), *dx = reals(DRAWS);
    for (size_t k = 0; k < sizeof chances / sizeof *chances; k++) {
        static const size_t distance[4] = {1, 8, 512, 16384};
        double p = chances[k], zeros = 0, lag[4] = {0};
        size_t other = 0; /* neither dropped nor scaled */
        draw_masks(y, dx, p, 1);
        ck_assert_int_eq(memcmp(y, dx, DRAWS * sizeof *y), 0);
        for (size_t i = 0; i < DRAWS; i++) {
            other += y[i] != 0 && y[i] != (gop_real)(1 / (1 - p));
            zeros += y[i] == 0;
            for (size_t d = 0; d < 4; d++)
                lag[d] += i + distance[d] < DRAWS && y[i] == 0 && y[i + distance[d]] == 0;
        }
        ck_assert_uint_eq(other, 0);
        assert_chance(zeros, DRAWS, p, "zeros");
        for (size_t d = 0; d < 4; d++)
            assert_chance(lag[d], (double)(DRAWS - distance[d]), p * p, "pairs of zeros");
    }
    free(y);
    free(dx);
}
END_TEST

START_TEST(dropout_follows_the_step)
{
    gop_real *a = reals(DRAWS), *b = reals(DRAWS), *c = reals(DRAWS), *dx = reals(DRAWS);
    double both = 0;
    draw_masks(a, dx, 0.5, 1);
    draw_masks(b, dx, 0.5, 1);
    draw_masks(c, dx, 0.5, 2);
    ck_assert_int_eq(memcmp(a, b, DRAWS * sizeof *a), 0);
    for (size_t i = 0; i < DRAWS; i++)
        both += a[i] == 0 && c[i] == 0;
    assert_chance(both, DRAWS, 0.25, "zeros at both steps");
    free(a);
    free(b);
    free(c);
    free(dx);
}
END_TEST

START_TEST(dropout_is_nothing_outside_training)
{
    fixture f = fixture_new(false);
    gop_var x = gop_input(f.net, "x", gop_shape1(3));
    ck_assert_int_eq(gop_dropout(f.net, x, 0.5, GOP_DROP_ELEMENTS).id, x.id);
    ck_assert_int_lt(gop_dropout(f.net, x, 1, GOP_DROP_ELEMENTS).id, 0);
    ck_assert_int_eq(recorded(gop_net_plan(f.net, &f.err), &f.err), GOP_EINVAL);
    assert_says(&f, "dropout");
    fixture_free(&f);
    f = fixture_new(true);
    x = gop_input(f.net, "x", gop_shape1(3));
    ck_assert_int_eq(gop_dropout(f.net, x, 0, GOP_DROP_ELEMENTS).id, x.id);
    ck_assert_int_ne(gop_dropout(f.net, x, 0.5, GOP_DROP_ELEMENTS).id, x.id);
    ck_assert_int_lt(gop_dropout(f.net, x, NAN, GOP_DROP_ELEMENTS).id, 0);
    ck_assert_int_eq(recorded(gop_net_plan(f.net, &f.err), &f.err), GOP_EINVAL);
    fixture_free(&f);
    f = fixture_new(true);
    x = gop_input(f.net, "x", gop_shape2(3, 2));
    ck_assert_int_lt(gop_dropout(f.net, x, 0.5, _i ? 1 : 1 << 2).id, 0);
    ck_assert_int_eq(recorded(gop_net_plan(f.net, &f.err), &f.err), GOP_EINVAL);
    fixture_free(&f);
}
END_TEST

/* ----------------------------------------------------------- values out of range */

static const gop_real strange[] = {
    -1, 3, (gop_real)1e30, (gop_real)1.5, (gop_real)-0.25, (gop_real)4294967296.0};
enum { STRANGE = sizeof strange / sizeof *strange };

START_TEST(a_label_out_of_range_stops_training)
{
    static const gop_real logits[2 * 3] = {1, 2, 3, 4, 5, 6};
    for (size_t k = 0; k < STRANGE; k++) {
        fixture f = fixture_new(true);
        gop_real labels[2] = {2, strange[k]};
        given in[2] = {give(&f, gop_shape2(2, 3), logits), give(&f, gop_shape1(2), labels)};
        gop_var loss = gop_cross_entropy(f.net, in[0].var, in[1].var, gop_none(), 0);
        gop_real one = 1;
        gop_net_keep(f.net, loss);
        assert_ok(f, gop_net_plan(f.net, &f.err));
        ck_assert_int_eq(fixture_run(&f, in, 2), GOP_ENUMERIC);
        assert_says(&f, "cross_entropy");
        assert_ok(f, gop_net_forward(f.net, &f.err));
        ck_assert(isnan(gop_net_value(f.net, loss)[0]));
        assert_ok(f, gop_net_backward(f.net, &(gop_pass){.from = &loss, .seed = &one, .n_from = 1},
                                      NULL, &f.err));
        const gop_real *dx = gop_net_grad(f.net, in[0].var);
        ck_assert(isfinite(dx[0]) && isfinite(dx[2]) && isnan(dx[3]) && isnan(dx[5]));
        fixture_free(&f);
    }
}
END_TEST

START_TEST(nodes_of_no_part_are_left_out)
{
    static const gop_real x[3 * 2] = {1, 2, 3, 4, 5, 6};
    for (size_t k = 0; k <= STRANGE; k++) {
        fixture f = fixture_new(true);
        gop_real part[3] = {1, k < STRANGE ? strange[k] : (gop_real)NAN, 1};
        given in[2] = {give(&f, gop_shape4(1, 3, 1, 2), x), give(&f, gop_shape1(3), part)};
        gop_var pooled = gop_pool(f.net, in[0].var, in[1].var, 3, GOP_REDUCE_MEAN);
        gop_var back = gop_match(f.net, pooled, in[1].var);
        gop_net_keep(f.net, pooled);
        gop_net_keep(f.net, back);
        assert_ok(f, gop_net_plan(f.net, &f.err));
        memcpy(gop_net_value(f.net, in[0].var), x, sizeof x);
        memcpy(gop_net_value(f.net, in[1].var), part, sizeof part);
        assert_ok(f, gop_net_forward(f.net, &f.err));
        static const gop_real want_pooled[6] = {0, 0, 3, 4, 0, 0};
        static const gop_real want_back[6] = {3, 4, 0, 0, 3, 4};
        ck_assert_int_eq(memcmp(gop_net_value(f.net, pooled), want_pooled, sizeof want_pooled), 0);
        ck_assert_int_eq(memcmp(gop_net_value(f.net, back), want_back, sizeof want_back), 0);
        for (size_t i = 0; i < 6; i++)
            gop_net_grad(f.net, back)[i] = 1;
        assert_ok(f,
                  gop_net_backward(f.net, &(gop_pass){.from = &back, .n_from = 1}, NULL, &f.err));
        static const gop_real want_dx[6] = {1, 1, 0, 0, 1, 1};
        ck_assert_int_eq(memcmp(gop_net_grad(f.net, in[0].var), want_dx, sizeof want_dx), 0);
        ck_assert(gop_net_grad(f.net, in[1].var)[0] == 0);
        fixture_free(&f);
    }
}
END_TEST

START_TEST(softmax_takes_any_finite_logits)
{
    static const gop_real x[2 * 3] = {(gop_real)-3e38, 0, (gop_real)3e38, -1000, -1000, -1000};
    fixture f = fixture_new(true);
    given in[1] = {give(&f, gop_shape2(2, 3), x)};
    gop_var y = gop_softmax(f.net, in[0].var, -1);
    gop_net_keep(f.net, y);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    assert_ok(f, fixture_run(&f, in, 1));
    const gop_real *v = gop_net_value(f.net, y);
    ck_assert(v[0] == 0 && v[1] == 0 && v[2] == 1);
    ck_assert(v[3] == v[4] && v[4] == v[5] && fabs((double)v[3] - 1.0 / 3) < 1e-6);
    fixture_free(&f);
}
END_TEST

static gop_var clamp(gop_net *net, gop_var x)
{
    return gop_clamp(net, x, -1, 1);
}

static gop_var elu(gop_net *net, gop_var x)
{
    return gop_elu(net, x, 1);
}

static gop_var prelu(gop_net *net, gop_var x)
{
    return gop_prelu(net, x, gop_param(net, "slope", gop_shape1(1), gop_init_constant(0.25)));
}

/* NaN matches NaN. */
START_TEST(functions_outside_their_domain)
{
    static const gop_real inf = (gop_real)INFINITY, nan = (gop_real)NAN;
    static const gop_real x[7] = {(gop_real)NAN,     -(gop_real)INFINITY, -1, (gop_real)-0.0, 0, 1,
                                  (gop_real)INFINITY};
    const struct {
        gop_var (*f)(gop_net *net, gop_var x);
        gop_real want[7];
    } all[] = {
        {gop_exp, {nan, 0, (gop_real)0.36787944, 1, 1, (gop_real)2.71828183, inf}},
        {gop_log, {nan, nan, nan, -inf, -inf, 0, inf}},
        {gop_sqrt, {nan, nan, nan, 0, 0, 1, inf}},
        {gop_rsqrt, {nan, nan, nan, -inf, inf, 1, 0}},
        {gop_reciprocal, {nan, 0, -1, -inf, inf, 1, 0}},
        {gop_abs, {nan, inf, 1, 0, 0, 1, inf}},
        {gop_square, {nan, inf, 1, 0, 0, 1, inf}},
        {clamp, {nan, -1, -1, 0, 0, 1, 1}},
        {elu, {nan, -1, (gop_real)-0.63212056, 0, 0, 1, inf}},
        {gop_silu, {nan, nan, (gop_real)-0.26894142, 0, 0, (gop_real)0.73105858, inf}},
        {gop_softplus,
         {nan, 0, (gop_real)0.31326169, (gop_real)0.69314718, (gop_real)0.69314718,
          (gop_real)1.31326169, inf}},
        {prelu, {nan, -inf, (gop_real)-0.25, 0, 0, 1, inf}},
    };
    fixture f = fixture_new(true);
    const gop_var in = gop_input(f.net, "x", gop_shape1(7));
    gop_var y[sizeof all / sizeof all[0]];
    for (size_t k = 0; k < sizeof all / sizeof all[0]; k++) {
        y[k] = all[k].f(f.net, in);
        gop_net_keep(f.net, y[k]);
    }
    assert_ok(f, gop_net_plan(f.net, &f.err));
    memcpy(gop_net_value(f.net, in), x, sizeof x);
    assert_ok(f, gop_net_forward(f.net, &f.err));
    for (size_t k = 0; k < sizeof all / sizeof all[0]; k++)
        for (size_t i = 0; i < 7; i++) {
            const gop_real v = gop_net_value(f.net, y[k])[i], want = all[k].want[i];
            ck_assert_msg(
                v == want || (isnan(v) && isnan(want)) || fabs((double)v - (double)want) < 1e-6,
                "function %zu of %g is %g instead of %g", k, (double)x[i], (double)v, (double)want);
        }
    fixture_free(&f);
}
END_TEST

START_TEST(nothing_hides_a_nan)
{
    static const gop_real x[3] = {-1, (gop_real)NAN, 2};
    fixture f = fixture_new(true);
    gop_var in = gop_input(f.net, "x", gop_shape1(3));
    gop_var relu = gop_relu(f.net, in),
            loss = gop_l1(f.net, in, gop_relu(f.net, in), GOP_PER_ELEMENT);
    gop_net_keep(f.net, in);
    gop_net_keep(f.net, relu);
    gop_net_keep(f.net, loss);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    memcpy(gop_net_value(f.net, in), x, sizeof x);
    assert_ok(f, gop_net_forward(f.net, &f.err));
    const gop_real *y = gop_net_value(f.net, relu);
    ck_assert(y[0] == 0 && isnan(y[1]) && y[2] == 2);
    ck_assert(isnan(gop_net_value(f.net, loss)[0]));
    gop_real one = 1;
    assert_ok(f, gop_net_backward(f.net, &(gop_pass){.from = &loss, .seed = &one, .n_from = 1},
                                  NULL, &f.err));
    const gop_real *dx = gop_net_grad(f.net, in);
    ck_assert(isnan(dx[1]) && fabs((double)dx[0] + 1.0 / 3) < 1e-6 && dx[2] == 0);
    fixture_free(&f);
}
END_TEST

/* The largest of three, by each operator that takes a maximum. */
static gop_var largest(gop_net *net, gop_var x, int by)
{
    static const gop_real zeros[3] = {0};
    const gop_var index = gop_constant(net, "index", gop_shape1(3), zeros);
    const gop_var column = gop_reshape(net, x, gop_shape2(3, 1));
    const gop_var four[] = {x, x, x, x}, two[] = {column, column};

    switch (by) {
    case 0:
        return gop_max(net, x, 0);
    case 1: /* several rows at once */
        return gop_slice(net, gop_max(net, gop_concat(net, two, 2, 1), 0), 0, 0, 1);
    case 2:
        x = gop_reshape(net, gop_concat(net, four, 4, 0), gop_shape3(1, 12, 1));
        return gop_slice(net, gop_edge_reduce(net, x, 4, false, GOP_REDUCE_MAX), 1, 0, 1);
    case 3:
        x = gop_reshape(net, x, gop_shape3(1, 3, 1));
        return gop_edge_scatter(net, x, index, 1, GOP_REDUCE_MAX);
    case 4:
        x = gop_reshape(net, x, gop_shape4(1, 3, 1, 1));
        return gop_pool(net, x, index, 1, GOP_REDUCE_MAX);
    default:
        x = gop_reshape(net, x, gop_shape4(1, 1, 3, 1));
        return gop_temporal_pool(net, x, 3, 1, 0, GOP_REDUCE_MAX);
    }
}

/* It is NaN, and the NaN takes the gradient. */
START_TEST(a_maximum_keeps_a_nan)
{
    for (int k = 0; k < 3; k++) {
        gop_real one = 1;
        fixture f = fixture_new(true);
        gop_var x = gop_input(f.net, "x", gop_shape1(3));
        gop_var y = gop_reshape(f.net, largest(f.net, x, _i), gop_shape0());
        gop_net_keep(f.net, x);
        gop_net_keep(f.net, y);
        assert_ok(f, gop_net_plan(f.net, &f.err));
        for (int i = 0; i < 3; i++)
            gop_net_value(f.net, x)[i] = i == k ? (gop_real)NAN : (gop_real)(i - 1);
        assert_ok(f, gop_net_forward(f.net, &f.err));
        ck_assert(isnan(gop_net_value(f.net, y)[0]));
        assert_ok(f, gop_net_backward(f.net, &(gop_pass){.from = &y, .seed = &one, .n_from = 1},
                                      NULL, &f.err));
        for (int i = 0; i < 3; i++)
            ck_assert(gop_net_grad(f.net, x)[i] == (i == k));
        fixture_free(&f);
    }
}
END_TEST

/* --------------------------------------------------------------------------- edges */

/* Node 0 has only edges of -inf, node 1 a NaN, node 2 one edge of each kind, node 3 no edge. */
START_TEST(a_softmax_over_edges_is_defined)
{
    const gop_real low = -(gop_real)INFINITY, nan = (gop_real)NAN;
    const gop_real q[8] = {low, low, nan, 1, low, 5, nan, nan}, at[8] = {0, 0, 1, 1, 2, 2, -1, 4};
    const gop_real want[6] = {0, 0, nan, nan, 0, 1};
    fixture f = fixture_new(false);
    gop_var x = gop_input(f.net, "q", gop_shape3(1, 8, 1));
    gop_var y = gop_edge_softmax(f.net, x, gop_constant(f.net, "at", gop_shape1(8), at), 4);
    gop_net_keep(f.net, y);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    memcpy(gop_net_value(f.net, x), q, sizeof q);
    assert_ok(f, gop_net_forward(f.net, &f.err));
    for (int e = 0; e < 8; e++) {
        const gop_real v = gop_net_value(f.net, y)[e];
        ck_assert(e < 6 && isnan(want[e]) ? isnan(v) : v == (e < 6 ? want[e] : 0));
    }
    fixture_free(&f);
}
END_TEST

/* NaN before numbers, equal elements and several NaN by index; the result selects rows. */
START_TEST(the_largest_have_an_order)
{
    const gop_real nan = (gop_real)NAN, inf = (gop_real)INFINITY;
    const gop_real rows[2][6] = {{1, nan, 3, 3, nan, inf}, {-inf, 0, -0.0, 2, -inf, 2}};
    const gop_real want[2][6] = {{1, 4, 5, 2, 3, 0}, {3, 5, 1, 2, 0, 4}};
    for (size_t k = 1; k <= 6; k++) {
        fixture f = fixture_new(false);
        gop_var x = gop_input(f.net, "x", gop_shape2(2, 6));
        gop_var top = gop_topk(f.net, x, k), y = gop_gather(f.net, x, 1, top);
        gop_net_keep(f.net, top);
        gop_net_keep(f.net, y);
        assert_ok(f, gop_net_plan(f.net, &f.err));
        memcpy(gop_net_value(f.net, x), rows, sizeof rows);
        assert_ok(f, gop_net_forward(f.net, &f.err));
        for (size_t i = 0; i < 2 * k; i++) {
            const gop_real at = want[i / k][i % k], v = rows[i / k][(size_t)at];
            ck_assert(gop_net_value(f.net, top)[i] == at);
            ck_assert(isnan(v) ? isnan(gop_net_value(f.net, y)[i])
                               : gop_net_value(f.net, y)[i] == v);
        }
        fixture_free(&f);
    }
}
END_TEST

/* As many edges as a graph may have, between as many nodes: y_i = x_(E-1-i). */
START_TEST(a_product_takes_2_to_the_24_edges)
{
    enum { EDGES = GOP_MAX_NODES };
    fixture f = fixture_new(false);
    gop_var x = gop_input(f.net, "x", gop_shape3(1, EDGES, 1));
    gop_var index = gop_input(f.net, "index", gop_shape2(EDGES, 2));
    gop_var y = gop_sparse_product(f.net, gop_none(), index, x, EDGES);
    gop_net_keep(f.net, y);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    for (size_t e = 0; e < EDGES; e++) {
        gop_net_value(f.net, x)[e] = (gop_real)e;
        gop_net_value(f.net, index)[2 * e] = (gop_real)e;
        gop_net_value(f.net, index)[2 * e + 1] = (gop_real)(EDGES - 1 - e);
    }
    assert_ok(f, gop_net_forward(f.net, &f.err));
    size_t wrong = 0;
    for (size_t e = 0; e < EDGES; e++)
        wrong += gop_net_value(f.net, y)[e] != (gop_real)(EDGES - 1 - e);
    ck_assert_uint_eq(wrong, 0);
    fixture_free(&f);
}
END_TEST

/* -------------------------------------------------------------------- composites */

/* To more digits than gop_check_op requires. */
START_TEST(roll_out_feeds_back)
{
    const trial_how how = {.threads = 1, .copies = 1, .seed = 3};
    const gop_op *op = *gop_op_list();
    for (const gop_op *const *at = gop_op_list(); strcmp(op->name, "roll_out") != 0; at++)
        op = *at;
    for (const gop_case *c = op->cases; c->name != NULL; c++) {
        gop_error err = {GOP_OK, ""};
        subject of;
        trial t;
        ck_assert_int_eq(gop_subject_new(&of, op, c, op->name, &err), GOP_OK);
        ck_assert_int_eq(gop_trial_open(&t, &of, how, &err), GOP_OK);
        ck_assert_int_eq(gop_trial_forward(&t, &err), GOP_OK);
        const gop_tensor in[] = {{t.value[0], of.in[0]}, {t.value[1], of.in[1]}};
        const gop_tensor want = {reals(t.size), gop_net_shape(t.net, t.out[0])};
        ck_assert(gop_shape_equal(want.shape, gop_shape4(2, 3, 3, 5)));
        op->naive(want, in, c->attr);
        for (size_t i = 0; i < t.size; i++)
            ck_assert(relative((double)gop_net_value(t.net, t.out[0])[i], (double)want.v[i]) <
                      1e-6);
        free(want.v);
        gop_trial_close(&t);
    }
}
END_TEST

static void widen(gop_net *net, void *user, size_t t, gop_var x, gop_var h, gop_var *x_next,
                  gop_var *h_next)
{
    gop_var two[2] = {x, x};
    (void)user;
    (void)t;
    *x_next = gop_concat(net, two, 2, 2);
    *h_next = h;
}

static void forget(gop_net *net, void *user, size_t t, gop_var x, gop_var h, gop_var *x_next,
                   gop_var *h_next)
{
    (void)net;
    (void)user;
    (void)t;
    (void)x;
    (void)x_next;
    *h_next = h;
}

START_TEST(roll_out_refuses_wrong_steps)
{
    static const gop_roll_step steps[] = {widen, forget, NULL};
    for (size_t k = 0; k < 3; k++) {
        fixture f = fixture_new(true);
        gop_var x = gop_input(f.net, "x", gop_shape3(2, 3, 4));
        ck_assert_int_lt(gop_roll_out(f.net, x, x, 2, steps[k], NULL).id, 0);
        ck_assert_int_ne(gop_net_plan(f.net, &f.err), GOP_OK);
        assert_says(&f, "roll_out");
        fixture_free(&f);
    }
    ck_assert_int_lt(gop_roll_out(NULL, gop_none(), gop_none(), 2, forget, NULL).id, 0);
}
END_TEST

START_TEST(concat_takes_any_number)
{
    static const size_t numbers[] = {1, 2, 12, 13, 25, 144, 145, 400};
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
        size_t n = numbers[k];
        fixture f = fixture_new(false);
        gop_var *x = calloc(n, sizeof *x);
        ck_assert_ptr_nonnull(x);
        for (size_t i = 0; i < n; i++) {
            char name[32];
            snprintf(name, sizeof name, "x%zu", i);
            x[i] = gop_input(f.net, name, gop_shape2(2, 1));
        }
        gop_var y = gop_concat(f.net, x, n, 1);
        gop_net_keep(f.net, y);
        assert_ok(f, gop_net_plan(f.net, &f.err));
        ck_assert(gop_shape_equal(gop_net_shape(f.net, y), gop_shape2(2, n)));
        for (size_t i = 0; i < n; i++)
            for (size_t row = 0; row < 2; row++)
                gop_net_value(f.net, x[i])[row] = (gop_real)(1000 * row + i);
        assert_ok(f, gop_net_forward(f.net, &f.err));
        for (size_t i = 0; i < 2 * n; i++)
            ck_assert(gop_net_value(f.net, y)[i] == (gop_real)(1000 * (i / n) + i % n));
        free(x);
        fixture_free(&f);
    }
}
END_TEST

/* --------------------------------------------------------------------- the last axis */

/* A call of each operator with an axis; a [2, 3, 4], index [4], narrow [2, 3, 1]. */
static gop_var along(gop_net *net, size_t which, const gop_var *in, int axis)
{
    const gop_var a = in[0], index = in[1], narrow = in[2];
    switch (which) {
    case 0:
        return gop_sum(net, a, axis);
    case 1:
        return gop_mean(net, a, axis);
    case 2:
        return gop_max(net, a, axis);
    case 3:
        return gop_softmax(net, a, axis);
    case 4:
        return gop_concat(net, ((const gop_var[2]){a, narrow}), 2, axis);
    case 5:
        return gop_slice(net, a, axis, 1, 2);
    case 6:
        return gop_gather(net, a, axis, index);
    case 7:
        return gop_mask(net, a, axis, index);
    default:
        return gop_repeat(net, narrow, axis, 5);
    }
}

enum { ALONG = 9 };

START_TEST(minus_one_is_the_last_axis)
{
    fixture f = fixture_new(false);
    const gop_var in[3] = {gop_input(f.net, "a", gop_shape3(2, 3, 4)),
                           gop_input(f.net, "index", gop_shape1(4)),
                           gop_input(f.net, "narrow", gop_shape3(2, 3, 1))};
    const gop_var y = along(f.net, (size_t)_i, in, -1), z = along(f.net, (size_t)_i, in, 2);
    gop_net_keep(f.net, y);
    gop_net_keep(f.net, z);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    ck_assert(gop_shape_equal(gop_net_shape(f.net, y), gop_net_shape(f.net, z)));
    for (size_t i = 0; i < 24; i++)
        gop_net_value(f.net, in[0])[i] = (gop_real)(i * 7 % 24);
    for (size_t i = 0; i < 4; i++)
        gop_net_value(f.net, in[1])[i] = (gop_real)(i * 3 % 4);
    for (size_t i = 0; i < 6; i++)
        gop_net_value(f.net, in[2])[i] = (gop_real)i;
    assert_ok(f, gop_net_forward(f.net, &f.err));
    for (size_t i = 0; i < gop_shape_size(gop_net_shape(f.net, y)); i++)
        ck_assert(gop_net_value(f.net, y)[i] == gop_net_value(f.net, z)[i]);
    fixture_free(&f);
}
END_TEST

/* ----------------------------------------------------------------- shared memory */

/* A chain whose results may share memory, against a net that keeps every result. */
static void run_chain(gop_real *y, gop_real *dx, bool training, bool apart)
{
    static const gop_real data[6] = {(gop_real)0.5, -1, 2, (gop_real)-0.25, 3, 1};
    fixture f = fixture_new(training);
    given in[1] = {give(&f, gop_shape2(2, 3), data)};
    gop_var v[6];
    v[0] = gop_scale(f.net, in[0].var, 2);
    v[1] = gop_relu(f.net, v[0]);
    v[2] = gop_add(f.net, v[1], in[0].var);
    v[3] = gop_mul(f.net, v[2], v[2]);
    v[4] = gop_softmax(f.net, gop_reshape(f.net, v[3], gop_shape1(6)), -1);
    v[5] = gop_axpby(f.net, 3, v[4], -1, v[4]);
    for (size_t i = apart ? 0 : 5; i < 6; i++)
        gop_net_keep(f.net, v[i]);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    for (int twice = 0; twice < 2; twice++)
        assert_ok(f, fixture_run(&f, in, 1));
    memcpy(y, gop_net_value(f.net, v[5]), 6 * sizeof *y);
    if (training) {
        for (size_t i = 0; i < 6; i++)
            gop_net_grad(f.net, v[5])[i] = (gop_real)i;
        assert_ok(f,
                  gop_net_backward(f.net, &(gop_pass){.from = &v[5], .n_from = 1}, NULL, &f.err));
        memcpy(dx, gop_net_grad(f.net, in[0].var), 6 * sizeof *dx);
    }
    fixture_free(&f);
}

START_TEST(sharing_memory_changes_nothing)
{
    gop_real apart[6], shared[6], inference[6], dx_apart[6], dx_shared[6];
    run_chain(apart, dx_apart, true, true);
    run_chain(shared, dx_shared, true, false);
    run_chain(inference, NULL, false, false);
    ck_assert_int_eq(memcmp(apart, shared, sizeof apart), 0);
    ck_assert_int_eq(memcmp(apart, inference, sizeof apart), 0);
    ck_assert_int_eq(memcmp(dx_apart, dx_shared, sizeof dx_apart), 0);
}
END_TEST

/* ------------------------------------------------------------------ wrong shapes */

/* Two inputs, a [2, 3, 4, 5] and b [7], and an invalid call. */
typedef struct wrong {
    const char *op;
    gop_status status;
    gop_var (*call)(gop_net *net, gop_var a, gop_var b);
} wrong;

#define WRONG(name, expression)                             \
    static gop_var name(gop_net *net, gop_var a, gop_var b) \
    {                                                       \
        (void)a, (void)b;                                   \
        return expression;                                  \
    }

WRONG(add_shapes, gop_add(net, a, b))
WRONG(add_none, gop_add(net, a, gop_none()))
WRONG(mul_shapes, gop_mul(net, b, a))
WRONG(mul_none, gop_mul(net, gop_none(), a))
WRONG(concat_none, gop_concat(net, NULL, 0, 0))
WRONG(concat_axis, gop_concat(net, &a, 1, 4))
WRONG(concat_negative, gop_concat(net, &a, 1, -2))
WRONG(concat_shapes, gop_concat(net, ((const gop_var[2]){a, b}), 2, 0))
WRONG(slice_axis, gop_slice(net, a, 4, 0, 1))
WRONG(slice_empty, gop_slice(net, a, 1, 0, 0))
WRONG(slice_behind, gop_slice(net, a, 1, 2, 2))
WRONG(slice_wrap, gop_slice(net, a, 1, SIZE_MAX, 2))
WRONG(reshape_less, gop_reshape(net, a, gop_shape2(2, 3)))
WRONG(reshape_wrap, gop_reshape(net, a, gop_shape4(SIZE_MAX / 2 + 1, 2, 120, 1)))
WRONG(reshape_zero, gop_reshape(net, a, gop_shape2(0, 120)))
WRONG(reshape_rank, gop_reshape(net, a, ((gop_shape){5, {2, 3, 4, 5}})))
WRONG(repeat_long, gop_repeat(net, a, 1, 2))
WRONG(repeat_zero, gop_repeat(net, gop_slice(net, b, 0, 0, 1), 0, 0))
WRONG(repeat_huge, gop_repeat(net, gop_slice(net, b, 0, 0, 1), 0, SIZE_MAX))
WRONG(pool_nodes, gop_pool(net, a, b, 2, GOP_REDUCE_MEAN))
WRONG(pool_zero, gop_pool(net, a, gop_slice(net, b, 0, 0, 3), 0, GOP_REDUCE_SUM))
WRONG(pool_rank, gop_pool(net, b, b, 2, GOP_REDUCE_MAX))
WRONG(match_rank, gop_match(net, a, a))
WRONG(difference_rank, gop_difference(net, b))
WRONG(mean_axis, gop_mean(net, b, 1))
WRONG(softmax_scalar, gop_softmax(net, gop_mean(net, b, 0), -1))
WRONG(entropy_rank, gop_cross_entropy(net, a, b, gop_none(), 0))
WRONG(entropy_count,
      gop_cross_entropy(net, gop_reshape(net, a, gop_shape2(8, 15)), b, gop_none(), 0))
WRONG(l1_shapes, gop_l1(net, a, b, GOP_PER_ELEMENT))
WRONG(l1_scalar, gop_l1(net, gop_mean(net, b, 0), gop_mean(net, b, 0), GOP_PER_SAMPLE))
WRONG(roll_rank, gop_roll_out(net, b, b, 1, forget, NULL))

static const wrong wrongs[] = {
    {"add", GOP_ESHAPE, add_shapes},
    {"add", GOP_EINVAL, add_none},
    {"mul", GOP_ESHAPE, mul_shapes},
    {"mul", GOP_EINVAL, mul_none},
    {"concat", GOP_EINVAL, concat_none},
    {"concat", GOP_EINVAL, concat_axis},
    {"concat", GOP_EINVAL, concat_negative},
    {"concat", GOP_ESHAPE, concat_shapes},
    {"slice", GOP_EINVAL, slice_axis},
    {"slice", GOP_ESHAPE, slice_empty},
    {"slice", GOP_ESHAPE, slice_behind},
    {"slice", GOP_ESHAPE, slice_wrap},
    {"reshape", GOP_ESHAPE, reshape_less},
    {"reshape", GOP_ESHAPE, reshape_wrap},
    {"reshape", GOP_ESHAPE, reshape_zero},
    {"reshape", GOP_ESHAPE, reshape_rank},
    {"repeat", GOP_ESHAPE, repeat_long},
    {"repeat", GOP_EINVAL, repeat_zero},
    {"repeat", GOP_ENOMEM, repeat_huge},
    {"pool", GOP_ESHAPE, pool_nodes},
    {"pool", GOP_EINVAL, pool_zero},
    {"pool", GOP_ESHAPE, pool_rank},
    {"match", GOP_ESHAPE, match_rank},
    {"difference", GOP_ESHAPE, difference_rank},
    {"mean", GOP_EINVAL, mean_axis},
    {"softmax", GOP_EINVAL, softmax_scalar},
    {"cross_entropy", GOP_ESHAPE, entropy_rank},
    {"cross_entropy", GOP_ESHAPE, entropy_count},
    {"l1", GOP_ESHAPE, l1_shapes},
    {"l1", GOP_ESHAPE, l1_scalar},
    {"roll_out", GOP_ESHAPE, roll_rank},
};

START_TEST(wrong_calls_are_refused_by_name)
{
    for (size_t k = 0; k < sizeof wrongs / sizeof *wrongs; k++) {
        fixture f = fixture_new(true);
        gop_var a = gop_input(f.net, "a", gop_shape4(2, 3, 4, 5));
        gop_var b = gop_input(f.net, "b", gop_shape1(7));
        ck_assert_msg(wrongs[k].call(f.net, a, b).id < 0, "call %zu of %s", k, wrongs[k].op);
        gop_status s = recorded(gop_net_plan(f.net, &f.err), &f.err);
        ck_assert_msg(s == wrongs[k].status, "call %zu of %s: status %d: %s", k, wrongs[k].op,
                      (int)s, f.err.message);
        assert_says(&f, wrongs[k].op);
        fixture_free(&f);
    }
}
END_TEST

TEST_MAIN("operators' promises")
{
    tcase_add_loop_test(t, fixed_statistics_stay, 0, 2);
    tcase_add_loop_test(t, fixed_statistics_have_names, 0, 2);
    tcase_add_test(t, dropout_has_its_probability);
    tcase_add_test(t, dropout_follows_the_step);
    tcase_add_loop_test(t, dropout_is_nothing_outside_training, 0, 2);
    tcase_add_test(t, a_label_out_of_range_stops_training);
    tcase_add_test(t, nodes_of_no_part_are_left_out);
    tcase_add_test(t, softmax_takes_any_finite_logits);
    tcase_add_test(t, functions_outside_their_domain);
    tcase_add_test(t, nothing_hides_a_nan);
    tcase_add_loop_test(t, a_maximum_keeps_a_nan, 0, 6);
    tcase_add_test(t, a_softmax_over_edges_is_defined);
    tcase_add_test(t, the_largest_have_an_order);
    tcase_add_test(t, a_product_takes_2_to_the_24_edges);
    tcase_add_test(t, roll_out_feeds_back);
    tcase_add_test(t, roll_out_refuses_wrong_steps);
    tcase_add_test(t, concat_takes_any_number);
    tcase_add_loop_test(t, minus_one_is_the_last_axis, 0, ALONG);
    tcase_add_test(t, sharing_memory_changes_nothing);
    tcase_add_test(t, wrong_calls_are_refused_by_name);
}
