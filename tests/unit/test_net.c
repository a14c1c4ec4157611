/*
 * test_net.c: recording and planning nets: sticky errors and their messages, names, parameters
 * shared by nets, calls out of order.  Gradients and memory are in test_backward.c.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"
#include "net_fixture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ------------------------------------------------------------------------ errors */

START_TEST(a_shape_error_names_all_and_stays)
{
    fixture f = fixture_new(true);
    gop_var a = gop_input(f.net, "left", gop_shape2(2, 3));
    gop_var b = gop_input(f.net, "right", gop_shape2(2, 4));
    ck_assert_int_lt(gop_add(f.net, a, b).id, 0);
    ck_assert_int_eq(gop_net_status(f.net), GOP_ESHAPE);
    /* A later error of another kind does not replace the first. */
    gop_net_fail(f.net, GOP_EINVAL, "something else");
    ck_assert_int_lt(gop_relu(f.net, gop_none()).id, 0);
    ck_assert_int_eq(recorded(gop_net_plan(f.net, &f.err), &f.err), GOP_ESHAPE);
    ck_assert_int_eq(f.err.status, GOP_ESHAPE);
    assert_says(&f, "add");
    assert_says(&f, "left");
    assert_says(&f, "right");
    assert_says(&f, "[2, 3]");
    assert_says(&f, "[2, 4]");
    fixture_free(&f);
}
END_TEST

START_TEST(an_error_names_the_scope)
{
    fixture f = fixture_new(true);
    gop_net_push(f.net, "block%d", 3);
    gop_net_push(f.net, "tc");
    gop_mean(f.net, gop_input(f.net, "x", gop_shape1(3)), 2);
    ck_assert_int_eq(recorded(gop_net_plan(f.net, &f.err), &f.err), GOP_EINVAL);
    assert_says(&f, "block3.tc.mean");
    fixture_free(&f);
}
END_TEST

START_TEST(a_composite_refuses_its_inputs)
{
    fixture f = fixture_new(true);
    gop_net_push(f.net, "body");
    gop_var in[2] = {gop_input(f.net, "x", gop_shape2(2, 5)), gop_none()};
    ck_assert_int_lt(gop_net_refuse(f.net, "pair", in, 2, GOP_ESHAPE, "%d rows", 2).id, 0);
    gop_net_refuse(f.net, "later", in, 2, GOP_EINVAL, "something else");
    ck_assert_int_eq(recorded(gop_net_plan(f.net, &f.err), &f.err), GOP_ESHAPE);
    ck_assert_str_eq(f.err.message, "body.pair(x [2, 5], none): 2 rows");
    fixture_free(&f);
}
END_TEST

/* A message names a value of another scope with its scope, one of the same scope without. */
START_TEST(an_error_names_where_values_are_from)
{
    fixture f = fixture_new(true);
    gop_net_push(f.net, "head");
    gop_var W = gop_param(f.net, "weight", gop_shape2(3, 4), gop_init_constant(0));
    gop_net_pop(f.net);
    gop_net_push(f.net, "body");
    gop_var x = gop_relu(f.net, gop_input(f.net, "x", gop_shape2(2, 5)));
    gop_linear(f.net, x, W, gop_none());
    ck_assert_int_eq(recorded(gop_net_plan(f.net, &f.err), &f.err), GOP_ESHAPE);
    assert_says(&f, "body.linear(relu [2, 5], head.weight [3, 4], none): ");
    fixture_free(&f);
}
END_TEST

/* If that does not fit, names lose their scopes; all shapes remain. */
START_TEST(an_error_fits)
{
    fixture f = fixture_new(true);
    char scope[120];
    memset(scope, 'a', sizeof scope);
    scope[sizeof scope - 1] = '\0';
    gop_net_push(f.net, "%s", scope);
    gop_var a = gop_input(f.net, "left", gop_shape2(2, 3));
    gop_var b = gop_input(f.net, "right", gop_shape2(2, 4));
    gop_net_pop(f.net);
    gop_add(f.net, a, b);
    ck_assert_int_eq(recorded(gop_net_plan(f.net, &f.err), &f.err), GOP_ESHAPE);
    assert_says(&f, "add(left [2, 3], right [2, 4]): ");
    fixture_free(&f);
}
END_TEST

START_TEST(results_have_names)
{
    fixture f = fixture_new(false);
    gop_net_push(f.net, "arm");
    gop_var x = gop_input(f.net, "x", gop_shape1(2));
    gop_var y = gop_relu(f.net, x);
    gop_net_name(f.net, y, "bent%d", 3);
    gop_net_pop(f.net);
    gop_net_name(f.net, y, "elbow");
    gop_var z = gop_add(f.net, y, y);
    gop_net_keep(f.net, z);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    assert_ok(f, gop_net_profile(f.net, true, &f.err));
    ck_assert_str_eq(gop_net_profile_row(f.net, 0).name, "elbow");
    ck_assert_str_eq(gop_net_profile_row(f.net, 0).op, "relu");
    ck_assert_str_eq(gop_net_profile_row(f.net, 1).name, "add");
    gop_net_value(f.net, x)[0] = gop_net_value(f.net, x)[1] = (gop_real)3e38;
    ck_assert_int_eq(recorded(gop_net_forward_finite(f.net, &f.err), &f.err), GOP_ENUMERIC);
    assert_says(&f, "the result of operator add [2] holds an infinity");
    fixture_free(&f);

    f = fixture_new(false);
    gop_net_push(f.net, "arm");
    x = gop_input(f.net, "x", gop_shape1(2));
    z = gop_add(f.net, x, x);
    gop_net_name(f.net, z, "far");
    gop_net_pop(f.net);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    gop_net_value(f.net, x)[0] = gop_net_value(f.net, x)[1] = (gop_real)3e38;
    ck_assert_int_eq(recorded(gop_net_forward_finite(f.net, &f.err), &f.err), GOP_ENUMERIC);
    assert_says(&f, "the result arm.far [2] of operator add holds an infinity");
    gop_net_name(f.net, z, "late");
    ck_assert_int_eq(gop_net_status(f.net), GOP_ESTATE);
    fixture_free(&f);

    f = fixture_new(true);
    gop_net_push(f.net, "arm");
    gop_net_name(f.net, gop_input(f.net, "x", gop_shape1(2)), "again");
    ck_assert_int_eq(recorded(gop_net_plan(f.net, &f.err), &f.err), GOP_EINVAL);
    assert_says(&f, "arm.gop_net_name: arm.x is a leaf and has its name");
    fixture_free(&f);
}
END_TEST

/* The first message is kept, with or without a gop_error. */
START_TEST(a_plan_that_fails_says_why)
{
    fixture f = fixture_new(true);
    gop_ctx *small;
    gop_net *net;
    ck_assert_int_eq(gop_ctx_new(&small, 1, 1000, NULL), GOP_OK);
    ck_assert_int_eq(gop_net_new(&net, small, f.params, GOP_INFERENCE, NULL), GOP_OK);
    gop_relu(net, gop_input(net, "x", gop_shape1(1000000)));
    ck_assert_int_eq(gop_net_plan(net, NULL), GOP_ENOMEM);
    ck_assert_int_eq(recorded(gop_net_forward(net, &f.err), &f.err), GOP_ENOMEM);
    assert_says(&f, "above the limit");
    ck_assert_int_eq(recorded(gop_net_plan(net, &f.err), &f.err), GOP_ENOMEM);
    assert_says(&f, "above the limit");
    gop_net_free(net);
    gop_ctx_free(small);
    fixture_free(&f);
}
END_TEST

START_TEST(use_after_an_error_does_nothing)
{
    fixture f = fixture_new(true);
    gop_real one = 1, grads[4] = {9, 9, 9, 9};
    gop_var x = gop_input(f.net, "x", gop_shape1(4));
    gop_var bad = gop_net_fail(f.net, GOP_EFORMAT, "stop at %d", 17);
    ck_assert_int_lt(bad.id, 0);
    ck_assert_int_lt(gop_input(f.net, "y", gop_shape1(4)).id, 0);
    ck_assert_int_lt(gop_param(f.net, "w", gop_shape1(4), gop_init_constant(0)).id, 0);
    ck_assert_int_lt(gop_stat(f.net, "s", gop_shape1(4), 0).id, 0);
    ck_assert_int_lt(gop_constant(f.net, "c", gop_shape1(1), &one).id, 0);
    ck_assert_int_lt(gop_relu(f.net, x).id, 0);
    ck_assert_int_lt(gop_relu(f.net, bad).id, 0);
    gop_net_push(f.net, "scope");
    gop_net_pop(f.net);
    gop_net_pop(f.net);
    gop_net_keep(f.net, bad);
    ck_assert_uint_eq(gop_params_count(f.params), 0);
    ck_assert_int_lt(gop_net_shape(f.net, bad).rank, 0);
    ck_assert_int_eq(recorded(gop_net_plan(f.net, &f.err), &f.err), GOP_EFORMAT);
    assert_says(&f, "stop at 17");
    ck_assert_int_eq(recorded(gop_net_forward(f.net, &f.err), &f.err), GOP_EFORMAT);
    ck_assert_int_eq(recorded(gop_net_forward_finite(f.net, &f.err), &f.err), GOP_EFORMAT);
    ck_assert_int_eq(
        gop_net_backward(f.net, &(gop_pass){.from = &x, .seed = &one, .n_from = 1}, grads, &f.err),
        GOP_EFORMAT);
    ck_assert_ptr_null(gop_net_value(f.net, x));
    ck_assert_ptr_null(gop_net_grad(f.net, x));
    ck_assert(grads[0] == 9);
    gop_net_random(f.net, 1, 1);
    fixture_free(&f);
}
END_TEST

START_TEST(nothing_is_as_good_as_an_error)
{
    fixture f = fixture_new(true);
    gop_net *net = f.net;
    gop_var x = gop_input(net, "x", gop_shape1(3));
    gop_var foreign = {99, 0}, none = gop_none();
    gop_error err;
    gop_real one = 1;
    uint8_t mask = 7;

    ck_assert_int_eq(recorded(gop_net_new(NULL, f.ctx, f.params, GOP_TRAINING, &err), &err),
                     GOP_EINVAL);
    ck_assert_int_eq(gop_net_new(&net, NULL, f.params, GOP_TRAINING, NULL), GOP_EINVAL);
    ck_assert_ptr_null(net);
    ck_assert_int_eq(recorded(gop_net_new(&net, f.ctx, NULL, GOP_TRAINING, &err), &err),
                     GOP_EINVAL);
    gop_net_free(NULL);
    gop_net_push(NULL, "a");
    gop_net_pop(NULL);
    gop_net_keep(NULL, x);
    gop_net_random(NULL, 1, 1);
    ck_assert_int_eq(gop_net_upstream(&mask, NULL, &(gop_pass){.from = &x, .n_from = 1}, NULL),
                     GOP_EINVAL);
    ck_assert(!gop_net_training(NULL));
    ck_assert_int_ne(gop_net_status(NULL), GOP_OK);
    ck_assert_int_lt(gop_net_fail(NULL, GOP_EINVAL, "x").id, 0);
    ck_assert_int_lt(gop_input(NULL, "x", gop_shape1(3)).id, 0);
    ck_assert_int_lt(gop_param(NULL, "w", gop_shape1(3), gop_init_constant(0)).id, 0);
    ck_assert_int_lt(gop_constant(NULL, "c", gop_shape1(1), &one).id, 0);
    ck_assert_int_lt(gop_relu(NULL, x).id, 0);
    ck_assert_int_lt(gop_dropout(NULL, x, 2, GOP_DROP_ELEMENTS).id, 0);
    ck_assert_int_lt(gop_concat(NULL, &x, 1, 0).id, 0);
    ck_assert_int_lt(gop_net_shape(NULL, x).rank, 0);
    ck_assert_int_lt(gop_net_shape(f.net, foreign).rank, 0);
    ck_assert_int_eq(recorded(gop_net_plan(NULL, &err), &err), GOP_EINVAL);
    ck_assert_int_eq(gop_net_forward(NULL, NULL), GOP_EINVAL);
    ck_assert_int_eq(
        gop_net_backward(NULL, &(gop_pass){.from = &x, .seed = &one, .n_from = 1}, NULL, NULL),
        GOP_EINVAL);
    ck_assert_ptr_null(gop_net_value(NULL, x));
    ck_assert_ptr_null(gop_net_grad(NULL, x));
    ck_assert_uint_eq(gop_net_costs(NULL).ops, 0);
    ck_assert_int_eq(gop_net_status(f.net), GOP_OK);
    assert_ok(f, gop_net_plan(f.net, NULL));
    ck_assert_ptr_null(gop_net_value(f.net, foreign));
    ck_assert_ptr_null(gop_net_grad(f.net, none));
    fixture_free(&f);
}
END_TEST

/* Calls that must fail while recording, each in its own net. */
static gop_var record_wrong(gop_net *net, int which)
{
    static const gop_op empty = {.name = "empty"};
    gop_var x = gop_input(net, "x", gop_shape1(3)), many[GOP_MAX_INPUTS + 1];
    gop_var foreign = {99, 0};
    gop_shape shape = {5, {1, 1, 1, 1}};
    for (size_t i = 0; i <= GOP_MAX_INPUTS; i++)
        many[i] = x;
    switch (which) {
    case 0:
        return gop_input(net, NULL, gop_shape1(1));
    case 1:
        return gop_input(net, "", gop_shape1(1));
    case 2:
        return gop_input(net, "y", gop_shape2(3, 0));
    case 3:
        return gop_input(net, "y", shape);
    case 4:
        shape.rank = -1;
        return gop_input(net, "y", shape);
    case 5:
        return gop_input(net, "y", gop_shape3(SIZE_MAX / 2, 4, 4));
    case 6:
        return gop_constant(net, "c", gop_shape1(1), NULL);
    case 7:
        return gop_param(net, "w", gop_shape1(0), gop_init_constant(1));
    case 8:
        return gop_apply(net, NULL, NULL, &x, 1);
    case 9:
        return gop_apply(net, &empty, NULL, &x, 1);
    case 10:
        return gop_apply(net, *gop_op_list(), NULL, NULL, 1);
    case 11:
        return gop_apply(net, *gop_op_list(), NULL, many, 0);
    case 12:
        return gop_apply(net, *gop_op_list(), NULL, many, GOP_MAX_INPUTS + 1);
    case 13:
        return gop_relu(net, foreign);
    case 14:
        return gop_relu(net, gop_none());
    case 15:
        gop_net_keep(net, foreign);
        return gop_none();
    case 16:
        gop_net_pop(net);
        return gop_none();
    case 17:
        for (int i = 0; i < 100; i++)
            gop_net_push(net, "deep");
        return gop_none();
    case 18:
        gop_net_push(net, "%0300d", 1);
        return gop_none();
    default:
        return x;
    }
}

START_TEST(wrong_recording_is_refused)
{
    int which = 0;
    for (;; which++) {
        fixture f = fixture_new(true);
        bool refused = record_wrong(f.net, which).id < 0;
        if (refused) {
            ck_assert_msg(gop_net_status(f.net) != GOP_OK, "call %d", which);
            ck_assert_int_eq(gop_net_plan(f.net, &f.err), f.err.status);
            ck_assert_msg(f.err.status != GOP_OK && strlen(f.err.message) > 10, "call %d", which);
        }
        fixture_free(&f);
        if (!refused)
            break;
    }
    ck_assert_int_eq(which, 19);
}
END_TEST

/* -------------------------------------------------------------------- out of order */

START_TEST(calls_out_of_order)
{
    fixture f = fixture_new(true);
    gop_real one = 1;
    ck_assert_int_eq(recorded(gop_net_plan(f.net, &f.err), &f.err), GOP_ESTATE);
    gop_net_free(f.net);
    assert_ok(f, gop_net_new(&f.net, f.ctx, f.params, GOP_TRAINING, &f.err));
    gop_var w = gop_param(f.net, "w", gop_shape1(3), gop_init_constant(2));
    gop_var y = gop_mean(f.net, w, 0), hidden = gop_scale(f.net, y, 2);
    gop_net_keep(f.net, y);
    ck_assert_ptr_null(gop_net_value(f.net, y));
    ck_assert_int_eq(recorded(gop_net_forward(f.net, &f.err), &f.err), GOP_ESTATE);
    ck_assert_int_eq(
        gop_net_backward(f.net, &(gop_pass){.from = &y, .seed = &one, .n_from = 1}, NULL, &f.err),
        GOP_ESTATE);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    ck_assert_int_eq(
        gop_net_backward(f.net, &(gop_pass){.from = &y, .seed = &one, .n_from = 1}, NULL, &f.err),
        GOP_ESTATE);
    ck_assert_int_eq(recorded(gop_net_plan(f.net, &f.err), &f.err), GOP_ESTATE);
    assert_ok(f, gop_net_forward(f.net, &f.err));
    ck_assert(gop_net_value(f.net, y)[0] == 2);
    ck_assert_ptr_null(gop_net_value(f.net, hidden));
    assert_ok(f, gop_net_backward(f.net, &(gop_pass){.from = &y, .seed = &one, .n_from = 1}, NULL,
                                  &f.err));
    ck_assert_int_lt(gop_relu(f.net, w).id, 0);
    ck_assert_int_eq(gop_net_status(f.net), GOP_ESTATE);
    fixture_free(&f);
}
END_TEST

START_TEST(an_inference_net_has_no_gradients)
{
    fixture f = fixture_new(false);
    gop_real one = 1;
    gop_var w = gop_param(f.net, "w", gop_shape1(3), gop_init_constant(2));
    gop_var y = gop_mean(f.net, w, 0);
    gop_net_keep(f.net, y);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    assert_ok(f, gop_net_forward(f.net, &f.err));
    ck_assert_ptr_null(gop_net_grad(f.net, y));
    ck_assert_int_eq(
        gop_net_backward(f.net, &(gop_pass){.from = &y, .seed = &one, .n_from = 1}, NULL, &f.err),
        GOP_ESTATE);
    fixture_free(&f);
}
END_TEST

START_TEST(the_memory_limit_holds_while_planning)
{
    fixture f = fixture_new(false);
    gop_ctx *small = NULL;
    gop_net *net = NULL;
    assert_ok(f, gop_ctx_new(&small, 1, 1 << 20, &f.err));
    assert_ok(f, gop_net_new(&net, small, f.params, GOP_TRAINING, &f.err));
    gop_relu(net, gop_input(net, "x", gop_shape1(1 << 20)));
    ck_assert_int_eq(recorded(gop_net_plan(net, &f.err), &f.err), GOP_ENOMEM);
    ck_assert_int_eq(gop_net_forward(net, NULL), GOP_ENOMEM);
    gop_net_free(net);
    assert_ok(f, gop_net_new(&net, small, f.params, GOP_TRAINING, &f.err));
    gop_relu(net, gop_input(net, "x", gop_shape1(1 << 16)));
    assert_ok(f, gop_net_plan(net, &f.err));
    ck_assert_uint_ge(gop_net_costs(net).bytes, (1 << 16) * sizeof(gop_real));
    ck_assert_uint_le(gop_net_costs(net).bytes, 1 << 20);
    ck_assert_uint_eq(gop_net_costs(net).ops, 1);
    gop_net_free(net);
    gop_ctx_free(small);
    fixture_free(&f);
}
END_TEST

/* The limit counts what recording takes, too. */
START_TEST(the_memory_limit_holds_while_recording)
{
    static const gop_real data[1 << 16] = {1};
    fixture f = fixture_new(false);
    gop_ctx *small = NULL;
    gop_net *net = NULL;
    assert_ok(f, gop_ctx_new(&small, 1, 3 << 17, &f.err));
    assert_ok(f, gop_net_new(&net, small, f.params, GOP_INFERENCE, &f.err));
    ck_assert_int_ge(gop_param(net, "a", gop_shape1(1 << 16), gop_init_constant(0)).id, 0);
    gop_constant(net, "one", gop_shape1(1 << 16), data);
    ck_assert_int_eq(gop_net_status(net), GOP_ENOMEM);
    gop_net_free(net);
    /* A parameter that exists takes nothing. */
    assert_ok(f, gop_net_new(&net, small, f.params, GOP_INFERENCE, &f.err));
    ck_assert_int_ge(gop_param(net, "a", gop_shape1(1 << 16), gop_init_constant(0)).id, 0);
    ck_assert_int_eq(gop_net_status(net), GOP_OK);
    gop_param(net, "b", gop_shape1(1 << 20), gop_init_constant(0));
    ck_assert_int_eq(recorded(gop_net_plan(net, &f.err), &f.err), GOP_ENOMEM);
    ck_assert_uint_eq(gop_params_count(f.params), 1);
    gop_net_free(net);
    gop_ctx_free(small);
    fixture_free(&f);
}
END_TEST

static void record_sized(gop_net *net, const gop_real *data, gop_var leaf[3])
{
    gop_var x = gop_input(net, "x", gop_shape2(64, 64)), y;
    gop_var w = gop_param(net, "w", gop_shape2(64, 64), gop_init_constant(1));
    gop_var c = gop_constant(net, "c", gop_shape2(64, 64), data);
    y = gop_mul(net, gop_add(net, gop_add(net, x, w), c), c);
    gop_net_keep(net, y);
    leaf[0] = x;
    leaf[1] = w;
    leaf[2] = c;
}

START_TEST(a_sizing_net_has_costs_and_no_memory)
{
    static const gop_real data[64 * 64] = {1};
    fixture f = fixture_new(false);
    gop_ctx *small = NULL;
    gop_net *net = NULL, *sizing = NULL;
    gop_var leaf[3], other[3];
    assert_ok(f, gop_ctx_new(&small, 1, 1024, &f.err));
    assert_ok(f, gop_net_new(&sizing, small, f.params, GOP_SIZING, &f.err));
    ck_assert(!gop_net_training(sizing));
    record_sized(sizing, data, leaf);
    assert_ok(f, gop_net_plan(sizing, &f.err));
    assert_ok(f, gop_net_new(&net, f.ctx, f.params, GOP_INFERENCE, &f.err));
    record_sized(net, data, other);
    assert_ok(f, gop_net_plan(net, &f.err));
    const gop_net_cost a = gop_net_costs(net), b = gop_net_costs(sizing);
    ck_assert_uint_eq(a.bytes, b.bytes);
    ck_assert_uint_eq(a.ops, b.ops);
    ck_assert_uint_eq(a.madds, b.madds);
    ck_assert_ptr_null(gop_net_value(sizing, leaf[0]));
    ck_assert_ptr_nonnull(gop_net_value(sizing, leaf[1])); /* the params' own */
    ck_assert_ptr_null(gop_net_value(sizing, leaf[2]));
    ck_assert_int_eq(recorded(gop_net_forward(sizing, &f.err), &f.err), GOP_ESTATE);
    ck_assert_int_eq(recorded(gop_net_forward_finite(sizing, &f.err), &f.err), GOP_ESTATE);
    ck_assert_int_eq(
        recorded(gop_net_backward(sizing, &(gop_pass){.n_from = 0}, NULL, &f.err), &f.err),
        GOP_ESTATE);
    gop_net_free(net);
    gop_net_free(sizing);
    gop_ctx_free(small);
    fixture_free(&f);
}
END_TEST

START_TEST(a_checked_run_names_the_operator)
{
    static const gop_real large[2] = {(gop_real)1e30, 1}, nan[2] = {(gop_real)NAN, 1};
    fixture f = fixture_new(false);
    gop_net_push(f.net, "head");
    given x[1] = {give(&f, gop_shape1(2), large)};
    gop_var y = x[0].var;
    for (int i = 0; i < 4; i++) /* 1e60 is no float, 1e480 no double */
        y = gop_mul(f.net, y, y);
    gop_net_pop(f.net);
    gop_net_keep(f.net, y);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    ck_assert_int_eq(fixture_run(&f, x, 1), GOP_ENUMERIC);
    assert_says(&f, "head.mul");
    assert_ok(f, gop_net_forward(f.net, &f.err));
    ck_assert(isinf(gop_net_value(f.net, y)[0]));
    x[0].data = nan;
    ck_assert_int_eq(fixture_run(&f, x, 1), GOP_ENUMERIC);
    assert_says(&f, "head.x");
    fixture_free(&f);
}
END_TEST

/* ---------------------------------------------------------------- names and params */

START_TEST(scopes_make_names)
{
    fixture f = fixture_new(true);
    gop_param(f.net, "a", gop_shape1(1), gop_init_constant(0));
    gop_net_push(f.net, "agim");
    gop_net_push(f.net, "f_v%d", 0);
    gop_param(f.net, "weight", gop_shape1(2), gop_init_constant(0));
    gop_net_pop(f.net);
    gop_stat(f.net, "mean", gop_shape1(3), 0.5);
    gop_net_pop(f.net);
    gop_param(f.net, "b", gop_shape1(4), gop_init_constant(0));
    assert_ok(f, gop_net_plan(f.net, &f.err));
    ck_assert_uint_eq(gop_params_count(f.params), 4);
    ck_assert_uint_eq(gop_params_find(f.params, "a"), 0);
    ck_assert_uint_eq(gop_params_find(f.params, "agim.f_v0.weight"), 1);
    ck_assert_uint_eq(gop_params_find(f.params, "agim.mean"), 2);
    ck_assert_uint_eq(gop_params_find(f.params, "b"), 3);
    ck_assert_uint_eq(gop_params_find(f.params, "weight"), SIZE_MAX);
    ck_assert_uint_eq(gop_params_size(f.params), 1 + 2 + 4);
    ck_assert_uint_eq(gop_params_stats_size(f.params), 3);
    ck_assert(!gop_params_info(f.params, 2).trained);
    ck_assert(gop_params_info(f.params, 2).data[2] == (gop_real)0.5);
    ck_assert_uint_eq(gop_params_info(f.params, 3).offset, 3);
    fixture_free(&f);
}
END_TEST

/* y = relu(dropout(w x)), w a parameter. */
static gop_var record_model(gop_net *net, gop_var *x)
{
    *x = gop_input(net, "x", gop_shape1(5));
    gop_var w = gop_param(net, "w", gop_shape1(5), gop_init_uniform(2));
    gop_var y = gop_relu(net, gop_dropout(net, gop_mul(net, w, *x), 0.5, GOP_DROP_ELEMENTS));
    gop_net_keep(net, y);
    return y;
}

/* Records parameters and statistics until all earlier ones have moved. */
static void move_params(fixture *f)
{
    gop_net *other = NULL;
    const gop_real *values = gop_params_values(f->params), *stats = gop_params_stats(f->params);
    assert_ok(*f, gop_net_new(&other, f->ctx, f->params, GOP_INFERENCE, &f->err));
    for (int i = 0; gop_params_values(f->params) == values || gop_params_stats(f->params) == stats;
         i++) {
        ck_assert_int_lt(i, 1000);
        gop_net_push(other, "more%d", i);
        gop_param(other, "w", gop_shape1(1000), gop_init_constant(1));
        gop_stat(other, "s", gop_shape1(1000), 1);
        gop_net_pop(other);
    }
    gop_net_free(other);
}

START_TEST(params_may_move_between_runs)
{
    fixture f = fixture_new(true);
    const gop_real one = 1;
    gop_var x = gop_input(f.net, "x", gop_shape0());
    gop_var w = gop_param(f.net, "w", gop_shape0(), gop_init_constant(2));
    gop_var s = gop_stat(f.net, "s", gop_shape0(), 3);
    gop_var y = gop_mul(f.net, gop_mul(f.net, x, w), s);
    gop_net_keep(f.net, x);
    gop_net_keep(f.net, y);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    *gop_net_value(f.net, x) = 5;
    for (int k = 1; k <= 3; k++) {
        move_params(&f);
        gop_params_values(f.params)[0] = (gop_real)k;
        gop_params_stats(f.params)[0] = 3;
        assert_ok(f, gop_net_forward(f.net, &f.err));
        ck_assert(*gop_net_value(f.net, y) == 5 * k * 3);
        move_params(&f);
        gop_params_values(f.params)[0] = 7;
        gop_params_stats(f.params)[0] = (gop_real)k;
        gop_real *grads = calloc(gop_params_size(f.params), sizeof *grads);
        ck_assert_ptr_nonnull(grads);
        assert_ok(f, gop_net_backward(f.net, &(gop_pass){.from = &y, .seed = &one, .n_from = 1},
                                      grads, &f.err));
        ck_assert(*gop_net_grad(f.net, x) == 7 * k);
        ck_assert(grads[0] == 5 * k);
        free(grads);
    }
    fixture_free(&f);
}
END_TEST

START_TEST(nets_share_params)
{
    fixture f = fixture_new(true);
    gop_net *other = NULL;
    gop_var x, ox, y, oy;
    y = record_model(f.net, &x);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    assert_ok(f, gop_net_new(&other, f.ctx, f.params, GOP_INFERENCE, &f.err));
    oy = record_model(other, &ox);
    /* More parameters, which may move those of the first net's plan. */
    for (int i = 0; i < 200; i++) {
        gop_net_push(other, "more%d", i);
        gop_param(other, "w", gop_shape1(100), gop_init_constant(1));
        gop_net_pop(other);
    }
    assert_ok(f, gop_net_plan(other, &f.err));
    ck_assert_uint_eq(gop_params_count(f.params), 201);

    gop_real *w = gop_params_info(f.params, gop_params_find(f.params, "w")).data;
    for (int k = 1; k <= 2; k++) {
        for (int i = 0; i < 5; i++) {
            w[i] = (gop_real)(k * (i - 1));
            gop_net_value(f.net, x)[i] = gop_net_value(other, ox)[i] = 3;
        }
        gop_net_random(f.net, 1, (uint64_t)k);
        assert_ok(f, gop_net_forward(f.net, &f.err));
        assert_ok(f, gop_net_forward(other, &f.err));
        for (int i = 0; i < 5; i++) {
            gop_real want = (gop_real)(i > 1 ? 3 * k * (i - 1) : 0);
            gop_real trained = gop_net_value(f.net, y)[i];
            ck_assert(gop_net_value(other, oy)[i] == want);
            ck_assert(trained == 0 || trained == 2 * want);
        }
    }
    gop_net_free(other);
    fixture_free(&f);
}
END_TEST

START_TEST(a_param_keeps_its_shape_and_kind)
{
    for (int k = 0; k < 2; k++) {
        fixture f = fixture_new(true);
        gop_net *other = NULL;
        gop_param(f.net, "w", gop_shape2(2, 3), gop_init_constant(1));
        assert_ok(f, gop_net_new(&other, f.ctx, f.params, GOP_TRAINING, &f.err));
        if (k == 0)
            gop_param(other, "w", gop_shape2(3, 2), gop_init_constant(1));
        else
            gop_stat(other, "w", gop_shape2(2, 3), 1);
        ck_assert_int_eq(gop_net_plan(other, &f.err), k == 0 ? GOP_ESHAPE : GOP_EINVAL);
        assert_says(&f, "w");
        if (k == 0) {
            assert_says(&f, "[2, 3]");
            assert_says(&f, "[3, 2]");
        }
        gop_net_free(other);
        fixture_free(&f);
    }
}
END_TEST

START_TEST(initial_values_follow_seed_and_name)
{
    gop_real first[7];
    for (int k = 0; k < 3; k++) {
        fixture f = fixture_new(true);
        gop_params_free(f.params);
        assert_ok(f, gop_params_new(&f.params, k < 2 ? 5 : 6, &f.err));
        gop_net_free(f.net);
        assert_ok(f, gop_net_new(&f.net, f.ctx, f.params, GOP_TRAINING, &f.err));
        if (k == 1)
            gop_param(f.net, "before", gop_shape1(9), gop_init_normal(1));
        gop_param(f.net, "w", gop_shape1(7), gop_init_normal(1));
        const gop_real *w = gop_params_info(f.params, gop_params_find(f.params, "w")).data;
        if (k == 0)
            memcpy(first, w, sizeof first);
        ck_assert_int_eq(memcmp(first, w, sizeof first) == 0, k < 2);
        fixture_free(&f);
    }
}
END_TEST

/* Drawn values lie about the mean that is given. */
START_TEST(initial_values_have_a_mean)
{
    fixture f = fixture_new(true);
    gop_init about = _i == 0 ? gop_init_normal(0.5) : gop_init_uniform(0.5);
    about.mean = 3;
    gop_param(f.net, "w", gop_shape1(4000), about);
    const gop_real *w = gop_params_info(f.params, 0).data;
    double sum = 0, squares = 0;
    for (size_t i = 0; i < 4000; i++) {
        sum += (double)w[i] / 4000;
        squares += ((double)w[i] - 3) * ((double)w[i] - 3) / 4000;
    }
    ck_assert_double_eq_tol(sum, 3, 0.05);
    ck_assert_double_eq_tol(squares, _i == 0 ? 0.25 : 0.25 / 3, 0.02);
    about.mean = (double)INFINITY;
    gop_param(f.net, "v", gop_shape1(4), about);
    ck_assert_int_eq(gop_net_plan(f.net, &f.err), GOP_EINVAL);
    fixture_free(&f);
}
END_TEST

/* A file may have many tensors; a name is not compared with all others. */
START_TEST(a_name_selects_names)
{
    static const struct {
        const char *pattern, *name;
        bool matches;
    } pairs[] = {{"a", "a", true},
                 {"a", "a.b", true},
                 {"a", "ab", false},
                 {"a.b", "a", false},
                 {"a.", "a.b", false},
                 {"", "", false},
                 {"", "a", false},
                 {"*", "", true},
                 {"*", "a.b.c", true},
                 {"*.bias", "block.0.bias", true},
                 {"*.bias", "block.bias.0", true},
                 {"*.bias", "block.biased", false},
                 {"*.bias", "bias", false},
                 {"block.?", "block.0.weight", true},
                 {"block.?", "block.10.weight", false},
                 {"block.?", "block.", false},
                 {"*a*b", "xaxaxbab", true},
                 {"*a*b", "xaxaxba", false},
                 {"**?", "a", true},
                 {"a*", "b", false}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        ck_assert_msg(gop_name_matches(pairs[i].pattern, pairs[i].name) == pairs[i].matches,
                      "%s and %s", pairs[i].pattern, pairs[i].name);
    ck_assert(!gop_name_matches(NULL, "a") && !gop_name_matches("a", NULL));
}
END_TEST

START_TEST(sizes_of_axes)
{
    fixture f = fixture_new(false);
    gop_var x = gop_input(f.net, "x", gop_shape3(2, 3, 5));
    ck_assert_uint_eq(gop_net_dim(f.net, x, 0), 2);
    ck_assert_uint_eq(gop_net_dim(f.net, x, 2), 5);
    ck_assert_uint_eq(gop_net_dim(f.net, x, -1), 5);
    ck_assert_uint_eq(gop_net_dim(f.net, x, -3), 2);
    ck_assert_uint_eq(gop_net_dim(f.net, x, _i ? 3 : -4), 1);
    ck_assert_uint_eq(gop_net_dim(f.net, x, 0), 1);
    ck_assert_int_eq(recorded(gop_net_plan(f.net, &f.err), &f.err), GOP_EINVAL);
    assert_says(&f, _i ? "gop_net_dim: x [2, 3, 5] has no axis 3"
                       : "gop_net_dim: x [2, 3, 5] has no axis -4");
    fixture_free(&f);

    f = fixture_new(false);
    ck_assert_uint_eq(gop_net_dim(f.net, gop_none(), 0), 1);
    ck_assert_int_eq(recorded(gop_net_plan(f.net, &f.err), &f.err), GOP_EINVAL);
    assert_says(&f, "gop_net_dim: this is not a value of this net");
    fixture_free(&f);
}
END_TEST

START_TEST(what_was_left_open)
{
    fixture f = fixture_new(false);
    gop_net_push(f.net, "a");
    gop_net_push(f.net, "b%d", 1);
    gop_relu(f.net, gop_input(f.net, "x", gop_shape1(3)));
    ck_assert_int_eq(recorded(gop_net_plan(f.net, &f.err), &f.err), GOP_ESTATE);
    assert_says(&f, "gop_net_plan: scope a.b1 is still open; gop_net_pop is missing");
    fixture_free(&f);

    f = fixture_new(false);
    gop_input(f.net, "x", gop_shape1(3));
    gop_net_push(f.net, "a");
    gop_input(f.net, "x", gop_shape1(3));
    gop_input(f.net, "x", gop_shape1(3));
    gop_net_pop(f.net);
    ck_assert_int_eq(recorded(gop_net_plan(f.net, &f.err), &f.err), GOP_EINVAL);
    assert_says(&f, "two inputs are called a.x");
    fixture_free(&f);
}
END_TEST

START_TEST(rows_of_a_profile_differ)
{
    fixture f = fixture_new(false);
    gop_var x = gop_input(f.net, "x", gop_shape1(3)), y = gop_relu(f.net, gop_tanh(f.net, x));
    gop_net_keep(f.net, gop_relu(f.net, gop_add(f.net, y, gop_relu(f.net, x))));
    assert_ok(f, gop_net_plan(f.net, &f.err));
    static const char *const want[] = {"tanh", "relu", "relu (2)", "add", "relu (3)"};
    for (int again = 0; again < 2; again++) {
        assert_ok(f, gop_net_profile(f.net, true, &f.err));
        ck_assert_uint_eq(gop_net_profile_rows(f.net), 5);
        for (size_t i = 0; i < 5; i++)
            ck_assert_str_eq(gop_net_profile_row(f.net, i).name, want[i]);
    }
    fixture_free(&f);
}
END_TEST

START_TEST(many_params_are_found_fast)
{
    enum { MANY = 65000 };
    fixture f = fixture_new(false);
    char name[32];
    const clock_t start = clock();
    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "layer.%d.weight", i);
        ck_assert_int_ge(gop_param(f.net, name, gop_shape1(1), gop_init_constant(i)).id, 0);
    }
    ck_assert_uint_eq(gop_params_count(f.params), MANY);
    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "layer.%d.weight", i);
        ck_assert_uint_eq(gop_params_find(f.params, name), (size_t)i);
    }
    ck_assert_uint_eq(gop_params_find(f.params, "layer.-1.weight"), SIZE_MAX);
    ck_assert_uint_eq(gop_params_find(f.params, ""), SIZE_MAX);
    const double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    ck_assert_msg(seconds < 2, "%g seconds", seconds);
    fixture_free(&f);
}
END_TEST

START_TEST(constants_are_copied)
{
    fixture f = fixture_new(false);
    gop_real data[3] = {1, 2, 3};
    gop_var c = gop_constant(f.net, "c", gop_shape1(3), data), y = gop_scale(f.net, c, 2);
    data[0] = 100;
    gop_net_keep(f.net, y);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    for (int twice = 0; twice < 2; twice++) {
        assert_ok(f, gop_net_forward(f.net, &f.err));
        ck_assert(gop_net_value(f.net, y)[0] == 2 && gop_net_value(f.net, y)[2] == 6);
        ck_assert(gop_net_value(f.net, c)[0] == 1);
    }
    fixture_free(&f);
}
END_TEST

TEST_MAIN("net")
{
    tcase_add_test(t, a_shape_error_names_all_and_stays);
    tcase_add_test(t, an_error_names_the_scope);
    tcase_add_test(t, a_composite_refuses_its_inputs);
    tcase_add_test(t, an_error_names_where_values_are_from);
    tcase_add_test(t, an_error_fits);
    tcase_add_test(t, results_have_names);
    tcase_add_test(t, a_plan_that_fails_says_why);
    tcase_add_test(t, use_after_an_error_does_nothing);
    tcase_add_test(t, nothing_is_as_good_as_an_error);
    tcase_add_test(t, wrong_recording_is_refused);
    tcase_add_test(t, calls_out_of_order);
    tcase_add_test(t, an_inference_net_has_no_gradients);
    tcase_add_test(t, the_memory_limit_holds_while_planning);
    tcase_add_test(t, the_memory_limit_holds_while_recording);
    tcase_add_test(t, a_sizing_net_has_costs_and_no_memory);
    tcase_add_test(t, a_checked_run_names_the_operator);
    tcase_add_test(t, scopes_make_names);
    tcase_add_test(t, nets_share_params);
    tcase_add_test(t, params_may_move_between_runs);
    tcase_add_test(t, a_param_keeps_its_shape_and_kind);
    tcase_add_test(t, initial_values_follow_seed_and_name);
    tcase_add_loop_test(t, initial_values_have_a_mean, 0, 2);
    tcase_add_test(t, constants_are_copied);
    tcase_add_test(t, many_params_are_found_fast);
    tcase_add_test(t, a_name_selects_names);
    tcase_add_loop_test(t, sizes_of_axes, 0, 2);
    tcase_add_test(t, what_was_left_open);
    tcase_add_test(t, rows_of_a_profile_differ);
}
