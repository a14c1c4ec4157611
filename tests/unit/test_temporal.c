/*
 * test_temporal.c: the temporal parts of models that recognise: shapes and parameters of branches,
 * the mean node, how weights begin, and what is refused.  The golden cases of the models have their
 * numbers.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "net_fixture.h"

#include <math.h>

#include "zoo/zoo.h"

enum { N = 2, M = 3, T = 7, C = 4, OUT = 11 };

static const zoo_branch branch[] = {{3, 1}, {5, 2}, {0, 0}, {1, 1}};

static gop_param_info named(const fixture *f, const char *name)
{
    const size_t i = gop_params_find(f->params, name);
    ck_assert_msg(i != SIZE_MAX, "there is no %s", name);
    return gop_params_info(f->params, i);
}

static gop_var input(fixture *f)
{
    return gop_input(f->net, "x", gop_shape4(N, M, T, C));
}

/* The first or the last branch has what the division leaves over. */
START_TEST(branches_divide_the_channels)
{
    const bool last = _i == 1;
    fixture f = fixture_new(true);
    const zoo_branches b = {branch, 4, OUT, 2, .rest_last = last, .closing = true, .mix = !last};
    gop_var y = zoo_temporal_branches(f.net, "t", input(&f), &b);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    ck_assert(gop_shape_equal(gop_net_shape(f.net, y), gop_shape4(N, M, 4, OUT)));
    const size_t first = last ? 2 : 5, rest = last ? 5 : 2;
    ck_assert(gop_shape_equal(named(&f, "t.branch.0.in.weight").shape, gop_shape2(first, C)));
    ck_assert(
        gop_shape_equal(named(&f, "t.branch.0.conv.weight").shape, gop_shape3(first, 3, first)));
    ck_assert(gop_shape_equal(named(&f, "t.branch.1.conv.weight").shape, gop_shape3(2, 5, 2)));
    ck_assert(gop_shape_equal(named(&f, "t.branch.2.bn2.weight").shape, gop_shape1(2)));
    ck_assert(gop_shape_equal(named(&f, "t.branch.3.conv.weight").shape, gop_shape3(rest, 1, C)));
    ck_assert_uint_eq(gop_params_find(f.params, "t.branch.2.conv.weight"), SIZE_MAX);
    ck_assert_uint_eq(gop_params_find(f.params, "t.branch.3.in.weight"), SIZE_MAX);
    ck_assert_int_eq(gop_params_find(f.params, "t.mix.weight") == SIZE_MAX, last);
    fixture_free(&f);
}
END_TEST

/* Branches of one tap are linear, so that a node gets gamma times the mean of what the nodes get. */
START_TEST(the_mean_node_reaches_each_node)
{
    static const zoo_branch one[] = {{1, 1}};
    const zoo_branches b = {one, 1, C, 1, .mean_node = _i > 0};
    fixture f = fixture_new(false);
    gop_var x = input(&f), y = zoo_temporal_branches(f.net, "t", x, &b);
    gop_net_keep(f.net, y);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    gop_real *v = gop_net_value(f.net, x), plain[N * M * T * C];
    for (size_t i = 0; i < N * M * T * C; i++)
        v[i] = (gop_real)sin((double)i);
    assert_ok(f, gop_net_forward(f.net, &f.err));
    memcpy(plain, gop_net_value(f.net, y), sizeof plain);
    if (_i == 0) {
        fixture_free(&f);
        return;
    }
    for (size_t m = 0; m < M; m++)
        named(&f, "t.gamma").data[m] = (gop_real)m;
    gop_params_changed(f.params);
    assert_ok(f, gop_net_forward(f.net, &f.err));
    for (size_t i = 0; i < N * M * T * C; i++) {
        const size_t node = i / (T * C) % M, at = i % (T * C), n = i / (M * T * C);
        double mean = 0;
        for (size_t m = 0; m < M; m++)
            mean += (double)plain[(n * M + m) * T * C + at] / M;
        ck_assert_double_eq_tol((double)gop_net_value(f.net, y)[i],
                                (double)plain[i] + (double)node * mean, 1e-5);
    }
    fixture_free(&f);
}
END_TEST

START_TEST(weights_begin_as_asked)
{
    const bool he = _i == 1;
    fixture f = fixture_new(true);
    gop_var x = gop_input(f.net, "x", gop_shape4(N, M, T, 16));
    gop_var y = zoo_temporal_conv(f.net, "c", x, 64, 3, (gop_conv){.pad = 1},
                                  he ? ZOO_HE : ZOO_FAN_IN);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    ck_assert(gop_shape_equal(gop_net_shape(f.net, y), gop_shape4(N, M, T, 64)));
    const gop_param_info W = named(&f, "c.weight"), b = named(&f, "c.bias");
    double most = 0, squares = 0, biases = 0;
    for (size_t i = 0; i < 64 * 3 * 16; i++) {
        most = fmax(most, fabs((double)W.data[i]));
        squares += (double)W.data[i] * (double)W.data[i] / (64 * 3 * 16);
    }
    for (size_t i = 0; i < 64; i++)
        biases = fmax(biases, fabs((double)b.data[i]));
    const double bound = 1 / sqrt(48);
    ck_assert_double_eq_tol(squares, he ? 2.0 / 192 : bound * bound / 3, he ? 1e-3 : 5e-4);
    ck_assert(he ? biases == 0 : biases > 0 && biases <= bound);
    ck_assert(he || most <= bound);
    fixture_free(&f);
}
END_TEST

START_TEST(a_projection_is_made_where_the_shape_changes)
{
    fixture f = fixture_new(true);
    gop_var x = input(&f);
    ck_assert_int_eq(zoo_project(f.net, "r", x, C, 1, ZOO_HE).id, x.id);
    gop_var y = zoo_project(f.net, "r", x, C, 2, ZOO_HE);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    ck_assert(gop_shape_equal(gop_net_shape(f.net, y), gop_shape4(N, M, 4, C)));
    ck_assert_uint_eq(gop_params_count(f.params), 6);
    fixture_free(&f);
}
END_TEST

/* The frames that a part and the residual beside it have, by padding. */
START_TEST(padding_keeps_frames_or_does_not)
{
    static const zoo_branch some[] = {{3, 1}, {3, 2}, {0, 1}, {1, 1}};
    enum { FRAMES = 13 };
    fixture f = fixture_new(true);
    zoo_branches b = {some, 4, OUT, 2, .padding = (zoo_padding)_i};
    gop_var x = gop_input(f.net, "long", gop_shape4(N, M, FRAMES, C));
    ck_assert_uint_eq(zoo_branches_span(&b), 5);
    const size_t kept = _i == ZOO_UNPADDED ? FRAMES - 4 : FRAMES;
    ck_assert_uint_eq(gop_net_dim(f.net, zoo_temporal_branches(f.net, "t", x, &b), 2),
                      (kept - 1) / 2 + 1);
    gop_var beside = zoo_beside(f.net, x, 5, b.padding);
    ck_assert_uint_eq(gop_net_dim(f.net, beside, 2), kept);
    ck_assert(_i == ZOO_UNPADDED || beside.id == x.id);
    const gop_conv nine = zoo_padded((gop_conv){.dilation = 2}, 9, b.padding);
    ck_assert_uint_eq(nine.pad, _i == ZOO_UNPADDED ? 0 : _i == ZOO_CAUSAL ? 16 : 8);
    ck_assert(nine.causal == (_i == ZOO_CAUSAL) && nine.dilation == 2);
    ck_assert_uint_eq(gop_net_dim(f.net, zoo_crop(f.net, x, 3, 4), 2), FRAMES - 7);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    fixture_free(&f);

    const zoo_list strides = {3, {1, 2, 1}};
    const gop_status status = zoo_check_padding(b.padding, &strides, 5, 16, &f.err);
    ck_assert_int_eq(status, _i == ZOO_UNPADDED ? GOP_EINVAL : GOP_OK);
    ck_assert_int_eq(zoo_check_padding(b.padding, &strides, 5, 17, &f.err), GOP_OK);
}
END_TEST

/* A trained partition begins as the constant one, or as its transpose. */
START_TEST(trained_partitions_begin_as_the_graph)
{
    const zoo_layout *l = zoo_layout_find("ntu25");
    const size_t V = l->nodes;
    fixture f = fixture_new(true);
    gop_var A = zoo_spatial_partition(f.net, l, true);
    gop_var B = zoo_trained_partition(f.net, "B", l, _i == 1);
    gop_var x = gop_input(f.net, "x", gop_shape4(N, V, T, C));
    gop_var y = zoo_subset_conv(f.net, "g", x, B, OUT);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    ck_assert(gop_shape_equal(gop_net_shape(f.net, y), gop_shape4(N, V, T, OUT)));
    const gop_real *a = gop_net_value(f.net, A), *b = named(&f, "B").data;
    for (size_t k = 0; k < 3; k++)
        for (size_t i = 0; i < V; i++)
            for (size_t j = 0; j < V; j++)
                ck_assert(b[(k * V + i) * V + j] ==
                          a[(k * V + (_i == 1 ? j : i)) * V + (_i == 1 ? i : j)]);
    fixture_free(&f);
}
END_TEST

START_TEST(what_does_not_fit_is_refused)
{
    static const char *const says[] = {"1 to 16 branches",
                                       "4 branches need as many channels",
                                       "x must be [N, M, T, C]",
                                       "channels and taps are needed",
                                       "the name is NULL",
                                       "the layout is NULL",
                                       "A [K, M, M]",
                                       "4 and 3 frames cannot be taken from 7"};
    fixture f = fixture_new(true);
    gop_var x = input(&f), flat = gop_input(f.net, "flat", gop_shape2(N, C));
    zoo_branches b = {branch, 4, 3, 1, .mix = true};
    if (_i == 0)
        b.n = 0;
    if (_i <= 2)
        zoo_temporal_branches(f.net, "t", _i == 2 ? flat : x, &b);
    if (_i == 3)
        zoo_temporal_conv(f.net, "c", x, 0, 3, (gop_conv){0}, ZOO_HE);
    if (_i == 4)
        zoo_project(f.net, NULL, x, OUT, 1, ZOO_HE);
    if (_i == 5)
        zoo_trained_partition(f.net, "A", NULL, false);
    if (_i == 6)
        zoo_subset_conv(f.net, "g", x, flat, OUT);
    if (_i == 7)
        zoo_crop(f.net, x, 4, T - 4);
    const bool shape = _i == 2 || _i == 7;
    ck_assert_int_eq(gop_net_plan(f.net, &f.err), shape ? GOP_ESHAPE : GOP_EINVAL);
    assert_says(&f, says[_i]);
    fixture_free(&f);
}
END_TEST

TEST_MAIN("temporal")
{
    tcase_add_loop_test(t, branches_divide_the_channels, 0, 2);
    tcase_add_loop_test(t, the_mean_node_reaches_each_node, 0, 2);
    tcase_add_loop_test(t, weights_begin_as_asked, 0, 2);
    tcase_add_test(t, a_projection_is_made_where_the_shape_changes);
    tcase_add_loop_test(t, padding_keeps_frames_or_does_not, 0, 3);
    tcase_add_loop_test(t, trained_partitions_begin_as_the_graph, 0, 2);
    tcase_add_loop_test(t, what_does_not_fit_is_refused, 0, 8);
}
