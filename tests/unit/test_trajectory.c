/*
 * test_trajectory.c: the parts of models that predict by trajectories, by their definitions.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "net_fixture.h"

#include <math.h>
#include <stdlib.h>

#include "zoo/zoo.h"

enum { N = 2, M = 3, T = 5, C = 2, V = M * C };

START_TEST(trajectories_and_back)
{
    gop_real v[N * M * T * C];
    fixture f = fixture_new(false);
    for (size_t i = 0; i < N * M * T * C; i++)
        v[i] = (gop_real)i;
    given x = give(&f, gop_shape4(N, M, T, C), v);
    gop_var y = zoo_trajectories(f.net, x.var), held = zoo_hold_last(f.net, y, 2);
    gop_var back = zoo_poses(f.net, held, C);
    gop_net_keep(f.net, y);
    gop_net_keep(f.net, back);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    ck_assert_int_eq(fixture_run(&f, &x, 1), GOP_OK);
    ck_assert(gop_shape_equal(gop_net_shape(f.net, y), gop_shape4(N, V, 1, T)));
    for (size_t n = 0; n < N; n++)
        for (size_t m = 0; m < M; m++)
            for (size_t t = 0; t < T + 2; t++)
                for (size_t c = 0; c < C; c++) {
                    const size_t seen = t < T ? t : T - 1;
                    const gop_real want = v[((n * M + m) * T + seen) * C + c];
                    if (t < T)
                        ck_assert(gop_net_value(f.net, y)[(n * V + m * C + c) * T + t] == want);
                    ck_assert(gop_net_value(f.net, back)[((n * M + m) * (T + 2) + t) * C + c] ==
                              want);
                }
    fixture_free(&f);
}
END_TEST

START_TEST(cosines_are_orthonormal)
{
    fixture f = fixture_new(false);
    gop_var d = zoo_cosines(f.net, 7, 4), i = zoo_inverse_cosines(f.net, 7, 4);
    gop_var one = gop_matmul(f.net, d, i, 0);
    gop_net_keep(f.net, one);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    assert_ok(f, gop_net_forward(f.net, &f.err));
    const gop_real *row = gop_net_value(f.net, d);
    for (size_t k = 0; k < 4; k++) {
        for (size_t j = 0; j < 4; j++)
            ck_assert_double_eq_tol((double)gop_net_value(f.net, one)[k * 4 + j], k == j, 1e-6);
        for (size_t t = 0; t < 7; t++) {
            const double want = sqrt((k > 0 ? 2.0 : 1.0) / 7) *
                                cos(acos(-1.0) * (double)k * ((double)t + 0.5) / 7);
            ck_assert_double_eq_tol((double)row[k * 7 + t], want, 1e-6);
            ck_assert(gop_net_value(f.net, i)[t * 4 + k] == row[k * 7 + t]);
        }
    }
    fixture_free(&f);
}
END_TEST

/* A (x W^T) + b with all ones: sums over nodes and features, and the bias. */
START_TEST(the_graph_is_a_parameter)
{
    static const char *const names[] = {"gc.A", "gc.weight", "gc.bias"};
    gop_real v[V * 2];
    double sum = 0;
    fixture f = fixture_new(false);
    for (size_t i = 0; i < V * 2; i++)
        sum += (double)(v[i] = (gop_real)(0.1 * (double)i));
    given x = give(&f, gop_shape4(1, V, 1, 2), v);
    gop_net_first_values(f.net, "gc", gop_init_constant(1));
    gop_var y = zoo_dense_gc(f.net, "gc", x.var, 3);
    gop_net_keep(f.net, y);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    for (size_t i = 0; i < 3; i++)
        ck_assert_uint_ne(gop_params_find(f.params, names[i]), SIZE_MAX);
    ck_assert_int_eq(fixture_run(&f, &x, 1), GOP_OK);
    for (size_t i = 0; i < V * 3; i++)
        ck_assert_double_eq_tol((double)gop_net_value(f.net, y)[i], sum + 1, 1e-5);
    fixture_free(&f);
}
END_TEST

/* In training each feature of each node has mean 0 and deviation 1 over the batch. */
START_TEST(features_are_normalised_over_the_batch)
{
    enum { B = 6, F = 2 };
    gop_real v[B * V * F];
    fixture f = fixture_new(true);
    for (size_t i = 0; i < B * V * F; i++)
        v[i] = (gop_real)sin(1 + (double)(i * i));
    given x = give(&f, gop_shape4(B, V, 1, F), v);
    gop_var y = zoo_feature_norm(f.net, "bn", x.var);
    gop_net_keep(f.net, y);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    ck_assert_int_eq(fixture_run(&f, &x, 1), GOP_OK);
    for (size_t k = 0; k < V * F; k++) {
        double mean = 0, square = 0;
        for (size_t b = 0; b < B; b++) {
            const double e = (double)gop_net_value(f.net, y)[b * V * F + k];
            mean += e / B;
            square += e * e / B;
        }
        ck_assert_double_eq_tol(mean, 0, 1e-5);
        ck_assert_double_eq_tol(square, 1, 1e-3);
    }
    fixture_free(&f);
}
END_TEST

/* Residuals: with a last graph convolution of zeros, and with batch norms of zeros, nothing
 * changes. */
START_TEST(networks_begin_from_their_input)
{
    gop_real v[V * 4];
    const zoo_gc_style style = {gop_tanh, 0.1};
    fixture f = fixture_new(false);
    for (size_t i = 0; i < V * 4; i++)
        v[i] = (gop_real)cos((double)i);
    given x = give(&f, gop_shape4(1, V, 1, 4), v);
    gop_net_first_values(f.net, "out.gc", gop_init_constant(0));
    gop_net_first_values(f.net, "b.bn2", gop_init_constant(0));
    gop_var y[2] = {zoo_residual_gcn(f.net, x.var, 5, 2, 0.5),
                    zoo_gc_block(f.net, "b", x.var, &style)};
    gop_net_keep(f.net, y[0]);
    gop_net_keep(f.net, y[1]);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    ck_assert_uint_ne(gop_params_find(f.params, "block.1.gc2.weight"), SIZE_MAX);
    ck_assert_int_eq(fixture_run(&f, &x, 1), GOP_OK);
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < V * 4; i++)
            ck_assert(gop_net_value(f.net, y[k])[i] == v[i]);
    fixture_free(&f);
}
END_TEST

static const char *const words[] = {"x must be [N, M, T, C]",
                                    "x must be [N, M C, 1, T], C = 4",
                                    "7 frames have 1 to 7 coefficients, not 8",
                                    "x must be [N, V, 1, F]",
                                    "x must be [N, V, 1, F]",
                                    "a name and an activation are needed",
                                    "a name and features are needed"};

START_TEST(what_does_not_fit_is_refused)
{
    fixture f = fixture_new(true);
    gop_var flat = gop_zeros(f.net, "flat", gop_shape2(2, 3));
    gop_var rows = gop_zeros(f.net, "rows", gop_shape4(2, V, 1, 3));
    gop_var poses = gop_zeros(f.net, "poses", gop_shape4(2, 2, 2, 3));
    switch (_i) {
    case 0:
        zoo_trajectories(f.net, flat);
        break;
    case 1:
        zoo_poses(f.net, rows, 4);
        break;
    case 2:
        zoo_cosines(f.net, 7, 8);
        break;
    case 3:
        zoo_dense_gc(f.net, "gc", poses, 3);
        break;
    case 4:
        zoo_feature_norm(f.net, "bn", poses);
        break;
    case 5:
        zoo_gc_block(f.net, "b", rows, NULL);
        break;
    default:
        zoo_dense_gc(f.net, "gc", rows, 0);
    }
    ck_assert_int_ne(recorded(gop_net_plan(f.net, &f.err), &f.err), GOP_OK);
    assert_says(&f, words[_i]);
    fixture_free(&f);
}
END_TEST

TEST_MAIN("trajectory")
{
    tcase_add_test(t, trajectories_and_back);
    tcase_add_test(t, cosines_are_orthonormal);
    tcase_add_test(t, the_graph_is_a_parameter);
    tcase_add_test(t, features_are_normalised_over_the_batch);
    tcase_add_test(t, networks_begin_from_their_input);
    tcase_add_loop_test(t, what_does_not_fit_is_refused, 0, (int)(sizeof words / sizeof *words));
}
