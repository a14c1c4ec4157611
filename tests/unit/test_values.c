/*
 * test_values.c: a net's values: those of other nets, constants of one number, first values from
 * data, results that are computed once, memory of the caller.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "net_fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

START_TEST(a_value_of_another_net_is_refused)
{
    for (int k = 0; k < 3; k++) {
        fixture f = fixture_new(false);
        gop_net *other = NULL;
        assert_ok(f, gop_net_new(&other, f.ctx, f.params, GOP_INFERENCE, &f.err));
        gop_var x = gop_input(f.net, "x", gop_shape2(2, 3));
        gop_var far = gop_input(other, "far", gop_shape2(7, 4));
        ck_assert_int_eq(far.id, x.id);
        if (k == 0)
            ck_assert_int_lt(gop_relu(f.net, far).id, 0);
        else if (k == 1)
            gop_net_keep(f.net, far);
        else
            gop_net_name(f.net, far, "y");
        ck_assert_int_eq(gop_net_shape(f.net, far).rank, -1);
        ck_assert_int_eq(recorded(gop_net_plan(f.net, &f.err), &f.err), GOP_EINVAL);
        assert_says(&f, "value of this net");
        gop_net_free(other);
        fixture_free(&f);
    }
}
END_TEST

START_TEST(a_value_that_was_never_set_is_refused)
{
    fixture f = fixture_new(false);
    struct {
        gop_var in, skip;
    } m = {.in = gop_input(f.net, "x", gop_shape2(2, 3))};
    ck_assert_int_lt(gop_add(f.net, m.in, m.skip).id, 0);
    ck_assert_int_eq(recorded(gop_net_plan(f.net, &f.err), &f.err), GOP_EINVAL);
    ck_assert_str_eq(f.err.message, "add: input 2 is not a value of this net: it was never set "
                                    "(gop_none() is an absent value)");
    fixture_free(&f);
}
END_TEST

START_TEST(backward_refuses_values_of_other_nets)
{
    fixture f = fixture_new(true), g = fixture_new(true);
    const gop_real one = 1;
    gop_var loss[2];
    for (int k = 0; k < 2; k++) {
        fixture *of = k == 0 ? &f : &g;
        gop_var w = gop_param(of->net, "w", gop_shape1(4), gop_init_constant(1));
        loss[k] = gop_mean(of->net, w, 0);
        gop_net_keep(of->net, loss[k]);
        assert_ok((*of), gop_net_plan(of->net, &of->err));
        assert_ok((*of), gop_net_forward(of->net, &of->err));
    }
    ck_assert_ptr_null(gop_net_value(f.net, loss[1]));
    ck_assert_ptr_null(gop_net_grad(f.net, loss[1]));
    const gop_pass from = {.from = &loss[1], .seed = &one, .n_from = 1};
    const gop_pass stop = {
        .from = &loss[0], .seed = &one, .n_from = 1, .stop = &loss[1], .n_stop = 1};
    ck_assert_int_eq(recorded(gop_net_backward(f.net, &from, NULL, &f.err), &f.err), GOP_EINVAL);
    assert_says(&f, "from[0] is not a value of this net");
    ck_assert_int_eq(recorded(gop_net_backward(f.net, &stop, NULL, &f.err), &f.err), GOP_EINVAL);
    assert_says(&f, "stop[0] is not a value of this net");
    fixture_free(&f);
    fixture_free(&g);
}
END_TEST

START_TEST(constants_of_one_number_and_values_from_data)
{
    static const gop_real data[3] = {1, -2, 4};
    fixture f = fixture_new(false);
    gop_var w = gop_param(f.net, "w", gop_shape1(3), gop_init_data(data));
    gop_var two = gop_fill(f.net, "two", gop_shape1(3), 2),
            zero = gop_zeros(f.net, "0", gop_shape1(3));
    gop_var y = gop_add(f.net, gop_mul(f.net, w, two), zero);
    gop_net_keep(f.net, y);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    assert_ok(f, gop_net_forward(f.net, &f.err));
    for (int i = 0; i < 3; i++)
        ck_assert(gop_net_value(f.net, y)[i] == 2 * data[i]);
    fixture_free(&f);

    f = fixture_new(false);
    gop_param(f.net, "w", gop_shape1(3), gop_init_data(NULL));
    ck_assert_int_eq(recorded(gop_net_plan(f.net, &f.err), &f.err), GOP_EINVAL);
    ck_assert_str_eq(f.err.message, "parameter w: the initial data are NULL");
    fixture_free(&f);

    static const gop_real broken[3] = {1, (gop_real)NAN, 4};
    f = fixture_new(false);
    gop_param(f.net, "w", gop_shape1(3), gop_init_data(broken));
    ck_assert_int_eq(recorded(gop_net_plan(f.net, &f.err), &f.err), GOP_EINVAL);
    ck_assert_ptr_nonnull(strstr(f.err.message, "parameter w: element 1 of the initial data, "));
    fixture_free(&f);
}
END_TEST

/* ------------------------------------------------------------- computed once */

/* y = relu(x A) + b', with A = softmax(P) and b' = 2 b; both depend on parameters alone.  The
 * product prepares its second factor. */
static gop_var record(gop_net *net, gop_var *x)
{
    *x = gop_input(net, "x", gop_shape4(2, 3, 4, 5));
    gop_var P = gop_param(net, "P", gop_shape2(3, 3), gop_init_normal(1));
    gop_var b = gop_param(net, "b", gop_shape1(5), gop_init_normal(1));
    gop_var W = gop_param(net, "W", gop_shape2(5, 5), gop_init_normal(1));
    gop_var A = gop_softmax(net, P, 1), twice = gop_scale(net, b, 2);
    gop_var h = gop_linear(net, gop_graph_product(net, A, *x), gop_scale(net, W, 0.5), gop_none());
    /* A second reader of A after another settled operator that could write over it. */
    gop_var g = gop_graph_product(net, gop_scale(net, A, 3), h);
    gop_var y = gop_bias(net, gop_add(net, gop_relu(net, h), g), twice);
    gop_net_keep(net, y);
    return y;
}

static uint64_t calls(const gop_net *net, const char *op)
{
    uint64_t n = 0;
    for (size_t i = 0; i < gop_net_profile_rows(net); i++)
        if (strcmp(gop_net_profile_row(net, i).op, op) == 0)
            n += gop_net_profile_row(net, i).forward.calls;
    return n;
}

static void fill_input(const gop_net *net, gop_var x, int run)
{
    gop_rng rng = gop_rng_new(7, (uint64_t)run);
    for (size_t i = 0; i < 2 * 3 * 4 * 5; i++)
        gop_net_value(net, x)[i] = (gop_real)(gop_rng_uniform(&rng) - 0.5);
}

START_TEST(what_depends_on_closed_params_is_computed_once)
{
    enum { SIZE = 2 * 3 * 4 * 5 };
    fixture f = fixture_new(false); /* open params: everything in each run */
    gop_net *once = NULL;
    gop_var x[2], y[2];
    y[0] = record(f.net, &x[0]);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    gop_real want[4][SIZE];
    for (int run = 0; run < 4; run++) {
        fill_input(f.net, x[0], run);
        if (run == 2)
            gop_params_values(f.params)[0] += 1;
        assert_ok(f, gop_net_forward(f.net, &f.err));
        memcpy(want[run], gop_net_value(f.net, y[0]), sizeof want[run]);
    }
    gop_params_values(f.params)[0] -= 1;
    gop_params_close(f.params);
    assert_ok(f, gop_net_new(&once, f.ctx, f.params, GOP_INFERENCE, &f.err));
    y[1] = record(once, &x[1]);
    assert_ok(f, gop_net_plan(once, &f.err));
    assert_ok(f, gop_net_profile(once, true, &f.err));
    for (int run = 0; run < 4; run++) {
        fill_input(once, x[1], run);
        if (run == 2)
            gop_params_values(f.params)[0] += 1;
        assert_ok(f, gop_net_forward(once, &f.err));
        ck_assert_int_eq(memcmp(want[run], gop_net_value(once, y[1]), sizeof want[run]), 0);
    }
    /* In the first run, and in the one after the parameters have changed. */
    ck_assert_uint_eq(calls(once, "softmax"), 2);
    ck_assert_uint_eq(calls(once, "scale"), 6);
    ck_assert_uint_eq(calls(once, "linear"), 4);
    /* A checked run computes and checks all. */
    assert_ok(f, gop_net_forward_finite(once, &f.err));
    ck_assert_uint_eq(calls(once, "softmax"), 3);
    ck_assert_int_eq(memcmp(want[3], gop_net_value(once, y[1]), sizeof want[3]), 0);
    gop_net_free(once);
    fixture_free(&f);
}
END_TEST

/* -------------------------------------------------------- memory of the caller */

START_TEST(values_in_memory_of_the_caller)
{
    enum { SIZE = 2 * 3 * 4 * 5 };
    fixture f = fixture_new(false);
    gop_var x, y = record(f.net, &x);
    gop_real *mine[2], want[SIZE];
    for (int k = 0; k < 2; k++)
        ck_assert_ptr_nonnull(mine[k] = aligned_alloc(GOP_ALIGNMENT, 512));
    ck_assert_int_eq(recorded(gop_net_bind(f.net, x, mine[0], &f.err), &f.err), GOP_ESTATE);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    fill_input(f.net, x, 0);
    assert_ok(f, gop_net_forward(f.net, &f.err));
    memcpy(want, gop_net_value(f.net, y), sizeof want);
    gop_real *own = gop_net_value(f.net, x);
    memcpy(mine[0], own, sizeof want);
    memset(own, 0, sizeof want);

    assert_ok(f, gop_net_bind(f.net, x, mine[0], &f.err));
    assert_ok(f, gop_net_bind(f.net, y, mine[1], &f.err));
    ck_assert_ptr_eq(gop_net_value(f.net, x), mine[0]);
    ck_assert_ptr_eq(gop_net_value(f.net, y), mine[1]);
    assert_ok(f, gop_net_forward(f.net, &f.err));
    ck_assert_int_eq(memcmp(want, mine[1], sizeof want), 0);

    assert_ok(f, gop_net_bind(f.net, x, NULL, &f.err));
    ck_assert_ptr_eq(gop_net_value(f.net, x), own);
    fill_input(f.net, x, 0);
    memset(mine[1], 0, sizeof want);
    assert_ok(f, gop_net_forward(f.net, &f.err));
    ck_assert_int_eq(memcmp(want, mine[1], sizeof want), 0);

    gop_var w = gop_none();
    ck_assert_int_eq(recorded(gop_net_bind(f.net, w, mine[0], &f.err), &f.err), GOP_EINVAL);
    ck_assert_int_eq(recorded(gop_net_bind(f.net, x, mine[0] + 1, &f.err), &f.err), GOP_EINVAL);
    assert_says(&f, "not aligned to 64 bytes");
    fixture_free(&f);
    free(mine[0]);
    free(mine[1]);
}
END_TEST

START_TEST(only_inputs_and_results_are_bound)
{
    static _Alignas(GOP_ALIGNMENT) gop_real mine[16];
    fixture f = fixture_new(true);
    gop_var x = gop_input(f.net, "x", gop_shape2(2, 4));
    gop_var w = gop_param(f.net, "w", gop_shape1(4), gop_init_constant(1));
    gop_var view = gop_reshape(f.net, x, gop_shape1(8)), hidden = gop_mul(f.net, x, w);
    gop_var loss = gop_mean(f.net, gop_mean(f.net, gop_mul(f.net, hidden, hidden), 0), 0);
    const gop_real one = 1;
    gop_net_keep(f.net, view);
    gop_net_keep(f.net, loss);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    ck_assert_int_eq(recorded(gop_net_bind(f.net, w, mine, &f.err), &f.err), GOP_EINVAL);
    assert_says(&f, "w is neither an input nor a kept result");
    ck_assert_int_eq(recorded(gop_net_bind(f.net, hidden, mine, &f.err), &f.err), GOP_EINVAL);
    ck_assert_int_eq(recorded(gop_net_bind(f.net, view, mine, &f.err), &f.err), GOP_EINVAL);
    assert_says(&f, "is a view of x: bind that");
    assert_ok(f, gop_net_forward(f.net, &f.err));
    assert_ok(f, gop_net_bind(f.net, x, mine, &f.err));
    ck_assert_int_eq(
        recorded(gop_net_backward(f.net, &(gop_pass){.from = &loss, .seed = &one, .n_from = 1},
                                  NULL, &f.err),
                 &f.err),
        GOP_ESTATE);
    fixture_free(&f);
}
END_TEST

TEST_MAIN("values")
{
    tcase_add_test(t, a_value_of_another_net_is_refused);
    tcase_add_test(t, a_value_that_was_never_set_is_refused);
    tcase_add_test(t, backward_refuses_values_of_other_nets);
    tcase_add_test(t, constants_of_one_number_and_values_from_data);
    tcase_add_test(t, what_depends_on_closed_params_is_computed_once);
    tcase_add_test(t, values_in_memory_of_the_caller);
    tcase_add_test(t, only_inputs_and_results_are_bound);
}
