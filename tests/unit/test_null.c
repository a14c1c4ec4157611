/*
 * test_null.c: libgraphop's public functions with NULL for each pointer, sizes of zero, invalid
 * indices and kinds, and calls out of order.  Each is an error or harmless.  Tests of operators'
 * constructors and of graph/ are elsewhere.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"
#include "io/reader.h"
#include "io/writer.h"
#include "net_fixture.h"
#include "nothing.h"
#include "scratch.h"

#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#define IS_NOTHING(v) ck_assert_int_lt((v).id, 0)

/* ------------------------------------------------------------------------- core */

START_TEST(status)
{
    gop_error err = {GOP_OK, ""};
    ck_assert_str_eq(gop_status_string((gop_status)no_such), "unknown status");
    ck_assert_int_eq(gop_fail(NULL, GOP_EINVAL, "%d", 1), GOP_EINVAL);
    ck_assert_int_eq(gop_fail(NULL, GOP_EINVAL, NULL), GOP_EINVAL);
    ck_assert_int_eq(gop_fail(&err, GOP_ENOMEM, NULL), GOP_ENOMEM);
    ck_assert_str_eq(err.message, "out of memory");
    ck_assert_uint_gt(strlen(gop_version()), 0);
}
END_TEST

static void count_call(void *arg, size_t i)
{
    *(size_t *)arg += i + 1;
}

START_TEST(contexts)
{
    gop_ctx *ctx;
    size_t sum = 0;
    FAILS(GOP_EINVAL, gop_ctx_new(NULL, 1, 0, err));
    FAILS(GOP_EINVAL, gop_ctx_new(&ctx, -1, 0, err));
    ck_assert_ptr_null(ctx);
    FAILS(GOP_EINVAL, gop_ctx_new(&ctx, INT_MAX, 0, err));
    ck_assert_int_eq(gop_ctx_threads(NULL), 0);
    ck_assert_uint_gt(gop_memory_available(), 0);
    ck_assert_str_eq(gop_ctx_kernel(NULL), "");
    gop_ctx_free(NULL);
    FAILS(GOP_EINVAL, gop_ctx_allocator(NULL, NULL, err));
    gop_ctx_stop(NULL, NULL);
    ck_assert_ptr_null(gop_ctx_stopper(NULL));
    ck_assert_int_eq(gop_stopped(NULL, NULL, NULL), GOP_OK);
    ck_assert_int_eq(gop_stopped(&(gop_stop){NULL, NULL}, NULL, NULL), GOP_OK);
    gop_parallel(NULL, 3, count_call, &sum);
    ck_assert_uint_eq(sum, 6);
    gop_parallel(NULL, 3, NULL, NULL);
    ck_assert_int_eq(gop_ctx_new(&ctx, 1, 0, NULL), GOP_OK);
    FAILS(GOP_EINVAL, gop_ctx_allocator(ctx, &(gop_allocator){NULL, NULL, NULL}, err));
    ck_assert_int_eq(gop_ctx_allocator(ctx, NULL, NULL), GOP_OK);
    gop_parallel(ctx, 3, NULL, NULL);
    gop_parallel(ctx, 0, count_call, &sum);
    ck_assert_uint_eq(sum, 6);
    gop_gemm(ctx, 0, 1, 1, NULL, 1, 1, NULL, 1, 1, false, NULL, 1);
    gop_gemm(ctx, 1, 0, 1, NULL, 1, 1, NULL, 1, 1, false, NULL, 1);
    gop_real c[2] = {7, 7};
    gop_gemm(ctx, 1, 2, 0, NULL, 1, 1, NULL, 1, 1, true, c, 2);
    ck_assert(c[0] == 7 && c[1] == 7);
    gop_gemm(ctx, 1, 2, 0, NULL, 1, 1, NULL, 1, 1, false, c, 2);
    ck_assert(c[0] == 0 && c[1] == 0);
    gop_ctx_free(ctx);
}
END_TEST

START_TEST(shapes)
{
    static const int rank[] = {-1, INT_MIN, GOP_MAX_RANK + 1, INT_MAX};
    char text[40];
    for (size_t i = 0; i < sizeof rank / sizeof *rank; i++) {
        gop_shape s = {rank[i], {2, 3, 4, 5}};
        ck_assert_uint_eq(gop_shape_size(s), 0);
        ck_assert(!gop_shape_equal(s, gop_shape4(2, 3, 4, 5)));
        ck_assert(rank[i] < 0 || !gop_shape_equal(s, s));
        ck_assert_ptr_eq(gop_shape_text(text, sizeof text, s), text);
        ck_assert_uint_lt(strlen(text), sizeof text);
        fixture f = fixture_new(true);
        IS_NOTHING(gop_input(f.net, "x", s));
        FAILS(GOP_EINVAL, gop_net_plan(f.net, err));
        fixture_free(&f);
    }
    ck_assert_uint_eq(gop_shape_size(gop_shape2(SIZE_MAX, 2)), SIZE_MAX);
    ck_assert_uint_eq(gop_shape_size(gop_shape3(SIZE_MAX, 2, 0)), 0);
    ck_assert_ptr_null(gop_shape_text(NULL, 8, gop_shape1(1)));
    ck_assert_ptr_eq(gop_shape_text(text, 0, gop_shape1(1)), text);
    ck_assert_str_eq(gop_shape_text(text, 1, gop_shape1(1)), "");
}
END_TEST

START_TEST(random_numbers)
{
    gop_rng rng = gop_rng_new(0, 0);
    ck_assert_uint_eq(gop_rng_u32(NULL), 0);
    ck_assert(gop_rng_uniform(NULL) == 0);
    ck_assert(gop_rng_normal(NULL) == 0);
    ck_assert_uint_eq(gop_rng_below(NULL, 5), 0);
    ck_assert_uint_eq(gop_rng_below(&rng, 0), 0);
    ck_assert_uint_eq(gop_hash(5, NULL, 3), 5);
    ck_assert_uint_eq(gop_hash(5, "a", 0), 5);
}
END_TEST

/* ----------------------------------------------------------------------- params */

START_TEST(parameters)
{
    gop_params *p;
    FAILS(GOP_EINVAL, gop_params_new(NULL, 1, err));
    FAILS(GOP_EINVAL, gop_params_allocator(NULL, NULL, err));
    gop_params_free(NULL);
    ck_assert_uint_eq(gop_params_count(NULL), 0);
    ck_assert_ptr_null(gop_params_info(NULL, 0).name);
    ck_assert_uint_eq(gop_params_find(NULL, "w"), SIZE_MAX);
    ck_assert_uint_eq(gop_params_size(NULL), 0);
    ck_assert_uint_eq(gop_params_stats_size(NULL), 0);
    ck_assert_ptr_null(gop_params_values(NULL));
    ck_assert_ptr_null(gop_params_stats(NULL));
    gop_params_close(NULL);
    gop_params_changed(NULL);

    ck_assert_int_eq(gop_params_new(&p, 1, NULL), GOP_OK);
    FAILS(GOP_EINVAL, gop_params_allocator(p, &(gop_allocator){NULL, NULL, NULL}, err));
    ck_assert_uint_eq(gop_params_find(p, NULL), SIZE_MAX);
    ck_assert_uint_eq(gop_params_find(p, ""), SIZE_MAX);
    const gop_param_info none = gop_params_info(p, 0), far = gop_params_info(p, SIZE_MAX);
    ck_assert(none.name == NULL && none.data == NULL && none.shape.rank < 0);
    ck_assert(far.name == NULL && far.data == NULL && far.shape.rank < 0);
    ck_assert_uint_eq(gop_params_size(p), 0);
    gop_params_changed(p);
    gop_params_free(p);
}
END_TEST

static void refuse_param(gop_shape shape, gop_init init)
{
    fixture f = fixture_new(true);
    IS_NOTHING(gop_param(f.net, "w", shape, init));
    FAILS(GOP_EINVAL, gop_net_plan(f.net, err));
    ck_assert_uint_eq(gop_params_count(f.params), 0);
    fixture_free(&f);
}

START_TEST(initial_values)
{
    gop_init init = {.kind = (gop_init_kind)no_such, .a = 1};
    refuse_param(gop_shape1(3), init);
    refuse_param(gop_shape1(3), gop_init_constant(NAN));
    refuse_param(gop_shape1(3), gop_init_uniform(INFINITY));
    refuse_param(gop_shape1(0), gop_init_normal(1));
    refuse_param(gop_shape2(3, 0), gop_init_normal(1));
    refuse_param(gop_shape2(SIZE_MAX, SIZE_MAX), gop_init_normal(1));
}
END_TEST

/* -------------------------------------------------------------------------- net */

START_TEST(no_net)
{
    gop_var v = {0};
    gop_real one = 1;
    uint8_t mask = 7;
    gop_net *net = NULL;
    fixture f = fixture_new(true);

    FAILS(GOP_EINVAL, gop_net_new(NULL, f.ctx, f.params, GOP_TRAINING, err));
    FAILS(GOP_EINVAL, gop_net_new(&net, NULL, f.params, GOP_TRAINING, err));
    FAILS(GOP_EINVAL, gop_net_new(&net, f.ctx, NULL, GOP_TRAINING, err));
    FAILS(GOP_EINVAL, gop_net_new(&net, f.ctx, f.params, (gop_net_mode)4, err));
    ck_assert_ptr_null(net);
    gop_net_free(NULL);
    ck_assert(!gop_net_training(NULL));
    ck_assert(!gop_net_draws(NULL));
    ck_assert(!gop_net_drawn(NULL, gop_none()));
    gop_net_push(NULL, "a");
    gop_net_push(NULL, NULL);
    gop_net_pop(NULL);
    IS_NOTHING(gop_input(NULL, "x", gop_shape1(1)));
    IS_NOTHING(gop_constant(NULL, "x", gop_shape1(1), &one));
    IS_NOTHING(gop_param(NULL, "x", gop_shape1(1), gop_init_constant(0)));
    IS_NOTHING(gop_stat(NULL, "x", gop_shape1(1), 0));
    ck_assert_int_lt(gop_net_shape(NULL, v).rank, 0);
    ck_assert_uint_eq(gop_net_dim(NULL, v, 0), 1);
    gop_net_keep(NULL, v);
    gop_net_fix_stats(NULL, "bn");
    gop_net_first_values(NULL, "bn", gop_init_constant(1));
    gop_net_fix_stats(NULL, NULL);
    gop_net_name(NULL, v, "x");
    gop_net_name(NULL, v, NULL);
    ck_assert_int_eq(gop_net_status(NULL), GOP_EINVAL);
    IS_NOTHING(gop_net_fail(NULL, GOP_EINVAL, "x"));
    IS_NOTHING(gop_net_refuse(NULL, "pair", &v, 1, GOP_EINVAL, "x"));
    FAILS(GOP_EINVAL, gop_net_plan(NULL, err));
    ck_assert_ptr_null(gop_net_value(NULL, v));
    ck_assert_ptr_null(gop_net_grad(NULL, v));
    gop_net_random(NULL, 1, 1);
    FAILS(GOP_EINVAL, gop_net_forward(NULL, err));
    FAILS(GOP_EINVAL, gop_net_forward_finite(NULL, err));
    FAILS(GOP_EINVAL,
          gop_net_backward(NULL, &(gop_pass){.from = &v, .seed = &one, .n_from = 1}, NULL, err));
    ck_assert_uint_eq(gop_net_params_size(NULL), 0);
    FAILS(GOP_EINVAL, gop_net_upstream(&mask, NULL, &(gop_pass){.from = &v, .n_from = 1}, err));
    ck_assert_uint_eq(mask, 7);
    ck_assert_uint_eq(gop_net_costs(NULL).ops, 0);
    FAILS(GOP_EINVAL, gop_net_profile(NULL, true, err));
    ck_assert_uint_eq(gop_net_profile_rows(NULL), 0);
    ck_assert_ptr_null(gop_net_profile_row(NULL, 0).op);
    IS_NOTHING(gop_apply(NULL, gop_op_list()[0], NULL, &v, 1));
    gop_run_produced(NULL, 0, 1);
    gop_run_needs(NULL, 0, 1);
    fixture_free(&f);
}
END_TEST

START_TEST(no_stepper)
{
    fixture f = fixture_new(false);
    gop_stepper *s = (gop_stepper *)1;
    gop_var x = gop_input(f.net, "x", gop_shape4(1, 1, 2, 1)), y = gop_relu(f.net, x);
    gop_real v = 0;
    FAILS(GOP_EINVAL, gop_stepper_plan(NULL, f.net, &(gop_stepping){x, &y, 1, 0}, err));
    FAILS(GOP_EINVAL, gop_stepper_plan(&s, NULL, &(gop_stepping){x, &y, 1, 0}, err));
    ck_assert_ptr_null(s);
    FAILS(GOP_EINVAL, gop_stepper_plan(&s, f.net, NULL, err));
    FAILS(GOP_EINVAL, gop_stepper_plan(&s, f.net, &(gop_stepping){x, NULL, 1, 0}, err));
    FAILS(GOP_EINVAL, gop_stepper_plan(&s, f.net, &(gop_stepping){x, &y, 0, 0}, err));
    gop_stepper_free(NULL);
    FAILS(GOP_EINVAL, gop_stepper_push(NULL, &v, 1, err));
    ck_assert_uint_eq(gop_stepper_frames(NULL), 0);
    ck_assert_ptr_null(gop_stepper_value(NULL, x));
    ck_assert_ptr_null(gop_stepper_answer(NULL, 0).value);
    ck_assert_int_eq(gop_stepper_shape(NULL, 0).rank, -1);
    ck_assert_uint_eq(gop_stepper_reach(NULL, 0).every, 0);
    ck_assert_uint_eq(gop_stepper_costs(NULL).bytes, 0);
    ck_assert_ptr_null(gop_stepper_net(NULL));
    gop_stepper_reset(NULL);
    FAILS(GOP_EINVAL, gop_stepper_copy(NULL, NULL, err));
    ck_assert_uint_eq(gop_stepper_size(NULL), 0);
    FAILS(GOP_EINVAL, gop_stepper_save(NULL, &v, sizeof v, err));
    FAILS(GOP_EINVAL, gop_stepper_load(NULL, &v, sizeof v, err));
    fixture_free(&f);
}
END_TEST

/* Each function spoils its own net. */
static void push_nothing(gop_net *net)
{
    gop_net_push(net, NULL);
}
static void pop_too_often(gop_net *net)
{
    gop_net_pop(net);
}
static void input_unnamed(gop_net *net)
{
    gop_input(net, NULL, gop_shape1(1));
}
static void input_empty_name(gop_net *net)
{
    gop_input(net, "", gop_shape1(1));
}
static void input_empty(gop_net *net)
{
    gop_input(net, "x", gop_shape2(1, 0));
}
static void constant_unnamed(gop_net *net)
{
    gop_real one = 1;
    gop_constant(net, NULL, gop_shape1(1), &one);
}
static void constant_without_data(gop_net *net)
{
    gop_constant(net, "x", gop_shape1(1), NULL);
}
static void param_unnamed(gop_net *net)
{
    gop_param(net, NULL, gop_shape1(1), gop_init_constant(0));
}
static void stat_unnamed(gop_net *net)
{
    gop_stat(net, NULL, gop_shape1(1), 0);
}
static void stat_empty(gop_net *net)
{
    gop_stat(net, "s", gop_shape1(0), 0);
}
static void keep_none(gop_net *net)
{
    gop_net_keep(net, gop_none());
}
static void keep_far(gop_net *net)
{
    gop_var far = {INT32_MAX, 0};
    gop_net_keep(net, far);
}
static void name_none(gop_net *net)
{
    gop_net_name(net, gop_none(), "x");
}
static void name_far(gop_net *net)
{
    gop_var far = {INT32_MAX, 0};
    gop_net_name(net, far, "x");
}
static void name_without_name(gop_net *net)
{
    gop_net_name(net, gop_relu(net, gop_input(net, "x", gop_shape1(1))), NULL);
}
static void fail_without_words(gop_net *net)
{
    gop_net_fail(net, GOP_EINVAL, NULL);
}
static void refuse_without_words(gop_net *net)
{
    gop_net_refuse(net, NULL, NULL, 3, GOP_EINVAL, NULL);
}
static void apply_nothing(gop_net *net)
{
    gop_var x = gop_input(net, "x", gop_shape1(1));
    gop_apply(net, NULL, NULL, &x, 1);
}
static void apply_empty(gop_net *net)
{
    static const gop_op empty;
    gop_var x = gop_input(net, "x", gop_shape1(1));
    gop_apply(net, &empty, NULL, &x, 1);
}
static void apply_without_inputs(gop_net *net)
{
    gop_apply(net, gop_op_list()[0], NULL, NULL, 0);
}
static void apply_missing_inputs(gop_net *net)
{
    gop_apply(net, gop_op_list()[0], NULL, NULL, 1);
}
static void apply_many_inputs(gop_net *net)
{
    gop_var x = gop_input(net, "x", gop_shape1(1));
    gop_apply(net, gop_op_list()[0], NULL, &x, SIZE_MAX);
}
static void apply_far_input(gop_net *net)
{
    gop_var far = {INT32_MAX, 0};
    gop_apply(net, gop_op_list()[0], NULL, &far, 1);
}
static void apply_none(gop_net *net)
{
    gop_var none = gop_none();
    gop_apply(net, gop_op_list()[0], NULL, &none, 1);
}

START_TEST(recording)
{
    static void (*const spoil[])(gop_net *) = {
        push_nothing,
        pop_too_often,
        input_unnamed,
        input_empty_name,
        input_empty,
        constant_unnamed,
        constant_without_data,
        param_unnamed,
        stat_unnamed,
        stat_empty,
        keep_none,
        keep_far,
        name_none,
        name_far,
        name_without_name,
        fail_without_words,
        refuse_without_words,
        apply_nothing,
        apply_empty,
        apply_without_inputs,
        apply_missing_inputs,
        apply_many_inputs,
        apply_far_input,
        apply_none,
    };
    for (size_t i = 0; i < sizeof spoil / sizeof *spoil; i++) {
        fixture f = fixture_new(true);
        spoil[i](f.net);
        const gop_status s = gop_net_status(f.net);
        ck_assert_msg(s == GOP_EINVAL || s == GOP_ESTATE, "case %zu: status %d", i, (int)s);
        FAILS(s, gop_net_plan(f.net, err));
        FAILS(s, gop_net_forward(f.net, err));
        FAILS(GOP_ESTATE, gop_net_profile(f.net, true, err));
        spoil[i](f.net);
        ck_assert_int_eq(gop_net_status(f.net), s);
        ck_assert_uint_eq(gop_net_params_size(f.net), 0);
        fixture_free(&f);
    }
}
END_TEST

/* An attribute that an operator needs. */
START_TEST(attributes)
{
    for (const gop_op *const *op = gop_op_list(); *op != NULL; op++) {
        if ((*op)->attr_size == 0)
            continue;
        fixture f = fixture_new(true);
        gop_var x = gop_input(f.net, "x", gop_shape1(1));
        IS_NOTHING(gop_apply(f.net, *op, NULL, &x, 1));
        FAILS(GOP_EINVAL, gop_net_plan(f.net, err));
        fixture_free(&f);
    }
}
END_TEST

/* Operators with impossible plans: the net finds them, whatever the sizes. */
static gop_shape promised;
static size_t promised_work;

static gop_status promise(gop_op_plan *p)
{
    p->out = promised;
    p->work = promised_work;
    return GOP_OK;
}

static void do_nothing(const gop_run *r)
{
    (void)r;
}

START_TEST(promises)
{
    static const gop_op op = {.name = "promise", .plan = promise, .forward = do_nothing};
    static const gop_op view = {.name = "view", .flags = GOP_OP_VIEW, .plan = promise};
    static const gop_op lazy = {.name = "lazy", .plan = promise};
    static const struct {
        gop_shape shape;
        gop_status status;
    } bad[] = {
        {{-1, {1, 1, 1, 1}}, GOP_ESHAPE},
        {{GOP_MAX_RANK + 1, {1, 1, 1, 1}}, GOP_ESHAPE},
        {{1, {0}}, GOP_ESHAPE},
        {{2, {SIZE_MAX, SIZE_MAX}}, GOP_ENOMEM},
        {{1, {SIZE_MAX / 2, 1, 1, 1}}, GOP_ENOMEM},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        fixture f = fixture_new(true);
        promised = bad[i].shape;
        gop_var x = gop_input(f.net, "x", gop_shape1(3));
        IS_NOTHING(gop_apply(f.net, &op, NULL, &x, 1));
        FAILS(bad[i].status, gop_net_plan(f.net, err));
        fixture_free(&f);
    }
    fixture f = fixture_new(true);
    promised = gop_shape1(4);
    gop_var x = gop_input(f.net, "x", gop_shape1(3));
    IS_NOTHING(gop_apply(f.net, &view, NULL, &x, 1));
    FAILS(GOP_ESHAPE, gop_net_plan(f.net, err));
    fixture_free(&f);

    f = fixture_new(true);
    x = gop_input(f.net, "x", gop_shape1(3));
    IS_NOTHING(gop_apply(f.net, &lazy, NULL, &x, 1));
    FAILS(GOP_EINVAL, gop_net_plan(f.net, err));
    fixture_free(&f);

    f = fixture_new(true);
    gop_net_free(f.net);
    gop_ctx_free(f.ctx);
    ck_assert_int_eq(gop_ctx_new(&f.ctx, 1, 1 << 20, NULL), GOP_OK);
    ck_assert_int_eq(gop_net_new(&f.net, f.ctx, f.params, GOP_TRAINING, NULL), GOP_OK);
    promised_work = 1 << 20; /* elements, over the limit in bytes */
    x = gop_input(f.net, "x", gop_shape1(3));
    ck_assert_int_ge(gop_apply(f.net, &op, NULL, &x, 1).id, 0);
    ck_assert_int_eq(gop_net_plan(f.net, NULL), GOP_ENOMEM);
    /* The net keeps the message, even without a gop_error. */
    FAILS(GOP_ENOMEM, gop_net_forward(f.net, err));
    promised_work = 0;
    fixture_free(&f);
}
END_TEST

START_TEST(running)
{
    fixture f = fixture_new(true);
    gop_net *n = f.net;
    gop_var x = gop_input(n, "x", gop_shape1(4));
    gop_var w = gop_param(n, "w", gop_shape1(4), gop_init_constant(1));
    gop_var y = gop_mul(n, x, w), loss = gop_mean(n, y, 0), far = {77, 0}, none = gop_none();
    gop_real one = 1, grads[4] = {0};
    uint8_t mask[4] = {9, 9, 9, 9};
    gop_net_keep(n, y);

    FAILS(GOP_ESTATE, gop_net_forward(n, err));
    FAILS(GOP_ESTATE, gop_net_forward_finite(n, err));
    FAILS(GOP_ESTATE,
          gop_net_backward(n, &(gop_pass){.from = &loss, .seed = &one, .n_from = 1}, grads, err));
    FAILS(GOP_ESTATE, gop_net_upstream(mask, n, &(gop_pass){.n_from = 0}, err));
    FAILS(GOP_ESTATE, gop_net_profile(n, true, err));
    ck_assert_uint_eq(gop_net_profile_rows(n), 0);
    ck_assert_ptr_null(gop_net_value(n, x));
    ck_assert_ptr_null(gop_net_grad(n, y));
    ck_assert_uint_eq(gop_net_costs(n).bytes, 0);
    ck_assert_int_eq(gop_net_plan(n, NULL), GOP_OK);
    FAILS(GOP_ESTATE, gop_net_plan(n, err));
    FAILS(GOP_ESTATE,
          gop_net_backward(n, &(gop_pass){.from = &loss, .seed = &one, .n_from = 1}, grads, err));
    for (size_t i = 0; i < 4; i++)
        gop_net_value(n, x)[i] = 2;
    ck_assert_int_eq(gop_net_forward(n, NULL), GOP_OK);

    FAILS(GOP_EINVAL, gop_net_backward(n, &(gop_pass){.seed = &one, .n_from = 1}, grads, err));
    FAILS(GOP_EINVAL,
          gop_net_backward(n, &(gop_pass){.from = &loss, .seed = &one, .n_from = 1, .n_stop = 1},
                           grads, err));
    FAILS(GOP_EINVAL,
          gop_net_backward(n, &(gop_pass){.from = &far, .seed = &one, .n_from = 1}, grads, err));
    FAILS(GOP_EINVAL,
          gop_net_backward(n, &(gop_pass){.from = &none, .seed = &one, .n_from = 1}, grads, err));
    FAILS(GOP_EINVAL,
          gop_net_backward(n, &(gop_pass){.from = &y, .seed = &one, .n_from = 1}, grads, err));
    FAILS(GOP_EINVAL, gop_net_backward(n, &(gop_pass){.from = &loss, .n_from = 1}, grads, err));
    FAILS(GOP_EINVAL, gop_net_backward(n, &(gop_pass){.from = &x, .n_from = 1}, grads, err));
    FAILS(GOP_EINVAL,
          gop_net_backward(
              n, &(gop_pass){.from = &loss, .seed = &one, .n_from = 1, .stop = &far, .n_stop = 1},
              grads, err));
    FAILS(GOP_EINVAL,
          gop_net_backward(
              n, &(gop_pass){.from = &loss, .seed = &one, .n_from = 1, .stop = &x, .n_stop = 1},
              grads, err));
    FAILS(GOP_EINVAL, gop_net_backward(n, NULL, grads, err));
    ck_assert_int_eq(gop_net_backward(n, &(gop_pass){.n_from = 0}, NULL, NULL), GOP_OK);
    ck_assert_int_eq(
        gop_net_backward(n, &(gop_pass){.from = &loss, .seed = &one, .n_from = 1}, NULL, NULL),
        GOP_OK);
    ck_assert_int_eq(
        gop_net_backward(n, &(gop_pass){.from = &loss, .seed = &one, .n_from = 1}, grads, NULL),
        GOP_OK);
    ck_assert_double_eq_tol((double)grads[3], 0.5, 1e-6);

    ck_assert_ptr_null(gop_net_value(n, far));
    ck_assert_ptr_null(gop_net_value(n, none));
    ck_assert_ptr_null(gop_net_value(n, loss));
    ck_assert_ptr_null(gop_net_grad(n, far));
    ck_assert_int_lt(gop_net_shape(n, far).rank, 0);
    FAILS(GOP_EINVAL, gop_net_upstream(mask, n, NULL, err));
    FAILS(GOP_EINVAL, gop_net_upstream(mask, n, &(gop_pass){.n_from = 1}, err));
    FAILS(GOP_EINVAL, gop_net_upstream(mask, n, &(gop_pass){.from = &far, .n_from = 1}, err));
    FAILS(GOP_EINVAL, gop_net_upstream(mask, n, &(gop_pass){.from = &none, .n_from = 1}, err));
    FAILS(GOP_EINVAL, gop_net_upstream(NULL, n, &(gop_pass){.from = &loss, .n_from = 1}, err));
    FAILS(GOP_EINVAL, gop_net_upstream(mask, n, &(gop_pass){.n_stop = 1}, err));
    FAILS(GOP_EINVAL, gop_net_upstream(mask, n, &(gop_pass){.stop = &far, .n_stop = 1}, err));
    ck_assert_uint_eq(mask[0], 9);
    ck_assert_int_eq(gop_net_upstream(mask, n, &(gop_pass){.n_from = 0}, NULL), GOP_OK);
    ck_assert_uint_eq(mask[0], 0);
    ck_assert_int_eq(gop_net_profile(n, true, NULL), GOP_OK);
    ck_assert_ptr_nonnull(gop_net_profile_row(n, 0).op);
    ck_assert_ptr_null(gop_net_profile_row(n, 2).op);
    ck_assert_ptr_null(gop_net_profile_row(n, SIZE_MAX).name);

    /* Recording is over: the net has an error and stays harmless. */
    IS_NOTHING(gop_relu(n, y));
    FAILS(GOP_ESTATE, gop_net_forward(n, err));
    FAILS(GOP_ESTATE,
          gop_net_backward(n, &(gop_pass){.from = &loss, .seed = &one, .n_from = 1}, grads, err));
    fixture_free(&f);
}
END_TEST

START_TEST(inference)
{
    fixture f = fixture_new(false);
    gop_var x = gop_input(f.net, "x", gop_shape1(4)), y = gop_mean(f.net, x, 0);
    gop_real one = 1;
    gop_net_keep(f.net, y);
    ck_assert_int_eq(gop_net_plan(f.net, NULL), GOP_OK);
    ck_assert_int_eq(gop_net_forward(f.net, NULL), GOP_OK);
    FAILS(GOP_ESTATE,
          gop_net_backward(f.net, &(gop_pass){.from = &y, .seed = &one, .n_from = 1}, NULL, err));
    ck_assert_ptr_null(gop_net_grad(f.net, y));
    fixture_free(&f);
}
END_TEST

START_TEST(empty_net)
{
    fixture f = fixture_new(true);
    FAILS(GOP_ESTATE, gop_net_plan(f.net, err));
    FAILS(GOP_ESTATE, gop_net_forward(f.net, err));
    fixture_free(&f);
}
END_TEST

static gop_var build_none(gop_net *net, const gop_var *in, const void *attr)
{
    (void)net, (void)in, (void)attr;
    return gop_none();
}

START_TEST(gradient_check)
{
    gop_case c = {"none", .in = {{1, {2}}}, .build = build_none};
    double worst = 0;
    FAILS(GOP_EINVAL, gop_gradcheck(&worst, NULL, NULL, 1, err));
    FAILS(GOP_EINVAL, gop_gradcheck(NULL, NULL, &c, 1, err));
    FAILS(GOP_EINVAL, gop_gradcheck(&worst, NULL, &c, 1, err));
    c.build = NULL;
    FAILS(GOP_EINVAL, gop_gradcheck(&worst, NULL, &c, 1, err));
    c.in[0].rank = c.in[0].dim[0] = 0;
    FAILS(GOP_EINVAL, gop_gradcheck(&worst, NULL, &c, 1, err));
}
END_TEST

START_TEST(cases)
{
    const gop_case c = {"relu", .in = {{1, {2}}}};
    fixture f = fixture_new(false);
    const gop_var x = gop_input(f.net, "x", gop_shape1(2));
    ck_assert_uint_eq(gop_case_inputs(NULL), 0);
    ck_assert_uint_eq(gop_case_inputs(&c), 1);
    IS_NOTHING(gop_case_record(NULL, gop_op_list()[0], &c, &x));
    IS_NOTHING(gop_case_record(f.net, gop_op_list()[0], NULL, &x));
    FAILS(GOP_EINVAL, gop_net_plan(f.net, err));
    fixture_free(&f);
    f = fixture_new(false);
    gop_input(f.net, "x", gop_shape1(2));
    IS_NOTHING(gop_case_record(f.net, gop_op_list()[0], &c, NULL));
    FAILS(GOP_EINVAL, gop_net_plan(f.net, err));
    fixture_free(&f);
    f = fixture_new(false);
    IS_NOTHING(gop_case_record(f.net, NULL, &c, &x));
    FAILS(GOP_EINVAL, gop_net_plan(f.net, err));
    fixture_free(&f);
}
END_TEST

/* A layer with size `n`, if it has a size. */
typedef gop_var layer(gop_net *net, const char *name, gop_var x, size_t n);

static gop_var layer_linear(gop_net *net, const char *name, gop_var x, size_t n)
{
    return gop_layer_linear(net, name, x, n, true);
}
static gop_var layer_mlp(gop_net *net, const char *name, gop_var x, size_t n)
{
    return gop_layer_mlp(net, name, x, &n, 1, 0);
}
static gop_var layer_mlp_empty(gop_net *net, const char *name, gop_var x, size_t n)
{
    return n == 0 ? gop_layer_mlp(net, name, x, NULL, 1, 0) : gop_layer_mlp(net, name, x, &n, 0, 0);
}
static gop_var layer_temporal_conv(gop_net *net, const char *name, gop_var x, size_t n)
{
    return gop_layer_temporal_conv(net, name, x, n, 3, (gop_conv){.pad = 1}, true);
}
static gop_var layer_taps(gop_net *net, const char *name, gop_var x, size_t n)
{
    return gop_layer_temporal_conv(net, name, x, 2, n, (gop_conv){.pad = 1}, true);
}
static gop_var layer_graph_conv(gop_net *net, const char *name, gop_var x, size_t n)
{
    return gop_layer_graph_conv(net, name, x, gop_none(), n, true);
}
static gop_var layer_gru(gop_net *net, const char *name, gop_var x, size_t n)
{
    return gop_layer_gru(net, name, x, gop_none(), n);
}
static gop_var layer_lstm(gop_net *net, const char *name, gop_var x, size_t n)
{
    return gop_layer_lstm(net, name, x, gop_none(), n);
}
static gop_var layer_rows(gop_net *net, const char *name, gop_var x, size_t n)
{
    return gop_layer_embedding(net, name, x, n, 1);
}
static gop_var layer_embedding(gop_net *net, const char *name, gop_var x, size_t n)
{
    return gop_layer_embedding(net, name, x, 1, n);
}
static gop_var layer_batch_norm(gop_net *net, const char *name, gop_var x, size_t n)
{
    return gop_layer_batch_norm(net, name, n > 0 ? x : gop_none(), 1e-5, 0.1);
}

START_TEST(layers)
{
    static layer *const all[] = {
        layer_linear, layer_mlp,        layer_mlp_empty,  layer_temporal_conv,
        layer_taps,   layer_graph_conv, layer_gru,        layer_lstm,
        layer_rows,   layer_embedding,  layer_batch_norm,
    };
    const gop_var far = {99, 0};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        IS_NOTHING(all[i](NULL, "layer", gop_none(), 1));
        for (int way = 0; way < 5; way++) {
            fixture f = fixture_new(true);
            gop_var x = gop_input(f.net, "x", gop_shape4(2, 3, 4, 5));
            IS_NOTHING(way == 0   ? all[i](f.net, NULL, x, 3)
                       : way == 1 ? all[i](f.net, "", x, 3)
                       : way == 2 ? all[i](f.net, "layer", gop_none(), 3)
                       : way == 3 ? all[i](f.net, "layer", far, 3)
                                  : all[i](f.net, "layer", x, 0));
            const gop_status s = gop_net_status(f.net);
            ck_assert_msg(s == GOP_EINVAL || s == GOP_ESHAPE, "case %zu, %d: %d", i, way, (int)s);
            FAILS(s, gop_net_plan(f.net, err));
            IS_NOTHING(all[i](f.net, "layer", x, 3));
            fixture_free(&f);
        }
    }
}
END_TEST

/* ------------------------------------------------------------------------ train */

START_TEST(optimisers)
{
    fixture f = fixture_new(true);
    gop_optimiser *opt;
    gop_real g[3] = {1, 1, 1};
    FAILS(GOP_EINVAL, gop_adam_new(NULL, f.ctx, f.params, NULL, err));
    FAILS(GOP_EINVAL, gop_adam_new(&opt, NULL, f.params, NULL, err));
    ck_assert_ptr_null(opt);
    FAILS(GOP_EINVAL, gop_adam_new(&opt, f.ctx, NULL, NULL, err));
    static const gop_adam adam[] = {
        {NAN, .99, 1e-8, 0}, {.9, 1, 1e-8, 0}, {.9, .99, 0, 0}, {.9, .99, 1e-8, -1}};
    for (size_t i = 0; i < 4; i++)
        FAILS(GOP_EINVAL, gop_adam_new(&opt, f.ctx, f.params, &adam[i], err));
    FAILS(GOP_EINVAL, gop_sgd_new(NULL, f.ctx, f.params, NULL, err));
    FAILS(GOP_EINVAL, gop_sgd_new(&opt, NULL, f.params, NULL, err));
    FAILS(GOP_EINVAL, gop_sgd_new(&opt, f.ctx, NULL, NULL, err));
    static const gop_sgd sgd[] = {{1, false, 0}, {.9, false, INFINITY}};
    for (size_t i = 0; i < 2; i++)
        FAILS(GOP_EINVAL, gop_sgd_new(&opt, f.ctx, f.params, &sgd[i], err));
    gop_optimiser_free(NULL);
    gop_optimiser_step(NULL, g, 1, 1);
    gop_optimiser_mask(NULL, g);
    ck_assert(g[0] == 1);
    ck_assert_uint_eq(gop_optimiser_steps(NULL), 0);
    FAILS(GOP_EINVAL, gop_optimiser_freeze(NULL, 0, 0, err));
    gop_optimiser_thaw(NULL);
    FAILS(GOP_EINVAL, gop_adamw_new(NULL, NULL, NULL, NULL, err));
    FAILS(GOP_EINVAL, gop_ema_new(NULL, NULL, NULL, 0.5, err));
    FAILS(GOP_EINVAL, gop_net_gradcheck(NULL, NULL, NULL, gop_none(), 1, err));
    FAILS(GOP_EINVAL, gop_net_gradcheck_each(NULL, NULL, gop_none(), 1, err));
    ck_assert(!gop_name_matches(NULL, NULL));
    gop_ema_update(NULL);
    gop_ema_swap(NULL);
    gop_ema_free(NULL);

    /* Options NULL are the defaults. */
    ck_assert_int_eq(gop_adam_new(&opt, f.ctx, f.params, NULL, NULL), GOP_OK);
    gop_optimiser_free(opt);
    ck_assert_int_eq(gop_sgd_new(&opt, f.ctx, f.params, NULL, NULL), GOP_OK);
    gop_optimiser_step(opt, NULL, 1, 1);
    ck_assert_uint_eq(gop_optimiser_steps(opt), 0);
    gop_optimiser_step(opt, g, 1, 1);
    ck_assert_uint_eq(gop_optimiser_steps(opt), 1);
    gop_optimiser_mask(opt, NULL);
    ck_assert_int_eq(gop_optimiser_freeze(opt, 0, 0, NULL), GOP_OK);
    FAILS(GOP_EINVAL, gop_optimiser_freeze(opt, SIZE_MAX, 2, err));
    FAILS(GOP_EINVAL, gop_optimiser_factor(NULL, "*", 1, 1, err));
    FAILS(GOP_EINVAL, gop_optimiser_factor(opt, NULL, 1, 1, err));
    FAILS(GOP_EINVAL, gop_optimiser_factor(opt, "", 1, 1, err));
    FAILS(GOP_EINVAL, gop_optimiser_freeze(opt, 0, SIZE_MAX, err));
    gop_optimiser_free(opt);
    fixture_free(&f);
}
END_TEST

START_TEST(rates_and_lengths)
{
    gop_real g[2] = {3, 4};
    ck_assert(gop_schedule_step(1, 5, 0, .5) == 1);
    ck_assert(isfinite(gop_schedule_cosine(1, 0, 0, 0, 0)));
    ck_assert(isfinite(gop_schedule_cosine(1, UINT64_MAX, UINT64_MAX, 0, 0)));
    ck_assert(gop_norm(NULL, NULL, 2) == 0 && gop_norm(NULL, g, 0) == 0);
    ck_assert_double_eq_tol(gop_norm(NULL, g, 2), 5, 1e-12);
    ck_assert(gop_clip(NULL, NULL, 2, 1) == 0);
    ck_assert(gop_clip(NULL, g, 0, 1) == 0);
    ck_assert_double_eq_tol(gop_clip(NULL, g, 2, 0), 5, 1e-12);
    ck_assert_double_eq_tol(gop_clip(NULL, g, 2, -1), 5, 1e-12);
    ck_assert_double_eq_tol(gop_clip(NULL, g, 2, NAN), 5, 1e-12);
    ck_assert(g[0] == 3);
}
END_TEST

START_TEST(two_losses)
{
    fixture f = fixture_new(true);
    gop_mgda *m;
    gop_real grads[8];
    double lambda = 0.5;
    gop_var x = gop_input(f.net, "x", gop_shape1(4));
    gop_var p = gop_param(f.net, "w", gop_shape1(4), gop_init_constant(1));
    gop_var shared = gop_mul(f.net, x, p), loss = gop_mean(f.net, shared, 0), far = {77, 0};
    gop_net_keep(f.net, shared);
    FAILS(GOP_EINVAL, gop_mgda_new(&m, f.ctx, f.net, NULL, &shared, 1, err));
    ck_assert_int_eq(gop_net_plan(f.net, NULL), GOP_OK);

    FAILS(GOP_EINVAL, gop_mgda_new(NULL, f.ctx, f.net, NULL, &shared, 1, err));
    FAILS(GOP_EINVAL, gop_mgda_new(&m, NULL, f.net, NULL, &shared, 1, err));
    FAILS(GOP_EINVAL, gop_mgda_new(&m, f.ctx, NULL, NULL, &shared, 1, err));
    FAILS(GOP_EINVAL, gop_mgda_new(&m, f.ctx, f.net, NULL, NULL, 1, err));
    FAILS(GOP_EINVAL, gop_mgda_new(&m, f.ctx, f.net, NULL, &shared, 0, err));
    FAILS(GOP_EINVAL, gop_mgda_new(&m, f.ctx, f.net, NULL, &shared, SIZE_MAX, err));
    FAILS(GOP_EINVAL, gop_mgda_new(&m, f.ctx, f.net, NULL, &far, 1, err));
    ck_assert_ptr_null(m);
    gop_mgda_free(NULL);
    ck_assert(gop_mgda_lambda(0, 0, 0) == 0.5 && gop_mgda_lambda(NAN, 0, 0) == 0.5);

    ck_assert_int_eq(gop_mgda_new(&m, f.ctx, f.net, NULL, &shared, 1, NULL), GOP_OK);
    for (int k = GOP_MGDA_FIXED; k <= GOP_MGDA_UB_NORMALISED; k++) {
        const gop_mgda_mode mode = (gop_mgda_mode)k;
        FAILS(GOP_EINVAL, gop_mgda_backward(NULL, mode, loss, loss, &lambda, grads, err));
        FAILS(GOP_EINVAL, gop_mgda_backward(m, mode, loss, loss, NULL, grads, err));
        FAILS(GOP_EINVAL, gop_mgda_backward(m, mode, loss, loss, &lambda, NULL, err));
        FAILS(GOP_ESTATE, gop_mgda_backward(m, mode, loss, loss, &lambda, grads, err));
    }
    ck_assert_int_eq(gop_net_forward(f.net, NULL), GOP_OK);
    FAILS(GOP_EINVAL, gop_mgda_backward(m, GOP_MGDA_UB, loss, far, &lambda, grads, err));
    FAILS(GOP_EINVAL, gop_mgda_backward(m, GOP_MGDA_UB, shared, loss, &lambda, grads, err));
    FAILS(GOP_EINVAL,
          gop_mgda_backward(m, (gop_mgda_mode)no_such, loss, loss, &lambda, grads, err));
    /* Parameters recorded later are not in it. */
    gop_net *late;
    ck_assert_int_eq(gop_net_new(&late, f.ctx, f.params, GOP_TRAINING, NULL), GOP_OK);
    gop_param(late, "late", gop_shape1(4), gop_init_constant(1));
    FAILS(GOP_ESTATE, gop_mgda_backward(m, GOP_MGDA_UB, loss, loss, &lambda, grads, err));
    gop_net_free(late);
    gop_mgda_free(m);
    fixture_free(&f);
}
END_TEST

/* --------------------------------------------------------------------------- io */

START_TEST(no_writer)
{
    gop_writer *w;
    gop_real v = 1;
    float s = 1;
    gop_params *p;
    FAILS(GOP_EINVAL, gop_writer_open(NULL, "x", "TEST", 1, err));
    FAILS(GOP_EINVAL, gop_writer_open(&w, NULL, "TEST", 1, err));
    ck_assert_ptr_null(w);
    FAILS(GOP_EINVAL, gop_writer_open(&w, "x", NULL, 1, err));
    FAILS(GOP_ESYSTEM, gop_writer_open(&w, "", "TEST", 1, err));
    FAILS(GOP_EINVAL, gop_writer_open_data(NULL, "x", "TEST", 1, err));
    FAILS(GOP_EINVAL, gop_writer_open_data(&w, NULL, "TEST", 1, err));
    FAILS(GOP_EINVAL, gop_writer_open_data(&w, "x", NULL, 1, err));
    FAILS(GOP_EINVAL, gop_writer_status(NULL, err));
    ck_assert_uint_eq(gop_write_data_begin(NULL), 0);
    gop_write_data(NULL, NULL, 1);
    ck_assert_ptr_null(gop_writer_data(NULL));
    gop_write_map(NULL, 1);
    gop_write_array(NULL, 1);
    gop_write_key(NULL, "k");
    gop_write_text(NULL, "t");
    gop_write_text(NULL, NULL);
    gop_write_uint(NULL, 1);
    gop_write_int(NULL, 1);
    gop_write_bool(NULL, true);
    gop_write_double(NULL, 1);
    gop_write_reals(NULL, &v, 1);
    gop_write_floats(NULL, &s, 1);
    gop_write_bytes(NULL, "b", 1);
    gop_write_params(NULL, NULL);
    gop_write_optimiser(NULL, NULL);
    ck_assert_int_eq(gop_params_new(&p, 1, NULL), GOP_OK);
    gop_write_params(NULL, p);
    gop_params_free(p);
    FAILS(GOP_EINVAL, gop_writer_commit(NULL, err));
    gop_writer_abandon(NULL);
    gop_file *f;
    FAILS(GOP_EINVAL, gop_file_new(NULL, "x", err));
    FAILS(GOP_EINVAL, gop_file_new(&f, NULL, err));
    ck_assert_ptr_null(f);
    FAILS(GOP_ESYSTEM, gop_file_new(&f, "", err));
    ck_assert_ptr_null(f);
    ck_assert_ptr_null(gop_file_stream(NULL));
    FAILS(GOP_EINVAL, gop_file_commit(NULL, err));
    gop_file_discard(NULL);
    bool same = true;
    FAILS(GOP_EINVAL, gop_file_same(NULL, "x", "x", err));
    FAILS(GOP_EINVAL, gop_file_same(&same, NULL, "x", err));
    FAILS(GOP_EINVAL, gop_file_same(&same, "x", NULL, err));
    ck_assert(!same);
    gop_lock *lock;
    FAILS(GOP_EINVAL, gop_lock_new(NULL, "x", err));
    FAILS(GOP_EINVAL, gop_lock_new(&lock, NULL, err));
    ck_assert_ptr_null(lock);
    FAILS(GOP_ESYSTEM, gop_lock_new(&lock, "", err));
    ck_assert_ptr_null(lock);
    ck_assert(!gop_lock_holds(NULL));
    gop_lock_abort(NULL);
    gop_lock_free(NULL);
}
END_TEST

static void write_no_key(gop_writer *w)
{
    gop_write_key(w, NULL);
}
static void write_no_text(gop_writer *w)
{
    gop_write_text(w, NULL);
}
static void write_no_reals(gop_writer *w)
{
    gop_write_reals(w, NULL, 2);
}
static void write_no_floats(gop_writer *w)
{
    gop_write_floats(w, NULL, 2);
}
static void write_no_bytes(gop_writer *w)
{
    gop_write_bytes(w, NULL, 2);
}
static void write_many(gop_writer *w)
{
    gop_write_array(w, SIZE_MAX);
}
static void write_many_bytes(gop_writer *w)
{
    gop_write_bytes(w, "b", SIZE_MAX);
}
static void write_twice(gop_writer *w)
{
    gop_write_uint(w, 1);
    gop_write_uint(w, 1);
}
static void write_nothing(gop_writer *w)
{
    (void)w;
}
static void write_no_params(gop_writer *w)
{
    gop_write_params(w, NULL);
}
static void write_no_optimiser(gop_writer *w)
{
    gop_write_optimiser(w, NULL);
}

START_TEST(writing)
{
    static void (*const spoil[])(gop_writer *) = {
        write_no_key,   write_no_text,   write_no_reals,     write_no_floats,
        write_no_bytes, write_many,      write_many_bytes,   write_twice,
        write_nothing,  write_no_params, write_no_optimiser,
    };
    scratch_open();
    for (size_t i = 0; i < sizeof spoil / sizeof *spoil; i++) {
        gop_writer *w;
        gop_error err = {GOP_OK, ""};
        ck_assert_int_eq(gop_writer_open(&w, scratch_path("f"), "TEST", 1, NULL), GOP_OK);
        spoil[i](w);
        gop_write_uint(w, 2);
        spoil[i](w);
        const gop_status s = recorded(gop_writer_commit(w, &err), &err);
        /* The refused calls wrote nothing; the file has only the one number. */
        if (spoil[i] == write_nothing || spoil[i] == write_no_params ||
            spoil[i] == write_no_optimiser) {
            ck_assert_int_eq(s, GOP_OK);
            continue;
        }
        ck_assert_msg(s == GOP_EINVAL || s == GOP_ESTATE, "case %zu: status %d", i, (int)s);
        ck_assert_uint_gt(strlen(err.message), 8);
    }
    ck_assert_uint_eq(scratch_entries(), 1);

    gop_writer *w;
    ck_assert_int_eq(gop_writer_open(&w, scratch_path("g"), "TEST", 1, NULL), GOP_OK);
    gop_write_params(w, NULL);
    ck_assert_int_eq(gop_writer_commit(w, NULL), GOP_ESTATE);
    ck_assert_int_eq(gop_writer_open(&w, scratch_path("g"), "TEST", 1, NULL), GOP_OK);
    gop_write_array(w, 3);
    gop_write_bytes(w, NULL, 0);
    gop_write_reals(w, NULL, 0);
    gop_write_floats(w, NULL, 0);
    ck_assert_int_eq(gop_writer_commit(w, NULL), GOP_OK);
    scratch_close();
}
END_TEST

START_TEST(no_reader)
{
    gop_reader *r;
    char kind[5], text[4] = "abc";
    gop_real v[2] = {7, 7};
    float s[2] = {7, 7};
    fixture f = fixture_new(true);
    FAILS(GOP_EINVAL, gop_reader_open(NULL, "x", "TEST", 1, err));
    FAILS(GOP_EINVAL, gop_reader_open(&r, NULL, "TEST", 1, err));
    ck_assert_ptr_null(r);
    FAILS(GOP_EINVAL, gop_reader_open(&r, "x", NULL, 1, err));
    FAILS(GOP_ESYSTEM, gop_reader_open(&r, "", "TEST", 1, err));
    gop_data *data;
    float number;
    FAILS(GOP_EINVAL, gop_reader_open_data(NULL, &data, "x", "TEST", 1, err));
    FAILS(GOP_EINVAL, gop_reader_open_data(&r, NULL, "x", "TEST", 1, err));
    FAILS(GOP_EINVAL, gop_reader_open_data(&r, &data, NULL, "TEST", 1, err));
    FAILS(GOP_EINVAL, gop_reader_open_data(&r, &data, "x", NULL, 1, err));
    ck_assert(r == NULL && data == NULL);
    FAILS(GOP_EINVAL, gop_data_read(NULL, &number, 0, 1, err));
    ck_assert_uint_eq(gop_data_size(NULL), 0);
    ck_assert_str_eq(gop_data_path(NULL), "");
    gop_data_free(NULL);
    FAILS(GOP_EINVAL, gop_file_kind(NULL, NULL, "x", err));
    FAILS(GOP_EINVAL, gop_file_kind(kind, NULL, NULL, err));
    FAILS(GOP_EINVAL, gop_reader_status(NULL, err));
    gop_reader_free(NULL);
    gop_reader_fail(NULL, "x");
    gop_reader_refuse(NULL, &f.err);
    gop_reader_refuse(NULL, NULL);
    ck_assert_uint_eq(gop_character(NULL, 1), 0);
    ck_assert(!gop_is_text(NULL, 0));
    ck_assert_uint_eq(gop_reader_left(NULL), 0);
    ck_assert_uint_eq(gop_read_map(NULL), 0);
    ck_assert_uint_eq(gop_read_array(NULL), 0);
    gop_read_key(NULL, "k");
    gop_read_key(NULL, NULL);
    gop_read_text(NULL, text, sizeof text);
    ck_assert_str_eq(text, "");
    gop_read_text(NULL, NULL, 4);
    gop_read_any_key(NULL, text, sizeof text);
    gop_read_any_key(NULL, NULL, 4);
    ck_assert_uint_eq(gop_read_uint(NULL, 9), 0);
    ck_assert_int_eq(gop_read_int(NULL), 0);
    ck_assert(!gop_read_bool(NULL));
    ck_assert(gop_read_double(NULL) == 0);
    gop_read_reals(NULL, v, 2);
    gop_read_floats(NULL, s, 2);
    gop_read_bytes(NULL, text, 4);
    ck_assert(v[1] == 0 && s[1] == 0);
    gop_read_params(NULL, f.params);
    gop_read_params(NULL, NULL);
    gop_read_optimiser(NULL, NULL);
    gop_read_ema(NULL, NULL);
    fixture_free(&f);
}
END_TEST

static void read_no_key(gop_reader *r)
{
    gop_read_key(r, NULL);
}
static void read_no_text(gop_reader *r)
{
    gop_read_text(r, NULL, 8);
}
static void read_text_of_no_size(gop_reader *r)
{
    char text[1] = {7};
    gop_read_text(r, text, 0);
    ck_assert_int_eq(text[0], 7);
}
static void read_no_reals(gop_reader *r)
{
    gop_read_reals(r, NULL, 2);
}
static void read_no_floats(gop_reader *r)
{
    gop_read_floats(r, NULL, 2);
}
static void read_no_bytes(gop_reader *r)
{
    gop_read_bytes(r, NULL, 2);
}
static void read_no_params(gop_reader *r)
{
    gop_read_params(r, NULL);
}
static void read_no_optimiser(gop_reader *r)
{
    gop_read_optimiser(r, NULL);
}
static void read_past_the_end(gop_reader *r)
{
    char text[8];
    gop_read_array(r);
    gop_read_text(r, text, sizeof text);
    gop_read_text(r, text, sizeof text);
}
static void fail_without_reason(gop_reader *r)
{
    gop_reader_fail(r, NULL);
}

START_TEST(reading)
{
    static void (*const spoil[])(gop_reader *) = {
        read_no_key,   read_no_text,   read_text_of_no_size, read_no_reals,     read_no_floats,
        read_no_bytes, read_no_params, read_no_optimiser,    read_past_the_end, fail_without_reason,
    };
    gop_writer *w;
    scratch_open();
    ck_assert_int_eq(gop_writer_open(&w, scratch_path("f"), "TEST", 1, NULL), GOP_OK);
    gop_write_array(w, 1);
    gop_write_text(w, "one");
    ck_assert_int_eq(gop_writer_commit(w, NULL), GOP_OK);
    for (size_t i = 0; i < sizeof spoil / sizeof *spoil; i++) {
        gop_reader *r;
        ck_assert_int_eq(gop_reader_open(&r, scratch_path("f"), "TEST", 1, NULL), GOP_OK);
        spoil[i](r);
        FAILS(GOP_EFORMAT, gop_reader_status(r, err));
        ck_assert_uint_eq(gop_reader_left(r), 0);
        ck_assert_uint_eq(gop_read_array(r), 0);
        gop_read_key(r, "one");
        spoil[i](r);
        FAILS(GOP_EFORMAT, gop_reader_status(r, err));
        gop_reader_free(r);
    }
    scratch_close();
}
END_TEST

TEST_MAIN("null")
{
    tcase_add_test(t, status);
    tcase_add_test(t, contexts);
    tcase_add_test(t, shapes);
    tcase_add_test(t, random_numbers);
    tcase_add_test(t, parameters);
    tcase_add_test(t, initial_values);
    tcase_add_test(t, no_net);
    tcase_add_test(t, no_stepper);
    tcase_add_test(t, recording);
    tcase_add_test(t, attributes);
    tcase_add_test(t, promises);
    tcase_add_test(t, running);
    tcase_add_test(t, inference);
    tcase_add_test(t, empty_net);
    tcase_add_test(t, gradient_check);
    tcase_add_test(t, cases);
    tcase_add_test(t, layers);
    tcase_add_test(t, optimisers);
    tcase_add_test(t, rates_and_lengths);
    tcase_add_test(t, two_losses);
    tcase_add_test(t, no_writer);
    tcase_add_test(t, writing);
    tcase_add_test(t, no_reader);
    tcase_add_test(t, reading);
}
