/*
 * test_profile.c: the profile of a net: counts of products and bytes against numbers computed by
 * hand, calls, time, switching on and off.  Adds up rows if operators may run together.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"
#include "net_fixture.h"

#include <stdlib.h>
#include <time.h>

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static gop_var weight(fixture *f, const char *name, gop_shape shape)
{
    return gop_param(f->net, name, shape, gop_init_uniform(0.5));
}

/* A scalar that depends on every element of v. */
static gop_var finish(fixture *f, gop_var v)
{
    gop_var zero = gop_input(f->net, "zero", gop_net_shape(f->net, v));
    gop_var loss = gop_l1(f->net, v, zero, GOP_PER_ELEMENT);
    gop_net_keep(f->net, loss);
    assert_ok(*f, gop_net_plan(f->net, &f->err));
    return loss;
}

static gop_profile_row total(const fixture *f)
{
    gop_profile_row sum;
    memset(&sum, 0, sizeof sum);
    for (size_t i = 0; i < gop_net_profile_rows(f->net); i++) {
        gop_profile_row r = gop_net_profile_row(f->net, i);
        gop_profile_work *to[2] = {&sum.forward, &sum.backward};
        const gop_profile_work *from[2] = {&r.forward, &r.backward};
        for (int k = 0; k < 2; k++) {
            to[k]->calls += from[k]->calls;
            to[k]->fused += from[k]->fused;
            to[k]->seconds += from[k]->seconds;
            to[k]->madds += from[k]->madds;
            to[k]->bytes += from[k]->bytes;
        }
    }
    return sum;
}

/* Runs forward and backward once, profiled, with or without parameters' gradients. */
static gop_profile_row once(fixture *f, gop_var loss, bool params)
{
    gop_real one = 1, *grads = calloc(gop_params_size(f->params) + 1, sizeof *grads);
    ck_assert_ptr_nonnull(grads);
    assert_ok(*f, gop_net_profile(f->net, true, &f->err));
    assert_ok(*f, gop_net_forward(f->net, &f->err));
    assert_ok(*f, gop_net_backward(f->net, &(gop_pass){.from = &loss, .seed = &one, .n_from = 1},
                                   params ? grads : NULL, &f->err));
    assert_ok(*f, gop_net_profile(f->net, false, &f->err));
    free(grads);
    return total(f);
}

/* ------------------------------------------------------------------------ counts */

/* x [2, 5, 6, 3] -> [2, 5, 6, 4] -> [2, 5, 6, 7] -> [60, 7] -> [60, 2] */
static gop_var record_chain(fixture *f)
{
    gop_var x = gop_input(f->net, "x", gop_shape4(2, 5, 6, 3));
    gop_var A = weight(f, "A", gop_shape2(5, 5)), W = weight(f, "W", gop_shape2(4, 3));
    double scale = 1;
    x = gop_graph_conv(f->net, x, &A, &W, &scale, 1);
    x = gop_temporal_conv(f->net, x, weight(f, "taps", gop_shape3(7, 3, 4)), (gop_conv){.pad = 1});
    x = gop_reshape(f->net, x, gop_shape2(60, 7));
    x = gop_linear(f->net, x, weight(f, "w", gop_shape2(2, 7)), weight(f, "b", gop_shape1(2)));
    return finish(f, x);
}

START_TEST(a_chain_is_counted)
{
    fixture f = fixture_new(true);
    gop_var loss = record_chain(&f);
    /* Nodes first: 12 frames of 5 x 5 x 3 and 5 x 3 x 4; 60 rows of 3 x 4 x 7; of 7 x 2. */
    const uint64_t graph = 900, channels = 720, taps = 5040, linear = 840;
    gop_profile_row all = once(&f, loss, true);
    ck_assert_uint_eq(all.forward.madds, graph + channels + taps + linear);
    /* dx of the graph convolution is not required: dA is dy W and its product with x. */
    const uint64_t back = channels + graph + channels + 2 * taps + 2 * linear;
    ck_assert_uint_eq(all.backward.madds, back);
    /* Without the parameters: dx of the convolution and of the affine map alone. */
    ck_assert_uint_eq(once(&f, loss, false).backward.madds, taps + linear);

    gop_net_cost stats = gop_net_costs(f.net);
    ck_assert_uint_eq(stats.madds, all.forward.madds);
    ck_assert_uint_eq(stats.madds_backward, back);
    fixture_free(&f);
}
END_TEST

START_TEST(channels_first_is_counted)
{
    /* M = M' = 2, T = 1, C = 8, C' = 2: 2 x 8 x 2 for the weights, 2 x 2 x 2 for the graph. */
    const uint64_t graph = 8, channels = 32;
    const gop_real eye[4] = {1, 0, 0, 1}, zeros[16] = {0};
    double scale = 1;
    for (int asked = 1; asked < 8; asked++) {
        fixture f = fixture_new(true);
        gop_var x = gop_input(f.net, "x", gop_shape4(1, 2, 1, 8));
        if (asked & 1)
            gop_net_keep(f.net, x);
        gop_var A = asked & 2 ? weight(&f, "A", gop_shape2(2, 2))
                              : gop_constant(f.net, "A", gop_shape2(2, 2), eye);
        gop_var W = asked & 4 ? weight(&f, "W", gop_shape2(2, 8))
                              : gop_constant(f.net, "W", gop_shape2(2, 8), zeros);
        gop_var loss = finish(&f, gop_graph_conv(f.net, x, &A, &W, &scale, 1));
        uint64_t want = asked & 5 ? graph : 0; /* A^T dy, for dx and dW */
        want += (asked & 1 ? channels : 0) + (asked & 2 ? graph : 0) + (asked & 4 ? channels : 0);
        gop_profile_row all = once(&f, loss, true);
        ck_assert_uint_eq(all.forward.madds, graph + channels);
        ck_assert_msg(all.backward.madds == want, "asked for %d: %llu", asked,
                      (unsigned long long)all.backward.madds);
        fixture_free(&f);
    }
}
END_TEST

/* 3 rows, 3 gates of 5: 4 inputs, 5 hidden features. */
START_TEST(a_gru_step_is_counted)
{
    for (int kept = 0; kept < 4; kept++) {
        fixture f = fixture_new(true);
        gop_var x = gop_input(f.net, "x", gop_shape2(3, 4));
        gop_var h = gop_input(f.net, "h", gop_shape2(3, 5));
        if (kept & 1)
            gop_net_keep(f.net, x);
        if (kept & 2)
            gop_net_keep(f.net, h);
        gop_var y = gop_gru_step(f.net, x, h, h, weight(&f, "W", gop_shape2(15, 4)),
                                 weight(&f, "U", gop_shape2(15, 5)),
                                 weight(&f, "b", gop_shape1(15)), gop_none());
        gop_profile_row all = once(&f, finish(&f, y), true);
        ck_assert_uint_eq(all.forward.madds, 45 * (4 + 5));
        ck_assert_uint_eq(all.backward.madds,
                          45 * (4 + 5) + (kept & 1 ? 45 * 4 : 0) + (kept & 2 ? 45 * 5 : 0));
        fixture_free(&f);
    }
}
END_TEST

START_TEST(bytes_are_counted)
{
    fixture f = fixture_new(true);
    gop_var x = gop_input(f.net, "x", gop_shape2(60, 7));
    gop_var w = weight(&f, "w", gop_shape2(2, 7)), b = weight(&f, "b", gop_shape1(2));
    gop_profile_row all = once(&f, finish(&f, gop_linear(f.net, x, w, b)), true);
    const size_t in = 60 * 7, out = 60 * 2, params = 2 * 7 + 2;
    /* The affine map reads in and params, writes out; l1 reads out twice, writes a scalar. */
    ck_assert_uint_eq(all.forward.bytes, (in + params + out + 2 * out + 1) * sizeof(gop_real));
    /* l1 reads its scalar and both, writes one gradient; the map reads all, writes params. */
    ck_assert_uint_eq(all.backward.bytes,
                      (1 + 2 * out + out + out + in + params + params) * sizeof(gop_real));
    fixture_free(&f);
}
END_TEST

/* ---------------------------------------------------------------------- switching */

START_TEST(calls_and_time_add_up)
{
    fixture f = fixture_new(true);
    gop_var loss = record_chain(&f);
    gop_profile_row one = once(&f, loss, true);
    ck_assert_uint_eq(one.forward.fused, 4); /* four operators and a view */

    assert_ok(f, gop_net_profile(f.net, true, &f.err));
    double before = seconds();
    for (int i = 0; i < 5; i++)
        assert_ok(f, gop_net_forward(f.net, &f.err));
    double passed = seconds() - before;
    gop_profile_row five = total(&f);
    ck_assert_uint_eq(five.forward.calls, 5 * one.forward.calls);
    ck_assert_uint_eq(five.forward.madds, 5 * one.forward.madds);
    ck_assert_uint_eq(five.forward.bytes, 5 * one.forward.bytes);
    ck_assert(five.forward.seconds > 0 && five.forward.seconds <= passed);
    ck_assert_uint_eq(five.backward.calls, 0);

    assert_ok(f, gop_net_profile(f.net, false, &f.err));
    assert_ok(f, gop_net_forward(f.net, &f.err));
    ck_assert_uint_eq(total(&f).forward.calls, five.forward.calls);
    assert_ok(f, gop_net_profile(f.net, true, &f.err));
    ck_assert_uint_eq(total(&f).forward.calls, 0);
    ck_assert(total(&f).forward.seconds == 0);
    fixture_free(&f);
}
END_TEST

START_TEST(rows_have_names)
{
    fixture f = fixture_new(false);
    gop_var x = gop_input(f.net, "x", gop_shape2(3, 4));
    gop_net_push(f.net, "head");
    x = gop_linear(f.net, x, weight(&f, "w", gop_shape2(2, 4)), gop_none());
    gop_reshape(f.net, x, gop_shape1(6));
    gop_net_pop(f.net);
    ck_assert_uint_eq(gop_net_costs(f.net).madds_backward, 0);
    ck_assert_int_eq(recorded(gop_net_profile(f.net, true, &f.err), &f.err), GOP_ESTATE);
    ck_assert_int_eq(recorded(gop_net_profile(NULL, true, &f.err), &f.err), GOP_EINVAL);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    ck_assert_uint_eq(gop_net_profile_rows(f.net), 0);
    ck_assert_uint_eq(gop_net_profile_rows(NULL), 0);
    ck_assert_ptr_null(gop_net_profile_row(f.net, 0).op);

    assert_ok(f, gop_net_profile(f.net, true, &f.err));
    assert_ok(f, gop_net_forward(f.net, &f.err));
    ck_assert_uint_eq(gop_net_profile_rows(f.net), 2);
    gop_profile_row linear = gop_net_profile_row(f.net, 0), view = gop_net_profile_row(f.net, 1);
    ck_assert_str_eq(linear.op, "linear");
    ck_assert_str_eq(linear.name, "head.linear");
    ck_assert_uint_eq(linear.forward.fused, 1);
    ck_assert_uint_eq(linear.backward.fused, 0);
    ck_assert_uint_eq(linear.forward.calls, 1);
    ck_assert_uint_eq(view.forward.fused, 0);
    ck_assert_uint_eq(view.forward.calls, 0);
    ck_assert_uint_eq(view.forward.bytes, 0);
    ck_assert_ptr_null(gop_net_profile_row(f.net, 2).op);
    ck_assert_uint_eq(gop_net_costs(f.net).madds_backward, 0);
    fixture_free(&f);
}
END_TEST

TEST_MAIN("profile")
{
    tcase_add_test(t, a_chain_is_counted);
    tcase_add_test(t, channels_first_is_counted);
    tcase_add_test(t, a_gru_step_is_counted);
    tcase_add_test(t, bytes_are_counted);
    tcase_add_test(t, calls_and_time_add_up);
    tcase_add_test(t, rows_have_names);
}
