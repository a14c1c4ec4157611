/*
 * test_stepper.c: nets that were recorded for windows, run frame by frame, against the same nets on
 * the whole stream as one window; times; means of many frames.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "stepper_run.h"

/* ------------------------------------------------------------------------- networks */

static gop_var same_length(gop_net *net, gop_var x)
{
    return conv(net, "c", x, 3, (gop_conv){.pad = 1});
}

static gop_var dilated(gop_net *net, gop_var x)
{
    return conv(net, "c", x, 5, (gop_conv){.pad = 4, .dilation = 2, .stride = 2});
}

static gop_var unpadded(gop_net *net, gop_var x)
{
    return conv(net, "c", x, 4, (gop_conv){.dilation = 3, .stride = 3});
}

static gop_var pools(gop_net *net, gop_var x)
{
    gop_var y[2] = {gop_temporal_pool(net, x, 4, 2, 2, GOP_REDUCE_MEAN),
                    gop_temporal_pool(net, x, 4, 2, 2, GOP_REDUCE_SUM)};
    return gop_concat(net, y, 2, -1);
}

/* A crop that aligns a residual with a convolution without padding. */
static gop_var cropped(gop_net *net, gop_var x)
{
    const size_t frames = gop_net_dim(net, x, 2);
    gop_var y = conv(net, "conv", x, 5, (gop_conv){0});
    return gop_add(net, y, conv(net, "res", gop_slice(net, x, 2, 2, frames - 4), 1, (gop_conv){0}));
}

/* Frames change places with nodes and are a part of an axis; graphs; a bias for each node. */
static gop_var axes(gop_net *net, gop_var x)
{
    static const int by_frame[4] = {0, 2, 1, 3};
    const size_t frames = gop_net_dim(net, x, 2);
    x = gop_reshape(net, gop_permute(net, x, by_frame), gop_shape2(N * frames, M * C));
    x = gop_layer_batch_norm(net, "bn", x, 1e-5, 0.1);
    x = gop_scale(net, x, 0.5);
    x = gop_permute(net, gop_reshape(net, x, gop_shape4(N, frames, M, C)), by_frame);
    gop_var A = gop_param(net, "A", gop_shape2(M, M), gop_init_uniform(1));
    x = gop_graph_product(net, gop_softmax(net, A, 1), x);
    x = gop_layer_graph_conv(net, "gcn", x, A, 6, true);
    x = gop_bias(net, x, gop_param(net, "b", gop_shape2(M, 6), gop_init_uniform(1)));
    gop_var centre = gop_reshape(net, gop_mean(net, x, 1), gop_shape4(N, 1, frames, 6));
    return gop_softmax(net, gop_sub(net, x, centre), -1);
}

/* Frames and nodes each attend within a frame. */
static gop_var attention_in_frames(gop_net *net, gop_var x)
{
    static const int by_frame[4] = {0, 2, 1, 3};
    gop_var y = gop_permute(net, x, by_frame); /* [N, T, M, C] */
    gop_var p = gop_softmax(net, gop_matmul(net, y, y, GOP_TRANSPOSE_B), -1);
    return gop_permute(net, gop_matmul(net, p, y, 0), by_frame);
}

/* Frame t of y [N, M', T', C'], as [N M', C']. */
static double error_of(const gop_step_answer *a, const gop_real *y, gop_shape shape)
{
    double worst = 0, most = 0;
    const size_t c = shape.dim[3];
    for (size_t i = 0; i < shape.dim[0] * shape.dim[1] * c; i++) {
        const double is = (double)a->value[i];
        const double want = (double)y[(i / c * shape.dim[2] + a->index) * c + i % c];
        worst = fmax(worst, fabs(is - want));
        most = fmax(most, fabs(want));
    }
    return worst / fmax(most, 1e-3);
}

typedef struct network {
    const char *name;
    builder *build;
    int64_t from;
    uint64_t ahead, every;
} network;

static const network networks[] = {
    {"same length", same_length, -1, 1, 1},
    {"dilated", dilated, -4, 4, 2},
    {"unpadded", unpadded, 0, 9, 3},
    {"causal", causal, -12, 0, 2},
    {"depthwise", depthwise, -1, 1, 1},
    {"residuals", residuals, -12, 12, 6},
    {"branches", branches, -6, 6, 2},
    {"pools", pools, -2, 1, 2},
    {"cropped", cropped, 0, 4, 1},
    {"axes", axes, 0, 0, 1},
    {"attention within frames", attention_in_frames, 0, 0, 1},
};

/* Every frame of every result is the whole stream's. */
START_TEST(steps_are_the_windows)
{
    const network *n = &networks[_i];
    world *w = world_new(1);
    gop_var y;
    gop_net *net = whole(w, n->build, &y);
    gop_stepper *s = stepper(w, n->build, WINDOW, 0);
    const gop_shape shape = gop_net_shape(net, y);
    const gop_step_reach reach = gop_stepper_reach(s, 0);
    ck_assert_msg(reach.from == n->from && reach.ahead == n->ahead && reach.every == n->every,
                  "%s reads %d to %d, every %d", n->name, (int)reach.from, (int)reach.ahead,
                  (int)reach.every);
    ck_assert_uint_eq(gop_stepper_shape(s, 0).dim[3], shape.dim[3]);
    uint64_t results = 0;
    for (size_t t = 0; t < STREAM; t++) {
        push(w, s, t);
        const gop_step_answer a = gop_stepper_answer(s, 0);
        ck_assert_uint_eq(gop_stepper_frames(s), t + 1);
        ck_assert(a.fresh == (t >= n->ahead && (t - n->ahead) % n->every == 0));
        ck_assert((a.value != NULL) == (t >= n->ahead));
        if (!a.fresh)
            continue;
        ck_assert_uint_eq(a.index, results++);
        ck_assert_uint_eq(a.last, t);
        const int64_t first = (int64_t)(a.index * n->every) + n->from;
        ck_assert_uint_eq(a.first, first > 0 ? (uint64_t)first : 0);
        const double error = error_of(&a, gop_net_value(net, y), shape);
        ck_assert_msg(error < near, "%s: frame %zu is %g off", n->name, t, error);
    }
    ck_assert_uint_gt(results, 2);
    const gop_step_cost cost = gop_stepper_costs(s);
    ck_assert_uint_eq(cost.bytes, gop_net_costs(gop_stepper_net(s)).bytes);
    ck_assert_uint_gt(cost.bytes, cost.state);
    ck_assert(cost.madds <= (double)cost.madds_most);
    gop_stepper_free(s);
    gop_net_free(net);
    world_free(w);
}
END_TEST

/* --------------------------------------------------------------- the whole window */

/* As long as the window is not full, the answer is that of the net recorded for the frames so far;
 * with the whole stream, always. */
START_TEST(scores_are_those_of_the_stream_so_far)
{
    world *w = world_new(1);
    gop_var y;
    gop_net_free(whole(w, scores, &y));
    gop_stepper *window = stepper(w, scores, WINDOW, 0),
                *all = stepper(w, scores, 9, GOP_WHOLE_STREAM);
    ck_assert_int_eq(gop_stepper_reach(all, 0).from, INT64_MIN);
    ck_assert_int_eq(gop_stepper_reach(window, 0).from, -12 - (WINDOW / 2 - 1) * 2);
    for (size_t t = 0; t < STREAM; t++) {
        push(w, window, t);
        push(w, all, t);
        if (t % 2 != 0)
            continue;
        gop_var x;
        gop_net *net = record(w, scores, t + 1, &x, &y);
        gop_net_keep(net, y);
        OK(w, gop_net_plan(net, &w->err));
        for (size_t i = 0; i < N * M; i++)
            memcpy(gop_net_value(net, x) + i * (t + 1) * C, w->stream + i * STREAM * C,
                   (t + 1) * C * sizeof(gop_real));
        OK(w, gop_net_forward(net, &w->err));
        const gop_step_answer a = gop_stepper_answer(all, 0), b = gop_stepper_answer(window, 0);
        ck_assert_uint_eq(a.first, 0);
        ck_assert_uint_eq(a.last, t);
        ck_assert(a.fresh && b.fresh);
        for (size_t i = 0; i < N * 3; i++) {
            const double want = (double)gop_net_value(net, y)[i];
            ck_assert_double_eq_tol((double)a.value[i], want, near);
            if (t < WINDOW)
                ck_assert_double_eq_tol((double)b.value[i], want, near);
        }
        gop_net_free(net);
    }
    gop_stepper_free(window);
    gop_stepper_free(all);
    world_free(w);
}
END_TEST

/* Windows of 5 frames, by hand; a NaN leaves with its frame. */
START_TEST(windows_slide)
{
    world *w = world_new(1);
    gop_stepper *s = stepper(w, sums, WINDOW, 5);
    w->stream[3 * C + 1] = (gop_real)NAN;
    for (size_t t = 0; t < STREAM; t++) {
        push(w, s, t);
        const gop_step_answer a = gop_stepper_answer(s, 0);
        const size_t first = t < 4 ? 0 : t - 4;
        ck_assert_uint_eq(a.first, first);
        for (size_t i = 0; i < N * M * C; i++) {
            double sum = 0, most = -HUGE_VAL;
            const gop_real *row = w->stream + i / C * STREAM * C + i % C;
            for (size_t k = first; k <= t; k++) {
                sum += (double)row[k * C];
                most = fmax(most, (double)row[k * C]);
            }
            const gop_real *y = a.value + i / C * 3 * C + i % C;
            if (i == 1 && first <= 3 && t >= 3) {
                ck_assert(isnan(y[0]) && isnan(y[C]) && isnan(y[2 * C]));
                continue;
            }
            ck_assert_double_eq_tol((double)y[0], sum / (double)(t - first + 1), near);
            ck_assert_double_eq_tol((double)y[C], sum, near);
            ck_assert_double_eq((double)y[2 * C], most);
        }
    }
    gop_stepper_free(s);
    world_free(w);
}
END_TEST

/* 100,000 frames: means of a window and of the whole stream do not drift. */
START_TEST(means_do_not_drift)
{
    world *w = world_new(1);
    gop_stepper *window = stepper(w, sums, WINDOW, 16);
    gop_stepper *all = stepper(w, sums, WINDOW, GOP_WHOLE_STREAM);
    gop_rng rng = gop_rng_new(1, 1);
    double total = 0, last[16] = {0};
    enum { FRAMES = 100000 };
    for (size_t t = 0; t < FRAMES; t++) {
        const double v = 1000 + gop_rng_uniform(&rng);
        for (size_t i = 0; i < FRAME; i++)
            w->frame[i] = (gop_real)v;
        total += (double)w->frame[0];
        last[t % 16] = (double)w->frame[0];
        OK(w, gop_stepper_push(window, w->frame, FRAME, &w->err));
        OK(w, gop_stepper_push(all, w->frame, FRAME, &w->err));
    }
    double sum = 0;
    for (int i = 0; i < 16; i++)
        sum += last[i];
    ck_assert_double_eq_tol((double)gop_stepper_answer(window, 0).value[0], sum / 16, 1000 * near);
    ck_assert_double_eq_tol((double)gop_stepper_answer(all, 0).value[0], total / FRAMES,
                            1000 * near);
    ck_assert_uint_eq(gop_stepper_answer(all, 0).last, FRAMES - 1);
    gop_stepper_free(window);
    gop_stepper_free(all);
    world_free(w);
}
END_TEST

TEST_MAIN("stepper")
{
    tcase_add_loop_test(t, steps_are_the_windows, 0, LENGTH(networks));
    tcase_add_test(t, scores_are_those_of_the_stream_so_far);
    tcase_add_test(t, windows_slide);
    tcase_add_test(t, means_do_not_drift);
}
