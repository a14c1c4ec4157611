/*
 * test_backward.c: starts, stops, parameters and views of gop_net_backward and gop_net_upstream;
 * and random nets, whose results must not depend on how the planner shares memory.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"
#include "case_run.h"
#include "net_fixture.h"

/* Two layers and two losses:
 *   h = w1 x,   first = mean(w2 h),   second = mean(h h)     elements of size 3 */
typedef struct model {
    fixture f;
    gop_var x, h, first, second;
} model;

enum { WIDTH = 3, W1 = 0, W2 = 3, UNUSED = 6, SIZE = 8 };
static const gop_real x_data[WIDTH] = {1, -2, 3};

static model model_new(void)
{
    model m = {.f = fixture_new(true)};
    gop_net *net = m.f.net;
    m.x = gop_input(net, "x", gop_shape1(WIDTH));
    gop_var w1 = gop_param(net, "w1", gop_shape1(WIDTH), gop_init_constant(2));
    gop_var w2 = gop_param(net, "w2", gop_shape1(WIDTH), gop_init_constant(5));
    gop_param(net, "unused", gop_shape1(SIZE - UNUSED), gop_init_constant(1));
    m.h = gop_mul(net, w1, m.x);
    m.first = gop_mean(net, gop_mul(net, w2, m.h), 0);
    m.second = gop_mean(net, gop_mul(net, m.h, m.h), 0);
    gop_net_keep(net, m.h);
    gop_net_keep(net, m.first);
    gop_net_keep(net, m.second);
    assert_ok(m.f, gop_net_plan(net, &m.f.err));
    memcpy(gop_net_value(net, m.x), x_data, sizeof x_data);
    assert_ok(m.f, gop_net_forward(net, &m.f.err));
    ck_assert_uint_eq(gop_params_size(m.f.params), SIZE);
    return m;
}

static void assert_near(const gop_real *got, const double *want, size_t n, const char *what)
{
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(relative((double)got[i], want[i]) < 1e-6, "%s: element %zu is %g, not %g",
                      what, i, (double)got[i], want[i]);
}

/* By hand: dfirst/dw1 = w2 x / 3, dfirst/dw2 = w1 x / 3, dsecond/dw1 = 2 w1 x^2 / 3. */
static void by_hand(double *grads, double first, double second)
{
    for (int i = 0; i < WIDTH; i++) {
        double x = (double)x_data[i];
        grads[W1 + i] += first * 5 * x / 3 + second * 2 * 2 * x * x / 3;
        grads[W2 + i] += first * 2 * x / 3;
    }
}

START_TEST(gradients_of_params_are_added_to_what_is_there)
{
    model m = model_new();
    gop_real grads[SIZE];
    double want[SIZE];
    gop_real one = 1, three = 3;
    for (int i = 0; i < SIZE; i++) {
        grads[i] = 100;
        want[i] = 100;
    }
    assert_ok(m.f,
              gop_net_backward(m.f.net, &(gop_pass){.from = &m.first, .seed = &one, .n_from = 1},
                               grads, &m.f.err));
    by_hand(want, 1, 0);
    assert_near(grads, want, SIZE, "the first loss");
    assert_ok(m.f,
              gop_net_backward(m.f.net, &(gop_pass){.from = &m.second, .seed = &three, .n_from = 1},
                               grads, &m.f.err));
    by_hand(want, 0, 3);
    assert_near(grads, want, SIZE, "the second loss on top");
    fixture_free(&m.f);
}
END_TEST

START_TEST(several_starts_are_weighed)
{
    model m = model_new();
    gop_real grads[SIZE] = {0}, seeds[2] = {(gop_real)0.25, (gop_real)0.75};
    gop_var from[2] = {m.first, m.second};
    double want[SIZE] = {0};
    for (int twice = 0; twice < 2; twice++) {
        memset(grads, 0, sizeof grads);
        assert_ok(m.f,
                  gop_net_backward(m.f.net, &(gop_pass){.from = from, .seed = seeds, .n_from = 2},
                                   grads, &m.f.err));
    }
    by_hand(want, 0.25, 0.75);
    assert_near(grads, want, SIZE, "both losses");
    /* A value that starts twice counts twice. */
    from[1] = m.first;
    memset(grads, 0, sizeof grads);
    memset(want, 0, sizeof want);
    assert_ok(m.f, gop_net_backward(m.f.net, &(gop_pass){.from = from, .seed = seeds, .n_from = 2},
                                    grads, &m.f.err));
    by_hand(want, 1, 0);
    assert_near(grads, want, SIZE, "a loss twice");
    fixture_free(&m.f);
}
END_TEST

START_TEST(propagation_stops_where_it_is_told)
{
    model m = model_new();
    gop_real grads[SIZE] = {0}, one = 1;
    assert_ok(m.f, gop_net_backward(
                       m.f.net,
                       &(gop_pass){
                           .from = &m.first, .seed = &one, .n_from = 1, .stop = &m.h, .n_stop = 1},
                       grads, &m.f.err));
    double want[SIZE] = {0}, dh[WIDTH];
    by_hand(want, 1, 0);
    for (int i = 0; i < WIDTH; i++) {
        want[W1 + i] = 0;
        dh[i] = 5.0 / 3;
    }
    assert_near(grads, want, SIZE, "beyond the stop");
    assert_near(gop_net_grad(m.f.net, m.h), dh, WIDTH, "at the stop");

    /* Continues from there with the caller's own gradient, scaled. */
    for (int i = 0; i < WIDTH; i++)
        gop_net_grad(m.f.net, m.h)[i] *= 2;
    assert_ok(m.f,
              gop_net_backward(m.f.net, &(gop_pass){.from = &m.h, .n_from = 1}, grads, &m.f.err));
    for (int i = 0; i < WIDTH; i++)
        want[W1 + i] = 2 * 5 * (double)x_data[i] / 3;
    assert_near(grads, want, SIZE, "from the stop on");
    fixture_free(&m.f);
}
END_TEST

START_TEST(params_may_be_left_out)
{
    model m = model_new();
    gop_real one = 1;
    assert_ok(m.f, gop_net_backward(
                       m.f.net,
                       &(gop_pass){
                           .from = &m.second, .seed = &one, .n_from = 1, .stop = &m.h, .n_stop = 1},
                       NULL, &m.f.err));
    double dh[WIDTH];
    for (int i = 0; i < WIDTH; i++)
        dh[i] = 2 * 2 * (double)x_data[i] / 3;
    assert_near(gop_net_grad(m.f.net, m.h), dh, WIDTH, "at the stop");
    fixture_free(&m.f);
}
END_TEST

START_TEST(wrong_starts_and_stops_are_refused)
{
    model m = model_new();
    gop_var foreign = {99, 0}, none = gop_none();
    gop_real one = 1;
    gop_net *net = m.f.net;
    gop_error *err = &m.f.err;
    ck_assert_int_eq(gop_net_backward(net, &(gop_pass){.seed = &one, .n_from = 1}, NULL, err),
                     GOP_EINVAL);
    ck_assert_int_eq(
        gop_net_backward(net, &(gop_pass){.from = &m.first, .seed = &one, .n_from = 1, .n_stop = 1},
                         NULL, err),
        GOP_EINVAL);
    ck_assert_int_eq(
        gop_net_backward(net, &(gop_pass){.from = &foreign, .seed = &one, .n_from = 1}, NULL, err),
        GOP_EINVAL);
    ck_assert_int_eq(
        gop_net_backward(net, &(gop_pass){.from = &none, .seed = &one, .n_from = 1}, NULL, err),
        GOP_EINVAL);
    ck_assert_int_eq(gop_net_backward(net, &(gop_pass){.from = &m.x, .n_from = 1}, NULL, err),
                     GOP_EINVAL);
    ck_assert_int_eq(
        gop_net_backward(
            net,
            &(gop_pass){.from = &m.first, .seed = &one, .n_from = 1, .stop = &foreign, .n_stop = 1},
            NULL, err),
        GOP_EINVAL);
    /* A number cannot start a vector. */
    ck_assert_int_eq(
        gop_net_backward(net, &(gop_pass){.from = &m.h, .seed = &one, .n_from = 1}, NULL, err),
        GOP_EINVAL);
    assert_says(&m.f, "mul");
    fixture_free(&m.f);
}
END_TEST

/* Whether the elements upstream equal `want`. */
static void assert_upstream(model *m, gop_pass pass, const uint8_t *want)
{
    uint8_t mask[SIZE];
    memset(mask, 7, sizeof mask);
    assert_ok(m->f, gop_net_upstream(mask, m->f.net, &pass, &m->f.err));
    ck_assert_int_eq(memcmp(mask, want, SIZE), 0);
}

START_TEST(upstream_is_what_a_value_depends_on)
{
    model m = model_new();
    static const uint8_t of_h[SIZE] = {1, 1, 1, 0, 0, 0, 0, 0};
    static const uint8_t of_first[SIZE] = {1, 1, 1, 1, 1, 1, 0, 0};
    static const uint8_t of_nothing[SIZE] = {0};
    const gop_var both[2] = {m.second, m.x};
    assert_upstream(&m, (gop_pass){.from = &m.h, .n_from = 1}, of_h);
    assert_upstream(&m, (gop_pass){.from = &m.first, .n_from = 1}, of_first);
    assert_upstream(&m, (gop_pass){.from = both, .n_from = 2}, of_h);
    assert_upstream(&m, (gop_pass){.from = &m.x, .n_from = 1}, of_nothing);
    assert_upstream(&m, (gop_pass){.n_from = 0}, of_nothing);
    /* Does not go past h: w2 only, and no function of h. */
    static const uint8_t of_first_alone[SIZE] = {0, 0, 0, 1, 1, 1, 0, 0};
    assert_upstream(&m, (gop_pass){.from = &m.first, .n_from = 1, .stop = &m.h, .n_stop = 1},
                    of_first_alone);
    assert_upstream(&m, (gop_pass){.from = &m.second, .n_from = 1, .stop = &m.h, .n_stop = 1},
                    of_nothing);
    fixture_free(&m.f);
}
END_TEST

START_TEST(a_view_of_a_param_passes_its_gradient)
{
    fixture f = fixture_new(true);
    gop_var w = gop_param(f.net, "w", gop_shape2(2, 3), gop_init_constant(3));
    gop_var flat = gop_reshape(f.net, w, gop_shape1(6));
    gop_var again = gop_reshape(f.net, flat, gop_shape2(3, 2));
    gop_var y = gop_add(f.net, gop_mean(f.net, gop_mul(f.net, flat, flat), 0),
                        gop_mean(f.net, gop_mean(f.net, again, 0), 0));
    gop_var z = gop_mul(f.net, y, gop_mean(f.net, gop_mean(f.net, w, 0), 0));
    gop_net_keep(f.net, z);
    gop_net_keep(f.net, again);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    assert_ok(f, gop_net_forward(f.net, &f.err));
    /* z = (w^2 + w) w on average; d/dw_i = (3 w^2 + 2 w) / 6 if all w are equal. */
    ck_assert(gop_net_value(f.net, z)[0] == 36);
    ck_assert(gop_net_value(f.net, again)[5] == 3);
    gop_real grads[6] = {0}, one = 1;
    double want[6];
    for (int i = 0; i < 6; i++)
        want[i] = (3.0 * 9 + 2 * 3) / 6;
    assert_ok(f, gop_net_backward(f.net, &(gop_pass){.from = &z, .seed = &one, .n_from = 1}, grads,
                                  &f.err));
    assert_near(grads, want, 6, "through views");
    fixture_free(&f);
}
END_TEST

START_TEST(a_kept_view_stays)
{
    static const gop_real data[4] = {-1, 2, -3, 4};
    for (int keep = 0; keep < 2; keep++) {
        fixture f = fixture_new(false);
        given in[1] = {give(&f, gop_shape1(4), data)};
        gop_var x = gop_scale(f.net, in[0].var, 1), view = gop_reshape(f.net, x, gop_shape2(2, 2));
        gop_var y = gop_reshape(f.net, gop_relu(f.net, view), gop_shape1(4));
        gop_var z = gop_add(f.net, y, x);
        if (keep)
            gop_net_keep(f.net, view);
        gop_net_keep(f.net, z);
        assert_ok(f, gop_net_plan(f.net, &f.err));
        assert_ok(f, fixture_run(&f, in, 1));
        for (int i = 0; i < 4; i++) {
            ck_assert(gop_net_value(f.net, z)[i] == (data[i] > 0 ? 2 : 1) * data[i]);
            ck_assert(!keep || gop_net_value(f.net, view)[i] == data[i]);
        }
        fixture_free(&f);
    }
}
END_TEST

/* ------------------------------------------------------------------- random nets */

enum { OPS = 24, ELEMENTS = 24, NETS = 300 };

/* Records operators on values drawn from earlier ones, all of ELEMENTS elements; keeps every value
 * or only the last. */
static gop_var record_random(gop_net *net, gop_var x, uint64_t seed, bool keep_all, double p)
{
    gop_rng rng = gop_rng_new(seed, 0);
    gop_var v[OPS + 2] = {x, gop_param(net, "w", gop_shape2(4, 6), gop_init_normal(1))};
    for (size_t n = 2; n < OPS + 2; n++) {
        /* Mostly recent values, so that chains occur. */
        size_t far = gop_rng_below(&rng, 3) == 0 ? n : (n < 3 ? n : 3);
        gop_var a = v[n - 1 - gop_rng_below(&rng, far)], b = v[n - 1 - gop_rng_below(&rng, far)];
        gop_var halves[2];
        gop_shape s = gop_net_shape(net, a);
        bool same = gop_shape_equal(s, gop_net_shape(net, b));
        switch (gop_rng_below(&rng, 9)) {
        case 0:
            v[n] = gop_relu(net, a);
            break;
        case 1:
            v[n] = gop_scale(net, a, 0.75);
            break;
        case 2:
            v[n] = gop_softmax(net, a, -1);
            break;
        case 3:
            v[n] = gop_dropout(net, a, p, GOP_DROP_ELEMENTS);
            break;
        case 4:
            v[n] = gop_reshape(net, a, gop_shape2(6, 4));
            break;
        case 5:
            v[n] = gop_reshape(net, a, gop_shape2(4, 6));
            break;
        case 6:
            halves[0] = gop_slice(net, a, 1, 2, s.dim[1] - 2);
            halves[1] = gop_slice(net, a, 1, 0, 2);
            v[n] = gop_concat(net, halves, 2, 1);
            break;
        case 7:
            v[n] = gop_mul(net, a, same ? b : a);
            break;
        default:
            v[n] = gop_axpby(net, 0.5, a, -0.75, same ? b : a);
            break;
        }
        if (keep_all)
            gop_net_keep(net, v[n]);
    }
    gop_net_keep(net, v[OPS + 1]);
    return v[OPS + 1];
}

/* The last value and, in training, the gradients of x and w. */
static bool run_random(gop_real *y, gop_real *dx, gop_real *dw, uint64_t seed, bool training,
                       bool keep_all, double p, size_t *bytes)
{
    fixture f = fixture_new(training);
    gop_rng rng = gop_rng_new(seed, 1);
    gop_var x = gop_input(f.net, "x", gop_shape2(4, 6));
    gop_net_keep(f.net, x);
    gop_var last = record_random(f.net, x, seed, keep_all, p);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    for (size_t i = 0; i < ELEMENTS; i++)
        gop_net_value(f.net, x)[i] = (gop_real)gop_rng_normal(&rng);
    /* Runs twice: the second run finds the memory as the first left it. */
    for (int k = 0; k < 2; k++) {
        gop_net_random(f.net, seed, 3);
        assert_ok(f, gop_net_forward(f.net, &f.err));
    }
    memcpy(y, gop_net_value(f.net, last), ELEMENTS * sizeof *y);
    bool trained = gop_net_grad(f.net, last) != NULL;
    for (int k = 0; k < 2 && trained; k++) {
        for (size_t i = 0; i < ELEMENTS; i++)
            gop_net_grad(f.net, last)[i] = (gop_real)gop_rng_normal(&rng);
        memset(dw, 0, ELEMENTS * sizeof *dw);
        assert_ok(f, gop_net_backward(f.net, &(gop_pass){.from = &last, .n_from = 1}, dw, &f.err));
        memcpy(dx, gop_net_grad(f.net, x), ELEMENTS * sizeof *dx);
    }
    *bytes = gop_net_costs(f.net).bytes;
    fixture_free(&f);
    return trained;
}

START_TEST(memory_plans_do_not_show)
{
    size_t saved = 0;
    for (uint64_t seed = 1; seed <= NETS; seed++) {
        gop_real y[2][ELEMENTS], dx[2][ELEMENTS] = {{0}}, dw[2][ELEMENTS] = {{0}};
        size_t bytes[2];
        bool trained = run_random(y[0], dx[0], dw[0], seed, true, true, 0.25, &bytes[0]);
        ck_assert(run_random(y[1], dx[1], dw[1], seed, true, false, 0.25, &bytes[1]) == trained);
        ck_assert_msg(memcmp(y[0], y[1], sizeof y[0]) == 0, "net %d: the value", (int)seed);
        ck_assert_msg(memcmp(dx[0], dx[1], sizeof dx[0]) == 0, "net %d: dx", (int)seed);
        ck_assert_msg(memcmp(dw[0], dw[1], sizeof dw[0]) == 0, "net %d: dw", (int)seed);
        saved += bytes[1] < bytes[0];
    }
    ck_assert_uint_gt(saved, NETS / 2);
}
END_TEST

START_TEST(inference_is_training_without_dropout)
{
    size_t saved = 0;
    for (uint64_t seed = 1; seed <= NETS; seed++) {
        gop_real y[2][ELEMENTS], dx[ELEMENTS], dw[ELEMENTS];
        size_t bytes[2];
        run_random(y[0], dx, dw, seed, true, false, 0, &bytes[0]);
        ck_assert(!run_random(y[1], dx, dw, seed, false, false, 0.25, &bytes[1]));
        ck_assert_msg(memcmp(y[0], y[1], sizeof y[0]) == 0, "net %d", (int)seed);
        saved += bytes[1] < bytes[0];
    }
    ck_assert_uint_gt(saved, NETS / 2);
}
END_TEST

TEST_MAIN("backward")
{
    tcase_add_test(t, gradients_of_params_are_added_to_what_is_there);
    tcase_add_test(t, several_starts_are_weighed);
    tcase_add_test(t, propagation_stops_where_it_is_told);
    tcase_add_test(t, params_may_be_left_out);
    tcase_add_test(t, wrong_starts_and_stops_are_refused);
    tcase_add_test(t, upstream_is_what_a_value_depends_on);
    tcase_add_test(t, a_view_of_a_param_passes_its_gradient);
    tcase_add_test(t, a_kept_view_stays);
    tcase_add_test(t, memory_plans_do_not_show);
    tcase_add_test(t, inference_is_training_without_dropout);
}
