/*
 * test_stepper_state.c: the state of a stepper is copied, saved, reset and kept by a stopped push;
 * what cannot step is named; wrong arguments.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "stepper_run.h"

/* --------------------------------------------------------------------------- state */

/* The answer to frames [from, to) of the stream. */
static void answer(world *w, gop_stepper *s, size_t from, size_t to, gop_real *y, size_t n)
{
    for (size_t t = from; t < to; t++)
        push(w, s, t);
    memcpy(y, gop_stepper_answer(s, 0).value, n * sizeof *y);
}

START_TEST(state_is_copied_and_saved)
{
    static builder *const builders[] = {residuals, scores, sums, branches};
    world *w = world_new(1);
    gop_stepper *s = stepper(w, builders[_i], WINDOW, 11);
    gop_stepper *t = stepper(w, builders[_i], WINDOW, 11);
    const size_t n = gop_shape_size(gop_stepper_shape(s, 0)), size = gop_stepper_size(s);
    gop_real a[3 * N * M * 20], b[3 * N * M * 20];
    unsigned char *bytes = malloc(size);
    ck_assert(bytes != NULL && n <= sizeof a / sizeof *a);
    answer(w, s, 0, 17, a, n);
    OK(w, gop_stepper_copy(t, s, &w->err));
    OK(w, gop_stepper_save(s, bytes, size, &w->err));
    memcpy(b, gop_stepper_answer(t, 0).value, n * sizeof *b);
    ck_assert(memcmp(a, b, n * sizeof *a) == 0);
    answer(w, s, 17, STREAM, a, n);
    answer(w, t, 17, STREAM, b, n);
    ck_assert(memcmp(a, b, n * sizeof *a) == 0);

    gop_stepper_reset(t);
    ck_assert_uint_eq(gop_stepper_frames(t), 0);
    ck_assert_ptr_null(gop_stepper_answer(t, 0).value);
    answer(w, t, 0, STREAM, b, n);
    ck_assert(memcmp(a, b, n * sizeof *a) == 0);

    answer(w, t, 3, 9, b, n);
    OK(w, gop_stepper_load(t, bytes, size, &w->err));
    ck_assert_uint_eq(gop_stepper_frames(t), 17);
    answer(w, t, 17, STREAM, b, n);
    ck_assert(memcmp(a, b, n * sizeof *a) == 0);

    /* Bytes of another length, damaged, of another plan. */
    ck_assert_int_eq(recorded(gop_stepper_load(t, bytes, size - 1, &w->err), &w->err), GOP_EINVAL);
    ck_assert_int_eq(recorded(gop_stepper_save(t, bytes, size + 1, &w->err), &w->err), GOP_EINVAL);
    for (size_t at = 0; at < size; at += 1 + size / 50) {
        if (at >= 16 && at < 24) /* the number of frames pushed: any is right */
            continue;
        bytes[at] ^= 4;
        ck_assert_int_eq(recorded(gop_stepper_load(t, bytes, size, &w->err), &w->err), GOP_EFORMAT);
        bytes[at] ^= 4;
    }
    gop_stepper *other = stepper(w, depthwise, WINDOW, 0);
    ck_assert_int_eq(recorded(gop_stepper_copy(other, s, &w->err), &w->err), GOP_EINVAL);
    gop_stepper_free(other);
    gop_stepper_free(s);
    gop_stepper_free(t);
    free(bytes);
    world_free(w);
}
END_TEST

START_TEST(threads_give_the_same_bytes)
{
    gop_real a[N * M * 20], b[N * M * 20];
    for (int threads = 1; threads <= 4; threads += 3) {
        world *w = world_new(threads);
        gop_stepper *s = stepper(w, branches, WINDOW, 0);
        answer(w, s, 0, STREAM, threads == 1 ? a : b, gop_shape_size(gop_stepper_shape(s, 0)));
        gop_stepper_free(s);
        world_free(w);
    }
    ck_assert(memcmp(a, b, N * M * 5 * sizeof *a) == 0);
}
END_TEST

/* A push that is stopped and repeated changes nothing. */
static bool stops(void *user)
{
    int *left = user;
    return *left >= 0 && (*left)-- == 0;
}

START_TEST(a_stopped_push_is_repeated)
{
    static builder *const builders[] = {residuals, sums, branches};
    world *w = world_new(1);
    gop_real a[3 * N * M * 20], b[3 * N * M * 20];
    gop_stepper *s = stepper(w, builders[_i], WINDOW, GOP_WHOLE_STREAM);
    const size_t n = gop_shape_size(gop_stepper_shape(s, 0));
    answer(w, s, 0, STREAM, a, n);
    gop_stepper_reset(s);
    int left = -1, stopped = 0;
    gop_ctx_stop(w->ctx, &(gop_stop){stops, &left});
    for (size_t t = 0; t < STREAM; t++) {
        frame_of(w->frame, w->stream, t);
        left = (int)(t % 9);
        while (gop_stepper_push(s, w->frame, FRAME, &w->err) != GOP_OK) {
            ck_assert_int_eq(w->err.status, GOP_ESTOPPED);
            stopped++;
        }
        left = -1;
    }
    memcpy(b, gop_stepper_answer(s, 0).value, n * sizeof *b);
    ck_assert_int_gt(stopped, 3);
    ck_assert(memcmp(a, b, n * sizeof *a) == 0);
    gop_ctx_stop(w->ctx, NULL);
    gop_stepper_free(s);
    world_free(w);
}
END_TEST

/* ------------------------------------------------------------------- what cannot step */

static gop_var attention(gop_net *net, gop_var x)
{
    gop_var p = gop_softmax(net, gop_matmul(net, x, x, GOP_TRANSPOSE_B), -1);
    gop_net_push(net, "layer");
    gop_var y = gop_matmul(net, p, x, 0);
    gop_net_pop(net);
    return y;
}

static gop_var over_frames(gop_net *net, gop_var x)
{
    gop_var y = gop_softmax(net, x, 2);
    gop_net_name(net, y, "weights");
    return y;
}

static gop_var flattened(gop_net *net, gop_var x)
{
    x = gop_reshape(net, x, gop_shape2(N, M * gop_net_dim(net, x, 2) * C));
    return gop_layer_linear(net, "fc", x, 3, true);
}

static gop_var positions(gop_net *net, gop_var x)
{
    gop_var p = gop_param(net, "p", gop_shape2(gop_net_dim(net, x, 2), C), gop_init_uniform(1));
    return gop_add(net, x, p);
}

static gop_var squeezed(gop_net *net, gop_var x)
{
    gop_var m = gop_reshape(net, gop_mean(net, x, 2), gop_shape4(N, M, 1, C));
    return gop_mul(net, x, m);
}

static gop_var at_two_rates(gop_net *net, gop_var x)
{
    const size_t frames = gop_net_dim(net, x, 2);
    gop_var y = gop_temporal_pool(net, x, 2, 2, 0, GOP_REDUCE_MAX);
    return gop_add(net, y, gop_slice(net, x, 2, 0, frames / 2));
}

static gop_var joined(gop_net *net, gop_var x)
{
    gop_var y[2] = {x, x};
    return gop_concat(net, y, 2, 2);
}

static gop_var differences(gop_net *net, gop_var x)
{
    return gop_difference(net, x);
}

static gop_var spread(gop_net *net, gop_var x)
{
    return gop_reshape(net, x, gop_shape4(N * M, 2, gop_net_dim(net, x, 2) / 2, C));
}

static gop_var constant(gop_net *net, gop_var x)
{
    (void)x;
    return gop_zeros(net, "zeros", gop_shape1(3));
}

static const struct {
    builder *build;
    const char *says[2];
} refused[] = {
    {attention, {"matmul", "an axis of its matrices"}},
    {over_frames, {"weights: the operator softmax cannot step", "across the frames"}},
    {flattened, {"linear", "across the frames"}},
    {positions, {"add", "for each frame"}},
    {squeezed, {"mul", "whole window"}},
    {at_two_rates, {"add", "different rates"}},
    {joined, {"concat", "across the frames"}},
    {differences, {"difference", "takes windows only"}},
    {spread, {"reshape", "several axes"}},
    {constant, {"zeros", "does not depend on x"}},
};

START_TEST(what_cannot_step_is_named)
{
    world *w = world_new(1);
    gop_var x, y;
    gop_stepper *s = (gop_stepper *)1;
    gop_net *net = record(w, refused[_i].build, WINDOW, &x, &y);
    const gop_stepping how = {x, &y, 1, 0};
    ck_assert_int_eq(recorded(gop_stepper_plan(&s, net, &how, &w->err), &w->err), GOP_EINVAL);
    ck_assert_ptr_null(s);
    for (int i = 0; i < 2; i++)
        ck_assert_msg(strstr(w->err.message, refused[_i].says[i]) != NULL,
                      "\"%s\" does not say \"%s\"", w->err.message, refused[_i].says[i]);
    gop_net_free(net);
    world_free(w);
}
END_TEST

START_TEST(wrong_arguments)
{
    world *w = world_new(1);
    gop_var x, y, held;
    gop_stepper *s;
    gop_net *net = record(w, depthwise, WINDOW, &x, &y);
    held = gop_input(net, "held", gop_shape1(C));
    y = gop_mul(net, y, held);
    gop_stepping how = {y, &y, 1, 0};
    ck_assert_int_eq(gop_stepper_plan(&s, net, &how, &w->err), GOP_EINVAL);
    how.x = held;
    ck_assert_int_eq(gop_stepper_plan(&s, net, &how, &w->err), GOP_ESHAPE);
    how.x = x;
    how.out = &(gop_var){9999, x.net};
    ck_assert_int_eq(gop_stepper_plan(&s, net, &how, &w->err), GOP_EINVAL);
    how.out = &y;
    OK(w, gop_stepper_plan(&s, net, &how, &w->err));

    /* A planned net steps, too, and an input without frames keeps its value. */
    gop_net_keep(net, y);
    OK(w, gop_net_plan(net, &w->err));
    gop_stepper *again;
    OK(w, gop_stepper_plan(&again, net, &how, &w->err));
    for (int i = 0; i < C; i++)
        gop_stepper_value(s, held)[i] = gop_stepper_value(again, held)[i] = 2;
    ck_assert_ptr_null(gop_stepper_value(s, y));
    ck_assert_int_eq(gop_stepper_push(s, w->frame, FRAME - 1, &w->err), GOP_ESHAPE);
    ck_assert_int_eq(gop_stepper_push(s, NULL, FRAME, &w->err), GOP_EINVAL);
    for (size_t t = 0; t < 9; t++) {
        push(w, s, t);
        frame_of(gop_stepper_value(again, x), w->stream, t);
        OK(w, gop_stepper_push(again, NULL, 0, &w->err));
    }
    ck_assert(memcmp(gop_stepper_answer(s, 0).value, gop_stepper_answer(again, 0).value,
                     N * M * C * sizeof(gop_real)) == 0);
    ck_assert(gop_stepper_answer(s, 0).value[0] != 0);
    ck_assert_ptr_null(gop_stepper_answer(s, 1).value);
    ck_assert_int_eq(gop_stepper_shape(s, 1).rank, -1);
    ck_assert_uint_eq(gop_stepper_reach(s, 1).every, 0);
    gop_stepper_free(s);
    gop_stepper_free(again);
    gop_net_free(net);

    OK(w, gop_net_new(&net, w->ctx, w->params, GOP_TRAINING, &w->err));
    how.x = gop_input(net, "x", gop_shape4(N, M, WINDOW, C));
    y = depthwise(net, how.x);
    ck_assert_int_eq(gop_stepper_plan(&s, net, &how, &w->err), GOP_EINVAL);
    gop_net_free(net);
    world_free(w);
}
END_TEST

TEST_MAIN("stepper state")
{
    tcase_add_loop_test(t, state_is_copied_and_saved, 0, 4);
    tcase_add_test(t, threads_give_the_same_bytes);
    tcase_add_loop_test(t, a_stopped_push_is_repeated, 0, 3);
    tcase_add_loop_test(t, what_cannot_step_is_named, 0, LENGTH(refused));
    tcase_add_test(t, wrong_arguments);
}
