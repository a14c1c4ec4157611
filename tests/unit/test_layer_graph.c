/*
 * test_layer_graph.c: recurrent cells of graph convolutions and attention against plain loops, norms
 * with their parameters, and first values of any layer's parameters.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "net_fixture.h"
#include "suite.h"

#include <math.h>
#include <stdio.h>

enum { N = 2, M = 3, T = 4, C = 2, H = 5, G = 2 };

static const double *weights(const gop_params *p, const char *name)
{
    static double copy[8][G * 4 * H * (C + H)];
    static int next;
    const gop_param_info info = gop_params_info(p, gop_params_find(p, name));
    double *to = copy[next++ % 8];
    for (size_t i = 0; i < gop_shape_size(info.shape); i++)
        to[i] = (double)info.data[i];
    return to;
}

static const gop_real stack[G * M * M] = {0.5, 0.5, 0,   0.25, 0.5, 0.25, 0, 0.5, 0.5,
                                          0.1, 0.2, 0.3, 0.4,  0,   -0.5, 1, 0,   0.7};

/* sum_g A_g [x, h] W_g^T + b of one node, output o. */
static double convolved(const double *W, const double *b, double xh[M][C + H], int node, int o,
                        int out)
{
    double sum = b[o];
    for (int g = 0; g < G; g++)
        for (int j = 0; j < M; j++)
            for (int c = 0; c < C + H; c++)
                sum += (double)stack[(g * M + node) * M + j] * xh[j][c] *
                       W[(g * out + o) * (C + H) + c];
    return sum;
}

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

static void gru(double h[M][H], double x[M][C], const gop_params *p)
{
    const double *W[2] = {weights(p, "cell.gates.weight"), weights(p, "cell.candidate.weight")};
    const double *b[2] = {weights(p, "cell.gates.bias"), weights(p, "cell.candidate.bias")};
    double xh[M][C + H], xr[M][C + H], u[M][H];
    for (int m = 0; m < M; m++)
        for (int c = 0; c < C + H; c++)
            xh[m][c] = xr[m][c] = c < C ? x[m][c] : h[m][c - C];
    for (int m = 0; m < M; m++)
        for (int k = 0; k < H; k++) {
            xr[m][C + k] = h[m][k] * sigmoid(convolved(W[0], b[0], xh, m, k, 2 * H));
            u[m][k] = sigmoid(convolved(W[0], b[0], xh, m, H + k, 2 * H));
        }
    for (int m = 0; m < M; m++)
        for (int k = 0; k < H; k++)
            h[m][k] = u[m][k] * h[m][k] + (1 - u[m][k]) * tanh(convolved(W[1], b[1], xr, m, k, H));
}

static void lstm(double h[M][H], double c[M][H], double x[M][C], const gop_params *p)
{
    const double *W = weights(p, "cell.gates.weight"), *b = weights(p, "cell.gates.bias");
    double xh[M][C + H];
    for (int m = 0; m < M; m++)
        for (int k = 0; k < C + H; k++)
            xh[m][k] = k < C ? x[m][k] : h[m][k - C];
    for (int m = 0; m < M; m++)
        for (int k = 0; k < H; k++) {
            double gate[4];
            for (int g = 0; g < 4; g++)
                gate[g] = convolved(W, b, xh, m, g * H + k, 4 * H);
            c[m][k] = sigmoid(gate[1]) * c[m][k] + sigmoid(gate[0]) * tanh(gate[2]);
            h[m][k] = sigmoid(gate[3]) * tanh(c[m][k]);
        }
}

START_TEST(cells_of_graph_convolutions)
{
    const bool long_term = _i == 1;
    fixture f = fixture_new(false);
    gop_real data[N * M * T * C];
    gop_var A = gop_constant(f.net, "A", gop_shape3(G, M, M), stack);
    gop_var x = gop_input(f.net, "x", gop_shape4(N, M, T, C));
    gop_net_first_values(f.net, "cell.gates.bias", gop_init_uniform(1));
    gop_var y = long_term ? gop_layer_graph_lstm(f.net, "cell", x, gop_none(), A, H)
                          : gop_layer_graph_gru(f.net, "cell", x, gop_none(), A, H);
    gop_net_keep(f.net, y);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    for (size_t i = 0; i < N * M * T * C; i++)
        data[i] = (gop_real)sin((double)i);
    const given in = {x, data};
    assert_ok(f, fixture_run(&f, &in, 1));
    ck_assert(gop_shape_equal(gop_net_shape(f.net, y), gop_shape4(N, M, T, H)));
    for (int n = 0; n < N; n++) {
        double h[M][H] = {{0}}, c[M][H] = {{0}}, frame[M][C];
        for (int t = 0; t < T; t++) {
            for (int m = 0; m < M; m++)
                for (int k = 0; k < C; k++)
                    frame[m][k] = (double)data[((n * M + m) * T + t) * C + k];
            if (long_term)
                lstm(h, c, frame, f.params);
            else
                gru(h, frame, f.params);
            for (int m = 0; m < M; m++)
                for (int k = 0; k < H; k++)
                    ck_assert_double_eq_tol(
                        (double)gop_net_value(f.net, y)[((n * M + m) * T + t) * H + k], h[m][k],
                        1e-5);
        }
    }
    fixture_free(&f);
}
END_TEST

/* A step from a state, twice, is the layer on two frames. */
START_TEST(steps_are_frames)
{
    fixture f = fixture_new(false);
    gop_real data[N * M * 2 * C];
    gop_var A = gop_constant(f.net, "A", gop_shape3(G, M, M), stack);
    gop_var x = gop_input(f.net, "x", gop_shape4(N, M, 2, C)), h[2];
    for (int t = 0; t < 2; t++) {
        gop_var frame = gop_reshape(f.net, gop_slice(f.net, x, 2, (size_t)t, 1),
                                    gop_shape3(N, M, C));
        h[t] = _i ? gop_layer_graph_lstm_step(f.net, "cell", frame, t ? h[0] : gop_none(), A, H)
                  : gop_layer_graph_gru_step(f.net, "cell", frame, t ? h[0] : gop_none(), A, H);
    }
    gop_var y = _i ? gop_layer_graph_lstm(f.net, "cell", x, gop_none(), A, H)
                   : gop_layer_graph_gru(f.net, "cell", x, gop_none(), A, H);
    gop_var last = _i ? gop_lstm_hidden(f.net, h[1]) : h[1];
    gop_var other = gop_reshape(f.net, gop_slice(f.net, y, 2, 1, 1), gop_shape3(N, M, H));
    gop_net_keep(f.net, last);
    gop_net_keep(f.net, other);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    for (size_t i = 0; i < N * M * 2 * C; i++)
        data[i] = (gop_real)cos((double)i);
    const given in = {x, data};
    assert_ok(f, fixture_run(&f, &in, 1));
    ck_assert_mem_eq(gop_net_value(f.net, last), gop_net_value(f.net, other),
                     N * M * H * sizeof(gop_real));
    fixture_free(&f);
}
END_TEST

START_TEST(cells_refuse)
{
    static const struct {
        const char *name;
        int rank, state;
        size_t hidden;
        gop_status status;
        const char *says;
    } wrong[] = {{"", 3, 0, H, GOP_EINVAL, "name"},
                 {"cell", 3, 0, 0, GOP_EINVAL, "hidden"},
                 {"cell", 4, 0, H, GOP_ESHAPE, "x must be [N, M, C]"},
                 {"cell", 3, 1, H, GOP_ESHAPE, "the state must be [2, 3, 5]"},
                 {"cell", 3, 2, H, GOP_ESHAPE, "A must be [3, 3] or a stack [G, 3, 3]"},
                 {"cell", 3, 3, H, GOP_ESHAPE, "none): A must be [3, 3]"}};
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
        fixture f = fixture_new(false);
        gop_var A = wrong[k].state == 3   ? gop_none()
                    : wrong[k].state == 2 ? gop_constant(f.net, "A", gop_shape2(M, G), stack)
                                          : gop_constant(f.net, "A", gop_shape3(G, M, M), stack);
        gop_var x = gop_input(f.net, "x",
                              wrong[k].rank == 3 ? gop_shape3(N, M, C) : gop_shape4(N, M, T, C));
        gop_var s = wrong[k].state == 1 ? gop_input(f.net, "s", gop_shape3(N, M, H + 1))
                                        : gop_none();
        gop_layer_graph_gru_step(f.net, wrong[k].name, x, s, A, wrong[k].hidden);
        ck_assert_int_eq(recorded(gop_net_plan(f.net, &f.err), &f.err), wrong[k].status);
        assert_says(&f, wrong[k].says);
        fixture_free(&f);
    }
}
END_TEST

START_TEST(norms_have_parameters)
{
    fixture f = fixture_new(false);
    gop_real data[N * M * T * 6], one[6] = {1, 1, 1, 1, 1, 1};
    gop_var x = gop_input(f.net, "x", gop_shape4(N, M, T, 6));
    gop_net_first_values(f.net, "second", gop_init_constant(0.5));
    gop_var y[4] = {
        gop_layer_layer_norm(f.net, "first", x, 1e-5),
        gop_layer_norm(f.net, x, gop_constant(f.net, "1", gop_shape1(6), one), gop_none(), 1e-5),
        gop_layer_group_norm(f.net, "second", x, 3, 1e-5),
        gop_group_norm(f.net, x, 3, gop_none(), gop_none(), 1e-5)};
    for (int i = 0; i < 4; i++)
        gop_net_keep(f.net, y[i]);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    ck_assert_uint_eq(gop_params_count(f.params), 4);
    for (size_t i = 0; i < N * M * T * 6; i++)
        data[i] = (gop_real)sin((double)i);
    const given in = {x, data};
    assert_ok(f, fixture_run(&f, &in, 1));
    for (size_t i = 0; i < N * M * T * 6; i++) {
        ck_assert(gop_net_value(f.net, y[0])[i] == gop_net_value(f.net, y[1])[i]);
        ck_assert_double_eq_tol((double)gop_net_value(f.net, y[2])[i],
                                0.5 * (double)gop_net_value(f.net, y[3])[i] + 0.5, 1e-6);
    }
    fixture_free(&f);
}
END_TEST

START_TEST(first_values_of_any_parameter)
{
    static const gop_real three[3] = {3, 2, 1};
    fixture f = fixture_new(true);
    gop_var x = gop_input(f.net, "x", gop_shape2(4, 3));
    gop_net_push(f.net, "block");
    gop_net_first_values(f.net, "bn", gop_init_constant(7));
    gop_net_first_values(f.net, "bn.weight", gop_init_data(three));
    gop_layer_batch_norm(f.net, "bn", x, 1e-5, 0.1);
    gop_layer_batch_norm(f.net, "bn2", x, 1e-5, 0.1);
    gop_net_pop(f.net);
    const struct {
        const char *name;
        gop_real value;
    } want[] = {{"block.bn.weight", 3},
                {"block.bn.bias", 7},
                {"block.bn.running_mean", 7},
                {"block.bn2.weight", 1}};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        ck_assert(gop_params_info(f.params, gop_params_find(f.params, want[i].name)).data[0] ==
                  want[i].value);
    gop_net_first_values(f.net, "", gop_init_constant(7));
    ck_assert_int_eq(recorded(gop_net_plan(f.net, &f.err), &f.err), GOP_EINVAL);
    assert_says(&f, "gop_net_first_values: the name is missing");
    fixture_free(&f);
}
END_TEST

/* A name that comes too late or matches nothing is reported; one that matches parameters that
 * exist is not. */
START_TEST(first_values_without_a_parameter)
{
    fixture f = fixture_new(true);
    gop_var x = gop_input(f.net, "x", gop_shape2(4, 3));
    gop_layer_linear(f.net, "l", x, 2, true);
    gop_net_first_values(f.net, "b?.w*", gop_init_constant(7));
    gop_layer_batch_norm(f.net, "bn", x, 1e-5, 0.1);
    gop_net_push(f.net, "s");
    gop_net_first_values(f.net, "l", gop_init_constant(7));
    gop_net_pop(f.net);
    ck_assert_int_eq(recorded(gop_net_plan(f.net, &f.err), &f.err), GOP_EINVAL);
    assert_says(&f, "gop_net_first_values: no parameter or statistic that was recorded after it "
                    "has the name s.l");
    fixture_free(&f);

    f = fixture_new(true);
    x = gop_input(f.net, "x", gop_shape2(4, 3));
    gop_layer_linear(f.net, "l", x, 2, true);
    gop_net_first_values(f.net, "*.bias", gop_init_constant(7));
    gop_layer_linear(f.net, "l", x, 2, true);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    ck_assert(gop_params_info(f.params, gop_params_find(f.params, "l.bias")).data[0] < 1);
    fixture_free(&f);
}
END_TEST

/* A linear layer of the reference, from the net's parameters. */
static double linear_at(const gop_params *p, const char *layer, const double *x, int o, int in)
{
    char name[64];
    snprintf(name, sizeof name, "att.%s.weight", layer);
    const gop_real *W = gop_params_info(p, gop_params_find(p, name)).data;
    snprintf(name, sizeof name, "att.%s.bias", layer);
    double sum = (double)gop_params_info(p, gop_params_find(p, name)).data[o];
    for (int c = 0; c < in; c++)
        sum += (double)W[o * in + c] * x[c];
    return sum;
}

START_TEST(attention_of_several_heads)
{
    enum { L = 3, K = 4, IN = 5, OUT = 6, HEADS = 2, D = OUT / HEADS };
    fixture f = fixture_new(false);
    gop_real a[N * L * IN], b[N * K * C],
        hide[L * K] = {[1] = (gop_real)-1e9, [6] = (gop_real)-1e9};
    for (int i = 0; i < N * L * IN; i++)
        a[i] = (gop_real)sin(i);
    for (int i = 0; i < N * K * C; i++)
        b[i] = (gop_real)cos(i);
    const bool self = _i == 1;
    const given in[2] = {{gop_input(f.net, "x", gop_shape3(N, L, IN)), a},
                         {gop_input(f.net, "c", gop_shape3(N, K, C)), b}};
    gop_var mask = gop_constant(f.net, "mask", gop_shape2(L, K), hide);
    gop_var y = self ? gop_layer_attention(f.net, "att", in[0].var, gop_none(), gop_none(), HEADS,
                                           OUT)
                     : gop_layer_attention(f.net, "att", in[0].var, in[1].var, mask, HEADS, OUT);
    gop_net_keep(f.net, y);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    assert_ok(f, fixture_run(&f, in, 2));
    const int keys = self ? L : K, width = self ? IN : C;
    for (int n = 0; n < N; n++)
        for (int l = 0; l < L; l++) {
            double x[IN], z[OUT];
            for (int c = 0; c < IN; c++)
                x[c] = (double)a[(n * L + l) * IN + c];
            for (int h = 0; h < HEADS; h++) {
                double e[K], sum = 0, v[K][D];
                for (int k = 0; k < keys; k++) {
                    double from[IN], dot = self ? 0 : (double)hide[l * K + k];
                    for (int c = 0; c < width; c++)
                        from[c] = (double)(self ? a : b)[(n * keys + k) * width + c];
                    for (int d = h * D; d < (h + 1) * D; d++) {
                        dot += linear_at(f.params, "query", x, d, IN) *
                               linear_at(f.params, "key", from, d, width) / sqrt(D);
                        v[k][d - h * D] = linear_at(f.params, "value", from, d, width);
                    }
                    sum += e[k] = exp(dot);
                }
                for (int d = 0; d < D; d++) {
                    z[h * D + d] = 0;
                    for (int k = 0; k < keys; k++)
                        z[h * D + d] += e[k] / sum * v[k][d];
                }
            }
            for (int o = 0; o < OUT; o++)
                ck_assert_double_eq_tol((double)gop_net_value(f.net, y)[(n * L + l) * OUT + o],
                                        linear_at(f.params, "out", z, o, OUT), 1e-5);
        }
    fixture_free(&f);
}
END_TEST

/* A mask of -1e9 everywhere: each query reads the mean of the values. */
START_TEST(attention_with_nothing_to_read)
{
    enum { L = 3, IN = 5, OUT = 6 };
    fixture f = fixture_new(false);
    gop_var x = gop_input(f.net, "x", gop_shape3(N, L, IN)),
            mask = gop_fill(f.net, "mask", gop_shape1(L), -1e9);
    gop_var y = gop_layer_attention(f.net, "a", x, gop_none(), mask, 2, OUT);
    gop_net_keep(f.net, y);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    for (int i = 0; i < N * L * IN; i++)
        gop_net_value(f.net, x)[i] = (gop_real)((i * 7 % 11) - 5) / 4;
    assert_ok(f, gop_net_forward_finite(f.net, &f.err));
    const gop_real *v = gop_net_value(f.net, y);
    for (int n = 0; n < N; n++)
        for (int i = 1; i < L; i++)
            for (int c = 0; c < OUT; c++)
                ck_assert_double_eq_tol((double)v[(n * L + i) * OUT + c],
                                        (double)v[n * L * OUT + c], 1e-5);
    fixture_free(&f);
}
END_TEST

START_TEST(attention_refuses)
{
    for (int k = 0; k < 4; k++) {
        fixture f = fixture_new(false);
        gop_var x = gop_input(f.net, "x", gop_shape3(N, 3, 5));
        gop_var c = gop_input(f.net, "c", k == 3 ? gop_shape3(N + 1, 3, 5) : gop_shape3(N, 4, 5));
        gop_layer_attention(f.net, k == 0 ? NULL : "att", x, c, gop_none(), k == 1 ? 4 : 2,
                            k == 2 ? 0 : 6);
        ck_assert_int_eq(recorded(gop_net_plan(f.net, &f.err), &f.err),
                         k == 3 ? GOP_ESHAPE : GOP_EINVAL);
        assert_says(&f, k == 0 ? "name" : k == 3 ? "context [N, K, C']" : "heads");
        fixture_free(&f);
    }
}
END_TEST

TEST_MAIN("layer_graph")
{
    tcase_add_loop_test(t, cells_of_graph_convolutions, 0, 2);
    tcase_add_loop_test(t, steps_are_frames, 0, 2);
    tcase_add_test(t, cells_refuse);
    tcase_add_loop_test(t, attention_of_several_heads, 0, 2);
    tcase_add_test(t, attention_with_nothing_to_read);
    tcase_add_test(t, attention_refuses);
    tcase_add_test(t, norms_have_parameters);
    tcase_add_test(t, first_values_of_any_parameter);
    tcase_add_test(t, first_values_without_a_parameter);
}
