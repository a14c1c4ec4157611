/*
 * test_layer.c: layers: the names, shapes and initial values of their parameters, results equal to
 * the operator's, parameters shared with a second net, and errors.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"
#include "net_fixture.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ------------------------------------------------------------------ parameters */

/* Initial values: all `low`, or uniform in [low, high), or normal with deviation `high` and low =
 * NORMAL. */
#define NORMAL 1e9
typedef struct expected {
    const char *name, *shape;
    bool trained;
    double low, high;
} expected;

static gop_param_info find(const gop_params *params, const char *name)
{
    for (size_t i = 0; i < gop_params_count(params); i++) {
        gop_param_info p = gop_params_info(params, i);
        if (strcmp(p.name, name) == 0)
            return p;
    }
    ck_abort_msg("no parameter is called %s", name);
}

static void expect_values(const gop_param_info *p, double low, double high)
{
    const size_t n = gop_shape_size(p->shape);
    double least = INFINITY, most = -INFINITY, squares = 0;
    for (size_t i = 0; i < n; i++) {
        const double v = (double)p->data[i];
        least = v < least ? v : least;
        most = v > most ? v : most;
        squares += v * v;
    }
    if (low == NORMAL) {
        const double sd = sqrt(squares / (double)n), slack = 4 / sqrt(2.0 * (double)n);
        ck_assert_msg(fabs(sd / high - 1) < slack, "%s: deviation %g, not %g", p->name, sd, high);
        return;
    }
    ck_assert_msg(least >= low && most <= high, "%s: [%g, %g], not in [%g, %g]", p->name, least,
                  most, low, high);
    if (low < high && n >= 100) /* the range is used */
        ck_assert_msg(most - least > 0.9 * (high - low), "%s: only [%g, %g]", p->name, least, most);
}

static void expect_params(const gop_params *params, const expected *want, size_t n)
{
    char shape[96];
    ck_assert_uint_eq(gop_params_count(params), n);
    for (size_t i = 0; i < n; i++) {
        const gop_param_info p = find(params, want[i].name);
        ck_assert_str_eq(gop_shape_text(shape, sizeof shape, p.shape), want[i].shape);
        ck_assert_int_eq(p.trained, want[i].trained);
        expect_values(&p, want[i].low, want[i].high);
    }
}

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* 1/sqrt(n) as the layers' initial values have it, with room for rounding to float. */
static double fan(double n)
{
    return 1.0000001 / sqrt(n);
}

/* --------------------------------------------------------------------- layers */

enum { N = 2, M = 3, T = 8, C = 16, OUT = 32 };

static gop_var adjacency(gop_net *net, size_t stack)
{
    gop_real A[2 * M * M];
    for (size_t i = 0; i < COUNT(A); i++)
        A[i] = (gop_real)(0.1 * (double)i);
    return gop_constant(net, stack > 1 ? "As" : "A",
                        stack > 1 ? gop_shape3(stack, M, M) : gop_shape2(M, M), A);
}

static const gop_conv strided = {.stride = 2, .pad = 1}, grouped = {.pad = 2, .groups = 4};

/* One of each layer on x [N, M, T, C]; the shapes of the results. */
static void record(fixture *f, gop_var x, const char *(*shapes)[2], char (*text)[64])
{
    static const size_t widths[2] = {OUT, 4};
    gop_net *net = f->net;
    const gop_var A = adjacency(net, 1), As = adjacency(net, 2);
    gop_net_push(net, "scope");
    const gop_var y[] = {gop_layer_linear(net, "linear", x, OUT, true),
                         gop_layer_linear(net, "plain", x, OUT, false),
                         gop_layer_mlp(net, "mlp", x, widths, 2, 0.5),
                         gop_layer_batch_norm(net, "bn", x, 1e-5, 0.1),
                         gop_layer_temporal_conv(net, "tc", x, OUT, 3, strided, true),
                         gop_layer_graph_conv(net, "gc", x, A, OUT, true),
                         gop_layer_graph_conv(net, "gcs", x, As, OUT, false),
                         gop_layer_gru(net, "gru", x, gop_none(), 4),
                         gop_layer_lstm(net, "lstm", x, gop_none(), 4),
                         gop_layer_temporal_conv(net, "tcg", x, OUT, 3, grouped, false)};
    gop_net_pop(net);
    for (size_t i = 0; i < COUNT(y); i++) {
        gop_net_keep(net, y[i]);
        shapes[i][0] = gop_shape_text(text[i], 64, gop_net_shape(net, y[i]));
    }
}

START_TEST(names_shapes_and_first_values)
{
    const double c = fan(C), taps = fan(3 * C), out = fan(OUT), four = fan(4);
    const expected want[] = {
        {"scope.linear.weight", "[32, 16]", true, -c, c},
        {"scope.linear.bias", "[32]", true, -c, c},
        {"scope.plain.weight", "[32, 16]", true, -c, c},
        {"scope.mlp.0.weight", "[32, 16]", true, -c, c},
        {"scope.mlp.0.bias", "[32]", true, -c, c},
        {"scope.mlp.1.weight", "[4, 32]", true, -out, out},
        {"scope.mlp.1.bias", "[4]", true, -out, out},
        {"scope.bn.weight", "[16]", true, 1, 1},
        {"scope.bn.bias", "[16]", true, 0, 0},
        {"scope.bn.running_mean", "[16]", false, 0, 0},
        {"scope.bn.running_var", "[16]", false, 1, 1},
        {"scope.tc.weight", "[32, 3, 16]", true, NORMAL, sqrt(2.0 / (3 * OUT))},
        {"scope.tc.bias", "[32]", true, -taps, taps},
        {"scope.gc.weight", "[32, 16]", true, NORMAL, sqrt(2.0 / (C + OUT))},
        {"scope.gc.bias", "[32]", true, 0, 0},
        {"scope.gcs.weight", "[2, 32, 16]", true, NORMAL, sqrt(2.0 / (2 * (C + OUT)))},
        {"scope.gru.weight_ih", "[12, 16]", true, -four, four},
        {"scope.gru.weight_hh", "[12, 4]", true, -four, four},
        {"scope.gru.bias_ih", "[12]", true, -four, four},
        {"scope.gru.bias_hh", "[12]", true, -four, four},
        {"scope.lstm.weight_ih", "[16, 16]", true, -four, four},
        {"scope.lstm.weight_hh", "[16, 4]", true, -four, four},
        {"scope.lstm.bias_ih", "[16]", true, -four, four},
        {"scope.lstm.bias_hh", "[16]", true, -four, four},
        {"scope.tcg.weight", "[32, 3, 4]", true, NORMAL, sqrt(2.0 / (3 * OUT / 4))},
    };
    const char *shapes[10][2] = {
        {"", "[2, 3, 8, 32]"}, {"", "[2, 3, 8, 32]"}, {"", "[2, 3, 8, 4]"},  {"", "[2, 3, 8, 16]"},
        {"", "[2, 3, 4, 32]"}, {"", "[2, 3, 8, 32]"}, {"", "[2, 3, 8, 32]"}, {"", "[2, 3, 8, 4]"},
        {"", "[2, 3, 8, 4]"},  {"", "[2, 3, 10, 32]"}};
    char text[10][64];
    fixture f = fixture_new(true);
    record(&f, gop_input(f.net, "x", gop_shape4(N, M, T, C)), shapes, text);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    for (size_t i = 0; i < COUNT(shapes); i++)
        ck_assert_str_eq(shapes[i][0], shapes[i][1]);
    expect_params(f.params, want, COUNT(want));
    fixture_free(&f);
}
END_TEST

START_TEST(embedding_rows)
{
    const expected want[] = {{"e.weight", "[50, 8]", true, NORMAL, 1}};
    fixture f = fixture_new(true);
    gop_var y = gop_layer_embedding(f.net, "e", gop_input(f.net, "index", gop_shape1(5)), 50, 8);
    gop_net_keep(f.net, y);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    ck_assert(gop_shape_equal(gop_net_shape(f.net, y), gop_shape2(5, 8)));
    expect_params(f.params, want, COUNT(want));
    fixture_free(&f);
}
END_TEST

/* A second net on the same parameters makes none, and computes the same. */
START_TEST(a_second_net_finds_them_again)
{
    const char *shapes[10][2];
    char text[10][64];
    gop_real data[N * M * T * C], first[N * M * T * OUT];
    fixture f = fixture_new(false);
    for (int i = 0; i < 2; i++) {
        if (i == 1)
            assert_ok(f, gop_net_new(&f.net, f.ctx, f.params, GOP_INFERENCE, &f.err));
        const gop_var x = gop_input(f.net, "x", gop_shape4(N, M, T, C));
        record(&f, x, shapes, text);
        const gop_var y = gop_layer_temporal_conv(f.net, "again", x, OUT, 3, (gop_conv){.pad = 1},
                                                  true);
        gop_net_keep(f.net, y);
        assert_ok(f, gop_net_plan(f.net, &f.err));
        gop_params_close(f.params); /* from here on a new parameter would be an error */
        for (size_t k = 0; k < COUNT(data); k++)
            data[k] = (gop_real)sin((double)k);
        const given in = {x, data};
        assert_ok(f, fixture_run(&f, &in, 1));
        if (i == 0)
            memcpy(first, gop_net_value(f.net, y), sizeof first);
        else
            ck_assert_mem_eq(first, gop_net_value(f.net, y), sizeof first);
        if (i == 0)
            gop_net_free(f.net);
    }
    ck_assert_uint_eq(gop_params_count(f.params), 25 + 2);
    fixture_free(&f);
}
END_TEST

/* The parameters of layer `name` with four hidden units: w_ih, w_hh, b_ih, b_hh. */
static void cell_params(gop_net *net, const char *name, size_t rows, gop_var v[4])
{
    gop_net_push(net, "%s", name);
    v[0] = gop_param(net, "weight_ih", gop_shape2(rows, C), gop_init_constant(9));
    v[1] = gop_param(net, "weight_hh", gop_shape2(rows, 4), gop_init_constant(9));
    v[2] = gop_param(net, "bias_ih", gop_shape1(rows), gop_init_constant(9));
    v[3] = gop_param(net, "bias_hh", gop_shape1(rows), gop_init_constant(9));
    gop_net_pop(net);
}

/* A layer equals the operator with these parameters. */
START_TEST(they_are_their_operators)
{
    gop_real data[N * M * T * C];
    fixture f = fixture_new(false);
    gop_net *net = f.net;
    const gop_var x = gop_input(net, "x", gop_shape4(N, M, T, C)), A = adjacency(net, 1);
    gop_var pair[7][2];
    pair[0][0] = gop_layer_linear(net, "l", x, OUT, true);
    pair[1][0] = gop_layer_temporal_conv(net, "t", x, OUT, 3, strided, true);
    pair[2][0] = gop_layer_graph_conv(net, "g", x, A, OUT, true);
    const gop_init any = gop_init_constant(9); /* existing parameters keep their values */
    const gop_shape out = gop_shape1(OUT);
    pair[0][1] = gop_linear(net, x, gop_param(net, "l.weight", gop_shape2(OUT, C), any),
                            gop_param(net, "l.bias", out, any));
    pair[1][1] = gop_bias(
        net,
        gop_temporal_conv(net, x, gop_param(net, "t.weight", gop_shape3(OUT, 3, C), any), strided),
        gop_param(net, "t.bias", out, any));
    const gop_var W = gop_param(net, "g.weight", gop_shape2(OUT, C), any);
    pair[2][1] = gop_bias(net, gop_graph_conv(net, x, &A, &W, NULL, 1),
                          gop_param(net, "g.bias", out, any));
    gop_var K = gop_param(net, "d.weight", gop_shape3(OUT, 3, C / 4), gop_init_normal(1));
    pair[3][0] = gop_layer_temporal_conv(net, "d", x, OUT, 3, grouped, false);
    pair[3][1] = gop_temporal_conv(net, x, K, grouped);
    /* Options of zeros are the defaults. */
    K = gop_param(net, "t.weight", gop_shape3(OUT, 3, C), any);
    pair[4][0] = gop_temporal_conv(net, x, K, (gop_conv){0});
    pair[4][1] = gop_temporal_conv(net, x, K, (gop_conv){1, 0, 1, 1, false});
    /* States: an LSTM's is h and c side by side. */
    gop_var state = gop_slice(net, gop_reshape(net, x, gop_shape3(N, M, T * C)), 2, 3, 4), v[4];
    pair[5][0] = gop_layer_gru(net, "gru", x, state, 4);
    cell_params(net, "gru", 12, v);
    pair[5][1] = gop_gru(net, x, state, v[0], v[1], v[2], v[3]);
    state = gop_lstm_state(net, state, state);
    pair[6][0] = gop_layer_lstm(net, "lstm", x, state, 4);
    cell_params(net, "lstm", 16, v);
    pair[6][1] = gop_lstm(net, x, state, v[0], v[1], v[2], v[3]);
    for (int i = 0; i < 14; i++)
        gop_net_keep(net, pair[i / 2][i % 2]);
    assert_ok(f, gop_net_plan(net, &f.err));
    for (size_t k = 0; k < COUNT(data); k++)
        data[k] = (gop_real)sin((double)k);
    const given in = {x, data};
    assert_ok(f, fixture_run(&f, &in, 1));
    for (int i = 0; i < 7; i++)
        ck_assert_mem_eq(gop_net_value(net, pair[i][0]), gop_net_value(net, pair[i][1]),
                         gop_shape_size(gop_net_shape(net, pair[i][0])) * sizeof(gop_real));
    fixture_free(&f);
}
END_TEST

/* --------------------------------------------------------------------- errors */

enum { LAYERS = 8 };

/* Layer `i` with arguments that may be wrong. */
static gop_var layer(gop_net *net, int i, const char *name, gop_var x, size_t out)
{
    const size_t widths[1] = {out};
    switch (i) {
    case 0:
        return gop_layer_linear(net, name, x, out, true);
    case 1:
        return gop_layer_mlp(net, name, x, widths, 1, 0);
    case 2:
        return gop_layer_temporal_conv(net, name, x, out, 3, (gop_conv){.pad = 1}, true);
    case 3:
        return gop_layer_graph_conv(net, name, x, net ? adjacency(net, 1) : x, out, true);
    case 4:
        return gop_layer_gru(net, name, x, gop_none(), out);
    case 5:
        return gop_layer_lstm(net, name, x, gop_none(), out);
    case 6:
        return gop_layer_embedding(net, name, x, 4, out);
    default:
        return gop_layer_batch_norm(net, name, x, 1e-5, 0.1);
    }
}

static void refused(fixture *f, gop_var got, gop_status status, const char *says)
{
    ck_assert_int_lt(got.id, 0);
    ck_assert_int_eq(gop_net_plan(f->net, &f->err), status);
    assert_says(f, says);
    ck_assert_uint_eq(gop_params_count(f->params), 0);
    fixture_free(f);
}

START_TEST(errors)
{
    for (int k = 0; k < 2; k++) {
        fixture f = fixture_new(true);
        gop_var x = gop_input(f.net, "x", gop_shape4(N, M, T, C));
        refused(&f, layer(f.net, _i, k ? "" : NULL, x, OUT), GOP_EINVAL, "name");
    }
    if (_i < 7) { /* batch norm has the channels of x */
        fixture f = fixture_new(true);
        gop_var x = gop_input(f.net, "x", gop_shape4(N, M, T, C));
        refused(&f, layer(f.net, _i, "it", x, 0), GOP_EINVAL, "channels");
    }
    if (_i != 6) { /* an index may have any rank */
        fixture f = fixture_new(true);
        gop_var x = gop_input(f.net, "x", gop_shape0());
        refused(&f, layer(f.net, _i, "it", x, OUT), GOP_ESHAPE, "it: x has no channels");
    }
    ck_assert_int_lt(layer(NULL, _i, "it", gop_none(), OUT).id, 0);
}
END_TEST

START_TEST(errors_of_one_layer)
{
    const size_t widths[2] = {4, 0};
    fixture f = fixture_new(true);
    gop_var x = gop_input(f.net, "x", gop_shape4(N, M, T, C));
    refused(&f, gop_layer_mlp(f.net, "it", x, NULL, 2, 0), GOP_EINVAL,
            "mlp it: the list of widths is NULL or empty");
    f = fixture_new(true);
    x = gop_input(f.net, "x", gop_shape4(N, M, T, C));
    refused(&f, gop_layer_mlp(f.net, "it", x, widths, 0, 0), GOP_EINVAL,
            "mlp it: the list of widths is NULL or empty");
    f = fixture_new(true);
    x = gop_input(f.net, "x", gop_shape4(N, M, T, C));
    refused(&f, gop_layer_graph_conv(f.net, "it", x, x, OUT, true), GOP_ESHAPE,
            "it: A is neither [M, M] nor [G, M, M]");
    f = fixture_new(true);
    refused(&f, gop_layer_embedding(f.net, "it", gop_input(f.net, "i", gop_shape1(2)), 0, 4),
            GOP_EINVAL, "rows");
    /* The second of two layers is wrong; the first has already made its parameters. */
    f = fixture_new(true);
    x = gop_input(f.net, "x", gop_shape4(N, M, T, C));
    ck_assert_int_lt(gop_layer_mlp(f.net, "it", x, widths, 2, 0).id, 0);
    ck_assert_int_eq(recorded(gop_net_plan(f.net, &f.err), &f.err), GOP_EINVAL);
    assert_says(&f, "gop_layer_linear 1: the number of channels must not be 0");
    fixture_free(&f);
}
END_TEST

/* After an error layers do nothing, and the net keeps the first message. */
START_TEST(an_error_sticks)
{
    fixture f = fixture_new(true);
    gop_var x = gop_input(f.net, "x", gop_shape4(N, M, T, C));
    gop_layer_linear(f.net, NULL, x, OUT, true);
    refused(&f, layer(f.net, _i, "it", x, OUT), GOP_EINVAL,
            "gop_layer_linear: the name is missing or empty");
}
END_TEST

TEST_MAIN("layers")
{
    tcase_add_test(t, names_shapes_and_first_values);
    tcase_add_test(t, embedding_rows);
    tcase_add_test(t, a_second_net_finds_them_again);
    tcase_add_test(t, they_are_their_operators);
    tcase_add_loop_test(t, errors, 0, LAYERS);
    tcase_add_test(t, errors_of_one_layer);
    tcase_add_loop_test(t, an_error_sticks, 0, LAYERS);
}
